/* Names of columns are shown in messages, so first of all: are they names? */
#include "run/hash_columns.h"

#include <stdio.h>

#include "base/near.h"
#include "events/contact_names.h"
#include "events/fields.h"
#include "lists/normalise.h"

enum { SHOWN_MAX = 20, NAME_MAX_BYTES = 60 };

/* What is being worked out. */
struct finder {
    struct rt_hash_columns *out;
    const struct rt_platform *platform;
    const struct rt_hash_options *options;
    const struct rt_span *names;
    uint32_t n;
    const char *input;
    struct rt_arena *arena;
};

static bool keeps_all(const struct rt_platform *platform)
{
    return platform->kind == RT_ROWS_CONTACT;
}

static bool same_folded(struct rt_span a, struct rt_span b)
{
    char fa[RT_FOLDED_MAX], fb[RT_FOLDED_MAX];
    struct rt_span sa = { fa, rt_contact_fold(a, fa) };
    struct rt_span sb = { fb, rt_contact_fold(b, fb) };

    return sa.n && rt_span_eq(sa, sb);
}

/* The name by which a platform has a field of its own: the one of its columns found by
 * name. Lent for the program's life; NULL: none. */
static const char *platform_name(const struct rt_platform *platform, struct rt_span field)
{
    for (uint32_t c = 0; c < platform->ncolumns; c++)
        for (const char *const *name = platform->columns[c].names; name && *name; name++)
            if (same_folded(field, rt_span_of(*name)))
                return *name;
    return NULL;
}

/* ---- what the command line says */

/* All fields that --map takes, for messages. */
static uint32_t field_names(const struct finder *f, const char **names, uint32_t room)
{
    uint32_t n = 0;

    for (const char *const *name = rt_fields_contact(); *name && n < room; name++)
        names[n++] = *name;
    for (uint32_t c = 0; c < f->platform->ncolumns && n < room; c++)
        if (f->platform->columns[c].names)
            names[n++] = f->platform->columns[c].names[0];
    return n;
}

/* The field that a text names, in the spelling of the tables, or NULL. */
static const char *field_of(const struct finder *f, struct rt_span text)
{
    for (const char *const *name = rt_fields_contact(); *name; name++)
        if (same_folded(text, rt_span_of(*name)))
            return *name;
    return platform_name(f->platform, text);
}

static int unknown_field(
    const struct finder *f, const struct rt_mapping *map, struct rt_err *err)
{
    const char *names[64], *near;
    uint32_t n = field_names(f, names, 64);

    near = rt_near(map->field, names, n);
    return rt_err_set(err, RT_EUSAGE, "--map: no field \"%.*s\"%s%s%s",
        (int)(map->field.n < NAME_MAX_BYTES ? map->field.n : NAME_MAX_BYTES),
        map->field.p, near ? "; did you mean " : "", near ? near : "",
        near ? "?" : ": fields are email, phone, first_name, last_name, ...");
}

static int unknown_column(
    const struct finder *f, const struct rt_mapping *map, struct rt_err *err)
{
    const char **texts = rt_arena_new(f->arena, f->n + 1, sizeof *texts), *near;
    uint32_t n = 0;

    if (!texts)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < f->n; i++) {
        if (rt_contact_is_value(f->names[i]))
            continue;
        texts[n] = rt_arena_copy(f->arena, f->names[i]).p;
        if (!texts[n++])
            return rt_err_set(err, RT_ENOMEM, "out of memory");
    }
    near = rt_near(map->column, texts, n);
    return rt_err_at(err, RT_EIO, f->input, 1, 0, "no column \"%.*s\"%s%s%s",
        (int)(map->column.n < NAME_MAX_BYTES ? map->column.n : NAME_MAX_BYTES),
        map->column.p, near ? "; did you mean \"" : "", near ? near : "",
        near ? "\"?" : "");
}

