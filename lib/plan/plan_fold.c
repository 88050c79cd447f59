/*
 * Which leaves need no order among a person's events, and what is kept for them:
 *
 *     did, did_not              SEEN
 *     did at_least ...          COUNT, COUNT_UP_TO where the bounds are small
 *     sum  avg  min  max        SUM   SUM NUMBERS   SMALLEST   LARGEST
 *     last, first               LATEST or EARLIEST; of those that pass `is` as well
 *     rank                      COUNT   SUM SEEN   SUM NUMBERS   LARGEST
 *     did, did_not  since_last  LATEST anchor, LATEST event that is no anchor
 *                   since_first EARLIEST anchor, LATEST event that is none, LATEST event
 *     (before_... with EARLIEST)
 *
 * With an anchor: all anchor events at the anchor's instant are left out. Behind the last
 * (before the first) anchor no event is one, so there those that are none suffice; behind
 * the first one (before the last) an event counts at that instant if it is no anchor, and
 * strictly behind it in any case. Where names tell events and anchors apart, no event is an
 * anchor, and one cell serves for both.
 *
 * Everything else is asked of touches, and so is what finds no room in the state.
 */
#include <string.h>

#include "plan/plan_int.h"

/* A word that several cells share: bits and counts from below, the upper half of a sum. */
struct shared_word {
    uint32_t word;
    unsigned bits; /* that are taken from below */
    bool upper;    /* the upper half is a sum's */
};

struct layout {
    uint32_t ncells, words, nshared;
    struct shared_word shared[RT_STATE_WORDS_MAX];
};

struct folding {
    struct rt_planner *b;
    struct rt_cell *cells;
    uint64_t *used, *touched; /* matchers, as bits */
    struct layout layout;
    bool fold;
};

static void mark(uint64_t *bits, uint32_t matcher)
{
    if (matcher != RT_NONE)
        bits[matcher / 64] |= UINT64_C(1) << matcher % 64;
}

/* ---- room in the state */

static bool same_cell(const struct rt_cell *a, const struct rt_cell *b)
{
    return a->op == b->op && a->matcher == b->matcher && a->unless == b->unless
        && a->value == b->value && a->when.lo_us == b->when.lo_us
        && a->when.hi_us == b->when.hi_us;
}

/* A word of its own, or RT_NONE. */
static uint32_t take_word(struct layout *l)
{
    return l->words < RT_STATE_WORDS_MAX ? l->words++ : RT_NONE;
}

/* A word that is shared and has room for this many bits from below, or for an upper half;
 * NULL when there is no room. */
static struct shared_word *find_shared(struct layout *l, unsigned bits, bool upper)
{
    uint32_t word;

    for (uint32_t i = 0; i < l->nshared; i++) {
        struct shared_word *s = &l->shared[i];

        if (upper ? !s->upper && s->bits <= 32 : s->bits + bits <= (s->upper ? 32 : 64))
            return s;
    }
    word = take_word(l);
    if (word == RT_NONE)
        return NULL;
    l->shared[l->nshared] = (struct shared_word) { .word = word };
    return &l->shared[l->nshared++];
}

static bool place_bits(struct layout *l, struct rt_cell *cell, unsigned bits)
{
    struct shared_word *s = find_shared(l, bits, false);

    if (!s)
        return false;
    cell->word = s->word;
    cell->shift = s->bits;
    s->bits += bits;
    return true;
}

static bool place_sum(struct layout *l, struct rt_cell *cell)
{
    struct shared_word *s = find_shared(l, 0, true);

    if (!s)
        return false;
    s->upper = true;
    cell->upper = s->word;
    cell->word = take_word(l);
    return cell->word != RT_NONE;
}

static bool place(struct layout *l, struct rt_cell *cell)
{
    switch (cell->op) {
    case RT_CELL_SEEN:
        return place_bits(l, cell, 1);
    case RT_CELL_COUNT_UP_TO:
        return place_bits(l, cell, RT_COUNT_BITS);
    case RT_CELL_SUM:
        return place_sum(l, cell);
    default:
        cell->word = take_word(l);
        return cell->word != RT_NONE;
    }
}

