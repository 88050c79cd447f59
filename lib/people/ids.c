/*
 * Open addressing, linear probing. A slot is four bytes: the place, and six bits of the hash
 * that keep a probe from touching an entry that is not the one, 63 times of 64. An entry is
 * two words, those of struct rt_ref:
 *
 *     a short id    its first eight bytes     flags, length, kind, its other bytes
 *     a long id     its hash                  flags, 15, kind, length, where its bytes are
 *
 * so a short id is found by two loads that depend on each other, slot and entry, where one
 * with its bytes apart takes three. Growing works the hashes out again, entry by entry in
 * their order. The bytes of long ids lie in chunks of 256 KiB that never move.
 */
#include "people/ids.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/extents.h"

enum {
    CHUNK_BITS = 18,
    CHUNK_BYTES = 1 << CHUNK_BITS,
    FIRST_SLOTS = 1024,
    ENTRIES_BITS = 9,   /* of an extent */
    ENTRIES_STEP = 256, /* room is counted in steps of a page */
    PLACE_BITS = 26,
    TAG_AT = 52 /* of the hash: the shard is above, the slot is found by what is below */
};

struct entry {
    uint64_t head, tail; /* lowest byte first */
};

struct shard {
    pthread_mutex_t lock;
    uint32_t *slots; /* hash tag << 26 | place + 1; 0: free */
    uint64_t nslots; /* a power of two */
    uint32_t fill;   /* ids that they take: 7 of 10 */
    struct rt_extents entries;
    uint32_t n, cap;
    char **chunks;
    uint32_t nchunks, chunk_cap;
    uint32_t used; /* bytes of the last chunk */
} __attribute__((aligned(64)));

struct rt_ids {
    struct rt_store *store;
    struct shard shards[RT_ID_SHARDS];
    _Atomic uint64_t cost_bytes;
};

#define FLAGS (UINT64_C(3) << RT_ID_FLAGS_AT)
#define WHERE ((UINT64_C(1) << RT_ID_LENGTH_AT) - 1)

static bool is_long(uint64_t tail)
{
    return (tail >> RT_ID_SHORT_AT & 15) == RT_ID_LONG;
}

static inline struct entry *entry_at(const struct shard *s, uint32_t place)
{
    struct entry *entries = s->entries.at[place >> ENTRIES_BITS];

    return &entries[place & ((1u << ENTRIES_BITS) - 1)];
}

static uint64_t entry_hash(const struct entry *e)
{
    uint64_t head = le64toh(e->head), tail = le64toh(e->tail);

    return is_long(tail) ? head : rt_ref_mix(head, tail & ~FLAGS);
}

static const char *long_bytes(const struct shard *s, uint64_t tail)
{
    uint64_t at = tail & WHERE;

    return s->chunks[at >> CHUNK_BITS] + (at & (CHUNK_BYTES - 1));
}

static uint32_t slot_of(uint64_t hash, uint32_t place)
{
    return (uint32_t)(hash >> TAG_AT & 63) << PLACE_BITS | (place + 1);
}

static uint32_t slot_place(uint32_t slot)
{
    return (slot & ((1u << PLACE_BITS) - 1)) - 1;
}

int rt_ids_new(struct rt_ids **out)
{
    struct rt_ids *ids = rt_pages_new(sizeof *ids);

    if (!ids)
        return RT_ENOMEM;
    if (rt_store_new(&ids->store) < 0) {
        rt_pages_free(ids, sizeof *ids);
        return RT_ENOMEM;
    }
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
        rt_extents_free(&s->entries);
        rt_pages_free(s->slots, s->nslots * sizeof *s->slots);
        pthread_mutex_destroy(&s->lock);
    }
    rt_store_free(ids->store);
    rt_pages_free(ids, sizeof *ids);
}

static int grow_slots(struct rt_ids *ids, struct shard *s)
{
    uint64_t n = s->nslots ? s->nslots * 2 : FIRST_SLOTS;
    uint32_t *slots = rt_pages_new(n * sizeof *slots);

    if (!slots)
        return RT_ENOMEM;
    rt_pages_free(s->slots, s->nslots * sizeof *s->slots); /* first: less at a time */
    atomic_fetch_add(&ids->cost_bytes, (n - s->nslots) * sizeof *slots);
    rt_pages_touch(slots, n * sizeof *slots);
    s->slots = slots;
    s->nslots = n;
    s->fill = (uint32_t)(n / 10 * 7);
    for (uint32_t place = 0; place < s->n; place++) {
        uint64_t hash = entry_hash(entry_at(s, place)), at = hash;

        while (slots[at &= n - 1])
            at++;
        slots[at] = slot_of(hash, place);
    }
    return RT_OK;
}

