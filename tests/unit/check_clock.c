/*
 * clock: texts to instants, local days, calendar windows. Epochs are from date(1).
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/timetext.h"

Suite *clock_suite(void);

#define LEN(a) ((int)(sizeof(a) / sizeof *(a)))
#define S      RT_SECOND_US
#define NONE   INT64_C(42) /* what the result holds when the text is no time */

/* Times on 2019-10-01, and on 2026-07-01. */
#define OCT1  (INT64_C(1569888000) * S)
#define JULY1 (INT64_C(1782864000) * S)
#define NOON  (12 * 3600 * S)

static struct rt_zone *load(const char *name)
{
    struct rt_zone *zone = NULL;

    ck_assert_msg(rt_zone_load(name, NULL, &zone, NULL) == RT_OK, "%s", name);
    return zone;
}

static const struct {
    const char *name, *text;
    int64_t us;
} any[] = {
    { "shop export", "2019-10-01 00:00:00 UTC", OCT1 },
    { "ISO with milliseconds", "2026-07-01T12:00:00.123Z", JULY1 + NOON + 123000 },
    { "local", "2019-10-01T00:00:00", OCT1 - 7200 * S },
    { "date alone is local midnight", "2019-10-01", OCT1 - 7200 * S },
    { "no seconds", "2019-10-01 12:34", OCT1 + (12 * 3600 + 34 * 60 - 7200) * S },
    { "no seconds, Z", "2019-10-01T12:34Z", OCT1 + (12 * 3600 + 34 * 60) * S },
    { "no seconds, offset", "2019-10-01T12:34+02:00", OCT1 + (10 * 3600 + 34 * 60) * S },
    { "no seconds, UTC", "2019-10-01 12:34 UTC", OCT1 + (12 * 3600 + 34 * 60) * S },
    { "offset of hours", "2019-10-01T12:00:00+02", OCT1 + 10 * 3600 * S },
    { "offset without colon", "2019-10-01T12:00:00-0730", OCT1 + (19 * 3600 + 1800) * S },
    { "offset with colon", "2019-10-01T12:00:00-07:30", OCT1 + (19 * 3600 + 1800) * S },
    { "offset of nothing", "2019-10-01T12:00:00-00:00", OCT1 + NOON },
    { "offset behind a fraction", "2019-10-01T12:00:00.5+01:00",
        OCT1 + 11 * 3600 * S + 500000 },
    { "one decimal", "2019-10-01T00:00:00.1Z", OCT1 + 100000 },
    { "six decimals", "2019-10-01T00:00:00.000001Z", OCT1 + 1 },
    { "nine decimals are cut", "2019-10-01T00:00:00.999999999Z", OCT1 + 999999 },
    { "fraction and UTC", "2019-10-01 00:00:00.25 UTC", OCT1 + 250000 },
    { "leap second", "2016-12-31T23:59:60Z", INT64_C(1483228800) * S },
    { "blanks around", " \t2019-10-01T00:00:00Z\t ", OCT1 },
    { "leap day", "2000-02-29T00:00:00Z", INT64_C(951782400) * S },
    { "year 1", "0001-01-01T00:00:00Z", -INT64_C(62135596800) * S },
    { "year 9999", "9999-12-31T23:59:59Z", INT64_C(253402300799) * S },
    { "before 1970", "1969-12-31T23:59:59.5Z", -500000 },
    { "repeated hour", "2019-10-27T02:30:00", INT64_C(1572136200) * S },
    { "skipped hour", "2019-03-31T02:30:00", INT64_C(1553995800) * S },
    { "seconds", "1569888000", OCT1 },
    { "zero", "0", 0 },
    { "last second", "99999999999", INT64_C(99999999999) * S },
    { "first millisecond", "100000000000", INT64_C(100000000000) * 1000 },
    { "milliseconds", "1569888000123", OCT1 + 123000 },
    { "last millisecond", "99999999999999", INT64_C(99999999999999) * 1000 },
    { "first microsecond", "100000000000000", INT64_C(100000000000000) },
    { "microseconds", "1569888000123456", OCT1 + 123456 },
    { "last microsecond", "99999999999999999", INT64_C(99999999999999999) },
    { "zeros first", "0000000000000000001569888000", OCT1 },
    { "eight digits are seconds", "20191001", INT64_C(20191001) * S },

    { "too large an epoch", "100000000000000000", NONE },
    { "far too large", "99999999999999999999999999", NONE },
    { "fraction of an epoch", "1569888000.5", NONE },
    { "negative epoch", "-1569888000", NONE },
    { "empty", "", NONE },
    { "blank", "   ", NONE },
    { "no date", "12:34:56", NONE },
    { "month 0", "2019-00-01", NONE },
    { "month 13", "2019-13-01", NONE },
    { "day 0", "2019-01-00", NONE },
    { "30 February", "2020-02-30", NONE },
    { "29 February of no leap year", "2019-02-29", NONE },
    { "29 February 1900", "1900-02-29", NONE },
    { "31 April", "2019-04-31T00:00:00Z", NONE },
    { "year 0", "0000-01-01", NONE },
    { "five-digit year", "12019-10-01", NONE },
    { "one-digit month", "2019-1-01 00:00:00", NONE },
    { "slashes", "2019/10/01", NONE },
    { "hour 24", "2019-10-01T24:00:00Z", NONE },
    { "minute 60", "2019-10-01T12:60:00Z", NONE },
    { "second 61", "2019-10-01T12:00:61Z", NONE },
    { "hour alone", "2019-10-01T12", NONE },
    { "T alone", "2019-10-01T", NONE },
    { "colon at the end", "2019-10-01T12:00:", NONE },
    { "half a second", "2019-10-01T12:00:0", NONE },
    { "point alone", "2019-10-01T12:00:00.", NONE },
    { "point and Z", "2019-10-01T12:00:00.Z", NONE },
    { "decimal comma", "2019-10-01T12:00:00,5Z", NONE },
    { "fraction of a minute", "2019-10-01T12:00.5Z", NONE },
    { "small t", "2019-10-01t12:00:00Z", NONE },
    { "small z", "2019-10-01T12:00:00z", NONE },
    { "small utc", "2019-10-01 12:00:00 utc", NONE },
    { "GMT", "2019-10-01 12:00:00 GMT", NONE },
    { "two blanks", "2019-10-01  12:00:00", NONE },
    { "two blanks before UTC", "2019-10-01 12:00:00  UTC", NONE },
    { "blank before Z", "2019-10-01 12:00:00 Z", NONE },
    { "blank before the offset", "2019-10-01 12:00:00 +0000", NONE },
    { "behind Z", "2019-10-01T12:00:00Zx", NONE },
    { "behind UTC", "2019-10-01 12:00:00 UTC+1", NONE },
    { "behind the date", "2019-10-01Z", NONE },
    { "offset of one digit", "2019-10-01T12:00:00+2", NONE },
    { "offset of three digits", "2019-10-01T12:00:00+020", NONE },
    { "offset of five digits", "2019-10-01T12:00:00+02000", NONE },
    { "offset ends in a colon", "2019-10-01T12:00:00+02:", NONE },
    { "offset of a day", "2019-10-01T12:00:00+24:00", NONE },
    { "offset of 60 minutes", "2019-10-01T12:00:00+02:60", NONE },
    { "letter for a digit", "2019-10-0lT12:00:00Z", NONE },
    { "letter in the time", "2019-10-01T12:0o:00Z", NONE },
    { "byte above ASCII", "2019-10-01T12:0\xb0:00Z", NONE },
    { "semicolon", "2019-10-01T12;00:00Z", NONE },
    { "slash in a fraction", "2019-10-01T12:00:00.12/Z", NONE },
    { "null", "null", NONE },
};

