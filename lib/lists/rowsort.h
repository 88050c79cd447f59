/*
 * Sorts rows by their bytes.
 */
#ifndef RT_ROWSORT_H
#define RT_ROWSORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct rt_rowref {
    const char *p;
    uint32_t n;   /* bytes */
    uint64_t key; /* for the sort's own use */
};

/* Sorts n rows as rt_span_cmp does. scratch has room for n as well, and does not overlap.
 * Allocates nothing. Time is linear in the bytes that tell the rows apart. */
void rt_rowsort(struct rt_rowref *rows, size_t n, struct rt_rowref *scratch);

static inline struct rt_span rt_rowref_span(const struct rt_rowref *row)
{
    return (struct rt_span) { row->p, row->n };
}

#endif
