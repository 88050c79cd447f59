/* What a kind of record does is worked out when the kind is first met: a list of deeds,
 * those on bits with the same window as one. */
#include "people/fold.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "people/ids.h"

struct deed {
    enum rt_cell_op op;
    bool descending; /* the key */
    bool of_time;    /* the key is the record's time, not a value's */
    uint32_t word;
    uint32_t value_at; /* among the record's words */
    uint64_t bit;
    struct rt_bounds when;
};

struct program {
    struct deed *deeds;
    uint32_t n;
    uint32_t npicks;
    uint8_t *picks; /* the words of a touch among those of the record */
    uint8_t use;    /* enum rt_use */
    bool known;
};

struct rt_folder {
    const struct rt_plan *plan;
    struct rt_kinds *kinds;
    struct program *programs; /* by kind */
    uint32_t cap;
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
        rt_free(f->programs[i].deeds);
        rt_free(f->programs[i].picks);
    }
    rt_free(f->programs);
    rt_free(f);
}

/* ---- programs */

static bool has(const uint64_t *bits, uint32_t matcher)
{
    return matcher != RT_NONE && bits[matcher / 64] >> matcher % 64 & 1;
}

static struct deed deed_of(
    const struct rt_folder *f, const struct rt_cell *c, uint64_t row_values)
{
    struct deed d = { .op = c->op, .word = c->word, .bit = c->bit, .when = c->when };

    d.of_time = c->op == RT_CELL_LATEST || c->op == RT_CELL_EARLIEST;
    d.descending = c->op == RT_CELL_EARLIEST || c->op == RT_CELL_SMALLEST;
    if (c->value != RT_NONE)
        d.value_at = rt_kinds_word_of(f->kinds, row_values, c->value);
    return d;
}

/* A bit that is set under the same condition as those of another deed joins it. */
static bool joins(struct program *p, const struct deed *d)
{
    for (uint32_t i = 0; d->op == RT_CELL_SEEN && i < p->n; i++) {
        struct deed *e = &p->deeds[i];

        if (e->op == RT_CELL_SEEN && e->word == d->word && e->when.lo_us == d->when.lo_us
            && e->when.hi_us == d->when.hi_us) {
            e->bit |= d->bit;
            return true;
        }
    }
    return false;
}

static int make_room(struct rt_folder *f, uint32_t kind)
{
    uint32_t cap = f->cap ? f->cap : 64;
    struct program *programs;

    while (cap <= kind)
        cap *= 2;
    if (cap == f->cap)
        return RT_OK;
    programs = rt_realloc(f->programs, cap, sizeof *programs);
    if (!programs)
        return RT_ENOMEM;
    memset(programs + f->cap, 0, (cap - f->cap) * sizeof *programs);
    f->programs = programs;
    f->cap = cap;
    return RT_OK;
}

static int learn_deeds(struct rt_folder *f, struct program *p, const uint64_t *bits,
    const struct rt_kind_facts *facts)
{
    const struct rt_plan *plan = f->plan;
    uint32_t n = 0;

    for (uint32_t i = 0; i < plan->ncells; i++)
        n += has(bits, plan->cells[i].matcher);
    if (n == 0)
        return RT_OK;
    p->deeds = rt_calloc(n, sizeof *p->deeds);
    if (!p->deeds)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < plan->ncells; i++) {
        const struct rt_cell *c = &plan->cells[i];
        struct deed d;

        if (!has(bits, c->matcher) || has(bits, c->unless))
            continue;
        d = deed_of(f, c, facts->row_values);
        if (!joins(p, &d))
            p->deeds[p->n++] = d;
    }
    return RT_OK;
}

static int learn_picks(
    struct rt_folder *f, struct program *p, const struct rt_kind_facts *facts)
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

static int learn(struct rt_folder *f, uint32_t kind)
{
    uint64_t bits[RT_MATCHERS_MAX / 64];
    struct rt_kind_facts facts = rt_kinds_facts(f->kinds, kind, bits);
    struct program *p;

    if (make_room(f, kind) < 0)
        return RT_ENOMEM;
    p = &f->programs[kind];
    if (learn_deeds(f, p, bits, &facts) < 0 || learn_picks(f, p, &facts) < 0)
        return RT_ENOMEM;
    p->use = (p->n ? RT_USE_STATE : 0) | (facts.touched ? RT_USE_TOUCH : 0);
    p->known = true;
    return RT_OK;
}

