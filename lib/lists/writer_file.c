/*
 * Lists as files: what stands before the rows, the rows, and where a part ends.
 *
 * Rows are kept at full width, for which repeats are needed is known only at the end.
 * Leaving out a column that is blank in every row does not change their order: two rows
 * differ in some cell, and what follows that cell is a comma before and after.
 *
 * One walk over the rows writes up to 64 lists: as many as a sink set keeps open.
 */
#include "lists/writer_parts.h"

#include "base/alloc.h"
#include "base/workers.h"
#include "lists/csvcell.h"

enum {
    GROUP = 64, /* lists that are written in one walk */
    /* Of a list, gathered before they go out: a sink hands so much on as it is. */
    WRITE_BYTES = 64 << 10,
    FULL_BYTES = WRITE_BYTES + (8 << 10), /* room for these and a usual row */
    AHEAD = 12,                           /* rows, of fetching into the cache */
    LINE_BYTES = 64,      /* of it: a row with a digest stands in two lines */
    SHARE_FROM = 1 << 10, /* rows; fewer are written by one thread */
    FIXED_MAX = 1 << 20   /* bytes of all that stands before the rows */
};

/* One list while it is written. */
struct output {
    const struct rt_put *put; /* NULL: only counted */
    const struct rt_sheet *sheet;
    uint32_t number; /* of the list */
    struct rt_buf buf;
    uint64_t rows, bytes;
    /* Fixed text, {list} put in. */
    struct rt_buf head, before, after;
    size_t frame; /* bytes before and after a row */
    /* Repeats. */
    uint32_t ncolumns;
    uint32_t nnarrow; /* columns up to the last of which repeats are left out */
    uint32_t nleft_out;
    size_t shown[RT_COLUMNS_MAX];
    struct rt_buf blank; /* the end of a row that is blank but for its first cell */
    /* The part at hand. */
    uint32_t part;                  /* from 1 */
    uint64_t part_first;            /* rows before it */
    uint64_t rows_full, bytes_full; /* of all parts, at which this one is */
};

static int flush(struct output *out)
{
    int rc = RT_OK;

    if (out->put && out->buf.n)
        rc = out->put->put(out->put->ctx, rt_buf_span(&out->buf));
    rt_buf_reset(&out->buf);
    return rc;
}

/* ---- what stands before the rows */

static struct rt_span name_of(const struct output *out)
{
    const struct rt_span *names = out->sheet->options.names;

    return names && names[out->number].p ? names[out->number] : RT_SPAN("list");
}

static int add_fixed(const struct output *out, const char *text, struct rt_buf *buf)
{
    return rt_platform_add_fixed(out->sheet->platform, text, name_of(out), buf);
}

static int add_contact_titles(const struct rt_sheet *sheet, struct rt_buf *buf)
{
    const struct rt_sheet_options *o = &sheet->options;
    int rc = rt_buf_adds(buf, "key");

    if (rc == RT_OK && !rt_rows_have_email(o->columns, o->ncolumns))
        rc = rt_buf_adds(buf, ",email");
    for (uint32_t i = 0; i < o->ncolumns && rc == RT_OK; i++) {
        const char *prefix = rt_rows_name_prefix(&o->columns[i], o->max_products > 0);

        rc = rt_buf_addc(buf, ',');
        if (rc == RT_OK)
            rc = rt_buf_adds(buf, prefix);
        if (rc == RT_OK)
            rc = rt_csv_add(buf, o->columns[i].name);
    }
    return rc == RT_OK && o->max_products ? rt_buf_adds(buf, ",products") : rc;
}

static int add_titles(const struct output *out, struct rt_buf *buf)
{
    const struct rt_platform *p = out->sheet->platform;
    int rc = RT_OK;

    for (uint32_t c = 0; c < out->ncolumns; c++)
        for (size_t k = 0; k < out->shown[c] && rc == RT_OK; k++) {
            if (c + k)
                rc = rt_buf_addc(buf, ',');
            if (rc == RT_OK)
                rc = rt_buf_adds(buf, p->columns[c].title);
        }
    return rc;
}

