/* Growable bytes, doubled as they grow, never past their cap. */
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

void rt_buf_release(struct rt_buf *buf)
{
    rt_free(buf->p);
    buf->p = NULL;
    buf->n = buf->cap = 0;
}

int rt_buf_reserve(struct rt_buf *buf, size_t more)
{
    size_t need, cap;
    char *p;

    if (__builtin_add_overflow(buf->n, more, &need) || need > buf->max)
        return RT_ELIMIT;
    if (need <= buf->cap)
        return RT_OK;
    cap = buf->cap ? buf->cap : 64;
    while (cap < need)
        cap = cap > SIZE_MAX / 4 ? need : cap * 2;
    p = rt_realloc(buf->p, cap + 1, 1); /* one more for the NUL of rt_buf_text */
    if (!p)
        return RT_ENOMEM;
    buf->p = p;
    buf->cap = cap;
    return RT_OK;
}

int rt_buf_add(struct rt_buf *buf, const void *bytes, size_t n)
{
    int rc = rt_buf_reserve(buf, n);

    if (rc < 0)
        return rc;
    if (n)
        memcpy(buf->p + buf->n, bytes, n);
    buf->n += n;
    return RT_OK;
}

int rt_buf_addc(struct rt_buf *buf, char c)
{
    return rt_buf_add(buf, &c, 1);
}

int rt_buf_adds(struct rt_buf *buf, const char *text)
{
    return rt_buf_add(buf, text, strlen(text));
}

int rt_buf_addf(struct rt_buf *buf, const char *fmt, ...)
{
    va_list ap;
    int n, rc;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n <= 0) /* without memory there is not even room for the NUL */
        return n < 0 ? RT_ESYNTAX : RT_OK;
    rc = rt_buf_reserve(buf, (size_t)n);
    if (rc < 0)
        return rc;
    va_start(ap, fmt);
    vsnprintf(buf->p + buf->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    buf->n += (size_t)n;
    return RT_OK;
}

const char *rt_buf_text(struct rt_buf *buf)
{
    if (!buf->p)
        return "";
    buf->p[buf->n] = '\0';
    return buf->p;
}

static int read_all(struct rt_buf *buf, int fd, const char *path, struct rt_err *err)
{
    for (;;) {
        size_t room = buf->max - buf->n < 65536 ? buf->max - buf->n + 1 : 65536;
        char chunk[65536];
        ssize_t got = read(fd, chunk, room < sizeof chunk ? room : sizeof chunk);
        int rc;

        if (got == 0)
            return RT_OK;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return rt_err_sys(err, RT_EIO, path, errno, "cannot read");
        rc = rt_buf_add(buf, chunk, (size_t)got);
        if (rc == RT_ELIMIT)
            return rt_err_at(
                err, rc, path, 0, 0, "larger than the %zu bytes allowed here", buf->max);
        if (rc < 0)
            return rt_err_at(err, rc, path, 0, 0, "out of memory");
    }
}

int rt_buf_read_file(struct rt_buf *buf, const char *path, struct rt_err *err)
{
    struct stat st;
    int rc, fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return rt_err_sys(err, RT_EIO, path, errno, "cannot open");
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
        rc = rt_err_at(err, RT_EIO, path, 0, 0, "is a directory");
    else
        rc = read_all(buf, fd, path, err);
    close(fd);
    return rc;
}
