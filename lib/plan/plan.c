/*
 * Tree to plan. Everything that can stand twice in a segment file (a test, a field, a
 * matcher, a value, a leaf) is looked up among those already there before it is added, so
 * that a record and a person are asked each question once.
 *
 * The tables have fixed upper bounds (plan.h) and are laid out whole at the start: a plan
 * is small, and pointers into it never move.
 */
#include "plan/plan.h"

#include <string.h>

#include "base/alloc.h"

enum { FIELDS_MAX = 1024, SLOTS_MAX = 2048, LEAVES_MAX = 8192 };

struct builder {
    struct rt_plan *plan;
    const struct rt_defs *defs;
    struct rt_json_errors *errors;
    struct rt_span *slots;
    struct rt_plan_field *fields;
    struct rt_plan_test *tests;
    struct rt_matcher *matchers;
    struct rt_plan_value *values;
    struct rt_leaf *leaves;
    bool no_memory;
};

static void complain(struct builder *b, const struct rt_json *at, const char *text)
{
    rt_json_complain(b->errors, b->defs->text, at, false, "%s", text);
}

static void *new_array(struct builder *b, size_t count, size_t size)
{
    void *p = rt_arena_new(&b->plan->arena, count, size);

    if (!p)
        b->no_memory = true;
    return p;
}

/* ---- slots and fields */

static uint32_t slot_of(struct builder *b, struct rt_span name)
{
    struct rt_slots *slots = &b->plan->slots;

    for (uint32_t i = 0; i < slots->n; i++)
        if (rt_span_eq(b->slots[i], name))
            return i;
    if (slots->n == SLOTS_MAX) {
        complain(b, b->defs->json, "more than 2048 fields are asked for");
        return 0;
    }
    b->slots[slots->n] = name;
    return slots->n++;
}

static uint32_t field_of(struct builder *b, struct rt_span name)
{
    struct rt_plan_field *f;

    for (uint32_t i = 0; i < b->plan->nfields; i++)
        if (rt_span_eq(b->fields[i].name, name))
            return i;
    if (b->plan->nfields == FIELDS_MAX) {
        complain(b, b->defs->json, "more than 1024 fields are tested or measured");
        return 0;
    }
    f = &b->fields[b->plan->nfields];
    f->name = name;
    f->slot = slot_of(b, name);
    rt_derive_of(name, &f->derive);
    f->from_slot = RT_NONE;
    if (f->derive.kind != RT_DERIVE_NONE)
        f->from_slot = slot_of(b, rt_span_of(f->derive.from));
    return b->plan->nfields++;
}

static uint32_t value_of(
    struct builder *b, struct rt_span name, bool text, const struct rt_json *at)
{
    uint32_t field = field_of(b, name);

    for (uint32_t i = 0; i < b->plan->nvalues; i++)
        if (b->values[i].field == field && b->values[i].text == text)
            return i;
    if (b->plan->nvalues == RT_VALUES_MAX) {
        complain(b, at, "more than 64 different fields are measured");
        return 0;
    }
    b->values[b->plan->nvalues] = (struct rt_plan_value) { field, text };
    return b->plan->nvalues++;
}

/* ---- tests and formulas */

static bool same_spans(
    const struct rt_span *a, size_t na, const struct rt_span *b, size_t nb)
{
    if (na != nb)
        return false;
    for (size_t i = 0; i < na; i++)
        if (!rt_span_eq(a[i], b[i]))
            return false;
    return true;
}

static bool same_test(const struct rt_test *a, const struct rt_test *b)
{
    return a->op == b->op && a->ignore_case == b->ignore_case
        && rt_span_eq(a->field, b->field)
        && same_spans(a->texts, a->ntexts, b->texts, b->ntexts)
        && a->nnumbers == b->nnumbers
        && (a->nnumbers == 0
            || memcmp(a->numbers, b->numbers, a->nnumbers * sizeof *a->numbers) == 0)
        && a->nnetworks == b->nnetworks
        && (a->nnetworks == 0
            || memcmp(a->networks, b->networks, a->nnetworks * sizeof *a->networks) == 0)
        && a->min_us == b->min_us && a->max_us == b->max_us && a->time_us == b->time_us;
}

