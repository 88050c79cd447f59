/* The list slots are the union of all files' columns, the well-known fields first, so that
 * a value's field is its slot's number less two. */
#include "run/contacts.h"

#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "events/csv_split.h"
#include "events/fields.h"
#include "lists/person.h"

enum { HEAD_BYTES = 1 << 17, COLUMNS_MAX = RT_FIELDS_MAX + RT_PII_COUNT };

/* A contact file is a CSV without times; its zone is the definitions'. */
static void describe(
    const struct rt_defs *defs, const struct rt_contact_file *file, struct rt_source *out)
{
    *out = (struct rt_source) { .name = file->path,
        .format = RT_FORMAT_LOOK,
        .delimiter = file->delimiter,
        .fill = file->fill,
        .contacts = true,
        .time_form = { .kind = RT_TIME_ANY, .zone = defs->zone },
        .fields = file->fields,
        .nfields = file->nfields,
        .bots = RT_BOTS_KEEP };
}

/* The file is opened again to read it whole: what can be read only once is refused. */
static int read_head(const char *path, struct rt_buf *head, bool *all, struct rt_err *err)
{
    struct rt_input *in = NULL;
    struct stat st;
    long got = 1;
    int rc;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return rt_err_at(err, RT_EIO, path, 0, 0,
            "a contact file must be a file, not a pipe or device");
    rc = rt_input_open(path, &in, err);
    if (rc < 0)
        return rc;
    if (rt_buf_reserve(head, HEAD_BYTES) < 0)
        rc = rt_err_set(err, RT_ENOMEM, "out of memory");
    while (rc == RT_OK && got > 0 && head->n < HEAD_BYTES) {
        got = rt_input_read(in, head->p + head->n, HEAD_BYTES - head->n, err);
        if (got < 0)
            rc = (int)got;
        else
            head->n += (size_t)got;
    }
    *all = got == 0;
    rt_input_close(in);
    return rc;
}

/* The slot of a name, added if it is new. */
static int slot_of(struct rt_contacts *c, struct rt_span name, uint32_t *slot)
{
    for (*slot = RT_LIST_SLOTS_BEFORE; *slot < c->list_slots.n; (*slot)++)
        if (rt_span_eq(c->names[*slot], name))
            return RT_OK;
    if (c->list_slots.n == COLUMNS_MAX)
        return RT_ELIMIT;
    name = rt_arena_copy(&c->arena, name);
    if (!name.p)
        return RT_ENOMEM;
    c->names[c->list_slots.n++] = name;
    return RT_OK;
}

/* A column that some file has; several files may share it. */
static int add_column(struct rt_contacts *c, struct rt_span name)
{
    uint32_t slot, field;
    int rc = slot_of(c, name, &slot);

    if (rc < 0)
        return rc;
    field = slot - RT_LIST_SLOTS_BEFORE;
    for (uint32_t i = 0; i < c->ncolumns; i++)
        if (c->columns[i].field == field)
            return RT_OK;
    c->columns[c->ncolumns++] = (struct rt_contact_column) { c->names[slot], field };
    return RT_OK;
}

/* Adds the columns of one file to the list slots. */
static int add_columns(struct rt_contacts *c, struct rt_contact_input *file,
    const char *path, struct rt_span head, bool all, struct rt_err *err)
{
    struct rt_column *columns = NULL;
    size_t n = 0;
    int rc =
        rt_decoder_header(&file->source, path, head, all, &c->arena, &columns, &n, err);

    for (size_t i = 0; i < n && rc == RT_OK; i++) {
        if (!columns[i].field.p)
            continue;
        rc = add_column(c, columns[i].field);
        if (!columns[i].shadowed
            && rt_span_eq(columns[i].field, rt_span_of(rt_pii_name(RT_PII_MOBILE_ID))))
            file->device = rt_norm_device_of(columns[i].name);
    }
    if (rc == RT_ELIMIT)
        return rt_err_at(
            err, RT_EIO, path, 0, 0, "the contact files have too many columns");
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : rc;
}

static int start_names(struct rt_contacts *c)
{
    uint32_t slot;
    int rc = RT_OK;

    c->names = rt_arena_new(&c->arena, COLUMNS_MAX, sizeof *c->names);
    c->columns = rt_arena_new(&c->arena, COLUMNS_MAX, sizeof *c->columns);
    if (!c->names || !c->columns)
        return RT_ENOMEM;
    c->names[RT_SLOT_TIME] = RT_SPAN("time");
    c->names[RT_SLOT_EVENT] = RT_SPAN("event");
    c->list_slots.names = c->names;
    c->list_slots.n = RT_LIST_SLOTS_BEFORE;
    for (unsigned f = 0; f < RT_PII_COUNT && rc == RT_OK; f++)
        rc = slot_of(c, rt_span_of(rt_pii_name(f)), &slot);
    return rc;
}

