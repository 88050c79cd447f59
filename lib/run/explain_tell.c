/*
 * The trees: each condition with its answer, the events that decided it, and its next
 * change.
 *
 * Answers all come of the evaluator. Which events a condition counted it does not say, so
 * that is worked out here from what the plan says of a leaf (its matchers, its bounds); a
 * step, a session, a value of a for_some is asked about by evaluating the condition with
 * the events of that session or value alone.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/num.h"
#include "people/match.h"
#include "plan/sentence.h"
#include "run/explain_int.h"

static struct rt_arena *arena_of(struct rt_explainer *x)
{
    return &x->out->arena;
}

/* ---- records */

int rt_explain_event(
    struct rt_explainer *x, uint32_t record, struct rt_explained_event *out)
{
    const struct rt_trail_record *r = &x->trail.records[record];

    *out = (struct rt_explained_event) { .time_us = r->time_us,
        .path = rt_arena_copy(arena_of(x), rt_span_of(r->path)),
        .line = r->line };
    if (!r->contact)
        out->name = rt_arena_copy(arena_of(x), r->cells[RT_SLOT_EVENT]);
    return out->path.p && (r->contact || out->name.p) ? RT_OK : RT_ENOMEM;
}

/* The records that are picked, newest first; the node keeps the first few. */
static int show_events(
    struct rt_explainer *x, const bool *picked, struct rt_explained_node *node)
{
    struct rt_explained_event *events =
        rt_arena_new(arena_of(x), RT_EXPLAINED_EVENTS_MAX, sizeof *events);
    int rc = events ? RT_OK : RT_ENOMEM;

    for (uint32_t i = x->trail.n; i > 0 && rc == RT_OK; i--) {
        if (!picked[i - 1])
            continue;
        if (node->nfound++ < RT_EXPLAINED_EVENTS_MAX)
            rc = rt_explain_event(x, i - 1, &events[node->nevents++]);
    }
    node->events = events;
    return rc;
}

/* Which records a question is about, and which of them are picked. */
struct view {
    struct rt_explainer *x;
    const bool *only; /* by record; NULL: all */
    bool *picked;
};

static bool fits(const struct view *v, uint32_t record, uint32_t segment)
{
    return (!v->only || v->only[record]) && rt_moment_fits(v->x->now, record, segment);
}

static bool is_in(int64_t us, struct rt_bounds bounds)
{
    return bounds.lo_us <= us && us <= bounds.hi_us;
}

static void pick_none(struct view *v)
{
    memset(v->picked, 0, v->x->trail.n * sizeof *v->picked);
}

/* The first or last record that fits; RT_NONE. */
static uint32_t end_of(const struct view *v, uint32_t segment, bool last)
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
static int pick_counted(
    struct view *v, const struct rt_part *part, struct rt_explained_node *node)
{
    const struct rt_leaf *leaf = rt_moment_leaf(v->x->now, part);
    const struct rt_aspect *event = rt_part_aspect(part, RT_ASPECT_EVENT);
    const struct rt_aspect *anchor = rt_part_aspect(part, RT_ASPECT_ANCHOR);
    enum rt_anchor_kind kind = leaf->anchor;
    bool since = kind == RT_ANCHOR_SINCE_LAST || kind == RT_ANCHOR_SINCE_FIRST;
    struct rt_bounds when = leaf->when;
    int64_t anchor_us = 0;

    pick_none(v);
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
static void pick_end(struct view *v, const struct rt_part *part)
{
    const struct rt_aspect *event = rt_part_aspect(part, RT_ASPECT_EVENT);
    const struct rt_trail_record *records = v->x->trail.records;
    uint32_t at = end_of(v, event->segment, part->cond->kind == RT_COND_LAST);

    pick_none(v);
    for (uint32_t i = 0; at != RT_NONE && i < v->x->trail.n; i++)
        v->picked[i] =
            records[i].time_us == records[at].time_us && fits(v, i, event->segment);
}

static void pick_rows(struct view *v, const struct rt_part *part)
{
    for (uint32_t i = 0; i < v->x->trail.n; i++)
        v->picked[i] = v->x->trail.records[i].contact && fits(v, i, part->segment);
}

static void pick_step(
    struct view *v, const struct rt_part *part, const struct rt_aspect *aspect)
{
    const struct rt_leaf *leaf = rt_moment_leaf(v->x->now, part);
    struct rt_bounds when = { RT_TIME_MIN, RT_TIME_MAX };

