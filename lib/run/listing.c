/* Everyone is evaluated, shard by shard, and goes to the lists that take it. */
#include "run/listing_int.h"

#include "base/alloc.h"
#include "base/workers.h"

enum { BUCKETS = 10000, OUT_OF_ARMS = UINT32_MAX - 1 };

struct draw { /* of one person, in one segment */
    uint32_t arm, bucket;
};

/* ---- who is listed */

static unsigned count(uint64_t bits)
{
    return (unsigned)__builtin_popcountll(bits);
}

/* The arm of the person at hand, by the digest of salt, NUL and key. */
static int draw_arm(struct worker *w, const struct rt_segment *seg, struct draw *draw)
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
    *draw = (struct draw) { OUT_OF_ARMS, (uint32_t)(first % BUCKETS) };
    for (uint32_t a = 0; a < seg->narms; a++) {
        from += seg->arms[a].buckets;
        if (draw->bucket < from) {
            draw->arm = a;
            break;
        }
    }
    return RT_OK;
}

/* Everyone's arm, and who is held out. */
static int draw_arms(struct worker *w, const struct rt_segment *seg, uint64_t people,
    struct draw *draws, uint64_t *held_out)
{
    int rc = RT_OK;

    for (; people && rc == RT_OK; people &= people - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(people);

        rt_listing_turn_to(w, i);
        rc = draw_arm(w, seg, &draws[i]);
        if (rc == RT_OK && draws[i].arm != OUT_OF_ARMS
            && rt_is_holdout(&seg->arms[draws[i].arm]))
            *held_out |= UINT64_C(1) << i;
    }
    return rc;
}

/* Of the segments of one tier that hold a person, the one with the smallest priority keeps
 * it. */
static void settle_tiers(struct worker *w)
{
    const struct rt_segment *segments = w->sh->in->plan->defs->segments, *last = NULL;
    uint64_t before = 0, same = 0; /* of the tier: of smaller priority, of the same */

    for (uint32_t i = 0; i < w->sh->ntiered; i++) {
        const struct rt_segment *seg = &segments[w->sh->tiered[i]];
        uint64_t *yes = &w->answers[w->sh->tiered[i]].yes;

        if (!last || !rt_span_eq(last->tier, seg->tier))
            before = same = 0;
        else if (last->priority < seg->priority)
            before |= same;
        same |= *yes;
        *yes &= ~before;
        last = seg;
    }
}

/* ---- the person that is watched: a crowd by itself */

/* What the conditions alone say. */
static void note_answers(struct worker *w)
{
    struct rt_watched *watched = w->sh->in->watch->segments;

    for (uint32_t i = 0; i < w->sh->in->plan->nsegments; i++) {
        const struct rt_answers *a = &w->answers[i];
        uint8_t answer = a->yes ? RT_YES : a->undecided ? RT_UNDECIDED : RT_NO;

        watched[i] = (struct rt_watched) { answer, RT_NOT_MEMBER, RT_NO_ARM, 0 };
    }
}

static void note_fate(
    struct rt_watch *watch, uint32_t segment, enum rt_fate fate, const struct draw *draw)
{
    struct rt_watched *watched = &watch->segments[segment];

    watched->fate = (uint8_t)fate;
    if (fate < RT_HELD_OUT || draw->arm == RT_NO_ARM)
        return;
    watched->arm = draw->arm == OUT_OF_ARMS ? RT_NO_ARM : draw->arm;
    watched->bucket = draw->bucket;
}

/* ---- a crowd */

/* Whom a list takes: the arm's own takes those of the arm, the segment's all but those that
 * are held out. */
static uint64_t takers(
    uint32_t of, uint64_t people, uint64_t held_out, const struct draw *draws)
{
    uint64_t bits = 0;

    if (of == RT_NO_ARM)
        return people & ~held_out;
    for (; people; people &= people - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(people);

        bits |= (uint64_t)(draws[i].arm == of) << i;
    }
    return bits;
}

