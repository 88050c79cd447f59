/*
 * Inside of the chains: what chain.c and its parts share.
 *
 * The person's events are read once into a view: those that some step can use or that break
 * some negative step, grouped by instant. Over it goes a dynamic programme, instant by
 * instant. What stands for all ways to place the steps before `s` is an *entry*: the event of
 * step s - 1 and the latest start with which it can be reached. The latest start is always
 * the best one: all that a start is asked for later is that it is not too long ago.
 *
 *     gap 0      gap 1      gap 2   ...   gap n          negative steps stand in gaps
 *           step 0     step 1  ...  step n-1
 *
 * For A, B within 3 s, C, of the events a b c by time:
 *
 *     time       1     2     4     5     6          step 0 (A) leaves  1 from 1, 2 from 2
 *     event      a     a     b     b     c          step 1 (B) leaves  4 from 2, 5 from 2
 *                      `-----'-----'                step 2 (C) is complete at 6, from 2
 *                      start 2 outdoes start 1
 *
 * All that an entry must still meet gets harder as time goes on (within, session, next,
 * events that break), so an entry that failed once is dropped for good: a heap by start a
 * gap, one for each value that `same` compares, is all the search there is (chain_queue.c).
 * Events of one instant may stand in either order; chain_tie.c places steps on them.
 *
 *     chain.c          the passes over the view, and which starts they may take
 *     chain_view.c     the person as the chain sees them
 *     chain_queue.c    entries between two steps
 *     chain_tie.c      one instant with several events; chain_tie.h says how
 *     chain_witness.c  which events a chain stands on
 */
#ifndef RT_CHAIN_INT_H
#define RT_CHAIN_INT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "people/chain.h"

enum {
    RT_CHAIN_GAPS_MAX = RT_CHAIN_STEPS_MAX + 1,
    /* lists of fields that are compared, and what gaps compare */
    RT_CHAIN_KEYS_MAX = RT_CHAIN_STEPS_MAX + RT_CHAIN_NOTS_MAX + RT_CHAIN_GAPS_MAX,
    RT_CHAIN_MEMO = 256
};

/* Roles of an event, bits: the steps that it can serve, the negative ones that it can break,
 * and whether it counts for sessions and `next`. */
#define RT_CHAIN_STEP(s)  (UINT64_C(1) << (s))
#define RT_CHAIN_NOT(i)   (UINT64_C(1) << (RT_CHAIN_STEPS_MAX + (i)))
#define RT_CHAIN_EVERY    (UINT64_C(1) << 63)
#define RT_CHAIN_POSITIVE (RT_CHAIN_STEP(RT_CHAIN_STEPS_MAX) - 1)
#define RT_CHAIN_NEGATIVE (~RT_CHAIN_POSITIVE & ~RT_CHAIN_EVERY)

/* In the view those of one instant stand in an order that goes by what they are to the
 * chain; in the history it means nothing. */
struct rt_chain_event {
    uint64_t roles;
    uint32_t instant;
    uint32_t past; /* place in the history */
};

struct rt_chain_instant {
    int64_t time_us;
    uint32_t first, n;         /* its events */
    uint32_t session, ordinal; /* ordinal: of the instants at which anything happens */
};

/* A list of fields that is compared: a number for each combination of values, from 1; 0 where
 * one of them is empty. */
struct rt_chain_keys {
    const uint32_t *fields;
    uint32_t nfields;
    uint32_t *of; /* by event */
    uint32_t n;   /* the largest number */
};

/* A negative step. `edge` by event that it looks from: the nearest instant with an event that
 * breaks it; before the event's own in gap 0, else behind it. RT_NONE: none. */
struct rt_chain_neg {
    int64_t within_us;
    const struct rt_chain_keys *same; /* NULL: not asked */
    uint32_t *edge;
};

struct rt_chain_gap {
    int64_t within_us, after_us;
    bool next;
    const struct rt_chain_keys *same; /* of the positive step; NULL: not asked */
    const struct rt_chain_keys
        *profile; /* all that is compared in the gap; NULL: nothing */
    uint32_t first_neg, end_neg;
};

/* All ways to have placed the steps up to an event that reach it with this start. `time` and
 * `start` run forward in a mirrored pass, too. */
struct rt_chain_entry {
    int64_t start, time;
    uint32_t instant, event;
    uint32_t death;       /* the first later instant at which a negative step breaks */
    uint32_t left, right; /* heap; right: the waiting line, and the free list */
};

struct rt_chain_queue {
    uint32_t head, tail; /* entries that wait for `after`, and for a later instant */
    uint32_t roots;      /* where the heaps' roots begin: one a key */
};

/* One run of the programme over the view. */
struct rt_chain_pass {
    bool mirrored;  /* steps and time backwards: the "latest start" is the earliest end */
    bool negatives; /* look at the negative steps */
    bool find;      /* which start: any answer counts, all are looked at */
    uint32_t first; /* instant: those before it, as the pass goes, are passed over */
    bool only;      /* starts at `first` alone */
    bool found;     /* something is complete */
    int64_t found_us;
    int answer;
};

/* Numbers for combinations, from 1, in the order they come. */
struct rt_chain_triple {
    uint64_t before, a, b;
};

struct rt_chain_numbers {
    struct rt_chain_triple *triples;
    uint32_t *slots; /* number by hash */
    size_t cap_triples, cap_slots;
    uint32_t n, mask;
};

struct rt_chain_tie; /* chain_tie.h */

struct rt_chains {
    const struct rt_chain *chain;
    const struct rt_kinds *kinds;
    const struct rt_history *history;
    int64_t as_of_us;
    uint64_t looks; /* that the question may still take */
    struct {
        const struct rt_chain *chain;
        uint32_t kind;
        uint64_t roles;
    } memo[RT_CHAIN_MEMO]; /* roles by kind; chains live as long as the working space */

