/*
 * Intake's second half: a block that is known to be right leaves its marks.
 *
 * Ids are not looked up one by one. A block's ids are sorted by shard first, so that a
 * shard's lock is taken once a block and its table is walked with prefetches ahead; states
 * are folded in the same order.
 */
#include <stdatomic.h>

#include "base/alloc.h"
#include "people/intake_int.h"

int rt_intake_unpack(struct rt_span payload, struct rt_prepared *pre, unsigned *reason)
{
    struct rt_aside_head head;
    const char *p = payload.p + sizeof head;
    struct rt_used_row *row;

    memcpy(&head, payload.p, sizeof head);
    *reason = head.outcome;
    if (head.outcome != RT_WANTED)
        return RT_OK;
    if (rt_prepared_make_room(pre, 1, head.nrefs, head.nvalues) < 0)
        return RT_ENOMEM;
    row = &pre->rows[pre->nrows];
    *row = (struct rt_used_row) { .time_us = head.time_us,
        .kind = head.kind,
        .ref = pre->nrefs,
        .value = pre->nvalues,
        .nrefs = head.nrefs,
        .nvalues = head.nvalues };
    memcpy(pre->values + pre->nvalues, p, head.nvalues * sizeof *pre->values);
    p += head.nvalues * sizeof *pre->values;
    for (unsigned i = 0; i < head.nrefs; i++) {
        uint16_t n;
        uint8_t kind;

        memcpy(&n, p, sizeof n);
        memcpy(&kind, p + sizeof n, sizeof kind);
        p += sizeof n + sizeof kind;
        if (rt_prepared_add_ref(
                pre, (struct rt_span) { "", 0 }, (struct rt_span) { p, n }, kind, i == 0)
            < 0)
            return RT_ENOMEM;
        p += n;
    }
    rt_match_add_counts(&pre->counts, head.counts);
    pre->nvalues += head.nvalues;
    pre->nrows++;
    pre->used++;
    return RT_OK;
}

static int sort_refs(struct rt_prepared *pre, uint32_t from[RT_ID_SHARDS + 1])
{
    uint32_t at[RT_ID_SHARDS];

    if (pre->nrefs > pre->cap_order) {
        uint32_t *order = rt_realloc(pre->order, pre->cap_refs, sizeof *order);

        if (!order)
            return RT_ENOMEM;
        pre->order = order;
        pre->cap_order = pre->cap_refs;
    }
    memset(from, 0, (RT_ID_SHARDS + 1) * sizeof *from);
    for (uint32_t i = 0; i < pre->nrefs; i++)
        from[rt_ref_shard(&pre->refs[i]) + 1]++;
    for (unsigned s = 0; s < RT_ID_SHARDS; s++) {
        from[s + 1] += from[s];
        at[s] = from[s];
    }
    for (uint32_t i = 0; i < pre->nrefs; i++)
        pre->order[at[rt_ref_shard(&pre->refs[i])]++] = i;
    return RT_OK;
}

/*
 * States are likely out of the cache, and so are their numbers, by which they are found.
 * Rows are folded in groups: one walk fetches the numbers of all, one the states, the last
 * one folds. So the misses of a group overlap, its first rows' as well: half the time of
 * fetching 16 rows ahead.
 */
enum { FOLDS_TOGETHER = 64 };

struct fold {
    const struct rt_used_row *row;
    uint32_t place, number; /* of the state */
};

/* The rows whose first ids are refs[order[0 .. n-1]], n <= FOLDS_TOGETHER, and that have
 * something to fold: how many, or an error. */
static int choose_folds(const struct rt_intake *in, const struct rt_prepared *pre,
    const struct rt_states_part *part, const uint32_t *order, uint32_t n,
    struct fold *folds)
{
    int k = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct rt_ref *ref = &pre->refs[order[i]];
        const struct rt_used_row *row;
        int use;

        if (ref->row == RT_NONE)
            continue;
        row = &pre->rows[ref->row];
        use = rt_folder_use(in->folder, row->kind);
        if (use < 0)
            return use;
        if (!(use & RT_USE_STATE))
            continue;
        folds[k++] = (struct fold) { .row = row, .place = rt_id_place(ref->id) };
        rt_states_fetch_number(part, rt_id_place(ref->id));
    }
    return k;
}

static int fold_group(struct rt_intake *in, const struct rt_prepared *pre,
    struct rt_states_part *part, const uint32_t *order, uint32_t n)
{
    struct fold folds[FOLDS_TOGETHER];
    int k = choose_folds(in, pre, part, order, n, folds);

    for (int i = 0; i < k; i++) {
        folds[i].number = rt_states_number(part, folds[i].place);
        if (!folds[i].number)
            return RT_ENOMEM;
        rt_states_fetch(part, folds[i].number);
    }
    for (int i = 0; i < k; i++) {
        const struct rt_used_row *row = folds[i].row;

        rt_folder_add(in->folder, rt_states_words(part, folds[i].number), row->kind,
            row->time_us, pre->values + row->value);
    }
    return k < 0 ? k : RT_OK;
}

