/*
 * What all rules share (normalise_parts.h), and the rules for values that are sent nearly
 * as they are: digests, telephone numbers, plain text. The others stand by topic:
 *
 *   email.c             normalise_name.c     normalise_place.c    normalise_person.c
 *   normalise_id.c      normalise_amazon.c   normalise_street.c
 *
 * Text is brought to lower case first and then cut down, so each rule reads as the
 * sentence in the header does.
 */
#include "lists/normalise_parts.h"

#include "lists/phone.h"

/* ---- what rules share */

enum rt_norm_status rt_norm_begin(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_span *text)
{
    *text = rt_unicode_trim(raw);
    if (text->n == 0)
        return RT_NORM_EMPTY;
    if (text->n < raw.n)
        rt_norm_did(context, RT_DID_TRIM);
    return text->n > RT_NORM_IN_MAX ? RT_NORM_INVALID : RT_NORM_OK;
}

enum rt_norm_status rt_norm_put(struct rt_span text, struct rt_norm *out)
{
    if (text.n == 0)
        return RT_NORM_EMPTY;
    if (text.n > RT_NORM_MAX)
        return RT_NORM_INVALID;
    memmove(out->p, text.p, text.n);
    out->n = text.n;
    return RT_NORM_OK;
}

/* Whether out has other letters than text, whatever their case. */
static bool was_respelt(struct rt_span text, const struct rt_norm *out)
{
    char before[RT_NORM_MAX], after[RT_NORM_MAX];
    size_t n = 0, nafter = 0;

    return rt_unicode_map(RT_UNICODE_LOWER, text, before, sizeof before, &n) == RT_OK
        && rt_unicode_map(
               RT_UNICODE_LOWER, rt_norm_span(out), after, sizeof after, &nafter)
        == RT_OK
        && !rt_span_eq(
            (struct rt_span) { before, n }, (struct rt_span) { after, nafter });
}

enum rt_norm_status rt_norm_map(enum rt_unicode_form form, struct rt_span raw,
    const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = rt_norm_begin(raw, context, &text);
    int rc;

    if (status != RT_NORM_OK)
        return status;
    rc = rt_unicode_map(form, text, out->p, RT_NORM_MAX, &out->n);
    if (rc < 0)
        return rc == RT_ENOMEM ? RT_NORM_NO_MEMORY : RT_NORM_INVALID;
    if (!rt_norm_asked(context) || form == RT_UNICODE_BARE)
        return RT_NORM_OK;
    if (rt_unicode_has_upper(text))
        rt_norm_did(context, RT_DID_CASE);
    if (form != RT_UNICODE_LOWER && was_respelt(text, out))
        rt_norm_did(context, RT_DID_LETTERS);
    return RT_NORM_OK;
}

static unsigned dropping(uint32_t c)
{
    return c < 0x80 || rt_unicode_sign(c) || rt_unicode_blank(c) ? RT_DID_SIGNS
                                                                 : RT_DID_LETTERS;
}

enum rt_norm_status rt_norm_keep(
    const struct rt_norm_context *context, struct rt_norm *out, bool (*keep)(uint32_t c))
{
    struct rt_span rest = rt_norm_span(out);
    size_t kept = 0;

    while (rest.n) {
        uint32_t c = (unsigned char)*rest.p;
        size_t n = c < 0x80 ? 1 : rt_unicode_first(rest, &c);

        if (keep(c)) {
            memmove(out->p + kept, rest.p, n);
            kept += n;
        } else if (rt_norm_asked(context)) {
            rt_norm_did(context, dropping(c));
        }
        rest.p += n;
        rest.n -= n;
    }
    out->n = kept;
    return kept ? RT_NORM_OK : RT_NORM_INVALID;
}

enum rt_norm_status rt_norm_trim(struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_put(rt_unicode_trim(rt_norm_span(out)), out);

    return status == RT_NORM_EMPTY ? RT_NORM_INVALID : status;
}

void rt_norm_did_code(
    const struct rt_norm_context *context, struct rt_span raw, const struct rt_norm *out)
{
    struct rt_span text;

    if (!rt_norm_asked(context))
        return;
    text = rt_unicode_trim(raw);
    if (rt_span_eq(text, rt_norm_span(out)))
        return;
    rt_norm_did(
        context, rt_span_eq_nocase(text, rt_norm_span(out)) ? RT_DID_CASE : RT_DID_CODE);
}

void rt_norm_lower_ascii(struct rt_norm *out)
{
    for (size_t i = 0; i < out->n; i++)
        out->p[i] = rt_ascii_lower(out->p[i]);
}

const char *rt_norm_change_name(unsigned i)
{
    static const char *const names[RT_NORM_CHANGES] = { "trimmed", "case_changed",
        "dots_cut", "tag_cut", "signs_dropped", "letters_respelt", "title_cut", "coded",
        "shortened", "country_added", "extension_dropped", "already_hashed" };

    return names[i];
}

/* ---- digests */

static bool hex(struct rt_span text, struct rt_norm *out)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!rt_norm_is_hex(text.p[i]))
            return false;
        out->p[i] = rt_ascii_lower(text.p[i]);
    }
    out->n = text.n;
    return true;
}

/* 32 bytes are 43 characters and "="; the last character holds four bits, so its two low
 * ones are 0: it is one of A E I M ... 4 8. */
static bool base64(struct rt_span text, struct rt_norm *out)
{
    for (size_t i = 0; i < 43; i++)
        if (!rt_norm_is_alnum(text.p[i]) && text.p[i] != '+' && text.p[i] != '/')
            return false;
    if (text.p[43] != '=' || !strchr("AEIMQUYcgkosw048", text.p[42]))
        return false;
    return rt_norm_put(text, out) == RT_NORM_OK;
}