int rt_folder_use(struct rt_folder *f, uint32_t kind)
{
    if ((kind >= f->cap || !f->programs[kind].known) && learn(f, kind) < 0)
        return RT_ENOMEM;
    return f->programs[kind].use;
}

uint32_t rt_folder_pick(
    const struct rt_folder *f, uint32_t kind, const uint64_t *values, uint64_t *out)
{
    const struct program *p = &f->programs[kind];

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

void rt_folder_add(const struct rt_folder *f, uint64_t *state, uint32_t kind,
    int64_t time_us, const uint64_t *values)
{
    const struct program *p = &f->programs[kind];

    for (const struct deed *d = p->deeds, *end = d + p->n; d < end; d++) {
        uint64_t *word = &state[d->word];
        int64_t number;

        if (time_us < d->when.lo_us || time_us > d->when.hi_us)
            continue;
        switch (d->op) {
        case RT_CELL_SEEN:
            *word |= d->bit;
            continue;
        case RT_CELL_COUNT:
            ++*word;
            continue;
        case RT_CELL_LATEST:
        case RT_CELL_EARLIEST:
            take_key(word, rt_fold_key(time_us, d->descending));
            continue;
        default:
            break;
        }
        number = (int64_t)values[d->value_at];
        if (number == RT_NO_NUMBER)
            continue;
        if (d->op == RT_CELL_SUM)
            add_to_sum(word, number);
        else if (d->op == RT_CELL_NUMBERS)
            ++*word;
        else
            take_key(word, rt_fold_key(number, d->descending));
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

struct shard {
    pthread_mutex_t lock;
    uint64_t *words;
    uint32_t places; /* room for */
} __attribute__((aligned(64)));

struct rt_states {
    uint32_t state_words;
    _Atomic uint64_t cost_bytes;
    struct shard shards[RT_ID_SHARDS];
};

int rt_states_new(const struct rt_plan *plan, struct rt_states **out)
{
    struct rt_states *s = rt_pages_new(sizeof *s);

    if (!s)
        return RT_ENOMEM;
    s->state_words = plan->state_words;
    for (unsigned i = 0; i < RT_ID_SHARDS; i++)
        pthread_mutex_init(&s->shards[i].lock, NULL);
    *out = s;
    return RT_OK;
}

static uint64_t bytes_of(const struct rt_states *s, uint32_t places)
{
    return (uint64_t)places * s->state_words * sizeof(uint64_t);
}

void rt_states_free(struct rt_states *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < RT_ID_SHARDS; i++) {
        rt_pages_free(s->shards[i].words, bytes_of(s, s->shards[i].places));
        pthread_mutex_destroy(&s->shards[i].lock);
    }
    rt_pages_free(s, sizeof *s);
}

static int grow(struct rt_states *s, struct shard *shard, uint32_t places)
{
    uint32_t least = shard->places + shard->places / 4;
    uint64_t *words;

    if (places < least)
        places = least;
    if (places < 64)
        places = 64;
    words = rt_pages_grow(shard->words, bytes_of(s, shard->places), bytes_of(s, places));
    if (!words)
        return RT_ENOMEM;
    atomic_fetch_add(&s->cost_bytes, bytes_of(s, places - shard->places));
    shard->words = words;
    shard->places = places;
    return RT_OK;
}

uint64_t *rt_states_lock(struct rt_states *s, uint32_t shard, uint32_t places)
{
    struct shard *h = &s->shards[shard];

    pthread_mutex_lock(&h->lock);
    if (places > h->places && grow(s, h, places) < 0) {
        pthread_mutex_unlock(&h->lock);
        return NULL;
    }
    return h->words;
}

void rt_states_unlock(struct rt_states *s, uint32_t shard)
{
    pthread_mutex_unlock(&s->shards[shard].lock);
}

const uint64_t *rt_states_at(const struct rt_states *s, uint32_t shard, uint32_t place)
{
    const struct shard *h = &s->shards[shard];

    return place < h->places ? h->words + (size_t)place * s->state_words : NULL;
}

uint64_t rt_states_cost_bytes(const struct rt_states *s)
{
    return atomic_load(&s->cost_bytes);
}
