/* Each block has a small survey of its own, which is added to the whole when the block is
 * settled. */
#include "run/survey.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/num.h"
#include "people/idform.h"
#include "people/screen.h"

/* ---- people: a set of hashes. A collision makes two people one, which only lowers an
 * upper bound that is 65,536 at most: among so many, one in 2^33 times. */

enum { FIRST_PEOPLE = 64 };

static uint64_t place_of(const struct rt_survey_crowd *set, uint64_t hash)
{
    uint64_t at = hash;

    while (set->slots[at &= set->nslots - 1] && set->slots[at] != hash)
        at++;
    return at;
}

static bool has_person(const struct rt_survey_crowd *set, uint64_t hash)
{
    return set->slots[place_of(set, hash)] != 0;
}

static bool put_person(struct rt_survey_crowd *set, uint64_t hash)
{
    uint64_t at = place_of(set, hash);

    if (set->slots[at])
        return false;
    set->slots[at] = hash;
    return true;
}

static int grow_people(struct rt_survey_crowd *set)
{
    struct rt_survey_crowd wider = { .n = set->n,
        .nslots = set->nslots ? set->nslots * 2 : FIRST_PEOPLE,
        .more = set->more };

    wider.slots = rt_calloc(wider.nslots, sizeof *wider.slots);
    if (!wider.slots)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < set->nslots; i++)
        if (set->slots[i])
            put_person(&wider, set->slots[i]);
    rt_free(set->slots);
    *set = wider;
    return RT_OK;
}

static int add_person(struct rt_survey_crowd *set, uint64_t hash)
{
    if (set->more)
        return RT_OK;
    if (2 * (set->n + 1) > set->nslots && grow_people(set) < 0)
        return RT_ENOMEM;
    if (set->n == RT_SURVEY_PEOPLE) {
        set->more = put_person(set, hash | 1);
        return RT_OK;
    }
    set->n += put_person(set, hash | 1); /* 0 is a free slot */
    return RT_OK;
}

/* ---- one survey */

static size_t nfound(const struct rt_survey_ask *ask)
{
    return (size_t)ask->nclasses * ask->nfields;
}

static void reset(struct rt_survey *s)
{
    const struct rt_survey_ask *ask = s->ask;

    rt_counts_reset(&s->events);
    for (uint32_t f = 0; f < ask->nfields; f++)
        if (s->values[f].limit)
            rt_counts_reset(&s->values[f]);
    s->records = s->past = s->nobodys = 0;
    s->first_us = INT64_MAX;
    s->last_us = INT64_MIN;
    memset(s->classes, 0, ask->nclasses * sizeof *s->classes);
    memset(s->found, 0, nfound(ask) * sizeof *s->found);
    memset(s->ids, 0, ask->nid_kinds * sizeof *s->ids);
    memset(s->people.slots, 0, s->people.nslots * sizeof *s->people.slots);
    s->people.n = 0;
    s->people.more = false;
    rt_arena_reset(&s->arena);
}

int rt_survey_new(const struct rt_survey_ask *ask, struct rt_survey **out)
{
    struct rt_survey *s = rt_calloc(1, sizeof *s);
    int rc = RT_OK;

    if (!s)
        return RT_ENOMEM;
    s->ask = ask;
    s->classes = rt_calloc(ask->nclasses, sizeof *s->classes);
    s->found = rt_calloc(nfound(ask) + 1, sizeof *s->found);
    s->values = rt_calloc(ask->nfields + 1, sizeof *s->values);
    s->ids = rt_calloc(ask->nid_kinds + 1, sizeof *s->ids);
    if (!s->classes || !s->found || !s->values || !s->ids || grow_people(&s->people) < 0)
        rc = RT_ENOMEM;
    if (rc == RT_OK)
        rc = rt_counts_init(&s->events, RT_SURVEY_NAMES);
    for (uint32_t f = 0; f < ask->nfields && rc == RT_OK; f++)
        if (ask->fields[f].values)
            rc = rt_counts_init(&s->values[f], RT_SURVEY_VALUES);
    if (rc < 0) {
        rt_survey_free(s);
        return rc;
    }
    reset(s);
    *out = s;
    return RT_OK;
}

void rt_survey_free(struct rt_survey *s)
{
    if (!s)
        return;
    rt_counts_release(&s->events);
    for (uint32_t f = 0; s->values && f < s->ask->nfields; f++)
        rt_counts_release(&s->values[f]);
    rt_free(s->values);
    rt_free(s->classes);
    rt_free(s->found);
    rt_free(s->ids);
    rt_free(s->people.slots);
    rt_arena_release(&s->arena);
    rt_free(s);
}

