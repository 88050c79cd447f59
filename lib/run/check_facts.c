/*
 * Facts: a condition taken apart into what must all hold at once. Most facts bound a number
 * of events: `did` asks for one at least, `did_not` for none, `last` with an age for one
 * there and none later. Two of them contradict each other when the events that the first
 * asks for are among those that the second forbids:
 *
 *     at least 3 carts in the last 2 days    at most 1 cart in the last 7 days
 *
 * The other facts are conditions as a whole, which contradict their own negation.
 */
#include "run/check_facts.h"

enum { REFERENCES_MAX = 32 };

/* ---- JSON */

bool rt_json_same(const struct rt_json *a, const struct rt_json *b)
{
    if (!a || !b || a->kind != b->kind || a->n != b->n || a->truth != b->truth)
        return a == b;
    if ((a->kind == RT_JSON_TEXT || a->kind == RT_JSON_NUMBER)
        && !rt_span_eq(a->text, b->text))
        return false;
    for (size_t i = 0; i < a->n; i++)
        if ((a->kind == RT_JSON_OBJECT && !rt_span_eq(a->items[i].key, b->items[i].key))
            || !rt_json_same(&a->items[i], &b->items[i]))
            return false;
    return true;
}

/* ---- which events are among which */

static bool names_have(const struct rt_event_choice *choice, struct rt_span name)
{
    for (size_t i = 0; i < choice->nnames; i++)
        if (rt_span_eq(choice->names[i], name))
            return true;
    return choice->nnames == 0;
}

/* Is every event of that name and that friendly `where` one of the set? */
static bool set_has(const struct rt_event_set *set, const struct rt_span *name,
    const struct rt_test *where)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct rt_event_choice *choice = &set->choices[i];

        if ((!choice->where || choice->where == where)
            && (name ? names_have(choice, *name) : choice->nnames == 0))
            return true;
    }
    return false;
}

static bool events_within(const struct rt_event_set *a, const struct rt_event_set *b)
{
    for (size_t i = 0; i < a->n; i++) {
        const struct rt_event_choice *choice = &a->choices[i];

        if (choice->nnames == 0 && !set_has(b, NULL, choice->where))
            return false;
        for (size_t k = 0; k < choice->nnames; k++)
            if (!set_has(b, &choice->names[k], choice->where))
                return false;
    }
    return true;
}

static bool same_events(const struct rt_event_set *a, const struct rt_event_set *b)
{
    return events_within(a, b) && events_within(b, a);
}

/* Windows of two kinds may lie in each other today and not tomorrow: they do not count. */
static bool window_within(const struct rt_window *a, const struct rt_window *b)
{
    if (b->anchor != RT_ANCHOR_NONE
        && (a->anchor != b->anchor || !same_events(&a->anchor_events, &b->anchor_events)))
        return false;
    if (b->kind == RT_WINDOW_ALL)
        return true;
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case RT_WINDOW_AGO:
        return a->min_us >= b->min_us && a->max_us <= b->max_us;
    case RT_WINDOW_DATES:
        return a->from_us >= b->from_us && a->to_us <= b->to_us;
    default:
        return rt_span_eq(a->on, b->on);
    }
}

static bool same_distinct(const struct rt_measure *a, const struct rt_measure *b)
{
    if (!a || !b)
        return a == b;
    return a->by_day == b->by_day && (a->by_day || rt_span_eq(a->field, b->field));
}

/* Are there never more of a than of b? */
static bool fact_within(const struct rt_fact *a, const struct rt_fact *b)
{
    return same_distinct(a->distinct, b->distinct) && events_within(a->events, b->events)
        && (!b->where || rt_json_same(a->where, b->where))
        && window_within(&a->window, &b->window);
}

static bool contradict(const struct rt_fact *a, const struct rt_fact *b)
{
    if (a->counts && b->counts)
        return a->min > b->max && fact_within(a, b);
    return !a->counts && !b->counts && a->negated != b->negated
        && rt_json_same(a->cond->json, b->cond->json);
}

/* ---- what is wrong with a fact alone */

/* Days that a window can touch: one more than fit, and one for a clock that is changed. */
static uint64_t days_in(const struct rt_window *w)
{
    if (w->kind != RT_WINDOW_AGO || w->max_us == RT_TIME_MAX)
        return UINT64_MAX;
    return (uint64_t)((w->max_us - w->min_us) / RT_DAY_US) + 2;
}

static bool warn_of_future(struct rt_facts *f, const struct rt_fact *fact)
{
    char from[40];

    if (fact->window.kind != RT_WINDOW_DATES || fact->window.from_us <= f->c->as_of_us)
        return false;
    rt_clock_format(f->c->as_of_us, from);
    rt_check_warn(f->c, rt_check_member(fact->at, "from"), false,
        "%s true: the window begins after the time that is counted back from, %s; events "
        "after it do not exist",
        fact->min ? "can never be" : "is always", from);
    return true;
}

