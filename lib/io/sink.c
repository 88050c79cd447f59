/* Output files that appear whole or not at all.
 *
 *     set ── folders (lock, descriptor to sync)
 *      └──── sinks ── temporary file ──rename at commit──> final name
 *                └─── or a descriptor written directly (standard output, FIFO, device)
 *
 * A run may write thousands of lists, one after another or many at a time, with a limit
 * of often 1,024 descriptors. So past 64 the file that was written to longest ago is
 * closed
 * ("parked") and opened again when its buffer is full or the set commits.
 *
 * Every temporary file is flocked while it is open. That is how a later run tells what a
 * killed one left behind from what another is writing; only files in a folder whose lock
 * this set holds are parked, since there nobody else clears up. */
#include "io/sink.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

enum {
    WAIT_BYTES = 64 * 1024,
    START_BYTES = 512 * 1024,
    MOST_OPEN = 64,
    MOST_ATTEMPTS = 100,
    NAME_BYTES = 200
};

/* The name of a temporary file, for signal handlers. Never freed and never used for
 * another name, so that a handler may read it at any moment: a run leaves a few hundred
 * bytes a list. */
struct temp {
    struct temp *older;
    atomic_bool live;
    char path[];
};

static _Atomic(struct temp *) newest_temp;

struct folder {
    struct folder *next;
    int fd;      /* to sync it */
    int lock_fd; /* -1: not locked */
    dev_t device;
    ino_t inode;
    char path[];
};

struct rt_sink {
    struct rt_sink *next;
    struct rt_sink_set *set;
    struct folder *folder; /* NULL: written directly */
    struct temp *temp;     /* NULL: written directly */
    const char *base;      /* the last part of path */
    int fd;                /* -1: parked */
    bool parkable;         /* its folder is locked by this set */
    bool busy;    /* is being written to without the set's lock: not to be parked */
    dev_t device; /* of the temporary file, to know it again */
    ino_t inode;
    uint64_t bytes;
    uint64_t written, started; /* bytes of it that the disk may begin with */
    uint64_t used_at;          /* set->ticks when last written out */
    size_t wait_n;
    char *wait; /* WAIT_BYTES, or NULL */
    char path[];
};

/* A file that goes when the set commits. */
struct removal {
    struct removal *next;
    struct folder *folder;
    char name[];
};

struct rt_sink_set {
    pthread_mutex_t lock; /* of all, while several threads write */
    struct folder *folders;
    struct removal *removals;
    struct rt_sink *sinks, **last;
    unsigned nparkable; /* open files that may be parked */
    uint64_t ticks;
    bool ended;          /* committed or given up */
    struct rt_err first; /* the first failure */
};

/* ---- errors: a set remembers the first, and passes it on ever after */

static int out_of_memory(struct rt_err *err)
{
    return rt_err_set(err, RT_ENOMEM, "out of memory");
}

static int pass_on(const struct rt_sink_set *set, struct rt_err *err)
{
    if (err && err->code == RT_OK)
        *err = set->first;
    return set->first.code;
}

static int fail(struct rt_sink *sink, int errnum, const char *what, struct rt_err *err)
{
    int code = errnum == EPIPE ? RT_EPIPE : errnum == ENOMEM ? RT_ENOMEM : RT_EIO;

    rt_err_sys(&sink->set->first, code,
        strcmp(sink->path, "-") ? sink->path : "standard output", errnum, "%s", what);
    return pass_on(sink->set, err);
}

/* ---- temporary names */

void rt_sink_unlink_all(void)
{
    struct temp *temp = atomic_load(&newest_temp);

    for (; temp; temp = temp->older)
        if (atomic_load(&temp->live))
            unlink(temp->path);
}

static void publish(struct temp *temp)
{
    atomic_store(&temp->live, true);
    temp->older = atomic_load(&newest_temp);
    while (!atomic_compare_exchange_weak(&newest_temp, &temp->older, temp))
        ;
}

