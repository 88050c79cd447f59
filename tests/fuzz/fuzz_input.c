/* Any bytes as a packed stream. The first byte chooses gzip or zstd and the sizes of the
 * pieces that go in and come out. */
#include <stdlib.h>

#include "io/inflate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct memory {
    const uint8_t *p;
    size_t n, piece;
};

static long feed(void *context, const uint8_t **bytes, struct rt_err *err)
{
    struct memory *m = context;
    size_t n = m->n < m->piece ? m->n : m->piece;

    (void)err;
    *bytes = m->p;
    m->p += n;
    m->n -= n;
    return (long)n;
}

enum { MOST_UNPACKED = 1 << 22 }; /* a bomb is no finding */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t sizes[] = { 1, 13, 1000, 1 << 16 };
    struct rt_inflate *z = NULL;
    struct memory m;
    size_t step, total = 0;
    char *p;
    long got;

    if (!size)
        return 0;
    m = (struct memory) { data + 1, size - 1, sizes[data[0] >> 2 & 3] };
    step = sizes[data[0] >> 4 & 3];
    if (rt_inflate_new(data[0] & 1 ? RT_ZSTD : RT_GZIP, feed, &m, "fuzz", &z, NULL) < 0)
        abort();
    p = malloc(step); /* so that a byte too many is found */
    while (p && (got = rt_inflate_read(z, p, step, NULL)) > 0 && total < MOST_UNPACKED)
        total += (size_t)got;
    free(p);
    rt_inflate_free(z);
    return 0;
}
