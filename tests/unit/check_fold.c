/* fold: states of records, in any order and any parts. (What leaves make of them is
 * compared with touches in check_eval.c.) */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "people/fold.h"
#include "planned.h"

Suite *fold_suite(void);

/* Of a state, what is in front of it, and what is behind it and stays zeros. */
enum { ROOM = RT_STATE_FRONT + RT_STATE_WORDS_MAX + 8 };

START_TEST(keys)
{
    static const int64_t ascending[] = { INT64_MIN + 1, -5, -1, 0, 1, 7, INT64_MAX - 1 };
    enum { N = sizeof ascending / sizeof *ascending };

    for (int i = 0; i < N; i++) {
        uint64_t key = rt_fold_key(ascending[i], false);
        uint64_t down = rt_fold_key(ascending[i], true);

        ck_assert(key > 0 && down > 0);
        ck_assert_int_eq(rt_fold_unkey(key, false), ascending[i]);
        ck_assert_int_eq(rt_fold_unkey(down, true), ascending[i]);
        ck_assert(i == 0 || key > rt_fold_key(ascending[i - 1], false));
        ck_assert(i == 0 || down < rt_fold_key(ascending[i - 1], true));
    }
}
END_TEST

static const char all_cells[] =
    "{\"version\": 1, \"segments\": [{\"name\": \"s\", \"match\": {\"any\": ["
    "{\"did\": \"a\"}, {\"did\": \"a\", \"at_least\": 2},"
    "{\"did\": \"a\", \"sum\": \"v\", \"gt\": 1}, {\"did\": \"a\", \"avg\": \"v\", "
    "\"gt\": 1},"
    "{\"did\": \"a\", \"min\": \"v\", \"gt\": 1}, {\"did\": \"a\", \"max\": \"v\", "
    "\"gt\": 1},"
    "{\"last\": \"a\", \"ago\": {\"min\": \"1s\"}}, {\"first\": \"a\", \"ago\": "
    "{\"min\": "
    "\"1s\"}},"
    "{\"did\": \"b\", \"since_last\": \"a\"}, {\"did_not\": \"b\", \"before_last\": "
    "\"a\"}]}}]}";

/* As this processor can, and as any can: the same. */
static void fold_both_ways(struct planned *p, struct rt_folder *folder, uint64_t *state,
    const struct rt_matched *m, int64_t time_us)
{
    uint64_t plain[ROOM] = { 7, 8 };
    size_t bytes = p->plan->state_words * sizeof *state;

    memcpy(plain + RT_STATE_FRONT, state, bytes);
    rt_folder_add_plain(folder, plain + RT_STATE_FRONT, m->kind, time_us, m->values);
    rt_folder_add(folder, state, m->kind, time_us, m->values);
    ck_assert_mem_eq(state, plain + RT_STATE_FRONT, bytes);
}

static void fold_record(struct planned *p, struct rt_folder *folder, const char *text,
    int64_t time_us, uint64_t *state)
{
    struct rt_matched m;

    planned_match(p, text, time_us, &m);
    if (rt_folder_use(folder, m.kind) & RT_USE_STATE)
        fold_both_ways(p, folder, state, &m, time_us);
}

/* Records shared out over three states that are put together are the records folded into
 * one. */
START_TEST(parts_make_the_whole)
{
    uint64_t whole[ROOM] = { 7, 8 }, parts[3][ROOM] = { { 7, 8 } };
    struct rt_folder *folder;
    struct planned p;

    srand48(_i);
    planned_open_folding(&p, all_cells);
    ck_assert_uint_le(p.plan->state_words, RT_STATE_WORDS_MAX);
    ck_assert_uint_eq(p.plan->touched[0], 0);
    ck_assert_int_eq(rt_folder_new(p.plan, p.kinds, &folder), RT_OK);
    for (int i = 0; i < 40; i++) {
        int64_t at = PLANNED_AS_OF - lrand48() % 1000;
        char text[64];

        if (lrand48() % 4)
            snprintf(text, sizeof text, "%c v=%ld.5", lrand48() % 3 ? 'a' : 'b',
                lrand48() % 9 - 4);
        else
            snprintf(text, sizeof text, "%c v=none", lrand48() % 3 ? 'a' : 'b');
        fold_record(&p, folder, text, at, whole + RT_STATE_FRONT);
        fold_record(&p, folder, text, at, parts[lrand48() % 3] + RT_STATE_FRONT);
    }
    rt_fold_merge(p.plan, parts[1] + RT_STATE_FRONT, parts[2] + RT_STATE_FRONT);
    rt_fold_merge(p.plan, parts[0] + RT_STATE_FRONT, parts[1] + RT_STATE_FRONT);
    ck_assert_mem_eq(parts[0], whole, sizeof whole);
    rt_folder_free(folder);
    planned_close(&p);
}
END_TEST

