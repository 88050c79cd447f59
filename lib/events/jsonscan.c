/* The parts of the JSON scanner that are met less often: escapes, bytes that are not
 * ASCII, values that nobody asked for. */
#include "events/jsonscan.h"

#include <stdint.h>

#include "events/reason.h"

/* 0 to 15, or -1. */
static int hex_digit(char c)
{
    if (rt_jsonscan_is_digit(c))
        return c - '0';
    c = rt_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hex digits, or -1. */
static int32_t hex4(const char *p)
{
    int32_t value = 0;

    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(p[i]);

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

const char *rt_jsonscan_escape(const char *p, const char *end)
{
    if (end - p < 2)
        return NULL;
    switch (p[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return p + 2;
    case 'u':
        return end - p >= 6 && hex4(p + 2) >= 0 ? p + 6 : NULL;
    default:
        return NULL;
    }
}

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/*
 * The length of the UTF-8 sequence at p, 0 when it is none. The second byte's range keeps
 * out overlong forms, surrogates and what is past U+10FFFF.
 * Source: RFC 3629, section 4.
 */
static int sequence(const char *p, const char *end)
{
    unsigned char lead = (unsigned char)*p;
    unsigned char low = 0x80, high = 0xbf;
    unsigned char second;
    int n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

    if (lead < 0xc2 || lead > 0xf4 || end - p < n)
        return 0;
    if (lead == 0xe0)
        low = 0xa0;
    else if (lead == 0xed)
        high = 0x9f;
    else if (lead == 0xf0)
        low = 0x90;
    else if (lead == 0xf4)
        high = 0x8f;
    second = (unsigned char)p[1];
    if (second < low || second > high)
        return 0;
    for (int i = 2; i < n; i++)
        if (!is_tail(p[i]))
            return 0;
    return n;
}

const char *rt_jsonscan_utf8(const char *p, const char *end)
{
    do {
        int n = sequence(p, end);

        if (n == 0)
            return NULL;
        p += n;
    } while (p < end && (signed char)*p < 0);
    return p;
}

static const char *array(struct rt_jsonscan *scan, const char *p, unsigned depth)
{
    bool more = true;

    p = rt_jsonscan_blanks(p, scan->end);
    if (p < scan->end && *p == ']')
        return p + 1;
    while (p && more) {
        p = rt_jsonscan_value(scan, p, depth);
        if (p)
            p = rt_jsonscan_next(p, scan->end, ']', &more);
    }
    return p;
}

static const char *member(struct rt_jsonscan *scan, const char *p, unsigned depth)
{
    bool escaped;

    if (p == scan->end || *p != '"')
        return NULL;
    p = rt_jsonscan_string(p + 1, scan->end, &escaped);
    if (p)
        p = rt_jsonscan_colon(p + 1, scan->end);
    return p ? rt_jsonscan_value(scan, p, depth) : NULL;
}

static const char *object(struct rt_jsonscan *scan, const char *p, unsigned depth)
{
    bool more = true;

    p = rt_jsonscan_blanks(p, scan->end);
    if (p < scan->end && *p == '}')
        return p + 1;
    while (p && more) {
        p = member(scan, p, depth);
        if (p)
            p = rt_jsonscan_next(p, scan->end, '}', &more);
    }
    return p;
}

const char *rt_jsonscan_value(struct rt_jsonscan *scan, const char *p, unsigned depth)
{
    bool escaped;

    if (p == scan->end)
        return NULL;
    switch (*p) {
    case '"':
        p = rt_jsonscan_string(p + 1, scan->end, &escaped);
        return p ? p + 1 : NULL;
    case '{':
    case '[':
        if (depth >= RT_JSON_DEPTH) {
            scan->deep = true;
            return NULL;
        }
        return *p == '{' ? object(scan, p + 1, depth + 1) : array(scan, p + 1, depth + 1);
    case 't':
    case 'f':
    case 'n':
        return rt_jsonscan_word(p, scan->end);
    default:
        return rt_jsonscan_number(p, scan->end);
    }
}

static size_t put_utf8(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

enum { REPLACEMENT = 0xfffd };

static bool is_high(uint32_t c)
{
    return c >= 0xd800 && c < 0xdc00;
}

static bool is_low(uint32_t c)
{
    return c >= 0xdc00 && c < 0xe000;
}

/* The character of a \u escape; *p at its backslash, then behind all that it took. Half a
 * pair is U+FFFD; what follows it is read for itself. */
static uint32_t unicode(const char **p, const char *end)
{
    uint32_t c = (uint32_t)hex4(*p + 2);

    *p += 6;
    if (is_low(c))
        return REPLACEMENT;
    if (is_high(c)) {
        uint32_t low = end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u'
            ? (uint32_t)hex4(*p + 2)
            : 0;

        if (!is_low(low))
            return REPLACEMENT;
        *p += 6;
        return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    return c;
}

static char short_escape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c; /* " \ / */
    }
}

size_t rt_jsonscan_unescape(struct rt_span raw, char *out)
{
    const char *p = raw.p, *end = raw.p + raw.n;
    size_t n = 0;

    while (p < end) {
        const char *slash = memchr(p, '\\', (size_t)(end - p));
        size_t plain = (size_t)((slash ? slash : end) - p);

        memmove(out + n, p, plain);
        n += plain;
        p += plain;
        if (p == end)
            break;
        if (p[1] == 'u') {
            n += put_utf8(unicode(&p, end), out + n);
        } else {
            out[n++] = short_escape(p[1]);
            p += 2;
        }
    }
    return n;
}
