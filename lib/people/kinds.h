/*
 * The kinds of records met so far: sets of matchers, numbered as they come. Kind 0 is the
 * empty set: such a record is not kept. One table a run, shared by all workers.
 */
#ifndef RT_KINDS_H
#define RT_KINDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "plan/plan.h"

enum { RT_KINDS_MAX = 1 << 20 };

struct rt_kinds;

int rt_kinds_new(const struct rt_plan *plan, struct rt_kinds **out);
void rt_kinds_free(struct rt_kinds *kinds);

/* For times when nobody matches: */
uint32_t rt_kinds_count(const struct rt_kinds *kinds);

/* The matchers of a kind: plan->matcher_words words. Lent. */
const uint64_t *rt_kinds_bits(const struct rt_kinds *kinds, uint32_t kind);

/* Words of values that a touch of each kind carries, by kind. Lent. */
const uint8_t *rt_kinds_nvalues(const struct rt_kinds *kinds);

/* The values that a touch of the kind carries, as bits. */
uint64_t rt_kinds_values(const struct rt_kinds *kinds, uint32_t kind);

/* Where a value stands among the words of a touch of the kind. The kind has a matcher that
 * asks for it. */
uint32_t rt_kinds_value_at(const struct rt_kinds *kinds, uint32_t kind, uint32_t value);

/* ---- while others match */

struct rt_kind_facts {
    uint64_t row_values;   /* that matching gives, as bits */
    uint64_t touch_values; /* that a touch carries */
    bool touched;
};

/* What is known of a kind, and a copy of its matchers. */
struct rt_kind_facts rt_kinds_facts(
    struct rt_kinds *kinds, uint32_t kind, uint64_t *bits);

/* Where a value stands among the words of a set of values. */
uint32_t rt_kinds_word_of(const struct rt_kinds *kinds, uint64_t values, uint32_t value);

/* The kind of a set of matchers, added when it is new, and the values that are asked of its
 * records (bits). Any number of threads; they had better ask once a kind and remember.
 * RT_OK, RT_ENOMEM, RT_ELIMIT past RT_KINDS_MAX. */
int rt_kinds_of(
    struct rt_kinds *kinds, const uint64_t *bits, uint32_t *kind, uint64_t *values);

/* Of a set of matchers, for tables. */
static inline uint64_t rt_kinds_hash(const uint64_t *bits, uint32_t words)
{
    return rt_hash64((struct rt_span) { (const char *)bits, words * sizeof *bits }, 0);
}

static inline bool rt_kinds_same(const uint64_t *a, const uint64_t *b, uint32_t words)
{
    uint64_t differ = 0;

    for (uint32_t i = 0; i < words; i++)
        differ |= a[i] ^ b[i];
    return differ == 0;
}

#endif
