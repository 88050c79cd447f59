/* chain: boundary cases that a person can work out, every chain there is against the twin, and
 * the shapes that cost most. Times are ages in seconds before as-of. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "chain_twin.h"
#include "people/chain.h"
#include "planned.h"

Suite *chain_suite(void);

enum { TEXT_MAX = 8192 };

struct person {
    struct rt_past *events;
    uint64_t *values;
    unsigned twins[TWIN_EVENTS_MAX]; /* by event: its place among the twin's */
    uint32_t n, nvalues, cap;
};

static void person_open(struct person *person, uint32_t cap)
{
    *person = (struct person) { .cap = cap };
    person->events = calloc(cap, sizeof *person->events);
    person->values = calloc((size_t)cap * 8, sizeof *person->values);
    ck_assert(person->events && person->values);
}

static void person_close(struct person *person)
{
    free(person->events);
    free(person->values);
}

static void add_event(
    struct planned *p, struct person *person, const char *text, int64_t time_us)
{
    struct rt_past *e = &person->events[person->n];
    struct rt_matched m;

    ck_assert_uint_lt(person->n, person->cap);
    planned_match(p, text, time_us, &m);
    if (m.kind == 0)
        return;
    ck_assert_uint_le(m.nvalues, 8);
    *e = (struct rt_past) { time_us, m.kind, person->nvalues };
    memcpy(person->values + person->nvalues, m.values, m.nvalues * sizeof *m.values);
    person->nvalues += m.nvalues;
    person->n++;
}

static int by_time(const void *va, const void *vb)
{
    const struct rt_past *a = va, *b = vb;

    return (a->time_us > b->time_us) - (a->time_us < b->time_us);
}

static void sort_events(struct person *person)
{
    qsort(person->events, person->n, sizeof *person->events, by_time);
}

static const struct rt_chain *chain_of(const struct planned *p)
{
    for (uint32_t i = 0; i < p->plan->nleaves; i++)
        if (p->plan->leaves[i].chain)
            return p->plan->leaves[i].chain;
    ck_abort_msg("no sequence");
    return NULL;
}

static struct rt_chain_effort *plenty(void)
{
    static struct rt_chain_effort effort;

    effort = (struct rt_chain_effort) { .left = UINT64_MAX / 2 };
    return &effort;
}

static int ask_for(struct planned *p, struct rt_chains *chains, struct person *person,
    struct rt_chain_effort *effort)
{
    struct rt_history history = { person->events, person->n, person->values };

    return rt_chains_ask(chains, chain_of(p), p->kinds, &history, PLANNED_AS_OF, effort);
}

static int ask(struct planned *p, struct rt_chains *chains, struct person *person)
{
    return ask_for(p, chains, person, plenty());
}

/* At the bound the answer is what it is; short of it, what is true or given up. */
static void check_bound(struct planned *p, struct rt_chains *chains,
    struct person *person, unsigned less, int expected)
{
    struct rt_chain_effort all = { .left = UINT64_MAX / 2 }, exact = { 0 }, some;
    int answer = ask_for(p, chains, person, &all);

    ck_assert_int_eq(answer, expected);
    exact.left = UINT64_MAX / 2 - all.left;
    some = (struct rt_chain_effort) { .left = exact.left - less % (exact.left + 1) };
    answer = ask_for(p, chains, person, &exact);
    ck_assert_msg(answer == expected && !exact.given_up && exact.left == 0,
        "%d with all that it takes", answer);
    answer = ask_for(p, chains, person, &some);
    ck_assert_msg(some.given_up ? answer == RT_UNDECIDED : answer == expected,
        "%d with less than it takes", answer);
}

static void open_sequence(struct planned *p, const char *match)
{
    char json[TEXT_MAX];

    snprintf(json, sizeof json,
        "{\"version\": 1, \"session\": {\"timeout\": \"10s\"}, \"segments\": [{\"name\": "
        "\"s\", \"match\": %s}]}",
        match);
    planned_open(p, json);
}

/* ---- by hand */

#define SEQ(steps, more) "{\"sequence\": [" steps "]" more "}"
#define A                "{\"did\": \"a\"}"
#define B                "{\"did\": \"b\"}"
#define C                "{\"did\": \"c\"}"
#define B_(more)         "{\"did\": \"b\", " more "}"
#define NOT(name)        "{\"did_not\": \"" name "\"}"
#define NOT_(name, more) "{\"did_not\": \"" name "\", " more "}"
#define SAME             "\"same\": [\"p\"]"
#define IN_10            "\"within\": \"10s\""
#define ANY              ", \"anchor\": \"any\""
#define FIRST            ", \"anchor\": \"first\""

