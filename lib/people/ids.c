/* Ids and states by number; how they lie: ids_int.h. */
#include "base/alloc.h"
#include "people/ids_int.h"

enum { COST_STEP = 64 /* places: room is counted in steps smaller than an extent */ };

int rt_ids_new(uint32_t state_words, struct rt_ids **out)
{
    struct rt_ids *ids = rt_pages_new(sizeof *ids);

    if (!ids)
        return RT_ENOMEM;
    if (rt_store_new(&ids->store) < 0) {
        rt_pages_free(ids, sizeof *ids);
        return RT_ENOMEM;
    }
    for (unsigned i = 0; i < RT_ID_SHARDS; i++) {
        struct rt_ids_part *part = &ids->shards[i];

        pthread_mutex_init(&part->lock, NULL);
        part->whole = ids;
        if (state_words)
            part->stride = (uint32_t)sizeof(struct rt_id_entry) + state_words * 8;
    }
    *out = ids;
    return RT_OK;
}

static void free_part(struct rt_ids_part *part)
{
    for (uint32_t i = 0; i < part->nextents; i++)
        rt_free(part->extents[i].lent);
    rt_free(part->extents);
    for (uint32_t i = 0; i < part->nchunks; i++)
        rt_free(part->chunks[i]);
    rt_free(part->chunks);
    rt_id_free_buckets(part);
    pthread_mutex_destroy(&part->lock);
}

void rt_ids_free(struct rt_ids *ids)
{
    if (!ids)
        return;
    for (unsigned i = 0; i < RT_ID_SHARDS; i++)
        free_part(&ids->shards[i]);
    rt_store_free(ids->store);
    rt_pages_free(ids, sizeof *ids);
}

/* ---- room */

static size_t step_of(const struct rt_ids_part *part, enum rt_id_sort sort)
{
    return sort == RT_ID_BARE ? sizeof(struct rt_id_entry) : part->stride;
}

static int list_extent(struct rt_ids_part *part, struct rt_id_extent extent)
{
    if (part->nextents == part->cap_extents) {
        uint32_t cap = part->cap_extents ? part->cap_extents * 2 : 4;
        void *extents = rt_realloc(part->extents, cap, sizeof extent);

        if (!extents)
            return RT_ENOMEM;
        part->extents = extents;
        part->cap_extents = cap;
    }
    part->extents[part->nextents++] = extent;
    return RT_OK;
}

static int open_extent(struct rt_ids_part *part, enum rt_id_sort sort)
{
    struct rt_id_extent extent = { .sort = sort, .step = (uint32_t)step_of(part, sort) };
    uint32_t first = part->nextents << RT_ID_EXTENT_BITS;

    if (first >= RT_ID_PLACES_MAX - RT_ID_EXTENT)
        return RT_ELIMIT;
    extent.entries =
        rt_store_take(part->whole->store, RT_ID_EXTENT * step_of(part, sort));
    if (!extent.entries)
        return RT_ENOMEM;
    if (sort != RT_ID_BARE)
        extent.records = extent.entries;
    if (list_extent(part, extent) < 0)
        return RT_ENOMEM;
    part->open[sort].next = first;
    part->open[sort].end = first + RT_ID_EXTENT;
    return RT_OK;
}

uint32_t rt_id_new_place(struct rt_ids_part *part, enum rt_id_sort sort)
{
    if (part->open[sort].next == part->open[sort].end && open_extent(part, sort) < 0)
        return 0;
    if (part->open[sort].next % COST_STEP == 0)
        atomic_fetch_add_explicit(&part->whole->cost_bytes,
            COST_STEP * step_of(part, sort), memory_order_relaxed);
    return part->open[sort].next++;
}

/* The state of an id that has a bare entry. */
static uint64_t *lent_state(struct rt_ids_part *part, uint32_t place)
{
    struct rt_id_extent *extent = &part->extents[place >> RT_ID_EXTENT_BITS];
    uint32_t at = place & (RT_ID_EXTENT - 1), record;

    if (!extent->lent) {
        extent->lent = rt_calloc(RT_ID_EXTENT, sizeof *extent->lent);
        if (!extent->lent)
            return NULL;
        atomic_fetch_add(&part->whole->cost_bytes, RT_ID_EXTENT * sizeof *extent->lent);
    }
    record = extent->lent[at];
    if (!record) {
        record = rt_id_new_place(part, RT_ID_LENT);
        if (!record)
            return NULL;
        rt_id_extent_of(part, place)->lent[at] = record;
    }
    return rt_id_record_state(part, record);
}

