/*
 * The main job, step by step; rt_run_build at the end reads as its table of contents.
 *
 * Memory: of what the caller allows, ids and touches get three quarters while inputs are
 * read, lists a quarter; contact rows and records set aside as possible duplicates an
 * eighth each before they go to disk.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/workers.h"
#include "io/sink.h"
#include "people/duplicates.h"
#include "people/intake.h"
#include "plan/plan.h"
#include "run/contacts.h"
#include "run/inputs.h"
#include "run/listing.h"
#include "run/optout.h"
#include "run/outputs.h"
#include "run/load.h"
#include "run/run.h"

enum { LEAST_TOUCH_BYTES = 8 << 20, APPLY_ROWS = 4096 };

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
    struct rt_intake **intakes; /* one a worker */
    struct rt_intake_source *feed_sources;    /* by feed, then by contact file */
    struct rt_duplicates **duplicates;        /* by source; NULL: none */
    _Atomic uint64_t *used;                   /* by source */
    uint64_t (*settled)[RT_REASONS];          /* by source: drops known only at the end */
    struct rt_people *people;
    struct rt_listing *listing;
    struct rt_list_stats *stats; /* by target */
    uint32_t nwarnings;          /* of all lists */
};

static int no_memory(struct build *b)
{
    return rt_err_set(b->err, RT_ENOMEM, "out of memory");
}

static bool to_stdout(const struct rt_run_options *o)
{
    return o->output_dir && strcmp(o->output_dir, "-") == 0;
}

/* ---- definitions */

static int define(struct build *b, struct rt_json_errors *errors)
{
    int rc = rt_run_load(b->o, errors, &b->defs, b->err);

    if (rc == RT_OK)
        rc = rt_run_as_of(b->o, b->defs->zone, &b->as_of_us, b->err);
    if (rc == RT_OK)
        rc = rt_targets_of(b->defs, b->o, &b->arena, &b->targets, b->err);
    if (rc == RT_OK)
        rc = rt_plan_new(
            b->defs, b->as_of_us, b->targets.wanted, errors, &b->plan, b->err);
    if (rc == RT_OK && b->o->ninputs == 0 && b->defs->people.ncontacts == 0)
        return rt_err_set(b->err, RT_EUSAGE,
            "no input: name files to read, or - for standard input");
    return rc;
}

/* ---- before reading */

/* An opt-out file that is missing must stop the run before it costs an hour. */
static int check_opt_outs(struct build *b)
{
    for (size_t i = 0; i < b->defs->nopt_outs; i++)
        if (access(b->defs->opt_out_files[i].p, R_OK) != 0)
            return rt_err_sys(
                b->err, RT_EIO, b->defs->opt_out_files[i].p, errno, "cannot open");
    return RT_OK;
}

/* The output folder is made if it is not there: that one, not its parents, so that a
 * mistyped path does not go unnoticed. */
static int lock_outputs(struct build *b)
{
    const char *dir = b->o->output_dir ? b->o->output_dir : ".";
    int rc = rt_sink_set_new(&b->sinks, b->err);

    if (rc < 0 || b->o->dry_run || to_stdout(b->o))
        return rc;
    if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        return rt_err_sys(b->err, RT_EIO, dir, errno, "cannot make this folder");
    return rt_sink_lock(b->sinks, dir, b->err);
}

static int share(struct build *b)
{
    uint64_t touches = b->o->memory_bytes / 4 * 3;

    b->budget.limit_bytes = touches > LEAST_TOUCH_BYTES ? touches : LEAST_TOUCH_BYTES;
    b->budget.tmpdir = b->o->tmpdir;
    b->intakes = rt_calloc(b->o->jobs, sizeof(struct rt_intake *));
    if (!b->intakes || rt_kinds_new(b->plan, &b->kinds) < 0 || rt_ids_new(&b->ids) < 0)
        return no_memory(b);
    b->shared = (struct rt_intake_shared) { b->plan, b->kinds, b->ids, &b->budget };
    for (uint32_t i = 0; i < b->o->jobs; i++)
        if (rt_intake_new(&b->shared, &b->intakes[i]) < 0)
            return no_memory(b);
    return RT_OK;
}

