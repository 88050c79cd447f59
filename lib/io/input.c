/* One input: descriptor, first bytes, and the way to the rest.
 *
 * The first 64 unpacked bytes are held back in `head` to see what the file is, and handed
 * out by the first read. Everything behind them goes from the kernel straight into the
 * caller's buffer when the file is plain, and through a block of 256 KiB when it is
 * packed. */
#include "io/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/span.h"

enum { HEAD_BYTES = 64, BLOCK_BYTES = 256 * 1024 };

struct rt_input {
    int fd;
    enum rt_packing packing;
    int failed; /* the status that ended it */
    uint64_t taken_bytes, size_bytes, device, inode;
    struct rt_inflate *inflate; /* NULL when plain */
    uint8_t *block;             /* packed bytes; NULL when plain */
    size_t head_n, head_at;     /* of head: filled, handed out */
    size_t raw_n;               /* of raw: bytes not yet given to inflate */
    char head[HEAD_BYTES];      /* the first bytes, unpacked */
    uint8_t raw[HEAD_BYTES];    /* the first bytes as they stand in the file */
    char name[];                /* for errors */
};

/* ---- what the first bytes say */

struct kind {
    const char *magic;
    unsigned n;
    const char *refusal;
};

/* In this order: the mark of UTF-32 begins with that of UTF-16. */
static const struct kind refused[] = {
    { "BZh", 3, "is packed with bzip2; unpack it first: bzip2 -dc" },
    { "\xfd"
      "7zXZ\0",
        6, "is packed with xz; unpack it first: xz -dc" },
    { "PK\3\4", 4, "is a zip archive or a spreadsheet; unpack it, or save it as CSV" },
    { "\xff\xfe\0\0", 4, "is UTF-32; convert it: iconv -f UTF-32 -t UTF-8" },
    { "\0\0\xfe\xff", 4, "is UTF-32; convert it: iconv -f UTF-32 -t UTF-8" },
    { "\xff\xfe", 2, "is UTF-16; convert it: iconv -f UTF-16 -t UTF-8" },
    { "\xfe\xff", 2, "is UTF-16; convert it: iconv -f UTF-16 -t UTF-8" },
};

static bool starts(struct rt_span head, const char *magic, size_t n)
{
    return head.n >= n && memcmp(head.p, magic, n) == 0;
}

/* ASCII as UTF-16 without a mark: every byte of one parity is NUL, none of the other. */
static bool nul_parity(struct rt_span head, size_t parity)
{
    if (head.n < 4)
        return false;
    for (size_t i = 0; i < head.n; i++)
        if ((head.p[i] == 0) != (i % 2 == parity))
            return false;
    return true;
}

static const char *refusal(struct rt_span head)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (starts(head, refused[i].magic, refused[i].n))
            return refused[i].refusal;
    if (nul_parity(head, 1))
        return "is UTF-16; convert it: iconv -f UTF-16LE -t UTF-8";
    if (nul_parity(head, 0))
        return "is UTF-16; convert it: iconv -f UTF-16BE -t UTF-8";
    return NULL;
}

static enum rt_packing packing_of(struct rt_span head)
{
    if (starts(head, "\x1f\x8b", 2))
        return RT_GZIP;
    if (starts(head, "\x28\xb5\x2f\xfd", 4))
        return RT_ZSTD;
    if (head.n >= 4 && (head.p[0] & 0xf0) == 0x50
        && memcmp(head.p + 1, "\x2a\x4d\x18", 3) == 0)
        return RT_ZSTD; /* it begins with a frame to be skipped */
    return RT_PLAIN;
}

static int refuse(struct rt_input *in, struct rt_span head, struct rt_err *err)
{
    const char *why = refusal(head);

    return why ? rt_err_at(err, RT_EIO, in->name, 0, 0, "%s", why) : RT_OK;
}

/* ---- bytes of the file */

/* Fills p whole unless the file ends. */
static long read_fd(struct rt_input *in, void *p, size_t n, struct rt_err *err)
{
    size_t got = 0;

    while (got < n) {
        ssize_t r = read(in->fd, (char *)p + got, n - got);

        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return rt_err_sys(err, RT_EIO, in->name, errno, "cannot read");
        if (r == 0)
            break;
        got += (size_t)r;
        in->taken_bytes += (uint64_t)r;
    }
    return (long)got;
}

/* Hands inflate the bytes that were read for looking, then block after block. */
static long feed(void *context, const uint8_t **bytes, struct rt_err *err)
{
    struct rt_input *in = context;
    size_t n = in->raw_n;

    if (n) {
        *bytes = in->raw;
        in->raw_n = 0;
        return (long)n;
    }
    *bytes = in->block;
    return read_fd(in, in->block, BLOCK_BYTES, err);
}

/* ---- opening */

