/*
 * What a kind of record does is worked out when the kind is first met.
 *
 * The kinds of records come in no order that a processor could guess. So what most records
 * do has one form for all kinds: each word of the state takes its step, which may change
 * nothing. No loop's length and no branch depends on the kind. With AVX-512 all words take
 * their steps at once: 25 cycles a record in place of 50. What holds within a window is a
 * list that is seldom longer than one; the rest, rare, is told apart deed by deed.
 */
#include "people/fold.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "base/alloc.h"

enum { LANES = 8 /* words that take their steps at once, those in front as well */ };

/* word = (word | set) + add, but nothing is added to a count that is full. */
struct marks {
    uint64_t set[LANES], add[LANES];
};

/* Then the larger of that and of the time's key, where the word keeps one. */
struct step {
    struct marks marks;
    uint64_t flip[LANES], keep[LANES]; /* keep: all bits or none */
};

struct windowed {
    uint64_t from, span; /* when time - from is at most span */
    uint32_t group;      /* of lanes */
    struct marks marks;
};

struct other { /* numbers, large counts; keys of times within a window */
    enum rt_cell_op op;
    bool descending; /* the key */
    bool of_time;    /* the key is the record's time, not a value's */
    uint32_t word, upper;
    uint32_t value_at; /* among the record's words */
    struct rt_bounds when;
};

struct rt_program {
    struct step *steps; /* by group of lanes; NULL: the kind folds nothing */
    struct windowed *windowed;
    struct other *others;
    uint8_t *picks; /* the words of a touch among those of the record */
    uint16_t nwindowed, nothers, npicks;
};

void rt_folder_free(struct rt_folder *f)
{
    if (!f)
        return;
    for (uint32_t i = 0; i < f->cap; i++) {
        rt_free(f->programs[i].steps);
        rt_free(f->programs[i].windowed);
        rt_free(f->programs[i].others);
        rt_free(f->programs[i].picks);
    }
    rt_free(f->programs);
    rt_free(f->uses);
    rt_free(f);
}

/* ---- programs */

static bool has(const uint64_t *bits, uint32_t matcher)
{
    return matcher != RT_NONE && bits[matcher / 64] >> matcher % 64 & 1;
}

static bool is_descending(enum rt_cell_op op)
{
    return op == RT_CELL_EARLIEST || op == RT_CELL_SMALLEST;
}

static uint32_t lane_of(const struct rt_cell *c)
{
    return RT_STATE_FRONT + c->word;
}

static void add_mark(struct marks *marks, const struct rt_cell *c)
{
    uint64_t bit = UINT64_C(1) << c->shift;

    marks->set[lane_of(c) % LANES] |= c->op == RT_CELL_SEEN ? bit : 0;
    marks->add[lane_of(c) % LANES] |= c->op == RT_CELL_SEEN ? 0 : bit;
}

/* Those with the same window go together. */
static void add_windowed(struct rt_program *p, const struct rt_cell *c)
{
    uint64_t from = (uint64_t)c->when.lo_us, span = (uint64_t)c->when.hi_us - from;
    struct windowed *w = p->windowed, *end = w + p->nwindowed;

    while (
        w < end && (w->from != from || w->span != span || w->group != lane_of(c) / LANES))
        w++;
    if (w == end) {
        *w =
            (struct windowed) { .from = from, .span = span, .group = lane_of(c) / LANES };
        p->nwindowed++;
    }
    add_mark(&w->marks, c);
}

static void add_other(const struct rt_folder *f, struct rt_program *p,
    const struct rt_cell *c, uint64_t row)
{
    p->others[p->nothers++] = (struct other) { .op = c->op,
        .descending = is_descending(c->op),
        .of_time = c->value == RT_NONE,
        .word = c->word,
        .upper = c->upper,
        .value_at = c->value == RT_NONE ? 0 : rt_kinds_word_of(f->kinds, row, c->value),
        .when = c->when };
}

