/*
 * Threads for a stretch of work: started, joined, their statuses collected. Nobody else
 * starts threads.
 */
#ifndef RT_WORKERS_H
#define RT_WORKERS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Calls work(args[i]) for each i below n, each on a thread of its own, the first on the
 * calling one, and waits for all. When the system gives fewer threads, the rest is done by
 * the calling one behind its own: work must not wait for another's.
 *
 * Returns RT_OK, the first (by i) negative result, or RT_ENOMEM with nothing done.
 */
int rt_workers_run(int (*work)(void *arg), void *const *args, uint32_t n);

/* The same for an array of structs. */
int rt_workers_run_array(int (*work)(void *arg), void *array, size_t size, uint32_t n);

#endif
