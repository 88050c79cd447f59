/*
 * Sessions: a person's events cut where a gap is longer than the timeout.
 */
#ifndef RT_SESSION_H
#define RT_SESSION_H

#include <stdint.h>

#include "people/answer.h"
#include "people/history.h"
#include "people/kinds.h"
#include "people/texts.h"
#include "plan/plan.h"

/* A session's events are history->events[first .. end-1]; touches in between that are no
 * events (contact rows) do not count. */
struct rt_session_span {
    uint32_t first, end;
    uint32_t nevents;
    int64_t first_us, last_us;
};

/* The session that begins at or behind the place *at, which is moved behind it. False when
 * there is none. every: the matcher of all events. */
bool rt_session_next(const struct rt_kinds *kinds, const struct rt_history *history,
    uint32_t every, int64_t timeout_us, uint32_t *at, struct rt_session_span *out);

/* Does the first, the last or some session pass all that the condition asks? */
enum rt_answer rt_session_ask(const struct rt_leaf *leaf, int64_t timeout_us,
    const struct rt_kinds *kinds, const struct rt_text_set *texts,
    const struct rt_history *history);

#endif
