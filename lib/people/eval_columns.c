/* Each test is a loop over a column that shifts its answers into a word, from the last
 * person to the first: a load, a comparison and an addition with carry a person. Where the
 * processor can, it compares eight at a time. */
#include "people/eval_columns.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "people/fold.h"

/* ---- making tests ready */

static struct rt_column_test within(
    struct rt_column_test test, uint64_t least, uint64_t most)
{
    if (least > most) {
        test.ask = RT_COLUMN_NEVER;
        return test;
    }
    test.least = least;
    test.span = most - least;
    return test;
}

/* Which sums a measure takes; none when the least is more than the most. */
static void bound_sums(const struct rt_measure *m, __int128 *least, __int128 *most)
{
    const __int128 far = (__int128)1 << 126; /* no sum of 96 bits gets there */

    *least = -far;
    *most = far;
    if (m->has_gte && m->gte > *least)
        *least = m->gte;
    if (m->has_gt && m->gt >= *least)
        *least = (__int128)m->gt + 1;
    if (m->has_lte && m->lte < *most)
        *most = m->lte;
    if (m->has_lt && m->lt <= *most)
        *most = (__int128)m->lt - 1;
    if (m->has_eq && m->eq > *least)
        *least = m->eq;
    if (m->has_eq && m->eq < *most)
        *most = m->eq;
}

/* Numbers that are largest or smallest stand as keys, which are never 0. */
static struct rt_column_test number(
    struct rt_column_test test, const struct rt_state_leaf *leaf)
{
    bool descending = leaf->descending[0];
    __int128 least, most;
    uint64_t from, to;

    bound_sums(leaf->measure, &least, &most);
    if (least > INT64_MAX || most < INT64_MIN || least > most) {
        test.ask = RT_COLUMN_NEVER;
        return test;
    }
    least = least < INT64_MIN ? INT64_MIN : least;
    most = most > INT64_MAX ? INT64_MAX : most;
    from = rt_fold_key((int64_t)(descending ? most : least), descending);
    to = rt_fold_key((int64_t)(descending ? least : most), descending);
    return within(test, from ? from : 1, to);
}

static struct rt_column_test anchor(
    struct rt_column_test test, const struct rt_state_leaf *leaf)
{
    for (uint32_t i = 0; i < leaf->ncells; i++)
        test.flips[i] =
            leaf->descending[i] != (leaf->ask == RT_ASK_BEFORE) ? UINT64_MAX : 0;
    test.third = leaf->ncells > 2;
    return test;
}

struct rt_column_test rt_column_test(const struct rt_state_leaf *leaf)
{
    struct rt_column_test test = { .want = leaf->want, .leaf = leaf };

    for (uint32_t i = 0; i < leaf->ncells; i++)
        test.words[i] = leaf->words[i];
    switch (leaf->ask) {
    case RT_ASK_SEEN:
        test.ask = RT_COLUMN_BIT;
        test.bit = leaf->shift;
        return test;
    case RT_ASK_FEW:
        test.ask = RT_COLUMN_FEW;
        test.bit = leaf->shift;
        return within(test, leaf->least, leaf->most);
    case RT_ASK_COUNT:
    case RT_ASK_END:
        test.ask = leaf->ask == RT_ASK_END && leaf->ncells > 1 ? RT_COLUMN_SAME
                                                               : RT_COLUMN_WITHIN;
        return within(test, leaf->least, leaf->most);
    case RT_ASK_NUMBER:
        test.ask = RT_COLUMN_WITHIN;
        return number(test, leaf);
    case RT_ASK_SUM:
        test.ask = RT_COLUMN_SUM;
        test.upper = leaf->upper;
        bound_sums(leaf->measure, &test.least_sum, &test.most_sum);
        return test;
    case RT_ASK_SINCE:
    case RT_ASK_BEFORE:
        test.ask = RT_COLUMN_ANCHOR;
        return anchor(test, leaf);
    default:
        test.ask = RT_COLUMN_EACH;
        return test;
    }
}

/* ---- columns */

void rt_columns_load(
    struct rt_columns *c, const struct rt_crowd *crowd, uint32_t state_words)
{
    static const uint64_t nothing[RT_STATE_WORDS_MAX];

    for (uint32_t i = 0; i < RT_CROWD_MAX; i++) {
        const uint64_t *state = i < crowd->n ? crowd->states[i] : NULL;

        c->states[i] = state ? state : nothing;
        for (uint32_t w = 0; w < state_words; w++)
            c->words[w][i] = c->states[i][w];
    }
}

/* ---- kernels */

enum { FEW = (1 << RT_COUNT_BITS) - 1 }; /* a count of a few bits */

struct bounds { /* of sums */
    __int128 least, most;
};

