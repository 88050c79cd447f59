/* spool: the same bytes come back from memory, from the file and from what waits. */
#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/spool.h"

Suite *spool_suite(void);

/* The byte that stands at a place: different in neighbouring blocks. */
static char byte_at(uint64_t at)
{
    return (char)(at * 31 + (at >> 8) * 7 + (at >> 16));
}

static void fill(char *p, uint64_t at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = byte_at(at + i);
}

static bool matches(const char *p, uint64_t at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != byte_at(at + i))
            return false;
    return true;
}

static int add_pattern(
    struct rt_spool *spool, size_t total, size_t piece, struct rt_err *err)
{
    char *p = malloc(piece);
    int rc = RT_OK;

    ck_assert_ptr_nonnull(p);
    for (size_t at = 0; at < total && rc == RT_OK; at += piece) {
        size_t n = total - at < piece ? total - at : piece;
        uint64_t where = 0;

        fill(p, at, n);
        rc = rt_spool_add(spool, (struct rt_span) { p, n }, &where, err);
        if (rc == RT_OK)
            ck_assert_uint_eq(where, at);
    }
    free(p);
    return rc;
}

enum { KIB = 1024, MIB = 1024 * 1024 };

static const struct {
    const char *name;
    uint64_t memory_bytes;
    size_t total, piece;
    uint64_t least_on_disk;
} fillings[] = {
    { "nothing", 0, 0, 1, 0 },
    { "all in memory", MIB, MIB, 1000, 0 },
    { "a limit within a block", 100, 1000, 7, 0 },
    { "no memory, all waits", 0, 255 * KIB, 1000, 0 },
    { "no memory, some on disk", 0, MIB, 1000, 700 * KIB },
    { "memory, disk and waiting", 300 * KIB + 1, 2 * MIB + 13, 999, MIB },
    { "pieces larger than the buffer", 10, 3 * MIB, 700 * KIB, 3 * MIB - 10 },
    { "one piece over everything", 300 * KIB, 3 * MIB, 3 * MIB, 3 * MIB - 300 * KIB },
    { "pieces of the buffer's size", 256 * KIB, MIB, 256 * KIB, 768 * KIB },
};

/* What lies in memory, in one block, is lent where it lies. */
static void look_at(
    const struct rt_spool *spool, size_t at, size_t n, uint64_t memory_bytes)
{
    const char *p = rt_spool_look(spool, at, n);

    rt_spool_fetch(spool, at);
    ck_assert_int_eq(
        p != NULL, at + n <= memory_bytes && at % (256 * KIB) + n <= 256 * KIB);
    ck_assert(!p || matches(p, at, n));
}

START_TEST(bytes_come_back)
{
    size_t total = fillings[_i].total;
    struct rt_spool *spool = NULL;
    char *p = malloc(total + 1);

    ck_assert_int_eq(
        rt_spool_new(fillings[_i].memory_bytes, "/tmp", &spool, NULL), RT_OK);
    ck_assert_int_eq(add_pattern(spool, total, fillings[_i].piece, NULL), RT_OK);
    ck_assert_uint_eq(rt_spool_bytes(spool), total);
    ck_assert_uint_ge(rt_spool_file_bytes(spool), fillings[_i].least_on_disk);
    if (fillings[_i].memory_bytes >= total)
        ck_assert_uint_eq(rt_spool_file_bytes(spool), 0);
    ck_assert_int_eq(rt_spool_read(spool, 0, p, total, NULL), RT_OK);
    ck_assert_msg(matches(p, 0, total), "%s", fillings[_i].name);
    for (size_t at = 0; at + 5000 <= total; at += 4999) {
        ck_assert_int_eq(rt_spool_read(spool, at, p, 5000, NULL), RT_OK);
        ck_assert_msg(matches(p, at, 5000), "%s at %zu", fillings[_i].name, at);
        look_at(spool, at, 5000, fillings[_i].memory_bytes);
    }
    ck_assert_ptr_null(rt_spool_look(spool, UINT64_MAX, 2));
    ck_assert_int_eq(rt_spool_read(spool, total, p, 0, NULL), RT_OK);
    ck_assert_int_eq(rt_spool_read(spool, 0, p, total + 1, NULL), RT_ERANGE);
    ck_assert_int_eq(rt_spool_read(spool, total, p, 1, NULL), RT_ERANGE);
    ck_assert_int_eq(rt_spool_read(spool, UINT64_MAX, p, 2, NULL), RT_ERANGE);
    rt_spool_free(spool);
    free(p);
}
END_TEST

