/*
 * The hot middle of a run, first half: records to refs, rows and values. Nothing is
 * allocated for a record: they go to arrays of the block that keep their size from block to
 * block.
 */
#include "base/alloc.h"
#include "io/digest.h"
#include "people/intake_int.h"

/* ---- set-up */

static int copy_ignored(struct rt_intake *in)
{
    const struct rt_plan *plan = in->shared->plan;
    const struct rt_people_def *people = &plan->defs->people;

    in->ignored = rt_arena_new(&in->arena, plan->nid_kinds, sizeof *in->ignored);
    if (!in->ignored)
        return RT_ENOMEM;
    for (uint32_t k = 0; k < plan->nid_kinds; k++) {
        struct rt_ignored *ig = &in->ignored[k];

        ig->texts = rt_arena_new(&in->arena, people->nignore, sizeof *ig->texts);
        if (!ig->texts)
            return RT_ENOMEM;
        for (size_t i = 0; i < people->nignore; i++) {
            char copy[RT_ID_BYTES_MAX];
            struct rt_span form = rt_id_form(&plan->id_kinds[k], people->ignore[i], copy);

            if (!form.p)
                continue;
            form = rt_arena_copy(&in->arena, form);
            if (!form.p)
                return RT_ENOMEM;
            ig->texts[ig->n++] = form;
            ig->lengths |= UINT64_C(1) << form.n % 64;
        }
        if (!plan->id_kinds[k].ignored && !ig->n)
            in->free_kinds |= UINT64_C(1) << k;
    }
    return RT_OK;
}

static bool has_touches(const struct rt_plan *plan)
{
    uint64_t any = 0;

    for (uint32_t i = 0; i < plan->matcher_words; i++)
        any |= plan->touched[i];
    return any != 0;
}

int rt_intake_new(const struct rt_intake_shared *shared, struct rt_intake **out)
{
    struct rt_intake *in = rt_calloc(1, sizeof *in);

    if (!in)
        return RT_ENOMEM;
    in->shared = shared;
    in->touches_wanted = has_touches(shared->plan);
    in->joined = (struct rt_buf)RT_BUF_INIT(UINT32_MAX);
    in->visitors = rt_calloc(RT_VISITOR_SLOTS, sizeof *in->visitors);
    if (!in->visitors || rt_screen_new(&in->screen) < 0
        || rt_digest_new(&in->digest, NULL) < 0
        || rt_match_new(shared->plan, shared->kinds, &in->match) < 0
        || rt_folder_new(shared->plan, shared->kinds, &in->folder) < 0
        || rt_edges_new(&in->edges) < 0
        || rt_touches_new(shared->budget, &in->touches) < 0 || copy_ignored(in) < 0) {
        rt_intake_free(in);
        return RT_ENOMEM;
    }
    *out = in;
    return RT_OK;
}

void rt_intake_free(struct rt_intake *in)
{
    if (!in)
        return;
    rt_match_free(in->match);
    rt_folder_free(in->folder);
    rt_edges_free(in->edges);
    rt_touches_free(in->touches);
    rt_digest_free(in->digest);
    rt_arena_release(&in->arena);
    rt_screen_free(in->screen);
    rt_free(in->visitors);
    rt_free(in->order);
    rt_free(in->bins);
    rt_buf_release(&in->joined);
    rt_free(in);
}

struct rt_edges *rt_intake_edges(struct rt_intake *in)
{
    return in->edges;
}

struct rt_touches *rt_intake_touches(struct rt_intake *in)
{
    return in->touches;
}

struct rt_texts *rt_intake_texts(struct rt_intake *in)
{
    return rt_match_texts(in->match);
}

struct rt_match_counts rt_intake_counts(const struct rt_intake *in)
{
    return in->counts;
}

int rt_prepared_new(struct rt_prepared **out)
{
    *out = rt_calloc(1, sizeof **out);
    if (!*out)
        return RT_ENOMEM;
    (*out)->payloads = (struct rt_buf)RT_BUF_INIT(SIZE_MAX / 2);
    return RT_OK;
}

void rt_prepared_free(struct rt_prepared *pre)
{
    if (!pre)
        return;
    rt_arena_release(&pre->arena);
    rt_free(pre->refs);
    rt_free(pre->rows);
    rt_free(pre->values);
    rt_free(pre->waiting);
    rt_buf_release(&pre->payloads);
    rt_free(pre);
}

void rt_prepared_reset(struct rt_prepared *pre)
{
    rt_arena_reset(&pre->arena);
    rt_buf_reset(&pre->payloads);
    pre->nrefs = pre->nrows = pre->nvalues = pre->nwaiting = 0;
    pre->used = 0;
    pre->counts = (struct rt_match_counts) { 0 };
}

uint64_t rt_prepared_used(const struct rt_prepared *pre)
{
    return pre->used;
}

/* An array with room for `more` beside what is used, which is there even for none; NULL when
 * there is no memory. */
