/* eval: conditions against histories that a person can work out. Each history is given as
 * "AGE EVENT field=value; ...", the age in seconds before as-of. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "people/eval.h"
#include "people/fold.h"
#include "planned.h"

Suite *eval_suite(void);

enum { EVENTS_MAX = 32, HOUR = 3600, DAY = 86400 };

struct person {
    struct rt_past events[EVENTS_MAX];
    uint64_t values[EVENTS_MAX * RT_TOUCH_WORDS_MAX];
    uint32_t n, nvalues;
    uint64_t state[RT_STATE_FRONT + RT_STATE_WORDS_MAX];
    struct rt_folder *folder;
};

/* "604799.999999" seconds, in microseconds. */
static int64_t age_of(const char **text)
{
    char *end;
    int64_t us = strtoll(*text, &end, 10) * 1000000;

    if (*end == '.') {
        const char *digits = end + 1;

        us += strtoll(digits, &end, 10);
        ck_assert_int_eq(end - digits, 6);
    }
    *text = end;
    return us;
}

static void add_event(struct planned *p, struct person *person, const char *text)
{
    struct rt_past *e = &person->events[person->n];
    struct rt_matched m;
    int use;

    e->time_us = PLANNED_AS_OF - age_of(&text);
    planned_match(p, text + 1, e->time_us, &m);
    if (m.kind == 0)
        return;
    use = rt_folder_use(person->folder, m.kind);
    ck_assert_int_ge(use, 0);
    if (use & RT_USE_STATE)
        rt_folder_add(
            person->folder, person->state + RT_STATE_FRONT, m.kind, e->time_us, m.values);
    if (!(use & RT_USE_TOUCH))
        return;
    e->kind = m.kind;
    e->value = person->nvalues;
    person->nvalues += rt_folder_pick(
        person->folder, m.kind, m.values, person->values + person->nvalues);
    person->n++;
}

static int by_time(const void *va, const void *vb)
{
    const struct rt_past *a = va, *b = vb;

    return (a->time_us > b->time_us) - (a->time_us < b->time_us);
}

static void read_history(struct planned *p, struct person *person, const char *text)
{
    char event[256];

    *person = (struct person) { .n = 0 };
    ck_assert_int_eq(rt_folder_new(p->plan, p->kinds, &person->folder), RT_OK);
    while (*text) {
        size_t n = strcspn(text, ";");

        ck_assert_uint_lt(n, sizeof event);
        snprintf(event, sizeof event, "%.*s", (int)n, text);
        add_event(p, person, event);
        text += n + strspn(text + n, "; ");
    }
    qsort(person->events, person->n, sizeof *person->events, by_time);
    rt_folder_free(person->folder);
}

/* In a crowd, behind someone who did nothing, the person has the same answer. */
static void check_in_crowd(struct rt_eval *eval, const struct planned *p,
    const struct person *person, int answer)
{
    struct rt_answers answers[2];
    struct rt_crowd crowd = { .n = 2,
        .states = { NULL, person->state + RT_STATE_FRONT },
        .histories = { { 0 }, { person->events, person->n, person->values } } };

    ck_assert_uint_eq(p->plan->nsegments, 2);
    ck_assert_int_eq(rt_eval_crowd(eval, &crowd, answers), RT_OK);
    ck_assert_int_eq(answers[1].yes >> 1, answer == RT_YES);
    ck_assert_int_eq(answers[1].undecided >> 1, answer == RT_UNDECIDED);
}

/* The answer of segment "s", the last of the file. folding: by states where they do. */
static int ask_by(bool folding, const char *before, const char *match,
    const char *history, bool *consent)
{
    struct rt_eval *eval = NULL;
    struct rt_texts *texts;
    struct person person;
    struct planned p;
    char json[4096];
    int answer = RT_OK;

    snprintf(json, sizeof json,
        "{\"version\": 1, %s \"segments\": [{\"name\": \"other\", \"match\": {\"did\": "
        "\"staff\"}}, {\"name\": \"s\", \"match\": %s%s}]}",
        before, match, consent ? ", \"consent\": [\"ads\"]" : "");
    if (folding)
        planned_open_folding(&p, json);
    else
        planned_open(&p, json);
    read_history(&p, &person, history);
    ck_assert_int_eq(rt_eval_new(p.plan, p.kinds, &eval), RT_OK);
    texts = rt_match_texts(p.match);
    rt_eval_know(eval, &(struct rt_eval_facts) { .texts = { &texts, 1 } });
    rt_eval_person(eval, &(struct rt_history) { person.events, person.n, person.values },
        person.state + RT_STATE_FRONT);
    for (uint32_t i = 0; i < p.plan->nsegments; i++)
        answer = rt_eval_segment(eval, p.plan->order[i]);
    answer = rt_eval_segment(eval, 1);
    if (consent)
        *consent = rt_eval_consent(eval, 0);
    check_in_crowd(eval, &p, &person, answer);
    rt_eval_free(eval);
    planned_close(&p);
    return answer;
}

