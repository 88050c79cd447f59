/*
 * What `init` makes of inputs, for init*.c alone: which of their events are what a shop or
 * a site usually records, known by their names, and what those events carry.
 */
#ifndef RT_STARTER_H
#define RT_STARTER_H

#include "base/buf.h"
#include "run/inputs.h"
#include "run/run.h"
#include "run/survey.h"

/* What an event is, as far as its name tells. */
enum rt_role {
    RT_ROLE_OTHER,
    RT_ROLE_VIEW, /* of a product */
    RT_ROLE_PAGE,
    RT_ROLE_CART_ADD,
    RT_ROLE_CART, /* "cart" alone: where there is no adding, it is that */
    RT_ROLE_CHECKOUT,
    RT_ROLE_PURCHASE,
    RT_ROLE_VIDEO,
    RT_ROLES
};

/* The role of an event name: case, blanks and "_-.:/" aside one of a table. */
enum rt_role rt_role_of(struct rt_span name);

enum rt_starter_field {
    RT_STARTER_PRODUCT,
    RT_STARTER_VALUE,
    RT_STARTER_QUANTITY,
    RT_STARTER_ORDER,
    RT_STARTER_PERCENT,
    RT_STARTER_IP,
    RT_STARTER_USER_AGENT,
    RT_STARTER_HOST,
    RT_STARTER_FIELDS
};

enum { RT_STARTER_IDS = 3, RT_STARTER_KINDS = 4 }; /* user_id email client_id; phone */

struct rt_starter {
    const struct rt_run_options *o;
    struct rt_arena arena;
    struct rt_inputs inputs;
    const char **guesses; /* by feed: the event of records without one; NULL: they have */
    struct rt_survey_ask ask;
    struct rt_survey *survey;
};

/* The name of a field or of a kind of id, as the segment file writes it. */
const char *rt_starter_field_name(enum rt_starter_field field);
const char *rt_starter_id_name(unsigned kind);

/* Appends the segment file. RT_OK, RT_ENOMEM, RT_ELIMIT at the end of out. */
int rt_starter_write(struct rt_starter *starter, struct rt_buf *out);

#endif
