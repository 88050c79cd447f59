/* Every nth allocation of a small build, hash and diff fails, once alone and once with all that follow.
 *
 *   alloc [-s STEP] ROOT
 *
 * Each time the build fails with a text, or succeeds with the very lists of a good run;
 * after a failure yesterday's lists stand as they stood and no temporary file is left. Leaks
 * are what the address sanitizer says at the end. STEP looks at every STEPth allocation.
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
#include "run/diff.h"
#include "run/hashing.h"
#include "run/run.h"

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

static void die(const char *what, uint64_t nth)
{
    fprintf(stderr, "fault: allocation %llu: %s\n", (unsigned long long)nth, what);
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

/* What is run. */
struct job {
    const char *name, *root;
    uint32_t threads;
    int (*run)(const struct job *job, struct rt_err *err);
};

static int build(const struct job *job, struct rt_err *err)
{
    const char *root = job->root;
    char segments[1024], events[1024], log[1024], jsonl[1024];
    char report[1024], html[1024], rejects[1024];
    struct rt_run_input inputs[] = { { .path = events }, { .path = log },
        { .source = "app", .path = jsonl } };
    struct rt_run_options options = { .segments_path = segments,
        .inputs = inputs,
        .ninputs = 3,
        .output_dir = folder_path,
        .as_of = "2026-07-01T12:00:00Z",
        .jobs = job->threads,
        .memory_bytes = 16 << 20,
        .tmpdir = "/tmp",
        .rejects_path = rejects,
        .max_rejects = 10,
        .report_path = report,
        .html_path = html };
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { .arena = &arena };
    struct rt_report *got = NULL;
    int rc;

    snprintf(segments, sizeof segments, "%s/tests/fault/segments.json", root);
    snprintf(events, sizeof events, "%s/testdata/demo/events.csv", root);
    snprintf(log, sizeof log, "%s/testdata/demo/access.log", root);
    snprintf(jsonl, sizeof jsonl, "%s/testdata/demo/events.jsonl", root);
    path_of(report, "report.json");
    path_of(html, "report.html");
    path_of(rejects, "rejects.csv");
    rc = rt_run_build(&options, &got, &errors, err);
    rt_report_free(got);
    rt_arena_release(&arena);
    return rc;
}

static int hash(const struct job *job, struct rt_err *err)
{
    char input[1024], output[1024], report[1024], rejects[1024];
    struct rt_hash_options options = { .input = input,
        .platform = "meta",
        .output = output,
        .country = "DE",
        .report_path = report,
        .rejects_path = rejects,
        .jobs = job->threads,
        .tmpdir = "/tmp" };
    struct rt_buf plain = RT_BUF_INIT(1 << 16);
    struct rt_hash_report *got = NULL;
    int rc;

    snprintf(input, sizeof input, "%s/testdata/contacts/crm.csv", job->root);
    path_of(output, "list.csv");
    path_of(report, "report.json");
    path_of(rejects, "rejects.csv");
    rc = rt_run_hash(&options, &got, &plain, err);
    rt_hash_report_free(got);
    rt_buf_release(&plain);
    return rc;
}

/* Neither file has the header of a platform: lines are rows. */
static int diff(const struct job *job, struct rt_err *err)
{
    char old[1024], new[1024], add[1024], removed[1024];
    struct rt_diff_options options = { .old_path = old,
        .new_path = new,
        .add_path = add,
        .remove_path = removed,
        .memory_bytes = 16 << 20,
        .tmpdir = "/tmp" };
    struct rt_diff_result result;

    snprintf(old, sizeof old, "%s/testdata/demo/customers.csv", job->root);
    snprintf(new, sizeof new, "%s/testdata/contacts/crm.csv", job->root);
    path_of(add, "new.add.csv");
    path_of(removed, "new.remove.csv");
    return rt_run_diff(&options, &result, err);
}

static int run_failing(const struct job *job, uint64_t nth, int every, struct rt_err *err)
{
    int rc;

    *err = (struct rt_err) { 0 };
    rt_alloc_fail_at(nth, every);
    rc = job->run(job, err);
    rt_alloc_fail_at(0, 0);
    return rc;
}

/* One failure. True when the build came to an end all the same. */
static bool fail_at(const struct job *job, uint64_t nth, int every,
    const struct folder *good, const struct folder *yesterday)
{
    struct folder now;
    struct rt_err err;
    int rc = run_failing(job, nth, every, &err);

    look(&now);
    if (rc == RT_OK && !same(&now, good))
        die("succeeds with other lists", nth);
    if (rc < 0 && !same(&now, yesterday))
        die("fails and changes the folder", nth);
    if (rc < 0 && (err.code != rc || !err.text[0]))
        die("fails without a text", nth);
    if (rc < 0 && rc != RT_ENOMEM)
        die(err.text, nth);
    forget(&now);
    if (rc == RT_OK)
        lay_yesterday(good);
    return rc == RT_OK;
}

static void fail_all(const struct job *job, uint64_t step)
{
    uint64_t before = rt_alloc_count(), all, runs = 0, survived = 0;
    struct folder good, yesterday;
    struct rt_err err;

    if (run_failing(job, 0, 0, &err) < 0)
        die(err.text, 0);
    all = rt_alloc_count() - before;
    look(&good);
    lay_yesterday(&good);
    look(&yesterday);
    for (uint64_t nth = 1; nth <= all; nth += step)
        for (int every = 0; every <= 1; every++, runs++)
            survived += fail_at(job, nth, every, &good, &yesterday);
    printf(
        "fault: %s: %llu allocations with %u threads, %llu runs; %llu came to an end all "
        "the same\n",
        job->name, (unsigned long long)all, job->threads, (unsigned long long)runs,
        (unsigned long long)survived);
    forget(&good);
    forget(&yesterday);
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
    struct job jobs[] = { { "build", NULL, 1, build }, { "build", NULL, 2, build },
        { "hash", NULL, 1, hash }, { "hash", NULL, 2, hash }, { "diff", NULL, 1, diff } };
    uint64_t step = 1;
    int option;

    while ((option = getopt(argc, argv, "s:")) != -1)
        step = option == 's' ? strtoull(optarg, NULL, 10) : 0;
    if (step == 0 || optind + 1 != argc) {
        fprintf(stderr, "usage: alloc [-s STEP] ROOT\n");
        return 2;
    }
    if (!mkdtemp(folder_path))
        die("cannot make a folder", 0);
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        jobs[i].root = argv[optind];
        fail_all(&jobs[i], step * (jobs[i].threads == 1 ? 1 : 7));
        empty_folder();
    }
    rmdir(folder_path);
    return EXIT_SUCCESS;
}
