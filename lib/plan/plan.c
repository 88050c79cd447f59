/*
 * Tree to plan. Everything that can stand twice in a segment file (a test, a field, a
 * matcher, a value, a leaf) is looked up among those already there before it is added, so
 * that a record and a person are asked each question once.
 */
#include "plan/plan.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "plan/plan_int.h"

/* A limit that was passed is passed by whatever comes after, too: it is told once a place. */
void rt_planner_complain(struct rt_planner *b, const struct rt_json *at, const char *text)
{
    if (b->complained_at == at && b->complained == text)
        return;
    b->complained_at = at;
    b->complained = text;
    rt_json_complain(b->errors, b->defs->text, at, false, "%s", text);
}

void *rt_planner_new(struct rt_planner *b, size_t count, size_t size)
{
    void *p = rt_arena_new(&b->plan->arena, count, size);

    if (!p)
        b->no_memory = true;
    return p;
}

/* ---- segments */

static void build_node(
    struct rt_planner *b, const struct rt_cond *cond, struct rt_node *out)
{
    bool some = cond->kind == RT_COND_FOR_SOME;
    struct rt_node *parts;

    out->kind = cond->kind;
    switch (cond->kind) {
    case RT_COND_ALL:
    case RT_COND_ANY:
    case RT_COND_NOT:
    case RT_COND_FOR_SOME:
        parts = rt_planner_new(b, cond->n, sizeof *parts);
        if (!parts)
            return;
        if (some)
            out->leaf = rt_planner_begin_some(b, cond);
        for (size_t i = 0; i < cond->n; i++)
            build_node(b, cond->parts[i], &parts[i]);
        if (some)
            rt_planner_end_some(b, out->leaf);
        out->parts = parts;
        out->n = (uint32_t)cond->n;
        return;
    case RT_COND_SEGMENT:
        out->leaf = cond->segment;
        return;
    default:
        out->leaf = rt_planner_leaf(b, cond);
    }
}

/* The first for_some that is not under `not`: in the order of the file. */
static const struct rt_node *find_list(const struct rt_node *node)
{
    if (node->kind == RT_COND_FOR_SOME)
        return node;
    for (uint32_t i = 0; node->kind != RT_COND_NOT && i < node->n; i++) {
        const struct rt_node *found = find_list(&node->parts[i]);

        if (found)
            return found;
    }
    return NULL;
}

static void build_segment(struct rt_planner *b, uint32_t i, struct rt_plan_segment *out)
{
    const struct rt_segment *seg = &b->defs->segments[i];
    struct rt_node *exclude;

    if (seg->membership.given)
        rt_planner_complain(b, seg->json,
            "`membership` needs --history, which this version does not have yet");
    build_node(b, seg->match, &out->match);
    out->list = find_list(&out->match);
    exclude = rt_planner_new(b, seg->nexclude, sizeof *exclude);
    if (!exclude)
        return;
    for (size_t k = 0; k < seg->nexclude; k++)
        build_node(b, seg->exclude[k], &exclude[k]);
    out->exclude = exclude;
    out->nexclude = (uint32_t)seg->nexclude;
}

/* Marks the segment and those it refers to, and puts each behind what it refers to. The
 * file was checked for circles. */
struct visiting {
    struct rt_planner *b;
    struct rt_plan_segment *segments;
    uint32_t *order, *levels; /* of ranks that a segment's answer takes, by segment */
    uint32_t n;
};

static void visit(struct visiting *v, uint32_t i);

/* Returns the levels of ranks that the node's answer takes. */
static uint32_t visit_node(struct visiting *v, const struct rt_node *node)
{
    uint32_t levels = 0;

    if (node->kind == RT_COND_SEGMENT) {
        visit(v, node->leaf);
        return v->levels[node->leaf];
    }
    if (node->kind == RT_COND_RANK) {
        struct rt_leaf *leaf = &v->b->leaves[node->leaf];

        if (leaf->among != RT_NONE) {
            visit(v, leaf->among);
            levels = v->levels[leaf->among];
        }
        return leaf->level = levels + 1;
    }
    for (uint32_t i = 0; i < node->n; i++) {
        uint32_t more = visit_node(v, &node->parts[i]);

        levels = more > levels ? more : levels;
    }
    return levels;
}

