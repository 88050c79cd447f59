/* Which events, when, how many: event sets, windows, measures. */
#include "plan/segdef_int.h"

/* ---- event sets */

/* "cart", "cart or view", "cart, view or search": as a sentence wants it. */
static bool name_set(struct rt_reading *reading, const struct rt_span *names, size_t n,
    struct rt_span *out)
{
    size_t bytes = 1, used = 0;
    char *p;

    for (size_t i = 0; i < n; i++)
        bytes += names[i].n + sizeof " or " - 1;
    p = rt_reading_new(reading, bytes, 1);
    if (!p)
        return false;
    for (size_t i = 0; i < n; i++) {
        const char *between = i == 0 ? "" : i + 1 == n ? " or " : ", ";

        memcpy(p + used, between, strlen(between));
        used += strlen(between);
        memcpy(p + used, names[i].p, names[i].n);
        used += names[i].n;
    }
    *out = (struct rt_span) { p, used };
    return true;
}

/* Raw names become one choice, each friendly name its own. */
static bool choose(struct rt_reading *reading, const struct rt_span *names, size_t n,
    struct rt_event_set *out)
{
    struct rt_event_choice *choices = rt_reading_new(reading, n, sizeof *choices);
    struct rt_span *raw = rt_reading_new(reading, n, sizeof *raw);
    size_t nraw = 0, nchoices = 0;

    if (!choices || !raw)
        return false;
    for (size_t i = 0; i < n; i++) {
        long place = rt_names_find(&reading->events, names[i]);

        if (place >= 0)
            choices[nchoices++] = reading->defs->events[place].choice;
        else
            raw[nraw++] = names[i];
    }
    if (nraw)
        choices[nchoices++] = (struct rt_event_choice) { .names = raw, .nnames = nraw };
    out->choices = choices;
    out->n = nchoices;
    return name_set(reading, names, n, &out->text);
}

static bool any_event(struct rt_reading *reading, struct rt_event_set *out)
{
    out->choices = rt_reading_new(reading, 1, sizeof *out->choices);
    out->n = 1;
    out->text = RT_SPAN("any event");
    return out->choices != NULL;
}

static bool refuse_star(
    struct rt_reading *reading, const struct rt_json *list, const struct rt_span *names)
{
    bool good = true;

    for (size_t i = 0; i < list->n; i++) {
        if (rt_span_eq(names[i], RT_SPAN("*"))) {
            rt_complain(reading, &list->items[i],
                "\"*\" is every event and stands alone, not in a list");
            good = false;
        }
    }
    return good;
}

bool rt_read_event_names(struct rt_reading *reading, const struct rt_json *json,
    const struct rt_span **names, size_t *n)
{
    struct rt_span *name;

    if (json->kind == RT_JSON_ARRAY)
        return rt_read_texts(reading, json, "an event name", false, names, n)
            && refuse_star(reading, json, *names);
    name = rt_reading_new(reading, 1, sizeof *name);
    if (!name
        || !rt_read_text(reading, json, "an event name, a list of them or \"*\"", name))
        return false;
    *names = name;
    *n = !rt_span_eq(*name, RT_SPAN("*"));
    return true;
}

bool rt_read_event_set(
    struct rt_reading *reading, const struct rt_json *json, struct rt_event_set *out)
{
    const struct rt_span *names;
    size_t n;

    if (!rt_read_event_names(reading, json, &names, &n))
        return false;
    return n ? choose(reading, names, n, out) : any_event(reading, out);
}

/* ---- windows */

bool rt_read_ago(struct rt_reading *reading, const struct rt_json *json, int64_t *min_us,
    int64_t *max_us)
{
    static const char *const keys[] = { "min", "max" };
    const struct rt_json *min, *max;
    bool good = true;

    *min_us = 0;
    *max_us = RT_TIME_MAX;
    if (!rt_read_keys(reading, json, "ages like {\"min\": \"1h\", \"max\": \"7d\"}", keys,
            RT_COUNT_OF(keys)))
        return false;
    min = rt_json_get(json, "min");
    max = rt_json_get(json, "max");
    if (!min && !max) {
        rt_complain(reading, json, "needs \"min\" or \"max\" or both");
        return false;
    }
    if (min)
        good &= rt_read_duration(reading, min, min_us);
    if (max)
        good &= rt_read_duration(reading, max, max_us);
    if (good && *min_us >= *max_us) {
        rt_complain(reading, max, "can never hold: \"max\" must be longer than \"min\"");
        good = false;
    }
    return good;
}

static bool read_in_last(
    struct rt_reading *reading, const struct rt_json *json, struct rt_window *out)
{
    out->kind = RT_WINDOW_AGO;
    out->in_last = true;
    if (!rt_read_duration(reading, json, &out->max_us))
        return false;
    if (out->max_us == 0)
        rt_complain(reading, json, "can never hold: no event is less than 0 old");
    return out->max_us > 0;
}

