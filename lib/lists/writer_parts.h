/*
 * What the files of the list writer share. Only writer*.c include this.
 *
 * Rows are copied into chunks as entries, a reference each; references are sorted, the
 * entries stay.
 *
 *     chunks [entry entry ...] [entry ...]    refs -> rows, sorted when needed
 *     spool  [run: entry, entry, ...] [run]   each run sorted and without repeats
 *
 *     entry  a bit for each list, in whole bytes; the row's length; the row
 *
 * A full sheet sorts its references, writes the entries as a run and begins anew. Writing
 * merges all runs and what is in memory, at most RT_SHEET_FAN_IN at a time: more runs are
 * merged into longer ones first, so that read buffers stay within bounds.
 *
 * Rows that are equal become one, on the lists of both.
 */
#ifndef RT_WRITER_PARTS_H
#define RT_WRITER_PARTS_H

#include "io/spool.h"
#include "lists/rowsort.h"
#include "lists/writer.h"

enum {
    RT_SHEET_FAN_IN = 64,
    RT_ALIKE_MAX = 64 /* bytes that are known to be those of every row */
};

struct rt_sheet_chunk {
    char *p;
    size_t used, size;
    bool spare; /* is not the sheet's own */
};

struct rt_sheet_run {
    uint32_t spool; /* which of the sheet's spools */
    uint64_t at, bytes;
};

struct rt_sheet_array {
    void *p;
    size_t n, room; /* things */
};

struct rt_row_count {
    uint64_t rows, bytes;
};

/* People and rows added to a list: what every person touches stands close together. */
struct rt_sheet_added {
    uint64_t people, without_identifier;
    struct rt_row_count rows;
};

/* What few people touch. */
struct rt_sheet_list {
    uint8_t used[RT_COLUMNS_MAX];
    struct rt_dropped dropped;
};

struct rt_sheet {
    const struct rt_platform *platform;
    struct rt_sheet_options options;
    uint32_t nlists, nwords;      /* words of `on` as it is given */
    uint32_t on_bytes;            /* of it in an entry */
    struct rt_sheet_added *added; /* by list */
    struct rt_sheet_list *lists;  /* by list */
    uint32_t nwidening; /* columns up to the last that `drop_unused` may narrow */
    struct rt_row_count *repeats; /* by list: those that are folded for good */
    uint64_t *all;                /* `on` of every list */
    struct rt_sheet_array chunks; /* struct rt_sheet_chunk */
    struct rt_sheet_array refs;   /* struct rt_rowref */
    size_t chunk_bytes;           /* of all chunks */
    struct rt_sheet_array runs;   /* struct rt_sheet_run */
    struct rt_sheet_array spools; /* struct rt_spool *; the first is written to, the rest
                                     were other sheets' */
    bool sorted;                  /* refs are, and hold no repeats */
    /* Of the rows in memory; see writer_order.c. Once they are sorted keys mean nothing. */
    char alike[RT_ALIKE_MAX]; /* nalike bytes: all of them begin so */
    uint32_t nalike;
    size_t unkeyed; /* refs, the first: their keys are not at that depth */
};

static inline void rt_row_count_add(
    struct rt_row_count *sum, const struct rt_row_count *more)
{
    sum->rows += more->rows;
    sum->bytes += more->bytes;
}

static inline int rt_sheet_no_memory(struct rt_err *err)
{
    return rt_err_set(err, RT_ENOMEM, "out of memory");
}

static inline struct rt_rowref *rt_sheet_refs(const struct rt_sheet *sheet)
{
    return sheet->refs.p;
}

/* ---- entries */

/* Of an entry, what stands before its row. */
static inline size_t rt_entry_head(const struct rt_sheet *sheet)
{
    return sheet->on_bytes + RT_ROW_LENGTH_BYTES;
}

/* The lists that a row is on, 8 a byte. */
static inline unsigned char *rt_entry_on(const struct rt_sheet *sheet, const char *row)
{
    return (unsigned char *)(uintptr_t)(row - rt_entry_head(sheet));
}

/* Copies n bytes. Most rows are short, or a digest and little more: a few copies of known
 * size, the last one overlapping, cost a third of a call. */
