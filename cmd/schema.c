/* schema: prints the JSON Schema of the segment file, for editors and validators. */
#include "cmd/cmd.h"

#include "plan/schema.h"

static const struct opt options[] = {
    OPTS_HELP,
    OPTS_END,
};

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct rt_err err = { 0 };
    struct opts opts;
    const char *value;

    opts_start(&opts, cmd, argc, argv);
    if (opts_next(&opts, &value) == OPTS_STOP)
        return opts.status;
    if (opts.nrest) {
        say_error("schema takes no files; `retarget check` says what is wrong in one");
        return EXIT_USAGE;
    }
    return say_failure(print_out(rt_schema_text(), &err), &err);
}

const struct cmd cmd_schema = {
    .name = "schema",
    .summary = "prints the JSON Schema of the segment file",
    .usage = "schema",
    .about = "Prints the JSON Schema (draft 2020-12) of the segment file, by which an "
             "editor\n"
             "completes its keys and marks mistakes.",
    .options = options,
    .run = run,
};
