/*
 * An example of a list.
 */
#ifndef RT_LIST_EXAMPLE_H
#define RT_LIST_EXAMPLE_H

#include "base/buf.h"
#include "lists/platform.h"

/* Appends the platform's list "example" of one person who was made up, as it would be
 * written: example.com, a number that Ofcom keeps for drama. RT_OK, RT_ENOMEM, RT_EIO. */
int rt_list_example(
    const struct rt_platform *platform, struct rt_buf *out, struct rt_err *err);

#endif
