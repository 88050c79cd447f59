/*
 * Rows into a file that is written as they come: where a platform takes no more in one
 * file, the next begins, with the same head.
 *
 *     crm.csv, crm.part-02.csv, crm.part-03.csv, ...
 *
 * How many there will be is not known when the first is begun, so that one has the name
 * that was given, unlike lists, whose parts are all numbered. What an earlier run left of
 * further parts is removed when the set commits.
 */
#ifndef RT_PART_FILE_H
#define RT_PART_FILE_H

#include <stdint.h>

#include "io/sink.h"
#include "lists/platform.h"

struct rt_part_file {
    struct rt_sink_set *set;      /* borrowed */
    const char *path;             /* "-": standard output, which has no parts; borrowed */
    struct rt_span head;          /* before the rows of each file; borrowed */
    uint64_t max_rows, max_bytes; /* of one file; 0: any number */
    struct rt_sink *sink;
    uint64_t part_rows, part_bytes; /* of the file being written */
    uint64_t rows, bytes;           /* of all; bytes with the heads */
    uint32_t parts;
};

/* Begins the first file, with the platform's limits. RT_OK, or what rt_sink_add and
 * rt_sink_write return. */
int rt_part_file_begin(struct rt_part_file *file, struct rt_sink_set *set,
    const char *path, struct rt_span head, const struct rt_platform *platform,
    struct rt_err *err);

/* Adds a row, its line end included. */
int rt_part_file_add(struct rt_part_file *file, struct rt_span row, struct rt_err *err);

/* Has further parts of earlier runs removed when the set commits. */
int rt_part_file_end(struct rt_part_file *file, struct rt_err *err);

#endif
