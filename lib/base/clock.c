/*
 * Times by hand: strptime and its kin read the locale, mktime the environment, and both
 * cost far more than the rest of a record. A form has a fixed shape here, so a time is
 * read by position: eight bytes of "12:34:56" at once, the month only when it was not met
 * before, the zone only when the last answer does not hold.
 */
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/timetext.h"

/* No zone is 26 hours or more off (RFC 9636): clocks of two stretches differ by less. */
#define FARTHEST_US (26 * RT_HOUR_US)

/* ---- local times */

/* As rt_zone_instant, and leaves in memo the readings for which the same offset holds for
 * sure: from FARTHEST_US behind the stretch's beginning, where no reading can be one of an
 * earlier stretch again, to its end. */
static int64_t instant_anew(
    const struct rt_zone *zone, struct rt_clock_memo *memo, int64_t local_us)
{
    int64_t from, to, us = rt_zone_instant(zone, local_us);
    int64_t east = rt_zone_offset(zone, us, &from, &to) * RT_SECOND_US;

    memo->zone = zone;
    memo->offset_us = east;
    memo->from_us = from == RT_TIME_MIN ? from : rt_add_capped(from, FARTHEST_US);
    memo->to_us = to == RT_TIME_MAX ? to : rt_add_capped(to, east);
    return us;
}

static inline int64_t instant(
    const struct rt_zone *zone, struct rt_clock_memo *memo, int64_t local_us)
{
    if (!zone)
        return local_us;
    if (!memo)
        return rt_zone_instant(zone, local_us);
    if (memo->zone == zone && local_us >= memo->from_us && local_us < memo->to_us)
        return local_us - memo->offset_us;
    return instant_anew(zone, memo, local_us);
}

/* ---- dates of months that were met, or of the same text as the last */

/* "YYYY-MM-DD", ten bytes. */
static int iso_date_anew(const char *p, struct rt_clock_memo *memo, int64_t *us)
{
    int century = rt_two_digits(p), year = rt_two_digits(p + 2);
    int month = rt_two_digits(p + 5), day = rt_two_digits(p + 8);
    uint64_t text = rt_load8(p);

    if (p[4] != '-' || p[7] != '-' || century < 0 || year < 0)
        return RT_ESYNTAX;
    year += century * 100;
    if (rt_date_us(year, month, day, us) < 0)
        return RT_ESYNTAX;
    if (memo)
        memo->months[rt_month_place(text)] = (struct rt_clock_month) { text,
            *us - day * RT_DAY_US, (uint32_t)rt_month_days(year, month) };
    return RT_OK;
}

static inline int iso_date(const char *p, struct rt_clock_memo *memo, int64_t *us)
{
    if (memo && rt_iso_date_kept(p, memo, us))
        return RT_OK;
    return iso_date_anew(p, memo, us);
}

/* Of the names' first letters; 0 for none. Exactly "Jan". */
static int clf_month(const char *p)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int month = 1; month <= 12; month++)
        if (memcmp(p, names + 3 * (month - 1), 3) == 0)
            return month;
    return 0;
}

/* "10/Oct/2000", eleven bytes. */
static int clf_date_anew(const char *p, int64_t *us)
{
    int day = rt_two_digits(p), month = clf_month(p + 3);
    int century = rt_two_digits(p + 7), year = rt_two_digits(p + 9);

    if (p[2] != '/' || p[6] != '/' || century < 0 || year < 0)
        return RT_ESYNTAX;
    return rt_date_us(century * 100 + year, month, day, us);
}

static inline int clf_date(const char *p, struct rt_clock_memo *memo, int64_t *us)
{
    uint64_t text[2] = { rt_load8(p), rt_load8(p + 3) >> 40 | RT_CLF_MARK };

    if (memo && memo->clf_date[0] == text[0] && memo->clf_date[1] == text[1]) {
        *us = memo->clf_date_us;
        return RT_OK;
    }
    if (clf_date_anew(p, us) < 0)
        return RT_ESYNTAX;
    if (memo) {
        memo->clf_date[0] = text[0];
        memo->clf_date[1] = text[1];
        memo->clf_date_us = *us;
    }
    return RT_OK;
}

/* ---- the forms */

