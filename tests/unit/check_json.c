/* json: values with their places, and mistakes in words that help. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "io/json.h"

Suite *json_suite(void);

static struct rt_arena arena;
static struct rt_json_errors errors;

static void start(void)
{
    arena = (struct rt_arena)RT_ARENA_INIT;
    errors = (struct rt_json_errors) { 0 };
}

static void stop(void)
{
    rt_arena_release(&arena);
}

static const struct rt_json *parse(struct rt_span text)
{
    const struct rt_json *top = NULL;
    int rc = rt_json_parse(text, &arena, &errors, &top);

    ck_assert_msg(rc == RT_OK, "%d: %s", rc, errors.n ? errors.errors[0].text : "");
    return top;
}

/* ---- values */

static const char document[] =
    "{\n"
    "  \"version\": 1,\n"
    "  \"segments\": [\n"
    "    {\"name\": \"a\", \"match\": {\"all\": [true, null]}},\n"
    "    {\"na\\u006de\": \"b\\n\\\"\", \"odd key\": -0.50E+2}\n"
    "  ]\n"
    "}\n";

START_TEST(values_and_places)
{
    const struct rt_json *top = parse(rt_span_of(document)), *segments, *v;

    ck_assert_int_eq(top->kind, RT_JSON_OBJECT);
    ck_assert_uint_eq(top->n, 2);
    ck_assert_ptr_null(top->up);
    v = rt_json_get(top, "version");
    ck_assert_int_eq(v->kind, RT_JSON_NUMBER);
    ck_assert(rt_span_eq(v->text, RT_SPAN("1")));
    segments = rt_json_get(top, "segments");
    ck_assert_int_eq(segments->kind, RT_JSON_ARRAY);
    ck_assert_uint_eq(segments->n, 2);
    ck_assert_uint_eq(segments->index, 1);
    v = rt_json_get(&segments->items[0], "match")->items;
    ck_assert(rt_span_eq(v->key, RT_SPAN("all")));
    ck_assert(v->items[0].kind == RT_JSON_BOOL && v->items[0].truth);
    ck_assert(v->items[1].kind == RT_JSON_NULL && v->items[1].index == 1);
    ck_assert_ptr_eq(v->items[1].up->up->up, &segments->items[0]);
    /* escapes in keys and texts */
    v = rt_json_get(&segments->items[1], "name");
    ck_assert_ptr_nonnull(v);
    ck_assert_str_eq(v->text.p, "b\n\"");
    ck_assert_uint_eq(v->text.n, 3);
    ck_assert_uint_eq(v->at, strstr(document, "\"b\\n") - document);
    ck_assert_uint_eq(v->key_at, strstr(document, "\"na\\u") - document);
    v = rt_json_get(&segments->items[1], "odd key");
    ck_assert(rt_span_eq(v->text, RT_SPAN("-0.50E+2")));
    ck_assert_ptr_null(rt_json_get(top, "nam"));
    ck_assert_ptr_null(rt_json_get(segments, "name"));
    ck_assert_uint_eq(errors.n, 0);
}
END_TEST

/* What a scalar at the top is read as. */
static const struct {
    const char *text;
    enum rt_json_kind kind;
    const char *value;
} scalars[] = {
    { "0", RT_JSON_NUMBER, "0" },
    { "-0", RT_JSON_NUMBER, "-0" },
    { " 10.250 ", RT_JSON_NUMBER, "10.250" },
    { "1e400", RT_JSON_NUMBER, "1e400" },
    { "123456789012345678901234567890", RT_JSON_NUMBER,
        "123456789012345678901234567890" },
    { "\"\"", RT_JSON_TEXT, "" },
    { "\"a/b\"", RT_JSON_TEXT, "a/b" },
    { "\"\\u00e9\\/\\b\\f\\n\\r\\t\\\\\"", RT_JSON_TEXT, "\xc3\xa9/\b\f\n\r\t\\" },
    { "\"\\ud83d\\uDE00\"", RT_JSON_TEXT, "\xf0\x9f\x98\x80" },
    { "\"\xf0\x9f\x98\x80 \x7f\"", RT_JSON_TEXT, "\xf0\x9f\x98\x80 \x7f" },
    { "\"\xf4\x8f\xbf\xbf\"", RT_JSON_TEXT, "\xf4\x8f\xbf\xbf" },
    { "\xef\xbb\xbf\r\n\t7", RT_JSON_NUMBER, "7" },
    { "true", RT_JSON_BOOL, NULL },
    { "false", RT_JSON_BOOL, NULL },
    { "null", RT_JSON_NULL, NULL },
    { "[]", RT_JSON_ARRAY, NULL },
    { "{ }", RT_JSON_OBJECT, NULL },
};

