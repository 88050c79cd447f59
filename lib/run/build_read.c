/* Reading: events and contact rows through ingest and intake; then the records that were
 * set aside as possible duplicates. */
#include "run/build.h"

#include "base/alloc.h"
#include "run/ingest.h"

/* Contact rows are short, and each has two ids and more: of 1 MiB of them the intake would
 * hold 5 MiB. */
enum { APPLY_ROWS = 4096, CONTACT_BLOCK_BYTES = 1 << 18 };

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
    /* Contacts, of the block that is applied: */
    uint32_t file;
    struct rt_contact_row *rows; /* nrows, to be kept */
    uint32_t nrows, cap_rows;
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

    if (r->nrows == r->cap_rows) {
        uint32_t cap = r->cap_rows ? 2 * r->cap_rows : 1024; /* a block has 2^18 bytes */
        struct rt_contact_row *rows = rt_realloc(r->rows, cap, sizeof *rows);

        if (!rows)
            return RT_ENOMEM;
        r->rows = rows;
        r->cap_rows = cap;
    }
    r->rows[r->nrows++] =
        (struct rt_contact_row) { .at = at, .bytes = size, .file = r->file, .id = id };
    return RT_OK;
}

static int apply_contacts(void *worker, struct rt_feed *feed, struct rt_span block,
    void *result, struct rt_err *err)
{
    struct reading *r = worker;
    int rc;

    r->file = feed->source_index;
    r->nrows = 0;
    rc = rt_intake_apply(r->intake, result, keep_contact, r, err);
    if (rc == RT_ENOMEM)
        return rt_err_set(err, rc, "out of memory");
    return rc == RT_OK ? rt_contacts_keep(&r->b->contacts, block, r->rows, r->nrows, err)
                       : rc;
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
        .block_bytes = contacts ? CONTACT_BLOCK_BYTES : 0,
        .progress = b->o->progress };
    int rc;

    for (uint32_t i = 0; readings && workers && i < b->o->jobs; i++) {
        readings[i] = (struct reading) { .b = b, .intake = b->intakes[i] };
        workers[i] = &readings[i];
    }
    rc = readings && workers ? rt_ingest(feeds, n, &job, b->err) : rt_build_no_memory(b);
    for (uint32_t i = 0; readings && i < b->o->jobs; i++)
        rt_free(readings[i].rows);
    rt_free(readings);
    rt_free(workers);
    rt_alloc_trim(); /* blocks, and all that was made of them */
    return rc;
}

/* Contact files are usually small against the rest; each has a feed of its own that moves
 * into one array for the reading. */
int rt_build_read_contacts(struct build *b)
{
    uint32_t n = b->contacts.nfiles;
    struct rt_feed *feeds = rt_calloc(n, sizeof *feeds);
    int rc;

    if (!feeds)
        return rt_build_no_memory(b);
    for (uint32_t i = 0; i < n; i++)
        feeds[i] = b->contacts.files[i].feed;
    rc = read_feeds(b, feeds, n, true);
    for (uint32_t i = 0; i < n; i++)
        b->contacts.files[i].feed = feeds[i];
    rt_free(feeds);
    return rc;
}

int rt_build_read_events(struct build *b)
{
    return read_feeds(b, b->inputs.feeds, b->inputs.nfeeds, false);
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
        return rt_build_no_memory(d->b);
    if (reason < RT_REASONS)
        d->b->settled[d->source][reason]++;
    return ++d->waiting == APPLY_ROWS ? apply_waiting(d) : RT_OK;
}

int rt_build_decide_duplicates(struct build *b)
{
    int rc = RT_OK;

    for (uint32_t s = 0; s < b->inputs.nsources && rc == RT_OK; s++) {
        struct deciding d = { .b = b, .source = s };

        if (!b->duplicates[s])
            continue;
        if (rt_prepared_new(&d.prepared) < 0)
            return rt_build_no_memory(b);
        rc = rt_duplicates_decide(
            b->duplicates[s], keep_record, &d, &b->settled[s][RT_DROP_DUPLICATE], b->err);
        if (rc == RT_OK)
            rc = apply_waiting(&d);
        rt_prepared_free(d.prepared);
        rt_duplicates_free(b->duplicates[s]);
        b->duplicates[s] = NULL;
    }
    return rc;
}