static uint32_t test_of(struct builder *b, const struct rt_test *leaf)
{
    struct rt_plan_test *t;

    for (uint32_t i = 0; i < b->plan->ntests; i++)
        if (same_test(b->tests[i].leaf, leaf))
            return i;
    if (b->plan->ntests == RT_TESTS_MAX) {
        complain(b, b->defs->json, "more than 8192 different tests");
        return 0;
    }
    t = &b->tests[b->plan->ntests];
    t->leaf = leaf;
    t->field = field_of(b, leaf->field);
    if (leaf->op == RT_OP_REGEX
        && rt_regex_new(leaf->texts[0], leaf->ignore_case, &t->regex, NULL) < 0)
        b->no_memory = true; /* the pattern itself was checked when the file was read */
    return b->plan->ntests++;
}

static void build_formula(
    struct builder *b, const struct rt_test *test, struct rt_formula *out)
{
    struct rt_formula *parts;

    out->kind = test->kind;
    if (test->kind == RT_TEST_LEAF) {
        out->test = test_of(b, test);
        return;
    }
    parts = new_array(b, test->n, sizeof *parts);
    if (!parts)
        return;
    for (size_t i = 0; i < test->n; i++)
        build_formula(b, test->parts[i], &parts[i]);
    out->parts = parts;
    out->n = (uint32_t)test->n;
}

static const struct rt_formula *formula_of(struct builder *b, const struct rt_test *test)
{
    struct rt_formula *f = test ? new_array(b, 1, sizeof *f) : NULL;

    if (f)
        build_formula(b, test, f);
    return f;
}

static bool same_formula(const struct rt_formula *a, const struct rt_formula *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind || a->n != b->n || a->test != b->test)
        return false;
    for (uint32_t i = 0; i < a->n; i++)
        if (!same_formula(&a->parts[i], &b->parts[i]))
            return false;
    return true;
}

/* ---- matchers */

static bool same_matcher(const struct rt_matcher *a, const struct rt_matcher *b)
{
    if (a->nchoices != b->nchoices || a->contact != b->contact
        || a->everywhere != b->everywhere || !same_formula(a->where, b->where))
        return false;
    for (uint32_t i = 0; i < a->nchoices; i++) {
        const struct rt_choice *x = &a->choices[i], *y = &b->choices[i];

        if (!same_spans(x->names, x->nnames, y->names, y->nnames)
            || !same_formula(x->where, y->where))
            return false;
    }
    return true;
}

static uint32_t add_matcher(
    struct builder *b, struct rt_matcher m, const struct rt_json *at)
{
    for (uint32_t i = 0; i < b->plan->nmatchers; i++)
        if (same_matcher(&b->matchers[i], &m))
            return i;
    if (b->plan->nmatchers == RT_MATCHERS_MAX) {
        complain(b, at, "more than 4096 different kinds of events are asked about");
        return 0;
    }
    m.lo_us = RT_TIME_MAX; /* nobody looks yet */
    m.hi_us = RT_TIME_MIN;
    b->matchers[b->plan->nmatchers] = m;
    return b->plan->nmatchers++;
}

/* where and also: either may be NULL. */
static const struct rt_formula *both(
    struct builder *b, const struct rt_test *where, const struct rt_test *also)
{
    struct rt_formula *f, *parts;

    if (!where || !also)
        return formula_of(b, where ? where : also);
    f = new_array(b, 1, sizeof *f);
    parts = new_array(b, 2, sizeof *parts);
    if (!f || !parts)
        return NULL;
    build_formula(b, where, &parts[0]);
    build_formula(b, also, &parts[1]);
    *f = (struct rt_formula) { .kind = RT_TEST_ALL, .parts = parts, .n = 2 };
    return f;
}

