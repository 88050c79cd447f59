/* A sheet while it grows: rows are copied, references sorted and set aside. */
#include "lists/writer_parts.h"

#include "base/alloc.h"

enum {
    LEAST_MEMORY = 64 << 10,
    CHUNK_FIRST = 4 << 10,
    CHUNK_LARGEST = 1 << 20,
    REF_COST = 3 * sizeof(struct rt_rowref) /* see memory_of */
};

/* Room for `more` further things. */
static int reserve(struct rt_sheet_array *a, size_t more, size_t size)
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

static void set_all(struct rt_sheet *sheet)
{
    for (uint32_t i = 0; i < sheet->nlists; i++)
        sheet->all[i / 64] |= UINT64_C(1) << i % 64;
}

static uint32_t columns_that_widen(const struct rt_platform *platform)
{
    uint32_t n = 0;

    for (uint32_t c = 0; platform->drop_unused && c < platform->ncolumns; c++)
        if (platform->columns[c].many)
            n = c + 1;
    return n;
}

/* Rows that there is room for from the start, as far as they would stay in memory: room
 * that is never used is never touched. */
static size_t expected_refs(const struct rt_sheet *sheet)
{
    uint64_t most = sheet->options.memory_bytes / REF_COST;

    return (size_t)(sheet->options.expected < most ? sheet->options.expected : most);
}

int rt_sheet_new(const struct rt_platform *platform,
    const struct rt_sheet_options *options, struct rt_sheet **out, struct rt_err *err)
{
    struct rt_sheet *sheet = rt_calloc(1, sizeof *sheet);

    if (!sheet)
        return rt_sheet_no_memory(err);
    sheet->platform = platform;
    sheet->options = *options;
    if (sheet->options.memory_bytes < LEAST_MEMORY)
        sheet->options.memory_bytes = LEAST_MEMORY;
    sheet->nlists = options->nlists ? options->nlists : 1;
    sheet->nwords = (sheet->nlists + 63) / 64;
    sheet->on_bytes = (sheet->nlists + 7) / 8;
    sheet->nwidening = columns_that_widen(platform);
    sheet->added = rt_calloc(sheet->nlists, sizeof *sheet->added);
    sheet->lists = rt_calloc(sheet->nlists, sizeof *sheet->lists);
    sheet->repeats = rt_calloc(sheet->nlists, sizeof *sheet->repeats);
    sheet->all = rt_calloc(sheet->nwords, sizeof *sheet->all);
    if (!sheet->added || !sheet->lists || !sheet->repeats || !sheet->all) {
        rt_sheet_free(sheet);
        return rt_sheet_no_memory(err);
    }
    if (options->expected
        && reserve(&sheet->refs, expected_refs(sheet), sizeof(struct rt_rowref)) < 0) {
        rt_sheet_free(sheet);
        return rt_sheet_no_memory(err);
    }
    set_all(sheet);
    *out = sheet;
    return RT_OK;
}

static void free_chunks(struct rt_sheet *sheet)
{
    struct rt_sheet_chunk *chunks = sheet->chunks.p;

    for (size_t i = 0; i < sheet->chunks.n; i++)
        if (!chunks[i].spare)
            rt_free(chunks[i].p);
        else if (sheet->options.spare)
            rt_spare_add(sheet->options.spare, chunks[i].p, chunks[i].size);
    sheet->chunks.n = 0;
    sheet->chunk_bytes = 0;
    sheet->refs.n = 0;
    sheet->nalike = sheet->unkeyed = 0;
}

void rt_sheet_free(struct rt_sheet *sheet)
{
    struct rt_spool **spools;

    if (!sheet)
        return;
    spools = sheet->spools.p;
    sheet->options.spare = NULL; /* nobody comes who would take it */
    free_chunks(sheet);
    for (size_t i = 0; i < sheet->spools.n; i++)
        rt_spool_free(spools[i]);
    rt_free(sheet->chunks.p);
    rt_free(sheet->refs.p);
    rt_free(sheet->runs.p);
    rt_free(sheet->spools.p);
    rt_free(sheet->added);
    rt_free(sheet->lists);
    rt_free(sheet->repeats);
    rt_free(sheet->all);
    rt_free(sheet);
}

