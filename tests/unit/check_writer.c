/*
 * Sheets: a list read back is the set written, in order, whatever the order of adding, the
 * shares of partial sheets, the memory, and the other lists of the sheet.
 */
#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "lists/rowsort.h"
#include "lists/writer.h"

Suite *writer_suite(void);

/* A generator of its own, so that a failure can be repeated anywhere: xorshift64*. */
static uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

/* ---- sorting */

static int by_bytes(const void *a, const void *b)
{
    return rt_span_cmp(rt_rowref_span(a), rt_rowref_span(b));
}

enum { SORT_ROWS = 3000, SORT_BYTES = 700 };

/* Rows with much in common, with zeros, of many lengths, and some that are equal. */
static size_t sort_row(unsigned shape, uint64_t *seed, char *out)
{
    size_t common[] = { 0, 8, 60, 640 }, n = common[shape % 4], tail;

    memset(out, 'a', n);
    tail = random_next(seed) % (shape < 4 ? 9 : 40);
    for (size_t i = 0; i < tail; i++)
        out[n + i] = (char)(shape < 8 ? random_next(seed) % 3 : random_next(seed));
    return n + tail;
}

/* Keys of rows that begin alike for some of the bytes that these have in common. */
static size_t read_keys(struct rt_rowref *rows, size_t n, unsigned shape)
{
    size_t common[] = { 0, 8, 60, 640 }, depth = common[shape % 4] * (shape % 3) / 2;

    for (size_t i = 0; i < n; i++)
        rows[i].key = rt_row_key(rows[i].p, rt_row_length(rows[i].p), depth);
    return depth;
}

START_TEST(sorts_like_qsort)
{
    size_t depth;
    uint64_t seed = 88172645463325252u + (unsigned)_i;
    size_t n = _i % 3 == 0 ? 20 : _i % 3 == 1 ? 300 : SORT_ROWS;
    char *bytes = malloc((size_t)SORT_ROWS * SORT_BYTES);
    struct rt_rowref *rows = calloc(SORT_ROWS, sizeof *rows);
    struct rt_rowref *expected = calloc(SORT_ROWS, sizeof *rows);
    struct rt_rowref *scratch = calloc(SORT_ROWS, sizeof *rows);
    struct rt_rowref *sorted = calloc(SORT_ROWS, sizeof *rows);

    for (size_t i = 0; i < n; i++) {
        char *row = bytes + i * SORT_BYTES + RT_ROW_LENGTH_BYTES;
        uint32_t length = (uint32_t)sort_row((unsigned)_i, &seed, row);

        memcpy(row - RT_ROW_LENGTH_BYTES, &length, sizeof length);
        rows[i].p = row;
    }
    depth = read_keys(rows, n, (unsigned)_i);
    memcpy(expected, rows, n * sizeof *rows);
    qsort(expected, n, sizeof *rows, by_bytes);
    for (uint32_t jobs = 1; jobs <= 20; jobs += jobs < 4 ? 1 : 16) {
        memcpy(sorted, rows, n * sizeof *rows);
        if (jobs == 1)
            rt_rowsort(sorted, n, depth, scratch);
        else
            ck_assert_int_eq(rt_rowsort_jobs(memcpy(scratch, rows, n * sizeof *rows), n,
                                 depth, sorted, jobs),
                RT_OK);
        for (size_t i = 0; i < n; i++) {
            ck_assert_msg(by_bytes(&sorted[i], &expected[i]) == 0,
                "row %zu of %zu, %u threads", i, n, jobs);
            if (i && by_bytes(&sorted[i - 1], &sorted[i]) == 0)
                ck_assert_uint_eq(sorted[i - 1].key, sorted[i].key);
        }
    }
    free(scratch);
    free(sorted);
    free(expected);
    free(rows);
    free(bytes);
}
END_TEST

/* ---- lists */

struct file {
    struct rt_buf bytes;
    size_t pieces;
};

static int put_file(void *ctx, struct rt_span bytes)
{
    struct file *file = ctx;

    file->pieces++;
    return rt_buf_add(&file->bytes, bytes.p, bytes.n);
}

