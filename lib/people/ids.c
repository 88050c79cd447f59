/*
 * Open addressing, linear probing. A slot holds 32 bits of the hash beside the place, so a
 * probe seldom touches an entry that is not the one, and growing needs no second look at
 * the bytes. An entry is one word:
 *
 *     63      58 57       48 47  43 42                0
 *     | flags.. | length    | kind | where in the bytes |
 *
 * Bytes lie in chunks of 256 KiB that never move.
 */
#include "people/ids.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/alloc.h"

enum { CHUNK_BITS = 18, CHUNK_BYTES = 1 << CHUNK_BITS, FIRST_SLOTS = 256 };

struct shard {
    pthread_mutex_t lock;
    uint64_t *slots; /* hash tag << 32 | place + 1; 0: free */
    uint64_t nslots; /* a power of two */
    uint64_t *entries;
    uint8_t *flags;
    uint32_t n, cap;
    char **chunks;
    uint32_t nchunks, chunk_cap;
    uint32_t used; /* bytes of the last chunk */
} __attribute__((aligned(64)));

struct rt_ids {
    struct shard shards[RT_ID_SHARDS];
    _Atomic uint64_t cost_bytes;
};

static uint64_t entry_at(uint64_t entry)
{
    return entry & ((UINT64_C(1) << 43) - 1);
}

static unsigned entry_kind(uint64_t entry)
{
    return entry >> 43 & 31;
}

static unsigned entry_n(uint64_t entry)
{
    return entry >> 48 & 1023;
}

static const char *entry_bytes(const struct shard *s, uint64_t entry)
{
    uint64_t at = entry_at(entry);

    return s->chunks[at >> CHUNK_BITS] + (at & (CHUNK_BYTES - 1));
}

int rt_ids_new(struct rt_ids **out)
{
    struct rt_ids *ids = rt_pages_new(sizeof *ids);

    if (!ids)
        return RT_ENOMEM;
    for (unsigned i = 0; i < RT_ID_SHARDS; i++)
        pthread_mutex_init(&ids->shards[i].lock, NULL);
    *out = ids;
    return RT_OK;
}

void rt_ids_free(struct rt_ids *ids)
{
    if (!ids)
        return;
    for (unsigned i = 0; i < RT_ID_SHARDS; i++) {
        struct shard *s = &ids->shards[i];

        for (uint32_t k = 0; k < s->nchunks; k++)
            rt_free(s->chunks[k]);
        rt_free(s->chunks);
        rt_free(s->entries);
        rt_free(s->flags);
        rt_pages_free(s->slots, s->nslots * sizeof *s->slots);
        pthread_mutex_destroy(&s->lock);
    }
    rt_pages_free(ids, sizeof *ids);
}

static int grow_slots(struct rt_ids *ids, struct shard *s)
{
    uint64_t n = s->nslots ? s->nslots * 2 : FIRST_SLOTS;
    uint64_t *slots = rt_pages_new(n * sizeof *slots);

    if (!slots)
        return RT_ENOMEM;
    for (uint64_t i = 0; i < s->nslots; i++) {
        uint64_t at = s->slots[i] >> 32;

        if (!s->slots[i])
            continue;
        while (slots[at &= n - 1])
            at++;
        slots[at] = s->slots[i];
    }
    atomic_fetch_add(&ids->cost_bytes, (n - s->nslots) * sizeof *slots);
    rt_pages_free(s->slots, s->nslots * sizeof *slots);
    s->slots = slots;
    s->nslots = n;
    return RT_OK;
}

static int grow_entries(struct rt_ids *ids, struct shard *s)
{
    uint32_t cap = s->cap ? s->cap + s->cap / 2 : 64;
    uint64_t *entries;
    uint8_t *flags;

    if (s->n == RT_ID_PLACES_MAX)
        return RT_ELIMIT;
    entries = rt_realloc(s->entries, cap, sizeof *entries);
    if (!entries)
        return RT_ENOMEM;
    s->entries = entries;
    flags = rt_realloc(s->flags, cap, sizeof *flags);
    if (!flags)
        return RT_ENOMEM;
    s->flags = flags;
    atomic_fetch_add(&ids->cost_bytes, (uint64_t)(cap - s->cap) * 9);
    s->cap = cap;
    return RT_OK;
}

static int keep_bytes(
    struct rt_ids *ids, struct shard *s, const char *p, unsigned n, uint64_t *at)
{
    if (!s->nchunks || s->used + n > CHUNK_BYTES) {
        if (s->nchunks == s->chunk_cap) {
            uint32_t cap = s->chunk_cap ? s->chunk_cap * 2 : 8;
            char **chunks = rt_realloc(s->chunks, cap, sizeof *chunks);

            if (!chunks)
                return RT_ENOMEM;
            s->chunks = chunks;
            s->chunk_cap = cap;
        }
        s->chunks[s->nchunks] = rt_malloc(CHUNK_BYTES);
        if (!s->chunks[s->nchunks])
            return RT_ENOMEM;
        s->nchunks++;
        s->used = 0;
    }
    memcpy(s->chunks[s->nchunks - 1] + s->used, p, n);
    *at = (uint64_t)(s->nchunks - 1) << CHUNK_BITS | s->used;
    s->used += n;
    atomic_fetch_add_explicit(&ids->cost_bytes, n, memory_order_relaxed);
    return RT_OK;
}

