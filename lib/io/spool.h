/*
 * Bytes set aside: in memory up to a limit, then in an unlinked temporary file (mode
 * 0600, no name, gone with the process). Written once from front to back, read anywhere.
 *
 * Writing is for one thread; reading, once writing has ended, for any number.
 */
#ifndef RT_SPOOL_H
#define RT_SPOOL_H

#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

struct rt_spool;

/*
 * memory_bytes  what may stay in memory; past it, another 256 KiB serve as write buffer
 * tmpdir        borrowed for the spool's life; touched only when the limit is passed
 * out           owned by the caller: rt_spool_free
 *
 * RT_OK or RT_ENOMEM.
 */
int rt_spool_new(
    uint64_t memory_bytes, const char *tmpdir, struct rt_spool **out, struct rt_err *err);
void rt_spool_free(struct rt_spool *spool);

/* Appends; *at (may be NULL) is where the bytes stand. RT_OK, RT_EIO (the text names
 * tmpdir), RT_ENOMEM. A spool that has failed keeps failing: it can only be freed. */
int rt_spool_add(
    struct rt_spool *spool, struct rt_span bytes, uint64_t *at, struct rt_err *err);

uint64_t rt_spool_bytes(const struct rt_spool *spool);
uint64_t rt_spool_file_bytes(const struct rt_spool *spool); /* of these, on disk */

/* Reads n bytes at `at` into p. RT_OK, RT_EIO, or RT_ERANGE past the end. */
int rt_spool_read(
    const struct rt_spool *spool, uint64_t at, char *p, size_t n, struct rt_err *err);

/* The n bytes at `at` where they lie, for as long as the spool lives; NULL when they are on
 * disk or not in one piece. And: fetches what is at `at` into the nearest cache, if it is in
 * memory. */
const char *rt_spool_look(const struct rt_spool *spool, uint64_t at, size_t n);
void rt_spool_fetch(const struct rt_spool *spool, uint64_t at);

/* A temporary file in tmpdir that has no name and mode 0600: its descriptor, the caller's,
 * or RT_EIO. */
int rt_spool_nameless(const char *tmpdir, struct rt_err *err);

#endif
