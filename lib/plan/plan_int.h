/*
 * Shared by the files that build a plan: what is being built, and the tables in which
 * everything that can stand twice in a segment file is looked up before it is added.
 *
 * The tables have fixed upper bounds (plan.h) and are laid out whole at the start: a plan
 * is small, and pointers into it never move.
 */
#ifndef RT_PLAN_INT_H
#define RT_PLAN_INT_H

#include "plan/plan.h"

enum { RT_PLAN_FIELDS_MAX = 1024, RT_PLAN_SLOTS_MAX = 2048, RT_PLAN_LEAVES_MAX = 8192 };

struct rt_planner {
    struct rt_plan *plan;
    const struct rt_defs *defs;
    struct rt_json_errors *errors;
    struct rt_span *slots;
    struct rt_plan_field *fields;
    struct rt_plan_test *tests;
    struct rt_matcher *matchers;
    struct rt_plan_value *values;
    struct rt_leaf *leaves;
    uint64_t
        asks; /* values that every matcher asks for: inside of a for_some, its field's */
    struct rt_span some_field;           /* that field; absent outside */
    bool products;                       /* the values of for_some go to lists */
    const struct rt_json *complained_at; /* the last complaint */
    const char *complained;
    bool no_memory;
};

void rt_planner_complain(
    struct rt_planner *b, const struct rt_json *at, const char *text);
void *rt_planner_new(struct rt_planner *b, size_t count, size_t size);

/* ---- plan_match.c: of a single record */

uint32_t rt_planner_slot(struct rt_planner *b, struct rt_span name);
uint32_t rt_planner_value(
    struct rt_planner *b, struct rt_span name, bool text, const struct rt_json *at);
const struct rt_formula *rt_planner_formula(
    struct rt_planner *b, const struct rt_test *test);
uint32_t rt_planner_add_matcher(
    struct rt_planner *b, struct rt_matcher m, const struct rt_json *at);

/* The matcher of events that pass where and also; either may be NULL. */
uint32_t rt_planner_matcher(struct rt_planner *b, const struct rt_event_set *events,
    const struct rt_test *where, const struct rt_test *also, const struct rt_json *at);

/* The matcher of all events that pass where, which may be NULL. */
uint32_t rt_planner_any_event(
    struct rt_planner *b, const struct rt_test *where, const struct rt_json *at);

/* The test that a field is present. */
const struct rt_test *rt_planner_exists(struct rt_planner *b, struct rt_span field);

/* Some leaf looks at the matcher's events within these times: keep at least them. */
void rt_planner_look(
    struct rt_planner *b, uint32_t matcher, int64_t lo_us, int64_t hi_us);

/* Lists the tests of each field, when all are there. */
void rt_planner_list_tests(struct rt_planner *b);

/* ---- plan_fold.c: when all leaves are there */

/* Decides which wanted leaves are kept as states, and which matchers anybody needs. */
void rt_planner_fold(struct rt_planner *b, bool fold);

/* ---- plan_leaf.c, plan_chain.c: of a person */

uint32_t rt_planner_leaf(struct rt_planner *b, const struct rt_cond *cond);
struct rt_bounds rt_planner_bounds(struct rt_planner *b, const struct rt_window *window);
void rt_planner_sequence(
    struct rt_planner *b, const struct rt_cond *cond, struct rt_leaf *leaf);
void rt_planner_session(
    struct rt_planner *b, const struct rt_cond *cond, struct rt_leaf *leaf);

/* A for_some without its condition: the caller builds that between begin and end, and its
 * leaves ask for the field's value. */
uint32_t rt_planner_begin_some(struct rt_planner *b, const struct rt_cond *cond);
void rt_planner_end_some(struct rt_planner *b, uint32_t leaf);

#endif
