/* Instants at which answers may change, by hand: none too few. And the changes themselves,
 * of one person whose records are given here. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "run/explain.h"
#include "run/explain_next.h"

Suite *explain_suite(void);

enum { RECORDS_MAX = 4, INSTANTS_MAX = 24 };

static int64_t us_of(const char *text)
{
    int64_t us = 0;
    bool day_only;

    ck_assert_msg(
        rt_time_parse_bound(rt_span_of(text), NULL, &us, &day_only) == RT_OK, "%s", text);
    return us;
}

/* A record: its name, its time in UTC, and the value of the field "until". */
struct event {
    const char *name, *time, *until;
};

static const struct {
    const char *name, *zone, *conditions, *as_of;
    struct event events[RECORDS_MAX];
    const char *instants[INSTANTS_MAX]; /* each once */
    const char *at;                     /* of the first change; NULL: none */
    enum rt_answer now, to;
} cases[] = {
    { "an event leaves a window", "UTC", "{\"did\": \"cart\", \"in_last\": \"7d\"}",
        "2026-07-01T12:00Z", { { "cart", "2026-06-30T12:00:00.000001Z", NULL } },
        { "2026-07-07T12:00:00.000001Z" }, "2026-07-07T12:00:00.000001Z", RT_YES, RT_NO },
    { "an event comes into a window and leaves it", "UTC",
        "{\"did\": \"cart\", \"ago\": {\"min\": \"2h\", \"max\": \"26h\"}}",
        "2026-07-01T12:00Z", { { "cart", "2026-07-01T11:00Z", NULL } },
        { "2026-07-01T13:00Z", "2026-07-02T13:00Z" }, "2026-07-01T13:00Z", RT_NO,
        RT_YES },
    { "at its bound it is in already", "UTC",
        "{\"did\": \"cart\", \"ago\": {\"min\": \"1h\", \"max\": \"2h\"}}",
        "2026-07-01T12:00Z", { { "cart", "2026-07-01T11:00Z", NULL } },
        { "2026-07-01T13:00Z" }, "2026-07-01T13:00Z", RT_YES, RT_NO },
    { "what nobody asks about has no instant", "UTC",
        "{\"did\": \"cart\", \"in_last\": \"7d\"}", "2026-07-01T12:00Z",
        { { "view", "2026-06-30T12:00Z", NULL } }, { NULL }, NULL, RT_NO, RT_NO },
    { "all time never ends", "UTC", "{\"did\": \"cart\"}", "2026-07-01T12:00Z",
        { { "cart", "2026-06-30T12:00Z", NULL } }, { NULL }, NULL, RT_YES, RT_NO },
    { "the age of the last", "UTC", "{\"last\": \"cart\", \"ago\": {\"min\": \"2d\"}}",
        "2026-07-01T12:00Z",
        { { "cart", "2026-06-01T00:00Z", NULL }, { "cart", "2026-07-01T00:00Z", NULL } },
        { "2026-07-03T00:00Z" }, "2026-07-03T00:00Z", RT_NO, RT_YES },
    { "whole days in Rome, where one has 25 hours", "Europe/Rome",
        "{\"did\": \"cart\", \"on\": \"last_2_days\"}", "2026-10-24T12:00Z",
        { { "cart", "2026-10-24T10:00Z", NULL } },
        { "2026-10-24T22:00Z", "2026-10-26T23:00Z" }, "2026-10-24T22:00Z", RT_NO,
        RT_YES },
    { "days begin late where midnight is skipped", "America/Asuncion",
        "{\"did\": \"cart\", \"on\": \"last_1_days\"}", "2023-09-30T12:00Z",
        { { "cart", "2023-09-30T10:00Z", NULL } },
        { "2023-10-01T04:00Z", "2023-10-02T03:00Z" }, "2023-10-01T04:00Z", RT_NO,
        RT_YES },
    { "days of two weeks, months over the year's end", "UTC",
        "{\"did\": \"cart\", \"on\": \"last_month\"}", "2026-12-20T12:00Z",
        { { "cart", "2026-12-20T10:00Z", NULL } },
        { "2026-12-21", "2026-12-22", "2026-12-23", "2026-12-24", "2026-12-25",
            "2026-12-26", "2026-12-27", "2026-12-28", "2026-12-29", "2026-12-30",
            "2026-12-31", "2027-01-01", "2027-01-02", "2027-01-03", "2027-02-01" },
        "2027-01-01", RT_NO, RT_YES },
    { "a time in a field, to come and past", "UTC",
        "{\"did\": \"cart\", \"where\": {\"until\": {\"ago\": {\"max\": \"1d\"}}}}",
        "2026-07-01T12:00Z",
        { { "cart", "2026-06-01T00:00Z", "2026-07-02T06:00:00.5Z" },
            { "cart", "2026-06-02T00:00Z", "no time" },
            { "cart", "2026-06-03T00:00Z", "2026-07-01T06:00Z" } },
        { "2026-07-02T06:00Z", "2026-07-02T06:00:00.5Z", "2026-07-03T06:00:00.5Z" },
        "2026-07-02T06:00Z", RT_YES, RT_NO },
    { "inside of a for_some", "UTC",
        "{\"for_some\": \"until\", \"holds\": {\"did_not\": \"cart\", \"in_last\": "
        "\"2h\"}}",
        "2026-07-01T12:00Z", { { "cart", "2026-07-01T11:00Z", "x" } },
        { "2026-07-01T13:00Z" }, "2026-07-01T13:00Z", RT_NO, RT_YES },
    { "logic has the instants of its parts", "UTC",
        "{\"not\": {\"any\": [{\"did\": \"cart\", \"in_last\": \"1h\"}, "
        "{\"did\": \"view\", \"in_last\": \"3h\"}]}}",
        "2026-07-01T12:00Z",
        { { "view", "2026-07-01T11:30Z", NULL }, { "cart", "2026-07-01T11:30Z", NULL } },
        { "2026-07-01T12:30Z", "2026-07-01T14:30Z" }, "2026-07-01T14:30Z", RT_NO,
        RT_YES },
    { "a step that has not passed yet", "UTC",
        "{\"sequence\": [{\"did\": \"view\"}, {\"did\": \"cart\"}, "
        "{\"did_not\": \"buy\", \"within\": \"30m\"}]}",
        "2026-07-01T12:00Z",
        { { "view", "2026-07-01T11:30Z", NULL }, { "cart", "2026-07-01T11:45Z", NULL } },
        { "2026-07-01T12:15Z" }, "2026-07-01T12:15Z", RT_UNDECIDED, RT_YES },
    { "a sequence that leaves its window", "UTC",
        "{\"sequence\": [{\"did\": \"view\"}, {\"did\": \"cart\", \"within\": \"1h\"}], "
        "\"in_last\": \"2h\"}",
        "2026-07-01T12:00Z",
        { { "view", "2026-07-01T11:30Z", NULL }, { "cart", "2026-07-01T11:45Z", NULL } },
        { "2026-07-01T13:30Z", "2026-07-01T13:45Z" }, "2026-07-01T13:30Z", RT_YES,
        RT_NO },
    { "a session's start", "UTC", "{\"session\": \"last\", \"in_last\": \"2h\"}",
        "2026-07-01T12:00Z",
        { { "view", "2026-07-01T11:00Z", NULL }, { "cart", "2026-07-01T11:20Z", NULL } },
        { "2026-07-01T13:00Z", "2026-07-01T13:20Z" }, "2026-07-01T13:00Z", RT_YES,
        RT_NO },
};

