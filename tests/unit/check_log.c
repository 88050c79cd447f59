/* Access logs: what a line is, which values it feeds, what becomes of it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "events/asset.h"
#include "events/decoders.h"
#include "events/logline.h"

Suite *log_suite(void);

#define COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

static unsigned draw(uint64_t *seed, unsigned below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*seed >> 33) % below;
}

/* ---- a decoder over a text, without the layer that chooses decoders */

enum { ROOM = 8192, SLOTS_MAX = 24 };

struct reader {
    struct rt_source source;
    struct rt_slots slots;
    struct rt_span names[SLOTS_MAX];
    struct rt_decoder decoder;
    struct rt_cursor cur;
    struct rt_batch batch;
    struct rt_tally tally;
};

/* fields  names with one blank between; "time event" are put before them */
static int reader_open(struct reader *r, enum rt_format format, const char *fields)
{
    static const struct rt_arena none = RT_ARENA_INIT;

    r->names[r->slots.n++] = RT_SPAN("time");
    r->names[r->slots.n++] = RT_SPAN("event");
    while (*fields) {
        size_t n = strcspn(fields, " ");

        ck_assert_uint_lt(r->slots.n, SLOTS_MAX);
        r->names[r->slots.n++] = (struct rt_span) { fields, n };
        fields += n + (fields[n] == ' ');
    }
    r->slots.names = r->names;
    r->decoder.source = &r->source;
    r->decoder.slots = &r->slots;
    r->decoder.kind = &rt_decode_log;
    r->decoder.format = format;
    r->decoder.event = r->source.event;
    r->decoder.arena = none;
    ck_assert_int_eq(rt_batch_init(&r->batch, r->slots.n), RT_OK);
    ck_assert_int_eq(rt_cursor_init(&r->cur, &r->decoder), RT_OK);
    return rt_decode_log.open(&r->decoder, "access.log", RT_SPAN(""), true, NULL);
}

static void reader_close(struct reader *r)
{
    rt_cursor_release(&r->cur);
    rt_batch_release(&r->batch);
    rt_tally_release(&r->tally);
    rt_arena_release(&r->decoder.arena);
}

static void reader_start(struct reader *r, struct rt_span block, bool at_end)
{
    rt_cursor_start(&r->cur, block, at_end);
}

static int reader_next(struct reader *r)
{
    return rt_decode_log.next(&r->cur, &r->batch, &r->tally);
}

static void add(char *out, const char *bytes, size_t n)
{
    size_t used = strlen(out);

    ck_assert_uint_lt(used + n + 1, ROOM);
    memcpy(out + used, bytes, n);
    out[used + n] = '\0';
}

/* A row as text: values joined by '|', an absent one as "~", NULs as "0". */
static void add_row(const struct reader *r, uint32_t row, char *out)
{
    const struct rt_span *cells = rt_batch_row(&r->batch, row);

    for (uint32_t i = 0; i < r->slots.n; i++) {
        if (i)
            add(out, "|", 1);
        if (!cells[i].p)
            add(out, "~", 1);
        for (size_t k = 0; k < cells[i].n; k++)
            add(out, cells[i].p[k] ? &cells[i].p[k] : "0", 1);
    }
    add(out, "\n", 1);
}

static const char *word_of(enum rt_reason reason)
{
    static const char *const words[RT_REASONS] = { [RT_DROP_METHOD] = "method",
        [RT_DROP_STATUS] = "status",
        [RT_DROP_ASSET] = "asset",
        [RT_REJECT_TOO_LONG] = "too_long",
        [RT_REJECT_BAD_LINE] = "bad_line" };

    return words[reason] ? words[reason] : "?";
}

/* One line's fate: its row, or why there is none. */
static void fate(struct reader *r, struct rt_span text, char *out)
{
    int n;

    rt_tally_reset(&r->tally);
    reader_start(r, text, true);
    n = reader_next(r);
    out[0] = '\0';
    for (int i = 0; i < n; i++)
        add_row(r, (uint32_t)i, out);
    for (int i = 0; i < RT_REASONS; i++)
        if (r->tally.count[i])
            add(out, word_of((enum rt_reason)i), strlen(word_of((enum rt_reason)i)));
    if (out[0] && out[strlen(out) - 1] == '\n')
        out[strlen(out) - 1] = '\0';
}

#define WHEN "10/Oct/2000:13:55:36 -0700"
#define AT   "[" WHEN "]"
#define PAGE WHEN "|page_view|"

/* ---- the form of a line */

#define ALL                                                                              \
    "ip remote_logname remote_user method url protocol status bytes referrer user_agent"

