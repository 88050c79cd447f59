/*
 * What a kind of record does is worked out when the kind is first met.
 *
 * The kinds of records come in no order that a processor could guess. So what most records
 * do has one form for all kinds: each word of the state takes its step, which may change
 * nothing. No loop's length and no branch depends on the kind: 60 cycles a record in place
 * of 82 where deeds were listed by shape, three wrong guesses a record. What holds within a
 * window comes behind it, as a list that is seldom longer than one; the rest, rare, is told
 * apart deed by deed.
 */
#include "people/fold.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "people/ids.h"

/* word = (word | set) + add, but nothing is added to a count that is full; then the larger
 * of that and of the time's key, if the word keeps one. */
struct step {
    uint64_t set, add, flip, keep; /* keep: all bits or none */
};

struct windowed {        /* a step that takes no key */
    uint64_t from, span; /* when time - from is at most span */
    uint64_t set, add;
    uint32_t word;
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
    struct step *steps; /* by word of the state; NULL: no record of the kind folds */
    struct windowed *windowed;
    struct other *others;
    uint8_t *picks; /* the words of a touch among those of the record */
    uint16_t nwindowed, nothers, npicks;
};

int rt_folder_new(
    const struct rt_plan *plan, struct rt_kinds *kinds, struct rt_folder **out)
{
    struct rt_folder *f = rt_calloc(1, sizeof *f);

    if (!f)
        return RT_ENOMEM;
    f->plan = plan;
    f->kinds = kinds;
    *out = f;
    return RT_OK;
}

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

static struct step mark_of(const struct rt_cell *c)
{
    uint64_t bit = UINT64_C(1) << c->shift;

    return c->op == RT_CELL_SEEN ? (struct step) { .set = bit }
                                 : (struct step) { .add = bit };
}

