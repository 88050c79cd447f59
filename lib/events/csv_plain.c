/*
 * Plain lines: index to cells.
 *
 * All of them have the same number of entries in the index, so a column's cells stand at
 * equal distances there, and in the batch: they are made a column at a time, by a loop of
 * nine instructions a cell. By rows it is fifteen, since then each cell's column and slot
 * have to be looked up.
 *
 * With AVX-512 four cells, which are 64 bytes in a row, are made at once: two loads from the
 * index, one permutation that brings the entries at both ends of each cell to where it is to
 * stand, and arithmetic. That is three instructions a cell; where the wanted columns are
 * within 16, as mostly, loads and arithmetic are done once a row, and it is one.
 */
#include "events/csv_plain.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

/* Rows that are made at a time: their cells should still be in the nearest cache when the
 * next column is written. */
enum { RUN_ROWS = 32 };

enum { NARROW_QUADS = 4 }; /* their constants are to stay in registers */

/* ---- what is wanted */

#ifdef __x86_64__

/*
 * Four slots, or those that are left, as lanes. The entries that their cells lie between are
 * among 32 in a row of the index, from `first` on, or else are gathered. An absent slot has
 * no lanes and becomes zero. In a narrow row the lanes are of 16 beginnings, 0, and of the
 * 16 sizes behind those, 2.
 */
struct rt_csv_quad {
    uint32_t slot;      /* the first of them */
    uint32_t first;     /* the lowest column: the entry before it is where loads begin */
    uint32_t lane[16];  /* of four a cell, 0: the entry before it, 2: the one behind it */
    uint16_t lanes;     /* those that are used */
    uint16_t low, high; /* entries to load: of the first 16, and of the next */
    uint8_t halves;     /* pointers and sizes that are not zero */
    uint8_t stored;     /* pointers and sizes there are */
    bool is_spread;     /* over more than 32 entries: lane[] says where from `first` */
};

static uint16_t lowest_bits(uint32_t n)
{
    return (uint16_t)(n < 16 ? (1u << n) - 1 : 0xffff);
}

/* Makes of a quad one whose cells are taken from a row's beginnings and its sizes, both
 * from `first` on. */
static void make_narrow(struct rt_csv_quad *quad, uint32_t first)
{
    for (uint32_t i = 0; i < 4; i++)
        if (quad->lanes >> 4 * i & 1) {
            quad->lane[4 * i] += quad->first - first;
            quad->lane[4 * i + 2] = 16 + quad->lane[4 * i];
        }
}

static struct rt_csv_quad quad_of(
    const uint32_t *columns, uint32_t slot, uint32_t nslots, uint32_t ncols)
{
    struct rt_csv_quad quad = { .slot = slot, .first = ncols };
    uint32_t n = nslots - slot < 4 ? nslots - slot : 4, entries = 0;

    for (uint32_t i = 0; i < n; i++)
        if (columns[slot + i] < quad.first)
            quad.first = columns[slot + i];
    for (uint32_t i = 0; i < n; i++) {
        uint32_t column = columns[slot + i];

        quad.stored |= (uint8_t)(3u << 2 * i);
        if (column == ncols)
            continue;
        quad.lane[4 * i] = column - quad.first;
        quad.lane[4 * i + 2] = column - quad.first + 1;
        quad.lanes |= (uint16_t)(5u << 4 * i);
        quad.halves |= (uint8_t)(3u << 2 * i);
        if (column - quad.first + 2 > entries)
            entries = column - quad.first + 2;
    }
    quad.low = lowest_bits(entries);
    quad.high = lowest_bits(entries > 16 ? entries - 16 : 0);
    quad.is_spread = entries > 32;
    return quad;
}

