/*
 * The summary for the terminal. It is there to answer one question: why is my list small?
 * So it goes from the records read to the rows written, and says at each step who was lost
 * and why.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "lists/report_parts.h"
#include "lists/report_table.h"

enum { LABEL_WIDTH = 18, LOSS_INDENT = 6, REJECTS_SHOWN = 5 };

struct paint {
    struct rt_report_out out;
    const char *bold, *warn, *bad, *plain;
    unsigned width; /* columns of the terminal */
};

static void add_char(struct rt_report_out *out, const char *bytes, size_t n)
{
    if (out->rc == RT_OK)
        out->rc = rt_buf_add(out->buf, bytes, n);
}

static void add_text(struct paint *p, struct rt_span text)
{
    rt_report_chars(&p->out, text, add_char);
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

/* The reasons of a step stand behind its numbers, one below the other; where the terminal
 * is too narrow for that, below the step. */
struct losses {
    int numbers;   /* width of their column */
    size_t indent; /* of the reasons; 0: below the step */
};

/* The column behind "  label  number  97.3%". */
static size_t behind_numbers(int numbers)
{
    return 2 + LABEL_WIDTH + 2 + (size_t)numbers + 2 + 6 + 3;
}

static struct losses measure_losses(const struct paint *p, const struct rt_report *report,
    const struct rt_report_step *steps)
{
    struct losses form = { .numbers = 6 };
    size_t longest = 0;
    char text[32];
    int n = rt_report_grouped(report->people, text);

    form.numbers = n > form.numbers ? n : form.numbers;
    n = rt_report_grouped(steps[RT_STEP_READ].left, text);
    form.numbers = n > form.numbers ? n : form.numbers;
    form.indent = behind_numbers(form.numbers);
    for (int s = 0; s < RT_STEPS; s++)
        for (int r = 0; r < RT_REASONS; r++) {
            size_t width = strlen(rt_reason_text((enum rt_reason)r)) + 2
                + (size_t)rt_report_grouped(steps[s].count[r], text);

            if (steps[s].count[r] && width > longest)
                longest = width;
        }
    if (form.indent + longest > p->width)
        form.indent = 0;
    return form;
}

static void add_losses(
    struct paint *p, const struct rt_report_step *step, const struct losses *form)
{
    size_t indent = form->indent ? 3 : LOSS_INDENT;
    char n[32];

    if (!step->lost || !form->indent)
        rt_report_putc(&p->out, '\n');
    for (int r = 0; r < RT_REASONS; r++) {
        bool rejected = r >= RT_REJECT_FIRST;

        if (!step->count[r])
            continue;
        rt_report_grouped(step->count[r], n);
        rt_report_putf(&p->out, "%*s%s-%s %s%s\n", (int)indent, "",
            rejected ? p->bad : "", n, rt_reason_text((enum rt_reason)r),
            rejected ? p->plain : "");
        indent = form->indent ? form->indent : LOSS_INDENT;
    }
}

static void add_step(
    struct paint *p, const char *label, uint64_t left, const struct losses *form)
{
    char text[32];

    rt_report_grouped(left, text);
    rt_report_putf(&p->out, "  %-*s  %*s", LABEL_WIDTH, label, form->numbers, text);
}

static void add_waterfall(struct paint *p, const struct rt_report *report)
{
    struct rt_report_step steps[RT_STEPS];
    struct losses form;
    char percent[16];

    rt_report_steps(report, steps);
    form = measure_losses(p, report, steps);
    rt_report_putf(&p->out, "%sRECORDS%s\n", p->bold, p->plain);
    for (int s = 0; s < RT_STEPS; s++) {
        if (!rt_report_step_shown(steps, s))
            continue;
        add_step(p, steps[s].label, steps[s].left, &form);
        if (rt_report_percent(steps[s].left, steps[RT_STEP_READ].left, percent))
            rt_report_putf(&p->out, "  %6s", percent);
        add_losses(p, &steps[s], &form);
    }
    if (!report->people_known)
        return;
    add_step(p, "people", report->people, &form);
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

/* ---- tables */

static void show_table(struct paint *p, const struct rt_report *report, const char *title,
    const struct rt_table_column *columns, size_t ncolumns, rt_table_rows *rows)
{
    struct rt_table table = {
        .out = &p->out,
        .title = title,
        .columns = columns,
        .ncolumns = ncolumns,
        .width = p->width,
        .bold = p->bold,
        .warn = p->warn,
        .plain = p->plain,
    };

    rt_table_show(&table, report, rows);
}

static void source_rows(struct rt_table *table, const struct rt_report *report)
{
    for (uint32_t i = 0; i < report->nsources; i++) {
        const struct rt_report_source *source = &report->sources[i];

        rt_table_row(table,
            &(struct rt_table_row) {
                .name = source->name,
                .n = { source->files, source->read, source->used,
                    rt_report_sum(source, 0, RT_REJECT_FIRST),
                    rt_report_sum(source, RT_REJECT_FIRST, RT_REASONS) },
                .note = "",
            });
    }
}

static void add_sources(struct paint *p, const struct rt_report *report)
{
    static const struct rt_table_column columns[] = {
        { "", "FILES", "files", true },
        { "", "READ", "read", true },
        { "", "USED", "used", true },
        { "", "DROPPED", "dropped", true },
        { "", "REJECTED", "rejected", true },
    };

    if (report->nsources > 1)
        show_table(p, report, "SOURCE", columns, 5, source_rows);
}

static void segment_rows(struct rt_table *table, const struct rt_report *report)
{
    for (uint32_t i = 0; i < report->nsegments; i++) {
        const struct rt_report_segment *s = &report->segments[i];

        rt_table_row(table,
            &(struct rt_table_row) {
                .name = s->name,
                .n = { s->undecided, s->members, s->opted_out, s->denied, s->held_out,
                    s->listed, s->with_identifier },
                .note = "",
            });
    }
}

static void add_segments(struct paint *p, const struct rt_report *report)
{
    static const struct rt_table_column columns[] = {
        { "", "UNDECIDED", "undecided", false },
        { "", "MEMBERS", "members", true },
        { "OPTED", "OUT", "opted out", false },
        { "", "DENIED", "denied", false },
        { "HELD", "OUT", "held out", false },
        { "", "LISTED", "listed", true },
        { "E-MAIL", "OR PHONE", "with e-mail or phone", true },
    };

    if (report->nsegments)
        show_table(p, report, "SEGMENT", columns, report->identifiers_counted ? 7 : 6,
            segment_rows);
}

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

static void list_note(const struct rt_report_list *list, char *note, size_t room)
{
    const char *below = rt_report_below(list) ? "not reached" : "";

    if (list->parts > 1)
        snprintf(note, room, "%s%sin %u parts", below, *below ? ", " : "", list->parts);
    else
        snprintf(note, room, "%s", below);
}

static void list_rows(struct rt_table *table, const struct rt_report *report)
{
    struct rt_buf name = RT_BUF_INIT(8192);
    char note[64];

    for (uint32_t i = 0; i < report->nsegments; i++)
        for (uint32_t j = 0; j < report->segments[i].nlists && table->out->rc == RT_OK;
             j++) {
            const struct rt_report_list *list = &report->segments[i].lists[j];

            list_name(&report->segments[i], list, &name, &table->out->rc);
            list_note(list, note, sizeof note);
            rt_table_row(table,
                &(struct rt_table_row) {
                    .name = rt_buf_span(&name),
                    .n = { list->rows, list->without_identifier,
                        list->minimum ? list->minimum : RT_TABLE_BLANK },
                    .note = note,
                    .warn = rt_report_below(list),
                });
        }
    rt_buf_release(&name);
}

static void add_lists(struct paint *p, const struct rt_report *report)
{
    static const struct rt_table_column columns[] = {
        { "", "ROWS", "rows", true },
        { "WITHOUT", "IDENTIFIER", "without identifier", false },
        { "", "MINIMUM", "minimum", false },
    };
    bool some = false;

    for (uint32_t i = 0; i < report->nsegments; i++)
        some = some || report->segments[i].nlists;
    if (some)
        show_table(p, report, "LIST", columns, 3, list_rows);
}

/* ---- warnings */

static void add_warning(struct paint *p, struct rt_span about, struct rt_span text)
{
    rt_report_putf(&p->out, "%swarning:%s ", p->warn, p->plain);
    add_text(p, about);
    rt_report_put(&p->out, about.n ? ": " : "");
    add_text(p, text);
    rt_report_putc(&p->out, '\n');
}

static void warn_lists(struct paint *p, const struct rt_report_segment *segment)
{
    struct rt_buf name = RT_BUF_INIT(8192);

    for (uint32_t j = 0; j < segment->nlists && p->out.rc == RT_OK; j++) {
        list_name(segment, &segment->lists[j], &name, &p->out.rc);
        for (uint32_t k = 0; k < segment->lists[j].nwarnings; k++)
            add_warning(p, rt_buf_span(&name), segment->lists[j].warnings[k]);
    }
    rt_buf_release(&name);
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
    for (uint32_t i = 0; i < report->nsegments; i++)
        warn_lists(p, &report->segments[i]);
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
        .width = width,
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