static const struct {
    const char *name, *match, *history;
    int answer;
} cases[] = {
    /* order */
    { "one step", SEQ(A, ""), "5 a", RT_YES },
    { "one step, none", SEQ(A, ""), "5 b", RT_NO },
    { "in order", SEQ(A "," B, ""), "5 a; 4 b", RT_YES },
    { "against the order", SEQ(A "," B, ""), "4 a; 5 b", RT_NO },
    { "one instant is any order", SEQ(A "," B, ""), "5 b; 5 a", RT_YES },
    { "each step its own event", SEQ(A "," A, ""), "5 a", RT_NO },
    { "two events for two steps", SEQ(A "," A, ""), "5 a; 5 a", RT_YES },
    { "one event that fits both",
        SEQ("{\"did\": [\"a\", \"b\"]}, {\"did\": [\"a\", \"b\"]}", ""), "5 a", RT_NO },
    { "a greedy choice that fails: the only b is taken by the first step",
        SEQ("{\"did\": [\"a\", \"b\"]}," B, ""), "5 b; 5 a", RT_YES },
    { "three on one instant, one left out", SEQ(A "," B "," C, ""), "5 a; 5 b; 6 c",
        RT_NO },
    /* within and after, ends included */
    { "within, the bound", SEQ(A "," B_(IN_10), ""), "15 a; 5 b", RT_YES },
    { "within, past it", SEQ(A "," B_(IN_10), ""), "16 a; 5 b", RT_NO },
    { "within of 0s is one instant", SEQ(A "," B_("\"within\": \"0s\""), ""), "5 a; 5 b",
        RT_YES },
    { "after, the bound", SEQ(A "," B_("\"after\": \"10s\""), ""), "15 a; 5 b", RT_YES },
    { "after, too soon", SEQ(A "," B_("\"after\": \"10s\""), ""), "14 a; 5 b", RT_NO },
    { "after, the earlier of two", SEQ(A "," B_("\"after\": \"10s\""), ""),
        "20 a; 14 a; 5 b", RT_YES },
    { "after and within at once",
        SEQ(A "," B_("\"after\": \"10s\", \"within\": \"10s\""), ""), "16 a; 14 a; 5 b",
        RT_NO },
    { "not the latest: the second step must be a late one",
        SEQ(A "," B_("\"after\": \"5s\"") ","
                                          "{\"did\": \"c\", " IN_10 "}",
            ""),
        "30 a; 24 b; 16 b; 10 c", RT_YES },
    { "the whole, the bound", SEQ(A "," B "," C, "," IN_10), "20 a; 15 b; 10 c", RT_YES },
    { "the whole, past it", SEQ(A "," B "," C, "," IN_10), "21 a; 15 b; 10 c", RT_NO },
    { "the whole, from a later start", SEQ(A "," B "," C, "," IN_10),
        "21 a; 19 a; 15 b; 10 c", RT_YES },
    { "the whole of two", SEQ(A "," B, "," IN_10), "16 a; 5 b", RT_NO },
    /* windows hold for every positive step */
    { "window, the first outside", SEQ(A "," B, ", \"in_last\": \"10s\""), "10 a; 5 b",
        RT_NO },
    { "window, inside", SEQ(A "," B, ", \"in_last\": \"10s\""), "9 a; 5 b", RT_YES },
    { "window, the last outside",
        SEQ(A "," B, ", \"ago\": {\"min\": \"5s\", \"max\": \"20s\"}"), "10 a; 4 b",
        RT_NO },
    /* next */
    { "next", SEQ(A "," B_("\"next\": true"), ""), "6 a; 5 b", RT_YES },
    { "next, another between", SEQ(A "," B_("\"next\": true"), ""), "7 a; 6 x; 5 b",
        RT_NO },
    { "next, others on both instants", SEQ(A "," B_("\"next\": true"), ""),
        "7 a; 7 x; 5 x; 5 b", RT_YES },
    { "next, on one instant", SEQ(A "," B_("\"next\": true"), ""), "5 a; 5 x; 5 b",
        RT_YES },
    { "next, a contact row is no event", SEQ(A "," B_("\"next\": true"), ""),
        "7 a; 6 - p=x; 5 b", RT_YES },
    { "next, b is between a and b", SEQ(A "," B_("\"next\": true"), ""),
        "7 a; 6 x; 5 b; 4 b", RT_NO },
    /* same */
    { "same", SEQ(A "," B_(SAME), ""), "6 a p=x; 5 b p=x", RT_YES },
    { "same, another", SEQ(A "," B_(SAME), ""), "6 a p=x; 5 b p=y", RT_NO },
    { "same, both empty", SEQ(A "," B_(SAME), ""), "6 a; 5 b", RT_NO },
    { "same, of the step before, not the first", SEQ(A "," B_(SAME) "," C, ""),
        "7 a p=x; 6 b p=x; 5 c p=y", RT_YES },
    { "same, two fields", SEQ(A "," B_("\"same\": [\"p\", \"q\"]"), ""),
        "7 a p=x q=1; 6 a p=y q=2; 5 b p=x q=2", RT_NO },
    { "same, two fields are equal", SEQ(A "," B_("\"same\": [\"p\", \"q\"]"), ""),
        "7 a p=x q=1; 6 a p=x q=2; 5 b p=x q=2", RT_YES },
    { "same, values of one another's fields do not mix",
        SEQ(A "," B_("\"same\": [\"p\", \"q\"]"), ""), "7 a p=x q=y; 5 b p=y q=x",
        RT_NO },
    { "same, on one instant two pairs of one",
        SEQ(A ","
              "{\"did\": \"a\", " SAME "}"
              "," B "," B_(SAME),
            ""),
        "5 a p=x; 5 a p=y; 5 a p=y; 5 b p=x; 5 b p=y; 5 b p=x", RT_YES },
    { "same, on one instant none makes a pair",
        SEQ(A ","
              "{\"did\": \"a\", " SAME "}",
            ""),
        "5 a p=x; 5 a p=y; 5 a p=z", RT_NO },
    /* between two positive steps */
    { "not between", SEQ(A "," NOT("x") "," B, ""), "7 a; 5 b", RT_YES },
    { "not between, but it was", SEQ(A "," NOT("x") "," B, ""), "7 a; 6 x; 5 b", RT_NO },
    { "not between, at the one's time", SEQ(A "," NOT("x") "," B, ""), "7 a; 7 x; 5 b",
        RT_NO },
    { "not between, at the other's time", SEQ(A "," NOT("x") "," B, ""), "7 a; 5 x; 5 b",
        RT_NO },
    { "not between, just outside", SEQ(A "," NOT("x") "," B, ""), "8 x; 7 a; 5 b; 4 x",
        RT_YES },
    { "not between, the chain's own break nothing", SEQ(A "," NOT("*") "," A, ""),
        "7 a; 5 a", RT_YES },
    { "not between, another of the same name", SEQ(A "," NOT("a") "," A, ""),
        "7 a; 6 a; 5 b", RT_YES },
    { "not between, two at the edge and one can be used", SEQ(A "," NOT("a") "," B, ""),
        "7 a; 7 a; 5 b", RT_NO },
    { "not between, both at the edge are used", SEQ(A "," A "," NOT("a") "," B, ""),
        "7 a; 7 a; 5 b", RT_YES },
    { "not between, an event of a later step at the edge",
        SEQ(A "," NOT("c") "," B "," C, ""), "7 a; 5 b; 5 c", RT_YES },
    { "not between, two kinds of them", SEQ(A "," NOT("x") "," NOT("y") "," B, ""),
        "7 a; 6 y; 5 b", RT_NO },
    { "not between of the same, another's", SEQ(A "," NOT_("x", SAME) "," B, ANY),
        "7 a p=1; 6 x p=2; 5 b", RT_YES },
    { "not between of the same, its own", SEQ(A "," NOT_("x", SAME) "," B, ANY),
        "7 a p=1; 6 x p=1; 5 b", RT_NO },
    { "not between of the same, empty breaks nothing",
        SEQ(A "," NOT_("x", SAME) "," B, ANY), "7 a; 6 x; 5 b", RT_YES },
    { "not between of the same, of several starts one is left",
        SEQ(A "," NOT_("x", SAME) "," B, ANY), "9 a p=1; 8 a p=2; 7 x p=2; 5 b", RT_YES },
    { "not between of the same, saved at the edge by the chain itself",
        SEQ(A "," NOT_("*", SAME) "," B, ANY), "7 a p=1; 5 b p=1", RT_YES },
    { "not between sees what is before the window",
        SEQ(A "," NOT("x") "," B, ", \"in_last\": \"10s\""), "11 x; 9 a; 5 b", RT_YES },
    /* leading */
    { "not before, ever", SEQ(NOT("x") "," A, ""), "99 x; 5 a", RT_NO },
    { "not before, later", SEQ(NOT("x") "," A, ""), "5 a; 4 x", RT_YES },
    { "not before, at its time", SEQ(NOT("x") "," A, ""), "5 x; 5 a", RT_NO },
    { "not before, within: the bound", SEQ(NOT_("x", IN_10) "," A, ""), "15 x; 5 a",
        RT_NO },
    { "not before, within: older", SEQ(NOT_("x", IN_10) "," A, ""), "16 x; 5 a", RT_YES },
    { "not before, outside of the window", SEQ(NOT("x") "," A, ", \"in_last\": \"10s\""),
        "99 x; 5 a", RT_NO },
    { "not before, of the same", SEQ(NOT_("x", SAME) "," A, ""), "9 x p=1; 5 a p=2",
        RT_YES },
    { "not before, its own kind: the first ever", SEQ(NOT("a") "," A, ANY), "9 a; 5 a",
        RT_YES },
    { "not before, its own kind: the last start", SEQ(NOT("a") "," A, ""), "9 a; 5 a",
        RT_NO },
    /* trailing */
    { "not after, its time is full", SEQ(A "," NOT_("x", IN_10), ""), "10 a", RT_YES },
    { "not after, not yet", SEQ(A "," NOT_("x", IN_10), ""), "9 a", RT_UNDECIDED },
    { "not after, broken before its time", SEQ(A "," NOT_("x", IN_10), ""), "9 a; 8 x",
        RT_NO },
    { "not after, at the bound", SEQ(A "," NOT_("x", IN_10), ""), "19 a; 9 x", RT_NO },
    { "not after, past the bound", SEQ(A "," NOT_("x", IN_10), ""), "20 a; 9 x", RT_YES },
    { "not after, at its time", SEQ(A "," NOT_("x", IN_10), ""), "19 a; 19 x", RT_NO },
    { "not after, up to as-of", SEQ(A "," NOT("x"), ""), "9 a", RT_YES },
    { "not after, at as-of", SEQ(A "," NOT("x"), ""), "9 a; 0 x", RT_NO },
    { "not after, behind the window",
        SEQ(A "," NOT("x"), ", \"ago\": {\"min\": \"5s\", \"max\": \"20s\"}"), "9 a; 1 x",
        RT_NO },
    { "not after, each for itself",
        SEQ(A "," NOT_("x", IN_10) "," NOT_("y", "\"within\": \"20s\""), ""), "15 a",
        RT_UNDECIDED },
    { "not after, of the same", SEQ(A "," NOT_("x", IN_10 "," SAME), ""),
        "15 a p=1; 14 x p=2", RT_YES },
    { "not after: an older start holds, the last is undecided",
        SEQ(A "," NOT_("x", IN_10), ""), "30 a; 5 a", RT_UNDECIDED },
    { "not after: any start will do", SEQ(A "," NOT_("x", IN_10), ANY), "30 a; 5 a",
        RT_YES },
    /* anchor */
    { "the last start is broken", SEQ(A "," NOT("x"), ""), "9 a; 5 a; 4 x", RT_NO },
    { "the last start, an older one was broken", SEQ(A "," NOT("x") "," B, ""),
        "9 a; 8 x; 7 a; 6 b", RT_YES },
    { "the first start", SEQ(A "," NOT("x") "," B, FIRST), "9 a; 8 x; 7 a; 6 b", RT_NO },
    { "a last start that cannot be completed does not count",
        SEQ(A "," NOT("x") "," B, ""), "9 a; 8 b; 7 a; 6 x", RT_YES },
    { "a first start that cannot be completed does not count",
        SEQ(A "," NOT("x") "," B_(IN_10), FIRST), "50 a; 49 x; 9 a; 6 b", RT_YES },
    { "the first start inside the whole's bound",
        SEQ(A "," NOT("x") "," B, FIRST "," IN_10), "50 a; 49 x; 9 a; 6 b", RT_YES },
    { "all that share the start's time", SEQ(A "," NOT_("x", SAME) "," B, ""),
        "9 a p=1; 9 a p=2; 8 x p=2; 7 b", RT_YES },
    /* sessions: a gap of more than 10s */
    { "in a session", SEQ(A "," B, ", \"in\": \"session\""), "25 a; 15 x; 5 b", RT_YES },
    { "in two sessions", SEQ(A "," B, ", \"in\": \"session\""), "25 a; 14 x; 4 b",
        RT_NO },
    { "a session is cut before the window applies",
        SEQ(A "," B, ", \"in\": \"session\", \"in_last\": \"30s\""), "25 a; 15 x; 5 b",
        RT_YES },
};

