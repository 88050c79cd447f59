/* Every nth allocation of each command fails, once alone and once with all that follow.
 *
 *   alloc [-s STEP] ROOT [COMMAND]
 *
 * Each time the command fails for want of memory, and says so, or succeeds with the very
 * files and the very text of a good run; after a failure yesterday's files stand as they
 * stood and no temporary file is left. Leaks are what the address sanitizer says at the end.
 * STEP looks at every STEPth allocation.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "tests/fault/commands.h"

enum { FILES_MAX = 64 };

/* A file of the output folder. */
struct file {
    char name[256];
    struct rt_buf text;
};

struct folder {
    struct file files[FILES_MAX];
    size_t n;
};

static char folder_path[] = "/tmp/retarget-fault.XXXXXX";
static const char *now_runs = "";

static void die(const char *what, uint64_t nth)
{
    fprintf(stderr, "fault: %s: allocation %llu: %s\n", now_runs, (unsigned long long)nth,
        what);
    exit(EXIT_FAILURE);
}

static void path_of(char out[1024], const char *name)
{
    snprintf(out, 1024, "%s/%s", folder_path, name);
}

/* Files in the order of their names; the lock file is none. */
static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static void look(struct folder *folder)
{
    DIR *dir = opendir(folder_path);
    struct dirent *entry;
    char path[1024];

    folder->n = 0;
    while (dir && (entry = readdir(dir))) {
        struct file *file = &folder->files[folder->n];

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0
            || strcmp(entry->d_name, ".retarget.lock") == 0)
            continue;
        if (folder->n == FILES_MAX)
            die("too many files", 0);
        snprintf(file->name, sizeof file->name, "%s", entry->d_name);
        file->text = (struct rt_buf)RT_BUF_INIT(1 << 24);
        path_of(path, entry->d_name);
        if (rt_buf_read_file(&file->text, path, NULL) < 0)
            die("cannot read back", 0);
        folder->n++;
    }
    closedir(dir);
    qsort(folder->files, folder->n, sizeof *folder->files, by_name);
}

static void forget(struct folder *folder)
{
    for (size_t i = 0; i < folder->n; i++)
        rt_buf_release(&folder->files[i].text);
    folder->n = 0;
}

static bool is_report(const char *name)
{
    return strncmp(name, "report.", 7) == 0; /* tells times */
}

static bool same(const struct folder *a, const struct folder *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->files[i].name, b->files[i].name) != 0
            || (!is_report(a->files[i].name)
                && !rt_span_eq(
                    rt_buf_span(&a->files[i].text), rt_buf_span(&b->files[i].text))))
            return false;
    return true;
}

/* Yesterday's files: of the names of today's, each with other bytes. */
static void lay_yesterday(const struct folder *today)
{
    char path[1024];

    for (size_t i = 0; i < today->n; i++) {
        FILE *file;

        path_of(path, today->files[i].name);
        file = fopen(path, "w");
        if (!file || fprintf(file, "yesterday's %s\n", today->files[i].name) < 0
            || fclose(file) != 0)
            die("cannot lay yesterday's files", 0);
    }
}

/* What a good run leaves and what it says; what stood there before. */
struct outcome {
    struct folder good, yesterday;
    struct rt_buf said;
};

static int run_failing(const struct command *command, uint64_t nth, int every,
    struct rt_buf *said, struct rt_err *err)
{
    int rc;

    *err = (struct rt_err) { 0 };
    *said = (struct rt_buf)RT_BUF_INIT(1 << 24);
    rt_alloc_fail_at(nth, every);
    rc = command->run(command, said, err);
    rt_alloc_fail_at(0, 0);
    return rc;
}

/* One failure. True when the command came to an end all the same. */
static bool fail_at(
    const struct command *command, uint64_t nth, int every, const struct outcome *usual)
{
    struct folder now;
    struct rt_buf said;
    struct rt_err err;
    int rc = run_failing(command, nth, every, &said, &err);

    look(&now);
    if (rc == RT_OK && !same(&now, &usual->good))
        die("succeeds with other files", nth);
    if (rc == RT_OK && !rt_span_eq(rt_buf_span(&said), rt_buf_span(&usual->said)))
        die("succeeds and says something else", nth);
    if (rc < 0 && !same(&now, &usual->yesterday))
        die("fails and changes the folder", nth);
    if (rc < 0 && (err.code != rc || !err.text[0]))
        die("fails without a text", nth);
    if (rc < 0 && rc != RT_ENOMEM)
        die(err.text, nth);
    forget(&now);
    rt_buf_release(&said);
    if (rc == RT_OK)
        lay_yesterday(&usual->good);
    return rc == RT_OK;
}

static void fail_all(const struct command *command, uint64_t step)
{
    uint64_t before = rt_alloc_count(), all, runs = 0, survived = 0;
    struct outcome usual;
    struct rt_err err;

    if (run_failing(command, 0, 0, &usual.said, &err) < 0)
        die(err.text, 0);
    all = rt_alloc_count() - before;
    look(&usual.good);
    lay_yesterday(&usual.good);
    look(&usual.yesterday);
    for (uint64_t nth = 1; nth <= all; nth += step)
        for (int every = 0; every <= 1; every++, runs++)
            survived += fail_at(command, nth, every, &usual);
    printf(
        "fault: %s: %llu allocations with %u threads, %llu runs; %llu came to an end all "
        "the same\n",
        command->name, (unsigned long long)all, command->threads,
        (unsigned long long)runs, (unsigned long long)survived);
    forget(&usual.good);
    forget(&usual.yesterday);
    rt_buf_release(&usual.said);
}

static void empty_folder(void)
{
    DIR *dir = opendir(folder_path);
    struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
}

int main(int argc, char **argv)
{
    uint64_t step = 1;
    int option;

    while ((option = getopt(argc, argv, "s:")) != -1)
        step = option == 's' ? strtoull(optarg, NULL, 10) : 0;
    if (step == 0 || optind >= argc || optind + 2 < argc) {
        fprintf(stderr, "usage: alloc [-s STEP] ROOT [COMMAND]\n");
        return 2;
    }
    if (!mkdtemp(folder_path))
        die("cannot make a folder", 0);
    for (const struct command *c = commands; c->name; c++) {
        struct command command = *c;

        command.root = argv[optind];
        command.folder = folder_path;
        if (argv[optind + 1] && strcmp(argv[optind + 1], command.name) != 0)
            continue;
        now_runs = command.name;
        fail_all(&command, step * (command.threads == 1 ? 1 : 7));
        empty_folder();
    }
    rmdir(folder_path);
    return EXIT_SUCCESS;
}
