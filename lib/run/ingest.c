/* Workers: which of them reads which feed, and a block's way through its hands. */
#include "run/ingest_int.h"

#include <sys/stat.h>

#include "base/alloc.h"
#include "base/workers.h"

enum { BLOCK_BYTES = 1 << 20 };

/* Set by a signal handler, read by all threads: an atomic without a lock serves both. */
static _Atomic int stopped;
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler sets it");

void rt_ingest_stop(void)
{
    stopped = 1;
}

void rt_ingest_go(void)
{
    stopped = 0;
}

bool rt_ingest_stopped(void)
{
    return stopped;
}

/* ---- workers */

static void fail(struct ingest *in, int rc, const struct rt_err *err)
{
    pthread_mutex_lock(&in->lock);
    if (in->rc == RT_OK) {
        in->rc = rc;
        in->err = *err;
    }
    pthread_mutex_unlock(&in->lock);
    atomic_store(&in->failed, true);
}

bool rt_ingest_must_stop(const struct ingest *in)
{
    return stopped || atomic_load_explicit(&in->failed, memory_order_relaxed);
}

/* Keeps readers from running ahead of a block that takes long. False: stop. */
static bool wait_for_room(struct ingest *in, struct feed_state *st)
{
    bool room;

    pthread_mutex_lock(&st->settling);
    while (st->next_seq - st->next_settle >= st->nring && !rt_ingest_must_stop(in)) {
        struct timespec soon;

        clock_gettime(CLOCK_REALTIME, &soon);
        soon.tv_nsec += 100000000; /* looks again whether to stop */
        if (soon.tv_nsec >= 1000000000) {
            soon.tv_nsec -= 1000000000;
            soon.tv_sec++;
        }
        pthread_cond_timedwait(&st->settled, &st->settling, &soon);
    }
    room = !rt_ingest_must_stop(in);
    pthread_mutex_unlock(&st->settling);
    return room;
}

/* Takes a block of the feed through all its steps. 1, 0 when the feed has no more blocks,
 * or negative. The `reading` lock is held on entry and released here. */
static int one_block(struct worker *w, struct rt_feed *feed, struct rt_err *err)
{
    struct feed_state *st = feed->state;
    struct block *b = NULL;
    int rc = RT_ESTOP;

    if (st->done)
        rc = 0;
    else if (wait_for_room(w->in, st)) {
        b = rt_block_take(w->in);
        rc = b ? rt_block_read(w->in, feed, b, err)
               : rt_err_set(err, RT_ENOMEM, "out of memory");
    }
    pthread_mutex_unlock(&st->reading);
    if (rc <= 0) {
        if (b)
            rt_block_give(w->in, b);
        return rc;
    }
    rc = rt_block_decode(w, feed, b, err);
    if (rc < 0) {
        rt_block_give(w->in, b);
        return rc;
    }
    rc = rt_block_settle(w, feed, b, err);
    return rc < 0 ? rc : 1;
}

/* The next feed with something left, its `reading` lock held: one that nobody reads right
 * now if there is any, else the first. NULL when all are done. */
static struct rt_feed *pick(struct ingest *in)
{
    uint32_t first = atomic_load(&in->first_open), ahead = in->job->jobs + 1;

    while (first < in->nfeeds) {
        for (uint32_t i = first; i < in->nfeeds && i - first < ahead; i++) {
            struct feed_state *st = in->feeds[i].state;

            if (pthread_mutex_trylock(&st->reading) != 0)
                continue;
            if (!st->done)
                return &in->feeds[i];
            pthread_mutex_unlock(&st->reading);
        }
        pthread_mutex_lock(&in->feeds[first].state->reading);
        if (!in->feeds[first].state->done)
            return &in->feeds[first];
        pthread_mutex_unlock(&in->feeds[first].state->reading);
        first++;
        atomic_store(&in->first_open, first);
    }
    return NULL;
}

static int work(void *arg)
{
    struct worker *w = arg;
    struct rt_feed *feed;

    if (w->unpacks) {
        rt_unpack_work(w->in->unpack);
        return RT_OK;
    }
    while (!rt_ingest_must_stop(w->in) && (feed = pick(w->in))) {
        struct rt_err err = { 0 };
        int rc = one_block(w, feed, &err);

        if (rc < 0)
            fail(w->in, rc, &err);
    }
    if (atomic_fetch_sub(&w->in->working, 1) == 1)
        rt_unpack_end(w->in->unpack);
    return RT_OK; /* what went wrong, and when first, is in w->in */
}

