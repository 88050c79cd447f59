/* Rows as they stand: expectations by RFC 4180, counted by hand. */
#include "run/csv_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <check.h>
#include <stdarg.h>

Suite *csv_rows_suite(void);

/* A file of that text; the name is to be unlinked. */
static void write_file(const char *text, size_t n, char path[64])
{
    int fd;

    snprintf(path, 64, "/tmp/retarget-csv-rows.XXXXXX");
    fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, n), (ssize_t)n);
    close(fd);
}

static void add(char *out, size_t room, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends to a text in so many bytes. */
static void add(char *out, size_t room, const char *fmt, ...)
{
    size_t n = strlen(out);
    va_list args;
    int more;

    va_start(args, fmt);
    more = vsnprintf(out + n, room - n, fmt, args);
    va_end(args);
    ck_assert(more >= 0 && (size_t)more < room - n);
}

/* Appends a row as "line:cell|cell$;" with a letter for what is said of it. */
static void show(const struct rt_csv_row *row, char *out, size_t room)
{
    static const char ends[] = { '.', 'L', 'W', 'C' };

    add(out, room, "%ju:", (uintmax_t)row->line);
    for (uint32_t i = 0; i < row->ncells; i++)
        add(out, room, "%s%.*s", i ? "|" : "", (int)row->cells[i].n, row->cells[i].p);
    add(out, room, "%c%s%s%s;", ends[row->end], row->stray_quote ? "s" : "",
        row->unclosed ? "u" : "", row->too_long ? "t" : "");
}

static const struct {
    const char *name, *text, *rows;
} files[] = {
    { "plain", "a,b\nc,d\n", "1:a|bL;2:c|dL;" },
    { "no line end last", "a\nb", "1:aL;2:b.;" },
    { "blanks stay", " a , b\n", "1: a | bL;" },
    { "quoted", "\"a,\"\"b\"\"\",c\n", "1:a,\"b\"|cL;" },
    { "a line end in quotes", "\"a\nb\",c\nd\n", "1:a\nb|cL;3:dL;" },
    { "all line ends", "a\r\nb\rc\n", "1:aW;2:bC;3:cL;" },
    { "blank lines", "a\n\n\nb\n", "1:aL;2:L;3:L;4:bL;" },
    { "empty cells", ",\n,,", "1:|L;2:||.;" },
    { "a quote inside", "a\"b,c\n", "1:a\"b|cLs;" },
    { "behind a closing quote", "\"a\"b,c\n", "1:\"a\"b|cLs;" },
    { "never closed: one line", "\"a,b\nc,d\n", "1:\"a|bLu;2:c|dL;" },
    { "a mark",
        "\xEF\xBB\xBF"
        "a\n",
        "1:aL;" },
    { "nothing", "", "" },
    { "an empty quoted cell", "\"\"\n", "1:L;" },
};

START_TEST(rows)
{
    char path[64], got[512] = "";
    struct rt_csv_rows *csv = NULL;
    struct rt_csv_row row;
    struct rt_err err = { 0 };
    int rc;

    write_file(files[_i].text, strlen(files[_i].text), path);
    ck_assert_int_eq(rt_csv_rows_open(path, &csv, &err), RT_OK);
    while ((rc = rt_csv_rows_next(csv, &row, &err)) > 0)
        show(&row, got, sizeof got);
    ck_assert_int_eq(rc, 0);
    ck_assert_msg(strcmp(got, files[_i].rows) == 0, "%s: %s", files[_i].name, got);
    ck_assert_uint_eq(rt_csv_rows_bytes(csv), strlen(files[_i].text));
    rt_csv_rows_close(csv);
    unlink(path);
}
END_TEST

/* Rows over every border of what is read at once; one row past the limit. */
START_TEST(long_rows)
{
    enum { WIDTH = 1000, ROWS = 1500 };
    char path[64], *text = malloc(ROWS * (WIDTH + 1) + RT_CSV_ROW_MAX + 16);
    struct rt_csv_rows *csv = NULL;
    struct rt_csv_row row;
    struct rt_err err = { 0 };
    size_t n = 0;

    for (int i = 0; i < ROWS; i++) {
        memset(text + n, 'a' + i % 26, WIDTH);
        text[n] = text[n + WIDTH - 1] = '"';
        text[n + 500] = '\n';
        n += WIDTH;
        text[n++] = '\n';
    }
    memset(text + n, 'x', RT_CSV_ROW_MAX + 8);
    n += RT_CSV_ROW_MAX + 8;
    write_file(text, n, path);
    ck_assert_int_eq(rt_csv_rows_open(path, &csv, &err), RT_OK);
    for (int i = 0; i < ROWS; i++) {
        ck_assert_int_eq(rt_csv_rows_next(csv, &row, &err), 1);
        ck_assert_uint_eq(row.line, 2 * (uint64_t)i + 1);
        ck_assert_uint_eq(row.ncells, 1);
        ck_assert_uint_eq(row.cells[0].n, WIDTH - 2);
        ck_assert_int_eq(row.cells[0].p[0], 'a' + i % 26);
        ck_assert(!row.unclosed && !row.stray_quote && !row.too_long);
    }
    ck_assert_int_eq(rt_csv_rows_next(csv, &row, &err), 1);
    ck_assert(row.too_long);
    rt_csv_rows_close(csv);
    unlink(path);
    free(text);
}
END_TEST

Suite *csv_rows_suite(void)
{
    Suite *suite = suite_create("csv_rows");
    TCase *tc = tcase_create("all");

    tcase_add_loop_test(tc, rows, 0, sizeof files / sizeof *files);
    tcase_add_test(tc, long_rows);
    suite_add_tcase(suite, tc);
    return suite;
}