struct person {
    struct rt_arena arena;
    struct rt_defs *defs;
    struct rt_parts parts;
    struct rt_trail trail;
    struct rt_moment *now;
    struct rt_instants instants;
    uint8_t *answers;
    struct rt_next *next;
};

static void put_record(
    struct person *p, const struct rt_plan *plan, const struct event *e)
{
    struct rt_trail_record *r = &p->trail.records[p->trail.n++];
    struct rt_span *cells = rt_arena_new(&p->arena, plan->slots.n, sizeof *cells);

    *r = (struct rt_trail_record) {
        .time_us = us_of(e->time), .cells = cells, .path = "test.csv", .line = 2
    };
    for (uint32_t s = 0; s < plan->slots.n; s++) {
        if (s == RT_SLOT_EVENT)
            cells[s] = rt_span_of(e->name);
        else if (e->until && rt_span_eq(plan->slots.names[s], RT_SPAN("until")))
            cells[s] = rt_span_of(e->until);
    }
}

static void open_person(struct person *p, int i)
{
    static const bool asked[] = { true };
    struct rt_json_errors errors = { .arena = &p->arena };
    struct rt_plan *plan = NULL;
    struct rt_err err = { 0 };
    char json[1024];

    *p = (struct person) { .arena = RT_ARENA_INIT };
    snprintf(json, sizeof json,
        "{\"version\": 1, \"timezone\": \"%s\", \"segments\": [{\"name\": \"s\", "
        "\"match\": %s}]}",
        cases[i].zone, cases[i].conditions);
    ck_assert_msg(
        rt_defs_parse(rt_span_of(json), "test.json", NULL, 0, &p->defs, &errors, &err)
            == RT_OK,
        "%s: %s", cases[i].name, err.text);
    ck_assert_int_eq(rt_parts_init(&p->parts, p->defs, asked), RT_OK);
    ck_assert_int_eq(
        rt_plan_new(&p->parts.defs, us_of(cases[i].as_of), NULL, &errors, &plan, &err),
        RT_OK);
    p->trail.records = rt_arena_new(&p->arena, RECORDS_MAX, sizeof *p->trail.records);
    for (int k = 0; k < RECORDS_MAX && cases[i].events[k].name; k++)
        put_record(p, plan, &cases[i].events[k]);
    rt_plan_free(plan);
    ck_assert_int_eq(
        rt_moment_new(&p->parts, &p->trail, us_of(cases[i].as_of), &p->now, &err), RT_OK);
    p->answers = rt_arena_new(&p->arena, p->parts.defs.nsegments, 1);
    p->next = rt_arena_new(&p->arena, p->parts.defs.nsegments, sizeof *p->next);
    ck_assert_int_eq(rt_moment_ask(p->now, NULL, p->answers), RT_OK);
    ck_assert_int_eq(rt_instants_find(&p->parts, &p->trail, p->now, &p->instants), RT_OK);
}

