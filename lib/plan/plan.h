/*
 * The plan: a segment file compiled for one run. Immutable once built, shared by threads.
 *
 * What is asked of events is split in two. Of a single record a *matcher* is true or false
 * ("a cart whose value is over 50"); all matchers together give a record's *kind*, and a
 * record that no matcher wants is not kept. Of a person's kept records a *leaf* is true,
 * false or undecided ("at least three of them in the last 7 days"); a segment is a formula
 * over leaves.
 *
 *     record --tests--> matcher bits --> kind        match.c, once a record
 *     person's touches --leaves--> segment answers   eval.c, once a person
 *
 * Most leaves need no order among a person's events ("three views or more", "last seen 60
 * days ago"): for these a few words of *state* are kept up to date while records come in,
 * and no touch is stored on their account (plan_fold.c).
 *
 * Matchers, fields, tests and values that occur several times are kept once; so each leaf
 * costs a person's few touches, not every record.
 */
#ifndef RT_PLAN_H
#define RT_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "events/derive.h"
#include "events/event.h"
#include "plan/segdef.h"

enum {
    RT_MATCHERS_MAX = 4096,
    RT_TESTS_MAX = 8192,
    RT_VALUES_MAX = 64,
    RT_TOUCH_WORDS_MAX = 2 * RT_VALUES_MAX, /* values of one record */
    RT_ID_KINDS_MAX = RT_PEOPLE_IDS_MAX + 3 /* ids and the attributes kept beside them */
};

/* A field that some test or value reads: a slot of its own and, where it can be derived,
 * the slot of the field that it is derived from. */
struct rt_plan_field {
    struct rt_span name;
    uint32_t slot;
    struct rt_derive derive; /* kind RT_DERIVE_NONE: only its own slot */
    uint32_t from_slot;
    const uint32_t *tests; /* the tests on this field */
    uint32_t ntests;
    uint32_t cost; /* of its tests, in instructions or so: what a memo must beat */
};

struct rt_plan_test {
    uint32_t field;
    const struct rt_test *leaf;
    struct rt_regex *regex; /* RT_OP_REGEX: owned by the plan */
};

/* A formula over tests: nodes in post-order would need a stack; a tree needs none. */
struct rt_formula {
    enum rt_test_kind kind;
    uint32_t test; /* LEAF */
    const struct rt_formula *parts;
    uint32_t n;
};

struct rt_choice {
    const struct rt_span *names; /* none: any name */
    uint32_t nnames;
    const struct rt_formula *where; /* NULL: none */
};

struct rt_matcher {
    const struct rt_choice *choices; /* any of them */
    uint32_t nchoices;
    const struct rt_formula *where; /* and this; NULL: none */
    bool contact;                   /* on contact rows, not on events */
    bool everywhere;                /* on both: consent */
    int64_t lo_us, hi_us;           /* no leaf looks at it outside of these, included */
    uint64_t values;                /* bits: values that its leaves ask for */
};

/* A value that touches carry: a number (one word, RT_NO_NUMBER when there is none) or a
 * text (two words of hash; both zero when absent or empty). */
#define RT_NO_NUMBER INT64_MIN

struct rt_plan_value {
    uint32_t field;
    bool text;
    bool kept; /* the text's bytes are asked for as well: texts.h */
};

struct rt_bounds { /* of times, both included */
    int64_t lo_us, hi_us;
};

enum { RT_NONE = UINT32_MAX };

/*
 * A sequence: the positive steps in order, and the negative ones where they look.
 *
 *     not A, B, not C, D, not E      steps: B {nots: A}, D {nots: C}; trailing: E
 *
 * `same` lists text values (places in plan->values), which every touch of the sequence's
 * matchers carries.
 */
enum {
    RT_CHAIN_STEPS_MAX = 10, /* positive; RT_CHAIN_LOOKS_MAX bounds what they cost */
    RT_CHAIN_NOTS_MAX = 20   /* negative */
};

struct rt_chain_not {
    uint32_t matcher;
    int64_t within_us; /* first and last ones; -1: not given */
    const uint32_t *same;
    uint32_t nsame;
};