START_TEST(any_form)
{
    struct rt_zone *rome = load("Europe/Rome");
    const struct rt_timeform form = { .kind = RT_TIME_ANY, .zone = rome };
    struct rt_clock_memo memo = { 0 };
    struct rt_span text = rt_span_of(any[_i].text);

    for (int round = 0; round < 3;
         round++) { /* without memo, with an empty, with a full */
        int64_t us = NONE;
        int rc = rt_time_parse(text, &form, round ? &memo : NULL, &us);

        ck_assert_msg(us == any[_i].us, "%s: %" PRId64, any[_i].name, us);
        ck_assert_int_eq(rc, any[_i].us == NONE ? RT_ESYNTAX : RT_OK);
    }
    rt_zone_free(rome);
}
END_TEST

static const struct {
    const char *name, *pattern, *text;
    int64_t us;
} pinned[] = {
    { "iso", "iso8601", "2019-10-01T00:00:00Z", OCT1 },
    { "iso takes no digits", "iso8601", "1569888000", NONE },
    { "seconds", "epoch_s", "1569888000", OCT1 },
    { "seconds past 10^11", "epoch_s", "100000000000", INT64_C(100000000000) * S },
    { "seconds with a fraction", "epoch_s", "1569888000.1234567", OCT1 + 123456 },
    { "seconds, point alone", "epoch_s", "1569888000.", NONE },
    { "last second of 9999", "epoch_s", "253402300799", INT64_C(253402300799) * S },
    { "first second of 10000", "epoch_s", "253402300800", NONE },
    { "seconds, no digits", "epoch_s", ".5", NONE },
    { "seconds take no date", "epoch_s", "2019-10-01", NONE },
    { "few milliseconds", "epoch_ms", "1500", 1500000 },
    { "milliseconds", "epoch_ms", "1569888000123", OCT1 + 123000 },
    { "milliseconds past 9999", "epoch_ms", "253402300800000", NONE },
    { "milliseconds, fraction", "epoch_ms", "1569888000123.5", NONE },
    { "microseconds", "epoch_us", "1569888000123456", OCT1 + 123456 },
    { "microseconds past 9999", "epoch_us", "253402300800000000", NONE },
    { "clf", "clf", "10/Oct/2000:13:55:36 -0700", INT64_C(971211336) * S },
    { "clf in brackets", "clf", "[10/Oct/2000:13:55:36 -0700]", INT64_C(971211336) * S },
    { "clf, half a bracket", "clf", "[10/Oct/2000:13:55:36 -0700", NONE },

    { "American", "%m/%d/%Y %H:%M", "12/1/2010 8:26", INT64_C(1291191960) * S },
    { "American, padded", "%m/%d/%Y %H:%M", "12/01/2010 08:26", INT64_C(1291191960) * S },
    { "no blanks", "%Y%m%d%H%M%S", "20191001123456", OCT1 + 45296 * S },
    { "no blanks, cut", "%Y%m%d%H%M%S", "201910011234", NONE },
    { "short year", "%d.%m.%y", "01.10.19", OCT1 },
    { "short year 68", "%d.%m.%y", "01.01.68", INT64_C(3092601600) * S },
    { "short year 69", "%d.%m.%y", "01.01.69", -INT64_C(31536000) * S },
    { "short year of one digit", "%d.%m.%y", "01.10.9", NONE },
    { "long year of two digits", "%d.%m.%Y", "01.10.19", NONE },
    { "month's name", "%d %b %Y", "1 Oct 2019", OCT1 },
    { "month's long name", "%d %b %Y", "1 October 2019", OCT1 },
    { "month in any case", "%B %e, %Y", "OCTOBER  1, 2019", OCT1 },
    { "May is its own short", "%b%d %Y", "May01 2019", INT64_C(1556668800) * S },
    { "month of no calendar", "%d %b %Y", "1 Okt 2019", NONE },
    { "day of the year", "%Y-%j", "2024-366", INT64_C(1735603200) * S },
    { "day of the year 60", "%Y-%j", "2000-60", INT64_C(951782400) * S },
    { "day 366 of no leap year", "%Y-%j", "2019-366", NONE },
    { "day 0 of the year", "%Y-%j", "2019-0", NONE },
    { "composed", "%F %T", "2019-10-01 12:34:56", OCT1 + 45296 * S },
    { "composed, American", "%D %R", "10/01/19 12:34", OCT1 + 45240 * S },
    { "noon", "%F %I:%M %p", "2019-10-01 12:30 PM", OCT1 + 45000 * S },
    { "midnight", "%F %I:%M %p", "2019-10-01 12:30 am", OCT1 + 1800 * S },
    { "afternoon", "%F %I%p", "2019-10-01 1pm", OCT1 + 13 * 3600 * S },
    { "hour 13 of 12", "%F %I%p", "2019-10-01 13pm", NONE },
    { "hour 0 of 12", "%F %I%p", "2019-10-01 0am", NONE },
    { "no half of the day", "%F %I %p", "2019-10-01 1 xm", NONE },
    { "offset", "%FT%T%z", "2019-10-01T12:00:00+0530", OCT1 + 23400 * S },
    { "offset with colon", "%FT%T%z", "2019-10-01T12:00:00+05:30", OCT1 + 23400 * S },
    { "offset Z", "%FT%T%z", "2019-10-01T12:00:00Z", OCT1 + NOON },
    { "no offset", "%FT%T%z", "2019-10-01T12:00:00", NONE },
    { "zone UTC", "%F %T %Z", "2019-10-01 12:00:00 UTC", OCT1 + NOON },
    { "zone GMT", "%F %T %Z", "2019-10-01 12:00:00 GMT", OCT1 + NOON },
    { "zone unknown", "%F %T %Z", "2019-10-01 12:00:00 CET", NONE },
    { "fraction", "%F %T.%f", "2019-10-01 00:00:00.25", OCT1 + 250000 },
    { "no fraction", "%F %T.%f", "2019-10-01 00:00:00.", NONE },
    { "epoch", "at %s", "at 1569888000", OCT1 },
    { "epoch, fraction", "%s.%f", "1569888000.5", OCT1 + 500000 },
    { "epoch, none", "%s", "x", NONE },
    { "per cent", "%F%%", "2019-10-01%", OCT1 },
    { "any white space", "%F%n%T", "2019-10-01 \t 12:34:56", OCT1 + 45296 * S },
    { "white space may be absent", "%F %T", "2019-10-0112:34:56", OCT1 + 45296 * S },
    { "text behind", "%F", "2019-10-01x", NONE },
    { "text missing", "%F x", "2019-10-01", NONE },
    { "second 60", "%F %T", "2016-12-31 23:59:60", INT64_C(1483228800) * S },
    { "second 61", "%F %T", "2016-12-31 23:59:61", NONE },
    { "hour 24", "%F %T", "2016-12-31 24:00:00", NONE },
    { "31 April", "%d/%m/%Y", "31/04/2019", NONE },
    { "year 0", "%F", "0000-01-01", NONE },
    { "empty", "%F", "", NONE },
};