static int make_head(struct output *out)
{
    const struct rt_platform *p = out->sheet->platform;
    struct rt_buf *head = &out->head;
    int rc = RT_OK;

    for (size_t i = 0; p->preamble && p->preamble[i] && rc == RT_OK; i++) {
        rc = add_fixed(out, p->preamble[i], head);
        if (rc == RT_OK)
            rc = rt_buf_addc(head, '\n');
    }
    if (rc == RT_OK && p->header) {
        rc = p->kind == RT_ROWS_CONTACT ? add_contact_titles(out->sheet, head)
                                        : add_titles(out, head);
        if (rc == RT_OK)
            rc = rt_buf_addc(head, '\n');
    }
    if (rc == RT_OK && p->before)
        rc = add_fixed(out, p->before, &out->before);
    if (rc == RT_OK && p->after)
        rc = add_fixed(out, p->after, &out->after);
    return rc;
}

/* How many of a column's repeats the file has. */
static size_t shown(const struct output *out, uint32_t column)
{
    const struct rt_platform *p = out->sheet->platform;
    uint8_t many = p->columns[column].many, used;

    if (!many)
        return 1;
    if (!p->drop_unused)
        return many;
    used = out->sheet->lists[out->number].used[column];
    return used ? used : 1;
}

/* Which repeats are left out, and how a row of one cell ends. */
static int find_narrow(struct output *out)
{
    const struct rt_platform *p = out->sheet->platform;
    size_t ncells = 0;
    int rc = RT_OK;

    out->ncolumns =
        rt_platform_columns(p, out->sheet->options.columns, out->sheet->options.ncolumns);
    for (uint32_t c = 0; c < out->ncolumns; c++) {
        out->shown[c] = shown(out, c);
        ncells += p->columns[c].many ? p->columns[c].many : 1;
        if (out->shown[c] >= p->columns[c].many)
            continue;
        out->nnarrow = c + 1;
        out->nleft_out += p->columns[c].many - (uint32_t)out->shown[c];
    }
    for (size_t i = 1; i < ncells && rc == RT_OK; i++)
        rc = rt_buf_addc(&out->blank, ',');
    return rc == RT_OK ? rt_buf_addc(&out->blank, '\n') : rc;
}

/* ---- rows */

/* Appends n bytes that there is room for. */
static void append(struct rt_buf *buf, const char *bytes, size_t n)
{
    rt_copy_row(buf->p + buf->n, bytes, n);
    buf->n += n;
}

/* Whether only the first cell has something: then there is nothing but commas behind it. */
static bool is_one_cell(const struct output *out, struct rt_span row)
{
    size_t n = out->blank.n;

    return row.n > n && row.p[row.n - n] == ','
        && rt_span_eq(
            (struct rt_span) { row.p + row.n - n, n }, rt_buf_span(&out->blank));
}

/* Adds a row without the repeats that are left out, which are blank. What follows the
 * last column that repeats goes as it is. */
static void add_narrow(struct output *out, struct rt_span row)
{
    const struct rt_platform *p = out->sheet->platform;
    const char *at = row.p, *end = row.p + row.n;
    struct rt_buf *buf = &out->buf;

    if (is_one_cell(out, row)) { /* as rows of an address alone are */
        append(buf, row.p, row.n - out->blank.n);
        append(buf, out->blank.p + out->nleft_out, out->blank.n - out->nleft_out);
        return;
    }
    for (uint32_t c = 0; c < out->nnarrow; c++) {
        size_t width = p->columns[c].many ? p->columns[c].many : 1;

        for (size_t k = 0; k < width; k++) {
            const char *stop = rt_csv_cell_end(at, end);

            stop += stop < end; /* the comma belongs to its cell */
            if (k < out->shown[c])
                append(buf, at, (size_t)(stop - at));
            at = stop;
        }
    }
    if (at < end)
        append(buf, at, (size_t)(end - at));
    else if (buf->p[buf->n - 1] == ',') /* the line end went with the last cell */
        buf->p[buf->n - 1] = '\n';
}

/* Bytes of a row as it is written: a cell that is left out takes its comma along. */
static uint64_t row_bytes(const struct output *out, uint64_t n)
{
    return n + out->frame - out->nleft_out;
}

static void add_row(struct output *out, struct rt_span row)
{
    struct rt_buf *buf = &out->buf;

    if (out->nnarrow) {
        add_narrow(out, row);
    } else if (out->frame == 0) {
        append(buf, row.p, row.n);
    } else {
        append(buf, rt_buf_span(&out->before).p, out->before.n);
        append(buf, row.p, row.n - 1);
        append(buf, rt_buf_span(&out->after).p, out->after.n);
        append(buf, "\n", 1);
    }
}

