/* report: the three forms of one run's numbers. The run below is made by hand; what is
 * expected of it is counted by hand. */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lists/report_parts.h"

Suite *report_suite(void);

/* 100 records: 5 rejected, 3 of bots, 2 without id, 90 used; in two sources. */
static const struct rt_report_source sources[] = {
    { .name = { "shop", 4 },
        .files = 2,
        .read = 60,
        .used = 54,
        .bytes = 4096,
        .count = { [RT_REJECT_BAD_TIME] = 4, [RT_DROP_NO_ID] = 2 } },
    { .name = { "web", 3 },
        .files = 1,
        .read = 40,
        .used = 36,
        .count = { [RT_DROP_BOT] = 3, [RT_REJECT_BAD_LINE] = 1 } },
};

static const struct rt_span small_list[] = { { "fewer than 1,000 rows", 21 } };

static const struct rt_report_list lists[] = {
    { .to = { "google-ads", 10 },
        .file = { "cart.google-ads.csv", 19 },
        .rows = 5,
        .bytes = 412,
        .without_identifier = 2,
        .parts = 1,
        .minimum = 1000,
        .warnings = small_list,
        .nwarnings = 1 },
    { .to = { "ids", 3 },
        .file = { "cart.ids.csv", 12 },
        .rows = 7,
        .bytes = 70,
        .parts = 1 },
};

/* 10 members: 1 opted out, 2 denied, 7 listed, of whom 5 have an e-mail address. */
static const struct rt_report_segment segments[] = {
    { .name = { "cart", 4 },
        .about = { "left <a> & \"b\"", 14 },
        .undecided = 1,
        .members = 10,
        .opted_out = 1,
        .denied = 2,
        .listed = 7,
        .with_identifier = 5,
        .lists = lists,
        .nlists = 2 },
    { .name = { "nobody", 6 } },
};

static const struct rt_report_reject rejects[] = {
    { { "ev\"il\x01\xff.csv", 11 }, 12, RT_REJECT_BAD_TIME },
};

static const struct rt_report run = {
    .as_of_us = INT64_C(1782907200000000), /* 2026-07-01T12:00:00Z */
    .elapsed_us = 1234567,
    .identifiers_counted = true,
    .peak_rss_bytes = 3 << 20,
    .people_known = true,
    .people = 33,
    .ids = 44,
    .sources = sources,
    .nsources = 2,
    .segments = segments,
    .nsegments = 2,
    .rejects = rejects,
    .nrejects = 1,
};

static json_t *json_of(const struct rt_report *report)
{
    struct rt_buf text = RT_BUF_INIT(1 << 20);
    json_error_t error;
    json_t *json;

    ck_assert_int_eq(rt_report_json(report, &text), RT_OK);
    json = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(json != NULL, "line %d: %s", error.line, error.text);
    rt_buf_release(&text);
    return json;
}

static const struct {
    const char *path; /* keys and places, with blanks between */
    const char *want; /* compact JSON */
} values[] = {
    { "version", "1" },
    { "as_of", "\"2026-07-01T12:00:00Z\"" },
    { "elapsed_ms", "1234" },
    { "peak_rss_bytes", "3145728" },
    { "dry_run", "false" },
    { "people", "33" },
    { "ids", "44" },
    { "sources 0 name", "\"shop\"" },
    { "sources 0 files", "2" },
    { "sources 0 read", "60" },
    { "sources 0 used", "54" },
    { "sources 0 dropped", "{\"no_id\":2}" },
    { "sources 0 rejected", "{\"bad_time\":4}" },
    { "sources 1 dropped", "{\"bot\":3}" },
    { "sources 1 rejected", "{\"bad_line\":1}" },
    { "segments 0 name", "\"cart\"" },
    { "segments 0 about", "\"left <a> & \\\"b\\\"\"" },
    { "segments 0 undecided", "1" },
    { "segments 0 members", "10" },
    { "segments 0 opted_out", "1" },
    { "segments 0 denied", "2" },
    { "segments 0 held_out", "0" },
    { "segments 0 listed", "7" },
    { "segments 0 with_identifier", "5" },
    { "segments 0 lists 0",
        "{\"to\":\"google-ads\",\"file\":\"cart.google-ads.csv\",\"rows\":5,"
        "\"without_identifier\":2,\"parts\":1,\"bytes\":412,\"minimum\":1000,"
        "\"warnings\":[\"fewer than 1,000 rows\"]}" },
    { "segments 0 lists 1",
        "{\"to\":\"ids\",\"file\":\"cart.ids.csv\",\"rows\":7,\"without_identifier\":0,"
        "\"parts\":1,\"bytes\":70,\"warnings\":[]}" },
    { "segments 1 lists", "[]" },
    { "rejects 0",
        "{\"file\":\"ev\\\"il?\xef\xbf\xbd.csv\",\"line\":12,\"reason\":\"bad_time\"}" },
    { "warnings", "[]" },
};

