/*
 * Limited Data Use of Meta's lists: what a contact file says of it, as Meta wants it. A
 * wrong word would quietly let data be used that must not be, so anything else than the
 * documented values is invalid. Meta's customer lists know it for California alone.
 * Source: Meta, Data Processing Options; customer file template of the Ads Manager.
 */
#ifndef RT_LDU_H
#define RT_LDU_H

#include "lists/normalise.h"

/* "LDU", in any case. */
rt_norm_fn rt_norm_ldu;

/* "1" (the United States; also "US", "USA") or "0" (let Meta find out). */
rt_norm_fn rt_norm_ldu_country;

/* "1000" (California; also "CA", "California") or "0". */
rt_norm_fn rt_norm_ldu_state;

#endif