/* ---- deeds and their plain twin: cell by cell, each asked whether the record is for it */

static const char windows[] =
    "{\"version\": 1, \"segments\": [{\"name\": \"s\", \"match\": {\"any\": ["
    "{\"did\": \"a\"}, {\"did\": \"b\"}, {\"did\": \"*\", \"in_last\": \"400s\"},"
    "{\"did\": \"a\", \"in_last\": \"400s\"},"
    "{\"did\": \"b\", \"in_last\": \"100s\", \"at_least\": 2},"
    "{\"did\": \"*\", \"at_least\": 2},"
    "{\"last\": \"*\", \"ago\": {\"min\": \"1s\"}},"
    "{\"first\": \"b\", \"ago\": {\"min\": \"1s\"}},"
    "{\"did\": \"b\", \"since_last\": \"a\", \"in_last\": \"400s\"},"
    "{\"did\": \"a\", \"in_last\": \"400s\", \"sum\": \"v\", \"gt\": 1},"
    "{\"did\": \"a\", \"in_last\": \"400s\", \"max\": \"v\", \"gt\": 1},"
    "{\"did\": \"b\", \"min\": \"v\", \"gt\": 1}]}}]}";

static bool is_for(const struct rt_cell *c, const uint64_t *bits, int64_t time_us)
{
    return bits[c->matcher / 64] >> c->matcher % 64 & 1
        && (c->unless == RT_NONE || !(bits[c->unless / 64] >> c->unless % 64 & 1))
        && time_us >= c->when.lo_us && time_us <= c->when.hi_us;
}

static void take_larger(uint64_t *word, uint64_t key)
{
    *word = key > *word ? key : *word;
}

static void plain_count(uint64_t *word, uint32_t shift)
{
    uint64_t count = *word >> shift & 0xffff;

    *word ^= count << shift;
    *word |= (count < 32768 ? count + 1 : 32768) << shift;
}

static void plain_cell(
    uint64_t *state, const struct rt_cell *c, int64_t time_us, int64_t number)
{
    bool none = number == RT_NO_NUMBER;
    uint64_t *word = &state[c->word];
    __int128 sum;

    switch (c->op) {
    case RT_CELL_SEEN:
        *word |= UINT64_C(1) << c->shift;
        break;
    case RT_CELL_COUNT_UP_TO:
        plain_count(word, c->shift);
        break;
    case RT_CELL_COUNT:
        ++*word;
        break;
    case RT_CELL_NUMBERS:
        *word += !none;
        break;
    case RT_CELL_SUM:
        sum = rt_fold_sum(*word, state[c->upper]) + (none ? 0 : number);
        *word = (uint64_t)sum;
        state[c->upper] &= UINT32_MAX;
        state[c->upper] |= (uint64_t)(sum >> 64) << 32;
        break;
    case RT_CELL_LATEST:
    case RT_CELL_EARLIEST:
        take_larger(word, rt_fold_key(time_us, c->op == RT_CELL_EARLIEST));
        break;
    case RT_CELL_LARGEST:
    case RT_CELL_SMALLEST:
        if (!none)
            take_larger(word, rt_fold_key(number, c->op == RT_CELL_SMALLEST));
    }
}

static void plain_fold(
    struct planned *p, const struct rt_matched *m, int64_t time_us, uint64_t *state)
{
    uint64_t bits[RT_MATCHERS_MAX / 64];
    struct rt_kind_facts facts = rt_kinds_facts(p->kinds, m->kind, bits);

