/*
 * Explaining, step by step.
 *
 * The way to a person is that of a build: the same reading, linking and listing, with one
 * person watched. Then the inputs are read once more for that person's records alone, and
 * from there on everything is worked out on these.
 */
#include "run/explain.h"

#include <stdio.h>

#include "base/alloc.h"
#include "people/chain.h"
#include "plan/sentence.h"
#include "run/explain_int.h"
#include "run/ingest.h"
#include "run/load.h"
#include "run/setaside.h"

/* ---- texts */

struct rt_span rt_explain_keep(struct rt_explainer *x, struct rt_buf *buf)
{
    struct rt_span text = rt_arena_copy(&x->out->arena, rt_buf_span(buf));

    rt_buf_release(buf);
    return text;
}

struct rt_span rt_explain_text(struct rt_explainer *x, const char *fmt, ...)
{
    char text[2048];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return rt_arena_copy(&x->out->arena, rt_span_of(text));
}

/* ---- definitions */

static int choose(struct rt_explainer *x, const struct rt_run_options *o)
{
    const struct rt_defs *defs = x->out->defs;
    int rc = rt_check_only(defs, o, x->err);

    x->asked = rt_arena_new(&x->out->arena, defs->nsegments, sizeof *x->asked);
    if (rc < 0)
        return rc;
    if (!x->asked)
        return rt_explain_no_memory(x);
    for (size_t i = 0; i < defs->nsegments; i++)
        x->asked[i] = rt_is_only(o, defs->segments[i].name);
    return RT_OK;
}

/* A file without outputs is explained all the same. */
static int name_lists(struct rt_explainer *x)
{
    struct build *b = &x->build;
    struct rt_run_options all = *b->o;
    int rc = RT_OK;

    all.only = NULL;
    all.nonly = 0;
    if (x->out->defs->noutputs)
        rc = rt_targets_of(x->out->defs, &all, &b->arena, &b->targets, x->err);
    b->targets.wanted = x->asked;
    return rc;
}

/* A segment's sentence; of one that another refers to as well. */
static int add_segment(struct rt_explainer *x, uint32_t i)
{
    struct rt_explanation *out = x->out;
    struct rt_explained_segment *s = &out->segments[out->nsegments++];
    struct rt_buf text = RT_BUF_INIT(1 << 24);
    int rc = rt_sentence(out->defs, i, &text);

    *s = (struct rt_explained_segment) { .segment = &out->defs->segments[i],
        .asked = x->asked[i] };
    if (rc == RT_OK)
        s->says = rt_explain_keep(x, &text);
    rt_buf_release(&text);
    return s->says.p ? RT_OK : rt_explain_no_memory(x);
}

int rt_explain_list(struct rt_explainer *x, uint32_t t, struct rt_explained_segment *out)
{
    const struct rt_target *target = &x->build.targets.targets[t];
    struct rt_explained_list *list = &out->lists[out->nlists++];

    *list =
        (struct rt_explained_list) { .file = rt_arena_copy(&x->out->arena, target->file),
            .to = rt_span_of(target->platform->name),
            .arm = target->arm != RT_NO_ARM };
    return list->file.p ? RT_OK : RT_ENOMEM;
}

/* Without a person: what the file alone says of each list. */
static int list_files(struct rt_explainer *x, struct rt_explained_segment *s)
{
    const struct rt_targets *targets = &x->build.targets;

    s->lists = rt_arena_new(&x->out->arena, targets->n, sizeof *s->lists);
    if (!s->lists)
        return rt_explain_no_memory(x);
    for (uint32_t t = 0; t < targets->n; t++) {
        const struct rt_target *target = &targets->targets[t];

        if (&x->out->defs->segments[target->segment] == s->segment
            && rt_explain_list(x, t, s) < 0)
            return rt_explain_no_memory(x);
    }
    return RT_OK;
}

static int tell_file(struct rt_explainer *x)
{
    struct rt_explanation *out = x->out;
    int rc = RT_OK;

    out->segments =
        rt_arena_new(&out->arena, out->defs->nsegments, sizeof *out->segments);
    if (!out->segments)
        return rt_explain_no_memory(x);
    for (uint32_t i = 0; i < out->defs->nsegments && rc == RT_OK; i++)
        if (x->asked[i] || (out->of_person && x->parts.of[i].shown))
            rc = add_segment(x, i);
    for (uint32_t i = 0; i < out->nsegments && rc == RT_OK && !out->of_person; i++)
        rc = list_files(x, &out->segments[i]);
    return rc;
}