/* No record is later than as-of. */
static void add_deed(const struct rt_folder *f, struct rt_program *p,
    const struct rt_cell *c, uint64_t row)
{
    bool is_mark = c->op == RT_CELL_SEEN || c->op == RT_CELL_COUNT_UP_TO;
    bool is_key = c->op == RT_CELL_LATEST || c->op == RT_CELL_EARLIEST;
    bool always = c->when.lo_us == RT_TIME_MIN && c->when.hi_us >= f->plan->as_of_us;
    struct step *step = &p->steps[lane_of(c) / LANES];

    if (c->when.lo_us > c->when.hi_us)
        return;
    if (is_mark && always) {
        add_mark(&step->marks, c);
    } else if (is_mark) {
        add_windowed(p, c);
    } else if (is_key && always) {
        step->flip[lane_of(c) % LANES] = rt_fold_key(0, is_descending(c->op));
        step->keep[lane_of(c) % LANES] = UINT64_MAX;
    } else {
        add_other(f, p, c, row);
    }
}

static int make_room(struct rt_folder *f, uint32_t kind)
{
    uint32_t cap = f->cap ? f->cap : 64;
    struct rt_program *programs;
    int8_t *uses;

    while (cap <= kind)
        cap *= 2;
    if (cap == f->cap)
        return RT_OK;
    programs = rt_realloc(f->programs, cap, sizeof *programs);
    if (!programs)
        return RT_ENOMEM;
    f->programs = programs;
    uses = rt_realloc(f->uses, cap, sizeof *uses);
    if (!uses)
        return RT_ENOMEM;
    f->uses = uses;
    memset(programs + f->cap, 0, (cap - f->cap) * sizeof *programs);
    memset(uses + f->cap, -1, cap - f->cap);
    f->cap = cap;
    return RT_OK;
}

/* Of lanes, the last one of fewer. */
static uint32_t ngroups(const struct rt_plan *plan)
{
    return (RT_STATE_FRONT + plan->state_words + LANES - 1) / LANES;
}

static int learn_deeds(struct rt_folder *f, struct rt_program *p, const uint64_t *bits,
    const struct rt_kind_facts *facts)
{
    const struct rt_plan *plan = f->plan;
    uint32_t n = 0;

    for (uint32_t i = 0; i < plan->ncells; i++)
        n += has(bits, plan->cells[i].matcher);
    if (n == 0)
        return RT_OK;
    p->steps = rt_calloc(ngroups(plan), sizeof *p->steps);
    p->windowed = rt_calloc(n, sizeof *p->windowed);
    p->others = rt_calloc(n, sizeof *p->others);
    if (!p->steps || !p->windowed || !p->others)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < plan->ncells; i++) {
        const struct rt_cell *c = &plan->cells[i];

        if (has(bits, c->matcher) && !has(bits, c->unless))
            add_deed(f, p, c, facts->row_values);
    }
    return RT_OK;
}

static int learn_picks(
    struct rt_folder *f, struct rt_program *p, const struct rt_kind_facts *facts)
{
    if (facts->touch_values == 0)
        return RT_OK;
    p->picks = rt_calloc(RT_TOUCH_WORDS_MAX, sizeof *p->picks);
    if (!p->picks)
        return RT_ENOMEM;
    for (uint64_t left = facts->touch_values; left; left &= left - 1) {
        uint32_t value = (uint32_t)__builtin_ctzll(left);
        uint32_t at = rt_kinds_word_of(f->kinds, facts->row_values, value);

        p->picks[p->npicks++] = (uint8_t)at;
        if (f->plan->values[value].text)
            p->picks[p->npicks++] = (uint8_t)(at + 1);
    }
    return RT_OK;
}

