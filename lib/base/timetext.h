/*
 * Pieces of times as text, for clock.c, strptime.c and what reads a time of every event:
 * small, to be inlined there. Those named `take` take what they read off the front of
 * `rest`.
 */
#ifndef RT_TIMETEXT_H
#define RT_TIMETEXT_H

#include <endian.h>
#include <string.h>

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

static inline uint64_t rt_load8(const char *p)
{
    uint64_t bytes;

    memcpy(&bytes, p, 8);
    return le64toh(bytes);
}

/*
 * Eight digits, the first the highest. False when they are not.
 *
 * XOR with zeros leaves 0 to 9; adding what brings a larger value into the top bit finds
 * anything else. Then bytes become pairs, and two multiplications add up the four pairs.
 */
static inline bool rt_eight_digits(const char *p, int64_t *value)
{
    const uint64_t zeros = UINT64_C(0x3030303030303030);
    const uint64_t excess = UINT64_C(0x7676767676767676);
    const uint64_t highs = UINT64_C(0x8080808080808080);
    const uint64_t pairs = UINT64_C(0x000000ff000000ff);
    uint64_t bytes = rt_load8(p) ^ zeros;

    if ((bytes | (bytes + excess)) & highs)
        return false;
    bytes = bytes * 10 + (bytes >> 8);
    bytes = (bytes & pairs) * (UINT64_C(1000000) << 32 | 100)
        + (bytes >> 16 & pairs) * (UINT64_C(10000) << 32 | 1);
    *value = (int64_t)(bytes >> 32);
    return true;
}

/* Digits to the end or to a point, eight at a time while there are. -1 for none, or for
 * more than any time has. */
static inline int64_t rt_take_epoch(struct rt_span *rest)
{
    int64_t value = 0, eight;
    size_t n = 0, zeros;

    while (n < rest->n && rest->p[n] == '0')
        n++;
    zeros = n;
    for (; n - zeros <= RT_EPOCH_DIGITS - 8 && rest->n - n >= 8
         && rt_eight_digits(rest->p + n, &eight);
         n += 8)
        value = value * 100000000 + eight;
    for (; n < rest->n && rt_digit(rest->p[n]) <= 9; n++) {
        if (n - zeros == RT_EPOCH_DIGITS)
            return -1;
        value = value * 10 + rt_digit(rest->p[n]);
    }
    rest->p += n, rest->n -= n;
    return n ? value : -1;
}

/* ---- whole texts */

/*
 * "HH:MM:SS", eight bytes, as microseconds of the day; -1 when it is none.
 *
 * XOR with "00:00:00" leaves 0 to 9 where a digit is due and 0 where a colon is; adding
 * what brings a larger value into the top bit finds anything else. Then each byte times
 * ten plus its neighbour above is a two-digit number at bytes 0, 3 and 6, and hours past
 * 23, minutes past 59 and seconds past 60 are found in the same way. One multiplication
 * brings 3600, 60 and 1 times these to bit 48, and other sums to where they do no harm.
 */
static inline int64_t rt_time_of_day(const char *p)
{
    const uint64_t form = UINT64_C(0x30303a30303a3030);
    const uint64_t excess = UINT64_C(0x76767f76767f7676);
    const uint64_t highs = UINT64_C(0x8080808080808080);
    const uint64_t numbers = UINT64_C(0x00ff0000ff0000ff);
    const uint64_t past = UINT64_C(0x0043000044000068);
    const uint64_t weights = UINT64_C(3600) << 48 | UINT64_C(60) << 24 | 1;
    uint64_t bytes = rt_load8(p) ^ form, wrong = bytes | (bytes + excess);

    bytes = (bytes * 10 + (bytes >> 8)) & numbers;
    wrong |= bytes + past;
    if (wrong & highs)
        return -1;
    return (int64_t)((unsigned __int128)bytes * weights >> 48 & 0x1ffff) * RT_SECOND_US;
}

/* What stands behind "HH:MM:SS" in the commonest texts: nothing, "Z", " UTC" or ".mmmZ".
 * Microseconds to add; -1 for another text. */
