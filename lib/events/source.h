/*
 * A source: how the records of some inputs become events. What the segment file's
 * `sources` says, checked and resolved; built by plan/segdef, read by the decoders.
 *
 * Plain data, read-only once built, shared by threads.
 */
#ifndef RT_SOURCE_H
#define RT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/span.h"

enum rt_format {
    RT_FORMAT_LOOK, /* not given: recognised by looking */
    RT_FORMAT_CSV,
    RT_FORMAT_TSV,
    RT_FORMAT_JSONL,
    RT_FORMAT_COMMON,
    RT_FORMAT_COMBINED,
    RT_FORMAT_VHOST_COMBINED,
    RT_FORMATS
};

/* "csv", "jsonl", "vhost_combined", ...; "" for RT_FORMAT_LOOK. */
const char *rt_format_name(enum rt_format format);

/* A new name for a column (CSV: header text, or its number from 1 without a header), a
 * JSON path ("user.id") or a query parameter of the pixel. */
struct rt_mapping {
    struct rt_span field;  /* the name events get: "user_id" */
    struct rt_span column; /* what it is called in the input: "uid" */
};

enum rt_bots { RT_BOTS_DEFAULT, RT_BOTS_DROP, RT_BOTS_KEEP, RT_BOTS_MARK };
enum rt_dedupe { RT_DEDUPE_NONE, RT_DEDUPE_EVENT_ID, RT_DEDUPE_RECORD };

struct rt_pixel {
    struct rt_span path;  /* "/px.gif"; compared with the path of the request, decoded */
    struct rt_span event; /* the query parameter that names the event */
    const struct rt_mapping *fields;
    size_t nfields;
};

struct rt_source {
    struct rt_span name;
    const struct rt_span *files; /* glob patterns for the input's base name */
    size_t nfiles;
    enum rt_format format;
    char delimiter; /* CSV; '\0' when not given */
    bool no_header; /* CSV: mappings name columns by number */
    bool fill;      /* "ragged": "fill" */
    bool contacts;  /* a contact file: CSV or TSV, no time or event needed, other headers
                     * are well known */
    struct rt_span event; /* for records that carry none; absent when not given */
    struct rt_timeform
        time_form; /* kind RT_TIME_ANY when not pinned; the zone always set */
    const struct rt_mapping *fields;
    size_t nfields;
    const struct rt_pixel *pixel; /* NULL: none */
    enum rt_bots bots;
    enum rt_dedupe dedupe;
};

#endif
