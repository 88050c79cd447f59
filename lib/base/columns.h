/*
 * Columns: many values beside each other, that one question is asked of. The answers are a
 * mask: bit i % 64 of word i / 64 is that of value i, and bits behind the last value are
 * zero.
 */
#ifndef RT_COLUMNS_H
#define RT_COLUMNS_H

#include <stdint.h>

enum { RT_COLUMN_PART = 64 }; /* values whose answers make a word */

/* The values of the part that begins at `from`, of n. */
static inline uint32_t rt_column_part(uint32_t from, uint32_t n)
{
    return n - from < RT_COLUMN_PART ? n - from : RT_COLUMN_PART;
}

/* A word with its n lowest bits set; n at most 64. */
static inline uint64_t rt_low_bits(uint32_t n)
{
    return n < 64 ? (UINT64_C(1) << n) - 1 : ~UINT64_C(0);
}

#endif
