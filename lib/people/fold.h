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
struct rt_folder;

/* Folds a record of a kind that rt_folder_use was asked about into a state. In front of the
 * state are RT_STATE_FRONT words of the same object, which stay as they are: the entry of
 * its id (ids_int.h). time_us: at most the plan's as-of; values: as rt_match_record gave
 * them. */
enum { RT_STATE_FRONT = 2 };
typedef void rt_folder_add_fn(const struct rt_folder *folder, uint64_t *state,
    uint32_t kind, int64_t time_us, const uint64_t *values);

struct rt_folder {         /* one a thread */
    rt_folder_add_fn *add; /* as this processor can */
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

static inline void rt_folder_add(const struct rt_folder *folder, uint64_t *state,
    uint32_t kind, int64_t time_us, const uint64_t *values)
{
    folder->add(folder, state, kind, time_us, values);
}

rt_folder_add_fn rt_folder_add_plain; /* as any processor can: the same */

/* The values of its touch, of those that rt_match_record gave; returns how many words. out
 * has room for RT_TOUCH_WORDS_MAX. */
uint32_t rt_folder_pick(
    const struct rt_folder *folder, uint32_t kind, const uint64_t *values, uint64_t *out);

/* Folds one state into another. */
void rt_fold_merge(const struct rt_plan *plan, uint64_t *to, const uint64_t *from);

#endif