/* Whom of a column's people a test takes. */
struct kernels {
    uint64_t (*bit)(const uint64_t *column, unsigned bit);
    uint64_t (*few)(const uint64_t *column, unsigned bit, uint64_t least, uint64_t span);
    uint64_t (*within)(const uint64_t *column, uint64_t least, uint64_t span);
    uint64_t (*more)(const uint64_t *a, uint64_t flip_a, const uint64_t *b,
        uint64_t flip_b); /* a ^ flip_a > b ^ flip_b */
    uint64_t (*sum)(
        const uint64_t *lower, const uint64_t *upper, const struct bounds *bounds);
};

static uint64_t bit_plain(const uint64_t *column, unsigned bit)
{
    uint64_t holds = 0;

    for (unsigned i = RT_CROWD_MAX; i-- > 0;)
        holds = holds + holds + (column[i] >> bit & 1);
    return holds;
}

static uint64_t few_plain(
    const uint64_t *column, unsigned bit, uint64_t least, uint64_t span)
{
    uint64_t fails = 0;

    for (unsigned i = RT_CROWD_MAX; i-- > 0;)
        fails = fails + fails + (span < (column[i] >> bit & FEW) - least);
    return ~fails;
}

static uint64_t within_plain(const uint64_t *column, uint64_t least, uint64_t span)
{
    uint64_t fails = 0;

    for (unsigned i = RT_CROWD_MAX; i-- > 0;)
        fails = fails + fails + (span < column[i] - least);
    return ~fails;
}

static uint64_t more_plain(
    const uint64_t *a, uint64_t flip_a, const uint64_t *b, uint64_t flip_b)
{
    uint64_t holds = 0;

    for (unsigned i = RT_CROWD_MAX; i-- > 0;)
        holds = holds + holds + ((b[i] ^ flip_b) < (a[i] ^ flip_a));
    return holds;
}

static uint64_t sum_plain(
    const uint64_t *lower, const uint64_t *upper, const struct bounds *bounds)
{
    uint64_t holds = 0;

    for (unsigned i = RT_CROWD_MAX; i-- > 0;) {
        __int128 sum = rt_fold_sum(lower[i], upper[i]);

        holds = holds + holds + ((bounds->least <= sum) & (sum <= bounds->most));
    }
    return holds;
}

static const struct kernels plain = { bit_plain, few_plain, within_plain, more_plain,
    sum_plain };

#ifdef __x86_64__

/* Eight people at a time: 4 ms instead of 8 for eleven segments of 300,000 people. */
#define WIDE __attribute__((target("avx512f")))

WIDE static uint64_t bit_wide(const uint64_t *column, unsigned bit)
{
    __m512i mask = _mm512_set1_epi64((long long)(UINT64_C(1) << bit));
    uint64_t holds = 0;

    for (unsigned i = 0; i < RT_CROWD_MAX; i += 8)
        holds |= (uint64_t)_mm512_test_epi64_mask(_mm512_loadu_si512(column + i), mask)
            << i;
    return holds;
}

WIDE static uint64_t few_wide(
    const uint64_t *column, unsigned bit, uint64_t least, uint64_t span)
{
    __m512i from = _mm512_set1_epi64((long long)least), few = _mm512_set1_epi64(FEW);
    __m512i most = _mm512_set1_epi64((long long)span);
    __m128i shift = _mm_cvtsi32_si128((int)bit);
    uint64_t holds = 0;

    for (unsigned i = 0; i < RT_CROWD_MAX; i += 8) {
        __m512i words = _mm512_srl_epi64(_mm512_loadu_si512(column + i), shift);

        words = _mm512_sub_epi64(_mm512_and_si512(words, few), from);
        holds |= (uint64_t)_mm512_cmple_epu64_mask(words, most) << i;
    }
    return holds;
}

WIDE static uint64_t within_wide(const uint64_t *column, uint64_t least, uint64_t span)
{
    __m512i from = _mm512_set1_epi64((long long)least);
    __m512i most = _mm512_set1_epi64((long long)span);
    uint64_t holds = 0;

    for (unsigned i = 0; i < RT_CROWD_MAX; i += 8) {
        __m512i words = _mm512_sub_epi64(_mm512_loadu_si512(column + i), from);

        holds |= (uint64_t)_mm512_cmple_epu64_mask(words, most) << i;
    }
    return holds;
}

WIDE static uint64_t more_wide(
    const uint64_t *a, uint64_t flip_a, const uint64_t *b, uint64_t flip_b)
{
    __m512i flips_a = _mm512_set1_epi64((long long)flip_a);
    __m512i flips_b = _mm512_set1_epi64((long long)flip_b);
    uint64_t holds = 0;

    for (unsigned i = 0; i < RT_CROWD_MAX; i += 8) {
        __m512i of_a = _mm512_xor_si512(_mm512_loadu_si512(a + i), flips_a);
        __m512i of_b = _mm512_xor_si512(_mm512_loadu_si512(b + i), flips_b);

        holds |= (uint64_t)_mm512_cmpgt_epu64_mask(of_a, of_b) << i;
    }
    return holds;
}

