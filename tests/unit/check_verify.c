/* What a cell holds. Digests by sha256sum, md5sum, sha1sum and openssl base64. */
#include "run/seen_rows.h"
#include "run/verify_int.h"

#include <check.h>

Suite *verify_suite(void);

#define SHA    "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"
#define BASE64 "lz3+Rj7IV4X1+Vr1ujkG7tstkxwk5pgkqJ6mXbpOgTs="
#define MD5    "55502f40dc8b7c769880b10874abc9d0"

static const struct {
    const char *name, *platform, *title, *cell;
    enum rt_fault fault;
} cells[] = {
    { "a digest", "meta", "email", SHA, RT_NO_FAULT },
    { "capitals", "meta", "email",
        "973DFE463EC85785F5F95AF5BA3906EEDB2D931C24E69824A89EA65DBA4E813B",
        RT_FAULT_DIGEST_CASE },
    { "blanks", "meta", "email", SHA " ", RT_FAULT_DIGEST_BLANKS },
    { "one digit less", "meta", "email",
        "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813",
        RT_FAULT_NO_DIGEST },
    { "MD5", "meta", "email", MD5, RT_FAULT_OTHER_DIGEST },
    { "Base64", "meta", "email", BASE64, RT_FAULT_OTHER_DIGEST },
    { "an address", "meta", "email", "a@b.example", RT_FAULT_PLAIN },
    { "a number", "meta", "phone", "491512345678", RT_FAULT_PLAIN },
    { "a name", "meta", "fn", "ann", RT_FAULT_PLAIN },
    { "nothing hashed", "meta", "email",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        RT_FAULT_EMPTY_DIGEST },
    { "nothing by MD5", "criteo-md5", "email", "d41d8cd98f00b204e9800998ecf8427e",
        RT_FAULT_EMPTY_DIGEST },
    { "nothing by SHA-1", "meta", "email", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        RT_FAULT_EMPTY_DIGEST },
    { "MD5 where it belongs", "criteo-md5", "email", MD5, RT_NO_FAULT },
    { "SHA-256 there", "criteo-md5", "email", SHA, RT_FAULT_OTHER_DIGEST },
    { "MD5 where any is taken", "pinterest", "email", MD5, RT_NO_FAULT },
    { "plain", "adroll", "email", "a@b.example", RT_NO_FAULT },
    { "plain with capitals", "adroll", "email", "A@b.example", RT_FAULT_NOT_NORMAL },
    { "a digest instead", "adroll", "email", SHA, RT_FAULT_HASHED },
    { "no address", "adroll", "email", "nobody", RT_FAULT_INVALID },
    { "a country", "google-ads", "Country", "DE", RT_NO_FAULT },
    { "its name", "google-ads", "Country", "Germany", RT_FAULT_NOT_NORMAL },
    { "none", "google-ads", "Country", "Utopia", RT_FAULT_INVALID },
    { "a value", "meta", "value", "12.50", RT_NO_FAULT },
    { "a currency", "meta", "value", "$12", RT_FAULT_INVALID },
    { "a formula", "linkedin-companies", "companyname", "=1+1", RT_FAULT_FORMULA },
    { "a guarded one", "linkedin-companies", "companyname", "'=1+1", RT_NO_FAULT },
};

START_TEST(cell)
{
    const struct rt_platform *platform = rt_platform_get(rt_span_of(cells[_i].platform));
    const struct rt_norm_context context = { .latest_year = 2026 };
    const struct rt_platform_column *column = NULL;
    unsigned changes;

    ck_assert_ptr_nonnull(platform);
    for (uint32_t c = 0; c < platform->ncolumns; c++)
        if (strcmp(platform->columns[c].title, cells[_i].title) == 0)
            column = &platform->columns[c];
    ck_assert_msg(column != NULL, "%s: no column", cells[_i].name);
    ck_assert_msg(rt_verify_cell(column, &context, rt_span_of(cells[_i].cell), &changes)
            == cells[_i].fault,
        "%s", cells[_i].name);
}
END_TEST

/* Every fault has its words, with one place for a detail at most. */
START_TEST(texts)
{
    for (unsigned f = 0; f < RT_FAULTS; f++) {
        const char *text = rt_fault_texts[f].text, *place;

        ck_assert_msg(text && *text, "fault %u", f);
        place = strchr(text, '%');
        ck_assert_msg(!place || (place[1] == 's' && !strchr(place + 1, '%')), "%s", text);
    }
}
END_TEST

START_TEST(seen)
{
    struct rt_seen_rows rows = { NULL, 0, 0 };
    uint64_t first;

    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 5000; i++) {
            struct rt_span row = { (const char *)&i, sizeof i };

            ck_assert_int_eq(rt_seen_row(&rows, row, i + 1 + round, &first), 0);
            ck_assert_uint_eq(first, round ? i + 1 : 0);
        }
    rt_seen_rows_release(&rows);
}
END_TEST

Suite *verify_suite(void)
{
    Suite *suite = suite_create("verify");
    TCase *tc = tcase_create("all");

    tcase_add_loop_test(tc, cell, 0, sizeof cells / sizeof *cells);
    tcase_add_test(tc, texts);
    tcase_add_test(tc, seen);
    suite_add_tcase(suite, tc);
    return suite;
}
