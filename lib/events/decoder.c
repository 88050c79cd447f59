/*
 * Which decoder reads an input: the one that its source names, else the one that is
 * surest when it looks at the first bytes. A format that is named is believed, unless the
 * input is plainly of another: a log read as CSV would be a million rejects, where one
 * sentence helps.
 */
#include "events/decoder.h"

#include <assert.h>

#include "base/alloc.h"
#include "events/decoders.h"

enum { SURE_ENOUGH = 50, QUITE_SURE = 90 };

static const char *const format_names[RT_FORMATS] = {
    [RT_FORMAT_LOOK] = "",
    [RT_FORMAT_CSV] = "csv",
    [RT_FORMAT_TSV] = "tsv",
    [RT_FORMAT_JSONL] = "jsonl",
    [RT_FORMAT_COMMON] = "common",
    [RT_FORMAT_COMBINED] = "combined",
    [RT_FORMAT_VHOST_COMBINED] = "vhost_combined",
};

const char *rt_format_name(enum rt_format format)
{
    return (unsigned)format < RT_FORMATS ? format_names[format] : "";
}

static const struct rt_decoder_kind *kind_of(enum rt_format format)
{
    switch (format) {
    case RT_FORMAT_CSV:
    case RT_FORMAT_TSV:
        return &rt_decode_csv;
    case RT_FORMAT_JSONL:
        return &rt_decode_jsonl;
    case RT_FORMAT_COMMON:
    case RT_FORMAT_COMBINED:
    case RT_FORMAT_VHOST_COMBINED:
        return &rt_decode_log;
    case RT_FORMAT_LOOK:
    case RT_FORMATS:
        break;
    }
    return NULL;
}

/* ---- recognition */

/* What the decoders think of the first bytes. */
struct looks {
    int csv, jsonl, log; /* how sure each is */
    char delimiter;      /* of the CSV */
    enum rt_format log_format;
};

static struct looks look(struct rt_span head, bool all)
{
    struct looks l = { .log_format = RT_FORMAT_COMBINED };

    l.log = rt_look_log(head, all, &l.log_format);
    l.jsonl = rt_look_jsonl(head, all);
    l.csv = rt_look_csv(head, all, &l.delimiter);
    return l;
}

static bool is_blank_input(struct rt_span head)
{
    size_t mark = rt_span_starts(head, RT_SPAN("\xef\xbb\xbf")) ? 3 : 0;

    for (size_t i = mark; i < head.n; i++)
        if (!memchr(" \t\r\n", head.p[i], 4))
            return false;
    return true;
}

/* Control characters that no text has. */
static bool is_binary(struct rt_span head)
{
    for (size_t i = 0; i < head.n; i++) {
        unsigned char c = (unsigned char)head.p[i];

        if (c < ' ' && !memchr("\t\n\v\f\r\x1b", c, 6))
            return true;
    }
    return false;
}

/* The surest of the looks; of equals the one whose form is the narrowest. */
static enum rt_format surest(const struct looks *l, int *sure)
{
    enum rt_format format = l->log_format;

    *sure = l->log;
    if (l->jsonl > *sure) {
        *sure = l->jsonl;
        format = RT_FORMAT_JSONL;
    }
    if (l->csv > *sure) {
        *sure = l->csv;
        format = l->delimiter == '\t' ? RT_FORMAT_TSV : RT_FORMAT_CSV;
    }
    return format;
}

static int sureness(const struct looks *l, const struct rt_decoder_kind *kind)
{
    return kind == &rt_decode_csv ? l->csv : kind == &rt_decode_jsonl ? l->jsonl : l->log;
}

/* A format that was named, held against what the input looks like. A log can pass for a CSV
 * with a comma here and there, but hardly anything else passes for a log. */
static int check_named(enum rt_format named, bool contacts, const struct looks *l,
    const char *name, struct rt_err *err)
{
    int sure;
    enum rt_format other = surest(l, &sure);
    const char *text = contacts
        ? "a contact file is to be %s, but this looks like %s"
        : "named as %s, but it looks like %s: correct \"format\" of the source";

    if (sure >= QUITE_SURE
        && (sureness(l, kind_of(named)) == 0
            || (kind_of(other) == &rt_decode_log && kind_of(named) != &rt_decode_log)))
        return rt_err_at(
            err, RT_EIO, name, 1, 0, text, rt_format_name(named), rt_format_name(other));
    return RT_OK;
}

static int recognise(struct rt_span head, const struct looks *l, const char *name,
    enum rt_format *format, struct rt_err *err)
{
    int sure;

    *format = surest(l, &sure);
    if (sure >= SURE_ENOUGH)
        return RT_OK;
    if (is_binary(head))
        return rt_err_at(err, RT_EIO, name, 0, 0,
            "this is no text: events come as CSV, TSV, JSON lines or access logs");
    return rt_err_at(err, RT_EIO, name, 1, 0,
        "not recognised as CSV, TSV, JSON lines or an access log: name the \"format\" in "
        "sources[]%s",
        l->csv > 0 ? ", and \"delimiter\" or \"header\": false where it needs them" : "");
}

