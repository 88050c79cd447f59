/*
 * What the files of a rower share. Only row*.c include this.
 *
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
#ifndef RT_ROWS_PARTS_H
#define RT_ROWS_PARTS_H

#include "io/digest.h"
#include "lists/rows.h"

enum {
    RT_ROWS_SCRATCH_MAX = 256 << 20, /* bytes of one person */
    RT_ROWS_MEMO_SLOTS = 64,
    RT_ROWS_MEMO_TEXT = 40,
    RT_FIELDS_TOLD = RT_PII_COUNT + 1 /* the last: all columns found by name */
};

/* Fields of values, as bits. */
typedef uint32_t rt_fields_told;

struct rt_cell {
    uint32_t at, n; /* n == 0: blank */
};

struct rt_cell_set {
    struct rt_cell *cells;
    uint32_t n, room;
};

struct rt_country_memo {
    unsigned char n;
    bool known;
    char code[3];
    char text[RT_ROWS_MEMO_TEXT];
};

struct rt_rower {
    const struct rt_platform *platform;
    uint32_t ncolumns; /* of the platform's, those that the file has */
    struct rt_digest *digest;
    struct rt_norm_context defaults;
    const struct rt_contact_column *contacts;
    uint32_t ncontacts, max_products;
    /* By platform column: */
    uint32_t fields[RT_COLUMNS_MAX]; /* UINT32_MAX: nobody has it */
    rt_fields_told wanted;           /* fields that some column takes */
    uint8_t takes[RT_COLUMNS_MAX];   /* digests that it takes for values, bits */
    uint8_t knows[RT_COLUMNS_MAX];   /* and those that it knows for digests */
    uint32_t places[RT_COLUMNS_MAX]; /* where in the line its first cell is */
    rt_columns gathered;             /* columns with a set; the others are in bundles */
    rt_columns columns_of[RT_FIELDS_TOLD]; /* by field: who takes it */
    const struct rt_pii_value **order; /* the person's values by row, field, bytes: those
                                          that matter to the platform */
    uint32_t norder, order_room;
    bool countries;                          /* some of these are */
    struct rt_buf scratch;                   /* bytes of the cells */
    struct rt_cell_set sets[RT_COLUMNS_MAX]; /* gathered columns */
    rt_columns in_sets;                      /* columns whose sets have something */
    struct rt_cell_set bundles;              /* ncolumns cells each */
    struct rt_cell *line;                    /* the row being made, of nline cells */
    size_t nline;
    struct rt_cell *bundle; /* the one being made */
    struct rt_norm norm;
    unsigned changes;                                /* of the value being normalised */
    struct rt_country_memo memo[RT_ROWS_MEMO_SLOTS]; /* countries met */
    struct rt_rows *out;                             /* of the call under way */
};

/* Doubles an array until `need` things fit: RT_OK, RT_ELIMIT, RT_ENOMEM. */
int rt_rows_grow(void **p, uint32_t *room, uint32_t need, size_t size);

/* Notes the row of `out` that begins at `at`. */
int rt_rows_end(struct rt_rows *out, size_t at);

void rt_rows_count_dropped(struct rt_rows *out, uint32_t field, enum rt_drop drop);

/* Cells of a column in a row. */
static inline size_t rt_column_width(const struct rt_platform_column *column)
{
    return column->many ? column->many : 1;
}

static inline uint32_t rt_field_told(uint32_t field)
{
    return field < RT_PII_COUNT ? field : RT_PII_COUNT;
}

/* The first column of a set that is not empty. */
static inline uint32_t rt_first_column(rt_columns columns)
{
    return (uint32_t)__builtin_ctz(columns);
}

/* ---- row_values.c: the person's values in order, and their countries */

/* Values of the wanted fields, and countries. */
int rt_rower_order(
    struct rt_rower *rower, const struct rt_person *person, rt_fields_told wanted);

/* The end of the run of values that share the row of the one at start. */
uint32_t rt_rower_row_end(const struct rt_rower *rower, uint32_t start);

/* Whether a contact row, they begin at `contacts`, has that value as well. */
bool rt_rower_in_contact_row(
    const struct rt_rower *rower, uint32_t contacts, const struct rt_pii_value *value);

/* The one country that the person's rows name, or "" when they name none or several. */
void rt_rower_country(struct rt_rower *rower, char code[3]);

/* What values from start to end, of one row, are normalised with. */
struct rt_norm_context rt_rower_context(
    struct rt_rower *rower, uint32_t start, uint32_t end, const char person[3]);

/* ---- row_cells.c: sets and bundles of all values, sorted, without repeats */

/* The cell of a value in a column: blank when it was refused. */
int rt_rower_cell(struct rt_rower *rower, uint32_t column,
    const struct rt_pii_value *value, struct rt_norm_context *context,
    struct rt_cell *cell);
int rt_rower_collect(struct rt_rower *rower);

static inline struct rt_span rt_cell_text(
    const struct rt_rower *rower, struct rt_cell cell)
{
    return (struct rt_span) { cell.n ? rower->scratch.p + cell.at : "", cell.n };
}

/* ---- row_plain.c: rows that nothing is normalised for */

int rt_rower_contact_rows(struct rt_rower *rower, const struct rt_person *person);
int rt_rower_key_row(struct rt_rower *rower, struct rt_span key);

#endif