START_TEST(pinned_form)
{
    struct rt_timeform form = { .kind = RT_TIME_ANY };
    struct rt_clock_memo memo = { 0 };

    ck_assert_msg(
        rt_timeform_parse(pinned[_i].pattern, &form) == RT_OK, "%s", pinned[_i].name);
    for (int round = 0; round < 3; round++) {
        int64_t us = NONE;
        int rc =
            rt_time_parse(rt_span_of(pinned[_i].text), &form, round ? &memo : NULL, &us);

        ck_assert_msg(us == pinned[_i].us, "%s: %" PRId64, pinned[_i].name, us);
        ck_assert_int_eq(rc, pinned[_i].us == NONE ? RT_ESYNTAX : RT_OK);
    }
}
END_TEST

static const char *const bad_patterns[] = { "", "iso", "ISO8601", "epoch", "yesterday",
    "%", "%F %", "%Q", "%F %a", "%F %-H", "%E", "%H:%M", "%Y-%m", "%Y %d", "%j",
    "%Y %m %j", "%Y %F", "%F %d", "%F %I", "%F %p", "%F %H %p", "%F %H %I %p", "%F %f",
    "%F %z %Z", "%s %F", "%s %z", "%T", "%b %m %d %Y" };

START_TEST(bad_pattern_is_refused)
{
    struct rt_timeform form = { .kind = RT_TIME_CLF };

    ck_assert_msg(
        rt_timeform_parse(bad_patterns[_i], &form) == RT_ESYNTAX, "%s", bad_patterns[_i]);
    ck_assert_int_eq(form.kind, RT_TIME_CLF);
}
END_TEST

