/* Decoded blocks in the order of the input: what began wrong is decoded again, rejects and
 * counts are taken, and the records get their effect. */
#include "run/ingest_int.h"

#include <stdlib.h>

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
        rc = rt_block_decode(w, feed, b, err);
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

int rt_block_settle(
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
        rt_block_give(w->in, b);
        show_progress(w->in);
        pthread_mutex_lock(&st->settling);
    }
    pthread_mutex_unlock(&st->settling);
    return rc;
}
