/* pattern: globs against a table of all splits, regexes at their limits, networks. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "plan/literal.h"
#include "plan/pattern.h"

Suite *pattern_suite(void);

#define LEN(a) ((int)(sizeof(a) / sizeof *(a)))

static const struct {
    const char *pattern, *value;
    bool ignore_case, match;
} globs[] = {
    { "", "", false, true }, { "", "a", false, false }, { "a", "", false, false },
    { "*", "", false, true }, { "*", "anything", false, true }, { "**", "", false, true },
    { "?", "", false, false }, { "abc", "abc", false, true },
    { "abc", "abcd", false, false }, { "abc", "xabc", false, false },
    { "abc*", "abcd", false, true }, { "*abc", "xabc", false, true },
    { "*abc", "abcabc", false, true }, { "*abc", "abcab", false, false },
    { "a*c", "ac", false, true }, { "a*b*c", "a.b.b.c", false, true },
    { "a*b*c", "acb", false, false }, { "*aab*", "aaaab", false, true },
    { "/p/*/x", "/p/1/2/x", false, true }, { "/p/?", "/p/12", false, false },
    { "a?c", "abc", false, true }, { "*?", "", false, false },
    { "*??", "a", false, false }, { "[a]", "a", false, false },
    { "\\*", "\\anything", false, true }, { "ABC", "abc", false, false },
    { "ABC", "abc", true, true }, { "*B*", "abc", true, true },
    { "*[*", "a{b", true, false }, /* 0x5b and 0x7b differ in the same bit as A and a */
    { "caf?", "caf\xc3\xa9", false, true }, { "caf??", "caf\xc3\xa9", false, false },
    { "*??", "\xf0\x9f\x98\x80", false, false }, /* a star cuts no character */
    { "caf\xc3\xa9", "caf\xc3\xa9", false, true },
    { "\xc3\x89", "\xc3\xa9", true, false }, /* case of ASCII alone */
    { "??", "\xff\xfe", false, true }, { "?", "\xc3", false, true },      /* cut */
    { "??", "\xe2\x82", false, true }, { "??", "\xc0\xaf", false, true }, /* overlong */
    { "???", "\xed\xa0\x80", false, true },      /* a surrogate */
    { "????", "\xf4\x90\x80\x80", false, true }, /* past U+10FFFF */
    { "?", "\xf4\x8f\xbf\xbf", false, true },
    { "*\x80", "\xc2\x80", false, false }, /* nor is a part of one matched */
};

START_TEST(glob)
{
    ck_assert_msg(rt_glob(rt_span_of(globs[_i].pattern), rt_span_of(globs[_i].value),
                      globs[_i].ignore_case)
            == globs[_i].match,
        "%d: %s", _i, globs[_i].pattern);
}
END_TEST

/* Characters, the stars and question marks of patterns first. */
static const char *const units[] = { "*", "?", "a", "b", "A", "\xc3\xa9",
    "\xf0\x9f\x98\x80", "\xff", "\x80" };

enum { WILD = 2, UNITS = LEN(units), LONGEST = 8 };

struct text {
    int n, unit[LONGEST];
    char bytes[4 * LONGEST];
    struct rt_span span;
};

static void make_text(struct text *t, unsigned short *seed, int first)
{
    t->n = (int)(nrand48(seed) % (LONGEST + 1));
    t->span = (struct rt_span) { t->bytes, 0 };
    for (int i = 0; i < t->n; i++) {
        const char *unit;

        t->unit[i] =
            first + (int)(nrand48(seed) % (nrand48(seed) % 2 ? UNITS - first : 3));
        unit = units[t->unit[i]];
        memcpy(t->bytes + t->span.n, unit, strlen(unit));
        t->span.n += strlen(unit);
    }
}

/* match[i][j]: the pattern from i on matches the value from j on; all splits of a star. */
static bool by_table(
    const struct text *pattern, const struct text *value, bool ignore_case)
{
    bool match[LONGEST + 1][LONGEST + 1] = { { false } };

    for (int i = pattern->n; i >= 0; i--)
        for (int j = value->n; j >= 0; j--) {
            int p = i < pattern->n ? pattern->unit[i] : -1;
            int v = j < value->n ? value->unit[j] : -1;

            if (ignore_case && p == 4)
                p = 2;
            if (ignore_case && v == 4)
                v = 2;
            if (p < 0)
                match[i][j] = v < 0;
            else if (p == 0)
                match[i][j] = match[i + 1][j] || (v >= 0 && match[i][j + 1]);
            else
                match[i][j] = v >= 0 && (p == 1 || p == v) && match[i + 1][j + 1];
        }
    return match[0][0];
}

