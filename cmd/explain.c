/* explain: what a segment file says, in words; and why a person is in its segments or not. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "run/explain.h"

enum {
    OPT_PERSON = OPT_LONG,
    OPT_SEGMENT,
    OPT_AS_OF,
    OPT_COUNTRY,
    OPT_JSON,
    OPT_MEMORY,
    OPT_TMPDIR,
    OPT_NO_PROGRESS
};

static const struct opt options[] = {
    { "segments", 's', "FILE", "the segment file; needed" },
    { "person", OPT_PERSON, "KEY", "explain this person, as user_id:42" },
    { "segment", OPT_SEGMENT, "NAME,...", "explain these segments only" },
    { "as-of", OPT_AS_OF, "TIME", "count back from this time (default now)" },
    { "country", OPT_COUNTRY, "XX", "of telephone numbers that have none: DE, US" },
    { "json", OPT_JSON, NULL, "write JSON" },
    { "jobs", 'j', "N", "threads (default one a processor)" },
    { "memory", OPT_MEMORY, "SIZE", "working memory, as 512M (default 1G)" },
    { "tmpdir", OPT_TMPDIR, "DIR", "where to go beyond it (default /tmp)" },
    { "no-progress", OPT_NO_PROGRESS, NULL, "show no progress bar" },
    OPTS_TALK,
    OPTS_HELP,
    OPTS_END,
};

struct explain {
    struct rt_arena arena;
    struct rt_run_options run;
    const char *person;
    struct name_list only;
    bool json, quiet, no_progress;
};

static int set(struct explain *e, int key, const char *value, struct rt_err *err)
{
    struct rt_run_options *run = &e->run;

    switch (key) {
    case 's':
        run->segments_path = value;
        return RT_OK;
    case OPT_PERSON:
        e->person = value;
        return RT_OK;
    case OPT_SEGMENT:
        return list_of("--segment", value, &e->arena, &e->only, err);
    case OPT_AS_OF:
        run->as_of = value;
        return RT_OK;
    case OPT_COUNTRY:
        return country_of(value, &e->arena, &run->country, err);
    case OPT_JSON:
        e->json = true;
        return RT_OK;
    case 'j':
        return jobs_of(value, &run->jobs, err);
    case OPT_MEMORY:
        return memory_of(value, &run->memory_bytes, err);
    case OPT_TMPDIR:
        run->tmpdir = value;
        return RT_OK;
    case OPT_NO_PROGRESS:
        e->no_progress = true;
        return RT_OK;
    case 'q':
        e->quiet = true;
        run->verbose = false;
        return RT_OK;
    default: /* 'v' */
        run->verbose = true;
        e->quiet = false;
        return RT_OK;
    }
}

static int finish(struct explain *e, const struct opts *opts, struct rt_err *err)
{
    struct rt_run_options *run = &e->run;

    if (!run->segments_path)
        return rt_err_set(err, RT_EUSAGE,
            "which segments? name a segment file with -s; see `retarget explain "
            "--help`");
    if (!e->person && opts->nrest)
        return rt_err_set(err, RT_EUSAGE,
            "inputs are read to explain a person: name one with --person");
    if (e->person && !*e->person)
        return rt_err_set(
            err, RT_EUSAGE, "--person: an id is missing; give one as user_id:42");
    run->only = e->only.names;
    run->nonly = (uint32_t)e->only.n;
    run->ninputs = (uint32_t)opts->nrest;
    return inputs_of(opts->rest, opts->nrest, &e->arena, &run->inputs);
}

/* Does the locale say that texts are UTF-8? By the variables in their order: the locale
 * itself is never set. */
static bool speaks_utf8(void)
{
    static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };

    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);

        if (value && *value)
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

/* How standard output likes it: colours on a terminal, marks where it is UTF-8. */
static struct rt_explain_style style_of_output(void)
{
    const char *term = getenv("TERM"), *no = getenv("NO_COLOR");
    bool terminal = isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;

    return (struct rt_explain_style) { .colour = terminal && !(no && *no),
        .utf8 = speaks_utf8() };
}

static int show(
    const struct explain *e, const struct rt_explanation *ex, struct rt_err *err)
{
    struct rt_buf text = RT_BUF_INIT(SIZE_MAX / 2);
    int rc = e->json ? rt_explanation_json(ex, &text)
                     : rt_explanation_text(ex, style_of_output(), &text);

    if (rc == RT_OK)
        rc = print_out(rt_buf_span(&text), err);
    rt_buf_release(&text);
    return rc;
}

static int explain(struct explain *e)
{
    struct rt_json_errors errors = { .arena = &e->arena };
    struct rt_explanation *ex = NULL;
    struct progress progress;
    struct rt_err err = { 0 };
    int rc;

    progress_start(&progress, e->quiet, e->no_progress);
    e->run.progress = progress_hook(&progress);
    e->run.notice = notice_hook(&progress);
    rc = rt_run_explain(&e->run, e->person, &ex, &errors, &err);
    progress_end(&progress);
    if (rc == RT_OK)
        rc = show(e, ex, &err);
    rt_explanation_free(ex);
    if (rc == RT_EDEFS && errors.n) {
        say_definition_errors(e->run.segments_path, &errors);
        return EXIT_DEFS;
    }
    return say_failure(rc, &err);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct explain e = { .arena = RT_ARENA_INIT };
    struct opts opts;
    struct rt_err err = { 0 };
    const char *value;
    int key = OPTS_DONE, rc = RT_OK, status;

    e.run.now_us = now_us();
    e.run.jobs = default_jobs();
    e.run.memory_bytes = default_memory();
    e.run.tmpdir = default_tmpdir();
    opts_start(&opts, cmd, argc, argv);
    while (rc == RT_OK && (key = opts_next(&opts, &value)) > 0)
        rc = set(&e, key, value, &err);
    if (rc == RT_OK && key == OPTS_DONE)
        rc = finish(&e, &opts, &err);
    if (rc < 0)
        status = say_failure(rc, &err);
    else if (key == OPTS_STOP)
        status = opts.status;
    else
        status = explain(&e);
    rt_arena_release(&e.arena);
    return status;
}

const struct cmd cmd_explain = {
    .name = "explain",
    .summary = "says what segments mean, and why a person is in them or not",
    .usage = "explain -s FILE [--person KEY] [OPTION]... [[SOURCE=]INPUT]...",
    .about = "Without --person: says each segment of FILE as a sentence. With it: reads\n"
             "inputs and shows of this one person which conditions hold, which events\n"
             "decided that, and when it changes next. KEY is any id of the person, as\n"
             "user_id:42.",
    .options = options,
    .run = run,
};
