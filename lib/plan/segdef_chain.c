/* Conditions on order and togetherness: sequences of steps, and sessions. */
#include "plan/segdef_int.h"

/* ---- one step */

static bool refuse_key(struct rt_reading *reading, const struct rt_json *step,
    const char *key, const char *why)
{
    const struct rt_json *json = rt_json_get(step, key);

    if (!json)
        return true;
    rt_complain_key(reading, json, "\"%s\" %s", key, why);
    return false;
}

static bool read_optional_duration(struct rt_reading *reading,
    const struct rt_json *object, const char *key, int64_t *us)
{
    const struct rt_json *json = rt_json_get(object, key);

    *us = -1;
    return !json || rt_read_duration(reading, json, us);
}

static bool read_step_events(
    struct rt_reading *reading, const struct rt_json *json, struct rt_step *step)
{
    const struct rt_json *did = rt_json_get(json, "did");
    const struct rt_json *did_not = rt_json_get(json, "did_not");

    if (!did == !did_not) {
        rt_complain(reading, json,
            did ? "\"did\" and \"did_not\" are two steps"
                : "a step has either \"did\" or \"did_not\"");
        return false;
    }
    step->negative = did_not != NULL;
    return rt_read_event_set(reading, did ? did : did_not, &step->events);
}

static bool read_step_bounds(
    struct rt_reading *reading, const struct rt_json *json, struct rt_step *step)
{
    const struct rt_json *same = rt_json_get(json, "same");
    const struct rt_json *next = rt_json_get(json, "next");
    bool good = true;

    good &= read_optional_duration(reading, json, "within", &step->within_us);
    good &= read_optional_duration(reading, json, "after", &step->after_us);
    if (next)
        good &= rt_read_bool(reading, next, &step->next);
    if (same)
        good &=
            rt_read_texts(reading, same, "a field name", true, &step->same, &step->nsame);
    if (good && step->within_us >= 0 && step->after_us > step->within_us) {
        rt_complain(reading, rt_json_get(json, "after"),
            "can never hold: \"after\" is longer than \"within\"");
        good = false;
    }
    return good;
}

static bool read_step(
    struct rt_reading *reading, const struct rt_json *json, struct rt_step *step)
{
    static const char *const keys[] = { "did", "did_not", "where", "within", "after",
        "next", "same" };
    bool good;

    if (!rt_read_keys(
            reading, json, "a step like {\"did\": \"view\"}", keys, RT_COUNT_OF(keys)))
        return false;
    good = read_step_events(reading, json, step);
    good &= rt_read_where(reading, json, "where", &step->where);
    good &= read_step_bounds(reading, json, step);
    if (rt_json_get(json, "did_not") && !rt_json_get(json, "did")) {
        good &= refuse_key(reading, json, "after", "goes with a \"did\" step only");
        good &= refuse_key(reading, json, "next", "goes with a \"did\" step only");
    }
    return good;
}

/* ---- steps among each other */

static bool is_positive(const struct rt_json *step)
{
    return step->kind == RT_JSON_OBJECT && rt_json_get(step, "did");
}

static bool check_first(struct rt_reading *reading, const struct rt_json *step)
{
    static const char *const keys[] = { "within", "after", "next", "same" };
    bool good = true;

    for (size_t i = 0; i < RT_COUNT_OF(keys); i++)
        good &= refuse_key(reading, step, keys[i],
            "looks back to the previous \"did\" step, and this is the first");
    return good;
}

/* What a step may say depends on the positive steps before and behind it. good: each step
 * is one. */
static bool check_order(
    struct rt_reading *reading, const struct rt_json *steps, bool good)
{
    size_t first = steps->n, last = 0;

