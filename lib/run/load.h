/*
 * Loading a segment file for a run.
 */
#ifndef RT_LOAD_H
#define RT_LOAD_H

#include "plan/segdef.h"
#include "run/run.h"

/* Loads options->segments_path with the platforms that this program knows. */
int rt_run_load(const struct rt_run_options *options, struct rt_json_errors *errors,
    struct rt_defs **defs, struct rt_err *err);

/* The run's now: --as-of, local in the zone where it names none, or now_us. RT_EUSAGE when
 * it is no time. */
int rt_run_as_of(const struct rt_run_options *options, const struct rt_zone *zone,
    int64_t *as_of_us, struct rt_err *err);

#endif
