/*
 * The platform table, and the rows that it makes of a person. In what is expected,
 * "{text}" stands for the SHA-256 of text in hex; the order of such cells and rows was
 * found with sha256sum.
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/near.h"
#include "io/digest.h"
#include "lists/platform.h"
#include "lists/rows.h"
#include "lists/rule_text.h"
#include "lists/writer.h"

Suite *platform_suite(void);

/* ---- the table */

START_TEST(names_and_table_agree)
{
    const char *const *names = rt_platform_names();
    size_t n = 0;

    for (; names[n]; n++) {
        const struct rt_platform *p = rt_platform_get(rt_span_of(names[n]));

        ck_assert_msg(p && strcmp(p->name, names[n]) == 0, "%s", names[n]);
        ck_assert_msg(p->source != NULL, "%s has no source", names[n]);
    }
    ck_assert_uint_eq(n, 36);
    ck_assert_ptr_null(rt_platform_get(RT_SPAN("google")));
    ck_assert_ptr_null(rt_platform_get(RT_SPAN("Meta")));
    ck_assert_str_eq(rt_near(RT_SPAN("googel-ads"), names, n), "google-ads");
}
END_TEST

static rt_columns all_columns(const struct rt_platform *p)
{
    return p->ncolumns == RT_COLUMNS_MAX ? UINT32_MAX
                                         : ((rt_columns)1 << p->ncolumns) - 1;
}

START_TEST(table_is_sound)
{
    const char *const *names = rt_platform_names();

    for (; *names; names++) {
        const struct rt_platform *p = rt_platform_get(rt_span_of(*names));

        ck_assert_uint_le(p->ncolumns, RT_COLUMNS_MAX);
        ck_assert_uint_eq(p->together & ~all_columns(p), 0);
        for (size_t i = 0; i < RT_NEEDS_MAX; i++)
            ck_assert_uint_eq(p->needs[i] & ~all_columns(p), 0);
        ck_assert_msg(p->ncolumns == 0 || p->needs[0], "%s needs nothing", p->name);
        ck_assert_uint_lt(p->noptional, p->ncolumns + 1);
        for (uint32_t c = p->ncolumns - p->noptional; c < p->ncolumns; c++)
            ck_assert_msg(p->columns[c].many == 0, "%s: optional and gathered", p->name);
        for (uint32_t c = 0; c < p->ncolumns; c++) {
            ck_assert_ptr_nonnull(p->columns[c].title);
            ck_assert_ptr_nonnull((void *)(uintptr_t)p->columns[c].normalise);
            ck_assert((p->columns[c].field == RT_FIELD_NAMED) == !!p->columns[c].names);
            if (p->columns[c].field == RT_PII_EMAIL)
                ck_assert_msg(p->email_rule != NULL, "%s", p->name);
            else if (p->columns[c].field == RT_PII_PHONE)
                ck_assert_msg(p->phone_rule != NULL, "%s", p->name);
            else if (p->columns[c].field != RT_FIELD_NAMED || p->columns[c].names[0])
                ck_assert_msg(rt_rule_text(p->columns[c].normalise) != NULL, "%s: %s",
                    p->name, p->columns[c].title);
            ck_assert(p->columns[c].field < RT_PII_COUNT
                || p->columns[c].field == RT_FIELD_NAMED);
        }
    }
}
END_TEST

static const struct {
    const char *platform;
    struct rt_list_size size;
    const char *warnings[3];
} sizes[] = {
    { "google-ads", { 20000, 1000000, 20000, 1 }, { NULL } },
    { "google-ads", { 999, 70000, 999, 1 },
        { "999 people; Google Ads needs 1000 matched", NULL } },
    { "google-ads", { 3000, 200000, 2900, 1 },
        { "2900 people; Google Ads needs 1000 matched; expect roughly 30-70 %, 870 to "
          "2030",
            "2900 people; Google Ads advises about 5000", NULL } },
    { "linkedin", { 412, 40000, 412, 1 },
        { "412 people; LinkedIn needs 300 matched; expect roughly 30-70 %, 123 to 288",
            NULL } },
    { "linkedin", { 1000, 60000, 1000, 1 }, { NULL } },
    { "linkedin", { 300001, 20000001, 300001, 1 },
        { "300001 rows; LinkedIn takes at most 300000 in one file",
            "20000001 bytes; LinkedIn takes at most 20000000 in one file", NULL } },
    { "meta", { 99, 9000, 99, 1 }, { "99 rows; Meta needs at least 100", NULL } },
    { "meta", { 100, 9000, 100, 1 }, { NULL } },
    { "linkedin", { 300001, 20000001, 300001, 2 }, { NULL } }, /* in parts */
    { "criteo", { 500, 32500, 500, 1 }, { "500 rows; Criteo needs at least 501", NULL } },
    { "adroll", { 0, 0, 0, 1 }, { "0 rows; AdRoll needs at least 100", NULL } },
    { "csv", { 0, 10, 0, 1 }, { NULL } },
    { "ids", { 1, 10, 1, 1 }, { NULL } },
};

