/*
 * Strict numbers by hand-written scanners: strtod and its kin read the locale, take forms
 * that the language does not have, and need a NUL behind the text.
 *
 * rt_num_micro runs for every tested or summed value, hence no division and no second
 * pass: the digits of the whole and of the fraction build one integer, which at most six
 * multiplications bring to millionths.
 */
#include "base/num.h"

#include <stdio.h>

enum { WHOLE_DIGITS = 12, MICRO_DIGITS = 6, PERCENT_DIGITS = 4 };

#define MILLION     INT64_C(1000000)
#define DURATION_US (INT64_C(3652425) * 86400 * MILLION) /* 10,000 Gregorian years */

static inline unsigned digit(char c)
{
    return (unsigned)(unsigned char)c - '0'; /* above 9 when c is no digit */
}

int rt_num_micro(struct rt_span text, int64_t *micro)
{
    struct rt_span s = rt_span_trim(text);
    const char *p = s.p, *end, *start;
    bool negative = false;
    int missing = MICRO_DIGITS;
    int64_t value = 0;

    if (s.n == 0)
        return RT_ESYNTAX;
    end = p + s.n;
    if (*p == '-' || *p == '+')
        negative = *p++ == '-';
    for (start = p; p < end && digit(*p) <= 9; p++) {
        if (p - start == WHOLE_DIGITS)
            return RT_ESYNTAX;
        value = value * 10 + digit(*p);
    }
    if (p == start)
        return RT_ESYNTAX;
    if (p < end) {
        if (*p++ != '.' || p == end)
            return RT_ESYNTAX;
        for (; p < end && digit(*p) <= 9; p++)
            if (missing) {
                value = value * 10 + digit(*p);
                missing--;
            }
        if (p < end)
            return RT_ESYNTAX;
    }
    while (missing--)
        value *= 10;
    *micro = negative ? -value : value;
    return RT_OK;
}

/* Takes the digits at the front of rest, one at least. Past 2^63-1 the value stays at the
 * limit and *over is set, so that a wrong form behind the digits is still seen first. */
static int take_digits(struct rt_span *rest, uint64_t *value, bool *over)
{
    size_t n = 0;

    *value = 0;
    *over = false;
    for (; n < rest->n && digit(rest->p[n]) <= 9; n++) {
        unsigned d = digit(rest->p[n]);

        if (*over || *value > ((uint64_t)INT64_MAX - d) / 10) {
            *over = true;
            *value = INT64_MAX;
        } else {
            *value = *value * 10 + d;
        }
    }
    rest->p += n;
    rest->n -= n;
    return n ? RT_OK : RT_ESYNTAX;
}

static int size_shift(char unit)
{
    switch (rt_ascii_lower(unit)) {
    case 'k':
        return 10;
    case 'm':
        return 20;
    case 'g':
        return 30;
    case 't':
        return 40;
    default:
        return -1;
    }
}

int rt_num_size(struct rt_span text, uint64_t *bytes)
{
    uint64_t value;
    bool over;
    int shift = 0;

    if (take_digits(&text, &value, &over) < 0 || text.n > 1)
        return RT_ESYNTAX;
    if (text.n)
        shift = size_shift(*text.p);
    if (shift < 0)
        return RT_ESYNTAX;
    if (over || value > (uint64_t)INT64_MAX >> shift)
        return RT_ERANGE;
    *bytes = value << shift;
    return RT_OK;
}

static int64_t unit_us(char unit)
{
    switch (unit) {
    case 's':
        return MILLION;
    case 'm':
        return 60 * MILLION;
    case 'h':
        return 3600 * MILLION;
    case 'd':
        return 86400 * MILLION;
    case 'w':
        return 7 * 86400 * MILLION;
    default:
        return 0;
    }
}

int rt_num_duration(struct rt_span text, int64_t *us)
{
    uint64_t value;
    bool over;
    int64_t unit;

    if (take_digits(&text, &value, &over) < 0 || text.n != 1)
        return RT_ESYNTAX;
    unit = unit_us(*text.p);
    if (!unit)
        return RT_ESYNTAX;
    if (over || value > (uint64_t)(DURATION_US / unit))
        return RT_ERANGE;
    *us = (int64_t)value * unit;
    return RT_OK;
}

int rt_num_percent(struct rt_span text, uint32_t *millionths)
{
    uint64_t whole, part = 0;
    size_t decimals = 0;
    bool over;

    if (take_digits(&text, &whole, &over) < 0 || text.n == 0)
        return RT_ESYNTAX;
    if (*text.p == '.') {
        size_t before = --text.n;
        bool part_over;

        text.p++;
        if (take_digits(&text, &part, &part_over) < 0)
            return RT_ESYNTAX;
        decimals = before - text.n;
    }
    if (decimals > PERCENT_DIGITS || text.n != 1 || *text.p != '%')
        return RT_ESYNTAX;
    for (; decimals < PERCENT_DIGITS; decimals++)
        part *= 10;
    if (over || whole > 100 || (whole == 100 && part))
        return RT_ERANGE;
    *millionths = (uint32_t)(whole * 10000 + part);
    return RT_OK;
}

int rt_num_count(struct rt_span text, uint64_t *count)
{
    uint64_t value;
    bool over;

    if (take_digits(&text, &value, &over) < 0 || text.n)
        return RT_ESYNTAX;
    if (over)
        return RT_ERANGE;
    *count = value;
    return RT_OK;
}

int rt_num_format_micro(int64_t micro, char out[32])
{
    uint64_t size = micro < 0 ? 0 - (uint64_t)micro : (uint64_t)micro;
    int n = snprintf(out, 32, "%s%ju.%06ju", micro < 0 ? "-" : "",
        (uintmax_t)(size / MILLION), (uintmax_t)(size % MILLION));

    while (out[n - 1] == '0')
        n--;
    if (out[n - 1] == '.')
        n--;
    out[n] = '\0';
    return n;
}
