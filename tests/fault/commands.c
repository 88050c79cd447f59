#include "tests/fault/commands.h"

#include <stdio.h>
#include <string.h>

#include "run/diff.h"
#include "run/explain.h"
#include "run/hashing.h"
#include "run/run.h"
#include "run/verify.h"

#define AS_OF "2026-07-01T12:00:00Z"

enum { PATH_BYTES = 1024 };

static void path_of(char out[PATH_BYTES], const char *folder, const char *name)
{
    snprintf(out, PATH_BYTES, "%s/%s", folder, name);
}

/* The inputs of the demo and what every run of segments takes. */
struct inputs {
    char events[PATH_BYTES], log[PATH_BYTES], jsonl[PATH_BYTES], segments[PATH_BYTES];
    struct rt_run_input inputs[3];
    struct rt_run_options options;
};

static void inputs_of(
    struct inputs *in, const struct command *command, const char *segments)
{
    path_of(in->events, command->root, "testdata/demo/events.csv");
    path_of(in->log, command->root, "testdata/demo/access.log");
    path_of(in->jsonl, command->root, "testdata/demo/events.jsonl");
    path_of(in->segments, command->root, segments);
    in->inputs[0] = (struct rt_run_input) { .path = in->events };
    in->inputs[1] = (struct rt_run_input) { .path = in->log };
    in->inputs[2] = (struct rt_run_input) { .source = "app", .path = in->jsonl };
    in->options = (struct rt_run_options) { .segments_path = in->segments,
        .inputs = in->inputs,
        .ninputs = 3,
        .as_of = AS_OF,
        .jobs = command->threads,
        .memory_bytes = 16 << 20,
        .tmpdir = "/tmp" };
}

static int build_with(
    const struct command *command, struct inputs *in, struct rt_err *err)
{
    char report[PATH_BYTES], html[PATH_BYTES], rejects[PATH_BYTES];
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { .arena = &arena };
    struct rt_report *got = NULL;
    int rc;

    path_of(report, command->folder, "report.json");
    path_of(html, command->folder, "report.html");
    path_of(rejects, command->folder, "rejects.csv");
    in->options.output_dir = command->folder;
    in->options.rejects_path = rejects;
    in->options.max_rejects = 10;
    in->options.report_path = report;
    in->options.html_path = html;
    rc = rt_run_build(&in->options, &got, &errors, err);
    rt_report_free(got);
    rt_arena_release(&arena);
    return rc;
}

static int build(const struct command *command, struct rt_buf *said, struct rt_err *err)
{
    struct inputs in;

    (void)said;
    inputs_of(&in, command, "tests/fault/segments.json");
    return build_with(command, &in, err);
}

/* Sequences, sessions, values and ranks, which go by a person's events in their order. */
static int build_in_order(
    const struct command *command, struct rt_buf *said, struct rt_err *err)
{
    struct inputs in;

    (void)said;
    inputs_of(&in, command, "tests/fault/in-order.json");
    in.options.products = 2;
    return build_with(command, &in, err);
}

static int explain_of(const struct command *command, const char *person,
    struct rt_buf *said, struct rt_err *err)
{
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { .arena = &arena };
    struct rt_explanation *got = NULL;
    struct inputs in;
    int rc;

    inputs_of(&in, command, "tests/fault/in-order.json");
    if (!person)
        in.options.ninputs = 0;
    rc = rt_run_explain(&in.options, person, &got, &errors, err);
    if (rc == RT_OK)
        rc = rt_explanation_text(got, (struct rt_explain_style) { true, true }, said);
    if (rc == RT_OK)
        rc = rt_explanation_json(got, said);
    rt_explanation_free(got);
    rt_arena_release(&arena);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : rc;
}

static int explain_file(
    const struct command *command, struct rt_buf *said, struct rt_err *err)
{
    return explain_of(command, NULL, said, err);
}

static int explain_person(
    const struct command *command, struct rt_buf *said, struct rt_err *err)
{
    return explain_of(command, "user_id:u9", said, err);
}

static int check(const struct command *command, struct rt_buf *said, struct rt_err *err)
{
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { .arena = &arena }, warnings = { .arena = &arena };
    struct inputs in;
    int rc;

    inputs_of(&in, command, "tests/fault/in-order.json");
    rc = rt_run_check(&in.options, &errors, &warnings, err);
    for (size_t i = 0; i < warnings.n && rc == RT_OK; i++)
        rc = rt_buf_addf(
            said, "%s: %s\n", warnings.errors[i].path, warnings.errors[i].text);
    rt_arena_release(&arena);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : rc;
}