START_TEST(list_warnings)
{
    struct rt_arena arena = RT_ARENA_INIT;
    const struct rt_span *got = NULL;
    uint32_t n = 0, expected = 0;

    ck_assert_int_eq(rt_platform_warnings(rt_platform_get(rt_span_of(sizes[_i].platform)),
                         sizes[_i].size, &arena, &got, &n),
        RT_OK);
    for (; sizes[_i].warnings[expected]; expected++)
        if (expected < n)
            ck_assert_str_eq(got[expected].p, sizes[_i].warnings[expected]);
    ck_assert_uint_eq(n, expected);
    rt_arena_release(&arena);
}
END_TEST

/* ---- rows */

enum { VALUES_MAX = 12, TITLE = RT_PII_COUNT, COMPANY, VALUE, NOTE };

struct text_value {
    uint32_t row, field;
    const char *text;
};

static const struct rt_contact_column contact_columns[] = {
    { { "first_name", 10 }, RT_PII_FIRST_NAME },
    { { "email", 5 }, RT_PII_EMAIL },
    { { "title", 5 }, TITLE },
    { { "company", 7 }, COMPANY },
    { { "ltv", 3 }, VALUE },
    { { "a \"note\"", 8 }, NOTE },
};

#define GOOGLE "Email,Phone,First Name,Last Name,Country,Zip\n"
#define META                                                                             \
    "email,email,email,phone,phone,phone,madid,fn,ln,zip,ct,st,country,doby,gen,uid,"    \
    "value\n"
#define LINKEDIN "email,firstname,lastname,jobtitle,employeecompany,country,googleaid\n"
#define CSV      "key,first_name,email,title,company,ltv,\"a \"\"note\"\"\"\n"
#define DIGEST   "D00D0A7C6D491B3782FD78B410748048859E16467FAA0651F060978D4BB343CC"
#define DIGEST_L "d00d0a7c6d491b3782fd78b410748048859e16467faa0651f060978d4bb343cc"
#define GAID     "cdda802e-fb9c-47ad-9866-0794d394c912"
#define IDFA     "EA7583CD-A667-48BC-B806-42ECB2B48606"
#define IDFA_L   "ea7583cd-a667-48bc-b806-42ecb2b48606"