struct rt_chain_step {
    uint32_t matcher;
    int64_t within_us, after_us; /* since the step before; -1: not given */
    bool next;                   /* no other event of the person strictly between */
    const uint32_t *same;        /* equal and not empty here and in the step before */
    uint32_t nsame;
    const struct rt_chain_not *nots; /* between the step before and this; of the first:
                                        the leading ones */
    uint32_t nnots;
};

struct rt_chain {
    const struct rt_chain_step *steps;
    uint32_t nsteps; /* 1 .. RT_CHAIN_STEPS_MAX */
    const struct rt_chain_not *trailing;
    uint32_t ntrailing;
    int64_t within_us;     /* last - first, included; -1: not given */
    struct rt_bounds when; /* all positive steps */
    bool in_session;       /* all positive steps in one session */
    int64_t timeout_us;    /* a gap longer than this starts a new session */
    uint32_t every; /* matcher of all events, for `next` and sessions; or RT_NONE */
    enum rt_start start;
};

/* What a landing test asks: of the field's first value in the session. */
struct rt_landing_field {
    uint32_t present; /* matcher: the event has the field */
    uint32_t value;   /* its text, kept: of equal times the smallest counts */
};

struct rt_landing_test {
    uint32_t field;   /* of the landing's fields */
    uint32_t matcher; /* the event's value passes */
};

struct rt_session_plan {
    uint32_t every;        /* matcher of all events: sessions are cut on them */
    struct rt_bounds when; /* of the session's start */
    uint32_t has;          /* matcher; RT_NONE: not asked */
    const struct rt_formula *landing; /* over tests; NULL: not asked */
    const struct rt_landing_field *fields;
    const struct rt_landing_test *tests;
    uint32_t nfields, ntests;
};

/* for_some: its condition is evaluated once for each value of a field. */
struct rt_some {
    uint32_t value;   /* the field's text */
    uint32_t present; /* matcher of all events that have the field; RT_NONE when values
                         without an event of another matcher cannot matter */
    uint32_t first_leaf, end_leaf; /* leaves of the condition */
};

/*
 * A cell of the state that is kept for an id: what a matcher's records amount to. Cells of
 * any two states can be put together, in any order; a state of zeros is that of no record.
 */
enum rt_cell_op {
    RT_CELL_SEEN,        /* a bit */
    RT_CELL_COUNT_UP_TO, /* of records, RT_COUNT_BITS: RT_COUNT_MOST or more are the same */
    RT_CELL_COUNT,       /* of records */
    RT_CELL_NUMBERS,     /* of records with a number */
    RT_CELL_SUM,         /* of 96 bits: a word, and the upper half of another */
    RT_CELL_LATEST,      /* the largest of a key (fold.h), 0 when there is none */
    RT_CELL_EARLIEST,
    RT_CELL_LARGEST,
    RT_CELL_SMALLEST
};

struct rt_cell {
    enum rt_cell_op op;
    uint32_t matcher, unless; /* records of the one and not of the other, or RT_NONE */
    struct rt_bounds when;
    uint32_t value; /* whose numbers */
    uint32_t word;  /* of the state */
    uint32_t shift; /* SEEN, COUNT_UP_TO: the lowest bit of the word */
    uint32_t upper; /* SUM: the word in whose upper half its upper bits are */
};

enum {
    RT_STATE_WORDS_MAX = 16,
    RT_LEAF_CELLS_MAX = 3,
    RT_COUNT_BITS = 16,
    RT_COUNT_MOST = 1 << (RT_COUNT_BITS - 1)
};

struct rt_leaf {
    enum rt_cond_kind kind; /* any but logic and SEGMENT */
    const struct rt_cond *cond;
    uint32_t matcher;      /* of DID DID_NOT LAST FIRST PROFILE RANK */
    uint32_t is_matcher;   /* LAST FIRST with `is`; RT_NONE: without */
    struct rt_bounds when; /* the window; of LAST and FIRST: `ago` */
    enum rt_anchor_kind anchor;
    uint32_t anchor_matcher;
    uint32_t value; /* of a distinct, sum, ... measure; RT_NONE: events are counted */
    const struct rt_chain *chain;          /* SEQUENCE */
    const struct rt_session_plan *session; /* SESSION */
    const struct rt_some *some;            /* FOR_SOME */
    uint32_t among;                        /* RANK: a segment, or RT_NONE */
    uint32_t level; /* RANK: 1, or one more than the ranks that its `among` asks for */
    uint32_t cells[RT_LEAF_CELLS_MAX]; /* see plan_fold.c */
    uint32_t ncells;                   /* 0: the leaf is asked of touches */
};

