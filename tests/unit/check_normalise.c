/*
 * Normalisation: the cases that the platforms' published vectors (check_vectors.c) leave
 * out.
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lists/country.h"
#include "lists/normalise.h"
#include "lists/phone.h"
#include "lists/unicode.h"

Suite *normalise_suite(void);

static struct rt_norm_context context_of(const char *country, const char *region)
{
    struct rt_norm_context context = { .latest_year = 2026 };

    memcpy(context.country, country, strlen(country) + 1);
    memcpy(context.phone_region, region, strlen(region) + 1);
    return context;
}

#define LABEL63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static const struct {
    const char *name;
    rt_norm_fn *fn;
    const char *country, *raw;
    enum rt_norm_status status;
    const char *normal;
} cases[] = {
    /* What every e-mail family refuses: UID2's and Google's own lists, then RFC 5321. */
    { "nothing", rt_norm_email_plain, "", "", RT_NORM_EMPTY, "" },
    { "blanks", rt_norm_email_plain, "", " \t\n", RT_NORM_EMPTY, "" },
    { "only an at", rt_norm_email_plain, "", " @", RT_NORM_INVALID, "" },
    { "no domain", rt_norm_email_plain, "", "a@", RT_NORM_INVALID, "" },
    { "no user", rt_norm_email_plain, "", "@b.com", RT_NORM_INVALID, "" },
    { "no at", rt_norm_email_plain, "", "a.b.com", RT_NORM_INVALID, "" },
    { "two ats", rt_norm_email_plain, "", "a@b@c.com", RT_NORM_INVALID, "" },
    { "no dot in the domain", rt_norm_email_plain, "", "a@io", RT_NORM_INVALID, "" },
    { "dots together", rt_norm_email_plain, "", "a..b@c.com", RT_NORM_INVALID, "" },
    { "dot first", rt_norm_email_plain, "", ".a@c.com", RT_NORM_INVALID, "" },
    { "dot last", rt_norm_email_plain, "", "a.@c.com", RT_NORM_INVALID, "" },
    { "dot ends the domain", rt_norm_email_plain, "", "a@c.com.", RT_NORM_INVALID, "" },
    { "dot starts the domain", rt_norm_email_plain, "", "a@.com", RT_NORM_INVALID, "" },
    { "dots in the domain", rt_norm_email_plain, "", "a@b..com", RT_NORM_INVALID, "" },
    { "blank inside", rt_norm_email_plain, "", "a b@c.com", RT_NORM_INVALID, "" },
    { "newline inside", rt_norm_email_plain, "", "a\nb@c.com", RT_NORM_INVALID, "" },
    { "delete character", rt_norm_email_plain, "", "a\x7f@c.com", RT_NORM_INVALID, "" },
    { "quoted user", rt_norm_email_plain, "", "\"a\"@c.com", RT_NORM_INVALID, "" },
    { "name and address", rt_norm_email_plain, "", "A <a@c.com>", RT_NORM_INVALID, "" },
    { "two addresses", rt_norm_email_plain, "", "a@c.com,b@c.com", RT_NORM_INVALID, "" },
    { "mailto", rt_norm_email_plain, "", "mailto:a@c.com", RT_NORM_INVALID, "" },
    { "comment", rt_norm_email_plain, "", "a(b)@c.com", RT_NORM_INVALID, "" },
    { "backslash", rt_norm_email_plain, "", "a\\b@c.com", RT_NORM_INVALID, "" },
    { "literal domain", rt_norm_email_plain, "", "a@[10.0.0.1]", RT_NORM_INVALID, "" },
    { "number as domain", rt_norm_email_plain, "", "a@10.0.0.1", RT_NORM_INVALID, "" },
    { "hyphen ends a label", rt_norm_email_plain, "", "a@b-.com", RT_NORM_INVALID, "" },
    { "hyphen starts a label", rt_norm_email_plain, "", "a@b.-com", RT_NORM_INVALID, "" },
    { "underscore in the domain", rt_norm_email_plain, "", "a@b_c.com", RT_NORM_INVALID,
        "" },
    { "slash in the domain", rt_norm_email_plain, "", "a@b/c.com", RT_NORM_INVALID, "" },
    { "label of 63", rt_norm_email_plain, "", "a@" LABEL63 ".com", RT_NORM_OK,
        "a@" LABEL63 ".com" },
    { "label of 64", rt_norm_email_plain, "", "a@" LABEL63 "x.com", RT_NORM_INVALID, "" },
    { "user of 64", rt_norm_email_plain, "", LABEL63 "x@c.com", RT_NORM_OK,
        LABEL63 "x@c.com" },
    { "user of 65", rt_norm_email_plain, "", LABEL63 "xy@c.com", RT_NORM_INVALID, "" },
    { "254 bytes", rt_norm_email_plain, "",
        LABEL63 "@" LABEL63 "." LABEL63
                ".abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh.a",
        RT_NORM_OK,
        LABEL63 "@" LABEL63 "." LABEL63
                ".abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh.a" },
    { "255 bytes", rt_norm_email_plain, "",
        LABEL63 "@" LABEL63 "." LABEL63
                ".abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh.ab",
        RT_NORM_INVALID, "" },
    { "every sign of RFC 5322's atext", rt_norm_email_plain, "",
        "!#$%&'*+-/=?^_`{|}~@c.com", RT_NORM_OK, "!#$%&'*+-/=?^_`{|}~@c.com" },
    { "plus and dots stay", rt_norm_email_plain, "", "First.Last+Shop@Gmail.com",
        RT_NORM_OK, "first.last+shop@gmail.com" },
    { "no-break space and mark cut", rt_norm_email_plain, "",
        "\xEF\xBB\xBF\xC2\xA0"
        "A@b.com\xE2\x80\x8B",
        RT_NORM_OK, "a@b.com" },
    /* Beyond ASCII: each family in its own way. */
    { "umlaut, lower-cased", rt_norm_email_plain, "", "J\xC3\x96RG@B\xC3\x9C.de",
        RT_NORM_OK, "j\xC3\xB6rg@b\xC3\xBC.de" },
    { "umlaut, Google", rt_norm_email_google, "", "J\xC3\x96.RG+x@gmail.com", RT_NORM_OK,
        "j\xC3\xB6rg@gmail.com" },
    { "umlaut, Meta", rt_norm_email_meta, "", "j\xC3\xB6rg@b.de", RT_NORM_INVALID, "" },
    { "umlaut, UID2: case stays", rt_norm_email_uid2, "", "J\xC3\x96RG@b.de", RT_NORM_OK,
        "j\xC3\x96rg@b.de" },
    { "xn-- stays", rt_norm_email_meta, "", "a@XN--bcher-kva.example", RT_NORM_OK,
        "a@xn--bcher-kva.example" },
    { "not UTF-8", rt_norm_email_plain, "", "a\xFF@b.de", RT_NORM_INVALID, "" },
    { "wide blank inside", rt_norm_email_plain, "", "a\xE3\x80\x80x@b.de",
        RT_NORM_INVALID, "" },
    { "K of Kelvin is k", rt_norm_email_plain, "", "\xE2\x84\xAA@b.de", RT_NORM_OK,
        "k@b.de" },
    /* Families. One address, hashed five ways: the matrix of the manual. */
    { "one address: Google", rt_norm_email_google, "", "First.Last+shop@gmail.com",
        RT_NORM_OK, "firstlast@gmail.com" },
    { "one address: UID2", rt_norm_email_uid2, "", "First.Last+shop@gmail.com",
        RT_NORM_OK, "firstlast@gmail.com" },
    { "one address: Reddit", rt_norm_email_reddit, "", "First.Last+shop@gmail.com",
        RT_NORM_OK, "firstlast@gmail.com" },
    { "one address: Amazon", rt_norm_email_amazon, "", "First.Last+shop@gmail.com",
        RT_NORM_OK, "first.lastshop@gmail.com" },
    { "one address: Meta", rt_norm_email_meta, "", "First.Last+shop@gmail.com",
        RT_NORM_OK, "first.last+shop@gmail.com" },
    { "googlemail parts UID2 from Google", rt_norm_email_uid2, "", "A.b+c@googlemail.com",
        RT_NORM_OK, "a.b+c@googlemail.com" },
    { "elsewhere Google keeps all", rt_norm_email_google, "", "A.b+c@gmail.com.au",
        RT_NORM_OK, "a.b+c@gmail.com.au" },
    { "elsewhere Google wants good dots", rt_norm_email_google, "", "a..b@x.com",
        RT_NORM_INVALID, "" },
    { "Gmail user of dots", rt_norm_email_google, "", "..@gmail.com", RT_NORM_INVALID,
        "" },
    { "Gmail user of a tag", rt_norm_email_google, "", "+@gmail.com", RT_NORM_INVALID,
        "" },
    { "UID2: dot and tag", rt_norm_email_uid2, "", ".+@gmail.com", RT_NORM_INVALID, "" },
    { "Reddit: every sign goes", rt_norm_email_reddit, "", "a_b-c.d$e+f@x-y.com",
        RT_NORM_OK, "abcde@x-y.com" },
    { "Reddit: nothing left", rt_norm_email_reddit, "", "_+f@x.com", RT_NORM_INVALID,
        "" },
    { "Amazon: underscore stays", rt_norm_email_amazon, "", "a_b!@x.com", RT_NORM_OK,
        "a_b@x.com" },
    { "Amazon: the sign goes, the tag stays", rt_norm_email_amazon, "",
        " user+tag@domain.co.uk ", RT_NORM_OK, "usertag@domain.co.uk" },
    { "Amazon: nothing left", rt_norm_email_amazon, "", "+@x.com", RT_NORM_INVALID, "" },
    { "LinkedIn: inner blanks go", rt_norm_email_linkedin, "", "A b@c .com", RT_NORM_OK,
        "ab@c.com" },
    { "LinkedIn: two addresses", rt_norm_email_linkedin, "", "a@b.com c@d.com",
        RT_NORM_INVALID, "" },
    /* Names. */
    { "title in front", rt_norm_first_name_google, "", "Mrs. Anna", RT_NORM_OK, "anna" },
    { "title without dot", rt_norm_first_name_google, "", "Dr Anna", RT_NORM_OK,
        "dr anna" },
    { "title without blank", rt_norm_first_name_google, "", "Dr.Anna", RT_NORM_OK,
        "dr.anna" },
    { "title behind", rt_norm_first_name_google, "", " Alex Dr.", RT_NORM_OK,
        "alex dr." },
    { "title alone", rt_norm_first_name_google, "", "Mr.", RT_NORM_INVALID, "" },
    { "accent apart is composed", rt_norm_first_name_google, "", "VALE\xCC\x81RY",
        RT_NORM_OK, "val\xC3\xA9ry" },
    { "no name", rt_norm_first_name_google, "", "-", RT_NORM_INVALID, "" },
    { "number", rt_norm_first_name_google, "", "007", RT_NORM_INVALID, "" },
    { "line inside a name", rt_norm_first_name_google, "", "Anna\nMaria", RT_NORM_INVALID,
        "" },
    { "line inside a name, Meta", rt_norm_name_meta, "", "Anna\nMaria", RT_NORM_OK,
        "annamaria" },
    { "line inside a postcode", rt_norm_postcode_google, "", "1\n2", RT_NORM_INVALID,
        "" },
    { "suffixes", rt_norm_last_name_google, "", "Smith Jr. III, PhD", RT_NORM_OK,
        "smith" },
    { "suffix alone after comma", rt_norm_last_name_google, "", ", Jr. ", RT_NORM_INVALID,
        "" },
    { "suffix as a name", rt_norm_last_name_google, "", "Md", RT_NORM_OK, "md" },
    { "part of a word", rt_norm_last_name_google, "", "Hamid", RT_NORM_OK, "hamid" },
    { "hyphen stays", rt_norm_last_name_google, "", "Quinn-Alex", RT_NORM_OK,
        "quinn-alex" },
    { "inner blank stays", rt_norm_last_name_google, "", "de la Cruz", RT_NORM_OK,
        "de la cruz" },
    { "typographic apostrophe", rt_norm_name_meta, "",
        "O\xE2\x80\x99"
        "Connor",
        RT_NORM_OK, "oconnor" },
    { "accent apart, Meta", rt_norm_name_meta, "", "JOSE\xCC\x81", RT_NORM_OK,
        "jos\xC3\xA9" },
    { "name not in UTF-8", rt_norm_name_meta, "", "Jos\xE9", RT_NORM_INVALID, "" },
    { "final sigma", rt_norm_name_meta, "", "\xCE\xA3\xCE\xA9\xCE\xA3", RT_NORM_OK,
        "\xCF\x83\xCF\x89\xCF\x82" },
    /* Address. */
    { "city: a-z only", rt_norm_city_meta, "", "Los Angeles 90210", RT_NORM_OK,
        "losangeles" },
    { "city: accents go", rt_norm_city_meta, "", "S\xC3\xA3o Paulo", RT_NORM_OK,
        "sopaulo" },
    { "city: accents apart go too", rt_norm_city_meta, "", "Sa\xCC\x83o Paulo",
        RT_NORM_OK, "sopaulo" },
    { "city in another script", rt_norm_city_meta, "", "\xE6\x9D\xB1\xE4\xBA\xAC",
        RT_NORM_INVALID, "" },
    { "state of the US", rt_norm_region_meta, "US", "Georgia", RT_NORM_OK, "ga" },
    { "no state of the US", rt_norm_region_meta, "US", "Carolina", RT_NORM_INVALID, "" },
    { "province by accent", rt_norm_region_meta, "CA",
        "Qu\xC3\xA9"
        "bec",
        RT_NORM_OK, "qc" },
    { "state elsewhere", rt_norm_region_meta, "DE", "Baden-W\xC3\xBCrttemberg",
        RT_NORM_OK, "badenw\xC3\xBCrttemberg" },
    { "elsewhere no table", rt_norm_region_meta, "AU", "Victoria", RT_NORM_OK,
        "victoria" },
    { "UK postcode", rt_norm_postcode_meta, "GB", "SW1A 1AA", RT_NORM_OK, "sw1a1aa" },
    { "Canadian postcode", rt_norm_postcode_meta, "", "L3T 5M7", RT_NORM_OK, "l3t5m7" },
    { "Portuguese postcode", rt_norm_postcode_meta, "PT", "1229-076", RT_NORM_OK,
        "1229076" },
    { "Brazilian postcode, country unknown", rt_norm_postcode_meta, "", "12227-000",
        RT_NORM_OK, "12227000" },
    { "ZIP+4", rt_norm_postcode_meta, "US", "94107-1234", RT_NORM_OK, "94107" },
    { "ZIP+4 without hyphen", rt_norm_postcode_meta, "US", "941071234", RT_NORM_OK,
        "94107" },
    { "ZIP that lost its zero", rt_norm_postcode_meta, "US", "4107", RT_NORM_INVALID,
        "" },
    { "one character", rt_norm_postcode_meta, "", "1", RT_NORM_INVALID, "" },
    { "Google keeps blanks", rt_norm_postcode_google, "", " SW1A 1AA ", RT_NORM_OK,
        "SW1A 1AA" },
    { "U.K.", rt_norm_country_lower, "", "U.K.", RT_NORM_OK, "gb" },
    { "not a country", rt_norm_country_lower, "", "unknown", RT_NORM_INVALID, "" },
    { "not two letters", rt_norm_country_upper, "", "1", RT_NORM_INVALID, "" },
    /* The rest. */
    { "woman", rt_norm_gender, "", " Weiblich ", RT_NORM_OK, "f" },
    { "unknown", rt_norm_gender, "", "unknown", RT_NORM_INVALID, "" },
    { "ISO time", rt_norm_birth_date, "", "1990-12-31T00:00:00Z", RT_NORM_OK,
        "19901231" },
    { "digits together", rt_norm_birth_date, "", "19081209", RT_NORM_OK, "19081209" },
    { "digits, year last", rt_norm_birth_date, "", "12311990", RT_NORM_OK, "19901231" },
    { "leap day of no leap year", rt_norm_birth_date, "", "1900-02-29", RT_NORM_INVALID,
        "" },
    { "two-digit year", rt_norm_birth_date, "", "1/2/90", RT_NORM_INVALID, "" },
    { "month name", rt_norm_birth_date, "", "31 Dec 1990", RT_NORM_INVALID, "" },
    { "two numbers", rt_norm_birth_date, "", "12-1990", RT_NORM_INVALID, "" },
    { "too old", rt_norm_birth_date, "", "1799-01-01", RT_NORM_INVALID, "" },
    { "not born yet", rt_norm_birth_date, "", "2027-01-01", RT_NORM_INVALID, "" },
    { "year", rt_norm_birth_year, "", "31.12.1990", RT_NORM_OK, "1990" },
    { "id in lower case", rt_norm_mobile_id_lower, "",
        "EA7583CD-A667-48BC-B806-42ECB2B48606", RT_NORM_OK,
        "ea7583cd-a667-48bc-b806-42ecb2b48606" },
    { "tracking limited", rt_norm_mobile_id, "", "00000000-0000-0000-0000-000000000000",
        RT_NORM_INVALID, "" },
    { "no UUID", rt_norm_mobile_id, "", "EA7583CDA66748BCB80642ECB2B48606",
        RT_NORM_INVALID, "" },
    { "35 characters", rt_norm_linkedin_name, "",
        "\xC3\xA4"
        "bcdefghijklmnopqrstuvwxyz abcdefgh",
        RT_NORM_OK,
        "\xC3\xA4"
        "bcdefghijklmnopqrstuvwxyz abcdefgh" },
    { "36 characters", rt_norm_linkedin_name, "", "abcdefghijklmnopqrstuvwxyz abcdefghi",
        RT_NORM_UNUSABLE, "" },
    { "an address as a title", rt_norm_linkedin_work, "", "ceo@x.com", RT_NORM_UNUSABLE,
        "" },
    { "title of two lines", rt_norm_linkedin_work, "", "CEO\nCFO", RT_NORM_INVALID, "" },
    { "amount", rt_norm_amount, "", "14.50", RT_NORM_OK, "14.50" },
    { "amount with currency", rt_norm_amount, "", "$14", RT_NORM_INVALID, "" },
    { "amount with thousands", rt_norm_amount, "", "1,400", RT_NORM_INVALID, "" },
    { "amount below zero", rt_norm_amount, "", "-1", RT_NORM_INVALID, "" },
    /* Forms of DV360, Google Analytics, Mailchimp. */
    { "as typed", rt_norm_email_typed, "", " First.Last+x@Gmail.COM\t", RT_NORM_OK,
        "First.Last+x@Gmail.COM" },
    { "as typed, beyond ASCII", rt_norm_email_typed, "", "J\xC3\x96RG@b.de", RT_NORM_OK,
        "J\xC3\x96RG@b.de" },
    { "typed, no address", rt_norm_email_typed, "", "First Last@b.de", RT_NORM_INVALID,
        "" },
    { "Mailchimp: umlaut in the user part", rt_norm_email_mailchimp, "",
        "j\xC3\xB6rg@b.de", RT_NORM_UNUSABLE, "" },
    { "Mailchimp: umlaut in the domain", rt_norm_email_mailchimp, "", "Joe@b\xC3\xBC.de",
        RT_NORM_OK, "Joe@b\xC3\xBC.de" },
    { "DV360: blanks inside go", rt_norm_email_dv360, "", " A. B+c @gmail.com",
        RT_NORM_OK, "ab@gmail.com" },
    { "DV360: names are joined", rt_norm_first_name_dv360, "", "Mrs. Anna Maria",
        RT_NORM_OK, "annamaria" },
    { "DV360: surnames are joined", rt_norm_last_name_dv360, "", "de la Cruz Jr.",
        RT_NORM_OK, "delacruz" },
    { "GA4: digits and signs go", rt_norm_name_ga4, "", " O'Brien-Smith 3rd ", RT_NORM_OK,
        "obriensmith rd" },
    { "GA4: a sign at the end bares a blank", rt_norm_name_ga4, "", "Anna (2)",
        RT_NORM_OK, "anna" },
    { "GA4: accents stay", rt_norm_name_ga4, "", "VAL\xC3\x89RY", RT_NORM_OK,
        "val\xC3\xA9ry" },
    { "GA4: street keeps its number", rt_norm_street_ga4, "", "12, High St. #4",
        RT_NORM_OK, "12 high st 4" },
    { "GA4: city", rt_norm_city_ga4, "", "Paris 15\xC3\xA8me", RT_NORM_OK,
        "paris \xC3\xA8me" },
    { "GA4: region", rt_norm_region_ga4, "", "N.Y.", RT_NORM_OK, "ny" },
    { "GA4: postcode keeps hyphen and case", rt_norm_postcode_ga4, "", "1.229-0~76 A",
        RT_NORM_OK, "1229-076 A" },
    { "GA4: no digits, no city", rt_norm_city_ga4, "", "75015", RT_NORM_INVALID, "" },
    { "text", rt_norm_text, "", " R\xC3\xA9sum\xC3\xA9, 2nd ", RT_NORM_OK,
        "R\xC3\xA9sum\xC3\xA9, 2nd" },
    { "text with a line end", rt_norm_text, "", "a\nb", RT_NORM_INVALID, "" },
    { "text with a C1 control", rt_norm_text, "", "a\xC2\x85z", RT_NORM_INVALID, "" },
    { "text not in UTF-8", rt_norm_text, "", "R\xE9sum\xE9", RT_NORM_INVALID, "" },
    /* Dates in parts, age. */
    { "year alone", rt_norm_birth_year, "", "1990", RT_NORM_OK, "1990" },
    { "year to come", rt_norm_birth_year, "", "2027", RT_NORM_INVALID, "" },
    { "two digits are no year", rt_norm_birth_year, "", "90", RT_NORM_INVALID, "" },
    { "month of a date", rt_norm_birth_month, "", "31.12.1990", RT_NORM_OK, "12" },
    { "month alone", rt_norm_birth_month, "", "7", RT_NORM_OK, "07" },
    { "no 13th month", rt_norm_birth_month, "", "13", RT_NORM_INVALID, "" },
    { "year is no month", rt_norm_birth_month, "", "0007", RT_NORM_INVALID, "" },
    { "day of a date", rt_norm_birth_day, "", "1990-12-03", RT_NORM_OK, "03" },
    { "day 31", rt_norm_birth_day, "", "31", RT_NORM_OK, "31" },
    { "day 32", rt_norm_birth_day, "", "32", RT_NORM_INVALID, "" },
    { "no day", rt_norm_birth_day, "", " ", RT_NORM_EMPTY, "" },
    { "age", rt_norm_age, "", " 42 ", RT_NORM_OK, "42" },
    { "age 120", rt_norm_age, "", "120", RT_NORM_OK, "120" },
    { "age 121", rt_norm_age, "", "121", RT_NORM_INVALID, "" },
    { "age 0", rt_norm_age, "", "0", RT_NORM_INVALID, "" },
    { "age of a range", rt_norm_age, "", "18-24", RT_NORM_INVALID, "" },
    /* Gender in other words. */
    { "Mann", rt_norm_gender, "", "Mann", RT_NORM_OK, "m" },
    { "femme", rt_norm_gender, "", "FEMME", RT_NORM_OK, "f" },
    { "uomo", rt_norm_gender, "", "uomo", RT_NORM_OK, "m" },
    { "donna", rt_norm_gender, "", "Donna", RT_NORM_OK, "f" },
    { "mujer", rt_norm_gender, "", "mujer", RT_NORM_OK, "f" },
    { "hombre", rt_norm_gender, "", "hombre", RT_NORM_OK, "m" },
    { "m\xC3\xA4nnlich", rt_norm_gender, "", "m\xC3\xA4nnlich", RT_NORM_OK, "m" },
    { "M.", rt_norm_gender, "", "M.", RT_NORM_OK, "m" },
    { "Chinese", rt_norm_gender, "", "\xE5\xA5\xB3", RT_NORM_OK, "f" },
    { "Russian", rt_norm_gender, "",
        "\xD0\x9C\xD1\x83\xD0\xB6\xD1\x81\xD0\xBA\xD0\xBE\xD0\xB9", RT_NORM_OK, "m" },
    { "h, a man beside f, not beside m", rt_norm_gender, "", "h", RT_NORM_INVALID, "" },
    { "diverse", rt_norm_gender, "", "divers", RT_NORM_INVALID, "" },
    /* Ids. */
    { "kind not known: as issued", rt_norm_mobile_id_by_kind, "",
        "Ea7583CD-A667-48BC-B806-42ECB2B48606", RT_NORM_OK,
        "Ea7583CD-A667-48BC-B806-42ECB2B48606" },
    { "all zeros, lower", rt_norm_mobile_id_lower, "",
        " 00000000-0000-0000-0000-000000000000", RT_NORM_INVALID, "" },
    { "in braces", rt_norm_mobile_id, "", "{EA7583CD-A667-48BC-B806-42ECB2B48606}",
        RT_NORM_INVALID, "" },
    { "external id", rt_norm_external_id_amazon, "", " a-Z_0 ", RT_NORM_OK, "a-Z_0" },
    { "external id with a dot", rt_norm_external_id_amazon, "", "a.b", RT_NORM_INVALID,
        "" },
    { "username of 15", rt_norm_username_x, "", "@ABCDEFGHIJKLM_9", RT_NORM_OK,
        "abcdefghijklm_9" },
    { "username of 16", rt_norm_username_x, "", "abcdefghijklmn_9", RT_NORM_INVALID, "" },
    { "username with a hyphen", rt_norm_username_x, "", "a-b", RT_NORM_INVALID, "" },
    { "only an at, no username", rt_norm_username_x, "", "@", RT_NORM_INVALID, "" },
    { "user id", rt_norm_app_user_id, "", "18446744073709551615", RT_NORM_OK,
        "18446744073709551615" },
    { "user id of 21 digits", rt_norm_app_user_id, "", "184467440737095516150",
        RT_NORM_INVALID, "" },
    /* Companies. */
    { "bare domain", rt_norm_domain, "", "Example.com", RT_NORM_OK, "example.com" },
    { "website", rt_norm_domain, "", " https://WWW.Example.co.uk:443/a?b#c ", RT_NORM_OK,
        "example.co.uk" },
    { "no scheme, a path", rt_norm_domain, "", "shop.example.com/de", RT_NORM_OK,
        "shop.example.com" },
    { "the root's dot", rt_norm_domain, "", "example.com.", RT_NORM_OK, "example.com" },
    { "www is all there is", rt_norm_domain, "", "www.com", RT_NORM_OK, "www.com" },
    { "umlaut domain", rt_norm_domain, "",
        "B\xC3\x9C"
        "cher.example",
        RT_NORM_OK,
        "b\xC3\xBC"
        "cher.example" },
    { "no domain in it", rt_norm_domain, "", "https://", RT_NORM_INVALID, "" },
    { "one word", rt_norm_domain, "", "example", RT_NORM_INVALID, "" },
    { "an address is no website", rt_norm_domain, "", "a@example.com", RT_NORM_INVALID,
        "" },
    { "number is no domain", rt_norm_domain, "", "http://10.0.0.1/", RT_NORM_INVALID,
        "" },
    { "mailto is no website", rt_norm_domain, "", "mailto:a@b.com", RT_NORM_INVALID, "" },
    { "words", rt_norm_domain, "", "no website", RT_NORM_INVALID, "" },
    { "domain of mail", rt_norm_email_domain, "", "Example.com", RT_NORM_OK,
        "example.com" },
    { "domain of an address", rt_norm_email_domain, "", "Ann@Mail.Example.com",
        RT_NORM_OK, "mail.example.com" },
    { "domain after an at", rt_norm_email_domain, "", "@example.com", RT_NORM_OK,
        "example.com" },
    { "company page", rt_norm_linkedin_page, "", "linkedin.com/company/Acme-Inc",
        RT_NORM_OK, "https://www.linkedin.com/company/acme-inc" },
    { "page of a country", rt_norm_linkedin_page, "",
        "http://de.linkedin.com/company/acme/about/?x=1", RT_NORM_OK,
        "https://www.linkedin.com/company/acme" },
    { "school", rt_norm_linkedin_page, "", "https://www.linkedin.com/school/mit",
        RT_NORM_OK, "https://www.linkedin.com/school/mit" },
    { "a person's page", rt_norm_linkedin_page, "", "https://www.linkedin.com/in/ann",
        RT_NORM_INVALID, "" },
    { "another site", rt_norm_linkedin_page, "", "https://notlinkedin.com/company/acme",
        RT_NORM_INVALID, "" },
    { "no name", rt_norm_linkedin_page, "", "https://www.linkedin.com/company/",
        RT_NORM_INVALID, "" },
    { "no page", rt_norm_linkedin_page, "", "linkedin.com", RT_NORM_INVALID, "" },
    { "half a postcode", rt_norm_postcode_meta, "", "-1234", RT_NORM_INVALID, "" },
};

