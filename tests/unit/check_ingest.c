/* ingest: whatever the cut into blocks, the same records, and rejects with their right
 * lines. Inputs are made larger than a block, with what is hard to cut at its end. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "events/source.h"
#include "run/ingest.h"
#include "stored.h"

Suite *ingest_suite(void);

enum { MIB = 1 << 20 };

static const struct rt_span names[] = { { "time", 4 }, { "event", 5 }, { "user_id", 7 } };
static const struct rt_slots slots = { 3, names };

/* What was seen of a whole input. Sums, since workers come in any order. */
struct seen {
    uint64_t records, id_bytes, id_sum;
};

static struct seen total;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int result_new(void *ctx, void **result)
{
    (void)ctx;
    *result = rt_calloc(1, sizeof(struct seen));
    return *result ? RT_OK : RT_ENOMEM;
}

static void result_reset(void *result)
{
    *(struct seen *)result = (struct seen) { 0, 0, 0 };
}

static int prepare(void *worker, struct rt_feed *feed, struct rt_span block,
    struct rt_batch *batch, void *result, struct rt_tally *tally, struct rt_err *err)
{
    struct seen *seen = result;

    (void)worker, (void)feed, (void)block, (void)tally, (void)err;
    for (uint32_t i = 0; i < batch->nrows; i++) {
        struct rt_span id = rt_batch_row(batch, i)[2];

        seen->records++;
        seen->id_bytes += id.n;
        for (size_t k = 0; k < id.n; k++)
            seen->id_sum = seen->id_sum + (unsigned char)id.p[k] * (k + 1);
    }
    return RT_OK;
}

static int apply(void *worker, struct rt_feed *feed, struct rt_span block, void *result,
    struct rt_err *err)
{
    const struct seen *seen = result;

    (void)worker, (void)feed, (void)block, (void)err;
    pthread_mutex_lock(&lock);
    total.records += seen->records;
    total.id_bytes += seen->id_bytes;
    total.id_sum += seen->id_sum;
    pthread_mutex_unlock(&lock);
    return RT_OK;
}

/* ---- inputs, each with what must come of it */

struct input {
    struct rt_buf text;
    struct seen want;
    uint64_t line; /* of what is added next */
    uint64_t reject_lines[RT_FIRST_REJECTS];
    unsigned nrejects;
};

/* No ck_assert here: each writes to a file, and this runs for every byte. */
static void put(struct input *in, const char *bytes, size_t n)
{
    if (rt_buf_add(&in->text, bytes, n) != RT_OK)
        ck_abort_msg("out of memory");
}

/* A record whose id is n bytes, with a line end in quotes every so often. */
static void put_record(struct input *in, size_t n, unsigned quoted_every, const char *eol)
{
    static const char begin[] = "2026-01-01,view,\"";

    put(in, begin, sizeof begin - 1);
    for (size_t k = 0; k < n; k++) {
        bool line = quoted_every && k % quoted_every == quoted_every - 1;
        char c = line ? '\n' : (char)('a' + (in->want.records + k) % 26);

        put(in, &c, 1);
        in->line += line;
        in->want.id_sum += (unsigned char)c * (k + 1);
    }
    put(in, "\"", 1);
    put(in, eol, strlen(eol));
    in->want.records++;
    in->want.id_bytes += n;
    in->line++;
}

static void put_reject(struct input *in, const char *eol)
{
    put(in, "2026-01-01", 10);
    put(in, eol, strlen(eol));
    if (in->nrejects < RT_FIRST_REJECTS)
        in->reject_lines[in->nrejects] = in->line;
    in->nrejects++;
    in->line++;
}

static void start(struct input *in, const char *eol)
{
    *in = (struct input) { .text = RT_BUF_INIT(64 * MIB), .line = 2 };
    put(in, "time,event,user_id", 18);
    put(in, eol, strlen(eol));
}

static void many_lines(struct input *in)
{
    start(in, "\n");
    while (in->text.n < 5 * MIB) {
        put_record(in, 3 + in->want.records % 40, 0, "\n");
        if (in->want.records % 20000 == 0)
            put_reject(in, "\n");
    }
}

/* Quoted line ends everywhere, so that most cuts are wrong. */
static void quoted_lines(struct input *in)
{
    start(in, "\n");
    while (in->text.n < 5 * MIB) {
        put_record(in, 2000, 7, "\n");
        if (in->want.records % 500 == 0)
            put_reject(in, "\n");
    }
}