static const struct {
    const char *name, *line, *out;
} forms[] = {
    { "the manual's own example",
        "127.0.0.1 - frank " AT " \"GET /apache_pb.gif2 HTTP/1.0\" 200 2326 "
        "\"http://www.example.com/start.html\" \"Mozilla/4.08 [en] (Win98; I ;Nav)\"",
        "127.0.0.1|~|frank|GET|/apache_pb.gif2|HTTP/1.0|200|2326|"
        "http://www.example.com/start.html|Mozilla/4.08 [en] (Win98; I ;Nav)" },
    { "dashes are absent", "::1 - - " AT " \"GET / HTTP/1.1\" 200 - \"-\" \"-\"",
        "::1|~|~|GET|/|HTTP/1.1|200|~|~|~" },
    { "empty quotes are empty", "h - - " AT " \"GET / HTTP/1.1\" 200 0 \"\" \"\"",
        "h|~|~|GET|/|HTTP/1.1|200|0||" },
    { "carriage return", "h - - " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\"\r\n",
        "h|~|~|GET|/|HTTP/1.1|200|0|~|A" },
    { "user with blanks", "h - John Q Smith " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\"",
        "h|~|John Q Smith|GET|/|HTTP/1.1|200|0|~|A" },
    { "user with a bracket", "h - a [b] " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\"",
        "h|~|a [b]|GET|/|HTTP/1.1|200|0|~|A" },
    { "identd", "h ident frank " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\"",
        "h|ident|frank|GET|/|HTTP/1.1|200|0|~|A" },
    { "empty user", "h -  " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\"",
        "h|~|~|GET|/|HTTP/1.1|200|0|~|A" },
    { "no user at all", "h - " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\"",
        "h|~|~|GET|/|HTTP/1.1|200|0|~|A" },
    { "proxy's list of addresses",
        "1.1.1.1, 2.2.2.2, 3.3.3.3 - - " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\"",
        "1.1.1.1|~|~|GET|/|HTTP/1.1|200|0|~|A" },
    { "virtual host before the line",
        "www.x.org:80 9.9.9.9 - - " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\"",
        "9.9.9.9|~|~|GET|/|HTTP/1.1|200|0|~|A" },
    { "common line among combined ones", "h - - " AT " \"GET / HTTP/1.1\" 200 7",
        "h|~|~|GET|/|HTTP/1.1|200|7|~|~" },
    { "escaped quotes",
        "h - - " AT " \"GET /a\\\"b HTTP/1.1\" 200 0 \"x\\\"y\" \"A \\\"B\\\"\"",
        "h|~|~|GET|/a\"b|HTTP/1.1|200|0|x\"y|A \"B\"" },
    { "escaped backslash closes", "h - - " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\\\\\"",
        "h|~|~|GET|/|HTTP/1.1|200|0|~|A\\" },
    { "hex escapes",
        "h - - " AT " \"GET /\\xC3\\xa9 HTTP/1.1\" 200 0 \"-\" \"\\x22\\x5C\\t\"",
        "h|~|~|GET|/\xC3\xA9|HTTP/1.1|200|0|~|\"\\\t" },
    { "no such escape", "h - - " AT " \"GET /\\q\\xZZ\\x1 HTTP/1.1\" 200 0 \"-\" \"A\"",
        "h|~|~|GET|/\\q\\xZZ\\x1|HTTP/1.1|200|0|~|A" },
    { "quotes that nobody escaped",
        "h - - " AT " \"GET /?q=\"x\" HTTP/1.1\" 200 0 \"a\"b\" \"Say \"hi\" now\"",
        "h|~|~|GET|/?q=\"x\"|HTTP/1.1|200|0|a\"b|Say \"hi\" now" },
    { "fields behind the agent",
        "h - - " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\" \"1.2.3.4\" 0.003 \"\" x",
        "h|~|~|GET|/|HTTP/1.1|200|0|~|A" },
    { "blank behind the agent", "h - - " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\" ",
        "h|~|~|GET|/|HTTP/1.1|200|0|~|A" },
    { "bytes that are no UTF-8",
        "h - - " AT " \"GET /\xFF\xFE HTTP/1.1\" 200 0 \"-\" \"\xC3\"",
        "h|~|~|GET|/\xFF\xFE|HTTP/1.1|200|0|~|\xC3" },
    { "blanks in the target", "h - - " AT " \"GET /a b  c HTTP/1.1\" 200 0 \"-\" \"A\"",
        "h|~|~|GET|/a b  c|HTTP/1.1|200|0|~|A" },
    { "no protocol", "h - - " AT " \"GET /old\" 200 0 \"-\" \"A\"",
        "h|~|~|GET|/old|~|200|0|~|A" },
    { "no target", "h - - " AT " \"GET HTTP/1.1\" 200 0 \"-\" \"A\"",
        "h|~|~|GET|~|HTTP/1.1|200|0|~|A" },

    { "TLS on the wrong port",
        "h - - " AT " \"\\x16\\x03\\x01\\x02 \\x01\" 400 311 \"-\" \"-\"", "method" },
    { "no request", "h - - " AT " \"-\" 408 - \"-\" \"-\"", "method" },
    { "empty request", "h - - " AT " \"\" 400 0 \"-\" \"-\"", "method" },
    { "one word", "h - - " AT " \"QUIT\" 400 311 \"-\" \"-\"", "method" },
    { "status that is a dash", "h - - " AT " \"GET / HTTP/1.1\" - - \"-\" \"-\"",
        "status" },

    { "last quote missing", "h - - " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A",
        "bad_line" },
    { "agent missing", "h - - " AT " \"GET / HTTP/1.1\" 200 0 \"-\"", "bad_line" },
    { "last quote escaped", "h - - " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\\\"",
        "bad_line" },
    { "text glued to the last quote",
        "h - - " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\"x", "bad_line" },
    { "field behind the agent left open",
        "h - - " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\" \"open", "bad_line" },
    { "no status", "h - - " AT " \"GET / HTTP/1.1\"", "bad_line" },
    { "no size", "h - - " AT " \"GET / HTTP/1.1\" 200", "bad_line" },
    { "status of two digits", "h - - " AT " \"GET / HTTP/1.1\" 20 0 \"-\" \"-\"",
        "bad_line" },
    { "two lines run together",
        "h - - " AT " \"GET / HTTP/1.1\" 200 512.2.2.2 - - " AT
        " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\"",
        "bad_line" },
    { "something between size and referrer",
        "h - - " AT " \"GET / HTTP/1.1\" 200 0 17 \"-\" \"A\"", "bad_line" },
    { "no time", "h - - \"GET / HTTP/1.1\" 200 0 \"-\" \"A\"", "bad_line" },
    { "time left open", "h - - [" WHEN " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\"",
        "bad_line" },
    { "no address", " - - " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\"", "bad_line" },
    { "only an address", "h " AT " \"GET / HTTP/1.1\" 200 0 \"-\" \"A\"", "bad_line" },
    { "an error log", "[Mon Jan 01 00:00:00.000001 2024] [core:error] [pid 7] x",
        "bad_line" },
    { "one byte", "x", "bad_line" },

    { "comment", "#Software: x", "" },
    { "blank line", "\n", "" },
    { "blanks", " \t \r\n", "" },
};

START_TEST(form_of_a_line)
{
    struct reader r = { 0 };
    char out[ROOM];
    const char *row;

    ck_assert_int_eq(reader_open(&r, RT_FORMAT_COMBINED, ALL), RT_OK);
    fate(&r, rt_span_of(forms[_i].line), out);
    row = strncmp(out, PAGE, sizeof PAGE - 1) == 0 ? out + sizeof PAGE - 1 : out;
    ck_assert_msg(strcmp(row, forms[_i].out) == 0, "%s: %s", forms[_i].name, out);
    ck_assert_uint_eq(r.tally.read, forms[_i].out[0] != '\0');
    reader_close(&r);
}
END_TEST

/* ---- formats */

#define HOSTED "host port ip remote_user url user_agent"