    struct rt_chain_event *events;
    struct rt_chain_instant *instants;
    uint32_t nevents, ninstants;
    size_t cap_events, cap_instants;
    struct rt_chain_keys keys[RT_CHAIN_KEYS_MAX];
    uint32_t nkeys;
    struct rt_chain_gap gaps[RT_CHAIN_GAPS_MAX];
    struct rt_chain_neg negs[RT_CHAIN_NOTS_MAX];
    uint32_t nnegs;
    uint32_t *order; /* events, those of one instant by class; NULL: no instant has two */
    uint32_t *classes; /* by event: equal where roles and all that is compared are */
    uint32_t *words;   /* what the arrays by event are cut from */
    size_t cap_words, used_words;
    uint64_t *roles; /* chain_witness.c: by event, as they were */
    size_t cap_roles;
    struct rt_chain_numbers numbers;

    struct rt_chain_queue queues[RT_CHAIN_GAPS_MAX];
    struct rt_chain_entry *entries;
    size_t cap_entries;
    uint32_t nentries, free; /* free: a list */
    uint32_t *roots;
    size_t cap_roots;

    struct rt_chain_tie *tie;
};

/* Makes room for `need` things of `size` bytes in a buffer that only grows. */
int rt_chain_room(void *buffer, size_t *cap, size_t need, size_t size);

/* chain_view.c: what an event is to the chain, by its kind and time. */
uint64_t rt_chain_roles(struct rt_chains *c, const struct rt_past *past);

/* Takes looks from what the question may cost yet. RT_OK; RT_ELIMIT when that is spent: then
 * the search is given up, and the one who began it says so. */
static inline int rt_chain_spend(struct rt_chains *c, uint64_t looks)
{
    if (c->looks < looks) {
        c->looks = 0;
        return RT_ELIMIT;
    }
    c->looks -= looks;
    return RT_OK;
}

/* Reads the person. 1; 0 when some step has no event at all; RT_ENOMEM. */
int rt_chain_view(struct rt_chains *c);
/* Sets `classes` and `order`, which it has set before, by roles that were changed. */
void rt_chain_sort_ties(struct rt_chains *c);

/* chain_queue.c; gaps by their number in the pass, 1 .. nsteps - 1 */
int rt_chain_queues_reset(struct rt_chains *c, const struct rt_chain_pass *pass);
/* The event, at this step of the pass, can be reached from this start. */
int rt_chain_leave(struct rt_chains *c, const struct rt_chain_pass *pass, uint32_t step,
    uint32_t event, int64_t start);
/* Entries of earlier instants that `after` lets go on. */
void rt_chain_admit(
    struct rt_chains *c, const struct rt_chain_pass *pass, uint32_t instant);
/* The entry with the latest start that reaches the instant; NULL: none. */
const struct rt_chain_entry *rt_chain_top(struct rt_chains *c,
    const struct rt_chain_pass *pass, uint32_t gap, uint32_t key, uint32_t instant);
void rt_chain_drop_top(struct rt_chains *c, uint32_t gap, uint32_t key);

/* chain_tie.c: an instant with several events. RT_OK, RT_ENOMEM, RT_ELIMIT. */
int rt_chain_tie(struct rt_chains *c, struct rt_chain_pass *pass, uint32_t instant);
void rt_chain_tie_free(struct rt_chain_tie *tie);

/* chain.c: goes over the view. RT_OK, RT_ENOMEM; RT_ELIMIT when the search was given up before
 * it came to a chain that holds. */
int rt_chain_run(struct rt_chains *c, struct rt_chain_pass *pass);
/* Which starts the pass may take, by the chain's anchor. 1; 0: there is none; RT_ENOMEM,
 * RT_ELIMIT. */
int rt_chain_choose_start(struct rt_chains *c, struct rt_chain_pass *pass);
/* The first instant that is not before the time. */
uint32_t rt_chain_instant_of(const struct rt_chains *c, int64_t time_us);

/* chain.c: what passes ask */
bool rt_chain_may_start(const struct rt_chains *c, const struct rt_chain_pass *pass,
    uint32_t instant, uint32_t event);
void rt_chain_complete(
    const struct rt_chains *c, struct rt_chain_pass *pass, uint32_t event, int64_t start);

/* The pass's step and gap among the chain's. */
static inline uint32_t rt_chain_step_of(
    const struct rt_chains *c, const struct rt_chain_pass *pass, uint32_t step)
{
    return pass->mirrored ? c->chain->nsteps - 1 - step : step;
}

static inline const struct rt_chain_gap *rt_chain_gap_of(
    const struct rt_chains *c, const struct rt_chain_pass *pass, uint32_t gap)
{
    return &c->gaps[pass->mirrored ? c->chain->nsteps - gap : gap];
}

static inline int64_t rt_chain_time(
    const struct rt_chains *c, const struct rt_chain_pass *pass, uint32_t instant)
{
    int64_t us = c->instants[instant].time_us;

    return pass->mirrored ? -us : us;
}

/* b - a, which never overflows: b is not before a. */
static inline uint64_t rt_chain_span(int64_t a, int64_t b)
{
    return (uint64_t)b - (uint64_t)a;
}

static inline uint32_t rt_chain_key(const struct rt_chain_keys *keys, uint32_t event)
{
    return keys ? keys->of[event] : 1;
}

/* Not longer than a bound that may not be given. */
static inline bool rt_chain_inside(int64_t a, int64_t b, int64_t within_us)
{
    return within_us < 0 || rt_chain_span(a, b) <= (uint64_t)within_us;
}

#endif
