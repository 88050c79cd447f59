/*
 * Works in two steps. First every value becomes a cell, the final text of its place in
 * the file: gathered cells in one set a column, the others in bundles, one a contact row.
 *
 *     values ──normalise, hash, quote──> sets     email {c1 c2 c3 c4}  phone {c5}
 *                                        bundles  (fn ln ... country) (fn ln ... country)
 *
 * Sets and bundles are sorted by bytes and freed of repeats, so nothing depends on the
 * order in which values came. Then rows are laid out: row i takes the next cells of each
 * set and bundle i.
 *
 * Cells point into one scratch buffer by offset, since it moves as it grows.
 */
#include "lists/rows.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "io/digest.h"
#include "lists/country.h"
#include "lists/unicode.h"

enum {
    SCRATCH_MAX = 256 << 20, /* bytes of one person */
    MEMO_SLOTS = 64,
    MEMO_TEXT = 40
};

struct cell {
    uint32_t at, n; /* n == 0: blank */
};

struct set {
    struct cell *cells;
    uint32_t n, room;
};

struct memo {
    unsigned char n;
    bool known;
    char code[3];
    char text[MEMO_TEXT];
};

struct rt_rower {
    const struct rt_platform *platform;
    struct rt_digest *digest;
    struct rt_norm_context defaults;
    const struct rt_contact_column *columns;
    uint32_t ncolumns;
    uint32_t
        fields[RT_COLUMNS_MAX]; /* of each platform column; UINT32_MAX: nobody has it */
    const struct rt_pii_value **order; /* the person's values by row, field, bytes */
    uint32_t norder, order_room;
    struct rt_buf scratch;           /* bytes of the cells */
    struct set sets[RT_COLUMNS_MAX]; /* gathered columns */
    struct set bundles;              /* ncolumns cells each */
    struct cell *line;               /* the row being made, of nline cells */
    size_t nline;
    struct cell *bundle; /* the one being made */
    struct rt_norm norm;
    struct memo memo[MEMO_SLOTS]; /* countries met */
    struct rt_rows *out;          /* of the call under way */
};

const char *rt_drop_name(enum rt_drop drop)
{
    static const char *const names[RT_DROPS] = { "invalid", "no_country", "hashed",
        "unusable" };

    return names[drop];
}

void rt_rows_release(struct rt_rows *rows)
{
    rt_buf_release(&rows->bytes);
    rt_free(rows->rows);
    memset(rows, 0, sizeof *rows);
}

/* ---- the making of it */

/* Cells of a column in a row. */
static size_t width_of(const struct rt_platform_column *column)
{
    return column->many ? column->many : 1;
}

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