static void crlf_lines(struct input *in)
{
    start(in, "\r\n");
    while (in->text.n < 4 * MIB) {
        put_record(in, 5 + in->want.records % 11, 0, "\r\n");
        if (in->want.records % 30000 == 0)
            put_reject(in, "\r\n");
    }
}

static void cr_lines(struct input *in)
{
    start(in, "\r");
    while (in->text.n < 4 * MIB) {
        put_record(in, 5 + in->want.records % 11, 0, "\r");
        if (in->want.records % 30000 == 0)
            put_reject(in, "\r");
    }
}

/* No end of line at the end of the input, and one record as long as may be. */
static void long_record(struct input *in)
{
    start(in, "\n");
    put_record(in, 10, 0, "\n");
    put_record(in, RT_RECORD_MAX - 100, 0, "\n");
    put_record(in, RT_RECORD_MAX - 100, 1000, "\n");
    put_reject(in, "\n");
    put_record(in, 10, 0, "");
}

/* A line past the limit is one reject. */
static void line_over_the_limit(struct input *in)
{
    char *bytes = malloc(3 * MIB);

    start(in, "\n");
    put_record(in, 10, 0, "\n");
    memset(bytes, 'x', 3 * MIB);
    put(in, "2026-01-01,view,", 16);
    for (size_t left = RT_RECORD_MAX + 2 * MIB; left;) {
        size_t n = left < 3 * MIB ? left : 3 * MIB;

        put(in, bytes, n);
        left -= n;
    }
    free(bytes);
    in->reject_lines[in->nrejects++] = in->line++;
    put(in, "\n", 1);
    put_record(in, 11, 0, "\n");
    put_reject(in, "\n");
    put_record(in, 12, 0, "\n");
}

static const struct {
    const char *name;
    void (*make)(struct input *in);
} inputs[] = {
    { "many lines", many_lines },
    { "line ends in quotes", quoted_lines },
    { "CR LF", crlf_lines },
    { "CR alone", cr_lines },
    { "records longer than a block", long_record },
    { "a line over the limit", line_over_the_limit },
};

static void write_file(const struct rt_buf *text, char path[64])
{
    FILE *file;
    int fd;

    snprintf(path, 64, "/tmp/retarget-ingest.XXXXXX");
    fd = mkstemp(path);
    file = fdopen(fd, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text->p, 1, text->n, file), text->n);
    ck_assert_int_eq(fclose(file), 0);
}

static void ingest(
    const char *path, uint32_t jobs, const struct input *in, const char *name)
{
    static const struct rt_source source = { .format = RT_FORMAT_CSV,
        .time_form = { .kind = RT_TIME_ANY } };
    void *workers[8] = { NULL };
    struct rt_ingest_job job = { .result_new = result_new,
        .result_free = rt_free,
        .result_reset = result_reset,
        .prepare = prepare,
        .apply = apply,
        .workers = workers,
        .jobs = jobs,
        .nslots = slots.n };
    struct rt_feed feed;
    struct rt_err err = { 0 };

    total = (struct seen) { 0, 0, 0 };
    ck_assert_msg(
        rt_feed_open(&feed, path, &source, &slots, &err) == RT_OK, "%s", err.text);
    ck_assert_msg(rt_ingest(&feed, 1, &job, &err) == RT_OK, "%s: %s", name, err.text);
    ck_assert_msg(total.records == in->want.records, "%s: %llu records, not %llu", name,
        (unsigned long long)total.records, (unsigned long long)in->want.records);
    ck_assert_uint_eq(total.id_bytes, in->want.id_bytes);
    ck_assert_uint_eq(total.id_sum, in->want.id_sum);
    ck_assert_uint_eq(feed.tally.read, in->want.records + in->nrejects);
    ck_assert_uint_eq(feed.bytes, in->text.n);
    for (unsigned i = 0; i < in->nrejects && i < RT_FIRST_REJECTS; i++)
        ck_assert_msg(feed.first_rejects[i].line == in->reject_lines[i],
            "%s, %u threads: reject %u on line %llu, not %llu", name, jobs, i,
            (unsigned long long)feed.first_rejects[i].line,
            (unsigned long long)in->reject_lines[i]);
    rt_feed_close(&feed);
}

