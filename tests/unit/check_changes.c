/*
 * What rules say that they changed, and digests that need no rule.
 */
#include <check.h>
#include <string.h>

#include "lists/normalise.h"

Suite *changes_suite(void);

static const struct {
    rt_norm_fn *fn;
    const char *country, *raw;
    unsigned changes;
} cases[] = {
    /* E-mail. */
    { rt_norm_email_plain, "", "a@b.com", 0 },
    { rt_norm_email_plain, "", " a@b.com", RT_DID_TRIM },
    { rt_norm_email_plain, "", "A@b.com ", RT_DID_TRIM | RT_DID_CASE },
    { rt_norm_email_plain, "", "a.b+c@gmail.com", 0 },
    { rt_norm_email_plain, "", "J\xC3\x96RG@b.de", RT_DID_CASE },
    { rt_norm_email_uid2, "", "j\xC3\x96rg@b.de", 0 },
    { rt_norm_email_typed, "", "A@B.com", 0 },
    { rt_norm_email_google, "", "a.b@gmail.com", RT_DID_DOTS },
    { rt_norm_email_google, "", "ab+c.d@gmail.com", RT_DID_TAG },
    { rt_norm_email_google, "", "a.b+c@Gmail.com",
        RT_DID_CASE | RT_DID_DOTS | RT_DID_TAG },
    { rt_norm_email_google, "", "a.b+c@b.com", 0 },
    { rt_norm_email_dv360, "", "a b@c.com", RT_DID_SIGNS },
    { rt_norm_email_linkedin, "", " a b@c.com", RT_DID_TRIM | RT_DID_SIGNS },
    { rt_norm_email_reddit, "", "a.b_c+d@e.com",
        RT_DID_DOTS | RT_DID_TAG | RT_DID_SIGNS },
    { rt_norm_email_amazon, "", "a+b@c.com", RT_DID_SIGNS },
    /* Telephone. */
    { rt_norm_phone_plus, "", "+442079460958", 0 },
    { rt_norm_phone_plus, "", "+44 20 7946 0958", RT_DID_SIGNS },
    { rt_norm_phone_plus, "", "+44 (0)20 7946 0958", RT_DID_SIGNS },
    { rt_norm_phone_plus, "GB", "02079460958", RT_DID_COUNTRY },
    { rt_norm_phone_plus, "GB", "442079460958", RT_DID_SIGNS },
    { rt_norm_phone_plus, "IT", "0612345678", RT_DID_COUNTRY },
    { rt_norm_phone_plus, "", "00442079460958", RT_DID_SIGNS },
    { rt_norm_phone_plus, "DE", "00442079460958", RT_DID_SIGNS },
    { rt_norm_phone_plus, "US", "011442079460958", RT_DID_SIGNS },
    { rt_norm_phone_plus, "", "+15551234567;ext=12", RT_DID_SIGNS | RT_DID_EXTENSION },
    { rt_norm_phone_plus, "US", "650 253 0000 x12",
        RT_DID_COUNTRY | RT_DID_SIGNS | RT_DID_EXTENSION },
    { rt_norm_phone_digits, "", "+442079460958", RT_DID_SIGNS },
    { rt_norm_phone_uid2, "US", "6502530000", RT_DID_COUNTRY },
    /* Names. */
    { rt_norm_first_name_google, "", "anna maria", 0 },
    { rt_norm_first_name_google, "", "Dr. Anna", RT_DID_CASE | RT_DID_AFFIX },
    { rt_norm_first_name_google, "", "vale\xCC\x81ry", RT_DID_LETTERS },
    { rt_norm_first_name_google, "", "val\xC3\x89ry", RT_DID_CASE },
    { rt_norm_first_name_dv360, "", "anna maria", RT_DID_SIGNS },
    { rt_norm_last_name_google, "", "smith jr", RT_DID_AFFIX },
    { rt_norm_name_meta, "", "o'brien", RT_DID_SIGNS },
    { rt_norm_name_meta, "", "jos\xC3\xA9", 0 },
    { rt_norm_name_amazon, "", "m\xC3\xBCller", RT_DID_LETTERS },
    { rt_norm_name_amazon, "", "mc andrew", RT_DID_SIGNS },
    { rt_norm_name_ga4, "", "anna 2", RT_DID_SIGNS },
    /* Places. */
    { rt_norm_city_meta, "",
        "k\xC3\xB8"
        "benhavn",
        RT_DID_LETTERS },
    { rt_norm_city_meta, "", "San Jose", RT_DID_CASE | RT_DID_SIGNS },
    { rt_norm_region_meta, "US", "tx", 0 },
    { rt_norm_region_meta, "US", "TX", RT_DID_CASE },
    { rt_norm_region_meta, "US", "Texas", RT_DID_CODE },
    { rt_norm_region_amazon, "US", "texas", RT_DID_CODE },
    { rt_norm_region_amazon, "GB", "kent", RT_DID_SHORTEN },
    { rt_norm_postcode_meta, "US", "12345-6789", RT_DID_SHORTEN },
    { rt_norm_postcode_meta, "GB", "SW1A 1AA", RT_DID_CASE | RT_DID_SIGNS },
    { rt_norm_postcode_amazon, "US", "12345", 0 },
    { rt_norm_street_amazon, "US", "12elm", 0 },
    { rt_norm_street_amazon, "US", "12 elm", RT_DID_SIGNS },
    { rt_norm_street_amazon, "US", "lane", RT_DID_CODE },
    { rt_norm_street_amazon, "DE",
        "wei\xC3\x9F"
        "gasse",
        RT_DID_LETTERS },
    { rt_norm_country_upper, "", "DE", 0 },
    { rt_norm_country_upper, "", "de", RT_DID_CASE },
    { rt_norm_country_upper, "", "Germany ", RT_DID_TRIM | RT_DID_CODE },
    { rt_norm_country_lower, "", "DE", RT_DID_CASE },
    { rt_norm_country_lower, "", "UK", RT_DID_CODE },
    /* The rest. */
    { rt_norm_gender, "", "m", 0 },
    { rt_norm_gender, "", "F", RT_DID_CASE },
    { rt_norm_gender, "", "Frau", RT_DID_CODE },
    { rt_norm_birth_date, "", "19901231", 0 },
    { rt_norm_birth_date, "", "1990-12-31", RT_DID_CODE },
    { rt_norm_birth_year, "", "1990", 0 },
    { rt_norm_mobile_id, "", "EA7583CD-A667-48BC-B806-42ECB2B48606", 0 },
    { rt_norm_mobile_id_lower, "", "EA7583CD-A667-48BC-B806-42ECB2B48606", RT_DID_CASE },
    { rt_norm_username_x, "", "@ann", RT_DID_SIGNS },
    { rt_norm_domain, "", "example.com", 0 },
    { rt_norm_domain, "", "https://example.com", RT_DID_SHORTEN },
    { rt_norm_email_domain, "", "a@example.com", RT_DID_SHORTEN },
    { rt_norm_linkedin_page, "", "https://www.linkedin.com/company/acme", 0 },
    { rt_norm_linkedin_page, "", "linkedin.com/company/acme", RT_DID_CODE },
    { rt_norm_text, "", "A  b", 0 },
    { rt_norm_text, "", "\tA b", RT_DID_TRIM },
};

