/*
 * Segments as sentences. Each condition is a clause that can follow "people": "who did
 * purchase", "whose last cart was 2 days ago". "all" and "any" join clauses, in brackets
 * where one stands in the other.
 */
#include "plan/sentence.h"

#include <inttypes.h>

#include "base/num.h"
#include "plan/sentence_int.h"

static void say_cond(struct rt_teller *teller, const struct rt_cond *cond);

/* ---- events and measures */

static void say_times(struct rt_teller *teller, const struct rt_measure *measure)
{
    bool by_value = measure->by_day || measure->field.p;

    if (!by_value && measure->min_count == 1 && measure->max_count == UINT64_MAX)
        return;
    if (measure->by_day)
        rt_say(teller, " on ");
    else
        rt_say(teller, by_value ? " with " : " ");
    rt_say_counts(teller, measure->min_count, measure->max_count,
        measure->by_day ? "different day"
            : by_value  ? "different value"
                        : "time");
    if (measure->field.p) {
        rt_say(teller, " of ");
        rt_say_name(teller, measure->field);
    }
}

static const char *measure_name(enum rt_measure_kind kind)
{
    static const char *const names[] = { [RT_MEASURE_COUNT] = "number",
        [RT_MEASURE_SUM] = "total",
        [RT_MEASURE_AVG] = "average",
        [RT_MEASURE_MIN] = "smallest",
        [RT_MEASURE_MAX] = "largest" };

    return names[kind];
}

static void say_bound(
    struct rt_teller *teller, bool has, const char *is, int64_t micro, bool *said)
{
    if (!has)
        return;
    rt_say(teller, "%s%s", *said ? " and " : " is ", is);
    rt_say_number(teller, micro);
    *said = true;
}

/* "whose total value of purchase in the last 30 days is at least 100" */
static void say_sum(struct rt_teller *teller, const struct rt_cond *cond)
{
    const struct rt_measure *measure = &cond->measure;
    bool said = false;

    rt_say(teller, "whose %s ", measure_name(measure->kind));
    rt_say_name(teller, measure->field);
    rt_say(teller, " of ");
    rt_say_name(teller, cond->events.text);
    rt_say_window(teller, &cond->window);
    rt_say_where(teller, cond->where);
    say_bound(teller, measure->has_gte, "at least ", measure->gte, &said);
    say_bound(teller, measure->has_gt, "above ", measure->gt, &said);
    say_bound(teller, measure->has_lte, "at most ", measure->lte, &said);
    say_bound(teller, measure->has_lt, "below ", measure->lt, &said);
    say_bound(teller, measure->has_eq, "exactly ", measure->eq, &said);
}

static void say_did(struct rt_teller *teller, const struct rt_cond *cond)
{
    if (cond->kind == RT_COND_DID && cond->measure.kind != RT_MEASURE_COUNT) {
        say_sum(teller, cond);
        return;
    }
    rt_say(teller, cond->kind == RT_COND_DID ? "who did " : "who did not ");
    rt_say_name(teller, cond->events.text);
    if (cond->kind == RT_COND_DID)
        say_times(teller, &cond->measure);
    rt_say_window(teller, &cond->window);
    rt_say_where(teller, cond->where);
}

/* "whose last cart was less than 2 days ago and had value is at least 10" */
static void say_last(struct rt_teller *teller, const struct rt_cond *cond)
{
    rt_say(teller, "whose %s ", cond->kind == RT_COND_LAST ? "last" : "first");
    rt_say_events(teller, &cond->events);
    if (cond->where) {
        rt_say(teller, " (");
        rt_say_test(teller, cond->where);
        rt_say(teller, ")");
    }
    if (cond->has_ago) {
        rt_say(teller, " was ");
        rt_say_ages(teller, cond->ago_min_us, cond->ago_max_us);
    }
    if (cond->is) {
        rt_say(teller, cond->has_ago ? " and is one where " : " is one where ");
        rt_say_test(teller, cond->is);
    }
}

/* ---- sequences */

