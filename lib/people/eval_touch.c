/* Leaves asked of touches: walks over a person's history. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/sort.h"
#include "people/eval_int.h"
#include "people/past.h"
#include "people/session.h"

/* ---- walking a history */

static bool holds(const struct rt_eval *ev, const struct rt_past *event, uint32_t matcher)
{
    return rt_past_holds(ev->kinds, event, matcher);
}

/* The first or the last event of a matcher, or NULL. */
static const struct rt_past *end_of(const struct rt_eval *ev, uint32_t matcher, bool last)
{
    const struct rt_past *events = ev->history.events;
    uint32_t n = ev->history.n;

    if (!rt_eval_present(ev, matcher))
        return NULL;
    for (uint32_t i = 0; i < n; i++) {
        const struct rt_past *e = &events[last ? n - 1 - i : i];

        if (holds(ev, e, matcher))
            return e;
    }
    return NULL;
}

/* What a leaf walks: events of its matcher in its window, on the right side of its anchor. */
struct walk {
    const struct rt_leaf *leaf;
    int64_t lo_us, hi_us; /* included */
    int64_t anchor_us;    /* events of the anchor at this instant are left out */
    bool anchored;
    uint32_t next;
};

/* False when the leaf has an anchor and the person has none. */
static bool begin(const struct rt_eval *ev, const struct rt_leaf *leaf, struct walk *w)
{
    bool last =
        leaf->anchor == RT_ANCHOR_SINCE_LAST || leaf->anchor == RT_ANCHOR_BEFORE_LAST;
    bool since =
        leaf->anchor == RT_ANCHOR_SINCE_LAST || leaf->anchor == RT_ANCHOR_SINCE_FIRST;
    const struct rt_past *anchor;

    *w = (struct walk) {
        .leaf = leaf, .lo_us = leaf->when.lo_us, .hi_us = leaf->when.hi_us
    };
    if (leaf->anchor == RT_ANCHOR_NONE)
        return true;
    anchor = end_of(ev, leaf->anchor_matcher, last);
    if (!anchor)
        return false;
    w->anchored = true;
    w->anchor_us = anchor->time_us;
    if (since && w->lo_us < anchor->time_us)
        w->lo_us = anchor->time_us;
    if (!since && w->hi_us > anchor->time_us)
        w->hi_us = anchor->time_us;
    return true;
}

static const struct rt_past *step(const struct rt_eval *ev, struct walk *w)
{
    if (!rt_eval_present(ev, w->leaf->matcher))
        return NULL;
    while (w->next < ev->history.n) {
        const struct rt_past *e = &ev->history.events[w->next++];

        if (e->time_us > w->hi_us)
            return NULL;
        if (e->time_us < w->lo_us || !holds(ev, e, w->leaf->matcher))
            continue;
        if (w->anchored && e->time_us == w->anchor_us
            && holds(ev, e, w->leaf->anchor_matcher))
            continue;
        return e;
    }
    return NULL;
}

/* ---- measures */

static const uint64_t *value_of(
    const struct rt_eval *ev, const struct rt_past *e, uint32_t value)
{
    return rt_past_value(ev->kinds, &ev->history, e, value);
}

static uint64_t count_events(const struct rt_eval *ev, struct walk *w)
{
    uint64_t n = 0;

    while (step(ev, w))
        n++;
    return n;
}

static int compare_pairs(const void *va, const void *vb)
{
    const uint64_t *a = va, *b = vb;

    if (a[0] != b[0])
        return a[0] < b[0] ? -1 : 1;
    return (a[1] > b[1]) - (a[1] < b[1]);
}

static int reserve_words(struct rt_eval *ev)
{
    uint64_t need = 4 * (uint64_t)ev->history.n;
    uint64_t *words;

    if (need <= ev->cap_words)
        return RT_OK;
    words = rt_realloc(ev->words, need, sizeof *words);
    if (!words)
        return RT_ENOMEM;
    ev->words = words;
    ev->cap_words = need;
    return RT_OK;
}

