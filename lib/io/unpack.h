/*
 * Packed inputs, unpacked ahead of those who read them, on threads of their own.
 *
 *     unpacking thread   input -> chunk chunk chunk chunk     rt_unpack_work
 *     reader                      ^ copies out                rt_unpacked_read
 *
 * Readers never depend on the others: where no chunk is ready and nobody unpacks one, the
 * reader does so itself, straight to where it wants it. So there may be no unpacking
 * thread at all, and one that starts late or ends early changes nothing but the time.
 *
 * Each input that is open costs RT_UNPACK_BYTES.
 */
#ifndef RT_UNPACK_H
#define RT_UNPACK_H

#include "io/input.h"

enum { RT_UNPACK_CHUNKS = 4, RT_UNPACK_BYTES = RT_UNPACK_CHUNKS * 256 * 1024 };

struct rt_unpack;   /* what the threads share */
struct rt_unpacked; /* one input */

/* out  owned by the caller: rt_unpack_free, once its inputs are closed and nobody works.
 * RT_OK or RT_ENOMEM. */
int rt_unpack_new(struct rt_unpack **out);
void rt_unpack_free(struct rt_unpack *unpack);

/* Unpacks for whatever inputs are open until rt_unpack_end. For any number of threads at
 * once; each input is unpacked by one at a time. */
void rt_unpack_work(struct rt_unpack *unpack);

/* Nobody will read any more: those who work return, and later ones at once. */
void rt_unpack_end(struct rt_unpack *unpack);

/*
 * Hands an input over. Any thread.
 *
 * in   used by nobody else until rt_unpacked_close, and then the caller's again
 * out  owned by the caller
 *
 * RT_OK or RT_ENOMEM.
 */
int rt_unpacked_open(
    struct rt_unpack *unpack, struct rt_input *in, struct rt_unpacked **out);
void rt_unpacked_close(struct rt_unpacked *un);

/* As rt_input_read, the same bytes and errors; one reader at a time. */
long rt_unpacked_read(struct rt_unpacked *un, char *p, size_t n, struct rt_err *err);

/* As rt_input_taken_bytes; what is unpacked ahead counts. */
uint64_t rt_unpacked_taken_bytes(struct rt_unpacked *un);

#endif
