/*
 * What every match of a regular expression contains: a text that it names outright. Looking
 * for that first costs a quarter of a search, and mostly settles it.
 */
#ifndef RT_LITERAL_H
#define RT_LITERAL_H

#include <stdbool.h>

#include "base/find.h"
#include "base/span.h"

enum { RT_LITERAL_MAX = 64 };

struct rt_literal {
    unsigned char n; /* 0: none is known */
    char text[RT_LITERAL_MAX];
};

/*
 * The longest text that stands in the pattern by itself, outside of groups and classes and
 * not repeated. None where the pattern says anything that is not plainly understood here: an
 * alternative at the top, braces, options, verbs, escapes with letters but \d \s \w \b and
 * their capitals.
 *
 *     /p/(sport|kids)\.[a-z]+/[0-9]*7\?utm_source=     7?utm_source=
 *     colou?r                                          colo
 *     cart|basket   (?i)cart   [0-9]+                  none
 *
 * pattern  Perl's, that compiled; bytes, in which letters are told from capitals
 */
struct rt_literal rt_literal_of(struct rt_span pattern);

/* Does the text contain it? True when none is known. */
static inline bool rt_literal_in(const struct rt_literal *literal, struct rt_span text)
{
    return literal->n == 0
        || rt_find_text(text.p, text.n, literal->text, literal->n) < text.n;
}

#endif
