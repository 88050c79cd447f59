/*
 * Times by hand: strptime and its kin read the locale, mktime the environment, and both
 * cost far more than the rest of a record. A form has a fixed shape here, so a time is
 * read by position: eight bytes of "12:34:56" at once, the date only when it differs from
 * the last (events come nearly in order), the zone only when the last answer does not
 * hold.
 *
 * Dates are counted as days from 1970-01-01 of the proleptic Gregorian calendar, by the
 * arithmetic of years that begin in March, so that the leap day comes last.
 */
#include "base/clock.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_US (60 * RT_SECOND_US)
#define HOUR_US   (3600 * RT_SECOND_US)

/* No zone is 26 hours or more off (RFC 9636): clocks of two stretches differ by less. */
#define FARTHEST_US (26 * HOUR_US)

enum {
    YEAR_MIN = 1,
    YEAR_MAX = 9999,
    EPOCH_DIGITS = 18, /* more cannot be a time, and would not fit */
    WINDOW_DAYS_MAX = 36500
};

#define EPOCH_MAX_S INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* ---- the calendar */

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

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
    static const char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* The midnight of a date as if UTC. RT_ESYNTAX for a date that does not exist. */
static int date_us(int year, int month, int day, int64_t *us)
{
    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1
        || day > month_days(year, month))
        return RT_ESYNTAX;
    *us = rt_clock_days(year, month, day) * RT_DAY_US;
    return RT_OK;
}

/* ---- pieces */

static inline unsigned digit(char c)
{
    return (unsigned)(unsigned char)c - '0'; /* above 9 when c is no digit */
}

/* -1 when they are not two digits. */
static inline int two_digits(const char *p)
{
    unsigned tens = digit(p[0]), ones = digit(p[1]);

    return tens <= 9 && ones <= 9 ? (int)(tens * 10 + ones) : -1;
}

static inline uint64_t load8(const char *p)
{
    uint64_t bytes;

    memcpy(&bytes, p, 8);
    return le64toh(bytes);
}

/*
 * "HH:MM:SS", eight bytes, as microseconds of the day; -1 when it is none.
 *
 * XOR with "00:00:00" leaves 0 to 9 where a digit is due and 0 where a colon is; adding
 * what brings a larger value into the top bit finds anything else. Then each byte times
 * ten plus its neighbour above is a two-digit number at bytes 0, 3 and 6.
 */
static inline int64_t time_of_day(const char *p)
{
    const uint64_t form = UINT64_C(0x30303a30303a3030);
    const uint64_t excess = UINT64_C(0x76767f76767f7676);
    const uint64_t highs = UINT64_C(0x8080808080808080);
    uint64_t bytes = load8(p) ^ form;
    unsigned hour, minute, second;

    if ((bytes | (bytes + excess)) & highs)
        return -1;
    bytes = bytes * 10 + (bytes >> 8);
    hour = bytes & 0xff;
    minute = bytes >> 24 & 0xff;
    second = bytes >> 48 & 0xff;
    if (hour > 23 || minute > 59 || second > 60)
        return -1;
    return (int64_t)(hour * 3600 + minute * 60 + second) * RT_SECOND_US;
}

static inline bool take(struct rt_span *rest, char c)
{
    if (rest->n == 0 || *rest->p != c)
        return false;
    rest->p++, rest->n--;
    return true;
}

/* Digits behind the point, one at least, cut at six. */
static int take_fraction(struct rt_span *rest, int64_t *us)
{
    int32_t unit = 100000;
    size_t n = 0;

    *us = 0;
    for (; n < rest->n && digit(rest->p[n]) <= 9; n++) {
        *us += (int64_t)digit(rest->p[n]) * unit;
        unit /= 10;
    }
    rest->p += n, rest->n -= n;
    return n ? RT_OK : RT_ESYNTAX;
}

