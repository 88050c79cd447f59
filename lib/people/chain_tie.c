/*
 * One instant with several events: steps in a row may be placed on different ones of them, in
 * any order.
 *
 * Layer by layer, a *state* stands for ways to have placed the steps up to this one: where
 * the last step stands, which events are used, and which ones must still be: those that would
 * break a negative step unless the chain itself takes them. Exact, and kept small by this:
 *
 * - Events that are alike in all that the chain asks are one class, and a class with more
 *   events than steps that could take them never runs out: its use is not noted.
 * - Where as many events as the chain has steps would do equally well for a step, the step is
 *   placed last: some event is left over. Nothing is noted either.
 * - Of states that go on alike, only so many are kept that whatever the further steps use, a
 *   kept one leaves it free whenever any state does. With p events noted and q steps to come
 *   that is C(p + q, p) states at most (Bollobas's theorem in its skew form, whatever the
 *   number of events), for each number that the next step compares and each set of events
 *   that must still be used.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/sort.h"
#include "people/chain_int.h"

struct class {
    uint32_t event, count; /* one of them; how many */
    uint32_t base; /* its events are places base .. base + count - 1, used in order */
    uint64_t roles;
    bool noted;  /* may run out, or may have to be used up */
    bool breaks; /* a negative step that the chain can save by using it up */
};

/* A set of places, ascending. */
struct set {
    uint32_t n;
    uint32_t at[RT_CHAIN_STEPS_MAX];
};

struct state {
    int64_t start;
    uint32_t key;  /* that the next step compares */
    uint32_t last; /* event of the last step */
    struct set used, due;
    struct set
        saved; /* of the used: what a later negative step would have to be saved from */
};

/* A class that can serve the step at hand. */
struct choice {
    uint32_t out;  /* how the step goes on: what the next gap compares */
    uint32_t key;  /* what it compares with the step before */
    uint32_t lead; /* step 0: what leading negative steps compare */
    uint32_t class;
    bool breaks;
    bool free; /* some event of the same out, key and lead is always left over */
};

struct states {
    struct state *list;
    size_t n, cap;
};

struct breakers { /* classes that break a negative step, as key << 32 | class */
    uint32_t first, n;
};

struct rt_chain_tie {
    struct class *classes;
    uint32_t nclasses;
    size_t cap_classes;
    uint32_t *class_at; /* by place */
    size_t cap_class_at;
    uint64_t roles;                     /* of all of them */
    uint32_t reach[RT_CHAIN_STEPS_MAX]; /* steps that can follow at this instant */
    struct breakers breakers[RT_CHAIN_STEPS_MAX];
    uint64_t *sorted;
    size_t cap_sorted;
    struct choice *found, *choices; /* all; those that are needed */
    uint32_t nfound, nchoices;
    size_t cap_found, cap_choices;
    struct states in, out, group;
};

void rt_chain_tie_free(struct rt_chain_tie *tie)
{
    if (!tie)
        return;
    rt_free(tie->classes);
    rt_free(tie->class_at);
    rt_free(tie->sorted);
    rt_free(tie->found);
    rt_free(tie->choices);
    rt_free(tie->in.list);
    rt_free(tie->out.list);
    rt_free(tie->group.list);
    rt_free(tie);
}

/* What the functions below work on. */
struct placing {
    struct rt_chains *c;
    struct rt_chain_pass *pass;
    struct rt_chain_tie *tie;
    uint32_t instant;
};

static uint64_t bit_of(const struct placing *p, uint32_t step)
{
    return RT_CHAIN_STEP(rt_chain_step_of(p->c, p->pass, step));
}

/* ---- sets */

static bool set_has(const struct set *set, uint32_t place)
{
    for (uint32_t i = 0; i < set->n; i++)
        if (set->at[i] == place)
            return true;
    return false;
}

static void set_add(struct set *set, uint32_t place)
{
    uint32_t i = set->n++;

    for (; i > 0 && set->at[i - 1] > place; i--)
        set->at[i] = set->at[i - 1];
    set->at[i] = place;
}