/* Mostly the columns that are wanted, and those between them, are few. */
static void set_narrow(struct rt_csv_wanted *wanted)
{
    uint32_t first = wanted->ncols, last = 0;

    for (uint32_t f = 0; f < wanted->nfed; f++) {
        uint32_t column = wanted->fed[f].column;

        first = column < first ? column : first;
        last = column > last ? column : last;
    }
    if (wanted->nfed == 0 || last - first >= 16 || wanted->nquads > NARROW_QUADS)
        return;
    for (uint32_t q = 0; q < wanted->nquads; q++)
        make_narrow(&wanted->quads[q], first);
    wanted->narrow_first = first;
    wanted->narrow = lowest_bits(last - first + 1);
}

static int quads_init(struct rt_csv_wanted *wanted, const uint32_t *columns,
    uint32_t nslots, struct rt_arena *arena)
{
    if (!__builtin_cpu_supports("avx512bw"))
        return RT_OK;
    wanted->quads = rt_arena_new(arena, (size_t)nslots / 4 + 1, sizeof *wanted->quads);
    if (!wanted->quads)
        return RT_ENOMEM;
    for (uint32_t slot = 0; slot < nslots; slot += 4)
        wanted->quads[wanted->nquads++] = quad_of(columns, slot, nslots, wanted->ncols);
    set_narrow(wanted);
    return RT_OK;
}

#else

static int quads_init(struct rt_csv_wanted *wanted, const uint32_t *columns,
    uint32_t nslots, struct rt_arena *arena)
{
    (void)wanted, (void)columns, (void)nslots, (void)arena;
    return RT_OK;
}

#endif

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
    return quads_init(wanted, columns, nslots, arena);
}

/* ---- lines */

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

/* ---- cells, by columns */

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

static void fill_columns(const struct rt_csv_wanted *wanted, const char *text,
    const struct run *run, struct rt_span *cells, size_t nslots)
{
    for (uint32_t f = 0; f < wanted->nfed; f++)
        fill_column(cells + wanted->fed[f].slot, nslots, text,
            run->ends + wanted->fed[f].column, wanted->ncols, run->n);
    for (uint32_t a = 0; a < wanted->nabsent; a++)
        fill_absent(cells + wanted->absent[a], nslots, run->n);
}

/* ---- cells, four at a time */

#ifdef __x86_64__

#define WIDE __attribute__((target("avx512f,avx512bw")))

/* A quad's constants, by value: those in memory would be loaded again after each store. */
struct wide {
    __m512i lane, one, base;
    __mmask16 lanes, low, high;
    __mmask8 stored;
};

WIDE static inline struct wide wide_of(const struct rt_csv_quad *quad, const char *text)
{
    return (struct wide) { .lane = _mm512_loadu_si512(quad->lane),
        .one = _mm512_maskz_set1_epi32((__mmask16)(quad->lanes & 0x1111), 1),
        .base = _mm512_maskz_set1_epi64(
            (__mmask8)(quad->halves & 0x55), (long long)(intptr_t)text),
        .lanes = quad->lanes,
        .low = quad->low,
        .high = quad->high,
        .stored = quad->stored };
}

/* Stores a row's four cells. The entries at their ends: before, behind, before, ..., each of
 * 32 bits in a lane of 64. Of each cell, from = before + 1, in 32 bits, for before the whole
 * text there is -1; then text + from, behind - from. */
WIDE static inline void store_quad(
    const struct wide *w, struct rt_span *cell, __m512i entries)
{
    __m512i ends = _mm512_add_epi32(entries, w->one);

    ends = _mm512_sub_epi64(ends, _mm512_bslli_epi128(ends, 8));
    _mm512_mask_storeu_epi64(cell, w->stored, _mm512_add_epi64(ends, w->base));
}

WIDE static void fill_near(const struct rt_csv_quad *quad, struct rt_span *cell,
    size_t nslots, const char *text, const uint32_t *entry, size_t ncols, uint32_t n)
{
    const struct wide w = wide_of(quad, text);

    for (; n; n--, cell += nslots, entry += ncols) {
        __m512i low = _mm512_maskz_loadu_epi32(w.low, entry);
        __m512i high = _mm512_maskz_loadu_epi32(w.high, entry + 16);

        store_quad(&w, cell, _mm512_maskz_permutex2var_epi32(w.lanes, low, w.lane, high));
    }
}

