/*
 * The segment file as a whole. Parts are read in the order in which they need each other,
 * whatever their order in the file: the zone before times, friendly events and purposes
 * before the segments that name them, segments before outputs. Errors are put into the
 * order of the file at the end.
 */
#include "plan/segdef.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "plan/segdef_int.h"

enum { FILE_MAX_BYTES = 16 << 20 };

/* ---- small parts */

static void read_version(struct rt_reading *reading, const struct rt_json *json)
{
    int64_t micro;

    if (json && rt_read_number(reading, json, "the number 1", &micro) && micro != 1000000)
        rt_complain(reading, json, "expected 1: this program reads version 1 only");
}

static void read_week(struct rt_reading *reading, const struct rt_json *json)
{
    static const char *const days[] = { "monday", "sunday" };
    size_t place;

    if (rt_read_word(reading, json, days, RT_COUNT_OF(days), &place))
        reading->defs->week_starts_sunday = place == 1;
}

static void read_session(struct rt_reading *reading, const struct rt_json *json)
{
    static const char *const keys[] = { "timeout" };
    const struct rt_json *timeout;
    int64_t us;

    if (!rt_read_keys(reading, json, "an object like {\"timeout\": \"30m\"}", keys,
            RT_COUNT_OF(keys)))
        return;
    timeout = rt_read_needed(reading, json, "timeout");
    if (!timeout || !rt_read_duration(reading, timeout, &us))
        return;
    if (us == 0)
        rt_complain(reading, timeout, "expected a duration of more than 0");
    reading->defs->session_timeout_us = us;
}

/* ---- friendly names of events */

static void read_named_event(struct rt_reading *reading, const struct rt_json *json,
    struct rt_event_choice *choice)
{
    static const char *const keys[] = { "event", "where" };
    const struct rt_json *event;

    if (json->key.n == 0)
        rt_complain_key(reading, json, "is empty, expected a name for events");
    else if (rt_span_eq(json->key, RT_SPAN("*")))
        rt_complain_key(reading, json, "\"*\" is every event already");
    if (!rt_read_keys(reading, json, "an object like {\"event\": \"add_to_cart\"}", keys,
            RT_COUNT_OF(keys)))
        return;
    event = rt_read_needed(reading, json, "event");
    if (event)
        rt_read_event_names(reading, event, &choice->names, &choice->nnames);
    rt_read_where(reading, json, "where", &choice->where);
}

void rt_read_events(struct rt_reading *reading, const struct rt_json *json)
{
    struct rt_named_events *events;

    if (!rt_read_kind(reading, json, RT_JSON_OBJECT,
            "an object like {\"cart\": {\"event\": \"add_to_cart\"}}"))
        return;
    events = rt_reading_new(reading, json->n, sizeof *events);
    if (!events || !rt_names_init(reading, &reading->events, json->n))
        return;
    for (size_t i = 0; i < json->n; i++) {
        const struct rt_json *member = &json->items[i];

        events[i].name = rt_arena_copy(reading->arena, member->key);
        if (!events[i].name.p) {
            reading->status = RT_ENOMEM;
            return;
        }
        rt_names_add(&reading->events, events[i].name, member, (uint32_t)i);
        read_named_event(reading, member, &events[i].choice);
    }
    rt_names_sort(reading, &reading->events, false, "event");
    reading->defs->events = events;
    reading->defs->nevents = json->n;
}

/* ---- the whole */

static void read_top(struct rt_reading *reading, const struct rt_json *json)
{
    static const char *const keys[] = { "version", "timezone", "week_starts", "session",
        "sources", "people", "events", "privacy", "segments", "outputs", "$schema" };
    static const struct {
        const char *key;
        void (*read)(struct rt_reading *, const struct rt_json *);
    } parts[] = {
        { "week_starts", read_week },
        { "session", read_session },
        { "sources", rt_read_sources },
        { "privacy", rt_read_privacy },
        { "events", rt_read_events },
        { "segments", rt_read_segments },
        { "outputs", rt_read_outputs },
    };
    const struct rt_json *member;

    reading->defs->session_timeout_us = 30 * 60 * RT_SECOND_US;
    if (!rt_read_keys(reading, json, "an object", keys, RT_COUNT_OF(keys)))
        return;
    read_version(reading, rt_read_needed(reading, json, "version"));
    rt_read_timezone(reading, rt_json_get(json, "timezone"));
    if (reading->status < 0)
        return;
    rt_read_people(reading, rt_json_get(json, "people"));
    rt_read_needed(reading, json, "segments");
    for (size_t i = 0; i < RT_COUNT_OF(parts) && reading->status == RT_OK; i++) {
        member = rt_json_get(json, parts[i].key);
        if (member)
            parts[i].read(reading, member);
    }
}

