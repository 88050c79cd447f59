/* ids: one number for one id of one kind, whoever asks, and everything found again. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "people/ids.h"

Suite *ids_suite(void);

static int put(
    struct rt_ids *ids, struct rt_span bytes, uint8_t kind, uint8_t flags, uint32_t *id)
{
    struct rt_ref ref = rt_ref_of(bytes, kind, flags, 0);
    int rc;

    rc = rt_ids_intern(ids, &ref);
    *id = ref.id;
    return rc;
}

START_TEST(same_and_different)
{
    char longest[RT_ID_BYTES_MAX];
    struct rt_ids *ids;
    uint32_t a, again, other_kind, prefix, most;

    memset(longest, 'x', sizeof longest);
    ck_assert_int_eq(rt_ids_new(0, &ids), RT_OK);
    ck_assert_int_eq(put(ids, RT_SPAN("u1"), 0, 0, &a), RT_OK);
    ck_assert_int_eq(put(ids, RT_SPAN("u1"), 0, RT_ID_FIRST, &again), RT_OK);
    ck_assert_int_eq(put(ids, RT_SPAN("u1"), 30, 0, &other_kind), RT_OK);
    ck_assert_int_eq(put(ids, RT_SPAN("u1\0"), 0, 0, &prefix), RT_OK);
    ck_assert_int_eq(
        put(ids, (struct rt_span) { longest, sizeof longest }, 1, 0, &most), RT_OK);
    ck_assert_uint_eq(a, again);
    ck_assert_uint_ne(a, other_kind);
    ck_assert_uint_ne(a, prefix);
    ck_assert_uint_eq(rt_ids_count(ids), 4);
    ck_assert(rt_span_eq(rt_ids_bytes(ids, a), RT_SPAN("u1")));
    ck_assert_uint_eq(rt_ids_bytes(ids, prefix).n, 3);
    ck_assert_uint_eq(rt_ids_bytes(ids, most).n, RT_ID_BYTES_MAX);
    ck_assert_uint_eq(rt_ids_kind(ids, other_kind), 30);
    ck_assert_uint_eq(rt_ids_flags(ids, a), RT_ID_FIRST);
    rt_ids_add_flags(ids, a, RT_ID_OPTED_OUT);
    ck_assert_uint_eq(rt_ids_flags(ids, a), RT_ID_FIRST | RT_ID_OPTED_OUT);
    ck_assert_uint_eq(rt_ids_flags(ids, other_kind), 0);
    ck_assert_uint_eq(rt_ids_find(ids, RT_SPAN("u1"), 0), a);
    ck_assert_uint_eq(rt_ids_find(ids, RT_SPAN("u1"), 1), UINT32_MAX);
    ck_assert_uint_eq(rt_ids_find(ids, RT_SPAN("u"), 0), UINT32_MAX);
    rt_ids_free(ids);
}
END_TEST

START_TEST(nothing_is_found_in_nothing)
{
    struct rt_ids *ids;

    ck_assert_int_eq(rt_ids_new(0, &ids), RT_OK);
    ck_assert_uint_eq(rt_ids_find(ids, RT_SPAN("u1"), 0), UINT32_MAX);
    ck_assert_uint_eq(rt_ids_count(ids), 0);
    rt_ids_free(ids);
    rt_ids_free(NULL);
}
END_TEST

/* ---- ids that differ little: in length, kind, one byte, what stands in the entry or not */

enum { LIKE_BYTES = 40, LIKE_KINDS = 3 };

/* What stands at [n][at][kind] is the number of an id of n bytes, all 'a' but one. */
static uint32_t like[LIKE_BYTES + 1][LIKE_BYTES + 1][LIKE_KINDS];

static uint32_t like_one(struct rt_ids *ids, size_t n, size_t at, uint8_t kind)
{
    char *text = malloc(n); /* of its size: a look beyond it is seen */
    struct rt_span bytes = { text, n };
    uint32_t id, found;

    memset(text, 'a', n);
    if (at < n)
        text[at] = (char)(at % 2 ? '\xff' : 'b');
    ck_assert_int_eq(put(ids, bytes, kind, 0, &id), RT_OK);
    found = rt_ids_find(ids, bytes, kind);
    ck_assert_uint_eq(found, id);
    ck_assert(rt_span_eq(rt_ids_bytes(ids, id), bytes));
    ck_assert_uint_eq(rt_ids_kind(ids, id), kind);
    ck_assert_uint_eq(rt_ids_flags(ids, id), 0);
    free(text);
    return id;
}

