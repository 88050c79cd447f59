/* The bytes read and not yet given out stand in one buffer; a row that does not end in it
 * makes it longer, up to the limit of a row. */
#include "run/csv_rows.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "io/input.h"

enum { READ_BYTES = 1 << 18, LINE_PEEKED = 1 << 16 };

struct rt_csv_rows {
    struct rt_input *in;
    struct rt_buf buf;
    size_t at; /* of the next row in buf */
    uint64_t line, bytes;
    char separator;
    bool at_end, begun, had_mark;
    struct rt_buf unquoted; /* cells that had doubled quotes */
    struct rt_span cells[RT_CSV_CELLS_MAX];
};

static int no_memory(struct rt_err *err)
{
    return rt_err_set(err, RT_ENOMEM, "out of memory");
}

int rt_csv_rows_open(const char *path, struct rt_csv_rows **out, struct rt_err *err)
{
    struct rt_csv_rows *r = rt_calloc(1, sizeof *r);
    int rc;

    if (!r)
        return no_memory(err);
    r->buf = r->unquoted = (struct rt_buf)RT_BUF_INIT(8 * RT_CSV_ROW_MAX);
    r->separator = ',';
    r->line = 1;
    rc = rt_input_open(path, &r->in, err);
    if (rc < 0) {
        rt_csv_rows_close(r);
        return rc;
    }
    *out = r;
    return RT_OK;
}

void rt_csv_rows_close(struct rt_csv_rows *r)
{
    if (!r)
        return;
    rt_input_close(r->in);
    rt_buf_release(&r->buf);
    rt_buf_release(&r->unquoted);
    rt_free(r);
}

void rt_csv_rows_separator(struct rt_csv_rows *r, char separator)
{
    r->separator = separator;
}

bool rt_csv_rows_had_mark(const struct rt_csv_rows *r)
{
    return r->had_mark;
}

uint64_t rt_csv_rows_bytes(const struct rt_csv_rows *r)
{
    return r->bytes;
}

enum rt_packing rt_csv_rows_packing(const struct rt_csv_rows *r)
{
    return rt_input_packing(r->in);
}

/* Reads more behind what is there. */
static int read_more(struct rt_csv_rows *r, struct rt_err *err)
{
    long got;

    if (r->at) {
        memmove(r->buf.p, r->buf.p + r->at, r->buf.n - r->at);
        r->buf.n -= r->at;
        r->at = 0;
    }
    if (rt_buf_reserve(&r->buf, READ_BYTES) < 0)
        return no_memory(err);
    got = rt_input_read(r->in, r->buf.p + r->buf.n, READ_BYTES, err);
    if (got < 0)
        return (int)got;
    r->buf.n += (size_t)got;
    r->bytes += (uint64_t)got;
    r->at_end = got == 0;
    return RT_OK;
}

static int begin(struct rt_csv_rows *r, struct rt_err *err)
{
    int rc = RT_OK;

    if (r->begun)
        return RT_OK;
    r->begun = true;
    while (rc == RT_OK && !r->at_end && r->buf.n < LINE_PEEKED)
        rc = read_more(r, err);
    r->had_mark = r->buf.n >= 3 && memcmp(r->buf.p, "\xEF\xBB\xBF", 3) == 0;
    r->at = r->had_mark ? 3 : 0;
    return rc;
}

int rt_csv_rows_peek(struct rt_csv_rows *r, struct rt_span *line, struct rt_err *err)
{
    int rc = begin(r, err);
    size_t n = 0, room = r->buf.n - r->at;

    if (room > LINE_PEEKED)
        room = LINE_PEEKED;
    while (n < room && r->buf.p[r->at + n] != '\n' && r->buf.p[r->at + n] != '\r')
        n++;
    *line = (struct rt_span) { r->buf.p ? r->buf.p + r->at : "", n };
    return rc;
}

/* Where a row ends, from the buffer's place on. */
struct extent {
    size_t n, end_bytes; /* of the text, and of the line end behind it */
    uint64_t newlines;   /* inside quotes */
    enum rt_csv_end end;
    bool complete, quoted, stray, open; /* open: a quote is */
};

