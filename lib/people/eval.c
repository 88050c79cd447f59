/*
 * Leaves that are asked of touches are worked out when a segment first asks for them, once
 * a person. Before any walk over the history, the union of its kinds tells which matchers
 * hold anywhere: most of these leaves of most people are decided by that.
 */
#include "people/eval.h"

#include "base/alloc.h"
#include "people/eval_int.h"

int rt_eval_new(
    const struct rt_plan *plan, const struct rt_kinds *kinds, struct rt_eval **out)
{
    struct rt_eval *ev = rt_calloc(1, sizeof *ev);

    if (!ev)
        return RT_ENOMEM;
    ev->plan = plan;
    ev->kinds = kinds;
    ev->present = rt_calloc(plan->matcher_words, sizeof *ev->present);
    ev->leaves = rt_calloc(plan->nleaves + (size_t)plan->nsegments, sizeof *ev->leaves);
    ev->state_leaves = rt_calloc(plan->nleaves, sizeof *ev->state_leaves);
    ev->given_up = rt_calloc(plan->nleaves, sizeof *ev->given_up);
    ev->limits = rt_calloc(plan->nleaves, sizeof *ev->limits);
    if (!ev->present || !ev->leaves || !ev->state_leaves || !ev->given_up || !ev->limits
        || rt_eval_lay_out(ev) < 0 || rt_chains_new(&ev->chains) < 0) {
        rt_eval_free(ev);
        return RT_ENOMEM;
    }
    ev->segments = ev->leaves + plan->nleaves;
    for (uint32_t i = 0; i < plan->nleaves; i++)
        if (plan->leaves[i].ncells)
            ev->state_leaves[i] = rt_eval_state_leaf(plan, &plan->leaves[i]);
    if (rt_crowds_new(ev) < 0) {
        rt_eval_free(ev);
        return RT_ENOMEM;
    }
    *out = ev;
    return RT_OK;
}

void rt_eval_free(struct rt_eval *ev)
{
    if (!ev)
        return;
    rt_free(ev->present);
    rt_free(ev->leaves);
    rt_free(ev->state_leaves);
    rt_free(ev->steps);
    rt_free(ev->starts);
    rt_free(ev->some_starts);
    rt_crowds_free(ev->crowds);
    rt_free(ev->aside);
    rt_free(ev->given_up);
    rt_free(ev->limits);
    rt_free(ev->words);
    rt_chains_free(ev->chains);
    rt_free(ev->valued);
    rt_free(ev->grouped);
    rt_free(ev->found);
    rt_free(ev->values);
    rt_free(ev);
}

void rt_eval_know(struct rt_eval *ev, const struct rt_eval_facts *facts)
{
    ev->facts = *facts;
}

void rt_eval_turn(struct rt_eval *ev, const struct rt_history *history)
{
    uint32_t words = ev->plan->matcher_words;

    ev->history = *history;
    if (history->n == 0 && ev->absent)
        return;
    ev->absent = history->n == 0;
    memset(ev->present, 0, words * sizeof *ev->present);
    for (uint32_t i = 0; i < history->n; i++) {
        const uint64_t *bits = rt_kinds_bits(ev->kinds, history->events[i].kind);

        for (uint32_t w = 0; w < words; w++)
            ev->present[w] |= bits[w];
    }
}

void rt_eval_person(
    struct rt_eval *ev, const struct rt_history *history, const uint64_t *state)
{
    static const uint64_t nothing[RT_STATE_WORDS_MAX];

    rt_eval_turn(ev, history);
    ev->state = state ? state : nothing;
    memset(ev->leaves, RT_UNKNOWN, ev->plan->nleaves + (size_t)ev->plan->nsegments);
    ev->naside = 0;
    if (ev->any_given_up)
        memset(ev->given_up, 0, ev->plan->nleaves * sizeof *ev->given_up);
    ev->any_given_up = false;
}

bool rt_eval_gave_up(const struct rt_eval *ev, uint32_t leaf)
{
    return ev->given_up[leaf];
}

void rt_eval_limit(struct rt_eval *ev, uint64_t *looks)
{
    ev->looks = looks;
}

const uint64_t *rt_eval_limits(const struct rt_eval *ev)
{
    return ev->limits;
}

/* ---- leaves */

int rt_eval_rank(struct rt_eval *ev, uint32_t leaf, struct rt_rank_number *number)
{
    const struct rt_leaf *l = &ev->plan->leaves[leaf];
    int place =
        l->ncells ? rt_eval_state_rank(ev, l, number) : rt_eval_touch_rank(ev, l, number);

    if (place != RT_YES || l->among == RT_NONE)
        return place;
    place = rt_eval_segment(ev, l->among);
    return place == RT_UNDECIDED ? RT_NO : place;
}

static int is_in_front(struct rt_eval *ev, uint32_t leaf)
{
    struct rt_rank_number number;
    int answer = ev->facts.ranking ? rt_eval_rank(ev, leaf, &number) : RT_NO;

    if (answer != RT_YES)
        return answer;
    return rt_ranking_holds(ev->facts.ranking, leaf, number);
}

int rt_eval_leaf(struct rt_eval *ev, uint32_t leaf)
{
    const struct rt_leaf *l = &ev->plan->leaves[leaf];

    return l->kind == RT_COND_RANK ? is_in_front(ev, leaf) : rt_eval_touches(ev, l);
}

bool rt_eval_consent(struct rt_eval *ev, uint32_t purpose)
{
    const struct rt_consent *consent = &ev->plan->consents[purpose];

    return consent->cells[0] != RT_NONE ? rt_eval_state_consent(ev, consent)
                                        : rt_eval_touch_consent(ev, consent);
}
