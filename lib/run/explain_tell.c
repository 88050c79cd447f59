/* The trees: each condition with its answer, the events that decided it, and its next
 * change; and of each segment what comes of it. Answers all come of the evaluator. */
#include "base/alloc.h"
#include "plan/sentence.h"
#include "run/explain_int.h"

static struct rt_arena *arena_of(struct rt_explainer *x)
{
    return &x->out->arena;
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
        rt_clock_format_local(zone, why->at_us, time);
        return rt_explain_text(x, "the day %.10s begins", time);
    }
    r = &x->trail.records[why->record];
    rt_clock_format_local(zone, why->at_us - why->age_us, time);
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
    if (rc == RT_OK)
        return rt_explain_keep(x, &text);
    rt_buf_release(&text);
    return RT_SPAN_ABSENT;
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

int rt_explain_parts(struct rt_explainer *x, const struct rt_part *part, const bool *only,
    const uint8_t *answers, struct rt_explained_node *node)
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

/* ---- one condition */

static int tell_leaf(
    struct rt_view *v, const struct rt_part *part, struct rt_explained_node *node)
{
    int rc = RT_OK;

    switch (part->cond->kind) {
    case RT_COND_DID:
    case RT_COND_DID_NOT:
    case RT_COND_RANK:
        rc = rt_view_pick_counted(v, part, node);
        break;
    case RT_COND_LAST:
    case RT_COND_FIRST:
        rt_view_pick_end(v, part);
        break;
    case RT_COND_PROFILE:
        rt_view_pick_rows(v, part);
        break;
    case RT_COND_SEQUENCE:
        return rt_view_tell_steps(v, part, node);
    case RT_COND_SESSION:
        return rt_view_tell_sessions(v, part, node);
    default:
        return rt_view_tell_some(v, part, node);
    }
    if (rc == RT_OK)
        rc = rt_view_show(v, node);
    if (rc == RT_OK
        && (part->cond->kind == RT_COND_DID || part->cond->kind == RT_COND_RANK))
        rc = rt_view_measure(v, part, node);
    return rc;
}

static int tell_part(struct rt_explainer *x, uint32_t number, const bool *only,
    const uint8_t *answers, struct rt_explained_node *node)
{
    const struct rt_part *part = &x->parts.parts[number];
    struct rt_view v = { .x = x, .only = only };
    int rc;

    *node = (struct rt_explained_node) {
        .cond = part->cond, .answered = true, .answer = answers[part->segment]
    };
    node->given_up = part->inside ? rt_moment_gave_up(x->now, part) : x->given_up[number];
    rc = say_cond(x, part->cond, node);
    if (rc == RT_OK && !part->inside)
        rc = tell_next(x, part->segment, part->ranked, &node->next);
    if (rc < 0 || part->cond->kind == RT_COND_SEGMENT)
        return rc;
    if (rt_part_is_logic(part))
        return rt_explain_parts(x, part, only, answers, node);
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
        if (rt_explain_list(x, t, out) < 0)
            return RT_ENOMEM;
        out->lists[out->nlists - 1].rows = x->watch.rows[t];
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