    for (uint32_t i = 0; i < p->plan->ncells; i++) {
        const struct rt_cell *c = &p->plan->cells[i];
        int64_t number = RT_NO_NUMBER;

        if (!is_for(c, bits, time_us))
            continue;
        if (c->value != RT_NONE)
            number =
                (int64_t)
                    m->values[rt_kinds_word_of(p->kinds, facts.row_values, c->value)];
        plain_cell(state, c, time_us, number);
    }
}

START_TEST(deeds_are_cells)
{
    static const char *const texts[] = { "a v=2.5", "a v=-7", "a", "b v=3", "b v=none",
        "b", "c v=1" };
    uint64_t state[ROOM] = { 7, 8 }, plain[ROOM] = { 7, 8 };
    struct rt_folder *folder;
    struct planned p;

    srand48(_i);
    planned_open_folding(&p, _i % 2 ? windows : all_cells);
    ck_assert_int_eq(rt_folder_new(p.plan, p.kinds, &folder), RT_OK);
    for (int i = 0; i < 60; i++) {
        const char *text = texts[lrand48() % (long)(sizeof texts / sizeof *texts)];
        int64_t at = PLANNED_AS_OF - (lrand48() % 6) * INT64_C(100000000);
        struct rt_matched m;

        planned_match(&p, text, at, &m);
        plain_fold(&p, &m, at, plain + RT_STATE_FRONT);
        fold_record(&p, folder, text, at, state + RT_STATE_FRONT);
        ck_assert_mem_eq(state, plain, sizeof state);
    }
    rt_folder_free(folder);
    planned_close(&p);
}
END_TEST

/* Counts that are only compared with small bounds are full at 32768, folded or put together,
 * and leave their neighbours alone. */
START_TEST(full_counts)
{
    uint64_t room[ROOM] = { 7, 8 }, other[ROOM] = { 7, 8 };
    uint64_t *state = room + RT_STATE_FRONT, *more = other + RT_STATE_FRONT;
    const struct rt_cell *count = NULL;
    struct rt_folder *folder;
    struct planned p;

    planned_open_folding(&p,
        "{\"version\": 1, \"segments\": [{\"name\": \"s\", \"match\": {\"any\": ["
        "{\"did\": \"a\"}, {\"did\": \"a\", \"at_least\": 32768}, {\"did\": \"b\"}]}}]}");
    ck_assert_uint_eq(p.plan->state_words, 1);
    for (uint32_t i = 0; i < p.plan->ncells; i++)
        if (p.plan->cells[i].op == RT_CELL_COUNT_UP_TO)
            count = &p.plan->cells[i];
    ck_assert_ptr_nonnull(count);
    ck_assert_int_eq(rt_folder_new(p.plan, p.kinds, &folder), RT_OK);
    for (unsigned n = 1; n <= 33000; n++) {
        fold_record(&p, folder, "a", PLANNED_AS_OF, state);
        ck_assert_uint_eq(*state >> count->shift & 0xffff, n < 32768 ? n : 32768);
        if (n == 20000)
            *more = *state;
    }
    ck_assert_uint_eq(*state & ~(UINT64_C(0xffff) << count->shift),
        *more & ~(UINT64_C(0xffff) << count->shift));
    rt_fold_merge(p.plan, state, more);
    ck_assert_uint_eq(*state >> count->shift & 0xffff, 32768);
    *state = *more;
    rt_fold_merge(p.plan, state, more);
    ck_assert_uint_eq(*state >> count->shift & 0xffff, 32768);
    rt_folder_free(folder);
    planned_close(&p);
}
END_TEST

/* Sums below zero and past 64 bits, beside the bits that share a word with their upper half. */
START_TEST(long_sums)
{
    uint64_t room[ROOM] = { 7, 8 }, *state = room + RT_STATE_FRONT;
    __int128 want = 0, got;
    const struct rt_cell *sum = NULL;
    struct rt_folder *folder;
    struct planned p;

    planned_open_folding(&p, all_cells);
    for (uint32_t i = 0; i < p.plan->ncells; i++)
        if (p.plan->cells[i].op == RT_CELL_SUM)
            sum = &p.plan->cells[i];
    ck_assert_ptr_nonnull(sum);
    ck_assert_int_eq(rt_folder_new(p.plan, p.kinds, &folder), RT_OK);
    for (int i = 0; i < 80; i++) {
        bool minus = i % 40 >= 20 - i / 40; /* to 2 * 10^19, to -10^18 and around */

        fold_record(&p, folder, minus ? "a v=-999999999999" : "a v=999999999999",
            PLANNED_AS_OF, state);
        want += (minus ? -1 : 1) * (__int128)999999999999000000;
        got = rt_fold_sum(state[sum->word], state[sum->upper]);
        ck_assert(got == want);
    }
    rt_folder_free(folder);
    planned_close(&p);
}
END_TEST

