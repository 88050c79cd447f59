/* Everyone is evaluated, shard by shard, and goes to the lists that take it. */
#include "run/listing_int.h"

#include "base/alloc.h"
#include "base/workers.h"

enum {
    BUCKETS = 10000,
    OUT_OF_ARMS = UINT32_MAX - 1,
    AHEAD = 8 /* people, of fetching their states into the cache */
};

/* ---- who is listed */

/* The arm of the person, by the digest of salt, NUL and key. */
static int arm_of(
    struct worker *w, const struct rt_segment *seg, uint32_t *arm, uint32_t *bucket)
{
    struct rt_span key = rt_listing_key(w);
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

/* Notes the segment's lists that take the person: the arm's own, and unless it is held out
 * the segment's. */
static int list_person(
    struct worker *w, uint32_t segment, enum rt_fate fate, uint32_t arm)
{
    const struct sharing *sh = w->sh;

    for (uint32_t t = sh->first_target[segment]; t != RT_NONE; t = sh->next_target[t]) {
        uint32_t of = sh->in->targets->targets[t].arm;

        if (of == RT_NO_ARM ? fate != RT_HELD_OUT : of == arm)
            rt_listing_note(w, t);
    }
    return sh->in->products ? rt_listing_add_for(w, segment) : RT_OK;
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
        rc = rt_listing_note_contact(w, i);
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
    const uint64_t *state = in->histories->states ? rt_ids_state(in->ids, person) : NULL;
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
    return rc == RT_OK ? rt_listing_add(w) : rc;
}

static int each_person(struct worker *w, uint32_t shard)
{
    const struct rt_listing_input *in = w->sh->in;
    uint32_t n = rt_ids_places(in->ids, shard);
    int rc = RT_OK;

    for (uint32_t place = 0; place < n && rc == RT_OK; place++) {
        uint32_t id = rt_id_of(shard, place);

        if (in->histories->states)
            rt_ids_fetch_state(in->ids, rt_id_of(shard, place + AHEAD));
        rt_people_fetch_ahead(in->people, shard, place);
        if (rt_people_is_person(in->people, id))
            rc = one_person(w, id);
    }
    return rc;
}

static int one_shard(void *arg, uint32_t shard)
{
    struct worker *w = arg;
    const struct rt_listing_input *in = w->sh->in;
    int rc;

    if (in->watch && shard != rt_id_shard(in->watch->person))
        return RT_OK;
    rc = rt_histories_load(w->histories, in->histories, shard, &w->err);
    if (rc == RT_OK && in->watch)
        return one_person(w, in->watch->person);
    if (rc == RT_OK)
        rc = each_person(w, shard);
    rt_ids_forget_states(in->histories->ids, shard); /* room for lists */
    return rc;
}

static int work(void *arg)
{
    struct worker *w = arg;

    return rt_shards_work(&w->sh->shards, one_shard, w, &w->err);
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
    const uint64_t *limits = rt_eval_limits(w->eval);
    int rc = RT_OK;

    l->people += w->people;
    for (uint32_t i = 0; i < w->sh->in->plan->nleaves; i++)
        l->sequence_limits[i] += limits[i];
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
        rc = rt_listing_worker_init(&workers[i], sh);
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
    l->sequence_limits = rt_calloc(in->plan->nleaves, sizeof *l->sequence_limits);
    if (workers && l->segments && l->sequence_limits
        && rt_listing_share(sh, arena) == RT_OK && sheets_of(l, sh) == RT_OK)
        rc = run_workers(sh, workers, in->jobs, l, err);
    l->identifiers_counted = sh->identifiers;
    for (uint32_t i = 0; workers && i < in->jobs; i++)
        rt_listing_worker_release(&workers[i]);
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
    rt_free(l->sequence_limits);
    rt_free(l);
}