static const char *skip_digits_back(const char *from, const char *p)
{
    while (p > from && p[-1] >= '0' && p[-1] <= '9')
        p--;
    return p;
}

/* NAME of ".NAME.PID.tmp" or ".NAME.PID-N.tmp"; absent for any other name. */
static struct rt_span name_in_temp(const char *temp)
{
    size_t n = strlen(temp);
    const char *end = temp + n - 4, *digits;

    if (n < 8 || temp[0] != '.' || strcmp(end, ".tmp") != 0)
        return RT_SPAN_ABSENT;
    digits = skip_digits_back(temp, end);
    if (digits < end && digits[-1] == '-') {
        end = digits - 1;
        digits = skip_digits_back(temp, end);
    }
    if (digits == end || digits - temp < 3 || digits[-1] != '.')
        return RT_SPAN_ABSENT;
    return (struct rt_span) { temp + 1, (size_t)(digits - temp) - 2 };
}

/* ---- folders */

static struct folder *find_folder(const struct rt_sink_set *set, const struct stat *st)
{
    struct folder *folder = set->folders;

    while (folder && (folder->device != st->st_dev || folder->inode != st->st_ino))
        folder = folder->next;
    return folder;
}

static int add_folder(struct rt_sink_set *set, const char *path, int fd,
    const struct stat *st, struct folder **out)
{
    size_t n = strlen(path) + 1;
    struct folder *folder = rt_malloc(sizeof *folder + n);

    if (!folder)
        return RT_ENOMEM;
    folder->fd = fd;
    folder->lock_fd = -1;
    folder->device = st->st_dev;
    folder->inode = st->st_ino;
    memcpy(folder->path, path, n);
    folder->next = set->folders;
    set->folders = folder;
    *out = folder;
    return RT_OK;
}

/* The set's record of a folder, whichever of its names it goes by. */
static int get_folder(
    struct rt_sink_set *set, const char *path, struct folder **out, struct rt_err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0) {
        int why = errno;

        if (fd >= 0)
            close(fd);
        return rt_err_sys(err, RT_EIO, path, why, "cannot open this folder");
    }
    *out = find_folder(set, &st);
    if (*out) {
        close(fd);
        return RT_OK;
    }
    if (add_folder(set, path, fd, &st, out) < 0) {
        close(fd);
        return out_of_memory(err);
    }
    return RT_OK;
}

static int take_lock(struct folder *folder, struct rt_err *err)
{
    int fd = openat(folder->fd, ".retarget.lock",
        O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    int why;

    if (fd < 0)
        return rt_err_sys(err, RT_EIO, folder->path, errno,
            "cannot make the lock file .retarget.lock in this folder");
    fchmod(fd,
        0600); /* a strict umask would shut out the next run; fails for others' files */
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        why = errno;
        if (why == EINTR)
            continue;
        close(fd);
        if (why == EWOULDBLOCK)
            return rt_err_at(err, RT_ELOCKED, folder->path, 0, 0,
                "another run is writing to this folder");
        return rt_err_sys(err, RT_EIO, folder->path, why, "cannot lock this folder");
    }
    folder->lock_fd = fd;
    return RT_OK;
}

int rt_sink_make_folder(const char *dir, struct rt_err *err)
{
    if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        return rt_err_sys(err, RT_EIO, dir, errno, "cannot make this folder");
    return RT_OK;
}

int rt_sink_lock(struct rt_sink_set *set, const char *dir, struct rt_err *err)
{
    struct folder *folder;
    int rc = get_folder(set, *dir ? dir : ".", &folder, err);

    if (rc < 0 || folder->lock_fd >= 0)
        return rc;
    return take_lock(folder, err);
}

/* ---- writing */

/* The disk may begin with what was written: were each file left until it is waited for, the
 * journal would be written once a file. 11 lists of 8 MB in all: 11 ms less at the end. */