int rt_rower_new(const struct rt_platform *platform,
    const struct rt_rower_options *options, struct rt_rower **out, struct rt_err *err)
{
    struct rt_rower *rower = rt_calloc(1, sizeof *rower);
    int rc;

    if (!rower)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    rower->platform = platform;
    rower->scratch.max = SCRATCH_MAX;
    rower->defaults.latest_year = options->latest_year;
    rower->columns = options->columns;
    rower->ncolumns = options->ncolumns;
    for (uint32_t i = 0; i < platform->ncolumns; i++)
        rower->fields[i] = platform->columns[i].field == RT_FIELD_NAMED
            ? named_field(options, platform->columns[i].names)
            : platform->columns[i].field;
    for (uint32_t i = 0; i < platform->ncolumns; i++)
        rower->nline += width_of(&platform->columns[i]);
    rower->bundle = rt_calloc(platform->ncolumns, sizeof *rower->bundle);
    rower->line = rt_calloc(rower->nline, sizeof *rower->line);
    rc = rower->bundle && rower->line ? set_region(rower, options->default_region, err)
                                      : rt_err_set(err, RT_ENOMEM, "out of memory");
    if (rc == RT_OK)
        rc = rt_digest_new(&rower->digest, err);
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

/* ---- values in order */

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

/* Doubles an array until `need` things fit. */
static int grow(void **p, uint32_t *room, uint32_t need, size_t size)
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

static int order_values(struct rt_rower *rower, const struct rt_person *person)
{
    void *p = rower->order;
    int rc = grow(&p, &rower->order_room, person->nvalues, sizeof *rower->order);

    rower->order = p;
    if (rc < 0)
        return rc;
    for (uint32_t i = 0; i < person->nvalues; i++)
        rower->order[i] = &person->values[i];
    rower->norder = person->nvalues;
    if (rower->norder > 1)
        qsort(rower->order, rower->norder, sizeof *rower->order, by_place);
    return RT_OK;
}

/* The end of the run of values that share the row of the one at start. */
static uint32_t row_end(const struct rt_rower *rower, uint32_t start)
{
    uint32_t i = start;

    while (i < rower->norder && rower->order[i]->row == rower->order[start]->row)
        i++;
    return i;
}

/* ---- countries */

static bool country_of(struct rt_rower *rower, struct rt_span text, char code[3])
{
    struct memo *memo;

    if (text.n > MEMO_TEXT)
        return rt_country_code(text, code);
    memo = &rower->memo[rt_hash64(text, 0) % MEMO_SLOTS];
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

/* The one country that the person's rows name, or "" when they name none or several. */
static void person_country(struct rt_rower *rower, char code[3])
{
    code[0] = '\0';
    for (uint32_t i = 0, end; i < rower->norder; i = end) {
        char here[3];

        end = row_end(rower, i);
        if (row_country(rower, i, end, here) != KNOWN_COUNTRY)
            continue;
        if (code[0] && memcmp(code, here, 3) != 0) {
            code[0] = '\0';
            return;
        }
        memcpy(code, here, 3);
    }
}

static struct rt_norm_context row_context(
    struct rt_rower *rower, uint32_t start, uint32_t end, const char person[3])
{
    struct rt_norm_context context = rower->defaults;
    char code[3];

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

/* ---- cells */

static void count_dropped(struct rt_rows *out, uint32_t field, enum rt_drop drop)
{
    out->dropped.n[field < RT_PII_COUNT ? field : RT_PII_COUNT][drop]++;
    out->any_dropped = true;
}

static bool wants_quotes(struct rt_span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == ',' || text.p[i] == '"' || text.p[i] == '\n'
            || text.p[i] == '\r')
            return true;
    return false;
}

/* Adds text to a buffer as a cell of RFC 4180. */
static int add_quoted(struct rt_buf *buf, struct rt_span text)
{
    int rc;

    if (!wants_quotes(text))
        return rt_buf_add(buf, text.p, text.n);
    rc = rt_buf_addc(buf, '"');
    for (size_t i = 0; i < text.n && rc == RT_OK; i++) {
        if (text.p[i] == '"')
            rc = rt_buf_addc(buf, '"');
        if (rc == RT_OK)
            rc = rt_buf_addc(buf, text.p[i]);
    }
    return rc == RT_OK ? rt_buf_addc(buf, '"') : rc;
}

static int make_cell(struct rt_rower *rower, struct rt_span text, struct cell *cell)
{
    size_t at = rower->scratch.n;
    int rc = add_quoted(&rower->scratch, text);

    if (rc == RT_OK)
        *cell = (struct cell) { (uint32_t)at, (uint32_t)(rower->scratch.n - at) };
    return rc;
}

static int make_digest_cell(
    struct rt_rower *rower, struct rt_span text, struct cell *cell)
{
    uint8_t bytes[RT_DIGEST_MAX];
    size_t at = rower->scratch.n;
    int rc = rt_digest_of(rower->digest, RT_SHA256, text, bytes);

    if (rc == RT_OK)
        rc = rt_buf_reserve(&rower->scratch, 64);
    if (rc < 0)
        return rc;
    rt_hex(bytes, 32, rower->scratch.p + at);
    rower->scratch.n += 64;
    *cell = (struct cell) { (uint32_t)at, 64 };
    return RT_OK;
}

static struct rt_span normal(const struct rt_rower *rower)
{
    return (struct rt_span) { rower->norm.p, rower->norm.n };
}

/* The status of a value that its rule did not take. */
static int refuse(struct rt_rower *rower, uint32_t field, enum rt_norm_status status)
{
    static const enum rt_drop drop_of[RT_NORM_STATUSES] = {
        [RT_NORM_INVALID] = RT_DROP_INVALID,
        [RT_NORM_NO_COUNTRY] = RT_DROP_NO_COUNTRY,
        [RT_NORM_HASHED] = RT_DROP_HASHED,
        [RT_NORM_UNUSABLE] = RT_DROP_UNUSABLE,
    };

    if (status == RT_NORM_NO_MEMORY)
        return RT_ENOMEM;
    if (status != RT_NORM_EMPTY)
        count_dropped(rower->out, field, drop_of[status]);
    return RT_OK;
}

/* The cell of a value in a column: blank when it was refused. */
static int value_cell(struct rt_rower *rower, uint32_t column, struct rt_span raw,
    const struct rt_norm_context *context, struct cell *cell)
{
    const struct rt_platform_column *c = &rower->platform->columns[column];
    enum rt_norm_status status;

    *cell = (struct cell) { 0, 0 };
    if (rt_norm_digest(raw, &rower->norm)) {
        if (c->form == RT_CELL_SHA256_HEX)
            return make_cell(rower, normal(rower), cell);
        return refuse(rower, c->field, RT_NORM_HASHED);
    }
    status = c->normalise(raw, context, &rower->norm);
    if (status != RT_NORM_OK)
        return refuse(rower, c->field, status);
    return c->form == RT_CELL_SHA256_HEX ? make_digest_cell(rower, normal(rower), cell)
                                         : make_cell(rower, normal(rower), cell);
}

/* ---- sets and bundles */

static struct rt_span text_of(const struct rt_rower *rower, struct cell cell)
{
    return (struct rt_span) { cell.n ? rower->scratch.p + cell.at : "", cell.n };
}

static int set_add(struct set *set, const struct cell *cells, uint32_t n)
{
    void *p = set->cells;
    int rc;

    if (set->n > UINT32_MAX - n)
        return RT_ELIMIT;
    rc = grow(&p, &set->room, set->n + n, sizeof *set->cells);
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
    const struct cell *x = a, *y = b;

    for (uint32_t i = 0; i < sorting->width; i++) {
        int c = rt_span_cmp(text_of(sorting->rower, x[i]), text_of(sorting->rower, y[i]));

        if (c)
            return c;
    }
    return 0;
}

/* Sorts a set of tuples of cells and removes repeats. */
static void tidy(const struct rt_rower *rower, struct set *set, uint32_t width)
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

/* Gathers a value into the sets of the columns that want many of its field. */
static int gather(struct rt_rower *rower, const struct rt_pii_value *value,
    const struct rt_norm_context *context)
{
    for (uint32_t i = 0; i < rower->platform->ncolumns; i++) {
        struct cell cell;
        int rc;

        if (!rower->platform->columns[i].many || rower->fields[i] != value->field)
            continue;
        rc = value_cell(rower, i, value->value, context, &cell);
        if (rc == RT_OK && cell.n)
            rc = set_add(&rower->sets[i], &cell, 1);
        if (rc < 0)
            return rc;
    }
    return RT_OK;
}

static rt_columns filled(const struct cell *cells, uint32_t n)
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
    rt_columns there = filled(rower->bundle, p->ncolumns) & p->together;

    if (there == p->together)
        return;
    for (uint32_t i = 0; i < p->ncolumns; i++)
        if (there & (rt_columns)1 << i) {
            count_dropped(rower->out, p->columns[i].field, RT_DROP_UNUSABLE);
            rower->bundle[i].n = 0;
        }
}

static int keep_bundle(struct rt_rower *rower)
{
    uint32_t n = rower->platform->ncolumns;

    keep_whole(rower);
    return filled(rower->bundle, n) ? set_add(&rower->bundles, rower->bundle, n) : RT_OK;
}

/* The bundle of values from start to end: of several for one column the first good one.
 */
static int make_bundle(struct rt_rower *rower, uint32_t start, uint32_t end,
    const struct rt_norm_context *context)
{
    const struct rt_platform *p = rower->platform;

    memset(rower->bundle, 0, p->ncolumns * sizeof *rower->bundle);
    for (uint32_t i = 0; i < p->ncolumns; i++) {
        if (p->columns[i].many)
            continue;
        for (uint32_t v = start; v < end && rower->bundle[i].n == 0; v++) {
            int rc;

            if (rower->order[v]->field != rower->fields[i])
                continue;
            rc = value_cell(rower, i, rower->order[v]->value, context, &rower->bundle[i]);
            if (rc < 0)
                return rc;
        }
    }
    return keep_bundle(rower);
}

static int collect(struct rt_rower *rower)
{
    char country[3];
    int rc = RT_OK;

    person_country(rower, country);
    for (uint32_t i = 0, end; i < rower->norder && rc == RT_OK; i = end) {
        struct rt_norm_context context;

        end = row_end(rower, i);
        context = row_context(rower, i, end, country);
        for (uint32_t v = i; v < end && rc == RT_OK; v++)
            rc = gather(rower, rower->order[v], &context);
        if (rc == RT_OK && rower->order[i]->row != 0)
            rc = make_bundle(rower, i, end, &context);
        for (uint32_t v = i; v < end && rc == RT_OK && rower->order[i]->row == 0; v++)
            rc = make_bundle(rower, v, v + 1, &context);
    }
    return rc;
}

/* ---- rows */

/* Notes the row that begins at `at`. */
static int end_row(struct rt_rows *out, size_t at)
{
    void *p = out->rows;
    int rc = grow(&p, &out->room, out->nrows + 1, sizeof *out->rows);
    out->rows = p;
    if (rc < 0)
        return rc;
    out->rows[out->nrows++] = (struct rt_list_row) { at, (uint32_t)(out->bytes.n - at) };
    return RT_OK;
}

/* Which piece of a set of n, cut in pieces of `size`, row i takes; SIZE_MAX: none. */
static size_t piece(size_t i, size_t n, size_t size, bool repeat_last)
{
    if (i * size < n)
        return i * size;
    return repeat_last && n ? (n - 1) / size * size : SIZE_MAX;
}

/* What stands in a column of row i at repeat k. */
static struct cell cell_at(
    const struct rt_rower *rower, uint32_t column, size_t i, size_t k)
{
    const struct rt_platform *p = rower->platform;
    uint8_t many = p->columns[column].many;
    const struct set *set = many ? &rower->sets[column] : &rower->bundles;
    size_t at = piece(i, set->n, many ? many : p->ncolumns, p->repeat_last);

    if (at == SIZE_MAX || (many && at + k >= set->n))
        return (struct cell) { 0, 0 };
    return set->cells[at + (many ? k : column)];
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

/* The cells of row i, side by side in rower->line; which columns have any. */
static rt_columns lay_out(struct rt_rower *rower, size_t i)
{
    const struct rt_platform *p = rower->platform;
    struct cell *cell = rower->line;
    rt_columns there = 0;

    for (uint32_t c = 0; c < p->ncolumns; c++)
        for (size_t k = 0; k < width_of(&p->columns[c]); k++) {
            *cell = cell_at(rower, c, i, k);
            if (cell->n)
                there |= (rt_columns)1 << c;
            cell++;
        }
    return there;
}

static void note_line(struct rt_rower *rower)
{
    const struct rt_platform *p = rower->platform;
    const struct cell *cell = rower->line;

    for (uint32_t c = 0; c < p->ncolumns; c++)
        for (size_t k = 0; k < width_of(&p->columns[c]); k++)
            if (cell++->n)
                note_use(rower, c, k);
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
        struct rt_span text = text_of(rower, rower->line[i]);

        memcpy(p, text.p, text.n);
        p += text.n;
        *p++ = i + 1 < rower->nline ? ',' : '\n';
    }
    out->bytes.n += n;
    return end_row(out, at);
}

static int person_rows(struct rt_rower *rower)
{
    const struct rt_platform *p = rower->platform;
    size_t nrows = p->ncolumns ? rower->bundles.n / p->ncolumns : 0;

    for (uint32_t c = 0; c < p->ncolumns; c++) {
        size_t many = p->columns[c].many;

        if (many && rower->sets[c].n > nrows * many)
            nrows = (rower->sets[c].n + many - 1) / many;
    }
    for (size_t i = 0; i < nrows; i++) {
        int rc;

        if (!is_worth_sending(p, lay_out(rower, i)))
            continue;
        note_line(rower);
        rc = put_line(rower);
        if (rc < 0)
            return rc;
    }
    return RT_OK;
}

/* A row of one cell, in the first repeat of its column. */
static int identifier_row(struct rt_rower *rower, uint32_t column, struct cell cell)
{
    const struct rt_platform *p = rower->platform;
    size_t place = 0;

    for (uint32_t c = 0; c < column; c++)
        place += width_of(&p->columns[c]);
    memset(rower->line, 0, rower->nline * sizeof *rower->line);
    rower->line[place] = cell;
    note_use(rower, column, 0);
    return put_line(rower);
}

static int identifier_rows(struct rt_rower *rower)
{
    for (uint32_t c = 0; c < rower->platform->ncolumns; c++)
        for (uint32_t i = 0; i < rower->sets[c].n; i++) {
            int rc = identifier_row(rower, c, rower->sets[c].cells[i]);

            if (rc < 0)
                return rc;
        }
    return RT_OK;
}

static int rows_of_identifiers(struct rt_rower *rower)
{
    int rc = collect(rower);

    if (rc < 0)
        return rc;
    for (uint32_t c = 0; c < rower->platform->ncolumns; c++)
        tidy(rower, &rower->sets[c], 1);
    tidy(rower, &rower->bundles, rower->platform->ncolumns);
    return rower->platform->kind == RT_ROWS_PERSON ? person_rows(rower)
                                                   : identifier_rows(rower);
}

/* ---- plain rows */

static bool has_email_column(const struct rt_contact_column *columns, uint32_t ncolumns)
{
    for (uint32_t i = 0; i < ncolumns; i++)
        if (columns[i].field == RT_PII_EMAIL)
            return true;
    return false;
}

/* A plain cell: as it came. A NUL ends a text for too many programs: left out. */
static int add_plain(struct rt_rower *rower, uint32_t field, struct rt_span value)
{
    int rc = rt_buf_addc(&rower->out->bytes, ',');

    if (rc < 0)
        return rc;
    if (value.n && memchr(value.p, '\0', value.n)) {
        count_dropped(rower->out, field, RT_DROP_UNUSABLE);
        return RT_OK;
    }
    if (value.n && field == RT_PII_EMAIL)
        rower->out->has_email = true;
    if (value.n && field == RT_PII_PHONE)
        rower->out->has_phone = true;
    return value.n ? add_quoted(&rower->out->bytes, value) : RT_OK;
}

/* The first value of a field from start to end, or none. */
static struct rt_span value_in(
    const struct rt_rower *rower, uint32_t start, uint32_t end, uint32_t field)
{
    for (uint32_t i = start; i < end; i++)
        if (rower->order[i]->field == field)
            return rower->order[i]->value;
    return RT_SPAN_ABSENT;
}

static int contact_row(
    struct rt_rower *rower, struct rt_span key, uint32_t start, uint32_t end)
{
    size_t at = rower->out->bytes.n;
    int rc = add_quoted(&rower->out->bytes, key);

    if (rc == RT_OK && !has_email_column(rower->columns, rower->ncolumns))
        rc = add_plain(rower, RT_PII_EMAIL, value_in(rower, start, end, RT_PII_EMAIL));
    for (uint32_t c = 0; c < rower->ncolumns && rc == RT_OK; c++)
        rc = add_plain(rower, rower->columns[c].field,
            value_in(rower, start, end, rower->columns[c].field));
    if (rc == RT_OK)
        rc = rt_buf_addc(&rower->out->bytes, '\n');
    return rc == RT_OK ? end_row(rower->out, at) : rc;
}

static bool is_written(const struct rt_rower *rower, uint32_t field)
{
    if (field == RT_PII_EMAIL)
        return true;
    for (uint32_t i = 0; i < rower->ncolumns; i++)
        if (rower->columns[i].field == field)
            return true;
    return false;
}

/* Whether a contact row, they begin at `contacts`, has that value as well. */
static bool in_a_contact_row(
    const struct rt_rower *rower, uint32_t contacts, const struct rt_pii_value *value)
{
    struct rt_span text = rt_span_trim(value->value);

    for (uint32_t i = contacts; i < rower->norder; i++)
        if (rower->order[i]->field == value->field
            && rt_span_eq_nocase(rt_span_trim(rower->order[i]->value), text))
            return true;
    return false;
}

/* One row a contact row, then one for each id of events that no contact row has. */
static int contact_rows(struct rt_rower *rower, struct rt_span key)
{
    uint32_t contacts =
        rower->norder && rower->order[0]->row == 0 ? row_end(rower, 0) : 0;
    int rc = RT_OK;

    for (uint32_t i = contacts, end; i < rower->norder && rc == RT_OK; i = end) {
        end = row_end(rower, i);
        rc = contact_row(rower, key, i, end);
    }
    for (uint32_t i = 0; i < contacts && rc == RT_OK; i++)
        if (is_written(rower, rower->order[i]->field)
            && !in_a_contact_row(rower, contacts, rower->order[i]))
            rc = contact_row(rower, key, i, i + 1);
    if (rc == RT_OK && rower->out->nrows == 0)
        rc = contact_row(rower, key, 0, 0);
    return rc;
}

/* A key of two lines would be two keys; ids have no control characters, so there is none.
 */
static int key_row(struct rt_rower *rower, struct rt_span key)
{
    size_t at = rower->out->bytes.n;
    int rc;

    if (key.n == 0 || memchr(key.p, '\n', key.n) || memchr(key.p, '\0', key.n))
        return RT_OK;
    rc = rt_buf_add(&rower->out->bytes, key.p, key.n);
    if (rc == RT_OK)
        rc = rt_buf_addc(&rower->out->bytes, '\n');
    return rc == RT_OK ? end_row(rower->out, at) : rc;
}

/* ---- a person */

static void start(struct rt_rower *rower, struct rt_rows *out)
{
    rower->out = out;
    rt_buf_reset(&rower->scratch);
    for (uint32_t i = 0; i < rower->platform->ncolumns; i++)
        rower->sets[i].n = 0;
    rower->bundles.n = 0;
    out->bytes.max = SCRATCH_MAX;
    rt_buf_reset(&out->bytes);
    out->nrows = 0;
    out->has_email = out->has_phone = false;
    memset(out->used, 0, sizeof out->used);
    if (out->any_dropped)
        memset(&out->dropped, 0, sizeof out->dropped);
    out->any_dropped = false;
}

static int rows_of(struct rt_rower *rower, const struct rt_person *person)
{
    switch (rower->platform->kind) {
    case RT_ROWS_PERSON:
    case RT_ROWS_IDENTIFIER:
        return rows_of_identifiers(rower);
    case RT_ROWS_CONTACT:
        return contact_rows(rower, person->key);
    case RT_ROWS_KEY:
        break;
    }
    return key_row(rower, person->key);
}

int rt_rower_person(struct rt_rower *rower, const struct rt_person *person,
    struct rt_rows *out, struct rt_err *err)
{
    int rc;

    start(rower, out);
    rc = order_values(rower, person);
    if (rc == RT_OK)
        rc = rows_of(rower, person);
    rower->out = NULL;
    if (rc == RT_ENOMEM)
        return rt_err_set(err, rc, "out of memory");
    if (rc == RT_ELIMIT)
        return rt_err_set(err, rc, "one person has more than %d MiB of contact data",
            SCRATCH_MAX >> 20);
    if (rc < 0)
        return rt_err_set(err, rc, "cannot compute SHA-256");
    return RT_OK;
}

bool rt_rower_has_contact(struct rt_rower *rower, const struct rt_person *person)
{
    char country[3];

    for (uint32_t i = 0; i < person->nvalues; i++)
        if (person->values[i].field == RT_PII_EMAIL
            && (rt_norm_digest(person->values[i].value, &rower->norm)
                || rt_norm_email_plain(person->values[i].value, NULL, &rower->norm)
                    == RT_NORM_OK))
            return true;
    if (order_values(rower, person) < 0)
        return false;
    person_country(rower, country);
    for (uint32_t i = 0, end; i < rower->norder; i = end) {
        struct rt_norm_context context;

        end = row_end(rower, i);
        context = row_context(rower, i, end, country);
        for (uint32_t v = i; v < end; v++)
            if (rower->order[v]->field == RT_PII_PHONE
                && (rt_norm_digest(rower->order[v]->value, &rower->norm)
                    || rt_norm_phone_plus(rower->order[v]->value, &context, &rower->norm)
                        == RT_NORM_OK))
                return true;
    }
    return false;
}
