/*
 * Blocks of the file are decoded, normalised and hashed on all processors; what each comes
 * to is written when its turn has come, so the order is the file's. Memory is that of the
 * blocks in flight.
 */
#include "base/alloc.h"
#include "lists/csvcell.h"
#include "lists/unicode.h"
#include "people/idform.h"
#include "run/hash_int.h"

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

bool rt_hash_needs_key(const struct rt_platform *platform)
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
    if (rt_hash_needs_key(w->hash->platform) && !person.key.p)
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

int rt_hash_rows(struct hash *h, struct rt_err *err)
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
