/* One field of many records: its values gathered, or worked out of another field's, and put
 * through its tests. */
#include "events/urlcolumn.h"
#include "people/match_int.h"

enum { MASK_WORDS = RT_BATCH_ROWS / RT_COLUMN_PART };

/* ---- values */

/* A slot's values, which stay for the next field that is read from it. */
static const struct rt_column *take(
    struct rt_match *m, uint32_t slot, const struct rt_records *records)
{
    struct rt_column *out = &m->taken;
    uint32_t n = 0;

    if (m->taken_slot == slot)
        return out;
    for (uint32_t r = 0; r < records->n; r++) {
        struct rt_span value = m->cells[records->at[r]][slot];

        out->at[n] = records->at[r];
        out->values[n] = value;
        n += value.n > 0;
    }
    out->n = n;
    m->taken_slot = slot;
    return out;
}

/* The same, and whether any of the records has a value in another slot. */
static const struct rt_column *take_beside(struct rt_match *m, uint32_t slot,
    uint32_t other, const struct rt_records *records, bool *any)
{
    struct rt_column *out = &m->taken;
    size_t bytes = 0;
    uint32_t n = 0;

    for (uint32_t r = 0; r < records->n; r++) {
        const struct rt_span *cells = m->cells[records->at[r]];

        out->at[n] = records->at[r];
        out->values[n] = cells[slot];
        n += cells[slot].n > 0;
        bytes |= cells[other].n;
    }
    out->n = n;
    m->taken_slot = slot;
    *any = bytes > 0;
    return out;
}

/* A slot's values of the records that have none in another one. */
static const struct rt_column *take_but(
    struct rt_match *m, uint32_t slot, uint32_t but, const struct rt_records *records)
{
    struct rt_column *out = &m->worked_out;
    const struct rt_column *all = take(m, slot, records);
    uint32_t n = 0;

    for (uint32_t k = 0; k < all->n; k++) {
        out->at[n] = all->at[k];
        out->values[n] = all->values[k];
        n += m->cells[all->at[k]][but].n == 0;
    }
    out->n = n;
    return out;
}

static void drop_empty(struct rt_column *column)
{
    uint32_t n = 0;

    for (uint32_t k = 0; k < column->n; k++) {
        column->at[n] = column->at[k];
        column->values[n] = column->values[k];
        n += column->values[k].n > 0;
    }
    column->n = n;
}

/* Paths out of addresses: nearly all stand there as they are. */
static int derive_paths(
    struct rt_match *m, const struct rt_column *from, struct rt_column *out)
{
    uint64_t coded[MASK_WORDS];
    bool filled = rt_url_paths(from->values, from->n, out->values, coded);

    for (uint32_t w = 0; w * RT_COLUMN_PART < from->n; w++)
        for (uint64_t mask = coded[w]; mask; mask &= mask - 1) {
            struct rt_span *path =
                &out->values[w * RT_COLUMN_PART + (uint32_t)__builtin_ctzll(mask)];

            if (rt_percent_text(*path, false, &m->scratch, path) < 0)
                return RT_ENOMEM;
        }
    if (!filled)
        drop_empty(out);
    return RT_OK;
}

/* from: may be m->worked_out, where the result goes. */
static int derive(
    struct rt_match *m, const struct rt_derive *derive, const struct rt_column *from)
{
    struct rt_column *out = &m->worked_out;

    out->n = from->n;
    memmove(out->at, from->at, from->n * sizeof *out->at);
    if (derive->kind == RT_DERIVE_PATH)
        return derive_paths(m, from, out);
    for (uint32_t k = 0; k < from->n; k++)
        if (rt_derive_value(derive, from->values[k], &m->scratch, &out->values[k]) < 0)
            return RT_ENOMEM;
    drop_empty(out);
    return RT_OK;
}

/* ---- tests */

/* Sets the matchers that a test triggers, in the records for which it holds. */
static void set_matchers(struct rt_match *m, const struct rt_column *column,
    const uint64_t *holds, const struct rt_trigger *trigger, const struct rt_trigger *end)
{
    for (uint32_t w = 0; w * RT_COLUMN_PART < column->n; w++)
        for (uint64_t mask = holds[w]; mask; mask &= mask - 1) {
            uint32_t k = w * RT_COLUMN_PART + (uint32_t)__builtin_ctzll(mask);
            uint64_t *bits = rt_match_bits(m, column->at[k]);

            for (const struct rt_trigger *t = trigger; t < end; t++)
                rt_match_set(bits, t->matcher);
        }
}

