/* Open addressing by a hash of the set; asks the shared table once for each kind. */
#include "people/match_int.h"

#include "base/alloc.h"

enum { FIRST_SLOTS = 256 };

static uint64_t hash_of(const uint64_t *bits, uint32_t words)
{
    return words == 1 ? bits[0] * UINT64_C(0x9e3779b97f4a7c15) >> 20
                      : rt_kinds_hash(bits, words);
}

/* The slot of the set, or the free one where it belongs. */
static uint32_t find(const struct rt_kind_cache *c, const uint64_t *bits, uint32_t words)
{
    uint64_t at = hash_of(bits, words);

    for (; c->slots[at &= c->nslots - 1].used; at++)
        if (words == 1 ? c->bits[at] == bits[0]
                       : rt_kinds_same(c->bits + at * words, bits, words))
            break;
    return (uint32_t)at;
}

static void put(struct rt_kind_cache *c, uint32_t at, const uint64_t *bits,
    struct rt_cached_kind kind, uint32_t words)
{
    c->slots[at] = kind;
    memcpy(c->bits + (size_t)at * words, bits, words * sizeof *bits);
    c->n++;
}

static int grow(struct rt_kind_cache *c, uint32_t words)
{
    uint32_t n = c->nslots ? c->nslots * 2 : FIRST_SLOTS;
    struct rt_kind_cache more = { rt_calloc(n, sizeof *more.slots),
        rt_calloc((size_t)n * words, sizeof *more.bits), 0, n };

    if (!more.slots || !more.bits) {
        rt_free(more.slots);
        rt_free(more.bits);
        return RT_ENOMEM;
    }
    for (uint32_t i = 0; i < c->nslots; i++) {
        const uint64_t *bits = c->bits + (size_t)i * words;

        if (c->slots[i].used)
            put(&more, find(&more, bits, words), bits, c->slots[i], words);
    }
    rt_free(c->slots);
    rt_free(c->bits);
    *c = more;
    return RT_OK;
}

int rt_match_kind(struct rt_match *m, const uint64_t *bits, struct rt_cached_kind *out)
{
    struct rt_kind_cache *c = &m->cache;
    uint32_t words = m->plan->matcher_words, at;
    int rc;

    if (2 * (c->n + 1) > c->nslots && (rc = grow(c, words)) < 0)
        return rc;
    at = find(c, bits, words);
    if (!c->slots[at].used) {
        struct rt_cached_kind kind = { .used = 1 };

        rc = rt_kinds_of(m->kinds, bits, &kind.kind, &kind.mask);
        if (rc < 0)
            return rc;
        put(c, at, bits, kind, words);
    }
    *out = c->slots[at];
    return RT_OK;
}

void rt_match_free_kinds(struct rt_match *m)
{
    rt_free(m->cache.slots);
    rt_free(m->cache.bits);
}
