/* What a cell holds, what it should hold. */
#include "lists/unicode.h"
#include "run/verify_int.h"

/* The kinds of digest that a column may hold; 0: none. */
static unsigned kinds_of(const struct rt_platform_column *column)
{
    switch (column->form) {
    case RT_CELL_SHA256_HEX:
    case RT_CELL_SHA256_OF_MD5:
        return RT_HASHED_SHA256_HEX | column->also;
    case RT_CELL_SHA256_BASE64:
        return RT_HASHED_SHA256_BASE64;
    case RT_CELL_MD5_HEX:
        return RT_HASHED_MD5_HEX;
    default:
        return 0;
    }
}

/* An e-mail address or a telephone number, to tell "not hashed" from "not a hash". */
static bool looks_plain(struct rt_span cell)
{
    size_t digits = 0, letters = 0;

    for (size_t i = 0; i < cell.n; i++) {
        char c = rt_ascii_lower(cell.p[i]);

        if (c == '@')
            return true;
        digits += c >= '0' && c <= '9';
        letters += c >= 'a' && c <= 'z';
    }
    return (digits >= 5 && letters == 0) || digits == 0;
}

static enum rt_fault hashed_cell(unsigned wanted, struct rt_span cell)
{
    const unsigned all = RT_HASHED_MD5_HEX | RT_HASHED_SHA1_HEX | RT_HASHED_SHA256_HEX
        | RT_HASHED_SHA512_HEX | RT_HASHED_SHA256_BASE64;
    struct rt_norm norm;
    unsigned kind = rt_norm_hashed(cell, all, &norm);
    struct rt_span digest = { norm.p, norm.n };

    if (!kind)
        return looks_plain(cell) ? RT_FAULT_PLAIN : RT_FAULT_NO_DIGEST;
    if (rt_norm_is_digest_of_nothing(digest))
        return RT_FAULT_EMPTY_DIGEST;
    if (!(kind & wanted))
        return RT_FAULT_OTHER_DIGEST;
    if (cell.n != digest.n)
        return RT_FAULT_DIGEST_BLANKS;
    return rt_span_eq(cell, digest) ? RT_NO_FAULT : RT_FAULT_DIGEST_CASE;
}

/* Characters with which a spreadsheet takes a cell for something to compute. */
static bool would_run(struct rt_span cell)
{
    return cell.n > 1 && strchr("=+-@", cell.p[0]);
}

static enum rt_fault plain_cell(const struct rt_platform_column *column,
    const struct rt_norm_context *context, struct rt_span cell, unsigned *changes)
{
    struct rt_norm_context with = *context;
    struct rt_norm norm;

    if (rt_norm_digest(cell, &norm))
        return RT_FAULT_HASHED;
    if (column->form == RT_CELL_TEXT && would_run(cell))
        return RT_FAULT_FORMULA;
    if (column->form == RT_CELL_TEXT && cell.n > 1 && cell.p[0] == '\''
        && would_run((struct rt_span) { cell.p + 1, cell.n - 1 }))
        cell = (struct rt_span) { cell.p + 1, cell.n - 1 };
    with.changes = changes;
    switch (column->normalise(cell, &with, &norm)) {
    case RT_NORM_OK:
        return rt_span_eq(cell, (struct rt_span) { norm.p, norm.n })
            ? RT_NO_FAULT
            : RT_FAULT_NOT_NORMAL;
    case RT_NORM_UNUSABLE:
        return RT_FAULT_UNUSABLE;
    default:
        return RT_FAULT_INVALID;
    }
}

enum rt_fault rt_verify_cell(const struct rt_platform_column *column,
    const struct rt_norm_context *context, struct rt_span cell, unsigned *changes)
{
    unsigned wanted = kinds_of(column);

    *changes = 0;
    return wanted ? hashed_cell(wanted, cell)
                  : plain_cell(column, context, cell, changes);
}