START_TEST(glob_agrees_with_the_table)
{
    unsigned short seed[3] = { 3, 1, 4 };
    int matches = 0;

    for (int i = 0; i < 200000; i++) {
        struct text pattern, value;
        bool ignore_case = i % 2, match;

        make_text(&pattern, seed, 0);
        make_text(&value, seed, WILD);
        match = rt_glob(pattern.span, value.span, ignore_case);
        ck_assert_msg(match == by_table(&pattern, &value, ignore_case), "%.*s on %.*s",
            (int)pattern.span.n, pattern.bytes, (int)value.span.n, value.bytes);
        matches += match;
    }
    ck_assert_int_gt(matches, 5000);
}
END_TEST

START_TEST(glob_does_not_blow_up)
{
    static char pattern[2001], value[100000];

    for (int i = 0; i < 2000; i += 2)
        memcpy(pattern + i, "*a", 2);
    pattern[2000] = 'b';
    memset(value, 'a', sizeof value);
    for (int i = 0; i < 20; i++)
        ck_assert(!rt_glob((struct rt_span) { pattern, 2001 },
            (struct rt_span) { value, sizeof value }, i % 2));
    ck_assert(!rt_glob(RT_SPAN("a"), RT_SPAN_ABSENT, false));
    ck_assert(rt_glob(RT_SPAN("*"), RT_SPAN_ABSENT, false));
}
END_TEST

/* ---- regular expressions */

static struct rt_regex_scratch *scratch;

static void make_scratch(void)
{
    ck_assert_int_eq(rt_regex_scratch_new(&scratch), RT_OK);
}

static void drop_scratch(void)
{
    rt_regex_scratch_free(scratch);
    scratch = NULL;
}

static const struct {
    const char *pattern;
    struct rt_span value;
    bool ignore_case, match;
} regexes[] = {
    { "cart", RT_SPAN("/de/cart/12"), false, true },
    { "^cart", RT_SPAN("/de/cart/12"), false, false },
    { "/cart/\\d+$", RT_SPAN("/de/cart/12"), false, true },
    { "CART", RT_SPAN("/de/cart/12"), false, false },
    { "CART", RT_SPAN("/de/cart/12"), true, true },
    { "", RT_SPAN(""), false, true },
    { "^$", { NULL, 0 }, false, true },
    { "a.b", RT_SPAN("a\0b"), false, true },
    { "^caf..$", RT_SPAN("caf\xc3\xa9"), false, true },         /* bytes */
    { "^caf.$|\xc3\xbc", RT_SPAN("caf\xc3\xa9"), false, true }, /* characters */
    { "^caf..$|\xc3\xbc", RT_SPAN("caf\xc3\xa9"), false, false },
    { "(*UTF)^caf.$", RT_SPAN("caf\xc3\xa9"), false, true },
    { "\xc3\xa9", RT_SPAN("\xff\xfe caf\xc3\xa9 \xc3"), false,
        true }, /* broken around it */
    { "(*UTF)caf.", RT_SPAN("\xff caf\xc3\xa9"), false, true },
    { "a.b|\xc3\xa9",
        RT_SPAN("a\xff"
                "b"),
        false, false }, /* no match over a break */
    { "(?<=x)y", RT_SPAN("xy"), false, true },
};

START_TEST(regex)
{
    struct rt_regex *r = NULL;
    uint64_t over = 0;

    ck_assert_int_eq(
        rt_regex_new(rt_span_of(regexes[_i].pattern), regexes[_i].ignore_case, &r, NULL),
        RT_OK);
    ck_assert_msg(
        rt_regex_search(r, scratch, regexes[_i].value, &over) == regexes[_i].match, "%s",
        regexes[_i].pattern);
    ck_assert_uint_eq(over, 0);
    rt_regex_free(r);
}
END_TEST

static const struct {
    const char *pattern;
    uint32_t col;
} bad_regexes[] = {
    { "a(b", 4 }, { "*a", 1 }, { "a[z-a]", 5 }, { "a\\Cb", 4 },
    { "\xc3(", 1 }, /* no UTF-8 */
};