static void say_step_detail(
    struct rt_teller *teller, const struct rt_step *step, bool leading)
{
    if (step->within_us >= 0) {
        rt_say(teller, " within ");
        rt_say_duration(teller, step->within_us);
        rt_say(teller, leading ? " before" : "");
    }
    if (step->after_us >= 0) {
        rt_say(teller, " after at least ");
        rt_say_duration(teller, step->after_us);
    }
    rt_say(teller, step->next ? " as the very next event" : "");
    for (size_t i = 0; i < step->nsame; i++) {
        rt_say(teller, i == 0 ? " with the same " : " and ");
        rt_say_name(teller, step->same[i]);
    }
    rt_say_where(teller, step->where);
}

/* Where a step is negative it matters which start is meant, so it is said, given or not. */
static bool has_negative(const struct rt_cond *cond)
{
    for (size_t i = 0; i < cond->nsteps; i++)
        if (cond->steps[i].negative)
            return true;
    return false;
}

static void say_step(struct rt_teller *teller, const struct rt_step *step, bool leading)
{
    if (step->negative) {
        rt_say(teller, "no ");
        rt_say_events(teller, &step->events);
    } else {
        rt_say_name(teller, step->events.text);
    }
    say_step_detail(teller, step, leading);
}

/* "who did, in this order: view, then cart within 1 hour, then no purchase, counted from the
 * last start" */
static void say_sequence(struct rt_teller *teller, const struct rt_cond *cond)
{
    static const char *const from[] = { [RT_START_ANY] = "any start",
        [RT_START_FIRST] = "the first start",
        [RT_START_LAST] = "the last start" };
    bool leading = true;

    rt_say(teller, "who did");
    rt_say_window(teller, &cond->window);
    rt_say(teller, cond->in_session ? " in one session" : "");
    if (cond->within_us >= 0) {
        rt_say(teller, " within ");
        rt_say_duration(teller, cond->within_us);
    }
    rt_say(teller, ", in this order: ");
    for (size_t i = 0; i < cond->nsteps; i++) {
        const struct rt_step *step = &cond->steps[i];

        rt_say(teller, i ? ", then " : "");
        leading &= step->negative;
        say_step(teller, step, leading);
    }
    if (has_negative(cond) || cond->start != RT_START_ANY)
        rt_say(teller, ", counted from %s", from[cond->start]);
}

/* ---- sessions */

struct list {
    size_t said, n;
};

static void say_next(struct rt_teller *teller, struct list *list)
{
    if (list->said)
        rt_say(teller, list->said + 1 == list->n ? " and" : ",");
    list->said++;
}

static void say_length(struct rt_teller *teller, int64_t us, const char *is, bool *said)
{
    if (us < 0)
        return;
    rt_say(teller, "%s%s", *said ? " and " : " lasted ", is);
    rt_say_duration(teller, us);
    *said = true;
}

static void say_has(struct rt_teller *teller, const struct rt_cond *cond)
{
    rt_say(teller, " had ");
    rt_say_name(teller, cond->has_events.text);
    rt_say(teller, " ");
    rt_say_counts(teller, cond->has_min, cond->has_max, "time");
    rt_say_where(teller, cond->has_where);
}

static bool has_duration(const struct rt_cond *cond)
{
    return cond->duration_gte_us >= 0 || cond->duration_gt_us >= 0
        || cond->duration_lte_us >= 0 || cond->duration_lt_us >= 0;
}

static bool has_event_bounds(const struct rt_cond *cond)
{
    return cond->events_min > 0 || cond->events_max < UINT64_MAX;
}

static void say_session_parts(
    struct rt_teller *teller, const struct rt_cond *cond, struct list *list)
{
    bool said = false;

    if (cond->window.kind != RT_WINDOW_ALL) {
        say_next(teller, list);
        rt_say(teller, " started");
        rt_say_window(teller, &cond->window);
    }
    if (cond->landing) {
        say_next(teller, list);
        rt_say(teller, " landed");
        rt_say_where(teller, cond->landing);
    }
    if (cond->has_has) {
        say_next(teller, list);
        say_has(teller, cond);
    }
    if (has_duration(cond)) {
        say_next(teller, list);
        say_length(teller, cond->duration_gte_us, "at least ", &said);
        say_length(teller, cond->duration_gt_us, "more than ", &said);
        say_length(teller, cond->duration_lte_us, "at most ", &said);
        say_length(teller, cond->duration_lt_us, "less than ", &said);
    }
    if (has_event_bounds(cond)) {
        say_next(teller, list);
        rt_say(teller, " had ");
        rt_say_counts(teller, cond->events_min, cond->events_max, "event");
    }
}

