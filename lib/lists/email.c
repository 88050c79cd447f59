/*
 * E-mail rules. Every family begins alike: one pass over the bytes checks each against a
 * table, lower-cases it into the output and finds the "@"; the families then differ only
 * in what they cut from the user part.
 */
#include <stdint.h>

#include "lists/normalise.h"
#include "lists/unicode.h"

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
    CUT_TAG = 4,     /* the user part ends at its first '+' */
    CUT_DOTS = 8     /* the user part loses its dots */
};

struct address {
    char *p;
    size_t user, n; /* bytes of the user part and of all: p[user] is '@' */
};

/* Labels of a domain: see the header. */
static bool is_domain(const char *p, size_t n)
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

/* Checks and lower-cases the ASCII of text into out; which classes every byte on each
 * side of the '@' has, or 0 in *kinds when there is not exactly one. */
static void scan(struct rt_span text, struct address *a, unsigned *user_kinds,
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
        a->p[i] = rt_ascii_lower((char)c);
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
    if (rules & ASCII_LOWER)
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

/* The valid address in lower case, in out. */
static enum rt_norm_status parse(
    struct rt_span raw, unsigned rules, struct address *a, struct rt_norm *out)
{
    struct rt_span text = rt_unicode_trim(raw);
    unsigned user_kinds, domain_kinds;
    bool high;

    if (text.n == 0)
        return RT_NORM_EMPTY;
    if (text.n > LONGEST_ADDRESS)
        return RT_NORM_INVALID;
    a->p = out->p;
    a->user = 0;
    scan(text, a, &user_kinds, &domain_kinds, &high);
    if (!(user_kinds & USER) || !(domain_kinds & DOMAIN) || a->user == 0
        || a->user > LONGEST_USER)
        return RT_NORM_INVALID;
    if (high) {
        enum rt_norm_status status = lower_high(text, rules, a, out);

        if (status != RT_NORM_OK)
            return status;
    }
    return is_domain(a->p + a->user + 1, a->n - a->user - 1) ? RT_NORM_OK
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
}

static void cut_user(struct address *a, unsigned rules)
{
    const char *plus = rules & CUT_TAG ? memchr(a->p, '+', a->user) : NULL;
    size_t end = plus ? (size_t)(plus - a->p) : a->user;
    size_t kept = 0;

    for (size_t i = 0; i < end; i++)
        if (!(rules & CUT_DOTS) || a->p[i] != '.')
            a->p[kept++] = a->p[i];
    shorten_user(a, kept);
}

static enum rt_norm_status finish(
    const struct address *a, unsigned rules, struct rt_norm *out)
{
    out->n = a->n;
    if (a->user == 0 || (!(rules & CUT_DOTS) && !has_good_dots(a)))
        return RT_NORM_INVALID;
    return RT_NORM_OK;
}

static enum rt_norm_status plain(struct rt_span raw, unsigned rules, struct rt_norm *out)
{
    struct address a;
    enum rt_norm_status status = parse(raw, rules, &a, out);

    return status == RT_NORM_OK ? finish(&a, rules, out) : status;
}

enum rt_norm_status rt_norm_email_plain(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    (void)context;
    return plain(raw, 0, out);
}

enum rt_norm_status rt_norm_email_meta(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    (void)context;
    return plain(raw, ASCII_ONLY, out);
}

enum rt_norm_status rt_norm_email_linkedin(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text = rt_unicode_trim(raw);
    char dense[LONGEST_ADDRESS];
    size_t n = 0;

    (void)context;
    if (text.n > RT_NORM_IN_MAX || !rt_unicode_valid(text))
        return RT_NORM_INVALID;
    while (text.n) {
        uint32_t c;
        size_t len = rt_unicode_first(text, &c);

        if (!rt_unicode_blank(c)) {
            if (n + len > sizeof dense)
                return RT_NORM_INVALID;
            memcpy(dense + n, text.p, len);
            n += len;
        }
        text.p += len;
        text.n -= len;
    }
    return plain((struct rt_span) { dense, n }, 0, out);
}

static enum rt_norm_status gmail(
    struct rt_span raw, unsigned rules, bool googlemail_too, struct rt_norm *out)
{
    struct address a;
    enum rt_norm_status status = parse(raw, rules, &a, out);

    if (status != RT_NORM_OK)
        return status;
    if (rt_span_eq(domain_of(&a), RT_SPAN("gmail.com"))
        || (googlemail_too && rt_span_eq(domain_of(&a), RT_SPAN("googlemail.com")))) {
        rules |= CUT_TAG | CUT_DOTS;
        cut_user(&a, rules);
    }
    return finish(&a, rules, out);
}

enum rt_norm_status rt_norm_email_google(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    (void)context;
    return gmail(raw, 0, true, out);
}

enum rt_norm_status rt_norm_email_uid2(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    (void)context;
    return gmail(raw, ASCII_LOWER, false, out);
}

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

enum rt_norm_status rt_norm_email_reddit(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct address a;
    enum rt_norm_status status = parse(raw, 0, &a, out);
    size_t kept = 0;

    (void)context;
    if (status != RT_NORM_OK)
        return status;
    cut_user(&a, CUT_TAG | CUT_DOTS);
    for (size_t i = 0; i < a.user; i++)
        if (is_alnum(a.p[i]))
            a.p[kept++] = a.p[i];
    shorten_user(&a, kept);
    return finish(&a, CUT_DOTS, out);
}

enum rt_norm_status rt_norm_email_amazon(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct address a;
    enum rt_norm_status status = parse(raw, 0, &a, out);
    size_t kept = 0, user = 0;

    (void)context;
    if (status != RT_NORM_OK)
        return status;
    for (size_t i = 0; i < a.n; i++) {
        char c = a.p[i];

        if (i == a.user)
            user = kept;
        if (is_alnum(c) || c == '_' || c == '.' || c == '@' || c == '-')
            a.p[kept++] = c;
    }
    a.user = user;
    a.n = kept;
    return a.user && is_domain(a.p + a.user + 1, a.n - a.user - 1) ? finish(&a, 0, out)
                                                                   : RT_NORM_INVALID;
}