START_TEST(scalars_at_the_top)
{
    const struct rt_json *top = parse(rt_span_of(scalars[_i].text));

    ck_assert_int_eq(top->kind, scalars[_i].kind);
    if (scalars[_i].value)
        ck_assert_str_eq(top->text.p, scalars[_i].value);
    if (top->kind == RT_JSON_BOOL)
        ck_assert_int_eq(top->truth, _i == 12);
    ck_assert_uint_eq(top->n, 0);
}
END_TEST

/* ---- mistakes */

#define BYTES(literal) literal, sizeof literal - 1

static const struct {
    const char *text;
    size_t n;
    unsigned line, col;
    const char *says;
} mistakes[] = {
    { BYTES(""), 1, 1, "the file is empty" },
    { BYTES(" \n "), 2, 2, "the file is empty" },
    { BYTES("\xef\xbb\xbf"), 1, 1, "the file is empty" },
    /* commas and colons */
    { BYTES("{\"a\": 1,\n}"), 1, 8, "a comma before the closing }; take it out" },
    { BYTES("[1, 2, ]"), 1, 6, "a comma before the closing ]; take it out" },
    { BYTES("[1, 2,"), 1, 1, "this [ is never closed" },
    { BYTES("[1 2]"), 1, 4, "a comma is missing before this" },
    { BYTES("{\"a\": 1\n \"b\": 2}"), 2, 2, "a comma is missing before this" },
    { BYTES("[1,,2]"), 1, 4, "a value is missing before this ," },
    { BYTES("[,1]"), 1, 2, "a value is missing before this ," },
    { BYTES("{\"a\": }"), 1, 7, "a value is missing before this }" },
    { BYTES("{,}"), 1, 2, "a name in double quotes is due here" },
    { BYTES("{\"a\" 1}"), 1, 6, "a colon is due here, between the name and its value" },
    { BYTES("{\"a\" = 1}"), 1, 6, "a colon is due here, between the name and its value" },
    { BYTES("{\"a\"}"), 1, 5, "a colon is due here, between the name and its value" },
    { BYTES("[1; 2]"), 1, 3, "a comma or ] is due here" },
    { BYTES("[\"a\": 1]"), 1, 5, "names and their values stand in { }, not in [ ]" },
    /* brackets */
    { BYTES("{\"a\": [1, 2}"), 1, 12, "] is due here, not }" },
    { BYTES("{\"a\": 1]"), 1, 8, "} is due here, not ]" },
    { BYTES("{\n \"a\": [1"), 2, 7, "this [ is never closed" },
    { BYTES("{\n \"a\": [1]"), 1, 1, "this { is never closed" },
    { BYTES("{"), 1, 1, "this { is never closed" },
    { BYTES("{\"a\""), 1, 1, "this { is never closed" },
    { BYTES("{} }"), 1, 4, "this } closes nothing" },
    { BYTES("{}\n{}"), 2, 1, "the document has ended before this" },
    { BYTES("]"), 1, 1, "a value is missing before this ]" },
    /* quotes and words */
    { BYTES("{'a': 1}"), 1, 2,
        "texts and names stand in double quotes, not in single ones" },
    { BYTES("['a']"), 1, 2,
        "texts and names stand in double quotes, not in single ones" },
    { BYTES("{a: 1}"), 1, 2, "a name takes double quotes" },
    { BYTES("{1: 1}"), 1, 2, "a name takes double quotes" },
    { BYTES("[\xe2\x80\x9c"
            "a\xe2\x80\x9d]"),
        1, 2, "a typographic quote; use a plain double quote" },
    { BYTES("[\xc2\xa0"
            "1]"),
        1, 2, "a no-break space; use a plain one" },
    { BYTES("[view]"), 1, 2, "a text takes double quotes" },
    { BYTES("[True]"), 1, 2, "true, false and null are written in lower case" },
    { BYTES("[truex]"), 1, 2, "a text takes double quotes" },
    { BYTES("[NaN]"), 1, 2, "JSON has no NaN" },
    { BYTES("[None]"), 1, 2, "JSON has no None" },
    { BYTES("// x\n{}"), 1, 1, "JSON has no comments; take it out" },
    { BYTES("{} # x"), 1, 4, "JSON has no comments; take it out" },
    { BYTES("{\"a\": 1, /* x */ \"b\": 2}"), 1, 10, "JSON has no comments; take it out" },
    /* numbers */
    { BYTES("[01]"), 1, 2, "a number has no leading zeros; a text takes double quotes" },
    { BYTES("[-]"), 1, 2, "a digit is due behind the minus sign" },
    { BYTES("[-Infinity]"), 1, 2, "a digit is due behind the minus sign" },
    { BYTES("[1.]"), 1, 2, "a digit is due behind the decimal point" },
    { BYTES("[1e]"), 1, 2, "a digit is due in the exponent" },
    { BYTES("[1e+]"), 1, 2, "a digit is due in the exponent" },
    { BYTES("[+1]"), 1, 2, "a number has no plus sign" },
    { BYTES("[.5]"), 1, 2, "a number begins with a digit" },
    { BYTES("[7d]"), 1, 2, "no number; a text (a duration, a date) takes double quotes" },
    { BYTES("[0x1F]"), 1, 2,
        "no number; a text (a duration, a date) takes double quotes" },
    { BYTES("[1.2.3]"), 1, 2,
        "no number; a text (a duration, a date) takes double quotes" },
    { BYTES("[2026-07-01]"), 1, 6, "a comma is missing before this" },
    /* texts */
    { BYTES("[\"abc"), 1, 2, "this text is never closed" },
    { BYTES("[\"abc\\\"]"), 1, 2, "this text is never closed" },
    { BYTES("[\"abc\n\"]"), 1, 2, "this text is not closed on its line" },
    { BYTES("[\"a\tb\"]"), 1, 4, "a tab inside a text is written \\t" },
    { BYTES("[\"a\1b\"]"), 1, 4, "a control character inside a text is written \\u0001" },
    { BYTES("[\"\\d+\"]"), 1, 3,
        "a backslash that is meant as such is written twice: \\\\" },
    { BYTES("[\"a\\"), 1, 4, "a backslash that is meant as such is written twice: \\\\" },
    { BYTES("[\"\\u12\"]"), 1, 3, "\\u takes four hexadecimal digits" },
    { BYTES("[\"\\u123"), 1, 3, "\\u takes four hexadecimal digits" },
    { BYTES("[\"a\\u0000\"]"), 1, 2, "this text holds \\u0000, which no text here may" },
    { BYTES("[\"\\ud800\"]"), 1, 2,
        "this text holds half a character: \\ud800 to \\udfff come in pairs" },
    { BYTES("[\"\\udc00\\ud800\"]"), 1, 2,
        "this text holds half a character: \\ud800 to \\udfff come in pairs" },
    /* bytes; the column counts bytes, the mark not among them */
    { BYTES("[\"\xc3\xa9\", 'x']"), 1, 8,
        "texts and names stand in double quotes, not in single ones" },
    { BYTES("\xef\xbb\xbf['x']"), 1, 2,
        "texts and names stand in double quotes, not in single ones" },
    { BYTES("\xef\xbb\xbf[\n'x']"), 2, 1,
        "texts and names stand in double quotes, not in single ones" },
    { BYTES("[\"caf\xe9\"]"), 1, 6, "is not UTF-8 from here on; save the file as UTF-8" },
    { BYTES("[\"\xc0\x80\"]"), 1, 3,
        "is not UTF-8 from here on; save the file as UTF-8" },
    { BYTES("[\"\xe0\x9f\xbf\"]"), 1, 3,
        "is not UTF-8 from here on; save the file as UTF-8" },
    { BYTES("[\"\xed\xa0\x80\"]"), 1, 3,
        "is not UTF-8 from here on; save the file as UTF-8" },
    { BYTES("[\"\xf4\x90\x80\x80\"]"), 1, 3,
        "is not UTF-8 from here on; save the file as UTF-8" },
    { BYTES("[\"\xe2\x82"), 1, 3, "is not UTF-8 from here on; save the file as UTF-8" },
    { BYTES("\xff\xfe{\0}\0"), 1, 1, "is UTF-16; convert it: iconv -f UTF-16 -t UTF-8" },
    { BYTES("{\0}\0"), 1, 2, "a NUL byte; save the file as UTF-8, not as UTF-16" },
    { BYTES("{} \xef\xbb\xbf"), 1, 4, "a byte order mark in the middle; take it out" },
};

