/*
 * The table of list formats: what a platform's upload file looks like, what is hashed,
 * and how many people it asks for. Adding a platform is adding a row; the code that
 * writes rows (rows.c) knows no platform by name.
 *
 * A row of a file is made of cells of two sorts. Identifiers that one person may have
 * many of (`many`: e-mail, telephone) are gathered over all that is known of the person;
 * the rest stands together as it stood on one contact row, so that a name keeps its
 * postcode.
 */
#ifndef RT_PLATFORM_H
#define RT_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "lists/normalise.h"
#include "lists/person.h"

/* A column of the contact files, in the order of a csv list. */
struct rt_contact_column {
    struct rt_span name; /* compared form */
    uint32_t field;      /* enum rt_pii, or RT_PII_COUNT + its place */
};

/* What stands on one line of the file. */
enum rt_rows_kind {
    RT_ROWS_PERSON,     /* all of a person's identifiers, side by side */
    RT_ROWS_IDENTIFIER, /* one identifier, the other cells blank */
    RT_ROWS_CONTACT,    /* the person's key and one contact row, plain */
    RT_ROWS_KEY         /* the person's key */
};

/* How the cells of a line are put together. */
enum rt_line_form {
    RT_LINE_CSV, /* RFC 4180, ended by LF */
    RT_LINE_JSON /* an object a line; empty cells left out; RT_ROWS_CONTACT only */
};

/* How a normalised value is written. */
enum rt_cell_form {
    RT_CELL_PLAIN,
    RT_CELL_TEXT, /* plain; what a spreadsheet would run gets an apostrophe in front */
    RT_CELL_SHA256_HEX,
    RT_CELL_SHA256_BASE64, /* of the 32 bytes, not of the hex: 44 characters */
    RT_CELL_MD5_HEX,
    RT_CELL_SHA256_OF_MD5, /* hex; of the 32 hex digits of the MD5 */
    RT_CELL_FORMS
};

/* "plain", "SHA-256 hex", ...: for people. */
const char *rt_cell_form_name(enum rt_cell_form form);

enum { RT_FIELD_NAMED = 0xFFFF }; /* not an enum rt_pii: a contact column found by name */

struct rt_platform_column {
    const char *title;
    uint32_t field;           /* enum rt_pii, or RT_FIELD_NAMED */
    const char *const *names; /* RT_FIELD_NAMED: compared forms, NULL-terminated; the
                                 first that the contacts have counts */
    rt_norm_fn *normalise;
    enum rt_cell_form form;
    uint8_t many; /* 0: one of a contact row; else gathered, so many times side by side */
    uint8_t also; /* digests that it takes beside those of its form */
};

/* Which digests, as bits of enum rt_norm_hash_kind, a column takes for values: it writes
 * them as they are, or goes on from them. And those that it knows for digests, and refuses
 * as such, because they are no values that someone misspelt. */
unsigned rt_column_takes(const struct rt_platform_column *column);
unsigned rt_column_knows(const struct rt_platform_column *column);

/* A set of columns, as bits. RT_COLUMNS_MAX is checked by a test. */
typedef uint32_t rt_columns;
enum { RT_COLUMNS_MAX = 32, RT_NEEDS_MAX = 8 };

struct rt_platform {
    const char *name, *title; /* "google-ads", "Google Ads" */
    enum rt_rows_kind kind;
    enum rt_line_form line;
    bool header;      /* the first line names the columns */
    bool drop_unused; /* a repeat that no person of the list needs is left out */
    bool repeat_last; /* every row is complete: what runs out early is written again */
    bool guarded;     /* RT_ROWS_CONTACT: cells are written as RT_CELL_TEXT is */
    const struct rt_platform_column *columns;
    uint32_t ncolumns;
    uint32_t noptional; /* of these, the last: there when the contacts have one of them */
    rt_columns needs[RT_NEEDS_MAX]; /* a row is worth sending with all of one of these; 0
                                       ends the list */
    rt_columns together;            /* left blank unless all are there */
    /* Fixed text, in which {list} stands for the list's name. */
    const char *const *preamble; /* lines before all rows of every part, NULL-terminated;
                                    NULL: none, or the header line if there is one */
    const char *before, *after;  /* of every row, inside its line; NULL: nothing */
    uint32_t max_name;           /* characters of {list}: it is cut there; 0: any */
    /* Limits. */
    uint64_t minimum;             /* rows or people below which the list is not served */
    bool minimum_matched;         /* people that the platform found, not rows sent */
    uint64_t advised;             /* people that it advises; 0: nothing said */
    uint64_t max_rows, max_bytes; /* of one file, header included in the bytes; 0: none
                                     known. A longer list is split in parts */
    /* For people: phrases and sentences, without line ends. */
    const char *email_rule, *phone_rule; /* NULL: takes none */
    const char *about;      /* what the list is for, where its name does not say; NULL */
    const char *removal;    /* how people leave a list again */
    const char *source;     /* where the format was read */
    const char *confidence; /* what was not verified; NULL: nothing */
};

/* How many of the platform's columns its files have, the optional ones with the contact
 * columns given. */
uint32_t rt_platform_columns(const struct rt_platform *platform,
    const struct rt_contact_column *contacts, uint32_t ncontacts);

/* Appends fixed text with the list's name, as a CSV cell, for {list}. RT_OK, RT_ELIMIT or
 * RT_ENOMEM. */
int rt_platform_add_fixed(const struct rt_platform *platform, const char *text,
    struct rt_span name, struct rt_buf *buf);

/* The platform of a name, or NULL. For the life of the program. */
const struct rt_platform *rt_platform_get(struct rt_span name);

/* All names in the order of the manual, NULL-terminated: for messages and rt_near(). */
const char *const *rt_platform_names(void);

/* The platform that somebody named on a command line, or NULL with RT_EUSAGE in err, which
 * says the nearest name, or where all of them are shown. */
const struct rt_platform *rt_platform_named(const char *name, struct rt_err *err);

/* What a written list amounts to. */
struct rt_list_size {
    uint64_t rows, bytes; /* without and with the header lines */
    uint64_t people;      /* with at least one row */
    uint32_t parts;       /* files */
};

/*
 * What a person should know about a list of that size: too few for the platform, too many
 * rows or bytes for one file. Texts without a personal value, in arena.
 *
 * RT_OK or RT_ENOMEM.
 */
int rt_platform_warnings(const struct rt_platform *platform, struct rt_list_size size,
    struct rt_arena *arena, const struct rt_span **warnings, uint32_t *nwarnings);

#endif
