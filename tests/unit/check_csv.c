/* CSV: what a text means, and that the fast ways mean the same as libcsv. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "events/decoder.h"
#include "events/scan.h"
#include "tests/unit/csv_twin.h"

Suite *csv_suite(void);

enum { TEXT_MAX = 1 << 26 };

/* xorshift64*: the same texts on every machine. */
static uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545f4914f6cdd1d);
}

static uint32_t random_below(uint64_t *state, uint32_t n)
{
    return (uint32_t)((random_next(state) >> 32) * n >> 32);
}

/* ---- cases by hand; expected by libcsv's manual and by counting */

#define T(literal)                                                                       \
    {                                                                                    \
        literal, sizeof(literal) - 1                                                     \
    }

static const struct {
    const char *name;
    struct rt_span text;
    char delimiter;
    uint32_t ncols;
    bool fill;
    const char *rows, *rejects;
} cases[] = {
    { "two records", T("a,b\nc,d\n"), ',', 2, false,
        "0+3 line 0 [a][b]\n4+3 line 1 [c][d]\n", "" },
    { "no line end at the end", T("a,b\nc,d"), ',', 2, false,
        "0+3 line 0 [a][b]\n4+3 line 1 [c][d]\n", "" },
    { "CRLF is one line end", T("a,b\r\nc,d\r\n"), ',', 2, false,
        "0+3 line 0 [a][b]\n5+3 line 1 [c][d]\n", "" },
    { "lone CR ends a record", T("a,b\rc,d\r"), ',', 2, false,
        "0+3 line 0 [a][b]\n4+3 line 1 [c][d]\n", "" },
    { "blanks around fields", T(" a b ,\tc\t\n"), ',', 2, false, "0+9 line 0 [a b][c]\n",
        "" },
    { "blanks inside quotes stay", T("\" a \",\"b\"\n"), ',', 2, false,
        "0+9 line 0 [ a ][b]\n", "" },
    { "blanks around quotes", T(" \"a\" , \"b\"\t\n"), ',', 2, false,
        "0+11 line 0 [a][b]\n", "" },
    { "empty cells are there", T(",\n"), ',', 2, false, "0+1 line 0 [][]\n", "" },
    { "empty cell by quotes", T("\"\",x\n"), ',', 2, false, "0+4 line 0 [][x]\n", "" },
    { "blank lines are no records", T("\n \t\na,b\n\r\n\n  \nc,d\n"), ',', 2, false,
        "4+3 line 2 [a][b]\n14+3 line 6 [c][d]\n", "" },
    { "record begins with its blanks", T("a,b\n  c,d\n"), ',', 2, false,
        "0+3 line 0 [a][b]\n4+5 line 1 [c][d]\n", "" },
    { "delimiter in quotes", T("\"a,b\",c\n"), ',', 2, false, "0+7 line 0 [a,b][c]\n",
        "" },
    { "doubled quote", T("\"a\"\"b\",\"\"\"\"\n"), ',', 2, false,
        "0+11 line 0 [a\"b][\"]\n", "" },
    { "line end in quotes", T("\"a\nb\",c\r\nd,e\n"), ',', 2, false,
        "0+7 line 0 [a\nb][c]\n9+3 line 2 [d][e]\n", "" },
    { "CRLF in quotes", T("\"a\r\nb\",c\nd,e\n"), ',', 2, false,
        "0+8 line 0 [a\r\nb][c]\n9+3 line 2 [d][e]\n", "" },
    { "lone CR in quotes is no line", T("\"a\rb\",c\nd,e\n"), ',', 2, false,
        "0+7 line 0 [a\rb][c]\n8+3 line 1 [d][e]\n", "" },
    { "text behind a closing quote", T("\"q\"z,x\",b\n"), ',', 2, false,
        "0+9 line 0 [q\"z,x][b]\n", "" },
    { "quote inside an unquoted field", T("5\" pipe,b\n"), ',', 2, false,
        "0+9 line 0 [5\" pipe][b]\n", "" },
    { "NUL is a character", T("a\0b,c\n"), ',', 2, false, "0+5 line 0 [a\0b][c]\n", "" },
    { "UTF-8", T("\xc3\xa9,\xe6\x97\xa5\n"), ',', 2, false,
        "0+6 line 0 [\xc3\xa9][\xe6\x97\xa5]\n", "" },
    { "tab delimiter cuts blanks alone", T(" a \t\t b\n"), '\t', 3, false,
        "0+7 line 0 [a][][b]\n", "" },
    { "tab delimiter: a tab makes a record", T("\t\n"), '\t', 2, false,
        "0+1 line 0 [][]\n", "" },
    { "semicolon", T("1,5;2\n"), ';', 2, false, "0+5 line 0 [1,5][2]\n", "" },
    { "bar", T("a|b\n"), '|', 2, false, "0+3 line 0 [a][b]\n", "" },
    { "too few", T("a\nb,c\n"), ',', 2, false, "2+3 line 1 [b][c]\n",
        "0+1 line 0 too_few_fields\n" },
    { "too few, filled", T("a\n\"b\"\n"), ',', 2, true,
        "0+1 line 0 [a]-\n2+3 line 1 [b]-\n", "" },
    { "too many", T("a,b,c\n\"a\",b,c\n"), ',', 2, false, "",
        "0+5 line 0 too_many_fields\n6+7 line 1 too_many_fields\n" },
    { "superfluous empty cells", T("a,b,, \n\"a\",b,,\"\"\n"), ',', 2, false,
        "0+6 line 0 [a][b]\n7+9 line 1 [a][b]\n", "" },
    { "one column: blank lines", T("a\n\n \nb\n\"\"\n"), ',', 1, false,
        "0+1 line 0 [a]\n5+1 line 3 [b]\n7+2 line 4 []\n", "" },
    { "quote never closed: its line alone", T("a,b\n\"c,d\ne,f\n"), ',', 2, false,
        "0+3 line 0 [a][b]\n9+3 line 2 [e][f]\n", "4+4 line 1 unclosed_quote\n" },
    { "quote never closed, last line", T("a,b\nc,\"d"), ',', 2, false,
        "0+3 line 0 [a][b]\n", "4+4 line 1 unclosed_quote\n" },
    { "quote closed at the very end", T("\"a\",\"b\""), ',', 2, false,
        "0+7 line 0 [a][b]\n", "" },
    { "first line of quotes, then one open", T("\"a\nb\",\"c\nd,e\n"), ',', 2, false,
        "9+3 line 2 [d][e]\n", "0+2 line 0 unclosed_quote\n3+5 line 1 unclosed_quote\n" },
    { "blank between two quotes", T("\"a\" \",b\n"), ',', 2, false,
        "0+7 line 0 [a\" ][b]\n", "" },
    { "doubled quote, then text behind", T("\"a\"\"\"x,y\",b\n"), ',', 2, false,
        "0+11 line 0 [a\"\"x,y][b]\n", "" },
    { "CR before CRLF", T("a,b\r\r\nc,d\n"), ',', 2, false,
        "0+3 line 0 [a][b]\n6+3 line 2 [c][d]\n", "" },
    { "quoted, lone CR behind", T("\"a\",\"b\"\rc,d\r"), ',', 2, false,
        "0+7 line 0 [a][b]\n8+3 line 1 [c][d]\n", "" },
    { "blanks alone in a cell", T("  ,\t\n"), ',', 2, false, "0+4 line 0 [][]\n", "" },
    { "nothing", T(""), ',', 2, false, "", "" },
    { "blanks alone", T(" \t "), ',', 2, false, "", "" },
};

