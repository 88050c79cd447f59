/* Segments as sentences: each kind of condition, window, measure and test once. */
#include <check.h>
#include <stdio.h>

#include "base/alloc.h"
#include "plan/sentence.h"

Suite *sentence_suite(void);

/* Cases of conditions say what follows "People "; cases of tests what follows "where ". */
struct said {
    const char *json, *sentence;
};

static const struct said conditions[] = {
    { "{\"all\": [{\"last\": \"cart\", \"ago\": {\"min\": \"1h\", \"max\": \"7d\"}}, "
      "{\"did_not\": \"purchase\", \"since_last\": \"cart\"}]}",
        "whose last cart was between 1 hour and 7 days ago and who did not purchase "
        "since "
        "their last cart" },

    /* did */
    { "{\"did\": \"view\"}", "who did view" },
    { "{\"did\": [\"view\", \"cart\"]}", "who did view or cart" },
    { "{\"did\": [\"a\", \"b\", \"c\"]}", "who did a, b or c" },
    { "{\"did\": \"*\", \"in_last\": \"30d\"}", "who did any event in the last 30 days" },
    { "{\"did\": \"a\", \"at_least\": 3}", "who did a at least 3 times" },
    { "{\"did\": \"a\", \"at_least\": 2, \"at_most\": 5}",
        "who did a between 2 and 5 times" },
    { "{\"did\": \"a\", \"at_most\": 5}", "who did a at most 5 times" },
    { "{\"did\": \"a\", \"exactly\": 1}", "who did a exactly 1 time" },
    { "{\"did\": \"a\", \"at_most\": 1, \"distinct\": \"b\"}",
        "who did a with at most 1 different value of b" },
    { "{\"did\": \"a\", \"exactly\": 0}", "who did a exactly 0 times" },
    { "{\"did\": \"a\", \"distinct\": \"product_id\", \"at_least\": 3}",
        "who did a with at least 3 different values of product_id" },
    { "{\"did\": \"a\", \"distinct\": \"@day\", \"exactly\": 2, \"in_last\": \"1w\"}",
        "who did a on exactly 2 different days in the last 7 days" },
    { "{\"did\": \"a\", \"sum\": \"value\", \"gte\": 100, \"in_last\": \"90d\"}",
        "whose total value of a in the last 90 days is at least 100" },
    { "{\"did\": \"a\", \"avg\": \"value\", \"gt\": 0.5, \"lt\": 10, \"where\": {\"b\": "
      "1}}",
        "whose average value of a where b is 1 is above 0.5 and below 10" },
    { "{\"did\": \"a\", \"min\": \"value\", \"lte\": 5}",
        "whose smallest value of a is at most 5" },
    { "{\"did\": \"a\", \"max\": \"value\", \"eq\": -5}",
        "whose largest value of a is exactly -5" },
    { "{\"did_not\": \"a\", \"where\": {\"b\": \"c\"}, \"in_last\": \"1s\"}",
        "who did not a in the last second where b is \"c\"" },

    /* windows */
    { "{\"did\": \"a\", \"ago\": {\"min\": \"90m\"}}",
        "who did a at least 90 minutes ago" },
    { "{\"did\": \"a\", \"ago\": {\"max\": \"48h\"}}", "who did a less than 2 days ago" },
    { "{\"did\": \"a\", \"on\": \"yesterday\"}", "who did a yesterday" },
    { "{\"did\": \"a\", \"on\": \"last_week\"}", "who did a last week" },
    { "{\"did\": \"a\", \"on\": \"last_14_days\"}",
        "who did a on the last 14 whole days" },
    { "{\"did\": \"a\", \"from\": \"2026-01-01\"}",
        "who did a from 2026-01-01T00:00:00Z on" },
    { "{\"did\": \"a\", \"from\": \"2026-01-01\", \"to\": \"2026-01-31\"}",
        "who did a from 2026-01-01T00:00:00Z to before 2026-02-01T00:00:00Z" },
    { "{\"did\": \"a\", \"to\": \"2026-01-31T12:30Z\"}",
        "who did a before 2026-01-31T12:30:00Z" },
    { "{\"did\": \"a\", \"in_last\": \"1d\", \"since_first\": [\"b\", \"c\"]}",
        "who did a in the last day since their first b or c" },
    { "{\"did\": \"a\", \"before_last\": \"b\"}", "who did a before their last b" },
    { "{\"did\": \"a\", \"since_last\": \"*\"}", "who did a since their last event" },
    { "{\"did\": \"a\", \"before_first\": \"b\"}", "who did a before their first b" },

    /* last, first, profile */
    { "{\"first\": \"a\", \"where\": {\"b\": 1}, \"is\": {\"c\": 2}}",
        "whose first a (b is 1) is one where c is 2" },
    { "{\"first\": \"*\", \"is\": {\"c\": 2}}", "whose first event is one where c is 2" },
    { "{\"last\": \"a\", \"ago\": {\"max\": \"1d\"}, \"is\": {\"c\": 2}}",
        "whose last a was less than 1 day ago and is one where c is 2" },
    { "{\"profile\": {\"plan\": \"pro\"}}",
        "whose profile has a row where plan is \"pro\"" },

    /* logic */
    { "{\"any\": [{\"did\": \"a\"}, {\"did\": \"b\"}, {\"did\": \"c\"}]}",
        "who did a or who did b or who did c" },
    { "{\"all\": [{\"any\": [{\"did\": \"a\"}, {\"did\": \"b\"}]}, {\"did\": \"c\"}]}",
        "(who did a or who did b) and who did c" },
    { "{\"all\": [{\"any\": [{\"did\": \"a\"}]}]}", "who did a" },
    { "{\"not\": {\"all\": [{\"did\": \"a\"}, {\"did\": \"b\"}]}}",
        "who are not among those (who did a and who did b)" },
    { "{\"segment\": \"other\"}", "who are in \"other\"" },
    { "{\"not\": {\"segment\": \"other\"}}", "who are not in \"other\"" },

    /* sequences */
    { "{\"sequence\": [{\"did\": \"a\"}, {\"did\": \"b\", \"within\": \"1h\", \"after\": "
      "\"5m\", \"same\": [\"p\", \"q\"]}, {\"did_not\": \"c\", \"within\": \"1d\"}]}",
        "who did, in this order: a, then b within 1 hour after at least 5 minutes with "
        "the "
        "same p and q, then no c within 1 day, counted from the last start" },
    { "{\"sequence\": [{\"did_not\": \"a\", \"within\": \"2d\"}, {\"did\": \"b\"}, "
      "{\"did\": \"c\", \"next\": true, \"where\": {\"d\": 1}}], \"in_last\": \"30d\", "
      "\"in\": \"session\", \"within\": \"3h\", \"anchor\": \"first\"}",
        "who did in the last 30 days in one session within 3 hours, in this order: no a "
        "within 2 days before, then b, then c as the very next event where d is 1, "
        "counted "
        "from the first start" },

    { "{\"sequence\": [{\"did_not\": \"*\"}, {\"did\": \"*\"}, {\"did_not\": \"*\", "
      "\"within\": \"1h\"}]}",
        "who did, in this order: no event, then any event, then no event within 1 hour, "
        "counted from the last start" },

    /* sessions */
    { "{\"session\": \"any\"}", "who had a session" },
    { "{\"session\": \"any\", \"on\": \"today\", \"events\": {\"gte\": 3}}",
        "who had a session that started today and had at least 3 events" },
    { "{\"session\": \"last\", \"landing\": {\"path\": \"/\"}, \"has\": {\"did\": \"a\", "
      "\"exactly\": 2}, \"duration\": {\"gte\": \"60s\", \"lt\": \"1h\"}}",
        "whose last session landed where path is \"/\", had a exactly 2 times and lasted "
        "at "
        "least 1 minute and less than 1 hour" },
    { "{\"session\": \"first\", \"duration\": {\"gt\": \"0s\", \"lte\": \"61s\"}}",
        "whose first session lasted more than 0 seconds and at most 61 seconds" },

    { "{\"session\": \"any\", \"duration\": {\"gte\": \"0s\"}}",
        "who had a session that lasted at least 0 seconds" },

    /* for_some, rank */
    { "{\"for_some\": \"product_id\", \"holds\": {\"all\": [{\"did\": \"a\"}, "
      "{\"did_not\": "
      "\"b\"}]}}",
        "who, by the events of some one product_id alone, are people (who did a and who "
        "did "
        "not b)" },
    { "{\"rank\": {\"count\": true, \"of\": \"a\", \"in_last\": \"7d\"}, \"top\": 500}",
        "who are in the top 500 by number of a in the last 7 days" },
    { "{\"rank\": {\"sum\": \"value\", \"of\": \"a\"}, \"bottom\": \"2.5%\", \"among\": "
      "\"other\"}",
        "who are in the bottom 2.5% by total value of a among the people of \"other\"" },
};

