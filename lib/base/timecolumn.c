/*
 * Times one after another, in a loop of their own: of the commonest shape with the month of
 * the first, 35 instructions each. Any that are not go the way of rt_time_kept.
 */
#include "base/timecolumn.h"

#include "base/timetext.h"

/* Reads "YYYY-MM-DDTHH:MM:SSZ", the commonest shape, of this month. */
static inline bool read_usual(
    struct rt_span s, const struct rt_clock_month *month, int64_t *us)
{
    uint64_t date;
    uint32_t tens, ones, day, ends;
    int64_t time;

    if (s.n != 20)
        return false;
    date = rt_load8(s.p + 8); /* "DDTHH:MM" */
    tens = (uint32_t)(date & 0xff) - '0';
    ones = (uint32_t)(date >> 8 & 0xff) - '0';
    day = tens * 10 + ones;
    ends = (uint32_t)(date >> 16 & 0xff) | (uint32_t)(unsigned char)s.p[19] << 8;
    time = rt_time_of_day(s.p + 11);
    if (rt_load8(s.p) != month->text || ones > 9 || day - 1 >= month->days || time < 0
        || (ends != ('T' | 'Z' << 8) && ends != (' ' | 'Z' << 8)))
        return false;
    *us = month->before_us + day * RT_DAY_US + time;
    return true;
}

bool rt_times_kept(const struct rt_span *texts, size_t stride, uint32_t n,
    const struct rt_timeform *form, const struct rt_clock_memo *memo, int64_t *us)
{
    struct rt_clock_month month = { 0 };

    if (form->kind <= RT_TIME_ISO && n && texts->n >= 8)
        month = memo->months[rt_month_place(rt_load8(texts->p))];
    for (uint32_t i = 0; i < n; i++, texts += stride)
        if (!(month.days && read_usual(*texts, &month, &us[i]))
            && !rt_time_kept(*texts, form, memo, &us[i]))
            return false;
    return true;
}
