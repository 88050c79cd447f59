/*
 * The summary for the terminal. It is there to answer one question: why is my list small?
 * So it goes from the records read to the rows written, and says at each step who was lost
 * and why.
 */
#include "base/clock.h"
#include "lists/report_parts.h"

enum { LABEL_WIDTH = 18, REASON_INDENT = 45, REJECTS_SHOWN = 5 };

struct paint {
    struct rt_report_out out;
    const char *bold, *warn, *bad, *plain;
    size_t width_max; /* of a name's column; longer names push the row to the right */
};

static void add_char(struct rt_report_out *out, const char *bytes, size_t n)
{
    if (out->rc == RT_OK)
        out->rc = rt_buf_add(out->buf, bytes, n);
}

static void skip_char(struct rt_report_out *out, const char *bytes, size_t n)
{
    (void)out;
    (void)bytes;
    (void)n;
}

static void add_text(struct paint *p, struct rt_span text)
{
    rt_report_chars(&p->out, text, add_char);
}

static void add_padded(struct paint *p, struct rt_span text, size_t width)
{
    size_t shown = rt_report_chars(&p->out, text, add_char);

    for (; shown < width; shown++)
        rt_report_putc(&p->out, ' ');
}

/* The width of a column that also holds this text. */
static size_t wider(const struct paint *p, size_t width, struct rt_span text)
{
    size_t n = rt_report_chars(NULL, text, skip_char);

    n = n > p->width_max ? p->width_max : n;
    return n > width ? n : width;
}

static void add_number(struct paint *p, uint64_t n, int width)
{
    char text[32];

    rt_report_grouped(n, text);
    rt_report_putf(&p->out, "  %*s", width, text);
}

static void add_heading(struct paint *p, const struct rt_report *report)
{
    char as_of[40], size[24];

    rt_clock_format(report->as_of_us, as_of);
    rt_report_size(report->peak_rss_bytes, size);
    rt_report_putf(&p->out, "as of %s; took %.1f s, %s of memory", as_of,
        (double)report->elapsed_us / 1e6, size);
    if (report->spilled_bytes) {
        rt_report_size(report->spilled_bytes, size);
        rt_report_putf(&p->out, ", %s spilled to disk", size);
    }
    rt_report_put(&p->out, report->dry_run ? "; dry run, nothing written\n\n" : "\n\n");
}

/* ---- records */

static void add_losses(struct paint *p, const struct rt_report_step *step)
{
    int indent = 3;
    char n[32];

    for (int r = 0; r < RT_REASONS; r++) {
        bool rejected = r >= RT_REJECT_FIRST;

        if (!step->count[r])
            continue;
        rt_report_grouped(step->count[r], n);
        rt_report_putf(&p->out, "%*s%s-%s %s%s\n", indent, "", rejected ? p->bad : "", n,
            rt_reason_text((enum rt_reason)r), rejected ? p->plain : "");
        indent = REASON_INDENT;
    }
    if (!step->lost)
        rt_report_putc(&p->out, '\n');
}

static void add_waterfall(struct paint *p, const struct rt_report *report)
{
    struct rt_report_step steps[RT_STEPS];
    char percent[16];

    rt_report_steps(report, steps);
    rt_report_putf(&p->out, "%sRECORDS%s\n", p->bold, p->plain);
    for (int s = 0; s < RT_STEPS; s++) {
        if (!rt_report_step_shown(steps, s))
            continue;
        rt_report_percent(steps[s].left, steps[RT_STEP_READ].left, percent);
        rt_report_putf(&p->out, "  %-*s", LABEL_WIDTH, steps[s].label);
        add_number(p, steps[s].left, 12);
        rt_report_putf(&p->out, "  %6s", percent);
        add_losses(p, &steps[s]);
    }
    if (!report->people_known)
        return;
    rt_report_putf(&p->out, "  %-*s", LABEL_WIDTH, "people");
    add_number(p, report->people, 12);
    rt_report_putc(&p->out, '\n');
}

/* What else thins a list out, when there is any of it. */
static void add_notes(struct paint *p, const struct rt_report *report)
{
    struct rt_report_note notes[RT_REPORT_NOTES];
    size_t n = rt_report_notes(report, notes);
    char count[32];

    for (size_t i = 0; i < n; i++) {
        rt_report_grouped(notes[i].n, count);
        rt_report_putf(&p->out, "  %s %s\n", count, notes[i].text);
    }
}

