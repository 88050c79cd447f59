/*
 * Plain lines: index to cells.
 *
 * All of them have the same number of entries in the index, so a column's cells stand at
 * equal distances there, and in the batch: they are made a column at a time, by a loop of
 * nine instructions a cell. By rows it is fifteen, since then each cell's column and slot
 * have to be looked up.
 */
#include "events/csv_plain.h"

/* Rows that are made at a time: their cells should still be in the nearest cache when the
 * next column is written. */
enum { RUN_ROWS = 32 };

int rt_csv_wanted_init(struct rt_csv_wanted *wanted, const uint32_t *columns,
    uint32_t nslots, uint32_t ncols, struct rt_arena *arena)
{
    struct rt_csv_wanted w = { .ncols = ncols };
    size_t room = (size_t)nslots + 1;

    w.fed = rt_arena_new(arena, room, sizeof *w.fed);
    w.absent = rt_arena_new(arena, room, sizeof *w.absent);
    if (!w.fed || !w.absent)
        return RT_ENOMEM;
    for (uint32_t s = 0; s < nslots; s++)
        if (columns[s] + 1 == ncols)
            w.fed[w.nfed++] = (struct rt_csv_fed) { columns[s], s };
    w.nlast = w.nfed;
    for (uint32_t s = 0; s < nslots; s++)
        if (columns[s] == ncols)
            w.absent[w.nabsent++] = s;
        else if (columns[s] + 1 < ncols)
            w.fed[w.nfed++] = (struct rt_csv_fed) { columns[s], s };
    *wanted = w;
    return RT_OK;
}

/* Plain lines in a row, as the batch is to have them. */
struct run {
    uint32_t first, n;    /* rows of the batch */
    const uint32_t *ends; /* ends[c - 1] ends column c - 1 of the first, in the index */
    const uint32_t *rows; /* the index's */
    bool is_clean;        /* no blanks around fields, no "\r\n" */
};

/* Takes the lines themselves, up to RUN_ROWS and as many as the batch has room for. */
static struct run take_lines(const struct rt_csv_wanted *wanted, const char *text,
    const struct rt_scan *scan, struct rt_csv_at *at, struct rt_batch *batch)
{
    struct rt_row *row = batch->rows + batch->nrows;
    uint32_t room = RT_BATCH_ROWS - batch->nrows, left = scan->nrows - at->row;
    const uint32_t *rows = scan->rows + at->row;
    struct run run = { batch->nrows, 0, scan->at + at->entry, rows, true };
    uint32_t last = at->entry + wanted->ncols - 1, pos = at->pos, odd = 0;

    room = room < RUN_ROWS ? room : RUN_ROWS;
    left = left < room ? left : room;
    for (; run.n < left; run.n++) {
        uint32_t end, cr;

        if ((rows[run.n] & ~RT_SCAN_PADDED) != last)
            break;
        end = scan->at[last];
        cr = text[end - 1] == '\r'; /* of "\r\n": alone, it would be a line end itself */
        odd |= cr | (rows[run.n] & RT_SCAN_PADDED);
        *row++ = (struct rt_row) { pos, end - cr - pos, at->line + run.n };
        pos = end + 1;
        last += wanted->ncols;
    }
    run.is_clean = odd == 0;
    batch->nrows += run.n;
    at->entry = last + 1 - wanted->ncols;
    at->row += run.n;
    at->pos = pos;
    at->line += run.n;
    return run;
}

/* end[0] ends the cell, end[-1] the one before it. */
static inline struct rt_span cell_at(const char *text, const uint32_t *end)
{
    uint32_t from = end[-1] + 1;

    return (struct rt_span) { text + from, end[0] - from };
}

static void fill_column(struct rt_span *cell, size_t nslots, const char *text,
    const uint32_t *end, size_t ncols, uint32_t n)
{
    for (; n > 1; n -= 2) {
        cell[0] = cell_at(text, end);
        cell[nslots] = cell_at(text, end + ncols);
        cell += 2 * nslots;
        end += 2 * ncols;
    }
    if (n)
        *cell = cell_at(text, end);
}

static void fill_absent(struct rt_span *cell, size_t nslots, uint32_t n)
{
    for (; n; n--, cell += nslots)
        *cell = RT_SPAN_ABSENT;
}

/* Cuts off the '\r' of "\r\n", and blanks. */
static void tidy(const struct rt_csv_wanted *wanted, const struct run *run, uint32_t i,
    const char *text, struct rt_span *cells)
{
    const uint32_t *ends = run->ends + (size_t)i * wanted->ncols;

    if (text[ends[wanted->ncols - 1] - 1] == '\r')
        for (uint32_t f = 0; f < wanted->nlast; f++)
            cells[wanted->fed[f].slot].n--;
    if (run->rows[i] & RT_SCAN_PADDED)
        for (uint32_t f = 0; f < wanted->nfed; f++)
            cells[wanted->fed[f].slot] = rt_span_trim(cells[wanted->fed[f].slot]);
}

static void fill_cells(const struct rt_csv_wanted *wanted, const char *text,
    const struct run *run, struct rt_batch *batch)
{
    struct rt_span *cells = rt_batch_row(batch, run->first);
    size_t nslots = batch->nslots;

    for (uint32_t f = 0; f < wanted->nfed; f++)
        fill_column(cells + wanted->fed[f].slot, nslots, text,
            run->ends + wanted->fed[f].column, wanted->ncols, run->n);
    for (uint32_t a = 0; a < wanted->nabsent; a++)
        fill_absent(cells + wanted->absent[a], nslots, run->n);
    for (uint32_t i = 0; i < run->n && !run->is_clean; i++)
        tidy(wanted, run, i, text, cells + i * nslots);
}

void rt_csv_plain_take(const struct rt_csv_wanted *wanted, const char *text,
    const struct rt_scan *scan, struct rt_csv_at *at, struct rt_batch *batch)
{
    struct run run;

    do {
        run = take_lines(wanted, text, scan, at, batch);
        fill_cells(wanted, text, &run, batch);
    } while (run.n == RUN_ROWS);
}
