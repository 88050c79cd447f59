/*
 * Rows of both lists go through one sort, each with a mark of where it came from, so that
 * equal rows come out one behind the other:
 *
 *     row NUL N LF     of the new list
 *     row NUL O LF     of the old one
 *
 * A row has no NUL, and nothing is less than a NUL, so no other row comes between. The
 * sort is that of lists: in memory as long as it suffices, then in runs on disk.
 */
#include "run/diff.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "lists/csvcell.h"
#include "lists/writer.h"
#include "run/list_rows.h"
#include "run/part_file.h"

enum { MARK_BYTES = 3, NEW = 'N', OLD = 'O', HEAD_MAX = 1 << 20 };

/* Rows that are sorted as they are, and any number of them in one file. */
static const struct rt_platform any_rows = {
    .name = "rows", .title = "any platform", .kind = RT_ROWS_KEY
};

struct diff {
    const struct rt_diff_options *o;
    struct rt_diff_result *result;
    const struct rt_platform *platform; /* any_rows when none is known */
    struct rt_list_head *heads[2];      /* old, new */
    bool lay_out;                       /* their columns differ: rows are laid out anew */
    uint32_t width[RT_COLUMNS_MAX];     /* then: cells of each platform column */
    struct rt_sheet *list;
    struct rt_rows rows; /* the one row being added */
    struct rt_list_row row;
    const struct rt_list_head *head; /* of the list being read */
    char mark;
    struct rt_buf add_head, remove_head;
    struct rt_sink_set *sinks;
    struct rt_part_file add, remove;
    struct rt_buf carry; /* of what comes out of the sort: not yet a whole row */
    struct rt_buf last;  /* the row of which all marks have not come yet, LF behind it */
    bool has_last, in_old, in_new;
    struct rt_err *err;
};

static int no_memory(struct rt_err *err)
{
    return rt_err_set(err, RT_ENOMEM, "out of memory");
}

/* ---- what the lists are */

static int find_platform(struct diff *d, struct rt_err *err)
{
    if (!d->o->platform)
        return RT_OK;
    d->platform = rt_platform_named(d->o->platform, err);
    return d->platform ? RT_OK : RT_EUSAGE;
}

static bool all_known(const struct rt_list_head *head)
{
    for (uint32_t i = 0; i < head->ncolumns; i++)
        if (head->column[i] >= RT_COLUMNS_MAX)
            return false;
    return head->ncolumns > 0;
}

static void widen(struct diff *d, const struct rt_list_head *head)
{
    uint32_t width[RT_COLUMNS_MAX] = { 0 };

    for (uint32_t i = 0; i < head->ncolumns; i++)
        width[head->column[i]]++;
    for (uint32_t c = 0; c < RT_COLUMNS_MAX; c++)
        if (d->width[c] < width[c])
            d->width[c] = width[c];
}

/* The header that has the columns of both. */
static int common_head(struct diff *d, struct rt_buf *out)
{
    const char *between = "";
    int rc = RT_OK;

    for (uint32_t c = 0; c < d->platform->ncolumns; c++)
        for (uint32_t k = 0; k < d->width[c] && rc == RT_OK; k++) {
            rc = rt_buf_adds(out, between);
            if (rc == RT_OK)
                rc = rt_csv_add(out, rt_span_of(d->platform->columns[c].title));
            between = ",";
        }
    return rc == RT_OK ? rt_buf_addc(out, '\n') : rc;
}

/* Lists of one platform may differ in how often a column is repeated. */
static int compare_heads(struct diff *d, struct rt_err *err)
{
    const struct rt_list_head *old = d->heads[0], *new = d->heads[1];

    if (old->platform && new->platform && old->platform != new->platform)
        return rt_err_at(err, RT_EIO, d->o->new_path, 1, 0,
            "has the header of a list for %s, and %s that of one for %s: name the "
            "platform "
            "with --to if it is one",
            new->platform->title, d->o->old_path, old->platform->title);
    if (old->platform != new->platform)
        return rt_err_at(err, RT_EIO, d->o->new_path, 1, 0,
            "%s the header of a list for %s, and %s %s: name the platform with --to",
            new->platform ? "has" : "does not have",
            new->platform ? new->platform->title : old->platform->title, d->o->old_path,
            new->platform ? "does not" : "has");
    if (d->platform->preamble && old->ncolumns == new->ncolumns)
        return RT_OK;
    if (rt_span_eq(rt_buf_span(&old->titles), rt_buf_span(&new->titles)))
        return RT_OK;
    if (!all_known(old) || !all_known(new))
        return rt_err_at(err, RT_EIO, d->o->new_path, 1, 0,
            "has other columns than %s: make both lists anew with the same columns",
            d->o->old_path);
    widen(d, old);
    widen(d, new);
    d->lay_out = true;
    return RT_OK;
}