uint64_t rt_survey_people(const struct rt_survey *a, const struct rt_survey *b)
{
    uint64_t n = a->people.n;

    if (a->people.more || (b && b->people.more))
        return UINT64_MAX;
    for (uint32_t i = 0; b && i < b->people.nslots; i++)
        n += b->people.slots[i] && !has_person(&a->people, b->people.slots[i]);
    return n;
}

struct rt_survey_found rt_survey_found(const struct rt_survey *s, uint32_t field)
{
    struct rt_survey_found all = { 0 };

    for (unsigned c = 0; c < s->ask->nclasses; c++) {
        const struct rt_survey_found *one = rt_survey_of(s, c, field);

        all.present += one->present;
        all.number |= one->number;
        all.time |= one->time;
    }
    return all;
}

static int merge(struct rt_survey *to, const struct rt_survey *from)
{
    const struct rt_survey_ask *ask = to->ask;
    int rc = rt_counts_merge(&to->events, &from->events, &to->arena);

    to->records += from->records;
    to->past += from->past;
    to->nobodys += from->nobodys;
    to->first_us = from->first_us < to->first_us ? from->first_us : to->first_us;
    to->last_us = from->last_us > to->last_us ? from->last_us : to->last_us;
    for (unsigned c = 0; c < ask->nclasses; c++)
        to->classes[c] += from->classes[c];
    for (size_t i = 0; i < nfound(ask); i++) {
        to->found[i].present += from->found[i].present;
        to->found[i].number |= from->found[i].number;
        to->found[i].time |= from->found[i].time;
    }
    for (uint32_t f = 0; f < ask->nfields && rc == RT_OK; f++)
        if (ask->fields[f].values)
            rc = rt_counts_merge(&to->values[f], &from->values[f], &to->arena);
    for (uint32_t k = 0; k < ask->nid_kinds; k++)
        to->ids[k] += from->ids[k];
    for (uint32_t i = 0; i < from->people.nslots && rc == RT_OK; i++)
        if (from->people.slots[i])
            rc = add_person(&to->people, from->people.slots[i]);
    to->people.more |= from->people.more;
    return rc;
}

/* ---- one record */

struct surveyor { /* a worker */
    struct rt_survey *whole;
    pthread_mutex_t *lock; /* of whole */
    struct rt_screen *screen;
    struct rt_clock_memo clock;
    struct rt_arena scratch; /* derived values */
};

static bool is_time(
    struct surveyor *w, struct rt_span value, const struct rt_timeform *form)
{
    struct rt_timeform any = { .kind = RT_TIME_ANY, .zone = form->zone };
    int64_t us;

    return rt_time_parse(value, form, &w->clock, &us) == RT_OK
        || rt_time_parse(value, &any, &w->clock, &us) == RT_OK;
}

static int count_value(
    struct rt_counts *values, struct rt_span value, struct rt_arena *keep)
{
    if (values->others || value.n > RT_SURVEY_VALUE_BYTES) {
        values->others++;
        return RT_OK;
    }
    return rt_counts_add(values, value, 1, keep);
}

static int count_field(struct surveyor *w, uint32_t f, const struct rt_span *cells,
    const struct rt_timeform *form, struct rt_survey_found *found, struct rt_survey *s)
{
    const struct rt_survey_field *field = &s->ask->fields[f];
    struct rt_span value = cells[field->slot];
    int64_t micro;

    if (!value.n && field->derive.kind != RT_DERIVE_NONE
        && rt_derive_value(&field->derive, cells[field->from_slot], &w->scratch, &value)
            < 0)
        return RT_ENOMEM;
    if (!value.n)
        return RT_OK;
    found->present++;
    if (!found->number)
        found->number = rt_num_micro(value, &micro) == RT_OK;
    if (field->times && !found->time)
        found->time = is_time(w, value, form);
    return field->values ? count_value(&s->values[f], value, &s->arena) : RT_OK;
}

static int count_ids(const struct rt_span *cells, bool contact, struct rt_survey *s)
{
    const struct rt_survey_ask *ask = s->ask;
    uint64_t first = 0;
    bool any = false;

    for (uint32_t k = 0; k < ask->nid_kinds; k++) {
        char copy[RT_ID_BYTES_MAX];
        struct rt_span cell = cells[ask->ids[k].slot], id = RT_SPAN_ABSENT;

        if (cell.n && !ask->ids[k].ignored)
            id = rt_id_form(&ask->ids[k], cell, copy);
        s->ids[k] += id.p != NULL;
        if (id.p && !any && k < ask->nids) {
            any = true;
            first = rt_ref_hash(id, (uint8_t)k);
        }
    }
    if (!any && !contact && ask->nfallback) {
        any = true;
        for (uint32_t i = 0; i < ask->nfallback && any; i++) {
            any = cells[ask->fallback_slots[i]].n > 0;
            first = rt_hash64(cells[ask->fallback_slots[i]], first + 1);
        }
    }
    s->nobodys += !any;
    return any ? add_person(&s->people, first) : RT_OK;
}

