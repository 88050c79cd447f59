/*
 * The rest of what inputs tell about a segment file: whether they reach back as far as its
 * windows do, whether they hold enough people, and whether sources, ids, contact files and
 * platforms go together.
 */
#include "run/checking.h"

#include "base/timetext.h"
#include "lists/platform.h"

/* ---- windows */

enum { SHORT_BY = 10 }; /* a window may begin this part of its length before the inputs */

struct windows {
    struct rt_checking *c;
    bool say;          /* the second time round */
    unsigned n, empty; /* windows that count back from as-of; those behind all events */
};

struct span_us { /* both ends included */
    int64_t from, to;
};

static int64_t back(int64_t as_of_us, int64_t age_us)
{
    return age_us == RT_TIME_MAX ? RT_TIME_MIN : rt_add_capped(as_of_us, -age_us);
}

/* Where a window lies; `at` is what the file says of it, NULL when it has none. */
static struct span_us span_of(const struct rt_checking *c, const struct rt_window *w)
{
    struct span_us span = { RT_TIME_MIN, RT_TIME_MAX };

    if (w->kind == RT_WINDOW_AGO)
        span = (struct span_us) { back(c->as_of_us, w->max_us),
            back(c->as_of_us, w->min_us) };
    else if (w->kind == RT_WINDOW_DATES)
        span = (struct span_us) { w->from_us, w->to_us };
    else if (w->kind == RT_WINDOW_ON)
        rt_clock_window(w->on, c->defs->zone, c->as_of_us, c->defs->week_starts_sunday,
            &span.from, &span.to);
    return span;
}

static const struct rt_json *window_json(const struct rt_json *cond)
{
    static const char *const keys[] = { "in_last", "ago", "on", "from", "to", NULL };
    const struct rt_json *found = NULL;

    for (size_t i = 0; keys[i] && !found; i++)
        found = rt_json_get(cond, keys[i]);
    return found;
}

/* "the inputs begin at 2026-06-01T00:00:00Z" */
static void warn_of_emptiness(
    struct windows *w, const struct rt_json *at, struct span_us span)
{
    const struct rt_survey *in = w->c->events;
    bool early = span.to < in->first_us;
    char edge[40];

    rt_clock_format(early ? in->first_us : in->last_us, edge);
    rt_check_warn(w->c, at, true, "no event lies in this window: the inputs %s at %s",
        early ? "begin" : "end", edge);
}

/* Someone who is seen for 30 days cannot be known not to have bought in 180. */
static void warn_of_shortness(
    struct windows *w, const struct rt_json *at, struct span_us span)
{
    const struct rt_survey *in = w->c->events;
    int64_t length = span.to - span.from; /* both are times of years 1 to 9999 */
    char first[40], from[40];

    if (span.from >= in->first_us || in->first_us - span.from <= length / SHORT_BY)
        return;
    rt_clock_format(in->first_us, first);
    rt_clock_format(span.from, from);
    rt_check_warn(w->c, at, true,
        "the window reaches back to %s and the inputs only to %s: who did it before that "
        "looks as if they did not; read older inputs too, or take a shorter window",
        from, first);
}

/* lacks: the condition holds for want of events. */
static void look_at_window(struct windows *w, const struct rt_json *at,
    struct span_us span, bool relative, bool lacks)
{
    const struct rt_survey *in = w->c->events;
    bool empty = span.to < in->first_us || span.from > in->last_us;

    if (!w->say) {
        w->n += relative;
        w->empty += relative && span.from > in->last_us;
        return;
    }
    if (empty)
        warn_of_emptiness(w, at, span);
    else if (lacks && span.from != RT_TIME_MIN)
        warn_of_shortness(w, at, span);
}

/* Does the condition bound its events from above? */
static bool bounds_above(const struct rt_cond *cond)
{
    const struct rt_measure *m = &cond->measure;

    if (cond->kind == RT_COND_DID_NOT)
        return true;
    if (cond->kind != RT_COND_DID)
        return false;
    if (m->kind == RT_MEASURE_COUNT)
        return m->max_count < UINT64_MAX;
    return m->has_lt || m->has_lte || m->has_eq;
}

static bool bounds_below(const struct rt_cond *cond)
{
    const struct rt_measure *m = &cond->measure;

    if (cond->kind != RT_COND_DID)
        return false;
    return m->kind == RT_MEASURE_COUNT ? m->min_count > 0
                                       : m->has_gt || m->has_gte || m->has_eq;
}

