/*
 * Intake: batches of records to ids, edges and touches, in two halves.
 *
 *     prepare  reads a block's records: crawlers out, time, ids, matching. Touches nothing
 *              that other threads see; can be thrown away when the block turns out to have
 *              begun in the wrong place.
 *     apply    numbers the ids and keeps the touches, once the block is known to be right.
 *
 * One rt_intake a worker; one rt_prepared a block in flight.
 */
#ifndef RT_INTAKE_H
#define RT_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "events/decoder.h"
#include "people/duplicates.h"
#include "people/fold.h"
#include "people/idform.h"
#include "people/ids.h"
#include "people/match.h"
#include "people/people.h"
#include "people/screen.h"
#include "people/touches.h"

/* What all workers share. */
struct rt_intake_shared {
    const struct rt_plan *plan;
    struct rt_kinds *kinds;
    struct rt_ids *ids;
    struct rt_touch_budget *budget;
};

struct rt_intake;

int rt_intake_new(const struct rt_intake_shared *shared, struct rt_intake **out);
void rt_intake_free(struct rt_intake *intake);

/* What this worker gathered. Lent. */
struct rt_edges *rt_intake_edges(struct rt_intake *intake);
struct rt_touches *rt_intake_touches(struct rt_intake *intake);
struct rt_texts *rt_intake_texts(struct rt_intake *intake);
struct rt_match_counts rt_intake_counts(
    const struct rt_intake *intake); /* of what was applied */

/* A record as it was judged, for somebody who looks on. Lent for the call. */
struct rt_seen {
    const struct rt_span *cells; /* by the plan's slots */
    struct rt_span record;
    uint32_t line; /* counted from 0 at the block's start */
    int64_t time_us;
    bool wanted;               /* an event up to as-of, or a contact row, with an id */
    const struct rt_ref *refs; /* its ids, the first one first */
    uint32_t nrefs;
    bool keyed; /* one of several with this key counts: duplicates.h */
    struct rt_hash128 key;
};

/* RT_OK, or a negative status, which ends the reading. */
typedef int rt_intake_see(void *ctx, const struct rt_seen *seen, struct rt_err *err);

/* How the records at hand are to be read: one an input. */
struct rt_intake_source {
    struct rt_screen_rules rules;
    bool contacts;                    /* contact rows: no time, no event */
    struct rt_duplicates *duplicates; /* NULL: nothing is de-duplicated */
    enum rt_dedupe dedupe;
    uint64_t layout; /* of the input: rt_decoder_layout */
};

struct rt_prepared;

int rt_prepared_new(struct rt_prepared **out);
void rt_prepared_free(struct rt_prepared *prepared);
void rt_prepared_reset(struct rt_prepared *prepared);

/*
 * Takes the records of a batch.
 *
 * block  what the batch's spans point into; it must stay until apply. Bytes outside of it
 *        are copied.
 * tally  dropped and rejected records are counted there
 *
 * RT_OK, RT_ENOMEM, RT_ELIMIT.
 */
int rt_intake_prepare(struct rt_intake *intake, const struct rt_intake_source *source,
    struct rt_span block, const struct rt_batch *batch, struct rt_prepared *prepared,
    struct rt_tally *tally, struct rt_err *err);

/* Judges the records in the same way and shows them to `see`: all but those that are
 * rejected, and crawlers'. Nothing is kept of them: there is nothing to apply. */
int rt_intake_show(struct rt_intake *intake, const struct rt_intake_source *source,
    struct rt_span block, const struct rt_batch *batch, struct rt_prepared *scratch,
    struct rt_tally *tally, rt_intake_see *see, void *ctx, struct rt_err *err);

/* For contact rows: the number of each row's first id, in the order of the rows used, is
 * handed to `row` after its ids were numbered; at is the row's place in the block. */
typedef int rt_intake_row(void *ctx, uint32_t id, uint32_t at, uint32_t size);

/* Keeps what was prepared. row, ctx: NULL unless contact rows are read. */
int rt_intake_apply(struct rt_intake *intake, struct rt_prepared *prepared,
    rt_intake_row *row, void *ctx, struct rt_err *err);

/* A record that was set aside (duplicates.h) and counts: adds it to what is prepared. *reason is
 * RT_REASONS when it is used, else why it is dropped after all. RT_OK or RT_ENOMEM. */
int rt_intake_unpack(
    struct rt_span payload, struct rt_prepared *prepared, unsigned *reason);

/* How many of the prepared records are used. */
uint64_t rt_prepared_used(const struct rt_prepared *prepared);

#endif