struct answer {
    struct rt_buf rows, rejects;
};

/* Decodes a text by a decoder of its own. */
static void decode_once(
    struct rt_span text, char delimiter, uint32_t ncols, bool fill, struct answer *to)
{
    struct csv_twin_fast *fast = csv_twin_open(delimiter, ncols, fill);

    csv_twin_decode(fast, text, NULL, &to->rows, &to->rejects);
    csv_twin_close(fast);
}

static void answer_init(struct answer *a)
{
    a->rows = (struct rt_buf)RT_BUF_INIT(TEXT_MAX);
    a->rejects = (struct rt_buf)RT_BUF_INIT(TEXT_MAX);
}

static void answer_release(struct answer *a)
{
    rt_buf_release(&a->rows);
    rt_buf_release(&a->rejects);
}

static bool same(const struct rt_buf *a, const struct rt_buf *b)
{
    return rt_span_eq(rt_buf_span(a), rt_buf_span(b));
}

static bool is_answer(const struct answer *a, struct rt_span rows, const char *rejects)
{
    return rt_span_eq(rt_buf_span(&a->rows), rows)
        && rt_span_starts(rt_buf_span(&a->rejects), rt_span_of(rejects));
}

/* The rows expected of case i; of the one with a NUL they are not a C string. */
static struct rt_span rows_of(int i)
{
    return memchr(cases[i].text.p, '\0', cases[i].text.n)
        ? RT_SPAN("0+5 line 0 [a\0b][c]\n")
        : rt_span_of(cases[i].rows);
}