/* Sums that a bound is not above: the halves of eight, compared one behind the other. */
WIDE static inline unsigned at_least(__m512i high, __m512i low, __int128 bound)
{
    __m512i upper = _mm512_set1_epi64((long long)(bound >> 64));
    __m512i lower = _mm512_set1_epi64((long long)(uint64_t)bound);
    unsigned above = _mm512_cmpgt_epi64_mask(high, upper);
    unsigned same = _mm512_cmpeq_epi64_mask(high, upper);

    return above | (same & _mm512_cmpge_epu64_mask(low, lower));
}

WIDE static uint64_t sum_wide(
    const uint64_t *lower, const uint64_t *upper, const struct bounds *bounds)
{
    uint64_t holds = 0;

    for (unsigned i = 0; i < RT_CROWD_MAX; i += 8) {
        __m512i high = _mm512_srai_epi64(_mm512_loadu_si512(upper + i), 32);
        __m512i low = _mm512_loadu_si512(lower + i);
        unsigned eight =
            at_least(high, low, bounds->least) & ~at_least(high, low, bounds->most + 1);

        holds |= (uint64_t)(eight & 255) << i;
    }
    return holds;
}

static const struct kernels wide = { bit_wide, few_wide, within_wide, more_wide,
    sum_wide };

static const struct kernels *kernels_of(void)
{
    return __builtin_cpu_supports("avx512f") ? &wide : &plain;
}

#else

static const struct kernels *kernels_of(void)
{
    return &plain;
}

#endif

/* ---- tests */

static uint64_t any_of(const struct kernels *k, const uint64_t *column)
{
    return k->within(column, 1, UINT64_MAX - 1);
}

static uint64_t same_of(const struct kernels *k, const uint64_t *a, const uint64_t *b)
{
    return ~(k->more(a, 0, b, 0) | k->more(b, 0, a, 0));
}

/* Events that are there, on the anchor's right side: the second cell's at its instant as
 * well, the third one's not. */
static uint64_t ask_anchor(
    const struct kernels *k, const struct rt_columns *c, const struct rt_column_test *t)
{
    const uint64_t *anchors = c->words[t->words[0]], *events = c->words[t->words[1]];
    uint64_t any =
        any_of(k, events) & ~k->more(anchors, t->flips[0], events, t->flips[1]);

    if (t->third) {
        events = c->words[t->words[2]];
        any |= any_of(k, events) & k->more(events, t->flips[2], anchors, t->flips[0]);
    }
    return any_of(k, anchors) & (t->want ? any : ~any);
}

static uint64_t ask_each(const struct rt_columns *c, const struct rt_state_leaf *leaf)
{
    uint64_t holds = 0;

    for (unsigned i = RT_CROWD_MAX; i-- > 0;)
        holds = holds + holds + rt_eval_state(leaf, c->states[i]);
    return holds;
}

static uint64_t ask(
    const struct kernels *k, const struct rt_columns *c, const struct rt_column_test *t)
{
    const uint64_t *column = c->words[t->words[0]];

    switch (t->ask) {
    case RT_COLUMN_NEVER:
        return 0;
    case RT_COLUMN_BIT:
        return t->want ? k->bit(column, t->bit) : ~k->bit(column, t->bit);
    case RT_COLUMN_FEW:
        return k->few(column, t->bit, t->least, t->span);
    case RT_COLUMN_WITHIN:
        return k->within(column, t->least, t->span);
    case RT_COLUMN_SAME:
        return k->within(column, t->least, t->span)
            & same_of(k, column, c->words[t->words[1]]);
    case RT_COLUMN_SUM:
        return k->sum(
            column, c->words[t->upper], &(struct bounds) { t->least_sum, t->most_sum });
    case RT_COLUMN_ANCHOR:
        return ask_anchor(k, c, t);
    default:
        return ask_each(c, t->leaf);
    }
}

uint64_t rt_columns_ask(const struct rt_columns *c, const struct rt_column_test *t)
{
    return ask(kernels_of(), c, t);
}

uint64_t rt_columns_ask_plain(const struct rt_columns *c, const struct rt_column_test *t)
{
    return ask(&plain, c, t);
}

uint64_t rt_columns_consent(
    const struct rt_columns *c, uint32_t latest, uint32_t refused, bool absent_grants)
{
    const struct kernels *k = kernels_of();
    uint64_t said = any_of(k, c->words[latest]);
    uint64_t granted = k->more(c->words[latest], 0, c->words[refused], 0);

    return (said & granted) | (absent_grants ? ~said : 0);
}
