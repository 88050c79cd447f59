/*
 * The ids of a run: bytes of a kind -> a dense number, the bytes kept once.
 *
 * The table is cut into 64 shards by hash, each with a lock of its own, so that workers
 * which intern whole batches seldom meet. A number says its shard:
 *
 *     id = place in the shard * 64 + shard
 *
 * Numbers depend on which thread came first; nothing that leaves the program may depend on
 * them. Cost: 16 bytes, in which an id of up to 14 bytes stands whole, 7 to 10 of table,
 * and the bytes of a longer id; and the state, where something is folded.
 */
#ifndef RT_IDS_H
#define RT_IDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/span.h"
#include "base/spare.h"
#include "base/word.h"

enum {
    RT_ID_SHARDS = 64,
    RT_ID_BYTES_MAX = 512,
    RT_ID_SHORT_MAX = 14,
    RT_ID_PLACES_MAX = (1 << 26) - 1 /* ids of one shard: nearly 2^32 in all */
};

#define RT_ID_NO_FOLD UINT32_MAX

enum rt_id_flag {
    RT_ID_FIRST = 1, /* the first id of some record: a person by itself without links */
    RT_ID_OPTED_OUT = 2 /* stands in an opt-out file */
};

/*
 * One id as it stands in a record, on its way to a number. Its two words are those of an
 * entry (ids.c), so that a short id is compared without another look at its bytes:
 *
 *     head   the first eight bytes, or where the bytes of a long id are
 *     tail   63 59  58   57  56     53 52  48 47                                 0
 *            |  0  | flags | length   | kind | the other six bytes of a short one  |
 *                            15: long          of a long one: length, 10 bits; 0
 *
 * Both are kept lowest byte first (htole64): the bytes of a short id stand in a row.
 */
struct rt_ref {
    union {
        uint64_t head;
        const char *p; /* of a long id: alive until interned */
    };
    uint64_t tail;
    uint64_t hash; /* of kind and bytes */
    uint32_t id;   /* set by rt_ids_take */
    uint32_t row;  /* the caller's */
    /* What is folded of the record whose first id this is: */
    int64_t time_us;
    uint32_t folds; /* the record's kind; of no record 0; RT_ID_NO_FOLD: nothing is */
    uint32_t value; /* the caller's: where its values are */
};

enum {
    RT_ID_LONG = 15,
    RT_ID_LENGTH_AT = 38, /* of a long one; below it is where its bytes are */
    RT_ID_KIND_AT = 48,
    RT_ID_SHORT_AT = 53,
    RT_ID_FLAGS_AT = 57
};

/* A hash that stands for an id: of long ids, and wherever ids are only counted. */
static inline uint64_t rt_ref_hash(struct rt_span bytes, uint8_t kind)
{
    return rt_hash64(bytes, UINT64_C(0x9e3779b97f4a7c15) * (kind + 1u));
}

/*
 * The hash of a short id: both halves of one product, mixed once more. No factor is ever
 * zero, which would make equals of all ids with this half: the first constant begins with
 * a control character, which no id does but a visitor's, and those have no second half;
 * the second one has a bit that no tail has.
 */
static inline uint64_t rt_ref_mix(uint64_t head, uint64_t tail)
{
    uint64_t a = head ^ UINT64_C(0xa0761d6478bd641f);
    uint64_t b = tail ^ UINT64_C(0xe7037ed1a0b428db);
    unsigned __int128 product = (unsigned __int128)a * b;
    uint64_t h = (uint64_t)product ^ (uint64_t)(product >> 64);

    h *= UINT64_C(0x9e3779b97f4a7c15); /* ids that differ in one half alone */
    return h ^ h >> 32;
}

/* A short id of n bytes in two words (base/word.h). It is written where it is to stand:
 * built elsewhere and copied, it would wait for its own stores. */
static inline void rt_ref_set_short(struct rt_ref *ref, uint64_t head, uint64_t others,
    size_t n, uint8_t kind, unsigned flags, uint32_t row)
{
    uint64_t tail =
        others | (uint64_t)kind << RT_ID_KIND_AT | (uint64_t)n << RT_ID_SHORT_AT;

    ref->head = htole64(head);
    ref->tail = htole64(tail | (uint64_t)flags << RT_ID_FLAGS_AT);
    ref->hash = rt_ref_mix(head, tail);
    ref->id = 0;
    ref->row = row;
    ref->folds = 0;
}

/* bytes: 1 to RT_ID_BYTES_MAX; those of a long id must stay until it is interned. flags:
 * enum rt_id_flag, added to the id's. */
static inline struct rt_ref rt_ref_of(
    struct rt_span bytes, uint8_t kind, unsigned flags, uint32_t row)
{
    struct rt_ref ref = { .row = row };

    if (bytes.n > RT_ID_SHORT_MAX) {
        ref.p = bytes.p;
        ref.hash = rt_ref_hash(bytes, kind);
        ref.tail = htole64((uint64_t)kind << RT_ID_KIND_AT
            | (uint64_t)RT_ID_LONG << RT_ID_SHORT_AT
            | (uint64_t)bytes.n << RT_ID_LENGTH_AT | (uint64_t)flags << RT_ID_FLAGS_AT);
    } else if (bytes.n >= 8) {
        rt_ref_set_short(&ref, rt_word8(bytes.p), rt_word_above8(bytes.p, bytes.n),
            bytes.n, kind, flags, row);
    } else {
        rt_ref_set_short(
            &ref, rt_word_below8(bytes.p, bytes.n), 0, bytes.n, kind, flags, row);
    }
    return ref;
}

static inline bool rt_ref_is_long(const struct rt_ref *ref)
{
    return (le64toh(ref->tail) >> RT_ID_SHORT_AT & 15) == RT_ID_LONG;
}