/* Rows as a rower would leave them: of one text, which may be several rows of LF. */
static void fake_rows(struct rt_rows *rows, const char *text)
{
    rows->bytes.max = 1 << 20;
    rt_buf_reset(&rows->bytes);
    rows->nrows = 0;
    if (!rows->rows)
        rows->rows = rt_calloc(8, sizeof *rows->rows);
    rows->room = 8;
    ck_assert_int_eq(rt_buf_adds(&rows->bytes, text), RT_OK);
    for (size_t at = 0; at < rows->bytes.n;) {
        const char *end = memchr(rows->bytes.p + at, '\n', rows->bytes.n - at);
        size_t n = (size_t)(end - (rows->bytes.p + at)) + 1;

        rows->rows[rows->nrows++] = (struct rt_list_row) { at, (uint32_t)n };
        at += n;
    }
}

static struct rt_sheet *new_list_in(
    struct rt_spare *spare, const char *platform, uint64_t memory)
{
    struct rt_sheet_options options = { .memory_bytes = memory,
        .tmpdir = "/tmp",
        .expected = spare ? 1000 : 0,
        .spare = spare };
    struct rt_sheet *list = NULL;

    ck_assert_int_eq(
        rt_sheet_new(rt_platform_get(rt_span_of(platform)), &options, &list, NULL),
        RT_OK);
    return list;
}

static struct rt_sheet *new_list(const char *platform, uint64_t memory)
{
    return new_list_in(NULL, platform, memory);
}

static void add(struct rt_sheet *list, struct rt_rows *rows, const char *text)
{
    fake_rows(rows, text);
    ck_assert_int_eq(rt_sheet_add(list, rows, NULL, NULL), RT_OK);
}

static struct rt_list_stats write_file(struct rt_sheet *list, struct file *file)
{
    struct rt_put put = { put_file, file, NULL };
    struct rt_list_stats stats;

    file->bytes = (struct rt_buf)RT_BUF_INIT(SIZE_MAX / 2);
    file->pieces = 0;
    ck_assert_int_eq(rt_sheet_write(list, &put, &stats, NULL), RT_OK);
    ck_assert_uint_eq(stats.size.bytes, file->bytes.n);
    return stats;
}

START_TEST(folds_repeats_and_counts)
{
    struct rt_sheet *list = new_list("ids", 1 << 20);
    struct rt_rows rows = { 0 };
    struct rt_list_stats stats;
    struct file file;

    add(list, &rows, "b\n");
    add(list, &rows, "a\nb\n");
    add(list, &rows, "");
    add(list, &rows, "ab\n");
    stats = write_file(list, &file);
    ck_assert_str_eq(rt_buf_text(&file.bytes), "a\nab\nb\n");
    ck_assert_uint_eq(stats.size.rows, 3);
    ck_assert_uint_eq(stats.size.people, 3);
    ck_assert_uint_eq(stats.added, 4);
    ck_assert_uint_eq(stats.without_identifier, 1);
    ck_assert_uint_eq(stats.repeats, 1);
    rt_buf_release(&file.bytes);

    add(list, &rows, "aa\n"); /* writing ends nothing */
    stats = write_file(list, &file);
    ck_assert_str_eq(rt_buf_text(&file.bytes), "a\naa\nab\nb\n");
    rt_buf_release(&file.bytes);
    rt_rows_release(&rows);
    rt_sheet_free(list);
}
END_TEST

START_TEST(a_list_without_rows_has_its_header)
{
    struct rt_sheet *list = new_list("google-ads", 0);
    struct rt_list_stats stats;
    struct file file;

    stats = write_file(list, &file);
    ck_assert_str_eq(
        rt_buf_text(&file.bytes), "Email,Phone,First Name,Last Name,Country,Zip\n");
    ck_assert_uint_eq(stats.size.rows, 0);
    rt_buf_release(&file.bytes);
    rt_sheet_free(list);
}
END_TEST

