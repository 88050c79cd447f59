/*
 * Large tables in pieces that never move.
 *
 * A table that grows as a whole is copied, or its pages are moved, and where many tables
 * grow side by side none is large enough for huge pages. Here they share a store, which
 * takes its memory from the kernel by regions and hands it out in extents: what lies
 * anywhere in 2 MiB is found by one entry of the processor's page table.
 *
 * The first 2 MiB of a store are small pages, which cost what is used of them; so a small
 * run stays small. Any number of threads may extend tables of one store.
 */
#ifndef RT_EXTENTS_H
#define RT_EXTENTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct rt_store;

int rt_store_new(struct rt_store **out);    /* RT_OK or RT_ENOMEM */
void rt_store_free(struct rt_store *store); /* with all extents; NULL: nothing */

/* For when a store hardly grows any more: gives back what is not used of its last huge
 * page, up to 2 MiB. Nobody extends meanwhile; it can still be extended. */
void rt_store_trim(struct rt_store *store);

/* An extent of zeros, on a line of the cache, that lives as long as the store; NULL when
 * there is no memory. bytes: at most RT_EXTENT_BYTES_MAX. */
enum { RT_EXTENT_BYTES_MAX = 1 << 20 };
void *rt_store_take(struct rt_store *store, size_t bytes);

#endif
