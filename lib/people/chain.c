/* The programme of chain_int.h: passes over the view, and which starts they may take. */
#include "people/chain.h"

#include "base/alloc.h"
#include "people/chain_int.h"

int rt_chains_new(struct rt_chains **out)
{
    struct rt_chains *c = rt_calloc(1, sizeof *c);

    if (!c)
        return RT_ENOMEM;
    *out = c;
    return RT_OK;
}

void rt_chains_free(struct rt_chains *c)
{
    if (!c)
        return;
    rt_free(c->events);
    rt_free(c->instants);
    rt_free(c->words);
    rt_free(c->roles);
    rt_free(c->numbers.triples);
    rt_free(c->numbers.slots);
    rt_free(c->entries);
    rt_free(c->roots);
    rt_chain_tie_free(c->tie);
    rt_free(c);
}

/* ---- ends of a chain */

/* Nothing breaks the leading negative steps before the event's instant. */
static bool nothing_before(const struct rt_chains *c, uint32_t instant, uint32_t event)
{
    for (uint32_t i = c->gaps[0].first_neg; i < c->gaps[0].end_neg; i++) {
        uint32_t edge = c->negs[i].edge[event];

        if (edge != RT_NONE
            && rt_chain_inside(c->instants[edge].time_us, c->instants[instant].time_us,
                c->negs[i].within_us))
            return false;
    }
    return true;
}

bool rt_chain_may_start(const struct rt_chains *c, const struct rt_chain_pass *pass,
    uint32_t instant, uint32_t event)
{
    if (pass->only && instant != pass->first)
        return false;
    return !pass->negatives || nothing_before(c, instant, event);
}

/* The trailing negative steps behind the last event's instant. */
static int trailing(const struct rt_chains *c, uint32_t event)
{
    const struct rt_chain_gap *gap = &c->gaps[c->chain->nsteps];
    int64_t last_us = c->instants[c->events[event].instant].time_us;
    int answer = RT_YES;

    for (uint32_t i = gap->first_neg; i < gap->end_neg; i++) {
        const struct rt_chain_neg *neg = &c->negs[i];
        uint32_t edge = neg->edge[event];

        if (edge != RT_NONE
            && rt_chain_inside(last_us, c->instants[edge].time_us, neg->within_us))
            return RT_NO;
        if (neg->within_us >= 0
            && rt_chain_span(last_us, c->as_of_us) < (uint64_t)neg->within_us)
            answer = RT_UNDECIDED;
    }
    return answer;
}

/* Starts are compared by the pass that looks for them: a mirrored one ends at the start, and
 * the last end that it finds is the earliest start. */
void rt_chain_complete(
    const struct rt_chains *c, struct rt_chain_pass *pass, uint32_t event, int64_t start)
{
    int64_t us = pass->mirrored ? c->instants[c->events[event].instant].time_us : start;

    if (!pass->found || pass->mirrored || us > pass->found_us)
        pass->found_us = us;
    pass->found = true;
    if (!pass->find && pass->answer != RT_YES) {
        int answer = trailing(c, event);

        if (answer != RT_NO)
            pass->answer = answer;
    }
}

/* ---- passes */

/* An instant with one event: it breaks nothing that it takes part in. */
static int place_one(struct rt_chains *c, struct rt_chain_pass *pass, uint32_t instant)
{
    uint32_t n = c->chain->nsteps, event = c->instants[instant].first;
    uint64_t roles = c->events[event].roles;

    for (uint32_t s = 0; s < n; s++) {
        int64_t start = rt_chain_time(c, pass, instant);

        if (!(roles & RT_CHAIN_STEP(rt_chain_step_of(c, pass, s))))
            continue;
        if (s == 0) {
            if (!rt_chain_may_start(c, pass, instant, event))
                continue;
        } else {
            uint32_t key = rt_chain_key(rt_chain_gap_of(c, pass, s)->same, event);
            const struct rt_chain_entry *top =
                key ? rt_chain_top(c, pass, s, key, instant) : NULL;

            if (!top)
                continue;
            start = top->start;
        }
        if (s == n - 1)
            rt_chain_complete(c, pass, event, start);
        else if (rt_chain_leave(c, pass, s, event, start) < 0)
            return RT_ENOMEM;
    }
    return RT_OK;
}

/* What was found before the search was given up is as true as anything. */
int rt_chain_run(struct rt_chains *c, struct rt_chain_pass *pass)
{
    uint32_t i = pass->first;
    int rc = rt_chain_queues_reset(c, pass);

    for (; i < c->ninstants && rc == RT_OK && pass->answer != RT_YES; i++) {
        uint32_t instant = pass->mirrored ? c->ninstants - 1 - i : i;

        rt_chain_admit(c, pass, instant);
        rc = c->instants[instant].n == 1 ? place_one(c, pass, instant)
                                         : rt_chain_tie(c, pass, instant);
    }
    return rc == RT_ELIMIT && pass->answer == RT_YES ? RT_OK : rc;
}

