/*
 * Access logs of the Apache family: common, combined, vhost_combined.
 *
 *     [vhost[:port] ]ip logname user [time] "request" status bytes
 *                                                  [ "referrer" "agent"[ more]]
 *
 * Lines are cut at fixed marks with memchr, never by a regular expression: the blank
 * behind the address, the bracket 27 bytes on, the quote that the status follows. Nothing
 * is copied unless a value that was asked for holds an escape.
 *
 * What a line may be
 * - The three formats differ in which fields they feed; a line of any of them is read
 *   under each, since servers change their configuration in the middle of a file. Under
 *   `common` referrer and agent are passed over; a short line under `combined` has none.
 * - Behind the agent further fields may stand, bare or quoted (nginx's stock
 *   configuration adds "$http_x_forwarded_for"); they are passed over.
 * - An address list "a, b - - [" (a proxy's X-Forwarded-For) counts as its first address.
 * - The user may hold blanks, or be missing altogether. The time is what stands in the
 *   first brackets that have a blank before and ` "` behind them, TIME_MAX bytes at most.
 *
 * Where a quoted part ends: a quote behind an odd number of backslashes never ends it.
 * Servers that do not escape quotes exist, so any other quote must prove itself by what
 * follows: behind the request a status and a size; behind the referrer ` "`; behind the
 * agent the line's end, or a blank and well-formed fields up to the line's end. The first
 * quote that does is the end, so `"Say "hi" now"` is read whole; of more than QUOTES_MAX
 * candidates in one agent the line counts as broken, which keeps the work linear.
 *
 * What becomes of a line, in this order
 * - not of that form: RT_REJECT_BAD_LINE;
 * - GET or POST of the pixel's path (percent-decoded): an event, whatever the status: it
 *   is the request that carries the event, and a pixel nobody put on the server (404) or
 *   a visitor who has left (499) does not take it back. HEAD and OPTIONS are no visit;
 * - method other than GET: RT_DROP_METHOD;
 * - status neither 2xx nor 304: RT_DROP_STATUS. 304 is a page that the visitor's cache
 *   still had: it was shown;
 * - an asset, by the extension of its path: RT_DROP_ASSET; else a page view.
 *
 * Lines that are blank or begin with '#' are no records.
 */
#include "base/hash.h"
#include "base/near.h"
#include "events/decoders.h"
#include "events/derive.h"

enum directive {
    HOST,
    PORT,
    IP,
    LOGNAME,
    USER,
    TIME,
    METHOD,
    URL,
    PROTOCOL,
    STATUS,
    BYTES,
    REFERRER,
    AGENT,
    DIRECTIVES,
    NOTHING = DIRECTIVES /* no directive feeds the slot */
};

static const char *const names[] = { "host", "port", "ip", "remote_logname",
    "remote_user", "time", "method", "url", "protocol", "status", "bytes", "referrer",
    "user_agent", NULL };

enum { QUOTES_MAX = 64, METHOD_MAX = 32, CLF_BYTES = 26, TIME_MAX = 128 };

/* A line's parts as they stand in it; absent where it has "-" or nothing. */
struct line {
    struct rt_span part[DIRECTIVES + 1]; /* the last is always absent */
    bool escapes;                        /* somewhere in the line stands a backslash */
    bool combined;                       /* it has a referrer and an agent */
};

struct pixel_slot {
    uint32_t slot;
    struct rt_span param;
};

/* The format's own tables. */
struct log {
    uint8_t *feeds; /* per slot: its directive, or NOTHING */
    struct rt_span page_event;
    const struct rt_pixel *pixel; /* NULL: none */
    struct pixel_slot *pixel_slots;
    size_t npixel_slots;
    bool vhost; /* lines begin with a virtual host */
};

/* ---- the parts of a line */

static struct rt_span between(const char *from, const char *to)
{
    return (struct rt_span) { from, (size_t)(to - from) };
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "-" stands for nothing. */
static struct rt_span or_absent(struct rt_span s)
{
    return s.n == 1 && *s.p == '-' ? RT_SPAN_ABSENT : s;
}

static const char *find(const char *p, const char *end, char c)
{
    return p < end ? memchr(p, c, (size_t)(end - p)) : NULL;
}

/* Up to the next blank, which is taken as well. */
static struct rt_span token(struct rt_span *rest)
{
    const char *end = rest->p + rest->n, *blank = find(rest->p, end, ' ');
    struct rt_span word = between(rest->p, blank ? blank : end);

