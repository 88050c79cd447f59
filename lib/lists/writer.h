/*
 * A sheet: the rows of all lists of one platform, collected, sorted by bytes, repeats
 * folded, written.
 *
 * A person has the same row on every list of a platform. So a row is kept once, with a bit
 * for each list that it is on; rows are sorted once, and one walk over them writes every
 * list:
 *
 *     lists  0 recent  1 viewers  2 spenders
 *     rows   user_id:17  1 0 1        in recent and spenders
 *            user_id:4   1 0 0        in recent
 *
 * The order in which rows are added, and how they are shared among partial sheets, does
 * not show in the files. Past its memory a sheet sets sorted runs aside on disk and merges
 * them when it is written.
 */
#ifndef RT_WRITER_H
#define RT_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/spare.h"
#include "lists/rows.h"

struct rt_sheet; /* for one thread at a time */

struct rt_sheet_options {
    uint32_t nlists; /* 0: one */
    const struct rt_span
        *names;            /* by list: {list} of the platform's fixed text; borrowed;
                                    NULL: "list" */
    uint64_t memory_bytes; /* of this sheet; at least 64 KiB are taken */
    const char *tmpdir;    /* borrowed; touched only when memory does not suffice */
    const struct rt_contact_column *columns; /* of a csv list's header; borrowed */
    uint32_t ncolumns;
    uint32_t max_products; /* as the rowers have it */
    bool whole;            /* one part whatever the platform takes: for a pipe */
    uint32_t jobs;         /* threads that sort it; 0: the caller's alone */
    uint64_t expected;     /* rows, at most: growing would copy them; 0: nobody knows */
    struct rt_spare
        *spare; /* whose memory rows may stand in; borrowed for the sheet's life
                               and that of all it is merged into; NULL: none */
};

/* Of one list. */
struct rt_list_stats {
    struct rt_list_size size;    /* rows as written, repeats folded */
    uint64_t added;              /* people added */
    uint64_t without_identifier; /* of these without any row */
    uint64_t repeats;            /* rows that another row equalled */
    struct rt_dropped dropped;   /* values, over all people added */
};

/* out: owned by the caller, rt_sheet_free. RT_OK or RT_ENOMEM. */
int rt_sheet_new(const struct rt_platform *platform,
    const struct rt_sheet_options *options, struct rt_sheet **out, struct rt_err *err);
void rt_sheet_free(struct rt_sheet *sheet);

/*
 * Adds the rows of one person of that platform, none included; they are copied.
 *
 * on  the lists that they are on, a bit each, 64 a word, none set past the last; NULL: all
 *
 * RT_OK, RT_ENOMEM, RT_EIO. A sheet that has failed can only be freed.
 */
int rt_sheet_add(struct rt_sheet *sheet, const struct rt_rows *rows, const uint64_t *on,
    struct rt_err *err);

/* Adds a person with one row, text and a line end: as rt_sheet_add does, without the rows
 * being made elsewhere first. text: without a line end; no drops, no columns. */
int rt_sheet_add_line(
    struct rt_sheet *sheet, struct rt_span text, const uint64_t *on, struct rt_err *err);

/* Moves everything from other, a sheet of the same platform and lists, into sheet; other
 * is empty afterwards and may be freed. RT_OK, RT_ENOMEM, RT_EIO. */
int rt_sheet_merge(struct rt_sheet *sheet, struct rt_sheet *other, struct rt_err *err);

/* Where the bytes of a list go. Returns RT_OK or a negative status, which ends the
 * writing. */
struct rt_put {
    int (*put)(void *ctx, struct rt_span bytes);
    void *ctx;
    int (*part)(void *ctx, uint32_t part); /* part, from 1, begins: what is put next
                                              belongs to it; NULL: nobody cares */
};

/*
 * Writes header and rows of every list, in pieces of some 64 KiB, those of different lists
 * in turn. Where the platform takes no more rows or bytes in one file a further part
 * begins, with its header, unless the lists are whole.
 *
 * puts   by list; NULL: nothing is written, the rows are counted all the same
 * stats  by list; may be NULL
 *
 * RT_OK, RT_ENOMEM, RT_EIO, or what put returned. May be called again.
 */
int rt_sheet_write(struct rt_sheet *sheet, const struct rt_put *puts,
    struct rt_list_stats *stats, struct rt_err *err);

/*
 * The same for lists that are in memory whole, in order: the lists are shared out among up
 * to `jobs` threads. Each list's bytes come in their order, but puts of different lists are
 * called by several threads at a time. Other sheets are written as by rt_sheet_write.
 */
int rt_sheet_write_shared(
    struct rt_sheet *sheet, const struct rt_put *puts, uint32_t jobs, struct rt_err *err);

/* What was set aside on disk so far. */
uint64_t rt_sheet_spilled_bytes(const struct rt_sheet *sheet);

#endif
