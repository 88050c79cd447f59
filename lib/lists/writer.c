/*
 * Rows are copied into chunks, a reference each; references are sorted, the rows stay.
 *
 *     chunks [row row row ...] [row ...]      refs -> rows, sorted when needed
 *     spool  [run: n row, n row, ...] [run]   each run sorted and without repeats
 *
 * A full list sorts its references, writes the rows as a run and begins anew. Writing
 * merges all runs and what is in memory, at most FAN_IN at a time: more runs are merged
 * into longer ones first, so that read buffers stay within bounds.
 *
 * Rows are kept at full width, for which repeats are needed is known only at the end.
 * Leaving out a column that is blank in every row does not change their order: two rows
 * differ in some cell, and what follows that cell is a comma before and after.
 */
#include "lists/writer.h"

#include "base/alloc.h"
#include "io/spool.h"
#include "lists/rowsort.h"

enum {
    FAN_IN = 64,
    READ_BYTES = 64 << 10,   /* a run's read buffer */
    WRITE_BYTES = 128 << 10, /* gathered before they go out */
    LEAST_MEMORY = 64 << 10,
    AHEAD = 12, /* rows, of fetching into the cache */
    CHUNK_FIRST = 4 << 10,
    CHUNK_LARGEST = 1 << 20,
    LENGTH_BYTES = 4 /* in front of each row of a run */
};

struct chunk {
    char *p;
    size_t used, size;
};

struct run {
    uint32_t spool; /* which of the list's spools */
    uint64_t at, bytes;
};

struct array {
    void *p;
    size_t n, room; /* things */
};

struct rt_list {
    const struct rt_platform *platform;
    struct rt_list_options options;
    struct array chunks; /* struct chunk */
    struct array refs;   /* struct rt_rowref */
    size_t chunk_bytes;  /* of all chunks */
    struct array runs;   /* struct run */
    struct array spools; /* struct rt_spool *; the first is written to, the rest were
                            other lists' */
    bool sorted;         /* refs are, and hold no repeats */
    uint8_t used[RT_COLUMNS_MAX];
    struct rt_list_stats stats; /* but for size and repeats, which writing finds */
};

static int no_memory(struct rt_err *err)
{
    return rt_err_set(err, RT_ENOMEM, "out of memory");
}

/* Room for `more` further things. */
static int reserve(struct array *a, size_t more, size_t size)
{
    size_t room = a->room ? a->room : 16;
    void *p;

    if (a->room - a->n >= more)
        return RT_OK;
    while (room - a->n < more) {
        if (room > SIZE_MAX / 2)
            return RT_ENOMEM;
        room *= 2;
    }
    p = rt_realloc(a->p, room, size);
    if (!p)
        return RT_ENOMEM;
    a->p = p;
    a->room = room;
    return RT_OK;
}

static struct rt_rowref *refs_of(const struct rt_list *list)
{
    return list->refs.p;
}

int rt_list_new(const struct rt_platform *platform, const struct rt_list_options *options,
    struct rt_list **out, struct rt_err *err)
{
    struct rt_list *list = rt_calloc(1, sizeof *list);

    if (!list)
        return no_memory(err);
    list->platform = platform;
    list->options = *options;
    if (list->options.memory_bytes < LEAST_MEMORY)
        list->options.memory_bytes = LEAST_MEMORY;
    *out = list;
    return RT_OK;
}

static void free_chunks(struct rt_list *list)
{
    struct chunk *chunks = list->chunks.p;

    for (size_t i = 0; i < list->chunks.n; i++)
        rt_free(chunks[i].p);
    list->chunks.n = 0;
    list->chunk_bytes = 0;
    list->refs.n = 0;
}

void rt_list_free(struct rt_list *list)
{
    struct rt_spool **spools;

    if (!list)
        return;
    spools = list->spools.p;
    free_chunks(list);
    for (size_t i = 0; i < list->spools.n; i++)
        rt_spool_free(spools[i]);
    rt_free(list->chunks.p);
    rt_free(list->refs.p);
    rt_free(list->runs.p);
    rt_free(list->spools.p);
    rt_free(list);
}

/* ---- adding */

