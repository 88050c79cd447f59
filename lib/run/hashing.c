/* A run from its options to its list: what is opened, the head of the file, what is written
 * beside it. The rows are hash_rows.c's. */
#include "run/hashing.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/sink.h"
#include "lists/country.h"
#include "lists/writer.h"
#include "run/hash_int.h"
#include "run/hash_plain.h"

static int no_memory(struct rt_err *err)
{
    return rt_err_set(err, RT_ENOMEM, "out of memory");
}

static bool to_stdout(const struct rt_hash_options *o)
{
    return strcmp(o->output, "-") == 0;
}

/* ---- the head of the file: that of an empty list with these repeats */

static int put_head(void *ctx, struct rt_span bytes)
{
    return rt_buf_add(ctx, bytes.p, bytes.n);
}

/* {list}: the output's base name without its ending, or the platform's name. */
static struct rt_span list_name(const struct hash *h)
{
    const char *path = to_stdout(h->o) ? h->o->input : h->o->output, *base, *dot;

    if (strcmp(path, "-") == 0)
        path = h->platform->name;
    base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    dot = strchr(base, '.');
    return dot && dot > base ? (struct rt_span) { base, (size_t)(dot - base) }
                             : rt_span_of(base);
}

static int make_head(struct hash *h, struct rt_err *err)
{
    struct rt_span name = list_name(h);
    struct rt_sheet_options options = {
        .columns = h->columns.contacts, .ncolumns = h->columns.ncontacts, .names = &name
    };
    struct rt_put put = { .put = put_head, .ctx = &h->head };
    struct rt_rows none = { .nrows = 0 };
    struct rt_sheet *list = NULL;
    int rc = rt_sheet_new(h->platform, &options, &list, err);

    h->ncolumns =
        rt_platform_columns(h->platform, h->columns.contacts, h->columns.ncontacts);
    memcpy(none.used, h->columns.repeats, sizeof none.used);
    if (rc == RT_OK)
        rc = rt_sheet_add(list, &none, NULL, err);
    if (rc == RT_OK)
        rc = rt_sheet_write(list, &put, NULL, err);
    if (rc == RT_OK && h->platform->before)
        rc = rt_platform_add_fixed(
            h->platform, h->platform->before, list_name(h), &h->before);
    if (rc == RT_OK && h->platform->after)
        rc = rt_platform_add_fixed(
            h->platform, h->platform->after, list_name(h), &h->after);
    rt_sheet_free(list);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : RT_OK;
}

/* ---- opening */

static int find_country(struct hash *h, struct rt_err *err)
{
    if (!h->o->country || rt_country_code(rt_span_of(h->o->country), h->country))
        return RT_OK;
    return rt_err_set(err, RT_EUSAGE,
        "--country: \"%.60s\" is no country: give the two letters of ISO 3166-1, such as "
        "DE",
        h->o->country);
}

/* A file that is read must not be the one that is written. */
static int keep_input(const struct hash *h, const char *path, struct rt_err *err)
{
    struct stat in, out;

    if (!path || strcmp(path, "-") == 0 || stat(path, &out) != 0)
        return RT_OK;
    if ((strcmp(h->o->input, "-") ? stat(h->o->input, &in) : fstat(STDIN_FILENO, &in))
            != 0
        || !S_ISREG(in.st_mode) || in.st_dev != out.st_dev || in.st_ino != out.st_ino)
        return RT_OK;
    return rt_err_at(err, RT_EUSAGE, path, 0, 0,
        "is read by this run and would be overwritten by it: give the output another "
        "name");
}

static void say_columns(const struct hash *h)
{
    struct rt_buf text = RT_BUF_INIT(1 << 20);

    if (h->o->notice.say
        && rt_hash_columns_text(h->report, h->o->verbose, &text) == RT_OK)
        h->o->notice.say(h->o->notice.ctx, rt_buf_text(&text));
    rt_buf_release(&text);
}

