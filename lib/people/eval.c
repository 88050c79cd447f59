/*
 * Leaves are worked out when a segment first asks for them, once a person. Before any walk
 * over the history, the union of its kinds tells which matchers hold anywhere: most leaves
 * of most people are decided by that.
 */
#include "people/eval.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/sort.h"
#include "people/past.h"
#include "people/session.h"

enum { UNKNOWN = 255 };

/* An event by the value that a for_some groups it by. */
struct valued {
    struct rt_hash128 text;
    uint32_t event; /* its place in the history */
};

struct value { /* for which a for_some holds */
    struct rt_span text;
    int64_t latest_us;
};

struct rt_eval {
    const struct rt_plan *plan;
    const struct rt_kinds *kinds;
    struct rt_eval_facts facts;
    struct rt_history history; /* the person's, or in a for_some those of one value */
    struct valued *valued;
    struct rt_past *grouped;
    uint64_t cap_valued, cap_grouped;
    struct value *found; /* when the values themselves are wanted */
    struct rt_span *values;
    uint64_t nfound, cap_found, cap_values;
    uint64_t *present; /* matchers that hold somewhere in the history */
    uint8_t *leaves;   /* answers, or UNKNOWN */
    uint8_t *segments;
    uint64_t *words; /* distinct values: room for 4 words an event */
    uint64_t cap_words;
};

int rt_eval_new(
    const struct rt_plan *plan, const struct rt_kinds *kinds, struct rt_eval **out)
{
    struct rt_eval *ev = rt_calloc(1, sizeof *ev);

    if (!ev)
        return RT_ENOMEM;
    ev->plan = plan;
    ev->kinds = kinds;
    ev->present = rt_calloc(plan->matcher_words, sizeof *ev->present);
    ev->leaves = rt_calloc(plan->nleaves, sizeof *ev->leaves);
    ev->segments = rt_calloc(plan->nsegments, sizeof *ev->segments);
    if (!ev->present || !ev->leaves || !ev->segments) {
        rt_eval_free(ev);
        return RT_ENOMEM;
    }
    *out = ev;
    return RT_OK;
}

void rt_eval_free(struct rt_eval *ev)
{
    if (!ev)
        return;
    rt_free(ev->present);
    rt_free(ev->leaves);
    rt_free(ev->segments);
    rt_free(ev->words);
    rt_free(ev->valued);
    rt_free(ev->grouped);
    rt_free(ev->found);
    rt_free(ev->values);
    rt_free(ev);
}

void rt_eval_know(struct rt_eval *ev, const struct rt_eval_facts *facts)
{
    ev->facts = *facts;
}

/* Goes over to another history, and notes which matchers hold in it. */
static void turn_to(struct rt_eval *ev, const struct rt_history *history)
{
    uint32_t words = ev->plan->matcher_words;

    ev->history = *history;
    memset(ev->present, 0, words * sizeof *ev->present);
    for (uint32_t i = 0; i < history->n; i++) {
        const uint64_t *bits = rt_kinds_bits(ev->kinds, history->events[i].kind);

        for (uint32_t w = 0; w < words; w++)
            ev->present[w] |= bits[w];
    }
}

void rt_eval_person(struct rt_eval *ev, const struct rt_history *history)
{
    turn_to(ev, history);
    memset(ev->leaves, UNKNOWN, ev->plan->nleaves);
    memset(ev->segments, UNKNOWN, ev->plan->nsegments);
}

/* ---- walking a history */

static bool is_present(const struct rt_eval *ev, uint32_t matcher)
{
    return ev->present[matcher / 64] >> matcher % 64 & 1;
}

static bool holds(const struct rt_eval *ev, const struct rt_past *event, uint32_t matcher)
{
    return rt_past_holds(ev->kinds, event, matcher);
}

/* The first or the last event of a matcher, or NULL. */
static const struct rt_past *end_of(const struct rt_eval *ev, uint32_t matcher, bool last)
{
    const struct rt_past *events = ev->history.events;
    uint32_t n = ev->history.n;

    if (!is_present(ev, matcher))
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
    if (!is_present(ev, w->leaf->matcher))
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

/* value against the bounds of the measure, each times n: an average is compared exactly,
 * as its sum. */
static bool within(const struct rt_measure *m, __int128 value, uint64_t n)
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
        return within(m, s.sum, 1);
    if (s.n == 0)
        return RT_NO;
    if (m->kind == RT_MEASURE_AVG)
        return within(m, s.sum, s.n);
    return within(m, m->kind == RT_MEASURE_MIN ? s.min : s.max, 1);
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
    if (!is_present(ev, leaf->is_matcher))
        return RT_NO;
    for (uint32_t i = 0; i < ev->history.n; i++) {
        const struct rt_past *e = &ev->history.events[i];

        if (e->time_us == end->time_us && holds(ev, e, leaf->is_matcher))
            return RT_YES;
    }
    return RT_NO;
}