static const struct {
    const char *name, *platform, *region;
    struct text_value values[VALUES_MAX];
    const char *file;
} people[] = {
    { "nothing known", "google-ads", NULL, { { 0, 0, NULL } }, GOOGLE },
    { "one address", "google-ads", NULL,
        { { 0, RT_PII_EMAIL, " First.Last+x@GMAIL.com" } },
        GOOGLE "{firstlast@gmail.com},,,,,\n" },
    { "phone with the row's country", "google-ads", "DE",
        { { 1, RT_PII_PHONE, "0113 496 0987" }, { 1, RT_PII_COUNTRY, "England" } },
        GOOGLE ",{+441134960987},,,,\n" },
    { "phone with the person's country", "google-ads", "DE",
        { { 0, RT_PII_PHONE, "0113 496 0987" }, { 1, RT_PII_COUNTRY, "GB" } },
        GOOGLE ",{+441134960987},,,,\n" },
    { "phone of a person of two countries", "google-ads", "DE",
        { { 0, RT_PII_PHONE, "0711 2842222" }, { 1, RT_PII_COUNTRY, "GB" },
            { 2, RT_PII_COUNTRY, "FR" } },
        GOOGLE ",{+497112842222},,,,\n" },
    { "phone of an unknown country", "google-ads", "DE",
        { { 1, RT_PII_PHONE, "0711 2842222" }, { 1, RT_PII_COUNTRY, "Narnia" } },
        GOOGLE },
    { "phone of the default country", "google-ads", "DE",
        { { 1, RT_PII_PHONE, "0711 2842222" } }, GOOGLE ",{+497112842222},,,,\n" },
    { "phone of no country", "google-ads", NULL, { { 1, RT_PII_PHONE, "0711 2842222" } },
        GOOGLE },
    { "whole address", "google-ads", NULL,
        { { 7, RT_PII_FIRST_NAME, "Ms. Anna" }, { 7, RT_PII_LAST_NAME, "M\xC3\x9CLLER" },
            { 7, RT_PII_COUNTRY, "Deutschland" }, { 7, RT_PII_POSTCODE, " 70174 " } },
        GOOGLE ",,{anna},{m\xC3\xBCller},DE,70174\n" },
    { "half an address", "google-ads", NULL,
        { { 1, RT_PII_EMAIL, "a@x.com" }, { 1, RT_PII_FIRST_NAME, "Anna" },
            { 1, RT_PII_LAST_NAME, "Smith" }, { 1, RT_PII_COUNTRY, "US" } },
        GOOGLE "{a@x.com},,,,,\n" },
    { "halves of two rows are no address", "google-ads", NULL,
        { { 1, RT_PII_FIRST_NAME, "Anna" }, { 1, RT_PII_LAST_NAME, "Smith" },
            { 2, RT_PII_COUNTRY, "US" }, { 2, RT_PII_POSTCODE, "94045" } },
        GOOGLE },
    { "postcode with a comma", "google-ads", NULL,
        { { 1, RT_PII_FIRST_NAME, "A" }, { 1, RT_PII_LAST_NAME, "B" },
            { 1, RT_PII_COUNTRY, "US" }, { 1, RT_PII_POSTCODE, "1,\"2" } },
        GOOGLE ",,{a},{b},US,\"1,\"\"2\"\n" },
    { "two addresses widen the file", "google-ads", NULL,
        { { 0, RT_PII_EMAIL, "b@x.com" }, { 1, RT_PII_EMAIL, "a@x.com" },
            { 2, RT_PII_EMAIL, "A@x.com " } },
        "Email,Email,Phone,First Name,Last Name,Country,Zip\n"
        "{a@x.com},{b@x.com},,,,,\n" },
    { "a fourth goes to the next row", "google-ads", NULL,
        { { 0, RT_PII_EMAIL, "a@x.com" }, { 0, RT_PII_EMAIL, "b@x.com" },
            { 0, RT_PII_EMAIL, "c@x.com" }, { 0, RT_PII_EMAIL, "d@x.com" },
            { 0, RT_PII_PHONE, "+441134960987" } },
        "Email,Email,Email,Phone,First Name,Last Name,Country,Zip\n"
        "{c@x.com},{a@x.com},{d@x.com},{+441134960987},,,,\n"
        "{b@x.com},,,,,,,\n" },
    { "known digests", "google-ads", NULL,
        { { 1, RT_PII_EMAIL, DIGEST }, { 1, RT_PII_FIRST_NAME, DIGEST },
            { 1, RT_PII_LAST_NAME, DIGEST_L }, { 1, RT_PII_COUNTRY, "us" },
            { 1, RT_PII_POSTCODE, "94045" } },
        GOOGLE DIGEST_L ",," DIGEST_L "," DIGEST_L ",US,94045\n" },
    { "digest where plain is due", "google-ads", NULL,
        { { 1, RT_PII_FIRST_NAME, DIGEST }, { 1, RT_PII_LAST_NAME, DIGEST_L },
            { 1, RT_PII_COUNTRY, "us" }, { 1, RT_PII_POSTCODE, DIGEST } },
        GOOGLE },
    { "everything", "meta", NULL,
        { { 3, RT_PII_EMAIL, "A@x.com" }, { 3, RT_PII_PHONE, "0113 496 0987" },
            { 3, RT_PII_MOBILE_ID, IDFA }, { 3, RT_PII_FIRST_NAME, "Val\xC3\xA9ry" },
            { 3, RT_PII_LAST_NAME, "O'Connor" }, { 3, RT_PII_POSTCODE, "SW1A 1AA" },
            { 3, RT_PII_CITY, "St. Albans" }, { 3, RT_PII_REGION, "Greater London" },
            { 3, RT_PII_COUNTRY, "UK" }, { 3, RT_PII_BIRTH_DATE, "1980-02-29" },
            { 3, RT_PII_GENDER, "Female" }, { 3, VALUE, "12.5" } },
        META "{a@x.com},,,{441134960987},,," IDFA_L
             ",{val\xC3\xA9ry},{oconnor},{sw1a1aa},"
             "{stalbans},{greaterlondon},{gb},{1980},{f},,12.5\n" },
    { "no identifier", "meta", NULL,
        { { 1, RT_PII_CITY, "London" }, { 1, RT_PII_FIRST_NAME, "Anna" },
            { 1, RT_PII_EMAIL, "J\xC3\xB6rg@x.com" } },
        META },
    { "names identify", "meta", NULL,
        { { 1, RT_PII_LAST_NAME, "Smith" }, { 1, RT_PII_FIRST_NAME, "Anna" } },
        META ",,,,,,,{anna},{smith},,,,,,,,\n" },
    { "two rows, each complete", "meta", NULL,
        { { 0, RT_PII_EMAIL, "a@x.com" }, { 1, RT_PII_CITY, "Bonn" },
            { 2, RT_PII_CITY, "Ulm" } },
        META "{a@x.com},,,,,,,,,,{ulm},,,,,,\n"
             "{a@x.com},,,,,,,,,,{bonn},,,,,,\n" },
    { "contact and two addresses", "linkedin", NULL,
        { { 0, RT_PII_EMAIL, "a@x.com" }, { 1, RT_PII_EMAIL, "b@x.com" },
            { 1, RT_PII_FIRST_NAME, "Anna" }, { 1, RT_PII_LAST_NAME, "Smith, Jr." },
            { 1, TITLE, "CEO" }, { 1, COMPANY, "X \"Y\" Ltd" },
            { 1, RT_PII_COUNTRY, "Schweiz" }, { 1, RT_PII_MOBILE_ID, GAID } },
        LINKEDIN "{a@x.com},Anna,\"Smith, Jr.\",CEO,\"X \"\"Y\"\" Ltd\",CH," GAID "\n"
                 "{b@x.com},Anna,\"Smith, Jr.\",CEO,\"X \"\"Y\"\" Ltd\",CH," GAID "\n" },
    { "last name alone", "linkedin", NULL,
        { { 1, RT_PII_LAST_NAME, "Smith" }, { 1, RT_PII_COUNTRY, "CH" } }, LINKEDIN },
    { "Google id alone", "linkedin", NULL, { { 0, RT_PII_MOBILE_ID, GAID } },
        LINKEDIN ",,,,,," GAID "\n" },
    { "one row an address", "adroll", NULL,
        { { 0, RT_PII_EMAIL, "B@x.com" }, { 1, RT_PII_EMAIL, "a@x.com" },
            { 2, RT_PII_EMAIL, "b@X.com" }, { 2, RT_PII_EMAIL, DIGEST },
            { 2, RT_PII_EMAIL, "a b@x.com" }, { 2, RT_PII_PHONE, "+441134960987" } },
        "a@x.com\nb@x.com\n" },
    { "one digest a row", "criteo", NULL,
        { { 0, RT_PII_EMAIL, "First.Last+x@Gmail.com" }, { 1, RT_PII_EMAIL, DIGEST } },
        "{first.last+x@gmail.com}\n" DIGEST_L "\n" },
    { "no address", "criteo", NULL, { { 0, RT_PII_PHONE, "+441134960987" } }, "" },
    { "as it came", "csv", NULL,
        { { 2, RT_PII_EMAIL, " A@x.com" }, { 2, RT_PII_FIRST_NAME, "An\nna" },
            { 2, NOTE, "says \"hi\"" }, { 0, RT_PII_EMAIL, "a@x.com" },
            { 0, RT_PII_EMAIL, "b@x.com" }, { 0, RT_PII_PHONE, "+44" },
            { 9, COMPANY, "=X" } },
        CSV "user_id:42,\"An\nna\", A@x.com,,,,\"says \"\"hi\"\"\"\n"
            "user_id:42,,,,'=X,,\n"
            "user_id:42,,b@x.com,,,,\n" },
    { "known by its key alone", "csv", NULL, { { 0, 0, NULL } },
        CSV "user_id:42,,,,,,\n" },
    { "key", "ids", NULL, { { 0, RT_PII_EMAIL, "a@x.com" } }, "user_id:42\n" },
    { "an address as typed and its id", "klaviyo", NULL,
        { { 1, RT_PII_EMAIL, "Anna@X.com" }, { 0, RT_PII_EMAIL, "anna@x.com" },
            { 1, RT_PII_FIRST_NAME, "=Anna" } },
        "Email,First Name,Last Name,Phone Number,Country\nAnna@X.com,'=Anna,,,\n" },
    { "user ids", "google-ads-user-ids", NULL,
        { { 0, RT_PII_USER_ID, "42" }, { 1, RT_PII_USER_ID, "7" },
            { 1, RT_PII_USER_ID, DIGEST } },
        "User ID\n42\n7\n" DIGEST "\n" },
    { "a device", "tiktok", NULL,
        { { 0, RT_PII_MOBILE_ID, GAID }, { 1, RT_PII_EMAIL, "a@x.com" } },
        "Email_SHA256,Phone_SHA256,MAID_SHA256\n{a@x.com},,{" GAID "}\n" },
    { "MD5 where it is due", "criteo-md5", NULL,
        { { 0, RT_PII_EMAIL, "5D41402ABC4B2A76B9719D911017C592" },
            { 0, RT_PII_EMAIL, DIGEST } },
        "5d41402abc4b2a76b9719d911017c592\n" },
    { "MD5 hashed once more", "criteo-sha256-md5", NULL,
        { { 0, RT_PII_EMAIL, "5D41402ABC4B2A76B9719D911017C592" },
            { 0, RT_PII_EMAIL, DIGEST } },
        "{5d41402abc4b2a76b9719d911017c592}\n" },
    /* SHA-256 of "a@x.com" by sha256sum, its 32 bytes by base64 */
    { "digests for UID2", "uid2", NULL,
        { { 0, RT_PII_EMAIL,
              "478ABEC7430569163161DFEA8513B8CE89D05F559456A26E945C66E1FE55A29D" },
            { 1, RT_PII_EMAIL, "R4q+x0MFaRYxYd/qhRO4zonQX1WUVqJulFxm4f5Vop0=" } },
        "R4q+x0MFaRYxYd/qhRO4zonQX1WUVqJulFxm4f5Vop0=\n" },
    { "where a company is", "linkedin-companies", NULL,
        { { 1, COMPANY, "X Ltd" }, { 1, RT_PII_CITY, "Bonn" },
            { 1, RT_PII_COUNTRY, "DE" } },
        "companyname,companywebsite,companyemaildomain,linkedincompanypageurl,"
        "stocksymbol,industry,city,state,companycountry,zipcode\nX Ltd,,,,,,,,,\n" },
    { "as it came in JSON", "jsonl", NULL,
        { { 2, RT_PII_EMAIL, "A@x.com" }, { 2, NOTE, "says \"hi\"\t\\\x01" },
            { 2, COMPANY, "=X" }, { 2, TITLE, "\xff" }, { 0, RT_PII_EMAIL, "b@x.com" } },
        "{\"key\":\"user_id:42\",\"email\":\"A@x.com\",\"company\":\"=X\","
        "\"a \\\"note\\\"\":\"says \\\"hi\\\"\\u0009\\\\\\u0001\"}\n"
        "{\"key\":\"user_id:42\",\"email\":\"b@x.com\"}\n" },
};

