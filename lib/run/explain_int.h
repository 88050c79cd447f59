/*
 * What the explain*.c files share while an explanation is made.
 */
#ifndef RT_EXPLAIN_INT_H
#define RT_EXPLAIN_INT_H

#include "run/build.h"
#include "run/explain.h"
#include "run/explain_moment.h"
#include "run/explain_next.h"

struct rt_explainer {
    struct rt_explanation *out;
    struct build build; /* the way to the people of a build, and to their fate */
    struct rt_err *err;
    bool *asked; /* by segment of the file */
    uint32_t person;
    struct rt_watch watch;
    struct rt_parts parts;
    struct rt_trail trail;
    struct rt_moment *now;
    uint8_t *answers; /* now, by segment of the parts */
    struct rt_instants instants;
    struct rt_next *next; /* likewise */
};

static inline int rt_explain_no_memory(struct rt_explainer *x)
{
    return rt_err_set(x->err, RT_ENOMEM, "out of memory");
}

/* A text in the explanation's arena; absent without memory. */
struct rt_span rt_explain_text(struct rt_explainer *x, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* What a buffer holds, likewise; the buffer is released. */
struct rt_span rt_explain_keep(struct rt_explainer *x, struct rt_buf *buf);

/* Each returns RT_OK, or the status that it left in x->err. */

/* explain_person.c: finds x->person; says who it is, once there is a trail. */
int rt_explain_find(struct rt_explainer *x, const char *person);
int rt_explain_person(struct rt_explainer *x);

/* explain_tell.c: the trees of all segments. */
int rt_explain_tell(struct rt_explainer *x);

/* A record as it is shown. RT_OK or RT_ENOMEM. */
int rt_explain_event(
    struct rt_explainer *x, uint32_t record, struct rt_explained_event *out);

#endif
