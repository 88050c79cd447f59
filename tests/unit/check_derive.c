/* URLs and their parts, derived fields, devices, bots. */
#include <check.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "events/derive.h"
#include "events/urlcolumn.h"

Suite *derive_suite(void);

#define COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

/* ---- the parts of a URL */

static const struct {
    const char *text, *host, *path, *query; /* NULL: absent */
} urls[] = {
    { "https://User@Host:8080/p?q#f", "Host", "/p", "q" },
    { "https://user:p@ss@host/", "host", "/", NULL },
    { "https://host", "host", "/", NULL },
    { "https://host?q", "host", "/", "q" },
    { "https://host#/p?q", "host", "/", NULL },
    { "https://host:/p", "host", "/p", NULL },
    { "http://[2001:db8::1]:80/p", "[2001:db8::1]", "/p", NULL },
    { "http://[2001:db8::1]/p", "[2001:db8::1]", "/p", NULL },
    { "android-app://com.google.android.gm/", "com.google.android.gm", "/", NULL },
    { "file:///etc/x", NULL, "/etc/x", NULL },
    { "//host/p", "host", "/p", NULL },
    { "//host", "host", "/", NULL },
    { "/p?q=1", NULL, "/p", "q=1" },
    { "/p?q=1?2#3?4", NULL, "/p", "q=1?2" },
    { "/p?u=http://other/", NULL, "/p", "u=http://other/" },
    { "/a:80", NULL, "/a:80", NULL },
    { "p?q", NULL, "p", "q" },
    { "*", NULL, "*", NULL },
    { "?", NULL, NULL, "" },
    { "?a=b", NULL, NULL, "a=b" },
    { "#f", NULL, NULL, NULL },
    { "", NULL, NULL, NULL },
    { "host.example:443", "host.example", NULL, NULL },
    { "[::1]:443", "[::1]", NULL, NULL },
    { ":443", NULL, ":443", NULL },
    { "host:", NULL, "host:", NULL },
    { "host:80a", NULL, "host:80a", NULL },
    { "about:blank", NULL, "about:blank", NULL },
    { "a:/b", NULL, "a:/b", NULL },
    { "1http://h/", NULL, "1http://h/", NULL },
    { "http://", NULL, "/", NULL },
    { "http:/", NULL, "http:/", NULL },
};

static void expect(const char *of, const char *what, struct rt_span got, const char *want)
{
    ck_assert_msg(want ? got.p && rt_span_eq(got, rt_span_of(want)) : !got.p,
        "%s of \"%s\": \"%.*s\"", what, of, (int)got.n, got.p ? got.p : "(absent)");
}

START_TEST(url_parts)
{
    struct rt_url url = rt_url_split(rt_span_of(urls[_i].text));

    expect(urls[_i].text, "host", url.host, urls[_i].host);
    expect(urls[_i].text, "path", url.path, urls[_i].path);
    expect(urls[_i].text, "query", url.query, urls[_i].query);
}
END_TEST

START_TEST(query_pairs)
{
    struct rt_span rest = RT_SPAN("&a=1&&b&c=&=d&e=f=g&"), name, value;
    char seen[64] = "";

    while (rt_query_next(&rest, &name, &value)) {
        ck_assert_ptr_nonnull(value.p);
        snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "[%.*s:%.*s]",
            (int)name.n, name.p, (int)value.n, value.p);
    }
    ck_assert_str_eq(seen, "[a:1][b:][c:][:d][e:f=g]");
    rest = RT_SPAN_ABSENT;
    ck_assert(!rt_query_next(&rest, &name, &value));
}
END_TEST

typedef bool paths_fn(
    const struct rt_span *urls, uint32_t n, struct rt_span *paths, uint64_t *coded);

