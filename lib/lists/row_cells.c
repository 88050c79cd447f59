/* Values become cells: normalised, hashed, quoted; then sets and bundles of them. */
#include "lists/rows_parts.h"

#include <stdlib.h>

#include "lists/csvcell.h"
#include "lists/unicode.h"

enum { HEX_SHA256 = 64, HEX_MD5 = 32, BASE64_SHA256 = 44 };

/* Appends the digest of text in a form. */
static int add_digest(struct rt_rower *rower, enum rt_cell_form form, struct rt_span text)
{
    uint8_t bytes[RT_DIGEST_MAX];
    char *end;
    int rc = rt_digest_of(
        rower->digest, form == RT_CELL_MD5_HEX ? RT_MD5 : RT_SHA256, text, bytes);

    if (rc == RT_OK)
        rc = rt_buf_reserve(&rower->scratch, HEX_SHA256);
    if (rc < 0)
        return rc;
    end = rower->scratch.p + rower->scratch.n;
    switch (form) {
    case RT_CELL_MD5_HEX:
        rt_hex(bytes, 16, end);
        rower->scratch.n += HEX_MD5;
        break;
    case RT_CELL_SHA256_BASE64:
        rower->scratch.n += rt_base64(bytes, 32, end);
        break;
    default:
        rt_hex(bytes, 32, end);
        rower->scratch.n += HEX_SHA256;
    }
    return RT_OK;
}

/* The SHA-256 of the MD5's hex digits, lower case. */
static int add_double_digest(struct rt_rower *rower, struct rt_span text)
{
    uint8_t bytes[RT_DIGEST_MAX];
    char hex[HEX_MD5];
    int rc = rt_digest_of(rower->digest, RT_MD5, text, bytes);

    if (rc < 0)
        return rc;
    rt_hex(bytes, 16, hex);
    return add_digest(rower, RT_CELL_SHA256_HEX, (struct rt_span) { hex, HEX_MD5 });
}

static int add_form(struct rt_rower *rower, enum rt_cell_form form, struct rt_span text)
{
    switch (form) {
    case RT_CELL_PLAIN:
        return rt_csv_add(&rower->scratch, text);
    case RT_CELL_TEXT:
        return rt_csv_add_guarded(&rower->scratch, text);
    case RT_CELL_SHA256_OF_MD5:
        return add_double_digest(rower, text);
    default:
        return add_digest(rower, form, text);
    }
}

/* The hex of a SHA-256 as the Base64 of its bytes. */
static int add_hex_as_base64(struct rt_rower *rower, struct rt_span hex)
{
    uint8_t bytes[RT_DIGEST_MAX];
    int rc = rt_unhex(hex, bytes, 32);

    if (rc == RT_OK)
        rc = rt_buf_reserve(&rower->scratch, BASE64_SHA256);
    if (rc == RT_OK)
        rower->scratch.n += rt_base64(bytes, 32, rower->scratch.p + rower->scratch.n);
    return rc;
}

/* Appends what is a digest of that kind already; the column takes it. */
static int add_known(
    struct rt_rower *rower, enum rt_cell_form form, unsigned kind, struct rt_span digest)
{
    if (form == RT_CELL_SHA256_BASE64 && kind == RT_HASHED_SHA256_HEX)
        return add_hex_as_base64(rower, digest);
    if (form == RT_CELL_SHA256_OF_MD5)
        return add_digest(rower, RT_CELL_SHA256_HEX, digest);
    return rt_buf_add(&rower->scratch, digest.p, digest.n);
}

static struct rt_span normal(const struct rt_rower *rower)
{
    return (struct rt_span) { rower->norm.p, rower->norm.n };
}

/* The status of a value that its rule did not take. */
static int refuse(struct rt_rower *rower, uint32_t field, enum rt_norm_status status,
    struct rt_span raw)
{
    static const enum rt_drop drop_of[RT_NORM_STATUSES] = {
        [RT_NORM_INVALID] = RT_DROP_INVALID,
        [RT_NORM_NO_COUNTRY] = RT_DROP_NO_COUNTRY,
        [RT_NORM_HASHED] = RT_DROP_HASHED,
        [RT_NORM_UNUSABLE] = RT_DROP_UNUSABLE,
    };

    if (status == RT_NORM_NO_MEMORY)
        return RT_ENOMEM;
    if (status == RT_NORM_INVALID && !rt_unicode_valid(raw))
        rt_rows_count_dropped(rower->out, field, RT_DROP_NOT_UTF8);
    else if (status != RT_NORM_EMPTY)
        rt_rows_count_dropped(rower->out, field, drop_of[status]);
    return RT_OK;
}

static void count_changes(struct rt_rower *rower, uint32_t field)
{
    uint64_t *n = rower->out->changed->n[field < RT_PII_COUNT ? field : RT_PII_COUNT];

    for (unsigned i = 0; i < RT_NORM_CHANGES; i++)
        n[i] += rower->changes >> i & 1;
}

