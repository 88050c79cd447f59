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
    bool *given_up;   /* likewise by part: at the bound of a sequence's search */
    uint64_t looks;   /* that all searches may take once there are answers */
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

/* Each of the following returns RT_OK or RT_ENOMEM. */

/* Appends a target to the segment's lists, in which there is room for all. */
int rt_explain_list(
    struct rt_explainer *x, uint32_t target, struct rt_explained_segment *segment);

/* The parts of a condition, as answered. only: as in struct rt_view. */
int rt_explain_parts(struct rt_explainer *x, const struct rt_part *part, const bool *only,
    const uint8_t *answers, struct rt_explained_node *node);

/* A record as it is shown. */
int rt_explain_event(
    struct rt_explainer *x, uint32_t record, struct rt_explained_event *out);

/* ---- explain_pick.c: which records a question is about, and which of them are picked */

struct rt_view {
    struct rt_explainer *x;
    const bool *only; /* by record of the trail; NULL: all */
    bool *picked;     /* likewise */
};

void rt_view_pick_none(struct rt_view *view);

/* Those that a `did` counts, and that break a `did_not`; the node gets the anchor. */
int rt_view_pick_counted(
    struct rt_view *view, const struct rt_part *part, struct rt_explained_node *node);

/* The latest or earliest, all of that instant. */
void rt_view_pick_end(struct rt_view *view, const struct rt_part *part);

/* PROFILE: contact rows. SEQUENCE: those that could stand at a step. */
void rt_view_pick_rows(struct rt_view *view, const struct rt_part *part);
void rt_view_pick_step(
    struct rt_view *view, const struct rt_part *part, const struct rt_aspect *aspect);

/* The node shows what is picked, newest first. */
int rt_view_show(const struct rt_view *view, struct rt_explained_node *node);

/* ---- explain_measure.c */

/* The field's values by record, copied to the explanation; absent where there is none.
 * Freed by the caller; NULL: no memory. */
struct rt_span *rt_explain_values(struct rt_explainer *x, struct rt_span field);

/* Of DID and RANK: what the picked records came to. */
int rt_view_measure(const struct rt_view *view, const struct rt_part *part,
    struct rt_explained_node *node);

/* ---- explain_cases.c: conditions that are shown case by case */

int rt_view_tell_steps(
    struct rt_view *view, const struct rt_part *part, struct rt_explained_node *node);
int rt_view_tell_sessions(
    struct rt_view *view, const struct rt_part *part, struct rt_explained_node *node);
int rt_view_tell_some(
    struct rt_view *view, const struct rt_part *part, struct rt_explained_node *node);

#endif
