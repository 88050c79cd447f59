/* A person is put together (ids, contact rows) only when some list wants more than the
 * key, and is normalised once a platform, not once a list. */
#include "run/listing.h"

#include "base/alloc.h"
#include "base/workers.h"
#include "io/digest.h"
#include "people/eval.h"
#include "run/shards.h"

enum { BUCKETS = 10000, OUT_OF_ARMS = UINT32_MAX - 1 };

struct sharing {
    const struct rt_listing_input *in;
    const struct rt_platform **platforms; /* those of the targets, each once */
    uint32_t nplatforms;
    uint32_t *platform_of; /* by target */
    uint32_t *next_target; /* by target: the next one of the same segment; RT_NONE ends */
    uint32_t *first_target; /* by segment */
    bool tiers;             /* some segment belongs to one */
    bool identifiers;       /* some list has more than keys: count who has any */
    bool user_ids;          /* some list has a column for them */
    struct rt_rower_options rower_options;
    struct rt_shards shards;
};

struct worker {
    struct sharing *sh;
    struct rt_err err;
    struct rt_eval *eval;
    struct rt_histories *histories;
    struct rt_contact_reader *reader;
    struct rt_digest *digest;
    struct rt_rower **rowers; /* by platform */
    struct rt_rows *rows;     /* by platform; of the person at hand */
    bool *made;               /* by platform: rows are those of the person at hand */
    struct rt_list **lists;   /* by target */
    struct rt_segment_counts *counts;
    uint64_t people;
    uint8_t *answers; /* by segment, tiers settled */
    uint8_t *nothing; /* answers for a person without any touch; valid when known */
    bool nothing_known;
    /* the person at hand */
    uint32_t person;
    bool gathered;
    struct rt_pii_value *values;
    uint32_t nvalues, cap_values;
    struct rt_arena bytes;
    uint32_t nkey; /* length of key; 0: not written yet */
    char key[RT_KEY_BYTES_MAX];
    struct rt_buf salted;
};

/* ---- the person at hand */

static struct rt_span key_of(struct worker *w)
{
    if (w->nkey == 0)
        w->nkey = rt_people_write_key(w->sh->in->people, w->person, w->key);
    return (struct rt_span) { w->key, w->nkey };
}

static int add_value(struct worker *w, struct rt_pii_value value)
{
    if (w->nvalues == w->cap_values) {
        uint32_t cap = w->cap_values ? w->cap_values * 2 : 64;
        struct rt_pii_value *values = rt_realloc(w->values, cap, sizeof *values);

        if (!values)
            return RT_ENOMEM;
        w->values = values;
        w->cap_values = cap;
    }
    w->values[w->nvalues++] = value;
    return RT_OK;
}

/* An id that came with events. */
static int add_id_value(struct worker *w, enum rt_pii field, uint32_t id)
{
    return add_value(w,
        (struct rt_pii_value) {
            .field = field, .value = rt_ids_bytes(w->sh->in->ids, id) });
}

/* Ids that are identifiers of lists: by the name of their kind. */
static int add_id(void *ctx, uint32_t id)
{
    struct worker *w = ctx;
    const struct rt_plan *plan = w->sh->in->plan;
    uint8_t kind = rt_ids_kind(w->sh->in->ids, id);
    struct rt_span name;

    if (kind >= plan->nid_kinds || plan->id_kinds[kind].ignored)
        return RT_OK; /* a visitor; an address that is none */
    name = plan->id_kinds[kind].name;
    if (rt_span_eq(name, RT_SPAN("email")))
        return add_id_value(w, RT_PII_EMAIL, id);
    if (rt_span_eq(name, RT_SPAN("phone")))
        return add_id_value(w, RT_PII_PHONE, id);
    if (rt_span_eq(name, RT_SPAN("mobile_id")))
        return add_id_value(w, RT_PII_MOBILE_ID, id);
    if (w->sh->user_ids && rt_span_eq(name, RT_SPAN("user_id")))
        return add_id_value(w, RT_PII_USER_ID, id);
    return RT_OK;
}

