/* Bytes set aside, in three stretches one behind the other:
 *
 *     0            memory_n           memory_n + file_n           total
 *     | blocks in memory | the unlinked file | what waits to be written |
 *
 * The first stretch stops growing once the limit is reached; from then on bytes gather in
 * `wait` (256 KiB, not counted by the limit) and go to the file when it is full. Nothing
 * moves once it is written, so readers need no lock. */
#include "io/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

enum { BLOCK_BYTES = 256 * 1024 };

struct rt_spool {
    uint64_t memory_bytes;     /* the limit */
    uint64_t memory_n, file_n; /* bytes in the first and second stretch */
    size_t wait_n;
    char **blocks; /* BLOCK_BYTES each, the last perhaps less */
    size_t nblocks, blocks_cap;
    char *wait;
    const char *tmpdir;
    int fd;     /* -1 until the limit is reached */
    int failed; /* the status that ended it */
};

int rt_spool_new(
    uint64_t memory_bytes, const char *tmpdir, struct rt_spool **out, struct rt_err *err)
{
    struct rt_spool *spool = rt_calloc(1, sizeof *spool);

    if (!spool)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    spool->memory_bytes = memory_bytes;
    spool->tmpdir = tmpdir;
    spool->fd = -1;
    *out = spool;
    return RT_OK;
}

void rt_spool_free(struct rt_spool *spool)
{
    if (!spool)
        return;
    for (size_t i = 0; i < spool->nblocks; i++)
        rt_free(spool->blocks[i]);
    rt_free(spool->blocks);
    rt_free(spool->wait);
    if (spool->fd >= 0)
        close(spool->fd);
    rt_free(spool);
}

uint64_t rt_spool_bytes(const struct rt_spool *spool)
{
    return spool->memory_n + spool->file_n + spool->wait_n;
}

uint64_t rt_spool_file_bytes(const struct rt_spool *spool)
{
    return spool->file_n;
}

/* ---- the stretch in memory */

static int add_block(struct rt_spool *spool)
{
    uint64_t left = spool->memory_bytes - spool->memory_n;
    char *block;

    if (spool->nblocks == spool->blocks_cap) {
        size_t cap = spool->blocks_cap ? spool->blocks_cap * 2 : 16;
        char **blocks = rt_realloc(spool->blocks, cap, sizeof *blocks);

        if (!blocks)
            return RT_ENOMEM;
        spool->blocks = blocks;
        spool->blocks_cap = cap;
    }
    block = rt_malloc(left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES);
    if (!block)
        return RT_ENOMEM;
    spool->blocks[spool->nblocks++] = block;
    return RT_OK;
}

/* Takes from the front of bytes what the limit leaves room for. */
static int add_to_memory(struct rt_spool *spool, struct rt_span *bytes)
{
    while (bytes->n && spool->memory_n < spool->memory_bytes) {
        uint64_t left = spool->memory_bytes - spool->memory_n;
        size_t at = spool->memory_n % BLOCK_BYTES, take = BLOCK_BYTES - at;

        if (take > left)
            take = (size_t)left;
        if (take > bytes->n)
            take = bytes->n;
        if (at == 0 && add_block(spool) < 0)
            return RT_ENOMEM;
        memcpy(spool->blocks[spool->memory_n / BLOCK_BYTES] + at, bytes->p, take);
        spool->memory_n += take;
        bytes->p += take;
        bytes->n -= take;
    }
    return RT_OK;
}

/* ---- the file */

/* For file systems without O_TMPFILE: a name that lives for a moment. */
static int open_named(const char *tmpdir, struct rt_err *err)
{
    char path[4096];
    int fd, n = snprintf(path, sizeof path, "%s/.retarget-XXXXXX", tmpdir);

    if (n < 0 || (size_t)n >= sizeof path)
        return rt_err_sys(
            err, RT_EIO, tmpdir, ENAMETOOLONG, "cannot make a temporary file");
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return rt_err_sys(err, RT_EIO, tmpdir, errno, "cannot make a temporary file");
    if (unlink(path) < 0) {
        int why = errno;

        close(fd);
        return rt_err_sys(
            err, RT_EIO, path, why, "cannot remove the temporary file's name");
    }
    return fd;
}

int rt_spool_nameless(const char *tmpdir, struct rt_err *err)
{
    int fd = open(tmpdir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);

    return fd < 0 ? open_named(tmpdir, err) : fd;
}

static int open_file(struct rt_spool *spool, struct rt_err *err)
{
    int fd;

    spool->wait = rt_malloc(BLOCK_BYTES);
    if (!spool->wait)
        return RT_ENOMEM;
    fd = rt_spool_nameless(spool->tmpdir, err);
    if (fd < 0)
        return fd;
    spool->fd = fd;
    return RT_OK;
}