    *rest = blank ? between(blank + 1, end) : between(end, end);
    return word;
}

static bool is_dash(struct rt_span s)
{
    return s.n == 1 && *s.p == '-';
}

/* "www.shop.example:443" */
static void set_host(struct line *line, struct rt_span vhost)
{
    size_t n = vhost.n;

    while (n && is_digit(vhost.p[n - 1]))
        n--;
    if (n && n < vhost.n && vhost.p[n - 1] == ':') {
        line->part[PORT] = (struct rt_span) { vhost.p + n, vhost.n - n };
        vhost.n = n - 1;
    }
    line->part[HOST] = or_absent(vhost);
}

/* What stands before the time: [vhost ]ip logname[ user]. Where no virtual host is
 * announced, one is seen by the logname (which is "-" everywhere today) standing
 * third. */
static bool split_who(struct rt_span who, bool vhost, struct line *line)
{
    struct rt_span first = token(&who), second = token(&who), rest = who;
    bool client_list = first.n && first.p[first.n - 1] == ',';

    if (client_list) {
        first.n--;
        while (second.n && second.p[second.n - 1] == ',')
            second = token(&who);
        second = token(&who);
    } else if (!is_dash(second) && (is_dash(token(&rest)) || vhost)
        && (rest.n || vhost)) {
        set_host(line, first);
        first = second;
        second = token(&who);
    }
    line->part[IP] = first;
    line->part[LOGNAME] = or_absent(second);
    line->part[USER] = who.n ? or_absent(who) : RT_SPAN_ABSENT;
    return first.n && second.n;
}

/* The bracket that closes the time that begins at p, or NULL. */
static const char *time_end(const char *p, const char *end)
{
    const char *close;

    if (end - p > CLF_BYTES && p[CLF_BYTES] == ']')
        close = p + CLF_BYTES;
    else
        close = find(p, end - p > TIME_MAX ? p + TIME_MAX : end, ']');
    return close && end - close > 3 && close[1] == ' ' && close[2] == '"' ? close : NULL;
}

/* Takes everything up to the request's opening quote; returns what stands behind it. */
static const char *take_who_and_when(
    const char *p, const char *end, bool vhost, struct line *line)
{
    const char *open = p, *close = NULL;

    while ((open = find(open, end, '['))) {
        if (open > p && open[-1] == ' ' && (close = time_end(open + 1, end)))
            break;
        open++;
    }
    if (!open || !split_who(between(p, open - 1), vhost, line))
        return NULL;
    line->part[TIME] = between(open + 1, close);
    return close + 3;
}

/* The usual line, "ip - - [time] ", without a search. */
static const char *take_usual(const char *p, const char *end, struct line *line)
{
    const char *blank = find(p, end, ' ');

    if (!blank || blank == p || end - blank < 6 + CLF_BYTES + 3 || blank[-1] == ','
        || memcmp(blank, " - - [", 6) != 0
        || memcmp(blank + 6 + CLF_BYTES, "] \"", 3) != 0)
        return NULL;
    line->part[IP] = between(p, blank);
    line->part[TIME] = (struct rt_span) { blank + 6, CLF_BYTES };
    return blank + 6 + CLF_BYTES + 3;
}

static bool is_escaped(const char *quote, const char *begin)
{
    const char *p = quote;

    while (p > begin && p[-1] == '\\')
        p--;
    return (quote - p) & 1;
}

/* The next quote that is not escaped, at p or behind; begin: where the part begins. */
static const char *next_quote(
    const char *begin, const char *p, const char *end, bool escapes)
{
    while ((p = find(p, end, '"')) && escapes && is_escaped(p, begin))
        p++;
    return p;
}

/* Three digits or "-", a blank, then the beginning of a size: the status behind a
 * request. */
static bool is_status(const char *p, const char *end)
{
    size_t n = p < end && *p == '-' ? 1 : 3;

    if ((size_t)(end - p) < n + 2 || p[n] != ' ')
        return false;
    if (n == 3 && !(is_digit(p[0]) && is_digit(p[1]) && is_digit(p[2])))
        return false;
    return is_digit(p[n + 1]) || p[n + 1] == '-';
}

static bool is_method(struct rt_span s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = rt_ascii_lower(s.p[i]);

        if (!((c >= 'a' && c <= 'z') || c == '-' || c == '_'))
            return false;
    }
    return s.n > 0 && s.n <= METHOD_MAX;
}