static uint32_t matcher_of(struct builder *b, const struct rt_event_set *events,
    const struct rt_test *where, const struct rt_test *also, const struct rt_json *at)
{
    struct rt_choice *choices = new_array(b, events->n, sizeof *choices);

    if (!choices)
        return 0;
    for (size_t i = 0; i < events->n; i++) {
        choices[i].names = events->choices[i].names;
        choices[i].nnames = (uint32_t)events->choices[i].nnames;
        choices[i].where = formula_of(b, events->choices[i].where);
    }
    return add_matcher(b,
        (struct rt_matcher) { .choices = choices,
            .nchoices = (uint32_t)events->n,
            .where = both(b, where, also) },
        at);
}

/* A leaf looks at the matcher's events within these times: keep at least them. */
static void look(struct builder *b, uint32_t matcher, int64_t lo_us, int64_t hi_us)
{
    struct rt_matcher *m = &b->matchers[matcher];

    if (lo_us < m->lo_us)
        m->lo_us = lo_us;
    if (hi_us > m->hi_us)
        m->hi_us = hi_us;
}

/* ---- leaves */

/* min <= as-of - t < max as bounds of t. */
static struct rt_bounds bounds_of_age(int64_t as_of_us, int64_t min_us, int64_t max_us)
{
    struct rt_bounds when = { RT_TIME_MIN, as_of_us };

    if (max_us != RT_TIME_MAX
        && __builtin_sub_overflow(as_of_us, max_us - 1, &when.lo_us))
        when.lo_us = RT_TIME_MIN;
    if (__builtin_sub_overflow(as_of_us, min_us, &when.hi_us))
        when.hi_us = RT_TIME_MIN;
    return when;
}

static struct rt_bounds bounds_of(struct builder *b, const struct rt_window *w)
{
    int64_t as_of = b->plan->as_of_us, from, to;
    struct rt_bounds when = { RT_TIME_MIN, as_of };

    switch (w->kind) {
    case RT_WINDOW_ALL:
        return when;
    case RT_WINDOW_AGO:
        return bounds_of_age(as_of, w->min_us, w->max_us);
    case RT_WINDOW_ON:
        if (rt_clock_window(
                w->on, b->defs->zone, as_of, b->defs->week_starts_sunday, &from, &to)
            < 0)
            return (struct rt_bounds) { RT_TIME_MAX, RT_TIME_MIN };
        return (struct rt_bounds) { from, to - 1 };
    case RT_WINDOW_DATES:
        when.lo_us = w->from_us;
        if (w->to_us != RT_TIME_MAX && w->to_us - 1 < when.hi_us)
            when.hi_us = w->to_us - 1;
        return when;
    }
    return when;
}

static uint32_t add_leaf(struct builder *b, struct rt_leaf leaf)
{
    if (b->plan->nleaves == LEAVES_MAX) {
        complain(b, leaf.cond->json, "more than 8192 conditions");
        return 0;
    }
    b->leaves[b->plan->nleaves] = leaf;
    return b->plan->nleaves++;
}

static void set_window(
    struct builder *b, const struct rt_cond *cond, struct rt_leaf *leaf)
{
    const struct rt_window *w = &cond->window;

    leaf->when = bounds_of(b, w);
    look(b, leaf->matcher, leaf->when.lo_us, leaf->when.hi_us);
    leaf->anchor = w->anchor;
    if (w->anchor == RT_ANCHOR_NONE)
        return;
    leaf->anchor_matcher = matcher_of(b, &w->anchor_events, NULL, NULL, cond->json);
    look(b, leaf->anchor_matcher, RT_TIME_MIN, RT_TIME_MAX);
}

static void set_measure(
    struct builder *b, const struct rt_cond *cond, struct rt_leaf *leaf)
{
    const struct rt_measure *m = &cond->measure;

