/*
 * Steps that wait: linked to no neighbour by `same`, they may stand anywhere, as long as each
 * gets an event of its own. By the marriage theorem that is a matching, which augmenting
 * paths find: no way to place them needs to be tried twice.
 *
 *     step 0   seats 0 1          used by linked steps: seat 1
 *     step 2   seats 0 2          step 0 on seat 0, step 2 on seat 2: there is room
 *
 * A step that more events could serve than the chain has steps needs no seat. So one that
 * does has fewer seats than there are steps.
 */
#include "people/chain_tie.h"

enum { NOBODY = 254, USED = 255 }; /* who has a seat; else a step */

/* ---- the instant */

static bool is_single(const struct rt_placing *p, uint32_t step)
{
    return (step == 0 || !rt_chain_gap_of(p->c, p->pass, step)->same)
        && !rt_chain_gap_of(p->c, p->pass, step + 1)->same;
}

static uint8_t seat_for(struct rt_tie_waiting *w, uint32_t place)
{
    if (w->seat_at[place] == RT_TIE_NO_SEAT)
        w->seat_at[place] = (uint8_t)w->nseats++;
    return w->seat_at[place];
}

static void read_seats(struct rt_placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    struct rt_tie_waiting *w = &tie->waiting;
    uint32_t n = 0, places[RT_CHAIN_STEPS_MAX];

    for (uint32_t k = 0; k < tie->nclasses; k++) {
        const struct rt_tie_class *class = &tie->classes[k];

        if (!rt_tie_can_stand(p, step, class))
            continue;
        if (n + class->count >= p->c->chain->nsteps) {
            w->easy |= UINT32_C(1) << step;
            return;
        }
        for (uint32_t i = 0; i < class->count; i++)
            places[n++] = class->base + i;
    }
    w->nof[step] = (uint8_t)n;
    for (uint32_t i = 0; i < n; i++)
        w->of[step][i] = seat_for(w, places[i]);
}

int rt_tie_read_waiting(struct rt_placing *p)
{
    struct rt_chain_tie *tie = p->tie;
    struct rt_tie_waiting *w = &tie->waiting;
    uint32_t n = p->c->instants[p->instant].n;

    w->may = w->easy = w->nseats = 0;
    if (tie->saves)
        return RT_OK;
    if (rt_chain_room(&w->seat_at, &w->cap_seat_at, n, sizeof *w->seat_at) < 0)
        return RT_ENOMEM;
    memset(w->seat_at, RT_TIE_NO_SEAT, n);
    for (uint32_t s = 0; s + 1 < p->c->chain->nsteps; s++)
        if (tie->reach[s] > 0 && is_single(p, s)) {
            w->may |= UINT32_C(1) << s;
            read_seats(p, s);
        }
    return RT_OK;
}

/* ---- matching */

struct seating {
    const struct rt_tie_waiting *w;
    uint8_t by[RT_TIE_SEATS_MAX]; /* who has the seat */
    bool asked[RT_TIE_SEATS_MAX]; /* to make room, for the step at hand */
    uint64_t looks;
};

/* Finds the step a seat, if need be by moving others. At most STEPS_MAX deep. */
static bool sit(struct seating *s, uint32_t step)
{
    s->looks += 2 * (uint64_t)s->w->nof[step];
    for (uint32_t i = 0; i < s->w->nof[step]; i++) {
        uint8_t seat = s->w->of[step][i];

        if (s->by[seat] == NOBODY) {
            s->by[seat] = (uint8_t)step;
            return true;
        }
    }
    for (uint32_t i = 0; i < s->w->nof[step]; i++) {
        uint8_t seat = s->w->of[step][i];

        if (s->by[seat] == USED || s->asked[seat])
            continue;
        s->asked[seat] = true;
        if (sit(s, s->by[seat])) {
            s->by[seat] = (uint8_t)step;
            return true;
        }
    }
    return false;
}

/* Spends at most what a few states cost: that it is spent is found by who places the next. */
bool rt_tie_has_room(const struct rt_placing *p, const struct rt_tie_state *state)
{
    const struct rt_chain_tie *tie = p->tie;
    bool room = true;
    struct seating s = { .w = &tie->waiting };

    if (state->wait == 0)
        return true;
    memset(s.by, NOBODY, tie->waiting.nseats);
    for (uint32_t i = 0; i < state->used.n; i++) {
        uint8_t seat = tie->waiting.seat_at[state->used.at[i]];

        if (seat != RT_TIE_NO_SEAT)
            s.by[seat] = USED;
    }
    for (uint32_t step = 0; step < RT_CHAIN_STEPS_MAX && room; step++) {
        if (!(state->wait >> step & 1))
            continue;
        memset(s.asked, 0, tie->waiting.nseats);
        room = sit(&s, step);
    }
    rt_chain_spend(p->c, RT_LOOKS_SEAT * s.looks);
    return room;
}
