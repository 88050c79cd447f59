/*
 * The structural index of a stretch of CSV: where its delimiters, quotes and line ends
 * stand, found by vector instructions. It knows nothing of what a quote means; that is
 * decode_csv.c's affair.
 *
 *     text   u1,view,"a,b"\nu2,cart,c\n        delimiter ','
 *     at     2  7 8 10 12 13  16 21 23
 *     rows            5|QUOTED      8          entries of at that are line ends
 *
 * A line end is '\n', or a '\r' that no '\n' follows. The '\r' of "\r\n" has no entry.
 * A blank is ' ' or '\t', unless it is the delimiter.
 */
#ifndef RT_SCAN_H
#define RT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

/* The text of one index: small enough that index and text stay in the nearest caches. */
enum { RT_SCAN_BYTES = 32 * 1024 };

/* What is to be known about a line, beside its entry. */
#define RT_SCAN_QUOTED UINT32_C(0x80000000) /* it has a quote */
#define RT_SCAN_PADDED                                                                   \
    UINT32_C(0x40000000) /* a blank beside one of its entries or '\r' */
#define RT_SCAN_FLAGS (RT_SCAN_QUOTED | RT_SCAN_PADDED)

struct rt_scan {
    uint32_t n;     /* entries of at */
    uint32_t nrows; /* entries of rows */
    uint32_t *at;   /* offsets into the text, ascending; at[-1] is from - 1 */
    uint32_t *rows; /* entries of at that are line ends, with RT_SCAN_FLAGS */
};

/* RT_OK or RT_ENOMEM; release frees what init got, and is fine with all zero. */
int rt_scan_init(struct rt_scan *scan);
void rt_scan_release(struct rt_scan *scan);

/*
 * Fills the index for text[from, to).
 *
 * text       at most UINT32_MAX bytes; what stands at `to` is looked at when a '\r' comes
 *            just before it, and nothing past it
 * to - from  at most RT_SCAN_BYTES
 * delimiter  neither '"', '\r' nor '\n'
 */
typedef void rt_scan_fn(struct rt_span text, uint32_t from, uint32_t to, char delimiter,
    struct rt_scan *scan);

/* One way to do it. All ways give the same index. */
struct rt_scan_way {
    const char *name;
    rt_scan_fn *fill;
};

/* The ways that this processor has, the fastest first, the plain one last.
 * ways has room for RT_SCAN_WAYS. Returns their number. */
enum { RT_SCAN_WAYS = 5 };
size_t rt_scan_ways(struct rt_scan_way ways[RT_SCAN_WAYS]);

#endif
