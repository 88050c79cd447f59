/*
 * Fuzz target for list files as verify reads them: the first byte names the platform, the
 * rest is the file.
 *
 * What must hold beyond not crashing: the rows of a plain file, with their line ends and a
 * byte order mark in front, are the file; lines are counted right; every finding has a text
 * and a line that the file has, and the counts are those of the findings.
 */
#include <string.h>

#include "run/csv_rows.h"
#include "run/verify.h"
#include "tests/fuzz/memfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static const struct rt_platform *platform_of(uint8_t byte)
{
    const char *const *names = rt_platform_names();
    size_t n = 0;

    while (names[n])
        n++;
    return rt_platform_get(rt_span_of(names[byte % n]));
}

struct findings {
    uint64_t errors, warnings, lines;
};

static void count_finding(void *ctx, const struct rt_finding *finding)
{
    struct findings *f = ctx;

    must(finding->text && *finding->text);
    must(finding->line <= f->lines);
    if (finding->severity == RT_FINDING_ERROR)
        f->errors++;
    else
        f->warnings++;
}

/* Line ends: '\n', "\r\n" and a lone '\r'; a last line needs none. */
static uint64_t lines_in(const uint8_t *p, size_t n)
{
    uint64_t lines = 0;

    for (size_t i = 0; i < n; i++)
        lines += p[i] == '\n' || (p[i] == '\r' && (i + 1 == n || p[i + 1] != '\n'));
    return lines + (n && p[n - 1] != '\n' && p[n - 1] != '\r');
}

static size_t end_bytes(enum rt_csv_end end)
{
    return end == RT_CSV_END_NONE ? 0 : end == RT_CSV_END_CRLF ? 2 : 1;
}

/* Rows one behind the other are the file. */
static void read_rows(const char *path, const uint8_t *data, size_t size)
{
    struct rt_csv_rows *rows = NULL;
    struct rt_err err = { 0 };
    struct rt_csv_row row;
    uint64_t line = 0;
    size_t at;
    int rc;

    if (rt_csv_rows_open(path, &rows, &err) < 0)
        return;
    must(rt_csv_rows_packing(rows) != RT_PLAIN || size < 2
        || !(data[0] == 0x1f && data[1] == 0x8b));
    rc = rt_csv_rows_next(rows, &row, &err);
    at = rt_csv_rows_had_mark(rows) ? 3 : 0;
    while (rc > 0) {
        must(row.line > line);
        line = row.line;
        must(row.ncells > 0 || row.text.n == 0);
        if (rt_csv_rows_packing(rows) == RT_PLAIN) {
            must(at + row.text.n <= size);
            must(!row.text.n || memcmp(data + at, row.text.p, row.text.n) == 0);
        }
        at += row.text.n + end_bytes(row.end);
        rc = rt_csv_rows_next(rows, &row, &err);
    }
    must(rc == RT_OK || err.code == rc);
    if (rc == RT_OK && rt_csv_rows_packing(rows) == RT_PLAIN)
        must(at == size && line <= lines_in(data, size));
    rt_csv_rows_close(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct findings f = { 0, 0, UINT64_MAX };
    struct rt_verify_options options = {
        .all = true, .latest_year = 2026, .say = count_finding, .ctx = &f
    };
    struct rt_verify_result result;
    struct rt_err err = { 0 };
    struct memfile file;
    int rc;

    if (size == 0)
        return 0;
    memfile_open(&file, data + 1, size - 1);
    options.platform = platform_of(data[0]);
    read_rows(file.path, data + 1, size - 1);
    rc = rt_run_verify(file.path, &options, &result, &err);
    must(rc == RT_OK || err.code == rc);
    must(rc == RT_OK || rc == RT_EIO || rc == RT_ELIMIT);
    if (rc == RT_OK)
        must(f.errors == result.errors && f.warnings == result.warnings);
    memfile_close(&file);
    return 0;
}
