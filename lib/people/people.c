/*
 * Union-find over id numbers. The root of a cluster is an id of its most durable kind, so
 * that the touches of a person, which are stored by a record's first id, mostly are where
 * they belong already.
 */
#include "people/people.h"

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

struct rt_edges {
    uint64_t *pairs; /* first << 32 | other */
    size_t n, cap;
    uint64_t recent[RECENT]; /* most records repeat a pair that was just seen */
};

int rt_edges_new(struct rt_edges **out)
{
    *out = rt_calloc(1, sizeof **out);
    return *out ? RT_OK : RT_ENOMEM;
}

void rt_edges_free(struct rt_edges *edges)
{
    if (edges)
        rt_free(edges->pairs);
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

static int make_room(struct rt_edges *e)
{
    size_t cap = e->cap ? e->cap * 2 : FIRST_PAIRS;
    uint64_t *pairs;

    if (e->cap >= SORT_FROM) {
        if (sort_unique(e->pairs, &e->n) < 0)
            return RT_ENOMEM;
        if (e->n <= e->cap / 2)
            return RT_OK;
    }
    pairs = rt_realloc(e->pairs, cap, sizeof *pairs);
    if (!pairs)
        return RT_ENOMEM;
    e->pairs = pairs;
    e->cap = cap;
    return RT_OK;
}

int rt_edges_add(struct rt_edges *e, uint32_t first, uint32_t other)
{
    uint64_t pair = (uint64_t)first << 32 | other;
    uint64_t *recent =
        &e->recent[(pair * UINT64_C(0x9e3779b97f4a7c15)) >> 52]; /* 12 bits */

    if (first == other || *recent == pair)
        return RT_OK;
    if (e->n == e->cap && make_room(e) < 0)
        return RT_ENOMEM;
    e->pairs[e->n++] = pair;
    *recent = pair;
    return RT_OK;
}

/* ---- the graph */

/*
 * What an id is linked to, each as what it differs by from the id itself: an id that was
 * never linked is all zeros, and a page of such ids is never written.
 */
struct link {
    _Atomic uint32_t up;   /* towards the root; once all are linked, the root */
    _Atomic uint32_t next; /* of the cluster's ids, in a ring */
};

struct rt_people {
    const struct rt_plan *plan;
    struct rt_ids *ids;
    uint32_t first[RT_ID_SHARDS + 1]; /* where a shard's ids begin among all */
    struct link *links;               /* in that order; NULL: there are none */
    uint64_t *pairs;                  /* sorted by first id */
    size_t npairs;
    uint64_t *broken; /* bits of roots: the cluster is over max_ids; NULL: none is */
    uint64_t nbroken;
    uint64_t *opted_out; /* bits of persons; NULL: nobody */
    struct rt_contact_row *rows;
    uint64_t nrows;
};

/* Where an id stands when they are counted shard by shard. */
static uint32_t index_of(const struct rt_people *p, uint32_t id)
{
    return p->first[rt_id_shard(id)] + rt_id_place(id);
}

static uint32_t nids(const struct rt_people *p)
{
    return p->first[RT_ID_SHARDS];
}

static bool has_bit(const struct rt_people *p, const uint64_t *bits, uint32_t id)
{
    uint32_t i = bits ? index_of(p, id) : 0;

    return bits && (bits[i / 64] >> i % 64 & 1);
}

static void set_bit(const struct rt_people *p, uint64_t *bits, uint32_t id)
{
    uint32_t i = index_of(p, id);

    bits[i / 64] |= UINT64_C(1) << i % 64;
}

static uint64_t *new_bits(const struct rt_people *p)
{
    return rt_calloc(nids(p) / 64 + 1, sizeof(uint64_t));
}

static bool is_attribute(const struct rt_people *p, uint32_t id)
{
    uint8_t kind = rt_ids_kind(p->ids, id);

    return kind >= p->plan->nids && kind < p->plan->nid_kinds;
}

/* ---- linking, by several threads */

struct linker { /* one a thread */
    struct rt_people *p;
    _Atomic uint32_t *others; /* by root: the other ids of its cluster; shared */
    struct rt_edges *edges;
    size_t nattributes;   /* of the edges: those to attributes, in front */
    uint32_t first, step; /* shards first, first + step, ... */
    bool any_broken;
};

static struct link *link_of(const struct rt_people *p, uint32_t id)
{
    return &p->links[index_of(p, id)];
}

static uint32_t above(const struct rt_people *p, uint32_t id)
{
    return id ^ atomic_load_explicit(&link_of(p, id)->up, memory_order_relaxed);
}

static void put_below(const struct rt_people *p, uint32_t id, uint32_t root)
{
    atomic_store_explicit(&link_of(p, id)->up, id ^ root, memory_order_relaxed);
}

static uint32_t root_of(const struct rt_people *p, uint32_t id)
{
    return p->links ? above(p, id) : id;
}

/* The root, while ids are being linked: the way there is halved. What stood above an id
 * once is on its way to the root, whatever other threads do; but what another one has put
 * there meanwhile may be the root itself, for good, and stays. */
static uint32_t find(const struct rt_people *p, uint32_t id)
{
    for (;;) {
        uint32_t next = above(p, id), was = id ^ next;

        if (next == id)
            return id;
        atomic_compare_exchange_strong_explicit(&link_of(p, id)->up, &was,
            id ^ above(p, next), memory_order_relaxed, memory_order_relaxed);
        id = next;
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

/* The worse root goes below the better one, if it is still a root then. No two ids are
 * equal, so threads never make a ring of it. */
static void unite(const struct rt_people *p, uint32_t a, uint32_t b)
{
    for (;;) {
        uint32_t root = find(p, a), other = find(p, b), unlinked = 0;

        if (root == other)
            return;
        if (!is_better_key(p, root, other)) {
            uint32_t swap = root;

            root = other;
            other = swap;
        }
        if (atomic_compare_exchange_strong(
                &link_of(p, other)->up, &unlinked, other ^ root))
            return;
    }
}

static void fetch(const struct rt_people *p, uint64_t pair)
{
    uint32_t first = (uint32_t)(pair >> 32), other = (uint32_t)pair;

    rt_ids_prefetch(p->ids, first);
    rt_ids_prefetch(p->ids, other);
    __builtin_prefetch(link_of(p, first), 1);
    __builtin_prefetch(link_of(p, other), 1);
}

/* Links what one worker saw. Attributes never link: their pairs go to the front, and stay. */
static int link_pairs(void *arg)
{
    struct linker *l = arg;
    uint64_t *pairs = l->edges->pairs;

    for (size_t i = 0, n = l->edges->n; i < n; i++) {
        uint64_t pair = pairs[i];

        if (i + AHEAD < n)
            fetch(l->p, pairs[i + AHEAD]);
        if (!is_attribute(l->p, (uint32_t)pair)) {
            unite(l->p, (uint32_t)(pair >> 32), (uint32_t)pair);
            continue;
        }
        pairs[i] = pairs[l->nattributes];
        pairs[l->nattributes++] = pair;
    }
    return RT_OK;
}

/* An id joins the ring of its root. */
static void join(struct linker *l, uint32_t id, uint32_t root)
{
    struct rt_people *p = l->p;
    uint32_t next = root ^ atomic_exchange(&link_of(p, root)->next, root ^ id);
    uint32_t before = atomic_fetch_add(&l->others[index_of(p, root)], 1);

    atomic_store_explicit(&link_of(p, id)->next, id ^ next, memory_order_relaxed);
    l->any_broken |= before + 1 >= p->plan->defs->people.max_ids;
}

/* Most ids are right below their root. */
static void fetch_root(const struct linker *l, uint32_t id)
{
    uint32_t root = index_of(l->p, above(l->p, id));

    __builtin_prefetch(&l->p->links[root], 1);
    __builtin_prefetch(&l->others[root], 1);
}

static void settle_shard(struct linker *l, uint32_t shard)
{
    struct rt_people *p = l->p;
    uint32_t n = p->first[shard + 1] - p->first[shard];

    for (uint32_t place = 0; place < n; place++) {
        uint32_t id = rt_id_of(shard, place), root;

        if (place + AHEAD < n)
            fetch_root(l, rt_id_of(shard, place + AHEAD));
        if (above(p, id) == id)
            continue;
        root = find(p, id);
        put_below(p, id, root);
        join(l, id, root);
    }
}

/* Every id of some shards knows its root, and the root them. */
static int settle(void *arg)
{
    struct linker *l = arg;

    for (uint32_t shard = l->first; shard < RT_ID_SHARDS; shard += l->step)
        settle_shard(l, shard);
    return RT_OK;
}

/* Clusters over max_ids. */
static int find_broken(struct rt_people *p, const _Atomic uint32_t *others)
{
    p->broken = new_bits(p);
    if (!p->broken)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < nids(p); i++)
        if (others[i] >= p->plan->defs->people.max_ids) {
            p->broken[i / 64] |= UINT64_C(1) << i % 64;
            p->nbroken++;
        }
    return RT_OK;
}

/* Where ids that stood together are one person, only attributes tell more than that. */
static void keep_pairs(struct linker *l)
{
    const struct rt_people *p = l->p;
    uint64_t *pairs = l->edges->pairs;
    size_t kept = l->nattributes;

    for (size_t i = kept; p->broken && i < l->edges->n; i++)
        if (has_bit(p, p->broken, root_of(p, (uint32_t)(pairs[i] >> 32))))
            pairs[kept++] = pairs[i];
    l->edges->n = kept;
}

static int link_all(struct rt_people *p, struct linker *linkers, uint32_t n)
{
    bool any_broken = false;
    int rc = rt_workers_run_array(link_pairs, linkers, sizeof *linkers, n);

    if (rc == RT_OK)
        rc = rt_workers_run_array(settle, linkers, sizeof *linkers, n);
    for (uint32_t i = 0; i < n; i++)
        any_broken |= linkers[i].any_broken;
    if (rc == RT_OK && any_broken)
        rc = find_broken(p, linkers[0].others);
    for (uint32_t i = 0; i < n && rc == RT_OK; i++)
        keep_pairs(&linkers[i]);
    return rc;
}

/* The order of persons in which a walk shard by shard meets them. */
static uint32_t walk_order(uint32_t person)
{
    return rt_id_shard(person) * (RT_ID_PLACES_MAX + 1) + rt_id_place(person);
}

static int link_ids(struct rt_people *p, struct rt_edges **edges, uint32_t n)
{
    struct linker *linkers;
    _Atomic uint32_t *others;
    size_t npairs = 0;
    int rc = RT_ENOMEM;

    for (uint32_t i = 0; i < n; i++)
        npairs += edges[i]->n;
    if (!p->plan->defs->people.link || npairs == 0)
        return RT_OK;
    linkers = rt_calloc(n, sizeof *linkers);
    p->links = rt_pages_new(nids(p) * sizeof *p->links);
    others = rt_pages_new(nids(p) * sizeof *others);
    if (linkers && p->links && others) {
        for (uint32_t i = 0; i < n; i++)
            linkers[i] = (struct linker) {
                .p = p, .others = others, .edges = edges[i], .first = i, .step = n
            };
        rc = link_all(p, linkers, n);
    }
    rt_pages_free(others, nids(p) * sizeof *others);
    rt_free(linkers);
    return rc;
}

/* The pairs that all workers are left with. */
static int gather_pairs(struct rt_people *p, struct rt_edges **edges, uint32_t n)
{
    size_t total = 0;

    for (uint32_t i = 0; i < n; i++)
        total += edges[i]->n;
    p->pairs = total ? rt_calloc(total, sizeof *p->pairs) : NULL;
    if (total && !p->pairs)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        struct rt_edges *e = edges[i];

        if (e->n)
            memcpy(p->pairs + p->npairs, e->pairs, e->n * sizeof *e->pairs);
        p->npairs += e->n;
        rt_free(e->pairs);
        e->pairs = NULL;
        e->n = e->cap = 0;
    }
    return p->npairs ? sort_unique(p->pairs, &p->npairs) : RT_OK;
}

/* Rows by person, then by where their bytes are: a row's place in its file decides
 * nothing, but keeps walks over the bytes in order. */
static int sort_rows(struct rt_people *p)
{
    uint64_t *keys;
    struct rt_contact_row *sorted;

    if (p->nrows == 0)
        return RT_OK;
    keys = rt_malloc(p->nrows * 2 * sizeof *keys);
    sorted = rt_malloc(p->nrows * sizeof *sorted);
    if (!keys || !sorted) {
        rt_free(keys);
        rt_free(sorted);
        return RT_ENOMEM;
    }
    for (uint64_t i = 0; i < p->nrows; i++) {
        p->rows[i].id = rt_people_of(p, p->rows[i].id);
        keys[i] = (uint64_t)walk_order(p->rows[i].id) << 32 | i;
    }
    rt_sort_u64(keys, keys + p->nrows, p->nrows);
    for (uint64_t i = 0; i < p->nrows; i++)
        sorted[i] = p->rows[(uint32_t)keys[i]];
    memcpy(p->rows, sorted, p->nrows * sizeof *sorted);
    rt_free(keys);
    rt_free(sorted);
    return RT_OK;
}

int rt_people_new(const struct rt_plan *plan, struct rt_ids *ids, struct rt_edges **edges,
    uint32_t nedges, struct rt_contact_row *rows, uint64_t nrows, struct rt_people **out)
{
    struct rt_people *p = rt_calloc(1, sizeof *p);

    if (!p)
        return RT_ENOMEM;
    p->plan = plan;
    p->ids = ids;
    p->rows = rows;
    p->nrows = nrows;
    for (uint32_t s = 0; s < RT_ID_SHARDS; s++)
        p->first[s + 1] = p->first[s] + rt_ids_places(ids, s);
    if (link_ids(p, edges, nedges) < 0 || gather_pairs(p, edges, nedges) < 0
        || sort_rows(p) < 0) {
        rt_people_free(p);
        return RT_ENOMEM;
    }
    *out = p;
    return RT_OK;
}

void rt_people_free(struct rt_people *p)
{
    if (!p)
        return;
    rt_pages_free(p->links, nids(p) * sizeof *p->links);
    rt_free(p->pairs);
    rt_free(p->broken);
    rt_free(p->opted_out);
    rt_free(p);
}

const struct rt_plan *rt_people_plan(const struct rt_people *p)
{
    return p->plan;
}

bool rt_people_linked(const struct rt_people *p)
{
    return p->links != NULL;
}

uint32_t rt_people_of(const struct rt_people *p, uint32_t id)
{
    uint32_t root = root_of(p, id);

    return has_bit(p, p->broken, root) ? id : root;
}

/* A cluster whose ids are one person. */
static bool is_whole(const struct rt_people *p, uint32_t id)
{
    return p->plan->defs->people.link && !has_bit(p, p->broken, root_of(p, id));
}

bool rt_people_is_person(const struct rt_people *p, uint32_t id)
{
    uint32_t place = rt_id_place(id);

    if (!(rt_ids_somebody(p->ids, rt_id_shard(id), place / 64) >> place % 64 & 1))
        return false;
    if (root_of(p, id) != id && !p->broken)
        return false;
    if (is_attribute(p, id))
        return false;
    if (is_whole(p, id))
        return root_of(p, id) == id;
    return rt_ids_flags(p->ids, id) & RT_ID_FIRST;
}

/* The second id of the person that is at a place of a shard, or RT_NONE. */
static uint32_t second_at(const struct rt_people *p, uint32_t shard, uint32_t place)
{
    uint32_t id = rt_id_of(shard, place), next;

    if (place >= rt_ids_places(p->ids, shard) || above(p, id) != id)
        return RT_NONE;
    next = id ^ atomic_load_explicit(&link_of(p, id)->next, memory_order_relaxed);
    return next == id ? RT_NONE : next;
}

void rt_people_fetch_ahead(const struct rt_people *p, uint32_t shard, uint32_t place)
{
    enum { ENTRIES = 16, BYTES = 8 }; /* places ahead; links stand in a row */
    uint32_t id;

    if (!p->links)
        return;
    id = second_at(p, shard, place + ENTRIES);
    if (id != RT_NONE)
        rt_ids_fetch(p->ids, id);
    id = second_at(p, shard, place + BYTES);
    if (id != RT_NONE)
        rt_ids_fetch_bytes(p->ids, id);
}

uint64_t rt_people_split(const struct rt_people *p)
{
    return p->nbroken;
}

/* A person is its best key: the root of its cluster, or the one id that it is. */
uint32_t rt_people_write_key(const struct rt_people *p, uint32_t person, char *out)
{
    static const char digits[] = "0123456789abcdef";
    uint32_t n = 0;
    uint8_t kind = rt_ids_kind(p->ids, person);
    struct rt_span name = RT_SPAN("visitor"), bytes = rt_ids_bytes(p->ids, person);

    if (kind < p->plan->nids)
        name = p->plan->id_kinds[kind].name;
    if (name.n > RT_KEY_BYTES_MAX - RT_ID_BYTES_MAX - 1)
        name.n = RT_KEY_BYTES_MAX - RT_ID_BYTES_MAX - 1;
    memcpy(out, name.p, name.n);
    n = (uint32_t)name.n;
    out[n++] = ':';
    if (kind < p->plan->nids) {
        memcpy(out + n, bytes.p, bytes.n);
        return n + (uint32_t)bytes.n;
    }
    for (size_t i = 0; i < bytes.n; i++) {
        out[n++] = digits[(unsigned char)bytes.p[i] >> 4];
        out[n++] = digits[(unsigned char)bytes.p[i] & 15];
    }
    return n;
}

/* The pairs of a first id: where they begin in the sorted list. */
static size_t pairs_of(const struct rt_people *p, uint32_t first)
{
    size_t lo = 0, hi = p->npairs;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (p->pairs[mid] >> 32 < first)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* The others of one first id: all of them, or attributes alone when links give the rest. */
static int visit_others(const struct rt_people *p, uint32_t first, bool attributes_only,
    rt_people_visit *visit, void *ctx)
{
    for (size_t i = pairs_of(p, first); i < p->npairs && p->pairs[i] >> 32 == first;
         i++) {
        uint32_t other = (uint32_t)p->pairs[i];
        int rc;

        if (attributes_only && !is_attribute(p, other))
            continue;
        rc = visit(ctx, other);
        if (rc < 0)
            return rc;
    }
    return RT_OK;
}

int rt_people_each_id(
    const struct rt_people *p, uint32_t person, rt_people_visit *visit, void *ctx)
{
    bool whole = is_whole(p, person);
    uint32_t id = person;
    int rc;

    do {
        rc = visit(ctx, id);
        if (rc == RT_OK && p->npairs)
            rc = visit_others(p, id, whole, visit, ctx);
        id = whole && p->links ? id ^ link_of(p, id)->next : person;
    } while (rc == RT_OK && id != person);
    return rc;
}

/* The first row from lo to hi whose person does not come before one. */
static uint64_t row_between(
    const struct rt_people *p, uint32_t order, uint64_t lo, uint64_t hi)
{
    while (lo < hi) {
        uint64_t mid = lo + (hi - lo) / 2;

        if (walk_order(p->rows[mid].id) < order)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* The same, looked for near `from` first: those who walk find it within a step or two,
 * 76 instructions a person, where halving 3,000 rows takes 370 and a chain of cache misses. */
static uint64_t row_from(const struct rt_people *p, uint32_t order, uint64_t from)
{
    uint64_t step = 1, lo = from;

    if (from > p->nrows || (from > 0 && walk_order(p->rows[from - 1].id) >= order))
        return row_between(p, order, 0, p->nrows);
    while (p->nrows - lo > step && walk_order(p->rows[lo + step - 1].id) < order) {
        lo += step;
        step *= 2;
    }
    return row_between(p, order, lo, p->nrows - lo > step ? lo + step : p->nrows);
}

const struct rt_contact_row *rt_people_rows(
    const struct rt_people *p, uint32_t person, uint64_t *from, uint64_t *n)
{
    uint64_t first = row_from(p, walk_order(person), *from), end = first;

    while (end < p->nrows && p->rows[end].id == person)
        end++;
    *n = end - first;
    *from = end;
    return p->rows + first;
}

int rt_people_spread_opt_outs(struct rt_people *p)
{
    p->opted_out = new_bits(p);
    if (!p->opted_out)
        return RT_ENOMEM;
    for (uint32_t s = 0; s < RT_ID_SHARDS; s++)
        for (uint32_t place = 0; place < rt_ids_places(p->ids, s); place++) {
            uint32_t id = rt_id_of(s, place);

            if (rt_ids_flags(p->ids, id) & RT_ID_OPTED_OUT)
                set_bit(p, p->opted_out, rt_people_of(p, id));
        }
    for (size_t i = 0; i < p->npairs; i++) {
        uint32_t first = (uint32_t)(p->pairs[i] >> 32), other = (uint32_t)p->pairs[i];

        if (rt_ids_flags(p->ids, other) & RT_ID_OPTED_OUT)
            set_bit(p, p->opted_out, rt_people_of(p, first));
    }
    return RT_OK;
}

bool rt_people_opted_out(const struct rt_people *p, uint32_t person)
{
    return has_bit(p, p->opted_out, person);
}