START_TEST(mistakes_in_words)
{
    struct rt_span text = { mistakes[_i].text, mistakes[_i].n };
    const struct rt_json *top = NULL;

    ck_assert_int_eq(rt_json_parse(text, &arena, &errors, &top), RT_EDEFS);
    ck_assert_ptr_null(top);
    ck_assert_uint_eq(errors.n, 1);
    ck_assert_str_eq(errors.errors[0].text, mistakes[_i].says);
    ck_assert_uint_eq(errors.errors[0].line, mistakes[_i].line);
    ck_assert_uint_eq(errors.errors[0].col, mistakes[_i].col);
    ck_assert_str_eq(errors.errors[0].path, "");
}
END_TEST

/* Bytes that are not there are not read: each text stands at the end of its memory. */
START_TEST(nothing_is_read_past_the_end)
{
    for (size_t n = 0; n < sizeof document - 1; n++) {
        char *cut = malloc(n ? n : 1);
        const struct rt_json *top = NULL;

        memcpy(cut, document, n);
        ck_assert_int_eq(
            rt_json_parse((struct rt_span) { cut, n }, &arena, &errors, &top),
            n < sizeof document - 2 ? RT_EDEFS : RT_OK);
        free(cut);
    }
}
END_TEST

START_TEST(repeated_keys)
{
    const struct rt_json *top =
        parse(RT_SPAN("{\"a\": {\"x\": 1, \"x\": 2},\n"
                      " \"\\u0061\": 3, \"b\": [{\"k k\": 1, \"k k\": 2}],\n"
                      " \"a\": 4, \"c\": 5}"));
    static const struct {
        unsigned line, col;
        const char *path;
    } want[] = { { 2, 2, "a" }, { 3, 2, "a" }, { 1, 16, "a.x" },
        { 2, 32, "b[0][\"k k\"]" } };

    ck_assert_uint_eq(top->n, 3);
    ck_assert_str_eq(rt_json_get(rt_json_get(top, "a"), "x")->text.p, "1");
    ck_assert_uint_eq(rt_json_get(top, "c")->index, 2);
    ck_assert_ptr_eq(rt_json_get(top, "b")->items[0].up, rt_json_get(top, "b"));
    ck_assert_uint_eq(errors.n, 4);
    for (int i = 0; i < 4; i++) {
        ck_assert_str_eq(
            errors.errors[i].text, "this name stood before in the same object");
        ck_assert_str_eq(errors.errors[i].path, want[i].path);
        ck_assert_uint_eq(errors.errors[i].line, want[i].line);
        ck_assert_uint_eq(errors.errors[i].col, want[i].col);
    }
}
END_TEST

