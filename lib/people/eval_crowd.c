/*
 * A crowd is asked all at once. Of each part of a formula two words of bits are known: for
 * whom it may hold, and for whom it must. They differ for people whose answer takes a look
 * at touches, and only for them; logic goes on with both:
 *
 *     not  may, must = ~must, ~may
 *     all  both words of the one AND those of the other
 *     any  likewise, OR
 *
 * Who has no touches has the same answer as anybody without. What is open in the end is
 * asked person by person, as far as the other answers leave it open.
 *
 * Eleven segments of two or three conditions each: 330 cycles a person one by one, 30 in a
 * crowd.
 */
#include "people/eval_columns.h"

#include "base/alloc.h"

enum crowd_op { OP_LEAF, OP_SEGMENT, OP_IS, OP_NOT, OP_ALL, OP_ANY, OP_KEEP };

struct crowd_step {
    enum crowd_op op;
    uint32_t arg; /* of the leaves that are asked, of segments, or an answer */
};

struct known { /* bits */
    uint64_t may, must;
};

struct crowd_leaf {
    uint32_t leaf;
    bool of_state, of_rank;
    uint8_t blank; /* of who has no touches: an answer */
    struct rt_column_test test;
};

struct rt_crowds {
    struct crowd_step *steps; /* operands before what is done with them */
    uint32_t nsteps;
    struct crowd_leaf *leaves; /* each once */
    struct known *known;       /* by leaf of these */
    uint32_t nleaves;
    uint32_t *number;   /* by leaf of the plan: which of these; RT_NONE */
    struct known *kept; /* by segment */
    struct known *aside;
    uint32_t nwanted;
    bool blanks_known;
    const struct rt_crowd *crowd;
    uint64_t live, touched; /* bits of people there are, of those with touches */
    uint32_t at;            /* whom of them one by one is about; RT_NONE */
    struct rt_columns columns;
};

/* ---- laying out */

static uint32_t count_steps(const struct rt_node *node)
{
    uint32_t n = 1;

    if (node->kind != RT_COND_FOR_SOME)
        for (uint32_t i = 0; i < node->n; i++)
            n += count_steps(&node->parts[i]) + 1;
    return n;
}

static uint32_t count_segment_steps(const struct rt_plan_segment *s)
{
    uint32_t n = count_steps(&s->match) + 1;

    for (uint32_t i = 0; i < s->nexclude; i++)
        n += count_steps(&s->exclude[i]) + 2;
    return n;
}

static void add(struct rt_crowds *c, enum crowd_op op, uint32_t arg)
{
    c->steps[c->nsteps++] = (struct crowd_step) { op, arg };
}

static void lay_out_leaf(struct rt_eval *ev, uint32_t leaf)
{
    struct rt_crowds *c = ev->crowds;
    const struct rt_leaf *l = &ev->plan->leaves[leaf];

    if (c->number[leaf] == RT_NONE) {
        struct crowd_leaf *out = &c->leaves[c->nleaves];

        *out = (struct crowd_leaf) { .leaf = leaf,
            .of_rank = l->kind == RT_COND_RANK,
            .of_state = l->ncells > 0 && l->kind != RT_COND_RANK };
        if (out->of_state)
            out->test = rt_column_test(&ev->state_leaves[leaf]);
        c->number[leaf] = c->nleaves++;
    }
    add(c, OP_LEAF, c->number[leaf]);
}

static void lay_out(struct rt_eval *ev, const struct rt_node *node)
{
    struct rt_crowds *c = ev->crowds;
    bool all = node->kind == RT_COND_ALL;

    switch (node->kind) {
    case RT_COND_SEGMENT:
        add(c, OP_SEGMENT, node->leaf);
        return;
    case RT_COND_NOT:
        lay_out(ev, &node->parts[0]);
        add(c, OP_NOT, 0);
        return;
    case RT_COND_ALL:
    case RT_COND_ANY:
        if (node->n == 0) /* a segment that explain asks nothing of */
            add(c, OP_IS, all ? RT_YES : RT_NO);
        for (uint32_t i = 0; i < node->n; i++) {
            lay_out(ev, &node->parts[i]);
            if (i > 0)
                add(c, all ? OP_ALL : OP_ANY, 0);
        }
        return;
    default:
        lay_out_leaf(ev, node->leaf);
    }
}

