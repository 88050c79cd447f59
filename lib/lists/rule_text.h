/*
 * Rules of normalisation in words.
 */
#ifndef RT_RULE_TEXT_H
#define RT_RULE_TEXT_H

#include "lists/normalise.h"

/* What a rule makes of a value, as a phrase for people: "lower case, with hyphens". NULL
 * for those of e-mail addresses and telephone numbers, which the table of platforms has
 * its own phrases for. */
const char *rt_rule_text(rt_norm_fn *rule);

#endif
