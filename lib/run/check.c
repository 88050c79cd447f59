/*
 * Check: a segment file against itself and against inputs. Reads as its table of contents
 * from the end: rt_run_check loads, compiles, looks at the file alone, and with inputs
 * reads them once and lets each part compare.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "run/checking.h"
#include "run/load.h"

/* ---- words */

struct rt_check_text rt_check_show(struct rt_span text)
{
    struct rt_check_text shown;
    size_t n = text.n < 64 ? text.n : 64;

    while (n < text.n && n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--; /* no half character */
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        shown.text[i] = c < 0x20 || c == 0x7f ? '?' : (char)c;
    }
    snprintf(shown.text + n, sizeof shown.text - n, "%s", n < text.n ? "..." : "");
    return shown;
}

struct rt_check_text rt_check_duration(int64_t us)
{
    static const struct {
        int64_t us;
        char unit;
    } units[] = { { 7 * RT_DAY_US, 'w' }, { RT_DAY_US, 'd' }, { RT_DAY_US / 24, 'h' },
        { 60 * RT_SECOND_US, 'm' } };
    struct rt_check_text out;

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (us && us % units[i].us == 0) {
            snprintf(out.text, sizeof out.text, "%jd%c", (intmax_t)(us / units[i].us),
                units[i].unit);
            return out;
        }
    snprintf(out.text, sizeof out.text, "%jds", (intmax_t)(us / RT_SECOND_US));
    return out;
}

const struct rt_json *rt_check_member(const struct rt_json *json, const char *key)
{
    const struct rt_json *found = rt_json_get(json, key);

    return found ? found : json;
}

/* ---- what is asked of the inputs */

/* Fields by whose values people are known, or that hold what they typed. Of these no value
 * is kept, let alone shown. */
static bool is_personal(const struct rt_checking *c, struct rt_span name)
{
    static const char *const fields[] = { "user_id", "client_id", "session_id", "email",
        "phone", "ip", "user_agent", "event_id", "order_id", "url", "referrer", "path",
        "query", "region", "gender", "mobile_id", "customer", "user", "id", NULL };
    static const char *const parts[] = { "mail", "phone", "name", "addr", "street",
        "birth", "token", "login", "cookie", "uuid", "guid", "post", "zip", "city",
        "query.", "passw", "search", "text", "comment", NULL };
    char lower[256];
    size_t n = name.n < sizeof lower ? name.n : sizeof lower;

    for (uint32_t k = 0; k < c->plan->nid_kinds; k++)
        if (rt_span_eq(c->plan->id_kinds[k].name, name))
            return true;
    for (size_t i = 0; i < n; i++)
        lower[i] = rt_ascii_lower(name.p[i]);
    for (size_t i = 0; fields[i]; i++)
        if (rt_span_eq((struct rt_span) { lower, n }, rt_span_of(fields[i])))
            return true;
    for (size_t i = 0; parts[i]; i++)
        if (memmem(lower, n, parts[i], strlen(parts[i])))
            return true;
    return false;
}

/* Does some test on the field have an operator from .. to? */
static bool has_test(const struct rt_plan *plan, const struct rt_plan_field *field,
    enum rt_op from, enum rt_op to)
{
    for (uint32_t i = 0; i < field->ntests; i++) {
        enum rt_op op = plan->tests[field->tests[i]].leaf->op;

        if (op >= from && op <= to)
            return true;
    }
    return false;
}

static int make_ask(struct rt_checking *c)
{
    const struct rt_plan *plan = c->plan;
    struct rt_survey_field *fields =
        rt_arena_new(&c->arena, plan->nfields + 1, sizeof *fields);

    if (!fields)
        return RT_ENOMEM;
    for (uint32_t f = 0; f < plan->nfields; f++) {
        const struct rt_plan_field *from = &plan->fields[f];

        fields[f] = (struct rt_survey_field) { .name = from->name,
            .slot = from->slot,
            .derive = from->derive,
            .from_slot = from->from_slot,
            .values = has_test(plan, from, RT_OP_EQ_TEXT, RT_OP_EQ_TEXT)
                && !is_personal(c, from->name),
            .times = has_test(plan, from, RT_OP_AGO, RT_OP_AFTER) };
    }
    c->ask = (struct rt_survey_ask) { .fields = fields,
        .nfields = plan->nfields,
        .nslots = plan->slots.n,
        .ids = plan->id_kinds,
        .nids = plan->nids,
        .nid_kinds = plan->nid_kinds,
        .fallback_slots = plan->fallback_slots,
        .nfallback = plan->nfallback,
        .as_of_us = c->as_of_us,
        .nclasses = 1 };
    return RT_OK;
}

/* ---- reading */

/* Files that the definitions name and that are not there: all of them are told. */
static int find_files(struct rt_checking *c, struct rt_json_errors *errors)
{
    const struct rt_json *privacy = rt_json_get(c->defs->json, "privacy");
    const struct rt_json *opt_out = privacy ? rt_json_get(privacy, "opt_out") : NULL;
    int rc = RT_OK;

    for (size_t i = 0; i < c->defs->people.ncontacts + c->defs->nopt_outs; i++) {
        bool contacts = i < c->defs->people.ncontacts;
        size_t at = contacts ? i : i - c->defs->people.ncontacts;
        const char *path =
            contacts ? c->defs->people.contacts[at].path.p : c->defs->opt_out_files[at].p;
        const struct rt_json *json =
            contacts ? c->defs->people.contacts[at].json : &opt_out->items[at];

        if (access(path, R_OK) == 0)
            continue;
        rt_json_complain(errors, c->defs->text, rt_json_get(json, "file"), false,
            "cannot open %s: %s", path, strerror(errno));
        rc = RT_EIO;
    }
    return rc;
}