static const struct {
    const char *name;
    enum rt_format format;
    const char *line, *out;
} formats[] = {
    { "virtual host with port", RT_FORMAT_VHOST_COMBINED,
        "www.Shop.example:443 10.0.0.1 - - " AT " \"GET /x HTTP/1.1\" 200 5 \"-\" \"A\"",
        "www.shop.example|443|10.0.0.1|~|/x|A" },
    { "virtual host without port", RT_FORMAT_VHOST_COMBINED,
        "shop.example 10.0.0.1 - frank " AT " \"GET /x HTTP/1.1\" 200 5 \"-\" \"A\"",
        "shop.example|~|10.0.0.1|frank|/x|A" },
    { "virtual host in brackets", RT_FORMAT_VHOST_COMBINED,
        "[::1]:80 10.0.0.1 - - " AT " \"GET /x HTTP/1.1\" 200 5 \"-\" \"A\"",
        "[::1]|80|10.0.0.1|~|/x|A" },
    { "virtual host and identd", RT_FORMAT_VHOST_COMBINED,
        "v:80 10.0.0.1 ident frank " AT " \"GET /x HTTP/1.1\" 200 5 \"-\" \"A\"",
        "v|80|10.0.0.1|frank|/x|A" },
    { "virtual host missing", RT_FORMAT_VHOST_COMBINED,
        "10.0.0.1 - frank " AT " \"GET /x HTTP/1.1\" 200 5 \"-\" \"A\"",
        "~|~|10.0.0.1|frank|/x|A" },
    { "combined has no host", RT_FORMAT_COMBINED,
        "v:80 10.0.0.1 - - " AT " \"GET /x HTTP/1.1\" 200 5 \"-\" \"A\"",
        "~|~|10.0.0.1|~|/x|A" },
    { "common", RT_FORMAT_COMMON, "10.0.0.1 - - " AT " \"GET /x HTTP/1.1\" 200 5",
        "~|~|10.0.0.1|~|/x|~" },
    { "common passes over an agent", RT_FORMAT_COMMON,
        "10.0.0.1 - - " AT " \"GET /x HTTP/1.1\" 200 5 \"-\" \"A\"",
        "~|~|10.0.0.1|~|/x|~" },
};

START_TEST(fields_of_a_format)
{
    struct reader r = { 0 };
    char out[ROOM], want[ROOM];

    ck_assert_int_eq(reader_open(&r, formats[_i].format, HOSTED), RT_OK);
    fate(&r, rt_span_of(formats[_i].line), out);
    snprintf(want, sizeof want, WHEN "|page_view|%s", formats[_i].out);
    ck_assert_msg(strcmp(out, want) == 0, "%s: %s", formats[_i].name, out);
    ck_assert_int_eq(r.decoder.has[2], formats[_i].format == RT_FORMAT_VHOST_COMBINED);
    ck_assert_int_eq(r.decoder.has[7], formats[_i].format != RT_FORMAT_COMMON);
    reader_close(&r);
}
END_TEST

/* ---- what becomes of a line */

static const struct {
    const char *request, *status, *out;
} fates[] = {
    { "GET / HTTP/1.1", "200", "page_view" },
    { "GET /a/b.html?x=y.css HTTP/1.1", "206", "page_view" },
    { "GET /a HTTP/1.1", "304", "page_view" },
    { "GET /a.css/ HTTP/1.1", "200", "page_view" },
    { "GET /css HTTP/1.1", "200", "page_view" },
    { "GET /brochure.pdf HTTP/1.1", "200", "page_view" },
    { "GET /v1.2 HTTP/1.1", "200", "page_view" },
    { "GET /.well-known/x HTTP/1.1", "200", "page_view" },
    { "GET /a.phpx.verylongextension HTTP/1.1", "200", "page_view" },
    { "POST / HTTP/1.1", "200", "method" },
    { "HEAD / HTTP/1.1", "200", "method" },
    { "get / HTTP/1.1", "200", "method" },
    { "OPTIONS * HTTP/1.1", "200", "method" },
    { "CONNECT example.com:443 HTTP/1.1", "200", "method" },
    { "GET / HTTP/1.1", "301", "status" },
    { "GET / HTTP/1.1", "404", "status" },
    { "GET / HTTP/1.1", "500", "status" },
    { "GET / HTTP/1.1", "101", "status" },
    { "GET /missing.css HTTP/1.1", "404", "status" },
    { "POST /a.css HTTP/1.1", "404", "method" },
    { "GET /style.css HTTP/1.1", "200", "asset" },
    { "GET /style.CSS?v=3 HTTP/1.1", "200", "asset" },
    { "GET /a.min.js HTTP/1.1", "304", "asset" },
    { "GET /x.woff2#iefix HTTP/1.1", "200", "asset" },
    { "GET http://shop.example/logo.PnG HTTP/1.1", "200", "asset" },
    { "GET /robots.txt HTTP/1.1", "200", "asset" },
    { "GET /sitemap.xml HTTP/1.1", "200", "asset" },
    { "GET /site.webmanifest HTTP/1.1", "200", "asset" },
    { "GET /favicon.ico HTTP/1.1", "200", "asset" },
    { "GET /x.css;jsessionid=1 HTTP/1.1", "200", "asset" },
};

START_TEST(fate_of_a_line)
{
    struct reader r = { 0 };
    char line[ROOM], out[ROOM];

    ck_assert_int_eq(reader_open(&r, RT_FORMAT_COMBINED, ""), RT_OK);
    snprintf(line, sizeof line, "h - - " AT " \"%s\" %s 1 \"-\" \"A\"\n",
        fates[_i].request, fates[_i].status);
    fate(&r, rt_span_of(line), out);
    ck_assert_msg(
        strcmp(strchr(out, '|') ? strchr(out, '|') + 1 : out, fates[_i].out) == 0,
        "%s %s: %s", fates[_i].request, fates[_i].status, out);
    reader_close(&r);
}
END_TEST

START_TEST(source_names_the_page)
{
    struct reader r = { .source.event = RT_SPAN("visit") };
    char out[ROOM];

    ck_assert_int_eq(reader_open(&r, RT_FORMAT_COMMON, ""), RT_OK);
    fate(&r, RT_SPAN("h - - " AT " \"GET / HTTP/1.1\" 200 1"), out);
    ck_assert_str_eq(out, WHEN "|visit");
    reader_close(&r);
}
END_TEST

/* ---- pixels */

static const struct rt_mapping pixel_fields[] = {
    { { "user_id", 7 }, { "uid", 3 } },
    { { "url", 3 }, { "u", 1 } },
    { { "email", 5 }, { "em", 2 } },
};
static const struct rt_pixel pixel = { { "/px.gif", 7 }, { "ev", 2 }, pixel_fields, 3 };

