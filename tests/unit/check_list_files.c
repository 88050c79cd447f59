/*
 * Lists as files: cells, fixed text, parts and their names, what is left of earlier parts.
 */
#include <check.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/json.h"
#include "lists/csvcell.h"
#include "lists/list_files.h"
#include "lists/platform_text.h"

Suite *list_files_suite(void);

/* ---- cells */

static const struct {
    const char *text, *cell, *guarded;
} cells[] = {
    { "", "", "" },
    { "plain", "plain", "plain" },
    { "a,b", "\"a,b\"", "\"a,b\"" },
    { "say \"hi\"", "\"say \"\"hi\"\"\"", "\"say \"\"hi\"\"\"" },
    { "two\nlines", "\"two\nlines\"", "\"two\nlines\"" },
    { "=1+1", "=1+1", "'=1+1" },
    { "=A,\"B\"", "\"=A,\"\"B\"\"\"", "\"'=A,\"\"B\"\"\"" },
    { "@SUM(A1)", "@SUM(A1)", "'@SUM(A1)" },
    { "+cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0" },
    { "-2+3", "-2+3", "'-2+3" },
    { "\tx", "\tx", "'\tx" },
    { "+44 (113) 496-0987", "+44 (113) 496-0987", "+44 (113) 496-0987" },
    { "-12.50", "-12.50", "-12.50" },
    { "-", "-", "-" },
    { "a=b", "a=b", "a=b" },
};

START_TEST(cell)
{
    struct rt_buf buf = RT_BUF_INIT(4096);
    struct rt_span text = rt_span_of(cells[_i].text);
    const char *end;

    ck_assert_int_eq(rt_csv_add(&buf, text), RT_OK);
    ck_assert_str_eq(rt_buf_text(&buf), cells[_i].cell);
    rt_buf_reset(&buf);
    ck_assert_int_eq(rt_csv_add_guarded(&buf, text), RT_OK);
    ck_assert_str_eq(rt_buf_text(&buf), cells[_i].guarded);
    ck_assert(rt_csv_runs(text) == (strcmp(cells[_i].cell, cells[_i].guarded) != 0));
    ck_assert_int_eq(rt_buf_adds(&buf, ",next"), RT_OK);
    end = rt_csv_cell_end(buf.p, buf.p + buf.n);
    ck_assert_uint_eq((size_t)(end - buf.p), strlen(cells[_i].guarded));
    rt_buf_release(&buf);
}
END_TEST

/* ---- names of parts */

static const struct {
    const char *file;
    uint32_t part, nparts;
    const char *name;
} names[] = {
    { "cart.linkedin.csv", 1, 1, "cart.linkedin.csv" },
    { "cart.linkedin.csv", 1, 2, "cart.linkedin.part-01.csv" },
    { "cart.linkedin.csv", 12, 99, "cart.linkedin.part-12.csv" },
    { "cart.linkedin.csv", 7, 100, "cart.linkedin.part-007.csv" },
    { "cart.linkedin.csv", 1000, 1234, "cart.linkedin.part-1000.csv" },
    { "list", 2, 3, "list.part-02" },
    { ".hidden", 2, 3, ".hidden.part-02" },
};

START_TEST(part_name)
{
    struct rt_buf buf = RT_BUF_INIT(4096);

    ck_assert_int_eq(
        rt_part_name(rt_span_of(names[_i].file), names[_i].part, names[_i].nparts, &buf),
        RT_OK);
    ck_assert_str_eq(rt_buf_text(&buf), names[_i].name);
    ck_assert_uint_eq(rt_part_of(rt_span_of(names[_i].file), rt_span_of(names[_i].name)),
        names[_i].nparts == 1 ? 0 : names[_i].part);
    rt_buf_release(&buf);
}
END_TEST

