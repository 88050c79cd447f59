/*
 * JSON texts that a person wrote: values, plus where each stands.
 *
 * The only file that includes <jansson.h> is json.c; others see struct rt_json. Every
 * value knows its path ("segments[3].match.all[0].in_last"); line and column are found by
 * a second scan when an error is to be reported.
 */
#ifndef RT_JSON_H
#define RT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"

enum rt_json_kind {
    RT_JSON_NULL,
    RT_JSON_BOOL,
    RT_JSON_NUMBER,
    RT_JSON_TEXT,
    RT_JSON_ARRAY,
    RT_JSON_OBJECT
};

struct rt_json {
    enum rt_json_kind kind;
    bool truth;                  /* RT_JSON_BOOL */
    struct rt_span text;         /* RT_JSON_TEXT: unescaped; RT_JSON_NUMBER: as written */
    const struct rt_json *up;    /* the value that holds this one; NULL at the top */
    struct rt_span key;          /* in an object: this member's name */
    size_t index;                /* in an array or object: its place, from 0 */
    size_t n;                    /* members of an array or object, in file order */
    const struct rt_json *items; /* they themselves */
    size_t at, key_at; /* byte offsets in the text of the value and of its key */
};

/* All errors of one file, in the order found; the limit keeps a broken file short. Zeroed
 * to start; rt_json_parse sets arena to its own when it is NULL. */
struct rt_json_error {
    uint64_t line;
    uint32_t col;   /* in bytes from 1; a byte order mark does not count */
    char path[256]; /* "" for the top, and where the text is no JSON */
    char text[512];
};

struct rt_json_errors {
    struct rt_json_error *errors; /* in arena */
    size_t n, cap;
    size_t left_out; /* errors past the limit of 100 */
    bool no_memory;  /* or left out because there was no room for them */
    struct rt_arena *arena;
};

/*
 * Reads a JSON text whole (RFC 8259). Limits: 16 MiB, 100 levels, 1,000,000 values. A
 * repeated key is an error (all of them are reported, the document is still built from
 * the first). The top may be any value. A byte order mark is passed over. Numbers are
 * checked for form, not for size. A NUL and half a surrogate pair, written as \u escapes,
 * are refused.
 *
 * arena   owns everything that is returned
 * text    borrowed for as long as the values are used
 * errors  gets what is wrong with line, column and path; several repeated keys are
 *         reported together with whatever the caller finds later
 *
 * Returns RT_OK (perhaps with errors added), RT_EDEFS when there is no document (errors
 * holds why, in words that help: a trailing comma, a comment, a single quote, not UTF-8,
 * deeper than 100), RT_ENOMEM.
 */
int rt_json_parse(struct rt_span text, struct rt_arena *arena,
    struct rt_json_errors *errors, const struct rt_json **out);

/* The member of an object, or NULL. */
const struct rt_json *rt_json_get(const struct rt_json *object, const char *key);

/* Adds an error at the value (or at its key, when at_key); a value of NULL: about the
 * file as a whole, without a line. Printf. Never fails: what does not fit is counted in
 * left_out. */
void rt_json_complain(struct rt_json_errors *errors, struct rt_span text,
    const struct rt_json *value, bool at_key, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Writes the path of a value: "segments[3].match", with a NUL behind it; a key that is no
 * plain word as ["a b"]; the top is "". Returns its length, cut to fit. */
size_t rt_json_path(const struct rt_json *value, char *out, size_t room);

/* What a kind is called in an error: "an object", "a text", ... */
const char *rt_json_kind_name(enum rt_json_kind kind);

#endif