static int add_contact_row(
    struct worker *w, const struct rt_contact_row *row, uint32_t number)
{
    const struct rt_contacts *contacts = w->sh->in->contacts;
    const struct rt_span *cells;
    int rc = rt_contact_reader_row(w->reader, row, &cells, &w->err);

    for (uint32_t s = RT_LIST_SLOTS_BEFORE; s < contacts->list_slots.n && rc == RT_OK;
         s++) {
        struct rt_pii_value value = { number, s - RT_LIST_SLOTS_BEFORE, RT_SPAN_ABSENT,
            contacts->files[row->file].device };

        if (cells[s].n == 0)
            continue;
        value.value = rt_arena_copy(&w->bytes, cells[s]);
        rc = value.value.p ? add_value(w, value) : RT_ENOMEM;
    }
    return rc;
}

/* All that is known of the person: once, when a list first asks. */
static int gather(struct worker *w)
{
    const struct rt_people *people = w->sh->in->people;
    const struct rt_contact_row *rows;
    uint64_t nrows;
    int rc;

    if (w->gathered)
        return RT_OK;
    rt_arena_reset(&w->bytes);
    w->nvalues = 0;
    rc = rt_people_each_id(people, w->person, add_id, w);
    rows = rt_people_rows(people, w->person, &nrows);
    for (uint64_t i = 0; i < nrows && rc == RT_OK; i++)
        rc = add_contact_row(w, &rows[i], (uint32_t)i + 1);
    w->gathered = rc == RT_OK;
    return rc;
}

/* Rows with a product list differ from segment to segment; all others are the same. */
static bool has_products(const struct worker *w, uint32_t platform)
{
    return w->sh->in->products && w->sh->platforms[platform]->kind == RT_ROWS_CONTACT;
}

/* The person's product list in a segment. */
static int add_products(struct worker *w, uint32_t segment, struct rt_person *person)
{
    const struct rt_node *list = w->sh->in->plan->segments[segment].list;

    if (!list)
        return RT_OK;
    return rt_eval_values(
        w->eval, list, w->sh->in->products, &person->products, &person->nproducts);
}

static int make_rows(struct worker *w, uint32_t platform, uint32_t segment)
{
    struct rt_person person = { .key = key_of(w) };
    bool products = has_products(w, platform);
    int rc = RT_OK;

    if (w->made[platform])
        return RT_OK;
    if (w->sh->platforms[platform]->kind != RT_ROWS_KEY) {
        rc = gather(w);
        person.values = w->values;
        person.nvalues = w->nvalues;
    }
    if (rc == RT_OK && products)
        rc = add_products(w, segment, &person);
    if (rc == RT_OK)
        rc = rt_rower_person(w->rowers[platform], &person, &w->rows[platform], &w->err);
    w->made[platform] = rc == RT_OK && !products;
    return rc;
}

/* ---- who is listed */

/* The arm of the person, by the digest of salt, NUL and key. */
static int arm_of(
    struct worker *w, const struct rt_segment *seg, uint32_t *arm, uint32_t *bucket)
{
    struct rt_span key = key_of(w);
    uint8_t digest[RT_DIGEST_MAX];
    uint64_t first = 0, from = 0;

    rt_buf_reset(&w->salted);
    if (rt_buf_add(&w->salted, seg->salt.p, seg->salt.n) < 0
        || rt_buf_addc(&w->salted, '\0') < 0 || rt_buf_add(&w->salted, key.p, key.n) < 0)
        return RT_ENOMEM;
    if (rt_digest_of(w->digest, RT_SHA256, rt_buf_span(&w->salted), digest) < 0)
        return rt_err_set(&w->err, RT_EIO, "SHA-256 failed");
    for (unsigned i = 0; i < 8; i++)
        first = first << 8 | digest[i];
    *arm = OUT_OF_ARMS;
    *bucket = (uint32_t)(first % BUCKETS);
    for (uint32_t a = 0; a < seg->narms; a++) {
        from += seg->arms[a].buckets;
        if (*bucket < from) {
            *arm = a;
            break;
        }
    }
    return RT_OK;
}