static const struct said tests[] = {
    { "{\"a\": \"b\"}", "a is \"b\"" },
    { "{\"a\": 10.50}", "a is 10.5" },
    { "{\"a\": true, \"b\": false}", "a is true and b is false" },
    { "{\"a\": [\"b\", \"c\"]}", "a is \"b\" or \"c\"" },
    { "{\"a\": [1, \"b\", false]}", "a is \"b\", 1 or false" },
    { "{\"a\": [1, 2, 3, 4, 5, 6, 7]}", "a is 1, 2, 3, 4, 5 or 2 more" },
    { "{\"a\": {\"eq\": \"b\", \"ignore_case\": true}}", "a is \"b\" in any case" },
    { "{\"a\": {\"ne\": \"b\"}}", "a is given but not \"b\"" },
    { "{\"a\": {\"not_in\": [1, \"b\"]}}", "a is given but not \"b\" or 1" },
    { "{\"not\": {\"a\": \"b\"}}", "a is absent or not \"b\"" },
    { "{\"not\": {\"a\": {\"gt\": 1}}}", "not (a is above 1)" },
    { "{\"a\": {\"exists\": true}}", "a is given" },
    { "{\"a\": {\"exists\": false}}", "a is absent" },
    { "{\"a\": {\"gt\": 1, \"lte\": 2}}", "a is above 1 and a is at most 2" },
    { "{\"a\": {\"gte\": 1, \"lt\": 2}}", "a is at least 1 and a is below 2" },
    { "{\"a\": {\"between\": [-1, 2.25]}}", "a is between -1 and 2.25" },
    { "{\"a\": {\"contains\": \"x\"}}", "a contains \"x\"" },
    { "{\"a\": {\"starts_with\": \"x\"}}", "a starts with \"x\"" },
    { "{\"a\": {\"ends_with\": \"x\", \"ignore_case\": true}}",
        "a ends with \"x\" in any case" },
    { "{\"a\": {\"glob\": \"x*\"}}", "a is of the form \"x*\"" },
    { "{\"a\": {\"regex\": \"^x\"}}", "a matches the expression \"^x\"" },
    { "{\"a\": {\"ago\": {\"min\": \"1d\", \"max\": \"2d\"}}}",
        "a is between 1 day and 2 days ago" },
    { "{\"a\": {\"before\": \"2026-01-01\"}}", "a is before 2026-01-01T00:00:00Z" },
    { "{\"a\": {\"after\": \"2026-01-01T06:00:00.5Z\"}}",
        "a is 2026-01-01T06:00:00.5Z or later" },
    { "{\"a\": {\"cidr\": \"10.0.0.0/8\"}}", "a is in 10.0.0.0/8" },
    { "{\"a\": {\"cidr\": [\"192.0.2.1\", \"2001:db8::/32\"]}}",
        "a is in 192.0.2.1/32 or 2001:db8:0:0:0:0:0:0/32" },
    { "{\"any\": [{\"a\": 1, \"b\": 2}, {\"c\": 3}], \"d\": 4}",
        "((a is 1 and b is 2) or c is 3) and d is 4" },
    { "{\"all\": [{\"a\": 1}, {\"any\": [{\"b\": 2}, {\"not\": {\"c\": 3, \"d\": 4}}]}]}",
        "a is 1 and (b is 2 or not (c is 3 and d is 4))" },
    { "{\"any\": [{\"a\": {\"gt\": 1}}, {\"a\": 2}]}", "a is above 1 or a is 2" },
    { "{\"any\": [{\"a\": 1}, {\"b\": 1}]}", "a is 1 or b is 1" },
    { "{\"a\": \"line\\nend\"}", "a is \"line?end\"" },
};

