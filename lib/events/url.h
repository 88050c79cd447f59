/*
 * The parts of a URL, the pairs of a query, percent-decoding: what derived fields and log
 * lines need of RFC 3986, and no more. Nothing is validated; whatever the bytes are, they
 * have parts.
 */
#ifndef RT_URL_H
#define RT_URL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

/* As they stand in the text: not decoded, letters as written. */
struct rt_url {
    struct rt_span host;  /* without user part and port; absent when there is none */
    struct rt_span path;  /* absent when there is none */
    struct rt_span query; /* without "?"; absent when there is no "?" */
};

/*
 * Cuts a URL, or the target of an HTTP request, into its parts; the fragment is dropped.
 *
 *     https://User@Host:8080/p?q#f   host Host, path /p, query q
 *     https://host                   path / (so that a shop's front page has one path)
 *     //host/p                       host host, path /p
 *     /p?q  p?q  *                   no host
 *     host:443                       host host, no path (the target of a CONNECT)
 *     http://[::1]:80/               host [::1]
 *     about:blank                    path about:blank
 *
 * The parts point into text, or at a constant "/".
 */
struct rt_url rt_url_split(struct rt_span text);

/* Bytes of the usual beginnings "https://" and "http://", if something follows; 0 for
 * others. */
static inline size_t rt_url_usual_scheme(struct rt_span text)
{
    if (text.n < 8 || memcmp(text.p, "http", 4) != 0)
        return 0;
    if (memcmp(text.p + 4, "s://", 4) == 0)
        return 8;
    return memcmp(text.p + 4, "://", 3) == 0 ? 7 : 0;
}

/* Its path alone, which most questions are about: a fifth of the cost. decoded: it has no
 * percent sign. */
struct rt_span rt_url_path(struct rt_span text, bool *decoded);

/*
 * Walks over the pairs of a query, "a=1&b=2". Parts are as they stand; of "a" without "="
 * the value is empty but present. Empty pairs ("&&") are passed over.
 *
 * rest  what is still to walk over; starts as the query
 *
 * Returns false at the end.
 */
bool rt_query_next(struct rt_span *rest, struct rt_span *name, struct rt_span *value);

/* Percent-decodes n bytes into out (room for n), '+' as a blank when plus. Returns the
 * length. A percent sign not followed by two hex digits stands for itself. */
size_t rt_percent_decode(struct rt_span text, bool plus, char *out);

/* The decoded text: text itself where there is nothing to decode, else in scratch.
 * RT_OK or RT_ENOMEM. */
int rt_percent_text(
    struct rt_span text, bool plus, struct rt_arena *scratch, struct rt_span *out);

/* True when text, decoded, is plain. */
bool rt_percent_eq(struct rt_span text, bool plus, struct rt_span plain);

/* The value of a hex digit, or -1. */
int rt_hex_value(char c);

#endif