/* "method target protocol", of which a broken client may have sent anything: a request
 * that does not begin with a method is a target as a whole; so is a single word. */
static void split_request(struct rt_span request, struct line *line)
{
    const char *begin = request.p, *end = begin + request.n;
    const char *blank = find(begin, end, ' '), *last;

    if (!blank || !is_method(between(begin, blank))) {
        line->part[URL] = request.n ? or_absent(request) : RT_SPAN_ABSENT;
        return;
    }
    line->part[METHOD] = between(begin, blank);
    last = memrchr(blank, ' ', (size_t)(end - blank));
    if (end - last > 5 && memcmp(last + 1, "HTTP/", 5) == 0) {
        line->part[PROTOCOL] = between(last + 1, end);
        end = last;
    }
    if (end > blank)
        request = rt_span_trim(between(blank + 1, end));
    else
        request.n = 0;
    line->part[URL] = request.n ? request : RT_SPAN_ABSENT;
}

static const char *take_request(const char *p, const char *end, struct line *line)
{
    const char *quote = p;

    while ((quote = next_quote(p, quote, end, line->escapes))) {
        if (end - quote > 2 && quote[1] == ' ' && is_status(quote + 2, end))
            break;
        quote++;
    }
    if (!quote)
        return NULL;
    split_request(between(p, quote), line);
    return quote + 2;
}

static const char *take_result(const char *p, const char *end, struct line *line)
{
    const char *blank = find(p, end, ' '), *q = blank + 1; /* is_status saw the blank */

    line->part[STATUS] = or_absent(between(p, blank));
    if (*q == '-')
        q++;
    else
        while (q < end && is_digit(*q))
            q++;
    line->part[BYTES] = or_absent(between(blank + 1, q));
    return q == end || *q == ' ' ? q : NULL;
}

/* Fields up to the line's end, bare or quoted, one blank between two. */
static bool are_fields(const char *p, const char *end, bool escapes)
{
    while (p < end) {
        const char *stop;

        if (*p == '"') {
            stop = next_quote(p + 1, p + 1, end, escapes);
            if (!stop)
                return false;
            stop++;
        } else {
            stop = find(p, end, ' ');
            stop = stop ? stop : end;
            if (find(p, stop, '"'))
                return false;
        }
        if (stop < end && *stop != ' ')
            return false;
        p = stop + 1;
    }
    return true;
}

static bool take_referrer_and_agent(const char *p, const char *end, struct line *line)
{
    const char *quote = p, *agent;

    while ((quote = next_quote(p, quote, end, line->escapes))) {
        if (end - quote > 3 && quote[1] == ' ' && quote[2] == '"')
            break;
        quote++;
    }
    if (!quote)
        return false;
    line->part[REFERRER] = or_absent(between(p, quote));
    agent = quote + 3;
    quote = agent;
    for (int tries = 0; tries < QUOTES_MAX; tries++, quote++) {
        quote = next_quote(agent, quote, end, line->escapes);
        if (!quote)
            return false;
        if (quote + 1 == end
            || (quote[1] == ' ' && are_fields(quote + 2, end, line->escapes))) {
            line->part[AGENT] = or_absent(between(agent, quote));
            return true;
        }
    }
    return false;
}

/* text  a line without its end; not empty */
static bool split_line(struct rt_span text, bool vhost, struct line *line)
{
    const char *p = text.p, *end = p + text.n, *behind;

    memset(line, 0, sizeof *line);
    line->escapes = memchr(p, '\\', text.n) != NULL;
    behind = take_usual(p, end, line);
    if (!behind)
        behind = take_who_and_when(p, end, vhost, line);
    if (behind)
        behind = take_request(behind, end, line);
    if (behind)
        behind = take_result(behind, end, line);
    if (!behind)
        return false;
    if (behind == end)
        return true;
    line->combined = true;
    return end - behind > 2 && behind[1] == '"'
        && take_referrer_and_agent(behind + 2, end, line);
}

/* ---- escapes */

