/* libfault.so, to be preloaded: makes one system call of the program fail.
 *
 *   FAULT_CALL   write, pwrite, fsync, rename, close, read, pread or open
 *   FAULT_NTH    which of them, from 1
 *   FAULT_ERRNO  the number that it fails with; 0: write and read do only half of it
 *   FAULT_MARK   a file that is made when it comes to that
 *
 * A failing close closes all the same, as on Linux it does. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic long calls;

static bool is_due(const char *call)
{
    const char *wanted = getenv("FAULT_CALL"), *nth = getenv("FAULT_NTH");
    const char *mark = getenv("FAULT_MARK");

    if (!wanted || !nth || strcmp(wanted, call) != 0
        || atomic_fetch_add(&calls, 1) + 1 != strtol(nth, NULL, 10))
        return false;
    if (mark)
        syscall(SYS_close,
            (int)syscall(SYS_openat, AT_FDCWD, mark, O_CREAT | O_WRONLY, 0600));
    return true;
}

static int number(void)
{
    const char *text = getenv("FAULT_ERRNO");

    return text ? (int)strtol(text, NULL, 10) : EIO;
}

static long fail(void)
{
    errno = number();
    return -1;
}

ssize_t write(int fd, const void *p, size_t n)
{
    if (is_due("write")) {
        if (number())
            return fail();
        n = (n + 1) / 2;
    }
    return syscall(SYS_write, fd, p, n);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    return is_due("pwrite") ? fail() : syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t read(int fd, void *p, size_t n)
{
    if (is_due("read")) {
        if (number())
            return fail();
        n = (n + 1) / 2;
    }
    return syscall(SYS_read, fd, p, n);
}

ssize_t pread(int fd, void *p, size_t n, off_t at)
{
    return is_due("pread") ? fail() : syscall(SYS_pread64, fd, p, n, at);
}

int fsync(int fd)
{
    return is_due("fsync") ? (int)fail() : (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
    return is_due("rename")
        ? (int)fail()
        : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int close(int fd)
{
    int rc = (int)syscall(SYS_close, fd);

    return is_due("close") ? (int)fail() : rc;
}

static int open_at(int folder, const char *path, int flags, va_list ap)
{
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;

    return is_due("open") ? (int)fail()
                          : (int)syscall(SYS_openat, folder, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list ap;
    int fd;

    va_start(ap, flags);
    fd = open_at(AT_FDCWD, path, flags, ap);
    va_end(ap);
    return fd;
}

int openat(int folder, const char *path, int flags, ...)
{
    va_list ap;
    int fd;

    va_start(ap, flags);
    fd = open_at(folder, path, flags, ap);
    va_end(ap);
    return fd;
}
