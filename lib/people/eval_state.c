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
    const uint64_t *words = &ev->state[cell_of(ev, leaf, 0)->word];

    return (__int128)((unsigned __int128)words[1] << 64 | words[0]);
}

/* Did an event that counts happen on the anchor's right side? False too when there is no
 * anchor; *anchored says so. */
static bool happened(const struct rt_eval *ev, const struct rt_leaf *leaf, bool *anchored)
{
    bool since =
        leaf->anchor == RT_ANCHOR_SINCE_LAST || leaf->anchor == RT_ANCHOR_SINCE_FIRST;
    int64_t anchor, event;

    *anchored = true;
    if (leaf->anchor == RT_ANCHOR_NONE) {
        const struct rt_cell *cell = cell_of(ev, leaf, 0);

        return ev->state[cell->word] & cell->bit;
    }
    *anchored = read_key(ev, leaf, 0, &anchor);
    if (!*anchored)
        return false;
    if (read_key(ev, leaf, 1, &event) && (since ? event >= anchor : event <= anchor))
        return true;
    return leaf->ncells > 2 && read_key(ev, leaf, 2, &event)
        && (since ? event > anchor : event < anchor);
}

static bool measured(const struct rt_eval *ev, const struct rt_leaf *leaf)
{
    const struct rt_measure *m = &leaf->cond->measure;
    uint64_t count;
    int64_t v;

    switch (m->kind) {
    case RT_MEASURE_COUNT:
        count = word_of(ev, leaf, 0);
        return m->min_count <= count && count <= m->max_count;
    case RT_MEASURE_SUM:
        return rt_eval_within(m, read_sum(ev, leaf), 1);
    case RT_MEASURE_AVG:
        count = word_of(ev, leaf, 1);
        return count && rt_eval_within(m, read_sum(ev, leaf), count);
    default:
        return read_key(ev, leaf, 0, &v) && rt_eval_within(m, v, 1);
    }
}

static bool did(const struct rt_eval *ev, const struct rt_leaf *leaf)
{
    enum rt_cell_op op = cell_of(ev, leaf, 0)->op;
    bool anchored, any;

    if (op != RT_CELL_SEEN && leaf->anchor == RT_ANCHOR_NONE)
        return measured(ev, leaf);
    any = happened(ev, leaf, &anchored);
    return anchored && any == (leaf->cond->measure.max_count > 0);
}

static bool at_the_end(const struct rt_eval *ev, const struct rt_leaf *leaf)
{
    int64_t end, passed;

    if (!read_key(ev, leaf, 0, &end) || end < leaf->when.lo_us || end > leaf->when.hi_us)
        return false;
    return leaf->ncells == 1 || (read_key(ev, leaf, 1, &passed) && passed == end);
}

int rt_eval_state(const struct rt_eval *ev, const struct rt_leaf *leaf)
{
    bool anchored, any;

    switch (leaf->kind) {
    case RT_COND_DID:
        return did(ev, leaf);
    case RT_COND_DID_NOT:
        any = happened(ev, leaf, &anchored);
        return anchored && !any;
    case RT_COND_LAST:
    case RT_COND_FIRST:
        return at_the_end(ev, leaf);
    default:
        return happened(ev, leaf, &anchored); /* PROFILE */
    }
}

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
        return (ev->state[seen->word] & seen->bit) != 0;
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