static void set_drop(struct set *set, uint32_t place)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < set->n; i++)
        if (set->at[i] != place)
            set->at[kept++] = set->at[i];
    set->n = kept;
}

static int set_order(const struct set *a, const struct set *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (uint32_t i = 0; i < a->n; i++)
        if (a->at[i] != b->at[i])
            return a->at[i] < b->at[i] ? -1 : 1;
    return 0;
}

/* ---- the instant */

static int read_classes(struct placing *p)
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
        struct class *class = &tie->classes[tie->nclasses];

        if (tie->nclasses > 0 && p->c->classes[class[-1].event] == p->c->classes[e]) {
            class[-1].count++;
            tie->class_at[i - at->first] = tie->nclasses - 1;
            continue;
        }
        *class = (struct class) {
            .event = e, .count = 1, .base = i - at->first, .roles = p->c->events[e].roles
        };
        tie->roles |= class->roles;
        tie->class_at[i - at->first] = tie->nclasses++;
    }
    return RT_OK;
}

static void set_reach(struct placing *p)
{
    uint32_t *reach = p->tie->reach, s = p->c->chain->nsteps - 1;

    reach[s] = 0;
    while (s-- > 0)
        reach[s] = rt_chain_gap_of(p->c, p->pass, s + 1)->after_us > 0
                || !(p->tie->roles & bit_of(p, s + 1))
            ? 0
            : reach[s + 1] + 1;
}

/* Marks the classes that break a negative step together, when they are not more events than
 * the chain has steps. */
static void mark_breakers(struct placing *p, const struct breakers *b)
{
    const uint64_t *sorted = p->tie->sorted + b->first;
    struct class *classes = p->tie->classes;

    for (uint32_t i = 0, end; i < b->n; i = end) {
        uint64_t count = 0;

        for (end = i; end < b->n && sorted[end] >> 32 == sorted[i] >> 32; end++)
            count += classes[(uint32_t)sorted[end]].count;
        for (uint32_t k = i; k < end; k++)
            classes[(uint32_t)sorted[k]].breaks |= count <= p->c->chain->nsteps;
    }
}

static int read_breakers(struct placing *p)
{
    struct rt_chain_tie *tie = p->tie;
    uint32_t used = 0, nnegs = p->pass->negatives ? p->c->nnegs : 0;

    if (rt_chain_room(&tie->sorted, &tie->cap_sorted, ((size_t)nnegs + 1) * tie->nclasses,
            sizeof *tie->sorted)
        < 0)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < nnegs; i++) {
        struct breakers *b = &tie->breakers[i];

        *b = (struct breakers) { .first = used };
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
    for (uint32_t k = 0; k < tie->nclasses; k++) {
        struct class *class = &tie->classes[k];
        uint32_t serves =
            (uint32_t)__builtin_popcountll(class->roles & RT_CHAIN_POSITIVE);

        class->noted = class->count < serves || (class->count == serves && class->breaks);
    }
}

/* ---- what must be used */

/* All events of a class must be used. False when they cannot. */
static bool call_in(const struct class *class, uint32_t most, struct state *state)
{
    if (!class->noted)
        return false; /* more than could be used up */
    for (uint32_t i = class->base; i < class->base + class->count; i++)
        if (!set_has(&state->used, i) && !set_has(&state->due, i)) {
            if (state->due.n == most)
                return false;
            set_add(&state->due, i);
        }
    return true;
}

/* The events of this instant that break a negative step of the gap, seen from the event, must
 * be used. False when the `most` steps to come cannot. */
static bool call(const struct placing *p, uint32_t gap, uint32_t event, uint32_t most,
    struct state *state)
{
    const struct rt_chain_gap *g = &p->c->gaps[gap];

    if (!p->pass->negatives)
        return true;
    for (uint32_t i = g->first_neg; i < g->end_neg; i++) {
        const struct breakers *b = &p->tie->breakers[i];
        const uint64_t *sorted = p->tie->sorted + b->first;
        uint64_t key = rt_chain_key(p->c->negs[i].same, event);
        uint32_t lo = 0, hi = b->n;

        while (lo < hi) {
            uint32_t mid = lo + (hi - lo) / 2;

            if (sorted[mid] >> 32 < key)
                lo = mid + 1;
            else
                hi = mid;
        }
        for (; key && lo < b->n && sorted[lo] >> 32 == key; lo++)
            if (!call_in(&p->tie->classes[(uint32_t)sorted[lo]], most, state))
                return false;
    }
    return true;
}

