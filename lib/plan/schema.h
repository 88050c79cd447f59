/*
 * The JSON Schema of the segment file, for editors and validators: draft 2020-12. It is
 * kept in segments.schema.json beside this file and says what a schema can say of the
 * rules that segdef*.c checks; names that must be known, circles, bounds that exclude
 * each other and the like are beyond it.
 */
#ifndef RT_SCHEMA_H
#define RT_SCHEMA_H

#include "base/span.h"

/* The text of the schema, with a line end at its end. For the life of the program. */
struct rt_span rt_schema_text(void);

#endif