/* Full width: three e-mails, three telephones, four of an address. */
START_TEST(unused_repeats_are_left_out)
{
    struct rt_sheet *list = new_list("google-ads", 0);
    struct rt_sheet *other = new_list("google-ads", 0);
    struct rt_rows rows = { 0 };
    struct file file;

    rows.used[0] = 1;
    add(list, &rows, "b,,,,,,f,l,US,\"1,\"\"2\"\n");
    rows.used[0] = 2;
    add(other, &rows, "a,a2,,,,,,,,\n");
    rows.used[0] = 0;
    rows.used[1] = 1;
    add(other, &rows, ",,,p,,,,,,\n");
    ck_assert_int_eq(rt_sheet_merge(list, other, NULL), RT_OK);
    write_file(list, &file);
    ck_assert_str_eq(rt_buf_text(&file.bytes),
        "Email,Email,Phone,First Name,Last Name,Country,Zip\n"
        ",,p,,,,\n"
        "a,a2,,,,,\n"
        "b,,,f,l,US,\"1,\"\"2\"\n");
    rt_buf_release(&file.bytes);
    rt_rows_release(&rows);
    rt_sheet_free(other);
    rt_sheet_free(list);
}
END_TEST

/* ---- laws */

enum { LAW_PEOPLE = 30000, LAW_KEYS = 20000, LISTS = 5 };

/* Adds the people in an order and in shares given by seed; some have several rows. */
static void add_people(
    struct rt_sheet **lists, size_t nlists, bool backwards, struct rt_rows *rows)
{
    uint64_t seed = 42;
    uint32_t *keys = calloc(LAW_PEOPLE, sizeof *keys);