    if (leaf->chain && !part->cond->steps[aspect - part->aspects].negative)
        when = leaf->chain->when;
    for (uint32_t i = 0; i < v->x->trail.n; i++)
        v->picked[i] =
            is_in(v->x->trail.records[i].time_us, when) && fits(v, i, aspect->segment);
}

/* ---- values of fields */

static const struct rt_plan_field *field_of(struct rt_explainer *x, struct rt_span name)
{
    const struct rt_plan *plan = rt_moment_plan(x->now);

    for (uint32_t i = 0; i < plan->nfields; i++)
        if (rt_span_eq(plan->fields[i].name, name))
            return &plan->fields[i];
    return NULL;
}

/* The field's values by record, copied; absent where there is none. NULL: no memory. */
static struct rt_span *values_of(struct rt_explainer *x, struct rt_span name)
{
    const struct rt_plan_field *field = field_of(x, name);
    struct rt_span *values = rt_calloc(x->trail.n, sizeof *values);
    struct rt_arena scratch = RT_ARENA_INIT;

    for (uint32_t i = 0; field && values && i < x->trail.n; i++) {
        struct rt_span value;

        rt_arena_reset(&scratch);
        if (rt_match_value(field, x->trail.records[i].cells, &scratch, &value) < 0
            || (value.n && !(value = rt_arena_copy(arena_of(x), value)).p)) {
            rt_free(values);
            values = NULL;
        } else if (value.n)
            values[i] = value;
    }
    rt_arena_release(&scratch);
    return values;
}

static int compare_spans(const void *a, const void *b)
{
    return rt_span_cmp(*(const struct rt_span *)a, *(const struct rt_span *)b);
}

static int compare_days(const void *va, const void *vb)
{
    int64_t a = *(const int64_t *)va, b = *(const int64_t *)vb;

    return (a > b) - (a < b);
}

/* "4 different days" */
static int note_days(const struct view *v, struct rt_explained_node *node)
{
    const struct rt_trail *trail = &v->x->trail;
    int64_t *days = rt_calloc(trail->n, sizeof *days);
    uint32_t n = 0, different = 0;

    if (!days)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < trail->n; i++)
        if (v->picked[i])
            days[n++] =
                rt_clock_local_day(v->x->out->defs->zone, trail->records[i].time_us);
    if (n > 1)
        qsort(days, n, sizeof *days, compare_days);
    for (uint32_t i = 0; i < n; i++)
        different += i == 0 || days[i] != days[i - 1];
    rt_free(days);
    node->note =
        rt_explain_text(v->x, "%u different day%s", different, different == 1 ? "" : "s");
    return node->note.p ? RT_OK : RT_ENOMEM;
}

/* Moves the values of the picked records that have one to the front. */
static uint32_t gather_values(const struct view *v, struct rt_span *values)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < v->x->trail.n; i++)
        if (v->picked[i] && values[i].p)
            values[n++] = values[i];
    return n;
}

static void note_different(struct rt_explainer *x, struct rt_span *values, uint32_t n,
    struct rt_explained_node *node)
{
    uint32_t different = 0;

    if (n > 1)
        qsort(values, n, sizeof *values, compare_spans);
    for (uint32_t i = 0; i < n; i++)
        different += i == 0 || !rt_span_eq(values[i], values[i - 1]);
    node->note =
        rt_explain_text(x, "%u different value%s", different, different == 1 ? "" : "s");
}

/* "57.5 in all", "12.25 on average, of 4 numbers": an average is cut at six digits here,
 * never where it is compared. */