START_TEST(much_alike)
{
    struct rt_ids *ids;
    uint64_t n_ids = 0;

    ck_assert_int_eq(rt_ids_new(0, &ids), RT_OK);
    for (size_t n = 1; n <= LIKE_BYTES; n++)
        for (size_t at = 0; at <= n; at++)
            for (uint8_t k = 0; k < LIKE_KINDS; k++) {
                like[n][at][k] = like_one(ids, n, at, (uint8_t)(k * 15));
                ck_assert_uint_eq(rt_ids_count(ids), ++n_ids);
            }
    for (size_t n = LIKE_BYTES; n >= 1; n--)
        for (size_t at = 0; at <= n; at++)
            for (uint8_t k = 0; k < LIKE_KINDS; k++)
                ck_assert_uint_eq(
                    like_one(ids, n, at, (uint8_t)(k * 15)), like[n][at][k]);
    ck_assert_uint_eq(rt_ids_count(ids), n_ids);
    rt_ids_free(ids);
}
END_TEST

START_TEST(refs_tell_their_bytes)
{
    char text[LIKE_BYTES];

    memset(text, 'q', sizeof text);
    for (size_t n = 1; n <= sizeof text; n++) {
        struct rt_span bytes = { text, n };
        struct rt_ref ref = rt_ref_of(bytes, 17, RT_ID_FIRST, 5);

        ck_assert(rt_span_eq(rt_ref_bytes(&ref), bytes));
        ck_assert_uint_eq(rt_ref_kind(&ref), 17);
        ck_assert_uint_eq(ref.row, 5);
        ck_assert_int_eq(rt_ref_is_long(&ref), n > RT_ID_SHORT_MAX);
        ck_assert_uint_eq(ref.hash, rt_ref_of(bytes, 17, 0, 0).hash);
    }
}
END_TEST

/* A flag that comes later stays with ids that were found by any way. */
START_TEST(flags_gather)
{
    static const char *const texts[] = { "x", "12345678", "fourteen bytes",
        "fifteen bytes !", "a much longer one than fits@shop.example" };
    struct rt_ids *ids;

    ck_assert_int_eq(rt_ids_new(0, &ids), RT_OK);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct rt_span bytes = rt_span_of(texts[i]);
        uint32_t id, again;

        ck_assert_int_eq(put(ids, bytes, 1, 0, &id), RT_OK);
        ck_assert_int_eq(put(ids, bytes, 1, RT_ID_FIRST, &again), RT_OK);
        ck_assert_uint_eq(id, again);
        ck_assert_uint_eq(rt_ids_flags(ids, id), RT_ID_FIRST);
        rt_ids_add_flags(ids, id, RT_ID_OPTED_OUT);
        ck_assert_int_eq(put(ids, bytes, 1, 0, &again), RT_OK);
        ck_assert_uint_eq(id, again);
        ck_assert_uint_eq(rt_ids_flags(ids, id), RT_ID_FIRST | RT_ID_OPTED_OUT);
    }
    rt_ids_forget_table(ids, true);
    ck_assert_uint_eq(rt_ids_find(ids, RT_SPAN("x"), 1), UINT32_MAX);
    ck_assert_uint_eq(rt_ids_count(ids), sizeof texts / sizeof *texts);
    rt_ids_free(ids);
}
END_TEST

/* Ids that count up, as most do, spread over shards, tags and slots as chance would: of
 * 2^16 balls in 2^16 bins of low bits, 2^16 (1 - 1/e) = 41427 bins have one. */
START_TEST(hashes_spread)
{
    static const char *const shapes[] = { "%u", "%09u", "user-%u", "%014u", "%08X",
        "u%u@shop.example" };
    static uint8_t seen[1 << 16];
    unsigned shards[RT_ID_SHARDS] = { 0 }, bins = 0;

    memset(seen, 0, sizeof seen);
    for (unsigned i = 0; i < 1 << 16; i++) {
        char text[64];
        int n = snprintf(text, sizeof text, shapes[_i], 140000000 + i);
        struct rt_ref ref = rt_ref_of((struct rt_span) { text, (size_t)n }, 1, 0, 0);

        shards[rt_ref_shard(&ref)]++;
        bins += !seen[ref.hash & 0xffff];
        seen[ref.hash & 0xffff] = 1;
    }
    ck_assert_uint_ge(bins, 41427 - 600);
    for (unsigned s = 0; s < RT_ID_SHARDS; s++) /* 1024, give or take six deviations */
        ck_assert(shards[s] > 1024 - 192 && shards[s] < 1024 + 192);
}
END_TEST

