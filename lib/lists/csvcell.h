/*
 * Cells of the CSV files that are written: RFC 4180, and what to do about cells that a
 * spreadsheet would run.
 */
#ifndef RT_CSVCELL_H
#define RT_CSVCELL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

/* Appends text as a cell: in quotes, inner ones doubled, when it holds a comma, a quote
 * or a line end. As rt_buf_add returns. */
int rt_csv_add(struct rt_buf *buf, struct rt_span text);

/*
 * Whether a spreadsheet that opens the file would take the cell for a formula: it begins
 * with one of = + - @, a tab or a carriage return. Not so a sign before digits, blanks
 * and ( ) . / - alone: numbers and telephone numbers do no harm.
 * Source: OWASP, CSV Injection.
 */
bool rt_csv_runs(struct rt_span text);

/* As rt_csv_add; a cell that would be run gets an apostrophe in front. */
int rt_csv_add_guarded(struct rt_buf *buf, struct rt_span text);

/* The end of the cell that begins at p: its comma, or end. */
const char *rt_csv_cell_end(const char *p, const char *end);

#endif
