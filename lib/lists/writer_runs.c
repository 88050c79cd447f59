/* Runs are read back a buffer each and merged through a heap. */
#include "lists/writer_parts.h"

#include "base/alloc.h"

enum { READ_BYTES = 64 << 10 }; /* a run's read buffer */

/* Makes sure that n bytes stand at pos. */
static int fill(struct rt_sheet_reader *r, size_t n, struct rt_err *err)
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
        return rt_sheet_no_memory(err);
    rc = rt_spool_read(r->spool, r->at, r->buf.p + have, want, err);
    if (rc < 0)
        return rc;
    r->buf.n += want;
    r->at += want;
    return RT_OK;
}

/* The next entry of a run: its length is known once its head is there. */
static int next_entry(struct rt_sheet_reader *r, size_t head, struct rt_err *err)
{
    size_t n;
    int rc;

    if (r->at == r->end && r->pos == r->buf.n)
        return RT_OK;
    rc = fill(r, head, err);
    if (rc < 0)
        return rc;
    n = rt_row_length(r->buf.p + r->pos + head);
    rc = fill(r, head + n, err);
    if (rc < 0)
        return rc;
    r->row = (struct rt_span) { r->buf.p + r->pos + head, n };
    r->pos += head + n;
    return RT_OK;
}

static int next_row(
    const struct rt_merger *m, struct rt_sheet_reader *r, struct rt_err *err)
{
    r->row = RT_SPAN_ABSENT;
    if (r->spool)
        return next_entry(r, rt_entry_head(m->sheet), err);
    if (r->nrefs) {
        r->row = rt_rowref_span(r->refs++);
        r->nrefs--;
    }
    return RT_OK;
}

static bool comes_first(const struct rt_sheet_reader *a, const struct rt_sheet_reader *b)
{
    return rt_span_cmp(a->row, b->row) < 0;
}

static void sift_down(struct rt_merger *m, size_t i)
{
    for (;;) {
        size_t child = 2 * i + 1;
        struct rt_sheet_reader *r = m->heap[i];

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
        int rc = next_row(m, &m->readers[i], err);

        if (rc < 0)
            return rc;
        if (m->readers[i].row.p)
            m->heap[m->nheap++] = &m->readers[i];
    }
    for (size_t i = m->nheap / 2; i-- > 0;)
        sift_down(m, i);
    return RT_OK;
}

/* Goes on to the next row of the reader that had the smallest. */
static int advance(struct rt_merger *m, struct rt_err *err)
{
    int rc = next_row(m, m->heap[0], err);

    if (rc < 0)
        return rc;
    if (!m->heap[0]->row.p)
        m->heap[0] = m->heap[--m->nheap];
    sift_down(m, 0);
    return RT_OK;
}

/* Copies the entry of the smallest row. */
static int keep(struct rt_merger *m, struct rt_span *row)
{
    size_t head = rt_entry_head(m->sheet);

    rt_buf_reset(&m->last);
    *row = m->heap[0]->row;
    if (rt_buf_add(&m->last, row->p - head, head + row->n) < 0)
        return RT_ENOMEM;
    row->p = m->last.p + head;
    return RT_OK;
}

int rt_merger_next(struct rt_merger *m, struct rt_span *row, struct rt_err *err)
{
    int rc;

    *row = RT_SPAN_ABSENT;
    if (m->nheap == 0)
        return RT_OK;
    if (keep(m, row) < 0)
        return rt_sheet_no_memory(err);
    rc = advance(m, err);
    while (rc == RT_OK && m->nheap && rt_span_eq(m->heap[0]->row, *row)) {
        rt_sheet_fold(m->sheet, row->p, m->heap[0]->row.p, m->repeats);
        rc = advance(m, err);
    }
    return rc;
}

int rt_merger_open(struct rt_merger *m, const struct rt_sheet *sheet, size_t first,
    size_t nruns, bool memory)
{
    struct rt_spool *const *spools = sheet->spools.p;
    const struct rt_sheet_run *runs = sheet->runs.p;

    memset(m, 0, sizeof *m);
    m->last.max = UINT32_MAX;
    m->sheet = sheet;
    m->readers = rt_calloc(nruns + 1, sizeof *m->readers);
    m->repeats = rt_calloc(sheet->nlists, sizeof *m->repeats);
    if (!m->readers || !m->repeats)
        return RT_ENOMEM;
    for (size_t i = 0; i < nruns; i++) {
        const struct rt_sheet_run *run = &runs[first + i];

        m->readers[i] = (struct rt_sheet_reader) { .spool = spools[run->spool],
            .at = run->at,
            .end = run->at + run->bytes,
            .buf = RT_BUF_INIT(SIZE_MAX / 2) };
    }
    m->nreaders = nruns;
    if (memory)
        m->readers[m->nreaders++] =
            (struct rt_sheet_reader) { .refs = rt_sheet_refs(sheet),
                .nrefs = sheet->refs.n };
    return RT_OK;
}

void rt_merger_close(struct rt_merger *m)
{
    for (size_t i = 0; i < m->nreaders; i++)
        rt_buf_release(&m->readers[i].buf);
    rt_free(m->readers);
    rt_free(m->repeats);
    rt_buf_release(&m->last);
}

int rt_merge_first_runs(struct rt_sheet *sheet, struct rt_err *err)
{
    struct rt_sheet_run *runs = sheet->runs.p;
    struct rt_spool *spool;
    struct rt_span row = RT_SPAN_ABSENT;
    struct rt_merger m;
    uint64_t at;
    int rc = rt_sheet_own_spool(sheet, &spool, err);

    if (rc < 0)
        return rc;
    at = rt_spool_bytes(spool);
    rc = rt_merger_open(&m, sheet, 0, RT_SHEET_FAN_IN, false) < 0
        ? rt_sheet_no_memory(err)
        : rt_merger_start(&m, err);
    while (rc == RT_OK) {
        rc = rt_merger_next(&m, &row, err);
        if (rc < 0 || !row.p)
            break;
        rc = rt_sheet_spool_entry(sheet, spool, row, err);
    }
    for (uint32_t i = 0; i < sheet->nlists && rc == RT_OK; i++)
        rt_row_count_add(&sheet->repeats[i], &m.repeats[i]);
    rt_merger_close(&m);
    if (rc < 0)
        return rc;
    memmove(
        runs, runs + RT_SHEET_FAN_IN, (sheet->runs.n - RT_SHEET_FAN_IN) * sizeof *runs);
    sheet->runs.n -= RT_SHEET_FAN_IN;
    runs[sheet->runs.n++] = (struct rt_sheet_run) { 0, at, rt_spool_bytes(spool) - at };
    return RT_OK;
}
