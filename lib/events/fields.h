/*
 * Names of fields: the canonical ones, the headers that are well known for them, and
 * which column of an input feeds which field.
 */
#ifndef RT_FIELDS_H
#define RT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "events/event.h"
#include "events/source.h"

/* One column, key or log directive, and what it was taken for: for `peek`. */
struct rt_column {
    struct rt_span name; /* as the input writes it (JSON: path seen in the first lines) */
    struct rt_span
        field; /* the field it feeds; absent: hidden behind another of that name */
    struct rt_span
        own;       /* the name that it keeps besides, when a well-known header was taken
                           * for a canonical field ("price" feeds value and price); or absent */
    bool renamed;  /* field differs from the compared form of name */
    bool shadowed; /* another column of this field came first and counts */
};

/* The compared form of a header: lower case (ASCII), blank, '-' and '.' as '_', outer
 * blanks cut. Into out, which has room for name.n bytes; returns the length. */
size_t rt_fields_compared(struct rt_span name, char *out);

/* The canonical field for a well-known header in its compared form ("user_pseudo_id" ->
 * "client_id"), or NULL. contacts: by the rules of contact files. */
const char *rt_fields_known(struct rt_span compared, bool contacts);

/* The n-th (from 0) well-known header of an event field, in the order of the manual; NULL
 * past the last. */
const char *rt_fields_header(struct rt_span field, size_t n);

/* The canonical event fields and the contact fields, NULL-terminated: for "did you mean". */
const char *const *rt_fields_canonical(void);
const char *const *rt_fields_contact(void);

/*
 * Decides what each column of a header feeds.
 *
 * `fields` first (the header as written, else in its compared form); then, for fields
 * still without one, a column of the canonical name; then the first column whose header is
 * well known. A mapped column has only its new name, others keep theirs (in the compared
 * form), also those that were taken for something by a well-known header; of two with one
 * name the first counts, but a mapped one before others.
 *
 * names, ncols      the header
 * mappings          the source's or contact file's `fields`; with by_number each
 *                   mapping's column is a number from 1 and names may be NULL
 * contacts          contact files know other headers
 * columns           ncols of them, filled; spans point into names, mappings or arena
 * input             for messages
 *
 * RT_OK; RT_EIO when a mapped column is not there (names the nearest), or when two mappings
 * name one column; RT_ENOMEM.
 */
int rt_fields_assign(const struct rt_span *names, size_t ncols,
    const struct rt_mapping *mappings, size_t nmappings, bool by_number, bool contacts,
    struct rt_arena *arena, struct rt_column *columns, const char *input,
    struct rt_err *err);

/* The column that feeds a field: the one assigned to it, else the first that keeps it as
 * its own name: a definition may spell that as the header does ("Last Order") or in the
 * compared form ("last_order"). Returns its index, or ncols when there is none. */
size_t rt_fields_find(
    const struct rt_column *columns, size_t ncols, struct rt_span field);

#endif
