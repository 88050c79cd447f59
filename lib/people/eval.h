/*
 * Evaluation: one person's history against the plan's leaves and segments.
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
#include "plan/plan.h"

struct rt_eval; /* one a thread */

int rt_eval_new(
    const struct rt_plan *plan, const struct rt_kinds *kinds, struct rt_eval **out);
void rt_eval_free(struct rt_eval *eval);

/* Starts on a person. The history is borrowed until the next. */
void rt_eval_person(struct rt_eval *eval, const struct rt_history *history);

/* Is the person in the segment (match and none of exclude)? Segments must be asked in the
 * plan's order, or their references first: each is worked out once a person.
 * RT_NO, RT_YES, RT_UNDECIDED, or RT_ENOMEM. */
int rt_eval_segment(struct rt_eval *eval, uint32_t segment);

/* Did the person grant the purpose? By the latest event or contact row that says; at equal
 * times a refusal wins. */
bool rt_eval_consent(struct rt_eval *eval, uint32_t purpose);

#endif
