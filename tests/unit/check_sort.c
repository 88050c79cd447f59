/* sort: as qsort sorts, at sizes on both sides of where the method changes. */
#include <check.h>
#include <stdlib.h>

#include "base/sort.h"

Suite *sort_suite(void);

static int compare(const void *va, const void *vb)
{
    uint64_t a = *(const uint64_t *)va, b = *(const uint64_t *)vb;

    return (a > b) - (a < b);
}

static const size_t sizes[] = { 0, 1, 2, 31, 32, 33, 255, 256, 257, 5000 };
static const uint64_t masks[] = { UINT64_MAX, 0xff, 0xff00000000000000,
    0x0000ff0000000001, 0 };

START_TEST(as_qsort)
{
    size_t n = sizes[_i];
    uint64_t *words = calloc(n + 1, sizeof *words), *spare = calloc(n + 1, sizeof *spare);
    uint64_t *want = calloc(n + 1, sizeof *want),
             seed = 88172645463325252u + (uint64_t)_i;

    for (size_t m = 0; m < sizeof masks / sizeof *masks; m++) {
        for (size_t i = 0; i < n; i++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            want[i] = words[i] = seed & masks[m];
        }
        words[n] = spare[n] = 42;
        qsort(want, n, sizeof *want, compare);
        rt_sort_u64(words, spare, n);
        ck_assert_mem_eq(words, want, n * sizeof *words);
        ck_assert_uint_eq(words[n], 42);
        ck_assert_uint_eq(spare[n], 42);
    }
    free(words);
    free(spare);
    free(want);
}
END_TEST

START_TEST(unique)
{
    uint64_t words[] = { 1, 1, 2, 3, 3, 3, 1 };
    static const uint64_t want[] = { 1, 2, 3, 1 };

    ck_assert_uint_eq(rt_unique_u64(words, 7), 4);
    ck_assert_mem_eq(words, want, sizeof want);
    ck_assert_uint_eq(rt_unique_u64(words, 0), 0);
    ck_assert_uint_eq(rt_unique_u64(words, 1), 1);
}
END_TEST

Suite *sort_suite(void)
{
    Suite *suite = suite_create("sort");
    TCase *tc = tcase_create("sort");

    tcase_add_loop_test(tc, as_qsort, 0, sizeof sizes / sizeof *sizes);
    tcase_add_test(tc, unique);
    suite_add_tcase(suite, tc);
    return suite;
}
