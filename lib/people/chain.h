/*
 * Sequences: does an ordered chain of events exist? Exactly, not greedily: where several
 * chains compete, none that holds is missed.
 *
 * Cost: two positive steps without `same`, `next`, sessions and negative steps take one walk
 * over the history and no memory. Otherwise, for n events of the person that the chain can
 * use and s steps of both signs, n * s * log n time and about n * (24 + 4 * s) bytes, and
 * 40 more for each way to be underway between two steps.
 *
 * Events of one instant may stand in any order. Steps that `same` does not link cost a
 * matching there, whatever their number: 100,000 touches in 11,111 instants of nine different
 * values each, against ten steps of which the last is linked, take 0.1 s.
 *
 * What can cost more: instants of many events where several steps are linked, or where a
 * negative step can be broken by a few events that the chain itself could use. The ways to
 * use those events are tried, at most C(p + q, p) for p steps placed and q to come that go on
 * alike: RT_CHAIN_STEPS_MAX bounds that, not the number of events. Of random chains of ten
 * steps over instants of 5 to 45 events, the worst that was seen took 7 ms an instant without
 * negative steps and 0.3 s with them. A person with thousands of touches, all in such
 * instants, takes seconds and more. Where as
 * many negative steps with `same` are broken at one instant as there are events, and a later
 * one could be too, the cost is their square.
 */
#ifndef RT_CHAIN_H
#define RT_CHAIN_H

#include <stdint.h>

#include "base/err.h"
#include "people/answer.h"
#include "people/history.h"
#include "people/kinds.h"
#include "plan/plan.h"

#define RT_CHAIN_LOOKS_MAX  UINT64_C(100000000)
#define RT_CHAIN_LOOKS_EACH UINT64_C(32)

struct rt_chain_effort {
    uint64_t left; /* looks */
    bool given_up;
};

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
    const struct rt_kinds *kinds, const struct rt_history *history, int64_t as_of_us,
    struct rt_chain_effort *effort);

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
    struct rt_chain_effort *effort, struct rt_chain_witness *out);

#endif
