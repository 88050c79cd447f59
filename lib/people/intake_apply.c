/*
 * Intake's second half: a block that is known to be right leaves its marks.
 *
 * Ids are not looked up one by one. A block's ids are sorted by shard first, so that a
 * shard's lock is taken once a block. Then they go in groups: the misses of a group's
 * look-ups overlap with other groups' work, and what they fetched is what its records fold
 * into.
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
    rt_match_add_counts(&pre->counts, head.counts);
    pre->nvalues += head.nvalues;
    pre->nrows++;
    pre->used++;
    return RT_OK;
}

static int make_room(struct rt_intake *in, const struct rt_prepared *pre)
{
    uint32_t *order;
    uint8_t *bins;

    if (pre->nrefs <= in->cap_order)
        return RT_OK;
    order = rt_realloc(in->order, pre->cap_refs, sizeof *order);
    if (!order)
        return RT_ENOMEM;
    in->order = order;
    bins = rt_realloc(in->bins, pre->cap_refs, sizeof *bins);
    if (!bins)
        return RT_ENOMEM;
    in->bins = bins;
    in->cap_order = pre->cap_refs;
    return RT_OK;
}

/*
 * Within a shard, refs that fold something go first, for new ids get their sort by that;
 * and long ids apart from short ones: what is done of one is done of the next as well, and
 * the processor guesses it.
 */
enum { SORTS = 4, BINS = RT_ID_SHARDS * SORTS };

static inline uint8_t bin_of(const struct rt_ref *ref)
{
    return (uint8_t)(rt_ref_shard(ref) * SORTS + (ref->folds == RT_ID_NO_FOLD) * 2u
        + rt_ref_is_long(ref));
}

/* The bin of each ref, and how many those have. What is folded of it is known now, by this
 * thread's folder. */
static int look_at_refs(
    struct rt_intake *in, const struct rt_prepared *pre, uint32_t counts[BINS])
{
    for (uint32_t i = 0; i < pre->nrefs; i++) {
        struct rt_ref *ref = &pre->refs[i];
        int use = rt_folder_use(in->folder, ref->folds);

        if (use < 0)
            return use;
        ref->folds = use & RT_USE_STATE ? ref->folds : RT_ID_NO_FOLD;
        in->bins[i] = bin_of(ref);
        counts[in->bins[i]]++;
    }
    return RT_OK;
}

/* Refs stay where they are: what is sorted is their numbers. */
static int sort_refs(
    struct rt_intake *in, const struct rt_prepared *pre, uint32_t from[RT_ID_SHARDS + 1])
{
    uint32_t at[BINS] = { 0 }, n = 0;
    int rc = make_room(in, pre);

    if (rc == RT_OK)
        rc = look_at_refs(in, pre, at);
    if (rc < 0)
        return rc;
    for (unsigned i = 0; i < BINS; i++) {
        uint32_t first = n;

        if (i % SORTS == 0)
            from[i / SORTS] = first;
        n += at[i];
        at[i] = first;
    }
    from[RT_ID_SHARDS] = n;
    for (uint32_t i = 0; i < n; i++)
        in->order[at[in->bins[i]]++] = i;
    return RT_OK;
}

/* The records of a group fold into states that are in the cache by now. */
static void fold_group(const struct rt_intake *in, const struct rt_prepared *pre,
    const struct rt_ids_group *group)
{
    for (uint32_t i = 0; i < group->n; i++) {
        const struct rt_ref *ref = group->refs[i];

        if (group->states[i])
            rt_folder_add(in->folder, group->states[i], ref->folds, ref->time_us,
                pre->values + ref->value);
    }
}

/* The next refs in order, if there are any. */
static void fill_group(struct rt_ids_group *group, struct rt_prepared *pre,
    const uint32_t *order, uint32_t n)
{
    group->n = n < RT_IDS_TOGETHER ? n : RT_IDS_TOGETHER;
    for (uint32_t i = 0; i < group->n; i++)
        group->refs[i] = &pre->refs[order[i]];
}

/* Four groups are on their way, each a step behind the next one. */
static int apply_shard(struct rt_intake *in, struct rt_prepared *pre, uint32_t shard,
    const uint32_t *order, uint32_t n)
{
    struct rt_ids_part *part = rt_ids_lock(in->shared->ids, shard);
    struct rt_ids_group groups[4];
    uint32_t at = 0, left = n;
    int rc = RT_OK;

    for (unsigned i = 0; i < 4; i++) {
        groups[i].n = 0;
        groups[i].longer = false;
    }
    for (uint32_t done = 0; done < n && rc == RT_OK; at++) {
        struct rt_ids_group *last = &groups[(at + 1) % 4];

        fill_group(&groups[at % 4], pre, order, left);
        order += groups[at % 4].n;
        left -= groups[at % 4].n;
        rt_ids_expect(part, &groups[at % 4]);
        rc = rt_ids_guess(part, &groups[(at + 3) % 4]);
        rt_ids_approach(part, &groups[(at + 2) % 4]);
        if (rc == RT_OK)
            rc = rt_ids_take(part, shard, last);
        if (rc == RT_OK)
            fold_group(in, pre, last);
        done += last->n;
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
            rc = apply_shard(in, pre, s, in->order + from[s], n);
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
