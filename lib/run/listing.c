/* A person is put together (ids, contact rows) only when some list wants more than the
 * key, and is normalised and kept once a platform, not once a list. */
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
    uint32_t *nlists;       /* by platform: its targets */
    struct rt_span **names; /* by platform, by list */
    uint32_t *platform_of;  /* by target */
    uint32_t *number_of;    /* by target: which of its platform's lists */
    uint32_t *next_target; /* by target: the next one of the same segment; RT_NONE ends */
    uint32_t *first_target; /* by segment */
    bool tiers;             /* some segment belongs to one */
    bool identifiers;       /* some list has more than keys: count who has any */
    bool user_ids;          /* some list has a column for them */
    struct rt_rower_options rower_options;
    struct rt_shards shards;
};

/* People by what became of them in a segment. */
struct tally {
    uint64_t fates[RT_LISTED + 1];
    uint64_t with_identifier;
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
    struct rt_sheet **sheets; /* by platform */
    uint64_t **on;         /* by platform: lists that the person at hand is on, as bits */
    bool *listed;          /* by platform: some bit of these is set */
    struct tally *tallies; /* by segment */
    uint64_t people;
    uint8_t *answers; /* by segment, tiers settled */
    uint8_t
        *nothing; /* answers for a person of whom nothing is known; valid when known */
    enum { NOT_ASKED, NOWHERE, SOMEWHERE } blank; /* where these put such a person */
    /* the person at hand */
    uint32_t person;
    bool gathered;
    enum { UNKNOWN, WITHOUT, WITH } contact; /* an identifier that any platform takes */
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

/* Rows with a product list differ from segment to segment; all others are the same on
 * every list of the platform. */
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
    int rc = RT_OK;

    if (w->sh->platforms[platform]->kind != RT_ROWS_KEY) {
        rc = gather(w);
        person.values = w->values;
        person.nvalues = w->nvalues;
    }
    if (rc == RT_OK && has_products(w, platform))
        rc = add_products(w, segment, &person);
    if (rc == RT_OK)
        rc = rt_rower_person(w->rowers[platform], &person, &w->rows[platform], &w->err);
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

static bool is_nowhere(const uint8_t *answers, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (answers[i] != RT_NO)
            return false;
    return true;
}

/* Nothing at all is known of the person but who it is. */
static bool is_blank(
    const struct rt_plan *plan, const struct rt_history *history, const uint64_t *state)
{
    if (history->n)
        return false;
    for (uint32_t i = 0; state && i < plan->state_words; i++)
        if (state[i])
            return false;
    return true;
}

/* What the conditions say; tiers settled. */
static int answer_all(
    struct worker *w, const struct rt_history *history, const uint64_t *state)
{
    int rc;

    rt_eval_person(w->eval, history, state);
    rc = rt_eval_segments(w->eval, w->answers);
    if (rc < 0)
        return rc;
    if (w->sh->in->watch)
        note_answers(w);
    if (w->sh->tiers)
        settle_tiers(w);
    return RT_OK;
}

/* The same for a person of whom nothing is known: asked once, for there may be many, from
 * contact files. */
static int answer_blank(
    struct worker *w, const struct rt_history *history, const uint64_t *state)
{
    uint32_t n = w->sh->in->plan->nsegments;
    int rc;