static int open_input(struct hash *h, struct rt_err *err)
{
    struct rt_arena *arena = &h->report->arena;
    struct rt_column *columns = NULL;
    struct rt_span head, *names;
    size_t n = 0;
    bool all;
    int rc;

    h->source = (struct rt_source) { .name = rt_span_of(h->o->input),
        .delimiter = h->o->delimiter,
        .contacts = true,
        .time_form = { .kind = RT_TIME_ANY },
        .bots = RT_BOTS_KEEP };
    rc = rt_feed_look(&h->feed, h->o->input, &h->source, &head, &all, err);
    if (rc == RT_OK)
        rc = rt_decoder_header(
            &h->source, h->report->input.p, head, all, arena, &columns, &n, err);
    if (rc < 0)
        return rt_err_set(err, rc, "out of memory");
    names = rt_arena_new(arena, n + 1, sizeof *names);
    if (!names)
        return no_memory(err);
    for (size_t i = 0; i < n; i++)
        names[i] = columns[i].name;
    rc = rt_hash_columns_find(
        &h->columns, h->platform, h->o, names, (uint32_t)n, arena, err);
    if (rc < 0)
        return rc;
    h->report->columns = h->columns.columns;
    h->report->ncolumns = h->columns.ncolumns;
    h->source.fields = h->columns.mappings;
    h->source.nfields = h->columns.nused;
    rc = rt_feed_ready(&h->feed, &h->columns.slots, err);
    if (rc == RT_OK && h->o->rejects_path)
        rc = rt_feed_keep_rejects(&h->feed, h->o->tmpdir, err);
    return rc;
}

/* ---- the end */

static int check_rejects(const struct hash *h, struct rt_err *err)
{
    const struct rt_hash_report *r = h->report;
    const struct rt_report_reject *first = h->feed.first_rejects;
    uint64_t rejected = 0;
    bool too_many;

    for (unsigned k = RT_REJECT_FIRST; k < RT_REASONS; k++)
        rejected += r->count[k];
    if (h->o->max_rejects_percent)
        too_many = (unsigned __int128)rejected * 1000000
            > (unsigned __int128)r->read * h->o->max_rejects;
    else
        too_many = rejected > h->o->max_rejects;
    if (!too_many)
        return RT_OK;
    return rt_err_set(err, RT_EREJECTS,
        "%ju of %ju records were rejected, more than --max-rejects allows%s; the first: "
        "%s:%ju: %s",
        (uintmax_t)rejected, (uintmax_t)r->read,
        to_stdout(h->o) ? "" : ": no list was written", first->file.p,
        (uintmax_t)first->line, rt_reason_text(first->reason));
}

/* ---- what is written beside the list */

static int write_rejects(struct hash *h, struct rt_sink_set *set, struct rt_err *err)
{
    static const struct rt_span header = { "file,line,reason,record\n", 24 };
    const struct rt_spool *spool = h->feed.rejects;
    struct rt_sink *sink;
    char piece[1 << 14];
    int rc;

    if (!h->o->rejects_path)
        return RT_OK;
    rc = rt_sink_add(set, NULL, h->o->rejects_path, &sink, err);
    if (rc == RT_OK)
        rc = rt_sink_write(sink, header, err);
    for (uint64_t at = 0, n; rc == RT_OK && at < rt_spool_bytes(spool); at += n) {
        n = rt_spool_bytes(spool) - at;
        if (n > sizeof piece)
            n = sizeof piece;
        rc = rt_spool_read(spool, at, piece, (size_t)n, err);
        if (rc == RT_OK)
            rc = rt_sink_write(sink, (struct rt_span) { piece, (size_t)n }, err);
    }
    return rc;
}

static int write_report(struct hash *h, struct rt_sink_set *set, struct rt_err *err)
{
    struct rt_buf text = RT_BUF_INIT(SIZE_MAX / 2);
    struct rt_sink *sink;
    int rc;

    if (!h->o->report_path)
        return RT_OK;
    rc = rt_sink_add(set, NULL, h->o->report_path, &sink, err);
    if (rc == RT_OK && rt_hash_json(h->report, &text) < 0)
        rc = no_memory(err);
    if (rc == RT_OK)
        rc = rt_sink_write(sink, rt_buf_span(&text), err);
    rt_buf_release(&text);
    return rc;
}

static int write_beside(struct hash *h, struct rt_sink_set *set, struct rt_err *err)
{
    int rc = write_rejects(h, set, err);

    return rc == RT_OK ? write_report(h, set, err) : rc;
}

