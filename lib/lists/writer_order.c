/*
 * The order of a sheet's rows, and what happens to those that are equal.
 *
 * A row's key is taken while the row is still in the cache: eight bytes behind those with
 * which all rows so far begin ("user_id:"). What all rows begin with becomes shorter now and
 * then; the keys from before are taken anew when the rows are sorted, and are mostly those
 * of a handful that came first.
 */
#include "lists/writer_parts.h"

#include "base/alloc.h"

enum { JOBS_FROM = 1 << 11 /* rows; fewer are sorted by one thread */ };

/* ---- keys */

static uint32_t alike(const char *a, const char *b, uint32_t n)
{
    uint32_t i = 0;

    while (i < n && a[i] == b[i])
        i++;
    return i;
}

/* The row does not begin as all before it do, or is the first. */
void rt_sheet_differ(struct rt_sheet *sheet, const char *row)
{
    uint32_t n = rt_row_length(row);

    if (sheet->refs.n == 0) {
        sheet->nalike = n < RT_ALIKE_MAX ? n : RT_ALIKE_MAX;
        memcpy(sheet->alike, row, sheet->nalike);
    } else {
        sheet->nalike = alike(sheet->alike, row, n < sheet->nalike ? n : sheet->nalike);
    }
    sheet->unkeyed = sheet->refs.n;
}

/* Takes the keys of the first n rows. */
static void know_keys(struct rt_sheet *sheet, uint32_t depth, size_t n)
{
    enum { AHEAD = 12 };
    struct rt_rowref *refs = rt_sheet_refs(sheet);

    for (size_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            __builtin_prefetch(refs[i + AHEAD].p);
        refs[i].key = rt_row_key(refs[i].p, rt_row_length(refs[i].p), depth);
    }
    sheet->nalike = depth;
    sheet->unkeyed = 0;
}

void rt_sheet_agree(struct rt_sheet *a, struct rt_sheet *b)
{
    uint32_t n = a->nalike < b->nalike ? a->nalike : b->nalike;

    if (a->refs.n == 0 || b->refs.n == 0) {
        if (b->refs.n) {
            memcpy(a->alike, b->alike, b->nalike);
            a->nalike = b->nalike;
            a->unkeyed = b->unkeyed;
        }
        return;
    }
    n = alike(a->alike, b->alike, n);
    know_keys(a, n, a->nalike == n ? a->unkeyed : a->refs.n);
    know_keys(b, n, b->nalike == n ? b->unkeyed : b->refs.n);
}

/* ---- sorting */

static void count_repeat(unsigned lists, uint32_t n, struct rt_row_count *repeats)
{
    for (; lists; lists &= lists - 1) {
        struct rt_row_count *count = &repeats[__builtin_ctz(lists)];

        count->rows++;
        count->bytes += n;
    }
}

void rt_sheet_fold(const struct rt_sheet *sheet, const char *to, const char *more,
    struct rt_row_count *repeats)
{
    unsigned char *on = rt_entry_on(sheet, to);
    const unsigned char *on_more = rt_entry_on(sheet, more);

    for (uint32_t i = 0; i < sheet->on_bytes; i++) {
        count_repeat(on[i] & on_more[i], rt_row_length(more), repeats + 8 * (size_t)i);
        on[i] |= on_more[i];
    }
}

static bool is_repeat(const struct rt_rowref *a, const struct rt_rowref *b)
{
    return a->key == b->key && rt_span_eq(rt_rowref_span(a), rt_rowref_span(b));
}

/* The references, in order. */
static int sort_refs(struct rt_sheet *sheet, uint32_t jobs)
{
    struct rt_rowref *refs = rt_sheet_refs(sheet), *scratch;
    size_t n = sheet->refs.n;
    int rc = RT_OK;

    scratch = rt_realloc(NULL, n, sizeof *scratch);
    if (!scratch)
        return RT_ENOMEM;
    know_keys(sheet, sheet->nalike, sheet->unkeyed);
    if (jobs > 1 && n >= JOBS_FROM) {
        rc = rt_rowsort_jobs(refs, n, sheet->nalike, scratch, jobs);
        sheet->refs.p = scratch;
        sheet->refs.room = n;
        scratch = refs;
    } else {
        rt_rowsort(refs, n, sheet->nalike, scratch);
    }
    rt_free(scratch);
    return rc;
}

int rt_sheet_sort(struct rt_sheet *sheet, uint32_t jobs)
{
    struct rt_rowref *refs;
    size_t n = sheet->refs.n, kept = 0;

    if (sheet->sorted || n == 0)
        return RT_OK;
    if (sort_refs(sheet, jobs) < 0)
        return RT_ENOMEM;
    refs = rt_sheet_refs(sheet);
    for (size_t i = 0; i < n; i++) {
        if (kept && is_repeat(&refs[i], &refs[kept - 1]))
            rt_sheet_fold(sheet, refs[kept - 1].p, refs[i].p, sheet->repeats);
        else
            refs[kept++] = refs[i];
    }
    sheet->refs.n = kept;
    sheet->unkeyed = kept;
    sheet->sorted = true;
    return RT_OK;
}