static void add_sources(struct paint *p, const struct rt_report *report)
{
    size_t width = 6;

    if (report->nsources < 2)
        return;
    for (uint32_t i = 0; i < report->nsources; i++)
        width = wider(p, width, report->sources[i].name);
    rt_report_putf(&p->out, "\n%s%-*s  %5s  %12s  %12s  %12s  %12s%s\n", p->bold,
        (int)width + 2, "SOURCE", "FILES", "READ", "USED", "DROPPED", "REJECTED",
        p->plain);
    for (uint32_t i = 0; i < report->nsources; i++) {
        const struct rt_report_source *source = &report->sources[i];

        rt_report_put(&p->out, "  ");
        add_padded(p, source->name, width);
        add_number(p, source->files, 5);
        add_number(p, source->read, 12);
        add_number(p, source->used, 12);
        add_number(p, rt_report_sum(source, 0, RT_REJECT_FIRST), 12);
        add_number(p, rt_report_sum(source, RT_REJECT_FIRST, RT_REASONS), 12);
        rt_report_putc(&p->out, '\n');
    }
}

static void add_rejects(struct paint *p, const struct rt_report *report)
{
    uint32_t shown = report->nrejects < REJECTS_SHOWN ? report->nrejects : REJECTS_SHOWN;

    for (uint32_t i = 0; i < shown; i++) {
        const struct rt_report_reject *reject = &report->rejects[i];

        rt_report_put(&p->out, i ? "                 " : "  first rejects: ");
        add_text(p, reject->file);
        rt_report_putf(&p->out, ":%ju: %s\n", (uintmax_t)reject->line,
            rt_reason_text(reject->reason));
    }
}

/* ---- segments */

static uint64_t members(const struct rt_report_segment *s)
{
    return s->members;
}

static uint64_t undecided(const struct rt_report_segment *s)
{
    return s->undecided;
}

static uint64_t opted_out(const struct rt_report_segment *s)
{
    return s->opted_out;
}

static uint64_t denied(const struct rt_report_segment *s)
{
    return s->denied;
}

static uint64_t held_out(const struct rt_report_segment *s)
{
    return s->held_out;
}

static uint64_t listed(const struct rt_report_segment *s)
{
    return s->listed;
}

static uint64_t with_identifier(const struct rt_report_segment *s)
{
    return s->with_identifier;
}

static const struct {
    const char *title;
    int width;
    bool always; /* otherwise only when some segment has one */
    uint64_t (*of)(const struct rt_report_segment *segment);
} columns[] = {
    { "UNDECIDED", 9, false, undecided },
    { "MEMBERS", 10, true, members },
    { "OPTED OUT", 9, false, opted_out },
    { "DENIED", 9, false, denied },
    { "HELD OUT", 9, false, held_out },
    { "LISTED", 10, true, listed },
    { "WITH E-MAIL OR PHONE", 20, true, with_identifier },
};

enum { COLUMNS = sizeof columns / sizeof *columns };

static bool column_shown(const struct rt_report *report, int c)
{
    bool some = columns[c].always;

    if (columns[c].of == with_identifier)
        return report->identifiers_counted;
    for (uint32_t i = 0; i < report->nsegments && !some; i++)
        some = columns[c].of(&report->segments[i]) > 0;
    return some;
}

static void add_segments(struct paint *p, const struct rt_report *report)
{
    size_t width = 7;

    if (!report->nsegments)
        return;
    for (uint32_t i = 0; i < report->nsegments; i++)
        width = wider(p, width, report->segments[i].name);
    rt_report_putf(&p->out, "\n%s%-*s", p->bold, (int)width + 2, "SEGMENT");
    for (int c = 0; c < COLUMNS; c++)
        if (column_shown(report, c))
            rt_report_putf(&p->out, "  %*s", columns[c].width, columns[c].title);
    rt_report_putf(&p->out, "%s\n", p->plain);
    for (uint32_t i = 0; i < report->nsegments; i++) {
        rt_report_put(&p->out, "  ");
        add_padded(p, report->segments[i].name, width);
        for (int c = 0; c < COLUMNS; c++)
            if (column_shown(report, c))
                add_number(p, columns[c].of(&report->segments[i]), columns[c].width);
        rt_report_putc(&p->out, '\n');
    }
}

/* ---- lists */

/* A list without a file of its own (a dry run, standard output) goes by its segment,
 * arm and platform. */
static void list_name(const struct rt_report_segment *segment,
    const struct rt_report_list *list, struct rt_buf *name, int *rc)
{
    rt_buf_reset(name);
    if (list->file.n) {
        *rc = rt_buf_add(name, list->file.p, list->file.n);
        return;
    }
    *rc = rt_buf_add(name, segment->name.p, segment->name.n);
    if (*rc == RT_OK && list->arm.n)
        *rc = rt_buf_addf(name, ".%.*s", (int)list->arm.n, list->arm.p);
    if (*rc == RT_OK)
        *rc = rt_buf_addf(name, ".%.*s", (int)list->to.n, list->to.p);
}

