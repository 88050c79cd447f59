/*
 * The hot middle of a run, first half: records to refs, rows and values. Nothing is
 * allocated for a record: they go to arrays of the block that keep their size from block to
 * block.
 */
#include "base/alloc.h"
#include "io/digest.h"
#include "people/intake_int.h"

enum { VISITOR_SLOTS = 16384 };

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
    }
    return RT_OK;
}

int rt_intake_new(const struct rt_intake_shared *shared, struct rt_intake **out)
{
    struct rt_intake *in = rt_calloc(1, sizeof *in);

    if (!in)
        return RT_ENOMEM;
    in->shared = shared;
    in->joined = (struct rt_buf)RT_BUF_INIT(UINT32_MAX);
    in->visitors = rt_calloc(VISITOR_SLOTS, sizeof *in->visitors);
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
    rt_free(pre->order);
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

/* An array with room for `more` beside what is used; NULL when there is none. */
static void *with_room(
    void *array, uint32_t used, uint32_t *cap, uint32_t more, size_t size)
{
    uint64_t need = (uint64_t)used + more;

    if (need <= *cap)
        return array;
    need += need / 2;
    array = need <= UINT32_MAX ? rt_realloc(array, need, size) : NULL;
    if (array)
        *cap = (uint32_t)need;
    return array;
}

int rt_prepared_make_room(struct rt_prepared *pre, uint32_t n)
{
    uint32_t refs = n * (RT_ID_KINDS_MAX + 1), values = n * RT_TOUCH_WORDS_MAX;
    void *p;

    p = with_room(pre->refs, pre->nrefs, &pre->cap_refs, refs, sizeof *pre->refs);
    if (!p)
        return RT_ENOMEM;
    pre->refs = p;
    p = with_room(pre->rows, pre->nrows, &pre->cap_rows, n, sizeof *pre->rows);
    if (!p)
        return RT_ENOMEM;
    pre->rows = p;
    p = with_room(
        pre->values, pre->nvalues, &pre->cap_values, values, sizeof *pre->values);
    if (!p)
        return RT_ENOMEM;
    pre->values = p;
    p = with_room(
        pre->waiting, pre->nwaiting, &pre->cap_waiting, n, sizeof *pre->waiting);
    if (!p)
        return RT_ENOMEM;
    pre->waiting = p;
    return RT_OK;
}

/* ---- ids */

static bool is_ignored(const struct rt_ignored *ig, struct rt_span id)
{
    if (!(ig->lengths >> id.n % 64 & 1))
        return false;
    for (uint32_t i = 0; i < ig->n; i++)
        if (rt_span_eq(ig->texts[i], id))
            return true;
    return false;
}

static bool lies_in(struct rt_span block, struct rt_span s)
{
    return (uintptr_t)s.p >= (uintptr_t)block.p
        && (uintptr_t)s.p + s.n <= (uintptr_t)block.p + block.n;
}

int rt_prepared_add_ref(struct rt_prepared *pre, struct rt_span block, struct rt_span id,
    uint8_t kind, bool first)
{
    struct rt_ref *ref = &pre->refs[pre->nrefs];

    if (!lies_in(block, id)) {
        char *copy = rt_arena_bytes(&pre->arena, id.n);

        if (!copy)
            return RT_ENOMEM;
        memcpy(copy, id.p, id.n);
        id.p = copy;
    }
    *ref = (struct rt_ref) { .hash = rt_ref_hash(id, kind),
        .p = id.p,
        .n = (uint16_t)id.n,
        .kind = kind,
        .row = first ? pre->nrows : RT_NONE,
        .flags = first ? RT_ID_FIRST : 0 };
    pre->nrefs++;
    return RT_OK;
}

/* The visitor's id of a record without ids: the first 8 bytes of the digest of the fallback
 * fields, joined by NUL. Absent when one of them is empty. Most visitors come again, so the
 * digests are remembered. */
static int visitor_of(
    struct rt_intake *in, const struct rt_span *cells, struct rt_span *out)
{
    const struct rt_plan *plan = in->shared->plan;
    struct rt_hash128 key = { 0, 0 };
    struct rt_visitor *v;
    uint8_t digest[RT_DIGEST_MAX];

    *out = RT_SPAN_ABSENT;
    for (uint32_t i = 0; i < plan->nfallback; i++) {
        struct rt_span value = cells[plan->fallback_slots[i]];
        struct rt_hash128 h;

        if (value.n == 0)
            return RT_OK;
        h = rt_hash128(value, key.lo + i + 1);
        key = (struct rt_hash128) { h.lo, h.hi ^ (key.hi << 1 | key.hi >> 63) };
    }
    v = &in->visitors[key.lo % VISITOR_SLOTS];
    *out = (struct rt_span) { (const char *)v->digest, RT_VISITOR_BYTES };
    if (v->key.lo == key.lo && v->key.hi == key.hi)
        return RT_OK;
    rt_buf_reset(&in->joined);
    for (uint32_t i = 0; i < plan->nfallback; i++) {
        struct rt_span value = cells[plan->fallback_slots[i]];

        if ((i && rt_buf_addc(&in->joined, '\0') < 0)
            || rt_buf_add(&in->joined, value.p, value.n) < 0)
            return RT_ENOMEM;
    }
    if (rt_digest_of(in->digest, RT_SHA256, rt_buf_span(&in->joined), digest) < 0)
        return RT_EIO;
    memcpy(v->digest, digest, RT_VISITOR_BYTES);
    v->key = key;
    return RT_OK;
}

/* Adds the refs of the kinds from .. to-1; before is where the record's refs begin. */
static int take_kinds(struct rt_intake *in, struct rt_span block,
    const struct rt_span *cells, uint32_t from, uint32_t to, uint32_t before,
    struct rt_prepared *pre)
{
    const struct rt_plan *plan = in->shared->plan;
    int rc = RT_OK;

    for (uint32_t k = from; k < to && rc == RT_OK; k++) {
        struct rt_span cell = cells[plan->id_kinds[k].slot], id;
        char copy[RT_ID_BYTES_MAX];

        if (cell.n == 0)
            continue;
        id = rt_id_form(&plan->id_kinds[k], cell, copy);
        if (id.p && is_ignored(&in->ignored[k], id) == plan->id_kinds[k].ignored)
            rc = rt_prepared_add_ref(pre, block, id, (uint8_t)k, pre->nrefs == before);
    }
    return rc;
}

/* Adds the refs of a record: ids, most durable first, or else the visitor; then attributes
 * of whoever that is. Nobody: no ref. */
static int take_ids(struct rt_intake *in, bool contacts, struct rt_span block,
    const struct rt_span *cells, struct rt_prepared *pre)
{
    const struct rt_plan *plan = in->shared->plan;
    uint32_t before = pre->nrefs;
    int rc = take_kinds(in, block, cells, 0, plan->nids, before, pre);

    if (rc == RT_OK && pre->nrefs == before && !contacts && plan->nfallback) {
        struct rt_span visitor;

        rc = visitor_of(in, cells, &visitor);
        if (rc == RT_OK && visitor.p)
            rc = rt_prepared_add_ref(pre, block, visitor, (uint8_t)plan->nid_kinds, true);
    }
    if (rc < 0 || pre->nrefs == before)
        return rc;
    return take_kinds(in, block, cells, plan->nids, plan->nid_kinds, before, pre);
}

/* ---- one record */

/* A contact row needs no time and no name; it speaks as of as-of. */
static enum rt_reason judge(struct rt_intake *in, const struct rt_intake_source *source,
    struct rt_span *cells, int64_t *time_us)
{
    if (!source->contacts)
        return rt_screen_record(in->screen, &source->rules, cells, time_us);
    *time_us = in->shared->plan->as_of_us;
    return (enum rt_reason)RT_WANTED;
}

/* The record goes on, to be matched with the others of its batch. */
static void keep(struct rt_intake *in, uint32_t row, int64_t time_us, uint32_t ref)
{
    struct rt_live *live = &in->live;

    live->rows[live->n] = (uint16_t)row;
    live->times_us[live->n] = time_us;
    live->refs[live->n++] = ref;
}

/* Adds the row of a record that was matched. */
static int add_row(struct rt_intake *in, const struct rt_intake_source *source,
    const struct rt_batch *batch, uint32_t k, uint32_t nrefs, struct rt_prepared *pre)
{
    const struct rt_live *live = &in->live;
    const struct rt_found *found = &live->found[k];
    const struct rt_row *place = &batch->rows[live->rows[k]];
    struct rt_used_row *row = &pre->rows[pre->nrows];
    uint32_t ref = live->refs[k];
    int nvalues = 0;

    if (found->kind == 0 && nrefs == 1 && !source->contacts) {
        pre->refs[ref].row = RT_NONE;
        return RT_OK; /* known by its id alone */
    }
    if (found->values)
        nvalues = rt_match_values(in->match, found->values,
            rt_batch_row(batch, live->rows[k]), pre->values + pre->nvalues);
    if (nvalues < 0)
        return nvalues;
    *row = (struct rt_used_row) { .time_us = live->times_us[k],
        .kind = found->kind,
        .ref = ref,
        .value = pre->nvalues,
        .at = place->at,
        .size = place->size,
        .nrefs = (uint16_t)nrefs,
        .nvalues = (uint16_t)nvalues };
    pre->nvalues += (uint32_t)nvalues;
    pre->refs[ref].row = pre->nrows++;
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

/* ---- records that are set aside until duplicates are known */

/* The record waits in `pre`: whether the block began in the right place is not known yet. */
static int set_aside(struct rt_intake *in, const struct rt_intake_source *source,
    struct rt_span record, struct rt_hash128 key, int64_t time_us, unsigned outcome,
    struct rt_prepared *pre, uint32_t ref)
{
    const struct rt_matched *m = &in->matched;
    bool wanted = outcome == RT_WANTED;
    struct rt_aside_head head = { .time_us = time_us,
        .kind = wanted ? m->kind : 0,
        .outcome = (uint16_t)outcome,
        .nvalues = wanted ? (uint16_t)m->nvalues : 0,
        .nrefs = (uint16_t)(pre->nrefs - ref) };
    struct rt_waiting *w = &pre->waiting[pre->nwaiting];
    struct rt_buf *buf = &pre->payloads;
    size_t before = buf->n;

    if (wanted)
        head.counts = rt_match_counts(in->match);
    if (rt_buf_add(buf, &head, sizeof head) < 0
        || rt_buf_add(buf, m->values, head.nvalues * sizeof *m->values) < 0)
        return RT_ENOMEM;
    for (uint32_t i = ref; i < pre->nrefs; i++) {
        const struct rt_ref *r = &pre->refs[i];

        if (rt_buf_add(buf, &r->n, sizeof r->n) < 0
            || rt_buf_add(buf, &r->kind, sizeof r->kind) < 0
            || rt_buf_add(buf, r->p, r->n) < 0)
            return RT_ENOMEM;
    }
    *w = (struct rt_waiting) {
        .aside = { .key = key,
            .time_us = time_us,
            .record = source->dedupe == RT_DEDUPE_EVENT_ID ? record : RT_SPAN(""),
            .layout = source->layout },
        .payload = before,
        .npayload = buf->n - before
    };
    pre->duplicates = source->duplicates;
    pre->nrefs = ref;
    pre->nwaiting++;
    return RT_OK;
}

/* ---- a batch */

static bool dedupe_key(const struct rt_intake *in, const struct rt_intake_source *source,
    const struct rt_span *cells, struct rt_span record, struct rt_hash128 *key)
{
    uint32_t slot = in->shared->plan->event_id_slot;

    if (source->dedupe == RT_DEDUPE_NONE)
        return false;
    if (source->dedupe == RT_DEDUPE_RECORD)
        *key = rt_hash128(record, source->layout);
    else if (slot == RT_NONE || cells[slot].n == 0)
        return false;
    else
        *key = rt_hash128(cells[slot], 3);
    return true;
}

/* Shows the record, whose refs begin at ref, and forgets them. */
static int show(struct rt_intake *in, const struct rt_intake_source *source,
    const struct rt_span *cells, struct rt_span record, const struct rt_row *place,
    int64_t time_us, bool wanted, uint32_t ref, struct rt_prepared *pre,
    struct rt_err *err)
{
    struct rt_seen seen = { .cells = cells,
        .record = record,
        .line = place->line,
        .time_us = time_us,
        .wanted = wanted,
        .refs = pre->refs + ref,
        .nrefs = pre->nrefs - ref };

    seen.keyed = dedupe_key(in, source, cells, record, &seen.key);
    pre->nrefs = ref;
    return in->see(in->see_ctx, &seen, err);
}

/* What becomes of a record before it is matched. */
static int judge_row(struct rt_intake *in, const struct rt_intake_source *source,
    struct rt_span block, const struct rt_batch *batch, uint32_t i,
    struct rt_prepared *pre, struct rt_tally *tally, struct rt_err *err)
{
    const struct rt_row *place = &batch->rows[i];
    struct rt_span *cells = rt_batch_row(batch, i);
    struct rt_span record = { block.p + place->at, place->size };
    uint32_t ref = pre->nrefs;
    struct rt_hash128 key;
    int64_t time_us = 0;
    unsigned outcome = judge(in, source, cells, &time_us);
    int rc;

    if (outcome != RT_WANTED && outcome >= RT_REJECT_FIRST)
        return rt_tally_reject(
            tally, (enum rt_reason)outcome, place->at, place->size, place->line);
    if (outcome == RT_WANTED && time_us > in->shared->plan->as_of_us)
        outcome = RT_DROP_FUTURE;
    if (outcome == RT_WANTED) {
        rc = take_ids(in, source->contacts, block, cells, pre);
        if (rc < 0)
            return rc;
        if (pre->nrefs == ref)
            outcome = RT_DROP_NO_ID;
    }
    if (outcome != RT_DROP_BOT && in->see)
        return show(in, source, cells, record, place, time_us, outcome == RT_WANTED, ref,
            pre, err);
    if (outcome != RT_DROP_BOT && dedupe_key(in, source, cells, record, &key)) {
        rc = outcome != RT_WANTED ? RT_OK
                                  : rt_match_record(in->match, cells, time_us, false,
                                      &source->rules.time_form, &in->matched);
        return rc < 0 ? rc
                      : set_aside(in, source, record, key, time_us, outcome, pre, ref);
    }
    if (outcome == RT_WANTED)
        keep(in, i, time_us, ref);
    else
        rt_tally_drop(tally, (enum rt_reason)outcome);
    return RT_OK;
}

int rt_intake_prepare(struct rt_intake *in, const struct rt_intake_source *source,
    struct rt_span block, const struct rt_batch *batch, struct rt_prepared *pre,
    struct rt_tally *tally, struct rt_err *err)
{
    int rc = rt_prepared_make_room(pre, batch->nrows);

    in->live.n = 0;
    for (uint32_t i = 0; i < batch->nrows && rc == RT_OK; i++)
        rc = judge_row(in, source, block, batch, i, pre, tally, err);
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
