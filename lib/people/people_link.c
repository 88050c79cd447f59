/*
 * Linking: union-find over id numbers. The root of a cluster is an id of its most durable
 * kind, so that the touches of a person, which are stored by a record's first id, mostly
 * are where they belong already.
 *
 *     1  each thread unites the pairs whose other id is of its shards; ids that come to
 *        stand below another get a bit
 *     2  what came in each other's way is united by one
 *     3  each thread looks up the roots of the ids of its shards that have the bit
 *
 * What is above an id is forgotten then: of most ids there is nothing to know but that they
 * are their own person.
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
    TOGETHER = 128, /* pairs: the misses of as many overlap */
    SIZES = 1 << 15,
    HUGE_PAGE = 1 << 21
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

static int add_pair(struct pairs *pairs, uint64_t pair)
{
    if (pairs->n == pairs->cap && make_room(pairs) < 0)
        return RT_ENOMEM;
    pairs->at[pairs->n++] = pair;
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
    *recent = pair;
    return add_pair(pairs, pair);
}

/* ---- linking, by several threads */

/*
 * What is above an id on its way to the root stands as what it differs by from the id: 0 at
 * roots. An id stops being a root once, and the thread that has its shard alone does that:
 * so none undoes what another did, and a store is enough. Who shortens a way puts something
 * above an id that was on its way to the root, whatever other threads do meanwhile.
 */
struct linker { /* one a thread */
    struct rt_people *p;
    _Atomic uint32_t *up; /* by bit; shared */
    struct rt_edges **edges;
    uint32_t nedges;
    uint32_t first, step; /* its shards: first, first + step, ... */
    uint64_t own;         /* these, as bits */
    struct pairs others;  /* that put an id of another's below one */
    uint32_t *sizes;      /* other ids of own ones' clusters, by bits of the root */
};

static bool is_own(const struct linker *l, uint32_t id)
{
    return l->own >> rt_id_shard(id) & 1;
}

static _Atomic uint32_t *up_of(const struct linker *l, uint32_t id)
{
    return &l->up[rt_people_bit(l->p, id)];
}

static uint32_t above(const struct linker *l, uint32_t id)
{
    return id ^ atomic_load_explicit(up_of(l, id), memory_order_relaxed);
}

static void put_below(const struct linker *l, uint32_t id, uint32_t better)
{
    atomic_store_explicit(up_of(l, id), id ^ better, memory_order_relaxed);
}

/* The root; the way there is halved. Most ids are right below theirs, and nothing is
 * written. */
static uint32_t find(const struct linker *l, uint32_t id)
{
    for (;;) {
        uint32_t next = above(l, id), top = above(l, next);

        if (top == next)
            return next;
        put_below(l, id, top);
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
 * The worse root goes below the better one. No two ids are equal, so threads never make a
 * ring of it. An id that nothing was linked to so far is worse than the first one of its
 * record, and so than that one's root: most pairs are linked without a look at what the ids
 * are.
 */
static int unite(struct linker *l, uint64_t pair)
{
    uint32_t first = (uint32_t)(pair >> 32), other = (uint32_t)pair;
    uint32_t root = find(l, first), below = find(l, other);

    if (root == below)
        return RT_OK;
    if (below != other && !is_better_key(l->p, root, below)) {
        uint32_t swap = root;

        root = below;
        below = swap;
    }
    if (!is_own(l, below))
        return add_pair(&l->others, pair);
    put_below(l, below, root);
    rt_people_put(l->p, l->p->moved.bits, below);
    return RT_OK;
}

/* Picks the pairs whose other ids are own, and fetches what is above both. Which ones are
 * comes in no order that a processor could guess, so nothing branches on it. */
static size_t pick(const struct linker *l, const uint64_t *pairs, size_t n, uint64_t *own)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        own[k] = pairs[i];
        k += is_own(l, (uint32_t)pairs[i]);
    }
    for (size_t i = 0; i < k; i++) {
        __builtin_prefetch(up_of(l, (uint32_t)(own[i] >> 32)));
        __builtin_prefetch(up_of(l, (uint32_t)own[i]), 1);
    }
    return k;
}

static int unite_pairs(struct linker *l, const struct pairs *pairs)
{
    uint64_t own[TOGETHER];
    int rc = RT_OK;

    for (size_t from = 0; from < pairs->n; from += TOGETHER) {
        size_t left = pairs->n - from;
        size_t n = pick(l, pairs->at + from, left < TOGETHER ? left : TOGETHER, own);

        for (size_t i = 0; i < n && rc == RT_OK; i++)
            rc = unite(l, own[i]);
    }
    return rc;
}