/* Of a column: the URL between others, in both words of the mask. */
static void expect_paths(struct rt_span text, struct rt_span path, paths_fn *paths_of)
{
    bool has_percent = path.n && memchr(path.p, '%', path.n), right = true;
    struct rt_span many[70], paths[70];
    uint64_t coded[2] = { 7, 7 };

    for (uint32_t i = 0; i < 70; i++)
        many[i] = RT_SPAN("https://www.shop.example/p?q=%41");
    many[1] = many[63] = many[69] = text;
    ck_assert(paths_of(many, 70, paths, coded) == (path.n > 0));
    for (uint32_t i = 0; i < 70; i++) {
        bool ours = i == 1 || i == 63 || i == 69;

        right &= rt_span_eq(paths[i], ours ? path : RT_SPAN("/p"))
            && (ours ? !paths[i].p == !path.p : paths[i].p == many[i].p + 24)
            && (coded[i / 64] >> i % 64 & 1) == (ours && has_percent);
    }
    ck_assert_msg(right && coded[1] >> 6 == 0, "path of \"%.*s\"", (int)text.n, text.p);
    paths_of(many, 70, many, coded); /* in place */
    for (uint32_t i = 0; i < 70; i++)
        ck_assert(rt_span_eq(many[i], paths[i]) && !many[i].p == !paths[i].p);
}

typedef void start_fn(const struct rt_span *urls, uint32_t n, struct rt_span text,
    uint64_t *holds, uint64_t *coded);

/* Does the URL's path, decoded, begin with it? The URL stands between others, and at the
 * front of some of which it gives the host that is guessed. */
static void expect_start(
    struct rt_span url, struct rt_span path, struct rt_span start, start_fn *start_of)
{
    bool coded = path.n && memchr(path.p, '%', path.n), front = start.n % 2, right = true;
    char *decoded = rt_malloc(path.n + 1);
    size_t n = rt_percent_decode(path, false, decoded);
    bool holds = n >= start.n && memcmp(decoded, start.p, start.n) == 0;
    struct rt_span many[70];
    uint64_t got[2] = { 7, 7 }, unsure[2] = { 7, 7 };

    for (uint32_t i = 0; i < 70; i++)
        many[i] = RT_SPAN("https://www.shop.example/p?q=%41");
    many[front ? 0 : 1] = many[63] = many[front ? 64 : 69] = url;
    start_of(many, 70, start, got, unsure);
    for (uint32_t i = 0; i < 70; i++) {
        bool ours = many[i].p == url.p, is = got[i / 64] >> i % 64 & 1;

        if (unsure[i / 64] >> i % 64 & 1)
            right &= ours && coded && !is;
        else
            right &= is == (ours ? holds : rt_span_starts(RT_SPAN("/p"), start));
    }
    ck_assert_msg(right && got[1] >> 6 == 0 && unsure[1] >> 6 == 0,
        "path of \"%.*s\" begins with \"%.*s\"", (int)url.n, url.p, (int)start.n,
        start.p);
    rt_free(decoded);
}

/* Texts that it may begin with: others' and its own, also with a byte too many. */
static void expect_starts(struct rt_span url, struct rt_span path)
{
    static const char *const starts[] = { "/", "//", "/p", "/a", "/p/", "/p/computers.n",
        "/p/computers.notebook/17573823/p/computers.notebook/17573823",
        "/www.shop.example", "/https:" };

    for (int i = 0; i < COUNT(starts); i++) {
        expect_start(url, path, rt_span_of(starts[i]), rt_url_paths_start);
        expect_start(url, path, rt_span_of(starts[i]), rt_url_paths_start_plain);
    }
    for (size_t n = 1; path.n && path.p >= url.p && path.p + n <= url.p + url.n; n++) {
        struct rt_span own = { path.p, n };

        if (n <= path.n + 1 && rt_url_is_start(own)) {
            expect_start(url, path, own, rt_url_paths_start);
            expect_start(url, path, own, rt_url_paths_start_plain);
        }
    }
}

START_TEST(url_starts)
{
    static const char *const refused[] = { "", "p", "?", "/p?", "/p#q", "/%70",
        "/2345678901234567890123456789012345678901234567890123456789012345" };
    const struct rt_span nul = { "/\0", 2 };

    for (int i = 0; i < COUNT(refused); i++)
        ck_assert_msg(!rt_url_is_start(rt_span_of(refused[i])), "%s", refused[i]);
    ck_assert(!rt_url_is_start(nul));
    ck_assert(rt_url_is_start(RT_SPAN("/")));
    ck_assert(rt_url_is_start(
        RT_SPAN("/234567890123456789012345678901234567890123456789012345678901234")));
}
END_TEST

