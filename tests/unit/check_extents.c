/* Extents: zeros, apart from each other, where they were; a store that is trimmed grows on. */
#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/extents.h"
#include "base/spare.h"

Suite *extents_suite(void);

enum { TABLES = 3 };
static const size_t sizes[TABLES] = { 8192, 72, RT_EXTENT_BYTES_MAX }; /* lines and not */

static unsigned not_all(const unsigned char *p, size_t n, unsigned char value)
{
    unsigned wrong = 0;

    for (size_t i = 0; i < n; i++)
        wrong += p[i] != value;
    return wrong;
}

/* Enough to pass the first region, of 2 MiB, and the second, of 16. */
START_TEST(never_moved)
{
    enum { ROUNDS = 25 };
    void *were[TABLES][ROUNDS];
    struct rt_store *store;
    unsigned wrong = 0;

    ck_assert_int_eq(rt_store_new(&store), RT_OK);
    rt_store_trim(store); /* of nothing */
    for (unsigned i = 0; i < ROUNDS; i++)
        for (unsigned t = 0; t < TABLES; t++) {
            were[t][i] = rt_store_take(store, sizes[t]);
            ck_assert_ptr_nonnull(were[t][i]);
            ck_assert_uint_eq((uintptr_t)were[t][i] % 64, 0);
            wrong += not_all(were[t][i], sizes[t], 0);
            memset(were[t][i], (int)(1 + i * TABLES + t), sizes[t]);
            if (i % 5 == 0)
                rt_store_trim(store);
        }
    for (unsigned i = 0; i < ROUNDS; i++)
        for (unsigned t = 0; t < TABLES; t++)
            wrong += not_all(were[t][i], sizes[t], (unsigned char)(1 + i * TABLES + t));
    ck_assert_uint_eq(wrong, 0);
    rt_store_free(store);
    rt_store_free(NULL);
}
END_TEST

/* Whichever allocation fails, the store is as it was and the next attempt succeeds. */
START_TEST(no_memory)
{
    for (int nth = 1; nth <= 2; nth++) {
        struct rt_store *store;

        ck_assert_int_eq(rt_store_new(&store), RT_OK);
        rt_alloc_fail_at((uint64_t)nth, 0);
        ck_assert_ptr_null(rt_store_take(store, 64));
        rt_alloc_fail_at(0, 0);
        ck_assert_ptr_nonnull(rt_store_take(store, 64));
        rt_store_free(store);
    }
}
END_TEST

START_TEST(whole_huge_pages)
{
    enum { BYTES = 6 << 20 };
    char *p = rt_pages_new_huge(BYTES);

    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq((uintptr_t)p % (2 << 20), 0);
    p[0] = p[BYTES - 1] = 1;
    rt_pages_give_back(p + 1, BYTES - 2); /* the first and the last page stay */
    ck_assert(p[0] == 1 && p[BYTES - 1] == 1 && p[BYTES / 2] == 0);
    p[BYTES / 2] = 1;
    rt_pages_give_back(p + BYTES / 2 - 1, 4000); /* no whole page */
    ck_assert_int_eq(p[BYTES / 2], 1);
    rt_pages_give_back(p + BYTES / 2 - 1, (1 << 16) + 1);
    ck_assert_int_eq(p[BYTES / 2], 0);
    rt_pages_free(p, BYTES);
}
END_TEST

/* What was added last is taken first, and only when there is room enough; past the limit
 * it goes back to the kernel. */
START_TEST(spare_memory)
{
    enum { PIECE = 1 << 20, PIECES = RT_SPARE_BYTES_MAX / PIECE + 1 };
    char *p = rt_pages_new((size_t)PIECES * PIECE);
    struct rt_spare spare = { 0 };
    size_t bytes = 0;

    ck_assert_ptr_nonnull(p);
    ck_assert_ptr_null(rt_spare_take(&spare, 1, &bytes));
    memset(p, 'x', (size_t)PIECES * PIECE);
    rt_spare_add(&spare, p, 8); /* too small to be of use */
    ck_assert_ptr_null(rt_spare_take(&spare, 1, &bytes));
    for (size_t i = 0; i < PIECES; i++)
        rt_spare_add(&spare, p + i * PIECE, PIECE);
    ck_assert_uint_eq(spare.bytes, RT_SPARE_BYTES_MAX);
    ck_assert_uint_eq(
        not_all((unsigned char *)p + (PIECES - 1) * (size_t)PIECE, PIECE, 0), 0);
    ck_assert_ptr_null(rt_spare_take(&spare, PIECE + 1, &bytes));
    for (size_t i = PIECES - 1; i-- > 0;) {
        ck_assert_ptr_eq(rt_spare_take(&spare, PIECE, &bytes), p + i * PIECE);
        ck_assert_uint_eq(bytes, PIECE);
    }
    ck_assert_uint_eq(spare.bytes, 0);
    ck_assert_ptr_null(rt_spare_take(&spare, 1, &bytes));
    rt_pages_free(p, (size_t)PIECES * PIECE);
}
END_TEST

Suite *extents_suite(void)
{
    Suite *s = suite_create("extents");
    TCase *tc = tcase_create("extents");

    tcase_add_test(tc, never_moved);
    tcase_add_test(tc, no_memory);
    tcase_add_test(tc, whole_huge_pages);
    tcase_add_test(tc, spare_memory);
    suite_add_tcase(s, tc);
    return s;
}
