/*
 * Contact files: files that describe people. Each row is read twice: once with all other
 * input, for its ids, its profile and its consent; and again when its person is written to
 * a list. In between its bytes are set aside as they stand.
 */
#ifndef RT_CONTACTS_H
#define RT_CONTACTS_H

#include <pthread.h>
#include <stdint.h>

#include "base/err.h"
#include "io/spool.h"
#include "lists/rows.h"
#include "people/people.h"
#include "plan/plan.h"
#include "run/ingest.h"

struct rt_contact_input {
    struct rt_source source;         /* the file as a source of rows */
    struct rt_feed feed;             /* with the plan's slots */
    struct rt_decoder *list_decoder; /* the same rows with every column */
    uint32_t *column_of;             /* by list slot, in the arena; ncolumns: none */
    uint32_t ncolumns;               /* of the file */
    enum rt_norm_device device; /* of its mobile ids, as their column's title tells */
};

struct rt_contacts {
    struct rt_contact_input *files;
    uint32_t nfiles;
    struct rt_slots
        list_slots;        /* time, event (unused), the fields of enum rt_pii, others */
    struct rt_span *names; /* of list_slots; in arena */
    struct rt_contact_column *columns; /* those that the files have, in their order */
    uint32_t ncolumns;
    struct rt_arena arena;
    struct rt_spool *bytes; /* rows as they stand */
    struct rt_contact_row *rows;
    uint64_t nrows, cap_rows;
    pthread_mutex_t lock; /* of bytes and rows while reading */
};

enum {
    RT_LIST_SLOTS_BEFORE = 2
}; /* list_slots[2 + f] is field f of struct rt_pii_value */

/* Opens the contact files of the definitions. A missing one is RT_EIO. */
int rt_contacts_open(struct rt_contacts *contacts, const struct rt_plan *plan,
    uint64_t memory_bytes, const char *tmpdir, struct rt_err *err);
void rt_contacts_close(struct rt_contacts *contacts);

/* Keeps n rows, of which a block has the bytes: their `at` is in the block. The block is
 * kept as it stands, what is between them included. Any thread. */
int rt_contacts_keep(struct rt_contacts *contacts, struct rt_span block,
    const struct rt_contact_row *rows, uint32_t n, struct rt_err *err);

/* Reading rows back: one a thread. */
struct rt_contact_reader;

int rt_contact_reader_new(
    const struct rt_contacts *contacts, struct rt_contact_reader **out);
void rt_contact_reader_free(struct rt_contact_reader *reader);

/* The cells of a row, by list_slots: lent until the next row. Their bytes stay: they are
 * the kept ones, or stand in the arena. */
int rt_contact_reader_row(struct rt_contact_reader *reader,
    const struct rt_contact_row *row, struct rt_arena *arena,
    const struct rt_span **cells, struct rt_err *err);

/* For a walk over the rows that has come to this one: fetches the bytes of those a few rows
 * on. */
void rt_contacts_fetch_ahead(const struct rt_contacts *contacts, uint64_t row);

#endif
