/* duplicates: which of several records counts, in memory and on disk. */
#include <check.h>
#include <stdio.h>

#include "people/duplicates.h"

Suite *duplicates_suite(void);

struct one {
    const char *key;
    int64_t time_us;
    const char *record;
    uint64_t layout;
    const char *payload;
};

static void add(struct rt_duplicates *d, const struct one *one)
{
    struct rt_set_aside aside = { .key = rt_hash128(rt_span_of(one->key), 0),
        .time_us = one->time_us,
        .record = rt_span_of(one->record),
        .layout = one->layout,
        .payload = rt_span_of(one->payload) };

    ck_assert_int_eq(rt_duplicates_add(d, &aside, NULL), RT_OK);
}

static int keep(void *ctx, struct rt_span payload)
{
    char *kept = ctx;

    strncat(kept, payload.p, payload.n);
    return RT_OK;
}

static const struct {
    const char *name;
    struct one ones[4];
    const char *kept;
} cases[] = {
    { "the earliest",
        { { "k", 5, "a", 0, "A" }, { "k", 3, "b", 0, "B" }, { "k", 4, "c", 0, "C" } },
        "B" },
    { "of one time the smallest bytes",
        { { "k", 5, "bb", 0, "A" }, { "k", 5, "ba", 0, "B" }, { "k", 5, "c", 0, "C" } },
        "B" },
    { "a beginning is smaller than the whole",
        { { "k", 5, "ab", 0, "A" }, { "k", 5, "a", 0, "B" } }, "B" },
    { "bytes above 127 are large",
        { { "k", 5, "\xc3\xa4", 0, "A" }, { "k", 5, "z", 0, "B" } }, "B" },
    { "identical ones", { { "k", 5, "a", 0, "A" }, { "k", 5, "a", 0, "A" } }, "A" },
    { "identical bytes, another layout",
        { { "k", 5, "a", 2, "A" }, { "k", 5, "a", 1, "B" } }, "B" },
    { "another key", { { "k", 5, "a", 0, "A" } }, "A" },
    { "times before 1970", { { "k", 0, "a", 0, "A" }, { "k", -7, "b", 0, "B" } }, "B" },
};

START_TEST(which)
{
    for (int backwards = 0; backwards < 2; backwards++) {
        struct rt_duplicates *d;
        struct rt_err err = { 0 };
        uint64_t dropped = 0;
        char kept[16] = "";
        unsigned n = 0;

        while (n < 4 && cases[_i].ones[n].key)
            n++;
        ck_assert_int_eq(rt_duplicates_new(1 << 20, "/tmp", &d, &err), RT_OK);
        for (unsigned i = 0; i < n; i++)
            add(d, &cases[_i].ones[backwards ? n - 1 - i : i]);
        ck_assert_int_eq(rt_duplicates_decide(d, keep, kept, &dropped, &err), RT_OK);
        ck_assert_msg(strcmp(kept, cases[_i].kept) == 0, "%s: %s", cases[_i].name, kept);
        ck_assert_uint_eq(dropped, n - 1);
        rt_duplicates_free(d);
    }
}
END_TEST

static int count(void *ctx, struct rt_span payload)
{
    ck_assert_uint_eq(payload.n, 3);
    ++*(unsigned *)ctx;
    return RT_OK;
}

/* 20,000 records of 5,000 keys, four of each. */
START_TEST(on_disk)
{
    static const uint64_t limits[] = { 1, 1 << 26 };
    struct rt_duplicates *d;
    struct rt_err err = { 0 };
    uint64_t dropped = 0;
    unsigned kept = 0;
    char key[16], record[32];

    ck_assert_int_eq(rt_duplicates_new(limits[_i], "/tmp", &d, &err), RT_OK);
    for (unsigned i = 0; i < 20000; i++) {
        snprintf(key, sizeof key, "k%u", i % 5000);
        snprintf(record, sizeof record, "record %u", i);
        add(d,
            &(struct one) {
                key, i < 10000 ? 9 : 8, record, 0, i < 10000 ? "late" : "yes" });
    }
    ck_assert_int_eq(rt_duplicates_decide(d, count, &kept, &dropped, &err), RT_OK);
    ck_assert_uint_eq(kept, 5000);
    ck_assert_uint_eq(dropped, 15000);
    rt_duplicates_free(d);
}
END_TEST

Suite *duplicates_suite(void)
{
    Suite *suite = suite_create("duplicates");
    TCase *tc = tcase_create("duplicates");

    tcase_add_loop_test(tc, which, 0, sizeof cases / sizeof *cases);
    tcase_add_loop_test(tc, on_disk, 0, 2);
    suite_add_tcase(suite, tc);
    return suite;
}