/* The short way to the path, against the parts. */
static void expect_path(struct rt_span text)
{
    struct rt_span path = rt_url_split(text).path, got;
    bool decoded;

    got = rt_url_path(text, &decoded);
    ck_assert_msg(rt_span_eq(got, path) && !got.p == !path.p, "path of \"%.*s\": %.*s",
        (int)text.n, text.n ? text.p : "", (int)got.n, got.n ? got.p : "");
    ck_assert(decoded == (path.n == 0 || !memchr(path.p, '%', path.n)));
    if (text.n == 0)
        return;
    if (text.n % 8 == 0) {
        expect_paths(text, path, rt_url_paths);
        expect_paths(text, path, rt_url_paths_plain);
    }
    if (text.n % 16 < 2)
        expect_starts(text, path);
}

/* A target that begins with one slash, cut by hand. */
static void expect_target(struct rt_span text)
{
    struct rt_url url = rt_url_split(text);
    size_t end = 0, path = 0;

    if (text.n == 0 || text.p[0] != '/' || (text.n > 1 && text.p[1] == '/'))
        return;
    while (end < text.n && text.p[end] != '#')
        end++;
    while (path < end && text.p[path] != '?')
        path++;
    ck_assert(!url.host.p && url.path.p == text.p && url.path.n == path);
    ck_assert(path < end ? url.query.p == text.p + path + 1 : !url.query.p);
    ck_assert_uint_eq(url.query.n, path < end ? end - path - 1 : 0);
}

START_TEST(url_path)
{
    static const char *const parts[] = { "https://", "http://", "HTTP://", "http:/", "//",
        "/", "?", "#", "%", "%2F", "a", "www.shop.example",
        "/p/computers.notebook/17573823", ":80", "@", "p", "=", "&" };
    uint32_t seed = 1;

    for (int i = 0; i < COUNT(urls); i++)
        expect_path(rt_span_of(urls[i].text));
    for (int i = 0; i < 100000; i++) {
        struct rt_buf text = RT_BUF_INIT(1000);

        for (int n = i % 17; n > 0; n--) {
            seed = seed * 1664525 + 1013904223;
            ck_assert_int_eq(
                rt_buf_adds(&text, parts[(seed >> 16) % (uint32_t)COUNT(parts)]), RT_OK);
        }
        expect_path(rt_buf_span(&text));
        expect_target(rt_buf_span(&text));
        rt_buf_release(&text);
    }
}
END_TEST

/* ---- percent-decoding */

static const struct {
    const char *text;
    bool plus;
    const char *out;
} percents[] = {
    { "", false, "" },
    { "plain", false, "plain" },
    { "a%20b", false, "a b" },
    { "a+b", false, "a+b" },
    { "a+b", true, "a b" },
    { "a%2Bb", true, "a+b" },
    { "%c3%A9", false, "\xC3\xA9" },
    { "100%", false, "100%" },
    { "%4", false, "%4" },
    { "%4g%g4", false, "%4g%g4" },
    { "%%41", false, "%A" },
    { "%2541", false, "%41" },
};

START_TEST(percent_decoding)
{
    struct rt_span text = rt_span_of(percents[_i].text),
                   want = rt_span_of(percents[_i].out);
    char out[32];
    size_t n = rt_percent_decode(text, percents[_i].plus, out);

    ck_assert_msg(
        rt_span_eq((struct rt_span) { out, n }, want), "%s: %.*s", text.p, (int)n, out);
    ck_assert(rt_percent_eq(text, percents[_i].plus, want));
    ck_assert(!rt_percent_eq(text, percents[_i].plus, RT_SPAN("a")));
    if (want.n)
        ck_assert(!rt_percent_eq(
            text, percents[_i].plus, (struct rt_span) { want.p, want.n - 1 }));
}
END_TEST

/* The text ends in the middle of "%41". */
START_TEST(percent_at_the_end)
{
    for (size_t n = 1; n < 3; n++) {
        const struct rt_span text = { "%41", n };
        char out[4];

        ck_assert_uint_eq(rt_percent_decode(text, true, out), n);
        ck_assert(memcmp(out, "%4", n) == 0);
        ck_assert(!rt_percent_eq(text, true, RT_SPAN("A")));
    }
}
END_TEST

/* ---- derived fields */

