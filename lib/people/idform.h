/*
 * The form in which ids are compared.
 */
#ifndef RT_IDFORM_H
#define RT_IDFORM_H

#include "base/span.h"
#include "base/word.h"
#include "people/ids.h"
#include "plan/plan.h"

/* An id in the form of its kind: outer blanks and tabs cut, e-mail in lower case
 * (ASCII). Absent when it is none: empty, too long, with a control character. copy has
 * room for RT_ID_BYTES_MAX; used only when the bytes change. */
struct rt_span rt_id_form(const struct rt_id_kind *kind, struct rt_span text, char *copy);

/* Top bits of bytes are set when one of the eight is a control character, below 0x20 or
 * 0x7f; a borrow can only set more of them. Bytes of UTF-8 sequences are none. */
static inline uint64_t rt_id_controls(uint64_t w)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);

    return ((w - ones * 0x20) | ((w ^ ones * 0x7f) - ones)) & ~w & ones * 0x80;
}

#define RT_ID_TOPS UINT64_C(0x8080808080808080)

/* Of eight bytes, the top bits of those that are not from '!' to '~'; where there are some
 * beyond ASCII, of others too. */
static inline uint64_t rt_id_odd(uint64_t w)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);

    return ~(w + ones * 0x5f) | w | (w + ones);
}

/* Of eight bytes, the top bits of those from 'A' to 'Z' alone. */
static inline uint64_t rt_id_capitals(uint64_t w)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t low = w & ~RT_ID_TOPS;

    return (low + ones * (0x80 - 'A')) & ~(low + ones * (0x80 - 'Z' - 1)) & ~w
        & RT_ID_TOPS;
}

/* True for most ids that are in their form as they stand: 8 to 16 bytes of ASCII of which
 * none is a control character or a blank. False says nothing; nor is it asked about e-mail
 * addresses. A tenth of the work of rt_id_form. */
static inline bool rt_id_is_plain(struct rt_span s)
{
    if (s.n - 8 > 8)
        return false;
    return ((rt_id_odd(rt_word8(s.p)) | rt_id_odd(rt_word8(s.p + s.n - 8))) & RT_ID_TOPS)
        == 0;
}

/* The same for longer ones, of which e-mail addresses have no capitals either. */
static inline bool rt_id_is_plain_long(struct rt_span s, bool email)
{
    uint64_t capital = email ? RT_ID_TOPS : 0, last, found;

    if (s.n < 8 || s.n > RT_ID_BYTES_MAX)
        return false;
    last = rt_word8(s.p + s.n - 8);
    found = rt_id_odd(last) | (rt_id_capitals(last) & capital);
    for (size_t i = 0; i + 8 < s.n; i += 8) {
        uint64_t w = rt_word8(s.p + i);

        found |= rt_id_odd(w) | (rt_id_capitals(w) & capital);
    }
    return (found & RT_ID_TOPS) == 0;
}

#endif
