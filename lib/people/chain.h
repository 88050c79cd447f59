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
 * alike: RT_CHAIN_STEPS_MAX bounds that, not the number of events. Where as many negative
 * steps with `same` are broken at one instant as there are events, and a later one could be
 * too, the cost is their square.
 *
 * So there is a bound. The search inside of instants is counted in looks (a kept state that is
 * compared with another is one; chain_tie.h has the others), and a question may take
 *
 *     RT_CHAIN_LOOKS_MAX + RT_CHAIN_LOOKS_EACH * n * s
 *
 * of them: with a look at 4 to 8 ns about a second at most for 100,000 events and ten steps,
 * with all else that is done for them; 0.25 GB is the most that was seen. Past it the search
 * is given up and the answer is RT_UNDECIDED, unless a chain that holds was found before. What
 * is counted hangs on the person's events alone, not on their order in the history: the answer
 * is the same in every run.
 *
 * The bound is far from what data asks that is not made for it. Of 72 sequences over the
 * customers of shops (one with all lines of an order at one instant) none took more than 57
 * looks an event and step, none more than 22,000 in all.
 */
#ifndef RT_CHAIN_H
#define RT_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "people/answer.h"
#include "people/history.h"
#include "people/kinds.h"
#include "plan/plan.h"

/* The first for hard instants, the second for what many events take however easy they are. */
#define RT_CHAIN_LOOKS_MAX  UINT64_C(64000000)
#define RT_CHAIN_LOOKS_EACH UINT64_C(32)

/* What questions may take together: those of a for_some about each value share one. What a
 * question may take for its events and steps is its own, and spent first. */
struct rt_chain_effort {
    uint64_t left; /* looks */
    uint64_t each; /* for an event and step of a question */
    bool given_up; /* some search was; set, never cleared */
};

#define RT_CHAIN_EFFORT                                                                  \
    (struct rt_chain_effort)                                                             \
    {                                                                                    \
        .left = RT_CHAIN_LOOKS_MAX, .each = RT_CHAIN_LOOKS_EACH                          \
    }

struct rt_chains; /* working space; one a thread, and for one plan alone */

int rt_chains_new(struct rt_chains **out);
void rt_chains_free(struct rt_chains *chains);

/*
 * history  all touches of the person that some leaf asked for, ascending by time; only the
 *          chain's own matchers mean anything here
 *
 * effort   what the search may take, and whether it was given up
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
 * Asks up to s * log2 n times what rt_chains_ask asks once: for one person at a time. All of
 * it together takes what the effort has left, an event that is read again counting as 8 looks a step;
 * past it, no events: n is 0, and the answer is what was known by then.
 */
int rt_chains_witness(struct rt_chains *chains, const struct rt_chain *chain,
    const struct rt_kinds *kinds, const struct rt_history *history, int64_t as_of_us,
    struct rt_chain_effort *effort, struct rt_chain_witness *out);

#endif
