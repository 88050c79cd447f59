/*
 * Conditions that can never be true, or always are. Each segment's facts (check_facts.h)
 * are laid side by side; what an `any` offers is looked at way by way.
 */
#include "base/alloc.h"
#include "base/timetext.h"
#include "run/check_facts.h"

/* Said once, where the friendly name is defined, by warn_of_named. */
static bool choice_is_shut(struct rt_facts *f, const struct rt_event_choice *choice)
{
    struct rt_span field;

    return choice->where && rt_check_tests(choice->where, NULL, f->asker, &field);
}

static bool warn_of_tests(struct rt_facts *f, const struct rt_json *at, const char *key,
    const struct rt_event_set *events, const struct rt_test *where)
{
    struct rt_span field = RT_SPAN_ABSENT;
    size_t shut = 0;

    if (!where)
        return false;
    for (size_t i = 0; i < events->n; i++)
        shut += !choice_is_shut(f, &events->choices[i])
            && rt_check_tests(events->choices[i].where, where, f->asker, &field);
    if (events->n == 0)
        shut = rt_check_tests(NULL, where, f->asker, &field);
    if (!shut || shut < events->n)
        return false;
    rt_check_warn(f->c, rt_check_member(at, key), true,
        "no value can pass: the tests on \"%s\" exclude each other",
        rt_check_show(field).text);
    return true;
}

/* What lies between steps must fit into what the whole may take. */
static void warn_of_steps(struct rt_facts *f, const struct rt_cond *cond)
{
    int64_t after = 0, room = cond->within_us < 0 ? RT_TIME_MAX : cond->within_us;
    bool window = cond->window.kind == RT_WINDOW_AGO && cond->window.max_us != RT_TIME_MAX
        && cond->window.max_us - cond->window.min_us <= room;

    for (size_t i = 0; i < cond->nsteps; i++) {
        const struct rt_step *step = &cond->steps[i];

        if (step->after_us > 0)
            after = rt_add_capped(after, step->after_us);
        if (step->after_us >= 0 && step->within_us >= 0
            && step->after_us > step->within_us)
            rt_check_warn(f->c,
                rt_check_member(&rt_json_get(cond->json, "sequence")->items[i], "after"),
                false, "can never be true: \"after\" is longer than \"within\"");
    }
    if (window)
        room = cond->window.max_us - cond->window.min_us;
    if (after > room)
        rt_check_warn(f->c,
            rt_check_member(
                cond->json, window ? cond->window.in_last ? "in_last" : "ago" : "within"),
            false, "can never be true: the steps' \"after\" make %s together",
            rt_check_duration(after).text);
}

/* ---- a condition and what lies inside it */

static void look_inside(struct rt_facts *f, const struct rt_cond *cond, bool negated);

/* Says what contradicts what; the later of the two is where it is said. */
static bool warn_of_contradiction(struct rt_facts *f)
{
    char path[256];
    size_t a, b;

    if (!rt_facts_contradict(f, &a, &b))
        return false;
    if (f->all[a].at->at > f->all[b].at->at) {
        size_t swap = a;

        a = b;
        b = swap;
    }
    rt_json_path(f->all[a].at, path, sizeof path);
    rt_check_warn(f->c, f->all[b].at, false, "contradicts %s: nobody is left",
        f->all[a].at == f->all[b].at ? "itself" : path);
    return true;
}

/* The same with an own set of facts: one way of an `any`, the inside of a for_some. */
static void look_apart(struct rt_facts *f, const struct rt_cond *cond, bool negated)
{
    struct rt_facts *apart = rt_calloc(1, sizeof *apart);

    if (!apart) {
        f->status = RT_ENOMEM;
        return;
    }
    apart->c = f->c;
    apart->asker = f->asker;
    rt_facts_gather(apart, cond, negated);
    warn_of_contradiction(apart);
    look_inside(apart, cond, negated);
    f->status = apart->status < 0 ? apart->status : f->status;
    rt_free(apart);
}

/* Conditions that may be undecided: then neither they nor their negation hold. */
static bool may_be_undecided(const struct rt_fact *fact)
{
    enum rt_cond_kind kind = fact->cond->kind;

    return !fact->counts
        && (kind == RT_COND_SEQUENCE || kind == RT_COND_FOR_SOME
            || kind == RT_COND_SEGMENT || kind == RT_COND_ALL || kind == RT_COND_ANY);
}

