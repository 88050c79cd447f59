/*
 * Access logs of the Apache family: common, combined, vhost_combined.
 *
 *     [vhost[:port] ]ip logname user [time] "request" status bytes
 *                                                  [ "referrer" "agent"[ more]]
 *
 * A line is cut into its parts by logline.h. Nothing is copied unless a value that was
 * asked for holds an escape.
 *
 * The three formats differ in which fields they feed: under `common` referrer and agent
 * are passed over; a short line under `combined` has none.
 *
 * What becomes of a line, in this order
 * - not of that form: RT_REJECT_BAD_LINE;
 * - GET or POST of the pixel's path (percent-decoded): an event, whatever the status: it
 *   is the request that carries the event, and a pixel nobody put on the server (404) or
 *   a visitor who has left (499) does not take it back. HEAD and OPTIONS are no visit;
 * - method other than GET: RT_DROP_METHOD;
 * - status neither 2xx nor 304: RT_DROP_STATUS. 304 is a page that the visitor's cache
 *   still had: it was shown;
 * - an asset, by the extension of its path: RT_DROP_ASSET; else a page view.
 *
 * Lines that are blank or begin with '#' are no records.
 */
#include "base/alloc.h"
#include "base/hash.h"
#include "base/near.h"
#include "events/asset.h"
#include "events/decoders.h"
#include "events/derive.h"
#include "events/logline.h"
#include "events/pixel.h"

/* By rt_log_part. */
static const char *const names[] = { "host", "port", "ip", "remote_logname",
    "remote_user", "time", "method", "url", "protocol", "status", "bytes", "referrer",
    "user_agent", NULL };

/* The format's own tables. */
struct log {
    uint8_t *feeds; /* per slot: the part of a line that feeds it, or RT_LOG_NOTHING */
    struct rt_span page_event;
    const struct rt_pixel *pixel; /* NULL: none */
    struct rt_pixel_feeds pixel_feeds;
    bool vhost; /* lines begin with a virtual host */
};

/* A cursor's own. */
struct state {
    rt_log_marks_fn *note; /* NULL: all lines go the long way */
    struct rt_log_marks marks;
};

/* ---- escapes */

static size_t unescape(struct rt_span text, char *out)
{
    static const char letters[] = "nrtbfv\"\\", meant[] = "\n\r\t\b\f\v\"\\";
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        const char *at;

        out[n++] = text.p[i];
        if (text.p[i] != '\\' || i + 1 == text.n)
            continue;
        at = memchr(letters, text.p[i + 1], sizeof letters - 1);
        if (at) {
            out[n - 1] = meant[at - letters];
            i++;
        } else if (text.p[i + 1] == 'x' && text.n - i > 3
            && rt_hex_value(text.p[i + 2]) >= 0 && rt_hex_value(text.p[i + 3]) >= 0) {
            out[n - 1] =
                (char)(rt_hex_value(text.p[i + 2]) << 4 | rt_hex_value(text.p[i + 3]));
            i += 3;
        }
    }
    return n;
}

/* Replaces a part by what its escapes mean: \" \\ \n \t and so on, \xhh (Apache, nginx);
 * a backslash before anything else stands for itself. The scratch that it takes is never
 * more than the block. */
static int unescape_part(struct rt_span *part, struct rt_arena *scratch)
{
    char *p;

    if (part->n == 0 || !memchr(part->p, '\\', part->n))
        return RT_OK;
    p = rt_arena_bytes(scratch, part->n);
    if (!p)
        return RT_ENOMEM;
    *part = (struct rt_span) { p, unescape(*part, p) };
    return RT_OK;
}

/* The target is not among these: it has been unescaped before the line was judged. */
static bool may_hold_escapes(int directive)
{
    return directive == RT_LOG_PROTOCOL || directive == RT_LOG_REFERRER
        || directive == RT_LOG_AGENT || directive == RT_LOG_USER
        || directive == RT_LOG_LOGNAME;
}

/* ---- what a line is worth */

static bool is_pixel(
    const struct log *log, const struct rt_logline *line, struct rt_span path)
{
    const struct rt_span method = line->part[RT_LOG_METHOD];

    return log->pixel
        && (rt_span_eq(path, log->pixel->path)
            || rt_percent_eq(path, false, log->pixel->path))
        && (rt_span_eq(method, RT_SPAN("GET")) || rt_span_eq(method, RT_SPAN("POST")));
}

static bool is_success(struct rt_span status)
{
    return status.n == 3 && (status.p[0] == '2' || memcmp(status.p, "304", 3) == 0);
}

enum worth { PAGE, PIXEL, DROPPED };

