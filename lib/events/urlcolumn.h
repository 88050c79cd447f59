/*
 * The paths of many URLs at once: most tests of addresses are about nothing else.
 */
#ifndef RT_URLCOLUMN_H
#define RT_URLCOLUMN_H

#include "base/columns.h"
#include "events/url.h"

/*
 * paths[i]: what rt_url_path says of urls[i], none of which is empty.
 *
 * coded  a mask (columns.h): the path has percent signs
 *
 * Returns false when some path is empty or absent.
 */
bool rt_url_paths(
    const struct rt_span *urls, uint32_t n, struct rt_span *paths, uint64_t *coded);

/* The plain form of it, for every processor and for the tests. */
bool rt_url_paths_plain(
    const struct rt_span *urls, uint32_t n, struct rt_span *paths, uint64_t *coded);

#endif