START_TEST(rules)
{
    struct rt_norm_context context = context_of(cases[_i].country, "");
    struct rt_norm out = { 0 };
    enum rt_norm_status status = cases[_i].fn(rt_span_of(cases[_i].raw), &context, &out);

    ck_assert_msg(
        status == cases[_i].status, "%s: status %d", cases[_i].name, (int)status);
    if (status == RT_NORM_OK)
        ck_assert_msg(
            rt_span_eq((struct rt_span) { out.p, out.n }, rt_span_of(cases[_i].normal)),
            "%s: '%.*s'", cases[_i].name, (int)out.n, out.p);
}
END_TEST

static const struct {
    const char *name, *region, *raw;
    enum rt_phone_status status;
    const char *e164;
} phones[] = {
    { "British, national", "GB", "0113 496 0987", RT_PHONE_OK, "+441134960987" },
    { "British, trunk zero kept", "", "+44 (0)113 496 0987", RT_PHONE_OK,
        "+441134960987" },
    { "German, trunk zero kept", "", "+49 0711 2842222", RT_PHONE_OK, "+497112842222" },
    { "German, with slash", "DE", "0711/2842-222", RT_PHONE_OK, "+497112842222" },
    { "00 without a region", "", "0049 711 2842222", RT_PHONE_OK, "+497112842222" },
    { "00 where 011 is dialled", "US", "0049 711 2842222", RT_PHONE_OK, "+497112842222" },
    { "011 from the US", "US", "011 49 711 2842222", RT_PHONE_OK, "+497112842222" },
    { "0011 from Australia", "AU", "0011 49 711 2842222", RT_PHONE_OK, "+497112842222" },
    { "+00", "", "+0049 711 2842222", RT_PHONE_OK, "+497112842222" },
    { "plus in brackets", "", "(+49) 711 2842222", RT_PHONE_OK, "+497112842222" },
    { "tel:", "", "tel:+49-711-2842222", RT_PHONE_OK, "+497112842222" },
    { "other country than the region's", "DE", "+1 650-253-0000", RT_PHONE_OK,
        "+16502530000" },
    { "Italy keeps its zero", "IT", "06 12345678", RT_PHONE_OK, "+390612345678" },
    /* "(0)" is dialled at home alone, in countries too that have no such zero: their
     * regulators' plans have 9 digits in Spain, 8 in Denmark, 10 in the US */
    { "zero in brackets, Spain", "", "+34 (0)91 123 45 67", RT_PHONE_OK, "+34911234567" },
    { "zero in brackets, 00", "", "0034 (0)91 123 45 67", RT_PHONE_OK, "+34911234567" },
    { "zero in brackets, Denmark", "", "+45 (0)32 12 34 56", RT_PHONE_OK, "+4532123456" },
    { "zero in brackets, US", "", "+1 (0)650 253 0000", RT_PHONE_OK, "+16502530000" },
    { "zero in brackets, Britain", "", "+44(0)113 496 0987", RT_PHONE_OK,
        "+441134960987" },
    { "zero in brackets, Rome", "", "+39 (0)6 12345678", RT_PHONE_OK, "+390612345678" },
    { "zero in brackets, Italian mobile", "", "+39 (0)347 1234567", RT_PHONE_OK,
        "+393471234567" },
    { "a zero too many", "US", "01(650)253-0000", RT_PHONE_OK, "+16502530000" },
    { "letters on keys", "US", "1-800-FLOWERS", RT_PHONE_OK, "+18003569377" },
    { "extension dropped", "", "+1-555-123-4567 ext. 123", RT_PHONE_OK, "+15551234567" },
    { "full-width digits", "DE",
        "\xEF\xBC\x90\xEF\xBC\x97\xEF\xBC\x91\xEF\xBC\x91 2842222", RT_PHONE_OK,
        "+497112842222" },
    { "no country", "", "0711 2842222", RT_PHONE_NO_COUNTRY, "" },
    { "no country, US layout", "", "(555) 123-4567", RT_PHONE_NO_COUNTRY, "" },
    { "no digits", "DE", "unknown", RT_PHONE_INVALID, "" },
    { "only a plus", "", "+", RT_PHONE_INVALID, "" },
    { "half a number", "US", "555-1234", RT_PHONE_INVALID, "" },
    { "half a number with plus", "", "+1 555 1234", RT_PHONE_INVALID, "" },
    { "no such country code", "", "+999 123 4567", RT_PHONE_INVALID, "" },
    { "16 digits", "", "+1234567890123456", RT_PHONE_INVALID, "" },
    { "emergency call", "DE", "110", RT_PHONE_INVALID, "" },
};

