/*
 * Listing: every person is evaluated, and those who belong go to the lists that are wanted.
 * Shards of people are taken by whichever worker is free; each worker keeps its own part of
 * every sheet, and the parts are put together at the end.
 */
#ifndef RT_LISTING_H
#define RT_LISTING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "lists/report.h"
#include "lists/writer.h"
#include "people/eval.h"
#include "people/history.h"
#include "run/contacts.h"
#include "run/outputs.h"

/* What happened to a person who meets a segment's conditions. */
enum rt_fate {
    RT_NOT_MEMBER,
    RT_FATE_UNDECIDED,
    RT_OPTED_OUT,
    RT_DENIED,
    RT_HELD_OUT,
    RT_LISTED
};

/* One person to look at: nobody else is evaluated or listed. */
struct rt_watch {
    uint32_t person;
    struct rt_watched {
        uint8_t answer;  /* enum rt_answer, before tiers are settled */
        uint8_t fate;    /* enum rt_fate */
        uint32_t arm;    /* RT_NO_ARM: in none */
        uint32_t bucket; /* of 10000; of segments with arms, once it is listed or held
                              out */
    } * segments;        /* by segment; the caller's */
    uint64_t *rows;      /* by target: rows that the person got; the caller's */
    struct rt_rank_summary *ranks; /* by leaf of the plan: those of ranks; the caller's */
};

struct rt_listing_input {
    const struct rt_plan *plan;
    const struct rt_people *people;
    const struct rt_ids *ids;
    const struct rt_kinds *kinds;
    const struct rt_histories_source *histories;
    struct rt_eval_facts facts;
    const struct rt_contacts *contacts;
    const struct rt_targets *targets;
    struct rt_watch *watch; /* NULL: everyone */
    uint32_t jobs;
    uint64_t memory_bytes; /* for lists */
    const char *tmpdir;
    uint32_t products;   /* of a person, at most; 0: none are listed */
    const char *country; /* of telephone numbers without any; NULL: none */
    bool whole;          /* lists are not split in parts */
};

struct rt_segment_counts {
    uint64_t undecided, members, opted_out, denied, held_out, listed, with_identifier;
};

struct rt_list_place {
    uint32_t sheet, number; /* of the sheet's lists */
};

struct rt_listing {
    uint64_t people;
    bool identifiers_counted;           /* with_identifier means something */
    struct rt_segment_counts *segments; /* by segment */
    uint64_t *sequence_limits;          /* by leaf: rt_eval_limits */
    struct rt_sheet **sheets;           /* one a platform, complete */
    uint32_t *nlists;                   /* by sheet */
    uint32_t nsheets;
    struct rt_list_place *places; /* by target */
    struct rt_arena arena;        /* what the sheets borrow */
};

/* RT_OK, RT_ENOMEM, RT_EIO, RT_ESTOP. */
int rt_listing_new(
    const struct rt_listing_input *input, struct rt_listing **out, struct rt_err *err);
void rt_listing_free(struct rt_listing *listing);

#endif