static void read_history(struct planned *p, struct person *person, const char *text)
{
    char event[256];

    while (*text) {
        size_t n = strcspn(text, ";");
        char *rest;
        int64_t age_s;

        ck_assert_uint_lt(n, sizeof event);
        snprintf(event, sizeof event, "%.*s", (int)n, text);
        age_s = strtoll(event, &rest, 10);
        add_event(p, person, rest + 1, PLANNED_AS_OF - age_s * 1000000);
        text += n + strspn(text + n, "; ");
    }
}

START_TEST(by_hand)
{
    struct rt_chains *chains = NULL;
    struct person person;
    struct planned p;
    int answer;

    open_sequence(&p, cases[_i].match);
    person_open(&person, 32);
    read_history(&p, &person, cases[_i].history);
    sort_events(&person);
    ck_assert_int_eq(rt_chains_new(&chains), RT_OK);
    answer = ask(&p, chains, &person);
    ck_assert_msg(answer == cases[_i].answer, "%s: %d", cases[_i].name, answer);
    rt_chains_free(chains);
    person_close(&person);
    planned_close(&p);
}
END_TEST

/* ---- against the twin */

static uint64_t seed;

static unsigned under(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)((seed >> 11) % n);
}

static bool one_in(unsigned n)
{
    return under(n) == 0;
}

