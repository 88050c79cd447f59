/*
 * Records are copied twice: from their block to what belongs to the block, which may turn
 * out to have begun in the wrong place, and from there, once it is settled, to the trail.
 *
 * Of a source that is de-duplicated it may be somebody else's record that counts. So when
 * the person has records with such a key, the inputs are read a third time for all records
 * with these keys, and the same module decides that decides for a build.
 */
#include "run/explain_trail.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "run/ingest.h"

/* A reading of all inputs, for the person's records or for rivals of those. */
struct reading {
    const struct build *b;
    const struct rt_plan *plan;
    uint32_t person;
    struct rt_trail *trail;
    bool contacts;                /* contact files are read, not inputs */
    struct rt_duplicates **duels; /* by source; NULL: this is not about rivals */
    struct rt_kinds *kinds;
    struct rt_touch_budget budget;
    struct rt_intake_shared shared;
    pthread_mutex_t lock; /* of the trail */
    struct rt_err *err;
};

struct reader { /* a worker */
    struct reading *of;
    struct rt_intake *intake;
};

struct found {                     /* in a block */
    struct rt_trail_record record; /* its line counted from 0 at the block's start */
    uint64_t layout;               /* of rivals, as is */
    struct rt_span bytes;
};

struct block {
    struct rt_prepared *scratch;
    struct rt_arena arena;
    struct found *found;
    uint32_t n, cap;
    uint64_t lines; /* before the block */
    /* while its records are looked at */
    struct reading *of;
    const struct rt_feed *feed;
    const struct rt_intake_source *source;
};

static int block_new(void *ctx, void **result)
{
    struct block *block = rt_calloc(1, sizeof *block);

    (void)ctx;
    if (!block || rt_prepared_new(&block->scratch) < 0) {
        rt_free(block);
        return RT_ENOMEM;
    }
    *result = block;
    return RT_OK;
}

static void block_free(void *result)
{
    struct block *block = result;

    rt_prepared_free(block->scratch);
    rt_arena_release(&block->arena);
    rt_free(block->found);
    rt_free(block);
}

static void block_reset(void *result)
{
    struct block *block = result;

    rt_prepared_reset(block->scratch);
    rt_arena_reset(&block->arena);
    block->n = 0;
}

static void block_settled(void *result, uint64_t lines)
{
    ((struct block *)result)->lines = lines;
}

static struct found *add_found(struct block *block)
{
    if (block->n == block->cap) {
        uint32_t cap = block->cap * 2 + 16;
        struct found *found = rt_realloc(block->found, cap, sizeof *found);

        if (!found)
            return NULL;
        block->found = found;
        block->cap = cap;
    }
    block->found[block->n] = (struct found) { .layout = block->source->layout };
    return &block->found[block->n++];
}

/* Copies of the cells; derived fields come of these. */
static const struct rt_span *copy_cells(
    struct rt_arena *arena, const struct rt_span *cells, uint32_t n)
{
    struct rt_span *copy = rt_arena_new(arena, n, sizeof *copy);

    for (uint32_t i = 0; copy && i < n; i++)
        if (cells[i].p && !(copy[i] = rt_arena_copy(arena, cells[i])).p)
            return NULL;
    return copy;
}

/* ---- the person's records */

static bool is_of(const struct reading *of, const struct rt_ref *first)
{
    uint32_t id = rt_ids_find(of->b->ids, rt_ref_bytes(first), rt_ref_kind(first));

    return id != RT_NONE && rt_people_of(of->b->people, id) == of->person;
}

static int see_own(void *ctx, const struct rt_seen *seen, struct rt_err *err)
{
    struct block *block = ctx;
    struct reading *of = block->of;
    struct found *found;

    if (!seen->wanted || !is_of(of, &seen->refs[0]))
        return RT_OK;
    found = add_found(block);
    if (!found)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    found->record = (struct rt_trail_record) { .time_us = seen->time_us,
        .cells = copy_cells(&block->arena, seen->cells, of->plan->slots.n),
        .form = block->source->rules.time_form,
        .line = seen->line,
        .contact = of->contacts,
        .keyed = seen->keyed,
        .counts = true,
        .source = block->feed->source_index,
        .key = seen->key,
        .bytes = rt_hash128(seen->record, block->source->layout) };
    return found->record.cells ? RT_OK : rt_err_set(err, RT_ENOMEM, "out of memory");
}

