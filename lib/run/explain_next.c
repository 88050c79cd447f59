/* Gathers too many instants rather than too few: one at which nothing changes costs a look,
 * one that is missing would be a wrong answer. */
#include "run/explain_next.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/num.h"
#include "people/match.h"
#include "run/ingest.h"

enum { WEEK_DAYS = 7, INSTANTS_MAX = 20000000 };

/* ---- gathering */

struct gatherer {
    const struct rt_parts *parts;
    const struct rt_trail *trail;
    const struct rt_moment *now;
    const struct rt_plan *plan;
    struct rt_instants *out;
    uint32_t part; /* for which */
    int rc;
};

static void add(struct gatherer *g, struct rt_instant instant)
{
    struct rt_instants *out = g->out;

    if (g->rc < 0 || instant.at_us <= g->plan->as_of_us)
        return;
    if (out->n == out->cap) {
        uint64_t cap = out->cap * 2 + 256;
        struct rt_instant *all;

        if (out->n >= INSTANTS_MAX) {
            g->rc = RT_ELIMIT;
            return;
        }
        all = rt_realloc(out->all, cap, sizeof *all);
        if (!all) {
            g->rc = RT_ENOMEM;
            return;
        }
        out->all = all;
        out->cap = cap;
    }
    instant.part = g->part;
    out->all[out->n++] = instant;
}

/* The record, or a time in it, gets this old. */
static void add_age(struct gatherer *g, uint32_t record, int64_t time_us, int64_t age_us,
    struct rt_span field)
{
    int64_t at;

    if (age_us < 0 || age_us == RT_TIME_MAX
        || __builtin_add_overflow(time_us, age_us, &at))
        return;
    add(g, (struct rt_instant) { at, 0, record, age_us, field });
}

static void add_day(struct gatherer *g, int64_t day)
{
    int64_t at = rt_clock_day_start(g->parts->defs.zone, day);

    add(g, (struct rt_instant) { at, 0, RT_NONE, 0, RT_SPAN_ABSENT });
}

/* The local days at which an event of this day comes into the window or leaves it. */
static void add_calendar(struct gatherer *g, struct rt_span on, int64_t day)
{
    struct rt_civil civil = rt_clock_civil(day * RT_DAY_US);
    uint64_t ndays;

    if (on.n > 10 && rt_span_starts(on, RT_SPAN("last_"))
        && rt_num_count((struct rt_span) { on.p + 5, on.n - 10 }, &ndays) == RT_OK) {
        add_day(g, day + 1);
        add_day(g, day + (int64_t)ndays + 1);
        return;
    }
    for (int64_t i = 1; i <= 2 * WEEK_DAYS; i++)
        add_day(g, day + i);
    for (int i = 1; i <= 2; i++)
        add_day(g,
            rt_clock_days(civil.year + (civil.month + i - 1) / 12,
                (civil.month + i - 1) % 12 + 1, 1));
}

/* ---- times in fields */

static const struct rt_plan_field *field_of(
    const struct rt_plan *plan, struct rt_span name)
{
    for (uint32_t i = 0; i < plan->nfields; i++)
        if (rt_span_eq(plan->fields[i].name, name))
            return &plan->fields[i];
    return NULL;
}

/* Read as the test reads it: by the input's form, else by its own. */
static bool read_time(const struct rt_trail_record *r, struct rt_span value, int64_t *us)
{
    struct rt_timeform any = { .kind = RT_TIME_ANY, .zone = r->form.zone };

    return rt_time_parse(value, &r->form, NULL, us) == RT_OK
        || rt_time_parse(value, &any, NULL, us) == RT_OK;
}

static void add_field(struct gatherer *g, const struct rt_test *test)
{
    const struct rt_plan_field *field = field_of(g->plan, test->field);
    struct rt_arena scratch = RT_ARENA_INIT;

    for (uint32_t i = 0; field && i < g->trail->n && g->rc == RT_OK; i++) {
        const struct rt_trail_record *r = &g->trail->records[i];
        struct rt_span value;
        int64_t us;

        rt_arena_reset(&scratch);
        g->rc = rt_match_value(field, r->cells, &scratch, &value);
        if (g->rc < 0 || !read_time(r, value, &us))
            continue;
        add_age(g, i, us, test->min_us, test->field);
        add_age(g, i, us, test->max_us, test->field);
    }
    rt_arena_release(&scratch);
}

static void add_tests(struct gatherer *g, const struct rt_test *test)
{
    if (!test)
        return;
    if (test->kind == RT_TEST_LEAF && test->op == RT_OP_AGO)
        add_field(g, test);
    for (size_t i = 0; i < test->n; i++)
        add_tests(g, test->parts[i]);
}

static void add_event_tests(struct gatherer *g, const struct rt_event_set *events)
{
    for (size_t i = 0; i < events->n; i++)
        add_tests(g, events->choices[i].where);
}

