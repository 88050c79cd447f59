/* Who a person is, and what they agreed to. */
#include "plan/segdef_int.h"

static const struct rt_span default_ids[] = {
    { "user_id", 7 },
    { "email", 5 },
    { "client_id", 9 },
};

static bool is_among(struct rt_span name, const struct rt_span *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rt_span_eq(name, names[i]))
            return true;
    return false;
}

/* Every event has them, so they tell nobody from anybody. */
static void refuse_time_and_event(struct rt_reading *reading, const struct rt_json *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (rt_span_eq(list->items[i].text, RT_SPAN("time"))
            || rt_span_eq(list->items[i].text, RT_SPAN("event")))
            rt_complain(
                reading, &list->items[i], "\"time\" and \"event\" identify nobody");
}

static void read_ids(
    struct rt_reading *reading, const struct rt_json *json, struct rt_people_def *people)
{
    people->ids = default_ids;
    people->nids = RT_COUNT_OF(default_ids);
    if (json && json->kind == RT_JSON_ARRAY && json->n > RT_PEOPLE_IDS_MAX)
        rt_complain(reading, json, "too many: at most %d ids", RT_PEOPLE_IDS_MAX);
    else if (json
        && rt_read_texts(
            reading, json, "a field name", true, &people->ids, &people->nids))
        refuse_time_and_event(reading, json);
}

static void read_fallback(
    struct rt_reading *reading, const struct rt_json *json, struct rt_people_def *people)
{
    if (json->kind == RT_JSON_ARRAY && json->n > RT_PEOPLE_IDS_MAX) {
        rt_complain(reading, json, "too many: at most %d fields", RT_PEOPLE_IDS_MAX);
        return;
    }
    if (!rt_read_texts(
            reading, json, "a field name", true, &people->fallback, &people->nfallback))
        return;
    refuse_time_and_event(reading, json);
    for (size_t i = 0; i < people->nfallback; i++)
        if (is_among(people->fallback[i], people->ids, people->nids))
            rt_complain(reading, &json->items[i],
                "\"%s\" is one of \"ids\" already; the fallback is for records without "
                "any",
                rt_show(people->fallback[i]).text);
}

void rt_read_people(struct rt_reading *reading, const struct rt_json *json)
{
    static const char *const keys[] = { "ids", "link", "max_ids", "fallback", "ignore",
        "contacts" };
    struct rt_people_def *people = &reading->defs->people;
    const struct rt_json *link, *max_ids, *fallback, *ignore, *contacts;

    people->link = true;
    people->max_ids = 50;
    read_ids(reading, NULL, people);
    if (!json || !rt_read_keys(reading, json, "an object", keys, RT_COUNT_OF(keys)))
        return;
    link = rt_json_get(json, "link");
    max_ids = rt_json_get(json, "max_ids");
    fallback = rt_json_get(json, "fallback");
    ignore = rt_json_get(json, "ignore");
    contacts = rt_json_get(json, "contacts");
    read_ids(reading, rt_json_get(json, "ids"), people);
    if (link)
        rt_read_bool(reading, link, &people->link);
    if (max_ids)
        rt_read_count(reading, max_ids, 1, &people->max_ids);
    if (fallback)
        read_fallback(reading, fallback, people);
    if (ignore)
        rt_read_texts(
            reading, ignore, "a value", false, &people->ignore, &people->nignore);
    if (contacts)
        rt_read_contacts(reading, contacts, people);
}

/* ---- privacy */

static void read_purpose(
    struct rt_reading *reading, const struct rt_json *json, struct rt_purpose *purpose)
{
    static const char *const keys[] = { "field", "granted", "absent" };
    static const char *const absents[] = { "deny", "grant" };
    const struct rt_json *field, *granted, *absent;
    size_t place;

    if (!rt_read_keys(reading, json,
            "an object like {\"field\": \"consent\", "
            "\"granted\": [\"yes\"]}",
            keys, RT_COUNT_OF(keys)))
        return;
    field = rt_read_needed(reading, json, "field");
    granted = rt_read_needed(reading, json, "granted");
    absent = rt_json_get(json, "absent");
    if (field)
        rt_read_text(reading, field, "a field name", &purpose->field);
    if (granted)
        rt_read_texts(
            reading, granted, "a value", false, &purpose->granted, &purpose->ngranted);
    if (absent && rt_read_word(reading, absent, absents, RT_COUNT_OF(absents), &place))
        purpose->absent_grants = place == 1;
}

static void read_purposes(struct rt_reading *reading, const struct rt_json *json)
{
    struct rt_defs *defs = reading->defs;
    struct rt_purpose *purposes;

    if (!rt_read_kind(reading, json, RT_JSON_OBJECT, "an object of purposes"))
        return;
    purposes = rt_reading_new(reading, json->n, sizeof *purposes);
    if (!purposes || !rt_names_init(reading, &reading->purposes, json->n))
        return;
    for (size_t i = 0; i < json->n; i++) {
        const struct rt_json *member = &json->items[i];

        purposes[i].name = rt_arena_copy(reading->arena, member->key);
        if (!purposes[i].name.p) {
            reading->status = RT_ENOMEM;
            return;
        }
        if (member->key.n == 0)
            rt_complain_key(reading, member, "is empty, expected a purpose's name");
        rt_names_add(&reading->purposes, purposes[i].name, member, (uint32_t)i);
        read_purpose(reading, member, &purposes[i]);
    }
    rt_names_sort(reading, &reading->purposes, false, "purpose");
    defs->purposes = purposes;
    defs->npurposes = json->n;
}

static void read_opt_outs(struct rt_reading *reading, const struct rt_json *json)
{
    static const char *const keys[] = { "file" };
    struct rt_span *files;

    if (!rt_read_kind(reading, json, RT_JSON_ARRAY, "a list of opt-out files"))
        return;
    files = rt_reading_new(reading, json->n, sizeof *files);
    if (!files)
        return;
    for (size_t i = 0; i < json->n; i++) {
        const struct rt_json *file;

        if (!rt_read_keys(reading, &json->items[i],
                "an object like {\"file\": \"optout.csv\"}", keys, RT_COUNT_OF(keys)))
            continue;
        file = rt_read_needed(reading, &json->items[i], "file");
        if (file)
            rt_read_path(reading, file, &files[i]);
    }
    reading->defs->opt_out_files = files;
    reading->defs->nopt_outs = json->n;
}

void rt_read_privacy(struct rt_reading *reading, const struct rt_json *json)
{
    static const char *const keys[] = { "consent", "opt_out" };
    const struct rt_json *consent, *opt_out;

    if (!rt_read_keys(reading, json, "an object", keys, RT_COUNT_OF(keys)))
        return;
    consent = rt_json_get(json, "consent");
    opt_out = rt_json_get(json, "opt_out");
    if (consent)
        read_purposes(reading, consent);
    if (opt_out)
        read_opt_outs(reading, opt_out);
}
