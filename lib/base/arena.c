/* Chunks of doubling size up to 1 MiB, linked from the newest to the oldest. */
#include "base/arena.h"

#include <stdint.h>

#include "base/alloc.h"

struct rt_arena_chunk {
    struct rt_arena_chunk *older;
    size_t bytes;
    _Alignas(8) char data[];
};

enum { FIRST_BYTES = 1024, LARGEST_BYTES = 1 << 20 };

void rt_arena_release(struct rt_arena *arena)
{
    while (arena->chunk) {
        struct rt_arena_chunk *older = arena->chunk->older;

        rt_free(arena->chunk);
        arena->chunk = older;
    }
    arena->used = arena->room = arena->total_bytes = 0;
}

void rt_arena_reset(struct rt_arena *arena)
{
    struct rt_arena_chunk *keep = arena->chunk;

    if (!keep)
        return;
    arena->chunk = keep->older;
    rt_arena_release(arena);
    keep->older = NULL;
    arena->chunk = keep;
    arena->room = keep->bytes;
    arena->total_bytes = keep->bytes;
}

static int grow(struct rt_arena *arena, size_t need)
{
    size_t bytes = arena->chunk ? arena->chunk->bytes * 2 : FIRST_BYTES;
    struct rt_arena_chunk *chunk;

    if (bytes > LARGEST_BYTES)
        bytes = LARGEST_BYTES;
    if (bytes < need)
        bytes = need;
    if (bytes > SIZE_MAX - sizeof *chunk)
        return -1;
    chunk = rt_malloc(sizeof *chunk + bytes);
    if (!chunk)
        return -1;
    chunk->older = arena->chunk;
    chunk->bytes = bytes;
    arena->chunk = chunk;
    arena->used = 0;
    arena->room = bytes;
    arena->total_bytes += bytes;
    return 0;
}

char *rt_arena_bytes(struct rt_arena *arena, size_t n)
{
    char *p;

    if (n > arena->room - arena->used && grow(arena, n) < 0)
        return NULL;
    if (!arena->chunk && grow(arena, FIRST_BYTES) < 0)
        return NULL;
    p = arena->chunk->data + arena->used;
    arena->used += n;
    return p;
}

void *rt_arena_new(struct rt_arena *arena, size_t count, size_t size)
{
    size_t bytes, start;
    char *p;

    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - 8)
        return NULL;
    start = (arena->used + 7) & ~(size_t)7;
    if (!arena->chunk || start > arena->room || bytes > arena->room - start) {
        if (grow(arena, bytes) < 0)
            return NULL;
        start = 0;
    }
    p = arena->chunk->data + start;
    arena->used = start + bytes;
    return memset(p, 0, bytes);
}

struct rt_span rt_arena_copy(struct rt_arena *arena, struct rt_span bytes)
{
    char *p = bytes.n < SIZE_MAX ? rt_arena_bytes(arena, bytes.n + 1) : NULL;

    if (!p)
        return RT_SPAN_ABSENT;
    if (bytes.n)
        memcpy(p, bytes.p, bytes.n);
    p[bytes.n] = '\0';
    return (struct rt_span) { p, bytes.n };
}
