/* What a cell holds, what it should hold. */
#include "lists/unicode.h"
#include "run/verify_int.h"

/* Digests of no bytes at all, which whole columns of careless exports consist of: MD5,
 * SHA-1, SHA-256 in hex and in Base64, and SHA-256 of the MD5's hex. */
static const char *const empty_digests[] = { "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "f215faf9d88b7f0a881632ee22459ee452a296c808d261b6cc993d3a1fd0600e", NULL };

static bool is_empty_digest(struct rt_span text)
{
    for (const char *const *digest = empty_digests; *digest; digest++)
        if (rt_span_eq(text, rt_span_of(*digest)))
            return true;
    return false;
}

/* The kinds of digest that a form of cell is written as. */
static unsigned kind_of(enum rt_cell_form form)
{
    switch (form) {
    case RT_CELL_SHA256_HEX:
    case RT_CELL_SHA256_OF_MD5:
        return RT_HASHED_SHA256_HEX;
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
    if (is_empty_digest(digest))
        return RT_FAULT_EMPTY_DIGEST;
    if (kind != wanted)
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
    unsigned wanted = kind_of(column->form);

    *changes = 0;
    return wanted ? hashed_cell(wanted, cell)
                  : plain_cell(column, context, cell, changes);
}
