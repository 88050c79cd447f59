/* match: which records are kept, what they carry, and what is counted beside. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "people/eventclass.h"
#include "planned.h"

Suite *match_suite(void);

#define SEGMENT(match)                                                                   \
    "{\"version\": 1, \"segments\": [{\"name\": \"s\", \"match\": " match "}]}"

#define STARTS "{\"did\": \"*\", \"where\": {\"path\": {\"starts_with\": \"/c/x\"}}}"

static const struct {
    const char *name, *json, *record;
    bool kept;
    uint32_t nvalues;
} records[] = {
    { "wanted", SEGMENT("{\"did\": \"a\"}"), "a", true, 0 },
    { "not wanted", SEGMENT("{\"did\": \"a\"}"), "b", false, 0 },
    { "names by bytes", SEGMENT("{\"did\": \"a\"}"), "A", false, 0 },
    { "where fails", SEGMENT("{\"did\": \"a\", \"where\": {\"p\": \"x\"}}"), "a p=y",
        false, 0 },
    { "a number is carried", SEGMENT("{\"did\": \"a\", \"sum\": \"v\", \"gt\": 1}"),
        "a v=2", true, 1 },
    { "a text is two words",
        SEGMENT("{\"did\": \"a\", \"distinct\": \"p\", \"at_least\": 2}"), "a p=x", true,
        2 },
    { "an anchor is wanted", SEGMENT("{\"did\": \"a\", \"since_last\": \"k\"}"), "k",
        true, 0 },
    { "a contact row nobody asks for", SEGMENT("{\"did\": \"*\"}"), "- country=IT", false,
        0 },
    { "a contact row", SEGMENT("{\"profile\": {\"country\": \"IT\"}}"), "- country=IT",
        true, 0 },
    { "an event is no contact row", SEGMENT("{\"profile\": {\"country\": \"IT\"}}"),
        "a country=IT", false, 0 },
    { "derived of the url", SEGMENT("{\"did\": \"a\", \"where\": {\"path\": \"/x\"}}"),
        "a url=https://h.example/x?q=1", true, 0 },
    { "its own value before a derived one",
        SEGMENT("{\"did\": \"a\", \"where\": {\"path\": \"/x\"}}"),
        "a path=/y url=https://h.example/x", false, 0 },
    { "the beginning of a derived one", SEGMENT(STARTS), "a url=https://h/c/x1", true,
        0 },
    { "coded", SEGMENT(STARTS), "a url=https://h/%63/%78", true, 0 },
    { "coded, another", SEGMENT(STARTS), "a url=https://h/%63/y", false, 0 },
    { "shorter", SEGMENT(STARTS), "a url=https://h/c/?/c/x", false, 0 },
    { "a host like it", SEGMENT(STARTS), "a url=/c/y", false, 0 },
    { "the beginning of its own", SEGMENT(STARTS), "a path=/c/x url=https://h/q", true,
        0 },
    { "its own does not begin so", SEGMENT(STARTS), "a path=/q url=https://h/c/x", false,
        0 },
    { "its own is not decoded", SEGMENT(STARTS), "a path=/%63/x url=https://h/c/x", false,
        0 },
};

START_TEST(record)
{
    struct rt_matched m;
    struct planned p;

    planned_open(&p, records[_i].json);
    for (int again = 0; again < 2; again++) { /* from memory the second time */
        planned_match(&p, records[_i].record, PLANNED_AS_OF - 1000000, &m);
        ck_assert_msg(
            (m.kind != 0) == records[_i].kept, "%s: %u", records[_i].name, m.kind);
        ck_assert_uint_eq(m.nvalues, records[_i].nvalues);
        ck_assert_uint_eq(rt_kinds_nvalues(p.kinds)[m.kind], m.nvalues);
    }
    planned_close(&p);
}
END_TEST

START_TEST(kinds_are_sets_of_matchers)
{
    struct rt_matched a, b, both;
    struct planned p;

    planned_open(&p,
        "{\"version\": 1, \"segments\": [{\"name\": \"s\", \"match\": {\"did\": \"a\"}}, "
        "{\"name\": \"t\", \"match\": {\"did\": \"*\", \"where\": {\"p\": \"x\"}}}]}");
    planned_match(&p, "a", PLANNED_AS_OF, &a);
    planned_match(&p, "b p=x", PLANNED_AS_OF, &b);
    planned_match(&p, "a p=x", PLANNED_AS_OF, &both);
    ck_assert_uint_ne(a.kind, b.kind);
    ck_assert_uint_ne(a.kind, both.kind);
    ck_assert_uint_eq(rt_kinds_count(p.kinds), 4); /* and the empty one */
    for (uint32_t w = 0; w < p.plan->matcher_words; w++)
        ck_assert_uint_eq(rt_kinds_bits(p.kinds, both.kind)[w],
            rt_kinds_bits(p.kinds, a.kind)[w] | rt_kinds_bits(p.kinds, b.kind)[w]);
    planned_close(&p);
}
END_TEST

