/*
 * Addresses as Meta, Google and Google Analytics take them, and countries. Amazon's own
 * rules stand in normalise_amazon.c and normalise_street.c.
 */
#include "lists/normalise_parts.h"

#include "lists/country.h"

/* ---- Meta */

static bool is_a_to_z(uint32_t c)
{
    return c >= 'a' && c <= 'z';
}

enum rt_norm_status rt_norm_city_meta(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_map(RT_UNICODE_LOWER_NFC, raw, context, out);

    return status == RT_NORM_OK ? rt_norm_keep(context, out, is_a_to_z) : status;
}

/* Neither blanks of any script nor ASCII punctuation and its typographic apostrophes. */
static bool dense(uint32_t c)
{
    if (c < 0x80)
        return rt_norm_is_alnum((char)c);
    return !rt_unicode_blank(c) && c != 0x2018 && c != 0x2019;
}

/* Two letters, then the name in rt_unicode_map's bare form. The two countries share none.
 */
struct state {
    char code[3];
    const char *name;
};

static const struct state us_states[] = {
    { "al", "alabama" },
    { "ak", "alaska" },
    { "az", "arizona" },
    { "ar", "arkansas" },
    { "ca", "california" },
    { "co", "colorado" },
    { "ct", "connecticut" },
    { "de", "delaware" },
    { "dc", "districtofcolumbia" },
    { "dc", "washingtondc" },
    { "fl", "florida" },
    { "ga", "georgia" },
    { "hi", "hawaii" },
    { "id", "idaho" },
    { "il", "illinois" },
    { "in", "indiana" },
    { "ia", "iowa" },
    { "ks", "kansas" },
    { "ky", "kentucky" },
    { "la", "louisiana" },
    { "me", "maine" },
    { "md", "maryland" },
    { "ma", "massachusetts" },
    { "mi", "michigan" },
    { "mn", "minnesota" },
    { "ms", "mississippi" },
    { "mo", "missouri" },
    { "mt", "montana" },
    { "ne", "nebraska" },
    { "nv", "nevada" },
    { "nh", "newhampshire" },
    { "nj", "newjersey" },
    { "nm", "newmexico" },
    { "ny", "newyork" },
    { "nc", "northcarolina" },
    { "nd", "northdakota" },
    { "oh", "ohio" },
    { "ok", "oklahoma" },
    { "or", "oregon" },
    { "pa", "pennsylvania" },
    { "ri", "rhodeisland" },
    { "sc", "southcarolina" },
    { "sd", "southdakota" },
    { "tn", "tennessee" },
    { "tx", "texas" },
    { "ut", "utah" },
    { "vt", "vermont" },
    { "va", "virginia" },
    { "wa", "washington" },
    { "wv", "westvirginia" },
    { "wi", "wisconsin" },
    { "wy", "wyoming" },
    { "as", "americansamoa" },
    { "gu", "guam" },
    { "mp", "northernmarianaislands" },
    { "pr", "puertorico" },
    { "vi", "virginislands" },
    { "vi", "usvirginislands" },
    { "aa", "armedforcesamericas" },
    { "ae", "armedforceseurope" },
    { "ap", "armedforcespacific" },
};

static const struct state ca_provinces[] = {
    { "ab", "alberta" },
    { "bc", "britishcolumbia" },
    { "mb", "manitoba" },
    { "nb", "newbrunswick" },
    { "nl", "newfoundlandandlabrador" },
    { "nl", "newfoundland" },
    { "nl", "newfoundlandlabrador" },
    { "nt", "northwestterritories" },
    { "ns", "novascotia" },
    { "nu", "nunavut" },
    { "on", "ontario" },
    { "pe", "princeedwardisland" },
    { "qc", "quebec" },
    { "sk", "saskatchewan" },
    { "yt", "yukon" },
    { "yt", "yukonterritory" },
};

static const char *find_state(
    const struct state *states, size_t nstates, struct rt_span bare)
{
    for (size_t i = 0; i < nstates; i++)
        if (rt_span_eq(bare, rt_span_of(states[i].name))
            || rt_span_eq(bare, rt_span_of(states[i].code)))
            return states[i].code;
    return NULL;
}

static const char *state_code(struct rt_span bare, const char *country)
{
    const char *code = NULL;

    if (*country == '\0' || strcmp(country, "US") == 0)
        code = find_state(us_states, sizeof us_states / sizeof *us_states, bare);
    if (!code && (*country == '\0' || strcmp(country, "CA") == 0))
        code = find_state(ca_provinces, sizeof ca_provinces / sizeof *ca_provinces, bare);
    return code;
}