unsigned rt_norm_hashed(struct rt_span raw, unsigned kinds, struct rt_norm *out)
{
    struct rt_span text;

    if (raw.n < 32)
        return 0;
    text = rt_unicode_trim(raw);
    switch (text.n) {
    case 32:
        return (kinds & RT_HASHED_MD5_HEX) && hex(text, out) ? RT_HASHED_MD5_HEX : 0;
    case 40:
        return (kinds & RT_HASHED_SHA1_HEX) && hex(text, out) ? RT_HASHED_SHA1_HEX : 0;
    case 44:
        return (kinds & RT_HASHED_SHA256_BASE64) && base64(text, out)
            ? RT_HASHED_SHA256_BASE64
            : 0;
    case 64:
        return (kinds & RT_HASHED_SHA256_HEX) && hex(text, out) ? RT_HASHED_SHA256_HEX
                                                                : 0;
    case 128:
        return (kinds & RT_HASHED_SHA512_HEX) && hex(text, out) ? RT_HASHED_SHA512_HEX
                                                                : 0;
    default:
        return 0;
    }
}

/* Digests of no bytes at all, which whole columns of careless exports consist of: MD5,
 * SHA-1, SHA-256 in hex and in Base64, and SHA-256 of the MD5's hex. */
static const char *const empty_digests[] = { "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "f215faf9d88b7f0a881632ee22459ee452a296c808d261b6cc993d3a1fd0600e", NULL };

bool rt_norm_is_digest_of_nothing(struct rt_span text)
{
    for (const char *const *digest = empty_digests; *digest; digest++)
        if (rt_span_eq(text, rt_span_of(*digest)))
            return true;
    return false;
}

bool rt_norm_digest(struct rt_span raw, struct rt_norm *out)
{
    return rt_norm_hashed(raw, RT_HASHED_SHA256_HEX, out) != 0;
}

/* ---- telephone */

/* What was done to a number that a person wrote: its country code and extension aside, it
 * may have been laid out in other signs than the result is. */
static unsigned phone_changes(
    struct rt_span text, const struct rt_phone *number, struct rt_span result)
{
    unsigned changes = (number->country_added ? RT_DID_COUNTRY : 0)
        | (number->extension_dropped ? RT_DID_EXTENSION : 0);

    for (size_t i = text.n && *text.p == '+' && *result.p == '+'; i < text.n; i++)
        if (!rt_norm_is_digit(text.p[i]))
            return changes | RT_DID_SIGNS;
    return changes || rt_span_eq(text, result) ? changes : RT_DID_SIGNS;
}

static enum rt_norm_status phone(struct rt_span raw,
    const struct rt_norm_context *context, bool plus, struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = rt_norm_begin(raw, context, &text);
    struct rt_phone number;

    if (status != RT_NORM_OK)
        return status;
    switch (rt_phone_e164(text, context ? context->phone_region : "", &number)) {
    case RT_PHONE_OK:
        break;
    case RT_PHONE_NO_COUNTRY:
        return RT_NORM_NO_COUNTRY;
    case RT_PHONE_NO_MEMORY:
        return RT_NORM_NO_MEMORY;
    case RT_PHONE_INVALID:
        return RT_NORM_INVALID;
    }
    status = rt_norm_put(rt_span_of(number.e164 + !plus), out);
    if (rt_norm_asked(context))
        rt_norm_did(context, phone_changes(text, &number, rt_norm_span(out)));
    return status;
}

enum rt_norm_status rt_norm_phone_plus(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return phone(raw, context, true, out);
}

enum rt_norm_status rt_norm_phone_digits(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return phone(raw, context, false, out);
}

enum rt_norm_status rt_norm_phone_uid2(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum { PLUS_AND_FEWEST_DIGITS = 11 };
    enum rt_norm_status status = phone(raw, context, true, out);

    return status == RT_NORM_OK && out->n < PLUS_AND_FEWEST_DIGITS ? RT_NORM_UNUSABLE
                                                                   : status;
}

/* ---- plain text */

/* UTF-8 without control characters, of at most so many characters. */
static enum rt_norm_status plain(struct rt_span raw,
    const struct rt_norm_context *context, bool at_sign, size_t max_chars,
    struct rt_norm *out)
{
    struct rt_span text, rest;
    enum rt_norm_status status = rt_norm_begin(raw, context, &text);
    size_t nchars = 0;

    if (status != RT_NORM_OK)
        return status;
    if (!rt_unicode_valid(text))
        return RT_NORM_INVALID;
    for (rest = text; rest.n; nchars++) {
        uint32_t c = (unsigned char)*rest.p;
        size_t n = c < 0x80 ? 1 : rt_unicode_first(rest, &c);

        if (c < ' ' || (c >= 0x7F && c < 0xA0))
            return RT_NORM_INVALID;
        if (c == '@' && !at_sign)
            return RT_NORM_UNUSABLE;
        rest.p += n;
        rest.n -= n;
    }
    return nchars > max_chars ? RT_NORM_UNUSABLE : rt_norm_put(text, out);
}

enum rt_norm_status rt_norm_text(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return plain(raw, context, true, RT_NORM_IN_MAX, out);
}

enum rt_norm_status rt_norm_text_mailchimp(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum { LONGEST_FIELD = 255 };
    enum rt_norm_status status = plain(raw, context, true, RT_NORM_IN_MAX, out);

    return status == RT_NORM_OK && out->n > LONGEST_FIELD ? RT_NORM_UNUSABLE : status;
}

enum rt_norm_status rt_norm_linkedin_name(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return plain(raw, context, false, 35, out);
}

enum rt_norm_status rt_norm_linkedin_work(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return plain(raw, context, false, 50, out);
}