/* Both ways must agree. */
static int ask(const char *before, const char *match, const char *history, bool *consent)
{
    bool other = false;
    int by_touches = ask_by(false, before, match, history, consent);
    int by_state = ask_by(true, before, match, history, consent ? &other : NULL);

    ck_assert_msg(by_touches == by_state, "%s of %s: by touches %d, by state %d", match,
        history, by_touches, by_state);
    ck_assert(!consent || *consent == other);
    return by_touches;
}

#define DID(more)            "{\"did\": \"a\"" more "}"
#define LAST(more)           "{\"last\": \"a\"" more "}"
#define FIRST(more)          "{\"first\": \"a\"" more "}"
#define SESSION(which, more) "{\"session\": \"" which "\", " more "}"
#define SOME(holds)          "{\"for_some\": \"p\", \"holds\": " holds "}"
#define WEEK                 ", \"in_last\": \"7d\""

static const struct {
    const char *name, *match, *history;
    bool yes;
} conditions[] = {
    { "did, once", DID(""), "10 a", true },
    { "did, another", DID(""), "10 b", false },
    { "did, nothing", DID(""), "", false },
    { "did, of a list", "{\"did\": [\"a\", \"b\"]}", "10 b", true },
    { "did, anything", "{\"did\": \"*\"}", "10 zzz", true },
    { "did, where", DID(", \"where\": {\"value\": {\"gt\": 5}}"), "10 a value=5.000001",
        true },
    { "did, where not", DID(", \"where\": {\"value\": {\"gt\": 5}}"), "10 a value=5",
        false },
    /* windows: 0 <= age < max */
    { "in_last, at as-of", DID(WEEK), "0 a", true },
    { "in_last, just inside", DID(WEEK), "604799.999999 a", true },
    { "in_last, the bound", DID(WEEK), "604800 a", false },
    { "ago, min is in", DID(", \"ago\": {\"min\": \"1h\", \"max\": \"2h\"}"), "3600 a",
        true },
    { "ago, before min", DID(", \"ago\": {\"min\": \"1h\", \"max\": \"2h\"}"),
        "3599.999999 a", false },
    { "ago, max is out", DID(", \"ago\": {\"min\": \"1h\", \"max\": \"2h\"}"), "7200 a",
        false },
    { "ago, open", DID(", \"ago\": {\"min\": \"1h\"}"), "999999999 a", true },
    /* as-of is midnight of 1 July in UTC, a Wednesday */
    { "on today, at midnight", DID(", \"on\": \"today\""), "0 a", true },
    { "on today, before", DID(", \"on\": \"today\""), "0.000001 a", false },
    { "on yesterday, its first instant", DID(", \"on\": \"yesterday\""), "86400 a",
        true },
    { "on yesterday, the day before", DID(", \"on\": \"yesterday\""), "86400.000001 a",
        false },
    { "on yesterday, today", DID(", \"on\": \"yesterday\""), "0 a", false },
    { "on last_7_days, oldest", DID(", \"on\": \"last_7_days\""), "604800 a", true },
    { "on last_7_days, too old", DID(", \"on\": \"last_7_days\""), "604800.000001 a",
        false },
    { "on last_7_days, today is out", DID(", \"on\": \"last_7_days\""), "0 a", false },
    { "on this_week, Monday", DID(", \"on\": \"this_week\""), "172800 a", true },
    { "on this_week, Sunday", DID(", \"on\": \"this_week\""), "172800.000001 a", false },
    { "on last_month, 1 June", DID(", \"on\": \"last_month\""), "2592000 a", true },
    { "on last_month, 31 May", DID(", \"on\": \"last_month\""), "2592000.000001 a",
        false },
    { "from is in, to is out",
        DID(", \"from\": \"2026-06-30T00:00:00Z\", \"to\": \"2026-06-30T12:00:00Z\""),
        "86400 a", true },
    { "to is out", DID(", \"to\": \"2026-06-30T12:00:00Z\""), "43200 a", false },
    { "a to of a day takes the day in", DID(", \"to\": \"2026-06-29\""), "86400.000001 a",
        true },
    { "a to of a day ends with it", DID(", \"to\": \"2026-06-29\""), "86400 a", false },
    /* measures */
    { "at_least, one too few", DID(", \"at_least\": 3"), "1 a; 2 a", false },
    { "at_least", DID(", \"at_least\": 3"), "1 a; 1 a; 1 a", true },
    { "at_most, none", DID(", \"at_most\": 1"), "", true },
    { "at_most, one too many", DID(", \"at_most\": 1"), "1 a; 2 a", false },
    { "exactly none", DID(", \"exactly\": 0"), "1 b", true },
    { "exactly two of three", DID(", \"exactly\": 2"), "1 a; 2 a; 3 a", false },
    { "distinct, two of three", DID(", \"distinct\": \"p\", \"at_least\": 3"),
        "1 a p=x; 2 a p=y; 3 a p=x", false },
    { "distinct, empty does not count", DID(", \"distinct\": \"p\", \"at_least\": 2"),
        "1 a p=x; 2 a p=; 3 a", false },
    { "distinct, three", DID(", \"distinct\": \"p\", \"exactly\": 3"),
        "1 a p=x; 2 a p=y; 3 a p=X", true },
    { "days, two", DID(", \"distinct\": \"@day\", \"exactly\": 2"),
        "0 a; 0.000001 a; 1 a", true },
    { "sum, the bound", DID(", \"sum\": \"v\", \"gte\": 0.3"), "1 a v=0.1; 2 a v=0.2",
        true },
    { "sum, below", DID(", \"sum\": \"v\", \"gt\": 0.3"), "1 a v=0.1; 2 a v=0.2", false },
    { "sum, what is none is skipped", DID(", \"sum\": \"v\", \"eq\": 7"),
        "1 a v=7; 2 a v=1e3; 3 a v=1,000; 4 a v=.5; 5 a", true },
    { "sum, of none it is 0", DID(", \"sum\": \"v\", \"lte\": 0"), "1 b v=1", true },
    { "sum, negative", DID(", \"sum\": \"v\", \"eq\": -1.5"), "1 a v=-2; 2 a v=0.5",
        true },
    { "sum, large", DID(", \"sum\": \"v\", \"gt\": 999999999999"),
        "1 a v=999999999999; 2 a v=999999999999; 3 a v=999999999999", true },
    { "avg, exact", DID(", \"avg\": \"v\", \"eq\": 0.333333"),
        "1 a v=1; 2 a v=0; 3 a v=0", false },
    { "avg, over", DID(", \"avg\": \"v\", \"gt\": 0.333333"), "1 a v=1; 2 a v=0; 3 a v=0",
        true },
    { "avg, of none", DID(", \"avg\": \"v\", \"lte\": 5"), "1 a v=x", false },
    { "min", DID(", \"min\": \"v\", \"eq\": -3"), "1 a v=5; 2 a v=-3; 3 a v=x", true },
    { "min, of none", DID(", \"min\": \"v\", \"lt\": 5"), "", false },
    { "max", DID(", \"max\": \"v\", \"eq\": 5"), "1 a v=5; 2 a v=-3", true },
    { "max, two bounds", DID(", \"max\": \"v\", \"gte\": 5, \"lt\": 5"), "1 a v=5",
        false },
    /* did_not */
    { "did_not, nothing at all", "{\"did_not\": \"a\"}", "", true },
    { "did_not, did", "{\"did_not\": \"a\"}", "1 a", false },
    { "did_not, before the window", "{\"did_not\": \"a\"" WEEK "}", "604800 a", true },
    /* sessions: the timeout is 30 minutes, 1800 s */
    { "session, a gap of the timeout is none", SESSION("any", "\"events\": {\"eq\": 2}"),
        "3600 a; 1800 b", true },
    { "session, a longer gap cuts", SESSION("any", "\"events\": {\"eq\": 2}"),
        "3600.000001 a; 1800 b", false },
    { "session, others' events are events too", SESSION("any", "\"events\": {\"eq\": 3}"),
        "3600 a; 2000 zzz; 400 a", true },
    { "session, a contact row is none", SESSION("any", "\"events\": {\"gte\": 2}"),
        "0 a; 0 - x=y", false },
    { "session, first", SESSION("first", "\"has\": {\"did\": \"a\"}"), "9000 a; 10 b",
        true },
    { "session, not the first", SESSION("first", "\"has\": {\"did\": \"a\"}"),
        "9000 b; 10 a", false },
    { "session, last", SESSION("last", "\"has\": {\"did\": \"a\"}"), "9000 b; 10 a",
        true },
    { "session, not the last", SESSION("last", "\"has\": {\"did\": \"a\"}"),
        "9000 a; 10 b", false },
    { "session, none at all", SESSION("any", "\"events\": {\"gte\": 0}"), "", false },
    { "session, has at most none",
        SESSION("any", "\"has\": {\"did\": \"a\", \"exactly\": 0}"), "9000 a; 10 b",
        true },
    { "session, duration", SESSION("any", "\"duration\": {\"gte\": \"60s\"}"),
        "100 a; 40 b", true },
    { "session, too short", SESSION("any", "\"duration\": {\"gte\": \"60s\"}"),
        "100 a; 40.000001 b", false },
    { "session, the window is on its start", SESSION("any", "\"in_last\": \"1h\""),
        "3600 a; 2000 b", false },
    { "session, cut before the window",
        SESSION("any", "\"in_last\": \"1h\", \"events\": {\"gte\": 2}"),
        "3600 a; 3599 a; 1800 a", false },
    { "session, the first ever is out of the window",
        SESSION("first", "\"in_last\": \"1h\""), "9000 a; 10 a", false },
    { "landing, the first value", SESSION("last", "\"landing\": {\"src\": \"x\"}"),
        "30 a; 20 a src=x; 10 a src=y", true },
    { "landing, not the second", SESSION("last", "\"landing\": {\"src\": \"y\"}"),
        "30 a; 20 a src=x; 10 a src=y", false },
    { "landing, of equal times the smallest",
        SESSION("last", "\"landing\": {\"src\": \"x\"}"), "20 a src=y; 20 b src=x",
        true },
    { "landing, field by field",
        SESSION("last", "\"landing\": {\"src\": \"x\", \"med\": \"m\"}"),
        "30 a src=x; 20 a src=y med=m", true },
    { "landing, absent", SESSION("last", "\"landing\": {\"src\": {\"exists\": false}}"),
        "30 a src=; 20 a", true },
    { "landing, an earlier session's", SESSION("last", "\"landing\": {\"src\": \"x\"}"),
        "9000 a src=x; 20 a", false },
    /* for_some */
    { "for_some, one value of two",
        SOME("{\"all\": [{\"did\": \"v\"}, {\"did_not\": \"b\"}]}"),
        "30 v p=1; 20 v p=2; 10 b p=1", true },
    { "for_some, no value alone",
        SOME("{\"all\": [{\"did\": \"v\"}, {\"did_not\": \"b\"}]}"),
        "30 v p=1; 20 b p=1; 10 v p=", false },
    { "for_some, across values it does not count",
        SOME("{\"did\": \"v\", \"at_least\": 2}"), "30 v p=1; 20 v p=2", false },
    { "for_some, within one it does", SOME("{\"did\": \"v\", \"at_least\": 2}"),
        "30 v p=1; 25 v p=2; 20 v p=1", true },
    { "for_some, a value of an event nobody names", SOME("{\"did_not\": \"v\"}"),
        "30 v p=1; 25 zzz p=2", true },
    { "for_some, a sum of nothing is 0",
        SOME("{\"not\": {\"did\": \"v\", \"sum\": \"value\", \"lt\": 0}}"), "25 zzz p=2",
        true },
    { "for_some, no value at all", SOME("{\"did_not\": \"v\"}"),
        "30 v; 25 zzz p=", false },
    { "for_some, anchors see the value's events alone",
        SOME("{\"did\": \"v\", \"since_last\": \"b\"}"), "30 b p=1; 20 v p=1; 10 b p=2",
        true },
    { "for_some, an anchor of another value",
        SOME("{\"did\": \"v\", \"since_last\": \"b\"}"), "30 b p=2; 20 v p=1; 10 b p=2",
        false },
    { "for_some, last of the value",
        SOME("{\"last\": \"v\", \"ago\": {\"min\": \"1h\"}}"), "9000 v p=1; 10 v p=2",
        true },
    { "for_some beside the person's own events",
        "{\"all\": [{\"did\": \"v\", \"exactly\": 2}, " SOME(
            "{\"did\": \"v\", \"exactly\": 1}") ", {\"did\": \"v\", \"exactly\": 2}]}",
        "30 v p=1; 20 v p=2", true },
    { "for_some of a derived field",
        "{\"for_some\": \"host\", \"holds\": {\"did\": \"v\", \"at_least\": 2}}",
        "30 v url=http://a.b/1; 20 v url=http://A.B/2", true },
    /* anchors */
    { "since_last, later", DID(", \"since_last\": \"k\""), "10 k; 9 a", true },
    { "since_last, earlier", DID(", \"since_last\": \"k\""), "9 k; 10 a", false },
    { "since_last, the later of two", DID(", \"since_last\": \"k\""), "20 k; 15 a; 10 k",
        false },
    { "since_first, the earlier of two", DID(", \"since_first\": \"k\""),
        "20 k; 15 a; 10 k", true },
    { "since_last, the same instant counts", DID(", \"since_last\": \"k\""), "10 k; 10 a",
        true },
    { "since_last, no anchor", DID(", \"since_last\": \"k\""), "10 a", false },
    { "did_not since_last, no anchor", "{\"did_not\": \"a\", \"since_last\": \"k\"}",
        "10 b", false },
    { "did_not since_last", "{\"did_not\": \"a\", \"since_last\": \"k\"}", "10 k; 11 a",
        true },
    { "since_last of itself, alone", DID(", \"since_last\": \"a\""), "10 a; 10 a; 20 a",
        false },
    { "before_last", DID(", \"before_last\": \"k\""), "10 k; 11 a", true },
    { "before_last, the same instant", DID(", \"before_last\": \"k\""), "10 k; 10 a",
        true },
    { "before_last, later", DID(", \"before_last\": \"k\""), "10 k; 9 a", false },
    { "before_first, between", DID(", \"before_first\": \"k\""), "20 k; 15 a; 10 k",
        false },
    { "an anchor and a window", DID(", \"since_last\": \"k\"" WEEK), "700000 k; 604800 a",
        false },
    /* last and first */
    { "last, ago", LAST(", \"ago\": {\"min\": \"1h\"}"), "3600 a; 9999 a", true },
    { "last, too young", LAST(", \"ago\": {\"min\": \"1h\"}"), "3599 a; 9999 a", false },
    { "last, where picks",
        LAST(", \"where\": {\"p\": \"x\"}, \"ago\": {\"min\": \"1h\"}"),
        "10 a p=y; 3600 a p=x", true },
    { "last, is", LAST(", \"is\": {\"p\": \"x\"}"), "10 a p=x; 20 a p=y", true },
    { "last, is of an older one", LAST(", \"is\": {\"p\": \"y\"}"), "10 a p=x; 20 a p=y",
        false },
    { "last, is of one at that instant", LAST(", \"is\": {\"p\": \"y\"}"),
        "10 a p=x; 10 a p=y", true },
    { "last, none", LAST(", \"ago\": {\"min\": \"0s\", \"max\": \"999d\"}"), "", false },
    { "first, ago", FIRST(", \"ago\": {\"max\": \"1h\"}"), "3599.999999 a; 1 a", true },
    { "first, too old", FIRST(", \"ago\": {\"max\": \"1h\"}"), "3600 a; 1 a", false },
    { "first, is", FIRST(", \"is\": {\"p\": \"y\"}"), "10 a p=x; 20 a p=y", true },
    /* profile: one row passes all tests */
    { "profile", "{\"profile\": {\"country\": \"IT\"}}", "0 - country=IT", true },
    { "profile, of an event", "{\"profile\": {\"country\": \"IT\"}}", "5 a country=IT",
        false },
    { "profile, one row for all",
        "{\"profile\": {\"country\": \"IT\", \"plan\": \"pro\"}}",
        "0 - country=IT; 0 - plan=pro", false },
    { "profile, both on one", "{\"profile\": {\"country\": \"IT\", \"plan\": \"pro\"}}",
        "0 - country=DE; 0 - plan=pro country=IT", true },
    { "a contact row is no event", "{\"did\": \"*\"}", "0 - country=IT", false },
    /* logic */
    { "all", "{\"all\": [" DID("") ", {\"did\": \"b\"}]}", "1 a", false },
    { "any", "{\"any\": [" DID("") ", {\"did\": \"b\"}]}", "1 b", true },
    { "not", "{\"not\": " DID("") "}", "1 b", true },
    { "another segment", "{\"segment\": \"other\"}", "1 staff", true },
    { "not in another",
        "{\"all\": [{\"did\": \"a\"}, {\"not\": {\"segment\": \"other\"}}]}",
        "1 staff; 1 a", false },
    /* tests that are easy to get wrong */
    { "absent is not ne", DID(", \"where\": {\"p\": {\"ne\": \"x\"}}"), "1 a", false },
    { "empty is not ne", DID(", \"where\": {\"p\": {\"ne\": \"x\"}}"), "1 a p=", false },
    { "not takes absent in", DID(", \"where\": {\"not\": {\"p\": \"x\"}}"), "1 a", true },
    { "numbers by value", DID(", \"where\": {\"p\": 10}"), "1 a p=10.0", true },
    { "texts by bytes", DID(", \"where\": {\"p\": \"10\"}"), "1 a p=10.0", false },
    { "truths", DID(", \"where\": {\"p\": true}"), "1 a p=Y", true },
    { "between takes both ends", DID(", \"where\": {\"p\": {\"between\": [1, 2]}}"),
        "1 a p=2", true },
    { "digits past the sixth are cut", DID(", \"where\": {\"p\": 0.123456}"),
        "1 a p=0.1234569", true },
    { "cidr", DID(", \"where\": {\"ip\": {\"cidr\": \"192.0.2.0/24\"}}"),
        "1 a ip=192.0.2.255", true },
};

