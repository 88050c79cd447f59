/*
 * The decoder's twin: libcsv alone, fed byte by byte with the whole text. Slow, and too
 * simple to be wrong: what a CSV text means is what this says.
 */
#ifndef CSV_TWIN_H
#define CSV_TWIN_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * Decodes data rows (no header) of `ncols` columns, and writes all that a decoder has to
 * say about them, one line a record, as csv_twin_row and csv_twin_reject do; accepted and
 * rejected records in two parts, as a decoder hands them on. text: under
 * RT_RECORD_MAX.
 */
void csv_twin(struct rt_span text, char delimiter, uint32_t ncols, bool fill,
    struct rt_buf *rows, struct rt_buf *rejects);

/* How records are written down: "12+5 line 3 [a][b]-" ('-' is an absent cell). */
void csv_twin_row(struct rt_buf *out, uint32_t at, uint32_t size, uint32_t line,
    const struct rt_span *cells, uint32_t ncells);
void csv_twin_reject(
    struct rt_buf *out, uint32_t at, uint32_t size, uint32_t line, const char *reason);

/* A decoder for data rows of ncols columns, with a header of its own. */
struct csv_twin_fast;
struct csv_twin_fast *csv_twin_open(char delimiter, uint32_t ncols, bool fill);
void csv_twin_close(struct csv_twin_fast *fast);

/*
 * The decoder's answer in the same words.
 *
 * cuts  where to end blocks: behind byte i of the text if bit i % 8 of cuts[i / 8] is set
 *       and a block may end there; NULL: one block
 *
 * Ends the program (abort) when the decoder breaks the rules of decoder.h.
 */
void csv_twin_decode(struct csv_twin_fast *fast, struct rt_span text,
    const unsigned char *cuts, struct rt_buf *rows, struct rt_buf *rejects);

#endif
