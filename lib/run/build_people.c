/* People: opt-outs read, ids linked, opt-outs spread, touches moved to whom they belong,
 * everyone evaluated and listed. */
#include "run/build.h"

#include "base/alloc.h"
#include "base/workers.h"
#include "run/optout.h"
#include "run/rank_people.h"

int rt_build_read_opt_outs(struct build *b)
{
    if (b->defs->nopt_outs == 0)
        return RT_OK;
    return rt_optout_read(b->plan, b->ids, b->o->jobs, &b->report->opt_out_ids, b->err);
}

bool rt_build_lists_ids(const struct build *b)
{
    for (uint32_t t = 0; t < b->targets.n; t++)
        if (b->targets.targets[t].platform->kind != RT_ROWS_KEY)
            return true;
    return false;
}

int rt_build_link_people(struct build *b)
{
    struct rt_edges **edges = rt_calloc(b->o->jobs, sizeof(struct rt_edges *));
    int rc;

    if (!edges)
        return rt_build_no_memory(b);
    for (uint32_t i = 0; i < b->o->jobs; i++)
        edges[i] = rt_intake_edges(b->intakes[i]);
    rc = rt_people_new(b->plan, b->ids, edges, b->o->jobs, b->contacts.rows,
        b->contacts.nrows, &b->people);
    rt_free(edges);
    if (rc == RT_OK && rt_build_lists_ids(b))
        rc = rt_people_know_members(b->people);
    if (rc < 0)
        return rt_build_no_memory(b);
    if (b->defs->nopt_outs == 0)
        return RT_OK;
    return rt_people_spread_opt_outs(b->people) < 0 ? rt_build_no_memory(b) : RT_OK;
}

/* Touches of ids whose person is an id of another shard go there: each worker copies those
 * of some shards into a store of its own. States go to their persons wherever these are. */
struct mover {
    const struct rt_histories_source *source;
    struct rt_touches *moved;
    struct rt_state_moves states;
    uint32_t first, step; /* shards first, first + step, ... */
    struct rt_err err;
};

static int move_shards(void *arg)
{
    struct mover *m = arg;
    int rc = RT_OK;

    for (uint32_t s = m->first; s < RT_ID_SHARDS && rc == RT_OK; s += m->step) {
        rc = rt_histories_move(m->source, s, m->moved, &m->err);
        if (rc == RT_OK && m->source->states)
            rc = rt_histories_find_states(m->source, s, &m->states);
    }
    return rc;
}

static int move_states(void *arg)
{
    struct mover *m = arg;

    rt_histories_move_states(m->source, &m->states);
    return RT_OK;
}

static int move_all(struct mover *movers, uint32_t jobs)
{
    int rc = rt_workers_run_array(move_shards, movers, sizeof *movers, jobs);

    for (uint32_t i = 0; i < jobs && rc == RT_OK; i++)
        rc = rt_histories_prepare_states(movers[i].source, &movers[i].states);
    return rc == RT_OK ? rt_workers_run_array(move_states, movers, sizeof *movers, jobs)
                       : rc;
}

/* The stores with what was moved stand behind the workers' own in source->stores. */
static int move_touches(struct build *b, struct rt_histories_source *source)
{
    uint32_t jobs = b->o->jobs;
    struct mover *movers = rt_calloc(jobs, sizeof *movers);
    int rc = movers ? RT_OK : RT_ENOMEM;

    for (uint32_t i = 0; i < jobs && rc == RT_OK; i++) {
        rc = rt_touches_new(&b->budget, &source->stores[jobs + i]);
        movers[i] = (struct mover) {
            .source = source, .moved = source->stores[jobs + i], .first = i, .step = jobs
        };
    }
    if (rc == RT_OK)
        rc = move_all(movers, jobs);
    for (uint32_t i = 0; movers && i < jobs; i++) {
        if (b->err->code == RT_OK)
            *b->err = movers[i].err;
        rt_state_moves_release(&movers[i].states);
    }
    rt_free(movers);
    source->nstores = 2 * jobs;
    return rc < 0 ? rt_err_set(b->err, rc, "out of memory") : rc;
}

/* Those whose answer depends on everyone else come first. */
static int rank_people(struct build *b, struct rt_listing_input *in)
{
    struct rt_rank_input rank = { .plan = b->plan,
        .histories = in->histories,
        .texts = in->facts.texts,
        .jobs = b->o->jobs,
        .memory_bytes = b->o->memory_bytes / 8,
        .tmpdir = b->o->tmpdir };
    struct rt_ranking *ranking = NULL;
    int rc = RT_OK;

    if (b->plan->rank_levels)
        rc = rt_rank_people(&rank, &ranking, b->err);
    in->facts.ranking = ranking;
    for (uint32_t i = 0; ranking && b->watch && i < b->plan->nleaves; i++)
        if (b->plan->leaves[i].level)
            b->watch->ranks[i] = rt_ranking_summary(ranking, i);
    if (rc == RT_OK)
        rc = rt_listing_new(in, &b->listing, b->err);
    rt_ranking_free(ranking);
    return rc;
}

int rt_build_list_all(struct build *b)
{
    struct rt_texts **texts = rt_calloc(b->o->jobs, sizeof(struct rt_texts *));
    struct rt_touches **stores =
        rt_calloc(2 * (size_t)b->o->jobs, sizeof(struct rt_touches *));
    struct rt_histories_source histories = { .people = b->people,
        .ids = b->ids,
        .kinds = b->kinds,
        .stores = stores,
        .nstores = b->o->jobs,
        .states = b->plan->state_words > 0 };
    struct rt_listing_input in = { .plan = b->plan,
        .people = b->people,
        .ids = b->ids,
        .kinds = b->kinds,
        .histories = &histories,
        .facts = { .texts = { texts, b->o->jobs } },
        .contacts = &b->contacts,
        .targets = &b->targets,
        .watch = b->watch,
        .jobs = b->o->jobs,
        .memory_bytes = b->o->memory_bytes / 4,
        .tmpdir = b->o->tmpdir,
        .country = b->o->country,
        .products = b->o->products,
        .whole = rt_build_to_stdout(b->o) };
    int rc = stores && texts ? RT_OK : rt_build_no_memory(b);

    for (uint32_t i = 0; rc == RT_OK && i < b->o->jobs; i++) {
        stores[i] = rt_intake_touches(b->intakes[i]);
        texts[i] = rt_intake_texts(b->intakes[i]);
    }
    if (rc == RT_OK && rt_people_linked(b->people))
        rc = move_touches(b, &histories);
    if (rc == RT_OK)
        rc = rank_people(b, &in);
    rt_ids_forget_all_states(b->ids); /* room for sorting */
    rt_free(texts);
    for (uint32_t i = 0; stores && i < b->o->jobs; i++)
        rt_touches_free(stores[b->o->jobs + i]);
    rt_free(stores);
    return rc;
}
