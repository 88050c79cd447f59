/*
 * Which requests of an access log ask for a page, and which for what belongs to one.
 */
#ifndef RT_ASSET_H
#define RT_ASSET_H

#include "base/span.h"

/* True for files that a page brings along or only programs ask for, by the extension.
 *
 * path  of the request, as it stands; a ";parameter" behind the extension is passed over
 */
bool rt_is_asset(struct rt_span path);

#endif