    for (size_t i = 0; i < LAW_PEOPLE; i++)
        keys[i] = (uint32_t)(random_next(&seed) % LAW_KEYS);
    for (size_t i = 0; i < LAW_PEOPLE; i++) {
        uint32_t key = keys[backwards ? LAW_PEOPLE - 1 - i : i];
        char text[600];

        snprintf(text, sizeof text, "user_id:%06u\nuser_id:%06u%.*s\n", key, key,
            (int)(key % 500),
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxx");
        add(lists[key % nlists], rows, text);
    }
    free(keys);
}

/* The bytes of the list made in that way. */
static struct rt_list_stats law_file(
    size_t nlists, bool backwards, uint64_t memory, struct file *file, uint64_t *spilled)
{
    enum { PIECES = 100, PIECE = 8200 };
    static uint64_t pieces[LISTS][PIECES][PIECE / 8]; /* spare memory, for some rows */
    struct rt_spare spares[LISTS] = { 0 };
    struct rt_sheet *lists[LISTS];
    struct rt_rows rows = { 0 };
    struct rt_list_stats stats;

    for (size_t i = 0; i < nlists; i++) {
        for (size_t k = 0; k < PIECES; k++)
            rt_spare_add(&spares[i], pieces[i][k], PIECE);
        lists[i] = new_list_in(backwards ? &spares[i] : NULL, "ids", memory);
    }
    add_people(lists, nlists, backwards, &rows);
    for (size_t i = 1; i < nlists; i++)
        ck_assert_int_eq(
            rt_sheet_merge(lists[backwards ? i : 0], lists[backwards ? i - 1 : i], NULL),
            RT_OK);
    stats = write_file(lists[backwards ? nlists - 1 : 0], file);
    *spilled = rt_sheet_spilled_bytes(lists[backwards ? nlists - 1 : 0]);
    for (size_t i = 0; i < nlists; i++)
        rt_sheet_free(lists[i]);
    rt_rows_release(&rows);
    return stats;
}

static const struct {
    const char *name;
    size_t nlists;
    bool backwards;
    uint64_t memory;
    bool spills;
} laws[] = {
    { "backwards", 1, true, 1 << 30, false },
    { "in five parts", 5, false, 1 << 30, false },
    { "in three parts backwards", 3, true, 1 << 30, false },
    { "spilled", 1, false, 1 << 20, true },
    { "spilled in more runs than are merged at once", 1, false, 0, true },
    { "spilled in four parts, backwards", 4, true, 0, true },
};

START_TEST(same_bytes_whatever_the_way)
{
    struct file expected, got;
    uint64_t spilled;
    struct rt_list_stats a = law_file(1, false, 1 << 30, &expected, &spilled);
    struct rt_list_stats b =
        law_file(laws[_i].nlists, laws[_i].backwards, laws[_i].memory, &got, &spilled);

    ck_assert_msg(rt_span_eq(rt_buf_span(&got.bytes), rt_buf_span(&expected.bytes)), "%s",
        laws[_i].name);
    ck_assert_uint_eq(a.size.rows, b.size.rows);
    ck_assert_uint_eq(a.added, b.added);
    ck_assert_uint_eq(a.size.rows + a.repeats, 2 * LAW_PEOPLE);
    ck_assert_uint_eq(b.size.rows + b.repeats, 2 * LAW_PEOPLE);
    ck_assert_msg((spilled > 0) == laws[_i].spills, "%s: %ju bytes on disk",
        laws[_i].name, (uintmax_t)spilled);
    rt_buf_release(&expected.bytes);
    rt_buf_release(&got.bytes);
}
END_TEST

/* Read back: each row once, rising, and those that were added. */
START_TEST(a_list_is_the_set_written)
{
    bool *expected = calloc(LAW_KEYS, sizeof *expected);
    uint64_t seed = 42;
    size_t nrows = 0, nlines = 0;
    struct rt_span last = RT_SPAN_ABSENT;
    uint64_t spilled;
    struct file file;

    for (size_t i = 0; i < LAW_PEOPLE; i++) {
        uint32_t key = (uint32_t)(random_next(&seed) % LAW_KEYS);

        if (!expected[key])
            nrows += key % 500 == 0 ? 1 : 2; /* without any x the two rows are one */
        expected[key] = true;
    }
    law_file(2, false, 0, &file, &spilled);
    for (const char *p = file.bytes.p, *end = p + file.bytes.n; p < end;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        struct rt_span line = { p, (size_t)(stop - p) };

        ck_assert(!last.p || rt_span_cmp(last, line) < 0);
        ck_assert(expected[strtoul(p + 8, NULL, 10)]);
        nlines++;
        last = line;
        p = stop + 1;
    }
    ck_assert_uint_eq(nlines, nrows);
    rt_buf_release(&file.bytes);
    free(expected);
}
END_TEST

/* ---- keys */

/* The text of row i of a shape: what all begin with is long, becomes shorter late, or is the
 * row itself. */
static void keyed_row(unsigned shape, unsigned part, unsigned i, char out[100])
{
    static const char *const starts[][3] = { { "user_id:", "user_id:", "user_id:" },
        { "user_id:", "visitor:", "user_id:" }, { "user_id:1", "user_id:2", "u" },
        { "", "", "" } };
    unsigned number = i * 7919 % 1000;

    if (i == 999)
        snprintf(out, 100, "%s", starts[shape][part]);
    else
        snprintf(out, 100, "%s%.*s%u", starts[shape][part],
            shape == 0 && i < 500 ? 70 : 0,
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            number);
}

/* Three sheets become one; some rows are added after it was sorted. Every line stands in its
 * order, once. */
START_TEST(keys_of_rows_agree)
{
    struct rt_sheet *sheets[3];
    const uint64_t on = 1;
    struct rt_list_stats stats;
    struct file file;
    uint64_t nlines = 0;

    for (unsigned part = 0; part < 3; part++) {
        sheets[part] = new_list("ids", 1 << 20);
        for (unsigned i = 0; i < 1000; i++) {
            char text[100];

            keyed_row((unsigned)_i, part, i, text);
            ck_assert_int_eq(
                rt_sheet_add_line(sheets[part], rt_span_of(text), &on, NULL), RT_OK);
        }
    }
    write_file(sheets[0], &file);
    rt_buf_release(&file.bytes);
    for (unsigned part = 1; part < 3; part++) {
        ck_assert_int_eq(rt_sheet_merge(sheets[0], sheets[part], NULL), RT_OK);
        rt_sheet_free(sheets[part]);
    }
    stats = write_file(sheets[0], &file);
    for (const char *p = file.bytes.p, *end = p + file.bytes.n, *last = NULL; p < end;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));

