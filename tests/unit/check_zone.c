/*
 * zone: offsets and local times of real zones, and files that are not what they should be.
 * The real values are from the zone database's own sources (its Rule and Zone lines).
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/zone.h"

Suite *zone_suite(void);

#define LEN(a)   ((int)(sizeof(a) / sizeof *(a)))
#define HM(h, m) ((h)*3600 + (m)*60)

static struct rt_zone *load(const char *name)
{
    struct rt_zone *zone = NULL;
    struct rt_err err = { 0 };

    ck_assert_msg(
        rt_zone_load(name, NULL, &zone, &err) == RT_OK, "%s: %s", name, err.text);
    return zone;
}

static int64_t utc(const char *text)
{
    const struct rt_timeform iso = { .kind = RT_TIME_ISO };
    int64_t us = 0;

    ck_assert_msg(rt_time_parse(rt_span_of(text), &iso, NULL, &us) == RT_OK, "%s", text);
    return us;
}

static const struct {
    const char *zone, *at;
    int east_s;
} offsets[] = {
    { "UTC", "2020-06-01T00:00:00", 0 },
    { "Europe/Rome", "1850-01-01T00:00:00", 49 * 60 + 56 },
    { "Europe/Rome", "1893-10-31T22:59:59", 49 * 60 + 56 },
    { "Europe/Rome", "1893-10-31T23:00:00", HM(1, 0) },
    { "Europe/Rome", "1900-01-01T00:00:00", HM(1, 0) },
    { "Europe/Rome", "2019-03-31T00:59:59", HM(1, 0) },
    { "Europe/Rome", "2019-03-31T01:00:00", HM(2, 0) },
    { "Europe/Rome", "2019-10-27T00:59:59", HM(2, 0) },
    { "Europe/Rome", "2019-10-27T01:00:00", HM(1, 0) },
    { "Europe/Rome", "2100-03-28T00:59:59", HM(1, 0) },
    { "Europe/Rome", "2100-03-28T01:00:00", HM(2, 0) },
    { "Europe/Rome", "2100-10-31T00:59:59", HM(2, 0) },
    { "Europe/Rome", "2100-10-31T01:00:00", HM(1, 0) },
    { "Europe/Rome", "9999-07-01T00:00:00", HM(2, 0) },
    { "Europe/Berlin", "1900-06-01T00:00:00", HM(1, 0) },
    { "Europe/Berlin", "1893-03-31T23:06:31", 53 * 60 + 28 },
    { "Europe/Berlin", "1893-03-31T23:06:32", HM(1, 0) },
    { "Europe/Berlin", "1945-06-01T00:00:00", HM(3, 0) },
    { "Europe/Dublin", "2024-01-15T00:00:00", 0 },
    { "Europe/Dublin", "2050-07-15T00:00:00", HM(1, 0) },
    { "America/New_York", "2100-03-14T06:59:59", -HM(5, 0) },
    { "America/New_York", "2100-03-14T07:00:00", -HM(4, 0) },
    { "America/New_York", "2100-11-07T05:59:59", -HM(4, 0) },
    { "America/New_York", "2100-11-07T06:00:00", -HM(5, 0) },
    { "America/Sao_Paulo", "2018-11-04T02:59:59", -HM(3, 0) },
    { "America/Sao_Paulo", "2018-11-04T03:00:00", -HM(2, 0) },
    { "America/Sao_Paulo", "2019-02-17T01:59:59", -HM(2, 0) },
    { "America/Sao_Paulo", "2019-02-17T02:00:00", -HM(3, 0) },
    { "America/Sao_Paulo", "2019-12-15T00:00:00", -HM(3, 0) },
    { "America/Sao_Paulo", "2100-12-15T00:00:00", -HM(3, 0) },
    { "Australia/Sydney", "2020-04-04T15:59:59", HM(11, 0) },
    { "Australia/Sydney", "2020-04-04T16:00:00", HM(10, 0) },
    { "Australia/Sydney", "2020-10-03T15:59:59", HM(10, 0) },
    { "Australia/Sydney", "2020-10-03T16:00:00", HM(11, 0) },
    { "Australia/Sydney", "2100-01-01T00:00:00", HM(11, 0) },
    { "Australia/Lord_Howe", "2020-04-04T14:59:59", HM(11, 0) },
    { "Australia/Lord_Howe", "2020-04-04T15:00:00", HM(10, 30) },
    { "Australia/Lord_Howe", "2020-10-03T15:29:59", HM(10, 30) },
    { "Australia/Lord_Howe", "2020-10-03T15:30:00", HM(11, 0) },
    { "Pacific/Apia", "2011-12-30T09:59:59", -HM(10, 0) },
    { "Pacific/Apia", "2011-12-30T10:00:00", HM(14, 0) },
    { "Asia/Kolkata", "2026-07-01T00:00:00", HM(5, 30) },
    { "Etc/GMT+12", "2026-07-01T00:00:00", -HM(12, 0) },
};

START_TEST(offset_at_an_instant)
{
    struct rt_zone *zone = load(offsets[_i].zone);
    int64_t from, to, us = utc(offsets[_i].at);
    int32_t east = rt_zone_offset(zone, us, &from, &to);

    ck_assert_msg(
        east == offsets[_i].east_s, "%s %s: %d", offsets[_i].zone, offsets[_i].at, east);
    ck_assert(from <= us && us < to);
    ck_assert_int_eq(rt_zone_offset(zone, from, NULL, NULL), east);
    ck_assert_int_eq(rt_zone_offset(zone, to - 1, NULL, NULL), east);
    if (to != RT_TIME_MAX)
        ck_assert_int_ne(rt_zone_offset(zone, to, NULL, NULL), east);
    rt_zone_free(zone);
}
END_TEST

static const struct {
    const char *name, *zone, *local, *at;
} readings[] = {
    { "winter", "Europe/Rome", "2019-01-15T12:00:00", "2019-01-15T11:00:00" },
    { "summer", "Europe/Rome", "2019-07-15T12:00:00", "2019-07-15T10:00:00" },
    { "before the jump", "Europe/Rome", "2019-03-31T01:59:59", "2019-03-31T00:59:59" },
    { "skipped", "Europe/Rome", "2019-03-31T02:30:00", "2019-03-31T01:30:00" },
    { "skipped, its beginning", "Europe/Rome", "2019-03-31T02:00:00",
        "2019-03-31T01:00:00" },
    { "behind the jump", "Europe/Rome", "2019-03-31T03:00:00", "2019-03-31T01:00:00" },
    { "before the repeat", "Europe/Rome", "2019-10-27T01:59:59", "2019-10-26T23:59:59" },
    { "repeated, the first", "Europe/Rome", "2019-10-27T02:30:00",
        "2019-10-27T00:30:00" },
    { "behind the repeat", "Europe/Rome", "2019-10-27T03:00:00", "2019-10-27T02:00:00" },
    { "skipped in 2100", "Europe/Rome", "2100-03-28T02:30:00", "2100-03-28T01:30:00" },
    { "midnight that is not", "America/Sao_Paulo", "2018-11-04T00:00:00",
        "2018-11-04T03:00:00" },
    { "hour repeated before midnight", "America/Sao_Paulo", "2019-02-16T23:30:00",
        "2019-02-17T01:30:00" },
    { "midnight behind it", "America/Sao_Paulo", "2019-02-17T00:00:00",
        "2019-02-17T03:00:00" },
    { "southern repeat", "Australia/Sydney", "2020-04-05T02:30:00",
        "2020-04-04T15:30:00" },
    { "southern skip", "Australia/Sydney", "2020-10-04T02:30:00", "2020-10-03T16:30:00" },
    { "half an hour skipped", "Australia/Lord_Howe", "2020-10-04T02:15:00",
        "2020-10-03T15:45:00" },
    { "half an hour repeated", "Australia/Lord_Howe", "2020-04-05T01:45:00",
        "2020-04-04T14:45:00" },
    { "behind that repeat", "Australia/Lord_Howe", "2020-04-05T02:00:00",
        "2020-04-04T15:30:00" },
    { "a day that is not", "Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00" },
    { "the day before it", "Pacific/Apia", "2011-12-29T12:00:00", "2011-12-29T22:00:00" },
    { "the day behind it", "Pacific/Apia", "2011-12-31T00:00:00", "2011-12-30T10:00:00" },
    { "UTC", "UTC", "2020-02-29T23:59:59", "2020-02-29T23:59:59" },
};

START_TEST(instant_of_a_reading)
{
    struct rt_zone *zone = load(readings[_i].zone);
    int64_t got = rt_zone_instant(zone, utc(readings[_i].local));
    char text[40];

    rt_clock_format(got, text);
    ck_assert_msg(got == utc(readings[_i].at), "%s: %s", readings[_i].name, text);
    rt_zone_free(zone);
}
END_TEST

static const struct {
    const char *name;
    int rc;
} names[] = {
    { "UTC", RT_OK },
    { "Etc/UTC", RT_OK },
    { "GMT", RT_OK },
    { "America/Argentina/Buenos_Aires", RT_OK },
    { "America/Port-au-Prince", RT_OK },
    { "Etc/GMT-14", RT_OK },
    { "", RT_EDEFS },
    { "Europe", RT_EDEFS },
    { "Europe/", RT_EDEFS },
    { "/etc/localtime", RT_EDEFS },
    { "../zoneinfo/UTC", RT_EDEFS },
    { "Europe/../Europe/Rome", RT_EDEFS },
    { "Europe//Rome", RT_EDEFS },
    { "./Europe/Rome", RT_EDEFS },
    { "Europe/Atlantis", RT_EDEFS },
    { "Europe/Rome ", RT_EDEFS },
    { "zone.tab", RT_EDEFS },
    { "leapseconds", RT_EDEFS },
};

START_TEST(names_of_zones)
{
    struct rt_zone *zone = NULL;
    struct rt_err err = { 0 };
    int rc = rt_zone_load(names[_i].name, NULL, &zone, &err);

    ck_assert_msg(rc == names[_i].rc, "%s: %d %s", names[_i].name, rc, err.text);
    ck_assert_int_eq(err.code, rc);
    ck_assert((zone != NULL) == (rc == RT_OK));
    rt_zone_free(zone);
}
END_TEST

START_TEST(utc_needs_no_database)
{
    struct rt_zone *zone = NULL;
    struct rt_err err = { 0 };

    ck_assert_int_eq(rt_zone_load("UTC", "/nonexistent", &zone, &err), RT_OK);
    rt_zone_free(zone);
    ck_assert_int_eq(rt_zone_load("Europe/Rome", "/nonexistent", &zone, &err), RT_EIO);
    ck_assert_str_eq(err.source, "/nonexistent");
    rt_zone_free(NULL);
}
END_TEST

START_TEST(no_memory_for_a_zone)
{
    for (int nth = 1; nth <= 10; nth++) {
        struct rt_zone *zone = NULL;
        int rc;

        rt_alloc_fail_at((uint64_t)nth, 0);
        rc = rt_zone_load("Europe/Rome", NULL, &zone, NULL);
        rt_alloc_fail_at(0, 0);
        ck_assert_msg(rc == RT_OK || rc == RT_ENOMEM, "allocation %d: %d", nth, rc);
        ck_assert((zone != NULL) == (rc == RT_OK));
        if (nth == 1)
            ck_assert_int_eq(rc, RT_ENOMEM);
        rt_zone_free(zone);
    }
}
END_TEST

/* ---- files made here */