/* Gives every column of that name to the field: as written, else folded. */
static int apply_map(struct finder *f, const struct rt_mapping *map, struct rt_err *err)
{
    const char *field = field_of(f, map->field);
    bool found = false;

    if (!field)
        return unknown_field(f, map, err);
    for (uint32_t i = 0; i < f->n; i++)
        if (rt_span_eq(rt_span_trim(f->names[i]), rt_span_trim(map->column))) {
            f->out->columns[i].field = rt_span_of(field);
            found = true;
        }
    for (uint32_t i = 0; i < f->n && !found; i++)
        if (same_folded(f->names[i], map->column)) {
            f->out->columns[i].field = rt_span_of(field);
            found = true;
        }
    return found ? RT_OK : unknown_column(f, map, err);
}

/* ---- what is well known */

static bool is_fed(const struct finder *f, struct rt_span field)
{
    for (uint32_t i = 0; i < f->n; i++)
        if (f->out->columns[i].field.p && rt_span_eq(f->out->columns[i].field, field))
            return true;
    return false;
}

/* A field that a column was mapped to is fed by that column alone. */
static bool is_mapped(const struct finder *f, const char *field)
{
    for (uint32_t m = 0; m < f->options->nmaps; m++) {
        const char *mapped = field_of(f, f->options->maps[m].field);

        if (mapped && strcmp(mapped, field) == 0)
            return true;
    }
    return false;
}

/* What a header stands for here. A platform's own names come first: "company" is a column
 * of one and nothing of another. */
static const char *known_field(
    const struct finder *f, struct rt_span header, bool *paired)
{
    const char *name = platform_name(f->platform, header), *own;

    *paired = false;
    if (name)
        return name;
    name = rt_contact_name(header, paired);
    if (!name)
        return NULL;
    own = platform_name(f->platform, rt_span_of(name));
    for (const char *const *c = rt_fields_contact(); *c && !own; c++)
        if (strcmp(*c, name) == 0)
            own = *c;
    return own;
}

static void apply_known(struct finder *f)
{
    static const struct rt_span first = { "first_name", 10 }, last = { "last_name", 9 };

    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < f->n; i++) {
            bool paired;
            const char *field =
                f->out->columns[i].field.p ? NULL : known_field(f, f->names[i], &paired);

            if (!field || is_mapped(f, field) || paired != (pass == 1))
                continue;
            if (pass == 1
                && (is_fed(f, rt_span_of(field))
                    || !is_fed(f, strcmp(field, "last_name") ? last : first)))
                continue;
            f->out->columns[i].field = rt_span_of(field);
        }
}

/* ---- what the platform can use */

static uint32_t pii_of(struct rt_span field)
{
    for (uint32_t p = 0; p < RT_PII_COUNT; p++)
        if (rt_span_eq(field, rt_span_of(rt_pii_name(p))))
            return p;
    return RT_HASH_UNUSED;
}

static bool same_name(const char *const *names, struct rt_span field)
{
    for (; *names; names++)
        if (rt_span_eq(field, rt_span_of(*names)))
            return true;
    return false;
}

/* Whether the key of a contact can be made of it. */
static bool is_key(struct rt_span field)
{
    return rt_span_eq(field, RT_SPAN("email")) || rt_span_eq(field, RT_SPAN("user_id"))
        || rt_span_eq(field, RT_SPAN("client_id"));
}

/* Whether the platform writes the field, or needs it to normalise others. */
static bool is_wanted(const struct finder *f, struct rt_span field)
{
    uint32_t pii = pii_of(field);

    if (keeps_all(f->platform))
        return true;
    if (f->platform->kind == RT_ROWS_KEY)
        return is_key(field);
    if (pii == RT_PII_COUNTRY)
        return true;
    for (uint32_t c = 0; c < f->platform->ncolumns; c++)
        if (f->platform->columns[c].field == pii
            || (pii == RT_HASH_UNUSED && f->platform->columns[c].names
                && platform_name(f->platform, field)))
            return true;
    return false;
}

