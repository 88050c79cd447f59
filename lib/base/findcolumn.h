/*
 * A short text looked for in many others, which is what most searches come to: a column of
 * addresses against the words of one test.
 */
#ifndef RT_FINDCOLUMN_H
#define RT_FINDCOLUMN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* holds[i]: values[i] contains the text, which is not empty. */
void rt_find_column(
    const struct rt_span *values, uint32_t n, struct rt_span text, bool *holds);

/* The plain form of it, for every processor and for the tests. */
void rt_find_column_plain(
    const struct rt_span *values, uint32_t n, struct rt_span text, bool *holds);

#endif