START_TEST(changes)
{
    unsigned got = 0;
    struct rt_norm_context context = { .latest_year = 2026, .changes = &got };
    struct rt_norm out, silent;
    struct rt_span raw = rt_span_of(cases[_i].raw);

    memcpy(context.country, cases[_i].country, strlen(cases[_i].country) + 1);
    memcpy(context.phone_region, context.country, sizeof context.country);
    ck_assert_int_eq(cases[_i].fn(raw, &context, &out), RT_NORM_OK);
    ck_assert_msg(got == cases[_i].changes, "'%s': %x, not %x", cases[_i].raw, got,
        cases[_i].changes);
    context.changes = NULL; /* the result is the same when nobody asks */
    ck_assert_int_eq(cases[_i].fn(raw, &context, &silent), RT_NORM_OK);
    ck_assert(rt_span_eq(
        (struct rt_span) { out.p, out.n }, (struct rt_span) { silent.p, silent.n }));
}
END_TEST

/* Bits are added to what is there: one word may gather those of a row. */
START_TEST(changes_add_up)
{
    unsigned got = RT_DID_DIGEST;
    struct rt_norm_context context = { .changes = &got };
    struct rt_norm out;

    ck_assert_int_eq(rt_norm_email_plain(RT_SPAN("A@b.com"), &context, &out), RT_NORM_OK);
    ck_assert_uint_eq(got, RT_DID_DIGEST | RT_DID_CASE);
}
END_TEST