/* ---- parts */

/* Where a part that begins at `from` ends. max: 0: nowhere. */
static uint64_t full_at(const struct output *out, uint64_t from, uint64_t max)
{
    uint64_t at;

    if (max == 0 || out->sheet->options.whole || __builtin_add_overflow(from, max, &at))
        return UINT64_MAX;
    return at;
}

static int begin_part(struct output *out)
{
    const struct rt_platform *p = out->sheet->platform;
    int rc = flush(out);

    out->part++;
    out->part_first = out->rows;
    out->rows_full = full_at(out, out->rows, p->max_rows);
    out->bytes_full = full_at(out, out->bytes, p->max_bytes);
    out->bytes += out->head.n;
    if (rc < 0 || !out->put)
        return rc;
    if (out->put->part)
        rc = out->put->part(out->put->ctx, out->part);
    return rc == RT_OK ? rt_buf_add(&out->buf, rt_buf_span(&out->head).p, out->head.n)
                       : rc;
}

/* Whether a row of n bytes is too much for the part. One row is always taken: a part
 * without any would not get further. */
static bool is_full(const struct output *out, uint64_t n)
{
    return (out->rows >= out->rows_full || out->bytes + n > out->bytes_full)
        && out->rows > out->part_first;
}

static int put_row(struct output *out, struct rt_span row)
{
    uint64_t n = row_bytes(out, row.n);
    int rc = is_full(out, n) ? begin_part(out) : RT_OK;

    out->rows++;
    out->bytes += n;
    if (rc < 0 || !out->put)
        return rc;
    if (out->buf.cap - out->buf.n < n)
        rc = rt_buf_reserve(&out->buf, n);
    if (rc < 0)
        return rc;
    add_row(out, row);
    return out->buf.n >= WRITE_BYTES ? flush(out) : RT_OK;
}

/* ---- the rows of a group of lists */

struct group {
    const struct rt_sheet *sheet;
    uint32_t first, n;             /* lists; first is a multiple of 8 */
    unsigned char mine[GROUP / 8]; /* bits of those that are written here */
    struct output outputs[GROUP];
};

static int put_on_lists(struct group *g, struct rt_span row)
{
    const unsigned char *on = rt_entry_on(g->sheet, row.p) + g->first / 8;
    uint32_t nbytes = (g->n + 7) / 8;

    for (uint32_t i = 0; i < nbytes; i++)
        for (unsigned lists = on[i] & g->mine[i]; lists; lists &= lists - 1) {
            int rc = put_row(&g->outputs[8 * i + (unsigned)__builtin_ctz(lists)], row);

            if (rc < 0)
                return rc;
        }
    return RT_OK;
}

/* The common case: all rows are in memory, in order. */
static int put_refs(struct group *g)
{
    const struct rt_rowref *refs = rt_sheet_refs(g->sheet);
    int rc = RT_OK;

    for (size_t i = 0; i < g->sheet->refs.n && rc == RT_OK; i++) {
        if (i + AHEAD < g->sheet->refs.n) { /* rows lie where they were added */
            __builtin_prefetch(refs[i + AHEAD].p - rt_entry_head(g->sheet));
            __builtin_prefetch(refs[i + AHEAD].p + LINE_BYTES);
        }
        rc = put_on_lists(g, rt_rowref_span(&refs[i]));
    }
    return rc;
}

static int put_merged(struct group *g, struct rt_list_stats *stats, struct rt_err *err)
{
    struct rt_span row = RT_SPAN_ABSENT;
    struct rt_merger m;
    int rc = rt_merger_open(&m, g->sheet, 0, g->sheet->runs.n, true);

    if (rc == RT_OK)
        rc = rt_merger_start(&m, err);
    while (rc == RT_OK) {
        rc = rt_merger_next(&m, &row, err);
        if (rc < 0 || !row.p)
            break;
        rc = put_on_lists(g, row);
    }
    for (uint32_t i = 0; stats && rc == RT_OK && i < g->n; i++)
        stats[g->first + i].repeats += m.repeats[g->first + i].rows;
    rt_merger_close(&m);
    return rc;
}

