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

#endif
