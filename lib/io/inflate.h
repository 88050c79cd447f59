/*
 * Unpacks gzip and zstd streams.
 *
 * The packed bytes are pulled from a function, so that a file, a pipe and a test's memory
 * all feed it alike. One thread at a time.
 */
#ifndef RT_INFLATE_H
#define RT_INFLATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum rt_packing { RT_PLAIN, RT_GZIP, RT_ZSTD };

/* The largest zstd window taken, as a power of two: 128 MiB, what `zstd -d` takes
 * unasked. */
enum { RT_ZSTD_WINDOW_LOG = 27 };

/*
 * Gives the next packed bytes: any number of them, lent until the next call.
 *
 * Returns how many, 0 at the end (and then always 0), or a negative status with err
 * filled.
 */
typedef long rt_inflate_feed(void *context, const uint8_t **bytes, struct rt_err *err);

struct rt_inflate;

/*
 * packing  RT_GZIP or RT_ZSTD
 * name     the file's name in errors; borrowed for the stream's life, like context
 * out      owned by the caller: rt_inflate_free
 *
 * RT_OK or RT_ENOMEM.
 */
int rt_inflate_new(enum rt_packing packing, rt_inflate_feed *feed, void *context,
    const char *name, struct rt_inflate **out, struct rt_err *err);
void rt_inflate_free(struct rt_inflate *z);

/*
 * Reads up to n unpacked bytes; fills p whole unless the end comes first.
 *
 * gzip (RFC 1952): any number of members, each one's CRC and length verified, a header's
 * too where it has one; NULs behind the last member are padding of tapes and pass.
 * zstd (RFC 8878): any number of frames and skippable frames, checksums verified.
 *
 * Returns the bytes read, 0 at the end, or negative: RT_EIO (truncated, damaged,
 * something else behind the packed data; or what feed returned), RT_ELIMIT (zstd window),
 * RT_ENOMEM. A stream that has failed keeps failing.
 */
long rt_inflate_read(struct rt_inflate *z, char *p, size_t n, struct rt_err *err);

#endif