static const struct {
    const char *field;
    enum rt_derive_kind kind;
    const char *from, *param;
} names[] = {
    { "host", RT_DERIVE_HOST, "url", NULL },
    { "path", RT_DERIVE_PATH, "url", NULL },
    { "query", RT_DERIVE_QUERY, "url", NULL },
    { "referrer_host", RT_DERIVE_HOST, "referrer", NULL },
    { "device", RT_DERIVE_DEVICE, "user_agent", NULL },
    { "query.sku", RT_DERIVE_PARAM, "url", "sku" },
    { "query.a.b", RT_DERIVE_PARAM, "url", "a.b" },
    { "utm_source", RT_DERIVE_PARAM, "url", "utm_source" },
    { "utm_medium", RT_DERIVE_PARAM, "url", "utm_medium" },
    { "utm_campaign", RT_DERIVE_PARAM, "url", "utm_campaign" },
    { "utm_term", RT_DERIVE_PARAM, "url", "utm_term" },
    { "utm_content", RT_DERIVE_PARAM, "url", "utm_content" },
    { "query.", RT_DERIVE_NONE, NULL, NULL },
    { "utm_other", RT_DERIVE_NONE, NULL, NULL },
    { "Host", RT_DERIVE_NONE, NULL, NULL },
    { "url", RT_DERIVE_NONE, NULL, NULL },
    { "", RT_DERIVE_NONE, NULL, NULL },
};

START_TEST(derived_names)
{
    struct rt_derive derive;

    rt_derive_of(rt_span_of(names[_i].field), &derive);
    ck_assert_msg(derive.kind == names[_i].kind, "%s", names[_i].field);
    ck_assert_pstr_eq(derive.from, names[_i].from);
    expect(names[_i].field, "param", derive.param, names[_i].param);
}
END_TEST

static const struct {
    const char *field, *value, *out;
} values[] = {
    { "host", "https://User@Shop.Example:8443/P?Q", "shop.example" },
    { "host", "https://shop.example/P", "shop.example" },
    { "host", "/p", NULL },
    { "host", "", NULL },
    { "path", "https://shop.example/A%20b+c?q", "/A b+c" },
    { "path", "https://shop.example", "/" },
    { "path", "/caf%C3%A9#top", "/caf\xC3\xA9" },
    { "path", "/50%", "/50%" },
    { "path", "?x=1", NULL },
    { "query", "/p?a=%20+b#f", "a=%20+b" },
    { "query", "/p", NULL },
    { "query.q", "/p?q=a+b%26c&q=second", "a b&c" },
    { "query.q", "/p?Q=1&qq=2&q", "" },
    { "query.q", "/p?r=q", NULL },
    { "query.a b", "/p?a+b=1", "1" },
    { "query.a b", "/p?a%20b=1", "1" },
    { "query.q", "/p#?q=1", NULL },
    { "utm_source", "https://s/?utm_source=News%2FLetter&x=1", "News/Letter" },
    { "utm_campaign", "/?utm_campaign=spring+sale", "spring sale" },
    { "referrer_host", "https://WWW.Google.com/search?q=x", "www.google.com" },
    { "referrer_host", "-", NULL },
    { "url", "/p", NULL },
};

START_TEST(derived_values)
{
    struct rt_arena scratch = RT_ARENA_INIT;
    struct rt_derive derive;
    struct rt_span out;

    rt_derive_of(rt_span_of(values[_i].field), &derive);
    ck_assert_int_eq(
        rt_derive_value(&derive, rt_span_of(values[_i].value), &scratch, &out), RT_OK);
    expect(values[_i].value, values[_i].field, out, values[_i].out);
    rt_arena_release(&scratch);
}
END_TEST

START_TEST(no_memory_is_reported)
{
    static const char *const fields[] = { "host", "path", "query.q" };
    const struct rt_span value = RT_SPAN("http://HOST/%20?q=+");

    for (size_t i = 0; i < 3; i++) {
        struct rt_arena scratch = RT_ARENA_INIT;
        struct rt_derive derive;
        struct rt_span out;

        rt_derive_of(rt_span_of(fields[i]), &derive);
        rt_alloc_fail_at(1, 1);
        ck_assert_int_eq(rt_derive_value(&derive, value, &scratch, &out), RT_ENOMEM);
        rt_alloc_fail_at(0, 0);
        rt_arena_release(&scratch);
    }
}
END_TEST

/* ---- devices */

#define KHTML "AppleWebKit/537.36 (KHTML, like Gecko) "