    if (!m->field.p || m->by_day)
        return;
    leaf->value = value_of(b, m->field, m->kind == RT_MEASURE_COUNT, cond->json);
    b->matchers[leaf->matcher].values |= UINT64_C(1) << leaf->value;
}

static uint32_t leaf_of(struct builder *b, const struct rt_cond *cond)
{
    struct rt_leaf leaf = { .kind = cond->kind,
        .cond = cond,
        .is_matcher = RT_NONE,
        .anchor_matcher = RT_NONE,
        .value = RT_NONE };

    switch (cond->kind) {
    case RT_COND_DID:
    case RT_COND_DID_NOT:
        leaf.matcher = matcher_of(b, &cond->events, cond->where, NULL, cond->json);
        set_window(b, cond, &leaf);
        if (cond->kind == RT_COND_DID)
            set_measure(b, cond, &leaf);
        break;
    case RT_COND_LAST:
    case RT_COND_FIRST:
        leaf.matcher = matcher_of(b, &cond->events, cond->where, NULL, cond->json);
        leaf.when = (struct rt_bounds) { RT_TIME_MIN, b->plan->as_of_us };
        if (cond->has_ago)
            leaf.when =
                bounds_of_age(b->plan->as_of_us, cond->ago_min_us, cond->ago_max_us);
        /* A later event than the window's makes `last` false, an earlier one does so with
         * `first`; beyond its other end no event can change the answer. */
        look(b, leaf.matcher, cond->kind == RT_COND_LAST ? leaf.when.lo_us : RT_TIME_MIN,
            cond->kind == RT_COND_FIRST ? leaf.when.hi_us : RT_TIME_MAX);
        if (cond->is) {
            leaf.is_matcher =
                matcher_of(b, &cond->events, cond->where, cond->is, cond->json);
            look(b, leaf.is_matcher, leaf.when.lo_us, leaf.when.hi_us);
        }
        break;
    case RT_COND_PROFILE:
        leaf.matcher = add_matcher(b,
            (struct rt_matcher) { .where = formula_of(b, cond->is), .contact = true },
            cond->json);
        look(b, leaf.matcher, RT_TIME_MIN, RT_TIME_MAX);
        break;
    default:
        break;
    }
    return add_leaf(b, leaf);
}

/* ---- segments */

static const char *later_feature(enum rt_cond_kind kind)
{
    switch (kind) {
    case RT_COND_SEQUENCE:
        return "`sequence` is not evaluated by this version yet";
    case RT_COND_SESSION:
        return "`session` is not evaluated by this version yet";
    case RT_COND_FOR_SOME:
        return "`for_some` is not evaluated by this version yet";
    case RT_COND_RANK:
        return "`rank` is not evaluated by this version yet";
    default:
        return NULL;
    }
}

static void build_node(struct builder *b, const struct rt_cond *cond, struct rt_node *out)
{
    struct rt_node *parts;

    out->kind = cond->kind;
    switch (cond->kind) {
    case RT_COND_ALL:
    case RT_COND_ANY:
    case RT_COND_NOT:
        parts = new_array(b, cond->n, sizeof *parts);
        if (!parts)
            return;
        for (size_t i = 0; i < cond->n; i++)
            build_node(b, cond->parts[i], &parts[i]);
        out->parts = parts;
        out->n = (uint32_t)cond->n;
        return;
    case RT_COND_SEGMENT:
        out->leaf = cond->segment;
        return;
    default:
        if (later_feature(cond->kind))
            complain(b, cond->json, later_feature(cond->kind));
        else
            out->leaf = leaf_of(b, cond);
    }
}

static void build_segment(struct builder *b, uint32_t i, struct rt_plan_segment *out)
{
    const struct rt_segment *seg = &b->defs->segments[i];
    struct rt_node *exclude;

    if (seg->membership.given)
        complain(b, seg->json,
            "`membership` needs --history, which this version does not have yet");
    build_node(b, seg->match, &out->match);
    exclude = new_array(b, seg->nexclude, sizeof *exclude);
    if (!exclude)
        return;
    for (size_t k = 0; k < seg->nexclude; k++)
        build_node(b, seg->exclude[k], &exclude[k]);
    out->exclude = exclude;
    out->nexclude = (uint32_t)seg->nexclude;
}

