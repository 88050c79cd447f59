/* Memory of batches and tallies: got once, used again for every block. */
#include "events/event.h"

#include "base/alloc.h"
#include "base/err.h"

int rt_batch_init(struct rt_batch *batch, uint32_t nslots)
{
    batch->nrows = 0;
    batch->nslots = nslots;
    batch->scratch = (struct rt_arena)RT_ARENA_INIT;
    /* one slot more, so that a batch without slots is no special case */
    batch->cells =
        rt_calloc((size_t)RT_BATCH_ROWS * ((size_t)nslots + 1), sizeof *batch->cells);
    return batch->cells ? RT_OK : RT_ENOMEM;
}

void rt_batch_release(struct rt_batch *batch)
{
    rt_free(batch->cells);
    batch->cells = NULL;
    batch->nrows = 0;
    rt_arena_release(&batch->scratch);
}

int rt_tally_reject(struct rt_tally *tally, enum rt_reason reason, uint32_t at,
    uint32_t size, uint32_t line)
{
    if (tally->nrejects == tally->cap_rejects) {
        uint32_t cap = tally->cap_rejects ? tally->cap_rejects * 2 : 16;
        struct rt_reject *more = cap > tally->cap_rejects
            ? rt_realloc(tally->rejects, cap, sizeof *more)
            : NULL;

        if (!more)
            return RT_ENOMEM;
        tally->rejects = more;
        tally->cap_rejects = cap;
    }
    tally->rejects[tally->nrejects++] = (struct rt_reject) { at, size, line, reason };
    tally->count[reason]++;
    return RT_OK;
}

void rt_tally_reset(struct rt_tally *tally)
{
    tally->read = 0;
    memset(tally->count, 0, sizeof tally->count);
    tally->nrejects = 0;
}

void rt_tally_release(struct rt_tally *tally)
{
    rt_free(tally->rejects);
    *tally = (struct rt_tally) { 0 };
}
