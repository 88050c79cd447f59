/*
 * What the first lines of JSON lines show: whether they are JSON lines at all, and which
 * keys they have.
 */
#ifndef RT_JSONCOLUMNS_H
#define RT_JSONCOLUMNS_H

#include "events/fields.h"
#include "events/jsonkeys.h"

enum {
    RT_JSONHEAD_BYTES = 256 << 10, /* of the head that are looked at */
    RT_JSONCOLUMNS_MAX = 1000,     /* paths kept; others are left out */
    RT_JSONPATH_MAX = 1024         /* bytes; longer paths are left out */
};

enum rt_jsonhead {
    RT_JSONHEAD_LINES,
    RT_JSONHEAD_ARRAY, /* one array around all */
    RT_JSONHEAD_SPREAD /* objects over several lines */
};

/* head: an input's first bytes without byte order mark; all: the whole input. */
enum rt_jsonhead rt_jsonhead_of(struct rt_span head, bool all);

/* How sure one can be that these are JSON lines (or one of the other forms), 0 to 100. A
 * byte order mark may be there. */
int rt_jsonhead_score(struct rt_span head, bool all);

/*
 * Finds the paths ("user.id") of all values in the good lines, in the order seen, and the
 * field that each feeds. An array is one value.
 *
 * columns  in the arena
 *
 * RT_OK or RT_ENOMEM.
 */
int rt_jsoncolumns_find(const struct rt_jsonkeys *keys, struct rt_span head, bool all,
    struct rt_arena *arena, struct rt_column **columns, size_t *ncolumns);

#endif