/* ---- the whole */

static void begin_stats(const struct rt_sheet *sheet, struct rt_list_stats *stats)
{
    for (uint32_t i = 0; i < sheet->nlists; i++) {
        stats[i] = (struct rt_list_stats) { .added = sheet->added[i].people,
            .without_identifier = sheet->added[i].without_identifier,
            .repeats = sheet->repeats[i].rows,
            .dropped = sheet->lists[i].dropped };
    }
}

static void end_stats(const struct output *out, struct rt_list_stats *stats)
{
    stats->size = (struct rt_list_size) { .rows = out->rows,
        .bytes = out->bytes,
        .people = stats->added - stats->without_identifier,
        .parts = out->part };
}

static int prepare(struct rt_sheet *sheet, struct rt_err *err)
{
    if (rt_sheet_sort(sheet, sheet->options.jobs) < 0)
        return rt_sheet_no_memory(err);
    while (sheet->runs.n > RT_SHEET_FAN_IN) {
        int rc = rt_merge_first_runs(sheet, err);

        if (rc < 0)
            return rc;
    }
    return RT_OK;
}

/* What a list amounts to when all of it is in memory: rows were counted as they came. */
static struct rt_row_count whole_of(const struct output *out)
{
    const struct rt_row_count *added = &out->sheet->added[out->number].rows;
    const struct rt_row_count *repeats = &out->sheet->repeats[out->number];
    uint64_t rows = added->rows - repeats->rows;
    uint64_t bytes = added->bytes - repeats->bytes + rows * out->frame;

    return (struct rt_row_count) { rows, out->bytes + bytes - rows * out->nleft_out };
}

/* Counts the lists without a walk, unless some rows are on disk, where more repeats may be
 * found, or do not fit in one part. */
static bool count_whole(struct group *g)
{
    if (g->sheet->runs.n)
        return false;
    for (uint32_t i = 0; i < g->n; i++) {
        struct rt_row_count whole = whole_of(&g->outputs[i]);

        if (whole.rows > g->outputs[i].rows_full
            || whole.bytes > g->outputs[i].bytes_full)
            return false;
    }
    for (uint32_t i = 0; i < g->n; i++) {
        struct rt_row_count whole = whole_of(&g->outputs[i]);

        g->outputs[i].rows = whole.rows;
        g->outputs[i].bytes = whole.bytes;
    }
    return true;
}

static void output_release(struct output *out)
{
    rt_buf_release(&out->buf);
    rt_buf_release(&out->head);
    rt_buf_release(&out->before);
    rt_buf_release(&out->after);
    rt_buf_release(&out->blank);
}

static int begin(struct output *out, const struct rt_sheet *sheet, uint32_t number,
    const struct rt_put *put)
{
    int rc;

    *out = (struct output) { .put = put,
        .sheet = sheet,
        .number = number,
        .buf = RT_BUF_INIT(SIZE_MAX / 2),
        .head = RT_BUF_INIT(FIXED_MAX),
        .before = RT_BUF_INIT(FIXED_MAX),
        .after = RT_BUF_INIT(FIXED_MAX),
        .blank = RT_BUF_INIT(FIXED_MAX) };
    rc = find_narrow(out);
    if (rc == RT_OK)
        rc = make_head(out);
    if (rc == RT_OK && put)
        rc = rt_buf_reserve(&out->buf, FULL_BYTES);
    out->frame = out->before.n + out->after.n;
    return rc == RT_OK ? begin_part(out) : rc;
}

static bool is_mine(const struct group *g, uint32_t i)
{
    return g->mine[i / 8] >> i % 8 & 1;
}

static int write_group(struct group *g, const struct rt_put *puts,
    struct rt_list_stats *stats, struct rt_err *err)
{
    uint32_t begun = 0;
    int rc = RT_OK;

    for (; begun < g->n && rc == RT_OK; begun++) {
        uint32_t number = g->first + begun;

        if (is_mine(g, begun))
            rc = begin(&g->outputs[begun], g->sheet, number, puts ? &puts[number] : NULL);
    }
    if (rc == RT_OK && (puts || !count_whole(g)))
        rc = g->sheet->runs.n ? put_merged(g, stats, err) : put_refs(g);
    for (uint32_t i = 0; i < begun; i++) {
        if (!is_mine(g, i))
            continue;
        if (rc == RT_OK)
            rc = flush(&g->outputs[i]);
        if (rc == RT_OK && stats)
            end_stats(&g->outputs[i], &stats[g->first + i]);
        output_release(&g->outputs[i]);
    }
    return rc;
}