START_TEST(bad_regex_is_refused)
{
    struct rt_regex *r = NULL;
    struct rt_err err = { 0 };

    ck_assert_int_eq(
        rt_regex_new(rt_span_of(bad_regexes[_i].pattern), false, &r, &err), RT_EDEFS);
    ck_assert_ptr_null(r);
    ck_assert_msg(err.col == bad_regexes[_i].col, "%d: %u %s", _i, err.col, err.text);
    ck_assert_int_eq(strncmp(err.text, "bad regular expression: ", 24), 0);
}
END_TEST

/* The second pattern forbids JIT: the interpreter has to hold the limits too. */
static const char *const costly[] = { "(a+)+$", "(*NO_JIT)(a+)+$", "(a|aa)+$",
    "(*NO_JIT)(a|aa)+$", "(*NO_JIT)^(a|b)*?c|x", "(*LIMIT_MATCH=4000000000)(a+)+$" };

START_TEST(costly_search_ends)
{
    static char value[20000];
    struct rt_regex *r = NULL;
    uint64_t over = 0;

    memset(value, 'a', sizeof value);
    value[sizeof value - 1] = '!';
    ck_assert_int_eq(rt_regex_new(rt_span_of(costly[_i]), false, &r, NULL), RT_OK);
    ck_assert(!rt_regex_search(r, scratch, (struct rt_span) { value, 20000 }, &over));
    ck_assert_uint_eq(over, 1);
    ck_assert(!rt_regex_search(r, scratch, (struct rt_span) { value, 20000 }, NULL));
    ck_assert(!rt_regex_search(r, scratch, RT_SPAN("b"), &over));
    ck_assert_uint_eq(over, 1);
    rt_regex_free(r);
}
END_TEST

/* ---- what a regex names outright */

static const struct {
    const char *pattern, *literal;
} literals[] = {
    { "/p/(sport|kids)\\.[a-z]+/[0-9]*7\\?utm_source=", "7?utm_source=" },
    { "checkout", "checkout" },
    { "^/cart$", "/cart" },
    { "colou?r", "colo" },
    { "ab+cde", "cde" },
    { "abc*", "ab" },
    { "a+?bcd*+ef", "bc" },
    { "[x]abc[]y]d", "abc" },
    { "(a|bcdef)gh", "gh" },
    { "(?:abc(d|e))?f", "f" },
    { "\\d\\d\\.html", ".html" },
    { "a\\|b", "a|b" },
    { "cart|basket", "" },
    { "a(b|c)|d", "" },
    { "(?i)cart", "" },
    { "x{0,1}y", "" },
    { "a(?=b)b", "" },
    { "\\Qa+b\\E", "" },
    { "(a)\\1bc", "" },
    { "[[:alpha:]]bc", "" },
    { "(*ACCEPT)abc", "" },
    { "a(b(*ACCEPT))cd", "" },
    { "\\Kabc", "" },
    { "[0-9]+", "" },
    { "", "" },
};

START_TEST(literal_of_a_regex)
{
    struct rt_literal l = rt_literal_of(rt_span_of(literals[_i].pattern));

    ck_assert_msg(
        rt_span_eq((struct rt_span) { l.text, l.n }, rt_span_of(literals[_i].literal)),
        "%s: %.*s", literals[_i].pattern, (int)l.n, l.text);
}
END_TEST

START_TEST(literal_longer_than_its_room)
{
    char pattern[200];
    struct rt_literal l;

    memset(pattern, 'a', sizeof pattern);
    l = rt_literal_of((struct rt_span) { pattern, sizeof pattern });
    ck_assert_uint_eq(l.n, RT_LITERAL_MAX);
}
END_TEST

static uint32_t draw(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 16) % n;
}

static void draw_text(uint32_t *seed, const char *const *tokens, uint32_t ntokens,
    uint32_t most, char *out, size_t room)
{
    size_t n = 0;

    *out = '\0';
    for (uint32_t left = draw(seed, most + 1); left > 0; left--)
        n += (size_t)snprintf(out + n, room - n, "%s", tokens[draw(seed, ntokens)]);
    ck_assert_uint_lt(n, room);
}

