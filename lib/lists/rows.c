/* Rows of identifiers: cells are laid out side by side. And the making of a rower. */
#include "lists/rows_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "lists/country.h"

const char *rt_drop_name(enum rt_drop drop)
{
    static const char *const names[RT_DROPS] = { "invalid", "no_country", "hashed",
        "unusable", "not_utf8" };

    return names[drop];
}

void rt_rows_release(struct rt_rows *rows)
{
    rt_buf_release(&rows->bytes);
    rt_free(rows->rows);
    memset(rows, 0, sizeof *rows);
}

/* ---- shared */

int rt_rows_grow(void **p, uint32_t *room, uint32_t need, size_t size)
{
    uint32_t more = *room ? *room : 8;
    void *bigger;

    if (need <= *room)
        return RT_OK;
    while (more < need) {
        if (more > UINT32_MAX / 2)
            return RT_ELIMIT;
        more *= 2;
    }
    bigger = rt_realloc(*p, more, size);
    if (!bigger)
        return RT_ENOMEM;
    *p = bigger;
    *room = more;
    return RT_OK;
}

int rt_rows_end(struct rt_rows *out, size_t at)
{
    void *p = out->rows;
    int rc = rt_rows_grow(&p, &out->room, out->nrows + 1, sizeof *out->rows);

    out->rows = p;
    if (rc < 0)
        return rc;
    out->rows[out->nrows++] = (struct rt_list_row) { at, (uint32_t)(out->bytes.n - at) };
    return RT_OK;
}

void rt_rows_count_dropped(struct rt_rows *out, uint32_t field, enum rt_drop drop)
{
    out->dropped.n[field < RT_PII_COUNT ? field : RT_PII_COUNT][drop]++;
    out->any_dropped = true;
}

/* ---- the making of it */

/* The contact column that feeds a platform column found by name. */
static uint32_t named_field(
    const struct rt_rower_options *options, const char *const *names)
{
    for (; *names; names++)
        for (uint32_t i = 0; i < options->ncolumns; i++)
            if (options->columns[i].field >= RT_PII_COUNT
                && rt_span_eq(options->columns[i].name, rt_span_of(*names)))
                return options->columns[i].field;
    return UINT32_MAX;
}

static int set_region(struct rt_rower *rower, const char *region, struct rt_err *err)
{
    if (!region || !*region)
        return RT_OK;
    if (!rt_country_is_code(rt_span_of(region)))
        return rt_err_set(err, RT_EUSAGE,
            "not a country: give the two letters of ISO 3166-1, such as DE");
    memcpy(rower->defaults.phone_region, region, 3);
    return RT_OK;
}

static void set_columns(struct rt_rower *rower, const struct rt_rower_options *options)
{
    rower->ncolumns =
        rt_platform_columns(rower->platform, options->columns, options->ncolumns);
    for (uint32_t i = 0; i < rower->ncolumns; i++) {
        const struct rt_platform_column *c = &rower->platform->columns[i];

        rower->fields[i] =
            c->field == RT_FIELD_NAMED ? named_field(options, c->names) : c->field;
        rower->takes[i] = (uint8_t)rt_column_takes(c);
        rower->knows[i] = (uint8_t)rt_column_knows(c);
        rower->places[i] = (uint32_t)rower->nline;
        rower->nline += rt_column_width(c);
        if (c->many)
            rower->gathered |= (rt_columns)1 << i;
        if (rower->fields[i] == UINT32_MAX)
            continue;
        rower->columns_of[rt_field_told(rower->fields[i])] |= (rt_columns)1 << i;
        rower->wanted |= (rt_fields_told)1 << rt_field_told(rower->fields[i]);
    }
    if (rower->platform->kind == RT_ROWS_CONTACT)
        rower->wanted = ~(rt_fields_told)0;
}

/* MD5 is not to be had everywhere. */
static int need_digests(struct rt_rower *rower, struct rt_err *err)
{
    int rc = RT_OK;

    for (uint32_t i = 0; i < rower->ncolumns && rc == RT_OK; i++) {
        enum rt_cell_form form = rower->platform->columns[i].form;

        if (form == RT_CELL_MD5_HEX || form == RT_CELL_SHA256_OF_MD5)
            rc = rt_digest_need(rower->digest, RT_MD5, err);
    }
    return rc;
}