/* Where each list slot's cells stand in the file. */
static int place_slots(struct rt_contacts *c, struct rt_contact_input *file)
{
    size_t n;
    const struct rt_column *columns = rt_decoder_columns(file->list_decoder, &n);

    file->ncolumns = (uint32_t)n;
    file->column_of = rt_arena_new(&c->arena, c->list_slots.n, sizeof *file->column_of);
    if (!file->column_of)
        return RT_ENOMEM;
    for (uint32_t s = 0; s < c->list_slots.n; s++)
        file->column_of[s] = (uint32_t)rt_fields_find(columns, n, c->names[s]);
    return RT_OK;
}

/* Heads are read once and kept until all columns are known: the list decoders need both. */
static int open_files(struct rt_contacts *c, const struct rt_plan *plan,
    struct rt_buf *heads, bool *alls, struct rt_err *err)
{
    const struct rt_people_def *people = &plan->defs->people;
    int rc = RT_OK;

    for (uint32_t i = 0; i < c->nfiles && rc == RT_OK; i++) {
        const char *path = people->contacts[i].path.p;

        describe(plan->defs, &people->contacts[i], &c->files[i].source);
        heads[i] = (struct rt_buf)RT_BUF_INIT(HEAD_BYTES);
        rc = read_head(path, &heads[i], &alls[i], err);
        if (rc == RT_OK)
            rc = add_columns(c, &c->files[i], path, rt_buf_span(&heads[i]), alls[i], err);
    }
    for (uint32_t i = 0; i < c->nfiles && rc == RT_OK; i++) {
        struct rt_contact_input *f = &c->files[i];
        const char *path = people->contacts[i].path.p;

        rc = rt_feed_open(&f->feed, path, &f->source, &plan->slots, err);
        f->feed.source_index = i;
        if (rc == RT_OK)
            rc = rt_decoder_open(&f->source, path, rt_buf_span(&heads[i]), alls[i],
                &c->list_slots, &f->list_decoder, err);
        if (rc == RT_OK && place_slots(c, f) < 0)
            rc = rt_err_set(err, RT_ENOMEM, "out of memory");
    }
    return rc;
}

int rt_contacts_open(struct rt_contacts *c, const struct rt_plan *plan,
    uint64_t memory_bytes, const char *tmpdir, struct rt_err *err)
{
    uint32_t n = (uint32_t)plan->defs->people.ncontacts;
    struct rt_buf *heads = rt_calloc(n, sizeof *heads);
    bool *alls = rt_calloc(n, sizeof *alls);
    int rc = RT_ENOMEM;

    memset(c, 0, sizeof *c);
    pthread_mutex_init(&c->lock, NULL);
    c->files = rt_calloc(n, sizeof *c->files);
    if (heads && alls && c->files && start_names(c) == RT_OK) {
        c->nfiles = n;
        rc = rt_spool_new(memory_bytes, tmpdir, &c->bytes, err);
        if (rc == RT_OK)
            rc = open_files(c, plan, heads, alls, err);
    }
    for (uint32_t i = 0; heads && i < n; i++)
        rt_buf_release(&heads[i]);
    rt_free(heads);
    rt_free(alls);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : rc;
}

void rt_contacts_close(struct rt_contacts *c)
{
    for (uint32_t i = 0; i < c->nfiles; i++) {
        rt_feed_close(&c->files[i].feed);
        rt_decoder_free(c->files[i].list_decoder);
    }
    rt_free(c->files);
    rt_free(c->rows);
    rt_spool_free(c->bytes);
    rt_arena_release(&c->arena);
    pthread_mutex_destroy(&c->lock);
}

static int make_room(struct rt_contacts *c, uint32_t more)
{
    uint64_t cap = c->cap_rows ? c->cap_rows : 256;
    struct rt_contact_row *rows;

    while (cap - c->nrows < more)
        cap *= 2;
    if (cap == c->cap_rows)
        return RT_OK;
    if (c->nrows > UINT32_MAX / 2)
        return RT_ELIMIT;
    rows = rt_realloc(c->rows, cap, sizeof *rows);
    if (!rows)
        return RT_ENOMEM;
    c->rows = rows;
    c->cap_rows = cap;
    return RT_OK;
}

static int keep(struct rt_contacts *c, struct rt_span block,
    const struct rt_contact_row *rows, uint32_t n, struct rt_err *err)
{
    uint64_t at;
    int rc = make_room(c, n);

    if (rc == RT_ELIMIT)
        return rt_err_set(err, rc, "more than two thousand million contact rows");
    if (rc < 0)
        return rt_err_set(err, rc, "out of memory");
    rc = rt_spool_add(c->bytes, block, &at, err);
    for (uint32_t i = 0; i < n && rc == RT_OK; i++) {
        struct rt_contact_row *row = &c->rows[c->nrows++];

        *row = rows[i];
        row->at += at;
    }
    return rc;
}

int rt_contacts_keep(struct rt_contacts *c, struct rt_span block,
    const struct rt_contact_row *rows, uint32_t n, struct rt_err *err)
{
    int rc;

    if (n == 0)
        return RT_OK;
    pthread_mutex_lock(&c->lock);
    rc = keep(c, block, rows, n, err);
    pthread_mutex_unlock(&c->lock);
    return rc;
}

