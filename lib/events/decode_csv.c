/*
 * CSV and TSV: text to records.
 *
 * What a text means is what libcsv says it means: blanks and tabs around an unquoted field
 * are cut, blank lines are no records, a lone '\r' ends a record, `"q"z` is `q"z` up to the
 * next delimiter inside the quotes, and so on. libcsv however looks at every byte by itself
 * and calls back for every field: 0.3 GB/s. So a record takes the first of three ways that
 * is sure to give libcsv's answer:
 *
 *   plain    no quote on the line: cells lie between neighbours in the structural index
 *            (scan.h), and only columns that are asked for are looked at;
 *   quoted   quotes where they belong, `"a ""b"", c",d`: a walk over the index, which
 *            steps from quote to quote and never looks at what lies between;
 *   libcsv   all else (`"q"z`, ` "q"`, a record larger than an index): the parser itself,
 *            on this record alone.
 *
 * The tests hold all three equal to libcsv run over the whole text.
 *
 * GB/s on one thread, nine columns in 134 to 152 bytes, five of them asked for: plain 2.5,
 * every field quoted 1.9, one field a record with doubled quotes 1.3. Indexes of 16, 32 and
 * 64 KiB of text make no difference.
 */
#include <csv.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "events/cells.h"
#include "events/decoders.h"
#include "events/scan.h"

#define NO_SLOT UINT32_MAX

/* Scratch of one batch, past which the batch is handed on although it is not full: 256
 * records of RT_RECORD_MAX would be too much. */
enum { SCRATCH_BYTES = 4 * RT_RECORD_MAX };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* ---- one record by libcsv */

enum found {
    FOUND_RECORD,
    FOUND_BLANK,    /* a blank line */
    FOUND_OPEN,     /* not complete, and more is to come */
    FOUND_TOO_LONG, /* over RT_RECORD_MAX */
    FOUND_UNCLOSED, /* a quote is open at the end of the input */
    FOUND_NO_MEMORY
};

/*
 * open_until makes a file of stray quotes cheap. While a record goes on over a line end,
 * libcsv is inside quotes there, for everywhere else a line end ends the record: so two
 * records that both go on over a line end are in the same state from there on. When one
 * that began earlier is known to be still open at open_until (a line's start), a later one
 * that is still open behind its first line need not be followed from there: it will be
 * open at open_until too, and is followed from that point. Each byte is thus looked at
 * twice at most, where trying each line anew would cost RT_RECORD_MAX a line.
 */
struct parser {
    struct csv_parser csv;
    void (*field)(void *to, struct rt_span value); /* lent for the call */
    void (*again)(void *to); /* forget the fields so far: they come anew */
    void *to;
    bool ended;
    uint32_t open_until;
};

/* Where a record lies, or of one that is refused its first line. */
struct place {
    uint32_t end;  /* where the next one begins */
    uint32_t size; /* without the line end */
};

static void on_field(void *p, size_t n, void *data)
{
    struct parser *parser = data;

    parser->field(parser->to, (struct rt_span) { n ? p : "", n });
}

static void on_record(int c, void *data)
{
    struct parser *parser = data;

    (void)c;
    parser->ended = true;
}

static void *parser_realloc(void *old, size_t bytes)
{
    return rt_realloc(old, bytes, 1);
}

static void parser_init(struct parser *p, char delimiter)
{
    csv_init(&p->csv, 0);
    csv_set_delim(&p->csv, (unsigned char)delimiter);
    csv_set_realloc_func(&p->csv, parser_realloc);
    csv_set_free_func(&p->csv, rt_free);
    csv_set_blk_size(&p->csv, 4096);
    p->open_until = 0;
}

static void parser_restart(struct parser *p)
{
    csv_set_opts(&p->csv, 0);
    csv_fini(&p->csv, NULL, NULL, NULL);
    p->ended = false;
}

static bool parser_feed(struct parser *p, struct rt_span text, uint32_t from, uint32_t to)
{
    return csv_parse(&p->csv, text.p + from, to - from, on_field, on_record, p) == to - from;
}

/* The end of the input is the end of the record. False when a quote is open: libcsv says
 * so when both options are set. */
static bool parser_finish(struct parser *p)
{
    csv_set_opts(&p->csv, CSV_STRICT | CSV_STRICT_FINI);
    return csv_fini(&p->csv, on_field, on_record, p) == 0;
}

/* The line that begins at `at`: where its line end stands, and what follows. */
struct line {
    uint32_t stop, next; /* equal when the text ends without a line end */
};

static struct line line_at(struct rt_span text, uint32_t at)
{
    uint32_t i = at;