/* The place of the cell, which is added when it is new; RT_NONE when there is no room. */
static uint32_t cell_of(struct folding *f, struct rt_cell cell)
{
    struct layout *l = &f->layout;

    for (uint32_t i = 0; i < l->ncells; i++)
        if (same_cell(&f->cells[i], &cell))
            return i;
    if (!place(l, &cell))
        return RT_NONE;
    f->cells[l->ncells] = cell;
    return l->ncells++;
}

static const struct rt_bounds ever = { RT_TIME_MIN, RT_TIME_MAX };

/* ---- leaves to cells */

struct wish { /* the cells that a leaf would like */
    struct rt_cell cells[RT_LEAF_CELLS_MAX];
    uint32_t n;
};

static void wish_for(struct wish *w, enum rt_cell_op op, uint32_t matcher,
    uint32_t unless, struct rt_bounds when, uint32_t value)
{
    w->cells[w->n++] = (struct rt_cell) {
        .op = op, .matcher = matcher, .unless = unless, .when = when, .value = value
    };
}

static bool only_whether(const struct rt_cond *cond)
{
    const struct rt_measure *m = &cond->measure;

    if (cond->kind == RT_COND_DID_NOT)
        return true;
    return m->kind == RT_MEASURE_COUNT && !m->field.p && !m->by_day
        && ((m->min_count == 1 && m->max_count == UINT64_MAX) || m->max_count == 0);
}

static bool share_a_name(const struct rt_choice *a, const struct rt_choice *b)
{
    for (uint32_t i = 0; i < a->nnames; i++)
        for (uint32_t k = 0; k < b->nnames; k++)
            if (rt_span_eq(a->names[i], b->names[k]))
                return true;
    return a->nnames == 0 || b->nnames == 0;
}

/* No event is both, by their names alone: carts and purchases. */
static bool are_apart(const struct rt_matcher *a, const struct rt_matcher *b)
{
    if (a->everywhere || b->everywhere || a->nchoices == 0 || b->nchoices == 0)
        return false;
    for (uint32_t i = 0; i < a->nchoices; i++)
        for (uint32_t k = 0; k < b->nchoices; k++)
            if (share_a_name(&a->choices[i], &b->choices[k]))
                return false;
    return true;
}

static void wish_anchored(
    struct wish *w, const struct rt_planner *b, const struct rt_leaf *leaf)
{
    uint32_t anchor = leaf->anchor_matcher;
    bool apart = are_apart(&b->matchers[leaf->matcher], &b->matchers[anchor]);
    bool since =
        leaf->anchor == RT_ANCHOR_SINCE_LAST || leaf->anchor == RT_ANCHOR_SINCE_FIRST;
    bool last =
        leaf->anchor == RT_ANCHOR_SINCE_LAST || leaf->anchor == RT_ANCHOR_BEFORE_LAST;
    enum rt_cell_op far = since ? RT_CELL_LATEST : RT_CELL_EARLIEST;

    wish_for(w, last ? RT_CELL_LATEST : RT_CELL_EARLIEST, anchor, RT_NONE, ever, RT_NONE);
    wish_for(w, far, leaf->matcher, apart ? RT_NONE : anchor, leaf->when, RT_NONE);
    if (since != last)
        wish_for(w, far, leaf->matcher, RT_NONE, leaf->when, RT_NONE);
}

/* Ranks want the number itself; bounds, whether it is within them. */
static enum rt_cell_op count_of(const struct rt_leaf *leaf)
{
    const struct rt_measure *m = &leaf->cond->measure;
    bool few = leaf->kind != RT_COND_RANK && m->min_count <= RT_COUNT_MOST
        && (m->max_count < RT_COUNT_MOST || m->max_count == UINT64_MAX);

    return few ? RT_CELL_COUNT_UP_TO : RT_CELL_COUNT;
}

