/*
 * Union-find over id numbers. The root of a cluster is an id of its most durable kind, so
 * that the touches of a person, which are stored by a record's first id, mostly are where
 * they belong already.
 */
#include "people/people.h"

#include "base/alloc.h"
#include "base/sort.h"

enum { RECENT = 4096, FIRST_PAIRS = 1024, SORT_FROM = 1 << 17 };

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

struct rt_people {
    const struct rt_plan *plan;
    struct rt_ids *ids;
    uint32_t limit;  /* one past the largest id number */
    uint32_t *root;  /* by id; NULL: there are no links */
    uint32_t *next;  /* the next id of a cluster, from its root; RT_NONE ends */
    uint64_t *pairs; /* sorted by first id */
    size_t npairs;
    uint64_t *broken; /* bits by root: the cluster is over max_ids */
    uint64_t nbroken;
    uint64_t *opted_out; /* bits by person; NULL: nobody */
    struct rt_contact_row *rows;
    uint64_t nrows;
};

static bool bit(const uint64_t *bits, uint32_t i)
{
    return bits && (bits[i / 64] >> i % 64 & 1);
}

static void set_bit(uint64_t *bits, uint32_t i)
{
    bits[i / 64] |= UINT64_C(1) << i % 64;
}

static bool is_attribute(const struct rt_people *p, uint32_t id)
{
    uint8_t kind = rt_ids_kind(p->ids, id);

    return kind >= p->plan->nids && kind < p->plan->nid_kinds;
}

static bool is_id(const struct rt_people *p, uint32_t id)
{
    return rt_id_place(id) < rt_ids_places(p->ids, rt_id_shard(id));
}

static uint32_t find(uint32_t *root, uint32_t id)
{
    while (root[id] != id)
        id = root[id] = root[root[id]];
    return id;
}

static void unite(struct rt_people *p, uint32_t a, uint32_t b)
{
    uint32_t ra = find(p->root, a), rb = find(p->root, b);

    if (ra == rb)
        return;
    if (rt_ids_kind(p->ids, ra) <= rt_ids_kind(p->ids, rb))
        p->root[rb] = ra;
    else
        p->root[ra] = rb;
}

/* The first worker's pairs grow by those of the others. */
static int gather_pairs(struct rt_people *p, struct rt_edges **edges, uint32_t n)
{
    size_t total = 0;
    uint64_t *pairs;

    for (uint32_t i = 0; i < n; i++)
        total += edges[i]->n;
    if (total == 0)
        return RT_OK;
    pairs = rt_realloc(edges[0]->pairs, total, sizeof *pairs);
    if (!pairs)
        return RT_ENOMEM;
    p->pairs = pairs;
    p->npairs = edges[0]->n;
    edges[0]->pairs = NULL;
    for (uint32_t i = 0; i < n; i++) {
        struct rt_edges *e = edges[i];

        if (i > 0 && e->n)
            memcpy(p->pairs + p->npairs, e->pairs, e->n * sizeof *e->pairs);
        p->npairs += i > 0 ? e->n : 0;
        rt_free(e->pairs);
        e->pairs = NULL;
        e->n = e->cap = 0;
    }
    return sort_unique(p->pairs, &p->npairs);
}

/* Lists each cluster's ids behind its root, and finds those over max_ids. */
static int list_clusters(struct rt_people *p)
{
    uint32_t *size = rt_calloc(p->limit, sizeof *size);

    p->next = rt_malloc((size_t)p->limit * sizeof *p->next);
    p->broken = rt_calloc(p->limit / 64 + 1, sizeof *p->broken);
    if (!size || !p->next || !p->broken) {
        rt_free(size);
        return RT_ENOMEM;
    }
    memset(p->next, 0xff, (size_t)p->limit * sizeof *p->next);
    for (uint32_t id = 0; id < p->limit; id++) {
        uint32_t root;

        if (!is_id(p, id))
            continue;
        root = p->root[id] = find(p->root, id);
        if (++size[root] == p->plan->defs->people.max_ids + 1) {
            set_bit(p->broken, root);
            p->nbroken++;
        }
        if (root != id) {
            p->next[id] = p->next[root];
            p->next[root] = id;
        }
    }
    rt_free(size);
    return RT_OK;
}

/* Where ids that stood together are one person, only attributes tell more than that. */
static void forget_links(struct rt_people *p)
{
    size_t n = 0;
    uint64_t *pairs;

    for (size_t i = 0; i < p->npairs; i++) {
        uint32_t first = (uint32_t)(p->pairs[i] >> 32), other = (uint32_t)p->pairs[i];

        if (is_attribute(p, other) || bit(p->broken, p->root[first]))
            p->pairs[n++] = p->pairs[i];
    }
    p->npairs = n;
    pairs = rt_realloc(p->pairs, n, sizeof *pairs);
    if (pairs) /* else the room stays */
        p->pairs = pairs;
}

