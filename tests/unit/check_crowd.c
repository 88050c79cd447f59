/* crowds: 64 people asked at a time have the answers that each has alone. Random people
 * against definitions of every kind; and tests of columns against the leaves that they
 * stand for, with words at and beside every bound. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "people/eval_columns.h"
#include "people/fold.h"
#include "planned.h"

Suite *crowd_suite(void);

enum { EVENTS_MAX = 12, ROUNDS = 60 };

struct person {
    struct rt_past events[EVENTS_MAX];
    uint64_t values[EVENTS_MAX * RT_TOUCH_WORDS_MAX];
    uint32_t n, nvalues;
    bool folded;
    uint64_t state[RT_STATE_WORDS_MAX];
};

static uint32_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

#define SEGMENT(name, match) "{\"name\": \"" name "\", \"match\": " match "}"
#define SEQUENCE(more)       "{\"sequence\": [{\"did\": \"a\"}, " more "]}"

/* In each, some segments are asked of states, some of touches, and some refer to others; s
 * is undecided while its last step may still fail. */
static const char *const definitions[] = {
    SEGMENT("a", "{\"did\": \"a\", \"in_last\": \"7d\"}") "," SEGMENT("b",
        "{\"all\": [{\"did\": \"a\", \"at_least\": 2}, {\"did_not\": \"b\"}]}") "," SEGMENT("c",
        "{\"did\": \"b\", \"sum\": \"value\", \"gte\": 3, \"lt\": 9}") "," SEGMENT("d",
        "{\"did\": \"b\", \"avg\": \"value\", \"gt\": 2}") "," SEGMENT("e",
        "{\"did\": \"*\", \"max\": \"value\", \"gt\": 2, \"lte\": 5}") "," SEGMENT("f",
        "{\"any\": [{\"did\": \"*\", \"min\": \"value\", \"lt\": 3}, {\"segment\": "
        "\"b\"}]}") "," SEGMENT("g",
        "{\"all\": [{\"not\": {\"segment\": \"a\"}}, {\"any\": [{\"segment\": \"c\"}, "
        "{\"segment\": \"f\"}]}]}"),
    SEGMENT("a", "{\"did\": \"a\", \"since_last\": \"b\"}") "," SEGMENT(
        "b", "{\"did_not\": \"a\", \"since_first\": \"b\"}") "," SEGMENT("c",
        "{\"did\": \"*\", \"before_last\": \"a\"}") "," SEGMENT("d",
        "{\"did_not\": [\"a\", \"b\"], \"before_first\": \"c\"}") "," SEGMENT("e",
        "{\"last\": \"a\", \"ago\": {\"min\": \"1d\", \"max\": \"5d\"}}") "," SEGMENT("f",
        "{\"first\": \"*\", \"is\": {\"p\": \"x\"}}") "," SEGMENT("g",
        "{\"last\": \"*\", \"is\": {\"p\": \"x\"}, \"ago\": {\"min\": \"1d\"}}"),
    SEGMENT("a", "{\"did\": \"a\"}") "," SEGMENT("s",
        SEQUENCE(
            "{\"did\": \"b\"}, {\"did_not\": \"c\", \"within\": \"3d\"}")) "," SEGMENT("b",
        "{\"all\": [{\"segment\": \"a\"}, {\"not\": {\"segment\": \"s\"}}]}") "," SEGMENT("c",
        "{\"any\": [{\"did\": \"c\"}, {\"segment\": \"s\"}]}") "," SEGMENT("d",
        "{\"did\": \"*\", \"distinct\": \"p\", \"at_most\": 1}") "," SEGMENT("e",
        "{\"for_some\": \"p\", \"holds\": {\"did\": \"a\", \"at_least\": 2}}") "," SEGMENT("f",
        "{\"all\": [{\"did\": \"b\"}, {\"segment\": \"d\"}, {\"not\": {\"segment\": "
        "\"e\"}}]}") "," SEGMENT("g", "{\"session\": \"any\", \"events\": {\"gte\": 2}}"),
};

static void add_event(struct planned *p, struct rt_folder *folder, struct person *person,
    int64_t age_s, const char *text)
{
    struct rt_past *e = &person->events[person->n];
    struct rt_matched m;
    int use;

    e->time_us = PLANNED_AS_OF - age_s * 1000000;
    planned_match(p, text, e->time_us, &m);
    if (m.kind == 0)
        return;
    use = rt_folder_use(folder, m.kind);
    ck_assert_int_ge(use, 0);
    if (use & RT_USE_STATE) {
        rt_folder_add(folder, person->state, m.kind, e->time_us, m.values);
        person->folded = true;
    }
    if (!(use & RT_USE_TOUCH))
        return;
    e->kind = m.kind;
    e->value = person->nvalues;
    person->nvalues +=
        rt_folder_pick(folder, m.kind, m.values, person->values + person->nvalues);
    person->n++;
}