static void start(struct rt_sink *sink)
{
#ifdef SYNC_FILE_RANGE_WRITE
    if (sink->folder && sink->fd >= 0 && sink->written > sink->started)
        sync_file_range(sink->fd, (off_t)sink->started,
            (off_t)(sink->written - sink->started), SYNC_FILE_RANGE_WRITE); /* a wish */
#endif
    sink->started = sink->written;
}

/* Returns 0 or an errno. */
static int write_all(struct rt_sink *sink, const char *p, size_t n)
{
    sink->written += n;
    while (n) {
        ssize_t wrote = write(sink->fd, p, n);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return errno;
        p += wrote;
        n -= (size_t)wrote;
    }
    if (sink->written - sink->started >= START_BYTES)
        start(sink);
    return 0;
}

static int write_out(struct rt_sink *sink, const char *p, size_t n, struct rt_err *err)
{
    int why;

    sink->used_at = ++sink->set->ticks;
    why = write_all(sink, p, n);
    return why ? fail(sink, why, "cannot write", err) : RT_OK;
}

/* The same while other threads go on with other sinks. The set is locked before and after,
 * not meanwhile. */
static int write_unlocked(
    struct rt_sink *sink, const char *p, size_t n, struct rt_err *err)
{
    int why;

    sink->used_at = ++sink->set->ticks;
    sink->busy = true;
    pthread_mutex_unlock(&sink->set->lock);
    why = write_all(sink, p, n);
    pthread_mutex_lock(&sink->set->lock);
    sink->busy = false;
    return why ? fail(sink, why, "cannot write", err) : RT_OK;
}

static int flush_open(struct rt_sink *sink, struct rt_err *err)
{
    size_t n = sink->wait_n;

    sink->wait_n = 0;
    return write_out(sink, sink->wait, n, err);
}

static int close_fd(struct rt_sink *sink)
{
    int fd = sink->fd;

    if (fd < 0)
        return 0;
    sink->set->nparkable -= sink->parkable;
    sink->fd = -1;
    return close(fd);
}

/* Makes room for one more open file, unless all that are open are being written to. */
static int park_oldest(struct rt_sink_set *set, struct rt_err *err)
{
    struct rt_sink *oldest = NULL;
    int rc;

    if (set->nparkable < MOST_OPEN)
        return RT_OK;
    for (struct rt_sink *sink = set->sinks; sink; sink = sink->next)
        if (sink->fd >= 0 && sink->parkable && !sink->busy
            && (!oldest || sink->used_at < oldest->used_at))
            oldest = sink;
    if (!oldest)
        return RT_OK;
    rc = flush_open(oldest, err);
    if (rc < 0)
        return rc;
    rt_free(oldest->wait);
    oldest->wait = NULL;
    if (close_fd(oldest) < 0)
        return fail(oldest, errno, "cannot write", err);
    return RT_OK;
}

