/* Leaves asked of the state: what plan_fold.c says is in their cells. */
#include "people/eval_int.h"
#include "people/fold.h"

static const struct rt_cell *cell_of(
    const struct rt_eval *ev, const struct rt_leaf *leaf, uint32_t i)
{
    return &ev->plan->cells[leaf->cells[i]];
}

static uint64_t word_of(const struct rt_eval *ev, const struct rt_leaf *leaf, uint32_t i)
{
    return ev->state[cell_of(ev, leaf, i)->word];
}

static bool is_descending(const struct rt_cell *cell)
{
    return cell->op == RT_CELL_EARLIEST || cell->op == RT_CELL_SMALLEST;
}

/* The time or number of a cell; false when there was none. */
static bool read_key(
    const struct rt_eval *ev, const struct rt_leaf *leaf, uint32_t i, int64_t *v)
{
    uint64_t key = word_of(ev, leaf, i);

    *v = rt_fold_unkey(key, is_descending(cell_of(ev, leaf, i)));
    return key != 0;
}

static __int128 read_sum(const struct rt_eval *ev, const struct rt_leaf *leaf)
{
    return rt_fold_sum(word_of(ev, leaf, 0), ev->state[cell_of(ev, leaf, 0)->upper]);
}

/* ---- leaves, made ready */

/* Which of a key's values are the times from lo to hi; none yet is never among them. */
static void bound_keys(struct rt_state_leaf *out, struct rt_bounds when)
{
    bool descending = out->descending[0];

    out->least = rt_fold_key(descending ? when.hi_us : when.lo_us, descending);
    out->most = rt_fold_key(descending ? when.lo_us : when.hi_us, descending);
    if (out->least == 0)
        out->least = 1;
}

static enum rt_state_ask ask_of_measure(const struct rt_measure *measure)
{
    switch (measure->kind) {
    case RT_MEASURE_COUNT:
        return RT_ASK_COUNT;
    case RT_MEASURE_SUM:
        return RT_ASK_SUM;
    case RT_MEASURE_AVG:
        return RT_ASK_AVERAGE;
    default:
        return RT_ASK_NUMBER;
    }
}

static enum rt_state_ask ask_of(const struct rt_plan *plan, const struct rt_leaf *leaf)
{
    if (leaf->kind == RT_COND_LAST || leaf->kind == RT_COND_FIRST)
        return RT_ASK_END;
    if (leaf->anchor == RT_ANCHOR_SINCE_LAST || leaf->anchor == RT_ANCHOR_SINCE_FIRST)
        return RT_ASK_SINCE;
    if (leaf->anchor != RT_ANCHOR_NONE)
        return RT_ASK_BEFORE;
    if (plan->cells[leaf->cells[0]].op == RT_CELL_SEEN)
        return RT_ASK_SEEN;
    if (plan->cells[leaf->cells[0]].op == RT_CELL_COUNT_UP_TO)
        return RT_ASK_FEW;
    return ask_of_measure(&leaf->cond->measure);
}

struct rt_state_leaf rt_eval_state_leaf(
    const struct rt_plan *plan, const struct rt_leaf *leaf)
{
    struct rt_state_leaf out = { .ask = ask_of(plan, leaf),
        .ncells = leaf->ncells,
        .want = leaf->kind != RT_COND_DID_NOT,
        .shift = plan->cells[leaf->cells[0]].shift,
        .upper = plan->cells[leaf->cells[0]].upper };

    for (uint32_t i = 0; i < leaf->ncells; i++) {
        out.words[i] = plan->cells[leaf->cells[i]].word;
        out.descending[i] = is_descending(&plan->cells[leaf->cells[i]]);
    }
    if (leaf->kind == RT_COND_DID) {
        out.measure = &leaf->cond->measure;
        out.want = out.measure->max_count > 0;
        out.least = out.measure->min_count;
        out.most = out.measure->max_count;
    }
    if (out.ask == RT_ASK_END)
        bound_keys(&out, leaf->when);
    return out;
}

/* ---- leaves, asked */

/* The time or number of a cell; false when there was none. */
static bool key_of(
    const struct rt_state_leaf *leaf, const uint64_t *state, uint32_t i, int64_t *v)
{
    uint64_t key = state[leaf->words[i]];

    *v = rt_fold_unkey(key, leaf->descending[i]);
    return key != 0;
}

static __int128 sum_of(const struct rt_state_leaf *leaf, const uint64_t *state)
{
    return rt_fold_sum(state[leaf->words[0]], state[leaf->upper]);
}

/* Whether an event that counts happened on the anchor's right side is what is wanted;
 * false too when there is no anchor. The second cell leaves the anchor's own events out,
 * the third, if there is one, does not: those count but at the anchor's instant. */
static bool anchored(const struct rt_state_leaf *leaf, const uint64_t *state)
{
    bool since = leaf->ask == RT_ASK_SINCE, any;
    int64_t anchor, event;

    if (!key_of(leaf, state, 0, &anchor))
        return false;
    any = key_of(leaf, state, 1, &event) && (since ? event >= anchor : event <= anchor);
    if (!any && leaf->ncells > 2)
        any = key_of(leaf, state, 2, &event) && (since ? event > anchor : event < anchor);
    return any == leaf->want;
}

/* What rt_eval_state does not answer by itself. */
bool rt_eval_state_rest(const struct rt_state_leaf *leaf, const uint64_t *state)
{
    uint64_t count;
    int64_t v;

    switch (leaf->ask) {
    case RT_ASK_SUM:
        return rt_eval_within(leaf->measure, sum_of(leaf, state), 1);
    case RT_ASK_AVERAGE:
        count = state[leaf->words[1]];
        return count && rt_eval_within(leaf->measure, sum_of(leaf, state), count);
    case RT_ASK_NUMBER:
        return key_of(leaf, state, 0, &v) && rt_eval_within(leaf->measure, v, 1);
    default:
        return anchored(leaf, state);
    }
}

/* ---- ranks, consent */

int rt_eval_state_rank(
    const struct rt_eval *ev, const struct rt_leaf *leaf, struct rt_rank_number *number)
{
    const struct rt_cell *seen;
    uint64_t n;
    int64_t v;

    switch (leaf->cond->measure.kind) {
    case RT_MEASURE_COUNT:
        n = word_of(ev, leaf, 0);
        *number = rt_rank_whole((__int128)n);
        return n > 0;
    case RT_MEASURE_SUM:
        seen = cell_of(ev, leaf, 1);
        *number = rt_rank_whole(read_sum(ev, leaf));
        return ev->state[seen->word] >> seen->shift & 1;
    case RT_MEASURE_AVG:
        n = word_of(ev, leaf, 1);
        if (n)
            *number = rt_rank_average(read_sum(ev, leaf), n);
        return n > 0;
    default:
        if (!read_key(ev, leaf, 0, &v))
            return RT_NO;
        *number = rt_rank_whole(v);
        return RT_YES;
    }
}

bool rt_eval_state_consent(const struct rt_eval *ev, const struct rt_consent *c)
{
    uint64_t latest = ev->state[ev->plan->cells[c->cells[0]].word];
    uint64_t refused = ev->state[ev->plan->cells[c->cells[1]].word];

    return latest ? refused < latest : c->absent_grants;
}
