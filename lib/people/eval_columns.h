/*
 * State leaves asked of 64 people at a time.
 *
 * The states of a crowd are turned into columns, one a word: what a leaf compares stands in
 * a row, person by person, and its answers are a word of bits. No test branches on what it
 * finds, so it costs a cycle or two a person whatever the answers are, where asking one
 * person costs a jump that a processor cannot foresee.
 */
#ifndef RT_EVAL_COLUMNS_H
#define RT_EVAL_COLUMNS_H

#include "people/eval_int.h"

/* A state leaf, made ready. */
struct rt_column_test {
    enum rt_column_ask {
        RT_COLUMN_NEVER,
        RT_COLUMN_BIT,    /* the bit is there; or is not */
        RT_COLUMN_FEW,    /* (word >> bit, RT_COUNT_BITS of it) - least <= span */
        RT_COLUMN_WITHIN, /* word - least <= span */
        RT_COLUMN_SAME,   /* likewise, and the second word is the same */
        RT_COLUMN_SUM,    /* least_sum <= sum <= most_sum */
        RT_COLUMN_ANCHOR, /* see rt_eval_state_leaf: SINCE and BEFORE */
        RT_COLUMN_EACH    /* one by one */
    } ask;
    uint32_t words[RT_LEAF_CELLS_MAX];
    uint64_t flips[RT_LEAF_CELLS_MAX]; /* ANCHOR: makes later, or earlier, the larger */
    unsigned bit;                      /* BIT, FEW: the lowest */
    uint32_t upper;   /* SUM: the word in whose upper half its upper bits are */
    bool want, third; /* BIT, ANCHOR; ANCHOR: there is a third cell */
    uint64_t least, span;
    __int128 least_sum, most_sum;
    const struct rt_state_leaf *leaf;
};

struct rt_column_test rt_column_test(const struct rt_state_leaf *leaf);

struct rt_columns {
    uint64_t words[RT_STATE_WORDS_MAX][RT_CROWD_MAX];
    const uint64_t *states[RT_CROWD_MAX];
};

/* The states of a crowd; of those without one, and behind the last, zeros. */
void rt_columns_load(
    struct rt_columns *columns, const struct rt_crowd *crowd, uint32_t state_words);

/* Of whom the leaf holds; of those behind the crowd's last, anything. */
uint64_t rt_columns_ask(
    const struct rt_columns *columns, const struct rt_column_test *test);

/* The same without what only some processors have: for tests. */
uint64_t rt_columns_ask_plain(
    const struct rt_columns *columns, const struct rt_column_test *test);

/* Who granted, by the words of the latest that says and of the latest refusal. */
uint64_t rt_columns_consent(const struct rt_columns *columns, uint32_t latest,
    uint32_t refused, bool absent_grants);

#endif