static int unpark(struct rt_sink *sink, struct rt_err *err)
{
    struct stat st;
    int fd, rc;

    if (sink->fd >= 0)
        return RT_OK;
    rc = park_oldest(sink->set, err);
    if (rc < 0)
        return rc;
    fd = open(sink->temp->path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return fail(sink, errno, "cannot open its temporary file again", err);
    if (fstat(fd, &st) < 0 || st.st_dev != sink->device || st.st_ino != sink->inode) {
        close(fd);
        return fail(sink, ESTALE, "its temporary file was replaced", err);
    }
    sink->fd = fd;
    sink->set->nparkable++;
    return RT_OK;
}

static int flush(struct rt_sink *sink, struct rt_err *err)
{
    int rc = sink->wait_n ? unpark(sink, err) : RT_OK;

    return rc == RT_OK && sink->wait_n ? flush_open(sink, err) : rc;
}

/* Bytes that wait until there are more. */
static int keep(struct rt_sink *sink, struct rt_span bytes, struct rt_err *err)
{
    if (!sink->wait)
        sink->wait = rt_malloc(WAIT_BYTES);
    if (!sink->wait)
        return fail(sink, ENOMEM, "cannot write", err);
    memcpy(sink->wait + sink->wait_n, bytes.p, bytes.n);
    sink->wait_n += bytes.n;
    return RT_OK;
}

static int write_locked(struct rt_sink *sink, struct rt_span bytes, struct rt_err *err)
{
    int rc = RT_OK;

    if (sink->set->first.code != RT_OK)
        return pass_on(sink->set, err);
    if (bytes.n > WAIT_BYTES - sink->wait_n)
        rc = flush(sink, err);
    if (rc == RT_OK && bytes.n >= WAIT_BYTES) {
        rc = unpark(sink, err);
        if (rc == RT_OK)
            rc = write_unlocked(sink, bytes.p, bytes.n, err);
    } else if (rc == RT_OK && bytes.n) {
        rc = keep(sink, bytes, err);
    }
    if (rc == RT_OK)
        sink->bytes += bytes.n;
    return rc;
}

int rt_sink_write(struct rt_sink *sink, struct rt_span bytes, struct rt_err *err)
{
    struct rt_sink_set *set = sink->set;
    int rc;

    pthread_mutex_lock(&set->lock);
    rc = write_locked(sink, bytes, err);
    pthread_mutex_unlock(&set->lock);
    return rc;
}

uint64_t rt_sink_bytes(const struct rt_sink *sink)
{
    return sink->bytes;
}

/* ---- adding a file */

static struct rt_sink *new_sink(
    struct rt_sink_set *set, const char *dir, const char *name)
{
    size_t ndir = dir ? strlen(dir) : 0, nname = strlen(name);
    bool slash = ndir && dir[ndir - 1] != '/';
    struct rt_sink *sink = rt_calloc(1, sizeof *sink + ndir + slash + nname + 1);
    const char *last;

    if (!sink)
        return NULL;
    if (ndir)
        memcpy(sink->path, dir, ndir);
    if (slash)
        sink->path[ndir] = '/';
    memcpy(sink->path + ndir + slash, name, nname + 1);
    last = strrchr(sink->path, '/');
    sink->base = last ? last + 1 : sink->path;
    sink->set = set;
    sink->fd = -1;
    return sink;
}

static void free_sink(struct rt_sink *sink)
{
    if (!sink)
        return;
    close_fd(sink);
    rt_free(sink->wait);
    rt_free(sink);
}

static bool is_taken(const struct rt_sink_set *set, const struct rt_sink *sink)
{
    for (const struct rt_sink *other = set->sinks; other; other = other->next)
        if (other->folder == sink->folder
            && strcmp(sink->folder ? other->base : other->path,
                   sink->folder ? sink->base : sink->path)
                == 0)
            return true;
    return false;
}

/* The descriptor that a path stands for, or -1. */
static int descriptor_named(const char *path)
{
    static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };

    if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(folders[i]);
        const char *p = path + n;
        int fd = 0;

        if (strncmp(path, folders[i], n) != 0 || !*p)
            continue;
        for (; *p >= '0' && *p <= '9' && fd < INT_MAX / 10 - 1; p++)
            fd = fd * 10 + (*p - '0');
        if (!*p)
            return fd;
    }
    return -1;
}

/* Opens what cannot be replaced. Returns 1 when it did, 0 when path is or will be a plain
 * file, or negative. */
