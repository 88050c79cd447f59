/*
 * Linking: union-find over id numbers. The root of a cluster is an id of its most durable
 * kind, so that the touches of a person, which are stored by a record's first id, mostly
 * are where they belong already.
 *
 *     1  all threads unite the pairs that they saw, each its own
 *     2  each takes some shards: ids that stand below another get a bit
 *     3  likewise: these get their root, in their order
 *
 * Between them all threads are done. What is above an id is forgotten then: of most ids
 * there is nothing to know but that they are their own person.
 */
#include "people/people_int.h"

#include <stdatomic.h>

#include "base/alloc.h"
#include "base/sort.h"
#include "base/workers.h"

enum {
    RECENT = 4096,
    FIRST_PAIRS = 1024,
    SORT_FROM = 1 << 17,
    AHEAD = 12 /* pairs, of fetching into the cache */
};

/* ---- edges */

struct pairs {
    uint64_t *at; /* first << 32 | other */
    size_t n, cap;
};

struct rt_edges {
    struct pairs links, attributes;
    uint64_t recent[RECENT]; /* most records repeat a pair that was just seen */
};

int rt_edges_new(struct rt_edges **out)
{
    *out = rt_calloc(1, sizeof **out);
    return *out ? RT_OK : RT_ENOMEM;
}

static void release(struct pairs *pairs)
{
    rt_free(pairs->at);
    *pairs = (struct pairs) { 0 };
}

void rt_edges_free(struct rt_edges *edges)
{
    if (!edges)
        return;
    release(&edges->links);
    release(&edges->attributes);
    rt_free(edges);
}

static int sort_unique(uint64_t *pairs, size_t *n)
{
    uint64_t *spare = rt_malloc(*n * sizeof *spare);

    if (!spare)
        return RT_ENOMEM;
    rt_sort_u64(pairs, spare, *n);
    rt_free(spare);
    *n = rt_unique_u64(pairs, *n);
    return RT_OK;
}

static int make_room(struct pairs *p)
{
    size_t cap = p->cap ? p->cap * 2 : FIRST_PAIRS;
    uint64_t *at;

    if (p->cap >= SORT_FROM) {
        if (sort_unique(p->at, &p->n) < 0)
            return RT_ENOMEM;
        if (p->n <= p->cap / 2)
            return RT_OK;
    }
    at = rt_realloc(p->at, cap, sizeof *at);
    if (!at)
        return RT_ENOMEM;
    p->at = at;
    p->cap = cap;
    return RT_OK;
}

int rt_edges_add(struct rt_edges *e, uint32_t first, uint32_t other, bool links)
{
    struct pairs *pairs = links ? &e->links : &e->attributes;
    uint64_t pair = (uint64_t)first << 32 | other;
    uint64_t *recent =
        &e->recent[(pair * UINT64_C(0x9e3779b97f4a7c15)) >> 52]; /* 12 bits */

    if (first == other || *recent == pair)
        return RT_OK;
    if (pairs->n == pairs->cap && make_room(pairs) < 0)
        return RT_ENOMEM;
    pairs->at[pairs->n++] = pair;
    *recent = pair;
    return RT_OK;
}

/* ---- linking, by several threads */

struct linker { /* one a thread */
    struct rt_people *p;
    _Atomic uint32_t *up; /* by bit: what is above an id on its way to the root, as what
                             it differs by from the id: 0 at roots; shared */
    const struct pairs *links;
    uint32_t first, step; /* shards first, first + step, ... */
};

static uint32_t above(const struct linker *l, uint32_t id)
{
    return id
        ^ atomic_load_explicit(&l->up[rt_people_bit(l->p, id)], memory_order_relaxed);
}

/*
 * The root, while ids are being linked: the way there is halved. What stood above an id once
 * is on its way to the root, whatever other threads do; but what another one has put there
 * meanwhile is nearer to it, and stays. Most ids are right below their root, and nothing is
 * written.
 */