/* What finds no room is asked of touches, and then all its events are touched. */
START_TEST(no_room)
{
    char json[8192];
    size_t n = (size_t)snprintf(json, sizeof json,
        "{\"version\": 1, \"segments\": [{\"name\": \"s\", \"match\": {\"any\": [");
    uint32_t folded = 0;
    struct planned p;

    for (int i = 0; i < 20; i++)
        n += (size_t)snprintf(json + n, sizeof json - n,
            "%s{\"did\": \"e%d\", \"sum\": \"v\", \"gt\": 1}", i ? ", " : "", i);
    snprintf(json + n, sizeof json - n, "]}}]}");
    planned_open_folding(&p, json);
    ck_assert_uint_eq(p.plan->nleaves, 20);
    for (uint32_t i = 0; i < 20; i++) {
        const struct rt_leaf *leaf = &p.plan->leaves[i];

        folded += leaf->ncells > 0;
        ck_assert_uint_eq(p.plan->touched[0] >> leaf->matcher & 1, leaf->ncells == 0);
    }
    ck_assert_uint_eq(folded, RT_STATE_WORDS_MAX / 2);
    planned_close(&p);
}
END_TEST

/* Inside of a for_some nothing is folded: there each value has a history of its own. */
START_TEST(not_in_for_some)
{
    struct planned p;

    planned_open_folding(&p,
        "{\"version\": 1, \"segments\": [{\"name\": \"s\", \"match\": {\"all\": "
        "[{\"did\": "
        "\"a\"}, {\"for_some\": \"p\", \"holds\": {\"did\": \"a\"}}]}}]}");
    ck_assert_uint_eq(p.plan->nleaves, 3);
    ck_assert_uint_eq(p.plan->leaves[0].ncells, 1);
    ck_assert_uint_eq(p.plan->leaves[1].ncells, 0);
    ck_assert_uint_eq(p.plan->leaves[2].ncells, 0);
    ck_assert(p.plan->touched[0] >> p.plan->leaves[2].matcher & 1);
    planned_close(&p);
}
END_TEST

/* Where an event may be its own anchor, the time of those that are none is kept beside
 * that of all; where none can be, one time is both. The anchor's own time is one more. */
static const struct {
    const char *did, *since;
    uint32_t words;
} anchored[] = {
    { "\"b\"", "\"a\"", 2 },
    { "\"a\"", "\"a\"", 3 },
    { "\"*\"", "\"a\"", 3 },
    { "\"b\"", "\"*\"", 3 },
    { "[\"b\", \"c\"]", "\"a\"", 2 },
    { "[\"b\", \"a\"]", "\"a\"", 3 },
};

START_TEST(one_time_without_own_anchors)
{
    char text[256];
    struct planned p;

    snprintf(text, sizeof text,
        "{\"version\": 1, \"segments\": [{\"name\": \"s\", \"match\": "
        "{\"did\": %s, \"since_first\": %s}}]}",
        anchored[_i].did, anchored[_i].since);
    planned_open_folding(&p, text);
    ck_assert_uint_eq(p.plan->state_words, anchored[_i].words);
    planned_close(&p);
}
END_TEST

Suite *fold_suite(void)
{
    Suite *s = suite_create("fold");
    TCase *tc = tcase_create("fold");

    tcase_add_test(tc, keys);
    tcase_add_loop_test(tc, parts_make_the_whole, 0, 20);
    tcase_add_loop_test(tc, deeds_are_cells, 0, 40);
    tcase_add_test(tc, full_counts);
    tcase_add_test(tc, long_sums);
    tcase_add_test(tc, no_room);
    tcase_add_test(tc, not_in_for_some);
    tcase_add_loop_test(
        tc, one_time_without_own_anchors, 0, sizeof anchored / sizeof *anchored);
    suite_add_tcase(s, tc);
    return s;
}