static int keep_own(struct reading *of, struct block *block, const struct rt_feed *feed,
    const struct found *found)
{
    struct rt_trail *trail = of->trail;
    struct rt_trail_record *r;

    if (trail->n == trail->cap) {
        uint32_t cap = trail->cap * 2 + 64;
        struct rt_trail_record *records;

        if (cap <= trail->cap)
            return RT_ELIMIT;
        records = rt_realloc(trail->records, cap, sizeof *records);
        if (!records)
            return RT_ENOMEM;
        trail->records = records;
        trail->cap = cap;
    }
    r = &trail->records[trail->n];
    *r = found->record;
    r->cells = copy_cells(&trail->arena, found->record.cells, of->plan->slots.n);
    r->line += block->lines + 1;
    r->path = feed->path;
    r->input = of->contacts ? trail->inputs.nfeeds + feed->source_index
                            : (uint32_t)(feed - trail->inputs.feeds);
    if (!r->cells)
        return RT_ENOMEM;
    trail->n++;
    return RT_OK;
}

/* ---- their rivals */

static int compare_keys(const struct rt_trail_record *a, const struct rt_trail_record *b)
{
#define BY(member)                                                                       \
    if (a->member != b->member)                                                          \
    return a->member < b->member ? -1 : 1
    BY(source);
    BY(key.lo);
    BY(key.hi);
#undef BY
    return 0;
}

static int by_key(const void *a, const void *b)
{
    return compare_keys(a, b);
}

/* The first of the records, which are in the order of their keys, that has this key or a
 * later one. */