/* ---- a person */

static int compile(struct rt_explainer *x, struct rt_json_errors *errors)
{
    struct build *b = &x->build;
    struct rt_plan_options options = { .wanted = x->asked, .fold = true };
    int rc = rt_plan_new(b->defs, b->as_of_us, &options, errors, &b->plan, x->err);

    if (rc == RT_OK && rt_parts_init(&x->parts, b->defs, x->asked) < 0)
        rc = rt_explain_no_memory(x);
    return rc;
}

static int watch(struct rt_explainer *x)
{
    struct build *b = &x->build;
    struct rt_arena *arena = &x->out->arena;

    x->watch = (struct rt_watch) { .person = x->person,
        .segments = rt_arena_new(arena, b->defs->nsegments, sizeof *x->watch.segments),
        .rows = rt_arena_new(arena, b->targets.n, sizeof *x->watch.rows),
        .ranks = rt_arena_new(arena, b->plan->nleaves, sizeof *x->watch.ranks) };
    if (!x->watch.segments || !x->watch.rows || !x->watch.ranks)
        return rt_explain_no_memory(x);
    b->watch = &x->watch;
    return rt_build_list_all(b);
}

/* Where the lists of ranks end, by condition: leaves have other numbers in other plans. */
static int know_ranks(struct rt_explainer *x)
{
    const struct rt_plan *plan = x->build.plan;
    struct rt_known_rank *ranks =
        rt_arena_new(&x->out->arena, plan->nleaves, sizeof *ranks);

    if (!ranks)
        return rt_explain_no_memory(x);
    x->parts.ranks = ranks;
    for (uint32_t i = 0; i < plan->nleaves; i++)
        if (plan->leaves[i].level)
            ranks[x->parts.nranks++] =
                (struct rt_known_rank) { plan->leaves[i].cond, x->watch.ranks[i] };
    return RT_OK;
}

/* From the first record to the person's fate: the way of a build. */
static int follow_build(struct rt_explainer *x, const char *person)
{
    struct build *b = &x->build;
    int rc = rt_build_open(b);

    if (rc == RT_OK)
        rc = rt_build_read_events(b);
    if (rc == RT_OK)
        rc = rt_build_read_contacts(b);
    if (rc == RT_OK)
        rc = rt_build_decide_duplicates(b);
    if (rc == RT_OK)
        rc = rt_build_read_opt_outs(b);
    if (rc == RT_OK)
        rc = rt_build_link_people(b);
    if (rc == RT_OK && rt_people_know_members(b->people) < 0)
        rc = rt_build_no_memory(b);
    if (rc == RT_OK)
        rc = rt_explain_find(x, person);
    if (rc == RT_OK)
        rc = watch(x);
    return rc == RT_OK ? know_ranks(x) : rc;
}

/* The plan whose slots the trail keeps has those of every moment's plan: they come of the
 * definitions alone. */
static int follow_trail(struct rt_explainer *x)
{
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { .arena = &arena };
    struct rt_plan *plan = NULL;
    struct rt_plan_options options = { .wanted = x->parts.wanted };
    int rc =
        rt_plan_new(&x->parts.defs, x->out->as_of_us, &options, &errors, &plan, x->err);

    if (rc == RT_OK)
        rc = rt_trail_read(&x->build, plan, x->person, &x->trail);
    rt_plan_free(plan);
    rt_arena_release(&arena);
    return rc;
}

static int look_ahead(struct rt_explainer *x)
{
    struct rt_explanation *out = x->out;
    int rc = rt_instants_find(&x->parts, &x->trail, x->now, &x->instants);

    if (rc == RT_OK)
        rc = rt_next_find(&x->parts, &x->trail, &x->instants, x->answers, x->next,
            &x->looks, &out->bounded, &out->looked_us, x->err);
    return rc == RT_ELIMIT
        ? rt_err_set(x->err, rc, "too many instants at which an answer could change")
        : rc < 0 ? rt_err_set(x->err, rc, "out of memory")
                 : RT_OK;
}

/* The answers of now are those of a build. What is asked beside them may cost as much as eight
 * sequences do at their bound. */
