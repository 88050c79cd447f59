/*
 * Sorting on several threads: rows of a sample cut the rest into as many ranges, each row
 * goes to its range, and each range is sorted by itself. Rows of equal keys are in one.
 *
 *     rows    slice 0 | slice 1        each thread: to which range do these belong
 *     out     range 0 | range 1        each thread: its slice, moved; then one range, sorted
 */
#include "lists/rowsort.h"

#include "base/err.h"
#include "base/workers.h"

enum { RANGES_MAX = 16, SAMPLE = 32 /* rows, a range */ };

struct cut {
    struct rt_rowref *rows, *out;
    size_t n;
    uint32_t nranges;
    size_t depth;
    uint64_t from[RANGES_MAX]; /* the least key of a range, but of the first */
    size_t at[RANGES_MAX + 1]; /* where a range begins */
    size_t next[RANGES_MAX]
               [RANGES_MAX]; /* by slice and range: rows, then where they go */
};

struct slice {
    struct cut *cut;
    uint32_t i;
};

static size_t slice_from(const struct cut *c, uint32_t i)
{
    return (size_t)((unsigned __int128)c->n * i / c->nranges);
}

static void choose_ranges(struct cut *c)
{
    struct rt_rowref sample[RANGES_MAX * SAMPLE], scratch[RANGES_MAX * SAMPLE];
    size_t n = c->nranges * (size_t)SAMPLE;

    for (size_t i = 0; i < n; i++)
        sample[i] = c->rows[(size_t)((unsigned __int128)c->n * i / n)];
    rt_rowsort(sample, n, c->depth, scratch);
    for (uint32_t r = 1; r < c->nranges; r++) { /* sorted, keys are of any depth */
        struct rt_span row = rt_rowref_span(&sample[r * SAMPLE]);

        c->from[r] = rt_row_key(row.p, row.n, c->depth);
    }
}

static uint32_t range_of(const struct cut *c, uint64_t key)
{
    uint32_t r = 0;

    for (uint32_t i = 1; i < c->nranges; i++)
        r += c->from[i] <= key;
    return r;
}

static int look_at_slice(void *arg)
{
    const struct slice *s = arg;
    struct cut *c = s->cut;
    size_t n[RANGES_MAX] = { 0 };

    for (size_t i = slice_from(c, s->i), end = slice_from(c, s->i + 1); i < end; i++)
        n[range_of(c, c->rows[i].key)]++;
    memcpy(c->next[s->i], n, sizeof n);
    return RT_OK;
}

/* Ranges one after another, in each the rows of one slice after another. */
static void lay_out(struct cut *c)
{
    size_t at = 0;

    for (uint32_t r = 0; r < c->nranges; r++) {
        c->at[r] = at;
        for (uint32_t s = 0; s < c->nranges; s++) {
            size_t n = c->next[s][r];

            c->next[s][r] = at;
            at += n;
        }
    }
    c->at[c->nranges] = at;
}

static int move_slice(void *arg)
{
    const struct slice *s = arg;
    struct cut *c = s->cut;
    size_t to[RANGES_MAX];

    memcpy(to, c->next[s->i], sizeof to);
    for (size_t i = slice_from(c, s->i), end = slice_from(c, s->i + 1); i < end; i++)
        c->out[to[range_of(c, c->rows[i].key)]++] = c->rows[i];
    return RT_OK;
}

static int sort_range(void *arg)
{
    const struct slice *s = arg;
    struct cut *c = s->cut;
    size_t at = c->at[s->i];

    rt_rowsort(c->out + at, c->at[s->i + 1] - at, c->depth, c->rows + at);
    return RT_OK;
}

int rt_rowsort_jobs(
    struct rt_rowref *rows, size_t n, size_t depth, struct rt_rowref *out, uint32_t jobs)
{
    struct slice slices[RANGES_MAX];
    struct cut c = { .rows = rows,
        .out = out,
        .n = n,
        .depth = depth,
        .nranges = jobs < RANGES_MAX ? jobs : RANGES_MAX };
    int rc;

    if (n == 0)
        return RT_OK;
    choose_ranges(&c);
    for (uint32_t i = 0; i < c.nranges; i++)
        slices[i] = (struct slice) { &c, i };
    rc = rt_workers_run_array(look_at_slice, slices, sizeof *slices, c.nranges);
    if (rc < 0)
        return rc;
    lay_out(&c);
    rc = rt_workers_run_array(move_slice, slices, sizeof *slices, c.nranges);
    return rc < 0 ? rc
                  : rt_workers_run_array(sort_range, slices, sizeof *slices, c.nranges);
}