int rt_clock_clf(struct rt_span text, struct rt_clock_memo *memo, int64_t *us)
{
    const char *p = text.p;
    int64_t date, time, east;
    int hours, minutes;

    if (text.n != 26 || p[11] != ':' || p[20] != ' ' || (p[21] != '+' && p[21] != '-'))
        return RT_ESYNTAX;
    time = rt_time_of_day(p + 12);
    hours = rt_two_digits(p + 22);
    minutes = rt_two_digits(p + 24);
    if (time < 0 || hours < 0 || hours > 23 || minutes < 0 || minutes > 59
        || clf_date(p, memo, &date) < 0)
        return RT_ESYNTAX;
    east = hours * RT_HOUR_US + minutes * RT_MINUTE_US;
    if (p[21] == '-')
        east = -east;
    if (memo) {
        memo->clf_zone = rt_load8(p + 18) >> 16;
        memo->clf_east_us = east;
    }
    *us = date + time - east;
    return RT_OK;
}

static int read_clf(struct rt_span s, struct rt_clock_memo *memo, int64_t *us)
{
    if (s.n == 28 && s.p[0] == '[' && s.p[27] == ']')
        s = (struct rt_span) { s.p + 1, 26 };
    return rt_clock_clf(s, memo, us);
}

/* "HH:MM", "HH:MM:SS" or "HH:MM:SS.f" at the front of rest. */
static inline int take_iso_time(struct rt_span *rest, int64_t *us)
{
    int64_t part = rest->n >= 8 ? rt_time_of_day(rest->p) : -1;
    int hour, minute;

    if (part >= 0) {
        rest->p += 8, rest->n -= 8;
        *us = part;
        if (!rt_take_char(rest, '.'))
            return RT_OK;
        if (rt_take_fraction(rest, &part) < 0)
            return RT_ESYNTAX;
        *us += part;
        return RT_OK;
    }
    if (rest->n < 5 || rest->p[2] != ':')
        return RT_ESYNTAX;
    hour = rt_two_digits(rest->p);
    minute = rt_two_digits(rest->p + 3);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return RT_ESYNTAX;
    rest->p += 5, rest->n -= 5;
    *us = hour * RT_HOUR_US + minute * RT_MINUTE_US;
    return RT_OK;
}

/* What stands behind an ISO time, if anything: "Z", " UTC" or an offset, to the end. */
static inline int read_iso_zone(struct rt_span rest, int64_t *east_us)
{
    *east_us = 0;
    if (rest.n == 1 && *rest.p == 'Z')
        return RT_OK;
    if (rest.n == 4 && memcmp(rest.p, " UTC", 4) == 0)
        return RT_OK;
    if (rt_take_offset(&rest, east_us) < 0 || rest.n)
        return RT_ESYNTAX;
    return RT_OK;
}

static inline int read_iso(struct rt_span s, const struct rt_zone *zone,
    struct rt_clock_memo *memo, int64_t *us, bool *day_only)
{
    int64_t date, time, east;
    struct rt_span rest;

    if (s.n < 10 || iso_date(s.p, memo, &date) < 0)
        return RT_ESYNTAX;
    *day_only = s.n == 10;
    if (*day_only) {
        *us = instant(zone, memo, date);
        return RT_OK;
    }
    if (s.p[10] != 'T' && s.p[10] != ' ')
        return RT_ESYNTAX;
    rest = (struct rt_span) { s.p + 11, s.n - 11 };
    if (take_iso_time(&rest, &time) < 0)
        return RT_ESYNTAX;
    if (rest.n == 0) {
        *us = instant(zone, memo, date + time);
        return RT_OK;
    }
    if (read_iso_zone(rest, &east) < 0)
        return RT_ESYNTAX;
    *us = date + time - east;
    return RT_OK;
}

/* unit_us  1, 1000 or RT_SECOND_US; a fraction is there for seconds alone */
static int read_epoch(struct rt_span s, int64_t unit_us, int64_t *us)
{
    int64_t part = 0, value = rt_take_epoch(&s);

    if (value < 0 || value / (RT_SECOND_US / unit_us) > RT_EPOCH_MAX_S)
        return RT_ESYNTAX;
    if (unit_us == RT_SECOND_US && rt_take_char(&s, '.')
        && rt_take_fraction(&s, &part) < 0)
        return RT_ESYNTAX;
    if (s.n)
        return RT_ESYNTAX;
    *us = value * unit_us + part;
    return RT_OK;
}