static size_t unescape(struct rt_span text, char *out)
{
    static const char letters[] = "nrtbfv\"\\", meant[] = "\n\r\t\b\f\v\"\\";
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        const char *at;

        out[n++] = text.p[i];
        if (text.p[i] != '\\' || i + 1 == text.n)
            continue;
        at = memchr(letters, text.p[i + 1], sizeof letters - 1);
        if (at) {
            out[n - 1] = meant[at - letters];
            i++;
        } else if (text.p[i + 1] == 'x' && text.n - i > 3
            && rt_hex_value(text.p[i + 2]) >= 0 && rt_hex_value(text.p[i + 3]) >= 0) {
            out[n - 1] =
                (char)(rt_hex_value(text.p[i + 2]) << 4 | rt_hex_value(text.p[i + 3]));
            i += 3;
        }
    }
    return n;
}

/* Replaces a part by what its escapes mean: \" \\ \n \t and so on, \xhh (Apache, nginx);
 * a backslash before anything else stands for itself. The scratch that it takes is never
 * more than the block. */
static int unescape_part(struct rt_span *part, struct rt_arena *scratch)
{
    char *p;

    if (part->n == 0 || !memchr(part->p, '\\', part->n))
        return RT_OK;
    p = rt_arena_bytes(scratch, part->n);
    if (!p)
        return RT_ENOMEM;
    *part = (struct rt_span) { p, unescape(*part, p) };
    return RT_OK;
}

/* The target is not among these: it has been unescaped before the line was judged. */
static bool may_hold_escapes(int directive)
{
    return directive == PROTOCOL || directive == REFERRER || directive == AGENT
        || directive == USER || directive == LOGNAME;
}

/* ---- what a line is worth */