START_TEST(every_change_has_a_name)
{
    for (unsigned i = 0; i < RT_NORM_CHANGES; i++)
        for (unsigned k = 0; k < i; k++)
            ck_assert_str_ne(rt_norm_change_name(i), rt_norm_change_name(k));
    ck_assert_uint_eq(1u << (RT_NORM_CHANGES - 1), RT_DID_DIGEST);
}
END_TEST

/* ---- device ids */

static const struct {
    enum rt_norm_device device;
    const char *raw, *normal;
} devices[] = {
    { RT_DEVICE_IDFA, "ea7583cd-A667-48bc-b806-42ecb2b48606",
        "EA7583CD-A667-48BC-B806-42ECB2B48606" },
    { RT_DEVICE_AAID, "CDDA802E-fb9c-47AD-9866-0794d394c912",
        "cdda802e-fb9c-47ad-9866-0794d394c912" },
    { RT_DEVICE_UNKNOWN, "cdda802e-FB9C-47ad-9866-0794d394c912",
        "cdda802e-FB9C-47ad-9866-0794d394c912" },
};

START_TEST(ids_by_kind)
{
    struct rt_norm_context context = { .device = devices[_i].device };
    struct rt_norm out;

    ck_assert_int_eq(
        rt_norm_mobile_id_by_kind(rt_span_of(devices[_i].raw), &context, &out),
        RT_NORM_OK);
    ck_assert(
        rt_span_eq((struct rt_span) { out.p, out.n }, rt_span_of(devices[_i].normal)));
}
END_TEST

/* Without a context nothing is known: no country, no year, no kind. */
START_TEST(no_context)
{
    static const struct {
        rt_norm_fn *fn;
        const char *raw;
        enum rt_norm_status status;
    } fns[] = {
        { rt_norm_email_google, "a@b.com", RT_NORM_OK },
        { rt_norm_phone_plus, "+442079460958", RT_NORM_OK },
        { rt_norm_phone_digits, "02079460958", RT_NORM_NO_COUNTRY },
        { rt_norm_name_amazon, "Ann", RT_NORM_OK },
        { rt_norm_region_meta, "Texas", RT_NORM_OK },
        { rt_norm_region_amazon, "Texas", RT_NORM_NO_COUNTRY },
        { rt_norm_postcode_meta, "12345-6789", RT_NORM_OK },
        { rt_norm_postcode_amazon, "12345", RT_NORM_NO_COUNTRY },
        { rt_norm_street_amazon, "1 Elm Lane", RT_NORM_NO_COUNTRY },
        { rt_norm_birth_date, "1990-12-31", RT_NORM_OK },
        { rt_norm_birth_year, "1990", RT_NORM_OK },
        { rt_norm_mobile_id_by_kind, "cdda802e-fb9c-47ad-9866-0794d394c912", RT_NORM_OK },
        { rt_norm_text, "x", RT_NORM_OK },
    };

    for (size_t i = 0; i < sizeof fns / sizeof *fns; i++) {
        struct rt_norm out;

        ck_assert_int_eq(fns[i].fn(rt_span_of(fns[i].raw), NULL, &out), fns[i].status);
    }
}
END_TEST

