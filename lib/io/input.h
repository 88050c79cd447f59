/*
 * The bytes of one input: a file or standard input, plain, gzip (any number of members)
 * or zstd (any number of frames). What it is, is seen from its first bytes, not its name.
 *
 * Not for more than one thread at a time: callers that share one hold a lock.
 */
#ifndef RT_INPUT_H
#define RT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum rt_packing { RT_PLAIN, RT_GZIP, RT_ZSTD };

struct rt_input;

/*
 * Opens "-" (standard input, descriptor 0) or a path.
 *
 * out  owned by the caller: rt_input_close
 *
 * RT_OK; RT_EIO with a clear text: no such file, a directory, no permission, bzip2, xz,
 * zip or UTF-16 content ("convert it with: ..."); RT_ENOMEM.
 */
int rt_input_open(const char *path, struct rt_input **out, struct rt_err *err);
void rt_input_close(struct rt_input *in);

/*
 * Reads up to n unpacked bytes; fills the buffer whole unless the end is near.
 *
 * Returns the bytes read, 0 at the end, or negative: RT_EIO for a failed read and for a
 * truncated or corrupt compressed file (the text names the file and says which).
 */
long rt_input_read(struct rt_input *in, char *p, size_t n, struct rt_err *err);

enum rt_packing rt_input_packing(const struct rt_input *in);

/* For progress: bytes taken from the file so far, and its size (0 when unknown: pipes). */
uint64_t rt_input_taken_bytes(const struct rt_input *in);
uint64_t rt_input_size_bytes(const struct rt_input *in);

/* Device and inode, to find one file named twice. */
void rt_input_identity(const struct rt_input *in, uint64_t *device, uint64_t *inode);

#endif