static const struct {
    const char *name, *request, *status, *out;
} hits[] = {
    { "all there", "GET /px.gif?ev=cart&uid=42&u=https%3A%2F%2Fx%2Fp&em=a%40b.c HTTP/1.1",
        "200", "cart|42|https://x/p|a@b.c|1.2.3.4" },
    { "missing and empty", "GET /px.gif?ev=cart&uid= HTTP/1.1", "200",
        "cart||~|~|1.2.3.4" },
    { "plus is a blank", "GET /px.gif?ev=add+to%2Bcart HTTP/1.1", "200",
        "add to+cart|~|~|~|1.2.3.4" },
    { "first of a repeated one", "GET /px.gif?ev=a&ev=b&uid=1&uid=2 HTTP/1.1", "200",
        "a|1|~|~|1.2.3.4" },
    { "first though empty", "GET /px.gif?ev=&ev=b&uid=&uid=2 HTTP/1.1", "200",
        "||~|~|1.2.3.4" },
    { "name without value", "GET /px.gif?uid&ev=a HTTP/1.1", "200", "a||~|~|1.2.3.4" },
    { "encoded name", "GET /px.gif?%65v=a&ui%64=7 HTTP/1.1", "200", "a|7|~|~|1.2.3.4" },
    { "no event: not a page view", "GET /px.gif?uid=1 HTTP/1.1", "200",
        "~|1|~|~|1.2.3.4" },
    { "no query", "GET /px.gif HTTP/1.1", "200", "~|~|~|~|1.2.3.4" },
    { "encoded path", "GET /p%78%2egif?ev=a HTTP/1.1", "200", "a|~|~|~|1.2.3.4" },
    { "absolute target", "GET http://s/px.gif?ev=a HTTP/1.1", "200", "a|~|~|~|1.2.3.4" },
    { "beacon", "POST /px.gif?ev=a HTTP/1.1", "204", "a|~|~|~|1.2.3.4" },
    { "not on the server", "GET /px.gif?ev=a HTTP/1.1", "404", "a|~|~|~|1.2.3.4" },
    { "visitor gone", "GET /px.gif?ev=a HTTP/1.1", "499", "a|~|~|~|1.2.3.4" },
    { "broken percent", "GET /px.gif?ev=50%&uid=%zz HTTP/1.1", "200",
        "50%|%zz|~|~|1.2.3.4" },
    { "escape in the query", "GET /px.gif?ev=a\\\"b HTTP/1.1", "200",
        "a\"b|~|~|~|1.2.3.4" },
    { "head", "HEAD /px.gif?ev=a HTTP/1.1", "200", "method" },
    { "other path", "GET /px.gif2?ev=a HTTP/1.1", "200", "page_view|~|~|~|1.2.3.4" },
    { "other case", "GET /PX.gif?ev=a HTTP/1.1", "200", "asset" },
    { "a page has its own url", "GET /p?uid=9 HTTP/1.1", "200",
        "page_view|~|~|~|1.2.3.4" },
};

START_TEST(pixel_hit)
{
    struct reader r = { .source.pixel = &pixel };
    char line[ROOM], out[ROOM];
    const char *row;

    ck_assert_int_eq(reader_open(&r, RT_FORMAT_COMBINED, "user_id url email ip"), RT_OK);
    snprintf(line, sizeof line, "1.2.3.4 - - " AT " \"%s\" %s 1 \"-\" \"A\"\n",
        hits[_i].request, hits[_i].status);
    fate(&r, rt_span_of(line), out);
    row = strchr(out, '|') ? strchr(out, '|') + 1 : out;
    if (strncmp(row, "page_view|", 10) == 0) { /* here url is the request's own */
        ck_assert_ptr_nonnull(strstr(row, "~|/p"));
        reader_close(&r);
        return;
    }
    ck_assert_msg(strcmp(row, hits[_i].out) == 0, "%s: %s", hits[_i].name, out);
    for (uint32_t i = 0; i < r.slots.n; i++)
        ck_assert(r.decoder.has[i]);
    reader_close(&r);
}
END_TEST

START_TEST(pixel_time_is_refused)
{
    const struct rt_mapping time = { RT_SPAN("time"), RT_SPAN("t") };
    const struct rt_pixel timed = { RT_SPAN("/p"), RT_SPAN("ev"), &time, 1 };
    struct reader r = { .source.pixel = &timed };

    ck_assert_int_eq(reader_open(&r, RT_FORMAT_COMBINED, ""), RT_EIO);
    reader_close(&r);
}
END_TEST

/* A short query is cut in another way than a long one: the same, made long by what nobody
 * asks for, feeds the same. */
START_TEST(long_and_short_queries)
{
    static const char *const parts[] = { "ev", "uid", "u", "em", "=", "=", "&", "&",
        "%65v", "%", "%4", "+", "x", "ui%64", "1234567" };
    struct reader r = { .source.pixel = &pixel };
    struct rt_buf query = RT_BUF_INIT(256);
    char line[ROOM], out[2][ROOM];
    uint64_t seed = 5;

    ck_assert_int_eq(reader_open(&r, RT_FORMAT_COMMON, "user_id url email"), RT_OK);
    for (int round = 0; round < 20000; round++) {
        rt_buf_reset(&query);
        for (unsigned n = draw(&seed, 20); n; n--)
            ck_assert_int_eq(
                rt_buf_adds(&query, parts[draw(&seed, COUNT(parts))]), RT_OK);
        for (int longer = 0; longer < 2; longer++) {
            snprintf(line, sizeof line,
                "h - - " AT " \"GET /px.gif?%s%s HTTP/1.1\" 200 1\n", rt_buf_text(&query),
                longer
                    ? "&zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
                    : "");
            fate(&r, rt_span_of(line), out[longer]);
        }
        ck_assert_msg(strcmp(out[0], out[1]) == 0, "%s: %s", rt_buf_text(&query), out[0]);
    }
    rt_buf_release(&query);
    reader_close(&r);
}
END_TEST

/* ---- assets */

static const char *const extensions[] = { "css", "less", "scss", "js", "mjs", "map",
    "wasm", "swf", "png", "apng", "jpg", "jpeg", "jpe", "gif", "svg", "svgz", "webp",
    "avif", "heic", "ico", "cur", "bmp", "tif", "tiff", "woff", "woff2", "ttf", "otf",
    "eot", "mp3", "mp4", "m4a", "m4v", "m4s", "m3u8", "mpd", "ts", "aac", "wav", "flac",
    "ogg", "oga", "ogv", "opus", "webm", "avi", "mov", "mpg", "mpeg", "flv", "vtt",
    "json", "xml", "rss", "atom", "rdf", "txt", "webmanifest" };

