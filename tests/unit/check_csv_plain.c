/* Plain lines to cells: four slots at a time as one column at a time, for tables of all
 * widths. Text and cells stand in memory of their size, for the sanitizers. */
#include <check.h>
#include <stdlib.h>

#include "base/buf.h"
#include "events/csv_plain.h"

Suite *csv_plain_suite(void);

enum { NCOLS_MAX = 90, NSLOTS_MAX = 13 };

static uint32_t below(long n)
{
    return (uint32_t)(lrand48() % n);
}

/* Lines of short cells, empty ones too, some with blanks around them or "\r\n". */
static struct rt_span some_lines(uint32_t ncols, uint32_t nlines)
{
    struct rt_buf text = RT_BUF_INIT(1 << 20);
    bool odd = below(3) == 0;
    size_t n;
    char *p;

    for (uint32_t line = 0; line < nlines; line++) {
        for (uint32_t c = 0; c < ncols; c++) {
            if (c)
                rt_buf_addc(&text, ',');
            if (odd && below(20) == 0)
                rt_buf_addc(&text, ' ');
            for (uint32_t left = below(5); left; left--)
                rt_buf_addc(&text, (char)('a' + below(26)));
        }
        rt_buf_adds(&text, odd && below(4) == 0 ? "\r\n" : "\n");
    }
    n = text.n;
    p = malloc(n);
    ck_assert_ptr_nonnull(p);
    memcpy(p, text.p, n);
    rt_buf_release(&text);
    return (struct rt_span) { p, n };
}

/* All lines of the index, in batches. */
static uint32_t take_all(const struct rt_csv_wanted *wanted, const char *text,
    const struct rt_scan *scan, uint32_t nslots, struct rt_batch *batch,
    struct rt_span *cells, struct rt_row *rows)
{
    struct rt_csv_at at = { 0 };
    uint32_t n = 0;

    while (at.row < scan->nrows) {
        batch->nrows = 0;
        rt_csv_plain_take(wanted, text, scan, &at, batch);
        ck_assert_uint_gt(batch->nrows, 0);
        memcpy(cells + (size_t)n * nslots, batch->cells,
            (size_t)batch->nrows * nslots * sizeof *cells);
        memcpy(rows + n, batch->rows, batch->nrows * sizeof *rows);
        n += batch->nrows;
    }
    return n;
}

static void compare_ways(void)
{
    uint32_t ncols = 2 + below(NCOLS_MAX - 1), nslots = below(NSLOTS_MAX + 1);
    uint32_t near = below(3) ? ncols : 1 + below(20), from;
    uint32_t nlines = 1 + below(300), columns[NSLOTS_MAX];
    size_t ncells = (size_t)nlines * nslots;
    struct rt_span text = some_lines(ncols, nlines);
    struct rt_span *cells[2] = { calloc(ncells + 1, sizeof(struct rt_span)),
        calloc(ncells + 1, sizeof(struct rt_span)) };
    struct rt_row *rows[2] = { calloc(nlines, sizeof(struct rt_row)),
        calloc(nlines, sizeof(struct rt_row)) };
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_csv_wanted wanted;
    struct rt_batch batch;
    struct rt_scan_way ways[RT_SCAN_WAYS];
    struct rt_scan scan;

    near = near < ncols ? near : ncols;
    from = below(ncols - near + 1);
    for (uint32_t s = 0; s < nslots; s++)
        columns[s] = below(4) ? from + below(near) : ncols;
    ck_assert_int_eq(rt_csv_wanted_init(&wanted, columns, nslots, ncols, &arena), RT_OK);
    ck_assert_int_eq(rt_batch_init(&batch, nslots), RT_OK);
    ck_assert_int_eq(rt_scan_init(&scan), RT_OK);
    ways[rt_scan_ways(ways) - 1].fill(
        text, 0, text.n < RT_SCAN_BYTES ? (uint32_t)text.n : RT_SCAN_BYTES, ',', &scan);
    for (int way = 0; way < 2; way++) {
        uint32_t n =
            take_all(&wanted, text.p, &scan, nslots, &batch, cells[way], rows[way]);

        ck_assert_uint_eq(n, scan.nrows);
        wanted.nquads = 0;
    }
    ck_assert(memcmp(rows[0], rows[1], scan.nrows * sizeof **rows) == 0);
    for (size_t i = 0; i < (size_t)scan.nrows * nslots; i++)
        ck_assert(cells[0][i].p == cells[1][i].p && cells[0][i].n == cells[1][i].n);
    rt_scan_release(&scan);
    rt_batch_release(&batch);
    rt_arena_release(&arena);
    for (int way = 0; way < 2; way++)
        free(rows[way]), free(cells[way]);
    free((char *)(uintptr_t)text.p);
}

START_TEST(quads_as_columns)
{
    srand48(_i);
    compare_ways();
}
END_TEST

Suite *csv_plain_suite(void)
{
    Suite *s = suite_create("csv_plain");
    TCase *tc = tcase_create("csv_plain");

    tcase_add_loop_test(tc, quads_as_columns, 0, 400);
    suite_add_tcase(s, tc);
    return s;
}
