/* Each test is a loop over a column that shifts its answers into a word, from the last
 * person to the first: a load, a comparison and an addition with carry a person. */
#include "people/eval_columns.h"

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
    const __int128 far = (__int128)1 << 126; /* no sum of 2^62 numbers gets there */

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
        test.bit = (unsigned)__builtin_ctzll(leaf->bit);
        return test;
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

static uint64_t ask_bit(const uint64_t *column, unsigned bit)
{
    uint64_t holds = 0;

    for (unsigned i = RT_CROWD_MAX; i-- > 0;)
        holds = holds + holds + (column[i] >> bit & 1);
    return holds;
}

static uint64_t ask_within(const uint64_t *column, uint64_t least, uint64_t span)
{
    uint64_t fails = 0;

    for (unsigned i = RT_CROWD_MAX; i-- > 0;)
        fails = fails + fails + (span < column[i] - least);
    return ~fails;
}

static uint64_t ask_same(const uint64_t *a, const uint64_t *b)
{
    uint64_t holds = 0;

    for (unsigned i = RT_CROWD_MAX; i-- > 0;)
        holds = holds + holds + (a[i] == b[i]);
    return holds;
}

static uint64_t ask_sum(
    const uint64_t *low, const uint64_t *high, __int128 least, __int128 most)
{
    uint64_t holds = 0;

    for (unsigned i = RT_CROWD_MAX; i-- > 0;) {
        __int128 sum = (__int128)((unsigned __int128)high[i] << 64 | low[i]);

        holds = holds + holds + ((least <= sum) & (sum <= most));
    }
    return holds;
}

/* Events that are there, on the anchor's right side: at its instant as well, or not. */
static uint64_t ask_beside(const uint64_t *anchors, uint64_t anchor_flip,
    const uint64_t *events, uint64_t flip, bool strictly)
{
    uint64_t holds = 0;

    for (unsigned i = RT_CROWD_MAX; i-- > 0;) {
        uint64_t anchor = anchors[i] ^ anchor_flip, event = events[i] ^ flip;

        holds = holds + holds
            + ((events[i] != 0) & (event > anchor || (event == anchor && !strictly)));
    }
    return holds;
}

static uint64_t ask_anchor(const struct rt_columns *c, const struct rt_column_test *t)
{
    const uint64_t *anchors = c->words[t->words[0]];
    uint64_t any =
        ask_beside(anchors, t->flips[0], c->words[t->words[1]], t->flips[1], false);

    if (t->third)
        any |= ask_beside(anchors, t->flips[0], c->words[t->words[2]], t->flips[2], true);
    return ask_within(anchors, 1, UINT64_MAX - 1) & (t->want ? any : ~any);
}

static uint64_t ask_each(const struct rt_columns *c, const struct rt_state_leaf *leaf)
{
    uint64_t holds = 0;

    for (unsigned i = RT_CROWD_MAX; i-- > 0;)
        holds = holds + holds + rt_eval_state(leaf, c->states[i]);
    return holds;
}

uint64_t rt_columns_ask(const struct rt_columns *c, const struct rt_column_test *t)
{
    const uint64_t *column = c->words[t->words[0]];

    switch (t->ask) {
    case RT_COLUMN_NEVER:
        return 0;
    case RT_COLUMN_BIT:
        return t->want ? ask_bit(column, t->bit) : ~ask_bit(column, t->bit);
    case RT_COLUMN_WITHIN:
        return ask_within(column, t->least, t->span);
    case RT_COLUMN_SAME:
        return ask_within(column, t->least, t->span)
            & ask_same(column, c->words[t->words[1]]);
    case RT_COLUMN_SUM:
        return ask_sum(column, c->words[t->words[0] + 1], t->least_sum, t->most_sum);
    case RT_COLUMN_ANCHOR:
        return ask_anchor(c, t);
    default:
        return ask_each(c, t->leaf);
    }
}

uint64_t rt_columns_consent(
    const struct rt_columns *c, uint32_t latest, uint32_t refused, bool absent_grants)
{
    const uint64_t *says = c->words[latest], *refuses = c->words[refused];
    uint64_t said = ask_within(says, 1, UINT64_MAX - 1), granted = 0;

    for (unsigned i = RT_CROWD_MAX; i-- > 0;)
        granted = granted + granted + (refuses[i] < says[i]);
    return (said & granted) | (absent_grants ? ~said : 0);
}
