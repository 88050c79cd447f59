/*
 * Unicode over libunistring. Nearly all that passes here is ASCII, so each function looks
 * for that first and asks the library only for the rest.
 */
#include "lists/unicode.h"

#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

static bool is_ascii(struct rt_span text)
{
    unsigned char any = 0;

    for (size_t i = 0; i < text.n; i++)
        any |= (unsigned char)text.p[i];
    return any < 0x80;
}

bool rt_unicode_valid(struct rt_span text)
{
    return text.n == 0 || !u8_check((const uint8_t *)text.p, text.n);
}

size_t rt_unicode_first(struct rt_span text, uint32_t *c)
{
    ucs4_t uc;
    int n = u8_mbtouc(&uc, (const uint8_t *)text.p, text.n);

    *c = uc;
    return n > 0 ? (size_t)n : 1;
}

static bool is_ascii_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool rt_unicode_blank(uint32_t c)
{
    if (c < 0x80)
        return is_ascii_blank((char)c);
    return uc_is_property_white_space(c) || c == 0xFEFF || c == 0x200B || c == 0x2060
        || c == 0x200E || c == 0x200F;
}

bool rt_unicode_alnum(uint32_t c)
{
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N);
}

bool rt_unicode_numeric(uint32_t c)
{
    return uc_numeric_value(c).denominator != 0;
}

bool rt_unicode_sign(uint32_t c)
{
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_P | UC_CATEGORY_MASK_S);
}

bool rt_unicode_has_upper(struct rt_span text)
{
    while (text.n) {
        uint32_t c;
        size_t n = rt_unicode_first(text, &c);

        if (c < 0x80 ? c >= 'A' && c <= 'Z' : uc_tolower(c) != c)
            return true;
        text.p += n;
        text.n -= n;
    }
    return false;
}

/* Where the last character of valid, non-empty text begins. */
static size_t last_start(struct rt_span text)
{
    size_t i = text.n - 1;

    while (i > 0 && ((unsigned char)text.p[i] & 0xC0) == 0x80)
        i--;
    return i;
}

static bool ends_in_ascii(struct rt_span text)
{
    return !(((unsigned char)text.p[0] | (unsigned char)text.p[text.n - 1]) & 0x80);
}

static struct rt_span trim_ascii(struct rt_span s)
{
    while (s.n && is_ascii_blank(*s.p))
        s.p++, s.n--;
    while (s.n && is_ascii_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct rt_span rt_unicode_trim(struct rt_span text)
{
    struct rt_span s = trim_ascii(text);
    uint32_t c;

    if (s.n == 0 || ends_in_ascii(s) || !rt_unicode_valid(s))
        return s;
    while (s.n) {
        size_t n = rt_unicode_first(s, &c);

        if (!rt_unicode_blank(c))
            break;
        s.p += n;
        s.n -= n;
    }
    while (s.n) {
        size_t at = last_start(s);

        rt_unicode_first((struct rt_span) { s.p + at, s.n - at }, &c);
        if (!rt_unicode_blank(c))
            break;
        s.n = at;
    }
    return s;
}

static bool is_letter(uint32_t c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L);
}

static char ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c;
}

static int map_ascii(
    enum rt_unicode_form form, struct rt_span text, char *out, size_t room, size_t *n)
{
    if (text.n > room)
        return RT_ELIMIT;
    if (form == RT_UNICODE_UPPER_NFC)
        for (size_t i = 0; i < text.n; i++)
            out[i] = ascii_upper(text.p[i]);
    else
        for (size_t i = 0; i < text.n; i++)
            out[i] = rt_ascii_lower(text.p[i]);
    *n = text.n;
    return RT_OK;
}

/* After a decomposition accents stand alone, so they go with all else that is no letter.
 */
static size_t letters_only(char *text, size_t n)
{
    struct rt_span rest = { text, n };
    size_t kept = 0;

    while (rest.n) {
        uint32_t c;
        size_t len = rt_unicode_first(rest, &c);

        if (is_letter(c)) {
            memmove(text + kept, rest.p, len);
            kept += len;
        }
        rest.p += len;
        rest.n -= len;
    }
    return kept;
}

int rt_unicode_map(
    enum rt_unicode_form form, struct rt_span text, char *out, size_t room, size_t *n)
{
    uninorm_t normal = form == RT_UNICODE_LOWER ? NULL
        : form == RT_UNICODE_BARE               ? UNINORM_NFKD
                                                : UNINORM_NFC;
    size_t len = room;
    uint8_t *got;

    if (is_ascii(text)) {
        int rc = map_ascii(form, text, out, room, n);

        if (rc == RT_OK && form == RT_UNICODE_BARE)
            *n = letters_only(out, *n);
        return rc;
    }
    if (!rt_unicode_valid(text))
        return RT_ESYNTAX;
    got = form == RT_UNICODE_UPPER_NFC
        ? u8_toupper((const uint8_t *)text.p, text.n, "", normal, (uint8_t *)out, &len)
        : u8_tolower((const uint8_t *)text.p, text.n, "", normal, (uint8_t *)out, &len);
    if (!got)
        return RT_ENOMEM;
    if (got != (uint8_t *)out) { /* it did not fit, so the library made room */
        free(got);
        return RT_ELIMIT;
    }
    *n = form == RT_UNICODE_BARE ? letters_only(out, len) : len;
    return RT_OK;
}
