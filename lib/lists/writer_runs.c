/* Runs are read back a buffer each and merged through a heap. */
#include "lists/writer_parts.h"

#include "base/alloc.h"

enum { READ_BYTES = 64 << 10 }; /* a run's read buffer */

/* Makes sure that n bytes stand at pos. */
static int fill(struct rt_list_reader *r, size_t n, struct rt_err *err)
{
    size_t have = r->buf.n - r->pos;
    size_t want = n > READ_BYTES ? n : READ_BYTES;
    int rc;

    if (have >= n)
        return RT_OK;
    if (have)
        memmove(r->buf.p, r->buf.p + r->pos, have);
    r->pos = 0;
    r->buf.n = have;
    want -= have;
    if (want > r->end - r->at)
        want = (size_t)(r->end - r->at);
    rc = rt_buf_reserve(&r->buf, want);
    if (rc < 0)
        return rt_list_no_memory(err);
    rc = rt_spool_read(r->spool, r->at, r->buf.p + have, want, err);
    if (rc < 0)
        return rc;
    r->buf.n += want;
    r->at += want;
    return RT_OK;
}

static int next_row(struct rt_list_reader *r, struct rt_err *err)
{
    uint32_t n;
    int rc;

    r->row = RT_SPAN_ABSENT;
    if (!r->spool) {
        if (r->nrefs) {
            r->row = rt_rowref_span(r->refs++);
            r->nrefs--;
        }
        return RT_OK;
    }
    if (r->at == r->end && r->pos == r->buf.n)
        return RT_OK;
    rc = fill(r, RT_LIST_LENGTH_BYTES, err);
    if (rc < 0)
        return rc;
    memcpy(&n, r->buf.p + r->pos, RT_LIST_LENGTH_BYTES);
    rc = fill(r, RT_LIST_LENGTH_BYTES + (size_t)n, err);
    if (rc < 0)
        return rc;
    r->row = (struct rt_span) { r->buf.p + r->pos + RT_LIST_LENGTH_BYTES, n };
    r->pos += RT_LIST_LENGTH_BYTES + (size_t)n;
    return RT_OK;
}

static bool comes_first(const struct rt_list_reader *a, const struct rt_list_reader *b)
{
    return rt_span_cmp(a->row, b->row) < 0;
}

static void sift_down(struct rt_merger *m, size_t i)
{
    for (;;) {
        size_t child = 2 * i + 1;
        struct rt_list_reader *r = m->heap[i];

        if (child >= m->nheap)
            return;
        if (child + 1 < m->nheap && comes_first(m->heap[child + 1], m->heap[child]))
            child++;
        if (!comes_first(m->heap[child], r))
            return;
        m->heap[i] = m->heap[child];
        m->heap[child] = r;
        i = child;
    }
}

int rt_merger_start(struct rt_merger *m, struct rt_err *err)
{
    for (size_t i = 0; i < m->nreaders; i++) {
        int rc = next_row(&m->readers[i], err);

        if (rc < 0)
            return rc;
        if (m->readers[i].row.p)
            m->heap[m->nheap++] = &m->readers[i];
    }
    for (size_t i = m->nheap / 2; i-- > 0;)
        sift_down(m, i);
    return RT_OK;
}

int rt_merger_next(struct rt_merger *m, struct rt_span *row, struct rt_err *err)
{
    *row = RT_SPAN_ABSENT;
    while (m->nheap) {
        struct rt_list_reader *r = m->heap[0];
        bool repeat = m->any && rt_span_eq(r->row, rt_buf_span(&m->last));
        int rc = RT_OK;

        if (!repeat) {
            rt_buf_reset(&m->last);
            rc = rt_buf_add(&m->last, r->row.p, r->row.n) < 0 ? rt_list_no_memory(err)
                                                              : RT_OK;
        }
        if (rc == RT_OK)
            rc = next_row(r, err);
        if (rc < 0)
            return rc;
        if (!r->row.p)
            m->heap[0] = m->heap[--m->nheap];
        sift_down(m, 0);
        if (!repeat) {
            m->any = true;
            *row = rt_buf_span(&m->last);
            return RT_OK;
        }
        m->repeats++;
    }
    return RT_OK;
}

int rt_merger_open(struct rt_merger *m, const struct rt_list *list, size_t first,
    size_t nruns, bool memory)
{
    struct rt_spool *const *spools = list->spools.p;
    const struct rt_list_run *runs = list->runs.p;

    memset(m, 0, sizeof *m);
    m->last.max = UINT32_MAX;
    m->readers = rt_calloc(nruns + 1, sizeof *m->readers);
    if (!m->readers)
        return RT_ENOMEM;
    for (size_t i = 0; i < nruns; i++) {
        const struct rt_list_run *run = &runs[first + i];

        m->readers[i] = (struct rt_list_reader) { .spool = spools[run->spool],
            .at = run->at,
            .end = run->at + run->bytes,
            .buf = RT_BUF_INIT(SIZE_MAX / 2) };
    }
    m->nreaders = nruns;
    if (memory)
        m->readers[m->nreaders++] =
            (struct rt_list_reader) { .refs = rt_list_refs(list), .nrefs = list->refs.n };
    return RT_OK;
}

void rt_merger_close(struct rt_merger *m)
{
    for (size_t i = 0; i < m->nreaders; i++)
        rt_buf_release(&m->readers[i].buf);
    rt_free(m->readers);
    rt_buf_release(&m->last);
}

int rt_merge_first_runs(struct rt_list *list, struct rt_err *err)
{
    struct rt_list_run *runs = list->runs.p;
    struct rt_spool *spool;
    struct rt_span row = RT_SPAN_ABSENT;
    struct rt_merger m;
    uint64_t at;
    int rc = rt_list_own_spool(list, &spool, err);

    if (rc < 0)
        return rc;
    at = rt_spool_bytes(spool);
    if (rt_merger_open(&m, list, 0, RT_LIST_FAN_IN, false) < 0)
        return rt_list_no_memory(err);
    rc = rt_merger_start(&m, err);
    while (rc == RT_OK) {
        rc = rt_merger_next(&m, &row, err);
        if (rc < 0 || !row.p)
            break;
        rc = rt_list_spool_row(spool, row, err);
    }
    list->stats.repeats += m.repeats;
    rt_merger_close(&m);
    if (rc < 0)
        return rc;
    memmove(runs, runs + RT_LIST_FAN_IN, (list->runs.n - RT_LIST_FAN_IN) * sizeof *runs);
    list->runs.n -= RT_LIST_FAN_IN;
    runs[list->runs.n++] = (struct rt_list_run) { 0, at, rt_spool_bytes(spool) - at };
    return RT_OK;
}
