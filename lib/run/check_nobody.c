/*
 * Audiences that take in people who did nothing, and limits of platforms that the file
 * passes whatever the inputs are.
 */
#include "run/checking.h"

#include "lists/platform.h"

/* ---- someone without any event and without a contact row */

static bool sum_of_none(const struct rt_measure *m)
{
    return (!m->has_gte || m->gte <= 0) && (!m->has_gt || m->gt < 0)
        && (!m->has_lte || m->lte >= 0) && (!m->has_lt || m->lt > 0)
        && (!m->has_eq || m->eq == 0);
}

/* Nothing was done: a count is 0, a sum too; whatever needs an anchor is false. */
static bool did_holds(const struct rt_cond *cond)
{
    const struct rt_measure *m = &cond->measure;

    if (cond->window.anchor != RT_ANCHOR_NONE)
        return false;
    if (cond->kind == RT_COND_DID_NOT)
        return true;
    if (m->kind == RT_MEASURE_COUNT)
        return m->min_count == 0;
    return m->kind == RT_MEASURE_SUM && sum_of_none(m);
}

/* known: the answers of segments that stand before this one in the plan's order. */
static bool holds_for_nobody(const struct rt_cond *cond, const bool *known)
{
    bool all = cond->kind == RT_COND_ALL;

    switch (cond->kind) {
    case RT_COND_NOT:
        return !holds_for_nobody(cond->parts[0], known);
    case RT_COND_ALL:
    case RT_COND_ANY:
        for (size_t i = 0; i < cond->n; i++)
            if (holds_for_nobody(cond->parts[i], known) != all)
                return !all;
        return all;
    case RT_COND_SEGMENT:
        return known[cond->segment];
    case RT_COND_DID:
    case RT_COND_DID_NOT:
        return did_holds(cond);
    default: /* the rest asks for an event, a session, a value or a contact row */
        return false;
    }
}

static bool segment_holds(const struct rt_segment *seg, const bool *known)
{
    bool in = holds_for_nobody(seg->match, known);

    for (size_t i = 0; i < seg->nexclude && in; i++)
        in = !holds_for_nobody(seg->exclude[i], known);
    return in;
}

/* Is a list of the segment written? Others are parts of definitions and may be anything. */
static bool is_listed(const struct rt_checking *c, uint32_t at)
{
    for (size_t i = 0; i < c->defs->noutputs; i++) {
        const struct rt_output *output = &c->defs->outputs[i];

        for (size_t k = 0; k < output->nsegments; k++)
            if (output->segments[k] == at)
                return true;
        if (output->all)
            return true;
    }
    return c->defs->noutputs == 0;
}

static int warn_of_negatives(struct rt_checking *c)
{
    bool *known = rt_arena_new(&c->arena, c->defs->nsegments, sizeof *known);

    if (!known)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < c->plan->nsegments; i++) {
        uint32_t at = c->plan->order[i];
        const struct rt_segment *seg = &c->defs->segments[at];

        known[at] = segment_holds(seg, known);
        if (known[at] && is_listed(c, at))
            rt_check_warn(c, rt_json_get(seg->json, "match"), true,
                "takes in whoever did nothing at all: it only says what people did not "
                "do; add what they did, such as {\"did\": \"*\"}");
    }
    return RT_OK;
}

/* ---- platforms */

/* The smallest number of people to which a rank cuts what must hold; 0: none does. */
static uint64_t rank_limit(const struct rt_cond *cond, const struct rt_json **at)
{
    uint64_t least = 0;
    const struct rt_json *where = NULL;

    if (cond->kind == RT_COND_RANK && !cond->by_percent) {
        *at = rt_json_get(cond->json, cond->bottom ? "bottom" : "top");
        return cond->count;
    }
    for (size_t i = 0; cond->kind == RT_COND_ALL && i < cond->n; i++) {
        uint64_t n = rank_limit(cond->parts[i], &where);

        if (n && (!least || n < least)) {
            least = n;
            *at = where;
        }
    }
    return least;
}

static void warn_of_rank(
    struct rt_checking *c, const struct rt_output *output, uint32_t segment)
{
    const struct rt_platform *platform = rt_platform_get(output->to);
    const struct rt_json *at = NULL;
    uint64_t n = rank_limit(c->defs->segments[segment].match, &at);

    if (n && platform && n < platform->minimum)
        rt_check_warn(c, at, false,
            "cuts the segment to %ju people, those who tie aside; %s needs at least %ju",
            (uintmax_t)n, platform->title, (uintmax_t)platform->minimum);
}

int rt_check_nobody(struct rt_checking *c)
{
    for (size_t i = 0; i < c->defs->noutputs; i++) {
        const struct rt_output *output = &c->defs->outputs[i];
        size_t n = output->all ? c->defs->nsegments : output->nsegments;

        for (size_t k = 0; k < n; k++)
            warn_of_rank(c, output, output->all ? (uint32_t)k : output->segments[k]);
    }
    return warn_of_negatives(c);
}
