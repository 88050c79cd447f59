/*
 * Sequences and sessions: steps and tests to matchers, and which events must be kept for
 * them.
 */
#include "plan/plan_int.h"

/* All events there are, as far as the condition knows: in a for_some, those of the field. */
static uint32_t every_event(
    struct rt_planner *b, const struct rt_json *at, struct rt_bounds when)
{
    const struct rt_test *where =
        b->some_field.p ? rt_planner_exists(b, b->some_field) : NULL;
    uint32_t m = rt_planner_any_event(b, where, at);

    rt_planner_look(b, m, when.lo_us, when.hi_us);
    return m;
}

static const struct rt_bounds ever = { RT_TIME_MIN, RT_TIME_MAX };

/* ---- sequences */

static const uint32_t *build_same(
    struct rt_planner *b, const struct rt_cond *cond, const struct rt_step *step)
{
    uint32_t *same = rt_planner_new(b, step->nsame, sizeof *same);

    for (size_t i = 0; same && i < step->nsame; i++)
        same[i] = rt_planner_value(b, step->same[i], true, cond->json);
    return same;
}

/* A matcher of the sequence: its touches carry all values that some step compares. */
static uint32_t build_step(struct rt_planner *b, const struct rt_cond *cond,
    const struct rt_step *step, struct rt_bounds when)
{
    uint32_t m = rt_planner_matcher(b, &step->events, step->where, NULL, cond->json);

    rt_planner_look(b, m, when.lo_us, when.hi_us);
    for (size_t i = 0; i < cond->nsteps; i++)
        for (size_t k = 0; k < cond->steps[i].nsame; k++)
            b->matchers[m].values |= UINT64_C(1)
                << rt_planner_value(b, cond->steps[i].same[k], true, cond->json);
    return m;
}

static struct rt_chain_not build_not(struct rt_planner *b, const struct rt_cond *cond,
    const struct rt_step *step, struct rt_bounds when)
{
    return (struct rt_chain_not) { .matcher = build_step(b, cond, step, when),
        .within_us = step->within_us,
        .same = build_same(b, cond, step),
        .nsame = (uint32_t)step->nsame };
}

static struct rt_chain_step build_did(struct rt_planner *b, const struct rt_cond *cond,
    const struct rt_step *step, struct rt_bounds when)
{
    return (struct rt_chain_step) { .matcher = build_step(b, cond, step, when),
        .within_us = step->within_us,
        .after_us = step->after_us,
        .next = step->next,
        .same = build_same(b, cond, step),
        .nsame = (uint32_t)step->nsame };
}

/* Where a negative step's events matter: before the window for a leading one, behind it for
 * a trailing one. */
static struct rt_bounds look_of(struct rt_bounds when, bool leading, bool trailing)
{
    if (leading)
        when.lo_us = RT_TIME_MIN;
    if (trailing)
        when.hi_us = RT_TIME_MAX;
    return when;
}

static bool fits(struct rt_planner *b, const struct rt_cond *cond)
{
    uint32_t positive = 0;

    for (size_t i = 0; i < cond->nsteps; i++)
        positive += !cond->steps[i].negative;
    if (positive <= RT_CHAIN_STEPS_MAX && cond->nsteps - positive <= RT_CHAIN_NOTS_MAX)
        return true;
    rt_planner_complain(
        b, cond->json, "more than 10 \"did\" or 20 \"did_not\" steps in one sequence");
    return false;
}

static void build_steps(struct rt_planner *b, const struct rt_cond *cond,
    struct rt_chain *chain, struct rt_chain_step *steps, struct rt_chain_not *nots)
{
    uint32_t nnots = 0;

    for (size_t i = 0; i < cond->nsteps; i++) {
        const struct rt_step *step = &cond->steps[i];
        bool trailing = true;

        for (size_t k = i; k < cond->nsteps; k++)
            trailing &= cond->steps[k].negative;
        if (step->negative) {
            nots[nnots++] = build_not(
                b, cond, step, look_of(chain->when, chain->nsteps == 0, trailing));
            continue;
        }
        steps[chain->nsteps] = build_did(b, cond, step, chain->when);
        steps[chain->nsteps].nots = nots;
        steps[chain->nsteps++].nnots = nnots;
        nots += nnots;
        nnots = 0;
    }
    chain->trailing = nots;
    chain->ntrailing = nnots;
}

