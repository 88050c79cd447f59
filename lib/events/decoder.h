/*
 * Decoders: bytes of an input to batches of records.
 *
 * rt_decoder_open looks at an input's first bytes, decides how to read it, and is read-only
 * from then on, shared by all workers. Each worker has an rt_cursor, with which it walks
 * one block at a time:
 *
 *     rt_cursor_start(cur, block, at_end);
 *     while ((n = rt_cursor_next(cur, &batch, &tally)) > 0)
 *         ... use the batch ...
 *     ... cur->consumed bytes of the block are dealt with ...
 *
 * A block begins where a record begins, and ends behind a line end (or at the end of the
 * input). A record that is not complete at the block's end (a quote that is still open) is
 * left over: consumed says where it begins, and the caller starts again with these bytes
 * and the next block's behind them. With at_end everything is consumed. A line end is
 * '\n', "\r\n" or a lone '\r'; a block never ends between '\r' and '\n'.
 *
 * A CSV record with a quote that is still open at the end of the input, or past
 * RT_RECORD_MAX, is rejected, and its place is its first line alone: reading goes on at the
 * line behind that, so that one stray quote costs one line and not the rest of the file.
 */
#ifndef RT_DECODER_H
#define RT_DECODER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "events/event.h"
#include "events/fields.h"
#include "events/source.h"

struct rt_decoder;

/*
 * Opens an input.
 *
 * source   borrowed for the decoder's life
 * name     the input's name for messages
 * head     its first bytes: at least 64 KiB, or all there are
 * all      head is the whole input
 * slots    the fields asked for; borrowed for the decoder's life
 * out      owned by the caller: rt_decoder_free
 *
 * RT_OK; RT_EIO with line and what to do for an input that cannot be read as asked: not
 * recognised (binary junk, ...), a CSV without a time column (names the columns it has), a
 * log where a CSV was announced, a mapped column that the header does not have (names the
 * nearest); RT_ENOMEM. An empty input is fine: it has no records.
 */
int rt_decoder_open(const struct rt_source *source, const char *name, struct rt_span head,
    bool all, const struct rt_slots *slots, struct rt_decoder **out, struct rt_err *err);
void rt_decoder_free(struct rt_decoder *decoder);

/*
 * The columns of a CSV or TSV before it is opened, for callers that want them all: they
 * make their slots of them. Contact files have no other way, for what columns they have is
 * not known beforehand.
 *
 * columns  *n of them, in arena, which owns what they point at too
 *
 * RT_OK, *n is 0 for an empty input; RT_EIO and RT_ENOMEM as rt_decoder_open, but no
 * column need be there.
 */
int rt_decoder_header(const struct rt_source *source, const char *name,
    struct rt_span head, bool all, struct rt_arena *arena, struct rt_column **columns,
    size_t *n, struct rt_err *err);

/* What was recognised. */
enum rt_format rt_decoder_format(const struct rt_decoder *decoder);
char rt_decoder_delimiter(const struct rt_decoder *decoder); /* CSV; else '\0' */
const struct rt_column *rt_decoder_columns(const struct rt_decoder *decoder, size_t *n);

/* True when the input can feed the slot (a JSON key can always come). */
bool rt_decoder_has(const struct rt_decoder *decoder, uint32_t slot);

/* Times are read by this form: the source's, or the format's own. */
const struct rt_timeform *rt_decoder_time_form(const struct rt_decoder *decoder);

/* The event name for records that carry none; absent when there is none. */
struct rt_span rt_decoder_event(const struct rt_decoder *decoder);

/* The header: bytes and lines of head that are no records (byte order mark, header row). */
void rt_decoder_skip(const struct rt_decoder *decoder, size_t *bytes, uint32_t *lines);

/* Two inputs whose records mean the same have the same layout: for "dedupe": "record". */
uint64_t rt_decoder_layout(const struct rt_decoder *decoder);

struct rt_cursor {
    const struct rt_decoder *decoder;
    struct rt_span block;
    bool at_end;
    uint32_t consumed; /* bytes of the block dealt with */
    uint32_t lines;    /* line ends among them (\n, \r\n, or a \r that ends a record) */
    void *state;       /* the format's own; owned */
};

int rt_cursor_init(struct rt_cursor *cur, const struct rt_decoder *decoder);
void rt_cursor_release(struct rt_cursor *cur);

/* block: borrowed until the next start or release; at most UINT32_MAX bytes. */
void rt_cursor_start(struct rt_cursor *cur, struct rt_span block, bool at_end);

/* Fills the batch with the next records. Returns their number, 0 when the block is done,
 * or RT_ENOMEM. Dropped and rejected records go to the tally; every record, also these,
 * counts in tally->read. */
int rt_cursor_next(struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally);

#endif