static struct rt_intake_source intake_source(
    const struct rt_plan *plan, const struct rt_feed *feed)
{
    return (struct rt_intake_source) {
        .rules = rt_inputs_rules(feed, plan->user_agent_slot, plan->device_slot),
        .contacts = feed->source->contacts,
        .dedupe = feed->source->dedupe,
        .layout = rt_decoder_layout(feed->decoder)
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
        return no_memory(b);
    for (uint32_t i = 0; i < nfeeds && rc == RT_OK; i++) {
        struct rt_feed *feed = &b->inputs.feeds[i];
        uint32_t s = feed->source_index;

        b->feed_sources[i] = intake_source(b->plan, feed);
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

        b->feed_sources[nfeeds + i] = intake_source(b->plan, feed);
        feed->user = &b->feed_sources[nfeeds + i];
        if (b->o->rejects_path)
            rc = rt_feed_keep_rejects(feed, b->o->tmpdir, b->err);
    }
    return rc;
}

static int open_all(struct build *b)
{
    int rc = check_opt_outs(b);

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

/* ---- reading */

static int result_new(void *ctx, void **result)
{
    struct rt_prepared *prepared;
    int rc = rt_prepared_new(&prepared);

    (void)ctx;
    *result = prepared;
    return rc;
}

static void result_free(void *result)
{
    rt_prepared_free(result);
}

static void result_reset(void *result)
{
    rt_prepared_reset(result);
}

/* A worker of one of the two readings. */
struct reading {
    struct build *b;
    struct rt_intake *intake;
    const struct rt_feed *feed; /* contacts: of the block that is applied */
    struct rt_span block;
};

static int prepare(void *worker, struct rt_feed *feed, struct rt_span block,
    struct rt_batch *batch, void *result, struct rt_tally *tally, struct rt_err *err)
{
    struct reading *r = worker;

    return rt_intake_prepare(r->intake, feed->user, block, batch, result, tally, err);
}

static int apply_events(void *worker, struct rt_feed *feed, struct rt_span block,
    void *result, struct rt_err *err)
{
    struct reading *r = worker;

    (void)block;
    atomic_fetch_add(&r->b->used[feed->source_index], rt_prepared_used(result));
    return rt_intake_apply(r->intake, result, NULL, NULL, err);
}

static int keep_contact(void *ctx, uint32_t id, uint32_t at, uint32_t size)
{
    struct reading *r = ctx;
    struct rt_span bytes = { r->block.p + at, size };

    return rt_contacts_keep(
        &r->b->contacts, r->feed->source_index, id, bytes, r->b->err);
}

static int apply_contacts(void *worker, struct rt_feed *feed, struct rt_span block,
    void *result, struct rt_err *err)
{
    struct reading *r = worker;

    r->feed = feed;
    r->block = block;
    return rt_intake_apply(r->intake, result, keep_contact, r, err);
}

static int read_feeds(struct build *b, struct rt_feed *feeds, uint32_t n, bool contacts)
{
    struct reading *readings = rt_calloc(b->o->jobs, sizeof *readings);
    void **workers = rt_calloc(b->o->jobs, sizeof *workers);
    struct rt_ingest_job job = { .result_new = result_new,
        .result_free = result_free,
        .result_reset = result_reset,
        .prepare = prepare,
        .apply = contacts ? apply_contacts : apply_events,
        .workers = workers,
        .jobs = b->o->jobs,
        .nslots = b->plan->slots.n,
        .progress = b->o->progress };
    int rc;

    for (uint32_t i = 0; readings && workers && i < b->o->jobs; i++) {
        readings[i] = (struct reading) { .b = b, .intake = b->intakes[i] };
        workers[i] = &readings[i];
    }
    rc = readings && workers ? rt_ingest(feeds, n, &job, b->err) : no_memory(b);
    rt_free(readings);
    rt_free(workers);
    return rc;
}

/* Contact files are usually small against the rest; each has a feed of its own that moves
 * into one array for the reading. */
static int read_contacts(struct build *b)
{
    uint32_t n = b->contacts.nfiles;
    struct rt_feed *feeds = rt_calloc(n, sizeof *feeds);
    int rc;

    if (!feeds)
        return no_memory(b);
    for (uint32_t i = 0; i < n; i++)
        feeds[i] = b->contacts.files[i].feed;
    rc = read_feeds(b, feeds, n, true);
    for (uint32_t i = 0; i < n; i++)
        b->contacts.files[i].feed = feeds[i];
    rt_free(feeds);
    return rc;
}

/* ---- duplicates */

struct deciding {
    struct build *b;
    uint32_t source;
    struct rt_prepared *prepared;
    uint32_t waiting;
};

static int apply_waiting(struct deciding *d)
{
    int rc;

    atomic_fetch_add(&d->b->used[d->source], rt_prepared_used(d->prepared));
    rc = rt_intake_apply(d->b->intakes[0], d->prepared, NULL, NULL, d->b->err);
    rt_prepared_reset(d->prepared);
    d->waiting = 0;
    return rc;
}

static int keep_record(void *ctx, struct rt_span payload)
{
    struct deciding *d = ctx;
    unsigned reason;

    if (rt_intake_unpack(payload, d->prepared, &reason) < 0)
        return no_memory(d->b);
    if (reason < RT_REASONS)
        d->b->settled[d->source][reason]++;
    return ++d->waiting == APPLY_ROWS ? apply_waiting(d) : RT_OK;
}

static int decide_duplicates(struct build *b)
{
    int rc = RT_OK;

    for (uint32_t s = 0; s < b->inputs.nsources && rc == RT_OK; s++) {
        struct deciding d = { .b = b, .source = s };

        if (!b->duplicates[s])
            continue;
        if (rt_prepared_new(&d.prepared) < 0)
            return no_memory(b);
        rc = rt_duplicates_decide(b->duplicates[s], keep_record, &d,
            &b->settled[s][RT_DROP_DUPLICATE], b->err);
        if (rc == RT_OK)
            rc = apply_waiting(&d);
        rt_prepared_free(d.prepared);
        rt_duplicates_free(b->duplicates[s]);
        b->duplicates[s] = NULL;
    }
    return rc;
}

/* ---- the report so far */

static void *new_array(struct build *b, size_t n, size_t size)
{
    return rt_arena_new(&b->report->arena, n, size);
}

static struct rt_span copy(struct build *b, struct rt_span text)
{
    return text.p ? rt_arena_copy(&b->report->arena, text) : text;
}

static void add_feed(struct rt_report_source *s, const struct rt_feed *feed)
{
    s->files++;
    s->read += feed->tally.read;
    s->bytes += feed->bytes;
    for (unsigned r = 0; r < RT_REASONS; r++)
        s->count[r] += feed->tally.count[r];
}

static int report_rejects(struct build *b)
{
    struct rt_report_reject *rejects = new_array(b, RT_FIRST_REJECTS, sizeof *rejects);
    uint32_t n = 0;

    if (!rejects)
        return no_memory(b);
    for (uint32_t i = 0; i < b->contacts.nfiles + b->inputs.nfeeds; i++) {
        const struct rt_feed *feed = i < b->inputs.nfeeds
            ? &b->inputs.feeds[i]
            : &b->contacts.files[i - b->inputs.nfeeds].feed;

        for (uint32_t k = 0; k < feed->nfirst_rejects && n < RT_FIRST_REJECTS; k++) {
            rejects[n] = feed->first_rejects[k];
            rejects[n].file = copy(b, rejects[n].file);
            n++;
        }
    }
    b->report->rejects = rejects;
    b->report->nrejects = n;
    return RT_OK;
}

/* Every record is used, dropped or rejected. That it is so does not follow from how the
 * three are counted, so it is looked at in every run. */
static int check_sum(struct build *b, const struct rt_report_source *s)
{
    uint64_t sum = s->used;

    for (unsigned r = 0; r < RT_REASONS; r++)
        sum += s->count[r];
    if (sum == s->read)
        return RT_OK;
    return rt_err_set(b->err, RT_EIO,
        "internal error: of %llu records of source %s only %llu are accounted for",
        (unsigned long long)s->read, s->name.p, (unsigned long long)sum);
}

static int report_reading(struct build *b)
{
    struct rt_report *r = b->report;
    struct rt_report_source *sources = new_array(b, b->inputs.nsources, sizeof *sources);
    int rc = RT_OK;

    if (!sources)
        return no_memory(b);
    r->sources = sources;
    r->nsources = b->inputs.nsources;
    for (uint32_t i = 0; i < b->inputs.nfeeds; i++)
        add_feed(&sources[b->inputs.feeds[i].source_index], &b->inputs.feeds[i]);
    for (uint32_t s = 0; s < b->inputs.nsources; s++) {
        sources[s].name = copy(b, b->inputs.sources[s].name);
        sources[s].used = atomic_load(&b->used[s]);
        for (unsigned k = 0; k < RT_REASONS; k++)
            sources[s].count[k] += b->settled[s][k];
    }
    for (uint32_t i = 0; i < b->contacts.nfiles; i++) {
        const struct rt_tally *t = &b->contacts.files[i].feed.tally;

        r->contact_rows += t->read;
        r->contact_rows_without_id += t->count[RT_DROP_NO_ID];
        for (unsigned k = RT_REJECT_FIRST; k < RT_REASONS; k++)
            r->contact_rows_rejected += t->count[k];
    }
    for (uint32_t i = 0; i < b->o->jobs; i++) {
        struct rt_match_counts c = rt_intake_counts(b->intakes[i]);

        r->not_numbers += c.not_numbers;
        r->regex_limits += c.regex_limits;
    }
    for (uint32_t s = 0; s < r->nsources && rc == RT_OK; s++)
        rc = check_sum(b, &sources[s]);
    return rc == RT_OK ? report_rejects(b) : rc;
}

/* ---- rejects */

static int write_spool(struct build *b, const struct rt_spool *spool, struct rt_sink *sink)
{
    char bytes[65536];
    uint64_t end = spool ? rt_spool_bytes(spool) : 0;
    int rc = RT_OK;

    for (uint64_t at = 0; at < end && rc == RT_OK;) {
        size_t n = end - at < sizeof bytes ? (size_t)(end - at) : sizeof bytes;

        rc = rt_spool_read(spool, at, bytes, n, b->err);
        if (rc == RT_OK)
            rc = rt_sink_write(sink, (struct rt_span) { bytes, n }, b->err);
        at += n;
    }
    return rc;
}

static int write_rejects(struct build *b, struct rt_sink_set *set)
{
    struct rt_sink *sink;
    int rc;

    if (!b->o->rejects_path)
        return RT_OK;
    rc = rt_sink_add(set, NULL, b->o->rejects_path, &sink, b->err);
    if (rc == RT_OK)
        rc = rt_sink_write(sink, RT_SPAN("file,line,reason,record\n"), b->err);
    for (uint32_t i = 0; i < b->inputs.nfeeds && rc == RT_OK; i++)
        rc = write_spool(b, b->inputs.feeds[i].rejects, sink);
    for (uint32_t i = 0; i < b->contacts.nfiles && rc == RT_OK; i++)
        rc = write_spool(b, b->contacts.files[i].feed.rejects, sink);
    return rc;
}

/* The file of rejects says what to mend, so a run that too many of them end leaves it. */
static int leave_rejects(struct build *b)
{
    struct rt_sink_set *set = NULL;
    int rc;

    if (!b->o->rejects_path || b->o->dry_run)
        return RT_OK;
    rc = rt_sink_set_new(&set, b->err);
    if (rc == RT_OK)
        rc = write_rejects(b, set);
    if (rc == RT_OK)
        rc = rt_sink_commit(set, b->err);
    rt_sink_set_free(set);
    return rc;
}

static int check_rejects(struct build *b)
{
    const struct rt_report *r = b->report;
    uint64_t read = r->contact_rows, rejected = r->contact_rows_rejected;
    bool too_many;
    int rc;

    for (uint32_t s = 0; s < r->nsources; s++) {
        read += r->sources[s].read;
        for (unsigned k = RT_REJECT_FIRST; k < RT_REASONS; k++)
            rejected += r->sources[s].count[k];
    }
    if (b->o->max_rejects_percent)
        too_many = (unsigned __int128)rejected * 1000000
            > (unsigned __int128)read * b->o->max_rejects;
    else
        too_many = rejected > b->o->max_rejects;
    if (!too_many)
        return RT_OK;
    rc = leave_rejects(b);
    if (rc < 0)
        return rc;
    return rt_err_set(b->err, RT_EREJECTS,
        "%llu of %llu records were rejected, more than --max-rejects allows: "
        "no list was written",
        (unsigned long long)rejected, (unsigned long long)read);
}

/* ---- people and lists */

static int link_people(struct build *b)
{
    struct rt_edges **edges = rt_calloc(b->o->jobs, sizeof(struct rt_edges *));
    int rc;

    if (!edges)
        return no_memory(b);
    for (uint32_t i = 0; i < b->o->jobs; i++)
        edges[i] = rt_intake_edges(b->intakes[i]);
    rc = rt_people_new(b->plan, b->ids, edges, b->o->jobs, b->contacts.rows,
        b->contacts.nrows, &b->people);
    rt_free(edges);
    if (rc < 0)
        return no_memory(b);
    if (b->defs->nopt_outs == 0)
        return RT_OK;
    rc = rt_optout_read(b->plan, b->ids, b->o->jobs, &b->report->opt_out_ids, b->err);
    if (rc == RT_OK && rt_people_spread_opt_outs(b->people) < 0)
        return no_memory(b);
    return rc;
}

/* Touches of ids whose person is an id of another shard go there: each worker copies those
 * of some shards into a store of its own. */
struct mover {
    const struct rt_histories_source *source;
    struct rt_touches *moved;
    uint32_t first, step; /* shards first, first + step, ... */
    struct rt_err err;
};

static int move_shards(void *arg)
{
    struct mover *m = arg;
    int rc = RT_OK;

    for (uint32_t s = m->first; s < RT_ID_SHARDS && rc == RT_OK; s += m->step)
        rc = rt_histories_move(m->source, s, m->moved, &m->err);
    return rc;
}

/* The stores with what was moved stand behind the workers' own in source->stores. */
static int move_touches(struct build *b, struct rt_histories_source *source)
{
    uint32_t jobs = b->o->jobs;
    struct mover *movers = rt_calloc(jobs, sizeof *movers);
    int rc = movers ? RT_OK : RT_ENOMEM;

    for (uint32_t i = 0; i < jobs && rc == RT_OK; i++) {
        rc = rt_touches_new(&b->budget, &source->stores[jobs + i]);
        movers[i] = (struct mover) {
            .source = source, .moved = source->stores[jobs + i], .first = i, .step = jobs
        };
    }
    if (rc == RT_OK)
        rc = rt_workers_run_array(move_shards, movers, sizeof *movers, jobs);
    for (uint32_t i = 0; movers && i < jobs; i++)
        if (b->err->code == RT_OK)
            *b->err = movers[i].err;
    rt_free(movers);
    source->nstores = 2 * jobs;
    return rc < 0 ? rt_err_set(b->err, rc, "out of memory") : rc;
}

static int list_all(struct build *b)
{
    struct rt_touches **stores
        = rt_calloc(2 * (size_t)b->o->jobs, sizeof(struct rt_touches *));
    struct rt_histories_source histories = { .people = b->people,
        .ids = b->ids,
        .kinds = b->kinds,
        .stores = stores,
        .nstores = b->o->jobs };
    struct rt_listing_input in = { .plan = b->plan,
        .people = b->people,
        .ids = b->ids,
        .kinds = b->kinds,
        .histories = &histories,
        .contacts = &b->contacts,
        .targets = &b->targets,
        .jobs = b->o->jobs,
        .memory_bytes = b->o->memory_bytes / 4,
        .tmpdir = b->o->tmpdir };
    int rc = stores ? RT_OK : no_memory(b);

    for (uint32_t i = 0; stores && i < b->o->jobs; i++)
        stores[i] = rt_intake_touches(b->intakes[i]);
    if (rc == RT_OK && rt_people_linked(b->people))
        rc = move_touches(b, &histories);
    if (rc == RT_OK)
        rc = rt_listing_new(&in, &b->listing, b->err);
    for (uint32_t i = 0; stores && i < b->o->jobs; i++)
        rt_touches_free(stores[b->o->jobs + i]);
    rt_free(stores);
    return rc;
}

/* ---- writing */

static int put_stdout(void *ctx, struct rt_span bytes)
{
    struct build *b = ctx;

    while (bytes.n) {
        ssize_t n = write(STDOUT_FILENO, bytes.p, bytes.n);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EPIPE)
            return rt_err_set(b->err, RT_EPIPE, "standard output was closed");
        if (n < 0)
            return rt_err_sys(b->err, RT_EIO, "standard output", errno, "cannot write");
        bytes.p += n;
        bytes.n -= (size_t)n;
    }
    return RT_OK;
}

static int write_list(struct build *b, uint32_t t)
{
    const char *dir = b->o->output_dir ? b->o->output_dir : ".";
    struct rt_sink *sink;
    int rc;

    if (b->o->dry_run || to_stdout(b->o))
        return RT_OK;
    rc = rt_sink_add(b->sinks, dir, b->targets.targets[t].file.p, &sink, b->err);
    if (rc == RT_OK)
        rc = rt_list_write_sink(b->listing->lists[t], sink, &b->stats[t], b->err);
    return rc;
}

/* Lists are sorted on all processors before they are written one after another. */
struct sorter {
    struct build *b;
    _Atomic uint32_t *next;
    struct rt_err err;
};

static int sort_lists(void *arg)
{
    struct sorter *s = arg;
    struct build *b = s->b;
    int rc = RT_OK;

    while (rc == RT_OK) {
        uint32_t t = atomic_fetch_add(s->next, 1);

        if (t >= b->targets.n)
            break;
        rc = rt_ingest_stopped()
            ? rt_err_set(&s->err, RT_ESTOP, "stopped")
            : rt_list_write(b->listing->lists[t], NULL, &b->stats[t], &s->err);
    }
    return rc;
}

static int write_lists(struct build *b)
{
    uint32_t jobs = b->o->jobs < b->targets.n ? b->o->jobs : b->targets.n;
    struct sorter *sorters = rt_calloc(jobs, sizeof *sorters);
    _Atomic uint32_t next = 0;
    int rc;

    b->stats = rt_arena_new(&b->arena, b->targets.n, sizeof *b->stats);
    if (!b->stats || !sorters) {
        rt_free(sorters);
        return no_memory(b);
    }
    for (uint32_t i = 0; i < jobs; i++)
        sorters[i] = (struct sorter) { .b = b, .next = &next };
    rc = rt_workers_run_array(sort_lists, sorters, sizeof *sorters, jobs);
    for (uint32_t i = 0; i < jobs; i++)
        if (b->err->code == RT_OK)
            *b->err = sorters[i].err;
    rt_free(sorters);
    for (uint32_t t = 0; t < b->targets.n && rc == RT_OK; t++)
        rc = write_list(b, t);
    return rc < 0 ? rt_err_set(b->err, rc, "out of memory") : rc;
}

/* ---- the report of lists */

static int report_list(struct build *b, uint32_t t, struct rt_report_list *out)
{
    const struct rt_target *target = &b->targets.targets[t];
    const struct rt_segment *seg = &b->defs->segments[target->segment];
    const struct rt_list_stats *stats = &b->stats[t];
    bool file = !b->o->dry_run && !to_stdout(b->o);

    *out = (struct rt_report_list) { .to = copy(b, rt_span_of(target->platform->name)),
        .rows = stats->size.rows,
        .bytes = stats->size.bytes,
        .without_identifier = stats->without_identifier,
        .parts = 1,
        .minimum = target->platform->minimum };
    if (target->arm != RT_NO_ARM)
        out->arm = copy(b, seg->arms[target->arm].name);
    if (file)
        out->file = copy(b, target->file);
    if (rt_platform_warnings(target->platform, stats->size, &b->report->arena,
            &out->warnings, &out->nwarnings)
        < 0)
        return no_memory(b);
    b->nwarnings += out->nwarnings;
    return RT_OK;
}

static int report_segment(struct build *b, uint32_t i, struct rt_report_segment *out)
{
    const struct rt_segment *seg = &b->defs->segments[i];
    const struct rt_segment_counts *c = &b->listing->segments[i];
    struct rt_report_list *lists = new_array(b, b->targets.n, sizeof *lists);
    int rc = lists ? RT_OK : no_memory(b);

    *out = (struct rt_report_segment) { .name = copy(b, seg->name),
        .about = copy(b, seg->about),
        .undecided = c->undecided,
        .members = c->members,
        .opted_out = c->opted_out,
        .denied = c->denied,
        .held_out = c->held_out,
        .listed = c->listed,
        .with_identifier = c->with_identifier,
        .min_size = seg->min_size,
        .lists = lists };
    for (uint32_t t = 0; t < b->targets.n && rc == RT_OK; t++)
        if (b->targets.targets[t].segment == i)
            rc = report_list(b, t, &lists[out->nlists++]);
    return rc;
}

/* Warnings of the run: segments below their own min_size, and what was skipped. */
static int add_warning(struct build *b, struct rt_span *warnings, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int add_warning(struct build *b, struct rt_span *warnings, const char *fmt, ...)
{
    char line[512];
    va_list ap;
    struct rt_span kept;

    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    kept = copy(b, rt_span_of(line));
    if (!kept.p)
        return no_memory(b);
    warnings[b->report->nwarnings++] = kept;
    return RT_OK;
}

static int report_warnings(struct build *b)
{
    struct rt_report *r = b->report;
    struct rt_span *warnings = new_array(b, r->nsegments + 4, sizeof *warnings);
    int rc = warnings ? RT_OK : no_memory(b);

    r->warnings = warnings;
    for (uint32_t i = 0; i < r->nsegments && rc == RT_OK; i++) {
        const struct rt_report_segment *s = &r->segments[i];

        if (s->listed < s->min_size)
            rc = add_warning(b, warnings, "%s: %llu people, fewer than its min_size of %llu",
                s->name.p, (unsigned long long)s->listed, (unsigned long long)s->min_size);
    }
    if (rc == RT_OK && r->regex_limits)
        rc = add_warning(b, warnings,
            "%llu values were too costly for a regular expression and count as no match",
            (unsigned long long)r->regex_limits);
    b->nwarnings += r->nwarnings;
    return rc;
}

static int report_lists(struct build *b)
{
    struct rt_report *r = b->report;
    uint32_t n = (uint32_t)b->defs->nsegments;
    struct rt_report_segment *segments = new_array(b, n, sizeof *segments);
    int rc = segments ? RT_OK : no_memory(b);

    r->segments = segments;
    for (uint32_t i = 0; i < n && rc == RT_OK; i++)
        if (b->targets.wanted[i])
            rc = report_segment(b, i, &segments[r->nsegments++]);
    r->identifiers_counted = b->listing->identifiers_counted;
    r->people = b->listing->people;
    r->ids = rt_ids_count(b->ids);
    r->clusters_split = rt_people_split(b->people);
    r->spilled_bytes = atomic_load(&b->budget.spilled_bytes);
    return rc == RT_OK ? report_warnings(b) : rc;
}

static void report_cost(struct build *b)
{
    struct timespec now;
    struct rusage usage;

    clock_gettime(CLOCK_MONOTONIC, &now);
    b->report->elapsed_us = (uint64_t)((now.tv_sec - b->began.tv_sec) * 1000000
        + (now.tv_nsec - b->began.tv_nsec) / 1000);
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        b->report->peak_rss_bytes = (uint64_t)usage.ru_maxrss * 1024;
}

static int write_text(struct build *b, const char *path,
    int (*render)(const struct rt_report *, struct rt_buf *))
{
    struct rt_buf text = RT_BUF_INIT(SIZE_MAX / 2);
    struct rt_sink *sink;
    int rc;

    if (!path || strcmp(path, "-") == 0)
        return RT_OK;
    rc = render(b->report, &text);
    if (rc < 0)
        rt_err_set(b->err, rc, "out of memory");
    else
        rc = rt_sink_add(b->sinks, NULL, path, &sink, b->err);
    if (rc == RT_OK)
        rc = rt_sink_write(sink, rt_buf_span(&text), b->err);
    rt_buf_release(&text);
    return rc;
}

static int check_strict(struct build *b)
{
    if (!b->o->strict || b->nwarnings == 0)
        return RT_OK;
    return rt_err_set(b->err, RT_EREJECTS,
        "%u warning%s under --strict: no list was written", b->nwarnings,
        b->nwarnings == 1 ? "" : "s");
}

/* Between two renames nothing may end the program: the signals that do come later. */
static int commit(struct build *b)
{
    sigset_t all, before;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    rc = rt_sink_commit(b->sinks, b->err);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

/* All that is to be written is complete, in temporary files: now it appears. */
static int finish(struct build *b)
{
    struct rt_put out = { put_stdout, b };
    int rc = check_strict(b);

    report_cost(b);
    if (rc < 0 || b->o->dry_run)
        return rc;
    rc = write_rejects(b, b->sinks);
    if (rc == RT_OK)
        rc = write_text(b, b->o->report_path, rt_report_json);
    if (rc == RT_OK)
        rc = write_text(b, b->o->html_path, rt_report_html);
    if (rc == RT_OK && to_stdout(b->o))
        rc = rt_list_write(b->listing->lists[0], &out, NULL, b->err);
    return rc == RT_OK ? commit(b) : rc;
}

/* ---- the whole */

static void release(struct build *b)
{
    rt_listing_free(b->listing);
    rt_people_free(b->people);
    for (uint32_t i = 0; b->intakes && i < b->o->jobs; i++)
        rt_intake_free(b->intakes[i]);
    rt_free(b->intakes);
    for (uint32_t i = 0; b->duplicates && i < b->inputs.nsources; i++)
        rt_duplicates_free(b->duplicates[i]);
    rt_free(b->duplicates);
    rt_free(b->feed_sources);
    rt_free(b->used);
    rt_free(b->settled);
    rt_ids_free(b->ids);
    rt_kinds_free(b->kinds);
    rt_sink_set_free(b->sinks);
    rt_inputs_close(&b->inputs);
    if (b->contacts_open)
        rt_contacts_close(&b->contacts);
    rt_plan_free(b->plan);
    rt_defs_free(b->defs);
    rt_arena_release(&b->arena);
}

int rt_run_build(const struct rt_run_options *options, struct rt_report **report,
    struct rt_json_errors *errors, struct rt_err *err)
{
    struct build b = { .o = options, .err = err };
    int rc = rt_report_new(&b.report);

    rt_ingest_go();
    clock_gettime(CLOCK_MONOTONIC, &b.began); /* how long it took; never what time it is */
    *report = NULL;
    if (rc < 0)
        return no_memory(&b);
    b.report->dry_run = options->dry_run;
    if ((rc = define(&b, errors)) == RT_OK && (rc = open_all(&b)) == RT_OK) {
        b.report->as_of_us = b.as_of_us;
        *report = b.report;
        rc = read_feeds(&b, b.inputs.feeds, b.inputs.nfeeds, false);
        if (rc == RT_OK)
            rc = read_contacts(&b);
        if (rc == RT_OK)
            rc = decide_duplicates(&b);
        if (rc == RT_OK)
            rc = report_reading(&b);
        if (rc == RT_OK)
            rc = check_rejects(&b);
        if (rc == RT_OK)
            rc = link_people(&b);
        if (rc == RT_OK)
            rc = list_all(&b);
        if (rc == RT_OK)
            rc = write_lists(&b);
        if (rc == RT_OK)
            rc = report_lists(&b);
        if (rc == RT_OK)
            rc = finish(&b);
        report_cost(&b);
    }
    release(&b);
    if (!*report)
        rt_report_free(b.report);
    return rc;
}
