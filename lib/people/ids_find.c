/*
 * Ids by their bytes. The table is an array of buckets, each a line of the cache: 12 tags
 * of eight bits, compared at once, and 12 places. An id is in the bucket that its hash
 * names, or where that one is full in one of the next. Growing by half keeps it at 7 to 10
 * bytes an id once there are many; few grow faster. It works hashes out again, entry by entry in their order.
 */
#include "base/alloc.h"
#include "people/ids_int.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    FIRST_BUCKETS = 48,
    FEW_GROW_BY = 4,
    MANY_BUCKETS = FIRST_BUCKETS * FEW_GROW_BY * FEW_GROW_BY, /* 768 */
    TAG_AT = 40                                               /* of the hash */
};

static uint64_t entry_hash(const struct rt_id_entry *e)
{
    uint64_t head = le64toh(e->head), tail = le64toh(e->tail);

    return rt_id_tail_is_long(tail) ? head : rt_ref_mix(head, tail & ~RT_ID_FLAGS);
}

static inline uint8_t tag_of(uint64_t hash)
{
    uint8_t tag = (uint8_t)(hash >> TAG_AT);

    return tag ? tag : 1;
}

/* By the lower half of the hash: the shard is in the upper one. */
static inline uint32_t bucket_of(const struct rt_ids_part *part, uint64_t hash)
{
    return (uint32_t)((hash & UINT32_MAX) * part->nbuckets >> 32);
}

/* The tags of a bucket that equal this one, as bits. */
#ifdef __SSE2__
static inline uint32_t tags_like(const struct rt_id_bucket *bucket, uint8_t tag)
{
    __m128i tags = _mm_loadu_si128((const __m128i *)(const void *)bucket);
    __m128i like = _mm_cmpeq_epi8(tags, _mm_set1_epi8((char)tag));

    return (uint32_t)_mm_movemask_epi8(like) & ((1u << RT_ID_BUCKET) - 1);
}
#else
static inline uint32_t tags_like(const struct rt_id_bucket *bucket, uint8_t tag)
{
    uint32_t like = 0;

    for (uint32_t i = 0; i < RT_ID_BUCKET; i++)
        like |= (uint32_t)(bucket->tags[i] == tag) << i;
    return like;
}
#endif

/* ---- growing */

void rt_id_free_buckets(struct rt_ids_part *part)
{
    size_t bytes = part->nbuckets * sizeof *part->buckets;

    rt_pages_free(part->buckets, bytes);
    atomic_fetch_sub(&part->whole->cost_bytes, bytes);
    part->buckets = NULL;
    part->nbuckets = part->fill = 0;
}

static void put(struct rt_ids_part *part, uint64_t hash, uint32_t place)
{
    struct rt_id_bucket *end = part->buckets + part->nbuckets,
                        *b = part->buckets + bucket_of(part, hash);
    uint32_t free, at;

    while (!(free = tags_like(b, 0)))
        b = b + 1 < end ? b + 1 : part->buckets;
    at = (uint32_t)__builtin_ctz(free);
    b->tags[at] = tag_of(hash);
    b->places[at] = place;
}

static void put_all(struct rt_ids_part *part)
{
    for (uint32_t k = 0; k < part->nextents; k++) {
        uint32_t first = k << RT_ID_EXTENT_BITS;

        for (uint32_t place = first; place < first + RT_ID_EXTENT; place++) {
            const struct rt_id_entry *e = rt_id_entry_at(part, place);

            if (e->tail)
                put(part, entry_hash(e), place);
        }
    }
}

static uint32_t more_buckets(uint32_t n)
{
    if (n == 0)
        return FIRST_BUCKETS;
    return n < MANY_BUCKETS ? n * FEW_GROW_BY : n / 2 * 3;
}

static int grow_buckets(struct rt_ids_part *part)
{
    uint32_t n = more_buckets(part->nbuckets);
    struct rt_id_bucket *buckets;

    buckets = rt_pages_new(n * sizeof *buckets);
    if (!buckets)
        return RT_ENOMEM;
    rt_id_free_buckets(part); /* first: less at a time */
    atomic_fetch_add(&part->whole->cost_bytes, n * sizeof *buckets);
    part->buckets = buckets;
    part->nbuckets = n;
    part->fill = n * RT_ID_BUCKET / 5 * 4;
    put_all(part);
    return RT_OK;
}

/* ---- one id, by all means */