START_TEST(by_hand)
{
    struct answer twin, fast;

    answer_init(&twin);
    answer_init(&fast);
    csv_twin(cases[_i].text, cases[_i].delimiter, cases[_i].ncols, cases[_i].fill,
        &twin.rows, &twin.rejects);
    decode_once(
        cases[_i].text, cases[_i].delimiter, cases[_i].ncols, cases[_i].fill, &fast);
    ck_assert_msg(is_answer(&twin, rows_of(_i), cases[_i].rejects), "%s: libcsv:\n%s%s",
        cases[_i].name, rt_buf_text(&twin.rows), rt_buf_text(&twin.rejects));
    ck_assert_msg(is_answer(&fast, rows_of(_i), cases[_i].rejects), "%s:\n%s%s",
        cases[_i].name, rt_buf_text(&fast.rows), rt_buf_text(&fast.rejects));
    ck_assert_msg(same(&twin.rejects, &fast.rejects), "%s: twin:\n%s\nhere:\n%s",
        cases[_i].name, rt_buf_text(&twin.rejects), rt_buf_text(&fast.rejects));
    answer_release(&twin);
    answer_release(&fast);
}
END_TEST

/* ---- the twin agrees, however the text is cut */

static void print_text(struct rt_span text)
{
    fprintf(stderr, "text: ");
    for (size_t i = 0; i < text.n; i++)
        fprintf(stderr, text.p[i] < ' ' || text.p[i] == '"' ? "\\x%02x" : "%c",
            (unsigned char)text.p[i]);
    fprintf(stderr, "\n");
}

/* Both answers to a text, and the decoder to ask. */
struct duel {
    char delimiter;
    uint32_t ncols;
    bool fill;
    struct csv_twin_fast *decoder;
    struct answer twin, fast;
};

static void duel_init(struct duel *d, char delimiter, uint32_t ncols, bool fill)
{
    *d = (struct duel) { .delimiter = delimiter, .ncols = ncols, .fill = fill };
    d->decoder = csv_twin_open(delimiter, ncols, fill);
    answer_init(&d->twin);
    answer_init(&d->fast);
}

static void duel_release(struct duel *d)
{
    csv_twin_close(d->decoder);
    answer_release(&d->twin);
    answer_release(&d->fast);
}

