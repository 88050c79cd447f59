/* A ring of chunks an input, filled by one thread at a time and emptied by the reader.
 *
 * One lock guards all rings. It is held to hand a chunk on, never while one is unpacked or
 * copied: `filling` and `reading` say whose the chunks behind and before the ready ones
 * are meanwhile. One condition tells all that something has changed; with 256 KiB between
 * two changes, whom it wakes in vain does not matter. */
#include "io/unpack.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"

enum { CHUNK_BYTES = RT_UNPACK_BYTES / RT_UNPACK_CHUNKS };

struct rt_unpack {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct rt_unpacked *first, **last; /* in the order in which they were opened */
    bool ended;
};

struct rt_unpacked {
    struct rt_unpack *unpack;
    struct rt_unpacked *next;
    struct rt_input *in; /* who fills has it */
    bool filling;        /* someone unpacks */
    bool done;           /* the input ended or failed: nobody fills any more */
    int failed;          /* negative: the status, told once the ready chunks are read */
    struct rt_err err;
    uint64_t taken_bytes;
    uint32_t head, nready; /* chunks that the reader may have */
    size_t at;             /* bytes of the head that were read; the reader's */
    size_t n[RT_UNPACK_CHUNKS];
    char *chunks; /* RT_UNPACK_CHUNKS of CHUNK_BYTES */
};

int rt_unpack_new(struct rt_unpack **out)
{
    struct rt_unpack *unpack = rt_calloc(1, sizeof *unpack);

    if (!unpack)
        return RT_ENOMEM;
    pthread_mutex_init(&unpack->lock, NULL);
    pthread_cond_init(&unpack->changed, NULL);
    unpack->last = &unpack->first;
    *out = unpack;
    return RT_OK;
}

void rt_unpack_free(struct rt_unpack *unpack)
{
    if (!unpack)
        return;
    pthread_mutex_destroy(&unpack->lock);
    pthread_cond_destroy(&unpack->changed);
    rt_free(unpack);
}

int rt_unpacked_open(
    struct rt_unpack *unpack, struct rt_input *in, struct rt_unpacked **out)
{
    struct rt_unpacked *un = rt_calloc(1, sizeof *un);

    if (un)
        un->chunks = rt_malloc(RT_UNPACK_BYTES);
    if (!un || !un->chunks) {
        rt_free(un);
        return RT_ENOMEM;
    }
    un->unpack = unpack;
    un->in = in;
    un->taken_bytes = rt_input_taken_bytes(in);
    pthread_mutex_lock(&unpack->lock);
    *unpack->last = un;
    unpack->last = &un->next;
    pthread_cond_broadcast(&unpack->changed);
    pthread_mutex_unlock(&unpack->lock);
    *out = un;
    return RT_OK;
}

void rt_unpacked_close(struct rt_unpacked *un)
{
    struct rt_unpack *unpack;
    struct rt_unpacked **link;

    if (!un)
        return;
    unpack = un->unpack;
    pthread_mutex_lock(&unpack->lock);
    un->done = true;
    while (un->filling)
        pthread_cond_wait(&unpack->changed, &unpack->lock);
    for (link = &unpack->first; *link != un;)
        link = &(*link)->next;
    *link = un->next;
    if (!un->next)
        unpack->last = link;
    pthread_mutex_unlock(&unpack->lock);
    rt_free(un->chunks);
    rt_free(un);
}

/* ---- filling: the lock is held on entry and on return, and not in between */

static void begin_filling(struct rt_unpacked *un)
{
    un->filling = true;
    pthread_mutex_unlock(&un->unpack->lock);
}

/* got, err  of rt_input_read, asked for n bytes */
static void end_filling(
    struct rt_unpacked *un, long got, size_t n, const struct rt_err *err)
{
    uint64_t taken_bytes = rt_input_taken_bytes(un->in);

