/*
 * Which column feeds which field. The table of well-known headers is the manual's, in its
 * order: of two columns that could feed a field the first in the file counts, not the
 * first in the table.
 *
 * A header has up to RT_FIELDS_MAX columns, so fields are looked for one by one only
 * among the few names of the tables; columns are compared with each other by their
 * hashes.
 */
#include "events/fields.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/near.h"

static const char *const canonical[] = { "time", "event", "event_id", "user_id",
    "client_id", "session_id", "email", "phone", "url", "referrer", "ip", "user_agent",
    "method", "status", "bytes", "product_id", "category", "brand", "value", "quantity",
    "currency", "order_id", "percent", "campaign", "country", "device", "consent", NULL };

static const char *const contact[] = { "user_id", "client_id", "session_id", "email",
    "phone", "first_name", "last_name", "street", "city", "region", "postcode", "country",
    "birth_date", "gender", "mobile_id", NULL };

enum { IN_EVENTS = 1, IN_CONTACTS = 2, IN_BOTH = 3 };

static const struct known {
    const char *header, *field;
    int where;
} well_known[] = {
    { "event_time", "time", IN_EVENTS },
    { "timestamp", "time", IN_EVENTS },
    { "ts", "time", IN_EVENTS },
    { "datetime", "time", IN_EVENTS },
    { "date_time", "time", IN_EVENTS },
    { "created_at", "time", IN_EVENTS },
    { "occurred_at", "time", IN_EVENTS },
    { "event_timestamp", "time", IN_EVENTS },
    { "invoicedate", "time", IN_EVENTS },
    { "event_type", "event", IN_EVENTS },
    { "event_name", "event", IN_EVENTS },
    { "action", "event", IN_EVENTS },
    { "message_id", "event_id", IN_EVENTS },
    { "insert_id", "event_id", IN_EVENTS },
    { "userid", "user_id", IN_BOTH },
    { "customer_id", "user_id", IN_BOTH },
    { "customerid", "user_id", IN_BOTH },
    { "visitorid", "client_id", IN_BOTH },
    { "visitor_id", "client_id", IN_BOTH },
    { "cookie_id", "client_id", IN_BOTH },
    { "anonymous_id", "client_id", IN_BOTH },
    { "user_pseudo_id", "client_id", IN_BOTH },
    { "sessionid", "session_id", IN_BOTH },
    { "user_session", "session_id", IN_BOTH },
    { "ga_session_id", "session_id", IN_BOTH },
    { "email_address", "email", IN_BOTH },
    { "e_mail", "email", IN_BOTH },
    { "phone_number", "phone", IN_BOTH },
    { "mobile", "phone", IN_BOTH },
    { "page_location", "url", IN_EVENTS },
    { "page_url", "url", IN_EVENTS },
    { "uri", "url", IN_EVENTS },
    { "referer", "referrer", IN_EVENTS },
    { "page_referrer", "referrer", IN_EVENTS },
    { "ip_address", "ip", IN_EVENTS },
    { "remote_addr", "ip", IN_EVENTS },
    { "client_ip", "ip", IN_EVENTS },
    { "useragent", "user_agent", IN_EVENTS },
    { "itemid", "product_id", IN_EVENTS },
    { "item_id", "product_id", IN_EVENTS },
    { "sku", "product_id", IN_EVENTS },
    { "stockcode", "product_id", IN_EVENTS },
    { "category_code", "category", IN_EVENTS },
    { "item_category", "category", IN_EVENTS },
    { "price", "value", IN_EVENTS },
    { "revenue", "value", IN_EVENTS },
    { "amount", "value", IN_EVENTS },
    { "unitprice", "value", IN_EVENTS },
    { "qty", "quantity", IN_EVENTS },
    { "transactionid", "order_id", IN_EVENTS },
    { "transaction_id", "order_id", IN_EVENTS },
    { "invoiceno", "order_id", IN_EVENTS },
    { "invoice_no", "order_id", IN_EVENTS },
    { "video_percent", "percent", IN_EVENTS },
    { "progress", "percent", IN_EVENTS },
    { "country_code", "country", IN_BOTH },
    { "device_category", "device", IN_EVENTS },
    { "firstname", "first_name", IN_CONTACTS },
    { "given_name", "first_name", IN_CONTACTS },
    { "fn", "first_name", IN_CONTACTS },
    { "lastname", "last_name", IN_CONTACTS },
    { "surname", "last_name", IN_CONTACTS },
    { "family_name", "last_name", IN_CONTACTS },
    { "ln", "last_name", IN_CONTACTS },
    { "town", "city", IN_CONTACTS },
    { "ct", "city", IN_CONTACTS },
    { "state", "region", IN_CONTACTS },
    { "province", "region", IN_CONTACTS },
    { "st", "region", IN_CONTACTS },
    { "postal_code", "postcode", IN_CONTACTS },
    { "zip", "postcode", IN_CONTACTS },
    { "zip_code", "postcode", IN_CONTACTS },
    { "address", "street", IN_CONTACTS },
    { "address1", "street", IN_CONTACTS },
    { "birthday", "birth_date", IN_CONTACTS },
    { "dob", "birth_date", IN_CONTACTS },
    { "sex", "gender", IN_CONTACTS },
    { "gen", "gender", IN_CONTACTS },
    { "madid", "mobile_id", IN_CONTACTS },
    { "idfa", "mobile_id", IN_CONTACTS },
    { "gaid", "mobile_id", IN_CONTACTS },
};

