/* peek: what the program makes of inputs, as tables on standard output. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "events/reason.h"

enum { OPT_NO_PROGRESS = OPT_LONG, EVENTS_SHOWN = 20 };

static const struct opt options[] = {
    { "segments", 's', "FILE", "read inputs as this segment file says" },
    { "jobs", 'j', "N", "threads (default one a processor)" },
    { "no-progress", OPT_NO_PROGRESS, NULL, "show no progress bar" },
    { "quiet", 'q', NULL, "say nothing but errors and the tables" },
    { "verbose", 'v', NULL, "show every event name, not the first 20" },
    OPTS_HELP,
    OPTS_END,
};

struct peek {
    struct rt_arena arena;
    struct rt_run_options run;
    bool quiet, verbose, no_progress;
};

/* ---- the tables. Each appends to out and returns RT_OK or why not. */

static const char *delimiter_text(char c)
{
    switch (c) {
    case ',':
        return "comma";
    case ';':
        return "semicolon";
    case '\t':
        return "tab";
    case '|':
        return "vertical bar";
    case ' ':
        return "blank";
    default:
        return NULL;
    }
}

/* Names come from the input: control characters would reach the terminal. */
static int add_name(struct rt_buf *out, struct rt_span name, size_t width)
{
    int rc = RT_OK;
    size_t shown = 0;

    for (size_t i = 0; i < name.n && rc == RT_OK; i++) {
        unsigned char c = (unsigned char)name.p[i];

        rc = rt_buf_addc(out, c < 0x20 || c == 0x7f ? '?' : (char)c);
        shown += (c & 0xc0) != 0x80; /* characters, not bytes of UTF-8 */
    }
    for (; shown < width && rc == RT_OK; shown++)
        rc = rt_buf_addc(out, ' ');
    return rc;
}

static size_t wider(size_t width, struct rt_span name)
{
    size_t n = 0;

    for (size_t i = 0; i < name.n; i++)
        n += ((unsigned char)name.p[i] & 0xc0) != 0x80;
    return n > 40 ? width > 40 ? width : 40 : n > width ? n : width;
}

static int add_head(struct rt_buf *out, const struct rt_peek_input *in)
{
    const char *delimiter = delimiter_text(in->delimiter);
    int rc = add_name(out, in->path, 0);

    if (rc == RT_OK)
        rc = rt_buf_addf(out, ": %.*s", (int)in->format.n, in->format.p);
    if (rc == RT_OK && delimiter)
        rc = rt_buf_addf(out, ", %s", delimiter);
    else if (rc == RT_OK && in->delimiter)
        rc = rt_buf_addf(out, ", '%c'", in->delimiter);
    if (rc == RT_OK && in->packing && strcmp(in->packing, "plain") != 0)
        rc = rt_buf_addf(out, ", %s", in->packing);
    if (rc == RT_OK && in->source.n)
        rc = rt_buf_addf(out, "; source %.*s", (int)in->source.n, in->source.p);
    return rc == RT_OK ? rt_buf_adds(out, "\n\n") : rc;
}

static int add_reasons(struct rt_buf *out, const struct rt_peek_input *in, int from,
    int to, const char *what)
{
    uint64_t total = 0;
    int rc;

    for (int r = from; r < to; r++)
        total += in->count[r];
    rc = rt_buf_addf(out, "  %-9s %9ju\n", what, (uintmax_t)total);
    for (int r = from; r < to && rc == RT_OK; r++)
        if (in->count[r])
            rc = rt_buf_addf(out, "  %-9s %9ju  %s\n", "", (uintmax_t)in->count[r],
                rt_reason_text((enum rt_reason)r));
    return rc;
}

static int add_times(struct rt_buf *out, const struct rt_peek_input *in)
{
    char first[40], last[40];

    if (!in->has_times)
        return RT_OK;
    rt_clock_format(in->first_us, first);
    rt_clock_format(in->last_us, last);
    return rt_buf_addf(out, "  %-9s %s\n  %-9s %s\n", "from", first, "to", last);
}

