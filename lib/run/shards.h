/*
 * Shards of people, taken by whichever worker is free, until all are done, one worker fails
 * or the run is stopped.
 */
#ifndef RT_SHARDS_H
#define RT_SHARDS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct rt_shards { /* shared by the workers; zeroed before they start */
    _Atomic uint32_t next;
    _Atomic bool failed;
};

/* One worker's part. RT_OK, RT_ESTOP, or what `one` returned. */
int rt_shards_work(struct rt_shards *shards, int (*one)(void *worker, uint32_t shard),
    void *worker, struct rt_err *err);

#endif
