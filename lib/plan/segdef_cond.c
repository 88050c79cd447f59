/*
 * Conditions. One object is one condition: exactly one key says which, the others narrow
 * it. The table below says which keys narrow which condition, so that a key in the wrong
 * place is told where it belongs.
 */
#include <stdio.h>

#include "base/num.h"
#include "plan/segdef_int.h"

#define OF(kind) (1u << RT_COND_##kind)
#define WINDOWED (OF(DID) | OF(DID_NOT) | OF(SEQUENCE) | OF(SESSION))
#define ANCHORED (OF(DID) | OF(DID_NOT))

/* The conditions first, in the order of enum rt_cond_kind. */
static const struct {
    const char *name;
    unsigned narrows; /* conditions that it narrows, as bits; 0: it is one itself */
} cond_keys[] = {
    { "all", 0 },
    { "any", 0 },
    { "not", 0 },
    { "segment", 0 },
    { "did", 0 },
    { "did_not", 0 },
    { "last", 0 },
    { "first", 0 },
    { "profile", 0 },
    { "sequence", 0 },
    { "session", 0 },
    { "for_some", 0 },
    { "rank", 0 },
    { "where", OF(DID) | OF(DID_NOT) | OF(LAST) | OF(FIRST) },
    { "in_last", WINDOWED },
    { "ago", WINDOWED | OF(LAST) | OF(FIRST) },
    { "on", WINDOWED },
    { "from", WINDOWED },
    { "to", WINDOWED },
    { "since_last", ANCHORED },
    { "since_first", ANCHORED },
    { "before_last", ANCHORED },
    { "before_first", ANCHORED },
    { "is", OF(LAST) | OF(FIRST) },
    { "at_least", OF(DID) },
    { "at_most", OF(DID) },
    { "exactly", OF(DID) },
    { "distinct", OF(DID) },
    { "sum", OF(DID) },
    { "avg", OF(DID) },
    { "min", OF(DID) },
    { "max", OF(DID) },
    { "gte", OF(DID) },
    { "gt", OF(DID) },
    { "lte", OF(DID) },
    { "lt", OF(DID) },
    { "eq", OF(DID) },
    { "within", OF(SEQUENCE) },
    { "in", OF(SEQUENCE) },
    { "anchor", OF(SEQUENCE) },
    { "landing", OF(SESSION) },
    { "has", OF(SESSION) },
    { "duration", OF(SESSION) },
    { "events", OF(SESSION) },
    { "holds", OF(FOR_SOME) },
    { "top", OF(RANK) },
    { "bottom", OF(RANK) },
    { "among", OF(RANK) },
};

enum { NKINDS = RT_COND_RANK + 1, NKEYS = RT_COUNT_OF(cond_keys) };

_Static_assert(NKINDS == 13, "the table begins with one row a condition");

/* Conditions that look past the events of one person, or into their sessions: they cannot
 * be asked of the events of one value alone. */
#define WHOLE_PERSON (OF(SEGMENT) | OF(PROFILE) | OF(SESSION) | OF(FOR_SOME) | OF(RANK))

static size_t find_key(struct rt_span key)
{
    size_t i = 0;

    while (i < NKEYS && !rt_span_eq(key, rt_span_of(cond_keys[i].name)))
        i++;
    return i;
}

/* ---- which condition, and with which keys */

static void complain_of_unknown(struct rt_reading *reading, const struct rt_json *member)
{
    const char *names[NKEYS];

    for (size_t i = 0; i < NKEYS; i++)
        names[i] = cond_keys[i].name;
    rt_complain_key(reading, member, "unknown key \"%s\"%s", rt_show(member->key).text,
        rt_hint(reading, member->key, names, NKEYS).text);
}

/* "did", "did_not" and "last" */
static void list_kinds(unsigned kinds, char *out, size_t room)
{
    const char *between = "";
    size_t used = 0;

    *out = '\0';
    for (size_t i = 0; i < NKINDS && used < room; i++) {
        if (!(kinds & 1u << i))
            continue;
        kinds &= ~(1u << i);
        used += (size_t)snprintf(
            out + used, room - used, "%s\"%s\"", between, cond_keys[i].name);
        between = kinds & (kinds - 1) ? ", " : " and ";
    }
}

