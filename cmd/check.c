/* check: what is wrong in a segment file, and what is hardly meant; alone or with inputs. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/progress.h"

enum { OPT_AS_OF = OPT_LONG, OPT_STRICT, OPT_NO_PROGRESS };

static const struct opt options[] = {
    { "as-of", OPT_AS_OF, "TIME", "count back from this time (default now)" },
    { "strict", OPT_STRICT, NULL, "fail on warnings" },
    { "jobs", 'j', "N", "threads (default one a processor)" },
    { "no-progress", OPT_NO_PROGRESS, NULL, "show no progress bar" },
    { "quiet", 'q', NULL, "say nothing but errors and warnings" },
    { "verbose", 'v', NULL, "say more" },
    OPTS_HELP,
    OPTS_END,
};

struct check {
    struct rt_arena arena;
    struct rt_run_options run;
    bool quiet, no_progress;
};

static void say_warnings(const char *file, const struct rt_json_errors *warnings)
{
    for (size_t i = 0; i < warnings->n; i++) {
        const struct rt_json_error *w = &warnings->errors[i];

        say_error("%s:%ju:%u: warning: %s%s%s", file, (uintmax_t)w->line, w->col, w->path,
            w->path[0] ? ": " : "", w->text);
    }
    if (warnings->left_out)
        say_error("%s: and %zu more warnings", file, warnings->left_out);
}

static void say_count(const char *file, const struct rt_json_errors *warnings)
{
    size_t n = warnings->n + warnings->left_out;

    if (n)
        fprintf(stderr, "%s: no errors, %zu warning%s\n", file, n, n == 1 ? "" : "s");
    else
        fprintf(stderr, "%s: no errors\n", file);
}

static int check_file(struct check *check)
{
    const char *path = check->run.segments_path;
    struct rt_json_errors errors = { .arena = &check->arena };
    struct rt_json_errors warnings = { .arena = &check->arena };
    struct progress progress;
    struct rt_err err = { 0 };
    int rc;

    progress_start(&progress, check->quiet, check->no_progress);
    check->run.progress = progress_hook(&progress);
    check->run.notice = notice_hook(&progress);
    rc = rt_run_check(&check->run, &errors, &warnings, &err);
    progress_end(&progress);
    say_warnings(path, &warnings);
    if (rc < 0 && errors.n) {
        say_definition_errors(path, &errors);
        return status_of(rc);
    }
    if (rc < 0)
        return say_failure(rc, &err);
    if (!check->quiet)
        say_count(path, &warnings);
    return check->run.strict && warnings.n ? EXIT_REJECTS : EXIT_DONE;
}

static int set(struct check *check, int key, const char *value, struct rt_err *err)
{
    switch (key) {
    case OPT_AS_OF:
        check->run.as_of = value;
        return RT_OK;
    case OPT_STRICT:
        check->run.strict = true;
        return RT_OK;
    case 'j':
        return jobs_of(value, &check->run.jobs, err);
    case OPT_NO_PROGRESS:
        check->no_progress = true;
        return RT_OK;
    case 'q':
        check->quiet = true;
        check->run.verbose = false;
        return RT_OK;
    default: /* 'v' */
        check->quiet = false;
        check->run.verbose = true;
        return RT_OK;
    }
}

static int find_files(struct check *check, const struct opts *opts, struct rt_err *err)
{
    if (opts->nrest == 0)
        return rt_err_set(
            err, RT_EUSAGE, "which segment file? see `retarget check --help`");
    check->run.segments_path = opts->rest[0];
    check->run.ninputs = (uint32_t)opts->nrest - 1;
    return inputs_of(opts->rest + 1, opts->nrest - 1, &check->arena, &check->run.inputs);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct check check = { .arena = RT_ARENA_INIT };
    struct opts opts;
    struct rt_err err = { 0 };
    const char *value;
    int key = OPTS_DONE, rc = RT_OK, status;

    check.run.now_us = now_us();
    check.run.jobs = default_jobs();
    check.run.memory_bytes = default_memory();
    check.run.tmpdir = default_tmpdir();
    opts_start(&opts, cmd, argc, argv);
    while (rc == RT_OK && (key = opts_next(&opts, &value)) > 0)
        rc = set(&check, key, value, &err);
    if (rc == RT_OK && key == OPTS_DONE)
        rc = find_files(&check, &opts, &err);
    if (rc < 0)
        status = say_failure(rc, &err);
    else if (key == OPTS_STOP)
        status = opts.status;
    else
        status = check_file(&check);
    rt_arena_release(&check.arena);
    return status;
}

const struct cmd cmd_check = {
    .name = "check",
    .summary = "says what is wrong in a segment file, or does not fit its inputs",
    .usage = "check [OPTION]... FILE [[SOURCE=]INPUT]...",
    .about = "Reads the segment file FILE and says everything that is wrong in it, with "
             "line,\n"
             "column and the place in the JSON; and what is allowed and hardly meant, "
             "such as\n"
             "conditions that can never be true. With inputs, reads them and says what "
             "in the\n"
             "file does not fit them: names that never occur, windows longer than the\n"
             "history.",
    .options = options,
    .run = run,
};