START_TEST(names_that_are_no_parts)
{
    static const char *const others[] = { "cart.linkedin.csv", "cart.linkedin.part-1.csv",
        "cart.linkedin.part-.csv", "cart.linkedin.part-0a.csv",
        "cart.linkedin.part-01.txt", "art.linkedin.part-01.csv",
        "cart.linkedin.part-01.csv.bak", "cart.linkedin.part-00000000001.csv",
        "xcart.linkedin.part-01.csv", ".cart.linkedin.part-01.csv.77.tmp" };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(
            rt_part_of(RT_SPAN("cart.linkedin.csv"), rt_span_of(others[i])) == 0, "%s",
            others[i]);
}
END_TEST

/* ---- parts and fixed text of a platform that is none */

static const struct rt_platform_column one_column[] = {
    { "Id", RT_PII_USER_ID, NULL, rt_norm_text, RT_CELL_PLAIN, 1, 0 },
};
static const struct rt_platform_column two_columns[] = {
    { "A", RT_PII_EMAIL, NULL, rt_norm_text, RT_CELL_PLAIN, 2, 0 },
    { "B", RT_PII_USER_ID, NULL, rt_norm_text, RT_CELL_PLAIN, 3, 0 },
};
static const char *const two_lines[] = { "Type,Name", "List,{list}", NULL };

static const struct rt_platform by_rows = { .kind = RT_ROWS_IDENTIFIER,
    .header = true,
    .columns = one_column,
    .ncolumns = 1,
    .max_rows = 2 };
static const struct rt_platform by_bytes = { .kind = RT_ROWS_IDENTIFIER,
    .header = true,
    .columns = one_column,
    .ncolumns = 1,
    .max_bytes = 9 };
static const struct rt_platform framed = { .kind = RT_ROWS_IDENTIFIER,
    .columns = one_column,
    .ncolumns = 1,
    .preamble = two_lines,
    .before = "Item,",
    .after = ",{list}",
    .max_rows = 2 };
static const struct rt_platform narrowed = { .kind = RT_ROWS_PERSON,
    .header = true,
    .drop_unused = true,
    .columns = two_columns,
    .ncolumns = 2 };

static const struct {
    const char *what;
    const struct rt_platform *platform;
    bool whole;
    const char *rows, *files; /* files: "|" before each part */
    uint32_t parts;
} splits[] = {
    { "none", &by_rows, false, "", "|Id\n", 1 },
    { "just full", &by_rows, false, "b\na\n", "|Id\na\nb\n", 1 },
    { "one too many", &by_rows, false, "c\nb\na\n", "|Id\na\nb\n|Id\nc\n", 2 },
    { "repeats are no rows", &by_rows, false, "c\na\nc\na\n", "|Id\na\nc\n", 1 },
    { "in one for a pipe", &by_rows, true, "c\nb\na\n", "|Id\na\nb\nc\n", 1 },
    { "bytes with the header", &by_bytes, false, "aa\nbb\ncc\n", "|Id\naa\nbb\n|Id\ncc\n",
        2 },
    { "a row of its own", &by_bytes, false, "a\nb\nlonger than a file\n",
        "|Id\na\nb\n|Id\nlonger than a file\n", 2 },
    { "fixed text", &framed, false, "b\na\nc\n",
        "|Type,Name\nList,\"a, b\"\nItem,a,\"a, b\"\nItem,b,\"a, b\"\n"
        "|Type,Name\nList,\"a, b\"\nItem,c,\"a, b\"\n",
        2 },
    { "the last column left out", &narrowed, false, "x,,1,,\ny,,2,,\n",
        "|A,B\nx,1\ny,2\n", 1 },
};

static void fake_rows(struct rt_rows *rows, const char *text)
{
    rows->bytes.max = 1 << 20;
    rows->rows = calloc(8, sizeof *rows->rows);
    rows->room = 8;
    if (*text)
        ck_assert_int_eq(rt_buf_adds(&rows->bytes, text), RT_OK);
    for (size_t at = 0; at < rows->bytes.n;) {
        const char *end = memchr(rows->bytes.p + at, '\n', rows->bytes.n - at);
        size_t n = (size_t)(end - (rows->bytes.p + at)) + 1;

        rows->rows[rows->nrows++] = (struct rt_list_row) { at, (uint32_t)n };
        at += n;
    }
}

