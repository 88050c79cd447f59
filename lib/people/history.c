/*
 * Counting sort by person: one walk counts, a second one places. Each person's few touches
 * are then sorted by time, by insertion while they are nearly in order, which exports
 * mostly are, else by merging.
 */
#include "people/history.h"

#include "base/alloc.h"

struct rt_histories {
    uint32_t *from; /* by place: where the person's events begin; one more at the end */
    uint64_t cap_from;
    uint32_t *at; /* while placing */
    struct rt_past *events, *spare;
    uint64_t cap_events;
    uint64_t *values;
    uint64_t nvalues, cap_values;
    uint32_t nplaces;
};

int rt_histories_new(struct rt_histories **out)
{
    *out = rt_calloc(1, sizeof **out);
    return *out ? RT_OK : RT_ENOMEM;
}

void rt_histories_free(struct rt_histories *h)
{
    if (!h)
        return;
    rt_free(h->from);
    rt_free(h->at);
    rt_free(h->events);
    rt_free(h->spare);
    rt_free(h->values);
    rt_free(h);
}

/* ---- moving */

struct mover {
    const struct rt_histories_source *source;
    const uint8_t *nvalues_of;
    uint32_t shard;
    struct rt_touches *to;
    struct rt_err *err;
};

static int move_one(void *ctx, const struct rt_touch *touch)
{
    const struct mover *m = ctx;
    uint32_t id = rt_id_of(m->shard, touch->place);
    uint32_t person = rt_people_of(m->source->people, id);

    if (rt_id_shard(person) == m->shard)
        return RT_OK;
    return rt_touches_add(m->to, person, touch->kind, touch->time_us, touch->values,
        m->nvalues_of[touch->kind], m->err);
}

int rt_histories_move(const struct rt_histories_source *source, uint32_t shard,
    struct rt_touches *to, struct rt_err *err)
{
    struct mover m = { .source = source,
        .nvalues_of = rt_kinds_nvalues(source->kinds),
        .shard = shard,
        .to = to,
        .err = err };
    int rc = RT_OK;

    for (uint32_t i = 0; i < source->nstores && rc == RT_OK; i++)
        rc = rt_touches_walk(source->stores[i], shard, m.nvalues_of, move_one, &m, err);
    return rc;
}

void rt_state_moves_release(struct rt_state_moves *moves)
{
    rt_free(moves->ids);
}

static int note_move(struct rt_state_moves *moves, uint32_t id)
{
    size_t cap = moves->cap ? 2 * moves->cap : 256;
    uint32_t *ids;

    if (moves->n == moves->cap) {
        ids = rt_realloc(moves->ids, cap, sizeof *ids);
        if (!ids)
            return RT_ENOMEM;
        moves->ids = ids;
        moves->cap = cap;
    }
    moves->ids[moves->n++] = id;
    return RT_OK;
}

int rt_histories_find_states(const struct rt_histories_source *source, uint32_t shard,
    struct rt_state_moves *moves)
{
    uint32_t n = rt_ids_places(source->ids, shard);
    int rc = RT_OK;

    for (uint32_t from = 0; from < n; from += 64)
        for (uint64_t moved = rt_people_moved(source->people, shard, from / 64);
             moved && rc == RT_OK; moved &= moved - 1) {
            uint32_t place = from + (uint32_t)__builtin_ctzll(moved);

            if (rt_ids_state(source->ids, rt_id_of(shard, place)))
                rc = note_move(moves, rt_id_of(shard, place));
        }
    return rc;
}

int rt_histories_prepare_states(
    const struct rt_histories_source *source, const struct rt_state_moves *moves)
{
    for (size_t i = 0; i < moves->n; i++) {
        uint32_t person = rt_people_of(source->people, moves->ids[i]);
        struct rt_ids_part *part = rt_ids_lock(source->ids, rt_id_shard(person));
        const uint64_t *state = rt_ids_state_of(part, rt_id_place(person));

        rt_ids_unlock(part);
        if (!state)
            return RT_ENOMEM;
    }
    return RT_OK;
}

void rt_histories_move_states(
    const struct rt_histories_source *source, const struct rt_state_moves *moves)
{
    const struct rt_plan *plan = rt_people_plan(source->people);

    for (size_t i = 0; i < moves->n; i++) {
        uint32_t id = moves->ids[i], person = rt_people_of(source->people, id);
        struct rt_ids_part *part = rt_ids_lock(source->ids, rt_id_shard(person));

        rt_fold_merge(plan, rt_ids_state_of(part, rt_id_place(person)),
            rt_ids_state(source->ids, id));
        rt_ids_unlock(part);
    }
}

/* ---- loading */

struct loader {
    const struct rt_histories_source *source;
    struct rt_histories *h;
    const uint8_t *nvalues_of;
    uint32_t shard;
    uint64_t nevents, nvalues;
};

/* The place of the person that a touch belongs to, or RT_NONE when it was moved away. */
static uint32_t place_of(const struct loader *l, const struct rt_touch *touch)
{
    uint32_t person = rt_people_of(l->source->people, rt_id_of(l->shard, touch->place));

    return rt_id_shard(person) == l->shard ? rt_id_place(person) : RT_NONE;
}

