/*
 * Runs a fuzz target on files, without a fuzzer: what fuzzing found stays in corpus/ and is
 * tried again by `make check`. Each argument is a file or a folder of files; one that is
 * not there holds nothing.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_MAX_BYTES = 1 << 28, PATH_ROOM = 4096 };

/* A copy of exactly the size, so that the address sanitizer sees a step past its end. */
static int try_bytes(const struct rt_buf *bytes)
{
    uint8_t *copy = malloc(bytes->n ? bytes->n : 1);

    if (!copy)
        return EXIT_FAILURE;
    if (bytes->n)
        memcpy(copy, bytes->p, bytes->n);
    LLVMFuzzerTestOneInput(copy, bytes->n);
    free(copy);
    return EXIT_SUCCESS;
}

static int try_file(const char *path)
{
    struct rt_buf bytes = RT_BUF_INIT(FILE_MAX_BYTES);
    struct rt_err err = { 0 };
    int status = EXIT_FAILURE;

    if (rt_buf_read_file(&bytes, path, &err) == RT_OK)
        status = try_bytes(&bytes);
    else
        fprintf(stderr, "%s: %s\n", path, err.text);
    rt_buf_release(&bytes);
    return status;
}

static int try_folder(const char *path, unsigned *tried)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    int status = EXIT_SUCCESS;

    if (!dir)
        return EXIT_SUCCESS;
    while (status == EXIT_SUCCESS && (entry = readdir(dir)) != NULL) {
        char file[PATH_ROOM];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        status = try_file(file);
        ++*tried;
    }
    closedir(dir);
    return status;
}

int main(int argc, char **argv)
{
    static const struct rt_buf empty = RT_BUF_INIT(0);
    unsigned tried = 1;
    int status = try_bytes(&empty);

    for (int i = 1; i < argc && status == EXIT_SUCCESS; i++)
        status = try_folder(argv[i], &tried);
    printf("%s: %u inputs\n", argv[0], tried);
    return status;
}
