/*
 * A list as files: what stands before the rows, the rows, and where a part ends.
 *
 * Rows are kept at full width, for which repeats are needed is known only at the end.
 * Leaving out a column that is blank in every row does not change their order: two rows
 * differ in some cell, and what follows that cell is a comma before and after.
 */
#include "lists/writer_parts.h"

#include "lists/csvcell.h"

enum {
    WRITE_BYTES = 128 << 10, /* gathered before they go out */
    AHEAD = 12,              /* rows, of fetching into the cache */
    FIXED_MAX = 1 << 20      /* bytes of all that stands before the rows */
};

struct output {
    const struct rt_put *put;
    const struct rt_list *list;
    struct rt_buf buf;
    uint64_t bytes; /* that left buf */
    /* Fixed text, {list} put in. */
    struct rt_buf head, before, after;
    /* Repeats. */
    uint32_t ncolumns;
    uint32_t nnarrow; /* columns up to the last of which repeats are left out */
    size_t shown[RT_COLUMNS_MAX];
    /* The part at hand. */
    uint32_t part;                /* from 1 */
    uint64_t part_rows, part_at;  /* its rows so far; bytes of the parts before */
    uint64_t max_rows, max_bytes; /* of a part; 0: none */
    struct rt_buf held;           /* the row that was too much */
};

static int flush(struct output *out)
{
    int rc = RT_OK;

    if (out->put && out->buf.n)
        rc = out->put->put(out->put->ctx, rt_buf_span(&out->buf));
    out->bytes += out->buf.n;
    rt_buf_reset(&out->buf);
    return rc;
}

/* ---- what stands before the rows */

static int add_fixed(const struct output *out, const char *text, struct rt_buf *buf)
{
    return rt_platform_add_fixed(out->list->platform, text, out->list->options.name, buf);
}

