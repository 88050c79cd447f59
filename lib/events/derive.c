/* Derived fields. A name is looked at once, when a run is planned; the values are
 * worked out per event, so they point into the source text wherever nothing has to be
 * decoded. */
#include "events/derive.h"

#include "base/err.h"

static const struct {
    struct rt_span name;
    enum rt_derive_kind kind;
    const char *from;
} plain[] = {
    { { "host", 4 }, RT_DERIVE_HOST, "url" },
    { { "path", 4 }, RT_DERIVE_PATH, "url" },
    { { "query", 5 }, RT_DERIVE_QUERY, "url" },
    { { "referrer_host", 13 }, RT_DERIVE_HOST, "referrer" },
    { { "device", 6 }, RT_DERIVE_DEVICE, "user_agent" },
};

static const struct rt_span campaign[] = {
    { "utm_source", 10 },
    { "utm_medium", 10 },
    { "utm_campaign", 12 },
    { "utm_term", 8 },
    { "utm_content", 11 },
};

static void derive_param(struct rt_span param, struct rt_derive *out)
{
    *out = (struct rt_derive) { RT_DERIVE_PARAM, "url", param };
}

void rt_derive_of(struct rt_span name, struct rt_derive *out)
{
    const struct rt_span prefix = RT_SPAN("query.");

    *out = (struct rt_derive) { RT_DERIVE_NONE, NULL, RT_SPAN_ABSENT };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (rt_span_eq(name, plain[i].name))
            *out = (struct rt_derive) { plain[i].kind, plain[i].from, RT_SPAN_ABSENT };
    for (size_t i = 0; i < sizeof campaign / sizeof *campaign; i++)
        if (rt_span_eq(name, campaign[i]))
            derive_param(name, out);
    if (name.n > prefix.n && rt_span_starts(name, prefix))
        derive_param((struct rt_span) { name.p + prefix.n, name.n - prefix.n }, out);
}

static bool has_upper(struct rt_span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= 'A' && s.p[i] <= 'Z')
            return true;
    return false;
}

static int lower_case(struct rt_span text, struct rt_arena *scratch, struct rt_span *out)
{
    char *p;

    *out = text;
    if (!has_upper(text))
        return RT_OK;
    p = rt_arena_bytes(scratch, text.n);
    if (!p)
        return RT_ENOMEM;
    for (size_t i = 0; i < text.n; i++)
        p[i] = rt_ascii_lower(text.p[i]);
    *out = (struct rt_span) { p, text.n };
    return RT_OK;
}

static int param_value(struct rt_span query, struct rt_span param,
    struct rt_arena *scratch, struct rt_span *out)
{
    struct rt_span name, value;

    while (rt_query_next(&query, &name, &value))
        if (rt_percent_eq(name, true, param))
            return rt_percent_text(value, true, scratch, out);
    return RT_OK;
}

/* ---- device: what is held in the hand, by the system that an agent names */

static bool says(struct rt_span agent, const char *word)
{
    return memmem(agent.p, agent.n, word, strlen(word)) != NULL;
}

static bool says_any(struct rt_span agent, const char *const *words)
{
    for (; *words; words++)
        if (says(agent, *words))
            return true;
    return false;
}

/* Screens that nobody carries about or works at; all of them also name a common
 * system. */
static const char *const appliances[] = { "TV", "Tv/", "Web0S", "NetCast", "BRAVIA",
    "Roku", "CrKey", "PlayStation", "PLAYSTATION", "Xbox", "Nintendo", "; AFT", "watchOS",
    "VIERA", "Viera", NULL };

static const char *const tablets[] = { "iPad", "Tablet;", "Tablet)", "Tablet/",
    "PlayBook", "Kindle", "; KF", "Silk/", "hpwOS", NULL };

static const char *const phones[] = { "iPhone", "iPod", "Mobi", "mobile", "Opera Mini",
    "BlackBerry", "BB10", "Symbian", "SymbOS", "Series60", "Series40", "Nokia", "KAIOS",
    "MIDP", "webOS", "UP.Browser", "J2ME", "Bada", "Maemo", "MeeGo", "iOS", NULL };

static const char *const desks[] = { "Windows", "Macintosh", "Mac OS X", "Mac_PowerPC",
    "X11", "Linux", "CrOS", "WinNT", "Win98", "Win95", "FreeBSD", "OpenBSD", "NetBSD",
    "SunOS", "OS/2", "macOS", NULL };

/* Android says "Mobile" on phones only, but that is a custom of browsers: applications
 * ("Dalvik/2.1.0 (Linux; U; Android 9; SM-G960F)") never say it, and most of them run on
 * phones. */
static const char *android_device(struct rt_span agent)
{
    return says(agent, "Mobi") || !rt_span_starts(agent, RT_SPAN("Mozilla/")) ? "mobile"
                                                                              : "tablet";
}

static const char *device_by_words(struct rt_span agent)
{
    if (says(agent, "Windows Phone") || says(agent, "IEMobile"))
        return "mobile"; /* they also claim to be an iPhone and an Android */
    if (says_any(agent, appliances))
        return "other";
    if (says_any(agent, tablets))
        return "tablet";
    if (says(agent, "Android"))
        return android_device(agent);
    if (says_any(agent, phones))
        return "mobile";
    return says_any(agent, desks) ? "desktop" : "other";
}

/* Nine agents of ten say what they are at the beginning of their first brackets, which
 * saves the search for sixty words (3 us). */
static const char *device_of(struct rt_span agent)
{
    const char *open = memchr(agent.p, '(', agent.n);
    struct rt_span system = { open, open ? (size_t)(agent.p + agent.n - open) : 0 };

    if (rt_is_bot(agent))
        return "bot";
    if (rt_span_starts(system, RT_SPAN("(iPhone;")))
        return "mobile";
    if (rt_span_starts(system, RT_SPAN("(iPad;")))
        return "tablet";
    if (rt_span_starts(system, RT_SPAN("(Macintosh;")))
        return "desktop";
    if (rt_span_starts(system, RT_SPAN("(Windows NT ")))
        return says(agent, "Xbox") ? "other" : "desktop";
    return device_by_words(agent);
}

int rt_derive_value(const struct rt_derive *derive, struct rt_span value,
    struct rt_arena *scratch, struct rt_span *out)
{
    bool decoded;

    *out = RT_SPAN_ABSENT;
    if (value.n == 0)
        return RT_OK;
    switch (derive->kind) {
    case RT_DERIVE_HOST:
        return lower_case(rt_url_split(value).host, scratch, out);
    case RT_DERIVE_PATH:
        *out = rt_url_path(value, &decoded);
        if (!decoded)
            return rt_percent_text(*out, false, scratch, out);
        break;
    case RT_DERIVE_QUERY:
        *out = rt_url_split(value).query;
        break;
    case RT_DERIVE_PARAM:
        return param_value(rt_url_split(value).query, derive->param, scratch, out);
    case RT_DERIVE_DEVICE:
        if (!rt_span_eq(value, RT_SPAN("-")))
            *out = rt_span_of(device_of(value));
        break;
    case RT_DERIVE_NONE:
        break;
    }
    return RT_OK;
}
