/* A table by hash with open addressing, at most half full. */
#include "run/counts.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/hash.h"

enum { FIRST_SLOTS = 64 };

static int grow(struct rt_counts *t)
{
    uint32_t n = t->nslots ? t->nslots * 2 : FIRST_SLOTS;
    struct rt_counted *slots = rt_calloc(n, sizeof *slots);

    if (!slots)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < t->nslots; i++) {
        uint64_t at = t->slots[i].hash;

        if (!t->slots[i].text.p)
            continue;
        while (slots[at &= n - 1].text.p)
            at++;
        slots[at] = t->slots[i];
    }
    rt_free(t->slots);
    t->slots = slots;
    t->nslots = n;
    return RT_OK;
}

int rt_counts_init(struct rt_counts *t, uint32_t limit)
{
    *t = (struct rt_counts) { .limit = limit };
    return grow(t);
}

void rt_counts_release(struct rt_counts *t)
{
    rt_free(t->slots);
    *t = (struct rt_counts) { 0 };
}

void rt_counts_reset(struct rt_counts *t)
{
    memset(t->slots, 0, t->nslots * sizeof *t->slots);
    t->n = 0;
    t->others = 0;
}

/* The slot of the text, or the free one where it would stand. */
static struct rt_counted *slot_of(
    const struct rt_counts *t, struct rt_span text, uint64_t hash)
{
    uint64_t at = hash;

    for (; t->slots[at &= t->nslots - 1].text.p; at++)
        if (t->slots[at].hash == hash && rt_span_eq(t->slots[at].text, text))
            break;
    return &t->slots[at];
}

int rt_counts_add(
    struct rt_counts *t, struct rt_span text, uint64_t n, struct rt_arena *keep)
{
    uint64_t hash = rt_hash64(text, 0);
    struct rt_counted *slot;

    if (2 * (t->n + 1) > t->nslots && grow(t) < 0)
        return RT_ENOMEM;
    slot = slot_of(t, text, hash);
    if (slot->text.p) {
        slot->n += n;
        return RT_OK;
    }
    if (t->n == t->limit) {
        t->others += n;
        return RT_OK;
    }
    if (keep && !(text = rt_arena_copy(keep, text)).p)
        return RT_ENOMEM;
    *slot = (struct rt_counted) { text, hash, n };
    t->n++;
    return RT_OK;
}

int rt_counts_merge(
    struct rt_counts *to, const struct rt_counts *from, struct rt_arena *keep)
{
    int rc = RT_OK;

    to->others += from->others;
    for (uint32_t i = 0; i < from->nslots && rc == RT_OK; i++)
        if (from->slots[i].text.p)
            rc = rt_counts_add(to, from->slots[i].text, from->slots[i].n, keep);
    return rc;
}

uint64_t rt_counts_of(const struct rt_counts *t, struct rt_span text)
{
    const struct rt_counted *slot = slot_of(t, text, rt_hash64(text, 0));

    return slot->text.p ? slot->n : 0;
}
