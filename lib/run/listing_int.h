/*
 * What the files of listing share. Only listing*.c include this.
 */
#ifndef RT_LISTING_INT_H
#define RT_LISTING_INT_H

#include "io/digest.h"
#include "run/listing.h"
#include "run/shards.h"

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
    uint32_t *tiered;       /* segments of tiers, tier by tier, by priority; ntiered */
    uint32_t ntiered;
    uint32_t room;          /* people of a crowd */
    bool identifiers;       /* some list has more than keys: count who has any */
    bool user_ids;          /* some list has a column for them */
    uint8_t *field_of_kind; /* by kind of id: the enum rt_pii that it is as a value of a
                               person; RT_PII_COUNT: none */
    struct rt_rower_options rower_options;
    struct rt_spare *spares; /* by worker: what states leave, for rows */
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
    struct rt_spare *spare;
    uint64_t expected; /* people, at most, of whom it has to list */
    uint64_t next_row; /* of contacts: where those of the next person are looked for */
    struct rt_digest *digest;
    struct rt_rower **rowers; /* by platform */
    struct rt_rows *rows;     /* by platform; of the person at hand */
    struct rt_sheet **sheets; /* by platform */
    uint64_t **marks;      /* by platform: lists that each of the crowd is on, as bits */
    uint64_t **on;         /* by platform: those of the person at hand */
    bool *listed;          /* by platform: some bit of these is set */
    struct tally *tallies; /* by segment */
    uint64_t people;
    enum {
        NOT_ASKED,
        NOWHERE,
        SOMEWHERE
    } blank; /* where a person is of whom nothing is
                                                     known */
    /* the crowd at hand */
    struct rt_crowd crowd;
    uint32_t persons[RT_CROWD_MAX];
    struct rt_answers *answers; /* by segment: what conditions say, tiers settled; then of
                                   those who are listed, `yes` */
    uint64_t opted_out, marked; /* bits: marked are those with marks */
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

/* ---- listing_rows.c: the person at hand, and its rows */

/* The person's key, lent until the next person. */
struct rt_span rt_listing_key(struct worker *w);

/* One of the crowd is the person at hand from now on. */
void rt_listing_turn_to(struct worker *w, uint32_t i);

/* Puts the person on the lists that are marked. Rows that differ from segment to segment
 * are put on the lists of each by itself. */
int rt_listing_add_for(struct worker *w, uint32_t segment);
int rt_listing_add(struct worker *w);

/* Behind it: fills `contact`, which rows mostly tell. RT_OK or what went wrong. */
int rt_listing_know_contact(struct worker *w);

/* ---- listing_setup.c */

/* Fills all but `in`. arena: what the sheets borrow is there, too. RT_OK or RT_ENOMEM. */
int rt_listing_share(struct sharing *sh, struct rt_arena *arena);
/* i: which of the workers it is. */
int rt_listing_worker_init(struct worker *w, struct sharing *sh, uint32_t i);
void rt_listing_worker_release(struct worker *w);

#endif