    for (size_t i = 0; i < steps->n; i++) {
        if (!is_positive(&steps->items[i]))
            continue;
        if (first == steps->n)
            first = i;
        last = i;
    }
    if (first == steps->n) {
        if (good)
            rt_complain(reading, steps, "needs at least one \"did\" step");
        return false;
    }
    good &= check_first(reading, &steps->items[first]);
    for (size_t i = first + 1; i < last; i++)
        if (steps->items[i].kind == RT_JSON_OBJECT && !is_positive(&steps->items[i]))
            good &= refuse_key(reading, &steps->items[i], "within",
                "has no place between two \"did\" steps: \"did_not\" holds from the "
                "one's "
                "time to the other's");
    return good;
}

static bool read_steps(
    struct rt_reading *reading, const struct rt_json *json, struct rt_cond *cond)
{
    struct rt_step *steps;
    bool good = true;

    if (!rt_read_list(reading, json, "a list of at least one step"))
        return false;
    steps = rt_reading_new(reading, json->n, sizeof *steps);
    if (!steps)
        return false;
    for (size_t i = 0; i < json->n; i++)
        good &= read_step(reading, &json->items[i], &steps[i]);
    cond->steps = steps;
    cond->nsteps = json->n;
    return check_order(reading, json, good);
}

/* ---- the sequence */

static const char *const starts[] = { "any", "first", "last" };
static const enum rt_start start_kinds[] = { RT_START_ANY, RT_START_FIRST,
    RT_START_LAST };

static bool read_start(
    struct rt_reading *reading, const struct rt_json *json, enum rt_start *start)
{
    size_t place;

    if (!rt_read_word(reading, json, starts, RT_COUNT_OF(starts), &place))
        return false;
    *start = start_kinds[place];
    return true;
}

static enum rt_start default_start(const struct rt_cond *cond)
{
    for (size_t i = 0; i < cond->nsteps; i++)
        if (cond->steps[i].negative)
            return RT_START_LAST;
    return RT_START_ANY;
}

static bool read_in(
    struct rt_reading *reading, const struct rt_json *json, struct rt_cond *cond)
{
    static const char *const words[] = { "session" };
    size_t place;

    if (!rt_read_word(reading, json, words, RT_COUNT_OF(words), &place))
        return false;
    cond->in_session = true;
    if (reading->inside_for_some)
        rt_complain_key(reading, json,
            "\"in\" cannot stand in \"for_some\": sessions are "
            "cut on all events of a person");
    return !reading->inside_for_some;
}

bool rt_read_sequence(
    struct rt_reading *reading, const struct rt_json *object, struct rt_cond *cond)
{
    const struct rt_json *in = rt_json_get(object, "in");
    const struct rt_json *anchor = rt_json_get(object, "anchor");
    bool good = read_steps(reading, rt_json_get(object, "sequence"), cond);

    good &= rt_read_window(reading, object, false, &cond->window);
    good &= read_optional_duration(reading, object, "within", &cond->within_us);
    if (in)
        good &= read_in(reading, in, cond);
    cond->start = default_start(cond);
    if (anchor)
        good &= read_start(reading, anchor, &cond->start);
    return good;
}

/* ---- sessions */

static bool read_has(
    struct rt_reading *reading, const struct rt_json *json, struct rt_cond *cond)
{
    static const char *const keys[] = { "did", "where", "at_least", "at_most",
        "exactly" };
    const struct rt_json *did;
    bool given, good;

    cond->has_has = true;
    if (!rt_read_keys(reading, json, "events like {\"did\": \"view\", \"at_least\": 3}",
            keys, RT_COUNT_OF(keys)))
        return false;
    did = rt_read_needed(reading, json, "did");
    good = did && rt_read_event_set(reading, did, &cond->has_events);
    good &= rt_read_where(reading, json, "where", &cond->has_where);
    good &= rt_read_counts(reading, json, &cond->has_min, &cond->has_max, &given);
    return good;
}

static const char *const bound_keys[] = { "gte", "gt", "lte", "lt", "eq" };