static bool read_on(
    struct rt_reading *reading, const struct rt_json *json, struct rt_window *out)
{
    static const char *const names[] = { "today", "yesterday", "this_week", "last_week",
        "this_month", "last_month", "last_7_days", "last_30_days" };
    int64_t from_us, to_us;

    out->kind = RT_WINDOW_ON;
    if (!rt_read_text(reading, json, "a calendar window like \"last_7_days\"", &out->on))
        return false;
    if (rt_clock_window(out->on, reading->defs->zone, 0,
            reading->defs->week_starts_sunday, &from_us, &to_us)
        == RT_OK)
        return true;
    rt_complain(reading, json,
        "expected today, yesterday, this_week, last_week, this_month, last_month or "
        "last_N_days with N from 1 to 36500%s",
        rt_hint(reading, out->on, names, RT_COUNT_OF(names)).text);
    return false;
}

static bool read_dates(struct rt_reading *reading, const struct rt_json *from,
    const struct rt_json *to, struct rt_window *out)
{
    const struct rt_zone *zone = reading->defs->zone;
    bool day_only, good = true;

    out->kind = RT_WINDOW_DATES;
    out->from_us = RT_TIME_MIN;
    out->to_us = RT_TIME_MAX;
    if (from)
        good &= rt_read_time(reading, from, &out->from_us, &day_only);
    if (to && !rt_read_time(reading, to, &out->to_us, &day_only))
        good = false;
    else if (to && day_only) /* ends after that day */
        out->to_us = rt_clock_day_start(zone, rt_clock_local_day(zone, out->to_us) + 1);
    if (good && out->from_us >= out->to_us) {
        rt_complain(reading, to, "can never hold: \"to\" must be later than \"from\"");
        good = false;
    }
    return good;
}

static const char *const anchor_keys[] = { "since_last", "since_first", "before_last",
    "before_first" };
static const enum rt_anchor_kind anchor_kinds[] = { RT_ANCHOR_SINCE_LAST,
    RT_ANCHOR_SINCE_FIRST, RT_ANCHOR_BEFORE_LAST, RT_ANCHOR_BEFORE_FIRST };

static bool read_anchor(
    struct rt_reading *reading, const struct rt_json *object, struct rt_window *out)
{
    const struct rt_json *first = NULL;
    bool good = true;

    for (size_t i = 0; i < RT_COUNT_OF(anchor_keys); i++) {
        const struct rt_json *json = rt_json_get(object, anchor_keys[i]);

        if (json && first) {
            rt_complain_key(reading, json, "\"%s\" beside \"%s\": one anchor only",
                anchor_keys[i], rt_show(first->key).text);
            good = false;
        } else if (json) {
            first = json;
            out->anchor = anchor_kinds[i];
            good &= rt_read_event_set(reading, json, &out->anchor_events);
        }
    }
    return good;
}

/* The keys of the one window that the object has; complains of a second. */
static bool one_window(
    struct rt_reading *reading, const struct rt_json *const *windows, size_t n)
{
    const struct rt_json *first = NULL;
    bool good = true;

    for (size_t i = 0; i < n; i++) {
        if (windows[i] && first) {
            rt_complain_key(reading, windows[i], "\"%s\" beside \"%s\": one window only",
                rt_show(windows[i]->key).text, rt_show(first->key).text);
            good = false;
        } else if (windows[i]) {
            first = windows[i];
        }
    }
    return good;
}

bool rt_read_window(struct rt_reading *reading, const struct rt_json *object,
    bool anchors, struct rt_window *out)
{
    const struct rt_json *in_last = rt_json_get(object, "in_last");
    const struct rt_json *ago = rt_json_get(object, "ago");
    const struct rt_json *on = rt_json_get(object, "on");
    const struct rt_json *from = rt_json_get(object, "from");
    const struct rt_json *to = rt_json_get(object, "to");
    const struct rt_json *windows[] = { in_last, ago, on, from ? from : to };
    bool good = one_window(reading, windows, RT_COUNT_OF(windows));

    if (in_last)
        good &= read_in_last(reading, in_last, out);
    if (ago) {
        out->kind = RT_WINDOW_AGO;
        good &= rt_read_ago(reading, ago, &out->min_us, &out->max_us);
    }
    if (on)
        good &= read_on(reading, on, out);
    if (from || to)
        good &= read_dates(reading, from, to, out);
    if (anchors)
        good &= read_anchor(reading, object, out);
    return good;
}

/* ---- measures */

bool rt_read_counts(struct rt_reading *reading, const struct rt_json *object,
    uint64_t *min, uint64_t *max, bool *given)
{
    const struct rt_json *least = rt_json_get(object, "at_least");
    const struct rt_json *most = rt_json_get(object, "at_most");
    const struct rt_json *exactly = rt_json_get(object, "exactly");
    bool good = true;

    *given = least || most || exactly;
    *min = *given ? 0 : 1;
    *max = UINT64_MAX;
    if (least)
        good &= rt_read_count(reading, least, 0, min);
    if (most)
        good &= rt_read_count(reading, most, 0, max);
    if (good && least && most && *min > *max) {
        rt_complain(reading, most, "can never hold: \"at_most\" is below \"at_least\"");
        good = false;
    }
    if (exactly && (least || most)) {
        rt_complain_key(reading, exactly, "\"exactly\" goes without \"%s\"",
            least ? "at_least" : "at_most");
        good = false;
    }
    if (exactly) {
        good &= rt_read_count(reading, exactly, 0, min);
        *max = *min;
    }
    return good;
}