static const struct {
    const char *device, *agent;
} devices[] = {
    { "desktop",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) " KHTML
        "Chrome/120.0.0.0 Safari/537.36" },
    { "desktop",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, "
        "like Gecko) Version/17.1 Safari/605.1.15" },
    { "desktop",
        "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0" },
    { "desktop", "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) " KHTML "Chrome/120.0.0.0" },
    { "desktop", "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Tablet PC 2.0)" },
    { "mobile",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1" },
    { "mobile",
        "Mozilla/5.0 (Linux; Android 10; K) " KHTML
        "Chrome/120.0.0.0 Mobile Safari/537.36" },
    { "mobile",
        "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) " KHTML
        "Chrome/90.0.4430.91 Mobile Safari/537.36" },
    { "mobile", "Mozilla/5.0 (Android 13; Mobile; rv:120.0) Gecko/120.0 Firefox/120.0" },
    { "mobile",
        "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) " KHTML
        "Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063" },
    { "mobile", "Dalvik/2.1.0 (Linux; U; Android 9; SM-G960F Build/PPR1.180610.011)" },
    { "mobile", "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1/28.3492; U; en) Presto/2.8.119" },
    { "mobile", "Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko)" },
    { "tablet",
        "Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
        "like Gecko) Version/12.1 Mobile/15E148 Safari/604.1" },
    { "tablet",
        "Mozilla/5.0 (Linux; Android 12; SM-T870) " KHTML
        "Chrome/120.0.0.0 Safari/537.36" },
    { "tablet", "Mozilla/5.0 (Android 12; Tablet; rv:120.0) Gecko/120.0 Firefox/120.0" },
    { "tablet",
        "Mozilla/5.0 (Linux; Android 9; KFMAWI) " KHTML "Silk/118.3 Safari/537.36" },
    { "other",
        "Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0) AppleWebKit/538.1 (KHTML, like Gecko) "
        "Version/5.0 TV Safari/538.1" },
    { "other",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) " KHTML
        "Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763" },
    { "other", "Mozilla/5.0 (PlayStation 4 5.55) AppleWebKit/601.2 (KHTML, like Gecko)" },
    { "other", "Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/606.4" },
    { "other",
        "something"
        " else" },
    { "bot", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)" },
    { "bot",
        "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) " KHTML
        "Chrome/120.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +x)" },
    { NULL, "" },
    { NULL, "-" },
};

START_TEST(device_of_an_agent)
{
    struct rt_derive derive;
    struct rt_span out;

    rt_derive_of(RT_SPAN("device"), &derive);
    ck_assert_int_eq(
        rt_derive_value(&derive, rt_span_of(devices[_i].agent), NULL, &out), RT_OK);
    expect(devices[_i].agent, "device", out, devices[_i].device);
}
END_TEST

/* ---- bots */

#define CHROME "Mozilla/5.0 (X11; Linux x86_64) " KHTML

