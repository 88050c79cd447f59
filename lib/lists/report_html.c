/*
 * The report as one page to look at: no script, nothing fetched, light and dark. Every
 * bar has its number beside it, so that nothing is told by colour or length alone.
 */
#include "base/clock.h"
#include "lists/report_parts.h"

static const char style[] =
    ":root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1b2330;--soft:#5b6675;"
    "--line:#e3e7ed;--bar:#3867d6;--track:#e9edf4;--warn:#8a5200;--warnbg:#fff4de;"
    "--bad:#b3261e;--good:#1f7a4d;--hold:#8e6bbf;--gone:#c9703d}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2029;--ink:#e6eaf0;"
    "--soft:#9aa6b5;--line:#2b3440;--bar:#7ea2ff;--track:#252d38;--warn:#ffc668;"
    "--warnbg:#33280f;--bad:#ff8a80;--good:#6fd3a2;--hold:#b79be6;--gone:#e39a70}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,"
    "-apple-system,'Segoe UI',Roboto,sans-serif}\n"
    "main{max-width:66rem;margin:0 auto;padding:2rem 1.25rem 4rem}\n"
    "h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:0 0 .9rem}\n"
    "p{margin:.25rem 0}.soft{color:var(--soft)}\n"
    "section{background:var(--card);border:1px solid var(--line);border-radius:12px;"
    "padding:1.25rem 1.4rem;margin-top:1.25rem}\n"
    ".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));"
    "gap:1rem;margin:1.25rem 0 0;padding:0}\n"
    ".cards div{background:var(--card);border:1px solid var(--line);border-radius:12px;"
    "padding:.8rem 1rem}\n"
    ".cards dt{color:var(--soft);font-size:.85rem}.cards dd{margin:0;font-size:1.5rem;"
    "font-weight:600;font-variant-numeric:tabular-nums}\n"
    "table{border-collapse:collapse;width:100%}\n"
    ".scroll{overflow-x:auto}\n"
    "th,td{padding:.45rem .7rem;text-align:left;border-bottom:1px solid var(--line);"
    "vertical-align:top}\n"
    "thead th{color:var(--soft);font-size:.8rem;font-weight:600;white-space:nowrap}\n"
    "tbody tr:last-child>*{border-bottom:0}\n"
    "tbody th{font-weight:600}tbody th small{display:block;font-weight:400;"
    "color:var(--soft);max-width:26rem}\n"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    ".bar{height:.7rem;min-width:8rem;background:var(--track);border-radius:.35rem;"
    "overflow:hidden;display:flex;margin-top:.4rem}\n"
    ".bar i{display:block;background:var(--bar)}.bar .gone{background:var(--gone)}"
    ".bar .hold{background:var(--hold)}\n"
    ".legend i{display:inline-block;width:.8rem;height:.7rem;border-radius:.2rem;"
    "margin:0 .3rem 0 .9rem;background:var(--bar)}.legend .hold{background:var(--hold)}"
    ".legend .gone{background:var(--gone)}.legend{font-size:.9rem;margin:0 0 .6rem}\n"
    ".lost{font-size:.9rem;color:var(--soft)}.lost .bad{color:var(--bad)}\n"
    ".warn{color:var(--warn)}.warnings{background:var(--warnbg)}"
    ".warnings ul{margin:0;padding-left:1.2rem}\n"
    "code{font:.9em ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}\n"
    "@media print{body{background:#fff}section,.cards div{break-inside:avoid}}\n";

static void add_char(struct rt_report_out *out, const char *bytes, size_t n)
{
    switch (n == 1 ? *bytes : 0) {
    case '&':
        rt_report_put(out, "&amp;");
        break;
    case '<':
        rt_report_put(out, "&lt;");
        break;
    case '>':
        rt_report_put(out, "&gt;");
        break;
    case '"':
        rt_report_put(out, "&quot;");
        break;
    case '\'':
        rt_report_put(out, "&#39;");
        break;
    default:
        if (out->rc == RT_OK)
            out->rc = rt_buf_add(out->buf, bytes, n);
    }
}

static void add_text(struct rt_report_out *out, struct rt_span text)
{
    rt_report_chars(out, text, add_char);
}

static void add_number(struct rt_report_out *out, uint64_t n)
{
    char text[32];

    rt_report_grouped(n, text);
    rt_report_put(out, text);
}

