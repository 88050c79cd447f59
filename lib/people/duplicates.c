/*
 * A part is a spool of entries: a fixed head, the record's bytes, the payload. To decide a
 * part its heads are read and sorted by key, time, hash of the bytes; bytes are compared
 * only between records of one key and one time that differ.
 */
#include "people/duplicates.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "io/spool.h"

enum { PARTS = 64 };

struct head {
    struct rt_hash128 key;
    int64_t time_us;
    struct rt_hash128 bytes; /* hash of the record */
    uint64_t layout;
    uint32_t nrecord, npayload;
};

struct entry {
    struct head head;
    uint64_t at; /* of the record's bytes in the spool */
};

struct part {
    pthread_mutex_t lock;
    struct rt_spool *spool;
};

struct rt_duplicates {
    struct part parts[PARTS];
};

int rt_duplicates_new(uint64_t memory_bytes, const char *tmpdir,
    struct rt_duplicates **out, struct rt_err *err)
{
    struct rt_duplicates *d = rt_calloc(1, sizeof *d);
    int rc = d ? RT_OK : rt_err_set(err, RT_ENOMEM, "out of memory");

    for (unsigned i = 0; d && i < PARTS; i++)
        pthread_mutex_init(&d->parts[i].lock, NULL);
    for (unsigned i = 0; i < PARTS && rc == RT_OK; i++)
        rc = rt_spool_new(memory_bytes / PARTS, tmpdir, &d->parts[i].spool, err);
    if (rc < 0) {
        rt_duplicates_free(d);
        return rc;
    }
    *out = d;
    return RT_OK;
}

void rt_duplicates_free(struct rt_duplicates *d)
{
    if (!d)
        return;
    for (unsigned i = 0; i < PARTS; i++) {
        rt_spool_free(d->parts[i].spool);
        pthread_mutex_destroy(&d->parts[i].lock);
    }
    rt_free(d);
}

int rt_duplicates_add(
    struct rt_duplicates *d, const struct rt_set_aside *aside, struct rt_err *err)
{
    struct part *part = &d->parts[aside->key.hi % PARTS];
    struct head head = { .key = aside->key,
        .time_us = aside->time_us,
        .bytes = rt_hash128(aside->record, 2),
        .layout = aside->layout,
        .nrecord = (uint32_t)aside->record.n,
        .npayload = (uint32_t)aside->payload.n };
    int rc;

    pthread_mutex_lock(&part->lock);
    rc = rt_spool_add(
        part->spool, (struct rt_span) { (const char *)&head, sizeof head }, NULL, err);
    if (rc == RT_OK)
        rc = rt_spool_add(part->spool, aside->record, NULL, err);
    if (rc == RT_OK)
        rc = rt_spool_add(part->spool, aside->payload, NULL, err);
    pthread_mutex_unlock(&part->lock);
    return rc;
}

static int compare(const void *va, const void *vb)
{
    const struct entry *a = va, *b = vb;

#define BY(member)                                                                       \
    if (a->member != b->member)                                                          \
    return a->member < b->member ? -1 : 1
    BY(head.key.lo);
    BY(head.key.hi);
    BY(head.time_us);
    BY(head.bytes.lo);
    BY(head.bytes.hi);
    BY(head.layout);
#undef BY
    return 0;
}

static int read_heads(
    const struct part *part, struct entry **out, size_t *n, struct rt_err *err)
{
    uint64_t at = 0, end = rt_spool_bytes(part->spool);
    size_t cap = 0;

    while (at < end) {
        struct entry e = { .at = at + sizeof e.head };
        int rc = rt_spool_read(part->spool, at, (char *)&e.head, sizeof e.head, err);

        if (rc < 0)
            return rc;
        if (*n == cap) {
            struct entry *bigger =
                rt_realloc(*out, cap = cap ? cap * 2 : 256, sizeof *bigger);

            if (!bigger)
                return rt_err_set(err, RT_ENOMEM, "out of memory");
            *out = bigger;
        }
        (*out)[(*n)++] = e;
        at = e.at + e.head.nrecord + e.head.npayload;
    }
    return RT_OK;
}

static int read_bytes(const struct part *part, uint64_t at, uint32_t n,
    struct rt_buf *buf, struct rt_err *err)
{
    rt_buf_reset(buf);
    if (rt_buf_reserve(buf, n) < 0)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    buf->n = n;
    return rt_spool_read(part->spool, at, buf->p, n, err);
}

/* Of the entries of one key and the earliest time, the one whose record is smallest. */
static int choose(const struct part *part, const struct entry *e, size_t n,
    struct rt_buf bufs[2], size_t *chosen, struct rt_err *err)
{
    size_t best = 0;

    for (size_t i = 1; i < n && e[i].head.time_us == e[0].head.time_us; i++) {
        int rc, c;

        if (e[i].head.bytes.lo == e[best].head.bytes.lo
            && e[i].head.bytes.hi == e[best].head.bytes.hi)
            continue; /* equal bytes: the smaller layout came first */
        rc = read_bytes(part, e[best].at, e[best].head.nrecord, &bufs[0], err);
        if (rc == RT_OK)
            rc = read_bytes(part, e[i].at, e[i].head.nrecord, &bufs[1], err);
        if (rc < 0)
            return rc;
        c = rt_span_cmp(rt_buf_span(&bufs[1]), rt_buf_span(&bufs[0]));
        if (c < 0)
            best = i;
    }
    *chosen = best;
    return RT_OK;
}

static int decide_part(const struct part *part, struct rt_buf bufs[2],
    rt_duplicates_keep *keep, void *ctx, uint64_t *dropped, struct rt_err *err)
{
    struct entry *entries = NULL;
    size_t n = 0, from = 0;
    int rc = read_heads(part, &entries, &n, err);

    if (rc == RT_OK && n)
        qsort(entries, n, sizeof *entries, compare);
    while (rc == RT_OK && from < n) {
        const struct entry *e = entries + from;
        size_t group = 1, chosen = 0;

        while (from + group < n && e[group].head.key.lo == e->head.key.lo
            && e[group].head.key.hi == e->head.key.hi)
            group++;
        rc = choose(part, e, group, bufs, &chosen, err);
        if (rc == RT_OK)
            rc = read_bytes(part, e[chosen].at + e[chosen].head.nrecord,
                e[chosen].head.npayload, &bufs[0], err);
        if (rc == RT_OK)
            rc = keep(ctx, rt_buf_span(&bufs[0]));
        *dropped += group - 1;
        from += group;
    }
    rt_free(entries);
    return rc;
}

int rt_duplicates_decide(struct rt_duplicates *d, rt_duplicates_keep *keep, void *ctx,
    uint64_t *dropped, struct rt_err *err)
{
    struct rt_buf bufs[2] = { RT_BUF_INIT(UINT32_MAX), RT_BUF_INIT(UINT32_MAX) };
    int rc = RT_OK;

    *dropped = 0;
    for (unsigned i = 0; i < PARTS && rc == RT_OK; i++)
        rc = decide_part(&d->parts[i], bufs, keep, ctx, dropped, err);
    rt_buf_release(&bufs[0]);
    rt_buf_release(&bufs[1]);
    return rc;
}