static void complain_of_key(struct rt_reading *reading, const struct rt_json *member,
    size_t key, const struct rt_json *condition)
{
    const unsigned events = OF(DID_NOT); /* narrows events, as those of a rank */
    char where[128];

    if (find_key(condition->key) == RT_COND_RANK && cond_keys[key].narrows & events) {
        rt_complain_key(reading, member,
            "\"%s\" narrows the events of \"rank\": put it inside, beside \"of\"",
            cond_keys[key].name);
        return;
    }
    if (key < NKINDS) {
        rt_complain_key(reading, member,
            "\"%s\" beside \"%s\": one object is one condition; put both into "
            "\"all\": [...]",
            cond_keys[key].name, rt_show(condition->key).text);
        return;
    }
    list_kinds(cond_keys[key].narrows, where, sizeof where);
    rt_complain_key(reading, member, "\"%s\" goes with %s, not with \"%s\"",
        cond_keys[key].name, where, rt_show(condition->key).text);
}

static void complain_of_none(struct rt_reading *reading, const struct rt_json *object)
{
    bool unknown = false;

    for (size_t i = 0; i < object->n; i++) {
        if (find_key(object->items[i].key) < NKEYS)
            continue;
        complain_of_unknown(reading, &object->items[i]);
        unknown = true;
    }
    if (!unknown)
        rt_complain(reading, object,
            "names no condition: one of all, any, not, segment, did, did_not, last, "
            "first, sequence, session, for_some, rank, profile");
}

/* The member that says which condition this is; NULL when there is none. */
static const struct rt_json *find_condition(const struct rt_json *object, size_t *kind)
{
    for (size_t i = 0; i < object->n; i++) {
        *kind = find_key(object->items[i].key);
        if (*kind < NKINDS)
            return &object->items[i];
    }
    return NULL;
}

static bool check_keys(struct rt_reading *reading, const struct rt_json *object,
    const struct rt_json *condition, size_t kind)
{
    bool good = true;

    for (size_t i = 0; i < object->n; i++) {
        const struct rt_json *member = &object->items[i];
        size_t key = find_key(member->key);

        if (member == condition || (key < NKEYS && cond_keys[key].narrows & 1u << kind))
            continue;
        good = false;
        if (key == NKEYS)
            complain_of_unknown(reading, member);
        else
            complain_of_key(reading, member, key, condition);
    }
    return good;
}

/* ---- the simple ones */

static bool refer(struct rt_reading *reading, const struct rt_json *json, uint32_t *place)
{
    struct rt_reference *all = reading->references;
    size_t n = reading->nreferences;

    if (!rt_names_resolve(reading, &reading->segments, json, "segment", place))
        return false;
    if (n == reading->room_references) {
        size_t room = n ? n * 2 : 16;

        all = rt_reading_new(reading, room, sizeof *all);
        if (!all)
            return false;
        if (n)
            memcpy(all, reading->references, n * sizeof *all);
        reading->references = all;
        reading->room_references = room;
    }
    all[reading->nreferences++] =
        (struct rt_reference) { reading->segment, *place, json };
    return true;
}

static bool read_parts(struct rt_reading *reading, const struct rt_json *items, size_t n,
    struct rt_cond *cond)
{
    const struct rt_cond **parts = rt_reading_new(reading, n, sizeof *parts);
    bool good = true;

    if (!parts)
        return false;
    for (size_t i = 0; i < n; i++) {
        parts[i] = rt_read_cond(reading, &items[i]);
        good &= parts[i] != NULL;
    }
    cond->parts = parts;
    cond->n = n;
    return good;
}

bool rt_read_conds(struct rt_reading *reading, const struct rt_json *json,
    const struct rt_cond *const **out, size_t *n)
{
    struct rt_cond list = { 0 };
    bool good = rt_read_list(reading, json, "a list of at least one condition")
        && read_parts(reading, json->items, json->n, &list);

    *out = list.parts;
    *n = list.n;
    return good;
}

static bool read_did(struct rt_reading *reading, const struct rt_json *object,
    const struct rt_json *events, struct rt_cond *cond)
{
    bool good = rt_read_event_set(reading, events, &cond->events);

    good &= rt_read_where(reading, object, "where", &cond->where);
    good &= rt_read_window(reading, object, true, &cond->window);
    if (cond->kind == RT_COND_DID)
        good &= rt_read_measure(reading, object, &cond->measure);
    return good;
}

