/*
 * Counts of texts: how often each of some names came, up to a limit of names.
 *
 * Not for several threads at once.
 */
#ifndef RT_COUNTS_H
#define RT_COUNTS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

struct rt_counted {
    struct rt_span text; /* p is NULL in a slot that is free */
    uint64_t hash, n;
};

struct rt_counts {
    struct rt_counted *slots; /* owned */
    uint32_t nslots, n;       /* slots: a power of two */
    uint32_t limit;           /* of names */
    uint64_t others;          /* of names past the limit */
};

/* Empty, for up to limit names. RT_OK or RT_ENOMEM. */
int rt_counts_init(struct rt_counts *counts, uint32_t limit);
void rt_counts_release(struct rt_counts *counts);

/* Forgets everything, keeps the memory. */
void rt_counts_reset(struct rt_counts *counts);

/* Counts n of a text that is not absent. keep: where a new text's bytes are copied, with a
 * NUL behind them; NULL: they stay where they are. RT_OK or RT_ENOMEM. */
int rt_counts_add(
    struct rt_counts *counts, struct rt_span text, uint64_t n, struct rt_arena *keep);

/* Adds all of from. RT_OK or RT_ENOMEM. */
int rt_counts_merge(
    struct rt_counts *to, const struct rt_counts *from, struct rt_arena *keep);

/* How often the text came; 0 also for one past the limit. */
uint64_t rt_counts_of(const struct rt_counts *counts, struct rt_span text);

#endif
