/*
 * Options of a command: one table each, from which getopt_long's tables and the --help
 * text are made, so that they cannot differ.
 */
#ifndef CMD_OPTS_H
#define CMD_OPTS_H

#include <stddef.h>

#include "base/buf.h"

struct cmd;

/* Ended by an entry without a name. */
struct opt {
    const char *name;  /* the long form, without dashes */
    int key;           /* the letter of the short form; from OPT_LONG on there is none */
    const char *value; /* what its value is called in --help; NULL: it takes none */
    const char *help;
};

enum { OPT_LONG = 256, OPTS_MAX = 64 };

/* What every command has. */
#define OPTS_TALK                                                                        \
    { "quiet", 'q', NULL, "say nothing but errors" },                                    \
    {                                                                                    \
        "verbose", 'v', NULL, "say more"                                                 \
    }
#define OPTS_HELP                                                                        \
    {                                                                                    \
        "help", 'h', NULL, "show this help"                                              \
    }
#define OPTS_END                                                                         \
    {                                                                                    \
        NULL, 0, NULL, NULL                                                              \
    }

/* A walk over a command line. argv is reordered: what is no option moves to its end. */
struct opts {
    const struct cmd *cmd;
    int argc;
    char **argv;
    char *const *rest; /* after the walk: what is no option */
    size_t nrest;
    int status; /* of a walk that stopped: the exit status */
};

enum { OPTS_DONE = 0, OPTS_STOP = -1 };

void opts_start(struct opts *opts, const struct cmd *cmd, int argc, char **argv);

/*
 * The next option: its key, with *value lent from argv (NULL for one that takes none).
 * OPTS_DONE behind the last one. OPTS_STOP when the program is to end now with
 * opts->status: help was asked for and shown, or something is wrong and was said.
 */
int opts_next(struct opts *opts, const char **value);

/* The --help text of a command, appended to out. */
int opts_help(const struct cmd *cmd, struct rt_buf *out);

#endif