static void mark(struct worker *w, uint32_t target, uint64_t people)
{
    uint32_t p = w->sh->platform_of[target], number = w->sh->number_of[target];
    uint32_t nwords = (w->sh->nlists[p] + 63) / 64;
    uint64_t *marks = w->marks[p] + number / 64, bit = UINT64_C(1) << number % 64;

    w->marked |= people;
    for (; people; people &= people - 1)
        marks[(size_t)__builtin_ctzll(people) * nwords] |= bit;
}

static int mark_lists(struct worker *w, uint32_t segment, uint64_t people,
    uint64_t held_out, const struct draw *draws)
{
    const struct sharing *sh = w->sh;

    for (uint32_t t = sh->first_target[segment]; t != RT_NONE; t = sh->next_target[t])
        mark(w, t, takers(sh->in->targets->targets[t].arm, people, held_out, draws));
    if (!sh->in->products || !people)
        return RT_OK;
    rt_eval_pick(w->eval, 0); /* a crowd of one */
    rt_listing_turn_to(w, 0);
    return rt_listing_add_for(w, segment);
}

/* What becomes of those whose conditions for the segment hold, or may yet. */
static int one_segment(struct worker *w, uint32_t i)
{
    const struct rt_segment *seg = &w->sh->in->plan->defs->segments[i];
    struct rt_answers *a = &w->answers[i];
    uint64_t *fates = w->tallies[i].fates;
    uint64_t reached = a->yes & ~w->opted_out, granted = reached, held_out = 0;
    struct draw draws[RT_CROWD_MAX];
    int rc = RT_OK;

    draws[0].arm = RT_NO_ARM; /* for the person that is watched */
    for (size_t k = 0; k < seg->nconsent && granted; k++)
        granted = rt_eval_consents(w->eval, seg->consent[k], granted);
    if (seg->narms)
        rc = draw_arms(w, seg, granted, draws, &held_out);
    fates[RT_FATE_UNDECIDED] += count(a->undecided);
    fates[RT_OPTED_OUT] += count(a->yes & ~reached);
    fates[RT_DENIED] += count(reached & ~granted);
    fates[RT_HELD_OUT] += count(held_out);
    fates[RT_LISTED] += count(granted & ~held_out);
    if (w->sh->in->watch)
        note_fate(w->sh->in->watch, i,
            a->undecided   ? RT_FATE_UNDECIDED
                : !reached ? RT_OPTED_OUT
                : !granted ? RT_DENIED
                : held_out ? RT_HELD_OUT
                           : RT_LISTED,
            draws);
    a->yes = granted & ~held_out;
    return rc == RT_OK ? mark_lists(w, i, granted, held_out, draws) : rc;
}

/* What only lists with more than keys take: the ids of some people. */
static void fetch_ids(const struct worker *w, uint64_t people)
{
    uint32_t persons[RT_CROWD_MAX] = { 0 }, n = 0;

    for (; people; people &= people - 1)
        persons[n++] = w->persons[__builtin_ctzll(people)];
    rt_people_fetch(w->sh->in->people, persons, n);
}

/* The rows of those with marks; with: who of those listed has an identifier. */
static int list_people(struct worker *w, uint64_t listed, uint64_t *with)
{
    uint64_t people = w->marked | listed;
    int rc = RT_OK;

    if (w->sh->identifiers)
        fetch_ids(w, people);
    for (; people && rc == RT_OK; people &= people - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(people);

        rt_listing_turn_to(w, i);
        rc = rt_listing_add(w);
        if (rc < 0 || !(listed >> i & 1))
            continue;
        rc = rt_listing_know_contact(w);
        *with |= (uint64_t)(w->contact == WITH) << i;
    }
    return rc;
}

