/*
 * Steps and sessions that are longer than the inputs: what is asked to lie that far apart
 * does not, and what may lie that far apart always does.
 */
#include "run/checking.h"

#include "base/timetext.h"

struct spans {
    struct rt_checking *c;
    int64_t length_us; /* from the first event to the last, or to as-of */
    int64_t age_us;    /* of the first event */
};

static void warn_of_length(
    const struct spans *s, const struct rt_json *at, const char *what)
{
    const struct rt_survey *in = s->c->events;
    char first[40], last[40];

    rt_clock_format(in->first_us, first);
    rt_clock_format(in->first_us + s->length_us, last);
    rt_check_warn(s->c, at, true, "longer than the inputs, which reach from %s to %s: %s",
        first, last, what);
}

/* Behind the last step nothing is settled before its time has passed; before the first one
 * the inputs must reach back as far. */
static void look_at_negative(const struct spans *s, const struct rt_json *json,
    const struct rt_step *step, bool last)
{
    const struct rt_json *within = rt_json_get(json, "within");

    if (last && step->within_us > s->age_us)
        warn_of_length(s, within,
            "nobody has waited that long, so whoever did the steps is undecided");
    else if (!last && step->within_us > s->length_us)
        warn_of_length(
            s, within, "who did it before the inputs looks as if they did not");
}

static void look_at_step(const struct spans *s, const struct rt_json *json,
    const struct rt_step *step, bool leading)
{
    if (step->negative) {
        look_at_negative(s, json, step, !leading);
        return;
    }
    if (step->after_us > s->length_us)
        warn_of_length(s, rt_json_get(json, "after"), "nobody can do this");
    else if (step->within_us > s->length_us)
        warn_of_length(s, rt_json_get(json, "within"), "it leaves nobody out");
}

static void look_at_sequence(const struct spans *s, const struct rt_cond *cond)
{
    const struct rt_json *steps = rt_json_get(cond->json, "sequence");
    bool leading = true;

    for (size_t i = 0; i < cond->nsteps; i++) {
        leading &= cond->steps[i].negative;
        look_at_step(s, &steps->items[i], &cond->steps[i], leading);
    }
    if (cond->within_us > s->length_us)
        warn_of_length(s, rt_json_get(cond->json, "within"), "it leaves nobody out");
}

static void look_at_session(const struct spans *s, const struct rt_cond *cond)
{
    const struct rt_json *at = rt_json_get(cond->json, "duration");

    if (cond->duration_gte_us > s->length_us
        || (cond->duration_gt_us >= 0 && cond->duration_gt_us >= s->length_us))
        warn_of_length(s, at, "no session can last that long");
    else if (cond->duration_lte_us > s->length_us || cond->duration_lt_us > s->length_us)
        warn_of_length(s, at, "it leaves no session out");
}

/* As deep as the file allows. */
static void look_at(const struct spans *s, const struct rt_cond *cond)
{
    if (cond->kind == RT_COND_SEQUENCE)
        look_at_sequence(s, cond);
    if (cond->kind == RT_COND_SESSION)
        look_at_session(s, cond);
    for (size_t i = 0; i < cond->n; i++)
        look_at(s, cond->parts[i]);
}

void rt_check_spans(struct rt_checking *c)
{
    const struct rt_survey *in = c->events;
    int64_t last_us = in->last_us < c->as_of_us ? in->last_us : c->as_of_us;
    struct spans s = { .c = c };

    if (!in->past)
        return;                           /* it is as-of that is wrong */
    s.length_us = last_us - in->first_us; /* both are times of years 1 to 9999 */
    s.age_us = c->as_of_us - in->first_us;
    for (size_t i = 0; i < c->defs->nsegments; i++) {
        const struct rt_segment *seg = &c->defs->segments[i];

        look_at(&s, seg->match);
        for (size_t k = 0; k < seg->nexclude; k++)
            look_at(&s, seg->exclude[k]);
    }
}