/* match and none of exclude. */
static void lay_out_segment(struct rt_eval *ev, uint32_t segment)
{
    const struct rt_plan_segment *s = &ev->plan->segments[segment];

    lay_out(ev, &s->match);
    for (uint32_t i = 0; i < s->nexclude; i++) {
        lay_out(ev, &s->exclude[i]);
        add(ev->crowds, OP_NOT, 0);
        add(ev->crowds, OP_ALL, 0);
    }
    add(ev->crowds, OP_KEEP, segment);
}

int rt_crowds_new(struct rt_eval *ev)
{
    const struct rt_plan *plan = ev->plan;
    struct rt_crowds *c = ev->crowds = rt_calloc(1, sizeof *c);
    uint32_t room = 1;

    if (!c)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < plan->nsegments; i++)
        if (plan->segments[i].wanted) {
            room += count_segment_steps(&plan->segments[i]);
            c->nwanted++;
        }
    c->steps = rt_calloc(room, sizeof *c->steps);
    c->aside = rt_calloc(room, sizeof *c->aside); /* no step lays two answers aside */
    c->leaves = rt_calloc(plan->nleaves, sizeof *c->leaves);
    c->known = rt_calloc(plan->nleaves, sizeof *c->known);
    c->number = rt_calloc(plan->nleaves, sizeof *c->number);
    c->kept = rt_calloc(plan->nsegments, sizeof *c->kept);
    if (!c->steps || !c->aside || !c->leaves || !c->known || !c->number || !c->kept)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < plan->nleaves; i++)
        c->number[i] = RT_NONE;
    for (uint32_t i = 0; i < c->nwanted; i++)
        lay_out_segment(ev, plan->order[i]);
    return RT_OK;
}

void rt_crowds_free(struct rt_crowds *c)
{
    if (!c)
        return;
    rt_free(c->steps);
    rt_free(c->aside);
    rt_free(c->leaves);
    rt_free(c->known);
    rt_free(c->number);
    rt_free(c->kept);
    rt_free(c);
}

/* ---- leaves */

/* What leaves say of who has no touches. Nobody without values has one for which a for_some
 * holds, and nobody without events a place in a rank of them. */
static int know_blanks(struct rt_eval *ev)
{
    struct rt_crowds *c = ev->crowds;

    rt_eval_person(ev, &(struct rt_history) { 0 }, NULL);
    for (uint32_t i = 0; i < c->nleaves; i++) {
        const struct rt_leaf *l = &ev->plan->leaves[c->leaves[i].leaf];
        int answer = RT_NO;

        if (!c->leaves[i].of_state && !c->leaves[i].of_rank && !l->some)
            answer = rt_eval_touches(ev, l);
        if (answer < 0)
            return answer;
        c->leaves[i].blank = (uint8_t)answer;
    }
    c->blanks_known = true;
    return RT_OK;
}

static struct known know_leaf(const struct rt_eval *ev, const struct crowd_leaf *leaf)
{
    const struct rt_crowds *c = ev->crowds;
    uint64_t open = c->touched, holds = leaf->blank == RT_YES ? ~open : 0;

    if (leaf->of_state) {
        holds = rt_columns_ask(&c->columns, &leaf->test);
        return (struct known) { holds, holds };
    }
    if (leaf->blank == RT_UNDECIDED
        || (leaf->of_rank && ev->plan->leaves[leaf->leaf].ncells))
        open = UINT64_MAX;
    return (struct known) { holds | open, holds & ~open };
}

/* ---- segments */

