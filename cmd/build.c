/* build: the main job. Turns the command line into struct rt_run_options, runs, shows the
 * summary. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "base/clock.h"
#include "lists/report.h"

enum {
    OPT_ONLY = OPT_LONG,
    OPT_AS_OF,
    OPT_COUNTRY,
    OPT_PRODUCTS,
    OPT_MEMORY,
    OPT_TMPDIR,
    OPT_REJECTS,
    OPT_MAX_REJECTS,
    OPT_REPORT,
    OPT_HTML,
    OPT_STRICT,
    OPT_NO_PROGRESS
};

static const struct opt options[] = {
    { "segments", 's', "FILE", "the segment file; needed" },
    { "output", 'o', "DIR", "where lists go (default .); - is standard output" },
    { "to", 't', "PLATFORM,...", "write for these, not for the file's outputs" },
    { "only", OPT_ONLY, "SEGMENT,...", "write these segments only" },
    { "as-of", OPT_AS_OF, "TIME", "count back from this time (default now)" },
    { "country", OPT_COUNTRY, "XX", "of telephone numbers that have none: DE, US" },
    { "products", OPT_PRODUCTS, "N", "so many values of `for_some` in csv and jsonl" },
    { "dry-run", 'n', NULL, "count, but write nothing" },
    { "report", OPT_REPORT, "FILE", "write the report as JSON; - is standard output" },
    { "html", OPT_HTML, "FILE", "write the report as a page to look at" },
    { "rejects", OPT_REJECTS, "FILE", "keep refused records here" },
    { "max-rejects", OPT_MAX_REJECTS, "N|P%", "fail if more are refused (default 1%)" },
    { "strict", OPT_STRICT, NULL, "fail on warnings" },
    { "jobs", 'j', "N", "threads (default one a processor)" },
    { "memory", OPT_MEMORY, "SIZE", "working memory, as 512M (default 1G)" },
    { "tmpdir", OPT_TMPDIR, "DIR", "where to go beyond it (default /tmp)" },
    { "no-progress", OPT_NO_PROGRESS, NULL, "show no progress bar" },
    OPTS_TALK,
    OPTS_HELP,
    OPTS_END,
};

/* Everything the command line said. */
struct build {
    struct rt_arena arena; /* owns names and inputs */
    struct rt_run_options run;
    struct name_list platforms, only;
    bool quiet, verbose, no_progress;
};

static void defaults(struct build *build)
{
    *build = (struct build) { .arena = RT_ARENA_INIT };
    build->run.output_dir = ".";
    build->run.now_us = now_us();
    build->run.jobs = default_jobs();
    build->run.memory_bytes = default_memory();
    build->run.tmpdir = default_tmpdir();
    build->run.max_rejects_percent = true;
    build->run.max_rejects = 10000; /* 1 % in millionths */
}

static int set(struct build *build, int key, const char *value, struct rt_err *err)
{
    struct rt_run_options *run = &build->run;

    switch (key) {
    case 's':
        run->segments_path = value;
        return RT_OK;
    case 'o':
        run->output_dir = value;
        return RT_OK;
    case 't':
        return list_of("--to", value, &build->arena, &build->platforms, err);
    case OPT_ONLY:
        return list_of("--only", value, &build->arena, &build->only, err);
    case OPT_AS_OF:
        run->as_of = value;
        return RT_OK;
    case OPT_COUNTRY:
        return country_of(value, &build->arena, &run->country, err);
    case OPT_PRODUCTS:
        return products_of(value, &run->products, err);
    case 'n':
        run->dry_run = true;
        return RT_OK;
    case OPT_REPORT:
        run->report_path = value;
        return RT_OK;
    case OPT_HTML:
        run->html_path = value;
        return RT_OK;
    case OPT_REJECTS:
        run->rejects_path = value;
        return RT_OK;
    case OPT_MAX_REJECTS:
        return max_rejects_of(value, &run->max_rejects_percent, &run->max_rejects, err);
    case OPT_STRICT:
        run->strict = true;
        return RT_OK;
    case 'j':
        return jobs_of(value, &run->jobs, err);
    case OPT_MEMORY:
        return memory_of(value, &run->memory_bytes, err);
    case OPT_TMPDIR:
        run->tmpdir = value;
        return RT_OK;
    case OPT_NO_PROGRESS:
        build->no_progress = true;
        return RT_OK;
    case 'q':
        build->quiet = true;
        build->verbose = false;
        return RT_OK;
    default: /* 'v', the one that is left */
        build->verbose = true;
        build->quiet = false;
        return RT_OK;
    }
}

