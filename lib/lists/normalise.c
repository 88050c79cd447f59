/*
 * The rules that are not e-mail (email.c). Text is brought to lower case first and then
 * cut down, so each rule reads as the sentence in the header does.
 */
#include "lists/normalise.h"

#include <stdint.h>

#include "lists/country.h"
#include "lists/phone.h"
#include "lists/unicode.h"

static struct rt_span span_of(const struct rt_norm *norm)
{
    return (struct rt_span) { norm->p, norm->n };
}

static enum rt_norm_status put(struct rt_span text, struct rt_norm *out)
{
    if (text.n == 0)
        return RT_NORM_EMPTY;
    if (text.n > RT_NORM_MAX)
        return RT_NORM_INVALID;
    memmove(out->p, text.p, text.n); /* text may stand in out */
    out->n = text.n;
    return RT_NORM_OK;
}

static enum rt_norm_status of_rc(int rc)
{
    return rc == RT_OK    ? RT_NORM_OK
        : rc == RT_ENOMEM ? RT_NORM_NO_MEMORY
                          : RT_NORM_INVALID;
}

/* Trimmed and not too long: how every rule begins. */
static enum rt_norm_status begin(struct rt_span raw, struct rt_span *text)
{
    *text = rt_unicode_trim(raw);
    if (text->n == 0)
        return RT_NORM_EMPTY;
    return text->n > RT_NORM_IN_MAX ? RT_NORM_INVALID : RT_NORM_OK;
}

static enum rt_norm_status begin_mapped(
    enum rt_unicode_form form, struct rt_span raw, struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = begin(raw, &text);

    if (status != RT_NORM_OK)
        return status;
    return of_rc(rt_unicode_map(form, text, out->p, RT_NORM_MAX, &out->n));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_punct(char c)
{
    return c > ' ' && c < 0x7F && !is_alnum(c);
}

static bool is_hex(char c)
{
    c = rt_ascii_lower(c);
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

bool rt_norm_digest(struct rt_span raw, struct rt_norm *out)
{
    struct rt_span text;

    if (raw.n < 64)
        return false;
    text = rt_unicode_trim(raw);
    if (text.n != 64)
        return false;
    for (size_t i = 0; i < 64; i++) {
        if (!is_hex(text.p[i]))
            return false;
        out->p[i] = rt_ascii_lower(text.p[i]);
    }
    out->n = 64;
    return true;
}

static bool has_control(struct rt_span text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7F)
            return true;
    return false;
}

/* ---- telephone */

enum rt_norm_status rt_norm_phone_plus(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = begin(raw, &text);

    if (status != RT_NORM_OK)
        return status;
    switch (rt_phone_e164(text, context->phone_region, out->p)) {
    case RT_PHONE_OK:
        out->n = strlen(out->p);
        return RT_NORM_OK;
    case RT_PHONE_NO_COUNTRY:
        return RT_NORM_NO_COUNTRY;
    case RT_PHONE_NO_MEMORY:
        return RT_NORM_NO_MEMORY;
    case RT_PHONE_INVALID:
        break;
    }
    return RT_NORM_INVALID;
}

enum rt_norm_status rt_norm_phone_digits(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_phone_plus(raw, context, out);

    if (status == RT_NORM_OK)
        return put((struct rt_span) { out->p + 1, out->n - 1 }, out);
    return status;
}

/* ---- names */

static bool has_letter(struct rt_span text)
{
    char bare[RT_NORM_MAX];
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++)
        if (is_alnum(text.p[i]) && !is_digit(text.p[i]))
            return true;
    return rt_unicode_map(RT_UNICODE_BARE, text, bare, sizeof bare, &n) == RT_OK && n > 0;
}

static enum rt_norm_status begin_name(struct rt_span raw, struct rt_norm *out)
{
    enum rt_norm_status status = begin_mapped(RT_UNICODE_LOWER_NFC, raw, out);

    if (status == RT_NORM_OK && !has_letter(span_of(out)))
        return RT_NORM_INVALID;
    return status;
}

/* The text without a title in front of it, or the text itself. */
static struct rt_span after_title(struct rt_span text)
{
    static const char *const titles[] = { "mr.", "mrs.", "ms.", "dr." };

    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        struct rt_span title = rt_span_of(titles[i]), rest;

