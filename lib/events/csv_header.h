/*
 * The header of a CSV: which columns there are, and what they feed.
 *
 * Only the csv files of this folder include this.
 */
#ifndef RT_CSV_HEADER_H
#define RT_CSV_HEADER_H

#include "base/arena.h"
#include "base/err.h"
#include "events/fields.h"
#include "events/source.h"

struct rt_csv_header {
    struct rt_span *names; /* as the header writes them; without one, the first record */
    size_t n;
    struct rt_column *columns; /* n of them */
    size_t skip_bytes;         /* to the first record: byte order mark, header */
    uint32_t skip_lines;
};

/*
 * Reads the header of an input, or counts the columns of its first record when the source
 * says that there is none.
 *
 * head, all  the input's first bytes, as for rt_decoder_open
 * arena      owns all that header points at
 *
 * RT_OK; header->n is 0 for an empty input. RT_EIO and RT_ENOMEM as rt_decoder_open.
 */
int rt_csv_header_read(struct rt_csv_header *header, const struct rt_source *source,
    char delimiter, const char *name, struct rt_span head, bool all,
    struct rt_arena *arena, struct rt_err *err);

/* Reports RT_EIO: none of the columns is the time; says which there are. */
int rt_csv_no_time(const struct rt_csv_header *header, const struct rt_source *source,
    const char *name, struct rt_err *err);

#endif
