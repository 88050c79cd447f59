/*
 * Matching: records' fields against the plan's matchers. The answer is the record's
 * kind, which stands for the set of matchers that hold, and the values that those matchers
 * ask for.
 *
 * Shared by all workers: struct rt_kinds. One a worker: struct rt_match.
 */
#ifndef RT_MATCH_H
#define RT_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "events/event.h"
#include "people/kinds.h"
#include "people/texts.h"
#include "plan/plan.h"

struct rt_match;

int rt_match_new(
    const struct rt_plan *plan, struct rt_kinds *kinds, struct rt_match **out);
void rt_match_free(struct rt_match *match);

/* Records that are matched together, of one batch. */
struct rt_match_input {
    const struct rt_span
        *cells;              /* of the batch; those of row r begin at r * nslots, by */
    uint32_t nslots;         /* the plan's slots, the event name in RT_SLOT_EVENT */
    const uint16_t *rows;    /* the records, by their rows in the batch */
    const int64_t *times_us; /* of each of them */
    uint32_t n;              /* RT_BATCH_ROWS at most */
    bool contact;            /* contact rows: profile and consent matchers only */
    const struct rt_timeform *form; /* how this input writes times */
};

/* What a record came to. */
struct rt_found {
    uint32_t kind;   /* 0: no matcher wants it */
    uint64_t values; /* that are asked of it, as bits: rt_match_values */
};

/* Matches the records; out: input->n of them. RT_OK, RT_ENOMEM, RT_ELIMIT past
 * RT_KINDS_MAX. */
int rt_match_batch(
    struct rt_match *match, const struct rt_match_input *input, struct rt_found *out);

/* The values that are asked of a record. out: room for RT_TOUCH_WORDS_MAX. Returns how many
 * words, or RT_ENOMEM. */
int rt_match_values(
    struct rt_match *match, uint64_t values, const struct rt_span *cells, uint64_t *out);

/* Both, for one record. */
struct rt_matched {
    uint32_t kind;
    uint32_t nvalues; /* words */
    uint64_t values[RT_TOUCH_WORDS_MAX];
};

int rt_match_record(struct rt_match *match, const struct rt_span *cells, int64_t time_us,
    bool contact, const struct rt_timeform *form, struct rt_matched *out);

/* The value of a field of the plan in a record: its own, or derived. RT_OK or RT_ENOMEM. */
int rt_match_value(const struct rt_plan_field *field, const struct rt_span *cells,
    struct rt_arena *scratch, struct rt_span *out);

/* The bytes of values that are kept (plan.h). Lent. */
struct rt_texts *rt_match_texts(const struct rt_match *match);

struct rt_match_counts {
    uint64_t not_numbers;  /* values that were asked for as numbers and are none */
    uint64_t regex_limits; /* searches that passed the bound */
};

/* Since it was asked last. */
struct rt_match_counts rt_match_counts(struct rt_match *match);

#endif