static int link_ids(struct rt_people *p)
{
    int rc;

    if (!p->plan->defs->people.link || p->npairs == 0)
        return RT_OK;
    p->root = rt_malloc((size_t)p->limit * sizeof *p->root);
    if (!p->root)
        return RT_ENOMEM;
    for (uint32_t id = 0; id < p->limit; id++)
        p->root[id] = id;
    for (size_t i = 0; i < p->npairs; i++) {
        uint32_t first = (uint32_t)(p->pairs[i] >> 32), other = (uint32_t)p->pairs[i];

        if (!is_attribute(p, other))
            unite(p, first, other);
    }
    rc = list_clusters(p);
    if (rc == RT_OK)
        forget_links(p);
    return rc;
}

/* The order of persons in which a walk shard by shard meets them. */
static uint32_t walk_order(uint32_t person)
{
    return rt_id_shard(person) * (RT_ID_PLACES_MAX + 1) + rt_id_place(person);
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
    uint32_t places = 0;

    if (!p)
        return RT_ENOMEM;
    p->plan = plan;
    p->ids = ids;
    p->rows = rows;
    p->nrows = nrows;
    for (uint32_t s = 0; s < RT_ID_SHARDS; s++)
        if (rt_ids_places(ids, s) > places)
            places = rt_ids_places(ids, s);
    p->limit = places * RT_ID_SHARDS;
    if (gather_pairs(p, edges, nedges) < 0 || link_ids(p) < 0 || sort_rows(p) < 0) {
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
    rt_free(p->root);
    rt_free(p->next);
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
    return p->root != NULL;
}

uint32_t rt_people_of(const struct rt_people *p, uint32_t id)
{
    uint32_t root = p->root ? p->root[id] : id;

    return bit(p->broken, root) ? id : root;
}

/* A cluster whose ids are one person. */
static bool is_whole(const struct rt_people *p, uint32_t id)
{
    return p->plan->defs->people.link && !bit(p->broken, p->root ? p->root[id] : id);
}

bool rt_people_is_person(const struct rt_people *p, uint32_t id)
{
    if (is_attribute(p, id))
        return false;
    if (is_whole(p, id))
        return rt_people_of(p, id) == id;
    return rt_ids_flags(p->ids, id) & RT_ID_FIRST;
}

/* The second id of the person that is at a place of a shard, or RT_NONE. */
static uint32_t second_at(const struct rt_people *p, uint32_t shard, uint32_t place)
{
    uint32_t id = rt_id_of(shard, place);

    if (place >= rt_ids_places(p->ids, shard) || p->root[id] != id)
        return RT_NONE;
    return p->next[id];
}

void rt_people_fetch_ahead(const struct rt_people *p, uint32_t shard, uint32_t place)
{
    enum { LINKS = 24, ENTRIES = 16, BYTES = 8 }; /* places ahead */
    uint32_t id;

    if (!p->root)
        return;
    if (place + LINKS < rt_ids_places(p->ids, shard)) {
        id = rt_id_of(shard, place + LINKS);
        __builtin_prefetch(&p->root[id]);
        __builtin_prefetch(&p->next[id]);
    }
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

static bool better_key(const struct rt_people *p, uint32_t a, uint32_t b)
{
    uint8_t ka = rt_ids_kind(p->ids, a), kb = rt_ids_kind(p->ids, b);

    if (ka != kb)
        return ka < kb;
    return rt_span_cmp(rt_ids_bytes(p->ids, a), rt_ids_bytes(p->ids, b)) < 0;
}

uint32_t rt_people_key(const struct rt_people *p, uint32_t person)
{
    uint32_t best = person;

    if (!p->root || !is_whole(p, person))
        return person;
    for (uint32_t id = p->next[person]; id != RT_NONE; id = p->next[id])
        if (better_key(p, id, best))
            best = id;
    return best;
}

uint32_t rt_people_write_key(const struct rt_people *p, uint32_t person, char *out)
{
    static const char digits[] = "0123456789abcdef";
    uint32_t id = rt_people_key(p, person), n = 0;
    uint8_t kind = rt_ids_kind(p->ids, id);
    struct rt_span name = RT_SPAN("visitor"), bytes = rt_ids_bytes(p->ids, id);

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
        id = whole && p->next ? p->next[id] : RT_NONE;
    } while (rc == RT_OK && id != RT_NONE);
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
    p->opted_out = rt_calloc(p->limit / 64 + 1, sizeof *p->opted_out);
    if (!p->opted_out)
        return RT_ENOMEM;
    for (uint32_t id = 0; id < p->limit; id++)
        if (is_id(p, id) && rt_ids_flags(p->ids, id) & RT_ID_OPTED_OUT)
            set_bit(p->opted_out, rt_people_of(p, id));
    for (size_t i = 0; i < p->npairs; i++) {
        uint32_t first = (uint32_t)(p->pairs[i] >> 32), other = (uint32_t)p->pairs[i];

        if (rt_ids_flags(p->ids, other) & RT_ID_OPTED_OUT)
            set_bit(p->opted_out, rt_people_of(p, first));
    }
    return RT_OK;
}

bool rt_people_opted_out(const struct rt_people *p, uint32_t person)
{
    return bit(p->opted_out, person);
}