static bool is_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static int check_options(const struct rt_run_options *run, struct rt_err *err)
{
    if (!run->segments_path)
        return rt_err_set(err, RT_EUSAGE,
            "which segments? name a segment file with -s; see `retarget build --help`");
    if (is_stdout(run->output_dir) && is_stdout(run->report_path))
        return rt_err_set(err, RT_EUSAGE,
            "--output - and --report - would mix on standard output; give one a file");
    if (is_stdout(run->html_path) || is_stdout(run->rejects_path))
        return rt_err_set(err, RT_EUSAGE,
            "%s: give a file; standard output is for lists "
            "and for --report",
            is_stdout(run->html_path) ? "--html" : "--rejects");
    return RT_OK;
}

static int finish(struct build *build, struct opts *opts, struct rt_err *err)
{
    struct rt_run_options *run = &build->run;
    int rc = check_options(run, err);

    if (rc < 0)
        return rc;
    rc = inputs_of(opts->rest, opts->nrest, &build->arena, &run->inputs);
    run->ninputs = (uint32_t)opts->nrest;
    run->platforms = build->platforms.names;
    run->nplatforms = (uint32_t)build->platforms.n;
    run->only = build->only.names;
    run->nonly = (uint32_t)build->only.n;
    run->verbose = build->verbose;
    return rc;
}

static void say_settings(const struct build *build)
{
    const struct rt_run_options *run = &build->run;
    char now[40];

    rt_clock_format(run->now_us, now);
    say_error("as of %s, %u threads, %ju MiB of memory, then %s",
        run->as_of ? run->as_of : now, run->jobs, (uintmax_t)(run->memory_bytes >> 20),
        run->tmpdir);
}

static int show_summary(const struct build *build, const struct rt_report *report)
{
    struct rt_buf text = RT_BUF_INIT(SIZE_MAX / 2);
    int rc = RT_OK;

    if (!build->quiet)
        rc = rt_report_text(report, err_has_colour(), err_columns(), &text);
    if (rc == RT_OK && text.n)
        fwrite(text.p, 1, text.n, stderr);
    rt_buf_release(&text);
    return rc;
}

/* The summary also tells why a run was refused: too many rejects, say. */
static int show(const struct build *build, const struct rt_report *report, int rc)
{
    int shown;

    if (!report || (rc != RT_OK && rc != RT_EREJECTS))
        return rc;
    shown = show_summary(build, report);
    return rc == RT_OK ? shown : rc;
}

static int build_lists(struct build *build)
{
    struct rt_json_errors errors = { .arena = &build->arena };
    struct rt_report *report = NULL;
    struct progress progress;
    struct rt_err err = { 0 };
    int rc;

    if (build->verbose)
        say_settings(build);
    progress_start(&progress, build->quiet, build->no_progress);
    build->run.progress = progress_hook(&progress);
    build->run.notice = notice_hook(&progress);
    rc = rt_run_build(&build->run, &report, &errors, &err);
    progress_end(&progress);
    rc = show(build, report, rc);
    rt_report_free(report);
    if (rc == RT_EDEFS && errors.n) {
        say_definition_errors(build->run.segments_path, &errors);
        return EXIT_DEFS;
    }
    return say_failure(rc, &err);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct build build;
    struct opts opts;
    struct rt_err err = { 0 };
    const char *value;
    int key = OPTS_DONE, rc = RT_OK, status;

    defaults(&build);
    opts_start(&opts, cmd, argc, argv);
    while (rc == RT_OK && (key = opts_next(&opts, &value)) > 0)
        rc = set(&build, key, value, &err);
    if (rc == RT_OK && key == OPTS_DONE)
        rc = finish(&build, &opts, &err);
    if (rc < 0)
        status = say_failure(rc, &err);
    else if (key == OPTS_STOP)
        status = opts.status;
    else
        status = build_lists(&build);
    rt_arena_release(&build.arena);
    return status;
}

const struct cmd cmd_build = {
    .name = "build",
    .summary = "reads inputs, decides who is in which segment, writes the lists",
    .usage = "build -s FILE [OPTION]... [[SOURCE=]INPUT]...",
    .about =
        "Reads event files and server logs, decides who is in which segment of FILE,\n"
        "and writes a list for each segment and platform. INPUT is a file, plain or\n"
        "compressed by gzip or zstd; - is standard input.",
    .options = options,
    .run = run,
};
