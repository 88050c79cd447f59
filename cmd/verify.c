/* verify: is a file one that a platform takes? */
#include <stdio.h>

#include "base/clock.h"
#include "cmd/cmd.h"
#include "lists/platform.h"
#include "run/verify.h"

enum { OPT_ALL = OPT_LONG, OPT_STRICT };

static const struct opt options[] = {
    { "to", 't', "PLATFORM", "the platform; needed" },
    { "all", OPT_ALL, NULL, "show every finding, not the first five of a kind" },
    { "strict", OPT_STRICT, NULL, "fail on warnings" },
    { "quiet", 'q', NULL, "show errors only, no warnings and no summary" },
    { "verbose", 'v', NULL, "also name the files that are good" },
    OPTS_HELP,
    OPTS_END,
};

struct verify {
    struct rt_verify_options run;
    const char *platform, *file;
    bool quiet, verbose, strict;
    int failed; /* RT_OK, or what printing came to */
    struct rt_err err;
};

static void print_finding(void *ctx, const struct rt_finding *finding)
{
    struct verify *verify = ctx;
    struct rt_buf line = RT_BUF_INIT(1 << 16);
    bool error = finding->severity == RT_FINDING_ERROR;
    int rc;

    if (verify->failed || (verify->quiet && !error))
        return;
    rc = rt_buf_adds(&line, verify->file);
    if (rc == RT_OK && finding->line)
        rc = rt_buf_addf(&line, ":%ju", (uintmax_t)finding->line);
    if (rc == RT_OK)
        rc = rt_buf_addf(&line, ": %s: %s\n", error ? "error" : "warning", finding->text);
    verify->failed = rc == RT_OK ? print_out(rt_buf_span(&line), &verify->err) : rc;
    rt_buf_release(&line);
}

static int find_platform(struct verify *verify, struct rt_err *err)
{
    if (!verify->platform)
        return rt_err_set(err, RT_EUSAGE,
            "for which platform? name it with --to; see `retarget verify --help`");
    verify->run.platform = rt_platform_named(verify->platform, err);
    return verify->run.platform ? RT_OK : RT_EUSAGE;
}

static int set(struct verify *verify, int key, const char *value)
{
    switch (key) {
    case 't':
        verify->platform = value;
        break;
    case OPT_ALL:
        verify->run.all = true;
        break;
    case OPT_STRICT:
        verify->strict = true;
        break;
    case 'q':
        verify->quiet = true;
        verify->verbose = false;
        break;
    default: /* 'v' */
        verify->verbose = true;
        verify->quiet = false;
    }
    return RT_OK;
}

static void say_summary(const struct verify *verify, const struct rt_verify_result *r)
{
    if (verify->quiet || (!r->errors && !r->warnings && !verify->verbose))
        return;
    say_error("%s: %ju rows for %s; errors: %ju, warnings: %ju", verify->file,
        (uintmax_t)r->rows, verify->run.platform->title, (uintmax_t)r->errors,
        (uintmax_t)r->warnings);
}

/* One file: its exit status. */
static int check(struct verify *verify, const char *path)
{
    struct rt_verify_result result;
    struct rt_err err = { 0 };
    int rc;

    verify->file = strcmp(path, "-") ? path : "standard input";
    rc = rt_run_verify(path, &verify->run, &result, &err);
    if (verify->failed)
        return say_failure(verify->failed, &verify->err);
    if (rc < 0)
        return say_failure(rc, &err);
    say_summary(verify, &result);
    return result.errors || (verify->strict && result.warnings) ? EXIT_REJECTS
                                                                : EXIT_DONE;
}

static int check_all(struct verify *verify, char *const *paths, size_t n)
{
    int worst = EXIT_DONE;

    for (size_t i = 0; i < n && !verify->failed; i++) {
        int status = check(verify, paths[i]);

        if (worst != EXIT_FAILED && status != EXIT_DONE)
            worst = status;
    }
    return worst;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct verify verify = { .run.say = print_finding };
    struct opts opts;
    struct rt_err err = { 0 };
    const char *value;
    int key = OPTS_DONE, rc = RT_OK;

    verify.run.ctx = &verify;
    verify.run.latest_year = (unsigned)rt_clock_civil(now_us()).year;
    opts_start(&opts, cmd, argc, argv);
    while (rc == RT_OK && (key = opts_next(&opts, &value)) > 0)
        rc = set(&verify, key, value);
    if (key == OPTS_STOP)
        return opts.status;
    rc = find_platform(&verify, &err);
    if (rc == RT_OK && opts.nrest == 0)
        rc = rt_err_set(&err, RT_EUSAGE, "which file? see `retarget verify --help`");
    return rc < 0 ? say_failure(rc, &err) : check_all(&verify, opts.rest, opts.nrest);
}

const struct cmd cmd_verify = {
    .name = "verify",
    .summary = "looks whether a file is one that a platform takes",
    .usage = "verify --to PLATFORM [OPTION]... FILE...",
    .about =
        "Reads upload files, whatever tool made them, and says what their platform will\n"
        "refuse or not match, each finding with its line and its cure: header, "
        "encoding,\n"
        "digests that are none, plain values where digests belong, repeats, limits.",
    .options = options,
    .run = run,
};
