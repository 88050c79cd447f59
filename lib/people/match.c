/*
 * What a record costs here: one look-up of its event name, which gives the matchers that
 * need nothing more and those that have a formula; one look-up by hash for each field that
 * these formulas read (the tests themselves run once per distinct value, as long as it is
 * remembered); and one look-up of the resulting set.
 */
#include "people/match.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/num.h"
#include "plan/pattern.h"

enum { MEMO_SLOTS = 8192, FIRST_CACHE = 256 };

/* ---- kinds, shared */

struct rt_kinds {
    const struct rt_plan *plan;
    pthread_mutex_t lock;
    uint32_t n, cap;
    uint64_t *bits;   /* cap * words */
    uint64_t *masks;  /* of values, by kind */
    uint8_t *nvalues; /* words, by kind */
    uint32_t *slots;  /* kind + 1 by hash of bits */
    uint32_t nslots;  /* a power of two */
    uint64_t text_values;
};

static uint64_t hash_bits(const uint64_t *bits, uint32_t words)
{
    return rt_hash64((struct rt_span) { (const char *)bits, words * sizeof *bits }, 0);
}

static bool same_bits(const uint64_t *a, const uint64_t *b, uint32_t words)
{
    uint64_t differ = 0;

    for (uint32_t i = 0; i < words; i++)
        differ |= a[i] ^ b[i];
    return differ == 0;
}

static int grow_kinds(struct rt_kinds *k)
{
    uint32_t words = k->plan->matcher_words, cap = k->cap ? k->cap * 2 : 64;
    uint32_t nslots = cap * 2, *slots;
    void *p;

    if (!(p = rt_realloc(k->bits, (size_t)cap * words, sizeof *k->bits)))
        return RT_ENOMEM;
    k->bits = p;
    if (!(p = rt_realloc(k->masks, cap, sizeof *k->masks)))
        return RT_ENOMEM;
    k->masks = p;
    if (!(p = rt_realloc(k->nvalues, cap, sizeof *k->nvalues)))
        return RT_ENOMEM;
    k->nvalues = p;
    if (!(slots = rt_calloc(nslots, sizeof *slots)))
        return RT_ENOMEM;
    for (uint32_t i = 0; i < k->n; i++) {
        uint64_t at = hash_bits(k->bits + (size_t)i * words, words);

        while (slots[at &= nslots - 1])
            at++;
        slots[at] = i + 1;
    }
    rt_free(k->slots);
    k->slots = slots;
    k->nslots = nslots;
    k->cap = cap;
    return RT_OK;
}

/* The kind of a set of matchers; new ones are added. */
static int kind_of(struct rt_kinds *k, const uint64_t *bits, uint32_t *kind)
{
    uint32_t words = k->plan->matcher_words;
    uint64_t at = hash_bits(bits, words), mask = 0;

    if (k->nslots)
        for (; k->slots[at &= k->nslots - 1]; at++)
            if (same_bits(k->bits + (size_t)(k->slots[at] - 1) * words, bits, words)) {
                *kind = k->slots[at] - 1;
                return RT_OK;
            }
    if (k->n == RT_KINDS_MAX)
        return RT_ELIMIT;
    if (k->n == k->cap) {
        if (grow_kinds(k) < 0)
            return RT_ENOMEM;
        at = hash_bits(bits, words);
        while (k->slots[at &= k->nslots - 1])
            at++;
    }
    for (uint32_t m = 0; m < k->plan->nmatchers; m++)
        if (bits[m / 64] >> m % 64 & 1)
            mask |= k->plan->matchers[m].values;
    memcpy(k->bits + (size_t)k->n * words, bits, words * sizeof *bits);
    k->masks[k->n] = mask;
    k->nvalues[k->n] = (uint8_t)(__builtin_popcountll(mask)
        + __builtin_popcountll(mask & k->text_values));
    k->slots[at] = k->n + 1;
    *kind = k->n++;
    return RT_OK;
}

