/* What a kind of record does is worked out when the kind is first met: a list of deeds,
 * those on bits with the same window as one. */
#include "people/fold.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "people/ids.h"

/*
 * What depends on a record's time alone is done without a branch, because the kinds of
 * records come in no order that a processor could guess. A deed of any op is
 *
 *     word = max((word | set) + add, key)
 *
 * with zeros for what it does not do, and none of it outside of its window.
 */
struct timed_deed {
    uint64_t from, span; /* the window: time - from is at most span */
    uint64_t set, add;
    uint64_t key_mask, flip; /* key = (time ^ flip) & key_mask */
    uint32_t word;
};

struct number_deed {
    enum rt_cell_op op;
    bool descending; /* the key */
    uint32_t word;
    uint32_t value_at; /* among the record's words */
    struct rt_bounds when;
};

struct rt_program {
    struct timed_deed *timed;
    struct number_deed *numbers;
    uint32_t ntimed, nnumbers;
    uint32_t npicks;
    uint8_t *picks; /* the words of a touch among those of the record */
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
        rt_free(f->programs[i].timed);
        rt_free(f->programs[i].numbers);
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

static bool is_of_numbers(enum rt_cell_op op)
{
    return op == RT_CELL_NUMBERS || op == RT_CELL_SUM || op == RT_CELL_LARGEST
        || op == RT_CELL_SMALLEST;
}

static bool is_descending(enum rt_cell_op op)
{
    return op == RT_CELL_EARLIEST || op == RT_CELL_SMALLEST;
}

/* A bit that is set under the same condition as those of another deed joins it. */
static void add_timed(struct rt_program *p, const struct rt_cell *c)
{
    struct timed_deed d = { .from = (uint64_t)c->when.lo_us,
        .span = (uint64_t)c->when.hi_us - (uint64_t)c->when.lo_us,
        .word = c->word };

    if (c->when.lo_us > c->when.hi_us)
        return;
    if (c->op == RT_CELL_COUNT) {
        d.add = 1;
    } else if (c->op != RT_CELL_SEEN) {
        d.key_mask = UINT64_MAX;
        d.flip = rt_fold_key(0, is_descending(c->op));
    }
    for (uint32_t i = 0; c->op == RT_CELL_SEEN && i < p->ntimed; i++) {
        struct timed_deed *e = &p->timed[i];

        if (e->set && e->word == d.word && e->from == d.from && e->span == d.span) {
            e->set |= c->bit;
            return;
        }
    }
    if (c->op == RT_CELL_SEEN)
        d.set = c->bit;
    p->timed[p->ntimed++] = d;
}

static void add_number(const struct rt_folder *f, struct rt_program *p,
    const struct rt_cell *c, uint64_t row)
{
    p->numbers[p->nnumbers++] = (struct number_deed) { .op = c->op,
        .descending = is_descending(c->op),
        .word = c->word,
        .value_at = rt_kinds_word_of(f->kinds, row, c->value),
        .when = c->when };
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
    uint32_t ntimed = 0, nnumbers = 0;

    for (uint32_t i = 0; i < plan->ncells; i++)
        if (has(bits, plan->cells[i].matcher))
            *(is_of_numbers(plan->cells[i].op) ? &nnumbers : &ntimed) += 1;
    if (ntimed && !(p->timed = rt_calloc(ntimed, sizeof *p->timed)))
        return RT_ENOMEM;
    if (nnumbers && !(p->numbers = rt_calloc(nnumbers, sizeof *p->numbers)))
        return RT_ENOMEM;
    for (uint32_t i = 0; i < plan->ncells; i++) {
        const struct rt_cell *c = &plan->cells[i];

        if (!has(bits, c->matcher) || has(bits, c->unless))
            continue;
        if (is_of_numbers(c->op))
            add_number(f, p, c, facts->row_values);
        else
            add_timed(p, c);
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
    f->uses[kind] = (int8_t)((p->ntimed || p->nnumbers ? RT_USE_STATE : 0)
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

static void do_number(uint64_t *state, const struct number_deed *d, int64_t number)
{
    uint64_t *word = &state[d->word];

    if (number == RT_NO_NUMBER)
        return;
    if (d->op == RT_CELL_SUM)
        add_to_sum(word, number);
    else if (d->op == RT_CELL_NUMBERS)
        ++*word;
    else
        take_key(word, rt_fold_key(number, d->descending));
}

void rt_folder_add(const struct rt_folder *f, uint64_t *state, uint32_t kind,
    int64_t time_us, const uint64_t *values)
{
    const struct rt_program *p = &f->programs[kind];
    const struct timed_deed *d = p->timed;
    uint64_t time = (uint64_t)time_us;

    for (uint32_t n = p->ntimed; n > 0; n--, d++) {
        uint64_t was = state[d->word], word = (was | d->set) + d->add;
        uint64_t key = (time ^ d->flip) & d->key_mask;

        word = word > key ? word : key;
        state[d->word] = time - d->from <= d->span ? word : was;
    }
    for (uint32_t i = 0; i < p->nnumbers; i++) {
        const struct number_deed *e = &p->numbers[i];

        if (time_us >= e->when.lo_us && time_us <= e->when.hi_us)
            do_number(state, e, (int64_t)values[e->value_at]);
    }
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

enum { FIRST_PLACES = 1024, FIRST_STATES = 64 };

struct shard {
    pthread_mutex_t lock;
    struct rt_states_part part;
} __attribute__((aligned(64)));

struct rt_states {
    _Atomic uint64_t cost_bytes;
    struct shard shards[RT_ID_SHARDS];
};

int rt_states_new(const struct rt_plan *plan, struct rt_states **out)
{
    struct rt_states *s = rt_pages_new(sizeof *s);

    if (!s)
        return RT_ENOMEM;
    for (unsigned i = 0; i < RT_ID_SHARDS; i++) {
        s->shards[i].part =
            (struct rt_states_part) { .state_words = plan->state_words, .whole = s };
        pthread_mutex_init(&s->shards[i].lock, NULL);
    }
    *out = s;
    return RT_OK;
}

static size_t bytes_of(const struct rt_states_part *p, uint32_t states)
{
    return (size_t)states * p->state_words * sizeof *p->words;
}

void rt_states_free(struct rt_states *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < RT_ID_SHARDS; i++) {
        struct rt_states_part *p = &s->shards[i].part;

        rt_pages_free(p->numbers, p->places * sizeof *p->numbers);
        rt_pages_free(p->words, bytes_of(p, p->cap));
        pthread_mutex_destroy(&s->shards[i].lock);
    }
    rt_pages_free(s, sizeof *s);
}

static int grow_places(struct rt_states_part *p, uint32_t place)
{
    uint32_t places = p->places ? p->places + p->places / 4 : FIRST_PLACES;
    uint32_t *numbers;

    if (places <= place)
        places = place + 1;
    numbers = rt_pages_grow(
        p->numbers, p->places * sizeof *numbers, (size_t)places * sizeof *numbers);
    if (!numbers)
        return RT_ENOMEM;
    atomic_fetch_add(
        &p->whole->cost_bytes, (uint64_t)(places - p->places) * sizeof *numbers);
    p->numbers = numbers;
    p->places = places;
    return RT_OK;
}

static int grow_states(struct rt_states_part *p)
{
    uint32_t cap = p->cap ? p->cap + p->cap / 4 : FIRST_STATES;
    uint64_t *words = rt_pages_grow(p->words, bytes_of(p, p->cap), bytes_of(p, cap));

    if (!words)
        return RT_ENOMEM;
    atomic_fetch_add(&p->whole->cost_bytes, bytes_of(p, cap - p->cap));
    p->words = words;
    p->cap = cap;
    return RT_OK;
}

/* Number 0 stands for none, so the first state is never used. */
uint64_t *rt_states_add(struct rt_states_part *p, uint32_t place)
{
    if (place >= p->places && grow_places(p, place) < 0)
        return NULL;
    if (p->n + 1 >= p->cap && grow_states(p) < 0)
        return NULL;
    p->numbers[place] = ++p->n;
    return p->words + (size_t)p->n * p->state_words;
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

const uint64_t *rt_states_at(const struct rt_states *s, uint32_t shard, uint32_t place)
{
    const struct rt_states_part *p = &s->shards[shard].part;
    uint32_t number = place < p->places ? p->numbers[place] : 0;

    return number ? p->words + (size_t)number * p->state_words : NULL;
}

uint64_t rt_states_cost_bytes(const struct rt_states *s)
{
    return atomic_load(&s->cost_bytes);
}