static size_t next_chunk_size(const struct rt_list *list)
{
    const struct chunk *chunks = list->chunks.p;
    size_t last = list->chunks.n ? chunks[list->chunks.n - 1].size : 0;

    if (last < CHUNK_FIRST)
        return CHUNK_FIRST;
    return last < CHUNK_LARGEST ? last * 2 : CHUNK_LARGEST;
}

/* Room for n bytes in the newest chunk or in one of its own; NULL when there is none. */
static char *chunk_room(struct rt_list *list, size_t n)
{
    struct chunk *chunks = list->chunks.p, *last;

    if (list->chunks.n) {
        last = &chunks[list->chunks.n - 1];
        if (last->size - last->used >= n) {
            last->used += n;
            return last->p + last->used - n;
        }
    }
    if (reserve(&list->chunks, 1, sizeof *chunks) < 0)
        return NULL;
    chunks = list->chunks.p;
    last = &chunks[list->chunks.n];
    last->size = next_chunk_size(list) > n ? next_chunk_size(list) : n;
    last->p = rt_malloc(last->size);
    if (!last->p)
        return NULL;
    last->used = n;
    list->chunk_bytes += last->size;
    list->chunks.n++;
    return last->p;
}

/* The references count three times: sorting needs as many again, growing leaves room. */
static uint64_t memory_of(const struct rt_list *list)
{
    return list->chunk_bytes + 3 * list->refs.n * sizeof(struct rt_rowref);
}

/* Sorts the references and drops repeats. */
static int sort_refs(struct rt_list *list)
{
    struct rt_rowref *refs = refs_of(list), *scratch;
    size_t n = list->refs.n, kept = 0;

    if (list->sorted || n == 0)
        return RT_OK;
    scratch = rt_realloc(NULL, n, sizeof *scratch);
    if (!scratch)
        return RT_ENOMEM;
    rt_rowsort(refs, n, scratch);
    rt_free(scratch);
    for (size_t i = 0; i < n; i++)
        if (kept == 0
            || !rt_span_eq(rt_rowref_span(&refs[i]), rt_rowref_span(&refs[kept - 1])))
            refs[kept++] = refs[i];
    list->stats.repeats += n - kept;
    list->refs.n = kept;
    list->sorted = true;
    return RT_OK;
}

static int own_spool(struct rt_list *list, struct rt_spool **out, struct rt_err *err)
{
    struct rt_spool **spools;
    int rc;

    if (list->spools.n == 0) {
        if (reserve(&list->spools, 1, sizeof *spools) < 0)
            return no_memory(err);
        spools = list->spools.p;
        rc = rt_spool_new(0, list->options.tmpdir, &spools[0], err);
        if (rc < 0)
            return rc;
        list->spools.n = 1;
    }
    spools = list->spools.p;
    *out = spools[0];
    return RT_OK;
}

static int spool_row(struct rt_spool *spool, struct rt_span row, struct rt_err *err)
{
    uint32_t n = (uint32_t)row.n;
    int rc = rt_spool_add(
        spool, (struct rt_span) { (const char *)&n, LENGTH_BYTES }, NULL, err);

    return rc == RT_OK ? rt_spool_add(spool, row, NULL, err) : rc;
}

/* Sets what is in memory aside as a run. */
static int spill(struct rt_list *list, struct rt_err *err)
{
    struct rt_spool *spool;
    struct run *runs;
    uint64_t at;
    int rc = sort_refs(list);

    if (rc < 0 || reserve(&list->runs, 1, sizeof *runs) < 0)
        return no_memory(err);
    rc = own_spool(list, &spool, err);
    if (rc < 0)
        return rc;
    at = rt_spool_bytes(spool);
    for (size_t i = 0; i < list->refs.n; i++) {
        rc = spool_row(spool, rt_rowref_span(&refs_of(list)[i]), err);
        if (rc < 0)
            return rc;
    }
    runs = list->runs.p;
    runs[list->runs.n++] = (struct run) { 0, at, rt_spool_bytes(spool) - at };
    free_chunks(list);
    return RT_OK;
}

static int add_row(struct rt_list *list, struct rt_span row, struct rt_err *err)
{
    char *p;

    if (reserve(&list->refs, 1, sizeof(struct rt_rowref)) < 0)
        return no_memory(err);
    p = chunk_room(list, row.n);
    if (!p)
        return no_memory(err);
    memcpy(p, row.p, row.n);
    refs_of(list)[list->refs.n++] = (struct rt_rowref) { p, (uint32_t)row.n, 0 };
    list->sorted = false;
    return memory_of(list) > list->options.memory_bytes ? spill(list, err) : RT_OK;
}

