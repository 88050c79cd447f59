/* Ids are looked at eight bytes at a time, the last eight overlapping those before. */
#include "people/idform.h"

static const uint64_t ones = UINT64_C(0x0101010101010101);

static bool has_control(struct rt_span s)
{
    uint64_t found;

    if (s.n < 8) /* blanks stand for what is missing */
        return rt_id_controls(rt_word_below8(s.p, s.n) | ones * 0x20 << 8 * s.n);
    found = rt_id_controls(rt_word8(s.p)) | rt_id_controls(rt_word8(s.p + s.n - 8));
    for (size_t i = 8; i + 8 < s.n; i += 8)
        found |= rt_id_controls(rt_word8(s.p + i));
    return found != 0;
}

static bool has_capital(struct rt_span s)
{
    uint64_t found;

    if (s.n < 8)
        return rt_id_capitals(rt_word_below8(s.p, s.n));
    found = rt_id_capitals(rt_word8(s.p + s.n - 8));
    for (size_t i = 0; i + 8 < s.n; i += 8)
        found |= rt_id_capitals(rt_word8(s.p + i));
    return found != 0;
}

struct rt_span rt_id_form(const struct rt_id_kind *kind, struct rt_span text, char *copy)
{
    struct rt_span s = text;

    if (s.n == 0)
        return RT_SPAN_ABSENT;
    if ((unsigned char)s.p[0] <= ' ' || (unsigned char)s.p[s.n - 1] <= ' ')
        s = rt_span_trim(text);
    if (s.n == 0 || s.n > RT_ID_BYTES_MAX || has_control(s))
        return RT_SPAN_ABSENT;
    if (!kind->email || !has_capital(s))
        return s;
    for (size_t i = 0; i < s.n; i++)
        copy[i] = rt_ascii_lower(s.p[i]);
    return (struct rt_span) { copy, s.n };
}
