/* The classes of the names that the plan mentions, of all others, and of contact rows. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "people/eventclass_int.h"

static void *new_array(struct rt_classes *cs, size_t n, size_t size)
{
    return rt_arena_new(&cs->arena, n, size);
}

static bool choice_takes(const struct rt_choice *choice, struct rt_span name)
{
    for (uint32_t i = 0; i < choice->nnames; i++)
        if (rt_span_eq(choice->names[i], name))
            return true;
    return choice->nnames == 0;
}

static void note_fields(
    const struct rt_plan *plan, const struct rt_formula *f, bool *reads)
{
    if (!f)
        return;
    if (f->kind == RT_TEST_LEAF)
        reads[plan->tests[f->test].field] = true;
    for (uint32_t i = 0; i < f->n; i++)
        note_fields(plan, &f->parts[i], reads);
}

/* Is the formula one test of a field whose answers fit a word? Then it is noted. */
static bool triggers(struct rt_classes *cs, const struct rt_formula *f, uint32_t matcher)
{
    if (f->kind != RT_TEST_LEAF
        || cs->plan->fields[cs->plan->tests[f->test].field].ntests > 64)
        return false;
    cs->trigger_tests[cs->ntriggers] = f->test;
    cs->triggers[cs->ntriggers++].matcher = matcher;
    return true;
}

/* Sorts a matcher into a class whose name it allows through `choices`. */
static int add_candidate(struct rt_classes *cs, struct rt_event_class *class,
    uint32_t matcher, const struct rt_formula **choices, uint32_t nchoices, bool *reads)
{
    const struct rt_formula *where = cs->plan->matchers[matcher].where;
    struct rt_candidate *c = &class->candidates[class->ncandidates];

    for (uint32_t i = 0; i < nchoices; i++)
        if (!choices[i])
            nchoices = 0; /* one choice holds by its name: the others do not matter */
    if (nchoices == 0 && !where) {
        class->plain[matcher / 64] |= UINT64_C(1) << matcher % 64;
        return RT_OK;
    }
    if (nchoices == 0 && triggers(cs, where, matcher))
        return RT_OK;
    if (nchoices == 1 && !where && triggers(cs, choices[0], matcher))
        return RT_OK;
    *c = (struct rt_candidate) {
        .matcher = matcher, .nchoices = nchoices, .where = where
    };
    c->choices = new_array(cs, nchoices, sizeof *c->choices);
    if (!c->choices)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < nchoices; i++) {
        c->choices[i] = choices[i];
        note_fields(cs->plan, choices[i], reads);
    }
    note_fields(cs->plan, where, reads);
    class->ncandidates++;
    return RT_OK;
}

/* The matchers that a name allows, each through which of its choices. Candidates and reads
 * are gathered in tables for all matchers and copied at their size: there may be many names. */
static int gather(struct rt_classes *cs, struct rt_span name, bool contact,
    struct rt_event_class *class, bool *reads)
{
    const struct rt_plan *plan = cs->plan;

    for (uint32_t i = 0; i < plan->nmatchers; i++) {
        const struct rt_matcher *matcher = &plan->matchers[i];
        const struct rt_formula **choices = cs->choices;
        uint32_t n = 0;

        if (matcher->lo_us > matcher->hi_us)
            continue; /* nobody looks */
        if (!matcher->everywhere && matcher->contact != contact)
            continue;
        for (uint32_t k = 0; k < matcher->nchoices; k++)
            if (choice_takes(&matcher->choices[k], name))
                choices[n++] = matcher->choices[k].where;
        if ((n || matcher->contact || matcher->everywhere)
            && add_candidate(cs, class, i, choices, n, reads) < 0)
            return RT_ENOMEM;
    }
    return RT_OK;
}

static int by_test(const void *a, const void *b)
{
    const struct rt_trigger *x = a, *y = b;

    if (x->test != y->test)
        return x->test < y->test ? -1 : 1;
    return (x->matcher > y->matcher) - (x->matcher < y->matcher);
}

/* The triggers of a field, copied at their size. */
static int build_triggers(struct rt_classes *cs, uint32_t f, struct rt_class_field *out)
{
    const struct rt_plan_field *field = &cs->plan->fields[f];
    struct rt_trigger *copy;
    uint32_t n = 0;

    for (uint32_t i = 0; i < cs->ntriggers; i++)
        n += cs->plan->tests[cs->trigger_tests[i]].field == f;
    copy = new_array(cs, n, sizeof *copy);
    if (!copy)
        return RT_ENOMEM;
    n = 0;
    for (uint32_t i = 0; i < cs->ntriggers; i++) {
        uint32_t test = 0;

        if (cs->plan->tests[cs->trigger_tests[i]].field != f)
            continue;
        while (field->tests[test] != cs->trigger_tests[i])
            test++;
        copy[n++] = (struct rt_trigger) { test, cs->triggers[i].matcher };
    }
    qsort(copy, n, sizeof *copy, by_test);
    *out = (struct rt_class_field) {
        .field = f, .triggers = copy, .ntriggers = n, .read = cs->reads[f]
    };
    return RT_OK;
}

