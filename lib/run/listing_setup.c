/* What a listing's workers share, and what each has for itself. */
#include "run/listing_int.h"

#include "base/alloc.h"

static bool has_column(const struct rt_platform *platform, uint32_t field)
{
    for (uint32_t c = 0; c < platform->ncolumns; c++)
        if (platform->columns[c].field == field)
            return true;
    return false;
}

/* Each segment's targets as a list, in their order. */
static int chain_targets(struct sharing *sh, struct rt_arena *arena)
{
    const struct rt_targets *targets = sh->in->targets;
    uint32_t nsegments = sh->in->plan->nsegments;

    sh->next_target = rt_arena_new(arena, targets->n, sizeof *sh->next_target);
    sh->first_target = rt_arena_new(arena, nsegments, sizeof *sh->first_target);
    if (!sh->next_target || !sh->first_target)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < nsegments; i++)
        sh->first_target[i] = RT_NONE;
    for (uint32_t t = targets->n; t-- > 0;) {
        uint32_t *first = &sh->first_target[targets->targets[t].segment];

        sh->next_target[t] = *first;
        *first = t;
    }
    return RT_OK;
}

/* Whether a segment comes behind another: by tier, by priority. */
static bool comes_behind(const struct rt_segment *a, const struct rt_segment *b)
{
    int order = rt_span_cmp(a->tier, b->tier);

    return order ? order > 0 : a->priority > b->priority;
}

static int order_tiers(struct sharing *sh, struct rt_arena *arena)
{
    const struct rt_segment *segments = sh->in->plan->defs->segments;
    uint32_t n = sh->in->plan->nsegments;

    sh->tiered = rt_arena_new(arena, n, sizeof *sh->tiered);
    if (!sh->tiered)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = sh->ntiered;

        if (!segments[i].tier.p)
            continue;
        for (; k > 0 && comes_behind(&segments[sh->tiered[k - 1]], &segments[i]); k--)
            sh->tiered[k] = sh->tiered[k - 1];
        sh->tiered[k] = i;
        sh->ntiered++;
    }
    return RT_OK;
}

/* The platform of a target, and which of its lists the target is. */
static int place_target(struct sharing *sh, uint32_t t, struct rt_arena *arena)
{
    const struct rt_targets *targets = sh->in->targets;
    const struct rt_target *target = &targets->targets[t];
    uint32_t p = 0;

    while (p < sh->nplatforms && sh->platforms[p] != target->platform)
        p++;
    if (p == sh->nplatforms) {
        sh->names[p] = rt_arena_new(arena, targets->n - t, sizeof **sh->names);
        if (!sh->names[p])
            return RT_ENOMEM;
        sh->platforms[sh->nplatforms++] = target->platform;
    }
    sh->platform_of[t] = p;
    sh->number_of[t] = sh->nlists[p]++;
    sh->names[p][sh->number_of[t]] = target->name;
    sh->identifiers |= target->platform->kind != RT_ROWS_KEY;
    sh->user_ids |= has_column(target->platform, RT_PII_USER_ID);
    return RT_OK;
}

/* Ids that are identifiers of lists: by the name of their kind. Visitors and addresses that
 * are none are not. */
static void know_kinds(struct sharing *sh)
{
    const struct rt_plan *plan = sh->in->plan;
    static const uint8_t fields[] = { RT_PII_EMAIL, RT_PII_PHONE, RT_PII_MOBILE_ID,
        RT_PII_USER_ID };

    for (uint32_t kind = 0; kind < plan->nid_kinds; kind++) {
        sh->field_of_kind[kind] = RT_PII_COUNT;
        for (size_t i = 0; i < sizeof fields; i++)
            if (!plan->id_kinds[kind].ignored
                && rt_span_eq(
                    plan->id_kinds[kind].name, rt_span_of(rt_pii_name(fields[i])))
                && (fields[i] != RT_PII_USER_ID || sh->user_ids))
                sh->field_of_kind[kind] = fields[i];
    }
}

int rt_listing_share(struct sharing *sh, struct rt_arena *arena)
{
    const struct rt_targets *targets = sh->in->targets;
    int rc = RT_OK;

    sh->platforms = rt_arena_new(arena, targets->n, sizeof(struct rt_platform *));
    sh->nlists = rt_arena_new(arena, targets->n, sizeof *sh->nlists);
    sh->names = rt_arena_new(arena, targets->n, sizeof(struct rt_span *));
    sh->platform_of = rt_arena_new(arena, targets->n, sizeof *sh->platform_of);
    sh->number_of = rt_arena_new(arena, targets->n, sizeof *sh->number_of);
    sh->field_of_kind =
        rt_arena_new(arena, sh->in->plan->nid_kinds, sizeof *sh->field_of_kind);
    sh->spares = rt_arena_new(arena, sh->in->jobs, sizeof *sh->spares);
    if (!sh->spares || !sh->platforms || !sh->nlists || !sh->names || !sh->platform_of
        || !sh->number_of || !sh->field_of_kind || chain_targets(sh, arena) < 0
        || order_tiers(sh, arena) < 0)
        return RT_ENOMEM;
    /* Product lists are asked of the person that the evaluation is at. */
    sh->room = sh->in->products ? 1 : RT_CROWD_MAX;
    for (uint32_t t = 0; t < targets->n && rc == RT_OK; t++)
        rc = place_target(sh, t, arena);
    know_kinds(sh);
    sh->rower_options = (struct rt_rower_options) {
        .default_region = sh->in->country,
        .max_products = sh->in->products,
        .latest_year = (unsigned)rt_clock_civil(sh->in->plan->as_of_us).year,
        .columns = sh->in->contacts->columns,
        .ncolumns = sh->in->contacts->ncolumns,
    };
    return rc;
}

