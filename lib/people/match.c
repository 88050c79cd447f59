/*
 * A batch is matched by columns. The classes of its records (eventclass.h) give the matchers
 * that need nothing more. What is asked of all events, whatever their names, is asked of the
 * whole batch; then what is asked by name, class by class. Each field that tests read is
 * gathered from all these records and goes through its tests one after the other, each of
 * which answers with a mask. What is the same for all records (which tests, how the field
 * is derived, who looks at that time) is so looked up once a batch, and a test has the
 * values in a row.
 */
#include "people/match.h"

#include "base/alloc.h"
#include "base/num.h"
#include "people/match_int.h"

/* ---- set-up */

int rt_match_new(
    const struct rt_plan *plan, struct rt_kinds *kinds, struct rt_match **out)
{
    struct rt_match *m = rt_calloc(1, sizeof *m);

    if (!m)
        return RT_ENOMEM;
    m->plan = plan;
    m->kinds = kinds;
    if (rt_classes_new(plan, &m->classes) < 0 || rt_match_build_times(m) < 0
        || rt_match_build_sorting(m) < 0 || rt_match_build_memos(m) < 0
        || rt_texts_new(&m->texts) < 0 || rt_asker_init(&m->asker, plan->as_of_us) < 0) {
        rt_match_free(m);
        return RT_ENOMEM;
    }
    *out = m;
    return RT_OK;
}

void rt_match_free(struct rt_match *m)
{
    if (!m)
        return;
    rt_match_free_memos(m);
    rt_match_free_kinds(m);
    rt_asker_release(&m->asker);
    rt_texts_free(m->texts);
    rt_classes_free(m->classes);
    rt_arena_release(&m->scratch);
    rt_arena_release(&m->arena);
    rt_free(m);
}

/* ---- a value */

int rt_match_value(const struct rt_plan_field *field, const struct rt_span *cells,
    struct rt_arena *scratch, struct rt_span *out)
{
    *out = cells[field->slot];
    if (out->n || field->derive.kind == RT_DERIVE_NONE)
        return RT_OK;
    return rt_derive_value(&field->derive, cells[field->from_slot], scratch, out);
}

/* ---- a class */

/* A field's triggers where values are remembered. */
static int recall_triggers(
    struct rt_match *m, const struct rt_class_field *cf, const struct rt_records *records)
{
    for (uint32_t r = 0; r < records->n; r++) {
        uint64_t *bits = rt_match_bits(m, records->at[r]), answers;

        if (rt_match_answers(m, cf->field, records->at[r], true, &answers) < 0)
            return RT_ENOMEM;
        for (uint32_t k = 0; answers && k < cf->ntriggers; k++)
            if (answers >> cf->triggers[k].test & 1)
                rt_match_set(bits, cf->triggers[k].matcher);
    }
    return RT_OK;
}

static int match_class(struct rt_match *m, const struct rt_event_class *class,
    const struct rt_records *records)
{
    int rc = RT_OK;

    m->taken_slot = RT_NONE;
    for (uint32_t f = 0; f < class->nfields && rc == RT_OK; f++) {
        const struct rt_class_field *cf = &class->fields[f];

        if (cf->ntriggers)
            rc = rt_match_memo_helps(m, cf->field, records->n)
                ? recall_triggers(m, cf, records)
                : rt_match_pull(m, cf, records);
        if (m->scratch.used)
            rt_arena_reset(&m->scratch);
    }
    for (uint32_t r = 0; r < records->n && class->ncandidates && rc == RT_OK; r++) {
        rc = rt_match_formulas(m, class, records->at[r]);
        if (m->scratch.used)
            rt_arena_reset(&m->scratch);
    }
    return rc;
}

/* What is asked of all events, then what is asked by name. */
static int match_classes(struct rt_match *m)
{
    int rc = RT_OK;

    if (!m->input->contact)
        rc = match_class(m, rt_classes_shared(m->classes), &m->all);
    for (uint32_t k = 0; k < m->nmet && rc == RT_OK; k++) {
        const struct rt_event_class *class = rt_classes_numbered(m->classes, m->met[k]);

        const struct rt_records *records =
            class->nfields ? rt_match_of_class(m, k) : NULL;

        if (records && records->n)
            rc = match_class(m, class, records);
    }
    return rc;
}

/* ---- the batch */