#define EXT(...) EXT_(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0, 0)
#define EXT_(a, b, c, d, e, f, g, h, ...)                                                \
    ((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24      \
        | (uint64_t)(e) << 32 | (uint64_t)(f) << 40 | (uint64_t)(g) << 48                \
        | (uint64_t)(h) << 56)

/* Files that a page brings along, or that only programs ask for (feeds, robots.txt, site
 * maps). Documents and downloads (pdf, zip) are something that a visitor chose: pages.
 * The letters of an extension are packed into one word, so that a switch finds it. */
static bool is_asset_extension(uint64_t letters)
{
    /* clang-format off */
    switch (letters) {
    /* style and code */
    case EXT('c', 's', 's'): case EXT('l', 'e', 's', 's'): case EXT('s', 'c', 's', 's'):
    case EXT('j', 's'): case EXT('m', 'j', 's'): case EXT('m', 'a', 'p'):
    case EXT('w', 'a', 's', 'm'): case EXT('s', 'w', 'f'):
    /* images */
    case EXT('p', 'n', 'g'): case EXT('a', 'p', 'n', 'g'): case EXT('j', 'p', 'g'):
    case EXT('j', 'p', 'e', 'g'): case EXT('j', 'p', 'e'): case EXT('g', 'i', 'f'):
    case EXT('s', 'v', 'g'): case EXT('s', 'v', 'g', 'z'): case EXT('w', 'e', 'b', 'p'):
    case EXT('a', 'v', 'i', 'f'): case EXT('h', 'e', 'i', 'c'): case EXT('i', 'c', 'o'):
    case EXT('c', 'u', 'r'): case EXT('b', 'm', 'p'): case EXT('t', 'i', 'f'):
    case EXT('t', 'i', 'f', 'f'):
    /* fonts */
    case EXT('w', 'o', 'f', 'f'): case EXT('w', 'o', 'f', 'f', '2'):
    case EXT('t', 't', 'f'): case EXT('o', 't', 'f'): case EXT('e', 'o', 't'):
    /* sound and film */
    case EXT('m', 'p', '3'): case EXT('m', 'p', '4'): case EXT('m', '4', 'a'):
    case EXT('m', '4', 'v'): case EXT('m', '4', 's'): case EXT('m', '3', 'u', '8'):
    case EXT('m', 'p', 'd'): case EXT('t', 's'): case EXT('a', 'a', 'c'):
    case EXT('w', 'a', 'v'): case EXT('f', 'l', 'a', 'c'): case EXT('o', 'g', 'g'):
    case EXT('o', 'g', 'a'): case EXT('o', 'g', 'v'): case EXT('o', 'p', 'u', 's'):
    case EXT('w', 'e', 'b', 'm'): case EXT('a', 'v', 'i'): case EXT('m', 'o', 'v'):
    case EXT('m', 'p', 'g'): case EXT('m', 'p', 'e', 'g'): case EXT('f', 'l', 'v'):
    case EXT('v', 't', 't'):
    /* for programs */
    case EXT('j', 's', 'o', 'n'): case EXT('x', 'm', 'l'): case EXT('r', 's', 's'):
    case EXT('a', 't', 'o', 'm'): case EXT('r', 'd', 'f'): case EXT('t', 'x', 't'):
        /* clang-format on */
        return true;
    default:
        return false;
    }
}

/* path  of the request, as it stands; a ";parameter" behind the extension is passed
 * over */
static bool is_asset(struct rt_span path)
{
    const struct rt_span manifest = RT_SPAN("webmanifest");
    uint64_t letters = 0;
    const char *mark;
    size_t n = 0;

    if (path.n && (mark = memchr(path.p, ';', path.n)))
        path.n = (size_t)(mark - path.p);
    while (n < path.n && n <= manifest.n && path.p[path.n - n - 1] != '.') {
        unsigned char c = (unsigned char)rt_ascii_lower(path.p[path.n - n - 1]);

        if (c == '/')
            return false;
        letters = letters << 8 | c;
        n++;
    }
    if (n == path.n || n == 0 || n > manifest.n)
        return false;
    return n <= 8
        ? is_asset_extension(letters)
        : rt_span_eq_nocase((struct rt_span) { path.p + path.n - n, n }, manifest);
}

static bool is_pixel(const struct log *log, const struct line *line, struct rt_span path)
{
    const struct rt_span method = line->part[METHOD];

    return log->pixel
        && (rt_span_eq(method, RT_SPAN("GET")) || rt_span_eq(method, RT_SPAN("POST")))
        && rt_percent_eq(path, false, log->pixel->path);
}

static bool is_success(struct rt_span status)
{
    return status.n == 3 && (status.p[0] == '2' || memcmp(status.p, "304", 3) == 0);
}

enum worth { PAGE, PIXEL, DROPPED };

/* url  the target, unescaped */
static enum worth worth_of(const struct log *log, const struct line *line,
    const struct rt_url *url, enum rt_reason *reason)
{
    if (is_pixel(log, line, url->path))
        return PIXEL;
    if (!rt_span_eq(line->part[METHOD], RT_SPAN("GET")))
        *reason = RT_DROP_METHOD;
    else if (!is_success(line->part[STATUS]))
        *reason = RT_DROP_STATUS;
    else if (is_asset(url->path))
        *reason = RT_DROP_ASSET;
    else
        return PAGE;
    return DROPPED;
}

/* ---- rows */

/* A host in lower case, as `host` is of an url. */
static int lower_part(struct rt_span *part, struct rt_arena *scratch)
{
    char *p;
    size_t i = 0;

    while (i < part->n && part->p[i] == rt_ascii_lower(part->p[i]))
        i++;
    if (i == part->n)
        return RT_OK;
    p = rt_arena_bytes(scratch, part->n);
    if (!p)
        return RT_ENOMEM;
    for (i = 0; i < part->n; i++)
        p[i] = rt_ascii_lower(part->p[i]);
    part->p = p;
    return RT_OK;
}

static int fill_row(
    const struct log *log, const struct line *line, struct rt_batch *batch)
{
    struct rt_span *cells = rt_batch_row(batch, batch->nrows);

    for (uint32_t i = 0; i < batch->nslots; i++) {
        cells[i] = line->part[log->feeds[i]];
        if (line->escapes && may_hold_escapes(log->feeds[i])
            && unescape_part(&cells[i], &batch->scratch) < 0)
            return RT_ENOMEM;
        if (log->feeds[i] == HOST && lower_part(&cells[i], &batch->scratch) < 0)
            return RT_ENOMEM;
    }
    if (!cells[RT_SLOT_EVENT].p)
        cells[RT_SLOT_EVENT] = log->page_event;
    return RT_OK;
}

static int take_param(const struct log *log, struct rt_span name, struct rt_span value,
    struct rt_batch *batch)
{
    struct rt_span *cells = rt_batch_row(batch, batch->nrows);

    if (!cells[RT_SLOT_EVENT].p && rt_percent_eq(name, true, log->pixel->event)
        && rt_percent_text(value, true, &batch->scratch, &cells[RT_SLOT_EVENT]) < 0)
        return RT_ENOMEM;
    for (size_t i = 0; i < log->npixel_slots; i++) {
        struct rt_span *cell = &cells[log->pixel_slots[i].slot];

        if (!cell->p && rt_percent_eq(name, true, log->pixel_slots[i].param)
            && rt_percent_text(value, true, &batch->scratch, cell) < 0)
            return RT_ENOMEM;
    }
    return RT_OK;
}

/* A pixel's fields come from its parameters alone, the first of a repeated one. */
static int fill_pixel(const struct log *log, struct rt_span query, struct rt_batch *batch)
{
    struct rt_span *cells = rt_batch_row(batch, batch->nrows), name, value;

    cells[RT_SLOT_EVENT] = RT_SPAN_ABSENT;
    for (size_t i = 0; i < log->npixel_slots; i++)
        cells[log->pixel_slots[i].slot] = RT_SPAN_ABSENT;
    while (rt_query_next(&query, &name, &value))
        if (take_param(log, name, value, batch) < 0)
            return RT_ENOMEM;
    return RT_OK;
}

/* One line that is a record. */
static int take_record(const struct log *log, struct rt_row row, struct rt_span text,
    struct rt_batch *batch, struct rt_tally *tally)
{
    enum rt_reason reason = RT_REJECT_BAD_LINE;
    struct line line;
    struct rt_url url;
    enum worth worth;
    int rc;

    tally->read++;
    if (text.n > RT_RECORD_MAX)
        return rt_tally_reject(tally, RT_REJECT_TOO_LONG, row.at, row.size, row.line);
    if (!split_line(text, log->vhost, &line))
        return rt_tally_reject(tally, reason, row.at, row.size, row.line);
    if (line.escapes && unescape_part(&line.part[URL], &batch->scratch) < 0)
        return RT_ENOMEM;
    url = rt_url_split(line.part[URL]);
    worth = worth_of(log, &line, &url, &reason);
    if (worth == DROPPED) {
        rt_tally_drop(tally, reason);
        return RT_OK;
    }
    rc = fill_row(log, &line, batch);
    if (rc == RT_OK && worth == PIXEL)
        rc = fill_pixel(log, url.query, batch);
    if (rc == RT_OK)
        batch->rows[batch->nrows++] = row;
    return rc;
}

static bool is_record(struct rt_span text)
{
    return text.n && *text.p != '#' && rt_span_trim(text).n;
}

static int next(struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally)
{
    const struct log *log = cur->decoder->own;
    const char *begin = cur->block.p, *end = begin + cur->block.n;
    const char *p = begin + cur->consumed;

    batch->nrows = 0;
    rt_arena_reset(&batch->scratch);
    while (p < end && batch->nrows < RT_BATCH_ROWS) {
        const char *lf = find(p, end, '\n'), *stop = lf ? lf : end;
        struct rt_row row = { (uint32_t)(p - begin), 0, cur->lines };
        struct rt_span text;
        int rc = RT_OK;

        if (!lf && !cur->at_end)
            break; /* left over: the rest of the line is still to come */
        if (stop > p && stop[-1] == '\r')
            stop--;
        text = between(p, stop);
        row.size = (uint32_t)text.n;
        if (is_record(text))
            rc = take_record(log, row, text, batch, tally);
        if (rc < 0)
            return rc;
        cur->lines += lf != NULL;
        p = lf ? lf + 1 : end;
        cur->consumed = (uint32_t)(p - begin);
    }
    return (int)batch->nrows;
}

/* ---- opening */

static bool is_fed(enum rt_format format, int directive)
{
    if (directive == HOST || directive == PORT)
        return format == RT_FORMAT_VHOST_COMBINED;
    if (directive == REFERRER || directive == AGENT)
        return format != RT_FORMAT_COMMON;
    return true;
}

/* The directive that a mapping calls by its name, or NOTHING. */
static int directive_named(enum rt_format format, struct rt_span name)
{
    for (int i = 0; i < DIRECTIVES; i++)
        if (is_fed(format, i) && rt_span_eq_nocase(name, rt_span_of(names[i])))
            return i;
    return NOTHING;
}

static int unknown_column(const struct rt_decoder *decoder, const char *name,
    struct rt_span column, struct rt_err *err)
{
    const char *known[DIRECTIVES];
    const char *near;
    size_t n = 0;

    for (int i = 0; i < DIRECTIVES; i++)
        if (is_fed(decoder->format, i))
            known[n++] = names[i];
    near = rt_near(column, known, n);
    return rt_err_at(err, RT_EIO, name, 0, 0,
        "a log of this format has no field \"%.*s\"%s%s%s",
        (int)(column.n < 64 ? column.n : 64), column.p, near ? "; did you mean \"" : "",
        near ? near : "", near ? "\"?" : "");
}

static int check_mappings(
    const struct rt_decoder *decoder, const char *name, struct rt_err *err)
{
    const struct rt_source *source = decoder->source;

    for (size_t i = 0; i < source->nfields; i++)
        if (directive_named(decoder->format, source->fields[i].column) == NOTHING)
            return unknown_column(decoder, name, source->fields[i].column, err);
    for (size_t i = 0; source->pixel && i < source->pixel->nfields; i++)
        if (rt_span_eq(source->pixel->fields[i].field, RT_SPAN("time")))
            return rt_err_at(err, RT_EIO, name, 0, 0,
                "a pixel's time is that of its log line; take \"time\" out "
                "of its fields");
    return RT_OK;
}

static bool is_renamed(const struct rt_decoder *decoder, int directive)
{
    const struct rt_source *source = decoder->source;

    for (size_t i = 0; i < source->nfields; i++)
        if (directive_named(decoder->format, source->fields[i].column) == directive)
            return true;
    return false;
}

/* The directive that feeds a field: by a mapping, else by its own name unless a mapping
 * took that away. */
static int directive_for(const struct rt_decoder *decoder, struct rt_span field)
{
    const struct rt_source *source = decoder->source;

    for (size_t i = 0; i < source->nfields; i++)
        if (rt_span_eq(field, source->fields[i].field))
            return directive_named(decoder->format, source->fields[i].column);
    for (int i = 0; i < DIRECTIVES; i++)
        if (is_fed(decoder->format, i) && rt_span_eq(field, rt_span_of(names[i])))
            return is_renamed(decoder, i) ? NOTHING : i;
    return NOTHING;
}

static int make_columns(struct rt_decoder *decoder)
{
    const struct rt_source *source = decoder->source;
    struct rt_column *column;

    decoder->columns =
        rt_arena_new(&decoder->arena, DIRECTIVES + source->nfields, sizeof *column);
    if (!decoder->columns)
        return RT_ENOMEM;
    column = decoder->columns;
    for (int i = 0; i < DIRECTIVES; i++) {
        if (!is_fed(decoder->format, i))
            continue;
        for (size_t k = 0; k < source->nfields; k++)
            if (directive_named(decoder->format, source->fields[k].column) == i)
                *column++ = (struct rt_column) { .name = rt_span_of(names[i]),
                    .field = source->fields[k].field,
                    .renamed =
                        !rt_span_eq(source->fields[k].field, rt_span_of(names[i])) };
        if (is_renamed(decoder, i))
            continue;
        *column = (struct rt_column) { .name = rt_span_of(names[i]),
            .field = rt_span_of(names[i]),
            .shadowed = directive_for(decoder, rt_span_of(names[i])) != i };
        if (column->shadowed)
            column->field = RT_SPAN_ABSENT;
        column++;
    }
    decoder->ncolumns = (size_t)(column - decoder->columns);
    return RT_OK;
}

static int make_slots(struct rt_decoder *decoder, struct log *log)
{
    const struct rt_slots *slots = decoder->slots;
    const struct rt_pixel *pixel = decoder->source->pixel;
    size_t nfields = pixel ? pixel->nfields : 0;

    log->feeds = rt_arena_new(&decoder->arena, slots->n, sizeof *log->feeds);
    decoder->has = rt_arena_new(&decoder->arena, slots->n, sizeof *decoder->has);
    log->pixel_slots = rt_arena_new(&decoder->arena, nfields, sizeof *log->pixel_slots);
    if (!log->feeds || !decoder->has || !log->pixel_slots)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < slots->n; i++) {
        log->feeds[i] = (uint8_t)directive_for(decoder, slots->names[i]);
        decoder->has[i] = i == RT_SLOT_EVENT || log->feeds[i] != NOTHING;
        for (size_t k = 0; i != RT_SLOT_EVENT && k < nfields; k++) {
            if (!rt_span_eq(slots->names[i], pixel->fields[k].field))
                continue;
            log->pixel_slots[log->npixel_slots++] =
                (struct pixel_slot) { i, pixel->fields[k].column };
            decoder->has[i] = true;
            break;
        }
    }
    return RT_OK;
}