static void visit(struct visiting *v, uint32_t i)
{
    struct rt_plan_segment *segment = &v->segments[i];
    uint32_t levels;

    if (segment->wanted)
        return;
    levels = visit_node(v, &segment->match);
    for (uint32_t k = 0; k < segment->nexclude; k++) {
        uint32_t more = visit_node(v, &segment->exclude[k]);

        levels = more > levels ? more : levels;
    }
    segment->wanted = true;
    v->levels[i] = levels;
    v->order[v->n++] = i;
    if (levels > v->b->plan->rank_levels)
        v->b->plan->rank_levels = levels;
}

/* Is a person's place in this segment's tier decided by a wanted segment? Tiers are settled
 * over all segments of the file. */
static bool tier_wanted(const struct rt_defs *defs, const bool *wanted, uint32_t i)
{
    if (!defs->segments[i].tier.p)
        return false;
    for (uint32_t k = 0; k < defs->nsegments; k++)
        if (wanted[k] && defs->segments[k].tier.p
            && rt_span_eq(defs->segments[k].tier, defs->segments[i].tier))
            return true;
    return false;
}

static void build_segments(struct rt_planner *b, const bool *wanted)
{
    uint32_t n = (uint32_t)b->defs->nsegments;
    struct rt_plan_segment *segments = rt_planner_new(b, n, sizeof *segments);
    struct visiting v = { .b = b,
        .segments = segments,
        .order = rt_planner_new(b, n, sizeof *v.order),
        .levels = rt_planner_new(b, n, sizeof *v.levels) };

    if (!segments || !v.order || !v.levels)
        return;
    for (uint32_t i = 0; i < n; i++)
        build_segment(b, i, &segments[i]);
    if (b->no_memory)
        return;
    for (uint32_t i = 0; i < n; i++)
        if (!wanted || wanted[i] || tier_wanted(b->defs, wanted, i))
            visit(&v, i);
    b->plan->segments = segments;
    b->plan->nsegments = n;
    b->plan->order = v.order;
}

/* ---- consent */

static uint32_t consent_matcher(
    struct rt_planner *b, const struct rt_purpose *purpose, bool granted)
{
    struct rt_test *test = rt_planner_new(b, 1, sizeof *test);
    uint32_t m;

    if (!test)
        return 0;
    *test = (struct rt_test) { .kind = RT_TEST_LEAF,
        .field = purpose->field,
        .op = granted ? RT_OP_EQ_TEXT : RT_OP_EXISTS,
        .texts = granted ? purpose->granted : NULL,
        .ntexts = granted ? purpose->ngranted : 0 };
    m = rt_planner_add_matcher(b,
        (struct rt_matcher) { .where = rt_planner_formula(b, test), .everywhere = true },
        b->defs->json);
    rt_planner_look(b, m, RT_TIME_MIN, RT_TIME_MAX);
    return m;
}

/* Only purposes that a wanted segment asks for cost anything. */
static bool purpose_wanted(
    const struct rt_planner *b, uint32_t purpose, const bool *wanted)
{
    for (size_t i = 0; i < b->defs->nsegments; i++)
        for (size_t k = 0; k < b->defs->segments[i].nconsent; k++)
            if (b->defs->segments[i].consent[k] == purpose && (!wanted || wanted[i]))
                return true;
    return false;
}

static void build_consents(struct rt_planner *b, const bool *wanted)
{
    uint32_t n = (uint32_t)b->defs->npurposes;
    struct rt_consent *consents = rt_planner_new(b, n, sizeof *consents);

    if (!consents)
        return;
    for (uint32_t i = 0; i < n; i++) {
        const struct rt_purpose *p = &b->defs->purposes[i];

        consents[i] = (struct rt_consent) {
            .present = RT_NONE, .granted = RT_NONE, .absent_grants = p->absent_grants
        };
        if (!purpose_wanted(b, i, wanted))
            continue;
        consents[i].present = consent_matcher(b, p, false);
        consents[i].granted = consent_matcher(b, p, true);
    }
    b->plan->consents = consents;
}

/* ---- people */

static bool is_id(const struct rt_plan *plan, struct rt_span name)
{
    for (uint32_t i = 0; i < plan->nid_kinds; i++)
        if (rt_span_eq(plan->id_kinds[i].name, name))
            return true;
    return false;
}

static void add_id_kind(struct rt_planner *b, struct rt_span name, bool ignored)
{
    struct rt_plan *plan = b->plan;

    assert(plan->nid_kinds < RT_ID_KINDS_MAX);
    plan->id_kinds[plan->nid_kinds++] = (struct rt_id_kind) { .name = name,
        .slot = rt_planner_slot(b, name),
        .email = rt_span_eq(name, RT_SPAN("email")),
        .ignored = ignored };
}