static void *with_room(
    void *array, uint32_t used, uint32_t *cap, uint32_t more, size_t size)
{
    uint64_t need = (uint64_t)used + more;

    if (array && need <= *cap)
        return array;
    need += need / 2 + 1;
    array = need <= UINT32_MAX ? rt_realloc(array, need, size) : NULL;
    if (array)
        *cap = (uint32_t)need;
    return array;
}

int rt_prepared_make_room(
    struct rt_prepared *pre, uint32_t rows, uint32_t refs, uint32_t values)
{
    void *p;

    p = with_room(pre->refs, pre->nrefs, &pre->cap_refs, refs, sizeof *pre->refs);
    if (!p)
        return RT_ENOMEM;
    pre->refs = p;
    p = with_room(pre->rows, pre->nrows, &pre->cap_rows, rows, sizeof *pre->rows);
    if (!p)
        return RT_ENOMEM;
    pre->rows = p;
    p = with_room(
        pre->values, pre->nvalues, &pre->cap_values, values, sizeof *pre->values);
    if (!p)
        return RT_ENOMEM;
    pre->values = p;
    p = with_room(
        pre->waiting, pre->nwaiting, &pre->cap_waiting, rows, sizeof *pre->waiting);
    if (!p)
        return RT_ENOMEM;
    pre->waiting = p;
    return RT_OK;
}

/* ---- a batch */

/* Adds the row of a record that was matched. */
static int add_row(struct rt_intake *in, const struct rt_intake_source *source,
    const struct rt_batch *batch, uint32_t k, uint32_t nrefs, struct rt_prepared *pre)
{
    const struct rt_live *live = &in->live;
    const struct rt_found *found = &live->found[k];
    const struct rt_row *place = &batch->rows[live->rows[k]];
    uint32_t at = live->refs[k];
    struct rt_ref *first = &pre->refs[at];
    int nvalues = 0;

    first->time_us = live->times_us[k];
    first->folds = found->kind;
    first->value = pre->nvalues;
    if (found->values)
        nvalues = rt_match_values(in->match, found->values,
            rt_batch_row(batch, live->rows[k]), pre->values + pre->nvalues);
    if (nvalues < 0)
        return nvalues;
    if (nrefs > 1 || source->contacts || (in->touches_wanted && found->kind)) {
        pre->rows[pre->nrows++] = (struct rt_used_row) { .time_us = live->times_us[k],
            .kind = found->kind,
            .ref = at,
            .value = pre->nvalues,
            .at = place->at,
            .size = place->size,
            .nrefs = (uint16_t)nrefs,
            .nvalues = (uint16_t)nvalues };
    }
    pre->nvalues += (uint32_t)nvalues;
    return RT_OK;
}

/* Matches the records that go on and adds their rows. */
static int match_batch(struct rt_intake *in, const struct rt_intake_source *source,
    const struct rt_batch *batch, struct rt_prepared *pre)
{
    struct rt_live *live = &in->live;
    struct rt_match_input input = { batch->cells, batch->nslots, live->rows,
        live->times_us, live->n, source->contacts, &source->rules.time_form };
    int rc = rt_match_batch(in->match, &input, live->found);

    live->refs[live->n] = pre->nrefs;
    for (uint32_t k = 0; k < live->n && rc == RT_OK; k++)
        rc = add_row(in, source, batch, k, live->refs[k + 1] - live->refs[k], pre);
    rt_match_add_counts(&pre->counts, rt_match_counts(in->match));
    pre->used += live->n;
    return rc;
}

int rt_intake_prepare(struct rt_intake *in, const struct rt_intake_source *source,
    struct rt_span block, const struct rt_batch *batch, struct rt_prepared *pre,
    struct rt_tally *tally, struct rt_err *err)
{
    const struct rt_plan *plan = in->shared->plan;
    uint32_t n = batch->nrows;
    int rc = rt_prepared_make_room(
        pre, n, n * (plan->nid_kinds + 1), n * rt_plan_value_words(plan));

    if (rc == RT_OK)
        rc = rt_intake_judge(in, source, block, batch, pre, tally, err);
    if (rc == RT_OK)
        rc = match_batch(in, source, batch, pre);
    if (rc == RT_ELIMIT)
        return rt_err_set(err, rc,
            "the segments tell more than %d kinds of events apart: use fewer tests",
            RT_KINDS_MAX);
    if (rc < 0)
        return rt_err_set(err, rc, rc == RT_ENOMEM ? "out of memory" : "SHA-256 failed");
    return RT_OK;
}

int rt_intake_show(struct rt_intake *in, const struct rt_intake_source *source,
    struct rt_span block, const struct rt_batch *batch, struct rt_prepared *scratch,
    struct rt_tally *tally, rt_intake_see *see, void *ctx, struct rt_err *err)
{
    int rc;

    in->see = see;
    in->see_ctx = ctx;
    rc = rt_intake_prepare(in, source, block, batch, scratch, tally, err);
    in->see = NULL;
    return rc;
}
