/* A file is read once; its bytes go to a CSV parser for each separator and, line by line,
 * to plain cuts at each separator and the whole line. */
#include "run/optout.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/workers.h"
#include "events/cells.h"
#include "io/digest.h"
#include "io/input.h"
#include "people/idform.h"

enum { CHUNK_BYTES = 1 << 18, DIGEST_BYTES = 32, LINE_MAX_BYTES = 1 << 16 };

static const char separators[] = { ',', ';', '|', '\t' };
enum { SEPARATORS = sizeof separators };

struct reader {
    const struct rt_plan *plan;
    struct rt_ids *ids;
    uint64_t found;
    uint8_t *digests; /* of hashed cells, DIGEST_BYTES each */
    size_t ndigests, cap_digests;
};

/* ---- one cell */

static int keep_digest(struct reader *r, const uint8_t *digest)
{
    if (r->ndigests == r->cap_digests) {
        size_t cap = r->cap_digests ? r->cap_digests * 2 : 64;
        uint8_t *bigger = rt_realloc(r->digests, cap, DIGEST_BYTES);

        if (!bigger)
            return RT_ENOMEM;
        r->digests = bigger;
        r->cap_digests = cap;
    }
    memcpy(r->digests + r->ndigests++ * DIGEST_BYTES, digest, DIGEST_BYTES);
    return RT_OK;
}

/* Ids of the file's kinds and e-mail addresses; a phone number is an attribute alone. */
static bool can_opt_out(const struct rt_plan *plan, uint32_t kind)
{
    return kind < plan->nids || (kind < plan->nid_kinds && plan->id_kinds[kind].email);
}

static int compare_cell(void *ctx, struct rt_span cell)
{
    struct reader *r = ctx;
    uint8_t digest[DIGEST_BYTES];
    struct rt_span trimmed = rt_span_trim(cell);

    for (uint32_t k = 0; k < r->plan->nid_kinds; k++) {
        char copy[RT_ID_BYTES_MAX];
        struct rt_span form = can_opt_out(r->plan, k)
            ? rt_id_form(&r->plan->id_kinds[k], cell, copy)
            : RT_SPAN_ABSENT;
        uint32_t id = form.p ? rt_ids_find(r->ids, form, (uint8_t)k) : UINT32_MAX;

        if (id == UINT32_MAX || rt_ids_flags(r->ids, id) & RT_ID_OPTED_OUT)
            continue;
        rt_ids_add_flags(r->ids, id, RT_ID_OPTED_OUT);
        r->found++;
    }
    if (trimmed.n == 2 * DIGEST_BYTES && rt_unhex(trimmed, digest, DIGEST_BYTES) == RT_OK)
        return keep_digest(r, digest);
    return RT_OK;
}

/* ---- lines, cut plainly */

static struct rt_span unquoted(struct rt_span s)
{
    s = rt_span_trim(s);
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
        return (struct rt_span) { s.p + 1, s.n - 2 };
    return s;
}

static int compare_line(struct reader *r, struct rt_span line)
{
    int rc = compare_cell(r, unquoted(line));

    for (unsigned i = 0; i < SEPARATORS && rc == RT_OK; i++) {
        struct rt_span rest = line;
        const char *at;

        while (rc == RT_OK && rest.n && (at = memchr(rest.p, separators[i], rest.n))) {
            size_t n = (size_t)(at - rest.p);

            rc = compare_cell(r, unquoted((struct rt_span) { rest.p, n }));
            rest = (struct rt_span) { at + 1, rest.n - n - 1 };
        }
        if (rc == RT_OK && rest.n < line.n)
            rc = compare_cell(r, unquoted(rest));
    }
    return rc;
}

/* Whole lines of buf are compared and taken off its front; at the end the last one too. */
static int compare_lines(struct reader *r, struct rt_buf *buf, bool at_end)
{
    size_t from = 0;
    int rc = RT_OK;

    while (rc == RT_OK && from < buf->n) {
        size_t n = 0;

        while (from + n < buf->n && buf->p[from + n] != '\n' && buf->p[from + n] != '\r')
            n++;
        if (from + n == buf->n && !at_end && n < LINE_MAX_BYTES)
            break;
        rc = compare_line(r, (struct rt_span) { buf->p + from, n });
        from += n + (from + n < buf->n);
    }
    if (from)
        memmove(buf->p, buf->p + from, buf->n - from);
    buf->n -= from;
    return rc;
}

/* ---- files */

struct parsers {
    struct rt_cells *cells[SEPARATORS];
};

/* Commas are what a CSV is taken for, so a quote that is never closed is an error there:
 * it might hide ids. For the other separators the file need not make sense. */
static int feed(struct parsers *p, struct rt_span bytes, bool at_end)
{
    int rc = RT_OK;

    for (unsigned i = 0; i < SEPARATORS && rc == RT_OK; i++) {
        if (!p->cells[i])
            continue;
        rc = rt_cells_feed(p->cells[i], bytes);
        if (rc == RT_OK && at_end)
            rc = rt_cells_end(p->cells[i]);
        if (rc == RT_ESYNTAX && separators[i] != ',') {
            rt_cells_free(p->cells[i]);
            p->cells[i] = NULL;
            rc = RT_OK;
        }
    }
    return rc;
}

