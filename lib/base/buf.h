/*
 * Growable bytes with a cap that is fixed at the start, so that no input can make the
 * program grow without bound.
 */
#ifndef RT_BUF_H
#define RT_BUF_H

#include <stddef.h>

#include "base/err.h"
#include "base/span.h"

struct rt_buf {
    char *p;    /* owned; NULL while empty */
    size_t n;   /* bytes in use */
    size_t cap; /* bytes allocated */
    size_t max; /* bytes allowed */
};

/* clang-format off */
#define RT_BUF_INIT(max_bytes) { NULL, 0, 0, (max_bytes) }
/* clang-format on */

/* Frees the memory; the buffer is empty and may be used again. */
void rt_buf_release(struct rt_buf *buf);

/* Forgets the contents, keeps the memory. */
static inline void rt_buf_reset(struct rt_buf *buf)
{
    buf->n = 0;
}

static inline struct rt_span rt_buf_span(const struct rt_buf *buf)
{
    return (struct rt_span) { buf->p ? buf->p : "", buf->n };
}

/* Room for `more` bytes behind the contents. RT_OK, RT_ENOMEM, or RT_ELIMIT past max. */
int rt_buf_reserve(struct rt_buf *buf, size_t more);

/* Appends. The same results as rt_buf_reserve; on failure nothing is appended. */
int rt_buf_add(struct rt_buf *buf, const void *bytes, size_t n);
int rt_buf_addc(struct rt_buf *buf, char c);
int rt_buf_adds(struct rt_buf *buf, const char *text);
int rt_buf_addf(struct rt_buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The contents with a NUL behind them (not counted): lent until the next change. */
const char *rt_buf_text(struct rt_buf *buf);

/* Appends a whole file. Refuses a directory and a file past the cap, naming it. */
int rt_buf_read_file(struct rt_buf *buf, const char *path, struct rt_err *err);

#endif