static enum rt_fate fate_of(struct worker *w, uint32_t segment, bool opted_out)
{
    const struct rt_segment *seg = &w->sh->in->plan->defs->segments[segment];

    if (w->answers[segment] == RT_NO)
        return RT_NOT_MEMBER;
    if (w->answers[segment] == RT_UNDECIDED)
        return RT_FATE_UNDECIDED;
    if (opted_out)
        return RT_OPTED_OUT;
    for (size_t i = 0; i < seg->nconsent; i++)
        if (!rt_eval_consent(w->eval, seg->consent[i]))
            return RT_DENIED;
    return RT_LISTED;
}

/* Of the segments of one tier that hold the person, the one with the smallest priority
 * keeps it. */
static void settle_tiers(struct worker *w)
{
    const struct rt_defs *defs = w->sh->in->plan->defs;

    for (uint32_t i = 0; i < defs->nsegments; i++) {
        if (!defs->segments[i].tier.p || w->answers[i] != RT_YES)
            continue;
        for (uint32_t k = 0; k < defs->nsegments; k++)
            if (k != i && w->answers[k] == RT_YES && defs->segments[k].tier.p
                && rt_span_eq(defs->segments[k].tier, defs->segments[i].tier)
                && defs->segments[k].priority > defs->segments[i].priority)
                w->answers[k] = RT_NO;
    }
}

/* For the person that is watched: what the conditions alone say. */
static void note_answers(struct worker *w)
{
    struct rt_watched *watched = w->sh->in->watch->segments;

    for (uint32_t i = 0; i < w->sh->in->plan->nsegments; i++)
        watched[i] = (struct rt_watched) { w->answers[i], RT_NOT_MEMBER, RT_NO_ARM, 0 };
}

static void note_fate(struct rt_watch *watch, uint32_t segment, enum rt_fate fate,
    uint32_t arm, uint32_t bucket)
{
    struct rt_watched *watched = &watch->segments[segment];

    watched->fate = (uint8_t)fate;
    watched->arm = arm == OUT_OF_ARMS ? RT_NO_ARM : arm;
    watched->bucket = bucket;
}

/* Nothing at all is known of the person but who it is. */
static bool is_blank(
    const struct rt_plan *plan, const struct rt_history *history, const uint64_t *state)
{
    for (uint32_t i = 0; state && i < plan->state_words; i++)
        if (state[i])
            return false;
    return history->n == 0;
}

static int answer_all(
    struct worker *w, const struct rt_history *history, const uint64_t *state)
{
    const struct rt_plan *plan = w->sh->in->plan;
    bool empty = is_blank(plan, history, state);

    rt_eval_person(w->eval, history, state);
    if (empty && w->nothing_known) {
        memcpy(w->answers, w->nothing, plan->nsegments);
        return RT_OK;
    }
    memset(w->answers, RT_NO, plan->nsegments);
    for (uint32_t i = 0; i < plan->nsegments; i++) {
        int answer;

        if (!plan->segments[i].wanted)
            continue;
        answer = rt_eval_segment(w->eval, i);
        if (answer < 0)
            return answer;
        w->answers[i] = (uint8_t)answer;
    }
    if (w->sh->in->watch)
        note_answers(w);
    if (w->sh->tiers)
        settle_tiers(w);
    if (empty) {
        memcpy(w->nothing, w->answers, plan->nsegments);
        w->nothing_known = true;
    }
    return RT_OK;
}

static void count(struct rt_segment_counts *c, enum rt_fate fate)
{
    c->undecided += fate == RT_FATE_UNDECIDED;
    c->members += fate > RT_FATE_UNDECIDED;
    c->opted_out += fate == RT_OPTED_OUT;
    c->denied += fate == RT_DENIED;
    c->held_out += fate == RT_HELD_OUT;
    c->listed += fate == RT_LISTED;
}

