/*
 * What the files of normalise share: how every rule begins and ends, and how it says what
 * it changed. Not for others.
 */
#ifndef RT_NORMALISE_PARTS_H
#define RT_NORMALISE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lists/normalise.h"
#include "lists/unicode.h"

static inline bool rt_norm_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool rt_norm_is_alnum(char c)
{
    char low = rt_ascii_lower(c);

    return rt_norm_is_digit(c) || (low >= 'a' && low <= 'z');
}

static inline bool rt_norm_is_hex(char c)
{
    char low = rt_ascii_lower(c);

    return rt_norm_is_digit(c) || (low >= 'a' && low <= 'f');
}

static inline struct rt_span rt_norm_span(const struct rt_norm *norm)
{
    return (struct rt_span) { norm->p, norm->n };
}

/* Whether anybody wants to know what was changed: what it costs to find out is spent then
 * alone. */
static inline bool rt_norm_asked(const struct rt_norm_context *context)
{
    return context && context->changes;
}

static inline void rt_norm_did(const struct rt_norm_context *context, unsigned changes)
{
    if (rt_norm_asked(context))
        *context->changes |= changes;
}

static inline const char *rt_norm_country(const struct rt_norm_context *context)
{
    return context ? context->country : "";
}

/* Digits of text from a place on, without a break. */
static inline size_t rt_norm_digits(struct rt_span text, size_t at)
{
    size_t n = 0;

    while (at + n < text.n && rt_norm_is_digit(text.p[at + n]))
        n++;
    return n;
}

static inline bool rt_norm_has_control(struct rt_span text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7F)
            return true;
    return false;
}

/* Trimmed and not too long: how every rule begins. Bytes may still be anything. */
enum rt_norm_status rt_norm_begin(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_span *text);

/* The same, then brought into a form. */
enum rt_norm_status rt_norm_map(enum rt_unicode_form form, struct rt_span raw,
    const struct rt_norm_context *context, struct rt_norm *out);

/* Makes text, which may stand in out, the result: RT_NORM_EMPTY when there is none. */
enum rt_norm_status rt_norm_put(struct rt_span text, struct rt_norm *out);

/* Keeps what is to be kept of valid UTF-8 in out; RT_NORM_INVALID when nothing is left. */
enum rt_norm_status rt_norm_keep(
    const struct rt_norm_context *context, struct rt_norm *out, bool (*keep)(uint32_t c));

/* Outer blanks off the result, those that a rule has laid bare. */
enum rt_norm_status rt_norm_trim(struct rt_norm *out);

/* Says what a code is beside the text it was made of: another case, or a code. */
void rt_norm_did_code(
    const struct rt_norm_context *context, struct rt_span raw, const struct rt_norm *out);

void rt_norm_lower_ascii(struct rt_norm *out);

/* Labels of a domain name: see "e-mail" in normalise.h. Bytes of other kinds than letters,
 * digits, hyphens and those beyond ASCII are the caller's to refuse. */
bool rt_norm_is_domain(const char *p, size_t n);

#endif