static void add_all_tests(struct gatherer *g, const struct rt_cond *cond)
{
    add_event_tests(g, &cond->events);
    add_event_tests(g, &cond->window.anchor_events);
    add_event_tests(g, &cond->has_events);
    add_tests(g, cond->where);
    add_tests(g, cond->is);
    add_tests(g, cond->landing);
    add_tests(g, cond->has_where);
    for (size_t i = 0; i < cond->nsteps; i++) {
        add_event_tests(g, &cond->steps[i].events);
        add_tests(g, cond->steps[i].where);
    }
}

/* ---- times of events */

/* Does the condition look at the record? Its anchors have no age. */
static bool looks_at(
    const struct gatherer *g, const struct rt_part *part, uint32_t record)
{
    for (uint32_t i = 0; i < part->naspects; i++)
        if (part->aspects[i].kind != RT_ASPECT_ANCHOR
            && rt_moment_fits(g->now, record, part->aspects[i].segment))
            return true;
    return false;
}

static void add_record(struct gatherer *g, const struct rt_cond *cond, uint32_t i)
{
    int64_t us = g->trail->records[i].time_us;
    const struct rt_window *w = &cond->window;

    if (w->kind == RT_WINDOW_AGO) {
        add_age(g, i, us, w->min_us, RT_SPAN_ABSENT);
        add_age(g, i, us, w->max_us, RT_SPAN_ABSENT);
    }
    if (w->kind == RT_WINDOW_ON)
        add_calendar(g, w->on, rt_clock_local_day(g->parts->defs.zone, us));
    if (cond->has_ago) {
        add_age(g, i, us, cond->ago_min_us, RT_SPAN_ABSENT);
        add_age(g, i, us, cond->ago_max_us, RT_SPAN_ABSENT);
    }
    for (size_t k = 0; k < cond->nsteps; k++)
        if (cond->steps[k].negative)
            add_age(g, i, us, cond->steps[k].within_us, RT_SPAN_ABSENT);
}

static void add_part(struct gatherer *g, const struct rt_part *part)
{
    add_all_tests(g, part->cond);
    for (uint32_t i = 0; i < g->trail->n && g->rc == RT_OK; i++)
        if (!g->trail->records[i].contact && looks_at(g, part, i))
            add_record(g, part->cond, i);
    for (uint32_t i = 0; i < part->nparts; i++)
        add_part(g, &g->parts->parts[part->parts[i]]);
}

static int by_time(const void *va, const void *vb)
{
    const struct rt_instant *a = va, *b = vb;

#define BY(member)                                                                       \
    if (a->member != b->member)                                                          \
    return a->member < b->member ? -1 : 1
    BY(at_us);
    BY(part);
    BY(record);
    BY(age_us);
#undef BY
    return 0;
}

int rt_instants_find(const struct rt_parts *parts, const struct rt_trail *trail,
    const struct rt_moment *now, struct rt_instants *out)
{
    struct gatherer g = { .parts = parts,
        .trail = trail,
        .now = now,
        .plan = rt_moment_plan(now),
        .out = out };

    *out = (struct rt_instants) { 0 };
    for (uint32_t i = 0; i < parts->nparts && g.rc == RT_OK; i++) {
        g.part = i;
        if (!rt_part_is_logic(&parts->parts[i]) && !parts->parts[i].inside)
            add_part(&g, &parts->parts[i]);
    }
    if (out->n > 1)
        qsort(out->all, out->n, sizeof *out->all, by_time);
    return g.rc;
}

void rt_instants_release(struct rt_instants *instants)
{
    rt_free(instants->all);
    *instants = (struct rt_instants) { 0 };
}

/* ---- looking */

struct look {
    const struct rt_parts *parts;
    const struct rt_instant *first, *end; /* those of the time that is looked at */
    const uint8_t *before, *after;
};

static bool has_changed(const struct look *look, uint32_t segment)
{
    return look->before[segment] != look->after[segment];
}

static const struct rt_instant *reason_of_segment(
    const struct look *look, uint32_t segment);

/* What made the part's answer change: its own instant, or that of a part of it. */
static const struct rt_instant *reason(const struct look *look, uint32_t number)
{
    const struct rt_part *part = &look->parts->parts[number];
    const struct rt_instant *why = NULL;

    if (!has_changed(look, part->segment))
        return NULL;
    if (part->cond->kind == RT_COND_SEGMENT)
        return reason_of_segment(look, part->cond->segment);
    if (rt_part_is_logic(part)) {
        for (uint32_t i = 0; i < part->nparts && !why; i++)
            why = reason(look, part->parts[i]);
        return why;
    }
    for (const struct rt_instant *at = look->first; at < look->end; at++)
        if (at->part == number)
            return at;
    return part->cond->has_among ? reason_of_segment(look, part->cond->segment) : NULL;
}

