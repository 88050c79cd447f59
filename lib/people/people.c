/* Who is whom, asked once ids are linked. */
#include "people/people_int.h"

#include "base/alloc.h"
#include "base/sort.h"

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

    if (!p)
        return RT_ENOMEM;
    p->plan = plan;
    p->ids = ids;
    p->rows = rows;
    p->nrows = nrows;
    for (uint32_t s = 0; s < RT_ID_SHARDS; s++)
        p->first[s + 1] = p->first[s] + (rt_ids_places(ids, s) + 63) / 64;
    if (rt_people_link(p, edges, nedges) < 0 || sort_rows(p) < 0) {
        rt_people_free(p);
        return RT_ENOMEM;
    }
    *out = p;
    return RT_OK;
}

static void release_set(struct rt_people_set *set)
{
    rt_free(set->bits);
    rt_free(set->before);
}

void rt_people_free(struct rt_people *p)
{
    if (!p)
        return;
    release_set(&p->moved);
    release_set(&p->heads);
    rt_free(p->persons);
    rt_free(p->roots);
    rt_free(p->starts);
    rt_free(p->members);
    rt_free(p->broken);
    rt_free(p->pairs);
    rt_free(p->opted_out);
    rt_free(p);
}

const struct rt_plan *rt_people_plan(const struct rt_people *p)
{
    return p->plan;
}

bool rt_people_linked(const struct rt_people *p)
{
    return p->moved.bits != NULL;
}

uint32_t rt_people_of(const struct rt_people *p, uint32_t id)
{
    if (!rt_people_has(p, p->moved.bits, id))
        return id;
    return p->roots[rt_people_number(p, &p->moved, id)];
}

bool rt_people_is_person(const struct rt_people *p, uint32_t id)
{
    return rt_people_has(p, p->persons, id);
}

uint64_t rt_people_persons(const struct rt_people *p, uint32_t shard, uint32_t word)
{
    return p->persons[p->first[shard] + word];
}

uint64_t rt_people_moved(const struct rt_people *p, uint32_t shard, uint32_t word)
{
    return p->moved.bits ? p->moved.bits[p->first[shard] + word] : 0;
}

uint64_t rt_people_split(const struct rt_people *p)
{
    return p->nbroken;
}

/* ---- the ids of a person */

/* Counts each person's further ids, and notes who has any. */
static void count_members(struct rt_people *p, uint32_t *counts)
{
    uint32_t n = p->moved.before[rt_people_words(p)];

    for (uint32_t i = 0; i < n; i++) {
        counts[rt_people_bit(p, p->roots[i])]++;
        rt_people_put(p, p->heads.bits, p->roots[i]);
    }
    rt_people_number_all(p, &p->heads);
}

/* Where each person's begin, in place of how many they are. */
static void place_members(struct rt_people *p, uint32_t *counts)
{
    uint32_t head = 0, n = 0, member = 0;

    for (uint32_t s = 0; s < RT_ID_SHARDS; s++) {
        struct rt_people_walk walk = rt_people_walk_of(p, p->heads.bits, s);
        uint32_t id;

        while ((id = rt_people_next(&walk)) != RT_NONE) {
            uint32_t *count = &counts[rt_people_bit(p, id)], here = *count;

            p->starts[head++] = *count = n;
            n += here;
        }
    }
    p->starts[head] = n;
    for (uint32_t s = 0; s < RT_ID_SHARDS; s++) {
        struct rt_people_walk walk = rt_people_walk_of(p, p->moved.bits, s);
        uint32_t id;

        while ((id = rt_people_next(&walk)) != RT_NONE)
            p->members[counts[rt_people_bit(p, p->roots[member++])]++] = id;
    }
}

int rt_people_know_members(struct rt_people *p)
{
    uint32_t words = rt_people_words(p);
    size_t bytes = 64 * (size_t)words * sizeof(uint32_t);
    uint32_t *counts, n = p->moved.bits ? p->moved.before[words] : 0;

    if (n == 0 || p->members)
        return RT_OK;
    counts = rt_pages_new(bytes);
    p->heads.bits = rt_calloc(words, sizeof *p->heads.bits);
    p->heads.before = rt_calloc((size_t)words + 1, sizeof *p->heads.before);
    if (counts && p->heads.bits && p->heads.before) {
        count_members(p, counts);
        p->starts = rt_malloc(((size_t)p->heads.before[words] + 1) * sizeof *p->starts);
        p->members = rt_malloc(n * sizeof *p->members);
    }
    if (p->starts && p->members)
        place_members(p, counts);
    rt_pages_free(counts, bytes);
    return p->starts && p->members ? RT_OK : RT_ENOMEM;
}

