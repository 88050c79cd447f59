/*
 * What inputs hold. The same reading as a build's, with counting in place of matching: each
 * block has a small table of its own, which is added to the input's when the block is
 * settled.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "people/ids.h"
#include "people/intake.h"
#include "run/counts.h"
#include "run/inputs.h"
#include "run/load.h"
#include "run/run.h"

enum { NAMES_MAX = 10000, IDS_MAX = RT_ID_KINDS_MAX };

/* ---- what is counted */

struct counts {
    struct rt_counts names;
    uint64_t used;
    int64_t first_us, last_us;
    uint64_t ids[IDS_MAX];
    struct rt_arena arena; /* names that do not lie in the block */
};

struct peeked { /* an input */
    struct rt_screen_rules rules;
    struct counts counts;
    pthread_mutex_t lock;
};

struct peeker { /* a worker */
    struct rt_screen *screen;
    const struct rt_id_kind *ids;
    uint32_t nids;
};

static void counts_reset(void *result)
{
    struct counts *c = result;

    rt_counts_reset(&c->names);
    c->used = 0;
    c->first_us = INT64_MAX;
    c->last_us = INT64_MIN;
    memset(c->ids, 0, sizeof c->ids);
    rt_arena_reset(&c->arena);
}

static int counts_new(void *ctx, void **result)
{
    struct counts *c = rt_calloc(1, sizeof *c);

    (void)ctx;
    if (!c || rt_counts_init(&c->names, NAMES_MAX) < 0) {
        rt_free(c);
        return RT_ENOMEM;
    }
    counts_reset(c);
    *result = c;
    return RT_OK;
}

static void counts_free(void *result)
{
    struct counts *c = result;

    rt_counts_release(&c->names);
    rt_arena_release(&c->arena);
    rt_free(c);
}

static bool lies_in(struct rt_span block, struct rt_span s)
{
    return (uintptr_t)s.p >= (uintptr_t)block.p
        && (uintptr_t)s.p + s.n <= (uintptr_t)block.p + block.n;
}

static int count_record(struct peeker *w, struct rt_span block,
    const struct rt_span *cells, int64_t time_us, struct counts *c)
{
    struct rt_span event = cells[RT_SLOT_EVENT];

    c->used++;
    if (time_us < c->first_us)
        c->first_us = time_us;
    if (time_us > c->last_us)
        c->last_us = time_us;
    for (uint32_t k = 0; k < w->nids; k++) {
        char copy[RT_ID_BYTES_MAX];

        c->ids[k] += cells[w->ids[k].slot].n
            && rt_id_form(&w->ids[k], cells[w->ids[k].slot], copy).p;
    }
    return rt_counts_add(&c->names, event, 1, lies_in(block, event) ? NULL : &c->arena);
}

static int prepare(void *worker, struct rt_feed *feed, struct rt_span block,
    struct rt_batch *batch, void *result, struct rt_tally *tally, struct rt_err *err)
{
    struct peeker *w = worker;
    const struct peeked *p = feed->user;
    int rc = RT_OK;

    for (uint32_t i = 0; i < batch->nrows && rc == RT_OK; i++) {
        struct rt_span *cells = rt_batch_row(batch, i);
        const struct rt_row *row = &batch->rows[i];
        int64_t time_us = 0;
        enum rt_reason reason = rt_screen_record(w->screen, &p->rules, cells, &time_us);

        if (reason == RT_REASONS)
            rc = count_record(w, block, cells, time_us, result);
        else if (reason >= RT_REJECT_FIRST)
            rc = rt_tally_reject(tally, reason, row->at, row->size, row->line);
        else
            rt_tally_drop(tally, reason);
    }
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : RT_OK;
}

static int apply(void *worker, struct rt_feed *feed, struct rt_span block, void *result,
    struct rt_err *err)
{
    struct peeked *p = feed->user;
    const struct counts *from = result;
    struct counts *to = &p->counts;
    int rc;

    (void)worker;
    (void)block;
    pthread_mutex_lock(&p->lock);
    to->used += from->used;
    to->first_us = from->first_us < to->first_us ? from->first_us : to->first_us;
    to->last_us = from->last_us > to->last_us ? from->last_us : to->last_us;
    for (unsigned k = 0; k < IDS_MAX; k++)
        to->ids[k] += from->ids[k];
    rc = rt_counts_merge(&to->names, &from->names, &to->arena);
    pthread_mutex_unlock(&p->lock);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : RT_OK;
}

/* ---- telling */

static int by_count(const void *va, const void *vb)
{
    const struct rt_peek_count *a = va, *b = vb;

    if (a->n != b->n)
        return a->n < b->n ? 1 : -1;
    return rt_span_cmp(a->name, b->name);
}

static struct rt_span copy(struct rt_peek *peek, struct rt_span text)
{
    return text.p ? rt_arena_copy(&peek->arena, text) : text;
}

