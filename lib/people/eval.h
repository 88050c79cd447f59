/*
 * Evaluation: one person's history and state against the plan's leaves and segments.
 *
 * Three answers: an undecided one is a condition whose time has not passed yet. Logic is
 * Kleene's: `all` is false when a part is, `any` true when a part is, else undecided when
 * one is.
 */
#ifndef RT_EVAL_H
#define RT_EVAL_H

#include <stdint.h>

#include "base/err.h"
#include "people/answer.h"
#include "people/history.h"
#include "people/ranking.h"
#include "people/texts.h"
#include "plan/plan.h"

struct rt_eval; /* one a thread */

int rt_eval_new(
    const struct rt_plan *plan, const struct rt_kinds *kinds, struct rt_eval **out);
void rt_eval_free(struct rt_eval *eval);

/* What is known beside one person's history; all borrowed for the eval's life. Without it
 * landing values that tie are not told apart, and nobody has a rank. */
struct rt_eval_facts {
    struct rt_text_set texts;
    const struct rt_ranking *ranking; /* settled up to the level that is asked */
};
void rt_eval_know(struct rt_eval *eval, const struct rt_eval_facts *facts);

/* Starts on a person. Both are borrowed until the next. state: NULL when nothing was folded
 * for the person. */
void rt_eval_person(
    struct rt_eval *eval, const struct rt_history *history, const uint64_t *state);

/* Is the person in the segment (match and none of exclude)? Worked out once a person.
 * RT_NO, RT_YES, RT_UNDECIDED, or RT_ENOMEM. */
int rt_eval_segment(struct rt_eval *eval, uint32_t segment);

/* The person's number in a leaf's rank: RT_YES when it has a place there, else RT_NO.
 * Segments of `among` are asked as rt_eval_segment does. */
int rt_eval_rank(struct rt_eval *eval, uint32_t leaf, struct rt_rank_number *number);

/*
 * The values for which a for_some holds, most recent event first, then by bytes.
 *
 * node    the FOR_SOME
 * most    no more than these are wanted
 * values  *n of them, lent until the next call
 *
 * RT_OK, RT_ENOMEM.
 */
int rt_eval_values(struct rt_eval *eval, const struct rt_node *node, uint32_t most,
    const struct rt_span **values, uint32_t *n);

/*
 * Sequences whose search was given up at its bound (chain.h): then the leaf is undecided. Inside
 * of a for_some: for some value at least.
 *
 * gave_up  of the person at hand, as far as the leaf was asked
 * limits   by leaf, of how many people so far; lent for the eval's life
 */
bool rt_eval_gave_up(const struct rt_eval *eval, uint32_t leaf);
const uint64_t *rt_eval_limits(const struct rt_eval *eval);

/* Asked again and again about one person, all sequences together take no more looks than
 * these, beside what each may take for every event. Borrowed for the eval's life. */
void rt_eval_limit(struct rt_eval *eval, uint64_t *looks);

/* Did the person grant the purpose? By the latest event or contact row that says; at equal
 * times a refusal wins. */
bool rt_eval_consent(struct rt_eval *eval, uint32_t purpose);

/* ---- many people at once: the same answers, at a fraction of what they cost one by one */

enum { RT_CROWD_MAX = 64 };

struct rt_crowd {
    uint32_t n;
    const uint64_t *states[RT_CROWD_MAX]; /* NULL: nothing was folded for the person */
    struct rt_history histories[RT_CROWD_MAX];
};

struct rt_answers { /* a bit for each person of the crowd; neither is a no */
    uint64_t yes, undecided;
};

/* The answers of all segments that the plan wants, by segment; of the others nobody's. The
 * crowd is borrowed until the next, or the next person. RT_OK or RT_ENOMEM. */
int rt_eval_crowd(
    struct rt_eval *eval, const struct rt_crowd *crowd, struct rt_answers *answers);

/* Those `among` the crowd, as bits, who granted the purpose. */
uint64_t rt_eval_consents(struct rt_eval *eval, uint32_t purpose, uint64_t among);

/* The i-th of the crowd becomes the person that is asked about. */
void rt_eval_pick(struct rt_eval *eval, uint32_t i);

#endif
