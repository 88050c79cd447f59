/* init: a segment file to start from, for inputs as they are. */
#include <stdio.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/progress.h"

enum { OPT_NO_PROGRESS = OPT_LONG, FILE_MAX_BYTES = 1 << 24 };

static const struct opt options[] = {
    { "jobs", 'j', "N", "threads (default one a processor)" },
    { "no-progress", OPT_NO_PROGRESS, NULL, "show no progress bar" },
    { "quiet", 'q', NULL, "say nothing but errors" },
    { "verbose", 'v', NULL, "undo an earlier -q" },
    OPTS_HELP,
    OPTS_END,
};

struct init {
    struct rt_arena arena;
    struct rt_run_options run;
    bool quiet, no_progress;
};

/* What the file cannot say: when to count back from, and what it lacks. */
static void say_notes(const struct init *init, const struct rt_init *found)
{
    if (init->quiet)
        return;
    say_error("the inputs end at %s: build with --as-of %s, or windows that count back "
              "from now may be empty",
        found->as_of, found->as_of);
    if (found->without_id == found->events && !found->by_address)
        say_error(
            "no event has a user_id, email or client_id: say in sources.fields which "
            "column tells people apart, or nobody will be in a list");
    else if (found->without_id && found->by_address)
        say_error("%ju of %ju events have no id: visitors are told apart by address",
            (uintmax_t)found->without_id, (uintmax_t)found->events);
}

static int write_file(struct init *init)
{
    struct rt_buf text = RT_BUF_INIT(FILE_MAX_BYTES);
    struct rt_init found;
    struct progress progress;
    struct rt_err err = { 0 };
    int rc;

    progress_start(&progress, init->quiet, init->no_progress);
    init->run.progress = progress_hook(&progress);
    init->run.notice = notice_hook(&progress);
    rc = rt_run_init(&init->run, &text, &found, &err);
    progress_end(&progress);
    if (rc == RT_OK)
        rc = print_out(rt_buf_span(&text), &err);
    if (rc == RT_OK)
        say_notes(init, &found);
    rt_buf_release(&text);
    return say_failure(rc, &err);
}

static int set(struct init *init, int key, const char *value, struct rt_err *err)
{
    switch (key) {
    case 'j':
        return jobs_of(value, &init->run.jobs, err);
    case OPT_NO_PROGRESS:
        init->no_progress = true;
        return RT_OK;
    default: /* 'q', 'v' */
        init->quiet = key == 'q';
        return RT_OK;
    }
}

/* Without inputs, standard input, unless a person would have to type it. */
static int find_inputs(struct init *init, struct opts *opts, struct rt_err *err)
{
    static char dash[] = "-";
    static char *const standard_input[] = { dash };
    bool none = opts->nrest == 0;

    if (none && isatty(STDIN_FILENO))
        return rt_err_set(err, RT_EUSAGE, "which inputs? see `retarget init --help`");
    init->run.ninputs = none ? 1 : (uint32_t)opts->nrest;
    return inputs_of(none ? standard_input : opts->rest, init->run.ninputs, &init->arena,
        &init->run.inputs);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct init init = { .arena = RT_ARENA_INIT };
    struct opts opts;
    struct rt_err err = { 0 };
    const char *value;
    int key = OPTS_DONE, rc = RT_OK, status;

    init.run.jobs = default_jobs();
    opts_start(&opts, cmd, argc, argv);
    while (rc == RT_OK && (key = opts_next(&opts, &value)) > 0)
        rc = set(&init, key, value, &err);
    if (rc == RT_OK && key == OPTS_DONE)
        rc = find_inputs(&init, &opts, &err);
    if (rc < 0)
        status = say_failure(rc, &err);
    else if (key == OPTS_STOP)
        status = opts.status;
    else
        status = write_file(&init);
    rt_arena_release(&init.arena);
    return status;
}

const struct cmd cmd_init = {
    .name = "init",
    .summary = "writes a segment file to start from, for inputs as they are",
    .usage = "init [OPTION]... [INPUT]...",
    .about =
        "Reads inputs and writes a segment file for them to standard output: cart\n"
        "abandoners, viewers, buyers, lapsed and others, as far as the events support\n"
        "them. Without INPUT it reads standard input.",
    .options = options,
    .run = run,
};