static int tell_names(
    struct rt_peek *peek, const struct rt_counts *names, struct rt_peek_input *out)
{
    struct rt_peek_count *events = rt_arena_new(&peek->arena, names->n, sizeof *events);
    uint32_t n = 0;

    if (!events)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < names->nslots; i++)
        if (names->slots[i].text.p)
            events[n++] = (struct rt_peek_count) { copy(peek, names->slots[i].text),
                names->slots[i].n };
    if (n > 1)
        qsort(events, n, sizeof *events, by_count);
    out->events = events;
    out->nevents = n;
    out->other_events = names->others;
    return RT_OK;
}

static int tell_columns(
    struct rt_peek *peek, const struct rt_feed *feed, struct rt_peek_input *out)
{
    size_t n;
    const struct rt_column *from = rt_decoder_columns(feed->decoder, &n);
    struct rt_peek_column *columns = rt_arena_new(&peek->arena, n, sizeof *columns);

    if (!columns)
        return RT_ENOMEM;
    for (size_t i = 0; i < n; i++)
        columns[i] = (struct rt_peek_column) { copy(peek, from[i].name),
            copy(peek, from[i].field), from[i].shadowed };
    out->columns = columns;
    out->ncolumns = (uint32_t)n;
    return RT_OK;
}

static int tell_rest(struct rt_peek *peek, const struct rt_feed *feed,
    const struct peeker *w, struct rt_peek_input *out)
{
    const struct peeked *p = feed->user;
    struct rt_peek_count *ids = rt_arena_new(&peek->arena, w->nids, sizeof *ids);
    struct rt_report_reject *rejects =
        rt_arena_new(&peek->arena, feed->nfirst_rejects, sizeof *rejects);

    if (!ids || !rejects)
        return RT_ENOMEM;
    for (uint32_t k = 0; k < w->nids; k++)
        ids[k] = (struct rt_peek_count) { copy(peek, w->ids[k].name), p->counts.ids[k] };
    for (uint32_t i = 0; i < feed->nfirst_rejects; i++) {
        rejects[i] = feed->first_rejects[i];
        rejects[i].file = out->path;
    }
    out->ids = ids;
    out->nids = w->nids;
    out->rejects = rejects;
    out->nrejects = feed->nfirst_rejects;
    return RT_OK;
}

static int tell(struct rt_peek *peek, const struct rt_inputs *inputs,
    const struct rt_feed *feed, const struct peeker *w, struct rt_peek_input *out)
{
    static const char *const packings[] = { "plain", "gzip", "zstd" };
    const struct peeked *p = feed->user;

    *out = (struct rt_peek_input) { .path =
                                        copy(peek, rt_span_of(rt_input_name(feed->path))),
        .source = feed->source == &inputs->unnamed ? RT_SPAN_ABSENT
                                                   : copy(peek, feed->source->name),
        .format = rt_span_of(rt_format_name(rt_decoder_format(feed->decoder))),
        .packing = packings[feed->packing],
        .delimiter = rt_decoder_delimiter(feed->decoder),
        .read = feed->tally.read,
        .used = p->counts.used,
        .has_times = p->counts.used > 0,
        .first_us = p->counts.first_us,
        .last_us = p->counts.last_us };
    memcpy(out->count, feed->tally.count, sizeof out->count);
    if (tell_columns(peek, feed, out) < 0 || tell_names(peek, &p->counts.names, out) < 0)
        return RT_ENOMEM;
    return tell_rest(peek, feed, w, out);
}

/* ---- the whole */

struct setting { /* slots, ids, and the fixed order of their names */
    struct rt_span names[IDS_MAX + 4];
    struct rt_slots slots;
    struct rt_id_kind ids[IDS_MAX];
    uint32_t nids, user_agent_slot;
};

static uint32_t add_slot(struct setting *s, struct rt_span name)
{
    for (uint32_t i = 0; i < s->slots.n; i++)
        if (rt_span_eq(s->names[i], name))
            return i;
    s->names[s->slots.n] = name;
    return s->slots.n++;
}

static void set_up(struct setting *s, const struct rt_defs *defs)
{
    const struct rt_span usual[] = { RT_SPAN("user_id"), RT_SPAN("email"),
        RT_SPAN("client_id") };
    const struct rt_span *ids = defs ? defs->people.ids : usual;
    size_t n = defs ? defs->people.nids : 3;

    s->slots.names = s->names;
    add_slot(s, RT_SPAN("time"));
    add_slot(s, RT_SPAN("event"));
    s->user_agent_slot = add_slot(s, RT_SPAN("user_agent"));
    for (size_t i = 0; i < n && i < IDS_MAX; i++)
        s->ids[s->nids++] = (struct rt_id_kind) { .name = ids[i],
            .slot = add_slot(s, ids[i]),
            .email = rt_span_eq(ids[i], RT_SPAN("email")) };
}

