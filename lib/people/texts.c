/* Open addressing by the hash itself; the bytes stand in an arena. */
#include "people/texts.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"

enum { FIRST_SLOTS = 256 };

struct slot { /* bytes.p is NULL in an empty one */
    struct rt_hash128 hash;
    struct rt_span bytes;
};

struct rt_texts {
    struct slot *slots;
    uint64_t n, nslots; /* nslots: a power of two */
    struct rt_arena bytes;
};

int rt_texts_new(struct rt_texts **out)
{
    struct rt_texts *t = rt_calloc(1, sizeof *t);

    if (!t)
        return RT_ENOMEM;
    t->nslots = FIRST_SLOTS;
    t->slots = rt_calloc(t->nslots, sizeof *t->slots);
    if (!t->slots) {
        rt_texts_free(t);
        return RT_ENOMEM;
    }
    *out = t;
    return RT_OK;
}

void rt_texts_free(struct rt_texts *t)
{
    if (!t)
        return;
    rt_free(t->slots);
    rt_arena_release(&t->bytes);
    rt_free(t);
}

/* Where the hash stands, or the empty slot where it would. */
static struct slot *slot_of(struct slot *slots, uint64_t nslots, struct rt_hash128 hash)
{
    for (uint64_t at = hash.lo;; at++) {
        struct slot *s = &slots[at &= nslots - 1];

        if (!s->bytes.p || (s->hash.lo == hash.lo && s->hash.hi == hash.hi))
            return s;
    }
}

static int grow(struct rt_texts *t)
{
    uint64_t nslots = t->nslots * 2;
    struct slot *slots = rt_calloc(nslots, sizeof *slots);

    if (!slots)
        return RT_ENOMEM;
    for (uint64_t i = 0; i < t->nslots; i++)
        if (t->slots[i].bytes.p)
            *slot_of(slots, nslots, t->slots[i].hash) = t->slots[i];
    rt_free(t->slots);
    t->slots = slots;
    t->nslots = nslots;
    return RT_OK;
}

int rt_texts_add(struct rt_texts *t, struct rt_hash128 hash, struct rt_span bytes)
{
    struct slot *s = slot_of(t->slots, t->nslots, hash);

    if (s->bytes.p)
        return RT_OK;
    bytes = rt_arena_copy(&t->bytes, bytes);
    if (!bytes.p)
        return RT_ENOMEM;
    *s = (struct slot) { hash, bytes };
    t->n++;
    return 2 * t->n > t->nslots ? grow(t) : RT_OK;
}

uint64_t rt_texts_cost_bytes(const struct rt_texts *t)
{
    return t->nslots * sizeof *t->slots + t->bytes.total_bytes;
}

struct rt_span rt_texts_find(const struct rt_texts *t, struct rt_hash128 hash)
{
    return slot_of(t->slots, t->nslots, hash)->bytes;
}

struct rt_span rt_text_set_find(const struct rt_text_set *set, struct rt_hash128 hash)
{
    for (uint32_t i = 0; i < set->n; i++) {
        struct rt_span found = rt_texts_find(set->texts[i], hash);

        if (found.p)
            return found;
    }
    return RT_SPAN_ABSENT;
}
