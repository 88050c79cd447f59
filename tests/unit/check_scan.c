/* The structural index: by hand, and all ways alike. */
#include <check.h>
#include <stdlib.h>

#include "events/scan.h"

Suite *scan_suite(void);

static const struct {
    const char *name;
    struct rt_span text;
    uint32_t from, to;
    uint32_t n, at[12];
    uint32_t nrows, rows[4];
} cases[] = {
    { "the drawing of scan.h", { "u1,view,\"a,b\"\nu2,cart,c\n", 24 }, 0, 24, 9,
        { 2, 7, 8, 10, 12, 13, 16, 21, 23 }, 2, { 5 | RT_SCAN_QUOTED, 8 } },
    { "CRLF is one entry", { "a\r\nb\r\n", 6 }, 0, 6, 2, { 2, 5 }, 2, { 0, 1 } },
    { "lone CR", { "a\rb\r", 4 }, 0, 4, 2, { 1, 3 }, 2, { 0, 1 } },
    { "what follows a CR is looked at", { "a\r\n", 3 }, 0, 2, 0, { 0 }, 0, { 0 } },
    { "a stretch in the middle", { "a,b\nc,d\ne", 9 }, 4, 8, 2, { 5, 7 }, 1, { 1 } },
    { "blanks beside entries", { "a ,b\nc, d\n e,f\ng,h h\n", 22 }, 0, 22, 8,
        { 2, 4, 6, 9, 12, 14, 16, 20 }, 4,
        { 1 | RT_SCAN_PADDED, 3 | RT_SCAN_PADDED, 5 | RT_SCAN_PADDED, 7 } },
    { "a blank before CRLF", { "a\t\r\nb\n", 6 }, 0, 6, 2, { 3, 5 }, 2,
        { 0 | RT_SCAN_PADDED, 1 } },
    { "a blank at either end of the stretch", { " a,b \n", 6 }, 1, 5, 1, { 2 }, 0,
        { 0 } },
    { "NUL is nothing", { "\0,\0\n", 4 }, 0, 4, 2, { 1, 3 }, 1, { 1 } },
    { "nothing", { "", 0 }, 0, 0, 0, { 0 }, 0, { 0 } },
};

static bool is_index(const struct rt_scan *scan, uint32_t from, uint32_t n,
    const uint32_t *at, uint32_t nrows, const uint32_t *rows)
{
    return scan->n == n && scan->nrows == nrows && scan->at[-1] == from - 1
        && (n == 0 || memcmp(scan->at, at, n * sizeof *at) == 0)
        && (nrows == 0 || memcmp(scan->rows, rows, nrows * sizeof *rows) == 0);
}

START_TEST(by_hand)
{
    struct rt_scan_way ways[RT_SCAN_WAYS];
    size_t nways = rt_scan_ways(ways);
    struct rt_scan scan;

    ck_assert_int_eq(rt_scan_init(&scan), RT_OK);
    for (size_t i = 0; i < nways; i++) {
        ways[i].fill(cases[_i].text, cases[_i].from, cases[_i].to, ',', &scan);
        ck_assert_msg(is_index(&scan, cases[_i].from, cases[_i].n, cases[_i].at,
                          cases[_i].nrows, cases[_i].rows),
            "%s: %s", ways[i].name, cases[_i].name);
    }
    rt_scan_release(&scan);
}
END_TEST

static uint32_t any(uint32_t *state, uint32_t n)
{
    *state = *state * 1103515245 + 12345;
    return (*state >> 16) % n;
}

/* Dense and sparse text, and such as files have: hardly a quote, '\r' or blank in it, so
 * that a scan goes from one of its loops to another and back. */
static void make_text(char *text, uint32_t n, uint32_t round, uint32_t *state)
{
    static const char alphabet[] = ",\"\n\r\r\nabcdefghijklmnopqrstuvwxyz;\t|\0 ";
    static const char usual[] = "abcdefghijklmnopqrstuvwxyz0123456789;,|,;,;|\n";
    uint32_t kinds = round % 3 ? (uint32_t)sizeof alphabet - 1 : 6;
    uint32_t seldom = round % 4 ? 1 : round % 16 ? 90 : 2000;

    for (uint32_t i = 0; i < n; i++)
        text[i] = any(state, seldom) == 0 ? alphabet[any(state, kinds)]
                                          : usual[any(state, (uint32_t)sizeof usual - 1)];
}

/* All ways give the index of the plain one: texts of every length around the words'
 * ends. The text is in memory of just its size, for the sanitizers. */
START_TEST(ways_agree)
{
    struct rt_scan_way ways[RT_SCAN_WAYS];
    size_t nways = rt_scan_ways(ways);
    struct rt_scan scan, plain;
    uint32_t state = 7;

    ck_assert_int_eq(rt_scan_init(&scan), RT_OK);
    ck_assert_int_eq(rt_scan_init(&plain), RT_OK);
    for (uint32_t round = 0; round < 4000; round++) {
        uint32_t n = round % 81 ? round % 331 : RT_SCAN_BYTES;
        uint32_t from = n > 70 ? round % 70 : 0, to = n - (n > from + 3 ? round % 3 : 0);
        char delimiter = ",;\t| "[round % 5];
        char *text = malloc(n + 1);

        ck_assert_ptr_nonnull(text);
        make_text(text, n, round, &state);
        text = realloc(text, n ? n : 1);
        ways[nways - 1].fill((struct rt_span) { text, n }, from, to, delimiter, &plain);
        for (size_t i = 0; i + 1 < nways; i++) {
            ways[i].fill((struct rt_span) { text, n }, from, to, delimiter, &scan);
            ck_assert_msg(
                is_index(&scan, from, plain.n, plain.at, plain.nrows, plain.rows),
                "%s differs in round %u", ways[i].name, round);
        }
        free(text);
    }
    rt_scan_release(&scan);
    rt_scan_release(&plain);
}
END_TEST

Suite *scan_suite(void)
{
    Suite *s = suite_create("scan");
    TCase *tc = tcase_create("scan");

    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, by_hand, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tc, ways_agree);
    suite_add_tcase(s, tc);
    return s;
}
