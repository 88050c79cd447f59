/*
 * What is said of a person: gender, date of birth, age, value.
 */
#include "lists/normalise_parts.h"

#include <stdint.h>

/* ---- gender */

/* As rt_unicode_map's bare form writes them: letters alone, without accents. "h", a man in
 * French and Spanish, is not read: beside it a Spanish "m" is a woman. */
static const char *const male[] = { "m", "male", "males", "man", "men", "boy", "mr",
    "mister", "sir", "he", "him", "hehim", "herr", "mann", "mannlich", "maennlich",
    "junge", "homme", "masculin", "garcon", "monsieur", "hombre", "varon", "masculino",
    "senor", "maschio", "maschile", "uomo", "signore", "homem", "senhor", "jongen",
    "mannelijk", "heer", "mezczyzna", "mezczyzni", "mand", "kille", "hane", "mies",
    "erkek", "bay", "muz", "м", "муж", "мужскои", "男", "男性", NULL };
static const char *const female[] = { "f", "female", "females", "woman", "women", "girl",
    "mrs", "ms", "miss", "madam", "she", "her", "sheher", "frau", "weiblich", "w",
    "madchen", "maedchen", "femme", "feminin", "fille", "madame", "mademoiselle", "mujer",
    "femenino", "feminino", "senora", "senorita", "femmina", "femminile", "donna",
    "signora", "mulher", "senhora", "vrouw", "vrouwelijk", "meisje", "kobieta", "kvinde",
    "kvinna", "kvinne", "nainen", "kadin", "bayan", "zena", "ж", "жен", "женскии",
    "женскои", "女", "女性", NULL };

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
    enum rt_norm_status status = rt_norm_map(RT_UNICODE_BARE, raw, context, out);

    if (status != RT_NORM_OK)
        return status;
    if (is_one_of(rt_norm_span(out), male))
        status = rt_norm_put(RT_SPAN("m"), out);
    else if (is_one_of(rt_norm_span(out), female))
        status = rt_norm_put(RT_SPAN("f"), out);
    else
        return RT_NORM_INVALID;
    rt_norm_did_code(context, raw, out);
    return status;
}

/* ---- date of birth */

enum { EARLIEST_YEAR = 1800, LATEST_YEAR = 2100 };

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

    return d.year >= EARLIEST_YEAR && d.year <= (latest_year ? latest_year : LATEST_YEAR)
        && d.month >= 1 && d.month <= 12 && d.day >= 1
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
        size_t len = rt_norm_digits(text, i);

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

/* Reads the date of raw: what all rules of birth begin with. */
static enum rt_norm_status begin_date(struct rt_span raw,
    const struct rt_norm_context *context, struct rt_span *text, struct date *date)
{
    enum rt_norm_status status = rt_norm_begin(raw, context, text);

    *date = (struct date) { 0, 0, 0 };
    if (status != RT_NORM_OK)
        return status;
    return read_date(*text, context ? context->latest_year : 0, date) ? RT_NORM_OK
                                                                      : RT_NORM_INVALID;
}

/* One number by itself, from first to last. */
static bool read_part(struct rt_span text, unsigned first, unsigned last, unsigned *part)
{
    struct number num;

    if (text.n > 4 || rt_norm_digits(text, 0) != text.n)
        return false;
    numbers(text, &num, 1);
    *part = num.value;
    return *part >= first && *part <= last;
}

static enum rt_norm_status put_part(unsigned value, size_t width,
    const struct rt_norm_context *context, struct rt_span raw, struct rt_norm *out)
{
    put_digits(value, width, out->p);
    out->n = width;
    rt_norm_did_code(context, raw, out);
    return RT_NORM_OK;
}

enum rt_norm_status rt_norm_birth_date(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text;
    struct date date;
    enum rt_norm_status status = begin_date(raw, context, &text, &date);

    if (status != RT_NORM_OK)
        return status;
    put_digits(date.year, 4, out->p);
    put_digits(date.month, 2, out->p + 4);
    put_digits(date.day, 2, out->p + 6);
    out->n = 8;
    rt_norm_did_code(context, text, out);
    return RT_NORM_OK;
}

enum rt_norm_status rt_norm_birth_year(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    unsigned latest = context ? context->latest_year : 0;
    struct rt_span text;
    struct date date;
    enum rt_norm_status status = begin_date(raw, context, &text, &date);

    if (status == RT_NORM_EMPTY
        || (status != RT_NORM_OK
            && !read_part(
                text, EARLIEST_YEAR, latest ? latest : LATEST_YEAR, &date.year)))
        return status;
    return put_part(date.year, 4, context, text, out);
}

enum rt_norm_status rt_norm_birth_month(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text;
    struct date date;
    enum rt_norm_status status = begin_date(raw, context, &text, &date);

    if (status == RT_NORM_EMPTY
        || (status != RT_NORM_OK && (text.n > 2 || !read_part(text, 1, 12, &date.month))))
        return status;
    return put_part(date.month, 2, context, text, out);
}

enum rt_norm_status rt_norm_birth_day(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text;
    struct date date;
    enum rt_norm_status status = begin_date(raw, context, &text, &date);

    if (status == RT_NORM_EMPTY
        || (status != RT_NORM_OK && (text.n > 2 || !read_part(text, 1, 31, &date.day))))
        return status;
    return put_part(date.day, 2, context, text, out);
}

/* ---- numbers */

enum rt_norm_status rt_norm_age(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = rt_norm_begin(raw, context, &text);
    unsigned age = 0;

    if (status != RT_NORM_OK)
        return status;
    return *text.p != '0' && read_part(text, 1, 120, &age) ? rt_norm_put(text, out)
                                                           : RT_NORM_INVALID;
}

enum rt_norm_status rt_norm_amount(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    struct rt_span text;
    enum rt_norm_status status = rt_norm_begin(raw, context, &text);
    size_t whole, decimals;

    if (status != RT_NORM_OK)
        return status;
    whole = rt_norm_digits(text, 0);
    if (whole == 0 || whole > 12)
        return RT_NORM_INVALID;
    if (whole == text.n)
        return rt_norm_put(text, out);
    decimals = rt_norm_digits(text, whole + 1);
    if (text.p[whole] != '.' || decimals == 0 || whole + 1 + decimals != text.n)
        return RT_NORM_INVALID;
    return rt_norm_put(text, out);
}
