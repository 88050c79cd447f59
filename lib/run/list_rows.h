/*
 * A list file, or all parts of one, row by row, without its header and fixed lines.
 */
#ifndef RT_LIST_ROWS_H
#define RT_LIST_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "lists/platform.h"
#include "run/csv_rows.h"
#include "run/list_header.h"

/* What a list's first lines are. */
struct rt_list_head {
    const struct rt_platform *platform; /* NULL: none known by a header */
    struct rt_buf text;                 /* header and fixed lines, each ended by LF */
    struct rt_buf titles;               /* the header line alone, without its end */
    uint32_t column[RT_CSV_CELLS_MAX];  /* of the platform, of each title */
    uint32_t ncolumns;                  /* titles; 0 without a header */
    uint32_t lines;
};

void rt_list_head_release(struct rt_list_head *head);

/*
 * Reads the head of a list.
 *
 * platform  NULL: the one whose header it is. Of several that have one header the first
 *
 * RT_OK; RT_EIO also when a platform is given and the first line is not its header.
 */
int rt_list_head_read(const char *path, const struct rt_platform *platform,
    struct rt_list_head *head, struct rt_err *err);

/* Calls row with each row of the list in its files; every file of several must have the
 * head given. RT_OK, what row returned, or RT_EIO for a file that is no such list: a quote
 * that is not closed, a NUL. */
struct rt_row_taker {
    int (*row)(void *ctx, const struct rt_csv_row *row, struct rt_err *err);
    void *ctx;
};
int rt_list_rows_read(const char *path, const struct rt_list_head *head,
    const struct rt_row_taker *taker, struct rt_err *err);

#endif