        ck_assert(!last
            || rt_span_cmp((struct rt_span) { last, (size_t)(p - last) },
                   (struct rt_span) { p, (size_t)(stop + 1 - p) })
                < 0);
        nlines++;
        last = p;
        p = stop + 1;
    }
    ck_assert_uint_eq(nlines, stats.size.rows);
    ck_assert_uint_eq(stats.size.rows + stats.repeats, 3000);
    ck_assert_uint_eq(stats.added, 3000);
    ck_assert_uint_eq(stats.size.people, 3000);
    rt_buf_release(&file.bytes);
    rt_sheet_free(sheets[0]);
}
END_TEST

/* ---- several lists on a sheet */

/* Lists 0 and 1 of three: who is on both is there once in each, and equal rows are a repeat
 * only where both were. */
START_TEST(one_row_on_several_lists)
{
    static const struct rt_span names[] = { { "a", 1 }, { "b", 1 }, { "c", 1 } };
    struct rt_sheet_options options = { .nlists = 3, .names = names, .tmpdir = "/tmp" };
    const uint64_t first = 1, both = 3, second = 2;
    struct rt_sheet *sheet = NULL;
    struct rt_rows rows = { 0 };
    struct rt_list_stats stats[3];
    struct rt_put puts[3];
    struct file files[3];

    ck_assert_int_eq(
        rt_sheet_new(rt_platform_get(RT_SPAN("ids")), &options, &sheet, NULL), RT_OK);
    fake_rows(&rows, "x\n");
    ck_assert_int_eq(rt_sheet_add(sheet, &rows, &first, NULL), RT_OK);
    ck_assert_int_eq(rt_sheet_add(sheet, &rows, &both, NULL), RT_OK);
    fake_rows(&rows, "w\n");
    ck_assert_int_eq(rt_sheet_add(sheet, &rows, &second, NULL), RT_OK);
    fake_rows(&rows, "");
    ck_assert_int_eq(rt_sheet_add(sheet, &rows, &second, NULL), RT_OK);
    for (size_t i = 0; i < 3; i++) {
        files[i] = (struct file) { .bytes = RT_BUF_INIT(1 << 20) };
        puts[i] = (struct rt_put) { put_file, &files[i], NULL };
    }
    ck_assert_int_eq(rt_sheet_write(sheet, puts, stats, NULL), RT_OK);
    ck_assert_str_eq(rt_buf_text(&files[0].bytes), "x\n");
    ck_assert_str_eq(rt_buf_text(&files[1].bytes), "w\nx\n");
    ck_assert_str_eq(rt_buf_text(&files[2].bytes), "");
    ck_assert_uint_eq(stats[0].added, 2);
    ck_assert_uint_eq(stats[0].repeats, 1);
    ck_assert_uint_eq(stats[1].added, 3);
    ck_assert_uint_eq(stats[1].repeats, 0);
    ck_assert_uint_eq(stats[1].without_identifier, 1);
    ck_assert_uint_eq(stats[2].added, 0);
    for (size_t i = 0; i < 3; i++)
        rt_buf_release(&files[i].bytes);
    rt_rows_release(&rows);
    rt_sheet_free(sheet);
}
END_TEST

enum { MANY = 70, MANY_WORDS = 2, MANY_PEOPLE = 3000, MANY_KEYS = 2000, SHARES = 3 };

/* Person i of a seed: rows of full width, and the lists that it is on. */
static void many_person(uint64_t *seed, struct rt_rows *rows, uint64_t on[MANY_WORDS])
{
    unsigned key = (unsigned)(random_next(seed) % MANY_KEYS);
    bool two = key % 7 == 0;
    char text[600];

    snprintf(text, sizeof text, "%06u,%s,,,,,,%0400u,,\n", key, two ? "second" : "", 0u);
    fake_rows(rows, random_next(seed) % 20 ? text : "");
    rows->used[0] = two ? 2 : 1;
    on[0] = random_next(seed) & random_next(seed) & random_next(seed);
    on[1] = random_next(seed) & random_next(seed) % (1 << (MANY - 64));
}

/* What list t is when it has a sheet for itself. */
static struct rt_list_stats alone(uint32_t t, struct file *file)
{
    struct rt_sheet *list = new_list("google-ads", 1 << 30);
    struct rt_rows rows = { 0 };
    struct rt_list_stats stats;
    uint64_t seed = 7, on[MANY_WORDS];