int rt_folder_learn(struct rt_folder *f, uint32_t kind)
{
    uint64_t bits[RT_MATCHERS_MAX / 64];
    struct rt_kind_facts facts = rt_kinds_facts(f->kinds, kind, bits);
    struct rt_program *p;

    if (make_room(f, kind) < 0)
        return RT_ENOMEM;
    p = &f->programs[kind];
    if (learn_deeds(f, p, bits, &facts) < 0 || learn_picks(f, p, &facts) < 0)
        return RT_ENOMEM;
    f->uses[kind] =
        (int8_t)((p->steps ? RT_USE_STATE : 0) | (facts.touched ? RT_USE_TOUCH : 0));
    return f->uses[kind];
}

uint32_t rt_folder_pick(
    const struct rt_folder *f, uint32_t kind, const uint64_t *values, uint64_t *out)
{
    const struct rt_program *p = &f->programs[kind];

    for (uint32_t i = 0; i < p->npicks; i++)
        out[i] = values[p->picks[i]];
    return p->npicks;
}

/* ---- records and states */

/* Numbers are within 10^18 (base/num.h), so 96 bits have room for 39 thousand million of the
 * largest. */
static void add_to_sum(uint64_t *lower, uint64_t *upper, __int128 more)
{
    unsigned __int128 sum =
        (unsigned __int128)rt_fold_sum(*lower, *upper) + (unsigned __int128)more;

    *lower = (uint64_t)sum;
    *upper = (*upper & UINT32_MAX) | (uint64_t)(sum >> 64) << 32;
}

static void take_key(uint64_t *word, uint64_t key)
{
    if (key > *word)
        *word = key;
}

static void do_other(
    uint64_t *state, const struct other *d, int64_t time_us, const uint64_t *values)
{
    int64_t number = d->of_time ? time_us : (int64_t)values[d->value_at];
    uint64_t *word = &state[d->word];

    if (time_us < d->when.lo_us || time_us > d->when.hi_us || number == RT_NO_NUMBER)
        return;
    if (d->op == RT_CELL_SUM)
        add_to_sum(word, &state[d->upper], number);
    else if (d->op == RT_CELL_COUNT || d->op == RT_CELL_NUMBERS)
        ++*word;
    else
        take_key(word, rt_fold_key(number, d->descending));
}

static __attribute__((noinline)) void do_others(
    const struct rt_program *p, uint64_t *state, int64_t time_us, const uint64_t *values)
{
    for (uint32_t i = 0; i < p->nothers; i++)
        do_other(state, &p->others[i], time_us, values);
}

/* A count is full when its highest bit is set, RT_COUNT_BITS - 1 above its lowest, by which
 * it is added to. */
static uint64_t with_marks(uint64_t word, uint64_t set, uint64_t add)
{
    return (word | set) + (add & ~(word >> (RT_COUNT_BITS - 1)));
}

void rt_folder_add_plain(const struct rt_folder *f, uint64_t *state, uint32_t kind,
    int64_t time_us, const uint64_t *values)
{
    const struct rt_program *p = &f->programs[kind];
    uint64_t *lanes = state - RT_STATE_FRONT, time = (uint64_t)time_us;
    uint32_t n = f->plan->state_words + RT_STATE_FRONT;

    for (uint32_t i = RT_STATE_FRONT; i < n; i++) {
        const struct step *s = &p->steps[i / LANES];
        uint32_t k = i % LANES;

        lanes[i] = with_marks(lanes[i], s->marks.set[k], s->marks.add[k]);
        take_key(&lanes[i], (time ^ s->flip[k]) & s->keep[k]);
    }
    for (const struct windowed *w = p->windowed, *end = w + p->nwindowed; w < end; w++)
        for (uint32_t i = w->group * LANES, k = 0; k < LANES && i < n; i++, k++)
            if (time - w->from <= w->span)
                lanes[i] = with_marks(lanes[i], w->marks.set[k], w->marks.add[k]);
    if (p->nothers)
        do_others(p, state, time_us, values);
}

