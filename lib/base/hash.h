/*
 * The hash of tables and memos: XXH3. Not for anything that leaves the program; digests
 * are in io/digest.h. 128 bits stand for the bytes themselves where keeping them would
 * cost too much: among 2^40 values the chance that any two collide is below 2^-48.
 */
#ifndef RT_HASH_H
#define RT_HASH_H

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/span.h"

struct rt_hash128 {
    uint64_t lo, hi;
};

static inline uint64_t rt_hash64(struct rt_span bytes, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes.p ? bytes.p : "", bytes.n, seed);
}

static inline struct rt_hash128 rt_hash128(struct rt_span bytes, uint64_t seed)
{
    XXH128_hash_t h = XXH3_128bits_withSeed(bytes.p ? bytes.p : "", bytes.n, seed);

    return (struct rt_hash128) { h.low64, h.high64 };
}

#endif
