/*
 * Formulas as programs. A tree of conditions is laid out flat once, so that asking it about
 * a person is a walk over steps that jumps past what no longer matters:
 *
 *     all: [a, any: [b, c]]      a; if no, to 1; b; if yes, to 1; c; 1: end
 *
 * A part that is asked of the state is quickly asked: it costs less than a jump that a
 * processor cannot foresee, as most cannot be. So it is asked whatever came before:
 *
 *     all: [a, b]                a; push; b; and; end
 *
 * Each step leaves its answer for the next. Where a part may be undecided, the answer so
 * far is laid aside before the next part is asked, and put together with that part's:
 *
 *     all: [a, b]                a; if no, to 1, else push; b; all; 1: end
 *
 * Segments stand behind those that they refer to, those that are wanted first:
 *
 *     wanted segments | end | other segments, each with an end | conditions of for_somes
 *
 * Eleven segments of two or three conditions each: 1,800 instructions a person as trees,
 * 670 as programs. Lists ask many people at once (eval_crowd.c), and so for one person what
 * is left open.
 */
#include "people/eval_int.h"

#include "base/alloc.h"

enum { QUICK = 4 /* leaves */ };

enum op {
    OP_STATE,   /* a leaf that is asked of the state */
    OP_LEAF,    /* another one: worked out once a person */
    OP_SOME,    /* a for_some, likewise */
    OP_SEGMENT, /* likewise */
    OP_IS,      /* `arg`, whoever is asked about */
    OP_NOT,
    OP_IF_NO, /* to `arg` */
    OP_IF_YES,
    OP_PUSH, /* the answer so far */
    OP_ALL,  /* of what was pushed last and the answer */
    OP_ANY,
    OP_AND, /* likewise, when neither is undecided */
    OP_OR,
    OP_KEEP, /* the answer is that of segment `arg` */
    OP_END
};

struct rt_eval_step {
    enum op op;
    uint32_t arg;               /* leaf, segment or step */
    const struct rt_node *node; /* SOME */
};

/* ---- laying out */

struct builder {
    struct rt_eval *ev;
    uint32_t room;
    bool failed;
    bool *undecidable; /* by segment, of those that were laid out before */
};

static uint32_t add(
    struct builder *b, enum op op, uint32_t arg, const struct rt_node *node)
{
    struct rt_eval *ev = b->ev;

    if (ev->nsteps == b->room && !b->failed) {
        uint32_t room = b->room ? 2 * b->room : 64;
        struct rt_eval_step *steps = rt_realloc(ev->steps, room, sizeof *steps);

        b->failed = !steps;
        ev->steps = steps ? steps : ev->steps;
        b->room = steps ? room : b->room;
    }
    if (b->failed)
        return 0;
    ev->steps[ev->nsteps] = (struct rt_eval_step) { op, arg, node };
    return ev->nsteps++;
}

/* Jumps from `from` on that have no aim yet go to the next step. */
static void aim(struct builder *b, uint32_t from)
{
    for (uint32_t i = from; i < b->ev->nsteps && !b->failed; i++) {
        struct rt_eval_step *step = &b->ev->steps[i];

        if ((step->op == OP_IF_NO || step->op == OP_IF_YES) && step->arg == RT_NONE)
            step->arg = b->ev->nsteps;
    }
}

static bool may_be_undecided(const struct builder *b, const struct rt_node *node)
{
    if (node->kind == RT_COND_SEGMENT)
        return b->undecidable[node->leaf];
    if (node->kind == RT_COND_SEQUENCE)
        return true;
    for (uint32_t i = 0; i < node->n; i++)
        if (may_be_undecided(b, &node->parts[i]))
            return true;
    return false;
}

static void lay_out(struct builder *b, const struct rt_node *node);

static bool is_of_state(const struct builder *b, const struct rt_node *node)
{
    return node->kind != RT_COND_RANK && node->kind != RT_COND_FOR_SOME
        && b->ev->plan->leaves[node->leaf].ncells > 0;
}