/* url  the target, unescaped */
static enum worth worth_of(const struct log *log, const struct rt_logline *line,
    const struct rt_url *url, enum rt_reason *reason)
{
    if (is_pixel(log, line, url->path))
        return PIXEL;
    if (!rt_span_eq(line->part[RT_LOG_METHOD], RT_SPAN("GET")))
        *reason = RT_DROP_METHOD;
    else if (!is_success(line->part[RT_LOG_STATUS]))
        *reason = RT_DROP_STATUS;
    else if (rt_is_asset(url->path))
        *reason = RT_DROP_ASSET;
    else
        return PAGE;
    return DROPPED;
}

/* ---- rows */

/* A host in lower case, as `host` is of an url. */
static int lower_part(struct rt_span *part, struct rt_arena *scratch)
{
    char *p;
    size_t i = 0;

    while (i < part->n && part->p[i] == rt_ascii_lower(part->p[i]))
        i++;
    if (i == part->n)
        return RT_OK;
    p = rt_arena_bytes(scratch, part->n);
    if (!p)
        return RT_ENOMEM;
    for (i = 0; i < part->n; i++)
        p[i] = rt_ascii_lower(part->p[i]);
    part->p = p;
    return RT_OK;
}

static int fill_row(
    const struct log *log, const struct rt_logline *line, struct rt_batch *batch)
{
    struct rt_span *cells = rt_batch_row(batch, batch->nrows);

    for (uint32_t i = 0; i < batch->nslots; i++)
        cells[i] = line->part[log->feeds[i]];
    for (uint32_t i = 0; i < batch->nslots && (line->escapes || log->vhost); i++) {
        if (line->escapes && may_hold_escapes(log->feeds[i])
            && unescape_part(&cells[i], &batch->scratch) < 0)
            return RT_ENOMEM;
        if (log->feeds[i] == RT_LOG_HOST && lower_part(&cells[i], &batch->scratch) < 0)
            return RT_ENOMEM;
    }
    if (!cells[RT_SLOT_EVENT].p)
        cells[RT_SLOT_EVENT] = log->page_event;
    return RT_OK;
}

/* A line that was cut: an event, or dropped. Its place stands in the batch's next row. */
static int judge_line(const struct log *log, struct rt_logline *line,
    struct rt_batch *batch, struct rt_tally *tally)
{
    enum rt_reason reason = RT_REASONS;
    struct rt_url url;
    enum worth worth;
    int rc;

    if (line->escapes && unescape_part(&line->part[RT_LOG_URL], &batch->scratch) < 0)
        return RT_ENOMEM;
    url = rt_url_split(line->part[RT_LOG_URL]);
    worth = worth_of(log, line, &url, &reason);
    if (worth == DROPPED) {
        rt_tally_drop(tally, reason);
        return RT_OK;
    }
    rc = fill_row(log, line, batch);
    if (rc == RT_OK && worth == PIXEL)
        rc = rt_pixel_fill(&log->pixel_feeds, url.query, batch);
    batch->nrows += rc == RT_OK;
    return rc;
}

/* One line that is a record. */
static int take_record(const struct log *log, struct rt_span text, struct rt_batch *batch,
    struct rt_tally *tally)
{
    const struct rt_row *row = &batch->rows[batch->nrows];
    struct rt_logline line;

    tally->read++;
    if (text.n > RT_RECORD_MAX)
        return rt_tally_reject(tally, RT_REJECT_TOO_LONG, row->at, row->size, row->line);
    if (!rt_logline_split(text, log->vhost, &line))
        return rt_tally_reject(tally, RT_REJECT_BAD_LINE, row->at, row->size, row->line);
    return judge_line(log, &line, batch, tally);
}

static bool is_record(struct rt_span text)
{
    return text.n && *text.p != '#' && rt_span_trim(text).n;
}

/* The line at p by the long way. Returns behind it, NULL when its end is still to come. */
static const char *take_any_line(struct rt_cursor *cur, const char *p,
    struct rt_batch *batch, struct rt_tally *tally, int *rc)
{
    const struct log *log = cur->decoder->own;
    const char *begin = cur->block.p, *end = begin + cur->block.n;
    const char *lf = memchr(p, '\n', (size_t)(end - p)), *stop = lf ? lf : end;
    struct rt_span text;

    if (!lf && !cur->at_end)
        return NULL;
    if (stop > p && stop[-1] == '\r')
        stop--;
    text = (struct rt_span) { p, (size_t)(stop - p) };
    batch->rows[batch->nrows] =
        (struct rt_row) { (uint32_t)(p - begin), (uint32_t)text.n, cur->lines };
    if (is_record(text))
        *rc = take_record(log, text, batch, tally);
    cur->lines += lf != NULL;
    return lf ? lf + 1 : end;
}