/* rank: the number, if the person has a place. */
static int number_of(
    struct rt_eval *ev, const struct rt_leaf *leaf, struct rt_rank_number *number)
{
    enum rt_measure_kind kind = leaf->cond->measure.kind;
    struct summary s;
    struct walk w;

    if (!is_present(ev, leaf->matcher) || !begin(ev, leaf, &w))
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

int rt_eval_rank(struct rt_eval *ev, uint32_t leaf, struct rt_rank_number *number)
{
    const struct rt_leaf *l = &ev->plan->leaves[leaf];

    if (!is_present(ev, l->matcher))
        return RT_NO;
    if (l->among != RT_NONE) {
        int answer = rt_eval_segment(ev, l->among);

        if (answer != RT_YES)
            return answer < 0 ? answer : RT_NO;
    }
    return number_of(ev, l, number);
}

static int is_in_front(struct rt_eval *ev, const struct rt_leaf *leaf)
{
    uint32_t place = (uint32_t)(leaf - ev->plan->leaves);
    struct rt_rank_number number;
    int answer = ev->facts.ranking ? rt_eval_rank(ev, place, &number) : RT_NO;

    if (answer != RT_YES)
        return answer;
    return rt_ranking_holds(ev->facts.ranking, place, number);
}

static int work_out(struct rt_eval *ev, const struct rt_leaf *leaf)
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
        return is_present(ev, leaf->matcher);
    case RT_COND_SESSION:
        return rt_session_ask(leaf, ev->plan->defs->session_timeout_us, ev->kinds,
            &ev->facts.texts, &ev->history);
    case RT_COND_RANK:
        return is_in_front(ev, leaf);
    default:
        return RT_NO;
    }
}

static int ask_leaf(struct rt_eval *ev, uint32_t leaf)
{
    if (ev->leaves[leaf] == UNKNOWN) {
        int answer = work_out(ev, &ev->plan->leaves[leaf]);

        if (answer < 0)
            return answer;
        ev->leaves[leaf] = (uint8_t)answer;
    }
    return ev->leaves[leaf];
}

/* ---- for_some: the condition, on the events of one value at a time */

static int ask(struct rt_eval *ev, const struct rt_node *node);

static int by_text(const void *va, const void *vb)
{
    const struct valued *a = va, *b = vb;

    if (a->text.lo != b->text.lo)
        return a->text.lo < b->text.lo ? -1 : 1;
    if (a->text.hi != b->text.hi)
        return a->text.hi < b->text.hi ? -1 : 1;
    return (a->event > b->event) - (a->event < b->event);
}

static int reserve(void **p, uint64_t *cap, uint64_t n, size_t size)
{
    void *more;

    if (n <= *cap)
        return RT_OK;
    more = rt_realloc(*p, n + n / 2, size);
    if (!more)
        return RT_ENOMEM;
    *p = more;
    *cap = n + n / 2;
    return RT_OK;
}

/* The events that have the value, those of one value together and in time order. */
static int group(struct rt_eval *ev, uint32_t value, uint32_t *n)
{
    *n = 0;
    if (reserve((void **)&ev->valued, &ev->cap_valued, ev->history.n, sizeof *ev->valued)
            < 0
        || reserve((void **)&ev->grouped, &ev->cap_grouped, ev->history.n,
               sizeof *ev->grouped)
            < 0)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < ev->history.n; i++) {
        struct rt_hash128 text =
            rt_past_text(ev->kinds, &ev->history, &ev->history.events[i], value);

        if (rt_text_given(text))
            ev->valued[(*n)++] = (struct valued) { text, i };
    }
    if (*n > 1)
        qsort(ev->valued, *n, sizeof *ev->valued, by_text);
    for (uint32_t i = 0; i < *n; i++)
        ev->grouped[i] = ev->history.events[ev->valued[i].event];
    return RT_OK;
}

static int keep_value(struct rt_eval *ev, struct rt_hash128 text, int64_t latest_us)
{
    if (reserve((void **)&ev->found, &ev->cap_found, ev->nfound + 1, sizeof *ev->found)
        < 0)
        return RT_ENOMEM;
    ev->found[ev->nfound++] =
        (struct value) { .text = rt_text_set_find(&ev->facts.texts, text),
            .latest_us = latest_us };
    return RT_OK;
}

/* Asks about every value in turn. keep: notes all that hold; otherwise the first is enough. */
static int ask_values(
    struct rt_eval *ev, const struct rt_node *node, uint32_t n, bool keep)
{
    const struct rt_some *some = ev->plan->leaves[node->leaf].some;
    struct rt_history group = ev->history;
    int seen = RT_NO, rc = RT_OK;

