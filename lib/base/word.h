/*
 * Short texts as words: byte i of a text stands in bits 8i .. 8i+7, on any machine, and
 * what is behind its end is zero. Two such texts are equal when their words are.
 *
 * Nothing is read that is not the text's: loads overlap instead.
 */
#ifndef RT_WORD_H
#define RT_WORD_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t rt_word8(const char *p)
{
    uint64_t w;

    memcpy(&w, p, sizeof w);
    return le64toh(w);
}

static inline uint32_t rt_word4(const char *p)
{
    uint32_t w;

    memcpy(&w, p, sizeof w);
    return le32toh(w);
}

/* At most 7 bytes. */
static inline uint64_t rt_word_below8(const char *p, size_t n)
{
    if (n >= 4)
        return rt_word4(p) | (uint64_t)rt_word4(p + n - 4) << 8 * (n - 4);
    if (n == 0)
        return 0;
    return (uint64_t)(unsigned char)p[0]
        | (uint64_t)(unsigned char)p[n / 2] << 8 * (n / 2)
        | (uint64_t)(unsigned char)p[n - 1] << 8 * (n - 1);
}

/* 8 to 15 bytes: those from the ninth on. */
static inline uint64_t rt_word_above8(const char *p, size_t n)
{
    return rt_word8(p + n - 8) >> 8 >> 8 * (15 - n);
}

/* A to Z to a to z in eight bytes at once: bit 5 is set where one is. */
static inline uint64_t rt_word_lower(uint64_t x)
{
    const uint64_t ones = UINT64_MAX / 255, high = ones << 7;
    uint64_t low = x & ~high;
    uint64_t from_a = low + ones * (0x80 - 'A'), past_z = low + ones * (0x7f - 'Z');

    return x | ((from_a ^ past_z) & ~x & high) >> 2;
}

/* The top bit of each byte that is c; no others. */
static inline uint64_t rt_word_find(uint64_t x, char c)
{
    const uint64_t ones = UINT64_MAX / 255, low = ones * 0x7f;

    x ^= ones * (unsigned char)c;
    return ~(((x & low) + low) | x | low);
}

#endif
