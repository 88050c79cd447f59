/* ranking: numbers that compare like what they stand for, and where a list ends. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "people/ranking.h"
#include "planned.h"

Suite *ranking_suite(void);

static bool is_less(struct rt_rank_number a, struct rt_rank_number b)
{
    return a.hi != b.hi ? a.hi < b.hi : a.lo < b.lo;
}

static void check_order(struct rt_rank_number a, struct rt_rank_number b)
{
    ck_assert(is_less(a, b));
    ck_assert(!is_less(b, a));
}

START_TEST(whole_numbers)
{
    __int128 large = (__int128)1 << 100;

    check_order(rt_rank_whole(-large), rt_rank_whole(-1));
    check_order(rt_rank_whole(-1), rt_rank_whole(0));
    check_order(rt_rank_whole(0), rt_rank_whole(1));
    check_order(rt_rank_whole(INT64_MAX), rt_rank_whole((__int128)INT64_MAX + 1));
    check_order(rt_rank_whole(INT64_MAX), rt_rank_whole(large));
}
END_TEST

START_TEST(numbers_again)
{
    __int128 large = (__int128)1 << 100;

    ck_assert(rt_rank_value(rt_rank_whole(-5), false) == -5);
    ck_assert(rt_rank_value(rt_rank_whole(large), false) == large);
    ck_assert(rt_rank_value(rt_rank_average(7, 2), true) == 3);
    ck_assert(
        rt_rank_value(rt_rank_average(-7, 2), true) == -4); /* the whole part below */
}
END_TEST

START_TEST(averages)
{
    uint64_t n = 4294967295; /* 2^32 - 1 */
    struct rt_rank_number third = rt_rank_average(1, 3), same = rt_rank_average(2, 6);

    ck_assert(!is_less(third, same) && !is_less(same, third));
    check_order(rt_rank_average(333333, 1000000), third);
    check_order(third, rt_rank_average(333334, 1000000));
    check_order(rt_rank_average(-1, 3), rt_rank_average(-1, 4)); /* -1/3 < -1/4 */
    check_order(rt_rank_average(-7, 2), rt_rank_average(-3, 1));
    check_order(rt_rank_average(-1, 2), rt_rank_average(0, 1));
    /* neighbours with the largest denominators: they differ by 1 / (n * (n - 1)) */
    check_order(
        rt_rank_average((__int128)n - 2, n - 1), rt_rank_average((__int128)n - 1, n));
}
END_TEST

/* Who is in front of n people, each with a number, shared among three workers. */
static struct rt_ranking *rank(struct planned *p, const char *share,
    const int64_t *numbers, uint32_t n, uint64_t memory)
{
    struct rt_ranking *r;
    struct rt_err err = { 0 };
    char json[256];

    snprintf(json, sizeof json,
        "{\"version\": 1, \"segments\": [{\"name\": \"s\", \"match\": {\"rank\": "
        "{\"sum\": "
        "\"v\", \"of\": \"a\"}, %s}}]}",
        share);
    planned_open(p, json);
    ck_assert_uint_eq(p->plan->nleaves, 1);
    ck_assert_int_eq(rt_ranking_new(p->plan, 3, memory, ".", &r), RT_OK);
    for (uint32_t i = 0; i < n; i++)
        ck_assert_int_eq(
            rt_ranking_add(r, i % 3, 0, rt_rank_whole(numbers[i]), &err), RT_OK);
    ck_assert_int_eq(rt_ranking_settle(r, 1, &err), RT_OK);
    return r;
}

static uint32_t count_in_front(
    const char *share, const int64_t *numbers, uint32_t n, uint64_t memory)
{
    struct planned p;
    struct rt_ranking *r = rank(&p, share, numbers, n, memory);
    uint32_t in_front = 0;

    for (uint32_t i = 0; i < n; i++)
        in_front += rt_ranking_holds(r, 0, rt_rank_whole(numbers[i]));
    ck_assert_uint_eq(rt_ranking_summary(r, 0).people, n);
    rt_ranking_free(r);
    planned_close(&p);
    return in_front;
}

static const struct {
    const char *name, *share;
    int64_t numbers[8];
    uint32_t n, in_front;
} lists[] = {
    { "nobody", "\"top\": \"10%\"", { 0 }, 0, 0 },
    { "one is always the first", "\"top\": \"0.0001%\"", { 7 }, 1, 1 },
    { "a share is rounded up", "\"top\": \"34%\"", { 1, 2, 3 }, 3, 2 },
    { "an exact share is not", "\"top\": \"50%\"", { 1, 2, 3, 4 }, 4, 2 },
    { "just over it is", "\"top\": \"50.0001%\"", { 1, 2, 3, 4 }, 4, 3 },
    { "all", "\"top\": \"100%\"", { 1, 2, 3 }, 3, 3 },
    { "a count", "\"top\": 2", { 5, 9, 1, 7 }, 4, 2 },
    { "more than there are", "\"top\": 9", { 5, 9 }, 2, 2 },
    { "ties with the last", "\"top\": 2", { 5, 5, 5, 1 }, 4, 3 },
    { "ties before the last", "\"top\": 3", { 5, 5, 5, 1 }, 4, 3 },
    { "bottom", "\"bottom\": 1", { 5, -9, 1, 7 }, 4, 1 },
    { "bottom, ties", "\"bottom\": \"25%\"", { -9, 5, -9, 7 }, 4, 2 },
    { "negative numbers", "\"top\": 1", { -5, -9, -6 }, 3, 1 },
};

START_TEST(ends)
{
    uint32_t n = count_in_front(lists[_i].share, lists[_i].numbers, lists[_i].n, 1 << 20);

    ck_assert_msg(n == lists[_i].in_front, "%s: %u", lists[_i].name, n);
}
END_TEST

static int descending(const void *va, const void *vb)
{
    const int64_t *a = va, *b = vb;

    return (*a < *b) - (*a > *b);
}

/* Against sorting, with numbers on disk: the last in front is the k-th of the sorted. */
START_TEST(as_sorting)
{
    enum { N = 20000 };
    int64_t *numbers = rt_calloc(N, sizeof *numbers);
    char share[32];
    uint32_t k = 1 + (uint32_t)_i * 777, expected = 0;

    srand48(_i);
    for (uint32_t i = 0; i < N; i++)
        numbers[i] = _i % 2 ? mrand48() % 300 : mrand48() * (int64_t)lrand48();
    snprintf(share, sizeof share, "\"top\": %u", k);
    qsort(numbers, N, sizeof *numbers, descending);
    for (uint32_t i = 0; i < N; i++)
        expected += numbers[i] >= numbers[k - 1];
    ck_assert_uint_eq(count_in_front(share, numbers, N, _i % 3 ? 0 : 1 << 20), expected);
    rt_free(numbers);
}
END_TEST

Suite *ranking_suite(void)
{
    Suite *s = suite_create("ranking");
    TCase *tc = tcase_create("ranking");

    tcase_add_test(tc, whole_numbers);
    tcase_add_test(tc, numbers_again);
    tcase_add_test(tc, averages);
    tcase_add_loop_test(tc, ends, 0, sizeof lists / sizeof *lists);
    tcase_add_loop_test(tc, as_sorting, 0, 20);
    suite_add_tcase(s, tc);
    return s;
}
