/*
 * Outputs that would replace what the run reads, and those that have no place to go: found
 * before anything is read.
 */
#ifndef RT_OVERWRITE_H
#define RT_OVERWRITE_H

#include "base/err.h"
#include "plan/segdef.h"
#include "run/outputs.h"
#include "run/run.h"

/*
 * Holds every file that the run is to write (lists, report, page, rejects) against every
 * file that it reads (segment file, inputs, contacts, opt-outs), by device and inode.
 *
 * RT_OK; RT_EUSAGE when one of them is both; RT_EIO when the folder of report, page or
 * rejects is missing or not writable; RT_ENOMEM. The folder of lists is not looked at.
 */
int rt_overwrite_check(const struct rt_run_options *options, const struct rt_defs *defs,
    const struct rt_targets *targets, struct rt_err *err);

#endif
