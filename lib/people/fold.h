/*
 * Folding: a record's kind, time and values into the state of its id (plan.h, rt_cell).
 *
 * The four cells that hold the largest or smallest of something hold a key: 64 bits that
 * grow with it, never 0. So 0 is "none yet", and all four are kept by taking the larger.
 */
#ifndef RT_FOLD_H
#define RT_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/extents.h"
#include "people/kinds.h"
#include "plan/plan.h"

/* Of a time, or a number that is not RT_NO_NUMBER. descending: the smallest has the
 * largest key. */
static inline uint64_t rt_fold_key(int64_t v, bool descending)
{
    uint64_t key = (uint64_t)v ^ UINT64_C(1) << 63;

    return descending ? ~key : key;
}

static inline int64_t rt_fold_unkey(uint64_t key, bool descending)
{
    return (int64_t)((descending ? ~key : key) ^ UINT64_C(1) << 63);
}

/* A sum by its two words: 64 bits, and the upper half of another word. */
static inline __int128 rt_fold_sum(uint64_t lower, uint64_t upper)
{
    uint64_t sign_extended = (uint64_t)((int64_t)upper >> 32);

    return (__int128)((unsigned __int128)sign_extended << 64 | lower);
}

struct rt_program; /* what a kind of record does */

struct rt_folder { /* one a thread */
    const struct rt_plan *plan;
    struct rt_kinds *kinds;
    struct rt_program *programs; /* by kind */
    int8_t *uses;                /* by kind: enum rt_use; -1: not asked about yet */
    uint32_t cap;
};

int rt_folder_new(
    const struct rt_plan *plan, struct rt_kinds *kinds, struct rt_folder **out);
void rt_folder_free(struct rt_folder *folder);

/* What a record of the kind is used for: enum rt_use, or RT_ENOMEM. */
enum rt_use { RT_USE_NONE = 0, RT_USE_STATE = 1, RT_USE_TOUCH = 2, RT_USE_BOTH = 3 };
int rt_folder_learn(struct rt_folder *folder, uint32_t kind);

static inline int rt_folder_use(struct rt_folder *folder, uint32_t kind)
{
    return kind < folder->cap && folder->uses[kind] >= 0 ? folder->uses[kind]
                                                         : rt_folder_learn(folder, kind);
}

/* For kinds that rt_folder_use was asked about: */

/* Folds a record into a state. time_us: at most the plan's as-of; values: as
 * rt_match_record gave them. */
void rt_folder_add(const struct rt_folder *folder, uint64_t *state, uint32_t kind,
    int64_t time_us, const uint64_t *values);

/* The values of its touch, of those that rt_match_record gave; returns how many words. out
 * has room for RT_TOUCH_WORDS_MAX. */
uint32_t rt_folder_pick(
    const struct rt_folder *folder, uint32_t kind, const uint64_t *values, uint64_t *out);

/* Folds one state into another. */
void rt_fold_merge(const struct rt_plan *plan, uint64_t *to, const uint64_t *from);

/* ---- the states of all ids
 *
 * Each shard (ids.h) has its states in a row, in the order in which they were asked for,
 * and a number by place: most ids that are nobody's first one never have a state. Cost:
 * plan->state_words words a state, 4 bytes an id.
 */

struct rt_states;

enum { RT_PLACES_BITS = 11, RT_STATES_BITS = 7 }; /* how many an extent has */

struct rt_states_part {        /* of one shard, lent while it is locked */
    struct rt_extents numbers; /* uint32_t by place, from 1; 0: none */
    struct rt_extents words;   /* by number */
    uint32_t state_words;
    uint32_t places, n, cap; /* room for numbers; states; room for states */
    struct rt_states *whole;
};

int rt_states_new(const struct rt_plan *plan, struct rt_states **out);
void rt_states_free(struct rt_states *states);

/* A shard's states while no other thread may touch them. */
struct rt_states_part *rt_states_lock(struct rt_states *states, uint32_t shard);
void rt_states_unlock(struct rt_states *states, uint32_t shard);

/* Gives a place without a state one of zeros: its number, or 0 when there is no memory. */
uint32_t rt_states_add(struct rt_states_part *part, uint32_t place);

/* Of a place below part->places. */
static inline uint32_t *rt_states_number_at(
    const struct rt_states_part *part, uint32_t place)
{
    uint32_t *numbers = part->numbers.at[place >> RT_PLACES_BITS];

    return &numbers[place & ((1u << RT_PLACES_BITS) - 1)];
}

/* The number of a place's state, which is added if need be; 0 when there is no memory. */
static inline uint32_t rt_states_number(struct rt_states_part *part, uint32_t place)
{
    uint32_t number = place < part->places ? *rt_states_number_at(part, place) : 0;

    return number ? number : rt_states_add(part, place);
}

/* A state by number. */
static inline uint64_t *rt_states_words(
    const struct rt_states_part *part, uint32_t number)
{
    uint64_t *words = part->words.at[number >> RT_STATES_BITS];

    return words + (number & ((1u << RT_STATES_BITS) - 1)) * part->state_words;
}

/* The state of a place, added if need be; NULL when there is no memory. */
static inline uint64_t *rt_states_of(struct rt_states_part *part, uint32_t place)
{
    uint32_t number = rt_states_number(part, place);

    return number ? rt_states_words(part, number) : NULL;
}

/* Both fetch into the cache: a place's number, and a state by number. Left to itself gcc
 * takes a function that only fetches for one that does nothing. */
__attribute__((always_inline)) static inline void rt_states_fetch_number(
    const struct rt_states_part *part, uint32_t place)
{
    if (place < part->places)
        __builtin_prefetch(rt_states_number_at(part, place));
}

__attribute__((always_inline)) static inline void rt_states_fetch(
    const struct rt_states_part *part, uint32_t number)
{
    const uint64_t *words = rt_states_words(part, number);

    __builtin_prefetch(words, 1);
    __builtin_prefetch(words + part->state_words - 1, 1);
}

/* For times when no state is added: the state of a place, NULL when nothing was ever
 * folded there. */
const uint64_t *rt_states_at(
    const struct rt_states *states, uint32_t shard, uint32_t place);

/* The states of a shard, to be asked one place after another. */
const struct rt_states_part *rt_states_of_shard(
    const struct rt_states *states, uint32_t shard);

static inline const uint64_t *rt_states_look(
    const struct rt_states_part *part, uint32_t place)
{
    uint32_t number = place < part->places ? *rt_states_number_at(part, place) : 0;

    return number ? rt_states_words(part, number) : NULL;
}

/* For a walk place by place: fetches the state of one further on. */
__attribute__((always_inline)) static inline void rt_states_fetch_place(
    const struct rt_states_part *part, uint32_t place)
{
    if (place < part->places)
        rt_states_fetch(part, *rt_states_number_at(part, place));
}

/* Gives back a shard's memory: nobody will ask for its states any more. */
void rt_states_forget(struct rt_states *states, uint32_t shard);

/* For when all records are folded: gives back memory that was kept for more. */
void rt_states_trim(struct rt_states *states);

uint64_t rt_states_cost_bytes(const struct rt_states *states); /* at any time */

#endif