int rt_kinds_new(const struct rt_plan *plan, struct rt_kinds **out)
{
    struct rt_kinds *k = rt_calloc(1, sizeof *k);
    uint64_t none[RT_MATCHERS_MAX / 64] = { 0 };
    uint32_t zero;

    if (!k)
        return RT_ENOMEM;
    k->plan = plan;
    pthread_mutex_init(&k->lock, NULL);
    for (uint32_t v = 0; v < plan->nvalues; v++)
        if (plan->values[v].text)
            k->text_values |= UINT64_C(1) << v;
    if (kind_of(k, none, &zero) < 0) {
        rt_kinds_free(k);
        return RT_ENOMEM;
    }
    *out = k;
    return RT_OK;
}

void rt_kinds_free(struct rt_kinds *k)
{
    if (!k)
        return;
    rt_free(k->bits);
    rt_free(k->masks);
    rt_free(k->nvalues);
    rt_free(k->slots);
    pthread_mutex_destroy(&k->lock);
    rt_free(k);
}

uint32_t rt_kinds_count(const struct rt_kinds *k)
{
    return k->n;
}

const uint64_t *rt_kinds_bits(const struct rt_kinds *k, uint32_t kind)
{
    return k->bits + (size_t)kind * k->plan->matcher_words;
}

const uint8_t *rt_kinds_nvalues(const struct rt_kinds *k)
{
    return k->nvalues;
}

uint32_t rt_kinds_value_at(const struct rt_kinds *k, uint32_t kind, uint32_t value)
{
    uint64_t before = k->masks[kind] & ((UINT64_C(1) << value) - 1);

    return (uint32_t)(__builtin_popcountll(before)
        + __builtin_popcountll(before & k->text_values));
}

/* ---- classes of event names: what a name alone decides */

struct candidate { /* a matcher that the name allows and a formula decides */
    uint32_t matcher;
    const struct rt_formula **choices; /* any of them holds (NULL: one without `where`) */
    uint32_t nchoices;
    const struct rt_formula *where; /* and this */
};

struct class {
    uint64_t *plain; /* matchers that the name alone fulfils */
    struct candidate *candidates;
    uint32_t ncandidates;
    uint32_t *fields; /* which the candidates' formulas read */
    uint32_t nfields;
};

struct name {
    struct rt_span text;
    uint64_t hash;
    struct class class;
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

struct rt_match {
    const struct rt_plan *plan;
    struct rt_kinds *kinds;
    struct rt_arena arena;
    struct name *names; /* a table by hash, open addressing; those the plan mentions */
    uint32_t nnames;    /* slots: a power of two */
    struct class other, contact;
    struct candidate *candidates; /* while classes are built: room for all matchers */
    const struct rt_formula **choices;
    bool *reads;
    int64_t *cuts;   /* times at which the set of wanted matchers changes, ascending */
    uint64_t *active; /* for each stretch between cuts: the matchers wanted there */
    uint32_t ncuts;
    uint32_t stretch; /* the last one, tried first */
    struct remembered **memos; /* by field; NULL: none */
    uint64_t *holds;  /* answers by test */
    uint64_t *bits;   /* of the record at hand */
    struct cached_kind *cache;
    uint64_t *cache_bits;
    uint32_t ncache, cache_slots;
    uint32_t hashed_slot; /* of the record at hand: several fields come of one value */
    struct rt_hash128 hashed;
    struct rt_regex_scratch *regex;
    struct rt_clock_memo clock;
    struct rt_match_counts counts;
};

static void *new_array(struct rt_match *m, size_t n, size_t size)
{
    return rt_arena_new(&m->arena, n, size);
}

static bool choice_takes(const struct rt_choice *choice, struct rt_span name)
{
    for (uint32_t i = 0; i < choice->nnames; i++)
        if (rt_span_eq(choice->names[i], name))
            return true;
    return choice->nnames == 0;
}

static void note_fields(const struct rt_plan *plan, const struct rt_formula *f, bool *reads)
{
    if (!f)
        return;
    if (f->kind == RT_TEST_LEAF)
        reads[plan->tests[f->test].field] = true;
    for (uint32_t i = 0; i < f->n; i++)
        note_fields(plan, &f->parts[i], reads);
}

/* Sorts a matcher into a class whose name it allows through `choices`. */
static int add_candidate(struct rt_match *m, struct class *class, uint32_t matcher,
    const struct rt_formula **choices, uint32_t nchoices, bool *reads)
{
    const struct rt_formula *where = m->plan->matchers[matcher].where;
    struct candidate *c = &class->candidates[class->ncandidates];

    for (uint32_t i = 0; i < nchoices; i++)
        if (!choices[i])
            nchoices = 0; /* one choice holds by its name: the others do not matter */
    if (nchoices == 0 && !where) {
        class->plain[matcher / 64] |= UINT64_C(1) << matcher % 64;
        return RT_OK;
    }
    *c = (struct candidate) { .matcher = matcher, .nchoices = nchoices, .where = where };
    c->choices = new_array(m, nchoices, sizeof *c->choices);
    if (!c->choices)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < nchoices; i++) {
        c->choices[i] = choices[i];
        note_fields(m->plan, choices[i], reads);
    }
    note_fields(m->plan, where, reads);
    class->ncandidates++;
    return RT_OK;
}

