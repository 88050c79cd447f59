/*
 * A bump allocator: many small things that live and die together.
 *
 * Memory comes in chunks that never move, so pointers into the arena stay good until
 * rt_arena_release. Aligned to 8 bytes unless rt_arena_bytes is used.
 */
#ifndef RT_ARENA_H
#define RT_ARENA_H

#include <stddef.h>

#include "base/span.h"

struct rt_arena_chunk;

struct rt_arena {
    struct rt_arena_chunk *chunk; /* the newest */
    size_t used, room;            /* bytes of the newest chunk */
    size_t total_bytes;           /* of all chunks: what the arena costs */
};

/* clang-format off */
#define RT_ARENA_INIT { NULL, 0, 0, 0 }
/* clang-format on */

void rt_arena_release(struct rt_arena *arena);

/* Forgets everything, keeps the newest chunk for use again. */
void rt_arena_reset(struct rt_arena *arena);

/* Zeroed memory for count things of the given size; NULL when there is none. */
void *rt_arena_new(struct rt_arena *arena, size_t count, size_t size);

/* Unaligned, uninitialised bytes; NULL when there are none. */
char *rt_arena_bytes(struct rt_arena *arena, size_t n);

/* A copy of the bytes with a NUL behind it. {NULL, 0} when there is no memory. */
struct rt_span rt_arena_copy(struct rt_arena *arena, struct rt_span bytes);

#endif
