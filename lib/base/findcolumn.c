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

/* At which of the 64 places at p the text may begin: its first byte stands there, and its
 * last one as far behind as it must. starts: the places that leave room for it. */
RT_WIDE static inline uint64_t ends_at(
    const char *p, uint64_t starts, const struct wide_text *text)
{
    __m512i behind = rt_wide_load(starts, p + text->n - 1);
    uint64_t at =
        _mm512_mask_cmpeq_epi8_mask(starts, rt_wide_load(starts, p), text->first);

    return _mm512_mask_cmpeq_epi8_mask(at, behind, text->last);
}

RT_WIDE static bool begins_at_one(
    const char *p, uint64_t at, const struct wide_text *text)
{
    for (; at; at &= at - 1)
        if (has_bytes(p + __builtin_ctzll(at), text->n, text))
            return true;
    return false;
}

/* The text begins at one of p[0 .. starts-1]. */
RT_WIDE static inline bool begins(
    const char *p, size_t starts, const struct wide_text *text)
{
    for (;; p += 128, starts -= 128) {
        uint64_t at = ends_at(p, rt_wide_low(starts), text);
        uint64_t more = ends_at(p + 64, rt_wide_low(starts > 64 ? starts - 64 : 0), text);

        if ((at | more)
            && (begins_at_one(p, at, text) || begins_at_one(p + 64, more, text)))
            return true;
        if (starts <= 128)
            return false;
    }
}

RT_WIDE static void find_wide(
    const struct rt_span *values, uint32_t n, struct rt_span text, uint64_t *holds)
{
    const struct wide_text wide = wide_of(text);

    for (uint32_t from = 0; from < n; from += RT_COLUMN_PART) {
        uint64_t word = 0;

        for (uint32_t i = 0; i < rt_column_part(from, n); i++) {
            struct rt_span v = values[from + i];
            bool found = v.n >= text.n && begins(v.p, v.n - text.n + 1, &wide);

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
    (is_wide(text) ? find_wide : rt_find_column_plain)(values, n, text, holds);
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