static bool warn_of_days(struct rt_facts *f, const struct rt_fact *fact)
{
    uint64_t days = days_in(&fact->window);

    if (!fact->distinct || !fact->distinct->by_day || fact->min <= days)
        return false;
    rt_check_warn(f->c, rt_check_member(fact->at, "at_least"), false,
        "can never be true: the window touches %ju local days at most", (uintmax_t)days);
    return true;
}

/* After the last of some events there is none of them, nor any before the first. */
static bool warn_of_anchor(struct rt_facts *f, const struct rt_fact *fact)
{
    const struct rt_window *w = &fact->window;
    bool last = w->anchor == RT_ANCHOR_SINCE_LAST;

    if ((!last && w->anchor != RT_ANCHOR_BEFORE_FIRST)
        || !events_within(fact->events, &w->anchor_events)
        || (fact->min == 0 && fact->max))
        return false;
    if (fact->min)
        rt_check_warn(f->c,
            rt_check_member(fact->at, last ? "since_last" : "before_first"), false,
            "can never be true: %s the %s of these events there is none of them",
            last ? "after" : "before", last ? "last" : "first");
    else
        rt_check_warn(f->c,
            rt_check_member(fact->at, last ? "since_last" : "before_first"), false,
            "says no more than that there is such an event: %s the %s of them there is "
            "none",
            last ? "after" : "before", last ? "last" : "first");
    return true;
}

static void warn_of_fact(struct rt_facts *f, const struct rt_fact *fact)
{
    if (!warn_of_future(f, fact) && !warn_of_days(f, fact))
        warn_of_anchor(f, fact);
}

/* ---- facts of a condition */

static void add(struct rt_facts *f, struct rt_fact fact)
{
    if (f->only_min
        && (fact.max < UINT64_MAX || fact.window.anchor != RT_ANCHOR_NONE
            || !fact.counts))
        return;
    if (f->n < RT_FACTS_MAX)
        f->all[f->n++] = fact;
}

static struct rt_fact count_of(const struct rt_cond *cond, uint64_t min, uint64_t max)
{
    return (struct rt_fact) { .cond = cond,
        .at = cond->json,
        .counts = true,
        .min = min,
        .max = max,
        .events = &cond->events,
        .where = rt_json_get(cond->json, "where"),
        .window = cond->window };
}

/* not (min <= n <= max) is a bound when it is open on one side; with an anchor it also
 * holds for those who have none. */
static void add_not_counted(struct rt_facts *f, const struct rt_cond *cond,
    const struct rt_measure *distinct, uint64_t min, uint64_t max)
{
    struct rt_fact fact;

    if (cond->window.anchor != RT_ANCHOR_NONE || (min > 0) == (max < UINT64_MAX))
        return;
    fact = min > 0 ? count_of(cond, 0, min - 1) : count_of(cond, max + 1, UINT64_MAX);
    fact.distinct = distinct;
    add(f, fact);
}

static bool is_plain_sum_of_some(const struct rt_measure *m)
{
    return m->kind != RT_MEASURE_SUM || (m->has_gt && m->gt >= 0)
        || (m->has_gte && m->gte > 0) || (m->has_eq && m->eq != 0);
}

static void add_did(struct rt_facts *f, const struct rt_cond *cond, bool negated)
{
    const struct rt_measure *m = &cond->measure;
    const struct rt_measure *distinct = m->by_day || m->field.p ? m : NULL;
    struct rt_fact fact;

    if (m->kind != RT_MEASURE_COUNT) {
        if (!negated && is_plain_sum_of_some(m))
            add(f, count_of(cond, 1, UINT64_MAX));
        return;
    }
    if (negated) {
        add_not_counted(f, cond, distinct, m->min_count, m->max_count);
        return;
    }
    if (!f->quiet && m->min_count == 0 && m->max_count == UINT64_MAX
        && cond->window.anchor == RT_ANCHOR_NONE)
        rt_check_warn(f->c, rt_check_member(cond->json, "at_least"), false,
            "is always true: everyone did it at least 0 times");
    fact = count_of(cond, m->min_count, m->max_count);
    fact.distinct = distinct;
    if (!f->quiet)
        warn_of_fact(f, &fact);
    add(f, fact);
    if (distinct && m->min_count) /* as many events as values there are at least */
        add(f, count_of(cond, m->min_count, UINT64_MAX));
}