/* ---- states */

enum { STATES = 20000, STATE_WORDS = 5 };

/* A group takes all its steps. */
static void take_steps(struct rt_ids *ids, struct rt_ids_group *group)
{
    uint32_t shard = rt_ref_shard(group->refs[0]);
    struct rt_ids_part *part = rt_ids_lock(ids, shard);

    rt_ids_expect(part, group);
    ck_assert_int_eq(rt_ids_guess(part, group), RT_OK);
    rt_ids_approach(part, group);
    ck_assert_int_eq(rt_ids_take(part, shard, group), RT_OK);
    rt_ids_unlock(part);
}

/* Takes id k; folds: with its state. */
static uint64_t *take(struct rt_ids *ids, unsigned k, bool folds, uint32_t *id)
{
    char text[48];
    int n =
        snprintf(text, sizeof text, k % 3 ? "%u" : "%u-is-a-long-one@shop.example", k);
    struct rt_ref ref = rt_ref_of((struct rt_span) { text, (size_t)n }, 1, 0, 0);
    struct rt_ids_group one = { .n = 1, .refs = { &ref } };

    ref.folds = folds ? 7 : RT_ID_NO_FOLD;
    take_steps(ids, &one);
    ck_assert_int_eq(one.states[0] != NULL, folds);
    *id = ref.id;
    return one.states[0];
}

static unsigned not_state(const uint64_t *state, uint64_t value)
{
    unsigned wrong = !state;

    for (unsigned i = 0; state && i < STATE_WORDS; i++)
        wrong += state[i] != value;
    return wrong;
}

static void write_state(uint64_t *state, uint64_t value)
{
    for (unsigned i = 0; i < STATE_WORDS; i++)
        state[i] = value;
}

/* Of ids, a fourth folds from the start, a fourth later, a fourth in between when another
 * folds, the last one never. */
static bool folds_at(unsigned k, unsigned round)
{
    return k % 4 < 3 && round >= k % 4;
}

static unsigned nobodys(const struct rt_ids *ids, uint64_t *somebodys)
{
    unsigned wrong = 0;

    for (uint32_t s = 0; s < RT_ID_SHARDS; s++)
        for (uint32_t place = 0; place < rt_ids_places(ids, s); place++) {
            bool is = rt_ids_somebody(ids, s, place / 64) >> place % 64 & 1;

            *somebodys += is;
            wrong += is != (rt_ids_bytes(ids, rt_id_of(s, place)).n > 0);
        }
    return wrong;
}

/* A state stays with its id, whatever is folded first and whatever comes between, and when
 * the table is forgotten; ids stay when states are forgotten. */
START_TEST(states_stay)
{
    static uint32_t numbers[STATES];
    uint64_t somebodys = 0, cost;
    struct rt_ids *ids;
    unsigned wrong = 0;

    ck_assert_int_eq(rt_ids_new(STATE_WORDS, &ids), RT_OK);
    for (unsigned round = 0; round < 4; round++)
        for (unsigned k = 0; k < STATES; k++) {
            uint32_t id;
            uint64_t *state = take(ids, k, folds_at(k, round), &id);

            wrong += round && numbers[k] != id;
            numbers[k] = id;
            if (!state)
                continue;
            wrong += not_state(state, round > k % 4 ? k * 10 + round - 1 : 0);
            write_state(state, k * 10 + round);
        }
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(rt_ids_count(ids), STATES);
    cost =
        rt_ids_cost_bytes(ids); /* three of four states, all entries and their places */
    ck_assert_uint_ge(cost, STATES * 3 / 4 * STATE_WORDS * 8 + STATES * 21);
    ck_assert_uint_le(cost, STATES * (STATE_WORDS * 8 + 100));
    for (unsigned forgotten = 0; forgotten < 2; forgotten++) {
        for (unsigned k = 0; k < STATES; k++)
            if (folds_at(k, 3))
                wrong += not_state(rt_ids_state(ids, numbers[k]), k * 10 + 3);
            else
                wrong += rt_ids_state(ids, numbers[k]) != NULL;
        wrong += nobodys(ids, &somebodys);
        rt_ids_forget_table(ids, true);
    }
    ck_assert_uint_eq(somebodys, 2 * STATES);
    rt_ids_forget_all_states(ids);
    for (unsigned k = 0; k < STATES; k++)
        wrong += rt_ids_state(ids, numbers[k]) != NULL
            || rt_ids_bytes(ids, numbers[k]).n < 1 || rt_ids_kind(ids, numbers[k]) != 1;
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_le(rt_ids_cost_bytes(ids), cost - STATES / 2 * STATE_WORDS * 8);
    rt_ids_free(ids);
}
END_TEST

