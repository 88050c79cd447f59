/*
 * Strict numbers by hand-written scanners: strtod and its kin read the locale, take forms
 * that the language does not have, and need a NUL behind the text.
 *
 * rt_num_micro runs for every tested or summed value. Digit by digit, numbers of mixed
 * length cost 31 ns each (a mispredicted branch ends every loop); most have at most eight
 * bytes, and taken as one word these cost 20 ns mixed, 10 ns when they are of one length.
 */
#include "base/num.h"

#include <endian.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { WHOLE_DIGITS = 12, MICRO_DIGITS = 6, PERCENT_DIGITS = 4 };

#define MILLION     INT64_C(1000000)
#define DURATION_US (INT64_C(3652425) * 86400 * MILLION) /* 10,000 Gregorian years */

static inline unsigned digit(char c)
{
    return (unsigned)(unsigned char)c - '0'; /* above 9 when c is no digit */
}

/* The n bytes (1 to 8) at p as one word: the first in the lowest byte, the last in the
 * highest, zeros below. Reads nothing beyond them: two loads that overlap. */
static inline uint64_t load_right(const char *p, size_t n)
{
    uint64_t word;

    if (n == 8) {
        memcpy(&word, p, 8);
        return le64toh(word);
    }
    if (n >= 4) {
        uint32_t first, last;

        memcpy(&first, p, 4);
        memcpy(&last, p + n - 4, 4);
        word = le32toh(first) | (uint64_t)le32toh(last) << (8 * (n - 4));
    } else {
        word = (unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << (8 * (n / 2))
            | (uint64_t)(unsigned char)p[n - 1] << (8 * (n - 1));
    }
    return word << (8 * (8 - n));
}

/* Eight digits, one a byte, the first in the lowest. */
static inline uint64_t eight_digits(uint64_t bytes)
{
    const uint64_t pairs = UINT64_C(0x000000ff000000ff);

    bytes = bytes * 10 + (bytes >> 8);
    return ((bytes & pairs) * (100 + (UINT64_C(1000000) << 32))
               + (bytes >> 16 & pairs) * (1 + (UINT64_C(10000) << 32)))
        >> 32;
}

/*
 * An unsigned number of at most eight bytes, all of them at once: XOR with '0' turns the
 * digits into 0 to 9 and the point into 0x1e; what stands before the point moves up over
 * it; then every byte must be below 10. Returns -1 for what is no number.
 */
static inline int64_t short_micro(const char *p, size_t n)
{
    static const int32_t power[] = { 1, 10, 100, 1000, 10000, 100000, 1000000 };
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    uint64_t bytes = load_right(p, n) ^ (ones * '0') << (8 * (8 - n));
    uint64_t other = bytes ^ ones * ('.' ^ '0');
    uint64_t point = (other - ones) & ~other & highs; /* its lowest bit is exact */
    unsigned decimals = 0;

    if (point) {
        unsigned at = (unsigned)__builtin_ctzll(point) / 8;
        uint64_t behind = ~UINT64_C(0) << 8 * at << 8;

        if (at == 7 || at == 8 - n)
            return -1; /* no digit behind it, or none before it */
        decimals = 7 - at;
        bytes = (bytes & ((UINT64_C(1) << 8 * at) - 1)) << 8 | (bytes & behind);
    }
    if ((bytes | (bytes + ones * (0x7f - 9))) & highs)
        return -1;
    return (int64_t)eight_digits(bytes) * power[MICRO_DIGITS - decimals];
}

/* Any unsigned number, digit by digit. Returns -1 for what is none. */
static int64_t long_micro(const char *p, size_t n)
{
    const char *end = p + n, *start = p;
    int missing = MICRO_DIGITS;
    int64_t value = 0;

    for (; p < end && digit(*p) <= 9; p++) {
        if (p - start == WHOLE_DIGITS)
            return -1;
        value = value * 10 + digit(*p);
    }
    if (p == start)
        return -1;
    if (p < end) {
        if (*p++ != '.' || p == end)
            return -1;
        for (; p < end && digit(*p) <= 9; p++)
            if (missing) {
                value = value * 10 + digit(*p);
                missing--;
            }
        if (p < end)
            return -1;
    }
    while (missing--)
        value *= 10;
    return value;
}

int rt_num_micro(struct rt_span text, int64_t *micro)
{
    struct rt_span s = rt_span_trim(text);
    bool negative;
    int64_t value;

    if (s.n == 0)
        return RT_ESYNTAX;
    negative = *s.p == '-';
    if (negative || *s.p == '+') {
        s.p++;
        if (--s.n == 0)
            return RT_ESYNTAX;
    }
    value = s.n <= 8 ? short_micro(s.p, s.n) : long_micro(s.p, s.n);
    if (value < 0)
        return RT_ESYNTAX;
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
