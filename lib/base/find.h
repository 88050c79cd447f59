/*
 * The first of a few bytes, or a short text, sixteen places at a time where the processor
 * can: for texts so short that a call of memchr or memmem costs as much as the search, and
 * where one search stands for two.
 */
#ifndef RT_FIND_H
#define RT_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The plain form, which the tests hold the other one equal to. */
static inline size_t rt_find_plain(const char *p, size_t n, char a, char b, char c)
{
    size_t i = 0;

    while (i < n && p[i] != a && p[i] != b && p[i] != c)
        i++;
    return i;
}

#ifdef __SSE2__
/* Which of the sixteen bytes at p are one of the three, as bits. */
static inline unsigned rt_find_mask16(const char *p, char a, char b, char c)
{
    __m128i text = _mm_loadu_si128((const __m128i *)p);
    __m128i is_a = _mm_cmpeq_epi8(text, _mm_set1_epi8(a));
    __m128i is_b = _mm_cmpeq_epi8(text, _mm_set1_epi8(b));
    __m128i is_c = _mm_cmpeq_epi8(text, _mm_set1_epi8(c));

    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(is_a, is_b), is_c));
}
#endif

/* Where the first a, b or c of p[0 .. n-1] stands; n for none. No byte past them is read. */
static inline size_t rt_find(const char *p, size_t n, char a, char b, char c)
{
#ifdef __SSE2__
    size_t i = 0;
    unsigned mask;

    if (n < 16)
        return rt_find_plain(p, n, a, b, c);
    for (; i + 16 < n; i += 16)
        if ((mask = rt_find_mask16(p + i, a, b, c)))
            return i + (size_t)__builtin_ctz(mask);
    /* the last sixteen: those that were seen before are none */
    mask = rt_find_mask16(p + n - 16, a, b, c);
    return mask ? n - 16 + (size_t)__builtin_ctz(mask) : n;
#else
    return rt_find_plain(p, n, a, b, c);
#endif
}

/* Where a, b and any of the third kind (c, d) stand, as bits: bit i of p[i]; n at most 64. */
struct rt_places64 {
    uint64_t a, b, cd;
};

static inline struct rt_places64 rt_places64_plain(
    const char *p, size_t n, char a, char b, char c, char d)
{
    struct rt_places64 places = { 0, 0, 0 };

    for (size_t i = 0; i < n; i++) {
        places.a |= (uint64_t)(p[i] == a) << i;
        places.b |= (uint64_t)(p[i] == b) << i;
        places.cd |= (uint64_t)(p[i] == c || p[i] == d) << i;
    }
    return places;
}

#ifdef __SSE2__
/* Of the sixteen bytes at p + at. */
static inline void rt_places16(
    struct rt_places64 *places, const char *p, size_t at, char a, char b, char c, char d)
{
    __m128i text = _mm_loadu_si128((const __m128i *)(p + at));
    __m128i is_a = _mm_cmpeq_epi8(text, _mm_set1_epi8(a));
    __m128i is_b = _mm_cmpeq_epi8(text, _mm_set1_epi8(b));
    __m128i is_c = _mm_cmpeq_epi8(text, _mm_set1_epi8(c));
    __m128i is_d = _mm_cmpeq_epi8(text, _mm_set1_epi8(d));

    places->a |= (uint64_t)(unsigned)_mm_movemask_epi8(is_a) << at;
    places->b |= (uint64_t)(unsigned)_mm_movemask_epi8(is_b) << at;
    places->cd |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_or_si128(is_c, is_d)) << at;
}
#endif

/* The last sixteen are looked at as such, some of them again: the bits are the same. */
static inline struct rt_places64 rt_places64(
    const char *p, size_t n, char a, char b, char c, char d)
{
#ifdef __SSE2__
    struct rt_places64 places = { 0, 0, 0 };

    if (n < 16)
        return rt_places64_plain(p, n, a, b, c, d);
    for (size_t at = 0; at + 16 < n; at += 16)
        rt_places16(&places, p, at, a, b, c, d);
    rt_places16(&places, p, n - 16, a, b, c, d);
    return places;
#else
    return rt_places64_plain(p, n, a, b, c, d);
#endif
}

/* ---- a text */

static inline size_t rt_find_text_plain(
    const char *p, size_t n, const char *text, size_t ntext)
{
    for (size_t i = 0; i + ntext <= n; i++)
        if (memcmp(p + i, text, ntext) == 0)
            return i;
    return n;
}

#ifdef __SSE2__
/* At which of the sixteen bytes at p the text may begin, as bits: where its first byte
 * stands, and its last one as far behind as it must. */
static inline unsigned rt_find_ends16(
    const char *p, size_t ntext, __m128i first, __m128i last)
{
    __m128i at = _mm_loadu_si128((const __m128i *)p);
    __m128i behind = _mm_loadu_si128((const __m128i *)(p + ntext - 1));

    return (unsigned)_mm_movemask_epi8(
        _mm_and_si128(_mm_cmpeq_epi8(at, first), _mm_cmpeq_epi8(behind, last)));
}
#endif

/* Where the text first stands in p[0 .. n-1]; n where it is not in there, or empty. */
static inline size_t rt_find_text(const char *p, size_t n, const char *text, size_t ntext)
{
#ifdef __SSE2__
    if (ntext && ntext + 15 <= n) {
        __m128i first = _mm_set1_epi8(text[0]), last = _mm_set1_epi8(text[ntext - 1]);
        size_t end = n - ntext - 15; /* the last place where sixteen can be looked at */

        for (size_t i = 0;; i = i + 16 < end ? i + 16 : end) {
            unsigned mask = rt_find_ends16(p + i, ntext, first, last);

            for (; mask; mask &= mask - 1) {
                size_t at = i + (size_t)__builtin_ctz(mask);

                if (memcmp(p + at, text, ntext) == 0)
                    return at;
            }
            if (i == end)
                return n;
        }
    }
#endif
    return ntext ? rt_find_text_plain(p, n, text, ntext) : n;
}

#endif