    for (size_t i = 0; i < MANY_PEOPLE; i++) {
        many_person(&seed, &rows, on);
        if (on[t / 64] >> t % 64 & 1)
            ck_assert_int_eq(rt_sheet_add(list, &rows, NULL, NULL), RT_OK);
    }
    stats = write_file(list, file);
    rt_rows_release(&rows);
    rt_sheet_free(list);
    return stats;
}

static struct rt_sheet *together(uint64_t memory, size_t shares, uint32_t jobs)
{
    struct rt_sheet_options options = {
        .nlists = MANY, .memory_bytes = memory, .tmpdir = "/tmp", .jobs = jobs
    };
    struct rt_sheet *sheets[SHARES];
    struct rt_rows rows = { 0 };
    uint64_t seed = 7, on[MANY_WORDS];

    for (size_t i = 0; i < shares; i++)
        ck_assert_int_eq(rt_sheet_new(rt_platform_get(RT_SPAN("google-ads")), &options,
                             &sheets[i], NULL),
            RT_OK);
    for (size_t i = 0; i < MANY_PEOPLE; i++) {
        many_person(&seed, &rows, on);
        ck_assert_int_eq(rt_sheet_add(sheets[i % shares], &rows, on, NULL), RT_OK);
    }
    for (size_t i = 1; i < shares; i++) {
        ck_assert_int_eq(rt_sheet_merge(sheets[0], sheets[i], NULL), RT_OK);
        rt_sheet_free(sheets[i]);
    }
    rt_rows_release(&rows);
    return sheets[0];
}

static const struct {
    uint64_t memory;
    size_t shares;
    bool spills;
    uint32_t jobs;
} togethers[] = { { 1 << 30, 1, false, 1 }, { 1 << 30, SHARES, false, 2 },
    { 1 << 30, 1, false, 3 }, { 1 << 30, SHARES, false, MANY + 10 }, { 0, 1, true, 1 },
    { 0, SHARES, true, 2 } };

START_TEST(lists_of_a_sheet_are_as_if_alone)
{
    struct rt_sheet *sheet =
        together(togethers[_i].memory, togethers[_i].shares, togethers[_i].jobs);
    struct rt_list_stats counted[MANY], stats[MANY];
    struct file files[MANY], expected;
    struct rt_put puts[MANY];

    for (uint32_t t = 0; t < MANY; t++) {
        files[t] = (struct file) { .bytes = RT_BUF_INIT(1 << 20) };
        puts[t] = (struct rt_put) { put_file, &files[t], NULL };
    }
    ck_assert_int_eq(rt_sheet_write(sheet, NULL, counted, NULL), RT_OK);
    ck_assert_int_eq(rt_sheet_write(sheet, puts, stats, NULL), RT_OK);
    ck_assert((rt_sheet_spilled_bytes(sheet) > 0) == togethers[_i].spills);
    ck_assert_mem_eq(counted, stats, sizeof stats);
    if (togethers[_i].jobs > 1) {
        for (uint32_t t = 0; t < MANY; t++)
            rt_buf_reset(&files[t].bytes);
        ck_assert_int_eq(
            rt_sheet_write_shared(sheet, puts, togethers[_i].jobs, NULL), RT_OK);
    }
    for (uint32_t t = 0; t < MANY; t++) {
        struct rt_list_stats one = alone(t, &expected);

        ck_assert_msg(
            rt_span_eq(rt_buf_span(&files[t].bytes), rt_buf_span(&expected.bytes)),
            "list %u", t);
        ck_assert_mem_eq(&stats[t], &one, sizeof one);
        rt_buf_release(&files[t].bytes);
        rt_buf_release(&expected.bytes);
    }
    rt_sheet_free(sheet);
}
END_TEST

/* ---- faults */

static int put_fails(void *ctx, struct rt_span bytes)
{
    (void)bytes;
    return *(int *)ctx;
}

