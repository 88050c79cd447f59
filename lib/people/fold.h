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

struct rt_folder; /* one a thread: what each kind of record does to a state */

int rt_folder_new(
    const struct rt_plan *plan, struct rt_kinds *kinds, struct rt_folder **out);
void rt_folder_free(struct rt_folder *folder);

/* What a record of the kind is used for: enum rt_use, or RT_ENOMEM. */
enum rt_use { RT_USE_NONE = 0, RT_USE_STATE = 1, RT_USE_TOUCH = 2, RT_USE_BOTH = 3 };
int rt_folder_use(struct rt_folder *folder, uint32_t kind);

/* For kinds that rt_folder_use was asked about: */

/* Folds a record into a state. values: as rt_match_record gave them. */
void rt_folder_add(const struct rt_folder *folder, uint64_t *state, uint32_t kind,
    int64_t time_us, const uint64_t *values);

/* The values of its touch, of those that rt_match_record gave; returns how many words. out
 * has room for RT_TOUCH_WORDS_MAX. */
uint32_t rt_folder_pick(
    const struct rt_folder *folder, uint32_t kind, const uint64_t *values, uint64_t *out);

/* Folds one state into another. */
void rt_fold_merge(const struct rt_plan *plan, uint64_t *to, const uint64_t *from);

/* ---- the states of all ids: plan->state_words words an id, by shard and place (ids.h) */

struct rt_states;

int rt_states_new(const struct rt_plan *plan, struct rt_states **out);
void rt_states_free(struct rt_states *states);

/* A shard's states while no other thread may touch them; there is room for `places`.
 * NULL when there is no memory (nothing is locked then). */
uint64_t *rt_states_lock(struct rt_states *states, uint32_t shard, uint32_t places);
void rt_states_unlock(struct rt_states *states, uint32_t shard);

/* For times when nobody folds: the state of a place, NULL when nothing was ever folded
 * there. */
const uint64_t *rt_states_at(
    const struct rt_states *states, uint32_t shard, uint32_t place);

uint64_t rt_states_cost_bytes(const struct rt_states *states); /* at any time */

#endif