static const struct rt_instant *reason_of_segment(
    const struct look *look, uint32_t segment)
{
    const struct rt_parts_of *of = &look->parts->of[segment];
    const struct rt_instant *why = reason(look, of->match);

    for (uint32_t i = 0; i < look->parts->defs.segments[segment].nexclude && !why; i++)
        why = reason(look, of->exclude[i]);
    return why;
}

/* Those of shown segments and of parts that mean something by themselves. */
static uint32_t list_wanted(const struct rt_parts *parts, bool *wanted, uint32_t nfile)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < nfile; i++)
        n += wanted[i] = parts->of[i].shown;
    for (uint32_t i = 0; i < parts->nparts; i++)
        if (!parts->parts[i].inside) {
            wanted[parts->parts[i].segment] = true;
            n++;
        }
    return n;
}

static void note(struct look *look, struct rt_next *next, uint32_t segment,
    const uint8_t *answers, const bool *wanted, uint32_t *left)
{
    if (!wanted[segment] || next[segment].found
        || look->after[segment] == answers[segment])
        return;
    next[segment] = (struct rt_next) {
        .found = true, .to = look->after[segment], .at_us = look->first->at_us
    };
    (*left)--;
}

/* Notes what changed at this time, and why. */
static void note_all(struct look *look, struct rt_next *next, const uint8_t *answers,
    const bool *wanted, uint32_t nfile, uint32_t *left)
{
    const struct rt_parts *parts = look->parts;

    for (uint32_t i = 0; i < nfile; i++) {
        bool had = next[i].found;

        note(look, next, i, answers, wanted, left);
        if (!had && next[i].found)
            next[i].why = reason_of_segment(look, i);
    }
    for (uint32_t i = 0; i < parts->nparts; i++) {
        uint32_t segment = parts->parts[i].segment;
        bool had = next[segment].found;

        note(look, next, segment, answers, wanted, left);
        if (!had && next[segment].found)
            next[segment].why = reason(look, i);
    }
}

/* 1; 0 when a search was given up: then not all of the answers are known. */
static int ask_at(const struct rt_parts *parts, const struct rt_trail *trail,
    int64_t at_us, uint64_t *looks, uint8_t *answers, struct rt_err *err)
{
    struct rt_moment *moment = NULL;
    int rc = rt_ingest_stopped() ? rt_err_set(err, RT_ESTOP, "stopped")
                                 : rt_moment_new(parts, trail, at_us, &moment, err);

    if (rc == RT_OK) {
        rt_moment_limit(moment, looks);
        if (rt_moment_ask(moment, NULL, answers) < 0)
            rc = rt_err_set(err, RT_ENOMEM, "out of memory");
        else
            rc = !rt_moment_gave_up_any(moment);
    }
    rt_moment_free(moment);
    return rc;
}

struct space {
    uint8_t *before, *after;
    bool *wanted;
};

static int look_ahead(const struct rt_parts *parts, const struct rt_trail *trail,
    const struct rt_instants *instants, const uint8_t *answers, struct space *space,
    struct rt_next *next, uint64_t *looks, bool *bounded, int64_t *looked_us,
    struct rt_err *err)
{
    uint32_t n = parts->defs.nsegments, nlooked = 0, nfile = parts->nfile;
    uint32_t left = list_wanted(parts, space->wanted, nfile);
    uint64_t nrecords = 0;

    memcpy(space->before, answers, n);
    for (uint64_t i = 0, end; i < instants->n && left; i = end) {
        struct look look = { parts, instants->all + i, NULL, space->before,
            space->after };
        int rc;

        for (end = i; end < instants->n; end++)
            if (instants->all[end].at_us != look.first->at_us)
                break;
        look.end = instants->all + end;
        nrecords += trail->n + 1;
        if (nlooked++ == RT_INSTANTS_LOOKED_MAX || nrecords > RT_RECORDS_LOOKED_MAX) {
            *bounded = true;
            return RT_OK;
        }
        rc = ask_at(parts, trail, look.first->at_us, looks, space->after, err);
        if (rc <= 0) {
            *bounded = rc == 0;
            return rc;
        }
        note_all(&look, next, answers, space->wanted, nfile, &left);
        memcpy(space->before, space->after, n);
        *looked_us = look.first->at_us;
    }
    return RT_OK;
}

int rt_next_find(const struct rt_parts *parts, const struct rt_trail *trail,
    const struct rt_instants *instants, const uint8_t *answers, struct rt_next *next,
    uint64_t *looks, bool *bounded, int64_t *looked_us, struct rt_err *err)
{
    size_t n = parts->defs.nsegments;
    struct space space = { rt_calloc(n, 1), rt_calloc(n, 1),
        rt_calloc(n, sizeof *space.wanted) };
    int rc = RT_ENOMEM;

    *bounded = false;
    if (space.before && space.after && space.wanted)
        rc = look_ahead(parts, trail, instants, answers, &space, next, looks, bounded,
            looked_us, err);
    rt_free(space.before);
    rt_free(space.after);
    rt_free(space.wanted);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : RT_OK;
}
