/* JSON lines to batches: one object a line, read by jsonread.h. */
#include "base/hash.h"
#include "events/decoders.h"
#include "events/jsoncolumns.h"
#include "events/jsonread.h"
#include "events/jsonscan.h"

/* ---- lines */

/* Marks the line up to line_end as dealt with. Returns where it stands in the block. */
static struct rt_row pass_line(struct rt_cursor *cur, const char *line_end)
{
    struct rt_row row = { .at = cur->consumed, .line = cur->lines };
    const char *from = cur->block.p + row.at, *end = cur->block.p + cur->block.n;
    const char *behind = line_end;

    if (line_end < end) {
        behind++;
        cur->lines++;
    }
    if (line_end > from && line_end[-1] == '\r')
        line_end--;
    row.size = (uint32_t)(line_end - from);
    cur->consumed = (uint32_t)(behind - cur->block.p);
    return row;
}

/* The end of the line at p; NULL when the block ends before it and more is to come. */
static const char *find_line_end(const struct rt_cursor *cur, const char *p)
{
    const char *end = cur->block.p + cur->block.n;
    const char *found = memchr(p, '\n', (size_t)(end - p));

    return found ? found : cur->at_end ? end : NULL;
}

/* Deals with the line at p (blanks passed), which is not blank. Returns 1, 0 when it is
 * not complete, or RT_ENOMEM. */
static int take_line(
    struct rt_cursor *cur, const char *p, struct rt_batch *batch, struct rt_tally *tally)
{
    struct rt_jsonread *read = cur->state;
    const char *end = cur->block.p + cur->block.n;
    const char *line_end = NULL;
    enum rt_reason reason;
    struct rt_row row;
    int rc;

    rc = rt_jsonread_record(
        read, p, rt_batch_row(batch, batch->nrows), &line_end, &reason);
    if (rc < 0)
        return rc;
    if (!line_end || (line_end == end && !cur->at_end))
        line_end = find_line_end(cur, p);
    if (!line_end)
        return 0;
    row = pass_line(cur, line_end);
    tally->read++;
    if (row.size > RT_RECORD_MAX)
        reason = RT_REJECT_TOO_LONG;
    if (reason != RT_REASONS)
        rc = rt_tally_reject(tally, reason, row.at, row.size, row.line);
    else
        rc = rt_jsonread_unescape(read);
    if (rc < 0)
        return rc;
    if (reason == RT_REASONS)
        batch->rows[batch->nrows++] = row;
    return 1;
}

static int next_batch(
    struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally)
{
    const char *end = cur->block.p + cur->block.n;

    batch->nrows = 0;
    rt_arena_reset(&batch->scratch);
    rt_jsonread_begin(cur->state, end, &batch->scratch);
    while (batch->nrows < RT_BATCH_ROWS && cur->consumed < cur->block.n) {
        const char *p = rt_jsonscan_blanks(cur->block.p + cur->consumed, end);
        int rc = 1;

        if (p < end && *p != '\n')
            rc = take_line(cur, p, batch, tally);
        else if (p < end || cur->at_end)
            pass_line(cur, p);
        else
            break;
        if (rc < 0)
            return rc;
        if (rc == 0)
            break;
    }
    return (int)batch->nrows;
}

static int init_cursor(struct rt_cursor *cur)
{
    struct rt_jsonread *read = NULL;
    int rc = rt_jsonread_new(cur->decoder->own, cur->decoder->slots->n, &read);

    cur->state = read;
    return rc;
}

static void release_cursor(struct rt_cursor *cur)
{
    rt_jsonread_free(cur->state);
    cur->state = NULL;
}

/* ---- opening */

static int look_at_head(struct rt_decoder *decoder, const char *name, struct rt_span head,
    bool all, struct rt_err *err)
{
    enum rt_jsonhead kind = rt_jsonhead_of(head, all);

    if (kind == RT_JSONHEAD_ARRAY)
        return rt_err_at(err, RT_EIO, name, 1, 1,
            "one JSON array, not one object a line: convert it with: jq -c '.[]'");
    if (kind == RT_JSONHEAD_SPREAD)
        return rt_err_at(err, RT_EIO, name, 1, 1,
            "JSON objects over several lines, not one a line: convert them "
            "with: jq -c .");
    return rt_jsoncolumns_find(
        decoder->own, head, all, &decoder->arena, &decoder->columns, &decoder->ncolumns);
}

static int open_input(struct rt_decoder *decoder, const char *name, struct rt_span head,
    bool all, struct rt_err *err)
{
    const struct rt_span mark = RT_SPAN("\xef\xbb\xbf"); /* byte order mark */
    uint32_t nslots = decoder->slots->n;
    struct rt_jsonkeys *keys = rt_arena_new(&decoder->arena, 1, sizeof *keys);
    int rc = keys ? RT_OK : RT_ENOMEM;

    decoder->has = rt_arena_new(&decoder->arena, nslots, sizeof *decoder->has);
    if (!decoder->has)
        rc = RT_ENOMEM;
    if (rc == RT_OK)
        rc = rt_jsonkeys_compile(keys, decoder->source, decoder->slots, &decoder->arena);
    if (rc == RT_OK) {
        memset(decoder->has, true, nslots); /* a key can always come */
        decoder->own = keys;
        decoder->time_form = decoder->source->time_form;
        decoder->layout = rt_hash64(RT_SPAN("jsonl"), 0);
        if (rt_span_starts(head, mark))
            decoder->skip_bytes = mark.n;
        head.p += decoder->skip_bytes;
        head.n -= decoder->skip_bytes;
        rc = look_at_head(decoder, name, head, all, err);
    }
    return rc == RT_ENOMEM ? rt_err_set(err, rc, "out of memory") : rc;
}

const struct rt_decoder_kind rt_decode_jsonl = {
    .open = open_input,
    .init = init_cursor,
    .release = release_cursor,
    .next = next_batch,
};

int rt_look_jsonl(struct rt_span head, bool all)
{
    return rt_jsonhead_score(head, all);
}
