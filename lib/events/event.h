/*
 * A batch of records, as a decoder hands them on: for each record the values of the fields
 * that were asked for ("slots"), as spans into the block or into the batch's scratch.
 *
 *     cells  | time | event | user_id | url | ...   row 0
 *            | time | event | user_id | url | ...   row 1
 */
#ifndef RT_EVENT_H
#define RT_EVENT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "events/reason.h"

enum { RT_SLOT_TIME = 0, RT_SLOT_EVENT = 1 };

/* The fields that a run needs; names[0] is "time", names[1] "event". Read-only. */
struct rt_slots {
    uint32_t n;
    const struct rt_span *names;
};

enum { RT_BATCH_ROWS = 256 };

struct rt_row {
    uint32_t at;   /* where the record begins in the block */
    uint32_t size; /* its bytes, without the line end */
    uint32_t line; /* its first line, counted from 0 at the block's start */
};

struct rt_batch {
    uint32_t nrows;
    uint32_t nslots;
    struct rt_span *cells; /* RT_BATCH_ROWS * nslots; an absent field is {NULL, 0} */
    struct rt_row rows[RT_BATCH_ROWS];
    struct rt_arena scratch; /* unescaped values; reset by the decoder for each batch */
};

int rt_batch_init(struct rt_batch *batch, uint32_t nslots); /* RT_OK or RT_ENOMEM */
void rt_batch_release(struct rt_batch *batch);

static inline struct rt_span *rt_batch_row(const struct rt_batch *batch, uint32_t row)
{
    return batch->cells + (size_t)row * batch->nslots;
}

/* A record that was refused. */
struct rt_reject {
    uint32_t at, size, line; /* as in struct rt_row */
    enum rt_reason reason;
};

/* What a block's records came to: counts by reason, and where the rejected ones stand. */
struct rt_tally {
    uint64_t read;              /* records seen */
    uint64_t count[RT_REASONS]; /* of these, dropped or rejected */
    struct rt_reject *rejects;  /* owned */
    uint32_t nrejects, cap_rejects;
};

/* Counts a dropped record. */
static inline void rt_tally_drop(struct rt_tally *tally, enum rt_reason reason)
{
    tally->count[reason]++;
}

/* Counts a rejected record and keeps its place. RT_OK or RT_ENOMEM. */
int rt_tally_reject(struct rt_tally *tally, enum rt_reason reason, uint32_t at,
    uint32_t size, uint32_t line);
void rt_tally_reset(struct rt_tally *tally);
void rt_tally_release(struct rt_tally *tally);

#endif
