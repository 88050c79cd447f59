/* check: a segment file alone, without data. */
#include <stdio.h>

#include "cmd/cmd.h"

static const struct opt options[] = {
    OPTS_TALK,
    OPTS_HELP,
    OPTS_END,
};

static int check_file(const char *path, bool quiet)
{
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { .arena = &arena };
    struct rt_run_options run = { .segments_path = path, .now_us = now_us(), .jobs = 1 };
    struct rt_err err = { 0 };
    int rc = rt_run_check(&run, &errors, &err), status;

    if (rc == RT_EDEFS && errors.n) {
        say_definition_errors(path, &errors);
        status = EXIT_DEFS;
    } else {
        status = say_failure(rc, &err);
    }
    if (rc == RT_OK && !quiet)
        fprintf(stderr, "%s: no errors\n", path);
    rt_arena_release(&arena);
    return status;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct opts opts;
    const char *value;
    bool quiet = false;
    int key;

    opts_start(&opts, cmd, argc, argv);
    while ((key = opts_next(&opts, &value)) > 0)
        quiet = key == 'q';
    if (key == OPTS_STOP)
        return opts.status;
    if (opts.nrest == 0) {
        say_error("which segment file? see `retarget check --help`");
        return EXIT_USAGE;
    }
    if (opts.nrest > 1) {
        say_error("check reads one segment file and no inputs; `retarget peek` looks at "
                  "inputs");
        return EXIT_USAGE;
    }
    return check_file(opts.rest[0], quiet);
}

const struct cmd cmd_check = {
    .name = "check",
    .summary = "says what is wrong in a segment file",
    .usage = "check [OPTION]... FILE",
    .about = "Reads the segment file FILE and says everything that is wrong in it, with "
             "line,\n"
             "column and the place in the JSON.",
    .options = options,
    .run = run,
};