/* Puts the person on the segment's lists that take it: the arm's own, and unless it is held
 * out the segment's. */
static int list_person(
    struct worker *w, uint32_t segment, enum rt_fate fate, uint32_t arm)
{
    const struct rt_targets *targets = w->sh->in->targets;
    int rc = RT_OK;

    for (uint32_t t = w->sh->first_target[segment]; t != RT_NONE && rc == RT_OK;
         t = w->sh->next_target[t]) {
        const struct rt_target *target = &targets->targets[t];
        uint32_t p = w->sh->platform_of[t];
        bool whole = target->arm == RT_NO_ARM;

        if (whole ? fate == RT_HELD_OUT : target->arm != arm)
            continue;
        rc = make_rows(w, p, segment);
        if (rc == RT_OK)
            rc = rt_list_add(w->lists[t], &w->rows[p], &w->err);
        if (w->sh->in->watch)
            w->sh->in->watch->rows[t] = w->rows[p].nrows;
    }
    return rc;
}

/* Whether any platform could know the person, for the summary. */
static int note_contact(struct worker *w, uint32_t segment)
{
    struct rt_person person;
    int rc = gather(w);

    if (rc < 0)
        return rc;
    person = (struct rt_person) {
        .key = key_of(w), .values = w->values, .nvalues = w->nvalues
    };
    w->counts[segment].with_identifier += rt_rower_has_contact(w->rowers[0], &person);
    return RT_OK;
}

static int one_person(struct worker *w, uint32_t person)
{
    const struct rt_plan *plan = w->sh->in->plan;
    uint32_t place = rt_id_place(person);
    struct rt_history history = rt_histories_of(w->histories, place);
    const uint64_t *state =
        rt_histories_state(w->sh->in->histories, rt_id_shard(person), place);
    bool opted_out = rt_people_opted_out(w->sh->in->people, person);
    int rc = answer_all(w, &history, state);

    w->people++;
    w->person = person;
    w->nkey = 0;
    w->gathered = false;
    memset(w->made, 0, w->sh->nplatforms * sizeof *w->made);
    for (uint32_t i = 0; i < plan->nsegments && rc == RT_OK; i++) {
        const struct rt_segment *seg = &plan->defs->segments[i];
        uint32_t arm = OUT_OF_ARMS, bucket = 0;
        enum rt_fate fate;

        if (w->answers[i] == RT_NO || !w->sh->in->targets->wanted[i])
            continue;
        fate = fate_of(w, i, opted_out);
        if (fate == RT_LISTED && seg->narms) {
            rc = arm_of(w, seg, &arm, &bucket);
            if (arm != OUT_OF_ARMS && rt_is_holdout(&seg->arms[arm]))
                fate = RT_HELD_OUT;
        }
        count(&w->counts[i], fate);
        if (w->sh->in->watch)
            note_fate(w->sh->in->watch, i, fate, arm, bucket);
        if (rc == RT_OK && fate >= RT_HELD_OUT)
            rc = list_person(w, i, fate, arm);
        if (rc == RT_OK && fate == RT_LISTED && w->sh->identifiers)
            rc = note_contact(w, i);
    }
    return rc;
}

static int one_shard(void *arg, uint32_t shard)
{
    struct worker *w = arg;
    const struct rt_listing_input *in = w->sh->in;
    uint32_t n = rt_ids_places(in->ids, shard);
    int rc;

    if (in->watch && shard != rt_id_shard(in->watch->person))
        return RT_OK;
    rc = rt_histories_load(w->histories, in->histories, shard, &w->err);
    if (rc == RT_OK && in->watch)
        return one_person(w, in->watch->person);
    for (uint32_t place = 0; place < n && rc == RT_OK; place++) {
        uint32_t id = rt_id_of(shard, place);

        if (rt_people_is_person(in->people, id))
            rc = one_person(w, id);
    }
    return rc;
}

static int work(void *arg)
{
    struct worker *w = arg;

    return rt_shards_work(&w->sh->shards, one_shard, w, &w->err);
}