/* ---- reading back */

struct rt_contact_reader {
    const struct rt_contacts *contacts;
    struct rt_span *fields;    /* of a row, as many as any file has */
    struct rt_span *cells;     /* by list slot */
    struct rt_cursor *cursors; /* by file */
    struct rt_batch batch;
    struct rt_tally tally;
};

int rt_contact_reader_new(
    const struct rt_contacts *contacts, struct rt_contact_reader **out)
{
    struct rt_contact_reader *r = rt_calloc(1, sizeof *r);
    uint32_t most = 0;

    if (!r)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < contacts->nfiles; i++)
        if (contacts->files[i].ncolumns > most)
            most = contacts->files[i].ncolumns;
    r->contacts = contacts;
    r->cursors = rt_calloc(contacts->nfiles, sizeof *r->cursors);
    r->fields = rt_calloc(most, sizeof *r->fields);
    r->cells = rt_calloc(contacts->list_slots.n, sizeof *r->cells);
    if (!r->fields || !r->cells || !r->cursors
        || rt_batch_init(&r->batch, contacts->list_slots.n) < 0) {
        rt_contact_reader_free(r);
        return RT_ENOMEM;
    }
    for (uint32_t i = 0; i < contacts->nfiles; i++)
        if (rt_cursor_init(&r->cursors[i], contacts->files[i].list_decoder) < 0) {
            rt_contact_reader_free(r);
            return RT_ENOMEM;
        }
    *out = r;
    return RT_OK;
}

void rt_contact_reader_free(struct rt_contact_reader *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; r->cursors && i < r->contacts->nfiles; i++)
        rt_cursor_release(&r->cursors[i]);
    rt_free(r->cursors);
    rt_free(r->fields);
    rt_free(r->cells);
    rt_batch_release(&r->batch);
    rt_tally_release(&r->tally);
    rt_free(r);
}

/* A row without quotes is cut here and now. */
static bool cut_row(struct rt_contact_reader *r, uint32_t number, struct rt_span bytes)
{
    const struct rt_contact_input *file = &r->contacts->files[number];

    if (!rt_csv_split(
            bytes, rt_decoder_delimiter(file->list_decoder), r->fields, file->ncolumns))
        return false;
    for (uint32_t s = 0; s < r->contacts->list_slots.n; s++)
        r->cells[s] = file->column_of[s] < file->ncolumns ? r->fields[file->column_of[s]]
                                                          : RT_SPAN_ABSENT;
    return true;
}

/* Any other row is decoded as it was when it was read; its cells go with the next one. */
static int decode_row(struct rt_contact_reader *r, uint32_t file, struct rt_span line,
    struct rt_arena *arena, struct rt_err *err)
{
    struct rt_cursor *cur = &r->cursors[file];
    const struct rt_span *cells;
    int n;

    rt_tally_reset(&r->tally);
    rt_cursor_start(cur, line, true);
    n = rt_cursor_next(cur, &r->batch, &r->tally);
    if (n != 1)
        return rt_err_set(
            err, n < 0 ? n : RT_EIO, "a contact row could not be read again");
    cells = rt_batch_row(&r->batch, 0);
    for (uint32_t s = 0; s < r->contacts->list_slots.n; s++) {
        r->cells[s] = cells[s].n ? rt_arena_copy(arena, cells[s]) : cells[s];
        if (cells[s].n && !r->cells[s].p)
            return rt_err_set(err, RT_ENOMEM, "out of memory");
    }
    return RT_OK;
}

/* The row's bytes and a line end: without one it would be for libcsv. */
static int read_row(const struct rt_contacts *c, const struct rt_contact_row *row,
    struct rt_arena *arena, struct rt_span *line, struct rt_err *err)
{
    char *copy = rt_arena_bytes(arena, (size_t)row->bytes + 1);
    int rc;

    if (!copy)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    rc = rt_spool_read(c->bytes, row->at, copy, row->bytes, err);
    copy[row->bytes] = '\n';
    *line = (struct rt_span) { copy, (size_t)row->bytes + 1 };
    return rc;
}

int rt_contact_reader_row(struct rt_contact_reader *r, const struct rt_contact_row *row,
    struct rt_arena *arena, const struct rt_span **cells, struct rt_err *err)
{
    struct rt_span line = { rt_spool_look(r->contacts->bytes, row->at, row->bytes),
        row->bytes };
    int rc;

    *cells = r->cells;
    if (line.p && cut_row(r, row->file, line))
        return RT_OK;
    rc = read_row(r->contacts, row, arena, &line, err);
    if (rc < 0 || cut_row(r, row->file, (struct rt_span) { line.p, row->bytes }))
        return rc;
    return decode_row(r, row->file, line, arena, err);
}

void rt_contacts_fetch_ahead(const struct rt_contacts *c, uint64_t row)
{
    enum { AHEAD = 4 };

    if (row + AHEAD < c->nrows)
        rt_spool_fetch(c->bytes, c->rows[row + AHEAD].at);
}
