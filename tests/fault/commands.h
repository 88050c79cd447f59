/* The commands as the fault tests run them: on the small inputs of the tree, with their
 * files going to one folder. */
#ifndef FAULT_COMMANDS_H
#define FAULT_COMMANDS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct command {
    const char *name;
    uint32_t threads;
    /* said gets what the command prints. RT_OK, or what it ended with. */
    int (*run)(const struct command *command, struct rt_buf *said, struct rt_err *err);
    const char *root, *folder; /* set by who runs it */
};

extern const struct command commands[]; /* ended by one without a name */

#endif