/* The line at p, the usual way if it is a usual one. */
static const char *take_line(struct rt_cursor *cur, const char *p, struct rt_batch *batch,
    struct rt_tally *tally, int *rc)
{
    const struct log *log = cur->decoder->own;
    struct state *st = cur->state;
    const char *end = cur->block.p + cur->block.n, *lf;
    struct rt_row *row = &batch->rows[batch->nrows];
    struct rt_logline line;

    lf = st->note ? rt_logline_usual(p, end, st->note, &st->marks, &line) : NULL;
    if (!lf || lf - p > RT_RECORD_MAX)
        return take_any_line(cur, p, batch, tally, rc);
    row->at = (uint32_t)(p - cur->block.p);
    row->size = (uint32_t)(lf - p) - (lf[-1] == '\r');
    row->line = cur->lines++;
    tally->read++;
    *rc = judge_line(log, &line, batch, tally);
    return lf + 1;
}

static int next(struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally)
{
    const char *begin = cur->block.p, *end = begin + cur->block.n;
    const char *p = begin + cur->consumed;
    int rc = RT_OK;

    batch->nrows = 0;
    rt_arena_reset(&batch->scratch);
    while (p && p < end && batch->nrows < RT_BATCH_ROWS && rc == RT_OK) {
        cur->consumed = (uint32_t)(p - begin);
        p = take_line(cur, p, batch, tally, &rc);
    }
    if (p)
        cur->consumed = (uint32_t)(p - begin);
    return rc < 0 ? rc : (int)batch->nrows;
}

static int init_cursor(struct rt_cursor *cur)
{
    struct rt_log_marks_way ways[RT_LOG_MARKS_WAYS];
    struct state *st = rt_calloc(1, sizeof *st);

    if (!st)
        return RT_ENOMEM;
    if (rt_log_marks_ways(ways) > 1) /* the plain one takes longer than the long way */
        st->note = ways[0].note;
    cur->state = st;
    return RT_OK;
}

static void release_cursor(struct rt_cursor *cur)
{
    rt_free(cur->state);
    cur->state = NULL;
}

static void start_block(struct rt_cursor *cur)
{
    struct rt_log_marks *marks = &((struct state *)cur->state)->marks;

    marks->from = marks->to = NULL;
    marks->n = marks->next = 0;
}

/* ---- opening */

static bool is_fed(enum rt_format format, int directive)
{
    if (directive == RT_LOG_HOST || directive == RT_LOG_PORT)
        return format == RT_FORMAT_VHOST_COMBINED;
    if (directive == RT_LOG_REFERRER || directive == RT_LOG_AGENT)
        return format != RT_FORMAT_COMMON;
    return true;
}

/* The directive that a mapping calls by its name, or RT_LOG_NOTHING. */
static int directive_named(enum rt_format format, struct rt_span name)
{
    for (int i = 0; i < RT_LOG_PARTS; i++)
        if (is_fed(format, i) && rt_span_eq_nocase(name, rt_span_of(names[i])))
            return i;
    return RT_LOG_NOTHING;
}

static int unknown_column(const struct rt_decoder *decoder, const char *name,
    struct rt_span column, struct rt_err *err)
{
    const char *known[RT_LOG_PARTS];
    const char *near;
    size_t n = 0;

    for (int i = 0; i < RT_LOG_PARTS; i++)
        if (is_fed(decoder->format, i))
            known[n++] = names[i];
    near = rt_near(column, known, n);
    return rt_err_at(err, RT_EIO, name, 0, 0,
        "a log of this format has no field \"%.*s\"%s%s%s",
        (int)(column.n < 64 ? column.n : 64), column.p, near ? "; did you mean \"" : "",
        near ? near : "", near ? "\"?" : "");
}

static int check_mappings(
    const struct rt_decoder *decoder, const char *name, struct rt_err *err)
{
    const struct rt_source *source = decoder->source;

    for (size_t i = 0; i < source->nfields; i++)
        if (directive_named(decoder->format, source->fields[i].column) == RT_LOG_NOTHING)
            return unknown_column(decoder, name, source->fields[i].column, err);
    for (size_t i = 0; source->pixel && i < source->pixel->nfields; i++)
        if (rt_span_eq(source->pixel->fields[i].field, RT_SPAN("time")))
            return rt_err_at(err, RT_EIO, name, 0, 0,
                "a pixel's time is that of its log line; take \"time\" out "
                "of its fields");
    return RT_OK;
}

static bool is_renamed(const struct rt_decoder *decoder, int directive)
{
    const struct rt_source *source = decoder->source;

    for (size_t i = 0; i < source->nfields; i++)
        if (directive_named(decoder->format, source->fields[i].column) == directive)
            return true;
    return false;
}

