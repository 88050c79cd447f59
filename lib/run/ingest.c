/* See the header for the way a block goes. Locks: an input's `reading` is held while a
 * block is cut off it; its `settling` guards the ring of decoded blocks. Neither is held
 * while records are decoded or applied. */
#include "run/ingest.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/workers.h"
#include "io/unpack.h"

enum { BLOCK_BYTES = 1 << 20, HEAD_BYTES = 1 << 17, REJECT_SPOOL_BYTES = 1 << 16 };

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

/* A block in flight. */
struct block {
    struct rt_buf bytes;
    uint64_t seq;
    bool at_end;
    uint32_t consumed, lines; /* as decoded */
    struct rt_tally tally;
    void *result;
    struct block *next_free;
};

struct feed_state {
    pthread_mutex_t reading;
    struct rt_input *in;          /* NULL: not open yet, or done */
    struct rt_unpacked *unpacked; /* reads `in` ahead; NULL: it is plain, or a pipe */
    struct rt_buf carry;          /* read, behind the last block's cut */
    bool carry_is_all;            /* at first: the head was the whole input */
    uint64_t next_seq;
    uint64_t counted_bytes; /* of what was taken, for the progress bar */
    bool begun, done;
    bool skipping; /* inside a line that is over the limit */

    pthread_mutex_t settling;
    pthread_cond_t settled;
    struct block **ring; /* decoded blocks that wait for their turn, by seq */
    uint64_t nring, next_settle;
    bool busy;              /* someone is settling */
    struct rt_buf leftover; /* the unfinished record of the last settled block */
    uint64_t lines;         /* before the next block to be settled */
};

/* ---- feeds */