START_TEST(phone_numbers)
{
    struct rt_phone out = { "", false, false };
    enum rt_phone_status status =
        rt_phone_e164(rt_span_of(phones[_i].raw), phones[_i].region, &out);

    ck_assert_msg(status == phones[_i].status && strcmp(out.e164, phones[_i].e164) == 0,
        "%s: %d '%s'", phones[_i].name, (int)status, out.e164);
}
END_TEST

START_TEST(phone_input_is_bounded)
{
    struct rt_phone out;
    char digits[251];

    memset(digits, '1', sizeof digits);
    ck_assert_int_eq(
        rt_phone_e164((struct rt_span) { digits, sizeof digits }, "DE", &out),
        RT_PHONE_INVALID);
    ck_assert_int_eq(rt_phone_e164((struct rt_span) { "+49\0"
                                                      "711",
                                       7 },
                         "DE", &out),
        RT_PHONE_INVALID);
    ck_assert_int_eq(rt_phone_e164(RT_SPAN_ABSENT, "DE", &out), RT_PHONE_INVALID);
}
END_TEST

/* Made-up numbers: with code, with trunk prefix, with neither, of any length. */
static size_t make_number(uint32_t *seed, const char *code, char trunk, char *text)
{
    static const char separators[] = " -./";
    size_t n = 0, ndigits;

    *seed = *seed * 1664525u + 1013904223u;
    ndigits = 6 + (*seed >> 24) % 7;
    if ((*seed >> 16) % 3 == 0) {
        text[n++] = '+';
        memcpy(text + n, code, strlen(code));
        n += strlen(code);
    } else if ((*seed >> 16) % 3 == 1 && trunk) {
        text[n++] = trunk;
    }
    while (ndigits--) {
        *seed = *seed * 1664525u + 1013904223u;
        text[n++] = (char)('0' + (*seed >> 20) % 10);
        if ((*seed >> 28) == 0)
            text[n++] = separators[(*seed >> 16) % 4];
    }
    return n;
}

