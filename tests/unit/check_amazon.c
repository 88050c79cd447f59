/*
 * Amazon's rules for places, beside its sample files' rows in check_vectors.c. Expected
 * values follow from its tables and from what its code says of hyphens and "#", by hand.
 */
#include <check.h>
#include <string.h>

#include "lists/normalise.h"

Suite *amazon_suite(void);

static const struct {
    const char *name;
    rt_norm_fn *fn;
    const char *country, *raw;
    enum rt_norm_status status;
    const char *normal;
} cases[] = {
    /* Streets. */
    { "every word of the line", rt_norm_street_amazon, "US",
        "31 North Fisk Plaza, Apt. 4-B", RT_NORM_OK, "31nfiskplzapt4b" },
    { "number and hyphen and number", rt_norm_street_amazon, "US", "10-12 Main St",
        RT_NORM_OK, "10-12mainst" },
    { "letters before the hyphen", rt_norm_street_amazon, "US", "A-12 Main St",
        RT_NORM_OK, "a-12mainst" },
    { "the last hyphen parts", rt_norm_street_amazon, "DE", "4-5-b", RT_NORM_OK,
        "4-5-b" },
    { "parted word is shortened", rt_norm_street_amazon, "US", "4-avenue", RT_NORM_OK,
        "4ave" },
    { "a pound sign is a number", rt_norm_street_amazon, "US", "5 Elm Rd #12", RT_NORM_OK,
        "5elmrdnumber12" },
    { "and so alone", rt_norm_street_amazon, "US", "5 Elm Rd # 12", RT_NORM_OK,
        "5elmrdnumber12" },
    { "letters before the pound sign", rt_norm_street_amazon, "US", "5 Elm Rd APT#12",
        RT_NORM_OK, "5elmrdaptnumber12" },
    { "digits before it are lost", rt_norm_street_amazon, "US", "12#4", RT_NORM_OK,
        "number4" },
    { "care of", rt_norm_street_amazon, "GB", "C/O Smith, 1 High Street", RT_NORM_OK,
        "smith1highst" },
    { "care of in a word", rt_norm_street_amazon, "GB", "Doc/Office", RT_NORM_OK,
        "doc/office" },
    { "brackets and exclamation marks", rt_norm_street_amazon, "CA", "[1] {Elm} (Lane)!",
        RT_NORM_OK, "1elmln" },
    { "US only", rt_norm_street_amazon, "CA", "1 Elm Alley", RT_NORM_OK, "1elmalley" },
    { "US word", rt_norm_street_amazon, "US", "1 Elm Alley", RT_NORM_OK, "1elmaly" },
    { "GB has no plazas", rt_norm_street_amazon, "GB", "1 Elm Plaza", RT_NORM_OK,
        "1elmplaza" },
    { "Spain keeps its plazas", rt_norm_street_amazon, "ES", "PL Mayor 1", RT_NORM_OK,
        "plazamayor1" },
    { "Spanish street", rt_norm_street_amazon, "ES", "C/ Mayor, n\xC3\xBAm. 1",
        RT_NORM_OK, "callemayornumber1" },
    { "Italian square", rt_norm_street_amazon, "IT", "Pzza Duomo 1", RT_NORM_OK,
        "piazzaduomo1" },
    { "French alley", rt_norm_street_amazon, "FR", "3 ALLEE des Pins", RT_NORM_OK,
        "3all\xC3\xA9"
        "edespins" },
    { "German sharp s", rt_norm_street_amazon, "DE",
        "Hauptstra\xC3\x9F"
        "e 5",
        RT_NORM_OK, "hauptstrasse5" },
    { "German Str.", rt_norm_street_amazon, "DE", "Lange Str. 5", RT_NORM_OK,
        "langest5" },
    { "a word that its tables lost", rt_norm_street_amazon, "US", "1 Sunset Boulevard",
        RT_NORM_OK, "1sunsetboulevard" },
    { "country not known", rt_norm_street_amazon, "", "1 Elm Lane", RT_NORM_NO_COUNTRY,
        "" },
    { "country without a table", rt_norm_street_amazon, "NL", "Damrak 1",
        RT_NORM_UNUSABLE, "" },
    { "nothing but signs", rt_norm_street_amazon, "US", " , . ! ", RT_NORM_INVALID, "" },
    { "nothing", rt_norm_street_amazon, "", " ", RT_NORM_EMPTY, "" },
    { "control character", rt_norm_street_amazon, "US", "1 Elm\x01 Lane", RT_NORM_INVALID,
        "" },
    { "not UTF-8", rt_norm_street_amazon, "US", "1 \xC9lm Lane", RT_NORM_INVALID, "" },
    /* Regions. */
    { "by its code", rt_norm_region_amazon, "US", "N.Y.", RT_NORM_OK, "ny" },
    { "by its name", rt_norm_region_amazon, "US", "New York", RT_NORM_OK, "ny" },
    { "one letter", rt_norm_region_amazon, "ES", "Barcelona", RT_NORM_OK, "b" },
    { "Italian province", rt_norm_region_amazon, "IT", "L'Aquila", RT_NORM_OK, "aq" },
    { "the accent goes before the table is asked", rt_norm_region_amazon, "CA",
        "Qu\xC3\xA9"
        "bec",
        RT_NORM_OK, "qu" },
    { "so it does when it stands apart", rt_norm_region_amazon, "CA",
        "Que\xCC\x81"
        "bec",
        RT_NORM_OK, "qu" },
    { "without accent", rt_norm_region_amazon, "CA", "Quebec", RT_NORM_OK, "qc" },
    { "no table", rt_norm_region_amazon, "GB", "Kent", RT_NORM_OK, "ke" },
    { "not in the table", rt_norm_region_amazon, "US", "District of Columbia", RT_NORM_OK,
        "di" },
    { "no letters", rt_norm_region_amazon, "US", "12", RT_NORM_INVALID, "" },
    { "region, country not known", rt_norm_region_amazon, "", "Texas", RT_NORM_NO_COUNTRY,
        "" },
    /* Postcodes. */
    { "US", rt_norm_postcode_amazon, "US", "75236-9599", RT_NORM_OK, "75236" },
    { "Germany", rt_norm_postcode_amazon, "DE", "D-70173", RT_NORM_OK, "70173" },
    { "GB keeps its case", rt_norm_postcode_amazon, "GB", "SW1A 1AA", RT_NORM_OK,
        "SW1A1AA" },
    { "GB, short", rt_norm_postcode_amazon, "GB", "M1 1AE", RT_NORM_OK, "M11AE" },
    { "Canada", rt_norm_postcode_amazon, "CA", "K1A 0B6", RT_NORM_OK, "K1A0B6" },
    { "India", rt_norm_postcode_amazon, "IN", "110 001", RT_NORM_OK, "110001" },
    { "Japan", rt_norm_postcode_amazon, "JP",
        "\xE3\x80\x92"
        "787-0150",
        RT_NORM_OK, "7870150" },
    { "postcode, country not known", rt_norm_postcode_amazon, "", "75236",
        RT_NORM_NO_COUNTRY, "" },
    { "no postcode", rt_norm_postcode_amazon, "", "  ", RT_NORM_EMPTY, "" },
    /* Cities and names. */
    { "digits stay", rt_norm_city_amazon, "", "Paris 15", RT_NORM_OK, "paris15" },
    { "K\xC3\xB6ln", rt_norm_city_amazon, "", "K\xC3\xB6ln", RT_NORM_OK, "kln" },
    { "umlauts of names", rt_norm_name_amazon, "",
        "J\xC3\xB6rg M\xC3\xBCller-L\xC3\xA4ng", RT_NORM_OK, "joergmuellerlaeng" },
    { "umlaut apart", rt_norm_name_amazon, "", "Mu\xCC\x88ller", RT_NORM_OK, "mueller" },
    { "sharp s and capital sharp s", rt_norm_name_amazon, "", "Wei\xC3\x9F \xE1\xBA\x9E",
        RT_NORM_OK, "weissss" },
    { "Nordic", rt_norm_name_amazon, "", "\xC3\x98rsted \xC3\x86r\xC3\xB8", RT_NORM_OK,
        "orstedaero" },
    { "other accents go", rt_norm_name_amazon, "", "Jos\xC3\xA9", RT_NORM_OK, "jos" },
    { "a digit left of a name", rt_norm_name_amazon, "",
        "\xC5\x8C"
        "0",
        RT_NORM_INVALID, "" },
    { "nothing left of a name", rt_norm_name_amazon, "", "\xE6\x9D\x8E", RT_NORM_INVALID,
        "" },
    { "letters of any script in an address", rt_norm_email_amazon, "",
        "J\xC3\x96RG+x@b.de", RT_NORM_OK, "j\xC3\xB6rgx@b.de" },
};