static unsigned wrong_of_shard(
    const struct rt_ids *ids, const uint32_t *numbers, uint32_t shard)
{
    unsigned wrong = 0;

    for (unsigned k = 0; k < STATES; k++)
        if (rt_id_shard(numbers[k]) == shard)
            wrong += (folds_at(k, 3) && not_state(rt_ids_state(ids, numbers[k]), k + 1))
                || rt_ids_bytes(ids, numbers[k]).n < 1
                || rt_ids_kind(ids, numbers[k]) != 1;
    return wrong;
}

/* Names may go with the states of their shard; those of others stay, whatever is written
 * where the first ones were. */
START_TEST(names_go)
{
    static uint32_t numbers[STATES];
    struct rt_spare spare = { 0 };
    struct rt_ids *ids;
    unsigned wrong = 0;
    size_t bytes, most = 0;
    char *p;

    ck_assert_int_eq(rt_ids_new(STATE_WORDS, &ids), RT_OK);
    for (unsigned k = 0; k < STATES; k++) {
        uint64_t *state = take(ids, k, folds_at(k, 3), &numbers[k]);

        if (state)
            write_state(state, k + 1);
    }
    rt_ids_forget_table(ids, false);
    for (uint32_t shard = 0; shard < RT_ID_SHARDS; shard++) {
        wrong += wrong_of_shard(ids, numbers, shard);
        rt_ids_forget_states(ids, shard, &spare);
        while ((p = rt_spare_take(&spare, 1, &bytes))) {
            memset(p, 0xFF, bytes);
            most += bytes;
        }
    }
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_ge(most, STATES * 3 / 4 * (STATE_WORDS * 8 + 16));
    rt_ids_forget_all_states(ids); /* there are none any more */
    rt_ids_free(ids);
}
END_TEST

/* Of one group: the same id several times, new and not, with states and without. */
static void check_same_in_a_group(struct rt_span text)
{
    enum { N = RT_IDS_TOGETHER };
    struct rt_ids_group group = { .n = N };
    struct rt_ref refs[N];
    struct rt_ids *ids;

    ck_assert_int_eq(rt_ids_new(1, &ids), RT_OK);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < N; i++) {
            refs[i] = rt_ref_of(text, 0, i % 2 ? RT_ID_FIRST : 0, 0);
            refs[i].folds = i % 4 == 1 ? 3 : RT_ID_NO_FOLD;
            group.refs[i] = &refs[i];
        }
        take_steps(ids, &group);
        for (unsigned i = 0; i < N; i++) {
            ck_assert_uint_eq(refs[i].id, refs[0].id);
            ck_assert_ptr_eq(group.states[i], i % 4 == 1 ? group.states[1] : NULL);
        }
        ck_assert_uint_eq(rt_ids_count(ids), 1);
        ck_assert_uint_eq(rt_ids_flags(ids, refs[0].id), RT_ID_FIRST);
        ck_assert_uint_eq((*group.states[1])++, round);
    }
    rt_ids_free(ids);
}

START_TEST(same_in_a_group)
{
    check_same_in_a_group(RT_SPAN("u1"));
    check_same_in_a_group(RT_SPAN("anybody.at.all@shop.example"));
}
END_TEST