/* Marks of one word with the same window are one step. */
static void add_windowed(struct rt_program *p, const struct rt_cell *c)
{
    uint64_t from = (uint64_t)c->when.lo_us, span = (uint64_t)c->when.hi_us - from;
    struct step mark = mark_of(c);
    struct windowed *w = p->windowed, *end = w + p->nwindowed;

    while (w < end && (w->from != from || w->span != span || w->word != c->word))
        w++;
    if (w == end) {
        *w = (struct windowed) { .from = from, .span = span, .word = c->word };
        p->nwindowed++;
    }
    w->set |= mark.set;
    w->add |= mark.add;
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
    struct step *step = &p->steps[c->word];

    if (c->when.lo_us > c->when.hi_us)
        return;
    if (is_mark && always) {
        step->set |= mark_of(c).set;
        step->add |= mark_of(c).add;
    } else if (is_mark) {
        add_windowed(p, c);
    } else if (is_key && always) {
        step->flip = rt_fold_key(0, is_descending(c->op));
        step->keep = UINT64_MAX;
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

static int learn_deeds(struct rt_folder *f, struct rt_program *p, const uint64_t *bits,
    const struct rt_kind_facts *facts)
{
    const struct rt_plan *plan = f->plan;
    uint32_t n = 0;

    for (uint32_t i = 0; i < plan->ncells; i++)
        n += has(bits, plan->cells[i].matcher);
    if (n == 0)
        return RT_OK;
    p->steps = rt_calloc(plan->state_words, sizeof *p->steps);
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

void rt_folder_add(const struct rt_folder *f, uint64_t *state, uint32_t kind,
    int64_t time_us, const uint64_t *values)
{
    const struct rt_program *p = &f->programs[kind];
    uint64_t time = (uint64_t)time_us;

    for (uint32_t i = 0; i < f->plan->state_words; i++) {
        const struct step *s = &p->steps[i];
        uint64_t word = with_marks(state[i], s->set, s->add);
        uint64_t key = (time ^ s->flip) & s->keep;

        state[i] = word > key ? word : key;
    }
    for (const struct windowed *w = p->windowed, *end = w + p->nwindowed; w < end; w++) {
        uint64_t within = -(uint64_t)(time - w->from <= w->span);

        state[w->word] = with_marks(state[w->word], w->set & within, w->add & within);
    }
    if (p->nothers)
        do_others(p, state, time_us, values);
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

/* ---- the states of all ids */

/* Room is counted in steps as small as a page, before an extent is full. */
enum { PLACES_STEP = 1024, STATES_STEP = 64 };

struct shard {
    pthread_mutex_t lock;
    struct rt_states_part part;
} __attribute__((aligned(64)));

struct rt_states {
    struct rt_store *store;
    _Atomic uint64_t cost_bytes;
    struct shard shards[RT_ID_SHARDS];
};

int rt_states_new(const struct rt_plan *plan, struct rt_states **out)
{
    struct rt_states *s = rt_pages_new(sizeof *s);

    if (!s)
        return RT_ENOMEM;
    if (rt_store_new(&s->store) < 0) {
        rt_pages_free(s, sizeof *s);
        return RT_ENOMEM;
    }
    for (unsigned i = 0; i < RT_ID_SHARDS; i++) {
        s->shards[i].part =
            (struct rt_states_part) { .state_words = plan->state_words, .whole = s };
        pthread_mutex_init(&s->shards[i].lock, NULL);
    }
    *out = s;
    return RT_OK;
}

void rt_states_forget(struct rt_states *s, uint32_t shard)
{
    struct rt_states_part *p = &s->shards[shard].part;
    size_t bytes = p->state_words * sizeof(uint64_t);

    rt_extents_give_back(&p->numbers, sizeof(uint32_t) << RT_PLACES_BITS);
    rt_extents_give_back(&p->words, bytes << RT_STATES_BITS);
    atomic_fetch_sub(&s->cost_bytes, p->places * sizeof(uint32_t) + p->cap * bytes);
    p->places = p->n = p->cap = 0;
}

void rt_states_free(struct rt_states *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < RT_ID_SHARDS; i++) {
        rt_extents_free(&s->shards[i].part.numbers);
        rt_extents_free(&s->shards[i].part.words);
        pthread_mutex_destroy(&s->shards[i].lock);
    }
    rt_store_free(s->store);
    rt_pages_free(s, sizeof *s);
}

static int grow_places(struct rt_states_part *p)
{
    enum { EXTENT = 1 << RT_PLACES_BITS };

    if (p->places % EXTENT == 0
        && rt_extents_add(&p->numbers, p->whole->store, EXTENT * sizeof(uint32_t)) < 0)
        return RT_ENOMEM;
    p->places += PLACES_STEP;
    atomic_fetch_add(&p->whole->cost_bytes, PLACES_STEP * sizeof(uint32_t));
    return RT_OK;
}

static int grow_states(struct rt_states_part *p)
{
    enum { EXTENT = 1 << RT_STATES_BITS };
    size_t bytes = p->state_words * sizeof(uint64_t);

    if (p->cap % EXTENT == 0
        && rt_extents_add(&p->words, p->whole->store, EXTENT * bytes) < 0)
        return RT_ENOMEM;
    p->cap += STATES_STEP;
    atomic_fetch_add(&p->whole->cost_bytes, STATES_STEP * bytes);
    return RT_OK;
}

/* Number 0 stands for none, so the first state is never used. */
uint32_t rt_states_add(struct rt_states_part *p, uint32_t place)
{
    while (place >= p->places)
        if (grow_places(p) < 0)
            return 0;
    while (p->n + 1 >= p->cap)
        if (grow_states(p) < 0)
            return 0;
    return *rt_states_number_at(p, place) = ++p->n;
}

struct rt_states_part *rt_states_lock(struct rt_states *s, uint32_t shard)
{
    pthread_mutex_lock(&s->shards[shard].lock);
    return &s->shards[shard].part;
}

void rt_states_unlock(struct rt_states *s, uint32_t shard)
{
    pthread_mutex_unlock(&s->shards[shard].lock);
}

const struct rt_states_part *rt_states_of_shard(const struct rt_states *s, uint32_t shard)
{
    return &s->shards[shard].part;
}

const uint64_t *rt_states_at(const struct rt_states *s, uint32_t shard, uint32_t place)
{
    return rt_states_look(&s->shards[shard].part, place);
}

void rt_states_trim(struct rt_states *s)
{
    rt_store_trim(s->store);
}

uint64_t rt_states_cost_bytes(const struct rt_states *s)
{
    return atomic_load(&s->cost_bytes);
}
