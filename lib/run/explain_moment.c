/* A plan, a table of kinds and a matcher are made anew for each moment: bounds of windows
 * are worked out when a plan is compiled, and what is cheap once a run is still cheap a few
 * hundred times. */
#include "run/explain_moment.h"

#include "base/alloc.h"
#include "people/chain.h"
#include "people/eval.h"
#include "people/match.h"

struct rt_moment {
    const struct rt_parts *parts;
    const struct rt_trail *trail;
    struct rt_plan *plan;
    struct rt_kinds *kinds;
    struct rt_match *match; /* has the texts of what it matched */
    struct rt_texts *texts[1];
    struct rt_ranking *ranking;
    struct rt_eval *eval;
    uint64_t *looks;
    struct rt_past *all;    /* by record, as matched; kind 0: nobody asks */
    struct rt_past *events; /* of them those that a question is about */
    uint64_t *values;
    uint64_t nvalues, cap_values;
};

static int keep_values(struct rt_moment *m, const struct rt_matched *matched)
{
    uint64_t need = m->nvalues + matched->nvalues;

    if (need > UINT32_MAX)
        return RT_ELIMIT;
    if (need > m->cap_values) {
        uint64_t cap = need * 2 + 64;
        uint64_t *values = rt_realloc(m->values, cap, sizeof *values);

        if (!values)
            return RT_ENOMEM;
        m->values = values;
        m->cap_values = cap;
    }
    if (matched->nvalues)
        memcpy(m->values + m->nvalues, matched->values,
            matched->nvalues * sizeof *matched->values);
    m->nvalues = need;
    return RT_OK;
}

/* A contact row speaks as of as-of; nothing that happened later is known then. */
static int match_record(struct rt_moment *m, uint32_t i, struct rt_matched *matched)
{
    const struct rt_trail_record *r = &m->trail->records[i];
    int64_t time_us = r->contact ? m->plan->as_of_us : r->time_us;
    int rc;

    m->all[i] = (struct rt_past) { .time_us = time_us, .value = (uint32_t)m->nvalues };
    if (time_us > m->plan->as_of_us)
        return RT_OK;
    rc = rt_match_record(m->match, r->cells, time_us, r->contact, &r->form, matched);
    m->all[i].kind = matched->kind;
    return rc < 0 ? rc : keep_values(m, matched);
}

static int match_all(struct rt_moment *m)
{
    struct rt_matched *matched = rt_malloc(sizeof *matched);
    int rc = matched ? rt_match_new(m->plan, m->kinds, &m->match) : RT_ENOMEM;

    for (uint32_t i = 0; i < m->trail->n && rc == RT_OK; i++)
        rc = match_record(m, i, matched);
    rt_free(matched);
    return rc;
}

static int compile(struct rt_moment *m, int64_t as_of_us, struct rt_err *err)
{
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { .arena = &arena };
    struct rt_plan_options options = { .wanted = m->parts->wanted };
    int rc = rt_plan_new(&m->parts->defs, as_of_us, &options, &errors, &m->plan, err);

    rt_arena_release(&arena);
    return rc;
}

/* Bounds of ranks are taken over as they stand. */
static int rank(struct rt_moment *m)
{
    const struct rt_parts *parts = m->parts;

    if (m->plan->rank_levels == 0)
        return RT_OK;
    if (rt_ranking_new(m->plan, 1, 0, "", &m->ranking) < 0)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < m->plan->nleaves; i++)
        for (uint32_t k = 0; m->plan->leaves[i].level && k < parts->nranks; k++)
            if (parts->ranks[k].cond == m->plan->leaves[i].cond)
                rt_ranking_put(m->ranking, i, &parts->ranks[k].summary);
    return RT_OK;
}

static void know(struct rt_moment *m)
{
    struct rt_eval_facts facts = { { m->texts, 1 }, m->ranking };

    m->texts[0] = rt_match_texts(m->match);
    rt_eval_know(m->eval, &facts);
}

int rt_moment_new(const struct rt_parts *parts, const struct rt_trail *trail,
    int64_t as_of_us, struct rt_moment **out, struct rt_err *err)
{
    struct rt_moment *m = rt_calloc(1, sizeof *m);
    int rc = m ? RT_OK : RT_ENOMEM;

    if (m) {
        m->parts = parts;
        m->trail = trail;
        m->all = rt_calloc(trail->n, sizeof *m->all);
        m->events = rt_calloc(trail->n, sizeof *m->events);
        rc = m->all && m->events ? compile(m, as_of_us, err) : RT_ENOMEM;
    }
    if (rc == RT_OK)
        rc = rt_kinds_new(m->plan, &m->kinds);
    if (rc == RT_OK)
        rc = rt_eval_new(m->plan, m->kinds, &m->eval);
    if (rc == RT_OK)
        rc = match_all(m);
    if (rc == RT_OK)
        rc = rank(m);
    if (rc < 0) {
        rt_moment_free(m);
        return rt_err_set(err, rc,
            rc == RT_ELIMIT ? "too many records of one person" : "out of memory");
    }
    know(m);
    *out = m;
    return RT_OK;
}