static void note_numbers(struct rt_explainer *x, enum rt_measure_kind kind,
    const struct rt_span *values, uint32_t n, struct rt_explained_node *node)
{
    static const char *const words[] = { [RT_MEASURE_SUM] = "in all",
        [RT_MEASURE_AVG] = "on average",
        [RT_MEASURE_MIN] = "is the smallest",
        [RT_MEASURE_MAX] = "is the largest" };
    int64_t micro, min = INT64_MAX, max = INT64_MIN;
    __int128 sum = 0;
    uint32_t numbers = 0;
    char text[32];

    for (uint32_t i = 0; i < n; i++) {
        if (rt_num_micro(values[i], &micro) < 0)
            continue;
        numbers++;
        sum += micro;
        min = micro < min ? micro : min;
        max = micro > max ? micro : max;
    }
    if (numbers == 0 && kind != RT_MEASURE_SUM) {
        node->note = rt_explain_text(x, "no number among them");
        return;
    }
    if (kind == RT_MEASURE_AVG)
        sum /= numbers;
    if (kind == RT_MEASURE_MIN || kind == RT_MEASURE_MAX)
        sum = kind == RT_MEASURE_MIN ? min : max;
    if (sum > INT64_MAX || sum < -INT64_MAX)
        return;
    rt_num_format_micro((int64_t)sum, text);
    node->note = rt_explain_text(
        x, "%s %s, of %u number%s", text, words[kind], numbers, numbers == 1 ? "" : "s");
}

static int note_measure(const struct view *v, const struct rt_measure *measure,
    struct rt_explained_node *node)
{
    struct rt_span *values;
    uint32_t n;

    if (measure->by_day)
        return note_days(v, node);
    if (!measure->field.p)
        return RT_OK;
    values = values_of(v->x, measure->field);
    if (!values)
        return RT_ENOMEM;
    n = gather_values(v, values);
    if (measure->kind == RT_MEASURE_COUNT)
        note_different(v->x, values, n, node);
    else
        note_numbers(v->x, measure->kind, values, n, node);
    rt_free(values);
    return RT_OK;
}

/* "3 events; 40 people have a place, the 4 in front end at 7": ties aside. */
static int note_rank(
    const struct view *v, const struct rt_part *part, struct rt_explained_node *node)
{
    struct rt_explainer *x = v->x;
    const struct rt_measure *measure = &part->cond->measure;
    const struct rt_rank_summary *sum = NULL;
    char last[32] = "";
    __int128 value;

    for (uint32_t i = 0; i < x->parts.nranks; i++)
        if (x->parts.ranks[i].cond == part->cond)
            sum = &x->parts.ranks[i].summary;
    if (!sum)
        return RT_OK;
    value = rt_rank_value(sum->last, measure->kind == RT_MEASURE_AVG);
    if (measure->kind == RT_MEASURE_COUNT)
        snprintf(last, sizeof last, "%ju", (uintmax_t)value);
    else if (value <= INT64_MAX && value >= -INT64_MAX)
        rt_num_format_micro((int64_t)value, last);
    node->note = rt_explain_text(x, "%.*s%s%ju %s a place; the %s %ju end%s at %s",
        (int)node->note.n, node->note.p ? node->note.p : "", node->note.p ? "; " : "",
        (uintmax_t)sum->people, sum->people == 1 ? "person has" : "people have",
        part->cond->bottom ? "last" : "first", (uintmax_t)sum->places,
        sum->places == 1 ? "s" : "", last);
    return node->note.p ? RT_OK : RT_ENOMEM;
}

/* ---- next changes */

/* "the cart of 2026-06-26T12:00:00Z is 7 days old" */
static struct rt_span say_why(struct rt_explainer *x, const struct rt_instant *why)
{
    const struct rt_zone *zone = x->out->defs->zone;
    struct rt_buf text = RT_BUF_INIT(1 << 20);
    const struct rt_trail_record *r;
    char time[48];
    int rc;

    if (why->record == RT_NONE) {
        rt_explain_time(zone, why->at_us, time);
        return rt_explain_text(x, "the day %.10s begins", time);
    }
    r = &x->trail.records[why->record];
    rt_explain_time(zone, why->at_us - why->age_us, time);
    if (why->field.p)
        rc = rt_buf_addf(&text, "%.*s %s", (int)why->field.n, why->field.p, time);
    else
        rc = rt_buf_addf(&text, "the %.*s of %s", (int)r->cells[RT_SLOT_EVENT].n,
            r->cells[RT_SLOT_EVENT].p, time);
    if (rc == RT_OK)
        rc = rt_buf_adds(&text, why->age_us == 0 ? " is reached" : " is ");
    if (rc == RT_OK && why->age_us)
        rc = rt_sentence_duration(why->age_us, &text);
    if (rc == RT_OK && why->age_us)
        rc = rt_buf_adds(&text, why->field.p ? " past" : " old");
    if (rc < 0)
        rt_buf_reset(&text);
    return rt_explain_keep(x, &text);
}

