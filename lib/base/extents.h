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

struct rt_extents { /* of one table, all of one size; begins as zeros */
    void **at;
    uint32_t n, cap;
};

/* Adds one extent of zeros, on a line of the cache; bytes: at most RT_EXTENT_BYTES_MAX.
 * RT_OK or RT_ENOMEM. */
enum { RT_EXTENT_BYTES_MAX = 1 << 20 };
int rt_extents_add(struct rt_extents *extents, struct rt_store *store, size_t bytes);

/* Frees the list, and gives the extents' pages back to the kernel: nobody uses them any
 * more. bytes: as they were added. */
void rt_extents_give_back(struct rt_extents *extents, size_t bytes);

/* Frees the list alone: extents live as long as the store. */
void rt_extents_free(struct rt_extents *extents);

#endif