/* Whether a part is asked in at most `most` steps without a look at touches. */
static bool is_quick(const struct builder *b, const struct rt_node *node, uint32_t most)
{
    switch (node->kind) {
    case RT_COND_SEGMENT:
        return b->ev->plan->segments[node->leaf].wanted; /* it is answered by then */
    case RT_COND_NOT:
        return is_quick(b, &node->parts[0], most);
    case RT_COND_ALL:
    case RT_COND_ANY:
        if (node->n > most)
            return false;
        for (uint32_t i = 0; i < node->n; i++)
            if (!is_quick(b, &node->parts[i], most - node->n + 1))
                return false;
        return true;
    default:
        return is_of_state(b, node);
    }
}

/* Between two parts of an `all` or `any`; then the second part is asked. */
static void join(struct builder *b, bool all, bool undecidable,
    const struct rt_node *part, bool negated)
{
    if (!undecidable && is_quick(b, part, QUICK)) {
        add(b, OP_PUSH, 0, NULL);
        lay_out(b, part);
        if (negated)
            add(b, OP_NOT, 0, NULL);
        add(b, all ? OP_AND : OP_OR, 0, NULL);
        return;
    }
    add(b, all ? OP_IF_NO : OP_IF_YES, RT_NONE, NULL);
    if (undecidable)
        add(b, OP_PUSH, 0, NULL);
    lay_out(b, part);
    if (negated)
        add(b, OP_NOT, 0, NULL);
    if (undecidable)
        add(b, all ? OP_ALL : OP_ANY, 0, NULL);
}

static void lay_out_logic(struct builder *b, const struct rt_node *node)
{
    bool undecidable = may_be_undecided(b, node);
    uint32_t from = b->ev->nsteps;

    if (node->n == 0) { /* a segment that explain asks nothing of */
        add(b, OP_IS, node->kind == RT_COND_ALL ? RT_YES : RT_NO, NULL);
        return;
    }
    lay_out(b, &node->parts[0]);
    for (uint32_t i = 1; i < node->n; i++)
        join(b, node->kind == RT_COND_ALL, undecidable, &node->parts[i], false);
    aim(b, from);
}

static void lay_out(struct builder *b, const struct rt_node *node)
{
    switch (node->kind) {
    case RT_COND_SEGMENT:
        add(b, OP_SEGMENT, node->leaf, NULL);
        return;
    case RT_COND_NOT:
        lay_out(b, &node->parts[0]);
        add(b, OP_NOT, 0, NULL);
        return;
    case RT_COND_ALL:
    case RT_COND_ANY:
        lay_out_logic(b, node);
        return;
    case RT_COND_FOR_SOME:
        add(b, OP_SOME, node->leaf, node);
        return;
    default:
        add(b, is_of_state(b, node) ? OP_STATE : OP_LEAF, node->leaf, NULL);
    }
}

/* match and none of exclude: an `all` of match and what is not excluded. */
static void lay_out_segment(struct builder *b, uint32_t segment)
{
    const struct rt_plan_segment *s = &b->ev->plan->segments[segment];
    bool undecidable = may_be_undecided(b, &s->match);
    uint32_t from = b->ev->nsteps;

    for (uint32_t i = 0; i < s->nexclude; i++)
        undecidable |= may_be_undecided(b, &s->exclude[i]);
    b->undecidable[segment] = undecidable;
    b->ev->starts[segment] = from;
    lay_out(b, &s->match);
    for (uint32_t i = 0; i < s->nexclude; i++)
        join(b, true, undecidable, &s->exclude[i], true);
    aim(b, from);
    add(b, OP_KEEP, segment, NULL);
}

/* The plan's order has those that are wanted; of the others nothing is known before they
 * are laid out. */
static void lay_out_segments(struct builder *b)
{
    const struct rt_plan *plan = b->ev->plan;
    uint32_t nwanted = 0;

    for (uint32_t i = 0; i < plan->nsegments; i++) {
        b->undecidable[i] = true;
        nwanted += plan->segments[i].wanted;
    }
    for (uint32_t i = 0; i < nwanted; i++)
        lay_out_segment(b, plan->order[i]);
    add(b, OP_END, 0, NULL);
    for (uint32_t i = 0; i < plan->nsegments; i++)
        if (!plan->segments[i].wanted) {
            lay_out_segment(b, i);
            add(b, OP_END, 0, NULL);
        }
}

