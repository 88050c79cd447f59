/*
 * Fuzz target for contact files as hash reads them: the first byte names the platform, the
 * rest is the file, of which the first rows are shown.
 *
 * What must hold beyond not crashing: a failure has its text; each column that is taken for
 * something is one of the file's.
 */
#include <string.h>

#include "run/hashing.h"
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
    return names[byte % n];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rt_hash_options options = { .output = "-",
        .country = "DE",
        .plain_rows = 3,
        .latest_year = 2026,
        .jobs = 1,
        .tmpdir = "/tmp" };
    struct rt_buf plain = RT_BUF_INIT(1 << 26);
    struct rt_hash_report *report = NULL;
    struct rt_err err = { 0 };
    struct memfile file;
    int rc;

    if (size == 0)
        return 0;
    memfile_open(&file, data + 1, size - 1);
    options.input = file.path;
    options.platform = platform_of(data[0]);
    rc = rt_run_hash(&options, &report, &plain, &err);
    must(rc == RT_OK || (err.code == rc && err.text[0]));
    must(rc == RT_OK || rc == RT_EIO || rc == RT_EUSAGE || rc == RT_ELIMIT);
    for (uint32_t i = 0; i < report->ncolumns; i++)
        must(report->columns[i].name.n < size);
    rt_hash_report_free(report);
    rt_buf_release(&plain);
    memfile_close(&file);
    return 0;
}
