/*
 * Rows met before, by a 128-bit fingerprint each: of a file of any size some 60 bytes a
 * row, however long the rows are.
 */
#ifndef RT_SEEN_ROWS_H
#define RT_SEEN_ROWS_H

#include <stdint.h>

#include "base/span.h"

struct rt_seen_row {
    uint64_t a, b, line; /* line 0: free */
};

struct rt_seen_rows { /* zero it before first use */
    struct rt_seen_row *slots;
    uint64_t nslots, n; /* slots: a power of two */
};

/* The line on which an equal row was met first, or 0 for a new one, which is then known by
 * its line (not 0). RT_OK or RT_ENOMEM. */
int rt_seen_row(
    struct rt_seen_rows *seen, struct rt_span row, uint64_t line, uint64_t *first);
void rt_seen_rows_release(struct rt_seen_rows *seen);

#endif