static int add_counts(struct rt_buf *out, const struct rt_peek_input *in)
{
    int rc = rt_buf_addf(out, "  %-9s %9ju\n", "records", (uintmax_t)in->read);

    if (rc == RT_OK)
        rc = rt_buf_addf(out, "  %-9s %9ju\n", "events", (uintmax_t)in->used);
    if (rc == RT_OK)
        rc = add_reasons(out, in, 0, RT_REJECT_FIRST, "dropped");
    if (rc == RT_OK)
        rc = add_reasons(out, in, RT_REJECT_FIRST, RT_REASONS, "rejected");
    return rc == RT_OK ? add_times(out, in) : rc;
}

static int add_columns(struct rt_buf *out, const struct rt_peek_input *in)
{
    size_t width = 6;
    int rc = RT_OK;

    for (uint32_t i = 0; i < in->ncolumns; i++)
        width = wider(width, in->columns[i].name);
    if (in->ncolumns)
        rc = rt_buf_addf(out, "\n  %-*s  FIELD\n", (int)width, "COLUMN");
    for (uint32_t i = 0; i < in->ncolumns && rc == RT_OK; i++) {
        const struct rt_peek_column *c = &in->columns[i];

        rc = rt_buf_adds(out, "  ");
        if (rc == RT_OK)
            rc = add_name(out, c->name, width);
        if (rc == RT_OK)
            rc = rt_buf_adds(out, "  ");
        if (rc == RT_OK)
            rc = add_name(out, c->field.n ? c->field : RT_SPAN("-"), 0);
        if (rc == RT_OK)
            rc = rt_buf_adds(
                out, c->shadowed ? " (not used: another column came first)\n" : "\n");
    }
    return rc;
}

static int add_count_table(struct rt_buf *out, const char *title,
    const struct rt_peek_count *rows, uint32_t n, uint64_t whole)
{
    size_t width = strlen(title);
    int rc = RT_OK;

    for (uint32_t i = 0; i < n; i++)
        width = wider(width, rows[i].name);
    if (n)
        rc = rt_buf_addf(out, "\n  %-*s  %9s\n", (int)width, title, "EVENTS");
    for (uint32_t i = 0; i < n && rc == RT_OK; i++) {
        double percent = whole ? 100.0 * (double)rows[i].n / (double)whole : 0;

        rc = rt_buf_adds(out, "  ");
        if (rc == RT_OK)
            rc = add_name(out, rows[i].name, width);
        if (rc == RT_OK)
            rc = rt_buf_addf(out, "  %9ju  %5.1f%%\n", (uintmax_t)rows[i].n, percent);
    }
    return rc;
}

static int add_events(struct rt_buf *out, const struct rt_peek_input *in, bool all)
{
    uint32_t shown = all || in->nevents <= EVENTS_SHOWN ? in->nevents : EVENTS_SHOWN;
    int rc = add_count_table(out, "EVENT", in->events, shown, in->used);

    if (rc == RT_OK && shown < in->nevents)
        rc =
            rt_buf_addf(out, "  and %u more names; -v shows them\n", in->nevents - shown);
    if (rc == RT_OK && in->other_events)
        rc = rt_buf_addf(out, "  and %ju events of names past the first %u\n",
            (uintmax_t)in->other_events, in->nevents);
    return rc;
}

static int add_rejects(struct rt_buf *out, const struct rt_peek_input *in)
{
    int rc = in->nrejects ? rt_buf_adds(out, "\n  FIRST REJECTS\n") : RT_OK;

    for (uint32_t i = 0; i < in->nrejects && rc == RT_OK; i++)
        rc = rt_buf_addf(out, "  line %ju: %s\n", (uintmax_t)in->rejects[i].line,
            rt_reason_text(in->rejects[i].reason));
    return rc;
}

static int add_input(struct rt_buf *out, const struct rt_peek_input *in, bool all_events)
{
    int rc = add_head(out, in);

    if (rc == RT_OK)
        rc = add_counts(out, in);
    if (rc == RT_OK)
        rc = add_columns(out, in);
    if (rc == RT_OK)
        rc = add_events(out, in, all_events);
    if (rc == RT_OK)
        rc = add_count_table(out, "ID", in->ids, in->nids, in->used);
    return rc == RT_OK ? add_rejects(out, in) : rc;
}