/* The matchers that a name allows, each through which of its choices. Candidates and reads
 * are gathered in tables for all matchers and copied at their size: there may be many names. */
static int gather(struct rt_match *m, struct rt_span name, bool contact, struct class *class,
    bool *reads)
{
    const struct rt_plan *plan = m->plan;

    for (uint32_t i = 0; i < plan->nmatchers; i++) {
        const struct rt_matcher *matcher = &plan->matchers[i];
        const struct rt_formula **choices = m->choices;
        uint32_t n = 0;

        if (!matcher->everywhere && matcher->contact != contact)
            continue;
        for (uint32_t k = 0; k < matcher->nchoices; k++)
            if (choice_takes(&matcher->choices[k], name))
                choices[n++] = matcher->choices[k].where;
        if ((n || matcher->contact || matcher->everywhere)
            && add_candidate(m, class, i, choices, n, reads) < 0)
            return RT_ENOMEM;
    }
    return RT_OK;
}

/* name: absent for every name that the plan does not mention. */
static int build_class(
    struct rt_match *m, struct rt_span name, bool contact, struct class *class)
{
    const struct rt_plan *plan = m->plan;
    bool *reads = m->reads;
    uint32_t n = 0;

    memset(reads, 0, plan->nfields * sizeof *reads);
    class->plain = new_array(m, plan->matcher_words, sizeof *class->plain);
    class->candidates = m->candidates;
    if (!class->plain || gather(m, name, contact, class, reads) < 0)
        return RT_ENOMEM;
    class->candidates = new_array(m, class->ncandidates, sizeof *class->candidates);
    for (uint32_t f = 0; f < plan->nfields; f++)
        n += reads[f];
    class->fields = new_array(m, n, sizeof *class->fields);
    if (!class->candidates || !class->fields)
        return RT_ENOMEM;
    memcpy(class->candidates, m->candidates, class->ncandidates * sizeof *m->candidates);
    for (uint32_t f = 0; f < plan->nfields; f++)
        if (reads[f])
            class->fields[class->nfields++] = f;
    return RT_OK;
}

static struct name *find_name(const struct rt_match *m, struct rt_span text, uint64_t hash)
{
    for (uint64_t at = hash;; at++) {
        struct name *name = &m->names[at &= m->nnames - 1];

        if (!name->text.p || (name->hash == hash && rt_span_eq(name->text, text)))
            return name;
    }
}

