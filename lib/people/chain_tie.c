/*
 * One instant with several events: steps in a row may be placed on different ones of them, in
 * any order.
 *
 * Layer by layer, a *state* stands for ways to have placed the steps up to this one: where
 * the last step stands, which events are used, and which ones are *due*: those that break a
 * negative step unless the chain itself takes them. Exact, and kept small by this:
 *
 * - Events that are alike in all that the chain asks are one class, and a class with more
 *   events than steps that could take them never runs out: its use is not noted.
 * - Where as many events as the chain has steps would do equally well for a step, the step is
 *   placed last: some event is left over whatever the others use. Nothing is noted either.
 *   Steps that `same` links are placed last as one, where there are as many places for all
 *   of them that share no event.
 * - Of states that go on alike, with the same events due, only so many are kept that
 *   whatever the further steps use, a kept one leaves it free whenever any state does. With
 *   p events noted and q steps to come that is at most C(p + q, p) states (Bollobas's
 *   theorem in its skew form), however many events there are. Events that a later negative
 *   step may make due are worth having used; states that differ in them do not compare.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/sort.h"
#include "people/chain_int.h"

enum { FEW = 128 }; /* as many states are compared faster than judged */

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
    bool bound;    /* ends with its block: another state skipped it */
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
    bool breaks; /* may be called in */
    bool free;   /* some event of the same out, key and lead is always left over */
};