static void close_person(struct person *p)
{
    rt_instants_release(&p->instants);
    rt_moment_free(p->now);
    rt_parts_release(&p->parts);
    rt_defs_free(p->defs);
    rt_arena_release(&p->arena);
}

START_TEST(instants)
{
    struct person p;
    uint64_t at = 0;
    int want = 0;

    open_person(&p, _i);
    for (; want < INSTANTS_MAX && cases[_i].instants[want]; want++) {
        ck_assert_msg(at < p.instants.n
                && p.instants.all[at].at_us == us_of(cases[_i].instants[want]),
            "%s: instant %d", cases[_i].name, want);
        while (at < p.instants.n
            && p.instants.all[at].at_us == us_of(cases[_i].instants[want]))
            at++;
    }
    ck_assert_msg(at == p.instants.n, "%s: more than %d", cases[_i].name, want);
    close_person(&p);
}
END_TEST

START_TEST(changes)
{
    struct person p;
    bool bounded;
    int64_t looked;
    uint64_t looks = 1000;
    const struct rt_next *next;

    open_person(&p, _i);
    ck_assert_msg(p.answers[0] == cases[_i].now, "%s: now", cases[_i].name);
    ck_assert_int_eq(rt_next_find(&p.parts, &p.trail, &p.instants, p.answers, p.next,
                         &looks, &bounded, &looked, NULL),
        RT_OK);
    next = &p.next[0];
    ck_assert(!bounded);
    ck_assert_msg(next->found == (cases[_i].at != NULL), "%s: found", cases[_i].name);
    if (next->found)
        ck_assert_msg(
            next->at_us == us_of(cases[_i].at) && next->to == cases[_i].to && next->why,
            "%s: at %jd", cases[_i].name, (intmax_t)next->at_us);
    close_person(&p);
}
END_TEST

/* Every condition of a tree stands for itself: the parts of a group answer alone. */
START_TEST(parts_alone)
{
    int i = 0;
    struct person p;

    while (strcmp(cases[i].name, "logic has the instants of its parts") != 0)
        i++;
    open_person(&p, i);
    ck_assert_uint_eq(p.parts.nparts, 4);
    ck_assert_int_eq(p.parts.parts[0].cond->kind, RT_COND_DID);
    ck_assert_int_eq(p.answers[p.parts.parts[0].segment], RT_YES);
    ck_assert_int_eq(p.answers[p.parts.parts[1].segment], RT_YES);
    ck_assert_int_eq(p.parts.parts[2].cond->kind, RT_COND_ANY);
    ck_assert_int_eq(p.answers[p.parts.parts[2].segment], RT_YES);
    ck_assert_int_eq(p.parts.parts[3].cond->kind, RT_COND_NOT);
    ck_assert_int_eq(p.answers[p.parts.parts[3].segment], RT_NO);
    close_person(&p);
}
END_TEST

static const struct {
    const char *zone, *utc, *text;
} times[] = {
    { "UTC", "2026-07-01T12:00Z", "2026-07-01T12:00:00Z" },
    { "Europe/Rome", "2026-07-01T12:00:00.25Z", "2026-07-01T14:00:00.25+02:00" },
    { "America/St_Johns", "2026-01-01T01:00Z", "2025-12-31T21:30:00-03:30" },
    { "Europe/London", "2026-01-01T01:00Z", "2026-01-01T01:00:00Z" },
};

START_TEST(local_times)
{
    struct rt_zone *zone = NULL;
    char text[48];

    ck_assert_int_eq(rt_zone_load(times[_i].zone, NULL, &zone, NULL), RT_OK);
    ck_assert_int_eq(rt_clock_format_local(zone, us_of(times[_i].utc), text),
        (int)strlen(times[_i].text));
    ck_assert_str_eq(text, times[_i].text);
    ck_assert(us_of(text) == us_of(times[_i].utc)); /* reads back */
    rt_zone_free(zone);
}
END_TEST

Suite *explain_suite(void)
{
    Suite *s = suite_create("explain");
    TCase *tc = tcase_create("explain");
    int n = sizeof cases / sizeof *cases;

    tcase_add_loop_test(tc, instants, 0, n);
    tcase_add_loop_test(tc, changes, 0, n);
    tcase_add_test(tc, parts_alone);
    tcase_add_loop_test(tc, local_times, 0, sizeof times / sizeof *times);
    suite_add_tcase(s, tc);
    return s;
}
