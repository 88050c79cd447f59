/*
 * Is a file, from whatever tool, one that a platform takes? Every finding has its line and
 * its cure, and never a value.
 */
#ifndef RT_VERIFY_RUN_H
#define RT_VERIFY_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "lists/platform.h"

/* An error is what the platform refuses or what matches nobody; a warning is what costs
 * some matches or may be refused. */
enum rt_severity { RT_FINDING_WARNING, RT_FINDING_ERROR };

struct rt_finding {
    uint64_t line; /* from 1; 0: of the file as a whole */
    enum rt_severity severity;
    const char *text; /* what is wrong, and what to do; lent for the call */
};

struct rt_verify_options {
    const struct rt_platform *platform;
    bool all;             /* every finding, not only the first few of a kind */
    unsigned latest_year; /* that a birth date may have */
    void (*say)(void *ctx, const struct rt_finding *finding);
    void *ctx;
};

enum { RT_FINDINGS_SHOWN = 5 }; /* of one kind and column, unless all are wanted */

struct rt_verify_result {
    uint64_t rows, bytes;
    uint64_t errors, warnings; /* findings, also those not said one by one */
};

/* RT_OK whatever was found; RT_EIO for a file that cannot be read, RT_ENOMEM. */
int rt_run_verify(const char *path, const struct rt_verify_options *options,
    struct rt_verify_result *result, struct rt_err *err);

#endif