static uint32_t find(const struct linker *l, uint32_t id)
{
    for (;;) {
        uint32_t next = above(l, id), top = above(l, next), was = id ^ next;

        if (top == next)
            return next;
        atomic_compare_exchange_strong_explicit(&l->up[rt_people_bit(l->p, id)], &was,
            id ^ top, memory_order_relaxed, memory_order_relaxed);
        id = top;
    }
}

/* Which of two ids their person would be known by: it is the root of both. */
static bool is_better_key(const struct rt_people *p, uint32_t a, uint32_t b)
{
    uint8_t ka = rt_ids_kind(p->ids, a), kb = rt_ids_kind(p->ids, b);

    if (ka != kb)
        return ka < kb;
    return rt_span_cmp(rt_ids_bytes(p->ids, a), rt_ids_bytes(p->ids, b)) < 0;
}

/*
 * The worse root goes below the better one, if it is still a root then. No two ids are
 * equal, so threads never make a ring of it. An id that nothing was linked to so far is
 * worse than the first one of its record, and so than that one's root: most pairs are
 * linked without a look at what the ids are.
 */
static void unite(const struct linker *l, uint32_t first, uint32_t other)
{
    for (;;) {
        uint32_t root = find(l, first), below = find(l, other), unlinked = 0;

        if (root == below)
            return;
        if (below != other && !is_better_key(l->p, root, below)) {
            uint32_t swap = root;

            root = below;
            below = swap;
        }
        if (atomic_compare_exchange_strong(
                &l->up[rt_people_bit(l->p, below)], &unlinked, below ^ root))
            return;
    }
}

/* Links what one worker saw. */
static int unite_pairs(void *arg)
{
    const struct linker *l = arg;
    const uint64_t *pairs = l->links->at;

    for (size_t i = 0, n = l->links->n; i < n; i++) {
        if (i + AHEAD < n) {
            uint64_t ahead = pairs[i + AHEAD];

            __builtin_prefetch(&l->up[rt_people_bit(l->p, (uint32_t)(ahead >> 32))], 1);
            __builtin_prefetch(&l->up[rt_people_bit(l->p, (uint32_t)ahead)], 1);
        }
        unite(l, (uint32_t)(pairs[i] >> 32), (uint32_t)pairs[i]);
    }
    return RT_OK;
}

static int mark_moved(void *arg)
{
    const struct linker *l = arg;
    const struct rt_people *p = l->p;

    for (uint32_t s = l->first; s < RT_ID_SHARDS; s += l->step)
        for (uint32_t w = p->first[s]; w < p->first[s + 1]; w++) {
            const _Atomic uint32_t *up = &l->up[(size_t)64 * w];
            uint64_t bits = 0;

            for (unsigned i = 0; i < 64; i++)
                bits |=
                    (uint64_t)(atomic_load_explicit(&up[i], memory_order_relaxed) != 0)
                    << i;
            p->moved.bits[w] = bits;
        }
    return RT_OK;
}

static int find_roots(void *arg)
{
    const struct linker *l = arg;
    const struct rt_people *p = l->p;

    for (uint32_t s = l->first; s < RT_ID_SHARDS; s += l->step) {
        struct rt_people_walk walk = rt_people_walk_of(p, p->moved.bits, s);
        uint32_t *root = p->roots + p->moved.before[p->first[s]], id;

        while ((id = rt_people_next(&walk)) != RT_NONE)
            *root++ = find(l, id);
    }
    return RT_OK;
}

void rt_people_number_all(const struct rt_people *p, struct rt_people_set *set)
{
    uint32_t n = 0;

    for (uint32_t w = 0; w < rt_people_words(p); w++) {
        set->before[w] = n;
        n += (uint32_t)__builtin_popcountll(set->bits[w]);
    }
    set->before[rt_people_words(p)] = n;
}