static const char *const sum_keys[] = { "sum", "avg", "min", "max" };
static const enum rt_measure_kind sum_kinds[] = { RT_MEASURE_SUM, RT_MEASURE_AVG,
    RT_MEASURE_MIN, RT_MEASURE_MAX };

static bool read_bound(struct rt_reading *reading, const struct rt_json *object,
    const char *key, bool *has, int64_t *micro)
{
    const struct rt_json *json = rt_json_get(object, key);

    *has = json != NULL;
    return !json || rt_read_number(reading, json, "a number", micro);
}

static bool read_bounds(
    struct rt_reading *reading, const struct rt_json *object, struct rt_measure *out)
{
    bool good = true;

    good &= read_bound(reading, object, "gte", &out->has_gte, &out->gte);
    good &= read_bound(reading, object, "gt", &out->has_gt, &out->gt);
    good &= read_bound(reading, object, "lte", &out->has_lte, &out->lte);
    good &= read_bound(reading, object, "lt", &out->has_lt, &out->lt);
    good &= read_bound(reading, object, "eq", &out->has_eq, &out->eq);
    return good;
}

static const struct rt_json *first_bound(const struct rt_json *object)
{
    static const char *const keys[] = { "gte", "gt", "lte", "lt", "eq" };

    for (size_t i = 0; i < RT_COUNT_OF(keys); i++)
        if (rt_json_get(object, keys[i]))
            return rt_json_get(object, keys[i]);
    return NULL;
}

static bool read_sum(struct rt_reading *reading, const struct rt_json *object,
    const struct rt_json *sum, struct rt_measure *out)
{
    bool good = rt_read_text(reading, sum, "a field name", &out->field);

    good &= read_bounds(reading, object, out);
    if (!first_bound(object)) {
        rt_complain_key(reading, sum,
            "\"%s\" needs one of \"gte\", \"gt\", \"lte\", "
            "\"lt\", \"eq\" beside it",
            rt_show(sum->key).text);
        good = false;
    }
    return good;
}

static bool read_distinct(
    struct rt_reading *reading, const struct rt_json *json, struct rt_measure *out)
{
    if (!rt_read_text(reading, json, "a field name or \"@day\"", &out->field))
        return false;
    out->by_day = rt_span_eq(out->field, RT_SPAN("@day"));
    if (out->by_day)
        out->field = RT_SPAN_ABSENT;
    return true;
}

static bool read_count_measure(
    struct rt_reading *reading, const struct rt_json *object, struct rt_measure *out)
{
    const struct rt_json *distinct = rt_json_get(object, "distinct");
    const struct rt_json *bound = first_bound(object);
    bool given, good;

    good = rt_read_counts(reading, object, &out->min_count, &out->max_count, &given);
    if (distinct)
        good &= read_distinct(reading, distinct, out);
    if (distinct && !given) {
        rt_complain_key(reading, distinct,
            "\"distinct\" needs \"at_least\", \"at_most\" or \"exactly\" beside it");
        good = false;
    }
    if (bound) {
        rt_complain_key(reading, bound,
            "\"%s\" needs \"sum\", \"avg\", \"min\" or "
            "\"max\" beside it; counts take \"at_least\"",
            rt_show(bound->key).text);
        good = false;
    }
    return good;
}

/* A sum, and nothing that counts, and no second sum. */
static bool sum_alone(
    struct rt_reading *reading, const struct rt_json *object, const struct rt_json *sum)
{
    static const char *const others[] = { "at_least", "at_most", "exactly", "distinct",
        "sum", "avg", "min", "max" };
    bool good = true;

    for (size_t i = 0; i < RT_COUNT_OF(others); i++) {
        const struct rt_json *other = rt_json_get(object, others[i]);

        if (!other || other == sum)
            continue;
        rt_complain_key(reading, other,
            "\"%s\" beside \"%s\": one measure only; put two "
            "conditions into \"all\"",
            others[i], rt_show(sum->key).text);
        good = false;
    }
    return good;
}

bool rt_read_measure(
    struct rt_reading *reading, const struct rt_json *object, struct rt_measure *out)
{
    for (size_t i = 0; i < RT_COUNT_OF(sum_keys); i++) {
        const struct rt_json *sum = rt_json_get(object, sum_keys[i]);

        if (sum) {
            bool alone = sum_alone(reading, object, sum);

            out->kind = sum_kinds[i];
            return read_sum(reading, object, sum, out) && alone;
        }
    }
    out->kind = RT_MEASURE_COUNT;
    return read_count_measure(reading, object, out);
}