/* The expected file, digests put in. */
static void expand(const char *text, struct rt_buf *out)
{
    struct rt_digest *digest = NULL;

    ck_assert_int_eq(rt_digest_new(&digest, NULL), RT_OK);
    while (*text) {
        size_t n = strcspn(text, "{");

        ck_assert_int_eq(rt_buf_add(out, text, n), RT_OK);
        text += n;
        if (*text == '{' && text[1] == '"') { /* JSON */
            ck_assert_int_eq(rt_buf_addc(out, *text++), RT_OK);
        } else if (*text == '{') {
            uint8_t bytes[RT_DIGEST_MAX];
            char hex[64];

            n = strcspn(++text, "}");
            ck_assert_int_eq(
                rt_digest_of(digest, RT_SHA256, (struct rt_span) { text, n }, bytes),
                RT_OK);
            rt_hex(bytes, 32, hex);
            ck_assert_int_eq(rt_buf_add(out, hex, 64), RT_OK);
            text += n + 1;
        }
    }
    rt_digest_free(digest);
}

static int put_buf(void *ctx, struct rt_span bytes)
{
    return rt_buf_add(ctx, bytes.p, bytes.n);
}

/* The person's list of one: rows in any order of the values give the same bytes. */
static void make_file(const struct rt_platform *platform, const char *region,
    const struct rt_person *person, struct rt_rows *rows, struct rt_buf *out)
{
    struct rt_rower_options options = { .default_region = region,
        .latest_year = 2026,
        .columns = contact_columns,
        .ncolumns = 6 };
    struct rt_sheet_options list_options = { .memory_bytes = 1 << 20,
        .tmpdir = "/tmp",
        .columns = contact_columns,
        .ncolumns = 6 };
    struct rt_put put = { put_buf, out, NULL };
    struct rt_rower *rower = NULL;
    struct rt_sheet *list = NULL;

    ck_assert_int_eq(rt_rower_new(platform, &options, &rower, NULL), RT_OK);
    ck_assert_int_eq(rt_sheet_new(platform, &list_options, &list, NULL), RT_OK);
    ck_assert_int_eq(rt_rower_person(rower, person, rows, NULL), RT_OK);
    ck_assert_int_eq(rt_sheet_add(list, rows, NULL, NULL), RT_OK);
    ck_assert_int_eq(rt_sheet_write(list, &put, NULL, NULL), RT_OK);
    rt_sheet_free(list);
    rt_rower_free(rower);
}

