/*
 * E-mail rules. Every family begins alike: one pass over the bytes checks each against a
 * table, lower-cases it into the output and finds the "@"; the families then differ only
 * in what they cut from the user part. Usual addresses take a shorter way to the same
 * point (email_usual.h).
 */
#include <stdint.h>

#include "lists/email_usual.h"
#include "lists/normalise_parts.h"

enum { LONGEST_ADDRESS = 254, LONGEST_USER = 64, LONGEST_LABEL = 63 };

/* What a byte may be. Bytes beyond ASCII are both, and seen to afterwards. */
enum { USER = 1, DOMAIN = 2, HIGH = 4 };

#define LETTER (USER | DOMAIN)

static const unsigned char class_of[256] = {
    ['!'] = USER,
    ['#'] = USER,
    ['$'] = USER,
    ['%'] = USER,
    ['&'] = USER,
    ['\''] = USER,
    ['*'] = USER,
    ['+'] = USER,
    ['/'] = USER,
    ['='] = USER,
    ['?'] = USER,
    ['^'] = USER,
    ['_'] = USER,
    ['`'] = USER,
    ['{'] = USER,
    ['|'] = USER,
    ['}'] = USER,
    ['~'] = USER,
    ['-'] = LETTER,
    ['.'] = LETTER,
    ['0' ... '9'] = LETTER,
    ['A' ... 'Z'] = LETTER,
    ['a' ... 'z'] = LETTER,
    [0x80 ... 0xFF] = LETTER | HIGH,
};

/* What a family does beyond lower case. */
enum {
    ASCII_ONLY = 1,  /* refuse anything beyond ASCII */
    ASCII_LOWER = 2, /* leave case beyond ASCII alone */
    ANY_DOTS = 4,    /* dots anywhere: they are to go */
    AS_TYPED = 8     /* no lower case at all */
};

struct address {
    char *p;
    size_t user, n; /* bytes of the user part and of all: p[user] is '@' */
    bool good_dots; /* those of the user part are known to be good */
};

/* Labels of a domain: see the header. */
bool rt_norm_is_domain(const char *p, size_t n)
{
    size_t start = 0, nlabels = 0;
    bool digits = true;

    for (size_t i = 0; i <= n; i++) {
        if (i < n && p[i] != '.') {
            digits = digits && p[i] >= '0' && p[i] <= '9';
            continue;
        }
        if (i == start || i - start > LONGEST_LABEL || p[start] == '-' || p[i - 1] == '-')
            return false;
        nlabels++;
        start = i + 1;
        if (i < n)
            digits = true;
    }
    return nlabels >= 2 && !digits;
}

/* Dots as RFC 5321's Dot-string has them: between atoms. */
static bool has_good_dots(const struct address *a)
{
    if (a->p[0] == '.' || a->p[a->user - 1] == '.')
        return false;
    for (size_t i = 1; i < a->user; i++)
        if (a->p[i] == '.' && a->p[i - 1] == '.')
            return false;
    return true;
}

/* Characters beyond ASCII that cannot stand in an address: blanks and controls. */
static bool has_bad_character(struct rt_span text)
{
    while (text.n) {
        uint32_t c;
        size_t n = rt_unicode_first(text, &c);

        if (c >= 0x80 && (c < 0xA0 || rt_unicode_blank(c)))
            return true;
        text.p += n;
        text.n -= n;
    }
    return false;
}

/* Checks the ASCII of text and copies it in lower case, or as it is; which classes every byte on each
 * side of the '@' has, or 0 in *kinds when there is not exactly one. */
static void scan(struct rt_span text, bool lower, struct address *a, unsigned *user_kinds,
    unsigned *domain_kinds, bool *high)
{
    unsigned kinds = USER | DOMAIN;
    unsigned char any = 0;
    bool seen = false;

    *user_kinds = *domain_kinds = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (c == '@' && !seen) {
            seen = true;
            a->user = i;
            *user_kinds = kinds;
            kinds = USER | DOMAIN;
        } else {
            kinds &= class_of[c];
            any |= class_of[c];
        }
        a->p[i] = lower ? rt_ascii_lower((char)c) : (char)c;
    }
    a->n = text.n;
    *domain_kinds = seen ? kinds : 0;
    *high = any & HIGH;
}

/* Lower case beyond ASCII, which may move the '@'. */
static enum rt_norm_status lower_high(
    struct rt_span text, unsigned rules, struct address *a, struct rt_norm *out)
{
    const char *at;
    int rc;