static inline void rt_copy_row(char *to, const void *bytes, size_t n)
{
    const char *from = bytes;

    if (n > 256) {
        memcpy(to, from, n);
    } else if (n > 32) {
        for (size_t i = 0; i + 32 < n; i += 32)
            memcpy(to + i, from + i, 32);
        /* cppcheck-suppress pointerOutOfBoundsCond; callers have n bytes */
        memcpy(to + n - 32, from + n - 32, 32);
    } else if (n >= 16) {
        memcpy(to, from, 16);
        /* cppcheck-suppress pointerOutOfBoundsCond; callers have n bytes */
        memcpy(to + n - 16, from + n - 16, 16);
    } else if (n >= 8) {
        memcpy(to, from, 8);
        memcpy(to + n - 8, from + n - 8, 8);
    } else if (n >= 4) {
        memcpy(to, from, 4);
        memcpy(to + n - 4, from + n - 4, 4);
    } else if (n >= 2) {
        memcpy(to, from, 2);
        memcpy(to + n - 2, from + n - 2, 2);
    } else if (n) {
        *to = *from;
    }
}

/* ---- writer_order.c */

void rt_sheet_differ(struct rt_sheet *sheet, const char *row);

/* The key of a row that is about to be added. */
static inline uint64_t rt_sheet_key(struct rt_sheet *sheet, const char *row)
{
    uint32_t n = rt_row_length(row);

    if (sheet->refs.n == 0 || n < sheet->nalike
        || !rt_span_eq((struct rt_span) { sheet->alike, sheet->nalike },
            (struct rt_span) { row, sheet->nalike }))
        rt_sheet_differ(sheet, row);
    return rt_row_key(row, n, sheet->nalike);
}

/* Makes keys of both mean the same, before b's references move behind a's. */
void rt_sheet_agree(struct rt_sheet *a, struct rt_sheet *b);

/* Sorts the references, on up to `jobs` threads, and folds repeats. RT_OK or RT_ENOMEM. */
int rt_sheet_sort(struct rt_sheet *sheet, uint32_t jobs);

/* Puts row `more` on the lists of the equal row `to` as well; a repeat, by list, for each
 * that both are on. */
void rt_sheet_fold(const struct rt_sheet *sheet, const char *to, const char *more,
    struct rt_row_count *repeats);

/* ---- writer.c */

/* The spool that the sheet writes to, made when there is none. */
int rt_sheet_own_spool(struct rt_sheet *sheet, struct rt_spool **out, struct rt_err *err);
int rt_sheet_spool_entry(const struct rt_sheet *sheet, struct rt_spool *spool,
    struct rt_span row, struct rt_err *err);

/* ---- writer_runs.c: runs and what is in memory as one stream */

/* A run being read, or the rows in memory: `row` is the next, absent at the end. */
struct rt_sheet_reader {
    const struct rt_spool *spool; /* NULL: memory */
    uint64_t at, end;             /* of the run, not yet in the buffer */
    struct rt_buf buf;
    size_t pos; /* in buf, of what is not yet consumed */
    const struct rt_rowref *refs;
    size_t nrefs;
    struct rt_span row; /* its entry before it */
};

struct rt_merger {
    const struct rt_sheet *sheet;
    struct rt_sheet_reader *readers;
    struct rt_sheet_reader *heap[RT_SHEET_FAN_IN + 1]; /* the smallest row first */
    size_t nreaders, nheap;
    struct rt_buf last;           /* the entry that went out last */
    struct rt_row_count *repeats; /* by list */
};

/* Readers for nruns runs from the first on and, if wanted, for the rows in memory. Close
 * it also after a failure to start. */
int rt_merger_open(struct rt_merger *m, const struct rt_sheet *sheet, size_t first,
    size_t nruns, bool memory);
int rt_merger_start(struct rt_merger *m, struct rt_err *err);
void rt_merger_close(struct rt_merger *m);

/* The next row, its entry before it, all that equal it folded; absent at the end. Lent
 * until the next call. */
int rt_merger_next(struct rt_merger *m, struct rt_span *row, struct rt_err *err);

/* Merges the first RT_SHEET_FAN_IN runs into one, put behind the others. */
int rt_merge_first_runs(struct rt_sheet *sheet, struct rt_err *err);

#endif
