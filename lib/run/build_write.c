/* What a run leaves: rejects, lists, reports; complete in temporary files first, then all
 * of them at once. */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "run/build.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/workers.h"
#include "lists/list_files.h"
#include "run/ingest.h"

/* ---- rejects */

static int write_spool(
    struct build *b, const struct rt_spool *spool, struct rt_sink *sink)
{
    char bytes[65536];
    uint64_t end = spool ? rt_spool_bytes(spool) : 0;
    int rc = RT_OK;

    for (uint64_t at = 0; at < end && rc == RT_OK;) {
        size_t n = end - at < sizeof bytes ? (size_t)(end - at) : sizeof bytes;

        rc = rt_spool_read(spool, at, bytes, n, b->err);
        if (rc == RT_OK)
            rc = rt_sink_write(sink, (struct rt_span) { bytes, n }, b->err);
        at += n;
    }
    return rc;
}

static int write_rejects(struct build *b, struct rt_sink_set *set)
{
    struct rt_sink *sink;
    int rc;

    if (!b->o->rejects_path)
        return RT_OK;
    rc = rt_sink_add(set, NULL, b->o->rejects_path, &sink, b->err);
    if (rc == RT_OK)
        rc = rt_sink_write(sink, RT_SPAN("file,line,reason,record\n"), b->err);
    for (uint32_t i = 0; i < b->inputs.nfeeds && rc == RT_OK; i++)
        rc = write_spool(b, b->inputs.feeds[i].rejects, sink);
    for (uint32_t i = 0; i < b->contacts.nfiles && rc == RT_OK; i++)
        rc = write_spool(b, b->contacts.files[i].feed.rejects, sink);
    return rc;
}

/* The file of rejects says what to mend, so a run that too many of them end leaves it. */
static int leave_rejects(struct build *b)
{
    struct rt_sink_set *set = NULL;
    int rc;

    if (!b->o->rejects_path || b->o->dry_run)
        return RT_OK;
    rc = rt_sink_set_new(&set, b->err);
    if (rc == RT_OK)
        rc = write_rejects(b, set);
    if (rc == RT_OK)
        rc = rt_sink_commit(set, b->err);
    rt_sink_set_free(set);
    return rc;
}

int rt_build_check_rejects(struct build *b)
{
    const struct rt_report *r = b->report;
    uint64_t read = r->contact_rows, rejected = r->contact_rows_rejected;
    bool too_many;
    int rc;

    for (uint32_t s = 0; s < r->nsources; s++) {
        read += r->sources[s].read;
        for (unsigned k = RT_REJECT_FIRST; k < RT_REASONS; k++)
            rejected += r->sources[s].count[k];
    }
    if (b->o->max_rejects_percent)
        too_many = (unsigned __int128)rejected * 1000000
            > (unsigned __int128)read * b->o->max_rejects;
    else
        too_many = rejected > b->o->max_rejects;
    if (!too_many)
        return RT_OK;
    rc = leave_rejects(b);
    if (rc < 0)
        return rc;
    assert(r->nrejects); /* what is counted has its place */
    return rt_err_set(b->err, RT_EREJECTS,
        "%llu of %llu records were rejected, more than --max-rejects allows: "
        "no list was written; the first: %s:%llu: %s",
        (unsigned long long)rejected, (unsigned long long)read, r->rejects[0].file.p,
        (unsigned long long)r->rejects[0].line, rt_reason_text(r->rejects[0].reason));
}

/* ---- writing */

static int put_stdout(void *ctx, struct rt_span bytes)
{
    struct build *b = ctx;

    while (bytes.n) {
        ssize_t n = write(STDOUT_FILENO, bytes.p, bytes.n);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EPIPE)
            return rt_err_set(b->err, RT_EPIPE, "standard output was closed");
        if (n < 0)
            return rt_err_sys(b->err, RT_EIO, "standard output", errno, "cannot write");
        bytes.p += n;
        bytes.n -= (size_t)n;
    }
    return RT_OK;
}

static const char *output_dir(const struct build *b)
{
    return b->o->output_dir ? b->o->output_dir : ".";
}