    if (w->blank != NOT_ASKED) {
        rt_eval_person(w->eval, history, state); /* for consent */
        memcpy(w->answers, w->nothing, n);
        return RT_OK;
    }
    rc = answer_all(w, history, state);
    if (rc < 0)
        return rc;
    memcpy(w->nothing, w->answers, n);
    w->blank = is_nowhere(w->nothing, n) ? NOWHERE : SOMEWHERE;
    return RT_OK;
}

/* ---- on which lists */

static void note_rows(struct worker *w, uint32_t platform)
{
    const struct sharing *sh = w->sh;
    const uint64_t *on = w->on[platform];

    for (uint32_t t = 0; t < sh->in->targets->n; t++) {
        uint32_t number = sh->number_of[t];

        if (sh->platform_of[t] == platform && on[number / 64] >> number % 64 & 1)
            sh->in->watch->rows[t] = w->rows[platform].nrows;
    }
}

/* Puts the person on the lists of the platform that were noted. segment: whose product
 * list counts, where there are any. */
static int add_to_sheet(struct worker *w, uint32_t platform, uint32_t segment)
{
    uint32_t nwords = (w->sh->nlists[platform] + 63) / 64;
    uint64_t *on = w->on[platform];
    int rc = make_rows(w, platform, segment);

    if (rc == RT_OK)
        rc = rt_sheet_add(w->sheets[platform], &w->rows[platform], on, &w->err);
    if (w->sh->in->watch)
        note_rows(w, platform);
    for (uint32_t i = 0; i < nwords; i++)
        on[i] = 0;
    w->listed[platform] = false;
    return rc;
}

/* Notes the segment's lists that take the person: the arm's own, and unless it is held out
 * the segment's. */
static int list_person(
    struct worker *w, uint32_t segment, enum rt_fate fate, uint32_t arm)
{
    const struct sharing *sh = w->sh;
    int rc = RT_OK;

