/* Time zones: the file's and those of its sources, each loaded once. */
#include "base/buf.h"
#include "plan/segdef_int.h"

/* ---- the nearest name */

/* Lists a zone of each country and its parts, names in the third column: all that a name
 * is likely to be meant for. Where the file is missing there is no hint. */
static const char zone_list[] = "/usr/share/zoneinfo/zone.tab";

enum { LIST_MAX_BYTES = 1 << 20, NAMES_MAX = 1000 };

/* Cuts the text into the names, each with a NUL behind it. */
static size_t cut_names(char *text, const char **names)
{
    size_t n = 0;

    for (char *line = text, *next; line && n < NAMES_MAX; line = next) {
        char *name = line;

        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        for (int column = 1; name && column < 3; column++)
            if ((name = strchr(name, '\t')))
                name++;
        if (*line == '#' || !name)
            continue;
        name[strcspn(name, "\t")] = '\0';
        names[n++] = name;
    }
    return n;
}

static struct rt_hint nearest_zone(struct rt_reading *reading, struct rt_span name)
{
    struct rt_buf text = RT_BUF_INIT(LIST_MAX_BYTES);
    struct rt_hint hint = { "" };
    const char *names[NAMES_MAX];

    if (rt_buf_read_file(&text, zone_list, NULL) == RT_OK && rt_buf_text(&text))
        hint = rt_hint(reading, name, names, cut_names(text.p, names));
    rt_buf_release(&text);
    return hint;
}

/* ---- loading */

static int load_zone(struct rt_reading *reading, const struct rt_json *json,
    struct rt_span name, struct rt_zone **out)
{
    struct rt_err err = { 0 };
    int rc = rt_zone_load(name.p, NULL, out, &err);

    if (rc == RT_EDEFS) {
        rt_complain(reading, json,
            "there is no time zone \"%s\"%s; zones are named like \"Europe/Rome\"",
            rt_show(name).text, nearest_zone(reading, name).text);
    } else if (rc < 0 && reading->status == RT_OK) {
        if (reading->err && reading->err->code == RT_OK)
            *reading->err = err;
        reading->status = rc;
    }
    return rc;
}

const struct rt_zone *rt_read_zone(
    struct rt_reading *reading, const struct rt_json *json, struct rt_span *name)
{
    struct rt_defs *defs = reading->defs;
    struct rt_zone *zone = NULL;

    if (!rt_read_text(reading, json, "a time zone like \"Europe/Rome\"", name))
        return defs->zone;
    if (rt_span_eq(*name, defs->timezone))
        return defs->zone;
    for (size_t i = 0; i < defs->nsource_zones; i++)
        if (rt_span_eq(*name, reading->zone_names[i]))
            return defs->source_zones[i];
    if (load_zone(reading, json, *name, &zone) < 0)
        return defs->zone; /* stands in: the file is refused anyway */
    reading->zone_names[defs->nsource_zones] = *name;
    defs->source_zones[defs->nsource_zones++] = zone;
    return zone;
}

void rt_read_timezone(struct rt_reading *reading, const struct rt_json *json)
{
    struct rt_defs *defs = reading->defs;
    struct rt_span name;
    int rc;

    if (json && rt_read_text(reading, json, "a time zone like \"Europe/Rome\"", &name)
        && load_zone(reading, json, name, &defs->zone) == RT_OK) {
        defs->timezone = name;
        return;
    }
    defs->timezone = RT_SPAN("UTC");
    rc = rt_zone_load("UTC", NULL, &defs->zone, reading->err);
    if (rc < 0)
        reading->status = rc;
}
