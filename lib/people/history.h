/*
 * Histories: the touches of a shard sorted by person and time.
 *
 * Touches are stored by a record's first id. Where linking made another id the person,
 * rt_histories_move first copies those that belong to another shard; then each shard can
 * be loaded by itself, in any order, by any thread.
 */
#ifndef RT_HISTORY_H
#define RT_HISTORY_H

#include <stdint.h>

#include "base/err.h"
#include "people/fold.h"
#include "people/kinds.h"
#include "people/people.h"
#include "people/touches.h"

/* One touch in a history. */
struct rt_past {
    int64_t time_us;
    uint32_t kind;
    uint32_t value; /* where its values begin in the history's words */
};

/* What one person did: ascending by time; the order at one instant means nothing. */
struct rt_history {
    const struct rt_past *events;
    uint32_t n;
    const uint64_t *values;
};

struct rt_histories_source {
    const struct rt_people *people;
    struct rt_ids *ids;
    const struct rt_kinds *kinds;
    struct rt_touches *
        *stores; /* of all workers, and behind them those that were moved */
    uint32_t nstores;
    bool states; /* are kept */
};

/* Ids with a state that belongs to another id's: few, mostly, of all that have one. */
struct rt_state_moves {
    uint32_t *ids;
    size_t n, cap;
};

void rt_state_moves_release(struct rt_state_moves *moves);

/*
 * Folds states into those of the persons that they belong to, in three steps:
 *
 *     find     those of a shard, each shard once; any number of threads
 *     prepare  makes room at their persons; one thread, once all are found
 *     move     any number of threads, each with moves of its own
 *
 * RT_OK or RT_ENOMEM.
 */
int rt_histories_find_states(const struct rt_histories_source *source, uint32_t shard,
    struct rt_state_moves *moves);
int rt_histories_prepare_states(
    const struct rt_histories_source *source, const struct rt_state_moves *moves);
void rt_histories_move_states(
    const struct rt_histories_source *source, const struct rt_state_moves *moves);

/* Copies the touches of a shard that belong to persons of other shards into `to`. Each
 * shard once; threads with stores of their own may share the work. */
int rt_histories_move(const struct rt_histories_source *source, uint32_t shard,
    struct rt_touches *to, struct rt_err *err);

struct rt_histories; /* one a thread; its memory is used again from shard to shard */

int rt_histories_new(struct rt_histories **out);
void rt_histories_free(struct rt_histories *histories);

/* Loads a shard. RT_OK, RT_ENOMEM, RT_EIO, RT_ELIMIT past 2^32 words of values. */
int rt_histories_load(struct rt_histories *histories,
    const struct rt_histories_source *source, uint32_t shard, struct rt_err *err);

/* The history of the person at this place of the loaded shard; lent until the next load. */
struct rt_history rt_histories_of(const struct rt_histories *histories, uint32_t place);

/* The state of the person at a place of a shard; NULL when there is none. */
const uint64_t *rt_histories_state(
    const struct rt_histories_source *source, uint32_t shard, uint32_t place);

#endif
