/*
 * Rows of plain values: csv and jsonl, one a contact row, and keys.
 *
 *     key, email unless the contact files have one, their columns, products if asked for
 */
#include "lists/rows_parts.h"

#include "lists/csvcell.h"
#include "lists/unicode.h"

bool rt_rows_have_email(const struct rt_contact_column *columns, uint32_t ncolumns)
{
    for (uint32_t i = 0; i < ncolumns; i++)
        if (columns[i].field == RT_PII_EMAIL)
            return true;
    return false;
}

const char *rt_rows_name_prefix(const struct rt_contact_column *column, bool products)
{
    bool taken = rt_span_eq(column->name, RT_SPAN("key"))
        || (products && rt_span_eq(column->name, RT_SPAN("products")));

    return taken ? "contact." : "";
}

/* ---- JSON */

/* Appends text, valid UTF-8, as a JSON string (RFC 8259 section 7). */
static int add_json(struct rt_buf *buf, const char *prefix, struct rt_span text)
{
    int rc = rt_buf_addc(buf, '"');

    if (rc == RT_OK)
        rc = rt_buf_adds(buf, prefix);
    for (size_t i = 0; i < text.n && rc == RT_OK; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (c < 0x20) {
            rc = rt_buf_addf(buf, "\\u%04x", c);
            continue;
        }
        if (c == '"' || c == '\\')
            rc = rt_buf_addc(buf, '\\');
        if (rc == RT_OK)
            rc = rt_buf_addc(buf, (char)c);
    }
    return rc == RT_OK ? rt_buf_addc(buf, '"') : rc;
}

/* ---- cells */

static bool is_json(const struct rt_rower *rower)
{
    return rower->platform->line == RT_LINE_JSON;
}

/* A NUL ends a text for too many programs, and JSON is UTF-8: such values are left out. */
static bool is_writable(const struct rt_rower *rower, struct rt_span value)
{
    return !memchr(value.p, '\0', value.n)
        && (!is_json(rower) || rt_unicode_valid(value));
}

/* A value as it came; name and prefix are those of its column. */
static int add_value(
    struct rt_rower *rower, const char *prefix, struct rt_span name, struct rt_span value)
{
    struct rt_buf *buf = &rower->out->bytes;
    int rc;

    if (!is_json(rower))
        return rower->platform->guarded ? rt_csv_add_guarded(buf, value)
                                        : rt_csv_add(buf, value);
    rc = rt_buf_addc(buf, ',');
    if (rc == RT_OK)
        rc = add_json(buf, prefix, name);
    if (rc == RT_OK)
        rc = rt_buf_addc(buf, ':');
    return rc == RT_OK ? add_json(buf, "", value) : rc;
}

static int add_plain(struct rt_rower *rower, const char *prefix, struct rt_span name,
    uint32_t field, struct rt_span value)
{
    int rc = is_json(rower) ? RT_OK : rt_buf_addc(&rower->out->bytes, ',');

    if (rc < 0 || value.n == 0)
        return rc;
    if (!is_writable(rower, value)) {
        rt_rows_count_dropped(rower->out, field,
            rt_unicode_valid(value) ? RT_DROP_UNUSABLE : RT_DROP_NOT_UTF8);
        return RT_OK;
    }
    rower->out->has_email |= field == RT_PII_EMAIL;
    rower->out->has_phone |= field == RT_PII_PHONE;
    return add_value(rower, prefix, name, value);
}

static int add_key(struct rt_rower *rower, struct rt_span key)
{
    struct rt_buf *buf = &rower->out->bytes;
    int rc;

    if (!is_json(rower))
        return rt_csv_add(buf, key);
    rc = rt_buf_adds(buf, "{\"key\":");
    return rc == RT_OK ? add_json(buf, "", key) : rc;
}

/* ---- products */

/* Appends to scratch with a backslash before each bar and backslash, so that a bar alone
 * ends a product. */
static int add_product(struct rt_rower *rower, struct rt_span product)
{
    int rc = RT_OK;

    for (size_t i = 0; i < product.n && rc == RT_OK; i++) {
        if (product.p[i] == '|' || product.p[i] == '\\')
            rc = rt_buf_addc(&rower->scratch, '\\');
        if (rc == RT_OK)
            rc = rt_buf_addc(&rower->scratch, product.p[i]);
    }
    return rc;
}

/* The products as one text, cell or array, in scratch. */
static int join_products(struct rt_rower *rower, const struct rt_person *person)
{
    uint32_t n =
        person->nproducts < rower->max_products ? person->nproducts : rower->max_products;
    int rc = RT_OK;

    rt_buf_reset(&rower->scratch);
    for (uint32_t i = 0; i < n && rc == RT_OK; i++) {
        if (!is_writable(rower, person->products[i])) {
            rt_rows_count_dropped(rower->out, RT_PII_COUNT, RT_DROP_UNUSABLE);
            continue;
        }
        if (rower->scratch.n)
            rc = rt_buf_addc(&rower->scratch, is_json(rower) ? ',' : '|');
        if (rc == RT_OK)
            rc = is_json(rower) ? add_json(&rower->scratch, "", person->products[i])
                                : add_product(rower, person->products[i]);
    }
    return rc;
}