static bool read_last(struct rt_reading *reading, const struct rt_json *object,
    const struct rt_json *events, struct rt_cond *cond)
{
    const struct rt_json *ago = rt_json_get(object, "ago");
    bool good = rt_read_event_set(reading, events, &cond->events);

    good &= rt_read_where(reading, object, "where", &cond->where);
    good &= rt_read_where(reading, object, "is", &cond->is);
    cond->has_ago = ago != NULL;
    if (ago)
        good &= rt_read_ago(reading, ago, &cond->ago_min_us, &cond->ago_max_us);
    if (!ago && !rt_json_get(object, "is")) {
        rt_complain(reading, object, "\"%s\" needs \"ago\" or \"is\" or both beside it",
            rt_show(events->key).text);
        good = false;
    }
    return good;
}

static bool read_for_some(struct rt_reading *reading, const struct rt_json *object,
    const struct rt_json *field, struct rt_cond *cond)
{
    bool good = rt_read_text(reading, field, "a field name", &cond->field);
    bool was_inside = reading->inside_for_some;
    const struct rt_json *holds = rt_read_needed(reading, object, "holds");

    reading->inside_for_some = true;
    good &= holds && read_parts(reading, holds, 1, cond);
    reading->inside_for_some = was_inside;
    return good;
}

/* ---- rank */

static const char *const rank_measures[] = { "count", "sum", "avg", "max" };
static const enum rt_measure_kind rank_kinds[] = { RT_MEASURE_COUNT, RT_MEASURE_SUM,
    RT_MEASURE_AVG, RT_MEASURE_MAX };

static bool read_rank_count(
    struct rt_reading *reading, const struct rt_json *json, struct rt_measure *out)
{
    bool yes = true, good = rt_read_bool(reading, json, &yes);

    out->max_count = UINT64_MAX;
    if (!yes)
        rt_complain(reading, json,
            "expected true; to rank by a field's values say "
            "\"sum\", \"avg\" or \"max\"");
    return good && yes;
}

static bool read_rank_measure(
    struct rt_reading *reading, const struct rt_json *rank, struct rt_measure *out)
{
    const struct rt_json *first = NULL;
    bool good = true;

    for (size_t i = 0; i < RT_COUNT_OF(rank_measures); i++) {
        const struct rt_json *json = rt_json_get(rank, rank_measures[i]);

        if (json && first) {
            rt_complain_key(reading, json, "\"%s\" beside \"%s\": one measure only",
                rank_measures[i], rt_show(first->key).text);
            good = false;
        } else if (json) {
            first = json;
            out->kind = rank_kinds[i];
            good &= out->kind == RT_MEASURE_COUNT
                ? read_rank_count(reading, json, out)
                : rt_read_text(reading, json, "a field name", &out->field);
        }
    }
    if (!first) {
        rt_complain(
            reading, rank, "needs one of \"count\": true, \"sum\", \"avg\" or \"max\"");
        good = false;
    }
    return good;
}

static bool read_ranked(
    struct rt_reading *reading, const struct rt_json *rank, struct rt_cond *cond)
{
    static const char *const keys[] = { "count", "sum", "avg", "max", "of", "where",
        "in_last", "ago", "on", "from", "to", "since_last", "since_first", "before_last",
        "before_first" };
    const struct rt_json *of;
    bool good;

    if (!rt_read_keys(reading, rank,
            "what is ranked, like {\"sum\": \"value\", \"of\": "
            "\"purchase\"}",
            keys, RT_COUNT_OF(keys)))
        return false;
    good = read_rank_measure(reading, rank, &cond->measure);
    of = rt_read_needed(reading, rank, "of");
    good &= of && rt_read_event_set(reading, of, &cond->events);
    good &= rt_read_where(reading, rank, "where", &cond->where);
    good &= rt_read_window(reading, rank, true, &cond->window);
    return good;
}

static bool read_share(
    struct rt_reading *reading, const struct rt_json *json, struct rt_cond *cond)
{
    static const char due[] = "a percentage like \"10%\" or a number of people";
    struct rt_span text;