/* ---- digests: of "a@b.com" by md5sum, sha1sum, sha256sum, base64 */

#define MD5    "357a20e8c56e69d6f9734d23ef9517e8"
#define SHA1   "1022b0c3a1d9a6409ae0dd2364fdcfe41f63ae22"
#define SHA256 "fb98d44ad7501a959f3f4f4a3f004fe2d9e581ea6207e218c4b02c08a4d75adf"
#define BASE64 "+5jUStdQGpWfP09KPwBP4tnlgepiB+IYxLAsCKTXWt8="
#define ALL    0x1F

static const struct {
    const char *raw;
    unsigned kinds, found;
    const char *normal;
} digests[] = {
    { MD5, ALL, RT_HASHED_MD5_HEX, MD5 },
    { SHA1, ALL, RT_HASHED_SHA1_HEX, SHA1 },
    { SHA256, ALL, RT_HASHED_SHA256_HEX, SHA256 },
    { SHA256 SHA256, ALL, RT_HASHED_SHA512_HEX, SHA256 SHA256 },
    { BASE64, ALL, RT_HASHED_SHA256_BASE64, BASE64 },
    { " 357A20E8C56E69D6F9734D23EF9517E8\n", ALL, RT_HASHED_MD5_HEX, MD5 },
    { "\t" BASE64 " ", ALL, RT_HASHED_SHA256_BASE64, BASE64 },
    /* Only what is asked for. */
    { MD5, RT_HASHED_SHA256_HEX, 0, "" },
    { SHA1, ALL & ~RT_HASHED_SHA1_HEX, 0, "" },
    { SHA256, RT_HASHED_SHA256_BASE64, 0, "" },
    { BASE64, RT_HASHED_SHA256_HEX, 0, "" },
    { SHA256, 0, 0, "" },
    /* A little off. */
    { "357a20e8c56e69d6f9734d23ef9517e", ALL, 0, "" },
    { "357a20e8c56e69d6f9734d23ef9517eg", ALL, 0, "" },
    { "0x357a20e8c56e69d6f9734d23ef9517e8", ALL, 0, "" },
    { "+5jUStdQGpWfP09KPwBP4tnlgepiB+IYxLAsCKTXWt9=", ALL, 0, "" }, /* 2 bits too many */
    { "-5jUStdQGpWfP09KPwBP4tnlgepiB-IYxLAsCKTXWt8=", ALL, 0, "" }, /* of URLs */
    { "+5jUStdQGpWfP09KPwBP4tnlgepiB+IYxLAsCKTXWt88", ALL, 0, "" },
    { "", ALL, 0, "" },
};

START_TEST(digest_kinds)
{
    struct rt_norm out = { 0 };
    unsigned found = rt_norm_hashed(rt_span_of(digests[_i].raw), digests[_i].kinds, &out);

    ck_assert_msg(found == digests[_i].found, "%s: %x", digests[_i].raw, found);
    if (found)
        ck_assert(rt_span_eq(
            (struct rt_span) { out.p, out.n }, rt_span_of(digests[_i].normal)));
}
END_TEST

#define LOOP(tc, test, table)                                                            \
    tcase_add_loop_test(tc, test, 0, (int)(sizeof(table) / sizeof *(table)))

Suite *changes_suite(void)
{
    Suite *s = suite_create("changes");
    TCase *tc = tcase_create("changes");

    LOOP(tc, changes, cases);
    tcase_add_test(tc, changes_add_up);
    tcase_add_test(tc, every_change_has_a_name);
    LOOP(tc, ids_by_kind, devices);
    tcase_add_test(tc, no_context);
    LOOP(tc, digest_kinds, digests);
    suite_add_tcase(s, tc);
    return s;
}
