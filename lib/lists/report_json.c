/* The report for programs. Keys are a contract: retarget-build(1), "REPORT". Only reasons
 * that occurred are listed. */
#include "base/clock.h"
#include "lists/jsonout.h"

static void texts(
    struct rt_jsonout *w, const char *key, const struct rt_span *values, uint32_t n)
{
    rt_jsonout_open(w, key, '[');
    for (uint32_t i = 0; i < n; i++)
        rt_jsonout_text(w, NULL, values[i]);
    rt_jsonout_close(w, ']');
}

static void reasons(struct rt_jsonout *w, const char *key,
    const struct rt_report_source *source, int from, int to)
{
    rt_jsonout_open(w, key, '{');
    for (int r = from; r < to; r++)
        if (source->count[r])
            rt_jsonout_number(w, rt_reason_name((enum rt_reason)r), source->count[r]);
    rt_jsonout_close(w, '}');
}

static void add_source(struct rt_jsonout *w, const struct rt_report_source *source)
{
    rt_jsonout_open(w, NULL, '{');
    rt_jsonout_text(w, "name", source->name);
    rt_jsonout_number(w, "files", source->files);
    rt_jsonout_number(w, "bytes", source->bytes);
    rt_jsonout_number(w, "read", source->read);
    rt_jsonout_number(w, "used", source->used);
    reasons(w, "dropped", source, 0, RT_REJECT_FIRST);
    reasons(w, "rejected", source, RT_REJECT_FIRST, RT_REASONS);
    rt_jsonout_close(w, '}');
}

/* Fields with at least one value left out. */
static void add_left_out(struct rt_jsonout *w, const struct rt_dropped *left_out)
{
    rt_jsonout_open(w, "left_out", '{');
    for (uint32_t f = 0; f < RT_DROP_FIELDS; f++) {
        bool open = false;

        for (unsigned d = 0; d < RT_DROPS; d++) {
            if (!left_out->n[f][d])
                continue;
            if (!open)
                rt_jsonout_open(w, f < RT_PII_COUNT ? rt_pii_name(f) : "other", '{');
            open = true;
            rt_jsonout_number(w, rt_drop_name((enum rt_drop)d), left_out->n[f][d]);
        }
        if (open)
            rt_jsonout_close(w, '}');
    }
    rt_jsonout_close(w, '}');
}

static void add_list(struct rt_jsonout *w, const struct rt_report_list *list)
{
    rt_jsonout_open(w, NULL, '{');
    rt_jsonout_text(w, "to", list->to);
    if (list->arm.p)
        rt_jsonout_text(w, "arm", list->arm);
    rt_jsonout_text(w, "file", list->file);
    rt_jsonout_number(w, "rows", list->rows);
    rt_jsonout_number(w, "without_identifier", list->without_identifier);
    if (list->left_out)
        add_left_out(w, list->left_out);
    rt_jsonout_number(w, "parts", list->parts);
    rt_jsonout_number(w, "bytes", list->bytes);
    if (list->minimum)
        rt_jsonout_number(w, "minimum", list->minimum);
    texts(w, "warnings", list->warnings, list->nwarnings);
    rt_jsonout_close(w, '}');
}

static void add_segment(struct rt_jsonout *w, const struct rt_report *report,
    const struct rt_report_segment *segment)
{
    rt_jsonout_open(w, NULL, '{');
    rt_jsonout_text(w, "name", segment->name);
    if (segment->about.n)
        rt_jsonout_text(w, "about", segment->about);
    rt_jsonout_number(w, "undecided", segment->undecided);
    rt_jsonout_number(w, "members", segment->members);
    rt_jsonout_number(w, "opted_out", segment->opted_out);
    rt_jsonout_number(w, "denied", segment->denied);
    rt_jsonout_number(w, "held_out", segment->held_out);
    rt_jsonout_number(w, "listed", segment->listed);
    if (report->identifiers_counted)
        rt_jsonout_number(w, "with_identifier", segment->with_identifier);
    if (segment->min_size)
        rt_jsonout_number(w, "min_size", segment->min_size);
    rt_jsonout_open(w, "lists", '[');
    for (uint32_t i = 0; i < segment->nlists; i++)
        add_list(w, &segment->lists[i]);
    rt_jsonout_close(w, ']');
    rt_jsonout_close(w, '}');
}

/* null when the run ended before people were told apart. */
static void add_known(
    struct rt_jsonout *w, const struct rt_report *report, const char *key, uint64_t n)
{
    if (report->people_known)
        rt_jsonout_number(w, key, n);
    else
        rt_jsonout_text(w, key, RT_SPAN_ABSENT);
}

static void add_people(struct rt_jsonout *w, const struct rt_report *report)
{
    add_known(w, report, "people", report->people);
    add_known(w, report, "ids", report->ids);
    add_known(w, report, "clusters_split", report->clusters_split);
    rt_jsonout_open(w, "contacts", '{');
    rt_jsonout_number(w, "rows", report->contact_rows);
    rt_jsonout_number(w, "without_id", report->contact_rows_without_id);
    rt_jsonout_number(w, "rejected", report->contact_rows_rejected);
    rt_jsonout_close(w, '}');
    rt_jsonout_number(w, "opt_out_ids", report->opt_out_ids);
    rt_jsonout_number(w, "not_numbers", report->not_numbers);
    rt_jsonout_number(w, "regex_limits", report->regex_limits);
    rt_jsonout_number(w, "sequence_limits", report->sequence_limits);
}

static void add_reject(struct rt_jsonout *w, const struct rt_report_reject *reject)
{
    rt_jsonout_open(w, NULL, '{');
    rt_jsonout_text(w, "file", reject->file);
    rt_jsonout_number(w, "line", reject->line);
    rt_jsonout_text(w, "reason", rt_span_of(rt_reason_name(reject->reason)));
    rt_jsonout_close(w, '}');
}

static void add_run(struct rt_jsonout *w, const struct rt_report *report)
{
    char as_of[40];
    int n = rt_clock_format(report->as_of_us, as_of);

    rt_jsonout_number(w, "version", 1);
    rt_jsonout_text(w, "as_of", (struct rt_span) { as_of, (size_t)n });
    rt_jsonout_number(w, "elapsed_ms", report->elapsed_us / 1000);
    rt_jsonout_number(w, "peak_rss_bytes", report->peak_rss_bytes);
    rt_jsonout_number(w, "spilled_bytes", report->spilled_bytes);
    rt_jsonout_truth(w, "dry_run", report->dry_run);
}

int rt_report_json(const struct rt_report *report, struct rt_buf *out)
{
    struct rt_jsonout w = { .out = { out, RT_OK } };

    rt_jsonout_open(&w, NULL, '{');
    add_run(&w, report);
    add_people(&w, report);
    rt_jsonout_open(&w, "sources", '[');
    for (uint32_t i = 0; i < report->nsources; i++)
        add_source(&w, &report->sources[i]);
    rt_jsonout_close(&w, ']');
    rt_jsonout_open(&w, "segments", '[');
    for (uint32_t i = 0; i < report->nsegments; i++)
        add_segment(&w, report, &report->segments[i]);
    rt_jsonout_close(&w, ']');
    rt_jsonout_open(&w, "rejects", '[');
    for (uint32_t i = 0; i < report->nrejects; i++)
        add_reject(&w, &report->rejects[i]);
    rt_jsonout_close(&w, ']');
    texts(&w, "warnings", report->warnings, report->nwarnings);
    rt_jsonout_close(&w, '}');
    rt_report_putc(&w.out, '\n');
    return w.out.rc;
}
