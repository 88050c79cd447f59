/* err, buf, arena, near: the ground everything stands on. */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/find.h"
#include "base/findcolumn.h"
#include "base/near.h"

Suite *base_suite(void);

START_TEST(first_report_wins)
{
    struct rt_err err = { 0 };

    ck_assert_int_eq(rt_err_at(&err, RT_EIO, "a.csv", 7, 3, "bad %s", "x"), RT_EIO);
    ck_assert_int_eq(rt_err_set(&err, RT_ENOMEM, "later"), RT_ENOMEM);
    ck_assert_int_eq(err.code, RT_EIO);
    ck_assert_str_eq(err.text, "bad x");
    ck_assert_str_eq(err.source, "a.csv");
    ck_assert_uint_eq(err.line, 7);
    ck_assert_int_eq(rt_err_set(NULL, RT_EIO, "nobody listens"), RT_EIO);
}
END_TEST

START_TEST(buf_keeps_to_its_cap)
{
    struct rt_buf buf = RT_BUF_INIT(10);

    ck_assert_int_eq(rt_buf_adds(&buf, "12345678"), RT_OK);
    ck_assert_int_eq(rt_buf_adds(&buf, "123"), RT_ELIMIT);
    ck_assert_uint_eq(buf.n, 8);
    ck_assert_str_eq(rt_buf_text(&buf), "12345678");
    rt_buf_release(&buf);
}
END_TEST

START_TEST(buf_takes_an_empty_text)
{
    struct rt_buf buf = RT_BUF_INIT(10);

    ck_assert_int_eq(rt_buf_addf(&buf, "%s", ""), RT_OK); /* there is no memory yet */
    ck_assert_uint_eq(buf.n, 0);
    ck_assert_int_eq(rt_buf_addf(&buf, "%d", 7), RT_OK);
    ck_assert_int_eq(rt_buf_addf(&buf, "%s", ""), RT_OK);
    ck_assert_str_eq(rt_buf_text(&buf), "7");
    rt_buf_release(&buf);
}
END_TEST

START_TEST(buf_refuses_a_directory)
{
    struct rt_buf buf = RT_BUF_INIT(1000);
    struct rt_err err = { 0 };

    ck_assert_int_eq(rt_buf_read_file(&buf, "/", &err), RT_EIO);
    ck_assert_str_eq(err.text, "is a directory");
    rt_buf_release(&buf);
}
END_TEST

START_TEST(arena_copies_stay)
{
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_span first = rt_arena_copy(&arena, RT_SPAN("first"));

    for (int i = 0; i < 10000; i++)
        ck_assert_ptr_nonnull(rt_arena_new(&arena, 3, 8));
    ck_assert_str_eq(first.p, "first");
    ck_assert_ptr_null(rt_arena_new(&arena, SIZE_MAX / 2, 3));
    ck_assert_uint_eq((uintptr_t)rt_arena_new(&arena, 1, 8) % 8, 0);
    rt_arena_release(&arena);
}
END_TEST

START_TEST(failed_allocations_are_reported)
{
    struct rt_buf buf = RT_BUF_INIT(1000);

    rt_alloc_fail_at(1, 0);
    ck_assert_int_eq(rt_buf_adds(&buf, "x"), RT_ENOMEM);
    ck_assert_int_eq(rt_buf_adds(&buf, "x"), RT_OK);
    rt_alloc_fail_at(0, 0);
    rt_buf_release(&buf);
}
END_TEST

static const char *const words[] = { "purchase", "add_to_cart", "in_last", "all" };

static const struct {
    const char *typed, *nearest;
} nears[] = {
    { "purchse", "purchase" },
    { "prucahse", "purchase" },
    { "Add_To_Cart", "add_to_cart" },
    { "inlast", "in_last" },
    { "alll", "all" },
    { "zebra", NULL },
    { "Add", "add_to_cart" }, /* its beginning, up to where a new word begins */
    { "add_to", "add_to_cart" },
    { "ad", NULL },
    { "", NULL },
};

START_TEST(nearest_name)
{
    const char *got = rt_near(rt_span_of(nears[_i].typed), words, 4);

    if (nears[_i].nearest)
        ck_assert_pstr_eq(got, nears[_i].nearest);
    else
        ck_assert_ptr_null(got);
}
END_TEST

static void expect_places(const char *p, size_t n)
{
    struct rt_places64 some = rt_places64(p, n, 'a', 'x', 'b', 'c');
    struct rt_places64 plain = rt_places64_plain(p, n, 'a', 'x', 'b', 'c');

    ck_assert_uint_eq(some.a, plain.a);
    ck_assert_uint_eq(some.b, plain.b);
    ck_assert_uint_eq(some.cd, plain.cd);
}