/* +-HH, +-HHMM or +-HH:MM, east positive. */
static int take_offset(struct rt_span *rest, int64_t *us)
{
    int hours, minutes = 0;
    bool west;

    if (rest->n < 3 || (*rest->p != '+' && *rest->p != '-'))
        return RT_ESYNTAX;
    west = *rest->p == '-';
    hours = two_digits(rest->p + 1);
    rest->p += 3, rest->n -= 3;
    if (take(rest, ':') || (rest->n && digit(*rest->p) <= 9)) {
        minutes = rest->n >= 2 ? two_digits(rest->p) : -1;
        if (minutes >= 0)
            rest->p += 2, rest->n -= 2;
    }
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return RT_ESYNTAX;
    *us = hours * HOUR_US + minutes * MINUTE_US;
    if (west)
        *us = -*us;
    return RT_OK;
}

/* ---- local times */

static int64_t add_capped(int64_t a, int64_t b)
{
    int64_t sum;

    if (__builtin_add_overflow(a, b, &sum))
        return b > 0 ? INT64_MAX : INT64_MIN;
    return sum;
}

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
    memo->from_us = from == RT_TIME_MIN ? from : add_capped(from, FARTHEST_US);
    memo->to_us = to == RT_TIME_MAX ? to : add_capped(to, east);
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

/* ---- dates that repeat: their bytes with a mark of the form, so that neither zeroes nor
 * a date of the other form are taken for one that is kept */

#define ISO_MARK (UINT64_C(1) << 32)
#define CLF_MARK (UINT64_C(2) << 32)

struct date_key {
    uint64_t text[2];
};

static inline bool is_kept(const struct rt_clock_memo *memo, const struct date_key *key)
{
    return memo && memo->date_text[0] == key->text[0]
        && memo->date_text[1] == key->text[1];
}

static void keep(struct rt_clock_memo *memo, const struct date_key *key, int64_t us)
{
    if (!memo)
        return;
    memo->date_text[0] = key->text[0];
    memo->date_text[1] = key->text[1];
    memo->date_us = us;
}

/* "YYYY-MM-DD", ten bytes. */
static int iso_date_anew(const char *p, int64_t *us)
{
    int century = two_digits(p), year = two_digits(p + 2);
    int month = two_digits(p + 5), day = two_digits(p + 8);

    if (p[4] != '-' || p[7] != '-' || century < 0 || year < 0)
        return RT_ESYNTAX;
    return date_us(century * 100 + year, month, day, us);
}

static inline struct date_key iso_key(const char *p)
{
    uint16_t day;

    memcpy(&day, p + 8, 2);
    return (struct date_key) { { load8(p), day | ISO_MARK } };
}

static inline int iso_date(const char *p, struct rt_clock_memo *memo, int64_t *us)
{
    struct date_key key = iso_key(p);

    if (is_kept(memo, &key)) {
        *us = memo->date_us;
        return RT_OK;
    }
    if (iso_date_anew(p, us) < 0)
        return RT_ESYNTAX;
    keep(memo, &key, *us);
    return RT_OK;
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
    int day = two_digits(p), month = clf_month(p + 3);
    int century = two_digits(p + 7), year = two_digits(p + 9);

    if (p[2] != '/' || p[6] != '/' || century < 0 || year < 0)
        return RT_ESYNTAX;
    return date_us(century * 100 + year, month, day, us);
}

static inline int clf_date(const char *p, struct rt_clock_memo *memo, int64_t *us)
{
    struct date_key key = { { load8(p), load8(p + 3) >> 40 | CLF_MARK } };

    if (is_kept(memo, &key)) {
        *us = memo->date_us;
        return RT_OK;
    }
    if (clf_date_anew(p, us) < 0)
        return RT_ESYNTAX;
    keep(memo, &key, *us);
    return RT_OK;
}

/* ---- the forms */