static void wish_measured(struct wish *w, const struct rt_leaf *leaf)
{
    const struct rt_measure *m = &leaf->cond->measure;
    uint32_t matcher = leaf->matcher;

    if (m->kind == RT_MEASURE_COUNT && !m->field.p && !m->by_day)
        wish_for(w, count_of(leaf), matcher, RT_NONE, leaf->when, RT_NONE);
    if (m->kind == RT_MEASURE_SUM || m->kind == RT_MEASURE_AVG)
        wish_for(w, RT_CELL_SUM, matcher, RT_NONE, leaf->when, leaf->value);
    if (m->kind == RT_MEASURE_SUM && leaf->kind == RT_COND_RANK)
        wish_for(w, RT_CELL_SEEN, matcher, RT_NONE, leaf->when, RT_NONE);
    if (m->kind == RT_MEASURE_AVG)
        wish_for(w, RT_CELL_NUMBERS, matcher, RT_NONE, leaf->when, leaf->value);
    if (m->kind == RT_MEASURE_MIN)
        wish_for(w, RT_CELL_SMALLEST, matcher, RT_NONE, leaf->when, leaf->value);
    if (m->kind == RT_MEASURE_MAX)
        wish_for(w, RT_CELL_LARGEST, matcher, RT_NONE, leaf->when, leaf->value);
}

static void wish_of(
    struct wish *w, const struct rt_planner *b, const struct rt_leaf *leaf)
{
    enum rt_cell_op end = leaf->kind == RT_COND_LAST ? RT_CELL_LATEST : RT_CELL_EARLIEST;

    switch (leaf->kind) {
    case RT_COND_DID:
    case RT_COND_DID_NOT:
    case RT_COND_RANK:
        if (leaf->anchor != RT_ANCHOR_NONE) {
            if (leaf->kind != RT_COND_RANK && only_whether(leaf->cond))
                wish_anchored(w, b, leaf);
        } else if (leaf->kind != RT_COND_RANK && only_whether(leaf->cond)) {
            wish_for(w, RT_CELL_SEEN, leaf->matcher, RT_NONE, leaf->when, RT_NONE);
        } else {
            wish_measured(w, leaf);
        }
        return;
    case RT_COND_LAST:
    case RT_COND_FIRST:
        wish_for(w, end, leaf->matcher, RT_NONE, ever, RT_NONE);
        if (leaf->is_matcher != RT_NONE)
            wish_for(w, end, leaf->is_matcher, RT_NONE, ever, RT_NONE);
        return;
    case RT_COND_PROFILE:
        wish_for(w, RT_CELL_SEEN, leaf->matcher, RT_NONE, ever, RT_NONE);
        return;
    default:
        return;
    }
}

/* All of a leaf's cells or none. */
static bool grant(struct folding *f, const struct wish *w, uint32_t *cells)
{
    struct layout before = f->layout;

    for (uint32_t i = 0; i < w->n; i++) {
        cells[i] = f->fold ? cell_of(f, w->cells[i]) : RT_NONE;
        if (cells[i] == RT_NONE) {
            f->layout = before;
            return false;
        }
    }
    return w->n > 0;
}

/* ---- matchers that a leaf asks of touches */

static void touch_chain(uint64_t *bits, const struct rt_chain *chain)
{
    mark(bits, chain->every);
    for (uint32_t i = 0; i < chain->nsteps; i++) {
        mark(bits, chain->steps[i].matcher);
        for (uint32_t k = 0; k < chain->steps[i].nnots; k++)
            mark(bits, chain->steps[i].nots[k].matcher);
    }
    for (uint32_t k = 0; k < chain->ntrailing; k++)
        mark(bits, chain->trailing[k].matcher);
}

static void touch_session(uint64_t *bits, const struct rt_session_plan *session)
{
    mark(bits, session->every);
    mark(bits, session->has);
    for (uint32_t i = 0; i < session->nfields; i++)
        mark(bits, session->fields[i].present);
    for (uint32_t i = 0; i < session->ntests; i++)
        mark(bits, session->tests[i].matcher);
}