static uint32_t find_key(const struct rt_trail *trail, const struct rt_trail_record *like)
{
    uint32_t lo = 0, hi = trail->n;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (compare_keys(&trail->records[mid], like) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool is_rival(const struct rt_trail *trail, const struct rt_trail_record *like)
{
    uint32_t at = find_key(trail, like);

    return at < trail->n && compare_keys(&trail->records[at], like) == 0;
}

static int see_rival(void *ctx, const struct rt_seen *seen, struct rt_err *err)
{
    struct block *block = ctx;
    struct rt_trail_record like = { .time_us = seen->time_us,
        .source = block->feed->source_index,
        .key = seen->key,
        .bytes = rt_hash128(seen->record, block->source->layout) };
    struct found *found;

    if (!seen->keyed || !is_rival(block->of->trail, &like))
        return RT_OK;
    found = add_found(block);
    if (!found)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    found->record = like;
    found->bytes = rt_arena_copy(&block->arena, seen->record);
    return found->bytes.p ? RT_OK : rt_err_set(err, RT_ENOMEM, "out of memory");
}

static int keep_rival(struct reading *of, const struct found *found, struct rt_err *err)
{
    const struct rt_trail_record *r = &found->record;
    struct rt_set_aside aside = { .key = r->key,
        .time_us = r->time_us,
        .record = found->bytes,
        .layout = found->layout,
        .payload = { (const char *)r, sizeof *r } };

    return rt_duplicates_add(of->duels[r->source], &aside, err);
}

/* One of equal records counts: the one that stands first. */
static int keep_winner(void *ctx, struct rt_span payload)
{
    struct rt_trail *trail = ctx;
    struct rt_trail_record won, *first = NULL;

    memcpy(&won, payload.p, sizeof won);
    for (uint32_t i = find_key(trail, &won);
         i < trail->n && compare_keys(&trail->records[i], &won) == 0; i++) {
        struct rt_trail_record *r = &trail->records[i];

        if (!r->keyed)
            continue;
        r->counts = false;
        if (r->time_us == won.time_us && r->bytes.lo == won.bytes.lo
            && r->bytes.hi == won.bytes.hi
            && (!first || r->input < first->input
                || (r->input == first->input && r->line < first->line)))
            first = r;
    }
    if (first)
        first->counts = true;
    return RT_OK;
}

/* ---- a reading */

static int prepare(void *worker, struct rt_feed *feed, struct rt_span bytes,
    struct rt_batch *batch, void *result, struct rt_tally *tally, struct rt_err *err)
{
    struct reader *reader = worker;
    struct block *block = result;

    block->of = reader->of;
    block->feed = feed;
    block->source = feed->user;
    return rt_intake_show(reader->intake, feed->user, bytes, batch, block->scratch, tally,
        reader->of->duels ? see_rival : see_own, block, err);
}

static int apply(void *worker, struct rt_feed *feed, struct rt_span bytes, void *result,
    struct rt_err *err)
{
    struct reading *of = ((struct reader *)worker)->of;
    struct block *block = result;
    int rc = RT_OK;

    (void)bytes;
    if (block->n == 0)
        return RT_OK;
    pthread_mutex_lock(&of->lock);
    for (uint32_t i = 0; i < block->n && rc == RT_OK; i++)
        rc = of->duels ? keep_rival(of, &block->found[i], err)
                       : keep_own(of, block, feed, &block->found[i]);
    pthread_mutex_unlock(&of->lock);
    if (rc == RT_ELIMIT)
        return rt_err_set(err, rc, "too many records of one person");
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : RT_OK;
}

static int read_feeds(struct reading *of, struct rt_feed *feeds, uint32_t n)
{
    uint32_t jobs = of->b->o->jobs;
    struct rt_intake_source *sources = rt_calloc(n, sizeof *sources);
    struct reader *readers = rt_calloc(jobs, sizeof *readers);
    void **workers = rt_calloc(jobs, sizeof *workers);
    struct rt_ingest_job job = { .result_new = block_new,
        .result_free = block_free,
        .result_reset = block_reset,
        .prepare = prepare,
        .settled = block_settled,
        .apply = apply,
        .workers = workers,
        .jobs = jobs,
        .nslots = of->plan->slots.n,
        .progress = of->b->o->progress };
    int rc = sources && readers && workers ? RT_OK : RT_ENOMEM;

    for (uint32_t i = 0; i < n && rc == RT_OK; i++) {
        sources[i] = rt_build_intake_source(of->plan, &feeds[i]);
        feeds[i].user = &sources[i];
    }
    for (uint32_t i = 0; i < jobs && rc == RT_OK; i++) {
        readers[i].of = of;
        workers[i] = &readers[i];
        rc = rt_intake_new(&of->shared, &readers[i].intake);
    }
    if (rc == RT_OK)
        rc = rt_ingest(feeds, n, &job, of->err);
    for (uint32_t i = 0; readers && i < jobs; i++)
        rt_intake_free(readers[i].intake);
    rt_free(sources);
    rt_free(readers);
    rt_free(workers);
    return rc < 0 ? rt_err_set(of->err, rc, "out of memory") : RT_OK;
}

static int open_inputs(struct reading *of, struct rt_inputs *inputs)
{
    struct rt_run_options quiet = *of->b->o;

    quiet.notice.say = NULL; /* what they are was said the first time */
    return rt_inputs_open(
        inputs, of->b->defs, of->b->defs->zone, &of->plan->slots, &quiet, of->err);
}

static int read_contacts(struct reading *of)
{
    struct rt_contacts *contacts = &of->trail->contacts;
    struct rt_feed *feeds = rt_calloc(contacts->nfiles, sizeof *feeds);
    int rc;

    if (!feeds)
        return rt_err_set(of->err, RT_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < contacts->nfiles; i++)
        feeds[i] = contacts->files[i].feed;
    of->contacts = true;
    rc = read_feeds(of, feeds, contacts->nfiles);
    of->contacts = false;
    for (uint32_t i = 0; i < contacts->nfiles; i++)
        contacts->files[i].feed = feeds[i];
    rt_free(feeds);
    return rc;
}

static int read_own(struct reading *of)
{
    struct rt_trail *trail = of->trail;
    const struct rt_run_options *o = of->b->o;
    int rc = open_inputs(of, &trail->inputs);

    if (rc == RT_OK) {
        trail->contacts_open = true;
        rc = rt_contacts_open(
            &trail->contacts, of->plan, o->memory_bytes / 8, o->tmpdir, of->err);
    }
    if (rc == RT_OK)
        rc = read_feeds(of, trail->inputs.feeds, trail->inputs.nfeeds);
    return rc == RT_OK ? read_contacts(of) : rc;
}

/* ---- duplicates */

static int decide(struct reading *of, uint32_t nsources)
{
    int rc = RT_OK;

    for (uint32_t s = 0; s < nsources && rc == RT_OK; s++) {
        uint64_t dropped;

        if (of->duels[s])
            rc = rt_duplicates_decide(
                of->duels[s], keep_winner, of->trail, &dropped, of->err);
    }
    return rc;
}

static void drop_losers(struct rt_trail *trail)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < trail->n; i++)
        if (trail->records[i].counts)
            trail->records[n++] = trail->records[i];
    trail->n = n;
}

