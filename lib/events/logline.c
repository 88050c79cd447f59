/* Lines are cut at fixed marks with memchr, never by a regular expression: the blank
 * behind the address, the bracket 27 bytes on, the quote that the status follows. This is
 * the long way, for every line there is; logusual.c takes most lines before. */
#include "events/logline.h"

enum { QUOTES_MAX = 64, METHOD_MAX = 32, TIME_MAX = 128 };

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
static void set_host(struct rt_logline *line, struct rt_span vhost)
{
    size_t n = vhost.n;

    while (n && is_digit(vhost.p[n - 1]))
        n--;
    if (n && n < vhost.n && vhost.p[n - 1] == ':') {
        line->part[RT_LOG_PORT] = (struct rt_span) { vhost.p + n, vhost.n - n };
        vhost.n = n - 1;
    }
    line->part[RT_LOG_HOST] = or_absent(vhost);
}

/* What stands before the time: [vhost ]ip logname[ user]. Where no virtual host is
 * announced, one is seen by the logname (which is "-" everywhere today) standing
 * third. */
static bool split_who(struct rt_span who, bool vhost, struct rt_logline *line)
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
    line->part[RT_LOG_IP] = first;
    line->part[RT_LOG_LOGNAME] = or_absent(second);
    line->part[RT_LOG_USER] = who.n ? or_absent(who) : RT_SPAN_ABSENT;
    return first.n && second.n;
}

/* The bracket that closes the time that begins at p, or NULL. */
static const char *time_end(const char *p, const char *end)
{
    const char *close;

    if (end - p > RT_CLF_BYTES && p[RT_CLF_BYTES] == ']')
        close = p + RT_CLF_BYTES;
    else
        close = find(p, end - p > TIME_MAX ? p + TIME_MAX : end, ']');
    return close && end - close > 3 && close[1] == ' ' && close[2] == '"' ? close : NULL;
}

/* Takes everything up to the request's opening quote; returns what stands behind it. */
static const char *take_who_and_when(
    const char *p, const char *end, bool vhost, struct rt_logline *line)
{
    const char *open = p, *close = NULL;

    while ((open = find(open, end, '['))) {
        if (open > p && open[-1] == ' ' && (close = time_end(open + 1, end)))
            break;
        open++;
    }
    if (!open || !split_who(between(p, open - 1), vhost, line))
        return NULL;
    line->part[RT_LOG_TIME] = between(open + 1, close);
    return close + 3;
}

/* The usual line, "ip - - [time] ", without a search. */
static const char *take_usual(const char *p, const char *end, struct rt_logline *line)
{
    const char *blank = find(p, end, ' ');

    if (!blank || blank == p || end - blank < 6 + RT_CLF_BYTES + 3 || blank[-1] == ','
        || memcmp(blank, " - - [", 6) != 0
        || memcmp(blank + 6 + RT_CLF_BYTES, "] \"", 3) != 0)
        return NULL;
    line->part[RT_LOG_IP] = between(p, blank);
    line->part[RT_LOG_TIME] = (struct rt_span) { blank + 6, RT_CLF_BYTES };
    return blank + 6 + RT_CLF_BYTES + 3;
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
void rt_logline_request(struct rt_span request, struct rt_logline *line)
{
    const char *begin = request.p, *end = begin + request.n;
    const char *blank = find(begin, end, ' '), *last;

    if (!blank || !is_method(between(begin, blank))) {
        line->part[RT_LOG_URL] = request.n ? or_absent(request) : RT_SPAN_ABSENT;
        return;
    }
    line->part[RT_LOG_METHOD] = between(begin, blank);
    last = memrchr(blank, ' ', (size_t)(end - blank));
    if (end - last > 5 && memcmp(last + 1, "HTTP/", 5) == 0) {
        line->part[RT_LOG_PROTOCOL] = between(last + 1, end);
        end = last;
    }
    if (end > blank)
        request = rt_span_trim(between(blank + 1, end));
    else
        request.n = 0;
    line->part[RT_LOG_URL] = request.n ? request : RT_SPAN_ABSENT;
}

static const char *take_request(const char *p, const char *end, struct rt_logline *line)
{
    const char *quote = p;

    while ((quote = next_quote(p, quote, end, line->escapes))) {
        if (end - quote > 2 && quote[1] == ' ' && is_status(quote + 2, end))
            break;
        quote++;
    }
    if (!quote)
        return NULL;
    rt_logline_request(between(p, quote), line);
    return quote + 2;
}

static const char *take_result(const char *p, const char *end, struct rt_logline *line)
{
    const char *blank = find(p, end, ' '), *q = blank + 1; /* is_status saw the blank */

    line->part[RT_LOG_STATUS] = or_absent(between(p, blank));
    if (*q == '-')
        q++;
    else
        while (q < end && is_digit(*q))
            q++;
    line->part[RT_LOG_BYTES] = or_absent(between(blank + 1, q));
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

static bool take_referrer_and_agent(
    const char *p, const char *end, struct rt_logline *line)
{
    const char *quote = p, *agent;

    while ((quote = next_quote(p, quote, end, line->escapes))) {
        if (end - quote > 3 && quote[1] == ' ' && quote[2] == '"')
            break;
        quote++;
    }
    if (!quote)
        return false;
    line->part[RT_LOG_REFERRER] = or_absent(between(p, quote));
    agent = quote + 3;
    quote = agent;
    for (int tries = 0; tries < QUOTES_MAX; tries++, quote++) {
        quote = next_quote(agent, quote, end, line->escapes);
        if (!quote)
            return false;
        if (quote + 1 == end
            || (quote[1] == ' ' && are_fields(quote + 2, end, line->escapes))) {
            line->part[RT_LOG_AGENT] = or_absent(between(agent, quote));
            return true;
        }
    }
    return false;
}

bool rt_logline_split(struct rt_span text, bool vhost, struct rt_logline *line)
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