    for (uint32_t from = 0, to; from < n && rc == RT_OK; from = to) {
        int answer;

        for (to = from + 1; to < n; to++)
            if (!rt_text_same(ev->valued[from].text, ev->valued[to].text))
                break;
        group.events = ev->grouped + from;
        group.n = to - from;
        turn_to(ev, &group);
        memset(ev->leaves + some->first_leaf, UNKNOWN, some->end_leaf - some->first_leaf);
        answer = ask(ev, &node->parts[0]);
        if (answer < 0 || (answer == RT_YES && !keep))
            return answer;
        if (answer == RT_YES)
            rc = keep_value(ev, ev->valued[from].text, ev->grouped[to - 1].time_us);
        if (answer == RT_YES || (answer == RT_UNDECIDED && seen == RT_NO))
            seen = answer;
    }
    return rc < 0 ? rc : seen;
}

static int ask_some(struct rt_eval *ev, const struct rt_node *node, bool keep)
{
    struct rt_history whole = ev->history;
    uint32_t n;
    int answer;

    if (group(ev, ev->plan->leaves[node->leaf].some->value, &n) < 0)
        return RT_ENOMEM;
    if (n == 0)
        return RT_NO;
    answer = ask_values(ev, node, n, keep);
    turn_to(ev, &whole);
    return answer;
}

static int by_recency(const void *va, const void *vb)
{
    const struct value *a = va, *b = vb;

    if (a->latest_us != b->latest_us)
        return a->latest_us > b->latest_us ? -1 : 1;
    return rt_span_cmp(a->text, b->text);
}

int rt_eval_values(struct rt_eval *ev, const struct rt_node *node, uint32_t most,
    const struct rt_span **values, uint32_t *n)
{
    int answer;

    ev->nfound = *n = 0;
    answer = ask_some(ev, node, true);
    if (answer < 0)
        return answer;
    if (ev->nfound > 1)
        qsort(ev->found, ev->nfound, sizeof *ev->found, by_recency);
    if (reserve((void **)&ev->values, &ev->cap_values, ev->nfound, sizeof *ev->values)
        < 0)
        return RT_ENOMEM;
    for (; *n < ev->nfound && *n < most; (*n)++)
        ev->values[*n] = ev->found[*n].text;
    *values = ev->values;
    return RT_OK;
}

static int ask_some_once(struct rt_eval *ev, const struct rt_node *node)
{
    if (ev->leaves[node->leaf] == UNKNOWN) {
        int answer = ask_some(ev, node, false);

        if (answer < 0)
            return answer;
        ev->leaves[node->leaf] = (uint8_t)answer;
    }
    return ev->leaves[node->leaf];
}

/* ---- segments */

static int ask(struct rt_eval *ev, const struct rt_node *node)
{
    int settled = node->kind == RT_COND_ANY ? RT_YES : RT_NO, seen = !settled;

    switch (node->kind) {
    case RT_COND_SEGMENT:
        return rt_eval_segment(ev, node->leaf);
    case RT_COND_NOT: {
        int answer = ask(ev, &node->parts[0]);

        return answer == RT_YES ? RT_NO : answer == RT_NO ? RT_YES : answer;
    }
    case RT_COND_ALL:
    case RT_COND_ANY:
        for (uint32_t i = 0; i < node->n; i++) {
            int answer = ask(ev, &node->parts[i]);

            if (answer < 0 || answer == settled)
                return answer;
            if (answer == RT_UNDECIDED)
                seen = RT_UNDECIDED;
        }
        return seen;
    case RT_COND_FOR_SOME:
        return ask_some_once(ev, node);
    default:
        return ask_leaf(ev, node->leaf);
    }
}

int rt_eval_node(struct rt_eval *ev, const struct rt_node *node)
{
    return ask(ev, node);
}

/* match and not any of exclude. */
static int ask_segment(struct rt_eval *ev, const struct rt_plan_segment *segment)
{
    int answer = ask(ev, &segment->match);

    for (uint32_t i = 0; i < segment->nexclude && answer > RT_NO; i++) {
        int excluded = ask(ev, &segment->exclude[i]);

        if (excluded < 0)
            return excluded;
        if (excluded == RT_YES)
            return RT_NO;
        if (excluded == RT_UNDECIDED)
            answer = RT_UNDECIDED;
    }
    return answer;
}

int rt_eval_segment(struct rt_eval *ev, uint32_t segment)
{
    if (ev->segments[segment] == UNKNOWN) {
        int answer = ask_segment(ev, &ev->plan->segments[segment]);

        if (answer < 0)
            return answer;
        ev->segments[segment] = (uint8_t)answer;
    }
    return ev->segments[segment];
}

bool rt_eval_consent(struct rt_eval *ev, uint32_t purpose)
{
    const struct rt_consent *c = &ev->plan->consents[purpose];
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