/* Line ends are those outside quotes; a quote opens a cell only as its first byte. */
static struct extent measure(const struct rt_csv_rows *r, bool quotes)
{
    const char *p = r->buf.p + r->at;
    size_t n = r->buf.n - r->at, i = 0;
    struct extent e = { .end = RT_CSV_END_NONE };
    bool first = true, closed = false;

    for (; i < n; i++) {
        char c = p[i];

        if (e.open) {
            if (c == '\n')
                e.newlines++;
            if (c != '"')
                continue;
            if (i + 1 < n && p[i + 1] == '"') {
                i++;
                continue;
            }
            e.open = false;
            closed = true;
            continue;
        }
        if (c == '\n' || c == '\r')
            break;
        if (c == r->separator && c) {
            first = true;
            closed = false;
            continue;
        }
        if (c == '"' && quotes && first)
            e.open = e.quoted = true;
        else
            e.stray |= c == '"' || closed;
        first = false;
    }
    e.n = i;
    if (i < n) {
        bool two = p[i] == '\r' && i + 1 < n && p[i + 1] == '\n';

        e.end_bytes = two ? 2 : 1;
        e.end = two ? RT_CSV_END_CRLF : p[i] == '\n' ? RT_CSV_END_LF : RT_CSV_END_CR;
    }
    /* behind a '\r' or a '"' that is last, what it is stands in the bytes to come */
    e.complete = r->at_end || (i < n && i + e.end_bytes < n);
    return e;
}

static int add_cell(
    struct rt_csv_rows *r, struct rt_csv_row *row, struct rt_span raw, size_t *used)
{
    if (row->ncells == RT_CSV_CELLS_MAX)
        return RT_OK; /* more than any header has: the count says that it is wrong */
    if (raw.n >= 2 && raw.p[0] == '"' && raw.p[raw.n - 1] == '"') {
        char *out = r->unquoted.p + *used;
        size_t n = 0;

        for (size_t i = 1; i + 1 < raw.n; i++) {
            out[n++] = raw.p[i];
            i += raw.p[i] == '"' && i + 2 < raw.n && raw.p[i + 1] == '"';
        }
        *used += n;
        raw = (struct rt_span) { out, n };
    }
    r->cells[row->ncells++] = raw;
    return RT_OK;
}

/* Cuts the text of a row into cells. */
static int cut(struct rt_csv_rows *r, struct rt_csv_row *row)
{
    const char *p = row->text.p;
    size_t from = 0, used = 0;
    bool open = false, first = true;

    rt_buf_reset(&r->unquoted);
    if (rt_buf_reserve(&r->unquoted, row->text.n) < 0)
        return RT_ENOMEM;
    for (size_t i = 0; i <= row->text.n; i++) {
        if (i == row->text.n || (!open && r->separator && p[i] == r->separator)) {
            add_cell(r, row, (struct rt_span) { p + from, i - from }, &used);
            from = i + 1;
            first = true;
            continue;
        }
        if (p[i] == '"' && (open || first) && !row->unclosed)
            open = !open; /* a doubled one closes and opens again */
        first = false;
    }
    return RT_OK;
}

int rt_csv_rows_next(struct rt_csv_rows *r, struct rt_csv_row *row, struct rt_err *err)
{
    struct extent e = { .n = 0 };
    int rc = begin(r, err);

    while (rc == RT_OK) {
        e = measure(r, true);
        if (e.complete || r->buf.n - r->at > RT_CSV_ROW_MAX)
            break;
        rc = read_more(r, err);
    }
    if (rc < 0)
        return rc;
    if (r->at == r->buf.n)
        return 0;
    *row = (struct rt_csv_row) { .line = r->line, .cells = r->cells };
    if (e.open) { /* the quote costs its line, not the rest of the file */
        e = measure(r, false);
        row->unclosed = true;
    }
    row->too_long = e.n > RT_CSV_ROW_MAX;
    row->text = (struct rt_span) { r->buf.p + r->at, e.n };
    row->end = e.end;
    row->stray_quote = e.stray && !row->unclosed;
    r->line += e.newlines * !row->unclosed + (e.end != RT_CSV_END_NONE);
    r->at += e.n + e.end_bytes;
    if (e.n && cut(r, row) < 0)
        return no_memory(err);
    return 1;
}
