/*
 * Why a record did not become an event. Every record is used, dropped for one of these
 * reasons, or rejected for one: read = used + dropped + rejected.
 *
 * Dropped: a good record that is not wanted. Rejected: a record that is broken.
 */
#ifndef RT_REASON_H
#define RT_REASON_H

enum rt_reason {
    /* dropped */
    RT_DROP_METHOD,    /* a log line whose method is not GET */
    RT_DROP_STATUS,    /* a log line whose status is no success */
    RT_DROP_ASSET,     /* a log line for an image, style sheet, script, ... */
    RT_DROP_BOT,       /* a crawler, by its user agent */
    RT_DROP_FUTURE,    /* later than as-of */
    RT_DROP_NO_ID,     /* none of the ids, and no fallback */
    RT_DROP_DUPLICATE, /* not the one that counts, of a source with "dedupe" */
    /* rejected */
    RT_REJECT_TOO_FEW_FIELDS,
    RT_REJECT_TOO_MANY_FIELDS,
    RT_REJECT_UNCLOSED_QUOTE,
    RT_REJECT_TOO_LONG,   /* a record over RT_RECORD_MAX bytes */
    RT_REJECT_NO_TIME,    /* the time is absent or empty */
    RT_REJECT_BAD_TIME,   /* a time that is none */
    RT_REJECT_NO_EVENT,   /* no event name, and none given for the source */
    RT_REJECT_BAD_JSON,   /* not JSON */
    RT_REJECT_NOT_OBJECT, /* JSON, but not an object */
    RT_REJECT_TOO_DEEP,   /* JSON nested deeper than RT_JSON_DEPTH */
    RT_REJECT_BAD_LINE,   /* a log line of another form */
    RT_REASONS,
    RT_REJECT_FIRST = RT_REJECT_TOO_FEW_FIELDS
};

enum { RT_RECORD_MAX = 1 << 20 }; /* bytes of one record */
enum { RT_JSON_DEPTH = 64 };
enum { RT_FIELDS_MAX = 4096 }; /* columns of one CSV header */

/* As reports name it: "too_few_fields", "bot", ... */
const char *rt_reason_name(enum rt_reason reason);

/* For a person: "fewer fields than the header has". */
const char *rt_reason_text(enum rt_reason reason);

#endif