static int put(void *ctx, struct rt_span bytes)
{
    return rt_buf_add(ctx, bytes.p, bytes.n);
}

static int begin_part(void *ctx, uint32_t part)
{
    (void)part;
    return rt_buf_addc(ctx, '|');
}

static struct rt_sheet *list_of(
    const struct rt_platform *platform, bool whole, const char *text)
{
    static const struct rt_span name = { "a, b", 4 };
    struct rt_sheet_options options = {
        .names = &name, .tmpdir = "/tmp", .whole = whole
    };
    struct rt_rows rows = { .nrows = 0 };
    struct rt_sheet *list = NULL;

    ck_assert_int_eq(rt_sheet_new(platform, &options, &list, NULL), RT_OK);
    fake_rows(&rows, text);
    ck_assert_int_eq(rt_sheet_add(list, &rows, NULL, NULL), RT_OK);
    free(rows.rows);
    rt_buf_release(&rows.bytes);
    return list;
}

START_TEST(split)
{
    struct rt_sheet *list =
        list_of(splits[_i].platform, splits[_i].whole, splits[_i].rows);
    struct rt_buf out = RT_BUF_INIT(1 << 20);
    struct rt_put to = { put, &out, begin_part };
    struct rt_list_stats counted, stats;

    ck_assert_int_eq(rt_sheet_write(list, NULL, &counted, NULL), RT_OK);
    ck_assert_int_eq(rt_sheet_write(list, &to, &stats, NULL), RT_OK);
    ck_assert_msg(strcmp(rt_buf_text(&out), splits[_i].files) == 0, "%s:\n%s",
        splits[_i].what, rt_buf_text(&out));
    ck_assert_uint_eq(stats.size.parts, splits[_i].parts);
    ck_assert_uint_eq(stats.size.bytes, out.n - splits[_i].parts);
    ck_assert_uint_eq(counted.size.parts, stats.size.parts);
    ck_assert_uint_eq(counted.size.rows, stats.size.rows);
    ck_assert_uint_eq(counted.size.bytes, stats.size.bytes);
    rt_buf_release(&out);
    rt_sheet_free(list);
}
END_TEST

/* ---- on disk */

static void touch(const char *dir, const char *name)
{
    char path[600];
    int fd;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "old\n", 4), 4);
    close(fd);
}

