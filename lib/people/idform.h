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

/* True for most ids that are in their form as they stand: 8 to 16 bytes of ASCII of which
 * none is a control character or a blank. False says nothing; nor is it asked about e-mail
 * addresses. A tenth of the work of rt_id_form. */
static inline bool rt_id_is_plain(struct rt_span s)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t a, b, above_blank, not_ascii;

    if (s.n - 8 > 8)
        return false;
    a = rt_word8(s.p);
    b = rt_word8(s.p + s.n - 8);
    above_blank = (a + ones * 0x5f) & (b + ones * 0x5f);
    not_ascii = a | b | (a + ones) | (b + ones); /* or 0x7f */
    return ((~above_blank | not_ascii) & ones * 0x80) == 0;
}

#endif
