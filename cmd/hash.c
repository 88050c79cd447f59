/* hash: a contact file to a platform's upload file. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "run/hashing.h"

enum {
    OPT_MAP = OPT_LONG,
    OPT_COUNTRY,
    OPT_DELIMITER,
    OPT_PLAIN,
    OPT_REJECTS,
    OPT_MAX_REJECTS,
    OPT_REPORT,
    OPT_NO_PROGRESS
};

static const struct opt options[] = {
    { "to", 't', "PLATFORM", "the platform; needed" },
    { "output", 'o', "FILE", "where the list goes (default -, standard output)" },
    { "map", OPT_MAP, "FIELD=COLUMN", "what a column holds, as email=Contact" },
    { "country", OPT_COUNTRY, "XX", "country of rows that name none" },
    { "delimiter", OPT_DELIMITER, "C", "what separates columns (default: by looking)" },
    { "plain", OPT_PLAIN, "N", "write no list; show what the first N rows become" },
    { "report", OPT_REPORT, "FILE", "write the counts as JSON; - is standard output" },
    { "rejects", OPT_REJECTS, "FILE", "keep refused records here" },
    { "max-rejects", OPT_MAX_REJECTS, "N|P%", "fail if more are refused (default 1%)" },
    { "jobs", 'j', "N", "threads (default one a processor)" },
    { "no-progress", OPT_NO_PROGRESS, NULL, "show no progress bar" },
    OPTS_TALK,
    OPTS_HELP,
    OPTS_END,
};

enum { MAPS_MAX = 64 };

struct hash {
    struct rt_hash_options run;
    struct rt_mapping maps[MAPS_MAX];
    bool quiet, no_progress;
};

static void defaults(struct hash *hash)
{
    *hash = (struct hash) { .run = { .output = "-" } };
    hash->run.maps = hash->maps;
    hash->run.latest_year = (unsigned)rt_clock_civil(now_us()).year;
    hash->run.jobs = default_jobs();
    hash->run.tmpdir = default_tmpdir();
    hash->run.max_rejects_percent = true;
    hash->run.max_rejects = 10000; /* 1 % in millionths */
}

static int add_map(struct hash *hash, const char *value, struct rt_err *err)
{
    const char *equals = strchr(value, '=');

    if (!equals || equals == value || !equals[1])
        return rt_err_set(
            err, RT_EUSAGE, "--map: give FIELD=COLUMN, as \"email=Contact\"");
    if (hash->run.nmaps == MAPS_MAX)
        return rt_err_set(err, RT_EUSAGE, "--map: given more than %d times", MAPS_MAX);
    hash->maps[hash->run.nmaps++] =
        (struct rt_mapping) { { value, (size_t)(equals - value) },
            rt_span_of(equals + 1) };
    return RT_OK;
}

static int set_delimiter(struct hash *hash, const char *value, struct rt_err *err)
{
    if (strcmp(value, "tab") == 0 || strcmp(value, "\\t") == 0)
        value = "\t";
    if (!value[0] || value[1] || strchr("\"\r\n", value[0]))
        return rt_err_set(err, RT_EUSAGE,
            "--delimiter: give one character of ASCII, as \";\", or \"tab\"");
    hash->run.delimiter = value[0];
    return RT_OK;
}

static int set_plain(struct hash *hash, const char *value, struct rt_err *err)
{
    if (rt_num_count(rt_span_of(value), &hash->run.plain_rows) < 0
        || hash->run.plain_rows == 0)
        return rt_err_set(
            err, RT_EUSAGE, "--plain: give how many rows to look at, as \"100\"");
    return RT_OK;
}

static int set(struct hash *hash, int key, const char *value, struct rt_err *err)
{
    struct rt_hash_options *run = &hash->run;

    switch (key) {
    case 't':
        run->platform = value;
        return RT_OK;
    case 'o':
        run->output = value;
        return RT_OK;
    case OPT_MAP:
        return add_map(hash, value, err);
    case OPT_COUNTRY:
        run->country = value;
        return RT_OK;
    case OPT_DELIMITER:
        return set_delimiter(hash, value, err);
    case OPT_PLAIN:
        return set_plain(hash, value, err);
    case OPT_REPORT:
        run->report_path = value;
        return RT_OK;
    case OPT_REJECTS:
        run->rejects_path = value;
        return RT_OK;
    case OPT_MAX_REJECTS:
        return max_rejects_of(value, &run->max_rejects_percent, &run->max_rejects, err);
    case 'j':
        return jobs_of(value, &run->jobs, err);
    case OPT_NO_PROGRESS:
        hash->no_progress = true;
        return RT_OK;
    case 'q':
        hash->quiet = true;
        run->verbose = false;
        return RT_OK;
    default: /* 'v', the one that is left */
        run->verbose = true;
        hash->quiet = false;
        return RT_OK;
    }
}