/* What the answers make of everyone. */
static int each_segment(struct worker *w)
{
    const bool *asked = w->sh->in->targets->wanted;
    uint32_t n = w->sh->in->plan->nsegments;
    uint64_t listed = 0, with = 0;
    int rc = RT_OK;

    w->marked = 0;
    for (uint32_t i = 0; i < n && rc == RT_OK; i++) {
        if (!asked[i] || !(w->answers[i].yes | w->answers[i].undecided))
            continue;
        rc = one_segment(w, i);
        listed |= w->answers[i].yes;
    }
    if (rc == RT_OK)
        rc = list_people(w, w->sh->identifiers ? listed : 0, &with);
    for (uint32_t i = 0; with && i < n; i++)
        if (asked[i])
            w->tallies[i].with_identifier += count(w->answers[i].yes & with);
    return rc;
}

static void find_opted_out(struct worker *w)
{
    const struct rt_listing_input *in = w->sh->in;

    w->opted_out = 0;
    for (uint32_t i = 0; in->plan->defs->nopt_outs && i < w->crowd.n; i++)
        w->opted_out |= (uint64_t)rt_people_opted_out(in->people, w->persons[i]) << i;
}

static int list_crowd(struct worker *w)
{
    int rc;

    if (w->crowd.n == 0)
        return RT_OK;
    rc = rt_eval_crowd(w->eval, &w->crowd, w->answers);
    if (rc < 0)
        return rc;
    if (w->sh->in->watch)
        note_answers(w);
    if (w->sh->ntiered)
        settle_tiers(w);
    find_opted_out(w);
    rc = each_segment(w);
    w->crowd.n = 0;
    return rc;
}

/* ---- everyone */

/* Whether anybody of whom nothing is known but who it is has a place on some list: asked
 * once, for there may be many, from contact files. */
static int ask_blank(struct worker *w)
{
    struct rt_crowd blank = { .n = 1 };
    int rc = rt_eval_crowd(w->eval, &blank, w->answers);

    w->blank = NOWHERE;
    for (uint32_t i = 0; i < w->sh->in->plan->nsegments; i++)
        if (w->answers[i].yes | w->answers[i].undecided)
            w->blank = SOMEWHERE;
    return rc;
}

/* The person joins the crowd, which is listed when it is full. Its state is fetched into
 * the cache meanwhile. */
static int one_person(struct worker *w, uint32_t person)
{
    struct rt_crowd *crowd = &w->crowd;
    uint32_t place = rt_id_place(person), n = crowd->n;
    const uint64_t *state =
        w->sh->in->histories->states ? rt_ids_state(w->sh->in->ids, person) : NULL;

    w->people++;
    crowd->histories[n] = rt_histories_of(w->histories, place);
    if (!state && crowd->histories[n].n == 0 && w->blank == NOWHERE && !w->sh->in->watch)
        return RT_OK;
    if (state) {
        __builtin_prefetch(state);
        __builtin_prefetch(state + w->sh->in->plan->state_words - 1);
    }
    crowd->states[n] = state;
    w->persons[n] = person;
    return ++crowd->n < w->sh->room ? RT_OK : list_crowd(w);
}

static int each_person(struct worker *w, uint32_t shard)
{
    const struct rt_listing_input *in = w->sh->in;
    uint32_t n = rt_ids_places(in->ids, shard);
    int rc = RT_OK;

    for (uint32_t place = 0; place < n; place += 64) {
        uint64_t persons = rt_people_persons(in->people, shard, place / 64);

        for (; persons && rc == RT_OK; persons &= persons - 1)
            rc = one_person(
                w, rt_id_of(shard, place + (uint32_t)__builtin_ctzll(persons)));
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
    if (rc == RT_OK && w->blank == NOT_ASKED)
        rc = ask_blank(w);
    if (rc == RT_OK)
        rc = in->watch ? one_person(w, in->watch->person) : each_person(w, shard);
    if (rc == RT_OK)
        rc = list_crowd(w);
    if (!in->watch)
        rt_ids_forget_states(in->histories->ids, shard, w->spare); /* room for lists */
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
        rc = rt_listing_worker_init(&workers[i], sh, i);
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
