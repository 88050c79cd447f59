/*
 * Inside of verify: the kinds of findings, and the checks of one cell. Only the verify*.c
 * files include this.
 */
#ifndef RT_VERIFY_INT_H
#define RT_VERIFY_INT_H

#include "lists/normalise.h"
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

#endif