WIDE static void fill_spread(const struct rt_csv_quad *quad, struct rt_span *cell,
    size_t nslots, const char *text, const uint32_t *entry, size_t ncols, uint32_t n)
{
    const struct wide w = wide_of(quad, text);

    for (; n; n--, cell += nslots, entry += ncols)
        store_quad(&w, cell,
            _mm512_mask_i32gather_epi32(
                _mm512_setzero_si512(), w.lanes, w.lane, entry, sizeof *entry));
}

/* Rows of up to 16 columns: where cells begin and their sizes are worked out once for all
 * quads, each of which is a permutation of them, and the text's address added. */
WIDE static inline __attribute__((always_inline)) void fill_narrow(
    const struct rt_csv_wanted *wanted, uint32_t nquads, const char *text,
    const struct run *run, struct rt_span *cells, size_t nslots)
{
    const uint32_t *entry = run->ends + wanted->narrow_first - 1;
    const __mmask16 columns = wanted->narrow;
    const __m512i one = _mm512_set1_epi32(1);
    struct wide w[NARROW_QUADS];

#pragma GCC unroll 4
    for (uint32_t q = 0; q < nquads; q++)
        w[q] = wide_of(&wanted->quads[q], text);
    for (uint32_t n = run->n; n; n--, cells += nslots, entry += wanted->ncols) {
        __m512i from = _mm512_add_epi32(_mm512_maskz_loadu_epi32(columns, entry), one);
        __m512i size =
            _mm512_sub_epi32(_mm512_maskz_loadu_epi32(columns, entry + 1), from);

#pragma GCC unroll 4
        for (uint32_t q = 0; q < nquads; q++)
            _mm512_mask_storeu_epi64(cells + 4 * q, w[q].stored,
                _mm512_add_epi64(w[q].base,
                    _mm512_maskz_permutex2var_epi32(w[q].lanes, from, w[q].lane, size)));
    }
}

WIDE static void fill_rows(const struct rt_csv_wanted *wanted, const char *text,
    const struct run *run, struct rt_span *cells, size_t nslots)
{
    switch (wanted->nquads) {
    case 1:
        return fill_narrow(wanted, 1, text, run, cells, nslots);
    case 2:
        return fill_narrow(wanted, 2, text, run, cells, nslots);
    case 3:
        return fill_narrow(wanted, 3, text, run, cells, nslots);
    default:
        return fill_narrow(wanted, 4, text, run, cells, nslots);
    }
}

static void fill_quads(const struct rt_csv_wanted *wanted, const char *text,
    const struct run *run, struct rt_span *cells, size_t nslots)
{
    if (wanted->narrow) {
        fill_rows(wanted, text, run, cells, nslots);
        return;
    }
    for (uint32_t q = 0; q < wanted->nquads; q++) {
        const struct rt_csv_quad *quad = &wanted->quads[q];

        (quad->is_spread ? fill_spread : fill_near)(quad, cells + quad->slot, nslots,
            text, run->ends + quad->first - 1, wanted->ncols, run->n);
    }
}

#else

static void fill_quads(const struct rt_csv_wanted *wanted, const char *text,
    const struct run *run, struct rt_span *cells, size_t nslots)
{
    fill_columns(wanted, text, run, cells, nslots);
}

#endif

/* ---- both */

static void fill_cells(const struct rt_csv_wanted *wanted, const char *text,
    const struct run *run, struct rt_batch *batch)
{
    struct rt_span *cells = rt_batch_row(batch, run->first);
    size_t nslots = batch->nslots;

    (wanted->nquads ? fill_quads : fill_columns)(wanted, text, run, cells, nslots);
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
