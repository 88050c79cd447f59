/* What sentence.c (conditions) and sentence_part.c (their parts) share. */
#ifndef RT_SENTENCE_INT_H
#define RT_SENTENCE_INT_H

#include "plan/sentence.h"

struct rt_teller {
    const struct rt_defs *defs;
    struct rt_buf *out;
    int rc; /* the first failure; nothing is said after it */
};

/* Says a printf text. */
#define rt_say(teller, ...)                                                              \
    ((void)((teller)->rc < 0                                                             \
        || ((teller)->rc = rt_buf_addf((teller)->out, __VA_ARGS__)) < 0))

void rt_say_name(struct rt_teller *teller, struct rt_span name); /* as it stands */

/* Behind "no", "first" or "their last": what is "any event" elsewhere is "event" there. */
void rt_say_events(struct rt_teller *teller, const struct rt_event_set *events);
void rt_say_quoted(struct rt_teller *teller, struct rt_span text); /* "in quotes" */
void rt_say_number(struct rt_teller *teller, int64_t micro);
void rt_say_duration(struct rt_teller *teller, int64_t us); /* "90 minutes" */
void rt_say_time(struct rt_teller *teller, int64_t us);

/* "between 1 hour and 7 days ago" */
void rt_say_ages(struct rt_teller *teller, int64_t min_us, int64_t max_us);

/* " in the last 7 days since their last cart"; "" for all time. */
void rt_say_window(struct rt_teller *teller, const struct rt_window *window);

/* "plan is \"pro\" and value is at least 10" */
void rt_say_test(struct rt_teller *teller, const struct rt_test *test);

/* " where plan is \"pro\""; "" for NULL. */
void rt_say_where(struct rt_teller *teller, const struct rt_test *test);

/* "at least 3 times", "exactly 1 time", "between 2 and 5 times"; thing: "time" */
void rt_say_counts(
    struct rt_teller *teller, uint64_t min, uint64_t max, const char *thing);

#endif
