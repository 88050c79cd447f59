/*
 * One line on the terminal that says how far a run is, and the messages that come between.
 * The line erases itself; without a terminal there is none.
 */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "run/run.h"

struct progress {
    bool shown; /* a bar is wanted */
    bool quiet; /* messages are not */
    bool on_screen;
    int64_t start_ms, last_ms; /* of the monotonic clock */
    pthread_mutex_t lock;      /* messages may come from other threads than the bar */
};

/* off: --no-progress. */
void progress_start(struct progress *progress, bool quiet, bool off);

/* Erases the line. Call before anything else is said. */
void progress_end(struct progress *progress);

/* For struct rt_run_options. */
struct rt_progress progress_hook(struct progress *progress);
struct rt_notice notice_hook(struct progress *progress);

/* The bar's text alone: no more than columns characters, NUL-terminated in out. */
void progress_line(uint64_t done_bytes, uint64_t total_bytes, uint64_t records,
    int64_t elapsed_ms, unsigned columns, char *out, size_t room);

#endif