static bool is_dash(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static int finish(struct hash *hash, const struct opts *opts, struct rt_err *err)
{
    struct rt_hash_options *run = &hash->run;

    if (!run->platform)
        return rt_err_set(err, RT_EUSAGE,
            "for which platform? name it with --to; see `retarget hash --help`");
    if (opts->nrest > 1)
        return rt_err_set(
            err, RT_EUSAGE, "one file at a time; join them first, or call hash for each");
    if (opts->nrest == 0 && isatty(STDIN_FILENO))
        return rt_err_set(err, RT_EUSAGE, "which file? see `retarget hash --help`");
    run->input = opts->nrest ? opts->rest[0] : "-";
    if (is_dash(run->rejects_path))
        return rt_err_set(
            err, RT_EUSAGE, "--rejects: give a file; standard output is for the list");
    if (is_dash(run->report_path) && is_dash(run->output))
        return rt_err_set(err, RT_EUSAGE,
            "the list and --report - would mix on standard output; give one a file");
    if (run->plain_rows
        && (run->rejects_path || run->report_path || !is_dash(run->output)))
        return rt_err_set(
            err, RT_EUSAGE, "--plain writes no file: leave out -o, --rejects, --report");
    return RT_OK;
}

static int show(const struct hash *hash, const struct rt_hash_report *report,
    const struct rt_buf *plain, struct rt_err *err)
{
    struct rt_buf text = RT_BUF_INIT(SIZE_MAX / 2);
    int rc = RT_OK;

    if (hash->run.plain_rows)
        return print_out(rt_buf_span(plain), err);
    if (!hash->quiet)
        rc = rt_hash_text(report, &text);
    if (rc == RT_OK && text.n)
        fwrite(text.p, 1, text.n, stderr);
    rt_buf_release(&text);
    return rc;
}

static int write_list(struct hash *hash)
{
    struct rt_buf plain = RT_BUF_INIT(SIZE_MAX / 2);
    struct rt_hash_report *report = NULL;
    struct progress progress;
    struct rt_err err = { 0 };
    int rc;

    progress_start(&progress, hash->quiet, hash->no_progress);
    hash->run.progress = progress_hook(&progress);
    hash->run.notice = notice_hook(&progress);
    rc = rt_run_hash(&hash->run, &report, &plain, &err);
    progress_end(&progress);
    if (rc == RT_OK)
        rc = show(hash, report, &plain, &err);
    else if (rc == RT_EREJECTS)
        show(hash, report, &plain, &err);
    rt_hash_report_free(report);
    rt_buf_release(&plain);
    return say_failure(rc, &err);
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct hash hash;
    struct opts opts;
    struct rt_err err = { 0 };
    const char *value;
    int key = OPTS_DONE, rc = RT_OK;

    defaults(&hash);
    opts_start(&opts, cmd, argc, argv);
    while (rc == RT_OK && (key = opts_next(&opts, &value)) > 0)
        rc = set(&hash, key, value, &err);
    if (rc == RT_OK && key == OPTS_DONE)
        rc = finish(&hash, &opts, &err);
    if (rc < 0)
        return say_failure(rc, &err);
    return key == OPTS_STOP ? opts.status : write_list(&hash);
}

const struct cmd cmd_hash = {
    .name = "hash",
    .summary = "turns a contact file into a platform's upload file",
    .usage = "hash --to PLATFORM [OPTION]... [FILE]",
    .about =
        "Reads a contact file, such as an export of a customer system, and writes the\n"
        "list that the platform takes: normalised, hashed, in its columns. FILE is CSV,\n"
        "plain or compressed by gzip or zstd; without it, standard input is read.",
    .options = options,
    .run = run,
};
