/*
 * What the files of the list writer share. Only writer*.c include this.
 *
 * Rows are copied into chunks, a reference each; references are sorted, the rows stay.
 *
 *     chunks [row row row ...] [row ...]      refs -> rows, sorted when needed
 *     spool  [run: n row, n row, ...] [run]   each run sorted and without repeats
 *
 * A full list sorts its references, writes the rows as a run and begins anew. Writing
 * merges all runs and what is in memory, at most RT_LIST_FAN_IN at a time: more runs are
 * merged into longer ones first, so that read buffers stay within bounds.
 */
#ifndef RT_WRITER_PARTS_H
#define RT_WRITER_PARTS_H

#include "io/spool.h"
#include "lists/rowsort.h"
#include "lists/writer.h"

enum {
    RT_LIST_FAN_IN = 64,
    RT_LIST_LENGTH_BYTES = 4 /* in front of each row of a run */
};

struct rt_list_chunk {
    char *p;
    size_t used, size;
};

struct rt_list_run {
    uint32_t spool; /* which of the list's spools */
    uint64_t at, bytes;
};

struct rt_list_array {
    void *p;
    size_t n, room; /* things */
};

struct rt_list {
    const struct rt_platform *platform;
    struct rt_list_options options;
    struct rt_list_array chunks; /* struct rt_list_chunk */
    struct rt_list_array refs;   /* struct rt_rowref */
    size_t chunk_bytes;          /* of all chunks */
    struct rt_list_array runs;   /* struct rt_list_run */
    struct rt_list_array spools; /* struct rt_spool *; the first is written to, the rest
                                    were other lists' */
    bool sorted;                 /* refs are, and hold no repeats */
    uint8_t used[RT_COLUMNS_MAX];
    struct rt_list_stats stats; /* but for size and repeats, which writing finds */
};

static inline int rt_list_no_memory(struct rt_err *err)
{
    return rt_err_set(err, RT_ENOMEM, "out of memory");
}

static inline struct rt_rowref *rt_list_refs(const struct rt_list *list)
{
    return list->refs.p;
}

/* ---- writer.c */

/* Sorts the references and drops repeats. RT_OK or RT_ENOMEM. */
int rt_list_sort(struct rt_list *list);

/* The spool that the list writes to, made when there is none. */
int rt_list_own_spool(struct rt_list *list, struct rt_spool **out, struct rt_err *err);
int rt_list_spool_row(struct rt_spool *spool, struct rt_span row, struct rt_err *err);

/* ---- writer_runs.c: runs and what is in memory as one stream */

/* A run being read, or the rows in memory: `row` is the next, absent at the end. */
struct rt_list_reader {
    const struct rt_spool *spool; /* NULL: memory */
    uint64_t at, end;             /* of the run, not yet in the buffer */
    struct rt_buf buf;
    size_t pos; /* in buf, of what is not yet consumed */
    const struct rt_rowref *refs;
    size_t nrefs;
    struct rt_span row;
};

struct rt_merger {
    struct rt_list_reader *readers;
    struct rt_list_reader *heap[RT_LIST_FAN_IN + 1]; /* the smallest row first */
    size_t nreaders, nheap;
    struct rt_buf last; /* the row that went out last */
    bool any;
    uint64_t repeats;
};

/* Readers for nruns runs from the first on and, if wanted, for the rows in memory. Close
 * it also after a failure to start. */
int rt_merger_open(struct rt_merger *m, const struct rt_list *list, size_t first,
    size_t nruns, bool memory);
int rt_merger_start(struct rt_merger *m, struct rt_err *err);
void rt_merger_close(struct rt_merger *m);

/* The next row that differs from the one before; absent at the end. Lent until the next
 * call. */
int rt_merger_next(struct rt_merger *m, struct rt_span *row, struct rt_err *err);

/* Merges the first RT_LIST_FAN_IN runs into one, put behind the others. */
int rt_merge_first_runs(struct rt_list *list, struct rt_err *err);

#endif
