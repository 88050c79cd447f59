/*
 * Fuzz target for evaluation: a segment file, a NUL, and one person's records, each a line
 *
 *     AGE NAME field=value field=value ...      AGE: seconds before as-of; NAME "-": a contact
 *
 * What must hold beyond not crashing: the answers, the values of a for_some and what was
 * consented to are the same by touches alone and with states (people/fold.h), and in
 * whichever order records of one instant came.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "people/eval.h"
#include "people/fold.h"
#include "people/history.h"
#include "people/match.h"
#include "plan/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define AS_OF INT64_C(1782864000000000) /* 2026-07-01T00:00:00Z */

enum { RECORDS_MAX = 40, VALUES_SHOWN = 8 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

struct record {
    bool contact;
    int64_t time_us;
    struct rt_span name, fields;
};

struct records {
    struct record records[RECORDS_MAX];
    uint32_t n;
};

/* A person's history by one plan. */
struct past {
    struct rt_plan *plan;
    struct rt_kinds *kinds;
    struct rt_match *match;
    struct rt_folder *folder;
    struct rt_arena arena;
    struct rt_past events[RECORDS_MAX];
    uint64_t values[RECORDS_MAX * RT_TOUCH_WORDS_MAX];
    uint64_t state[RT_STATE_FRONT + RT_STATE_WORDS_MAX];
    uint32_t n, nvalues;
};

/* ---- records */

static struct rt_span word(struct rt_span *rest)
{
    size_t n = 0;
    struct rt_span out;

    while (n < rest->n && rest->p[n] != ' ')
        n++;
    out = (struct rt_span) { rest->p, n };
    n += n < rest->n;
    *rest = (struct rt_span) { rest->p + n, rest->n - n };
    return out;
}

static int64_t age_of(struct rt_span text)
{
    int64_t age = 0;

    for (size_t i = 0; i < text.n && i < 9; i++)
        if (text.p[i] >= '0' && text.p[i] <= '9')
            age = age * 10 + (text.p[i] - '0');
    return age * 1000000;
}

static void read_records(struct rt_span text, struct records *out)
{
    out->n = 0;
    while (text.n && out->n < RECORDS_MAX) {
        const char *end = memchr(text.p, '\n', text.n);
        struct rt_span line = { text.p, end ? (size_t)(end - text.p) : text.n };
        struct record *r = &out->records[out->n++];
        size_t used = line.n + (end != NULL);

        r->time_us = AS_OF - age_of(word(&line));
        r->name = word(&line);
        r->fields = line;
        r->contact = rt_span_eq(r->name, RT_SPAN("-"));
        if (r->contact)
            r->time_us = AS_OF;
        text = (struct rt_span) { text.p + used, text.n - used };
    }
}

static void set(
    struct past *past, struct rt_span *cells, struct rt_span name, struct rt_span value)
{
    for (uint32_t s = 0; s < past->plan->slots.n; s++)
        if (rt_span_eq(past->plan->slots.names[s], name))
            cells[s] = value;
}

static void add_record(struct past *past, const struct record *r)
{
    struct rt_span *cells =
        rt_arena_new(&past->arena, past->plan->slots.n, sizeof *cells);
    struct rt_timeform form = { .kind = RT_TIME_ANY };
    struct rt_past *e = &past->events[past->n];
    struct rt_span rest = r->fields;
    struct rt_matched m;
    int use;

    for (uint32_t s = 0; s < past->plan->slots.n; s++)
        cells[s] = RT_SPAN_ABSENT;
    while (rest.n) {
        struct rt_span pair = word(&rest);
        const char *equals = pair.n ? memchr(pair.p, '=', pair.n) : NULL;
        size_t n = equals ? (size_t)(equals - pair.p) : 0;

        if (equals)
            set(past, cells, (struct rt_span) { pair.p, n },
                (struct rt_span) { equals + 1, pair.n - n - 1 });
    }
    cells[RT_SLOT_EVENT] = r->contact ? RT_SPAN_ABSENT : r->name;
    if (!r->contact && !r->name.n)
        return; /* no event name: such a record is rejected before */
    must(rt_match_record(past->match, cells, r->time_us, r->contact, &form, &m) == RT_OK);
    if (m.kind == 0)
        return;
    use = rt_folder_use(past->folder, m.kind);
    must(use >= 0);
    if (use & RT_USE_STATE)
        rt_folder_add(
            past->folder, past->state + RT_STATE_FRONT, m.kind, r->time_us, m.values);
    if (!(use & RT_USE_TOUCH))
        return;
    *e = (struct rt_past) { r->time_us, m.kind, past->nvalues };
    past->nvalues +=
        rt_folder_pick(past->folder, m.kind, m.values, past->values + past->nvalues);
    past->n++;
}

/* By time; those of one instant stay as they came. */
static void sort(struct past *past)
{
    for (uint32_t i = 1; i < past->n; i++)
        for (uint32_t k = i; k && past->events[k - 1].time_us > past->events[k].time_us;
             k--) {
            struct rt_past e = past->events[k];

            past->events[k] = past->events[k - 1];
            past->events[k - 1] = e;
        }
}

/* ---- answers */

static void add_values(
    struct rt_eval *eval, const struct rt_plan_segment *segment, struct rt_buf *out)
{
    const struct rt_span *values;
    uint32_t n;