static bool is_wanted(
    const struct rt_match *m, const struct rt_trigger *t, const struct rt_trigger *end)
{
    for (; t < end; t++)
        if (m->wanted[t->matcher / 64] >> t->matcher % 64 & 1)
            return true;
    return false;
}

/* The texts that paths are asked to begin with come without their ends; more of them than
 * this are cheaper asked of whole paths. */
enum { FEW_STARTS = 3 };

/* Is all that is asked of the paths how they begin? */
static bool asks_starts(const struct rt_match *m, const struct rt_class_field *cf)
{
    const struct rt_plan_field *field = &m->plan->fields[cf->field];
    uint32_t n = 0;

    if (field->derive.kind != RT_DERIVE_PATH)
        return false;
    for (uint32_t t = 0; t < cf->ntriggers; t++) {
        uint32_t test = cf->triggers[t].test;
        const struct rt_test *leaf = m->plan->tests[field->tests[test]].leaf;

        n += t == 0 || test != cf->triggers[t - 1].test;
        if (n > FEW_STARTS || leaf->op != RT_OP_STARTS || leaf->ignore_case
            || !rt_url_is_start(leaf->texts[0]))
            return false;
    }
    return true;
}

/* Such a test, of a column of addresses. Paths that are coded are worked out. */
static int ask_starts(struct rt_match *m, const struct rt_derive *derive,
    const struct rt_plan_test *test, const struct rt_column *from, uint64_t *holds)
{
    uint64_t coded[MASK_WORDS];

    rt_url_paths_start(from->values, from->n, test->leaf->texts[0], holds, coded);
    for (uint32_t w = 0; w * RT_COLUMN_PART < from->n; w++)
        for (uint64_t mask = coded[w]; mask; mask &= mask - 1) {
            uint32_t i = (uint32_t)__builtin_ctzll(mask);
            struct rt_span path;

            if (rt_derive_value(
                    derive, from->values[w * RT_COLUMN_PART + i], &m->scratch, &path)
                < 0)
                return RT_ENOMEM;
            holds[w] |= (uint64_t)rt_asker_holds(&m->asker, test, path, m->input->form)
                << i;
        }
    return RT_OK;
}

/* Tests that trigger nothing that anybody looks for at these times are not asked. starts:
 * the column's values are addresses, and ask_starts says it all. */
static int pull_all(struct rt_match *m, const struct rt_class_field *cf,
    const struct rt_column *column, bool starts)
{
    const struct rt_plan_field *field = &m->plan->fields[cf->field];
    const struct rt_trigger *t = cf->triggers, *end = t + cf->ntriggers;
    uint64_t holds[MASK_WORDS];

    while (t < end && column->n) {
        const struct rt_trigger *from = t;
        const struct rt_plan_test *test = &m->plan->tests[field->tests[from->test]];

        while (t < end && t->test == from->test)
            t++;
        if (!is_wanted(m, from, t))
            continue;
        if (!starts)
            rt_asker_column(
                &m->asker, test, column->values, column->n, m->input->form, holds);
        else if (ask_starts(m, &field->derive, test, column, holds) < 0)
            return RT_ENOMEM;
        set_matchers(m, column, holds, from, t);
    }
    return RT_OK;
}

/* A record's own value comes before one that is derived. */
int rt_match_pull(
    struct rt_match *m, const struct rt_class_field *cf, const struct rt_records *records)
{
    const struct rt_plan_field *field = &m->plan->fields[cf->field];
    const struct rt_column *from;
    bool own;

    if (!is_wanted(m, cf->triggers, cf->triggers + cf->ntriggers))
        return RT_OK;
    if (field->derive.kind == RT_DERIVE_NONE)
        return pull_all(m, cf, take(m, field->slot, records), false);
    from = take_beside(m, field->from_slot, field->slot, records, &own);
    if (own) {
        pull_all(m, cf, take(m, field->slot, records), false);
        from = take_but(m, field->from_slot, field->slot, records);
    }
    if (asks_starts(m, cf))
        return pull_all(m, cf, from, true);
    if (derive(m, &field->derive, from) < 0)
        return RT_ENOMEM;
    return pull_all(m, cf, &m->worked_out, false);
}
