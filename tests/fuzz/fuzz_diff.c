/*
 * Fuzz target for diff: the first byte names the platform, or none; the two lists come
 * behind it with a NUL between them.
 *
 * What must hold beyond not crashing: the rows of each list are those that both have and
 * those that it has alone; the other way round, what was added is removed; a list beside
 * itself has no difference.
 */
#include <string.h>

#include "run/diff.h"
#include "tests/fuzz/memfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static const char *platform_of(uint8_t byte)
{
    const char *const *names = rt_platform_names();
    size_t n = 0;

    while (names[n])
        n++;
    return byte % (n + 1) == n ? NULL : names[byte % (n + 1)];
}

static int diff(const char *platform, const struct memfile *old,
    const struct memfile *new, struct rt_diff_result *result)
{
    struct rt_diff_options options = { .old_path = old->path,
        .new_path = new->path,
        .platform = platform,
        .memory_bytes = 1 << 20,
        .tmpdir = "/tmp" };
    struct rt_err err = { 0 };
    int rc = rt_run_diff(&options, result, &err);

    must(rc == RT_OK || (err.code == rc && err.text[0]));
    must(rc == RT_OK || rc == RT_EIO || rc == RT_ELIMIT);
    if (rc == RT_OK) {
        must(result->old_rows == result->same + result->removed);
        must(result->new_rows == result->same + result->added);
    }
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *between = size ? memchr(data + 1, 0, size - 1) : NULL;
    struct rt_diff_result there, back, itself;
    struct memfile old, new;
    const char *platform;

    if (!between)
        return 0;
    platform = platform_of(data[0]);
    memfile_open(&old, data + 1, (size_t)(between - data) - 1);
    memfile_open(&new, between + 1, size - (size_t)(between - data) - 1);
    if (diff(platform, &old, &new, &there) == RT_OK) {
        must(diff(platform, &new, &old, &back) == RT_OK);
        must(back.added == there.removed && back.removed == there.added);
        must(back.same == there.same);
    }
    if (diff(platform, &old, &old, &itself) == RT_OK)
        must(itself.added == 0 && itself.removed == 0);
    memfile_close(&old);
    memfile_close(&new);
    return 0;
}