/* Settles format and delimiter of an input. */
static int settle(const struct rt_source *source, struct rt_span head, bool all,
    const char *name, enum rt_format *format, char *delimiter, struct rt_err *err)
{
    struct looks l = look(head, all);
    int rc;

    *format = source->format;
    *delimiter = '\0';
    if (l.csv < 0)
        return rt_err_at(err, l.csv, name, 0, 0, "out of memory");
    if (*format == RT_FORMAT_LOOK && (source->delimiter || source->contacts))
        *format = source->delimiter == '\t' || (!source->delimiter && l.delimiter == '\t')
            ? RT_FORMAT_TSV
            : RT_FORMAT_CSV;
    if (is_blank_input(head) && all) {
        if (*format == RT_FORMAT_LOOK)
            *format = RT_FORMAT_CSV;
    } else {
        rc = *format == RT_FORMAT_LOOK
            ? recognise(head, &l, name, format, err)
            : check_named(*format, source->contacts, &l, name, err);
        if (rc < 0)
            return rc;
    }
    if (kind_of(*format) != &rt_decode_csv)
        return RT_OK;
    *delimiter = source->delimiter ? source->delimiter
        : *format == RT_FORMAT_TSV ? '\t'
        : l.delimiter              ? l.delimiter
                                   : ',';
    if (*delimiter == '"' || *delimiter == '\r' || *delimiter == '\n')
        return rt_err_at(
            err, RT_EIO, name, 0, 0, "\"delimiter\" cannot be a quote or a line end");
    return RT_OK;
}

/* ---- the decoder */

int rt_decoder_open(const struct rt_source *source, const char *name, struct rt_span head,
    bool all, const struct rt_slots *slots, struct rt_decoder **out, struct rt_err *err)
{
    struct rt_decoder *d = rt_calloc(1, sizeof *d);
    int rc;

    if (!d)
        return rt_err_at(err, RT_ENOMEM, name, 0, 0, "out of memory");
    d->source = source;
    d->slots = slots;
    d->time_form = source->time_form;
    d->event = source->event;
    d->arena = (struct rt_arena)RT_ARENA_INIT;
    d->has = rt_arena_new(&d->arena, (size_t)slots->n + 1, sizeof *d->has);
    rc = d->has ? settle(source, head, all, name, &d->format, &d->delimiter, err)
                : rt_err_at(err, RT_ENOMEM, name, 0, 0, "out of memory");
    if (rc == RT_OK) {
        d->kind = kind_of(d->format);
        rc = d->kind->open(d, name, head, all, err);
    }
    if (rc < 0)
        rt_decoder_free(d);
    else
        *out = d;
    return rc;
}

void rt_decoder_free(struct rt_decoder *decoder)
{
    if (!decoder)
        return;
    rt_arena_release(&decoder->arena);
    rt_free(decoder);
}

int rt_decoder_header(const struct rt_source *source, const char *name,
    struct rt_span head, bool all, struct rt_arena *arena, struct rt_column **columns,
    size_t *n, struct rt_err *err)
{
    enum rt_format format;
    char delimiter;
    int rc = settle(source, head, all, name, &format, &delimiter, err);

    if (rc < 0)
        return rc;
    if (kind_of(format) != &rt_decode_csv)
        return rt_err_at(
            err, RT_EIO, name, 1, 0, "this is %s, not CSV", rt_format_name(format));
    return rt_csv_columns(source, delimiter, name, head, all, arena, columns, n, err);
}

enum rt_format rt_decoder_format(const struct rt_decoder *decoder)
{
    return decoder->format;
}

char rt_decoder_delimiter(const struct rt_decoder *decoder)
{
    return decoder->delimiter;
}

const struct rt_column *rt_decoder_columns(const struct rt_decoder *decoder, size_t *n)
{
    *n = decoder->ncolumns;
    return decoder->columns;
}

bool rt_decoder_has(const struct rt_decoder *decoder, uint32_t slot)
{
    return slot < decoder->slots->n && decoder->has[slot];
}

const struct rt_timeform *rt_decoder_time_form(const struct rt_decoder *decoder)
{
    return &decoder->time_form;
}

struct rt_span rt_decoder_event(const struct rt_decoder *decoder)
{
    return decoder->event;
}

void rt_decoder_skip(const struct rt_decoder *decoder, size_t *bytes, uint32_t *lines)
{
    *bytes = decoder->skip_bytes;
    *lines = decoder->skip_lines;
}

uint64_t rt_decoder_layout(const struct rt_decoder *decoder)
{
    return decoder->layout;
}

/* ---- the cursor */

int rt_cursor_init(struct rt_cursor *cur, const struct rt_decoder *decoder)
{
    *cur = (struct rt_cursor) { .decoder = decoder };
    return decoder->kind->init ? decoder->kind->init(cur) : RT_OK;
}

void rt_cursor_release(struct rt_cursor *cur)
{
    if (cur->decoder && cur->decoder->kind->release)
        cur->decoder->kind->release(cur);
    *cur = (struct rt_cursor) { 0 };
}

void rt_cursor_start(struct rt_cursor *cur, struct rt_span block, bool at_end)
{
    assert(block.n <= UINT32_MAX);
    cur->block = block;
    cur->at_end = at_end;
    cur->consumed = 0;
    cur->lines = 0;
    if (cur->decoder->kind->start)
        cur->decoder->kind->start(cur);
}

int rt_cursor_next(struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally)
{
    return cur->decoder->kind->next(cur, batch, tally);
}
