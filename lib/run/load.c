/* What all commands that take a segment file do first. */
#include "run/load.h"

#include "lists/platform.h"
#include "run/ingest.h"

int rt_run_load(const struct rt_run_options *o, struct rt_json_errors *errors,
    struct rt_defs **defs, struct rt_err *err)
{
    const char *const *names = rt_platform_names();
    size_t n = 0;

    while (names[n])
        n++;
    return rt_defs_load(o->segments_path, names, n, defs, errors, err);
}

int rt_run_as_of(const struct rt_run_options *o, const struct rt_zone *zone,
    int64_t *as_of_us, struct rt_err *err)
{
    bool day_only;

    *as_of_us = o->now_us;
    if (!o->as_of)
        return RT_OK;
    if (rt_time_parse_bound(rt_span_of(o->as_of), zone, as_of_us, &day_only) < 0)
        return rt_err_set(err, RT_EUSAGE,
            "--as-of '%s' is no time: write it as 2026-07-01T12:00:00Z", o->as_of);
    return RT_OK;
}

void rt_run_stop(void)
{
    rt_ingest_stop();
}
