/*
 * The person as a chain sees them: events by instant, numbers for the values that `same`
 * compares, and for each negative step where the next event is that breaks it. Linear in the
 * events, times the fields compared and the negative steps.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/sort.h"
#include "people/chain_int.h"

int rt_chain_room(void *buffer, size_t *cap, size_t need, size_t size)
{
    void **p = buffer, *grown;
    size_t want = need > *cap * 2 ? need : *cap * 2;

    if (need <= *cap)
        return RT_OK;
    grown = rt_realloc(*p, want, size);
    if (!grown)
        return RT_ENOMEM;
    *p = grown;
    *cap = want;
    return RT_OK;
}

/* ---- events */

static bool has(const uint64_t *bits, uint32_t matcher)
{
    return bits[matcher / 64] >> matcher % 64 & 1;
}

static uint64_t roles_of_kind(const struct rt_chains *c, uint32_t kind)
{
    const struct rt_chain *chain = c->chain;
    const uint64_t *bits = rt_kinds_bits(c->kinds, kind);
    uint64_t roles = 0;
    uint32_t neg = 0;

    for (uint32_t s = 0; s < chain->nsteps; s++) {
        const struct rt_chain_step *step = &chain->steps[s];

        roles |= has(bits, step->matcher) ? RT_CHAIN_STEP(s) : 0;
        for (uint32_t i = 0; i < step->nnots; i++, neg++)
            roles |= has(bits, step->nots[i].matcher) ? RT_CHAIN_NOT(neg) : 0;
    }
    for (uint32_t i = 0; i < chain->ntrailing; i++, neg++)
        roles |= has(bits, chain->trailing[i].matcher) ? RT_CHAIN_NOT(neg) : 0;
    if (chain->every != RT_NONE && has(bits, chain->every))
        roles |= RT_CHAIN_EVERY;
    return roles;
}

uint64_t rt_chain_roles(struct rt_chains *c, const struct rt_past *past)
{
    uint32_t at = past->kind % RT_CHAIN_MEMO;
    uint64_t roles;

    if (c->memo[at].chain != c->chain || c->memo[at].kind != past->kind) {
        c->memo[at].chain = c->chain;
        c->memo[at].kind = past->kind;
        c->memo[at].roles = roles_of_kind(c, past->kind);
    }
    roles = c->memo[at].roles;
    if (past->time_us < c->chain->when.lo_us || past->time_us > c->chain->when.hi_us)
        roles &= ~RT_CHAIN_POSITIVE;
    return roles;
}

struct clock {
    bool any;
    int64_t last_us; /* of the events that count */
    uint32_t session, ordinal;
};

static void tick(const struct rt_chain *chain, struct clock *clock, int64_t time_us)
{
    if (clock->any && clock->last_us == time_us)
        return;
    if (clock->any && !rt_chain_inside(clock->last_us, time_us, chain->timeout_us))
        clock->session++;
    clock->ordinal++;
    clock->any = true;
    clock->last_us = time_us;
}

static void add_event(struct rt_chains *c, const struct clock *clock, uint64_t roles,
    uint32_t past, int64_t time_us)
{
    struct rt_chain_instant *at = &c->instants[c->ninstants];

    if (c->ninstants > 0 && at[-1].time_us == time_us)
        at--;
    else
        *at = (struct rt_chain_instant) { .time_us = time_us, .first = c->nevents };
    c->ninstants = (uint32_t)(at - c->instants) + 1;
    at->session = clock->session;
    at->ordinal = clock->ordinal;
    at->n++;
    c->events[c->nevents++] = (struct rt_chain_event) {
        .roles = roles, .instant = c->ninstants - 1, .past = past
    };
}

static int read_events(struct rt_chains *c)
{
    const struct rt_history *h = c->history;
    struct clock clock = { 0 };
    uint64_t seen = 0;

    c->nevents = c->ninstants = 0;
    if (rt_chain_room(&c->events, &c->cap_events, h->n, sizeof *c->events) < 0
        || rt_chain_room(&c->instants, &c->cap_instants, h->n, sizeof *c->instants) < 0)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < h->n; i++) {
        uint64_t roles = rt_chain_roles(c, &h->events[i]);

        seen |= roles;
        if (roles & RT_CHAIN_EVERY)
            tick(c->chain, &clock, h->events[i].time_us);
        if (roles & ~RT_CHAIN_EVERY)
            add_event(c, &clock, roles, i, h->events[i].time_us);
    }
    return (seen & RT_CHAIN_POSITIVE) == RT_CHAIN_STEP(c->chain->nsteps) - 1;
}