static const struct said segments[] = {
    { "\"exclude\": [{\"segment\": \"other\"}]",
        "who did x, except people who are in "
        "\"other\"." },
    { "\"exclude\": [{\"did\": \"y\"}, {\"all\": [{\"did\": \"z\"}, {\"did\": \"w\"}]}]",
        "who did x, except people who did y or (who did z and who did w)." },
    { "\"tier\": \"funnel\", \"priority\": 10",
        "who did x; only those in no segment of tier \"funnel\" with a priority before "
        "10." },
    { "\"consent\": [\"ads\", \"mail\"]",
        "who did x; only with consent to \"ads\" and \"mail\"." },
    { "\"split\": {\"salt\": \"s\", \"arms\": {\"holdout\": 10, \"a\": 45.25}}",
        "who did x; split into holdout 10%, a 45.25%." },
    { "\"membership\": {\"keep\": \"14d\", \"at_most\": \"30d\", \"cooldown\": \"60d\"}",
        "who did x; kept for 14 days; for at most 30 days; not again for 60 days." },
};

static struct rt_defs *parse(const char *text)
{
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { .arena = &arena };
    struct rt_err err = { 0 };
    struct rt_defs *defs = NULL;
    int rc = rt_defs_parse(rt_span_of(text), "s.json", NULL, 0, &defs, &errors, &err);

