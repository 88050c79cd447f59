/*
 * The conditions of a segment file taken apart, so that each can be asked by itself.
 *
 * Every condition of a tree becomes a segment of its own, and groups refer to their parts
 * as to segments:
 *
 *     all: [ A, not: B ]        #4 all: [#1, #3]   #3 not: [#2]   #1 A   #2 B
 *
 * Compiled and evaluated as any other definitions, these answer for each condition: there
 * is no second evaluator that could disagree with the first. Beside each condition stand
 * *aspects*: segments that nobody is a member of for any purpose, whose matchers tell
 * which events a condition looks at, whatever its window.
 */
#ifndef RT_EXPLAIN_PARTS_H
#define RT_EXPLAIN_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "people/ranking.h"
#include "plan/plan.h"
#include "plan/segdef.h"

enum rt_aspect_kind {
    RT_ASPECT_EVENT,  /* what is counted: `did` and its kin */
    RT_ASPECT_IS,     /* LAST FIRST: those that pass `is` */
    RT_ASPECT_ANCHOR, /* the window's anchor */
    RT_ASPECT_STEP,   /* SEQUENCE: one a step, in order */
    RT_ASPECT_HAS     /* SESSION */
};

struct rt_aspect {
    enum rt_aspect_kind kind;
    uint32_t segment; /* of the definitions of struct rt_parts */
};

/* A condition. Its answer is that of its segment. */
struct rt_part {
    const struct rt_cond *cond; /* as the file has it */
    uint32_t segment;
    const uint32_t *parts; /* ALL ANY NOT; FOR_SOME: what `holds` */
    uint32_t nparts;
    const struct rt_aspect *aspects;
    uint32_t naspects;
    bool ranked; /* a rank has a say in its answer */
    bool inside; /* of a for_some: it means something for one value alone */
};

struct rt_parts_of { /* a segment's */
    bool shown;      /* asked for, or one that is asked for refers to it */
    bool ranked;     /* a rank has a say in its answer, so other people have */
    uint32_t match;
    const uint32_t *exclude; /* as in the segment */
};

/* Where a rank's list ends: it depends on everybody, so it was found with all people. */
struct rt_known_rank {
    const struct rt_cond *cond;
    struct rt_rank_summary summary;
};

struct rt_parts {
    struct rt_defs
        defs;     /* the file's, with these segments: its own, at their places, then
                            one a condition, then aspects. Not to be freed */
    bool *wanted; /* by segment of defs */
    struct rt_part *parts;
    uint32_t nparts;
    struct rt_parts_of *of;            /* by segment of the file */
    uint32_t nfile;                    /* of those */
    const struct rt_known_rank *ranks; /* the caller's */
    uint32_t nranks;
    struct rt_arena arena;
};

/*
 * asked  by segment; those that they refer to are taken as well
 *
 * RT_OK or RT_ENOMEM. Release frees it in any case.
 */
int rt_parts_init(struct rt_parts *parts, const struct rt_defs *defs, const bool *asked);
void rt_parts_release(struct rt_parts *parts);

/* The aspect of that kind, or NULL. */
const struct rt_aspect *rt_part_aspect(
    const struct rt_part *part, enum rt_aspect_kind kind);

/* True for ALL, ANY, NOT and SEGMENT, whose answers are put together from others. */
static inline bool rt_part_is_logic(const struct rt_part *part)
{
    return part->cond->kind <= RT_COND_SEGMENT;
}

#endif