    while (i < text.n && text.p[i] != '\n' && text.p[i] != '\r')
        i++;
    if (i == text.n)
        return (struct line) { i, i };
    if (text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] == '\n')
        return (struct line) { i, i + 2 };
    return (struct line) { i, i + 1 };
}

static bool is_blank_line(struct rt_span text, uint32_t from, uint32_t to, char delimiter)
{
    for (uint32_t i = from; i < to; i++)
        if (!is_blank(text.p[i]) || text.p[i] == delimiter)
            return false;
    return true;
}

/* Follows a record that is open behind its first line. place: of that first line; set to
 * the whole record's when it is found. */
static enum found parse_on(struct parser *p, struct rt_span text, bool at_end,
    uint32_t at, struct place *place)
{
    uint32_t open = place->end; /* here libcsv is inside quotes */
    bool jumped = false;

    for (;;) {
        struct line line;

        if (p->open_until > open) {
            open = p->open_until;
            jumped = true;
        }
        p->open_until = open;
        if (open - at > RT_RECORD_MAX)
            return FOUND_TOO_LONG;
        if (open == text.n)
            return at_end ? FOUND_UNCLOSED : FOUND_OPEN;
        line = line_at(text, open);
        if (line.stop - at > RT_RECORD_MAX)
            return FOUND_TOO_LONG;
        if (line.stop == line.next && !at_end)
            return FOUND_OPEN;
        if (!parser_feed(p, text, open, line.next))
            return FOUND_NO_MEMORY;
        if (line.stop == line.next && !parser_finish(p))
            return FOUND_UNCLOSED;
        open = line.next;
        if (p->ended) {
            *place = (struct place) { line.next, line.stop - at };
            break;
        }
    }
    if (!jumped)
        return FOUND_RECORD;
    p->again(p->to);
    parser_restart(p);
    if (!parser_feed(p, text, at, place->end))
        return FOUND_NO_MEMORY;
    if (!p->ended)
        parser_finish(p);
    return FOUND_RECORD;
}

/* Parses the record that begins at `at`, of a text that is not at its end there. */
static enum found parse_record(struct parser *p, struct rt_span text, bool at_end,
    uint32_t at, struct place *place)
{
    struct line line = line_at(text, at);
    bool last = line.stop == line.next;

    *place = (struct place) { line.next, line.stop - at };
    if (last && !at_end)
        return FOUND_OPEN;
    if (is_blank_line(text, at, line.stop, (char)csv_get_delim(&p->csv)))
        return FOUND_BLANK;
    if (line.stop - at > RT_RECORD_MAX)
        return FOUND_TOO_LONG;
    parser_restart(p);
    if (!parser_feed(p, text, at, line.next))
        return FOUND_NO_MEMORY;
    if (last && !parser_finish(p))
        return FOUND_UNCLOSED;
    return p->ended ? FOUND_RECORD : parse_on(p, text, at_end, at, place);
}

/* Line ends in a stretch: '\n', and a '\r' that ends it. A lone '\r' elsewhere stands in
 * quotes, where it is no line end. */
static uint32_t count_lines(struct rt_span text, uint32_t from, uint32_t to)
{
    uint32_t lines = to > from && text.p[to - 1] == '\r';

    for (uint32_t i = from; i < to; i++)
        lines += text.p[i] == '\n';
    return lines;
}

/* ---- the decoder's own: which column goes where */

struct fed {
    uint32_t column, slot;
};

struct table {
    uint32_t ncols;
    uint32_t *slot_of; /* per column; NO_SLOT when nobody asks for it */
    struct fed *fed;   /* the same the other way round: slots with a column, */
    uint32_t nfed;
    uint32_t *absent; /* and slots without */
    uint32_t nabsent;
    uint32_t *twins; /* slots that share a column with one in slot_of, and that one, */
    uint32_t ntwins; /* in pairs: "price" and "value" of one column */
};

