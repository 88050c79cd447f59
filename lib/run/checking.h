/*
 * The parts of `check`, for check*.c alone. A warning is about something that is allowed
 * and hardly meant; what is not certain from the file and the inputs is not said.
 */
#ifndef RT_CHECKING_H
#define RT_CHECKING_H

#include "people/asker.h"
#include "plan/plan.h"
#include "run/contacts.h"
#include "run/inputs.h"
#include "run/run.h"
#include "run/survey.h"

struct rt_checking {
    const struct rt_run_options *o;
    const struct rt_defs *defs;
    const struct rt_plan *plan;
    int64_t as_of_us;
    struct rt_json_errors *warnings;
    struct rt_arena arena;
    /* with inputs */
    struct rt_inputs inputs;
    struct rt_contacts contacts;
    bool contacts_open;
    struct rt_survey_ask ask;
    struct rt_survey *events, *rows; /* of inputs, of contact rows */
};

/* A warning at a value of the segment file, or at its key. */
#define rt_check_warn(c, json, at_key, ...)                                              \
    rt_json_complain((c)->warnings, (c)->defs->text, json, at_key, __VA_ARGS__)

/* A name of the file as it can be shown: control characters as '?', cut at 64 bytes. */
struct rt_check_text {
    char text[68];
};
struct rt_check_text rt_check_show(struct rt_span text);

/* "7d", "90m": a duration as the file writes it, in the largest unit that is whole. */
struct rt_check_text rt_check_duration(int64_t us);

/* True when two JSON values are written alike: keys in the same order, numbers by their
 * text. */
bool rt_json_same(const struct rt_json *a, const struct rt_json *b);

/* The member of an object; the object when it has none. */
const struct rt_json *rt_check_member(const struct rt_json *json, const char *key);

/* ---- check_tests.c */

/* True when no record can pass both formulas; either may be NULL: no tests. *field is then
 * one whose tests exclude each other. */
bool rt_check_tests(const struct rt_test *a, const struct rt_test *b,
    struct rt_asker *asker, struct rt_span *field);

/* ---- check_never.c: conditions that can never be true, or always are */
int rt_check_never(struct rt_checking *c);

/* ---- check_nobody.c: audiences of people who did nothing, platforms' limits */
int rt_check_nobody(struct rt_checking *c);

/* ---- check_names.c: names of the file against the inputs */
int rt_check_names(struct rt_checking *c);

/* ---- check_inputs.c: times, people, sources, outputs against the inputs */
int rt_check_inputs(struct rt_checking *c);

/* ---- check_spans.c: steps and sessions longer than the inputs */
void rt_check_spans(struct rt_checking *c);

#endif
