/*
 * The ids of a run: bytes of a kind -> a dense number, the bytes kept once.
 *
 * The table is cut into 64 shards by hash, each with a lock of its own, so that workers
 * which intern whole batches seldom meet. A number says its shard:
 *
 *     id = place in the shard * 64 + shard
 *
 * Numbers depend on which thread came first; nothing that leaves the program may depend on
 * them. Cost: 8 bytes of entry, 9 to 18 of table, 1 of flags, and the id's own bytes.
 */
#ifndef RT_IDS_H
#define RT_IDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/span.h"

enum {
    RT_ID_SHARDS = 64,
    RT_ID_BYTES_MAX = 512,
    RT_ID_PLACES_MAX = (1 << 26) - 1 /* ids of one shard: nearly 2^32 in all */
};

enum rt_id_flag {
    RT_ID_FIRST = 1, /* the first id of some record: a person by itself without links */
    RT_ID_OPTED_OUT = 2 /* stands in an opt-out file */
};

/* One id as it stands in a record, on its way to a number. */
struct rt_ref {
    uint64_t hash; /* of kind and bytes: rt_ref_hash */
    const char *p; /* at most RT_ID_BYTES_MAX bytes, alive until interned */
    uint32_t id;   /* set by rt_ids_intern */
    uint32_t row;  /* the caller's: of a record's first id */
    uint16_t n;
    uint8_t kind;
    uint8_t flags; /* enum rt_id_flag: added to the id's */
};

static inline uint64_t rt_ref_hash(struct rt_span bytes, uint8_t kind)
{
    return rt_hash64(bytes, UINT64_C(0x9e3779b97f4a7c15) * (kind + 1u));
}

static inline uint32_t rt_ref_shard(uint64_t hash)
{
    return (uint32_t)(hash >> 58);
}

static inline uint32_t rt_id_shard(uint32_t id)
{
    return id % RT_ID_SHARDS;
}

static inline uint32_t rt_id_place(uint32_t id)
{
    return id / RT_ID_SHARDS;
}

static inline uint32_t rt_id_of(uint32_t shard, uint32_t place)
{
    return place * RT_ID_SHARDS + shard;
}

struct rt_ids;

int rt_ids_new(struct rt_ids **out);
void rt_ids_free(struct rt_ids *ids);

/*
 * Numbers refs[order[0 .. n-1]], all of the given shard. Any number of threads.
 *
 * RT_OK, RT_ENOMEM, RT_ELIMIT past RT_ID_PLACES_MAX ids of the shard.
 */
int rt_ids_intern(struct rt_ids *ids, uint32_t shard, struct rt_ref *refs,
    const uint32_t *order, uint32_t n);

/* The following are for times when nobody interns. */

/* The number of an id that is there, or UINT32_MAX. */
uint32_t rt_ids_find(const struct rt_ids *ids, struct rt_span bytes, uint8_t kind);

struct rt_span rt_ids_bytes(const struct rt_ids *ids, uint32_t id); /* lent */
uint8_t rt_ids_kind(const struct rt_ids *ids, uint32_t id);
uint8_t rt_ids_flags(const struct rt_ids *ids, uint32_t id);
void rt_ids_add_flags(struct rt_ids *ids, uint32_t id, uint8_t flags);

uint32_t rt_ids_places(const struct rt_ids *ids, uint32_t shard); /* ids of a shard */
uint64_t rt_ids_count(const struct rt_ids *ids);
uint64_t rt_ids_cost_bytes(const struct rt_ids *ids); /* at any time: what it costs */

#endif