static int count_one(void *ctx, const struct rt_touch *touch)
{
    struct loader *l = ctx;
    uint32_t place = place_of(l, touch);

    if (place == RT_NONE)
        return RT_OK;
    l->h->from[place + 1]++;
    l->nevents++;
    l->nvalues += l->nvalues_of[touch->kind];
    return RT_OK;
}

static int place_one(void *ctx, const struct rt_touch *touch)
{
    struct loader *l = ctx;
    struct rt_histories *h = l->h;
    uint32_t place = place_of(l, touch), n = l->nvalues_of[touch->kind];

    if (place == RT_NONE)
        return RT_OK;
    h->events[h->at[place]++] =
        (struct rt_past) { touch->time_us, touch->kind, (uint32_t)h->nvalues };
    for (uint32_t i = 0; i < n; i++)
        h->values[h->nvalues++] = touch->values[i];
    return RT_OK;
}

static int walk_all(struct loader *l, rt_touch_visit *visit, struct rt_err *err)
{
    int rc = RT_OK;

    for (uint32_t i = 0; i < l->source->nstores && rc == RT_OK; i++)
        rc =
            rt_touches_walk(l->source->stores[i], l->shard, l->nvalues_of, visit, l, err);
    return rc;
}

static void merge_sort(struct rt_past *e, struct rt_past *spare, uint32_t n)
{
    uint32_t half = n / 2, i = 0, k = half, at = 0;

    if (n < 2)
        return;
    merge_sort(e, spare, half);
    merge_sort(e + half, spare, n - half);
    if (e[half - 1].time_us <= e[half].time_us)
        return;
    memcpy(spare, e, half * sizeof *e);
    while (i < half && k < n)
        e[at++] = e[k].time_us < spare[i].time_us ? e[k++] : spare[i++];
    while (i < half)
        e[at++] = spare[i++];
}

/* Insertion, until it has cost more than merging would. */
static void sort_by_time(struct rt_past *e, struct rt_past *spare, uint32_t n)
{
    uint64_t moves = 0;

    for (uint32_t i = 1; i < n; i++) {
        struct rt_past one = e[i];
        uint32_t k = i;

        for (; k > 0 && e[k - 1].time_us > one.time_us; k--)
            e[k] = e[k - 1];
        e[k] = one;
        moves += i - k;
        if (moves > 16 * (uint64_t)n) {
            merge_sort(e, spare, n);
            return;
        }
    }
}

static int reserve(void **p, uint64_t *cap, uint64_t n, size_t size)
{
    void *bigger;

    if (n <= *cap)
        return RT_OK;
    bigger = rt_realloc(*p, n + n / 4, size);
    if (!bigger)
        return RT_ENOMEM;
    *p = bigger;
    *cap = n + n / 4;
    return RT_OK;
}

static int reserve_places(struct rt_histories *h, uint32_t nplaces)
{
    uint64_t cap = h->cap_from;

    if (reserve((void **)&h->at, &cap, (uint64_t)nplaces + 1, sizeof *h->at) < 0
        || reserve(
               (void **)&h->from, &h->cap_from, (uint64_t)nplaces + 1, sizeof *h->from)
            < 0)
        return RT_ENOMEM;
    memset(h->from, 0, ((size_t)nplaces + 1) * sizeof *h->from);
    h->nplaces = nplaces;
    return RT_OK;
}

static int reserve_events(struct rt_histories *h, const struct loader *l)
{
    uint64_t cap = h->cap_events;

    if (reserve((void **)&h->spare, &cap, l->nevents, sizeof *h->spare) < 0
        || reserve((void **)&h->events, &h->cap_events, l->nevents, sizeof *h->events)
            < 0)
        return RT_ENOMEM;
    return reserve((void **)&h->values, &h->cap_values, l->nvalues, sizeof *h->values);
}

int rt_histories_load(struct rt_histories *h, const struct rt_histories_source *source,
    uint32_t shard, struct rt_err *err)
{
    struct loader l = { .source = source,
        .h = h,
        .nvalues_of = rt_kinds_nvalues(source->kinds),
        .shard = shard };
    uint32_t nplaces = rt_ids_places(source->ids, shard);
    int rc;

    if (reserve_places(h, nplaces) < 0)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    rc = walk_all(&l, count_one, err);
    if (rc < 0)
        return rc;
    if (l.nevents == 0) /* h->from says so of everyone */
        return RT_OK;
    if (l.nevents > UINT32_MAX || l.nvalues > UINT32_MAX)
        return rt_err_set(err, RT_ELIMIT, "too many events in one run");
    if (reserve_events(h, &l) < 0)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < nplaces; i++) {
        h->from[i + 1] += h->from[i];
        h->at[i] = h->from[i];
    }
    h->nvalues = 0;
    rc = walk_all(&l, place_one, err);
    for (uint32_t i = 0; i < nplaces && rc == RT_OK; i++)
        sort_by_time(h->events + h->from[i], h->spare, h->from[i + 1] - h->from[i]);
    return rc;
}

const uint64_t *rt_histories_state(
    const struct rt_histories_source *source, uint32_t shard, uint32_t place)
{
    return source->states ? rt_ids_state(source->ids, rt_id_of(shard, place)) : NULL;
}

struct rt_history rt_histories_of(const struct rt_histories *h, uint32_t place)
{
    return (struct rt_history) { h->events + h->from[place],
        h->from[place + 1] - h->from[place], h->values };
}