START_TEST(values)
{
    struct rt_matched x, y, none;
    struct planned p;

    planned_open(&p,
        SEGMENT("{\"all\": [{\"did\": \"a\", \"sum\": \"v\", \"gt\": 1}, "
                "{\"did\": \"a\", \"distinct\": \"p\", \"at_least\": 2}]}"));
    planned_match(&p, "a v=-1.5 p=x", PLANNED_AS_OF, &x);
    planned_match(&p, "a v=1,5 p=y", PLANNED_AS_OF, &y);
    ck_assert_uint_eq(rt_match_counts(p.match).not_numbers, 1);
    planned_match(&p, "a", PLANNED_AS_OF, &none);
    ck_assert_uint_eq(
        rt_match_counts(p.match).not_numbers, 0); /* what is absent is none */
    for (uint32_t v = 0; v < p.plan->nvalues; v++) {
        uint32_t at = rt_kinds_value_at(p.kinds, x.kind, v);

        if (p.plan->values[v].text) {
            ck_assert(
                x.values[at] != y.values[at] || x.values[at + 1] != y.values[at + 1]);
            ck_assert_uint_eq(none.values[at] | none.values[at + 1], 0);
        } else {
            ck_assert_int_eq((int64_t)x.values[at], -1500000);
            ck_assert_int_eq((int64_t)y.values[at], RT_NO_NUMBER);
            ck_assert_int_eq((int64_t)none.values[at], RT_NO_NUMBER);
        }
    }
    planned_close(&p);
}
END_TEST

START_TEST(out_of_all_windows)
{
    struct rt_matched m;
    struct planned p;

    planned_open(&p, SEGMENT("{\"did\": \"a\", \"in_last\": \"1h\"}"));
    planned_match(&p, "a", PLANNED_AS_OF - INT64_C(3600000000), &m);
    ck_assert_uint_eq(m.kind, 0);
    planned_match(&p, "a", PLANNED_AS_OF - INT64_C(3599999999), &m);
    ck_assert_uint_ne(m.kind, 0);
    planned_close(&p);
}
END_TEST

/* Fields by one test and by formulas, remembered and not, some looked at for a while only. */
static const char batch_json[] =
    "{\"version\": 1, \"segments\": ["
    "{\"name\": \"a\", \"match\": {\"did\": \"a\", \"where\": {\"p\": \"x\"}}}, "
    "{\"name\": \"b\", \"match\": {\"did\": \"*\", \"where\": {\"p\": {\"regex\": "
    "\"^[xy]\"}}, "
    "\"in_last\": \"20s\"}}, "
    "{\"name\": \"c\", \"match\": {\"did\": [\"a\", \"b\"], \"where\": {\"any\": "
    "[{\"p\": \"y\"}, "
    "{\"not\": {\"q\": {\"gte\": 2}}}]}, \"sum\": \"q\", \"gt\": 1}}, "
    "{\"name\": \"d\", \"match\": {\"did\": \"c\", \"where\": {\"p\": {\"glob\": "
    "\"*z\"}, "
    "\"q\": {\"lt\": 9}}, \"ago\": {\"min\": \"10s\"}}}, "
    "{\"name\": \"e\", \"match\": {\"did\": \"*\", \"where\": {\"path\": "
    "{\"starts_with\": \"/x\"}}, \"distinct\": \"p\", \"at_least\": 2}}, "
    "{\"name\": \"f\", \"match\": {\"did\": \"b\", \"where\": {\"query.q\": [\"x\", "
    "\"y\"]}}}]}";

static const char *drawn(uint32_t *seed)
{
    static const char *const forms[] = { "a", "b", "c", "d", "a p=x", "a p=y q=1",
        "b p=yz q=3", "c p=xz q=x", "c p=z q=8.5", "b url=/x?q=x", "d url=/y?q=x p=x",
        "b url=https://h/xx?q=y q=0", "a q=9 p=zz", "b path=/x1 url=/y?q=z" };

    *seed = *seed * 1664525 + 1013904223;
    return forms[(*seed >> 16) % (sizeof forms / sizeof *forms)];
}

