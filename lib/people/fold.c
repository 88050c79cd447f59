/* What a kind of record does is worked out when the kind is first met: a list of deeds,
 * those on bits with the same window as one. */
#include "people/fold.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "people/ids.h"

/*
 * Deeds are kept by their shape, so that no loop over them branches on what they are: the
 * kinds of records come in no order that a processor could guess. The most common shapes
 * have loops of their own, for records at any time and within a window; the rest, rare, is
 * told apart deed by deed.
 */
struct mark { /* word = (word | set) + add */
    uint64_t set, add;
    uint32_t word;
};

struct key { /* word = max(word, time ^ flip) */
    uint64_t flip;
    uint32_t word;
};

struct windowed {        /* a mark */
    uint64_t from, span; /* when time - from is at most span */
    struct mark mark;
};

struct other { /* numbers; keys of times within a window */
    enum rt_cell_op op;
    bool descending; /* the key */
    bool of_time;    /* the key is the record's time, not a value's */
    uint32_t word;
    uint32_t value_at; /* among the record's words */
    struct rt_bounds when;
};

struct rt_program {
    struct mark *marks;
    struct key *keys;
    struct windowed *windowed;
    struct other *others;
    uint8_t *picks; /* the words of a touch among those of the record */
    uint16_t nmarks, nkeys, nwindowed, nothers, npicks;
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
        rt_free(f->programs[i].marks);
        rt_free(f->programs[i].keys);
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

/* A bit that is set under the same condition as those of another deed joins it. */
static bool joins(struct mark *m, const struct rt_cell *c)
{
    if (c->op != RT_CELL_SEEN || !m->set || m->word != c->word)
        return false;
    m->set |= c->bit;
    return true;
}

static struct mark mark_of(const struct rt_cell *c)
{
    bool counts = c->op == RT_CELL_COUNT;

    return (struct mark) { counts ? 0 : c->bit, counts, c->word };
}

static void add_mark(struct rt_program *p, const struct rt_cell *c)
{
    for (uint32_t i = 0; i < p->nmarks; i++)
        if (joins(&p->marks[i], c))
            return;
    p->marks[p->nmarks++] = mark_of(c);
}

static void add_windowed(struct rt_program *p, const struct rt_cell *c)
{
    uint64_t from = (uint64_t)c->when.lo_us, span = (uint64_t)c->when.hi_us - from;

    for (uint32_t i = 0; i < p->nwindowed; i++) {
        struct windowed *w = &p->windowed[i];

        if (w->from == from && w->span == span && joins(&w->mark, c))
            return;
    }
    p->windowed[p->nwindowed++] = (struct windowed) { from, span, mark_of(c) };
}

static void add_other(const struct rt_folder *f, struct rt_program *p,
    const struct rt_cell *c, uint64_t row)
{
    p->others[p->nothers++] = (struct other) { .op = c->op,
        .descending = is_descending(c->op),
        .of_time = c->value == RT_NONE,
        .word = c->word,
        .value_at = c->value == RT_NONE ? 0 : rt_kinds_word_of(f->kinds, row, c->value),
        .when = c->when };
}

/* No record is later than as-of. */
static void add_deed(const struct rt_folder *f, struct rt_program *p,
    const struct rt_cell *c, uint64_t row)
{
    bool is_mark = c->op == RT_CELL_SEEN || c->op == RT_CELL_COUNT;
    bool is_key = c->op == RT_CELL_LATEST || c->op == RT_CELL_EARLIEST;
    bool always = c->when.lo_us == RT_TIME_MIN && c->when.hi_us >= f->plan->as_of_us;

    if (c->when.lo_us > c->when.hi_us)
        return;
    if (is_mark && always)
        add_mark(p, c);
    else if (is_mark)
        add_windowed(p, c);
    else if (is_key && always)
        p->keys[p->nkeys++] =
            (struct key) { rt_fold_key(0, is_descending(c->op)), c->word };
    else
        add_other(f, p, c, row);
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
    p->marks = rt_calloc(n, sizeof *p->marks);
    p->keys = rt_calloc(n, sizeof *p->keys);
    p->windowed = rt_calloc(n, sizeof *p->windowed);
    p->others = rt_calloc(n, sizeof *p->others);
    if (!p->marks || !p->keys || !p->windowed || !p->others)
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
        (int8_t)((p->nmarks || p->nkeys || p->nwindowed || p->nothers ? RT_USE_STATE : 0)
            | (facts.touched ? RT_USE_TOUCH : 0));
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

static void add_to_sum(uint64_t *words, __int128 more)
{
    unsigned __int128 sum = (unsigned __int128)words[1] << 64 | words[0];

    sum += (unsigned __int128)more;
    words[0] = (uint64_t)sum;
    words[1] = (uint64_t)(sum >> 64);
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
        add_to_sum(word, number);
    else if (d->op == RT_CELL_NUMBERS)
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

void rt_folder_add(const struct rt_folder *f, uint64_t *state, uint32_t kind,
    int64_t time_us, const uint64_t *values)
{
    const struct rt_program *p = &f->programs[kind];
    uint64_t time = (uint64_t)time_us;

    for (const struct mark *m = p->marks, *end = m + p->nmarks; m < end; m++)
        state[m->word] = (state[m->word] | m->set) + m->add;
    for (const struct key *k = p->keys, *end = k + p->nkeys; k < end; k++)
        take_key(&state[k->word], time ^ k->flip);
    for (const struct windowed *w = p->windowed, *end = w + p->nwindowed; w < end; w++)
        if (time - w->from <= w->span)
            state[w->mark.word] = (state[w->mark.word] | w->mark.set) + w->mark.add;
    if (p->nothers)
        do_others(p, state, time_us, values);
}

void rt_fold_merge(const struct rt_plan *plan, uint64_t *to, const uint64_t *from)
{
    for (uint32_t i = 0; i < plan->ncells; i++) {
        const struct rt_cell *c = &plan->cells[i];
        uint64_t *word = &to[c->word];
        const uint64_t *more = &from[c->word];

        switch (c->op) {
        case RT_CELL_SEEN:
            *word |= *more & c->bit;
            break;
        case RT_CELL_COUNT:
        case RT_CELL_NUMBERS:
            *word += *more;
            break;
        case RT_CELL_SUM:
            add_to_sum(word, (__int128)((unsigned __int128)more[1] << 64 | more[0]));
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