/* ---- adding */

static size_t next_chunk_size(const struct rt_sheet *sheet)
{
    const struct rt_sheet_chunk *chunks = sheet->chunks.p;
    size_t last = sheet->chunks.n ? chunks[sheet->chunks.n - 1].size : 0;

    if (last < CHUNK_FIRST)
        return CHUNK_FIRST;
    return last < CHUNK_LARGEST ? last * 2 : CHUNK_LARGEST;
}

/* Spare memory first. */
static int new_chunk(const struct rt_sheet *sheet, size_t n, struct rt_sheet_chunk *chunk)
{
    chunk->p = sheet->options.spare ? rt_spare_take(sheet->options.spare, n, &chunk->size)
                                    : NULL;
    chunk->spare = chunk->p != NULL;
    if (chunk->p)
        return RT_OK;
    chunk->size = next_chunk_size(sheet) > n ? next_chunk_size(sheet) : n;
    chunk->p = rt_malloc(chunk->size);
    return chunk->p ? RT_OK : RT_ENOMEM;
}

/* Room for n bytes in the newest chunk or in one of its own; NULL when there is none. */
static char *chunk_room(struct rt_sheet *sheet, size_t n)
{
    struct rt_sheet_chunk *chunks = sheet->chunks.p, *last;

    if (sheet->chunks.n) {
        last = &chunks[sheet->chunks.n - 1];
        if (last->size - last->used >= n) {
            last->used += n;
            return last->p + last->used - n;
        }
    }
    if (reserve(&sheet->chunks, 1, sizeof *chunks) < 0)
        return NULL;
    chunks = sheet->chunks.p;
    last = &chunks[sheet->chunks.n];
    if (new_chunk(sheet, n, last) < 0)
        return NULL;
    last->used = n;
    sheet->chunk_bytes += last->size;
    sheet->chunks.n++;
    return last->p;
}

/* The references count three times: sorting needs as many again, growing leaves room. */
static uint64_t memory_of(const struct rt_sheet *sheet)
{
    return sheet->chunk_bytes + sheet->refs.n * REF_COST;
}

/* ---- setting aside */

int rt_sheet_own_spool(struct rt_sheet *sheet, struct rt_spool **out, struct rt_err *err)
{
    struct rt_spool **spools;
    int rc;

    if (sheet->spools.n == 0) {
        if (reserve(&sheet->spools, 1, sizeof *spools) < 0)
            return rt_sheet_no_memory(err);
        spools = sheet->spools.p;
        rc = rt_spool_new(0, sheet->options.tmpdir, &spools[0], err);
        if (rc < 0)
            return rc;
        sheet->spools.n = 1;
    }
    spools = sheet->spools.p;
    *out = spools[0];
    return RT_OK;
}

int rt_sheet_spool_entry(const struct rt_sheet *sheet, struct rt_spool *spool,
    struct rt_span row, struct rt_err *err)
{
    size_t head = rt_entry_head(sheet);

    return rt_spool_add(
        spool, (struct rt_span) { row.p - head, head + row.n }, NULL, err);
}