START_TEST(a_batch_is_its_records)
{
    struct rt_timeform form = { .kind = RT_TIME_ANY };
    struct rt_found found[RT_BATCH_ROWS];
    int64_t times[RT_BATCH_ROWS];
    uint16_t rows[RT_BATCH_ROWS];
    uint32_t seed = 1, n;
    struct rt_match *one;
    struct rt_span *cells;
    struct planned p;

    planned_open(&p, batch_json);
    n = p.plan->slots.n;
    ck_assert_int_eq(rt_match_new(p.plan, p.kinds, &one), RT_OK);
    cells = rt_arena_new(&p.arena, (size_t)n * RT_BATCH_ROWS, sizeof *cells);
    for (uint32_t turn = 0; turn < 60; turn++) {
        struct rt_match_input input = { cells, n, rows, times, 0, false, &form };

        for (uint32_t r = turn % 3; r < RT_BATCH_ROWS; r += 1 + turn % 4) {
            planned_record(&p, drawn(&seed));
            memcpy(cells + (size_t)r * n, p.cells, n * sizeof *cells);
            times[input.n] = PLANNED_AS_OF - (seed >> 8) % 30 * INT64_C(1000000);
            rows[input.n++] = (uint16_t)r;
        }
        ck_assert_int_eq(rt_match_batch(p.match, &input, found), RT_OK);
        for (uint32_t i = 0; i < input.n; i++) {
            const struct rt_span *row = cells + (size_t)rows[i] * n;
            uint64_t words[RT_TOUCH_WORDS_MAX];
            struct rt_matched m;

            ck_assert_int_eq(
                rt_match_record(one, row, times[i], false, &form, &m), RT_OK);
            ck_assert_uint_eq(found[i].kind, m.kind);
            ck_assert_int_eq(
                rt_match_values(p.match, found[i].values, row, words), (int)m.nvalues);
            ck_assert(m.nvalues == 0
                || memcmp(words, m.values, m.nvalues * sizeof *words) == 0);
        }
    }
    ck_assert_uint_gt(rt_kinds_count(p.kinds), 8);
    rt_match_free(one);
    planned_close(&p);
}
END_TEST

/* Every name asks something of its own: one name, as many as are looked for one by one,
 * and more. */
START_TEST(names_with_questions)
{
    struct rt_timeform form = { .kind = RT_TIME_ANY };
    uint32_t nnames = (uint32_t)_i, n;
    struct rt_buf json = RT_BUF_INIT(100000);
    struct rt_found found[RT_BATCH_ROWS];
    int64_t times[RT_BATCH_ROWS];
    uint16_t rows[RT_BATCH_ROWS];
    char texts[RT_BATCH_ROWS][16];
    struct rt_span *cells;
    struct planned p;

    rt_buf_adds(&json, "{\"version\": 1, \"segments\": [");
    for (uint32_t i = 0; i < nnames; i++)
        rt_buf_addf(&json,
            "%s{\"name\": \"s%u\", \"match\": {\"did\": \"n%u\", \"where\": "
            "{\"p\": \"x%u\"}}}",
            i ? ", " : "", i, i, i);
    ck_assert_int_eq(rt_buf_adds(&json, "]}"), RT_OK);
    planned_open(&p, rt_buf_text(&json));
    n = p.plan->slots.n;
    cells = rt_arena_new(&p.arena, (size_t)n * RT_BATCH_ROWS, sizeof *cells);
    for (uint32_t i = 0; i < RT_BATCH_ROWS; i++) { /* a name more than are asked for */
        snprintf(texts[i], sizeof texts[i], "n%u p=x%u", i % (nnames + 1),
            i % (nnames + 1) + i / 128);
        planned_record(&p, texts[i]);
        memcpy(cells + (size_t)i * n, p.cells, n * sizeof *cells);
        times[i] = PLANNED_AS_OF - 1000000;
        rows[i] = (uint16_t)i;
    }
    for (uint32_t from = 0; from < 2; from++) { /* all, then fewer */
        struct rt_match_input input = { cells, n, rows + from * 100, times,
            RT_BATCH_ROWS - from * 100, false, &form };

        ck_assert_int_eq(rt_match_batch(p.match, &input, found), RT_OK);
        for (uint32_t k = 0; k < input.n; k++) {
            uint32_t i = from * 100 + k;

            ck_assert_msg((found[k].kind != 0) == (i < 128 && i % (nnames + 1) < nnames),
                "%u names, record %u", nnames, i);
        }
    }
    ck_assert_uint_eq(rt_kinds_count(p.kinds), nnames + 1);
    rt_buf_release(&json);
    planned_close(&p);
}
END_TEST