static int add_contact_titles(const struct rt_list *list, struct rt_buf *buf)
{
    const struct rt_list_options *o = &list->options;
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
    const struct rt_platform *p = out->list->platform;
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
    const struct rt_platform *p = out->list->platform;
    struct rt_buf *head = &out->head;
    int rc = RT_OK;

    for (size_t i = 0; p->preamble && p->preamble[i] && rc == RT_OK; i++) {
        rc = add_fixed(out, p->preamble[i], head);
        if (rc == RT_OK)
            rc = rt_buf_addc(head, '\n');
    }
    if (rc == RT_OK && p->header) {
        rc = p->kind == RT_ROWS_CONTACT ? add_contact_titles(out->list, head)
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
static size_t shown(const struct rt_list *list, uint32_t column)
{
    uint8_t many = list->platform->columns[column].many;

    if (!many)
        return 1;
    if (!list->platform->drop_unused)
        return many;
    return list->used[column] ? list->used[column] : 1;
}

static void find_narrow(struct output *out)
{
    const struct rt_platform *p = out->list->platform;

    out->ncolumns =
        rt_platform_columns(p, out->list->options.columns, out->list->options.ncolumns);
    for (uint32_t c = 0; c < out->ncolumns; c++) {
        out->shown[c] = shown(out->list, c);
        if (p->columns[c].many && out->shown[c] < p->columns[c].many)
            out->nnarrow = c + 1;
    }
}

/* ---- rows */

/* Adds a row without the repeats that are left out, which are blank. What follows the
 * last column that repeats goes as it is. */
static int add_narrow(struct output *out, struct rt_span row)
{
    const struct rt_platform *p = out->list->platform;
    const char *at = row.p, *end = row.p + row.n;

    for (uint32_t c = 0; c < out->nnarrow; c++) {
        size_t width = p->columns[c].many ? p->columns[c].many : 1;

        for (size_t k = 0; k < width; k++) {
            const char *stop = rt_csv_cell_end(at, end);
            int rc = RT_OK;

            stop += stop < end; /* the comma belongs to its cell */
            if (k < out->shown[c])
                rc = rt_buf_add(&out->buf, at, (size_t)(stop - at));
            if (rc < 0)
                return rc;
            at = stop;
        }
    }
    if (at == end) { /* the line end went with the last cell */
        if (out->buf.p[out->buf.n - 1] == ',')
            out->buf.p[out->buf.n - 1] = '\n';
        return RT_OK;
    }
    return rt_buf_add(&out->buf, at, (size_t)(end - at));
}

/* Adds a row between the fixed text before and after it. */
static int add_framed(struct output *out, struct rt_span row)
{
    int rc = rt_buf_add(&out->buf, rt_buf_span(&out->before).p, out->before.n);

    if (rc == RT_OK)
        rc = rt_buf_add(&out->buf, row.p, row.n - 1);
    if (rc == RT_OK)
        rc = rt_buf_add(&out->buf, rt_buf_span(&out->after).p, out->after.n);
    return rc == RT_OK ? rt_buf_addc(&out->buf, '\n') : rc;
}

static int add_row(struct output *out, struct rt_span row)
{
    if (out->nnarrow)
        return add_narrow(out, row);
    if (out->before.n + out->after.n)
        return add_framed(out, row);
    return rt_buf_add(&out->buf, row.p, row.n);
}

/* ---- parts */

static int begin_part(struct output *out)
{
    int rc = RT_OK;

    out->part++;
    out->part_rows = 0;
    out->part_at = out->bytes;
    if (out->put && out->put->part)
        rc = out->put->part(out->put->ctx, out->part);
    return rc == RT_OK ? rt_buf_add(&out->buf, rt_buf_span(&out->head).p, out->head.n)
                       : rc;
}

/* Whether the part is past its limits with the row that was just added. One row is always
 * taken: a part without any would not get further. */
static bool is_over(const struct output *out)
{
    if (out->part_rows == 0)
        return false;
    return (out->max_rows && out->part_rows >= out->max_rows)
        || (out->max_bytes && out->bytes + out->buf.n - out->part_at > out->max_bytes);
}

/* Takes the last row, which begins at `at` of the buffer, into the next part. */
static int move_to_next_part(struct output *out, size_t at)
{
    int rc;

    rt_buf_reset(&out->held);
    rc = rt_buf_add(&out->held, out->buf.p + at, out->buf.n - at);
    out->buf.n = at;
    if (rc == RT_OK)
        rc = flush(out);
    if (rc == RT_OK)
        rc = begin_part(out);
    return rc == RT_OK ? rt_buf_add(&out->buf, out->held.p, out->held.n) : rc;
}

static int put_row(struct output *out, struct rt_span row, struct rt_err *err)
{
    size_t at = out->buf.n;
    int rc = add_row(out, row);

    if (rc == RT_OK && is_over(out))
        rc = move_to_next_part(out, at);
    out->part_rows++;
    if (rc == RT_ENOMEM || rc == RT_ELIMIT)
        return rt_list_no_memory(err);
    return rc == RT_OK && out->buf.n >= WRITE_BYTES ? flush(out) : rc;
}

/* ---- the whole */

static int put_rows(
    struct output *out, struct rt_merger *m, uint64_t *nrows, struct rt_err *err)
{
    int rc = rt_merger_start(m, err);

    while (rc == RT_OK) {
        struct rt_span row = RT_SPAN_ABSENT;

        rc = rt_merger_next(m, &row, err);
        if (rc < 0 || !row.p)
            return rc;
        ++*nrows;
        rc = put_row(out, row, err);
    }
    return rc;
}

/* The common case: all rows are in memory, in order. */
static int put_refs(struct output *out, uint64_t *nrows, struct rt_err *err)
{
    const struct rt_rowref *refs = rt_list_refs(out->list);

    for (size_t i = 0; i < out->list->refs.n; i++) {
        int rc;

        if (i + AHEAD < out->list->refs.n) /* rows lie where they were added */
            __builtin_prefetch(refs[i + AHEAD].p);
        rc = put_row(out, rt_rowref_span(&refs[i]), err);

        if (rc < 0)
            return rc;
    }
    *nrows = out->list->refs.n;
    return RT_OK;
}

static int put_merged(
    struct output *out, uint64_t *nrows, uint64_t *repeats, struct rt_err *err)
{
    struct rt_merger m;
    int rc;

    if (rt_merger_open(&m, out->list, 0, out->list->runs.n, true) < 0)
        return rt_list_no_memory(err);
    rc = put_rows(out, &m, nrows, err);
    *repeats = m.repeats;
    rt_merger_close(&m);
    return rc;
}

static uint64_t spilled_bytes(const struct rt_list *list)
{
    struct rt_spool *const *spools = list->spools.p;
    uint64_t bytes = 0;

    for (size_t i = 0; i < list->spools.n; i++)
        bytes += rt_spool_file_bytes(spools[i]);
    return bytes;
}

static int prepare(struct rt_list *list, struct rt_err *err)
{
    if (rt_list_sort(list) < 0)
        return rt_list_no_memory(err);
    while (list->runs.n > RT_LIST_FAN_IN) {
        int rc = rt_merge_first_runs(list, err);

        if (rc < 0)
            return rc;
    }
    return RT_OK;
}

static void output_release(struct output *out)
{
    rt_buf_release(&out->buf);
    rt_buf_release(&out->head);
    rt_buf_release(&out->before);
    rt_buf_release(&out->after);
    rt_buf_release(&out->held);
}

static int begin(struct output *out, struct rt_err *err)
{
    const struct rt_platform *p = out->list->platform;
    int rc;

    if (!out->list->options.whole) {
        out->max_rows = p->max_rows;
        out->max_bytes = p->max_bytes;
    }
    find_narrow(out);
    rc = make_head(out);
    if (rc == RT_OK)
        rc = begin_part(out);
    return rc == RT_ENOMEM || rc == RT_ELIMIT ? rt_list_no_memory(err) : rc;
}

int rt_list_write(struct rt_list *list, const struct rt_put *put,
    struct rt_list_stats *stats, struct rt_err *err)
{
    struct output out = { .put = put,
        .list = list,
        .buf = RT_BUF_INIT(SIZE_MAX / 2),
        .head = RT_BUF_INIT(FIXED_MAX),
        .before = RT_BUF_INIT(FIXED_MAX),
        .after = RT_BUF_INIT(FIXED_MAX),
        .held = RT_BUF_INIT(SIZE_MAX / 2) };
    uint64_t nrows = 0, repeats = 0;
    int rc = prepare(list, err);

    if (rc == RT_OK)
        rc = begin(&out, err);
    if (rc == RT_OK)
        rc = list->runs.n ? put_merged(&out, &nrows, &repeats, err)
                          : put_refs(&out, &nrows, err);
    if (rc == RT_OK)
        rc = flush(&out);
    output_release(&out);
    if (rc == RT_OK && stats) {
        *stats = list->stats;
        stats->repeats += repeats;
        stats->size.rows = nrows;
        stats->size.bytes = out.bytes;
        stats->size.people = stats->added - stats->without_identifier;
        stats->size.parts = out.part;
        stats->spilled_bytes = spilled_bytes(list);
    }
    return rc;
}