uint32_t rt_chain_instant_of(const struct rt_chains *c, int64_t time_us)
{
    uint32_t lo = 0, hi = c->ninstants - 1;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (c->instants[mid].time_us < time_us)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* The latest start is mostly near the end: the last instants are looked at first, then more
 * of them; those before the whole together an eighth of it at most, or so. */
static int find_last(struct rt_chains *c, struct rt_chain_pass *find)
{
    uint64_t n = c->ninstants < 32 ? c->ninstants : 4;
    int rc;

    do {
        find->first = n < c->ninstants ? c->ninstants - (uint32_t)n : 0;
        rc = rt_chain_run(c, find);
        n = n <= c->ninstants / 64 ? 8 * n : c->ninstants;
    } while (rc == RT_OK && !find->found && find->first > 0);
    return rc;
}

int rt_chain_choose_start(struct rt_chains *c, struct rt_chain_pass *pass)
{
    struct rt_chain_pass find = { .find = true,
        .mirrored = c->chain->start == RT_START_FIRST };
    int rc;

    if (c->chain->start == RT_START_ANY)
        return 1;
    rc = find.mirrored ? rt_chain_run(c, &find) : find_last(c, &find);
    if (rc < 0)
        return rc;
    if (find.found) {
        pass->only = true;
        pass->first = rt_chain_instant_of(c, find.found_us);
    }
    return find.found;
}

/* Without negative steps it is all one where a chain starts: any will do. */
static int ask(struct rt_chains *c)
{
    struct rt_chain_pass pass = { .negatives = true };
    int rc = c->nnegs > 0 ? rt_chain_choose_start(c, &pass) : 1;

    if (rc > 0)
        rc = rt_chain_run(c, &pass);
    return rc < 0 ? rc : pass.answer;
}

/* ---- the common case: one thing and then another */

static bool is_pair(const struct rt_chain *chain)
{
    const struct rt_chain_step *a = chain->steps, *b = a + 1;

    return chain->nsteps == 2 && !chain->in_session && !b->next && b->nsame == 0
        && a->nnots + b->nnots + chain->ntrailing == 0;
}

/* Events at one instant. */
struct crowd {
    uint32_t first, second, both; /* how many can be the one, the other, either */
};

static uint32_t count_crowd(struct rt_chains *c, uint32_t from, struct crowd *crowd)
{
    const struct rt_past *events = c->history->events;
    uint32_t i = from;

    *crowd = (struct crowd) { 0 };
    for (; i < c->history->n && events[i].time_us == events[from].time_us; i++) {
        uint64_t roles = rt_chain_roles(c, &events[i]);

        crowd->first += roles & RT_CHAIN_STEP(0) ? 1 : 0;
        crowd->second += roles & RT_CHAIN_STEP(1) ? 1 : 0;
        crowd->both += roles & RT_CHAIN_STEP(0) && roles & RT_CHAIN_STEP(1) ? 1 : 0;
    }
    return i;
}

/* One walk: of the first things that `after` lets through, the latest is the best. */
static int ask_pair(struct rt_chains *c)
{
    const struct rt_past *events = c->history->events, *latest = NULL;
    const struct rt_chain_step *step = &c->chain->steps[1];
    int64_t after_us = step->after_us > 0 ? step->after_us : 0;

    for (uint32_t i = 0, behind = 0, next; i < c->history->n; i = next) {
        int64_t now = events[i].time_us;
        struct crowd crowd;

        next = count_crowd(c, i, &crowd);
        if (!crowd.second)
            continue;
        if (after_us == 0 && crowd.first && crowd.first + crowd.second - crowd.both > 1)
            return RT_YES;
        for (; behind < i
             && rt_chain_span(events[behind].time_us, now) >= (uint64_t)after_us;
             behind++)
            if (rt_chain_roles(c, &events[behind]) & RT_CHAIN_STEP(0))
                latest = &events[behind];
        if (latest && rt_chain_inside(latest->time_us, now, step->within_us)
            && rt_chain_inside(latest->time_us, now, c->chain->within_us))
            return RT_YES;
    }
    return RT_NO;
}

int rt_chains_ask(struct rt_chains *c, const struct rt_chain *chain,
    const struct rt_kinds *kinds, const struct rt_history *history, int64_t as_of_us,
    struct rt_chain_effort *effort)
{
    int rc;

    c->chain = chain;
    c->kinds = kinds;
    c->history = history;
    c->as_of_us = as_of_us;
    if (is_pair(chain))
        return ask_pair(c);
    rc = rt_chain_view(c);
    if (rc <= 0)
        return rc;
    c->looks = effort->left + effort->each * c->nevents * chain->nsteps;
    rc = ask(c);
    if (c->looks < effort->left)
        effort->left = c->looks;
    effort->given_up |= rc == RT_ELIMIT;
    return rc == RT_ELIMIT ? RT_UNDECIDED : rc;
}
