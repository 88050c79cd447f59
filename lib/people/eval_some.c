/* for_some: a condition on the events of one value of a field at a time. */
#include <stdlib.h>

#include "base/alloc.h"
#include "people/eval_int.h"
#include "people/past.h"

static int by_text(const void *va, const void *vb)
{
    const struct rt_valued *a = va, *b = vb;

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
            ev->valued[(*n)++] = (struct rt_valued) { text, i };
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
        (struct rt_some_found) { .text = rt_text_set_find(&ev->facts.texts, text),
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
        rt_eval_turn(ev, &group);
        memset(
            ev->leaves + some->first_leaf, RT_UNKNOWN, some->end_leaf - some->first_leaf);
        answer = rt_eval_condition(ev, node->leaf);
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
    ev->in_some = true;
    ev->effort = RT_CHAIN_EFFORT;
    answer = ask_values(ev, node, n, keep);
    ev->in_some = false;
    rt_eval_turn(ev, &whole);
    return answer;
}

static int by_recency(const void *va, const void *vb)
{
    const struct rt_some_found *a = va, *b = vb;

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

int rt_eval_some(struct rt_eval *ev, const struct rt_node *node)
{
    if (ev->leaves[node->leaf] == RT_UNKNOWN) {
        int answer = ask_some(ev, node, false);

        if (answer < 0)
            return answer;
        ev->leaves[node->leaf] = (uint8_t)answer;
    }
    return ev->leaves[node->leaf];
}