static int read_all(struct rt_inputs *inputs, const struct setting *s,
    const struct rt_run_options *o, struct peeker *peekers, void **workers,
    struct rt_err *err)
{
    struct rt_ingest_job job = { .result_new = counts_new,
        .result_free = counts_free,
        .result_reset = counts_reset,
        .prepare = prepare,
        .apply = apply,
        .workers = workers,
        .jobs = o->jobs,
        .nslots = s->slots.n,
        .progress = o->progress };
    int rc = RT_OK;

    for (uint32_t i = 0; i < o->jobs && rc == RT_OK; i++) {
        rc = rt_screen_new(&peekers[i].screen);
        peekers[i].ids = s->ids;
        peekers[i].nids = s->nids;
        workers[i] = &peekers[i];
    }
    if (rc < 0)
        return rt_err_set(err, rc, "out of memory");
    return rt_ingest(inputs->feeds, inputs->nfeeds, &job, err);
}

static int make_peeked(
    struct rt_inputs *inputs, const struct setting *s, struct peeked *p)
{
    for (uint32_t i = 0; i < inputs->nfeeds; i++) {
        if (rt_counts_init(&p[i].counts.names, NAMES_MAX) < 0)
            return RT_ENOMEM;
        counts_reset(&p[i].counts);
        p[i].rules = rt_inputs_rules(&inputs->feeds[i], s->user_agent_slot, RT_NONE);
        inputs->feeds[i].user = &p[i];
    }
    return RT_OK;
}

static int tell_all(const struct rt_inputs *inputs, const struct peeker *w,
    struct rt_peek **out, struct rt_err *err)
{
    struct rt_peek *peek = rt_calloc(1, sizeof *peek);
    struct rt_peek_input *told = NULL;
    int rc = RT_OK;

    if (peek)
        told = rt_arena_new(&peek->arena, inputs->nfeeds, sizeof *told);
    if (!told)
        rc = RT_ENOMEM;
    for (uint32_t i = 0; i < inputs->nfeeds && rc == RT_OK; i++)
        rc = tell(peek, inputs, &inputs->feeds[i], w, &told[i]);
    if (rc < 0) {
        rt_peek_free(peek);
        return rt_err_set(err, rc, "out of memory");
    }
    peek->inputs = told;
    peek->ninputs = inputs->nfeeds;
    *out = peek;
    return RT_OK;
}

static int peek_into(const struct rt_run_options *o, const struct rt_defs *defs,
    const struct rt_zone *zone, struct rt_peek **out, struct rt_err *err)
{
    struct setting s = { .nids = 0 };
    struct rt_inputs inputs;
    struct peeker *peekers = rt_calloc(o->jobs, sizeof *peekers);
    void **workers = rt_calloc(o->jobs, sizeof *workers);
    struct peeked *peeked = rt_calloc(o->ninputs, sizeof *peeked);
    int rc;

    set_up(&s, defs);
    for (uint32_t i = 0; peeked && i < o->ninputs; i++)
        pthread_mutex_init(&peeked[i].lock, NULL);
    rc = rt_inputs_open(&inputs, defs, zone, &s.slots, o, err);
    if (rc == RT_OK
        && (!peekers || !workers || !peeked || make_peeked(&inputs, &s, peeked) < 0))
        rc = rt_err_set(err, RT_ENOMEM, "out of memory");
    if (rc == RT_OK)
        rc = read_all(&inputs, &s, o, peekers, workers, err);
    if (rc == RT_OK)
        rc = tell_all(&inputs, peekers, out, err);
    for (uint32_t i = 0; peekers && i < o->jobs; i++)
        rt_screen_free(peekers[i].screen);
    for (uint32_t i = 0; peeked && i < o->ninputs; i++) {
        rt_counts_release(&peeked[i].counts.names);
        rt_arena_release(&peeked[i].counts.arena);
        pthread_mutex_destroy(&peeked[i].lock);
    }
    rt_free(peekers);
    rt_free(workers);
    rt_free(peeked);
    rt_inputs_close(&inputs);
    return rc;
}

int rt_run_peek(const struct rt_run_options *o, struct rt_peek **out,
    struct rt_json_errors *errors, struct rt_err *err)
{
    struct rt_defs *defs = NULL;
    struct rt_zone *utc = NULL;
    int rc = rt_zone_load("UTC", o->zone_dir, &utc, err);

    rt_ingest_go();
    *out = NULL;
    if (rc == RT_OK && o->segments_path)
        rc = rt_run_load(o, errors, &defs, err);
    if (rc == RT_OK)
        rc = peek_into(o, defs, defs ? defs->zone : utc, out, err);
    rt_defs_free(defs);
    rt_zone_free(utc);
    return rc;
}

void rt_peek_free(struct rt_peek *peek)
{
    if (!peek)
        return;
    rt_arena_release(&peek->arena);
    rt_free(peek);
}
