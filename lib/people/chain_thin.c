/*
 * Fewer states. A kept state stands for another one where it goes on as well, whatever the
 * steps to come and those that wait will use.
 *
 *     kept: {1} {2}     at hand: {3}     one step to come: it can use 1 or 2, not both, so
 *                                        one of the kept ones goes on: {3} is needless
 *
 * Of states with p events used, and q steps that will use one, no more than C(p + q, p) are
 * kept so (Bollobas's theorem in its skew form), however many events there are. Events that
 * a later negative step may make due are worth having used; states that differ in them do
 * not compare.
 */
#include <stdlib.h>

#include "people/chain_tie.h"

enum { FEW = 64 }; /* as many states are kept before it pays to search */

/* ---- sets */

bool rt_tie_has(const struct rt_tie_set *set, uint32_t place)
{
    for (uint32_t i = 0; i < set->n; i++)
        if (set->at[i] == place)
            return true;
    return false;
}

void rt_tie_add(struct rt_tie_set *set, uint32_t place)
{
    uint32_t i = set->n++;

    for (; i > 0 && set->at[i - 1] > place; i--)
        set->at[i] = set->at[i - 1];
    set->at[i] = place;
}

void rt_tie_drop(struct rt_tie_set *set, uint32_t place)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < set->n; i++)
        if (set->at[i] != place)
            set->at[kept++] = set->at[i];
    set->n = kept;
}

static int set_order(const struct rt_tie_set *a, const struct rt_tie_set *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (uint32_t i = 0; i < a->n; i++)
        if (a->at[i] != b->at[i])
            return a->at[i] < b->at[i] ? -1 : 1;
    return 0;
}

int rt_tie_push(
    struct rt_chains *c, struct rt_tie_states *states, const struct rt_tie_state *state)
{
    int rc = rt_chain_spend(c, RT_LOOKS_PUSH);

    if (rc < 0)
        return rc;
    if (rt_chain_room(&states->list, &states->cap, states->n + 1, sizeof *state) < 0)
        return RT_ENOMEM;
    states->list[states->n++] = *state;
    return RT_OK;
}

/* ---- fewer states */

/* The best first, and among equals such as have little in common: then a few stand for all
 * the others. Copies come together. */
static int by_worth(const void *va, const void *vb)
{
    const struct rt_tie_state *a = va, *b = vb;
    int order;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->bound != b->bound)
        return a->bound ? 1 : -1;
    if ((order = set_order(&a->due, &b->due))
        || (order = set_order(&a->saved, &b->saved)))
        return order;
    if (a->start != b->start)
        return a->start > b->start ? -1 : 1;
    if (a->wait != b->wait)
        return a->wait < b->wait ? -1 : 1;
    if (a->shuffle != b->shuffle)
        return a->shuffle < b->shuffle ? -1 : 1;
    return set_order(&a->used, &b->used);
}

static uint64_t bit_of(uint32_t place)
{
    return UINT64_C(1) << place % 64;
}

static uint64_t mask_of(const struct rt_tie_set *set)
{
    uint64_t mask = 0;

    for (uint32_t i = 0; i < set->n; i++)
        mask |= bit_of(set->at[i]);
    return mask;
}

struct hitting {
    const struct rt_tie_state *kept;
    const struct rt_tie_brief *briefs;
    size_t nkept;
    const struct rt_tie_state *at_hand;
    bool small;                 /* no two places of the instant share a bit */
    uint64_t looks, most_looks; /* past these the search is given up, and nothing holds */
    uint64_t taken_mask;
    struct rt_tie_set taken; /* none of its events */
};

/* A kept state that lets no more steps wait can stand for the one at hand, if no event that
 * is taken hits it. */
static bool is_open(const struct hitting *h, size_t i)
{
    const struct rt_tie_brief *kept = &h->briefs[i];

    if (kept->wait & ~h->at_hand->wait)
        return false;
    if (h->small || !(kept->mask & h->taken_mask))
        return !(kept->mask & h->taken_mask);
    for (uint32_t k = 0; k < h->taken.n; k++)
        if (rt_tie_has(&h->kept[i].used, h->taken.at[k]))
            return false;
    return true;
}

/* Places that some states used and the one at hand did not. */
struct apart {
    uint64_t mask;
    uint32_t n, at[(RT_CHAIN_STEPS_MAX + 1) * RT_CHAIN_STEPS_MAX];
};

static bool has_place(const struct apart *apart, uint32_t place)
{
    for (uint32_t i = 0; i < apart->n; i++)
        if (apart->at[i] == place)
            return true;
    return false;
}

/* Adds a state's places, if none is there yet. */
static bool add_apart(const struct hitting *h, size_t at, struct apart *apart)
{
    const struct rt_tie_state *kept = &h->kept[at];
    uint32_t n = apart->n;

    if (h->small) {
        uint64_t mask = h->briefs[at].mask & ~h->at_hand->mask;

        if (mask & apart->mask)
            return false;
        apart->mask |= mask;
        return true;
    }
    for (uint32_t i = 0; i < kept->used.n; i++) {
        if (rt_tie_has(&h->at_hand->used, kept->used.at[i]))
            continue;
        if (has_place(apart, kept->used.at[i]))
            return false;
        apart->at[n++] = kept->used.at[i];
    }
    apart->n = n;
    return true;
}