static void add_dropped(struct rt_dropped *sum, const struct rt_dropped *more)
{
    for (size_t f = 0; f < RT_DROP_FIELDS; f++)
        for (size_t d = 0; d < RT_DROPS; d++)
            sum->n[f][d] += more->n[f][d];
}

static void widen(uint8_t *used, const uint8_t *other)
{
    for (size_t i = 0; i < RT_COLUMNS_MAX; i++)
        if (used[i] < other[i])
            used[i] = other[i];
}

int rt_list_add(struct rt_list *list, const struct rt_rows *rows, struct rt_err *err)
{
    for (uint32_t i = 0; i < rows->nrows; i++) {
        struct rt_span row = { rows->bytes.p + rows->rows[i].at, rows->rows[i].n };
        int rc = add_row(list, row, err);

        if (rc < 0)
            return rc;
    }
    list->stats.added++;
    list->stats.without_identifier += rows->nrows == 0;
    widen(list->used, rows->used);
    if (rows->any_dropped)
        add_dropped(&list->stats.dropped, &rows->dropped);
    return RT_OK;
}

/* ---- merging lists */

static void add_stats(struct rt_list_stats *sum, const struct rt_list_stats *more)
{
    sum->added += more->added;
    sum->without_identifier += more->without_identifier;
    sum->repeats += more->repeats;
    add_dropped(&sum->dropped, &more->dropped);
}

static void append(struct array *a, struct array *from, size_t size)
{
    if (from->n)
        memcpy((char *)a->p + a->n * size, from->p, from->n * size);
    a->n += from->n;
    from->n = 0;
}

int rt_list_merge(struct rt_list *list, struct rt_list *other, struct rt_err *err)
{
    size_t nspools, nruns = list->runs.n;
    struct rt_spool *spool;
    struct run *runs;
    int rc;

    if (other->runs
            .n) { /* spool 0 is the one that a list writes to: make it ours first */
        rc = own_spool(list, &spool, err);
        if (rc < 0)
            return rc;
    }
    nspools = list->spools.n;
    if (reserve(&list->chunks, other->chunks.n, sizeof(struct chunk)) < 0
        || reserve(&list->refs, other->refs.n, sizeof(struct rt_rowref)) < 0
        || reserve(&list->runs, other->runs.n, sizeof(struct run)) < 0
        || reserve(&list->spools, other->spools.n, sizeof spool) < 0)
        return no_memory(err);
    append(&list->chunks, &other->chunks, sizeof(struct chunk));
    append(&list->refs, &other->refs, sizeof(struct rt_rowref));
    append(&list->runs, &other->runs, sizeof(struct run));
    append(&list->spools, &other->spools, sizeof spool);
    runs = list->runs.p;
    for (size_t i = nruns; i < list->runs.n; i++)
        runs[i].spool += (uint32_t)nspools;
    list->chunk_bytes += other->chunk_bytes;
    other->chunk_bytes = 0;
    list->sorted = false;
    widen(list->used, other->used);
    add_stats(&list->stats, &other->stats);
    memset(&other->stats, 0, sizeof other->stats);
    memset(other->used, 0, sizeof other->used);
    return memory_of(list) > list->options.memory_bytes ? spill(list, err) : RT_OK;
}

/* ---- reading runs back */

/* A run being read, or the rows in memory: `row` is the next, absent at the end. */
struct reader {
    const struct rt_spool *spool; /* NULL: memory */
    uint64_t at, end;             /* of the run, not yet in the buffer */
    struct rt_buf buf;
    size_t pos; /* in buf, of what is not yet consumed */
    const struct rt_rowref *refs;
    size_t nrefs;
    struct rt_span row;
};

/* Makes sure that n bytes stand at pos. */
static int fill(struct reader *r, size_t n, struct rt_err *err)
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
        return no_memory(err);
    rc = rt_spool_read(r->spool, r->at, r->buf.p + have, want, err);
    if (rc < 0)
        return rc;
    r->buf.n += want;
    r->at += want;
    return RT_OK;
}

