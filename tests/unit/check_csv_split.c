/* Records cut at their delimiters, against libcsv over the same text. */
#include <check.h>
#include <stdlib.h>

#include "events/csv_split.h"
#include "tests/unit/csv_twin.h"

Suite *csv_split_suite(void);

enum { RECORD_MAX = 60, FIELDS_MAX = 6 };

/* What libcsv says about the record, and what the cut does: equal wherever there is one. */
static bool is_same(const char *record, size_t n, char delimiter, uint32_t nfields)
{
    struct rt_buf rows = RT_BUF_INIT(1 << 20), rejects = rows, got = rows;
    char line[RECORD_MAX + 1], *alone = malloc(n ? n : 1); /* nothing is read behind it */
    struct rt_span fields[FIELDS_MAX];
    bool cut;

    memcpy(alone, record, n);
    memcpy(line, record, n);
    line[n] = '\n';
    csv_twin(
        (struct rt_span) { line, n + 1 }, delimiter, nfields, false, &rows, &rejects);
    cut = rt_csv_split((struct rt_span) { alone, n }, delimiter, fields, nfields);
    if (cut) {
        csv_twin_row(&got, 0, (uint32_t)n, 0, fields, nfields);
        ck_assert_msg(got.n == rows.n && memcmp(got.p, rows.p, got.n) == 0,
            "\"%.*s\": %.*s", (int)n, record, (int)got.n, got.p);
    } else {
        uint32_t delimiters = 0;

        for (size_t i = 0; i < n; i++)
            delimiters += record[i] == delimiter;
        ck_assert_msg(delimiters + 1 != nfields || memchr(record, '"', n)
                || memchr(record, '\r', n),
            "\"%.*s\"", (int)n, record);
    }
    free(alone);
    rt_buf_release(&rows);
    rt_buf_release(&rejects);
    rt_buf_release(&got);
    return cut;
}

START_TEST(by_hand)
{
    struct rt_span fields[2];

    ck_assert(rt_csv_split(RT_SPAN(" u1 ,\ta b@c.d "), ',', fields, 2));
    ck_assert(rt_span_eq(fields[0], RT_SPAN("u1")));
    ck_assert(rt_span_eq(fields[1], RT_SPAN("a b@c.d")));
    ck_assert(rt_csv_split(RT_SPAN("\t"), '\t', fields, 2));
    ck_assert_uint_eq(fields[0].n + fields[1].n, 0);
    ck_assert(!rt_csv_split(RT_SPAN("a,b,c"), ',', fields, 2));
    ck_assert(!rt_csv_split(RT_SPAN("a"), ',', fields, 2));
    ck_assert(!rt_csv_split(RT_SPAN("a,\"b\""), ',', fields, 2));
    ck_assert(!rt_csv_split(RT_SPAN("a"), ',', fields, 1));
}
END_TEST

START_TEST(at_random)
{
    static const char few[] = "ab \t,,;;\"\r";
    char record[RECORD_MAX];
    unsigned ncut = 0;

    srand(11);
    for (unsigned round = 0; round < 100000; round++) {
        size_t n = (size_t)rand() % (round % 3 ? 12 : RECORD_MAX);
        size_t kinds = round % 2 ? sizeof few - 3 : sizeof few - 1;

        for (size_t i = 0; i < n; i++)
            record[i] = few[(size_t)rand() % kinds];
        ncut += is_same(record, n, ",;\t"[round % 3], 2 + (uint32_t)rand() % 4);
    }
    ck_assert_uint_gt(ncut, 5000);
}
END_TEST

Suite *csv_split_suite(void)
{
    Suite *suite = suite_create("csv_split");
    TCase *tc = tcase_create("csv_split");

    tcase_add_test(tc, by_hand);
    tcase_add_test(tc, at_random);
    suite_add_tcase(suite, tc);
    return suite;
}