static char compared_char(char c)
{
    return c == ' ' || c == '-' || c == '.' ? '_' : rt_ascii_lower(c);
}

size_t rt_fields_compared(struct rt_span name, char *out)
{
    struct rt_span s = rt_span_trim(name);

    for (size_t i = 0; i < s.n; i++)
        out[i] = compared_char(s.p[i]);
    return s.n;
}

const char *rt_fields_known(struct rt_span compared, bool contacts)
{
    int where = contacts ? IN_CONTACTS : IN_EVENTS;

    for (size_t i = 0; i < sizeof well_known / sizeof *well_known; i++)
        if ((well_known[i].where & where)
            && rt_span_eq(compared, rt_span_of(well_known[i].header)))
            return well_known[i].field;
    return NULL;
}

const char *rt_fields_header(struct rt_span field, size_t n)
{
    for (size_t i = 0; i < sizeof well_known / sizeof *well_known; i++)
        if ((well_known[i].where & IN_EVENTS)
            && rt_span_eq(field, rt_span_of(well_known[i].field)) && n-- == 0)
            return well_known[i].header;
    return NULL;
}

const char *const *rt_fields_canonical(void)
{
    return canonical;
}

const char *const *rt_fields_contact(void)
{
    return contact;
}

/* ---- rt_fields_assign */

struct assignment {
    const struct rt_span *names;
    size_t ncols;
    const struct rt_span *compared; /* of each name */
    bool *mapped;                   /* by a mapping */
    struct rt_column *columns;
    const char *input;
};

/* The number that a text of digits names, or 0. */
static size_t column_number(struct rt_span text)
{
    size_t number = 0;

    if (!text.n)
        return 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || number > RT_FIELDS_MAX)
            return 0;
        number = number * 10 + (size_t)(text.p[i] - '0');
    }
    return number;
}

static bool is_free_column(const struct assignment *a, size_t i, struct rt_span wanted,
    const struct rt_span *texts)
{
    return !a->mapped[i] && rt_span_eq(texts[i], wanted);
}

/* The column with this header: as written, else in its compared form; ncols: none. */
static size_t column_named(
    const struct assignment *a, struct rt_span wanted, char *scratch)
{
    struct rt_span compared = { scratch, rt_fields_compared(wanted, scratch) };

    for (size_t i = 0; i < a->ncols; i++)
        if (is_free_column(a, i, wanted, a->names))
            return i;
    for (size_t i = 0; i < a->ncols; i++)
        if (is_free_column(a, i, compared, a->compared))
            return i;
    return a->ncols;
}

static bool is_mapped_already(
    const struct assignment *a, struct rt_span wanted, struct rt_span compared)
{
    for (size_t i = 0; i < a->ncols; i++)
        if (a->mapped[i]
            && (rt_span_eq(a->names[i], wanted) || rt_span_eq(a->compared[i], compared)))
            return true;
    return false;
}