START_TEST(pattern_is_local_in_its_zone)
{
    struct rt_zone *rome = load("Europe/Rome");
    struct rt_timeform form = { .zone = rome };
    int64_t us;

    ck_assert_int_eq(rt_timeform_parse("%d/%m/%Y %H:%M", &form), RT_OK);
    ck_assert_ptr_eq(form.zone, rome);
    ck_assert_int_eq(rt_time_parse(RT_SPAN("01/10/2019 02:00"), &form, NULL, &us), RT_OK);
    ck_assert_int_eq(us, OCT1);
    rt_zone_free(rome);
}
END_TEST

static const struct {
    const char *name, *text;
    int64_t us;
} clf[] = {
    { "west of Greenwich", "10/Oct/2000:13:55:36 -0700", INT64_C(971211336) * S },
    { "east of it", "01/Oct/2019:05:30:00 +0530", OCT1 },
    { "at it", "01/Oct/2019:00:00:00 +0000", OCT1 },
    { "leap second", "31/Dec/2016:23:59:60 +0000", INT64_C(1483228800) * S },
    { "month in lower case", "10/oct/2000:13:55:36 -0700", NONE },
    { "month of another language", "10/Okt/2000:13:55:36 -0700", NONE },
    { "day 0", "00/Oct/2000:13:55:36 -0700", NONE },
    { "day 31 of June", "31/Jun/2000:13:55:36 -0700", NONE },
    { "blank for a digit", " 1/Oct/2000:13:55:36 -0700", NONE },
    { "hour 24", "10/Oct/2000:24:55:36 -0700", NONE },
    { "offset of a day", "10/Oct/2000:13:55:36 -2400", NONE },
    { "offset of 60 minutes", "10/Oct/2000:13:55:36 -0760", NONE },
    { "no sign", "10/Oct/2000:13:55:36  0700", NONE },
    { "brackets", "[10/Oct/2000:13:55:36 -0700]", NONE },
    { "a byte short", "10/Oct/2000:13:55:36 -070", NONE },
    { "a byte long", "10/Oct/2000:13:55:36 -07000", NONE },
    { "blank for the colon", "10/Oct/2000 13:55:36 -0700", NONE },
    { "empty", "", NONE },
};

START_TEST(clf_time)
{
    struct rt_clock_memo memo = { 0 };

    for (int round = 0; round < 3; round++) {
        int64_t us = NONE;
        int rc = rt_clock_clf(rt_span_of(clf[_i].text), round ? &memo : NULL, &us);

        ck_assert_msg(us == clf[_i].us, "%s: %" PRId64, clf[_i].name, us);
        ck_assert_int_eq(rc, clf[_i].us == NONE ? RT_ESYNTAX : RT_OK);
    }
}
END_TEST

static const struct {
    const char *text;
    int64_t us;
    bool day_only;
} bounds[] = {
    { "2019-10-01", OCT1 - 7200 * S, true },
    { " 2019-10-01 ", OCT1 - 7200 * S, true },
    { "2019-10-01 00:00", OCT1 - 7200 * S, false },
    { "2019-10-01T00:00:00Z", OCT1, false },
    { "1569888000", OCT1, false },
    { "2019-10-32", NONE, true },
    { "", NONE, true },
};

START_TEST(bound_of_a_window)
{
    struct rt_zone *rome = load("Europe/Rome");
    int64_t us = NONE;
    bool day_only = true; /* untouched on failure */

    rt_time_parse_bound(rt_span_of(bounds[_i].text), rome, &us, &day_only);
    ck_assert_msg(
        us == bounds[_i].us && day_only == bounds[_i].day_only, "%s", bounds[_i].text);
    rt_zone_free(rome);
}
END_TEST

/* ---- the calendar */

static const struct {
    int year, month, day, weekday;
    int64_t days;
} dates[] = {
    { 1970, 1, 1, 3, 0 },
    { 1969, 12, 31, 2, -1 },
    { 2000, 2, 29, 1, 11016 },
    { 2000, 3, 1, 2, 11017 },
    { 1900, 3, 1, 3, -25508 },
    { 2026, 7, 1, 2, 20635 },
    { 1, 1, 1, 0, -719162 },
    { 9999, 12, 31, 4, 2932896 },
    { 0, 2, 29, 1, -719469 },
};

