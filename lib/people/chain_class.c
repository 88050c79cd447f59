/*
 * The instant's events as classes, and how those that break a negative step can be saved.
 *
 * A negative step does not see the chain's own events. So where everything that breaks it at
 * this instant is the chain's own in the end, it holds: those events are called in, and due
 * until some step takes them.
 */
#include "base/sort.h"
#include "people/chain_tie.h"

/* ---- the instant */

static int read_classes(struct rt_placing *p)
{
    const struct rt_chain_instant *at = &p->c->instants[p->instant];
    struct rt_chain_tie *tie = p->tie;

    if (rt_chain_room(&tie->classes, &tie->cap_classes, at->n, sizeof *tie->classes) < 0
        || rt_chain_room(&tie->class_at, &tie->cap_class_at, at->n, sizeof *tie->class_at)
            < 0)
        return RT_ENOMEM;
    tie->nclasses = 0;
    tie->roles = 0;
    for (uint32_t i = at->first; i < at->first + at->n; i++) {
        uint32_t e = p->c->order[i];
        struct rt_tie_class *class = &tie->classes[tie->nclasses];

        if (tie->nclasses > 0 && p->c->classes[class[-1].event] == p->c->classes[e]) {
            class[-1].count++;
            tie->class_at[i - at->first] = tie->nclasses - 1;
            continue;
        }
        *class = (struct rt_tie_class) {
            .event = e, .count = 1, .base = i - at->first, .roles = p->c->events[e].roles
        };
        tie->roles |= class->roles;
        tie->class_at[i - at->first] = tie->nclasses++;
    }
    return RT_OK;
}

static void set_reach(struct rt_placing *p)
{
    uint32_t *reach = p->tie->reach, s = p->c->chain->nsteps - 1;

    reach[s] = 0;
    while (s-- > 0)
        reach[s] = rt_chain_gap_of(p->c, p->pass, s + 1)->after_us > 0
                || !(p->tie->roles & rt_tie_bit(p, s + 1))
            ? 0
            : reach[s + 1] + 1;
}

/* Marks the classes that break a negative step together, when they are not more events than
 * the chain has steps. */
static void mark_breakers(struct rt_placing *p, const struct rt_tie_keyed *b)
{
    const uint64_t *sorted = p->tie->sorted + b->first;
    struct rt_tie_class *classes = p->tie->classes;

    for (uint32_t i = 0, end; i < b->n; i = end) {
        uint64_t count = 0;

        for (end = i; end < b->n && sorted[end] >> 32 == sorted[i] >> 32; end++)
            count += classes[(uint32_t)sorted[end]].count;
        for (uint32_t k = i; k < end; k++)
            classes[(uint32_t)sorted[k]].breaks |= count <= p->c->chain->nsteps;
    }
}

static int read_breakers(struct rt_placing *p)
{
    struct rt_chain_tie *tie = p->tie;
    uint32_t used = 0, nnegs = p->pass->negatives ? p->c->nnegs : 0;

    if (rt_chain_room(&tie->sorted, &tie->cap_sorted, ((size_t)nnegs + 1) * tie->nclasses,
            sizeof *tie->sorted)
        < 0)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < nnegs; i++) {
        struct rt_tie_keyed *b = &tie->breakers[i];

        *b = (struct rt_tie_keyed) { .first = used };
        if (!(tie->roles & RT_CHAIN_NOT(i)))
            continue;
        for (uint32_t k = 0; k < tie->nclasses; k++) {
            uint64_t key = rt_chain_key(p->c->negs[i].same, tie->classes[k].event);

            if (key && tie->classes[k].roles & RT_CHAIN_NOT(i))
                tie->sorted[used++] = key << 32 | k;
        }
        b->n = used - b->first;
        rt_sort_u64(tie->sorted + b->first, tie->sorted + used, b->n);
        mark_breakers(p, b);
    }
    return RT_OK;
}

static void set_noted(struct rt_chain_tie *tie)
{
    tie->saves = false;
    for (uint32_t k = 0; k < tie->nclasses; k++) {
        struct rt_tie_class *class = &tie->classes[k];
        uint32_t serves =
            (uint32_t)__builtin_popcountll(class->roles & RT_CHAIN_POSITIVE);

        tie->saves |= class->breaks;
        class->noted = class->count < serves || (class->count == serves && class->breaks);
    }
}

/* ---- what must be used */

/* All events of a class must be used. False when they cannot. */
static bool call_in(
    const struct rt_tie_class *class, uint32_t most, struct rt_tie_state *state)
{
    if (!class->noted)
        return false; /* more than could be used up */
    for (uint32_t i = class->base; i < class->base + class->count; i++)
        if (!rt_tie_has(&state->used, i) && !rt_tie_has(&state->due, i)) {
            if (state->due.n == most)
                return false;
            rt_tie_add(&state->due, i);
        }
    return true;
}

uint32_t rt_tie_first(const uint64_t *sorted, uint32_t n, uint64_t key)
{
    uint32_t lo = 0, hi = n;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (sorted[mid] >> 32 < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool rt_tie_call(const struct rt_placing *p, uint32_t gap, uint32_t event, uint32_t most,
    struct rt_tie_state *state)
{
    const struct rt_chain_gap *g = &p->c->gaps[gap];

    if (!p->pass->negatives)
        return true;
    for (uint32_t i = g->first_neg; i < g->end_neg; i++) {
        const struct rt_tie_keyed *b = &p->tie->breakers[i];
        const uint64_t *sorted = p->tie->sorted + b->first;
        uint64_t key = rt_chain_key(p->c->negs[i].same, event);
        uint32_t lo = rt_tie_first(sorted, b->n, key);

        rt_chain_spend(p->c, RT_LOOKS_CALL);
        for (; key && lo < b->n && sorted[lo] >> 32 == key; lo++) {
            rt_chain_spend(p->c, RT_LOOKS_CALL);
            if (!call_in(&p->tie->classes[(uint32_t)sorted[lo]], most, state))
                return false;
        }
    }
    return true;
}

bool rt_tie_may_call(
    const struct rt_placing *p, uint32_t gap, const struct rt_tie_class *class)
{
    uint32_t n = p->c->chain->nsteps;

    return p->pass->negatives && gap <= n && class->breaks
        && (class->roles & RT_CHAIN_NEGATIVE) >= RT_CHAIN_NOT(p->c->gaps[gap].first_neg);
}

bool rt_tie_can_stand(
    const struct rt_placing *p, uint32_t step, const struct rt_tie_class *class)
{
    struct rt_tie_state none = { 0 };

    if (!(class->roles & rt_tie_bit(p, step)))
        return false;
    if (step == 0
        && (!rt_chain_may_start(p->c, p->pass, p->instant, class->event)
            || !rt_tie_call(p, 0, class->event, 0, &none)))
        return false;
    return rt_tie_call(
        p, rt_chain_step_of(p->c, p->pass, step) + 1, class->event, 0, &none);
}

int rt_tie_read(struct rt_placing *p)
{
    if (read_classes(p) < 0 || read_breakers(p) < 0)
        return RT_ENOMEM;
    set_noted(p->tie);
    set_reach(p);
    return RT_OK;
}
