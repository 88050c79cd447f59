/*
 * The table itself. Columns first, then one entry a platform.
 *
 * What sets of columns make a row worth sending is each platform's own rule where it says
 * one; a column's bit is its place in its table, so the enums keep them in step.
 */
#include "lists/platform.h"

#include "base/alloc.h"
#include "base/buf.h"

#define BIT(i)   ((rt_columns)1 << (i))
#define COUNT(a) ((uint32_t)(sizeof(a) / sizeof *(a)))

/* ---- Google Ads: all four of an address make one identifier, fewer make none */

enum { G_EMAIL, G_PHONE, G_FIRST, G_LAST, G_COUNTRY, G_ZIP };

static const struct rt_platform_column google_columns[] = {
    [G_EMAIL] = { "Email", RT_PII_EMAIL, NULL, rt_norm_email_google, RT_CELL_SHA256_HEX,
        3 },
    [G_PHONE] = { "Phone", RT_PII_PHONE, NULL, rt_norm_phone_plus, RT_CELL_SHA256_HEX,
        3 },
    [G_FIRST] = { "First Name", RT_PII_FIRST_NAME, NULL, rt_norm_first_name_google,
        RT_CELL_SHA256_HEX, 0 },
    [G_LAST] = { "Last Name", RT_PII_LAST_NAME, NULL, rt_norm_last_name_google,
        RT_CELL_SHA256_HEX, 0 },
    [G_COUNTRY] = { "Country", RT_PII_COUNTRY, NULL, rt_norm_country_upper, RT_CELL_PLAIN,
        0 },
    [G_ZIP] = { "Zip", RT_PII_POSTCODE, NULL, rt_norm_postcode_google, RT_CELL_PLAIN, 0 },
};

/* ---- Meta: the customer file template without `dob` and `age`, of which no document
 * says how they are to be written in a file that is hashed beforehand */

enum {
    M_EMAIL,
    M_PHONE,
    M_MADID,
    M_FN,
    M_LN,
    M_ZIP,
    M_CT,
    M_ST,
    M_COUNTRY,
    M_DOBY,
    M_GEN,
    M_UID,
    M_VALUE
};

static const char *const app_user_names[] = { "appuid", "app_user_id", "facebook_uid",
    NULL };
static const char *const value_names[] = { "value", "ltv", "lifetime_value",
    "customer_value", NULL };

static const struct rt_platform_column meta_columns[] = {
    [M_EMAIL] = { "email", RT_PII_EMAIL, NULL, rt_norm_email_meta, RT_CELL_SHA256_HEX,
        3 },
    [M_PHONE] = { "phone", RT_PII_PHONE, NULL, rt_norm_phone_digits, RT_CELL_SHA256_HEX,
        3 },
    [M_MADID] = { "madid", RT_PII_MOBILE_ID, NULL, rt_norm_mobile_id_lower, RT_CELL_PLAIN,
        0 },
    [M_FN] = { "fn", RT_PII_FIRST_NAME, NULL, rt_norm_name_meta, RT_CELL_SHA256_HEX, 0 },
    [M_LN] = { "ln", RT_PII_LAST_NAME, NULL, rt_norm_name_meta, RT_CELL_SHA256_HEX, 0 },
    [M_ZIP] = { "zip", RT_PII_POSTCODE, NULL, rt_norm_postcode_meta, RT_CELL_SHA256_HEX,
        0 },
    [M_CT] = { "ct", RT_PII_CITY, NULL, rt_norm_city_meta, RT_CELL_SHA256_HEX, 0 },
    [M_ST] = { "st", RT_PII_REGION, NULL, rt_norm_region_meta, RT_CELL_SHA256_HEX, 0 },
    [M_COUNTRY] = { "country", RT_PII_COUNTRY, NULL, rt_norm_country_lower,
        RT_CELL_SHA256_HEX, 0 },
    [M_DOBY] = { "doby", RT_PII_BIRTH_DATE, NULL, rt_norm_birth_year, RT_CELL_SHA256_HEX,
        0 },
    [M_GEN] = { "gen", RT_PII_GENDER, NULL, rt_norm_gender, RT_CELL_SHA256_HEX, 0 },
    [M_UID] = { "uid", RT_FIELD_NAMED, app_user_names, rt_norm_app_user_id, RT_CELL_PLAIN,
        0 },
    [M_VALUE] = { "value", RT_FIELD_NAMED, value_names, rt_norm_amount, RT_CELL_PLAIN,
        0 },
};