    for (uint32_t t = sh->first_target[segment]; t != RT_NONE; t = sh->next_target[t]) {
        const struct rt_target *target = &sh->in->targets->targets[t];
        uint32_t p = sh->platform_of[t], number = sh->number_of[t];
        bool whole = target->arm == RT_NO_ARM;

        if (whole ? fate == RT_HELD_OUT : target->arm != arm)
            continue;
        w->on[p][number / 64] |= UINT64_C(1) << number % 64;
        w->listed[p] = true;
    }
    for (uint32_t p = 0; sh->in->products && p < sh->nplatforms && rc == RT_OK; p++)
        if (w->listed[p] && has_products(w, p))
            rc = add_to_sheet(w, p, segment);
    return rc;
}

static int add_to_sheets(struct worker *w)
{
    int rc = RT_OK;

    for (uint32_t p = 0; p < w->sh->nplatforms && rc == RT_OK; p++)
        if (w->listed[p])
            rc = add_to_sheet(w, p, RT_NONE);
    return rc;
}

/* Whether any platform could know the person, for the summary. */
static int note_contact(struct worker *w, uint32_t segment)
{
    struct rt_person person;
    int rc;

    if (w->contact == UNKNOWN) {
        rc = gather(w);
        if (rc < 0)
            return rc;
        person = (struct rt_person) {
            .key = key_of(w), .values = w->values, .nvalues = w->nvalues
        };
        w->contact = rt_rower_has_contact(w->rowers[0], &person) ? WITH : WITHOUT;
    }
    w->tallies[segment].with_identifier += w->contact == WITH;
    return RT_OK;
}

/* ---- everyone */

/* What becomes of a person whose conditions for the segment hold, or may yet. */
static int one_segment(struct worker *w, uint32_t i, bool opted_out)
{
    const struct rt_segment *seg = &w->sh->in->plan->defs->segments[i];
    enum rt_fate fate = fate_of(w, i, opted_out);
    uint32_t arm = OUT_OF_ARMS, bucket = 0;
    int rc = RT_OK;

    if (fate == RT_LISTED && seg->narms) {
        rc = arm_of(w, seg, &arm, &bucket);
        if (arm != OUT_OF_ARMS && rt_is_holdout(&seg->arms[arm]))
            fate = RT_HELD_OUT;
    }
    w->tallies[i].fates[fate]++;
    if (w->sh->in->watch)
        note_fate(w->sh->in->watch, i, fate, arm, bucket);
    if (rc == RT_OK && fate >= RT_HELD_OUT)
        rc = list_person(w, i, fate, arm);
    if (rc == RT_OK && fate == RT_LISTED && w->sh->identifiers)
        rc = note_contact(w, i);
    return rc;
}

/* Goes through the answers eight at a time: of most segments a person is none. An answer that
 * is not "no" has one bit. */
static int each_segment(struct worker *w, bool opted_out)
{
    const bool *asked = w->sh->in->targets->wanted;
    uint32_t n = w->sh->in->plan->nsegments;
    int rc = RT_OK;

    for (uint32_t i = 0; i < n; i += 8) {
        uint64_t eight;

        memcpy(&eight, w->answers + i, 8);
        for (; eight && rc == RT_OK; eight &= eight - 1) {
            uint32_t segment = i + (uint32_t)__builtin_ctzll(eight) / 8;

            if (asked[segment])
                rc = one_segment(w, segment, opted_out);
        }
    }
    return rc;
}

static int one_person(struct worker *w, uint32_t person)
{
    const struct rt_listing_input *in = w->sh->in;
    uint32_t place = rt_id_place(person);
    struct rt_history history = rt_histories_of(w->histories, place);
    const uint64_t *state = rt_histories_state(in->histories, rt_id_shard(person), place);
    bool blank = is_blank(in->plan, &history, state);
    int rc;

    w->people++;
    if (blank && w->blank == NOWHERE)
        return RT_OK;
    w->person = person;
    w->nkey = 0;
    w->gathered = false;
    w->contact = UNKNOWN;
    rc = blank ? answer_blank(w, &history, state) : answer_all(w, &history, state);
    if (rc == RT_OK)
        rc = each_segment(w, rt_people_opted_out(in->people, person));
    return rc == RT_OK ? add_to_sheets(w) : rc;
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

static int share(struct sharing *sh, struct rt_arena *arena)
{
    const struct rt_targets *targets = sh->in->targets;
    int rc = RT_OK;

    sh->platforms = rt_arena_new(arena, targets->n, sizeof(struct rt_platform *));
    sh->nlists = rt_arena_new(arena, targets->n, sizeof *sh->nlists);
    sh->names = rt_arena_new(arena, targets->n, sizeof(struct rt_span *));
    sh->platform_of = rt_arena_new(arena, targets->n, sizeof *sh->platform_of);
    sh->number_of = rt_arena_new(arena, targets->n, sizeof *sh->number_of);
    if (!sh->platforms || !sh->nlists || !sh->names || !sh->platform_of || !sh->number_of
        || chain_targets(sh, arena) < 0)
        return RT_ENOMEM;
    for (uint32_t t = 0; t < targets->n && rc == RT_OK; t++)
        rc = place_target(sh, t, arena);
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
    };
    int rc = rt_rower_new(sh->platforms[p], &sh->rower_options, &w->rowers[p], &w->err);

    if (rc < 0)
        return rc;
    w->on[p] = rt_calloc((sh->nlists[p] + 63) / 64, sizeof **w->on);
    if (!w->on[p])
        return RT_ENOMEM;
    return rt_sheet_new(sh->platforms[p], &options, &w->sheets[p], &w->err);
}

static int worker_init(struct worker *w, struct sharing *sh)
{
    const struct rt_listing_input *in = sh->in;
    uint32_t nplatforms = sh->nplatforms, nsegments = in->plan->nsegments;
    int rc = RT_OK;

    w->sh = sh;
    w->salted = (struct rt_buf)RT_BUF_INIT(1 << 20);
    w->rowers = rt_calloc(nplatforms, sizeof(struct rt_rower *));
    w->rows = rt_calloc(nplatforms, sizeof *w->rows);
    w->sheets = rt_calloc(nplatforms, sizeof(struct rt_sheet *));
    w->on = rt_calloc(nplatforms, sizeof(uint64_t *));
    w->listed = rt_calloc(nplatforms, sizeof *w->listed);
    w->tallies = rt_calloc(nsegments, sizeof *w->tallies);
    w->answers = rt_calloc(nsegments + 7, sizeof *w->answers); /* read by eights */
    w->nothing = rt_calloc(nsegments, sizeof *w->nothing);
    if (!w->rowers || !w->rows || !w->sheets || !w->on || !w->listed || !w->tallies
        || !w->answers || !w->nothing)
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
        if (w->sheets)
            rt_sheet_free(w->sheets[p]);
        if (w->on)
            rt_free(w->on[p]);
    }
    rt_free(w->rowers);
    rt_free(w->rows);
    rt_free(w->sheets);
    rt_free(w->on);
    rt_free(w->listed);
    rt_free(w->tallies);
    rt_free(w->answers);
    rt_free(w->nothing);
    rt_free(w->values);
    rt_arena_release(&w->bytes);
    rt_buf_release(&w->salted);
}