/* Names the nearest header. Headers are no personal data; the caller has made sure that
 * what stands there is a header. */
static int no_such_column(const struct assignment *a, const struct rt_mapping *m,
    struct rt_arena *arena, struct rt_err *err)
{
    const char **texts = rt_arena_new(arena, a->ncols + 1, sizeof *texts);
    const char *near;

    for (size_t i = 0; texts && i < a->ncols; i++) {
        texts[i] = rt_arena_copy(arena, a->names[i]).p;
        if (!texts[i])
            texts = NULL;
    }
    if (!texts)
        return rt_err_at(err, RT_ENOMEM, a->input, 0, 0, "out of memory");
    near = rt_near(m->column, texts, a->ncols);
    if (near)
        return rt_err_at(err, RT_EIO, a->input, 1, 0,
            "no column \"%.*s\", named in \"fields\" for \"%.*s\": did you mean \"%s\"",
            (int)(m->column.n < 200 ? m->column.n : 200), m->column.p,
            (int)(m->field.n < 200 ? m->field.n : 200), m->field.p, near);
    return rt_err_at(err, RT_EIO, a->input, 1, 0,
        "no column \"%.*s\", named in \"fields\" for \"%.*s\"",
        (int)(m->column.n < 200 ? m->column.n : 200), m->column.p,
        (int)(m->field.n < 200 ? m->field.n : 200), m->field.p);
}

static int apply_mapping(struct assignment *a, const struct rt_mapping *m, bool by_number,
    struct rt_arena *arena, struct rt_err *err)
{
    char *scratch = rt_arena_bytes(arena, m->column.n + 1);
    size_t i;

    if (!scratch)
        return rt_err_at(err, RT_ENOMEM, a->input, 0, 0, "out of memory");
    if (by_number) {
        i = column_number(m->column);
        if (i == 0 || i > a->ncols)
            return rt_err_at(err, RT_EIO, a->input, 1, 0,
                "no column %.*s, named in \"fields\" for \"%.*s\": columns are numbered "
                "from 1 to %zu",
                (int)(m->column.n < 40 ? m->column.n : 40), m->column.p,
                (int)(m->field.n < 200 ? m->field.n : 200), m->field.p, a->ncols);
        i = a->mapped[i - 1] ? a->ncols : i - 1;
    } else {
        i = column_named(a, m->column, scratch);
    }
    if (i == a->ncols
        && (by_number
            || is_mapped_already(a, m->column,
                (struct rt_span) { scratch, rt_fields_compared(m->column, scratch) })))
        return rt_err_at(err, RT_EIO, a->input, 1, 0,
            "column \"%.*s\" is named twice in \"fields\": a column feeds one field",
            (int)(m->column.n < 200 ? m->column.n : 200), m->column.p);
    if (i == a->ncols)
        return no_such_column(a, m, arena, err);
    a->mapped[i] = true;
    a->columns[i].field = m->field;
    return RT_OK;
}

static bool is_fed(const struct assignment *a, struct rt_span field)
{
    for (size_t i = 0; i < a->ncols; i++)
        if (rt_span_eq(a->columns[i].field, field))
            return true;
    return false;
}

/* Fields still without a column take the first whose header is well known for them. */
static void apply_well_known(struct assignment *a, bool contacts)
{
    for (size_t i = 0; i < a->ncols; i++) {
        const char *field =
            a->mapped[i] ? NULL : rt_fields_known(a->compared[i], contacts);

        if (!field || is_fed(a, rt_span_of(field)))
            continue;
        a->columns[i].field = rt_span_of(field);
        a->columns[i].own = a->compared[i];
    }
}

/*
 * Of columns with one field the mapped one counts, else the first; the others are
 * shadowed. An open table of column numbers by the field's hash: a header of thousands of
 * columns would take millions of comparisons pair by pair.
 */
