/* One pthread a worker; a worker's result waits in its slot for the join. */
#include "base/workers.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/err.h"

struct worker {
    int (*work)(void *arg);
    void *arg;
    int rc;
    pthread_t thread;
};

static void *start(void *arg)
{
    struct worker *w = arg;

    w->rc = w->work(w->arg);
    return NULL;
}

static int run(struct worker *workers, uint32_t n)
{
    uint32_t started = 1;
    int rc = RT_OK;

    while (started < n
        && pthread_create(&workers[started].thread, NULL, start, &workers[started]) == 0)
        started++;
    start(&workers[0]);
    for (uint32_t i = started; i < n; i++)
        start(&workers[i]);
    for (uint32_t i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    for (uint32_t i = 0; i < n && rc == RT_OK; i++)
        rc = workers[i].rc;
    return rc;
}

int rt_workers_run(int (*work)(void *arg), void *const *args, uint32_t n)
{
    struct worker *workers = rt_calloc(n, sizeof *workers);
    int rc;

    if (!workers)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        workers[i] = (struct worker) { .work = work, .arg = args[i] };
    rc = n ? run(workers, n) : RT_OK;
    rt_free(workers);
    return rc;
}

int rt_workers_run_array(int (*work)(void *arg), void *array, size_t size, uint32_t n)
{
    void **args = rt_calloc(n, sizeof *args);
    int rc;

    if (!args)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        args[i] = (char *)array + i * size;
    rc = rt_workers_run(work, args, n);
    rt_free(args);
    return rc;
}