/* Aborts the test when the decoder's answer is not the twin's. */
static void compare(struct duel *d, struct rt_span text, const unsigned char *cuts)
{
    rt_buf_reset(&d->fast.rows);
    rt_buf_reset(&d->fast.rejects);
    csv_twin_decode(d->decoder, text, cuts, &d->fast.rows, &d->fast.rejects);
    if (same(&d->twin.rows, &d->fast.rows) && same(&d->twin.rejects, &d->fast.rejects))
        return;
    if (text.n < 200)
        print_text(text);
    ck_abort_msg("delimiter %02x, %u columns, %s:\nlibcsv:\n%.2000s--\n%.2000s\nhere:\n"
                 "%.2000s--\n%.2000s",
        d->delimiter, d->ncols, cuts ? "cut" : "whole", rt_buf_text(&d->twin.rows),
        rt_buf_text(&d->twin.rejects), rt_buf_text(&d->fast.rows),
        rt_buf_text(&d->fast.rejects));
}

/* In one block, and in blocks. */
static void compare_both(struct duel *d, struct rt_span text, const unsigned char *cuts)
{
    rt_buf_reset(&d->twin.rows);
    rt_buf_reset(&d->twin.rejects);
    csv_twin(text, d->delimiter, d->ncols, d->fill, &d->twin.rows, &d->twin.rejects);
    compare(d, text, NULL);
    compare(d, text, cuts);
}

START_TEST(every_cut_by_hand)
{
    struct duel d;
    unsigned char cuts[32];

    duel_init(&d, cases[_i].delimiter, cases[_i].ncols, cases[_i].fill);
    memset(cuts, 0xff, sizeof cuts);
    compare_both(&d, cases[_i].text, cuts);
    duel_release(&d);
}
END_TEST

/* Small texts of the characters that matter: a test a delimiter, number of columns, and
 * treatment of short records. */
START_TEST(random_small)
{
    int rounds = getenv("FEWER_ROUNDS") ? 100 : 5000; /* set under memcheck */
    static const char delimiters[] = { ',', ';', '\t', '|', ' ' };
    static const char alphabet[] = "\"\"\"\",,,\n\n\r \tab;|\0";
    uint64_t state = 1000 + (uint64_t)_i;
    char delimiter = delimiters[_i % 5];
    struct duel d;

    duel_init(&d, delimiter, 1 + (uint32_t)_i / 5 % 4, _i / 20);
    for (int round = 0; round < rounds; round++) {
        char text[48];
        unsigned char cuts[6];
        uint32_t n = random_below(&state, sizeof text);

        for (uint32_t i = 0; i < n; i++) {
            text[i] = alphabet[random_below(&state, sizeof alphabet - 1)];
            if (text[i] == ',' && random_below(&state, 4))
                text[i] = delimiter;
        }
        for (size_t i = 0; i < sizeof cuts; i++)
            cuts[i] = (unsigned char)(random_next(&state) | random_next(&state));
        compare_both(&d, (struct rt_span) { text, n }, cuts);
    }
    duel_release(&d);
}
END_TEST

/* One record, mostly well formed, of up to some hundred bytes. */
static void add_record(struct rt_buf *text, uint64_t *state, uint32_t oddity)
{
    uint32_t ncols = 3 + (random_below(state, 50) == 0);

    for (uint32_t c = 0; c < ncols; c++) {
        uint32_t n = random_below(state, 40), quoted = random_below(state, 100) < oddity;

        if (c)
            rt_buf_addc(text, ',');
        if (random_below(state, 40) == 0)
            rt_buf_adds(text, random_below(state, 2) ? " " : "\t ");
        if (quoted)
            rt_buf_addc(text, '"');
        for (uint32_t i = 0; i < n; i++)
            rt_buf_addc(text, (char)('a' + random_below(state, 26)));
        if (quoted && random_below(state, 3) == 0)
            rt_buf_adds(text, random_below(state, 2) ? "\"\"" : ",\r\n\n\r");
        if (quoted && random_below(state, 1000) < oddity)
            rt_buf_adds(text, "\"x");
        if (quoted)
            rt_buf_addc(text, '"');
        if (random_below(state, 20) == 0)
            rt_buf_addc(text, ' ');
    }
    rt_buf_adds(text,
        random_below(state, 4)       ? "\n"
            : random_below(state, 8) ? "\r\n"
                                     : "\r");
}