/* The files of a sheet's lists. */
static int write_sheet(struct build *b, uint32_t sheet)
{
    const struct rt_listing *l = b->listing;
    struct rt_list_file *files = rt_calloc(l->nlists[sheet], sizeof *files);
    int rc;

    if (!files)
        return rt_build_no_memory(b);
    for (uint32_t t = 0; t < b->targets.n; t++)
        if (l->places[t].sheet == sheet)
            files[l->places[t].number] =
                (struct rt_list_file) { b->targets.targets[t].file,
                    b->stats[t].size.parts };
    rc = rt_sheet_write_files(l->sheets[sheet], b->sinks, output_dir(b), files,
        l->nlists[sheet], b->o->jobs, b->err);
    rt_free(files);
    return rc;
}

/* Parts of earlier, longer lists would be uploaded with today's. */
static int replace_parts(struct build *b)
{
    uint32_t n = b->targets.n;
    struct rt_span *files = rt_arena_new(&b->arena, n, sizeof *files);
    uint32_t *nparts = rt_arena_new(&b->arena, n, sizeof *nparts);

    if (!files || !nparts)
        return rt_build_no_memory(b);
    for (uint32_t t = 0; t < n; t++) {
        files[t] = b->targets.targets[t].file;
        nparts[t] = b->stats[t].size.parts;
    }
    return rt_parts_replace(b->sinks, output_dir(b), files, nparts, n, b->err);
}

static int write_lists(struct build *b)
{
    int rc = RT_OK;

    if (b->o->dry_run || rt_build_to_stdout(b->o))
        return RT_OK;
    for (uint32_t i = 0; i < b->listing->nsheets && rc == RT_OK; i++)
        rc = write_sheet(b, i);
    return rc == RT_OK ? replace_parts(b) : rc;
}

/* Sheets are sorted on all processors before they are written one after another, which
 * takes all processors again. */
struct sorter {
    struct build *b;
    _Atomic uint32_t *next;
    struct rt_err err;
};

/* Sorts a sheet and counts what its lists will have. */
static int sort_sheet(struct build *b, uint32_t sheet, struct rt_err *err)
{
    const struct rt_listing *l = b->listing;
    struct rt_list_stats *stats = rt_calloc(l->nlists[sheet], sizeof *stats);
    int rc;

    if (!stats)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    rc = rt_sheet_write(l->sheets[sheet], NULL, stats, err);
    for (uint32_t t = 0; t < b->targets.n; t++)
        if (l->places[t].sheet == sheet)
            b->stats[t] = stats[l->places[t].number];
    rt_free(stats);
    return rc;
}

static int sort_sheets(void *arg)
{
    struct sorter *s = arg;
    int rc = RT_OK;

    while (rc == RT_OK) {
        uint32_t i = atomic_fetch_add(s->next, 1);

        if (i >= s->b->listing->nsheets)
            break;
        rc = rt_ingest_stopped() ? rt_err_set(&s->err, RT_ESTOP, "stopped")
                                 : sort_sheet(s->b, i, &s->err);
    }
    return rc;
}

int rt_build_write_lists(struct build *b)
{
    uint32_t nsheets = b->listing->nsheets;
    uint32_t jobs = b->o->jobs < nsheets ? b->o->jobs : nsheets;
    struct sorter *sorters = rt_calloc(jobs, sizeof *sorters);
    _Atomic uint32_t next = 0;
    int rc;

    b->stats = rt_arena_new(&b->arena, b->targets.n, sizeof *b->stats);
    if (!b->stats || !sorters) {
        rt_free(sorters);
        return rt_build_no_memory(b);
    }
    for (uint32_t i = 0; i < jobs; i++)
        sorters[i] = (struct sorter) { .b = b, .next = &next };
    rc = rt_workers_run_array(sort_sheets, sorters, sizeof *sorters, jobs);
    for (uint32_t i = 0; i < jobs; i++)
        if (b->err->code == RT_OK)
            *b->err = sorters[i].err;
    rt_free(sorters);
    if (rc == RT_OK)
        rc = write_lists(b);
    return rc < 0 ? rt_err_set(b->err, rc, "out of memory") : rc;
}

