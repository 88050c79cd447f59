/*
 * What a touch of a history says: small accessors for those who evaluate.
 */
#ifndef RT_PAST_H
#define RT_PAST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "people/history.h"
#include "people/kinds.h"

static inline bool rt_past_holds(
    const struct rt_kinds *kinds, const struct rt_past *event, uint32_t matcher)
{
    return rt_kinds_bits(kinds, event->kind)[matcher / 64] >> matcher % 64 & 1;
}

/* The words of a value that the touch carries: one of its matchers asks for it. */
static inline const uint64_t *rt_past_value(const struct rt_kinds *kinds,
    const struct rt_history *history, const struct rt_past *event, uint32_t value)
{
    return history->values + event->value + rt_kinds_value_at(kinds, event->kind, value);
}

/* A text value; {0, 0} when it is absent, empty, or not carried. */
static inline struct rt_hash128 rt_past_text(const struct rt_kinds *kinds,
    const struct rt_history *history, const struct rt_past *event, uint32_t value)
{
    const uint64_t *words;

    if (!(rt_kinds_values(kinds, event->kind) >> value & 1))
        return (struct rt_hash128) { 0, 0 };
    words = rt_past_value(kinds, history, event, value);
    return (struct rt_hash128) { words[0], words[1] };
}

static inline bool rt_text_given(struct rt_hash128 text)
{
    return text.lo || text.hi;
}

static inline bool rt_text_same(struct rt_hash128 a, struct rt_hash128 b)
{
    return a.lo == b.lo && a.hi == b.hi;
}

#endif