/* Of what all workers saw, what is this one's to link. */
static int unite_own(void *arg)
{
    struct linker *l = arg;
    int rc = RT_OK;

    for (uint32_t i = 0; i < l->nedges && rc == RT_OK; i++)
        rc = unite_pairs(l, &l->edges[i]->links);
    return rc;
}

/* What each left for others: all ids are one thread's now. */
static int unite_others(struct linker *linkers, uint32_t n)
{
    struct linker all = linkers[0];
    int rc = RT_OK;

    all.own = UINT64_MAX;
    for (uint32_t i = 0; i < n && rc == RT_OK; i++)
        rc = unite_pairs(&all, &linkers[i].others);
    return rc;
}

static int find_roots(void *arg)
{
    struct linker *l = arg;
    const struct rt_people *p = l->p;

    l->sizes = rt_calloc(SIZES, sizeof *l->sizes);
    if (!l->sizes)
        return RT_ENOMEM;
    for (uint32_t s = l->first; s < RT_ID_SHARDS; s += l->step) {
        struct rt_people_walk walk = rt_people_walk_of(p, p->moved.bits, s);
        uint32_t *root = p->roots + p->moved.before[p->first[s]], id;

        for (; (id = rt_people_next(&walk)) != RT_NONE; root++) {
            *root = find(l, id);
            l->sizes[rt_people_bit(p, *root) % SIZES]++;
        }
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

/*
 * Whether a cluster may be too large. Threads that count at the same roots get in each
 * other's way: 2 ms for 120,000 ids, more than all else together. So each counts by itself,
 * many roots as one: where even those together are few, no cluster is large.
 */
static bool may_be_broken(const struct linker *linkers, uint32_t n)
{
    uint64_t max = linkers[0].p->plan->defs->people.max_ids;

    for (size_t k = 0; k < SIZES; k++) {
        uint64_t others = 0;

        for (uint32_t i = 0; i < n; i++)
            others += linkers[i].sizes[k];
        if (others >= max)
            return true;
    }
    return false;
}

/* Counts each cluster's other ids at its root, of which nothing is above. Is one too large? */
static bool count_others(const struct linker *l)
{
    const struct rt_people *p = l->p;
    uint32_t n = p->moved.before[rt_people_words(p)], most = 0;

    for (uint32_t i = 0; i < n; i++) {
        _Atomic uint32_t *others = up_of(l, p->roots[i]);
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

            if (*up_of(l, root) < p->plan->defs->people.max_ids) {
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
    int rc = rt_workers_run_array(unite_own, linkers, sizeof *linkers, n);

    if (rc == RT_OK)
        rc = unite_others(linkers, n);
    if (rc < 0)
        return rc;
    rt_people_number_all(p, &p->moved);
    p->roots = rt_malloc(p->moved.before[words] * sizeof *p->roots);
    if (!p->roots)
        return RT_ENOMEM;
    rc = rt_workers_run_array(find_roots, linkers, sizeof *linkers, n);
    if (rc == RT_OK && may_be_broken(linkers, n) && count_others(&linkers[0]))
        rc = break_clusters(&linkers[0]);
    return rc;
}

static struct linker linker_of(struct rt_people *p, _Atomic uint32_t *up,
    struct rt_edges **edges, uint32_t n, uint32_t i)
{
    struct linker l = {
        .p = p, .up = up, .edges = edges, .nedges = n, .first = i, .step = n
    };

    for (uint32_t s = i; s < RT_ID_SHARDS; s += n)
        l.own |= UINT64_C(1) << s;
    return l;
}

/* Memory that is written to all over: from where it is worth a huge page, on such. */
static void *new_table(size_t *bytes)
{
    if (*bytes < HUGE_PAGE / 2)
        return rt_pages_new(*bytes);
    *bytes = (*bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    return rt_pages_new_huge(*bytes);
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
    up = new_table(&bytes);
    p->moved.bits = rt_calloc(words, sizeof *p->moved.bits);
    p->moved.before = rt_calloc((size_t)words + 1, sizeof *p->moved.before);
    if (linkers && up && p->moved.bits && p->moved.before) {
        for (uint32_t i = 0; i < n; i++)
            linkers[i] = linker_of(p, up, edges, n, i);
        rc = link_all(p, linkers, n);
    }
    for (uint32_t i = 0; linkers && i < n; i++) {
        release(&linkers[i].others);
        rt_free(linkers[i].sizes);
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
        uint64_t all = rt_ids_somebody(p->ids, shard, place / 64);
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