static inline int64_t rt_time_tail(const char *p, size_t n, bool *local)
{
    unsigned last;
    int tenths;

    *local = n == 0;
    if (n == 1) /* the commonest of all */
        return *p == 'Z' ? 0 : -1;
    switch (n) {
    case 0:
        return 0;
    case 4:
        return memcmp(p, " UTC", 4) == 0 ? 0 : -1;
    case 5:
        tenths = rt_two_digits(p + 1);
        last = rt_digit(p[3]);
        return p[0] == '.' && tenths >= 0 && last <= 9 && p[4] == 'Z'
            ? (tenths * 10 + (int)last) * INT64_C(1000)
            : -1;
    default:
        return -1;
    }
}

/* Microseconds east at a local time, if the memo knows. */
static inline bool rt_offset_kept(const struct rt_clock_memo *memo,
    const struct rt_zone *zone, int64_t local_us, int64_t *east_us)
{
    *east_us = zone ? memo->offset_us : 0;
    return !zone
        || (memo->zone == zone && local_us >= memo->from_us && local_us < memo->to_us);
}

#define RT_CLF_MARK (UINT64_C(2) << 32) /* in clf_date[1] of a date that is kept */

/* Reads "10/Oct/2000:13:55:36 -0700" of the kept date and zone: 26 bytes by four loads. A
 * memo with a date of this form has a zone too, so zeroes do not agree with anything. */
static inline bool rt_clf_kept(
    struct rt_span s, const struct rt_clock_memo *memo, int64_t *us)
{
    int64_t time;

    if (s.n != 26 || s.p[11] != ':' || rt_load8(s.p) != memo->clf_date[0]
        || (rt_load8(s.p + 3) >> 40 | RT_CLF_MARK) != memo->clf_date[1]
        || rt_load8(s.p + 18) >> 16 != memo->clf_zone)
        return false;
    time = rt_time_of_day(s.p + 12);
    if (time < 0)
        return false;
    *us = memo->clf_date_us + time - memo->clf_east_us;
    return true;
}

/* Where the month of "2026-04-" is kept, if it is: by the low half of its last digit, so
 * that ten months in a row have places of their own. */
static inline unsigned rt_month_place(uint64_t text)
{
    return text >> 48 & 15;
}

/*
 * Reads "YYYY-MM-DD", ten bytes, of a month that is kept: its midnight as if UTC. Events
 * come nearly in order, but not quite, and where days meet they alternate: a memo of one
 * date would be wrong for one time in twenty-five. In one of zeroes no month has days.
 */
static inline bool rt_iso_date_kept(
    const char *p, const struct rt_clock_memo *memo, int64_t *us)
{
    uint64_t text = rt_load8(p);
    const struct rt_clock_month *month = &memo->months[rt_month_place(text)];
    uint32_t tens = rt_digit(p[8]), ones = rt_digit(p[9]), day = tens * 10 + ones;

    if (text != month->text || ones > 9 || day - 1 >= month->days)
        return false;
    *us = month->before_us + day * RT_DAY_US;
    return true;
}

/*
 * Reads an ISO text of a kept month in a common shape, a local time too where its offset
 * is kept, or one of an access log: nearly all times of most inputs, in 50 instructions.
 * False: rt_time_parse knows.
 */
static inline bool rt_time_kept(struct rt_span s, const struct rt_timeform *form,
    const struct rt_clock_memo *memo, int64_t *us)
{
    int64_t date, time, tail, east = 0;
    bool local;

    if (form->kind > RT_TIME_ISO)
        return form->kind == RT_TIME_CLF && rt_clf_kept(s, memo, us);
    if (s.n < 19 || (s.p[10] != 'T' && s.p[10] != ' ')
        || !rt_iso_date_kept(s.p, memo, &date))
        return false;
    time = rt_time_of_day(s.p + 11);
    tail = rt_time_tail(s.p + 19, s.n - 19, &local);
    if ((time | tail) < 0)
        return false;
    time += date + tail;
    if (local && !rt_offset_kept(memo, form->zone, time, &east))
        return false;
    *us = time - east;
    return true;
}

/* RT_OK, or RT_ESYNTAX for a pattern that rt_timeform_parse refuses. */
int rt_strptime_check(const char *pattern);

/* Reads a whole text by a pattern. *local says that the text names no zone and *us is the
 * wall clock's reading. RT_OK or RT_ESYNTAX. */
int rt_strptime_read(struct rt_span text, const char *pattern, int64_t *us, bool *local);

#endif
