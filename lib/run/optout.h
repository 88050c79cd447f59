/*
 * Opt-out files: every cell of every line is compared with the ids of every kind, plain or
 * as the SHA-256 of the id, and those that stand there are marked.
 *
 * A file may be a CSV or hold one id a line, and an id may contain what separates columns
 * elsewhere ("auth0|42"). So a line is taken whole, too, and cut at every separator that
 * could be meant: that an id is compared once too often costs a look-up, that it is missed
 * would reach someone who asked not to be reached.
 */
#ifndef RT_OPTOUT_H
#define RT_OPTOUT_H

#include <stdint.h>

#include "base/err.h"
#include "people/ids.h"
#include "plan/plan.h"

/* Reads the definitions' opt-out files and marks ids (RT_ID_OPTED_OUT). *found is how
 * many ids were marked. jobs: threads for the digests, which are only computed when a file
 * has hashed ids. */
int rt_optout_read(const struct rt_plan *plan, struct rt_ids *ids, uint32_t jobs,
    uint64_t *found, struct rt_err *err);

#endif
