/*
 * The times of many records at once: most of them are ISO texts of one shape and one month.
 */
#ifndef RT_TIMECOLUMN_H
#define RT_TIMECOLUMN_H

#include <stdint.h>

#include "base/clock.h"

/*
 * As rt_time_kept for n texts, which stand `stride` spans apart.
 *
 * us  the times; undefined when not all were read
 *
 * False when one of them was not read: rt_time_parse knows.
 */
bool rt_times_kept(const struct rt_span *texts, size_t stride, uint32_t n,
    const struct rt_timeform *form, const struct rt_clock_memo *memo, int64_t *us);

#endif
