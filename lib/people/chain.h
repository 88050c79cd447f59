/*
 * Sequences: does an ordered chain of events exist? Exactly, not greedily: where several
 * chains compete, none that holds is missed.
 */
#ifndef RT_CHAIN_H
#define RT_CHAIN_H

#include <stdint.h>

#include "base/err.h"
#include "people/answer.h"
#include "people/history.h"
#include "people/kinds.h"
#include "plan/plan.h"

struct rt_chains; /* working space; one a thread */

int rt_chains_new(struct rt_chains **out);
void rt_chains_free(struct rt_chains *chains);

/*
 * history  all touches of the person that some leaf asked for, ascending by time; only the
 *          chain's own matchers mean anything here
 *
 * RT_NO, RT_YES, RT_UNDECIDED, or RT_ENOMEM.
 */
int rt_chains_ask(struct rt_chains *chains, const struct rt_chain *chain,
    const struct rt_kinds *kinds, const struct rt_history *history, int64_t as_of_us);

#endif
