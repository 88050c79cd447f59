/*
 * Ids of devices and accounts, and what companies are known by.
 */
#include "lists/normalise_parts.h"

#include "events/contact_names.h"

/* ---- devices */

/* Whether a folded title has one of the words, blanks between them, anywhere. */
static bool has_one(struct rt_span title, const char *words)
{
    while (*words) {
        size_t n = strcspn(words, " ");

        for (size_t i = 0; i + n <= title.n; i++)
            if (memcmp(title.p + i, words, n) == 0)
                return true;
        words += n + (words[n] == ' ');
    }
    return false;
}

enum rt_norm_device rt_norm_device_of(struct rt_span title)
{
    char folded[RT_FOLDED_MAX];
    struct rt_span text = { folded, rt_contact_fold(title, folded) };
    bool apple = has_one(text, "idfa apple ios iphone");
    bool google = has_one(text, "gaid aaid gpsadid google android");

    if (apple == google)
        return RT_DEVICE_UNKNOWN;
    return apple ? RT_DEVICE_IDFA : RT_DEVICE_AAID;
}

enum { UUID = 36 };

/* A UUID with its hyphens, and not the all-zero one. */
static bool is_uuid(struct rt_span text)
{
    bool zero = true;

    if (text.n != UUID)
        return false;
    for (size_t i = 0; i < UUID; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

        if (hyphen ? text.p[i] != '-' : !rt_norm_is_hex(text.p[i]))
            return false;
        zero = zero && (hyphen || text.p[i] == '0');
    }
    return !zero;
}

static enum rt_norm_status mobile_id(struct rt_span raw,
    const struct rt_norm_context *context, enum rt_norm_device cased_as,
    struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = rt_norm_begin(raw, context, &text);

    if (status != RT_NORM_OK)
        return status;
    if (!is_uuid(text))
        return RT_NORM_INVALID;
    status = rt_norm_put(text, out);
    if (cased_as != RT_DEVICE_UNKNOWN)
        rt_norm_lower_ascii(out);
    if (cased_as == RT_DEVICE_IDFA)
        for (size_t i = 0; i < out->n; i++)
            if (out->p[i] >= 'a')
                out->p[i] = (char)(out->p[i] & ~0x20);
    rt_norm_did_code(context, text, out);
    return status;
}

enum rt_norm_status rt_norm_mobile_id(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return mobile_id(raw, context, RT_DEVICE_UNKNOWN, out);
}

enum rt_norm_status rt_norm_mobile_id_lower(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return mobile_id(raw, context, RT_DEVICE_AAID, out);
}

enum rt_norm_status rt_norm_mobile_id_by_kind(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return mobile_id(raw, context, context ? context->device : RT_DEVICE_UNKNOWN, out);
}

static bool is_apple(const struct rt_norm_context *context)
{
    return context && context->device == RT_DEVICE_IDFA;
}

enum rt_norm_status rt_norm_google_aid(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_mobile_id(raw, context, out);

    return status == RT_NORM_OK && is_apple(context) ? RT_NORM_UNUSABLE : status;
}

enum rt_norm_status rt_norm_google_aid_lower(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_mobile_id_lower(raw, context, out);

    return status == RT_NORM_OK && is_apple(context) ? RT_NORM_UNUSABLE : status;
}

/* ---- accounts */

enum rt_norm_status rt_norm_app_user_id(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = rt_norm_begin(raw, context, &text);

    if (status != RT_NORM_OK)
        return status;
    if (text.n > 20 || rt_norm_digits(text, 0) != text.n)
        return RT_NORM_INVALID;
    return rt_norm_put(text, out);
}

/* Whether text is of ASCII letters, digits and the signs given alone. */
static bool is_word(struct rt_span text, const char *signs)
{
    for (size_t i = 0; i < text.n; i++)
        if (!rt_norm_is_alnum(text.p[i]) && (!text.p[i] || !strchr(signs, text.p[i])))
            return false;
    return true;
}

enum rt_norm_status rt_norm_external_id_amazon(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = rt_norm_begin(raw, context, &text);

    if (status != RT_NORM_OK)
        return status;
    return text.n <= 128 && is_word(text, "-_") ? rt_norm_put(text, out)
                                                : RT_NORM_INVALID;
}

enum rt_norm_status rt_norm_username_x(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum { LONGEST_USERNAME = 15 };
    enum rt_norm_status status = rt_norm_map(RT_UNICODE_LOWER, raw, context, out);
    struct rt_span name = rt_norm_span(out);

    if (status != RT_NORM_OK)
        return status;
    if (*name.p == '@') {
        name = (struct rt_span) { name.p + 1, name.n - 1 };
        rt_norm_did(context, RT_DID_SIGNS);
    }
    if (name.n == 0 || name.n > LONGEST_USERNAME || !is_word(name, "_"))
        return RT_NORM_INVALID;
    return rt_norm_put(name, out);
}

/* ---- companies */

