/*
 * Sorts rows by their bytes.
 */
#ifndef RT_ROWSORT_H
#define RT_ROWSORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum { RT_ROW_LENGTH_BYTES = 4 };

/* A row: its bytes, and right before them their number, a uint32_t on no boundary. So a
 * million references take 16 MB, and sorting them as much again. */
struct rt_rowref {
    const char *p;
    uint64_t key; /* for the sort's own use; once sorted, that of equal rows is equal */
};

/* Sorts n rows as rt_span_cmp does. scratch has room for n as well, and does not overlap.
 * Allocates nothing. Time is linear in the bytes that tell the rows apart. */
void rt_rowsort(struct rt_rowref *rows, size_t n, struct rt_rowref *scratch);

/* The same on up to `jobs` threads, into out; what becomes of rows means nothing. For rows
 * by the ten thousand. RT_OK or RT_ENOMEM. */
int rt_rowsort_jobs(
    struct rt_rowref *rows, size_t n, struct rt_rowref *out, uint32_t jobs);

static inline uint32_t rt_row_length(const char *row)
{
    uint32_t n;

    memcpy(&n, row - RT_ROW_LENGTH_BYTES, sizeof n);
    return n;
}

static inline struct rt_span rt_rowref_span(const struct rt_rowref *row)
{
    return (struct rt_span) { row->p, rt_row_length(row->p) };
}

#endif