/* ---- clusters over max_ids */

/* Counts each cluster's other ids at its root, of which nothing is above. Is one too large? */
static bool count_others(const struct linker *l)
{
    const struct rt_people *p = l->p;
    uint32_t n = p->moved.before[rt_people_words(p)], most = 0;

    for (uint32_t i = 0; i < n; i++) {
        _Atomic uint32_t *others = &l->up[rt_people_bit(p, p->roots[i])];
        uint32_t count = atomic_load_explicit(others, memory_order_relaxed) + 1;

        atomic_store_explicit(others, count, memory_order_relaxed);
        most = count > most ? count : most;
    }
    return most >= p->plan->defs->people.max_ids;
}

/* A cluster that is too large falls apart: none of its ids has another person. */
static int break_clusters(const struct linker *l)
{
    struct rt_people *p = l->p;
    uint32_t n = 0, kept = 0;

    p->broken = rt_calloc(rt_people_words(p), sizeof *p->broken);
    if (!p->broken)
        return RT_ENOMEM;
    for (uint32_t s = 0; s < RT_ID_SHARDS; s++) {
        struct rt_people_walk walk = rt_people_walk_of(p, p->moved.bits, s);
        uint32_t id;

        while ((id = rt_people_next(&walk)) != RT_NONE) {
            uint32_t root = p->roots[n++];

            if (l->up[rt_people_bit(p, root)] < p->plan->defs->people.max_ids) {
                p->roots[kept++] = root;
                continue;
            }
            p->nbroken += !rt_people_has(p, p->broken, root);
            rt_people_put(p, p->broken, root);
            rt_people_put(p, p->broken, id);
        }
    }
    for (uint32_t w = 0; w < rt_people_words(p); w++)
        p->moved.bits[w] &= ~p->broken[w];
    rt_people_number_all(p, &p->moved);
    return RT_OK;
}

/* ---- from edges to people */

static int link_all(struct rt_people *p, struct linker *linkers, uint32_t n)
{
    uint32_t words = rt_people_words(p);
    int rc = rt_workers_run_array(unite_pairs, linkers, sizeof *linkers, n);

    if (rc == RT_OK)
        rc = rt_workers_run_array(mark_moved, linkers, sizeof *linkers, n);
    if (rc < 0)
        return rc;
    rt_people_number_all(p, &p->moved);
    p->roots = rt_malloc(p->moved.before[words] * sizeof *p->roots);
    if (!p->roots)
        return RT_ENOMEM;
    rc = rt_workers_run_array(find_roots, linkers, sizeof *linkers, n);
    if (rc == RT_OK && count_others(&linkers[0]))
        rc = break_clusters(&linkers[0]);
    return rc;
}

static int link_ids(struct rt_people *p, struct rt_edges **edges, uint32_t n)
{
    uint32_t words = rt_people_words(p);
    size_t bytes = 64 * (size_t)words * sizeof(uint32_t), npairs = 0;
    struct linker *linkers;
    _Atomic uint32_t *up;
    int rc = RT_ENOMEM;

    for (uint32_t i = 0; i < n; i++)
        npairs += edges[i]->links.n;
    if (!p->plan->defs->people.link || npairs == 0)
        return RT_OK;
    linkers = rt_calloc(n, sizeof *linkers);
    up = rt_pages_new(bytes);
    p->moved.bits = rt_calloc(words, sizeof *p->moved.bits);
    p->moved.before = rt_calloc((size_t)words + 1, sizeof *p->moved.before);
    if (linkers && up && p->moved.bits && p->moved.before) {
        for (uint32_t i = 0; i < n; i++)
            linkers[i] = (struct linker) { p, up, &edges[i]->links, i, n };
        rc = link_all(p, linkers, n);
    }
    rt_pages_free(up, bytes);
    rt_free(linkers);
    return rc;
}