/* A class of which a state must use an event that is due. */
struct rescue {
    uint32_t out;
    uint32_t class;
    size_t state;
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
    struct breakers breakers[RT_CHAIN_NOTS_MAX];
    uint64_t *sorted;
    size_t cap_sorted;
    struct choice *found, *choices; /* all; those that are needed */
    struct rescue *rescues;
    uint32_t nfound, nchoices;
    size_t nrescues, cap_found, cap_choices, cap_rescues;
    struct states in, out, group;
    uint32_t block_end;  /* of the block that is skipped */
    struct states skips; /* to come in behind it */
    uint64_t *links;     /* blocks: classes by what they compare, as breakers */
    uint32_t *taken;     /* by class */
    size_t cap_links, cap_taken;
    bool saves; /* some class breaks what the chain can save */
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
    rt_free(tie->rescues);
    rt_free(tie->in.list);
    rt_free(tie->out.list);
    rt_free(tie->group.list);
    rt_free(tie->skips.list);
    rt_free(tie->links);
    rt_free(tie->taken);
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
    tie->saves = false;
    for (uint32_t k = 0; k < tie->nclasses; k++) {
        struct class *class = &tie->classes[k];
        uint32_t serves =
            (uint32_t)__builtin_popcountll(class->roles & RT_CHAIN_POSITIVE);

        tie->saves |= class->breaks;
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

/* Where the classes of this key begin. */
static uint32_t first_with(const uint64_t *sorted, uint32_t n, uint64_t key)
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
        uint32_t lo = first_with(sorted, b->n, key);

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
    if (a->bound != b->bound)
        return a->bound ? 1 : -1;
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

/* The question is worth asking only where many are kept, or nothing is to come. */
static bool is_needless(struct hitting *h, uint32_t most)
{
    if (h->nkept == 0)
        return false;
    if (h->kept[0].used.n == 0 || most == 0)
        return true;
    return h->nkept > FEW && !can_hit(h, most);
}

/* May the negative steps of this gap or a later one call the class in? */
static bool may_call(const struct placing *p, uint32_t gap, const struct class *class)
{
    uint32_t n = p->c->chain->nsteps;

    return p->pass->negatives && gap <= n && class->breaks
        && (class->roles & RT_CHAIN_NEGATIVE) >= RT_CHAIN_NOT(p->c->gaps[gap].first_neg);
}

/* Notes what of a state's used events may still be called in. */
static void note_saved(const struct placing *p, uint32_t gap, struct state *state)
{
    const struct rt_chain_tie *tie = p->tie;

    state->saved.n = 0;
    for (uint32_t i = 0; i < state->used.n; i++)
        if (may_call(p, gap, &tie->classes[tie->class_at[state->used.at[i]]]))
            set_add(&state->saved, state->used.at[i]);
}

static bool comparable(const struct state *a, const struct state *b)
{
    return a->key == b->key && a->bound == b->bound && set_order(&a->due, &b->due) == 0
        && set_order(&a->saved, &b->saved) == 0;
}

/* Drops states that others make needless: of those that come in to the step, or, when it is
 * placed, of those that go on. */
static void thin_out(
    const struct placing *p, struct states *states, uint32_t step, bool placed)
{
    uint32_t reach = p->tie->reach[step] + !placed; /* steps that may still follow */
    uint32_t block = p->tie->block_end - step + !placed;
    size_t kept = 0, first = 0; /* of those that are comparable */

    for (size_t i = 0; i < states->n; i++)
        note_saved(p, step + 1 + placed, &states->list[i]);
    if (states->n > 1)
        qsort(states->list, states->n, sizeof *states->list, by_worth);
    for (size_t i = 0; i < states->n; i++) {
        struct state *s = &states->list[i];
        struct hitting h = { .used = &s->used };
        bool again;

        if (kept == 0 || !comparable(&states->list[first], s))
            first = kept;
        h.kept = &states->list[first];
        h.nkept = kept - first;
        again = h.nkept > 0 && set_order(&states->list[kept - 1].used, &s->used) == 0;
        if (again || is_needless(&h, s->bound ? block : reach - s->due.n))
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

/* What the gap behind the step compares: a mirrored pass nothing at its ends, and none what it
 * does not ask. */
static const struct rt_chain_keys *outward(const struct placing *p, uint32_t step)
{
    const struct rt_chain_gap *out = rt_chain_gap_of(p->c, p->pass, step + 1);

    return p->pass->negatives ? out->profile : out->same;
}

static int find_choices(struct placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    const struct rt_chain_gap *in = rt_chain_gap_of(p->c, p->pass, step);
    const struct rt_chain_keys *lead =
        step == 0 && p->pass->negatives ? in->profile : NULL;
    const struct rt_chain_keys *go_on = outward(p, step);
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
            .breaks = may_call(p, step == 0 ? 0 : step + 1, class) };

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

static int by_rescue(const void *va, const void *vb)
{
    const struct rescue *a = va, *b = vb;

    if (a->out != b->out)
        return a->out < b->out ? -1 : 1;
    if (a->state != b->state)
        return a->state < b->state ? -1 : 1;
    return (a->class > b->class) - (a->class < b->class);
}

/* Choices leave out classes that nothing later calls in; some state may have before. */
static int find_rescues(struct placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    const struct rt_chain_keys *out = outward(p, step);
    const struct rt_chain_keys *in = rt_chain_gap_of(p->c, p->pass, step)->same;

    tie->nrescues = 0;
    for (size_t i = 0; i < tie->in.n; i++) {
        const struct state *state = &tie->in.list[i];

        for (uint32_t d = 0; d < state->due.n; d++) {
            uint32_t k = tie->class_at[state->due.at[d]];
            const struct class *class = &tie->classes[k];

            if ((d > 0 && tie->class_at[state->due.at[d - 1]] == k)
                || !(class->roles & bit_of(p, step))
                || rt_chain_key(in, class->event) != state->key)
                continue;
            if (rt_chain_room(&tie->rescues, &tie->cap_rescues, tie->nrescues + 1,
                    sizeof *tie->rescues)
                < 0)
                return RT_ENOMEM;
            tie->rescues[tie->nrescues++] = (struct rescue) {
                .out = rt_chain_key(out, class->event), .class = k, .state = i
            };
        }
    }
    if (tie->nrescues > 1)
        qsort(tie->rescues, tie->nrescues, sizeof *tie->rescues, by_rescue);
    return RT_OK;
}

/* A state, placed, among those that go on alike; `crowded`: when to thin them out. */
static int try_place(struct placing *p, uint32_t step, const struct choice *choice,
    const struct state *from, size_t *crowded)
{
    struct states *group = &p->tie->group;
    struct state state = *from;

    if (!place(p, step, choice, &state))
        return RT_OK;
    state.key = 0;
    if (push(group, &state) < 0)
        return RT_ENOMEM;
    if (group->n < *crowded)
        return RT_OK;
    thin_out(p, group, step, true);
    *crowded = 1024 + 2 * group->n;
    return RT_OK;
}

/* All states with the step placed so that they go on alike: the choices and rescues from here
 * on with this `out`. Steps over them. */
static int place_alike(
    struct placing *p, uint32_t step, uint32_t out, uint32_t *choice, size_t *rescue)
{
    struct rt_chain_tie *tie = p->tie;
    struct states *in = &tie->in;
    size_t crowded = 1024;

    tie->group.n = 0;
    for (; *choice < tie->nchoices && tie->choices[*choice].out == out; ++*choice) {
        const struct choice *at = &tie->choices[*choice];

        for (size_t i = first_of(in, at->key); i < in->n && in->list[i].key == at->key;
             i++)
            if (try_place(p, step, at, &in->list[i], &crowded) < 0)
                return RT_ENOMEM;
    }
    for (; *rescue < tie->nrescues && tie->rescues[*rescue].out == out; ++*rescue) {
        const struct rescue *at = &tie->rescues[*rescue];
        struct choice one = { .class = at->class };

        if (try_place(p, step, &one, &in->list[at->state], &crowded) < 0)
            return RT_ENOMEM;
    }
    thin_out(p, &tie->group, step, true);
    return RT_OK;
}

/* The one that leaves the instant: nothing more must be used, and the latest start. */
static int leave(struct placing *p, uint32_t step)
{
    const struct states *group = &p->tie->group;
    const struct state *best = NULL;

    for (size_t i = 0; i < group->n; i++)
        if (group->list[i].due.n == 0 && (!best || group->list[i].start > best->start))
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
        if (state->bound && step == tie->block_end)
            continue;
        if (state->key && push(&tie->out, state) < 0)
            return RT_ENOMEM;
    }
    return RT_OK;
}

static int place_step(struct placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    uint32_t choice = 0;
    size_t rescue = 0;
    struct states swap;

    tie->out.n = 0;
    thin_out(p, &tie->in, step, false);
    if (find_rescues(p, step) < 0)
        return RT_ENOMEM;
    while (tie->in.n > 0 && (choice < tie->nchoices || rescue < tie->nrescues)) {
        uint32_t out = UINT32_MAX;

        if (choice < tie->nchoices)
            out = tie->choices[choice].out;
        if (rescue < tie->nrescues && tie->rescues[rescue].out < out)
            out = tie->rescues[rescue].out;
        if (place_alike(p, step, out, &choice, &rescue) < 0 || leave(p, step) < 0
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

/* ---- blocks

   Steps in a row that `same` links are a block. Where so many disjoint places are found for a
   block that the other steps cannot spoil them all, it is placed last, as single steps are:
   states skip it. Those that take it step by step are bound to end in it. */

struct fitting {
    const struct placing *p;
    uint32_t first, end;                       /* steps, both included */
    struct breakers links[RT_CHAIN_STEPS_MAX]; /* classes of each step, by key */
    uint64_t patience;                         /* looks; then it is not worth the time */
};

static bool can_stand(const struct placing *p, uint32_t step, const struct class *class)
{
    struct state none = { 0 };

    if (!(class->roles & bit_of(p, step)))
        return false;
    if (step == 0
        && (!rt_chain_may_start(p->c, p->pass, p->instant, class->event)
            || !call(p, 0, class->event, 0, &none)))
        return false;
    return call(p, rt_chain_step_of(p->c, p->pass, step) + 1, class->event, 0, &none);
}

static int read_links(struct fitting *f)
{
    const struct placing *p = f->p;
    struct rt_chain_tie *tie = p->tie;
    uint32_t used = 0;

    if (rt_chain_room(&tie->links, &tie->cap_links,
            (size_t)(f->end - f->first + 1) * tie->nclasses, sizeof *tie->links)
            < 0
        || rt_chain_room(&tie->taken, &tie->cap_taken, tie->nclasses, sizeof *tie->taken)
            < 0)
        return RT_ENOMEM;
    memset(tie->taken, 0, tie->nclasses * sizeof *tie->taken);
    for (uint32_t s = f->first + 1; s <= f->end; s++) {
        const struct rt_chain_keys *same = rt_chain_gap_of(p->c, p->pass, s)->same;

        f->links[s].first = used;
        for (uint32_t k = 0; k < tie->nclasses; k++) {
            uint64_t key = rt_chain_key(same, tie->classes[k].event);

            if (key && tie->classes[k].roles & bit_of(p, s))
                tie->links[used++] = key << 32 | k;
        }
        f->links[s].n = used - f->links[s].first;
        rt_sort_u64(tie->links + f->links[s].first, tie->links + used, f->links[s].n);
    }
    return RT_OK;
}

/* Takes a place for the block from this step on. At most STEPS_MAX deep. */
static bool take_block(struct fitting *f, uint32_t step, uint32_t k)
{
    struct rt_chain_tie *tie = f->p->tie;
    const struct class *class = &tie->classes[k];
    const struct breakers *link = &f->links[step + 1];
    const uint64_t *sorted = tie->links + link->first;
    uint64_t key;
    uint32_t lo;

    if (f->patience == 0)
        return false;
    f->patience--;
    if (tie->taken[k] == class->count || !can_stand(f->p, step, class))
        return false;
    tie->taken[k]++;
    if (step == f->end)
        return true;
    key =
        rt_chain_key(rt_chain_gap_of(f->p->c, f->p->pass, step + 1)->same, class->event);
    lo = first_with(sorted, link->n, key);
    for (; key && lo < link->n && sorted[lo] >> 32 == key && f->patience > 0; lo++)
        if (take_block(f, step + 1, (uint32_t)sorted[lo]))
            return true;
    tie->taken[k]--;
    return false;
}

/* 1 when the block can be placed last; 0 when not, as far as it is worth knowing. */
static int fits_always(const struct placing *p, uint32_t first, uint32_t end)
{
    struct rt_chain_tie *tie = p->tie;
    uint32_t places = 0, enough = p->c->chain->nsteps;
    struct fitting f = { .p = p, .first = first, .end = end };

    f.patience = 256 + 16 * (uint64_t)tie->nclasses;
    if (read_links(&f) < 0)
        return RT_ENOMEM;
    for (uint32_t k = 0; k < tie->nclasses && places < enough; k++)
        while (places < enough && take_block(&f, first, k))
            places++;
    return places == enough;
}

/* At the first step of a block: those that came in skip it, if it can be placed last. */
static int skip_block(struct placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    uint32_t n = p->c->chain->nsteps, end = step;
    int fits;

    if (step > 0 && rt_chain_gap_of(p->c, p->pass, step)->same)
        return RT_OK;
    while (end + 1 < n && rt_chain_gap_of(p->c, p->pass, end + 1)->same)
        end++;
    if (tie->in.n == 0 || tie->saves || tie->reach[step] <= end - step
        || p->c->instants[p->instant].n < n * (end - step + 1))
        return RT_OK;
    fits = fits_always(p, step, end);
    if (fits <= 0)
        return fits;
    tie->block_end = end;
    for (size_t i = 0; i < tie->in.n; i++) {
        if (push(&tie->skips, &tie->in.list[i]) < 0)
            return RT_ENOMEM;
        tie->in.list[i].bound = true;
    }
    return RT_OK;
}

/* Behind the block: those that skipped it come in to the next step. */
static int join_skips(struct placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;

    if (tie->skips.n == 0 || step != tie->block_end)
        return RT_OK;
    for (size_t i = 0; i < tie->skips.n; i++)
        if (push(&tie->in, &tie->skips.list[i]) < 0)
            return RT_ENOMEM;
    tie->skips.n = 0;
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
    c->tie->in.n = c->tie->skips.n = 0;
    for (uint32_t s = 0; s < c->chain->nsteps; s++) {
        if (!(c->tie->roles & bit_of(&p, s))) {
            c->tie->in.n = 0;
            continue;
        }
        if (find_choices(&p, s) < 0 || come_in(&p, s) < 0 || skip_block(&p, s) < 0
            || place_step(&p, s) < 0 || join_skips(&p, s) < 0)
            return RT_ENOMEM;
    }
    return RT_OK;
}