/* Texts of some 100 KiB: records lie over the ends of the index. */
START_TEST(random_large)
{
    uint64_t state = 77 + (uint64_t)_i;
    struct rt_buf text = RT_BUF_INIT(TEXT_MAX);
    struct duel d;
    unsigned char *cuts;
    uint32_t oddity = (uint32_t)_i % 4 * 25;

    duel_init(&d, ',', 3, false);
    while (text.n < 100000)
        add_record(&text, &state, oddity);
    if (_i % 3 == 0) /* a record larger than an index */
        for (int i = 0; i < 50000; i++)
            rt_buf_addc(&text, i == 0 || i == 49999 ? '"' : i % 90 ? 'x' : '\n');
    for (int i = 0; i < 100; i++)
        add_record(&text, &state, oddity);
    cuts = calloc(1, text.n);
    ck_assert_ptr_nonnull(cuts);
    for (size_t i = 0; i < text.n / 8; i++)
        cuts[i] = random_below(&state, 30) ? 0 : 0xff;
    compare_both(&d, rt_buf_span(&text), cuts);
    free(cuts);
    rt_buf_release(&text);
    duel_release(&d);
}
END_TEST

/* ---- limits */

/* What a decoder says of a large text, with the default of everything. */
struct totals {
    uint64_t read, rows, too_long, unclosed;
    struct rt_reject first; /* the first reject */
    uint32_t lines;
};

static struct totals decode(struct rt_span text, uint32_t ncols)
{
    struct answer a;
    struct totals totals = { 0 };
    struct rt_span rest;
    char *end;

    answer_init(&a);
    decode_once(text, ',', ncols, false, &a);
    rest = rt_buf_span(&a.rows);
    while ((end = rest.n ? memchr(rest.p, '\n', rest.n) : NULL)) {
        totals.rows++;
        rest.n -= (size_t)(end + 1 - rest.p);
        rest.p = end + 1;
    }
    rest = (struct rt_span) { rt_buf_text(&a.rejects), a.rejects.n };
    sscanf(rest.p, "%u+%u line %u", &totals.first.at, &totals.first.size,
        &totals.first.line);
    while ((end = rest.n ? memchr(rest.p, '\n', rest.n) : NULL)) {
        totals.too_long += memmem(rest.p, (size_t)(end - rest.p), "too_long", 8) != NULL;
        totals.unclosed += memmem(rest.p, (size_t)(end - rest.p), "unclosed", 8) != NULL;
        rest.n -= (size_t)(end + 1 - rest.p);
        rest.p = end + 1;
    }
    answer_release(&a);
    return totals;
}

static void add_filling(struct rt_buf *text, char c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(rt_buf_addc(text, c), RT_OK);
}

START_TEST(record_of_just_the_limit)
{
    static const struct {
        size_t filling; /* between a line "a,b" and one of filling + "\",y" */
        uint64_t rows, too_long;
    } of[] = { { RT_RECORD_MAX - 4, 3, 0 }, { RT_RECORD_MAX - 3, 2, 1 } };

    for (int quoted = 0; quoted < 2; quoted++) {
        struct rt_buf text = RT_BUF_INIT(TEXT_MAX);
        struct totals got;

        rt_buf_adds(&text, "a,b\n");
        if (quoted)
            rt_buf_addc(&text, '"');
        add_filling(&text, 'x', of[_i].filling + (quoted ? 0 : 2));
        rt_buf_adds(&text, quoted ? "\",y\n" : ",y\n");
        rt_buf_adds(&text, "c,d\n");
        got = decode(rt_buf_span(&text), 2);
        ck_assert_uint_eq(got.rows, of[_i].rows);
        ck_assert_uint_eq(got.too_long, of[_i].too_long);
        rt_buf_release(&text);
    }
}
END_TEST