/* Some have done nothing; events come from the oldest to the youngest, some at one time. */
static void make_person(
    struct planned *p, struct rt_folder *folder, struct person *person, uint64_t *seed)
{
    uint32_t n = next(seed) % (EVENTS_MAX + 1);
    int64_t age = 9 * 86400;

    *person = (struct person) { .n = 0 };
    for (uint32_t i = 0; i < n && next(seed) % 8; i++) {
        char text[96];

        age -= next(seed) % 3 * 43200;
        snprintf(text, sizeof text, "%c p=%c value=%u consent=%s", "abcd"[next(seed) % 4],
            "xyz"[next(seed) % 3], next(seed) % 8, next(seed) % 3 ? "yes" : "no");
        add_event(p, folder, person, age > 0 ? age : 0, text);
    }
}

static void check_crowd(struct planned *p, struct rt_eval *crowds, struct rt_eval *alone,
    struct person *people, uint32_t n, uint64_t among)
{
    struct rt_crowd crowd = { .n = n };
    struct rt_answers answers[16];
    uint64_t granted;

    for (uint32_t i = 0; i < n; i++) {
        crowd.states[i] = people[i].folded ? people[i].state : NULL;
        crowd.histories[i] =
            (struct rt_history) { people[i].events, people[i].n, people[i].values };
    }
    ck_assert_int_eq(rt_eval_crowd(crowds, &crowd, answers), RT_OK);
    granted = rt_eval_consents(crowds, 0, among);
    ck_assert_uint_eq(granted & ~among, 0);
    for (uint32_t i = 0; i < 64; i++) {
        if (i < n)
            rt_eval_person(alone, &crowd.histories[i], crowd.states[i]);
        for (uint32_t s = 0; s < p->plan->nsegments; s++) {
            int answer = i < n ? rt_eval_segment(alone, s) : RT_NO;

            ck_assert_int_eq(answers[s].yes >> i & 1, answer == RT_YES);
            ck_assert_int_eq(answers[s].undecided >> i & 1, answer == RT_UNDECIDED);
        }
        if (among >> i & 1)
            ck_assert_int_eq(granted >> i & 1, rt_eval_consent(alone, 0));
    }
}

/* folding: states are kept where they do; else all is asked of touches. */
static void check_definitions(const char *segments, bool folding, uint64_t seed)
{
    struct person *people = rt_calloc(64, sizeof *people);
    struct rt_eval *crowds = NULL, *alone = NULL;
    struct rt_eval_facts facts = { .ranking = NULL };
    struct rt_folder *folder = NULL;
    struct rt_texts *texts;
    struct planned p;
    char json[4096];

    snprintf(json, sizeof json,
        "{\"version\": 1, \"privacy\": {\"consent\": {\"ads\": {\"field\": \"consent\", "
        "\"granted\": [\"yes\"], \"absent\": \"%s\"}}}, \"segments\": [%s, {\"name\": "
        "\"z\", \"match\": {\"did\": \"d\"}, \"consent\": [\"ads\"]}]}",
        seed % 2 ? "grant" : "deny", segments);
    if (folding)
        planned_open_folding(&p, json);
    else
        planned_open(&p, json);
    ck_assert_ptr_nonnull(people);
    ck_assert_int_eq(rt_folder_new(p.plan, p.kinds, &folder), RT_OK);
    ck_assert_int_eq(rt_eval_new(p.plan, p.kinds, &crowds), RT_OK);
    ck_assert_int_eq(rt_eval_new(p.plan, p.kinds, &alone), RT_OK);
    texts = rt_match_texts(p.match);
    facts.texts = (struct rt_text_set) { &texts, 1 };
    rt_eval_know(crowds, &facts);
    rt_eval_know(alone, &facts);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t n = round % 3 ? 1 + next(&seed) % 64 : 64;
        uint64_t all = UINT64_MAX >> (64 - n);

        for (uint32_t i = 0; i < n; i++)
            make_person(&p, folder, &people[i], &seed);
        check_crowd(&p, crowds, alone, people, n,
            all & ((uint64_t)next(&seed) << 32 | next(&seed)));
    }
    rt_eval_free(crowds);
    rt_eval_free(alone);
    rt_folder_free(folder);
    rt_free(people);
    planned_close(&p);
}

START_TEST(random_people)
{
    check_definitions(definitions[_i / 2], _i % 2, (uint64_t)_i + 1);
}
END_TEST