struct range {
    unsigned positive, negative, names, values, events, seconds;
};

static void random_step(const struct range *r, struct twin_step *step, bool first)
{
    static const char *const sets[] = { "a", "b", "ab", "c", "*", "bc", "a", "b" };

    snprintf(step->names, sizeof step->names, "%s", sets[under(r->names)]);
    step->p = one_in(6) ? 'x' : '\0';
    step->within_s = step->after_s = -1;
    for (unsigned f = 0; f < TWIN_FIELDS && !first; f++)
        step->same[f] = one_in(3);
    if (step->negative || first)
        return;
    if (one_in(3))
        step->after_s = under(r->seconds / 2 + 1);
    if (one_in(3))
        step->within_s = (step->after_s > 0 ? step->after_s : 0) + under(r->seconds);
    step->next = one_in(5);
}

static void random_chain(const struct range *r, struct twin_chain *c)
{
    unsigned positive = 1 + under(r->positive), negative = under(r->negative + 1);
    unsigned first, last;

    memset(c, 0, sizeof *c);
    c->nsteps = positive + negative;
    for (unsigned left = c->nsteps, i = 0; left > 0; left--, i++) {
        c->steps[i].negative = under(left) < negative;
        negative -= c->steps[i].negative;
    }
    for (first = 0; c->steps[first].negative;)
        first++;
    for (last = c->nsteps - 1; c->steps[last].negative;)
        last--;
    for (unsigned i = 0; i < c->nsteps; i++) {
        struct twin_step *step = &c->steps[i];

        random_step(r, step, i == first);
        if (step->negative && (i < first || i > last) && !one_in(3))
            step->within_s = under(r->seconds);
    }
    c->as_of_s = PLANNED_AS_OF / 1000000;
    c->from_s = INT64_MIN;
    c->to_s = c->as_of_s;
    if (one_in(3))
        c->from_s = c->as_of_s - under(r->seconds);
    if (one_in(4))
        c->to_s = c->from_s == INT64_MIN
            ? c->as_of_s - under(r->seconds)
            : c->from_s + under((unsigned)(c->as_of_s - c->from_s) + 1);
    c->within_s = one_in(3) ? (int64_t)under(r->seconds) : -1;
    c->in_session = one_in(4);
    c->timeout_s = 1 + under(3);
    c->start = (enum twin_start)under(3);
}

struct text {
    char p[TEXT_MAX];
    size_t n;
};

__attribute__((format(printf, 2, 3))) static void put(
    struct text *text, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    text->n += (size_t)vsnprintf(text->p + text->n, sizeof text->p - text->n, fmt, args);
    va_end(args);
    ck_assert_uint_lt(text->n, sizeof text->p);
}

static void put_duration(struct text *text, const char *key, int64_t s)
{
    if (s >= 0)
        put(text, ", \"%s\": \"%ds\"", key, (int)s);
}

static void put_step(struct text *text, const struct twin_step *step)
{
    bool any = strcmp(step->names, "*") == 0;

    put(text, "{\"%s\": %s", step->negative ? "did_not" : "did", any ? "\"*\"" : "[");
    for (unsigned i = 0; !any && step->names[i]; i++)
        put(text, "%s\"%c\"", i ? ", " : "", step->names[i]);
    put(text, any ? "" : "]");
    if (step->p)
        put(text, ", \"where\": {\"p\": \"%c\"}", step->p);
    put_duration(text, "within", step->within_s);
    put_duration(text, "after", step->after_s);
    if (step->next)
        put(text, ", \"next\": true");
    if (step->same[0] || step->same[1])
        put(text, ", \"same\": [%s%s%s]", step->same[0] ? "\"p\"" : "",
            step->same[0] && step->same[1] ? ", " : "", step->same[1] ? "\"q\"" : "");
    put(text, "}");
}

static void put_chain(struct text *text, const struct twin_chain *c)
{
    static const char *const starts[] = { "any", "first", "last" };

    put(text,
        "{\"version\": 1, \"session\": {\"timeout\": \"%ds\"}, \"segments\": "
        "[{\"name\": \"s\", \"match\": {\"sequence\": [",
        (int)c->timeout_s);
    for (unsigned i = 0; i < c->nsteps; i++) {
        put(text, i ? ", " : "");
        put_step(text, &c->steps[i]);
    }
    put(text, "]");
    put_duration(text, "within", c->within_s);
    if (c->from_s != INT64_MIN || c->to_s != c->as_of_s) {
        /* age < max, so one second more than the oldest one that is in */
        put(text, ", \"ago\": {\"min\": \"%ds\"", (int)(c->as_of_s - c->to_s));
        if (c->from_s != INT64_MIN)
            put_duration(text, "max", c->as_of_s - c->from_s + 1);
        put(text, "}");
    }
    if (c->in_session)
        put(text, ", \"in\": \"session\"");
    put(text, ", \"anchor\": \"%s\"}}]}", starts[c->start]);
}

static int twin_by_time(const void *va, const void *vb)
{
    const struct twin_event *a = va, *b = vb;

    return (a->s > b->s) - (a->s < b->s);
}