/* The condition of each for_some is a program by itself, asked about one value at a time. */
static void lay_out_somes(struct builder *b)
{
    struct rt_eval *ev = b->ev;

    for (uint32_t i = 0; i < ev->nsteps && !b->failed; i++) {
        const struct rt_eval_step step = ev->steps[i];

        if (step.op != OP_SOME || ev->some_starts[step.arg] != RT_NONE)
            continue;
        ev->some_starts[step.arg] = ev->nsteps;
        lay_out(b, &step.node->parts[0]);
        add(b, OP_END, 0, NULL);
    }
}

int rt_eval_lay_out(struct rt_eval *ev)
{
    const struct rt_plan *plan = ev->plan;
    struct builder b = { .ev = ev };

    b.undecidable = rt_calloc(plan->nsegments, sizeof *b.undecidable);
    ev->starts = rt_calloc(plan->nsegments, sizeof *ev->starts);
    ev->some_starts = rt_calloc(plan->nleaves, sizeof *ev->some_starts);
    if (!b.undecidable || !ev->starts || !ev->some_starts) {
        rt_free(b.undecidable);
        return RT_ENOMEM;
    }
    for (uint32_t i = 0; i < plan->nleaves; i++)
        ev->some_starts[i] = RT_NONE;
    lay_out_segments(&b);
    lay_out_somes(&b);
    rt_free(b.undecidable);
    if (b.failed)
        return RT_ENOMEM;
    /* No program asks for itself, so no step has more than one answer laid aside. */
    ev->aside = ev->nsteps ? rt_calloc(ev->nsteps, sizeof *ev->aside) : NULL;
    return ev->nsteps && !ev->aside ? RT_ENOMEM : RT_OK;
}

/* ---- asking */

static int all_of(int a, int b)
{
    return a == RT_NO || b == RT_NO ? RT_NO : a > b ? a : b;
}

static int any_of(int a, int b)
{
    return a == RT_YES || b == RT_YES ? RT_YES : a > b ? a : b;
}

static int ask_once(struct rt_eval *ev, uint32_t leaf)
{
    int answer = ev->leaves[leaf];

    if (answer != RT_UNKNOWN)
        return answer;
    answer = rt_eval_leaf(ev, leaf);
    if (answer >= 0)
        ev->leaves[leaf] = (uint8_t)answer;
    return answer;
}

/* From a step on to the end, or until `only`, a segment, is answered. */
static int run(struct rt_eval *ev, uint32_t start, uint32_t only)
{
    int answer = RT_NO;

    for (const struct rt_eval_step *step = &ev->steps[start];; step++) {
        switch (step->op) {
        case OP_STATE:
            answer = rt_eval_state(&ev->state_leaves[step->arg], ev->state);
            continue;
        case OP_IS:
            answer = (int)step->arg;
            continue;
        case OP_NOT:
            answer = answer == RT_UNDECIDED ? answer : !answer;
            continue;
        case OP_IF_NO:
            if (answer == RT_NO)
                step = &ev->steps[step->arg] - 1;
            continue;
        case OP_IF_YES:
            if (answer == RT_YES)
                step = &ev->steps[step->arg] - 1;
            continue;
        case OP_PUSH:
            ev->aside[ev->naside++] = (uint8_t)answer;
            continue;
        case OP_ALL:
            answer = all_of(ev->aside[--ev->naside], answer);
            continue;
        case OP_ANY:
            answer = any_of(ev->aside[--ev->naside], answer);
            continue;
        case OP_AND:
            answer &= ev->aside[--ev->naside];
            continue;
        case OP_OR:
            answer |= ev->aside[--ev->naside];
            continue;
        case OP_LEAF:
            answer = ask_once(ev, step->arg);
            break;
        case OP_SOME:
            answer = rt_eval_some(ev, step->node);
            break;
        case OP_SEGMENT:
            answer = ev->segments[step->arg];
            if (answer != RT_UNKNOWN)
                continue;
            answer = rt_eval_segment(ev, step->arg);
            break;
        case OP_KEEP:
            ev->segments[step->arg] = (uint8_t)answer;
            if (step->arg == only)
                return answer;
            continue;
        case OP_END:
            return answer;
        }
        if (answer < 0)
            return answer;
    }
}

int rt_eval_condition(struct rt_eval *ev, uint32_t leaf)
{
    return run(ev, ev->some_starts[leaf], RT_NONE);
}

int rt_eval_segment(struct rt_eval *ev, uint32_t segment)
{
    int answer = ev->segments[segment];

    return answer != RT_UNKNOWN ? answer : run(ev, ev->starts[segment], segment);
}