/* ---- the end */

static int write_text(struct build *b, const char *path,
    int (*render)(const struct rt_report *, struct rt_buf *))
{
    struct rt_buf text = RT_BUF_INIT(SIZE_MAX / 2);
    struct rt_sink *sink;
    int rc;

    if (!path || strcmp(path, "-") == 0)
        return RT_OK;
    rc = render(b->report, &text);
    if (rc < 0)
        rt_err_set(b->err, rc, "out of memory");
    else
        rc = rt_sink_add(b->sinks, NULL, path, &sink, b->err);
    if (rc == RT_OK)
        rc = rt_sink_write(sink, rt_buf_span(&text), b->err);
    rt_buf_release(&text);
    return rc;
}

/* A report for standard output comes before the lists appear: if it cannot be written, the
 * run has failed, and they do not. */
int rt_build_print_report(struct build *b)
{
    struct rt_buf text = RT_BUF_INIT(SIZE_MAX / 2);
    int rc;

    if (!b->o->report_path || strcmp(b->o->report_path, "-") != 0)
        return RT_OK;
    rc = rt_report_json(b->report, &text);
    if (rc < 0)
        rt_err_set(b->err, rc, "out of memory");
    else
        rc = put_stdout(b, rt_buf_span(&text));
    rt_buf_release(&text);
    return rc;
}

static int check_strict(struct build *b)
{
    if (!b->o->strict || b->nwarnings == 0)
        return RT_OK;
    return rt_err_set(b->err, RT_EREJECTS,
        "%u warning%s under --strict: no list was written", b->nwarnings,
        b->nwarnings == 1 ? "" : "s");
}

/* A reader of the report that has seen enough (`| head`) ends the program as it would any
 * other, but it is no reason to withhold the lists. */
static int commit_unread(struct build *b)
{
    int rc;

    rt_err_clear(b->err);
    rc = rt_sink_commit(b->sinks, b->err);
    return rc == RT_OK ? rt_err_set(b->err, RT_EPIPE, "standard output was closed") : rc;
}

/* The disk has to be waited for: memory is given back meanwhile. */
struct ending {
    struct build *b;
    const sigset_t
        *signals; /* NULL: gives memory back; else commits, with these blocked */
};

static int end(void *arg)
{
    const struct ending *e = arg;

    if (!e->signals) {
        rt_build_release_people(e->b);
        return RT_OK;
    }
    pthread_sigmask(SIG_SETMASK, e->signals, NULL);
    return rt_sink_commit(e->b->sinks, e->b->err);
}

/* The other thread takes no signals at all: none may end the program while files appear. */
static int commit(struct build *b)
{
    sigset_t all, before;
    struct ending endings[] = { { b, &before }, { b, NULL } };
    int rc;

    if (b->o->jobs < 2)
        return rt_sink_commit(b->sinks, b->err);
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    rc = rt_workers_run_array(end, endings, sizeof *endings, 2);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc < 0 ? rt_err_set(b->err, rc, "out of memory") : rc;
}

/* All that is to be written is complete, in temporary files: now it appears. */
int rt_build_finish(struct build *b)
{
    struct rt_put out = { put_stdout, b, NULL };
    int rc = check_strict(b);

    rt_build_report_cost(b);
    if (rc < 0)
        return rc;
    if (b->o->dry_run)
        return rt_build_print_report(b);
    rc = write_rejects(b, b->sinks);
    if (rc == RT_OK)
        rc = write_text(b, b->o->report_path, rt_report_json);
    if (rc == RT_OK)
        rc = write_text(b, b->o->html_path, rt_report_html);
    if (rc == RT_OK && rt_build_to_stdout(b->o))
        rc = rt_sheet_write(b->listing->sheets[0], &out, NULL, b->err);
    if (rc == RT_OK)
        rc = rt_build_print_report(b);
    if (rc == RT_EPIPE && !rt_build_to_stdout(b->o))
        return commit_unread(b);
    return rc == RT_OK ? commit(b) : rc;
}
