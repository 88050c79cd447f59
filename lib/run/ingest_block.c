/* Blocks: taken from those that are free, cut off the input, decoded. */
#include "run/ingest_int.h"

#include "base/alloc.h"

void rt_block_free(const struct rt_ingest_job *job, struct block *b)
{
    if (!b)
        return;
    rt_buf_release(&b->bytes);
    rt_tally_release(&b->tally);
    if (b->result)
        job->result_free(b->result);
    rt_free(b);
}

struct block *rt_block_take(struct ingest *in)
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
        rt_block_free(in->job, b);
        return NULL;
    }
    return b;
}

void rt_block_give(struct ingest *in, struct block *b)
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
    if (rc < 0 || !rt_feed_is_read_ahead(feed))
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

int rt_block_read(
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

        rc = rt_feed_read_up_to(st, &b->bytes, had + in->block_bytes, &all, err);
        if (rc < 0)
            return rc;
        feed->bytes += b->bytes.n - had;
        rc = cut_block(st, b, all);
    } while (rc == 0);
    if (rc < 0)
        return rt_err_set(err, rc, "out of memory");
    b->seq = st->next_seq++;
    skip_header(feed, st, b);
    taken = rt_feed_taken_bytes(st);
    atomic_fetch_add(&in->taken_bytes, taken - st->counted_bytes);
    st->counted_bytes = taken;
    if (all) {
        st->done = true;
        b->at_end = true;
        rt_feed_close_input(st);
    }
    return 1;
}

/* ---- decoding */

void rt_worker_drop_cursor(struct worker *w)
{
    if (w->cursor_feed)
        rt_cursor_release(&w->cursor);
    w->cursor_feed = NULL;
}

static int point_cursor(struct worker *w, const struct rt_feed *feed)
{
    if (w->cursor_feed == feed)
        return RT_OK;
    rt_worker_drop_cursor(w);
    if (rt_cursor_init(&w->cursor, feed->decoder) < 0)
        return RT_ENOMEM;
    w->cursor_feed = feed;
    return RT_OK;
}

int rt_block_decode(
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