static int grow_entries(struct rt_ids *ids, struct shard *s)
{
    enum { EXTENT = 1 << ENTRIES_BITS };

    if (s->cap % EXTENT == 0
        && rt_extents_add(&s->entries, ids->store, EXTENT * sizeof(struct entry)) < 0)
        return RT_ENOMEM;
    s->cap += ENTRIES_STEP;
    atomic_fetch_add(&ids->cost_bytes, ENTRIES_STEP * sizeof(struct entry));
    return RT_OK;
}

static int new_chunk(struct shard *s)
{
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
    return RT_OK;
}

static int keep_bytes(
    struct rt_ids *ids, struct shard *s, const char *p, unsigned n, uint64_t *at)
{
    if ((!s->nchunks || s->used + n > CHUNK_BYTES) && new_chunk(s) < 0)
        return RT_ENOMEM;
    memcpy(s->chunks[s->nchunks - 1] + s->used, p, n);
    *at = (uint64_t)(s->nchunks - 1) << CHUNK_BITS | s->used;
    s->used += n;
    atomic_fetch_add_explicit(&ids->cost_bytes, n, memory_order_relaxed);
    return RT_OK;
}

static bool same_bytes(
    const struct shard *s, const struct entry *e, const struct rt_ref *ref)
{
    struct rt_span bytes = rt_ref_bytes(ref);

    return memcmp(long_bytes(s, le64toh(e->tail)), bytes.p, bytes.n) == 0;
}

/* The slot that holds the id, or the free one where it belongs. */
static inline uint64_t probe(const struct shard *s, const struct rt_ref *ref)
{
    bool longer = rt_ref_is_long(ref);
    uint64_t head = longer ? htole64(ref->hash) : ref->head, tail = ref->tail,
             care = ~htole64(longer ? FLAGS | WHERE : FLAGS), mask = s->nslots - 1;
    uint32_t tag = ref->hash >> TAG_AT & 63;

    for (uint64_t at = ref->hash & mask;; at = (at + 1) & mask) {
        uint32_t slot = s->slots[at];
        const struct entry *e;

        if (slot >> PLACE_BITS != tag) {
            if (slot)
                continue;
            return at;
        }
        if (!slot)
            return at;
        e = entry_at(s, slot_place(slot));
        if (((e->head ^ head) | ((e->tail ^ tail) & care)) == 0
            && (!longer || same_bytes(s, e, ref)))
            return at;
    }
}

/* A new id: its entry, and the slot at this place in the table. */
static int add(struct rt_ids *ids, struct shard *s, uint64_t at, const struct rt_ref *ref)
{
    struct entry entry = { ref->head, ref->tail };
    int rc;

    if (s->n == RT_ID_PLACES_MAX)
        return RT_ELIMIT;
    if (s->n == s->cap && (rc = grow_entries(ids, s)) < 0)
        return rc;
    if (rt_ref_is_long(ref)) {
        struct rt_span bytes = rt_ref_bytes(ref);
        uint64_t where;

        rc = keep_bytes(ids, s, bytes.p, (unsigned)bytes.n, &where);
        if (rc < 0)
            return rc;
        entry = (struct entry) { htole64(ref->hash), ref->tail | htole64(where) };
    }
    *entry_at(s, s->n) = entry;
    s->slots[at] = slot_of(ref->hash, s->n);
    s->n++;
    return RT_OK;
}

static __attribute__((noinline)) int intern(
    struct rt_ids *ids, struct shard *s, uint32_t shard, struct rt_ref *ref)
{
    uint64_t at, more;
    struct entry *e;
    uint32_t place;
    int rc;

    if (s->n == s->fill && (rc = grow_slots(ids, s)) < 0)
        return rc;
    at = probe(s, ref);
    if (!s->slots[at] && (rc = add(ids, s, at, ref)) < 0)
        return rc;
    place = slot_place(s->slots[at]);
    more = ref->tail & htole64(FLAGS);
    e = entry_at(s, place);
    if (more & ~e->tail)
        e->tail |= more;
    ref->id = rt_id_of(shard, place);
    return RT_OK;
}

/* Most look-ups end here: the id is short and in the first slot, and has its flags. */
static inline bool numbered_at_once(
    const struct shard *s, uint32_t shard, struct rt_ref *ref)
{
    uint32_t slot = s->slots[ref->hash & (s->nslots - 1)];
    const struct entry *e;

    if (!slot || slot >> PLACE_BITS != (ref->hash >> TAG_AT & 63))
        return false;
    e = entry_at(s, slot_place(slot));
    if (e->head != ref->head
        || ((e->tail ^ ref->tail) & ~(e->tail & htole64(FLAGS))) != 0)
        return false;
    ref->id = rt_id_of(shard, slot_place(slot));
    return true;
}

