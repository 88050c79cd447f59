/* plan: what is asked twice is kept once, and segments stand behind what they refer to. */
#include <check.h>

#include "planned.h"

Suite *plan_suite(void);

#define FILE_OF(segments)  "{\"version\": 1, \"segments\": [" segments "]}"
#define NAMED(name, match) "{\"name\": \"" name "\", \"match\": " match "}"

static const struct {
    const char *name, *json;
    uint32_t matchers, leaves, values;
} shared[] = {
    { "one", FILE_OF(NAMED("a", "{\"did\": \"x\"}")), 1, 1, 0 },
    { "the same twice",
        FILE_OF(
            NAMED("a", "{\"did\": \"x\"}") "," NAMED("b", "{\"not\": {\"did\": \"x\"}}")),
        1, 2, 0 },
    { "one event, two windows",
        FILE_OF(NAMED("a", "{\"did\": \"x\", \"in_last\": \"1d\"}") "," NAMED(
            "b", "{\"did\": \"x\", \"in_last\": \"2d\"}")),
        1, 2, 0 },
    { "two events",
        FILE_OF(NAMED("a", "{\"all\": [{\"did\": \"x\"}, {\"did\": \"y\"}]}")), 2, 2, 0 },
    { "an anchor that is asked for, too",
        FILE_OF(NAMED("a",
            "{\"all\": [{\"did\": \"x\"}, {\"did_not\": \"y\", \"since_last\": "
            "\"x\"}]}")),
        2, 2, 0 },
    { "one value for two sums",
        FILE_OF(NAMED("a", "{\"did\": \"x\", \"sum\": \"v\", \"gt\": 1}") "," NAMED(
            "b", "{\"did\": \"x\", \"max\": \"v\", \"gt\": 1}")),
        1, 2, 1 },
};

START_TEST(kept_once)
{
    struct planned p;

    planned_open(&p, shared[_i].json);
    ck_assert_msg(p.plan->nmatchers == shared[_i].matchers, "%s: %u matchers",
        shared[_i].name, p.plan->nmatchers);
    ck_assert_msg(p.plan->nleaves == shared[_i].leaves, "%s: %u leaves", shared[_i].name,
        p.plan->nleaves);
    ck_assert_msg(p.plan->nvalues == shared[_i].values, "%s: %u values", shared[_i].name,
        p.plan->nvalues);
    planned_close(&p);
}
END_TEST

/* A segment stands behind those that it refers to, in match and in exclude. */
START_TEST(order)
{
    uint32_t at[3];
    struct planned p;

    planned_open(&p,
        FILE_OF(NAMED(
            "a", "{\"segment\": \"b\"}") ","
                                         "{\"name\": \"b\", \"match\": {\"did\": \"x\"}, "
                                         "\"exclude\": [{\"segment\": "
                                         "\"c\"}]}," NAMED("c", "{\"did\": \"y\"}")));
    for (uint32_t i = 0; i < 3; i++)
        at[p.plan->order[i]] = i;
    ck_assert_uint_lt(at[2], at[1]);
    ck_assert_uint_lt(at[1], at[0]);
    planned_close(&p);
}
END_TEST

START_TEST(wanted_alone)
{
    static const bool wanted[] = { true, false, false };
    struct rt_err err = { 0 };
    struct rt_plan *plan;
    struct planned p;

    planned_open(&p,
        FILE_OF(NAMED("a", "{\"segment\": \"b\"}") "," NAMED(
            "b", "{\"did\": \"x\"}") "," NAMED("c",
            "{\"did\": \"y\", \"where\": {\"f\": 1}}")));
    ck_assert_int_eq(
        rt_plan_new(p.defs, PLANNED_AS_OF, &(struct rt_plan_options) { .wanted = wanted },
            &p.errors, &plan, &err),
        RT_OK);
    ck_assert(plan->segments[0].wanted && plan->segments[1].wanted);
    ck_assert(!plan->segments[2].wanted);
    rt_plan_free(plan);
    planned_close(&p);
}
END_TEST

/* A derived field brings the one that it is derived from. */
START_TEST(slots)
{
    bool url = false, path = false;
    struct planned p;

    planned_open(
        &p, FILE_OF(NAMED("a", "{\"did\": \"x\", \"where\": {\"path\": \"/a\"}}")));
    ck_assert(rt_span_eq(p.plan->slots.names[RT_SLOT_TIME], RT_SPAN("time")));
    ck_assert(rt_span_eq(p.plan->slots.names[RT_SLOT_EVENT], RT_SPAN("event")));
    for (uint32_t s = 0; s < p.plan->slots.n; s++) {
        url = url || rt_span_eq(p.plan->slots.names[s], RT_SPAN("url"));
        path = path || rt_span_eq(p.plan->slots.names[s], RT_SPAN("path"));
        for (uint32_t k = 0; k < s; k++)
            ck_assert(!rt_span_eq(p.plan->slots.names[s], p.plan->slots.names[k]));
    }
    ck_assert(url && path);
    planned_close(&p);
}
END_TEST

Suite *plan_suite(void)
{
    Suite *suite = suite_create("plan");
    TCase *tc = tcase_create("plan");

    tcase_add_loop_test(tc, kept_once, 0, sizeof shared / sizeof *shared);
    tcase_add_test(tc, order);
    tcase_add_test(tc, wanted_alone);
    tcase_add_test(tc, slots);
    suite_add_tcase(suite, tc);
    return suite;
}
