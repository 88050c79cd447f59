/* See csv_twin.h. Used by the unit tests and by the fuzz target. */
#include "tests/unit/csv_twin.h"

#include <csv.h>
#include <stdio.h>
#include <stdlib.h>

#include "events/decoder.h"

#define MUST(condition)                                                                  \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);              \
            abort();                                                                     \
        }                                                                                \
    } while (0)

enum { MOST_FIELDS = 26, TEXT_MAX = 1 << 26 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

void csv_twin_row(struct rt_buf *out, uint32_t at, uint32_t size, uint32_t line,
    const struct rt_span *cells, uint32_t ncells)
{
    MUST(rt_buf_addf(out, "%u+%u line %u ", at, size, line) == RT_OK);
    for (uint32_t i = 0; i < ncells; i++) {
        if (!cells[i].p) {
            MUST(rt_buf_addc(out, '-') == RT_OK && cells[i].n == 0);
            continue;
        }
        MUST(rt_buf_addc(out, '[') == RT_OK);
        MUST(rt_buf_add(out, cells[i].p, cells[i].n) == RT_OK);
        MUST(rt_buf_addc(out, ']') == RT_OK);
    }
    MUST(rt_buf_addc(out, '\n') == RT_OK);
}

void csv_twin_reject(
    struct rt_buf *out, uint32_t at, uint32_t size, uint32_t line, const char *reason)
{
    MUST(rt_buf_addf(out, "%u+%u line %u %s\n", at, size, line, reason) == RT_OK);
}

/* ---- libcsv alone */

struct twin {
    struct rt_buf bytes; /* of the record's fields */
    size_t ends[MOST_FIELDS];
    uint32_t nfields;
    bool overfull, ended;
    uint32_t ncols;
};

static void twin_field(void *p, size_t n, void *data)
{
    struct twin *t = data;
    struct rt_span field = { n ? p : "", n };

    if (t->nfields < t->ncols) {
        MUST(rt_buf_add(&t->bytes, field.p, n) == RT_OK);
        t->ends[t->nfields] = t->bytes.n;
    } else if (rt_span_trim(field).n) {
        t->overfull = true;
    }
    t->nfields++;
}

static void twin_record(int c, void *data)
{
    (void)c;
    ((struct twin *)data)->ended = true;
}

static void twin_forget(struct twin *t)
{
    rt_buf_reset(&t->bytes);
    t->nfields = 0;
    t->overfull = t->ended = false;
}

static void twin_report(struct twin *t, bool fill, uint32_t at, uint32_t size,
    uint32_t line, struct rt_buf *rows, struct rt_buf *rejects)
{
    struct rt_span cells[MOST_FIELDS], bytes = rt_buf_span(&t->bytes);
    size_t from = 0;

    if (t->nfields < t->ncols && !fill) {
        csv_twin_reject(rejects, at, size, line, "too_few_fields");
    } else if (t->overfull) {
        csv_twin_reject(rejects, at, size, line, "too_many_fields");
    } else {
        for (uint32_t i = 0; i < t->ncols; i++) {
            cells[i] = RT_SPAN_ABSENT;
            if (i >= t->nfields)
                continue;
            cells[i] = (struct rt_span) { bytes.p + from, t->ends[i] - from };
            from = t->ends[i];
        }
        csv_twin_row(rows, at, size, line, cells, t->ncols);
    }
    twin_forget(t);
}

/* Decodes from `at` on. Returns where to begin anew: behind the first line of a record
 * whose quote is never closed; or the text's end. */
static uint32_t twin_run(struct twin *t, struct rt_span text, char delimiter, bool fill,
    uint32_t at, uint32_t *line, struct rt_buf *rows, struct rt_buf *rejects)
{
    struct csv_parser p;
    uint32_t start = at, start_line = *line, stop = at;

    twin_forget(t);
    MUST(csv_init(&p, 0) == 0);
    csv_set_delim(&p, (unsigned char)delimiter);
    for (uint32_t i = at; i < text.n; i++) {
        bool lf = text.p[i] == '\n';
        bool lone_cr = text.p[i] == '\r' && !(i + 1 < text.n && text.p[i + 1] == '\n');

        MUST(csv_parse(&p, text.p + i, 1, twin_field, twin_record, t) == 1);
        if (t->ended)
            twin_report(t, fill, start, i - start, start_line, rows, rejects);
        if (lf || (lone_cr && p.pstate == 0))
            ++*line;
        if ((lf || text.p[i] == '\r') && p.pstate == 0) { /* between records */
            start = i + 1;
            start_line = *line;
        }
    }
    csv_set_opts(&p, CSV_STRICT | CSV_STRICT_FINI);
    if (csv_fini(&p, twin_field, twin_record, t) == 0) {
        if (t->ended)
            twin_report(
                t, fill, start, (uint32_t)text.n - start, start_line, rows, rejects);
        csv_free(&p);
        return (uint32_t)text.n;
    }
    csv_free(&p);
    for (stop = start; stop < text.n && !memchr("\r\n", text.p[stop], 2); stop++)
        ;
    csv_twin_reject(rejects, start, stop - start, start_line, "unclosed_quote");
    *line = start_line + (stop < text.n);
    if (stop + 1 < text.n && text.p[stop] == '\r' && text.p[stop + 1] == '\n')
        stop++;
    return stop + (stop < text.n);
}

void csv_twin(struct rt_span text, char delimiter, uint32_t ncols, bool fill,
    struct rt_buf *rows, struct rt_buf *rejects)
{
    struct twin t = { .bytes = RT_BUF_INIT(TEXT_MAX), .ncols = ncols };
    uint32_t at = 0, line = 0;

