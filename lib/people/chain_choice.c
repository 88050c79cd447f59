/*
 * What a step may be placed on: of the classes that can serve it, those that it makes a
 * difference to choose.
 */
#include <stdlib.h>

#include "people/chain_tie.h"

static int by_out(const void *va, const void *vb)
{
    const struct rt_tie_choice *a = va, *b = vb;

    if (a->out != b->out)
        return a->out < b->out ? -1 : 1;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->lead != b->lead)
        return a->lead < b->lead ? -1 : 1;
    if (a->breaks != b->breaks)
        return a->breaks ? 1 : -1;
    return (a->class > b->class) - (a->class < b->class);
}

static bool alike(const struct rt_tie_choice *a, const struct rt_tie_choice *b)
{
    return a->out == b->out && a->key == b->key && a->lead == b->lead;
}

/* Of choices that are alike, one stands for all where some event of them is left over
 * whatever the other steps use; beside it those that may have to be used. */
static void merge_choices(struct rt_placing *p)
{
    struct rt_chain_tie *tie = p->tie;

    tie->nchoices = 0;
    for (uint32_t i = 0, end; i < tie->nfound; i = end) {
        uint64_t count = 0;
        bool free;

        for (end = i; end < tie->nfound && alike(&tie->found[i], &tie->found[end]); end++)
            count += tie->classes[tie->found[end].class].count;
        free = count >= p->c->chain->nsteps;
        if (free) {
            tie->choices[tie->nchoices] = tie->found[i];
            tie->choices[tie->nchoices++].free = true;
        }
        for (uint32_t k = i; k < end; k++)
            if (!free || tie->found[k].breaks)
                tie->choices[tie->nchoices++] = tie->found[k];
    }
}

/* What the gap behind the step compares: a mirrored pass nothing at its ends, and none what it
 * does not ask. */
const struct rt_chain_keys *rt_tie_outward(const struct rt_placing *p, uint32_t step)
{
    const struct rt_chain_gap *out = rt_chain_gap_of(p->c, p->pass, step + 1);

    return p->pass->negatives ? out->profile : out->same;
}

int rt_tie_find_choices(struct rt_placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    const struct rt_chain_gap *in = rt_chain_gap_of(p->c, p->pass, step);
    const struct rt_chain_keys *lead =
        step == 0 && p->pass->negatives ? in->profile : NULL;
    const struct rt_chain_keys *go_on = rt_tie_outward(p, step);
    size_t most = tie->nclasses;

    if (rt_chain_room(&tie->found, &tie->cap_found, most, sizeof *tie->found) < 0
        || rt_chain_room(&tie->choices, &tie->cap_choices, 2 * most, sizeof *tie->choices)
            < 0)
        return RT_ENOMEM;
    tie->nfound = 0;
    for (uint32_t k = 0; k < tie->nclasses; k++) {
        const struct rt_tie_class *class = &tie->classes[k];
        struct rt_tie_choice choice = { .class = k,
            .out = rt_chain_key(go_on, class->event),
            .key = step > 0 ? rt_chain_key(in->same, class->event) : 1,
            .lead = rt_chain_key(lead, class->event),
            .breaks = rt_tie_may_call(p, step == 0 ? 0 : step + 1, class) };

        if (class->roles & rt_tie_bit(p, step) && choice.key
            && (step > 0 || rt_chain_may_start(p->c, p->pass, p->instant, class->event)))
            tie->found[tie->nfound++] = choice;
    }
    qsort(tie->found, tie->nfound, sizeof *tie->found, by_out);
    merge_choices(p);
    return RT_OK;
}

/* ---- rescues */

static int by_rescue(const void *va, const void *vb)
{
    const struct rt_tie_rescue *a = va, *b = vb;

    if (a->out != b->out)
        return a->out < b->out ? -1 : 1;
    if (a->state != b->state)
        return a->state < b->state ? -1 : 1;
    return (a->class > b->class) - (a->class < b->class);
}

/* Choices leave out classes that nothing later calls in; some state may have before. */
int rt_tie_find_rescues(struct rt_placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    const struct rt_chain_keys *out = rt_tie_outward(p, step);
    const struct rt_chain_keys *in = rt_chain_gap_of(p->c, p->pass, step)->same;

    tie->nrescues = 0;
    for (size_t i = 0; i < tie->in.n; i++) {
        const struct rt_tie_state *state = &tie->in.list[i];

        for (uint32_t d = 0; d < state->due.n; d++) {
            uint32_t k = tie->class_at[state->due.at[d]];
            const struct rt_tie_class *class = &tie->classes[k];

            if ((d > 0 && tie->class_at[state->due.at[d - 1]] == k)
                || !(class->roles & rt_tie_bit(p, step))
                || rt_chain_key(in, class->event) != state->key)
                continue;
            if (rt_chain_room(&tie->rescues, &tie->cap_rescues, tie->nrescues + 1,
                    sizeof *tie->rescues)
                < 0)
                return RT_ENOMEM;
            tie->rescues[tie->nrescues++] = (struct rt_tie_rescue) {
                .out = rt_chain_key(out, class->event), .class = k, .state = i
            };
        }
    }
    if (tie->nrescues > 1)
        qsort(tie->rescues, tie->nrescues, sizeof *tie->rescues, by_rescue);
    return RT_OK;
}
