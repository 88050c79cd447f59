/*
 * Conditions that hold by one of several cases: a sequence by events that stand at its
 * steps, a session condition by a session, a for_some by a value. Each case is asked about
 * by evaluating the condition with the events of that session or value alone.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "plan/sentence.h"
#include "run/explain_int.h"

/* ---- sequences: each step with its event, or else with those that could stand there */

int rt_view_tell_steps(
    struct rt_view *v, const struct rt_part *part, struct rt_explained_node *node)
{
    struct rt_explainer *x = v->x;
    struct rt_explained_node *steps =
        rt_arena_new(&x->out->arena, part->naspects, sizeof *steps);
    struct rt_moment_witness chain = { .n = 0 };
    uint32_t positive = 0;
    int rc = steps ? RT_OK : RT_ENOMEM;

    if (rc == RT_OK && !node->given_up) {
        rc = rt_moment_witness(x->now, part, v->only, &chain);
        node->given_up = chain.given_up;
    }

    for (uint32_t i = 0; i < part->naspects && rc == RT_OK; i++) {
        struct rt_buf text = RT_BUF_INIT(1 << 20);

        rc = rt_sentence_step(x->out->defs, part->cond, i, &text);
        steps[i].says = rt_explain_keep(x, &text);
        if (rc < 0 || !steps[i].says.p)
            return RT_ENOMEM;
        rt_view_pick_step(v, part, &part->aspects[i]);
        if (!part->cond->steps[i].negative && positive++ < chain.n) {
            rt_view_pick_none(v);
            v->picked[chain.records[positive - 1]] = true;
        }
        rc = rt_view_show(v, &steps[i]);
    }
    node->parts = steps;
    node->nparts = part->naspects;
    return rc;
}

/* ---- sessions */

/* A stretch of the person's events without a gap that is longer than the timeout. */
struct session {
    uint32_t first, end; /* records */
};

static uint32_t cut_sessions(struct rt_explainer *x, struct session *sessions)
{
    const struct rt_trail_record *r = x->trail.records;
    uint32_t n = 0, events = x->trail.n - x->trail.ncontacts;

    for (uint32_t i = 0; i < events; i++) {
        if (i == 0 || r[i].time_us - r[i - 1].time_us > x->out->defs->session_timeout_us)
            sessions[n++].first = i;
        sessions[n - 1].end = i + 1;
    }
    return n;
}

static int tell_session(struct rt_view *v, const struct rt_part *part,
    const struct session *session, struct rt_explained_node *node)
{
    struct rt_explainer *x = v->x;
    const struct rt_trail_record *r = x->trail.records;
    uint8_t *answers = rt_calloc(x->parts.defs.nsegments, 1);
    char from[48], to[48];
    int rc;

    if (!answers)
        return RT_ENOMEM;
    rt_view_pick_none(v);
    for (uint32_t i = session->first; i < session->end; i++)
        v->picked[i] = true;
    rc = rt_moment_ask(x->now, v->picked, answers);
    node->answered = true;
    node->answer = answers[part->segment];
    rt_free(answers);
    if (rc < 0)
        return rc;
    rt_clock_format_local(x->out->defs->zone, r[session->first].time_us, from);
    rt_clock_format_local(x->out->defs->zone, r[session->end - 1].time_us, to);
    node->says = rt_explain_text(x, "session from %s to %s", from, to);
    rc = rt_view_show(v, node);
    return node->says.p ? rc : RT_ENOMEM;
}

/* The one that is asked about; of any those in which it holds, or else the latest. */
int rt_view_tell_sessions(
    struct rt_view *v, const struct rt_part *part, struct rt_explained_node *node)
{
    struct rt_explainer *x = v->x;
    struct session *sessions = rt_calloc(x->trail.n, sizeof *sessions);
    struct rt_explained_node *nodes =
        rt_arena_new(&x->out->arena, RT_EXPLAINED_VALUES_MAX, sizeof *nodes);
    uint32_t n = sessions ? cut_sessions(x, sessions) : 0;
    bool any = part->cond->session == RT_START_ANY;
    int rc = sessions && nodes ? RT_OK : RT_ENOMEM;

    node->parts = nodes;
    for (uint32_t i = n; i > 0 && rc == RT_OK; i--) {
        uint32_t at = part->cond->session == RT_START_FIRST ? n - i : i - 1;
        struct rt_explained_node one = { 0 };

        rc = tell_session(v, part, &sessions[at], &one);
        if (any && node->answer == RT_YES && one.answer != RT_YES)
            continue;
        if (node->nparts < (any ? RT_EXPLAINED_VALUES_MAX : 1))
            nodes[node->nparts++] = one;
        else if (any)
            node->nleft++;
        if (!any)
            break;
    }
    rt_free(sessions);
    return rc;
}

/* ---- for_some: its condition for one value after another */