uint64_t *rt_ids_state_of(struct rt_ids_part *part, uint32_t place)
{
    return rt_id_extent_of(part, place)->records ? rt_id_record_state(part, place)
                                                 : lent_state(part, place);
}

static int new_chunk(struct rt_ids_part *part)
{
    if (part->nchunks == part->chunk_cap) {
        uint32_t cap = part->chunk_cap ? part->chunk_cap * 2 : 8;
        char **chunks = rt_realloc(part->chunks, cap, sizeof *chunks);

        if (!chunks)
            return RT_ENOMEM;
        part->chunks = chunks;
        part->chunk_cap = cap;
    }
    part->chunks[part->nchunks] = rt_malloc(RT_ID_CHUNK_BYTES);
    if (!part->chunks[part->nchunks])
        return RT_ENOMEM;
    part->nchunks++;
    part->used = 0;
    return RT_OK;
}

int rt_id_keep_bytes(struct rt_ids_part *part, const char *p, unsigned n, uint64_t *where)
{
    if ((!part->nchunks || part->used + n > RT_ID_CHUNK_BYTES) && new_chunk(part) < 0)
        return RT_ENOMEM;
    memcpy(part->chunks[part->nchunks - 1] + part->used, p, n);
    *where = (uint64_t)(part->nchunks - 1) << RT_ID_CHUNK_BITS | part->used;
    part->used += n;
    part->kept_bytes += n;
    return RT_OK;
}

/* ---- when no id is new any more */

/* States are given back sooner than entries: those of an extent move to its front, and its
 * entries together behind them. */
static void part_records(const struct rt_ids_part *part, struct rt_id_extent *extent)
{
    struct rt_id_entry entries[RT_ID_EXTENT];
    size_t state = part->stride - sizeof *entries;
    char *from = extent->records, *to = extent->records;

    for (uint32_t i = 0; i < RT_ID_EXTENT; i++) {
        memcpy(&entries[i], from, sizeof *entries);
        memmove(to, from + sizeof *entries, state);
        from += part->stride;
        to += state;
    }
    memcpy(to, entries, sizeof entries);
    extent->entries = to;
    extent->step = sizeof *entries;
}

void rt_ids_forget_table(struct rt_ids *ids, bool names_stay)
{
    ids->names_go = !names_stay;
    for (unsigned i = 0; i < RT_ID_SHARDS; i++) {
        struct rt_ids_part *part = &ids->shards[i];

        rt_id_free_buckets(part);
        part->places = rt_ids_places(ids, i);
        for (uint32_t k = 0; names_stay && k < part->nextents; k++)
            if (part->extents[k].records == part->extents[k].entries)
                part_records(part, &part->extents[k]);
    }
    rt_store_trim(ids->store);
}

/* Bytes of an extent that go with its states; 0 as long as ids are found. */
static size_t bytes_that_go(
    const struct rt_ids_part *part, const struct rt_id_extent *extent)
{
    if (extent->records != extent->entries)
        return (size_t)(extent->entries - extent->records);
    return part->whole->names_go ? (size_t)RT_ID_EXTENT * part->stride : 0;
}

void rt_ids_forget_states(struct rt_ids *ids, uint32_t shard, struct rt_spare *spare)
{
    struct rt_ids_part *part = &ids->shards[shard];

    for (uint32_t i = 0; i < part->nextents; i++) {
        struct rt_id_extent *extent = &part->extents[i];
        size_t bytes = extent->records ? bytes_that_go(part, extent) : 0;

        if (bytes == 0)
            continue;
        if (spare)
            rt_spare_add(spare, extent->records, bytes);
        else
            rt_pages_give_back(extent->records, bytes);
        atomic_fetch_sub(&ids->cost_bytes, bytes);
        extent->records = NULL;
        if (ids->names_go)
            extent->entries = NULL;
    }
}

