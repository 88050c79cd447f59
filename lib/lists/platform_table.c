/*
 * The table of platforms. Columns first, then one entry a platform.
 *
 * What sets of columns make a row worth sending is each platform's own rule where it says
 * one; a column's bit is its place in its table, so the enums keep them in step.
 *
 * Where a platform documents no file for its web page, only an interface for programs,
 * the list has the identifiers in the form of that interface, one a line; `confidence`
 * says so. No platform says how lines are to end or whether a byte order mark is welcome:
 * lines end with LF and there is none, which all are known to read.
 */
#include "lists/platform_parts.h"

#include "lists/ldu.h"

#define BIT(i)   ((rt_columns)1 << (i))
#define COUNT(a) ((uint32_t)(sizeof(a) / sizeof *(a)))

/* clang-format off: one line a column */

#define HASHED(title, field, rule, many)                                                 \
    {                                                                                    \
        title, RT_PII_##field, NULL, rt_norm_##rule, RT_CELL_SHA256_HEX, many, 0         \
    }
#define PLAIN(title, field, rule, many)                                                  \
    {                                                                                    \
        title, RT_PII_##field, NULL, rt_norm_##rule, RT_CELL_PLAIN, many, 0              \
    }
#define TEXT(title, field, rule, many)                                                   \
    {                                                                                    \
        title, RT_PII_##field, NULL, rt_norm_##rule, RT_CELL_TEXT, many, 0               \
    }
#define NAMED(title, names, rule, form)                                                  \
    {                                                                                    \
        title, RT_FIELD_NAMED, names, rt_norm_##rule, RT_CELL_##form, 0, 0               \
    }

/* ---- Google: all four of an address make one identifier, fewer make none */

enum { G_EMAIL, G_PHONE, G_FIRST, G_LAST, G_COUNTRY, G_ZIP };

#define GOOGLE_ADDRESS (BIT(G_FIRST) | BIT(G_LAST) | BIT(G_COUNTRY) | BIT(G_ZIP))

static const struct rt_platform_column google_columns[] = {
    [G_EMAIL] = HASHED("Email", EMAIL, email_google, 3),
    [G_PHONE] = HASHED("Phone", PHONE, phone_plus, 3),
    [G_FIRST] = HASHED("First Name", FIRST_NAME, first_name_google, 0),
    [G_LAST] = HASHED("Last Name", LAST_NAME, last_name_google, 0),
    [G_COUNTRY] = PLAIN("Country", COUNTRY, country_upper, 0),
    [G_ZIP] = PLAIN("Zip", POSTCODE, postcode_google, 0),
};

static const struct rt_platform_column dv360_columns[] = {
    [G_EMAIL] = HASHED("Email", EMAIL, email_dv360, 3),
    [G_PHONE] = HASHED("Phone", PHONE, phone_plus, 3),
    [G_FIRST] = HASHED("First Name", FIRST_NAME, first_name_dv360, 0),
    [G_LAST] = HASHED("Last Name", LAST_NAME, last_name_dv360, 0),
    [G_COUNTRY] = PLAIN("Country", COUNTRY, country_upper, 0),
    [G_ZIP] = PLAIN("Zip", POSTCODE, postcode_google, 0),
};

static const struct rt_platform_column google_devices[] = {
    PLAIN("Mobile Device ID", MOBILE_ID, mobile_id, 1),
};

static const struct rt_platform_column google_user_ids[] = {
    PLAIN("User ID", USER_ID, text, 1),
};

static const struct rt_platform_column ga4_columns[] = {
    PLAIN("user_id", USER_ID, text, 1),
};

static const char *const ga4_preamble[] = { "user_id,{list}", NULL };

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
    M_VALUE,
    M_LDU,
    M_LDU_COUNTRY,
    M_LDU_STATE
};

static const char *const app_user_names[] = { "appuid", "app_user_id", "facebook_uid",
    NULL };
static const char *const value_names[] = { "value", "ltv", "lifetime_value",
    "customer_value", NULL };
static const char *const ldu_names[] = { "data_processing_options", NULL };
static const char *const ldu_country_names[] = { "data_processing_options_country",
    NULL };
static const char *const ldu_state_names[] = { "data_processing_options_state", NULL };

static const struct rt_platform_column meta_columns[] = {
    [M_EMAIL] = HASHED("email", EMAIL, email_meta, 3),
    [M_PHONE] = HASHED("phone", PHONE, phone_digits, 3),
    [M_MADID] = PLAIN("madid", MOBILE_ID, mobile_id_lower, 0),
    [M_FN] = HASHED("fn", FIRST_NAME, name_meta, 0),
    [M_LN] = HASHED("ln", LAST_NAME, name_meta, 0),
    [M_ZIP] = HASHED("zip", POSTCODE, postcode_meta, 0),
    [M_CT] = HASHED("ct", CITY, city_meta, 0),
    [M_ST] = HASHED("st", REGION, region_meta, 0),
    [M_COUNTRY] = HASHED("country", COUNTRY, country_lower, 0),
    [M_DOBY] = HASHED("doby", BIRTH_DATE, birth_year, 0),
    [M_GEN] = HASHED("gen", GENDER, gender, 0),
    [M_UID] = NAMED("uid", app_user_names, app_user_id, PLAIN),
    [M_VALUE] = NAMED("value", value_names, amount, PLAIN),
    [M_LDU] = NAMED("data_processing_options", ldu_names, ldu, PLAIN),
    [M_LDU_COUNTRY] =
        NAMED("data_processing_options_country", ldu_country_names, ldu_country, PLAIN),
    [M_LDU_STATE] =
        NAMED("data_processing_options_state", ldu_state_names, ldu_state, PLAIN),
};

