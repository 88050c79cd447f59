/* idform: the form of an id, byte by byte in words taken at once. The plain twin here looks
 * at one byte at a time. Texts stand in memory of their size, so that a sanitizer sees a
 * look beyond their ends. */
#include <check.h>
#include <stdlib.h>

#include "people/idform.h"

Suite *idform_suite(void);

static const struct rt_id_kind user = { .email = false }, email = { .email = true };

static const struct {
    const char *name, *text, *user, *email; /* NULL: none */
} forms[] = {
    { "nothing", "", NULL, NULL },
    { "blanks alone", " \t ", NULL, NULL },
    { "one byte", "a", "a", "a" },
    { "a capital", "A", "A", "a" },
    { "next to capitals", "@[`{", "@[`{", "@[`{" },
    { "blanks at both ends", "  ann@shop.example\t", "ann@shop.example",
        "ann@shop.example" },
    { "a blank inside", "ann bob", "ann bob", "ann bob" },
    { "a blank in front of eight", " 12345678", "12345678", "12345678" },
    { "a line end at the end", "12345678\n", NULL, NULL },
    { "a control character among blanks", " \n ", NULL, NULL },
    { "delete",
        "1234567\x7f"
        "9",
        NULL, NULL },
    { "below blank, ninth", "12345678\x1f", NULL, NULL },
    { "UTF-8, whose capitals stay", "\xc3\x84RGER@SHOP.EXAMPLE",
        "\xc3\x84RGER@SHOP.EXAMPLE", "\xc3\x84rger@shop.example" },
};

START_TEST(known_forms)
{
    char copy[RT_ID_BYTES_MAX];
    struct rt_span text = rt_span_of(forms[_i].text);
    struct rt_span u = rt_id_form(&user, text, copy);

    ck_assert_msg((u.p != NULL) == (forms[_i].user != NULL), "%s", forms[_i].name);
    ck_assert_msg(
        !u.p || rt_span_eq(u, rt_span_of(forms[_i].user)), "%s", forms[_i].name);
    u = rt_id_form(&email, text, copy);
    ck_assert_msg(!u.p || rt_span_eq(u, rt_span_of(forms[_i].email)), "%s, as e-mail",
        forms[_i].name);
}
END_TEST

START_TEST(as_long_as_may_be)
{
    char text[RT_ID_BYTES_MAX + 2], copy[RT_ID_BYTES_MAX];

    memset(text, 'X', sizeof text);
    text[0] = ' ';
    ck_assert_uint_eq(
        rt_id_form(&email, (struct rt_span) { text, RT_ID_BYTES_MAX + 1 }, copy).n,
        RT_ID_BYTES_MAX);
    ck_assert_ptr_null(
        rt_id_form(&email, (struct rt_span) { text + 1, RT_ID_BYTES_MAX + 1 }, copy).p);
}
END_TEST

/* ---- the twin */

static struct rt_span plain_form(bool lower, struct rt_span s, char *out)
{
    s = rt_span_trim(s);
    if (s.n == 0 || s.n > RT_ID_BYTES_MAX)
        return RT_SPAN_ABSENT;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c < 0x20 || c == 0x7f)
            return RT_SPAN_ABSENT;
        out[i] = lower ? rt_ascii_lower(s.p[i]) : s.p[i];
    }
    return (struct rt_span) { out, s.n };
}

/* Mostly letters, now and then any byte, and often those next to what is looked for. */
static char some_byte(void)
{
    static const char odd[] = "\x1f !@AZ[`az{~\x7f\x80\xff\t\x01";

    switch (lrand48() % 8) {
    case 0:
        return odd[lrand48() % (long)(sizeof odd - 1)];
    case 1:
        return (char)lrand48();
    default:
        return (char)('a' + lrand48() % 26);
    }
}

static void check_one(struct rt_span text)
{
    char copy[RT_ID_BYTES_MAX], other[RT_ID_BYTES_MAX];

    for (int lower = 0; lower < 2; lower++) {
        struct rt_span got = rt_id_form(lower ? &email : &user, text, copy);
        struct rt_span want = plain_form(lower, text, other);

        ck_assert_int_eq(got.p != NULL, want.p != NULL);
        ck_assert(!got.p || rt_span_eq(got, want));
    }
    if (rt_id_is_plain(text))
        ck_assert(rt_span_eq(plain_form(false, text, other), text));
    for (int lower = 0; lower < 2; lower++)
        if (rt_id_is_plain_long(text, lower))
            ck_assert(rt_span_eq(plain_form(lower, text, other), text));
}

START_TEST(agrees_with_bytes)
{
    srand48(_i);
    for (size_t n = 0; n < 70; n++)
        for (int k = 0; k < 200; k++) {
            char *text = malloc(n ? n : 1);

            for (size_t i = 0; i < n; i++)
                text[i] = k % 2 ? some_byte() : (char)('a' + lrand48() % 26);
            if (n && k % 2 == 0) /* all well but one */
                text[lrand48() % (long)n] = some_byte();
            check_one((struct rt_span) { text, n });
            free(text);
        }
}
END_TEST

/* Every byte at every place of ids around the sizes of words. */
START_TEST(every_byte)
{
    for (size_t n = 1; n <= 25; n++)
        for (size_t at = 0; at < n; at++)
            for (int c = 0; c < 256; c++) {
                char *text = malloc(n);

                memset(text, 'm', n);
                text[at] = (char)c;
                check_one((struct rt_span) { text, n });
                free(text);
            }
}
END_TEST

START_TEST(plain_ones_are_found)
{
    ck_assert(rt_id_is_plain(RT_SPAN("12345678")));
    ck_assert(rt_id_is_plain(RT_SPAN("ANN-of-16-bytes~")));
    ck_assert(!rt_id_is_plain(RT_SPAN("ANN of 16 bytes.")));
    ck_assert(!rt_id_is_plain(RT_SPAN("1234567")));
    ck_assert(!rt_id_is_plain(RT_SPAN(" 12345678")));
    ck_assert(!rt_id_is_plain(RT_SPAN("12345678\t")));
    ck_assert(rt_id_is_plain_long(RT_SPAN("ann.smith@shop.example"), true));
    ck_assert(rt_id_is_plain_long(RT_SPAN("Ann-Smith-of-22-bytes!"), false));
    ck_assert(!rt_id_is_plain_long(RT_SPAN("Ann.smith@shop.example"), true));
    ck_assert(!rt_id_is_plain_long(RT_SPAN("ann smith@shop.example"), true));
}
END_TEST

Suite *idform_suite(void)
{
    Suite *s = suite_create("idform");
    TCase *tc = tcase_create("idform");

    tcase_add_loop_test(tc, known_forms, 0, sizeof forms / sizeof *forms);
    tcase_add_test(tc, as_long_as_may_be);
    tcase_add_loop_test(tc, agrees_with_bytes, 0, 10);
    tcase_add_test(tc, every_byte);
    tcase_add_test(tc, plain_ones_are_found);
    suite_add_tcase(s, tc);
    return s;
}