static void add_did_not(struct rt_facts *f, const struct rt_cond *cond, bool negated)
{
    struct rt_fact fact = count_of(cond, 0, 0);

    if (negated) {
        add_not_counted(f, cond, NULL, 0, 0);
        return;
    }
    if (!f->quiet)
        warn_of_fact(f, &fact);
    add(f, fact);
}

/* The latest event is one of that age, and there is none that is younger; likewise the
 * first. */
static void add_last(struct rt_facts *f, const struct rt_cond *cond)
{
    struct rt_fact some = count_of(cond, 1, UINT64_MAX), none = count_of(cond, 0, 0);
    bool last = cond->kind == RT_COND_LAST;

    some.window = none.window = (struct rt_window) { .kind = RT_WINDOW_ALL };
    if (cond->has_ago) {
        some.window.kind = none.window.kind = RT_WINDOW_AGO;
        some.window.min_us = cond->ago_min_us;
        some.window.max_us = cond->ago_max_us;
        none.window.min_us = last ? 0 : cond->ago_max_us;
        none.window.max_us = last ? cond->ago_min_us : RT_TIME_MAX;
        if (none.window.min_us < none.window.max_us)
            add(f, none);
    }
    add(f, some);
}

static void add_steps(struct rt_facts *f, const struct rt_cond *cond)
{
    const struct rt_json *steps = rt_json_get(cond->json, "sequence");

    for (size_t i = 0; i < cond->nsteps; i++) {
        struct rt_fact fact = count_of(cond, 1, UINT64_MAX);

        if (cond->steps[i].negative)
            continue;
        fact.events = &cond->steps[i].events;
        fact.where = rt_json_get(&steps->items[i], "where");
        fact.at = &steps->items[i];
        add(f, fact);
    }
}

static void add_ranked(struct rt_facts *f, const struct rt_cond *cond)
{
    struct rt_fact fact = count_of(cond, 1, UINT64_MAX);

    fact.where = rt_json_get(rt_json_get(cond->json, "rank"), "where");
    add(f, fact);
}

void rt_facts_of_segment(struct rt_facts *f, const struct rt_segment *seg, bool negated)
{
    if (!negated)
        rt_facts_gather(f, seg->match, false);
    for (size_t i = 0; i < seg->nexclude && !negated; i++)
        rt_facts_gather(f, seg->exclude[i], true);
}

/* What another segment is wrong about is said there. */
static void follow(struct rt_facts *f, const struct rt_cond *cond, bool negated)
{
    bool quiet = f->quiet;

    add(f, (struct rt_fact) { .cond = cond, .at = cond->json, .negated = negated });
    if (f->references++ == REFERENCES_MAX)
        return;
    f->quiet = true;
    rt_facts_of_segment(f, &f->c->defs->segments[cond->segment], negated);
    f->quiet = quiet;
}

static void gather_some(struct rt_facts *f, const struct rt_cond *cond)
{
    bool only_min = f->only_min, quiet = f->quiet;

    f->only_min = f->quiet = true; /* said when the inside is looked at by itself */
    rt_facts_gather(f, cond->parts[0], false);
    f->only_min = only_min;
    f->quiet = quiet;
}

void rt_facts_gather(struct rt_facts *f, const struct rt_cond *cond, bool negated)
{
    switch (cond->kind) {
    case RT_COND_NOT:
        rt_facts_gather(f, cond->parts[0], !negated);
        return;
    case RT_COND_ALL:
    case RT_COND_ANY:
        if ((cond->kind == RT_COND_ANY) == negated || cond->n == 1) {
            for (size_t i = 0; i < cond->n; i++)
                rt_facts_gather(f, cond->parts[i], negated);
            return;
        }
        break;
    case RT_COND_SEGMENT:
        follow(f, cond, negated);
        return;
    case RT_COND_DID:
        add_did(f, cond, negated);
        break;
    case RT_COND_DID_NOT:
        add_did_not(f, cond, negated);
        break;
    case RT_COND_LAST:
    case RT_COND_FIRST:
        if (!negated)
            add_last(f, cond);
        break;
    case RT_COND_SEQUENCE:
        if (!negated)
            add_steps(f, cond);
        break;
    case RT_COND_RANK:
        if (!negated)
            add_ranked(f, cond);
        break;
    case RT_COND_FOR_SOME:
        if (!negated)
            gather_some(f, cond);
        break;
    default:
        break;
    }
    add(f, (struct rt_fact) { .cond = cond, .at = cond->json, .negated = negated });
}

bool rt_facts_contradict(const struct rt_facts *f, size_t *a, size_t *b)
{
    for (*b = 0; *b < f->n; ++*b)
        for (*a = 0; *a < f->n; ++*a)
            if (*a != *b && contradict(&f->all[*a], &f->all[*b]))
                return true;
    return false;
}
