/*
 * Any bytes as a contact value: first through every rule by itself, then as the values of
 * a person of every platform. What must hold besides not crashing: a result is UTF-8
 * without control characters, within its bound, and no rule changes its own result.
 *
 * Input: a byte that chooses country, region and device, then the value; a newline parts values.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lists/rows.h"
#include "lists/unicode.h"
#include "lists/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Settled: applied to its own result a rule gives it again. Names are not: "Dr. Dr. X"
 * loses a title at a time; telephone numbers lose their plus; joined street words may be
 * another word. */
static const struct {
    rt_norm_fn *fn;
    bool settled;
} rules[] = {
    { rt_norm_email_plain, true },
    { rt_norm_email_typed, true },
    { rt_norm_email_mailchimp, true },
    { rt_norm_email_meta, true },
    { rt_norm_email_linkedin, true },
    { rt_norm_email_google, true },
    { rt_norm_email_dv360, true },
    { rt_norm_email_uid2, true },
    { rt_norm_email_reddit, true },
    { rt_norm_email_amazon, true },
    { rt_norm_phone_plus, false },
    { rt_norm_phone_digits, false },
    { rt_norm_phone_uid2, false },
    { rt_norm_first_name_google, false },
    { rt_norm_last_name_google, false },
    { rt_norm_first_name_dv360, false },
    { rt_norm_last_name_dv360, false },
    { rt_norm_name_ga4, false },
    { rt_norm_name_meta, false },
    { rt_norm_name_amazon, true },
    { rt_norm_city_meta, true },
    { rt_norm_region_meta, false },
    { rt_norm_postcode_meta, false },
    { rt_norm_postcode_google, true },
    { rt_norm_city_amazon, true },
    { rt_norm_region_amazon, true },
    { rt_norm_postcode_amazon, true },
    { rt_norm_street_amazon, false },
    { rt_norm_street_ga4, false },
    { rt_norm_city_ga4, false },
    { rt_norm_region_ga4, false },
    { rt_norm_postcode_ga4, true },
    { rt_norm_country_upper, true },
    { rt_norm_country_lower, true },
    { rt_norm_gender, true },
    { rt_norm_birth_date, true },
    { rt_norm_birth_year, true },
    { rt_norm_birth_month, true },
    { rt_norm_birth_day, true },
    { rt_norm_age, true },
    { rt_norm_amount, true },
    { rt_norm_mobile_id, true },
    { rt_norm_mobile_id_lower, true },
    { rt_norm_mobile_id_by_kind, true },
    { rt_norm_app_user_id, true },
    { rt_norm_external_id_amazon, true },
    { rt_norm_username_x, true },
    { rt_norm_text, true },
    { rt_norm_text_mailchimp, true },
    { rt_norm_linkedin_name, true },
    { rt_norm_linkedin_work, true },
    { rt_norm_domain, false },
    { rt_norm_email_domain, false },
    { rt_norm_linkedin_page, true },
};

static void check(struct rt_span text)
{
    assert(text.n > 0 && text.n <= RT_NORM_MAX);
    assert(rt_unicode_valid(text));
    for (size_t i = 0; i < text.n; i++)
        assert((unsigned char)text.p[i] >= ' ' && text.p[i] != 0x7F);
}

static void each_rule(struct rt_span raw, const struct rt_norm_context *silent)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct rt_norm_context context = *silent;
        struct rt_norm once, twice;
        unsigned changes = 0;
        struct rt_span text;

        context.changes = &changes;
        if (rules[i].fn(raw, &context, &once) != RT_NORM_OK) {
            assert(rules[i].fn(raw, silent, &once) != RT_NORM_OK);
            continue;
        }
        assert(changes < 1u << RT_NORM_CHANGES && !(changes & RT_DID_DIGEST));
        text = (struct rt_span) { once.p, once.n };
        check(text);
        assert(rules[i].fn(raw, silent, &twice) == RT_NORM_OK);
        assert(rt_span_eq(text, (struct rt_span) { twice.p, twice.n }));
        if (!changes) /* then it was that already, but for a form that says nothing */
            assert(rt_span_eq(text, raw));
        if (!rules[i].settled)
            continue;
        assert(rules[i].fn(text, silent, &twice) == RT_NORM_OK);
        assert(rt_span_eq(text, (struct rt_span) { twice.p, twice.n }));
    }
}