static int open_fd(struct rt_input *in, const char *path, struct rt_err *err)
{
    struct stat st;
    off_t at;

    in->fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                    : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (in->fd < 0)
        return rt_err_sys(err, RT_EIO, in->name, errno, "cannot open");
    if (fstat(in->fd, &st) < 0)
        return rt_err_sys(err, RT_EIO, in->name, errno, "cannot open");
    if (S_ISDIR(st.st_mode))
        return rt_err_at(err, RT_EIO, in->name, 0, 0, "is a directory");
    in->device = st.st_dev;
    in->inode = st.st_ino;
    at = S_ISREG(st.st_mode) ? lseek(in->fd, 0, SEEK_CUR) : 0;
    if (S_ISREG(st.st_mode) && at < st.st_size)
        in->size_bytes = (uint64_t)(st.st_size - at);
    posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* a wish; pipes refuse it */
    return RT_OK;
}

/* The head of a packed file is that of what lies inside. */
static int unpack_head(struct rt_input *in, struct rt_err *err)
{
    struct rt_span head;
    long got;
    int rc;

    in->block = rt_malloc(BLOCK_BYTES);
    if (!in->block)
        return rt_err_at(err, RT_ENOMEM, in->name, 0, 0, "out of memory");
    rc = rt_inflate_new(in->packing, feed, in, in->name, &in->inflate, err);
    if (rc < 0)
        return rc;
    got = rt_inflate_read(in->inflate, in->head, HEAD_BYTES, err);
    if (got < 0)
        return (int)got;
    in->head_n = (size_t)got;
    head = (struct rt_span) { in->head, in->head_n };
    if (packing_of(head) != RT_PLAIN)
        return rt_err_at(err, RT_EIO, in->name, 0, 0, "is packed twice; unpack it once");
    return refuse(in, head, err);
}

static int look(struct rt_input *in, struct rt_err *err)
{
    struct rt_span head;
    long got = read_fd(in, in->raw, HEAD_BYTES, err);
    int rc;

    if (got < 0)
        return (int)got;
    head = (struct rt_span) { (const char *)in->raw, (size_t)got };
    rc = refuse(in, head, err);
    if (rc < 0)
        return rc;
    in->packing = packing_of(head);
    if (in->packing == RT_PLAIN) {
        memcpy(in->head, in->raw, head.n);
        in->head_n = head.n;
        return RT_OK;
    }
    in->raw_n = head.n;
    return unpack_head(in, err);
}

int rt_input_open(const char *path, struct rt_input **out, struct rt_err *err)
{
    return rt_input_open_as(path, path, out, err);
}

const char *rt_input_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

int rt_input_open_as(
    const char *path, const char *called, struct rt_input **out, struct rt_err *err)
{
    const char *name = rt_input_name(called);
    size_t name_bytes = strlen(name) + 1;
    struct rt_input *in = rt_calloc(1, sizeof *in + name_bytes);
    int rc;

    if (!in)
        return rt_err_at(err, RT_ENOMEM, name, 0, 0, "out of memory");
    memcpy(in->name, name, name_bytes);
    rc = open_fd(in, path, err);
    if (rc == RT_OK)
        rc = look(in, err);
    if (rc < 0) {
        rt_input_close(in);
        return rc;
    }
    *out = in;
    return RT_OK;
}

void rt_input_close(struct rt_input *in)
{
    if (!in)
        return;
    rt_inflate_free(in->inflate);
    rt_free(in->block);
    if (in->fd >= 0)
        close(in->fd);
    rt_free(in);
}

/* ---- reading */

static size_t take_head(struct rt_input *in, char *p, size_t n)
{
    size_t take = in->head_n - in->head_at;

    if (take > n)
        take = n;
    if (take)
        memcpy(p, in->head + in->head_at, take);
    in->head_at += take;
    return take;
}

long rt_input_read(struct rt_input *in, char *p, size_t n, struct rt_err *err)
{
    size_t took;
    long got;

    if (in->failed)
        return rt_err_at(err, in->failed, in->name, 0, 0, "could not be read");
    took = take_head(in, p, n);
    if (took == n)
        return (long)n;
    got = in->inflate ? rt_inflate_read(in->inflate, p + took, n - took, err)
                      : read_fd(in, p + took, n - took, err);
    if (got < 0) {
        in->failed = (int)got;
        return got;
    }
    return (long)took + got;
}

enum rt_packing rt_input_packing(const struct rt_input *in)
{
    return in->packing;
}

uint64_t rt_input_taken_bytes(const struct rt_input *in)
{
    return in->taken_bytes;
}

uint64_t rt_input_size_bytes(const struct rt_input *in)
{
    return in->size_bytes;
}

void rt_input_identity(const struct rt_input *in, uint64_t *device, uint64_t *inode)
{
    *device = in->device;
    *inode = in->inode;
}