static size_t mark_bytes(struct rt_span head)
{
    return rt_span_starts(head, RT_SPAN("\xEF\xBB\xBF")) ? 3 : 0;
}

static int open_log(struct rt_decoder *decoder, const char *name, struct rt_span head,
    bool all, struct rt_err *err)
{
    struct log *log;
    int rc = check_mappings(decoder, name, err);

    (void)all;
    if (rc < 0)
        return rc;
    log = rt_arena_new(&decoder->arena, 1, sizeof *log);
    if (!log || make_columns(decoder) < 0 || make_slots(decoder, log) < 0)
        return rt_err_at(err, RT_ENOMEM, name, 0, 0, "out of memory");
    log->pixel = decoder->source->pixel;
    log->vhost = decoder->format == RT_FORMAT_VHOST_COMBINED;
    log->page_event = decoder->event.n ? decoder->event : RT_SPAN("page_view");
    decoder->own = log;
    decoder->time_form = decoder->source->time_form;
    if (decoder->time_form.kind == RT_TIME_ANY)
        decoder->time_form.kind = RT_TIME_CLF;
    decoder->skip_bytes = mark_bytes(head);
    decoder->layout = rt_hash64(rt_span_of("log"), (uint64_t)decoder->format);
    return RT_OK;
}

const struct rt_decoder_kind rt_decode_log = { open_log, NULL, NULL, NULL, next };