    if (!segment->list)
        return;
    must(rt_eval_values(eval, segment->list, VALUES_SHOWN, &values, &n) == RT_OK);
    must(n <= VALUES_SHOWN);
    for (uint32_t i = 0; i < n; i++) {
        rt_buf_addc(out, '|');
        rt_buf_add(out, values[i].p, values[i].n);
    }
}

static void add_answers(struct past *past, struct rt_buf *out)
{
    struct rt_history history = { past->events, past->n, past->values };
    struct rt_texts *texts = rt_match_texts(past->match);
    struct rt_eval *eval;

    must(rt_eval_new(past->plan, past->kinds, &eval) == RT_OK);
    rt_eval_know(eval, &(struct rt_eval_facts) { .texts = { &texts, 1 } });
    rt_eval_person(eval, &history, past->state + RT_STATE_FRONT);
    for (uint32_t i = 0; i < past->plan->nsegments; i++) {
        uint32_t segment = past->plan->order[i];
        int answer = rt_eval_segment(eval, segment);

        must(answer == RT_NO || answer == RT_YES || answer == RT_UNDECIDED);
        rt_buf_addf(out, "%u:%d", segment, answer);
        add_values(eval, &past->plan->segments[segment], out);
        rt_buf_addc(out, '\n');
    }
    for (uint32_t k = 0; k < past->plan->defs->npurposes; k++)
        rt_buf_addc(out, rt_eval_consent(eval, k) ? 'y' : 'n');
    rt_eval_free(eval);
}

static bool answer(const struct rt_defs *defs, const struct records *records, bool fold,
    bool backwards, struct rt_buf *out)
{
    static struct past past;
    struct rt_plan_options options = { .products = true, .fold = fold };
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { .arena = &arena };
    struct rt_err err = { 0 };
    int rc;

    memset(&past, 0, sizeof past);
    rc = rt_plan_new(defs, AS_OF, &options, &errors, &past.plan, &err);
    must(rc == RT_OK || rc == RT_EDEFS);
    must((errors.n > 0) == (rc == RT_EDEFS));
    if (rc == RT_OK) {
        must(rt_kinds_new(past.plan, &past.kinds) == RT_OK);
        must(rt_match_new(past.plan, past.kinds, &past.match) == RT_OK);
        must(rt_folder_new(past.plan, past.kinds, &past.folder) == RT_OK);
        for (uint32_t i = 0; i < records->n; i++)
            add_record(&past, &records->records[backwards ? records->n - 1 - i : i]);
        sort(&past);
        add_answers(&past, out);
        rt_folder_free(past.folder);
        rt_match_free(past.match);
        rt_kinds_free(past.kinds);
    }
    rt_plan_free(past.plan);
    rt_arena_release(&past.arena);
    rt_arena_release(&arena);
    return rc == RT_OK;
}

static void compare(const struct rt_defs *defs, const struct records *records)
{
    struct rt_buf first = RT_BUF_INIT(1 << 24);
    bool good = answer(defs, records, false, false, &first);

    for (int way = 1; way < 4; way++) {
        struct rt_buf other = RT_BUF_INIT(1 << 24);

        must(answer(defs, records, way & 1, way & 2, &other) == good);
        must(rt_span_eq(rt_buf_span(&first), rt_buf_span(&other)));
        rt_buf_release(&other);
    }
    rt_buf_release(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const platforms[] = { "ids", "csv" };
    const uint8_t *between = size ? memchr(data, 0, size) : NULL;
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { .arena = &arena };
    struct rt_err err = { 0 };
    struct rt_defs *defs = NULL;
    struct records records;

    if (!between)
        return 0;
    read_records((struct rt_span) { (const char *)between + 1,
                     size - (size_t)(between - data) - 1 },
        &records);
    if (rt_defs_parse((struct rt_span) { (const char *)data, (size_t)(between - data) },
            "s.json", platforms, 2, &defs, &errors, &err)
        == RT_OK)
        compare(defs, &records);
    rt_defs_free(defs);
    rt_arena_release(&arena);
    return 0;
}
