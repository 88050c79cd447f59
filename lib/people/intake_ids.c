/* Intake: whose a record is. Its ids in the form in which they are compared, or the digest
 * that stands for a visitor without one. */
#include "base/alloc.h"
#include "io/digest.h"
#include "people/intake_int.h"

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
    if (id.n > RT_ID_SHORT_MAX && !lies_in(block, id)) {
        char *copy = rt_arena_bytes(&pre->arena, id.n);

        if (!copy)
            return RT_ENOMEM;
        memcpy(copy, id.p, id.n);
        id.p = copy;
    }
    pre->refs[pre->nrefs++] =
        rt_ref_of(id, kind, first ? RT_ID_FIRST : 0, first ? pre->nrows : RT_NONE);
    return RT_OK;
}

/* The hash of fields one after another, of theirs. */
static inline struct rt_hash128 joined(struct rt_hash128 all, struct rt_hash128 next)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);

    return (struct rt_hash128) { (all.lo << 29 | all.lo >> 35) * odd + next.lo,
        (all.hi << 31 | all.hi >> 33) * odd + next.hi };
}

/* The visitor's id of a record without ids: the first 8 bytes of the digest of the fallback
 * fields, joined by NUL. Absent when one of them is empty. Most visitors come again, so the
 * digests are remembered. */
static inline int visitor_of(
    struct rt_intake *in, const struct rt_span *cells, const uint8_t **out)
{
    const struct rt_plan *plan = in->shared->plan;
    struct rt_hash128 key = { 0, 0 };
    struct rt_visitor *v;
    uint8_t digest[RT_DIGEST_MAX];

    *out = NULL;
    for (uint32_t i = 0; i < plan->nfallback; i++) {
        struct rt_span value = cells[plan->fallback_slots[i]];

        if (value.n == 0)
            return RT_OK;
        key = joined(key, rt_screen_hash(in->screen, value));
    }
    v = &in->visitors[key.lo % RT_VISITOR_SLOTS];
    *out = v->digest;
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

/* One record's ids on their way. What is rare stays out of line, for it would take the
 * registers of what is not. */
struct taking {
    struct rt_intake *in;
    struct rt_prepared *pre;
    struct rt_span block;
    const struct rt_span *cells;
    uint32_t before; /* where the record's refs begin */
};

static __attribute__((noinline)) int take_any(
    struct taking *t, uint32_t k, struct rt_span cell)
{
    const struct rt_id_kind *kind = &t->in->shared->plan->id_kinds[k];
    char copy[RT_ID_BYTES_MAX];
    struct rt_span id = rt_id_form(kind, cell, copy);

    if (!id.p || is_ignored(&t->in->ignored[k], id) != kind->ignored)
        return RT_OK;
    return rt_prepared_add_ref(
        t->pre, t->block, id, (uint8_t)k, t->pre->nrefs == t->before);
}

/* Most ids stand in their form already, and most are short: a third of the instructions. */
static inline bool take_short(
    struct rt_prepared *pre, uint32_t k, struct rt_span cell, bool first)
{
    if (cell.n > RT_ID_SHORT_MAX || !rt_id_is_plain(cell))
        return false;
    rt_ref_set_short(&pre->refs[pre->nrefs++], rt_word8(cell.p),
        rt_word_above8(cell.p, cell.n), cell.n, (uint8_t)k, first ? RT_ID_FIRST : 0,
        first ? pre->nrows : RT_NONE);
    return true;
}

static __attribute__((noinline)) bool take_long(struct rt_prepared *pre,
    struct rt_span block, uint32_t k, bool email, struct rt_span cell, bool first)
{
    if (cell.n <= RT_ID_SHORT_MAX || !rt_id_is_plain_long(cell, email)
        || !lies_in(block, cell))
        return false;
    pre->refs[pre->nrefs++] = rt_ref_of(
        cell, (uint8_t)k, first ? RT_ID_FIRST : 0, first ? pre->nrows : RT_NONE);
    return true;
}

/* The id of a kind, if it is one of these. */
static inline bool take_plain(const struct rt_intake *in, struct rt_prepared *pre,
    struct rt_span block, uint32_t k, struct rt_span cell, bool first)
{
    bool email = in->shared->plan->id_kinds[k].email;