static void look_at_windows(struct windows *w, const struct rt_cond *cond, bool negated)
{
    const struct rt_json *json =
        cond->kind == RT_COND_RANK ? rt_json_get(cond->json, "rank") : cond->json;
    bool lacks = negated ? bounds_below(cond) : bounds_above(cond);

    if (cond->window.kind != RT_WINDOW_ALL)
        look_at_window(w, window_json(json), span_of(w->c, &cond->window),
            cond->window.kind != RT_WINDOW_DATES, lacks);
    if (cond->has_ago) {
        struct rt_window age = {
            .kind = RT_WINDOW_AGO, .min_us = cond->ago_min_us, .max_us = cond->ago_max_us
        };

        look_at_window(w, window_json(json), span_of(w->c, &age), true, false);
    }
    for (size_t i = 0; i < cond->n; i++)
        look_at_windows(w, cond->parts[i], negated != (cond->kind == RT_COND_NOT));
}

static void look_at_all_windows(struct windows *w)
{
    for (size_t i = 0; i < w->c->defs->nsegments; i++) {
        const struct rt_segment *seg = &w->c->defs->segments[i];

        look_at_windows(w, seg->match, false);
        for (size_t k = 0; k < seg->nexclude; k++)
            look_at_windows(w, seg->exclude[k], true);
    }
}

/* The time from which on all events exist, as --as-of takes it: whole seconds. */
static void format_end(int64_t last_us, char out[40])
{
    int64_t rest = last_us % RT_SECOND_US;

    if (rest < 0)
        rest += RT_SECOND_US;
    rt_clock_format(rest ? last_us - rest + RT_SECOND_US : last_us, out);
}

/* When most windows are empty, it is the time that is wrong and not each of them. */
static void check_times(struct rt_checking *c)
{
    struct windows w = { .c = c };
    const struct rt_json *top = rt_json_get(c->defs->json, "segments");
    char as_of[40], end[40];

    rt_clock_format(c->as_of_us, as_of);
    format_end(c->events->last_us, end);
    if (!c->events->past) {
        rt_check_warn(c, top, true,
            "every event is later than the time that is counted back from, %s; give "
            "--as-of %s",
            as_of, end);
        return;
    }
    look_at_all_windows(&w);
    if (w.empty > 1 ? 2 * w.empty > w.n : w.n == 1 && w.empty) {
        rt_check_warn(c, top, true,
            "%u of %u windows hold no event: they are counted back from %s, and the "
            "inputs "
            "end at %s; give --as-of %s",
            w.empty, w.n, as_of, end, end);
        return;
    }
    w.say = true;
    look_at_all_windows(&w);
}

/* ---- ids and people */

static void check_ids(struct rt_checking *c)
{
    const struct rt_json *people = rt_json_get(c->defs->json, "people");
    const struct rt_json *ids = people ? rt_json_get(people, "ids") : NULL;
    uint64_t records = c->events->records + (c->rows ? c->rows->records : 0);
    uint64_t nobodys = c->events->nobodys + (c->rows ? c->rows->nobodys : 0);

    if (records && nobodys == records) {
        rt_check_warn(c,
            ids          ? ids
                : people ? people
                         : c->defs->json,
            ids || people,
            "no record has an id: nobody will be in any list; name the fields that tell "
            "people apart in people.ids, or in people.fallback for visitors without one");
        return;
    }
    for (size_t k = 0; ids && k < ids->n && k < c->ask.nids; k++)
        if (!c->events->ids[k] && (!c->rows || !c->rows->ids[k]))
            rt_check_warn(c, &ids->items[k], false, "no record has this id");
}

static void check_sizes(struct rt_checking *c)
{
    uint64_t people = rt_survey_people(c->events, c->rows);

    for (size_t i = 0; i < c->defs->nsegments; i++) {
        const struct rt_segment *seg = &c->defs->segments[i];

        if (seg->min_size > people)
            rt_check_warn(c, rt_json_get(seg->json, "min_size"), false,
                "the inputs hold %ju people at most", (uintmax_t)people);
    }
    for (size_t i = 0; i < c->defs->noutputs; i++) {
        const struct rt_platform *p = rt_platform_get(c->defs->outputs[i].to);

        if (p && p->minimum > people)
            rt_check_warn(c, rt_json_get(c->defs->outputs[i].json, "to"), false,
                "%s needs at least %ju people in a list; the inputs hold %ju at most",
                p->title, (uintmax_t)p->minimum, (uintmax_t)people);
    }
}

/* ---- contact files, and what platforms want of people */

static void check_contacts(struct rt_checking *c)
{
    for (uint32_t i = 0; i < c->contacts.nfiles; i++) {
        bool any = false;

        for (uint32_t k = 0; k < c->ask.nids; k++)
            any |= rt_decoder_has(c->contacts.files[i].feed.decoder, c->ask.ids[k].slot);
        if (!any)
            rt_check_warn(c, c->defs->people.contacts[i].json, false,
                "no column of this file is an id of people.ids: its rows belong to "
                "nobody");
    }
}

