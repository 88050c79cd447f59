/* Bytes as a file that has a path, for what reads files: nothing comes to a disk. */
#ifndef FUZZ_MEMFILE_H
#define FUZZ_MEMFILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct memfile {
    int fd;
    char path[32];
};

static inline void memfile_open(struct memfile *file, const uint8_t *data, size_t size)
{
    file->fd = memfd_create("input", MFD_CLOEXEC);
    if (file->fd < 0)
        abort();
    while (size) {
        ssize_t n = write(file->fd, data, size);

        if (n <= 0)
            abort();
        data += n;
        size -= (size_t)n;
    }
    snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->fd);
}

static inline void memfile_close(struct memfile *file)
{
    close(file->fd);
}

#endif