    if (!(in->free_kinds >> k & 1) || cell.n == 0)
        return false;
    return (!email && take_short(pre, k, cell, first))
        || take_long(pre, block, k, email, cell, first);
}

static __attribute__((noinline)) int take_visitor(struct taking *t)
{
    struct rt_prepared *pre = t->pre;
    const uint8_t *visitor;
    int rc = visitor_of(t->in, t->cells, &visitor);

    if (rc < 0 || !visitor)
        return rc;
    rt_ref_set_short(&pre->refs[pre->nrefs++], rt_word8((const char *)visitor), 0,
        RT_VISITOR_BYTES, (uint8_t)t->in->shared->plan->nid_kinds, RT_ID_FIRST,
        pre->nrows);
    return RT_OK;
}

/* The record's ids from kind k on. */
static int take_from(struct taking *t, uint32_t k, bool contacts)
{
    const struct rt_plan *plan = t->in->shared->plan;
    struct rt_prepared *pre = t->pre;
    int rc = RT_OK;

    for (; rc == RT_OK; k++) {
        if (k == plan->nids && pre->nrefs == t->before) {
            if (!contacts && plan->nfallback)
                rc = take_visitor(t);
            if (pre->nrefs == t->before)
                return rc;
        }
        if (k == plan->nid_kinds)
            break;
        if (t->cells[plan->id_kinds[k].slot].n)
            rc = take_any(t, k, t->cells[plan->id_kinds[k].slot]);
    }
    return rc;
}

int rt_intake_take_ids(struct rt_intake *in, bool contacts, struct rt_span block,
    const struct rt_span *cells, struct rt_prepared *pre)
{
    struct taking t = { in, pre, block, cells, pre->nrefs };

    return take_from(&t, 0, contacts);
}

/* What is not the usual of live record i: its ids from kind k on, those before it are there.
 */
static __attribute__((noinline)) int take_others(struct rt_intake *in,
    const struct rt_intake_source *source, struct rt_span block,
    const struct rt_span *cells, struct rt_prepared *pre, uint32_t i, uint32_t k,
    uint32_t before)
{
    struct taking t = { in, pre, block, cells, before };

    if (in->shared->plan->nfallback && !source->contacts) {
        in->screen->agent = source->rules.bots == RT_BOTS_KEEP
            ? RT_SPAN_ABSENT
            : cells[source->rules.user_agent_slot];
        in->screen->agent_hash = in->live.agents[i];
    }
    return take_from(&t, k, source->contacts);
}

/* The next kind, from k on, of which the record has something. */
static inline uint32_t next_kind(
    const struct rt_span *cells, const uint32_t *slots, uint32_t k, uint32_t nkinds)
{
    while (k < nkinds && cells[slots[k]].n == 0)
        k++;
    return k;
}

/* An id of the first kind is mostly short, if it may be. */
static inline bool first_is_short(const struct rt_intake *in)
{
    return in->free_kinds & 1 && !in->shared->plan->id_kinds[0].email;
}

/* Record by record. */
static int take_each(struct rt_intake *in, const struct rt_intake_source *source,
    struct rt_span block, const struct rt_batch *batch, const uint32_t *slots,
    struct rt_prepared *pre)
{
    uint32_t nkinds = in->shared->plan->nid_kinds, n = 0;
    bool is_short = first_is_short(in);
    struct rt_live *live = &in->live;
    int rc = RT_OK;

