/*
 * Which events a condition counted the evaluator does not say; it is worked out here from
 * what the plan says of a leaf: its matchers and its bounds. No answer depends on it.
 */
#include "run/explain_int.h"

int rt_explain_event(
    struct rt_explainer *x, uint32_t record, struct rt_explained_event *out)
{
    const struct rt_trail_record *r = &x->trail.records[record];

    *out = (struct rt_explained_event) { .time_us = r->time_us,
        .path = rt_arena_copy(&x->out->arena, rt_span_of(r->path)),
        .line = r->line };
    if (!r->contact)
        out->name = rt_arena_copy(&x->out->arena, r->cells[RT_SLOT_EVENT]);
    return out->path.p && (r->contact || out->name.p) ? RT_OK : RT_ENOMEM;
}

/* The records that are picked, newest first; the node keeps the first few. */
int rt_view_show(const struct rt_view *v, struct rt_explained_node *node)
{
    struct rt_explainer *x = v->x;
    struct rt_explained_event *events =
        rt_arena_new(&x->out->arena, RT_EXPLAINED_EVENTS_MAX, sizeof *events);
    int rc = events ? RT_OK : RT_ENOMEM;

    for (uint32_t i = x->trail.n; i > 0 && rc == RT_OK; i--) {
        if (!v->picked[i - 1])
            continue;
        if (node->nfound++ < RT_EXPLAINED_EVENTS_MAX)
            rc = rt_explain_event(x, i - 1, &events[node->nevents++]);
    }
    node->events = events;
    return rc;
}

static bool fits(const struct rt_view *v, uint32_t record, uint32_t segment)
{
    return (!v->only || v->only[record]) && rt_moment_fits(v->x->now, record, segment);
}

static bool is_in(int64_t us, struct rt_bounds bounds)
{
    return bounds.lo_us <= us && us <= bounds.hi_us;
}

void rt_view_pick_none(struct rt_view *v)
{
    memset(v->picked, 0, v->x->trail.n * sizeof *v->picked);
}

/* The first or last record that fits; RT_NONE. */
static uint32_t end_of(const struct rt_view *v, uint32_t segment, bool last)
{
    uint32_t n = v->x->trail.n;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = last ? n - 1 - i : i;

        if (fits(v, at, segment))
            return at;
    }
    return RT_NONE;
}

/* Those that a `did` counts, and that break a `did_not`. */
int rt_view_pick_counted(
    struct rt_view *v, const struct rt_part *part, struct rt_explained_node *node)
{
    const struct rt_leaf *leaf = rt_moment_leaf(v->x->now, part);
    const struct rt_aspect *event = rt_part_aspect(part, RT_ASPECT_EVENT);
    const struct rt_aspect *anchor = rt_part_aspect(part, RT_ASPECT_ANCHOR);
    enum rt_anchor_kind kind = leaf->anchor;
    bool since = kind == RT_ANCHOR_SINCE_LAST || kind == RT_ANCHOR_SINCE_FIRST;
    struct rt_bounds when = leaf->when;
    int64_t anchor_us = 0;

    rt_view_pick_none(v);
    if (anchor) {
        uint32_t at = end_of(v, anchor->segment,
            kind == RT_ANCHOR_SINCE_LAST || kind == RT_ANCHOR_BEFORE_LAST);

        if (at == RT_NONE)
            return RT_OK;
        anchor_us = v->x->trail.records[at].time_us;
        if (since && when.lo_us < anchor_us)
            when.lo_us = anchor_us;
        if (!since && when.hi_us > anchor_us)
            when.hi_us = anchor_us;
        if (rt_explain_event(v->x, at, &node->anchor) < 0)
            return RT_ENOMEM;
    }
    for (uint32_t i = 0; i < v->x->trail.n; i++) {
        int64_t us = v->x->trail.records[i].time_us;

        v->picked[i] = is_in(us, when) && fits(v, i, event->segment)
            && !(anchor && us == anchor_us && fits(v, i, anchor->segment));
    }
    return RT_OK;
}

/* The latest or earliest, all of that instant. */
void rt_view_pick_end(struct rt_view *v, const struct rt_part *part)
{
    const struct rt_aspect *event = rt_part_aspect(part, RT_ASPECT_EVENT);
    const struct rt_trail_record *records = v->x->trail.records;
    uint32_t at = end_of(v, event->segment, part->cond->kind == RT_COND_LAST);

    rt_view_pick_none(v);
    for (uint32_t i = 0; at != RT_NONE && i < v->x->trail.n; i++)
        v->picked[i] =
            records[i].time_us == records[at].time_us && fits(v, i, event->segment);
}

void rt_view_pick_rows(struct rt_view *v, const struct rt_part *part)
{
    for (uint32_t i = 0; i < v->x->trail.n; i++)
        v->picked[i] = v->x->trail.records[i].contact && fits(v, i, part->segment);
}

void rt_view_pick_step(
    struct rt_view *v, const struct rt_part *part, const struct rt_aspect *aspect)
{
    const struct rt_leaf *leaf = rt_moment_leaf(v->x->now, part);
    struct rt_bounds when = { RT_TIME_MIN, RT_TIME_MAX };

    if (leaf->chain && !part->cond->steps[aspect - part->aspects].negative)
        when = leaf->chain->when;
    for (uint32_t i = 0; i < v->x->trail.n; i++)
        v->picked[i] =
            is_in(v->x->trail.records[i].time_us, when) && fits(v, i, aspect->segment);
}