static int print_peek(const struct rt_peek *peek, bool all_events, struct rt_err *err)
{
    struct rt_buf text = RT_BUF_INIT(SIZE_MAX / 2);
    int rc = RT_OK;

    for (uint32_t i = 0; i < peek->ninputs && rc == RT_OK; i++) {
        if (i)
            rc = rt_buf_addc(&text, '\n');
        if (rc == RT_OK)
            rc = add_input(&text, &peek->inputs[i], all_events);
    }
    if (rc == RT_OK)
        rc = print_out(rt_buf_span(&text), err);
    rt_buf_release(&text);
    return rc;
}

/* ---- the command */

static int look(struct peek *peek)
{
    struct rt_json_errors errors = { .arena = &peek->arena };
    struct rt_peek *found = NULL;
    struct progress progress;
    struct rt_err err = { 0 };
    int rc;

    progress_start(&progress, peek->quiet, peek->no_progress);
    peek->run.progress = progress_hook(&progress);
    peek->run.notice = notice_hook(&progress);
    rc = rt_run_peek(&peek->run, &found, &errors, &err);
    progress_end(&progress);
    if (rc == RT_OK)
        rc = print_peek(found, peek->verbose, &err);
    rt_peek_free(found);
    if (rc == RT_EDEFS && errors.n) {
        say_definition_errors(peek->run.segments_path, &errors);
        return EXIT_DEFS;
    }
    return say_failure(rc, &err);
}

static int set(struct peek *peek, int key, const char *value, struct rt_err *err)
{
    switch (key) {
    case 's':
        peek->run.segments_path = value;
        return RT_OK;
    case 'j':
        return jobs_of(value, &peek->run.jobs, err);
    case OPT_NO_PROGRESS:
        peek->no_progress = true;
        return RT_OK;
    case 'q':
        peek->quiet = true;
        return RT_OK;
    default: /* 'v' */
        peek->verbose = true;
        return RT_OK;
    }
}

/* Without inputs, standard input, unless a person would have to type it. */
static int find_inputs(struct peek *peek, struct opts *opts, struct rt_err *err)
{
    static char dash[] = "-";
    static char *const standard_input[] = { dash };
    bool none = opts->nrest == 0;

    if (none && isatty(STDIN_FILENO))
        return rt_err_set(err, RT_EUSAGE, "which inputs? see `retarget peek --help`");
    peek->run.ninputs = none ? 1 : (uint32_t)opts->nrest;
    return inputs_of(none ? standard_input : opts->rest, peek->run.ninputs, &peek->arena,
        &peek->run.inputs);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct peek peek = { .arena = RT_ARENA_INIT };
    struct opts opts;
    struct rt_err err = { 0 };
    const char *value;
    int key = OPTS_DONE, rc = RT_OK, status;

    peek.run.now_us = now_us();
    peek.run.jobs = default_jobs();
    peek.run.memory_bytes = default_memory();
    peek.run.tmpdir = default_tmpdir();
    opts_start(&opts, cmd, argc, argv);
    while (rc == RT_OK && (key = opts_next(&opts, &value)) > 0)
        rc = set(&peek, key, value, &err);
    if (rc == RT_OK && key == OPTS_DONE)
        rc = find_inputs(&peek, &opts, &err);
    if (rc < 0)
        status = say_failure(rc, &err);
    else if (key == OPTS_STOP)
        status = opts.status;
    else
        status = look(&peek);
    rt_arena_release(&peek.arena);
    return status;
}

const struct cmd cmd_peek = {
    .name = "peek",
    .summary = "shows what inputs hold and how they are understood",
    .usage = "peek [OPTION]... [[SOURCE=]INPUT]...",
    .about =
        "Reads inputs and shows what it makes of them: format, columns and what they "
        "are\n"
        "taken for, time span, events, ids, and why records are refused. Without INPUT\n"
        "it reads standard input.",
    .options = options,
    .run = run,
};