/* Which of the platform's columns some column feeds. */
static rt_columns fed_columns(const struct finder *f)
{
    rt_columns fed = 0;

    for (uint32_t c = 0; c < f->platform->ncolumns; c++)
        for (uint32_t i = 0; i < f->n; i++) {
            struct rt_span field = f->out->columns[i].field;
            const struct rt_platform_column *column = &f->platform->columns[c];

            if (column->field == RT_PII_COUNTRY && f->options->country)
                fed |= (rt_columns)1 << c;
            if (field.p
                && (column->names ? same_name(column->names, field)
                                  : column->field == pii_of(field)))
                fed |= (rt_columns)1 << c;
        }
    return fed;
}

/* Whether some row can come of it: all columns of one of the platform's needs, or the
 * key of a contact. */
static bool is_of_use(const struct finder *f)
{
    rt_columns fed = fed_columns(f);

    if (f->platform->kind == RT_ROWS_CONTACT || f->platform->kind == RT_ROWS_KEY)
        return is_fed(f, RT_SPAN("email")) || is_fed(f, RT_SPAN("user_id"))
            || is_fed(f, RT_SPAN("client_id"));
    for (size_t k = 0; k < RT_NEEDS_MAX && f->platform->needs[k]; k++)
        if ((fed & f->platform->needs[k]) == f->platform->needs[k])
            return true;
    return false;
}

/* Of several columns of one field that has one place, the first counts. */
static bool may_repeat(struct rt_span field)
{
    return rt_span_eq(field, RT_SPAN("email")) || rt_span_eq(field, RT_SPAN("phone"))
        || rt_span_eq(field, RT_SPAN("mobile_id"));
}

static void drop_unwanted(struct finder *f)
{
    for (uint32_t i = 0; i < f->n; i++) {
        struct rt_hash_column *column = &f->out->columns[i];
        bool repeated = false;

        for (uint32_t k = 0; k < i && column->field.p && !repeated; k++)
            repeated = f->out->columns[k].field.p
                && rt_span_eq(f->out->columns[k].field, column->field);
        if (column->field.p
            && (!is_wanted(f, column->field) || (repeated && !may_repeat(column->field))))
            column->field = RT_SPAN_ABSENT;
    }
}