static void add_list(
    struct paint *p, const struct rt_report_list *list, struct rt_span name, size_t width)
{
    rt_report_put(&p->out, "  ");
    add_padded(p, name, width);
    add_number(p, list->rows, 10);
    add_number(p, list->without_identifier, 18);
    if (list->minimum) {
        rt_report_put(&p->out, rt_report_below(list) ? p->warn : "");
        add_number(p, list->minimum, 10);
        rt_report_put(&p->out, rt_report_below(list) ? " not reached" : "");
        rt_report_put(&p->out, rt_report_below(list) ? p->plain : "");
    }
    if (list->parts > 1)
        rt_report_putf(&p->out, "  in %u parts", list->parts);
    rt_report_putc(&p->out, '\n');
}

typedef void each_list(struct paint *p, const struct rt_report_segment *segment,
    const struct rt_report_list *list, struct rt_span name, size_t *width);

static void for_lists(
    struct paint *p, const struct rt_report *report, each_list *each, size_t *width)
{
    struct rt_buf name = RT_BUF_INIT(8192);

    for (uint32_t i = 0; i < report->nsegments; i++)
        for (uint32_t j = 0; j < report->segments[i].nlists && p->out.rc == RT_OK; j++) {
            const struct rt_report_segment *segment = &report->segments[i];

            list_name(segment, &segment->lists[j], &name, &p->out.rc);
            each(p, segment, &segment->lists[j], rt_buf_span(&name), width);
        }
    rt_buf_release(&name);
}

static void measure_list(struct paint *p, const struct rt_report_segment *segment,
    const struct rt_report_list *list, struct rt_span name, size_t *width)
{
    (void)segment;
    (void)list;
    *width = wider(p, *width, name);
}

static void show_list(struct paint *p, const struct rt_report_segment *segment,
    const struct rt_report_list *list, struct rt_span name, size_t *width)
{
    (void)segment;
    add_list(p, list, name, *width);
}

static void add_warning(struct paint *p, struct rt_span about, struct rt_span text)
{
    rt_report_putf(&p->out, "%swarning:%s ", p->warn, p->plain);
    add_text(p, about);
    rt_report_put(&p->out, about.n ? ": " : "");
    add_text(p, text);
    rt_report_putc(&p->out, '\n');
}

static void warn_list(struct paint *p, const struct rt_report_segment *segment,
    const struct rt_report_list *list, struct rt_span name, size_t *width)
{
    (void)segment;
    (void)width;
    for (uint32_t i = 0; i < list->nwarnings; i++)
        add_warning(p, name, list->warnings[i]);
}

static void add_lists(struct paint *p, const struct rt_report *report)
{
    size_t width = 4;
    bool some = false;

    for (uint32_t i = 0; i < report->nsegments; i++)
        some = some || report->segments[i].nlists;
    if (!some)
        return;
    for_lists(p, report, measure_list, &width);
    rt_report_putf(&p->out, "\n%s%-*s  %10s  %18s  %10s%s\n", p->bold, (int)width + 2,
        "LIST", "ROWS", "WITHOUT IDENTIFIER", "MINIMUM", p->plain);
    for_lists(p, report, show_list, &width);
}

static bool has_warnings(const struct rt_report *report)
{
    bool some = report->nwarnings > 0;

    for (uint32_t i = 0; i < report->nsegments; i++)
        for (uint32_t j = 0; j < report->segments[i].nlists; j++)
            some = some || report->segments[i].lists[j].nwarnings > 0;
    return some;
}

static void add_warnings(struct paint *p, const struct rt_report *report)
{
    if (!has_warnings(report))
        return;
    rt_report_putc(&p->out, '\n');
    for (uint32_t i = 0; i < report->nwarnings; i++)
        add_warning(p, RT_SPAN_ABSENT, report->warnings[i]);
    for_lists(p, report, warn_list, NULL);
}

int rt_report_text(
    const struct rt_report *report, bool colour, unsigned width, struct rt_buf *out)
{
    struct paint p = {
        .out = { out, RT_OK },
        .bold = colour ? "\033[1m" : "",
        .warn = colour ? "\033[33m" : "",
        .bad = colour ? "\033[31m" : "",
        .plain = colour ? "\033[0m" : "",
        .width_max = width > 60 ? width - 50 : 10,
    };

    add_heading(&p, report);
    add_waterfall(&p, report);
    add_notes(&p, report);
    add_rejects(&p, report);
    add_sources(&p, report);
    add_segments(&p, report);
    add_lists(&p, report);
    add_warnings(&p, report);
    return p.out.rc;
}