/* ---- LinkedIn: titles and their order must not be changed */

enum { L_EMAIL, L_FIRST, L_LAST, L_TITLE, L_COMPANY, L_COUNTRY, L_GAID };

static const char *const title_names[] = { "jobtitle", "job_title", "title", "position",
    NULL };
static const char *const company_names[] = { "employeecompany", "employee_company",
    "company", "company_name", "companyname", "employer", "organization", "organisation",
    NULL };

static const struct rt_platform_column linkedin_columns[] = {
    [L_EMAIL] = { "email", RT_PII_EMAIL, NULL, rt_norm_email_linkedin, RT_CELL_SHA256_HEX,
        1 },
    [L_FIRST] = { "firstname", RT_PII_FIRST_NAME, NULL, rt_norm_linkedin_name,
        RT_CELL_PLAIN, 0 },
    [L_LAST] = { "lastname", RT_PII_LAST_NAME, NULL, rt_norm_linkedin_name, RT_CELL_PLAIN,
        0 },
    [L_TITLE] = { "jobtitle", RT_FIELD_NAMED, title_names, rt_norm_linkedin_work,
        RT_CELL_PLAIN, 0 },
    [L_COMPANY] = { "employeecompany", RT_FIELD_NAMED, company_names,
        rt_norm_linkedin_work, RT_CELL_PLAIN, 0 },
    [L_COUNTRY] = { "country", RT_PII_COUNTRY, NULL, rt_norm_country_upper, RT_CELL_PLAIN,
        0 },
    [L_GAID] = { "googleaid", RT_PII_MOBILE_ID, NULL, rt_norm_mobile_id, RT_CELL_PLAIN,
        0 },
};

/* ---- one column */

static const struct rt_platform_column adroll_columns[] = {
    { "email", RT_PII_EMAIL, NULL, rt_norm_email_plain, RT_CELL_PLAIN, 1 },
};

static const struct rt_platform_column criteo_columns[] = {
    { "email", RT_PII_EMAIL, NULL, rt_norm_email_plain, RT_CELL_SHA256_HEX, 1 },
};

