/*
 * Blocks of the file are decoded, normalised and hashed on all processors; what each comes
 * to is written when its turn has come, so the order is the file's. Memory is that of the
 * blocks in flight.
 */
#include "run/hashing.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/sink.h"
#include "lists/country.h"
#include "lists/unicode.h"
#include "lists/csvcell.h"
#include "lists/writer.h"
#include "people/idform.h"
#include "run/hash_columns.h"
#include "run/hash_plain.h"
#include "run/ingest.h"
#include "run/part_file.h"

enum { KEY_MAX = 16 + RT_ID_BYTES_MAX };

/* What one block comes to. */
struct result {
    struct rt_buf bytes; /* rows as they are written */
    struct rt_list_row *rows;
    uint32_t nrows, room;
    uint64_t contacts, people;
    struct rt_changed changed;
    struct rt_dropped dropped;
};

struct hash {
    const struct rt_hash_options *o;
    const struct rt_platform *platform;
    struct rt_hash_columns columns;
    struct rt_source source;
    struct rt_feed feed;
    struct rt_hash_report *report;
    uint32_t ncolumns;           /* of the platform's, in this file */
    struct rt_buf head;          /* what stands before the rows of each file */
    struct rt_buf before, after; /* what frames each row */
    struct rt_sink_set *sinks;
    struct rt_part_file out;
    char country[3];
};

/* One thread. */
struct worker {
    struct hash *hash;
    struct rt_rower *rower;
    struct rt_rows rows;
    struct rt_pii_value *values;
    char key[KEY_MAX];
};

static int no_memory(struct rt_err *err)
{
    return rt_err_set(err, RT_ENOMEM, "out of memory");
}

/* ---- a block's result */

static int result_new(void *ctx, void **out)
{
    struct result *r = rt_calloc(1, sizeof *r);

    (void)ctx;
    if (!r)
        return RT_ENOMEM;
    r->bytes = (struct rt_buf)RT_BUF_INIT(SIZE_MAX / 2);
    *out = r;
    return RT_OK;
}

static void result_free(void *result)
{
    struct result *r = result;

    rt_buf_release(&r->bytes);
    rt_free(r->rows);
    rt_free(r);
}

static void result_reset(void *result)
{
    struct result *r = result;

    rt_buf_reset(&r->bytes);
    r->nrows = 0;
    r->contacts = r->people = 0;
    memset(&r->changed, 0, sizeof r->changed);
    memset(&r->dropped, 0, sizeof r->dropped);
}

static int note_row(struct result *r, size_t at)
{
    if (r->nrows == r->room) {
        uint32_t room = r->room ? r->room * 2 : 256;
        void *p =
            r->room > UINT32_MAX / 2 ? NULL : rt_realloc(r->rows, room, sizeof *r->rows);

        if (!p)
            return RT_ENOMEM;
        r->rows = p;
        r->room = room;
    }
    r->rows[r->nrows++] = (struct rt_list_row) { at, (uint32_t)(r->bytes.n - at) };
    return RT_OK;
}

static uint8_t width_of(const struct rt_platform_column *column)
{
    return column->many ? column->many : 1;
}

/* Cells of a column that the file has: all, or as many as the input has columns. */
static uint8_t shown(const struct hash *h, uint32_t column)
{
    uint8_t repeats = h->columns.repeats[column];

    if (!h->platform->drop_unused || !h->platform->columns[column].many)
        return width_of(&h->platform->columns[column]);
    return repeats ? repeats : 1;
}

/* Adds the cells of a row of full width, but for the repeats that no column of the input
 * can fill. */
static int add_narrow(const struct hash *h, struct rt_buf *out, struct rt_span row)
{
    const char *at = row.p, *end = row.p + row.n;
    const char *between = "";
    int rc = RT_OK;

    for (uint32_t c = 0; c < h->ncolumns; c++)
        for (uint8_t k = 0; k < width_of(&h->platform->columns[c]) && rc == RT_OK; k++) {
            const char *stop = rt_csv_cell_end(at, end);

            if (k < shown(h, c)) {
                rc = rt_buf_adds(out, between);
                if (rc == RT_OK)
                    rc = rt_buf_add(out, at, (size_t)(stop - at));
                between = ",";
            }
            at = stop + (stop < end);
        }
    return rc;
}

