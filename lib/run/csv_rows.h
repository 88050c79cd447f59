/*
 * A list file row by row, as strict as RFC 4180 is: nothing is cut, nothing is mended, for
 * what is read is either compared byte by byte or to be found fault with.
 */
#ifndef RT_CSV_ROWS_H
#define RT_CSV_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"
#include "io/inflate.h"

struct rt_csv_rows;

enum { RT_CSV_ROW_MAX = 1 << 20, RT_CSV_CELLS_MAX = 4096 };

enum rt_csv_end { RT_CSV_END_NONE, RT_CSV_END_LF, RT_CSV_END_CRLF, RT_CSV_END_CR };

/* A row; all spans are lent until the next. */
struct rt_csv_row {
    struct rt_span text;         /* as it stands, without its line end */
    uint64_t line;               /* of its first byte, from 1 */
    const struct rt_span *cells; /* unquoted */
    uint32_t ncells;             /* at most RT_CSV_CELLS_MAX; 0: a blank line */
    enum rt_csv_end end;
    bool stray_quote; /* a quote inside an unquoted cell, or text behind a closing one */
    bool unclosed;    /* a quote that nothing closes: the row is its first line */
    bool too_long;    /* over RT_CSV_ROW_MAX bytes: its first ones */
};

/* Opens a file, plain or packed, or "-". out: owned by the caller, rt_csv_rows_close.
 * RT_OK, RT_EIO and the rest as rt_input_open. */
int rt_csv_rows_open(const char *path, struct rt_csv_rows **out, struct rt_err *err);
void rt_csv_rows_close(struct rt_csv_rows *rows);

/* What separates cells, from the next row on; ',' at first. '\0': nothing does. */
void rt_csv_rows_separator(struct rt_csv_rows *rows, char separator);

/* The first line as it stands, at most 64 KiB, without being read: to find the separator.
 * Lent until the first row. RT_OK, RT_EIO, RT_ENOMEM. */
int rt_csv_rows_peek(struct rt_csv_rows *rows, struct rt_span *line, struct rt_err *err);

/* 1 with the next row, 0 at the end, or RT_EIO, RT_ENOMEM. A byte order mark before the
 * first row is left out of it. */
int rt_csv_rows_next(
    struct rt_csv_rows *rows, struct rt_csv_row *row, struct rt_err *err);

bool rt_csv_rows_had_mark(const struct rt_csv_rows *rows);  /* a byte order mark */
uint64_t rt_csv_rows_bytes(const struct rt_csv_rows *rows); /* read so far, unpacked */
enum rt_packing rt_csv_rows_packing(const struct rt_csv_rows *rows);

#endif