static bool has_trigger(const struct rt_classes *cs, uint32_t f)
{
    for (uint32_t i = 0; i < cs->ntriggers; i++)
        if (cs->plan->tests[cs->trigger_tests[i]].field == f)
            return true;
    return false;
}

/* name: absent for every name that the plan does not mention. */
static int build_class(struct rt_classes *cs, struct rt_span name, bool contact,
    struct rt_event_class *class)
{
    const struct rt_plan *plan = cs->plan;
    bool *reads = cs->reads;
    uint32_t n = 0;

    class->number = cs->n;
    cs->numbered[cs->n++] = class;
    memset(reads, 0, plan->nfields * sizeof *reads);
    cs->ntriggers = 0;
    class->plain = new_array(cs, plan->matcher_words, sizeof *class->plain);
    class->candidates = cs->candidates;
    if (!class->plain || gather(cs, name, contact, class, reads) < 0)
        return RT_ENOMEM;
    class->candidates = new_array(cs, class->ncandidates, sizeof *class->candidates);
    for (uint32_t f = 0; f < plan->nfields; f++)
        n += reads[f] || has_trigger(cs, f);
    class->fields = new_array(cs, n, sizeof *class->fields);
    if (!class->candidates || !class->fields)
        return RT_ENOMEM;
    memcpy(
        class->candidates, cs->candidates, class->ncandidates * sizeof *cs->candidates);
    for (uint32_t f = 0; f < plan->nfields; f++)
        if ((reads[f] || has_trigger(cs, f))
            && build_triggers(cs, f, &class->fields[class->nfields++]) < 0)
            return RT_ENOMEM;
    return RT_OK;
}

static int build_classes(struct rt_classes *cs)
{
    const struct rt_plan *plan = cs->plan;
    size_t mentioned = 0, most = 1;

    for (uint32_t i = 0; i < plan->nmatchers; i++) {
        if (plan->matchers[i].nchoices > most)
            most = plan->matchers[i].nchoices;
        for (uint32_t k = 0; k < plan->matchers[i].nchoices; k++)
            mentioned += plan->matchers[i].choices[k].nnames;
    }
    for (cs->nnames = 16; cs->nnames < 2 * mentioned; cs->nnames *= 2)
        ;
    cs->names = new_array(cs, cs->nnames, sizeof *cs->names);
    cs->numbered = new_array(cs, mentioned + 2, sizeof *cs->numbered);
    cs->candidates = new_array(cs, plan->nmatchers, sizeof *cs->candidates);
    cs->choices = new_array(cs, most, sizeof *cs->choices);
    cs->reads = new_array(cs, plan->nfields, sizeof *cs->reads);
    cs->triggers = new_array(cs, plan->nmatchers, sizeof *cs->triggers);
    cs->trigger_tests = new_array(cs, plan->nmatchers, sizeof *cs->trigger_tests);
    if (!cs->names || !cs->numbered || !cs->candidates || !cs->choices || !cs->reads
        || !cs->triggers || !cs->trigger_tests)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < plan->nmatchers; i++)
        for (uint32_t k = 0; k < plan->matchers[i].nchoices; k++)
            for (uint32_t j = 0; j < plan->matchers[i].choices[k].nnames; j++) {
                struct rt_span text = plan->matchers[i].choices[k].names[j];
                struct rt_class_name *name =
                    rt_classes_find(cs, text, rt_hash64(text, 0));

                if (name->text.p)
                    continue;
                name->text = text;
                name->hash = rt_hash64(text, 0);
                if (build_class(cs, text, false, &name->class) < 0)
                    return RT_ENOMEM;
            }
    if (build_class(cs, RT_SPAN_ABSENT, false, &cs->other) < 0)
        return RT_ENOMEM;
    return build_class(cs, RT_SPAN_ABSENT, true, &cs->contact);
}

/* ---- triggers of all events */

/* The triggers of the first one's test, which stand together. */
static uint32_t run_of(const struct rt_trigger *t, uint32_t n)
{
    uint32_t run = n > 0;

    while (run < n && t[run].test == t[0].test)
        run++;
    return run;
}

/* Of the common triggers, those whose test triggers the same matchers among a class's own.
 * Returns how many. */
static uint32_t keep_common(
    const struct rt_trigger *own, uint32_t nown, struct rt_trigger *common, uint32_t n)
{
    uint32_t kept = 0;

    for (uint32_t i = 0, k = 0, run; i < n; i += run) {
        run = run_of(common + i, n - i);
        while (k < nown && own[k].test < common[i].test)
            k++;
        if (run_of(own + k, nown - k) != run
            || memcmp(own + k, common + i, run * sizeof *own) != 0)
            continue;
        memmove(common + kept, common + i, run * sizeof *own);
        kept += run;
    }
    return kept;
}

