/* Sources and contact files: how raw inputs become events and descriptions of people. */
#include <stdio.h>

#include "base/num.h"
#include "events/fields.h"
#include "plan/segdef_int.h"

/* Every format that the language knows; those that nothing reads yet have no enum. */
static const struct {
    const char *name;
    enum rt_format format; /* RT_FORMAT_LOOK: not read yet */
} formats[] = {
    { "csv", RT_FORMAT_CSV },
    { "tsv", RT_FORMAT_TSV },
    { "jsonl", RT_FORMAT_JSONL },
    { "common", RT_FORMAT_COMMON },
    { "combined", RT_FORMAT_COMBINED },
    { "vhost_combined", RT_FORMAT_VHOST_COMBINED },
    { "w3c", RT_FORMAT_LOOK },
    { "cloudfront", RT_FORMAT_LOOK },
    { "alb", RT_FORMAT_LOOK },
    { "s3", RT_FORMAT_LOOK },
    { "haproxy", RT_FORMAT_LOOK },
    { "caddy", RT_FORMAT_LOOK },
    { "traefik", RT_FORMAT_LOOK },
    { "nginx", RT_FORMAT_LOOK },
    { "apache", RT_FORMAT_LOOK },
};

/* Whether a format, if it was given, is one of cells in columns; of access logs. */
static bool may_be_columns(const struct rt_source *source)
{
    return source->format == RT_FORMAT_LOOK || source->format == RT_FORMAT_CSV
        || source->format == RT_FORMAT_TSV;
}

static bool may_be_log(const struct rt_source *source)
{
    return source->format == RT_FORMAT_LOOK || source->format >= RT_FORMAT_COMMON;
}

static void read_format(
    struct rt_reading *reading, const struct rt_json *json, enum rt_format *out)
{
    const char *names[RT_COUNT_OF(formats)];
    size_t place;

    for (size_t i = 0; i < RT_COUNT_OF(formats); i++)
        names[i] = formats[i].name;
    if (!rt_read_word(reading, json, names, RT_COUNT_OF(formats), &place))
        return;
    *out = formats[place].format;
    if (*out == RT_FORMAT_LOOK)
        rt_complain(reading, json,
            "\"%s\" is not read yet by this version; it reads csv, tsv, jsonl, common, "
            "combined and vhost_combined",
            formats[place].name);
}

/* "log_format" holds a server's own text, so it goes with the two servers only. */
static void read_log_format(struct rt_reading *reading, const struct rt_json *source)
{
    const struct rt_json *json = rt_json_get(source, "log_format");
    const struct rt_json *format = rt_json_get(source, "format");
    bool server = format && format->kind == RT_JSON_TEXT
        && (rt_span_eq(format->text, RT_SPAN("nginx"))
            || rt_span_eq(format->text, RT_SPAN("apache")));
    struct rt_span text;

    if (json && server)
        rt_read_text(reading, json, "the server's own format text", &text);
    else if (json)
        rt_complain_key(reading, json,
            "\"log_format\" goes with \"format\": \"nginx\" or \"apache\" only");
    else if (server)
        rt_complain(reading, format, "needs \"log_format\" beside it");
}

/* ---- what CSV sources and contact files have in common */

static void read_delimiter(
    struct rt_reading *reading, const struct rt_json *json, char *out)
{
    struct rt_span text;

    if (!rt_read_text(reading, json, "one character, like \";\"", &text))
        return;
    if (text.n != 1 || (unsigned char)*text.p >= 0x80)
        rt_complain(reading, json, "expected one ASCII character, like \";\" or \"\\t\"");
    else if (*text.p == '"' || *text.p == '\n' || *text.p == '\r')
        rt_complain(reading, json, "a quote or a line end cannot separate cells");
    else
        *out = *text.p;
}

static bool read_ragged(struct rt_reading *reading, const struct rt_json *json)
{
    static const char *const words[] = { "fill" };
    size_t place;

    return rt_read_word(reading, json, words, RT_COUNT_OF(words), &place);
}

/* ---- mappings */

