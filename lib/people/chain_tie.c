/*
 * One instant with several events: the search, step by step, over the states of chain_tie.h.
 */
#include "people/chain_tie.h"

#include "base/alloc.h"

void rt_chain_tie_free(struct rt_chain_tie *tie)
{
    if (!tie)
        return;
    rt_free(tie->classes);
    rt_free(tie->class_at);
    rt_free(tie->sorted);
    rt_free(tie->waiting.seat_at);
    rt_free(tie->found);
    rt_free(tie->choices);
    rt_free(tie->rescues);
    rt_free(tie->briefs);
    rt_free(tie->in.list);
    rt_free(tie->out.list);
    rt_free(tie->group.list);
    rt_free(tie->skips.list);
    rt_free(tie->links);
    rt_free(tie->taken);
    rt_free(tie);
}

/* ---- coming in */

/* Entries with this key: the best one that nothing breaks here, and before it those that the
 * chain can save by taking what would break them. They end here, one way or the other. */
static int take_entries(struct rt_placing *p, uint32_t step, uint32_t key)
{
    const struct rt_chain_entry *top;
    uint32_t gap = rt_chain_step_of(p->c, p->pass, step); /* mirrored: no negatives */
    int rc = RT_OK;

    while (rc == RT_OK && (top = rt_chain_top(p->c, p->pass, step, key, p->instant))) {
        struct rt_tie_state state = {
            .start = top->start, .key = key, .last = top->event
        };
        bool dying = top->death == p->instant;

        if (!dying || rt_tie_call(p, gap, top->event, p->tie->reach[step] + 1, &state))
            rc = rt_tie_push(p->c, &p->tie->in, &state);
        if (!dying)
            break;
        rt_chain_drop_top(p->c, step, key);
    }
    return rc;
}

/* Entries for all that the choices compare, once each: choices are sorted by out, so of
 * equal keys in one `out` only the first is asked; a key that comes again finds the entry
 * that is left, which thin_out drops. */
static int come_in(struct rt_placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    int rc = RT_OK;

    if (step == 0 && tie->nchoices > 0) {
        struct rt_tie_state start = { .start = rt_chain_time(p->c, p->pass, p->instant),
            .key = 1 };

        return rt_tie_push(p->c, &tie->in, &start);
    }
    for (uint32_t k = 0; k < tie->nchoices && step > 0 && rc == RT_OK; k++)
        if (k == 0 || tie->choices[k].key != tie->choices[k - 1].key)
            rc = take_entries(p, step, tie->choices[k].key);
    return rc;
}

/* ---- a step */

/* The state with the step placed on the choice. False when that cannot go on. */
static bool place(const struct rt_placing *p, uint32_t step,
    const struct rt_tie_choice *choice, struct rt_tie_state *state)
{
    const struct rt_tie_class *class = &p->tie->classes[choice->class];
    uint32_t place = class->base, reach = p->tie->reach[step];
    uint32_t gap = rt_chain_step_of(p->c, p->pass, step) + 1;

    if (class->noted && !choice->free) {
        while (place < class->base + class->count && rt_tie_has(&state->used, place))
            place++;
        if (place == class->base + class->count)
            return false;
        rt_tie_add(&state->used, place);
        rt_tie_drop(&state->due, place);
        if (!rt_tie_has_room(p, state))
            return false;
    }
    state->last = class->event;
    if (step == 0 && !rt_tie_call(p, 0, class->event, reach, state))
        return false;
    return state->due.n <= reach && rt_tie_call(p, gap, class->event, reach, state);
}

