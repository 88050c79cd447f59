/* help: opens a manual page, from where it is installed or from the source tree when the
 * program is run there. Without man(1) or the page, the --help text does. */
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/cmd.h"

extern char **environ;

static const struct opt options[] = {
    OPTS_HELP,
    OPTS_END,
};

struct page {
    const char *name; /* "retarget-build" */
    int section;
};

/* build/VARIANT/retarget lies two folders below the tree. */
static int tree_path(const struct page *page, char *out, size_t room)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    for (int up = 0; up < 3 && n > 0; up++)
        while (n > 0 && self[--n] != '/')
            ;
    if (n <= 0)
        return -1;
    return snprintf(out, room, "%.*s/man/%s.%d", (int)n, self, page->name, page->section);
}

static bool page_path(const struct page *page, char *out, size_t room)
{
    int n = tree_path(page, out, room);

    if (n > 0 && (size_t)n < room && access(out, R_OK) == 0)
        return true;
    n = snprintf(
        out, room, "%s/man%d/%s.%d", RT_MANDIR, page->section, page->name, page->section);
    return n > 0 && (size_t)n < room && access(out, R_OK) == 0;
}

/* Runs man(1) on the file. False when there is none or it failed. */
static bool run_man(char *path)
{
    char man[] = "man", local[] = "-l";
    char *const argv[] = { man, local, path, NULL };
    pid_t pid;
    int status = 0;

    if (posix_spawnp(&pid, "man", NULL, NULL, argv, environ) != 0)
        return false;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int show_page(const struct page *page, const struct cmd *cmd)
{
    char path[PATH_MAX];
    bool found = page_path(page, path, sizeof path);

    if (found && run_man(path))
        return EXIT_DONE;
    if (cmd || page->section == 1)
        return print_help(cmd);
    if (found)
        say_error("man(1) could not show it; the manual is %s", path);
    else
        say_error("the manual %s(%d) is not installed", page->name, page->section);
    return EXIT_FAILED;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    char name[64];
    struct page page = { name, 1 };
    const struct cmd *topic = NULL;
    struct opts opts;
    const char *value;

    opts_start(&opts, cmd, argc, argv);
    if (opts_next(&opts, &value) == OPTS_STOP)
        return opts.status;
    if (opts.nrest > 1) {
        say_error("help takes one name; see `retarget help --help`");
        return EXIT_USAGE;
    }
    snprintf(name, sizeof name, "retarget");
    if (opts.nrest == 1 && strcmp(opts.rest[0], "segments") == 0) {
        snprintf(name, sizeof name, "retarget-segments");
        page.section = 5;
    } else if (opts.nrest == 1) {
        topic = command_of(opts.rest[0]);
        if (!topic)
            return unknown_command(opts.rest[0]);
        if (topic != cmd)
            snprintf(name, sizeof name, "retarget-%s", topic->name);
    }
    return show_page(&page, topic);
}

const struct cmd cmd_help = {
    .name = "help",
    .summary = "opens the manual of a command",
    .usage = "help [COMMAND | segments]",
    .about = "Opens the manual of a command, that of the segment file (segments), or\n"
             "without a name the program's own.",
    .options = options,
    .run = run,
};