static void *read_everything(void *context)
{
    const struct rt_spool *spool = context;
    uint64_t total = rt_spool_bytes(spool);
    char p[1000];

    for (uint64_t at = 0; at + sizeof p <= total; at += 777)
        if (rt_spool_read(spool, at, p, sizeof p, NULL) != RT_OK
            || !matches(p, at, sizeof p))
            return (void *)spool;
    return NULL;
}

START_TEST(many_readers)
{
    struct rt_spool *spool = NULL;
    pthread_t threads[4];
    void *wrong;

    ck_assert_int_eq(rt_spool_new(300 * KIB, "/tmp", &spool, NULL), RT_OK);
    ck_assert_int_eq(add_pattern(spool, 2 * MIB + 1, 501, NULL), RT_OK);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, read_everything, spool), 0);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_join(threads[i], &wrong), 0);
        ck_assert_ptr_null(wrong);
    }
    rt_spool_free(spool);
}
END_TEST

static const struct {
    const char *tmpdir, *says;
} bad_dirs[] = {
    { "/nowhere/at/all", "cannot make a temporary file: No such file or directory" },
    { "/dev/null", "cannot make a temporary file: Not a directory" },
};

START_TEST(tmpdir_that_is_none)
{
    struct rt_spool *spool = NULL;
    struct rt_err err = { 0 };
    char bytes[100] = "";

    ck_assert_int_eq(rt_spool_new(99, bad_dirs[_i].tmpdir, &spool, &err), RT_OK);
    ck_assert_int_eq(
        rt_spool_add(spool, (struct rt_span) { bytes, sizeof bytes }, NULL, &err),
        RT_EIO);
    ck_assert_str_eq(err.text, bad_dirs[_i].says);
    ck_assert_str_eq(err.source, bad_dirs[_i].tmpdir);
    ck_assert_int_eq(rt_spool_add(spool, RT_SPAN("x"), NULL, NULL), RT_EIO);
    rt_spool_free(spool);
}
END_TEST

/* Lowers a limit of the process, which is also that of the tests behind when Check does not
 * fork; returns what it was. */
static rlim_t lower(int resource, rlim_t most)
{
    struct rlimit limit;
    rlim_t was;

    ck_assert_int_eq(getrlimit(resource, &limit), 0);
    was = limit.rlim_cur;
    limit.rlim_cur = most;
    ck_assert_int_eq(setrlimit(resource, &limit), 0);
    return was;
}

/* A limit on the size of files stands in for a full disk. */
START_TEST(full_disk)
{
    struct rt_spool *spool = NULL;
    struct rt_err err = { 0 };
    rlim_t was;

    signal(SIGXFSZ, SIG_IGN);
    was = lower(RLIMIT_FSIZE, 500 * KIB);
    ck_assert_int_eq(rt_spool_new(1000, "/tmp", &spool, NULL), RT_OK);
    ck_assert_int_eq(add_pattern(spool, 2 * MIB, 1000, &err), RT_EIO);
    ck_assert_str_eq(err.text,
        "cannot write to the temporary file here (--tmpdir names another "
        "folder): File too large");
    rt_spool_free(spool);
    lower(RLIMIT_FSIZE, was);
}
END_TEST

START_TEST(no_memory)
{
    int rc = RT_ENOMEM;

    for (uint64_t nth = 1; rc != RT_OK; nth++) {
        struct rt_spool *spool = NULL;
        struct rt_err err = { 0 };

        ck_assert_uint_lt(nth, 100);
        rt_alloc_fail_at(nth, 0);
        rc = rt_spool_new(5 * MIB, "/tmp", &spool, &err);
        if (rc == RT_OK)
            rc = add_pattern(spool, 6 * MIB, 100 * KIB, &err);
        rt_alloc_fail_at(0, 0);
        if (rc != RT_OK)
            ck_assert(rc == RT_ENOMEM && err.code == RT_ENOMEM);
        rt_spool_free(spool);
    }
}
END_TEST

#define COUNT(a) (int)(sizeof(a) / sizeof *(a))

Suite *spool_suite(void)
{
    Suite *s = suite_create("spool");
    TCase *tc = tcase_create("spool");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, bytes_come_back, 0, COUNT(fillings));
    tcase_add_test(tc, many_readers);
    tcase_add_loop_test(tc, tmpdir_that_is_none, 0, COUNT(bad_dirs));
    tcase_add_test(tc, full_disk);
    tcase_add_test(tc, no_memory);
    suite_add_tcase(s, tc);
    return s;
}
