/*
 * Sorts rows by their bytes.
 */
#ifndef RT_ROWSORT_H
#define RT_ROWSORT_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum { RT_ROW_LENGTH_BYTES = 4 };

/* A row: its bytes, and right before them their number, a uint32_t on no boundary. So a
 * million references take 16 MB, and sorting them as much again. */
struct rt_rowref {
    const char *p;
    uint64_t key; /* rt_row_key of the row; once sorted, that of equal rows is equal */
};

/* The eight bytes of a row of n bytes at `depth` as a number that sorts like them; zeros
 * at the end. */
static inline uint64_t rt_row_key(const char *row, size_t n, size_t depth)
{
    uint64_t key = 0;

    if (n >= depth + 8) {
        memcpy(&key, row + depth, 8);
        return be64toh(key);
    }
    if (n <= depth)
        return 0;
    if (n >= 8) { /* the last eight, less those before depth */
        memcpy(&key, row + n - 8, 8);
        return be64toh(key) << 8 * (8 - (n - depth));
    }
    memcpy(&key, row + depth, n - depth);
    return be64toh(key);
}

/*
 * Sorts n rows as rt_span_cmp does.
 *
 * depth    bytes with which all rows begin alike; their keys are those at that depth, so
 *          that rows are not touched but where these are equal
 * scratch  room for n as well, and does not overlap
 *
 * Allocates nothing. Time is linear in the bytes that tell the rows apart.
 */
void rt_rowsort(
    struct rt_rowref *rows, size_t n, size_t depth, struct rt_rowref *scratch);

/* The same on up to `jobs` threads, into out; what becomes of rows means nothing. For rows
 * by the ten thousand. RT_OK or RT_ENOMEM. */
int rt_rowsort_jobs(
    struct rt_rowref *rows, size_t n, size_t depth, struct rt_rowref *out, uint32_t jobs);

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