/* Adds a row as the file has it. row: with its line end. */
static int add_row(const struct hash *h, struct result *r, struct rt_span row)
{
    struct rt_buf *out = &r->bytes;
    size_t at = out->n;
    int rc = RT_OK;

    row.n--;
    if (h->before.n)
        rc = rt_buf_add(out, h->before.p, h->before.n);
    if (rc == RT_OK)
        rc = h->platform->drop_unused ? add_narrow(h, out, row)
                                      : rt_buf_add(out, row.p, row.n);
    if (rc == RT_OK && h->after.n)
        rc = rt_buf_add(out, h->after.p, h->after.n);
    if (rc == RT_OK)
        rc = rt_buf_addc(out, '\n');
    return rc == RT_OK ? note_row(r, at) : rc;
}

static void add_counts(uint64_t *sum, const uint64_t *more, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += more[i];
}

static void add_dropped(struct rt_dropped *sum, const struct rt_dropped *more)
{
    add_counts(&sum->n[0][0], &more->n[0][0], sizeof sum->n / sizeof(uint64_t));
}

/* ---- a contact */

/* The key that lists of contacts have: by the first of user_id, e-mail, client_id. */
static struct rt_span key_of(struct worker *w, const struct rt_span *cells)
{
    const struct rt_hash_columns *columns = &w->hash->columns;
    struct {
        const char *kind;
        uint32_t used;
    } ids[3] = { { "user_id:", columns->user_id }, { "email:", RT_HASH_UNUSED },
        { "client_id:", columns->client_id } };

    for (uint32_t i = 0; i < columns->nused && ids[1].used == RT_HASH_UNUSED; i++)
        if (columns->fields[i] == RT_PII_EMAIL)
            ids[1].used = i;
    for (size_t k = 0; k < 3; k++) {
        struct rt_id_kind kind = { .email = k == 1 };
        char copy[RT_ID_BYTES_MAX];
        size_t n = strlen(ids[k].kind);
        struct rt_span id = RT_SPAN_ABSENT;

        if (ids[k].used != RT_HASH_UNUSED)
            id = rt_id_form(&kind, cells[RT_HASH_SLOTS_BEFORE + ids[k].used], copy);
        if (!id.p)
            continue;
        memcpy(w->key, ids[k].kind, n);
        memcpy(w->key + n, id.p, id.n);
        return (struct rt_span) { w->key, n + id.n };
    }
    return RT_SPAN_ABSENT;
}

static bool needs_key(const struct rt_platform *platform)
{
    return platform->kind == RT_ROWS_KEY || platform->kind == RT_ROWS_CONTACT;
}

/* A name or address without a country is in the one that the command line names. */
static uint32_t values_of(struct worker *w, const struct rt_span *cells)
{
    const struct rt_hash_columns *columns = &w->hash->columns;
    bool country = false, address = false;
    uint32_t n = 0;

    for (uint32_t i = 0; i < columns->nused; i++) {
        struct rt_span value = cells[RT_HASH_SLOTS_BEFORE + i];

        if (value.n == 0)
            continue;
        country |= columns->fields[i] == RT_PII_COUNTRY && rt_unicode_trim(value).n;
        address |= columns->fields[i] >= RT_PII_FIRST_NAME
            && columns->fields[i] < RT_PII_COUNTRY;
        w->values[n++] =
            (struct rt_pii_value) { 1, columns->fields[i], value, columns->devices[i] };
    }
    if (!country && address && w->hash->country[0])
        w->values[n++] = (struct rt_pii_value) {
            .row = 1, .field = RT_PII_COUNTRY, .value = { w->hash->country, 2 }
        };
    return n;
}

static int add_rows(struct worker *w, struct result *r)
{
    int rc = RT_OK;

    for (uint32_t i = 0; i < w->rows.nrows && rc == RT_OK; i++) {
        const struct rt_list_row *row = &w->rows.rows[i];

        rc = add_row(w->hash, r, (struct rt_span) { w->rows.bytes.p + row->at, row->n });
    }
    return rc;
}

