/*
 * What is asked of a person: leaves, with their windows, anchors and measures.
 */
#include "plan/plan_int.h"

/* ---- leaves */

/* min <= as-of - t < max as bounds of t. */
static struct rt_bounds bounds_of_age(int64_t as_of_us, int64_t min_us, int64_t max_us)
{
    struct rt_bounds when = { RT_TIME_MIN, as_of_us };

    if (max_us != RT_TIME_MAX
        && __builtin_sub_overflow(as_of_us, max_us - 1, &when.lo_us))
        when.lo_us = RT_TIME_MIN;
    if (__builtin_sub_overflow(as_of_us, min_us, &when.hi_us))
        when.hi_us = RT_TIME_MIN;
    return when;
}

struct rt_bounds rt_planner_bounds(struct rt_planner *b, const struct rt_window *w)
{
    int64_t as_of = b->plan->as_of_us, from, to;
    struct rt_bounds when = { RT_TIME_MIN, as_of };

    switch (w->kind) {
    case RT_WINDOW_ALL:
        return when;
    case RT_WINDOW_AGO:
        return bounds_of_age(as_of, w->min_us, w->max_us);
    case RT_WINDOW_ON:
        if (rt_clock_window(
                w->on, b->defs->zone, as_of, b->defs->week_starts_sunday, &from, &to)
            < 0)
            return (struct rt_bounds) { RT_TIME_MAX, RT_TIME_MIN };
        return (struct rt_bounds) { from, to - 1 };
    case RT_WINDOW_DATES:
        when.lo_us = w->from_us;
        if (w->to_us != RT_TIME_MAX && w->to_us - 1 < when.hi_us)
            when.hi_us = w->to_us - 1;
        return when;
    }
    return when;
}

static uint32_t add_leaf(struct rt_planner *b, struct rt_leaf leaf)
{
    if (b->plan->nleaves == RT_PLAN_LEAVES_MAX) {
        rt_planner_complain(b, leaf.cond->json, "more than 8192 conditions");
        return 0;
    }
    b->leaves[b->plan->nleaves] = leaf;
    return b->plan->nleaves++;
}

static void set_window(
    struct rt_planner *b, const struct rt_cond *cond, struct rt_leaf *leaf)
{
    const struct rt_window *w = &cond->window;

    leaf->when = rt_planner_bounds(b, w);
    rt_planner_look(b, leaf->matcher, leaf->when.lo_us, leaf->when.hi_us);
    leaf->anchor = w->anchor;
    if (w->anchor == RT_ANCHOR_NONE)
        return;
    leaf->anchor_matcher =
        rt_planner_matcher(b, &w->anchor_events, NULL, NULL, cond->json);
    rt_planner_look(b, leaf->anchor_matcher, RT_TIME_MIN, RT_TIME_MAX);
}

static void set_measure(
    struct rt_planner *b, const struct rt_cond *cond, struct rt_leaf *leaf)
{
    const struct rt_measure *m = &cond->measure;

    if (!m->field.p || m->by_day)
        return;
    leaf->value = rt_planner_value(b, m->field, m->kind == RT_MEASURE_COUNT, cond->json);
    b->matchers[leaf->matcher].values |= UINT64_C(1) << leaf->value;
}

static void build_last(
    struct rt_planner *b, const struct rt_cond *cond, struct rt_leaf *leaf)
{
    bool last = cond->kind == RT_COND_LAST;

    leaf->matcher = rt_planner_matcher(b, &cond->events, cond->where, NULL, cond->json);
    leaf->when = (struct rt_bounds) { RT_TIME_MIN, b->plan->as_of_us };
    if (cond->has_ago)
        leaf->when = bounds_of_age(b->plan->as_of_us, cond->ago_min_us, cond->ago_max_us);
    /* A later event than the window's makes `last` false, an earlier one does so with
     * `first`; beyond its other end no event can change the answer. */
    rt_planner_look(b, leaf->matcher, last ? leaf->when.lo_us : RT_TIME_MIN,
        last ? RT_TIME_MAX : leaf->when.hi_us);
    if (!cond->is)
        return;
    leaf->is_matcher =
        rt_planner_matcher(b, &cond->events, cond->where, cond->is, cond->json);
    rt_planner_look(b, leaf->is_matcher, leaf->when.lo_us, leaf->when.hi_us);
}