void rt_planner_sequence(
    struct rt_planner *b, const struct rt_cond *cond, struct rt_leaf *leaf)
{
    struct rt_chain *chain = rt_planner_new(b, 1, sizeof *chain);
    struct rt_chain_step *steps = rt_planner_new(b, cond->nsteps, sizeof *steps);
    struct rt_chain_not *nots = rt_planner_new(b, cond->nsteps, sizeof *nots);
    bool next = false;

    if (!chain || !steps || !nots || !fits(b, cond))
        return;
    for (size_t i = 0; i < cond->nsteps; i++)
        next |= cond->steps[i].next;
    chain->when = rt_planner_bounds(b, &cond->window);
    chain->steps = steps;
    chain->within_us = cond->within_us;
    chain->in_session = cond->in_session;
    chain->timeout_us = b->defs->session_timeout_us;
    chain->start = cond->start;
    chain->every = RT_NONE;
    if (cond->in_session || next)
        chain->every = every_event(b, cond->json, cond->in_session ? ever : chain->when);
    build_steps(b, cond, chain, steps, nots);
    leaf->chain = chain;
}

/* ---- sessions */

struct landing {
    const struct rt_cond *cond;
    struct rt_landing_field *fields;
    struct rt_span *names;
    struct rt_landing_test *tests;
    uint32_t nfields, ntests;
};

static uint32_t count_leaves(const struct rt_test *test)
{
    uint32_t n = test->kind == RT_TEST_LEAF;

    for (size_t i = 0; test->kind != RT_TEST_LEAF && i < test->n; i++)
        n += count_leaves(test->parts[i]);
    return n;
}

static uint32_t landing_field(
    struct rt_planner *b, struct landing *l, struct rt_span name)
{
    struct rt_landing_field *f = &l->fields[l->nfields];
    const struct rt_json *at = l->cond->json;

    for (uint32_t i = 0; i < l->nfields; i++)
        if (rt_span_eq(l->names[i], name))
            return i;
    f->present = rt_planner_any_event(b, rt_planner_exists(b, name), at);
    f->value = rt_planner_value(b, name, true, at);
    b->values[f->value].kept = true;
    b->matchers[f->present].values |= UINT64_C(1) << f->value;
    rt_planner_look(b, f->present, RT_TIME_MIN, RT_TIME_MAX);
    l->names[l->nfields] = name;
    return l->nfields++;
}

/* The same formula, over the landing's tests. */
static void build_landing(struct rt_planner *b, struct landing *l,
    const struct rt_test *test, struct rt_formula *out)
{
    struct rt_formula *parts;

    out->kind = test->kind;
    if (test->kind == RT_TEST_LEAF) {
        struct rt_landing_test *t = &l->tests[l->ntests];

        out->test = l->ntests++;
        t->field = landing_field(b, l, test->field);
        t->matcher = rt_planner_any_event(b, test, l->cond->json);
        rt_planner_look(b, t->matcher, RT_TIME_MIN, RT_TIME_MAX);
        return;
    }
    parts = rt_planner_new(b, test->n, sizeof *parts);
    if (!parts)
        return;
    for (size_t i = 0; i < test->n; i++)
        build_landing(b, l, test->parts[i], &parts[i]);
    out->parts = parts;
    out->n = (uint32_t)test->n;
}

static void set_landing(
    struct rt_planner *b, const struct rt_cond *cond, struct rt_session_plan *session)
{
    uint32_t n = count_leaves(cond->landing);
    struct rt_formula *formula = rt_planner_new(b, 1, sizeof *formula);
    struct landing l = { .cond = cond,
        .fields = rt_planner_new(b, n, sizeof *l.fields),
        .names = rt_planner_new(b, n, sizeof *l.names),
        .tests = rt_planner_new(b, n, sizeof *l.tests) };

    if (!formula || !l.fields || !l.names || !l.tests)
        return;
    build_landing(b, &l, cond->landing, formula);
    session->landing = formula;
    session->fields = l.fields;
    session->nfields = l.nfields;
    session->tests = l.tests;
    session->ntests = l.ntests;
}

void rt_planner_session(
    struct rt_planner *b, const struct rt_cond *cond, struct rt_leaf *leaf)
{
    struct rt_session_plan *session = rt_planner_new(b, 1, sizeof *session);

    if (!session)
        return;
    session->every = every_event(b, cond->json, ever);
    session->when = rt_planner_bounds(b, &cond->window);
    session->has = RT_NONE;
    if (cond->has_has) {
        session->has =
            rt_planner_matcher(b, &cond->has_events, cond->has_where, NULL, cond->json);
        rt_planner_look(b, session->has, session->when.lo_us, RT_TIME_MAX);
    }
    if (cond->landing)
        set_landing(b, cond, session);
    leaf->session = session;
}