    pthread_mutex_lock(&un->unpack->lock);
    un->taken_bytes = taken_bytes;
    un->filling = false;
    if (got < 0) {
        un->failed = (int)got;
        un->err = *err;
    }
    if (got < (long)n)
        un->done = true;
    pthread_cond_broadcast(&un->unpack->changed);
}

static void fill_chunk(struct rt_unpacked *un)
{
    uint32_t chunk = (un->head + un->nready) % RT_UNPACK_CHUNKS;
    struct rt_err err = { 0 };
    long got;

    begin_filling(un);
    got = rt_input_read(
        un->in, un->chunks + (size_t)chunk * CHUNK_BYTES, CHUNK_BYTES, &err);
    end_filling(un, got, CHUNK_BYTES, &err);
    if (got > 0) {
        un->n[chunk] = (size_t)got;
        un->nready++;
    }
}

static bool wants_filling(const struct rt_unpacked *un)
{
    return !un->done && !un->filling && un->nready < RT_UNPACK_CHUNKS;
}

void rt_unpack_work(struct rt_unpack *unpack)
{
    pthread_mutex_lock(&unpack->lock);
    while (!unpack->ended) {
        struct rt_unpacked *un = unpack->first;

        while (un && !wants_filling(un))
            un = un->next;
        if (un)
            fill_chunk(un);
        else
            pthread_cond_wait(&unpack->changed, &unpack->lock);
    }
    pthread_mutex_unlock(&unpack->lock);
}

void rt_unpack_end(struct rt_unpack *unpack)
{
    pthread_mutex_lock(&unpack->lock);
    unpack->ended = true;
    pthread_cond_broadcast(&unpack->changed);
    pthread_mutex_unlock(&unpack->lock);
}

/* ---- reading; the lock is held on entry and on return */

static size_t take_ready(struct rt_unpacked *un, char *p, size_t n)
{
    const char *chunk = un->chunks + (size_t)un->head * CHUNK_BYTES;
    size_t left = un->n[un->head] - un->at, take = left < n ? left : n;

    pthread_mutex_unlock(&un->unpack->lock);
    memcpy(p, chunk + un->at, take);
    pthread_mutex_lock(&un->unpack->lock);
    un->at += take;
    if (take == left) {
        un->at = 0;
        un->head = (un->head + 1) % RT_UNPACK_CHUNKS;
        un->nready--;
        pthread_cond_broadcast(&un->unpack->changed);
    }
    return take;
}

/* Unpacks what was asked for itself. */
static size_t fill_own(struct rt_unpacked *un, char *p, size_t n)
{
    struct rt_err err = { 0 };
    long got;

    begin_filling(un);
    got = rt_input_read(un->in, p, n, &err);
    end_filling(un, got, n, &err);
    return got > 0 ? (size_t)got : 0;
}

long rt_unpacked_read(struct rt_unpacked *un, char *p, size_t n, struct rt_err *err)
{
    struct rt_unpack *unpack = un->unpack;
    size_t got = 0;
    int failed = RT_OK;

    pthread_mutex_lock(&unpack->lock);
    while (got < n) {
        if (un->nready)
            got += take_ready(un, p + got, n - got);
        else if (un->filling)
            pthread_cond_wait(&unpack->changed, &unpack->lock);
        else if (!un->done)
            got += fill_own(un, p + got, n - got);
        else
            break;
    }
    if (got < n && un->failed) {
        failed = un->failed;
        if (err && err->code == RT_OK)
            *err = un->err;
    }
    pthread_mutex_unlock(&unpack->lock);
    return failed < 0 ? failed : (long)got;
}

uint64_t rt_unpacked_taken_bytes(struct rt_unpacked *un)
{
    uint64_t taken_bytes;

    pthread_mutex_lock(&un->unpack->lock);
    taken_bytes = un->taken_bytes;
    pthread_mutex_unlock(&un->unpack->lock);
    return taken_bytes;
}