START_TEST(days_and_dates)
{
    struct rt_civil c = rt_clock_civil(dates[_i].days * RT_DAY_US + RT_DAY_US - 1);

    ck_assert_int_eq(
        rt_clock_days(dates[_i].year, dates[_i].month, dates[_i].day), dates[_i].days);
    ck_assert_int_eq(c.year, dates[_i].year);
    ck_assert_int_eq(c.month, dates[_i].month);
    ck_assert_int_eq(c.day, dates[_i].day);
    ck_assert_int_eq(c.weekday, dates[_i].weekday);
    ck_assert_int_eq(c.hour * 10000 + c.minute * 100 + c.second, 235959);
    ck_assert_int_eq(c.micro, 999999);
}
END_TEST

START_TEST(every_day_follows_the_last)
{
    int64_t days = rt_clock_days(1, 1, 1);
    int year = 1, month = 1, day = 1;

    for (; year <= 9999; days++) {
        struct rt_civil c = rt_clock_civil(days * RT_DAY_US);
        int leap = (year % 4 == 0 && year % 100) || year % 400 == 0;
        int last = month == 2 ? 28 + leap : 30 + (month + month / 8) % 2;

        ck_assert(c.year == year && c.month == month && c.day == day);
        ck_assert(rt_clock_days(year, month, day) == days);
        if (++day > last) {
            day = 1;
            if (++month > 12)
                month = 1, year++;
        }
    }
    ck_assert_int_eq(days, 2932897);
}
END_TEST

static const struct {
    int64_t us;
    const char *text;
} formats[] = {
    { JULY1 + NOON, "2026-07-01T12:00:00Z" },
    { JULY1 + NOON + 123000, "2026-07-01T12:00:00.123Z" },
    { 1, "1970-01-01T00:00:00.000001Z" },
    { -1, "1969-12-31T23:59:59.999999Z" },
    { -INT64_C(62135596800) * S, "0001-01-01T00:00:00Z" },
};

START_TEST(written_form)
{
    char out[40];

    ck_assert_int_eq(rt_clock_format(formats[_i].us, out), (int)strlen(formats[_i].text));
    ck_assert_str_eq(out, formats[_i].text);
    rt_clock_format(INT64_MIN, out);
    rt_clock_format(INT64_MAX, out);
}
END_TEST

/* ---- windows; days in Rome, summer time from 2019-03-31 to 2019-10-27 */

static const struct {
    const char *name, *as_of, *from, *to; /* to NULL: up to as-of */
    bool sunday;
} windows[] = {
    { "today", "2019-10-01T10:00:00Z", "2019-09-30T22:00:00Z", NULL, false },
    { "today", "2019-10-01T21:59:59Z", "2019-09-30T22:00:00Z", NULL, false },
    { "today", "2019-10-01T22:00:00Z", "2019-10-01T22:00:00Z", NULL, false },
    { "yesterday", "2019-10-01T10:00:00Z", "2019-09-29T22:00:00Z", "2019-09-30T22:00:00Z",
        false },
    { "yesterday", "2019-04-01T10:00:00Z", "2019-03-30T23:00:00Z", "2019-03-31T22:00:00Z",
        false }, /* 23 hours */
    { "yesterday", "2019-10-28T10:00:00Z", "2019-10-26T22:00:00Z", "2019-10-27T23:00:00Z",
        false }, /* 25 hours */
    /* 2019-10-01 was a Tuesday */
    { "this_week", "2019-10-01T10:00:00Z", "2019-09-29T22:00:00Z", NULL, false },
    { "this_week", "2019-10-01T10:00:00Z", "2019-09-28T22:00:00Z", NULL, true },
    { "this_week", "2019-10-06T10:00:00Z", "2019-09-29T22:00:00Z", NULL, false },
    { "this_week", "2019-10-06T10:00:00Z", "2019-10-05T22:00:00Z", NULL, true },
    { "last_week", "2019-10-01T10:00:00Z", "2019-09-22T22:00:00Z", "2019-09-29T22:00:00Z",
        false },
    { "last_week", "2019-10-01T10:00:00Z", "2019-09-21T22:00:00Z", "2019-09-28T22:00:00Z",
        true },
    { "last_week", "2019-10-28T10:00:00Z", "2019-10-20T22:00:00Z", "2019-10-27T23:00:00Z",
        false },
    { "this_month", "2019-10-01T10:00:00Z", "2019-09-30T22:00:00Z", NULL, false },
    { "this_month", "2019-10-31T22:59:59Z", "2019-09-30T22:00:00Z", NULL, false },
    { "last_month", "2019-11-15T10:00:00Z", "2019-09-30T22:00:00Z",
        "2019-10-31T23:00:00Z", false },
    { "last_month", "2020-01-15T10:00:00Z", "2019-11-30T23:00:00Z",
        "2019-12-31T23:00:00Z", false },
    { "last_7_days", "2019-10-01T10:00:00Z", "2019-09-23T22:00:00Z",
        "2019-09-30T22:00:00Z", false },
    { "last_1_days", "2019-10-01T10:00:00Z", "2019-09-29T22:00:00Z",
        "2019-09-30T22:00:00Z", false },
    { "last_365_days", "2019-10-01T10:00:00Z", "2018-09-30T22:00:00Z",
        "2019-09-30T22:00:00Z", false },
};

static int64_t at(const char *text)
{
    const struct rt_timeform iso = { .kind = RT_TIME_ISO };
    int64_t us = 0;

    ck_assert_msg(rt_time_parse(rt_span_of(text), &iso, NULL, &us) == RT_OK, "%s", text);
    return us;
}