static bool comes_before(const struct rt_json_error *a, const struct rt_json_error *b)
{
    return a->line < b->line || (a->line == b->line && a->col < b->col);
}

/* By place, those of one place as they came. There are 100 at most. */
static void sort_errors(struct rt_json_errors *errors, size_t from)
{
    for (size_t i = from + 1; i < errors->n; i++) {
        struct rt_json_error error = errors->errors[i];
        size_t at = i;

        for (; at > from && comes_before(&error, &errors->errors[at - 1]); at--)
            errors->errors[at] = errors->errors[at - 1];
        errors->errors[at] = error;
    }
}

/* What was found wrong becomes err; without memory for the errors there is still one. */
static int report(const char *path, const struct rt_json_errors *errors, size_t from,
    struct rt_err *err)
{
    const struct rt_json_error *first = errors->errors + from;

    if (from == errors->n)
        return rt_err_at(err, RT_EDEFS, path, 0, 0, "the definitions are wrong");
    return rt_err_at(err, RT_EDEFS, path, first->line, first->col, "%s%s%s", first->path,
        first->path[0] ? ": " : "", first->text);
}

static int parse(struct rt_reading *reading, struct rt_span text, const char *path)
{
    struct rt_defs *defs = reading->defs;
    size_t nerrors = reading->errors->n, left_out = reading->errors->left_out;
    int rc;

    defs->path = rt_arena_copy(&defs->arena, rt_span_of(path));
    defs->text = rt_arena_copy(&defs->arena, text);
    if (!defs->path.p || !defs->text.p)
        return RT_ENOMEM;
    rc = rt_json_parse(defs->text, &defs->arena, reading->errors, &defs->json);
    if (rc == RT_OK)
        read_top(reading, defs->json);
    else if (rc != RT_EDEFS)
        return rc;
    if (reading->status < 0)
        return reading->status;
    if (rc == RT_OK && reading->errors->n == nerrors
        && reading->errors->left_out == left_out)
        return RT_OK;
    sort_errors(reading->errors, nerrors);
    return report(path, reading->errors, nerrors, reading->err);
}

int rt_defs_parse(struct rt_span text, const char *path, const char *const *platforms,
    size_t nplatforms, struct rt_defs **out, struct rt_json_errors *errors,
    struct rt_err *err)
{
    struct rt_defs *defs = rt_calloc(1, sizeof *defs);
    struct rt_reading reading = { .defs = defs,
        .arena = defs ? &defs->arena : NULL,
        .errors = errors,
        .err = err,
        .platforms = platforms,
        .nplatforms = nplatforms };
    int rc = defs ? parse(&reading, text, path) : RT_ENOMEM;

    *out = NULL;
    if (rc < 0) {
        rt_defs_free(defs);
        return rt_err_at(err, rc, path, 0, 0, "not enough memory");
    }
    *out = defs;
    return RT_OK;
}

int rt_defs_load(const char *path, const char *const *platforms, size_t nplatforms,
    struct rt_defs **out, struct rt_json_errors *errors, struct rt_err *err)
{
    struct rt_buf text = RT_BUF_INIT(FILE_MAX_BYTES);
    int rc = rt_buf_read_file(&text, path, err);

    *out = NULL;
    if (rc == RT_OK)
        rc = rt_defs_parse(
            rt_buf_span(&text), path, platforms, nplatforms, out, errors, err);
    rt_buf_release(&text);
    return rc;
}

void rt_defs_free(struct rt_defs *defs)
{
    struct rt_arena arena;

    if (!defs)
        return;
    for (size_t i = 0; i < defs->nsource_zones; i++)
        rt_zone_free(defs->source_zones[i]);
    rt_zone_free(defs->zone);
    arena = defs->arena;
    rt_arena_release(&arena);
    rt_free(defs);
}

long rt_defs_segment(const struct rt_defs *defs, struct rt_span name)
{
    for (size_t i = 0; i < defs->nsegments; i++)
        if (rt_span_eq(defs->segments[i].name, name))
            return (long)i;
    return -1;
}