static uint32_t fill_values(
    const struct text_value *from, bool backwards, struct rt_pii_value *to)
{
    uint32_t n = 0;

    while (n < VALUES_MAX && from[n].text)
        n++;
    for (uint32_t i = 0; i < n; i++) {
        const struct text_value *v = &from[backwards ? n - 1 - i : i];

        to[i] = (struct rt_pii_value) { v->row, v->field, rt_span_of(v->text),
            RT_DEVICE_UNKNOWN };
        if (backwards && v->row)
            to[i].row = 100 - v->row; /* the numbers of rows must not matter either */
    }
    return n;
}

START_TEST(rows_of_people)
{
    const struct rt_platform *platform = rt_platform_get(rt_span_of(people[_i].platform));
    struct rt_buf expected = RT_BUF_INIT(1 << 20);

    expand(people[_i].file, &expected);
    for (int backwards = 0; backwards < 2; backwards++) {
        struct rt_pii_value values[VALUES_MAX];
        struct rt_person person = { .key = RT_SPAN("user_id:42"), .values = values };
        struct rt_buf got = RT_BUF_INIT(1 << 20);
        struct rt_rows rows = { 0 };

        person.nvalues = fill_values(people[_i].values, backwards, values);
        make_file(platform, people[_i].region, &person, &rows, &got);
        ck_assert_msg(rt_span_eq(rt_buf_span(&got), rt_buf_span(&expected)),
            "%s (%s):\n%s\nexpected:\n%s", people[_i].name, people[_i].platform,
            rt_buf_text(&got), rt_buf_text(&expected));
        rt_rows_release(&rows);
        rt_buf_release(&got);
    }
    rt_buf_release(&expected);
}
END_TEST

