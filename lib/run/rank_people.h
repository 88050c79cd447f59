/*
 * Ranking everyone: the walk over all people that goes before the listing when some segment
 * asks who is among the first. One walk does for all ranks; only a rank `among` the people
 * of another rank takes one more.
 */
#ifndef RT_RANK_PEOPLE_H
#define RT_RANK_PEOPLE_H

#include <stdint.h>

#include "base/err.h"
#include "people/history.h"
#include "people/ranking.h"
#include "people/texts.h"

struct rt_rank_input {
    const struct rt_plan *plan;
    const struct rt_histories_source *histories;
    struct rt_text_set texts;
    uint32_t jobs;
    uint64_t memory_bytes; /* for numbers; past it they go to tmpdir */
    const char *tmpdir;
};

/* out: owned by the caller, rt_ranking_free; all levels settled.
 * RT_OK, RT_ENOMEM, RT_EIO, RT_ESTOP. */
int rt_rank_people(
    const struct rt_rank_input *input, struct rt_ranking **out, struct rt_err *err);

#endif