    if ((rules & ASCII_ONLY) || !rt_unicode_valid(text) || has_bad_character(text))
        return RT_NORM_INVALID;
    if (rules & (ASCII_LOWER | AS_TYPED))
        return RT_NORM_OK;
    rc = rt_unicode_map(RT_UNICODE_LOWER, text, out->p, RT_NORM_MAX, &a->n);
    if (rc < 0)
        return rc == RT_ENOMEM ? RT_NORM_NO_MEMORY : RT_NORM_INVALID;
    at = memchr(out->p, '@', a->n);
    if (!at)
        return RT_NORM_INVALID;
    a->user = (size_t)(at - out->p);
    return RT_NORM_OK;
}

/* What has become of text so far: nothing has been cut yet. */
static void did_case(const struct rt_norm_context *context, unsigned rules,
    struct rt_span text, const struct address *a)
{
    if (rules & AS_TYPED || !rt_norm_asked(context))
        return;
    if (!rt_span_eq(text, (struct rt_span) { a->p, a->n }))
        rt_norm_did(context, RT_DID_CASE);
}

/* A usual address, in lower case unless it is wanted as typed. */
static bool parse_usual(struct rt_span text, unsigned rules,
    const struct rt_norm_context *context, struct address *a)
{
    bool cased;

    if (!rt_email_usual(text, a->p, &a->user, &cased))
        return false;
    a->n = text.n;
    a->good_dots = true;
    if (cased && rules & AS_TYPED)
        memcpy(a->p, text.p, text.n);
    else if (cased)
        rt_norm_did(context, RT_DID_CASE);
    return true;
}

/* The valid address in lower case, in out. */
static enum rt_norm_status parse(struct rt_span raw, unsigned rules,
    const struct rt_norm_context *context, struct address *a, struct rt_norm *out)
{
    struct rt_span text = rt_unicode_trim(raw);
    unsigned user_kinds, domain_kinds;
    bool high;

    if (text.n == 0)
        return RT_NORM_EMPTY;
    if (text.n > LONGEST_ADDRESS)
        return RT_NORM_INVALID;
    if (text.n < raw.n)
        rt_norm_did(context, RT_DID_TRIM);
    *a = (struct address) { .p = out->p };
    out->usual = parse_usual(text, rules, context, a);
    if (out->usual)
        return RT_NORM_OK;
    scan(text, !(rules & AS_TYPED), a, &user_kinds, &domain_kinds, &high);
    if (!(user_kinds & USER) || !(domain_kinds & DOMAIN) || a->user == 0
        || a->user > LONGEST_USER)
        return RT_NORM_INVALID;
    if (high) {
        enum rt_norm_status status = lower_high(text, rules, a, out);

        if (status != RT_NORM_OK)
            return status;
    }
    did_case(context, rules, text, a);
    return rt_norm_is_domain(a->p + a->user + 1, a->n - a->user - 1) ? RT_NORM_OK
                                                                     : RT_NORM_INVALID;
}

static struct rt_span domain_of(const struct address *a)
{
    return (struct rt_span) { a->p + a->user + 1, a->n - a->user - 1 };
}

/* Puts the domain behind the first n bytes of the user part. */
static void shorten_user(struct address *a, size_t n)
{
    memmove(a->p + n, a->p + a->user, a->n - a->user);
    a->n -= a->user - n;
    a->user = n;
    a->good_dots = false;
}

/* Cuts the user part at its first "+" and takes its dots out. */
static void cut_user(const struct rt_norm_context *context, struct address *a)
{
    const char *plus = memchr(a->p, '+', a->user);
    size_t end = plus ? (size_t)(plus - a->p) : a->user;
    size_t kept = 0;

    for (size_t i = 0; i < end; i++)
        if (a->p[i] != '.')
            a->p[kept++] = a->p[i];
    if (end < a->user)
        rt_norm_did(context, RT_DID_TAG);
    if (kept < end)
        rt_norm_did(context, RT_DID_DOTS);
    shorten_user(a, kept);
}

static enum rt_norm_status finish(
    const struct address *a, unsigned rules, struct rt_norm *out)
{
    out->n = a->n;
    if (a->user == 0 || (!(rules & ANY_DOTS) && !a->good_dots && !has_good_dots(a)))
        return RT_NORM_INVALID;
    return RT_NORM_OK;
}

static enum rt_norm_status plain(struct rt_span raw, unsigned rules,
    const struct rt_norm_context *context, struct rt_norm *out)
{
    struct address a;
    enum rt_norm_status status = parse(raw, rules, context, &a, out);

    return status == RT_NORM_OK ? finish(&a, rules, out) : status;
}

enum rt_norm_status rt_norm_email_plain(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return plain(raw, 0, context, out);
}

