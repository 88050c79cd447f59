/*
 * The main job, step by step; rt_run_build at the end reads as its table of contents.
 *
 * Memory: of what the caller allows, ids and touches get three quarters while inputs are
 * read, lists a quarter; contact rows and records set aside as possible duplicates an
 * eighth each before they go to disk.
 */
#include "run/build.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "run/ingest.h"
#include "run/load.h"
#include "run/overwrite.h"

enum { LEAST_TOUCH_BYTES = 8 << 20 };

/* ---- definitions */

/* Product lists that are asked for must have somewhere to come from and somewhere to go. */
static int check_products(struct build *b)
{
    bool from = false, to = false;

    for (uint32_t t = 0; t < b->targets.n; t++) {
        from |= b->plan->segments[b->targets.targets[t].segment].list != NULL;
        to |= b->targets.targets[t].platform->kind == RT_ROWS_CONTACT;
    }
    if (!from)
        return rt_err_set(b->err, RT_EUSAGE,
            "--products: no segment that is written has a `for_some` to take them from");
    if (!to)
        return rt_err_set(b->err, RT_EUSAGE,
            "--products: only csv and jsonl lists have them; add --to csv");
    return RT_OK;
}

static int define(struct build *b, struct rt_json_errors *errors)
{
    struct rt_plan_options plan = { .products = b->o->products > 0, .fold = true };
    int rc = rt_run_load(b->o, errors, &b->defs, b->err);

    if (rc == RT_OK)
        rc = rt_run_as_of(b->o, b->defs->zone, &b->as_of_us, b->err);
    if (rc == RT_OK)
        rc = rt_targets_of(b->defs, b->o, &b->arena, &b->targets, b->err);
    plan.wanted = b->targets.wanted;
    if (rc == RT_OK)
        rc = rt_plan_new(b->defs, b->as_of_us, &plan, errors, &b->plan, b->err);
    if (rc == RT_OK && b->o->products)
        rc = check_products(b);
    if (rc == RT_OK && b->o->ninputs == 0 && b->defs->people.ncontacts == 0)
        return rt_err_set(
            b->err, RT_EUSAGE, "no input: name files to read, or - for standard input");
    return rc;
}

/* ---- before reading */

/* An opt-out file that is missing must stop the run before it costs an hour. */
static int check_opt_outs(struct build *b)
{
    for (size_t i = 0; i < b->defs->nopt_outs; i++) {
        const char *path = b->defs->opt_out_files[i].p;
        struct stat st;

        if (stat(path, &st) != 0 || access(path, R_OK) != 0)
            return rt_err_sys(
                b->err, RT_EIO, path, errno, "cannot open the opt-out file");
        if (S_ISDIR(st.st_mode))
            return rt_err_at(
                b->err, RT_EIO, path, 0, 0, "is a directory, and to be an opt-out file");
    }
    return RT_OK;
}

static int lock_outputs(struct build *b)
{
    const char *dir = b->o->output_dir ? b->o->output_dir : ".";
    int rc = rt_sink_set_new(&b->sinks, b->err);

    if (rc < 0 || b->o->dry_run || rt_build_to_stdout(b->o))
        return rc;
    rc = rt_sink_make_folder(dir, b->err);
    return rc == RT_OK ? rt_sink_lock(b->sinks, dir, b->err) : rc;
}

static int share(struct build *b)
{
    uint64_t touches = b->o->memory_bytes / 4 * 3;

    b->budget.limit_bytes = touches > LEAST_TOUCH_BYTES ? touches : LEAST_TOUCH_BYTES;
    b->budget.tmpdir = b->o->tmpdir;
    b->intakes = rt_calloc(b->o->jobs, sizeof(struct rt_intake *));
    if (!b->intakes || rt_kinds_new(b->plan, &b->kinds) < 0
        || rt_ids_new(b->plan->state_words, &b->ids) < 0)
        return rt_build_no_memory(b);
    b->shared = (struct rt_intake_shared) { b->plan, b->kinds, b->ids, &b->budget };
    for (uint32_t i = 0; i < b->o->jobs; i++)
        if (rt_intake_new(&b->shared, &b->intakes[i]) < 0)
            return rt_build_no_memory(b);
    return RT_OK;
}

struct rt_intake_source rt_build_intake_source(
    const struct rt_plan *plan, const struct rt_feed *feed)
{
    return (struct rt_intake_source) {
        .rules = rt_inputs_rules(feed, plan->user_agent_slot, plan->device_slot),
        .contacts = feed->source->contacts,
        .dedupe = feed->source->dedupe,
        .layout = rt_decoder_layout(feed->decoder),
    };
}