static bool exists(const char *dir, const char *name)
{
    char path[600];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

/* Writes the list into dir; committed or given up. */
static void write_all(const char *dir, const char *rows, bool commit)
{
    struct rt_span file = RT_SPAN("l.csv");
    struct rt_sheet *list = list_of(&by_rows, false, rows);
    struct rt_sink_set *set = NULL;
    struct rt_list_stats stats;
    struct rt_list_file to;

    ck_assert_int_eq(rt_sheet_write(list, NULL, &stats, NULL), RT_OK);
    to = (struct rt_list_file) { file, stats.size.parts };
    ck_assert_int_eq(rt_sink_set_new(&set, NULL), RT_OK);
    ck_assert_int_eq(rt_sink_lock(set, dir, NULL), RT_OK);
    ck_assert_int_eq(rt_sheet_write_files(list, set, dir, &to, 1, 1, NULL), RT_OK);
    ck_assert_int_eq(
        rt_parts_replace(set, dir, &file, &stats.size.parts, 1, NULL), RT_OK);
    if (commit)
        ck_assert_int_eq(rt_sink_commit(set, NULL), RT_OK);
    rt_sink_set_free(set);
    rt_sheet_free(list);
}

START_TEST(old_parts_go)
{
    static const char *const mine[] = { "l.csv", "l.part-01.csv", "l.part-02.csv",
        "l.part-03.csv", "l.part-002.csv" };
    static const char *const others[] = { "l.part-1.csv", "l.part-01.txt",
        "k.part-01.csv" };
    static const struct {
        const char *rows;
        bool commit;
        const char *left; /* of mine, a letter each: - gone */
    } runs[] = {
        { "a\nb\nc\n", false, "xxxxx" }, /* nothing is removed unless all is in place */
        { "a\nb\nc\n", true, "-xx--" },
        { "a\n", true, "x----" },
    };
    char dir[] = "/tmp/retarget-parts-XXXXXX", path[600];

    ck_assert_ptr_nonnull(mkdtemp(dir));
    for (size_t i = 0; i < 5; i++)
        touch(dir, mine[i]);
    for (size_t i = 0; i < 3; i++)
        touch(dir, others[i]);
    for (size_t r = 0; r < 3; r++) {
        write_all(dir, runs[r].rows, runs[r].commit);
        for (size_t i = 0; i < 5; i++)
            ck_assert_msg(exists(dir, mine[i]) == (runs[r].left[i] == 'x'), "run %zu: %s",
                r, mine[i]);
    }
    for (size_t i = 0; i < 3; i++)
        ck_assert(exists(dir, others[i]));
    for (size_t i = 0; i < 8; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, i < 5 ? mine[i] : others[i - 5]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/.retarget.lock", dir);
    unlink(path);
    ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(no_folder_has_no_parts)
{
    struct rt_part_found found = { NULL, NULL };
    struct rt_span file = RT_SPAN("l.csv");

    ck_assert_int_eq(rt_parts_find("/nonexistent/folder", &file, 1, &found, NULL), RT_OK);
}
END_TEST

/* ---- the table as text */

static size_t characters(const char *line, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)line[i] & 0xc0) != 0x80;
    return count;
}

START_TEST(texts_of_platforms)
{
    const struct rt_platform *p = rt_platform_get(rt_span_of(rt_platform_names()[_i]));
    struct rt_buf text = RT_BUF_INIT(1 << 20), rule = RT_BUF_INIT(1 << 20);
    struct rt_buf json = RT_BUF_INIT(1 << 20);
    struct rt_json_errors errors = { .n = 0 };
    struct rt_arena arena = RT_ARENA_INIT;
    const struct rt_json *top = NULL;

    ck_assert_int_eq(rt_platform_text(p, &text), RT_OK);
    for (const char *line = rt_buf_text(&text); *line;) {
        size_t n = strcspn(line, "\n");

        ck_assert_msg(characters(line, n) <= 80, "%s: %.*s", p->name, (int)n, line);
        line += n + 1;
    }
    ck_assert_int_eq(rt_platform_rule(p, &rule, NULL), RT_OK);
    ck_assert_ptr_nonnull(strstr(rt_buf_text(&rule), "\nA list of one person"));
    ck_assert_int_eq(rt_platform_json(p, &json), RT_OK);
    ck_assert_int_eq(rt_json_parse(rt_buf_span(&json), &arena, &errors, &top), RT_OK);
    ck_assert_uint_eq(errors.n, 0);
    ck_assert(rt_span_eq(rt_json_get(top, "name")->text, rt_span_of(p->name)));
    ck_assert_uint_eq(rt_json_get(top, "columns")->n, p->ncolumns);
    rt_arena_release(&arena);
    rt_buf_release(&text);
    rt_buf_release(&rule);
    rt_buf_release(&json);
}
END_TEST

#define LOOP(tc, test, table)                                                            \
    tcase_add_loop_test(tc, test, 0, (int)(sizeof(table) / sizeof *(table)))

Suite *list_files_suite(void)
{
    Suite *s = suite_create("list_files");
    TCase *tc = tcase_create("list_files");
    int nplatforms = 0;

    while (rt_platform_names()[nplatforms])
        nplatforms++;
    LOOP(tc, cell, cells);
    LOOP(tc, part_name, names);
    tcase_add_test(tc, names_that_are_no_parts);
    LOOP(tc, split, splits);
    tcase_add_test(tc, old_parts_go);
    tcase_add_test(tc, no_folder_has_no_parts);
    tcase_add_loop_test(tc, texts_of_platforms, 0, nplatforms);
    suite_add_tcase(s, tc);
    return s;
}
