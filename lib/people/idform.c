/* Every record's ids pass here, so they are looked at eight bytes at a time. */
#include "people/idform.h"

/* What must be looked at in an id: control characters make it none, capitals change an
 * e-mail address. */
enum { HAS_CONTROL = 1, HAS_CAPITAL = 2 };

/* Eight bytes at a time: a byte below 0x20, or 0x7f, or between 'A' and 'Z' leaves its top
 * bit set. Bytes of UTF-8 sequences have theirs set from the start and are none of these. */
static unsigned inspect8(uint64_t w)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones * 0x80;
    uint64_t low = w & ~tops, ascii = ~w & tops;
    uint64_t from_20 = low + ones * (0x80 - 0x20), is_7f = low + ones;
    uint64_t from_a = low + ones * (0x80 - 'A'), past_z = low + ones * (0x80 - 'Z' - 1);

    return (ascii & (~from_20 | is_7f) ? HAS_CONTROL : 0)
        | (ascii & from_a & ~past_z ? HAS_CAPITAL : 0);
}

static unsigned inspect(struct rt_span s)
{
    uint64_t w = UINT64_C(0x2020202020202020); /* blanks: neither */
    unsigned found = 0;
    size_t i = 0;

    for (; i + 8 <= s.n; i += 8) {
        memcpy(&w, s.p + i, 8);
        found |= inspect8(w);
    }
    w = UINT64_C(0x2020202020202020);
    memcpy(&w, s.p + i, s.n - i);
    return found | inspect8(w);
}

struct rt_span rt_id_form(const struct rt_id_kind *kind, struct rt_span text, char *copy)
{
    struct rt_span s = rt_span_trim(text);
    unsigned found;

    if (s.n == 0 || s.n > RT_ID_BYTES_MAX)
        return RT_SPAN_ABSENT;
    found = inspect(s);
    if (found & HAS_CONTROL)
        return RT_SPAN_ABSENT;
    if (!kind->email || !(found & HAS_CAPITAL))
        return s;
    for (size_t i = 0; i < s.n; i++)
        copy[i] = rt_ascii_lower(s.p[i]);
    return (struct rt_span) { copy, s.n };
}
