/*
 * Sixty-four bytes at a time, on processors with AVX-512. Its loads under a mask touch
 * nothing but what the mask names, so a short text needs no room behind it; and what
 * depends on its length is a mask as well, not a branch that is guessed wrong.
 *
 *     #ifdef RT_WIDE
 *     RT_WIDE static void column_wide(...)      called only where rt_is_wide()
 *     #endif
 */
#ifndef RT_WIDE_H
#define RT_WIDE_H

#ifdef __x86_64__

#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RT_WIDE __attribute__((target("avx512f,avx512bw,avx512vl,bmi,bmi2")))

static inline bool rt_is_wide(void)
{
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("bmi2");
}

/* The lowest n bits, all for 64 and more. */
RT_WIDE static inline uint64_t rt_wide_low(size_t n)
{
    return _bzhi_u64(~UINT64_C(0), (unsigned)(n < 64 ? n : 64));
}

/* The 64 bytes at p, zero but for those that the mask names. */
RT_WIDE static inline __m512i rt_wide_load(uint64_t mask, const char *p)
{
    return _mm512_maskz_loadu_epi8(mask, p);
}

RT_WIDE static inline uint64_t rt_wide_where(__m512i bytes, char c)
{
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(c));
}

#endif
#endif
