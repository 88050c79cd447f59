#include "run/rank_people.h"

#include "base/alloc.h"
#include "base/workers.h"
#include "people/eval.h"
#include "run/shards.h"

struct sharing {
    const struct rt_rank_input *in;
    struct rt_ranking *ranking;
    uint32_t level;
    struct rt_shards shards;
};

struct worker {
    struct sharing *sh;
    uint32_t number;
    struct rt_eval *eval;
    struct rt_histories *histories;
    struct rt_err err;
};

static int one_person(struct worker *w, uint32_t shard, uint32_t place)
{
    const struct rt_plan *plan = w->sh->in->plan;
    struct rt_history history = rt_histories_of(w->histories, place);
    const uint64_t *state = rt_histories_state(w->sh->in->histories, shard, place);
    struct rt_rank_number number;
    int rc = RT_OK;

    rt_eval_person(w->eval, &history, state);
    for (uint32_t i = 0; i < plan->nleaves && rc == RT_OK; i++) {
        if (plan->leaves[i].level != w->sh->level)
            continue;
        rc = rt_eval_rank(w->eval, i, &number);
        if (rc == RT_YES)
            rc = rt_ranking_add(w->sh->ranking, w->number, i, number, &w->err);
    }
    return rc;
}

static int one_shard(void *arg, uint32_t shard)
{
    struct worker *w = arg;
    const struct rt_histories_source *source = w->sh->in->histories;
    uint32_t n = rt_ids_places(source->ids, shard);
    int rc = rt_histories_load(w->histories, source, shard, &w->err);

    for (uint32_t place = 0; place < n && rc == RT_OK; place++)
        if (rt_people_is_person(source->people, rt_id_of(shard, place)))
            rc = one_person(w, shard, place);
    return rc;
}

static int work(void *arg)
{
    struct worker *w = arg;

    return rt_shards_work(&w->sh->shards, one_shard, w, &w->err);
}

static int start(struct worker *w, struct sharing *sh, uint32_t number)
{
    struct rt_eval_facts facts = { sh->in->texts, sh->ranking };

    w->sh = sh;
    w->number = number;
    if (rt_eval_new(sh->in->plan, sh->in->histories->kinds, &w->eval) < 0
        || rt_histories_new(&w->histories) < 0)
        return RT_ENOMEM;
    rt_eval_know(w->eval, &facts);
    return RT_OK;
}

static int walk(struct sharing *sh, struct worker *workers, struct rt_err *err)
{
    uint32_t jobs = sh->in->jobs;
    int rc = RT_OK;

    for (uint32_t i = 0; i < jobs && rc == RT_OK; i++)
        rc = start(&workers[i], sh, i);
    for (sh->level = 1; sh->level <= sh->in->plan->rank_levels && rc == RT_OK;
         sh->level++) {
        atomic_store(&sh->shards.next, 0);
        rc = rt_workers_run_array(work, workers, sizeof *workers, jobs);
        for (uint32_t i = 0; i < jobs; i++)
            if (err && err->code == RT_OK)
                *err = workers[i].err;
        if (rc == RT_OK)
            rc = rt_ranking_settle(sh->ranking, sh->level, err);
    }
    return rc;
}

int rt_rank_people(
    const struct rt_rank_input *in, struct rt_ranking **out, struct rt_err *err)
{
    struct sharing sh = { .in = in };
    struct worker *workers = rt_calloc(in->jobs, sizeof *workers);
    int rc = RT_ENOMEM;

    if (workers
        && rt_ranking_new(in->plan, in->jobs, in->memory_bytes, in->tmpdir, &sh.ranking)
            == RT_OK)
        rc = walk(&sh, workers, err);
    for (uint32_t i = 0; workers && i < in->jobs; i++) {
        rt_eval_free(workers[i].eval);
        rt_histories_free(workers[i].histories);
    }
    rt_free(workers);
    if (rc < 0) {
        rt_ranking_free(sh.ranking);
        return rt_err_set(err, rc, "out of memory");
    }
    *out = sh.ranking;
    return RT_OK;
}