static void note_bounds(struct rt_explainer *x)
{
    for (uint32_t i = 0; i < x->parts.nparts; i++)
        if (!x->parts.parts[i].inside)
            x->given_up[i] = rt_moment_gave_up(x->now, &x->parts.parts[i]);
    x->looks = 8 * RT_CHAIN_LOOKS_MAX;
    rt_moment_limit(x->now, &x->looks);
}

static int look_at(struct rt_explainer *x)
{
    struct rt_explanation *out = x->out;
    size_t n = x->parts.defs.nsegments;
    int rc;

    x->answers = rt_calloc(n, 1);
    x->next = rt_calloc(n, sizeof *x->next);
    x->given_up = rt_calloc(x->parts.nparts, sizeof *x->given_up);
    if (!x->answers || !x->next || !x->given_up)
        return rt_explain_no_memory(x);
    rc = rt_moment_new(&x->parts, &x->trail, out->as_of_us, &x->now, x->err);
    if (rc == RT_OK && rt_moment_ask(x->now, NULL, x->answers) < 0)
        rc = rt_explain_no_memory(x);
    if (rc == RT_OK) {
        note_bounds(x);
        rc = rt_explain_person(x);
    }
    if (rc == RT_OK)
        rc = look_ahead(x);
    return rc == RT_OK ? rt_explain_tell(x) : rc;
}

static int explain_person(
    struct rt_explainer *x, const char *person, struct rt_json_errors *errors)
{
    int rc = compile(x, errors);

    if (rc == RT_OK)
        rc = tell_file(x);
    if (rc == RT_OK)
        rc = follow_build(x, person);
    if (rc == RT_OK)
        rc = follow_trail(x);
    return rc == RT_OK ? look_at(x) : rc;
}

/* ---- the whole */

static int load(struct rt_explainer *x, struct rt_json_errors *errors)
{
    struct build *b = &x->build;
    struct rt_explanation *out = x->out;
    int rc = rt_run_load(b->o, errors, &out->defs, x->err);

    b->defs = out->defs;
    if (rc == RT_OK)
        rc = rt_run_as_of(b->o, out->defs->zone, &out->as_of_us, x->err);
    b->as_of_us = out->as_of_us;
    if (rc == RT_OK)
        rc = choose(x, b->o);
    return rc == RT_OK ? name_lists(x) : rc;
}

static int check_inputs(
    const struct rt_defs *defs, const struct rt_run_options *o, struct rt_err *err)
{
    if (o->ninputs == 0 && defs->people.ncontacts == 0)
        return rt_err_set(
            err, RT_EUSAGE, "no input: name files to read, or - for standard input");
    return RT_OK;
}

static void release(struct rt_explainer *x)
{
    rt_instants_release(&x->instants);
    rt_moment_free(x->now);
    rt_free(x->given_up);
    rt_trail_release(&x->trail);
    rt_parts_release(&x->parts);
    rt_free(x->answers);
    rt_free(x->next);
    x->build.defs = NULL; /* the explanation's */
    rt_build_release(&x->build);
    rt_report_free(x->build.report);
}

int rt_run_explain(const struct rt_run_options *options, const char *person,
    struct rt_explanation **out, struct rt_json_errors *errors, struct rt_err *err)
{
    struct rt_run_options o = *options;
    struct rt_set_aside_inputs inputs = { 0 };
    struct rt_explainer x = { .err = err };
    int rc;

    rt_ingest_go();
    *out = NULL;
    o.dry_run = true; /* nothing is written */
    x.build = (struct build) { .o = &o, .err = err };
    x.out = rt_calloc(1, sizeof *x.out);
    if (!x.out || rt_report_new(&x.build.report) < 0) {
        rt_free(x.out);
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    }
    x.out->of_person = person != NULL;
    rc = load(&x, errors);
    if (rc == RT_OK && !person)
        rc = tell_file(&x);
    else if (rc == RT_OK) {
        rc = check_inputs(x.out->defs, &o, err);
        if (rc == RT_OK)
            rc = rt_set_aside(o.inputs, o.ninputs, o.tmpdir, &inputs, err);
        o.inputs = inputs.inputs;
        if (rc == RT_OK)
            rc = explain_person(&x, person, errors);
    }
    release(&x);
    rt_set_aside_release(&inputs);
    if (rc < 0)
        rt_explanation_free(x.out);
    else
        *out = x.out;
    return rc;
}

void rt_explanation_free(struct rt_explanation *out)
{
    if (!out)
        return;
    rt_defs_free(out->defs);
    rt_arena_release(&out->arena);
    rt_free(out);
}
