/*
 * Steps in a row that `same` links are a block. Where so many disjoint places are found for a
 * block that the other steps cannot spoil them all, it is placed last: states skip it. Those
 * that take it step by step are bound to end in it.
 */
#include "base/sort.h"
#include "people/chain_tie.h"

struct fitting {
    const struct rt_placing *p;
    uint32_t first, end;                           /* steps, both included */
    struct rt_tie_keyed links[RT_CHAIN_STEPS_MAX]; /* classes of each step, by key */
    uint64_t patience; /* looks; then it is not worth the time */
};

static int read_links(struct fitting *f)
{
    const struct rt_placing *p = f->p;
    struct rt_chain_tie *tie = p->tie;
    uint32_t used = 0;

    if (rt_chain_room(&tie->links, &tie->cap_links,
            (size_t)(f->end - f->first + 1) * tie->nclasses, sizeof *tie->links)
            < 0
        || rt_chain_room(&tie->taken, &tie->cap_taken, tie->nclasses, sizeof *tie->taken)
            < 0)
        return RT_ENOMEM;
    memset(tie->taken, 0, tie->nclasses * sizeof *tie->taken);
    for (uint32_t s = f->first + 1; s <= f->end; s++) {
        const struct rt_chain_keys *same = rt_chain_gap_of(p->c, p->pass, s)->same;

        f->links[s].first = used;
        for (uint32_t k = 0; k < tie->nclasses; k++) {
            uint64_t key = rt_chain_key(same, tie->classes[k].event);

            if (key && tie->classes[k].roles & rt_tie_bit(p, s))
                tie->links[used++] = key << 32 | k;
        }
        f->links[s].n = used - f->links[s].first;
        rt_sort_u64(tie->links + f->links[s].first, tie->links + used, f->links[s].n);
    }
    return RT_OK;
}

/* Takes a place for the block from this step on. At most STEPS_MAX deep. */
static bool take_block(struct fitting *f, uint32_t step, uint32_t k)
{
    struct rt_chain_tie *tie = f->p->tie;
    const struct rt_tie_class *class = &tie->classes[k];
    const struct rt_tie_keyed *link = &f->links[step + 1];
    const uint64_t *sorted = tie->links + link->first;
    uint64_t key;
    uint32_t lo;

    if (f->patience == 0 || rt_chain_spend(f->p->c, RT_LOOKS_TAKE) < 0)
        return false;
    f->patience--;
    if (tie->taken[k] == class->count || !rt_tie_can_stand(f->p, step, class))
        return false;
    tie->taken[k]++;
    if (step == f->end)
        return true;
    key =
        rt_chain_key(rt_chain_gap_of(f->p->c, f->p->pass, step + 1)->same, class->event);
    lo = rt_tie_first(sorted, link->n, key);
    for (; key && lo < link->n && sorted[lo] >> 32 == key && f->patience > 0; lo++)
        if (take_block(f, step + 1, (uint32_t)sorted[lo]))
            return true;
    tie->taken[k]--;
    return false;
}

/* 1 when the block can be placed last; 0 when not, as far as it is worth knowing. */
static int fits_always(const struct rt_placing *p, uint32_t first, uint32_t end)
{
    struct rt_chain_tie *tie = p->tie;
    uint32_t places = 0, enough = p->c->chain->nsteps;
    struct fitting f = { .p = p, .first = first, .end = end };

    f.patience = 256 + 16 * (uint64_t)tie->nclasses;
    if (read_links(&f) < 0)
        return RT_ENOMEM;
    for (uint32_t k = 0; k < tie->nclasses && places < enough; k++)
        while (places < enough && take_block(&f, first, k))
            places++;
    return places == enough;
}

int rt_tie_skip_block(struct rt_placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    uint32_t n = p->c->chain->nsteps, end = step;
    int fits, rc = RT_OK;

    if (step > 0 && rt_chain_gap_of(p->c, p->pass, step)->same)
        return RT_OK;
    while (end + 1 < n && rt_chain_gap_of(p->c, p->pass, end + 1)->same)
        end++;
    if (end == step || tie->in.n == 0 || tie->saves || tie->reach[step] <= end - step
        || p->c->instants[p->instant].n < n * (end - step + 1))
        return RT_OK;
    fits = fits_always(p, step, end);
    if (fits <= 0)
        return fits;
    tie->block_end = end;
    for (size_t i = 0; i < tie->in.n && rc == RT_OK; i++) {
        rc = rt_tie_push(p->c, &tie->skips, &tie->in.list[i]);
        tie->in.list[i].bound = true;
    }
    return rc;
}

int rt_tie_join_skips(struct rt_placing *p, uint32_t step)
{
    struct rt_chain_tie *tie = p->tie;
    int rc = RT_OK;

    if (tie->skips.n == 0 || step != tie->block_end)
        return RT_OK;
    for (size_t i = 0; i < tie->skips.n && rc == RT_OK; i++)
        rc = rt_tie_push(p->c, &tie->in, &tie->skips.list[i]);
    tie->skips.n = 0;
    return rc;
}
