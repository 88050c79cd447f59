/* Access logs from any bytes: nothing crashes, every span lies where it may, and any
 * split at line ends gives the same rows. The first byte picks format, fields and
 * where to cut. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "events/decoders.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct rt_span names[] = { { "time", 4 }, { "event", 5 }, { "ip", 2 },
    { "remote_logname", 14 }, { "remote_user", 11 }, { "method", 6 }, { "url", 3 },
    { "protocol", 8 }, { "status", 6 }, { "bytes", 5 }, { "referrer", 8 },
    { "user_agent", 10 }, { "host", 4 }, { "port", 4 }, { "user_id", 7 } };
static const struct rt_slots slots = { sizeof names / sizeof *names, names };
static const struct rt_mapping fields[] = { { { "user_id", 7 }, { "uid", 3 } } };
static const struct rt_pixel pixel = { { "/px.gif", 7 }, { "ev", 2 }, fields, 1 };

struct sum {
    uint64_t rows, read, hash;
};

/* Reads every byte of every value, and adds it to the sum. */
static void add_rows(struct sum *sum, const struct rt_batch *batch, int n)
{
    for (uint32_t row = 0; row < (uint32_t)n; row++)
        for (uint32_t i = 0; i < batch->nslots; i++) {
            struct rt_span cell = rt_batch_row(batch, row)[i];

            sum->hash = rt_hash64(cell, sum->hash + (cell.p != NULL));
        }
    sum->rows += (uint64_t)n;
}

static void add_block(struct sum *sum, const struct rt_decoder *decoder,
    struct rt_span block, bool at_end, struct rt_batch *batch, struct rt_tally *tally)
{
    struct rt_cursor cur;
    int n;

    if (rt_cursor_init(&cur, decoder) < 0)
        abort();
    rt_cursor_start(&cur, block, at_end);
    while ((n = rt_decode_log.next(&cur, batch, tally)) > 0)
        add_rows(sum, batch, n);
    if (n < 0 || cur.consumed != block.n)
        abort();
    rt_cursor_release(&cur);
}

static struct sum read_in_two(const struct rt_decoder *decoder, struct rt_span text,
    size_t cut, struct rt_batch *batch)
{
    struct rt_tally tally = { 0 };
    struct sum sum = { 0, 0, 0 };

    if (cut)
        add_block(&sum, decoder, (struct rt_span) { text.p, cut }, false, batch, &tally);
    add_block(&sum, decoder, (struct rt_span) { text.p + cut, text.n - cut }, true, batch,
        &tally);
    sum.read = tally.read;
    for (int i = 0; i < RT_REASONS; i++)
        sum.rows += tally.count[i];
    if (sum.rows != sum.read)
        abort(); /* read = used + dropped + rejected */
    rt_tally_release(&tally);
    return sum;
}

/* Where the line ends that begins in the middle of the text, or 0. */
static size_t cut_of(struct rt_span text)
{
    const char *lf =
        text.n ? memchr(text.p + text.n / 2, '\n', text.n - text.n / 2) : NULL;

    return lf ? (size_t)(lf + 1 - text.p) : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rt_source source = { .pixel = size && data[0] & 4 ? &pixel : NULL };
    struct rt_decoder decoder = {
        .source = &source, .slots = &slots, .kind = &rt_decode_log, .arena = RT_ARENA_INIT
    };
    struct rt_span text = { (const char *)data + (size > 0), size - (size > 0) };
    struct rt_batch batch;
    struct sum whole, split;
    enum rt_format format;

    decoder.format = (enum rt_format)(RT_FORMAT_COMMON + (size ? data[0] & 3 : 0) % 3);
    rt_look_log(text, size && data[0] & 8, &format);
    if (rt_batch_init(&batch, slots.n) < 0
        || rt_decode_log.open(&decoder, "fuzz", text, true, NULL) < 0)
        abort();
    whole = read_in_two(&decoder, text, 0, &batch);
    split = read_in_two(&decoder, text, cut_of(text), &batch);
    if (memcmp(&whole, &split, sizeof whole) != 0)
        abort();
    rt_batch_release(&batch);
    rt_arena_release(&decoder.arena);
    return 0;
}
