/*
 * Inputs that can be read once, for commands that read them twice: standard input and pipes
 * are copied to a temporary file without a name (mode 0600), as they are, packed or not.
 */
#ifndef RT_SETASIDE_H
#define RT_SETASIDE_H

#include "base/arena.h"
#include "base/err.h"
#include "run/run.h"

struct rt_set_aside_inputs {
    struct rt_run_input *inputs; /* as they were given, with bytes_path where set aside */
    int *fds;                    /* by input; -1: it was left where it is */
    uint32_t n;
    struct rt_arena arena;
};

/* RT_OK; RT_EIO when an input cannot be read or tmpdir not be written; RT_ENOMEM;
 * RT_ESTOP. Release closes, and so removes, the copies: in any case. */
int rt_set_aside(const struct rt_run_input *inputs, uint32_t n, const char *tmpdir,
    struct rt_set_aside_inputs *out, struct rt_err *err);
void rt_set_aside_release(struct rt_set_aside_inputs *set);

#endif