static int build_names(struct rt_match *m)
{
    const struct rt_plan *plan = m->plan;
    size_t mentioned = 0, most = 1;

    for (uint32_t i = 0; i < plan->nmatchers; i++) {
        if (plan->matchers[i].nchoices > most)
            most = plan->matchers[i].nchoices;
        for (uint32_t k = 0; k < plan->matchers[i].nchoices; k++)
            mentioned += plan->matchers[i].choices[k].nnames;
    }
    for (m->nnames = 16; m->nnames < 2 * mentioned; m->nnames *= 2)
        ;
    m->names = new_array(m, m->nnames, sizeof *m->names);
    m->candidates = new_array(m, plan->nmatchers, sizeof *m->candidates);
    m->choices = new_array(m, most, sizeof *m->choices);
    m->reads = new_array(m, plan->nfields, sizeof *m->reads);
    if (!m->names || !m->candidates || !m->choices || !m->reads)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < plan->nmatchers; i++)
        for (uint32_t k = 0; k < plan->matchers[i].nchoices; k++)
            for (uint32_t j = 0; j < plan->matchers[i].choices[k].nnames; j++) {
                struct rt_span text = plan->matchers[i].choices[k].names[j];
                struct name *name = find_name(m, text, rt_hash64(text, 0));

                if (name->text.p)
                    continue;
                name->text = text;
                name->hash = rt_hash64(text, 0);
                if (build_class(m, text, false, &name->class) < 0)
                    return RT_ENOMEM;
            }
    if (build_class(m, RT_SPAN_ABSENT, false, &m->other) < 0)
        return RT_ENOMEM;
    return build_class(m, RT_SPAN_ABSENT, true, &m->contact);
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
            if (plan->matchers[i].lo_us <= m->cuts[c] && m->cuts[c] <= plan->matchers[i].hi_us)
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
        if (!plan->fields[f].memo || plan->fields[f].ntests > 64)
            continue;
        m->memos[f] = rt_calloc(MEMO_SLOTS, sizeof **m->memos);
        if (!m->memos[f])
            return RT_ENOMEM;
    }
    return RT_OK;
}

