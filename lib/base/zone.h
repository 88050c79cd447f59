/*
 * Time zones from the system's zone database (RFC 9636 files, version 2 and later, with
 * the rule behind the table for times past it).
 *
 * A zone is read-only once loaded, so threads share it.
 */
#ifndef RT_ZONE_H
#define RT_ZONE_H

#include <stdint.h>

#include "base/err.h"

struct rt_zone;

/*
 * Loads a zone by its IANA name ("Europe/Rome", "UTC").
 *
 * dir   the database's folder; NULL: /usr/share/zoneinfo. "UTC", "GMT", "Etc/UTC" and
 *       "Etc/GMT" need no database.
 * out   owned by the caller: rt_zone_free
 *
 * RT_OK; RT_EDEFS for a name that is none (also one with "..", a leading slash, or that of
 * a file which is no zone, and zones that count leap seconds, "right/..."); RT_EIO when the
 * database is missing, a file damaged or of version 1; RT_ENOMEM.
 *
 * A file has at most 1 MiB, 2,000 changes, the last before the year 10000.
 */
int rt_zone_load(
    const char *name, const char *dir, struct rt_zone **out, struct rt_err *err);
void rt_zone_free(struct rt_zone *zone);

/* Seconds east of Greenwich at the instant; a NULL zone is UTC, below too. from_us, to_us
 * (may be NULL): the stretch of time around it, from included to excluded, that has this
 * offset: for memos. INT64_MIN and INT64_MAX where it has no end. */
int32_t rt_zone_offset(
    const struct rt_zone *zone, int64_t us, int64_t *from_us, int64_t *to_us);

/*
 * A local time to the instant.
 *
 * local_us  the wall clock's reading as if it were UTC
 *
 * Of a repeated local hour the first instant; a skipped one counts with the offset before
 * the jump (so 02:30 on a day that jumps from 02:00 to 03:00 is 03:30 by the new clock).
 */
int64_t rt_zone_instant(const struct rt_zone *zone, int64_t local_us);

#endif