struct some_value {
    struct rt_span value;
    uint32_t last; /* the latest record with it */
    uint8_t answer;
};

/* Those that hold come first, then undecided ones; of these the most recent event, then by
 * bytes. */
static int compare_values(const void *va, const void *vb)
{
    static const int order[] = { [RT_YES] = 0, [RT_UNDECIDED] = 1, [RT_NO] = 2 };
    const struct some_value *a = va, *b = vb;

    if (order[a->answer] != order[b->answer])
        return order[a->answer] - order[b->answer];
    if (a->last != b->last)
        return a->last > b->last ? -1 : 1;
    return rt_span_cmp(a->value, b->value);
}

static int by_bytes(const void *va, const void *vb)
{
    const struct some_value *a = va, *b = vb;

    return rt_span_cmp(a->value, b->value);
}

/* The different values of the person's events, each with its latest record. */
static uint32_t list_values(
    struct rt_explainer *x, const struct rt_span *values, struct some_value *out)
{
    uint32_t n = 0, events = x->trail.n - x->trail.ncontacts, m = 0;

    for (uint32_t i = 0; i < events; i++)
        if (values[i].p)
            out[n++] = (struct some_value) { values[i], i, 0 };
    if (n > 1)
        qsort(out, n, sizeof *out, by_bytes);
    for (uint32_t i = 0; i < n; i++) {
        if (m && rt_span_eq(out[m - 1].value, out[i].value)) {
            if (out[i].last > out[m - 1].last)
                out[m - 1].last = out[i].last;
        } else
            out[m++] = out[i];
    }
    return m;
}

static void pick_value(
    struct rt_view *v, const struct rt_span *values, struct rt_span value)
{
    uint32_t events = v->x->trail.n - v->x->trail.ncontacts;

    rt_view_pick_none(v);
    for (uint32_t i = 0; i < events; i++)
        v->picked[i] = values[i].p && rt_span_eq(values[i], value);
}

static int tell_value(struct rt_view *v, const struct rt_part *part,
    const struct rt_span *values, const struct some_value *one,
    struct rt_explained_node *node)
{
    struct rt_explainer *x = v->x;
    uint8_t *answers = rt_calloc(x->parts.defs.nsegments, 1);
    bool *only = rt_calloc(x->trail.n, sizeof *only);
    int rc = answers && only ? RT_OK : RT_ENOMEM;

    if (rc == RT_OK) {
        pick_value(v, values, one->value);
        memcpy(only, v->picked, x->trail.n * sizeof *only);
        rc = rt_moment_ask(x->now, only, answers);
    }
    node->answered = true;
    node->answer = one->answer;
    node->says = rt_explain_text(x, "%.*s \"%.*s\"", (int)part->cond->field.n,
        part->cond->field.p, (int)one->value.n, one->value.p);
    if (rc == RT_OK)
        rc = node->says.p ? rt_explain_parts(x, part, only, answers, node) : RT_ENOMEM;
    rt_free(answers);
    rt_free(only);
    return rc;
}

static int ask_values(struct rt_view *v, const struct rt_part *part,
    const struct rt_span *values, struct some_value *all, uint32_t n)
{
    struct rt_explainer *x = v->x;
    uint32_t held = x->parts.parts[part->parts[0]].segment;
    uint8_t *answers = rt_calloc(x->parts.defs.nsegments, 1);
    int rc = answers ? RT_OK : RT_ENOMEM;

    for (uint32_t i = 0; i < n && rc == RT_OK; i++) {
        pick_value(v, values, all[i].value);
        rc = rt_moment_ask(x->now, v->picked, answers);
        all[i].answer = answers ? answers[held] : RT_NO;
    }
    rt_free(answers);
    return rc;
}

int rt_view_tell_some(
    struct rt_view *v, const struct rt_part *part, struct rt_explained_node *node)
{
    struct rt_explainer *x = v->x;
    struct rt_span *values = rt_explain_values(x, part->cond->field);
    struct some_value *all = rt_calloc(x->trail.n, sizeof *all);
    struct rt_explained_node *nodes =
        rt_arena_new(&x->out->arena, RT_EXPLAINED_VALUES_MAX, sizeof *nodes);
    uint32_t n = values && all ? list_values(x, values, all) : 0;
    int rc = values && all && nodes ? ask_values(v, part, values, all, n) : RT_ENOMEM;

    if (rc == RT_OK && n > 1)
        qsort(all, n, sizeof *all, compare_values);
    for (uint32_t i = 0; i < n && i < RT_EXPLAINED_VALUES_MAX && rc == RT_OK; i++)
        rc = tell_value(v, part, values, &all[i], &nodes[node->nparts++]);
    node->parts = nodes;
    node->nleft = n - node->nparts;
    rt_free(values);
    rt_free(all);
    return rc;
}
