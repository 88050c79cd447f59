/* The lists to write. */
#include "plan/segdef_int.h"

static const char *const placeholders[] = { "segment", "to", "arm" };

static bool is_placeholder(struct rt_span name)
{
    for (size_t i = 0; i < RT_COUNT_OF(placeholders); i++)
        if (rt_span_eq(name, rt_span_of(placeholders[i])))
            return true;
    return false;
}

/* Braces stand around placeholders only. */
static void check_placeholders(
    struct rt_reading *reading, const struct rt_json *json, struct rt_span file)
{
    for (size_t i = 0; i < file.n; i++) {
        struct rt_span name = { file.p + i + 1, 0 };

        if (file.p[i] == '}') {
            rt_complain(reading, json, "a \"}\" without \"{\" before it");
            return;
        }
        if (file.p[i] != '{')
            continue;
        while (i + 1 + name.n < file.n && !strchr("{}", name.p[name.n]))
            name.n++;
        if (i + 1 + name.n == file.n || name.p[name.n] == '{') {
            rt_complain(reading, json, "a \"{\" that no \"}\" closes");
            return;
        }
        if (!is_placeholder(name))
            rt_complain(reading, json,
                "unknown placeholder \"{%s}\"%s; known are {segment}, {to} and {arm}",
                rt_show(name).text,
                rt_hint(reading, name, placeholders, RT_COUNT_OF(placeholders)).text);
        i += name.n + 1;
    }
}

/* Whether the name is one even without "{arm}" and the mark beside it, as the list of a
 * whole segment has it: "" and ".." are none, nor is "{arm}". */
static bool is_named(struct rt_span file)
{
    const struct rt_span arm = RT_SPAN("{arm}");

    for (size_t i = 0; i < file.n; i++) {
        if (rt_span_starts((struct rt_span) { file.p + i, file.n - i }, arm))
            i += arm.n - 1;
        else if (!strchr(".-_", file.p[i]))
            return true;
    }
    return false;
}

/* Lists lie in the output folder itself, whatever stands for the placeholders. */
static void check_inside(
    struct rt_reading *reading, const struct rt_json *json, struct rt_span file)
{
    if (memchr(file.p, '/', file.n) || !is_named(file))
        rt_complain(reading, json,
            "expected the name of a file inside the output folder: no \"/\", and a name "
            "besides {arm}");
}

static void read_to(
    struct rt_reading *reading, const struct rt_json *json, struct rt_span *out)
{
    if (!rt_read_text(reading, json, "a platform's name", out))
        return;
    for (size_t i = 0; i < reading->nplatforms; i++)
        if (rt_span_eq(*out, rt_span_of(reading->platforms[i])))
            return;
    rt_complain(reading, json, "there is no platform \"%s\"%s", rt_show(*out).text,
        rt_hint(reading, *out, reading->platforms, reading->nplatforms).text);
}

static void read_chosen(
    struct rt_reading *reading, const struct rt_json *json, struct rt_output *output)
{
    uint32_t *segments;

    if (!rt_read_list(reading, json, "a list of at least one segment"))
        return;
    segments = rt_reading_new(reading, json->n, sizeof *segments);
    if (!segments)
        return;
    for (size_t i = 0; i < json->n; i++)
        rt_names_resolve(
            reading, &reading->segments, &json->items[i], "segment", &segments[i]);
    output->segments = segments;
    output->nsegments = json->n;
}

static void read_output(
    struct rt_reading *reading, const struct rt_json *json, struct rt_output *output)
{
    static const char *const keys[] = { "to", "segments", "file" };
    const struct rt_json *to, *segments, *file;

    output->json = json;
    if (!rt_read_keys(reading, json, "an output like {\"to\": \"google-ads\"}", keys,
            RT_COUNT_OF(keys)))
        return;
    to = rt_read_needed(reading, json, "to");
    segments = rt_json_get(json, "segments");
    file = rt_json_get(json, "file");
    if (to)
        read_to(reading, to, &output->to);
    output->all = segments == NULL;
    if (segments)
        read_chosen(reading, segments, output);
    if (file
        && rt_read_text(
            reading, file, "a file name like \"{segment}.{to}.csv\"", &output->file)) {
        check_placeholders(reading, file, output->file);
        check_inside(reading, file, output->file);
    }
}

void rt_read_outputs(struct rt_reading *reading, const struct rt_json *json)
{
    struct rt_output *outputs;

    if (!rt_read_kind(reading, json, RT_JSON_ARRAY, "a list of outputs"))
        return;
    outputs = rt_reading_new(reading, json->n, sizeof *outputs);
    if (!outputs)
        return;
    for (size_t i = 0; i < json->n; i++)
        read_output(reading, &json->items[i], &outputs[i]);
    reading->defs->outputs = outputs;
    reading->defs->noutputs = json->n;
}