    cond->by_percent = json->kind == RT_JSON_TEXT;
    if (!cond->by_percent)
        return rt_read_kind(reading, json, RT_JSON_NUMBER, due)
            && rt_read_count(reading, json, 1, &cond->count);
    if (!rt_read_text(reading, json, due, &text))
        return false;
    if (rt_num_percent(text, &cond->millionths) < 0) {
        rt_complain(reading, json, "expected %s: 0 to 100, at most four decimals", due);
        return false;
    }
    if (cond->millionths == 0)
        rt_complain(reading, json, "can never hold: 0%% of people is nobody");
    return cond->millionths > 0;
}

static bool read_rank(struct rt_reading *reading, const struct rt_json *object,
    const struct rt_json *rank, struct rt_cond *cond)
{
    const struct rt_json *top = rt_json_get(object, "top");
    const struct rt_json *bottom = rt_json_get(object, "bottom");
    const struct rt_json *among = rt_json_get(object, "among");
    bool good = read_ranked(reading, rank, cond);

    cond->bottom = bottom != NULL;
    cond->has_among = among != NULL;
    if (top && bottom) {
        rt_complain_key(reading, bottom, "\"bottom\" beside \"top\": one of the two");
        good = false;
    }
    if (!top && !bottom) {
        rt_complain(reading, object, "\"rank\" needs \"top\" or \"bottom\" beside it");
        good = false;
    }
    if (top)
        good &= read_share(reading, top, cond);
    if (bottom)
        good &= read_share(reading, bottom, cond);
    if (among)
        good &= refer(reading, among, &cond->segment);
    return good;
}

/* ---- any of them */

static bool read_profile(
    struct rt_reading *reading, const struct rt_json *json, struct rt_cond *cond)
{
    cond->is = rt_read_tests(reading, json);
    return cond->is != NULL;
}

static bool read_kind(struct rt_reading *reading, const struct rt_json *object,
    const struct rt_json *value, struct rt_cond *cond)
{
    switch (cond->kind) {
    case RT_COND_ALL:
    case RT_COND_ANY:
        return rt_read_conds(reading, value, &cond->parts, &cond->n);
    case RT_COND_NOT:
        return read_parts(reading, value, 1, cond);
    case RT_COND_SEGMENT:
        return refer(reading, value, &cond->segment);
    case RT_COND_DID:
    case RT_COND_DID_NOT:
        return read_did(reading, object, value, cond);
    case RT_COND_LAST:
    case RT_COND_FIRST:
        return read_last(reading, object, value, cond);
    case RT_COND_PROFILE:
        return read_profile(reading, value, cond);
    case RT_COND_SEQUENCE:
        return rt_read_sequence(reading, object, cond);
    case RT_COND_SESSION:
        return rt_read_session(reading, object, cond);
    case RT_COND_FOR_SOME:
        return read_for_some(reading, object, value, cond);
    case RT_COND_RANK:
        return read_rank(reading, object, value, cond);
    }
    return false;
}

static bool is_condition(struct rt_reading *reading, const struct rt_json *json)
{
    if (json->kind == RT_JSON_ARRAY) {
        rt_complain(reading, json,
            "expected a condition, found a list; combine several "
            "with {\"all\": [...]} or {\"any\": [...]}");
        return false;
    }
    return rt_read_kind(
        reading, json, RT_JSON_OBJECT, "a condition like {\"did\": \"purchase\"}");
}

const struct rt_cond *rt_read_cond(struct rt_reading *reading, const struct rt_json *json)
{
    const struct rt_json *condition;
    struct rt_cond *cond;
    size_t kind = 0;
    bool good;

    if (!is_condition(reading, json))
        return NULL;
    condition = find_condition(json, &kind);
    if (!condition) {
        complain_of_none(reading, json);
        return NULL;
    }
    cond = rt_reading_new(reading, 1, sizeof *cond);
    if (!cond)
        return NULL;
    cond->kind = (enum rt_cond_kind)kind;
    cond->json = json;
    cond->within_us = -1;
    good = check_keys(reading, json, condition, kind);
    if (reading->inside_for_some && WHOLE_PERSON & 1u << kind) {
        rt_complain_key(reading, condition,
            "\"%s\" cannot stand in \"for_some\", which takes all, any, not, did, "
            "did_not, last, first and sequence",
            cond_keys[kind].name);
        good = false;
    }
    good &= read_kind(reading, json, condition, cond);
    return good ? cond : NULL;
}
