/*
 * CSV and TSV: text to records.
 *
 * What a text means is what libcsv says it means: blanks and tabs around an unquoted
 * field are cut, blank lines are no records, a lone '\r' ends a record, `"q"z` is `q"z`
 * up to the next delimiter inside the quotes, and so on. libcsv however looks at every
 * byte by itself and calls back for every field: 0.3 GB/s. So a record takes the first of
 * three ways that is sure to give libcsv's answer:
 *
 *   plain    no quote on the line, and the header's number of fields (csv_plain.h);
 *   quoted   quotes where they belong, `"a ""b"", c",d`: a walk over the index, which
 *            steps from quote to quote and never looks at what lies between;
 *   libcsv   all else (`"q"z`, ` "q"`, a record larger than an index): the parser itself,
 *            on this record alone.
 *
 * The tests hold all three equal to libcsv run over the whole text.
 *
 * GB/s on one thread, nine to eleven columns in 134 to 170 bytes, five of them asked for:
 * plain 3.4, every field quoted 1.9, one field a record with doubled quotes 1.3. Indexes
 * of 16, 32 and 64 KiB of text make no difference.
 */
#include "base/alloc.h"
#include "base/hash.h"
#include "events/csv_header.h"
#include "events/csv_plain.h"
#include "events/csv_record.h"
#include "events/decoders.h"
#include "events/scan.h"

#define NO_SLOT UINT32_MAX

/* Scratch of one batch, past which the batch is handed on although it is not full: 256
 * records of RT_RECORD_MAX would be too much. */
enum { SCRATCH_BYTES = 4 * RT_RECORD_MAX };

/* ---- the decoder's own: which column goes where */

struct table {
    uint32_t ncols;
    uint32_t *slot_of;           /* per column; NO_SLOT when nobody asks for it */
    struct rt_csv_wanted wanted; /* the same the other way round */
    uint32_t *twins; /* slots that share a column with one in slot_of, and that one, */
    uint32_t ntwins; /* in pairs: "price" and "value" of one column */
};

static int table_new(struct rt_decoder *d)
{
    uint32_t nslots = d->slots->n, ncols = (uint32_t)d->ncolumns;
    struct table *t = rt_arena_new(&d->arena, 1, sizeof *t);
    size_t room = (size_t)nslots + 1;
    uint32_t *column_of;

    if (!t
        || !(t->slot_of = rt_arena_new(&d->arena, (size_t)ncols + 1, sizeof *t->slot_of))
        || !(column_of = rt_arena_new(&d->arena, room, sizeof *column_of))
        || !(t->twins = rt_arena_new(&d->arena, 2 * room, sizeof *t->twins)))
        return RT_ENOMEM;
    d->own = t;
    t->ncols = ncols;
    for (uint32_t c = 0; c < ncols; c++)
        t->slot_of[c] = NO_SLOT;
    for (uint32_t s = 0; s < nslots; s++) {
        uint32_t c = (uint32_t)rt_fields_find(d->columns, ncols, d->slots->names[s]);

        d->has[s] = c < ncols;
        column_of[s] = c;
        if (c == ncols)
            continue;
        if (t->slot_of[c] == NO_SLOT) {
            t->slot_of[c] = s;
        } else {
            t->twins[2 * t->ntwins] = s;
            t->twins[2 * t->ntwins + 1] = t->slot_of[c];
            t->ntwins++;
        }
    }
    return rt_csv_wanted_init(&t->wanted, column_of, nslots, ncols, &d->arena);
}

/* ---- a cursor's state */

/* A record whose fields come one by one. */
struct record {
    const struct table *table;
    struct rt_arena *scratch;
    struct rt_span *cells; /* the batch's row */
    uint32_t nslots;
    uint32_t nfields;
    bool overfull; /* a superfluous field that is not empty */
    bool no_memory;
};

struct state {
    rt_scan_fn *fill;
    struct rt_scan scan;
    uint32_t scanned_to; /* the index reaches to here */
    struct rt_csv_at at; /* where the next record begins */
    struct rt_csv_parser *parser;
    struct record record; /* that libcsv fills */
};

