/*
 * Time zones, read from the system's compiled files by ourselves: the C library knows one
 * zone at a time, keeps it in global state and takes it from the environment.
 *
 * A zone is one array of stretches, each beginning where the last ends, neighbours with
 * different offsets:
 *
 *     from  -infinity   1893-10-31T23:00:00Z   1916-06-03T23:00:00Z   ...
 *     east     0:49:56               1:00:00                2:00:00        (Europe/Rome)
 *
 * Files state the changes of the past one by one, and those to come by a rule ("last
 * Sunday in March"). The rule is spelled out once, at loading, for 400 years: after that
 * the calendar and its weekdays repeat, so a later time is looked up whole cycles earlier.
 * Thus one binary search answers for all times.
 *
 * Files are taken as hostile: every count is checked against the size before it is used.
 */
#include "base/zone.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/timetext.h"

enum {
    FILE_MAX_BYTES = 1 << 20, /* the largest real one has 4 KiB */
    CHANGES_MAX = 2000,       /* as in the reference code; the most real ones are 250 */
    TYPES_MAX = 256,
    HEADER_BYTES = 44,
    TYPE_BYTES = 6,
    WEST_MAX_S = 89999, /* the bounds of RFC 9636, 3.2, for offsets */
    EAST_MAX_S = 93599,
    CYCLE_YEARS = 400
};

#define CYCLE_US (INT64_C(146097) * RT_DAY_US) /* of 400 Gregorian years, whole weeks */

struct stretch {
    int64_t from_us; /* to the next one's; the first begins at INT64_MIN */
    int32_t east_s;
};

struct rt_zone {
    size_t n;             /* stretches, one at least */
    int64_t repeat_us;    /* from here on the last CYCLE_US repeat; INT64_MAX: never */
    struct stretch all[]; /* ascending, neighbours differ in offset */
};

/* ---- looking up */

/* The ends of time stay where they are when a stretch is shifted. */
static int64_t shifted(int64_t us, int64_t by)
{
    return us == INT64_MIN || us == INT64_MAX ? us : rt_add_capped(us, by);
}

/* The index of the last stretch that begins at us or before. */
static size_t find(const struct rt_zone *zone, int64_t us)
{
    const struct stretch *base = zone->all;
    size_t n = zone->n;

    while (n > 1) {
        size_t half = n / 2;

        base = base[half].from_us <= us ? base + half : base;
        n -= half;
    }
    return (size_t)(base - zone->all);
}

int32_t rt_zone_offset(
    const struct rt_zone *zone, int64_t us, int64_t *from_us, int64_t *to_us)
{
    int64_t cycles_us = 0;
    size_t i;

    if (zone && us >= zone->repeat_us)
        cycles_us = ((us - zone->repeat_us) / CYCLE_US + 1) * CYCLE_US;
    i = zone ? find(zone, us - cycles_us) : 0;
    if (from_us)
        *from_us = zone ? shifted(zone->all[i].from_us, cycles_us) : INT64_MIN;
    if (to_us)
        *to_us = zone && i + 1 < zone->n ? shifted(zone->all[i + 1].from_us, cycles_us)
                                         : INT64_MAX;
    return zone ? zone->all[i].east_s : 0;
}

/* Walks the stretches from one that surely lies before to the first whose local end is
 * past the reading. When that one begins past the reading too, the clock jumped over it. */
int64_t rt_zone_instant(const struct rt_zone *zone, int64_t local_us)
{
    int64_t from, to, at = rt_add_capped(local_us, -EAST_MAX_S * RT_SECOND_US);
    int64_t east, before = 0;

    for (;; at = to, before = east) {
        east = rt_zone_offset(zone, at, &from, &to) * RT_SECOND_US;
        if (to == INT64_MAX || local_us < shifted(to, east))
            break;
    }
    if (local_us < shifted(from, east))
        east = before;
    return rt_add_capped(local_us, -east);
}

/* ---- building */

static void add_stretch(struct rt_zone *zone, int64_t from_us, int32_t east_s)
{
    struct stretch *last = &zone->all[zone->n - 1];

    if (from_us == last->from_us) /* the rule settles it, or it lies before all time */
        last->east_s = east_s;
    else if (last->east_s != east_s)
        zone->all[zone->n++] = (struct stretch) { from_us, east_s };
}