        if (!rt_span_starts(text, title))
            continue;
        rest = (struct rt_span) { text.p + title.n, text.n - title.n };
        text = rt_unicode_trim(rest);
        return text.n < rest.n || rest.n == 0
            ? text
            : (struct rt_span) { rest.p - title.n, rest.n + title.n };
    }
    return text;
}

enum rt_norm_status rt_norm_first_name_google(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = begin_name(raw, out);

    (void)context;
    if (status != RT_NORM_OK)
        return status;
    if (has_control(span_of(out)))
        return RT_NORM_INVALID;
    status = put(after_title(span_of(out)), out);
    return status == RT_NORM_EMPTY ? RT_NORM_INVALID : status;
}

static const char *const suffixes[] = { "jr", "jr.", "sr", "sr.", "2nd", "3rd", "ii",
    "iii", "iv", "v", "vi", "cpa", "dc", "dds", "vm", "jd", "md", "phd" };

/* Takes one suffix, and what parts it from the name, off the end. */
static bool cut_suffix(struct rt_span *name)
{
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        struct rt_span suffix = rt_span_of(suffixes[i]), before, rest;

        if (name->n <= suffix.n
            || memcmp(name->p + name->n - suffix.n, suffix.p, suffix.n) != 0)
            continue;
        before = (struct rt_span) { name->p, name->n - suffix.n };
        rest = rt_unicode_trim(before);
        if (rest.n && rest.p[rest.n - 1] == ',')
            rest = rt_unicode_trim((struct rt_span) { rest.p, rest.n - 1 });
        if (rest.n == before.n)
            continue; /* part of a word */
        *name = rest;
        return true;
    }
    return false;
}

enum rt_norm_status rt_norm_last_name_google(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = begin_name(raw, out);
    struct rt_span name;

    (void)context;
    if (status != RT_NORM_OK)
        return status;
    if (has_control(span_of(out)))
        return RT_NORM_INVALID;
    name = span_of(out);
    while (cut_suffix(&name))
        continue;
    status = put(name, out);
    return status == RT_NORM_EMPTY ? RT_NORM_INVALID : status;
}

/* Deletes blanks of any script, ASCII punctuation, and the apostrophes U+2018, U+2019. */
static void squeeze(struct rt_norm *out)
{
    struct rt_span rest = span_of(out);
    size_t kept = 0;

    while (rest.n) {
        uint32_t c;
        size_t n = rt_unicode_first(rest, &c);
        bool goes = c < 0x80 ? is_punct((char)c) || c < ' ' || c == 0x7F || c == ' '
                             : rt_unicode_blank(c) || c == 0x2018 || c == 0x2019;

        if (!goes) {
            memmove(out->p + kept, rest.p, n);
            kept += n;
        }
        rest.p += n;
        rest.n -= n;
    }
    out->n = kept;
}

enum rt_norm_status rt_norm_name_meta(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = begin_name(raw, out);

    (void)context;
    if (status == RT_NORM_OK)
        squeeze(out);
    return status;
}

/* ---- address */

enum rt_norm_status rt_norm_city_meta(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = begin_mapped(RT_UNICODE_LOWER_NFC, raw, out);
    size_t kept = 0;

    (void)context;
    if (status != RT_NORM_OK)
        return status;
    for (size_t i = 0; i < out->n; i++)
        if (out->p[i] >= 'a' && out->p[i] <= 'z')
            out->p[kept++] = out->p[i];
    out->n = kept;
    return kept ? RT_NORM_OK : RT_NORM_INVALID;
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
    const char *country = context->country;
    enum rt_norm_status status = begin_mapped(RT_UNICODE_BARE, raw, out);
    const char *code;

    if (status != RT_NORM_OK)
        return status;
    code = state_code(span_of(out), country);
    if (code)
        return put(rt_span_of(code), out);
    if (strcmp(country, "US") == 0 || strcmp(country, "CA") == 0)
        return RT_NORM_INVALID;
    status = begin_mapped(RT_UNICODE_LOWER_NFC, raw, out);
    if (status != RT_NORM_OK)
        return status;
    squeeze(out);
    return out->n ? RT_NORM_OK : RT_NORM_INVALID;
}

static size_t count_digits(struct rt_span text, size_t at)
{
    size_t n = 0;

    while (at + n < text.n && is_digit(text.p[at + n]))
        n++;
    return n;
}

