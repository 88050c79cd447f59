/* unpack: the same bytes and the same errors as without it, however many threads help. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/workers.h"
#include "io/unpack.h"
#include "stored.h"

Suite *unpack_suite(void);

enum { TEXT_BYTES = 3 * 1024 * 1024 + 17, INPUTS = 3, HELPERS_MAX = 3 };

/* No two stretches of it are alike. */
static void make_text(struct rt_buf *text, unsigned which)
{
    for (unsigned i = 0; text->n < TEXT_BYTES; i++)
        ck_assert_int_eq(rt_buf_addf(text, "%u,%u\n", which, i), RT_OK);
    text->n = TEXT_BYTES;
}

enum { PATH_BYTES = 32 };

static void write_file(struct rt_span bytes, char path[PATH_BYTES])
{
    FILE *f;
    int fd;

    snprintf(path, PATH_BYTES, "/tmp/check-unpack-XXXXXX");
    fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    f = fdopen(fd, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    ck_assert_int_eq(fclose(f), 0);
}

/* ---- readers and helpers, each on a thread */

struct part {
    struct rt_unpack *unpack;
    const char *path; /* to read; NULL: helps */
    size_t step, stop_at;
    struct rt_span want;
    /* out */
    size_t got;
    int rc;
    struct rt_err err;
    _Atomic int *readers;
};

/* Reads the input in steps and compares. check's own assertions are for its thread alone,
 * so a difference is told by where it is. */
static void read_all(struct part *part)
{
    struct rt_input *in = NULL;
    struct rt_unpacked *un = NULL;
    char *room = malloc(part->step);
    long n = 0;

    part->rc = rt_input_open(part->path, &in, &part->err);
    if (part->rc == RT_OK && room)
        part->rc = rt_unpacked_open(part->unpack, in, &un);
    while (un && part->got < part->stop_at
        && (n = rt_unpacked_read(un, room, part->step, &part->err)) > 0) {
        if (part->got + (size_t)n > part->want.n
            || memcmp(room, part->want.p + part->got, (size_t)n) != 0)
            break;
        part->got += (size_t)n;
    }
    if (n < 0) {
        part->rc = (int)n;
        if (rt_unpacked_read(un, room, part->step, NULL) != n)
            part->rc = RT_OK; /* what fails once keeps failing */
    }
    rt_unpacked_close(un);
    rt_input_close(in);
    free(room);
}

static int take_part(void *arg)
{
    struct part *part = arg;

    if (part->path) {
        read_all(part);
        if (--*part->readers == 0)
            rt_unpack_end(part->unpack);
    } else {
        rt_unpack_work(part->unpack);
    }
    return RT_OK;
}

static void run(struct part *parts, uint32_t nreaders, uint32_t nhelpers)
{
    struct rt_unpack *unpack;
    _Atomic int readers = (int)nreaders;

    ck_assert_int_eq(rt_unpack_new(&unpack), RT_OK);
    for (uint32_t i = 0; i < nreaders + nhelpers; i++) {
        parts[i].unpack = unpack;
        parts[i].readers = &readers;
    }
    ck_assert_int_eq(
        rt_workers_run_array(take_part, parts, sizeof *parts, nreaders + nhelpers),
        RT_OK);
    rt_unpack_free(unpack);
}

/* ---- tests */

static const size_t steps[] = { 999, 64 * 1024, 1024 * 1024, 8 * 1024 * 1024 };

START_TEST(same_bytes)
{
    struct rt_buf text[INPUTS], packed[INPUTS];
    char paths[INPUTS][32];

    for (unsigned i = 0; i < INPUTS; i++) {
        text[i] = packed[i] = (struct rt_buf)RT_BUF_INIT(2 * TEXT_BYTES);
        make_text(&text[i], i);
        stored_gzip(&packed[i], rt_buf_span(&text[i]));
        write_file(rt_buf_span(&packed[i]), paths[i]);
    }
    for (uint32_t nhelpers = 0; nhelpers <= HELPERS_MAX; nhelpers++) {
        struct part parts[INPUTS + HELPERS_MAX] = { 0 };

        for (unsigned i = 0; i < INPUTS; i++)
            parts[i] = (struct part) { .path = paths[i],
                .step = steps[_i],
                .stop_at = SIZE_MAX,
                .want = rt_buf_span(&text[i]) };
        run(parts, INPUTS, nhelpers);
        for (unsigned i = 0; i < INPUTS; i++) {
            ck_assert_int_eq(parts[i].rc, RT_OK);
            ck_assert_msg(parts[i].got == TEXT_BYTES, "input %u, %u helpers: byte %zu", i,
                nhelpers, parts[i].got);
        }
    }
    for (unsigned i = 0; i < INPUTS; i++) {
        unlink(paths[i]);
        rt_buf_release(&text[i]);
        rt_buf_release(&packed[i]);
    }
}
END_TEST

/* A file that is cut, or changed, far behind its beginning; and a reader who has enough. */
START_TEST(same_errors)
{
    static const char *const words[] = { "is truncated", "is damaged", "" };
    struct rt_buf text = RT_BUF_INIT(2 * TEXT_BYTES), packed = text;
    struct rt_span bytes;
    char path[32];

    make_text(&text, 7);
    stored_gzip(&packed, rt_buf_span(&text));
    bytes = rt_buf_span(&packed);
    if (_i == 0)
        bytes.n = 2 * 1024 * 1024;
    if (_i == 1)
        packed.p[packed.n - 6] ^= 1; /* of the checksum */
    write_file(bytes, path);
    for (uint32_t nhelpers = 0; nhelpers <= HELPERS_MAX; nhelpers++) {
        struct part parts[1 + HELPERS_MAX] = { { .path = path,
            .step = 100000,
            .stop_at = _i == 2 ? 500000 : SIZE_MAX,
            .want = rt_buf_span(&text) } };

        run(parts, 1, nhelpers);
        ck_assert_int_eq(parts[0].rc, _i == 2 ? RT_OK : RT_EIO);
        ck_assert_msg(strstr(parts[0].err.text, words[_i]), "%s", parts[0].err.text);
        ck_assert(_i == 2 || strcmp(parts[0].err.source, path) == 0);
        ck_assert_uint_ge(parts[0].got, 500000);
    }
    unlink(path);
    rt_buf_release(&text);
    rt_buf_release(&packed);
}
END_TEST

START_TEST(failed_allocations_are_reported)
{
    struct rt_unpack *unpack;
    struct rt_unpacked *un;
    struct rt_input *in;
    char path[32];

    write_file(RT_SPAN("a,b\n"), path);
    rt_alloc_fail_at(1, 0);
    ck_assert_int_eq(rt_unpack_new(&unpack), RT_ENOMEM);
    rt_alloc_fail_at(0, 0);
    ck_assert_int_eq(rt_unpack_new(&unpack), RT_OK);
    ck_assert_int_eq(rt_input_open(path, &in, NULL), RT_OK);
    for (int at = 1; at <= 2; at++) {
        rt_alloc_fail_at(at, 0);
        ck_assert_int_eq(rt_unpacked_open(unpack, in, &un), RT_ENOMEM);
        rt_alloc_fail_at(0, 0);
    }
    rt_input_close(in);
    rt_unpack_free(unpack);
    unlink(path);
}
END_TEST

Suite *unpack_suite(void)
{
    Suite *suite = suite_create("unpack");
    TCase *tc = tcase_create("unpack");

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, same_bytes, 0, sizeof steps / sizeof *steps);
    tcase_add_loop_test(tc, same_errors, 0, 3);
    tcase_add_test(tc, failed_allocations_are_reported);
    suite_add_tcase(suite, tc);
    return suite;
}
