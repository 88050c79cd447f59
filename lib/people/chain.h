/*
 * Sequences: does an ordered chain of events exist? Exactly, not greedily: where several
 * chains compete, none that holds is missed.
 *
 * Cost: two positive steps without `same`, `next`, sessions and negative steps take one walk
 * over the history and no memory. Otherwise, for n events of the person that the chain can
 * use and s steps of both signs, n * s * log n time and about n * (24 + 4 * s) bytes, and
 * 40 more for each way to be underway between two steps.
 *
 * Events of one instant may stand in any order, and there the cost can be higher: where they
 * differ in values that the chain compares, fit several steps each and are fewer than the
 * steps, the ways to use them are tried, up to 2^n for n events that compete: that is what
 * RT_CHAIN_STEPS_MAX bounds. More events than steps cost no more than the log of their
 * number, unless a negative step with `same` can be broken by events that the chain itself
 * could use: then up to their square.
 */
#ifndef RT_CHAIN_H
#define RT_CHAIN_H

#include <stdint.h>

#include "base/err.h"
#include "people/answer.h"
#include "people/history.h"
#include "people/kinds.h"
#include "plan/plan.h"

struct rt_chains; /* working space; one a thread, and for one plan alone */

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

/* The events of a chain, by the positive steps; places in the history. */
struct rt_chain_witness {
    uint32_t n; /* steps that have one */
    uint32_t events[RT_CHAIN_STEPS_MAX];
};

/*
 * The same question, with an example: of a chain that holds, its events; where none holds,
 * but some is undecided, those of an undecided one. Of several the one with the latest first
 * event, and from there each event as early as can be.
 *
 * Where the answer is RT_NO, how far it went: of the longest beginning of the steps that
 * there is, the positive ones' events, the negative ones before the last of them holding.
 * Where the anchor chose a start, from that start. So n is the number of the positive steps
 * where only negative ones at the end are in the way, and 0 where no event can be the first.
 *
 * Asks up to s * log2 n times what rt_chains_ask asks once: for one person at a time.
 */
int rt_chains_witness(struct rt_chains *chains, const struct rt_chain *chain,
    const struct rt_kinds *kinds, const struct rt_history *history, int64_t as_of_us,
    struct rt_chain_witness *out);

#endif