START_TEST(blocks)
{
    static const uint32_t jobs[] = { 1, 2, 4 };
    struct input in;
    char path[64];

    inputs[_i].make(&in);
    write_file(&in.text, path);
    for (size_t j = 0; j < sizeof jobs / sizeof *jobs; j++)
        ingest(path, jobs[j], &in, inputs[_i].name);
    unlink(path);
    rt_buf_release(&in.text);
}
END_TEST

/* The same from gzip, which is unpacked on further threads. */
START_TEST(packed_blocks)
{
    static const uint32_t jobs[] = { 1, 2, 4 };
    struct rt_buf packed = RT_BUF_INIT(SIZE_MAX / 2);
    struct input in;
    char path[64];

    inputs[_i].make(&in);
    stored_gzip(&packed, rt_buf_span(&in.text));
    write_file(&packed, path);
    for (size_t j = 0; j < sizeof jobs / sizeof *jobs; j++)
        ingest(path, jobs[j], &in, inputs[_i].name);
    unlink(path);
    rt_buf_release(&packed);
    rt_buf_release(&in.text);
}
END_TEST

/* Three packed inputs, of which the second ends too early, in blocks not yet read: the
 * error comes, and everybody goes home. */
START_TEST(cut_among_packed)
{
    static const struct rt_source source = { .format = RT_FORMAT_CSV,
        .time_form = { .kind = RT_TIME_ANY } };
    struct rt_buf packed = RT_BUF_INIT(SIZE_MAX / 2);
    struct input in;
    char whole[64], cut[64];

    many_lines(&in);
    stored_gzip(&packed, rt_buf_span(&in.text));
    write_file(&packed, whole);
    packed.n = packed.n * 3 / 4;
    write_file(&packed, cut);
    for (uint32_t jobs = 1; jobs <= 4; jobs++) {
        const char *const paths[] = { whole, cut, whole };
        struct rt_feed feeds[3];
        void *workers[4] = { NULL };
        struct rt_ingest_job job = { .result_new = result_new,
            .result_free = rt_free,
            .result_reset = result_reset,
            .prepare = prepare,
            .apply = apply,
            .workers = workers,
            .jobs = jobs,
            .nslots = slots.n };
        struct rt_err err = { 0 };

        for (int i = 0; i < 3; i++)
            ck_assert_int_eq(
                rt_feed_open(&feeds[i], paths[i], &source, &slots, &err), RT_OK);
        ck_assert_int_eq(rt_ingest(feeds, 3, &job, &err), RT_EIO);
        ck_assert_str_eq(err.source, cut);
        ck_assert_str_eq(err.text, "is truncated: the gzip data ends in the middle");
        for (int i = 0; i < 3; i++)
            rt_feed_close(&feeds[i]);
    }
    unlink(whole);
    unlink(cut);
    rt_buf_release(&packed);
    rt_buf_release(&in.text);
}
END_TEST

START_TEST(told_to_stop)
{
    struct input in;
    char path[64];
    static const struct rt_source source = { .format = RT_FORMAT_CSV,
        .time_form = { .kind = RT_TIME_ANY } };
    void *workers[2] = { NULL };
    struct rt_ingest_job job = { .result_new = result_new,
        .result_free = rt_free,
        .result_reset = result_reset,
        .prepare = prepare,
        .apply = apply,
        .workers = workers,
        .jobs = 2,
        .nslots = slots.n };
    struct rt_feed feed;
    struct rt_err err = { 0 };

    many_lines(&in);
    write_file(&in.text, path);
    ck_assert_int_eq(rt_feed_open(&feed, path, &source, &slots, &err), RT_OK);
    rt_ingest_stop();
    ck_assert_int_eq(rt_ingest(&feed, 1, &job, &err), RT_ESTOP);
    rt_ingest_go();
    rt_feed_close(&feed);
    unlink(path);
    rt_buf_release(&in.text);
}
END_TEST

Suite *ingest_suite(void)
{
    Suite *suite = suite_create("ingest");
    TCase *tc = tcase_create("ingest");

    tcase_add_loop_test(tc, blocks, 0, sizeof inputs / sizeof *inputs);
    tcase_add_loop_test(tc, packed_blocks, 0, sizeof inputs / sizeof *inputs);
    tcase_add_test(tc, cut_among_packed);
    tcase_add_test(tc, told_to_stop);
    tcase_set_timeout(tc, 120);
    suite_add_tcase(suite, tc);
    return suite;
}
