/*
 * Ranks: of all people who have a place, the number that separates those in front from the
 * others. People are walked once to gather everyone's number, and once more to ask on which
 * side each stands; everyone tied with the last is in front, so no order among equals is
 * ever needed.
 *
 * A number is 128 bits that compare like the measure: counts, sums and maxima are exact,
 * and an average is its whole part and 64 bits of fraction, which tell any two averages of
 * fewer than 2^32 numbers apart.
 *
 * Cost: 16 bytes a person and rank, on disk past the memory given.
 */
#ifndef RT_RANKING_H
#define RT_RANKING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/plan.h"

struct rt_rank_number {
    uint64_t hi, lo;
};

struct rt_rank_number rt_rank_whole(__int128 value);
struct rt_rank_number rt_rank_average(__int128 sum, uint64_t n); /* n > 0 */

/* The number again; of an average its whole part. */
__int128 rt_rank_value(struct rt_rank_number number, bool average);

/* How many people have a place in a leaf's rank, and the last number in front. */
struct rt_rank_summary {
    uint64_t people, places; /* places: those in front, ties aside */
    struct rt_rank_number last;
};

struct rt_ranking;

/* RT_OK, RT_ENOMEM. tmpdir: borrowed. */
int rt_ranking_new(const struct rt_plan *plan, uint32_t workers, uint64_t memory_bytes,
    const char *tmpdir, struct rt_ranking **out);
void rt_ranking_free(struct rt_ranking *ranking);

/* A person's number in the rank of a leaf. Each worker for itself. */
int rt_ranking_add(struct rt_ranking *ranking, uint32_t worker, uint32_t leaf,
    struct rt_rank_number number, struct rt_err *err);

/* All numbers of this level's leaves are there: works out where each list ends. */
int rt_ranking_settle(struct rt_ranking *ranking, uint32_t level, struct rt_err *err);

/* Takes over where the list of a leaf ends from another ranking that settled it. */
void rt_ranking_put(
    struct rt_ranking *ranking, uint32_t leaf, const struct rt_rank_summary *summary);

/* Is somebody with that number in front? */
bool rt_ranking_holds(
    const struct rt_ranking *ranking, uint32_t leaf, struct rt_rank_number number);

/* Of a leaf that is settled. */
struct rt_rank_summary rt_ranking_summary(
    const struct rt_ranking *ranking, uint32_t leaf);

#endif
