/* One walk over a person's events, session by session; a session is asked everything before
 * the next is looked for. */
#include "people/session.h"

#include "people/past.h"

bool rt_session_next(const struct rt_kinds *kinds, const struct rt_history *history,
    uint32_t every, int64_t timeout_us, uint32_t *at, struct rt_session_span *out)
{
    const struct rt_past *events = history->events;
    uint32_t i = *at;

    while (i < history->n && !rt_past_holds(kinds, &events[i], every))
        i++;
    if (i == history->n)
        return false;
    *out = (struct rt_session_span) {
        .first = i, .first_us = events[i].time_us, .last_us = events[i].time_us
    };
    for (; i < history->n; i++) {
        if (!rt_past_holds(kinds, &events[i], every))
            continue;
        if (events[i].time_us - out->last_us > timeout_us)
            break;
        out->last_us = events[i].time_us;
        out->nevents++;
        out->end = i + 1;
    }
    *at = out->end;
    return true;
}

struct asked {
    const struct rt_session_plan *plan;
    const struct rt_cond *cond;
    const struct rt_kinds *kinds;
    const struct rt_text_set *texts;
    const struct rt_history *history;
    const struct rt_session_span *span;
};

/* ---- where it landed */

/* Is a before b, by bytes? Both are kept texts. */
static bool is_smaller(
    const struct rt_text_set *texts, struct rt_hash128 a, struct rt_hash128 b)
{
    return rt_span_cmp(rt_text_set_find(texts, a), rt_text_set_find(texts, b)) < 0;
}

/* The field's first value, and at which instant; of equal times the smallest. */
static struct rt_hash128 landing_value(
    const struct asked *a, const struct rt_landing_field *field, int64_t *at_us)
{
    struct rt_hash128 best = { 0, 0 };

    for (uint32_t i = a->span->first; i < a->span->end; i++) {
        const struct rt_past *e = &a->history->events[i];
        struct rt_hash128 text;

        if (rt_text_given(best) && e->time_us > *at_us)
            break;
        if (!rt_past_holds(a->kinds, e, field->present))
            continue;
        text = rt_past_text(a->kinds, a->history, e, field->value);
        if (!rt_text_given(best)
            || (!rt_text_same(text, best) && is_smaller(a->texts, text, best)))
            best = text;
        *at_us = e->time_us;
    }
    return best;
}

/* Whether a value passes was found when its record was read; so ask the record again. */
static bool test_holds(const struct asked *a, uint32_t test)
{
    const struct rt_landing_test *t = &a->plan->tests[test];
    const struct rt_landing_field *field = &a->plan->fields[t->field];
    int64_t at_us = 0;
    struct rt_hash128 landed = landing_value(a, field, &at_us);

    if (!rt_text_given(landed))
        return false;
    for (uint32_t i = a->span->first; i < a->span->end; i++) {
        const struct rt_past *e = &a->history->events[i];

        if (e->time_us == at_us && rt_past_holds(a->kinds, e, t->matcher)
            && rt_past_holds(a->kinds, e, field->present)
            && rt_text_same(rt_past_text(a->kinds, a->history, e, field->value), landed))
            return true;
    }
    return false;
}

static bool landing_holds(const struct asked *a, const struct rt_formula *f)
{
    switch (f->kind) {
    case RT_TEST_LEAF:
        return test_holds(a, f->test);
    case RT_TEST_NOT:
        return !landing_holds(a, &f->parts[0]);
    case RT_TEST_ALL:
        for (uint32_t i = 0; i < f->n; i++)
            if (!landing_holds(a, &f->parts[i]))
                return false;
        return true;
    case RT_TEST_ANY:
        for (uint32_t i = 0; i < f->n; i++)
            if (landing_holds(a, &f->parts[i]))
                return true;
        return false;
    }
    return false;
}

/* ---- the rest */

static bool has_holds(const struct asked *a)
{
    uint64_t n = 0;

    for (uint32_t i = a->span->first; i < a->span->end; i++)
        n += rt_past_holds(a->kinds, &a->history->events[i], a->plan->has);
    return a->cond->has_min <= n && n <= a->cond->has_max;
}

static bool duration_holds(const struct rt_cond *c, int64_t us)
{
    return (c->duration_gte_us < 0 || us >= c->duration_gte_us)
        && (c->duration_gt_us < 0 || us > c->duration_gt_us)
        && (c->duration_lte_us < 0 || us <= c->duration_lte_us)
        && (c->duration_lt_us < 0 || us < c->duration_lt_us);
}

static bool passes(const struct asked *a)
{
    const struct rt_session_span *s = a->span;

    return s->first_us >= a->plan->when.lo_us && s->first_us <= a->plan->when.hi_us
        && duration_holds(a->cond, s->last_us - s->first_us)
        && s->nevents >= a->cond->events_min && s->nevents <= a->cond->events_max
        && (a->plan->has == RT_NONE || has_holds(a))
        && (!a->plan->landing || landing_holds(a, a->plan->landing));
}

enum rt_answer rt_session_ask(const struct rt_leaf *leaf, int64_t timeout_us,
    const struct rt_kinds *kinds, const struct rt_text_set *texts,
    const struct rt_history *history)
{
    enum rt_start which = leaf->cond->session;
    struct rt_session_span span;
    struct asked a = { leaf->session, leaf->cond, kinds, texts, history, &span };
    uint32_t at = 0;
    bool any = false;

    while (
        rt_session_next(kinds, history, leaf->session->every, timeout_us, &at, &span)) {
        any = true;
        if (which == RT_START_LAST)
            continue; /* which one is the last shows at the end */
        if (passes(&a))
            return RT_YES;
        if (which == RT_START_FIRST)
            return RT_NO;
    }
    return which == RT_START_LAST && any && passes(&a) ? RT_YES : RT_NO;
}