START_TEST(rules)
{
    struct rt_norm_context context = { .latest_year = 2026 };
    struct rt_norm out = { 0 };
    enum rt_norm_status status;

    memcpy(context.country, cases[_i].country, strlen(cases[_i].country) + 1);
    status = cases[_i].fn(rt_span_of(cases[_i].raw), &context, &out);
    ck_assert_msg(
        status == cases[_i].status, "%s: status %d", cases[_i].name, (int)status);
    if (status == RT_NORM_OK)
        ck_assert_msg(
            rt_span_eq((struct rt_span) { out.p, out.n }, rt_span_of(cases[_i].normal)),
            "%s: '%.*s'", cases[_i].name, (int)out.n, out.p);
}
END_TEST

/* A line of 128 words is one, of 129 none. */
START_TEST(long_lines)
{
    struct rt_norm_context context = { .country = "US" };
    struct rt_norm out;
    char line[2 * 129];

    for (size_t i = 0; i < sizeof line; i += 2)
        memcpy(line + i, "a ", 2);
    ck_assert_int_eq(
        rt_norm_street_amazon((struct rt_span) { line, sizeof line - 2 }, &context, &out),
        RT_NORM_OK);
    ck_assert_uint_eq(out.n, 128);
    ck_assert_int_eq(
        rt_norm_street_amazon((struct rt_span) { line, sizeof line }, &context, &out),
        RT_NORM_INVALID);
}
END_TEST

Suite *amazon_suite(void)
{
    Suite *s = suite_create("amazon");
    TCase *tc = tcase_create("amazon");

    tcase_add_loop_test(tc, rules, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_test(tc, long_lines);
    suite_add_tcase(s, tc);
    return s;
}