static struct record record_start(const struct rt_cursor *cur, struct rt_batch *batch)
{
    struct record r = { .table = cur->decoder->own,
        .scratch = &batch->scratch,
        .cells = rt_batch_row(batch, batch->nrows),
        .nslots = batch->nslots };

    for (uint32_t s = 0; s < r.nslots; s++)
        r.cells[s] = RT_SPAN_ABSENT;
    return r;
}

/* The slot that wants the next field, or NO_SLOT. */
static uint32_t next_slot(const struct record *r)
{
    return r->nfields < r->table->ncols ? r->table->slot_of[r->nfields] : NO_SLOT;
}

static inline __attribute__((always_inline)) void record_add(
    struct record *r, struct rt_span field)
{
    uint32_t slot = next_slot(r);

    if (slot != NO_SLOT)
        r->cells[slot] = field;
    else if (r->nfields >= r->table->ncols && rt_span_trim(field).n)
        r->overfull = true;
    r->nfields++;
}

/* A field in libcsv's own buffer: copied, if it is wanted. */
static void record_add_copy(void *to, struct rt_span field)
{
    struct record *r = to;

    if (next_slot(r) != NO_SLOT) {
        field = rt_arena_copy(r->scratch, field);
        if (!field.p)
            r->no_memory = true;
    }
    record_add(r, field);
}

static void record_again(void *to)
{
    struct record *r = to;

    r->nfields = 0;
    r->overfull = false;
    for (uint32_t s = 0; s < r->nslots; s++)
        r->cells[s] = RT_SPAN_ABSENT;
}

/* A record is complete: it takes its row, or is refused. */
static int record_end(const struct record *r, const struct rt_cursor *cur,
    struct rt_batch *batch, struct rt_tally *tally, const struct rt_row *row)
{
    const struct table *t = r->table;

    tally->read++;
    if (r->nfields < t->ncols && !cur->decoder->source->fill)
        return rt_tally_reject(
            tally, RT_REJECT_TOO_FEW_FIELDS, row->at, row->size, row->line);
    if (r->overfull)
        return rt_tally_reject(
            tally, RT_REJECT_TOO_MANY_FIELDS, row->at, row->size, row->line);
    for (uint32_t i = 0; i < t->ntwins; i++)
        r->cells[t->twins[2 * i]] = r->cells[t->twins[2 * i + 1]];
    batch->rows[batch->nrows++] = *row;
    return RT_OK;
}

/* ---- lines without a quote that are not plain */

/* Without the '\r' of "\r\n". end: where the line end stands. */
static uint32_t without_cr(const char *text, uint32_t from, uint32_t end)
{
    return end - (text[end] == '\n' && end > from && text[end - 1] == '\r');
}

static struct rt_span field_between(const char *text, uint32_t from, uint32_t to)
{
    struct rt_span field = { text + from, to - from };

    if (from < to && (rt_csv_is_blank(text[from]) || rt_csv_is_blank(text[to - 1])))
        return rt_span_trim(field);
    return field;
}

/* A line without a quote that is blank, or has another number of fields. */
static int take_odd(struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally)
{
    struct state *st = cur->state;
    const char *text = cur->block.p;
    uint32_t last = st->scan.rows[st->at.row] & ~RT_SCAN_FLAGS;
    uint32_t stop = without_cr(text, st->at.pos, st->scan.at[last]);
    struct rt_row row = { st->at.pos, stop - st->at.pos, st->at.line };
    struct record r = record_start(cur, batch);
    uint32_t from = st->at.pos;
    bool blank = last == st->at.entry && field_between(text, from, stop).n == 0;

    for (uint32_t i = st->at.entry; i <= last && !blank; i++) {
        record_add(&r, field_between(text, from, i == last ? stop : st->scan.at[i]));
        from = st->scan.at[i] + 1;
    }
    st->at.entry = last + 1;
    st->at.row++;
    st->at.pos = st->scan.at[last] + 1;
    st->at.line++;
    return blank ? RT_OK : record_end(&r, cur, batch, tally, &row);
}

/* ---- quoted: quotes where they belong */

/* A walk over the entries of one record. */
struct walk {
    const char *text;
    const uint32_t *at;
    uint32_t n;    /* entries there are */
    uint32_t i;    /* the entry at hand */
    uint32_t from; /* where the field at hand begins */
    char delimiter;
};

