/* Columns to fields, reasons, batches and tallies. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "events/fields.h"

Suite *fields_suite(void);

/* Headers and mappings, written with blanks between them: "column=field" is a mapping.
 * What comes of it: the fields in the order of the columns, '-' for a shadowed one, a '*'
 * behind a renamed one, "/own" behind one that keeps its own name too. */
static const struct {
    const char *name, *header, *mappings;
    bool contacts;
    const char *fields;
    const char *error;
} cases[] = {
    { "canonical names", "time event user_id", "", false, "time event user_id", NULL },
    { "any case, '-' and '.' as '_'", "TIME Event-ID user.id", "", false,
        "time event_id user_id", NULL },
    { "well known", "event_time event_type price", "", false,
        "time*/event_time event*/event_type value*/price", NULL },
    { "the first well-known column counts", "ts created_at", "", false,
        "time*/ts created_at", NULL },
    { "first by place, not by the manual's order", "created_at event_time", "", false,
        "time*/created_at event_time", NULL },
    { "a canonical column before a well-known one", "price value", "", false,
        "price value", NULL },
    { "a mapping before a canonical column", "uid user_id", "uid=user_id", false,
        "user_id* -", NULL },
    { "a mapped column has its new name alone", "price", "price=cost", false, "cost*",
        NULL },
    { "a mapping as written before one in compared form", "Email email", "email=user_id",
        false, "email user_id*", NULL },
    { "a mapping in compared form", "Customer-ID", "customer_id=client_id", false,
        "client_id*", NULL },
    { "two mappings in two columns of one name", "id id", "id=user_id id=client_id",
        false, "user_id* client_id*", NULL },
    { "of two with one name the first counts", "brand Brand", "", false, "brand -",
        NULL },
    { "others keep their names", "Colour size", "", false, "colour size", NULL },
    { "contacts have headers of their own", "fn ln zip", "", true,
        "first_name*/fn last_name*/ln postcode*/zip", NULL },
    { "events do not know them", "fn zip", "", false, "fn zip", NULL },
    { "contacts do not know those of events", "price event_type", "", true,
        "price event_type", NULL },
    { "ids are known to both", "customerid mobile", "", true,
        "user_id*/customerid phone*/mobile", NULL },
    { "no such column", "event_time event", "event_tme=time", false, NULL,
        "no column \"event_tme\", named in \"fields\" for \"time\": did you mean "
        "\"event_time\"" },
    { "no such column, nothing near", "a b", "zebra=time", false, NULL,
        "no column \"zebra\", named in \"fields\" for \"time\"" },
    { "one column for two fields", "email", "email=user_id email=email", false, NULL,
        "column \"email\" is named twice in \"fields\": a column feeds one field" },
};

/* Splits at blanks. */
static size_t split(const char *text, struct rt_span *parts)
{
    size_t n = 0;

    while (*text) {
        size_t length = strcspn(text, " ");

        parts[n++] = (struct rt_span) { text, length };
        text += length + (text[length] == ' ');
    }
    return n;
}

static void describe(const struct rt_column *columns, size_t n, struct rt_buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            rt_buf_addc(out, ' ');
        if (columns[i].shadowed)
            rt_buf_addc(out, '-');
        rt_buf_add(out, columns[i].field.p, columns[i].field.n);
        if (columns[i].renamed)
            rt_buf_addc(out, '*');
        if (columns[i].own.p)
            rt_buf_addf(out, "/%.*s", (int)columns[i].own.n, columns[i].own.p);
    }
}