/* ---- limits */

static void add_nested(struct rt_buf *out, int levels)
{
    for (int i = 0; i < levels; i++)
        rt_buf_adds(out, i % 2 ? "{\"a\":" : "[");
    rt_buf_adds(out, "1");
    while (levels--)
        rt_buf_addc(out, levels % 2 ? '}' : ']');
}

START_TEST(a_hundred_levels)
{
    struct rt_buf text = RT_BUF_INIT(1 << 20);
    const struct rt_json *top = NULL;
    char path[400];

    add_nested(&text, 100);
    top = parse(rt_buf_span(&text));
    for (int i = 0; i < 100; i++)
        top = top->items;
    ck_assert_uint_eq(rt_json_path(top, path, sizeof path), 50 * 3 + 50 * 2);
    rt_buf_reset(&text);
    add_nested(&text, 101);
    ck_assert_int_eq(rt_json_parse(rt_buf_span(&text), &arena, &errors, &top), RT_EDEFS);
    ck_assert_str_eq(errors.errors[0].text, "nested deeper than 100 levels");
    ck_assert_uint_eq(errors.errors[0].col, 50 + 50 * 5 + 1);
    rt_buf_release(&text);
}
END_TEST

START_TEST(sizes)
{
    size_t n = 16 << 20;
    char *p = malloc(n + 1);
    const struct rt_json *top = NULL;

    memset(p, ' ', n + 1);
    p[0] = '1';
    top = parse((struct rt_span) { p, n });
    ck_assert_int_eq(
        rt_json_parse((struct rt_span) { p, n + 1 }, &arena, &errors, &top), RT_EDEFS);
    ck_assert_str_eq(errors.errors[0].text, "larger than 16 MiB");
    /* the top and 999,999 members are a million values */
    p[0] = '[';
    for (size_t i = 0; i < 1000000; i++)
        memcpy(p + 1 + 2 * i, "1,", 2);
    p[2 * 999999] = ']';
    top = parse((struct rt_span) { p, 2 * 999999 + 1 });
    ck_assert_uint_eq(top->n, 999999);
    p[2 * 999999] = ',';
    p[2 * 1000000] = ']';
    ck_assert_int_eq(
        rt_json_parse((struct rt_span) { p, 2 * 1000000 + 1 }, &arena, &errors, &top),
        RT_EDEFS);
    ck_assert_str_eq(errors.errors[1].text, "more than 1000000 values");
    free(p);
}
END_TEST