static void add_cell(struct rt_report_out *out, uint64_t n)
{
    rt_report_put(out, n ? "<td class=n>" : "<td class=\"n soft\">");
    add_number(out, n);
    rt_report_put(out, "</td>");
}

static void add_columns(struct rt_report_out *out, const char *const *titles)
{
    rt_report_put(out, "<thead><tr>");
    for (; *titles; titles++) {
        bool is_number = **titles == '#'; /* a mark of ours: aligned to the right */

        rt_report_putf(out, "<th scope=col%s>%s</th>", is_number ? " class=n" : "",
            *titles + is_number);
    }
    rt_report_put(out, "</tr></thead>\n");
}

static void open_table(struct rt_report_out *out, const char *title, const char *note,
    const char *const *columns)
{
    rt_report_putf(out, "<section><h2>%s</h2>%s<div class=scroll><table>\n", title, note);
    add_columns(out, columns);
    rt_report_put(out, "<tbody>\n");
}

static void close_table(struct rt_report_out *out)
{
    rt_report_put(out, "</tbody></table></div></section>\n");
}

/* A part of a bar, n of whole. */
static void add_part(
    struct rt_report_out *out, const char *kind, uint64_t n, uint64_t whole)
{
    if (n && whole)
        rt_report_putf(out, "<i%s%s style=\"width:%.3f%%\"></i>", *kind ? " class=" : "",
            kind, 100.0 * (double)n / (double)whole);
}

/* ---- the sections */

static void add_head(struct rt_report_out *out, const struct rt_report *report)
{
    char as_of[40], size[24];

    rt_clock_format(report->as_of_us, as_of);
    rt_report_size(report->peak_rss_bytes, size);
    rt_report_putf(out,
        "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
        "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
        "<meta http-equiv=Content-Security-Policy "
        "content=\"default-src 'none';style-src 'unsafe-inline'\">\n"
        "<title>Audiences as of %s</title>\n<style>\n",
        as_of);
    rt_report_put(out, style);
    rt_report_putf(out,
        "</style>\n</head>\n<body>\n<main>\n<h1>Audiences</h1>\n"
        "<p class=soft>as of <time datetime=\"%s\">%s</time>; took %.1f s, %s of "
        "memory%s</p>\n",
        as_of, as_of, (double)report->elapsed_us / 1e6, size,
        report->dry_run ? "; dry run, no list was written" : "");
}

static void add_card(struct rt_report_out *out, const char *name, const char *value)
{
    rt_report_putf(out, "<div><dt>%s</dt><dd>%s</dd></div>\n", name, value);
}

static void add_count_card(struct rt_report_out *out, const char *name, uint64_t n)
{
    char text[32];

    rt_report_grouped(n, text);
    add_card(out, name, text);
}

static void add_cards(struct rt_report_out *out, const struct rt_report *report)
{
    struct rt_report_step steps[RT_STEPS];
    uint64_t lists = 0;

    rt_report_steps(report, steps);
    for (uint32_t i = 0; i < report->nsegments; i++)
        lists += report->segments[i].nlists;
    rt_report_put(out, "<dl class=cards>\n");
    add_count_card(out, "records read", steps[RT_STEP_READ].left);
    add_count_card(out, "events used", steps[RT_STEP_WITH_ID].left);
    add_count_card(out, "people", report->people);
    add_count_card(out, "segments", report->nsegments);
    add_count_card(out, "lists", lists);
    rt_report_put(out, "</dl>\n");
}

static void add_warning(
    struct rt_report_out *out, struct rt_span about, struct rt_span text)
{
    rt_report_put(out, "<li>");
    if (about.n) {
        rt_report_put(out, "<b>");
        add_text(out, about);
        rt_report_put(out, "</b>: ");
    }
    add_text(out, text);
    rt_report_put(out, "</li>\n");
}

static bool has_warnings(const struct rt_report *report)
{
    bool some = report->nwarnings > 0;

    for (uint32_t i = 0; i < report->nsegments; i++)
        for (uint32_t j = 0; j < report->segments[i].nlists; j++)
            some = some || report->segments[i].lists[j].nwarnings;
    return some;
}

