/* sink: whole or not at all, whatever goes wrong on the way. */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/workers.h"
#include "io/sink.h"

Suite *sink_suite(void);

static char dir[] = "/tmp/retarget-sink-XXXXXX";

static void make_dir(void)
{
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
    char command[100];

    snprintf(command, sizeof command, "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
    memcpy(dir + sizeof dir - 7, "XXXXXX", 6);
}

/* A path in the folder; good until the call after the next two. */
static const char *in_dir(const char *name)
{
    static char paths[3][400];
    static int turn;
    char *path = paths[turn++ % 3];

    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

static void put(const char *name, const char *text)
{
    FILE *f = fopen(in_dir(name), "w");

    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    ck_assert_int_eq(fclose(f), 0);
}

/* The whole folder as text, "a=1 b=2 ", by name, without the lock. */
static const char *contents(void)
{
    static char text[4096];
    struct dirent **names;
    int n = scandir(dir, &names, NULL, alphasort);
    size_t used = 0;

    ck_assert_int_ge(n, 0);
    text[0] = '\0';
    for (int i = 0; i < n; i++) {
        struct rt_buf bytes = RT_BUF_INIT(1000);
        const char *name = names[i]->d_name;
        struct stat st;

        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0
            && strcmp(name, ".retarget.lock") != 0) {
            ck_assert_int_eq(lstat(in_dir(name), &st), 0);
            if (S_ISREG(st.st_mode))
                ck_assert_int_eq(rt_buf_read_file(&bytes, in_dir(name), NULL), RT_OK);
            used += (size_t)snprintf(text + used, sizeof text - used, "%s=%s ", name,
                S_ISREG(st.st_mode) ? rt_buf_text(&bytes) : "?");
            ck_assert_uint_lt(used, sizeof text);
        }
        rt_buf_release(&bytes);
        free(names[i]);
    }
    free(names);
    return text;
}

static struct rt_sink_set *new_set(void)
{
    struct rt_sink_set *set = NULL;

    ck_assert_int_eq(rt_sink_set_new(&set, NULL), RT_OK);
    return set;
}

static int add_text(struct rt_sink_set *set, const char *folder, const char *name,
    const char *text, struct rt_err *err)
{
    struct rt_sink *sink = NULL;
    int rc = rt_sink_add(set, folder, name, &sink, err);

    return rc == RT_OK ? rt_sink_write(sink, rt_span_of(text), err) : rc;
}

START_TEST(commit_replaces)
{
    struct rt_sink_set *set = new_set();
    struct rt_err err = { 0 };
    struct stat st;
    char temp[100], want[200];

    umask(_i ? 0777 : 0); /* neither widens nor narrows the mode */
    put("a.csv", "old");
    ck_assert_int_eq(chmod(in_dir("a.csv"), 0644), 0);
    ck_assert_int_eq(rt_sink_lock(set, dir, &err), RT_OK);
    ck_assert_int_eq(rt_sink_lock(set, dir, &err), RT_OK);
    ck_assert_int_eq(add_text(set, dir, "a.csv", "new", &err), RT_OK);
    ck_assert_int_eq(add_text(set, dir, "empty.csv", "", &err), RT_OK);
    ck_assert_int_eq(add_text(set, NULL, in_dir("report.json"), "{}", &err), RT_OK);
    /* beside their names, nobody else's to read, and the old still there */
    snprintf(temp, sizeof temp, ".a.csv.%ld.tmp", (long)getpid());
    ck_assert_int_eq(stat(in_dir(temp), &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0600);
    snprintf(want, sizeof want,
        "%s= .empty.csv.%ld.tmp= .report.json.%ld.tmp= a.csv=old ", temp, (long)getpid(),
        (long)getpid());
    ck_assert_str_eq(contents(), want);
    ck_assert_int_eq(rt_sink_commit(set, &err), RT_OK);
    ck_assert_str_eq(contents(), "a.csv=new empty.csv= report.json={} ");
    ck_assert_int_eq(stat(in_dir("a.csv"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0600);
    ck_assert_int_eq(stat(in_dir(".retarget.lock"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0600);
    ck_assert_int_eq(rt_sink_commit(set, NULL), RT_EUSAGE);
    ck_assert_int_eq(add_text(set, dir, "late.csv", "", NULL), RT_EUSAGE);
    rt_sink_set_free(set);
    ck_assert_str_eq(contents(), "a.csv=new empty.csv= report.json={} ");
}
END_TEST

START_TEST(abandoned_leaves_no_trace)
{
    struct rt_sink_set *set = new_set();

    put("a.csv", "old");
    ck_assert_int_eq(add_text(set, dir, "a.csv", "new", NULL), RT_OK);
    ck_assert_int_eq(add_text(set, dir, "b.csv", "new", NULL), RT_OK);
    rt_sink_set_free(set);
    ck_assert_str_eq(contents(), "a.csv=old ");
    rt_sink_set_free(NULL);
}
END_TEST

/* Lowers a limit of the process, which is also that of the tests behind when Check does not
 * fork; returns what it was. */
static rlim_t lower(int resource, rlim_t most)
{
    struct rlimit limit;
    rlim_t was;

    ck_assert_int_eq(getrlimit(resource, &limit), 0);
    was = limit.rlim_cur;
    limit.rlim_cur = most;
    ck_assert_int_eq(setrlimit(resource, &limit), 0);
    return was;
}

/* Many lists written in turns, more than are kept open, each larger than a buffer. */
START_TEST(many_files_in_turns)
{
    enum { FILES = 100, ROUNDS = 150, LINE = 1000 };
    rlim_t was = lower(RLIMIT_NOFILE, 100);
    struct rt_sink_set *set = new_set();
    struct rt_sink *sinks[FILES];
    char name[20], line[LINE + 1];

    ck_assert_int_eq(rt_sink_lock(set, dir, NULL), RT_OK);
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "%d.csv", i);
        ck_assert_int_eq(rt_sink_add(set, dir, name, &sinks[i], NULL), RT_OK);
    }
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < FILES; i++) {
            snprintf(line, sizeof line, "%*d\n", LINE - 1, i * ROUNDS + round);
            ck_assert_int_eq(rt_sink_write(sinks[i], rt_span_of(line), NULL), RT_OK);
        }
    ck_assert_uint_eq(rt_sink_bytes(sinks[7]), ROUNDS * LINE);
    ck_assert_int_eq(rt_sink_commit(set, NULL), RT_OK);
    rt_sink_set_free(set);
    for (int i = 0; i < FILES; i++) {
        struct rt_buf got = RT_BUF_INIT(ROUNDS * LINE);

        snprintf(name, sizeof name, "%d.csv", i);
        ck_assert_int_eq(rt_buf_read_file(&got, in_dir(name), NULL), RT_OK);
        ck_assert_uint_eq(got.n, ROUNDS * LINE);
        for (int round = 0; round < ROUNDS; round++) {
            snprintf(line, sizeof line, "%*d\n", LINE - 1, i * ROUNDS + round);
            ck_assert_mem_eq(got.p + round * LINE, line, LINE);
        }
        rt_buf_release(&got);
    }
    lower(RLIMIT_NOFILE, was);
}
END_TEST

START_TEST(large_and_small_writes_keep_their_order)
{
    struct rt_sink_set *set = new_set();
    struct rt_sink *sink = NULL;
    struct rt_buf want = RT_BUF_INIT(1 << 22), got = RT_BUF_INIT(1 << 22);
    static const size_t sizes[] = { 1, 65536, 3, 65535, 70000, 0, 1, 200000, 65536, 10 };
    char *p = malloc(200000);

    ck_assert_int_eq(rt_sink_add(set, dir, "a", &sink, NULL), RT_OK);
    for (size_t i = 0; i < 10; i++) {
        memset(p, 'a' + (int)i, sizes[i]);
        rt_buf_add(&want, p, sizes[i]);
        ck_assert_int_eq(
            rt_sink_write(sink, (struct rt_span) { p, sizes[i] }, NULL), RT_OK);
        ck_assert_uint_eq(rt_sink_bytes(sink), want.n);
    }
    ck_assert_int_eq(rt_sink_commit(set, NULL), RT_OK);
    ck_assert_int_eq(rt_buf_read_file(&got, in_dir("a"), NULL), RT_OK);
    ck_assert_uint_eq(got.n, want.n);
    ck_assert_mem_eq(got.p, want.p, want.n);
    rt_sink_set_free(set);
    rt_buf_release(&want);
    rt_buf_release(&got);
    free(p);
}
END_TEST

/* ---- several threads */

enum { WRITERS = 4, FILES_EACH = 20, TURNS = 40, MOST_BYTES = 100000 };

struct writer {
    struct rt_sink_set *set;
    char name; /* the first letter of its files, and all that they hold */
};

/* More files than are kept open, each in small pieces and in large ones. */
static int write_some(void *arg)
{
    const struct writer *w = arg;
    struct rt_sink *sinks[FILES_EACH];
    char *bytes = malloc(MOST_BYTES);
    int rc = bytes ? RT_OK : RT_ENOMEM;

    if (bytes)
        memset(bytes, w->name, MOST_BYTES);
    for (int i = 0; i < FILES_EACH && rc == RT_OK; i++) {
        char name[] = { w->name, (char)('A' + i), '\0' };

        rc = rt_sink_add(w->set, dir, name, &sinks[i], NULL);
    }
    for (int i = 0; i < TURNS * FILES_EACH && rc == RT_OK; i++) {
        size_t n = i % 3 ? (size_t)i : MOST_BYTES - (size_t)i;

        rc = rt_sink_write(sinks[i % FILES_EACH], (struct rt_span) { bytes, n }, NULL);
    }
    free(bytes);
    return rc;
}

START_TEST(files_of_several_threads)
{
    struct writer writers[WRITERS];
    struct rt_sink_set *set = NULL;

    ck_assert_int_eq(rt_sink_set_new(&set, NULL), RT_OK);
    ck_assert_int_eq(rt_sink_lock(set, dir, NULL), RT_OK);
    for (int i = 0; i < WRITERS; i++)
        writers[i] = (struct writer) { set, (char)('a' + i) };
    ck_assert_int_eq(
        rt_workers_run_array(write_some, writers, sizeof *writers, WRITERS), RT_OK);
    ck_assert_int_eq(rt_sink_commit(set, NULL), RT_OK);
    rt_sink_set_free(set);
    for (int i = 0; i < WRITERS * FILES_EACH; i++) {
        struct rt_buf bytes = RT_BUF_INIT(16 << 20);
        char name[] = { (char)('a' + i / FILES_EACH), (char)('A' + i % FILES_EACH),
            '\0' };
        size_t expected = 0;

        for (int k = i % FILES_EACH; k < TURNS * FILES_EACH; k += FILES_EACH)
            expected += k % 3 ? (size_t)k : MOST_BYTES - (size_t)k;
        ck_assert_int_eq(rt_buf_read_file(&bytes, in_dir(name), NULL), RT_OK);
        ck_assert_uint_eq(bytes.n, expected);
        for (size_t k = 0; k < bytes.n; k++)
            if (bytes.p[k] != name[0])
                ck_abort_msg("%s holds what is not its own", name);
        rt_buf_release(&bytes);
    }
}
END_TEST

START_TEST(one_name_twice)
{
    struct rt_sink_set *set = new_set();
    struct rt_err err = { 0 };
    char other[100];

    snprintf(other, sizeof other, "%s/../%s", dir, strrchr(dir, '/') + 1);
    ck_assert_int_eq(add_text(set, dir, "a.csv", "1", &err), RT_OK);
    ck_assert_int_eq(add_text(set, dir, "a.csv", "2", &err), RT_EUSAGE);
    ck_assert_str_eq(err.text, "is to be written twice in one run");
    ck_assert_int_eq(add_text(set, other, "a.csv", "2", NULL), RT_EUSAGE);
    ck_assert_int_eq(add_text(set, NULL, in_dir("a.csv"), "2", NULL), RT_EUSAGE);
    ck_assert_int_eq(rt_sink_commit(set, NULL), RT_OK);
    rt_sink_set_free(set);
    ck_assert_str_eq(contents(), "a.csv=1 ");
}
END_TEST

START_TEST(the_lock_keeps_others_out)
{
    struct rt_sink_set *mine = new_set(), *other = new_set();
    struct rt_err err = { 0 };

    ck_assert_int_eq(rt_sink_lock(mine, dir, NULL), RT_OK);
    ck_assert_int_eq(rt_sink_lock(other, dir, &err), RT_ELOCKED);
    ck_assert_str_eq(err.text, "another run is writing to this folder");
    ck_assert_str_eq(err.source, dir);
    rt_sink_set_free(mine);
    ck_assert_int_eq(rt_sink_lock(other, dir, NULL), RT_OK);
    rt_sink_set_free(other);
}
END_TEST

START_TEST(folders_that_are_none)
{
    struct rt_sink_set *set = new_set();
    struct rt_err err = { 0 };

    put("file", "x");
    ck_assert_int_eq(rt_sink_lock(set, in_dir("none"), &err), RT_EIO);
    ck_assert_str_eq(err.text, "cannot open this folder: No such file or directory");
    rt_err_clear(&err);
    ck_assert_int_eq(rt_sink_lock(set, in_dir("file"), &err), RT_EIO);
    ck_assert_str_eq(err.text, "cannot open this folder: Not a directory");
    ck_assert_int_eq(add_text(set, in_dir("none"), "a", "", NULL), RT_EIO);
    ck_assert_int_eq(add_text(set, in_dir("file"), "a", "", NULL), RT_EIO);
    ck_assert_int_eq(add_text(set, NULL, in_dir("none/a"), "", NULL), RT_EIO);
    ck_assert_int_eq(add_text(set, NULL, in_dir("file/a"), "", NULL), RT_EIO);
    ck_assert_int_eq(add_text(set, "/proc", "a", "", NULL), RT_EIO);
    ck_assert_int_eq(rt_sink_lock(set, "/proc", NULL), RT_EIO);
    ck_assert_int_eq(rt_sink_commit(set, NULL), RT_OK); /* there is nothing to do */
    rt_sink_set_free(set);
    ck_assert_str_eq(contents(), "file=x ");
}
END_TEST

static const struct {
    bool own_path;
    const char *name;
    int rc;
} bad_names[] = {
    { false, "", RT_EUSAGE },
    { false, "a/b", RT_EUSAGE },
    { false, ".", RT_EIO },
    { false, "..", RT_EIO },
    { false, "folder", RT_EIO },
    { true, "", RT_EUSAGE },
    { true, "/", RT_EIO },
    { true, "/tmp/", RT_EIO },
    { true, "/dev/fd/999", RT_EIO },
    { true, "/dev/fd/1x", RT_EIO },
    { true, "/dev/fd/99999999999999999999", RT_EIO },
};

START_TEST(names_that_are_none)
{
    struct rt_sink_set *set = new_set();
    struct rt_err err = { 0 };

    ck_assert_int_eq(mkdir(in_dir("folder"), 0700), 0);
    ck_assert_int_eq(
        add_text(set, bad_names[_i].own_path ? NULL : dir, bad_names[_i].name, "", &err),
        bad_names[_i].rc);
    ck_assert_int_eq(err.code, bad_names[_i].rc);
    rt_sink_set_free(set);
    ck_assert_str_eq(contents(), "folder=? ");
}
END_TEST

/* The target turns into a folder while the run goes on: nothing at all is replaced. */
START_TEST(target_became_a_folder)
{
    struct rt_sink_set *set = new_set();
    struct rt_err err = { 0 };

    put("a", "old");
    ck_assert_int_eq(add_text(set, dir, "a", "new", NULL), RT_OK);
    ck_assert_int_eq(add_text(set, dir, "b", "new", NULL), RT_OK);
    ck_assert_int_eq(mkdir(in_dir("b"), 0700), 0);
    ck_assert_int_eq(rt_sink_commit(set, &err), RT_EIO);
    ck_assert_str_eq(err.source, in_dir("b"));
    ck_assert_str_eq(err.text, "cannot be replaced: Is a directory");
    ck_assert_str_eq(contents(), "a=old b=? ");
    ck_assert_int_eq(rt_sink_commit(set, NULL), RT_EIO);
    rt_sink_set_free(set);
}
END_TEST

START_TEST(rename_fails_midway)
{
    struct rt_sink_set *set = new_set();
    struct rt_err err = { 0 };
    char temp[100];

    put("a", "old");
    put("b", "old");
    put("c", "old");
    ck_assert_int_eq(add_text(set, dir, "a", "new", NULL), RT_OK);
    ck_assert_int_eq(add_text(set, dir, "b", "new", NULL), RT_OK);
    ck_assert_int_eq(add_text(set, dir, "c", "new", NULL), RT_OK);
    snprintf(temp, sizeof temp, ".b.%ld.tmp", (long)getpid());
    ck_assert_int_eq(unlink(in_dir(temp)), 0);
    ck_assert_int_eq(rt_sink_commit(set, &err), RT_EIO);
    ck_assert_str_eq(err.source, in_dir("b"));
    ck_assert_str_eq(err.text,
        "cannot get its name (1 files of this run have theirs): No such file or "
        "directory");
    ck_assert_str_eq(contents(), "a=new b=old c=old ");
    rt_sink_set_free(set);
}
END_TEST

/* A symbolic link gives way; what it points to stays as it was. */
START_TEST(a_link_is_replaced)
{
    struct rt_sink_set *set = new_set();
    struct stat st;

    put("real", "old");
    ck_assert_int_eq(symlink("real", in_dir("link")), 0);
    ck_assert_int_eq(add_text(set, dir, "link", "new", NULL), RT_OK);
    ck_assert_int_eq(rt_sink_commit(set, NULL), RT_OK);
    rt_sink_set_free(set);
    ck_assert_int_eq(lstat(in_dir("link"), &st), 0);
    ck_assert(S_ISREG(st.st_mode));
    ck_assert_str_eq(contents(), "link=new real=old ");
}
END_TEST

/* A name of our pid that a dead run left: neither overwritten nor followed. */
START_TEST(the_temporary_name_is_taken)
{
    struct rt_sink_set *set = new_set();
    char temp[100], want[200];

    put("precious", "keep");
    snprintf(temp, sizeof temp, ".a.%ld.tmp", (long)getpid());
    ck_assert_int_eq(symlink("precious", in_dir(temp)), 0);
    ck_assert_int_eq(add_text(set, dir, "a", "new", NULL), RT_OK);
    ck_assert_int_eq(rt_sink_commit(set, NULL), RT_OK);
    rt_sink_set_free(set);
    snprintf(want, sizeof want, "%s=? a=new precious=keep ", temp);
    ck_assert_str_eq(contents(), want);
}
END_TEST

/* What a killed run left goes, unless somebody holds it or it is not of these files. */
START_TEST(left_behind_is_cleared_up)
{
    struct rt_sink_set *set = new_set();
    int fd;

    put(".a.csv.1.tmp", "dead");
    put(".a.csv.77-3.tmp", "dead");
    put(".a.csv.2.tmp", "alive");
    put(".a.csv.x.tmp", "no pid");
    put(".a.csv.3.tmp.bak", "else");
    put(".b.csv.1.tmp", "other");
    put("a.csv.1.tmp", "user's");
    fd = open(in_dir(".a.csv.2.tmp"), O_RDWR);
    ck_assert_int_eq(flock(fd, LOCK_EX), 0);
    ck_assert_int_eq(rt_sink_lock(set, dir, NULL), RT_OK);
    ck_assert_int_eq(add_text(set, dir, "a.csv", "new", NULL), RT_OK);
    if (_i)
        ck_assert_int_eq(rt_sink_commit(set, NULL), RT_OK);
    rt_sink_set_free(set);
    ck_assert_str_eq(contents(),
        _i ? ".a.csv.2.tmp=alive .a.csv.3.tmp.bak=else .a.csv.x.tmp=no pid "
             ".b.csv.1.tmp=other "
             "a.csv=new a.csv.1.tmp=user's "
           : ".a.csv.2.tmp=alive .a.csv.3.tmp.bak=else .a.csv.x.tmp=no pid "
             ".b.csv.1.tmp=other "
             "a.csv.1.tmp=user's ");
    close(fd);
}
END_TEST

START_TEST(a_very_long_name)
{
    struct rt_sink_set *set = new_set();
    char name[256], want[300];

    memset(name, 'n', 255);
    name[255] = '\0';
    ck_assert_int_eq(add_text(set, dir, name, "x", NULL), RT_OK);
    ck_assert_int_eq(rt_sink_commit(set, NULL), RT_OK);
    rt_sink_set_free(set);
    snprintf(want, sizeof want, "%s=x ", name);
    ck_assert_str_eq(contents(), want);
}
END_TEST

/* ---- written directly */

START_TEST(full_device)
{
    struct rt_sink_set *set = new_set();
    struct rt_err err = { 0 };

    put("a", "old");
    ck_assert_int_eq(add_text(set, dir, "a", "new", &err), RT_OK);
    ck_assert_int_eq(add_text(set, NULL, "/dev/full", "x", &err), RT_OK);
    ck_assert_int_eq(rt_sink_commit(set, &err), RT_EIO);
    ck_assert_str_eq(err.source, "/dev/full");
    ck_assert_str_eq(err.text, "cannot write: No space left on device");
    rt_sink_set_free(set);
    ck_assert_str_eq(contents(), "a=old ");
}
END_TEST

static const char *const descriptors[] = { "-", "/dev/stdout", "/dev/fd/1",
    "/proc/self/fd/1" };

START_TEST(standard_output)
{
    struct rt_sink_set *set = new_set();
    int ends[2], saved = dup(1);
    char got[10] = "";

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[1], 1), 1);
    close(ends[1]);
    ck_assert_int_eq(add_text(set, NULL, descriptors[_i], "hello", NULL), RT_OK);
    ck_assert_int_eq(add_text(set, NULL, descriptors[_i], "again", NULL), RT_EUSAGE);
    ck_assert_int_eq(rt_sink_commit(set, NULL), RT_OK);
    rt_sink_set_free(set);
    ck_assert_int_eq(dup2(saved, 1), 1);
    ck_assert_int_eq(read(ends[0], got, 9), 5);
    ck_assert_str_eq(got, "hello");
    ck_assert_int_eq(read(ends[0], got, 9), 0); /* closed */
}
END_TEST

START_TEST(the_reader_went_away)
{
    struct rt_sink_set *set = new_set();
    struct rt_err err = { 0 };
    char path[30];
    int ends[2];

    signal(SIGPIPE, SIG_IGN);
    ck_assert_int_eq(pipe(ends), 0);
    close(ends[0]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    ck_assert_int_eq(add_text(set, NULL, path, "hello", NULL), RT_OK);
    ck_assert_int_eq(rt_sink_commit(set, &err), RT_EPIPE);
    ck_assert_int_eq(err.code, RT_EPIPE);
    rt_sink_set_free(set);
}
END_TEST

START_TEST(a_fifo)
{
    struct rt_sink_set *set = new_set();
    char got[10] = "";
    int fd;

    ck_assert_int_eq(mkfifo(in_dir("fifo"), 0600), 0);
    fd = open(in_dir("fifo"), O_RDONLY | O_NONBLOCK);
    ck_assert_int_eq(add_text(set, NULL, in_dir("fifo"), "hello", NULL), RT_OK);
    ck_assert_int_eq(rt_sink_commit(set, NULL), RT_OK);
    rt_sink_set_free(set);
    ck_assert_int_eq(read(fd, got, 9), 5);
    ck_assert_str_eq(got, "hello");
    ck_assert_str_eq(contents(), "fifo=? ");
    close(fd);
}
END_TEST

/* ---- a full disk, a signal, no memory */

/* A limit on the size of files stands in for a full disk. */
START_TEST(full_disk)
{
    rlim_t was;
    struct rt_sink_set *set = new_set();
    struct rt_sink *good = NULL, *sink = NULL;
    struct rt_err err = { 0 };
    char line[1000];
    int rc = RT_OK;

    memset(line, 'x', sizeof line);
    signal(SIGXFSZ, SIG_IGN);
    put("a", "old");
    put("b", "old");
    was = lower(RLIMIT_FSIZE, 100000);
    ck_assert_int_eq(rt_sink_add(set, dir, "a", &good, NULL), RT_OK);
    ck_assert_int_eq(rt_sink_add(set, dir, "b", &sink, NULL), RT_OK);
    /* past the limit by less than a buffer: only the commit can find out */
    for (int i = 0; i < (_i ? 110 : 1000) && rc == RT_OK; i++)
        rc = rt_sink_write(sink, (struct rt_span) { line, sizeof line }, &err);
    ck_assert_int_eq(rc, _i ? RT_OK : RT_EIO);
    if (rc < 0) {
        ck_assert_int_eq(rt_sink_write(sink, RT_SPAN("x"), NULL), RT_EIO);
        ck_assert_int_eq(rt_sink_write(good, RT_SPAN("x"), NULL), RT_EIO);
        rt_err_clear(&err);
    }
    ck_assert_int_eq(rt_sink_commit(set, &err), RT_EIO);
    ck_assert_str_eq(err.source, in_dir("b"));
    ck_assert_str_eq(err.text, "cannot write: File too large");
    ck_assert_str_eq(contents(), "a=old b=old ");
    rt_sink_set_free(set);
    lower(RLIMIT_FSIZE, was);
}
END_TEST

static void on_signal(int sig)
{
    (void)sig;
    rt_sink_unlink_all();
}

START_TEST(a_signal_handler_may_clear_up)
{
    struct rt_sink_set *done = new_set(), *one = new_set(), *two = new_set();

    ck_assert_int_eq(add_text(done, dir, "done", "1", NULL), RT_OK);
    ck_assert_int_eq(rt_sink_commit(done, NULL), RT_OK);
    ck_assert_int_eq(add_text(one, dir, "a", "1", NULL), RT_OK);
    ck_assert_int_eq(add_text(one, dir, "b", "1", NULL), RT_OK);
    ck_assert_int_eq(add_text(two, dir, "c", "1", NULL), RT_OK);
    signal(SIGUSR1, on_signal);
    ck_assert_int_eq(raise(SIGUSR1), 0);
    ck_assert_str_eq(contents(), "done=1 ");
    ck_assert_int_eq(rt_sink_commit(one, NULL), RT_EIO);
    rt_sink_set_free(done);
    rt_sink_set_free(one);
    rt_sink_set_free(two);
    ck_assert_str_eq(contents(), "done=1 ");
}
END_TEST

START_TEST(no_memory)
{
    int rc = RT_ENOMEM;

    for (uint64_t nth = 1; rc != RT_OK; nth++) {
        struct rt_sink_set *set = NULL;
        struct rt_err err = { 0 };

        ck_assert_uint_lt(nth, 50);
        rt_alloc_fail_at(nth, 0);
        rc = rt_sink_set_new(&set, &err);
        if (rc == RT_OK)
            rc = rt_sink_lock(set, dir, &err);
        if (rc == RT_OK)
            rc = add_text(set, dir, "a", "new", &err);
        if (rc == RT_OK)
            rc = add_text(set, NULL, in_dir("b"), "new", &err);
        if (rc == RT_OK)
            rc = rt_sink_commit(set, &err);
        rt_alloc_fail_at(0, 0);
        if (rc != RT_OK)
            ck_assert(rc == RT_ENOMEM && err.code == RT_ENOMEM);
        rt_sink_set_free(set);
        ck_assert_str_eq(contents(), rc == RT_OK ? "a=new b=new " : "");
    }
}
END_TEST

#define COUNT(a) (int)(sizeof(a) / sizeof *(a))

Suite *sink_suite(void)
{
    Suite *s = suite_create("sink");
    TCase *tc = tcase_create("sink");

    tcase_set_timeout(tc, 60); /* syncing takes its time */
    tcase_add_checked_fixture(tc, make_dir, remove_dir);
    tcase_add_loop_test(tc, commit_replaces, 0, 2);
    tcase_add_test(tc, abandoned_leaves_no_trace);
    tcase_add_test(tc, many_files_in_turns);
    tcase_add_test(tc, large_and_small_writes_keep_their_order);
    tcase_add_test(tc, files_of_several_threads);
    tcase_add_test(tc, one_name_twice);
    tcase_add_test(tc, the_lock_keeps_others_out);
    tcase_add_test(tc, folders_that_are_none);
    tcase_add_loop_test(tc, names_that_are_none, 0, COUNT(bad_names));
    tcase_add_test(tc, target_became_a_folder);
    tcase_add_test(tc, rename_fails_midway);
    tcase_add_test(tc, a_link_is_replaced);
    tcase_add_test(tc, the_temporary_name_is_taken);
    tcase_add_loop_test(tc, left_behind_is_cleared_up, 0, 2);
    tcase_add_test(tc, a_very_long_name);
    tcase_add_test(tc, full_device);
    tcase_add_loop_test(tc, standard_output, 0, COUNT(descriptors));
    tcase_add_test(tc, the_reader_went_away);
    tcase_add_test(tc, a_fifo);
    tcase_add_loop_test(tc, full_disk, 0, 2);
    tcase_add_test(tc, a_signal_handler_may_clear_up);
    tcase_add_test(tc, no_memory);
    suite_add_tcase(s, tc);
    return s;
}