static bool is_line_end(const struct walk *w)
{
    char c = w->text[w->at[w->i]];

    return c != w->delimiter && c != '"';
}

/* Writes a field's doubled quotes once. */
static bool unescape(struct rt_arena *scratch, struct rt_span *field)
{
    char *p = rt_arena_bytes(scratch, field->n + 1), *q = p;

    if (!p)
        return false;
    for (size_t i = 0; i < field->n; i++) {
        *q++ = field->p[i];
        i += field->p[i] == '"';
    }
    *field = (struct rt_span) { p, (size_t)(q - p) };
    return true;
}

/* A field that begins with a quote, up to the quote that closes it. False when the field
 * is not of that simple form, or goes past the index. */
static inline bool walk_quoted_field(struct walk *w, struct record *r)
{
    struct rt_span field;
    bool doubled = false;
    uint32_t close;

    for (w->i++;; w->i++) {
        while (w->i < w->n && w->text[w->at[w->i]] != '"')
            w->i++;
        if (w->i >= w->n)
            return false;
        close = w->at[w->i];
        if (w->i + 1 >= w->n || w->at[w->i + 1] != close + 1 || w->text[close + 1] != '"')
            break;
        doubled = true;
        w->i++;
    }
    w->i++;
    if (w->i >= w->n
        || (w->at[w->i] != close + 1
            && !(w->at[w->i] == close + 2 && w->text[close + 1] == '\r'
                && w->text[close + 2] == '\n')))
        return false;
    field = (struct rt_span) { w->text + w->from + 1, close - w->from - 1 };
    if (doubled && next_slot(r) != NO_SLOT && !unescape(r->scratch, &field))
        r->no_memory = true;
    record_add(r, field);
    return true;
}

/* A field that does not begin with a quote: quotes in it stand for themselves, unless
 * there are blanks alone before the first. */
static inline bool walk_bare_field(struct walk *w, struct record *r)
{
    uint32_t end;

    if (w->text[w->at[w->i]] == '"' && rt_csv_is_blank(w->text[w->from]))
        return false;
    while (w->i < w->n && w->text[w->at[w->i]] == '"')
        w->i++;
    if (w->i >= w->n)
        return false;
    end = w->at[w->i];
    if (is_line_end(w))
        end = without_cr(w->text, w->from, end);
    record_add(r, field_between(w->text, w->from, end));
    return true;
}

/* `"..."` between delimiters, without a quote in it: the case to be quick about, since
 * there are files in which every field is one. Three entries, and on to the next field.
 */
static inline bool walk_clean_field(struct walk *w, struct record *r)
{
    const uint32_t *at = w->at + w->i;

    if (w->i + 2 >= w->n || at[0] != w->from || at[2] != at[1] + 1
        || w->text[at[0]] != '"' || w->text[at[1]] != '"'
        || w->text[at[2]] != w->delimiter)
        return false;
    record_add(r, (struct rt_span) { w->text + at[0] + 1, at[1] - at[0] - 1 });
    w->from = at[2] + 1;
    w->i += 3;
    return true;
}

/* All fields of a record. False when it is not of a simple form. */
static inline bool walk_record(struct walk *w, struct record *r)
{
    for (;; w->i++) {
        bool quoted;

        while (walk_clean_field(w, r))
            ;
        if (w->i >= w->n)
            return false;
        quoted = w->at[w->i] == w->from && w->text[w->from] == '"';
        if (!(quoted ? walk_quoted_field(w, r) : walk_bare_field(w, r)))
            return false;
        if (is_line_end(w))
            return true;
        w->from = w->at[w->i] + 1;
    }
}