START_TEST(calendar_window)
{
    struct rt_zone *rome = load("Europe/Rome");
    int64_t from, to, as_of = at(windows[_i].as_of);
    int64_t due = windows[_i].to ? at(windows[_i].to) : as_of + 1;
    char text[40];

    ck_assert_int_eq(rt_clock_window(rt_span_of(windows[_i].name), rome, as_of,
                         windows[_i].sunday, &from, &to),
        RT_OK);
    rt_clock_format(from, text);
    ck_assert_msg(
        from == at(windows[_i].from), "%d %s: from %s", _i, windows[_i].name, text);
    rt_clock_format(to, text);
    ck_assert_msg(to == due, "%d %s: to %s", _i, windows[_i].name, text);
    rt_zone_free(rome);
}
END_TEST

static const char *const no_windows[] = { "", "Today", "tomorrow", "this_year",
    "last_days", "last__days", "last_0_days", "last_07_days", "last_36501_days",
    "last_100000_days", "last_-1_days", "last_7_day", "last_7_dayss", "last_7x_days",
    "last_7", "last_ 7_days", "today " };

START_TEST(no_window)
{
    int64_t from = NONE, to = NONE;

    ck_assert_int_eq(
        rt_clock_window(rt_span_of(no_windows[_i]), NULL, OCT1, false, &from, &to),
        RT_ESYNTAX);
    ck_assert(from == NONE && to == NONE);
}
END_TEST

static const struct {
    const char *name, *zone, *instant, *start; /* of the local day of the instant */
} starts[] = {
    { "plain", "Europe/Rome", "2019-10-01T10:00:00Z", "2019-09-30T22:00:00Z" },
    { "midnight skipped", "America/Sao_Paulo", "2018-11-04T12:00:00Z",
        "2018-11-04T03:00:00Z" },
    { "hour before midnight repeated", "America/Sao_Paulo", "2019-02-17T12:00:00Z",
        "2019-02-17T03:00:00Z" },
    { "23:30 jumps to 00:30", "America/Toronto", "1919-03-31T12:00:00Z",
        "1919-03-31T04:30:00Z" },
    { "behind the day that is not", "Pacific/Apia", "2011-12-30T12:00:00Z",
        "2011-12-30T10:00:00Z" },
};

START_TEST(day_begins)
{
    struct rt_zone *zone = load(starts[_i].zone);
    int64_t day = rt_clock_local_day(zone, at(starts[_i].instant));
    int64_t start = rt_clock_day_start(zone, day);
    char text[40];

    rt_clock_format(start, text);
    ck_assert_msg(start == at(starts[_i].start), "%s: %s", starts[_i].name, text);
    ck_assert_int_eq(rt_clock_local_day(zone, start), day);
    ck_assert_int_lt(rt_clock_local_day(zone, start - 1), day);
    rt_zone_free(zone);
}
END_TEST

/* ---- laws */

static const char *const law_zones[] = { "UTC", "Europe/Rome", "America/New_York",
    "America/Sao_Paulo", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Apia",
    "Africa/Casablanca" };

static void window(const struct rt_zone *zone, const char *name, int64_t as_of,
    bool sunday, int64_t *from, int64_t *to)
{
    ck_assert_int_eq(
        rt_clock_window(rt_span_of(name), zone, as_of, sunday, from, to), RT_OK);
}

START_TEST(windows_are_contiguous)
{
    struct rt_zone *zone = load(law_zones[_i]);

    for (int64_t day = rt_clock_days(2018, 12, 1); day < rt_clock_days(2020, 3, 1);
         day++) {
        int64_t start = rt_clock_day_start(zone, day);
        int64_t next = rt_clock_day_start(zone, day + 1);
        const int64_t as_ofs[] = { start, start + NOON, next - 1 };

        for (int i = 0; i < 3; i++) {
            int64_t as_of = as_ofs[i], today, open, from, to;

            window(zone, "today", as_of, false, &today, &open);
            ck_assert(today == start && open == as_of + 1);
            window(zone, "yesterday", as_of, false, &from, &to);
            ck_assert_int_eq(to, today);
            ck_assert_int_eq(from, rt_clock_day_start(zone, day - 1));
            window(zone, "last_7_days", as_of, false, &from, &to);
            ck_assert_int_eq(to, today);
            ck_assert_int_eq(from, rt_clock_day_start(zone, day - 7));
            for (int sunday = 0; sunday < 2; sunday++) {
                int64_t week, gone;

                window(zone, "this_week", as_of, sunday, &week, &open);
                window(zone, "last_week", as_of, sunday, &from, &to);
                ck_assert(to == week && week <= today && from < to);
                window(zone, "last_week", week, sunday, &gone, &to);
                ck_assert(gone == from && to == week);
            }
            window(zone, "this_month", as_of, false, &today, &open);
            window(zone, "last_month", as_of, false, &from, &to);
            ck_assert_int_eq(to, today);
        }
        ck_assert(next > start && next - start <= 25 * 3600 * S);
    }
    rt_zone_free(zone);
}
END_TEST

static int64_t random64(unsigned short *seed)
{
    return (int64_t)((uint64_t)nrand48(seed) << 42 ^ (uint64_t)nrand48(seed) << 21
        ^ (uint64_t)nrand48(seed));
}