static const struct {
    const char *region, *code;
    char trunk;
} plain_countries[] = {
    { "AT", "43", '0' },
    { "BE", "32", '0' },
    { "CA", "1", '1' },
    { "CH", "41", '0' },
    { "CZ", "420", 0 },
    { "DE", "49", '0' },
    { "DK", "45", 0 },
    { "ES", "34", 0 },
    { "FR", "33", '0' },
    { "GB", "44", '0' },
    { "IE", "353", '0' },
    { "NL", "31", '0' },
    { "NO", "47", 0 },
    { "PL", "48", 0 },
    { "PT", "351", 0 },
    { "SE", "46", '0' },
    { "US", "1", '1' },
};

/* Digits alone take a short way; a label in front of them sends them the long way. */
START_TEST(phone_ways_agree)
{
    const char *region = plain_countries[_i].region;
    uint32_t seed = (uint32_t)_i;

    for (int k = 0; k < 200; k++) {
        struct rt_phone near = { "", false, false }, far = { "", false, false };
        char text[64] = "tel:";
        size_t n = make_number(
            &seed, plain_countries[_i].code, plain_countries[_i].trunk, text + 4);
        enum rt_phone_status a =
            rt_phone_e164((struct rt_span) { text + 4, n }, region, &near);
        enum rt_phone_status b =
            rt_phone_e164((struct rt_span) { text, n + 4 }, region, &far);

        ck_assert_msg(a == b && strcmp(near.e164, far.e164) == 0
                && near.country_added == far.country_added,
            "%s %s: %d %s, %d %s", region, text, (int)a, near.e164, (int)b, far.e164);
    }
}
END_TEST

