/* The schema as a text: make turns segments.schema.json into the lines of a string. */
#include "plan/schema.h"

static const char text[] = ""
#include "segments.schema.inc"
    ;

struct rt_span rt_schema_text(void)
{
    return (struct rt_span) { text, sizeof text - 1 };
}