/* Of a run that was refused, what says why is written all the same. */
static int leave_word(struct hash *h, struct rt_err *err)
{
    struct rt_sink_set *set = NULL;
    struct rt_err other = { 0 };
    int rc = rt_sink_set_new(&set, &other);

    if (rc == RT_OK)
        rc = write_beside(h, set, &other);
    if (rc == RT_OK)
        rc = rt_sink_commit(set, &other);
    rt_sink_set_free(set);
    if (rc < 0)
        *err = other;
    return rc;
}

static int finish(struct hash *h, struct rt_err *err)
{
    struct rt_hash_report *r = h->report;
    int rc;

    r->size.rows = h->out.rows;
    r->size.bytes = h->out.bytes;
    r->size.parts = h->out.parts;
    r->read = h->feed.tally.read;
    memcpy(r->count, h->feed.tally.count, sizeof r->count);
    rc = rt_platform_warnings(
        h->platform, r->size, &r->arena, &r->warnings, &r->nwarnings);
    if (rc < 0)
        return no_memory(err);
    rc = check_rejects(h, err);
    if (rc == RT_EREJECTS) {
        int left = leave_word(h, err);

        return left < 0 ? left : rc;
    }
    rc = write_beside(h, h->sinks, err);
    if (rc == RT_OK)
        rc = rt_part_file_end(&h->out, err);
    return rc == RT_OK ? rt_sink_commit(h->sinks, err) : rc;
}

static int write_list(struct hash *h, struct rt_err *err)
{
    int rc = make_head(h, err);

    if (rc == RT_OK)
        rc = rt_sink_set_new(&h->sinks, err);
    if (rc == RT_OK)
        rc = rt_part_file_begin(
            &h->out, h->sinks, h->o->output, rt_buf_span(&h->head), h->platform, err);
    if (rc == RT_OK)
        rc = rt_hash_rows(h, err);
    if (rc == RT_OK)
        rc = finish(h, err);
    return rc;
}

static int check_outputs(const struct hash *h, struct rt_err *err)
{
    int rc = keep_input(h, h->o->output, err);

    if (rc == RT_OK)
        rc = keep_input(h, h->o->rejects_path, err);
    return rc == RT_OK ? keep_input(h, h->o->report_path, err) : rc;
}

static int run(struct hash *h, struct rt_buf *plain, struct rt_err *err)
{
    int rc;

    h->platform = rt_platform_named(h->o->platform, err);
    rc = h->platform ? find_country(h, err) : RT_EUSAGE;
    if (rc == RT_OK)
        rc = check_outputs(h, err);
    if (rc < 0)
        return rc;
    h->report->platform = h->platform;
    h->report->input =
        rt_span_of(strcmp(h->o->input, "-") ? h->o->input : "standard input");
    rc = open_input(h, err);
    if (rc < 0)
        return rc;
    say_columns(h);
    if (h->o->plain_rows && rt_hash_needs_key(h->platform))
        return rt_err_set(err, RT_EUSAGE,
            "--plain: %s takes values as they come, nothing is changed",
            h->platform->title);
    if (h->o->plain_rows)
        return rt_hash_show_plain(
            h->o, h->platform, &h->columns, &h->feed, h->country, plain, err);
    return write_list(h, err);
}

int rt_run_hash(const struct rt_hash_options *options, struct rt_hash_report **report,
    struct rt_buf *plain, struct rt_err *err)
{
    struct hash h = { .o = options,
        .head = RT_BUF_INIT(1 << 20),
        .before = RT_BUF_INIT(1 << 20),
        .after = RT_BUF_INIT(1 << 20) };
    int rc;

    *report = h.report = rt_calloc(1, sizeof *h.report);
    if (!h.report)
        return no_memory(err);
    rc = run(&h, plain, err);
    if (h.feed.state)
        rt_feed_close(&h.feed);
    rt_sink_set_free(h.sinks);
    rt_buf_release(&h.head);
    rt_buf_release(&h.before);
    rt_buf_release(&h.after);
    return rc;
}

void rt_hash_report_free(struct rt_hash_report *report)
{
    if (!report)
        return;
    rt_arena_release(&report->arena);
    rt_free(report);
}