/* What stands after "scheme://", or all. */
static struct rt_span after_scheme(struct rt_span url)
{
    for (size_t i = 0; i + 2 < url.n; i++) {
        if (url.p[i] == ':' && url.p[i + 1] == '/' && url.p[i + 2] == '/')
            return (struct rt_span) { url.p + i + 3, url.n - i - 3 };
        if (!rt_norm_is_alnum(url.p[i]) && !strchr("+-.", url.p[i]))
            break;
    }
    return url;
}

/* Up to the first of some signs. */
static struct rt_span before(struct rt_span text, const char *signs)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] && strchr(signs, text.p[i]))
            return (struct rt_span) { text.p, i };
    return text;
}

static struct rt_span after_www(struct rt_span host)
{
    bool www = rt_span_starts(host, RT_SPAN("www."))
        && memchr(host.p + 4, '.', host.n - 4) != NULL;

    return www ? (struct rt_span) { host.p + 4, host.n - 4 } : host;
}

static bool is_host(struct rt_span host)
{
    struct rt_span rest = host;

    while (rest.n) {
        uint32_t c = (unsigned char)*rest.p;
        size_t n = c < 0x80 ? 1 : rt_unicode_first(rest, &c);

        if (c < 0x80 ? !rt_norm_is_alnum((char)c) && c != '-' && c != '.'
                     : c < 0xA0 || rt_unicode_blank(c))
            return false;
        rest.p += n;
        rest.n -= n;
    }
    return host.n && host.n <= 253 && rt_norm_is_domain(host.p, host.n);
}

static enum rt_norm_status put_host(
    struct rt_span host, const struct rt_norm_context *context, struct rt_norm *out)
{
    if (host.n && host.p[host.n - 1] == '.')
        host.n--; /* the root */
    host = after_www(host);
    if (!is_host(host))
        return RT_NORM_INVALID;
    if (host.n < out->n)
        rt_norm_did(context, RT_DID_SHORTEN);
    return rt_norm_put(host, out);
}

enum rt_norm_status rt_norm_domain(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_map(RT_UNICODE_LOWER, raw, context, out);
    struct rt_span host, port;

    if (status != RT_NORM_OK)
        return status;
    host = before(after_scheme(rt_norm_span(out)), "/?#");
    port = before(host, ":");
    if (port.n < host.n && rt_norm_digits(host, port.n + 1) == host.n - port.n - 1)
        host = port;
    return put_host(host, context, out);
}

enum rt_norm_status rt_norm_email_domain(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text = rt_unicode_trim(raw);
    const char *at = text.n ? memchr(text.p, '@', text.n) : NULL;

    if (!at)
        return rt_norm_domain(raw, context, out);
    if (at > text.p && rt_norm_email_plain(text, NULL, out) != RT_NORM_OK)
        return RT_NORM_INVALID;
    rt_norm_did(context, RT_DID_SHORTEN);
    return rt_norm_domain(
        (struct rt_span) { at + 1, (size_t)(text.p + text.n - at - 1) }, context, out);
}

static bool is_linkedin(struct rt_span host)
{
    static const char name[] = "linkedin.com";
    size_t n = sizeof name - 1;

    if (host.n < n || memcmp(host.p + host.n - n, name, n) != 0)
        return false;
    return host.n == n || host.p[host.n - n - 1] == '.';
}

/* "company/NAME" of a path, cut where NAME ends; empty when it is none. */
static struct rt_span page_of(struct rt_span path)
{
    static const char *const kinds[] = { "company/", "school/", "showcase/" };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct rt_span kind = rt_span_of(kinds[i]), name;

        if (!rt_span_starts(path, kind))
            continue;
        name = before((struct rt_span) { path.p + kind.n, path.n - kind.n }, "/?#");
        if (name.n)
            return (struct rt_span) { path.p, kind.n + name.n };
    }
    return RT_SPAN("");
}

enum rt_norm_status rt_norm_linkedin_page(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    static const char home[] = "https://www.linkedin.com/";
    enum { HOME = sizeof home - 1 };
    enum rt_norm_status status = rt_norm_map(RT_UNICODE_LOWER, raw, context, out);
    struct rt_span url, host, page;

    if (status != RT_NORM_OK)
        return status;
    url = after_scheme(rt_norm_span(out));
    host = before(url, "/");
    if (host.n == url.n || !is_linkedin(host) || !is_host(host))
        return RT_NORM_INVALID;
    page = page_of((struct rt_span) { host.p + host.n + 1, url.n - host.n - 1 });
    if (page.n == 0 || rt_norm_has_control(page) || memchr(page.p, ' ', page.n)
        || HOME + page.n > RT_NORM_MAX)
        return RT_NORM_INVALID;
    memmove(out->p + HOME, page.p, page.n);
    memcpy(out->p, home, HOME);
    out->n = HOME + page.n;
    rt_norm_did_code(context, raw, out);
    return RT_NORM_OK;
}
