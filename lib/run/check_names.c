/*
 * The names of the segment file against the inputs: events, fields and values that never
 * occur. The file is walked as it is written, so that each is told where it stands.
 *
 * What could be meant is shown only where it is no personal value: names of events and of
 * columns, and values of fields that have few of them and do not tell people apart.
 */
#include "run/checking.h"

#include <stdlib.h>

#include "base/near.h"
#include "events/fields.h"

struct looking {
    struct rt_checking *c;
    const struct rt_survey *in; /* where the tests at hand look */
    bool rows;                  /* contact rows */
    const char **events;        /* names that occur */
    size_t nevents;
    const char **columns, **row_columns;
    size_t ncolumns, nrow_columns;
};

/* ---- names */

static bool can_be_shown(const char *text)
{
    unsigned digits = 0;

    for (; *text; text++) {
        unsigned char ch = (unsigned char)*text;

        digits += ch >= '0' && ch <= '9';
        if (ch < 0x20 || ch == 0x7f || ch == '@' || digits > 5)
            return false;
    }
    return true;
}

/* Sorted, so that of several that are as near the same one is shown whatever came first. */
static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_names(const char **names, size_t n)
{
    if (n > 1)
        qsort(names, n, sizeof *names, by_bytes);
}

static const char *nearest(struct rt_span word, const char *const *names, size_t n)
{
    const char *near = rt_near(word, names, n);

    return near && can_be_shown(near) ? near : NULL;
}

static bool is_friendly(const struct rt_defs *defs, struct rt_span name)
{
    for (size_t i = 0; i < defs->nevents; i++)
        if (rt_span_eq(defs->events[i].name, name))
            return true;
    return false;
}

/* ---- events */

static bool occurs(const struct looking *l, const struct rt_json *name, bool friendly)
{
    return rt_span_eq(name->text, RT_SPAN("*"))
        || (friendly && is_friendly(l->c->defs, name->text))
        || rt_counts_of(&l->c->events->events, name->text);
}

static void warn_of_event(struct looking *l, const struct rt_json *name)
{
    const struct rt_counts *events = &l->c->events->events;
    const char *near = nearest(name->text, l->events, l->nevents);
    uint64_t n = near ? rt_counts_of(events, rt_span_of(near)) : 0;

    if (near)
        rt_check_warn(l->c, name, false,
            "no event of the inputs is called \"%s\"; the nearest is \"%s\" (%ju "
            "event%s)",
            rt_check_show(name->text).text, near, (uintmax_t)n, n == 1 ? "" : "s");
    else
        rt_check_warn(l->c, name, false,
            "no event of the inputs is called \"%s\"; `retarget peek` lists their names",
            rt_check_show(name->text).text);
}

/* A list names what inputs may call an event: it is enough when one of them occurs. */
static void look_at_events(struct looking *l, const struct rt_json *json, bool friendly)
{
    size_t n = json->kind == RT_JSON_ARRAY ? json->n : 1;
    const struct rt_json *names = json->kind == RT_JSON_ARRAY ? json->items : json;

    if (l->c->events->events.others)
        return; /* more names than were counted */
    for (size_t i = 0; i < n; i++)
        if (occurs(l, &names[i], friendly))
            return;
    for (size_t i = 0; i < n; i++)
        warn_of_event(l, &names[i]);
}

/* ---- fields */

static long field_of(const struct looking *l, struct rt_span name)
{
    for (uint32_t f = 0; f < l->c->ask.nfields; f++)
        if (rt_span_eq(l->c->ask.fields[f].name, name))
            return (long)f;
    return -1;
}

static const struct rt_feed *feed_of(const struct looking *l, uint32_t i)
{
    if (l->rows)
        return i < l->c->contacts.nfiles ? &l->c->contacts.files[i].feed : NULL;
    return i < l->c->inputs.nfeeds ? &l->c->inputs.feeds[i] : NULL;
}

static bool same_compared(struct rt_span a, struct rt_span b)
{
    char x[256], y[256];
    size_t nx, ny;

    if (a.n > sizeof x || b.n > sizeof y)
        return false;
    nx = rt_fields_compared(a, x);
    ny = rt_fields_compared(b, y);
    return nx == ny && memcmp(x, y, nx) == 0;
}