/* ---- products, and names that are taken */

static const struct {
    const char *platform;
    uint32_t max;
    const char *file;
} products[] = {
    { "csv", 0, "key,email,contact.key,products\nk,,theirs,socks\n" },
    { "csv", 2,
        "key,email,contact.key,contact.products,products\nk,,theirs,socks,a|b\\|"
        "c\\\\\n" },
    { "csv", 9,
        "key,email,contact.key,contact.products,products\n"
        "k,,theirs,socks,\"a|b\\|c\\\\|d,\"\"e\"\"\"\n" },
    { "jsonl", 0, "{\"key\":\"k\",\"contact.key\":\"theirs\",\"products\":\"socks\"}\n" },
    { "jsonl", 9,
        "{\"key\":\"k\",\"contact.key\":\"theirs\",\"contact.products\":\"socks\","
        "\"products\":[\"a\",\"b|c\\\\\",\"d,\\\"e\\\"\"]}\n" },
    { "ids", 9, "k\n" },
};

START_TEST(products_of_people)
{
    static const struct rt_contact_column columns[] = { { { "key", 3 }, TITLE },
        { { "products", 8 }, COMPANY } };
    static const struct rt_pii_value values[] = { { 1, TITLE, { "theirs", 6 },
                                                      RT_DEVICE_UNKNOWN },
        { 1, COMPANY, { "socks", 5 }, RT_DEVICE_UNKNOWN } };
    static const struct rt_span values_that_hold[] = { { "a", 1 }, { "b|c\\", 4 },
        { "d,\"e\"", 5 } };
    const struct rt_platform *p = rt_platform_get(rt_span_of(products[_i].platform));
    struct rt_rower_options options = {
        .columns = columns, .ncolumns = 2, .max_products = products[_i].max
    };
    struct rt_sheet_options list_options = {
        .columns = columns, .ncolumns = 2, .max_products = products[_i].max
    };
    struct rt_person person = { RT_SPAN("k"), values, 2, values_that_hold, 3 };
    struct rt_buf out = RT_BUF_INIT(1 << 20);
    struct rt_put put = { put_buf, &out, NULL };
    struct rt_rows rows = { .nrows = 0 };
    struct rt_rower *rower = NULL;
    struct rt_sheet *list = NULL;

    ck_assert_int_eq(rt_rower_new(p, &options, &rower, NULL), RT_OK);
    ck_assert_int_eq(rt_sheet_new(p, &list_options, &list, NULL), RT_OK);
    ck_assert_int_eq(rt_rower_person(rower, &person, &rows, NULL), RT_OK);
    ck_assert_int_eq(rt_sheet_add(list, &rows, NULL, NULL), RT_OK);
    ck_assert_int_eq(rt_sheet_write(list, &put, NULL, NULL), RT_OK);
    ck_assert_str_eq(rt_buf_text(&out), products[_i].file);
    rt_buf_release(&out);
    rt_rows_release(&rows);
    rt_sheet_free(list);
    rt_rower_free(rower);
}
END_TEST

/* ---- what was changed */

START_TEST(changes_are_counted)
{
    struct rt_rower_options options = { .default_region = "GB" };
    struct rt_pii_value values[] = {
        { 1, RT_PII_EMAIL, RT_SPAN(" A.b+c@Gmail.com"), RT_DEVICE_UNKNOWN },
        { 1, RT_PII_EMAIL, RT_SPAN("plain@x.com"), RT_DEVICE_UNKNOWN },
        { 1, RT_PII_EMAIL, RT_SPAN(DIGEST), RT_DEVICE_UNKNOWN },
        { 1, RT_PII_EMAIL, RT_SPAN("X@"), RT_DEVICE_UNKNOWN },
        { 1, RT_PII_PHONE, RT_SPAN("0113 496 0987"), RT_DEVICE_UNKNOWN },
    };
    struct rt_person person = { .key = RT_SPAN("k"), .values = values, .nvalues = 5 };
    struct rt_changed changed = { { { 0 } } };
    struct rt_rows rows = { .changed = &changed };
    struct rt_rower *rower = NULL;
    const uint64_t *email = changed.n[RT_PII_EMAIL], *phone = changed.n[RT_PII_PHONE];

    ck_assert_int_eq(
        rt_rower_new(rt_platform_get(RT_SPAN("google-ads")), &options, &rower, NULL),
        RT_OK);
    for (int twice = 0; twice < 2; twice++) /* they are added to */
        ck_assert_int_eq(rt_rower_person(rower, &person, &rows, NULL), RT_OK);
    ck_assert_uint_eq(email[0], 2);  /* trimmed */
    ck_assert_uint_eq(email[1], 2);  /* lower case: not the one that is refused */
    ck_assert_uint_eq(email[2], 2);  /* dots */
    ck_assert_uint_eq(email[3], 2);  /* tag */
    ck_assert_uint_eq(email[11], 2); /* digests */
    ck_assert_uint_eq(phone[9], 2);  /* country */
    rt_rows_release(&rows);
    rt_rower_free(rower);
}
END_TEST