int rt_clock_clf(struct rt_span text, struct rt_clock_memo *memo, int64_t *us)
{
    const char *p = text.p;
    int64_t date, time;
    int hours, minutes;

    if (text.n != 26 || p[11] != ':' || p[20] != ' ' || (p[21] != '+' && p[21] != '-'))
        return RT_ESYNTAX;
    time = time_of_day(p + 12);
    hours = two_digits(p + 22);
    minutes = two_digits(p + 24);
    if (time < 0 || hours < 0 || hours > 23 || minutes < 0 || minutes > 59
        || clf_date(p, memo, &date) < 0)
        return RT_ESYNTAX;
    time += date;
    *us = p[21] == '+' ? time - (hours * HOUR_US + minutes * MINUTE_US)
                       : time + (hours * HOUR_US + minutes * MINUTE_US);
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
    int64_t part = rest->n >= 8 ? time_of_day(rest->p) : -1;
    int hour, minute;

    if (part >= 0) {
        rest->p += 8, rest->n -= 8;
        *us = part;
        if (!take(rest, '.'))
            return RT_OK;
        if (take_fraction(rest, &part) < 0)
            return RT_ESYNTAX;
        *us += part;
        return RT_OK;
    }
    if (rest->n < 5 || rest->p[2] != ':')
        return RT_ESYNTAX;
    hour = two_digits(rest->p);
    minute = two_digits(rest->p + 3);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return RT_ESYNTAX;
    rest->p += 5, rest->n -= 5;
    *us = hour * HOUR_US + minute * MINUTE_US;
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
    if (take_offset(&rest, east_us) < 0 || rest.n)
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

/* Digits to the end or to a point. -1 for none, or for more than any time has. */
static int64_t take_epoch(struct rt_span *rest)
{
    int64_t value = 0;
    size_t n = 0;

    while (n < rest->n && rest->p[n] == '0')
        n++;
    for (size_t zeros = n; n < rest->n && digit(rest->p[n]) <= 9; n++) {
        if (n - zeros == EPOCH_DIGITS)
            return -1;
        value = value * 10 + digit(rest->p[n]);
    }
    rest->p += n, rest->n -= n;
    return n ? value : -1;
}

/* unit_us  1, 1000 or RT_SECOND_US; a fraction is there for seconds alone */
static int read_epoch(struct rt_span s, int64_t unit_us, int64_t *us)
{
    int64_t part = 0, value = take_epoch(&s);

    if (value < 0 || value / (RT_SECOND_US / unit_us) > EPOCH_MAX_S)
        return RT_ESYNTAX;
    if (unit_us == RT_SECOND_US && take(&s, '.') && take_fraction(&s, &part) < 0)
        return RT_ESYNTAX;
    if (s.n)
        return RT_ESYNTAX;
    *us = value * unit_us + part;
    return RT_OK;
}

static int read_any_epoch(struct rt_span s, int64_t *us)
{
    int64_t value = take_epoch(&s);

    if (value < 0 || s.n || value >= INT64_C(100000000000000000))
        return RT_ESYNTAX;
    if (value < INT64_C(100000000000))
        value *= RT_SECOND_US;
    else if (value < INT64_C(100000000000000))
        value *= 1000;
    *us = value;
    return RT_OK;
}

/* ---- strptime patterns */

enum part {
    P_YEAR = 1,
    P_MONTH = 2,
    P_DAY = 4,
    P_HOUR = 8,
    P_MINUTE = 16,
    P_SECOND = 32,
    P_FRACTION = 64,
    P_ZONE = 128,
    P_EPOCH = 256,
    P_HOUR12 = 512,
    P_NOON = 1024,
    P_DATE = P_YEAR | P_MONTH | P_DAY
};

/* The parts that a conversion sets; -1 for one that is not supported. */
static int parts_of(char conversion)
{
    switch (conversion) {
    case 'Y':
    case 'y':
        return P_YEAR;
    case 'm':
    case 'b':
    case 'B':
        return P_MONTH;
    case 'd':
    case 'e':
        return P_DAY;
    case 'j':
        return P_MONTH | P_DAY;
    case 'D':
    case 'F':
        return P_DATE;
    case 'H':
        return P_HOUR;
    case 'I':
        return P_HOUR | P_HOUR12;
    case 'p':
        return P_NOON;
    case 'M':
        return P_MINUTE;
    case 'S':
        return P_SECOND;
    case 'R':
        return P_HOUR | P_MINUTE;
    case 'T':
        return P_HOUR | P_MINUTE | P_SECOND;
    case 'f':
        return P_FRACTION;
    case 'z':
    case 'Z':
        return P_ZONE;
    case 's':
        return P_EPOCH;
    case 'n':
    case 't':
    case '%':
        return 0;
    default:
        return -1;
    }
}

/* A pattern names each part once, and either a whole date or an epoch alone. */
static int check_pattern(const char *pattern)
{
    int seen = 0;

    for (const char *p = pattern; *p; p++) {
        int parts;

        if (*p != '%')
            continue;
        parts = parts_of(*++p);
        if (parts < 0 || (seen & parts))
            return RT_ESYNTAX;
        seen |= parts;
    }
    if (!(seen & P_HOUR12) != !(seen & P_NOON))
        return RT_ESYNTAX;
    if ((seen & P_FRACTION) && !(seen & (P_SECOND | P_EPOCH)))
        return RT_ESYNTAX;
    if (seen & P_EPOCH)
        return seen & ~(P_EPOCH | P_FRACTION) ? RT_ESYNTAX : RT_OK;
    return (seen & P_DATE) == P_DATE ? RT_OK : RT_ESYNTAX;
}

struct parts {
    int year, month, day;
    int day_of_year; /* 0: month and day count */
    int hour, minute, second;
    int64_t fraction_us, east_us;
    int64_t epoch_s; /* -1: none */
    bool pm, has_zone;
};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_space(struct rt_span *rest)
{
    while (rest->n && is_space(*rest->p))
        rest->p++, rest->n--;
}

/* min_digits to max_digits digits with a value of at least low and at most high. */
static int take_int(
    struct rt_span *rest, size_t min_digits, size_t max_digits, int low, int high, int *out)
{
    int value = 0;
    size_t n = 0;

    for (; n < max_digits && n < rest->n && digit(rest->p[n]) <= 9; n++)
        value = value * 10 + (int)digit(rest->p[n]);
    if (n < min_digits || value < low || value > high)
        return RT_ESYNTAX;
    rest->p += n, rest->n -= n;
    *out = value;
    return RT_OK;
}

static bool take_word(struct rt_span *rest, struct rt_span word)
{
    if (rest->n < word.n
        || !rt_span_eq_nocase((struct rt_span) { rest->p, word.n }, word))
        return false;
    rest->p += word.n, rest->n -= word.n;
    return true;
}

/* A month by its English name or the first three letters of it. */
static int take_month(struct rt_span *rest, int *month)
{
    static const char *const names[] = { "january", "february", "march", "april", "may",
        "june", "july", "august", "september", "october", "november", "december" };

    for (int i = 0; i < 12; i++)
        if (take_word(rest, rt_span_of(names[i]))
            || take_word(rest, (struct rt_span) { names[i], 3 })) {
            *month = i + 1;
            return RT_OK;
        }
    return RT_ESYNTAX;
}

static int take_noon(struct rt_span *rest, bool *pm)
{
    *pm = take_word(rest, RT_SPAN("PM"));
    return *pm || take_word(rest, RT_SPAN("AM")) ? RT_OK : RT_ESYNTAX;
}

static int take_short_year(struct rt_span *rest, int *year)
{
    if (take_int(rest, 2, 2, 0, 99, year) < 0)
        return RT_ESYNTAX;
    *year += *year < 69 ? 2000 : 1900; /* POSIX */
    return RT_OK;
}

static int take_zone(struct rt_span *rest, char conversion, struct parts *parts)
{
    parts->has_zone = true;
    if (take_word(rest, RT_SPAN("Z")))
        return RT_OK;
    if (conversion == 'z')
        return take_offset(rest, &parts->east_us);
    return take_word(rest, RT_SPAN("UTC")) || take_word(rest, RT_SPAN("GMT")) ? RT_OK
                                                                              : RT_ESYNTAX;
}

static int take_pattern(struct rt_span *rest, const char *pattern, struct parts *parts);

static int take_conversion(struct rt_span *rest, char conversion, struct parts *parts)
{
    switch (conversion) {
    case 'Y':
        return take_int(rest, 4, 4, YEAR_MIN, YEAR_MAX, &parts->year);
    case 'y':
        return take_short_year(rest, &parts->year);
    case 'm':
        return take_int(rest, 1, 2, 1, 12, &parts->month);
    case 'b':
    case 'B':
        return take_month(rest, &parts->month);
    case 'e':
        take(rest, ' ');
        return take_int(rest, 1, 2, 1, 31, &parts->day);
    case 'd':
        return take_int(rest, 1, 2, 1, 31, &parts->day);
    case 'j':
        return take_int(rest, 1, 3, 1, 366, &parts->day_of_year);
    case 'H':
        return take_int(rest, 1, 2, 0, 23, &parts->hour);
    case 'I':
        if (take_int(rest, 1, 2, 1, 12, &parts->hour) < 0)
            return RT_ESYNTAX;
        parts->hour %= 12;
        return RT_OK;
    case 'p':
        return take_noon(rest, &parts->pm);
    case 'M':
        return take_int(rest, 1, 2, 0, 59, &parts->minute);
    case 'S':
        return take_int(rest, 1, 2, 0, 60, &parts->second);
    case 'f':
        return take_fraction(rest, &parts->fraction_us);
    case 'D':
        return take_pattern(rest, "%m/%d/%y", parts);
    case 'F':
        return take_pattern(rest, "%Y-%m-%d", parts);
    case 'R':
        return take_pattern(rest, "%H:%M", parts);
    case 'T':
        return take_pattern(rest, "%H:%M:%S", parts);
    case 'z':
    case 'Z':
        return take_zone(rest, conversion, parts);
    case 's':
        parts->epoch_s = take_epoch(rest);
        return parts->epoch_s >= 0 && parts->epoch_s <= EPOCH_MAX_S ? RT_OK : RT_ESYNTAX;
    case 'n':
    case 't':
        skip_space(rest);
        return RT_OK;
    case '%':
        return take(rest, '%') ? RT_OK : RT_ESYNTAX;
    default:
        return RT_ESYNTAX;
    }
}

static int take_pattern(struct rt_span *rest, const char *pattern, struct parts *parts)
{
    for (const char *p = pattern; *p; p++) {
        if (is_space(*p)) {
            skip_space(rest);
        } else if (*p == '%') {
            if (take_conversion(rest, *++p, parts) < 0)
                return RT_ESYNTAX; /* also for a lone % at the end */
        } else if (!take(rest, *p)) {
            return RT_ESYNTAX;
        }
    }
    return RT_OK;
}

static int parts_date(const struct parts *parts, int64_t *us)
{
    int days = is_leap(parts->year) ? 366 : 365;

    if (parts->day_of_year == 0)
        return date_us(parts->year, parts->month, parts->day, us);
    if (parts->day_of_year > days || date_us(parts->year, 1, 1, us) < 0)
        return RT_ESYNTAX;
    *us += (parts->day_of_year - 1) * RT_DAY_US;
    return RT_OK;
}

static int read_pattern(struct rt_span s, const struct rt_timeform *form,
    struct rt_clock_memo *memo, int64_t *us)
{
    struct parts parts = { .epoch_s = -1 };
    int64_t date, time;

    if (take_pattern(&s, form->pattern, &parts) < 0 || s.n)
        return RT_ESYNTAX;
    if (parts.epoch_s >= 0) {
        *us = parts.epoch_s * RT_SECOND_US + parts.fraction_us;
        return RT_OK;
    }
    if (parts_date(&parts, &date) < 0)
        return RT_ESYNTAX;
    time = (parts.hour + (parts.pm ? 12 : 0)) * HOUR_US + parts.minute * MINUTE_US
        + parts.second * RT_SECOND_US + parts.fraction_us;
    *us = parts.has_zone ? date + time - parts.east_us
                         : instant(form->zone, memo, date + time);
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
    if (check_pattern(pattern) < 0)
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

/* What stands behind "HH:MM:SS" in the commonest texts: nothing, "Z", " UTC" or ".mmmZ".
 * Microseconds to add; -1 for another text. */
static inline int64_t common_tail(const char *p, size_t n, bool *local)
{
    int tenths, last;

    *local = n == 0;
    switch (n) {
    case 0:
        return 0;
    case 1:
        return *p == 'Z' ? 0 : -1;
    case 4:
        return memcmp(p, " UTC", 4) == 0 ? 0 : -1;
    case 5:
        tenths = two_digits(p + 1);
        last = (int)digit(p[3]);
        return p[0] == '.' && tenths >= 0 && last <= 9 && p[4] == 'Z'
            ? (tenths * 10 + last) * INT64_C(1000)
            : -1;
    default:
        return -1;
    }
}

/* ISO texts of the kept date in a common shape: a shortcut past read_iso that cuts the
 * cost (22 ns to 6, a fraction to 11). False: take the long way. */
static inline bool read_kept(struct rt_span s, const struct rt_zone *zone,
    struct rt_clock_memo *memo, int64_t *us)
{
    struct date_key key;
    int64_t time, tail;
    bool local;

    if (!memo || s.n < 19)
        return false;
    key = iso_key(s.p);
    if (!is_kept(memo, &key) || (s.p[10] != ' ' && s.p[10] != 'T'))
        return false;
    time = time_of_day(s.p + 11);
    tail = common_tail(s.p + 19, s.n - 19, &local);
    if (time < 0 || tail < 0)
        return false;
    time += memo->date_us + tail;
    *us = local ? instant(zone, memo, time) : time;
    return true;
}

int rt_time_parse(struct rt_span text, const struct rt_timeform *form,
    struct rt_clock_memo *memo, int64_t *us)
{
    struct rt_span s;
    bool day_only;

    if (form->kind <= RT_TIME_ISO && read_kept(text, form->zone, memo, us))
        return RT_OK;
    s = rt_span_trim(text);
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

/* ---- local days and windows */

int64_t rt_clock_local_day(const struct rt_zone *zone, int64_t us)
{
    int64_t east = rt_zone_offset(zone, us, NULL, NULL) * RT_SECOND_US;

    return floor_div(add_capped(us, east), RT_DAY_US);
}

int64_t rt_clock_day_start(const struct rt_zone *zone, int64_t day)
{
    int64_t midnight, us, from, east;

    if (__builtin_mul_overflow(day, RT_DAY_US, &midnight))
        return day < 0 ? RT_TIME_MIN : RT_TIME_MAX;
    us = rt_zone_instant(zone, midnight);
    east = rt_zone_offset(zone, us, &from, NULL) * RT_SECOND_US;
    /* where the clock jumps over midnight, the day begins with the jump */
    return add_capped(us, east) == midnight ? us : from;
}

/* Of the month that lies `back` months before the day's, the first day. */
static int64_t month_start(int64_t day, int back)
{
    struct rt_civil civil;
    int64_t months;

    date_of(day, &civil);
    months = (int64_t)civil.year * 12 + civil.month - 1 - back;
    return rt_clock_days((int)floor_div(months, 12),
        (int)(months - floor_div(months, 12) * 12) + 1, 1);
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
    int days;

    if (name.n <= head.n + tail.n || !rt_span_starts(name, head)
        || memcmp(name.p + name.n - tail.n, tail.p, tail.n) != 0)
        return 0;
    name.p += head.n, name.n -= head.n + tail.n;
    if (*name.p == '0' || take_int(&name, 1, 5, 1, WINDOW_DAYS_MAX, &days) < 0 || name.n)
        return 0;
    return days;
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
    int rc = window_days(
        name, rt_clock_local_day(zone, as_of_us), week_starts_sunday, &days);

    if (rc < 0)
        return rc;
    *from_us = rt_clock_day_start(zone, days.from);
    *to_us = days.open ? add_capped(as_of_us, 1) : rt_clock_day_start(zone, days.to);
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