/* A column's number, as a JSON number or as a text of digits. */
static bool read_column_number(
    struct rt_reading *reading, const struct rt_json *json, struct rt_span *out)
{
    static const char due[] = "a column's number from 1, since there is no header";
    uint64_t number = 0;
    struct rt_span text;
    char digits[24];
    bool good;

    if (json->kind == RT_JSON_TEXT)
        good = rt_read_text(reading, json, due, &text)
            && (rt_num_count(text, &number) == RT_OK || (number = 0, true));
    else
        good = rt_read_kind(reading, json, RT_JSON_NUMBER, due)
            && rt_read_count(reading, json, 1, &number);
    if (!good)
        return false;
    if (number < 1 || number > RT_FIELDS_MAX) {
        rt_complain(reading, json, "expected %s, to %d", due, RT_FIELDS_MAX);
        return false;
    }
    snprintf(digits, sizeof digits, "%ju", (uintmax_t)number);
    *out = rt_arena_copy(reading->arena, rt_span_of(digits));
    if (!out->p)
        reading->status = RT_ENOMEM;
    return out->p != NULL;
}

static bool read_column(struct rt_reading *reading, const struct rt_json *json,
    bool by_number, struct rt_span *out)
{
    if (by_number)
        return read_column_number(reading, json, out);
    if (json->kind == RT_JSON_NUMBER) {
        rt_complain(
            reading, json, "a column's number goes with \"header\": false; say its name");
        return false;
    }
    return rt_read_text(reading, json, "the name that it has in the input", out);
}

/* unique: a column has one name only, so it cannot feed two fields. */
static void read_mappings(struct rt_reading *reading, const struct rt_json *json,
    bool by_number, bool unique, const struct rt_mapping **out, size_t *n)
{
    static const char due[] = "an object like {\"user_id\": \"Customer ID\"}";
    struct rt_mapping *mappings;
    struct rt_names columns;

    if (!rt_read_kind(reading, json, RT_JSON_OBJECT, due))
        return;
    if (json->n == 0) {
        rt_complain(reading, json, "is empty, expected %s", due);
        return;
    }
    mappings = rt_reading_new(reading, json->n, sizeof *mappings);
    if (!mappings || !rt_names_init(reading, &columns, json->n))
        return;
    for (size_t i = 0; i < json->n; i++) {
        const struct rt_json *member = &json->items[i];

        mappings[i].field = rt_arena_copy(reading->arena, member->key);
        if (!mappings[i].field.p)
            reading->status = RT_ENOMEM;
        if (member->key.n == 0)
            rt_complain_key(reading, member, "is empty, expected a field name");
        if (read_column(reading, member, by_number, &mappings[i].column))
            rt_names_add(&columns, mappings[i].column, member, (uint32_t)i);
    }
    if (unique)
        rt_names_sort(reading, &columns, false, "field is fed by a column that");
    *out = mappings;
    *n = json->n;
}

/* ---- one source */

static void read_files(
    struct rt_reading *reading, const struct rt_json *json, struct rt_source *source)
{
    if (!rt_read_texts(reading, json, "a pattern like \"events*.csv*\"", false,
            &source->files, &source->nfiles))
        return;
    for (size_t i = 0; i < source->nfiles; i++)
        if (memchr(source->files[i].p, '/', source->files[i].n))
            rt_complain(reading, &json->items[i],
                "a pattern is compared with base names, so \"/\" never matches");
}

static void read_dialect(
    struct rt_reading *reading, const struct rt_json *json, struct rt_source *source)
{
    static const char *const keys[] = { "delimiter", "header", "ragged" };
    const struct rt_json *delimiter = rt_json_get(json, "delimiter");
    const struct rt_json *header = rt_json_get(json, "header");
    const struct rt_json *ragged = rt_json_get(json, "ragged");
    bool has_header = true;