/* ---- fewer states */

static int by_worth(const void *va, const void *vb)
{
    const struct state *a = va, *b = vb;
    int order;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if ((order = set_order(&a->due, &b->due))
        || (order = set_order(&a->saved, &b->saved)))
        return order;
    if (a->start != b->start)
        return a->start > b->start ? -1 : 1;
    return set_order(&a->used, &b->used);
}

struct hitting {
    const struct state *kept;
    size_t nkept;
    const struct set *used; /* by the state that is judged */
    struct set taken;
};

static bool is_hit(const struct hitting *h, const struct set *set)
{
    for (uint32_t i = 0; i < set->n; i++)
        if (set_has(&h->taken, set->at[i]) && !set_has(h->used, set->at[i]))
            return true;
    return false;
}

/* Is there a set of `most` more events, none of them used by the state at hand, that keeps
 * every state from going on that was kept so far? At most STEPS_MAX deep. */
static bool can_hit(struct hitting *h, uint32_t most)
{
    const struct set *open = NULL;

    for (size_t i = 0; i < h->nkept && !open; i++)
        if (!is_hit(h, &h->kept[i].used))
            open = &h->kept[i].used;
    if (!open)
        return true;
    if (most == 0)
        return false;
    for (uint32_t i = 0; i < open->n; i++) {
        if (set_has(h->used, open->at[i]))
            continue;
        h->taken.at[h->taken.n++] = open->at[i];
        if (can_hit(h, most - 1))
            return true;
        h->taken.n--;
    }
    return false;
}

/* Notes what of a state's used events negative steps of this gap or later ones may call in. */
static void note_saved(const struct placing *p, uint32_t gap, struct state *state)
{
    const struct rt_chain_tie *tie = p->tie;
    uint32_t n = p->c->chain->nsteps;
    uint32_t first = p->c->gaps[gap < n ? gap : n].first_neg;

    state->saved.n = 0;
    if (!p->pass->negatives || gap > n)
        return;
    for (uint32_t i = 0; i < state->used.n; i++) {
        const struct class *class = &tie->classes[tie->class_at[state->used.at[i]]];

        if (class->breaks && (class->roles & RT_CHAIN_NEGATIVE) >= RT_CHAIN_NOT(first))
            set_add(&state->saved, state->used.at[i]);
    }
}

static bool comparable(const struct state *a, const struct state *b)
{
    return a->key == b->key && set_order(&a->due, &b->due) == 0
        && set_order(&a->saved, &b->saved) == 0;
}

/*
 * Drops states that others make needless.
 *
 * gap    the first whose negative steps are still to be looked at
 * reach  how many steps may still follow at this instant
 */
static void thin_out(
    const struct placing *p, struct states *states, uint32_t gap, uint32_t reach)
{
    size_t kept = 0, first = 0; /* of those that are comparable */

    for (size_t i = 0; i < states->n; i++)
        note_saved(p, gap, &states->list[i]);
    if (states->n > 1)
        qsort(states->list, states->n, sizeof *states->list, by_worth);
    for (size_t i = 0; i < states->n; i++) {
        struct state *s = &states->list[i];
        struct hitting h = { .used = &s->used };

        if (kept == 0 || !comparable(&states->list[first], s))
            first = kept;
        h.kept = &states->list[first];
        h.nkept = kept - first;
        if (h.nkept > 0 && !can_hit(&h, reach - s->due.n))
            continue;
        states->list[kept++] = *s;
    }
    states->n = kept;
}

/* ---- coming in */

static int push(struct states *states, const struct state *state)
{
    if (rt_chain_room(&states->list, &states->cap, states->n + 1, sizeof *state) < 0)
        return RT_ENOMEM;
    states->list[states->n++] = *state;
    return RT_OK;
}