static void build_profile(
    struct rt_planner *b, const struct rt_cond *cond, struct rt_leaf *leaf)
{
    leaf->matcher = rt_planner_add_matcher(b,
        (struct rt_matcher) { .where = rt_planner_formula(b, cond->is), .contact = true },
        cond->json);
    rt_planner_look(b, leaf->matcher, RT_TIME_MIN, RT_TIME_MAX);
}

static struct rt_leaf new_leaf(const struct rt_cond *cond)
{
    return (struct rt_leaf) { .kind = cond->kind,
        .cond = cond,
        .matcher = RT_NONE,
        .is_matcher = RT_NONE,
        .anchor_matcher = RT_NONE,
        .value = RT_NONE,
        .among = RT_NONE };
}

uint32_t rt_planner_leaf(struct rt_planner *b, const struct rt_cond *cond)
{
    struct rt_leaf leaf = new_leaf(cond);

    switch (cond->kind) {
    case RT_COND_DID:
    case RT_COND_DID_NOT:
    case RT_COND_RANK:
        leaf.matcher =
            rt_planner_matcher(b, &cond->events, cond->where, NULL, cond->json);
        set_window(b, cond, &leaf);
        if (cond->kind != RT_COND_DID_NOT)
            set_measure(b, cond, &leaf);
        if (cond->kind == RT_COND_RANK && cond->has_among)
            leaf.among = cond->segment;
        break;
    case RT_COND_LAST:
    case RT_COND_FIRST:
        build_last(b, cond, &leaf);
        break;
    case RT_COND_PROFILE:
        build_profile(b, cond, &leaf);
        break;
    case RT_COND_SEQUENCE:
        rt_planner_sequence(b, cond, &leaf);
        break;
    case RT_COND_SESSION:
        rt_planner_session(b, cond, &leaf);
        break;
    default:
        break;
    }
    return add_leaf(b, leaf);
}

/* ---- for_some */

/* Does a sum of nothing pass? */
static bool takes_zero(const struct rt_measure *m)
{
    return (!m->has_gte || m->gte <= 0) && (!m->has_gt || m->gt < 0)
        && (!m->has_lte || m->lte >= 0) && (!m->has_lt || m->lt > 0)
        && (!m->has_eq || m->eq == 0);
}

/* Does the condition hold for somebody without any event? */
static bool holds_of_nobody(const struct rt_cond *cond)
{
    const struct rt_measure *m = &cond->measure;

    switch (cond->kind) {
    case RT_COND_ALL:
        for (size_t i = 0; i < cond->n; i++)
            if (!holds_of_nobody(cond->parts[i]))
                return false;
        return true;
    case RT_COND_ANY:
        for (size_t i = 0; i < cond->n; i++)
            if (holds_of_nobody(cond->parts[i]))
                return true;
        return false;
    case RT_COND_NOT:
        return !holds_of_nobody(cond->parts[0]);
    case RT_COND_DID:
        if (cond->window.anchor != RT_ANCHOR_NONE)
            return false;
        if (m->kind == RT_MEASURE_COUNT)
            return m->min_count == 0;
        return m->kind == RT_MEASURE_SUM && takes_zero(m);
    case RT_COND_DID_NOT:
        return cond->window.anchor == RT_ANCHOR_NONE;
    default:
        return false;
    }
}

uint32_t rt_planner_begin_some(struct rt_planner *b, const struct rt_cond *cond)
{
    struct rt_leaf leaf = new_leaf(cond);
    struct rt_some *some = rt_planner_new(b, 1, sizeof *some);

    if (!some)
        return 0;
    some->value = rt_planner_value(b, cond->field, true, cond->json);
    some->present = RT_NONE;
    b->asks = UINT64_C(1) << some->value;
    b->some_field = cond->field;
    if (b->products)
        b->values[some->value].kept = true;
    if (b->products || holds_of_nobody(cond->parts[0])) {
        some->present =
            rt_planner_any_event(b, rt_planner_exists(b, cond->field), cond->json);
        rt_planner_look(b, some->present, RT_TIME_MIN, RT_TIME_MAX);
    }
    some->first_leaf = b->plan->nleaves + 1;
    leaf.some = some;
    return add_leaf(b, leaf);
}

void rt_planner_end_some(struct rt_planner *b, uint32_t leaf)
{
    struct rt_some *some = (struct rt_some *)b->leaves[leaf].some;

    b->asks = 0;
    b->some_field = RT_SPAN_ABSENT;
    if (some)
        some->end_leaf = b->plan->nleaves;
}
