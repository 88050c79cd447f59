/* The parts of sentences: values, durations, windows, tests on a field. */
#include <inttypes.h>

#include "base/num.h"
#include "plan/sentence_int.h"

enum { VALUES_SHOWN = 5 };

/* ---- single values */

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != 0x7F;
}

void rt_say_name(struct rt_teller *teller, struct rt_span name)
{
    for (size_t i = 0, run; i < name.n && teller->rc == RT_OK; i += run + 1) {
        for (run = 0; i + run < name.n && is_plain(name.p[i + run]);)
            run++;
        teller->rc = rt_buf_add(teller->out, name.p + i, run);
        if (i + run < name.n)
            rt_say(teller, "?");
    }
}

void rt_say_events(struct rt_teller *teller, const struct rt_event_set *events)
{
    bool any = events->n == 1 && events->choices[0].nnames == 0
        && !events->choices[0].where && rt_span_eq(events->text, RT_SPAN("any event"));

    rt_say_name(teller, any ? RT_SPAN("event") : events->text);
}

void rt_say_quoted(struct rt_teller *teller, struct rt_span text)
{
    rt_say(teller, "\"");
    rt_say_name(teller, text);
    rt_say(teller, "\"");
}

void rt_say_number(struct rt_teller *teller, int64_t micro)
{
    char text[32];

    rt_num_format_micro(micro, text);
    rt_say(teller, "%s", text);
}

/* In the largest unit that it is a whole number of; weeks are told in days. */
static int64_t in_units(int64_t us, const char **unit)
{
    static const struct {
        int64_t us;
        const char *name;
    } units[] = {
        { RT_DAY_US, "day" },
        { 3600 * RT_SECOND_US, "hour" },
        { 60 * RT_SECOND_US, "minute" },
        { RT_SECOND_US, "second" },
    };
    size_t i = 0;

    while (i < 3 && (us == 0 || us % units[i].us != 0))
        i++;
    *unit = units[i].name;
    return us / units[i].us;
}

void rt_say_duration(struct rt_teller *teller, int64_t us)
{
    const char *unit;
    int64_t n = in_units(us, &unit);

    rt_say(teller, "%" PRId64 " %s%s", n, unit, n == 1 ? "" : "s");
}

/* " in the last 7 days", " in the last day" */
static void say_in_last(struct rt_teller *teller, int64_t us)
{
    const char *unit;
    int64_t n = in_units(us, &unit);

    rt_say(teller, " in the last ");
    if (n == 1)
        rt_say(teller, "%s", unit);
    else
        rt_say_duration(teller, us);
}

void rt_say_time(struct rt_teller *teller, int64_t us)
{
    char text[48];

    rt_clock_format_local(teller->defs->zone, us, text);
    rt_say(teller, "%s", text);
}

/* ---- windows */

void rt_say_ages(struct rt_teller *teller, int64_t min_us, int64_t max_us)
{
    if (min_us > 0 && max_us < RT_TIME_MAX) {
        rt_say(teller, "between ");
        rt_say_duration(teller, min_us);
        rt_say(teller, " and ");
        rt_say_duration(teller, max_us);
    } else if (max_us < RT_TIME_MAX) {
        rt_say(teller, "less than ");
        rt_say_duration(teller, max_us);
    } else {
        rt_say(teller, "at least ");
        rt_say_duration(teller, min_us);
    }
    rt_say(teller, " ago");
}

/* "last_7_days" is whole days, which "the last 7 days" would leave open. */
static void say_on(struct rt_teller *teller, struct rt_span on)
{
    struct rt_span days = { on.p + 5, on.n - 5 };

    if (on.n > 5 && rt_span_starts(on, RT_SPAN("last_")) && *days.p >= '0'
        && *days.p <= '9') {
        rt_say(teller, " on the last %.*s whole days", (int)strspn(days.p, "0123456789"),
            days.p);
        return;
    }
    rt_say(teller, " ");
    for (size_t i = 0; i < on.n; i++)
        rt_say(teller, "%c", on.p[i] == '_' ? ' ' : on.p[i]);
}

static void say_dates(struct rt_teller *teller, int64_t from_us, int64_t to_us)
{
    if (from_us > RT_TIME_MIN) {
        rt_say(teller, " from ");
        rt_say_time(teller, from_us);
        rt_say(teller, to_us == RT_TIME_MAX ? " on" : "");
    }
    if (to_us < RT_TIME_MAX) {
        rt_say(teller, from_us > RT_TIME_MIN ? " to before " : " before ");
        rt_say_time(teller, to_us);
    }
}