/* mine: bits of the lists to write; NULL: all. */
static int write_lists(const struct rt_sheet *sheet, const unsigned char *mine,
    const struct rt_put *puts, struct rt_list_stats *stats, struct rt_err *err)
{
    struct group *g = rt_malloc(sizeof *g);
    int rc = g ? RT_OK : RT_ENOMEM;

    for (uint32_t first = 0; first < sheet->nlists && rc == RT_OK; first += GROUP) {
        uint32_t n = sheet->nlists - first;

        g->sheet = sheet;
        g->first = first;
        g->n = n < GROUP ? n : GROUP;
        memset(g->mine, 0xFF, sizeof g->mine);
        if (mine)
            memcpy(g->mine, mine + first / 8, (g->n + 7) / 8);
        rc = write_group(g, puts, stats, err);
    }
    rt_free(g);
    return rc == RT_ENOMEM || rc == RT_ELIMIT ? rt_sheet_no_memory(err) : rc;
}

int rt_sheet_write(struct rt_sheet *sheet, const struct rt_put *puts,
    struct rt_list_stats *stats, struct rt_err *err)
{
    int rc = prepare(sheet, err);

    if (rc < 0)
        return rc;
    if (stats)
        begin_stats(sheet, stats);
    return write_lists(sheet, NULL, puts, stats, err);
}

/* ---- by several threads */

struct share {
    const struct rt_sheet *sheet;
    const struct rt_put *puts;
    unsigned char *mine; /* bits of lists */
    uint64_t rows;
    struct rt_err err;
};

/* Each list goes to whoever has the fewest rows by then. */
static void share_out(const struct rt_sheet *sheet, struct share *shares, uint32_t n)
{
    for (uint32_t list = 0; list < sheet->nlists; list++) {
        struct share *least = &shares[0];

        for (uint32_t i = 1; i < n; i++)
            if (shares[i].rows < least->rows)
                least = &shares[i];
        least->rows += sheet->added[list].rows.rows;
        least->mine[list / 8] |= (unsigned char)(1u << list % 8);
    }
}

static int write_share(void *arg)
{
    struct share *s = arg;

    return write_lists(s->sheet, s->mine, s->puts, NULL, &s->err);
}

static int write_shares(
    struct rt_sheet *sheet, const struct rt_put *puts, uint32_t n, struct rt_err *err)
{
    struct share *shares = rt_calloc(n, sizeof *shares);
    unsigned char *mine = rt_calloc(n, sheet->on_bytes);
    int rc = RT_ENOMEM;

    if (shares && mine) {
        for (uint32_t i = 0; i < n; i++)
            shares[i] = (struct share) {
                .sheet = sheet, .puts = puts, .mine = mine + (size_t)i * sheet->on_bytes
            };
        share_out(sheet, shares, n);
        rc = rt_workers_run_array(write_share, shares, sizeof *shares, n);
        for (uint32_t i = 0; err && i < n; i++)
            if (err->code == RT_OK)
                *err = shares[i].err;
    }
    rt_free(shares);
    rt_free(mine);
    return rc == RT_ENOMEM ? rt_sheet_no_memory(err) : rc;
}

int rt_sheet_write_shared(
    struct rt_sheet *sheet, const struct rt_put *puts, uint32_t jobs, struct rt_err *err)
{
    int rc = prepare(sheet, err);

    if (jobs > sheet->nlists)
        jobs = sheet->nlists;
    if (rc < 0)
        return rc;
    if (jobs < 2 || sheet->runs.n || sheet->refs.n < SHARE_FROM)
        return write_lists(sheet, NULL, puts, NULL, err);
    return write_shares(sheet, puts, jobs, err);
}

uint64_t rt_sheet_spilled_bytes(const struct rt_sheet *sheet)
{
    struct rt_spool *const *spools = sheet->spools.p;
    uint64_t bytes = 0;

    for (size_t i = 0; i < sheet->spools.n; i++)
        bytes += rt_spool_file_bytes(spools[i]);
    return bytes;
}