static unsigned random_events(const struct range *r, struct twin_event *events)
{
    unsigned n = under(r->events + 1);

    for (unsigned i = 0; i < n; i++) {
        events[i].s = PLANNED_AS_OF / 1000000 - under(r->seconds);
        events[i].name = one_in(20) ? '-' : "abcd"[under(4)];
        for (unsigned f = 0; f < TWIN_FIELDS; f++)
            events[i].fields[f] = "xyz"[under(r->values)];
        if (one_in(8))
            events[i].fields[under(TWIN_FIELDS)] = '\0';
    }
    qsort(events, n, sizeof *events, twin_by_time);
    return n;
}

static void add_twins(struct planned *p, struct person *person,
    const struct twin_event *events, unsigned n, struct text *text)
{
    person->n = person->nvalues = 0;
    text->n = 0;
    for (unsigned i = 0; i < n; i++) {
        struct text event = { .n = 0 };

        put(&event, "%c", events[i].name);
        for (unsigned f = 0; f < TWIN_FIELDS; f++)
            if (events[i].fields[f])
                put(&event, " %c=%c", "pq"[f], events[i].fields[f]);
        put(text, "%d %s; ", (int)(PLANNED_AS_OF / 1000000 - events[i].s), event.p);
        person->twins[person->n] = i;
        add_event(p, person, event.p, events[i].s * 1000000);
    }
}

/* The chain that is shown is what it is said to be; and where none is, no longer beginning
 * could be. */
static void check_witness(struct planned *p, struct rt_chains *chains,
    const struct person *person, const struct twin_chain *chain,
    const struct twin_event *events, unsigned n, int expected)
{
    struct rt_history history = { person->events, person->n, person->values };
    struct rt_chain_witness w;
    int picks[TWIN_STEPS_MAX];
    unsigned k = 0, npositive = 0;

    ck_assert_int_eq(rt_chains_witness(chains, chain_of(p), p->kinds, &history,
                         PLANNED_AS_OF, plenty(), &w),
        expected);
    for (unsigned i = 0; i < chain->nsteps; i++) {
        bool known = !chain->steps[i].negative && k < w.n;

        picks[i] = known ? (int)person->twins[w.events[k++]] : -1;
        npositive += !chain->steps[i].negative;
    }
    if (expected != RT_NO) {
        ck_assert_uint_eq(w.n, npositive);
        ck_assert_int_eq(twin_check(chain, events, n, picks), expected);
        return;
    }
    if (w.n > 0)
        ck_assert_int_eq(twin_check_beginning(chain, w.n, events, n, picks), RT_YES);
    if (w.n < npositive)
        ck_assert_int_eq(twin_check_beginning(chain, w.n + 1, events, n, NULL), RT_NO);
}

static const struct range ranges[] = {
    { 2, 1, 8, 2, 6, 8 },
    { 3, 2, 8, 2, 7, 6 },
    { 3, 3, 5, 2, 7, 3 },
    { 4, 2, 4, 2, 8, 2 },  /* almost everything at one instant */
    { 4, 3, 8, 3, 8, 12 }, /* few ties */
    { 5, 2, 3, 1, 7, 2 },
    { 4, 4, 8, 2, 7, 4 },
    { 3, 0, 4, 3, 7, 3 },
    { 3, 0, 3, 3, 14, 1 }, /* enough at one instant that steps can be placed last */
    { 4, 1, 4, 3, 12, 2 },
};

/* FEWER_ROUNDS is set where each step costs many times as much: under memcheck. */
enum {
    CHAINS = 1200,
    CHAINS_FEWER = 15,
    PEOPLE = 30,
    BOUNDED = 5,
    WITNESSED = 2,
    RANGES = sizeof ranges / sizeof *ranges
};

START_TEST(as_the_twin)
{
    const struct range *r = &ranges[_i];
    struct rt_chains *chains = NULL;
    unsigned nchains = getenv("FEWER_ROUNDS") ? CHAINS_FEWER : CHAINS, seen[3] = { 0 };
    struct person person;

    seed = UINT64_C(88172645463325252) + (uint64_t)_i * 7919;
    if (getenv("CHAIN_SEED")) /* others, by hand */
        seed += strtoull(getenv("CHAIN_SEED"), NULL, 10) * UINT64_C(0x9e3779b97f4a7c15);
    person_open(&person, TWIN_EVENTS_MAX);
    for (unsigned i = 0; i < nchains; i++) {
        struct text json = { .n = 0 }, history;
        struct twin_chain chain;
        struct planned p;

        random_chain(r, &chain);
        put_chain(&json, &chain);
        planned_open(&p, json.p);
        ck_assert_int_eq(rt_chains_new(&chains), RT_OK);
        for (unsigned k = 0; k < PEOPLE; k++) {
            struct twin_event events[TWIN_EVENTS_MAX];
            unsigned n = random_events(r, events);
            int expected = twin_ask(&chain, events, n), answer;

            add_twins(&p, &person, events, n, &history);
            answer = ask(&p, chains, &person);
            ck_assert_msg(answer == expected, "%d, not %d: %s of %s", answer, expected,
                json.p, n ? history.p : "nobody");
            if (k < BOUNDED)
                check_bound(&p, chains, &person, under(1000), expected);
            if (k < WITNESSED)
                check_witness(&p, chains, &person, &chain, events, n, expected);
            seen[answer]++;
        }
        rt_chains_free(chains);
        planned_close(&p);
    }
    for (unsigned i = 0; i < 3 && nchains == CHAINS; i++)
        ck_assert_msg(seen[i] > 10 || (i == RT_UNDECIDED && r->negative == 0),
            "answer %u: %u times", i, seen[i]);
    person_close(&person);
}
END_TEST

/* ---- what costs most: these need only come to an end, with the right answer */

enum { CROWD = 100000, WEBS = 2000 };

/* The i-th touch: its event, and its age in seconds. */
typedef void make_touch(struct text *text, unsigned i, unsigned *age_s);

static void one_event(struct text *text, unsigned i, unsigned *age_s)
{
    put(text, "a p=x");
    *age_s = CROWD - i;
}

static void one_event_at_once(struct text *text, unsigned i, unsigned *age_s)
{
    one_event(text, i, age_s);
    *age_s = 5;
}