static void touch(uint64_t *bits, const struct rt_leaf *leaf)
{
    mark(bits, leaf->matcher);
    mark(bits, leaf->is_matcher);
    mark(bits, leaf->anchor_matcher);
    if (leaf->chain)
        touch_chain(bits, leaf->chain);
    if (leaf->session)
        touch_session(bits, leaf->session);
    if (leaf->some)
        mark(bits, leaf->some->present);
}

/* ---- all that is wanted */

/* alone: the leaf is asked of a person, not of one value of a for_some. */
static void fold_leaf(struct folding *f, uint32_t i, bool alone)
{
    struct rt_leaf *leaf = &f->b->leaves[i];
    struct wish w = { .n = 0 };

    touch(f->used, leaf);
    if (leaf->ncells)
        return;
    if (alone)
        wish_of(&w, f->b, leaf);
    if (grant(f, &w, leaf->cells))
        leaf->ncells = w.n;
    else
        touch(f->touched, leaf);
}

static void fold_node(struct folding *f, const struct rt_node *node, bool alone)
{
    bool logic = node->kind == RT_COND_ALL || node->kind == RT_COND_ANY
        || node->kind == RT_COND_NOT;

    if (!logic && node->kind != RT_COND_SEGMENT)
        fold_leaf(f, node->leaf, alone);
    for (uint32_t i = 0; i < node->n; i++)
        fold_node(f, &node->parts[i], alone && logic);
}

static void fold_consent(struct folding *f, struct rt_consent *c)
{
    struct wish w = { .n = 0 };

    c->cells[0] = c->cells[1] = RT_NONE;
    if (c->present == RT_NONE)
        return;
    mark(f->used, c->present);
    mark(f->used, c->granted);
    wish_for(&w, RT_CELL_LATEST, c->present, RT_NONE, ever, RT_NONE);
    wish_for(&w, RT_CELL_LATEST, c->present, c->granted, ever, RT_NONE);
    if (grant(f, &w, c->cells))
        return;
    c->cells[0] = c->cells[1] = RT_NONE;
    mark(f->touched, c->present);
    mark(f->touched, c->granted);
}

/* A matcher that only unwanted segments ask for matches nothing. */
static void drop_unused(struct folding *f)
{
    for (uint32_t m = 0; m < f->b->plan->nmatchers; m++)
        if (!(f->used[m / 64] >> m % 64 & 1)) {
            f->b->matchers[m].lo_us = RT_TIME_MAX;
            f->b->matchers[m].hi_us = RT_TIME_MIN;
        }
}

void rt_planner_fold(struct rt_planner *b, bool fold)
{
    struct rt_plan *plan = b->plan;
    uint32_t words = plan->nmatchers / 64 + 1;
    struct folding f = { .b = b,
        .cells = rt_planner_new(
            b, RT_STATE_WORDS_MAX * 64, sizeof *f.cells), /* if all were bits */
        .used = rt_planner_new(b, words, sizeof *f.used),
        .touched = rt_planner_new(b, words, sizeof *f.touched),
        .fold = fold };

    if (!f.cells || !f.used || !f.touched)
        return;
    for (uint32_t i = 0; i < plan->nsegments; i++) {
        const struct rt_plan_segment *segment = &plan->segments[i];

        if (!segment->wanted)
            continue;
        fold_node(&f, &segment->match, true);
        for (uint32_t k = 0; k < segment->nexclude; k++)
            fold_node(&f, &segment->exclude[k], true);
    }
    for (uint32_t i = 0; i < b->defs->npurposes; i++)
        fold_consent(&f, (struct rt_consent *)&plan->consents[i]);
    drop_unused(&f);
    plan->cells = f.cells;
    plan->ncells = f.layout.ncells;
    plan->state_words = f.layout.words;
    plan->touched = f.touched;
}