/* ---- memory */

/* The arrays by event are cut from one piece, whose size is known before. */
static uint32_t *cut(struct rt_chains *c, size_t n)
{
    uint32_t *words = c->words + c->used_words;

    c->used_words += n;
    return words;
}

/* ---- numbers for values */

static void forget_numbers(struct rt_chain_numbers *t)
{
    t->n = 0;
    memset(t->slots, 0, ((size_t)t->mask + 1) * sizeof *t->slots);
}

static int reserve_numbers(struct rt_chain_numbers *t, uint32_t n)
{
    size_t slots = 16;

    while (slots < 2 * (size_t)n)
        slots *= 2;
    t->mask = (uint32_t)(slots - 1);
    if (rt_chain_room(&t->triples, &t->cap_triples, n, sizeof *t->triples) < 0)
        return RT_ENOMEM;
    return rt_chain_room(&t->slots, &t->cap_slots, slots, sizeof *t->slots);
}

static uint32_t number(
    struct rt_chain_numbers *t, uint64_t before, uint64_t a, uint64_t b)
{
    struct rt_chain_triple key = { before, a, b };
    uint64_t at = rt_hash64((struct rt_span) { (const char *)&key, sizeof key }, 0);

    for (; t->slots[at &= t->mask]; at++)
        if (memcmp(&t->triples[t->slots[at] - 1], &key, sizeof key) == 0)
            return t->slots[at];
    t->triples[t->n++] = key;
    return t->slots[at] = t->n;
}

/* The event's value of a field that `same` compares. */
static const uint64_t *value_of(const struct rt_chains *c, uint32_t event, uint32_t field)
{
    const struct rt_past *past = &c->history->events[c->events[event].past];

    return c->history->values + past->value
        + rt_kinds_value_at(c->kinds, past->kind, field);
}

static void number_field(struct rt_chains *c, struct rt_chain_keys *keys, uint32_t field)
{
    forget_numbers(&c->numbers);
    for (uint32_t e = 0; e < c->nevents; e++) {
        const uint64_t *v = value_of(c, e, field);

        if (keys->of[e])
            keys->of[e] = v[0] || v[1] ? number(&c->numbers, keys->of[e], v[0], v[1]) : 0;
    }
    keys->n = c->numbers.n;
}

/* ---- the order of one instant's events */

static uint64_t fields_of(const struct rt_chain_not *nots, uint32_t nnots)
{
    uint64_t fields = 0;

    for (uint32_t i = 0; i < nnots; i++)
        for (uint32_t k = 0; k < nots[i].nsame; k++)
            fields |= UINT64_C(1) << nots[i].same[k];
    return fields;
}

/* All that the chain compares, as bits. */
static uint64_t all_fields(const struct rt_chain *chain)
{
    uint64_t fields = fields_of(chain->trailing, chain->ntrailing);

    for (uint32_t s = 0; s < chain->nsteps; s++) {
        const struct rt_chain_step *step = &chain->steps[s];

        fields |= fields_of(step->nots, step->nnots);
        for (uint32_t k = 0; k < step->nsame; k++)
            fields |= UINT64_C(1) << step->same[k];
    }
    return fields;
}

/* Equal for events that are the same to the chain, and for no others. */
static uint64_t nature_of(const struct rt_chains *c, uint32_t event, uint64_t fields)
{
    uint64_t words[1 + 2 * RT_VALUES_MAX];
    size_t n = 0;

    words[n++] = c->events[event].roles & ~RT_CHAIN_EVERY;
    for (; fields; fields &= fields - 1) {
        const uint64_t *v = value_of(c, event, (uint32_t)__builtin_ctzll(fields));

        words[n++] = v[0];
        words[n++] = v[1];
    }
    return rt_hash64((struct rt_span) { (const char *)words, n * sizeof *words }, 0);
}

static int by_nature(const void *va, const void *vb)
{
    const struct rt_chain_triple *a = va, *b = vb;

    if (a->before != b->before)
        return a->before < b->before ? -1 : 1;
    return (a->a > b->a) - (a->a < b->a);
}

