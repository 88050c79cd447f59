/*
 * Lists on disk. A list that is too long for its platform becomes several files, each with
 * its header:
 *
 *     cart.linkedin.csv -> cart.linkedin.part-01.csv, cart.linkedin.part-02.csv, ...
 *
 * numbered with two digits, or as many as the last part needs. They appear together with
 * the other files of their sink set. What an earlier run left under the names of this list
 * and this run does not write (further parts; the file without a part) is removed when the
 * set commits, right after the renames: between the two both may be seen, and a run that
 * is killed there leaves them for the next to remove.
 */
#ifndef RT_LIST_FILES_H
#define RT_LIST_FILES_H

#include "io/sink.h"
#include "lists/writer.h"

/* Appends the name of a part, from 1, of a file in nparts: the file's own when there is
 * one. RT_OK, RT_ENOMEM, RT_ELIMIT. */
int rt_part_name(struct rt_span file, uint32_t part, uint32_t nparts, struct rt_buf *out);

/* The number of the part of file that has that name, however many digits (two at least)
 * it has; 0 when it is none. */
uint32_t rt_part_of(struct rt_span file, struct rt_span name);

/* A list's file. */
struct rt_list_file {
    struct rt_span name;
    uint32_t nparts; /* as counted by rt_sheet_write before */
};

/* Writes the n lists of a sheet into files of a set, in dir, on up to `jobs` threads; the
 * set is used by one at a time. RT_OK, or what rt_sheet_write and rt_sink_add return. */
int rt_sheet_write_files(struct rt_sheet *sheet, struct rt_sink_set *set, const char *dir,
    const struct rt_list_file *files, uint32_t n, uint32_t jobs, struct rt_err *err);

/* Calls found with each name in dir that is a part of one of the files. A folder that is
 * missing has none. RT_OK, RT_EIO, or what found returned. */
struct rt_part_found {
    int (*found)(void *ctx, size_t file, const char *name);
    void *ctx;
};
int rt_parts_find(const char *dir, const struct rt_span *files, size_t nfiles,
    const struct rt_part_found *found, struct rt_err *err);

/* Has what is left of earlier runs of the files, in nparts[i] parts now, removed when the
 * set commits. RT_OK, RT_EIO, RT_ENOMEM. */
int rt_parts_replace(struct rt_sink_set *set, const char *dir,
    const struct rt_span *files, const uint32_t *nparts, size_t nfiles,
    struct rt_err *err);

#endif