/* Returns 1 when the record was dealt with, 0 when it is for libcsv, RT_ENOMEM. */
static int take_quoted(
    struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally)
{
    struct state *st = cur->state;
    const char *text = cur->block.p;
    struct walk w = { text, st->scan.at, st->scan.n, st->at.entry, st->at.pos,
        cur->decoder->delimiter };
    struct rt_row row = { st->at.pos, 0, st->at.line };
    struct record r = record_start(cur, batch);
    uint32_t end;
    int rc;

    if (!walk_record(&w, &r))
        return 0;
    if (r.no_memory)
        return RT_ENOMEM;
    end = st->scan.at[w.i];
    row.size = without_cr(text, st->at.pos, end) - st->at.pos;
    /* lines end inside the quotes too; a lone '\r' there ends none */
    for (;; st->at.row++) {
        uint32_t i = st->scan.rows[st->at.row] & ~RT_SCAN_FLAGS;

        st->at.line += i == w.i || text[st->scan.at[i]] == '\n';
        if (i == w.i)
            break;
    }
    st->at.row++;
    st->at.entry = w.i + 1;
    st->at.pos = end + 1;
    rc = record_end(&r, cur, batch, tally, &row);
    return rc < 0 ? rc : 1;
}

/* ---- libcsv */

/* Sets the index to the record that begins at st->at.pos; a line end stands before it. */
static void index_seek(struct state *st)
{
    if (st->at.pos >= st->scanned_to) {
        st->at.row = st->scan.nrows = 0;
        st->scanned_to = st->at.pos;
        return;
    }
    while (st->at.row < st->scan.nrows) {
        uint32_t i = st->scan.rows[st->at.row] & ~RT_SCAN_FLAGS;

        if (st->scan.at[i] >= st->at.pos)
            break;
        st->at.entry = i + 1;
        st->at.row++;
    }
}

/* Takes the next record by libcsv. Returns 1, 0 when it is left over, RT_ENOMEM. */
static int take_by_libcsv(
    struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally)
{
    struct state *st = cur->state;
    struct rt_row row = { st->at.pos, 0, st->at.line };
    struct rt_csv_place place;
    enum rt_csv_found found;
    int rc = RT_OK;

    st->record = record_start(cur, batch);
    found = rt_csv_parse(st->parser, cur->block, cur->at_end, st->at.pos, &place);
    if (found == RT_CSV_NO_MEMORY || st->record.no_memory)
        return RT_ENOMEM;
    if (found == RT_CSV_OPEN)
        return 0;
    row.size = place.size;
    st->at.line += rt_csv_count_lines(cur->block, st->at.pos, place.end);
    st->at.pos = place.end;
    index_seek(st);
    if (found == RT_CSV_RECORD) {
        rc = record_end(&st->record, cur, batch, tally, &row);
    } else if (found != RT_CSV_BLANK) {
        tally->read++;
        rc = rt_tally_reject(tally,
            found == RT_CSV_TOO_LONG ? RT_REJECT_TOO_LONG : RT_REJECT_UNCLOSED_QUOTE,
            row.at, row.size, row.line);
    }
    return rc < 0 ? rc : 1;
}

/* ---- the cursor */

/* The index of what follows st->at.pos. False when it would hold no whole line: then the
 * record is larger than an index, or the last one without a line end. */
static bool index_more(struct rt_cursor *cur)
{
    struct state *st = cur->state;
    uint32_t n = (uint32_t)cur->block.n;
    uint32_t to = n - st->at.pos > RT_SCAN_BYTES ? st->at.pos + RT_SCAN_BYTES : n;

    if (st->scanned_to == n)
        return false;
    st->fill(cur->block, st->at.pos, to, cur->decoder->delimiter, &st->scan);
    st->scanned_to = to;
    st->at.entry = st->at.row = 0;
    return st->scan.nrows > 0;
}

/* One record that is not plain. Returns as take_by_libcsv. */
static int take_other(
    struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally)
{
    struct state *st = cur->state;
    int rc;

    if (!(st->scan.rows[st->at.row] & RT_SCAN_QUOTED)) {
        rc = take_odd(cur, batch, tally);
        return rc < 0 ? rc : 1;
    }
    /* in a stretch of stray quotes a walk would go to the index's end for each line */
    if (!rt_csv_is_stray(st->parser, st->at.pos)) {
        rc = take_quoted(cur, batch, tally);
        if (rc != 0)
            return rc;
    }
    return take_by_libcsv(cur, batch, tally);
}