/* Wrapped in a group a pattern means the same and names nothing, so it is always searched. */
START_TEST(literal_changes_no_answer)
{
    static const char *const parts[] = { "a", "b", "ab", "bba", ".", "\\.", "[ab]",
        "[^a]", "[]b]", "(a|b)", "(?:ab)", "(a(b|c)?)", "*", "+", "?", "|", "{2}", "^",
        "$", "\\d", "\\b", "(?i)", "\\Q.", "\\E", "(?=a)", "]", "}", "/", "\\", "(", ")",
        "[", "1" };
    static const char *const bytes[] = { "a", "b", "ab", "A", ".", "/", "1", " ", "]" };
    uint32_t seed = 1, compiled = 0, matched = 0;

    for (int i = 0; i < 20000; i++) {
        char pattern[128], group[140], value[160];
        struct rt_regex *r = NULL, *twin = NULL;

        draw_text(&seed, parts, LEN(parts), 8, pattern, sizeof pattern);
        snprintf(group, sizeof group, "(?:%s)", pattern);
        if (rt_regex_new(rt_span_of(pattern), false, &r, NULL) == RT_OK
            && rt_regex_new(rt_span_of(group), false, &twin, NULL) == RT_OK) {
            compiled++;
            for (int k = 0; k < 8; k++) {
                bool holds;

                draw_text(&seed, bytes, LEN(bytes), 40, value, sizeof value);
                holds = rt_regex_search(twin, scratch, rt_span_of(value), NULL);
                matched += holds;
                ck_assert_msg(
                    rt_regex_search(r, scratch, rt_span_of(value), NULL) == holds,
                    "%s in \"%s\"", pattern, value);
            }
        }
        rt_regex_free(r);
        rt_regex_free(twin);
    }
    ck_assert_uint_gt(compiled, 2000);
    ck_assert_uint_gt(matched, 2000);
}
END_TEST

START_TEST(no_memory_for_a_regex)
{
    for (uint64_t nth = 1; nth <= 8; nth++) {
        struct rt_regex *r = NULL;
        struct rt_regex_scratch *s = NULL;
        struct rt_err err = { 0 };
        int rc;

        rt_alloc_fail_at(nth, 0);
        rc = rt_regex_new(RT_SPAN("(*UTF)a+"), false, &r, &err);
        rt_alloc_fail_at(0, 0);
        ck_assert(rc == RT_OK || rc == RT_ENOMEM);
        ck_assert((r != NULL) == (rc == RT_OK));
        ck_assert_int_eq(err.code, rc);
        rt_regex_free(r);
        rt_alloc_fail_at(nth, 0);
        rc = rt_regex_scratch_new(&s);
        rt_alloc_fail_at(0, 0);
        ck_assert(rc == RT_OK || rc == RT_ENOMEM);
        ck_assert((s != NULL) == (rc == RT_OK));
        rt_regex_scratch_free(s);
    }
}
END_TEST

/* ---- networks */

static const struct {
    const char *network, *value;
    bool has;
} members[] = {
    { "10.0.0.0/8", "10.255.255.255", true },
    { "10.0.0.0/8", "11.0.0.0", false },
    { "10.0.0.0/8", "9.255.255.255", false },
    { "192.168.128.0/17", "192.168.128.1", true },
    { "192.168.128.0/17", "192.168.127.255", false },
    { "192.0.2.1", "192.0.2.1", true },
    { "192.0.2.1", "192.0.2.2", false },
    { "0.0.0.0/0", "203.0.113.9", true },
    { "0.0.0.0/0", "2001:db8::1", false },
    { "::/0", "2001:db8::1", true },
    { "::/0", "203.0.113.9", false },
    { "::ffff:0:0/96", "203.0.113.9", true },
    { "10.0.0.0/8", "::ffff:10.1.2.3", true },
    { "::ffff:10.0.0.0/104", "10.1.2.3", true },
    { "2001:db8::/32", "2001:db8:ffff::1", true },
    { "2001:db8::/32", "2001:DB8::1", true },
    { "2001:db8::/32", "2001:db9::", false },
    { "2001:db8::/33", "2001:db8:7fff::", true },
    { "2001:db8::/33", "2001:db8:8000::", false },
    { "2001:db8::/32", "[2001:db8::1]", true },
    { "fe80::/10", "fe80::1%eth0", true },
    { "fe80::/10", "[fe80::1%eth0]", true },
    { "fe80::/10", "fe80::1%", false },
    { "2001:db8::1", "2001:db8:0:0:0:0:0:1", true },
    { "10.0.0.0/8", "[10.1.2.3]", false },
    { "10.0.0.0/8", "10.1.2.3%eth0", false },
    { "10.0.0.0/8", "10.1.2.3:80", false },
    { "10.0.0.0/8", "10.1.2", false },
    { "10.0.0.0/8", "10.1.2.256", false },
    { "10.0.0.0/8", "010.1.2.3", false },
    { "10.0.0.0/8", " 10.1.2.3", false },
    { "10.0.0.0/8", "10.1.2.3/32", false },
    { "10.0.0.0/8", "", false },
    { "10.0.0.0/8", "-", false },
    { "::/0", "[]", false },
    { "::/0", "[::1", false },
    { "::/0", "1:2:3:4:5:6:7:8:9", false },
    { "::/0", "0000:0000:0000:0000:0000:0000:0000:0001%a-very-long-name-of-a-zone",
        true },
    { "::/0", "00000000000000000000000000000000000000000000000000::1", false },
};

