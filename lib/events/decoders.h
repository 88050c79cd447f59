/*
 * What each format's decoder gives to decoder.c: one struct a format, in a table there.
 * Only decoder.c and the decode_*.c files include this.
 */
#ifndef RT_DECODERS_H
#define RT_DECODERS_H

#include "events/decoder.h"

struct rt_decoder {
    const struct rt_source *source;
    const struct rt_slots *slots;
    const struct rt_decoder_kind *kind;
    enum rt_format format;
    char delimiter;
    struct rt_timeform time_form;
    struct rt_span event;
    size_t skip_bytes;
    uint32_t skip_lines;
    uint64_t layout;
    struct rt_column *columns; /* in arena */
    size_t ncolumns;
    bool *has; /* per slot; in arena */
    struct rt_arena arena;
    void *own; /* the format's own tables, in arena */
};

struct rt_decoder_kind {
    /* Completes a decoder whose source, slots, format, arena and event are set: header,
     * columns, has, own. Errors as rt_decoder_open. */
    int (*open)(struct rt_decoder *decoder, const char *name, struct rt_span head,
        bool all, struct rt_err *err);
    /* The format's state of a cursor; may be NULL when there is none. */
    int (*init)(struct rt_cursor *cur);
    void (*release)(struct rt_cursor *cur);
    void (*start)(struct rt_cursor *cur); /* a new block; may be NULL */
    int (*next)(struct rt_cursor *cur, struct rt_batch *batch, struct rt_tally *tally);
};

extern const struct rt_decoder_kind rt_decode_csv;   /* CSV, TSV */
extern const struct rt_decoder_kind rt_decode_jsonl; /* JSON lines */
extern const struct rt_decoder_kind rt_decode_log; /* common, combined, vhost_combined */

/*
 * Recognition by looking, one a format: is this what the input's first bytes are? `all`
 * says that head is the whole input; otherwise its last line may be cut. Each returns how
 * sure it is, 0 (no) to 100; that for CSV may also be RT_ENOMEM.
 */
int rt_look_csv(struct rt_span head, bool all, char *delimiter);

/* rt_decoder_header for a CSV whose delimiter is settled. */
int rt_csv_columns(const struct rt_source *source, char delimiter, const char *name,
    struct rt_span head, bool all, struct rt_arena *arena, struct rt_column **columns,
    size_t *n, struct rt_err *err);
int rt_look_jsonl(struct rt_span head, bool all);
int rt_look_log(struct rt_span head, bool all, enum rt_format *format);

#endif