static const struct {
    bool bot;
    const char *agent;
} bots[] = {
    /* crawlers */
    { true, "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)" },
    { true, "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)" },
    { true,
        "Mozilla/5.0 (compatible; Yahoo! Slurp; "
        "http://help.yahoo.com/help/us/ysearch/slurp)" },
    { true, "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)" },
    { true, "GPTBot/1.2" },
    { true, "CCBot/2.0" },
    { true, "Mediapartners-Google" },
    { true, "Baiduspider" },
    { true, "MYBOT" },
    { true, "some_bot" },
    { true, "BotLink/1.0" },
    { true, "Screaming Frog SEO Spider/19.0" },
    { true, "Mozilla/5.0 (compatible; Someone/1.0)" },
    { true, "Acme/1.0 (crawl@acme.example)" },
    /* libraries, headless browsers, monitors, previews, feed readers */
    { true, "curl/8.5.0" },
    { true, "Wget/1.21.4" },
    { true, "python-requests/2.31.0" },
    { true, "Java/17.0.6" },
    { true, "Go-http-client/1.1" },
    { true, "okhttp/4.9.3" },
    { true, CHROME "HeadlessChrome/120.0.0.0 Safari/537.36" },
    { true, CHROME "PhantomJS/2.1.1 Safari/538.1" },
    { true, CHROME "Chrome/120 Safari/537.36 PTST/211202" },
    { true, "facebookexternalhit/1.1" },
    { true, "WhatsApp/2.23.20" },
    { true, "Slackbot-LinkExpanding 1.0" },
    { true, "UptimeRobot/2.0" },
    { true, "FeedDemon/4.5" },
    { true, "masscan/1.3" },
    { true, "Oneword" },
    { true, "Some HTTP Client 1.0" },
    /* people */
    { false, "" },
    { false, "-" },
    { false, CHROME "Chrome/120.0.0.0 Safari/537.36" },
    { false, CHROME "Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0" },
    { false, "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) " KHTML "Chrome/90 Mobile" },
    { false, "Mozilla/5.0 (Linux; Android 9; Cubot Note 7) " KHTML "Chrome/90 Mobile" },
    { false,
        "Mozilla/5.0 (iPhone) Mobile/15G77 [FBAN/FBIOS;FBCR/MyBotswana;FBID/phone]" },
    { false, "Mozilla/5.0 (X11; U; Linux i686; de-DE@currency=EUR) Puffin/2.0" },
    { false,
        "Mozilla/5.0 (Linux; Android 9; Phone 2) Safari/537.36 (Browser "
        "android@12.0.4)" },
    { false,
        "Mozilla/5.0 (Windows; U; Windows NT 6.1) Gecko/2010 "
        "MozillaDeveloperPreview/3.7a1" },
    { false, "Mozilla/5.0 (Phone-1 AppleWebkit/531 Browser/Phantom/V1.0 Java/KVM/1.0)" },
    { false, "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)" },
    { false, "Mozilla/5.0 (compatible; Konqueror/4.5; Linux) KHTML/4.5.4 (like Gecko)" },
    { false, "Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18" },
    { false, "Instagram 300.0.0.1.2 Android (30/11; 420dpi; 1080x2000; someone)" },
    { false, "Podcasts/1.0 build 5/Android SDK 30" },
    { false, "SAMSUNG-X100/1.0 Openwave/6.2 Profile/MIDP-2.0 UP.Browser/6.2" },
    /* ends where a word might go on */
    { false, "Mozilla/5.0 b" },
    { false, "Mozilla/5.0 bo" },
    { true, "Mozilla/5.0 bot" },
    { false, "Mozilla/5.0 botany" },
    { false, "Mozilla/5.0 http:/" },
    { false, "Mozilla/5.0 a@b" },
    { false,
        "Mozilla/5.0 (compatible;"
        " MSIE" },
};

START_TEST(bot_or_not)
{
    ck_assert_msg(
        rt_is_bot(rt_span_of(bots[_i].agent)) == bots[_i].bot, "%s", bots[_i].agent);
}
END_TEST

/* What tells must lie within the part that is looked at; what lies behind it is not
 * read. */
START_TEST(very_long_agent)
{
    static char agent[10000];

    memset(agent, 'x', sizeof agent);
    memcpy(agent, "Mozilla/5.0 (", 13);
    memcpy(agent + 1000, " bot ", 5);
    ck_assert(rt_is_bot((struct rt_span) { agent, sizeof agent }));
    memcpy(agent + 1000, "xxxxx", 5);
    memcpy(agent + 2046, " bot ", 5);
    ck_assert(!rt_is_bot((struct rt_span) { agent, sizeof agent }));
    memset(agent, '\0', sizeof agent);
    ck_assert(!rt_is_bot((struct rt_span) { "Mozilla/5.0 \0\0\xFF", 15 }));
}
END_TEST

Suite *derive_suite(void)
{
    Suite *suite = suite_create("derive");
    TCase *tc = tcase_create("derive");

    tcase_add_loop_test(tc, url_parts, 0, COUNT(urls));
    tcase_add_test(tc, url_path);
    tcase_add_test(tc, url_starts);
    tcase_add_test(tc, query_pairs);
    tcase_add_loop_test(tc, percent_decoding, 0, COUNT(percents));
    tcase_add_test(tc, percent_at_the_end);
    tcase_add_loop_test(tc, derived_names, 0, COUNT(names));
    tcase_add_loop_test(tc, derived_values, 0, COUNT(values));
    tcase_add_test(tc, no_memory_is_reported);
    tcase_add_loop_test(tc, device_of_an_agent, 0, COUNT(devices));
    tcase_add_loop_test(tc, bot_or_not, 0, COUNT(bots));
    tcase_add_test(tc, very_long_agent);
    suite_add_tcase(suite, tc);
    return suite;
}