START_TEST(condition)
{
    int answer = ask("", conditions[_i].match, conditions[_i].history, NULL);

    ck_assert_msg(answer == (conditions[_i].yes ? RT_YES : RT_NO), "%s: %d",
        conditions[_i].name, answer);
}
END_TEST

static const struct {
    const char *name, *history, *absent;
    bool granted;
} consents[] = {
    { "granted", "10 a consent=yes", "deny", true },
    { "refused", "10 a consent=no", "grant", false },
    { "never said", "10 a", "deny", false },
    { "never said, and that will do", "10 a", "grant", true },
    { "the latest counts", "10 a consent=yes; 20 a consent=no", "deny", true },
    { "the latest refuses", "20 b consent=yes; 10 b consent=no", "deny", false },
    { "of one instant a refusal", "10 a consent=yes; 10 b consent=no", "deny", false },
    { "a later event that does not say", "10 a consent=yes; 5 a; 4 a consent=", "deny",
        true },
    { "a contact row counts as of as-of", "10 a consent=yes; 0 - consent=no", "deny",
        false },
    { "an event of as-of and a row", "0 a consent=no; 0 - consent=yes", "deny", false },
    { "by bytes", "10 a consent=YES", "deny", false },
};

START_TEST(consent)
{
    bool granted;
    char before[256];

    snprintf(before, sizeof before,
        "\"privacy\": {\"consent\": {\"ads\": {\"field\": \"consent\", \"granted\": "
        "[\"yes\"], \"absent\": \"%s\"}}},",
        consents[_i].absent);
    ask(before, "{\"did\": \"a\"}", consents[_i].history, &granted);
    ck_assert_msg(granted == consents[_i].granted, "%s", consents[_i].name);
}
END_TEST

