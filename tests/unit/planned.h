/*
 * Definitions compiled for a test, and records given as text: "cart product_id=p1 value=5".
 */
#ifndef PLANNED_H
#define PLANNED_H

#include "people/match.h"
#include "plan/plan.h"

#define PLANNED_AS_OF INT64_C(1782864000000000) /* 2026-07-01T00:00:00Z */

struct planned {
    struct rt_arena arena;
    struct rt_json_errors errors;
    struct rt_defs *defs;
    struct rt_plan *plan;
    struct rt_kinds *kinds;
    struct rt_match *match;
    struct rt_span *cells; /* of the last record */
};

/* Fails the test when the text is no good. */
void planned_open(struct planned *p, const char *json);

/* The same with states (people/fold.h). */
void planned_open_folding(struct planned *p, const char *json);

void planned_close(struct planned *p);

/* Fills p->cells: "NAME field=value ..."; a name of "-" is a contact row. Returns false for
 * one. `_` stands for a blank. */
bool planned_record(struct planned *p, const char *text);

/* Matches a record so given. */
void planned_match(
    struct planned *p, const char *text, int64_t time_us, struct rt_matched *out);

#endif
