/*
 * A segment as one English sentence: what the definition says, read back to its author.
 *
 *     People whose last cart was between 1 hour and 7 days ago and who did not purchase
 *     since their last cart.
 */
#ifndef RT_SENTENCE_H
#define RT_SENTENCE_H

#include "base/buf.h"
#include "plan/segdef.h"

/* Appends the sentence, with its full stop, no line end; control characters of the file's
 * texts as '?', long lists of values cut. RT_OK, or what the buffer says: RT_ENOMEM,
 * RT_ELIMIT. */
int rt_sentence(const struct rt_defs *defs, uint32_t segment, struct rt_buf *out);

/* Parts of sentences, in the same manner: one condition as a clause behind "people" ("who
 * did cart"), a step of a sequence ("cart within 1 hour"), what a friendly name stands for
 * ("add_to_cart where value is at least 10"), a duration ("90 minutes"). */
int rt_sentence_cond(
    const struct rt_defs *defs, const struct rt_cond *cond, struct rt_buf *out);
int rt_sentence_step(const struct rt_defs *defs, const struct rt_cond *sequence,
    size_t step, struct rt_buf *out);
int rt_sentence_name(
    const struct rt_defs *defs, const struct rt_named_events *named, struct rt_buf *out);
int rt_sentence_duration(int64_t us, struct rt_buf *out);

#endif
