/*
 * Per shard a list of chunks, filled from front to back. A chunk is 4 KiB for the first of
 * a shard, doubling to 64 KiB, so small runs stay small and large ones walk long stretches.
 * Over budget, a worker writes out its own full chunks, largest shards first come, and goes
 * on with the memory it freed.
 */
#include "people/touches.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "io/spool.h"

enum { FIRST_BYTES = 4096, LARGEST_BYTES = 65536 };

struct chunk {
    struct chunk *next;
    uint32_t used, room;
    _Alignas(8) char data[];
};

struct extent { /* a chunk that went to the file */
    uint64_t at;
    uint32_t bytes;
};

struct part {
    struct chunk *first, *last;
    struct extent *extents;
    uint32_t nextents, cap_extents;
    uint64_t bytes; /* in memory and on disk */
};

struct rt_touches {
    struct rt_touch_budget *budget;
    struct rt_spool *spool; /* NULL until the first spill */
    struct part parts[RT_ID_SHARDS];
};

int rt_touches_new(struct rt_touch_budget *budget, struct rt_touches **out)
{
    struct rt_touches *t = rt_calloc(1, sizeof *t);

    if (!t)
        return RT_ENOMEM;
    t->budget = budget;
    *out = t;
    return RT_OK;
}

static void free_chunks(struct rt_touches *t, struct part *part)
{
    while (part->first) {
        struct chunk *next = part->first->next;

        atomic_fetch_sub(&t->budget->used_bytes, part->first->room);
        rt_free(part->first);
        part->first = next;
    }
    part->last = NULL;
}

void rt_touches_free(struct rt_touches *t)
{
    if (!t)
        return;
    for (unsigned i = 0; i < RT_ID_SHARDS; i++) {
        free_chunks(t, &t->parts[i]);
        rt_free(t->parts[i].extents);
    }
    rt_spool_free(t->spool);
    rt_free(t);
}

static int spill_part(struct rt_touches *t, struct part *part, struct rt_err *err)
{
    for (struct chunk *c = part->first; c; c = c->next) {
        struct extent e = { 0, c->used };
        int rc;

        if (part->nextents == part->cap_extents) {
            uint32_t cap = part->cap_extents ? part->cap_extents * 2 : 16;
            struct extent *extents = rt_realloc(part->extents, cap, sizeof *extents);

            if (!extents)
                return rt_err_set(err, RT_ENOMEM, "out of memory");
            part->extents = extents;
            part->cap_extents = cap;
        }
        rc = rt_spool_add(t->spool, (struct rt_span) { c->data, c->used }, &e.at, err);
        if (rc < 0)
            return rc;
        part->extents[part->nextents++] = e;
        atomic_fetch_add(&t->budget->spilled_bytes, c->used);
    }
    free_chunks(t, part);
    return RT_OK;
}

static int spill(struct rt_touches *t, struct rt_err *err)
{
    int rc = RT_OK;

    if (!t->spool)
        rc = rt_spool_new(0, t->budget->tmpdir, &t->spool, err);
    for (unsigned i = 0; i < RT_ID_SHARDS && rc == RT_OK; i++)
        rc = spill_part(t, &t->parts[i], err);
    return rc;
}

static bool over_budget(const struct rt_touch_budget *b, uint32_t more)
{
    return atomic_load(&b->used_bytes) + atomic_load(&b->reserved_bytes) + more
        > b->limit_bytes;
}

static int new_chunk(
    struct rt_touches *t, struct part *part, uint32_t need, struct rt_err *err)
{
    uint32_t room = part->last ? part->last->room * 2 : FIRST_BYTES;
    struct chunk *c;
    int rc;

    if (room > LARGEST_BYTES)
        room = LARGEST_BYTES;
    if (room < need)
        room = need;
    if (part->bytes > 0 && over_budget(t->budget, room)) {
        rc = spill(t, err);
        if (rc < 0)
            return rc;
    }
    c = rt_malloc(sizeof *c + room);
    if (!c)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    atomic_fetch_add(&t->budget->used_bytes, room);
    c->next = NULL;
    c->used = 0;
    c->room = room;
    if (part->last)
        part->last->next = c;
    else
        part->first = c;
    part->last = c;
    return RT_OK;
}

int rt_touches_add(struct rt_touches *t, uint32_t id, uint32_t kind, int64_t time_us,
    const uint64_t *values, uint32_t nvalues, struct rt_err *err)
{
    struct part *part = &t->parts[rt_id_shard(id)];
    uint32_t bytes = (uint32_t)(sizeof(struct rt_touch) + nvalues * sizeof *values);
    struct rt_touch *touch;

    if (!part->last || part->last->room - part->last->used < bytes) {
        int rc = new_chunk(t, part, bytes, err);

        if (rc < 0)
            return rc;
    }
    touch = (struct rt_touch *)(part->last->data + part->last->used);
    touch->place = rt_id_place(id);
    touch->kind = kind;
    touch->time_us = time_us;
    for (uint32_t i = 0; i < nvalues; i++)
        touch->values[i] = values[i];
    part->last->used += bytes;
    part->bytes += bytes;
    return RT_OK;
}

uint64_t rt_touches_bytes(const struct rt_touches *t, uint32_t shard)
{
    return t->parts[shard].bytes;
}

static int walk_bytes(const char *p, uint32_t n, const uint8_t *nvalues_of,
    rt_touch_visit *visit, void *ctx)
{
    for (const char *end = p + n; p < end;) {
        const struct rt_touch *touch = (const struct rt_touch *)p;
        int rc = visit(ctx, touch);

        if (rc < 0)
            return rc;
        p += sizeof *touch + nvalues_of[touch->kind] * sizeof touch->values[0];
    }
    return RT_OK;
}

static int walk_extents(const struct rt_touches *t, const struct part *part,
    const uint8_t *nvalues_of, rt_touch_visit *visit, void *ctx, struct rt_err *err)
{
    char *copy = rt_malloc(LARGEST_BYTES);
    int rc = copy ? RT_OK : rt_err_set(err, RT_ENOMEM, "out of memory");

    for (uint32_t i = 0; i < part->nextents && rc == RT_OK; i++) {
        const struct extent *e = &part->extents[i];

        rc = rt_spool_read(t->spool, e->at, copy, e->bytes, err);
        if (rc == RT_OK)
            rc = walk_bytes(copy, e->bytes, nvalues_of, visit, ctx);
    }
    rt_free(copy);
    return rc;
}

int rt_touches_walk(const struct rt_touches *t, uint32_t shard, const uint8_t *nvalues_of,
    rt_touch_visit *visit, void *ctx, struct rt_err *err)
{
    const struct part *part = &t->parts[shard];
    int rc = RT_OK;

    if (part->nextents)
        rc = walk_extents(t, part, nvalues_of, visit, ctx, err);
    for (const struct chunk *c = part->first; c && rc == RT_OK; c = c->next)
        rc = walk_bytes(c->data, c->used, nvalues_of, visit, ctx);
    return rc;
}
