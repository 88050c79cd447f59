/*
 * The table, for platform*.c alone.
 */
#ifndef RT_PLATFORM_PARTS_H
#define RT_PLATFORM_PARTS_H

#include "lists/platform.h"

extern const struct rt_platform rt_platforms[];
extern const size_t rt_nplatforms;

#endif