static int peek(const struct command *command, struct rt_buf *said, struct rt_err *err)
{
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { .arena = &arena };
    struct rt_peek *got = NULL;
    struct inputs in;
    int rc;

    inputs_of(&in, command, "tests/fault/segments.json");
    in.options.segments_path = NULL;
    in.inputs[2].source = NULL;
    rc = rt_run_peek(&in.options, &got, &errors, err);
    for (uint32_t i = 0; rc == RT_OK && i < got->ninputs; i++)
        rc = rt_buf_addf(said, "%.*s: %ju read, %ju used, %u names of events\n",
            (int)got->inputs[i].format.n, got->inputs[i].format.p,
            (uintmax_t)got->inputs[i].read, (uintmax_t)got->inputs[i].used,
            got->inputs[i].nevents);
    rt_peek_free(got);
    rt_arena_release(&arena);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : rc;
}

static int init(const struct command *command, struct rt_buf *said, struct rt_err *err)
{
    struct rt_init found;
    struct inputs in;

    inputs_of(&in, command, "");
    in.inputs[2].source = NULL;
    return rt_run_init(&in.options, said, &found, err);
}

static int hash_of(const struct command *command, uint64_t plain_rows,
    struct rt_buf *said, struct rt_err *err)
{
    char input[PATH_BYTES], output[PATH_BYTES], report[PATH_BYTES], rejects[PATH_BYTES];
    struct rt_hash_options options = { .input = input,
        .platform = "meta",
        .output = output,
        .country = "DE",
        .plain_rows = plain_rows,
        .report_path = report,
        .rejects_path = rejects,
        .jobs = command->threads,
        .tmpdir = "/tmp" };
    struct rt_hash_report *got = NULL;
    int rc;

    path_of(input, command->root, "testdata/contacts/crm.csv");
    path_of(output, command->folder, "list.csv");
    path_of(report, command->folder, "report.json");
    path_of(rejects, command->folder, "rejects.csv");
    rc = rt_run_hash(&options, &got, said, err);
    rt_hash_report_free(got);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : rc;
}

static int hash(const struct command *command, struct rt_buf *said, struct rt_err *err)
{
    return hash_of(command, 0, said, err);
}

static int hash_plain(
    const struct command *command, struct rt_buf *said, struct rt_err *err)
{
    return hash_of(command, 3, said, err);
}

/* Neither file has the header of a platform: lines are rows. */
static int diff(const struct command *command, struct rt_buf *said, struct rt_err *err)
{
    char old[PATH_BYTES], new[PATH_BYTES], add[PATH_BYTES], removed[PATH_BYTES];
    struct rt_diff_options options = { .old_path = old,
        .new_path = new,
        .add_path = add,
        .remove_path = removed,
        .memory_bytes = 16 << 20,
        .tmpdir = "/tmp" };
    struct rt_diff_result result;

    (void)said;
    path_of(old, command->root, "testdata/demo/customers.csv");
    path_of(new, command->root, "testdata/contacts/crm.csv");
    path_of(add, command->folder, "new.add.csv");
    path_of(removed, command->folder, "new.remove.csv");
    return rt_run_diff(&options, &result, err);
}

struct findings {
    struct rt_buf *said;
    int rc;
};

static void keep_finding(void *ctx, const struct rt_finding *finding)
{
    struct findings *findings = ctx;

    if (findings->rc == RT_OK)
        findings->rc = rt_buf_addf(
            findings->said, "%ju: %s\n", (uintmax_t)finding->line, finding->text);
}

/* A contact file as it is: there is much to be found in it. */
static int verify(const struct command *command, struct rt_buf *said, struct rt_err *err)
{
    char path[PATH_BYTES];
    struct findings findings = { said, RT_OK };
    struct rt_verify_options options = { .platform = rt_platform_get(RT_SPAN("meta")),
        .all = true,
        .latest_year = 2026,
        .say = keep_finding,
        .ctx = &findings };
    struct rt_verify_result result;
    int rc;

    path_of(path, command->root, "testdata/contacts/crm.csv");
    rc = rt_run_verify(path, &options, &result, err);
    if (rc == RT_OK)
        rc = findings.rc;
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : rc;
}

const struct command commands[] = {
    { "build", 1, build, NULL, NULL },
    { "build", 2, build, NULL, NULL },
    { "build-in-order", 1, build_in_order, NULL, NULL },
    { "build-in-order", 2, build_in_order, NULL, NULL },
    { "explain", 1, explain_file, NULL, NULL },
    { "explain-person", 1, explain_person, NULL, NULL },
    { "explain-person", 2, explain_person, NULL, NULL },
    { "check", 1, check, NULL, NULL },
    { "check", 2, check, NULL, NULL },
    { "peek", 1, peek, NULL, NULL },
    { "init", 1, init, NULL, NULL },
    { "hash", 1, hash, NULL, NULL },
    { "hash", 2, hash, NULL, NULL },
    { "hash-plain", 1, hash_plain, NULL, NULL },
    { "diff", 1, diff, NULL, NULL },
    { "verify", 1, verify, NULL, NULL },
    { NULL, 0, NULL, NULL, NULL },
};
