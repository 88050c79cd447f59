/* Inside of hash: what the rows (hash_rows.c) and the run around them (hashing.c) share. */
#ifndef RT_HASH_INT_H
#define RT_HASH_INT_H

#include "run/hash_columns.h"
#include "run/hashing.h"
#include "run/ingest.h"
#include "run/part_file.h"

struct hash {
    const struct rt_hash_options *o;
    const struct rt_platform *platform;
    struct rt_hash_columns columns;
    struct rt_source source;
    struct rt_feed feed;
    struct rt_hash_report *report;
    uint32_t ncolumns;           /* of the platform's, in this file */
    struct rt_buf head;          /* what stands before the rows of each file */
    struct rt_buf before, after; /* what frames each row */
    struct rt_sink_set *sinks;
    struct rt_part_file out;
    char country[3];
};

/* Does the platform know a contact by a key? Then one without an id has no row. */
bool rt_hash_needs_key(const struct rt_platform *platform);

/* Reads the feed and adds its rows to `out`, what became of them to the report. RT_OK,
 * RT_EIO, RT_ENOMEM, RT_ESTOP. */
int rt_hash_rows(struct hash *hash, struct rt_err *err);

#endif
