/* num: what is a number, and what only looks like one. */
#include <check.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/num.h"

Suite *num_suite(void);

#define LEN(a) ((int)(sizeof(a) / sizeof *(a)))

static const struct {
    const char *name, *text;
    int rc;
    int64_t value;
} micros[] = {
    { "one digit", "7", RT_OK, 7000000 },
    { "zero", "0", RT_OK, 0 },
    { "minus zero", "-0", RT_OK, 0 },
    { "plus sign", "+3.5", RT_OK, 3500000 },
    { "minus sign", "-3.5", RT_OK, -3500000 },
    { "less than one", "0.000001", RT_OK, 1 },
    { "minus below one", "-0.000001", RT_OK, -1 },
    { "seventh decimal is cut", "1.9999999", RT_OK, 1999999 },
    { "cut towards zero below it", "-1.9999999", RT_OK, -1999999 },
    { "many decimals", "0.00000000000000000000000000001", RT_OK, 0 },
    { "blanks and tabs around", " \t12.5\t ", RT_OK, 12500000 },
    { "leading zeros", "000000000007", RT_OK, 7000000 },
    { "twelve digits", "999999999999.999999", RT_OK, INT64_C(999999999999999999) },
    { "twelve digits below zero", "-999999999999.999999", RT_OK,
        -INT64_C(999999999999999999) },
    { "thirteen digits", "1000000000000", RT_ESYNTAX, 0 },
    { "thirteen digits, zeros first", "0000000000007", RT_ESYNTAX, 0 },
    { "empty", "", RT_ESYNTAX, 0 },
    { "blank", "  ", RT_ESYNTAX, 0 },
    { "sign alone", "-", RT_ESYNTAX, 0 },
    { "two signs", "--1", RT_ESYNTAX, 0 },
    { "blank behind the sign", "- 1", RT_ESYNTAX, 0 },
    { "no digit before the point", ".5", RT_ESYNTAX, 0 },
    { "no digit behind the point", "5.", RT_ESYNTAX, 0 },
    { "point alone", ".", RT_ESYNTAX, 0 },
    { "two points", "1.2.3", RT_ESYNTAX, 0 },
    { "exponent", "1e3", RT_ESYNTAX, 0 },
    { "thousands", "1,234", RT_ESYNTAX, 0 },
    { "decimal comma", "1,5", RT_ESYNTAX, 0 },
    { "hexadecimal", "0x10", RT_ESYNTAX, 0 },
    { "currency", "$5", RT_ESYNTAX, 0 },
    { "letter behind the cut decimals", "1.1234567x", RT_ESYNTAX, 0 },
    { "blank inside", "1 2", RT_ESYNTAX, 0 },
    { "newline is no blank", "1\n", RT_ESYNTAX, 0 },
    { "infinity", "inf", RT_ESYNTAX, 0 },
    { "not a number", "nan", RT_ESYNTAX, 0 },
    { "slash is just below 0", "1/", RT_ESYNTAX, 0 },
    { "colon is just above 9", "1:", RT_ESYNTAX, 0 },
    { "high byte", "1\xb2", RT_ESYNTAX, 0 },
};

START_TEST(numbers)
{
    int64_t got = 42;
    int rc = rt_num_micro(rt_span_of(micros[_i].text), &got);

    ck_assert_msg(rc == micros[_i].rc && got == (rc == RT_OK ? micros[_i].value : 42),
        "%s: %d, %" PRId64, micros[_i].name, rc, got);
}
END_TEST

START_TEST(numbers_with_a_nul_are_none)
{
    int64_t got = 42;

    ck_assert_int_eq(rt_num_micro(RT_SPAN("1\0"), &got), RT_ESYNTAX);
    ck_assert_int_eq(rt_num_micro(RT_SPAN_ABSENT, &got), RT_ESYNTAX);
    ck_assert_int_eq(got, 42);
}
END_TEST

enum what { SIZE, DURATION, PERCENT, COUNT };