START_TEST(reading_what_was_written)
{
    const struct rt_timeform form = { .kind = RT_TIME_ANY };
    const int64_t first = rt_clock_days(1, 1, 1) * RT_DAY_US;
    const uint64_t range = (uint64_t)(rt_clock_days(10000, 1, 1) * RT_DAY_US - first);
    struct rt_clock_memo memo = { 0 };
    unsigned short seed[3] = { 7, 8, 9 };

    for (int i = 0; i < 100000; i++) {
        int64_t us = first + (int64_t)((uint64_t)random64(seed) % range), got = NONE;
        char text[40];
        struct rt_span span = { text, 0 };

        if (i % 2)
            us -= ((us % S) + S) % S;
        span.n = (size_t)rt_clock_format(us, text);
        ck_assert_int_eq(rt_time_parse(span, &form, i % 3 ? &memo : NULL, &got), RT_OK);
        ck_assert_msg(got == us, "%s", text);
    }
}
END_TEST

/* Times around the changes of several zones, forms mixed, one memo for all. */
START_TEST(memo_changes_no_answer)
{
    enum { ZONES = LEN(law_zones) };
    struct rt_zone *zones[ZONES];
    struct rt_clock_memo memo = { 0 };
    unsigned short seed[3] = { 1, 2, 3 };
    struct rt_timeform form = { 0 };
    int64_t local = at("2011-12-25T00:00:00Z");

    for (int i = 0; i < ZONES; i++)
        zones[i] = load(law_zones[i]);
    for (int i = 0; i < 100000; i++) {
        static const char *const tails[] = { "", "", "", "Z", " UTC", "+02:00", "x",
            ".125Z" };
        static const char *const easts[] = { "-0330", "+0000", "+0530", "+2400" };
        struct rt_civil c;
        int64_t plain = NONE, memoed = NONE;
        char text[80];
        int n, rc;

        if (i % 50 == 0)
            form.zone = zones[nrand48(seed) % ZONES];
        if (i % 1000 == 0)
            local = at("1850-01-01T00:00:00Z")
                + (int64_t)((uint64_t)random64(seed) % UINT64_C(12000000000000000));
        local += nrand48(seed) % (i % 3 ? 600 : 6 * 3600) * S;
        c = rt_clock_civil(local);
        if (i / 30 % 7 == 0) { /* runs of them, so that date and zone are kept */
            static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

            form.kind = RT_TIME_CLF;
            n = snprintf(text, sizeof text, "%02d/%.3s/%04d:%02d:%02d:%02d %s", c.day,
                names + 3 * (c.month - 1), c.year, c.hour, c.minute, c.second,
                easts[i / 10 % LEN(easts)]);
        } else {
            form.kind = RT_TIME_ANY;
            n = snprintf(text, sizeof text, "%04d-%02d-%02d%c%02d:%02d:%02d%s", c.year,
                c.month, c.day, "T "[nrand48(seed) % 2], c.hour, c.minute, c.second,
                tails[nrand48(seed) % LEN(tails)]);
        }
        if (i % 11 == 0)
            text[nrand48(seed) % n] = (char)nrand48(seed);
        rc = rt_time_parse((struct rt_span) { text, (size_t)n }, &form, NULL, &plain);
        ck_assert_int_eq(
            rt_time_parse((struct rt_span) { text, (size_t)n }, &form, &memo, &memoed),
            rc);
        ck_assert_msg(plain == memoed, "%s", text);
    }
    for (int i = 0; i < ZONES; i++)
        rt_zone_free(zones[i]);
}
END_TEST

/* What eight bytes mean as a time of day, read one by one. */
static int64_t time_by_bytes(const char *p)
{
    int numbers[3];

    for (int i = 0; i < 3; i++) {
        if (p[3 * i] < '0' || p[3 * i] > '9' || p[3 * i + 1] < '0' || p[3 * i + 1] > '9'
            || (i < 2 && p[3 * i + 2] != ':'))
            return -1;
        numbers[i] = (p[3 * i] - '0') * 10 + p[3 * i + 1] - '0';
    }
    if (numbers[0] > 23 || numbers[1] > 59 || numbers[2] > 60)
        return -1;
    return (numbers[0] * 3600 + numbers[1] * 60 + numbers[2]) * S;
}

/* All that is written as 00:00:00 to 99:99:99, and each of some times with any byte at any
 * place. */
START_TEST(every_time_of_day)
{
    static const char *const some[] = { "00:00:00", "23:59:60", "18:12:15", "09:39:59" };
    char text[16];

    for (int i = 0; i < 1000000; i++) {
        snprintf(text, sizeof text, "%02d:%02d:%02d", i / 10000, i / 100 % 100, i % 100);
        if (rt_time_of_day(text) != time_by_bytes(text))
            ck_abort_msg("%s", text);
    }
    for (int k = 0; k < LEN(some); k++)
        for (int place = 0; place < 8; place++)
            for (int byte = 0; byte < 256; byte++) {
                memcpy(text, some[k], 9);
                text[place] = (char)byte;
                ck_assert_msg(rt_time_of_day(text) == time_by_bytes(text),
                    "%s with %d at %d", some[k], byte, place);
            }
}
END_TEST

