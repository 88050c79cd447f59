/*
 * What is asked of a single record: slots, fields, tests, values, matchers.
 */
#include <string.h>

#include "base/alloc.h"
#include "plan/plan_int.h"

/* ---- slots and fields */

uint32_t rt_planner_slot(struct rt_planner *b, struct rt_span name)
{
    struct rt_slots *slots = &b->plan->slots;

    for (uint32_t i = 0; i < slots->n; i++)
        if (rt_span_eq(b->slots[i], name))
            return i;
    if (slots->n == RT_PLAN_SLOTS_MAX) {
        rt_planner_complain(b, b->defs->json, "more than 2048 fields are asked for");
        return 0;
    }
    b->slots[slots->n] = name;
    return slots->n++;
}

static uint32_t field_of(struct rt_planner *b, struct rt_span name)
{
    struct rt_plan_field *f;

    for (uint32_t i = 0; i < b->plan->nfields; i++)
        if (rt_span_eq(b->fields[i].name, name))
            return i;
    if (b->plan->nfields == RT_PLAN_FIELDS_MAX) {
        rt_planner_complain(
            b, b->defs->json, "more than 1024 fields are tested or measured");
        return 0;
    }
    f = &b->fields[b->plan->nfields];
    f->name = name;
    f->slot = rt_planner_slot(b, name);
    rt_derive_of(name, &f->derive);
    f->from_slot = RT_NONE;
    if (f->derive.kind != RT_DERIVE_NONE)
        f->from_slot = rt_planner_slot(b, rt_span_of(f->derive.from));
    return b->plan->nfields++;
}

uint32_t rt_planner_value(
    struct rt_planner *b, struct rt_span name, bool text, const struct rt_json *at)
{
    uint32_t field = field_of(b, name);

    for (uint32_t i = 0; i < b->plan->nvalues; i++)
        if (b->values[i].field == field && b->values[i].text == text)
            return i;
    if (b->plan->nvalues == RT_VALUES_MAX) {
        rt_planner_complain(b, at, "more than 64 different fields are measured");
        return 0;
    }
    b->values[b->plan->nvalues] = (struct rt_plan_value) { .field = field, .text = text };
    return b->plan->nvalues++;
}

/* ---- tests and formulas */

static bool same_spans(
    const struct rt_span *a, size_t na, const struct rt_span *b, size_t nb)
{
    if (na != nb)
        return false;
    for (size_t i = 0; i < na; i++)
        if (!rt_span_eq(a[i], b[i]))
            return false;
    return true;
}

static bool same_test(const struct rt_test *a, const struct rt_test *b)
{
    return a->op == b->op && a->ignore_case == b->ignore_case
        && rt_span_eq(a->field, b->field)
        && same_spans(a->texts, a->ntexts, b->texts, b->ntexts)
        && a->nnumbers == b->nnumbers
        && (a->nnumbers == 0
            || memcmp(a->numbers, b->numbers, a->nnumbers * sizeof *a->numbers) == 0)
        && a->nnetworks == b->nnetworks
        && (a->nnetworks == 0
            || memcmp(a->networks, b->networks, a->nnetworks * sizeof *a->networks) == 0)
        && a->min_us == b->min_us && a->max_us == b->max_us && a->time_us == b->time_us;
}

static uint32_t test_of(struct rt_planner *b, const struct rt_test *leaf)
{
    struct rt_plan_test *t;

    for (uint32_t i = 0; i < b->plan->ntests; i++)
        if (same_test(b->tests[i].leaf, leaf))
            return i;
    if (b->plan->ntests == RT_TESTS_MAX) {
        rt_planner_complain(b, b->defs->json, "more than 8192 different tests");
        return 0;
    }
    t = &b->tests[b->plan->ntests];
    t->leaf = leaf;
    t->field = field_of(b, leaf->field);
    if (leaf->op == RT_OP_REGEX
        && rt_regex_new(leaf->texts[0], leaf->ignore_case, &t->regex, NULL) < 0)
        b->no_memory = true; /* the pattern itself was checked when the file was read */
    return b->plan->ntests++;
}

static void build_formula(
    struct rt_planner *b, const struct rt_test *test, struct rt_formula *out)
{
    struct rt_formula *parts;

    out->kind = test->kind;
    if (test->kind == RT_TEST_LEAF) {
        out->test = test_of(b, test);
        return;
    }
    parts = rt_planner_new(b, test->n, sizeof *parts);
    if (!parts)
        return;
    for (size_t i = 0; i < test->n; i++)
        build_formula(b, test->parts[i], &parts[i]);
    out->parts = parts;
    out->n = (uint32_t)test->n;
}

const struct rt_formula *rt_planner_formula(
    struct rt_planner *b, const struct rt_test *test)
{
    struct rt_formula *f = test ? rt_planner_new(b, 1, sizeof *f) : NULL;

    if (f)
        build_formula(b, test, f);
    return f;
}

static bool same_formula(const struct rt_formula *a, const struct rt_formula *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind || a->n != b->n || a->test != b->test)
        return false;
    for (uint32_t i = 0; i < a->n; i++)
        if (!same_formula(&a->parts[i], &b->parts[i]))
            return false;
    return true;
}

/* ---- matchers */