static const struct {
    const char *name;
    enum what what;
    const char *text;
    int rc;
    uint64_t value;
} measures[] = {
    { "bytes", SIZE, "512", RT_OK, 512 },
    { "64M", SIZE, "64M", RT_OK, 67108864 },
    { "lower case", SIZE, "1k", RT_OK, 1024 },
    { "gigabytes", SIZE, "2G", RT_OK, UINT64_C(2147483648) },
    { "terabyte", SIZE, "1t", RT_OK, UINT64_C(1099511627776) },
    { "the largest", SIZE, "9223372036854775807", RT_OK, INT64_MAX },
    { "one more", SIZE, "9223372036854775808", RT_ERANGE, 0 },
    { "past 64 bits", SIZE, "18446744073709551617", RT_ERANGE, 0 },
    { "largest terabytes", SIZE, "8388607T", RT_OK, UINT64_C(8388607) << 40 },
    { "too many terabytes", SIZE, "8388608T", RT_ERANGE, 0 },
    { "two units", SIZE, "1KB", RT_ESYNTAX, 0 },
    { "unknown unit", SIZE, "1P", RT_ESYNTAX, 0 },
    { "unit alone", SIZE, "M", RT_ESYNTAX, 0 },
    { "empty size", SIZE, "", RT_ESYNTAX, 0 },
    { "negative size", SIZE, "-1", RT_ESYNTAX, 0 },
    { "fraction of a size", SIZE, "1.5G", RT_ESYNTAX, 0 },
    { "blank before the unit", SIZE, "1 G", RT_ESYNTAX, 0 },
    { "form goes before range", SIZE, "99999999999999999999x", RT_ESYNTAX, 0 },

    { "seconds", DURATION, "60s", RT_OK, 60000000 },
    { "minutes", DURATION, "90m", RT_OK, UINT64_C(5400000000) },
    { "hours", DURATION, "1h", RT_OK, UINT64_C(3600000000) },
    { "days are 24 hours", DURATION, "7d", RT_OK, UINT64_C(604800000000) },
    { "weeks", DURATION, "2w", RT_OK, UINT64_C(1209600000000) },
    { "nothing", DURATION, "0s", RT_OK, 0 },
    { "10,000 years", DURATION, "3652425d", RT_OK, UINT64_C(315569520000000000) },
    { "a day more", DURATION, "3652426d", RT_ERANGE, 0 },
    { "endless", DURATION, "99999999999999999999d", RT_ERANGE, 0 },
    { "no unit", DURATION, "30", RT_ESYNTAX, 0 },
    { "upper case", DURATION, "30D", RT_ESYNTAX, 0 },
    { "months do not exist", DURATION, "1M", RT_ESYNTAX, 0 },
    { "years do not exist", DURATION, "1y", RT_ESYNTAX, 0 },
    { "two parts", DURATION, "1h30m", RT_ESYNTAX, 0 },
    { "fraction", DURATION, "1.5h", RT_ESYNTAX, 0 },
    { "sign", DURATION, "-1h", RT_ESYNTAX, 0 },
    { "plus", DURATION, "+1h", RT_ESYNTAX, 0 },
    { "blank behind", DURATION, "1h ", RT_ESYNTAX, 0 },
    { "NUL for a unit is none", DURATION, "", RT_ESYNTAX, 0 },

    { "tenth", PERCENT, "10%", RT_OK, 100000 },
    { "decimals", PERCENT, "2.5%", RT_OK, 25000 },
    { "finest", PERCENT, "0.0001%", RT_OK, 1 },
    { "all", PERCENT, "100%", RT_OK, 1000000 },
    { "all with decimals", PERCENT, "100.0000%", RT_OK, 1000000 },
    { "none", PERCENT, "0%", RT_OK, 0 },
    { "a little too much", PERCENT, "100.0001%", RT_ERANGE, 0 },
    { "too much", PERCENT, "101%", RT_ERANGE, 0 },
    { "far too much", PERCENT, "18446744073709551616%", RT_ERANGE, 0 },
    { "five decimals", PERCENT, "1.00000%", RT_ESYNTAX, 0 },
    { "no sign of percent", PERCENT, "10", RT_ESYNTAX, 0 },
    { "point alone", PERCENT, "10.%", RT_ESYNTAX, 0 },
    { "no whole", PERCENT, ".5%", RT_ESYNTAX, 0 },
    { "twice", PERCENT, "10%%", RT_ESYNTAX, 0 },
    { "ends at the point", PERCENT, "10.", RT_ESYNTAX, 0 },
    { "ends in decimals", PERCENT, "10.5", RT_ESYNTAX, 0 },
    { "negative percent", PERCENT, "-1%", RT_ESYNTAX, 0 },
    { "sign alone", PERCENT, "%", RT_ESYNTAX, 0 },

    { "count", COUNT, "500", RT_OK, 500 },
    { "count of none", COUNT, "0", RT_OK, 0 },
    { "largest count", COUNT, "9223372036854775807", RT_OK, INT64_MAX },
    { "count past it", COUNT, "9223372036854775808", RT_ERANGE, 0 },
    { "count with unit", COUNT, "5k", RT_ESYNTAX, 0 },
    { "count with blank", COUNT, " 5", RT_ESYNTAX, 0 },
    { "empty count", COUNT, "", RT_ESYNTAX, 0 },
};

