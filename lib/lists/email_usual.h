/*
 * Addresses as nearly all are: at most 64 bytes, of letters, digits and the signs . _ - + in
 * ASCII. A bit a byte says which of these stands where, so every rule of an address is a
 * word or two of arithmetic instead of a walk.
 *
 * 100 instructions for an address of 25 bytes, where the walks of email.c take 880.
 */
#ifndef RT_EMAIL_USUAL_H
#define RT_EMAIL_USUAL_H

#include <stdbool.h>

#include "base/span.h"

enum { RT_EMAIL_USUAL_MAX = 64 };

/*
 * Whether text is such an address, and a valid one for every family (lists/normalise.h).
 * False says nothing: it is something else, or there is no SSE2, or it is none at all.
 *
 * lower  gets it in lower case: RT_EMAIL_USUAL_MAX bytes, those behind it are anything
 * user   gets the bytes before the '@'
 * cased  gets whether it has capitals
 */
bool rt_email_usual(struct rt_span text, char *lower, size_t *user, bool *cased);

#endif
