/* Values by row and field, and the countries that they are read with. */
#include "lists/rows_parts.h"

#include <stdlib.h>

#include "base/hash.h"
#include "lists/country.h"
#include "lists/unicode.h"

static int by_place(const void *a, const void *b)
{
    const struct rt_pii_value *x = *(const struct rt_pii_value *const *)a;
    const struct rt_pii_value *y = *(const struct rt_pii_value *const *)b;

    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    if (x->field != y->field)
        return x->field < y->field ? -1 : 1;
    return rt_span_cmp(x->value, y->value);
}

/* A person has few values: they are put in order as they come. */
static void sort_few(const struct rt_pii_value **order, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        const struct rt_pii_value *value = order[i];
        uint32_t at = i;

        for (; at > 0 && by_place(&value, &order[at - 1]) < 0; at--)
            order[at] = order[at - 1];
        order[at] = value;
    }
}

int rt_rower_order(
    struct rt_rower *rower, const struct rt_person *person, rt_fields_told wanted)
{
    enum { FEW = 16 };
    void *p = rower->order;
    int rc = rt_rows_grow(&p, &rower->order_room, person->nvalues, sizeof *rower->order);

    rower->order = p;
    rower->norder = 0;
    rower->countries = false;
    if (rc < 0)
        return rc;
    for (uint32_t i = 0; i < person->nvalues; i++) {
        uint32_t field = rt_field_told(person->values[i].field);

        rower->countries |= field == RT_PII_COUNTRY;
        if (field == RT_PII_COUNTRY || wanted >> field & 1)
            rower->order[rower->norder++] = &person->values[i];
    }
    if (rower->norder <= FEW)
        sort_few(rower->order, rower->norder);
    else
        qsort(rower->order, rower->norder, sizeof *rower->order, by_place);
    return RT_OK;
}

uint32_t rt_rower_row_end(const struct rt_rower *rower, uint32_t start)
{
    uint32_t i = start;

    while (i < rower->norder && rower->order[i]->row == rower->order[start]->row)
        i++;
    return i;
}

bool rt_rower_in_contact_row(
    const struct rt_rower *rower, uint32_t contacts, const struct rt_pii_value *value)
{
    struct rt_span text = rt_span_trim(value->value);

    for (uint32_t i = contacts; i < rower->norder; i++)
        if (rower->order[i]->field == value->field
            && (rt_span_eq(rower->order[i]->value, text)
                || rt_span_eq_nocase(rt_span_trim(rower->order[i]->value), text)))
            return true;
    return false;
}

/* ---- countries */

static bool country_of(struct rt_rower *rower, struct rt_span text, char code[3])
{
    struct rt_country_memo *memo;

    if (text.n > RT_ROWS_MEMO_TEXT)
        return rt_country_code(text, code);
    memo = &rower->memo[rt_hash64(text, 0) % RT_ROWS_MEMO_SLOTS];
    if (memo->n != text.n || memcmp(memo->text, text.p, text.n) != 0) {
        memo->known = rt_country_code(text, memo->code);
        memo->n = (unsigned char)text.n;
        memcpy(memo->text, text.p, text.n);
    }
    if (memo->known)
        memcpy(code, memo->code, 3);
    return memo->known;
}

enum country { NO_COUNTRY, UNKNOWN_COUNTRY, KNOWN_COUNTRY };

/* What values from start to end say of the country; they share a row. */
static enum country row_country(
    struct rt_rower *rower, uint32_t start, uint32_t end, char code[3])
{
    enum country found = NO_COUNTRY;

    for (uint32_t i = start; i < end; i++) {
        struct rt_span text;

        if (rower->order[i]->field != RT_PII_COUNTRY)
            continue;
        text = rt_unicode_trim(rower->order[i]->value);
        if (text.n == 0)
            continue;
        if (country_of(rower, text, code))
            return KNOWN_COUNTRY;
        found = UNKNOWN_COUNTRY;
    }
    return found;
}

void rt_rower_country(struct rt_rower *rower, char code[3])
{
    code[0] = '\0';
    if (!rower->countries)
        return;
    for (uint32_t i = 0, end; i < rower->norder; i = end) {
        char here[3];

        end = rt_rower_row_end(rower, i);
        if (row_country(rower, i, end, here) != KNOWN_COUNTRY)
            continue;
        if (code[0] && memcmp(code, here, 3) != 0) {
            code[0] = '\0';
            return;
        }
        memcpy(code, here, 3);
    }
}

struct rt_norm_context rt_rower_context(
    struct rt_rower *rower, uint32_t start, uint32_t end, const char person[3])
{
    struct rt_norm_context context = rower->defaults;
    char code[3];

    if (!rower->countries)
        return context;
    switch (row_country(rower, start, end, code)) {
    case KNOWN_COUNTRY:
        memcpy(context.country, code, 3);
        break;
    case UNKNOWN_COUNTRY:
        context.phone_region[0] = '\0';
        return context;
    case NO_COUNTRY:
        memcpy(context.country, person, 3);
        break;
    }
    if (context.country[0])
        memcpy(context.phone_region, context.country, 3);
    return context;
}
