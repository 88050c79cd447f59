/*
 * Texts: the bytes behind hashed values, for the few fields whose values are not only
 * compared but written (product lists) or ordered (landing values).
 *
 * One a worker, filled while records are matched; read once reading has ended, through a
 * set of them. Cost: 32 bytes and its own a distinct value and worker.
 */
#ifndef RT_TEXTS_H
#define RT_TEXTS_H

#include <stdint.h>

#include "base/hash.h"
#include "base/span.h"

struct rt_texts;

int rt_texts_new(struct rt_texts **out); /* RT_OK or RT_ENOMEM */
void rt_texts_free(struct rt_texts *texts);

/* Keeps a copy of the bytes under their hash. RT_OK or RT_ENOMEM. */
int rt_texts_add(struct rt_texts *texts, struct rt_hash128 hash, struct rt_span bytes);

uint64_t rt_texts_cost_bytes(const struct rt_texts *texts);

/* The bytes kept under a hash, or absent. Lent. */
struct rt_span rt_texts_find(const struct rt_texts *texts, struct rt_hash128 hash);

/* Those of all workers. */
struct rt_text_set {
    struct rt_texts *const *texts; /* borrowed */
    uint32_t n;
};

struct rt_span rt_text_set_find(const struct rt_text_set *set, struct rt_hash128 hash);

#endif
