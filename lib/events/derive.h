/*
 * Fields that are worked out of others where the input has no value of its own:
 * host path query query.NAME and utm_* from url, referrer_host from referrer, device and
 * bot from user_agent.
 */
#ifndef RT_DERIVE_H
#define RT_DERIVE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"
#include "events/url.h" /* rt_percent_decode */

enum rt_derive_kind {
    RT_DERIVE_NONE,
    RT_DERIVE_HOST,  /* lower case, without port and user part; absent in "/path" */
    RT_DERIVE_PATH,  /* percent-decoded, without fragment */
    RT_DERIVE_QUERY, /* as it stands, without "?" and fragment */
    RT_DERIVE_PARAM, /* query.NAME: percent-decoded, '+' a blank, the first of its name */
    RT_DERIVE_DEVICE /* "desktop" "mobile" "tablet" "bot" "other" */
};

struct rt_derive {
    enum rt_derive_kind kind;
    const char *from;     /* "url", "referrer" or "user_agent" */
    struct rt_span param; /* RT_DERIVE_PARAM: NAME; points into name */
};

/* How a field is derived; kind RT_DERIVE_NONE when it is not. name is borrowed by out. */
void rt_derive_of(struct rt_span name, struct rt_derive *out);

/* Works it out of the value of `from`. Absent when there is nothing (no query, parameter
 * not there, empty source). The result points into value, constants, or scratch.
 * A percent sign not followed by two hex digits stands for itself. RT_OK or RT_ENOMEM. */
int rt_derive_value(const struct rt_derive *derive, struct rt_span value,
    struct rt_arena *scratch, struct rt_span *out);

/* True for a program that nobody looks through, by its user agent: crawlers, link previews,
 * feed readers, monitors, HTTP libraries. Empty and "-" are none. Looks at the first 2,048
 * bytes; some 400 ns: callers remember the answer for agents that come again. */
bool rt_is_bot(struct rt_span user_agent);

#endif