#define HEX "d00d0a7c6d491b3782fd78b410748048859e16467faa0651f060978d4bb343cc"

static const struct {
    const char *name, *raw;
    bool is_digest;
} digests[] = {
    { "lower", HEX, true },
    { "upper", "D00D0A7C6D491B3782FD78B410748048859E16467FAA0651F060978D4BB343CC", true },
    { "with blanks", " " HEX "\n", true },
    { "63", "00d0a7c6d491b3782fd78b410748048859e16467faa0651f060978d4bb343cc", false },
    { "65", HEX "0", false },
    { "not hex", "g00d0a7c6d491b3782fd78b410748048859e16467faa0651f060978d4bb343cc",
        false },
    { "e-mail", "a@b.com", false },
    { "nothing", "", false },
};

START_TEST(known_digests)
{
    struct rt_norm out = { 0 };
    bool got = rt_norm_digest(rt_span_of(digests[_i].raw), &out);

    ck_assert_msg(got == digests[_i].is_digest, "%s", digests[_i].name);
    if (got)
        ck_assert(rt_span_eq((struct rt_span) { out.p, out.n }, RT_SPAN(HEX)));
}
END_TEST

/* ISO 3166-1's own names, and how people write them. */
static const struct {
    const char *text, *code;
} country_names[] = {
    { "DE", "DE" },
    { "deu", "DE" },
    { "Deutschland", "DE" },
    { "ALEMANIA", "DE" },
    { "\xC3\x96sterreich", "AT" },
    { "Oesterreich", "AT" },
    { "C\xC3\xB4te d'Ivoire", "CI" },
    { "Cote d'Ivoire", "CI" },
    { "Ivory Coast", "CI" },
    { "Korea, Republic of", "KR" },
    { "\xED\x95\x9C\xEA\xB5\xAD", "KR" },
    { "\xE6\x97\xA5\xE6\x9C\xAC", "JP" },
    { "UK", "GB" },
    { "England", "GB" },
    { "EL", "GR" },
    { "\xCE\x95\xCE\xBB\xCE\xBB\xCE\xAC\xCF\x82", "GR" },
    { "St. Lucia", "LC" },
    { "Bosnia & Herzegovina", "BA" },
    { "Netherlands", "NL" },
    { "The Netherlands", "NL" },
    { "Holland", "NL" },
    { "Niger", "NE" },
    { "Nigeria", "NG" },
    { "Guinea", "GN" },
    { "Guinea-Bissau", "GW" },
    { "Papua New Guinea", "PG" },
    { "Dominica", "DM" },
    { "Dominican Republic", "DO" },
    { "Congo", "CG" },
    { "DR Congo", "CD" },
    { "Royaume-Uni", "GB" },
    { "Vereinigtes K\xC3\xB6nigreich", "GB" },
    { "Pa\xC3\xADses Bajos", "NL" },
    { "Coreia do Sul", "KR" },
    { "Birle\xC5\x9Fik Krall\xC4\xB1k", "GB" },
    { "B\xC4\xB0RLE\xC5\x9E\xC4\xB0K KRALLIK", "GB" },
    { "Sz\xC3\xA9p", NULL },
    { "Szwajcaria", "CH" },
    { "Magyarorsz\xC3\xA1g", "HU" },
    { "\xD0\xA8\xD0\xB2\xD0\xB5\xD1\x86\xD0\xB8\xD1\x8F", "SE" },
    { "Kongo", NULL },
    { "CAD", NULL },
    { "XX", NULL },
    { "", NULL },
    { "0", NULL },
    { "|", NULL },
    { "D", NULL },
    { "Germ", NULL },
    { "Narnia", NULL },
    { "\xFF\xFE", NULL },
};