/* The place of the column that says what is to be done with the rows; UINT32_MAX: none. */
static uint32_t action_column(const struct rt_platform *platform)
{
    const char *title = platform->preamble ? platform->preamble[0] : "";

    for (uint32_t i = 0; *title; i++) {
        size_t n = strcspn(title, ",");

        if (rt_span_eq((struct rt_span) { title, n }, RT_SPAN("Action Type")))
            return i;
        title += n + (title[n] == ',');
    }
    return UINT32_MAX;
}

/* Of rows that are to be removed, the fixed lines must not say "Add". */
static int remove_head(const struct diff *d, struct rt_buf *out)
{
    struct rt_span head = rt_buf_span(&d->add_head);
    uint32_t action = action_column(d->platform), column = 0;
    const char *at = head.p, *end = head.n ? at + head.n : at;
    int rc = RT_OK;

    while (rc == RT_OK && at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        const char *stop = rt_csv_cell_end(at, line);
        struct rt_span cell = { at, (size_t)(stop - at) };

        rc = column == action && rt_span_eq(cell, RT_SPAN("Add"))
            ? rt_buf_adds(out, "Remove")
            : rt_buf_add(out, cell.p, cell.n);
        if (rc == RT_OK)
            rc = rt_buf_addc(out, *stop);
        column = *stop == ',' ? column + 1 : 0;
        at = stop + 1;
    }
    return rc;
}

static int read_heads(struct diff *d, struct rt_err *err)
{
    const char *paths[2] = { d->o->old_path, d->o->new_path };
    int rc = RT_OK;

    for (int i = 0; i < 2 && rc == RT_OK; i++)
        rc = rt_list_head_read(paths[i], d->platform, d->heads[i], err);
    if (rc < 0)
        return rc;
    if (!d->platform)
        d->platform = d->heads[1]->platform ? d->heads[1]->platform : &any_rows;
    d->result->platform = d->heads[1]->platform;
    rc = compare_heads(d, err);
    if (rc < 0)
        return rc;
    rc = d->lay_out ? common_head(d, &d->add_head)
                    : rt_buf_add(&d->add_head, rt_buf_span(&d->heads[1]->text).p,
                        d->heads[1]->text.n);
    if (rc == RT_OK)
        rc = remove_head(d, &d->remove_head);
    return rc < 0 ? no_memory(err) : RT_OK;
}

/* ---- into the sort */

/* The row's cells at their places among the columns of both lists. */
static int lay_out(struct diff *d, const struct rt_csv_row *row, struct rt_buf *out)
{
    const char *between = "";
    int rc = RT_OK;

    for (uint32_t c = 0; c < d->platform->ncolumns; c++) {
        uint32_t i = 0;

        for (uint32_t k = 0; k < d->width[c] && rc == RT_OK; k++) {
            while (i < row->ncells && (i >= d->head->ncolumns || d->head->column[i] != c))
                i++;
            rc = rt_buf_adds(out, between);
            between = ",";
            if (rc == RT_OK && i < row->ncells)
                rc = rt_csv_add(out, row->cells[i++]);
        }
    }
    return rc;
}

static int add_row(void *ctx, const struct rt_csv_row *row, struct rt_err *err)
{
    struct diff *d = ctx;
    struct rt_buf *bytes = &d->rows.bytes;
    int rc;

    rt_buf_reset(bytes);
    rc =
        d->lay_out ? lay_out(d, row, bytes) : rt_buf_add(bytes, row->text.p, row->text.n);
    if (rc == RT_OK)
        rc = rt_buf_addc(bytes, '\0');
    if (rc == RT_OK)
        rc = rt_buf_addc(bytes, d->mark);
    if (rc == RT_OK)
        rc = rt_buf_addc(bytes, '\n');
    if (rc < 0)
        return no_memory(err);
    d->row = (struct rt_list_row) { 0, (uint32_t)bytes->n };
    return rt_sheet_add(d->list, &d->rows, NULL, err);
}