/* More than `most` states are still open, and no two of them used the same: `most` events
 * cannot hit them all. */
static bool is_hopeless(struct hitting *h, uint32_t most)
{
    struct apart apart = { .n = 0 };
    uint32_t napart = 0;

    if (h->nkept <= most)
        return false;
    for (size_t i = 0; i < h->nkept && napart <= most; i++, h->looks++)
        if (is_open(h, i))
            napart += add_apart(h, i, &apart);
    return napart > most;
}

/* Is there a set of `most` more events, none of them used by the state at hand, that keeps
 * every state from going on that was kept so far? At most STEPS_MAX deep. */
static bool can_hit(struct hitting *h, uint32_t most)
{
    const struct rt_tie_set *open = NULL;
    uint64_t mask_before = h->taken_mask;

    if (h->looks > h->most_looks)
        return true;
    if (is_hopeless(h, most))
        return false;
    for (size_t i = 0; i < h->nkept && !open; i++, h->looks++)
        if (is_open(h, i))
            open = &h->kept[i].used;
    if (!open)
        return true;
    if (most == 0)
        return false;
    for (uint32_t i = 0; i < open->n; i++) {
        if (rt_tie_has(&h->at_hand->used, open->at[i]))
            continue;
        h->taken.at[h->taken.n++] = open->at[i];
        h->taken_mask |= bit_of(open->at[i]);
        if (can_hit(h, most - 1))
            return true;
        h->taken_mask = mask_before;
        h->taken.n--;
    }
    return false;
}

/* Searched to the end only where many are kept. */
static bool is_needless(struct hitting *h, uint32_t most)
{
    if (h->nkept == 0)
        return false;
    return most == 0 || is_hopeless(h, most) || (h->nkept > FEW && !can_hit(h, most));
}

static bool is_copy(const struct rt_tie_state *a, const struct rt_tie_state *b)
{
    return a->wait == b->wait && set_order(&a->used, &b->used) == 0;
}

/* Spreads the sets out; the same number for the same set. */
static uint32_t shuffle(const struct rt_tie_set *set)
{
    uint32_t mixed = 0;

    for (uint32_t i = 0; i < set->n; i++)
        mixed = (mixed ^ set->at[i]) * UINT32_C(0x9e3779b1);
    return mixed ^ mixed >> 15;
}

/* Notes what of a state's used events may still be called in. */
static void note_saved(
    const struct rt_placing *p, uint32_t gap, struct rt_tie_state *state)
{
    const struct rt_chain_tie *tie = p->tie;

    state->saved.n = 0;
    for (uint32_t i = 0; i < state->used.n; i++)
        if (rt_tie_may_call(p, gap, &tie->classes[tie->class_at[state->used.at[i]]]))
            rt_tie_add(&state->saved, state->used.at[i]);
}

static bool comparable(const struct rt_tie_state *a, const struct rt_tie_state *b)
{
    return a->key == b->key && a->bound == b->bound && set_order(&a->due, &b->due) == 0
        && set_order(&a->saved, &b->saved) == 0;
}

/* How many events the state will use yet. */
static uint32_t to_come(
    const struct rt_placing *p, const struct rt_tie_state *s, uint32_t step, bool placed)
{
    uint32_t steps = s->bound ? p->tie->block_end - step : p->tie->reach[step] - s->due.n;

    return steps + !placed + (uint32_t)__builtin_popcount(s->wait);
}

static int spend_sort(struct rt_chains *c, size_t n)
{
    uint64_t times = 63 - (uint32_t)__builtin_clzll(n);

    return rt_chain_spend(c, n * (RT_LOOKS_THIN + RT_LOOKS_SORT * times));
}

int rt_tie_thin_out(
    const struct rt_placing *p, struct rt_tie_states *states, uint32_t step, bool placed)
{
    struct rt_chain_tie *tie = p->tie;
    bool small = p->c->instants[p->instant].n <= 64;
    size_t kept = 0, first = 0; /* of those that are comparable */
    int rc;

    if (states->n < 2)
        return RT_OK;
    rc = spend_sort(p->c, states->n);
    if (rc == RT_OK)
        rc =
            rt_chain_room(&tie->briefs, &tie->cap_briefs, states->n, sizeof *tie->briefs);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < states->n; i++) {
        note_saved(p, step + 1 + placed, &states->list[i]);
        states->list[i].shuffle = shuffle(&states->list[i].used);
        states->list[i].mask = mask_of(&states->list[i].used);
    }
    qsort(states->list, states->n, sizeof *states->list, by_worth);
    for (size_t i = 0; i < states->n; i++) {
        struct rt_tie_state *s = &states->list[i];
        struct hitting h = { .at_hand = s, .small = small, .most_looks = p->c->looks };
        bool needless;

        if (kept == 0 || !comparable(&states->list[first], s))
            first = kept;
        h.kept = &states->list[first];
        h.briefs = &tie->briefs[first];
        h.nkept = kept - first;
        needless = h.nkept > 0
            && (is_copy(&states->list[kept - 1], s)
                || is_needless(&h, to_come(p, s, step, placed)));
        rc = rt_chain_spend(p->c, h.looks);
        if (rc < 0)
            return rc;
        if (needless)
            continue;
        tie->briefs[kept] = (struct rt_tie_brief) { s->mask, s->wait };
        states->list[kept++] = *s;
    }
    states->n = kept;
    return RT_OK;
}
