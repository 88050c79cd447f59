/*
 * Touches: what is kept of records that some segment can use. One is a few words:
 *
 *     | place of the id in its shard, kind | time | values ... |
 *       4 bytes                     4        8      8 each
 *
 * One store a worker, cut into the shards of the id's table (ids.h), so that each shard can
 * be sorted and evaluated alone. Full chunks go to an unlinked file when the run's memory
 * is spent: cost in memory 16 bytes a touch and 8 a value.
 */
#ifndef RT_TOUCHES_H
#define RT_TOUCHES_H

#include <stdint.h>

#include "base/err.h"
#include "people/ids.h"

struct rt_touch {
    uint32_t place;
    uint32_t kind; /* of the kinds table (match.h); tells how many values follow */
    int64_t time_us;
    uint64_t values[]; /* numbers in millionths; texts as two words of hash */
};

/* What all stores of a run share: how much memory touches may take. */
struct rt_touch_budget {
    uint64_t limit_bytes;
    _Atomic uint64_t used_bytes;     /* in memory */
    _Atomic uint64_t reserved_bytes; /* of the limit: what ids and texts take */
    _Atomic uint64_t text_bytes;     /* of these, the texts */
    _Atomic uint64_t spilled_bytes;  /* in files */
    const char *tmpdir;
};

struct rt_touches;

int rt_touches_new(struct rt_touch_budget *budget, struct rt_touches **out);
void rt_touches_free(struct rt_touches *touches);

/* Appends a touch of the id. values: nvalues words. RT_OK, RT_ENOMEM, RT_EIO. */
int rt_touches_add(struct rt_touches *touches, uint32_t id, uint32_t kind,
    int64_t time_us, const uint64_t *values, uint32_t nvalues, struct rt_err *err);

uint64_t rt_touches_bytes(const struct rt_touches *touches, uint32_t shard);

/*
 * Hands every touch of a shard to the visitor, in the order they came. nvalues_of: words by
 * kind. Threads may walk different shards of one store at a time. The visitor's negative
 * result ends the walk and is returned.
 */
typedef int rt_touch_visit(void *ctx, const struct rt_touch *touch);
int rt_touches_walk(const struct rt_touches *touches, uint32_t shard,
    const uint8_t *nvalues_of, rt_touch_visit *visit, void *ctx, struct rt_err *err);

#endif