/* One stray quote in the middle of a long file costs its own line. */
START_TEST(stray_quote_costs_a_line)
{
    struct rt_buf text = RT_BUF_INIT(TEXT_MAX);
    struct totals got;

    for (int i = 0; i < 300000; i++)
        rt_buf_adds(&text, i == 100 ? "\"k,v\n" : "key,value\n");
    got = decode(rt_buf_span(&text), 2);
    ck_assert_uint_eq(got.rows, 299999);
    ck_assert_uint_eq(got.too_long, 1);
    ck_assert_uint_eq(got.first.at, 1000);
    ck_assert_uint_eq(got.first.size, 4);
    ck_assert_uint_eq(got.first.line, 100);
    rt_buf_release(&text);
}
END_TEST

/* A stray quote on every line: tried anew for each, this would take half an hour. */
START_TEST(stray_quotes_everywhere)
{
    static const struct {
        const char *line;
        uint32_t share; /* per cent of the lines that are rejects; in the last case, the
                         * lines of the last RT_RECORD_MAX are one record */
    } of[] = { { "\"k,v\n", 100 }, { "k,\"v\n", 100 }, { "\"a\n\",", 66 } };
    struct rt_buf text = RT_BUF_INIT(TEXT_MAX);
    struct totals got;
    uint64_t lines = 0;

    while (text.n < 3 * RT_RECORD_MAX) {
        rt_buf_adds(&text, of[_i].line);
        lines++;
    }
    got = decode(rt_buf_span(&text), 2);
    ck_assert_uint_ge(got.too_long + got.unclosed, lines * of[_i].share / 100);
    rt_buf_release(&text);
}
END_TEST

START_TEST(no_memory)
{
    static const char text[] = "\"q\"z\",\"a\"\"b\"\n1,2,3\n";
    struct rt_source source = { .format = RT_FORMAT_CSV, .contacts = true };
    struct rt_span names[] = { RT_SPAN("a"), RT_SPAN("b") };
    struct rt_slots slots = { 2, names };
    int failures = 0;

    for (uint64_t nth = 1; nth < 40; nth++) {
        struct rt_decoder *decoder = NULL;
        struct rt_cursor cur = { 0 };
        struct rt_batch batch = { 0 };
        struct rt_tally tally = { 0 };
        int rc;

        rt_alloc_fail_at(nth, 0);
        rc =
            rt_decoder_open(&source, "x", RT_SPAN("a,b\n"), true, &slots, &decoder, NULL);
        if (rc == RT_OK)
            rc = rt_cursor_init(&cur, decoder);
        if (rc == RT_OK)
            rc = rt_batch_init(&batch, 2);
        if (rc == RT_OK) {
            rt_cursor_start(&cur, (struct rt_span) { text, sizeof text - 1 }, true);
            rc = rt_cursor_next(&cur, &batch, &tally);
        }
        rt_alloc_fail_at(0, 0);
        failures += rc == RT_ENOMEM;
        ck_assert_msg(rc == RT_ENOMEM || rc == 1, "allocation %d: %d", (int)nth, rc);
        rt_tally_release(&tally);
        rt_batch_release(&batch);
        rt_cursor_release(&cur);
        rt_decoder_free(decoder);
    }
    ck_assert_int_gt(failures, 8);
}
END_TEST

Suite *csv_suite(void)
{
    Suite *s = suite_create("csv");
    TCase *tc = tcase_create("csv");
    int ncases = sizeof cases / sizeof *cases;

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, by_hand, 0, ncases);
    tcase_add_loop_test(tc, every_cut_by_hand, 0, ncases);
    tcase_add_loop_test(tc, random_small, 0, 40);
    tcase_add_loop_test(tc, random_large, 0, 12);
    tcase_add_loop_test(tc, record_of_just_the_limit, 0, 2);
    tcase_add_test(tc, stray_quote_costs_a_line);
    tcase_add_loop_test(tc, stray_quotes_everywhere, 0, 3);
    tcase_add_test(tc, no_memory);
    suite_add_tcase(s, tc);
    return s;
}