/* ---- columns */

/* Words that decide something: bounds, what is beside them, none at all. */
static uint64_t random_word(const struct rt_state_leaf *leaf, uint64_t *seed)
{
    const uint64_t words[] = { 0, 1, leaf->least, leaf->most, UINT64_MAX,
        rt_fold_key(5000000, false), rt_fold_key(5000000, true),
        UINT64_C(1) << next(seed) % 64, (uint64_t)next(seed) << 32 | next(seed),
        UINT64_C(1) << leaf->shift, leaf->least << leaf->shift, leaf->most << leaf->shift,
        5000000 };

    return words[next(seed) % (sizeof words / sizeof *words)] + next(seed) % 3 - 1;
}

static int64_t random_bound(uint64_t *seed)
{
    static const int64_t bounds[] = { 0, 4999999, 5000000, 5000001, -1, INT64_MAX,
        INT64_MIN + 1 };

    return bounds[next(seed) % (sizeof bounds / sizeof *bounds)];
}

static void random_leaf(
    struct rt_state_leaf *leaf, struct rt_measure *measure, uint64_t *seed)
{
    uint32_t which = next(seed);

    *measure = (struct rt_measure) { .has_gte = which & 1,
        .has_gt = which >> 1 & 1,
        .has_lte = which >> 2 & 1,
        .has_lt = which >> 3 & 1,
        .has_eq = (which >> 4 & 7) == 0,
        .gte = random_bound(seed),
        .gt = random_bound(seed),
        .lte = random_bound(seed),
        .lt = random_bound(seed),
        .eq = random_bound(seed) };
    *leaf = (struct rt_state_leaf) { .ask = next(seed) % (RT_ASK_END + 1),
        .want = next(seed) % 2,
        .shift = next(seed) % 64,
        .upper = 1 + next(seed) % 5,
        .measure = measure };
    leaf->least = random_word(leaf, seed);
    leaf->most = random_word(leaf, seed);
    for (uint32_t i = 0; i < RT_LEAF_CELLS_MAX; i++) {
        leaf->words[i] = 2 * i;
        leaf->descending[i] = next(seed) % 2;
    }
    leaf->ncells = leaf->ask == RT_ASK_SINCE || leaf->ask == RT_ASK_BEFORE
        ? 2 + next(seed) % 2
        : leaf->ask == RT_ASK_AVERAGE ? 2
        : leaf->ask == RT_ASK_END     ? 1 + next(seed) % 2
                                      : 1;
}

START_TEST(columns_are_states)
{
    enum { WORDS = 6 };
    struct rt_columns *columns = rt_calloc(1, sizeof *columns);
    uint64_t states[RT_CROWD_MAX][WORDS], seed = 5;
    struct rt_crowd crowd = { .n = RT_CROWD_MAX };

    ck_assert_ptr_nonnull(columns);
    for (uint32_t round = 0; round < 20000; round++) {
        struct rt_measure measure;
        struct rt_state_leaf leaf;
        struct rt_column_test test;
        uint64_t holds;

        random_leaf(&leaf, &measure, &seed);
        for (uint32_t i = 0; i < RT_CROWD_MAX; i++) {
            for (uint32_t w = 0; w < WORDS; w++)
                states[i][w] =
                    next(&seed) % 4 && w ? states[i][0] : random_word(&leaf, &seed);
            if (leaf.ask == RT_ASK_SUM || leaf.ask == RT_ASK_AVERAGE)
                states[i][1] = next(&seed) % 4 ? 0 : UINT64_MAX; /* the upper half */
            if (leaf.ask == RT_ASK_AVERAGE)
                states[i][2] = next(&seed) % 3;
            crowd.states[i] = states[i];
        }
        test = rt_column_test(&leaf);
        rt_columns_load(columns, &crowd, WORDS);
        holds = rt_columns_ask(columns, &test);
        ck_assert_uint_eq(holds, rt_columns_ask_plain(columns, &test));
        for (uint32_t i = 0; i < RT_CROWD_MAX; i++)
            ck_assert_msg((holds >> i & 1) == rt_eval_state(&leaf, states[i]),
                "round %u, person %u, ask %d", round, i, (int)leaf.ask);
    }
    rt_free(columns);
}
END_TEST

Suite *crowd_suite(void)
{
    Suite *suite = suite_create("crowd");
    TCase *tc = tcase_create("crowd");

    tcase_add_loop_test(
        tc, random_people, 0, 2 * sizeof definitions / sizeof *definitions);
    tcase_add_test(tc, columns_are_states);
    suite_add_tcase(suite, tc);
    return suite;
}
