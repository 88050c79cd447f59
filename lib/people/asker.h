/*
 * Asking: one test of the plan, of one value.
 */
#ifndef RT_ASKER_H
#define RT_ASKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "plan/plan.h"

/* What tests need beside the value; one a thread. */
struct rt_asker {
    int64_t as_of_us;
    struct rt_regex_scratch *regex; /* owned */
    struct rt_clock_memo clock;
    uint64_t regex_limits; /* searches that passed the bound on their cost */
};

int rt_asker_init(struct rt_asker *asker, int64_t as_of_us); /* RT_OK or RT_ENOMEM */
void rt_asker_release(struct rt_asker *asker);

/* Does the test hold for the value? form: how this input writes times. An absent or empty
 * value fulfils none. */
bool rt_asker_holds(struct rt_asker *asker, const struct rt_plan_test *test,
    struct rt_span value, const struct rt_timeform *form);

/* The same of n values, RT_BATCH_ROWS at most and none of them empty, as a mask
 * (base/columns.h). */
void rt_asker_column(struct rt_asker *asker, const struct rt_plan_test *test,
    const struct rt_span *values, uint32_t n, const struct rt_timeform *form,
    uint64_t *holds);

#endif
