/*
 * De-duplication over all inputs of a source.
 *
 * Which record of several counts cannot be known before the last one was read, so the
 * records of such a source are set aside whole, as far as they matter, and decided at the
 * end: of one event id the earliest, at equal times the one with the smallest bytes; of
 * byte-identical records any, for they are the same.
 *
 * Set aside by hash in 64 parts, each in memory up to its share and then in an unlinked
 * file, and decided part by part. Any number of threads add.
 */
#ifndef RT_DUPLICATES_H
#define RT_DUPLICATES_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/span.h"

struct rt_duplicates;

int rt_duplicates_new(uint64_t memory_bytes, const char *tmpdir,
    struct rt_duplicates **out, struct rt_err *err);
void rt_duplicates_free(struct rt_duplicates *duplicates);

struct rt_set_aside {
    struct rt_hash128 key; /* of the event id, or of the record and its layout */
    int64_t time_us;
    struct rt_span record;  /* its bytes; may be empty when keyed by record */
    uint64_t layout;        /* decides between equal bytes of inputs with other columns */
    struct rt_span payload; /* the caller's */
};

/* RT_OK, RT_EIO, RT_ENOMEM. */
int rt_duplicates_add(struct rt_duplicates *duplicates, const struct rt_set_aside *aside,
    struct rt_err *err);

/* Hands the payload of each record that counts to keep, once all were added. *dropped is
 * how many do not count. keep's negative result ends it and is returned. */
typedef int rt_duplicates_keep(void *ctx, struct rt_span payload);
int rt_duplicates_decide(struct rt_duplicates *duplicates, rt_duplicates_keep *keep,
    void *ctx, uint64_t *dropped, struct rt_err *err);

#endif