void rt_say_window(struct rt_teller *teller, const struct rt_window *window)
{
    static const char *const anchors[] = { "", " since their last ",
        " since their first ", " before their last ", " before their first " };

    switch (window->kind) {
    case RT_WINDOW_ALL:
        break;
    case RT_WINDOW_AGO:
        if (window->in_last) {
            say_in_last(teller, window->max_us);
        } else {
            rt_say(teller, " ");
            rt_say_ages(teller, window->min_us, window->max_us);
        }
        break;
    case RT_WINDOW_ON:
        say_on(teller, window->on);
        break;
    case RT_WINDOW_DATES:
        say_dates(teller, window->from_us, window->to_us);
        break;
    }
    if (window->anchor != RT_ANCHOR_NONE) {
        rt_say(teller, "%s", anchors[window->anchor]);
        rt_say_events(teller, &window->anchor_events);
    }
}

void rt_say_counts(
    struct rt_teller *teller, uint64_t min, uint64_t max, const char *thing)
{
    bool one = (max == UINT64_MAX ? min : max) == 1;

    if (min == max)
        rt_say(teller, "exactly %" PRIu64, min);
    else if (max == UINT64_MAX)
        rt_say(teller, "at least %" PRIu64, min);
    else if (min == 0)
        rt_say(teller, "at most %" PRIu64, max);
    else
        rt_say(teller, "between %" PRIu64 " and %" PRIu64, min, max);
    rt_say(teller, " %s%s", thing, one ? "" : "s");
}

/* ---- tests: equality */

static bool is_leaf_of(const struct rt_test *test, enum rt_op op)
{
    return test->kind == RT_TEST_LEAF && test->op == op;
}

/* eq, in, and lists of mixed kinds: something that is said "FIELD is A, B or C". */
static bool is_equality(const struct rt_test *test)
{
    if (test->kind == RT_TEST_LEAF)
        return test->op == RT_OP_EQ_TEXT || test->op == RT_OP_EQ_NUM
            || test->op == RT_OP_TRUE || test->op == RT_OP_FALSE;
    if (test->kind != RT_TEST_ANY)
        return false;
    for (size_t i = 0; i < test->n; i++)
        if (test->parts[i]->kind != RT_TEST_LEAF || !is_equality(test->parts[i])
            || !rt_span_eq(test->parts[i]->field, test->parts[0]->field))
            return false;
    return true;
}

static struct rt_span field_of(const struct rt_test *test)
{
    return test->kind == RT_TEST_LEAF ? test->field : test->parts[0]->field;
}

static size_t count_values(const struct rt_test *test)
{
    size_t n = 0;

    if (test->kind == RT_TEST_LEAF)
        return test->op == RT_OP_EQ_TEXT ? test->ntexts
            : test->op == RT_OP_EQ_NUM   ? test->nnumbers
                                         : 1;
    for (size_t i = 0; i < test->n; i++)
        n += count_values(test->parts[i]);
    return n;
}

/* The word before the value at a place of a list of n: "a, b or c". */
static void say_between(struct rt_teller *teller, size_t place, size_t n)
{
    if (place)
        rt_say(teller, place + 1 == n ? " or " : ", ");
}

static void say_leaf_values(
    struct rt_teller *teller, const struct rt_test *leaf, size_t *place, size_t n)
{
    size_t values = count_values(leaf);

    for (size_t i = 0; i < values && *place < VALUES_SHOWN; i++, ++*place) {
        say_between(teller, *place, n);
        if (leaf->op == RT_OP_EQ_TEXT)
            rt_say_quoted(teller, leaf->texts[i]);
        else if (leaf->op == RT_OP_EQ_NUM)
            rt_say_number(teller, leaf->numbers[i]);
        else
            rt_say(teller, leaf->op == RT_OP_TRUE ? "true" : "false");
    }
    if (leaf->op == RT_OP_EQ_TEXT && leaf->ignore_case)
        rt_say(teller, " in any case");
}

static void say_values(struct rt_teller *teller, const struct rt_test *test)
{
    size_t place = 0, n = count_values(test);

    if (test->kind == RT_TEST_LEAF)
        say_leaf_values(teller, test, &place, n);
    else
        for (size_t i = 0; i < test->n; i++)
            say_leaf_values(teller, test->parts[i], &place, n);
    if (n > place)
        rt_say(teller, " or %zu more", n - place);
}

static void say_equality(
    struct rt_teller *teller, const struct rt_test *test, const char *is)
{
    rt_say_name(teller, field_of(test));
    rt_say(teller, " %s ", is);
    say_values(teller, test);
}

/* ---- tests: other operators */