/* The further ids of a person: *n of them. */
static const uint32_t *members_of(const struct rt_people *p, uint32_t person, uint32_t *n)
{
    uint32_t number;

    *n = 0;
    if (!rt_people_has(p, p->heads.bits, person))
        return NULL;
    number = rt_people_number(p, &p->heads, person);
    *n = p->starts[number + 1] - p->starts[number];
    return p->members + p->starts[number];
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

/* What stood beside an id, as far as that is not one person with it. */
static int visit_pairs(
    const struct rt_people *p, uint32_t id, rt_people_visit *visit, void *ctx)
{
    for (size_t i = pairs_of(p, id); i < p->npairs && p->pairs[i] >> 32 == id; i++) {
        int rc = visit(ctx, (uint32_t)p->pairs[i]);

        if (rc < 0)
            return rc;
    }
    return RT_OK;
}

int rt_people_each_id(
    const struct rt_people *p, uint32_t person, rt_people_visit *visit, void *ctx)
{
    uint32_t n;
    const uint32_t *members = members_of(p, person, &n);
    int rc = visit(ctx, person);

    if (rc == RT_OK && p->npairs)
        rc = visit_pairs(p, person, visit, ctx);
    for (uint32_t i = 0; i < n && rc == RT_OK; i++) {
        rc = visit(ctx, members[i]);
        if (rc == RT_OK && p->npairs)
            rc = visit_pairs(p, members[i], visit, ctx);
    }
    return rc;
}

void rt_people_fetch(
    const struct rt_people *p, const uint32_t *persons, uint32_t npersons)
{
    for (unsigned bytes = 0; bytes < 2; bytes++)
        for (uint32_t i = 0; i < npersons; i++) {
            uint32_t n;
            const uint32_t *members = members_of(p, persons[i], &n);

            for (uint32_t k = 0; k < n; k++)
                if (bytes)
                    rt_ids_fetch_bytes(p->ids, members[k]);
                else
                    rt_ids_fetch(p->ids, members[k]);
        }
}

/* Names of kinds and ids are mostly of 4 to 16 bytes: two copies that overlap, of a length
 * that is known, save a call. */
static void copy_short(char *to, const char *from, size_t n)
{
    if (n >= 8 && n <= 16) {
        memcpy(to, from, 8);
        memcpy(to + n - 8, from + n - 8, 8);
    } else if (n >= 4 && n < 8) {
        memcpy(to, from, 4);
        memcpy(to + n - 4, from + n - 4, 4);
    } else {
        memcpy(to, from, n);
    }
}

/* A person is its best key: the root of its cluster, or the one id that it is. */
uint32_t rt_people_write_key(const struct rt_people *p, uint32_t person, char *out)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t kind = rt_ids_kind(p->ids, person);
    struct rt_span name = RT_SPAN("visitor"), bytes = rt_ids_bytes(p->ids, person);
    uint32_t n;

    if (kind < p->plan->nids)
        name = p->plan->id_kinds[kind].name;
    if (name.n > RT_KEY_BYTES_MAX - RT_ID_BYTES_MAX - 1)
        name.n = RT_KEY_BYTES_MAX - RT_ID_BYTES_MAX - 1;
    copy_short(out, name.p, name.n);
    n = (uint32_t)name.n;
    out[n++] = ':';
    if (kind < p->plan->nids) {
        copy_short(out + n, bytes.p, bytes.n);
        return n + (uint32_t)bytes.n;
    }
    for (size_t i = 0; i < bytes.n; i++) {
        out[n++] = digits[(unsigned char)bytes.p[i] >> 4];
        out[n++] = digits[(unsigned char)bytes.p[i] & 15];
    }
    return n;
}

/* ---- contact rows */

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

/* ---- opt-outs */

int rt_people_spread_opt_outs(struct rt_people *p)
{
    p->opted_out = rt_calloc((size_t)rt_people_words(p) + 1, sizeof *p->opted_out);
    if (!p->opted_out)
        return RT_ENOMEM;
    for (uint32_t s = 0; s < RT_ID_SHARDS; s++)
        for (uint32_t place = 0; place < rt_ids_places(p->ids, s); place++) {
            uint32_t id = rt_id_of(s, place);

            if (rt_ids_flags(p->ids, id) & RT_ID_OPTED_OUT)
                rt_people_put(p, p->opted_out, rt_people_of(p, id));
        }
    for (size_t i = 0; i < p->npairs; i++) {
        uint32_t first = (uint32_t)(p->pairs[i] >> 32), other = (uint32_t)p->pairs[i];

        if (rt_ids_flags(p->ids, other) & RT_ID_OPTED_OUT)
            rt_people_put(p, p->opted_out, rt_people_of(p, first));
    }
    return RT_OK;
}

bool rt_people_opted_out(const struct rt_people *p, uint32_t person)
{
    return rt_people_has(p, p->opted_out, person);
}
