/*
 * Which number is the n-th is found digit by digit: numbers that begin with the digits
 * found so far are counted by their next 16 bits. That reads them eight times at most and
 * sorts nothing, wherever they stand.
 */
#include "people/ranking.h"

#include "base/alloc.h"
#include "io/spool.h"

enum { DIGIT_BITS = 16, DIGITS = 1 << DIGIT_BITS, PIECE = 2048 };

struct rank {
    struct rt_spool **spools; /* by worker; NULL where nobody was added */
    struct rt_rank_summary summary;
};

struct rt_ranking {
    const struct rt_plan *plan;
    struct rank *ranks; /* by leaf */
    uint32_t workers;
    uint64_t spool_bytes; /* what each spool may keep in memory */
    const char *tmpdir;
};

/* ---- numbers */

static struct rt_rank_number number_of(unsigned __int128 bits)
{
    return (struct rt_rank_number) { (uint64_t)(bits >> 64), (uint64_t)bits };
}

static unsigned __int128 bits_of(struct rt_rank_number number)
{
    return (unsigned __int128)number.hi << 64 | number.lo;
}

/* Negative numbers come before the others when the sign bit is turned. */
static const unsigned __int128 sign_bit = (unsigned __int128)1 << 127;

struct rt_rank_number rt_rank_whole(__int128 value)
{
    return number_of((unsigned __int128)value ^ sign_bit);
}

/* Two averages with denominators below 2^32 differ by more than 2^-64 or not at all, so
 * the fraction's first 64 bits tell them apart. The whole part of an average is no larger
 * than a number of the data, so it has room in the upper half. */
struct rt_rank_number rt_rank_average(__int128 sum, uint64_t n)
{
    __int128 whole = sum / (__int128)n, rest = sum % (__int128)n;

    if (rest < 0) {
        whole--;
        rest += (__int128)n;
    }
    return number_of((((unsigned __int128)whole << 64) ^ sign_bit)
        | (uint64_t)(((unsigned __int128)rest << 64) / n));
}

__int128 rt_rank_value(struct rt_rank_number number, bool average)
{
    __int128 value = (__int128)(bits_of(number) ^ sign_bit);

    return average ? value >> 64 : value;
}

/* ---- gathering */

int rt_ranking_new(const struct rt_plan *plan, uint32_t workers, uint64_t memory_bytes,
    const char *tmpdir, struct rt_ranking **out)
{
    struct rt_ranking *r = rt_calloc(1, sizeof *r);
    uint32_t n = 0;

    if (!r)
        return RT_ENOMEM;
    r->plan = plan;
    r->workers = workers;
    r->tmpdir = tmpdir;
    r->ranks = rt_calloc(plan->nleaves, sizeof *r->ranks);
    for (uint32_t i = 0; r->ranks && i < plan->nleaves; i++) {
        if (plan->leaves[i].level == 0)
            continue;

        r->ranks[i].spools = rt_calloc(workers, sizeof(struct rt_spool *));
        if (!r->ranks[i].spools) {
            rt_ranking_free(r);
            return RT_ENOMEM;
        }
        n++;
    }
    if (!r->ranks) {
        rt_ranking_free(r);
        return RT_ENOMEM;
    }
    r->spool_bytes = memory_bytes / (n ? n : 1) / workers;
    *out = r;
    return RT_OK;
}

void rt_ranking_free(struct rt_ranking *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; r->ranks && i < r->plan->nleaves; i++) {
        for (uint32_t w = 0; r->ranks[i].spools && w < r->workers; w++)
            rt_spool_free(r->ranks[i].spools[w]);
        rt_free(r->ranks[i].spools);
    }
    rt_free(r->ranks);
    rt_free(r);
}

int rt_ranking_add(struct rt_ranking *r, uint32_t worker, uint32_t leaf,
    struct rt_rank_number number, struct rt_err *err)
{
    struct rt_spool **spool = &r->ranks[leaf].spools[worker];
    int rc = RT_OK;

    if (!*spool)
        rc = rt_spool_new(r->spool_bytes, r->tmpdir, spool, err);
    if (rc < 0)
        return rc;
    return rt_spool_add(
        *spool, (struct rt_span) { (const char *)&number, sizeof number }, NULL, err);
}

/* ---- where a list ends */

/* The n-th number of a leaf, n from 0 in ascending order. */
struct select {
    const struct rt_ranking *ranking;
    const struct rank *rank;
    uint64_t n;
    unsigned __int128 found; /* the digits found so far, in their places */
    unsigned shift;          /* of the digit at hand */
    uint64_t *counts;        /* by digit */
    struct rt_rank_number *piece;
};