static int read_rows(struct diff *d, struct rt_err *err)
{
    const struct rt_sheet_options options = { .memory_bytes = d->o->memory_bytes,
        .tmpdir = d->o->tmpdir };
    const struct rt_row_taker taker = { add_row, d };
    int rc = rt_sheet_new(&any_rows, &options, &d->list, err);

    d->rows.bytes = (struct rt_buf)RT_BUF_INIT(16 * RT_CSV_ROW_MAX);
    d->rows.rows = &d->row;
    d->rows.nrows = 1;
    d->head = d->heads[0];
    d->mark = OLD;
    if (rc == RT_OK)
        rc = rt_list_rows_read(d->o->old_path, d->head, &taker, err);
    d->head = d->heads[1];
    d->mark = NEW;
    if (rc == RT_OK)
        rc = rt_list_rows_read(d->o->new_path, d->head, &taker, err);
    return rc;
}

/* ---- out of the sort */

/* The row whose marks have all come goes where it belongs. */
static int settle(struct diff *d)
{
    struct rt_diff_result *r = d->result;

    if (!d->has_last)
        return RT_OK;
    d->has_last = false;
    r->old_rows += d->in_old;
    r->new_rows += d->in_new;
    if (d->in_old && d->in_new) {
        r->same++;
        return RT_OK;
    }
    if (d->in_new) {
        r->added++;
        return d->add.set ? rt_part_file_add(&d->add, rt_buf_span(&d->last), d->err)
                          : RT_OK;
    }
    r->removed++;
    return d->remove.set ? rt_part_file_add(&d->remove, rt_buf_span(&d->last), d->err)
                         : RT_OK;
}

/* A row without its mark and line end. */
static int sorted_row(struct diff *d, struct rt_span row, char mark)
{
    int rc = RT_OK;

    if (!d->has_last || !rt_span_eq(row, (struct rt_span) { d->last.p, d->last.n - 1 })) {
        rc = settle(d);
        if (rc < 0)
            return rc;
        rt_buf_reset(&d->last);
        rc = rt_buf_add(&d->last, row.p, row.n);
        if (rc == RT_OK)
            rc = rt_buf_addc(&d->last, '\n');
        d->has_last = true;
        d->in_old = d->in_new = false;
    }
    d->in_old |= mark == OLD;
    d->in_new |= mark == NEW;
    return rc < 0 ? no_memory(d->err) : RT_OK;
}

/* Rows come in pieces; what is not a whole one waits for the next. */
static int sorted_bytes(void *ctx, struct rt_span bytes)
{
    struct diff *d = ctx;
    const char *nul;
    size_t at = 0;

    if (rt_buf_add(&d->carry, bytes.p, bytes.n) < 0)
        return no_memory(d->err);
    while ((nul = memchr(d->carry.p + at, '\0', d->carry.n - at))
        && (size_t)(nul - d->carry.p) + MARK_BYTES <= d->carry.n) {
        int rc = sorted_row(d,
            (struct rt_span) { d->carry.p + at, (size_t)(nul - d->carry.p) - at },
            nul[1]);

        if (rc < 0)
            return rc;
        at = (size_t)(nul - d->carry.p) + MARK_BYTES;
    }
    memmove(d->carry.p, d->carry.p + at, d->carry.n - at);
    d->carry.n -= at;
    return RT_OK;
}

static int write_rows(struct diff *d, struct rt_err *err)
{
    struct rt_put put = { .put = sorted_bytes, .ctx = d };
    int rc = rt_sheet_write(d->list, &put, NULL, err);

    return rc == RT_OK ? settle(d) : rc;
}

/* ---- outputs */