static char folder[64], file[80];

static void make_folder(void)
{
    snprintf(folder, sizeof folder, "%s/retarget-zone-XXXXXX", P_tmpdir);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/Z", folder);
}

static void remove_folder(void)
{
    unlink(file);
    rmdir(folder);
}

static void put32(unsigned char **p, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *(*p)++ = (unsigned char)(v >> shift);
}

static void put_header(unsigned char **p, uint32_t times, uint32_t types, uint32_t chars)
{
    memcpy(*p, "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    *p += 20;
    put32(p, 0);
    put32(p, 0);
    put32(p, 0);
    put32(p, times);
    put32(p, types);
    put32(p, chars);
}

enum { SECOND_HEADER = 44, TIMES = 88, WHICH = 104, TYPES = 106, FOOTER = 122 };

/* Two changes, 2000-01-01 to +2 h and 2001-01-01 to +1 h; an empty 32-bit block. */
static size_t make_file(unsigned char *bytes, const char *rule)
{
    unsigned char *p = bytes;

    put_header(&p, 0, 0, 0);
    put_header(&p, 2, 2, 4);
    put32(&p, 0);
    put32(&p, 946684800);
    put32(&p, 0);
    put32(&p, 978307200);
    *p++ = 1;
    *p++ = 0;
    put32(&p, 3600);
    *p++ = 0, *p++ = 0;
    put32(&p, 7200);
    *p++ = 1, *p++ = 0;
    memcpy(p, "XYZ", 4);
    p += 4;
    return (size_t)(p - bytes) + (size_t)snprintf((char *)p, 64, "\n%s\n", rule);
}

static int load_bytes(const unsigned char *bytes, size_t n, struct rt_zone **zone)
{
    struct rt_err err = { 0 };
    FILE *f = fopen(file, "wb");
    int rc;

    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    ck_assert_int_eq(fclose(f), 0);
    *zone = NULL;
    rc = rt_zone_load("Z", folder, zone, &err);
    ck_assert((rc == RT_OK) == (*zone != NULL));
    ck_assert_int_eq(rc, err.code);
    return rc;
}

static const struct {
    const char *name, *rule, *at;
    int east_s;
} rules[] = {
    { "none: the last type stays", "", "2050-07-01", HM(1, 0) },
    { "no summer", "XYZ-1", "2050-07-01", HM(1, 0) },
    { "before the table", "XYZ-1", "1990-07-01", HM(1, 0) },
    { "in the table", "XYZ-1", "2000-07-01", HM(2, 0) },
    { "summer an hour ahead by default", "XYZ-1XZZ,M3.5.0,M10.5.0", "2050-07-01",
        HM(2, 0) },
    { "summer named", "XYZ-1XZZ-3,M3.5.0,M10.5.0", "2050-07-01", HM(3, 0) },
    { "winter", "XYZ-1XZZ,M3.5.0,M10.5.0", "2050-01-01", HM(1, 0) },
    { "southern", "XYZ-1XZZ,M10.1.0,M4.1.0", "2050-01-01", HM(2, 0) },
    /* 2050-03-27 is the last Sunday; 02:00 by +1 is 01:00 */
    { "default hour, before", "XYZ-1XZZ,M3.5.0,M10.5.0", "2050-03-27T00:59:59",
        HM(1, 0) },
    { "default hour, at", "XYZ-1XZZ,M3.5.0,M10.5.0", "2050-03-27T01:00:00", HM(2, 0) },
    { "quoted, seconds", "<+01>-1<+03>-3,M3.5.0/0:30:15,M10.5.0", "2050-03-26T23:30:14",
        HM(1, 0) },
    { "quoted, seconds, at", "<+01>-1<+03>-3,M3.5.0/0:30:15,M10.5.0",
        "2050-03-26T23:30:15", HM(3, 0) },
    { "negative hours", "XYZ-1XZZ,M3.5.0/-2,M10.5.0", "2050-03-26T21:00:00", HM(2, 0) },
    { "negative hours, before", "XYZ-1XZZ,M3.5.0/-2,M10.5.0", "2050-03-26T20:59:59",
        HM(1, 0) },
    { "hours of later days", "XYZ-1XZZ,M3.4.4/50,M10.5.0", "2050-03-26T00:59:59",
        HM(1, 0) },
    { "hours of later days, at", "XYZ-1XZZ,M3.4.4/50,M10.5.0", "2050-03-26T01:00:00",
        HM(2, 0) },
    /* J60 is 1 March always, 59 is 29 February in a leap year, 1 March else */
    { "Julian day, leap year, before", "XYZ-1XZZ,J60,J300", "2052-03-01T00:59:59",
        HM(1, 0) },
    { "Julian day, leap year", "XYZ-1XZZ,J60,J300", "2052-03-01T01:00:00", HM(2, 0) },
    { "Julian day", "XYZ-1XZZ,J60,J300", "2051-03-01T01:00:00", HM(2, 0) },
    { "counted day, leap year", "XYZ-1XZZ,59,300", "2052-02-29T01:00:00", HM(2, 0) },
    { "counted day", "XYZ-1XZZ,59,300", "2051-03-01T00:59:59", HM(1, 0) },
    { "summer all year, January", "XYZ-1XZZ-2,0/0,J365/25", "2050-01-01T00:00:00",
        HM(2, 0) },
    { "summer all year, its turn", "XYZ-1XZZ-2,0/0,J365/25", "2049-12-31T23:00:00",
        HM(2, 0) },
    { "summer all year, before it", "XYZ-1XZZ-2,0/0,J365/25", "2049-12-31T22:59:59",
        HM(2, 0) },
};

START_TEST(rule_behind_the_table)
{
    unsigned char bytes[256];
    size_t n = make_file(bytes, rules[_i].rule);
    struct rt_zone *zone;
    int32_t east;

    ck_assert_msg(load_bytes(bytes, n, &zone) == RT_OK, "%s", rules[_i].name);
    east = rt_zone_offset(zone, utc(rules[_i].at), NULL, NULL);
    ck_assert_msg(east == rules[_i].east_s, "%s: %d", rules[_i].name, east);
    rt_zone_free(zone);
}
END_TEST

START_TEST(calendar_repeats_after_400_years)
{
    struct rt_zone *zone = load("Europe/Rome");
    const int64_t cycle = INT64_C(146097) * RT_DAY_US;
    int64_t us = utc("2038-01-01"), end = utc("2060-01-01");

    while (us < end) {
        int64_t from, to, from2, to2;
        int32_t east = rt_zone_offset(zone, us, &from, &to);

        for (int k = 1; k <= 19; k++) {
            ck_assert_int_eq(rt_zone_offset(zone, us + k * cycle, &from2, &to2), east);
            ck_assert_int_eq(from2, from + k * cycle);
            ck_assert_int_eq(to2, to + k * cycle);
        }
        us = to;
    }
    rt_zone_offset(zone, INT64_MAX, NULL, NULL);
    rt_zone_offset(zone, INT64_MIN, NULL, NULL);
    rt_zone_instant(zone, INT64_MAX);
    rt_zone_instant(zone, INT64_MIN);
    rt_zone_free(zone);
}
END_TEST

static const char *const bad_rules[] = { "X-1", "XYZ", "XYZ-25", "XYZ-1:60", "XYZ-1x",
    "XYZ-1XZZ", "XYZ-1XZZ,M3.5.0", "XYZ-1XZZ,M13.1.0,M10.5.0", "XYZ-1XZZ,M0.1.0,M10.5.0",
    "XYZ-1XZZ,M3.6.0,M10.5.0", "XYZ-1XZZ,M3.0.0,M10.5.0", "XYZ-1XZZ,M3.1.7,M10.5.0",
    "XYZ-1XZZ,J0,J300", "XYZ-1XZZ,J366,J300", "XYZ-1XZZ,366,300",
    "XYZ-1XZZ,M3.5.0/168,J9", "XYZ-1XZZ,M3.5.0,M10.5.0,", "<XYZ-1", "XYZ-",
    "XYZ-1XZZ,M3.5,M10.5.0", "XYZ-1XZZ,J,J9", ":Europe/Rome", "XYZ-1XZZ,M3.5.0/,J9",
    "XYZ-9999999999" };

START_TEST(bad_rule_is_refused)
{
    unsigned char bytes[256];
    size_t n = make_file(bytes, bad_rules[_i]);
    struct rt_zone *zone;

    ck_assert_msg(load_bytes(bytes, n, &zone) == RT_EIO, "%s", bad_rules[_i]);
}
END_TEST

static const struct {
    const char *name;
    size_t at;
    unsigned char byte;
} damages[] = {
    { "magic of the second header", SECOND_HEADER, 'X' },
    { "version 1", 4, '\0' },
    { "32-bit block past the end", 32, 0xff },
    { "times past the end", SECOND_HEADER + 32, 0xff },
    { "types past the end", SECOND_HEADER + 36, 0xff },
    { "texts past the end", SECOND_HEADER + 40, 0xff },
    { "leap seconds past the end", SECOND_HEADER + 28, 0xff },
    { "no type at all", SECOND_HEADER + 39, 0 },
    { "a type that is not there", WHICH, 2 },
    { "times that descend", TIMES + 4, 0x7f },
    { "times of the year 10000", TIMES + 8, 0x7f },
    { "offset of a year", TYPES, 0x7f },
    { "no newline before the rule", FOOTER, ' ' },
};

START_TEST(damaged_file_is_refused)
{
    unsigned char bytes[256];
    size_t n = make_file(bytes, "XYZ-1");
    struct rt_zone *zone;

    ck_assert_uint_eq(bytes[FOOTER], '\n');
    bytes[damages[_i].at] = damages[_i].byte;
    ck_assert_msg(load_bytes(bytes, n, &zone) == RT_EIO, "%s", damages[_i].name);
}
END_TEST

START_TEST(cut_file_is_refused)
{
    unsigned char bytes[256];
    size_t n = make_file(bytes, "XYZ-1XZZ,M3.5.0,M10.5.0");
    struct rt_zone *zone;

    for (size_t part = 0; part < n; part++)
        ck_assert_msg(load_bytes(bytes, part, &zone) == RT_EIO, "%zu bytes", part);
    ck_assert_int_eq(load_bytes(bytes, n, &zone), RT_OK);
    rt_zone_free(zone);
}
END_TEST

START_TEST(leap_seconds_are_refused)
{
    unsigned char bytes[256];
    size_t n = make_file(bytes, "XYZ-1");
    struct rt_zone *zone;

    memmove(bytes + FOOTER + 12, bytes + FOOTER, n - FOOTER);
    memset(bytes + FOOTER, 0, 12);
    bytes[SECOND_HEADER + 31] = 1;
    ck_assert_int_eq(load_bytes(bytes, n + 12, &zone), RT_EDEFS);
}
END_TEST

/* Whatever is accepted answers, and its stretches tile the time. */
static void walk(const struct rt_zone *zone)
{
    int64_t from, to, us = RT_TIME_MIN;

    for (int i = 0; i < 100; i++, us = to) {
        rt_zone_offset(zone, us, &from, &to);
        ck_assert_int_eq(from, us);
        ck_assert_int_lt(from, to);
        rt_zone_instant(zone, us);
        if (to == RT_TIME_MAX)
            break;
    }
}

START_TEST(any_bytes_are_survived)
{
    unsigned short seed[3] = { 4, 5, 6 };

    for (int i = 0; i < 1000; i++) {
        unsigned char bytes[256];
        size_t n = make_file(bytes, "XYZ-1XZZ,M3.5.0/1,J300/-3");
        struct rt_zone *zone;

        for (long k = nrand48(seed) % 4; k >= 0; k--)
            bytes[nrand48(seed) % (long)n] = (unsigned char)nrand48(seed);
        if (load_bytes(bytes, n, &zone) == RT_OK)
            walk(zone);
        rt_zone_free(zone);
    }
}
END_TEST

Suite *zone_suite(void)
{
    Suite *s = suite_create("zone");
    TCase *tc = tcase_create("zones"), *files = tcase_create("files");

    tcase_add_loop_test(tc, offset_at_an_instant, 0, LEN(offsets));
    tcase_add_loop_test(tc, instant_of_a_reading, 0, LEN(readings));
    tcase_add_loop_test(tc, names_of_zones, 0, LEN(names));
    tcase_add_test(tc, utc_needs_no_database);
    tcase_add_test(tc, no_memory_for_a_zone);
    tcase_add_test(tc, calendar_repeats_after_400_years);
    suite_add_tcase(s, tc);
    tcase_add_checked_fixture(files, make_folder, remove_folder);
    tcase_add_loop_test(files, rule_behind_the_table, 0, LEN(rules));
    tcase_add_loop_test(files, bad_rule_is_refused, 0, LEN(bad_rules));
    tcase_add_loop_test(files, damaged_file_is_refused, 0, LEN(damages));
    tcase_add_test(files, cut_file_is_refused);
    tcase_add_test(files, leap_seconds_are_refused);
    tcase_add_test(files, any_bytes_are_survived);
    tcase_set_timeout(files, 60);
    suite_add_tcase(s, files);
    return s;
}
