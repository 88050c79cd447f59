/*
 * Every cell of a CSV, whatever its columns: for files that are lists of ids.
 */
#ifndef RT_CELLS_H
#define RT_CELLS_H

#include "base/err.h"
#include "base/span.h"

struct rt_cells;

/* Lent for the call. A negative result ends the reading and is returned. */
typedef int rt_cells_visit(void *ctx, struct rt_span cell);

int rt_cells_new(char delimiter, rt_cells_visit *visit, void *ctx, struct rt_cells **out);
void rt_cells_free(struct rt_cells *cells);

/* The next bytes of the file. RT_OK, RT_ENOMEM, RT_ESYNTAX when a cell grows past 1 MiB (a
 * quote is never closed), or what visit returned. */
int rt_cells_feed(struct rt_cells *cells, struct rt_span bytes);

/* The end of the file. As rt_cells_feed; RT_ESYNTAX also for a quote that is open. */
int rt_cells_end(struct rt_cells *cells);

#endif
