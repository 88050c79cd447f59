/*
 * Memory that one thing is done with and the next may write to: it is there already, where
 * fresh memory costs a fault a page, and giving the old back a call a piece.
 */
#ifndef RT_SPARE_H
#define RT_SPARE_H

#include <stddef.h>

struct rt_spare_piece;

/* For one thread at a time; begins as zeros, and has nothing to release. */
struct rt_spare {
    struct rt_spare_piece *first;
    size_t bytes; /* of all pieces */
};

/* What is kept at most: more goes back to the kernel. */
enum { RT_SPARE_BYTES_MAX = 8 << 20 };

/* Adds memory of a store (extents.h) that nobody uses any more, on a boundary of 8 bytes;
 * it must outlive what is taken. */
void rt_spare_add(struct rt_spare *spare, void *p, size_t bytes);

/* The piece that was added last, if it has room for n bytes; else NULL. bytes: how many it
 * has, of any value. */
void *rt_spare_take(struct rt_spare *spare, size_t n, size_t *bytes);

#endif