void rt_moment_free(struct rt_moment *m)
{
    if (!m)
        return;
    rt_eval_free(m->eval);
    rt_ranking_free(m->ranking);
    rt_match_free(m->match);
    rt_kinds_free(m->kinds);
    rt_plan_free(m->plan);
    rt_free(m->all);
    rt_free(m->events);
    rt_free(m->values);
    rt_free(m);
}

static bool is_there(const struct rt_moment *m, const bool *only, uint32_t record)
{
    return m->all[record].kind && (!only || only[record]);
}

/* Records are in the order of time, contact rows last: so are those of a history. */
static struct rt_history history_of(struct rt_moment *m, const bool *only)
{
    struct rt_history history = { .events = m->events, .values = m->values };

    for (uint32_t i = 0; i < m->trail->n; i++)
        if (is_there(m, only, i))
            m->events[history.n++] = m->all[i];
    return history;
}

int rt_moment_ask(struct rt_moment *m, const bool *only, uint8_t *answers)
{
    struct rt_history history = history_of(m, only);

    rt_eval_person(m->eval, &history, NULL);
    memset(answers, RT_NO, m->plan->nsegments);
    for (uint32_t i = 0; i < m->plan->nsegments; i++) {
        int answer;

        if (!m->parts->wanted[i])
            continue;
        answer = rt_eval_segment(m->eval, i);
        if (answer < 0)
            return answer;
        answers[i] = (uint8_t)answer;
    }
    return RT_OK;
}

void rt_moment_limit(struct rt_moment *m, uint64_t *looks)
{
    m->looks = looks;
    rt_eval_limit(m->eval, looks);
}

bool rt_moment_gave_up(const struct rt_moment *m, const struct rt_part *part)
{
    enum rt_cond_kind kind = part->cond->kind;
    const struct rt_leaf *leaf;
    bool gave_up = false;

    if (kind != RT_COND_SEQUENCE && kind != RT_COND_FOR_SOME)
        return false;
    leaf = rt_moment_leaf(m, part);
    if (kind == RT_COND_SEQUENCE)
        gave_up = rt_eval_gave_up(m->eval, (uint32_t)(leaf - m->plan->leaves));
    else
        for (uint32_t i = leaf->some->first_leaf; i < leaf->some->end_leaf; i++)
            gave_up |= rt_eval_gave_up(m->eval, i);
    return gave_up;
}

bool rt_moment_gave_up_any(const struct rt_moment *m)
{
    bool gave_up = false;

    for (uint32_t i = 0; i < m->plan->nleaves; i++)
        gave_up |= rt_eval_gave_up(m->eval, i);
    return gave_up;
}

int rt_moment_witness(struct rt_moment *m, const struct rt_part *part, const bool *only,
    struct rt_moment_witness *out)
{
    struct rt_history history = history_of(m, only);
    struct rt_chain_witness found = { 0 };
    struct rt_chain_effort effort = { .left = *m->looks };
    struct rt_chains *chains;
    int rc = rt_chains_new(&chains);

    if (rc < 0)
        return rc;
    rc = rt_chains_witness(chains, rt_moment_leaf(m, part)->chain, m->kinds, &history,
        m->plan->as_of_us, &effort, &found);
    rt_chains_free(chains);
    *m->looks = effort.left;
    out->given_up = effort.given_up;
    out->n = found.n;
    for (uint32_t i = 0, at = 0; i < m->trail->n; i++) {
        if (!is_there(m, only, i))
            continue;
        for (uint32_t s = 0; s < found.n; s++)
            if (found.events[s] == at)
                out->records[s] = i;
        at++;
    }
    return rc < 0 ? rc : RT_OK;
}

bool rt_moment_consent(struct rt_moment *m, uint32_t purpose)
{
    return rt_eval_consent(m->eval, purpose);
}

static bool holds(const struct rt_moment *m, uint32_t record, uint32_t matcher)
{
    const uint64_t *bits;

    if (matcher == RT_NONE || !m->all[record].kind)
        return false;
    bits = rt_kinds_bits(m->kinds, m->all[record].kind);
    return bits[matcher / 64] >> matcher % 64 & 1;
}

bool rt_moment_speaks(
    const struct rt_moment *m, uint32_t record, uint32_t purpose, bool *granted)
{
    const struct rt_consent *c = &m->plan->consents[purpose];

    *granted = holds(m, record, c->granted);
    return holds(m, record, c->present);
}

static const struct rt_leaf *leaf_of(const struct rt_moment *m, uint32_t segment)
{
    return &m->plan->leaves[m->plan->segments[segment].match.leaf];
}

bool rt_moment_fits(const struct rt_moment *m, uint32_t record, uint32_t segment)
{
    return holds(m, record, leaf_of(m, segment)->matcher);
}

const struct rt_plan *rt_moment_plan(const struct rt_moment *m)
{
    return m->plan;
}

const struct rt_leaf *rt_moment_leaf(
    const struct rt_moment *m, const struct rt_part *part)
{
    return leaf_of(m, part->segment);
}