static int next_row(struct reader *r, struct rt_err *err)
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
    rc = fill(r, LENGTH_BYTES, err);
    if (rc < 0)
        return rc;
    memcpy(&n, r->buf.p + r->pos, LENGTH_BYTES);
    rc = fill(r, LENGTH_BYTES + (size_t)n, err);
    if (rc < 0)
        return rc;
    r->row = (struct rt_span) { r->buf.p + r->pos + LENGTH_BYTES, n };
    r->pos += LENGTH_BYTES + (size_t)n;
    return RT_OK;
}

struct merger {
    struct reader *readers;
    struct reader *heap[FAN_IN + 1]; /* the smallest row first */
    size_t nreaders, nheap;
    struct rt_buf last; /* the row that went out last */
    bool any;
    uint64_t repeats;
};

static bool comes_first(const struct reader *a, const struct reader *b)
{
    return rt_span_cmp(a->row, b->row) < 0;
}

static void sift_down(struct merger *m, size_t i)
{
    for (;;) {
        size_t child = 2 * i + 1;
        struct reader *r = m->heap[i];

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

static int merger_start(struct merger *m, struct rt_err *err)
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

/* The next row that differs from the one before; absent at the end. Lent until the next
 * call. */
static int merger_next(struct merger *m, struct rt_span *row, struct rt_err *err)
{
    *row = RT_SPAN_ABSENT;
    while (m->nheap) {
        struct reader *r = m->heap[0];
        bool repeat = m->any && rt_span_eq(r->row, rt_buf_span(&m->last));
        int rc = RT_OK;

        if (!repeat) {
            rt_buf_reset(&m->last);
            rc = rt_buf_add(&m->last, r->row.p, r->row.n) < 0 ? no_memory(err) : RT_OK;
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

/* Readers for nruns runs from the first on and, if wanted, for the rows in memory. */
static int merger_open(
    struct merger *m, const struct rt_list *list, size_t first, size_t nruns, bool memory)
{
    struct rt_spool *const *spools = list->spools.p;
    const struct run *runs = list->runs.p;

    memset(m, 0, sizeof *m);
    m->last.max = UINT32_MAX;
    m->readers = rt_calloc(nruns + 1, sizeof *m->readers);
    if (!m->readers)
        return RT_ENOMEM;
    for (size_t i = 0; i < nruns; i++) {
        const struct run *run = &runs[first + i];

        m->readers[i] = (struct reader) { .spool = spools[run->spool],
            .at = run->at,
            .end = run->at + run->bytes,
            .buf = RT_BUF_INIT(SIZE_MAX / 2) };
    }
    m->nreaders = nruns;
    if (memory)
        m->readers[m->nreaders++] =
            (struct reader) { .refs = refs_of(list), .nrefs = list->refs.n };
    return RT_OK;
}

static void merger_close(struct merger *m)
{
    for (size_t i = 0; i < m->nreaders; i++)
        rt_buf_release(&m->readers[i].buf);
    rt_free(m->readers);
    rt_buf_release(&m->last);
}

/* Merges the first FAN_IN runs into one, put behind the others. */
static int merge_first_runs(struct rt_list *list, struct rt_err *err)
{
    struct run *runs = list->runs.p;
    struct rt_spool *spool;
    struct rt_span row = RT_SPAN_ABSENT;
    struct merger m;
    uint64_t at;
    int rc = own_spool(list, &spool, err);

    if (rc < 0)
        return rc;
    at = rt_spool_bytes(spool);
    if (merger_open(&m, list, 0, FAN_IN, false) < 0)
        return no_memory(err);
    rc = merger_start(&m, err);
    while (rc == RT_OK) {
        rc = merger_next(&m, &row, err);
        if (rc < 0 || !row.p)
            break;
        rc = spool_row(spool, row, err);
    }
    list->stats.repeats += m.repeats;
    merger_close(&m);
    if (rc < 0)
        return rc;
    memmove(runs, runs + FAN_IN, (list->runs.n - FAN_IN) * sizeof *runs);
    list->runs.n -= FAN_IN;
    runs[list->runs.n++] = (struct run) { 0, at, rt_spool_bytes(spool) - at };
    return RT_OK;
}

/* ---- writing */

struct output {
    const struct rt_put *put;
    struct rt_buf buf;
    uint64_t bytes;
    const struct rt_list *list;
    uint32_t nnarrow; /* columns up to the last of which repeats are left out */
    size_t shown[RT_COLUMNS_MAX];
};

static int flush(struct output *out)
{
    int rc = RT_OK;

    if (out->put && out->buf.n)
        rc = out->put->put(out->put->ctx, rt_buf_span(&out->buf));
    out->bytes += out->buf.n;
    rt_buf_reset(&out->buf);
    return rc;
}

/* The end of the cell that begins at p: its comma, or the end of the row. */
static const char *cell_end(const char *p, const char *end)
{
    const char *comma;

    if (p < end && *p == ',')
        return p;
    if (p < end && *p == '"')
        for (p++; p < end; p++) /* past the closing quote; a doubled one opens again */
            if (*p == '"' && (++p == end || *p != '"'))
                break;
    comma = p < end ? memchr(p, ',', (size_t)(end - p)) : NULL;
    return comma ? comma : end;
}

/* How many of a column's repeats the file has. */
static size_t shown(const struct rt_list *list, uint32_t column)
{
    uint8_t many = list->platform->columns[column].many;

    if (!many)
        return 1;
    if (!list->platform->drop_unused)
        return many;
    return list->used[column] ? list->used[column] : 1;
}

/* Adds a row without the repeats that are left out, which are blank. What follows the
 * last column that repeats goes as it is. */
static int add_narrow(struct output *out, struct rt_span row)
{
    const struct rt_platform *p = out->list->platform;
    const char *at = row.p, *end = row.p + row.n;

    for (uint32_t c = 0; c < out->nnarrow; c++) {
        size_t width = p->columns[c].many ? p->columns[c].many : 1;

        for (size_t k = 0; k < width; k++) {
            const char *stop = cell_end(at, end);
            int rc = RT_OK;

            stop += stop < end; /* the comma belongs to its cell */
            if (k < out->shown[c])
                rc = rt_buf_add(&out->buf, at, (size_t)(stop - at));
            if (rc < 0)
                return rc;
            at = stop;
        }
    }
    return rt_buf_add(&out->buf, at, (size_t)(end - at));
}

static int put_row(struct output *out, struct rt_span row, struct rt_err *err)
{
    int rc = out->nnarrow ? add_narrow(out, row) : rt_buf_add(&out->buf, row.p, row.n);

    if (rc < 0)
        return no_memory(err);
    return out->buf.n >= WRITE_BYTES ? flush(out) : RT_OK;
}

static void find_narrow(struct output *out)
{
    const struct rt_platform *p = out->list->platform;

    for (uint32_t c = 0; c < p->ncolumns; c++) {
        out->shown[c] = shown(out->list, c);
        if (p->columns[c].many && out->shown[c] < p->columns[c].many)
            out->nnarrow = c + 1;
    }
}

static int add_title(struct rt_buf *buf, struct rt_span title)
{
    bool quoted = false;
    int rc;

    for (size_t i = 0; i < title.n; i++)
        quoted = quoted || strchr(",\"\r\n", title.p[i]);
    if (!quoted)
        return rt_buf_add(buf, title.p, title.n);
    rc = rt_buf_addc(buf, '"');
    for (size_t i = 0; i < title.n && rc == RT_OK; i++) {
        if (title.p[i] == '"')
            rc = rt_buf_addc(buf, '"');
        if (rc == RT_OK)
            rc = rt_buf_addc(buf, title.p[i]);
    }
    return rc == RT_OK ? rt_buf_addc(buf, '"') : rc;
}

static int contact_header(const struct rt_list *list, struct rt_buf *buf)
{
    const struct rt_contact_column *columns = list->options.columns;
    bool email = false;
    int rc = rt_buf_adds(buf, "key");

    for (uint32_t i = 0; i < list->options.ncolumns; i++)
        email = email || columns[i].field == RT_PII_EMAIL;
    if (!email && rc == RT_OK)
        rc = rt_buf_adds(buf, ",email");
    for (uint32_t i = 0; i < list->options.ncolumns && rc == RT_OK; i++) {
        rc = rt_buf_addc(buf, ',');
        if (rc == RT_OK)
            rc = add_title(buf, columns[i].name);
    }
    return rc;
}

static int platform_header(const struct output *out, struct rt_buf *buf)
{
    const struct rt_platform *p = out->list->platform;
    int rc = RT_OK;

    for (uint32_t c = 0; c < p->ncolumns; c++)
        for (size_t k = 0; k < out->shown[c] && rc == RT_OK; k++) {
            if (c + k)
                rc = rt_buf_addc(buf, ',');
            if (rc == RT_OK)
                rc = rt_buf_adds(buf, p->columns[c].title);
        }
    return rc;
}

static int put_header(struct output *out, struct rt_err *err)
{
    int rc;

    if (!out->list->platform->header)
        return RT_OK;
    rc = out->list->platform->kind == RT_ROWS_CONTACT
        ? contact_header(out->list, &out->buf)
        : platform_header(out, &out->buf);
    if (rc == RT_OK)
        rc = rt_buf_addc(&out->buf, '\n');
    return rc < 0 ? no_memory(err) : RT_OK;
}

static int put_rows(
    struct output *out, struct merger *m, uint64_t *nrows, struct rt_err *err)
{
    int rc = merger_start(m, err);

    while (rc == RT_OK) {
        struct rt_span row = RT_SPAN_ABSENT;

        rc = merger_next(m, &row, err);
        if (rc < 0 || !row.p)
            return rc;
        ++*nrows;
        rc = put_row(out, row, err);
    }
    return rc;
}

/* The common case: all rows are in memory, in order. */
static int put_refs(struct output *out, uint64_t *nrows, struct rt_err *err)
{
    const struct rt_rowref *refs = refs_of(out->list);

    for (size_t i = 0; i < out->list->refs.n; i++) {
        int rc;

        if (i + AHEAD < out->list->refs.n) /* rows lie where they were added */
            __builtin_prefetch(refs[i + AHEAD].p);
        rc = put_row(out, rt_rowref_span(&refs[i]), err);

        if (rc < 0)
            return rc;
    }
    *nrows = out->list->refs.n;
    return RT_OK;
}

static int put_merged(
    struct output *out, uint64_t *nrows, uint64_t *repeats, struct rt_err *err)
{
    struct merger m;
    int rc;

    if (merger_open(&m, out->list, 0, out->list->runs.n, true) < 0)
        return no_memory(err);
    rc = put_rows(out, &m, nrows, err);
    *repeats = m.repeats;
    merger_close(&m);
    return rc;
}

static uint64_t spilled_bytes(const struct rt_list *list)
{
    struct rt_spool *const *spools = list->spools.p;
    uint64_t bytes = 0;

    for (size_t i = 0; i < list->spools.n; i++)
        bytes += rt_spool_file_bytes(spools[i]);
    return bytes;
}

static int prepare(struct rt_list *list, struct rt_err *err)
{
    if (sort_refs(list) < 0)
        return no_memory(err);
    while (list->runs.n > FAN_IN) {
        int rc = merge_first_runs(list, err);

        if (rc < 0)
            return rc;
    }
    return RT_OK;
}

int rt_list_write(struct rt_list *list, const struct rt_put *put,
    struct rt_list_stats *stats, struct rt_err *err)
{
    struct output out = { .put = put, .buf = RT_BUF_INIT(SIZE_MAX / 2), .list = list };
    uint64_t nrows = 0, repeats = 0;
    int rc = prepare(list, err);

    find_narrow(&out);
    if (rc == RT_OK)
        rc = put_header(&out, err);
    if (rc == RT_OK)
        rc = list->runs.n ? put_merged(&out, &nrows, &repeats, err)
                          : put_refs(&out, &nrows, err);
    if (rc == RT_OK)
        rc = flush(&out);
    rt_buf_release(&out.buf);
    if (rc == RT_OK && stats) {
        *stats = list->stats;
        stats->repeats += repeats;
        stats->size.rows = nrows;
        stats->size.bytes = out.bytes;
        stats->size.people = stats->added - stats->without_identifier;
        stats->spilled_bytes = spilled_bytes(list);
    }
    return rc;
}

struct sink_ctx {
    struct rt_sink *sink;
    struct rt_err *err;
};

static int put_sink(void *ctx, struct rt_span bytes)
{
    struct sink_ctx *sink = ctx;

    return rt_sink_write(sink->sink, bytes, sink->err);
}

int rt_list_write_sink(struct rt_list *list, struct rt_sink *sink,
    struct rt_list_stats *stats, struct rt_err *err)
{
    struct sink_ctx ctx = { sink, err };
    struct rt_put put = { put_sink, &ctx };

    return rt_list_write(list, &put, stats, err);
}
