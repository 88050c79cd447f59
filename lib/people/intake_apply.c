/*
 * Intake's second half: a block that is known to be right leaves its marks.
 *
 * Ids are not looked up one by one. A block's ids are sorted by shard first, so that a
 * shard's lock is taken once a block. Then they go in groups: the misses of a group's
 * look-ups overlap, and what they fetched is what its records fold into.
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
    pre->refs[row->ref].time_us = head.time_us;
    pre->refs[row->ref].folds = head.kind;
    pre->refs[row->ref].value = row->value;
    pre->refs[row->ref].row = RT_ID_OF_ROW;
    rt_match_add_counts(&pre->counts, head.counts);
    pre->nvalues += head.nvalues;
    pre->nrows++;
    pre->used++;
    return RT_OK;
}

static int make_room(struct rt_intake *in, const struct rt_prepared *pre)
{
    if (pre->nrefs > in->cap_sorted) {
        struct rt_ref *sorted = rt_realloc(in->sorted, pre->cap_refs, sizeof *sorted);

        if (!sorted)
            return RT_ENOMEM;
        in->sorted = sorted;
        in->cap_sorted = pre->cap_refs;
    }
    return RT_OK;
}

/* The ref on its way to its shard: what is folded of it is known now, by this thread's
 * folder, and where it came from. */
static inline int send(
    struct rt_intake *in, const struct rt_prepared *pre, uint32_t i, struct rt_ref *to)
{
    const struct rt_ref *ref = &pre->refs[i];
    int use = rt_folder_use(in->folder, ref->folds);

    *to = *ref;
    to->folds = use & RT_USE_STATE ? ref->folds : RT_ID_NO_FOLD;
    to->row = ref->row == RT_ID_ALONE ? RT_NONE : i;
    return use;
}

static int sort_refs(
    struct rt_intake *in, const struct rt_prepared *pre, uint32_t from[RT_ID_SHARDS + 1])
{
    uint32_t at[RT_ID_SHARDS];
    int rc = make_room(in, pre);

    memset(from, 0, (RT_ID_SHARDS + 1) * sizeof *from);
    for (uint32_t i = 0; i < pre->nrefs; i++)
        from[rt_ref_shard(&pre->refs[i]) + 1]++;
    for (unsigned s = 0; s < RT_ID_SHARDS; s++) {
        from[s + 1] += from[s];
        at[s] = from[s];
    }
    for (uint32_t i = 0; i < pre->nrefs && rc >= 0; i++)
        rc = send(in, pre, i, &in->sorted[at[rt_ref_shard(&pre->refs[i])]++]);
    return rc < 0 ? rc : RT_OK;
}

/* Rows ask for the numbers of their ids where those were. */
static void tell_numbers(struct rt_prepared *pre, const struct rt_ref *refs, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (refs[i].row != RT_NONE)
            pre->refs[refs[i].row].id = refs[i].id;
}

/* The records of a group fold into states that are in the cache by now. */
static void fold_group(const struct rt_intake *in, const struct rt_prepared *pre,
    const struct rt_ref *refs, uint32_t n, uint64_t *const *states)
{
    for (uint32_t i = 0; i < n; i++)
        if (states[i])
            rt_folder_add(in->folder, states[i], refs[i].folds, refs[i].time_us,
                pre->values + refs[i].value);
}

static uint32_t at_once(uint32_t n)
{
    return n < RT_IDS_TOGETHER ? n : RT_IDS_TOGETHER;
}

/* A group's look-up is on its way while the one before is folded. */
static int apply_shard(struct rt_intake *in, struct rt_prepared *pre, uint32_t shard,
    struct rt_ref *refs, uint32_t n)
{
    struct rt_ids_part *part = rt_ids_lock(in->shared->ids, shard);
    uint64_t *states[RT_IDS_TOGETHER];
    uint32_t now = at_once(n);
    int rc = RT_OK;

    rt_ids_expect(part, refs, now);
    while (n && rc == RT_OK) {
        rc = rt_ids_take(part, shard, refs, now, states);
        rt_ids_expect(part, refs + now, at_once(n - now));
        if (rc == RT_OK)
            fold_group(in, pre, refs, now, states);
        tell_numbers(pre, refs, now);
        refs += now;
        n -= now;
        now = at_once(n);
    }
    rt_ids_unlock(part);
    return rc;
}

/* Touches can go to disk, ids and texts cannot. */
static int check_budget(struct rt_intake *in, struct rt_err *err)
{
    struct rt_touch_budget *budget = in->shared->budget;
    uint64_t texts = rt_texts_cost_bytes(rt_match_texts(in->match));
    uint64_t ids = rt_ids_cost_bytes(in->shared->ids), cost = ids;

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
    int rc = sort_refs(in, pre, from);

    for (unsigned i = 0; i < RT_ID_SHARDS && rc == RT_OK; i++) {
        unsigned s = (i + in->first_shard) % RT_ID_SHARDS;
        uint32_t n = from[s + 1] - from[s];

        if (n)
            rc = apply_shard(in, pre, s, in->sorted + from[s], n);
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

/* What rows leave beside their states: links, touches, the caller's notes. */
static int leave_marks(struct rt_intake *in, const struct rt_prepared *pre,
    rt_intake_row *row_fn, void *ctx, struct rt_err *err)
{
    int rc = RT_OK;

    for (uint32_t i = 0; i < pre->nrows && rc == RT_OK; i++) {
        const struct rt_used_row *row = &pre->rows[i];
        const struct rt_ref *ids = &pre->refs[row->ref];

        for (unsigned k = 1; k < row->nrefs && rc == RT_OK; k++)
            rc = rt_edges_add(in->edges, ids[0].id, ids[k].id,
                rt_ref_kind(&ids[k]) < in->shared->plan->nids);
        if (rc < 0)
            return rt_err_set(err, rc, "out of memory");
        if (in->touches_wanted)
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