static void build_people(struct rt_planner *b)
{
    const struct rt_people_def *people = &b->defs->people;
    struct rt_plan *plan = b->plan;

    for (size_t i = 0; i < people->nids; i++)
        add_id_kind(b, people->ids[i], false);
    plan->nids = plan->nid_kinds;
    if (!is_id(plan, RT_SPAN("email")))
        add_id_kind(b, RT_SPAN("email"), false);
    if (!is_id(plan, RT_SPAN("phone")))
        add_id_kind(b, RT_SPAN("phone"), false);
    /* An ignored address makes nobody one person, but who opted out by it has opted out. */
    if (people->nignore && b->defs->nopt_outs)
        add_id_kind(b, RT_SPAN("email"), true);
    for (size_t i = 0; i < people->nfallback; i++)
        plan->fallback_slots[plan->nfallback++] = rt_planner_slot(b, people->fallback[i]);
    plan->user_agent_slot = rt_planner_slot(b, RT_SPAN("user_agent"));
    plan->device_slot = plan->event_id_slot = RT_NONE;
    for (size_t i = 0; i < b->defs->nsources; i++) {
        if (b->defs->sources[i].bots == RT_BOTS_MARK)
            plan->device_slot = rt_planner_slot(b, RT_SPAN("device"));
        if (b->defs->sources[i].dedupe == RT_DEDUPE_EVENT_ID)
            plan->event_id_slot = rt_planner_slot(b, RT_SPAN("event_id"));
    }
}

/* ---- the whole */

static bool lay_out(struct rt_planner *b)
{
    b->slots = rt_planner_new(b, RT_PLAN_SLOTS_MAX, sizeof *b->slots);
    b->fields = rt_planner_new(b, RT_PLAN_FIELDS_MAX, sizeof *b->fields);
    b->tests = rt_planner_new(b, RT_TESTS_MAX, sizeof *b->tests);
    b->matchers = rt_planner_new(b, RT_MATCHERS_MAX, sizeof *b->matchers);
    b->values = rt_planner_new(b, RT_VALUES_MAX, sizeof *b->values);
    b->leaves = rt_planner_new(b, RT_PLAN_LEAVES_MAX, sizeof *b->leaves);
    b->plan->tests = b->tests; /* rt_plan_free looks there for what is compiled */
    return !b->no_memory;
}

static void build(struct rt_planner *b, const struct rt_plan_options *options)
{
    const bool *wanted = options->wanted;
    struct rt_plan *plan = b->plan;

    rt_planner_slot(b, RT_SPAN("time"));
    rt_planner_slot(b, RT_SPAN("event"));
    build_people(b);
    build_segments(b, wanted);
    build_consents(b, wanted);
    if (b->no_memory)
        return;
    rt_planner_fold(b, options->fold);
    rt_planner_list_tests(b);
    plan->slots.names = b->slots;
    plan->fields = b->fields;
    plan->matchers = b->matchers;
    plan->matcher_words = (plan->nmatchers + 63) / 64;
    if (plan->matcher_words == 0)
        plan->matcher_words = 1;
    plan->values = b->values;
    plan->leaves = b->leaves;
}

int rt_plan_new(const struct rt_defs *defs, int64_t as_of_us,
    const struct rt_plan_options *options, struct rt_json_errors *errors,
    struct rt_plan **out, struct rt_err *err)
{
    static const struct rt_plan_options plain;
    struct rt_plan *plan = rt_calloc(1, sizeof *plan);
    struct rt_planner b = { .plan = plan, .defs = defs, .errors = errors };
    size_t before = errors->n;

    if (!plan)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    plan->defs = defs;
    plan->as_of_us = as_of_us;
    if (!options)
        options = &plain;
    b.products = options->products;
    if (lay_out(&b))
        build(&b, options);
    if (b.no_memory) {
        rt_plan_free(plan);
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    }
    if (errors->n > before) {
        const struct rt_json_error *e = &errors->errors[before];

        rt_err_at(
            err, RT_EDEFS, defs->path.p, e->line, e->col, "%s: %s", e->path, e->text);
        rt_plan_free(plan);
        return RT_EDEFS;
    }
    *out = plan;
    return RT_OK;
}

void rt_plan_free(struct rt_plan *plan)
{
    if (!plan)
        return;
    for (uint32_t i = 0; i < plan->ntests; i++)
        if (plan->tests)
            rt_regex_free(plan->tests[i].regex);
    rt_arena_release(&plan->arena);
    rt_free(plan);
}