/* The value at a path, borrowed. */
static json_t *at_path(json_t *json, const char *path)
{
    while (json && *path) {
        size_t n = strcspn(path, " ");
        char key[64] = "";

        memcpy(key, path, n);
        json = json_is_array(json) ? json_array_get(json, (size_t)strtoul(key, NULL, 10))
                                   : json_object_get(json, key);
        path += n + (path[n] == ' ');
    }
    return json;
}

START_TEST(json_has_the_keys)
{
    json_t *json = json_of(&run), *value = at_path(json, values[_i].path);
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

    ck_assert_msg(text && strcmp(text, values[_i].want) == 0, "%s: %s", values[_i].path,
        text ? text : "not there");
    free(text);
    json_decref(json);
}
END_TEST

START_TEST(json_of_nothing)
{
    static const struct rt_report empty;
    json_t *json = json_of(&empty);

    ck_assert_str_eq(
        json_string_value(json_object_get(json, "as_of")), "1970-01-01T00:00:00Z");
    ck_assert_uint_eq(json_array_size(json_object_get(json, "segments")), 0);
    json_decref(json);
}
END_TEST

/* A list of a dry run has no file; one of an arm says so. */
START_TEST(json_of_a_dry_run)
{
    static const struct rt_report_list list = { .to = { "ids", 3 }, .arm = { "a", 1 } };
    static const struct rt_report_segment segment = {
        .name = { "s", 1 }, .lists = &list, .nlists = 1
    };
    static const struct rt_report dry = {
        .segments = &segment, .nsegments = 1, .dry_run = true
    };
    json_t *json = json_of(&dry), *got = at_path(json, "segments 0 lists 0");

    ck_assert(json_is_true(json_object_get(json, "dry_run")));
    ck_assert(json_is_null(json_object_get(got, "file")));
    ck_assert_str_eq(json_string_value(json_object_get(got, "arm")), "a");
    json_decref(json);
}
END_TEST

/* ---- the way from records to events */

START_TEST(steps_go_from_read_to_used)
{
    static const struct {
        int step;
        uint64_t left, lost;
        bool shown;
    } want[] = {
        { RT_STEP_READ, 100, 0, true },
        { RT_STEP_PARSED, 95, 5, true },
        { RT_STEP_WANTED, 95, 0, false },
        { RT_STEP_NOT_BOT, 92, 3, true },
        { RT_STEP_IN_TIME, 92, 0, false },
        { RT_STEP_ONCE, 92, 0, false },
        { RT_STEP_WITH_ID, 90, 2, true },
    };
    struct rt_report_step steps[RT_STEPS];

    rt_report_steps(&run, steps);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        ck_assert_uint_eq(steps[want[i].step].left, want[i].left);
        ck_assert_uint_eq(steps[want[i].step].lost, want[i].lost);
        ck_assert_int_eq(rt_report_step_shown(steps, want[i].step), want[i].shown);
    }
}
END_TEST

/* Whatever the reason, read less the lost is used: no reason falls between the steps. */
START_TEST(every_reason_has_its_step)
{
    struct rt_report_source source = { .read = 10 };
    struct rt_report one = { .sources = &source, .nsources = 1 };
    struct rt_report_step steps[RT_STEPS];

    source.count[_i] = 3;
    rt_report_steps(&one, steps);
    ck_assert_uint_eq(steps[RT_STEP_WITH_ID].left, 7);
    ck_assert_uint_eq(steps[RT_STEP_PARSED].left,
        _i >= (int)RT_REJECT_FIRST ? UINT64_C(7) : UINT64_C(10));
}
END_TEST

/* ---- numbers for people */

static const struct {
    uint64_t n;
    const char *text;
} groups[] = {
    { 0, "0" },
    { 999, "999" },
    { 1000, "1,000" },
    { 123456, "123,456" },
    { 1234567, "1,234,567" },
    { UINT64_MAX, "18,446,744,073,709,551,615" },
};