START_TEST(countries)
{
    char code[3] = "--";
    bool found = rt_country_code(rt_span_of(country_names[_i].text), code);

    ck_assert_msg(
        found == (country_names[_i].code != NULL), "%s", country_names[_i].text);
    ck_assert_str_eq(code, found ? country_names[_i].code : "--");
}
END_TEST

START_TEST(every_country_is_found)
{
    char code[3], found[3];
    const char *name;
    size_t n = 0, ncodes = 0;

    for (; (name = rt_country_name(n, code)); n++) {
        ck_assert_msg(rt_country_code(rt_span_of(name), found), "%s", name);
        ck_assert_msg(strcmp(found, code) == 0, "%s is %s", name, found);
        ck_assert_msg(rt_country_is_code(rt_span_of(code)), "%s", code);
    }
    ck_assert_uint_gt(n, 3 * 249);
    for (code[0] = 'A', code[2] = '\0'; code[0] <= 'Z'; code[0]++)
        for (code[1] = 'A'; code[1] <= 'Z'; code[1]++)
            ncodes += rt_country_is_code(rt_span_of(code));
    ck_assert_uint_eq(ncodes, 249); /* of ISO 3166-1 */
}
END_TEST

START_TEST(unicode_room_is_kept)
{
    char out[8];
    size_t n = 0;

    ck_assert_int_eq(
        rt_unicode_map(RT_UNICODE_LOWER, RT_SPAN("123456789"), out, 8, &n), RT_ELIMIT);
    ck_assert_int_eq(rt_unicode_map(RT_UNICODE_LOWER_NFC,
                         RT_SPAN("\xC3\x96\xC3\x96\xC3\x96\xC3\x96\xC3\x96"), out, 8, &n),
        RT_ELIMIT);
    ck_assert_int_eq(
        rt_unicode_map(RT_UNICODE_LOWER, RT_SPAN("\xC3"), out, 8, &n), RT_ESYNTAX);
    ck_assert_int_eq(rt_unicode_map(RT_UNICODE_LOWER, RT_SPAN(""), out, 8, &n), RT_OK);
    ck_assert_uint_eq(n, 0);
}
END_TEST

