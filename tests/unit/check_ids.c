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
    uint32_t order = 0;
    int rc;

    rc = rt_ids_intern(ids, rt_ref_shard(&ref), &ref, &order, 1);
    *id = ref.id;
    return rc;
}

START_TEST(same_and_different)
{
    char longest[RT_ID_BYTES_MAX];
    struct rt_ids *ids;
    uint32_t a, again, other_kind, prefix, most;

    memset(longest, 'x', sizeof longest);
    ck_assert_int_eq(rt_ids_new(&ids), RT_OK);
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

    ck_assert_int_eq(rt_ids_new(&ids), RT_OK);
    ck_assert_uint_eq(rt_ids_find(ids, RT_SPAN("u1"), 0), UINT32_MAX);
    ck_assert_uint_eq(rt_ids_count(ids), 0);
    rt_ids_free(ids);
    rt_ids_free(NULL);
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

    ck_assert_int_eq(rt_ids_new(&ids), RT_OK);
    for (unsigned t = 0; t < THREADS; t++) {
        jobs[t] = (struct job) { ids, t * 1000, calloc(MANY, sizeof *jobs[t].got) };
        ck_assert_int_eq(pthread_create(&threads[t], NULL, intern_all, &jobs[t]), 0);
    }
    for (unsigned t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    ck_assert_uint_eq(rt_ids_count(ids), MANY);
    for (uint32_t s = 0; s < RT_ID_SHARDS; s++)
        places += rt_ids_places(ids, s);
    ck_assert_uint_eq(places, MANY);
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
    tcase_add_test(tc, threads_agree);
    tcase_set_timeout(tc, 60);
    suite_add_tcase(suite, tc);
    return suite;
}
