/* A file without a name is opened again through /dev/fd: each reading has an offset of its
 * own. */
#include "run/setaside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/spool.h"
#include "run/ingest.h"

enum { BLOCK_BYTES = 1 << 18, PATH_BYTES = 32 };

/* What is no file at all is for the opener to complain about. */
static bool is_read_once(const char *path)
{
    struct stat st;

    if (strcmp(path, "-") == 0)
        return true;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static int write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t wrote = write(fd, p, n);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return -1;
        p += wrote;
        n -= (size_t)wrote;
    }
    return 0;
}

static int copy_bytes(
    int from, int to, const char *name, const char *tmpdir, struct rt_err *err)
{
    char *block = rt_malloc(BLOCK_BYTES);
    int rc = block ? RT_OK : rt_err_set(err, RT_ENOMEM, "out of memory");

    while (rc == RT_OK) {
        ssize_t got = rt_ingest_stopped() ? 0 : read(from, block, BLOCK_BYTES);

        if (rt_ingest_stopped())
            rc = rt_err_set(err, RT_ESTOP, "stopped");
        else if (got < 0 && errno == EINTR)
            continue;
        else if (got < 0)
            rc = rt_err_sys(err, RT_EIO, name, errno, "cannot read");
        else if (got == 0)
            break;
        else if (write_all(to, block, (size_t)got) < 0)
            rc = rt_err_sys(err, RT_EIO, tmpdir, errno,
                "cannot write to the temporary file here (--tmpdir names another "
                "folder)");
    }
    rt_free(block);
    return rc;
}

static int set_aside(
    struct rt_set_aside_inputs *out, uint32_t i, const char *tmpdir, struct rt_err *err)
{
    const char *path = out->inputs[i].path;
    bool standard = strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    char *bytes_path = rt_arena_bytes(&out->arena, PATH_BYTES);
    int rc, from = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (from < 0)
        return rt_err_sys(err, RT_EIO, name, errno, "cannot open");
    out->fds[i] = rt_spool_nameless(tmpdir, err);
    if (!bytes_path)
        rc = rt_err_set(err, RT_ENOMEM, "out of memory");
    else
        rc = out->fds[i] < 0 ? out->fds[i]
                             : copy_bytes(from, out->fds[i], name, tmpdir, err);
    if (rc == RT_OK) {
        snprintf(bytes_path, PATH_BYTES, "/dev/fd/%d", out->fds[i]);
        out->inputs[i].bytes_path = bytes_path;
    }
    if (!standard)
        close(from);
    return rc;
}

int rt_set_aside(const struct rt_run_input *inputs, uint32_t n, const char *tmpdir,
    struct rt_set_aside_inputs *out, struct rt_err *err)
{
    int rc = RT_OK;

    *out = (struct rt_set_aside_inputs) { .arena = RT_ARENA_INIT };
    out->inputs = rt_arena_new(&out->arena, n, sizeof *out->inputs);
    out->fds = rt_arena_new(&out->arena, n, sizeof *out->fds);
    if (!out->inputs || !out->fds)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    out->n = n;
    for (uint32_t i = 0; i < n; i++) {
        out->inputs[i] = inputs[i];
        out->fds[i] = -1;
    }
    for (uint32_t i = 0; i < n && rc == RT_OK; i++)
        if (is_read_once(inputs[i].path))
            rc = set_aside(out, i, tmpdir, err);
    return rc;
}

void rt_set_aside_release(struct rt_set_aside_inputs *set)
{
    for (uint32_t i = 0; i < set->n; i++)
        if (set->fds[i] >= 0)
            close(set->fds[i]);
    rt_arena_release(&set->arena);
    set->n = 0;
}
