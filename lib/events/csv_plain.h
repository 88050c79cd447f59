/*
 * Lines without a quote that have just the header's number of fields: nearly all there
 * are. Each wanted cell lies between two neighbours in the structural index (scan.h), so
 * that it is found without a look at the text, and no other field costs anything.
 *
 * Only decode_csv.c and the tests include this.
 */
#ifndef RT_CSV_PLAIN_H
#define RT_CSV_PLAIN_H

#include "base/arena.h"
#include "events/event.h"
#include "events/scan.h"

/* What goes where; read-only once made. */
struct rt_csv_wanted {
    uint32_t ncols; /* of the header */
    uint32_t nfed, nlast, nabsent, nquads;
    struct rt_csv_fed
        *fed;         /* slots with a column; those of the last column first: nlast */
    uint32_t *absent; /* slots without */
    struct rt_csv_quad *quads; /* all slots, by fours; nquads is 0 on a processor without
                                  AVX-512: there columns are made one by one */
    /* Where all columns are within 16, the first of them, and those up to the last, as bits;
     * else 0. */
    uint32_t narrow_first;
    uint16_t narrow;
};

struct rt_csv_fed {
    uint32_t column, slot;
};

/*
 * Sets what is wanted.
 *
 * columns  per slot its column, or ncols: it has none; borrowed for the call
 * arena    owns what `wanted` points at
 *
 * RT_OK or RT_ENOMEM.
 */
int rt_csv_wanted_init(struct rt_csv_wanted *wanted, const uint32_t *columns,
    uint32_t nslots, uint32_t ncols, struct rt_arena *arena);

/* Where a walk over an index stands. */
struct rt_csv_at {
    uint32_t entry, row; /* of the index: the first of the next line */
    uint32_t pos, line;  /* where that line begins in the text, and its number */
};

/* True when the next line is a plain one. One comparison tells: RT_SCAN_QUOTED makes the
 * number of fields huge. Of one column, a line may be blank: none of these is plain. */
static inline bool rt_csv_is_plain(const struct rt_csv_wanted *wanted,
    const struct rt_scan *scan, const struct rt_csv_at *at)
{
    return (scan->rows[at->row] & ~RT_SCAN_PADDED) - at->entry + 1 == wanted->ncols
        && wanted->ncols > 1;
}

/*
 * Takes lines into the batch as long as they are plain, the index has more, and the batch
 * has room.
 *
 * text  the block, of which scan is an index
 * at    moved behind the last line taken
 */
void rt_csv_plain_take(const struct rt_csv_wanted *wanted, const char *text,
    const struct rt_scan *scan, struct rt_csv_at *at, struct rt_batch *batch);

#endif