/* Letter by letter. */
static bool is_asset_by_hand(struct rt_span path)
{
    struct rt_span extension = RT_SPAN_ABSENT;

    for (size_t i = 0; i < path.n && path.p[i] != ';'; i++)
        if (path.p[i] == '.')
            extension = (struct rt_span) { path.p + i + 1, 0 };
        else if (path.p[i] == '/')
            extension.p = NULL;
        else if (extension.p)
            extension.n++;
    for (int i = 0; i < COUNT(extensions); i++)
        if (extension.p && rt_span_eq_nocase(extension, rt_span_of(extensions[i])))
            return true;
    return false;
}

START_TEST(assets_by_hand)
{
    static const char bytes[] = "./;aZs2-";
    struct rt_buf text = RT_BUF_INIT(64);
    uint64_t seed = 9;
    unsigned assets = 0;

    for (int round = 0; round < 100000; round++) {
        struct rt_span path;
        char *room;

        rt_buf_reset(&text);
        for (unsigned n = draw(&seed, 20); n; n--)
            ck_assert_int_eq(
                rt_buf_addc(&text, bytes[draw(&seed, sizeof bytes - 1)]), RT_OK);
        ck_assert_int_eq(
            rt_buf_addf(&text, ".%s", extensions[draw(&seed, COUNT(extensions))]), RT_OK);
        if (draw(&seed, 4) == 0)
            text.p[draw(&seed, (unsigned)text.n)] ^= 0x20; /* another case, or sign */
        if (draw(&seed, 4) == 0)
            ck_assert_int_eq(rt_buf_adds(&text, &";v=1"[draw(&seed, 5)]), RT_OK);
        path = rt_buf_span(&text);
        if (draw(&seed, 2)) {
            size_t skip = draw(&seed, (unsigned)path.n + 1);

            path.p += skip, path.n -= skip;
        }
        room = malloc(path.n + 1);
        memcpy(room, path.p, path.n);
        path.p = room;
        ck_assert_msg(
            rt_is_asset(path) == is_asset_by_hand(path), "%.*s", (int)path.n, path.p);
        assets += rt_is_asset(path);
        free(room);
    }
    rt_buf_release(&text);
    ck_assert_uint_gt(assets, 20000);
}
END_TEST

/* ---- mappings */

START_TEST(mappings_rename)
{
    const struct rt_mapping fields[] = {
        { RT_SPAN("user_id"), RT_SPAN("remote_user") },
        { RT_SPAN("client_id"), RT_SPAN("remote_user") },
        { RT_SPAN("ip"), RT_SPAN("remote_logname") },
    };
    struct reader r = { .source.fields = fields, .source.nfields = 3 };
    char out[ROOM];

    ck_assert_int_eq(
        reader_open(&r, RT_FORMAT_COMMON, "user_id client_id remote_user ip shoe"),
        RT_OK);
    fate(&r, RT_SPAN("1.1.1.1 x frank " AT " \"GET / HTTP/1.1\" 200 1"), out);
    ck_assert_str_eq(out, WHEN "|page_view|frank|frank|~|x|~");
    ck_assert(r.decoder.has[2] && r.decoder.has[3] && r.decoder.has[5]);
    ck_assert(!r.decoder.has[4] && !r.decoder.has[6]);
    for (size_t i = 0; i < r.decoder.ncolumns; i++) {
        const struct rt_column *column = &r.decoder.columns[i];

        ck_assert_int_eq(column->shadowed, rt_span_eq(column->name, RT_SPAN("ip")));
        ck_assert_int_eq(column->shadowed, column->field.p == NULL);
    }
    reader_close(&r);
}
END_TEST

START_TEST(unknown_column_names_the_nearest)
{
    const struct rt_mapping field = { RT_SPAN("user_id"), RT_SPAN("remote_usr") };
    struct reader r = { .source.fields = &field, .source.nfields = 1 };
    struct rt_err err = { 0 };

    ck_assert_int_eq(reader_open(&r, RT_FORMAT_COMMON, ""), RT_EIO);
    ck_assert_int_eq(
        rt_decode_log.open(&r.decoder, "a.log", RT_SPAN(""), true, &err), RT_EIO);
    ck_assert_ptr_nonnull(strstr(err.text, "did you mean \"remote_user\"?"));
    ck_assert_str_eq(err.source, "a.log");
    reader_close(&r);
}
END_TEST

START_TEST(time_form_unless_pinned)
{
    struct reader r = { 0 }, pinned = { .source.time_form.kind = RT_TIME_ISO };
    char out[ROOM];

    ck_assert_int_eq(reader_open(&r, RT_FORMAT_COMMON, ""), RT_OK);
    ck_assert_int_eq(r.decoder.time_form.kind, RT_TIME_CLF);
    reader_close(&r);
    ck_assert_int_eq(reader_open(&pinned, RT_FORMAT_COMMON, ""), RT_OK);
    ck_assert_int_eq(pinned.decoder.time_form.kind, RT_TIME_ISO);
    fate(&pinned, RT_SPAN("h - - [2026-07-01T12:00:00+00:00] \"GET / HTTP/1.1\" 200 1"),
        out);
    ck_assert_str_eq(out, "2026-07-01T12:00:00+00:00|page_view");
    reader_close(&pinned);
}
END_TEST

START_TEST(byte_order_mark_is_no_record)
{
    struct reader r = { 0 };

    ck_assert_int_eq(reader_open(&r, RT_FORMAT_COMMON, ""), RT_OK);
    ck_assert_uint_eq(r.decoder.skip_bytes, 0);
    rt_decode_log.open(&r.decoder, "x", RT_SPAN("\xEF\xBB\xBFh - -"), true, NULL);
    ck_assert_uint_eq(r.decoder.skip_bytes, 3);
    reader_close(&r);
}
END_TEST

/* ---- blocks */

#define LINES                                                                            \
    "# comment\n"                                                                        \
    "1.1.1.1 - - " AT " \"GET /one HTTP/1.1\" 200 1 \"-\" \"A\"\n"                       \
    "\r\n"                                                                               \
    "broken\n"                                                                           \
    "2.2.2.2 - - " AT " \"GET /two\\x41 HTTP/1.1\" 200 1 \"-\" \"B\"\r\n"                \
    "3.3.3.3 - - " AT " \"POST / HTTP/1.1\" 200 1 \"-\" \"B\"\n"                         \
    "4.4.4.4 - - " AT " \"GET /four HTTP/1.1\" 200 1 \"-\" \"C\""