/* States that come in with this key stand from here on. */
static size_t first_of(const struct rt_tie_states *in, uint32_t key)
{
    size_t lo = 0, hi = in->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (in->list[mid].key < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* A state, placed, among those that go on alike; `crowded`: when to thin them out. */
static int try_place(struct rt_placing *p, uint32_t step,
    const struct rt_tie_choice *choice, const struct rt_tie_state *from, size_t *crowded)
{
    struct rt_tie_states *group = &p->tie->group;
    struct rt_tie_state state = *from;
    int rc = rt_chain_spend(p->c, RT_LOOKS_PLACE);

    if (rc < 0 || !place(p, step, choice, &state))
        return rc;
    state.key = 0;
    rc = rt_tie_push(p->c, group, &state);
    if (rc < 0 || group->n < *crowded)
        return rc;
    rc = rt_tie_thin_out(p, group, step, true);
    *crowded = 1024 + 2 * group->n;
    return rc;
}

/* All states with the step placed so that they go on alike: the choices and rescues from here
 * on with this `out`. Steps over them. States are sorted by how many events are due: those
 * at the end of their key that need every step for one are left to the rescues. */
static int place_alike(
    struct rt_placing *p, uint32_t step, uint32_t out, uint32_t *choice, size_t *rescue)
{
    struct rt_chain_tie *tie = p->tie;
    struct rt_tie_states *in = &tie->in;
    size_t crowded = 1024;
    int rc = RT_OK;

    tie->group.n = 0;
    for (; *choice < tie->nchoices && tie->choices[*choice].out == out; ++*choice) {
        const struct rt_tie_choice *at = &tie->choices[*choice];

        for (size_t i = first_of(in, at->key); rc == RT_OK && i < in->n
             && in->list[i].key == at->key && in->list[i].due.n <= tie->reach[step];
             i++)
            rc = try_place(p, step, at, &in->list[i], &crowded);
    }
    for (; *rescue < tie->nrescues && tie->rescues[*rescue].out == out; ++*rescue) {
        const struct rt_tie_rescue *at = &tie->rescues[*rescue];
        struct rt_tie_choice one = { .class = at->class };

        if (rc == RT_OK)
            rc = try_place(p, step, &one, &in->list[at->state], &crowded);
    }
    return rc == RT_OK ? rt_tie_thin_out(p, &tie->group, step, true) : rc;
}

/* The one that leaves the instant: nothing more must be used, and the latest start. */
static int leave(struct rt_placing *p, uint32_t step)
{
    const struct rt_tie_states *group = &p->tie->group;
    const struct rt_tie_state *best = NULL;

    for (size_t i = 0; i < group->n; i++)
        if (group->list[i].due.n == 0 && (!best || group->list[i].start > best->start))
            best = &group->list[i];
    if (best && step + 1 < p->c->chain->nsteps)
        return rt_chain_leave(p->c, p->pass, step, best->last, best->start);
    if (best)
        rt_chain_complete(p->c, p->pass, best->last, best->start);
    return RT_OK;
}

/* Those that go on inside the instant. */
static int go_on(struct rt_placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    const struct rt_chain_keys *same;
    int rc = RT_OK;

    if (tie->reach[step] == 0)
        return RT_OK;
    same = rt_chain_gap_of(p->c, p->pass, step + 1)->same;
    for (size_t i = 0; i < tie->group.n && rc == RT_OK; i++) {
        struct rt_tie_state *state = &tie->group.list[i];

        state->key = rt_chain_key(same, state->last);
        if (state->bound && step == tie->block_end)
            continue;
        if (state->key)
            rc = rt_tie_push(p->c, &tie->out, state);
    }
    return rc;
}

static int place_step(struct rt_placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    uint32_t choice = 0;
    size_t rescue = 0;
    struct rt_tie_states swap;
    int rc = rt_tie_thin_out(p, &tie->in, step, false);

    tie->out.n = 0;
    if (rc == RT_OK)
        rc = rt_tie_find_rescues(p, step);
    while (rc == RT_OK && tie->in.n > 0
        && (choice < tie->nchoices || rescue < tie->nrescues)) {
        uint32_t out = UINT32_MAX;

        if (choice < tie->nchoices)
            out = tie->choices[choice].out;
        if (rescue < tie->nrescues && tie->rescues[rescue].out < out)
            out = tie->rescues[rescue].out;
        rc = place_alike(p, step, out, &choice, &rescue);
        if (rc == RT_OK)
            rc = leave(p, step);
        if (rc == RT_OK)
            rc = go_on(p, step);
    }
    swap = tie->in;
    tie->in = tie->out;
    tie->out = swap;
    return rc;
}

/* ---- steps that wait */

/* A step that waits: who leaves the instant with it stands somewhere, so that what the next
 * gap compares is known. Those that came in are sorted: the first that can is the best. */
static int leave_waiting(struct rt_placing *p, uint32_t step)
{
    const struct rt_chain_tie *tie = p->tie;
    int rc = RT_OK;

    for (uint32_t k = 0, end; k < tie->nchoices && rc == RT_OK; k = end) {
        bool left = false;

        for (end = k;
             end < tie->nchoices && tie->choices[end].out == tie->choices[k].out;)
            end++;
        for (size_t i = 0; i < tie->in.n && !left; i++)
            for (uint32_t at = k; at < end && !left && rc == RT_OK; at++) {
                struct rt_tie_state state = tie->in.list[i];

                rc = rt_chain_spend(p->c, RT_LOOKS_PLACE);
                left = rc == RT_OK && place(p, step, &tie->choices[at], &state);
                if (left)
                    rc = rt_chain_leave(p->c, p->pass, step, state.last, state.start);
            }
    }
    return rc;
}

static int wait_step(struct rt_placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    size_t kept = 0;
    int rc = rt_tie_thin_out(p, &tie->in, step, false);

    if (rc == RT_OK)
        rc = leave_waiting(p, step);
    if (rc < 0)
        return rc;
    if (tie->waiting.easy >> step & 1)
        return RT_OK;
    for (size_t i = 0; i < tie->in.n; i++) {
        tie->in.list[i].wait |= UINT32_C(1) << step;
        if (rt_tie_has_room(p, &tie->in.list[i]))
            tie->in.list[kept++] = tie->in.list[i];
    }
    tie->in.n = kept;
    return RT_OK;
}

/* One step, from those that come in to it to those that come in to the next. */
static int take_step(struct rt_placing *p, uint32_t step)
{
    int rc;

    if (!(p->tie->roles & rt_tie_bit(p, step))) {
        p->tie->in.n = 0;
        return RT_OK;
    }
    rc = rt_tie_find_choices(p, step);
    if (rc == RT_OK)
        rc = come_in(p, step);
    if (rc < 0)
        return rc;
    if (p->tie->waiting.may >> step & 1)
        return wait_step(p, step);
    rc = rt_tie_skip_block(p, step);
    if (rc == RT_OK)
        rc = place_step(p, step);
    return rc == RT_OK ? rt_tie_join_skips(p, step) : rc;
}

int rt_chain_tie(struct rt_chains *c, struct rt_chain_pass *pass, uint32_t instant)
{
    struct rt_placing p = { c, pass, NULL, instant };
    int rc = RT_OK;

    if (!c->tie)
        c->tie = rt_calloc(1, sizeof *c->tie);
    p.tie = c->tie;
    if (!c->tie || rt_tie_read(&p) < 0 || rt_tie_read_waiting(&p) < 0)
        return RT_ENOMEM;
    c->tie->in.n = c->tie->skips.n = 0;
    for (uint32_t s = 0; s < c->chain->nsteps && rc == RT_OK; s++)
        rc = take_step(&p, s);
    return rc;
}
