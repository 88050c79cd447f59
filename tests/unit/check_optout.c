/* optout: ids are found in whatever form a file lists them. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "planned.h"
#include "run/optout.h"

Suite *optout_suite(void);

static const struct {
    const char *name, *text;
    size_t n;             /* 0: strlen */
    const char *out, *in; /* user ids that are marked, and not; by their first letters */
    const char *error;
} files[] = {
    { "one a line", "ann\nbob\n", 0, "ab", "cde", NULL },
    { "no line end at the end", "ann\nbob", 0, "ab", "c", NULL },
    { "CR LF, blanks, a blank line", " ann \r\n\r\n\tbob\r\n", 0, "ab", "c", NULL },
    { "CR alone", "ann\rbob\r", 0, "ab", "c", NULL },
    { "a byte order mark",
        "\xef\xbb\xbf"
        "ann\n",
        0, "a", "b", NULL },
    { "a header and columns", "name,who,when\nx,ann,2026\ny,bob,2026\n", 0, "ab", "c",
        NULL },
    { "semicolons", "name;who\nx;ann\n", 0, "a", "b", NULL },
    { "bars and tabs", "x|ann\ny\tbob\n", 0, "ab", "c", NULL },
    { "quotes", "\"ann\",\"say \"\"hi\"\"\"\n", 0, "a", "b", NULL },
    { "a part of an id is none", "an\nannn\n", 0, "", "ab", NULL },
    { "case counts for user ids", "ANN\n", 0, "", "a", NULL },
    { "nothing", "", 0, "", "a", NULL },
    { "a quote that is never closed", "\"ann\nbob\n", 0, NULL, NULL,
        "a quote is never closed" },
    { "UTF-16",
        "\xff\xfe"
        "a\0n\0n\0",
        8, NULL, NULL, "is UTF-16" },
};

static const char *const users[] = { "ann", "bob", "cy", "dan", "eve" };

static uint32_t intern(struct rt_ids *ids, const char *text, uint8_t kind)
{
    struct rt_span bytes = rt_span_of(text);
    struct rt_ref ref = rt_ref_of(bytes, kind, 0, 0);

    ck_assert_int_eq(rt_ids_intern(ids, &ref), RT_OK);
    return ref.id;
}

/* A file, and definitions that name it. */
static void open_world(
    struct planned *p, char path[64], const char *text, size_t n, struct rt_ids **ids)
{
    char json[512];
    int fd;

    snprintf(path, 64, "/tmp/retarget-optout.XXXXXX");
    fd = mkstemp(path);
    ck_assert_int_eq(write(fd, text, n), (ssize_t)n);
    ck_assert_int_eq(close(fd), 0);
    snprintf(json, sizeof json,
        "{\"version\": 1, \"privacy\": {\"opt_out\": [{\"file\": \"%s\"}]}, "
        "\"segments\": "
        "[{\"name\": \"s\", \"match\": {\"did\": \"a\"}}]}",
        path);
    planned_open(p, json);
    ck_assert_int_eq(rt_ids_new(0, ids), RT_OK);
    for (size_t i = 0; i < sizeof users / sizeof *users; i++)
        intern(*ids, users[i], 0);
    intern(*ids, "ada@shop.example", 1);
}

static bool is_out(const struct rt_ids *ids, const char *id, uint8_t kind)
{
    return rt_ids_flags(ids, rt_ids_find(ids, rt_span_of(id), kind)) & RT_ID_OPTED_OUT;
}

static void close_world(struct planned *p, const char *path, struct rt_ids *ids)
{
    rt_ids_free(ids);
    planned_close(p);
    unlink(path);
}

START_TEST(forms)
{
    size_t n = files[_i].n ? files[_i].n : strlen(files[_i].text);
    struct rt_err err = { 0 };
    struct rt_ids *ids;
    struct planned p;
    uint64_t found = 0;
    char path[64];
    int rc;

    open_world(&p, path, files[_i].text, n, &ids);
    rc = rt_optout_read(p.plan, ids, 2, &found, &err);
    if (files[_i].error) {
        ck_assert_int_eq(rc, RT_EIO);
        ck_assert_ptr_nonnull(strstr(err.text, files[_i].error));
        ck_assert_str_eq(err.source, path);
    } else {
        ck_assert_msg(rc == RT_OK, "%s: %s", files[_i].name, err.text);
        ck_assert_msg(found == strlen(files[_i].out), "%s: %llu", files[_i].name,
            (unsigned long long)found);
        for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
            bool wanted = strchr(files[_i].out, users[i][0]) != NULL;

            if (wanted || strchr(files[_i].in, users[i][0]))
                ck_assert_msg(is_out(ids, users[i], 0) == wanted, "%s: %s",
                    files[_i].name, users[i]);
        }
    }
    close_world(&p, path, ids);
}
END_TEST

/* printf %s ada@shop.example | sha256sum; the same for cy */
START_TEST(hashed)
{
    static const char text[] =
        "sha256\n"
        "a4c14f1b068bf2c602e289b5dfcd89085692c73c63daf5a90a0b481b7328ee35\n"
        "3D30F595070E858A9573E432377BEA27A7FB1A19AA298943E414D3C839D34783\n";
    struct rt_ids *ids;
    struct planned p;
    uint64_t found = 0;
    char path[64];

    open_world(&p, path, text, sizeof text - 1, &ids);
    ck_assert_int_eq(rt_optout_read(p.plan, ids, (uint32_t)_i, &found, NULL), RT_OK);
    ck_assert(is_out(ids, "ada@shop.example", 1));
    ck_assert(is_out(ids, "cy", 0));
    ck_assert(!is_out(ids, "dan", 0));
    ck_assert_uint_eq(found, 2);
    close_world(&p, path, ids);
}
END_TEST

START_TEST(addresses_in_any_case)
{
    static const char text[] = " Ada@SHOP.example \n";
    struct rt_ids *ids;
    struct planned p;
    uint64_t found = 0;
    char path[64];

    open_world(&p, path, text, sizeof text - 1, &ids);
    ck_assert_int_eq(rt_optout_read(p.plan, ids, 1, &found, NULL), RT_OK);
    ck_assert(is_out(ids, "ada@shop.example", 1));
    close_world(&p, path, ids);
}
END_TEST

Suite *optout_suite(void)
{
    Suite *suite = suite_create("optout");
    TCase *tc = tcase_create("optout");

    tcase_add_loop_test(tc, forms, 0, sizeof files / sizeof *files);
    tcase_add_loop_test(tc, hashed, 1, 4);
    tcase_add_test(tc, addresses_in_any_case);
    suite_add_tcase(suite, tc);
    return suite;
}
