/*
 * Strict numbers, sizes, durations and percentages. None of them reads a locale, and none
 * takes anything but the form that stands here.
 */
#ifndef RT_NUM_H
#define RT_NUM_H

#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

/*
 * A number of the segment language: an optional sign, 1 to 12 digits, an optional point
 * with digits; blanks and tabs around it are ignored; digits past the sixth after the
 * point are cut off. "1e3", "1,234", ".5" are none; "5." is none.
 *
 * micro  the value times 10^6: exact, and never beyond +-10^18
 *
 * Returns RT_OK or RT_ESYNTAX (micro untouched). Some ns a call: used per event.
 */
int rt_num_micro(struct rt_span text, int64_t *micro);

/* A size: digits and an optional K, M, G or T (powers of 1024, either case).
 * RT_OK, RT_ESYNTAX, or RT_ERANGE past 2^63-1. */
int rt_num_size(struct rt_span text, uint64_t *bytes);

/* A duration of the segment language: digits and one unit of s m h d w. Microseconds.
 * RT_OK, RT_ESYNTAX, or RT_ERANGE past 10,000 years. */
int rt_num_duration(struct rt_span text, int64_t *us);

/* A percentage, "10%" or "2.5%", at most four decimals, 0 to 100: in millionths of the
 * whole ("10%" is 100000). RT_OK, RT_ESYNTAX, RT_ERANGE. */
int rt_num_percent(struct rt_span text, uint32_t *millionths);

/* A plain count: digits only. RT_OK, RT_ESYNTAX, RT_ERANGE past 2^63-1. */
int rt_num_count(struct rt_span text, uint64_t *count);

/* Writes a value in millionths as a plain decimal without trailing zeros ("14786.59",
 * "-0.5", "3"), NUL-terminated. Returns its length; out holds 32 bytes. */
int rt_num_format_micro(int64_t micro, char out[32]);

#endif