int rt_rower_new(const struct rt_platform *platform,
    const struct rt_rower_options *options, struct rt_rower **out, struct rt_err *err)
{
    struct rt_rower *rower = rt_calloc(1, sizeof *rower);
    int rc;

    if (!rower)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    rower->platform = platform;
    rower->scratch.max = RT_ROWS_SCRATCH_MAX;
    rower->defaults.latest_year = options->latest_year;
    rower->contacts = options->columns;
    rower->ncontacts = options->ncolumns;
    rower->max_products = options->max_products;
    set_columns(rower, options);
    rower->bundle = rt_calloc(rower->ncolumns, sizeof *rower->bundle);
    rower->line = rt_calloc(rower->nline, sizeof *rower->line);
    rc = rower->bundle && rower->line ? set_region(rower, options->default_region, err)
                                      : rt_err_set(err, RT_ENOMEM, "out of memory");
    if (rc == RT_OK)
        rc = rt_digest_new(&rower->digest, err);
    if (rc == RT_OK)
        rc = need_digests(rower, err);
    if (rc < 0) {
        rt_rower_free(rower);
        return rc;
    }
    *out = rower;
    return RT_OK;
}

void rt_rower_free(struct rt_rower *rower)
{
    if (!rower)
        return;
    rt_digest_free(rower->digest);
    rt_buf_release(&rower->scratch);
    for (size_t i = 0; i < RT_COLUMNS_MAX; i++)
        rt_free(rower->sets[i].cells);
    rt_free(rower->bundles.cells);
    rt_free(rower->bundle);
    rt_free(rower->line);
    rt_free(rower->order);
    rt_free(rower);
}

/* ---- rows */

/* Which piece of a set of n, cut in pieces of `size`, row i takes; SIZE_MAX: none. */
static size_t piece(size_t i, size_t n, size_t size, bool repeat_last)
{
    if (i * size < n)
        return i * size;
    return repeat_last && n ? (n - 1) / size * size : SIZE_MAX;
}

static bool is_worth_sending(const struct rt_platform *p, rt_columns there)
{
    for (size_t i = 0; i < RT_NEEDS_MAX && p->needs[i]; i++)
        if ((there & p->needs[i]) == p->needs[i])
            return true;
    return false;
}

static void note_use(struct rt_rower *rower, uint32_t column, size_t repeat)
{
    uint32_t field = rower->fields[column];

    if (rower->out->used[column] <= repeat)
        rower->out->used[column] = (uint8_t)(repeat + 1);
    rower->out->has_email |= field == RT_PII_EMAIL;
    rower->out->has_phone |= field == RT_PII_PHONE;
}

/* What row i has of a gathered column: up to as many cells as the column is wide. */
static rt_columns lay_out_set(struct rt_rower *rower, uint32_t column, size_t i)
{
    const struct rt_platform *p = rower->platform;
    const struct rt_cell_set *set = &rower->sets[column];
    size_t many = p->columns[column].many, at = piece(i, set->n, many, p->repeat_last);

    if (at == SIZE_MAX)
        return 0;
    for (size_t k = 0; k < many && at + k < set->n; k++)
        rower->line[rower->places[column] + k] = set->cells[at + k];
    return (rt_columns)1 << column;
}

static rt_columns lay_out_bundle(struct rt_rower *rower, size_t i)
{
    const struct rt_cell_set *set = &rower->bundles;
    size_t at = piece(i, set->n, rower->ncolumns, rower->platform->repeat_last);
    rt_columns there = 0;

    if (at == SIZE_MAX)
        return 0;
    for (uint32_t c = 0; c < rower->ncolumns; c++)
        if (set->cells[at + c].n) {
            rower->line[rower->places[c]] = set->cells[at + c];
            there |= (rt_columns)1 << c;
        }
    return there;
}

/* The cells of row i, side by side in rower->line; which columns have any. */
static rt_columns lay_out(struct rt_rower *rower, size_t i)
{
    rt_columns there = 0;

    memset(rower->line, 0, rower->nline * sizeof *rower->line);
    for (rt_columns left = rower->in_sets; left; left &= left - 1)
        there |= lay_out_set(rower, rt_first_column(left), i);
    return rower->bundles.n ? there | lay_out_bundle(rower, i) : there;
}

static void note_line(struct rt_rower *rower, rt_columns there)
{
    for (; there; there &= there - 1) {
        uint32_t c = rt_first_column(there);

        for (size_t k = 0; k < rt_column_width(&rower->platform->columns[c]); k++)
            if (rower->line[rower->places[c] + k].n)
                note_use(rower, c, k);
    }
}