/* ---- LinkedIn: titles and their order must not be changed */

enum { L_EMAIL, L_FIRST, L_LAST, L_TITLE, L_COMPANY, L_COUNTRY, L_GAID };

static const char *const title_names[] = { "jobtitle", "job_title", "title", "position",
    NULL };
static const char *const company_names[] = { "employeecompany", "employee_company",
    "company", "company_name", "companyname", "employer", "organization", "organisation",
    NULL };

static const struct rt_platform_column linkedin_columns[] = {
    [L_EMAIL] = HASHED("email", EMAIL, email_linkedin, 1),
    [L_FIRST] = TEXT("firstname", FIRST_NAME, linkedin_name, 0),
    [L_LAST] = TEXT("lastname", LAST_NAME, linkedin_name, 0),
    [L_TITLE] = NAMED("jobtitle", title_names, linkedin_work, TEXT),
    [L_COMPANY] = NAMED("employeecompany", company_names, linkedin_work, TEXT),
    [L_COUNTRY] = PLAIN("country", COUNTRY, country_upper, 0),
    [L_GAID] = PLAIN("googleaid", MOBILE_ID, google_aid, 0),
};

/* Companies of contacts. City, state and postcode of a contact row are where the person
 * lives: the company's are taken from columns that say so alone. */
enum {
    C_NAME,
    C_WEBSITE,
    C_DOMAIN,
    C_PAGE,
    C_STOCK,
    C_INDUSTRY,
    C_CITY,
    C_STATE,
    C_COUNTRY,
    C_ZIP
};

static const char *const website_names[] = { "companywebsite", "company_website",
    "website", NULL };
static const char *const domain_names[] = { "companyemaildomain", "company_email_domain",
    "company_domain", "email_domain", NULL };
static const char *const page_names[] = { "linkedincompanypageurl",
    "linkedin_company_page_url", "linkedin_company_url", "company_linkedin_url", NULL };
static const char *const stock_names[] = { "stocksymbol", "stock_symbol", "ticker",
    NULL };
static const char *const industry_names[] = { "industry", "company_industry", NULL };
static const char *const company_city_names[] = { "company_city", "companycity", NULL };
static const char *const company_state_names[] = { "company_state", "companystate",
    "company_region", NULL };
static const char *const company_country_names[] = { "companycountry", "company_country",
    NULL };
static const char *const company_zip_names[] = { "company_zip", "company_zipcode",
    "company_postcode", "company_postal_code", NULL };

static const struct rt_platform_column linkedin_companies[] = {
    [C_NAME] = NAMED("companyname", company_names, text, TEXT),
    [C_WEBSITE] = NAMED("companywebsite", website_names, domain, TEXT),
    [C_DOMAIN] = NAMED("companyemaildomain", domain_names, email_domain, TEXT),
    [C_PAGE] = NAMED("linkedincompanypageurl", page_names, linkedin_page, TEXT),
    [C_STOCK] = NAMED("stocksymbol", stock_names, text, TEXT),
    [C_INDUSTRY] = NAMED("industry", industry_names, text, TEXT),
    [C_CITY] = NAMED("city", company_city_names, text, TEXT),
    [C_STATE] = NAMED("state", company_state_names, text, TEXT),
    [C_COUNTRY] = NAMED("companycountry", company_country_names, country_upper, PLAIN),
    [C_ZIP] = NAMED("zipcode", company_zip_names, text, TEXT),
};

/* ---- one row a person, several sorts of identifiers */

enum { T_EMAIL, T_PHONE, T_MAID };

static const struct rt_platform_column tiktok_columns[] = {
    [T_EMAIL] = HASHED("Email_SHA256", EMAIL, email_linkedin, 3),
    [T_PHONE] = HASHED("Phone_SHA256", PHONE, phone_digits, 3),
    [T_MAID] = HASHED("MAID_SHA256", MOBILE_ID, mobile_id_lower, 3),
};

static const struct rt_platform_column openai_columns[] = {
    [T_EMAIL] = HASHED("email_sha256", EMAIL, email_plain, 1),
    [T_PHONE] = HASHED("phone_number_sha256", PHONE, phone_plus, 1),
    [T_MAID] = PLAIN("gaid", MOBILE_ID, google_aid_lower, 1),
};

static const struct rt_platform_column yandex_columns[] = {
    [T_EMAIL] = HASHED("email", EMAIL, email_plain, 1),
    [T_PHONE] = HASHED("phone", PHONE, phone_digits, 1),
};

enum {
    A_EMAIL,
    A_PHONE,
    A_FIRST,
    A_LAST,
    A_ADDRESS,
    A_CITY,
    A_STATE,
    A_POSTAL,
    A_COUNTRY
};