static int count_days(struct rt_eval *ev, struct walk *w, uint64_t *count)
{
    const struct rt_past *e;
    size_t n = 0;

    if (reserve_words(ev) < 0)
        return RT_ENOMEM;
    while ((e = step(ev, w)))
        ev->words[n++] = (uint64_t)rt_clock_local_day(ev->plan->defs->zone, e->time_us);
    rt_sort_u64(ev->words, ev->words + n, n);
    *count = rt_unique_u64(ev->words, n);
    return RT_OK;
}

static int count_distinct(struct rt_eval *ev, struct walk *w, uint64_t *count)
{
    const struct rt_past *e;
    size_t n = 0;

    if (reserve_words(ev) < 0)
        return RT_ENOMEM;
    while ((e = step(ev, w))) {
        const uint64_t *hash = value_of(ev, e, w->leaf->value);

        if (!hash[0] && !hash[1])
            continue; /* absent or empty */
        ev->words[2 * n] = hash[0];
        ev->words[2 * n + 1] = hash[1];
        n++;
    }
    if (n > 1)
        qsort(ev->words, n, 2 * sizeof *ev->words, compare_pairs);
    *count = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || compare_pairs(ev->words + 2 * i, ev->words + 2 * i - 2) != 0)
            (*count)++;
    return RT_OK;
}

/* What sum, avg, min and max need, in one walk. */
struct summary {
    __int128 sum;
    uint64_t n; /* numbers among the values */
    uint64_t events;
    int64_t min, max;
};

static struct summary summarise(const struct rt_eval *ev, struct walk *w)
{
    struct summary s = { .min = INT64_MAX, .max = INT64_MIN };
    const struct rt_past *e;

    while ((e = step(ev, w))) {
        int64_t v = (int64_t)*value_of(ev, e, w->leaf->value);

        s.events++;
        if (v == RT_NO_NUMBER)
            continue;
        s.sum += v;
        s.n++;
        s.min = v < s.min ? v : s.min;
        s.max = v > s.max ? v : s.max;
    }
    return s;
}

bool rt_eval_within(const struct rt_measure *m, __int128 value, uint64_t n)
{
    __int128 k = (__int128)n;

    return (!m->has_gte || value >= m->gte * k) && (!m->has_gt || value > m->gt * k)
        && (!m->has_lte || value <= m->lte * k) && (!m->has_lt || value < m->lt * k)
        && (!m->has_eq || value == m->eq * k);
}

static int did(struct rt_eval *ev, const struct rt_leaf *leaf, struct walk *w)
{
    const struct rt_measure *m = &leaf->cond->measure;
    struct summary s;
    uint64_t count = 0;
    int rc = RT_OK;

    if (m->kind == RT_MEASURE_COUNT) {
        if (m->by_day)
            rc = count_days(ev, w, &count);
        else if (leaf->value != RT_NONE)
            rc = count_distinct(ev, w, &count);
        else
            count = count_events(ev, w);
        return rc < 0 ? rc : m->min_count <= count && count <= m->max_count;
    }
    s = summarise(ev, w);
    if (m->kind == RT_MEASURE_SUM)
        return rt_eval_within(m, s.sum, 1);
    if (s.n == 0)
        return RT_NO;
    if (m->kind == RT_MEASURE_AVG)
        return rt_eval_within(m, s.sum, s.n);
    return rt_eval_within(m, m->kind == RT_MEASURE_MIN ? s.min : s.max, 1);
}

/* ---- leaves */

