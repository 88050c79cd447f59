/*
 * Countries: from what people write to ISO 3166-1 alpha-2.
 */
#ifndef RT_COUNTRY_H
#define RT_COUNTRY_H

#include <stdbool.h>

#include "base/span.h"

/*
 * The alpha-2 code, in capitals and NUL-terminated, of a country given as alpha-2 or
 * alpha-3 code, by its English short or official name, or by a usual name in its own
 * language, Russian, or one of sixteen languages of Latin script (country_names.c). Case,
 * accents, blanks and punctuation do not matter: "U.S.A.", "Cote d'Ivoire",
 * "OESTERREICH". "UK" is GB, "EL" is GR.
 *
 * False, code untouched, for anything else: a wrong country is worse than none.
 * Source: ISO 3166-1 (249 codes).
 */
bool rt_country_code(struct rt_span text, char code[3]);

/* The ith name that is known, in its bare form, and its code; NULL past the last. */
const char *rt_country_name(size_t i, char code[3]);

/* Whether code is an alpha-2 code in capitals. */
bool rt_country_is_code(struct rt_span code);

#endif
