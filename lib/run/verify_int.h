/*
 * Inside of verify: the kinds of findings, and what the parts of it share. Only the
 * verify*.c files include this.
 *
 *     verify.c         the file, row by row
 *     verify_header.c  its first row: which column is which
 *     verify_cell.c    one cell against its column's rule
 *     verify_say.c     findings to whoever wants to know
 *     verify_rules.c   texts of findings; what platforms' pages say of headers
 */
#ifndef RT_VERIFY_INT_H
#define RT_VERIFY_INT_H

#include "base/arena.h"
#include "lists/normalise.h"
#include "run/csv_rows.h"
#include "run/list_header.h"
#include "run/seen_rows.h"
#include "run/verify.h"

enum rt_fault {
    /* of the file */
    RT_FAULT_PACKED,
    RT_FAULT_UTF16,
    RT_FAULT_MARK,
    RT_FAULT_EMPTY,
    RT_FAULT_MANY_ROWS,
    RT_FAULT_MANY_BYTES,
    RT_FAULT_FEW,
    /* of the header */
    RT_FAULT_SEPARATOR,
    RT_FAULT_NO_HEADER,
    RT_FAULT_HEADER,
    RT_FAULT_TITLE,
    RT_FAULT_TITLE_REPEATS,
    RT_FAULT_ORDER,
    RT_FAULT_NEEDS,
    RT_FAULT_FIXED_LINE,
    /* of a line */
    RT_FAULT_NOT_UTF8,
    RT_FAULT_CONTROL,
    RT_FAULT_LINE_END,
    RT_FAULT_MIXED_ENDS,
    RT_FAULT_BLANK,
    RT_FAULT_QUOTE,
    RT_FAULT_TOO_LONG,
    RT_FAULT_RAGGED,
    RT_FAULT_NO_IDENTIFIER,
    RT_FAULT_HALF,
    RT_FAULT_REPEAT,
    RT_FAULT_KEY,
    RT_FAULT_JSON,
    /* of a cell */
    RT_FAULT_PLAIN,
    RT_FAULT_NO_DIGEST,
    RT_FAULT_OTHER_DIGEST,
    RT_FAULT_DIGEST_CASE,
    RT_FAULT_DIGEST_BLANKS,
    RT_FAULT_EMPTY_DIGEST,
    RT_FAULT_HASHED,
    RT_FAULT_INVALID,
    RT_FAULT_UNUSABLE,
    RT_FAULT_NOT_NORMAL,
    RT_FAULT_FORMULA,
    RT_FAULTS,
    RT_NO_FAULT = RT_FAULTS
};

/* What is wrong and what to do, with "%s" for the detail where it has one. */
struct rt_fault_text {
    enum rt_severity severity;
    const char *text;
};
extern const struct rt_fault_text rt_fault_texts[RT_FAULTS];

/* What a platform's page says of headers beyond what its own lists here have. */
struct rt_header_rule {
    const char *platform;
    bool fixed;             /* all columns, in this order */
    const char *others;     /* further titles that it takes, ' ' behind each; "*": any */
    bool takes_mark;        /* a byte order mark does no harm */
    bool takes_capital_hex; /* its own tools write digests so */
};

/* Never NULL: of a platform without a rule of its own, the usual one. */
const struct rt_header_rule *rt_header_rule_of(const struct rt_platform *platform);

/*
 * Looks at one cell, not empty, of a platform's column.
 *
 * changes  for RT_FAULT_NOT_NORMAL: what would have been done, enum rt_norm_change
 *
 * Returns RT_NO_FAULT when there is nothing to say.
 */
enum rt_fault rt_verify_cell(const struct rt_platform_column *column,
    const struct rt_norm_context *context, struct rt_span cell, unsigned *changes);

/* ---- a run */

enum {
    RT_VERIFY_TEXT_MAX = 1024,
    RT_VERIFY_NAME_MAX = 60,
    RT_OTHER_COLUMN = RT_COLUMNS_MAX /* beside the platform's own */
};

struct verify {
    const struct rt_verify_options *o;
    const struct rt_platform *platform;
    const struct rt_header_rule *rule;
    struct rt_titles titles;
    const char *names[RT_TITLES_MAX]; /* as texts, in the arena until a row is read */
    struct rt_verify_result *result;
    struct rt_csv_rows *rows;
    uint32_t column[RT_CSV_CELLS_MAX]; /* the platform's, of each of the file */
    uint32_t ncolumns;                 /* of the file; 0: not known yet */
    bool blind;                        /* which columns they are is not known */
    bool titled;                       /* the first line is a header: it may be shown */
    enum rt_csv_end end;               /* of the first line */
    struct rt_seen_rows seen;
    bool no_memory; /* there was none to say what is wrong with the header */
    struct rt_arena arena;
    uint64_t counts[RT_FAULTS][RT_COLUMNS_MAX + 1];
};

/* ---- verify_say.c */

/* column: of the platform, or RT_OTHER_COLUMN, which rt_verify_find takes. detail: for the
 * text's "%s". */
void rt_verify_find_in(struct verify *v, enum rt_fault fault, uint64_t line,
    uint32_t column, const char *detail);
void rt_verify_find(
    struct verify *v, enum rt_fault fault, uint64_t line, const char *detail);

/* What was not said one by one. */
void rt_verify_say_rest(struct verify *v);

/* A name out of the file as a message may show it. */
const char *rt_verify_shown(struct rt_span name, char out[RT_VERIFY_NAME_MAX + 1]);

/* "Email, or Phone, or First Name + Last Name" */
void rt_verify_needs_text(const struct verify *v, char out[RT_VERIFY_TEXT_MAX]);

/* ---- verify_header.c */

/* Are these columns enough to identify somebody? */
bool rt_verify_needs_met(const struct rt_platform *platform, rt_columns there);

/* True when the row is a header, and is dealt with. */
bool rt_verify_first_row(struct verify *v, const struct rt_csv_row *row);

#endif