static int count_record(struct surveyor *w, const struct rt_screen_rules *rules,
    const struct rt_timeform *form, const struct rt_span *cells, int64_t time_us,
    struct rt_survey *s)
{
    const struct rt_survey_ask *ask = s->ask;
    unsigned class = 0;
    int rc = count_ids(cells, rules == NULL, s);

    s->records++;
    if (rules) {
        s->past += time_us <= ask->as_of_us;
        s->first_us = time_us < s->first_us ? time_us : s->first_us;
        s->last_us = time_us > s->last_us ? time_us : s->last_us;
        class = ask->class_of ? ask->class_of(cells[RT_SLOT_EVENT]) : 0;
        if (rc == RT_OK)
            rc = rt_counts_add(&s->events, cells[RT_SLOT_EVENT], 1, &s->arena);
    }
    s->classes[class]++;
    rt_arena_reset(&w->scratch);
    for (uint32_t f = 0; f < ask->nfields && rc == RT_OK; f++)
        rc = count_field(w, f, cells, form, &s->found[class * ask->nfields + f], s);
    return rc;
}

/* ---- reading */

static int result_new(void *ctx, void **result)
{
    struct rt_survey *s;
    int rc = rt_survey_new(ctx, &s);

    if (rc == RT_OK)
        *result = s;
    return rc;
}

static void result_free(void *result)
{
    rt_survey_free(result);
}

static void result_reset(void *result)
{
    reset(result);
}

static int prepare(void *worker, struct rt_feed *feed, struct rt_span block,
    struct rt_batch *batch, void *result, struct rt_tally *tally, struct rt_err *err)
{
    struct surveyor *w = worker;
    const struct rt_screen_rules *rules = feed->user;
    const struct rt_timeform *form = rt_decoder_time_form(feed->decoder);
    int rc = RT_OK;

    (void)block;
    for (uint32_t i = 0; i < batch->nrows && rc == RT_OK; i++) {
        struct rt_span *cells = rt_batch_row(batch, i);
        const struct rt_row *row = &batch->rows[i];
        int64_t time_us = 0;
        enum rt_reason reason =
            rules ? rt_screen_record(w->screen, rules, cells, &time_us) : RT_REASONS;

        if (reason == RT_REASONS)
            rc = count_record(w, rules, form, cells, time_us, result);
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
    struct surveyor *w = worker;
    int rc;

    (void)feed;
    (void)block;
    pthread_mutex_lock(w->lock);
    rc = merge(w->whole, result);
    pthread_mutex_unlock(w->lock);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : RT_OK;
}

int rt_survey_read(struct rt_survey *s, struct rt_feed *feeds, uint32_t nfeeds,
    uint32_t jobs, struct rt_progress progress, struct rt_err *err)
{
    struct surveyor *surveyors = rt_calloc(jobs, sizeof *surveyors);
    void **workers = rt_calloc(jobs, sizeof *workers);
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct rt_ingest_job job = { .result_new = result_new,
        .result_free = result_free,
        .result_reset = result_reset,
        .prepare = prepare,
        .apply = apply,
        .ctx = (void *)s->ask,
        .workers = workers,
        .jobs = jobs,
        .nslots = s->ask->nslots,
        .progress = progress };
    int rc = surveyors && workers ? RT_OK : RT_ENOMEM;

    for (uint32_t i = 0; i < jobs && rc == RT_OK; i++) {
        surveyors[i] = (struct surveyor) { .whole = s, .lock = &lock };
        workers[i] = &surveyors[i];
        rc = rt_screen_new(&surveyors[i].screen);
    }
    if (rc < 0)
        rc = rt_err_set(err, rc, "out of memory");
    else
        rc = rt_ingest(feeds, nfeeds, &job, err);
    for (uint32_t i = 0; surveyors && i < jobs; i++) {
        rt_screen_free(surveyors[i].screen);
        rt_arena_release(&surveyors[i].scratch);
    }
    rt_free(surveyors);
    rt_free(workers);
    return rc;
}
