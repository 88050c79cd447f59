/*
 * The trail of one person: every record that is the person's, with the fields that the
 * definitions read, and where it stands.
 *
 * A trail is found by reading the inputs once more, when people are known: a build keeps of
 * a record what its segments ask for as of one moment, and neither its file nor its line.
 * Records are judged by the same intake, so a trail is what a build counted: crawlers,
 * rejects, duplicates and what comes after as-of are not in it.
 */
#ifndef RT_EXPLAIN_TRAIL_H
#define RT_EXPLAIN_TRAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "run/build.h"

struct rt_trail_record {
    int64_t time_us;             /* contact rows: as-of */
    const struct rt_span *cells; /* by the slots of the plan */
    struct rt_timeform form;     /* how its input writes times */
    const char *path; /* of its input, as it was named; "-" is standard input */
    uint64_t line;    /* from 1 */
    uint32_t input;   /* its place among the inputs, contact files behind them */
    bool contact;
    /* of a source that is de-duplicated */
    bool keyed, counts;
    uint32_t source;
    struct rt_hash128 key, bytes;
};

struct rt_trail {
    struct rt_trail_record *records; /* by time, then input and line; contact rows last */
    uint32_t n;
    uint32_t ncontacts;
    struct rt_arena arena;
    uint32_t cap;
    struct rt_inputs inputs; /* open as long as the trail is there: it points into them */
    struct rt_contacts contacts;
    bool contacts_open;
};

/*
 * Reads the trail of a person.
 *
 * b     a build whose people are linked; its options name the inputs
 * plan  whose slots are kept
 *
 * RT_OK; RT_EIO, RT_ENOMEM, RT_ESTOP, as reading them was the first time. Release frees it
 * in any case.
 */
int rt_trail_read(const struct build *b, const struct rt_plan *plan, uint32_t person,
    struct rt_trail *trail);
void rt_trail_release(struct rt_trail *trail);

#endif
