/*
 * What the segdef*.c files share: one reading of a segment file. Only they include this.
 *
 *     segdef.c          the file as a whole: load, top level, what belongs to no other
 *     segdef_value.c    single values: texts, numbers, durations, times, lists, keys
 *     segdef_names.c    tables of names: unique, known, nearest
 *     segdef_zone.c     time zones
 *     segdef_source.c   sources and contact files
 *     segdef_people.c   people and privacy
 *     segdef_segment.c  segments, tiers, circles
 *     segdef_output.c   outputs
 *     segdef_cond.c     conditions
 *     segdef_chain.c    sequences and sessions
 *     segdef_window.c   events, windows, measures
 *     segdef_test.c     tests on a field
 *
 * A reader is told where a value stands, checks it, and writes the result. All errors of
 * a file are to be reported in one go, so a reader that finds one complains and goes on;
 * it returns false when its result is not to be used. Running out of memory is noted in
 * reading->status and looked at once, at the end: whatever was built is dropped then.
 */
#ifndef RT_SEGDEF_INT_H
#define RT_SEGDEF_INT_H

#include "plan/segdef.h"

/* ---- names (segdef_names.c) */

struct rt_name {
    struct rt_span text; /* NUL behind it */
    const struct rt_json *json;
    uint32_t place; /* in the file, from 0 */
};

/* Filled in file order, then sorted by rt_names_sort: case aside first, then by bytes. */
struct rt_names {
    struct rt_name *names; /* in the arena */
    size_t n;
};

/* One segment names another. */
struct rt_reference {
    uint32_t from, to;
    const struct rt_json *json;
};

struct rt_reading {
    struct rt_defs *defs;
    struct rt_arena *arena; /* the definitions' */
    struct rt_json_errors *errors;
    struct rt_err *err;
    const char *const *platforms;
    size_t nplatforms;
    struct rt_names segments, events, purposes;
    struct rt_span *zone_names; /* of defs->source_zones */
    struct rt_reference *references;
    size_t nreferences, room_references;
    uint32_t segment; /* the one that is being read */
    bool inside_for_some;
    int status; /* RT_OK, or what keeps the file from being read at all */
};

/* Reports an error at a value, or at its key. */
#define rt_complain(reading, json, ...)                                                  \
    rt_json_complain((reading)->errors, (reading)->defs->text, (json), false, __VA_ARGS__)
#define rt_complain_key(reading, json, ...)                                              \
    rt_json_complain((reading)->errors, (reading)->defs->text, (json), true, __VA_ARGS__)

/* Zeroed memory of the definitions; NULL sets reading->status. */
void *rt_reading_new(struct rt_reading *reading, size_t count, size_t size);

/* A name as a message shows it: cut to fit, control characters as '?'. */
struct rt_shown {
    char text[72];
};
struct rt_shown rt_show(struct rt_span name);

/* ", the nearest is \"name\"", what a usual slip should have been, or "" when nothing is near
 * or enough errors are reported already that this one will not be shown. */
struct rt_hint {
    char text[112];
};
struct rt_hint rt_hint(struct rt_reading *reading, struct rt_span word,
    const char *const *names, size_t nnames);

bool rt_names_init(struct rt_reading *reading, struct rt_names *names, size_t room);
void rt_names_add(struct rt_names *names, struct rt_span text, const struct rt_json *json,
    uint32_t place);

/* Sorts, and complains of each that is there before. what: "segment". */
void rt_names_sort(
    struct rt_reading *reading, struct rt_names *names, bool any_case, const char *what);

/* The place of a name, or -1. */
long rt_names_find(const struct rt_names *names, struct rt_span text);
struct rt_hint rt_names_hint(
    struct rt_reading *reading, const struct rt_names *names, struct rt_span word);

/* The place of the name that a text gives; complains of one that is not there. */
bool rt_names_resolve(struct rt_reading *reading, const struct rt_names *names,
    const struct rt_json *json, const char *what, uint32_t *place);

/* ---- values (segdef_value.c). `due` says what should stand there: "a field name" */

/* Is it of the kind? Otherwise: "expected DUE, found a number". */
bool rt_read_kind(struct rt_reading *reading, const struct rt_json *json,
    enum rt_json_kind kind, const char *due);

/* What a message calls the value's kind: "a number"; an array is a list here. */
const char *rt_found(const struct rt_json *json);

/* A text that is not empty. */
bool rt_read_text(struct rt_reading *reading, const struct rt_json *json, const char *due,
    struct rt_span *out);
bool rt_read_bool(struct rt_reading *reading, const struct rt_json *json, bool *out);

