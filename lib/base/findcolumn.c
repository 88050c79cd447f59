/* With AVX-512 a value is looked at sixty-four places at a time: its loads under a mask need
 * no room behind the value, and their comparisons give bits without a branch. What depends
 * on a value's length alone is not branched on either, up to two loads: lengths come as they
 * like, and a wrong guess costs more than the second load. */
#include "base/findcolumn.h"

#include "base/find.h"
#include "base/wide.h"

/* ---- plain */

void rt_find_column_plain(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds)
{
    for (uint32_t from = 0; from < n; from += RT_COLUMN_PART) {
        uint64_t word = 0;

        for (uint32_t i = 0; i < rt_column_part(from, n); i++) {
            struct rt_span v = values[from + i];

            word |= (uint64_t)(rt_find_text(v.p, v.n, text.p, text.n) < v.n) << i;
        }
        holds[from / RT_COLUMN_PART] = word;
    }
}

static bool same_bytes(const char *a, const char *b, size_t n)
{
    return n <= 16 ? rt_bytes_eq16(a, b, n) : memcmp(a, b, n) == 0;
}

void rt_starts_column_plain(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds)
{
    for (uint32_t from = 0; from < n; from += RT_COLUMN_PART) {
        uint64_t word = 0;

        for (uint32_t i = 0; i < rt_column_part(from, n); i++) {
            struct rt_span v = values[from + i];

            word |= (uint64_t)(v.n >= text.n && same_bytes(v.p, text.p, text.n)) << i;
        }
        holds[from / RT_COLUMN_PART] = word;
    }
}

void rt_same_column_plain(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds)
{
    for (uint32_t from = 0; from < n; from += RT_COLUMN_PART) {
        uint64_t word = 0;

        for (uint32_t i = 0; i < rt_column_part(from, n); i++)
            word |= (uint64_t)rt_span_eq(values[from + i], text) << i;
        holds[from / RT_COLUMN_PART] = word;
    }
}

#ifdef RT_WIDE

/* ---- with AVX-512 */

static bool is_wide(struct rt_span text)
{
    return text.n <= 64 && rt_is_wide();
}

/* The text looked for, of 64 bytes at most. */
struct wide_text {
    __m512i bytes, first, last;
    uint64_t here; /* of bytes */
    size_t n;
};

RT_WIDE static inline struct wide_text wide_of(struct rt_span text)
{
    struct wide_text wide = { .here = rt_wide_low(text.n), .n = text.n };

    wide.bytes = rt_wide_load(wide.here, text.p);
    wide.first = _mm512_set1_epi8(text.n ? text.p[0] : '\0');
    wide.last = _mm512_set1_epi8(text.n ? text.p[text.n - 1] : '\0');
    return wide;
}

/* Of p[0 .. n-1], where nothing else is read, the text's places hold the text's bytes. What
 * is not there counts as NUL: whether n suffices is the caller's to ask. */
RT_WIDE static inline bool has_bytes(
    const char *p, size_t n, const struct wide_text *text)
{
    __m512i there = rt_wide_load(text->here & rt_wide_low(n), p);

    return _mm512_mask_cmpneq_epi8_mask(text->here, there, text->bytes) == 0;
}

RT_WIDE static bool begins_at_one(
    const char *p, uint64_t at, const struct wide_text *text)
{
    for (; at; at &= at - 1)
        if (has_bytes(p + __builtin_ctzll(at), text->n, text))
            return true;
    return false;
}

/* Is the text in p[0 .. n-1]? Where its first byte stands, and its last one as far behind
 * as it must. The last one is no NUL, so it is not found behind the end. */
RT_WIDE static inline bool has_text(const char *p, size_t n, const struct wide_text *text)
{
    const unsigned behind = (unsigned)text->n - 1;
    __m512i low = rt_wide_load(rt_wide_low(n), p);
    __m512i high = rt_wide_load(rt_wide_low(n > 64 ? n - 64 : 0), p + 64);
    uint64_t last = _mm512_cmpeq_epi8_mask(low, text->last),
             more = _mm512_cmpeq_epi8_mask(high, text->last);

    last = last >> behind | more << 1 << (63 - behind);
    last &= _mm512_cmpeq_epi8_mask(low, text->first);
    more = more >> behind & _mm512_cmpeq_epi8_mask(high, text->first);
    return (last | more)
        && (begins_at_one(p, last, text) || begins_at_one(p + 64, more, text));
}

/* The same of a longer one, of which each part begins with the bytes that the text of the
 * part before may have needed. */
RT_WIDE static bool long_has_text(const char *p, size_t n, const struct wide_text *text)
{
    size_t step = 128 - text->n + 1;

    for (; n > 128; p += step, n -= step)
        if (has_text(p, 128, text))
            return true;
    return has_text(p, n, text);
}

RT_WIDE static void find_wide(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds)
{
    const struct wide_text wide = wide_of(text);

    for (uint32_t from = 0; from < n; from += RT_COLUMN_PART) {
        uint64_t word = 0;

        for (uint32_t i = 0; i < rt_column_part(from, n); i++) {
            struct rt_span v = values[from + i];
            bool found =
                v.n <= 128 ? has_text(v.p, v.n, &wide) : long_has_text(v.p, v.n, &wide);

            word |= (uint64_t)found << i;
        }
        holds[from / RT_COLUMN_PART] = word;
    }
}

RT_WIDE static void starts_wide(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds)
{
    const struct wide_text wide = wide_of(text);

    for (uint32_t from = 0; from < n; from += RT_COLUMN_PART) {
        uint64_t word = 0;

        for (uint32_t i = 0; i < rt_column_part(from, n); i++) {
            struct rt_span v = values[from + i];

            word |= (uint64_t)(has_bytes(v.p, v.n, &wide) & (v.n >= text.n)) << i;
        }
        holds[from / RT_COLUMN_PART] = word;
    }
}

RT_WIDE static void same_wide(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds)
{
    const struct wide_text wide = wide_of(text);

    for (uint32_t from = 0; from < n; from += RT_COLUMN_PART) {
        uint64_t word = 0;

        for (uint32_t i = 0; i < rt_column_part(from, n); i++) {
            struct rt_span v = values[from + i];

            word |= (uint64_t)(has_bytes(v.p, v.n, &wide) & (v.n == text.n)) << i;
        }
        holds[from / RT_COLUMN_PART] = word;
    }
}

void rt_find_column(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds)
{
    bool wide = is_wide(text) && text.p[text.n - 1] != '\0';

    (wide ? find_wide : rt_find_column_plain)(values, n, text, holds);
}

void rt_starts_column(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds)
{
    (is_wide(text) ? starts_wide : rt_starts_column_plain)(values, n, text, holds);
}

void rt_same_column(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds)
{
    (is_wide(text) ? same_wide : rt_same_column_plain)(values, n, text, holds);
}

#else

void rt_find_column(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds)
{
    rt_find_column_plain(values, n, text, holds);
}

void rt_starts_column(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds)
{
    rt_starts_column_plain(values, n, text, holds);
}

void rt_same_column(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds)
{
    rt_same_column_plain(values, n, text, holds);
}

#endif