/* The longest text of letters that grow most when decomposed and put together again. */
START_TEST(long_values_fit)
{
    struct rt_norm_context context = context_of("", "");
    char raw[RT_NORM_IN_MAX + 2];
    struct rt_norm out;

    for (size_t i = 0; i + 3 <= sizeof raw; i += 3)
        memcpy(raw + i, "\xF0\x9D\x85\x9E" + 1, 3); /* broken UTF-8 */
    ck_assert_int_eq(rt_norm_name_meta((struct rt_span) { raw, 510 }, &context, &out),
        RT_NORM_INVALID);
    for (size_t i = 0; i + 2 <= sizeof raw; i += 2)
        memcpy(raw + i, "\xC4\xB0", 2); /* capital I with dot: becomes three bytes */
    ck_assert_int_eq(
        rt_norm_name_meta((struct rt_span) { raw, 512 }, &context, &out), RT_NORM_OK);
    ck_assert_uint_eq(out.n, 256 * 3);
    ck_assert_int_eq(rt_norm_name_meta((struct rt_span) { raw, 514 }, &context, &out),
        RT_NORM_INVALID);
}
END_TEST

#define LOOP(tc, test, table)                                                            \
    tcase_add_loop_test(tc, test, 0, (int)(sizeof(table) / sizeof *(table)))

Suite *normalise_suite(void)
{
    Suite *s = suite_create("normalise");
    TCase *tc = tcase_create("normalise");

    LOOP(tc, rules, cases);
    LOOP(tc, phone_numbers, phones);
    tcase_add_test(tc, phone_input_is_bounded);
    LOOP(tc, phone_ways_agree, plain_countries);
    LOOP(tc, known_digests, digests);
    LOOP(tc, countries, country_names);
    tcase_add_test(tc, every_country_is_found);
    tcase_add_test(tc, unicode_room_is_kept);
    tcase_add_test(tc, long_values_fit);
    suite_add_tcase(s, tc);
    return s;
}