/* ---- the whole */

static void add_tally(struct rt_segment_counts *to, const struct tally *from)
{
    const uint64_t *fates = from->fates;

    to->undecided += fates[RT_FATE_UNDECIDED];
    to->opted_out += fates[RT_OPTED_OUT];
    to->denied += fates[RT_DENIED];
    to->held_out += fates[RT_HELD_OUT];
    to->listed += fates[RT_LISTED];
    to->members +=
        fates[RT_OPTED_OUT] + fates[RT_DENIED] + fates[RT_HELD_OUT] + fates[RT_LISTED];
    to->with_identifier += from->with_identifier;
}

static int collect(struct rt_listing *l, struct worker *w, struct rt_err *err)
{
    int rc = RT_OK;

    l->people += w->people;
    for (uint32_t i = 0; i < w->sh->in->plan->nsegments; i++)
        add_tally(&l->segments[i], &w->tallies[i]);
    for (uint32_t p = 0; p < l->nsheets && rc == RT_OK; p++) {
        if (l->sheets[p]) {
            rc = rt_sheet_merge(l->sheets[p], w->sheets[p], err);
        } else {
            l->sheets[p] = w->sheets[p];
            w->sheets[p] = NULL;
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
        rc = collect(l, &workers[i], err);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : rc;
}

/* Which sheet a target's list is on. */
static int sheets_of(struct rt_listing *l, const struct sharing *sh)
{
    uint32_t n = sh->in->targets->n;

    l->nsheets = sh->nplatforms;
    l->sheets = rt_calloc(l->nsheets, sizeof(struct rt_sheet *));
    l->nlists = rt_calloc(l->nsheets, sizeof *l->nlists);
    l->places = rt_calloc(n, sizeof *l->places);
    if (!l->sheets || !l->nlists || !l->places)
        return RT_ENOMEM;
    memcpy(l->nlists, sh->nlists, l->nsheets * sizeof *l->nlists);
    for (uint32_t t = 0; t < n; t++)
        l->places[t] = (struct rt_list_place) { sh->platform_of[t], sh->number_of[t] };
    return RT_OK;
}

static int make_listing(
    struct sharing *sh, struct rt_listing *l, struct rt_arena *arena, struct rt_err *err)
{
    const struct rt_listing_input *in = sh->in;
    struct worker *workers = rt_calloc(in->jobs, sizeof *workers);
    int rc = RT_ENOMEM;

    l->segments = rt_calloc(in->plan->nsegments, sizeof *l->segments);
    if (workers && l->segments && share(sh, arena) == RT_OK && sheets_of(l, sh) == RT_OK)
        rc = run_workers(sh, workers, in->jobs, l, err);
    l->identifiers_counted = sh->identifiers;
    for (uint32_t i = 0; workers && i < in->jobs; i++)
        worker_release(&workers[i]);
    rt_free(workers);
    return rc;
}

int rt_listing_new(
    const struct rt_listing_input *in, struct rt_listing **out, struct rt_err *err)
{
    struct sharing sh = { .in = in };
    struct rt_listing *l = rt_calloc(1, sizeof *l);
    int rc = RT_ENOMEM;

    if (l) {
        l->arena = (struct rt_arena)RT_ARENA_INIT;
        rc = make_listing(&sh, l, &l->arena, err);
    }
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
    for (uint32_t i = 0; l->sheets && i < l->nsheets; i++)
        rt_sheet_free(l->sheets[i]);
    rt_free(l->segments);
    rt_free(l->sheets);
    rt_free(l->nlists);
    rt_free(l->places);
    rt_arena_release(&l->arena);
    rt_free(l);
}