/* The laid out line as a row. */
static int put_line(struct rt_rower *rower)
{
    struct rt_rows *out = rower->out;
    size_t at = out->bytes.n, n = rower->nline;
    char *p;
    int rc;

    for (size_t i = 0; i < rower->nline; i++)
        n += rower->line[i].n;
    rc = rt_buf_reserve(&out->bytes, n);
    if (rc < 0)
        return rc;
    p = out->bytes.p + at;
    for (size_t i = 0; i < rower->nline; i++) {
        struct rt_span text = rt_cell_text(rower, rower->line[i]);

        if (text.n)
            memcpy(p, text.p, text.n);
        p += text.n;
        *p++ = i + 1 < rower->nline ? ',' : '\n';
    }
    out->bytes.n += n;
    return rt_rows_end(out, at);
}

static int person_rows(struct rt_rower *rower)
{
    const struct rt_platform *p = rower->platform;
    size_t nrows = rower->ncolumns ? rower->bundles.n / rower->ncolumns : 0;

    for (rt_columns left = rower->in_sets; left; left &= left - 1) {
        uint32_t c = rt_first_column(left);
        size_t many = p->columns[c].many;

        if (rower->sets[c].n > nrows * many)
            nrows = (rower->sets[c].n + many - 1) / many;
    }
    for (size_t i = 0; i < nrows; i++) {
        rt_columns there = lay_out(rower, i);
        int rc;

        if (!is_worth_sending(p, there))
            continue;
        note_line(rower, there);
        rc = put_line(rower);
        if (rc < 0)
            return rc;
    }
    return RT_OK;
}

/* A row of one cell, in the first repeat of its column. */
static int identifier_row(struct rt_rower *rower, uint32_t column, struct rt_cell cell)
{
    memset(rower->line, 0, rower->nline * sizeof *rower->line);
    rower->line[rower->places[column]] = cell;
    note_use(rower, column, 0);
    return put_line(rower);
}

static int identifier_rows(struct rt_rower *rower)
{
    for (rt_columns left = rower->in_sets; left; left &= left - 1) {
        uint32_t c = rt_first_column(left);

        for (uint32_t i = 0; i < rower->sets[c].n; i++) {
            int rc = identifier_row(rower, c, rower->sets[c].cells[i]);

            if (rc < 0)
                return rc;
        }
    }
    return RT_OK;
}

/* The value that is all that is known of the person: one, or an id of events that a contact
 * row has as well. NULL when there is more. */
static const struct rt_pii_value *only_value(const struct rt_rower *rower)
{
    const struct rt_pii_value *const *order = rower->order;

    if (rower->norder == 1)
        return order[0];
    return rower->norder == 2 && order[0]->row == 0 && order[1]->row != 0
            && rt_rower_in_contact_row(rower, 1, order[0])
        ? order[1]
        : NULL;
}

/* The only column that takes the value, if it gathers such: else UINT32_MAX. */
static uint32_t only_column(
    const struct rt_rower *rower, const struct rt_pii_value *value)
{
    rt_columns columns = rower->columns_of[rt_field_told(value->field)];
    uint32_t c = columns ? rt_first_column(columns) : 0;

    return columns && (columns & (columns - 1)) == 0 && (columns & rower->gathered)
            && rower->fields[c] == value->field
        ? c
        : UINT32_MAX;
}

/* A row that is blank but for one cell. */
static int put_cell(struct rt_rower *rower, uint32_t column, struct rt_cell cell)
{
    struct rt_buf *bytes = &rower->out->bytes;
    size_t at = bytes->n, place = rower->places[column];
    int rc = rt_buf_reserve(bytes, rower->nline + cell.n);
    char *p;

    if (rc < 0)
        return rc;
    p = bytes->p + at;
    memset(p, ',', place);
    memcpy(p + place, rower->scratch.p + cell.at, cell.n);
    memset(p + place + cell.n, ',', rower->nline - place - 1);
    bytes->n += rower->nline + cell.n;
    bytes->p[bytes->n - 1] = '\n';
    return rt_rows_end(rower->out, at);
}

/* What most people have, an address alone, becomes a row without sets and bundles: the same
 * that collecting and laying out make of it. */
static int row_of_one(
    struct rt_rower *rower, const struct rt_pii_value *value, uint32_t column)
{
    struct rt_norm_context context = rower->defaults;
    struct rt_cell cell;
    int rc = rt_rower_cell(rower, column, value, &context, &cell);

