#include "run/shards.h"

#include "people/ids.h"
#include "run/ingest.h"

int rt_shards_work(struct rt_shards *shards, int (*one)(void *worker, uint32_t shard),
    void *worker, struct rt_err *err)
{
    int rc = RT_OK;

    while (rc == RT_OK && !atomic_load(&shards->failed)) {
        uint32_t shard = atomic_fetch_add(&shards->next, 1);

        if (shard >= RT_ID_SHARDS)
            break;
        rc = rt_ingest_stopped() ? rt_err_set(err, RT_ESTOP, "stopped")
                                 : one(worker, shard);
    }
    if (rc < 0)
        atomic_store(&shards->failed, true);
    return rc;
}