static int one_contact(
    struct worker *w, const struct rt_span *cells, struct result *r, struct rt_err *err)
{
    struct rt_person person = { .key = key_of(w, cells), .values = w->values };
    int rc;

    r->contacts++;
    if (needs_key(w->hash->platform) && !person.key.p)
        return RT_OK;
    person.nvalues = values_of(w, cells);
    w->rows.changed = &r->changed;
    rc = rt_rower_person(w->rower, &person, &w->rows, err);
    if (rc < 0)
        return rc;
    r->people += w->rows.nrows > 0;
    if (w->rows.any_dropped)
        add_dropped(&r->dropped, &w->rows.dropped);
    return add_rows(w, r) < 0 ? no_memory(err) : RT_OK;
}

static int prepare(void *worker, struct rt_feed *feed, struct rt_span block,
    struct rt_batch *batch, void *result, struct rt_tally *tally, struct rt_err *err)
{
    int rc = RT_OK;

    (void)feed;
    (void)block;
    (void)tally;
    for (uint32_t i = 0; i < batch->nrows && rc == RT_OK; i++)
        rc = one_contact(worker, rt_batch_row(batch, i), result, err);
    return rc;
}

/* ---- writing */

static bool to_stdout(const struct rt_hash_options *o)
{
    return strcmp(o->output, "-") == 0;
}

static int write_rows(struct hash *h, const struct result *r, struct rt_err *err)
{
    int rc = RT_OK;

    for (uint32_t i = 0; i < r->nrows && rc == RT_OK; i++)
        rc = rt_part_file_add(
            &h->out, (struct rt_span) { r->bytes.p + r->rows[i].at, r->rows[i].n }, err);
    return rc;
}

/* The blocks come one after another, whoever calls. */
static int apply(void *worker, struct rt_feed *feed, struct rt_span block, void *result,
    struct rt_err *err)
{
    struct hash *h = ((struct worker *)worker)->hash;
    const struct result *r = result;

    (void)feed;
    (void)block;
    h->report->contacts += r->contacts;
    h->report->size.people += r->people;
    add_dropped(&h->report->dropped, &r->dropped);
    add_counts(&h->report->changed.n[0][0], &r->changed.n[0][0],
        sizeof r->changed.n / sizeof(uint64_t));
    return write_rows(h, r, err);
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

/* ---- the work */

static int start_worker(struct hash *h, struct worker *w, struct rt_err *err)
{
    struct rt_rower_options options = { .default_region = h->country,
        .latest_year = h->o->latest_year,
        .columns = h->columns.contacts,
        .ncolumns = h->columns.ncontacts };

    w->hash = h;
    w->values = rt_calloc(h->columns.nused + 1, sizeof *w->values);
    if (!w->values)
        return no_memory(err);
    return rt_rower_new(h->platform, &options, &w->rower, err);
}

static void end_worker(struct worker *w)
{
    rt_rower_free(w->rower);
    rt_rows_release(&w->rows);
    rt_free(w->values);
}

static int read_all(struct hash *h, struct rt_err *err)
{
    uint32_t jobs = h->o->jobs;
    struct worker *workers = rt_calloc(jobs, sizeof *workers);
    void **args = rt_calloc(jobs, sizeof *args);
    struct rt_ingest_job job = { .result_new = result_new,
        .result_free = result_free,
        .result_reset = result_reset,
        .prepare = prepare,
        .apply = apply,
        .workers = args,
        .jobs = jobs,
        .nslots = h->columns.slots.n,
        .in_order = true,
        .progress = h->o->progress };
    int rc = workers && args ? RT_OK : no_memory(err);

    for (uint32_t i = 0; i < jobs && rc == RT_OK; i++) {
        args[i] = &workers[i];
        rc = start_worker(h, &workers[i], err);
    }
    if (rc == RT_OK)
        rc = rt_ingest(&h->feed, 1, &job, err);
    for (uint32_t i = 0; workers && i < jobs; i++)
        end_worker(&workers[i]);
    rt_free(workers);
    rt_free(args);
    return rc;
}

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
        rc = read_all(h, err);
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
    if (h->o->plain_rows && needs_key(h->platform))
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