static const struct rt_platform_column amazon_columns[] = {
    [A_EMAIL] = HASHED("email", EMAIL, email_amazon, 1),
    [A_PHONE] = HASHED("phone", PHONE, phone_digits, 1),
    [A_FIRST] = HASHED("firstname", FIRST_NAME, name_amazon, 0),
    [A_LAST] = HASHED("lastname", LAST_NAME, name_amazon, 0),
    [A_ADDRESS] = HASHED("address", STREET, street_amazon, 0),
    [A_CITY] = HASHED("city", CITY, city_amazon, 0),
    [A_STATE] = HASHED("state", REGION, region_amazon, 0),
    [A_POSTAL] = HASHED("postal", POSTCODE, postcode_amazon, 0),
    [A_COUNTRY] = PLAIN("countryCode", COUNTRY, country_upper, 0),
};

/* ---- services that send mail: nothing is hashed */

enum { S_EMAIL, S_FIRST, S_LAST, S_PHONE, S_COUNTRY };

static const struct rt_platform_column mailchimp_columns[] = {
    [S_EMAIL] = PLAIN("Email Address", EMAIL, email_mailchimp, 1),
    [S_FIRST] = TEXT("First Name", FIRST_NAME, text_mailchimp, 0),
    [S_LAST] = TEXT("Last Name", LAST_NAME, text_mailchimp, 0),
    [S_PHONE] = PLAIN("Phone Number", PHONE, phone_plus, 1),
};

static const struct rt_platform_column klaviyo_columns[] = {
    [S_EMAIL] = PLAIN("Email", EMAIL, email_typed, 1),
    [S_FIRST] = TEXT("First Name", FIRST_NAME, text, 0),
    [S_LAST] = TEXT("Last Name", LAST_NAME, text, 0),
    [S_PHONE] = PLAIN("Phone Number", PHONE, phone_plus, 1),
    [S_COUNTRY] = PLAIN("Country", COUNTRY, country_upper, 0),
};

/* ---- one identifier a row */

enum { R_HASHED, R_PLAIN, R_MAID };

static const char *const nothing[] = { NULL };

static const struct rt_platform_column reddit_columns[] = {
    [R_HASHED] = HASHED("Emails (hashed)", EMAIL, email_reddit, 1),
    [R_PLAIN] = { "Emails (unhashed)", RT_FIELD_NAMED, nothing, rt_norm_email_reddit,
        RT_CELL_PLAIN, 1, 0 },
    [R_MAID] = PLAIN("Mobile Ad IDs (unhashed)", MOBILE_ID, mobile_id_by_kind, 1),
};

static const struct rt_platform_column email_sha256[] = {
    HASHED("email", EMAIL, email_plain, 1),
};

/* Pinterest takes MD5 and SHA-1 too, in any mix. Of device ids no MD5: its 32 hex digits
 * may as well be an id without its hyphens. */
static const struct rt_platform_column pinterest_emails[] = {
    { "email", RT_PII_EMAIL, NULL, rt_norm_email_plain, RT_CELL_SHA256_HEX, 1,
        RT_HASHED_MD5_HEX | RT_HASHED_SHA1_HEX },
};
static const struct rt_platform_column pinterest_devices[] = {
    { "device", RT_PII_MOBILE_ID, NULL, rt_norm_mobile_id_lower, RT_CELL_SHA256_HEX, 1,
        RT_HASHED_SHA1_HEX },
};
static const struct rt_platform_column email_blank_free_sha256[] = {
    HASHED("email", EMAIL, email_linkedin, 1),
};
static const struct rt_platform_column email_as_text[] = {
    PLAIN("email", EMAIL, email_plain, 1),
};
static const struct rt_platform_column email_md5[] = {
    { "email", RT_PII_EMAIL, NULL, rt_norm_email_plain, RT_CELL_MD5_HEX, 1, 0 },
};
static const struct rt_platform_column email_sha256_of_md5[] = {
    { "email", RT_PII_EMAIL, NULL, rt_norm_email_plain, RT_CELL_SHA256_OF_MD5, 1, 0 },
};
static const struct rt_platform_column email_uid2[] = {
    { "email", RT_PII_EMAIL, NULL, rt_norm_email_uid2, RT_CELL_SHA256_BASE64, 1, 0 },
};
static const struct rt_platform_column phone_uid2[] = {
    { "phone", RT_PII_PHONE, NULL, rt_norm_phone_uid2, RT_CELL_SHA256_BASE64, 1, 0 },
};
static const struct rt_platform_column phone_sha256[] = {
    HASHED("phone", PHONE, phone_digits, 1),
};
static const struct rt_platform_column device_sha256[] = {
    HASHED("device", MOBILE_ID, mobile_id_lower, 1),
};
static const struct rt_platform_column device_as_text[] = {
    PLAIN("device", MOBILE_ID, mobile_id, 1),
};

/* Microsoft's Bulk file: the version, the list, then its items; negative ids stand for
 * what the file itself makes. */
static const char *const microsoft_preamble[] = {
    "Type,Status,Id,Parent Id,Client Id,Modified Time,Name,Description,Scope,Audience,"
    "Action Type,Accept Customer Match Term,Membership Duration,Sub Type,Text",
    "Format Version,,,,,,6.0,,,,,,,,",
    "Customer List,Active,-10,,,,,,Account,{list},Add,True,30,,", NULL
};