#ifdef __x86_64__
__attribute__((target("avx512f"))) static inline __m512i wide_marks(
    __m512i words, __mmask8 taken, const struct marks *m)
{
    __m512i full = _mm512_srli_epi64(words, RT_COUNT_BITS - 1);

    words = _mm512_mask_or_epi64(words, taken, words, _mm512_loadu_si512(m->set));
    return _mm512_mask_add_epi64(
        words, taken, words, _mm512_andnot_si512(full, _mm512_loadu_si512(m->add)));
}

__attribute__((target("avx512f"))) static inline __m512i wide_steps(
    const struct rt_program *p, uint32_t group, __m512i words, uint64_t time)
{
    const struct step *s = &p->steps[group];
    const struct windowed *end = p->windowed + p->nwindowed;
    __m512i times = _mm512_set1_epi64((int64_t)time);
    __m512i keys = _mm512_and_si512(_mm512_loadu_si512(s->keep),
        _mm512_xor_si512(times, _mm512_loadu_si512(s->flip)));

    words = _mm512_max_epu64(wide_marks(words, 255, &s->marks), keys);
    for (const struct windowed *w = p->windowed; w < end; w++) {
        bool taken = time - w->from <= w->span && w->group == group;

        words = wide_marks(words, (__mmask8) - (int)taken, &w->marks);
    }
    return words;
}

/* Whole groups of lanes are stored as a whole: the next record of the same id waits for a
 * store that is masked. */
__attribute__((target("avx512f"))) static void add_wide(const struct rt_folder *f,
    uint64_t *state, uint32_t kind, int64_t time_us, const uint64_t *values)
{
    const struct rt_program *p = &f->programs[kind];
    uint64_t *lanes = state - RT_STATE_FRONT, time = (uint64_t)time_us;
    uint32_t n = f->plan->state_words + RT_STATE_FRONT, group = 0;

    for (; (group + 1) * LANES <= n; group++, lanes += LANES)
        _mm512_storeu_si512(lanes, wide_steps(p, group, _mm512_loadu_si512(lanes), time));
    if (n % LANES) {
        __mmask8 some = (__mmask8)((1u << n % LANES) - 1);

        _mm512_mask_storeu_epi64(lanes, some,
            wide_steps(p, group, _mm512_maskz_loadu_epi64(some, lanes), time));
    }
    if (p->nothers)
        do_others(p, state, time_us, values);
}
#endif

static rt_folder_add_fn *choose_add(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f"))
        return add_wide;
#endif
    return rt_folder_add_plain;
}

int rt_folder_new(
    const struct rt_plan *plan, struct rt_kinds *kinds, struct rt_folder **out)
{
    struct rt_folder *f = rt_calloc(1, sizeof *f);

    if (!f)
        return RT_ENOMEM;
    f->plan = plan;
    f->kinds = kinds;
    f->add = choose_add();
    *out = f;
    return RT_OK;
}

static void add_counts(uint64_t *to, uint64_t more, uint32_t shift)
{
    uint64_t mask = UINT64_C(0xffff) << shift,
             sum = (*to >> shift & 0xffff) + (more >> shift & 0xffff);

    *to = (*to & ~mask) | (sum < RT_COUNT_MOST ? sum : RT_COUNT_MOST) << shift;
}

void rt_fold_merge(const struct rt_plan *plan, uint64_t *to, const uint64_t *from)
{
    for (uint32_t i = 0; i < plan->ncells; i++) {
        const struct rt_cell *c = &plan->cells[i];
        uint64_t *word = &to[c->word];
        const uint64_t *more = &from[c->word];

        switch (c->op) {
        case RT_CELL_SEEN:
            *word |= *more & UINT64_C(1) << c->shift;
            break;
        case RT_CELL_COUNT_UP_TO:
            add_counts(word, *more, c->shift);
            break;
        case RT_CELL_COUNT:
        case RT_CELL_NUMBERS:
            *word += *more;
            break;
        case RT_CELL_SUM:
            add_to_sum(word, &to[c->upper], rt_fold_sum(*more, from[c->upper]));
            break;
        default:
            take_key(word, *more);
        }
    }
}
