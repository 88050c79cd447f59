/*
 * A batch is matched by columns. Its records are sorted by class of event (eventclass.h),
 * which gives the matchers that need nothing more; of each class, each field that tests read
 * is gathered from all its records and goes through these tests one after the other. What
 * is the same for all records (which tests, how the field is derived, who looks at that
 * time) is so looked up once a batch, and a test has the values in a row: for ten audiences,
 * 470 instructions a record in place of the 1,210 that went record by record.
 */
#include "people/match.h"

#include "base/alloc.h"
#include "base/num.h"
#include "events/urlcolumn.h"
#include "people/match_int.h"

static void *new_array(struct rt_match *m, size_t n, size_t size)
{
    return rt_arena_new(&m->arena, n, size);
}

/* ---- times at which nobody looks any more */

static void add_cut(struct rt_match *m, int64_t us)
{
    uint32_t i = m->ncuts;

    for (uint32_t k = 0; k < m->ncuts; k++)
        if (m->cuts[k] == us)
            return;
    for (; i > 0 && m->cuts[i - 1] > us; i--)
        m->cuts[i] = m->cuts[i - 1];
    m->cuts[i] = us;
    m->ncuts++;
}

static int build_cuts(struct rt_match *m)
{
    const struct rt_plan *plan = m->plan;
    uint32_t words = plan->matcher_words;

    m->cuts = new_array(m, 2 * (size_t)plan->nmatchers + 1, sizeof *m->cuts);
    if (!m->cuts)
        return RT_ENOMEM;
    add_cut(m, RT_TIME_MIN);
    for (uint32_t i = 0; i < plan->nmatchers; i++) {
        add_cut(m, plan->matchers[i].lo_us);
        if (plan->matchers[i].hi_us != RT_TIME_MAX)
            add_cut(m, plan->matchers[i].hi_us + 1);
    }
    m->active = new_array(m, (size_t)m->ncuts * words, sizeof *m->active);
    if (!m->active)
        return RT_ENOMEM;
    for (uint32_t c = 0; c < m->ncuts; c++)
        for (uint32_t i = 0; i < plan->nmatchers; i++)
            if (plan->matchers[i].lo_us <= m->cuts[c]
                && m->cuts[c] <= plan->matchers[i].hi_us)
                m->active[(size_t)c * words + i / 64] |= UINT64_C(1) << i % 64;
    return RT_OK;
}

static const uint64_t *active_at(struct rt_match *m, int64_t us)
{
    uint32_t lo = 0, hi = m->ncuts, s = m->stretch;

    if (us < m->cuts[s] || (s + 1 < m->ncuts && us >= m->cuts[s + 1])) {
        while (hi - lo > 1) {
            uint32_t mid = lo + (hi - lo) / 2;

            if (m->cuts[mid] <= us)
                lo = mid;
            else
                hi = mid;
        }
        m->stretch = s = lo;
    }
    return m->active + (size_t)s * m->plan->matcher_words;
}

/* ---- set-up */

static int build_batch(struct rt_match *m)
{
    uint32_t words = m->plan->matcher_words, nclasses = rt_classes_count(m->classes);

    m->bits = new_array(m, (size_t)RT_BATCH_ROWS * words, sizeof *m->bits);
    m->wanted = new_array(m, words, sizeof *m->wanted);
    m->first_of = new_array(m, nclasses, sizeof *m->first_of);
    m->met = new_array(m, RT_BATCH_ROWS, sizeof *m->met);
    if (!m->bits || !m->wanted || !m->first_of || !m->met)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < nclasses; i++)
        m->first_of[i] = RT_NO_RECORD;
    return RT_OK;
}