static bool same_matcher(const struct rt_matcher *a, const struct rt_matcher *b)
{
    if (a->nchoices != b->nchoices || a->contact != b->contact
        || a->everywhere != b->everywhere || !same_formula(a->where, b->where))
        return false;
    for (uint32_t i = 0; i < a->nchoices; i++) {
        const struct rt_choice *x = &a->choices[i], *y = &b->choices[i];

        if (!same_spans(x->names, x->nnames, y->names, y->nnames)
            || !same_formula(x->where, y->where))
            return false;
    }
    return true;
}

uint32_t rt_planner_add_matcher(
    struct rt_planner *b, struct rt_matcher m, const struct rt_json *at)
{
    for (uint32_t i = 0; i < b->plan->nmatchers; i++)
        if (same_matcher(&b->matchers[i], &m))
            return i;
    if (b->plan->nmatchers == RT_MATCHERS_MAX) {
        rt_planner_complain(
            b, at, "more than 4096 different kinds of events are asked about");
        return 0;
    }
    m.lo_us = RT_TIME_MAX; /* nobody looks yet */
    m.hi_us = RT_TIME_MIN;
    b->matchers[b->plan->nmatchers] = m;
    return b->plan->nmatchers++;
}

/* where and also: either may be NULL. */
static const struct rt_formula *both(
    struct rt_planner *b, const struct rt_test *where, const struct rt_test *also)
{
    struct rt_formula *f, *parts;

    if (!where || !also)
        return rt_planner_formula(b, where ? where : also);
    f = rt_planner_new(b, 1, sizeof *f);
    parts = rt_planner_new(b, 2, sizeof *parts);
    if (!f || !parts)
        return NULL;
    build_formula(b, where, &parts[0]);
    build_formula(b, also, &parts[1]);
    *f = (struct rt_formula) { .kind = RT_TEST_ALL, .parts = parts, .n = 2 };
    return f;
}

uint32_t rt_planner_matcher(struct rt_planner *b, const struct rt_event_set *events,
    const struct rt_test *where, const struct rt_test *also, const struct rt_json *at)
{
    struct rt_choice *choices = rt_planner_new(b, events->n, sizeof *choices);

    if (!choices)
        return 0;
    for (size_t i = 0; i < events->n; i++) {
        choices[i].names = events->choices[i].names;
        choices[i].nnames = (uint32_t)events->choices[i].nnames;
        choices[i].where = rt_planner_formula(b, events->choices[i].where);
    }
    return rt_planner_add_matcher(b,
        (struct rt_matcher) { .choices = choices,
            .nchoices = (uint32_t)events->n,
            .where = both(b, where, also) },
        at);
}

static const struct rt_event_choice any_choice; /* no name: any; no `where` */

uint32_t rt_planner_any_event(
    struct rt_planner *b, const struct rt_test *where, const struct rt_json *at)
{
    static const struct rt_event_set any = { .choices = &any_choice, .n = 1 };

    return rt_planner_matcher(b, &any, where, NULL, at);
}

const struct rt_test *rt_planner_exists(struct rt_planner *b, struct rt_span field)
{
    struct rt_test *test = rt_planner_new(b, 1, sizeof *test);

    if (test)
        *test =
            (struct rt_test) { .kind = RT_TEST_LEAF, .field = field, .op = RT_OP_EXISTS };
    return test;
}

void rt_planner_look(struct rt_planner *b, uint32_t matcher, int64_t lo_us, int64_t hi_us)
{
    struct rt_matcher *m = &b->matchers[matcher];

    if (lo_us < m->lo_us)
        m->lo_us = lo_us;
    if (hi_us > m->hi_us)
        m->hi_us = hi_us;
    m->values |= b->asks;
}

/* About how many instructions it takes to work out a value, and to ask a test of it: as
 * counted for addresses of 60 to 90 bytes, times and prices. */
static uint32_t cost_of_value(enum rt_derive_kind kind)
{
    switch (kind) {
    case RT_DERIVE_NONE:
        return 0;
    case RT_DERIVE_PATH:
        return 60;
    case RT_DERIVE_DEVICE:
        return 1000;
    default:
        return 250;
    }
}

static uint32_t cost_of_test(const struct rt_test *test)
{
    switch (test->op) {
    case RT_OP_REGEX:
        return 160;
    case RT_OP_GLOB:
        return 250;
    case RT_OP_CONTAINS:
        return test->ignore_case ? 600 : 60;
    case RT_OP_CIDR:
        return 400;
    case RT_OP_AGO:
    case RT_OP_BEFORE:
    case RT_OP_AFTER:
        return 150;
    case RT_OP_EQ_TEXT:
        return 10 + (test->ntexts < 1000 ? (uint32_t)test->ntexts : 1000) * 10;
    default:
        return test->ntexts ? 20 : 50; /* the beginning of a text; a number */
    }
}

/* The tests of each field, and what they cost. */
void rt_planner_list_tests(struct rt_planner *b)
{
    struct rt_plan *plan = b->plan;

    for (uint32_t f = 0; f < plan->nfields; f++) {
        uint32_t *tests = rt_planner_new(b, plan->ntests, sizeof *tests);
        uint32_t n = 0;

        if (!tests)
            return;
        for (uint32_t t = 0; t < plan->ntests; t++) {
            if (b->tests[t].field != f)
                continue;
            tests[n++] = t;
            b->fields[f].cost += cost_of_test(b->tests[t].leaf);
        }
        b->fields[f].tests = tests;
        b->fields[f].ntests = n;
        b->fields[f].cost += cost_of_value(b->fields[f].derive.kind);
    }
}