/* A column of that name that `fields` gave another; NULL: there is none. */
static const struct rt_column *renamed_column(
    const struct looking *l, struct rt_span name)
{
    const struct rt_feed *feed;
    size_t n;

    for (uint32_t i = 0; (feed = feed_of(l, i)); i++) {
        const struct rt_column *columns = rt_decoder_columns(feed->decoder, &n);

        for (size_t k = 0; k < n; k++)
            if (columns[k].renamed && columns[k].field.p && !columns[k].own.p
                && same_compared(columns[k].name, name))
                return &columns[k];
    }
    return NULL;
}

static bool has_column(const struct looking *l, struct rt_span name)
{
    const struct rt_feed *feed;
    size_t n;

    for (uint32_t i = 0; (feed = feed_of(l, i)); i++) {
        const struct rt_column *columns = rt_decoder_columns(feed->decoder, &n);

        if (rt_fields_find(columns, n, name) < n)
            return true;
    }
    return false;
}

static void warn_of_field(
    struct looking *l, const struct rt_json *at, bool at_key, struct rt_span name)
{
    const struct rt_column *renamed = renamed_column(l, name);
    const char *what = l->rows ? "contact row" : "event";
    const char *near = l->rows ? nearest(name, l->row_columns, l->nrow_columns)
                               : nearest(name, l->columns, l->ncolumns);

    if (renamed)
        rt_check_warn(l->c, at, at_key,
            "the column \"%s\" is read as \"%s\" here; write that name",
            rt_check_show(renamed->name).text, rt_check_show(renamed->field).text);
    else if (has_column(l, name))
        rt_check_warn(l->c, at, at_key, "\"%s\" is empty in every %s",
            rt_check_show(name).text, what);
    else if (near)
        rt_check_warn(l->c, at, at_key,
            "no %s has a \"%s\"; the nearest column is \"%s\"", what,
            rt_check_show(name).text, near);
    else
        rt_check_warn(l->c, at, at_key, "no %s has a \"%s\"%s", what,
            rt_check_show(name).text, l->rows ? "" : "; `retarget peek` shows columns");
}

enum form { ANY_FORM, NUMBER, TIME };

/* What a field has to be for the tests on it; false when it was warned of. */
static bool look_at_field(struct looking *l, const struct rt_json *at, bool at_key,
    struct rt_span name, enum form form)
{
    long f = field_of(l, name);
    struct rt_survey_found found;

    if (f < 0)
        return false;
    found = rt_survey_found(l->in, (uint32_t)f);
    if (!found.present)
        warn_of_field(l, at, at_key, name);
    else if (form == NUMBER && !found.number)
        rt_check_warn(
            l->c, at, at_key, "no value of \"%s\" is a number", rt_check_show(name).text);
    else if (form == TIME && !found.time)
        rt_check_warn(
            l->c, at, at_key, "no value of \"%s\" is a time", rt_check_show(name).text);
    else
        return true;
    return false;
}

/* ---- values */

static bool value_occurs(
    const struct rt_counts *values, struct rt_span text, bool ignore_case)
{
    if (!ignore_case)
        return rt_counts_of(values, text) > 0;
    for (uint32_t i = 0; i < values->nslots; i++)
        if (values->slots[i].text.p && rt_span_eq_nocase(values->slots[i].text, text))
            return true;
    return false;
}

static const char *near_value(const struct rt_counts *values, struct rt_span text)
{
    const char *names[RT_SURVEY_VALUES];
    size_t n = 0;

    for (uint32_t i = 0; i < values->nslots && n < RT_SURVEY_VALUES; i++)
        if (values->slots[i].text.p)
            names[n++] = values->slots[i].text.p;
    sort_names(names, n);
    return nearest(text, names, n);
}

/* A single value that is not there is worth a word. In a list it is when no other one is
 * there either, or when it looks mistyped: one country of several may have had no visitor. */
static void look_at_values(
    struct looking *l, const struct rt_json *json, struct rt_span field, bool ignore_case)
{
    long f = field_of(l, field);
    const struct rt_counts *values = f < 0 ? NULL : &l->in->values[f];
    size_t n = json->kind == RT_JSON_ARRAY ? json->n : 1, there = 0;
    const struct rt_json *items = json->kind == RT_JSON_ARRAY ? json->items : json;