int rt_rower_cell(struct rt_rower *rower, uint32_t column,
    const struct rt_pii_value *value, struct rt_norm_context *context,
    struct rt_cell *cell)
{
    const struct rt_platform_column *c = &rower->platform->columns[column];
    struct rt_span raw = value->value;
    size_t at = rower->scratch.n;
    unsigned kind = rt_norm_hashed(raw, rower->knows[column], &rower->norm);
    int rc;

    *cell = (struct rt_cell) { 0, 0 };
    rower->changes = kind ? RT_DID_DIGEST : 0;
    if (kind & ~rower->takes[column])
        return refuse(rower, c->field, RT_NORM_HASHED, raw);
    if (kind && rt_norm_is_digest_of_nothing(normal(rower)))
        return refuse(rower, c->field, RT_NORM_INVALID, raw);
    if (kind) {
        rc = add_known(rower, c->form, kind, normal(rower));
    } else {
        enum rt_norm_status status;

        context->device = value->device;
        rower->norm.usual = false;
        status = c->normalise(raw, context, &rower->norm);
        rower->out->has_usual |= rower->norm.usual;
        if (status != RT_NORM_OK)
            return refuse(rower, c->field, status, raw);
        rc = add_form(rower, c->form, normal(rower));
    }
    if (rc < 0)
        return rc;
    *cell = (struct rt_cell) { (uint32_t)at, (uint32_t)(rower->scratch.n - at) };
    if (rower->out->changed)
        count_changes(rower, c->field);
    return RT_OK;
}

/* ---- sets and bundles */

static int set_add(struct rt_cell_set *set, const struct rt_cell *cells, uint32_t n)
{
    void *p = set->cells;
    int rc;

    if (set->n > UINT32_MAX - n)
        return RT_ELIMIT;
    rc = rt_rows_grow(&p, &set->room, set->n + n, sizeof *set->cells);
    set->cells = p;
    if (rc < 0)
        return rc;
    memcpy(set->cells + set->n, cells, n * sizeof *cells);
    set->n += n;
    return RT_OK;
}

struct sorting {
    const struct rt_rower *rower;
    uint32_t width; /* cells that go together */
};

static int by_text(const void *a, const void *b, void *ctx)
{
    const struct sorting *sorting = ctx;
    const struct rt_cell *x = a, *y = b;

    for (uint32_t i = 0; i < sorting->width; i++) {
        int c = rt_span_cmp(
            rt_cell_text(sorting->rower, x[i]), rt_cell_text(sorting->rower, y[i]));

        if (c)
            return c;
    }
    return 0;
}

/* Sorts a set of tuples of cells and removes repeats. */
static void tidy(const struct rt_rower *rower, struct rt_cell_set *set, uint32_t width)
{
    struct sorting sorting = { rower, width };
    size_t size = width * sizeof *set->cells;
    uint32_t kept = width;

    if (set->n <= width)
        return;
    qsort_r(set->cells, set->n / width, size, by_text, &sorting);
    for (uint32_t i = width; i < set->n; i += width)
        if (by_text(set->cells + i, set->cells + kept - width, &sorting) != 0) {
            memmove(set->cells + kept, set->cells + i, size);
            kept += width;
        }
    set->n = kept;
}

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* By text in lower case, then by bytes. */
static int by_lower_text(const void *a, const void *b, void *ctx)
{
    const struct rt_rower *rower = ctx;
    struct rt_span x = rt_cell_text(rower, *(const struct rt_cell *)a);
    struct rt_span y = rt_cell_text(rower, *(const struct rt_cell *)b);

    for (size_t i = 0; i < x.n && i < y.n; i++)
        if (lower(x.p[i]) != lower(y.p[i]))
            return lower(x.p[i]) < lower(y.p[i]) ? -1 : 1;
    return x.n != y.n ? (x.n < y.n ? -1 : 1) : rt_span_cmp(x, y);
}

/* Addresses as they were typed: those that differ in case alone are one, and ids of
 * events are in lower case. Capitals come first, so what was typed is kept. */
static void tidy_addresses(struct rt_rower *rower, struct rt_cell_set *set)
{
    uint32_t kept = 0;

    if (set->n > 1)
        qsort_r(set->cells, set->n, sizeof *set->cells, by_lower_text, rower);
    for (uint32_t i = 0; i < set->n; i++)
        if (kept == 0
            || !rt_span_eq_nocase(rt_cell_text(rower, set->cells[i]),
                rt_cell_text(rower, set->cells[kept - 1])))
            set->cells[kept++] = set->cells[i];
    set->n = kept;
}

static void tidy_column(struct rt_rower *rower, uint32_t column)
{
    const struct rt_platform_column *c = &rower->platform->columns[column];

    if (c->field == RT_PII_EMAIL && c->form == RT_CELL_PLAIN)
        tidy_addresses(rower, &rower->sets[column]);
    else
        tidy(rower, &rower->sets[column], 1);
}

