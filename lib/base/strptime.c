/*
 * Times by a strptime(3) pattern, without the locale: names are English. A pattern is
 * checked once, so that one which leaves a part open or sets it twice is refused where it
 * is written and not with every record; then it is walked along with each text.
 */
#include "base/timetext.h"

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
int rt_strptime_check(const char *pattern)
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
static int take_int(struct rt_span *rest, size_t min_digits, size_t max_digits, int low,
    int high, int *out)
{
    int value = 0;
    size_t n = 0;

    for (; n < max_digits && n < rest->n && rt_digit(rest->p[n]) <= 9; n++)
        value = value * 10 + (int)rt_digit(rest->p[n]);
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
        return rt_take_offset(rest, &parts->east_us);
    return take_word(rest, RT_SPAN("UTC")) || take_word(rest, RT_SPAN("GMT"))
        ? RT_OK
        : RT_ESYNTAX;
}

static int take_pattern(struct rt_span *rest, const char *pattern, struct parts *parts);

static int take_conversion(struct rt_span *rest, char conversion, struct parts *parts)
{
    switch (conversion) {
    case 'Y':
        return take_int(rest, 4, 4, RT_YEAR_MIN, RT_YEAR_MAX, &parts->year);
    case 'y':
        return take_short_year(rest, &parts->year);
    case 'm':
        return take_int(rest, 1, 2, 1, 12, &parts->month);
    case 'b':
    case 'B':
        return take_month(rest, &parts->month);
    case 'e':
        rt_take_char(rest, ' ');
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
        return rt_take_fraction(rest, &parts->fraction_us);
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
        parts->epoch_s = rt_take_epoch(rest);
        return parts->epoch_s >= 0 && parts->epoch_s <= RT_EPOCH_MAX_S ? RT_OK
                                                                       : RT_ESYNTAX;
    case 'n':
    case 't':
        skip_space(rest);
        return RT_OK;
    case '%':
        return rt_take_char(rest, '%') ? RT_OK : RT_ESYNTAX;
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
        } else if (!rt_take_char(rest, *p)) {
            return RT_ESYNTAX;
        }
    }
    return RT_OK;
}

static int parts_date(const struct parts *parts, int64_t *us)
{
    int days = rt_is_leap(parts->year) ? 366 : 365;

    if (parts->day_of_year == 0)
        return rt_date_us(parts->year, parts->month, parts->day, us);
    if (parts->day_of_year > days || rt_date_us(parts->year, 1, 1, us) < 0)
        return RT_ESYNTAX;
    *us += (parts->day_of_year - 1) * RT_DAY_US;
    return RT_OK;
}

int rt_strptime_read(struct rt_span text, const char *pattern, int64_t *us, bool *local)
{
    struct parts parts = { .epoch_s = -1 };
    int64_t date;

    if (take_pattern(&text, pattern, &parts) < 0 || text.n)
        return RT_ESYNTAX;
    *local = false;
    if (parts.epoch_s >= 0) {
        *us = parts.epoch_s * RT_SECOND_US + parts.fraction_us;
        return RT_OK;
    }
    if (parts_date(&parts, &date) < 0)
        return RT_ESYNTAX;
    *local = !parts.has_zone;
    *us = date - parts.east_us + (parts.hour + (parts.pm ? 12 : 0)) * RT_HOUR_US
        + parts.minute * RT_MINUTE_US + parts.second * RT_SECOND_US + parts.fraction_us;
    return RT_OK;
}