/* ---- set-up */

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
    for (uint32_t i = 0; i < nsegments; i++) {
        sh->first_target[i] = RT_NONE;
        sh->tiers |= sh->in->plan->defs->segments[i].tier.p != NULL;
    }
    for (uint32_t t = targets->n; t-- > 0;) {
        uint32_t *first = &sh->first_target[targets->targets[t].segment];

        sh->next_target[t] = *first;
        *first = t;
    }
    return RT_OK;
}

static int share(struct sharing *sh, struct rt_arena *arena)
{
    const struct rt_targets *targets = sh->in->targets;

    sh->platforms = rt_arena_new(arena, targets->n, sizeof(struct rt_platform *));
    sh->platform_of = rt_arena_new(arena, targets->n, sizeof *sh->platform_of);
    if (!sh->platforms || !sh->platform_of || chain_targets(sh, arena) < 0)
        return RT_ENOMEM;
    for (uint32_t t = 0; t < targets->n; t++) {
        uint32_t p = 0;

        while (p < sh->nplatforms && sh->platforms[p] != targets->targets[t].platform)
            p++;
        if (p == sh->nplatforms)
            sh->platforms[sh->nplatforms++] = targets->targets[t].platform;
        sh->platform_of[t] = p;
        sh->identifiers |= targets->targets[t].platform->kind != RT_ROWS_KEY;
        sh->user_ids |= has_column(targets->targets[t].platform, RT_PII_USER_ID);
    }
    sh->rower_options = (struct rt_rower_options) {
        .default_region = sh->in->country,
        .max_products = sh->in->products,
        .latest_year = (unsigned)rt_clock_civil(sh->in->plan->as_of_us).year,
        .columns = sh->in->contacts->columns,
        .ncolumns = sh->in->contacts->ncolumns,
    };
    return RT_OK;
}

static int worker_init(struct worker *w, struct sharing *sh)
{
    const struct rt_listing_input *in = sh->in;
    uint32_t n = in->targets->n;
    struct rt_list_options list = {
        .memory_bytes = in->memory_bytes / in->jobs / (n ? n : 1),
        .tmpdir = in->tmpdir,
        .columns = in->contacts->columns,
        .ncolumns = in->contacts->ncolumns,
        .whole = in->whole,
        .max_products = in->products,
    };
    int rc = RT_OK;

    w->sh = sh;
    w->salted = (struct rt_buf)RT_BUF_INIT(1 << 20);
    w->rowers = rt_calloc(sh->nplatforms, sizeof(struct rt_rower *));
    w->rows = rt_calloc(sh->nplatforms, sizeof *w->rows);
    w->made = rt_calloc(sh->nplatforms, sizeof *w->made);
    w->lists = rt_calloc(n, sizeof(struct rt_list *));
    w->counts = rt_calloc(in->plan->nsegments, sizeof *w->counts);
    w->answers = rt_calloc(in->plan->nsegments, sizeof *w->answers);
    w->nothing = rt_calloc(in->plan->nsegments, sizeof *w->nothing);
    if (!w->rowers || !w->rows || !w->made || !w->lists || !w->counts || !w->answers
        || !w->nothing)
        return RT_ENOMEM;
    if (rt_eval_new(in->plan, in->kinds, &w->eval) < 0
        || rt_histories_new(&w->histories) < 0
        || rt_contact_reader_new(in->contacts, &w->reader) < 0)
        return RT_ENOMEM;
    rt_eval_know(w->eval, &in->facts);
    rc = rt_digest_new(&w->digest, &w->err);
    for (uint32_t p = 0; p < sh->nplatforms && rc == RT_OK; p++)
        rc = rt_rower_new(sh->platforms[p], &sh->rower_options, &w->rowers[p], &w->err);
    for (uint32_t t = 0; t < n && rc == RT_OK; t++) {
        list.name = in->targets->targets[t].name;
        rc = rt_list_new(in->targets->targets[t].platform, &list, &w->lists[t], &w->err);
    }
    return rc;
}

