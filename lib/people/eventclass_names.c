/* Few names come again and again: they are found among those that were met lately, by a
 * few of their bytes. With AVX-512 a name is loaded, pointed by and compared as a whole, in
 * 10 cycles; without it, its length and ends point. The few that are longer, or new, are
 * looked up in the table by hash. */
#include <string.h>

#include "base/wide.h"
#include "people/eventclass_int.h"

struct rt_class_name *rt_classes_find(
    const struct rt_classes *cs, struct rt_span text, uint64_t hash)
{
    for (uint64_t at = hash;; at++) {
        struct rt_class_name *name = &cs->names[at &= cs->nnames - 1];

        if (!name->text.p || (name->hash == hash && rt_span_eq(name->text, text)))
            return name;
    }
}

void rt_classes_forget(struct rt_classes *cs)
{
    for (size_t i = 0; i < sizeof cs->quick / sizeof *cs->quick; i++)
        cs->quick[i].n = UINT32_MAX;
}

/* The number of the name's class; quick: where it is remembered. */
static uint32_t look_up(
    struct rt_classes *cs, struct rt_span text, struct rt_quick_name *quick)
{
    const struct rt_class_name *name =
        text.n ? rt_classes_find(cs, text, rt_hash64(text, 0)) : NULL;
    const struct rt_event_class *class = name && name->text.p ? &name->class : &cs->other;

    if (text.n <= RT_QUICK_BYTES) {
        *quick =
            (struct rt_quick_name) { .n = (uint32_t)text.n, .number = class->number };
        if (text.n)
            memcpy(quick->text, text.p, text.n);
    }
    return class->number;
}

static struct rt_quick_name *pointed_by_ends(struct rt_classes *cs, struct rt_span text)
{
    uint32_t at = (uint32_t)text.n * 7;

    if (text.n)
        at += (unsigned char)text.p[0] + (unsigned char)text.p[text.n - 1] * 3u;
    return &cs->quick[at % (sizeof cs->quick / sizeof *cs->quick)];
}

void rt_classes_column_plain(struct rt_classes *cs, const struct rt_span *const *cells,
    uint32_t n, uint32_t *numbers)
{
    for (uint32_t i = 0; i < n; i++) {
        struct rt_span text = cells[i][RT_SLOT_EVENT];
        struct rt_quick_name *quick = pointed_by_ends(cs, text);
        struct rt_span known = { quick->text, quick->n };

        numbers[i] = rt_span_eq(known, text) ? quick->number : look_up(cs, text, quick);
    }
}

#ifdef RT_WIDE

/* By its first sixteen bytes and its length. */
RT_WIDE static inline struct rt_quick_name *pointed_by_bytes(
    struct rt_classes *cs, __m256i bytes, size_t n)
{
    __m128i begin = _mm256_castsi256_si128(bytes);
    uint64_t at =
        (uint64_t)_mm_cvtsi128_si64(_mm_xor_si128(begin, _mm_srli_si128(begin, 8)));

    return &cs->quick[(at + n) * UINT64_C(0x9e3779b97f4a7c15) >> RT_QUICK_SHIFT];
}

RT_WIDE static void column_wide(struct rt_classes *cs, const struct rt_span *const *cells,
    uint32_t n, uint32_t *numbers)
{
    for (uint32_t i = 0; i < n; i++) {
        struct rt_span text = cells[i][RT_SLOT_EVENT];
        __mmask32 here = _bzhi_u32(UINT32_MAX, (unsigned)text.n); /* of long ones, any */
        __m256i bytes =
            _mm256_maskz_loadu_epi8(here, text.n ? text.p : (const char *)cs->quick);
        struct rt_quick_name *quick = pointed_by_bytes(cs, bytes, text.n);
        __m256i known = _mm256_loadu_si256((const __m256i *)quick->text);
        bool same = (_mm256_cmpneq_epi64_mask(known, bytes) == 0) & (quick->n == text.n);

        numbers[i] = same ? quick->number : look_up(cs, text, quick);
    }
}

void rt_classes_column(struct rt_classes *cs, const struct rt_span *const *cells,
    uint32_t n, uint32_t *numbers)
{
    (rt_is_wide() ? column_wide : rt_classes_column_plain)(cs, cells, n, numbers);
}

#else

void rt_classes_column(struct rt_classes *cs, const struct rt_span *const *cells,
    uint32_t n, uint32_t *numbers)
{
    rt_classes_column_plain(cs, cells, n, numbers);
}

#endif
