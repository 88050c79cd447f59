/* How the program speaks: errors and results. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/num.h"
#include "cmd/cmd.h"

enum { HELP_MAX_BYTES = 1 << 16 };

void say_error(const char *fmt, ...)
{
    static const char before[] = "retarget: ";
    enum { BEFORE = sizeof before - 1, TEXT = 2048 };
    char line[BEFORE + TEXT + 1]; /* no allocation: it may be what failed */
    va_list ap;
    size_t n;

    memcpy(line, before, BEFORE);
    va_start(ap, fmt);
    vsnprintf(line + BEFORE, TEXT, fmt, ap);
    va_end(ap);
    n = strlen(line);
    line[n++] = '\n';
    /* one write a line, so that lines of several programs do not mix */
    fwrite(line, 1, n, stderr);
}

int status_of(int rc)
{
    switch (rc) {
    case RT_OK:
        return EXIT_DONE;
    case RT_EUSAGE:
        return EXIT_USAGE;
    case RT_EDEFS:
        return EXIT_DEFS;
    case RT_EREJECTS:
        return EXIT_REJECTS;
    case RT_EPIPE:
        return EXIT_SIGNAL + SIGPIPE; /* as if the signal had ended us, like cat */
    default:
        return EXIT_FAILED;
    }
}

static const char *usual_text(int rc)
{
    switch (rc) {
    case RT_ENOMEM:
        return "out of memory";
    case RT_ESTOP:
        return "stopped";
    default:
        return "failed";
    }
}

int say_failure(int rc, const struct rt_err *err)
{
    const char *text = err->code ? err->text : usual_text(rc);

    if (rc == RT_OK || rc == RT_EPIPE)
        return status_of(rc);
    if (rc == RT_ESTOP && signal_status())
        return signal_status();
    if (!err->source[0])
        say_error("%s", text);
    else if (!err->line)
        say_error("%s: %s", err->source, text);
    else if (!err->col)
        say_error("%s:%ju: %s", err->source, (uintmax_t)err->line, text);
    else
        say_error("%s:%ju:%u: %s", err->source, (uintmax_t)err->line, err->col, text);
    return status_of(rc);
}

void say_definition_errors(const char *file, const struct rt_json_errors *errors)
{
    for (size_t i = 0; i < errors->n; i++) {
        const struct rt_json_error *e = &errors->errors[i];

        say_error("%s:%ju:%u: %s%s%s", file, (uintmax_t)e->line, e->col, e->path,
            e->path[0] ? ": " : "", e->text);
    }
    if (errors->left_out)
        say_error("%s: and %zu more errors", file, errors->left_out);
}

int print_out(struct rt_span bytes, struct rt_err *err)
{
    while (bytes.n) {
        ssize_t n = write(STDOUT_FILENO, bytes.p, bytes.n);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EPIPE)
            return rt_err_set(err, RT_EPIPE, "standard output was closed");
        if (n < 0)
            return rt_err_sys(err, RT_EIO, "standard output", errno, "cannot write");
        bytes.p += n;
        bytes.n -= (size_t)n;
    }
    return RT_OK;
}

int print_help(const struct cmd *cmd)
{
    struct rt_buf text = RT_BUF_INIT(HELP_MAX_BYTES);
    struct rt_err err = { 0 };
    int rc = cmd ? opts_help(cmd, &text) : program_help(&text);

    if (rc == RT_OK)
        rc = print_out(rt_buf_span(&text), &err);
    rt_buf_release(&text);
    return say_failure(rc, &err);
}

bool err_is_terminal(void)
{
    const char *term = getenv("TERM");

    return isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

bool err_has_colour(void)
{
    const char *no = getenv("NO_COLOR");

    return err_is_terminal() && !(no && *no);
}

unsigned err_columns(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    uint64_t n;

    if (columns && rt_num_count(rt_span_of(columns), &n) == RT_OK && n >= 20 && n <= 1000)
        return (unsigned)n;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        return size.ws_col;
    return 80;
}