static struct rt_class_field *field_of(struct rt_event_class *class, uint32_t f)
{
    for (uint32_t i = 0; i < class->nfields; i++)
        if (class->fields[i].field == f)
            return &class->fields[i];
    return NULL;
}

/* What all names have of a field's triggers. Of a field whose answers are remembered it is
 * all or none: one look-up gives all its answers. */
static uint32_t common_triggers(
    struct rt_classes *cs, const struct rt_class_field *of, struct rt_trigger *common)
{
    bool whole = cs->plan->fields[of->field].cost > RT_COSTLY_TESTS;
    uint32_t n = of->ntriggers;

    memcpy(common, of->triggers, n * sizeof *common);
    for (uint32_t c = 0; c < cs->n && n; c++) {
        const struct rt_class_field *cf = field_of(cs->numbered[c], of->field);
        uint32_t nown = cf ? cf->ntriggers : 0;

        if (cs->numbered[c] == &cs->contact)
            continue;
        n = nown ? keep_common(cf->triggers, nown, common, n) : 0;
        if (whole && (n != of->ntriggers || n != nown))
            n = 0;
    }
    return n;
}

/* Takes the common triggers out of a class's own. */
static void take_out(
    struct rt_class_field *own, const struct rt_trigger *common, uint32_t n)
{
    uint32_t kept = 0;

    for (uint32_t i = 0, k = 0; i < own->ntriggers; i++) {
        while (k < n && common[k].test < own->triggers[i].test)
            k++;
        if (k == n || common[k].test != own->triggers[i].test)
            own->triggers[kept++] = own->triggers[i];
    }
    own->ntriggers = kept;
}

static void drop_idle_fields(struct rt_event_class *class)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < class->nfields; i++)
        if (class->fields[i].ntriggers || class->fields[i].read)
            class->fields[n++] = class->fields[i];
    class->nfields = n;
}

/* Any name may be one that the plan does not mention: what all have, that class has. */
static int share_triggers(struct rt_classes *cs)
{
    struct rt_event_class *other = &cs->other, *shared = &cs->shared;

    shared->fields = new_array(cs, other->nfields, sizeof *shared->fields);
    if (!shared->fields)
        return RT_ENOMEM;
    for (uint32_t i = 0; i < other->nfields; i++) {
        const struct rt_class_field *of = &other->fields[i];
        struct rt_trigger *common = new_array(cs, of->ntriggers, sizeof *common);
        uint32_t n = common ? common_triggers(cs, of, common) : 0;

        if (!common)
            return RT_ENOMEM;
        if (n)
            shared->fields[shared->nfields++] = (struct rt_class_field) {
                .field = of->field, .triggers = common, .ntriggers = n
            };
    }
    for (uint32_t c = 0; c < cs->n; c++) {
        struct rt_event_class *class = cs->numbered[c];

        for (uint32_t i = 0; i < shared->nfields && class != &cs->contact; i++)
            take_out(field_of(class, shared->fields[i].field), shared->fields[i].triggers,
                shared->fields[i].ntriggers);
        drop_idle_fields(class);
    }
    return RT_OK;
}

/* The classes' plain matchers, one class after the other. */
static int gather_plain(struct rt_classes *cs)
{
    uint32_t words = cs->plan->matcher_words;

    cs->plain = new_array(cs, (size_t)cs->n * words, sizeof *cs->plain);
    if (!cs->plain)
        return RT_ENOMEM;
    for (uint32_t c = 0; c < cs->n; c++) {
        uint64_t *to = cs->plain + (size_t)c * words;

        memcpy(to, cs->numbered[c]->plain, words * sizeof *to);
        cs->numbered[c]->plain = to;
    }
    return RT_OK;
}

/* ---- the table */

int rt_classes_new(const struct rt_plan *plan, struct rt_classes **out)
{
    struct rt_classes *cs = rt_calloc(1, sizeof *cs);

    if (!cs)
        return RT_ENOMEM;
    cs->plan = plan;
    rt_classes_forget(cs);
    if (build_classes(cs) < 0 || share_triggers(cs) < 0 || gather_plain(cs) < 0) {
        rt_classes_free(cs);
        return RT_ENOMEM;
    }
    *out = cs;
    return RT_OK;
}

void rt_classes_free(struct rt_classes *cs)
{
    if (!cs)
        return;
    rt_arena_release(&cs->arena);
    rt_free(cs);
}

uint32_t rt_classes_count(const struct rt_classes *cs)
{
    return cs->n;
}

const struct rt_event_class *rt_classes_numbered(
    const struct rt_classes *cs, uint32_t number)
{
    return cs->numbered[number];
}

const struct rt_event_class *rt_classes_contact(const struct rt_classes *cs)
{
    return &cs->contact;
}

const struct rt_event_class *rt_classes_shared(const struct rt_classes *cs)
{
    return &cs->shared;
}

const uint64_t *rt_classes_plain(const struct rt_classes *cs)
{
    return cs->plain;
}