    if (!values || !values->limit || values->others || !values->n)
        return;
    for (size_t i = 0; i < n; i++)
        there += items[i].kind != RT_JSON_TEXT
            || value_occurs(values, items[i].text, ignore_case);
    for (size_t i = 0; i < n; i++) {
        const char *near;

        if (items[i].kind != RT_JSON_TEXT
            || value_occurs(values, items[i].text, ignore_case))
            continue;
        near = near_value(values, items[i].text);
        if (near)
            rt_check_warn(l->c, &items[i], false,
                "no value of \"%s\" is \"%s\"; the nearest is \"%s\"",
                rt_check_show(field).text, rt_check_show(items[i].text).text, near);
        else if (!there)
            rt_check_warn(l->c, &items[i], false, "no value of \"%s\" is \"%s\"",
                rt_check_show(field).text, rt_check_show(items[i].text).text);
    }
}

/* ---- tests */

static bool is_one_of(struct rt_span key, const char *const *names)
{
    for (; *names; names++)
        if (rt_span_eq(key, rt_span_of(*names)))
            return true;
    return false;
}

static enum form form_of(const struct rt_json *test)
{
    static const char *const numbers[] = { "gt", "gte", "lt", "lte", "between", NULL };
    static const char *const times[] = { "ago", "before", "after", NULL };
    enum form form = test->kind == RT_JSON_NUMBER ? NUMBER : ANY_FORM;

    for (size_t i = 0; test->kind == RT_JSON_OBJECT && i < test->n; i++) {
        const struct rt_json *operand = &test->items[i];

        if (is_one_of(operand->key, numbers)
            || (rt_span_eq(operand->key, RT_SPAN("eq"))
                && operand->kind == RT_JSON_NUMBER))
            form = NUMBER;
        else if (is_one_of(operand->key, times))
            form = TIME;
    }
    return form;
}

static void look_at_test(struct looking *l, const struct rt_json *test)
{
    const struct rt_json *modifier, *equal;
    bool ignore_case;

    if (!look_at_field(l, test, true, test->key, form_of(test)))
        return;
    if (test->kind != RT_JSON_OBJECT) {
        look_at_values(l, test, test->key, false);
        return;
    }
    modifier = rt_json_get(test, "ignore_case");
    ignore_case = modifier && modifier->truth;
    if ((equal = rt_json_get(test, "eq")))
        look_at_values(l, equal, test->key, ignore_case);
    if ((equal = rt_json_get(test, "in")))
        look_at_values(l, equal, test->key, ignore_case);
}

/* {field: test...}; no deeper than the file, 100 levels. */
static void look_at_tests(struct looking *l, const struct rt_json *tests)
{
    for (size_t i = 0; i < tests->n; i++) {
        const struct rt_json *test = &tests->items[i];

        if (rt_span_eq(test->key, RT_SPAN("not")))
            look_at_tests(l, test);
        else if (rt_span_eq(test->key, RT_SPAN("all"))
            || rt_span_eq(test->key, RT_SPAN("any")))
            for (size_t k = 0; k < test->n; k++)
                look_at_tests(l, &test->items[k]);
        else
            look_at_test(l, test);
    }
}

static void look_at_rows(struct looking *l, const struct rt_json *tests)
{
    if (!l->c->rows)
        return;
    l->rows = true;
    l->in = l->c->rows;
    look_at_tests(l, tests);
    l->rows = false;
    l->in = l->c->events;
}

/* ---- conditions, steps, ranks: all are objects whose keys say what they hold */

static void look_at_same(struct looking *l, const struct rt_json *fields)
{
    for (size_t i = 0; i < fields->n; i++)
        look_at_field(l, &fields->items[i], false, fields->items[i].text, ANY_FORM);
}

static void look_at(struct looking *l, const struct rt_json *object);

static void look_at_member(struct looking *l, const struct rt_json *m)
{
    static const char *const events[] = { "did", "did_not", "last", "first", "of",
        "since_last", "since_first", "before_last", "before_first", NULL };
    static const char *const tests[] = { "where", "is", "landing", NULL };
    static const char *const inner[] = { "not", "holds", "has", "rank", NULL };
    static const char *const lists[] = { "all", "any", "sequence", NULL };
    static const char *const numbers[] = { "sum", "avg", "min", "max", NULL };
    static const char *const fields[] = { "distinct", "for_some", NULL };

    if (is_one_of(m->key, events)) {
        look_at_events(l, m, true);
    } else if (is_one_of(m->key, tests)) {
        look_at_tests(l, m);
    } else if (is_one_of(m->key, inner)) {
        look_at(l, m);
    } else if (is_one_of(m->key, lists)) {
        for (size_t i = 0; i < m->n; i++)
            look_at(l, &m->items[i]);
    } else if (m->kind == RT_JSON_TEXT && is_one_of(m->key, numbers)) {
        look_at_field(l, m, false, m->text, NUMBER);
    } else if (is_one_of(m->key, fields)) {
        look_at_field(l, m, false, m->text, ANY_FORM);
    } else if (rt_span_eq(m->key, RT_SPAN("same"))) {
        look_at_same(l, m);
    } else if (rt_span_eq(m->key, RT_SPAN("profile"))) {
        look_at_rows(l, m);
    }
}