/* A number of the language, exactly as written: millionths. */
bool rt_read_number(struct rt_reading *reading, const struct rt_json *json,
    const char *due, int64_t *micro);

/* A whole number of at least `least`. */
bool rt_read_count(struct rt_reading *reading, const struct rt_json *json, uint64_t least,
    uint64_t *out);
bool rt_read_duration(
    struct rt_reading *reading, const struct rt_json *json, int64_t *us);
bool rt_read_time(
    struct rt_reading *reading, const struct rt_json *json, int64_t *us, bool *day_only);

/* One of a few words: its place among them. */
bool rt_read_word(struct rt_reading *reading, const struct rt_json *json,
    const char *const *words, size_t nwords, size_t *place);

/* 1 to 64 letters, digits, '-' and '_': a name that may name files. */
bool rt_read_file_name(
    struct rt_reading *reading, const struct rt_json *json, struct rt_span *out);
bool rt_name_is_good(struct rt_span name);

/* A path, taken from the segment file's folder. */
bool rt_read_path(
    struct rt_reading *reading, const struct rt_json *json, struct rt_span *out);

/* A list that is not empty. */
bool rt_read_list(
    struct rt_reading *reading, const struct rt_json *json, const char *due);

/* A list of texts, none empty, at least one. unique: each once, or it complains. */
bool rt_read_texts(struct rt_reading *reading, const struct rt_json *json,
    const char *due, bool unique, const struct rt_span **out, size_t *n);

/* An object: complains of keys that are none of these. False when it is no object. */
bool rt_read_keys(struct rt_reading *reading, const struct rt_json *json, const char *due,
    const char *const *keys, size_t nkeys);

/* The member that must be there; NULL when it is not (complained of). */
const struct rt_json *rt_read_needed(
    struct rt_reading *reading, const struct rt_json *object, const char *key);

/* ---- the parts */

void rt_read_sources(struct rt_reading *reading, const struct rt_json *json);
void rt_read_contacts(
    struct rt_reading *reading, const struct rt_json *json, struct rt_people_def *people);
void rt_read_people(struct rt_reading *reading, const struct rt_json *json);
void rt_read_privacy(struct rt_reading *reading, const struct rt_json *json);
void rt_read_events(struct rt_reading *reading, const struct rt_json *json);
void rt_read_segments(struct rt_reading *reading, const struct rt_json *json);
void rt_read_outputs(struct rt_reading *reading, const struct rt_json *json);

/* The file's own (json may be NULL); UTC stands in for one that does not exist. */
void rt_read_timezone(struct rt_reading *reading, const struct rt_json *json);

/* A source's; the file's own stands in for one that does not exist. */
const struct rt_zone *rt_read_zone(
    struct rt_reading *reading, const struct rt_json *json, struct rt_span *name);

/* NULL when it is not to be used. */
const struct rt_cond *rt_read_cond(
    struct rt_reading *reading, const struct rt_json *json);
bool rt_read_conds(struct rt_reading *reading, const struct rt_json *json,
    const struct rt_cond *const **out, size_t *n);

bool rt_read_sequence(
    struct rt_reading *reading, const struct rt_json *object, struct rt_cond *cond);
bool rt_read_session(
    struct rt_reading *reading, const struct rt_json *object, struct rt_cond *cond);

/* {field: test...}; NULL when it is not to be used. */
const struct rt_test *rt_read_tests(
    struct rt_reading *reading, const struct rt_json *json);
/* The same of an optional member; absent is fine: *out is NULL. */
bool rt_read_where(struct rt_reading *reading, const struct rt_json *object,
    const char *key, const struct rt_test **out);

/* A name, a list of them, or "*": then *n is 0. */
bool rt_read_event_names(struct rt_reading *reading, const struct rt_json *json,
    const struct rt_span **names, size_t *n);
/* The same, friendly names resolved. */
bool rt_read_event_set(
    struct rt_reading *reading, const struct rt_json *json, struct rt_event_set *out);
/* {"min", "max"} of ages. */
bool rt_read_ago(struct rt_reading *reading, const struct rt_json *json, int64_t *min_us,
    int64_t *max_us);
bool rt_read_window(struct rt_reading *reading, const struct rt_json *object,
    bool anchors, struct rt_window *out);
/* at_least, at_most, exactly; *given: was there one at all? Default: at least one. */
bool rt_read_counts(struct rt_reading *reading, const struct rt_json *object,
    uint64_t *min, uint64_t *max, bool *given);
bool rt_read_measure(
    struct rt_reading *reading, const struct rt_json *object, struct rt_measure *out);

#define RT_COUNT_OF(array) (sizeof(array) / sizeof *(array))

#endif
