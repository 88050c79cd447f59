/*
 * Which events a chain stands on. The programme remembers no chain, only that there is one;
 * so it is asked again, with fewer and fewer events allowed at one step and then the next,
 * until one is left for each: halving, some log n passes a step.
 */
#include "people/chain_int.h"

/* What is looked for: a chain of this answer, with its steps among these events. */
struct search {
    struct rt_chains *c;
    struct rt_chain_pass pass; /* as it starts out */
    int answer;
    struct span {
        uint32_t first, end; /* of the view's events */
    } allowed[RT_CHAIN_STEPS_MAX];
};

enum { LOOKS_READ = 8 }; /* what an event costs a step of a pass */

/* 1 when there still is one. */
static int is_there(struct search *s)
{
    struct rt_chains *c = s->c;
    struct rt_chain_pass pass = s->pass;
    int rc = rt_chain_spend(c, LOOKS_READ * (uint64_t)c->nevents * c->chain->nsteps);

    if (rc < 0)
        return rc;

    for (uint32_t e = 0; e < c->nevents; e++) {
        uint64_t roles = c->roles[e];

        for (uint32_t k = 0; k < c->chain->nsteps; k++)
            if (e < s->allowed[k].first || e >= s->allowed[k].end)
                roles &= ~RT_CHAIN_STEP(k);
        c->events[e].roles = roles;
    }
    rt_chain_sort_ties(c);
    rc = rt_chain_run(c, &pass);
    return rc < 0 ? rc : pass.answer == s->answer;
}

/* Leaves the step one event: of the first step the last that will do, so that the chain is
 * as late as can be; of the others the first. */
static int narrow(struct search *s, uint32_t step)
{
    struct span *span = &s->allowed[step];

    while (span->end - span->first > 1) {
        struct span whole = *span;
        uint32_t middle = span->first + (span->end - span->first) / 2;
        int rc;

        if (step == 0)
            span->first = middle;
        else
            span->end = middle;
        rc = is_there(s);
        if (rc < 0)
            return rc;
        if (rc)
            continue;
        *span = whole;
        if (step == 0)
            span->end = middle;
        else
            span->first = middle;
    }
    return RT_OK;
}

/* The events of a chain that there is. */
static int find_chain(struct search *s, struct rt_chain_witness *out)
{
    struct rt_chains *c = s->c;
    uint32_t n = c->chain->nsteps;
    int rc = rt_chain_room(&c->roles, &c->cap_roles, c->nevents, sizeof *c->roles);

    for (uint32_t e = 0; e < c->nevents && rc == RT_OK; e++)
        c->roles[e] = c->events[e].roles;
    for (uint32_t k = 0; k < n; k++)
        s->allowed[k] = (struct span) { 0, c->nevents };
    for (uint32_t k = 0; k < n && rc == RT_OK; k++) {
        rc = narrow(s, k);
        s->pass.only = true;
        s->pass.first = c->events[s->allowed[0].first].instant;
    }
    for (uint32_t k = 0; k < n && rc == RT_OK; k++)
        out->events[k] = c->events[s->allowed[k].first].past;
    out->n = rc == RT_OK ? n : 0;
    return rc;
}

/* What is remembered goes by the chain's address, which is soon another's. */
static void look_at(struct rt_chains *c, const struct rt_chain *chain)
{
    memset(c->memo, 0, sizeof c->memo);
    c->chain = chain;
}

/* How far the chain's first steps come: of the longest such beginning that there is, the
 * events. `from_us` as below. */
static int find_beginning(struct rt_chains *c, const struct rt_chain *chain,
    const int64_t *from_us, struct rt_chain_witness *out)
{
    struct rt_chain head = *chain;
    int rc = RT_OK;

    head.ntrailing = 0;
    for (; head.nsteps > 0 && out->n == 0 && rc == RT_OK; head.nsteps--) {
        struct search s = { .c = c, .pass = { .negatives = true }, .answer = RT_YES };
        struct rt_chain_pass pass;

        look_at(c, &head);
        rc = rt_chain_spend(c, LOOKS_READ * (uint64_t)c->history->n * head.nsteps);
        if (rc == RT_OK)
            rc = rt_chain_view(c);
        if (rc <= 0)
            continue;
        if (from_us) {
            s.pass.only = true;
            s.pass.first = rt_chain_instant_of(c, *from_us);
        }
        pass = s.pass;
        rc = rt_chain_run(c, &pass);
        if (rc == RT_OK && pass.answer == RT_YES)
            rc = find_chain(&s, out);
    }
    look_at(c, chain);
    return rc;
}

int rt_chains_witness(struct rt_chains *c, const struct rt_chain *chain,
    const struct rt_kinds *kinds, const struct rt_history *history, int64_t as_of_us,
    struct rt_chain_effort *effort, struct rt_chain_witness *out)
{
    struct rt_chain_pass pass = { .negatives = true };
    int rc;

    c->kinds = kinds;
    c->history = history;
    c->as_of_us = as_of_us;
    out->n = 0;
    look_at(c, chain);
    c->looks = effort->left;
    rc = rt_chain_view(c);
    if (rc > 0)
        rc = rt_chain_choose_start(c, &pass);
    if (rc > 0) {
        struct search s = { .c = c, .pass = pass };

        rc = rt_chain_run(c, &pass);
        s.answer = pass.answer;
        if (rc == RT_OK && pass.answer != RT_NO)
            rc = find_chain(&s, out);
    }
    if (rc >= 0 && out->n == 0) {
        int64_t from_us = pass.only ? c->instants[pass.first].time_us : 0;

        rc = find_beginning(c, chain, pass.only ? &from_us : NULL, out);
    }
    effort->left = c->looks;
    if (rc != RT_ELIMIT)
        return rc < 0 ? rc : pass.answer;
    effort->given_up = true;
    out->n = 0;
    return pass.answer == RT_NO ? RT_UNDECIDED : pass.answer;
}
