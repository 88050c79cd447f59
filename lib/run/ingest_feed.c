/* Feeds: an input is opened, looked at, and closed again; it is opened anew when its first
 * block is read, unless it can be read only once. */
#include "run/ingest_int.h"

#include <sys/stat.h>

#include "base/alloc.h"

enum { HEAD_BYTES = 1 << 17, REJECT_SPOOL_BYTES = 1 << 16 };

bool rt_feed_can_be_read_twice(const char *path)
{
    struct stat st;

    return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool rt_feed_is_read_ahead(const struct rt_feed *feed)
{
    return feed->packing != RT_PLAIN && rt_feed_can_be_read_twice(feed->bytes_path);
}

static long read_some(struct feed_state *st, char *p, size_t n, struct rt_err *err)
{
    return st->unpacked ? rt_unpacked_read(st->unpacked, p, n, err)
                        : rt_input_read(st->in, p, n, err);
}

uint64_t rt_feed_taken_bytes(const struct feed_state *st)
{
    return st->unpacked ? rt_unpacked_taken_bytes(st->unpacked)
                        : rt_input_taken_bytes(st->in);
}

void rt_feed_close_input(struct feed_state *st)
{
    rt_unpacked_close(st->unpacked);
    rt_input_close(st->in);
    st->unpacked = NULL;
    st->in = NULL;
}

int rt_feed_read_up_to(
    struct feed_state *st, struct rt_buf *buf, size_t n, bool *all, struct rt_err *err)
{
    *all = false;
    while (buf->n < n) {
        long got;

        if (rt_buf_reserve(buf, n - buf->n) < 0)
            return rt_err_set(err, RT_ENOMEM, "out of memory");
        got = read_some(st, buf->p + buf->n, n - buf->n, err);
        if (got < 0)
            return (int)got;
        if (got == 0) {
            *all = true;
            return RT_OK;
        }
        buf->n += (size_t)got;
    }
    return RT_OK;
}

static int look(struct rt_feed *feed, const char *path, const char *bytes_path,
    const struct rt_source *source, bool *all, struct rt_err *err)
{
    struct feed_state *st = rt_calloc(1, sizeof *st);
    int rc;

    memset(feed, 0, sizeof *feed);
    feed->path = path;
    feed->bytes_path = bytes_path;
    feed->source = source;
    feed->state = st;
    feed->first_rejects = rt_calloc(RT_FIRST_REJECTS, sizeof *feed->first_rejects);
    if (!st || !feed->first_rejects)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    st->carry = st->leftover = (struct rt_buf)RT_BUF_INIT(SIZE_MAX / 2);
    pthread_mutex_init(&st->reading, NULL);
    pthread_mutex_init(&st->settling, NULL);
    pthread_cond_init(&st->settled, NULL);
    rc = rt_input_open_as(bytes_path, path, &st->in, err);
    if (rc < 0)
        return rc;
    feed->packing = rt_input_packing(st->in);
    rc = rt_feed_read_up_to(st, &st->carry, HEAD_BYTES, all, err);
    st->carry_is_all = *all;
    return rc;
}

int rt_feed_look(struct rt_feed *feed, const char *path, const struct rt_source *source,
    struct rt_span *head, bool *all, struct rt_err *err)
{
    int rc = look(feed, path, path, source, all, err);

    if (rc == RT_OK)
        *head = rt_buf_span(&feed->state->carry);
    return rc;
}

int rt_feed_ready(struct rt_feed *feed, const struct rt_slots *slots, struct rt_err *err)
{
    struct feed_state *st = feed->state;
    int rc = rt_decoder_open(feed->source, rt_input_name(feed->path),
        rt_buf_span(&st->carry), st->carry_is_all, slots, &feed->decoder, err);

    if (rc == RT_OK && rt_feed_can_be_read_twice(feed->bytes_path)) {
        rt_feed_close_input(st);
        rt_buf_release(&st->carry);
    }
    feed->bytes = st->carry.n; /* of what cannot be read again */
    return rc;
}

int rt_feed_open_copy(struct rt_feed *feed, const char *path, const char *bytes_path,
    const struct rt_source *source, const struct rt_slots *slots, struct rt_err *err)
{
    bool all;
    int rc = look(feed, path, bytes_path, source, &all, err);

    return rc == RT_OK ? rt_feed_ready(feed, slots, err) : rc;
}

int rt_feed_open(struct rt_feed *feed, const char *path, const struct rt_source *source,
    const struct rt_slots *slots, struct rt_err *err)
{
    return rt_feed_open_copy(feed, path, path, source, slots, err);
}

int rt_feed_keep_rejects(struct rt_feed *feed, const char *tmpdir, struct rt_err *err)
{
    return rt_spool_new(REJECT_SPOOL_BYTES, tmpdir, &feed->rejects, err);
}

void rt_feed_close(struct rt_feed *feed)
{
    struct feed_state *st = feed->state;

    if (st) {
        rt_feed_close_input(st);
        rt_buf_release(&st->carry);
        rt_buf_release(&st->leftover);
        rt_free(st->ring);
        pthread_mutex_destroy(&st->reading);
        pthread_mutex_destroy(&st->settling);
        pthread_cond_destroy(&st->settled);
        rt_free(st);
    }
    rt_decoder_free(feed->decoder);
    rt_tally_release(&feed->tally);
    rt_free(feed->first_rejects);
    rt_spool_free(feed->rejects);
    memset(feed, 0, sizeof *feed);
}
