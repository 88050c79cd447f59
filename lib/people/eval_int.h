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

struct rt_found { /* for which a for_some holds */
    struct rt_span text;
    int64_t latest_us;
};

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
    struct rt_found *found; /* when the values themselves are wanted */
    struct rt_span *values;
    uint64_t nfound, cap_found, cap_values;
    uint64_t *present; /* matchers that hold somewhere in the history */
    uint8_t *leaves;   /* answers, or RT_UNKNOWN */
    uint8_t *segments;
    uint64_t *words; /* distinct values: room for 4 words an event */
    uint64_t cap_words;
};

/* ---- eval_touch.c: a leaf asked of touches */

int rt_eval_touches(struct rt_eval *ev, const struct rt_leaf *leaf);
int rt_eval_touch_rank(
    struct rt_eval *ev, const struct rt_leaf *leaf, struct rt_rank_number *number);
bool rt_eval_touch_consent(const struct rt_eval *ev, const struct rt_consent *consent);

/* ---- eval_state.c: a leaf asked of the state */

int rt_eval_state(const struct rt_eval *ev, const struct rt_leaf *leaf);
int rt_eval_state_rank(
    const struct rt_eval *ev, const struct rt_leaf *leaf, struct rt_rank_number *number);
bool rt_eval_state_consent(const struct rt_eval *ev, const struct rt_consent *consent);

/* Sums, averages, extremes against a measure's bounds: each times n, so an average is
 * compared exactly, as its sum. */
bool rt_eval_within(const struct rt_measure *measure, __int128 value, uint64_t n);

/* ---- eval_some.c */

int rt_eval_some(struct rt_eval *ev, const struct rt_node *node);

/* Goes over to another history, and notes which matchers hold in it. */
void rt_eval_turn(struct rt_eval *ev, const struct rt_history *history);

static inline bool rt_eval_present(const struct rt_eval *ev, uint32_t matcher)
{
    return ev->present[matcher / 64] >> matcher % 64 & 1;
}

#endif
