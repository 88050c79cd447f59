/*
 * Times: text to microseconds since 1970-01-01T00:00:00Z and back, local days, calendar
 * windows. Reads no clock.
 */
#ifndef RT_CLOCK_H
#define RT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"
#include "base/zone.h"

#define RT_SECOND_US INT64_C(1000000)
#define RT_DAY_US    (INT64_C(86400) * RT_SECOND_US)
#define RT_TIME_MIN  INT64_MIN /* before every time */
#define RT_TIME_MAX  INT64_MAX /* after every time */

/* Days from 1970-01-01 of a date of the proleptic Gregorian calendar; month 1..12, day
 * 1..31 unchecked. */
int64_t rt_clock_days(int year, int month, int day);

struct rt_civil {
    int year, month, day, hour, minute, second, micro;
    int weekday; /* 0 Monday .. 6 Sunday */
};

/* The parts of a time taken as UTC (add a zone's offset first for local parts). */
struct rt_civil rt_clock_civil(int64_t us);

enum rt_timeform_kind {
    RT_TIME_ANY,     /* judged by its own form: ISO or digits */
    RT_TIME_ISO,     /* YYYY-MM-DD[T| HH:MM[:SS[.f]]][Z| UTC|+-HH[:MM]] */
    RT_TIME_EPOCH_S, /* digits; a fraction is allowed and cut at six digits */
    RT_TIME_EPOCH_MS,
    RT_TIME_EPOCH_US,
    RT_TIME_CLF,     /* 10/Oct/2000:13:55:36 -0700, with or without brackets */
    RT_TIME_STRPTIME /* a strptime(3) pattern */
};

struct rt_timeform {
    enum rt_timeform_kind kind;
    const char *pattern;        /* RT_TIME_STRPTIME only; borrowed */
    const struct rt_zone *zone; /* for texts that name none; NULL: UTC; borrowed */
};

/*
 * "iso8601", "epoch_s", "epoch_ms", "epoch_us", "clf", or a strptime pattern (a text with
 * a % in it). pattern is borrowed by form; form->zone is left as it is. RT_OK or RT_ESYNTAX
 * (form untouched). A pattern's supported conversions: %Y %m %d %H %M %S %y %b %B %e %j %T
 * %D %F %R %I %p %z %Z(UTC, GMT, Z) %s %f %n %t %%; others are RT_ESYNTAX.
 *
 * So is a pattern that sets a part twice ("%F %d"), that has no whole date (year with month
 * and day, or with %j) nor %s, anything but %f beside %s, %I without %p, and %f without
 * seconds. As in strptime(3), white space stands for any, also none, leading zeros may be
 * absent, names may be short or long in any case, and %y is 1969 to 2068. Stricter than
 * there: %Y has four digits, %y two; only %e may begin with a blank.
 */
int rt_timeform_parse(const char *pattern, struct rt_timeform *form);

/* What earlier calls worked out, so that a run of times in a few months of one zone costs a
 * few ns each. One a thread; all zero to start, and again when a zone it has met is freed.
 * Answers never depend on it. */
struct rt_clock_memo {
    struct rt_clock_month {
        uint64_t text; /* "2026-04-", as an 8-byte load; by its second digit from last */
        int64_t before_us; /* the midnight before its first day's, as if UTC */
        uint32_t days;     /* 0: none was met */
    } months[16];
    uint64_t
        clf_date[2]; /* the eleven bytes of the last date of RT_TIME_CLF, with a mark */
    int64_t clf_date_us; /* its midnight as if UTC */
    uint64_t clf_zone;   /* " +0000" behind it, as an 8-byte load */
    int64_t clf_east_us; /* what that means */
    const struct rt_zone *zone;
    int64_t from_us, to_us, offset_us; /* local stretch in which the offset is plain */
};

/*
 * Reads a time.
 *
 * RT_TIME_ANY: YYYY-MM-DD; with T or a blank HH:MM[:SS[.fraction]], then Z, " UTC",
 * +-HH[:MM] (also +-HHMM) or nothing (local in form->zone); a fraction is cut at six
 * digits; a date alone is its local midnight. Digits alone are an epoch: below 10^11
 * seconds, below 10^14 milliseconds, below 10^17 microseconds. A second of 60 counts as
 * the next minute's 0. Years 0001 to 9999, for pinned epochs 1970 to 9999. Dates that do
 * not exist are RT_ESYNTAX. Blanks and tabs around the text are ignored.
 *
 * us    untouched on failure
 * memo  may be NULL
 *
 * Returns RT_OK or RT_ESYNTAX.
 */
int rt_time_parse(struct rt_span text, const struct rt_timeform *form,
    struct rt_clock_memo *memo, int64_t *us);

/* As RT_TIME_ANY; *day_only says that the text was a date without a time of day. Both are
 * untouched on failure. */
int rt_time_parse_bound(
    struct rt_span text, const struct rt_zone *zone, int64_t *us, bool *day_only);

/* Reads exactly "10/Oct/2000:13:55:36 -0700" (26 bytes). Source: Apache HTTP Server 2.4,
 * mod_log_config, "%t". RT_OK or RT_ESYNTAX. */
int rt_clock_clf(struct rt_span text, struct rt_clock_memo *memo, int64_t *us);

/* The local day of an instant, counted in days from 1970-01-01. */
int64_t rt_clock_local_day(const struct rt_zone *zone, int64_t us);

/* The instant at which a local day begins: its first midnight, or the jump that skips it. A
 * day that was skipped whole begins, and ends, where the next one begins. */
int64_t rt_clock_day_start(const struct rt_zone *zone, int64_t day);

/*
 * A calendar window of the segment language: "today", "yesterday", "this_week",
 * "last_week", "this_month", "last_month", "last_N_days" (N 1 to 36500).
 *
 * from_us, to_us  from included, to excluded; `today` and `this_...` reach up to as-of and
 *                 include it (to_us = as_of_us + 1)
 *
 * RT_OK, or RT_ESYNTAX for another text.
 */
int rt_clock_window(struct rt_span name, const struct rt_zone *zone, int64_t as_of_us,
    bool week_starts_sunday, int64_t *from_us, int64_t *to_us);

/* "2026-07-01T12:00:00Z", with a fraction only where there is one, without trailing zeros.
 * Returns the length. rt_time_parse reads it back for the years 0001 to 9999. */
int rt_clock_format(int64_t us, char out[40]);

/* "2026-07-01T14:00:00+02:00", with a fraction where there is one: the time in the zone.
 * Returns the length. */
int rt_clock_format_local(const struct rt_zone *zone, int64_t us, char out[48]);

#endif
