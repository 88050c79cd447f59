/* Two blanks a level, one value a line. */
#include "lists/jsonout.h"

static void add_char(struct rt_report_out *out, const char *bytes, size_t n)
{
    if (out->rc == RT_OK && n == 1 && (*bytes == '"' || *bytes == '\\'))
        out->rc = rt_buf_addc(out->buf, '\\');
    if (out->rc == RT_OK)
        out->rc = rt_buf_add(out->buf, bytes, n);
}

static void add_string(struct rt_jsonout *w, struct rt_span text)
{
    rt_report_putc(&w->out, '"');
    rt_report_chars(&w->out, text, add_char);
    rt_report_putc(&w->out, '"');
}

static void begin_value(struct rt_jsonout *w, const char *key)
{
    rt_report_put(&w->out, w->follows ? ",\n" : w->depth ? "\n" : "");
    rt_report_putf(&w->out, "%*s", 2 * w->depth, "");
    if (key)
        rt_report_putf(&w->out, "\"%s\": ", key);
    w->follows = true;
}

void rt_jsonout_open(struct rt_jsonout *w, const char *key, char bracket)
{
    begin_value(w, key);
    rt_report_putc(&w->out, bracket);
    w->depth++;
    w->follows = false;
}

void rt_jsonout_close(struct rt_jsonout *w, char bracket)
{
    w->depth--;
    if (w->follows)
        rt_report_putf(&w->out, "\n%*s", 2 * w->depth, "");
    rt_report_putc(&w->out, bracket);
    w->follows = true;
}

void rt_jsonout_number(struct rt_jsonout *w, const char *key, uint64_t n)
{
    begin_value(w, key);
    rt_report_putf(&w->out, "%ju", (uintmax_t)n);
}

void rt_jsonout_truth(struct rt_jsonout *w, const char *key, bool value)
{
    begin_value(w, key);
    rt_report_put(&w->out, value ? "true" : "false");
}

void rt_jsonout_text(struct rt_jsonout *w, const char *key, struct rt_span value)
{
    begin_value(w, key);
    if (value.p)
        add_string(w, value);
    else
        rt_report_put(&w->out, "null");
}