static const uint64_t *active_at(const struct rt_match *m, uint32_t i)
{
    return m->always ? m->always : m->active_at[i];
}

/* The record's kind, of the matchers that somebody looks at. */
static int find_kind(struct rt_match *m, uint32_t i, struct rt_found *out)
{
    uint64_t *bits = rt_match_bits(m, i), any = 0;
    struct rt_cached_kind kind;
    int rc;

    *out = (struct rt_found) { 0, 0 };
    for (uint32_t w = 0; w < m->plan->matcher_words; w++)
        any |= bits[w] &= active_at(m, i)[w];
    if (!any)
        return RT_OK;
    rc = rt_match_kind(m, bits, &kind);
    if (rc == RT_OK)
        *out = (struct rt_found) { kind.kind, kind.mask };
    return rc;
}

static int find_kinds(struct rt_match *m, struct rt_found *out)
{
    int rc = RT_OK;

    for (uint32_t i = 0; i < m->input->n && rc == RT_OK; i++)
        rc = find_kind(m, i, &out[i]);
    return rc;
}

/* The same where the matchers fit a word: sets that came lately come again. */
static int find_kinds_of_words(struct rt_match *m, struct rt_found *out)
{
    const uint64_t *all = m->bits, *always = m->always;

    for (uint32_t i = 0, n = m->input->n; i < n; i++) {
        uint64_t bits = all[i] & *(always ? always : m->active_at[i]);
        struct rt_recent_kind *recent =
            &m->recent[bits * UINT64_C(0x9e3779b97f4a7c15) >> RT_RECENT_SHIFT];

        if (recent->bits != bits) {
            int rc = find_kind(m, i, &recent->found);

            recent->bits = rc == RT_OK ? bits : 0;
            if (rc < 0)
                return rc;
        }
        out[i] = recent->found;
    }
    return RT_OK;
}

int rt_match_batch(
    struct rt_match *m, const struct rt_match_input *input, struct rt_found *out)
{
    int rc;

    m->input = input;
    rt_match_sort(m);
    rc = match_classes(m);
    if (rc < 0)
        return rc;
    return m->plan->matcher_words == 1 ? find_kinds_of_words(m, out) : find_kinds(m, out);
}

/* ---- values */

int rt_match_values(
    struct rt_match *m, uint64_t values, const struct rt_span *cells, uint64_t *out)
{
    int n = 0;

    if (m->scratch.used)
        rt_arena_reset(&m->scratch);
    for (; values; values &= values - 1) {
        const struct rt_plan_value *v = &m->plan->values[__builtin_ctzll(values)];
        struct rt_span text;
        int64_t number = RT_NO_NUMBER;

        if (rt_match_value(&m->plan->fields[v->field], cells, &m->scratch, &text) < 0)
            return RT_ENOMEM;
        if (v->text) {
            struct rt_hash128 h = { 0, 0 };

            if (text.n)
                h = rt_hash128(text, 1);
            if (text.n && v->kept && rt_texts_add(m->texts, h, text) < 0)
                return RT_ENOMEM;
            out[n++] = h.lo;
            out[n++] = h.hi;
            continue;
        }
        if (text.n && rt_num_micro(text, &number) < 0)
            m->not_numbers++;
        out[n++] = (uint64_t)number;
    }
    return n;
}

int rt_match_record(struct rt_match *m, const struct rt_span *cells, int64_t time_us,
    bool contact, const struct rt_timeform *form, struct rt_matched *out)
{
    uint16_t row = 0;
    struct rt_match_input input = { cells, 0, &row, &time_us, 1, contact, form };
    struct rt_found found;
    int rc = rt_match_batch(m, &input, &found);

    out->kind = out->nvalues = 0;
    if (rc < 0)
        return rc;
    rc = rt_match_values(m, found.values, cells, out->values);
    if (rc < 0)
        return rc;
    out->kind = found.kind;
    out->nvalues = (uint32_t)rc;
    return RT_OK;
}

struct rt_texts *rt_match_texts(const struct rt_match *m)
{
    return m->texts;
}

struct rt_match_counts rt_match_counts(struct rt_match *m)
{
    struct rt_match_counts counts = { m->not_numbers, m->asker.regex_limits };

    m->not_numbers = m->asker.regex_limits = 0;
    return counts;
}
