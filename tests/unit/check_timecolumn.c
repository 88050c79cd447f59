/* Columns of times: as one after another, whatever stands among them. Each text stands in
 * memory of its size, for the sanitizers. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/timecolumn.h"
#include "base/timetext.h"

Suite *timecolumn_suite(void);

enum { TEXTS_MAX = 40, STRIDE_MAX = 5 };

static uint32_t below(long n)
{
    return (uint32_t)(lrand48() % n);
}

/* Mostly of one month and shape; some days are none, and few texts are odd in one byte. */
static struct rt_span some_text(uint32_t month, uint32_t odd)
{
    static const char *const tails[] = { "Z", "", " UTC", ".250Z", "+02:00", "ZZ" };
    char text[40];
    int n = snprintf(text, sizeof text, "2026-%02u-%02u%c%02u:%02u:%02u%s",
        below(odd) ? month : 1 + below(12), 1 + below(below(odd) ? 28 : 32),
        below(odd) ? 'T' : ' ', below(below(odd) ? 24 : 25), below(60),
        below(below(odd) ? 60 : 62), tails[below(odd) ? 0 : below(6)]);
    char *p = malloc((size_t)n);

    ck_assert_ptr_nonnull(p);
    if (below(odd) == 0)
        text[below(n)] = (char)below(128);
    memcpy(p, text, (size_t)n);
    return (struct rt_span) { p, below(odd) ? (size_t)n : below(n + 1) };
}

START_TEST(column_as_one_by_one)
{
    struct rt_span texts[TEXTS_MAX * STRIDE_MAX] = { { NULL, 0 } };
    uint32_t n, month, odd, stride;
    struct rt_timeform form = { .kind = RT_TIME_ANY };
    struct rt_clock_memo memo = { 0 };
    int64_t want[TEXTS_MAX], got[TEXTS_MAX], us;
    bool all = true;

    srand48(_i);
    n = below(TEXTS_MAX + 1);
    month = 1 + below(12);
    odd = below(2) ? 4000 : 40;
    stride = 1 + below(STRIDE_MAX);
    if (below(2))
        form.kind = RT_TIME_ISO;
    for (uint32_t m = 1; m <= 12; m++) {
        char text[24];

        snprintf(text, sizeof text, "2026-%02u-01T00:00:00Z", m);
        if (below(8))
            ck_assert_int_eq(rt_time_parse(rt_span_of(text), &form, &memo, &us), RT_OK);
    }
    for (uint32_t i = 0; i < n; i++) {
        texts[i * stride] = some_text(month, odd);
        all = all && rt_time_kept(texts[i * stride], &form, &memo, &want[i]);
    }
    ck_assert(rt_times_kept(texts, stride, n, &form, &memo, got) == all);
    for (uint32_t i = 0; i < n; i++) {
        if (all)
            ck_assert_int_eq(got[i], want[i]);
        free((char *)(uintptr_t)texts[i * stride].p);
    }
}
END_TEST

/* Source: `date -u -d ... +%s`. */
START_TEST(a_column)
{
    struct rt_span texts[] = { RT_SPAN("2026-04-02T00:00:07Z"),
        RT_SPAN("2026-04-30 23:59:60Z"), RT_SPAN("2026-04-02T00:00:07.250Z") };
    struct rt_timeform form = { .kind = RT_TIME_ANY };
    struct rt_clock_memo memo = { 0 };
    int64_t us[3];

    ck_assert(!rt_times_kept(texts, 1, 3, &form, &memo, us)); /* no month was met */
    ck_assert_int_eq(rt_time_parse(texts[0], &form, &memo, us), RT_OK);
    ck_assert(rt_times_kept(texts, 1, 3, &form, &memo, us));
    ck_assert_int_eq(us[0], INT64_C(1775088007000000));
    ck_assert_int_eq(us[1], INT64_C(1777593600000000));
    ck_assert_int_eq(us[2], INT64_C(1775088007250000));
    texts[1] = RT_SPAN("2026-04-31T00:00:00Z");
    ck_assert(!rt_times_kept(texts, 1, 3, &form, &memo, us));
    form.kind = RT_TIME_EPOCH_S;
    ck_assert(!rt_times_kept(texts, 1, 1, &form, &memo, us));
}
END_TEST

Suite *timecolumn_suite(void)
{
    Suite *s = suite_create("timecolumn");
    TCase *tc = tcase_create("timecolumn");

    tcase_add_loop_test(tc, column_as_one_by_one, 0, 2000);
    tcase_add_test(tc, a_column);
    suite_add_tcase(s, tc);
    return s;
}