/* ---- the whole */

static void add_total(struct ingest *in)
{
    for (uint32_t i = 0; i < in->nfeeds; i++) {
        const char *path = in->feeds[i].bytes_path;
        struct stat st;

        if (!rt_feed_can_be_read_twice(path) || stat(path, &st) < 0) {
            in->total_bytes = 0;
            return;
        }
        in->total_bytes += (uint64_t)st.st_size;
    }
}

static int make_rings(struct rt_feed *feeds, uint32_t n, uint32_t jobs)
{
    for (uint32_t i = 0; i < n; i++) {
        struct feed_state *st = feeds[i].state;

        st->nring = 2 * (uint64_t)jobs + 2;
        st->ring = rt_calloc(st->nring, sizeof(struct block *));
        if (!st->ring)
            return RT_ENOMEM;
    }
    return RT_OK;
}

/* Threads that unpack: one for each packed input, as many as there are jobs at most. */
static uint32_t count_unpackers(
    const struct rt_feed *feeds, uint32_t nfeeds, uint32_t jobs)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < nfeeds && n < jobs; i++)
        n += rt_feed_is_read_ahead(&feeds[i]);
    return n;
}

static int run_workers(struct ingest *in, struct worker *workers, uint32_t nunpackers)
{
    uint32_t jobs = in->job->jobs;
    int rc = RT_OK;

    atomic_store(&in->working, jobs);
    for (uint32_t i = 0; i < nunpackers; i++)
        workers[jobs + i] = (struct worker) { .in = in, .unpacks = true };

    for (uint32_t i = 0; i < jobs && rc == RT_OK; i++) {
        workers[i] = (struct worker) { .in = in, .own = in->job->workers[i] };
        rc = rt_batch_init(&workers[i].batch, in->job->nslots);
    }
    if (rc == RT_OK)
        rc = rt_workers_run_array(work, workers, sizeof *workers, jobs + nunpackers);
    for (uint32_t i = 0; i < jobs; i++) {
        rt_worker_drop_cursor(&workers[i]);
        rt_batch_release(&workers[i].batch);
    }
    return rc < 0 ? rc : in->rc;
}

int rt_ingest(struct rt_feed *feeds, uint32_t nfeeds, const struct rt_ingest_job *job,
    struct rt_err *err)
{
    struct ingest in = { .job = job,
        .feeds = feeds,
        .nfeeds = nfeeds,
        .block_bytes = job->block_bytes ? job->block_bytes : BLOCK_BYTES };
    uint32_t nunpackers = count_unpackers(feeds, nfeeds, job->jobs);
    struct worker *workers = rt_calloc(job->jobs + nunpackers, sizeof *workers);
    int rc = RT_ENOMEM;

    pthread_mutex_init(&in.lock, NULL);
    pthread_mutex_init(&in.showing, NULL);
    add_total(&in);
    if (workers && make_rings(feeds, nfeeds, job->jobs) == RT_OK
        && rt_unpack_new(&in.unpack) == RT_OK)
        rc = run_workers(&in, workers, nunpackers);
    for (uint32_t i = 0; i < nfeeds; i++)
        rt_feed_close_input(feeds[i].state); /* after an error some are still open */
    rt_unpack_free(in.unpack);
    for (uint32_t i = 0; i < nfeeds; i++)
        for (uint64_t k = 0; feeds[i].state->ring && k < feeds[i].state->nring; k++)
            rt_block_free(job, feeds[i].state->ring[k]);
    while (in.free_blocks) {
        struct block *next = in.free_blocks->next_free;

        rt_block_free(job, in.free_blocks);
        in.free_blocks = next;
    }
    rt_free(workers);
    pthread_mutex_destroy(&in.lock);
    pthread_mutex_destroy(&in.showing);
    if (stopped)
        return rt_err_set(err, RT_ESTOP, "stopped");
    if (rc < 0 && in.rc == rc)
        *err = in.err;
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : RT_OK;
}