START_TEST(assign)
{
    struct rt_span names[8], texts[8];
    struct rt_mapping mappings[8];
    struct rt_column columns[8];
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_err err = { 0 };
    struct rt_buf got = RT_BUF_INIT(1000);
    size_t n = split(cases[_i].header, names),
           nmappings = split(cases[_i].mappings, texts);
    int rc;

    for (size_t i = 0; i < nmappings; i++) {
        const char *equals = memchr(texts[i].p, '=', texts[i].n);

        mappings[i].column =
            (struct rt_span) { texts[i].p, (size_t)(equals - texts[i].p) };
        mappings[i].field = (struct rt_span) { equals + 1,
            (size_t)(texts[i].p + texts[i].n - equals - 1) };
    }
    rc = rt_fields_assign(names, n, mappings, nmappings, false, cases[_i].contacts,
        &arena, columns, "in.csv", &err);
    ck_assert_msg(rc == (cases[_i].error ? RT_EIO : RT_OK), "%s: %d %s", cases[_i].name,
        rc, err.text);
    if (rc == RT_OK) {
        describe(columns, n, &got);
        ck_assert_str_eq(rt_buf_text(&got), cases[_i].fields);
    } else {
        ck_assert_str_eq(err.text, cases[_i].error);
        ck_assert_str_eq(err.source, "in.csv");
    }
    rt_buf_release(&got);
    rt_arena_release(&arena);
}
END_TEST

START_TEST(assign_by_number)
{
    struct rt_mapping mappings[] = { { RT_SPAN("time"), RT_SPAN("2") },
        { RT_SPAN("event"), RT_SPAN("12") } };
    struct rt_mapping wrong[][1] = { { { RT_SPAN("time"), RT_SPAN("13") } },
        { { RT_SPAN("time"), RT_SPAN("0") } }, { { RT_SPAN("time"), RT_SPAN("ts") } } };
    struct rt_column columns[12];
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_buf got = RT_BUF_INIT(1000);

    ck_assert_int_eq(rt_fields_assign(NULL, 12, mappings, 2, true, false, &arena, columns,
                         "in.csv", NULL),
        RT_OK);
    describe(columns, 12, &got);
    ck_assert_str_eq(rt_buf_text(&got), "1 time* 3 4 5 6 7 8 9 10 11 event*");
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(rt_fields_assign(NULL, 12, wrong[i], 1, true, false, &arena,
                             columns, "in.csv", NULL),
            RT_EIO);
    rt_buf_release(&got);
    rt_arena_release(&arena);
}
END_TEST

START_TEST(find)
{
    struct rt_span names[] = { RT_SPAN("price"), RT_SPAN("ts"), RT_SPAN("brand"),
        RT_SPAN("Brand") };
    struct rt_column columns[4];
    struct rt_arena arena = RT_ARENA_INIT;

    ck_assert_int_eq(
        rt_fields_assign(names, 4, NULL, 0, false, false, &arena, columns, "x", NULL),
        RT_OK);
    ck_assert_uint_eq(rt_fields_find(columns, 4, RT_SPAN("value")), 0);
    ck_assert_uint_eq(rt_fields_find(columns, 4, RT_SPAN("price")), 0);
    ck_assert_uint_eq(rt_fields_find(columns, 4, RT_SPAN("time")), 1);
    ck_assert_uint_eq(rt_fields_find(columns, 4, RT_SPAN("brand")), 2);
    ck_assert_uint_eq(rt_fields_find(columns, 4, RT_SPAN("Brand")), 2);
    ck_assert_uint_eq(rt_fields_find(columns, 4, RT_SPAN("Price")), 0);
    ck_assert_uint_eq(rt_fields_find(columns, 4, RT_SPAN("colour")), 4);
    ck_assert_uint_eq(rt_fields_find(columns, 4, RT_SPAN("Brands")), 4);
    rt_arena_release(&arena);
}
END_TEST

