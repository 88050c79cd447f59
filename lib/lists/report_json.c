/* The report for programs. Keys are a contract: retarget-build(1), "REPORT". Only reasons
 * that occurred are listed. */
#include "base/clock.h"
#include "lists/report_parts.h"

/* Where a value stands: how deep, and whether one stands before it. */
struct writer {
    struct rt_report_out out;
    int depth;
    bool follows;
};

static void add_char(struct rt_report_out *out, const char *bytes, size_t n)
{
    if (out->rc == RT_OK && n == 1 && (*bytes == '"' || *bytes == '\\'))
        out->rc = rt_buf_addc(out->buf, '\\');
    if (out->rc == RT_OK)
        out->rc = rt_buf_add(out->buf, bytes, n);
}

static void add_string(struct writer *w, struct rt_span text)
{
    rt_report_putc(&w->out, '"');
    rt_report_chars(&w->out, text, add_char);
    rt_report_putc(&w->out, '"');
}

static void begin_value(struct writer *w, const char *key)
{
    rt_report_put(&w->out, w->follows ? ",\n" : w->depth ? "\n" : "");
    rt_report_putf(&w->out, "%*s", 2 * w->depth, "");
    if (key)
        rt_report_putf(&w->out, "\"%s\": ", key);
    w->follows = true;
}

static void open_value(struct writer *w, const char *key, char bracket)
{
    begin_value(w, key);
    rt_report_putc(&w->out, bracket);
    w->depth++;
    w->follows = false;
}

static void close_value(struct writer *w, char bracket)
{
    w->depth--;
    if (w->follows)
        rt_report_putf(&w->out, "\n%*s", 2 * w->depth, "");
    rt_report_putc(&w->out, bracket);
    w->follows = true;
}

static void number(struct writer *w, const char *key, uint64_t n)
{
    begin_value(w, key);
    rt_report_putf(&w->out, "%ju", (uintmax_t)n);
}

static void truth(struct writer *w, const char *key, bool value)
{
    begin_value(w, key);
    rt_report_put(&w->out, value ? "true" : "false");
}

/* An absent text is null. */
static void text(struct writer *w, const char *key, struct rt_span value)
{
    begin_value(w, key);
    if (value.p)
        add_string(w, value);
    else
        rt_report_put(&w->out, "null");
}

static void texts(
    struct writer *w, const char *key, const struct rt_span *values, uint32_t n)
{
    open_value(w, key, '[');
    for (uint32_t i = 0; i < n; i++)
        text(w, NULL, values[i]);
    close_value(w, ']');
}

static void reasons(struct writer *w, const char *key,
    const struct rt_report_source *source, int from, int to)
{
    open_value(w, key, '{');
    for (int r = from; r < to; r++)
        if (source->count[r])
            number(w, rt_reason_name((enum rt_reason)r), source->count[r]);
    close_value(w, '}');
}

static void add_source(struct writer *w, const struct rt_report_source *source)
{
    open_value(w, NULL, '{');
    text(w, "name", source->name);
    number(w, "files", source->files);
    number(w, "bytes", source->bytes);
    number(w, "read", source->read);
    number(w, "used", source->used);
    reasons(w, "dropped", source, 0, RT_REJECT_FIRST);
    reasons(w, "rejected", source, RT_REJECT_FIRST, RT_REASONS);
    close_value(w, '}');
}

static void add_list(struct writer *w, const struct rt_report_list *list)
{
    open_value(w, NULL, '{');
    text(w, "to", list->to);
    if (list->arm.p)
        text(w, "arm", list->arm);
    text(w, "file", list->file);
    number(w, "rows", list->rows);
    number(w, "without_identifier", list->without_identifier);
    number(w, "parts", list->parts);
    number(w, "bytes", list->bytes);
    if (list->minimum)
        number(w, "minimum", list->minimum);
    texts(w, "warnings", list->warnings, list->nwarnings);
    close_value(w, '}');
}

static void add_segment(struct writer *w, const struct rt_report *report,
    const struct rt_report_segment *segment)
{
    open_value(w, NULL, '{');
    text(w, "name", segment->name);
    if (segment->about.n)
        text(w, "about", segment->about);
    number(w, "undecided", segment->undecided);
    number(w, "members", segment->members);
    number(w, "opted_out", segment->opted_out);
    number(w, "denied", segment->denied);
    number(w, "held_out", segment->held_out);
    number(w, "listed", segment->listed);
    if (report->identifiers_counted)
        number(w, "with_identifier", segment->with_identifier);
    if (segment->min_size)
        number(w, "min_size", segment->min_size);
    open_value(w, "lists", '[');
    for (uint32_t i = 0; i < segment->nlists; i++)
        add_list(w, &segment->lists[i]);
    close_value(w, ']');
    close_value(w, '}');
}

static void add_people(struct writer *w, const struct rt_report *report)
{
    number(w, "people", report->people);
    number(w, "ids", report->ids);
    number(w, "clusters_split", report->clusters_split);
    open_value(w, "contacts", '{');
    number(w, "rows", report->contact_rows);
    number(w, "without_id", report->contact_rows_without_id);
    number(w, "rejected", report->contact_rows_rejected);
    close_value(w, '}');
    number(w, "opt_out_ids", report->opt_out_ids);
    number(w, "not_numbers", report->not_numbers);
    number(w, "regex_limits", report->regex_limits);
}

static void add_reject(struct writer *w, const struct rt_report_reject *reject)
{
    open_value(w, NULL, '{');
    text(w, "file", reject->file);
    number(w, "line", reject->line);
    text(w, "reason", rt_span_of(rt_reason_name(reject->reason)));
    close_value(w, '}');
}

static void add_run(struct writer *w, const struct rt_report *report)
{
    char as_of[40];
    int n = rt_clock_format(report->as_of_us, as_of);

    number(w, "version", 1);
    text(w, "as_of", (struct rt_span) { as_of, (size_t)n });
    number(w, "elapsed_ms", report->elapsed_us / 1000);
    number(w, "peak_rss_bytes", report->peak_rss_bytes);
    number(w, "spilled_bytes", report->spilled_bytes);
    truth(w, "dry_run", report->dry_run);
}

int rt_report_json(const struct rt_report *report, struct rt_buf *out)
{
    struct writer w = { .out = { out, RT_OK } };

    open_value(&w, NULL, '{');
    add_run(&w, report);
    add_people(&w, report);
    open_value(&w, "sources", '[');
    for (uint32_t i = 0; i < report->nsources; i++)
        add_source(&w, &report->sources[i]);
    close_value(&w, ']');
    open_value(&w, "segments", '[');
    for (uint32_t i = 0; i < report->nsegments; i++)
        add_segment(&w, report, &report->segments[i]);
    close_value(&w, ']');
    open_value(&w, "rejects", '[');
    for (uint32_t i = 0; i < report->nrejects; i++)
        add_reject(&w, &report->rejects[i]);
    close_value(&w, ']');
    texts(&w, "warnings", report->warnings, report->nwarnings);
    close_value(&w, '}');
    rt_report_putc(&w.out, '\n');
    return w.out.rc;
}
