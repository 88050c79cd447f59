/*
 * JSON as it is written: values one after another, laid out on lines, texts made UTF-8 that
 * is safe to show.
 */
#ifndef RT_JSONOUT_H
#define RT_JSONOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "lists/report_parts.h"

/* Where a value stands: how deep, and whether one stands before it. */
struct rt_jsonout {
    struct rt_report_out out; /* its rc is the first failure */
    int depth;
    bool follows;
};

/* key: NULL in an array. Keys are the program's own: they are not escaped. */
void rt_jsonout_open(struct rt_jsonout *w, const char *key, char bracket);
void rt_jsonout_close(struct rt_jsonout *w, char bracket);
void rt_jsonout_number(struct rt_jsonout *w, const char *key, uint64_t n);
void rt_jsonout_truth(struct rt_jsonout *w, const char *key, bool value);

/* An absent text is null. */
void rt_jsonout_text(struct rt_jsonout *w, const char *key, struct rt_span value);

#endif