/* A column keeps its name in both spellings, and a renamed one neither. */
START_TEST(find_own_name)
{
    struct rt_span names[] = { RT_SPAN("Last Order"), RT_SPAN("Due-Date") };
    struct rt_mapping mapping = { .field = RT_SPAN("due"),
        .column = RT_SPAN("Due-Date") };
    struct rt_column columns[2];
    struct rt_arena arena = RT_ARENA_INIT;

    ck_assert_int_eq(
        rt_fields_assign(names, 2, &mapping, 1, false, false, &arena, columns, "x", NULL),
        RT_OK);
    ck_assert_uint_eq(rt_fields_find(columns, 2, RT_SPAN("Last Order")), 0);
    ck_assert_uint_eq(rt_fields_find(columns, 2, RT_SPAN("last_order")), 0);
    ck_assert_uint_eq(rt_fields_find(columns, 2, RT_SPAN("due")), 1);
    ck_assert_uint_eq(rt_fields_find(columns, 2, RT_SPAN("Due-Date")), 2);
    ck_assert_uint_eq(rt_fields_find(columns, 2, RT_SPAN("due_date")), 2);
    rt_arena_release(&arena);
}
END_TEST

/* The widest header that is allowed, all of one name: no work that grows by its square.
 */
START_TEST(wide_header)
{
    static struct rt_span names[RT_FIELDS_MAX];
    static struct rt_column columns[RT_FIELDS_MAX];
    struct rt_arena arena = RT_ARENA_INIT;

    for (int i = 0; i < RT_FIELDS_MAX; i++)
        names[i] = RT_SPAN("x");
    ck_assert_int_eq(rt_fields_assign(names, RT_FIELDS_MAX, NULL, 0, false, false, &arena,
                         columns, "x", NULL),
        RT_OK);
    ck_assert(!columns[0].shadowed && columns[1].shadowed);
    rt_arena_release(&arena);
}
END_TEST

START_TEST(known_names_are_compared_forms)
{
    char form[64];

    for (int contacts = 0; contacts < 2; contacts++) {
        const char *const *names = contacts ? rt_fields_contact() : rt_fields_canonical();

        for (; *names; names++) {
            struct rt_span name = rt_span_of(*names);

            ck_assert(rt_span_eq(
                (struct rt_span) { form, rt_fields_compared(name, form) }, name));
            ck_assert_ptr_null(rt_fields_known(name, contacts));
        }
    }
    ck_assert_uint_eq(rt_fields_compared(RT_SPAN("\t Last-Order At. "), form), 14);
    ck_assert(rt_span_eq((struct rt_span) { form, 14 }, RT_SPAN("last_order_at_")));
    ck_assert_str_eq(rt_fields_known(RT_SPAN("user_pseudo_id"), false), "client_id");
}
END_TEST

START_TEST(tally)
{
    struct rt_tally t = { 0 };

    for (uint32_t i = 0; i < 100; i++)
        ck_assert_int_eq(rt_tally_reject(&t, RT_REJECT_BAD_TIME, i, 2 * i, 3 * i), RT_OK);
    rt_tally_drop(&t, RT_DROP_BOT);
    ck_assert_uint_eq(t.nrejects, 100);
    ck_assert_uint_eq(t.count[RT_REJECT_BAD_TIME], 100);
    ck_assert_uint_eq(t.count[RT_DROP_BOT], 1);
    ck_assert_uint_eq(t.rejects[99].size, 198);
    rt_tally_reset(&t);
    ck_assert_uint_eq(t.nrejects + t.count[RT_REJECT_BAD_TIME] + t.count[RT_DROP_BOT], 0);
    rt_tally_release(&t);
    for (int r = 0; r < RT_REASONS; r++) {
        ck_assert_ptr_nonnull(rt_reason_name((enum rt_reason)r));
        ck_assert_ptr_nonnull(rt_reason_text((enum rt_reason)r));
        for (int other = 0; other < r; other++)
            ck_assert_str_ne(
                rt_reason_name((enum rt_reason)r), rt_reason_name((enum rt_reason)other));
    }
}
END_TEST

Suite *fields_suite(void)
{
    Suite *s = suite_create("fields");
    TCase *tc = tcase_create("fields");

    tcase_add_loop_test(tc, assign, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tc, assign_by_number);
    tcase_add_test(tc, find);
    tcase_add_test(tc, find_own_name);
    tcase_add_test(tc, wide_header);
    tcase_add_test(tc, known_names_are_compared_forms);
    tcase_add_test(tc, tally);
    suite_add_tcase(s, tc);
    return s;
}