static const struct rt_platform_column microsoft_columns[] = {
    HASHED("Text", EMAIL, email_plain, 1),
};

/* clang-format on */

/* ---- phrases that several platforms share */

#define LOWER        "outer blanks cut, lower case; dots and +tag kept"
#define LOWER_TIGHT  "all blanks cut, lower case; dots and +tag kept"
#define GOOGLE_EMAIL "lower case; at gmail.com and googlemail.com without dots and +tag"
#define PLUS         "E.164 with +"
#define DIGITS       "digits with country code, no +"
#define MAIDS_LOWER  "lower case, with hyphens"
#define UI_REMOVES   "the platform's page adds, removes or replaces people by a file"
#define UNSEEN_HEADER                                                                    \
    "the file of the platform's page is not documented; one identifier a line without "  \
    "a header line is what its other documents show"
#define GOOGLE_SOURCE                                                                    \
    "support.google.com/google-ads/answer/7659867 and 6276125; "                         \
    "Data Manager API, devguides/concepts/formatting (2026)"

#define CRITEO_SOURCE                                                                    \
    "help.retailmedia.criteo.com, Contact Lists; help.criteo.com, OneTag hashing"
#define X_SOURCE                                                                         \
    "business.x.com, List Custom Audiences; X Ads API, Custom Audiences User Data; X's " \
    "hash_tailored_audience_file.py"
#define SNAP_SOURCE                                                                      \
    "developers.snap.com, Customer Lists; forbusiness.snapchat.com, custom audiences"