static int table_new(struct rt_decoder *d, struct rt_err *err, const char *name)
{
    uint32_t nslots = d->slots->n, ncols = (uint32_t)d->ncolumns;
    struct table *t = rt_arena_new(&d->arena, 1, sizeof *t);
    size_t room = (size_t)nslots + 1;

    if (!t || !(t->slot_of = rt_arena_new(&d->arena, (size_t)ncols + 1, sizeof *t->slot_of))
        || !(t->fed = rt_arena_new(&d->arena, room, sizeof *t->fed))
        || !(t->absent = rt_arena_new(&d->arena, room, sizeof *t->absent))
        || !(t->twins = rt_arena_new(&d->arena, 2 * room, sizeof *t->twins)))
        return rt_err_at(err, RT_ENOMEM, name, 0, 0, "out of memory");
    d->own = t;
    t->ncols = ncols;
    for (uint32_t c = 0; c < ncols; c++)
        t->slot_of[c] = NO_SLOT;
    for (uint32_t s = 0; s < nslots; s++) {
        uint32_t c = (uint32_t)rt_fields_find(d->columns, ncols, d->slots->names[s]);

        d->has[s] = c < ncols;
        if (c == ncols) {
            t->absent[t->nabsent++] = s;
            continue;
        }
        t->fed[t->nfed++] = (struct fed) { c, s };
        if (t->slot_of[c] == NO_SLOT) {
            t->slot_of[c] = s;
        } else {
            t->twins[2 * t->ntwins] = s;
            t->twins[2 * t->ntwins + 1] = t->slot_of[c];
            t->ntwins++;
        }
    }
    return RT_OK;
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
    uint32_t entry, row; /* of the index: the first of the next record */
    uint32_t pos, line;  /* the next record begins here */
    struct parser parser;
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

/* ---- plain: lines without a quote */

/* Without the '\r' of "\r\n". end: where the line end stands. */
static uint32_t without_cr(const char *text, uint32_t from, uint32_t end)
{
    return end - (text[end] == '\n' && end > from && text[end - 1] == '\r');
}

static struct rt_span field_between(const char *text, uint32_t from, uint32_t to)
{
    struct rt_span field = { text + from, to - from };

    if (from < to && (is_blank(text[from]) || is_blank(text[to - 1])))
        return rt_span_trim(field);
    return field;
}

/* The next line has no quote and just the header's number of fields, which one comparison
 * tells: RT_SCAN_QUOTED makes the number huge. Of one column, a line may be blank: then
 * each is looked at. */
static bool is_plain(const struct state *st, const struct table *t)
{
    return st->scan.rows[st->row] - st->entry + 1 == t->ncols && t->ncols > 1;
}

/* Takes lines as long as they are plain. No field but the wanted ones is looked at, and no
 * byte but their first and last. */
static void take_plain(struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally)
{
    struct state *st = cur->state;
    const struct table *t = cur->decoder->own;
    const char *text = cur->block.p;
    const uint32_t *rows = st->scan.rows;
    uint32_t entry = st->entry, row = st->row, pos = st->pos, line = st->line;
    uint32_t n = batch->nrows;

    for (; row < st->scan.nrows && n < RT_BATCH_ROWS; row++) {
        const uint32_t *before = st->scan.at + entry - 1; /* before[c] ends column c - 1 */
        uint32_t last = rows[row], end, cr;
        struct rt_span *cells = rt_batch_row(batch, n);

        if (last - entry + 1 != t->ncols)
            break;
        end = st->scan.at[last];
        cr = end - without_cr(text, pos, end);
        for (uint32_t i = 0; i < t->nfed; i++) {
            uint32_t c = t->fed[i].column;

            cells[t->fed[i].slot] = field_between(
                text, before[c] + 1, before[c + 1] - (c + 1 == t->ncols ? cr : 0));
        }
        for (uint32_t i = 0; i < t->nabsent; i++)
            cells[t->absent[i]] = RT_SPAN_ABSENT;
        batch->rows[n] = (struct rt_row) { pos, end - cr - pos, line++ };
        n++;
        entry = last + 1;
        pos = end + 1;
    }
    st->entry = entry;
    st->row = row;
    st->pos = pos;
    st->line = line;
    tally->read += n - batch->nrows;
    batch->nrows = n;
}

/* A line without a quote that is blank, or has another number of fields. */
static int take_odd(struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally)
{
    struct state *st = cur->state;
    const char *text = cur->block.p;
    uint32_t last = st->scan.rows[st->row];
    uint32_t stop = without_cr(text, st->pos, st->scan.at[last]);
    struct rt_row row = { st->pos, stop - st->pos, st->line };
    struct record r = record_start(cur, batch);
    uint32_t from = st->pos;
    bool blank = last == st->entry && field_between(text, from, stop).n == 0;

    for (uint32_t i = st->entry; i <= last && !blank; i++) {
        record_add(&r, field_between(text, from, i == last ? stop : st->scan.at[i]));
        from = st->scan.at[i] + 1;
    }
    st->entry = last + 1;
    st->row++;
    st->pos = st->scan.at[last] + 1;
    st->line++;
    return blank ? RT_OK : record_end(&r, cur, batch, tally, &row);
}

/* ---- quoted: quotes where they belong */

/* A walk over the entries of one record. */
struct walk {
    const char *text;
    const uint32_t *at;
    uint32_t n;     /* entries there are */
    uint32_t i;     /* the entry at hand */
    uint32_t from;  /* where the field at hand begins */
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
        if (w->i + 1 >= w->n || w->at[w->i + 1] != close + 1
            || w->text[close + 1] != '"')
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

    if (w->text[w->at[w->i]] == '"' && is_blank(w->text[w->from]))
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
 * there are files in which every field is one. Three entries, and on to the next field. */
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
static int take_quoted(struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally)
{
    struct state *st = cur->state;
    const char *text = cur->block.p;
    struct walk w = { text, st->scan.at, st->scan.n, st->entry, st->pos,
        cur->decoder->delimiter };
    struct rt_row row = { st->pos, 0, st->line };
    struct record r = record_start(cur, batch);
    uint32_t end;
    int rc;

    if (!walk_record(&w, &r))
        return 0;
    if (r.no_memory)
        return RT_ENOMEM;
    end = st->scan.at[w.i];
    row.size = without_cr(text, st->pos, end) - st->pos;
    for (;; st->row++) { /* lines end inside the quotes too; a lone '\r' there ends none */
        uint32_t i = st->scan.rows[st->row] & ~RT_SCAN_QUOTED;

        st->line += i == w.i || text[st->scan.at[i]] == '\n';
        if (i == w.i)
            break;
    }
    st->row++;
    st->entry = w.i + 1;
    st->pos = end + 1;
    rc = record_end(&r, cur, batch, tally, &row);
    return rc < 0 ? rc : 1;
}

/* ---- libcsv */

/* Sets the index to the record that begins at st->pos; a line end stands before it. */
static void index_seek(struct state *st)
{
    if (st->pos >= st->scanned_to) {
        st->row = st->scan.nrows = 0;
        st->scanned_to = st->pos;
        return;
    }
    while (st->row < st->scan.nrows) {
        uint32_t i = st->scan.rows[st->row] & ~RT_SCAN_QUOTED;

        if (st->scan.at[i] >= st->pos)
            break;
        st->entry = i + 1;
        st->row++;
    }
}

/* Takes the next record by libcsv. Returns 1, 0 when it is left over, RT_ENOMEM. */
static int take_by_libcsv(
    struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally)
{
    struct state *st = cur->state;
    struct rt_row row = { st->pos, 0, st->line };
    struct place place;
    enum found found;
    int rc = RT_OK;

    st->record = record_start(cur, batch);
    found = parse_record(&st->parser, cur->block, cur->at_end, st->pos, &place);
    if (found == FOUND_NO_MEMORY || st->record.no_memory)
        return RT_ENOMEM;
    if (found == FOUND_OPEN)
        return 0;
    row.size = place.size;
    st->line += count_lines(cur->block, st->pos, place.end);
    st->pos = place.end;
    index_seek(st);
    if (found == FOUND_RECORD) {
        rc = record_end(&st->record, cur, batch, tally, &row);
    } else if (found != FOUND_BLANK) {
        tally->read++;
        rc = rt_tally_reject(tally,
            found == FOUND_TOO_LONG ? RT_REJECT_TOO_LONG : RT_REJECT_UNCLOSED_QUOTE, row.at,
            row.size, row.line);
    }
    return rc < 0 ? rc : 1;
}

/* ---- the cursor */

/* The index of what follows st->pos. False when it would hold no whole line: then the
 * record is larger than an index, or the last one without a line end. */
static bool index_more(struct rt_cursor *cur)
{
    struct state *st = cur->state;
    uint32_t n = (uint32_t)cur->block.n;
    uint32_t to = n - st->pos > RT_SCAN_BYTES ? st->pos + RT_SCAN_BYTES : n;

    if (st->scanned_to == n)
        return false;
    st->fill(cur->block, st->pos, to, cur->decoder->delimiter, &st->scan);
    st->scanned_to = to;
    st->entry = st->row = 0;
    return st->scan.nrows > 0;
}

/* One record that is not plain. Returns as take_by_libcsv. */
static int take_other(struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally)
{
    struct state *st = cur->state;
    int rc;

    if (!(st->scan.rows[st->row] & RT_SCAN_QUOTED)) {
        rc = take_odd(cur, batch, tally);
        return rc < 0 ? rc : 1;
    }
    /* in a stretch of stray quotes a walk would go to the index's end for each line */
    if (st->pos >= st->parser.open_until) {
        rc = take_quoted(cur, batch, tally);
        if (rc != 0)
            return rc;
    }
    return take_by_libcsv(cur, batch, tally);
}

static int csv_init_cursor(struct rt_cursor *cur)
{
    struct state *st = rt_calloc(1, sizeof *st);
    struct rt_scan_way ways[RT_SCAN_WAYS];

    if (!st)
        return RT_ENOMEM;
    if (rt_scan_init(&st->scan) < 0) {
        rt_free(st);
        return RT_ENOMEM;
    }
    rt_scan_ways(ways);
    st->fill = ways[0].fill;
    parser_init(&st->parser, cur->decoder->delimiter);
    st->parser.field = record_add_copy;
    st->parser.again = record_again;
    st->parser.to = &st->record;
    cur->state = st;
    return RT_OK;
}

static void csv_release_cursor(struct rt_cursor *cur)
{
    struct state *st = cur->state;

    if (!st)
        return;
    csv_free(&st->parser.csv);
    rt_scan_release(&st->scan);
    rt_free(st);
}

static void csv_start(struct rt_cursor *cur)
{
    struct state *st = cur->state;

    st->scan.n = st->scan.nrows = 0;
    st->scanned_to = st->entry = st->row = st->pos = st->line = 0;
    st->parser.open_until = 0;
}

static int csv_next(struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally)
{
    struct state *st = cur->state;
    const struct table *t = cur->decoder->own;
    int rc = 1;

    batch->nrows = 0;
    rt_arena_reset(&batch->scratch);
    while (rc > 0 && st->pos < cur->block.n && batch->nrows < RT_BATCH_ROWS) {
        if (st->row == st->scan.nrows && !index_more(cur)) {
            rc = take_by_libcsv(cur, batch, tally);
        } else if (is_plain(st, t)) {
            take_plain(cur, batch, tally);
        } else {
            rc = take_other(cur, batch, tally);
        }
        if (batch->scratch.total_bytes > SCRATCH_BYTES) {
            if (batch->nrows)
                break;
            rt_arena_reset(&batch->scratch);
        }
    }
    cur->consumed = st->pos;
    cur->lines = st->line;
    return rc < 0 ? rc : (int)batch->nrows;
}

/* ---- the header */

enum { SHOWN_BYTES = 400 }; /* of the columns' names in a message */

struct header {
    struct rt_arena *arena;
    struct rt_span *names; /* RT_FIELDS_MAX of them */
    size_t n;
    bool no_memory;
    size_t skip_bytes; /* to the first record */
    uint32_t skip_lines;
};

static void header_add(void *to, struct rt_span field)
{
    struct header *h = to;

    if (h->n < RT_FIELDS_MAX) {
        h->names[h->n] = rt_arena_copy(h->arena, field);
        if (!h->names[h->n].p)
            h->no_memory = true;
    }
    h->n++;
}

static void header_again(void *to)
{
    ((struct header *)to)->n = 0;
}

static size_t byte_order_mark(struct rt_span text)
{
    return rt_span_starts(text, RT_SPAN("\xef\xbb\xbf")) ? 3 : 0;
}

/* Why the first record cannot be read. */
static int no_first_record(
    enum found found, uint32_t lines, const char *name, struct rt_err *err)
{
    if (found == FOUND_NO_MEMORY)
        return rt_err_at(err, RT_ENOMEM, name, 0, 0, "out of memory");
    if (found == FOUND_UNCLOSED)
        return rt_err_at(err, RT_EIO, name, lines + 1, 0, "quote never closed");
    return rt_err_at(err, RT_EIO, name, lines + 1, 0,
        "the first record does not end: is this CSV, and are its quotes closed?");
}

/* Reads the first record that is no blank line; h->n is 0 when there is none. */
static int read_first_record(struct parser *p, struct rt_span text, bool all,
    struct header *h, const char *name, struct rt_err *err)
{
    uint32_t at = (uint32_t)byte_order_mark(text);
    enum found found = FOUND_BLANK;

    while (found == FOUND_BLANK && at < text.n) {
        struct place place;

        found = parse_record(p, text, all, at, &place);
        if (h->no_memory)
            found = FOUND_NO_MEMORY;
        if (found != FOUND_BLANK && found != FOUND_RECORD)
            return no_first_record(found, h->skip_lines, name, err);
        h->skip_lines += count_lines(text, at, place.end);
        at = place.end;
    }
    if (found == FOUND_BLANK && !all)
        return rt_err_at(err, RT_EIO, name, 0, 0, "it begins with %zu bytes of blank lines",
            text.n);
    if (h->n > RT_FIELDS_MAX)
        return rt_err_at(err, RT_EIO, name, h->skip_lines, 0,
            "%zu columns: more than the %d that are allowed", h->n, (int)RT_FIELDS_MAX);
    h->skip_bytes = at;
    return RT_OK;
}

static int read_header(struct rt_span text, bool all, char delimiter,
    struct rt_arena *arena, struct header *h, const char *name, struct rt_err *err)
{
    struct parser p = { .field = header_add, .again = header_again, .to = h };
    int rc;

    *h = (struct header) { .arena = arena };
    h->names = rt_arena_new(arena, RT_FIELDS_MAX, sizeof *h->names);
    if (!h->names)
        return rt_err_at(err, RT_ENOMEM, name, 0, 0, "out of memory");
    if (text.n > UINT32_MAX)
        text.n = UINT32_MAX;
    parser_init(&p, delimiter);
    rc = read_first_record(&p, text, all, h, name, err);
    csv_free(&p.csv);
    return rc;
}

/* ---- headers that are none */

/* An e-mail address, a number or a time: what stands in data and in no header. Judged by
 * its characters alone. */
static bool looks_like_value(struct rt_span cell)
{
    struct rt_span s = rt_span_trim(cell);
    const char *sign = s.n ? memchr(s.p, '@', s.n) : NULL;
    size_t i = 0;

    if (sign && sign > s.p)
        return memchr(sign, '.', (size_t)(s.p + s.n - sign)) != NULL;
    if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
        i++;
    if (i == s.n || s.p[i] < '0' || s.p[i] > '9')
        return false;
    while (i < s.n && memchr("0123456789.,:+-/ TZ", s.p[i], 19))
        i++;
    return i == s.n || rt_span_eq((struct rt_span) { s.p + i, s.n - i }, RT_SPAN("UTC"));
}

static bool is_in(const char *const *list, struct rt_span name)
{
    for (; *list; list++)
        if (rt_span_eq(name, rt_span_of(*list)))
            return true;
    return false;
}

/* A name of ours, or one that is well known. 64 bytes are more than the longest has. */
static bool is_known_name(struct rt_span cell, bool contacts)
{
    char compared[64];
    struct rt_span name = { compared, 0 };

    if (cell.n > sizeof compared)
        return false;
    name.n = rt_fields_compared(cell, compared);
    return is_in(rt_fields_canonical(), name) || is_in(rt_fields_contact(), name)
        || rt_fields_known(name, contacts) != NULL;
}

static bool is_mapped_name(struct rt_span cell, const struct rt_source *source)
{
    for (size_t i = 0; i < source->nfields; i++)
        if (rt_span_eq_nocase(rt_span_trim(cell), source->fields[i].column))
            return true;
    return false;
}

/* The first row has values, and no name that anybody knows. */
static bool looks_like_data(const struct header *h, const struct rt_source *source)
{
    bool values = false;

    for (size_t i = 0; i < h->n; i++) {
        if (is_known_name(h->names[i], source->contacts)
            || is_mapped_name(h->names[i], source))
            return false;
        values = values || looks_like_value(h->names[i]);
    }
    return values;
}

/* ---- columns */

static int assign_columns(const struct rt_source *source, struct header *h,
    const char *name, struct rt_arena *arena, struct rt_column **columns, struct rt_err *err)
{
    if (!source->no_header && looks_like_data(h, source))
        return rt_err_at(err, RT_EIO, name, h->skip_lines, 0,
            "the first row looks like data, not like a header: say \"header\": false in "
            "the source, and name the columns by number in \"fields\"");
    *columns = rt_arena_new(arena, h->n + 1, sizeof **columns);
    if (!*columns)
        return rt_err_at(err, RT_ENOMEM, name, 0, 0, "out of memory");
    if (h->n == 0) /* an empty input lacks no column */
        return RT_OK;
    return rt_fields_assign(source->no_header ? NULL : h->names, h->n, source->fields,
        source->nfields, source->no_header, source->contacts, arena, *columns, name, err);
}

/* Reads the header and decides what its columns feed. */
static int read_columns(const struct rt_source *source, char delimiter, const char *name,
    struct rt_span head, bool all, struct rt_arena *arena, struct header *h,
    struct rt_column **columns, struct rt_err *err)
{
    int rc = read_header(head, all, delimiter, arena, h, name, err);

    if (rc == RT_OK)
        rc = assign_columns(source, h, name, arena, columns, err);
    if (source->no_header) { /* the first record is a record */
        h->skip_bytes = byte_order_mark(head);
        h->skip_lines = 0;
    }
    return rc;
}

int rt_csv_columns(const struct rt_source *source, enum rt_format format, char delimiter,
    const char *name, struct rt_span head, bool all, struct rt_arena *arena,
    struct rt_column **columns, size_t *n, struct rt_err *err)
{
    struct header h;
    int rc = read_columns(source, delimiter, name, head, all, arena, &h, columns, err);

    (void)format;
    *n = rc == RT_OK ? h.n : 0;
    return rc;
}

/* Names have no digits in rows and no mail addresses in them. One that has may be a value
 * of a file without header, and is not for showing. */
static bool may_be_shown(struct rt_span name)
{
    size_t ndigits = 0;

    for (size_t i = 0; i < name.n; i++)
        ndigits += name.p[i] >= '0' && name.p[i] <= '9';
    return ndigits <= 4 && !memchr(name.p, '@', name.n) && !looks_like_value(name);
}

static bool may_all_be_shown(const struct header *h)
{
    for (size_t i = 0; i < h->n; i++)
        if (h->names[i].n && !may_be_shown(h->names[i]))
            return false;
    return true;
}

/* The names of the columns, as many as a message can hold, for a person. */
static void list_names(const struct header *h, char out[SHOWN_BYTES + 8])
{
    size_t n = 0;

    for (size_t i = 0; i < h->n; i++) {
        struct rt_span name = rt_span_trim(h->names[i]);

        if (n + name.n + 2 > SHOWN_BYTES) {
            memcpy(out + n, i ? ", ..." : "...", i ? 5 : 3);
            n += i ? 5 : 3;
            break;
        }
        if (i) {
            memcpy(out + n, ", ", 2);
            n += 2;
        }
        for (size_t k = 0; k < name.n; k++)
            out[n++] = (unsigned char)name.p[k] < ' ' ? '?' : name.p[k];
    }
    out[n] = '\0';
}

static int no_time_column(const struct rt_source *source, const struct header *h,
    const char *name, struct rt_err *err)
{
    char names[SHOWN_BYTES + 8];

    if (source->no_header)
        return rt_err_at(err, RT_EIO, name, 0, 0,
            "no column is named as the time: name it in sources[].fields: \"time\": \"1\" "
            "is the first of %zu",
            h->n);
    if (!may_all_be_shown(h))
        return rt_err_at(err, RT_EIO, name, h->skip_lines, 0,
            "no column for the time: name it in sources[].fields: \"time\": \"...\"; or say "
            "\"header\": false if the first row is data");
    list_names(h, names);
    return rt_err_at(err, RT_EIO, name, h->skip_lines, 0,
        "no column for the time among: %s; name it in sources[].fields: \"time\": \"...\"",
        names);
}

/* Format, delimiter, and what each column feeds. */
static uint64_t layout_of(const struct rt_decoder *d)
{
    char dialect[2] = { (char)d->format, d->delimiter };
    uint64_t layout = rt_hash64((struct rt_span) { dialect, 2 }, 0);

    for (size_t i = 0; i < d->ncolumns; i++)
        layout = rt_hash64(d->columns[i].field, layout);
    return layout;
}

static int csv_open(struct rt_decoder *d, const char *name, struct rt_span head, bool all,
    struct rt_err *err)
{
    struct header h;
    int rc = read_columns(
        d->source, d->delimiter, name, head, all, &d->arena, &h, &d->columns, err);

    if (rc < 0)
        return rc;
    d->ncolumns = h.n;
    d->skip_bytes = h.skip_bytes;
    d->skip_lines = h.skip_lines;
    d->layout = layout_of(d);
    rc = table_new(d, err, name);
    if (rc == RT_OK && h.n && !d->source->contacts && !d->has[RT_SLOT_TIME])
        rc = no_time_column(d->source, &h, name, err);
    return rc;
}

const struct rt_decoder_kind rt_decode_csv = {
    .open = csv_open,
    .init = csv_init_cursor,
    .release = csv_release_cursor,
    .start = csv_start,
    .next = csv_next,
};

/* ---- recognition */

enum { LOOK_BYTES = 64 * 1024, LOOK_RECORDS = 200 };

/* What the first records come to with one delimiter. */
struct sample {
    uint32_t header;  /* fields of the first record */
    uint32_t records; /* further ones, */
    uint32_t fitting; /* and those of them that would be no rejects */
    bool known;       /* the header has a name that is known */
    bool control;     /* the header has control characters */
    uint32_t nfields, nfull; /* of the record at hand: fields, and up to the last full one */
};

static void sample_field(void *p, size_t n, void *data)
{
    struct sample *s = data;
    struct rt_span field = { n ? p : "", n };

    s->nfields++;
    if (rt_span_trim(field).n)
        s->nfull = s->nfields;
    if (s->header)
        return;
    s->known = s->known || is_known_name(field, false);
    for (size_t i = 0; i < n; i++)
        s->control = s->control || ((unsigned char)field.p[i] < ' ' && !is_blank(field.p[i])
            && field.p[i] != '\n' && field.p[i] != '\r');
}

static void sample_record(int c, void *data)
{
    struct sample *s = data;

    (void)c;
    if (!s->header) {
        s->header = s->nfields;
    } else if (s->records < LOOK_RECORDS) {
        s->records++;
        s->fitting += s->nfields >= s->header && s->nfull <= s->header;
    }
    s->nfields = s->nfull = 0;
}

static struct sample sample_with(char delimiter, struct rt_span text, bool all)
{
    struct parser p = { .to = NULL };
    struct sample s = { 0 };

    parser_init(&p, delimiter);
    csv_parse(&p.csv, text.p, text.n, sample_field, sample_record, &s);
    if (all)
        csv_fini(&p.csv, sample_field, sample_record, &s);
    csv_free(&p.csv);
    return s;
}

/* 0 to 100: the square of the share of fitting records, since a file of which a third
 * would be rejected is hardly CSV. */
static int sureness(const struct sample *s)
{
    int sure, known = s->known ? 10 : 0;

    if (s->header < 2 || s->control)
        return 0;
    if (s->records == 0)
        return s->known ? 80 : 30;
    sure = (int)(85.0 * s->fitting / s->records * s->fitting / s->records);
    return sure > 40 ? sure + known : sure;
}

int rt_look_csv(struct rt_span head, bool all, char *delimiter)
{
    static const char delimiters[] = { ',', ';', '\t', '|' };
    struct rt_span text = { head.p, head.n };
    uint32_t columns = 0;
    int best = 0;

    *delimiter = '\0';
    if (text.n) {
        text.p += byte_order_mark(head);
        text.n -= byte_order_mark(head);
    }
    if (text.n > LOOK_BYTES) {
        text.n = LOOK_BYTES;
        all = false;
    }
    if (text.n == 0 || *text.p == '{' || *text.p == '[')
        return 0;
    for (size_t i = 0; i < sizeof delimiters; i++) {
        struct sample s = sample_with(delimiters[i], text, all);
        int sure = sureness(&s);

        if (sure > best + 5 || (sure > 0 && sure >= best - 5 && s.header > columns)) {
            best = sure;
            columns = s.header;
            *delimiter = delimiters[i];
        }
    }
    return best;
}

/* ---- cells.h: every cell, for lists of ids */

enum { CELL_MAX_BYTES = 1 << 20 };

struct rt_cells {
    struct csv_parser csv;
    rt_cells_visit *visit;
    void *ctx;
    int rc; /* what visit returned */
};

static void on_cell(void *p, size_t n, void *data)
{
    struct rt_cells *cells = data;

    if (cells->rc == RT_OK)
        cells->rc = cells->visit(cells->ctx, (struct rt_span) { n ? p : "", n });
}

int rt_cells_new(char delimiter, rt_cells_visit *visit, void *ctx, struct rt_cells **out)
{
    struct rt_cells *cells = rt_calloc(1, sizeof *cells);

    if (!cells)
        return RT_ENOMEM;
    cells->visit = visit;
    cells->ctx = ctx;
    csv_init(&cells->csv, 0);
    csv_set_delim(&cells->csv, (unsigned char)delimiter);
    csv_set_realloc_func(&cells->csv, parser_realloc);
    csv_set_free_func(&cells->csv, rt_free);
    *out = cells;
    return RT_OK;
}

void rt_cells_free(struct rt_cells *cells)
{
    if (!cells)
        return;
    csv_free(&cells->csv);
    rt_free(cells);
}

static int cells_result(struct rt_cells *cells, bool all_taken)
{
    if (cells->rc < 0)
        return cells->rc;
    if (!all_taken && csv_error(&cells->csv) == CSV_ENOMEM)
        return RT_ENOMEM;
    return all_taken && csv_get_buffer_size(&cells->csv) <= CELL_MAX_BYTES ? RT_OK
                                                                           : RT_ESYNTAX;
}

int rt_cells_feed(struct rt_cells *cells, struct rt_span bytes)
{
    return cells_result(cells,
        csv_parse(&cells->csv, bytes.p, bytes.n, on_cell, NULL, cells) == bytes.n);
}

int rt_cells_end(struct rt_cells *cells)
{
    csv_set_opts(&cells->csv, CSV_STRICT | CSV_STRICT_FINI);
    return cells_result(cells, csv_fini(&cells->csv, on_cell, NULL, cells) == 0);
}