static inline uint8_t rt_ref_kind(const struct rt_ref *ref)
{
    return le64toh(ref->tail) >> RT_ID_KIND_AT & 31;
}

/* Lent: those of a short id stand in the ref itself. */
static inline struct rt_span rt_ref_bytes(const struct rt_ref *ref)
{
    uint64_t tail = le64toh(ref->tail);

    if (rt_ref_is_long(ref))
        return (struct rt_span) { ref->p, tail >> RT_ID_LENGTH_AT & 1023 };
    return (struct rt_span) { (const char *)ref, tail >> RT_ID_SHORT_AT & 15 };
}

static inline uint32_t rt_ref_shard(const struct rt_ref *ref)
{
    return (uint32_t)(ref->hash >> 58);
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
struct rt_ids_part; /* a shard of them */

/* state_words: of a state, for ids of which something is folded (fold.h); 0: of none. */
int rt_ids_new(uint32_t state_words, struct rt_ids **out);
void rt_ids_free(struct rt_ids *ids);

/* A shard while no other thread may touch it. */
struct rt_ids_part *rt_ids_lock(struct rt_ids *ids, uint32_t shard);
void rt_ids_unlock(struct rt_ids_part *part);

/*
 * Ids on their way to their numbers, all of the shard that is locked. A look-up touches a
 * bucket, a record and a long id's bytes, each likely out of the cache and each known by
 * the one before. So ids go in groups, and each group takes four steps; what the next one
 * needs is fetched by each. In between other groups take theirs, and nobody waits:
 *
 *     rt_ids_expect    fetches where the ids will be looked up
 *     rt_ids_guess     finds them by eight bits of their hashes, adds most new ones
 *     rt_ids_approach  fetches what long ids are compared to
 *     rt_ids_take      compares, and sets their numbers
 *
 * The shard stays locked from the first step to the last. With a group of none each step
 * does nothing.
 */
enum { RT_IDS_TOGETHER = 32 };
struct rt_id_entry;

struct rt_ids_group {
    uint32_t n;
    bool longer; /* some are long */
    struct rt_ref *refs[RT_IDS_TOGETHER];
    uint64_t *states[RT_IDS_TOGETHER]; /* set by rt_ids_take */
    struct rt_id_guess {
        struct rt_id_entry *entry;
        uint32_t place;
        bool record; /* its state stands behind the entry */
    } guesses[RT_IDS_TOGETHER];
};

void rt_ids_expect(const struct rt_ids_part *part, const struct rt_ids_group *group);

/* RT_OK, RT_ENOMEM, RT_ELIMIT past some RT_ID_PLACES_MAX ids of the shard. */
int rt_ids_guess(struct rt_ids_part *part, struct rt_ids_group *group);

void rt_ids_approach(const struct rt_ids_part *part, const struct rt_ids_group *group);

/*
 * states[i]: the state of refs[i], one of zeros when it has none yet; NULL where it folds
 * nothing, or no states are kept. Lent until the table is forgotten.
 *
 * Returns as rt_ids_guess does.
 */
int rt_ids_take(struct rt_ids_part *part, uint32_t shard, struct rt_ids_group *group);

/* One id by itself. */
int rt_ids_intern(struct rt_ids *ids, struct rt_ref *ref);

/* The state of a place of the shard that is locked, one of zeros when it has none yet; NULL
 * when there is no memory. */
uint64_t *rt_ids_state_of(struct rt_ids_part *part, uint32_t place);

/* The following are for times when nobody interns. */

/* The number of an id that is there, or UINT32_MAX. */
uint32_t rt_ids_find(const struct rt_ids *ids, struct rt_span bytes, uint8_t kind);

/* Gives back the memory by which ids are found, and what was kept for more: from here on
 * they are known by number. names_stay: bytes, kind and flags are asked for when the states
 * of their shard are forgotten, too; else those of ids with a state go with these, and
 * nothing has to be moved. */
void rt_ids_forget_table(struct rt_ids *ids, bool names_stay);

/* The state of an id, or NULL; zeros are one of which nothing was folded. */
const uint64_t *rt_ids_state(const struct rt_ids *ids, uint32_t id);

/* For when the table is forgotten: the memory of a shard's states is spare from then on
 * (NULL: goes back to the kernel), but lives as long as the ids; the same, of all. */
void rt_ids_forget_states(struct rt_ids *ids, uint32_t shard, struct rt_spare *spare);
void rt_ids_forget_all_states(struct rt_ids *ids);

struct rt_span rt_ids_bytes(const struct rt_ids *ids, uint32_t id); /* lent */
uint8_t rt_ids_kind(const struct rt_ids *ids, uint32_t id);

/* Fetches into the nearest cache what the id's kind and flags stand in, and once that is
 * there, its bytes. */
void rt_ids_fetch(const struct rt_ids *ids, uint32_t id);
void rt_ids_fetch_bytes(const struct rt_ids *ids, uint32_t id);
uint8_t rt_ids_flags(const struct rt_ids *ids, uint32_t id);
void rt_ids_add_flags(struct rt_ids *ids, uint32_t id, uint8_t flags);

/* The places of a shard; and of places 64 * word and behind those that are an id's, as bits.
 * At some others nobody is: no bytes, no flags. */
uint32_t rt_ids_places(const struct rt_ids *ids, uint32_t shard);
uint64_t rt_ids_somebody(const struct rt_ids *ids, uint32_t shard, uint32_t word);
uint64_t rt_ids_count(const struct rt_ids *ids);
uint64_t rt_ids_cost_bytes(const struct rt_ids *ids); /* at any time: what it costs */

#endif