/* A segment's formula. */
struct rt_node {
    enum rt_cond_kind kind;      /* ALL ANY NOT SEGMENT, else a leaf */
    uint32_t leaf;               /* or the segment */
    const struct rt_node *parts; /* FOR_SOME: the condition, for one value */
    uint32_t n;
};

struct rt_consent {
    uint32_t present, granted; /* matchers */
    uint32_t cells[2];         /* the latest that says, the latest refusal; or RT_NONE */
    bool absent_grants;
};

struct rt_plan_segment {
    struct rt_node match;
    const struct rt_node *exclude;
    uint32_t nexclude;
    const struct rt_node *list; /* the FOR_SOME whose values go to lists; NULL: none */
    bool wanted; /* a list of it is written, or a wanted one refers to it */
};

/* What a record's ids are read from: kinds 0 .. nids-1 are the file's `ids`; behind them
 * come attributes: kept for lists and opt-outs, never linking. */
struct rt_id_kind {
    struct rt_span name;
    uint32_t slot;
    bool email;   /* compared in lower case */
    bool ignored; /* takes what `ignore` names and nothing else: for opt-outs alone */
};

struct rt_plan {
    const struct rt_defs *defs; /* borrowed */
    int64_t as_of_us;
    struct rt_slots slots;
    const struct rt_plan_field *fields;
    uint32_t nfields;
    const struct rt_plan_test *tests;
    uint32_t ntests;
    const struct rt_matcher *matchers;
    uint32_t nmatchers, matcher_words;
    const struct rt_plan_value *values;
    uint32_t nvalues;
    const struct rt_leaf *leaves;
    uint32_t nleaves;
    const struct rt_cell *cells;
    uint32_t ncells, state_words;
    const uint64_t *touched; /* matchers that some leaf asks of touches, as bits */
    uint32_t rank_levels;    /* 0: no wanted segment ranks people */
    const struct rt_plan_segment *segments; /* as in defs */
    uint32_t nsegments;
    const uint32_t *order;             /* segments, each behind those that it refers to */
    const struct rt_consent *consents; /* as defs->purposes */
    struct rt_id_kind id_kinds[RT_ID_KINDS_MAX];
    uint32_t nids, nid_kinds;
    uint32_t fallback_slots[RT_ID_KINDS_MAX];
    uint32_t nfallback;
    uint32_t user_agent_slot; /* crawlers are known by it */
    uint32_t device_slot;     /* what "bots": "mark" marks; RT_NONE: nobody asks */
    uint32_t event_id_slot;   /* RT_NONE: no source asks for it */
    struct rt_arena arena;
};

/* The most words that the values of one record take. */
static inline uint32_t rt_plan_value_words(const struct rt_plan *plan)
{
    uint32_t words = 0;

    for (uint32_t i = 0; i < plan->nvalues; i++)
        words += plan->values[i].text ? 2 : 1;
    return words;
}

struct rt_plan_options {
    const bool
        *wanted; /* by segment: which lists are asked for; NULL: all. What others ask
                           for is compiled as well, but never worked out */
    bool
        products; /* the values of for_some are asked for, not only whether there are any */
    bool fold; /* states are kept (people/fold.h); else everything is asked of touches */
};

/*
 * Compiles definitions for a run.
 *
 * defs     borrowed for the plan's life
 * as_of    the run's now
 * options  NULL: all segments, no products, no states
 * errors   limits passed, what this version does not evaluate
 *
 * RT_OK, RT_EDEFS (errors says what), RT_ENOMEM.
 */
int rt_plan_new(const struct rt_defs *defs, int64_t as_of_us,
    const struct rt_plan_options *options, struct rt_json_errors *errors,
    struct rt_plan **out, struct rt_err *err);
void rt_plan_free(struct rt_plan *plan);

#endif
