/*
 * What a record costs here: one look-up of its event name, which gives the matchers that
 * need nothing more and those that have a formula; one look-up by hash for each field that
 * these formulas read (the tests themselves run once per distinct value, as long as it is
 * remembered); and one look-up of the resulting set.
 */
#include "people/match.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/num.h"
#include "people/asker.h"
#include "people/eventclass.h"

enum {
    MEMO_SLOTS = 2048, /* 48 KiB a field: larger ones cost more in cache than they save */
    MEMO_COST = 120,   /* of a look-up, in the unit of rt_plan_field's cost */
    MEMO_TRIAL = 4096, /* look-ups after which a memo is judged */
    MEMO_PAUSE = 1 << 16, /* records for which one that was seldom right is left alone */
    FIRST_CACHE = 256
};

struct cached_kind {
    uint64_t hash;
    uint32_t kind;
    uint32_t used;
    uint64_t mask;
};

struct remembered { /* a value's answers to the tests of one field */
    struct rt_hash128 key;
    uint64_t answers;
};

/* The answers of one field. Values that do not come again often enough for what their tests
 * cost (addresses of products, against one regex) are cheaper tested than looked up: then
 * the memo pauses. */
struct memo {
    struct remembered *slots; /* NULL: the field has none */
    uint32_t asked, hits, pause;
    uint32_t least_hits; /* of a trial, to go on */
};

struct rt_match {
    const struct rt_plan *plan;
    struct rt_kinds *kinds;
    struct rt_arena arena;
    struct rt_classes *classes;
    int64_t *cuts;    /* times at which the set of wanted matchers changes, ascending */
    uint64_t *active; /* for each stretch between cuts: the matchers wanted there */
    uint32_t ncuts;
    uint32_t stretch;   /* the last one, tried first */
    struct memo *memos; /* by field */
    uint64_t *holds;    /* answers by test */
    uint64_t *bits;     /* of the record at hand */
    struct cached_kind *cache;
    uint64_t *cache_bits;
    uint32_t ncache, cache_slots;
    uint32_t hashed_slot; /* of the record at hand: several fields come of one value */
    struct rt_hash128 hashed;
    struct rt_asker asker;
    struct rt_texts *texts;
    uint64_t not_numbers; /* of the record at hand */
};

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