int rt_match_new(const struct rt_plan *plan, struct rt_kinds *kinds, struct rt_match **out)
{
    struct rt_match *m = rt_calloc(1, sizeof *m);

    if (!m)
        return RT_ENOMEM;
    m->plan = plan;
    m->kinds = kinds;
    if (build_names(m) < 0 || build_cuts(m) < 0 || build_memos(m) < 0
        || rt_regex_scratch_new(&m->regex) < 0) {
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
        rt_free(m->memos[f]);
    rt_free(m->cache);
    rt_free(m->cache_bits);
    rt_regex_scratch_free(m->regex);
    rt_arena_release(&m->arena);
    rt_free(m);
}

/* ---- tests on one value */

static bool one_of(struct rt_span value, const char *const *words)
{
    for (; *words; words++)
        if (rt_span_eq_nocase(value, rt_span_of(*words)))
            return true;
    return false;
}

static bool eq(struct rt_span a, struct rt_span b, bool ignore_case)
{
    return ignore_case ? rt_span_eq_nocase(a, b) : rt_span_eq(a, b);
}

static bool has_part(struct rt_span value, struct rt_span part, bool ignore_case)
{
    if (!ignore_case)
        return memmem(value.p, value.n, part.p, part.n) != NULL;
    for (size_t i = 0; i + part.n <= value.n; i++)
        if (rt_span_eq_nocase((struct rt_span) { value.p + i, part.n }, part))
            return true;
    return false;
}

static bool text_holds(const struct rt_test *t, struct rt_span value)
{
    struct rt_span text = t->texts[0];

    switch (t->op) {
    case RT_OP_EQ_TEXT:
        for (size_t i = 0; i < t->ntexts; i++)
            if (eq(value, t->texts[i], t->ignore_case))
                return true;
        return false;
    case RT_OP_CONTAINS:
        return has_part(value, text, t->ignore_case);
    case RT_OP_STARTS:
        return value.n >= text.n
            && eq((struct rt_span) { value.p, text.n }, text, t->ignore_case);
    case RT_OP_ENDS:
        return value.n >= text.n
            && eq((struct rt_span) { value.p + value.n - text.n, text.n }, text,
                t->ignore_case);
    default:
        return rt_glob(text, value, t->ignore_case);
    }
}

static bool number_holds(const struct rt_test *t, struct rt_span value)
{
    const int64_t *x = t->numbers;
    int64_t v;

    if (rt_num_micro(value, &v) < 0)
        return false;
    switch (t->op) {
    case RT_OP_EQ_NUM:
        for (size_t i = 0; i < t->nnumbers; i++)
            if (v == x[i])
                return true;
        return false;
    case RT_OP_GT:
        return v > x[0];
    case RT_OP_GTE:
        return v >= x[0];
    case RT_OP_LT:
        return v < x[0];
    case RT_OP_LTE:
        return v <= x[0];
    default:
        return x[0] <= v && v <= x[1];
    }
}

/* A time in a field: as the source pins it, else by its own form. */
static bool time_holds(struct rt_match *m, const struct rt_test *t, struct rt_span value,
    const struct rt_timeform *form)
{
    struct rt_timeform any = { .kind = RT_TIME_ANY, .zone = form->zone };
    int64_t us, age;

    if (rt_time_parse(value, form, &m->clock, &us) < 0
        && rt_time_parse(value, &any, &m->clock, &us) < 0)
        return false;
    if (t->op == RT_OP_BEFORE)
        return us < t->time_us;
    if (t->op == RT_OP_AFTER)
        return us >= t->time_us;
    age = m->plan->as_of_us - us;
    return age >= t->min_us && (t->max_us == RT_TIME_MAX || age < t->max_us);
}

static bool in_networks(const struct rt_test *t, struct rt_span value)
{
    for (size_t i = 0; i < t->nnetworks; i++)
        if (rt_network_has(&t->networks[i], value))
            return true;
    return false;
}

static bool test_holds(struct rt_match *m, const struct rt_plan_test *test,
    struct rt_span value, const struct rt_timeform *form)
{
    static const char *const yes[] = { "true", "1", "yes", "y", "t", NULL };
    static const char *const no[] = { "false", "0", "no", "n", "f", NULL };

    if (value.n == 0)
        return false;
    switch (test->leaf->op) {
    case RT_OP_EXISTS:
        return true;
    case RT_OP_TRUE:
        return one_of(value, yes);
    case RT_OP_FALSE:
        return one_of(value, no);
    case RT_OP_EQ_TEXT:
    case RT_OP_CONTAINS:
    case RT_OP_STARTS:
    case RT_OP_ENDS:
    case RT_OP_GLOB:
        return text_holds(test->leaf, value);
    case RT_OP_REGEX:
        return rt_regex_search(test->regex, m->regex, value, &m->counts.regex_limits);
    case RT_OP_EQ_NUM:
    case RT_OP_GT:
    case RT_OP_GTE:
    case RT_OP_LT:
    case RT_OP_LTE:
    case RT_OP_BETWEEN:
        return number_holds(test->leaf, value);
    case RT_OP_AGO:
    case RT_OP_BEFORE:
    case RT_OP_AFTER:
        return time_holds(m, test->leaf, value, form);
    case RT_OP_CIDR:
        return in_networks(test->leaf, value);
    }
    return false;
}

int rt_match_value(const struct rt_plan_field *field, const struct rt_span *cells,
    struct rt_arena *scratch, struct rt_span *out)
{
    *out = cells[field->slot];
    if (out->n || field->derive.kind == RT_DERIVE_NONE)
        return RT_OK;
    return rt_derive_value(&field->derive, cells[field->from_slot], scratch, out);
}

static void set_answers(struct rt_match *m, const struct rt_plan_field *field, uint64_t answers)
{
    for (uint32_t i = 0; i < field->ntests; i++) {
        uint32_t t = field->tests[i];
        uint64_t bit = UINT64_C(1) << t % 64;

        m->holds[t / 64] = (m->holds[t / 64] & ~bit) | (answers >> i & 1 ? bit : 0);
    }
}

/* What a value's answers are remembered by. The same text can mean another thing as a
 * field's own value, as what one is derived from, and where times are written another way. */
static struct rt_hash128 memo_key(struct rt_match *m, const struct rt_span *cells,
    uint32_t slot, bool own, const struct rt_timeform *form)
{
    uint64_t meaning = ((uint64_t)(uintptr_t)form * 2 + own) * UINT64_C(0x9e3779b97f4a7c15);

    if (m->hashed_slot != slot) {
        m->hashed_slot = slot;
        m->hashed = rt_hash128(cells[slot], 0);
    }
    return (struct rt_hash128) { m->hashed.lo ^ meaning, m->hashed.hi };
}

static int ask_field(struct rt_match *m, uint32_t f, const struct rt_span *cells,
    const struct rt_timeform *form, struct rt_arena *scratch)
{
    const struct rt_plan_field *field = &m->plan->fields[f];
    bool own = cells[field->slot].n || field->derive.kind == RT_DERIVE_NONE;
    struct remembered *r = NULL;
    struct rt_hash128 key = { 0, 0 };
    struct rt_span value;
    uint64_t answers = 0;

    if (m->memos[f]) {
        key = memo_key(m, cells, own ? field->slot : field->from_slot, own, form);
        r = &m->memos[f][key.lo % MEMO_SLOTS];
        if (r->key.lo == key.lo && r->key.hi == key.hi) {
            set_answers(m, field, r->answers);
            return RT_OK;
        }
    }
    if (rt_match_value(field, cells, scratch, &value) < 0)
        return RT_ENOMEM;
    if (field->ntests > 64) {
        for (uint32_t i = 0; i < field->ntests; i++) {
            uint32_t t = field->tests[i];
            uint64_t bit = UINT64_C(1) << t % 64;

            m->holds[t / 64] &= ~bit;
            if (test_holds(m, &m->plan->tests[t], value, form))
                m->holds[t / 64] |= bit;
        }
        return RT_OK;
    }
    for (uint32_t i = 0; i < field->ntests; i++)
        if (test_holds(m, &m->plan->tests[field->tests[i]], value, form))
            answers |= UINT64_C(1) << i;
    set_answers(m, field, answers);
    if (r)
        *r = (struct remembered) { key, answers };
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

static bool candidate_holds(const struct rt_match *m, const struct candidate *c)
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
        memcpy(bits + at * words, m->cache_bits + (size_t)i * words, words * sizeof *bits);
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
                               : hash_bits(m->bits, words);
    uint64_t at = hash;
    int rc;

    if (2 * (m->ncache + 1) > m->cache_slots && (rc = grow_cache(m)) < 0)
        return rc;
    for (; m->cache[at &= m->cache_slots - 1].used; at++)
        if (same_bits(m->cache_bits + at * words, m->bits, words)) {
            *out = m->cache[at];
            return RT_OK;
        }
    pthread_mutex_lock(&m->kinds->lock);
    rc = kind_of(m->kinds, m->bits, &out->kind);
    if (rc == RT_OK)
        out->mask = m->kinds->masks[out->kind];
    pthread_mutex_unlock(&m->kinds->lock);
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
            out->values[out->nvalues++] = h.lo;
            out->values[out->nvalues++] = h.hi;
            continue;
        }
        if (text.n && rt_num_micro(text, &number) < 0)
            m->counts.not_numbers++;
        out->values[out->nvalues++] = (uint64_t)number;
    }
    return RT_OK;
}

