/*
 * Shared by the two halves of intake: what a worker has, and what a block came to.
 */
#ifndef RT_INTAKE_INT_H
#define RT_INTAKE_INT_H

#include "base/arena.h"
#include "base/buf.h"
#include "people/intake.h"

enum {
    RT_VISITOR_BYTES = 8,
    RT_VISITOR_SLOTS = 16384,
    RT_WANTED = RT_REASONS /* beside the reasons: the record goes on */
};

struct rt_ignored { /* `ignore` of the file, in the form of one kind of id */
    struct rt_span *texts;
    uint32_t n;
    uint64_t lengths; /* bit n % 64 is set when one has n bytes */
};

struct rt_visitor { /* a digest that was worked out before */
    struct rt_hash128 key;
    uint8_t digest[RT_VISITOR_BYTES];
};

/* Of the batch at hand, the records that are still in. */
struct rt_live {
    uint32_t n;
    uint16_t rows[RT_BATCH_ROWS];
    int64_t times_us[RT_BATCH_ROWS];
    struct rt_hash128 agents[RT_BATCH_ROWS]; /* if they were looked at */
    uint32_t
        refs[RT_BATCH_ROWS + 1]; /* where their ids begin, and where the last one's end */
    struct rt_found found[RT_BATCH_ROWS];
};

struct rt_intake {
    const struct rt_intake_shared *shared;
    struct rt_match *match;
    struct rt_folder *folder;
    struct rt_edges *edges;
    struct rt_touches *touches;
    struct rt_digest *digest;
    struct rt_arena arena;      /* set-up */
    struct rt_ignored *ignored; /* by kind */
    uint64_t free_kinds;        /* bits: of those whose ids count whatever they are */
    struct rt_screen *screen;
    struct rt_visitor *visitors;
    struct rt_live live;
    struct rt_matched matched; /* a record that is set aside */
    struct rt_buf joined;
    uint32_t *order; /* the refs of the block that is applied, by shard */
    uint8_t *bins;   /* of each: what it is sorted by */
    uint32_t cap_order;
    uint32_t first_shard; /* workers begin at different shards */
    bool touches_wanted;  /* by some leaf */
    rt_intake_see *see;   /* somebody looks on: nothing is kept */
    void *see_ctx;
    struct rt_match_counts counts;
    uint64_t text_bytes; /* of match's texts: what the budget knows */
};

/* A record that leaves more than its id and what is folded, which go with its first ref: what
 * it came to, and which of the refs are its ids. */
struct rt_used_row {
    int64_t time_us;
    uint32_t kind, ref, value, at, size;
    uint16_t nrefs, nvalues;
};

struct rt_waiting { /* a record to be set aside when the block is applied */
    struct rt_set_aside aside;
    size_t payload, npayload; /* in payloads */
};

struct rt_prepared {
    struct rt_arena arena; /* id bytes that do not lie in the block */
    struct rt_ref *refs;
    struct rt_used_row *rows;
    uint64_t *values;
    uint32_t nrefs, cap_refs, nrows, cap_rows, nvalues, cap_values;
    struct rt_duplicates *duplicates; /* where those that wait go */
    struct rt_waiting *waiting;
    uint32_t nwaiting, cap_waiting;
    struct rt_buf payloads;
    uint64_t used;
    struct rt_match_counts counts;
};

/* How a record waits until duplicates are known: this, its values, its ids. */
struct rt_aside_head {
    int64_t time_us;
    uint32_t kind;
    uint16_t outcome; /* RT_WANTED, or the reason it is dropped if it counts */
    uint16_t nvalues, nrefs;
    struct rt_match_counts counts;
};

/* Room for this many more records, their ids and the words of their values. RT_OK or
 * RT_ENOMEM. */
int rt_prepared_make_room(
    struct rt_prepared *pre, uint32_t rows, uint32_t refs, uint32_t values);

/* Adds an id of the record at hand; first: its first one. Bytes that do not lie in the
 * block are copied. RT_OK or RT_ENOMEM. */
int rt_prepared_add_ref(struct rt_prepared *pre, struct rt_span block, struct rt_span id,
    uint8_t kind, bool first);

/* Adds the ids of a record, most durable first, or else the visitor; then attributes of
 * whoever that is. Nobody: no ref. RT_OK, RT_ENOMEM, RT_EIO. */
int rt_intake_take_ids(struct rt_intake *in, bool contacts, struct rt_span block,
    const struct rt_span *cells, struct rt_prepared *pre);

/* The same for all live records of a batch; those that turn out to have none are live no
 * more. */
int rt_intake_take_all_ids(struct rt_intake *in, const struct rt_intake_source *source,
    struct rt_span block, const struct rt_batch *batch, struct rt_prepared *pre);

/* What becomes of the records of a batch before they are matched: in->live; others are
 * counted, shown or set aside. Returns as rt_intake_prepare does. */
int rt_intake_judge(struct rt_intake *in, const struct rt_intake_source *source,
    struct rt_span block, const struct rt_batch *batch, struct rt_prepared *pre,
    struct rt_tally *tally, struct rt_err *err);

static inline void rt_match_add_counts(
    struct rt_match_counts *to, struct rt_match_counts more)
{
    to->not_numbers += more.not_numbers;
    to->regex_limits += more.regex_limits;
}

#endif