/* 12345-6789, whatever follows: nowhere but in the US. */
static bool is_zip4(struct rt_span text)
{
    return count_digits(text, 0) == 5 && text.n > 5 && text.p[5] == '-'
        && count_digits(text, 6) == 4;
}

enum rt_norm_status rt_norm_postcode_meta(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    bool us = strcmp(context->country, "US") == 0;
    enum rt_norm_status status = begin_mapped(RT_UNICODE_LOWER_NFC, raw, out);

    if (status != RT_NORM_OK)
        return status;
    if (us || (!*context->country && is_zip4(span_of(out)))) {
        if (count_digits(span_of(out), 0) < 5)
            return RT_NORM_INVALID;
        out->n = 5;
        return RT_NORM_OK;
    }
    squeeze(out);
    return out->n >= 2 ? RT_NORM_OK : RT_NORM_INVALID;
}

enum rt_norm_status rt_norm_postcode_google(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = begin(raw, &text);

    (void)context;
    if (status != RT_NORM_OK)
        return status;
    return rt_unicode_valid(text) && !has_control(text) ? put(text, out)
                                                        : RT_NORM_INVALID;
}

enum rt_norm_status rt_norm_country_upper(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = begin(raw, &text);
    char code[3];

    (void)context;
    if (status != RT_NORM_OK)
        return status;
    return rt_country_code(text, code) ? put(rt_span_of(code), out) : RT_NORM_INVALID;
}

static void lower(struct rt_norm *out)
{
    for (size_t i = 0; i < out->n; i++)
        out->p[i] = rt_ascii_lower(out->p[i]);
}

enum rt_norm_status rt_norm_country_lower(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_country_upper(raw, context, out);

    if (status == RT_NORM_OK)
        lower(out);
    return status;
}

/* ---- the rest */

static bool is_one_of(struct rt_span text, const char *const *words)
{
    for (; *words; words++)
        if (rt_span_eq(text, rt_span_of(*words)))
            return true;
    return false;
}

enum rt_norm_status rt_norm_gender(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    static const char *const male[] = { "m", "male", "man", "boy", "mr", "mister", "herr",
        "mann", "mannlich", "maennlich", "homme", "masculin", "monsieur", "hombre",
        "masculino", "maschio", "uomo", "he", "him", NULL };
    static const char *const female[] = { "f", "female", "woman", "girl", "mrs", "ms",
        "miss", "frau", "weiblich", "femme", "feminin", "madame", "mujer", "femenino",
        "feminino", "femmina", "donna", "she", "her", NULL };
    enum rt_norm_status status = begin_mapped(RT_UNICODE_BARE, raw, out);

    (void)context;
    if (status != RT_NORM_OK)
        return status;
    if (is_one_of(span_of(out), male))
        return put(RT_SPAN("m"), out);
    if (is_one_of(span_of(out), female))
        return put(RT_SPAN("f"), out);
    return RT_NORM_INVALID;
}

struct date {
    unsigned year, month, day;
};

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool exists(struct date d, unsigned latest_year)
{
    static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
        31 };

    return d.year >= 1800 && d.year <= (latest_year ? latest_year : 2100) && d.month >= 1
        && d.month <= 12 && d.day >= 1
        && d.day <= days[d.month - 1] + (d.month == 2 && is_leap(d.year) ? 1u : 0u);
}

struct number {
    unsigned value;
    size_t ndigits;
};

/* The first numbers of a text; returns how many it has in all. */
static size_t numbers(struct rt_span text, struct number *found, size_t room)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        size_t len = count_digits(text, i);

        if (len == 0)
            continue;
        if (n < room) {
            found[n] = (struct number) { 0, len };
            for (size_t k = 0; k < len && k < 8; k++)
                found[n].value = found[n].value * 10 + (unsigned)(text.p[i + k] - '0');
        }
        n++;
        i += len - 1;
    }
    return n;
}

static bool month_then_day(
    unsigned year, unsigned a, unsigned b, unsigned latest_year, struct date *date)
{
    *date = (struct date) { year, a, b };
    if (exists(*date, latest_year))
        return true;
    *date = (struct date) { year, b, a };
    return exists(*date, latest_year);
}