int rt_match_record(struct rt_match *m, const struct rt_span *cells, int64_t time_us,
    bool contact, const struct rt_timeform *form, struct rt_arena *scratch,
    struct rt_matched *out)
{
    uint32_t words = m->plan->matcher_words;
    const struct class *class = &m->contact;
    const uint64_t *active;
    struct cached_kind kind;
    uint64_t any = 0;
    int rc;

    out->kind = out->nvalues = 0;
    m->counts = (struct rt_match_counts) { 0, 0 };
    m->hashed_slot = RT_NONE;
    if (!contact) {
        struct rt_span event = cells[RT_SLOT_EVENT];
        const struct name *name = find_name(m, event, rt_hash64(event, 0));

        class = name->text.p ? &name->class : &m->other;
    }
    for (uint32_t i = 0; i < class->nfields; i++)
        if (ask_field(m, class->fields[i], cells, form, scratch) < 0)
            return RT_ENOMEM;
    memcpy(m->bits, class->plain, words * sizeof *m->bits);
    for (uint32_t i = 0; i < class->ncandidates; i++) {
        const struct candidate *c = &class->candidates[i];

        if (candidate_holds(m, c))
            m->bits[c->matcher / 64] |= UINT64_C(1) << c->matcher % 64;
    }
    active = active_at(m, time_us);
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

struct rt_match_counts rt_match_counts(const struct rt_match *m)
{
    return m->counts;
}