static void look_at(struct looking *l, const struct rt_json *object)
{
    for (size_t i = 0; i < object->n; i++)
        look_at_member(l, &object->items[i]);
}

/* "ago" of a last, first or window has min and max, too; they are durations. */
static void look_at_segments(struct looking *l)
{
    for (size_t i = 0; i < l->c->defs->nsegments; i++) {
        const struct rt_json *seg = l->c->defs->segments[i].json;
        const struct rt_json *exclude = rt_json_get(seg, "exclude");

        look_at(l, rt_json_get(seg, "match"));
        for (size_t k = 0; exclude && k < exclude->n; k++)
            look_at(l, &exclude->items[k]);
    }
}

static void look_at_named(struct looking *l)
{
    const struct rt_json *events = rt_json_get(l->c->defs->json, "events");

    for (size_t i = 0; events && i < events->n; i++) {
        const struct rt_json *event = rt_json_get(&events->items[i], "event");
        const struct rt_json *where = rt_json_get(&events->items[i], "where");

        if (event)
            look_at_events(l, event, false);
        if (where)
            look_at_tests(l, where);
    }
}

/* Consent may come with events or with contact rows. */
static void look_at_consent(struct looking *l)
{
    const struct rt_json *privacy = rt_json_get(l->c->defs->json, "privacy");
    const struct rt_json *consent = privacy ? rt_json_get(privacy, "consent") : NULL;

    for (size_t i = 0; consent && i < consent->n; i++) {
        const struct rt_json *field = rt_json_get(&consent->items[i], "field");
        long f = field ? field_of(l, field->text) : -1;

        if (f >= 0 && (!l->c->rows || !rt_survey_found(l->c->rows, (uint32_t)f).present))
            look_at_field(l, field, false, field->text, ANY_FORM);
    }
}

/* ---- what is there */

static int list_events(struct looking *l)
{
    const struct rt_counts *events = &l->c->events->events;

    l->events = rt_arena_new(&l->c->arena, events->n + 1, sizeof *l->events);
    for (uint32_t i = 0; l->events && i < events->nslots; i++)
        if (events->slots[i].text.p)
            l->events[l->nevents++] = events->slots[i].text.p;
    if (l->events)
        sort_names(l->events, l->nevents);
    return l->events ? RT_OK : RT_ENOMEM;
}

static int list_columns(struct looking *l, bool rows, const char ***out, size_t *nout)
{
    const struct rt_feed *feed;
    size_t room = 1, n;

    l->rows = rows;
    for (uint32_t i = 0; (feed = feed_of(l, i)); i++) {
        rt_decoder_columns(feed->decoder, &n);
        room += 2 * n;
    }
    *out = rt_arena_new(&l->c->arena, room, sizeof **out);
    for (uint32_t i = 0; *out && (feed = feed_of(l, i)); i++) {
        const struct rt_column *columns = rt_decoder_columns(feed->decoder, &n);

        for (size_t k = 0; k < 2 * n; k++) {
            struct rt_span name = k % 2 ? columns[k / 2].own : columns[k / 2].field;

            if (name.p && !(name = rt_arena_copy(&l->c->arena, name)).p)
                return RT_ENOMEM;
            if (name.p)
                (*out)[(*nout)++] = name.p;
        }
    }
    l->rows = false;
    return *out ? RT_OK : RT_ENOMEM;
}

int rt_check_names(struct rt_checking *c)
{
    struct looking l = { .c = c, .in = c->events };

    if (list_events(&l) < 0 || list_columns(&l, false, &l.columns, &l.ncolumns) < 0
        || list_columns(&l, true, &l.row_columns, &l.nrow_columns) < 0)
        return RT_ENOMEM;
    look_at_named(&l);
    look_at_segments(&l);
    look_at_consent(&l);
    return RT_OK;
}