enum rt_norm_status rt_norm_region_meta(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    const char *country = rt_norm_country(context);
    enum rt_norm_status status = rt_norm_map(RT_UNICODE_BARE, raw, context, out);
    const char *code;

    if (status != RT_NORM_OK)
        return status;
    code = state_code(rt_norm_span(out), country);
    if (code) {
        status = rt_norm_put(rt_span_of(code), out);
        rt_norm_did_code(context, raw, out);
        return status;
    }
    if (strcmp(country, "US") == 0 || strcmp(country, "CA") == 0)
        return RT_NORM_INVALID;
    status = rt_norm_map(RT_UNICODE_LOWER_NFC, raw, context, out);
    return status == RT_NORM_OK ? rt_norm_keep(context, out, dense) : status;
}

/* 12345-6789, whatever follows: nowhere but in the US. */
static bool is_zip4(struct rt_span text)
{
    return rt_norm_digits(text, 0) == 5 && text.n > 5 && text.p[5] == '-'
        && rt_norm_digits(text, 6) == 4;
}

enum rt_norm_status rt_norm_postcode_meta(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    const char *country = rt_norm_country(context);
    bool us = strcmp(country, "US") == 0;
    enum rt_norm_status status = rt_norm_map(RT_UNICODE_LOWER_NFC, raw, context, out);

    if (status != RT_NORM_OK)
        return status;
    if (us || (!*country && is_zip4(rt_norm_span(out)))) {
        if (rt_norm_digits(rt_norm_span(out), 0) < 5)
            return RT_NORM_INVALID;
        if (out->n > 5)
            rt_norm_did(context, RT_DID_SHORTEN);
        out->n = 5;
        return RT_NORM_OK;
    }
    if (*out->p == '-')
        return RT_NORM_INVALID; /* half of one */
    status = rt_norm_keep(context, out, dense);
    return status == RT_NORM_OK && out->n < 2 ? RT_NORM_INVALID : status;
}

/* ---- Google */

enum rt_norm_status rt_norm_postcode_google(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return rt_norm_text(raw, context, out);
}

/* Lower case on one line, of what is kept; blanks inside stay. */
static enum rt_norm_status ga4(struct rt_span raw, const struct rt_norm_context *context,
    bool (*keep)(uint32_t c), struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_map(RT_UNICODE_LOWER_NFC, raw, context, out);

    if (status != RT_NORM_OK)
        return status;
    if (rt_norm_has_control(rt_norm_span(out)))
        return RT_NORM_INVALID;
    status = rt_norm_keep(context, out, keep);
    return status == RT_NORM_OK ? rt_norm_trim(out) : status;
}

static bool no_sign(uint32_t c)
{
    return !rt_unicode_sign(c);
}

static bool no_digit_or_sign(uint32_t c)
{
    return !rt_unicode_numeric(c) && !rt_unicode_sign(c);
}

enum rt_norm_status rt_norm_street_ga4(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return ga4(raw, context, no_sign, out);
}

enum rt_norm_status rt_norm_city_ga4(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return ga4(raw, context, no_digit_or_sign, out);
}

enum rt_norm_status rt_norm_region_ga4(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return ga4(raw, context, no_digit_or_sign, out);
}

static bool no_dot_or_tilde(uint32_t c)
{
    return c != '.' && c != '~';
}

enum rt_norm_status rt_norm_postcode_ga4(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_text(raw, context, out);

    if (status != RT_NORM_OK)
        return status;
    status = rt_norm_keep(context, out, no_dot_or_tilde);
    return status == RT_NORM_OK ? rt_norm_trim(out) : status;
}

/* ---- country */

static enum rt_norm_status country_code(struct rt_span raw,
    const struct rt_norm_context *context, bool lower, struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = rt_norm_begin(raw, context, &text);
    char code[3];

    if (status != RT_NORM_OK)
        return status;
    if (!rt_country_code(text, code))
        return RT_NORM_INVALID;
    status = rt_norm_put(rt_span_of(code), out);
    if (lower)
        rt_norm_lower_ascii(out);
    rt_norm_did_code(context, text, out);
    return status;
}

enum rt_norm_status rt_norm_country_upper(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return country_code(raw, context, false, out);
}

enum rt_norm_status rt_norm_country_lower(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    return country_code(raw, context, true, out);
}