int rt_match_new(
    const struct rt_plan *plan, struct rt_kinds *kinds, struct rt_match **out)
{
    struct rt_match *m = rt_calloc(1, sizeof *m);

    if (!m)
        return RT_ENOMEM;
    m->plan = plan;
    m->kinds = kinds;
    if (rt_classes_new(plan, &m->classes) < 0 || build_cuts(m) < 0 || build_batch(m) < 0
        || rt_match_build_memos(m) < 0 || rt_texts_new(&m->texts) < 0
        || rt_asker_init(&m->asker, plan->as_of_us) < 0) {
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

/* ---- a field of all records of a class */

int rt_match_value(const struct rt_plan_field *field, const struct rt_span *cells,
    struct rt_arena *scratch, struct rt_span *out)
{
    *out = cells[field->slot];
    if (out->n || field->derive.kind == RT_DERIVE_NONE)
        return RT_OK;
    return rt_derive_value(&field->derive, cells[field->from_slot], scratch, out);
}

/* A column: of the class's records, those that have a value. */
struct column {
    uint32_t n;
    uint16_t at[RT_BATCH_ROWS];
    struct rt_span values[RT_BATCH_ROWS];
};

/* A slot's values; `but`: of records that have none in that slot. */
static void gather(const struct rt_match *m, uint32_t slot, uint32_t but, uint32_t first,
    struct column *out)
{
    uint32_t n = 0;

    for (uint32_t i = first; i != RT_NO_RECORD; i = m->next[i]) {
        const struct rt_span *cells = rt_match_cells(m, i);

        out->at[n] = (uint16_t)i;
        out->values[n] = cells[slot];
        n += cells[slot].n > 0 && (but == RT_NONE || cells[but].n == 0);
    }
    out->n = n;
}

/* Paths out of addresses: nearly all stand there as they are. */
static int derive_paths(struct rt_match *m, struct column *column)
{
    struct rt_span *values = column->values;
    bool decoded[RT_BATCH_ROWS];

    rt_url_paths(values, column->n, values, decoded);
    for (uint32_t k = 0; k < column->n; k++)
        if (!decoded[k] && rt_percent_text(values[k], false, &m->scratch, &values[k]) < 0)
            return RT_ENOMEM;
    return RT_OK;
}

static int derive(
    struct rt_match *m, const struct rt_derive *derive, struct column *column)
{
    struct rt_span *values = column->values;
    uint32_t n = 0;

    if (derive->kind == RT_DERIVE_PATH) {
        if (derive_paths(m, column) < 0)
            return RT_ENOMEM;
    } else {
        for (uint32_t k = 0; k < column->n; k++)
            if (rt_derive_value(derive, values[k], &m->scratch, &values[k]) < 0)
                return RT_ENOMEM;
    }
    for (uint32_t k = 0; k < column->n; k++) {
        column->at[n] = column->at[k];
        values[n] = values[k];
        n += values[k].n > 0;
    }
    column->n = n;
    return RT_OK;
}

/* The column through one test, for the matchers that it triggers. */
static void pull(struct rt_match *m, const struct rt_plan_test *test,
    const struct column *column, const struct rt_trigger *trigger,
    const struct rt_trigger *end)
{
    bool holds[RT_BATCH_ROWS];

    rt_asker_column(&m->asker, test, column->values, column->n, m->input->form, holds);
    for (uint32_t k = 0; k < column->n; k++)
        for (const struct rt_trigger *t = trigger; holds[k] && t < end; t++)
            rt_match_set(rt_match_bits(m, column->at[k]), t->matcher);
}

/* Tests that trigger nothing that anybody looks for at these times are not asked. */
static void pull_all(
    struct rt_match *m, const struct rt_class_field *cf, const struct column *column)
{
    const struct rt_plan_field *field = &m->plan->fields[cf->field];
    const struct rt_trigger *t = cf->triggers, *end = t + cf->ntriggers;

    while (t < end && column->n) {
        const struct rt_trigger *from = t;
        bool wanted = false;

        for (; t < end && t->test == from->test; t++)
            wanted |= m->wanted[t->matcher / 64] >> t->matcher % 64 & 1;
        if (wanted)
            pull(m, &m->plan->tests[field->tests[from->test]], column, from, t);
    }
}

/* A record's own value comes before one that is derived. */
static int pull_triggers(
    struct rt_match *m, const struct rt_class_field *cf, uint32_t first, uint32_t n)
{
    const struct rt_plan_field *field = &m->plan->fields[cf->field];
    struct column column;

    gather(m, field->slot, RT_NONE, first, &column);
    pull_all(m, cf, &column);
    if (field->derive.kind == RT_DERIVE_NONE || column.n == n)
        return RT_OK;
    gather(m, field->from_slot, field->slot, first, &column);
    if (derive(m, &field->derive, &column) < 0)
        return RT_ENOMEM;
    pull_all(m, cf, &column);
    return RT_OK;
}

/* The same where values are remembered. */
static int recall_triggers(
    struct rt_match *m, const struct rt_class_field *cf, uint32_t first)
{
    for (uint32_t i = first; i != RT_NO_RECORD; i = m->next[i]) {
        uint64_t *bits = rt_match_bits(m, i), answers;

        if (rt_match_answers(m, cf->field, i, true, &answers) < 0)
            return RT_ENOMEM;
        for (uint32_t k = 0; answers && k < cf->ntriggers; k++)
            if (answers >> cf->triggers[k].test & 1)
                rt_match_set(bits, cf->triggers[k].matcher);
    }
    return RT_OK;
}

/* ---- a class */

static int match_class(
    struct rt_match *m, const struct rt_event_class *class, uint32_t first)
{
    uint32_t words = m->plan->matcher_words, n = 0;
    int rc = RT_OK;

    for (uint32_t i = first; i != RT_NO_RECORD; i = m->next[i], n++)
        for (uint32_t w = 0; w < words; w++)
            rt_match_bits(m, i)[w] = class->plain[w];
    for (uint32_t f = 0; f < class->nfields && rc == RT_OK; f++) {
        const struct rt_class_field *cf = &class->fields[f];

        if (cf->ntriggers)
            rc = rt_match_memo_helps(m, cf->field, n) ? recall_triggers(m, cf, first)
                                                      : pull_triggers(m, cf, first, n);
        if (m->scratch.used)
            rt_arena_reset(&m->scratch);
    }
    for (uint32_t i = first; i != RT_NO_RECORD && class->ncandidates && rc == RT_OK;
         i = m->next[i]) {
        rc = rt_match_formulas(m, class, i);
        if (m->scratch.used)
            rt_arena_reset(&m->scratch);
    }
    return rc;
}

/* Sorts the records by class and notes what is wanted at their times. */
static void sort_out(struct rt_match *m)
{
    const struct rt_match_input *in = m->input;
    uint32_t words = m->plan->matcher_words;
    const uint64_t *last = NULL;

    m->nmet = 0;
    memset(m->wanted, 0, words * sizeof *m->wanted);
    for (uint32_t i = in->n; i-- > 0;) {
        const struct rt_event_class *class = in->contact
            ? rt_classes_contact(m->classes)
            : rt_classes_of(m->classes, rt_match_cells(m, i)[RT_SLOT_EVENT]);

        m->active_at[i] = active_at(m, in->times_us[i]);
        for (uint32_t w = 0; m->active_at[i] != last && w < words; w++)
            m->wanted[w] |= m->active_at[i][w];
        last = m->active_at[i];
        m->hashed_slot[i] = RT_NONE;
        if (m->first_of[class->number] == RT_NO_RECORD)
            m->met[m->nmet++] = class->number;
        m->next[i] = m->first_of[class->number];
        m->first_of[class->number] = (uint16_t)i;
    }
}

/* ---- the batch */

/* The record's kind, of the matchers that somebody looks at. */
static int find_kind(struct rt_match *m, uint32_t i, struct rt_found *out)
{
    uint64_t *bits = rt_match_bits(m, i), any = 0;
    uint32_t words = m->plan->matcher_words;
    struct rt_recent_kind *recent;
    struct rt_cached_kind kind;
    int rc;

    *out = (struct rt_found) { 0, 0 };
    for (uint32_t w = 0; w < words; w++)
        any |= bits[w] &= m->active_at[i][w];
    if (!any)
        return RT_OK;
    recent = &m->recent[(any * UINT64_C(0x9e3779b97f4a7c15)) >> RT_RECENT_SHIFT];
    if (words == 1 && recent->bits == any) {
        *out = recent->found;
        return RT_OK;
    }
    rc = rt_match_kind(m, bits, &kind);
    if (rc < 0)
        return rc;
    *out = (struct rt_found) { kind.kind, kind.mask };
    *recent = (struct rt_recent_kind) { any, *out };
    return RT_OK;
}

int rt_match_batch(
    struct rt_match *m, const struct rt_match_input *input, struct rt_found *out)
{
    int rc = RT_OK;

    m->input = input;
    sort_out(m);
    for (uint32_t k = 0; k < m->nmet; k++) {
        uint32_t number = m->met[k];

        if (rc == RT_OK)
            rc = match_class(
                m, rt_classes_numbered(m->classes, number), m->first_of[number]);
        m->first_of[number] = RT_NO_RECORD;
    }
    for (uint32_t i = 0; i < input->n && rc == RT_OK; i++)
        rc = find_kind(m, i, &out[i]);
    return rc;
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
