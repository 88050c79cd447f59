/*
 * Shared by the two halves of the table of ids: where ids and states lie by number (ids.c),
 * and how an id is found by its bytes (ids_find.c).
 *
 * An entry is two words, those of struct rt_ref:
 *
 *     a short id    its first eight bytes     flags, length, kind, its other bytes
 *     a long id     its hash                  flags, 15, kind, length, where its bytes are
 *
 * The bytes of long ids lie in chunks of 256 KiB that never move. Entries lie in extents of
 * 256 places that never move either while anybody interns. There are sorts of them: of bare
 * entries, for ids of which nothing is folded, and of records, in which the state stands
 * right behind the entry: what an event touches of its id is one line of the cache, where
 * the state is up to six words. An id gets its sort when it is new. One that has a bare
 * entry and is folded later after all has its state in a record that is nobody's, one of
 * those that are lent.
 *
 * Place 0 of every shard is nobody's: an entry of zeros, which equals no id's.
 */
#ifndef RT_IDS_INT_H
#define RT_IDS_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/extents.h"
#include "people/ids.h"

enum {
    RT_ID_CHUNK_BITS = 18,
    RT_ID_CHUNK_BYTES = 1 << RT_ID_CHUNK_BITS,
    RT_ID_EXTENT_BITS = 8,
    RT_ID_EXTENT = 1 << RT_ID_EXTENT_BITS, /* places */
    RT_ID_BUCKET = 12                      /* ids that a bucket has room for */
};

#define RT_ID_FLAGS (UINT64_C(3) << RT_ID_FLAGS_AT)
#define RT_ID_WHERE ((UINT64_C(1) << RT_ID_LENGTH_AT) - 1)

struct rt_id_entry {
    uint64_t head, tail; /* lowest byte first */
};

enum rt_id_sort { RT_ID_BARE, RT_ID_RECORD, RT_ID_LENT, RT_ID_SORTS };

struct rt_id_extent {
    enum rt_id_sort sort;
    uint32_t step; /* from entry to entry */
    char *entries;
    char *records; /* the same while ids are found, later states; NULL: of bare entries */
    uint32_t *lent; /* of bare ones: by place, where the state is; NULL: of none */
};

/* A line of the cache. A tag is eight bits of the hash, 0: free. */
struct rt_id_bucket {
    uint8_t tags[RT_ID_BUCKET];
    uint32_t places[RT_ID_BUCKET + 1]; /* the last one is always 0, nobody's */
};

struct rt_ids_part { /* a shard */
    pthread_mutex_t lock;
    struct rt_ids *whole;
    struct rt_id_bucket *buckets;
    uint32_t nbuckets;
    uint32_t fill;   /* ids that they take */
    uint32_t n;      /* ids */
    uint32_t stride; /* bytes of a record */
    struct rt_id_extent *extents;
    uint32_t nextents, cap_extents;
    uint32_t places; /* that there were when the table was forgotten */
    struct {
        uint32_t next, end; /* places of its last extent; both 0: none yet */
    } open[RT_ID_SORTS];
    char **chunks;
    uint32_t nchunks, chunk_cap;
    uint32_t used;       /* bytes of the last chunk */
    uint64_t kept_bytes; /* since the shard was locked: not in cost_bytes yet */
} __attribute__((aligned(64)));

struct rt_ids {
    struct rt_store *store;
    struct rt_ids_part shards[RT_ID_SHARDS];
    _Atomic uint64_t cost_bytes;
    bool names_go; /* with the states: they were not parted */
};

static inline bool rt_id_tail_is_long(uint64_t tail)
{
    return (tail >> RT_ID_SHORT_AT & 15) == RT_ID_LONG;
}

static inline const struct rt_id_extent *rt_id_extent_of(
    const struct rt_ids_part *part, uint32_t place)
{
    return &part->extents[place >> RT_ID_EXTENT_BITS];
}

static inline struct rt_id_entry *rt_id_entry_at(
    const struct rt_ids_part *part, uint32_t place)
{
    const struct rt_id_extent *extent = rt_id_extent_of(part, place);
    size_t at = (place & (RT_ID_EXTENT - 1)) * (size_t)extent->step;

    return (struct rt_id_entry *)(extent->entries + at);
}

/* Of a place in an extent of records. */
static inline uint64_t *rt_id_record_state(const struct rt_ids_part *part, uint32_t place)
{
    const struct rt_id_extent *extent = rt_id_extent_of(part, place);
    size_t front = extent->entries == extent->records ? sizeof(struct rt_id_entry) : 0;
    size_t step = part->stride - sizeof(struct rt_id_entry) + front;

    return (uint64_t *)(extent->records + (place & (RT_ID_EXTENT - 1)) * step + front);
}

static inline const char *rt_id_long_bytes(const struct rt_ids_part *part, uint64_t tail)
{
    uint64_t at = tail & RT_ID_WHERE;

    return part->chunks[at >> RT_ID_CHUNK_BITS] + (at & (RT_ID_CHUNK_BYTES - 1));
}

/* ---- ids.c */

/* A new place, its entry and state zeros; 0 when there is no memory. */
uint32_t rt_id_new_place(struct rt_ids_part *part, enum rt_id_sort sort);

/* Keeps the bytes of a long id: where. RT_OK or RT_ENOMEM. */
int rt_id_keep_bytes(
    struct rt_ids_part *part, const char *p, unsigned n, uint64_t *where);

/* ---- ids_find.c */

void rt_id_free_buckets(struct rt_ids_part *part);

#endif