START_TEST(thousands_are_grouped)
{
    char text[32];

    ck_assert_int_eq(rt_report_grouped(groups[_i].n, text), (int)strlen(groups[_i].text));
    ck_assert_str_eq(text, groups[_i].text);
}
END_TEST

static const struct {
    const char *name;
    uint64_t n, whole;
    const char *text;
} percents[] = {
    { "all", 5, 5, "100.0%" },
    { "none", 0, 5, "0.0%" },
    { "of nothing", 0, 0, "" },
    { "nearly all is not all", 99999, 100000, "99.9%" },
    { "hardly any is not none", 1, 100000, "<0.1%" },
    { "a third", 1, 3, "33.3%" },
};

START_TEST(percentages)
{
    char text[16];

    rt_report_percent(percents[_i].n, percents[_i].whole, text);
    ck_assert_msg(
        strcmp(text, percents[_i].text) == 0, "%s: %s", percents[_i].name, text);
}
END_TEST

/* ---- texts from outside */

static void collect(struct rt_report_out *out, const char *bytes, size_t n)
{
    out->rc = rt_buf_add(out->buf, bytes, n);
}

static const struct {
    const char *name, *text, *shown;
} texts[] = {
    { "plain", "abc", "abc" },
    { "two, three, four bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
        "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
    { "escape sequence", "\x1b[31m", "?[31m" },
    { "C1 control, U+009B", "\xc2\x9b", "?" },
    { "a lone continuation byte", "a\x80z", "a\xef\xbf\xbdz" },
    { "overlong slash", "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "surrogate", "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "cut short", "x\xe2\x82", "x\xef\xbf\xbd\xef\xbf\xbd" },
    { "past U+10FFFF", "\xf4\x90\x80\x80",
        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
};

START_TEST(outside_texts_are_made_safe)
{
    struct rt_buf buf = RT_BUF_INIT(1000);
    struct rt_report_out out = { &buf, RT_OK };

    rt_report_chars(&out, rt_span_of(texts[_i].text), collect);
    ck_assert_msg(strcmp(rt_buf_text(&buf), texts[_i].shown) == 0, "%s", texts[_i].name);
    rt_buf_release(&buf);
}
END_TEST

/* ---- text and page */

static const char *const in_text[] = {
    "as of 2026-07-01T12:00:00Z; took 1.2 s, 3.0 MiB of memory",
    "  read                   100  100.0%\n",
    "  parsed                  95   95.0%   -4 ",
    "  not a bot               92   92.0%   -3 ",
    "  with an id              90   90.0%   -2 ",
    "  people                  33\n",
    "SOURCE  FILES  READ  USED  DROPPED  REJECTED\n"
    "  shop      2    60    54        2         4\n",
    /* nobody is held out */
    "                              OPTED                    E-MAIL\n"
    "SEGMENT   UNDECIDED  MEMBERS    OUT  DENIED  LISTED  OR PHONE\n"
    "  cart            1       10      1       2       7         5\n"
    "  nobody          0        0      0       0       0         0\n",
    "                                WITHOUT\n"
    "LIST                   ROWS  IDENTIFIER  MINIMUM\n"
    "  cart.google-ads.csv     5           2    1,000 not reached\n"
    "  cart.ids.csv            7           0\n",
    "warning: cart.google-ads.csv: fewer than 1,000 rows\n",
    "first rejects: ev\"il?\xef\xbf\xbd.csv:12: ",
};

START_TEST(summary_says)
{
    struct rt_buf text = RT_BUF_INIT(1 << 20);

    ck_assert_int_eq(rt_report_text(&run, false, 80, &text), RT_OK);
    ck_assert_msg(strstr(rt_buf_text(&text), in_text[_i]) != NULL, "%s\nis not in\n%s",
        in_text[_i], rt_buf_text(&text));
    ck_assert_ptr_null(strstr(rt_buf_text(&text), "HELD"));
    ck_assert_ptr_null(strchr(rt_buf_text(&text), '\033'));
    ck_assert_ptr_null(strstr(rt_buf_text(&text), " \n"));
    rt_buf_release(&text);
}
END_TEST

/* Of the tables above that of segments is 61 columns wide, that of lists 60 with its note. */
static const struct {
    const char *name;
    unsigned width;
    const char *shown;
} narrow[] = {
    { "just wide enough", 60,
        "  cart.google-ads.csv     5           2    1,000 not reached\n" },
    { "a column less", 59,
        "LIST\n"
        "  cart.google-ads.csv\n"
        "      rows 5, without identifier 2, minimum 1,000\n"
        "      not reached\n"
        "  cart.ids.csv\n"
        "      rows 7\n" },
    { "segments fit", 61,
        "  cart            1       10      1       2       7         5\n" },
    { "segments do not", 60,
        "SEGMENT\n"
        "  cart\n"
        "      undecided 1, members 10, opted out 1, denied 2,\n"
        "      listed 7, with e-mail or phone 5\n"
        "  nobody\n"
        "      members 0, listed 0, with e-mail or phone 0\n" },
    { "reasons below their step", 50, "  not a bot               92   92.0%\n      -3 " },
    { "hardly a terminal", 20, "      undecided 1,\n      members 10,\n" },
};

START_TEST(narrow_terminals)
{
    struct rt_buf text = RT_BUF_INIT(1 << 20);

    ck_assert_int_eq(rt_report_text(&run, false, narrow[_i].width, &text), RT_OK);
    ck_assert_msg(strstr(rt_buf_text(&text), narrow[_i].shown) != NULL,
        "%s: %s\nis not in\n%s", narrow[_i].name, narrow[_i].shown, rt_buf_text(&text));
    rt_buf_release(&text);
}
END_TEST

static const char *const in_page[] = {
    "<title>Audiences as of 2026-07-01T12:00:00Z</title>",
    "left &lt;a&gt; &amp; &quot;b&quot;",
    "ev&quot;il?\xef\xbf\xbd.csv",
    "<i style=\"width:95.000%\"></i>",
    "<i style=\"width:70.000%\"></i>",
    "<i class=gone style=\"width:30.000%\"></i>",
    "<td class=\"n warn\">1,000<br>not reached</td>",
    "<li><b>cart.google-ads.csv</b>: fewer than 1,000 rows</li>",
};

START_TEST(page_shows)
{
    struct rt_buf text = RT_BUF_INIT(1 << 20);

    ck_assert_int_eq(rt_report_html(&run, &text), RT_OK);
    ck_assert_msg(strstr(rt_buf_text(&text), in_page[_i]) != NULL, "%s\nis not in\n%s",
        in_page[_i], rt_buf_text(&text));
    /* nothing is fetched, nothing runs */
    ck_assert_ptr_null(strstr(rt_buf_text(&text), "http:"));
    ck_assert_ptr_null(strstr(rt_buf_text(&text), "https:"));
    ck_assert_ptr_null(strstr(rt_buf_text(&text), "<script"));
    rt_buf_release(&text);
}
END_TEST

/* Every allocation may fail: the report says so and loses nothing. */
START_TEST(no_memory_is_reported)
{
    int (*const forms[])(
        const struct rt_report *, struct rt_buf *) = { rt_report_json, rt_report_html };

    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++)
        for (uint64_t nth = 1; nth < 3; nth++) {
            struct rt_buf text = RT_BUF_INIT(1 << 20);

            rt_alloc_fail_at(nth, 1);
            ck_assert_int_eq(forms[f](&run, &text), RT_ENOMEM);
            rt_alloc_fail_at(0, 0);
            rt_buf_release(&text);
        }
}
END_TEST

START_TEST(a_full_buffer_is_reported)
{
    struct rt_buf text = RT_BUF_INIT(50);

    ck_assert_int_eq(rt_report_text(&run, true, 80, &text), RT_ELIMIT);
    rt_buf_release(&text);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

Suite *report_suite(void)
{
    Suite *s = suite_create("report");
    TCase *tc = tcase_create("report");

    tcase_add_loop_test(tc, json_has_the_keys, 0, COUNT(values));
    tcase_add_test(tc, json_of_nothing);
    tcase_add_test(tc, json_of_a_dry_run);
    tcase_add_test(tc, steps_go_from_read_to_used);
    tcase_add_loop_test(tc, every_reason_has_its_step, 0, RT_REASONS);
    tcase_add_loop_test(tc, thousands_are_grouped, 0, COUNT(groups));
    tcase_add_loop_test(tc, percentages, 0, COUNT(percents));
    tcase_add_loop_test(tc, outside_texts_are_made_safe, 0, COUNT(texts));
    tcase_add_loop_test(tc, summary_says, 0, COUNT(in_text));
    tcase_add_loop_test(tc, narrow_terminals, 0, COUNT(narrow));
    tcase_add_loop_test(tc, page_shows, 0, COUNT(in_page));
    tcase_add_test(tc, no_memory_is_reported);
    tcase_add_test(tc, a_full_buffer_is_reported);
    suite_add_tcase(s, tc);
    return s;
}
