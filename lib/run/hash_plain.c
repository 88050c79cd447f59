/* On one thread, and reading ends behind the last row asked for. */
#include "run/hash_plain.h"

#include "base/alloc.h"
#include "lists/country.h"
#include "lists/report_parts.h"
#include "lists/unicode.h"

enum { KINDS_MAX = 1024 }; /* lines; there are fewer kinds that occur */

/* A kind of change: the column, what was done, or why the value is left out. */
struct kind {
    uint32_t column;
    unsigned changes;
    enum rt_norm_status status;
};

struct plain {
    const struct rt_hash_options *o;
    const struct rt_platform *platform;
    const struct rt_hash_columns *columns;
    const char *country;
    struct rt_report_out out;
    struct kind *kinds;
    uint32_t nkinds;
    uint64_t rows; /* looked at */
    struct rt_norm norm;
};

static bool is_new(struct plain *p, struct kind kind)
{
    for (uint32_t i = 0; i < p->nkinds; i++)
        if (p->kinds[i].column == kind.column && p->kinds[i].changes == kind.changes
            && p->kinds[i].status == kind.status)
            return false;
    if (p->nkinds == KINDS_MAX)
        return false;
    p->kinds[p->nkinds++] = kind;
    return true;
}

static void put_char(struct rt_report_out *out, const char *bytes, size_t n)
{
    if (out->rc == RT_OK)
        out->rc = rt_buf_add(out->buf, bytes, n);
}

static void put_value(struct plain *p, struct rt_span value)
{
    rt_report_putc(&p->out, '"');
    rt_report_chars(&p->out, value, put_char);
    rt_report_putc(&p->out, '"');
}

static void put_changes(struct plain *p, unsigned changes)
{
    const char *between = "";

    for (unsigned k = 0; k < RT_NORM_CHANGES; k++)
        if (changes & 1u << k) {
            rt_report_putf(&p->out, "%s%s", between, rt_hash_change_text(k));
            between = ", ";
        }
    if (!changes)
        rt_report_put(&p->out, "as it is");
}

static const char *refusal(enum rt_norm_status status)
{
    switch (status) {
    case RT_NORM_NO_COUNTRY:
        return "left out: wants a country";
    case RT_NORM_HASHED:
        return "left out: hashed, as the platform does not take it";
    case RT_NORM_UNUSABLE:
        return "left out: of no use to the platform";
    default:
        return "left out: not valid";
    }
}

static void show(struct plain *p, struct kind kind, struct rt_span raw)
{
    const struct rt_platform_column *column = &p->platform->columns[kind.column];

    rt_report_putf(&p->out, "%s\t", column->title);
    if (kind.status == RT_NORM_OK)
        put_changes(p, kind.changes);
    else
        rt_report_put(&p->out, refusal(kind.status));
    rt_report_putc(&p->out, '\t');
    put_value(p, raw);
    if (kind.status == RT_NORM_OK) {
        rt_report_put(&p->out, " -> ");
        put_value(p, (struct rt_span) { p->norm.p, p->norm.n });
    }
    rt_report_putc(&p->out, '\n');
}

/* As the cells of lists are made, value_cell() of row_cells.c. */
static void one_value(
    struct plain *p, uint32_t c, struct rt_span raw, struct rt_norm_context context)
{
    const struct rt_platform_column *column = &p->platform->columns[c];
    struct kind kind = { .column = c, .status = RT_NORM_OK };
    unsigned digest = rt_norm_hashed(raw, rt_column_knows(column), &p->norm);

    context.changes = &kind.changes;
    if (digest & ~rt_column_takes(column))
        kind.status = RT_NORM_HASHED;
    else if (digest
        && rt_norm_is_digest_of_nothing((struct rt_span) { p->norm.p, p->norm.n }))
        kind.status = RT_NORM_INVALID;
    else if (digest)
        kind.changes = RT_DID_DIGEST;
    else
        kind.status = column->normalise(raw, &context, &p->norm);
    if (kind.status == RT_NORM_NO_MEMORY)
        p->out.rc = RT_ENOMEM;
    if (kind.status != RT_NORM_OK)
        kind.changes = 0;
    if (kind.status != RT_NORM_EMPTY && p->out.rc == RT_OK && is_new(p, kind))
        show(p, kind, raw);
}