static const struct rt_platform platforms[] = {
    {
        .name = "google-ads",
        .title = "Google Ads",
        .kind = RT_ROWS_PERSON,
        .header = true,
        .drop_unused = true,
        .columns = google_columns,
        .ncolumns = COUNT(google_columns),
        .needs = { BIT(G_EMAIL), BIT(G_PHONE),
            BIT(G_FIRST) | BIT(G_LAST) | BIT(G_COUNTRY) | BIT(G_ZIP) },
        .together = BIT(G_FIRST) | BIT(G_LAST) | BIT(G_COUNTRY) | BIT(G_ZIP),
        .minimum = 1000,
        .minimum_matched = true,
        .advised = 5000,
        .max_bytes = UINT64_C(5000000000),
        .email_rule = "lower case; at gmail.com and googlemail.com without dots and +tag",
        .phone_rule = "E.164 with +",
        .source = "support.google.com/google-ads/answer/7659867 and 6276125; "
                  "developers.google.com/data-manager/api/devguides/concepts/formatting",
        .confidence = "the 5 GB are of an older help page",
    },
    {
        .name = "meta",
        .title = "Meta",
        .kind = RT_ROWS_PERSON,
        .header = true,
        .repeat_last = true,
        .columns = meta_columns,
        .ncolumns = COUNT(meta_columns),
        .needs = { BIT(M_EMAIL), BIT(M_PHONE), BIT(M_MADID), BIT(M_UID),
            BIT(M_FN) | BIT(M_LN) },
        .minimum = 100,
        .email_rule = "lower case; ASCII only",
        .phone_rule = "digits with country code, no +",
        .source =
            "facebook.com/business/help/170456843145568; Marketing API, Customer File "
            "Custom Audiences (April 2026)",
        .confidence =
            "the largest file that the page takes is not documented; dob and age "
            "are left out: how to hash them in a file is not documented",
    },
    {
        .name = "linkedin",
        .title = "LinkedIn",
        .kind = RT_ROWS_PERSON,
        .header = true,
        .repeat_last = true,
        .columns = linkedin_columns,
        .ncolumns = COUNT(linkedin_columns),
        .needs = { BIT(L_EMAIL), BIT(L_FIRST) | BIT(L_LAST), BIT(L_GAID) },
        .minimum = 300,
        .minimum_matched = true,
        .max_rows = 300000,
        .max_bytes = 20000000,
        .email_rule = "lower case without any blank",
        .source =
            "linkedin.com/help/lms/answer/a1489764; LinkedIn_Ads_Contact_Match_Template",
        .confidence = NULL,
    },
    {
        .name = "adroll",
        .title = "AdRoll",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = adroll_columns,
        .ncolumns = COUNT(adroll_columns),
        .needs = { BIT(0) },
        .minimum = 100,
        .max_bytes = 10000000,
        .email_rule = "lower case, plain",
        .source = "help.adroll.com 211845528",
        .confidence = "hashed addresses are not documented, so they are left out",
    },
    {
        .name = "criteo",
        .title = "Criteo",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = criteo_columns,
        .ncolumns = COUNT(criteo_columns),
        .needs = { BIT(0) },
        .minimum = 501,
        .email_rule = "lower case",
        .source =
            "help.retailmedia.criteo.com, Contact Lists; help.criteo.com, OneTag hashing",
        .confidence = "that the file has no header line is not stated, only shown",
    },
    {
        .name = "csv",
        .title = "CSV",
        .kind = RT_ROWS_CONTACT,
        .header = true,
        .email_rule = "as it came",
        .phone_rule = "as it came",
        .source = "RFC 4180, lines ended by LF",
    },
    {
        .name = "ids",
        .title = "ids",
        .kind = RT_ROWS_KEY,
        .source = "one person key a line",
    },
};

static const char *const names[] = { "google-ads", "meta", "linkedin", "adroll", "criteo",
    "csv", "ids", NULL };

const struct rt_platform *rt_platform_get(struct rt_span name)
{
    for (size_t i = 0; i < sizeof platforms / sizeof *platforms; i++)
        if (rt_span_eq(name, rt_span_of(platforms[i].name)))
            return &platforms[i];
    return NULL;
}

const char *const *rt_platform_names(void)
{
    return names;
}

const char *rt_cell_form_name(enum rt_cell_form form)
{
    static const char *const texts[RT_CELL_FORMS] = { "plain", "plain", "SHA-256 hex",
        "SHA-256 Base64", "MD5 hex", "SHA-256 hex of the MD5 hex" };

    return texts[form];
}

unsigned rt_cell_form_takes(enum rt_cell_form form)
{
    static const unsigned kinds[RT_CELL_FORMS] = {
        [RT_CELL_SHA256_HEX] = RT_HASHED_SHA256_HEX,
        [RT_CELL_SHA256_BASE64] = RT_HASHED_SHA256_HEX | RT_HASHED_SHA256_BASE64,
        [RT_CELL_MD5_HEX] = RT_HASHED_MD5_HEX,
        [RT_CELL_SHA256_OF_MD5] = RT_HASHED_MD5_HEX,
    };

    return kinds[form];
}

static bool is_named(const char *const *names, struct rt_span name)
{
    for (; *names; names++)
        if (rt_span_eq(name, rt_span_of(*names)))
            return true;
    return false;
}

uint32_t rt_platform_columns(const struct rt_platform *p,
    const struct rt_contact_column *contacts, uint32_t ncontacts)
{
    for (uint32_t c = p->ncolumns - p->noptional; c < p->ncolumns; c++)
        for (uint32_t i = 0; i < ncontacts; i++)
            if (p->columns[c].field == RT_FIELD_NAMED
                    ? is_named(p->columns[c].names, contacts[i].name)
                    : p->columns[c].field == contacts[i].field)
                return p->ncolumns;
    return p->ncolumns - p->noptional;
}