/* ---- what was dropped */

static const struct {
    const char *name, *platform;
    struct text_value values[VALUES_MAX];
    uint32_t field;
    enum rt_drop drop;
    uint64_t n;
    bool has_email, has_phone;
} drops[] = {
    { "two bad addresses", "google-ads",
        { { 0, RT_PII_EMAIL, "x" }, { 1, RT_PII_EMAIL, "y@" }, { 1, RT_PII_EMAIL, "  " },
            { 1, RT_PII_EMAIL, "a@x.com" } },
        RT_PII_EMAIL, RT_DROP_INVALID, 2, true, false },
    { "no country", "meta",
        { { 0, RT_PII_PHONE, "0711 2842222" }, { 1, RT_PII_PHONE, "+497112842222" } },
        RT_PII_PHONE, RT_DROP_NO_COUNTRY, 1, false, true },
    { "digest for a plain list", "adroll", { { 0, RT_PII_EMAIL, DIGEST } }, RT_PII_EMAIL,
        RT_DROP_HASHED, 1, false, false },
    { "half an address", "google-ads",
        { { 1, RT_PII_LAST_NAME, "Smith" }, { 1, RT_PII_EMAIL, "a@x.com" } },
        RT_PII_LAST_NAME, RT_DROP_UNUSABLE, 1, true, false },
    { "an address as a title", "linkedin",
        { { 1, TITLE, "a@x.com" }, { 1, RT_PII_EMAIL, "a@x.com" } }, RT_PII_COUNT,
        RT_DROP_UNUSABLE, 1, true, false },
};

START_TEST(dropped_values)
{
    struct rt_pii_value values[VALUES_MAX];
    struct rt_person person = { .key = RT_SPAN("k"), .values = values };
    struct rt_buf file = RT_BUF_INIT(1 << 20);
    struct rt_rows rows = { 0 };
    uint64_t all = 0;

    person.nvalues = fill_values(drops[_i].values, false, values);
    make_file(
        rt_platform_get(rt_span_of(drops[_i].platform)), NULL, &person, &rows, &file);
    for (size_t f = 0; f < RT_DROP_FIELDS; f++)
        for (size_t d = 0; d < RT_DROPS; d++)
            all += rows.dropped.n[f][d];
    ck_assert_msg(rows.dropped.n[drops[_i].field][drops[_i].drop] == drops[_i].n
            && all == drops[_i].n,
        "%s", drops[_i].name);
    ck_assert_msg(
        rows.has_email == drops[_i].has_email && rows.has_phone == drops[_i].has_phone,
        "%s: contact", drops[_i].name);
    rt_rows_release(&rows);
    rt_buf_release(&file);
}
END_TEST

START_TEST(a_rower_forgets_the_person_before)
{
    struct rt_rower_options options = { .ncolumns = 0 };
    struct rt_pii_value bad = { 1, RT_PII_EMAIL, RT_SPAN("x"), RT_DEVICE_UNKNOWN };
    struct rt_pii_value good = { 1, RT_PII_EMAIL, RT_SPAN("a@x.com"), RT_DEVICE_UNKNOWN };
    struct rt_person person = { .key = RT_SPAN("k"), .values = &bad, .nvalues = 1 };
    struct rt_rower *rower = NULL;
    struct rt_rows rows = { 0 };

    ck_assert_int_eq(
        rt_rower_new(rt_platform_get(RT_SPAN("meta")), &options, &rower, NULL), RT_OK);
    ck_assert_int_eq(rt_rower_person(rower, &person, &rows, NULL), RT_OK);
    ck_assert_uint_eq(rows.nrows, 0);
    ck_assert(rows.any_dropped && !rt_rower_has_contact(rower, &person));
    person.values = &good;
    ck_assert_int_eq(rt_rower_person(rower, &person, &rows, NULL), RT_OK);
    ck_assert_uint_eq(rows.nrows, 1);
    ck_assert(!rows.any_dropped && rows.dropped.n[RT_PII_EMAIL][RT_DROP_INVALID] == 0);
    ck_assert(rt_rower_has_contact(rower, &person));
    person.nvalues = 0;
    ck_assert_int_eq(rt_rower_person(rower, &person, &rows, NULL), RT_OK);
    ck_assert_uint_eq(rows.nrows, 0);
    rt_rows_release(&rows);
    rt_rower_free(rower);
}
END_TEST

/* ---- one value */

/* A value that stands alone becomes a row by a way of its own. What stands on two contact
 * rows takes the other one, and is the same row. */
