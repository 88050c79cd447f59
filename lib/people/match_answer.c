/* One field's tests on one value, and what is remembered of them; formulas over tests. */
#include "people/match_int.h"

#include "base/alloc.h"

enum {
    MEMO_SLOTS = 2048, /* 48 KiB a field: larger ones cost more in cache than they save */
    MEMO_COST = RT_COSTLY_TESTS, /* of a look-up */
    MEMO_TRIAL = 4096,           /* look-ups after which a memo is judged */
    /* Records for which one that was seldom right is left alone; twice as many each time
     * that it is again, because look-ups cost five times what the column does. */
    MEMO_PAUSE = 1 << 16,
    MEMO_PAUSE_MAX = 1 << 20
};

/* ---- memos */

int rt_match_build_memos(struct rt_match *m)
{
    const struct rt_plan *plan = m->plan;

    m->memos = rt_arena_new(&m->arena, plan->nfields, sizeof *m->memos);
    m->holds = rt_arena_new(&m->arena, (plan->ntests + 63) / 64 + 1, sizeof *m->holds);
    if (!m->memos || !m->holds)
        return RT_ENOMEM;
    for (uint32_t f = 0; f < plan->nfields; f++) {
        if (plan->fields[f].cost <= MEMO_COST || plan->fields[f].ntests > 64)
            continue;
        m->memos[f].slots = rt_calloc(MEMO_SLOTS, sizeof *m->memos[f].slots);
        if (!m->memos[f].slots)
            return RT_ENOMEM;
        m->remembers = true;
    }
    return RT_OK;
}

void rt_match_free_memos(struct rt_match *m)
{
    for (uint32_t f = 0; m->memos && f < m->plan->nfields; f++)
        rt_free(m->memos[f].slots);
}

static void pause_memo(struct rt_memo *memo, bool pause)
{
    if (!pause || memo->next_pause == 0)
        memo->next_pause = MEMO_PAUSE;
    memo->pause = pause ? memo->next_pause : 0;
    if (pause && memo->next_pause < MEMO_PAUSE_MAX)
        memo->next_pause *= 2;
}

bool rt_match_memo_helps(struct rt_match *m, uint32_t field, uint32_t n)
{
    struct rt_memo *memo = &m->memos[field];

    if (!memo->slots)
        return false;
    if (memo->pause) {
        memo->pause = memo->pause > n ? memo->pause - n : 0;
        return false;
    }
    if (memo->asked >= MEMO_TRIAL) {
        uint64_t saved = (uint64_t)memo->hits * m->plan->fields[field].cost;

        pause_memo(memo, saved < (uint64_t)memo->asked * MEMO_COST);
        memo->asked = memo->hits = 0;
    }
    memo->asked += n;
    return true;
}

/* What a value's answers are remembered by. The same text can mean another thing as a
 * field's own value, as what one is derived from, and where times are written another way. */
static struct rt_hash128 memo_key(struct rt_match *m, uint32_t i, uint32_t slot, bool own)
{
    uint64_t meaning =
        ((uint64_t)(uintptr_t)m->input->form * 2 + own) * UINT64_C(0x9e3779b97f4a7c15);

    if (m->hashed_slot[i] != slot) {
        m->hashed_slot[i] = slot;
        m->hashed[i] = rt_hash128(m->cells[i][slot], 0);
    }
    return (struct rt_hash128) { m->hashed[i].lo ^ meaning, m->hashed[i].hi };
}

/* ---- answers */

/* Bits past the 64th test are cleared, which is right for a value that is absent; other
 * values of fields with so many tests go through ask_many. */
static void set_answers(
    struct rt_match *m, const struct rt_plan_field *field, uint64_t answers)
{
    for (uint32_t i = 0; i < field->ntests; i++) {
        uint32_t t = field->tests[i];
        uint64_t bit = UINT64_C(1) << t % 64;

        m->holds[t / 64] =
            (m->holds[t / 64] & ~bit) | (i < 64 && answers >> i & 1 ? bit : 0);
    }
}