    if (rc < 0 || cell.n == 0)
        return rc;
    if (rower->platform->kind == RT_ROWS_PERSON
        && !is_worth_sending(rower->platform, (rt_columns)1 << column))
        return RT_OK;
    note_use(rower, column, 0);
    return put_cell(rower, column, cell);
}

static int rows_of_identifiers(struct rt_rower *rower)
{
    const struct rt_pii_value *only = rower->countries ? NULL : only_value(rower);
    uint32_t column = only ? only_column(rower, only) : UINT32_MAX;
    int rc;

    if (rower->norder == 0)
        return RT_OK;
    if (column != UINT32_MAX)
        return row_of_one(rower, only, column);
    rc = rt_rower_collect(rower);
    if (rc < 0)
        return rc;
    return rower->platform->kind == RT_ROWS_PERSON ? person_rows(rower)
                                                   : identifier_rows(rower);
}

/* ---- a person */

static void start(struct rt_rower *rower, struct rt_rows *out)
{
    rower->out = out;
    rt_buf_reset(&rower->scratch);
    for (; rower->in_sets; rower->in_sets &= rower->in_sets - 1)
        rower->sets[rt_first_column(rower->in_sets)].n = 0;
    rower->bundles.n = 0;
    out->bytes.max = RT_ROWS_SCRATCH_MAX;
    rt_buf_reset(&out->bytes);
    out->nrows = 0;
    out->has_email = out->has_phone = out->has_usual = false;
    memset(out->used, 0, sizeof out->used);
    if (out->any_dropped)
        memset(&out->dropped, 0, sizeof out->dropped);
    out->any_dropped = false;
    rower->defaults.changes = out->changed ? &rower->changes : NULL;
}

static int rows_of(struct rt_rower *rower, const struct rt_person *person)
{
    switch (rower->platform->kind) {
    case RT_ROWS_PERSON:
    case RT_ROWS_IDENTIFIER:
        return rows_of_identifiers(rower);
    case RT_ROWS_CONTACT:
        return rt_rower_contact_rows(rower, person);
    case RT_ROWS_KEY:
        break;
    }
    return rt_rower_key_row(rower, person->key);
}

int rt_rower_person(struct rt_rower *rower, const struct rt_person *person,
    struct rt_rows *out, struct rt_err *err)
{
    int rc = RT_OK;

    start(rower, out);
    if (rower->platform->kind != RT_ROWS_KEY)
        rc = rt_rower_order(rower, person, rower->wanted);
    if (rc == RT_OK)
        rc = rows_of(rower, person);
    rower->out = NULL;
    if (rc == RT_ENOMEM)
        return rt_err_set(err, rc, "out of memory");
    if (rc == RT_ELIMIT)
        return rt_err_set(err, rc, "one person has more than %d MiB of contact data",
            RT_ROWS_SCRATCH_MAX >> 20);
    if (rc < 0)
        return rt_err_set(err, rc, "cannot compute SHA-256");
    return RT_OK;
}

bool rt_rower_has_contact(struct rt_rower *rower, const struct rt_person *person)
{
    const unsigned digests = RT_HASHED_SHA256_HEX | RT_HASHED_SHA256_BASE64;
    char country[3];

    if (person->nvalues == 0)
        return false;
    for (uint32_t i = 0; i < person->nvalues; i++)
        if (person->values[i].field == RT_PII_EMAIL
            && (rt_norm_hashed(person->values[i].value,
                    digests | RT_HASHED_MD5_HEX | RT_HASHED_SHA1_HEX, &rower->norm)
                || rt_norm_email_plain(person->values[i].value, NULL, &rower->norm)
                    == RT_NORM_OK))
            return true;
    if (rt_rower_order(rower, person, (rt_fields_told)1 << RT_PII_PHONE) < 0)
        return false;
    rt_rower_country(rower, country);
    for (uint32_t i = 0, end; i < rower->norder; i = end) {
        struct rt_norm_context context;

        end = rt_rower_row_end(rower, i);
        context = rt_rower_context(rower, i, end, country);
        for (uint32_t v = i; v < end; v++)
            if (rower->order[v]->field == RT_PII_PHONE
                && (rt_norm_hashed(rower->order[v]->value, digests, &rower->norm)
                    || rt_norm_phone_plus(rower->order[v]->value, &context, &rower->norm)
                        == RT_NORM_OK))
                return true;
    }
    return false;
}
