/*
 * What is behind the digests: for the first rows of a file, each kind of change that a
 * rule makes, shown by the first value that it was made to.
 *
 * The one place of the program that shows contact data, to those who ask for it and of as
 * many rows as they ask for.
 */
#ifndef RT_HASH_PLAIN_H
#define RT_HASH_PLAIN_H

#include "run/hash_columns.h"
#include "run/ingest.h"

/*
 * Appends to out a line for each column of the platform and kind of change among the
 * first options->plain_rows records of the feed:
 *
 *     Email   trimmed, lower-cased   " Ann@Example.com " -> "ann@example.com"
 *
 * country  the default for telephone numbers; "" for none
 *
 * RT_OK, RT_EIO, RT_ENOMEM, RT_ESTOP.
 */
int rt_hash_show_plain(const struct rt_hash_options *options,
    const struct rt_platform *platform, const struct rt_hash_columns *columns,
    struct rt_feed *feed, const char *country, struct rt_buf *out, struct rt_err *err);

#endif