static bool same_id(
    const struct rt_ids_part *part, const struct rt_id_entry *e, const struct rt_ref *ref)
{
    struct rt_span bytes;

    if (!rt_ref_is_long(ref))
        return e->head == ref->head && !((e->tail ^ ref->tail) & ~htole64(RT_ID_FLAGS));
    if (e->head != htole64(ref->hash)
        || ((e->tail ^ ref->tail) & ~htole64(RT_ID_FLAGS | RT_ID_WHERE)))
        return false;
    bytes = rt_ref_bytes(ref);
    return memcmp(rt_id_long_bytes(part, le64toh(e->tail)), bytes.p, bytes.n) == 0;
}

/* The place of an id, or 0. */
static uint32_t find(const struct rt_ids_part *part, const struct rt_ref *ref)
{
    const struct rt_id_bucket *end = part->buckets + part->nbuckets,
                              *b = part->buckets + bucket_of(part, ref->hash);

    for (;;) {
        uint32_t like = tags_like(b, tag_of(ref->hash));

        for (; like; like &= like - 1) {
            uint32_t place = b->places[__builtin_ctz(like)];

            if (same_id(part, rt_id_entry_at(part, place), ref))
                return place;
        }
        if (tags_like(b, 0))
            return 0;
        b = b + 1 < end ? b + 1 : part->buckets;
    }
}

static int add(struct rt_ids_part *part, const struct rt_ref *ref, enum rt_id_sort sort,
    uint32_t *place)
{
    struct rt_id_entry entry = { ref->head, ref->tail };
    int rc;

    if (part->n == RT_ID_PLACES_MAX - 3 * RT_ID_EXTENT)
        return RT_ELIMIT;
    if (part->n == part->fill && (rc = grow_buckets(part)) < 0)
        return rc;
    if (rt_ref_is_long(ref)) {
        struct rt_span bytes = rt_ref_bytes(ref);
        uint64_t where;

        rc = rt_id_keep_bytes(part, bytes.p, (unsigned)bytes.n, &where);
        if (rc < 0)
            return rc;
        entry = (struct rt_id_entry) { htole64(ref->hash), ref->tail | htole64(where) };
    }
    *place = rt_id_new_place(part, sort);
    if (!*place)
        return RT_ENOMEM;
    *rt_id_entry_at(part, *place) = entry;
    put(part, ref->hash, *place);
    part->n++;
    return RT_OK;
}

/* state: NULL, or the id's is wanted. */
static __attribute__((noinline)) int take_any(
    struct rt_ids_part *part, uint32_t shard, struct rt_ref *ref, uint64_t **state)
{
    uint64_t flags = ref->tail & htole64(RT_ID_FLAGS);
    uint32_t place = find(part, ref);
    struct rt_id_entry *e;
    int rc;

    if (!place && (rc = add(part, ref, state ? RT_ID_RECORD : RT_ID_BARE, &place)) < 0)
        return rc;
    e = rt_id_entry_at(part, place);
    if (flags & ~e->tail)
        e->tail |= flags;
    ref->id = rt_id_of(shard, place);
    if (state)
        *state = rt_ids_state_of(part, place);
    return state && !*state ? RT_ENOMEM : RT_OK;
}

/* ---- a group of ids */

static int make_ready(struct rt_ids_part *part)
{
    if (!part->nextents) /* place 0 */
        rt_id_new_place(part, RT_ID_BARE);
    if (!part->nextents)
        return RT_ENOMEM;
    return part->nbuckets ? RT_OK : grow_buckets(part);
}

void rt_ids_expect(const struct rt_ids_part *part, const struct rt_ids_group *group)
{
    for (uint32_t i = 0; i < group->n; i++)
        __builtin_prefetch(&part->buckets[bucket_of(part, group->refs[i]->hash)]);
}

/* Whether it is this id, and has its flags. */
static inline bool is_at_once(
    const struct rt_ids_part *part, const struct rt_id_entry *e, const struct rt_ref *ref)
{
    if (rt_ref_is_long(ref))
        return same_id(part, e, ref) && !(ref->tail & ~e->tail & htole64(RT_ID_FLAGS));
    return e->head == ref->head
        && ((e->tail ^ ref->tail) & ~(e->tail & htole64(RT_ID_FLAGS))) == 0;
}

static inline bool folds(const struct rt_ids_part *part, const struct rt_ref *ref)
{
    return part->stride && ref->folds != RT_ID_NO_FOLD;
}

/* Where the tag is not in the id's own bucket: the place by its tag in the next ones, or a
 * new one. Of new ids most come several times in a group: they are added here, before the
 * others look. */
static __attribute__((noinline)) int guess_further(
    struct rt_ids_part *part, const struct rt_ref *ref, uint32_t *place)
{
    const struct rt_id_bucket *end = part->buckets + part->nbuckets,
                              *b = part->buckets + bucket_of(part, ref->hash);

