/*
 * The parts of a build, for build*.c and for explain, which goes the same way up to the
 * lists: what they share, and each part's way in.
 */
#ifndef RT_BUILD_H
#define RT_BUILD_H

#include <stdatomic.h>
#include <time.h>

#include "io/sink.h"
#include "people/duplicates.h"
#include "people/intake.h"
#include "plan/plan.h"
#include "run/contacts.h"
#include "run/inputs.h"
#include "run/listing.h"
#include "run/outputs.h"
#include "run/run.h"

struct build {
    const struct rt_run_options *o;
    struct rt_err *err;
    struct rt_report *report;
    struct timespec began;
    struct rt_arena arena;
    struct rt_defs *defs;
    int64_t as_of_us;
    struct rt_targets targets;
    struct rt_plan *plan;
    struct rt_inputs inputs;
    struct rt_contacts contacts;
    bool contacts_open;
    struct rt_sink_set *sinks;
    /* shared by workers */
    struct rt_kinds *kinds;
    struct rt_ids *ids;
    struct rt_touch_budget budget;
    struct rt_intake_shared shared;
    struct rt_intake **intakes;            /* one a worker */
    struct rt_intake_source *feed_sources; /* by feed, then by contact file */
    struct rt_duplicates **duplicates;     /* by source; NULL: none */
    _Atomic uint64_t *used;                /* by source */
    uint64_t (*settled)[RT_REASONS];       /* by source: drops known only at the end */
    struct rt_people *people;
    struct rt_watch *watch; /* explain: the person that matters alone; NULL: everyone */
    struct rt_listing *listing;
    struct rt_list_stats *stats; /* by target */
    uint32_t nwarnings;          /* of all lists */
};

static inline int rt_build_no_memory(struct build *b)
{
    return rt_err_set(b->err, RT_ENOMEM, "out of memory");
}

static inline bool rt_build_to_stdout(const struct rt_run_options *o)
{
    return o->output_dir && strcmp(o->output_dir, "-") == 0;
}

/* Each returns RT_OK, or the status that it left in b->err. */

/* build.c: opens all that is read, once b->o, err, report, defs, as_of_us, targets and plan
 * are there. Release frees whatever there is but the report. */
int rt_build_open(struct build *b);
void rt_build_release(struct build *b);

/* The most of it: what is known of people, and their lists. For when these are written. */
void rt_build_release_people(struct build *b);
struct rt_intake_source rt_build_intake_source(
    const struct rt_plan *plan, const struct rt_feed *feed);

/* build_read.c */
int rt_build_read_events(struct build *b);
int rt_build_read_contacts(struct build *b);
int rt_build_decide_duplicates(struct build *b);

/* build_people.c */
int rt_build_read_opt_outs(struct build *b); /* the last that a build finds ids by name */
/* Whether some list has more of people than their keys. */
bool rt_build_lists_ids(const struct build *b);
int rt_build_link_people(struct build *b);
int rt_build_list_all(struct build *b);

/* build_report.c */
int rt_build_report_reading(struct build *b);
int rt_build_report_lists(struct build *b);
void rt_build_report_cost(struct build *b);

/* build_write.c */
int rt_build_check_rejects(struct build *b);
int rt_build_write_lists(struct build *b);
int rt_build_finish(struct build *b);
int rt_build_print_report(struct build *b); /* on standard output, when asked for */

#endif