static bool can_be_read_twice(const char *path)
{
    struct stat st;

    return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Unpacked on a thread of its own. Not a pipe: a thread that waits for its bytes could not
 * be told to stop. */
static bool is_read_ahead(const struct rt_feed *feed)
{
    return feed->packing != RT_PLAIN && can_be_read_twice(feed->bytes_path);
}

static long read_some(struct feed_state *st, char *p, size_t n, struct rt_err *err)
{
    return st->unpacked ? rt_unpacked_read(st->unpacked, p, n, err)
                        : rt_input_read(st->in, p, n, err);
}

static uint64_t taken_bytes(const struct feed_state *st)
{
    return st->unpacked ? rt_unpacked_taken_bytes(st->unpacked)
                        : rt_input_taken_bytes(st->in);
}

static void close_input(struct feed_state *st)
{
    rt_unpacked_close(st->unpacked);
    rt_input_close(st->in);
    st->unpacked = NULL;
    st->in = NULL;
}

/* Fills buf up to n bytes; *all says that this was everything. */
static int read_up_to(
    struct feed_state *st, struct rt_buf *buf, size_t n, bool *all, struct rt_err *err)
{
    *all = false;
    while (buf->n < n) {
        long got;

        if (rt_buf_reserve(buf, n - buf->n) < 0)
            return rt_err_set(err, RT_ENOMEM, "out of memory");
        got = read_some(st, buf->p + buf->n, n - buf->n, err);
        if (got < 0)
            return (int)got;
        if (got == 0) {
            *all = true;
            return RT_OK;
        }
        buf->n += (size_t)got;
    }
    return RT_OK;
}

static int look(struct rt_feed *feed, const char *path, const char *bytes_path,
    const struct rt_source *source, bool *all, struct rt_err *err)
{
    struct feed_state *st = rt_calloc(1, sizeof *st);
    int rc;

    memset(feed, 0, sizeof *feed);
    feed->path = path;
    feed->bytes_path = bytes_path;
    feed->source = source;
    feed->state = st;
    feed->first_rejects = rt_calloc(RT_FIRST_REJECTS, sizeof *feed->first_rejects);
    if (!st || !feed->first_rejects)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    st->carry = st->leftover = (struct rt_buf)RT_BUF_INIT(SIZE_MAX / 2);
    pthread_mutex_init(&st->reading, NULL);
    pthread_mutex_init(&st->settling, NULL);
    pthread_cond_init(&st->settled, NULL);
    rc = rt_input_open_as(bytes_path, path, &st->in, err);
    if (rc < 0)
        return rc;
    feed->packing = rt_input_packing(st->in);
    rc = read_up_to(st, &st->carry, HEAD_BYTES, all, err);
    st->carry_is_all = *all;
    return rc;
}

int rt_feed_look(struct rt_feed *feed, const char *path, const struct rt_source *source,
    struct rt_span *head, bool *all, struct rt_err *err)
{
    int rc = look(feed, path, path, source, all, err);

    if (rc == RT_OK)
        *head = rt_buf_span(&feed->state->carry);
    return rc;
}

int rt_feed_ready(struct rt_feed *feed, const struct rt_slots *slots, struct rt_err *err)
{
    struct feed_state *st = feed->state;
    int rc = rt_decoder_open(feed->source, rt_input_name(feed->path),
        rt_buf_span(&st->carry), st->carry_is_all, slots, &feed->decoder, err);

    if (rc == RT_OK && can_be_read_twice(feed->bytes_path)) {
        close_input(st);
        rt_buf_release(&st->carry);
    }
    feed->bytes = st->carry.n; /* of what cannot be read again */
    return rc;
}

int rt_feed_open_copy(struct rt_feed *feed, const char *path, const char *bytes_path,
    const struct rt_source *source, const struct rt_slots *slots, struct rt_err *err)
{
    bool all;
    int rc = look(feed, path, bytes_path, source, &all, err);

    return rc == RT_OK ? rt_feed_ready(feed, slots, err) : rc;
}

int rt_feed_open(struct rt_feed *feed, const char *path, const struct rt_source *source,
    const struct rt_slots *slots, struct rt_err *err)
{
    return rt_feed_open_copy(feed, path, path, source, slots, err);
}

int rt_feed_keep_rejects(struct rt_feed *feed, const char *tmpdir, struct rt_err *err)
{
    return rt_spool_new(REJECT_SPOOL_BYTES, tmpdir, &feed->rejects, err);
}

void rt_feed_close(struct rt_feed *feed)
{
    struct feed_state *st = feed->state;

    if (st) {
        close_input(st);
        rt_buf_release(&st->carry);
        rt_buf_release(&st->leftover);
        rt_free(st->ring);
        pthread_mutex_destroy(&st->reading);
        pthread_mutex_destroy(&st->settling);
        pthread_cond_destroy(&st->settled);
        rt_free(st);
    }
    rt_decoder_free(feed->decoder);
    rt_tally_release(&feed->tally);
    rt_free(feed->first_rejects);
    rt_spool_free(feed->rejects);
    memset(feed, 0, sizeof *feed);
}

/* ---- workers */

struct ingest {
    const struct rt_ingest_job *job;
    struct rt_feed *feeds;
    uint32_t nfeeds;
    uint32_t block_bytes;
    pthread_mutex_t lock; /* of what follows */
    struct block *free_blocks;
    struct rt_err err;
    int rc;
    _Atomic bool failed;
    _Atomic uint32_t first_open; /* feeds before it are done */
    _Atomic uint64_t taken_bytes, records;
    uint64_t total_bytes; /* 0: not known */
    pthread_mutex_t showing;
    struct rt_unpack *unpack;
    _Atomic uint32_t working; /* who may still read from it */
};

/* One of `jobs` that take blocks through all steps, or one behind these that unpacks. */
struct worker {
    struct ingest *in;
    bool unpacks;
    void *own;
    struct rt_batch batch;
    struct rt_cursor cursor; /* kept from block to block of one feed */
    const struct rt_feed *cursor_feed;
};

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

static bool must_stop(const struct ingest *in)
{
    return stopped || atomic_load_explicit(&in->failed, memory_order_relaxed);
}

static void free_block(const struct rt_ingest_job *job, struct block *b)
{
    if (!b)
        return;
    rt_buf_release(&b->bytes);
    rt_tally_release(&b->tally);
    if (b->result)
        job->result_free(b->result);
    rt_free(b);
}

static struct block *take_block(struct ingest *in)
{
    struct block *b;

    pthread_mutex_lock(&in->lock);
    b = in->free_blocks;
    if (b)
        in->free_blocks = b->next_free;
    pthread_mutex_unlock(&in->lock);
    if (b)
        return b;
    b = rt_calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->bytes = (struct rt_buf)RT_BUF_INIT(UINT32_MAX);
    if (in->job->result_new(in->job->ctx, &b->result) < 0) {
        free_block(in->job, b);
        return NULL;
    }
    return b;
}

static void give_block(struct ingest *in, struct block *b)
{
    pthread_mutex_lock(&in->lock);
    b->next_free = in->free_blocks;
    in->free_blocks = b;
    pthread_mutex_unlock(&in->lock);
}

/* ---- reading: blocks that end behind a line end */

/* One past the last line end. A file without any \n is cut behind a \r that is not the
 * last byte (a \n might follow it). 0: no line end at all. */
static size_t cut(struct rt_span s)
{
    const char *nl = s.n ? memrchr(s.p, '\n', s.n) : NULL;

    if (!nl && s.n > 1)
        nl = memrchr(s.p, '\r', s.n - 1);
    return nl ? (size_t)(nl - s.p) + 1 : 0;
}

/* Drops what belongs to a line over the limit, whose beginning was already given out. */
static void skip_long_line(struct feed_state *st, struct rt_buf *bytes)
{
    size_t n = 0;

    if (!st->skipping)
        return;
    while (n < bytes->n && bytes->p[n] != '\n' && bytes->p[n] != '\r')
        n++;
    if (n == bytes->n) {
        bytes->n = 0;
        return;
    }
    n += bytes->p[n] == '\r' && n + 1 < bytes->n && bytes->p[n + 1] == '\n' ? 2 : 1;
    memmove(bytes->p, bytes->p + n, bytes->n - n);
    bytes->n -= n;
    st->skipping = false;
}

/* Cuts the block's bytes at a line end and keeps the rest. A line that is longer than a
 * record may be is cut short, for the decoder to refuse, and its rest is skipped. Returns
 * 1 when the block has something, 0 when more must be read. */
static int cut_block(struct feed_state *st, struct block *b, bool all)
{
    size_t keep;

    skip_long_line(st, &b->bytes);
    b->at_end = all && !st->skipping;
    if (all)
        return 1;
    keep = cut(rt_buf_span(&b->bytes));
    if (keep == 0 && b->bytes.n <= RT_RECORD_MAX + 1)
        return 0;
    if (keep == 0) {
        b->bytes.n = RT_RECORD_MAX + 1;
        b->bytes.p[b->bytes.n++] = '\n';
        st->skipping = true;
        return 1;
    }
    if (rt_buf_add(&st->carry, b->bytes.p + keep, b->bytes.n - keep) < 0)
        return RT_ENOMEM;
    b->bytes.n = keep;
    return 1;
}

static int begin_feed(
    struct ingest *in, struct rt_feed *feed, struct feed_state *st, struct rt_err *err)
{
    int rc = RT_OK;

    st->begun = true;
    if (!st->in)
        rc = rt_input_open_as(feed->bytes_path, feed->path, &st->in, err);
    if (rc < 0 || !is_read_ahead(feed))
        return rc;
    rc = rt_unpacked_open(in->unpack, st->in, &st->unpacked);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : RT_OK;
}

/* The header of the first block is no record. */
static void skip_header(struct rt_feed *feed, struct feed_state *st, struct block *b)
{
    size_t bytes;
    uint32_t lines;

    if (b->seq != 0)
        return;
    rt_decoder_skip(feed->decoder, &bytes, &lines);
    if (bytes > b->bytes.n)
        bytes = b->bytes.n;
    memmove(b->bytes.p, b->bytes.p + bytes, b->bytes.n - bytes);
    b->bytes.n -= bytes;
    st->lines = lines;
}

/* Reads the next block of the feed, whose `reading` lock is held. 1, 0 at the end, or
 * negative. */
static int read_block(
    struct ingest *in, struct rt_feed *feed, struct block *b, struct rt_err *err)
{
    struct feed_state *st = feed->state;
    uint64_t taken;
    bool all = false;
    int rc = RT_OK;

    if (st->done)
        return 0;
    if (!st->begun && (rc = begin_feed(in, feed, st, err)) < 0)
        return rc;
    rt_buf_reset(&b->bytes);
    if (rt_buf_add(&b->bytes, st->carry.p, st->carry.n) < 0)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    rt_buf_reset(&st->carry);
    do {
        size_t had = b->bytes.n;

        rc = read_up_to(st, &b->bytes, had + in->block_bytes, &all, err);
        if (rc < 0)
            return rc;
        feed->bytes += b->bytes.n - had;
        rc = cut_block(st, b, all);
    } while (rc == 0);
    if (rc < 0)
        return rt_err_set(err, rc, "out of memory");
    b->seq = st->next_seq++;
    skip_header(feed, st, b);
    taken = taken_bytes(st);
    atomic_fetch_add(&in->taken_bytes, taken - st->counted_bytes);
    st->counted_bytes = taken;
    if (all) {
        st->done = true;
        b->at_end = true;
        close_input(st);
    }
    return 1;
}

/* ---- decoding */

static void drop_cursor(struct worker *w)
{
    if (w->cursor_feed)
        rt_cursor_release(&w->cursor);
    w->cursor_feed = NULL;
}

static int point_cursor(struct worker *w, const struct rt_feed *feed)
{
    if (w->cursor_feed == feed)
        return RT_OK;
    drop_cursor(w);
    if (rt_cursor_init(&w->cursor, feed->decoder) < 0)
        return RT_ENOMEM;
    w->cursor_feed = feed;
    return RT_OK;
}

static int decode(
    struct worker *w, struct rt_feed *feed, struct block *b, struct rt_err *err)
{
    const struct rt_ingest_job *job = w->in->job;
    int n, rc = point_cursor(w, feed);

    if (rc < 0)
        return rt_err_set(err, rc, "out of memory");
    job->result_reset(b->result);
    rt_tally_reset(&b->tally);
    rt_cursor_start(&w->cursor, rt_buf_span(&b->bytes), b->at_end);
    while ((n = rt_cursor_next(&w->cursor, &w->batch, &b->tally)) > 0 && rc == RT_OK)
        rc = job->prepare(
            w->own, feed, rt_buf_span(&b->bytes), &w->batch, b->result, &b->tally, err);
    b->consumed = w->cursor.consumed;
    b->lines = w->cursor.lines;
    if (n < 0)
        return rt_err_set(err, n, "out of memory");
    return rc;
}

/* ---- settling */

/* One rejected record as a CSV line: file, line, reason, the record itself. */
static int keep_reject(struct rt_feed *feed, struct rt_span block,
    const struct rt_reject *r, uint64_t line, struct rt_err *err)
{
    struct rt_buf out = RT_BUF_INIT(SIZE_MAX / 2);
    struct rt_span path = rt_span_of(rt_input_name(feed->path)),
                   record = { block.p + r->at, r->size };
    int rc = rt_buf_addc(&out, '"');

    for (size_t i = 0; i < path.n && rc == RT_OK; i++)
        rc = path.p[i] == '"' ? rt_buf_adds(&out, "\"\"") : rt_buf_addc(&out, path.p[i]);
    if (rc == RT_OK)
        rc = rt_buf_addf(
            &out, "\",%llu,%s,\"", (unsigned long long)line, rt_reason_name(r->reason));
    for (size_t i = 0; i < record.n && rc == RT_OK; i++)
        rc = record.p[i] == '"' ? rt_buf_adds(&out, "\"\"")
                                : rt_buf_addc(&out, record.p[i]);
    if (rc == RT_OK)
        rc = rt_buf_adds(&out, "\"\n");
    if (rc == RT_OK)
        rc = rt_spool_add(feed->rejects, rt_buf_span(&out), NULL, err);
    else
        rt_err_set(err, rc, "out of memory");
    rt_buf_release(&out);
    return rc;
}

static int note_rejects(struct rt_feed *feed, struct feed_state *st,
    const struct block *b, struct rt_err *err)
{
    for (uint32_t i = 0; i < b->tally.nrejects; i++) {
        const struct rt_reject *r = &b->tally.rejects[i];
        uint64_t line = st->lines + r->line + 1;
        int rc;

        if (feed->nfirst_rejects < RT_FIRST_REJECTS)
            feed->first_rejects[feed->nfirst_rejects++] =
                (struct rt_report_reject) { rt_span_of(rt_input_name(feed->path)), line,
                    r->reason };
        if (!feed->rejects)
            continue;
        rc = keep_reject(feed, rt_buf_span(&b->bytes), r, line, err);
        if (rc < 0)
            return rc;
    }
    return RT_OK;
}

/* Rejects of a batch stand where the decoder or prepare met them: in order of place. */
static int by_place(const void *va, const void *vb)
{
    const struct rt_reject *a = va, *b = vb;

    return (a->at > b->at) - (a->at < b->at);
}

/* Makes the block right if it began wrong, and takes its counts. Its turn has come. */
static int settle_one(
    struct worker *w, struct rt_feed *feed, struct block *b, struct rt_err *err)
{
    struct feed_state *st = feed->state;
    int rc = RT_OK;

    if (st->leftover.n) {
        if (rt_buf_add(&st->leftover, b->bytes.p, b->bytes.n) < 0)
            return rt_err_set(err, RT_ENOMEM, "out of memory");
        rt_buf_reset(&b->bytes);
        if (rt_buf_add(&b->bytes, st->leftover.p, st->leftover.n) < 0)
            return rt_err_set(err, RT_ENOMEM, "out of memory");
        rc = decode(w, feed, b, err);
        if (rc < 0)
            return rc;
    }
    rt_buf_reset(&st->leftover);
    if (rt_buf_add(&st->leftover, b->bytes.p + b->consumed, b->bytes.n - b->consumed) < 0)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    if (b->tally.nrejects > 1)
        qsort(b->tally.rejects, b->tally.nrejects, sizeof *b->tally.rejects, by_place);
    rc = note_rejects(feed, st, b, err);
    if (w->in->job->settled)
        w->in->job->settled(b->result, st->lines);
    st->lines += b->lines;
    feed->tally.read += b->tally.read;
    for (unsigned r = 0; r < RT_REASONS; r++)
        feed->tally.count[r] += b->tally.count[r];
    atomic_fetch_add(&w->in->records, b->tally.read);
    return rc;
}

static void show_progress(struct ingest *in)
{
    const struct rt_progress *p = &in->job->progress;

    if (!p->show || pthread_mutex_trylock(&in->showing) != 0)
        return;
    p->show(p->ctx, atomic_load(&in->taken_bytes), in->total_bytes,
        atomic_load(&in->records));
    pthread_mutex_unlock(&in->showing);
}

/* Puts a decoded block into its place and settles as many as have their turn. Each is
 * applied when the next may already be settled by someone else, unless the job wants them
 * in order. */
static int settle(
    struct worker *w, struct rt_feed *feed, struct block *b, struct rt_err *err)
{
    const struct rt_ingest_job *job = w->in->job;
    struct feed_state *st = feed->state;
    int rc = RT_OK;

    pthread_mutex_lock(&st->settling);
    st->ring[b->seq % st->nring] = b;
    while (rc == RT_OK && !st->busy && (b = st->ring[st->next_settle % st->nring])) {
        st->busy = true;
        pthread_mutex_unlock(&st->settling);
        rc = settle_one(w, feed, b, err);
        if (rc == RT_OK && job->in_order)
            rc = job->apply(w->own, feed, rt_buf_span(&b->bytes), b->result, err);
        pthread_mutex_lock(&st->settling);
        st->ring[st->next_settle % st->nring] = NULL;
        st->next_settle++;
        st->busy = false;
        pthread_cond_broadcast(&st->settled);
        pthread_mutex_unlock(&st->settling);
        if (rc == RT_OK && !job->in_order)
            rc = job->apply(w->own, feed, rt_buf_span(&b->bytes), b->result, err);
        give_block(w->in, b);
        show_progress(w->in);
        pthread_mutex_lock(&st->settling);
    }
    pthread_mutex_unlock(&st->settling);
    return rc;
}

/* Keeps readers from running ahead of a block that takes long. False: stop. */
static bool wait_for_room(struct ingest *in, struct feed_state *st)
{
    bool room;

    pthread_mutex_lock(&st->settling);
    while (st->next_seq - st->next_settle >= st->nring && !must_stop(in)) {
        struct timespec soon;

        clock_gettime(CLOCK_REALTIME, &soon);
        soon.tv_nsec += 100000000; /* looks again whether to stop */
        if (soon.tv_nsec >= 1000000000) {
            soon.tv_nsec -= 1000000000;
            soon.tv_sec++;
        }
        pthread_cond_timedwait(&st->settled, &st->settling, &soon);
    }
    room = !must_stop(in);
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
        b = take_block(w->in);
        rc = b ? read_block(w->in, feed, b, err)
               : rt_err_set(err, RT_ENOMEM, "out of memory");
    }
    pthread_mutex_unlock(&st->reading);
    if (rc <= 0) {
        if (b)
            give_block(w->in, b);
        return rc;
    }
    rc = decode(w, feed, b, err);
    if (rc < 0) {
        give_block(w->in, b);
        return rc;
    }
    rc = settle(w, feed, b, err);
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
    while (!must_stop(w->in) && (feed = pick(w->in))) {
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

        if (!can_be_read_twice(path) || stat(path, &st) < 0) {
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
        n += is_read_ahead(&feeds[i]);
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
        drop_cursor(&workers[i]);
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
        close_input(feeds[i].state); /* after an error some are still open */
    rt_unpack_free(in.unpack);
    for (uint32_t i = 0; i < nfeeds; i++)
        for (uint64_t k = 0; feeds[i].state->ring && k < feeds[i].state->nring; k++)
            free_block(job, feeds[i].state->ring[k]);
    while (in.free_blocks) {
        struct block *next = in.free_blocks->next_free;

        free_block(job, in.free_blocks);
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