/* Sets what is in memory aside as a run. */
static int spill(struct rt_sheet *sheet, struct rt_err *err)
{
    struct rt_spool *spool;
    struct rt_sheet_run *runs;
    uint64_t at;
    int rc = rt_sheet_sort(sheet, 1);

    if (rc < 0 || reserve(&sheet->runs, 1, sizeof *runs) < 0)
        return rt_sheet_no_memory(err);
    rc = rt_sheet_own_spool(sheet, &spool, err);
    if (rc < 0)
        return rc;
    at = rt_spool_bytes(spool);
    for (size_t i = 0; i < sheet->refs.n; i++) {
        rc = rt_sheet_spool_entry(
            sheet, spool, rt_rowref_span(&rt_sheet_refs(sheet)[i]), err);
        if (rc < 0)
            return rc;
    }
    runs = sheet->runs.p;
    runs[sheet->runs.n++] = (struct rt_sheet_run) { 0, at, rt_spool_bytes(spool) - at };
    free_chunks(sheet);
    return RT_OK;
}

/* ---- adding */

/* Room for a row of n bytes that is on these lists. */
static inline char *row_room(struct rt_sheet *sheet, uint32_t n, const uint64_t *on)
{
    size_t head = rt_entry_head(sheet);
    char *p;

    if (reserve(&sheet->refs, 1, sizeof(struct rt_rowref)) < 0)
        return NULL;
    p = chunk_room(sheet, head + n);
    if (!p)
        return NULL;
    rt_copy_row(p, on, sheet->on_bytes);
    p += head;
    memcpy(p - RT_ROW_LENGTH_BYTES, &n, RT_ROW_LENGTH_BYTES);
    return p;
}

/* The row is written. */
static inline int row_added(struct rt_sheet *sheet, const char *row, struct rt_err *err)
{
    rt_sheet_refs(sheet)[sheet->refs.n] =
        (struct rt_rowref) { row, rt_sheet_key(sheet, row) };
    sheet->refs.n++;
    sheet->sorted = false;
    return memory_of(sheet) > sheet->options.memory_bytes ? spill(sheet, err) : RT_OK;
}

static int add_row(
    struct rt_sheet *sheet, struct rt_span row, const uint64_t *on, struct rt_err *err)
{
    char *p = row_room(sheet, (uint32_t)row.n, on);

    if (!p)
        return rt_sheet_no_memory(err);
    rt_copy_row(p, row.p, row.n);
    return row_added(sheet, p, err);
}

static void add_dropped(struct rt_dropped *sum, const struct rt_dropped *more)
{
    for (size_t f = 0; f < RT_DROP_FIELDS; f++)
        for (size_t d = 0; d < RT_DROPS; d++)
            sum->n[f][d] += more->n[f][d];
}

static void widen(uint8_t *used, const uint8_t *other, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (used[i] < other[i])
            used[i] = other[i];
}

/* Notes a person with so many rows and bytes on each of the lists. */
static inline void note_person(
    struct rt_sheet *sheet, uint32_t nrows, uint64_t bytes, const uint64_t *on)
{
    for (uint32_t w = 0; w < sheet->nwords; w++)
        for (uint64_t lists = on[w]; lists; lists &= lists - 1) {
            struct rt_sheet_added *added =
                &sheet->added[64 * w + (uint32_t)__builtin_ctzll(lists)];

            added->people++;
            added->without_identifier += nrows == 0;
            added->rows.rows += nrows;
            added->rows.bytes += bytes;
        }
}

/* And what is rarer. */
static void note_values(
    struct rt_sheet *sheet, const struct rt_rows *rows, const uint64_t *on)
{
    for (uint32_t w = 0; w < sheet->nwords; w++)
        for (uint64_t lists = on[w]; lists; lists &= lists - 1) {
            struct rt_sheet_list *list =
                &sheet->lists[64 * w + (uint32_t)__builtin_ctzll(lists)];

            widen(list->used, rows->used, sheet->nwidening);
            if (rows->any_dropped)
                add_dropped(&list->dropped, &rows->dropped);
        }
}

int rt_sheet_add(struct rt_sheet *sheet, const struct rt_rows *rows, const uint64_t *on,
    struct rt_err *err)
{
    uint64_t bytes = 0;

