/* Rules whose header stands already; each moves to its file as it is written. */
#include "lists/normalise.h"

#define SOON(name)                                                                       \
    enum rt_norm_status name(                                                            \
        struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)  \
    {                                                                                    \
        (void)raw;                                                                       \
        (void)context;                                                                   \
        (void)out;                                                                       \
        return RT_NORM_INVALID;                                                          \
    }

SOON(rt_norm_email_typed)
SOON(rt_norm_email_mailchimp)
SOON(rt_norm_email_dv360)
SOON(rt_norm_phone_uid2)
SOON(rt_norm_first_name_dv360)
SOON(rt_norm_last_name_dv360)
SOON(rt_norm_name_ga4)
SOON(rt_norm_name_amazon)
SOON(rt_norm_city_amazon)
SOON(rt_norm_region_amazon)
SOON(rt_norm_postcode_amazon)
SOON(rt_norm_street_amazon)
SOON(rt_norm_street_ga4)
SOON(rt_norm_city_ga4)
SOON(rt_norm_region_ga4)
SOON(rt_norm_postcode_ga4)
SOON(rt_norm_birth_month)
SOON(rt_norm_birth_day)
SOON(rt_norm_age)
SOON(rt_norm_mobile_id_by_kind)
SOON(rt_norm_external_id_amazon)
SOON(rt_norm_username_x)
SOON(rt_norm_text)
SOON(rt_norm_text_mailchimp)
SOON(rt_norm_domain)
SOON(rt_norm_email_domain)
SOON(rt_norm_linkedin_page)

const char *rt_norm_change_name(unsigned i)
{
    static const char *const names[RT_NORM_CHANGES] = { "trimmed", "case", "dots_cut",
        "tag_cut", "signs_dropped", "letters_respelt", "title_cut", "coded", "shortened",
        "country_added", "extension_dropped", "already_hashed" };

    return names[i];
}

unsigned rt_norm_hashed(struct rt_span raw, unsigned kinds, struct rt_norm *out)
{
    if ((kinds & RT_HASHED_SHA256_HEX) && rt_norm_digest(raw, out))
        return RT_HASHED_SHA256_HEX;
    return 0;
}