static int tell_next(struct rt_explainer *x, uint32_t segment, bool ranked,
    struct rt_explained_change *out)
{
    const struct rt_next *next = &x->next[segment];

    *out = (struct rt_explained_change) { next->found, next->at_us, next->to,
        RT_SPAN_ABSENT, ranked };
    if (next->found && next->why)
        out->why = say_why(x, next->why);
    return next->found && next->why && !out->why.p ? RT_ENOMEM : RT_OK;
}

/* ---- nodes */

static int tell_part(struct rt_explainer *x, uint32_t number, const bool *only,
    const uint8_t *answers, struct rt_explained_node *node);

static int say_cond(
    struct rt_explainer *x, const struct rt_cond *cond, struct rt_explained_node *node)
{
    static const char *const groups[] = { [RT_COND_ALL] = "all of these",
        [RT_COND_ANY] = "any of these",
        [RT_COND_NOT] = "not this" };
    struct rt_buf text = RT_BUF_INIT(1 << 20);

    if (cond->kind <= RT_COND_NOT)
        node->says = rt_span_of(groups[cond->kind]);
    else if (rt_sentence_cond(x->out->defs, cond, &text) == RT_OK)
        node->says = rt_explain_keep(x, &text);
    rt_buf_release(&text);
    return node->says.p ? RT_OK : RT_ENOMEM;
}

static int tell_parts(struct rt_explainer *x, const struct rt_part *part,
    const bool *only, const uint8_t *answers, struct rt_explained_node *node)
{
    struct rt_explained_node *parts =
        rt_arena_new(arena_of(x), part->nparts, sizeof *parts);
    int rc = parts ? RT_OK : RT_ENOMEM;

    for (uint32_t i = 0; i < part->nparts && rc == RT_OK; i++)
        rc = tell_part(x, part->parts[i], only, answers, &parts[i]);
    node->parts = parts;
    node->nparts = part->nparts;
    return rc;
}

/* ---- sequences: each step with the events that could stand there */

static int tell_steps(
    struct view *v, const struct rt_part *part, struct rt_explained_node *node)
{
    struct rt_explainer *x = v->x;
    struct rt_explained_node *steps =
        rt_arena_new(arena_of(x), part->naspects, sizeof *steps);
    int rc = steps ? RT_OK : RT_ENOMEM;

