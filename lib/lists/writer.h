/*
 * One list: rows collected, sorted by bytes, repeats folded, written.
 *
 * The order in which rows are added, and how they are shared among partial lists, does
 * not show in the file. Past its memory a list sets sorted runs aside on disk and merges
 * them when it is written.
 */
#ifndef RT_WRITER_H
#define RT_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "lists/rows.h"

struct rt_list; /* for one thread at a time */

struct rt_list_options {
    uint64_t memory_bytes; /* of this list; at least 64 KiB are taken */
    const char *tmpdir;    /* borrowed; touched only when memory does not suffice */
    const struct rt_contact_column *columns; /* of a csv list's header; borrowed */
    uint32_t ncolumns;
    uint32_t max_products; /* as the rowers have it */
    struct rt_span
        name;   /* {list} of the platform's fixed text; borrowed; absent: "list" */
    bool whole; /* one part whatever the platform takes: for a pipe */
};

struct rt_list_stats {
    struct rt_list_size size;    /* rows as written, repeats folded */
    uint64_t added;              /* people added */
    uint64_t without_identifier; /* of these without any row */
    uint64_t repeats;            /* rows that another row equalled */
    uint64_t spilled_bytes;
    struct rt_dropped dropped; /* values, over all people added */
};

/* out: owned by the caller, rt_list_free. RT_OK or RT_ENOMEM. */
int rt_list_new(const struct rt_platform *platform, const struct rt_list_options *options,
    struct rt_list **out, struct rt_err *err);
void rt_list_free(struct rt_list *list);

/* Adds the rows of one person of that platform, none included; they are copied.
 * RT_OK, RT_ENOMEM, RT_EIO. A list that has failed can only be freed. */
int rt_list_add(struct rt_list *list, const struct rt_rows *rows, struct rt_err *err);

/* Moves everything from other, a list of the same platform, into list; other is empty
 * afterwards and may be freed. RT_OK, RT_ENOMEM, RT_EIO. */
int rt_list_merge(struct rt_list *list, struct rt_list *other, struct rt_err *err);

/* Where bytes go. Returns RT_OK or a negative status, which ends the writing. */
struct rt_put {
    int (*put)(void *ctx, struct rt_span bytes);
    void *ctx;
    int (*part)(void *ctx, uint32_t part); /* part, from 1, begins: what is put next
                                              belongs to it; NULL: nobody cares */
};

/*
 * Writes header and rows, in pieces of some 100 KiB. Where the platform takes no more rows
 * or bytes in one file a further part begins, with its header, unless the list is whole.
 *
 * put    NULL: nothing is written, the rows are counted all the same
 * stats  may be NULL
 *
 * RT_OK, RT_ENOMEM, RT_EIO, or what put returned. May be called again.
 */
int rt_list_write(struct rt_list *list, const struct rt_put *put,
    struct rt_list_stats *stats, struct rt_err *err);

#endif
