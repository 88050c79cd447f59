/*
 * Inside of one instant with several events: what chain_tie.c and its parts share.
 *
 * Steps in a row may be placed on different events of the instant, in any order; so it is a
 * search for an assignment. Say the chain is A, A, B of the same p, and at one instant are
 *
 *     event     1      2      3      4          class 0: event 1       noted
 *     name      a      a      b      b          class 1: event 2       noted
 *     p         x      y      y      y          class 2: events 3, 4
 *
 * Classes 0 and 1 could each serve both A steps and have one event: which one was used must
 * be noted. Class 2 has an event more than steps that could want it: nothing to note.
 *
 *     in:  the empty state, and the best entry of every queue that reaches the instant
 *      |   A, waits: that some event will be left for it is all that counts
 *      |   A, placed: used {1}: goes on with x        used {2}: goes on with y
 *      v   B of the same p: no b has x                on class 2: complete, and event 1 is
 *                                                     left for the step that waits
 *
 * At each step, what *leaves* the instant with it is handed to the queues: of all states
 * that leave alike, the one with the latest start. The others go on to the next step.
 *
 * A *state* stands for ways to have placed the steps up to this one: when the chain began,
 * what the next step compares, which noted events are used, which steps wait, and which
 * events are *due*: those that break a negative step unless the chain itself takes them.
 *
 * Why this is exact, and stays small:
 *
 * - Events that are alike in all that the chain asks are one class, and a class with more
 *   events than steps that could take them never runs out (chain_class.c).
 * - A step that is linked to neither neighbour by `same` may wait: for those that go on,
 *   where it stands does not matter, only that it can stand. Whether all that wait can be
 *   seated beside the used events is a matching (chain_wait.c). Not where the chain could
 *   save a negative step: there it matters which events are used.
 * - Steps that `same` links are placed last as one, where there are as many places for all
 *   of them that share no event as the chain has steps (chain_block.c).
 * - Of states that go on alike, with the same events due, only so many are kept that
 *   whatever the further steps use, a kept one leaves it free whenever any state does
 *   (chain_thin.c).
 *
 * What is left is exponential only in the steps that `same` links, and in those that a
 * negative step looks from which the chain can save (chain.h has the figures).
 */
#ifndef RT_CHAIN_TIE_H
#define RT_CHAIN_TIE_H

#include "people/chain_int.h"

struct rt_tie_class {
    uint32_t event, count; /* one of them; how many */
    uint32_t base; /* its events are places base .. base + count - 1, used in order */
    uint64_t roles;
    bool noted;  /* may run out, or may have to be used up */
    bool breaks; /* a negative step that the chain can save by using it up */
};

/* What parts of the search cost, in looks: a look at a kept state is one. */
enum {
    RT_LOOKS_PLACE = 16, /* a state on an event */
    RT_LOOKS_PUSH = 8,
    RT_LOOKS_THIN = 8, /* a state, if there are others, */
    RT_LOOKS_SORT = 4, /* and each time their number doubles */
    RT_LOOKS_TAKE = 8, /* an event for a block */
    RT_LOOKS_CALL = 8, /* a negative step, and a class that breaks it */
    RT_LOOKS_SEAT = 1
};

/* A set of places, ascending. */
struct rt_tie_set {
    uint32_t n;
    uint32_t at[RT_CHAIN_STEPS_MAX];
};

/* Every state can be completed as far as it goes: there is room for all that wait. */
struct rt_tie_state {
    int64_t start;
    uint32_t key;     /* that the next step compares */
    uint32_t last;    /* event of the last step, where it was placed */
    uint32_t wait;    /* steps that wait for a place, as bits */
    uint32_t shuffle; /* of `used`, for sorting */
    uint64_t mask;    /* of `used`: a bit a place, modulo 64 */
    bool bound;       /* ends with its block: another state skipped it */
    struct rt_tie_set used, due;
    struct rt_tie_set saved; /* of the used: what a later negative step would have to be
                                saved from */
};

struct rt_tie_states {
    struct rt_tie_state *list;
    size_t n, cap;
};

/* What is looked at most of a state: apart from it, since it is small. */
struct rt_tie_brief {
    uint64_t mask;
    uint32_t wait;
};

/* A class that can serve the step at hand. */
struct rt_tie_choice {
    uint32_t out;  /* how the step goes on: what the next gap compares */
    uint32_t key;  /* what it compares with the step before */
    uint32_t lead; /* step 0: what leading negative steps compare */
    uint32_t class;
    bool breaks; /* may be called in */
    bool free;   /* some event of the same out, key and lead is always left over */
};

/* A class of which a state must use an event that is due. */
struct rt_tie_rescue {
    uint32_t out;
    uint32_t class;
    size_t state;
};

/* Classes with what they compare, as key << 32 | class, sorted: a piece of an array. */
struct rt_tie_keyed {
    uint32_t first, n;
};

