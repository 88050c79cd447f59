/*
 * The inputs of a run: which source each belongs to, what each is recognised as, each file
 * once.
 */
#ifndef RT_INPUTS_H
#define RT_INPUTS_H

#include "people/screen.h"
#include "plan/segdef.h"
#include "run/ingest.h"

/* A source of the segment file, or for inputs that none of them takes, one a format that
 * was recognised. */
struct rt_inputs_source {
    const struct rt_source *source; /* borrowed, or in arena */
    struct rt_span name;
};

struct rt_inputs {
    struct rt_feed *feeds;
    uint32_t nfeeds;
    struct rt_inputs_source *sources; /* those of the file, then by format */
    uint32_t nsources;
    struct rt_source unnamed; /* for inputs that no source takes */
    struct rt_arena arena;
};

/*
 * Opens all inputs.
 *
 * defs  NULL: no segment file
 * zone  for times without one where no source says
 *
 * RT_OK; RT_EUSAGE for an unknown source, or a file named twice; RT_EIO, RT_ENOMEM.
 */
int rt_inputs_open(struct rt_inputs *inputs, const struct rt_defs *defs,
    const struct rt_zone *zone, const struct rt_slots *slots,
    const struct rt_run_options *options, struct rt_err *err);
void rt_inputs_close(struct rt_inputs *inputs);

/* How the feed's records are screened: times, names and crawlers as the source says, else
 * as its format has it by default. */
struct rt_screen_rules rt_inputs_rules(
    const struct rt_feed *feed, uint32_t user_agent_slot, uint32_t device_slot);

#endif