static void count_piece(struct select *s, uint32_t n)
{
    unsigned above = s->shift + DIGIT_BITS;

    for (uint32_t i = 0; i < n; i++) {
        unsigned __int128 bits = bits_of(s->piece[i]);

        if (above == 128 || bits >> above == s->found >> above)
            s->counts[(uint64_t)(bits >> s->shift) & (DIGITS - 1)]++;
    }
}

static int count_digits(struct select *s, struct rt_err *err)
{
    int rc = RT_OK;

    memset(s->counts, 0, DIGITS * sizeof *s->counts);
    for (uint32_t w = 0; w < s->ranking->workers; w++) {
        const struct rt_spool *spool = s->rank->spools[w];
        uint64_t bytes = spool ? rt_spool_bytes(spool) : 0;

        for (uint64_t at = 0; at < bytes && rc == RT_OK;) {
            uint64_t take = bytes - at;

            if (take > PIECE * sizeof *s->piece)
                take = PIECE * sizeof *s->piece;
            rc = rt_spool_read(spool, at, (char *)s->piece, take, err);
            count_piece(s, (uint32_t)(take / sizeof *s->piece));
            at += take;
        }
    }
    return rc;
}

static int select_number(struct select *s, struct rt_err *err)
{
    for (s->shift = 128; s->shift > 0;) {
        uint64_t digit = 0;
        int rc;

        s->shift -= DIGIT_BITS;
        rc = count_digits(s, err);
        if (rc < 0)
            return rc;
        for (; s->n >= s->counts[digit]; digit++)
            s->n -= s->counts[digit];
        s->found |= (unsigned __int128)digit << s->shift;
    }
    return RT_OK;
}

static uint64_t count_people(const struct rt_ranking *r, const struct rank *rank)
{
    uint64_t n = 0;

    for (uint32_t w = 0; w < r->workers; w++)
        if (rank->spools[w])
            n += rt_spool_bytes(rank->spools[w]) / sizeof(struct rt_rank_number);
    return n;
}

/* The first ceil(p * n), or so many as were asked for. */
static uint64_t places_of(const struct rt_cond *cond, uint64_t people)
{
    unsigned __int128 share = (unsigned __int128)people * cond->millionths;

    if (cond->by_percent)
        return (uint64_t)((share + 999999) / 1000000);
    return cond->count < people ? cond->count : people;
}

static int settle_rank(
    struct rt_ranking *r, uint32_t leaf, struct select *s, struct rt_err *err)
{
    const struct rt_cond *cond = r->plan->leaves[leaf].cond;
    struct rank *rank = &r->ranks[leaf];
    struct rt_rank_summary *sum = &rank->summary;
    int rc;

    sum->people = count_people(r, rank);
    sum->places = places_of(cond, sum->people);
    if (sum->places == 0)
        return RT_OK;
    s->ranking = r;
    s->rank = rank;
    s->found = 0;
    s->n = cond->bottom ? sum->places - 1 : sum->people - sum->places;
    rc = select_number(s, err);
    sum->last = number_of(s->found);
    for (uint32_t w = 0; w < r->workers; w++) {
        rt_spool_free(rank->spools[w]);
        rank->spools[w] = NULL;
    }
    return rc;
}

int rt_ranking_settle(struct rt_ranking *r, uint32_t level, struct rt_err *err)
{
    struct select s = { .counts = rt_calloc(DIGITS, sizeof *s.counts),
        .piece = rt_calloc(PIECE, sizeof *s.piece) };
    int rc = s.counts && s.piece ? RT_OK : rt_err_set(err, RT_ENOMEM, "out of memory");

    for (uint32_t i = 0; i < r->plan->nleaves && rc == RT_OK; i++)
        if (r->plan->leaves[i].level == level)
            rc = settle_rank(r, i, &s, err);
    rt_free(s.counts);
    rt_free(s.piece);
    return rc;
}

bool rt_ranking_holds(
    const struct rt_ranking *r, uint32_t leaf, struct rt_rank_number number)
{
    const struct rt_rank_summary *sum = &r->ranks[leaf].summary;

    if (sum->places == 0)
        return false;
    return r->plan->leaves[leaf].cond->bottom ? bits_of(number) <= bits_of(sum->last)
                                              : bits_of(number) >= bits_of(sum->last);
}

void rt_ranking_put(
    struct rt_ranking *r, uint32_t leaf, const struct rt_rank_summary *summary)
{
    r->ranks[leaf].summary = *summary;
}

struct rt_rank_summary rt_ranking_summary(const struct rt_ranking *r, uint32_t leaf)
{
    return r->ranks[leaf].summary;
}