static void values_at_once(struct text *text, unsigned i, unsigned *age_s)
{
    put(text, "a p=%u q=%u", i, i / 2);
    *age_s = 5;
}

static void values(struct text *text, unsigned i, unsigned *age_s)
{
    put(text, "%c p=%u", i < CROWD / 2 ? 'a' : 'b', i % (CROWD / 2));
    *age_s = CROWD - i;
}

static void every_other(struct text *text, unsigned i, unsigned *age_s)
{
    put(text, "%c p=%u", "ax"[i % 2], i / 2 % 1000);
    *age_s = CROWD - i;
}

static void a_then_x_each(struct text *text, unsigned i, unsigned *age_s)
{
    put(text, "%c p=%u", i < CROWD / 2 ? 'a' : 'x', i % (CROWD / 2));
    *age_s = CROWD - i;
}

static void a_then_x_at_once(struct text *text, unsigned i, unsigned *age_s)
{
    a_then_x_each(text, i, age_s);
    *age_s = i < CROWD / 2 ? 10 : 5;
}

static void tens(struct text *text, unsigned i, unsigned *age_s)
{
    put(text, "a p=%u", i % 10);
    *age_s = CROWD - i / 10;
}

static void nines(struct text *text, unsigned i, unsigned *age_s)
{
    put(text, "a p=%u", i % 9);
    *age_s = CROWD - i / 9;
}

/* Linked by one value and then by another, and a last event that nothing is linked to. */
static void webs(struct text *text, unsigned i, unsigned *age_s)
{
    if (i % 20 == 0)
        put(text, "b p=none");
    else
        put(text, "a p=%u q=%u", i * 7 % 20 / 4, i * 3 % 20 / 4);
    *age_s = CROWD - i / 20;
}

#define A5    A "," A "," A "," A "," A
#define A9    A5 "," A "," A "," A "," A
#define A10   A5 "," A5
#define AS    "{\"did\": \"a\", " SAME "}"
#define AS9   AS "," AS "," AS "," AS "," AS "," AS "," AS "," AS "," AS
#define AQ    "{\"did\": \"a\", \"same\": [\"q\"]}"
#define AN    NOT("x") "," A
#define AN4   AN "," AN "," AN "," AN
#define SLOW  "{\"did\": \"a\", \"after\": \"100s\", \"within\": \"1000s\"}"
#define SLOW4 SLOW "," SLOW "," SLOW "," SLOW

static const struct {
    const char *name, *match;
    make_touch *make;
    int answer;
} crowds[] = {
    { "one event, ten steps", SEQ(A10, ""), one_event, RT_YES },
    { "one event, nothing behind it", SEQ(A9 "," B, ""), one_event, RT_NO },
    { "one event, a negative step that all but the last break",
        SEQ(A9 "," NOT("a"), FIRST), one_event, RT_YES },
    { "one event, slow steps in a tight whole",
        SEQ(A "," SLOW4 "," SLOW4, ", \"within\": \"799s\""), one_event, RT_NO },
    { "at once, ten steps", SEQ(A10, ""), one_event_at_once, RT_YES },
    { "at once, a negative step that all break", SEQ(A5 "," NOT("*") "," A, ANY),
        one_event_at_once, RT_NO },
    { "values at once, linked", SEQ(A "," AS9, ""), values_at_once, RT_NO },
    { "values at once, in pairs",
        SEQ(A "," AQ "," A "," AQ "," A "," AQ "," A "," AQ, ""), values_at_once,
        RT_YES },
    { "values at once, in pairs that are none",
        SEQ(A "," AQ "," A "," AQ "," A "," AQ "," A "," AQ "," AQ, ""), values_at_once,
        RT_NO },
    { "values at once, negative ones of the same",
        SEQ(A "," NOT_("*", "\"same\": [\"q\"]") "," A "," A, ANY), values_at_once,
        RT_YES },
    { "values", SEQ(A "," B_(SAME), ""), values, RT_YES },
    { "values, in time", SEQ(A "," B_(SAME ", \"within\": \"49999s\""), ""), values,
        RT_NO },
    { "values, negative ones of the same", SEQ(A "," NOT_("b", SAME) "," B "," B, ANY),
        values, RT_YES },
    { "every other", SEQ(AN "," AN4 "," AN4, ANY), every_other, RT_NO },
    { "every other, of the same", SEQ(A "," NOT_("x", SAME) "," AS, ANY), every_other,
        RT_NO },
    { "all broken one by one", SEQ(A "," NOT_("x", SAME) "," A "," B, ANY), a_then_x_each,
        RT_NO },
    { "all broken at once, one can be saved",
        SEQ(A "," NOT_("x", SAME) ","
                                  "{\"did\": \"x\"}",
            ANY),
        a_then_x_at_once, RT_YES },
    { "all broken at once, none saved",
        SEQ(A "," NOT_("x", SAME) ","
                                  "{\"did\": \"x\", \"same\": [\"q\"]}",
            ANY),
        a_then_x_at_once, RT_NO },
    { "tens", SEQ(A9 "," AS, ", \"within\": \"0s\""), tens, RT_NO },
    { "nines", SEQ(A9 "," A, ", \"within\": \"0s\""), nines, RT_NO },
    { "nines, linked", SEQ(A9 "," AS, ", \"within\": \"0s\""), nines, RT_NO },
    { "nines, one linked in the middle",
        SEQ(A5 "," AS "," A "," A "," A "," A, ", \"within\": \"0s\""), nines, RT_NO },
    { "webs", SEQ(A "," AS "," AQ "," AS "," B_(SAME), ", \"within\": \"0s\""), webs,
        RT_NO },
};

static void add_touches(
    struct planned *p, struct person *person, make_touch *make, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct text text;
        unsigned age_s;

        text.n = 0;
        make(&text, i, &age_s);
        add_event(p, person, text.p, PLANNED_AS_OF - age_s * INT64_C(1000000));
    }
    sort_events(person);
}

