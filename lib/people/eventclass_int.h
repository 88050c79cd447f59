/*
 * Inside of the classes of event names: what eventclass.c and its part share.
 *
 *     eventclass.c        the classes, worked out of the plan
 *     eventclass_names.c  names to classes
 */
#ifndef RT_EVENTCLASS_INT_H
#define RT_EVENTCLASS_INT_H

#include "base/hash.h"
#include "people/eventclass.h"

enum { RT_QUICK_SHIFT = 64 - 9, RT_QUICK_BYTES = 32 };

struct rt_class_name {
    struct rt_span text;
    uint64_t hash;
    struct rt_event_class class;
};

/* A name met lately, also one that the plan does not mention. */
struct rt_quick_name {
    char text[RT_QUICK_BYTES]; /* NULs behind its end */
    uint32_t n;                /* UINT32_MAX: none yet */
    uint32_t number;           /* of its class */
};

struct rt_classes {
    const struct rt_plan *plan;
    struct rt_arena arena;
    struct rt_class_name *names;                            /* by hash, open addressing */
    uint32_t nnames;                                        /* slots: a power of two */
    struct rt_quick_name quick[1 << (64 - RT_QUICK_SHIFT)]; /* where its bytes point */
    struct rt_event_class other, contact, shared;
    struct rt_event_class **numbered;
    uint32_t n;
    uint64_t *plain;
    /* while classes are built: room for all matchers, all fields */
    struct rt_candidate *candidates;
    const struct rt_formula **choices;
    struct rt_trigger *triggers;
    uint32_t *trigger_tests; /* of these, by the plan's numbers */
    uint32_t ntriggers;
    bool *reads;
};

/* The slot of the name, or the free one where it belongs. hash: rt_hash64 of it, seed 0. */
struct rt_class_name *rt_classes_find(
    const struct rt_classes *classes, struct rt_span text, uint64_t hash);

/* No name was met yet. */
void rt_classes_forget(struct rt_classes *classes);

#endif
