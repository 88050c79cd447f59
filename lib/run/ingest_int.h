/*
 * Inside of ingest: a block's way, and what its parts share.
 *
 *     ingest.c         workers, and which of them reads which feed
 *     ingest_feed.c    feeds: opening, recognising, closing
 *     ingest_block.c   blocks: cut off the input, decoded
 *     ingest_settle.c  blocks in order: put right, counted, applied
 *
 * Locks: a feed's `reading` is held while a block is cut off it; its `settling` guards the
 * ring of decoded blocks. Neither is held while records are decoded or applied: on two
 * threads, all that they wait for each other comes to one hundredth of the time.
 */
#ifndef RT_INGEST_INT_H
#define RT_INGEST_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "io/unpack.h"
#include "run/ingest.h"

/* A block in flight. */
struct block {
    struct rt_buf bytes;
    uint64_t seq;
    bool at_end;
    uint32_t consumed, lines; /* as decoded */
    struct rt_tally tally;
    void *result;
    struct block *next_free;
};

struct feed_state {
    pthread_mutex_t reading;
    struct rt_input *in;          /* NULL: not open yet, or done */
    struct rt_unpacked *unpacked; /* reads `in` ahead; NULL: it is plain, or a pipe */
    struct rt_buf carry;          /* read, behind the last block's cut */
    bool carry_is_all;            /* at first: the head was the whole input */
    uint64_t next_seq;
    uint64_t counted_bytes; /* of what was taken, for the progress bar */
    bool begun, done;
    bool skipping; /* inside a line that is over the limit */

    pthread_mutex_t settling;
    pthread_cond_t settled;
    struct block **ring; /* decoded blocks that wait for their turn, by seq */
    uint64_t nring, next_settle;
    bool busy;              /* someone is settling */
    struct rt_buf leftover; /* the unfinished record of the last settled block */
    uint64_t lines;         /* before the next block to be settled */
};

struct ingest {
    const struct rt_ingest_job *job;
    struct rt_feed *feeds;
    uint32_t nfeeds;
    uint32_t block_bytes;
    pthread_mutex_t lock; /* of what follows */
    struct block *free_blocks;
    struct rt_err err;
    int rc;
    _Atomic bool failed;
    _Atomic uint32_t first_open; /* feeds before it are done */
    _Atomic uint64_t taken_bytes, records;
    uint64_t total_bytes; /* 0: not known */
    pthread_mutex_t showing;
    struct rt_unpack *unpack;
    _Atomic uint32_t working; /* who may still read from it */
};

/* One of `jobs` that take blocks through all steps, or one behind these that unpacks. */
struct worker {
    struct ingest *in;
    bool unpacks;
    void *own;
    struct rt_batch batch;
    struct rt_cursor cursor; /* kept from block to block of one feed */
    const struct rt_feed *cursor_feed;
};

/* True once somebody failed, or the user wants no more. */
bool rt_ingest_must_stop(const struct ingest *in);

/* ---- feeds */

/* A regular file, not a pipe. */
bool rt_feed_can_be_read_twice(const char *path);

/* Unpacked on a thread of its own. Not a pipe: a thread that waits for its bytes could not
 * be told to stop. */
bool rt_feed_is_read_ahead(const struct rt_feed *feed);

/* Fills buf up to n bytes; *all says that this was everything. */
int rt_feed_read_up_to(
    struct feed_state *st, struct rt_buf *buf, size_t n, bool *all, struct rt_err *err);

/* Bytes of the file that were taken so far, packed as they are there. */
uint64_t rt_feed_taken_bytes(const struct feed_state *st);
void rt_feed_close_input(struct feed_state *st);

/* ---- blocks */

/* One that is free, or a new one; NULL when there is no memory. Any worker. */
struct block *rt_block_take(struct ingest *in);
void rt_block_give(struct ingest *in, struct block *b);
void rt_block_free(const struct rt_ingest_job *job, struct block *b);

/* Reads the next block of the feed, whose `reading` lock is held. 1, 0 at the end, or
 * negative. */
int rt_block_read(
    struct ingest *in, struct rt_feed *feed, struct block *b, struct rt_err *err);

/* Decodes and prepares it, as if a record began with it. */
int rt_block_decode(
    struct worker *w, struct rt_feed *feed, struct block *b, struct rt_err *err);
void rt_worker_drop_cursor(struct worker *w);

/* ---- settling */

/* Puts a decoded block into its place and settles as many as have their turn. Each is
 * applied when the next may already be settled by someone else, unless the job wants them
 * in order. */
int rt_block_settle(
    struct worker *w, struct rt_feed *feed, struct block *b, struct rt_err *err);

#endif
