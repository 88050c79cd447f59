/*
 * From a person to the rows of a platform's file.
 *
 * One rower serves one thread and one platform; a person is normalised and hashed once,
 * and the same rows then go to every list of that platform that the person is on.
 */
#ifndef RT_ROWS_H
#define RT_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "lists/person.h"
#include "lists/platform.h"

/* Why a value of a person did not reach the file. */
enum rt_drop {
    RT_DROP_INVALID,    /* no e-mail address, no telephone number, no country, ... */
    RT_DROP_NO_COUNTRY, /* a telephone number that wants a country */
    RT_DROP_HASHED,     /* a digest where the platform takes plain values only */
    RT_DROP_UNUSABLE,   /* right by itself, but not to be sent: half an address, ... */
    RT_DROP_NOT_UTF8,   /* written in another encoding */
    RT_DROPS
};

/* "invalid", "no_country", "hashed", "unusable", "not_utf8". */
const char *rt_drop_name(enum rt_drop drop);

enum { RT_DROP_FIELDS = RT_PII_COUNT + 1 }; /* the last: contact columns found by name */

struct rt_dropped {
    uint64_t n[RT_DROP_FIELDS][RT_DROPS]; /* values */
};

/* What the rules did to values that were written: values with each change. */
struct rt_changed {
    uint64_t n[RT_DROP_FIELDS][RT_NORM_CHANGES];
};

struct rt_list_row {
    size_t at;
    uint32_t n; /* bytes, the line end included */
};

/* The rows of one person. Zero it before first use; used again for the next. */
struct rt_rows {
    struct rt_buf bytes;      /* rows of full width: every repeat has its cell */
    struct rt_list_row *rows; /* of them nrows */
    uint32_t nrows, room;
    uint8_t used[RT_COLUMNS_MAX]; /* repeats in use, a column; for `drop_unused` */
    bool has_email, has_phone;    /* among what is written */
    bool
        has_usual; /* some address would do for any platform: rt_rower_has_contact holds */
    bool any_dropped;
    struct rt_dropped dropped;
    struct rt_changed *changed; /* the caller's, or NULL; added to, never reset */
};

void rt_rows_release(struct rt_rows *rows);

struct rt_rower_options {
    const char
        *default_region;  /* for telephone numbers; alpha-2 in capitals; NULL: none */
    unsigned latest_year; /* of a birth date: the year of as-of; 0: 2100 */
    const struct rt_contact_column *columns; /* borrowed for the rower's life */
    uint32_t ncolumns;
    uint32_t max_products; /* of a person, for csv and jsonl; 0: no column for them */
};

struct rt_rower;

/* out: owned by the caller, rt_rower_free. RT_OK, RT_EUSAGE for a region that is none,
 * RT_ENOMEM, RT_EIO when there is no SHA-256. */
int rt_rower_new(const struct rt_platform *platform,
    const struct rt_rower_options *options, struct rt_rower **out, struct rt_err *err);
void rt_rower_free(struct rt_rower *rower);

/*
 * The person's rows, 0 to n. They depend on the values and on which share a row, and on
 * neither the order of the values nor the numbers of the rows.
 *
 * The country of a value is that of its row; a row without one has the person's, when all
 * of its rows that name a country name the same; else the default. A country that nobody
 * knows is no country: the default is not put in its place.
 *
 * Values of row 0 stand each for itself. An empty value is not counted as dropped.
 *
 * RT_OK, RT_ENOMEM, RT_ELIMIT for more than 256 MiB of one person, RT_EIO when a digest
 * fails. No allocation once the buffers have grown, but for text beyond ASCII.
 */
int rt_rower_person(struct rt_rower *rower, const struct rt_person *person,
    struct rt_rows *out, struct rt_err *err);

/* Whether a key makes a row of a list of keys: one of two lines would be two keys. */
bool rt_rows_take_key(struct rt_span key);

/* Columns of csv and jsonl lists: `key`; `email` unless the contact files have a column
 * for it; theirs; `products` if asked for. Theirs of the names key and products, which are
 * taken, get a prefix: "contact." or "". */
bool rt_rows_have_email(const struct rt_contact_column *columns, uint32_t ncolumns);
const char *rt_rows_name_prefix(const struct rt_contact_column *column, bool products);

/* Whether the person has an e-mail address or telephone number that any platform could
 * use: valid, or a digest. The same for every platform's rower. */
bool rt_rower_has_contact(struct rt_rower *rower, const struct rt_person *person);

#endif