static bool read_bound_keys(
    struct rt_reading *reading, const struct rt_json *json, const char *due)
{
    if (!rt_read_keys(reading, json, due, bound_keys, RT_COUNT_OF(bound_keys)))
        return false;
    if (json->n == 0)
        rt_complain(reading, json, "is empty, expected %s", due);
    return json->n > 0;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool read_session_duration(
    struct rt_reading *reading, const struct rt_json *json, struct rt_cond *cond)
{
    int64_t eq_us, least, most = RT_TIME_MAX;
    bool good;

    if (!read_bound_keys(reading, json, "bounds like {\"gte\": \"60s\"}"))
        return false;
    good = read_optional_duration(reading, json, "gte", &cond->duration_gte_us);
    good &= read_optional_duration(reading, json, "gt", &cond->duration_gt_us);
    good &= read_optional_duration(reading, json, "lte", &cond->duration_lte_us);
    good &= read_optional_duration(reading, json, "lt", &cond->duration_lt_us);
    good &= read_optional_duration(reading, json, "eq", &eq_us);
    if (eq_us > cond->duration_gte_us)
        cond->duration_gte_us = eq_us;
    if (eq_us >= 0 && (cond->duration_lte_us < 0 || eq_us < cond->duration_lte_us))
        cond->duration_lte_us = eq_us;
    least = larger(cond->duration_gte_us, cond->duration_gt_us + 1);
    if (cond->duration_lte_us >= 0)
        most = cond->duration_lte_us;
    if (cond->duration_lt_us >= 0 && cond->duration_lt_us - 1 < most)
        most = cond->duration_lt_us - 1;
    if (good && larger(least, 0) > most) {
        rt_complain(reading, json, "can never hold: the bounds exclude each other");
        good = false;
    }
    return good;
}

/* Narrows least..most, both included, by one bound. */
static bool narrow(struct rt_reading *reading, const struct rt_json *json, bool upper,
    bool strict, uint64_t *bound)
{
    uint64_t n;

    if (!json)
        return true;
    if (!rt_read_count(reading, json, upper && strict, &n))
        return false;
    if (upper && n - strict < *bound)
        *bound = n - strict;
    if (!upper && n + strict > *bound)
        *bound = n + strict;
    return true;
}

static bool read_session_events(
    struct rt_reading *reading, const struct rt_json *json, struct rt_cond *cond)
{
    const struct rt_json *eq = rt_json_get(json, "eq");
    uint64_t *least = &cond->events_min, *most = &cond->events_max;
    bool good = true;

    if (!read_bound_keys(reading, json, "bounds like {\"gte\": 3}"))
        return false;
    good &= narrow(reading, rt_json_get(json, "gte"), false, false, least);
    good &= narrow(reading, rt_json_get(json, "gt"), false, true, least);
    good &= narrow(reading, rt_json_get(json, "lte"), true, false, most);
    good &= narrow(reading, rt_json_get(json, "lt"), true, true, most);
    good &= narrow(reading, eq, false, false, least)
        && narrow(reading, eq, true, false, most); /* a wrong one is told once */
    if (good && cond->events_min > cond->events_max) {
        rt_complain(reading, json, "can never hold: the bounds exclude each other");
        good = false;
    }
    return good;
}

bool rt_read_session(
    struct rt_reading *reading, const struct rt_json *object, struct rt_cond *cond)
{
    const struct rt_json *has = rt_json_get(object, "has");
    const struct rt_json *duration = rt_json_get(object, "duration");
    const struct rt_json *events = rt_json_get(object, "events");
    bool good = read_start(reading, rt_json_get(object, "session"), &cond->session);

    cond->duration_gte_us = cond->duration_gt_us = -1;
    cond->duration_lte_us = cond->duration_lt_us = -1;
    cond->events_max = UINT64_MAX;
    good &= rt_read_window(reading, object, false, &cond->window);
    good &= rt_read_where(reading, object, "landing", &cond->landing);
    if (has)
        good &= read_has(reading, has, cond);
    if (duration)
        good &= read_session_duration(reading, duration, cond);
    if (events)
        good &= read_session_events(reading, events, cond);
    return good;
}
