/*
 * Which lists a run writes, and what their files are called: what the command line names,
 * else the file's `outputs`.
 */
#ifndef RT_OUTPUTS_H
#define RT_OUTPUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "lists/platform.h"
#include "plan/segdef.h"
#include "run/run.h"

/* One list. Of a segment with arms each arm has its own, and the segment's holds everyone
 * but the arm `holdout`, which goes to no platform. */
struct rt_target {
    uint32_t segment;
    uint32_t arm; /* its place; RT_NO_ARM: the segment's own list */
    const struct rt_platform *platform;
    struct rt_span file; /* the name in the output folder */
    struct rt_span name; /* the list's name for platforms: SEGMENT or SEGMENT.ARM */
};

enum { RT_NO_ARM = UINT32_MAX };

struct rt_targets {
    struct rt_target *targets; /* in arena; by segment as in the file */
    uint32_t n;
    bool *wanted; /* by segment: some list of it is written */
};

/*
 * RT_OK; RT_EUSAGE for an unknown platform or segment of the command line (names the
 * nearest), nothing to write, several lists for standard output; RT_EDEFS when two lists
 * of the file's outputs have one name; RT_ENOMEM.
 */
int rt_targets_of(const struct rt_defs *defs, const struct rt_run_options *options,
    struct rt_arena *arena, struct rt_targets *out, struct rt_err *err);

/* The segments that options->only names: are they all in the file (RT_EUSAGE names the
 * nearest), and is this one of them? */
int rt_check_only(
    const struct rt_defs *defs, const struct rt_run_options *options, struct rt_err *err);
bool rt_is_only(const struct rt_run_options *options, struct rt_span segment);

/* True for the arm whose people are kept apart. */
bool rt_is_holdout(const struct rt_arm *arm);

#endif