START_TEST(a_hundred_errors)
{
    const struct rt_json *top = parse(RT_SPAN("[1]"));

    for (int i = 0; i < 130; i++)
        rt_json_complain(&errors, RT_SPAN("[1]"), &top->items[0], false, "error %d", i);
    ck_assert_uint_eq(errors.n, 100);
    ck_assert_uint_eq(errors.left_out, 30);
    ck_assert_str_eq(errors.errors[99].text, "error 99");
    ck_assert_str_eq(errors.errors[99].path, "[0]");
    ck_assert_uint_eq(errors.errors[99].col, 2);
}
END_TEST

START_TEST(an_error_about_the_whole)
{
    parse(RT_SPAN("{}"));
    rt_json_complain(&errors, RT_SPAN("{}"), NULL, false, "no segments");
    ck_assert_uint_eq(errors.errors[0].line, 0);
    ck_assert_uint_eq(errors.errors[0].col, 0);
    ck_assert_str_eq(errors.errors[0].path, "");
    ck_assert_str_eq(errors.errors[0].text, "no segments");
}
END_TEST

/* ---- paths */

static const struct {
    const char *text, *path;
    size_t room;
} paths[] = {
    { "[[[7]]]", "[0][0][0]", 100 },
    { "{\"a\":{\"b-c_d\":[{\"e\":7}]}}", "a.b-c_d[0].e", 100 },
    { "{\"query.id\":{\"\":7}}", "[\"query.id\"][\"\"]", 100 },
    { "{\"a\\nb\":7}", "[\"a?b\"]", 100 },
    { "{\"abc\":{\"def\":7}}", "abc.d", 6 },
    { "{\"\xc3\xa9\xc3\xa9\":7}", "[\"\xc3\xa9", 6 },
    { "{\"\xc3\xa9\xc3\xa9\":7}", "[\"\xc3\xa9\xc3\xa9", 7 },
    { "7", "", 100 },
    { "{\"a\":7}", "", 1 },
};

START_TEST(paths_of_values)
{
    const struct rt_json *v = parse(rt_span_of(paths[_i].text));
    char *out = malloc(paths[_i].room);

    while (v->n)
        v = v->items;
    ck_assert_uint_eq(rt_json_path(v, out, paths[_i].room), strlen(paths[_i].path));
    ck_assert_str_eq(out, paths[_i].path);
    free(out);
}
END_TEST

START_TEST(names_of_kinds)
{
    ck_assert_str_eq(rt_json_kind_name(RT_JSON_TEXT), "a text");
    ck_assert_str_eq(rt_json_kind_name(RT_JSON_OBJECT), "an object");
}
END_TEST

START_TEST(no_memory)
{
    int rc = RT_ENOMEM;

    for (uint64_t nth = 1; rc != RT_OK; nth++) {
        const struct rt_json *top = NULL;

        stop();
        start();
        ck_assert_uint_lt(nth, 100);
        rt_alloc_fail_at(nth, 0);
        rc = rt_json_parse(rt_span_of(document), &arena, &errors, &top);
        rt_alloc_fail_at(0, 0);
        ck_assert(rc == RT_OK || (rc == RT_ENOMEM && !top));
    }
}
END_TEST

#define COUNT(a) (int)(sizeof(a) / sizeof *(a))

Suite *json_suite(void)
{
    Suite *s = suite_create("json");
    TCase *tc = tcase_create("json");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, start, stop);
    tcase_add_test(tc, values_and_places);
    tcase_add_loop_test(tc, scalars_at_the_top, 0, COUNT(scalars));
    tcase_add_loop_test(tc, mistakes_in_words, 0, COUNT(mistakes));
    tcase_add_test(tc, nothing_is_read_past_the_end);
    tcase_add_test(tc, repeated_keys);
    tcase_add_test(tc, a_hundred_levels);
    tcase_add_test(tc, sizes);
    tcase_add_test(tc, a_hundred_errors);
    tcase_add_test(tc, an_error_about_the_whole);
    tcase_add_loop_test(tc, paths_of_values, 0, COUNT(paths));
    tcase_add_test(tc, names_of_kinds);
    tcase_add_test(tc, no_memory);
    suite_add_tcase(s, tc);
    return s;
}
