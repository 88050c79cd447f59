/*
 * The nearest known name, for "did you mean": optimal string alignment distance (one
 * insertion, deletion, substitution or swap of neighbours counts 1), case ignored.
 */
#ifndef RT_NEAR_H
#define RT_NEAR_H

#include <stddef.h>

#include "base/span.h"

/* The one of names that is nearest to word, within a third of the longer length (at least
 * 1); else the shortest that word is the beginning of, up to a '-' or '_' ("google" of
 * "google-ads"); else NULL. Of equals the first. Names longer than 64 bytes are passed
 * over. Lent: it is one of names. */
const char *rt_near(struct rt_span word, const char *const *names, size_t nnames);

#endif
