/*
 * A short text looked for in many others, which is what most tests come to: a column of
 * addresses against the words of one test.
 */
#ifndef RT_FINDCOLUMN_H
#define RT_FINDCOLUMN_H

#include "base/columns.h"
#include "base/span.h"

/* Of values that are not empty. A mask (columns.h): values[i] contains the text, which is not empty. */
void rt_find_column(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds);

/* Begins with it; it may be empty. */
void rt_starts_column(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds);

/* Is it. */
void rt_same_column(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds);

/* The plain forms of them, for every processor and for the tests. */
void rt_find_column_plain(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds);
void rt_starts_column_plain(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds);
void rt_same_column_plain(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds);

#endif