static int open_direct(struct rt_sink *sink, struct rt_err *err)
{
    int fd = descriptor_named(sink->path);
    struct stat st;

    if (fd >= 0)
        sink->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    else if (stat(sink->path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        sink->fd = open(sink->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    else
        return 0;
    if (sink->fd < 0)
        return rt_err_sys(err, RT_EIO, sink->path, errno, "cannot open");
    return 1;
}

/* The folder of a path: what stands before the last slash, or the working folder. */
static int folder_of(struct rt_sink *sink, struct folder **out, struct rt_err *err)
{
    char *base = sink->path + (sink->base - sink->path), was = *base;
    int rc;

    if (base == sink->path)
        return get_folder(sink->set, ".", out, err);
    *base = '\0';
    rc = get_folder(sink->set, sink->path, out, err);
    *base = was;
    return rc;
}

static struct temp *new_temp(const struct rt_sink *sink, int attempt)
{
    int ndir = (int)(sink->base - sink->path);
    size_t room = (size_t)ndir + NAME_BYTES + 40;
    struct temp *temp = rt_malloc(sizeof *temp + room);
    char again[16] = "";

    if (!temp)
        return NULL;
    if (attempt)
        snprintf(again, sizeof again, "-%d", attempt);
    snprintf(temp->path, room, "%.*s.%.*s.%ld%s.tmp", ndir, sink->path, (int)NAME_BYTES,
        sink->base, (long)getpid(), again);
    return temp;
}

/* Whether the file is still there once it is locked: another run that clears up may have
 * been quicker. Where flock does not work, it does not clear up either. */
static bool hold(int fd, struct stat *st)
{
    while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
        ;
    return fstat(fd, st) == 0 && st->st_nlink > 0;
}

static int make_temp(struct rt_sink *sink, int attempt, struct rt_err *err)
{
    struct temp *temp = new_temp(sink, attempt);
    struct stat st;
    int fd;

    if (!temp)
        return out_of_memory(err);
    fd = open(temp->path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
        0600);
    if (fd < 0) {
        int why = errno;

        rt_free(temp);
        return why == EEXIST ? 0
                             : rt_err_sys(err, RT_EIO, sink->path, why, "cannot create");
    }
    if (!hold(fd, &st)) {
        close(fd);
        rt_free(temp);
        return 0;
    }
    publish(temp);
    sink->temp = temp;
    sink->fd = fd;
    sink->device = st.st_dev;
    sink->inode = st.st_ino;
    sink->parkable = sink->folder->lock_fd >= 0;
    sink->set->nparkable += sink->parkable;
    if (fchmod(fd, 0600) < 0) /* the umask may have taken more away */
        return rt_err_sys(err, RT_EIO, sink->path, errno, "cannot set its mode");
    return 1;
}

static int open_temp(struct rt_sink *sink, struct rt_err *err)
{
    int rc = park_oldest(sink->set, err);

    if (rc < 0)
        return rc;
    for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
        rc = make_temp(sink, attempt, err);
        if (rc != 0)
            return rc < 0 ? rc : RT_OK;
    }
    return rt_err_sys(
        err, RT_EIO, sink->path, EEXIST, "cannot create its temporary file");
}

static void discard(struct rt_sink *sink)
{
    if (sink->temp && atomic_load(&sink->temp->live)) {
        unlink(sink->temp->path);
        atomic_store(&sink->temp->live, false);
    }
}

static int place(struct rt_sink *sink, bool own_path, struct rt_err *err)
{
    struct stat st;
    int rc = own_path ? open_direct(sink, err) : 0;

    if (rc < 0)
        return rc;
    if (rc == 0) {
        if (!*sink->base || (stat(sink->path, &st) == 0 && S_ISDIR(st.st_mode)))
            return rt_err_at(err, RT_EIO, sink->path, 0, 0, "is a directory");
        rc = folder_of(sink, &sink->folder, err);
        if (rc < 0)
            return rc;
    }
    if (is_taken(sink->set, sink))
        return rt_err_at(
            err, RT_EUSAGE, sink->path, 0, 0, "is to be written twice in one run");
    return sink->folder ? open_temp(sink, err) : RT_OK;
}

static int add_sink(struct rt_sink_set *set, const char *dir, const char *name,
    struct rt_sink **out, struct rt_err *err)
{
    struct rt_sink *sink;
    int rc;

    if (set->first.code != RT_OK)
        return pass_on(set, err);
    if (!*name || (dir && strchr(name, '/')))
        return rt_err_at(err, RT_EUSAGE, name, 0, 0, "is not the name of a file");
    sink = new_sink(set, dir, name);
    if (!sink)
        return out_of_memory(err);
    rc = place(sink, !dir, err);
    if (rc < 0) {
        discard(sink);
        free_sink(sink);
        return rc;
    }
    *set->last = sink;
    set->last = &sink->next;
    *out = sink;
    return RT_OK;
}

int rt_sink_add(struct rt_sink_set *set, const char *dir, const char *name,
    struct rt_sink **out, struct rt_err *err)
{
    int rc;

    pthread_mutex_lock(&set->lock);
    rc = add_sink(set, dir, name, out, err);
    pthread_mutex_unlock(&set->lock);
    return rc;
}

/* ---- the end */

/* All bytes handed over. */
static int hand_over(struct rt_sink *sink, struct rt_err *err)
{
    int rc = flush(sink, err);

    if (rc < 0)
        return rc;
    if (!sink->folder)
        return close_fd(sink) < 0 ? fail(sink, errno, "cannot write", err) : RT_OK;
    start(sink);
    return RT_OK;
}

/* All bytes on disk. The file stays open, and with it locked, until it has its name. */
static int complete(struct rt_sink *sink, struct rt_err *err)
{
    int rc = sink->folder ? unpark(sink, err) : RT_OK;

    if (rc < 0 || !sink->folder)
        return rc;
    while (fsync(sink->fd) < 0)
        if (errno != EINTR)
            return fail(sink, errno, "cannot sync", err);
    return RT_OK;
}

static int complete_all(struct rt_sink_set *set, struct rt_err *err)
{
    struct stat st;
    int rc;

    for (struct rt_sink *sink = set->sinks; sink; sink = sink->next) {
        rc = hand_over(sink, err);
        if (rc < 0)
            return rc;
    }
    for (struct rt_sink *sink = set->sinks; sink; sink = sink->next) {
        rc = complete(sink, err);
        if (rc < 0)
            return rc;
    }
    for (struct rt_sink *sink = set->sinks; sink; sink = sink->next)
        if (sink->folder && lstat(sink->path, &st) == 0 && S_ISDIR(st.st_mode))
            return fail(sink, EISDIR, "cannot be replaced", err);
    return RT_OK;
}

static int rename_all(struct rt_sink_set *set, struct rt_err *err)
{
    unsigned long nrenamed = 0;
    char what[128];

    for (struct rt_sink *sink = set->sinks; sink; sink = sink->next) {
        if (!sink->folder)
            continue;
        if (rename(sink->temp->path, sink->path) < 0) {
            int why = errno;

            snprintf(what, sizeof what,
                "cannot get its name (%lu files of this run have theirs)", nrenamed);
            return fail(sink, why, what, err);
        }
        atomic_store(&sink->temp->live, false);
        close_fd(sink);
        nrenamed++;
    }
    return RT_OK;
}

/* ---- files that go */

int rt_sink_remove(
    struct rt_sink_set *set, const char *dir, const char *name, struct rt_err *err)
{
    size_t n = strlen(name) + 1;
    struct removal *removal;
    struct folder *folder;
    int rc = get_folder(set, *dir ? dir : ".", &folder, err);

    if (rc < 0)
        return rc;
    removal = rt_malloc(sizeof *removal + n);
    if (!removal)
        return out_of_memory(err);
    removal->folder = folder;
    memcpy(removal->name, name, n);
    removal->next = set->removals;
    set->removals = removal;
    return RT_OK;
}

static bool writes(const struct rt_sink_set *set, const struct removal *removal)
{
    for (const struct rt_sink *sink = set->sinks; sink; sink = sink->next)
        if (sink->folder == removal->folder && strcmp(sink->base, removal->name) == 0)
            return true;
    return false;
}

static int remove_all(struct rt_sink_set *set, struct rt_err *err)
{
    for (const struct removal *r = set->removals; r; r = r->next) {
        if (writes(set, r) || unlinkat(r->folder->fd, r->name, 0) == 0 || errno == ENOENT)
            continue;
        rt_err_sys(&set->first, RT_EIO, r->name, errno,
            "the files are written, but this one of an earlier run cannot be removed");
        return pass_on(set, err);
    }
    return RT_OK;
}

/* EINVAL: a file system whose folders need no syncing. */
static int sync_folders(struct rt_sink_set *set, struct rt_err *err)
{
    for (struct folder *folder = set->folders; folder; folder = folder->next)
        while (fsync(folder->fd) < 0) {
            if (errno == EINVAL)
                break;
            if (errno == EINTR)
                continue;
            rt_err_sys(&set->first, RT_EIO, folder->path, errno,
                "the files are written, but this folder cannot be synced");
            return pass_on(set, err);
        }
    return RT_OK;
}

/* ---- what killed runs left behind */

static bool is_written_here(
    const struct folder *folder, const struct rt_sink *sink, struct rt_span name)
{
    for (; sink; sink = sink->next) {
        size_t n = strlen(sink->base);

        if (sink->folder == folder
            && rt_span_eq(
                name, (struct rt_span) { sink->base, n < NAME_BYTES ? n : NAME_BYTES }))
            return true;
    }
    return false;
}

static void remove_if_left_behind(const struct folder *folder, const char *name)
{
    int fd = openat(folder->fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;

    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid()
        && flock(fd, LOCK_EX | LOCK_NB) == 0)
        unlinkat(folder->fd, name, 0);
    close(fd);
}

/* A kindness, so that it fails in silence. */
static void clear_up(const struct folder *folder, const struct rt_sink *sinks)
{
    int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;

    if (!dir) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((entry = readdir(dir))) {
        struct rt_span name = name_in_temp(entry->d_name);

        if (name.p && is_written_here(folder, sinks, name))
            remove_if_left_behind(folder, entry->d_name);
    }
    closedir(dir);
}

static void end(struct rt_sink_set *set)
{
    for (struct rt_sink *sink = set->sinks; sink; sink = sink->next) {
        discard(sink);
        close_fd(sink);
    }
    for (const struct folder *folder = set->folders; folder; folder = folder->next)
        if (folder->lock_fd >= 0)
            clear_up(folder, set->sinks);
    if (set->first.code == RT_OK)
        rt_err_set(&set->first, RT_EUSAGE, "this set of files was committed already");
    set->ended = true;
}

/* Between two renames no signal may end the program: those that come then wait. */
static int appear(struct rt_sink_set *set, struct rt_err *err)
{
    sigset_t all, before;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    rc = rename_all(set, err);
    if (rc == RT_OK)
        rc = remove_all(set, err);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

int rt_sink_commit(struct rt_sink_set *set, struct rt_err *err)
{
    int rc = set->first.code;

    if (rc != RT_OK)
        pass_on(set, err);
    else
        rc = complete_all(set, err);
    if (rc == RT_OK)
        rc = appear(set, err);
    if (rc == RT_OK)
        rc = sync_folders(set, err);
    if (!set->ended)
        end(set);
    return rc;
}

int rt_sink_set_new(struct rt_sink_set **out, struct rt_err *err)
{
    struct rt_sink_set *set = rt_calloc(1, sizeof *set);

    if (!set)
        return out_of_memory(err);
    pthread_mutex_init(&set->lock, NULL);
    set->last = &set->sinks;
    *out = set;
    return RT_OK;
}

void rt_sink_set_free(struct rt_sink_set *set)
{
    if (!set)
        return;
    if (!set->ended)
        end(set);
    while (set->sinks) {
        struct rt_sink *next = set->sinks->next;

        free_sink(set->sinks);
        set->sinks = next;
    }
    while (set->removals) {
        struct removal *next = set->removals->next;

        rt_free(set->removals);
        set->removals = next;
    }
    while (set->folders) {
        struct folder *next = set->folders->next;

        close(set->folders->fd);
        if (set->folders->lock_fd >= 0)
            close(set->folders->lock_fd);
        rt_free(set->folders);
        set->folders = next;
    }
    pthread_mutex_destroy(&set->lock);
    rt_free(set);
}