static void csv_release_cursor(struct rt_cursor *cur)
{
    struct state *st = cur->state;

    if (!st)
        return;
    rt_csv_parser_free(st->parser);
    rt_scan_release(&st->scan);
    rt_free(st);
    cur->state = NULL;
}

static int csv_init_cursor(struct rt_cursor *cur)
{
    struct state *st = rt_calloc(1, sizeof *st);
    struct rt_scan_way ways[RT_SCAN_WAYS];

    if (!st)
        return RT_ENOMEM;
    cur->state = st;
    rt_scan_ways(ways);
    st->fill = ways[0].fill;
    st->parser = rt_csv_parser_new(cur->decoder->delimiter,
        (struct rt_csv_sink) { record_add_copy, record_again, &st->record });
    if (st->parser && rt_scan_init(&st->scan) == RT_OK)
        return RT_OK;
    csv_release_cursor(cur);
    return RT_ENOMEM;
}

static void csv_start(struct rt_cursor *cur)
{
    struct state *st = cur->state;

    st->scan.n = st->scan.nrows = 0;
    st->scanned_to = 0;
    st->at = (struct rt_csv_at) { 0 };
    rt_csv_parser_start(st->parser);
}

static int csv_next(struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally)
{
    struct state *st = cur->state;
    const struct rt_csv_wanted *wanted =
        &((const struct table *)cur->decoder->own)->wanted;
    int rc = 1;

    batch->nrows = 0;
    rt_arena_reset(&batch->scratch);
    while (rc > 0 && st->at.pos < cur->block.n && batch->nrows < RT_BATCH_ROWS) {
        if (st->at.row == st->scan.nrows && !index_more(cur)) {
            rc = take_by_libcsv(cur, batch, tally);
        } else if (rt_csv_is_plain(wanted, &st->scan, &st->at)) {
            uint32_t before = batch->nrows;

            rt_csv_plain_take(wanted, cur->block.p, &st->scan, &st->at, batch);
            tally->read += batch->nrows - before;
        } else {
            rc = take_other(cur, batch, tally);
        }
        if (batch->scratch.total_bytes > SCRATCH_BYTES) {
            if (batch->nrows)
                break;
            rt_arena_reset(&batch->scratch);
        }
    }
    cur->consumed = st->at.pos;
    cur->lines = st->at.line;
    return rc < 0 ? rc : (int)batch->nrows;
}

/* ---- opening */

/* Format, delimiter, and what each column feeds. */
static uint64_t layout_of(const struct rt_decoder *d)
{
    char dialect[2] = { (char)d->format, d->delimiter };
    uint64_t layout = rt_hash64((struct rt_span) { dialect, 2 }, 0);

    for (size_t i = 0; i < d->ncolumns; i++)
        layout = rt_hash64(d->columns[i].field, layout);
    return layout;
}

int rt_csv_columns(const struct rt_source *source, char delimiter, const char *name,
    struct rt_span head, bool all, struct rt_arena *arena, struct rt_column **columns,
    size_t *n, struct rt_err *err)
{
    struct rt_csv_header h;
    int rc = rt_csv_header_read(&h, source, delimiter, name, head, all, arena, err);

    *columns = h.columns;
    *n = rc == RT_OK ? h.n : 0;
    return rc;
}

static int csv_open(struct rt_decoder *d, const char *name, struct rt_span head, bool all,
    struct rt_err *err)
{
    struct rt_csv_header h;
    int rc =
        rt_csv_header_read(&h, d->source, d->delimiter, name, head, all, &d->arena, err);

    if (rc < 0)
        return rc;
    d->columns = h.columns;
    d->ncolumns = h.n;
    d->skip_bytes = h.skip_bytes;
    d->skip_lines = h.skip_lines;
    d->layout = layout_of(d);
    if (table_new(d) < 0)
        return rt_err_at(err, RT_ENOMEM, name, 0, 0, "out of memory");
    if (h.n && !d->source->contacts && !d->has[RT_SLOT_TIME])
        return rt_csv_no_time(&h, d->source, name, err);
    return RT_OK;
}

const struct rt_decoder_kind rt_decode_csv = {
    .open = csv_open,
    .init = csv_init_cursor,
    .release = csv_release_cursor,
    .start = csv_start,
    .next = csv_next,
};