static int read_any_epoch(struct rt_span s, int64_t *us)
{
    int64_t value = rt_take_epoch(&s);

    if (value < 0 || s.n || value >= INT64_C(100000000000000000))
        return RT_ESYNTAX;
    if (value < INT64_C(100000000000))
        value *= RT_SECOND_US;
    else if (value < INT64_C(100000000000000))
        value *= 1000;
    *us = value;
    return RT_OK;
}

static int read_pattern(struct rt_span s, const struct rt_timeform *form,
    struct rt_clock_memo *memo, int64_t *us)
{
    int64_t value;
    bool local;

    if (rt_strptime_read(s, form->pattern, &value, &local) < 0)
        return RT_ESYNTAX;
    *us = local ? instant(form->zone, memo, value) : value;
    return RT_OK;
}

/* ---- the entries */

int rt_timeform_parse(const char *pattern, struct rt_timeform *form)
{
    static const struct {
        const char *name;
        enum rt_timeform_kind kind;
    } names[] = {
        { "iso8601", RT_TIME_ISO },
        { "epoch_s", RT_TIME_EPOCH_S },
        { "epoch_ms", RT_TIME_EPOCH_MS },
        { "epoch_us", RT_TIME_EPOCH_US },
        { "clf", RT_TIME_CLF },
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(pattern, names[i].name) == 0) {
            form->kind = names[i].kind;
            form->pattern = NULL;
            return RT_OK;
        }
    if (rt_strptime_check(pattern) < 0)
        return RT_ESYNTAX;
    form->kind = RT_TIME_STRPTIME;
    form->pattern = pattern;
    return RT_OK;
}

static inline int read_any(struct rt_span s, const struct rt_zone *zone,
    struct rt_clock_memo *memo, int64_t *us, bool *day_only)
{
    if (s.n >= 10 && s.p[4] == '-')
        return read_iso(s, zone, memo, us, day_only);
    *day_only = false;
    return read_any_epoch(s, us);
}

static int parse_anew(struct rt_span text, const struct rt_timeform *form,
    struct rt_clock_memo *memo, int64_t *us)
{
    struct rt_span s = rt_span_trim(text);
    bool day_only;

    if (s.n == 0)
        return RT_ESYNTAX;
    switch (form->kind) {
    case RT_TIME_ANY:
        return read_any(s, form->zone, memo, us, &day_only);
    case RT_TIME_ISO:
        return read_iso(s, form->zone, memo, us, &day_only);
    case RT_TIME_EPOCH_S:
        return read_epoch(s, RT_SECOND_US, us);
    case RT_TIME_EPOCH_MS:
        return read_epoch(s, 1000, us);
    case RT_TIME_EPOCH_US:
        return read_epoch(s, 1, us);
    case RT_TIME_CLF:
        return read_clf(s, memo, us);
    case RT_TIME_STRPTIME:
        return read_pattern(s, form, memo, us);
    }
    return RT_ESYNTAX;
}

int rt_time_parse(struct rt_span text, const struct rt_timeform *form,
    struct rt_clock_memo *memo, int64_t *us)
{
    if (memo && rt_time_kept(text, form, memo, us))
        return RT_OK;
    return parse_anew(text, form, memo, us);
}

int rt_time_parse_bound(
    struct rt_span text, const struct rt_zone *zone, int64_t *us, bool *day_only)
{
    struct rt_span s = rt_span_trim(text);
    int64_t value;
    bool day;

    if (s.n == 0 || read_any(s, zone, NULL, &value, &day) < 0)
        return RT_ESYNTAX;
    *us = value;
    *day_only = day;
    return RT_OK;
}

int rt_clock_format_local(const struct rt_zone *zone, int64_t us, char out[48])
{
    int32_t east = rt_zone_offset(zone, us, NULL, NULL);
    int64_t local = us;
    int n;

    if (__builtin_add_overflow(us, east * RT_SECOND_US, &local))
        east = 0;
    n = rt_clock_format(local, out);
    if (east == 0)
        return n;
    n--; /* the Z */
    return n
        + snprintf(out + n, 48 - (size_t)n, "%c%02d:%02d", east < 0 ? '-' : '+',
            abs(east) / 3600, abs(east) / 60 % 60);
}
