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
#include "io/inflate.h" /* enum rt_packing */

struct rt_input;

/*
 * Opens "-" (standard input, descriptor 0) or a path.
 *
 * out  owned by the caller: rt_input_close
 *
 * The first bytes are read, and unpacked, at once: they tell what it is. A pipe without a
 * writer therefore waits here. Errors name standard input "standard input".
 *
 * RT_OK; RT_EIO with a clear text: no such file, a directory, no permission, bzip2, xz,
 * zip, UTF-16 or UTF-32 content, also inside a packed file ("convert it: iconv ..."), a
 * file packed twice, a truncated or damaged one; RT_ELIMIT: zstd window; RT_ENOMEM.
 */
int rt_input_open(const char *path, struct rt_input **out, struct rt_err *err);

/* The same for bytes that are called otherwise than the path they lie at: errors name
 * `name`. */
int rt_input_open_as(
    const char *path, const char *name, struct rt_input **out, struct rt_err *err);
void rt_input_close(struct rt_input *in);

/* What a path is called in messages: "standard input" of "-". Lent as long as the path. */
const char *rt_input_name(const char *path);

/*
 * Reads up to n unpacked bytes; fills the buffer whole unless the end is near.
 *
 * Returns the bytes read, 0 at the end, or negative: RT_EIO for a failed read and for a
 * truncated or corrupt compressed file (the text names the file and says which);
 * RT_ELIMIT for a zstd frame whose window is larger than 128 MiB. What fails once keeps
 * failing.
 */
long rt_input_read(struct rt_input *in, char *p, size_t n, struct rt_err *err);

enum rt_packing rt_input_packing(const struct rt_input *in);

/* For progress: bytes taken from the file so far, and how many there were when it was
 * opened (0 when unknown: pipes). */
uint64_t rt_input_taken_bytes(const struct rt_input *in);
uint64_t rt_input_size_bytes(const struct rt_input *in);

/* Device and inode, to find one file named twice. */
void rt_input_identity(const struct rt_input *in, uint64_t *device, uint64_t *inode);

#endif
