/*
 * One JSON record to the values of its slots: checked in full and read in one pass.
 */
#ifndef RT_JSONREAD_H
#define RT_JSONREAD_H

#include "base/arena.h"
#include "events/jsonkeys.h"
#include "events/reason.h"

struct rt_jsonread;

/*
 * keys  borrowed for the reader's life
 * out   owned by the caller: rt_jsonread_free
 *
 * RT_OK or RT_ENOMEM.
 */
int rt_jsonread_new(
    const struct rt_jsonkeys *keys, uint32_t nslots, struct rt_jsonread **out);
void rt_jsonread_free(struct rt_jsonread *read);

/* The records that follow end before `end`; what has to be written anew for them goes to
 * scratch. */
void rt_jsonread_begin(
    struct rt_jsonread *read, const char *end, struct rt_arena *scratch);

/*
 * Reads the record at p, which is neither a blank nor the end.
 *
 * cells     out: a value for each slot, as it stands between its quotes; good until the
 *           next record
 * line_end  out: the end of the record's line when it is good; untouched else
 * reason    out: RT_REASONS when it is good, else why not
 *
 * RT_OK or RT_ENOMEM.
 */
int rt_jsonread_record(struct rt_jsonread *read, const char *p, struct rt_span *cells,
    const char **line_end, enum rt_reason *reason);

/* Writes those of the last record's values anew that have escapes. RT_OK or RT_ENOMEM. */
int rt_jsonread_unescape(struct rt_jsonread *read);

#endif