    rt_arena_release(&arena);
    ck_assert_msg(rc == RT_OK, "%s: %s", text, err.text);
    return defs;
}

#define BEFORE                                                                           \
    "{\"version\": 1, \"privacy\": {\"consent\": {\"ads\": {\"field\": \"c\", "          \
    "\"granted\": [\"1\"]}, \"mail\": {\"field\": \"m\", \"granted\": [\"1\"]}}}, "      \
    "\"segments\": [{\"name\": \"other\", \"match\": {\"did\": \"x\"}}, {\"name\": "     \
    "\"s\", \"match\": "

/* The sentence of the second segment of a file made of these parts. */
static void check(const char *before, const char *json, const char *after,
    const char *begin, const char *sentence, const char *end)
{
    struct rt_buf out = RT_BUF_INIT(1 << 16);
    char text[2048], expected[1024];
    struct rt_defs *defs;

    snprintf(text, sizeof text, BEFORE "%s%s%s}]}", before, json, after);
    snprintf(expected, sizeof expected, "%s%s%s", begin, sentence, end);
    defs = parse(text);
    ck_assert_int_eq(rt_sentence(defs, 1, &out), RT_OK);
    ck_assert_str_eq(rt_buf_text(&out), expected);
    rt_buf_release(&out);
    rt_defs_free(defs);
}

START_TEST(condition)
{
    check("", conditions[_i].json, "", "People ", conditions[_i].sentence, ".");
}
END_TEST

START_TEST(test_on_a_field)
{
    check("{\"did\": \"x\", \"where\": ", tests[_i].json, "}", "People who did x where ",
        tests[_i].sentence, ".");
}
END_TEST

