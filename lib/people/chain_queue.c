/*
 * Entries on their way from one step to the next.
 *
 *     leave --> waiting line, by time --admit--> heaps by start, one a key --> top
 *
 * The heaps are skew heaps: links by place, so that the entries' memory may move.
 */
#include "people/chain_int.h"

static uint32_t merge(struct rt_chains *c, uint32_t a, uint32_t b)
{
    uint32_t root = RT_NONE, *link = &root;

    while (a != RT_NONE && b != RT_NONE) {
        struct rt_chain_entry *top;
        uint32_t swap = a;

        if (c->entries[a].start < c->entries[b].start) {
            a = b;
            b = swap;
        }
        top = &c->entries[a];
        *link = a;
        link = &top->left;
        a = top->right;
        top->right = top->left;
    }
    *link = a != RT_NONE ? a : b;
    return root;
}

static uint32_t *root_of(struct rt_chains *c, uint32_t gap, uint32_t key)
{
    return &c->roots[c->queues[gap].roots + key];
}

void rt_chain_drop_top(struct rt_chains *c, uint32_t gap, uint32_t key)
{
    uint32_t *root = root_of(c, gap, key), old = *root;

    *root = merge(c, c->entries[old].left, c->entries[old].right);
    c->entries[old].right = c->free;
    c->free = old;
}

int rt_chain_queues_reset(struct rt_chains *c, const struct rt_chain_pass *pass)
{
    uint32_t n = c->chain->nsteps;
    size_t nroots = 0;

    for (uint32_t g = 1; g < n; g++) {
        const struct rt_chain_keys *same = rt_chain_gap_of(c, pass, g)->same;

        c->queues[g] = (struct rt_chain_queue) { RT_NONE, RT_NONE, (uint32_t)nroots };
        nroots += same ? (size_t)same->n + 1 : 2;
    }
    if (rt_chain_room(&c->roots, &c->cap_roots, nroots, sizeof *c->roots) < 0)
        return RT_ENOMEM;
    for (size_t i = 0; i < nroots; i++)
        c->roots[i] = RT_NONE;
    c->nentries = 0;
    c->free = RT_NONE;
    return RT_OK;
}

static uint32_t new_entry(struct rt_chains *c)
{
    uint32_t e = c->free;

    if (e != RT_NONE) {
        c->free = c->entries[e].right;
        return e;
    }
    if (rt_chain_room(
            &c->entries, &c->cap_entries, (size_t)c->nentries + 1, sizeof *c->entries)
        < 0)
        return RT_NONE;
    return c->nentries++;
}

static uint32_t death_of(
    const struct rt_chains *c, const struct rt_chain_gap *gap, uint32_t event)
{
    uint32_t death = RT_NONE;

    for (uint32_t i = gap->first_neg; i < gap->end_neg; i++)
        if (c->negs[i].edge[event] < death)
            death = c->negs[i].edge[event];
    return death;
}

int rt_chain_leave(struct rt_chains *c, const struct rt_chain_pass *pass, uint32_t step,
    uint32_t event, int64_t start)
{
    const struct rt_chain_gap *gap = rt_chain_gap_of(c, pass, step + 1);
    struct rt_chain_queue *q = &c->queues[step + 1];
    uint32_t instant = c->events[event].instant, e;

    if (!rt_chain_key(gap->same, event))
        return RT_OK;
    e = new_entry(c);
    if (e == RT_NONE)
        return RT_ENOMEM;
    c->entries[e] = (struct rt_chain_entry) { .start = start,
        .time = rt_chain_time(c, pass, instant),
        .instant = instant,
        .event = event,
        .death = pass->negatives ? death_of(c, gap, event) : RT_NONE,
        .left = RT_NONE,
        .right = RT_NONE };
    if (q->head == RT_NONE)
        q->head = e;
    else
        c->entries[q->tail].right = e;
    q->tail = e;
    return RT_OK;
}

/* A newer entry that starts no earlier and dies later makes an older one needless. Of two
 * that die at one instant either may be the one that is saved there. */
static bool outdone(const struct rt_chain_entry *old, const struct rt_chain_entry *by)
{
    return old->start <= by->start && (old->death < by->death || by->death == RT_NONE);
}

static void push(struct rt_chains *c, uint32_t gap, uint32_t key, uint32_t e)
{
    uint32_t *root = root_of(c, gap, key);

    while (*root != RT_NONE && outdone(&c->entries[*root], &c->entries[e]))
        rt_chain_drop_top(c, gap, key);
    c->entries[e].left = c->entries[e].right = RT_NONE;
    *root = merge(c, *root, e);
}

void rt_chain_admit(
    struct rt_chains *c, const struct rt_chain_pass *pass, uint32_t instant)
{
    int64_t now = rt_chain_time(c, pass, instant);

    for (uint32_t g = 1; g < c->chain->nsteps; g++) {
        const struct rt_chain_gap *gap = rt_chain_gap_of(c, pass, g);
        struct rt_chain_queue *q = &c->queues[g];

        while (q->head != RT_NONE) {
            uint32_t e = q->head;

            if (gap->after_us > 0
                && rt_chain_span(c->entries[e].time, now) < (uint64_t)gap->after_us)
                break;
            q->head = c->entries[e].right;
            push(c, g, rt_chain_key(gap->same, c->entries[e].event), e);
        }
    }
}

/* Once false, false at all later instants. */
static bool reaches(const struct rt_chains *c, const struct rt_chain_pass *pass,
    const struct rt_chain_gap *gap, const struct rt_chain_entry *e, uint32_t instant)
{
    const struct rt_chain_instant *from = &c->instants[e->instant],
                                  *to = &c->instants[instant];
    int64_t now = rt_chain_time(c, pass, instant);
    uint32_t steps = to->ordinal - from->ordinal;

    if (pass->find && !pass->mirrored && pass->found && e->start <= pass->found_us)
        return false; /* a start as late is found */
    if (e->death < instant || !rt_chain_inside(e->time, now, gap->within_us)
        || !rt_chain_inside(e->start, now, c->chain->within_us))
        return false;
    if (c->chain->in_session && from->session != to->session)
        return false;
    return !gap->next || (pass->mirrored ? 0 - steps : steps) <= 1;
}

const struct rt_chain_entry *rt_chain_top(struct rt_chains *c,
    const struct rt_chain_pass *pass, uint32_t gap, uint32_t key, uint32_t instant)
{
    const struct rt_chain_gap *g = rt_chain_gap_of(c, pass, gap);
    uint32_t *root = root_of(c, gap, key);

    while (*root != RT_NONE && !reaches(c, pass, g, &c->entries[*root], instant))
        rt_chain_drop_top(c, gap, key);
    return *root == RT_NONE ? NULL : &c->entries[*root];
}
