/* The headers of the rules have the whole of it, and the sources. */
#include "lists/rule_text.h"

#include "lists/ldu.h"

static const struct {
    rt_norm_fn *rule;
    const char *text;
} texts[] = {
    { rt_norm_first_name_google, "lower case, without mr. mrs. ms. dr. in front" },
    { rt_norm_last_name_google,
        "lower case, without jr sr 2nd 3rd ii iii iv v vi cpa dc dds vm jd md phd at the "
        "end" },
    { rt_norm_first_name_dv360,
        "lower case, without mr. mrs. ms. dr. in front, without blanks" },
    { rt_norm_last_name_dv360,
        "lower case, without jr sr 2nd 3rd ii iii iv v vi cpa dc dds vm jd md phd at the "
        "end, without blanks" },
    { rt_norm_name_meta, "lower case without blanks and punctuation; accents stay" },
    { rt_norm_name_amazon, "a-z 0-9 alone; umlauts and ligatures are spelt out" },
    { rt_norm_street_amazon, "words shortened by the country's table, joined" },
    { rt_norm_city_meta, "a-z alone" },
    { rt_norm_city_amazon, "a-z 0-9 alone" },
    { rt_norm_region_meta,
        "two letters for US states and Canadian provinces; elsewhere lower case without "
        "blanks and punctuation" },
    { rt_norm_region_amazon, "two letters" },
    { rt_norm_postcode_google, "as it is" },
    { rt_norm_postcode_meta,
        "lower case without blanks and punctuation; of ZIP+4 the first five" },
    { rt_norm_postcode_amazon, "without blanks and signs, of the country's length" },
    { rt_norm_country_upper, "two letters of ISO 3166-1, capitals" },
    { rt_norm_country_lower, "two letters of ISO 3166-1, lower case" },
    { rt_norm_birth_year, "the year" },
    { rt_norm_gender, "m or f" },
    { rt_norm_amount, "digits, perhaps a point and digits" },
    { rt_norm_mobile_id, "a UUID with hyphens, as issued" },
    { rt_norm_mobile_id_lower, "a UUID with hyphens, lower case" },
    { rt_norm_mobile_id_by_kind,
        "a UUID with hyphens; an IDFA in capitals, an AAID in lower case, as issued "
        "where "
        "it is not known which" },
    { rt_norm_google_aid, "a UUID with hyphens, as issued; no IDFA" },
    { rt_norm_google_aid_lower, "a UUID with hyphens, lower case; no IDFA" },
    { rt_norm_app_user_id, "digits" },
    { rt_norm_text, "as it is" },
    { rt_norm_text_mailchimp, "as it is, at most 255 bytes" },
    { rt_norm_linkedin_name, "as it is, at most 35 characters, without @" },
    { rt_norm_linkedin_work, "as it is, at most 50 characters, without @" },
    { rt_norm_ldu, "LDU" },
    { rt_norm_ldu_country, "1 for the United States, or 0" },
    { rt_norm_ldu_state, "1000 for California, or 0" },
    { rt_norm_domain, "the host alone, lower case, without www." },
    { rt_norm_email_domain, "the domain alone, lower case" },
    { rt_norm_linkedin_page, "https://www.linkedin.com/company/NAME" },
};

const char *rt_rule_text(rt_norm_fn *rule)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].rule == rule)
            return texts[i].text;
    return NULL;
}
