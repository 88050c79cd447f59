/*
 * The calendar: dates and days, local days, the windows that are named by them.
 *
 * Dates are counted as days from 1970-01-01 of the proleptic Gregorian calendar, by the
 * arithmetic of years that begin in March, so that the leap day comes last.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/timetext.h"

enum { WINDOW_DAYS_MAX = 36500 };

static inline int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t rt_clock_days(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = floor_div(y, 400);
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, struct rt_civil *civil)
{
    int64_t since = days + 719468; /* from 0000-03-01 */
    int64_t era = floor_div(since, 146097);
    int64_t of_era = since - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; /* 0 is March */

    civil->day = (int)(of_year - (153 * month + 2) / 5 + 1);
    civil->month = (int)(month < 10 ? month + 3 : month - 9);
    civil->year = (int)(year + era * 400 + (civil->month <= 2));
    civil->weekday = (int)(days + 3 - floor_div(days + 3, 7) * 7);
}

struct rt_civil rt_clock_civil(int64_t us)
{
    struct rt_civil civil;
    int64_t days = floor_div(us, RT_DAY_US);
    int64_t rest = us % RT_DAY_US;
    int second;

    if (rest < 0)
        rest += RT_DAY_US;
    second = (int)(rest / RT_SECOND_US);
    date_of(days, &civil);
    civil.hour = second / 3600;
    civil.minute = second / 60 % 60;
    civil.second = second % 60;
    civil.micro = (int)(rest % RT_SECOND_US);
    return civil;
}

/* ---- local days and windows */

int64_t rt_clock_local_day(const struct rt_zone *zone, int64_t us)
{
    int64_t east = rt_zone_offset(zone, us, NULL, NULL) * RT_SECOND_US;

    return floor_div(rt_add_capped(us, east), RT_DAY_US);
}

int64_t rt_clock_day_start(const struct rt_zone *zone, int64_t day)
{
    int64_t midnight, us, from, east;

    if (__builtin_mul_overflow(day, RT_DAY_US, &midnight))
        return day < 0 ? RT_TIME_MIN : RT_TIME_MAX;
    us = rt_zone_instant(zone, midnight);
    east = rt_zone_offset(zone, us, &from, NULL) * RT_SECOND_US;
    /* where the clock jumps over midnight, the day begins with the jump */
    return rt_add_capped(us, east) == midnight ? us : from;
}

/* Of the month that lies `back` months before the day's, the first day. */
static int64_t month_start(int64_t day, int back)
{
    struct rt_civil civil;
    int64_t months;

    date_of(day, &civil);
    months = (int64_t)civil.year * 12 + civil.month - 1 - back;
    return rt_clock_days(
        (int)floor_div(months, 12), (int)(months - floor_div(months, 12) * 12) + 1, 1);
}

static int64_t week_start(int64_t day, bool sunday)
{
    int64_t since_first = day + (sunday ? 4 : 3); /* 1970-01-01 was a Thursday */

    return day - (since_first - floor_div(since_first, 7) * 7);
}

/* N of "last_N_days"; 0 for another text. */
static int last_days(struct rt_span name)
{
    const struct rt_span head = RT_SPAN("last_"), tail = RT_SPAN("_days");
    uint64_t days;

    if (name.n <= head.n + tail.n || !rt_span_starts(name, head)
        || memcmp(name.p + name.n - tail.n, tail.p, tail.n) != 0)
        return 0;
    name.p += head.n, name.n -= head.n + tail.n;
    if (*name.p == '0' || rt_num_count(name, &days) < 0 || days > WINDOW_DAYS_MAX)
        return 0;
    return (int)days;
}

/* A window's first and last day, the last not included; whether it reaches up to as-of. */
struct days {
    int64_t from, to;
    bool open;
};

static int window_days(struct rt_span name, int64_t today, bool sunday, struct days *out)
{
    int64_t week = week_start(today, sunday);
    int64_t month = month_start(today, 0);
    const struct {
        struct rt_span name;
        struct days days;
    } windows[] = {
        { RT_SPAN("today"), { today, today, true } },
        { RT_SPAN("yesterday"), { today - 1, today, false } },
        { RT_SPAN("this_week"), { week, today, true } },
        { RT_SPAN("last_week"), { week - 7, week, false } },
        { RT_SPAN("this_month"), { month, today, true } },
        { RT_SPAN("last_month"), { month_start(today, 1), month, false } },
    };
    int days;

    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
        if (rt_span_eq(name, windows[i].name)) {
            *out = windows[i].days;
            return RT_OK;
        }
    days = last_days(name);
    *out = (struct days) { today - days, today, false };
    return days ? RT_OK : RT_ESYNTAX;
}

int rt_clock_window(struct rt_span name, const struct rt_zone *zone, int64_t as_of_us,
    bool week_starts_sunday, int64_t *from_us, int64_t *to_us)
{
    struct days days;
    int rc =
        window_days(name, rt_clock_local_day(zone, as_of_us), week_starts_sunday, &days);

    if (rc < 0)
        return rc;
    *from_us = rt_clock_day_start(zone, days.from);
    *to_us = days.open ? rt_add_capped(as_of_us, 1) : rt_clock_day_start(zone, days.to);
    return RT_OK;
}

/* ---- writing */

int rt_clock_format(int64_t us, char out[40])
{
    struct rt_civil c = rt_clock_civil(us);
    int n = snprintf(out, 40, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day,
        c.hour, c.minute, c.second);

    if (c.micro) {
        n += snprintf(out + n, 40 - (size_t)n, ".%06d", c.micro);
        while (out[n - 1] == '0')
            n--;
    }
    out[n++] = 'Z';
    out[n] = '\0';
    return n;
}