static int read_events(struct rt_checking *c, struct rt_err *err)
{
    struct rt_screen_rules *rules = rt_arena_new(&c->arena, c->o->ninputs, sizeof *rules);
    int rc =
        rt_inputs_open(&c->inputs, c->defs, c->defs->zone, &c->plan->slots, c->o, err);

    if (rc < 0)
        return rc;
    if (!rules || rt_survey_new(&c->ask, &c->events) < 0)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < c->inputs.nfeeds; i++) {
        rules[i] = rt_inputs_rules(
            &c->inputs.feeds[i], c->plan->user_agent_slot, c->plan->device_slot);
        c->inputs.feeds[i].user = &rules[i];
    }
    return rt_survey_read(
        c->events, c->inputs.feeds, c->inputs.nfeeds, c->o->jobs, c->o->progress, err);
}

static int read_rows(struct rt_checking *c, struct rt_err *err)
{
    int rc = RT_OK;

    if (!c->defs->people.ncontacts)
        return RT_OK;
    c->contacts_open = true;
    rc = rt_contacts_open(
        &c->contacts, c->plan, c->o->memory_bytes / 8, c->o->tmpdir, err);
    if (rc == RT_OK && rt_survey_new(&c->ask, &c->rows) < 0)
        rc = rt_err_set(err, RT_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < c->contacts.nfiles && rc == RT_OK; i++)
        rc = rt_survey_read(
            c->rows, &c->contacts.files[i].feed, 1, c->o->jobs, c->o->progress, err);
    return rc;
}

/* What a build would stop at, or what leaves nothing to compare with. */
static void warn_of_records(struct rt_checking *c)
{
    uint64_t read = 0, rejected = 0;

    for (uint32_t i = 0; i < c->inputs.nfeeds + c->contacts.nfiles; i++) {
        const struct rt_tally *t = i < c->inputs.nfeeds
            ? &c->inputs.feeds[i].tally
            : &c->contacts.files[i - c->inputs.nfeeds].feed.tally;

        read += t->read;
        for (unsigned r = RT_REJECT_FIRST; r < RT_REASONS; r++)
            rejected += t->count[r];
    }
    if (!c->events->records)
        rt_check_warn(c, c->defs->json, false,
            "the inputs hold no event (records: %ju, rejected: %ju): `retarget peek` "
            "says "
            "why",
            (uintmax_t)read, (uintmax_t)rejected);
    else if (rejected > read / 100)
        rt_check_warn(c, c->defs->json, false,
            "%ju of %ju records are rejected, and a build stops at 1%%: `retarget peek` "
            "says why",
            (uintmax_t)rejected, (uintmax_t)read);
}

static int compare(
    struct rt_checking *c, struct rt_json_errors *errors, struct rt_err *err)
{
    int rc = find_files(c, errors);

    if (rc == RT_OK)
        rc = make_ask(c) < 0 ? rt_err_set(err, RT_ENOMEM, "out of memory") : RT_OK;
    if (rc == RT_OK)
        rc = read_rows(c, err);
    if (rc == RT_OK)
        rc = read_events(c, err);
    if (rc < 0)
        return rc;
    warn_of_records(c);
    if (c->events->records && rt_check_names(c) < 0)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    rt_check_inputs(c);
    rt_check_spans(c);
    return RT_OK;
}

/* ---- the whole */

static int by_place(const void *va, const void *vb)
{
    const struct rt_json_error *a = va, *b = vb;

    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->col != b->col)
        return a->col < b->col ? -1 : 1;
    return strcmp(a->text, b->text);
}

/* In the order of the file, and each once: what a segment is wrong about comes up again
 * with every segment that refers to it. */
static void put_in_order(struct rt_json_errors *warnings)
{
    size_t kept = 0;

    if (warnings->n > 1)
        qsort(warnings->errors, warnings->n, sizeof *warnings->errors, by_place);
    for (size_t i = 0; i < warnings->n; i++)
        if (!kept || by_place(&warnings->errors[kept - 1], &warnings->errors[i]) != 0)
            warnings->errors[kept++] = warnings->errors[i];
    warnings->n = kept;
}

static void release(struct rt_checking *c)
{
    rt_survey_free(c->events);
    rt_survey_free(c->rows);
    if (c->contacts_open)
        rt_contacts_close(&c->contacts);
    rt_inputs_close(&c->inputs);
    rt_arena_release(&c->arena);
}

int rt_run_check(const struct rt_run_options *options, struct rt_json_errors *errors,
    struct rt_json_errors *warnings, struct rt_err *err)
{
    struct rt_checking c = { .o = options, .warnings = warnings };
    struct rt_defs *defs = NULL;
    struct rt_plan *plan = NULL;
    int rc = rt_run_load(options, errors, &defs, err);

    rt_ingest_go();
    if (rc == RT_OK)
        rc = rt_run_as_of(options, defs->zone, &c.as_of_us, err);
    if (rc == RT_OK)
        rc = rt_plan_new(defs, c.as_of_us, NULL, errors, &plan, err);
    c.defs = defs;
    c.plan = plan;
    if (rc == RT_OK && (rt_check_never(&c) < 0 || rt_check_nobody(&c) < 0))
        rc = rt_err_set(err, RT_ENOMEM, "out of memory");
    if (rc == RT_OK && options->ninputs)
        rc = compare(&c, errors, err);
    if (rc == RT_OK && warnings->no_memory)
        rc = rt_err_set(err, RT_ENOMEM, "out of memory");
    put_in_order(warnings);
    release(&c);
    rt_plan_free(plan);
    rt_defs_free(defs);
    return rc;
}
