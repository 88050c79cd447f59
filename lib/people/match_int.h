/*
 * Inside of matching: what match.c and its parts share.
 *
 *     match.c         the records of a batch, class by class, field by field
 *     match_sort.c    their classes, and who looks at their times
 *     match_column.c  one field of many records through its tests
 *     match_answer.c  the tests of one field of one record, remembered by value; formulas
 *     match_kind.c    sets of matchers to kinds, without a lock
 */
#ifndef RT_MATCH_INT_H
#define RT_MATCH_INT_H

#include "base/hash.h"
#include "people/asker.h"
#include "people/eventclass.h"
#include "people/match.h"

struct rt_remembered { /* a value's answers to the tests of one field */
    struct rt_hash128 key;
    uint64_t answers;
};

/* The answers of one field. Values that do not come again often enough for what their tests
 * cost (addresses of products, against one regex) are cheaper tested than looked up: then
 * the memo pauses. */
struct rt_memo {
    struct rt_remembered *slots; /* NULL: the field has none */
    uint32_t asked, hits;
    uint32_t pause, next_pause; /* records */
};

struct rt_cached_kind {
    uint32_t kind;
    uint32_t used;
    uint64_t mask; /* of its values */
};

/* The worker's own copy of the part of the kinds table that it has met. */
struct rt_kind_cache {
    struct rt_cached_kind *slots;
    uint64_t *bits;     /* by slot */
    uint32_t n, nslots; /* a power of two */
};

/* Of plans whose matchers fit a word, sets that were met lately: where their hash points. */
struct rt_recent_kind {
    uint64_t bits; /* 0: none */
    struct rt_found found;
};

enum { RT_RECENT_SHIFT = 64 - 8 };

/* A field's values: of the records at hand, those that have one. */
struct rt_column {
    uint32_t n;
    uint16_t at[RT_BATCH_ROWS]; /* the records */
    struct rt_span values[RT_BATCH_ROWS];
};

/* The records at hand: all of a batch, or those of one class. */
struct rt_records {
    uint32_t n;
    uint16_t at[RT_BATCH_ROWS];
};

struct rt_match {
    const struct rt_plan *plan;
    struct rt_kinds *kinds;
    struct rt_arena arena;
    struct rt_arena scratch; /* derived values; of one column at most */
    struct rt_classes *classes;
    int64_t *cuts;    /* times at which the set of wanted matchers changes, ascending */
    uint64_t *active; /* for each stretch between cuts: the matchers wanted there */
    uint32_t ncuts;
    uint32_t stretch;      /* the last one, tried first */
    struct rt_memo *memos; /* by field */
    uint64_t *holds;       /* answers by test, of the record at hand */
    struct rt_kind_cache cache;
    struct rt_recent_kind recent[1 << (64 - RT_RECENT_SHIFT)];
    struct rt_asker asker;
    struct rt_texts *texts;
    uint64_t not_numbers;

    /* the batch at hand, by record */
    const struct rt_match_input *input;
    const struct rt_span *cells[RT_BATCH_ROWS];
    uint64_t *bits;         /* plan->matcher_words each */
    const uint64_t *always; /* what is wanted at all their times, or NULL, and then: */
    const uint64_t *active_at[RT_BATCH_ROWS]; /* at its time */
    uint32_t classes_of[RT_BATCH_ROWS];
    uint8_t places[RT_BATCH_ROWS];       /* of its class, in `met` */
    uint32_t hashed_slot[RT_BATCH_ROWS]; /* several fields come of one value: */
    struct rt_hash128 hashed[RT_BATCH_ROWS];
    const uint64_t *wanted;      /* by some record's time */
    uint64_t *wanted_by_some;    /* room for that */
    uint16_t *place_of;          /* by class: its place in `met`, or RT_NO_PLACE */
    uint32_t met[RT_BATCH_ROWS]; /* classes that may have a record */
    uint32_t nmet;
    bool few;       /* classes ask more than their names: `met` has these and stays */
    bool remembers; /* some field has a memo */

    struct rt_records all, some; /* of the batch; of the class at hand */
    uint32_t taken_slot;         /* of which `taken` has the values, or RT_NONE */
    struct rt_column taken, worked_out;
};

enum { RT_NO_PLACE = UINT16_MAX, RT_FEW_CLASSES = 16 };

static inline uint64_t *rt_match_bits(const struct rt_match *m, uint32_t i)
{
    return m->bits + (size_t)i * m->plan->matcher_words;
}

static inline void rt_match_set(uint64_t *bits, uint32_t matcher)
{
    bits[matcher / 64] |= UINT64_C(1) << matcher % 64;
}

/* ---- match_sort.c */

int rt_match_build_times(struct rt_match *m); /* RT_OK or RT_ENOMEM */
int rt_match_build_sorting(struct rt_match *m);

/* Finds the records' classes, what their names alone fulfil, and what is wanted at their
 * times. */
void rt_match_sort(struct rt_match *m);

/* The records of the class at a place in `met`, into `some`. */
const struct rt_records *rt_match_of_class(struct rt_match *m, uint32_t place);

/* ---- match_column.c */

/* The tests of a class's field that are triggers, of these records. RT_OK or RT_ENOMEM. */
int rt_match_pull(struct rt_match *m, const struct rt_class_field *cf,
    const struct rt_records *records);

/* ---- match_answer.c */

int rt_match_build_memos(struct rt_match *m);
void rt_match_free_memos(struct rt_match *m);

/* Is the field's memo worth asking for the next n records? */
bool rt_match_memo_helps(struct rt_match *m, uint32_t field, uint32_t n);

/* The answers of a field's tests for record i, as bits; of one with more than 64 they stand in `holds`.
 * memo: whether to ask it first. RT_OK or RT_ENOMEM. */
int rt_match_answers(
    struct rt_match *m, uint32_t field, uint32_t i, bool memo, uint64_t *answers);

/* Matchers of the class that a formula decides, for one record. RT_OK or RT_ENOMEM. */
int rt_match_formulas(struct rt_match *m, const struct rt_event_class *class, uint32_t i);

/* ---- match_kind.c: RT_OK, RT_ENOMEM, RT_ELIMIT */

int rt_match_kind(struct rt_match *m, const uint64_t *bits, struct rt_cached_kind *out);
void rt_match_free_kinds(struct rt_match *m);

#endif
