/*
 * Shared by the files that evaluate: what one thread knows of the person at hand.
 */
#ifndef RT_EVAL_INT_H
#define RT_EVAL_INT_H

#include "people/chain.h"
#include "people/eval.h"

enum { RT_UNKNOWN = 255 }; /* beside the answers: not worked out yet */

/* An event by the value that a for_some groups it by. */
struct rt_valued {
    struct rt_hash128 text;
    uint32_t event; /* its place in the history */
};

struct rt_some_found { /* for which a for_some holds */
    struct rt_span text;
    int64_t latest_us;
};

/* A leaf that is asked of the state, with what its cells amount to: eval_state.c. */
struct rt_state_leaf {
    enum rt_state_ask {
        RT_ASK_SEEN,  /* did it happen: `want` */
        RT_ASK_SINCE, /* did it, from the anchor on: `want`; no anchor: no */
        RT_ASK_BEFORE,
        RT_ASK_FEW, /* how many times, up to RT_COUNT_MOST */
        RT_ASK_COUNT,
        RT_ASK_SUM,
        RT_ASK_AVERAGE,
        RT_ASK_NUMBER, /* the largest, the smallest */
        RT_ASK_END     /* the first, the last */
    } ask;
    uint32_t words[RT_LEAF_CELLS_MAX];  /* of the state */
    bool descending[RT_LEAF_CELLS_MAX]; /* their keys */
    uint32_t ncells;
    bool want;
    uint32_t shift;       /* SEEN, FEW */
    uint32_t upper;       /* SUM, AVERAGE */
    uint64_t least, most; /* FEW, COUNT; END: keys */
    const struct rt_measure *measure;
};

struct rt_eval_step; /* of a program: eval_program.c */
struct rt_crowds;    /* eval_crowd.c */

struct rt_eval {
    const struct rt_plan *plan;
    const struct rt_kinds *kinds;
    struct rt_eval_facts facts;
    struct rt_history history; /* the person's, or in a for_some those of one value */
    const uint64_t *state;
    struct rt_chains *chains;
    struct rt_chain_effort effort;
    uint64_t *looks; /* of all efforts together; NULL: not bounded */
    bool in_some;
    bool *given_up; /* by leaf: of the person at hand, a sequence's search was given up */
    bool any_given_up;
    uint64_t *limits; /* by leaf: of how many people */
    struct rt_valued *valued;
    struct rt_past *grouped;
    uint64_t cap_valued, cap_grouped;
    struct rt_some_found *found; /* when the values themselves are wanted */
    struct rt_span *values;
    uint64_t nfound, cap_found, cap_values;
    uint64_t *present; /* matchers that hold somewhere in the history */
    bool absent;       /* none does */
    uint8_t
        *leaves; /* answers, or RT_UNKNOWN; of those that are not asked of the state */
    uint8_t *segments;                  /* behind leaves */
    struct rt_state_leaf *state_leaves; /* by leaf */
    struct rt_eval_step *steps;         /* of all programs */
    uint32_t nsteps;
    uint32_t *starts;      /* by segment */
    uint32_t *some_starts; /* by leaf: a for_some's condition; or RT_NONE */
    struct rt_crowds *crowds;
    uint8_t *aside; /* answers laid aside, by programs that are under way */
    uint32_t naside;
    uint64_t *words; /* distinct values: room for 4 words an event */
    uint64_t cap_words;
};

/* ---- eval_touch.c: a leaf asked of touches */

int rt_eval_touches(struct rt_eval *ev, const struct rt_leaf *leaf);
int rt_eval_touch_rank(
    struct rt_eval *ev, const struct rt_leaf *leaf, struct rt_rank_number *number);
bool rt_eval_touch_consent(const struct rt_eval *ev, const struct rt_consent *consent);

/* ---- eval_state.c: a leaf asked of the state */

/* A leaf that has cells, but no rank: made once, asked of any state. */
struct rt_state_leaf rt_eval_state_leaf(
    const struct rt_plan *plan, const struct rt_leaf *leaf);
bool rt_eval_state_rest(const struct rt_state_leaf *leaf, const uint64_t *state);

static inline bool rt_eval_state(const struct rt_state_leaf *leaf, const uint64_t *state)
{
    uint64_t word = state[leaf->words[0]];

    switch (leaf->ask) {
    case RT_ASK_SEEN:
        return (word >> leaf->shift & 1) == leaf->want;
    case RT_ASK_END:
        if (leaf->ncells > 1 && state[leaf->words[1]] != word)
            return false;
        return leaf->least <= word && word <= leaf->most;
    case RT_ASK_FEW:
        word = word >> leaf->shift & ((1u << RT_COUNT_BITS) - 1);
        return leaf->least <= word && word <= leaf->most;
    case RT_ASK_COUNT:
        return leaf->least <= word && word <= leaf->most;
    default:
        return rt_eval_state_rest(leaf, state);
    }
}

int rt_eval_state_rank(
    const struct rt_eval *ev, const struct rt_leaf *leaf, struct rt_rank_number *number);
bool rt_eval_state_consent(const struct rt_eval *ev, const struct rt_consent *consent);

/* Sums, averages, extremes against a measure's bounds: each times n, so an average is
 * compared exactly, as its sum. */
bool rt_eval_within(const struct rt_measure *measure, __int128 value, uint64_t n);

/* ---- eval.c: a leaf that is not asked of the state */

int rt_eval_leaf(struct rt_eval *ev, uint32_t leaf);

/* ---- eval_program.c: formulas laid out as programs, and asked */

int rt_eval_lay_out(struct rt_eval *ev);
int rt_eval_condition(struct rt_eval *ev, uint32_t leaf); /* of a for_some */

/* ---- eval_crowd.c: the same, of many people at once */

int rt_crowds_new(struct rt_eval *ev); /* ev->crowds, once all else is there */
void rt_crowds_free(struct rt_crowds *crowds);

/* ---- eval_some.c */

int rt_eval_some(struct rt_eval *ev, const struct rt_node *node);

/* Goes over to another history, and notes which matchers hold in it. */
void rt_eval_turn(struct rt_eval *ev, const struct rt_history *history);

static inline bool rt_eval_present(const struct rt_eval *ev, uint32_t matcher)
{
    return ev->present[matcher / 64] >> matcher % 64 & 1;
}

#endif
