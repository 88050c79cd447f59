/*
 * Fuzz target for JSON lines (libFuzzer's entry point; any driver that calls it will do).
 *
 * The input is read whole and again cut at every line end; both must see the same rows,
 * rejects and values. All bytes that cells point at are read.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/hash.h"
#include "events/decoders.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct rt_mapping mappings[] = {
    { RT_SPAN("client_id"), RT_SPAN("user.id") },
    { RT_SPAN("value"), RT_SPAN("items.0.price") },
    { RT_SPAN("plan"), RT_SPAN("a") },
};

struct result {
    uint64_t rows, rejects, cells;
};

static void take_block(struct rt_cursor *cur, struct rt_span block, bool at_end,
    struct rt_batch *batch, struct result *result)
{
    struct rt_tally tally = { .read = 0 };
    int n;

    cur->block = block;
    cur->at_end = at_end;
    cur->consumed = cur->lines = 0;
    while ((n = rt_decode_jsonl.next(cur, batch, &tally)) > 0) {
        result->rows += (uint64_t)n;
        for (uint32_t row = 0; row < batch->nrows; row++)
            for (uint32_t slot = 0; slot < batch->nslots; slot++)
                result->cells =
                    result->cells * 31 + rt_hash64(rt_batch_row(batch, row)[slot], slot);
    }
    if (n < 0 || cur->consumed != block.n)
        abort();
    for (uint32_t i = 0; i < tally.nrejects; i++)
        result->rejects = result->rejects * 31 + tally.rejects[i].reason;
    rt_tally_release(&tally);
}

static struct result read_all(
    const struct rt_decoder *decoder, struct rt_span text, bool cut)
{
    struct rt_cursor cur = { .decoder = decoder };
    struct result result = { .rows = 0 };
    struct rt_batch batch;

    if (rt_decode_jsonl.init(&cur) < 0 || rt_batch_init(&batch, decoder->slots->n) < 0)
        abort();
    while (text.n) {
        const char *end = cut ? memchr(text.p, '\n', text.n) : NULL;
        size_t n = end ? (size_t)(end - text.p) + 1 : text.n;

        take_block(&cur, (struct rt_span) { text.p, n }, n == text.n, &batch, &result);
        text = (struct rt_span) { text.p + n, text.n - n };
    }
    rt_batch_release(&batch);
    rt_decode_jsonl.release(&cur);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rt_span names[] = { RT_SPAN("time"), RT_SPAN("event"),
        RT_SPAN("user_id"), RT_SPAN("client_id"), RT_SPAN("value"), RT_SPAN("plan"),
        RT_SPAN("b.c") };
    const struct rt_slots slots = { sizeof names / sizeof *names, names };
    const struct rt_source source = { .fields = mappings, .nfields = 3 };
    struct rt_decoder decoder = { .source = &source,
        .slots = &slots,
        .kind = &rt_decode_jsonl,
        .format = RT_FORMAT_JSONL };
    struct rt_span text = { (const char *)data, size };
    struct rt_err err = { 0 };

    (void)rt_look_jsonl(text, true);
    (void)rt_look_jsonl(text, false);
    if (rt_decode_jsonl.open(&decoder, "fuzz", text, true, &err) == RT_OK) {
        struct result whole = read_all(&decoder, text, false);
        struct result lines = read_all(&decoder, text, true);

        if (memcmp(&whole, &lines, sizeof whole) != 0)
            abort();
    }
    rt_arena_release(&decoder.arena);
    return 0;
}
