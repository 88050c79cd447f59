/*
 * What becomes of records before they are matched: screened, up to as-of, somebody's.
 *
 * Mostly this is done for a batch in two walks, times first, then ids: each is short enough
 * to keep what it needs in registers. Where records are shown or set aside it is done for
 * one after another.
 */
#include "base/timecolumn.h"
#include "people/intake_int.h"

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
static inline void keep(struct rt_live *live, uint32_t row, int64_t time_us, uint32_t ref)
{
    live->rows[live->n] = (uint16_t)row;
    live->times_us[live->n] = time_us;
    live->refs[live->n++] = ref;
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
        struct rt_span bytes = rt_ref_bytes(&pre->refs[i]);
        uint8_t kind = rt_ref_kind(&pre->refs[i]);
        uint16_t n = (uint16_t)bytes.n;

        if (rt_buf_add(buf, &n, sizeof n) < 0 || rt_buf_add(buf, &kind, sizeof kind) < 0
            || rt_buf_add(buf, bytes.p, bytes.n) < 0)
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

/* ---- one record after another */

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
        rc = rt_intake_take_ids(in, source->contacts, block, cells, pre);
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
        keep(&in->live, i, time_us, ref);
    else
        rt_tally_drop(tally, (enum rt_reason)outcome);
    return RT_OK;
}

/* ---- a batch at once */

static bool reject(
    const struct rt_row *place, enum rt_reason reason, struct rt_tally *tally)
{
    return rt_tally_reject(tally, reason, place->at, place->size, place->line) == RT_OK;
}

/* True when all of n records are events of which nothing but the time is to be looked at;
 * these are left behind. */
static bool are_usual(const struct rt_screen *screen, const struct rt_screen_rules *rules,
    const struct rt_span *cells, size_t nslots, uint32_t n, int64_t *times_us)
{
    bool agents = rules->bots != RT_BOTS_KEEP;
    const struct rt_span *row = cells;

    for (uint32_t i = 0; i < n; i++, row += nslots)
        if (row[RT_SLOT_EVENT].n == 0 || (agents && row[rules->user_agent_slot].n))
            return false;
    return rt_times_kept(
        cells + RT_SLOT_TIME, nslots, n, &rules->time_form, &screen->clock, times_us);
}

/* True when all are such, as mostly they are: a third of the cost of one after another.
 * A few are looked at at a time, for their cells to be in the nearest cache. */
static bool screen_usual(struct rt_intake *in, const struct rt_intake_source *source,
    const struct rt_batch *batch, struct rt_tally *tally)
{
    enum { TOGETHER = 32 };
    int64_t as_of_us = in->shared->plan->as_of_us;
    struct rt_live *live = &in->live;

    for (uint32_t i = 0; i < batch->nrows; i += TOGETHER) {
        uint32_t left = batch->nrows - i;

        if (!are_usual(in->screen, &source->rules, rt_batch_row(batch, i), batch->nslots,
                left < TOGETHER ? left : TOGETHER, live->times_us + i))
            return false;
    }
    in->screen->agent = RT_SPAN_ABSENT;
    for (uint32_t i = 0; i < batch->nrows; i++) {
        live->rows[live->n] = (uint16_t)i;
        live->times_us[live->n] = live->times_us[i];
        live->n += live->times_us[i] <= as_of_us;
    }
    tally->count[RT_DROP_FUTURE] += batch->nrows - live->n;
    return true;
}

/* The batch's events up to as-of are live. */
static int screen_batch(struct rt_intake *in, const struct rt_intake_source *source,
    const struct rt_batch *batch, struct rt_tally *tally)
{
    const struct rt_screen_rules *rules = &source->rules;
    int64_t as_of_us = in->shared->plan->as_of_us, time_us;
    bool agents = rules->bots != RT_BOTS_KEEP;
    struct rt_live *live = &in->live;
    uint32_t late = 0;

    for (uint32_t i = 0; i < batch->nrows; i++) {
        enum rt_reason reason =
            rt_screen_record(in->screen, rules, rt_batch_row(batch, i), &time_us);

        if (reason != RT_REASONS) {
            if (reason < RT_REJECT_FIRST)
                rt_tally_drop(tally, reason);
            else if (!reject(&batch->rows[i], reason, tally))
                return RT_ENOMEM;
            continue;
        }
        if (agents)
            live->agents[live->n] = in->screen->agent_hash;
        keep(live, i, time_us, 0);
        late += time_us > as_of_us;
        live->n -= time_us > as_of_us;
    }
    tally->count[RT_DROP_FUTURE] += late;
    return RT_OK;
}

/* Contact rows are all live. */
static void keep_contacts(struct rt_intake *in, const struct rt_batch *batch)
{
    for (uint32_t i = 0; i < batch->nrows; i++)
        keep(&in->live, i, in->shared->plan->as_of_us, 0);
}

static int judge_batch(struct rt_intake *in, const struct rt_intake_source *source,
    struct rt_span block, const struct rt_batch *batch, struct rt_prepared *pre,
    struct rt_tally *tally)
{
    int rc = RT_OK;
    uint32_t screened;

    if (source->contacts)
        keep_contacts(in, batch);
    else if (!screen_usual(in, source, batch, tally))
        rc = screen_batch(in, source, batch, tally);
    screened = in->live.n;
    if (rc == RT_OK)
        rc = rt_intake_take_all_ids(in, source, block, batch, pre);
    tally->count[RT_DROP_NO_ID] += screened - in->live.n;
    return rc;
}

int rt_intake_judge(struct rt_intake *in, const struct rt_intake_source *source,
    struct rt_span block, const struct rt_batch *batch, struct rt_prepared *pre,
    struct rt_tally *tally, struct rt_err *err)
{
    int rc = RT_OK;

    in->live.n = 0;
    if (!in->see && source->dedupe == RT_DEDUPE_NONE)
        return judge_batch(in, source, block, batch, pre, tally);
    for (uint32_t i = 0; i < batch->nrows && rc == RT_OK; i++)
        rc = judge_row(in, source, block, batch, i, pre, tally, err);
    return rc;
}