START_TEST(places_and_counts)
{
    const struct rt_span text = RT_SPAN(LINES);
    struct reader r = { 0 };
    const char *two = strstr(LINES, "2.2.2.2"), *broken = strstr(LINES, "broken");

    ck_assert_int_eq(reader_open(&r, RT_FORMAT_COMBINED, "url"), RT_OK);
    reader_start(&r, text, true);
    ck_assert_int_eq(reader_next(&r), 3);
    ck_assert_uint_eq(r.batch.rows[1].at, (size_t)(two - LINES));
    ck_assert_uint_eq(r.batch.rows[1].size, strcspn(two, "\r\n"));
    ck_assert_uint_eq(r.batch.rows[1].line, 4);
    ck_assert_uint_eq(r.tally.read, 5);
    ck_assert_uint_eq(r.tally.count[RT_DROP_METHOD], 1);
    ck_assert_uint_eq(r.tally.nrejects, 1);
    ck_assert_uint_eq(r.tally.rejects[0].at, (size_t)(broken - LINES));
    ck_assert_uint_eq(r.tally.rejects[0].size, 6);
    ck_assert_uint_eq(r.tally.rejects[0].line, 3);
    ck_assert_int_eq(r.tally.rejects[0].reason, RT_REJECT_BAD_LINE);
    ck_assert_uint_eq(r.cur.consumed, text.n);
    ck_assert_uint_eq(r.cur.lines, 6);
    ck_assert_int_eq(reader_next(&r), 0);
    reader_close(&r);
}
END_TEST

START_TEST(cut_line_is_left_over)
{
    const struct rt_span text = RT_SPAN(LINES);
    struct reader r = { 0 };

    ck_assert_int_eq(reader_open(&r, RT_FORMAT_COMBINED, "url"), RT_OK);
    reader_start(&r, text, false);
    ck_assert_int_eq(reader_next(&r), 2);
    ck_assert_int_eq(reader_next(&r), 0);
    ck_assert_uint_eq(r.cur.consumed, (size_t)(strstr(LINES, "4.4.4.4") - LINES));
    reader_close(&r);
}
END_TEST

static void add_blocks(struct reader *r, struct rt_span text, size_t cut, char *out)
{
    const struct rt_span parts[2] = { { text.p, cut }, { text.p + cut, text.n - cut } };

    for (int k = 0; k < 2; k++) {
        int n;

        reader_start(r, parts[k], k == 1);
        while ((n = reader_next(r)) > 0)
            for (int i = 0; i < n; i++)
                add_row(r, (uint32_t)i, out);
    }
}

START_TEST(any_split_gives_the_same_rows)
{
    const struct rt_span text = RT_SPAN(LINES);
    struct reader r = { 0 };
    char whole[ROOM] = "", split[ROOM];

    ck_assert_int_eq(reader_open(&r, RT_FORMAT_COMBINED, "ip url user_agent"), RT_OK);
    add_blocks(&r, text, 0, whole);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '\n')
            continue;
        split[0] = '\0';
        rt_tally_reset(&r.tally);
        add_blocks(&r, text, i + 1, split);
        ck_assert_str_eq(split, whole);
        ck_assert_uint_eq(r.tally.read, 5);
    }
    reader_close(&r);
}
END_TEST

START_TEST(batches_hold_what_they_hold)
{
    static const char line[] = "1.1.1.1 - - " AT " \"GET /a\\x42 HTTP/1.1\" 200 1\n";
    enum { N = 1000 };
    struct reader r = { 0 };
    char *text = malloc(N * (sizeof line - 1));
    int n, total = 0;

    for (size_t i = 0; i < N; i++)
        memcpy(text + i * (sizeof line - 1), line, sizeof line - 1);
    ck_assert_int_eq(reader_open(&r, RT_FORMAT_COMMON, "url"), RT_OK);
    reader_start(&r, (struct rt_span) { text, N * (sizeof line - 1) }, true);
    while ((n = reader_next(&r)) > 0) {
        ck_assert_int_le(n, RT_BATCH_ROWS);
        for (int i = 0; i < n; i++)
            ck_assert(rt_span_eq(rt_batch_row(&r.batch, (uint32_t)i)[2], RT_SPAN("/aB")));
        total += n;
    }
    ck_assert_int_eq(total, N);
    ck_assert_uint_eq(r.cur.lines, N);
    free(text);
    reader_close(&r);
}
END_TEST

/* A line of n bytes whose target is as long as it takes. */
static char *long_line(size_t n)
{
    static const char head[] = "h - - " AT " \"GET /", tail[] = " HTTP/1.1\" 200 1";
    char *text = malloc(n);

    memset(text, 'a', n);
    memcpy(text, head, sizeof head - 1);
    memcpy(text + n - (sizeof tail - 1), tail, sizeof tail - 1);
    return text;
}

START_TEST(longest_line)
{
    struct reader r = { 0 };
    char *text = long_line(RT_RECORD_MAX + 1);

    ck_assert_int_eq(reader_open(&r, RT_FORMAT_COMMON, "url"), RT_OK);
    reader_start(&r, (struct rt_span) { text, RT_RECORD_MAX + 1 }, true);
    ck_assert_int_eq(reader_next(&r), 0);
    ck_assert_uint_eq(r.tally.count[RT_REJECT_TOO_LONG], 1);
    free(text);
    text = long_line(RT_RECORD_MAX);
    reader_start(&r, (struct rt_span) { text, RT_RECORD_MAX }, true);
    ck_assert_int_eq(reader_next(&r), 1);
    free(text);
    reader_close(&r);
}
END_TEST

/* Lines made to send a parser back again and again: time must stay in line with size. */
static const struct {
    const char *name, *head, *unit;
} slow[] = {
    { "brackets", "h - - ", "[ " },
    { "times left open", "h - - ", " [10/Oct" },
    { "closing brackets", "h - - ", " []" },
    { "quotes in the request", "h - - " AT " \"GET / HTTP/1.1", "\" " },
    { "quotes in the agent", "h - - " AT " \"GET / HTTP/1.1\" 200 1 \"-\" \"", "\" x" },
    { "empty fields", "h - - " AT " \"GET / HTTP/1.1\" 200 1 \"-\" \"A", " \"\"" },
    { "backslashes", "h - - " AT " \"GET / HTTP/1.1\" 200 1 \"-\" \"", "\\\\\"" },
    { "blanks", "h", " " },
};

