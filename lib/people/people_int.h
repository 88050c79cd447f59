/*
 * What the files about people share: who is whom, once ids are linked. Only people*.c
 * include this.
 *
 * Sets of ids are bits: 64 places of a shard a word, and a shard begins with a word of its
 * own. So a walk over a shard meets 64 ids in one word, and what is known of a few ids
 * stands in rows of just as many, in the order of such a walk.
 */
#ifndef RT_PEOPLE_INT_H
#define RT_PEOPLE_INT_H

#include "people/people.h"

struct rt_people_set { /* ids, numbered in their order */
    uint64_t *bits;    /* NULL: nobody is in it */
    uint32_t *before;  /* by word: how many are in those before; behind the last: all */
};

struct rt_people {
    const struct rt_plan *plan;
    struct rt_ids *ids;
    uint32_t first[RT_ID_SHARDS + 1]; /* by shard: its first word */
    uint64_t *persons;                /* bits */
    struct rt_people_set moved;       /* those whose person is another id: */
    uint32_t *roots;                  /* which one */
    struct rt_people_set heads; /* persons with further ids, once that is asked for: */
    uint32_t *starts;           /* where these begin among the members; one more */
    uint32_t *members;
    uint64_t *broken; /* bits: ids of clusters over max_ids; NULL: there is none */
    uint64_t nbroken; /* clusters */
    uint64_t *pairs;  /* ids that stood together and are not one person, by first id */
    size_t npairs;
    uint64_t *opted_out; /* bits of persons; NULL: nobody */
    struct rt_contact_row *rows;
    uint64_t nrows;
};

static inline uint32_t rt_people_words(const struct rt_people *p)
{
    return p->first[RT_ID_SHARDS];
}

/* Where an id stands among the bits. */
static inline size_t rt_people_bit(const struct rt_people *p, uint32_t id)
{
    return (size_t)64 * p->first[rt_id_shard(id)] + rt_id_place(id);
}

static inline bool rt_people_has(
    const struct rt_people *p, const uint64_t *bits, uint32_t id)
{
    size_t i = rt_people_bit(p, id);

    return bits && (bits[i / 64] >> i % 64 & 1);
}

static inline void rt_people_put(const struct rt_people *p, uint64_t *bits, uint32_t id)
{
    size_t i = rt_people_bit(p, id);

    bits[i / 64] |= UINT64_C(1) << i % 64;
}

/* Its number in a set that it is in. */
static inline uint32_t rt_people_number(
    const struct rt_people *p, const struct rt_people_set *set, uint32_t id)
{
    size_t i = rt_people_bit(p, id);
    uint64_t below = set->bits[i / 64] & ((UINT64_C(1) << i % 64) - 1);

    return set->before[i / 64] + (uint32_t)__builtin_popcountll(below);
}

/* A walk over the ids whose bits are set, of one shard. */
struct rt_people_walk {
    const uint64_t *word, *end;
    uint64_t left;
    uint32_t shard, place; /* of the word */
};

static inline struct rt_people_walk rt_people_walk_of(
    const struct rt_people *p, const uint64_t *bits, uint32_t shard)
{
    const uint64_t *word = bits + p->first[shard], *end = bits + p->first[shard + 1];

    return (struct rt_people_walk) { word, end, word < end ? *word : 0, shard, 0 };
}

/* The next one, or RT_NONE. */
static inline uint32_t rt_people_next(struct rt_people_walk *walk)
{
    uint32_t place;

    while (walk->left == 0) {
        if (walk->word == walk->end || ++walk->word == walk->end)
            return RT_NONE;
        walk->left = *walk->word;
        walk->place += 64;
    }
    place = walk->place + (uint32_t)__builtin_ctzll(walk->left);
    walk->left &= walk->left - 1;
    return rt_id_of(walk->shard, place);
}

/* ---- people_link.c */

/* Fills moved, roots, broken, pairs and persons; the rest of p is there. The edges are
 * emptied. RT_OK or RT_ENOMEM; then all that is there is the caller's to free. */
int rt_people_link(struct rt_people *p, struct rt_edges **edges, uint32_t n);

/* Numbers what is in a set: fills `before`, which has room for all words and one more. */
void rt_people_number_all(const struct rt_people *p, struct rt_people_set *set);

#endif