static int build_memos(struct rt_match *m)
{
    const struct rt_plan *plan = m->plan;

    m->memos = new_array(m, plan->nfields, sizeof *m->memos);
    m->holds = new_array(m, (plan->ntests + 63) / 64 + 1, sizeof *m->holds);
    m->bits = new_array(m, plan->matcher_words, sizeof *m->bits);
    if (!m->memos || !m->holds || !m->bits)
        return RT_ENOMEM;
    for (uint32_t f = 0; f < plan->nfields; f++) {
        if (plan->fields[f].cost <= MEMO_COST || plan->fields[f].ntests > 64)
            continue;
        m->memos[f].least_hits =
            (uint32_t)((uint64_t)MEMO_TRIAL * MEMO_COST / plan->fields[f].cost);
        m->memos[f].slots = rt_calloc(MEMO_SLOTS, sizeof *m->memos[f].slots);
        if (!m->memos[f].slots)
            return RT_ENOMEM;
    }
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
    if (rt_classes_new(plan, &m->classes) < 0 || build_cuts(m) < 0 || build_memos(m) < 0
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
    for (uint32_t f = 0; m->memos && f < m->plan->nfields; f++)
        rt_free(m->memos[f].slots);
    rt_free(m->cache);
    rt_free(m->cache_bits);
    rt_asker_release(&m->asker);
    rt_texts_free(m->texts);
    rt_classes_free(m->classes);
    rt_arena_release(&m->arena);
    rt_free(m);
}

/* ---- a field's tests, remembered */

int rt_match_value(const struct rt_plan_field *field, const struct rt_span *cells,
    struct rt_arena *scratch, struct rt_span *out)
{
    *out = cells[field->slot];
    if (out->n || field->derive.kind == RT_DERIVE_NONE)
        return RT_OK;
    return rt_derive_value(&field->derive, cells[field->from_slot], scratch, out);
}

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

/* What a value's answers are remembered by. The same text can mean another thing as a
 * field's own value, as what one is derived from, and where times are written another way. */
static struct rt_hash128 memo_key(struct rt_match *m, const struct rt_span *cells,
    uint32_t slot, bool own, const struct rt_timeform *form)
{
    uint64_t meaning =
        ((uint64_t)(uintptr_t)form * 2 + own) * UINT64_C(0x9e3779b97f4a7c15);

    if (m->hashed_slot != slot) {
        m->hashed_slot = slot;
        m->hashed = rt_hash128(cells[slot], 0);
    }
    return (struct rt_hash128) { m->hashed.lo ^ meaning, m->hashed.hi };
}

/* Is the memo worth asking right now? */
static bool memo_helps(struct memo *memo)
{
    if (!memo->slots)
        return false;
    if (memo->pause) {
        memo->pause--;
        return false;
    }
    if (memo->asked == MEMO_TRIAL) {
        memo->pause = memo->hits < memo->least_hits ? MEMO_PAUSE : 0;
        memo->asked = memo->hits = 0;
    }
    memo->asked++;
    return true;
}

/* Fields with more tests than an answer has bits: never remembered. */
static void ask_many(struct rt_match *m, const struct rt_plan_field *field,
    struct rt_span value, const struct rt_timeform *form)
{
    for (uint32_t i = 0; i < field->ntests; i++) {
        uint32_t t = field->tests[i];
        uint64_t bit = UINT64_C(1) << t % 64;

        m->holds[t / 64] &= ~bit;
        if (rt_asker_holds(&m->asker, &m->plan->tests[t], value, form))
            m->holds[t / 64] |= bit;
    }
}

static uint64_t answers_of(struct rt_match *m, const struct rt_plan_field *field,
    struct rt_span value, const struct rt_timeform *form)
{
    uint64_t answers = 0;

    for (uint32_t i = 0; i < field->ntests; i++)
        if (rt_asker_holds(&m->asker, &m->plan->tests[field->tests[i]], value, form))
            answers |= UINT64_C(1) << i;
    return answers;
}

/* The answers of a field's tests, as bits; of one with more than 64 they stand in `holds`.
 * Its memo is asked first, if that helps. */
static int ask_field(struct rt_match *m, uint32_t f, const struct rt_span *cells,
    const struct rt_timeform *form, struct rt_arena *scratch, bool helps,
    uint64_t *answers)
{
    const struct rt_plan_field *field = &m->plan->fields[f];
    bool own = cells[field->slot].n || field->derive.kind == RT_DERIVE_NONE;
    struct memo *memo = &m->memos[f];
    struct remembered *r = NULL;
    struct rt_hash128 key = { 0, 0 };
    struct rt_span value;

    if (helps) {
        key = memo_key(m, cells, own ? field->slot : field->from_slot, own, form);
        r = &memo->slots[key.lo % MEMO_SLOTS];
        if (r->key.lo == key.lo && r->key.hi == key.hi) {
            memo->hits++;
            *answers = r->answers;
            return RT_OK;
        }
    }
    if (rt_match_value(field, cells, scratch, &value) < 0)
        return RT_ENOMEM;
    if (field->ntests > 64) {
        ask_many(m, field, value, form);
        return RT_OK;
    }
    *answers = answers_of(m, field, value, form);
    if (r)
        *r = (struct remembered) { key, *answers };
    return RT_OK;
}

/* ---- the record */

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

static int grow_cache(struct rt_match *m)
{
    uint32_t words = m->plan->matcher_words;
    uint32_t n = m->cache_slots ? m->cache_slots * 2 : FIRST_CACHE;
    struct cached_kind *cache = rt_calloc(n, sizeof *cache);
    uint64_t *bits = rt_calloc((size_t)n * words, sizeof *bits);

    if (!cache || !bits) {
        rt_free(cache);
        rt_free(bits);
        return RT_ENOMEM;
    }
    for (uint32_t i = 0; i < m->cache_slots; i++) {
        uint64_t at = m->cache[i].hash;

        if (!m->cache[i].used)
            continue;
        while (cache[at &= n - 1].used)
            at++;
        cache[at] = m->cache[i];
        memcpy(
            bits + at * words, m->cache_bits + (size_t)i * words, words * sizeof *bits);
    }
    rt_free(m->cache);
    rt_free(m->cache_bits);
    m->cache = cache;
    m->cache_bits = bits;
    m->cache_slots = n;
    return RT_OK;
}

/* The worker's own copy of the part of the kinds table that it has met: no lock. */
static int look_up_kind(struct rt_match *m, struct cached_kind *out)
{
    uint32_t words = m->plan->matcher_words;
    uint64_t hash = words == 1 ? m->bits[0] * UINT64_C(0x9e3779b97f4a7c15) >> 20
                               : rt_kinds_hash(m->bits, words);
    uint64_t at = hash;
    int rc;

    if (2 * (m->ncache + 1) > m->cache_slots && (rc = grow_cache(m)) < 0)
        return rc;
    for (; m->cache[at &= m->cache_slots - 1].used; at++)
        if (rt_kinds_same(m->cache_bits + at * words, m->bits, words)) {
            *out = m->cache[at];
            return RT_OK;
        }
    rc = rt_kinds_of(m->kinds, m->bits, &out->kind, &out->mask);
    if (rc < 0)
        return rc;
    out->hash = hash;
    out->used = 1;
    m->cache[at] = *out;
    memcpy(m->cache_bits + at * words, m->bits, words * sizeof *m->bits);
    m->ncache++;
    return RT_OK;
}

static int take_values(struct rt_match *m, uint64_t mask, const struct rt_span *cells,
    struct rt_arena *scratch, struct rt_matched *out)
{
    for (; mask; mask &= mask - 1) {
        const struct rt_plan_value *v = &m->plan->values[__builtin_ctzll(mask)];
        struct rt_span text;
        int64_t number = RT_NO_NUMBER;

        if (rt_match_value(&m->plan->fields[v->field], cells, scratch, &text) < 0)
            return RT_ENOMEM;
        if (v->text) {
            struct rt_hash128 h = { 0, 0 };

            if (text.n)
                h = rt_hash128(text, 1);
            if (text.n && v->kept && rt_texts_add(m->texts, h, text) < 0)
                return RT_ENOMEM;
            out->values[out->nvalues++] = h.lo;
            out->values[out->nvalues++] = h.hi;
            continue;
        }
        if (text.n && rt_num_micro(text, &number) < 0)
            m->not_numbers++;
        out->values[out->nvalues++] = (uint64_t)number;
    }
    return RT_OK;
}

static void set_bit(uint64_t *bits, uint32_t i)
{
    bits[i / 64] |= UINT64_C(1) << i % 64;
}

/* A field that only triggers read, and no memo knows: tests that trigger nothing of this
 * class, or nothing that anybody looks for at this time, are not asked. */
static int pull_triggers(struct rt_match *m, const struct rt_class_field *cf,
    const struct rt_span *cells, const struct rt_timeform *form,
    struct rt_arena *scratch, const uint64_t *active)
{
    const struct rt_plan_field *field = &m->plan->fields[cf->field];
    const struct rt_trigger *trigger = cf->triggers, *end = trigger + cf->ntriggers;
    uint32_t asked = RT_NONE;
    struct rt_span value;
    bool holds = false;

    if (rt_match_value(field, cells, scratch, &value) < 0)
        return RT_ENOMEM;
    for (; trigger < end && value.n; trigger++) {
        if (!(active[trigger->matcher / 64] >> trigger->matcher % 64 & 1))
            continue;
        if (trigger->test != asked)
            holds = rt_asker_holds(
                &m->asker, &m->plan->tests[field->tests[trigger->test]], value, form);
        asked = trigger->test;
        if (holds)
            set_bit(m->bits, trigger->matcher);
    }
    return RT_OK;
}

static int match_field(struct rt_match *m, const struct rt_class_field *cf,
    const struct rt_span *cells, const struct rt_timeform *form,
    struct rt_arena *scratch, const uint64_t *active)
{
    const struct rt_plan_field *field = &m->plan->fields[cf->field];
    bool present = cells[field->slot].n
        || (field->derive.kind != RT_DERIVE_NONE && cells[field->from_slot].n);
    bool helps = present && memo_helps(&m->memos[cf->field]);
    uint64_t answers = 0;

    if (!cf->read && !helps)
        return present ? pull_triggers(m, cf, cells, form, scratch, active) : RT_OK;
    if (present && ask_field(m, cf->field, cells, form, scratch, helps, &answers) < 0)
        return RT_ENOMEM;
    for (uint32_t i = 0; answers && i < cf->ntriggers; i++)
        if (answers >> cf->triggers[i].test & 1)
            set_bit(m->bits, cf->triggers[i].matcher);
    if (cf->read && (field->ntests <= 64 || !present))
        set_answers(m, field, answers);
    return RT_OK;
}

int rt_match_record(struct rt_match *m, const struct rt_span *cells, int64_t time_us,
    bool contact, const struct rt_timeform *form, struct rt_arena *scratch,
    struct rt_matched *out)
{
    uint32_t words = m->plan->matcher_words;
    const struct rt_event_class *class = contact
        ? rt_classes_contact(m->classes)
        : rt_classes_of(m->classes, cells[RT_SLOT_EVENT]);
    const uint64_t *active = active_at(m, time_us);
    struct cached_kind kind;
    uint64_t any = 0;
    int rc;

    out->kind = out->nvalues = 0;
    m->not_numbers = m->asker.regex_limits = 0;
    m->hashed_slot = RT_NONE;
    for (uint32_t i = 0; i < words; i++)
        m->bits[i] = class->plain[i];
    for (uint32_t i = 0; i < class->nfields; i++)
        if (match_field(m, &class->fields[i], cells, form, scratch, active) < 0)
            return RT_ENOMEM;
    for (uint32_t i = 0; i < class->ncandidates; i++)
        if (candidate_holds(m, &class->candidates[i]))
            set_bit(m->bits, class->candidates[i].matcher);
    for (uint32_t i = 0; i < words; i++)
        any |= m->bits[i] &= active[i];
    if (!any)
        return RT_OK;
    rc = look_up_kind(m, &kind);
    if (rc < 0)
        return rc;
    out->kind = kind.kind;
    return kind.mask ? take_values(m, kind.mask, cells, scratch, out) : RT_OK;
}

struct rt_texts *rt_match_texts(const struct rt_match *m)
{
    return m->texts;
}

struct rt_match_counts rt_match_counts(const struct rt_match *m)
{
    return (struct rt_match_counts) { m->not_numbers, m->asker.regex_limits };
}
