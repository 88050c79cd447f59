/*
 * What the commands share: the table of commands, how they speak, exit statuses.
 *
 * Results go to standard output through print_out, everything said to a person to
 * standard error through the functions here.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "cmd/opts.h"
#include "io/json.h"
#include "run/run.h"

enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_DEFS = 3,
    EXIT_REJECTS = 4,
    EXIT_SIGNAL = 128 /* and the signal's number */
};

struct cmd {
    const char *name;
    const char *summary; /* for the list of commands */
    const char *usage;   /* behind "retarget " */
    const char *about;   /* the paragraph of --help */
    const struct opt *options;
    int (*run)(const struct cmd *cmd, int argc, char **argv); /* the exit status */
};

extern const struct cmd cmd_build, cmd_check, cmd_explain, cmd_peek, cmd_init, cmd_hash,
    cmd_diff, cmd_verify, cmd_platforms, cmd_schema, cmd_help;

/* All of them; ended by NULL. */
extern const struct cmd *const commands[];

const struct cmd *command_of(const char *name); /* NULL: none */

/* Says that there is no such command, with the nearest one. Returns EXIT_USAGE. */
int unknown_command(const char *name);

/* The program's own --help, appended to out. */
int program_help(struct rt_buf *out);

/* ---- talk.c */

/* "retarget: " and the text, on standard error. */
void say_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The exit status of an enum rt_status. */
int status_of(int rc);

/* Says what went wrong, unless it is something to be quiet about. Returns status_of(rc). */
int say_failure(int rc, const struct rt_err *err);

/* Says every definition error with file, line, column and path. */
void say_definition_errors(const char *file, const struct rt_json_errors *errors);

/* Writes all bytes to standard output. RT_OK, RT_EPIPE or RT_EIO. */
int print_out(struct rt_span bytes, struct rt_err *err);

/* Prints a command's --help. Returns the exit status. */
int print_help(const struct cmd *cmd);

/* True when standard error is a terminal that can do more than letters. */
bool err_is_terminal(void);

/* True when colours are wanted there: such a terminal, and NO_COLOR not set. */
bool err_has_colour(void);

/* Columns of the terminal at standard error, or what COLUMNS says; 80 when it is none. */
unsigned err_columns(void);

/* ---- inputs.c */

/* One input of the command line, PATH or SOURCE=PATH. A text whose part before the first
 * '=' is no source name is a path whole ("./a=b"). */
int input_of(const char *text, struct rt_arena *arena, struct rt_run_input *out);

/* All of them, in arena. RT_OK or RT_ENOMEM. */
int inputs_of(char *const *texts, size_t n, struct rt_arena *arena,
    const struct rt_run_input **out);

/* ---- settings.c: values of options, and what they are when not given */

/* Appends the names of "a,b,c" to a list in arena. RT_OK, RT_EUSAGE, RT_ENOMEM. */
struct name_list {
    const char **names;
    size_t n;
};
int list_of(const char *option, const char *text, struct rt_arena *arena,
    struct name_list *list, struct rt_err *err);

int jobs_of(const char *text, uint32_t *jobs, struct rt_err *err);
int memory_of(const char *text, uint64_t *bytes, struct rt_err *err);
int max_rejects_of(
    const char *text, bool *percent, uint64_t *max_rejects, struct rt_err *err);

/* A country by its code or name, as its alpha-2 code; in arena. */
int country_of(
    const char *text, struct rt_arena *arena, const char **code, struct rt_err *err);

int products_of(const char *text, uint32_t *products, struct rt_err *err);

uint32_t default_jobs(void);
uint64_t default_memory(void);
const char *default_tmpdir(void);

/* The time of day, cut to the second. */
int64_t now_us(void);

/* ---- interrupt.c */

/* Arranges for SIGINT, SIGTERM and SIGHUP to end the program cleanly: a running build is
 * told to stop; if it has not within half a second, or at a second signal, the temporary
 * files are removed and the program ends there. */
void catch_signals(void);

/* What is in memory is personal: a crash leaves no core file. */
void dump_no_core(void);

/* 128 and the number of the signal that came; 0 when none did. */
int signal_status(void);

#endif
