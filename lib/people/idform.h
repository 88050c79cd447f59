/*
 * The form in which ids are compared.
 */
#ifndef RT_IDFORM_H
#define RT_IDFORM_H

#include "base/span.h"
#include "people/ids.h"
#include "plan/plan.h"

/* An id in the form of its kind: outer blanks and tabs cut, e-mail in lower case
 * (ASCII). Absent when it is none: empty, too long, with a control character. copy has
 * room for RT_ID_BYTES_MAX; used only when the bytes change. */
struct rt_span rt_id_form(const struct rt_id_kind *kind, struct rt_span text, char *copy);

#endif