    while (!tags_like(b, 0)) {
        uint32_t like;

        b = b + 1 < end ? b + 1 : part->buckets;
        like = tags_like(b, tag_of(ref->hash));
        if (like) {
            *place = b->places[__builtin_ctz(like)];
            return RT_OK;
        }
    }
    return add(part, ref, folds(part, ref) ? RT_ID_RECORD : RT_ID_BARE, place);
}

static inline struct rt_id_guess guess_at(const struct rt_ids_part *part, uint32_t place)
{
    return (struct rt_id_guess) { rt_id_entry_at(part, place), place,
        rt_id_extent_of(part, place)->records != NULL };
}

/* By their tags, which are right for most; their records are fetched. */
int rt_ids_guess(struct rt_ids_part *part, struct rt_ids_group *group)
{
    int rc = part->nbuckets ? RT_OK : make_ready(part);
    bool longer = false;

    for (uint32_t i = 0; i < group->n && rc == RT_OK; i++) {
        const struct rt_ref *ref = group->refs[i];
        const struct rt_id_bucket *b = &part->buckets[bucket_of(part, ref->hash)];
        uint32_t like = tags_like(b, tag_of(ref->hash)), place = 0;
        struct rt_id_guess guess;

        if (like)
            place = b->places[__builtin_ctz(like)];
        else
            rc = guess_further(part, ref, &place);
        guess = guess_at(part, place);
        longer |= rt_ref_is_long(ref);
        __builtin_prefetch(guess.entry, 1);
        if (part->stride % 64)
            __builtin_prefetch((char *)guess.entry + part->stride - 1, 1);
        group->guesses[i] = guess;
    }
    group->longer = longer;
    return rc;
}

void rt_ids_approach(const struct rt_ids_part *part, const struct rt_ids_group *group)
{
    if (!group->longer)
        return;
    for (uint32_t i = 0; i < group->n; i++) {
        uint64_t tail = le64toh(group->guesses[i].entry->tail);

        if (rt_id_tail_is_long(tail))
            __builtin_prefetch(rt_id_long_bytes(part, tail));
    }
}

int rt_ids_take(struct rt_ids_part *part, uint32_t shard, struct rt_ids_group *group)
{
    int rc = RT_OK;

    for (uint32_t i = 0; i < group->n && rc == RT_OK; i++) {
        const struct rt_id_guess *g = &group->guesses[i];
        struct rt_ref *ref = group->refs[i];
        bool wanted = folds(part, ref);

        group->states[i] = NULL;
        if (is_at_once(part, g->entry, ref) && g->record >= wanted) {
            ref->id = rt_id_of(shard, g->place);
            group->states[i] = wanted ? (uint64_t *)(g->entry + 1) : NULL;
        } else {
            rc = take_any(part, shard, ref, wanted ? &group->states[i] : NULL);
        }
    }
    return rc;
}

struct rt_ids_part *rt_ids_lock(struct rt_ids *ids, uint32_t shard)
{
    pthread_mutex_lock(&ids->shards[shard].lock);
    return &ids->shards[shard];
}

/* Bytes are counted here: an atomic sum for each id would wait for all that it stores. */
void rt_ids_unlock(struct rt_ids_part *part)
{
    if (part->kept_bytes)
        atomic_fetch_add_explicit(
            &part->whole->cost_bytes, part->kept_bytes, memory_order_relaxed);
    part->kept_bytes = 0;
    pthread_mutex_unlock(&part->lock);
}

int rt_ids_intern(struct rt_ids *ids, struct rt_ref *ref)
{
    struct rt_ids_part *part = rt_ids_lock(ids, rt_ref_shard(ref));
    struct rt_ids_group one = { .n = 1, .refs = { ref } };
    int rc = rt_ids_guess(part, &one);

    if (rc == RT_OK)
        rc = rt_ids_take(part, rt_ref_shard(ref), &one);
    rt_ids_unlock(part);
    return rc;
}

uint32_t rt_ids_find(const struct rt_ids *ids, struct rt_span bytes, uint8_t kind)
{
    const struct rt_ids_part *part;
    struct rt_ref ref;
    uint32_t place;

    if (bytes.n > RT_ID_BYTES_MAX)
        return UINT32_MAX;
    ref = rt_ref_of(bytes, kind, 0, 0);
    part = &ids->shards[rt_ref_shard(&ref)];
    place = part->nbuckets ? find(part, &ref) : 0;
    return place ? rt_id_of(rt_ref_shard(&ref), place) : UINT32_MAX;
}
