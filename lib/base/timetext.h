/*
 * Pieces of times as text, for clock.c and strptime.c: small, and inlined into the readers
 * that run for every event. Each takes what it reads off the front of `rest`.
 */
#ifndef RT_TIMETEXT_H
#define RT_TIMETEXT_H

#include "base/clock.h"

#define RT_MINUTE_US (60 * RT_SECOND_US)
#define RT_HOUR_US   (3600 * RT_SECOND_US)

enum {
    RT_YEAR_MIN = 1,
    RT_YEAR_MAX = 9999,
    RT_EPOCH_DIGITS = 18 /* more cannot be a time, and would not fit */
};

#define RT_EPOCH_MAX_S INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* The sum, or the end of time that lies past it. */
static inline int64_t rt_add_capped(int64_t a, int64_t b)
{
    int64_t sum;

    if (__builtin_add_overflow(a, b, &sum))
        return b > 0 ? INT64_MAX : INT64_MIN;
    return sum;
}

static inline bool rt_is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static inline int rt_month_days(int year, int month)
{
    static const char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return month == 2 && rt_is_leap(year) ? 29 : days[month - 1];
}

/* The midnight of a date as if UTC. RT_ESYNTAX for a date that does not exist. */
static inline int rt_date_us(int year, int month, int day, int64_t *us)
{
    if (year < RT_YEAR_MIN || year > RT_YEAR_MAX || month < 1 || month > 12 || day < 1
        || day > rt_month_days(year, month))
        return RT_ESYNTAX;
    *us = rt_clock_days(year, month, day) * RT_DAY_US;
    return RT_OK;
}

static inline unsigned rt_digit(char c)
{
    return (unsigned)(unsigned char)c - '0'; /* above 9 when c is no digit */
}

/* -1 when they are not two digits. */
static inline int rt_two_digits(const char *p)
{
    unsigned tens = rt_digit(p[0]), ones = rt_digit(p[1]);

    return tens <= 9 && ones <= 9 ? (int)(tens * 10 + ones) : -1;
}

static inline bool rt_take_char(struct rt_span *rest, char c)
{
    if (rest->n == 0 || *rest->p != c)
        return false;
    rest->p++, rest->n--;
    return true;
}

/* Digits behind the point, one at least, cut at six. */
static inline int rt_take_fraction(struct rt_span *rest, int64_t *us)
{
    int32_t unit = 100000;
    size_t n = 0;

    *us = 0;
    for (; n < rest->n && rt_digit(rest->p[n]) <= 9; n++) {
        *us += (int64_t)rt_digit(rest->p[n]) * unit;
        unit /= 10;
    }
    rest->p += n, rest->n -= n;
    return n ? RT_OK : RT_ESYNTAX;
}

/* +-HH, +-HHMM or +-HH:MM, east positive. */
static inline int rt_take_offset(struct rt_span *rest, int64_t *us)
{
    int hours, minutes = 0;
    bool west;

    if (rest->n < 3 || (*rest->p != '+' && *rest->p != '-'))
        return RT_ESYNTAX;
    west = *rest->p == '-';
    hours = rt_two_digits(rest->p + 1);
    rest->p += 3, rest->n -= 3;
    if (rt_take_char(rest, ':') || (rest->n && rt_digit(*rest->p) <= 9)) {
        minutes = rest->n >= 2 ? rt_two_digits(rest->p) : -1;
        if (minutes >= 0)
            rest->p += 2, rest->n -= 2;
    }
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return RT_ESYNTAX;
    *us = hours * RT_HOUR_US + minutes * RT_MINUTE_US;
    if (west)
        *us = -*us;
    return RT_OK;
}

/* Digits to the end or to a point. -1 for none, or for more than any time has. */
static inline int64_t rt_take_epoch(struct rt_span *rest)
{
    int64_t value = 0;
    size_t n = 0;

    while (n < rest->n && rest->p[n] == '0')
        n++;
    for (size_t zeros = n; n < rest->n && rt_digit(rest->p[n]) <= 9; n++) {
        if (n - zeros == RT_EPOCH_DIGITS)
            return -1;
        value = value * 10 + rt_digit(rest->p[n]);
    }
    rest->p += n, rest->n -= n;
    return n ? value : -1;
}

/* RT_OK, or RT_ESYNTAX for a pattern that rt_timeform_parse refuses. */
int rt_strptime_check(const char *pattern);

/* Reads a whole text by a pattern. *local says that the text names no zone and *us is the
 * wall clock's reading. RT_OK or RT_ESYNTAX. */
int rt_strptime_read(struct rt_span text, const char *pattern, int64_t *us, bool *local);

#endif
