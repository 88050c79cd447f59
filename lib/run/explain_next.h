/*
 * When does an answer change, if nothing else happens?
 *
 * With no new record only the passing of time can change an answer, and time enters the
 * conditions of one person in three ways:
 *
 *     an age is compared with a duration    of an event t, or of a field that holds a time:
 *                                           changes at t + duration
 *     a calendar window moves on            changes at the beginning of a local day
 *     a negative step's time has passed     changes at t + duration
 *
 * Between two neighbours of all these instants every event keeps its side of every bound, so
 * every answer stays as it is: to look at the instants themselves, in their order, is
 * enough, and nothing less is (answers come and go: "between 1 and 2 days ago"). Bounds are
 * such that a change shows at the instant itself, not a microsecond later: min <= age < max.
 *
 * Ranks depend on other people: their bounds are taken as they stand.
 */
#ifndef RT_EXPLAIN_NEXT_H
#define RT_EXPLAIN_NEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "run/explain_moment.h"

/* An instant at which something may change. */
struct rt_instant {
    int64_t at_us;
    uint32_t part;
    uint32_t record;      /* of the trail; RT_NONE: a day begins */
    int64_t age_us;       /* that the record, or its field, then has */
    struct rt_span field; /* absent: the record's own time */
};

struct rt_instants {
    struct rt_instant *all; /* ascending, later than as-of; owned */
    uint64_t n, cap;
};

/* All instants at which answers may change, of the parts that are no logic; those inside a
 * for_some stand for it. now: the moment as of which. RT_OK, RT_ENOMEM, RT_ELIMIT. */
int rt_instants_find(const struct rt_parts *parts, const struct rt_trail *trail,
    const struct rt_moment *now, struct rt_instants *out);
void rt_instants_release(struct rt_instants *instants);

struct rt_next {
    bool found;
    enum rt_answer to;
    int64_t at_us;
    const struct rt_instant *why; /* lent by the instants; NULL: no one reason */
};

/* Work is bounded: 20,000 instants, and 50,000,000 records looked at in all; and no search for
 * a sequence given up. */
enum { RT_INSTANTS_LOOKED_MAX = 20000, RT_RECORDS_LOOKED_MAX = 50000000 };

/*
 * Looks at one instant after another until every answer has changed once.
 *
 * answers  as of now, by segment of the parts' definitions
 * next     the same; zeroed
 * looks    rt_moment_limit's, of all instants together
 * bounded  not all instants were looked at, but those up to *looked_us
 */
int rt_next_find(const struct rt_parts *parts, const struct rt_trail *trail,
    const struct rt_instants *instants, const uint8_t *answers, struct rt_next *next,
    uint64_t *looks, bool *bounded, int64_t *looked_us, struct rt_err *err);

#endif