    for (uint32_t i = 0; i < part->naspects && rc == RT_OK; i++) {
        struct rt_buf text = RT_BUF_INIT(1 << 20);

        rc = rt_sentence_step(x->out->defs, part->cond, i, &text);
        steps[i].says = rt_explain_keep(x, &text);
        if (rc < 0 || !steps[i].says.p)
            return RT_ENOMEM;
        pick_step(v, part, &part->aspects[i]);
        rc = show_events(x, v->picked, &steps[i]);
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

static int tell_session(struct view *v, const struct rt_part *part,
    const struct session *session, struct rt_explained_node *node)
{
    struct rt_explainer *x = v->x;
    const struct rt_trail_record *r = x->trail.records;
    uint8_t *answers = rt_calloc(x->parts.defs.nsegments, 1);
    char from[48], to[48];
    int rc;

    if (!answers)
        return RT_ENOMEM;
    pick_none(v);
    for (uint32_t i = session->first; i < session->end; i++)
        v->picked[i] = true;
    rc = rt_moment_ask(x->now, v->picked, answers);
    node->answered = true;
    node->answer = answers[part->segment];
    rt_free(answers);
    if (rc < 0)
        return rc;
    rt_explain_time(x->out->defs->zone, r[session->first].time_us, from);
    rt_explain_time(x->out->defs->zone, r[session->end - 1].time_us, to);
    node->says = rt_explain_text(x, "session from %s to %s", from, to);
    rc = show_events(x, v->picked, node);
    return node->says.p ? rc : RT_ENOMEM;
}

/* The one that is asked about; of any those in which it holds, or else the latest. */
static int tell_sessions(
    struct view *v, const struct rt_part *part, struct rt_explained_node *node)
{
    struct rt_explainer *x = v->x;
    struct session *sessions = rt_calloc(x->trail.n, sizeof *sessions);
    struct rt_explained_node *nodes =
        rt_arena_new(arena_of(x), RT_EXPLAINED_VALUES_MAX, sizeof *nodes);
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

/* The different values of the person's events, each with its latest record. */
static uint32_t list_values(
    struct rt_explainer *x, const struct rt_span *values, struct some_value *out)
{
    uint32_t n = 0, events = x->trail.n - x->trail.ncontacts, m = 0;

    for (uint32_t i = 0; i < events; i++)
        if (values[i].p)
            out[n++] = (struct some_value) { values[i], i, 0 };
    if (n > 1)
        qsort(out, n, sizeof *out, compare_spans); /* the value stands first in it */
    for (uint32_t i = 0; i < n; i++) {
        if (m && rt_span_eq(out[m - 1].value, out[i].value)) {
            if (out[i].last > out[m - 1].last)
                out[m - 1].last = out[i].last;
        } else
            out[m++] = out[i];
    }
    return m;
}

static void pick_value(struct view *v, const struct rt_span *values, struct rt_span value)
{
    uint32_t events = v->x->trail.n - v->x->trail.ncontacts;

    pick_none(v);
    for (uint32_t i = 0; i < events; i++)
        v->picked[i] = values[i].p && rt_span_eq(values[i], value);
}

static int tell_value(struct view *v, const struct rt_part *part,
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
        rc = node->says.p ? tell_parts(x, part, only, answers, node) : RT_ENOMEM;
    rt_free(answers);
    rt_free(only);
    return rc;
}

static int ask_values(struct view *v, const struct rt_part *part,
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

static int tell_some(
    struct view *v, const struct rt_part *part, struct rt_explained_node *node)
{
    struct rt_explainer *x = v->x;
    struct rt_span *values = values_of(x, part->cond->field);
    struct some_value *all = rt_calloc(x->trail.n, sizeof *all);
    struct rt_explained_node *nodes =
        rt_arena_new(arena_of(x), RT_EXPLAINED_VALUES_MAX, sizeof *nodes);
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

/* ---- one condition */

static int tell_leaf(
    struct view *v, const struct rt_part *part, struct rt_explained_node *node)
{
    int rc = RT_OK;

    switch (part->cond->kind) {
    case RT_COND_DID:
    case RT_COND_DID_NOT:
    case RT_COND_RANK:
        rc = pick_counted(v, part, node);
        break;
    case RT_COND_LAST:
    case RT_COND_FIRST:
        pick_end(v, part);
        break;
    case RT_COND_PROFILE:
        pick_rows(v, part);
        break;
    case RT_COND_SEQUENCE:
        return tell_steps(v, part, node);
    case RT_COND_SESSION:
        return tell_sessions(v, part, node);
    default:
        return tell_some(v, part, node);
    }
    if (rc == RT_OK)
        rc = show_events(v->x, v->picked, node);
    if (rc == RT_OK
        && (part->cond->kind == RT_COND_DID || part->cond->kind == RT_COND_RANK))
        rc = note_measure(v, &part->cond->measure, node);
    if (rc == RT_OK && part->cond->kind == RT_COND_RANK)
        rc = note_rank(v, part, node);
    return rc;
}

static int tell_part(struct rt_explainer *x, uint32_t number, const bool *only,
    const uint8_t *answers, struct rt_explained_node *node)
{
    const struct rt_part *part = &x->parts.parts[number];
    struct view v = { .x = x, .only = only };
    int rc;

    *node = (struct rt_explained_node) {
        .cond = part->cond, .answered = true, .answer = answers[part->segment]
    };
    rc = say_cond(x, part->cond, node);
    if (rc == RT_OK && !part->inside)
        rc = tell_next(x, part->segment, part->ranked, &node->next);
    if (rc < 0 || part->cond->kind == RT_COND_SEGMENT)
        return rc;
    if (rt_part_is_logic(part))
        return tell_parts(x, part, only, answers, node);
    v.picked = rt_calloc(x->trail.n, sizeof *v.picked);
    rc = v.picked ? tell_leaf(&v, part, node) : RT_ENOMEM;
    rt_free(v.picked);
    return rc;
}

/* ---- segments */

static const struct rt_segment *segment_of(const struct rt_explainer *x, uint32_t i)
{
    return &x->out->defs->segments[i];
}

/* The segment of the same tier that has the person. */
static struct rt_span holder_of(struct rt_explainer *x, uint32_t segment)
{
    const struct rt_segment *mine = segment_of(x, segment), *best = NULL;

    for (uint32_t i = 0; i < x->out->defs->nsegments; i++) {
        const struct rt_segment *s = segment_of(x, i);

        if (x->watch.segments[i].answer == RT_YES && s->tier.p
            && rt_span_eq(s->tier, mine->tier) && s->priority < mine->priority
            && (!best || s->priority < best->priority))
            best = s;
    }
    return best ? best->name : RT_SPAN_ABSENT;
}

static struct rt_span denied_of(struct rt_explainer *x, const struct rt_segment *segment)
{
    for (size_t i = 0; i < segment->nconsent; i++)
        if (!rt_moment_consent(x->now, segment->consent[i]))
            return x->out->defs->purposes[segment->consent[i]].name;
    return RT_SPAN_ABSENT;
}

static int tell_lists(
    struct rt_explainer *x, uint32_t segment, struct rt_explained_segment *out)
{
    const struct rt_targets *targets = &x->build.targets;
    const struct rt_watched *w = &x->watch.segments[segment];

    out->lists = rt_arena_new(arena_of(x), targets->n, sizeof *out->lists);
    if (!out->lists)
        return RT_ENOMEM;
    for (uint32_t t = 0; t < targets->n && w->fate >= RT_HELD_OUT; t++) {
        const struct rt_target *target = &targets->targets[t];
        bool whole = target->arm == RT_NO_ARM;

        if (target->segment != segment
            || (whole ? w->fate == RT_HELD_OUT : target->arm != w->arm))
            continue;
        out->lists[out->nlists++] =
            (struct rt_explained_list) { .file = rt_arena_copy(arena_of(x), target->file),
                .to = rt_span_of(target->platform->name),
                .rows = x->watch.rows[t],
                .arm = !whole };
    }
    return RT_OK;
}

static int tell_fate(
    struct rt_explainer *x, uint32_t segment, struct rt_explained_segment *out)
{
    const struct rt_segment *s = segment_of(x, segment);
    const struct rt_watched *w = &x->watch.segments[segment];

    /* The one answer came of a build's own way, the other of conditions taken apart. */
    if (w->answer != out->answer)
        return rt_err_set(x->err, RT_EIO,
            "internal error: the conditions of %s do not add up to its answer",
            s->name.p);
    out->fate = w->fate;
    out->bucket = w->bucket;
    if (w->answer == RT_YES && w->fate == RT_NOT_MEMBER)
        out->kept_by = holder_of(x, segment);
    if (w->fate == RT_DENIED)
        out->denied = denied_of(x, s);
    if (w->arm != RT_NO_ARM)
        out->arm = s->arms[w->arm].name;
    return tell_lists(x, segment, out);
}

static int tell_segment(
    struct rt_explainer *x, uint32_t segment, struct rt_explained_segment *out)
{
    const struct rt_parts_of *of = &x->parts.of[segment];
    uint32_t n = (uint32_t)out->segment->nexclude;
    struct rt_explained_node *exclude = rt_arena_new(arena_of(x), n, sizeof *exclude);
    int rc = exclude ? tell_next(x, segment, of->ranked, &out->next) : RT_ENOMEM;

    out->answer = x->answers[segment];
    out->exclude = exclude;
    out->nexclude = n;
    if (rc == RT_OK)
        rc = tell_part(x, of->match, NULL, x->answers, &out->match);
    for (uint32_t i = 0; i < n && rc == RT_OK; i++)
        rc = tell_part(x, of->exclude[i], NULL, x->answers, &exclude[i]);
    if (rc == RT_OK && out->asked)
        rc = tell_fate(x, segment, out);
    return rc;
}

int rt_explain_tell(struct rt_explainer *x)
{
    const struct rt_defs *defs = x->out->defs;
    int rc = RT_OK;

    for (uint32_t i = 0; i < x->out->nsegments && rc == RT_OK; i++) {
        struct rt_explained_segment *out = &x->out->segments[i];

        rc = tell_segment(x, (uint32_t)(out->segment - defs->segments), out);
    }
    return rc < 0 ? rt_err_set(x->err, rc, "out of memory") : RT_OK;
}