/* What intake has to know of each input; and where a source's duplicates are set aside. */
static int describe_feeds(struct build *b)
{
    uint32_t nfeeds = b->inputs.nfeeds, nsources = b->inputs.nsources;
    int rc = RT_OK;

    b->feed_sources = rt_calloc(nfeeds + b->contacts.nfiles, sizeof *b->feed_sources);
    b->duplicates = rt_calloc(nsources, sizeof(struct rt_duplicates *));
    b->used = rt_calloc(nsources, sizeof *b->used);
    b->settled = rt_calloc(nsources, sizeof *b->settled);
    if (!b->feed_sources || !b->duplicates || !b->used || !b->settled)
        return rt_build_no_memory(b);
    for (uint32_t i = 0; i < nfeeds && rc == RT_OK; i++) {
        struct rt_feed *feed = &b->inputs.feeds[i];
        uint32_t s = feed->source_index;

        b->feed_sources[i] = rt_build_intake_source(b->plan, feed);
        feed->user = &b->feed_sources[i];
        if (feed->source->dedupe != RT_DEDUPE_NONE && !b->duplicates[s])
            rc = rt_duplicates_new(
                b->o->memory_bytes / 8, b->o->tmpdir, &b->duplicates[s], b->err);
        b->feed_sources[i].duplicates = b->duplicates[s];
        if (rc == RT_OK && b->o->rejects_path)
            rc = rt_feed_keep_rejects(feed, b->o->tmpdir, b->err);
    }
    for (uint32_t i = 0; i < b->contacts.nfiles && rc == RT_OK; i++) {
        struct rt_feed *feed = &b->contacts.files[i].feed;

        b->feed_sources[nfeeds + i] = rt_build_intake_source(b->plan, feed);
        feed->user = &b->feed_sources[nfeeds + i];
        if (b->o->rejects_path)
            rc = rt_feed_keep_rejects(feed, b->o->tmpdir, b->err);
    }
    return rc;
}

int rt_build_open(struct build *b)
{
    int rc = check_opt_outs(b);

    if (rc == RT_OK)
        rc = rt_overwrite_check(b->o, b->defs, &b->targets, b->err);
    if (rc == RT_OK) {
        b->contacts_open = true;
        rc = rt_contacts_open(
            &b->contacts, b->plan, b->o->memory_bytes / 8, b->o->tmpdir, b->err);
    }
    if (rc == RT_OK)
        rc = rt_inputs_open(
            &b->inputs, b->defs, b->defs->zone, &b->plan->slots, b->o, b->err);
    if (rc == RT_OK)
        rc = lock_outputs(b);
    if (rc == RT_OK)
        rc = share(b);
    return rc == RT_OK ? describe_feeds(b) : rc;
}

/* ---- the whole */

void rt_build_release_people(struct build *b)
{
    rt_listing_free(b->listing);
    rt_people_free(b->people);
    for (uint32_t i = 0; b->intakes && i < b->o->jobs; i++)
        rt_intake_free(b->intakes[i]);
    rt_free(b->intakes);
    rt_ids_free(b->ids);
    b->listing = NULL;
    b->people = NULL;
    b->intakes = NULL;
    b->ids = NULL;
}

void rt_build_release(struct build *b)
{
    rt_build_release_people(b);
    for (uint32_t i = 0; b->duplicates && i < b->inputs.nsources; i++)
        rt_duplicates_free(b->duplicates[i]);
    rt_free(b->duplicates);
    rt_free(b->feed_sources);
    rt_free(b->used);
    rt_free(b->settled);
    rt_kinds_free(b->kinds);
    rt_sink_set_free(b->sinks);
    rt_inputs_close(&b->inputs);
    if (b->contacts_open)
        rt_contacts_close(&b->contacts);
    rt_plan_free(b->plan);
    rt_defs_free(b->defs);
    rt_arena_release(&b->arena);
}

/* Everything that names ids has been read: lists know them by number. Lists of keys ask for
 * nobody's name but while he is listed. */
static int forget_names(struct build *b)
{
    rt_ids_forget_table(b->ids, rt_build_lists_ids(b));
    return RT_OK;
}

/* From the first record to the lists. */
static int (*const steps[])(struct build *) = {
    rt_build_read_events,
    rt_build_read_contacts,
    rt_build_decide_duplicates,
    rt_build_report_reading,
    rt_build_check_rejects,
    rt_build_read_opt_outs,
    forget_names,
    rt_build_link_people,
    rt_build_list_all,
    rt_build_write_lists,
    rt_build_report_lists,
    rt_build_finish,
};

int rt_run_build(const struct rt_run_options *options, struct rt_report **report,
    struct rt_json_errors *errors, struct rt_err *err)
{
    struct build b = { .o = options, .err = err };
    int rc = rt_report_new(&b.report);

    rt_ingest_go();
    clock_gettime(
        CLOCK_MONOTONIC, &b.began); /* how long it took; never what time it is */
    *report = NULL;
    if (rc < 0)
        return rt_build_no_memory(&b);
    b.report->dry_run = options->dry_run;
    rc = define(&b, errors);
    if (rc == RT_OK)
        rc = rt_build_open(&b);
    if (rc == RT_OK) {
        b.report->as_of_us = b.as_of_us;
        *report = b.report;
        for (size_t i = 0; i < sizeof steps / sizeof *steps && rc == RT_OK; i++)
            rc = steps[i](&b);
        rt_build_report_cost(&b);
        if (rc == RT_EREJECTS) /* the report tells why */
            rt_build_print_report(&b);
    }
    rt_build_release(&b);
    if (!*report)
        rt_report_free(b.report);
    return rc;
}