/* What makes and keeps a platform's rows. */
static int sheet_init(struct worker *w, uint32_t p)
{
    const struct sharing *sh = w->sh;
    const struct rt_listing_input *in = sh->in;
    struct rt_sheet_options options = {
        .nlists = sh->nlists[p],
        .names = sh->names[p],
        .memory_bytes = in->memory_bytes / in->jobs / sh->nplatforms,
        .tmpdir = in->tmpdir,
        .columns = in->contacts->columns,
        .ncolumns = in->contacts->ncolumns,
        .whole = in->whole,
        .max_products = in->products,
        .jobs = in->jobs / sh->nplatforms, /* sheets are sorted side by side */
        .expected = w->expected,
        .spare = w->spare,
    };
    int rc = rt_rower_new(sh->platforms[p], &sh->rower_options, &w->rowers[p], &w->err);

    if (rc < 0)
        return rc;
    w->marks[p] =
        rt_calloc((size_t)RT_CROWD_MAX * ((sh->nlists[p] + 63) / 64), sizeof **w->marks);
    if (!w->marks[p])
        return RT_ENOMEM;
    return rt_sheet_new(sh->platforms[p], &options, &w->sheets[p], &w->err);
}

/* The first worker gets what all others have listed in the end. */
static uint64_t expected(const struct rt_listing_input *in, uint32_t i)
{
    uint64_t people = in->watch ? 1 : rt_ids_count(in->ids);

    return i == 0 ? people : people / in->jobs + people / 16;
}

int rt_listing_worker_init(struct worker *w, struct sharing *sh, uint32_t i)
{
    const struct rt_listing_input *in = sh->in;
    uint32_t nplatforms = sh->nplatforms, nsegments = in->plan->nsegments;
    int rc = RT_OK;

    w->sh = sh;
    w->person = RT_NONE;
    w->spare = &sh->spares[i];
    w->expected = expected(in, i);
    w->salted = (struct rt_buf)RT_BUF_INIT(1 << 20);
    w->rowers = rt_calloc(nplatforms, sizeof(struct rt_rower *));
    w->rows = rt_calloc(nplatforms, sizeof *w->rows);
    w->sheets = rt_calloc(nplatforms, sizeof(struct rt_sheet *));
    w->marks = rt_calloc(nplatforms, sizeof(uint64_t *));
    w->on = rt_calloc(nplatforms, sizeof(uint64_t *));
    w->listed = rt_calloc(nplatforms, sizeof *w->listed);
    w->tallies = rt_calloc(nsegments, sizeof *w->tallies);
    w->answers = rt_calloc(nsegments, sizeof *w->answers);
    if (!w->rowers || !w->rows || !w->sheets || !w->marks || !w->on || !w->listed
        || !w->tallies || !w->answers)
        return RT_ENOMEM;
    if (rt_eval_new(in->plan, in->kinds, &w->eval) < 0
        || rt_histories_new(&w->histories) < 0
        || rt_contact_reader_new(in->contacts, &w->reader) < 0)
        return RT_ENOMEM;
    rt_eval_know(w->eval, &in->facts);
    rc = rt_digest_new(&w->digest, &w->err);
    for (uint32_t p = 0; p < nplatforms && rc == RT_OK; p++)
        rc = sheet_init(w, p);
    return rc;
}

void rt_listing_worker_release(struct worker *w)
{
    rt_eval_free(w->eval);
    rt_histories_free(w->histories);
    rt_contact_reader_free(w->reader);
    rt_digest_free(w->digest);
    for (uint32_t p = 0; w->sh && p < w->sh->nplatforms; p++) {
        if (w->rowers)
            rt_rower_free(w->rowers[p]);
        if (w->rows)
            rt_rows_release(&w->rows[p]);
        if (w->sheets)
            rt_sheet_free(w->sheets[p]);
        if (w->marks)
            rt_free(w->marks[p]);
    }
    rt_free(w->rowers);
    rt_free(w->rows);
    rt_free(w->sheets);
    rt_free(w->marks);
    rt_free(w->on);
    rt_free(w->listed);
    rt_free(w->tallies);
    rt_free(w->answers);
    rt_free(w->values);
    rt_arena_release(&w->bytes);
    rt_buf_release(&w->salted);
}
