/* What check and init count, and how they stand failing allocations. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "run/counts.h"
#include "run/run.h"
#include "run/starter.h"

Suite *survey_suite(void);

/* ---- counts */

START_TEST(counts_stop_at_their_limit)
{
    struct rt_counts a, b;
    struct rt_arena arena = RT_ARENA_INIT;

    ck_assert_int_eq(rt_counts_init(&a, 2), RT_OK);
    ck_assert_int_eq(rt_counts_init(&b, 2), RT_OK);
    rt_counts_add(&a, RT_SPAN("view"), 3, &arena);
    rt_counts_add(&a, RT_SPAN("cart"), 1, &arena);
    rt_counts_add(&a, RT_SPAN("sale"), 5, &arena);
    rt_counts_add(&a, RT_SPAN("view"), 1, &arena);
    ck_assert_uint_eq(a.n, 2);
    ck_assert_uint_eq(a.others, 5);
    ck_assert_uint_eq(rt_counts_of(&a, RT_SPAN("view")), 4);
    ck_assert_uint_eq(rt_counts_of(&a, RT_SPAN("sale")), 0);

    rt_counts_add(&b, RT_SPAN("cart"), 10, &arena);
    rt_counts_add(&b, RT_SPAN("news"), 2, &arena);
    ck_assert_int_eq(rt_counts_merge(&a, &b, &arena), RT_OK);
    ck_assert_uint_eq(rt_counts_of(&a, RT_SPAN("cart")), 11);
    ck_assert_uint_eq(a.others, 7);

    rt_counts_reset(&a);
    ck_assert_uint_eq(a.n + a.others, 0);
    ck_assert_uint_eq(rt_counts_of(&a, RT_SPAN("view")), 0);
    rt_counts_release(&a);
    rt_counts_release(&b);
    rt_arena_release(&arena);
}
END_TEST

START_TEST(counts_grow)
{
    struct rt_counts counts;
    struct rt_arena arena = RT_ARENA_INIT;
    char name[16];

    ck_assert_int_eq(rt_counts_init(&counts, 1000), RT_OK);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 1000; i++) {
            snprintf(name, sizeof name, "n%d", i);
            rt_counts_add(&counts, rt_span_of(name), 1, &arena);
        }
    ck_assert_uint_eq(counts.n, 1000);
    ck_assert_uint_eq(counts.others, 0);
    ck_assert_uint_eq(rt_counts_of(&counts, RT_SPAN("n999")), 2);
    rt_counts_release(&counts);
    rt_arena_release(&arena);
}
END_TEST

/* ---- events by name */

static const struct {
    const char *name;
    enum rt_role role;
} roles[] = {
    { "add_to_cart", RT_ROLE_CART_ADD },
    { "AddToCart", RT_ROLE_CART_ADD },
    { "Add to cart", RT_ROLE_CART_ADD },
    { "addtocart", RT_ROLE_CART_ADD },
    { "cart", RT_ROLE_CART },
    { "remove_from_cart", RT_ROLE_OTHER },
    { "purchase", RT_ROLE_PURCHASE },
    { "Order Completed", RT_ROLE_PURCHASE },
    { "transaction", RT_ROLE_PURCHASE },
    { "order", RT_ROLE_PURCHASE },
    { "checkout", RT_ROLE_CHECKOUT },
    { "begin_checkout", RT_ROLE_CHECKOUT },
    { "checkout_bug", RT_ROLE_OTHER },
    { "view", RT_ROLE_VIEW },
    { "product_view", RT_ROLE_VIEW },
    { "ViewContent", RT_ROLE_VIEW },
    { "page", RT_ROLE_PAGE },
    { "page_view", RT_ROLE_PAGE },
    { "screen-view", RT_ROLE_PAGE },
    { "video_progress", RT_ROLE_VIDEO },
    { "view\"", RT_ROLE_OTHER },
    { "vi\xc3\xa9w", RT_ROLE_OTHER },
    { "", RT_ROLE_OTHER },
    { "view_item_view_item_view_item_view_item", RT_ROLE_OTHER },
};

START_TEST(role_of_a_name)
{
    enum rt_role role = rt_role_of(rt_span_of(roles[_i].name));

    ck_assert_msg(role == roles[_i].role, "%s: %d", roles[_i].name, (int)role);
}
END_TEST

/* ---- failing allocations */

static char folder[] = "/tmp/retarget-survey.XXXXXX";

