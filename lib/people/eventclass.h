/*
 * Classes of event names: of most matchers a name alone decides whether they can hold, and
 * of many whether they do. So the plan's matchers are sorted out by name once, and a record
 * is asked only what its name leaves open.
 *
 * One a worker, read-only but for a small cache of names.
 */
#ifndef RT_EVENTCLASS_H
#define RT_EVENTCLASS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/plan.h"

struct rt_candidate { /* a matcher that the name allows and a formula decides */
    uint32_t matcher;
    const struct rt_formula **choices; /* any of them holds (NULL: one without `where`) */
    uint32_t nchoices;
    const struct rt_formula *where; /* and this */
};

/* A matcher that one test decides alone, which most are. */
struct rt_trigger {
    uint32_t test; /* its place among the field's */
    uint32_t matcher;
};

struct rt_class_field {
    uint32_t field;
    uint32_t ntriggers;
    struct rt_trigger *triggers; /* by test */
    bool read;                   /* by some candidate's formula */
};

struct rt_event_class {
    uint32_t number; /* below rt_classes_count */
    uint64_t *plain; /* matchers that the name alone fulfils */
    struct rt_candidate *candidates;
    uint32_t ncandidates;
    struct rt_class_field *fields; /* which the triggers and formulas read */
    uint32_t nfields;
};

enum {
    /* A field whose tests cost more than this, in the unit of rt_plan_field's cost, has its
     * answers remembered by value: about what it costs to look one up. */
    RT_COSTLY_TESTS = 120
};

struct rt_classes;

int rt_classes_new(const struct rt_plan *plan, struct rt_classes **out);
void rt_classes_free(struct rt_classes *classes);

/* The classes, by number, of n records, by the names in their cells' RT_SLOT_EVENT; also of
 * those that the plan does not mention. */
void rt_classes_column(struct rt_classes *classes, const struct rt_span *const *cells,
    uint32_t n, uint32_t *numbers);

/* The plain form of it, for every processor and for the tests. */
void rt_classes_column_plain(struct rt_classes *classes,
    const struct rt_span *const *cells, uint32_t n, uint32_t *numbers);

uint32_t rt_classes_count(const struct rt_classes *classes);
const struct rt_event_class *rt_classes_numbered(
    const struct rt_classes *classes, uint32_t number);

/* The plain matchers of all classes, by number: plan->matcher_words words each. */
const uint64_t *rt_classes_plain(const struct rt_classes *classes);

/* The class of contact rows. */
const struct rt_event_class *rt_classes_contact(const struct rt_classes *classes);

/* The triggers of all events, whatever their names ("did": "*"). They are asked of a whole
 * batch at once, so they do not stand in the classes again, but for contact's. */
const struct rt_event_class *rt_classes_shared(const struct rt_classes *classes);

#endif