/* What the search tries first, and so when it is given up, must not hang on the order in
 * which events of one instant came. The table's memory serves the sorting. */
static void order_instants(struct rt_chains *c)
{
    struct rt_chain_triple *natures = c->numbers.triples;
    uint64_t fields = all_fields(c->chain);

    for (uint32_t i = 0; i < c->ninstants; i++) {
        const struct rt_chain_instant *at = &c->instants[i];
        struct rt_chain_event *events = &c->events[at->first];

        if (at->n == 1)
            continue;
        for (uint32_t k = 0; k < at->n; k++)
            natures[k] = (struct rt_chain_triple) { nature_of(c, at->first + k, fields),
                events[k].past, events[k].roles };
        qsort(natures, at->n, sizeof *natures, by_nature);
        for (uint32_t k = 0; k < at->n; k++) {
            events[k].past = (uint32_t)natures[k].a;
            events[k].roles = natures[k].b;
        }
    }
}

/* ---- lists of fields */

/* The numbers for a list of fields; NULL for an empty list. */
static const struct rt_chain_keys *keys_of(
    struct rt_chains *c, const uint32_t *fields, uint32_t nfields)
{
    struct rt_chain_keys *keys = &c->keys[c->nkeys];

    if (nfields == 0)
        return NULL;
    for (uint32_t i = 0; i < c->nkeys; i++)
        if (c->keys[i].nfields == nfields
            && memcmp(c->keys[i].fields, fields, nfields * sizeof *fields) == 0)
            return &c->keys[i];
    *keys = (struct rt_chain_keys) {
        .fields = fields, .nfields = nfields, .of = cut(c, c->nevents)
    };
    for (uint32_t e = 0; e < c->nevents; e++)
        keys->of[e] = 1;
    for (uint32_t i = 0; i < nfields; i++)
        number_field(c, keys, fields[i]);
    c->nkeys++;
    return keys;
}

/* Splits numbers further, by those of `by`. */
static void refine(struct rt_chains *c, uint32_t *of, const uint32_t *by)
{
    forget_numbers(&c->numbers);
    for (uint32_t e = 0; e < c->nevents; e++)
        of[e] = number(&c->numbers, of[e], by[e], 0);
}

/* ---- gaps */

/* What all comparisons of a gap ask of the event that they look from, as one number. */
static void set_profile(struct rt_chains *c, struct rt_chain_gap *gap)
{
    const struct rt_chain_keys *profile = gap->same;

    for (uint32_t i = gap->first_neg; i < gap->end_neg; i++) {
        const struct rt_chain_keys *same = c->negs[i].same;
        struct rt_chain_keys *both = &c->keys[c->nkeys];

        if (!profile || !same || same == profile) {
            profile = profile ? profile : same;
            continue;
        }
        if (profile != both) { /* fields: none, so that nobody takes it for a list's */
            *both = (struct rt_chain_keys) { .of = cut(c, c->nevents) };
            memcpy(both->of, profile->of, c->nevents * sizeof *both->of);
        }
        refine(c, both->of, same->of);
        both->n = c->numbers.n;
        profile = both;
    }
    if (profile == &c->keys[c->nkeys])
        c->nkeys++;
    gap->profile = profile;
}

static void add_negs(struct rt_chains *c, struct rt_chain_gap *gap,
    const struct rt_chain_not *nots, uint32_t nnots)
{
    gap->first_neg = c->nnegs;
    for (uint32_t i = 0; i < nnots; i++)
        c->negs[c->nnegs++] = (struct rt_chain_neg) { .within_us = nots[i].within_us,
            .same = keys_of(c, nots[i].same, nots[i].nsame),
            .edge = cut(c, c->nevents) };
    gap->end_neg = c->nnegs;
}