/* Where ids that stood together are one person, only attributes tell more than that. */
static void keep_pairs(const struct rt_people *p, struct pairs *links)
{
    size_t kept = 0;

    if (!p->plan->defs->people.link)
        return;
    for (size_t i = 0; p->broken && i < links->n; i++)
        if (rt_people_has(p, p->broken, (uint32_t)(links->at[i] >> 32)))
            links->at[kept++] = links->at[i];
    links->n = kept;
    if (kept == 0)
        release(links);
}

static void move_pairs(struct rt_people *p, struct pairs *from)
{
    if (from->n)
        memcpy(p->pairs + p->npairs, from->at, from->n * sizeof *from->at);
    p->npairs += from->n;
    release(from);
}

/* The pairs that all workers are left with. */
static int gather_pairs(struct rt_people *p, struct rt_edges **edges, uint32_t n)
{
    size_t total = 0;

    for (uint32_t i = 0; i < n; i++) {
        keep_pairs(p, &edges[i]->links);
        total += edges[i]->links.n + edges[i]->attributes.n;
    }
    p->pairs = total ? rt_calloc(total, sizeof *p->pairs) : NULL;
    if (total && !p->pairs)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        move_pairs(p, &edges[i]->links);
        move_pairs(p, &edges[i]->attributes);
    }
    return p->npairs ? sort_unique(p->pairs, &p->npairs) : RT_OK;
}

/* ---- who is a person */

static bool is_attribute(const struct rt_people *p, uint32_t id)
{
    uint8_t kind = rt_ids_kind(p->ids, id);

    return kind >= p->plan->nids && kind < p->plan->nid_kinds;
}

/* Of some ids that are known by themselves, those that records begin with. */
static uint64_t firsts(
    const struct rt_people *p, uint32_t shard, uint32_t place, uint64_t among)
{
    uint64_t bits = 0;

    for (; among; among &= among - 1) {
        uint32_t at = (uint32_t)__builtin_ctzll(among);
        uint32_t id = rt_id_of(shard, place + at);

        if (rt_ids_flags(p->ids, id) & RT_ID_FIRST && !is_attribute(p, id))
            bits |= UINT64_C(1) << at;
    }
    return bits;
}

/* One id of each cluster is; of those that are by themselves, first ids. */
static void mark_persons(struct rt_people *p, uint32_t shard)
{
    uint32_t n = rt_ids_places(p->ids, shard);

    for (uint32_t place = 0; place < n; place += 64) {
        uint32_t w = p->first[shard] + place / 64;
        uint64_t all = n - place < 64 ? (UINT64_C(1) << (n - place)) - 1 : UINT64_MAX;
        uint64_t alone = p->plan->defs->people.link ? p->broken ? p->broken[w] : 0 : all;

        p->persons[w] = all & ~alone & ~(p->moved.bits ? p->moved.bits[w] : 0);
        if (alone)
            p->persons[w] |= firsts(p, shard, place, alone);
    }
}

/* Attributes are nobody: each stands beside a first id. */
static void drop_attributes(struct rt_people *p)
{
    for (size_t i = 0; i < p->npairs; i++) {
        uint32_t other = (uint32_t)p->pairs[i];
        size_t bit = rt_people_bit(p, other);

        if (is_attribute(p, other))
            p->persons[bit / 64] &= ~(UINT64_C(1) << bit % 64);
    }
}

int rt_people_link(struct rt_people *p, struct rt_edges **edges, uint32_t n)
{
    int rc = link_ids(p, edges, n);

    if (rc == RT_OK)
        rc = gather_pairs(p, edges, n);
    if (rc < 0)
        return rc;
    p->persons = rt_calloc((size_t)rt_people_words(p) + 1, sizeof *p->persons);
    if (!p->persons)
        return RT_ENOMEM;
    for (uint32_t s = 0; s < RT_ID_SHARDS; s++)
        mark_persons(p, s);
    drop_attributes(p);
    return RT_OK;
}
