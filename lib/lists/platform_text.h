/*
 * The table of platforms as text, for people and for tools.
 */
#ifndef RT_PLATFORM_TEXT_H
#define RT_PLATFORM_TEXT_H

#include "base/buf.h"
#include "lists/platform.h"

/* Each appends to out: RT_OK, RT_ENOMEM, or RT_ELIMIT at the end of out. */

/* What everyone asks of a platform, in lines of at most 80 characters. */
int rt_platform_text(const struct rt_platform *platform, struct rt_buf *out);

/* The whole rule, and a list of one person who was made up. Lines of that list are as
 * long as they are. RT_EIO when there is no digest. */
int rt_platform_rule(
    const struct rt_platform *platform, struct rt_buf *out, struct rt_err *err);

/* One JSON object, without a line end. */
int rt_platform_json(const struct rt_platform *platform, struct rt_buf *out);

#endif
