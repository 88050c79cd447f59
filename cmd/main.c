/* The program: finds the command, hands it the rest of the command line, ends with its
 * exit status. */
#include <stdio.h>

#include "base/near.h"
#include "cmd/cmd.h"

const struct cmd *const commands[] = { &cmd_build, &cmd_check, &cmd_explain, &cmd_peek,
    &cmd_init, &cmd_hash, &cmd_diff, &cmd_verify, &cmd_platforms, &cmd_schema, &cmd_help,
    NULL };

const struct cmd *command_of(const char *name)
{
    for (const struct cmd *const *c = commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

int unknown_command(const char *name)
{
    const char *names[sizeof commands / sizeof *commands], *near;
    size_t n = 0;

    for (; commands[n]; n++)
        names[n] = commands[n]->name;
    near = rt_near(rt_span_of(name), names, n);
    if (near)
        say_error("unknown command \"%s\"; did you mean %s?", name, near);
    else
        say_error("unknown command \"%s\"; see `retarget --help`", name);
    return EXIT_USAGE;
}

int program_help(struct rt_buf *out)
{
    int rc = rt_buf_adds(out,
        "Usage: retarget COMMAND [OPTION]... [FILE]...\n"
        "\n"
        "Builds audiences for ad platforms from event files and server logs: who put\n"
        "something in the cart and did not buy, who watched half the video, who has not\n"
        "been back for a month. A segment file says who; retarget writes the lists.\n"
        "\n"
        "Commands:\n");

    for (const struct cmd *const *c = commands; *c && rc == RT_OK; c++)
        rc = rt_buf_addf(out, "  %-9s  %s\n", (*c)->name, (*c)->summary);
    if (rc == RT_OK)
        rc = rt_buf_adds(out,
            "\n"
            "Options:\n"
            "  -h, --help  show this help\n"
            "  --version   show the version\n"
            "\n"
            "`retarget COMMAND --help` lists a command's options, `retarget help "
            "COMMAND`\n"
            "opens its manual, `retarget help segments` that of the segment file.\n");
    return rc;
}

static int print_version(void)
{
    struct rt_err err = { 0 };

    return say_failure(print_out(RT_SPAN("retarget " RT_VERSION "\n"), &err), &err);
}

static int run(int argc, char **argv)
{
    const struct cmd *cmd;

    if (argc < 2) {
        say_error("a command is missing; see `retarget --help`");
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return print_help(NULL);
    if (strcmp(argv[1], "--version") == 0)
        return print_version();
    if (argv[1][0] == '-' && argv[1][1]) {
        say_error("unknown option \"%s\"; a command comes first, see `retarget --help`",
            argv[1]);
        return EXIT_USAGE;
    }
    cmd = command_of(argv[1]);
    if (!cmd)
        return unknown_command(argv[1]);
    return cmd->run(cmd, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    dump_no_core();
    catch_signals();
    return run(argc, argv);
}
