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

/* Where the text first stands in p[0 .. n-1]; n for nowhere, also when it is empty. */
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