    for (size_t i = 0; !may_be_columns(source) && i < RT_COUNT_OF(keys); i++) {
        const struct rt_json *member = rt_json_get(json, keys[i]);

        if (member)
            rt_complain_key(
                reading, member, "\"%s\" goes with csv and tsv only", keys[i]);
    }
    if (delimiter)
        read_delimiter(reading, delimiter, &source->delimiter);
    if (delimiter && source->format == RT_FORMAT_TSV && source->delimiter != '\t')
        rt_complain(reading, delimiter, "tsv has the tab; say \"format\": \"csv\"");
    if (header)
        rt_read_bool(reading, header, &has_header);
    source->no_header = !has_header;
    if (ragged)
        source->fill = read_ragged(reading, ragged);
}

static void read_source_fields(
    struct rt_reading *reading, const struct rt_json *json, struct rt_source *source)
{
    const struct rt_json *fields = rt_json_get(json, "fields");

    if (fields)
        read_mappings(reading, fields, source->no_header, may_be_columns(source),
            &source->fields, &source->nfields);
    else if (source->no_header)
        rt_complain(reading, rt_json_get(json, "header"),
            "without a header, \"fields\" must say which column is what, like {\"time\": "
            "1, \"event\": 2}");
}

static void read_time_format(
    struct rt_reading *reading, const struct rt_json *json, struct rt_timeform *form)
{
    const struct rt_zone *zone = form->zone;
    struct rt_span text;

    if (!rt_read_text(reading, json, "a time format", &text))
        return;
    if (rt_timeform_parse(text.p, form) < 0)
        rt_complain(reading, json,
            "expected iso8601, epoch_s, epoch_ms, epoch_us, clf or a pattern like "
            "\"%%d/%%m/%%Y %%H:%%M:%%S\"");
    form->zone = zone;
}

static void read_pixel(
    struct rt_reading *reading, const struct rt_json *json, struct rt_source *source)
{
    static const char *const keys[] = { "path", "event", "fields" };
    const struct rt_json *path, *event, *fields;
    struct rt_pixel *pixel;

    if (!may_be_log(source))
        rt_complain_key(reading, json, "\"pixel\" goes with access logs only");
    if (!rt_read_keys(reading, json,
            "an object like {\"path\": \"/px.gif\", \"event\": "
            "\"ev\"}",
            keys, RT_COUNT_OF(keys)))
        return;
    pixel = rt_reading_new(reading, 1, sizeof *pixel);
    if (!pixel)
        return;
    source->pixel = pixel;
    path = rt_read_needed(reading, json, "path");
    event = rt_read_needed(reading, json, "event");
    fields = rt_json_get(json, "fields");
    if (path && rt_read_text(reading, path, "a path like \"/px.gif\"", &pixel->path)
        && *pixel->path.p != '/')
        rt_complain(reading, path, "a path begins with \"/\"");
    if (event)
        rt_read_text(reading, event, "the name of a query parameter", &pixel->event);
    if (fields)
        read_mappings(reading, fields, false, false, &pixel->fields, &pixel->nfields);
}

static void read_habits(
    struct rt_reading *reading, const struct rt_json *json, struct rt_source *source)
{
    static const char *const bots[] = { "drop", "keep", "mark" };
    static const enum rt_bots bot_kinds[] = { RT_BOTS_DROP, RT_BOTS_KEEP, RT_BOTS_MARK };
    static const char *const twins[] = { "event_id", "record" };
    static const enum rt_dedupe twin_kinds[] = { RT_DEDUPE_EVENT_ID, RT_DEDUPE_RECORD };
    const struct rt_json *event = rt_json_get(json, "event");
    const struct rt_json *bot = rt_json_get(json, "bots");
    const struct rt_json *dedupe = rt_json_get(json, "dedupe");
    size_t place;

    if (event)
        rt_read_text(reading, event, "an event name", &source->event);
    if (bot && rt_read_word(reading, bot, bots, RT_COUNT_OF(bots), &place))
        source->bots = bot_kinds[place];
    if (dedupe && rt_read_word(reading, dedupe, twins, RT_COUNT_OF(twins), &place))
        source->dedupe = twin_kinds[place];
}

static void read_times(
    struct rt_reading *reading, const struct rt_json *json, struct rt_source *source)
{
    const struct rt_json *zone = rt_json_get(json, "timezone");
    const struct rt_json *format = rt_json_get(json, "time_format");
    struct rt_span name;