START_TEST(slow_lines)
{
    struct reader r = { 0 };
    char *text = malloc(RT_RECORD_MAX);
    size_t head = strlen(slow[_i].head), unit = strlen(slow[_i].unit), n = head;

    memcpy(text, slow[_i].head, head);
    for (; n + unit + 2 < RT_RECORD_MAX; n += unit)
        memcpy(text + n, slow[_i].unit, unit);
    memcpy(text + n, "\"y", 2); /* what breaks it stands at the very end */
    ck_assert_int_eq(reader_open(&r, RT_FORMAT_COMBINED, ALL), RT_OK);
    reader_start(&r, (struct rt_span) { text, n + 2 }, true);
    ck_assert_int_ge(reader_next(&r), 0);
    ck_assert_uint_eq(r.tally.read, 1);
    free(text);
    reader_close(&r);
}
END_TEST

START_TEST(failed_allocations_are_reported)
{
    const struct rt_span line =
        RT_SPAN("h - - " AT " \"GET /\\x41 HTTP/1.1\" 200 1\nx\n");

    for (uint64_t nth = 1; nth < 12; nth++) {
        struct reader r = { 0 };
        int rc;

        ck_assert_int_eq(rt_batch_init(&r.batch, 3), RT_OK);
        rt_batch_release(&r.batch);
        rt_alloc_fail_at(nth + 2, 1); /* batch and cursor are the test's */
        rc = reader_open(&r, RT_FORMAT_COMMON, "url");
        if (rc == RT_OK) {
            reader_start(&r, line, true);
            rc = reader_next(&r);
        }
        rt_alloc_fail_at(0, 0);
        ck_assert(rc == RT_ENOMEM || rc == 1);
        reader_close(&r);
    }
}
END_TEST

/* ---- the usual way and the long way */

/* Puts one of the bytes that mean something anywhere, in place of what stands there or
 * before it, or takes one away. */
static void spoil(char *line, uint64_t *seed)
{
    static const char bytes[] = " \"\\[]-,\r\n#\t0aH/:";
    size_t n = strlen(line), at = draw(seed, (unsigned)n);
    char byte = bytes[draw(seed, sizeof bytes - 1)];

    switch (draw(seed, 3)) {
    case 0:
        line[at] = byte;
        break;
    case 1:
        memmove(line + at + 1, line + at, n - at + 1);
        line[at] = byte;
        break;
    default:
        memmove(line + at, line + at + 1, n - at);
    }
}

static void same_parts(
    const struct rt_logline *a, const struct rt_logline *b, const char *line)
{
    for (int i = 0; i <= RT_LOG_PARTS; i++)
        ck_assert_msg(a->part[i].p == b->part[i].p && a->part[i].n == b->part[i].n,
            "part %d of %s", i, line);
    ck_assert_msg(a->escapes == b->escapes && a->combined == b->combined, "%s", line);
}

/* Cuts the lines of the text both ways; of those that are not usual, only where the next
 * one begins is to be found again. Returns how many were usual. */
static unsigned cut_both_ways(
    rt_log_marks_fn *note, struct rt_log_marks *marks, struct rt_span block)
{
    const char *p = block.p, *end = p + block.n, *lf;
    unsigned taken = 0;

    marks->from = marks->to = NULL;
    marks->n = marks->next = 0;
    for (; p < end && (lf = memchr(p, '\n', (size_t)(end - p))); p = lf + 1) {
        struct rt_span text = { p, (size_t)(lf - p) };
        struct rt_logline usual, any;
        const char *found = rt_logline_usual(p, end, note, marks, &usual);

        if (!found)
            continue;
        taken++;
        ck_assert_ptr_eq(found, lf);
        text.n -= lf > p && lf[-1] == '\r';
        ck_assert(text.n && *p != '#');
        for (int vhost = 0; vhost < 2; vhost++) {
            ck_assert_msg(rt_logline_split(text, vhost, &any), "refused: %s", p);
            same_parts(&usual, &any, p);
        }
    }
    return taken;
}

static const char *const usual_lines[] = {
    "1.2.3.4 - - " AT
    " \"GET /a?b=c HTTP/1.1\" 200 43 \"https://a.b/c\" \"Agent/1 (x)\"\n",
    "1.2.3.4 - - " AT " \"GET / HTTP/1.0\" 304 - \"-\" \"-\"\r\n",
    "2001:db8:85a3:8d3:1319:8a2e:370:7348 - - " AT " \"POST /px HTTP/2.0\" 200 1\n",
    "h - - " AT " \"-\" 408 0 \"\" \"\"\n",
    "h - - " AT " \"GET  / x HTTP/1.1\" 200 0 \"-\" \"-\"\n",
};

enum { TEXT_ROOM = 2048 };

/* A few lines, of which some are spoiled, and what comes behind them is cut anywhere. */
static size_t some_lines(char text[TEXT_ROOM], int usual, uint64_t *seed)
{
    size_t n = 0;

    for (unsigned lines = 1 + draw(seed, 4); lines; lines--) {
        snprintf(text + n, TEXT_ROOM - n, "%s", usual_lines[usual]);
        for (unsigned k = draw(seed, 4); k; k--)
            spoil(text + n, seed);
        n += strlen(text + n);
    }
    return draw(seed, 8) ? n : draw(seed, (unsigned)n + 1);
}

START_TEST(usual_lines_are_cut_as_any)
{
    struct rt_log_marks_way ways[RT_LOG_MARKS_WAYS];
    size_t nways = rt_log_marks_ways(ways);
    unsigned taken[RT_LOG_MARKS_WAYS] = { 0 };
    struct rt_log_marks *marks = malloc(sizeof *marks);
    uint64_t seed = (uint64_t)_i + 1;

    for (int round = 0; round < 20000; round++) {
        char text[TEXT_ROOM], *block;
        size_t n = some_lines(text, _i, &seed);

        block = malloc(n + 1); /* its end is guarded by the sanitizer */
        memcpy(block, text, n);
        for (size_t w = 0; w < nways; w++)
            taken[w] += cut_both_ways(ways[w].note, marks, (struct rt_span) { block, n });
        free(block);
    }
    for (size_t w = 0; w < nways; w++)
        ck_assert_msg(taken[w] > 8000 && taken[w] == taken[0], "%s", ways[w].name);
    free(marks);
}
END_TEST