/* While a group is between its steps, others may add its ids and make the table larger. */
START_TEST(groups_in_between)
{
    enum { N = RT_IDS_TOGETHER };
    char texts[2 * N][40];
    struct rt_ref refs[2 * N];
    struct rt_ids_group groups[2] = { { .n = 0 }, { .n = 0 } };
    struct rt_ids_part *part;
    struct rt_ids *ids;

    ck_assert_int_eq(rt_ids_new(1, &ids), RT_OK);
    part = rt_ids_lock(ids, 0);
    for (unsigned k = 0, n = 0; n < 40000; k++) {
        unsigned at = n % (2 * N);
        int length = snprintf(texts[at], sizeof *texts,
            k % 3 ? "%u" : "%u-is-a-long-one@shop.example", k / 7);

        refs[at] = rt_ref_of((struct rt_span) { texts[at], (size_t)length }, 1, 0, 0);
        refs[at].folds = k % 2 ? 7 : RT_ID_NO_FOLD;
        if (rt_ref_shard(&refs[at]) != 0)
            continue;
        groups[at / N].refs[at % N] = &refs[at];
        groups[at / N].n = at % N + 1;
        if (++n % (2 * N))
            continue;
        for (unsigned g = 0; g < 2; g++)
            ck_assert_int_eq(rt_ids_guess(part, &groups[g]), RT_OK);
        for (unsigned g = 0; g < 2; g++)
            rt_ids_approach(part, &groups[g]);
        for (unsigned g = 0; g < 2; g++)
            ck_assert_int_eq(rt_ids_take(part, 0, &groups[g]), RT_OK);
        for (unsigned i = 0; i < 2 * N; i++) {
            struct rt_span kept = rt_ids_bytes(ids, refs[i].id);

            ck_assert(rt_span_eq(kept, rt_ref_bytes(&refs[i])));
            ck_assert((groups[i / N].states[i % N] != NULL) == (refs[i].folds == 7));
        }
    }
    rt_ids_unlock(part);
    rt_ids_free(ids);
}
END_TEST

/* ---- many ids, several threads, all the same ones in another order */

enum { MANY = 100000, THREADS = 4 };

struct job {
    struct rt_ids *ids;
    unsigned first;
    uint32_t *got;
};

static void *intern_all(void *arg)
{
    struct job *job = arg;
    char text[32];

    for (unsigned i = 0; i < MANY; i++) {
        unsigned k = (i * 7919u + job->first) % MANY;
        int n = snprintf(text, sizeof text, "user-%u", k);

        if (put(job->ids, (struct rt_span) { text, (size_t)n }, 0, 0, &job->got[k])
            != RT_OK)
            job->got[k] = UINT32_MAX;
    }
    return NULL;
}

START_TEST(threads_agree)
{
    struct job jobs[THREADS];
    pthread_t threads[THREADS];
    struct rt_ids *ids;
    char text[32];
    uint64_t places = 0;
    unsigned wrong = 0;

    ck_assert_int_eq(rt_ids_new(0, &ids), RT_OK);
    for (unsigned t = 0; t < THREADS; t++) {
        jobs[t] = (struct job) { ids, t * 1000, calloc(MANY, sizeof *jobs[t].got) };
        ck_assert_int_eq(pthread_create(&threads[t], NULL, intern_all, &jobs[t]), 0);
    }
    for (unsigned t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    ck_assert_uint_eq(rt_ids_count(ids), MANY);
    for (uint32_t s = 0; s < RT_ID_SHARDS; s++)
        places += rt_ids_places(ids, s);
    ck_assert_uint_eq(places, MANY + RT_ID_SHARDS); /* one of each is nobody's */
    for (unsigned k = 0; k < MANY; k++) {
        int n = snprintf(text, sizeof text, "user-%u", k);
        struct rt_span bytes = { text, (size_t)n };

        for (unsigned t = 1; t < THREADS; t++)
            wrong += jobs[t].got[k] != jobs[0].got[k];
        wrong += !rt_span_eq(rt_ids_bytes(ids, jobs[0].got[k]), bytes);
        wrong += rt_ids_find(ids, bytes, 0) != jobs[0].got[k];
    }
    ck_assert_uint_eq(wrong, 0);
    for (unsigned t = 0; t < THREADS; t++)
        free(jobs[t].got);
    rt_ids_free(ids);
}
END_TEST

Suite *ids_suite(void)
{
    Suite *suite = suite_create("ids");
    TCase *tc = tcase_create("ids");

    tcase_add_test(tc, same_and_different);
    tcase_add_test(tc, nothing_is_found_in_nothing);
    tcase_add_test(tc, much_alike);
    tcase_add_test(tc, refs_tell_their_bytes);
    tcase_add_test(tc, flags_gather);
    tcase_add_loop_test(tc, hashes_spread, 0, 6);
    tcase_add_test(tc, states_stay);
    tcase_add_test(tc, names_go);
    tcase_add_test(tc, same_in_a_group);
    tcase_add_test(tc, groups_in_between);
    tcase_add_test(tc, threads_agree);
    tcase_set_timeout(tc, 60);
    suite_add_tcase(suite, tc);
    return suite;
}