/* Marks the segment and those it refers to, and puts each behind what it refers to. The
 * file was checked for circles. */
static void visit(
    struct rt_plan_segment *segments, uint32_t i, uint32_t *order, uint32_t *n);

static void visit_node(struct rt_plan_segment *segments, const struct rt_node *node,
    uint32_t *order, uint32_t *n)
{
    if (node->kind == RT_COND_SEGMENT)
        visit(segments, node->leaf, order, n);
    for (uint32_t i = 0; i < node->n; i++)
        visit_node(segments, &node->parts[i], order, n);
}

static void visit(
    struct rt_plan_segment *segments, uint32_t i, uint32_t *order, uint32_t *n)
{
    for (uint32_t k = 0; k < *n; k++)
        if (order[k] == i)
            return;
    visit_node(segments, &segments[i].match, order, n);
    for (uint32_t k = 0; k < segments[i].nexclude; k++)
        visit_node(segments, &segments[i].exclude[k], order, n);
    segments[i].wanted = true;
    order[(*n)++] = i;
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

static void build_segments(struct builder *b, const bool *wanted)
{
    uint32_t n = (uint32_t)b->defs->nsegments, norder = 0;
    struct rt_plan_segment *segments = new_array(b, n, sizeof *segments);
    uint32_t *order = new_array(b, n, sizeof *order);

    if (!segments || !order)
        return;
    for (uint32_t i = 0; i < n; i++)
        build_segment(b, i, &segments[i]);
    if (b->no_memory)
        return;
    for (uint32_t i = 0; i < n; i++)
        if (!wanted || wanted[i] || tier_wanted(b->defs, wanted, i))
            visit(segments, i, order, &norder);
    b->plan->segments = segments;
    b->plan->nsegments = n;
    b->plan->order = order;
}

/* ---- consent */

static uint32_t consent_matcher(
    struct builder *b, const struct rt_purpose *purpose, bool granted)
{
    struct rt_test *test = new_array(b, 1, sizeof *test);
    uint32_t m;

