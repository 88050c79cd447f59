/*
 * A span: bytes that belong to someone else. Not terminated; may hold NULs.
 *
 * {NULL, 0} is "absent"; a non-NULL p with n == 0 is "present and empty".
 */
#ifndef RT_SPAN_H
#define RT_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rt_span {
    const char *p;
    size_t n; /* bytes */
};

#define RT_SPAN(literal) ((struct rt_span) { "" literal, sizeof(literal) - 1 })
#define RT_SPAN_ABSENT   ((struct rt_span) { NULL, 0 })

/* The bytes of a C string, borrowed. */
static inline struct rt_span rt_span_of(const char *text)
{
    return (struct rt_span) { text, text ? strlen(text) : 0 };
}

/* Equality of n bytes, n at most 16: two loads that may overlap instead of a call. */
static inline bool rt_bytes_eq16(const char *a, const char *b, size_t n)
{
    uint64_t a8, b8, a8_end, b8_end;
    uint32_t a4, b4, a4_end, b4_end;

    if (n >= 8) {
        memcpy(&a8, a, 8);
        memcpy(&b8, b, 8);
        memcpy(&a8_end, a + n - 8, 8);
        memcpy(&b8_end, b + n - 8, 8);
        return ((a8 ^ b8) | (a8_end ^ b8_end)) == 0;
    }
    if (n >= 4) {
        memcpy(&a4, a, 4);
        memcpy(&b4, b, 4);
        memcpy(&a4_end, a + n - 4, 4);
        memcpy(&b4_end, b + n - 4, 4);
        return ((a4 ^ b4) | (a4_end ^ b4_end)) == 0;
    }
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

static inline bool rt_span_eq(struct rt_span a, struct rt_span b)
{
    if (a.n != b.n)
        return false;
    return a.n <= 16 ? rt_bytes_eq16(a.p, b.p, a.n) : memcmp(a.p, b.p, a.n) == 0;
}

/* Order by bytes, the shorter first when one begins the other. */
static inline int rt_span_cmp(struct rt_span a, struct rt_span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;

    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static inline bool rt_span_starts(struct rt_span s, struct rt_span prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline char rt_ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Equality that takes A-Z for a-z. */
static inline bool rt_span_eq_nocase(struct rt_span a, struct rt_span b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (rt_ascii_lower(a.p[i]) != rt_ascii_lower(b.p[i]))
            return false;
    return true;
}

/* Without blanks and tabs at both ends. */
static inline struct rt_span rt_span_trim(struct rt_span s)
{
    while (s.n && (*s.p == ' ' || *s.p == '\t'))
        s.p++, s.n--;
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

#endif
