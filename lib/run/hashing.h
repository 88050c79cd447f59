/*
 * One contact file to one platform's upload file: a filter. Rows are written as they come,
 * in the order of the file, neither sorted nor compared with each other, so that memory
 * does not depend on their number. Each row is a person of its own.
 */
#ifndef RT_HASHING_H
#define RT_HASHING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "events/reason.h"
#include "events/source.h"
#include "lists/platform.h"
#include "lists/rows.h"
#include "run/run.h"

struct rt_hash_options {
    const char *input;             /* "-": standard input */
    const char *platform;          /* its name */
    const char *output;            /* a path; "-": standard output */
    const struct rt_mapping *maps; /* what the command line says of columns */
    uint32_t nmaps;
    const char *country; /* of rows that name none; NULL: none */
    char delimiter;      /* '\0': recognised by looking */
    uint64_t plain_rows; /* not 0: write no list, show what these first rows become */
    const char *rejects_path, *report_path; /* NULL: none; report "-": standard output */
    bool max_rejects_percent;
    uint64_t max_rejects; /* a count, or millionths of the records read */
    unsigned latest_year; /* that a birth date may have */
    uint32_t jobs;        /* at least 1 */
    const char *tmpdir;   /* for rejects beyond a few */
    bool verbose;         /* the notice also names the columns that are not used */
    struct rt_progress progress;
    struct rt_notice notice; /* which column was taken for what */
};

/* A column of the file. */
struct rt_hash_column {
    struct rt_span name;  /* as the file writes it */
    struct rt_span field; /* what it was taken for; absent: not used */
};

struct rt_hash_report {
    struct rt_arena arena;
    const struct rt_platform *platform;
    struct rt_span input;
    const struct rt_hash_column *columns;
    uint32_t ncolumns;
    uint64_t read, count[RT_REASONS]; /* records, and those refused */
    uint64_t contacts;                /* records that were taken for contacts */
    struct rt_list_size size;         /* people: contacts with at least one row */
    struct rt_changed changed;        /* values */
    struct rt_dropped dropped;
    const struct rt_span *warnings;
    uint32_t nwarnings;
};

/*
 * Runs. report is filled as far as the run came; owned by the caller: rt_hash_report_free.
 * plain gets the lines of plain_rows.
 *
 * RT_OK; RT_EUSAGE for an unknown platform, country or field; RT_EIO for a file without a
 * column that the platform can use, and the rest of err.h; RT_EREJECTS. Unless RT_OK, no
 * output file was changed; standard output may have been written to.
 */
int rt_run_hash(const struct rt_hash_options *options, struct rt_hash_report **report,
    struct rt_buf *plain, struct rt_err *err);
void rt_hash_report_free(struct rt_hash_report *report);

/* The report for people and for programs, appended to out: counts and the names of
 * columns, no value. RT_OK or RT_ENOMEM. */
int rt_hash_text(const struct rt_hash_report *report, struct rt_buf *out);
int rt_hash_json(const struct rt_hash_report *report, struct rt_buf *out);

/* What the columns were taken for, as one line. all: also those that are not used. */
int rt_hash_columns_text(
    const struct rt_hash_report *report, bool all, struct rt_buf *out);

/* What the bit 1 << change of enum rt_norm_change says, for people: "dots cut". */
const char *rt_hash_change_text(unsigned change);

/* The name of a field of a report's counts: "email"; "other" for those found by name. */
const char *rt_hash_field(uint32_t field);

#endif