static void add_warnings(struct rt_report_out *out, const struct rt_report *report)
{
    if (!has_warnings(report))
        return;
    rt_report_put(out, "<section class=warnings><h2>Warnings</h2><ul>\n");
    for (uint32_t i = 0; i < report->nwarnings; i++)
        add_warning(out, RT_SPAN_ABSENT, report->warnings[i]);
    for (uint32_t i = 0; i < report->nsegments; i++)
        for (uint32_t j = 0; j < report->segments[i].nlists; j++) {
            const struct rt_report_list *list = &report->segments[i].lists[j];

            for (uint32_t k = 0; k < list->nwarnings; k++)
                add_warning(out, list->file.n ? list->file : report->segments[i].name,
                    list->warnings[k]);
        }
    rt_report_put(out, "</ul></section>\n");
}

static void add_step(
    struct rt_report_out *out, const struct rt_report_step *step, uint64_t read)
{
    char percent[16];

    rt_report_percent(step->left, read, percent);
    rt_report_putf(out, "<tr><th scope=row>%s</th>", step->label);
    add_cell(out, step->left);
    rt_report_putf(
        out, "<td class=n>%s</td><td><div class=bar aria-hidden=true>", percent);
    add_part(out, "", step->left, read);
    rt_report_put(out, "</div></td><td class=lost>");
    for (int r = 0; r < RT_REASONS; r++) {
        if (!step->count[r])
            continue;
        rt_report_putf(out, "<div%s>&minus;", r >= RT_REJECT_FIRST ? " class=bad" : "");
        add_number(out, step->count[r]);
        rt_report_put(out, " ");
        add_text(out, rt_span_of(rt_reason_text((enum rt_reason)r)));
        rt_report_put(out, "</div>");
    }
    rt_report_put(out, "</td></tr>\n");
}

static void add_waterfall(struct rt_report_out *out, const struct rt_report *report)
{
    static const char *const columns[] = { "step", "#records", "#of read",
        "<span class=soft>share</span>", "lost", NULL };
    struct rt_report_step steps[RT_STEPS];

    rt_report_steps(report, steps);
    open_table(out, "From records to events", "", columns);
    for (int s = 0; s < RT_STEPS; s++)
        if (rt_report_step_shown(steps, s))
            add_step(out, &steps[s], steps[RT_STEP_READ].left);
    close_table(out);
}

static void add_note(struct rt_report_out *out, uint64_t n, const char *text)
{
    rt_report_put(out, "<p class=soft>");
    add_number(out, n);
    rt_report_putf(out, " %s</p>\n", text);
}

static void add_people(struct rt_report_out *out, const struct rt_report *report)
{
    struct rt_report_note notes[RT_REPORT_NOTES];
    size_t n = rt_report_notes(report, notes);

    rt_report_put(out, "<section><h2>People</h2>\n<p>");
    add_number(out, report->people);
    rt_report_put(out, report->people == 1 ? " person behind " : " people behind ");
    add_number(out, report->ids);
    rt_report_put(out, report->ids == 1 ? " id</p>\n" : " ids</p>\n");
    if (report->contact_rows)
        add_note(out, report->contact_rows,
            report->contact_rows == 1 ? "contact row" : "contact rows");
    for (size_t i = 0; i < n; i++)
        add_note(out, notes[i].n, notes[i].text);
    rt_report_put(out, "</section>\n");
}

static void add_segment(struct rt_report_out *out, const struct rt_report *report,
    const struct rt_report_segment *s)
{
    uint64_t gone = s->opted_out + s->denied;

    rt_report_put(out, "<tr><th scope=row>");
    add_text(out, s->name);
    if (s->about.n) {
        rt_report_put(out, "<small>");
        add_text(out, s->about);
        rt_report_put(out, "</small>");
    }
    rt_report_put(out, "<div class=bar aria-hidden=true>");
    add_part(out, "", s->listed, s->members);
    add_part(out, "hold", s->held_out, s->members);
    add_part(out, "gone", gone, s->members);
    rt_report_put(out, "</div></th>");
    add_cell(out, s->undecided);
    add_cell(out, s->members);
    add_cell(out, s->opted_out);
    add_cell(out, s->denied);
    add_cell(out, s->held_out);
    add_cell(out, s->listed);
    if (report->identifiers_counted)
        add_cell(out, s->with_identifier);
    rt_report_put(out, "</tr>\n");
}