/* Gathers a value into the sets of the columns that want many of its field. */
static int gather(struct rt_rower *rower, const struct rt_pii_value *value,
    struct rt_norm_context *context)
{
    rt_columns left = rower->columns_of[rt_field_told(value->field)] & rower->gathered;

    for (; left; left &= left - 1) {
        uint32_t i = rt_first_column(left);
        struct rt_cell cell;
        int rc;

        if (rower->fields[i] != value->field)
            continue;
        rc = rt_rower_cell(rower, i, value, context, &cell);
        if (rc == RT_OK && cell.n) {
            rc = set_add(&rower->sets[i], &cell, 1);
            rower->in_sets |= (rt_columns)1 << i;
        }
        if (rc < 0)
            return rc;
    }
    return RT_OK;
}

static rt_columns filled(const struct rt_cell *cells, uint32_t n)
{
    rt_columns mask = 0;

    for (uint32_t i = 0; i < n; i++)
        if (cells[i].n)
            mask |= (rt_columns)1 << i;
    return mask;
}

/* Blanks the columns that are only of use together, unless all are there. */
static void keep_whole(struct rt_rower *rower)
{
    const struct rt_platform *p = rower->platform;
    rt_columns there = filled(rower->bundle, rower->ncolumns) & p->together;

    if (there == p->together)
        return;
    for (uint32_t i = 0; i < rower->ncolumns; i++)
        if (there & (rt_columns)1 << i) {
            rt_rows_count_dropped(rower->out, p->columns[i].field, RT_DROP_UNUSABLE);
            rower->bundle[i].n = 0;
        }
}

static int keep_bundle(struct rt_rower *rower)
{
    uint32_t n = rower->ncolumns;

    keep_whole(rower);
    return filled(rower->bundle, n) ? set_add(&rower->bundles, rower->bundle, n) : RT_OK;
}

/* The columns of a bundle that values from start to end may fill. */
static rt_columns bundled(const struct rt_rower *rower, uint32_t start, uint32_t end)
{
    rt_columns columns = 0;

    for (uint32_t v = start; v < end; v++)
        columns |= rower->columns_of[rt_field_told(rower->order[v]->field)];
    return columns & ~rower->gathered;
}

/* The bundle of values from start to end: of several for one column the first good one.
 */
static int make_bundle(
    struct rt_rower *rower, uint32_t start, uint32_t end, struct rt_norm_context *context)
{
    rt_columns left = bundled(rower, start, end);

    if (!left)
        return RT_OK;
    memset(rower->bundle, 0, rower->ncolumns * sizeof *rower->bundle);
    for (; left; left &= left - 1) {
        uint32_t i = rt_first_column(left);

        for (uint32_t v = start; v < end && rower->bundle[i].n == 0; v++) {
            int rc;

            if (rower->order[v]->field != rower->fields[i])
                continue;
            rc = rt_rower_cell(rower, i, rower->order[v], context, &rower->bundle[i]);
            if (rc < 0)
                return rc;
        }
    }
    return keep_bundle(rower);
}

/* An id of events, unless a contact row has it too: there it stands with its country, and
 * is counted once. */
static int collect_id(struct rt_rower *rower, uint32_t i, uint32_t contacts,
    struct rt_norm_context *context)
{
    int rc;

    if (rt_rower_in_contact_row(rower, contacts, rower->order[i]))
        return RT_OK;
    rc = gather(rower, rower->order[i], context);
    return rc == RT_OK ? make_bundle(rower, i, i + 1, context) : rc;
}

static int collect_row(
    struct rt_rower *rower, uint32_t start, uint32_t end, struct rt_norm_context *context)
{
    int rc = RT_OK;

    for (uint32_t v = start; v < end && rc == RT_OK; v++)
        rc = rower->order[v]->row == 0 ? collect_id(rower, v, end, context)
                                       : gather(rower, rower->order[v], context);
    if (rc == RT_OK && rower->order[start]->row != 0)
        rc = make_bundle(rower, start, end, context);
    return rc;
}

static int collect(struct rt_rower *rower)
{
    char country[3];
    int rc = RT_OK;

    rt_rower_country(rower, country);
    for (uint32_t i = 0, end; i < rower->norder && rc == RT_OK; i = end) {
        struct rt_norm_context context;

        end = rt_rower_row_end(rower, i);
        context = rt_rower_context(rower, i, end, country);
        rc = collect_row(rower, i, end, &context);
    }
    return rc;
}

int rt_rower_collect(struct rt_rower *rower)
{
    int rc = collect(rower);

    if (rc < 0)
        return rc;
    for (rt_columns left = rower->in_sets; left; left &= left - 1)
        tidy_column(rower, rt_first_column(left));
    tidy(rower, &rower->bundles, rower->ncolumns);
    return RT_OK;
}