START_TEST(network_has)
{
    struct rt_network network;

    ck_assert_int_eq(rt_network_parse(rt_span_of(members[_i].network), &network), RT_OK);
    ck_assert_msg(
        rt_network_has(&network, rt_span_of(members[_i].value)) == members[_i].has,
        "%s in %s", members[_i].value, members[_i].network);
}
END_TEST

static const char *const bad_networks[] = { "", "/", "10.0.0.0/", "10.0.0.0/33",
    "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8 ", "10.0.0.1/8", "10.0.0.0/8/8", "10.0.0/8",
    "2001:db8::/129", "2001:db8::1/32", "2001:db8::/0", "[2001:db8::]/32",
    "fe80::%eth0/10", "10.0.0.0/4294967304", "example.com", "10.0.0.0/8x" };

START_TEST(bad_network_is_refused)
{
    struct rt_network network = { .bits = 42 };

    ck_assert_msg(rt_network_parse(rt_span_of(bad_networks[_i]), &network) == RT_ESYNTAX,
        "%s", bad_networks[_i]);
    ck_assert_int_eq(network.bits, 42);
}
END_TEST

START_TEST(nul_in_an_address)
{
    struct rt_network network;

    ck_assert_int_eq(rt_network_parse(RT_SPAN("10.0.0.0\0"), &network), RT_ESYNTAX);
    ck_assert_int_eq(rt_network_parse(RT_SPAN_ABSENT, &network), RT_ESYNTAX);
    ck_assert_int_eq(rt_network_parse(RT_SPAN("0.0.0.0/0"), &network), RT_OK);
    ck_assert(!rt_network_has(&network, RT_SPAN("10.0.0.1\0x")));
    ck_assert(!rt_network_has(&network, RT_SPAN_ABSENT));
}
END_TEST

Suite *pattern_suite(void)
{
    Suite *s = suite_create("pattern");
    TCase *tc = tcase_create("globs"), *re = tcase_create("regexes");
    TCase *nets = tcase_create("networks");

    tcase_add_loop_test(tc, glob, 0, LEN(globs));
    tcase_add_test(tc, glob_agrees_with_the_table);
    tcase_add_test(tc, glob_does_not_blow_up);
    tcase_set_timeout(tc, 120);
    suite_add_tcase(s, tc);
    tcase_add_checked_fixture(re, make_scratch, drop_scratch);
    tcase_add_loop_test(re, regex, 0, LEN(regexes));
    tcase_add_loop_test(re, bad_regex_is_refused, 0, LEN(bad_regexes));
    tcase_add_loop_test(re, costly_search_ends, 0, LEN(costly));
    tcase_add_loop_test(re, literal_of_a_regex, 0, LEN(literals));
    tcase_add_test(re, literal_longer_than_its_room);
    tcase_add_test(re, literal_changes_no_answer);
    tcase_add_test(re, no_memory_for_a_regex);
    suite_add_tcase(s, re);
    tcase_add_loop_test(nets, network_has, 0, LEN(members));
    tcase_add_loop_test(nets, bad_network_is_refused, 0, LEN(bad_networks));
    tcase_add_test(nets, nul_in_an_address);
    suite_add_tcase(s, nets);
    return s;
}