/* Other orders of the events of one instant: backwards, and by a stride. */
static void turn_instants(struct person *person, unsigned round)
{
    struct rt_past turned[64];

    for (uint32_t i = 0, end; i < person->n; i = end) {
        uint32_t n;

        for (end = i; end < person->n; end++)
            if (person->events[end].time_us != person->events[i].time_us)
                break;
        n = end - i;
        ck_assert_uint_le(n, 64);
        for (uint32_t k = 0; k < n; k++)
            turned[k] =
                person->events[i + (round % 2 ? n - 1 - k : (k + 7 * round + 3) % n)];
        memcpy(person->events + i, turned, n * sizeof *turned);
    }
}

START_TEST(in_a_crowd)
{
    struct rt_chain_effort effort = RT_CHAIN_EFFORT;
    struct rt_chains *chains = NULL;
    struct person person;
    struct planned p;
    int answer;

    open_sequence(&p, crowds[_i].match);
    person_open(&person, CROWD);
    ck_assert_int_eq(rt_chains_new(&chains), RT_OK);
    add_touches(&p, &person, crowds[_i].make, CROWD);
    answer = ask_for(&p, chains, &person, &effort);
    ck_assert_msg(answer == crowds[_i].answer, "%s: %d", crowds[_i].name, answer);
    rt_chains_free(chains);
    person_close(&person);
    planned_close(&p);
}
END_TEST

/* ---- the bound on the search */

/* In the last web a chain is at the events 2, 16, 3, 6 and the b. */
static void webs_to_the_end(struct text *text, unsigned i, unsigned *age_s)
{
    if (i == WEBS - 20)
        put(text, "b p=0");
    else
        webs(text, i, age_s);
    *age_s = CROWD - i / 20;
}

/* Every event of the chain's kind breaks it, but for the chain's own. */
static void webs_that_break(struct text *text, unsigned i, unsigned *age_s)
{
    webs(text, i, age_s);
    if (i == 0)
        text->p[0] = 'z';
}

static const struct {
    const char *name, *match;
    make_touch *make;
    int answer;
} bounds[] = {
    { "no", SEQ(A "," AS "," AQ "," AS "," B_(SAME), ", \"within\": \"0s\""), webs,
        RT_NO },
    { "yes, at the end", SEQ(A "," AS "," AQ "," AS "," B_(SAME), ", \"within\": \"0s\""),
        webs_to_the_end, RT_YES },
    { "no, with the first start chosen",
        SEQ(B "," AS "," AQ "," AS "," AQ "," NOT("c"), FIRST ", \"within\": \"0s\""),
        webs, RT_NO },
    { "no, with negative steps",
        SEQ(A "," AS "," NOT_("b", SAME) "," AQ "," NOT_("a", SAME) "," AS ","
                                                                    "{\"did\": \"z\"}",
            ANY),
        webs_that_break, RT_NO },
};

static uint64_t looks_of(
    struct planned *p, struct rt_chains *chains, struct person *person, int expected)
{
    struct rt_chain_effort effort = { .left = UINT64_MAX / 2 };

    ck_assert_int_eq(ask_for(p, chains, person, &effort), expected);
    ck_assert(!effort.given_up);
    return UINT64_MAX / 2 - effort.left;
}

/* Whatever the order of the input, the search takes as much and is given up at one place. */
START_TEST(at_the_bound)
{
    struct rt_chains *chains = NULL;
    struct rt_chain_witness w = { .n = 99 };
    struct rt_history history;
    struct person person;
    struct planned p;
    uint64_t looks;

    open_sequence(&p, bounds[_i].match);
    person_open(&person, WEBS);
    ck_assert_int_eq(rt_chains_new(&chains), RT_OK);
    add_touches(&p, &person, bounds[_i].make, WEBS);
    looks = looks_of(&p, chains, &person, bounds[_i].answer);
    ck_assert_uint_gt(looks, 10000);
    for (unsigned round = 0; round < 4; round++) {
        struct rt_chain_effort exact = { .left = looks },
                               short_by_one = { .left = looks - 1 };

        ck_assert_int_eq(ask_for(&p, chains, &person, &exact), bounds[_i].answer);
        ck_assert(!exact.given_up);
        ck_assert_int_eq(ask_for(&p, chains, &person, &short_by_one), RT_UNDECIDED);
        ck_assert(short_by_one.given_up);
        turn_instants(&person, round);
        ck_assert_uint_eq(looks_of(&p, chains, &person, bounds[_i].answer), looks);
    }
    history = (struct rt_history) { person.events, person.n, person.values };
    ck_assert_int_eq(
        rt_chains_witness(chains, chain_of(&p), p.kinds, &history, PLANNED_AS_OF,
            &(struct rt_chain_effort) { .left = looks / 2 }, &w),
        RT_UNDECIDED);
    ck_assert_uint_eq(w.n, 0);
    rt_chains_free(chains);
    person_close(&person);
    planned_close(&p);
}
END_TEST

/* The values of a for_some share an effort: what one took is not there for the next. */
START_TEST(shared_effort)
{
    struct rt_chain_effort effort;
    struct rt_chains *chains = NULL;
    struct person person;
    struct planned p;
    uint64_t looks;

    open_sequence(&p, bounds[0].match);
    person_open(&person, WEBS);
    ck_assert_int_eq(rt_chains_new(&chains), RT_OK);
    add_touches(&p, &person, bounds[0].make, WEBS);
    looks = looks_of(&p, chains, &person, RT_NO);
    effort = (struct rt_chain_effort) { .left = 2 * looks };
    ck_assert_int_eq(ask_for(&p, chains, &person, &effort), RT_NO);
    ck_assert_int_eq(ask_for(&p, chains, &person, &effort), RT_NO);
    ck_assert(!effort.given_up);
    ck_assert_int_eq(ask_for(&p, chains, &person, &effort), RT_UNDECIDED);
    ck_assert(effort.given_up);
    /* what each event may take is spent first, and comes again */
    effort = (struct rt_chain_effort) { .each = looks / WEBS };
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(ask_for(&p, chains, &person, &effort), RT_NO);
    ck_assert(!effort.given_up);
    rt_chains_free(chains);
    person_close(&person);
    planned_close(&p);
}
END_TEST