void rt_ids_forget_all_states(struct rt_ids *ids)
{
    for (unsigned i = 0; i < RT_ID_SHARDS; i++)
        rt_ids_forget_states(ids, i, NULL);
}

/* ---- by number */

static struct rt_id_entry *entry_of(const struct rt_ids *ids, uint32_t id)
{
    return rt_id_entry_at(&ids->shards[rt_id_shard(id)], rt_id_place(id));
}

struct rt_span rt_ids_bytes(const struct rt_ids *ids, uint32_t id)
{
    const struct rt_id_entry *e = entry_of(ids, id);
    uint64_t tail = le64toh(e->tail);

    if (rt_id_tail_is_long(tail))
        return (struct rt_span) { rt_id_long_bytes(&ids->shards[rt_id_shard(id)], tail),
            tail >> RT_ID_LENGTH_AT & 1023 };
    return (struct rt_span) { (const char *)e, tail >> RT_ID_SHORT_AT & 15 };
}

uint8_t rt_ids_kind(const struct rt_ids *ids, uint32_t id)
{
    return le64toh(entry_of(ids, id)->tail) >> RT_ID_KIND_AT & 31;
}

void rt_ids_fetch(const struct rt_ids *ids, uint32_t id)
{
    __builtin_prefetch(entry_of(ids, id));
}

void rt_ids_fetch_bytes(const struct rt_ids *ids, uint32_t id)
{
    __builtin_prefetch(rt_ids_bytes(ids, id).p);
}

uint8_t rt_ids_flags(const struct rt_ids *ids, uint32_t id)
{
    return le64toh(entry_of(ids, id)->tail) >> RT_ID_FLAGS_AT & 3;
}

void rt_ids_add_flags(struct rt_ids *ids, uint32_t id, uint8_t flags)
{
    entry_of(ids, id)->tail |= htole64((uint64_t)flags << RT_ID_FLAGS_AT);
}

/* The last extent is open, or full. What comes when the table is forgotten is nobody's. */
uint32_t rt_ids_places(const struct rt_ids *ids, uint32_t shard)
{
    const struct rt_ids_part *part = &ids->shards[shard];
    uint32_t n = part->places;

    for (unsigned sort = 0; sort < RT_ID_SORTS && !part->places; sort++)
        if (part->open[sort].next > n)
            n = part->open[sort].next;
    return n;
}

uint64_t rt_ids_somebody(const struct rt_ids *ids, uint32_t shard, uint32_t word)
{
    const struct rt_ids_part *part = &ids->shards[shard];
    uint32_t first = word * 64, end;
    enum rt_id_sort sort;
    uint64_t bits = UINT64_MAX;

    if (first >= rt_ids_places(ids, shard))
        return 0;
    sort = rt_id_extent_of(part, first)->sort;
    end = part->open[sort].next;
    if (sort == RT_ID_LENT)
        return 0;
    /* The last extent of its sort is filled up to there. */
    if (part->open[sort].end - first <= RT_ID_EXTENT && end < first + 64)
        bits = end > first ? (UINT64_C(1) << (end - first)) - 1 : 0;
    return word ? bits : bits & ~UINT64_C(1);
}

uint64_t rt_ids_count(const struct rt_ids *ids)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < RT_ID_SHARDS; i++)
        n += ids->shards[i].n;
    return n;
}

uint64_t rt_ids_cost_bytes(const struct rt_ids *ids)
{
    return atomic_load(&ids->cost_bytes);
}

/* ---- states */

const uint64_t *rt_ids_state(const struct rt_ids *ids, uint32_t id)
{
    const struct rt_ids_part *part = &ids->shards[rt_id_shard(id)];
    uint32_t place = rt_id_place(id), at = place & (RT_ID_EXTENT - 1);
    const struct rt_id_extent *extent;

    if (place >> RT_ID_EXTENT_BITS >= part->nextents)
        return NULL;
    extent = rt_id_extent_of(part, place);
    if (!extent->records) {
        place = extent->lent ? extent->lent[at] : 0;
        extent = rt_id_extent_of(part, place);
    }
    return place && extent->records ? rt_id_record_state(part, place) : NULL;
}