const struct rt_platform rt_platforms[] = {
    {
        .name = "google-ads",
        .title = "Google Ads",
        .kind = RT_ROWS_PERSON,
        .header = true,
        .drop_unused = true,
        .columns = google_columns,
        .ncolumns = COUNT(google_columns),
        .needs = { BIT(G_EMAIL), BIT(G_PHONE), GOOGLE_ADDRESS },
        .together = GOOGLE_ADDRESS,
        .minimum = 1000,
        .minimum_matched = true,
        .advised = 5000,
        .max_bytes = UINT64_C(5000000000),
        .email_rule = GOOGLE_EMAIL,
        .phone_rule = PLUS,
        .about = "Customer Match. First name, last name, country and postcode count "
                 "together or not at all. Consent is given for the whole upload: lists "
                 "of people in the EEA need segments that ask for it (key `consent`).",
        .removal = UI_REMOVES "; people leave by themselves after at most 540 days",
        .source = GOOGLE_SOURCE,
        .confidence = "the 5 GB are of an older help page",
    },
    {
        .name = "google-ads-devices",
        .title = "Google Ads device ids",
        .kind = RT_ROWS_IDENTIFIER,
        .header = true,
        .columns = google_devices,
        .ncolumns = COUNT(google_devices),
        .needs = { BIT(0) },
        .minimum = 1000,
        .minimum_matched = true,
        .advised = 5000,
        .max_bytes = UINT64_C(5000000000),
        .about = "Customer Match by mobile advertising ids, as they were issued; they "
                 "cannot be mixed with other identifiers.",
        .removal = UI_REMOVES,
        .source = "support.google.com/google-ads/answer/7659867",
        .confidence = "the header line is that of a third party's writer",
    },
    {
        .name = "google-ads-user-ids",
        .title = "Google Ads user ids",
        .kind = RT_ROWS_IDENTIFIER,
        .header = true,
        .columns = google_user_ids,
        .ncolumns = COUNT(google_user_ids),
        .needs = { BIT(0) },
        .minimum = 1000,
        .minimum_matched = true,
        .advised = 5000,
        .max_bytes = UINT64_C(5000000000),
        .about =
            "Customer Match by the advertiser's own user ids, which its tags send to "
            "Google too; as they are in events and contact files.",
        .removal = UI_REMOVES,
        .source = "support.google.com/google-ads/answer/7659867",
        .confidence = "the header line is not documented",
    },
    {
        .name = "dv360",
        .title = "Display & Video 360",
        .kind = RT_ROWS_PERSON,
        .header = true,
        .drop_unused = true,
        .columns = dv360_columns,
        .ncolumns = COUNT(dv360_columns),
        .needs = { BIT(G_EMAIL), BIT(G_PHONE), GOOGLE_ADDRESS },
        .together = GOOGLE_ADDRESS,
        .minimum = 1000,
        .minimum_matched = true,
        .email_rule = "all blanks cut, " GOOGLE_EMAIL,
        .phone_rule = PLUS,
        .about = "Customer Match of Display & Video 360: as Google Ads, but names lose "
                 "their inner blanks.",
        .removal = "members are added and removed; they leave after at most 540 days",
        .source = "Display & Video 360 API, guides/audiences/upload-customer-match; "
                  "support.google.com/displayvideo/answer/14673239",
        .confidence = "the header line of its file is not documented: Google Ads' is "
                      "used; minimum as for Google Ads",
    },
    {
        .name = "meta",
        .title = "Meta",
        .kind = RT_ROWS_PERSON,
        .header = true,
        .repeat_last = true,
        .columns = meta_columns,
        .ncolumns = COUNT(meta_columns),
        .noptional = 3,
        .needs = { BIT(M_EMAIL), BIT(M_PHONE), BIT(M_MADID), BIT(M_UID),
            BIT(M_FN) | BIT(M_LN) },
        .minimum = 100,
        .email_rule = "outer blanks cut, lower case; ASCII only",
        .phone_rule = DIGITS,
        .about =
            "Custom Audiences of Facebook and Instagram. `value`, from a contact "
            "column value, ltv, lifetime_value or customer_value, serves value-based "
            "lookalikes. The three columns of Limited Data Use are there when the "
            "contact files have one of them.",
        .removal = UI_REMOVES,
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
        .email_rule = LOWER_TIGHT,
        .about = "Matched Audiences, contact list. Each part makes an audience of its "
                 "own.",
        .removal = "none by file: upload the whole list anew",
        .source =
            "linkedin.com/help/lms/answer/a1489764; LinkedIn_Ads_Contact_Match_Template",
    },
    {
        .name = "linkedin-companies",
        .title = "LinkedIn companies",
        .kind = RT_ROWS_PERSON,
        .header = true,
        .columns = linkedin_companies,
        .ncolumns = COUNT(linkedin_companies),
        .needs = { BIT(C_NAME), BIT(C_WEBSITE), BIT(C_DOMAIN), BIT(C_PAGE),
            BIT(C_STOCK) },
        .minimum = 300,
        .max_rows = 300000,
        .max_bytes = 20000000,
        .about = "Matched Audiences, company list: the companies of the people of a "
                 "segment, from contact columns such as company, company_website, "
                 "company_domain, company_city. Where a person lives is never written.",
        .removal = "none by file: upload the whole list anew",
        .source =
            "LinkedIn_Ads_Account_Match_Template, as several public exporters write "
            "it; linkedin.com/help/lms/answer/a1489764 for the limits",
        .confidence = "the header line was not seen on LinkedIn's own site",
    },
    {
        .name = "tiktok",
        .title = "TikTok",
        .kind = RT_ROWS_PERSON,
        .header = true,
        .drop_unused = true,
        .columns = tiktok_columns,
        .ncolumns = COUNT(tiktok_columns),
        .needs = { BIT(T_EMAIL), BIT(T_PHONE), BIT(T_MAID) },
        .minimum = 1000,
        .minimum_matched = true,
        .max_bytes = 999999999,
        .email_rule = LOWER_TIGHT,
        .phone_rule = DIGITS,
        .about = "Custom Audience from a customer file.",
        .removal = UI_REMOVES,
        .source = "ads.tiktok.com/help, supported IDs and formats for a customer file "
                  "(editions of August and September 2025)",
        .confidence = "of telephone numbers the newest page advises + and takes digits "
                      "too, the page before it takes digits alone, and the digest that "
                      "both print is that of digits: so digits; one page prints "
                      "Email_SHA 256 with a blank, most likely by its typesetting",
    },
    {
        .name = "pinterest",
        .title = "Pinterest",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = pinterest_emails,
        .ncolumns = COUNT(pinterest_emails),
        .needs = { BIT(0) },
        .minimum = 100,
        .minimum_matched = true,
        .email_rule = LOWER,
        .about = "Customer list of e-mail addresses; an audience is then made from it. "
                 "Addresses that are MD5 or SHA-1 digests already are taken as they "
                 "are.",
        .removal = UI_REMOVES,
        .source = "pinterest/api-description v5/openapi.yaml (December 2025)",
        .confidence = UNSEEN_HEADER,
    },
    {
        .name = "pinterest-devices",
        .title = "Pinterest device ids",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = pinterest_devices,
        .ncolumns = COUNT(pinterest_devices),
        .needs = { BIT(0) },
        .minimum = 100,
        .minimum_matched = true,
        .about = "Customer list of mobile advertising ids, " MAIDS_LOWER ".",
        .removal = UI_REMOVES,
        .source = "pinterest/api-description v5/openapi.yaml (December 2025)",
        .confidence = UNSEEN_HEADER "; that ids are to be in lower case is not stated",
    },
    {
        .name = "x",
        .title = "X",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = email_blank_free_sha256,
        .ncolumns = COUNT(email_blank_free_sha256),
        .needs = { BIT(0) },
        .max_bytes = UINT64_C(10000000000),
        .email_rule = LOWER_TIGHT,
        .about =
            "List Custom Audience of e-mail addresses; the page asks what the column "
            "holds.",
        .removal = "upload a new list; the interface for programs removes people",
        .source = X_SOURCE,
        .confidence = "the 10 GB are of an older page; how small a list may be is not "
                      "stated",
    },
    {
        .name = "x-phone",
        .title = "X telephone numbers",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = phone_sha256,
        .ncolumns = COUNT(phone_sha256),
        .needs = { BIT(0) },
        .max_bytes = UINT64_C(10000000000),
        .phone_rule = DIGITS,
        .about = "List Custom Audience of telephone numbers.",
        .removal = "upload a new list; the interface for programs removes people",
        .source = X_SOURCE,
        .confidence = "the rule is that of X's own hashing tool, of 2016",
    },
    {
        .name = "x-devices",
        .title = "X device ids",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = device_sha256,
        .ncolumns = COUNT(device_sha256),
        .needs = { BIT(0) },
        .max_bytes = UINT64_C(10000000000),
        .about = "List Custom Audience of mobile advertising ids, " MAIDS_LOWER ".",
        .removal = "upload a new list; the interface for programs removes people",
        .source = X_SOURCE,
        .confidence = "the 10 GB are of an older page",
    },
    {
        .name = "snapchat",
        .title = "Snapchat",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = email_sha256,
        .ncolumns = COUNT(email_sha256),
        .needs = { BIT(0) },
        .minimum = 1000,
        .minimum_matched = true,
        .email_rule = LOWER,
        .about =
            "Customer list of e-mail addresses: a list holds one sort of identifier.",
        .removal = "the interface for programs adds and removes people",
        .source = SNAP_SOURCE,
        .confidence = UNSEEN_HEADER,
    },
    {
        .name = "snapchat-phone",
        .title = "Snapchat telephone numbers",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = phone_sha256,
        .ncolumns = COUNT(phone_sha256),
        .needs = { BIT(0) },
        .minimum = 1000,
        .minimum_matched = true,
        .phone_rule = DIGITS,
        .about = "Customer list of telephone numbers.",
        .removal = "the interface for programs adds and removes people",
        .source = SNAP_SOURCE,
        .confidence = UNSEEN_HEADER,
    },
    {
        .name = "snapchat-devices",
        .title = "Snapchat device ids",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = device_sha256,
        .ncolumns = COUNT(device_sha256),
        .needs = { BIT(0) },
        .minimum = 1000,
        .minimum_matched = true,
        .about = "Customer list of mobile advertising ids, " MAIDS_LOWER ".",
        .removal = "the interface for programs adds and removes people",
        .source = SNAP_SOURCE,
        .confidence = UNSEEN_HEADER,
    },
    {
        .name = "microsoft-ads",
        .title = "Microsoft Advertising",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = microsoft_columns,
        .ncolumns = COUNT(microsoft_columns),
        .needs = { BIT(0) },
        .preamble = microsoft_preamble,
        .before = "Customer List Item,,,-10,,,,,,,,,,Email,",
        .max_name = 128,
        .minimum = 300,
        .minimum_matched = true,
        .email_rule = LOWER,
        .about =
            "Bulk file that makes a customer list of the segment's name, of which "
            "Microsoft takes 128 characters, for 30 days. "
            "It accepts Microsoft's Customer Match terms (Accept Customer Match Term "
            "is True): read them before you upload it.",
        .removal =
            "a file with the action Remove or Replace; people leave after 180 days "
            "without activity",
        .source = "MicrosoftDocs/Advertising, bulk-service/customer-list.md and "
                  "customer-list-item.md (December 2025, January 2026)",
        .confidence = "how addresses are to be normalised is not documented for lists; "
                      "files of before 2025 have two columns fewer",
    },
    {
        .name = "reddit",
        .title = "Reddit",
        .kind = RT_ROWS_IDENTIFIER,
        .header = true,
        .columns = reddit_columns,
        .ncolumns = COUNT(reddit_columns),
        .needs = { BIT(R_HASHED), BIT(R_MAID) },
        .minimum = 1000,
        .minimum_matched = true,
        .email_rule =
            "lower case; everywhere without +tag and all but letters and digits "
            "of the user part",
        .about = "Custom Audience from a customer list; the column of unhashed addresses "
                 "stays empty.",
        .removal = UI_REMOVES,
        .source = "Reddit Ads, manual advanced matching; the header line from one public "
                  "code base",
        .confidence = "the header line is not in Reddit's own documents",
    },
    {
        .name = "amazon-ads",
        .title = "Amazon Ads",
        .kind = RT_ROWS_PERSON,
        .header = true,
        .repeat_last = true,
        .columns = amazon_columns,
        .ncolumns = COUNT(amazon_columns),
        .needs = { BIT(A_EMAIL), BIT(A_PHONE),
            BIT(A_FIRST) | BIT(A_LAST) | BIT(A_ADDRESS) | BIT(A_COUNTRY),
            BIT(A_FIRST) | BIT(A_LAST) | BIT(A_POSTAL) | BIT(A_COUNTRY) },
        .email_rule = "lower case; letters, digits, _ . @ - alone, so that + goes and "
                      "its tag stays",
        .phone_rule = DIGITS,
        .about =
            "Advertiser audience of Amazon DSP and Marketing Cloud. Consent of people "
            "in the EEA and the UK is told to Amazon beside the file: use segments "
            "that ask for it (key `consent`).",
        .removal = "the interface for programs removes people; they leave after at most "
                   "397 days",
        .source =
            "aws-solutions/amazon-marketing-cloud-uploader-from-aws (October 2025); "
            "advertising.amazon.com/help/GCCXMZYCK4RXWS6C",
        .confidence = "the header line of the page's file is not documented: the fields' "
                      "names of the interface are used; sources differ on + and _ in "
                      "addresses, Amazon's own is followed",
    },
    {
        .name = "uid2",
        .title = "UID2",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = email_uid2,
        .ncolumns = COUNT(email_uid2),
        .needs = { BIT(0) },
        .minimum = 1500,
        .max_rows = 100000000,
        .email_rule = "A-Z to lower case; at gmail.com, not googlemail.com, without dots "
                      "and +tag",
        .about = "Unified ID 2.0 and The Trade Desk (type EmailHashedUnifiedId2): Base64 "
                 "of the 32 bytes of the digest.",
        .removal = "each upload replaces the list; it lasts at most 180 days",
        .source = "IABTechLab/uid2docs, Normalization and Encoding (August 2026)",
        .confidence = "minimum, maximum and the file without a header line are The Trade "
                      "Desk's, from a third party's code",
    },
    {
        .name = "uid2-phone",
        .title = "UID2 telephone numbers",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = phone_uid2,
        .ncolumns = COUNT(phone_uid2),
        .needs = { BIT(0) },
        .phone_rule = "E.164 with +, 10 to 15 digits",
        .about = "Unified ID 2.0: Base64 of the 32 bytes of the digest.",
        .removal = "each upload replaces the list",
        .source = "IABTechLab/uid2docs, Normalization and Encoding (August 2026)",
        .confidence = "that a file has one a line and no header line is taken over from "
                      "e-mail addresses",
    },
    {
        .name = "criteo",
        .title = "Criteo",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = email_sha256,
        .ncolumns = COUNT(email_sha256),
        .needs = { BIT(0) },
        .minimum = 501,
        .email_rule = LOWER,
        .about = "Contact list of SHA-256 digests, the form that Criteo moves to.",
        .removal = UI_REMOVES,
        .source = CRITEO_SOURCE,
        .confidence = "that the file has no header line is not stated, only shown",
    },
    {
        .name = "criteo-plain",
        .title = "Criteo, plain",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = email_as_text,
        .ncolumns = COUNT(email_as_text),
        .needs = { BIT(0) },
        .minimum = 501,
        .email_rule = LOWER,
        .about = "Contact list of plain addresses.",
        .removal = UI_REMOVES,
        .source = CRITEO_SOURCE,
        .confidence = "that the file has no header line is not stated, only shown",
    },
    {
        .name = "criteo-md5",
        .title = "Criteo, MD5",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = email_md5,
        .ncolumns = COUNT(email_md5),
        .needs = { BIT(0) },
        .minimum = 501,
        .email_rule = LOWER,
        .about = "Contact list of MD5 digests, the older form.",
        .removal = UI_REMOVES,
        .source = CRITEO_SOURCE,
        .confidence = "that the file has no header line is not stated, only shown",
    },
    {
        .name = "criteo-sha256-md5",
        .title = "Criteo, SHA-256 of MD5",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = email_sha256_of_md5,
        .ncolumns = COUNT(email_sha256_of_md5),
        .needs = { BIT(0) },
        .minimum = 501,
        .email_rule = LOWER,
        .about = "Contact list of SHA-256 digests of MD5 digests, an older form.",
        .removal = UI_REMOVES,
        .source = CRITEO_SOURCE,
        .confidence = "no example is published: the SHA-256 is taken of the MD5's 32 hex "
                      "digits in lower case; that the file has no header line is not "
                      "stated, only shown",
    },
    {
        .name = "criteo-devices",
        .title = "Criteo device ids",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = device_as_text,
        .ncolumns = COUNT(device_as_text),
        .needs = { BIT(0) },
        .minimum = 501,
        .about = "Contact list of mobile advertising ids, as they were issued.",
        .removal = UI_REMOVES,
        .source = CRITEO_SOURCE,
        .confidence = "that the file has no header line is not stated, only shown",
    },
    {
        .name = "adroll",
        .title = "AdRoll",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = email_as_text,
        .ncolumns = COUNT(email_as_text),
        .needs = { BIT(0) },
        .minimum = 100,
        .max_bytes = 10000000,
        .email_rule = LOWER ", plain",
        .about = "CRM list. Each part makes an audience of its own.",
        .removal = "none: a list cannot be changed and lasts 120 days",
        .source = "help.adroll.com 211845528",
        .confidence = "hashed addresses are not documented, so they are left out",
    },
    {
        .name = "yahoo-dsp",
        .title = "Yahoo DSP",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = email_blank_free_sha256,
        .ncolumns = COUNT(email_blank_free_sha256),
        .needs = { BIT(0) },
        .max_rows = 2000000,
        .email_rule = LOWER_TIGHT,
        .about = "E-mail audience.",
        .removal = "replace the audience's file",
        .source = "developer.yahoo.com/dsp/docs/audiences/emailaudience.html",
        .confidence = "the page is of years ago; that there is no header line is not "
                      "stated",
    },
    {
        .name = "openai-ads",
        .title = "OpenAI Ads",
        .kind = RT_ROWS_PERSON,
        .header = true,
        .columns = openai_columns,
        .ncolumns = COUNT(openai_columns),
        .needs = { BIT(T_EMAIL), BIT(T_PHONE), BIT(T_MAID) },
        .minimum = 25000,
        .minimum_matched = true,
        .max_rows = 5000000,
        .max_bytes = 500000000,
        .email_rule = LOWER,
        .phone_rule = PLUS,
        .about = "Customer list; a file of several sorts of identifiers is uploaded with "
                 "identifier_resolution=auto. Not for people in the EEA and Switzerland. "
                 "25,000 matched people are asked for to include them, none to exclude.",
        .removal = UI_REMOVES,
        .source = "OpenAI Ads documentation, customer lists (2026)",
        .confidence = "an Apple id in the column gaid finds nobody: which ids are "
                      "Apple's only the title of their column (idfa) can tell",
    },
    {
        .name = "yandex",
        .title = "Yandex Audience",
        .kind = RT_ROWS_PERSON,
        .header = true,
        .columns = yandex_columns,
        .ncolumns = COUNT(yandex_columns),
        .needs = { BIT(T_EMAIL), BIT(T_PHONE) },
        .minimum = 100,
        .max_bytes = 1000000000,
        .email_rule = LOWER,
        .phone_rule = DIGITS,
        .about = "Segment of CRM data; say on the page that the data is hashed.",
        .removal = "replace the segment's file",
        .source = "Yandex Audience help, CRM data (SHA-256 alone since January 2025)",
    },
    {
        .name = "mailchimp",
        .title = "Mailchimp",
        .kind = RT_ROWS_PERSON,
        .header = true,
        .repeat_last = true,
        .columns = mailchimp_columns,
        .ncolumns = COUNT(mailchimp_columns),
        .needs = { BIT(S_EMAIL) },
        .email_rule = "as typed, outer blanks cut; ASCII before the @",
        .phone_rule = PLUS,
        .about =
            "Import of contacts; labels are mapped at import. There is no column of "
            "consent: what people agreed to is the segment's to ask (key `consent`), "
            "and the import's page asks for the status.",
        .removal = "unsubscribe or archive by a file of addresses",
        .source = "mailchimp.com/help/format-guidelines-for-your-import-file",
        .confidence = "labels are the usual ones, any are taken",
    },
    {
        .name = "klaviyo",
        .title = "Klaviyo",
        .kind = RT_ROWS_PERSON,
        .header = true,
        .columns = klaviyo_columns,
        .ncolumns = COUNT(klaviyo_columns),
        .needs = { BIT(S_EMAIL), BIT(S_PHONE) },
        .max_bytes = 50000000,
        .email_rule = "as typed, outer blanks cut",
        .phone_rule = PLUS,
        .about =
            "Import of a list. Klaviyo's columns of consent are left out, since they "
            "would say more than is known: what people agreed to is the segment's to "
            "ask (key `consent`).",
        .removal = "suppress or unsubscribe by a file of addresses",
        .source = "help.klaviyo.com 115005078967 and 360043841811",
    },
    {
        .name = "ga4-user-data",
        .title = "Google Analytics 4",
        .kind = RT_ROWS_IDENTIFIER,
        .columns = ga4_columns,
        .ncolumns = COUNT(ga4_columns),
        .needs = { BIT(0) },
        .preamble = ga4_preamble,
        .after = ",1",
        .about = "Data import of user data by user id: the column of the segment's name "
                 "holds 1 and is mapped to a user-scoped custom dimension, on which an "
                 "audience can be built.",
        .removal = "what was imported stays until an import with another value for the "
                   "same user id",
        .source = "support.google.com/analytics/answer/10071143",
        .confidence = "the header line is free: columns are mapped on the page",
    },
    {
        .name = "jsonl",
        .title = "JSON lines",
        .kind = RT_ROWS_CONTACT,
        .line = RT_LINE_JSON,
        .email_rule = "as it came",
        .phone_rule = "as it came",
        .about = "For programs: an object for each contact row, with the person's key; "
                 "empty cells are left out, and so are values that are no UTF-8.",
        .source = "RFC 8259, an object a line",
    },
    {
        .name = "csv",
        .title = "CSV",
        .kind = RT_ROWS_CONTACT,
        .header = true,
        .guarded = true,
        .email_rule = "as it came",
        .phone_rule = "as it came",
        .about =
            "For people and other tools: the contact rows as they came, with the "
            "person's key. A cell that a spreadsheet would run gets an apostrophe in "
            "front.",
        .source = "RFC 4180, lines ended by LF; OWASP, CSV Injection",
    },
    {
        .name = "ids",
        .title = "ids",
        .kind = RT_ROWS_KEY,
        .about = "The keys of the people, one a line.",
        .source = "one person key a line",
    },
};

const size_t rt_nplatforms = COUNT(rt_platforms);

static const char *const names[] = { "google-ads", "google-ads-devices",
    "google-ads-user-ids", "dv360", "meta", "linkedin", "linkedin-companies", "tiktok",
    "pinterest", "pinterest-devices", "x", "x-phone", "x-devices", "snapchat",
    "snapchat-phone", "snapchat-devices", "microsoft-ads", "reddit", "amazon-ads", "uid2",
    "uid2-phone", "criteo", "criteo-plain", "criteo-md5", "criteo-sha256-md5",
    "criteo-devices", "adroll", "yahoo-dsp", "openai-ads", "yandex", "mailchimp",
    "klaviyo", "ga4-user-data", "jsonl", "csv", "ids", NULL };

const char *const *rt_platform_names(void)
{
    return names;
}