static int shadow_repeats(const struct assignment *a, struct rt_arena *arena)
{
    size_t room = 16;
    uint32_t *seen; /* 1 + column */

    while (room < a->ncols * 2)
        room *= 2;
    seen = rt_arena_new(arena, room, sizeof *seen);
    if (!seen)
        return RT_ENOMEM;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < a->ncols; i++) {
            struct rt_column *column = &a->columns[i];
            size_t at = rt_hash64(column->field, 0) & (room - 1);

            if (a->mapped[i] != (pass == 0))
                continue;
            while (seen[at] && !rt_span_eq(a->columns[seen[at] - 1].field, column->field))
                at = (at + 1) & (room - 1);
            column->shadowed = seen[at] != 0;
            if (!seen[at])
                seen[at] = (uint32_t)i + 1;
        }
    return RT_OK;
}

/* The compared form of each name; names of its own for columns that have only numbers. */
static int compare_names(struct assignment *a, struct rt_arena *arena)
{
    struct rt_span *compared = rt_arena_new(arena, a->ncols + 1, sizeof *compared);
    struct rt_span *numbers = rt_arena_new(arena, a->ncols + 1, sizeof *numbers);

    if (!compared || !numbers)
        return RT_ENOMEM;
    for (size_t i = 0; i < a->ncols; i++) {
        char *p = rt_arena_bytes(arena, (a->names ? a->names[i].n : 0) + 24);
        char *digit = p ? p + 23 : NULL;

        if (!p)
            return RT_ENOMEM;
        if (a->names) {
            compared[i] = (struct rt_span) { p, rt_fields_compared(a->names[i], p) };
            continue;
        }
        for (size_t rest = i + 1; rest; rest /= 10)
            *--digit = (char)('0' + rest % 10);
        numbers[i] = compared[i] = (struct rt_span) { digit, (size_t)(p + 23 - digit) };
    }
    a->compared = compared;
    if (!a->names)
        a->names = numbers;
    return RT_OK;
}

int rt_fields_assign(const struct rt_span *names, size_t ncols,
    const struct rt_mapping *mappings, size_t nmappings, bool by_number, bool contacts,
    struct rt_arena *arena, struct rt_column *columns, const char *input,
    struct rt_err *err)
{
    struct assignment a = { names, ncols, NULL, NULL, columns, input };

    a.mapped = rt_arena_new(arena, ncols + 1, sizeof *a.mapped);
    if (!a.mapped || compare_names(&a, arena) < 0)
        return rt_err_at(err, RT_ENOMEM, input, 0, 0, "out of memory");
    for (size_t i = 0; i < ncols; i++)
        columns[i] = (struct rt_column) { .name = a.names[i], .field = a.compared[i] };
    for (size_t i = 0; i < nmappings; i++) {
        int rc = apply_mapping(&a, &mappings[i], by_number, arena, err);

        if (rc < 0)
            return rc;
    }
    if (!by_number)
        apply_well_known(&a, contacts);
    if (shadow_repeats(&a, arena) < 0)
        return rt_err_at(err, RT_ENOMEM, input, 0, 0, "out of memory");
    for (size_t i = 0; i < ncols; i++) {
        if (columns[i].shadowed)
            columns[i].field = RT_SPAN_ABSENT;
        else
            columns[i].renamed = !rt_span_eq(columns[i].field, a.compared[i]);
    }
    return RT_OK;
}

/* Is that the compared form of this name? */
static bool is_compared_form(struct rt_span compared, struct rt_span name)
{
    name = rt_span_trim(name);
    if (!compared.p || compared.n != name.n)
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (compared.p[i] != compared_char(name.p[i]))
            return false;
    return true;
}

size_t rt_fields_find(const struct rt_column *columns, size_t ncols, struct rt_span field)
{
    for (size_t i = 0; i < ncols; i++)
        if (columns[i].field.p && rt_span_eq(columns[i].field, field))
            return i;
    for (size_t i = 0; i < ncols; i++)
        if (columns[i].own.p && rt_span_eq(columns[i].own, field))
            return i;
    for (size_t i = 0; i < ncols; i++)
        if (is_compared_form(columns[i].own.p ? columns[i].own : columns[i].field, field))
            return i;
    return ncols;
}