typedef void column_fn(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds);

/* 70 values, each third of them the text itself: two words of the mask. */
static void expect_column(struct rt_span value, struct rt_span text, bool holds,
    column_fn *some, column_fn *plain)
{
    struct rt_span values[70];
    uint64_t got[2] = { 7, 7 }, also[2] = { 7, 7 }, want[2] = { 0, 0 };

    for (uint32_t i = 0; i < 70; i++)
        values[i] = i % 3 ? value : text;
    some(values, 70, text, got);
    plain(values, 70, text, also);
    for (uint32_t i = 0; i < 70; i++)
        if (i % 3 == 0 || holds)
            want[i / 64] |= UINT64_C(1) << i % 64;
    ck_assert(memcmp(got, want, sizeof want) == 0);
    ck_assert(memcmp(also, want, sizeof want) == 0);
}

static void expect_columns(struct rt_span value, struct rt_span text)
{
    size_t at = rt_find_text_plain(value.p, value.n, text.p, text.n);

    expect_column(value, text, at < value.n, rt_find_column, rt_find_column_plain);
    expect_column(value, text, rt_span_starts(value, text), rt_starts_column,
        rt_starts_column_plain);
    expect_column(
        value, text, value.n == text.n && at == 0, rt_same_column, rt_same_column_plain);
}

/* Each text in another that holds it once, at each place, and all but its last byte before;
 * of NULs too, which a load under a mask has behind a value. */
START_TEST(columns_find_texts_of_all_lengths)
{
    static const size_t lengths[] = { 1, 2, 3, 8, 16, 17, 31, 63, 64, 65, 130 };

    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++)
        for (size_t n = 1; n <= 300; n += 7)
            for (int byte = 0; byte < 2; byte++) {
                size_t ntext = lengths[l], at = n * 5 % (n > ntext ? n - ntext : 1);
                char *p = rt_malloc(n), *text = rt_malloc(ntext);

                memset(p, byte ? 'x' : '\0', n);
                memset(text, byte ? 'x' : '\0', ntext);
                text[ntext - 1] = byte ? 'y' : '\0';
                expect_columns(
                    (struct rt_span) { p, n }, (struct rt_span) { text, ntext });
                if (at + ntext <= n)
                    memcpy(p + at, text, ntext);
                expect_columns(
                    (struct rt_span) { p, n }, (struct rt_span) { text, ntext });
                rt_free(text);
                rt_free(p);
            }
}
END_TEST

/* Every text over two bytes of each length up to 140, in a room of just its size. */
START_TEST(find_agrees_with_the_plain_form)
{
    uint32_t seed = 1;

    for (size_t n = 0; n <= 140; n++)
        for (int turn = 0; turn < 200; turn++) {
            char *p = rt_malloc(n + 1), text[8];
            char *room = n ? rt_malloc(n) : NULL;
            size_t ntext = (size_t)turn % sizeof text;

            for (size_t i = 0; i < n + sizeof text; i++) {
                seed = seed * 1664525 + 1013904223;
                if (i < n)
                    p[i] = "zzzzzzab"[seed >> 29];
                else
                    text[i - n] = "zzzzzzab"[seed >> 29];
            }
            if (n)
                memcpy(room, p, n);
            ck_assert_uint_eq(
                rt_find(room, n, 'a', 'b', 'c'), rt_find_plain(p, n, 'a', 'b', 'c'));
            ck_assert_uint_eq(
                rt_find(room, n, 'c', 'c', 'b'), rt_find_plain(p, n, 'b', 'b', 'b'));
            ck_assert_uint_eq(rt_find_text(room, n, text, ntext),
                ntext ? rt_find_text_plain(p, n, text, ntext) : n);
            if (n <= 64)
                expect_places(room, n);
            if (n && ntext)
                expect_columns(
                    (struct rt_span) { room, n }, (struct rt_span) { text, ntext });
            rt_free(room);
            rt_free(p);
        }
}
END_TEST

Suite *base_suite(void)
{
    Suite *s = suite_create("base");
    TCase *tc = tcase_create("base");

    tcase_add_test(tc, first_report_wins);
    tcase_add_test(tc, buf_keeps_to_its_cap);
    tcase_add_test(tc, buf_takes_an_empty_text);
    tcase_add_test(tc, buf_refuses_a_directory);
    tcase_add_test(tc, arena_copies_stay);
    tcase_add_test(tc, failed_allocations_are_reported);
    tcase_add_test(tc, find_agrees_with_the_plain_form);
    tcase_add_test(tc, columns_find_texts_of_all_lengths);
    tcase_add_loop_test(tc, nearest_name, 0, sizeof nears / sizeof *nears);
    suite_add_tcase(s, tc);
    return s;
}
