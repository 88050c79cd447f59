/*
 * A survey: inputs read once, and what they hold counted, so that a segment file can be
 * compared with it (check) or written for it (init). The same reading as a build's.
 *
 * Bounded whatever the inputs are: tables of names, of values and of people have limits,
 * and past them say that they are not whole.
 */
#ifndef RT_SURVEY_H
#define RT_SURVEY_H

#include <stdbool.h>
#include <stdint.h>

#include "events/derive.h"
#include "plan/plan.h"
#include "run/counts.h"
#include "run/ingest.h"

enum {
    RT_SURVEY_NAMES = 10000,   /* event names */
    RT_SURVEY_VALUES = 200,    /* distinct values of a field */
    RT_SURVEY_PEOPLE = 65536,  /* people that are told apart */
    RT_SURVEY_VALUE_BYTES = 64 /* a longer one is none of a small set */
};

/* A field to be looked at; slot, derive and from_slot as in struct rt_plan_field. */
struct rt_survey_field {
    struct rt_span name;
    uint32_t slot;
    struct rt_derive derive;
    uint32_t from_slot;
    bool values; /* count its distinct values */
    bool times;  /* look for one that is a time */
};

/* What is asked; borrowed for the survey's life. */
struct rt_survey_ask {
    const struct rt_survey_field *fields;
    uint32_t nfields;
    uint32_t nslots;
    const struct rt_id_kind *ids; /* kinds 0 .. nids-1 tell people apart, the rest is only
                                     counted */
    uint32_t nids, nid_kinds;
    const uint32_t *fallback_slots;
    uint32_t nfallback;
    int64_t as_of_us;
    /* Events are told apart by class, 0 .. nclasses-1; NULL: there is one. */
    unsigned (*class_of)(struct rt_span event);
    unsigned nclasses;
};

/* A field on the records of one class. */
struct rt_survey_found {
    uint64_t present;  /* records in which it is not empty */
    bool number, time; /* some value is one; time: when asked for */
};

struct rt_survey {
    const struct rt_survey_ask *ask;
    struct rt_arena arena;
    uint64_t records;              /* used ones */
    uint64_t past;                 /* of these, not after as-of */
    uint64_t nobodys;              /* of these, without any id */
    int64_t first_us, last_us;     /* INT64_MAX, INT64_MIN without records */
    struct rt_counts events;       /* at most RT_SURVEY_NAMES */
    uint64_t *classes;             /* records by class */
    struct rt_survey_found *found; /* by class, then by field */
    struct rt_counts *values;      /* by field; limit 0 where not asked for */
    uint64_t *ids;                 /* records by kind of id */
    struct rt_survey_crowd {       /* hashes of the first id of each record */
        uint64_t *slots;           /* 0: free; owned */
        uint32_t nslots, n;
        bool more; /* than RT_SURVEY_PEOPLE */
    } people;
};

/* Owned by the caller: rt_survey_free. RT_OK or RT_ENOMEM. */
int rt_survey_new(const struct rt_survey_ask *ask, struct rt_survey **out);
void rt_survey_free(struct rt_survey *survey);

/*
 * Reads feeds whole and adds what they hold. feed->user is the feed's struct
 * rt_screen_rules; NULL for contact rows, which need no time and no name.
 *
 * RT_OK, or as rt_ingest.
 */
int rt_survey_read(struct rt_survey *survey, struct rt_feed *feeds, uint32_t nfeeds,
    uint32_t jobs, struct rt_progress progress, struct rt_err *err);

/* How many people there are at most in both (b may be NULL): those whose records never
 * meet on one id count apart. UINT64_MAX when they were too many to tell apart. */
uint64_t rt_survey_people(const struct rt_survey *a, const struct rt_survey *b);

/* The field over all classes. */
struct rt_survey_found rt_survey_found(const struct rt_survey *survey, uint32_t field);

/* On the records of one class. */
static inline const struct rt_survey_found *rt_survey_of(
    const struct rt_survey *survey, unsigned class, uint32_t field)
{
    return &survey->found[class * survey->ask->nfields + field];
}

#endif
