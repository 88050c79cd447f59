/*
 * Names of people. Google's three libraries differ in what they take off a name: titles
 * and suffixes go here as in the narrower of the two that take any.
 */
#include "lists/normalise_parts.h"

static bool has_letter(struct rt_span text)
{
    char bare[RT_NORM_MAX];
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        if (rt_norm_is_alnum(text.p[i]) && !rt_norm_is_digit(text.p[i]))
            return true;
    return rt_unicode_map(RT_UNICODE_BARE, text, bare, sizeof bare, &n) == RT_OK && n > 0;
}

/* Lower case, composed, with a letter in it. */
static enum rt_norm_status begin(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_map(RT_UNICODE_LOWER_NFC, raw, context, out);

    if (status == RT_NORM_OK && !has_letter(rt_norm_span(out)))
        return RT_NORM_INVALID;
    return status;
}

/* The same on one line: blanks inside stay, and a line end must not. */
static enum rt_norm_status begin_line(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = begin(raw, context, out);

    if (status == RT_NORM_OK && rt_norm_has_control(rt_norm_span(out)))
        return RT_NORM_INVALID;
    return status;
}

static enum rt_norm_status put_name(
    struct rt_span name, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status;

    if (name.n < out->n)
        rt_norm_did(context, RT_DID_AFFIX);
    status = rt_norm_put(name, out);
    return status == RT_NORM_EMPTY ? RT_NORM_INVALID : status;
}

/* The text without a title in front of it, or the text itself. */
static struct rt_span after_title(struct rt_span text)
{
    static const char *const titles[] = { "mr.", "mrs.", "ms.", "dr." };

    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        struct rt_span title = rt_span_of(titles[i]), rest;

        if (!rt_span_starts(text, title))
            continue;
        rest = (struct rt_span) { text.p + title.n, text.n - title.n };
        text = rt_unicode_trim(rest);
        return text.n < rest.n || rest.n == 0
            ? text
            : (struct rt_span) { rest.p - title.n, rest.n + title.n };
    }
    return text;
}

enum rt_norm_status rt_norm_first_name_google(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = begin_line(raw, context, out);

    if (status != RT_NORM_OK)
        return status;
    return put_name(after_title(rt_norm_span(out)), context, out);
}

static const char *const suffixes[] = { "jr", "jr.", "sr", "sr.", "2nd", "3rd", "ii",
    "iii", "iv", "v", "vi", "cpa", "dc", "dds", "vm", "jd", "md", "phd" };

/* Takes one suffix, and what parts it from the name, off the end. */
static bool cut_suffix(struct rt_span *name)
{
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        struct rt_span suffix = rt_span_of(suffixes[i]), before, rest;

        if (name->n <= suffix.n
            || memcmp(name->p + name->n - suffix.n, suffix.p, suffix.n) != 0)
            continue;
        before = (struct rt_span) { name->p, name->n - suffix.n };
        rest = rt_unicode_trim(before);
        if (rest.n && rest.p[rest.n - 1] == ',')
            rest = rt_unicode_trim((struct rt_span) { rest.p, rest.n - 1 });
        if (rest.n == before.n)
            continue; /* part of a word */
        *name = rest;
        return true;
    }
    return false;
}

enum rt_norm_status rt_norm_last_name_google(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = begin_line(raw, context, out);
    struct rt_span name;

    if (status != RT_NORM_OK)
        return status;
    name = rt_norm_span(out);
    while (cut_suffix(&name))
        continue;
    return put_name(name, context, out);
}

static bool no_blank(uint32_t c)
{
    return !rt_unicode_blank(c);
}

enum rt_norm_status rt_norm_first_name_dv360(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_first_name_google(raw, context, out);

    return status == RT_NORM_OK ? rt_norm_keep(context, out, no_blank) : status;
}

enum rt_norm_status rt_norm_last_name_dv360(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_last_name_google(raw, context, out);

    return status == RT_NORM_OK ? rt_norm_keep(context, out, no_blank) : status;
}

static bool no_digit_or_sign(uint32_t c)
{
    return !rt_unicode_numeric(c) && !rt_unicode_sign(c);
}

enum rt_norm_status rt_norm_name_ga4(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = begin_line(raw, context, out);

    if (status != RT_NORM_OK)
        return status;
    status = rt_norm_keep(context, out, no_digit_or_sign);
    return status == RT_NORM_OK ? rt_norm_trim(out) : status;
}

/* Blanks of any script go, ASCII punctuation, and the apostrophes U+2018 and U+2019. */
static bool kept_by_meta(uint32_t c)
{
    if (c < 0x80)
        return rt_norm_is_alnum((char)c);
    return !rt_unicode_blank(c) && c != 0x2018 && c != 0x2019;
}

enum rt_norm_status rt_norm_name_meta(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = begin(raw, context, out);

    return status == RT_NORM_OK ? rt_norm_keep(context, out, kept_by_meta) : status;
}

/* How Amazon spells what is beyond a-z; all else there goes. */
static struct rt_span amazon_spelling(uint32_t c)
{
    switch (c) {
    case 0xDF:
        return RT_SPAN("ss");
    case 0xE4:
    case 0xE6:
        return RT_SPAN("ae");
    case 0xF6:
        return RT_SPAN("oe");
    case 0xFC:
        return RT_SPAN("ue");
    case 0xF8:
        return RT_SPAN("o");
    default:
        return RT_SPAN("");
    }
}

enum rt_norm_status rt_norm_name_amazon(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = begin(raw, context, out);
    struct rt_span rest = rt_norm_span(out);
    size_t kept = 0;

    if (status != RT_NORM_OK)
        return status;
    while (rest.n) { /* two bytes at most for two: what is written never meets the rest */
        uint32_t c = (unsigned char)*rest.p;
        size_t n = c < 0x80 ? 1 : rt_unicode_first(rest, &c);
        struct rt_span spelt = { rest.p, 1 };

        if (c >= 0x80)
            spelt = amazon_spelling(c);
        else if (!rt_norm_is_alnum((char)c))
            spelt.n = 0;
        if (c >= 0x80 || spelt.n == 0)
            rt_norm_did(context, c < 0x80 ? RT_DID_SIGNS : RT_DID_LETTERS);
        memmove(out->p + kept, spelt.p, spelt.n);
        kept += spelt.n;
        rest.p += n;
        rest.n -= n;
    }
    out->n = kept;
    return has_letter(rt_norm_span(out)) ? RT_NORM_OK : RT_NORM_INVALID;
}
