/* touches: what is put in comes out, in order, shard by shard, whether it stayed in memory
 * or went to disk. */
#include <check.h>
#include <stdlib.h>

#include "people/touches.h"

Suite *touches_suite(void);

enum { TOUCHES = 60000, KINDS = 4 };

static const uint8_t nvalues_of[KINDS] = { 0, 1, 2, 40 };

static uint32_t id_of(uint32_t i)
{
    return i * 2654435761u % 5000;
}

static uint32_t kind_of(uint32_t i)
{
    return i % 97 == 0 ? 3 : i % 3;
}

static int64_t time_of(uint32_t i)
{
    return (int64_t)i * -1000 + 5;
}

struct walk {
    uint32_t shard;
    uint32_t next; /* the touch of the shard that must come next */
    uint32_t seen;
};

static int check_touch(void *ctx, const struct rt_touch *touch)
{
    struct walk *w = ctx;

    while (w->next < TOUCHES && rt_id_shard(id_of(w->next)) != w->shard)
        w->next++;
    if (w->next == TOUCHES || touch->place != rt_id_place(id_of(w->next))
        || touch->kind != kind_of(w->next) || touch->time_us != time_of(w->next))
        ck_abort_msg("touch %u", w->next);
    for (unsigned v = 0; v < nvalues_of[touch->kind]; v++)
        if (touch->values[v] != (uint64_t)w->next * 100 + v)
            ck_abort_msg("value %u of touch %u", v, w->next);
    w->next++;
    w->seen++;
    return RT_OK;
}

static int add_all(struct rt_touches *touches, struct rt_err *err)
{
    uint64_t values[64];
    int rc = RT_OK;

    for (uint32_t i = 0; i < TOUCHES && rc == RT_OK; i++) {
        for (unsigned v = 0; v < 64; v++)
            values[v] = (uint64_t)i * 100 + v;
        rc = rt_touches_add(touches, id_of(i), kind_of(i), time_of(i), values,
            nvalues_of[kind_of(i)], err);
    }
    return rc;
}

static const struct {
    const char *name;
    uint64_t limit_bytes;
    bool spills;
} limits[] = {
    { "all in memory", UINT64_C(1) << 30, false },
    { "some on disk", 300000, true },
    { "nearly all on disk", 1, true },
};

START_TEST(what_went_in)
{
    struct rt_touch_budget budget = { .limit_bytes = limits[_i].limit_bytes,
        .tmpdir = "/tmp" };
    struct rt_touches *touches;
    struct rt_err err = { 0 };
    uint32_t seen = 0;

    ck_assert_int_eq(rt_touches_new(&budget, &touches), RT_OK);
    ck_assert_msg(add_all(touches, &err) == RT_OK, "%s", err.text);
    ck_assert_msg((budget.spilled_bytes > 0) == limits[_i].spills, "%s", limits[_i].name);
    for (uint32_t s = 0; s < RT_ID_SHARDS; s++) {
        struct walk w = { .shard = s };

        ck_assert_int_eq(
            rt_touches_walk(touches, s, nvalues_of, check_touch, &w, &err), RT_OK);
        ck_assert_int_eq(rt_touches_bytes(touches, s) > 0, w.seen > 0);
        seen += w.seen;
    }
    ck_assert_uint_eq(seen, TOUCHES);
    rt_touches_free(touches);
    ck_assert_uint_eq(budget.used_bytes, 0);
}
END_TEST

START_TEST(no_room_on_disk)
{
    struct rt_touch_budget budget = { .limit_bytes = 1, .tmpdir = "/none/there" };
    struct rt_touches *touches;
    struct rt_err err = { 0 };

    ck_assert_int_eq(rt_touches_new(&budget, &touches), RT_OK);
    ck_assert_int_eq(add_all(touches, &err), RT_EIO);
    ck_assert_str_eq(err.source, "/none/there");
    rt_touches_free(touches);
}
END_TEST

static int end_it(void *ctx, const struct rt_touch *touch)
{
    (void)touch;
    return ++*(int *)ctx == 3 ? RT_ESTOP : RT_OK;
}

START_TEST(a_visitor_ends_the_walk)
{
    struct rt_touch_budget budget = { .limit_bytes = 1 << 30, .tmpdir = "/tmp" };
    struct rt_touches *touches;
    int calls = 0;

    ck_assert_int_eq(rt_touches_new(&budget, &touches), RT_OK);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(rt_touches_add(touches, 64, 0, i, NULL, 0, NULL), RT_OK);
    ck_assert_int_eq(
        rt_touches_walk(touches, 0, nvalues_of, end_it, &calls, NULL), RT_ESTOP);
    ck_assert_int_eq(calls, 3);
    rt_touches_free(touches);
}
END_TEST

Suite *touches_suite(void)
{
    Suite *suite = suite_create("touches");
    TCase *tc = tcase_create("touches");

    tcase_add_loop_test(tc, what_went_in, 0, sizeof limits / sizeof *limits);
    tcase_add_test(tc, no_room_on_disk);
    tcase_add_test(tc, a_visitor_ends_the_walk);
    tcase_set_timeout(tc, 60);
    suite_add_tcase(suite, tc);
    return suite;
}