/* The directive that feeds a field: by a mapping, else by its own name unless a mapping
 * took that away. */
static int directive_for(const struct rt_decoder *decoder, struct rt_span field)
{
    const struct rt_source *source = decoder->source;

    for (size_t i = 0; i < source->nfields; i++)
        if (rt_span_eq(field, source->fields[i].field))
            return directive_named(decoder->format, source->fields[i].column);
    for (int i = 0; i < RT_LOG_PARTS; i++)
        if (is_fed(decoder->format, i) && rt_span_eq(field, rt_span_of(names[i])))
            return is_renamed(decoder, i) ? RT_LOG_NOTHING : i;
    return RT_LOG_NOTHING;
}

static int make_columns(struct rt_decoder *decoder)
{
    const struct rt_source *source = decoder->source;
    struct rt_column *column;

    decoder->columns =
        rt_arena_new(&decoder->arena, RT_LOG_PARTS + source->nfields, sizeof *column);
    if (!decoder->columns)
        return RT_ENOMEM;
    column = decoder->columns;
    for (int i = 0; i < RT_LOG_PARTS; i++) {
        if (!is_fed(decoder->format, i))
            continue;
        for (size_t k = 0; k < source->nfields; k++)
            if (directive_named(decoder->format, source->fields[k].column) == i)
                *column++ = (struct rt_column) { .name = rt_span_of(names[i]),
                    .field = source->fields[k].field,
                    .renamed =
                        !rt_span_eq(source->fields[k].field, rt_span_of(names[i])) };
        if (is_renamed(decoder, i))
            continue;
        *column = (struct rt_column) { .name = rt_span_of(names[i]),
            .field = rt_span_of(names[i]),
            .shadowed = directive_for(decoder, rt_span_of(names[i])) != i };
        if (column->shadowed)
            column->field = RT_SPAN_ABSENT;
        column++;
    }
    decoder->ncolumns = (size_t)(column - decoder->columns);
    return RT_OK;
}

static int make_slots(struct rt_decoder *decoder, struct log *log)
{
    const struct rt_slots *slots = decoder->slots;
    const struct rt_pixel *pixel = decoder->source->pixel;
    struct rt_pixel_feeds *px = &log->pixel_feeds;
    size_t nfields = pixel ? pixel->nfields : 0;

    log->feeds = rt_arena_new(&decoder->arena, slots->n, sizeof *log->feeds);
    decoder->has = rt_arena_new(&decoder->arena, slots->n, sizeof *decoder->has);
    px->slots = rt_arena_new(&decoder->arena, nfields, sizeof *px->slots);
    if (!log->feeds || !decoder->has || !px->slots)
        return RT_ENOMEM;
    if (pixel)
        px->event = pixel->event;
    for (uint32_t i = 0; i < slots->n; i++) {
        log->feeds[i] = (uint8_t)directive_for(decoder, slots->names[i]);
        decoder->has[i] = i == RT_SLOT_EVENT || log->feeds[i] != RT_LOG_NOTHING;
        for (size_t k = 0; i != RT_SLOT_EVENT && k < nfields; k++) {
            if (!rt_span_eq(slots->names[i], pixel->fields[k].field))
                continue;
            px->slots[px->nslots++] =
                (struct rt_pixel_slot) { i, pixel->fields[k].column };
            decoder->has[i] = true;
            break;
        }
    }
    return RT_OK;
}

static int open_log(struct rt_decoder *decoder, const char *name, struct rt_span head,
    bool all, struct rt_err *err)
{
    struct log *log;
    int rc = check_mappings(decoder, name, err);

    (void)all;
    if (rc < 0)
        return rc;
    log = rt_arena_new(&decoder->arena, 1, sizeof *log);
    if (!log || make_columns(decoder) < 0 || make_slots(decoder, log) < 0)
        return rt_err_at(err, RT_ENOMEM, name, 0, 0, "out of memory");
    log->pixel = decoder->source->pixel;
    log->vhost = decoder->format == RT_FORMAT_VHOST_COMBINED;
    log->page_event = decoder->event.n ? decoder->event : RT_SPAN("page_view");
    decoder->own = log;
    decoder->time_form = decoder->source->time_form;
    if (decoder->time_form.kind == RT_TIME_ANY)
        decoder->time_form.kind = RT_TIME_CLF;
    decoder->skip_bytes = rt_span_starts(head, RT_SPAN("\xEF\xBB\xBF")) ? 3 : 0;
    decoder->layout = rt_hash64(rt_span_of("log"), (uint64_t)decoder->format);
    return RT_OK;
}

const struct rt_decoder_kind rt_decode_log = { open_log, init_cursor, release_cursor,
    start_block, next };