enum rt_norm_status rt_norm_email_typed(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return plain(raw, AS_TYPED, context, out);
}

enum rt_norm_status rt_norm_email_mailchimp(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = plain(raw, AS_TYPED, context, out);

    if (status != RT_NORM_OK)
        return status;
    for (size_t i = 0; out->p[i] != '@'; i++)
        if ((unsigned char)out->p[i] >= 0x80)
            return RT_NORM_UNUSABLE;
    return RT_NORM_OK;
}

enum rt_norm_status rt_norm_email_meta(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return plain(raw, ASCII_ONLY, context, out);
}

/* Copies text without the blanks inside it; 0 bytes when it is no address anyway. */
static struct rt_span without_blanks(struct rt_span raw,
    const struct rt_norm_context *context, char dense[LONGEST_ADDRESS])
{
    struct rt_span text = rt_unicode_trim(raw);
    bool any = false;
    size_t n = 0;

    if (text.n > RT_NORM_IN_MAX)
        return RT_SPAN("@");
    if (text.n < raw.n)
        rt_norm_did(context, RT_DID_TRIM);
    while (text.n) {
        uint32_t c = (unsigned char)*text.p;
        size_t len = c < 0x80 ? 1 : rt_unicode_first(text, &c);

        if (rt_unicode_blank(c)) {
            any = true;
        } else {
            if (n + len > LONGEST_ADDRESS)
                return RT_SPAN("@");
            memcpy(dense + n, text.p, len);
            n += len;
        }
        text.p += len;
        text.n -= len;
    }
    if (any)
        rt_norm_did(context, RT_DID_SIGNS);
    return (struct rt_span) { dense, n };
}

enum rt_norm_status rt_norm_email_linkedin(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    char dense[LONGEST_ADDRESS];
    enum rt_norm_status status =
        plain(without_blanks(raw, context, dense), 0, context, out);

    out->usual = false; /* without blanks it may be, and raw is not */
    return status;
}

static enum rt_norm_status gmail(struct rt_span raw, unsigned rules, bool googlemail_too,
    const struct rt_norm_context *context, struct rt_norm *out)
{
    struct address a;
    enum rt_norm_status status = parse(raw, rules, context, &a, out);

    if (status != RT_NORM_OK)
        return status;
    if (rt_span_eq(domain_of(&a), RT_SPAN("gmail.com"))
        || (googlemail_too && rt_span_eq(domain_of(&a), RT_SPAN("googlemail.com")))) {
        rules |= ANY_DOTS;
        cut_user(context, &a);
    }
    return finish(&a, rules, out);
}

enum rt_norm_status rt_norm_email_google(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return gmail(raw, 0, true, context, out);
}

enum rt_norm_status rt_norm_email_dv360(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    char dense[LONGEST_ADDRESS];
    enum rt_norm_status status =
        gmail(without_blanks(raw, context, dense), 0, true, context, out);

    out->usual = false;
    return status;
}

enum rt_norm_status rt_norm_email_uid2(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return gmail(raw, ASCII_LOWER, false, context, out);
}

enum rt_norm_status rt_norm_email_reddit(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct address a;
    enum rt_norm_status status = parse(raw, 0, context, &a, out);
    size_t kept = 0;

    if (status != RT_NORM_OK)
        return status;
    cut_user(context, &a);
    for (size_t i = 0; i < a.user; i++)
        if (rt_norm_is_alnum(a.p[i]))
            a.p[kept++] = a.p[i];
    if (kept < a.user)
        rt_norm_did(context, RT_DID_SIGNS);
    shorten_user(&a, kept);
    return finish(&a, ANY_DOTS, out);
}

/* Letters and digits of any script, as the "word" characters of its library are. */
static bool kept_by_amazon(uint32_t c)
{
    return c < 0x80 ? rt_norm_is_alnum((char)c) || strchr("_.@-", (int)c) != NULL
                    : rt_unicode_alnum(c);
}

enum rt_norm_status rt_norm_email_amazon(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct address a;
    enum rt_norm_status status = parse(raw, 0, context, &a, out);
    const char *at;

    if (status != RT_NORM_OK)
        return status;
    out->n = a.n;
    status = rt_norm_keep(context, out, kept_by_amazon);
    at = memchr(out->p, '@', out->n);
    if (status != RT_NORM_OK || !at || at == out->p)
        return RT_NORM_INVALID;
    a.user = (size_t)(at - out->p);
    a.n = out->n;
    a.good_dots = false; /* some may have come together */
    return rt_norm_is_domain(at + 1, a.n - a.user - 1) ? finish(&a, 0, out)
                                                       : RT_NORM_INVALID;
}