/* Digits, now and then something else among them, digit by digit. */
START_TEST(every_length_of_epoch)
{
    unsigned short seed[3] = { 4, 5, 6 };

    for (int i = 0; i < 200000; i++) {
        size_t n = (size_t)(nrand48(seed) % 26), digits = 0, high = 0;
        char *text = malloc(n + 1); /* just its size, for the sanitizers */
        struct rt_span rest = { text, n };
        int64_t value = 0, got;

        ck_assert_ptr_nonnull(text);
        for (size_t k = 0; k < n; k++)
            text[k] = (char)(nrand48(seed) % 40 ? '0' + nrand48(seed) % 10
                                                : nrand48(seed) % 256);
        if (i % 3 == 0)
            memset(text, '0', n / 2);
        text = realloc(text, n ? n : 1);
        rest.p = text;
        for (; digits < n && text[digits] >= '0' && text[digits] <= '9'; digits++) {
            high += high || text[digits] != '0';
            value = high > 18 ? -1 : value * 10 + text[digits] - '0';
        }
        got = rt_take_epoch(&rest);
        ck_assert_int_eq(got, digits ? value : -1);
        if (got >= 0)
            ck_assert(rest.p == text + digits && rest.n == n - digits);
        free(text);
    }
}
END_TEST

START_TEST(zeroes_are_no_date)
{
    const struct rt_timeform form = { .kind = RT_TIME_ISO };
    struct rt_clock_memo memo = { 0 };
    int64_t us = NONE;

    ck_assert_int_eq(
        rt_time_parse(RT_SPAN("\0\0\0\0\0\0\0\0\0\0"), &form, &memo, &us), RT_ESYNTAX);
    ck_assert_int_eq(us, NONE);
    ck_assert_int_eq(
        rt_time_parse(RT_SPAN("\0\0\0\0\0\0\0\0\0\0\00012:00:00"), &form, &memo, &us),
        RT_ESYNTAX);
    ck_assert_int_eq(rt_time_parse(RT_SPAN("\0\0\0\0\0\0\0\xff\xff\xff\xff"
                                           "12:00:00Z"),
                         &form, &memo, &us),
        RT_ESYNTAX);
    ck_assert_int_eq(us, NONE);
}
END_TEST

/* Days that are in a month that is kept, and days that are not, as without a memo. */
START_TEST(days_of_kept_months)
{
    static const int years[] = { 1900, 2000, 2023, 2024, 9999 };
    const struct rt_timeform form = { .kind = RT_TIME_ANY };
    struct rt_clock_memo memo = { 0 };

    for (int i = 0; i < 2 * LEN(years) * 14 * 42; i++) {
        int year = years[i / 42 / 14 % LEN(years)], month = i / 42 % 14, day = i % 42 - 1;
        int64_t plain = NONE, memoed = NONE;
        char text[40];
        int n = snprintf(text, sizeof text, "%04d-%02d-%02d%s", year, month,
            day < 0 ? 15 : day, i / 1000 % 2 ? "" : "T23:59:59Z"); /* met by a good one */
        struct rt_span span = { text, (size_t)n };
        int rc = rt_time_parse(span, &form, NULL, &plain);

        ck_assert_int_eq(rt_time_parse(span, &form, &memo, &memoed), rc);
        ck_assert_msg(plain == memoed, "%s", text);
        text[8 + i % 2] = "/:\xff"[i % 3]; /* next to digits */
        ck_assert_int_eq(rt_time_parse(span, &form, &memo, &memoed), RT_ESYNTAX);
    }
}
END_TEST

Suite *clock_suite(void)
{
    Suite *s = suite_create("clock");
    TCase *forms = tcase_create("forms"), *calendar = tcase_create("calendar");
    TCase *laws = tcase_create("laws");

    tcase_add_loop_test(forms, any_form, 0, LEN(any));
    tcase_add_loop_test(forms, pinned_form, 0, LEN(pinned));
    tcase_add_loop_test(forms, bad_pattern_is_refused, 0, LEN(bad_patterns));
    tcase_add_test(forms, pattern_is_local_in_its_zone);
    tcase_add_loop_test(forms, clf_time, 0, LEN(clf));
    tcase_add_loop_test(forms, bound_of_a_window, 0, LEN(bounds));
    tcase_add_test(forms, zeroes_are_no_date);
    suite_add_tcase(s, forms);
    tcase_add_loop_test(calendar, days_and_dates, 0, LEN(dates));
    tcase_add_test(calendar, every_day_follows_the_last);
    tcase_add_loop_test(calendar, written_form, 0, LEN(formats));
    tcase_add_loop_test(calendar, calendar_window, 0, LEN(windows));
    tcase_add_loop_test(calendar, no_window, 0, LEN(no_windows));
    tcase_add_loop_test(calendar, day_begins, 0, LEN(starts));
    suite_add_tcase(s, calendar);
    tcase_add_loop_test(laws, windows_are_contiguous, 0, LEN(law_zones));
    tcase_add_test(laws, reading_what_was_written);
    tcase_add_test(laws, memo_changes_no_answer);
    tcase_add_test(laws, days_of_kept_months);
    tcase_add_test(laws, every_time_of_day);
    tcase_add_test(laws, every_length_of_epoch);
    tcase_set_timeout(calendar, 60);
    tcase_set_timeout(laws, 120);
    suite_add_tcase(s, laws);
    return s;
}
