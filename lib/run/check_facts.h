/*
 * What must all hold at once for a condition to be true, for check*.c alone.
 */
#ifndef RT_CHECK_FACTS_H
#define RT_CHECK_FACTS_H

#include "run/checking.h"

enum { RT_FACTS_MAX = 256 };

struct rt_fact {
    const struct rt_cond *cond;
    const struct rt_json *at;
    bool negated;
    bool counts; /* the rest is its bound */
    uint64_t min, max;
    const struct rt_event_set *events;
    const struct rt_json *where;       /* NULL: none */
    const struct rt_measure *distinct; /* NULL: events are counted */
    struct rt_window window;
};

struct rt_facts {
    struct rt_checking *c;
    struct rt_asker *asker;
    struct rt_fact all[RT_FACTS_MAX]; /* what does not fit is not looked at */
    size_t n;
    unsigned references; /* segments that were followed */
    bool quiet;          /* what is wrong with a fact alone was said before */
    bool only_min;       /* inside of for_some: fewer events than the person has */
    int status;          /* RT_ENOMEM when some part could not be looked at */
};

/* Adds what must hold for the condition, or for its negation, to be true; warns of what is
 * wrong with one of these alone. */
void rt_facts_gather(struct rt_facts *facts, const struct rt_cond *cond, bool negated);

/* The same of a segment: its match, and none of its exclude; of its negation nothing. */
void rt_facts_of_segment(
    struct rt_facts *facts, const struct rt_segment *segment, bool negated);

/* The places of two facts that cannot both hold; false when there are none. */
bool rt_facts_contradict(const struct rt_facts *facts, size_t *a, size_t *b);

#endif
