/* What the events of a condition came to, to be shown: how many days or values, which sum. The
 * evaluator works with hashes and exact sums; here are the values themselves. */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/num.h"
#include "people/match.h"
#include "run/explain_int.h"

static const struct rt_plan_field *field_of(struct rt_explainer *x, struct rt_span name)
{
    const struct rt_plan *plan = rt_moment_plan(x->now);

    for (uint32_t i = 0; i < plan->nfields; i++)
        if (rt_span_eq(plan->fields[i].name, name))
            return &plan->fields[i];
    return NULL;
}

/* The field's values by record, copied; absent where there is none. NULL: no memory. */
struct rt_span *rt_explain_values(struct rt_explainer *x, struct rt_span name)
{
    const struct rt_plan_field *field = field_of(x, name);
    struct rt_span *values = rt_calloc(x->trail.n, sizeof *values);
    struct rt_arena scratch = RT_ARENA_INIT;

    for (uint32_t i = 0; field && values && i < x->trail.n; i++) {
        struct rt_span value;

        rt_arena_reset(&scratch);
        if (rt_match_value(field, x->trail.records[i].cells, &scratch, &value) < 0
            || (value.n && !(value = rt_arena_copy(&x->out->arena, value)).p)) {
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
static int note_days(const struct rt_view *v, struct rt_explained_node *node)
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
static uint32_t gather_values(const struct rt_view *v, struct rt_span *values)
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
    if (sum > INT64_MAX || sum < -INT64_MAX) {
        node->note = rt_explain_text(x, "more in all than is shown here");
        return;
    }
    rt_num_format_micro((int64_t)sum, text);
    node->note = rt_explain_text(
        x, "%s %s, of %u number%s", text, words[kind], numbers, numbers == 1 ? "" : "s");
}

static int note_values(const struct rt_view *v, const struct rt_measure *measure,
    struct rt_explained_node *node)
{
    struct rt_span *values;
    uint32_t n;

    if (measure->by_day)
        return note_days(v, node);
    if (!measure->field.p)
        return RT_OK;
    values = rt_explain_values(v->x, measure->field);
    if (!values)
        return RT_ENOMEM;
    n = gather_values(v, values);
    if (measure->kind == RT_MEASURE_COUNT)
        note_different(v->x, values, n, node);
    else
        note_numbers(v->x, measure->kind, values, n, node);
    rt_free(values);
    return node->note.p ? RT_OK : RT_ENOMEM;
}

/* "3 events; 40 people have a place, the 4 in front end at 7": ties aside. */
static int note_rank(
    const struct rt_view *v, const struct rt_part *part, struct rt_explained_node *node)
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
    if (!node->note.p)
        node->note = rt_explain_text(
            x, "%ju event%s", (uintmax_t)node->nfound, node->nfound == 1 ? "" : "s");
    if (!node->note.p)
        return RT_ENOMEM;
    node->note = rt_explain_text(x, "%.*s; %ju %s a place; the %s %ju end%s at %s",
        (int)node->note.n, node->note.p, (uintmax_t)sum->people,
        sum->people == 1 ? "person has" : "people have",
        part->cond->bottom ? "last" : "first", (uintmax_t)sum->places,
        sum->places == 1 ? "s" : "", last);
    return node->note.p ? RT_OK : RT_ENOMEM;
}

int rt_view_measure(
    const struct rt_view *v, const struct rt_part *part, struct rt_explained_node *node)
{
    int rc = note_values(v, &part->cond->measure, node);

    return rc == RT_OK && part->cond->kind == RT_COND_RANK ? note_rank(v, part, node)
                                                           : rc;
}
