/* A list while it grows: rows are copied, references sorted and set aside. */
#include "lists/writer_parts.h"

#include "base/alloc.h"

enum {
    LEAST_MEMORY = 64 << 10,
    CHUNK_FIRST = 4 << 10,
    CHUNK_LARGEST = 1 << 20,
};

/* Room for `more` further things. */
static int reserve(struct rt_list_array *a, size_t more, size_t size)
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

int rt_list_new(const struct rt_platform *platform, const struct rt_list_options *options,
    struct rt_list **out, struct rt_err *err)
{
    struct rt_list *list = rt_calloc(1, sizeof *list);

    if (!list)
        return rt_list_no_memory(err);
    list->platform = platform;
    list->options = *options;
    if (!options->name.p)
        list->options.name = RT_SPAN("list");
    if (list->options.memory_bytes < LEAST_MEMORY)
        list->options.memory_bytes = LEAST_MEMORY;
    *out = list;
    return RT_OK;
}

static void free_chunks(struct rt_list *list)
{
    struct rt_list_chunk *chunks = list->chunks.p;

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
    const struct rt_list_chunk *chunks = list->chunks.p;
    size_t last = list->chunks.n ? chunks[list->chunks.n - 1].size : 0;

    if (last < CHUNK_FIRST)
        return CHUNK_FIRST;
    return last < CHUNK_LARGEST ? last * 2 : CHUNK_LARGEST;
}

/* Room for n bytes in the newest chunk or in one of its own; NULL when there is none. */
static char *chunk_room(struct rt_list *list, size_t n)
{
    struct rt_list_chunk *chunks = list->chunks.p, *last;

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

int rt_list_sort(struct rt_list *list)
{
    struct rt_rowref *refs = rt_list_refs(list), *scratch;
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

int rt_list_own_spool(struct rt_list *list, struct rt_spool **out, struct rt_err *err)
{
    struct rt_spool **spools;
    int rc;

    if (list->spools.n == 0) {
        if (reserve(&list->spools, 1, sizeof *spools) < 0)
            return rt_list_no_memory(err);
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

int rt_list_spool_row(struct rt_spool *spool, struct rt_span row, struct rt_err *err)
{
    uint32_t n = (uint32_t)row.n;
    int rc = rt_spool_add(
        spool, (struct rt_span) { (const char *)&n, RT_LIST_LENGTH_BYTES }, NULL, err);

    return rc == RT_OK ? rt_spool_add(spool, row, NULL, err) : rc;
}

/* Sets what is in memory aside as a run. */
static int spill(struct rt_list *list, struct rt_err *err)
{
    struct rt_spool *spool;
    struct rt_list_run *runs;
    uint64_t at;
    int rc = rt_list_sort(list);

    if (rc < 0 || reserve(&list->runs, 1, sizeof *runs) < 0)
        return rt_list_no_memory(err);
    rc = rt_list_own_spool(list, &spool, err);
    if (rc < 0)
        return rc;
    at = rt_spool_bytes(spool);
    for (size_t i = 0; i < list->refs.n; i++) {
        rc = rt_list_spool_row(spool, rt_rowref_span(&rt_list_refs(list)[i]), err);
        if (rc < 0)
            return rc;
    }
    runs = list->runs.p;
    runs[list->runs.n++] = (struct rt_list_run) { 0, at, rt_spool_bytes(spool) - at };
    free_chunks(list);
    return RT_OK;
}

static int add_row(struct rt_list *list, struct rt_span row, struct rt_err *err)
{
    char *p;

    if (reserve(&list->refs, 1, sizeof(struct rt_rowref)) < 0)
        return rt_list_no_memory(err);
    p = chunk_room(list, row.n);
    if (!p)
        return rt_list_no_memory(err);
    memcpy(p, row.p, row.n);
    rt_list_refs(list)[list->refs.n++] = (struct rt_rowref) { p, (uint32_t)row.n, 0 };
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

static void append(struct rt_list_array *a, struct rt_list_array *from, size_t size)
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
    struct rt_list_run *runs;
    int rc;

    if (other->runs
            .n) { /* spool 0 is the one that a list writes to: make it ours first */
        rc = rt_list_own_spool(list, &spool, err);
        if (rc < 0)
            return rc;
    }
    nspools = list->spools.n;
    if (reserve(&list->chunks, other->chunks.n, sizeof(struct rt_list_chunk)) < 0
        || reserve(&list->refs, other->refs.n, sizeof(struct rt_rowref)) < 0
        || reserve(&list->runs, other->runs.n, sizeof(struct rt_list_run)) < 0
        || reserve(&list->spools, other->spools.n, sizeof spool) < 0)
        return rt_list_no_memory(err);
    append(&list->chunks, &other->chunks, sizeof(struct rt_list_chunk));
    append(&list->refs, &other->refs, sizeof(struct rt_rowref));
    append(&list->runs, &other->runs, sizeof(struct rt_list_run));
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