static struct rt_zone *zone_new(size_t stretches, int32_t east_s)
{
    struct rt_zone *zone = rt_malloc(sizeof *zone + stretches * sizeof *zone->all);

    if (!zone)
        return NULL;
    zone->n = 1;
    zone->repeat_us = INT64_MAX;
    zone->all[0] = (struct stretch) { INT64_MIN, east_s };
    return zone;
}

/* ---- the rule behind the table: a POSIX TZ text, RFC 9636, 3.3.1 */

enum day_kind {
    DAY_OF_WEEK, /* Mm.w.d */
    DAY_JULIAN,  /* Jn: 1 to 365, 29 February never counts */
    DAY_OF_YEAR  /* n: 0 to 365, it counts */
};

struct change {
    enum day_kind kind;
    int month, week, day;
    int32_t time_s; /* of the local day, by the clock before the change */
};

struct rule {
    int32_t standard_s, summer_s; /* east */
    bool changes;                 /* when false there is only standard_s */
    struct change to_summer, to_standard;
};

/* One to three digits with a value up to max; -1 when they are not there. */
static int take_number(struct rt_span *rest, int max)
{
    int value = 0, digits = 0;

    while (digits < 3 && rest->n && *rest->p >= '0' && *rest->p <= '9') {
        value = value * 10 + (*rest->p - '0');
        rest->p++, rest->n--, digits++;
    }
    return digits && value <= max ? value : -1;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static int take_time(struct rt_span *rest, int max_hours, int32_t *seconds)
{
    bool negative = rt_take_char(rest, '-');
    int hours, minutes = 0, secs = 0;

    if (!negative)
        rt_take_char(rest, '+');
    hours = take_number(rest, max_hours);
    if (hours >= 0 && rt_take_char(rest, ':')) {
        minutes = take_number(rest, 59);
        if (minutes >= 0 && rt_take_char(rest, ':'))
            secs = take_number(rest, 59);
    }
    if (hours < 0 || minutes < 0 || secs < 0)
        return RT_ESYNTAX;
    *seconds = hours * 3600 + minutes * 60 + secs;
    if (negative)
        *seconds = -*seconds;
    return RT_OK;
}

static bool is_letter(char c)
{
    return rt_ascii_lower(c) >= 'a' && rt_ascii_lower(c) <= 'z';
}

/* "CEST" or "<+0530>"; the name itself is of no use here. */
static int skip_abbreviation(struct rt_span *rest)
{
    size_t n = 0;

    if (rt_take_char(rest, '<')) {
        while (n < rest->n && rest->p[n] != '>')
            n++;
        if (n == rest->n)
            return RT_ESYNTAX;
        rest->p += n + 1, rest->n -= n + 1;
        return RT_OK;
    }
    while (n < rest->n && is_letter(rest->p[n]))
        n++;
    rest->p += n, rest->n -= n;
    return n >= 3 ? RT_OK : RT_ESYNTAX;
}

static int take_change(struct rt_span *rest, struct change *change)
{
    *change = (struct change) { .time_s = 2 * 3600 };
    if (!rt_take_char(rest, ','))
        return RT_ESYNTAX;
    if (rt_take_char(rest, 'M')) {
        change->kind = DAY_OF_WEEK;
        change->month = take_number(rest, 12);
        change->week = rt_take_char(rest, '.') ? take_number(rest, 5) : -1;
        change->day = rt_take_char(rest, '.') ? take_number(rest, 6) : -1;
        if (change->month < 1 || change->week < 1)
            return RT_ESYNTAX;
    } else if (rt_take_char(rest, 'J')) {
        change->kind = DAY_JULIAN;
        change->day = take_number(rest, 365);
        if (change->day == 0)
            return RT_ESYNTAX;
    } else {
        change->kind = DAY_OF_YEAR;
        change->day = take_number(rest, 365);
    }
    if (change->day < 0)
        return RT_ESYNTAX;
    return rt_take_char(rest, '/') ? take_time(rest, 167, &change->time_s) : RT_OK;
}

static int rule_parse(struct rt_span rest, struct rule *rule)
{
    int32_t west;

    *rule = (struct rule) { 0 };
    if (skip_abbreviation(&rest) < 0 || take_time(&rest, 24, &west) < 0)
        return RT_ESYNTAX;
    rule->standard_s = -west;
    if (rest.n == 0)
        return RT_OK;
    rule->changes = true;
    rule->summer_s = rule->standard_s + 3600;
    if (skip_abbreviation(&rest) < 0 || rest.n == 0)
        return RT_ESYNTAX;
    if (*rest.p != ',') {
        if (take_time(&rest, 24, &west) < 0)
            return RT_ESYNTAX;
        rule->summer_s = -west;
    }
    if (take_change(&rest, &rule->to_summer) < 0
        || take_change(&rest, &rule->to_standard) < 0)
        return RT_ESYNTAX;
    return rest.n ? RT_ESYNTAX : RT_OK;
}

/* The day of a change in a year, from 1970-01-01. */
static int64_t change_day(const struct change *change, int year)
{
    int64_t first, next, day;

    switch (change->kind) {
    case DAY_JULIAN:
        return rt_clock_days(year, 1, 1) + change->day - 1
            + (rt_is_leap(year) && change->day >= 60);
    case DAY_OF_YEAR:
        return rt_clock_days(year, 1, 1) + change->day;
    default:
        first = rt_clock_days(year, change->month, 1);
        next = change->month == 12 ? rt_clock_days(year + 1, 1, 1)
                                   : rt_clock_days(year, change->month + 1, 1);
        /* 1970-01-01 was a Thursday, 4 from Sunday. Days before it are negative, back to
         * -719,162 in the year 1; 719,467 is a multiple of 7. */
        day = first + (change->day - (first + 4 + 719467) % 7 + 7) % 7
            + (change->week - 1) * 7;
        return day < next ? day : day - 7;
    }
}

struct moment {
    int64_t us;
    int32_t east_s;
};

/* Puts a moment into its place: rules give them almost in order. Behind one of the same
 * time, so that a summer that begins as the last one ends has no gap. */
static void insert(struct moment *moments, size_t n, struct moment one)
{
    for (; n > 0 && moments[n - 1].us > one.us; n--)
        moments[n] = moments[n - 1];
    moments[n] = one;
}

/* The years for which a rule that holds from from_us on is spelled out. */
struct years {
    int first, last;
};

/* Two years early, to know the state at from_us; a cycle, and to spare. The repeated part
 * ends past 2370, so that whole cycles can be taken off any time without overflow. */
static struct years rule_years(int64_t from_us)
{
    int year = from_us == INT64_MIN ? 1 : rt_clock_civil(from_us).year;
    int first = year > 3 ? year - 2 : 1;

    return (struct years) { first, (first > 1972 ? first : 1972) + CYCLE_YEARS + 6 };
}

static size_t rule_moments(struct years years)
{
    return 2 * (size_t)(years.last - years.first + 1);
}

/* All changes of the years, in order of time. Those of the last year are left out: what
 * happens at its end would need the next. */
static size_t spell_out(
    const struct rule *rule, struct years years, struct moment *moments)
{
    size_t n = 0;
    int64_t end_us = rt_clock_days(years.last, 1, 1) * RT_DAY_US;

    for (int year = years.first; year <= years.last; year++) {
        int64_t summer = change_day(&rule->to_summer, year) * 86400
            + rule->to_summer.time_s - rule->standard_s;
        int64_t standard = change_day(&rule->to_standard, year) * 86400
            + rule->to_standard.time_s - rule->summer_s;

        insert(
            moments, n++, (struct moment) { standard * RT_SECOND_US, rule->standard_s });
        insert(moments, n++, (struct moment) { summer * RT_SECOND_US, rule->summer_s });
    }
    while (n && moments[n - 1].us >= end_us)
        n--;
    return n;
}

/* Continues the zone by the rule from from_us on (INT64_MIN: for all time). */
static int apply_rule(struct rt_zone *zone, const struct rule *rule, int64_t from_us)
{
    struct years years = rule_years(from_us);
    struct moment *moments;
    size_t n, i = 0, known;
    int32_t east_s = rule->standard_s;

    if (!rule->changes) {
        add_stretch(zone, from_us, rule->standard_s);
        return RT_OK;
    }
    moments = rt_calloc(rule_moments(years), sizeof *moments);
    if (!moments)
        return RT_ENOMEM;
    n = spell_out(rule, years, moments);
    for (; i < n && moments[i].us <= from_us; i++)
        east_s = moments[i].east_s;
    add_stretch(zone, from_us, east_s);
    known = zone->n;
    for (; i < n; i++)
        if (i + 1 == n || moments[i + 1].us > moments[i].us)
            add_stretch(zone, moments[i].us, moments[i].east_s);
    if (zone->n > known)
        zone->repeat_us = zone->all[zone->n - 1].from_us;
    rt_free(moments);
    return RT_OK;
}

/* ---- the file: RFC 9636, 3 */

struct header {
    size_t isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt;
};

struct block {
    size_t nchanges, ntypes;
    const unsigned char *times; /* 8 bytes each */
    const unsigned char *which; /* the type from then on, a byte each */
    const unsigned char *types; /* TYPE_BYTES each: offset, summer or not, name */
};

static uint32_t be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be64(const unsigned char *p)
{
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static int take_header(struct rt_span *rest, struct header *h)
{
    const unsigned char *p = (const unsigned char *)rest->p;

    if (rest->n < HEADER_BYTES || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
        return RT_ESYNTAX;
    *h = (struct header) { be32(p + 20), be32(p + 24), be32(p + 28), be32(p + 32),
        be32(p + 36), be32(p + 40) };
    rest->p += HEADER_BYTES, rest->n -= HEADER_BYTES;
    return RT_OK;
}

/* The size of the block behind a header: at most 2^32 * 35, no overflow in 64 bits. */
static uint64_t block_bytes(const struct header *h, unsigned time_bytes)
{
    return (uint64_t)h->timecnt * (time_bytes + 1) + (uint64_t)h->typecnt * TYPE_BYTES
        + h->charcnt + (uint64_t)h->leapcnt * (time_bytes + 4) + h->isstdcnt + h->isutcnt;
}

static int32_t type_offset(const struct block *block, size_t type)
{
    return (int32_t)be32(block->types + type * TYPE_BYTES);
}

static int check_block(const struct block *block)
{
    for (size_t i = 0; i < block->ntypes; i++) {
        int32_t east = type_offset(block, i);

        if (east < -WEST_MAX_S || east > EAST_MAX_S)
            return RT_ESYNTAX;
    }
    for (size_t i = 0; i < block->nchanges; i++)
        if (block->which[i] >= block->ntypes
            || (i && be64(block->times + 8 * i) <= be64(block->times + 8 * (i - 1))))
            return RT_ESYNTAX;
    return RT_OK;
}

static int take_block(struct rt_span *rest, const struct header *h, struct block *block)
{
    const unsigned char *p = (const unsigned char *)rest->p;
    uint64_t bytes = block_bytes(h, 8);

    if (bytes > rest->n || h->timecnt > CHANGES_MAX || h->typecnt < 1
        || h->typecnt > TYPES_MAX)
        return RT_ESYNTAX;
    *block = (struct block) { h->timecnt, h->typecnt, p, p + 8 * h->timecnt,
        p + 9 * h->timecnt };
    rest->p += bytes, rest->n -= bytes;
    return check_block(block);
}

/* The rule's text stands between two newlines at the end of the file; it may be empty. */
static int take_footer(struct rt_span *rest, struct rt_span *text)
{
    const char *end;

    if (!rt_take_char(rest, '\n') || rest->n == 0)
        return RT_ESYNTAX;
    end = memchr(rest->p, '\n', rest->n);
    if (!end)
        return RT_ESYNTAX;
    *text = (struct rt_span) { rest->p, (size_t)(end - rest->p) };
    return RT_OK;
}

static int64_t seconds_to_us(int64_t seconds)
{
    int64_t us;

    if (__builtin_mul_overflow(seconds, RT_SECOND_US, &us))
        return seconds < 0 ? INT64_MIN : INT64_MAX;
    return us;
}

static int64_t change_us(const struct block *block, size_t i)
{
    return seconds_to_us(be64(block->times + 8 * i));
}

static int build(const struct block *block, const struct rule *rule, struct rt_zone **out)
{
    int64_t last_us = block->nchanges ? change_us(block, block->nchanges - 1) : INT64_MIN;
    struct rt_zone *zone;
    int rc = RT_OK;

    if (last_us >= rt_clock_days(10000, 1, 1) * RT_DAY_US)
        return RT_ESYNTAX; /* no such file is; and the rule has to end within 64 bits */
    zone = zone_new(
        block->nchanges + rule_moments(rule_years(last_us)) + 2, type_offset(block, 0));
    if (!zone)
        return RT_ENOMEM;
    for (size_t i = 0; i < block->nchanges; i++)
        add_stretch(zone, change_us(block, i), type_offset(block, block->which[i]));
    if (rule)
        rc = apply_rule(zone, rule, last_us);
    if (rc < 0)
        rt_zone_free(zone);
    else
        *out = zone;
    return rc;
}

/* Leap seconds ("right/...") would make every time differ from everyone else's. */
static int parse(struct rt_span rest, struct rt_zone **out, bool *leaps)
{
    struct header h;
    struct block block;
    struct rule rule;
    struct rt_span text;
    uint64_t skip;

    if (take_header(&rest, &h) < 0)
        return RT_ESYNTAX;
    skip = block_bytes(&h, 4); /* the 32-bit block, there for old readers */
    if (skip > rest.n)
        return RT_ESYNTAX;
    rest.p += skip, rest.n -= skip;
    if (take_header(&rest, &h) < 0 || take_block(&rest, &h, &block) < 0
        || take_footer(&rest, &text) < 0)
        return RT_ESYNTAX;
    *leaps = h.leapcnt > 0;
    if (*leaps || (text.n && rule_parse(text, &rule) < 0))
        return RT_ESYNTAX;
    return build(&block, text.n ? &rule : NULL, out);
}

/* ---- names */

/* Letters, digits and "+-_", in parts that a slash divides: no way out of the folder. */
static bool is_zone_name(const char *name)
{
    size_t n = 0, part = 0;

    for (; name[n]; n++) {
        char c = name[n];

        if (c == '/') {
            if (part == 0)
                return false;
            part = 0;
        } else if (is_letter(c) || (c >= '0' && c <= '9') || strchr("+-_", c)) {
            part++;
        } else {
            return false;
        }
    }
    return part > 0 && n < 256;
}

static bool is_utc(const char *name)
{
    return strcmp(name, "UTC") == 0 || strcmp(name, "Etc/UTC") == 0
        || strcmp(name, "GMT") == 0 || strcmp(name, "Etc/GMT") == 0;
}

static int no_such_zone(const char *name, struct rt_err *err)
{
    return rt_err_set(err, RT_EDEFS,
        "no time zone is named \"%.64s\"; use an IANA name such as Europe/Rome", name);
}

static int load_file(
    const char *name, const char *path, struct rt_zone **out, struct rt_err *err)
{
    struct rt_buf buf = RT_BUF_INIT(FILE_MAX_BYTES);
    bool leaps = false;
    int rc = rt_buf_read_file(&buf, path, err);

    if (rc == RT_ELIMIT)
        rc = RT_EIO; /* reported by then */
    if (rc < 0)
        goto out;
    if (buf.n >= 4 && memcmp(buf.p, "TZif", 4) != 0) { /* zone.tab and its like */
        rc = no_such_zone(name, err);
        goto out;
    }
    rc = parse(rt_buf_span(&buf), out, &leaps);
    if (rc == RT_ENOMEM)
        rt_err_set(err, rc, "out of memory");
    else if (leaps)
        rc = rt_err_set(err, RT_EDEFS,
            "the time zone \"%.64s\" counts leap seconds; name the plain one", name);
    else if (rc < 0)
        rc = rt_err_at(
            err, RT_EIO, path, 0, 0, "the zone file is damaged or older than version 2");
out:
    rt_buf_release(&buf);
    return rc;
}

int rt_zone_load(
    const char *name, const char *dir, struct rt_zone **out, struct rt_err *err)
{
    const char *folder = dir ? dir : "/usr/share/zoneinfo";
    char path[4096];
    struct stat st;

    if (is_utc(name)) {
        *out = zone_new(1, 0);
        return *out ? RT_OK : rt_err_set(err, RT_ENOMEM, "out of memory");
    }
    if (!is_zone_name(name))
        return no_such_zone(name, err);
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path)
        return rt_err_set(err, RT_EIO, "the path of the zone database is too long");
    if (stat(path, &st) == 0)
        return S_ISREG(st.st_mode) ? load_file(name, path, out, err)
                                   : no_such_zone(name, err);
    if (stat(folder, &st) < 0)
        return rt_err_sys(err, RT_EIO, folder, errno, "no zone database (tzdata)");
    return no_such_zone(name, err);
}

void rt_zone_free(struct rt_zone *zone)
{
    rt_free(zone);
}