static void each_digest(struct rt_span raw)
{
    struct rt_norm out;
    unsigned found = rt_norm_hashed(raw, ~0u, &out);

    if (found) {
        check((struct rt_span) { out.p, out.n });
        assert(rt_norm_hashed((struct rt_span) { out.p, out.n }, found, &out) == found);
    }
}

enum { VALUES = 64 };

static uint32_t cut(const uint8_t *data, size_t size, struct rt_pii_value *values)
{
    const char *p = (const char *)data, *end = p + size;
    uint32_t n = 0;

    while (p < end && n < VALUES) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));

        stop = stop ? stop : end;
        values[n] = (struct rt_pii_value) { n / 14, n % 14, { p, (size_t)(stop - p) },
            (enum rt_norm_device)(n % 3) };
        n++;
        p = stop + (stop < end);
    }
    return n;
}

static int put(void *ctx, struct rt_span bytes)
{
    (void)bytes;
    return *(int *)ctx;
}

static void each_platform(const struct rt_person *person, const char *region)
{
    static const struct rt_contact_column columns[] = { { { "email", 5 }, RT_PII_EMAIL },
        { { "title", 5 }, RT_PII_COUNT }, { { "value", 5 }, RT_PII_COUNT + 1 } };
    struct rt_rower_options options = { .default_region = region,
        .latest_year = 2026,
        .columns = columns,
        .ncolumns = 3,
        .max_products = 2 };
    struct rt_sheet_options list_options = {
        .tmpdir = "/tmp", .columns = columns, .ncolumns = 3, .max_products = 2
    };
    int rc = RT_OK;
    struct rt_put to = { put, &rc, NULL };

    for (const char *const *name = rt_platform_names(); *name; name++) {
        const struct rt_platform *platform = rt_platform_get(rt_span_of(*name));
        struct rt_rows rows = { 0 };
        struct rt_rower *rower = NULL;
        struct rt_sheet *list = NULL;

        if (rt_rower_new(platform, &options, &rower, NULL) == RT_OK
            && rt_sheet_new(platform, &list_options, &list, NULL) == RT_OK
            && rt_rower_person(rower, person, &rows, NULL) == RT_OK
            && rt_sheet_add(list, &rows, NULL, NULL) == RT_OK)
            rt_sheet_write(list, &to, NULL, NULL);
        if (rower)
            rt_rower_has_contact(rower, person);
        rt_sheet_free(list);
        rt_rower_free(rower);
        rt_rows_release(&rows);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char regions[][3] = { "", "US", "DE", "GB", "CA", "IT", "ES", "FR" };
    struct rt_norm_context context = { .latest_year = 2026 };
    struct rt_pii_value values[VALUES];
    struct rt_person person = { .key = RT_SPAN("user_id:1"), .values = values };

    if (size == 0)
        return 0;
    memcpy(context.country, regions[data[0] % 8], 3);
    memcpy(context.phone_region, regions[data[0] / 8 % 8], 3);
    context.device = data[0] / 64 % 3;
    person.nvalues = cut(data + 1, size - 1, values);
    for (uint32_t i = 0; i < person.nvalues; i++) {
        each_rule(values[i].value, &context);
        each_digest(values[i].value);
    }
    each_rule((struct rt_span) { (const char *)data + 1, size - 1 }, &context);
    person.products = &values[0].value;
    person.nproducts = person.nvalues > 0;
    each_platform(&person, context.phone_region);
    return 0;
}