static void run(struct rt_crowds *c)
{
    const struct crowd_step *step = c->steps, *end = step + c->nsteps;
    struct known *top = c->aside; /* the first is never used */

    for (; step < end; step++)
        switch (step->op) {
        case OP_LEAF:
            *++top = c->known[step->arg];
            break;
        case OP_SEGMENT:
            *++top = c->kept[step->arg];
            break;
        case OP_IS:
            ++top;
            top->may = top->must = step->arg == RT_YES ? UINT64_MAX : 0;
            break;
        case OP_NOT:
            *top = (struct known) { ~top->must, ~top->may };
            break;
        case OP_ALL:
            --top;
            top->may &= top[1].may;
            top->must &= top[1].must;
            break;
        case OP_ANY:
            --top;
            top->may |= top[1].may;
            top->must |= top[1].must;
            break;
        case OP_KEEP:
            c->kept[step->arg] = *top--;
            break;
        }
}

void rt_eval_pick(struct rt_eval *ev, uint32_t i)
{
    struct rt_crowds *c = ev->crowds;

    if (c->at != i)
        rt_eval_person(ev, &c->crowd->histories[i], c->crowd->states[i]);
    c->at = i;
}

/* One person, in the segments that are open. */
static int ask_one(struct rt_eval *ev, uint32_t i, struct rt_answers *answers)
{
    struct rt_crowds *c = ev->crowds;
    uint64_t bit = UINT64_C(1) << i;

    rt_eval_pick(ev, i);
    for (uint32_t k = 0; k < c->nwanted; k++) {
        uint32_t s = ev->plan->order[k];

        if (((c->kept[s].may ^ c->kept[s].must) & bit) == 0)
            ev->segments[s] = c->kept[s].must & bit ? RT_YES : RT_NO;
    }
    for (uint32_t k = 0; k < c->nwanted; k++) {
        uint32_t s = ev->plan->order[k];
        int answer;

        if (((c->kept[s].may ^ c->kept[s].must) & bit) == 0)
            continue;
        answer = rt_eval_segment(ev, s);
        if (answer < 0)
            return answer;
        answers[s].yes |= answer == RT_YES ? bit : 0;
        answers[s].undecided |= answer == RT_UNDECIDED ? bit : 0;
    }
    return RT_OK;
}

static void meet(struct rt_eval *ev, const struct rt_crowd *crowd)
{
    struct rt_crowds *c = ev->crowds;

    c->crowd = crowd;
    c->live = crowd->n < 64 ? (UINT64_C(1) << crowd->n) - 1 : UINT64_MAX;
    c->touched = 0;
    c->at = RT_NONE;
    for (uint32_t i = 0; i < crowd->n; i++)
        c->touched |= (uint64_t)(crowd->histories[i].n > 0) << i;
    rt_columns_load(&c->columns, crowd, ev->plan->state_words);
}

int rt_eval_crowd(
    struct rt_eval *ev, const struct rt_crowd *crowd, struct rt_answers *answers)
{
    struct rt_crowds *c = ev->crowds;
    uint64_t open = 0;
    int rc = c->blanks_known ? RT_OK : know_blanks(ev);

    if (rc < 0)
        return rc;
    meet(ev, crowd);
    memset(answers, 0, ev->plan->nsegments * sizeof *answers);
    for (uint32_t i = 0; i < c->nleaves; i++)
        c->known[i] = know_leaf(ev, &c->leaves[i]);
    run(c);
    for (uint32_t k = 0; k < c->nwanted; k++) {
        struct known *kept = &c->kept[ev->plan->order[k]];

        open |= kept->may ^ kept->must;
        answers[ev->plan->order[k]] = (struct rt_answers) { kept->must & c->live, 0 };
    }
    for (open &= c->live; open && rc == RT_OK; open &= open - 1)
        rc = ask_one(ev, (uint32_t)__builtin_ctzll(open), answers);
    return rc;
}

uint64_t rt_eval_consents(struct rt_eval *ev, uint32_t purpose, uint64_t among)
{
    const struct rt_consent *consent = &ev->plan->consents[purpose];
    const struct rt_cell *cells = ev->plan->cells;
    uint64_t granted = 0;

    if (consent->cells[0] != RT_NONE)
        return among
            & rt_columns_consent(&ev->crowds->columns, cells[consent->cells[0]].word,
                cells[consent->cells[1]].word, consent->absent_grants);
    for (; among; among &= among - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(among);

        rt_eval_pick(ev, i);
        granted |= (uint64_t)rt_eval_consent(ev, purpose) << i;
    }
    return granted;
}