    MUST(ncols <= MOST_FIELDS);
    while (at < text.n)
        at = twin_run(&t, text, delimiter, fill, at, &line, rows, rejects);
    csv_twin_reject(rejects, at, 0, line, "end");
    rt_buf_release(&t.bytes);
}

/* ---- the decoder */

/* A block may end behind byte i. */
static bool may_cut(struct rt_span text, uint32_t i)
{
    return text.p[i] == '\n'
        || (text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] != '\n');
}

/* Decodes one block. Returns the bytes consumed. */
static uint32_t decode_block(struct rt_cursor *cur, struct rt_span block, bool at_end,
    uint32_t base, uint32_t *line, struct rt_batch *batch, struct rt_buf *rows,
    struct rt_buf *rejects)
{
    struct rt_tally tally = { 0 };
    uint64_t accepted = 0, rejected = 0;
    int n;

    rt_cursor_start(cur, block, at_end);
    while ((n = rt_cursor_next(cur, batch, &tally)) > 0) {
        MUST((uint32_t)n == batch->nrows && n <= RT_BATCH_ROWS);
        accepted += (uint64_t)n;
        for (uint32_t r = 0; r < batch->nrows; r++)
            csv_twin_row(rows, base + batch->rows[r].at, batch->rows[r].size,
                *line + batch->rows[r].line, rt_batch_row(batch, r), batch->nslots);
    }
    MUST(n == 0);
    for (uint32_t r = 0; r < tally.nrejects; r++)
        csv_twin_reject(rejects, base + tally.rejects[r].at, tally.rejects[r].size,
            *line + tally.rejects[r].line, rt_reason_name(tally.rejects[r].reason));
    for (int r = 0; r < RT_REASONS; r++)
        rejected += tally.count[r];
    MUST(tally.read == accepted + rejected && rejected == tally.nrejects);
    MUST(cur->consumed <= block.n && (!at_end || cur->consumed == block.n));
    *line += cur->lines;
    rt_tally_release(&tally);
    return cur->consumed;
}

struct csv_twin_fast {
    struct rt_source source;
    struct rt_span names[26];
    struct rt_slots slots;
    struct rt_decoder *decoder;
    struct rt_cursor cur;
    struct rt_batch batch;
};

struct csv_twin_fast *csv_twin_open(char delimiter, uint32_t ncols, bool fill)
{
    struct csv_twin_fast *fast = calloc(1, sizeof *fast);
    char header[2 * 26];
    struct rt_err err = { 0 };

    MUST(fast && ncols <= 26);
    fast->source = (struct rt_source) {
        .format = RT_FORMAT_CSV, .delimiter = delimiter, .contacts = true, .fill = fill
    };
    fast->slots = (struct rt_slots) { ncols, fast->names };
    for (uint32_t i = 0; i < ncols; i++) {
        fast->names[i] = (struct rt_span) { letters + i, 1 };
        header[2 * i] = letters[i];
        header[2 * i + 1] = i + 1 < ncols ? delimiter : '\n';
    }
    MUST(rt_decoder_open(&fast->source, "twin", (struct rt_span) { header, 2 * ncols },
             true, &fast->slots, &fast->decoder, &err)
        == RT_OK);
    MUST(rt_cursor_init(&fast->cur, fast->decoder) == RT_OK);
    MUST(rt_batch_init(&fast->batch, ncols) == RT_OK);
    return fast;
}

void csv_twin_close(struct csv_twin_fast *fast)
{
    if (!fast)
        return;
    rt_batch_release(&fast->batch);
    rt_cursor_release(&fast->cur);
    rt_decoder_free(fast->decoder);
    free(fast);
}

void csv_twin_decode(struct csv_twin_fast *fast, struct rt_span text,
    const unsigned char *cuts, struct rt_buf *rows, struct rt_buf *rejects)
{
    uint32_t begin = 0, line = 0;

    for (uint32_t i = 0; i < text.n; i++) {
        bool last = i + 1 == text.n;

        if (last || (cuts && (cuts[i / 8] >> i % 8 & 1) && may_cut(text, i))) {
            /* a copy of just its size: a read past the block is one past the memory */
            size_t size = i + 1 - begin;
            char *copy = malloc(size);

            MUST(copy);
            memcpy(copy, text.p + begin, size);
            begin += decode_block(&fast->cur, (struct rt_span) { copy, size }, last,
                begin, &line, &fast->batch, rows, rejects);
            free(copy);
        }
    }
    csv_twin_reject(rejects, begin, 0, line, "end");
}