/* ---- witnesses: ages of the events, by step */

static const struct {
    const char *name, *match, *history, *ages;
    int answer;
} witnesses[] = {
    { "the latest first event, then the earliest", SEQ(A "," B "," C, ""),
        "9 a; 8 a; 7 b; 6 b; 5 c; 4 c", "8 7 5", RT_YES },
    { "the start that the anchor chose", SEQ(A "," B, FIRST), "9 a; 8 a; 7 b", "9 7",
        RT_YES },
    { "not the start that is broken", SEQ(A "," NOT("x") "," B, ANY),
        "9 a; 8 b; 7 a; 6 x; 5 b", "9 8", RT_YES },
    { "the undecided one", SEQ(A "," NOT_("x", IN_10), ""), "30 a; 5 a", "5",
        RT_UNDECIDED },
    { "one instant, each step its own",
        SEQ("{\"did\": [\"a\", \"b\"]}, {\"did\": \"a\", " IN_10 "}", ""), "9 b; 5 a",
        "9 5", RT_YES },
    { "no: as far as it went", SEQ(A "," B "," C, ""), "9 a; 8 b", "9 8", RT_NO },
    { "no: too late for the second step", SEQ(A "," B_(IN_10), ""), "40 a; 9 b", "40",
        RT_NO },
    { "no: broken on the way", SEQ(A "," NOT("x") "," B, ""), "9 a; 8 x; 7 b", "9",
        RT_NO },
    { "no: broken at the end", SEQ(A "," B "," NOT("x"), ""), "9 a; 8 b; 7 x", "9 8",
        RT_NO },
    { "no: from the start that the anchor chose", SEQ(A "," NOT("x") "," B "," C, ""),
        "9 a; 8 b; 7 a; 6 x; 5 b; 4 c", "7", RT_NO },
    { "no: nothing to begin with", SEQ(A "," B, ""), "9 b", "", RT_NO },
    { "no: broken before it begins", SEQ(NOT("x") "," A, ""), "9 x; 8 a", "", RT_NO },
};

START_TEST(witnessed)
{
    struct rt_chain_witness w = { .n = 99 };
    struct rt_chains *chains = NULL;
    struct text ages = { .n = 0 };
    struct rt_history history;
    struct person person;
    struct planned p;

    open_sequence(&p, witnesses[_i].match);
    person_open(&person, 32);
    read_history(&p, &person, witnesses[_i].history);
    sort_events(&person);
    history = (struct rt_history) { person.events, person.n, person.values };
    ck_assert_int_eq(rt_chains_new(&chains), RT_OK);
    ck_assert_int_eq(rt_chains_witness(chains, chain_of(&p), p.kinds, &history,
                         PLANNED_AS_OF, plenty(), &w),
        witnesses[_i].answer);
    ages.p[0] = '\0';
    for (uint32_t i = 0; i < w.n; i++)
        put(&ages, i ? " %d" : "%d",
            (int)((PLANNED_AS_OF - person.events[w.events[i]].time_us) / 1000000));
    ck_assert_msg(
        strcmp(ages.p, witnesses[_i].ages) == 0, "%s: %s", witnesses[_i].name, ages.p);
    /* what was remembered of a beginning is forgotten */
    ck_assert_int_eq(ask(&p, chains, &person), witnesses[_i].answer);
    rt_chains_free(chains);
    person_close(&person);
    planned_close(&p);
}
END_TEST

START_TEST(without_memory)
{
    struct rt_chains *chains = NULL;
    struct person person;
    struct planned p;
    uint64_t before, needed;

    open_sequence(&p,
        SEQ(A "," AS "," NOT_("x", SAME) "," A "," B_(SAME) "," NOT_("x", IN_10), ""));
    person_open(&person, 32);
    read_history(&p, &person,
        "30 a p=1; 30 a p=1; 30 a p=2; 29 x p=2; 28 x p=1; 28 a p=1; 28 b p=1; 27 b p=1");
    sort_events(&person);
    before = rt_alloc_count();
    ck_assert_int_eq(rt_chains_new(&chains), RT_OK);
    ck_assert_int_eq(ask(&p, chains, &person), RT_NO);
    needed = rt_alloc_count() - before;
    ck_assert_uint_gt(needed, 10);
    before = rt_alloc_count();
    ck_assert_int_eq(ask(&p, chains, &person), RT_NO);
    ck_assert_uint_eq(rt_alloc_count(), before); /* all that it needs is there */
    rt_chains_free(chains);
    for (uint64_t nth = 1; nth <= needed; nth++) {
        struct rt_history history = { person.events, person.n, person.values };
        struct rt_chain_witness w;

        chains = NULL;
        rt_alloc_fail_at(nth, 0);
        if (rt_chains_new(&chains) == RT_OK)
            ck_assert_int_eq(ask(&p, chains, &person), RT_ENOMEM);
        rt_alloc_fail_at(0, 0);
        rt_chains_free(chains);
        chains = NULL;
        rt_alloc_fail_at(nth, 0);
        if (rt_chains_new(&chains) == RT_OK)
            ck_assert_int_eq(rt_chains_witness(chains, chain_of(&p), p.kinds, &history,
                                 PLANNED_AS_OF, plenty(), &w),
                RT_ENOMEM);
        rt_alloc_fail_at(0, 0);
        rt_chains_free(chains);
    }
    person_close(&person);
    planned_close(&p);
}
END_TEST

Suite *chain_suite(void)
{
    Suite *suite = suite_create("chain");
    TCase *tc = tcase_create("chain");

    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, by_hand, 0, sizeof cases / sizeof *cases);
    tcase_add_loop_test(tc, as_the_twin, 0, RANGES);
    tcase_add_loop_test(tc, in_a_crowd, 0, sizeof crowds / sizeof *crowds);
    tcase_add_loop_test(tc, witnessed, 0, sizeof witnesses / sizeof *witnesses);
    tcase_add_loop_test(tc, at_the_bound, 0, sizeof bounds / sizeof *bounds);
    tcase_add_test(tc, shared_effort);
    tcase_add_test(tc, without_memory);
    suite_add_tcase(suite, tc);
    return suite;
}