START_TEST(whole_segment)
{
    check("{\"did\": \"x\"}, ", segments[_i].json, "", "People ", segments[_i].sentence,
        "");
}
END_TEST

/* Times are told as the file's zone has them, as they are written there. */
START_TEST(times_are_those_of_the_zone)
{
    struct rt_defs *defs = parse("{\"version\": 1, \"timezone\": \"Asia/Kolkata\", "
                                 "\"segments\": [{\"name\": \"s\", \"match\": {\"did\": "
                                 "\"a\", \"from\": \"2026-01-01\", \"to\": "
                                 "\"2026-01-31T00:00:00Z\"}}]}");
    struct rt_buf out = RT_BUF_INIT(1 << 16);

    ck_assert_int_eq(rt_sentence(defs, 0, &out), RT_OK);
    ck_assert_str_eq(rt_buf_text(&out),
        "People who did a from 2026-01-01T00:00:00+05:30 to before "
        "2026-01-31T05:30:00+05:30.");
    rt_buf_release(&out);
    rt_defs_free(defs);
}
END_TEST

START_TEST(what_the_buffer_says_comes_back)
{
    struct rt_defs *defs = parse(BEFORE "{\"did\": \"x\"}}]}");
    struct rt_buf small = RT_BUF_INIT(10), out = RT_BUF_INIT(1 << 16);

    ck_assert_int_eq(rt_sentence(defs, 1, &small), RT_ELIMIT);
    rt_alloc_fail_at(1, 0);
    ck_assert_int_eq(rt_sentence(defs, 1, &out), RT_ENOMEM);
    rt_alloc_fail_at(0, 0);
    ck_assert_uint_eq(out.n, 0); /* nothing is said behind what could not be said */
    rt_buf_release(&small);
    rt_buf_release(&out);
    rt_defs_free(defs);
}
END_TEST

START_TEST(parts_of_sentences)
{
    struct rt_defs *defs =
        parse("{\"version\": 1, \"events\": {\"cart\": {\"event\": [\"a\", \"b\"], "
              "\"where\": {\"value\": {\"gte\": 2}}}, \"any\": {\"event\": \"*\"}}, "
              "\"segments\": [{\"name\": \"s\", \"match\": {\"sequence\": [{\"did_not\": "
              "\"x\", \"within\": \"1h\"}, {\"did\": \"cart\"}, {\"did\": \"y\", "
              "\"within\": \"2h\", \"next\": true}]}}]}");
    struct rt_buf out = RT_BUF_INIT(1 << 16);

    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(rt_sentence_step(defs, defs->segments[0].match, i, &out), RT_OK);
        rt_buf_adds(&out, "; ");
    }
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(rt_sentence_name(defs, &defs->events[i], &out), RT_OK);
        rt_buf_adds(&out, "; ");
    }
    ck_assert_int_eq(rt_sentence_duration(INT64_C(5400000000), &out), RT_OK);
    ck_assert_str_eq(rt_buf_text(&out),
        "no x within 1 hour before; cart; y within 2 hours as the very next event; "
        "a or b where value is at least 2; any event; 90 minutes");
    rt_buf_release(&out);
    rt_defs_free(defs);
}
END_TEST

#define LOOP(tc, test, table)                                                            \
    tcase_add_loop_test(tc, test, 0, sizeof(table) / sizeof *(table))

Suite *sentence_suite(void)
{
    Suite *s = suite_create("sentence");
    TCase *tc = tcase_create("sentence");

    LOOP(tc, condition, conditions);
    LOOP(tc, test_on_a_field, tests);
    LOOP(tc, whole_segment, segments);
    tcase_add_test(tc, what_the_buffer_says_comes_back);
    tcase_add_test(tc, times_are_those_of_the_zone);
    tcase_add_test(tc, parts_of_sentences);
    suite_add_tcase(s, tc);
    return s;
}
