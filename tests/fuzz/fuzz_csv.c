/*
 * Fuzz target: the CSV decoder against libcsv alone. The first three bytes of the input
 * choose the dialect and where blocks end, the rest is the text. Whatever the bytes, the
 * decoder's answer is libcsv's, in one block and in many.
 *
 * libFuzzer's entry; any driver that calls it with a file's bytes will do.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/csv_twin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 3, TEXT_MAX = 64 * 1024, OUT_MAX = 64 << 20 };

static void must_be_same(const struct rt_buf *twin, const struct rt_buf *fast)
{
    if (rt_span_eq(rt_buf_span(twin), rt_buf_span(fast)))
        return;
    fprintf(stderr, "libcsv:\n%.*s\nhere:\n%.*s\n", (int)twin->n, twin->p ? twin->p : "",
        (int)fast->n, fast->p ? fast->p : "");
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = { ',', ';', '\t', '|' };
    struct rt_buf rows[2] = { RT_BUF_INIT(OUT_MAX), RT_BUF_INIT(OUT_MAX) };
    struct rt_buf rejects[2] = { RT_BUF_INIT(OUT_MAX), RT_BUF_INIT(OUT_MAX) };
    struct csv_twin_fast *fast;
    struct rt_span text;
    unsigned char *cuts;
    char delimiter;
    uint32_t ncols;

    if (size < HEAD || size - HEAD > TEXT_MAX)
        return 0;
    delimiter = delimiters[data[0] % 4];
    ncols = 1 + data[1] % 5;
    text = (struct rt_span) { (const char *)data + HEAD, size - HEAD };
    cuts = malloc(text.n / 8 + 1);
    if (!cuts)
        return 0;
    memset(cuts, data[2], text.n / 8 + 1);
    fast = csv_twin_open(delimiter, ncols, data[1] & 0x80);
    csv_twin(text, delimiter, ncols, data[1] & 0x80, &rows[0], &rejects[0]);
    for (int cut = 0; cut < 2; cut++) {
        rt_buf_reset(&rows[1]);
        rt_buf_reset(&rejects[1]);
        csv_twin_decode(fast, text, cut ? cuts : NULL, &rows[1], &rejects[1]);
        must_be_same(&rows[0], &rows[1]);
        must_be_same(&rejects[0], &rejects[1]);
    }
    csv_twin_close(fast);
    free(cuts);
    for (int i = 0; i < 2; i++) {
        rt_buf_release(&rows[i]);
        rt_buf_release(&rejects[i]);
    }
    return 0;
}