/* An input must not be replaced, and the two outputs must not be one. */
static int keep_inputs(const struct diff *d, const char *path, struct rt_err *err)
{
    const char *inputs[2] = { d->o->old_path, d->o->new_path };
    struct stat in, out;

    for (int i = 0; i < 2; i++)
        if (strcmp(path, "-") && stat(path, &out) == 0 && stat(inputs[i], &in) == 0
            && S_ISREG(in.st_mode) && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
            return rt_err_at(err, RT_EUSAGE, path, 0, 0,
                "is read by this run and would be overwritten by it: give the output "
                "another name");
    return RT_OK;
}

/* "DIR/viewers.add.csv" of "lists/viewers.csv". */
static int name_in(
    const struct diff *d, const char *what, char path[PATH_MAX], struct rt_err *err)
{
    const char *slash = strrchr(d->o->new_path, '/');
    const char *base = slash ? slash + 1 : d->o->new_path, *dot = strrchr(base, '.');
    size_t stem = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    int n = snprintf(
        path, PATH_MAX, "%s/%.*s.%s%s", d->o->dir, (int)stem, base, what, base + stem);

    return n < PATH_MAX ? RT_OK
                        : rt_err_at(err, RT_EIO, d->o->dir, 0, 0, "the name is too long");
}

static int begin_output(struct diff *d, const char *path, const struct rt_buf *head,
    struct rt_part_file *file, struct rt_err *err)
{
    int rc = keep_inputs(d, path, err);

    return rc == RT_OK
        ? rt_part_file_begin(file, d->sinks, path, rt_buf_span(head), d->platform, err)
        : rc;
}

static int end_output(struct rt_part_file *file, uint32_t *files, struct rt_err *err)
{
    *files = file->parts;
    return file->set ? rt_part_file_end(file, err) : RT_OK;
}

static int write_all(
    struct diff *d, const char *add, const char *remove, struct rt_err *err)
{
    int rc = rt_sink_set_new(&d->sinks, err);

    if (rc == RT_OK && d->o->dir)
        rc = rt_sink_make_folder(d->o->dir, err);
    if (rc == RT_OK && d->o->dir)
        rc = rt_sink_lock(d->sinks, d->o->dir, err);
    if (rc == RT_OK && add)
        rc = begin_output(d, add, &d->add_head, &d->add, err);
    if (rc == RT_OK && remove)
        rc = begin_output(d, remove, &d->remove_head, &d->remove, err);
    if (rc == RT_OK)
        rc = read_rows(d, err);
    if (rc == RT_OK)
        rc = write_rows(d, err);
    if (rc == RT_OK)
        rc = end_output(&d->add, &d->result->added_files, err);
    if (rc == RT_OK)
        rc = end_output(&d->remove, &d->result->removed_files, err);
    return rc == RT_OK ? rt_sink_commit(d->sinks, err) : rc;
}

static int run(struct diff *d, struct rt_err *err)
{
    char add[PATH_MAX], remove[PATH_MAX];
    int rc = find_platform(d, err);

    if (rc == RT_OK)
        rc = read_heads(d, err);
    if (rc == RT_OK && d->o->dir)
        rc = name_in(d, "add", add, err);
    if (rc == RT_OK && d->o->dir)
        rc = name_in(d, "remove", remove, err);
    if (rc < 0)
        return rc;
    return write_all(
        d, d->o->dir ? add : d->o->add_path, d->o->dir ? remove : d->o->remove_path, err);
}

int rt_run_diff(const struct rt_diff_options *options, struct rt_diff_result *result,
    struct rt_err *err)
{
    struct rt_list_head heads[2] = { { .lines = 0 }, { .lines = 0 } };
    struct diff d = { .o = options,
        .result = result,
        .heads = { &heads[0], &heads[1] },
        .add_head = RT_BUF_INIT(HEAD_MAX),
        .remove_head = RT_BUF_INIT(HEAD_MAX),
        .carry = RT_BUF_INIT(SIZE_MAX / 2),
        .last = RT_BUF_INIT(SIZE_MAX / 2),
        .err = err };
    int rc;

    *result = (struct rt_diff_result) { .old_rows = 0 };
    rc = run(&d, err);
    rt_sink_set_free(d.sinks);
    rt_sheet_free(d.list);
    rt_buf_release(&d.rows.bytes);
    rt_buf_release(&d.add_head);
    rt_buf_release(&d.remove_head);
    rt_buf_release(&d.carry);
    rt_buf_release(&d.last);
    rt_list_head_release(&heads[0]);
    rt_list_head_release(&heads[1]);
    return rc;
}
