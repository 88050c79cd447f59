/* URLs by memchr. A log line's target begins with "/", so that form is settled by its
 * first byte; the others cost a walk over the scheme. The path has a shorter way: one pass
 * to its beginning and one to its end. */
#include "events/url.h"

#include "base/err.h"
#include "base/find.h"

static bool is_alpha(char c)
{
    return rt_ascii_lower(c) >= 'a' && rt_ascii_lower(c) <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct rt_span behind(struct rt_span s, size_t n)
{
    return (struct rt_span) { s.p + n, s.n - n };
}

/* Bytes of "//" or "scheme://" at the beginning; 0 when no authority follows. */
static size_t authority_at(struct rt_span s)
{
    size_t n = 0;

    if (s.n && s.p[0] == '/')
        return s.n > 1 && s.p[1] == '/' ? 2 : 0;
    if (s.n >= 8 && memcmp(s.p, "https://", 8) == 0)
        return 8; /* nearly all of them */
    if (s.n == 0 || !is_alpha(s.p[0]))
        return 0;
    while (n < s.n
        && (is_alpha(s.p[n]) || is_digit(s.p[n]) || s.p[n] == '+' || s.p[n] == '-'
            || s.p[n] == '.'))
        n++;
    return s.n - n >= 3 && memcmp(s.p + n, "://", 3) == 0 ? n + 3 : 0;
}

/* Bytes of ":8080" (or a bare ":") at the end. */
static size_t port_bytes(struct rt_span authority)
{
    size_t n = authority.n;

    while (n && is_digit(authority.p[n - 1]))
        n--;
    return n && authority.p[n - 1] == ':' ? authority.n - n + 1 : 0;
}

static struct rt_span host_of(struct rt_span authority)
{
    const char *at = authority.n ? memrchr(authority.p, '@', authority.n) : NULL;

    if (at)
        authority = behind(authority, (size_t)(at + 1 - authority.p));
    authority.n -= port_bytes(authority);
    return authority.n ? authority : RT_SPAN_ABSENT;
}

/* "host:443", the target of a CONNECT. */
static bool is_host_port(struct rt_span s)
{
    size_t port = port_bytes(s);

    return port >= 2 && port < s.n && !memchr(s.p, '/', s.n);
}

struct rt_url rt_url_split(struct rt_span text)
{
    struct rt_url url = { RT_SPAN_ABSENT, RT_SPAN_ABSENT, RT_SPAN_ABSENT };
    const char *mark;
    size_t skip;

    if (text.n && (mark = memchr(text.p, '#', text.n)))
        text.n = (size_t)(mark - text.p);
    if (text.n && (mark = memchr(text.p, '?', text.n))) {
        url.query = behind(text, (size_t)(mark + 1 - text.p));
        text.n = (size_t)(mark - text.p);
    }
    if (text.n == 0)
        return url;
    skip = authority_at(text);
    if (skip) {
        text = behind(text, skip);
        mark = text.n ? memchr(text.p, '/', text.n) : NULL;
        skip = mark ? (size_t)(mark - text.p) : text.n;
        url.host = host_of((struct rt_span) { text.p, skip });
        url.path = mark ? behind(text, skip) : RT_SPAN("/");
    } else if (text.p[0] != '/' && is_host_port(text)) {
        url.host = host_of(text);
    } else {
        url.path = text;
    }
    return url;
}

struct rt_span rt_url_path(struct rt_span text, bool *decoded)
{
    size_t scheme = rt_url_usual_scheme(text), end, mark;
    struct rt_span path;

    if (scheme) {
        text = behind(text, scheme);
        text = behind(text, rt_find(text.p, text.n, '/', '?', '#'));
        *decoded = true;
        if (text.n == 0 || *text.p != '/')
            return RT_SPAN("/");
    } else if (text.n < 2 || text.p[0] != '/' || text.p[1] == '/') {
        path = rt_url_split(text).path;
        *decoded = path.n == 0 || !memchr(path.p, '%', path.n);
        return path;
    }
    mark = rt_find(text.p, text.n, '?', '#', '%');
    *decoded = mark == text.n || text.p[mark] != '%';
    end = mark;
    if (!*decoded)
        end += rt_find(text.p + mark, text.n - mark, '?', '#', '?');
    return (struct rt_span) { text.p, end };
}

bool rt_query_next(struct rt_span *rest, struct rt_span *name, struct rt_span *value)
{
    const char *mark;
    struct rt_span pair;

    while (rest->n && *rest->p == '&')
        *rest = behind(*rest, 1);
    if (rest->n == 0)
        return false;
    mark = memchr(rest->p, '&', rest->n);
    pair = (struct rt_span) { rest->p, mark ? (size_t)(mark - rest->p) : rest->n };
    *rest = behind(*rest, pair.n);
    mark = memchr(pair.p, '=', pair.n);
    *name = (struct rt_span) { pair.p, mark ? (size_t)(mark - pair.p) : pair.n };
    *value = behind(pair, mark ? name->n + 1 : pair.n);
    return true;
}

int rt_hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    c = rt_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that begins at text.p[*i], decoded; moves *i behind it. */
static char decoded_byte(struct rt_span text, bool plus, size_t *i)
{
    char c = text.p[(*i)++];

    if (c == '+' && plus)
        return ' ';
    if (c == '%' && text.n - *i >= 2) {
        int high = rt_hex_value(text.p[*i]), low = rt_hex_value(text.p[*i + 1]);

        if (high >= 0 && low >= 0) {
            *i += 2;
            return (char)(high << 4 | low);
        }
    }
    return c;
}

size_t rt_percent_decode(struct rt_span text, bool plus, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n;)
        out[n++] = decoded_byte(text, plus, &i);
    return n;
}

int rt_percent_text(
    struct rt_span text, bool plus, struct rt_arena *scratch, struct rt_span *out)
{
    char *p;

    if (text.n == 0
        || (!memchr(text.p, '%', text.n) && !(plus && memchr(text.p, '+', text.n)))) {
        *out = text;
        return RT_OK;
    }
    p = rt_arena_bytes(scratch, text.n);
    if (!p)
        return RT_ENOMEM;
    *out = (struct rt_span) { p, rt_percent_decode(text, plus, p) };
    return RT_OK;
}

bool rt_percent_eq(struct rt_span text, bool plus, struct rt_span plain)
{
    size_t n = 0;

    if (text.n < plain.n) /* decoding never makes a text longer */
        return false;
    for (size_t i = 0; i < text.n; n++)
        if (n == plain.n || decoded_byte(text, plus, &i) != plain.p[n])
            return false;
    return n == plain.n;
}