/* Ids of events that lists take as they take those of contact rows. */
static bool id_fills(struct rt_span id, uint32_t field)
{
    return (field == RT_PII_EMAIL || field == RT_PII_PHONE || field == RT_PII_MOBILE_ID
               || field == RT_PII_USER_ID)
        && rt_span_eq(id, rt_span_of(rt_pii_name(field)));
}

/* Is there anything that the column could be filled with? */
static bool column_has(
    const struct rt_checking *c, const struct rt_platform_column *column)
{
    for (uint32_t i = 0; i < c->contacts.ncolumns; i++) {
        const struct rt_contact_column *have = &c->contacts.columns[i];

        if (column->field != RT_FIELD_NAMED && have->field == column->field)
            return true;
        for (size_t k = 0; column->field == RT_FIELD_NAMED && column->names[k]; k++)
            if (rt_span_eq(have->name, rt_span_of(column->names[k])))
                return true;
    }
    for (uint32_t k = 0; k < c->ask.nid_kinds; k++)
        if (c->events->ids[k] && id_fills(c->ask.ids[k].name, column->field))
            return true;
    return false;
}

static bool can_be_filled(const struct rt_checking *c, const struct rt_platform *p)
{
    if (p->kind == RT_ROWS_KEY || p->kind == RT_ROWS_CONTACT || !p->needs[0])
        return true;
    for (size_t i = 0; i < RT_NEEDS_MAX && p->needs[i]; i++) {
        bool all = true;

        for (uint32_t k = 0; k < p->ncolumns; k++)
            if (p->needs[i] >> k & 1)
                all &= column_has(c, &p->columns[k]);
        if (all)
            return true;
    }
    return false;
}

/* What the segment file and contact files call it. */
static const char *column_name(const struct rt_platform_column *column)
{
    return column->field == RT_FIELD_NAMED ? column->names[0]
                                           : rt_pii_name(column->field);
}

/* "email, or phone, or first_name with last_name" */
static struct rt_span needs_text(struct rt_buf *text, const struct rt_platform *p)
{
    rt_buf_reset(text);
    for (size_t i = 0; i < RT_NEEDS_MAX && p->needs[i]; i++) {
        const char *between = i ? ", or " : "";

        for (uint32_t k = 0; k < p->ncolumns; k++) {
            if (!(p->needs[i] >> k & 1))
                continue;
            rt_buf_addf(text, "%s%s", between, column_name(&p->columns[k]));
            between = " with ";
        }
    }
    return rt_buf_span(text);
}

static void check_platforms(struct rt_checking *c)
{
    struct rt_buf text = RT_BUF_INIT(400);

    for (size_t i = 0; i < c->defs->noutputs; i++) {
        const struct rt_platform *p = rt_platform_get(c->defs->outputs[i].to);
        struct rt_span needs;

        if (!p || can_be_filled(c, p))
            continue;
        needs = needs_text(&text, p);
        rt_check_warn(c, rt_json_get(c->defs->outputs[i].json, "to"), false,
            "%s wants %.*s, and neither the inputs nor people.contacts have that: its "
            "lists would be empty",
            p->title, (int)needs.n, needs.p);
    }
    rt_buf_release(&text);
}

/* ---- sources */

static void check_sources(struct rt_checking *c)
{
    const struct rt_json *sources = rt_json_get(c->defs->json, "sources");

    for (size_t s = 0; s < c->defs->nsources; s++) {
        bool used = false;

        for (uint32_t i = 0; i < c->inputs.nfeeds; i++)
            used |= c->inputs.feeds[i].source == &c->defs->sources[s];
        if (!used)
            rt_check_warn(c, &sources->items[s], false,
                "no input belongs to this source%s; name one as %s=PATH",
                c->defs->sources[s].nfiles ? ": its \"files\" match none" : "",
                rt_check_show(c->defs->sources[s].name).text);
    }
    for (uint32_t i = 0; i < c->inputs.nfeeds && c->defs->nsources; i++)
        if (c->inputs.feeds[i].source == &c->inputs.unnamed)
            rt_check_warn(c, sources, true,
                "%s belongs to no source and was recognised by looking",
                strcmp(c->inputs.feeds[i].path, "-") ? c->inputs.feeds[i].path
                                                     : "standard input");
}

int rt_check_inputs(struct rt_checking *c)
{
    check_sources(c);
    if (c->events->records) {
        check_times(c);
        check_platforms(c);
    }
    check_ids(c);
    check_sizes(c);
    check_contacts(c);
    return RT_OK;
}