static void say_networks(struct rt_teller *teller, const struct rt_test *test)
{
    for (size_t i = 0; i < test->nnetworks && i < VALUES_SHOWN; i++) {
        const struct rt_network *network = &test->networks[i];
        bool v4 = network->bits >= 96
            && memcmp(network->address, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;

        say_between(teller, i, test->nnetworks);
        if (v4) {
            rt_say(teller, "%d.%d.%d.%d/%d", network->address[12], network->address[13],
                network->address[14], network->address[15], network->bits - 96);
            continue;
        }
        for (size_t j = 0; j < 16; j += 2)
            rt_say(teller, "%s%x", j ? ":" : "",
                (unsigned)(network->address[j] << 8 | network->address[j + 1]));
        rt_say(teller, "/%d", network->bits);
    }
    if (test->nnetworks > VALUES_SHOWN)
        rt_say(teller, " or %zu more", test->nnetworks - VALUES_SHOWN);
}

static void say_text_test(
    struct rt_teller *teller, const struct rt_test *test, const char *verb)
{
    rt_say(teller, " %s ", verb);
    rt_say_quoted(teller, test->texts[0]);
    rt_say(teller, test->ignore_case ? " in any case" : "");
}

static void say_number_test(
    struct rt_teller *teller, const struct rt_test *test, const char *is)
{
    rt_say(teller, " %s ", is);
    rt_say_number(teller, test->numbers[0]);
}

static void say_time_test(struct rt_teller *teller, const struct rt_test *test)
{
    rt_say(teller, test->op == RT_OP_BEFORE ? " is before " : " is ");
    rt_say_time(teller, test->time_us);
    rt_say(teller, test->op == RT_OP_BEFORE ? "" : " or later");
}

static void say_leaf(struct rt_teller *teller, const struct rt_test *test)
{
    rt_say_name(teller, test->field);
    switch (test->op) {
    case RT_OP_GT:
        say_number_test(teller, test, "is above");
        break;
    case RT_OP_GTE:
        say_number_test(teller, test, "is at least");
        break;
    case RT_OP_LT:
        say_number_test(teller, test, "is below");
        break;
    case RT_OP_LTE:
        say_number_test(teller, test, "is at most");
        break;
    case RT_OP_BETWEEN:
        say_number_test(teller, test, "is between");
        rt_say(teller, " and ");
        rt_say_number(teller, test->numbers[1]);
        break;
    case RT_OP_CONTAINS:
        say_text_test(teller, test, "contains");
        break;
    case RT_OP_STARTS:
        say_text_test(teller, test, "starts with");
        break;
    case RT_OP_ENDS:
        say_text_test(teller, test, "ends with");
        break;
    case RT_OP_GLOB:
        say_text_test(teller, test, "is of the form");
        break;
    case RT_OP_REGEX:
        say_text_test(teller, test, "matches the expression");
        break;
    case RT_OP_EXISTS:
        rt_say(teller, " is given");
        break;
    case RT_OP_AGO:
        rt_say(teller, " is ");
        rt_say_ages(teller, test->min_us, test->max_us);
        break;
    case RT_OP_BEFORE:
    case RT_OP_AFTER:
        say_time_test(teller, test);
        break;
    case RT_OP_CIDR:
        rt_say(teller, " is in ");
        say_networks(teller, test);
        break;
    case RT_OP_EQ_TEXT:
    case RT_OP_EQ_NUM:
    case RT_OP_TRUE:
    case RT_OP_FALSE: /* equalities: said by the caller */
        break;
    }
}

/* ---- formulas */

/* ne, not_in: present, and not that. */
static bool is_inequality(const struct rt_test *test)
{
    return test->kind == RT_TEST_ALL && test->n == 2
        && is_leaf_of(test->parts[0], RT_OP_EXISTS) && test->parts[1]->kind == RT_TEST_NOT
        && is_equality(test->parts[1]->parts[0])
        && rt_span_eq(test->parts[0]->field, field_of(test->parts[1]->parts[0]));
}

static bool is_group(const struct rt_test *test)
{
    return (test->kind == RT_TEST_ALL || test->kind == RT_TEST_ANY) && !is_equality(test)
        && !is_inequality(test);
}

static void say_not(struct rt_teller *teller, const struct rt_test *part)
{
    if (is_leaf_of(part, RT_OP_EXISTS)) {
        rt_say_name(teller, part->field);
        rt_say(teller, " is absent");
    } else if (is_equality(part)) {
        say_equality(teller, part, "is absent or not");
    } else {
        rt_say(teller, "not (");
        rt_say_test(teller, part);
        rt_say(teller, ")");
    }
}

static void say_parts(struct rt_teller *teller, const struct rt_test *test)
{
    for (size_t i = 0; i < test->n; i++) {
        bool group = is_group(test->parts[i]);

        if (i)
            rt_say(teller, test->kind == RT_TEST_ALL ? " and " : " or ");
        rt_say(teller, group ? "(" : "");
        rt_say_test(teller, test->parts[i]);
        rt_say(teller, group ? ")" : "");
    }
}

void rt_say_test(struct rt_teller *teller, const struct rt_test *test)
{
    if (is_equality(test))
        say_equality(teller, test, "is");
    else if (is_inequality(test))
        say_equality(teller, test->parts[1]->parts[0], "is given but not");
    else if (test->kind == RT_TEST_NOT)
        say_not(teller, test->parts[0]);
    else if (test->kind == RT_TEST_LEAF)
        say_leaf(teller, test);
    else
        say_parts(teller, test);
}

void rt_say_where(struct rt_teller *teller, const struct rt_test *test)
{
    if (!test)
        return;
    rt_say(teller, " where ");
    rt_say_test(teller, test);
}