static int new_parsers(struct reader *r, struct parsers *p)
{
    int rc = RT_OK;

    for (unsigned i = 0; i < SEPARATORS && rc == RT_OK; i++)
        rc = rt_cells_new(separators[i], compare_cell, r, &p->cells[i]);
    return rc;
}

static struct rt_span without_mark(struct rt_span s, bool first)
{
    if (first && rt_span_starts(s, RT_SPAN("\xef\xbb\xbf")))
        return (struct rt_span) { s.p + 3, s.n - 3 };
    return s;
}

static int read_bytes(struct reader *r, struct rt_input *in, char *chunk,
    struct parsers *p, struct rt_buf *lines, struct rt_err *err)
{
    bool first = true;
    int rc = RT_OK;

    for (;;) {
        long got = rt_input_read(in, chunk, CHUNK_BYTES, err);
        struct rt_span bytes;

        if (got < 0)
            return (int)got;
        bytes = without_mark((struct rt_span) { chunk, (size_t)got }, first);
        first = false;
        rc = feed(p, bytes, got == 0);
        if (rc == RT_OK)
            rc = rt_buf_add(lines, bytes.p, bytes.n);
        if (rc == RT_OK)
            rc = compare_lines(r, lines, got == 0);
        if (rc < 0 || got == 0)
            return rc;
    }
}

static int read_file(struct reader *r, const char *path, struct rt_err *err)
{
    struct parsers parsers = { { NULL } };
    struct rt_buf lines = RT_BUF_INIT(SIZE_MAX / 2);
    struct rt_input *in = NULL;
    char *chunk = rt_malloc(CHUNK_BYTES);
    int rc = chunk ? rt_input_open(path, &in, err) : RT_ENOMEM;

    if (rc == RT_OK)
        rc = new_parsers(r, &parsers);
    if (rc == RT_OK)
        rc = read_bytes(r, in, chunk, &parsers, &lines, err);
    if (rc == RT_ESYNTAX)
        rc = rt_err_at(err, RT_EIO, path, 0, 0,
            "a quote is never closed, so ids behind it could be missed: mend the file");
    for (unsigned i = 0; i < SEPARATORS; i++)
        rt_cells_free(parsers.cells[i]);
    rt_input_close(in);
    rt_buf_release(&lines);
    rt_free(chunk);
    return rc == RT_ENOMEM ? rt_err_set(err, rc, "out of memory") : rc;
}

/* ---- digests */

static int compare_digests(const void *a, const void *b)
{
    return memcmp(a, b, DIGEST_BYTES);
}

struct hasher {
    struct reader *r;
    uint32_t first, step; /* shards first, first + step, ... */
    uint64_t found;
};

static int mark_hashed(struct hasher *h, struct rt_digest *digest)
{
    struct reader *r = h->r;

    for (uint32_t s = h->first; s < RT_ID_SHARDS; s += h->step)
        for (uint32_t place = 0; place < rt_ids_places(r->ids, s); place++) {
            uint32_t id = rt_id_of(s, place);
            uint8_t bytes[RT_DIGEST_MAX];
            int rc;

            if (!(rt_ids_somebody(r->ids, s, place / 64) >> place % 64 & 1)
                || rt_ids_flags(r->ids, id) & RT_ID_OPTED_OUT
                || !can_opt_out(r->plan, rt_ids_kind(r->ids, id)))
                continue;
            rc = rt_digest_of(digest, RT_SHA256, rt_ids_bytes(r->ids, id), bytes);
            if (rc < 0)
                return rc;
            if (!bsearch(bytes, r->digests, r->ndigests, DIGEST_BYTES, compare_digests))
                continue;
            rt_ids_add_flags(r->ids, id, RT_ID_OPTED_OUT);
            h->found++;
        }
    return RT_OK;
}

static int hash_shards(void *arg)
{
    struct hasher *h = arg;
    struct rt_digest *digest = NULL;
    int rc = rt_digest_new(&digest, NULL);

    if (rc == RT_OK)
        rc = mark_hashed(h, digest);
    rt_digest_free(digest);
    return rc;
}

static int hash_ids(struct reader *r, uint32_t jobs)
{
    struct hasher *hashers = rt_calloc(jobs, sizeof *hashers);
    int rc;

    if (!hashers)
        return RT_ENOMEM;
    qsort(r->digests, r->ndigests, DIGEST_BYTES, compare_digests);
    for (uint32_t i = 0; i < jobs; i++)
        hashers[i] = (struct hasher) { .r = r, .first = i, .step = jobs };
    rc = rt_workers_run_array(hash_shards, hashers, sizeof *hashers, jobs);
    for (uint32_t i = 0; i < jobs; i++)
        r->found += hashers[i].found;
    rt_free(hashers);
    return rc;
}

int rt_optout_read(const struct rt_plan *plan, struct rt_ids *ids, uint32_t jobs,
    uint64_t *found, struct rt_err *err)
{
    struct reader r = { .plan = plan, .ids = ids };
    int rc = RT_OK;

    for (size_t i = 0; i < plan->defs->nopt_outs && rc == RT_OK; i++)
        rc = read_file(&r, plan->defs->opt_out_files[i].p, err);
    if (rc == RT_OK && r.ndigests)
        rc = hash_ids(&r, jobs);
    *found = r.found;
    rt_free(r.digests);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : RT_OK;
}