/* Names of all lengths and NULs, known and not, each in a room of just its size: equal ones
 * have a class, all that the plan does not mention have one together. */
START_TEST(classes_by_names)
{
    static const char json[] =
        "{\"version\": 1, \"segments\": [{\"name\": \"s\", \"match\": {\"did\": ["
        "\"x\", \"xxxxxxx\", \"xxxxxxxxxxxxxxxxxx\", "
        "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"]}}]}";
    static const uint32_t known[] = { 1, 7, 18, 35 };
    struct rt_span cells[80][2] = { { RT_SPAN_ABSENT, RT_SPAN_ABSENT } };
    const struct rt_span *rows[80];
    uint32_t wide[80], plain[80];
    struct rt_classes *classes;
    struct planned p;

    planned_open(&p, json);
    ck_assert_int_eq(rt_classes_new(p.plan, &classes), RT_OK);
    for (uint32_t i = 0; i < 80; i++) {
        char *room = i % 40 ? malloc(i % 40) : NULL;

        if (room)
            memset(room, i < 40 ? 'x' : '\0', i % 40);
        cells[i][RT_SLOT_EVENT] = (struct rt_span) { room, i % 40 };
        rows[i] = cells[i];
    }
    for (int again = 0; again < 3; again++) {
        rt_classes_column(classes, rows, 80, wide);
        rt_classes_column_plain(classes, rows, 80, plain);
        for (uint32_t i = 0; i < 80; i++) {
            bool mentioned = false;

            for (uint32_t k = 0; k < 4; k++)
                mentioned |= i == known[k];
            ck_assert_uint_eq(wide[i], plain[i]);
            ck_assert((wide[i] == wide[79]) == !mentioned);
        }
        ck_assert(wide[1] != wide[7] && wide[7] != wide[18] && wide[18] != wide[35]);
    }
    for (uint32_t i = 0; i < 80; i++)
        free((char *)cells[i][RT_SLOT_EVENT].p);
    rt_classes_free(classes);
    planned_close(&p);
}
END_TEST

/* What is asked of all names stands once, and not with those whose own triggers of the same
 * test are others. */
START_TEST(triggers_of_all_names)
{
    static const char json[] =
        "{\"version\": 1, \"segments\": ["
        "{\"name\": \"s\", \"match\": {\"did\": \"*\", \"where\": {\"p\": \"x\"}}}, "
        "{\"name\": \"t\", \"match\": {\"did\": \"*\", \"where\": {\"q\": \"y\"}}}, "
        "{\"name\": \"u\", \"match\": {\"did\": \"a\", \"where\": {\"q\": \"y\"}}}, "
        "{\"name\": \"v\", \"match\": {\"did\": \"b\", \"where\": {\"p\": \"z\"}}}]}";
    const struct rt_event_class *shared;
    struct rt_classes *classes;
    struct planned p;
    uint32_t own = 0;

    planned_open(&p, json);
    ck_assert_int_eq(rt_classes_new(p.plan, &classes), RT_OK);
    shared = rt_classes_shared(classes);
    ck_assert_uint_eq(shared->nfields, 1);
    ck_assert(rt_span_eq(p.plan->fields[shared->fields[0].field].name, RT_SPAN("p")));
    ck_assert_uint_eq(shared->fields[0].ntriggers, 1);
    for (uint32_t c = 0; c < rt_classes_count(classes); c++) {
        const struct rt_event_class *class = rt_classes_numbered(classes, c);

        for (uint32_t f = 0; f < class->nfields; f++)
            own += class->fields[f].ntriggers;
    }
    ck_assert_uint_eq(own, 5); /* q: of a two, of b and of the others one; p: of b one */
    rt_classes_free(classes);
    planned_close(&p);
}
END_TEST

Suite *match_suite(void)
{
    Suite *suite = suite_create("match");
    TCase *tc = tcase_create("match");

    tcase_add_loop_test(tc, record, 0, sizeof records / sizeof *records);
    tcase_add_test(tc, kinds_are_sets_of_matchers);
    tcase_add_test(tc, a_batch_is_its_records);
    tcase_add_test(tc, values);
    tcase_add_test(tc, out_of_all_windows);
    tcase_add_loop_test(tc, names_with_questions, 1, 20);
    tcase_add_test(tc, classes_by_names);
    tcase_add_test(tc, triggers_of_all_names);
    suite_add_tcase(suite, tc);
    return suite;
}