/* ---- recognition */

enum { LOOK_LINES = 256 };

/* "10/Oct/2000:13:55:36 -0700" by its marks: the time itself is judged later. */
static bool looks_clf(struct rt_span time)
{
    static const char form[] = "00/aaa/0000:00:00:00 +0000";

    if (time.n != CLF_BYTES)
        return false;
    for (int i = 0; i < CLF_BYTES; i++) {
        char c = time.p[i];
        bool fits = form[i] == '0' ? is_digit(c)
            : form[i] == 'a'       ? rt_ascii_lower(c) >= 'a' && rt_ascii_lower(c) <= 'z'
            : form[i] == '+'       ? c == '+' || c == '-'
                                   : c == form[i];

        if (!fits)
            return false;
    }
    return true;
}

struct looked {
    unsigned lines, logs, vhosts, agents;
};

static void look_at_line(struct rt_span text, struct looked *seen)
{
    struct line line;

    if (!is_record(text))
        return;
    seen->lines++;
    if (!split_line(text, false, &line) || !looks_clf(line.part[TIME]))
        return;
    seen->logs++;
    seen->vhosts += line.part[HOST].p != NULL;
    seen->agents += line.combined;
}

int rt_look_log(struct rt_span head, bool all, enum rt_format *format)
{
    struct looked seen = { 0, 0, 0, 0 };
    const char *p = head.p, *end = p + head.n;

    if (head.n)
        p += mark_bytes(head);
    while (p < end && seen.lines < LOOK_LINES) {
        const char *lf = find(p, end, '\n'), *stop = lf ? lf : end;

        if (!lf && !all)
            break; /* cut */
        if (stop > p && stop[-1] == '\r')
            stop--;
        look_at_line(between(p, stop), &seen);
        p = lf ? lf + 1 : end;
    }
    if (seen.logs == 0 || seen.logs * 2 < seen.lines)
        return 0;
    *format = seen.vhosts * 2 > seen.logs ? RT_FORMAT_VHOST_COMBINED
        : seen.agents * 2 >= seen.logs    ? RT_FORMAT_COMBINED
                                          : RT_FORMAT_COMMON;
    return (int)(seen.logs * 100 / seen.lines);
}