static bool read_date(struct rt_span text, unsigned latest_year, struct date *date)
{
    struct number num[3];
    size_t n = numbers(text, num, 3);

    if (n == 1 && num[0].ndigits == 8) {
        unsigned v = num[0].value;

        *date = (struct date) { v / 10000, v / 100 % 100, v % 100 };
        return exists(*date, latest_year)
            || month_then_day(v % 10000, v / 1000000, v / 10000 % 100, latest_year, date);
    }
    if (n < 3 || num[1].ndigits > 2)
        return false;
    if (num[0].ndigits == 4 && num[2].ndigits <= 2) { /* a time of day may follow */
        *date = (struct date) { num[0].value, num[1].value, num[2].value };
        return exists(*date, latest_year);
    }
    return n == 3 && num[0].ndigits <= 2 && num[2].ndigits == 4
        && month_then_day(num[2].value, num[0].value, num[1].value, latest_year, date);
}

static void put_digits(unsigned value, size_t width, char *out)
{
    while (width--) {
        out[width] = (char)('0' + value % 10);
        value /= 10;
    }
}

enum rt_norm_status rt_norm_birth_date(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = begin(raw, &text);
    struct date date;

    if (status != RT_NORM_OK)
        return status;
    if (!read_date(text, context->latest_year, &date))
        return RT_NORM_INVALID;
    put_digits(date.year, 4, out->p);
    put_digits(date.month, 2, out->p + 4);
    put_digits(date.day, 2, out->p + 6);
    out->n = 8;
    return RT_NORM_OK;
}

enum rt_norm_status rt_norm_birth_year(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_birth_date(raw, context, out);

    out->n = 4;
    return status;
}

static bool is_uuid(struct rt_span text)
{
    bool zero = true;

    if (text.n != 36)
        return false;
    for (size_t i = 0; i < 36; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

        if (hyphen ? text.p[i] != '-' : !is_hex(text.p[i]))
            return false;
        zero = zero && (hyphen || text.p[i] == '0');
    }
    return !zero;
}

enum rt_norm_status rt_norm_mobile_id(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = begin(raw, &text);

    (void)context;
    if (status != RT_NORM_OK)
        return status;
    return is_uuid(text) ? put(text, out) : RT_NORM_INVALID;
}

enum rt_norm_status rt_norm_mobile_id_lower(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    enum rt_norm_status status = rt_norm_mobile_id(raw, context, out);

    if (status == RT_NORM_OK)
        lower(out);
    return status;
}

/* Plain text of at most max_chars characters. */
static enum rt_norm_status plain_text(
    struct rt_span raw, size_t max_chars, struct rt_norm *out)
{
    struct rt_span text, rest;
    enum rt_norm_status status = begin(raw, &text);
    size_t nchars = 0;

    if (status != RT_NORM_OK)
        return status;
    if (!rt_unicode_valid(text))
        return RT_NORM_INVALID;
    for (rest = text; rest.n; nchars++) {
        uint32_t c;
        size_t n = rt_unicode_first(rest, &c);

        if (c < ' ' || (c >= 0x7F && c < 0xA0))
            return RT_NORM_INVALID;
        if (c == '@')
            return RT_NORM_UNUSABLE;
        rest.p += n;
        rest.n -= n;
    }
    return nchars > max_chars ? RT_NORM_UNUSABLE : put(text, out);
}

enum rt_norm_status rt_norm_linkedin_name(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    (void)context;
    return plain_text(raw, 35, out);
}

enum rt_norm_status rt_norm_linkedin_work(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    (void)context;
    return plain_text(raw, 50, out);
}

enum rt_norm_status rt_norm_amount(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = begin(raw, &text);
    size_t whole, decimals;

    (void)context;
    if (status != RT_NORM_OK)
        return status;
    whole = count_digits(text, 0);
    if (whole == 0 || whole > 12)
        return RT_NORM_INVALID;
    if (whole == text.n)
        return put(text, out);
    decimals = count_digits(text, whole + 1);
    if (text.p[whole] != '.' || decimals == 0 || whole + 1 + decimals != text.n)
        return RT_NORM_INVALID;
    return put(text, out);
}

enum rt_norm_status rt_norm_app_user_id(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = begin(raw, &text);

    (void)context;
    if (status != RT_NORM_OK)
        return status;
    if (text.n > 20 || count_digits(text, 0) != text.n)
        return RT_NORM_INVALID;
    return put(text, out);
}