START_TEST(local_days_and_weeks)
{
    /* as-of 2026-07-01T00:00Z is 02:00 in Rome: today began two hours before */
    const char *rome = "\"timezone\": \"Europe/Rome\",";
    const char *sunday = "\"week_starts\": \"sunday\",";

    ck_assert_int_eq(ask(rome, DID(", \"on\": \"today\""), "7200 a", NULL), RT_YES);
    ck_assert_int_eq(ask(rome, DID(", \"on\": \"today\""), "7200.000001 a", NULL), RT_NO);
    ck_assert_int_eq(
        ask(rome, DID(", \"distinct\": \"@day\", \"exactly\": 1"), "7200 a; 0 a", NULL),
        RT_YES);
    ck_assert_int_eq(
        ask(sunday, DID(", \"on\": \"this_week\""), "259200 a", NULL), RT_YES);
    ck_assert_int_eq(
        ask(sunday, DID(", \"on\": \"this_week\""), "259200.000001 a", NULL), RT_NO);
}
END_TEST

Suite *eval_suite(void)
{
    Suite *suite = suite_create("eval");
    TCase *tc = tcase_create("eval");

    tcase_add_loop_test(tc, condition, 0, sizeof conditions / sizeof *conditions);
    tcase_add_loop_test(tc, consent, 0, sizeof consents / sizeof *consents);
    tcase_add_test(tc, local_days_and_weeks);
    suite_add_tcase(suite, tc);
    return suite;
}