static const struct {
    uint32_t field;
    const char *text;
} alone[] = {
    { RT_PII_EMAIL, "Jane.Doe+shop@gmail.com" },
    { RT_PII_EMAIL, "  jane@example.com " },
    { RT_PII_EMAIL, "j a n e@example.com" },
    { RT_PII_EMAIL, "a..b@gmail.com" },
    { RT_PII_EMAIL, "j\xC3\xBCrgen@example.com" },
    { RT_PII_EMAIL, "no address" },
    { RT_PII_EMAIL, "" },
    { RT_PII_EMAIL, "\"a,b\"@example.com" },
    { RT_PII_EMAIL, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { RT_PII_EMAIL, "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8" },
    { RT_PII_PHONE, "+49 30 901820" },
    { RT_PII_PHONE, "12" },
    { RT_PII_MOBILE_ID, "CDDA802E-FB9C-47AD-9866-0794D394C912" },
    { RT_PII_USER_ID, "42" },
    { RT_PII_FIRST_NAME, "Jane" },
    { RT_PII_COUNTRY, "Germany" },
};

static void same_rows(const struct rt_platform *platform, const struct rt_rows *a,
    const struct rt_rows *b, const char *text)
{
    ck_assert_msg(a->nrows == b->nrows
            && rt_span_eq(rt_buf_span(&a->bytes), rt_buf_span(&b->bytes))
            && memcmp(a->used, b->used, sizeof a->used) == 0
            && a->has_email == b->has_email && a->has_phone == b->has_phone
            && a->any_dropped == b->any_dropped && a->has_usual == b->has_usual,
        "%s: \"%s\":\n%.*sand twice:\n%.*s", platform->name, text, (int)a->bytes.n,
        rt_buf_span(&a->bytes).p, (int)b->bytes.n, rt_buf_span(&b->bytes).p);
}

START_TEST(one_value_takes_the_short_way)
{
    struct rt_span text = rt_span_of(alone[_i].text);
    struct rt_pii_value values[] = { { 1, alone[_i].field, text, RT_DEVICE_UNKNOWN },
        { 2, alone[_i].field, text, RT_DEVICE_UNKNOWN },
        { 0, alone[_i].field, text, RT_DEVICE_UNKNOWN } };
    const struct rt_person twice = { RT_SPAN("k"), values, 2, NULL, 0 };
    const struct rt_person ways[] = { { RT_SPAN("k"), values, 1, NULL, 0 },
        { RT_SPAN("k"), values + 2, 1, NULL, 0 },   /* an id of events */
        { RT_SPAN("k"), values + 1, 2, NULL, 0 } }; /* that a contact row has, too */
    struct rt_rower_options options = { .default_region = "DE", .latest_year = 2026 };
    struct rt_rows rows[2] = { { .nrows = 0 }, { .nrows = 0 } };

    for (const char *const *name = rt_platform_names(); *name; name++) {
        const struct rt_platform *p = rt_platform_get(rt_span_of(*name));
        struct rt_rower *rower = NULL;

        if (p->kind != RT_ROWS_PERSON && p->kind != RT_ROWS_IDENTIFIER)
            continue;
        ck_assert_int_eq(rt_rower_new(p, &options, &rower, NULL), RT_OK);
        ck_assert_int_eq(rt_rower_person(rower, &twice, &rows[1], NULL), RT_OK);
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            ck_assert_int_eq(rt_rower_person(rower, &ways[i], &rows[0], NULL), RT_OK);
            same_rows(p, &rows[0], &rows[1], alone[_i].text);
            ck_assert(!rows[0].has_usual || rt_rower_has_contact(rower, &ways[i]));
        }
        rt_rower_free(rower);
    }
    rt_rows_release(&rows[0]);
    rt_rows_release(&rows[1]);
}
END_TEST

START_TEST(a_region_must_exist)
{
    struct rt_rower_options options = { .default_region = "Germany" };
    struct rt_rower *rower = NULL;
    struct rt_err err = { 0 };

    ck_assert_int_eq(
        rt_rower_new(rt_platform_get(RT_SPAN("meta")), &options, &rower, &err),
        RT_EUSAGE);
    ck_assert_ptr_null(rower);
}
END_TEST

#define LOOP(tc, test, table)                                                            \
    tcase_add_loop_test(tc, test, 0, (int)(sizeof(table) / sizeof *(table)))

Suite *platform_suite(void)
{
    Suite *s = suite_create("platform");
    TCase *tc = tcase_create("platform");

    tcase_add_test(tc, names_and_table_agree);
    tcase_add_test(tc, table_is_sound);
    LOOP(tc, list_warnings, sizes);
    LOOP(tc, rows_of_people, people);
    LOOP(tc, products_of_people, products);
    tcase_add_test(tc, changes_are_counted);
    LOOP(tc, dropped_values, drops);
    tcase_add_test(tc, a_rower_forgets_the_person_before);
    LOOP(tc, one_value_takes_the_short_way, alone);
    tcase_add_test(tc, a_region_must_exist);
    suite_add_tcase(s, tc);
    return s;
}
