/* A table by hash of the set, open addressing; what is known of a kind stands in arrays by
 * its number. */
#include "people/kinds.h"

#include <pthread.h>

#include "base/alloc.h"

struct rt_kinds {
    const struct rt_plan *plan;
    pthread_mutex_t lock;
    uint32_t n, cap;
    uint64_t *bits;   /* cap * words */
    uint64_t *masks;  /* of values that touches carry, by kind */
    uint64_t *rows;   /* of values that are asked of records */
    uint8_t *nvalues; /* words of a touch */
    bool *touched;
    uint32_t *slots; /* kind + 1 by hash of bits */
    uint32_t nslots; /* a power of two */
    uint64_t text_values;
};

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
    if (!(p = rt_realloc(k->rows, cap, sizeof *k->rows)))
        return RT_ENOMEM;
    k->rows = p;
    if (!(p = rt_realloc(k->touched, cap, sizeof *k->touched)))
        return RT_ENOMEM;
    k->touched = p;
    if (!(p = rt_realloc(k->nvalues, cap, sizeof *k->nvalues)))
        return RT_ENOMEM;
    k->nvalues = p;
    if (!(slots = rt_calloc(nslots, sizeof *slots)))
        return RT_ENOMEM;
    for (uint32_t i = 0; i < k->n; i++) {
        uint64_t at = rt_kinds_hash(k->bits + (size_t)i * words, words);

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

static uint32_t words_of(const struct rt_kinds *k, uint64_t values)
{
    return (uint32_t)(__builtin_popcountll(values)
        + __builtin_popcountll(values & k->text_values));
}

/* Of the kind that is about to be added. */
static void describe(struct rt_kinds *k, const uint64_t *bits)
{
    const uint64_t *touched = k->plan->touched;
    uint64_t row = 0, mask = 0;
    bool any = false;

    for (uint32_t m = 0; m < k->plan->nmatchers; m++) {
        if (!(bits[m / 64] >> m % 64 & 1))
            continue;
        row |= k->plan->matchers[m].values;
        if (touched[m / 64] >> m % 64 & 1) {
            mask |= k->plan->matchers[m].values;
            any = true;
        }
    }
    k->rows[k->n] = row;
    k->masks[k->n] = mask;
    k->nvalues[k->n] = (uint8_t)words_of(k, mask);
    k->touched[k->n] = any;
}

/* The kind of a set of matchers; new ones are added. */
static int kind_of(struct rt_kinds *k, const uint64_t *bits, uint32_t *kind)
{
    uint32_t words = k->plan->matcher_words;
    uint64_t at = rt_kinds_hash(bits, words);

    if (k->nslots)
        for (; k->slots[at &= k->nslots - 1]; at++)
            if (rt_kinds_same(
                    k->bits + (size_t)(k->slots[at] - 1) * words, bits, words)) {
                *kind = k->slots[at] - 1;
                return RT_OK;
            }
    if (k->n == RT_KINDS_MAX)
        return RT_ELIMIT;
    if (k->n == k->cap) {
        if (grow_kinds(k) < 0)
            return RT_ENOMEM;
        at = rt_kinds_hash(bits, words);
        while (k->slots[at &= k->nslots - 1])
            at++;
    }
    memcpy(k->bits + (size_t)k->n * words, bits, words * sizeof *bits);
    describe(k, bits);
    k->slots[at] = k->n + 1;
    *kind = k->n++;
    return RT_OK;
}

int rt_kinds_of(
    struct rt_kinds *k, const uint64_t *bits, uint32_t *kind, uint64_t *values)
{
    int rc;

    pthread_mutex_lock(&k->lock);
    rc = kind_of(k, bits, kind);
    if (rc == RT_OK)
        *values = k->rows[*kind];
    pthread_mutex_unlock(&k->lock);
    return rc;
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
    rt_free(k->rows);
    rt_free(k->touched);
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

uint64_t rt_kinds_values(const struct rt_kinds *k, uint32_t kind)
{
    return k->masks[kind];
}

uint32_t rt_kinds_word_of(const struct rt_kinds *k, uint64_t values, uint32_t value)
{
    return words_of(k, values & ((UINT64_C(1) << value) - 1));
}

uint32_t rt_kinds_value_at(const struct rt_kinds *k, uint32_t kind, uint32_t value)
{
    return rt_kinds_word_of(k, k->masks[kind], value);
}

struct rt_kind_facts rt_kinds_facts(struct rt_kinds *k, uint32_t kind, uint64_t *bits)
{
    struct rt_kind_facts facts;

    pthread_mutex_lock(&k->lock);
    memcpy(bits, rt_kinds_bits(k, kind), k->plan->matcher_words * sizeof *bits);
    facts = (struct rt_kind_facts) { k->rows[kind], k->masks[kind], k->touched[kind] };
    pthread_mutex_unlock(&k->lock);
    return facts;
}