/* Fields with more tests than an answer has bits: never remembered. */
static void ask_many(
    struct rt_match *m, const struct rt_plan_field *field, struct rt_span value)
{
    for (uint32_t i = 0; i < field->ntests; i++) {
        uint32_t t = field->tests[i];
        uint64_t bit = UINT64_C(1) << t % 64;

        m->holds[t / 64] &= ~bit;
        if (rt_asker_holds(&m->asker, &m->plan->tests[t], value, m->input->form))
            m->holds[t / 64] |= bit;
    }
}

static uint64_t answers_of(
    struct rt_match *m, const struct rt_plan_field *field, struct rt_span value)
{
    uint64_t answers = 0;

    for (uint32_t i = 0; i < field->ntests; i++)
        if (rt_asker_holds(
                &m->asker, &m->plan->tests[field->tests[i]], value, m->input->form))
            answers |= UINT64_C(1) << i;
    return answers;
}

/* What the field is read from: its own column, or the one that it is derived from. */
static uint32_t read_slot(const struct rt_plan_field *field, const struct rt_span *cells)
{
    bool own = cells[field->slot].n || field->derive.kind == RT_DERIVE_NONE;

    return own ? field->slot : field->from_slot;
}

int rt_match_answers(
    struct rt_match *m, uint32_t f, uint32_t i, bool memo, uint64_t *answers)
{
    const struct rt_plan_field *field = &m->plan->fields[f];
    const struct rt_span *cells = m->cells[i];
    uint32_t slot = read_slot(field, cells);
    struct rt_remembered *r = NULL;
    struct rt_hash128 key = { 0, 0 };
    struct rt_span value;

    *answers = 0;
    if (cells[slot].n == 0) {
        if (field->ntests > 64)
            set_answers(m, field, 0);
        return RT_OK; /* absent or empty: no test holds */
    }
    if (memo) {
        key = memo_key(m, i, slot, slot == field->slot);
        r = &m->memos[f].slots[key.lo % MEMO_SLOTS];
        if (r->key.lo == key.lo && r->key.hi == key.hi) {
            m->memos[f].hits++;
            *answers = r->answers;
            return RT_OK;
        }
    }
    if (rt_match_value(field, cells, &m->scratch, &value) < 0)
        return RT_ENOMEM;
    if (field->ntests > 64) {
        ask_many(m, field, value);
        return RT_OK;
    }
    *answers = answers_of(m, field, value);
    if (r)
        *r = (struct rt_remembered) { key, *answers };
    return RT_OK;
}

/* ---- formulas */

static bool formula_holds(const struct rt_match *m, const struct rt_formula *f)
{
    switch (f->kind) {
    case RT_TEST_LEAF:
        return m->holds[f->test / 64] >> f->test % 64 & 1;
    case RT_TEST_NOT:
        return !formula_holds(m, &f->parts[0]);
    case RT_TEST_ALL:
        for (uint32_t i = 0; i < f->n; i++)
            if (!formula_holds(m, &f->parts[i]))
                return false;
        return true;
    case RT_TEST_ANY:
        for (uint32_t i = 0; i < f->n; i++)
            if (formula_holds(m, &f->parts[i]))
                return true;
        return false;
    }
    return false;
}

static bool candidate_holds(const struct rt_match *m, const struct rt_candidate *c)
{
    if (c->where && !formula_holds(m, c->where))
        return false;
    for (uint32_t i = 0; i < c->nchoices; i++)
        if (formula_holds(m, c->choices[i]))
            return true;
    return c->nchoices == 0;
}

int rt_match_formulas(struct rt_match *m, const struct rt_event_class *class, uint32_t i)
{
    for (uint32_t f = 0; f < class->nfields; f++) {
        const struct rt_class_field *cf = &class->fields[f];
        const struct rt_plan_field *field = &m->plan->fields[cf->field];
        uint64_t answers;

        if (!cf->read)
            continue;
        if (rt_match_answers(
                m, cf->field, i, rt_match_memo_helps(m, cf->field, 1), &answers)
            < 0)
            return RT_ENOMEM;
        if (field->ntests <= 64)
            set_answers(m, field, answers);
    }
    for (uint32_t c = 0; c < class->ncandidates; c++)
        if (candidate_holds(m, &class->candidates[c]))
            rt_match_set(rt_match_bits(m, i), class->candidates[c].matcher);
    return RT_OK;
}