START_TEST(a_failed_put_is_passed_on)
{
    int status = RT_EPIPE;
    struct rt_put put = { put_fails, &status, NULL };
    struct rt_sheet *list = new_list("ids", 0);
    struct rt_rows rows = { 0 };

    add(list, &rows, "a\n");
    ck_assert_int_eq(rt_sheet_write(list, &put, NULL, NULL), RT_EPIPE);
    ck_assert_int_eq(rt_sheet_write(list, NULL, NULL, NULL), RT_OK);
    rt_rows_release(&rows);
    rt_sheet_free(list);
}
END_TEST

START_TEST(no_folder_for_runs)
{
    struct rt_sheet_options options = { .tmpdir = "/nonexistent/folder" };
    struct rt_sheet *list = NULL;
    struct rt_rows rows = { 0 };
    struct rt_err err = { 0 };
    int rc = RT_OK;

    ck_assert_int_eq(
        rt_sheet_new(rt_platform_get(RT_SPAN("ids")), &options, &list, NULL), RT_OK);
    for (int i = 0; i < 200000 && rc == RT_OK; i++) {
        char text[32];

        snprintf(text, sizeof text, "%d\n", i);
        fake_rows(&rows, text);
        rc = rt_sheet_add(list, &rows, NULL, &err);
    }
    ck_assert_int_eq(rc, RT_EIO);
    ck_assert_int_eq(err.code, RT_EIO);
    rt_rows_release(&rows);
    rt_sheet_free(list);
}
END_TEST

/* Adds until something fails or all is written; what the first failure was. */
static int small_run(struct rt_rows *rows)
{
    struct rt_sheet_options options = { .tmpdir = "/tmp" };
    struct rt_sheet *lists[2] = { NULL, NULL };
    int rc = RT_OK;

    for (int l = 0; l < 2 && rc == RT_OK; l++)
        rc = rt_sheet_new(rt_platform_get(RT_SPAN("ids")), &options, &lists[l], NULL);
    for (int i = 0; i < 2000 && rc == RT_OK; i++)
        rc = rt_sheet_add(lists[i % 2], rows, NULL, NULL);
    if (rc == RT_OK)
        rc = rt_sheet_merge(lists[0], lists[1], NULL);
    if (rc == RT_OK)
        rc = rt_sheet_write(lists[0], NULL, NULL, NULL);
    rt_sheet_free(lists[0]);
    rt_sheet_free(lists[1]);
    return rc;
}

START_TEST(every_allocation_may_fail)
{
    struct rt_rows rows = { 0 };
    uint64_t before, n;

    fake_rows(&rows, "user_id:000000000000000000000000000000000000000000000000001\n");
    before = rt_alloc_count();
    ck_assert_int_eq(small_run(&rows), RT_OK);
    n = rt_alloc_count() - before;
    ck_assert_uint_gt(n, 20);
    for (uint64_t i = 1; i <= n; i++) {
        rt_alloc_fail_at(i, 0);
        ck_assert_msg(small_run(&rows) == RT_ENOMEM, "allocation %ju", (uintmax_t)i);
        rt_alloc_fail_at(0, 0);
    }
    rt_rows_release(&rows);
}
END_TEST

#define LOOP(tc, test, table)                                                            \
    tcase_add_loop_test(tc, test, 0, (int)(sizeof(table) / sizeof *(table)))

Suite *writer_suite(void)
{
    Suite *s = suite_create("writer");
    TCase *tc = tcase_create("writer");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, sorts_like_qsort, 0, 12);
    tcase_add_test(tc, folds_repeats_and_counts);
    tcase_add_test(tc, a_list_without_rows_has_its_header);
    tcase_add_test(tc, unused_repeats_are_left_out);
    LOOP(tc, same_bytes_whatever_the_way, laws);
    tcase_add_test(tc, a_list_is_the_set_written);
    tcase_add_loop_test(tc, keys_of_rows_agree, 0, 4);
    tcase_add_test(tc, one_row_on_several_lists);
    LOOP(tc, lists_of_a_sheet_are_as_if_alone, togethers);
    tcase_add_test(tc, a_failed_put_is_passed_on);
    tcase_add_test(tc, no_folder_for_runs);
    tcase_add_test(tc, every_allocation_may_fail);
    suite_add_tcase(s, tc);
    return s;
}
