/*
 * Output files that appear whole or not at all.
 *
 * A run opens one sink set, adds its files, and commits once at the end: every file is
 * written beside its final name (".NAME.PID.tmp", mode 0600 whatever the umask), synced,
 * and only when all of them are complete are they renamed, and the folders synced.
 * Whatever goes wrong before leaves what stood there untouched. A lock file in the folder
 * (".retarget.lock", held by flock for the life of the set) keeps two runs into one
 * folder apart. It stays behind, empty: to remove a lock file is to let a run that waits
 * on the removed one and a run that makes a new one both believe that they have the lock.
 *
 * The target is replaced, not rewritten: a symbolic link of the name gives way to the
 * file, other hard links keep the old contents, owner and mode are those of a new file.
 *
 * Several threads may add files and write to different ones at a time; all else is for one
 * thread. Any number of files: of those in locked folders no more than 64 are kept open at
 * once.
 */
#ifndef RT_SINK_H
#define RT_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

struct rt_sink_set;
struct rt_sink;

/* out: owned by the caller, rt_sink_set_free. RT_OK or RT_ENOMEM. */
int rt_sink_set_new(struct rt_sink_set **out, struct rt_err *err);

/* Makes an output folder if it is not there: that one, not its parents, so that a mistyped
 * path does not go unnoticed. RT_OK or RT_EIO. */
int rt_sink_make_folder(const char *dir, struct rt_err *err);

/*
 * Takes the lock of a folder; RT_ELOCKED at once when another run has it, RT_EIO when the
 * folder is missing or not writable, RT_ENOMEM. Locking a folder twice in one set is
 * fine.
 *
 * When the set ends, what a killed run left in a locked folder of the files that this set
 * writes (".NAME.PID.tmp" that nobody holds open) is removed: it is personal data that
 * nobody would miss.
 */
int rt_sink_lock(struct rt_sink_set *set, const char *dir, struct rt_err *err);

/*
 * Adds the file dir/name; mode 0600. out is lent until commit or abandon. Two files of
 * one name are RT_EUSAGE. dir NULL: name is a path of its own (report, rejects).
 *
 * A path of its own may also be what cannot be replaced: "-" and "/dev/stdout" are
 * standard output, "/dev/stderr" and "/dev/fd/N" likewise descriptors of this process,
 * and a FIFO, a device or a socket is opened as it is. Such a one is written directly:
 * its bytes are seen before the commit, and the commit only sends the last of them.
 *
 * RT_OK, RT_EIO (no such folder, a folder of that name, ...), RT_EUSAGE, RT_ENOMEM.
 */
int rt_sink_add(struct rt_sink_set *set, const char *dir, const char *name,
    struct rt_sink **out, struct rt_err *err);

/*
 * Has dir/name removed by the commit, once every file has its name; unless the set writes
 * a file of that name itself. One that is not there is fine. RT_OK, RT_EIO, RT_ENOMEM.
 */
int rt_sink_remove(
    struct rt_sink_set *set, const char *dir, const char *name, struct rt_err *err);

/* Appends; buffered, but for pieces of 64 KiB and more, which go out as they are, while
 * other threads write to other sinks. RT_OK, RT_EIO (disk full, ...: the text names the final file),
 * RT_EPIPE (the reader of a direct one went away), RT_ENOMEM. A sink that has failed
 * keeps failing, and so does the commit of its set. */
int rt_sink_write(struct rt_sink *sink, struct rt_span bytes, struct rt_err *err);
uint64_t rt_sink_bytes(const struct rt_sink *sink);

/*
 * Flushes, syncs, closes and renames every file, then removes what rt_sink_remove named
 * (a failure there comes after all files are in place, and the text says so). On failure nothing that was not yet
 * renamed appears, the temporary files are gone, and the text names the file. A set
 * commits once, whether or not that succeeds.
 *
 * All that can be known to fail is tried before the first rename: every file is complete
 * on disk and closed, and no target is a folder. Should a rename fail nevertheless (the
 * folder was removed or made read-only meanwhile), the files renamed before it stay in
 * place, for what they replaced is gone, and the text says how many. Signals that come
 * between two renames wait until the last is done: for this thread, so that no other may
 * live then that takes them.
 *
 * RT_OK, RT_EIO, RT_EPIPE, or the status of the first write that failed.
 */
int rt_sink_commit(struct rt_sink_set *set, struct rt_err *err);

/* Removes the temporary files of a set that was not committed, gives the locks back and
 * frees it; after a commit only frees. NULL is fine. */
void rt_sink_set_free(struct rt_sink_set *set);

/*
 * For a signal handler that ends the process: unlinks every uncommitted temporary file of
 * every living set. Async-signal-safe. Names are relative to the working folder where the
 * caller's were, so the program does not change that.
 */
void rt_sink_unlink_all(void);

#endif