/* The row's country, as lists have it: its own, else the default; none when it is one that
 * nobody knows. Only addresses ask for it, so whether the row has one does not matter. */
static struct rt_norm_context context_of(
    const struct plain *p, const struct rt_span *cells)
{
    struct rt_norm_context context = { .latest_year = p->o->latest_year };

    memcpy(context.country, p->country, 3);
    memcpy(context.phone_region, p->country, 3);
    for (uint32_t i = 0; i < p->columns->nused; i++) {
        struct rt_span text = rt_unicode_trim(cells[RT_HASH_SLOTS_BEFORE + i]);

        if (p->columns->fields[i] != RT_PII_COUNTRY || text.n == 0)
            continue;
        if (rt_country_code(text, context.country))
            memcpy(context.phone_region, context.country, 3);
        else
            context.country[0] = context.phone_region[0] = '\0';
    }
    return context;
}

static bool feeds(const struct plain *p, uint32_t c, uint32_t used)
{
    const struct rt_platform_column *column = &p->platform->columns[c];
    uint32_t field = p->columns->fields[used];

    if (column->field != RT_FIELD_NAMED)
        return column->field == field;
    for (uint32_t i = 0; i < p->columns->ncontacts; i++)
        for (const char *const *name = column->names; *name; name++)
            if (p->columns->contacts[i].field == field
                && rt_span_eq(p->columns->contacts[i].name, rt_span_of(*name)))
                return true;
    return false;
}

static void one_row(struct plain *p, const struct rt_span *cells)
{
    struct rt_norm_context context = context_of(p, cells);

    for (uint32_t c = 0; c < p->platform->ncolumns; c++)
        for (uint32_t i = 0; i < p->columns->nused; i++)
            if (cells[RT_HASH_SLOTS_BEFORE + i].n && feeds(p, c, i)) {
                context.device = p->columns->devices[i];
                one_value(p, c, cells[RT_HASH_SLOTS_BEFORE + i], context);
            }
}

static int prepare(void *worker, struct rt_feed *feed, struct rt_span block,
    struct rt_batch *batch, void *result, struct rt_tally *tally, struct rt_err *err)
{
    struct plain *p = worker;

    (void)feed;
    (void)block;
    (void)result;
    (void)tally;
    for (uint32_t i = 0; i < batch->nrows && p->rows < p->o->plain_rows; i++, p->rows++)
        one_row(p, rt_batch_row(batch, i));
    if (p->out.rc < 0)
        return rt_err_set(err, p->out.rc, "out of memory");
    return p->rows < p->o->plain_rows ? RT_OK : RT_ESTOP;
}

static int result_new(void *ctx, void **result)
{
    *result = ctx;
    return RT_OK;
}

static void nothing(void *result)
{
    (void)result;
}

static int apply(void *worker, struct rt_feed *feed, struct rt_span block, void *result,
    struct rt_err *err)
{
    (void)worker;
    (void)feed;
    (void)block;
    (void)result;
    (void)err;
    return RT_OK;
}

int rt_hash_show_plain(const struct rt_hash_options *options,
    const struct rt_platform *platform, const struct rt_hash_columns *columns,
    struct rt_feed *feed, const char *country, struct rt_buf *out, struct rt_err *err)
{
    struct plain p = { .o = options,
        .platform = platform,
        .columns = columns,
        .country = country,
        .out = { .buf = out },
        .kinds = rt_calloc(KINDS_MAX, sizeof *p.kinds) };
    void *worker = &p;
    struct rt_ingest_job job = { .result_new = result_new,
        .result_free = nothing,
        .result_reset = nothing,
        .prepare = prepare,
        .apply = apply,
        .ctx = &p,
        .workers = &worker,
        .jobs = 1,
        .nslots = columns->slots.n };
    struct rt_err own = { 0 };
    int rc = p.kinds ? rt_ingest(feed, 1, &job, &own) : RT_ENOMEM;

    if (rc == RT_ESTOP && p.out.rc == RT_OK && p.rows == options->plain_rows)
        rc = RT_OK; /* it was us who stopped */
    else if (rc < 0)
        *err = own;
    rt_free(p.kinds);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : RT_OK;
}