    source->time_form.kind = RT_TIME_ANY;
    source->time_form.zone =
        zone ? rt_read_zone(reading, zone, &name) : reading->defs->zone;
    if (format)
        read_time_format(reading, format, &source->time_form);
}

static void read_source(
    struct rt_reading *reading, const struct rt_json *json, struct rt_source *source)
{
    static const char *const keys[] = { "name", "files", "format", "log_format",
        "timezone", "fields", "time_format", "event", "delimiter", "header", "ragged",
        "pixel", "bots", "dedupe" };
    const struct rt_json *name, *files, *format, *pixel;

    if (!rt_read_keys(reading, json,
            "a source like {\"name\": \"shop\", \"files\": "
            "[\"*.csv\"]}",
            keys, RT_COUNT_OF(keys)))
        return;
    name = rt_read_needed(reading, json, "name");
    files = rt_json_get(json, "files");
    format = rt_json_get(json, "format");
    pixel = rt_json_get(json, "pixel");
    if (name)
        rt_read_file_name(reading, name, &source->name);
    if (files)
        read_files(reading, files, source);
    if (format)
        read_format(reading, format, &source->format);
    read_log_format(reading, json);
    read_times(reading, json, source);
    read_dialect(reading, json, source);
    read_source_fields(reading, json, source);
    read_habits(reading, json, source);
    if (pixel)
        read_pixel(reading, pixel, source);
}

void rt_read_sources(struct rt_reading *reading, const struct rt_json *json)
{
    struct rt_defs *defs = reading->defs;
    struct rt_source *sources;
    struct rt_names names;

    if (!rt_read_kind(reading, json, RT_JSON_ARRAY, "a list of sources"))
        return;
    sources = rt_reading_new(reading, json->n, sizeof *sources);
    defs->source_zones = rt_reading_new(reading, json->n, sizeof(struct rt_zone *));
    reading->zone_names = rt_reading_new(reading, json->n, sizeof(struct rt_span));
    if (!sources || !defs->source_zones || !reading->zone_names
        || !rt_names_init(reading, &names, json->n))
        return;
    for (size_t i = 0; i < json->n; i++) {
        read_source(reading, &json->items[i], &sources[i]);
        if (sources[i].name.p)
            rt_names_add(&names, sources[i].name, rt_json_get(&json->items[i], "name"),
                (uint32_t)i);
    }
    rt_names_sort(reading, &names, false, "source");
    defs->sources = sources;
    defs->nsources = json->n;
}

/* ---- contact files */

static void read_contact(struct rt_reading *reading, const struct rt_json *json,
    struct rt_contact_file *contact)
{
    static const char *const keys[] = { "file", "fields", "delimiter", "ragged" };
    const struct rt_json *file, *fields, *delimiter, *ragged;

    contact->json = json;
    if (!rt_read_keys(reading, json, "an object like {\"file\": \"customers.csv\"}", keys,
            RT_COUNT_OF(keys)))
        return;
    file = rt_read_needed(reading, json, "file");
    fields = rt_json_get(json, "fields");
    delimiter = rt_json_get(json, "delimiter");
    ragged = rt_json_get(json, "ragged");
    if (file)
        rt_read_path(reading, file, &contact->path);
    if (fields)
        read_mappings(reading, fields, false, true, &contact->fields, &contact->nfields);
    if (delimiter)
        read_delimiter(reading, delimiter, &contact->delimiter);
    if (ragged)
        contact->fill = read_ragged(reading, ragged);
}

void rt_read_contacts(
    struct rt_reading *reading, const struct rt_json *json, struct rt_people_def *people)
{
    struct rt_contact_file *contacts;

    if (!rt_read_kind(reading, json, RT_JSON_ARRAY, "a list of contact files"))
        return;
    contacts = rt_reading_new(reading, json->n, sizeof *contacts);
    if (!contacts)
        return;
    for (size_t i = 0; i < json->n; i++)
        read_contact(reading, &json->items[i], &contacts[i]);
    people->contacts = contacts;
    people->ncontacts = json->n;
}
