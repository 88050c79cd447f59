/*
 * The paths of many URLs at once: most tests of addresses are about nothing else.
 */
#ifndef RT_URLCOLUMN_H
#define RT_URLCOLUMN_H

#include <stdbool.h>
#include <stdint.h>

#include "events/url.h"

/* paths[i], decoded[i]: what rt_url_path says of urls[i], none of which is empty. paths may
 * be urls. */
void rt_url_paths(
    const struct rt_span *urls, uint32_t n, struct rt_span *paths, bool *decoded);

#endif
