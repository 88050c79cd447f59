/* diff: whom to add to a platform's list, whom to remove from it. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "lists/platform.h"
#include "run/diff.h"

enum { OPT_ADD = OPT_LONG, OPT_REMOVE, OPT_MEMORY, OPT_TMPDIR };

static const struct opt options[] = {
    { "output", 'o', "DIR", "write NEW's name .add and .remove into this folder" },
    { "add", OPT_ADD, "FILE", "write the rows to add here; - is standard output" },
    { "remove", OPT_REMOVE, "FILE", "write those to remove here; - likewise" },
    { "to", 't', "PLATFORM", "the lists' platform (default: by their header)" },
    { "memory", OPT_MEMORY, "SIZE", "working memory, as 512M (default 1G)" },
    { "tmpdir", OPT_TMPDIR, "DIR", "where to go beyond it (default /tmp)" },
    OPTS_TALK,
    OPTS_HELP,
    OPTS_END,
};

struct diff {
    struct rt_diff_options run;
    bool quiet, verbose;
};

static int set(struct diff *diff, int key, const char *value, struct rt_err *err)
{
    struct rt_diff_options *run = &diff->run;

    switch (key) {
    case 'o':
        run->dir = value;
        return RT_OK;
    case OPT_ADD:
        run->add_path = value;
        return RT_OK;
    case OPT_REMOVE:
        run->remove_path = value;
        return RT_OK;
    case 't':
        run->platform = value;
        return RT_OK;
    case OPT_MEMORY:
        return memory_of(value, &run->memory_bytes, err);
    case OPT_TMPDIR:
        run->tmpdir = value;
        return RT_OK;
    case 'q':
        diff->quiet = true;
        diff->verbose = false;
        return RT_OK;
    default: /* 'v' */
        diff->verbose = true;
        diff->quiet = false;
        return RT_OK;
    }
}

static int finish(struct diff *diff, const struct opts *opts, struct rt_err *err)
{
    struct rt_diff_options *run = &diff->run;

    if (opts->nrest != 2)
        return rt_err_set(err, RT_EUSAGE,
            "give two lists, the old one first; see `retarget diff --help`");
    run->old_path = opts->rest[0];
    run->new_path = opts->rest[1];
    if (strcmp(run->old_path, "-") == 0 || strcmp(run->new_path, "-") == 0)
        return rt_err_set(
            err, RT_EUSAGE, "lists are read twice: give files, not standard input");
    if (run->dir && (run->add_path || run->remove_path))
        return rt_err_set(
            err, RT_EUSAGE, "--output names both files: leave out --add and --remove");
    if (run->add_path && run->remove_path && strcmp(run->add_path, run->remove_path) == 0)
        return rt_err_set(err, RT_EUSAGE, "--add and --remove name one file");
    return RT_OK;
}

/* The counts are the result when no file is asked for; else they are said. */
static int show(const struct diff *diff, const struct rt_diff_result *r)
{
    struct rt_buf text = RT_BUF_INIT(1 << 12);
    struct rt_err err = { 0 };
    bool files = diff->run.dir || diff->run.add_path || diff->run.remove_path;
    int rc = rt_buf_addf(&text, "add %ju\nremove %ju\nsame %ju\n", (uintmax_t)r->added,
        (uintmax_t)r->removed, (uintmax_t)r->same);

    if (rc == RT_OK && !files)
        rc = print_out(rt_buf_span(&text), &err);
    rt_buf_release(&text);
    if (rc < 0 || diff->quiet)
        return rc;
    if (files)
        say_error("add %ju %s, remove %ju; the same %ju", (uintmax_t)r->added,
            r->added == 1 ? "row" : "rows", (uintmax_t)r->removed, (uintmax_t)r->same);
    if (diff->verbose)
        say_error("lists for %s",
            r->platform ? r->platform->title : "a platform without a header");
    if (files && r->removed && r->platform && r->platform->removal)
        say_error("%s: %s", r->platform->title, r->platform->removal);
    return RT_OK;
}

static int compare(const struct diff *diff)
{
    struct rt_diff_result result;
    struct rt_err err = { 0 };
    int rc = rt_run_diff(&diff->run, &result, &err);

    if (rc == RT_OK)
        rc = show(diff, &result);
    return say_failure(rc, &err);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct diff diff = { .run.memory_bytes = default_memory() };
    struct opts opts;
    struct rt_err err = { 0 };
    const char *value;
    int key = OPTS_DONE, rc = RT_OK;

    diff.run.tmpdir = default_tmpdir();
    opts_start(&opts, cmd, argc, argv);
    while (rc == RT_OK && (key = opts_next(&opts, &value)) > 0)
        rc = set(&diff, key, value, &err);
    if (rc == RT_OK && key == OPTS_STOP)
        return opts.status;
    if (rc == RT_OK)
        rc = finish(&diff, &opts, &err);
    return rc < 0 ? say_failure(rc, &err) : compare(&diff);
}

const struct cmd cmd_diff = {
    .name = "diff",
    .summary = "compares two lists: who to add, who to remove",
    .usage = "diff [OPTION]... OLD NEW",
    .about =
        "Compares two lists of one platform by their rows and writes the rows to add to\n"
        "what the platform has, and those to remove from it. Without -o, --add and\n"
        "--remove it only counts them. The order of rows does not matter.",
    .options = options,
    .run = run,
};
