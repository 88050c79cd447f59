/*
 * One record cut at its delimiters: for callers that have its bytes alone and want them cut
 * now, where a decoder would set itself up for a whole block.
 */
#ifndef RT_CSV_SPLIT_H
#define RT_CSV_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/*
 * Cuts a record that is plain: at least two fields, and neither a quote nor a '\r' in it.
 *
 * record  without its line end
 * fields  gets n spans into the record, without the blanks around them
 *
 * False, fields undefined, for any other record, and one that has not just n fields: that
 * is for a decoder.
 */
bool rt_csv_split(
    struct rt_span record, char delimiter, struct rt_span *fields, uint32_t n);

#endif
