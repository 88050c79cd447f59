/* gzip made by hand: deflate's stored blocks need no packer (RFC 1951, 3.2.4). */
#ifndef STORED_H
#define STORED_H

#include "base/buf.h"
#include "base/span.h"

/* Appends one gzip member that unpacks to text. */
void stored_gzip(struct rt_buf *out, struct rt_span text);

#endif