/* last, first: the event's age, and the tests of `is` on one of those at its instant. */
static int at_the_end(const struct rt_eval *ev, const struct rt_leaf *leaf)
{
    const struct rt_past *end = end_of(ev, leaf->matcher, leaf->kind == RT_COND_LAST);

    if (!end || end->time_us < leaf->when.lo_us || end->time_us > leaf->when.hi_us)
        return RT_NO;
    if (leaf->is_matcher == RT_NONE)
        return RT_YES;
    if (!rt_eval_present(ev, leaf->is_matcher))
        return RT_NO;
    for (uint32_t i = 0; i < ev->history.n; i++) {
        const struct rt_past *e = &ev->history.events[i];

        if (e->time_us == end->time_us && holds(ev, e, leaf->is_matcher))
            return RT_YES;
    }
    return RT_NO;
}

/* rank: the number, if the person has a place. */
int rt_eval_touch_rank(
    struct rt_eval *ev, const struct rt_leaf *leaf, struct rt_rank_number *number)
{
    enum rt_measure_kind kind = leaf->cond->measure.kind;
    struct summary s;
    struct walk w;

    if (!rt_eval_present(ev, leaf->matcher) || !begin(ev, leaf, &w))
        return RT_NO;
    if (kind == RT_MEASURE_COUNT) {
        uint64_t n = count_events(ev, &w);

        *number = rt_rank_whole((__int128)n);
        return n > 0;
    }
    s = summarise(ev, &w);
    if (s.events == 0 || (s.n == 0 && kind != RT_MEASURE_SUM))
        return RT_NO;
    *number = kind == RT_MEASURE_AVG
        ? rt_rank_average(s.sum, s.n)
        : rt_rank_whole(kind == RT_MEASURE_SUM ? s.sum : s.max);
    return RT_YES;
}

/* The values of a for_some share what the search may cost. */
static int sequence(struct rt_eval *ev, const struct rt_leaf *leaf)
{
    size_t place = (size_t)(leaf - ev->plan->leaves);
    uint64_t left;
    int answer;

    if (!ev->in_some)
        ev->effort = RT_CHAIN_EFFORT;
    if (ev->looks && *ev->looks < ev->effort.left)
        ev->effort.left = *ev->looks;
    left = ev->effort.left;
    ev->effort.given_up = false;
    answer = rt_chains_ask(ev->chains, leaf->chain, ev->kinds, &ev->history,
        ev->plan->as_of_us, &ev->effort);
    if (ev->looks)
        *ev->looks -= left - ev->effort.left;
    if (ev->effort.given_up && !ev->given_up[place]) {
        ev->given_up[place] = true;
        ev->any_given_up = true;
        ev->limits[place]++;
    }
    return answer;
}

int rt_eval_touches(struct rt_eval *ev, const struct rt_leaf *leaf)
{
    struct walk w;

    switch (leaf->kind) {
    case RT_COND_DID:
        return begin(ev, leaf, &w) ? did(ev, leaf, &w) : RT_NO;
    case RT_COND_DID_NOT:
        return begin(ev, leaf, &w) && !step(ev, &w);
    case RT_COND_LAST:
    case RT_COND_FIRST:
        return at_the_end(ev, leaf);
    case RT_COND_PROFILE:
        return rt_eval_present(ev, leaf->matcher);
    case RT_COND_SEQUENCE:
        return sequence(ev, leaf);
    case RT_COND_SESSION:
        return rt_session_ask(leaf, ev->plan->defs->session_timeout_us, ev->kinds,
            &ev->facts.texts, &ev->history);
    default:
        return RT_NO;
    }
}

bool rt_eval_touch_consent(const struct rt_eval *ev, const struct rt_consent *c)
{
    const struct rt_past *latest = end_of(ev, c->present, true);

    if (!latest)
        return c->absent_grants;
    for (uint32_t i = ev->history.n; i > 0; i--) {
        const struct rt_past *e = &ev->history.events[i - 1];

        if (e->time_us < latest->time_us)
            break;
        if (e->time_us == latest->time_us && holds(ev, e, c->present)
            && !holds(ev, e, c->granted))
            return false;
    }
    return true;
}