static int measure(enum what what, struct rt_span text, uint64_t *value)
{
    int64_t us = 42;
    uint32_t millionths = 42;
    int rc;

    switch (what) {
    case SIZE:
        return rt_num_size(text, value);
    case COUNT:
        return rt_num_count(text, value);
    case DURATION:
        rc = rt_num_duration(text, &us);
        *value = (uint64_t)us;
        return rc;
    default:
        rc = rt_num_percent(text, &millionths);
        *value = millionths;
        return rc;
    }
}

START_TEST(sizes_durations_percentages)
{
    uint64_t got = 42;
    int rc = measure(measures[_i].what, rt_span_of(measures[_i].text), &got);

    ck_assert_msg(rc == measures[_i].rc && got == (rc == RT_OK ? measures[_i].value : 42),
        "%s: %d, %" PRIu64, measures[_i].name, rc, got);
}
END_TEST

static const struct {
    int64_t micro;
    const char *text;
} written[] = {
    { 0, "0" },
    { 3000000, "3" },
    { -500000, "-0.5" },
    { INT64_C(14786590000), "14786.59" },
    { 1, "0.000001" },
    { -1, "-0.000001" },
    { 100000000, "100" },
    { INT64_MAX, "9223372036854.775807" },
    { INT64_MIN, "-9223372036854.775808" },
};

START_TEST(written_form)
{
    char out[32];
    int n = rt_num_format_micro(written[_i].micro, out);

    ck_assert_str_eq(out, written[_i].text);
    ck_assert_int_eq(n, (int)strlen(out));
}
END_TEST

START_TEST(reading_what_was_written)
{
    unsigned short seed[3] = { 1, 2, 3 };

    for (int i = 0; i < 50000; i++) {
        int64_t micro = (int64_t)((uint64_t)nrand48(seed) << 31 ^ (uint64_t)nrand48(seed))
            % INT64_C(1000000000000000000);
        int64_t got;
        char out[32];

        micro >>= nrand48(seed) % 60;
        if (i % 2)
            micro = -micro;
        rt_num_format_micro(micro, out);
        ck_assert_int_eq(rt_num_micro(rt_span_of(out), &got), RT_OK);
        ck_assert_int_eq(got, micro);
    }
}
END_TEST

Suite *num_suite(void)
{
    Suite *s = suite_create("num");
    TCase *tc = tcase_create("num");

    tcase_add_loop_test(tc, numbers, 0, LEN(micros));
    tcase_add_test(tc, numbers_with_a_nul_are_none);
    tcase_add_loop_test(tc, sizes_durations_percentages, 0, LEN(measures));
    tcase_add_loop_test(tc, written_form, 0, LEN(written));
    tcase_add_test(tc, reading_what_was_written);
    tcase_set_timeout(tc, 60);
    suite_add_tcase(s, tc);
    return s;
}