static int write_file(struct rt_spool *spool, const char *p, size_t n, struct rt_err *err)
{
    while (n) {
        ssize_t wrote = pwrite(spool->fd, p, n, (off_t)spool->file_n);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return rt_err_sys(err, RT_EIO, spool->tmpdir, errno,
                "cannot write to the temporary file here (--tmpdir names another "
                "folder)");
        spool->file_n += (uint64_t)wrote;
        p += wrote;
        n -= (size_t)wrote;
    }
    return RT_OK;
}

static int flush(struct rt_spool *spool, struct rt_err *err)
{
    size_t n = spool->wait_n;

    spool->wait_n = 0;
    return write_file(spool, spool->wait, n, err);
}

static int add_to_file(struct rt_spool *spool, struct rt_span bytes, struct rt_err *err)
{
    int rc = spool->fd < 0 ? open_file(spool, err) : RT_OK;

    if (rc == RT_OK && bytes.n > BLOCK_BYTES - spool->wait_n)
        rc = flush(spool, err);
    if (rc < 0)
        return rc;
    if (bytes.n >= BLOCK_BYTES)
        return write_file(spool, bytes.p, bytes.n, err);
    memcpy(spool->wait + spool->wait_n, bytes.p, bytes.n);
    spool->wait_n += bytes.n;
    return RT_OK;
}

int rt_spool_add(
    struct rt_spool *spool, struct rt_span bytes, uint64_t *at, struct rt_err *err)
{
    int rc = spool->failed;

    if (rc < 0)
        return rt_err_at(
            err, rc, spool->tmpdir, 0, 0, "the temporary file failed before");
    if (at)
        *at = rt_spool_bytes(spool);
    rc = add_to_memory(spool, &bytes);
    if (rc == RT_OK && bytes.n)
        rc = add_to_file(spool, bytes, err);
    if (rc == RT_ENOMEM)
        rt_err_set(err, rc, "out of memory");
    spool->failed = rc;
    return rc;
}

/* ---- reading */

static void read_memory(const struct rt_spool *spool, uint64_t at, char *p, size_t n)
{
    while (n) {
        size_t from = at % BLOCK_BYTES, take = BLOCK_BYTES - from;

        if (take > n)
            take = n;
        memcpy(p, spool->blocks[at / BLOCK_BYTES] + from, take);
        at += take;
        p += take;
        n -= take;
    }
}

const char *rt_spool_look(const struct rt_spool *spool, uint64_t at, size_t n)
{
    size_t from = at % BLOCK_BYTES;

    if (at > spool->memory_n || n > spool->memory_n - at || n > BLOCK_BYTES - from)
        return NULL;
    return n ? spool->blocks[at / BLOCK_BYTES] + from : "";
}

void rt_spool_fetch(const struct rt_spool *spool, uint64_t at)
{
    if (at < spool->memory_n)
        __builtin_prefetch(spool->blocks[at / BLOCK_BYTES] + at % BLOCK_BYTES);
}

static int read_file(
    const struct rt_spool *spool, uint64_t at, char *p, size_t n, struct rt_err *err)
{
    while (n) {
        ssize_t got = pread(spool->fd, p, n, (off_t)at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return rt_err_sys(
                err, RT_EIO, spool->tmpdir, errno, "cannot read the temporary file");
        if (got == 0)
            return rt_err_at(
                err, RT_EIO, spool->tmpdir, 0, 0, "the temporary file became shorter");
        at += (uint64_t)got;
        p += got;
        n -= (size_t)got;
    }
    return RT_OK;
}

/* How many of n bytes at `at` lie before `end`. */
static size_t before(uint64_t at, size_t n, uint64_t end)
{
    if (at >= end)
        return 0;
    return end - at < n ? (size_t)(end - at) : n;
}

int rt_spool_read(
    const struct rt_spool *spool, uint64_t at, char *p, size_t n, struct rt_err *err)
{
    uint64_t total = rt_spool_bytes(spool), file_end = spool->memory_n + spool->file_n;
    size_t take;
    int rc;

    if (at > total || n > total - at)
        return rt_err_at(
            err, RT_ERANGE, spool->tmpdir, 0, 0, "read past the end of a spool");
    take = before(at, n, spool->memory_n);
    read_memory(spool, at, p, take);
    at += take, p += take, n -= take;
    take = before(at, n, file_end);
    rc = read_file(spool, at - spool->memory_n, p, take, err);
    at += take, p += take, n -= take;
    if (rc == RT_OK && n)
        memcpy(p, spool->wait + (at - file_end), n);
    return rc;
}