/* ---- warnings */

enum { WARNINGS_MAX = 4, MATCH_LOW = 30, MATCH_HIGH = 70 }; /* per cent */

struct warnings {
    struct rt_arena *arena;
    struct rt_span *texts;
    uint32_t n;
    struct rt_buf text; /* of the one being made */
};

static int keep(struct warnings *w, int rc)
{
    struct rt_span copy;

    if (rc < 0)
        return RT_ENOMEM;
    copy = rt_arena_copy(w->arena, rt_buf_span(&w->text));
    rt_buf_reset(&w->text);
    if (!copy.p)
        return RT_ENOMEM;
    w->texts[w->n++] = copy;
    return RT_OK;
}

/* A minimum of people that the platform finds. How many it finds nobody can say; 30 to 70
 * of a hundred are what advertisers report. */
static int warn_matched(struct warnings *w, const struct rt_platform *p, uint64_t people)
{
    uint64_t low = people * MATCH_LOW / 100, high = people * MATCH_HIGH / 100;

    if (low >= p->minimum)
        return RT_OK;
    if (people < p->minimum)
        return keep(w,
            rt_buf_addf(&w->text, "%ju people; %s serves a list from %ju matched on",
                (uintmax_t)people, p->title, (uintmax_t)p->minimum));
    return keep(w,
        rt_buf_addf(&w->text,
            "%ju people; %s serves a list from %ju matched on, and 30 "
            "to 70 %% are usually "
            "matched: %ju to %ju",
            (uintmax_t)people, p->title, (uintmax_t)p->minimum, (uintmax_t)low,
            (uintmax_t)high));
}

static int warn_few(
    struct warnings *w, const struct rt_platform *p, struct rt_list_size size)
{
    int rc = RT_OK;

    if (p->minimum_matched)
        rc = warn_matched(w, p, size.people);
    else if (size.rows < p->minimum)
        rc = keep(w,
            rt_buf_addf(&w->text, "%ju row%s; %s needs at least %ju",
                (uintmax_t)size.rows, size.rows == 1 ? "" : "s", p->title,
                (uintmax_t)p->minimum));
    if (rc == RT_OK && size.people >= p->minimum && size.people < p->advised)
        rc = keep(w,
            rt_buf_addf(&w->text, "%ju people; %s advises about %ju",
                (uintmax_t)size.people, p->title, (uintmax_t)p->advised));
    return rc;
}

static int warn_many(
    struct warnings *w, const struct rt_platform *p, struct rt_list_size size)
{
    int rc = RT_OK;

    if (p->max_rows && size.rows > p->max_rows)
        rc = keep(w,
            rt_buf_addf(&w->text, "%ju rows; %s takes at most %ju in one file",
                (uintmax_t)size.rows, p->title, (uintmax_t)p->max_rows));
    if (rc == RT_OK && p->max_bytes && size.bytes > p->max_bytes)
        rc = keep(w,
            rt_buf_addf(&w->text, "%ju bytes; %s takes at most %ju in one file",
                (uintmax_t)size.bytes, p->title, (uintmax_t)p->max_bytes));
    return rc;
}

int rt_platform_warnings(const struct rt_platform *platform, struct rt_list_size size,
    struct rt_arena *arena, const struct rt_span **warnings, uint32_t *nwarnings)
{
    struct warnings w = { arena, NULL, 0, RT_BUF_INIT(1024) };
    int rc;

    *warnings = NULL;
    *nwarnings = 0;
    w.texts = rt_arena_new(arena, WARNINGS_MAX, sizeof *w.texts);
    if (!w.texts)
        return RT_ENOMEM;
    rc = warn_few(&w, platform, size);
    if (rc == RT_OK)
        rc = warn_many(&w, platform, size);
    rt_buf_release(&w.text);
    *warnings = w.texts;
    *nwarnings = w.n;
    return rc;
}
