/*
 * Ingest: inputs to batches, on all processors.
 *
 * An input is read in blocks of about 1 MiB that end behind a line end. Which bytes begin
 * a record cannot be seen from the middle of a CSV (a line end may stand inside quotes),
 * so the cut is a guess: workers decode blocks at once, each as if it began with a record,
 * and then the blocks of an input are settled in order. A block whose predecessor left an
 * unfinished record over began wrong: it is decoded again with that record in front. Only
 * settled blocks have any effect.
 *
 *     read (a worker at a time) -> decode, prepare (all workers) -> settle (in order) -> apply
 */
#ifndef RT_INGEST_H
#define RT_INGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "events/decoder.h"
#include "io/input.h"
#include "io/spool.h"
#include "run/run.h"

/* One input, opened once to see what it is. */
struct rt_feed {
    const char *path;
    const char *bytes_path; /* where its bytes lie: path, unless they were set aside */
    const struct rt_source *source;
    uint32_t source_index; /* the caller's */
    struct rt_decoder *decoder;
    enum rt_packing packing;
    void *user; /* the caller's, per input */
    /* filled while reading */
    struct rt_tally tally;                  /* counts; no places */
    uint64_t bytes;                         /* unpacked */
    struct rt_report_reject *first_rejects; /* at most RT_FIRST_REJECTS */
    uint32_t nfirst_rejects;
    struct rt_spool *rejects; /* rejected records as CSV lines; NULL: not asked for */
    struct feed_state *state;
};

enum { RT_FIRST_REJECTS = 10 };

/*
 * Looks at an input: opens it, reads its head, recognises it. An input that cannot be read
 * twice (a pipe) stays open.
 *
 * slots  borrowed for the feed's life
 */
int rt_feed_open(struct rt_feed *feed, const char *path, const struct rt_source *source,
    const struct rt_slots *slots, struct rt_err *err);
void rt_feed_close(struct rt_feed *feed);

/*
 * The same in two steps, for callers whose slots depend on what columns there are.
 *
 * head, all  the input's first bytes, as for rt_decoder_open; lent until rt_feed_ready
 */
int rt_feed_look(struct rt_feed *feed, const char *path, const struct rt_source *source,
    struct rt_span *head, bool *all, struct rt_err *err);
int rt_feed_ready(struct rt_feed *feed, const struct rt_slots *slots, struct rt_err *err);
/* The same for an input whose bytes were copied to bytes_path, borrowed for the feed's life;
 * messages name it by its path. */
int rt_feed_open_copy(struct rt_feed *feed, const char *path, const char *bytes_path,
    const struct rt_source *source, const struct rt_slots *slots, struct rt_err *err);

/* Keeps rejected records, for --rejects. */
int rt_feed_keep_rejects(struct rt_feed *feed, const char *tmpdir, struct rt_err *err);

/* What is done with records. Every function may be called by any worker; `worker` is the
 * state of the calling one, `result` belongs to one block. */
struct rt_ingest_job {
    int (*result_new)(void *ctx, void **result);
    void (*result_free)(void *result);
    void (*result_reset)(void *result);
    int (*prepare)(void *worker, struct rt_feed *feed, struct rt_span block,
        struct rt_batch *batch, void *result, struct rt_tally *tally, struct rt_err *err);
    /* The block is right, and this many lines of the input stand before it. Called before
     * apply; NULL: nobody asks. */
    void (*settled)(void *result, uint64_t lines);
    int (*apply)(void *worker, struct rt_feed *feed, struct rt_span block, void *result,
        struct rt_err *err);
    void *ctx;
    void **workers; /* jobs of them */
    uint32_t jobs;
    uint32_t nslots;
    uint32_t block_bytes; /* what is read at a time; 0: about 1 MiB */
    bool in_order; /* apply sees the blocks of a feed one after another, first to last */
    struct rt_progress progress;
};

/* Reads all feeds. The first error stops all workers and is returned. RT_ESTOP after
 * rt_ingest_stop. */
int rt_ingest(struct rt_feed *feeds, uint32_t nfeeds, const struct rt_ingest_job *job,
    struct rt_err *err);

/* Async-signal-safe; holds until rt_ingest_go. */
void rt_ingest_stop(void);
void rt_ingest_go(void);
bool rt_ingest_stopped(void);

#endif