static int fold_shard(struct rt_intake *in, const struct rt_prepared *pre, uint32_t shard,
    const uint32_t *order, uint32_t n)
{
    struct rt_states_part *part = rt_states_lock(in->shared->states, shard);
    int rc = RT_OK;

    for (uint32_t i = 0; i < n && rc == RT_OK; i += FOLDS_TOGETHER) {
        uint32_t left = n - i;

        rc = fold_group(
            in, pre, part, order + i, left < FOLDS_TOGETHER ? left : FOLDS_TOGETHER);
    }
    rt_states_unlock(in->shared->states, shard);
    return rc;
}

/* Touches can go to disk, ids and texts cannot. */
static int check_budget(struct rt_intake *in, struct rt_err *err)
{
    struct rt_touch_budget *budget = in->shared->budget;
    uint64_t texts = rt_texts_cost_bytes(rt_match_texts(in->match));
    uint64_t ids = rt_ids_cost_bytes(in->shared->ids)
        + rt_states_cost_bytes(in->shared->states),
             cost = ids;

    cost += atomic_fetch_add(&budget->text_bytes, texts - in->text_bytes)
        + (texts - in->text_bytes);
    in->text_bytes = texts;
    atomic_store_explicit(&budget->reserved_bytes, cost, memory_order_relaxed);
    if (cost <= budget->limit_bytes)
        return RT_OK;
    return rt_err_set(err, RT_ELIMIT,
        "the %s take %llu MiB, more than --memory leaves them: raise it",
        ids < cost / 2 ? "values of `landing` and `for_some`"
                       : "ids and what is counted of each",
        (unsigned long long)(cost >> 20));
}

static int number_ids(struct rt_intake *in, struct rt_prepared *pre, struct rt_err *err)
{
    uint32_t from[RT_ID_SHARDS + 1];
    int rc = sort_refs(pre, from);

    for (unsigned i = 0; i < RT_ID_SHARDS && rc == RT_OK; i++) {
        unsigned s = (i + in->first_shard) % RT_ID_SHARDS;

        const uint32_t *order = pre->order + from[s];
        uint32_t n = from[s + 1] - from[s];

        if (n)
            rc = rt_ids_intern(in->shared->ids, s, pre->refs, order, n);
        if (n && rc == RT_OK && in->shared->plan->state_words)
            rc = fold_shard(in, pre, s, order, n);
    }
    in->first_shard = (in->first_shard + 7) % RT_ID_SHARDS;
    if (rc == RT_ELIMIT)
        return rt_err_set(err, rc, "more than four thousand million ids");
    if (rc == RT_OK)
        rc = check_budget(in, err);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : rc;
}

static int keep_touch(struct rt_intake *in, const struct rt_prepared *pre,
    const struct rt_used_row *row, struct rt_err *err)
{
    uint64_t words[RT_TOUCH_WORDS_MAX];
    int use = rt_folder_use(in->folder, row->kind);
    uint32_t n;

    if (use < 0)
        return rt_err_set(err, use, "out of memory");
    if (!(use & RT_USE_TOUCH))
        return RT_OK;
    n = rt_folder_pick(in->folder, row->kind, pre->values + row->value, words);

    return rt_touches_add(
        in->touches, pre->refs[row->ref].id, row->kind, row->time_us, words, n, err);
}

static int hand_over(struct rt_prepared *pre, struct rt_err *err)
{
    int rc = RT_OK;

    for (uint32_t i = 0; i < pre->nwaiting && rc == RT_OK; i++) {
        struct rt_waiting *w = &pre->waiting[i];

        w->aside.payload = (struct rt_span) { pre->payloads.p + w->payload, w->npayload };
        rc = rt_duplicates_add(pre->duplicates, &w->aside, err);
    }
    return rc;
}

static bool has_touches(const struct rt_plan *plan)
{
    uint64_t any = 0;

    for (uint32_t i = 0; i < plan->matcher_words; i++)
        any |= plan->touched[i];
    return any != 0;
}

/* What rows leave beside their states: links, touches, the caller's notes. */
static int leave_marks(struct rt_intake *in, const struct rt_prepared *pre,
    rt_intake_row *row_fn, void *ctx, struct rt_err *err)
{
    bool touches = has_touches(in->shared->plan);
    int rc = RT_OK;

    for (uint32_t i = 0; i < pre->nrows && rc == RT_OK; i++) {
        const struct rt_used_row *row = &pre->rows[i];
        const struct rt_ref *ids = &pre->refs[row->ref];

        if (row->nrefs == 1 && !touches && !row_fn)
            continue;
        for (unsigned k = 1; k < row->nrefs && rc == RT_OK; k++)
            rc = rt_edges_add(in->edges, ids[0].id, ids[k].id,
                rt_ref_kind(&ids[k]) < in->shared->plan->nids);
        if (rc < 0)
            return rt_err_set(err, rc, "out of memory");
        if (touches)
            rc = keep_touch(in, pre, row, err);
        if (rc == RT_OK && row_fn)
            rc = row_fn(ctx, ids[0].id, row->at, row->size);
    }
    return rc;
}

int rt_intake_apply(struct rt_intake *in, struct rt_prepared *pre, rt_intake_row *row_fn,
    void *ctx, struct rt_err *err)
{
    int rc = number_ids(in, pre, err);

    rt_match_add_counts(&in->counts, pre->counts);
    if (rc == RT_OK)
        rc = hand_over(pre, err);
    return rc == RT_OK ? leave_marks(in, pre, row_fn, ctx, err) : rc;
}
