/*
 * Output files that appear whole or not at all.
 *
 * A run opens one sink set, adds its files, and commits once at the end: every file is
 * written beside its final name (".NAME.PID.tmp", mode 0600), synced, and only when all of
 * them are complete are they renamed, and the folders synced. Whatever goes wrong before
 * leaves what stood there untouched. A lock file in the folder (".retarget.lock", held by
 * flock for the life of the set) keeps two runs into one folder apart.
 *
 * One thread at a time.
 */
#ifndef RT_SINK_H
#define RT_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

struct rt_sink_set;
struct rt_sink;

int rt_sink_set_new(struct rt_sink_set **out, struct rt_err *err);

/* Takes the lock of a folder; RT_ELOCKED at once when another run has it, RT_EIO when the
 * folder is missing or not writable. Locking a folder twice in one set is fine. */
int rt_sink_lock(struct rt_sink_set *set, const char *dir, struct rt_err *err);

/*
 * Adds the file dir/name; mode 0600. out is lent until commit or abandon. Two files of one
 * name are RT_EUSAGE. dir NULL: name is a path of its own (report, rejects).
 */
int rt_sink_add(struct rt_sink_set *set, const char *dir, const char *name,
    struct rt_sink **out, struct rt_err *err);

/* Appends; buffered. RT_OK or RT_EIO (disk full, ...: the text names the final file). */
int rt_sink_write(struct rt_sink *sink, struct rt_span bytes, struct rt_err *err);
uint64_t rt_sink_bytes(const struct rt_sink *sink);

/* Flushes, syncs, closes and renames every file. On failure nothing that was not yet
 * renamed appears, the temporary files are gone, and the text names the file. */
int rt_sink_commit(struct rt_sink_set *set, struct rt_err *err);

/* Removes the temporary files of a set that was not committed, gives the locks back and
 * frees it; after a commit only frees. NULL is fine. */
void rt_sink_set_free(struct rt_sink_set *set);

/*
 * Temporary files that a signal handler may remove: unlinks every uncommitted temporary
 * file of every living set. Async-signal-safe.
 */
void rt_sink_unlink_all(void);

#endif