/* "whose last session started today, landed where path is \"/\" and had ..." */
static void say_session(struct rt_teller *teller, const struct rt_cond *cond)
{
    struct list list = { 0,
        (cond->window.kind != RT_WINDOW_ALL) + (cond->landing != NULL) + cond->has_has
            + has_duration(cond) + has_event_bounds(cond) };

    if (cond->session == RT_START_ANY || list.n == 0)
        rt_say(teller, list.n ? "who had a session that" : "who had a session");
    else
        rt_say(teller, "whose %s session",
            cond->session == RT_START_FIRST ? "first" : "last");
    say_session_parts(teller, cond, &list);
}

/* ---- the others */

static void say_segment_name(struct rt_teller *teller, uint32_t segment)
{
    rt_say_quoted(teller, teller->defs->segments[segment].name);
}

/* "who are in the top 10% by total value of purchase among segment \"buyers\"" */
static void say_rank(struct rt_teller *teller, const struct rt_cond *cond)
{
    rt_say(teller, "who are in the %s ", cond->bottom ? "bottom" : "top");
    if (cond->by_percent) {
        rt_say_number(teller, (int64_t)cond->millionths * 100);
        rt_say(teller, "%%");
    } else {
        rt_say(teller, "%" PRIu64, cond->count);
    }
    rt_say(teller, " by %s ", measure_name(cond->measure.kind));
    if (cond->measure.kind != RT_MEASURE_COUNT)
        rt_say_name(teller, cond->measure.field);
    rt_say(teller, cond->measure.kind == RT_MEASURE_COUNT ? "of " : " of ");
    rt_say_name(teller, cond->events.text);
    rt_say_window(teller, &cond->window);
    rt_say_where(teller, cond->where);
    if (cond->has_among) {
        rt_say(teller, " among the people of ");
        say_segment_name(teller, cond->segment);
    }
}

static bool is_group(const struct rt_cond *cond)
{
    return (cond->kind == RT_COND_ALL || cond->kind == RT_COND_ANY) && cond->n > 1;
}

/* A clause that stands in another. */
static void say_inner(struct rt_teller *teller, const struct rt_cond *cond)
{
    rt_say(teller, is_group(cond) ? "(" : "");
    say_cond(teller, cond);
    rt_say(teller, is_group(cond) ? ")" : "");
}

static void say_list(struct rt_teller *teller, const struct rt_cond *const *parts,
    size_t n, const char *between)
{
    if (n == 1) {
        say_cond(teller, parts[0]);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        rt_say(teller, "%s", i ? between : "");
        say_inner(teller, parts[i]);
    }
}

static void say_not(struct rt_teller *teller, const struct rt_cond *part)
{
    if (part->kind == RT_COND_SEGMENT) {
        rt_say(teller, "who are not in ");
        say_segment_name(teller, part->segment);
        return;
    }
    rt_say(teller, "who are not among those ");
    say_inner(teller, part);
}

static void say_cond(struct rt_teller *teller, const struct rt_cond *cond)
{
    switch (cond->kind) {
    case RT_COND_ALL:
        say_list(teller, cond->parts, cond->n, " and ");
        break;
    case RT_COND_ANY:
        say_list(teller, cond->parts, cond->n, " or ");
        break;
    case RT_COND_NOT:
        say_not(teller, cond->parts[0]);
        break;
    case RT_COND_SEGMENT:
        rt_say(teller, "who are in ");
        say_segment_name(teller, cond->segment);
        break;
    case RT_COND_DID:
    case RT_COND_DID_NOT:
        say_did(teller, cond);
        break;
    case RT_COND_LAST:
    case RT_COND_FIRST:
        say_last(teller, cond);
        break;
    case RT_COND_PROFILE:
        rt_say(teller, "whose profile has a row");
        rt_say_where(teller, cond->is);
        break;
    case RT_COND_SEQUENCE:
        say_sequence(teller, cond);
        break;
    case RT_COND_SESSION:
        say_session(teller, cond);
        break;
    case RT_COND_FOR_SOME:
        rt_say(teller, "who, by the events of some one ");
        rt_say_name(teller, cond->field);
        rt_say(teller, " alone, are people ");
        say_inner(teller, cond->parts[0]);
        break;
    case RT_COND_RANK:
        say_rank(teller, cond);
        break;
    }
}