static int add_products(struct rt_rower *rower, const struct rt_person *person)
{
    struct rt_buf *buf = &rower->out->bytes;
    struct rt_span joined;
    int rc = join_products(rower, person);

    joined = rt_buf_span(&rower->scratch);
    if (rc == RT_OK && !is_json(rower))
        rc = rt_buf_addc(buf, ',');
    if (rc < 0 || joined.n == 0)
        return rc;
    if (!is_json(rower))
        return rt_csv_add_guarded(buf, joined);
    rc = rt_buf_adds(buf, ",\"products\":[");
    if (rc == RT_OK)
        rc = rt_buf_add(buf, joined.p, joined.n);
    return rc == RT_OK ? rt_buf_addc(buf, ']') : rc;
}

/* ---- rows */

/* The first value of a field from start to end, or none. */
static struct rt_span value_in(
    const struct rt_rower *rower, uint32_t start, uint32_t end, uint32_t field)
{
    for (uint32_t i = start; i < end; i++)
        if (rower->order[i]->field == field)
            return rower->order[i]->value;
    return RT_SPAN_ABSENT;
}

/* The row of the values from start to end. */
static int contact_row(
    struct rt_rower *rower, const struct rt_person *person, uint32_t start, uint32_t end)
{
    size_t at = rower->out->bytes.n;
    bool products = rower->max_products > 0;
    int rc = add_key(rower, person->key);

    if (rc == RT_OK && !rt_rows_have_email(rower->contacts, rower->ncontacts))
        rc = add_plain(rower, "", RT_SPAN("email"), RT_PII_EMAIL,
            value_in(rower, start, end, RT_PII_EMAIL));
    for (uint32_t c = 0; c < rower->ncontacts && rc == RT_OK; c++) {
        const struct rt_contact_column *column = &rower->contacts[c];

        rc = add_plain(rower, rt_rows_name_prefix(column, products), column->name,
            column->field, value_in(rower, start, end, column->field));
    }
    if (rc == RT_OK && products)
        rc = add_products(rower, person);
    if (rc == RT_OK)
        rc = rt_buf_adds(&rower->out->bytes, is_json(rower) ? "}\n" : "\n");
    return rc == RT_OK ? rt_rows_end(rower->out, at) : rc;
}

static bool is_written(const struct rt_rower *rower, uint32_t field)
{
    if (field == RT_PII_EMAIL || field == RT_PII_USER_ID)
        return field == RT_PII_EMAIL;
    for (uint32_t i = 0; i < rower->ncontacts; i++)
        if (rower->contacts[i].field == field)
            return true;
    return false;
}

/* One row a contact row, then one for each id of events that no contact row has. A user id
 * makes no row: it stands in the key, or beside it. */
int rt_rower_contact_rows(struct rt_rower *rower, const struct rt_person *person)
{
    uint32_t contacts =
        rower->norder && rower->order[0]->row == 0 ? rt_rower_row_end(rower, 0) : 0;
    int rc = RT_OK;

    for (uint32_t i = contacts, end; i < rower->norder && rc == RT_OK; i = end) {
        end = rt_rower_row_end(rower, i);
        rc = contact_row(rower, person, i, end);
    }
    for (uint32_t i = 0; i < contacts && rc == RT_OK; i++)
        if (is_written(rower, rower->order[i]->field)
            && !rt_rower_in_contact_row(rower, contacts, rower->order[i]))
            rc = contact_row(rower, person, i, i + 1);
    if (rc == RT_OK && rower->out->nrows == 0)
        rc = contact_row(rower, person, 0, 0);
    return rc;
}

/* Eight bytes of which some byte is c. */
static bool word_has(uint64_t word, char c)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t zero_at = word ^ ones * (unsigned char)c;

    return ((zero_at - ones) & ~zero_at & ones << 7) != 0;
}

/* Whether a key has a byte that ends a line, or a text for too many programs. Keys are
 * short: two calls of memchr cost more than making the row. */
static bool ends_early(struct rt_span key)
{
    size_t i = 0;

    for (; key.n - i >= 8; i += 8) {
        uint64_t word;

        memcpy(&word, key.p + i, 8);
        if (word_has(word, '\n') || word_has(word, '\0'))
            return true;
    }
    for (; i < key.n; i++)
        if (key.p[i] == '\n' || key.p[i] == '\0')
            return true;
    return false;
}

/* Ids have no control characters, so there is none that is refused. */
bool rt_rows_take_key(struct rt_span key)
{
    return key.n && !ends_early(key);
}

int rt_rower_key_row(struct rt_rower *rower, struct rt_span key)
{
    struct rt_buf *bytes = &rower->out->bytes;
    size_t at = bytes->n;
    int rc;

    if (!rt_rows_take_key(key))
        return RT_OK;
    rc = rt_buf_reserve(bytes, key.n + 1);
    if (rc < 0)
        return rc;
    memcpy(bytes->p + at, key.p, key.n);
    bytes->p[at + key.n] = '\n';
    bytes->n += key.n + 1;
    return rt_rows_end(rower->out, at);
}
