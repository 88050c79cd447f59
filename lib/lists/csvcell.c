/* Most cells need no quotes: they are looked through once and copied whole. */
#include "lists/csvcell.h"

#include <string.h>

static bool wants_quotes(struct rt_span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == ',' || text.p[i] == '"' || text.p[i] == '\n'
            || text.p[i] == '\r')
            return true;
    return false;
}

static int add_quoted(struct rt_buf *buf, const char *before, struct rt_span text)
{
    int rc = rt_buf_addc(buf, '"');

    if (rc == RT_OK)
        rc = rt_buf_adds(buf, before);
    for (size_t i = 0; i < text.n && rc == RT_OK; i++) {
        if (text.p[i] == '"')
            rc = rt_buf_addc(buf, '"');
        if (rc == RT_OK)
            rc = rt_buf_addc(buf, text.p[i]);
    }
    return rc == RT_OK ? rt_buf_addc(buf, '"') : rc;
}

int rt_csv_add(struct rt_buf *buf, struct rt_span text)
{
    return wants_quotes(text) ? add_quoted(buf, "", text)
                              : rt_buf_add(buf, text.p, text.n);
}

bool rt_csv_runs(struct rt_span text)
{
    if (text.n == 0 || !memchr("=+-@\t\r", text.p[0], 6))
        return false;
    if (text.p[0] != '+' && text.p[0] != '-')
        return true;
    for (size_t i = 1; i < text.n; i++)
        if (!memchr("0123456789 ().-/", text.p[i], 16))
            return true;
    return false;
}

int rt_csv_add_guarded(struct rt_buf *buf, struct rt_span text)
{
    int rc;

    if (!rt_csv_runs(text))
        return rt_csv_add(buf, text);
    if (wants_quotes(text))
        return add_quoted(buf, "'", text);
    rc = rt_buf_addc(buf, '\'');
    return rc == RT_OK ? rt_buf_add(buf, text.p, text.n) : rc;
}

const char *rt_csv_cell_end(const char *p, const char *end)
{
    const char *comma;

    if (p < end && *p == ',')
        return p;
    if (p < end && *p == '"')
        for (p++; p < end; p++) /* past the closing quote; a doubled one opens again */
            if (*p == '"' && (++p == end || *p != '"'))
                break;
    comma = p < end ? memchr(p, ',', (size_t)(end - p)) : NULL;
    return comma ? comma : end;
}