/* Many usual lines: every one is taken as such, wherever a stretch ends. */
START_TEST(stretches_lose_no_line)
{
    enum { LINES_OF_ALL = 2000 };
    struct rt_log_marks_way ways[RT_LOG_MARKS_WAYS];
    size_t nways = rt_log_marks_ways(ways);
    struct rt_log_marks *marks = malloc(sizeof *marks);
    struct rt_buf text = RT_BUF_INIT(LINES_OF_ALL * 256);

    for (int i = 0; i < LINES_OF_ALL; i++)
        ck_assert_int_eq(rt_buf_adds(&text,
                             usual_lines[i % (sizeof usual_lines / sizeof *usual_lines)]),
            RT_OK);
    for (size_t w = 0; w < nways; w++)
        ck_assert_uint_eq(
            cut_both_ways(ways[w].note, marks, rt_buf_span(&text)), LINES_OF_ALL);
    rt_buf_release(&text);
    free(marks);
}
END_TEST

/* Bytes of which many are marks: all ways note the same. */
START_TEST(ways_note_the_same)
{
    static const char bytes[] = "\"\\\nabcdefghijklm";
    struct rt_log_marks_way ways[RT_LOG_MARKS_WAYS];
    size_t nways = rt_log_marks_ways(ways);
    struct rt_log_marks *plain = malloc(sizeof *plain), *other = malloc(sizeof *other);
    uint64_t seed = 7;

    for (int round = 0; round < 3000; round++) {
        size_t n = round ? draw(&seed, 400) : RT_LOG_STRETCH;
        unsigned kinds = 1 + draw(&seed, sizeof bytes - 1);
        char *text = malloc(n + 1);

        for (size_t i = 0; i < n; i++)
            text[i] = round ? bytes[draw(&seed, kinds)] : '"';
        ways[nways - 1].note(text, text + n, plain);
        for (size_t w = 0; w + 1 < nways; w++) {
            ways[w].note(text, text + n, other);
            ck_assert_uint_eq(other->n, plain->n);
            ck_assert_mem_eq(other->at, plain->at, plain->n * sizeof *plain->at);
        }
        free(text);
    }
    free(plain);
    free(other);
}
END_TEST

/* ---- recognition */

#define COMMON   "1.1.1.1 - - " AT " \"GET / HTTP/1.1\" 200 1\n"
#define COMBINED "1.1.1.1 - - " AT " \"GET / HTTP/1.1\" 200 1 \"-\" \"A\"\n"
#define VHOST    "a.b:80 1.1.1.1 - - " AT " \"GET / HTTP/1.1\" 200 1 \"-\" \"A\"\n"

static const struct {
    const char *name, *head;
    bool all;
    int sure;
    enum rt_format format;
} looks[] = {
    { "common", COMMON COMMON, false, 100, RT_FORMAT_COMMON },
    { "combined", COMBINED COMBINED, false, 100, RT_FORMAT_COMBINED },
    { "virtual hosts", VHOST VHOST, false, 100, RT_FORMAT_VHOST_COMBINED },
    { "mostly combined", COMBINED COMBINED COMBINED COMMON VHOST, false, 100,
        RT_FORMAT_COMBINED },
    { "a broken line", COMBINED "x\n" COMBINED COMBINED, false, 75, RT_FORMAT_COMBINED },
    { "a cut last line", COMBINED "1.1.1.1 - - [10/Oct/20", false, 100,
        RT_FORMAT_COMBINED },
    { "the last line of all", COMBINED "1.1.1.1 - - [10/Oct/20", true, 50,
        RT_FORMAT_COMBINED },
    { "byte order mark and comments", "\xEF\xBB\xBF# x\n\n" COMBINED, true, 100,
        RT_FORMAT_COMBINED },
    { "carriage returns", "1.1.1.1 - - " AT " \"GET / HTTP/1.1\" 200 1\r\n", true, 100,
        RT_FORMAT_COMMON },
    { "mostly something else", "a,b\n1,2\n" COMBINED, true, 0, RT_FORMAT_LOOK },
    { "another time", "1.1.1.1 - - [2026-07-01] \"GET / HTTP/1.1\" 200 1\n", true, 0,
        RT_FORMAT_LOOK },
    { "CSV", "time,event\n1,2\n", true, 0, RT_FORMAT_LOOK },
    { "JSON", "{\"a\":\"" WHEN "\"}\n", true, 0, RT_FORMAT_LOOK },
    { "nothing", "", true, 0, RT_FORMAT_LOOK },
    { "comments alone", "# a\n", true, 0, RT_FORMAT_LOOK },
};

START_TEST(looking)
{
    enum rt_format format = RT_FORMAT_LOOK;
    int sure = rt_look_log(rt_span_of(looks[_i].head), looks[_i].all, &format);

    ck_assert_msg(sure == looks[_i].sure && format == looks[_i].format,
        "%s: %d, format %d", looks[_i].name, sure, (int)format);
}
END_TEST

Suite *log_suite(void)
{
    Suite *suite = suite_create("log");
    TCase *tc = tcase_create("log");

    tcase_add_loop_test(tc, form_of_a_line, 0, COUNT(forms));
    tcase_add_loop_test(tc, fields_of_a_format, 0, COUNT(formats));
    tcase_add_loop_test(tc, fate_of_a_line, 0, COUNT(fates));
    tcase_add_test(tc, source_names_the_page);
    tcase_add_loop_test(tc, pixel_hit, 0, COUNT(hits));
    tcase_add_test(tc, pixel_time_is_refused);
    tcase_add_test(tc, long_and_short_queries);
    tcase_add_test(tc, assets_by_hand);
    tcase_add_test(tc, mappings_rename);
    tcase_add_test(tc, unknown_column_names_the_nearest);
    tcase_add_test(tc, time_form_unless_pinned);
    tcase_add_test(tc, byte_order_mark_is_no_record);
    tcase_add_test(tc, places_and_counts);
    tcase_add_test(tc, cut_line_is_left_over);
    tcase_add_test(tc, any_split_gives_the_same_rows);
    tcase_add_test(tc, batches_hold_what_they_hold);
    tcase_add_test(tc, longest_line);
    tcase_add_loop_test(tc, slow_lines, 0, COUNT(slow));
    tcase_add_test(tc, failed_allocations_are_reported);
    tcase_add_loop_test(tc, usual_lines_are_cut_as_any, 0, COUNT(usual_lines));
    tcase_add_test(tc, stretches_lose_no_line);
    tcase_add_test(tc, ways_note_the_same);
    tcase_add_loop_test(tc, looking, 0, COUNT(looks));
    suite_add_tcase(suite, tc);
    return suite;
}