/* An `any` is always true when its ways cannot all be shut. */
static void look_at_any(struct rt_facts *f, const struct rt_cond *cond)
{
    struct rt_facts *shut = rt_calloc(1, sizeof *shut);
    size_t a, b;

    if (!shut) {
        f->status = RT_ENOMEM;
        return;
    }
    shut->c = f->c;
    shut->quiet = true;
    for (size_t i = 0; i < cond->n; i++)
        rt_facts_gather(shut, cond->parts[i], true);
    if (rt_facts_contradict(shut, &a, &b) && !may_be_undecided(&shut->all[a]))
        rt_check_warn(f->c, cond->json, false,
            "is always true: whoever does not fulfil one part fulfils another");
    rt_free(shut);
    for (size_t i = 0; i < cond->n; i++)
        look_apart(f, cond->parts[i], false);
}

/* Tests that exclude each other, wherever they stand; and what is to be looked at by
 * itself. */
static void look_inside(struct rt_facts *f, const struct rt_cond *cond, bool negated)
{
    static const struct rt_event_set nothing = { 0 };

    warn_of_tests(f,
        cond->kind == RT_COND_RANK ? rt_json_get(cond->json, "rank") : cond->json,
        "where", &cond->events, cond->where);
    if (cond->is)
        warn_of_tests(f, cond->json, cond->kind == RT_COND_PROFILE ? "profile" : "is",
            &nothing, cond->is);
    switch (cond->kind) {
    case RT_COND_NOT:
        look_inside(f, cond->parts[0], !negated);
        break;
    case RT_COND_ALL:
    case RT_COND_ANY:
        if ((cond->kind == RT_COND_ANY) == negated || cond->n == 1)
            for (size_t i = 0; i < cond->n; i++)
                look_inside(f, cond->parts[i], negated);
        else if (!negated)
            look_at_any(f, cond);
        else
            for (size_t i = 0; i < cond->n; i++)
                look_apart(f, cond->parts[i], true);
        break;
    case RT_COND_FOR_SOME:
        look_apart(f, cond->parts[0], false);
        break;
    case RT_COND_SEQUENCE:
        warn_of_steps(f, cond);
        for (size_t i = 0; i < cond->nsteps; i++)
            warn_of_tests(f, &rt_json_get(cond->json, "sequence")->items[i], "where",
                &cond->steps[i].events, cond->steps[i].where);
        break;
    case RT_COND_SESSION:
        warn_of_tests(f, cond->json, "landing", &nothing, cond->landing);
        if (cond->has_has)
            warn_of_tests(f, rt_json_get(cond->json, "has"), "where", &cond->has_events,
                cond->has_where);
        break;
    default:
        break;
    }
}

static int look_at_segment(struct rt_checking *c, struct rt_asker *asker, size_t at)
{
    const struct rt_segment *seg = &c->defs->segments[at];
    struct rt_facts *f = rt_calloc(1, sizeof *f);
    int rc = RT_ENOMEM;

    if (f) {
        f->c = c;
        f->asker = asker;
        rt_facts_of_segment(f, seg, false);
        warn_of_contradiction(f);
        look_inside(f, seg->match, false);
        for (size_t i = 0; i < seg->nexclude; i++)
            look_inside(f, seg->exclude[i], true);
        rc = f->status;
    }
    rt_free(f);
    return rc;
}

static void look_at_named(struct rt_checking *c, struct rt_asker *asker)
{
    const struct rt_json *events = rt_json_get(c->defs->json, "events");

    for (size_t i = 0; i < c->defs->nevents; i++) {
        const struct rt_named_events *named = &c->defs->events[i];
        struct rt_span field;

        if (named->choice.where
            && rt_check_tests(named->choice.where, NULL, asker, &field))
            rt_check_warn(c, rt_check_member(rt_json_get(events, named->name.p), "where"),
                true, "no value can pass: the tests on \"%s\" exclude each other",
                rt_check_show(field).text);
    }
}

int rt_check_never(struct rt_checking *c)
{
    struct rt_asker asker;
    int rc = rt_asker_init(&asker, c->as_of_us);

    if (rc == RT_OK)
        look_at_named(c, &asker);
    for (size_t i = 0; i < c->defs->nsegments && rc == RT_OK; i++)
        rc = look_at_segment(c, &asker, i);
    rt_asker_release(&asker);
    return rc;
}
