/* A list in parts has no file of its own name: its first part says what is there. */
#include "run/list_rows.h"

#include <limits.h>
#include <unistd.h>

#include "lists/list_files.h"

enum { PARTS = 99, HEAD_MAX = 1 << 20 };

void rt_list_head_release(struct rt_list_head *head)
{
    rt_buf_release(&head->text);
    rt_buf_release(&head->titles);
}

/* ---- files of a list */

static bool is_there(const char *path)
{
    return strcmp(path, "-") == 0 || access(path, F_OK) == 0;
}

/* The name of part i (from 1) of a list; of one that is in a single file, its own. Parts
 * of a filter's output begin with the name itself. RT_OK, 1 when there is no such part, or
 * negative. */
static int part_path(const char *path, uint32_t i, struct rt_buf *name)
{
    int rc;

    rt_buf_reset(name);
    if (i == 1 && is_there(path))
        return rt_buf_adds(name, path);
    rc = rt_part_name(rt_span_of(path), i, PARTS, name);
    if (rc == RT_OK && !is_there(rt_buf_text(name)))
        return 1;
    return rc;
}

/* ---- the head */

static const struct rt_platform *platform_of(
    const struct rt_csv_row *row, struct rt_titles *titles)
{
    for (const char *const *name = rt_platform_names(); *name; name++) {
        const struct rt_platform *platform = rt_platform_get(rt_span_of(*name));

        rt_titles_of(platform, titles);
        if (rt_is_header(titles, row))
            return platform;
        if (platform->kind == RT_ROWS_CONTACT && platform->header && row->ncells > 1
            && rt_span_eq(row->cells[0], RT_SPAN("key")))
            return platform;
    }
    return NULL;
}

static bool is_header_of(const struct rt_platform *platform,
    const struct rt_titles *titles, const struct rt_csv_row *row)
{
    if (platform->kind == RT_ROWS_CONTACT && platform->header)
        return row->ncells && rt_span_eq(row->cells[0], RT_SPAN("key"));
    return rt_is_header(titles, row);
}

static void read_titles(struct rt_list_head *head, const struct rt_titles *titles,
    const struct rt_csv_row *row)
{
    head->ncolumns = row->ncells;
    for (uint32_t i = 0; i < row->ncells; i++) {
        head->column[i] = UINT32_MAX;
        for (uint32_t k = 0; k < titles->n; k++)
            if (rt_is_title(titles, k, row->cells[i])) {
                head->column[i] = titles->column[k];
                break;
            }
    }
}

static int keep_line(struct rt_buf *out, struct rt_span line, bool ended)
{
    int rc = rt_buf_add(out, line.p, line.n);

    return rc == RT_OK && ended ? rt_buf_addc(out, '\n') : rc;
}

/* Reads header and fixed lines of an open file. The first row that is none of them is
 * still to be read when head->lines is 0. */
static int read_lines(struct rt_csv_rows *rows, struct rt_list_head *head,
    const char *path, bool given, struct rt_err *err)
{
    struct rt_titles titles = { .lines = 0 };
    struct rt_csv_row row;
    int rc = rt_csv_rows_next(rows, &row, err);

    if (given)
        rt_titles_of(head->platform, &titles);
    if (rc <= 0)
        return rc;
    if (!given)
        head->platform = platform_of(&row, &titles);
    if (!head->platform || !titles.lines)
        return RT_OK;
    if (given && !is_header_of(head->platform, &titles, &row))
        return rt_err_at(err, RT_EIO, path, row.line, 0,
            "is not the header of a list for %s; see `retarget verify`",
            head->platform->title);
    read_titles(head, &titles, &row);
    head->lines = titles.lines;
    rc = keep_line(&head->titles, row.text, false);
    for (uint32_t i = 1; rc == RT_OK; i++) {
        rc = keep_line(&head->text, row.text, true);
        if (rc < 0 || i == titles.lines)
            break;
        rc = rt_csv_rows_next(rows, &row, err);
        if (rc <= 0)
            return rc < 0
                ? rc
                : rt_err_at(err, RT_EIO, path, 0, 0,
                    "ends before the fixed lines of %s do", head->platform->title);
        rc = RT_OK;
    }
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : RT_OK;
}