static const char *write_file(const char *name, const char *text)
{
    static char paths[4][1024];
    static unsigned n;
    char *path = paths[n++ % 4];
    FILE *f;

    snprintf(path, sizeof *paths, "%s/%s", folder, name);
    f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    ck_assert_int_eq(fclose(f), 0);
    return path;
}

static const char events[] = "time,event,user_id,plan,value\n"
                             "2026-06-01T10:00:00Z,view,ann,pro,1\n"
                             "2026-06-02T10:00:00Z,purchase,bob,free,2\n";

/* Some of each: contradictions, ways of an any, names, values, windows, contact rows. */
static const char segments[] =
    "{ \"version\": 1, \"people\": { \"contacts\": [ { \"file\": \"people.csv\" } ] },\n"
    "  \"segments\": [ { \"name\": \"a\", \"match\": { \"any\": [ { \"did\": \"vieww\" "
    "},\n"
    "    { \"all\": [ { \"did\": \"view\" }, { \"did_not\": \"view\" } ] },\n"
    "    { \"for_some\": \"plan\", \"holds\": { \"did\": \"view\", \"where\":\n"
    "      { \"plan\": \"prro\", \"value\": { \"gt\": 3, \"lt\": 2 } } } } ] } },\n"
    "    { \"name\": \"b\", \"match\": { \"did_not\": \"view\", \"in_last\": \"90d\" },\n"
    "      \"exclude\": [ { \"profile\": { \"tier\": \"x\" } } ] } ],\n"
    "  \"outputs\": [ { \"to\": \"google-ads\" } ] }\n";

static void clean(void)
{
    static const char *const names[] = { "e.csv", "s.json", "people.csv" };
    char path[1024];

    rt_alloc_fail_at(0, 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static int check_once(const struct rt_run_options *o, size_t *nwarnings)
{
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { .arena = &arena }, warnings = { .arena = &arena };
    struct rt_err err = { 0 };
    int rc = rt_run_check(o, &errors, &warnings, &err);

    *nwarnings = warnings.n;
    rt_arena_release(&arena);
    return rc;
}

static int init_once(const struct rt_run_options *o, size_t *bytes)
{
    struct rt_buf text = RT_BUF_INIT(1 << 20);
    struct rt_init found;
    struct rt_err err = { 0 };
    int rc = rt_run_init(o, &text, &found, &err);

    *bytes = text.n;
    rt_buf_release(&text);
    return rc;
}

/* Each nth allocation fails alone: the run fails, or it did not matter. (Warnings are not kept at any price: some may then be missing.) */
static void fail_each(int (*run)(const struct rt_run_options *, size_t *),
    const struct rt_run_options *o, size_t good)
{
    uint64_t before = rt_alloc_count(), n;
    size_t got;

    ck_assert_int_eq(run(o, &got), RT_OK);
    ck_assert_uint_eq(got, good);
    n = rt_alloc_count() - before;
    for (uint64_t i = 1; i <= n; i++) {
        int rc;

        rt_alloc_fail_at(i, 0);
        rc = run(o, &got);
        rt_alloc_fail_at(0, 0);
        ck_assert_msg(rc < 0 || got <= good, "allocation %llu: %d, %zu",
            (unsigned long long)i, rc, got);
    }
}

START_TEST(no_memory)
{
    struct rt_run_input input = { NULL, NULL, NULL };
    struct rt_run_options o = { .inputs = &input,
        .ninputs = 1,
        .as_of = "2026-06-02T10:00:00Z",
        .jobs = 1,
        .memory_bytes = 16 << 20,
        .tmpdir = "/tmp" };
    size_t bytes;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    write_file("people.csv", "user_id,tier\nann,x\n");
    input.path = write_file("e.csv", events);
    o.segments_path = write_file("s.json", segments);
    /* vieww, the contradiction, the tests, prro, whoever did nothing, 90 days, nothing to
     * find people by, too few of them */
    fail_each(check_once, &o, 8);
    ck_assert_int_eq(init_once(&o, &bytes), RT_OK);
    fail_each(init_once, &o, bytes);
    clean();
}
END_TEST

#define LOOP(tc, test, table)                                                            \
    tcase_add_loop_test(tc, test, 0, sizeof(table) / sizeof *(table))

Suite *survey_suite(void)
{
    Suite *s = suite_create("survey");
    TCase *tc = tcase_create("survey");

    tcase_add_test(tc, counts_stop_at_their_limit);
    tcase_add_test(tc, counts_grow);
    LOOP(tc, role_of_a_name, roles);
    tcase_add_test(tc, no_memory);
    tcase_set_timeout(tc, 60);
    suite_add_tcase(s, tc);
    return s;
}