static void worker_release(struct worker *w)
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
    }
    for (uint32_t t = 0; w->lists && t < w->sh->in->targets->n; t++)
        rt_list_free(w->lists[t]);
    rt_free(w->rowers);
    rt_free(w->rows);
    rt_free(w->made);
    rt_free(w->lists);
    rt_free(w->counts);
    rt_free(w->answers);
    rt_free(w->nothing);
    rt_free(w->values);
    rt_arena_release(&w->bytes);
    rt_buf_release(&w->salted);
}

/* ---- the whole */

static void add_counts(struct rt_segment_counts *to, const struct rt_segment_counts *from)
{
    to->undecided += from->undecided;
    to->members += from->members;
    to->opted_out += from->opted_out;
    to->denied += from->denied;
    to->held_out += from->held_out;
    to->listed += from->listed;
    to->with_identifier += from->with_identifier;
}

static int collect(struct rt_listing *l, struct worker *w,
    const struct rt_listing_input *in, struct rt_err *err)
{
    const uint64_t *limits = rt_eval_limits(w->eval);
    int rc = RT_OK;

    l->people += w->people;
    for (uint32_t i = 0; i < in->plan->nleaves; i++)
        l->sequence_limits[i] += limits[i];
    for (uint32_t i = 0; i < in->plan->nsegments; i++)
        add_counts(&l->segments[i], &w->counts[i]);
    for (uint32_t t = 0; t < in->targets->n && rc == RT_OK; t++) {
        if (l->lists[t]) {
            rc = rt_list_merge(l->lists[t], w->lists[t], err);
        } else {
            l->lists[t] = w->lists[t];
            w->lists[t] = NULL;
        }
    }
    return rc;
}

static int run_workers(struct sharing *sh, struct worker *workers, uint32_t jobs,
    struct rt_listing *l, struct rt_err *err)
{
    int rc = RT_OK;

    for (uint32_t i = 0; i < jobs && rc == RT_OK; i++)
        rc = worker_init(&workers[i], sh);
    if (rc == RT_OK)
        rc = rt_workers_run_array(work, workers, sizeof *workers, jobs);
    for (uint32_t i = 0; i < jobs; i++)
        if (err && err->code == RT_OK)
            *err = workers[i].err;
    for (uint32_t i = 0; i < jobs && rc == RT_OK; i++)
        rc = collect(l, &workers[i], sh->in, err);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : rc;
}

int rt_listing_new(
    const struct rt_listing_input *in, struct rt_listing **out, struct rt_err *err)
{
    struct sharing sh = { .in = in };
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_listing *l = rt_calloc(1, sizeof *l);
    struct worker *workers = rt_calloc(in->jobs, sizeof *workers);
    int rc = RT_ENOMEM;

    if (l) {
        l->segments = rt_calloc(in->plan->nsegments, sizeof *l->segments);
        l->sequence_limits = rt_calloc(in->plan->nleaves, sizeof *l->sequence_limits);
        l->lists = rt_calloc(in->targets->n, sizeof(struct rt_list *));
        l->nlists = in->targets->n;
    }
    if (l && workers && l->segments && l->sequence_limits && l->lists
        && share(&sh, &arena) == RT_OK)
        rc = run_workers(&sh, workers, in->jobs, l, err);
    if (l)
        l->identifiers_counted = sh.identifiers;
    for (uint32_t i = 0; workers && i < in->jobs; i++)
        worker_release(&workers[i]);
    rt_free(workers);
    rt_arena_release(&arena);
    if (rc < 0) {
        rt_listing_free(l);
        return rt_err_set(err, rc, "out of memory");
    }
    *out = l;
    return RT_OK;
}

void rt_listing_free(struct rt_listing *l)
{
    if (!l)
        return;
    for (uint32_t t = 0; l->lists && t < l->nlists; t++)
        rt_list_free(l->lists[t]);
    rt_free(l->segments);
    rt_free(l->sequence_limits);
    rt_free(l->lists);
    rt_free(l);
}