/* The steps that may wait, and the events that can serve one of them: seats. */
struct rt_tie_waiting {
    uint32_t may;  /* steps, as bits */
    uint32_t easy; /* of them: more events than the chain has steps, so always seated */
    uint32_t nseats;
    uint8_t *seat_at; /* by place; RT_TIE_NO_SEAT */
    size_t cap_seat_at;
    uint8_t nof[RT_CHAIN_STEPS_MAX]; /* how many the step could take, and which */
    uint8_t of[RT_CHAIN_STEPS_MAX][RT_CHAIN_STEPS_MAX];
};

enum { RT_TIE_SEATS_MAX = RT_CHAIN_STEPS_MAX * RT_CHAIN_STEPS_MAX, RT_TIE_NO_SEAT = 255 };

struct rt_chain_tie {
    struct rt_tie_class *classes;
    uint32_t nclasses;
    size_t cap_classes;
    uint32_t *class_at; /* by place */
    size_t cap_class_at;
    uint64_t roles;                     /* of all of them */
    uint32_t reach[RT_CHAIN_STEPS_MAX]; /* steps that can follow at this instant */
    struct rt_tie_keyed breakers[RT_CHAIN_NOTS_MAX]; /* pieces of `sorted` */
    uint64_t *sorted;
    size_t cap_sorted;
    bool saves; /* some class breaks what the chain can save */
    struct rt_tie_waiting waiting;
    struct rt_tie_choice *found, *choices; /* all; those that are needed */
    struct rt_tie_rescue *rescues;
    uint32_t nfound, nchoices;
    size_t nrescues, cap_found, cap_choices, cap_rescues;
    struct rt_tie_states in, out, group;
    struct rt_tie_brief *briefs; /* of the states that thinning keeps */
    size_t cap_briefs;
    uint32_t block_end;         /* of the block that is skipped */
    struct rt_tie_states skips; /* to come in behind it */
    uint64_t *links;            /* blocks: keyed classes */
    uint32_t *taken;            /* by class */
    size_t cap_links, cap_taken;
};

/* What the functions below work on. */
struct rt_placing {
    struct rt_chains *c;
    struct rt_chain_pass *pass;
    struct rt_chain_tie *tie;
    uint32_t instant;
};

static inline uint64_t rt_tie_bit(const struct rt_placing *p, uint32_t step)
{
    return RT_CHAIN_STEP(rt_chain_step_of(p->c, p->pass, step));
}

/* Steps are those of the pass, 0 .. nsteps - 1. What can fail returns RT_OK, RT_ENOMEM, or
 * RT_ELIMIT when the search is given up. */

/* ---- chain_class.c: the instant's classes, and what breaks and saves negative steps */

int rt_tie_read(struct rt_placing *p);

/* Where the classes of this key begin in a piece of a sorted array. */
uint32_t rt_tie_first(const uint64_t *sorted, uint32_t n, uint64_t key);

/* The events of this instant that break a negative step of the gap, seen from the event, are
 * due. False when the `most` steps to come cannot take them. */
bool rt_tie_call(const struct rt_placing *p, uint32_t gap, uint32_t event, uint32_t most,
    struct rt_tie_state *state);

/* May the negative steps of this gap or a later one call the class in? */
bool rt_tie_may_call(
    const struct rt_placing *p, uint32_t gap, const struct rt_tie_class *class);

/* Can the step stand on the class, with nothing called in? */
bool rt_tie_can_stand(
    const struct rt_placing *p, uint32_t step, const struct rt_tie_class *class);

/* ---- chain_choice.c: what a step may be placed on */

/* What the gap behind the step compares; NULL: nothing. */
const struct rt_chain_keys *rt_tie_outward(const struct rt_placing *p, uint32_t step);

/* Both sorted by `out`. The rescues are for the states that are in. */
int rt_tie_find_choices(struct rt_placing *p, uint32_t step);
int rt_tie_find_rescues(struct rt_placing *p, uint32_t step);

/* ---- chain_wait.c: steps that wait. Of no use where the chain saves negative steps. */

int rt_tie_read_waiting(struct rt_placing *p);

/* There is room for all that wait beside the used events. */
bool rt_tie_has_room(const struct rt_placing *p, const struct rt_tie_state *state);

/* ---- chain_thin.c: sets, and fewer states */

bool rt_tie_has(const struct rt_tie_set *set, uint32_t place);
void rt_tie_add(struct rt_tie_set *set, uint32_t place);
void rt_tie_drop(struct rt_tie_set *set, uint32_t place);

int rt_tie_push(
    struct rt_chains *c, struct rt_tie_states *states, const struct rt_tie_state *state);

/* Drops states that others make needless: of those that come in to the step, or, when it is
 * placed, of those that go on. Leaves them sorted by key, and those that are bound last. */
int rt_tie_thin_out(
    const struct rt_placing *p, struct rt_tie_states *states, uint32_t step, bool placed);

/* ---- chain_block.c: steps that `same` links, placed last */

/* At the first step of a block: those that came in skip it, if it can be placed last. */
int rt_tie_skip_block(struct rt_placing *p, uint32_t step);

/* Behind the block: those that skipped it come in to the next step. */
int rt_tie_join_skips(struct rt_placing *p, uint32_t step);

#endif