static int settle_duplicates(struct reading *of)
{
    struct rt_trail *trail = of->trail;
    struct rt_inputs again = { 0 };
    uint32_t nsources = trail->inputs.nsources;
    struct rt_duplicates **duels = rt_calloc(nsources, sizeof(struct rt_duplicates *));
    bool any = false;
    int rc = duels ? RT_OK : rt_err_set(of->err, RT_ENOMEM, "out of memory");

    for (uint32_t i = 0; i < trail->n && rc == RT_OK; i++) {
        uint32_t s = trail->records[i].source;

        if (!trail->records[i].keyed || duels[s])
            continue;
        any = true;
        rc = rt_duplicates_new(
            of->b->o->memory_bytes / 8, of->b->o->tmpdir, &duels[s], of->err);
    }
    if (rc == RT_OK && any) {
        of->duels = duels;
        qsort(trail->records, trail->n, sizeof *trail->records, by_key);
        rc = open_inputs(of, &again);
        if (rc == RT_OK)
            rc = read_feeds(of, again.feeds, again.nfeeds);
        if (rc == RT_OK)
            rc = decide(of, nsources);
        rt_inputs_close(&again);
        of->duels = NULL;
        drop_losers(trail);
    }
    for (uint32_t s = 0; duels && s < nsources; s++)
        rt_duplicates_free(duels[s]);
    rt_free(duels);
    return rc;
}

/* ---- the whole */

static int by_time(const void *va, const void *vb)
{
    const struct rt_trail_record *a = va, *b = vb;

#define BY(member)                                                                       \
    if (a->member != b->member)                                                          \
    return a->member < b->member ? -1 : 1
    BY(contact);
    BY(time_us);
    BY(input);
    BY(line);
#undef BY
    return 0;
}

int rt_trail_read(const struct build *b, const struct rt_plan *plan, uint32_t person,
    struct rt_trail *trail)
{
    struct reading of = { .b = b,
        .plan = plan,
        .person = person,
        .trail = trail,
        .budget = { .limit_bytes = b->o->memory_bytes, .tmpdir = b->o->tmpdir },
        .err = b->err };
    int rc = rt_kinds_new(plan, &of.kinds);

    *trail = (struct rt_trail) { .arena = RT_ARENA_INIT };
    of.shared = (struct rt_intake_shared) {
        .plan = plan, .kinds = of.kinds, .ids = b->ids, .budget = &of.budget
    };
    pthread_mutex_init(&of.lock, NULL);
    rc = rc < 0 ? rt_err_set(b->err, rc, "out of memory") : read_own(&of);
    if (rc == RT_OK)
        rc = settle_duplicates(&of);
    if (rc == RT_OK && trail->n > 1)
        qsort(trail->records, trail->n, sizeof *trail->records, by_time);
    for (uint32_t i = 0; i < trail->n; i++)
        trail->ncontacts += trail->records[i].contact;
    pthread_mutex_destroy(&of.lock);
    rt_kinds_free(of.kinds);
    return rc;
}

void rt_trail_release(struct rt_trail *trail)
{
    rt_inputs_close(&trail->inputs);
    if (trail->contacts_open)
        rt_contacts_close(&trail->contacts);
    rt_free(trail->records);
    rt_arena_release(&trail->arena);
    *trail = (struct rt_trail) { .arena = RT_ARENA_INIT };
}