/* ---- what a segment says besides */

static void say_consent(struct rt_teller *teller, const struct rt_segment *segment)
{
    for (size_t i = 0; i < segment->nconsent; i++) {
        rt_say(teller, i == 0 ? "; only with consent to " : " and ");
        rt_say_quoted(teller, teller->defs->purposes[segment->consent[i]].name);
    }
}

static void say_tier(struct rt_teller *teller, const struct rt_segment *segment)
{
    if (!segment->tier.p)
        return;
    rt_say(teller, "; only those in no segment of tier ");
    rt_say_quoted(teller, segment->tier);
    rt_say(teller, " with a priority before %" PRId64, segment->priority);
}

static void say_split(struct rt_teller *teller, const struct rt_segment *segment)
{
    for (size_t i = 0; i < segment->narms; i++) {
        rt_say(teller, i == 0 ? "; split into " : ", ");
        rt_say_name(teller, segment->arms[i].name);
        rt_say(teller, " ");
        rt_say_number(teller, (int64_t)segment->arms[i].buckets * 10000);
        rt_say(teller, "%%");
    }
}

static void say_membership(
    struct rt_teller *teller, const struct rt_membership *membership)
{
    if (membership->keep_us >= 0) {
        rt_say(teller, "; kept for ");
        rt_say_duration(teller, membership->keep_us);
    }
    if (membership->at_most_us >= 0) {
        rt_say(teller, "; for at most ");
        rt_say_duration(teller, membership->at_most_us);
    }
    if (membership->cooldown_us >= 0) {
        rt_say(teller, "; not again for ");
        rt_say_duration(teller, membership->cooldown_us);
    }
}

int rt_sentence(const struct rt_defs *defs, uint32_t place, struct rt_buf *out)
{
    const struct rt_segment *segment = &defs->segments[place];
    struct rt_teller teller = { defs, out, RT_OK };

    rt_say(&teller, "People ");
    say_cond(&teller, segment->match);
    if (segment->nexclude) {
        rt_say(&teller, ", except people ");
        say_list(&teller, segment->exclude, segment->nexclude, " or ");
    }
    say_tier(&teller, segment);
    say_consent(&teller, segment);
    say_split(&teller, segment);
    say_membership(&teller, &segment->membership);
    rt_say(&teller, ".");
    return teller.rc;
}

/* ---- parts of sentences */

int rt_sentence_cond(
    const struct rt_defs *defs, const struct rt_cond *cond, struct rt_buf *out)
{
    struct rt_teller teller = { defs, out, RT_OK };

    say_cond(&teller, cond);
    return teller.rc;
}

int rt_sentence_step(const struct rt_defs *defs, const struct rt_cond *sequence,
    size_t step, struct rt_buf *out)
{
    struct rt_teller teller = { defs, out, RT_OK };
    bool leading = true;

    for (size_t i = 0; i <= step; i++)
        leading &= sequence->steps[i].negative;
    say_step(&teller, &sequence->steps[step], leading);
    return teller.rc;
}

int rt_sentence_name(
    const struct rt_defs *defs, const struct rt_named_events *named, struct rt_buf *out)
{
    const struct rt_event_choice *choice = &named->choice;
    struct rt_teller teller = { defs, out, RT_OK };

    for (size_t i = 0; i < choice->nnames; i++) {
        rt_say(&teller, i ? " or " : "");
        rt_say_name(&teller, choice->names[i]);
    }
    rt_say(&teller, choice->nnames ? "" : "any event");
    rt_say_where(&teller, choice->where);
    return teller.rc;
}

int rt_sentence_duration(int64_t us, struct rt_buf *out)
{
    struct rt_teller teller = { NULL, out, RT_OK };

    rt_say_duration(&teller, us);
    return teller.rc;
}