    if (!test)
        return 0;
    *test = (struct rt_test) { .kind = RT_TEST_LEAF,
        .field = purpose->field,
        .op = granted ? RT_OP_EQ_TEXT : RT_OP_EXISTS,
        .texts = granted ? purpose->granted : NULL,
        .ntexts = granted ? purpose->ngranted : 0 };
    m = add_matcher(b,
        (struct rt_matcher) { .where = formula_of(b, test), .everywhere = true },
        b->defs->json);
    look(b, m, RT_TIME_MIN, RT_TIME_MAX);
    return m;
}

/* Only purposes that a wanted segment asks for cost anything. */
static bool purpose_wanted(const struct builder *b, uint32_t purpose, const bool *wanted)
{
    for (size_t i = 0; i < b->defs->nsegments; i++)
        for (size_t k = 0; k < b->defs->segments[i].nconsent; k++)
            if (b->defs->segments[i].consent[k] == purpose && (!wanted || wanted[i]))
                return true;
    return false;
}

static void build_consents(struct builder *b, const bool *wanted)
{
    uint32_t n = (uint32_t)b->defs->npurposes;
    struct rt_consent *consents = new_array(b, n, sizeof *consents);

    if (!consents)
        return;
    for (uint32_t i = 0; i < n; i++) {
        const struct rt_purpose *p = &b->defs->purposes[i];

        consents[i] = (struct rt_consent) { RT_NONE, RT_NONE, p->absent_grants };
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

static void add_id_kind(struct builder *b, struct rt_span name, bool ignored)
{
    struct rt_plan *plan = b->plan;

    if (plan->nid_kinds == RT_ID_KINDS_MAX) {
        complain(b, b->defs->json, "more than 28 kinds of ids");
        return;
    }
    plan->id_kinds[plan->nid_kinds++] = (struct rt_id_kind) { .name = name,
        .slot = slot_of(b, name),
        .email = rt_span_eq(name, RT_SPAN("email")),
        .ignored = ignored };
}

static void build_people(struct builder *b)
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
    for (size_t i = 0; i < people->nfallback && i < RT_ID_KINDS_MAX; i++)
        plan->fallback_slots[plan->nfallback++] = slot_of(b, people->fallback[i]);
    plan->user_agent_slot = slot_of(b, RT_SPAN("user_agent"));
    plan->device_slot = plan->event_id_slot = RT_NONE;
    for (size_t i = 0; i < b->defs->nsources; i++) {
        if (b->defs->sources[i].bots == RT_BOTS_MARK)
            plan->device_slot = slot_of(b, RT_SPAN("device"));
        if (b->defs->sources[i].dedupe == RT_DEDUPE_EVENT_ID)
            plan->event_id_slot = slot_of(b, RT_SPAN("event_id"));
    }
}

/* ---- the whole */

/* The tests of each field, and whether their answers are worth remembering by value:
 * numbers are as quickly compared as looked up. */
static void list_tests(struct builder *b)
{
    struct rt_plan *plan = b->plan;

    for (uint32_t f = 0; f < plan->nfields; f++) {
        uint32_t *tests = new_array(b, plan->ntests, sizeof *tests), n = 0;

        if (!tests)
            return;
        for (uint32_t t = 0; t < plan->ntests; t++) {
            enum rt_op op = b->tests[t].leaf->op;

            if (b->tests[t].field != f)
                continue;
            tests[n++] = t;
            if (op != RT_OP_EXISTS && op != RT_OP_EQ_NUM
                && !(op >= RT_OP_GT && op <= RT_OP_BETWEEN))
                b->fields[f].memo = true;
        }
        b->fields[f].tests = tests;
        b->fields[f].ntests = n;
        if (b->fields[f].derive.kind != RT_DERIVE_NONE)
            b->fields[f].memo = true;
    }
}

static bool lay_out(struct builder *b)
{
    b->slots = new_array(b, SLOTS_MAX, sizeof *b->slots);
    b->fields = new_array(b, FIELDS_MAX, sizeof *b->fields);
    b->tests = new_array(b, RT_TESTS_MAX, sizeof *b->tests);
    b->matchers = new_array(b, RT_MATCHERS_MAX, sizeof *b->matchers);
    b->values = new_array(b, RT_VALUES_MAX, sizeof *b->values);
    b->leaves = new_array(b, LEAVES_MAX, sizeof *b->leaves);
    b->plan->tests = b->tests; /* rt_plan_free looks there for what is compiled */
    return !b->no_memory;
}

static void build(struct builder *b, const bool *wanted)
{
    struct rt_plan *plan = b->plan;

    slot_of(b, RT_SPAN("time"));
    slot_of(b, RT_SPAN("event"));
    build_people(b);
    build_segments(b, wanted);
    build_consents(b, wanted);
    list_tests(b);
    plan->slots.names = b->slots;
    plan->fields = b->fields;
    plan->matchers = b->matchers;
    plan->matcher_words = (plan->nmatchers + 63) / 64;
    if (plan->matcher_words == 0)
        plan->matcher_words = 1;
    plan->values = b->values;
    plan->leaves = b->leaves;
}

int rt_plan_new(const struct rt_defs *defs, int64_t as_of_us, const bool *wanted,
    struct rt_json_errors *errors, struct rt_plan **out, struct rt_err *err)
{
    struct rt_plan *plan = rt_calloc(1, sizeof *plan);
    struct builder b = { .plan = plan, .defs = defs, .errors = errors };
    size_t before = errors->n;

    if (!plan)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    plan->defs = defs;
    plan->as_of_us = as_of_us;
    if (lay_out(&b))
        build(&b, wanted);
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