static int open_rows(const char *path, const struct rt_platform *platform,
    struct rt_csv_rows **rows, struct rt_err *err)
{
    int rc = rt_csv_rows_open(path, rows, err);

    if (rc == RT_OK && platform
        && (platform->line == RT_LINE_JSON || platform->kind == RT_ROWS_KEY))
        rt_csv_rows_separator(*rows, '\0');
    return rc;
}

int rt_list_head_read(const char *path, const struct rt_platform *platform,
    struct rt_list_head *head, struct rt_err *err)
{
    struct rt_buf name = RT_BUF_INIT(PATH_MAX);
    struct rt_csv_rows *rows = NULL;
    int rc = part_path(path, 1, &name);

    head->platform = platform;
    head->text = head->titles = (struct rt_buf)RT_BUF_INIT(HEAD_MAX);
    head->ncolumns = head->lines = 0;
    if (rc < 0)
        rt_err_set(err, rc, "out of memory");
    else
        rc = open_rows(rc == 1 ? path : rt_buf_text(&name), platform, &rows, err);
    if (rc == RT_OK)
        rc = read_lines(rows, head, path, platform != NULL, err);
    rt_csv_rows_close(rows);
    rt_buf_release(&name);
    return rc;
}

/* ---- the rows */

static int check_row(const char *path, const struct rt_csv_row *row, struct rt_err *err)
{
    if (row->unclosed || row->too_long)
        return rt_err_at(err, RT_EIO, path, row->line, 0, "%s",
            row->too_long ? "a row of more than 1 MiB" : "a quote is never closed");
    if (memchr(row->text.p, '\0', row->text.n))
        return rt_err_at(err, RT_EIO, path, row->line, 0, "a NUL: this is no list");
    return RT_OK;
}

/* One row of a file of which n came before. */
static int take_row(const char *path, const struct rt_list_head *head, uint64_t n,
    const struct rt_csv_row *row, const struct rt_row_taker *taker, struct rt_err *err)
{
    int rc;

    if (n == 0 && head->lines && !rt_span_eq(row->text, rt_buf_span(&head->titles)))
        return rt_err_at(
            err, RT_EIO, path, row->line, 0, "another header than the first part has");
    if (n < head->lines || row->text.n == 0)
        return RT_OK;
    rc = check_row(path, row, err);
    return rc == RT_OK ? taker->row(taker->ctx, row, err) : rc;
}

static int read_file(const char *path, const struct rt_list_head *head,
    const struct rt_row_taker *taker, struct rt_err *err)
{
    struct rt_csv_rows *rows = NULL;
    struct rt_csv_row row;
    int rc = open_rows(path, head->platform, &rows, err);

    for (uint64_t n = 0; rc == RT_OK; n++) {
        rc = rt_csv_rows_next(rows, &row, err);
        if (rc <= 0)
            break;
        rc = take_row(path, head, n, &row, taker, err);
    }
    rt_csv_rows_close(rows);
    return rc;
}

int rt_list_rows_read(const char *path, const struct rt_list_head *head,
    const struct rt_row_taker *taker, struct rt_err *err)
{
    struct rt_buf name = RT_BUF_INIT(PATH_MAX);
    int rc = RT_OK;

    for (uint32_t i = 1; rc == RT_OK; i++) {
        rc = part_path(path, i, &name);
        if (rc == 1 && i == 1) /* opening it says what is wrong */
            rc = read_file(path, head, taker, err);
        else if (rc == RT_OK)
            rc = read_file(rt_buf_text(&name), head, taker, err);
        else if (rc < 0)
            rt_err_set(err, rc, "out of memory");
        if (strcmp(path, "-") == 0)
            break;
    }
    rt_buf_release(&name);
    return rc == 1 ? RT_OK : rc;
}