/* Column i of the file as a message may show it. */
static void add_name(const struct finder *f, uint32_t i, char *out, size_t room)
{
    struct rt_span name = f->names[i];
    size_t n = strlen(out), shown = name.n < NAME_MAX_BYTES ? name.n : NAME_MAX_BYTES;

    if (n + shown + 24 > room)
        return;
    n += (size_t)snprintf(out + n, room - n, "%s", n ? ", " : "");
    if (rt_contact_is_value(name)) {
        snprintf(out + n, room - n, "column %u", i + 1);
        return;
    }
    out[n++] = '"';
    for (size_t k = 0; k < shown; k++) {
        unsigned char c = (unsigned char)name.p[k];

        out[n++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
    }
    out[n++] = '"';
    out[n] = '\0';
}

static bool first_line_is_values(const struct finder *f)
{
    for (uint32_t i = 0; i < f->n; i++)
        if (rt_contact_is_value(f->names[i]))
            return true;
    return false;
}

/* No header has an address for a title, whatever else stands in it. */
static bool has_address(const struct finder *f)
{
    struct rt_norm norm;

    for (uint32_t i = 0; i < f->n; i++)
        if (rt_norm_email_plain(f->names[i], NULL, &norm) == RT_NORM_OK)
            return true;
    return false;
}

/* Whether some title is known for something, be it of no use here: then the line is a
 * header, else it may as well be someone's name and town. */
static bool is_header(const struct finder *f)
{
    bool paired;

    for (uint32_t i = 0; i < f->n; i++)
        if (platform_name(f->platform, f->names[i])
            || rt_contact_name(f->names[i], &paired))
            return true;
    return false;
}

/* "email, or phone, or first_name + last_name + country + postcode" */
static void add_needs(const struct finder *f, char *out, size_t room)
{
    const struct rt_platform *p = f->platform;
    size_t n = 0;

    if (p->kind == RT_ROWS_CONTACT || p->kind == RT_ROWS_KEY)
        n = (size_t)snprintf(out, room, "email, or user_id, or client_id");
    for (size_t k = 0; k < RT_NEEDS_MAX && p->needs[k]; k++) {
        const char *between = k ? ", or " : "";

        for (uint32_t c = 0; c < p->ncolumns && n < room; c++) {
            const struct rt_platform_column *column = &p->columns[c];

            if (!(p->needs[k] & (rt_columns)1 << c))
                continue;
            n += (size_t)snprintf(out + n, room - n, "%s%s", between,
                column->names ? column->names[0] : rt_pii_name(column->field));
            between = " + ";
        }
    }
}

/* A column whose title is nearly a name that would have done, and that name. */
static const char *nearest(const struct finder *f, uint32_t *column)
{
    const char *names[64], *near = NULL;
    uint32_t n = field_names(f, names, 64);

    for (uint32_t i = 0; i < f->n && !near; i++) {
        *column = i;
        near = f->out->columns[i].field.p ? NULL : rt_near(f->names[i], names, n);
        if (near && (is_fed(f, rt_span_of(near)) || !is_wanted(f, rt_span_of(near))))
            near = NULL;
    }
    return near;
}

static int looks_like_values(const struct finder *f, struct rt_err *err)
{
    return rt_err_at(err, RT_EIO, f->input, 1, 0,
        "the first line looks like values: put a header line in front, such as "
        "\"email,phone\"");
}

static int nothing_of_use(const struct finder *f, struct rt_err *err)
{
    char shown[300] = "", needs[200] = "", hint[120] = "", title[80] = "";
    uint32_t column = 0;
    const char *near;

    if (f->n == 0)
        return rt_err_at(err, RT_EIO, f->input, 0, 0,
            "is empty: a header line is needed, such as \"email,phone\"");
    if (first_line_is_values(f))
        return looks_like_values(f, err);
    add_needs(f, needs, sizeof needs);
    near = nearest(f, &column);
    if (!is_header(f)) {
        if (near)
            snprintf(hint, sizeof hint, " (is column %u %s?)", column + 1, near);
        return rt_err_at(err, RT_EIO, f->input, 1, 0,
            "%s needs %s; no title of the first line is known%s: put a header line in "
            "front, or say which column is which with --map FIELD=COLUMN",
            f->platform->title, needs, hint);
    }
    for (uint32_t i = 0; i < f->n && i < SHOWN_MAX; i++)
        add_name(f, i, shown, sizeof shown);
    if (near) {
        add_name(f, column, title, sizeof title);
        snprintf(hint, sizeof hint, " (is %s %s?)", title, near);
    }
    return rt_err_at(err, RT_EIO, f->input, 1, 0,
        "%s needs %s; the columns are %s%s%s: say which is which with --map FIELD=COLUMN",
        f->platform->title, needs, shown, f->n > SHOWN_MAX ? ", ..." : "", hint);
}

/* ---- slots and what the rower gets */

static struct rt_span slot_name(const struct finder *f, uint32_t i)
{
    char text[24];
    int n = snprintf(text, sizeof text, "#%u", i + 1);

    return rt_arena_copy(f->arena, (struct rt_span) { text, (size_t)n });
}

/* The column's name in a list of contacts: the field it feeds, else its own. */
static struct rt_span contact_name(const struct finder *f, uint32_t i, bool *again)
{
    struct rt_span field = f->out->columns[i].field;
    char *own = rt_arena_bytes(f->arena, f->names[i].n + 1);

    *again = false;
    for (uint32_t k = 0; k < i && field.p; k++)
        *again = *again
            || (f->out->columns[k].field.p
                && rt_span_eq(f->out->columns[k].field, field));
    if (field.p && !*again)
        return field;
    return own ? (struct rt_span) { own, rt_fields_compared(f->names[i], own) }
               : RT_SPAN_ABSENT;
}

/* Notes that column i of the file is read. */
static int use_column(struct finder *f, uint32_t i)
{
    struct rt_hash_columns *out = f->out;
    uint32_t slot = RT_HASH_SLOTS_BEFORE + out->nused;
    struct rt_span *slots = (struct rt_span *)(uintptr_t)out->slots.names;
    struct rt_span field = out->columns[i].field, name;
    uint32_t pii = field.p ? pii_of(field) : RT_HASH_UNUSED;
    bool again;

    slots[slot] = slot_name(f, i);
    name = contact_name(f, i, &again);
    if (!slots[slot].p || !name.p)
        return RT_ENOMEM;
    if (field.p && rt_span_eq(field, RT_SPAN("client_id")))
        out->client_id = out->nused;
    if (pii == RT_PII_USER_ID)
        out->user_id = out->nused;
    if (pii == RT_HASH_UNUSED || (again && keeps_all(f->platform)))
        pii = RT_PII_COUNT + i;
    if (keeps_all(f->platform) || pii >= RT_PII_COUNT)
        out->contacts[out->ncontacts++] = (struct rt_contact_column) { name, pii };
    out->mappings[out->nused] = (struct rt_mapping) { slots[slot], f->names[i] };
    out->devices[out->nused] =
        pii == RT_PII_MOBILE_ID ? rt_norm_device_of(f->names[i]) : RT_DEVICE_UNKNOWN;
    out->fields[out->nused++] = pii;
    out->slots.n = slot + 1;
    return RT_OK;
}

static int use_columns(struct finder *f)
{
    struct rt_hash_columns *out = f->out;
    struct rt_span *slots =
        rt_arena_new(f->arena, f->n + RT_HASH_SLOTS_BEFORE, sizeof *slots);

    out->mappings = rt_arena_new(f->arena, f->n, sizeof *out->mappings);
    out->fields = rt_arena_new(f->arena, f->n, sizeof *out->fields);
    out->devices = rt_arena_new(f->arena, f->n, sizeof *out->devices);
    out->contacts = rt_arena_new(f->arena, f->n, sizeof *out->contacts);
    if (!slots || !out->mappings || !out->fields || !out->devices || !out->contacts)
        return RT_ENOMEM;
    slots[RT_SLOT_TIME] = RT_SPAN("time");
    slots[RT_SLOT_EVENT] = RT_SPAN("event");
    out->slots = (struct rt_slots) { RT_HASH_SLOTS_BEFORE, slots };
    for (uint32_t i = 0; i < f->n; i++)
        if ((out->columns[i].field.p || (keeps_all(f->platform) && f->names[i].n))
            && use_column(f, i) < 0)
            return RT_ENOMEM;
    return RT_OK;
}

static void count_repeats(struct finder *f)
{
    for (uint32_t c = 0; c < f->platform->ncolumns; c++) {
        const struct rt_platform_column *column = &f->platform->columns[c];

        for (uint32_t i = 0; i < f->out->nused; i++)
            if (column->field == f->out->fields[i] && f->out->repeats[c] < column->many)
                f->out->repeats[c]++;
    }
}

int rt_hash_columns_find(struct rt_hash_columns *out, const struct rt_platform *platform,
    const struct rt_hash_options *options, const struct rt_span *names, uint32_t n,
    struct rt_arena *arena, struct rt_err *err)
{
    struct finder f = { out, platform, options, names, n,
        strcmp(options->input, "-") ? options->input : "standard input", arena };
    int rc = RT_OK;

    *out = (struct rt_hash_columns) {
        .ncolumns = n, .user_id = RT_HASH_UNUSED, .client_id = RT_HASH_UNUSED
    };
    out->columns = rt_arena_new(arena, n + 1, sizeof *out->columns);
    if (!out->columns)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < n; i++)
        out->columns[i] = (struct rt_hash_column) { names[i], RT_SPAN_ABSENT };
    if (has_address(&f))
        return looks_like_values(&f, err);
    for (uint32_t m = 0; m < options->nmaps && rc == RT_OK; m++)
        rc = apply_map(&f, &options->maps[m], err);
    if (rc < 0)
        return rc;
    apply_known(&f);
    drop_unwanted(&f);
    if (!is_of_use(&f))
        return nothing_of_use(&f, err);
    if (use_columns(&f) < 0)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    count_repeats(&f);
    return RT_OK;
}
