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
 * paths  may be urls
 * coded  a mask (columns.h): the path has percent signs
 *
 * Returns false when some path is empty or absent.
 */
bool rt_url_paths(
    const struct rt_span *urls, uint32_t n, struct rt_span *paths, uint64_t *coded);

/* Is it one that rt_url_paths_start looks for? It begins with "/", has 64 bytes at most, and
 * no NUL, "?", "#" or "%". */
bool rt_url_is_start(struct rt_span text);

/*
 * A mask (columns.h): the path of urls[i], none of which is empty, begins with the text. Where
 * a path ends is not asked, so this costs half of a whole path.
 *
 * text   rt_url_is_start
 * coded  a mask: the path has percent signs that may matter; it is not looked at
 */
void rt_url_paths_start(const struct rt_span *urls, uint32_t n, struct rt_span text,
    uint64_t *holds, uint64_t *coded);

/* The plain forms of them, for every processor and for the tests. */
bool rt_url_paths_plain(
    const struct rt_span *urls, uint32_t n, struct rt_span *paths, uint64_t *coded);
void rt_url_paths_start_plain(const struct rt_span *urls, uint32_t n, struct rt_span text,
    uint64_t *holds, uint64_t *coded);

#endif