    for (uint32_t i = 0; i < live->n && rc == RT_OK; i++) {
        const struct rt_span *cells = rt_batch_row(batch, live->rows[i]);
        uint32_t before = pre->nrefs, k = 0;

        if (is_short && take_short(pre, 0, cells[slots[0]], true))
            k = next_kind(cells, slots, 1, nkinds);
        while (k < nkinds && take_plain(in, pre, block, k, cells[slots[k]], k == 0))
            k = next_kind(cells, slots, k + 1, nkinds);
        if (k < nkinds || k == 0)
            rc = take_others(in, source, block, cells, pre, i, k, before);
        live->rows[n] = live->rows[i];
        live->times_us[n] = live->times_us[i];
        live->refs[n] = before;
        n += pre->nrefs > before;
    }
    live->n = n;
    return rc;
}

/* ---- the first ids, then the others */

/*
 * Mostly all records have an id of the first kind, and some have others: which these are is
 * anybody's guess, and a wrong one costs as much as the id. So the others are noted in
 * passing, without a branch, room is left for them, and they are put there afterwards. A few
 * records at a time, for their cells to be in the nearest cache.
 */
enum { RECORDS = 32 };

struct other {
    uint32_t ref; /* where it is to stand */
    uint16_t record, kind;
};

/* Puts an id where it is to stand, whatever it looks like. 1; 0 for one that does not count;
 * or an error. */
static __attribute__((noinline)) int put(struct rt_intake *in, struct rt_span block,
    uint32_t k, struct rt_span cell, struct rt_prepared *pre, uint32_t at)
{
    struct taking t = { in, pre, block, NULL, k == 0 ? at : RT_NONE };
    int rc = RT_OK;

    pre->nrefs = at;
    if (!take_plain(in, pre, block, k, cell, k == 0) && cell.n)
        rc = take_any(&t, k, cell);
    return rc < 0 ? rc : pre->nrefs > at;
}

/* The ids of the first kind of live records `from` to `to`; *nothers become known. As put, 0
 * when a record has none. */
static __attribute__((noinline)) int put_first(struct rt_intake *in, struct rt_span block,
    const struct rt_batch *batch, const uint32_t *slots, uint32_t from, uint32_t to,
    struct rt_prepared *pre, struct other *others, uint32_t *nothers)
{
    uint32_t nkinds = in->shared->plan->nid_kinds, at = pre->nrefs, row = pre->nrows;
    struct rt_live *live = &in->live;
    struct rt_ref *refs = pre->refs;
    bool is_short = first_is_short(in);
    uint32_t n = 0;
    int rc = 1;

    for (uint32_t i = from; i < to && rc > 0; i++) {
        const struct rt_span *cells = rt_batch_row(batch, live->rows[i]);
        struct rt_span cell = cells[slots[0]];

        live->refs[i] = at;
        if (is_short && cell.n <= RT_ID_SHORT_MAX && rt_id_is_plain(cell))
            rt_ref_set_short(&refs[at], rt_word8(cell.p), rt_word_above8(cell.p, cell.n),
                cell.n, 0, RT_ID_FIRST, row);
        else
            rc = put(in, block, 0, cell, pre, at);
        at++;
        for (uint32_t k = 1; k < nkinds; k++) {
            bool is_there = cells[slots[k]].n != 0;

            others[n] = (struct other) { at, (uint16_t)i, (uint16_t)k };
            n += is_there;
            at += is_there;
        }
    }
    pre->nrefs = at;
    *nothers = n;
    return rc;
}

/* The other ids, behind those. As put, 0 when one does not count. */
static int put_others(struct rt_intake *in, struct rt_span block,
    const struct rt_batch *batch, const uint32_t *slots, const struct other *others,
    uint32_t n, struct rt_prepared *pre)
{
    uint32_t end = pre->nrefs;
    int rc = 1;

    for (; n && rc > 0; n--, others++) {
        const struct rt_span *cells = rt_batch_row(batch, in->live.rows[others->record]);

        rc = put(in, block, others->kind, cells[slots[others->kind]], pre, others->ref);
    }
    pre->nrefs = end;
    return rc;
}

/* As put: 0 when it is not as mostly, and nothing is done. */
static int take_mostly(struct rt_intake *in, struct rt_span block,
    const struct rt_batch *batch, const uint32_t *slots, struct rt_prepared *pre)
{
    struct other others[RECORDS * RT_ID_KINDS_MAX];
    uint32_t before = pre->nrefs, n, to;
    int rc = 1;

    for (uint32_t from = 0; from < in->live.n && rc > 0; from = to) {
        to = in->live.n - from < RECORDS ? in->live.n : from + RECORDS;
        rc = put_first(in, block, batch, slots, from, to, pre, others, &n);
        if (rc > 0)
            rc = put_others(in, block, batch, slots, others, n, pre);
    }
    if (rc <= 0)
        pre->nrefs = before;
    return rc;
}

int rt_intake_take_all_ids(struct rt_intake *in, const struct rt_intake_source *source,
    struct rt_span block, const struct rt_batch *batch, struct rt_prepared *pre)
{
    const struct rt_plan *plan = in->shared->plan;
    uint32_t slots[RT_ID_KINDS_MAX];
    int rc;

    for (uint32_t k = 0; k < plan->nid_kinds; k++)
        slots[k] = plan->id_kinds[k].slot;
    rc = plan->nids ? take_mostly(in, block, batch, slots, pre) : 0;
    if (rc == 0)
        rc = take_each(in, source, block, batch, slots, pre);
    return rc < 0 ? rc : RT_OK;
}
