/* Two rounds over all chains: the first collects the starts, the second judges the chains
 * from those that are chosen. */
#include "chain_twin.h"

#include <string.h>

#include "people/answer.h"

struct twin {
    const struct twin_chain *chain;
    const struct twin_event *events;
    unsigned n;
    int picks[TWIN_STEPS_MAX]; /* event of each step; -1: a negative one */
    const int *asked;          /* of twin_check */
    const int *given;          /* the only events that may be picked; NULL: any */
    bool judging, any_start;
    int64_t chosen_s; /* round one: the best start so far */
    int answer;
};

static bool fits(const struct twin_step *step, const struct twin_event *e)
{
    if (e->name == '-' || (step->p && e->fields[0] != step->p))
        return false;
    return strcmp(step->names, "*") == 0 || strchr(step->names, e->name);
}

static bool same(
    const struct twin_step *step, const struct twin_event *a, const struct twin_event *b)
{
    for (unsigned f = 0; f < TWIN_FIELDS; f++)
        if (step->same[f] && (!a->fields[f] || a->fields[f] != b->fields[f]))
            return false;
    return true;
}

static bool is_own(const struct twin *t, unsigned event)
{
    for (unsigned i = 0; i < t->chain->nsteps; i++)
        if (t->picks[i] == (int)event)
            return true;
    return false;
}

/* The nearest positive step before (way -1) or behind (way 1); NULL: none. */
static const struct twin_event *neighbour(const struct twin *t, unsigned step, int way)
{
    for (int i = (int)step + way; i >= 0 && i < (int)t->chain->nsteps; i += way)
        if (t->picks[i] >= 0)
            return &t->events[t->picks[i]];
    return NULL;
}

static int judge_negative(const struct twin *t, unsigned place)
{
    const struct twin_step *step = &t->chain->steps[place];
    const struct twin_event *before = neighbour(t, place, -1);
    const struct twin_event *behind = neighbour(t, place, 1);
    int64_t from_s = before ? before->s : INT64_MIN;
    int64_t to_s = behind ? behind->s : t->chain->as_of_s;

    if (!before && step->within_s >= 0)
        from_s = behind->s - step->within_s;
    if (!behind && step->within_s >= 0)
        to_s = before->s + step->within_s;
    for (unsigned i = 0; i < t->n; i++) {
        const struct twin_event *e = &t->events[i];

        if (fits(step, e) && !is_own(t, i) && from_s <= e->s && e->s <= to_s
            && same(step, e, before ? before : behind))
            return RT_NO;
    }
    if (!behind && step->within_s >= 0 && t->chain->as_of_s - before->s < step->within_s)
        return RT_UNDECIDED;
    return RT_YES;
}

static void judge(struct twin *t)
{
    int answer = RT_YES;

    for (unsigned i = 0; i < t->chain->nsteps; i++) {
        int one = t->chain->steps[i].negative ? judge_negative(t, i) : RT_YES;

        if (one == RT_NO)
            return;
        if (one == RT_UNDECIDED)
            answer = RT_UNDECIDED;
    }
    if (t->answer != RT_YES)
        t->answer = answer;
}

/* Is there a break between two instants? */
static bool one_session(const struct twin *t, int64_t from_s, int64_t to_s)
{
    while (from_s < to_s) {
        int64_t next_s = INT64_MAX;

        for (unsigned i = 0; i < t->n; i++)
            if (t->events[i].name != '-' && t->events[i].s > from_s
                && t->events[i].s < next_s)
                next_s = t->events[i].s;
        if (next_s - from_s > t->chain->timeout_s)
            return false;
        from_s = next_s;
    }
    return true;
}

static bool anything_between(const struct twin *t, int64_t from_s, int64_t to_s)
{
    for (unsigned i = 0; i < t->n; i++)
        if (t->events[i].name != '-' && from_s < t->events[i].s && t->events[i].s < to_s)
            return true;
    return false;
}

static void complete(struct twin *t)
{
    const struct twin_chain *c = t->chain;
    unsigned first = 0, last = c->nsteps - 1;
    int64_t from_s, to_s;

    while (t->picks[first] < 0)
        first++;
    while (t->picks[last] < 0)
        last--;
    from_s = t->events[t->picks[first]].s;
    to_s = t->events[t->picks[last]].s;
    if (c->within_s >= 0 && to_s - from_s > c->within_s)
        return;
    if (c->in_session && !one_session(t, from_s, to_s))
        return;
    if (!t->judging) {
        if (!t->any_start || (c->start == TWIN_FIRST) == (from_s < t->chosen_s))
            t->chosen_s = from_s;
        t->any_start = true;
    } else if (c->start == TWIN_ANY || from_s == t->chosen_s) {
        judge(t);
    }
}

static bool may_follow(
    const struct twin *t, const struct twin_step *step, unsigned place, unsigned event)
{
    const struct twin_event *e = &t->events[event];
    const struct twin_event *before = neighbour(t, place, -1);

    if (!fits(step, e) || e->s < t->chain->from_s || e->s > t->chain->to_s)
        return false;
    if (!before)
        return true;
    if (e->s < before->s || !same(step, before, e))
        return false;
    if (step->within_s >= 0 && e->s - before->s > step->within_s)
        return false;
    if (step->after_s >= 0 && e->s - before->s < step->after_s)
        return false;
    return !step->next || !anything_between(t, before->s, e->s);
}

static void try_from(struct twin *t, unsigned place)
{
    const struct twin_step *step = &t->chain->steps[place];

    if (place == t->chain->nsteps) {
        complete(t);
        return;
    }
    t->picks[place] = -1;
    if (step->negative) {
        try_from(t, place + 1);
        return;
    }
    for (unsigned i = 0; i < t->n; i++) {
        bool own = false;

        for (unsigned k = 0; k < place; k++)
            own |= t->picks[k] == (int)i;
        if (t->given && t->given[place] != (int)i)
            continue;
        if (own || !may_follow(t, step, place, i))
            continue;
        t->picks[place] = (int)i;
        try_from(t, place + 1);
        t->picks[place] = -1;
    }
}

/* Judges the chains from the starts of the whole chain, or from all where it has none. */
static int judge_from(
    struct twin *t, const struct twin_chain *whole, const struct twin_chain *part)
{
    t->chain = whole;
    try_from(t, 0);
    t->chain = part;
    t->judging = true;
    t->given = t->asked;
    try_from(t, 0);
    return t->answer;
}

int twin_ask(const struct twin_chain *chain, const struct twin_event *events, unsigned n)
{
    struct twin t = { .events = events, .n = n };

    return judge_from(&t, chain, chain);
}

int twin_check(const struct twin_chain *chain, const struct twin_event *events,
    unsigned n, const int *picks)
{
    struct twin t = { .events = events, .n = n, .asked = picks };

    return judge_from(&t, chain, chain);
}

int twin_check_beginning(const struct twin_chain *chain, unsigned npositive,
    const struct twin_event *events, unsigned n, const int *picks)
{
    struct twin t = { .events = events, .n = n, .asked = picks };
    struct twin_chain part = *chain;
    struct twin any = { .chain = chain, .events = events, .n = n };

    for (part.nsteps = 0; npositive > 0; part.nsteps++)
        npositive -= !chain->steps[part.nsteps].negative;
    try_from(&any, 0);
    if (!any.any_start)
        part.start = TWIN_ANY;
    return judge_from(&t, chain, &part);
}
