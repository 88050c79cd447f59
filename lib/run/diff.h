/*
 * Two lists of one platform by their rows: who is to be added to what the platform has, who
 * is to be removed from it.
 *
 * As sets of rows, old without removed and with added is new. A list is a set: its order
 * and repeated rows do not count. Lists may be of any size and in any order.
 */
#ifndef RT_DIFF_RUN_H
#define RT_DIFF_RUN_H

#include <stdint.h>

#include "base/err.h"
#include "lists/platform.h"

struct rt_diff_options {
    const char *old_path, *new_path;    /* a list, or its name when it is in parts */
    const char *platform;               /* its name; NULL: by the header */
    const char *add_path, *remove_path; /* NULL: not written; "-": standard output */
    const char *dir; /* NULL; else both go there, named after the new list */
    uint64_t memory_bytes;
    const char *tmpdir;
};

struct rt_diff_result {
    const struct rt_platform
        *platform;               /* NULL: rows without a header, whosever they are */
    uint64_t old_rows, new_rows; /* different ones */
    uint64_t added, removed, same;
    uint32_t added_files, removed_files;
};

/* RT_OK; RT_EUSAGE for an unknown platform, or an output that is an input; RT_EIO for
 * lists that are not of one platform, a list whose rows cannot be told apart, and the rest
 * of err.h. Unless RT_OK, no file was changed. */
int rt_run_diff(const struct rt_diff_options *options, struct rt_diff_result *result,
    struct rt_err *err);

#endif