/* The slot that holds the id, or the free one where it belongs. */
static uint64_t probe(
    const struct shard *s, uint64_t hash, const char *p, unsigned n, unsigned kind)
{
    uint64_t tag = hash & UINT32_MAX, at = tag;

    for (;; at++) {
        uint64_t slot = s->slots[at &= s->nslots - 1], entry;

        if (!slot)
            return at;
        if (slot >> 32 != tag)
            continue;
        entry = s->entries[(uint32_t)slot - 1];
        if (entry_n(entry) == n && entry_kind(entry) == kind
            && rt_span_eq(
                (struct rt_span) { entry_bytes(s, entry), n }, (struct rt_span) { p, n }))
            return at;
    }
}

static int intern(struct rt_ids *ids, struct shard *s, uint32_t shard, struct rt_ref *ref)
{
    uint64_t at, slot, where;
    int rc;

    if (((uint64_t)s->n + 1) * 10 > s->nslots * 7 && (rc = grow_slots(ids, s)) < 0)
        return rc;
    at = probe(s, ref->hash, ref->p, ref->n, ref->kind);
    slot = s->slots[at];
    if (!slot) {
        if (s->n == s->cap && (rc = grow_entries(ids, s)) < 0)
            return rc;
        rc = keep_bytes(ids, s, ref->p, ref->n, &where);
        if (rc < 0)
            return rc;
        s->entries[s->n] = (uint64_t)ref->n << 48 | (uint64_t)ref->kind << 43 | where;
        s->flags[s->n] = 0;
        slot = s->slots[at] = (ref->hash & UINT32_MAX) << 32 | ++s->n;
    }
    s->flags[(uint32_t)slot - 1] |= ref->flags;
    ref->id = rt_id_of(shard, (uint32_t)slot - 1);
    return RT_OK;
}

/* A look-up touches a slot, an entry and the entry's bytes, each likely out of the cache
 * and each known by the one before: they are fetched ahead in three steps. */
enum { SLOT_AHEAD = 12, ENTRY_AHEAD = 8, BYTES_AHEAD = 4 };

static void fetch_ahead(const struct shard *s, const struct rt_ref *refs,
    const uint32_t *order, uint32_t i, uint32_t n)
{
    uint64_t mask = s->nslots - 1, slot;

    if (i + SLOT_AHEAD < n)
        __builtin_prefetch(
            &s->slots[refs[order[i + SLOT_AHEAD]].hash & UINT32_MAX & mask]);
    if (i + ENTRY_AHEAD < n
        && (slot = s->slots[refs[order[i + ENTRY_AHEAD]].hash & UINT32_MAX & mask]))
        __builtin_prefetch(&s->entries[(uint32_t)slot - 1]);
    if (i + BYTES_AHEAD < n
        && (slot = s->slots[refs[order[i + BYTES_AHEAD]].hash & UINT32_MAX & mask]))
        __builtin_prefetch(entry_bytes(s, s->entries[(uint32_t)slot - 1]));
}

int rt_ids_intern(struct rt_ids *ids, uint32_t shard, struct rt_ref *refs,
    const uint32_t *order, uint32_t n)
{
    struct shard *s = &ids->shards[shard];
    int rc = RT_OK;

    pthread_mutex_lock(&s->lock);
    for (uint32_t i = 0; i < n && rc == RT_OK; i++) {
        if (s->nslots)
            fetch_ahead(s, refs, order, i, n);
        rc = intern(ids, s, shard, &refs[order[i]]);
    }
    pthread_mutex_unlock(&s->lock);
    return rc;
}

uint32_t rt_ids_find(const struct rt_ids *ids, struct rt_span bytes, uint8_t kind)
{
    uint64_t hash = rt_ref_hash(bytes, kind), slot;
    uint32_t shard = rt_ref_shard(hash);
    const struct shard *s = &ids->shards[shard];

    if (!s->nslots || bytes.n > RT_ID_BYTES_MAX)
        return UINT32_MAX;
    slot = s->slots[probe(s, hash, bytes.p, (unsigned)bytes.n, kind)];
    return slot ? rt_id_of(shard, (uint32_t)slot - 1) : UINT32_MAX;
}

static uint64_t entry_of(const struct rt_ids *ids, uint32_t id)
{
    return ids->shards[rt_id_shard(id)].entries[rt_id_place(id)];
}

struct rt_span rt_ids_bytes(const struct rt_ids *ids, uint32_t id)
{
    uint64_t entry = entry_of(ids, id);

    return (struct rt_span) { entry_bytes(&ids->shards[rt_id_shard(id)], entry),
        entry_n(entry) };
}

uint8_t rt_ids_kind(const struct rt_ids *ids, uint32_t id)
{
    return (uint8_t)entry_kind(entry_of(ids, id));
}

uint8_t rt_ids_flags(const struct rt_ids *ids, uint32_t id)
{
    return ids->shards[rt_id_shard(id)].flags[rt_id_place(id)];
}

void rt_ids_add_flags(struct rt_ids *ids, uint32_t id, uint8_t flags)
{
    ids->shards[rt_id_shard(id)].flags[rt_id_place(id)] |= flags;
}

uint32_t rt_ids_places(const struct rt_ids *ids, uint32_t shard)
{
    return ids->shards[shard].n;
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