static void add_segments(struct rt_report_out *out, const struct rt_report *report)
{
    const char *columns[] = { "segment", "#undecided", "#members", "#opted out",
        "#denied", "#held out", "#listed", "#with e-mail or phone", NULL };
    static const char legend[] =
        "<p class=\"soft legend\">of the members: <i></i>listed <i class=hold></i>held "
        "out <i class=gone></i>opted out or denied; undecided are people of whom a "
        "did_not "
        "step will decide later</p>\n";

    if (!report->nsegments)
        return;
    if (!report->identifiers_counted)
        columns[sizeof columns / sizeof *columns - 2] = NULL;
    open_table(out, "Segments", legend, columns);
    for (uint32_t i = 0; i < report->nsegments; i++)
        add_segment(out, report, &report->segments[i]);
    close_table(out);
}

static void add_list(struct rt_report_out *out, const struct rt_report_segment *segment,
    const struct rt_report_list *list)
{
    rt_report_put(out, "<tr><th scope=row>");
    add_text(out, segment->name);
    if (list->arm.n) {
        rt_report_put(out, " / ");
        add_text(out, list->arm);
    }
    rt_report_put(out, "</th><td>");
    add_text(out, list->to);
    rt_report_put(out, "</td>");
    add_cell(out, list->rows);
    add_cell(out, list->without_identifier);
    rt_report_putf(out, "<td class=\"n%s\">", rt_report_below(list) ? " warn" : "");
    if (list->minimum)
        add_number(out, list->minimum);
    else
        rt_report_put(out, "&ndash;");
    rt_report_put(out, rt_report_below(list) ? "<br>not reached</td><td>" : "</td><td>");
    if (list->file.n) {
        rt_report_put(out, "<code>");
        add_text(out, list->file);
        rt_report_put(out, "</code>");
    }
    if (list->parts > 1)
        rt_report_putf(out, " in %u parts", list->parts);
    rt_report_put(out, "</td></tr>\n");
}

static void add_lists(struct rt_report_out *out, const struct rt_report *report)
{
    static const char *const columns[] = { "segment", "platform", "#rows",
        "#without identifier", "#minimum", "file", NULL };

    open_table(out, "Lists", "", columns);
    for (uint32_t i = 0; i < report->nsegments; i++)
        for (uint32_t j = 0; j < report->segments[i].nlists; j++)
            add_list(out, &report->segments[i], &report->segments[i].lists[j]);
    close_table(out);
}

static void add_sources(struct rt_report_out *out, const struct rt_report *report)
{
    static const char *const columns[] = { "source", "#files", "#size", "#read", "#used",
        "#dropped", "#rejected", NULL };

    open_table(out, "Sources", "", columns);
    for (uint32_t i = 0; i < report->nsources; i++) {
        const struct rt_report_source *source = &report->sources[i];
        char size[24];

        rt_report_put(out, "<tr><th scope=row>");
        add_text(out, source->name);
        rt_report_put(out, "</th>");
        add_cell(out, source->files);
        rt_report_size(source->bytes, size);
        rt_report_putf(out, "<td class=n>%s</td>", size);
        add_cell(out, source->read);
        add_cell(out, source->used);
        add_cell(out, rt_report_sum(source, 0, RT_REJECT_FIRST));
        add_cell(out, rt_report_sum(source, RT_REJECT_FIRST, RT_REASONS));
        rt_report_put(out, "</tr>\n");
    }
    close_table(out);
}

static void add_rejects(struct rt_report_out *out, const struct rt_report *report)
{
    static const char *const columns[] = { "file", "#line", "why", NULL };

    if (!report->nrejects)
        return;
    open_table(out, "First rejects", "", columns);
    for (uint32_t i = 0; i < report->nrejects; i++) {
        rt_report_put(out, "<tr><td><code>");
        add_text(out, report->rejects[i].file);
        rt_report_put(out, "</code></td>");
        add_cell(out, report->rejects[i].line);
        rt_report_put(out, "<td>");
        add_text(out, rt_span_of(rt_reason_text(report->rejects[i].reason)));
        rt_report_put(out, "</td></tr>\n");
    }
    close_table(out);
}

int rt_report_html(const struct rt_report *report, struct rt_buf *buf)
{
    struct rt_report_out out = { buf, RT_OK };

    add_head(&out, report);
    add_cards(&out, report);
    add_warnings(&out, report);
    add_segments(&out, report);
    add_lists(&out, report);
    add_waterfall(&out, report);
    add_people(&out, report);
    add_sources(&out, report);
    add_rejects(&out, report);
    rt_report_put(&out, "</main>\n</body>\n</html>\n");
    return out.rc;
}
