/* The short way for usual addresses against a plain one, byte by byte, as lists/normalise.h
 * has the rules. */
#include <check.h>
#include <stdlib.h>

#include "lists/email_usual.h"

enum { ROOM = 80 };

Suite *email_usual_suite(void);

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A label of a domain. */
static bool is_label(const char *p, size_t n)
{
    return n >= 1 && n <= 63 && p[0] != '-' && p[n - 1] != '-';
}

static bool is_domain(const char *p, size_t n)
{
    size_t labels = 1, start = 0;
    bool digits = true;

    for (size_t i = 0; i < n; i++) {
        if (p[i] == '.') {
            if (!is_label(p + start, i - start))
                return false;
            start = i + 1;
            labels++;
        } else if (!is_letter_or_digit(p[i]) && p[i] != '-') {
            return false;
        }
    }
    for (size_t i = start; i < n; i++)
        digits = digits && p[i] >= '0' && p[i] <= '9';
    return is_label(p + start, n - start) && labels >= 2 && !digits;
}

static bool is_user(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!is_letter_or_digit(p[i]) && (!p[i] || !strchr("._-+", p[i])))
            return false;
        if (p[i] == '.' && (i == 0 || i + 1 == n || p[i + 1] == '.'))
            return false;
    }
    return n >= 1;
}

static bool plain(struct rt_span text, size_t *user)
{
    const char *at = text.n ? memchr(text.p, '@', text.n) : NULL;

    if (!at || text.n > RT_EMAIL_USUAL_MAX)
        return false;
    *user = (size_t)(at - text.p);
    return is_user(text.p, *user) && is_domain(at + 1, text.n - *user - 1);
}

/* Holds both equal on a text, which stands at the very end of its memory. */
static bool same(const char *text, size_t n)
{
    char *copy = malloc(n ? n : 1), lower[RT_EMAIL_USUAL_MAX + 16];
    size_t user = 0, want_user = 0;
    bool cased = false, want_cased = false, got, want;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, n);
    got = rt_email_usual((struct rt_span) { copy, n }, lower, &user, &cased);
    want = plain((struct rt_span) { copy, n }, &want_user);
#ifdef __SSE2__
    ck_assert_msg(got == want, "\"%.*s\": %d", (int)n, text, got);
#else
    ck_assert(!got);
#endif
    for (size_t i = 0; i < n && got; i++) {
        want_cased |= text[i] >= 'A' && text[i] <= 'Z';
        ck_assert_int_eq(lower[i], rt_ascii_lower(text[i]));
    }
    if (got) {
        ck_assert_uint_eq(user, want_user);
        ck_assert_int_eq(cased, want_cased);
    }
    free(copy);
    return want;
}

START_TEST(one_by_one)
{
    static const char *const good[] = { "a@b.c", "Ann.Lee+shop@Mail.EXAMPLE", "_@a-b.c0",
        "u100000000@web.example", "a@1.a1", "-@x.y",
        "a@bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.de" };
    static const char *const bad[] = { "", "@", "a@", "@b.c", "a@b", "a@b.", "a@.b",
        "a@b..c", ".a@b.c", "a.@b.c", "a..b@c.d", "a@@b.c", "a@b@c.d", "a@b.1", "a@-b.c",
        "a@b-.c", "a@b.-c", "a@b.c-", "a@b_c.d", "a b@c.d", "a@b.c ", "a!@b.c", "a@b,c.d",
        "a@bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.de" };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(same(good[i], strlen(good[i])), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!same(bad[i], strlen(bad[i])), "%s", bad[i]);
    for (int c = 0; c < 256; c++) /* every byte, in both parts */
        for (size_t at = 0; at < 8; at++) {
            char text[] = "abcd@fgh.jk";

            text[at == 4 ? 10 : at] = (char)c;
            same(text, 11);
        }
}
END_TEST

/* Texts of few characters, so that what is odd often meets. */
START_TEST(at_random)
{
    static const char few[] = "aZ09.-@+_.@a\x80!";
    char text[ROOM];
    unsigned ngood = 0;

    srand(7);
    for (unsigned round = 0; round < 400000; round++) {
        size_t n = (size_t)rand() % (round % 4 ? 14 : 72), kinds = 5 + (size_t)rand() % 9;

        for (size_t i = 0; i < n; i++)
            text[i] = few[(size_t)rand() % kinds];
        if (n > 4 && rand() % 2) { /* nearly an address */
            for (size_t i = 0; i < n; i++)
                if (text[i] == '@')
                    text[i] = 'b';
            text[1 + (size_t)rand() % (n - 2)] = '@';
        }
        ngood += same(text, n);
    }
    ck_assert_uint_gt(ngood, 1000);
}
END_TEST

Suite *email_usual_suite(void)
{
    Suite *suite = suite_create("email_usual");
    TCase *tc = tcase_create("email_usual");

    tcase_add_test(tc, one_by_one);
    tcase_add_test(tc, at_random);
    suite_add_tcase(suite, tc);
    return suite;
}