    if (!on)
        on = sheet->all;
    for (uint32_t i = 0; i < rows->nrows; i++) {
        struct rt_span row = { rows->bytes.p + rows->rows[i].at, rows->rows[i].n };
        int rc = add_row(sheet, row, on, err);

        if (rc < 0)
            return rc;
        bytes += row.n;
    }
    note_person(sheet, rows->nrows, bytes, on);
    if (rows->any_dropped || sheet->nwidening)
        note_values(sheet, rows, on);
    return RT_OK;
}

int rt_sheet_add_line(
    struct rt_sheet *sheet, struct rt_span text, const uint64_t *on, struct rt_err *err)
{
    uint32_t n = (uint32_t)text.n + 1;
    char *p = row_room(sheet, n, on);

    if (!p)
        return rt_sheet_no_memory(err);
    rt_copy_row(p, text.p, text.n);
    p[text.n] = '\n';
    note_person(sheet, 1, n, on);
    return row_added(sheet, p, err);
}

/* ---- merging sheets */

static void add_lists(struct rt_sheet *sheet, struct rt_sheet *other)
{
    for (uint32_t i = 0; i < sheet->nlists; i++) {
        sheet->added[i].people += other->added[i].people;
        sheet->added[i].without_identifier += other->added[i].without_identifier;
        rt_row_count_add(&sheet->added[i].rows, &other->added[i].rows);
        widen(sheet->lists[i].used, other->lists[i].used, sheet->nwidening);
        add_dropped(&sheet->lists[i].dropped, &other->lists[i].dropped);
        rt_row_count_add(&sheet->repeats[i], &other->repeats[i]);
    }
    memset(other->added, 0, other->nlists * sizeof *other->added);
    memset(other->lists, 0, other->nlists * sizeof *other->lists);
    memset(other->repeats, 0, other->nlists * sizeof *other->repeats);
}

static void append(struct rt_sheet_array *a, struct rt_sheet_array *from, size_t size)
{
    if (from->n)
        memcpy((char *)a->p + a->n * size, from->p, from->n * size);
    a->n += from->n;
    from->n = 0;
}

int rt_sheet_merge(struct rt_sheet *sheet, struct rt_sheet *other, struct rt_err *err)
{
    size_t nspools, nruns = sheet->runs.n;
    struct rt_spool *spool;
    struct rt_sheet_run *runs;
    int rc;

    if (other->runs.n) { /* spool 0 is the one that is written to: make it ours first */
        rc = rt_sheet_own_spool(sheet, &spool, err);
        if (rc < 0)
            return rc;
    }
    nspools = sheet->spools.n;
    if (reserve(&sheet->chunks, other->chunks.n, sizeof(struct rt_sheet_chunk)) < 0
        || reserve(&sheet->refs, other->refs.n, sizeof(struct rt_rowref)) < 0
        || reserve(&sheet->runs, other->runs.n, sizeof(struct rt_sheet_run)) < 0
        || reserve(&sheet->spools, other->spools.n, sizeof spool) < 0)
        return rt_sheet_no_memory(err);
    rt_sheet_agree(sheet, other);
    append(&sheet->chunks, &other->chunks, sizeof(struct rt_sheet_chunk));
    append(&sheet->refs, &other->refs, sizeof(struct rt_rowref));
    append(&sheet->runs, &other->runs, sizeof(struct rt_sheet_run));
    append(&sheet->spools, &other->spools, sizeof spool);
    runs = sheet->runs.p;
    for (size_t i = nruns; i < sheet->runs.n; i++)
        runs[i].spool += (uint32_t)nspools;
    sheet->chunk_bytes += other->chunk_bytes;
    other->chunk_bytes = 0;
    sheet->sorted = false;
    add_lists(sheet, other);
    sheet->options.memory_bytes += other->options.memory_bytes; /* it is free now */
    other->options.memory_bytes = 0;
    return memory_of(sheet) > sheet->options.memory_bytes ? spill(sheet, err) : RT_OK;
}