static void set_gaps(struct rt_chains *c)
{
    const struct rt_chain *chain = c->chain;

    c->nnegs = c->nkeys = 0;
    for (uint32_t g = 0; g <= chain->nsteps; g++) {
        const struct rt_chain_step *step = &chain->steps[g];
        struct rt_chain_gap *gap = &c->gaps[g];
        bool inner = g > 0 && g < chain->nsteps;

        *gap = (struct rt_chain_gap) { .within_us = -1, .after_us = -1 };
        if (inner) {
            gap->within_us = step->within_us;
            gap->after_us = step->after_us;
            gap->next = step->next;
            gap->same = keys_of(c, step->same, step->nsame);
        }
        if (g < chain->nsteps)
            add_negs(c, gap, step->nots, step->nnots);
        else
            add_negs(c, gap, chain->trailing, chain->ntrailing);
    }
    for (uint32_t g = 0; g <= chain->nsteps; g++)
        set_profile(c, &c->gaps[g]);
}

/* ---- where negative steps break */

/* One instant of the sweep: its events are told what was seen before it. */
static void sweep(struct rt_chains *c, uint32_t neg, uint32_t instant, uint32_t *last)
{
    const struct rt_chain_instant *at = &c->instants[instant];
    const struct rt_chain_neg *n = &c->negs[neg];

    for (uint32_t e = at->first; e < at->first + at->n; e++) {
        uint32_t key = rt_chain_key(n->same, e);

        n->edge[e] = key ? last[key] : RT_NONE;
    }
    for (uint32_t e = at->first; e < at->first + at->n; e++)
        if (c->events[e].roles & RT_CHAIN_NOT(neg))
            last[rt_chain_key(n->same, e)] = instant;
}

static void set_edges(struct rt_chains *c)
{
    uint32_t *last = cut(c, (size_t)c->nevents + 2);

    for (uint32_t neg = 0; neg < c->nnegs; neg++) {
        const struct rt_chain_keys *same = c->negs[neg].same;
        uint32_t nlast = same ? same->n + 1 : 2;

        for (uint32_t k = 0; k < nlast; k++)
            last[k] = RT_NONE;
        for (uint32_t i = 0; i < c->ninstants; i++)
            sweep(c, neg, neg < c->gaps[0].end_neg ? i : c->ninstants - 1 - i, last);
    }
}

/* ---- ties */

void rt_chain_sort_ties(struct rt_chains *c)
{
    uint64_t *sorted, *spare;

    if (!c->order)
        return;
    for (uint32_t e = 0; e < c->nevents; e++)
        c->classes[e] = 0;
    for (uint32_t k = 0; k < c->nkeys; k++)
        refine(c, c->classes, c->keys[k].of);
    forget_numbers(&c->numbers);
    for (uint32_t e = 0; e < c->nevents; e++)
        c->classes[e] =
            number(&c->numbers, c->classes[e], c->events[e].roles & ~RT_CHAIN_EVERY, 0);
    /* the table's memory serves the sorting: three words a number */
    sorted = (uint64_t *)c->numbers.triples;
    spare = sorted + c->nevents;
    for (uint32_t i = 0; i < c->ninstants; i++) {
        const struct rt_chain_instant *at = &c->instants[i];

        for (uint32_t e = 0; e < at->n; e++)
            sorted[e] = (uint64_t)c->classes[at->first + e] << 32 | (at->first + e);
        rt_sort_u64(sorted, spare, at->n);
        for (uint32_t e = 0; e < at->n; e++)
            c->order[at->first + e] = (uint32_t)sorted[e];
    }
}

/* Arrays by event: at most one for each list of fields, each gap's profile, each negative
 * step, and those of the classes. */
static size_t arrays_of(const struct rt_chain *chain)
{
    size_t lists = 0, nots = chain->ntrailing;

    for (uint32_t s = 0; s < chain->nsteps; s++) {
        lists += chain->steps[s].nsame > 0;
        nots += chain->steps[s].nnots;
    }
    return lists + 2 * nots + chain->nsteps + 1 + 3;
}

int rt_chain_view(struct rt_chains *c)
{
    int rc = read_events(c);

    if (rc <= 0)
        return rc;
    c->used_words = 0;
    if (rt_chain_room(&c->words, &c->cap_words, arrays_of(c->chain) * c->nevents + 2,
            sizeof *c->words)
            < 0
        || reserve_numbers(&c->numbers, c->nevents) < 0)
        return RT_ENOMEM;
    order_instants(c);
    set_gaps(c);
    set_edges(c);
    c->classes = cut(c, c->nevents);
    c->order = c->ninstants < c->nevents ? cut(c, c->nevents) : NULL;
    rt_chain_sort_ties(c);
    return 1;
}
