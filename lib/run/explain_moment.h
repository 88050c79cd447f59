/*
 * One person at one moment: the records that are known of the person, compiled against the
 * definitions as of that moment, and every condition's answer by the evaluator of a build.
 */
#ifndef RT_EXPLAIN_MOMENT_H
#define RT_EXPLAIN_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "people/answer.h"
#include "run/explain_parts.h"
#include "run/explain_trail.h"

struct rt_moment;

/* parts, trail: borrowed for the moment's life. RT_OK, RT_ENOMEM, RT_EDEFS (a limit of the
 * plan is passed), RT_ELIMIT. */
int rt_moment_new(const struct rt_parts *parts, const struct rt_trail *trail,
    int64_t as_of_us, struct rt_moment **out, struct rt_err *err);
void rt_moment_free(struct rt_moment *moment);

/*
 * Answers every condition.
 *
 * only     by record of the trail: what there is; NULL: everything
 * answers  by segment of the parts' definitions; those that are not wanted RT_NO
 *
 * RT_OK or RT_ENOMEM.
 */
int rt_moment_ask(struct rt_moment *moment, const bool *only, uint8_t *answers);

/* After it: was the search for a sequence of the part given up at its bound? */
bool rt_moment_gave_up(const struct rt_moment *moment, const struct rt_part *part);
/* Of any part. */
bool rt_moment_gave_up_any(const struct rt_moment *moment);

/* From here on searches for sequences take no more than these together (chain.h). Borrowed for
 * the moment's life. */
void rt_moment_limit(struct rt_moment *moment, uint64_t *looks);

/* The records that a sequence stands on, or how far it came (chain.h); by positive step.
 * Of what `only` says there is, as in rt_moment_ask. Takes of the limit. RT_OK or RT_ENOMEM. */
struct rt_moment_witness {
    bool given_up;
    uint32_t n;
    uint32_t records[RT_CHAIN_STEPS_MAX];
};
int rt_moment_witness(struct rt_moment *moment, const struct rt_part *part,
    const bool *only, struct rt_moment_witness *out);

/* After rt_moment_ask: was the purpose granted? */
bool rt_moment_consent(struct rt_moment *moment, uint32_t purpose);

/* True when the record carries the purpose's field; *granted: and it says yes. */
bool rt_moment_speaks(
    const struct rt_moment *moment, uint32_t record, uint32_t purpose, bool *granted);

/* Is the record one that the condition of the segment looks at, window and anchor aside? Of
 * aspects, and of PROFILE. */
bool rt_moment_fits(const struct rt_moment *moment, uint32_t record, uint32_t segment);

/* The plan as of the moment; and in it the leaf of a part. Lent. */
const struct rt_plan *rt_moment_plan(const struct rt_moment *moment);
const struct rt_leaf *rt_moment_leaf(
    const struct rt_moment *moment, const struct rt_part *part);

#endif