/*
 * A look-up touches a slot, an entry and a long id's bytes, each likely out of the cache
 * and each known by the one before. Ids are looked up in groups, whose slots are fetched in
 * one walk, whose entries in the next: the misses of a group overlap. (Always inline: left
 * to itself gcc takes a function that only fetches for one that does nothing.)
 */
enum { LOOK_UPS_TOGETHER = 64 };

__attribute__((always_inline)) static inline void fetch_slots(
    const struct shard *s, const struct rt_ref *refs, const uint32_t *order, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        __builtin_prefetch(&s->slots[refs[order[i]].hash & (s->nslots - 1)]);
}

/* Whether one of the ids is long. */
__attribute__((always_inline)) static inline bool fetch_entries(
    const struct shard *s, const struct rt_ref *refs, const uint32_t *order, uint32_t n)
{
    bool longer = false;

    for (uint32_t i = 0; i < n; i++) {
        const struct rt_ref *ref = &refs[order[i]];

        uint32_t slot = s->slots[ref->hash & (s->nslots - 1)];

        longer |= rt_ref_is_long(ref);
        __builtin_prefetch(entry_at(s, slot ? slot_place(slot) : 0));
    }
    return longer;
}

__attribute__((always_inline)) static inline void fetch_bytes(
    const struct shard *s, const struct rt_ref *refs, const uint32_t *order, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct rt_ref *ref = &refs[order[i]];
        uint32_t slot = s->slots[ref->hash & (s->nslots - 1)];
        uint64_t tail;

        if (!rt_ref_is_long(ref) || !slot)
            continue;
        tail = le64toh(entry_at(s, slot_place(slot))->tail);
        if (is_long(tail))
            __builtin_prefetch(long_bytes(s, tail));
    }
}

static int intern_group(struct rt_ids *ids, struct shard *s, uint32_t shard,
    struct rt_ref *refs, const uint32_t *order, uint32_t n)
{
    int rc = RT_OK;

    fetch_slots(s, refs, order, n);
    if (fetch_entries(s, refs, order, n))
        fetch_bytes(s, refs, order, n);
    for (uint32_t i = 0; i < n && rc == RT_OK; i++)
        if (!numbered_at_once(s, shard, &refs[order[i]]))
            rc = intern(ids, s, shard, &refs[order[i]]);
    return rc;
}

int rt_ids_intern(struct rt_ids *ids, uint32_t shard, struct rt_ref *refs,
    const uint32_t *order, uint32_t n)
{
    struct shard *s = &ids->shards[shard];
    int rc = RT_OK;

    pthread_mutex_lock(&s->lock);
    if (!s->cap)
        rc = grow_entries(ids, s);
    if (!s->nslots && rc == RT_OK)
        rc = grow_slots(ids, s);
    for (uint32_t i = 0; i < n && rc == RT_OK; i += LOOK_UPS_TOGETHER) {
        uint32_t left = n - i;

        rc = intern_group(ids, s, shard, refs, order + i,
            left < LOOK_UPS_TOGETHER ? left : LOOK_UPS_TOGETHER);
    }
    pthread_mutex_unlock(&s->lock);
    return rc;
}

uint32_t rt_ids_find(const struct rt_ids *ids, struct rt_span bytes, uint8_t kind)
{
    const struct shard *s;
    struct rt_ref ref;
    uint32_t slot;

    if (bytes.n > RT_ID_BYTES_MAX)
        return UINT32_MAX;
    ref = rt_ref_of(bytes, kind, 0, 0);
    s = &ids->shards[rt_ref_shard(&ref)];
    slot = s->nslots ? s->slots[probe(s, &ref)] : 0;
    return slot ? rt_id_of(rt_ref_shard(&ref), slot_place(slot)) : UINT32_MAX;
}

void rt_ids_forget_table(struct rt_ids *ids)
{
    for (unsigned i = 0; i < RT_ID_SHARDS; i++) {
        struct shard *s = &ids->shards[i];

        rt_pages_free(s->slots, s->nslots * sizeof *s->slots);
        atomic_fetch_sub(&ids->cost_bytes, s->nslots * sizeof *s->slots);
        s->slots = NULL;
        s->nslots = s->fill = 0;
    }
    rt_store_trim(ids->store);
}

static struct entry *entry_of(const struct rt_ids *ids, uint32_t id)
{
    return entry_at(&ids->shards[rt_id_shard(id)], rt_id_place(id));
}

struct rt_span rt_ids_bytes(const struct rt_ids *ids, uint32_t id)
{
    const struct entry *e = entry_of(ids, id);
    uint64_t tail = le64toh(e->tail);

    if (is_long(tail))
        return (struct rt_span) { long_bytes(&ids->shards[rt_id_shard(id)], tail),
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

void rt_ids_prefetch(const struct rt_ids *ids, uint32_t id)
{
    __builtin_prefetch(entry_of(ids, id));
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
