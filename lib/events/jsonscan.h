/*
 * JSON texts (RFC 8259), checked while they are passed over.
 *
 * No tree and no copies: each function takes where it stands and returns where it stands
 * afterwards, or NULL when the text is no JSON. Nothing at or behind `end` is read. A raw
 * line end is no blank here and stands in no string, so that no value reaches past its
 * line and the end of a line need not be looked for first.
 *
 * What the RFC leaves open: \u escapes of half a surrogate pair are taken (and read as
 * U+FFFD), numbers may have any size, a name may be repeated. Bytes that are not UTF-8
 * (surrogates and overlong forms too) are no JSON.
 *
 * The short, busy functions are inline: a call for each string costs a fifth of the time.
 */
#ifndef RT_JSONSCAN_H
#define RT_JSONSCAN_H

#include <stdbool.h>

#include "base/span.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct rt_jsonscan {
    const char *end; /* of the text */
    bool deep;       /* out: NULL was returned for nesting over RT_JSON_DEPTH */
};

/* Passes over blanks, tabs and carriage returns. */
static inline const char *rt_jsonscan_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
        p++;
    return p;
}

/* p: at a backslash. Returns behind the escape, or NULL. */
const char *rt_jsonscan_escape(const char *p, const char *end);

/* p: at a byte that is not ASCII. Returns behind it and all that follow, or NULL when
 * they are not UTF-8. */
const char *rt_jsonscan_utf8(const char *p, const char *end);

/* The part of a string's text, byte by byte, that means itself: up to a quote, backslash,
 * control character, a byte that is not ASCII, or end. */
static inline const char *rt_jsonscan_plain(const char *p, const char *end)
{
    while (p < end && *p != '"' && *p != '\\' && (signed char)*p >= 0x20)
        p++;
    return p;
}

/*
 * The same, sixteen bytes at a time. Compared as signed, bytes that are not ASCII are
 * below the blank as control characters are, so one comparison finds both.
 */
static inline const char *rt_jsonscan_text(const char *p, const char *end)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
    const __m128i blank = _mm_set1_epi8(' ');

    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)p);
        __m128i stop = _mm_or_si128(_mm_cmplt_epi8(v, blank),
            _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash)));
        int found = _mm_movemask_epi8(stop);

        if (found)
            return p + __builtin_ctz((unsigned)found);
    }
#endif
    return rt_jsonscan_plain(p, end);
}

/*
 * A string.
 *
 * p        behind the opening quote
 * escaped  set when there is a backslash in it, else left alone
 *
 * Returns the closing quote, or NULL.
 */
static inline const char *rt_jsonscan_string(
    const char *p, const char *end, bool *escaped)
{
    for (;;) {
        p = rt_jsonscan_text(p, end);
        if (p == end)
            return NULL;
        if (*p == '"')
            return p;
        if (*p == '\\') {
            *escaped = true;
            p = rt_jsonscan_escape(p, end);
        } else {
            p = (signed char)*p < 0 ? rt_jsonscan_utf8(p, end) : NULL;
        }
        if (!p)
            return NULL;
    }
}

static inline bool rt_jsonscan_is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

static inline const char *rt_jsonscan_digits(const char *p, const char *end)
{
    while (p < end && rt_jsonscan_is_digit(*p))
        p++;
    return p;
}

/* A number; p at its first byte. Returns behind it, or NULL. */
static inline const char *rt_jsonscan_number(const char *p, const char *end)
{
    const char *digits;

    if (*p == '-')
        p++;
    digits = p;
    p = rt_jsonscan_digits(p, end);
    if (p == digits || (*digits == '0' && p - digits > 1))
        return NULL;
    if (p < end && *p == '.') {
        digits = ++p;
        p = rt_jsonscan_digits(p, end);
        if (p == digits)
            return NULL;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        digits = p;
        p = rt_jsonscan_digits(p, end);
        if (p == digits)
            return NULL;
    }
    return p;
}

/* true, false or null; p at its first letter. Returns behind it, or NULL. */
static inline const char *rt_jsonscan_word(const char *p, const char *end)
{
    if (end - p >= 4 && (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0))
        return p + 4;
    return end - p >= 5 && memcmp(p, "false", 5) == 0 ? p + 5 : NULL;
}

/*
 * Passes over any value.
 *
 * p      where a value is due, blanks passed; may be end
 * depth  how many arrays and objects are around it
 *
 * Returns behind it, or NULL.
 */
const char *rt_jsonscan_value(struct rt_jsonscan *scan, const char *p, unsigned depth);

/* Passes over what follows a member's name: blanks, the colon, blanks. NULL without one.
 */
static inline const char *rt_jsonscan_colon(const char *p, const char *end)
{
    p = rt_jsonscan_blanks(p, end);
    return p < end && *p == ':' ? rt_jsonscan_blanks(p + 1, end) : NULL;
}

/*
 * What follows a member or element: blanks, then a comma and more (returns where the next
 * one is due, *more true), or `close` (returns behind it, *more false), or NULL.
 */
static inline const char *rt_jsonscan_next(
    const char *p, const char *end, char close, bool *more)
{
    p = rt_jsonscan_blanks(p, end);
    if (p == end || (*p != ',' && *p != close))
        return NULL;
    *more = *p == ',';
    return *more ? rt_jsonscan_blanks(p + 1, end) : p + 1;
}

/*
 * The text that a string stands for.
 *
 * raw  what stands between its quotes, once found good
 * out  room for raw.n bytes; may be raw.p itself
 *
 * Returns the length, never more than raw.n.
 */
size_t rt_jsonscan_unescape(struct rt_span raw, char *out);

#endif