/* Entries with this key: the best one that nothing breaks here, and before it those that the
 * chain can save by taking what would break them. They end here, one way or the other. */
static int take_entries(struct placing *p, uint32_t step, uint32_t key)
{
    const struct rt_chain_entry *top;
    uint32_t gap = rt_chain_step_of(p->c, p->pass, step); /* mirrored: no negatives */

    while ((top = rt_chain_top(p->c, p->pass, step, key, p->instant))) {
        struct state state = { .start = top->start, .key = key, .last = top->event };
        bool dying = top->death == p->instant;

        if (!dying || call(p, gap, top->event, p->tie->reach[step] + 1, &state))
            if (push(&p->tie->in, &state) < 0)
                return RT_ENOMEM;
        if (!dying)
            break;
        rt_chain_drop_top(p->c, step, key);
    }
    return RT_OK;
}

/* ---- choices */

static int by_out(const void *va, const void *vb)
{
    const struct choice *a = va, *b = vb;

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

static bool alike(const struct choice *a, const struct choice *b)
{
    return a->out == b->out && a->key == b->key && a->lead == b->lead;
}

/* Of choices that are alike, one stands for all where some event of them is left over
 * whatever the other steps use; beside it those that may have to be used. */
static void merge_choices(struct placing *p)
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

static int find_choices(struct placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    const struct rt_chain_gap *in = rt_chain_gap_of(p->c, p->pass, step),
                              *out = rt_chain_gap_of(p->c, p->pass, step + 1);
    /* a mirrored pass compares nothing at its ends, and no pass what it does not ask */
    const struct rt_chain_keys *lead =
                                   step == 0 && p->pass->negatives ? in->profile : NULL,
                               *go_on = p->pass->negatives ? out->profile : out->same;
    size_t most = tie->nclasses;

    if (rt_chain_room(&tie->found, &tie->cap_found, most, sizeof *tie->found) < 0
        || rt_chain_room(&tie->choices, &tie->cap_choices, 2 * most, sizeof *tie->choices)
            < 0)
        return RT_ENOMEM;
    tie->nfound = 0;
    for (uint32_t k = 0; k < tie->nclasses; k++) {
        const struct class *class = &tie->classes[k];
        struct choice choice = { .class = k,
            .out = rt_chain_key(go_on, class->event),
            .key = step > 0 ? rt_chain_key(in->same, class->event) : 1,
            .lead = rt_chain_key(lead, class->event),
            .breaks = class->breaks };

        if (class->roles & bit_of(p, step) && choice.key
            && (step > 0 || rt_chain_may_start(p->c, p->pass, p->instant, class->event)))
            tie->found[tie->nfound++] = choice;
    }
    qsort(tie->found, tie->nfound, sizeof *tie->found, by_out);
    merge_choices(p);
    return RT_OK;
}

/* ---- a step */

/* The state with the step placed on the choice. False when that cannot go on. */
static bool place(const struct placing *p, uint32_t step, const struct choice *choice,
    struct state *state)
{
    const struct class *class = &p->tie->classes[choice->class];
    uint32_t place = class->base, reach = p->tie->reach[step];
    uint32_t gap = rt_chain_step_of(p->c, p->pass, step) + 1;

    if (class->noted && !choice->free) {
        while (place < class->base + class->count && set_has(&state->used, place))
            place++;
        if (place == class->base + class->count)
            return false;
        set_add(&state->used, place);
        set_drop(&state->due, place);
    }
    state->last = class->event;
    if (step == 0 && !call(p, 0, class->event, reach, state))
        return false;
    return state->due.n <= reach && call(p, gap, class->event, reach, state);
}

/* States that come in with this key stand from here on. */
static size_t first_of(const struct states *in, uint32_t key)
{
    size_t lo = 0, hi = in->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (in->list[mid].key < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* All states with the step placed on choices that go on alike. */
static int place_alike(
    struct placing *p, uint32_t step, const struct choice *choices, uint32_t n)
{
    struct rt_chain_tie *tie = p->tie;
    struct states *in = &tie->in, *group = &tie->group;
    size_t crowded = 1024;

    group->n = 0;
    for (uint32_t k = 0; k < n; k++)
        for (size_t i = first_of(in, choices[k].key);
             i < in->n && in->list[i].key == choices[k].key; i++) {
            struct state state = in->list[i];

            if (!place(p, step, &choices[k], &state))
                continue;
            state.key = 0;
            if (push(group, &state) < 0)
                return RT_ENOMEM;
            if (group->n < crowded)
                continue;
            thin_out(p, group, step + 2, tie->reach[step]);
            crowded = 1024 + 2 * group->n;
        }
    thin_out(p, group, step + 2, tie->reach[step]);
    return RT_OK;
}

/* The one that leaves the instant: nothing more must be used, and the latest start. */
static int leave(struct placing *p, uint32_t step)
{
    const struct states *group = &p->tie->group;
    const struct state *best = NULL;

    for (size_t i = 0; i < group->n && group->list[i].due.n == 0; i++)
        if (!best || group->list[i].start > best->start)
            best = &group->list[i];
    if (best && step + 1 < p->c->chain->nsteps)
        return rt_chain_leave(p->c, p->pass, step, best->last, best->start);
    if (best)
        rt_chain_complete(p->c, p->pass, best->last, best->start);
    return RT_OK;
}

/* Those that go on inside the instant. */
static int go_on(struct placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    const struct rt_chain_keys *same;

    if (tie->reach[step] == 0)
        return RT_OK;
    same = rt_chain_gap_of(p->c, p->pass, step + 1)->same;
    for (size_t i = 0; i < tie->group.n; i++) {
        struct state *state = &tie->group.list[i];

        state->key = rt_chain_key(same, state->last);
        if (state->key && push(&tie->out, state) < 0)
            return RT_ENOMEM;
    }
    return RT_OK;
}

static int place_step(struct placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    struct states swap;

    tie->out.n = 0;
    thin_out(p, &tie->in, step + 1, tie->reach[step] + 1);
    for (uint32_t i = 0, end; i < tie->nchoices && tie->in.n > 0; i = end) {
        for (end = i; end < tie->nchoices && tie->choices[end].out == tie->choices[i].out;
             end++)
            continue;
        if (place_alike(p, step, &tie->choices[i], end - i) < 0 || leave(p, step) < 0
            || go_on(p, step) < 0)
            return RT_ENOMEM;
    }
    swap = tie->in;
    tie->in = tie->out;
    tie->out = swap;
    return RT_OK;
}

/* Entries for all that the choices compare, once each: choices are sorted by out, so of
 * equal keys in one `out` only the first is asked; a key that comes again finds the entry
 * that is left, which thin_out drops. */
static int come_in(struct placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;

    if (step == 0 && tie->nchoices > 0) {
        struct state start = { .start = rt_chain_time(p->c, p->pass, p->instant),
            .key = 1 };

        return push(&tie->in, &start);
    }
    for (uint32_t k = 0; k < tie->nchoices && step > 0; k++)
        if (k == 0 || tie->choices[k].key != tie->choices[k - 1].key)
            if (take_entries(p, step, tie->choices[k].key) < 0)
                return RT_ENOMEM;
    return RT_OK;
}

int rt_chain_tie(struct rt_chains *c, struct rt_chain_pass *pass, uint32_t instant)
{
    struct placing p = { c, pass, NULL, instant };

    if (!c->tie)
        c->tie = rt_calloc(1, sizeof *c->tie);
    p.tie = c->tie;
    if (!c->tie || read_classes(&p) < 0 || read_breakers(&p) < 0)
        return RT_ENOMEM;
    set_noted(c->tie);
    set_reach(&p);
    c->tie->in.n = 0;
    for (uint32_t s = 0; s < c->chain->nsteps; s++) {
        if (!(c->tie->roles & bit_of(&p, s))) {
            c->tie->in.n = 0;
            continue;
        }
        if (find_choices(&p, s) < 0 || come_in(&p, s) < 0 || place_step(&p, s) < 0)
            return RT_ENOMEM;
    }
    return RT_OK;
}
