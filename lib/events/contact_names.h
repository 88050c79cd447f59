/*
 * What the columns of a contact file hold, by their headers: English, German, French,
 * Spanish, Italian, Portuguese, Dutch, and what the usual customer systems export.
 *
 * Headers are compared folded: lower case, accents dropped, and of the rest only letters
 * and digits kept, so that "E-Mail-Adresse", "e_mail adresse" and "EMAILADRESSE" are one.
 */
#ifndef RT_CONTACT_NAMES_H
#define RT_CONTACT_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

enum { RT_FOLDED_MAX = 64 }; /* bytes; no known header is longer */

/*
 * The folded form of a header, into out (RT_FOLDED_MAX bytes). Returns its length; 0 when
 * it has no letter or digit, or more than fits.
 *
 * The header is UTF-8; a byte that is none is taken for Latin-1, in which spreadsheets
 * save. Letters beyond U+017F stay as they are.
 */
size_t rt_contact_fold(struct rt_span header, char *out);

/*
 * The field that a header is known for ("Vorname" -> "first_name"), or NULL. Beyond the
 * contact fields: "user_id", "client_id", "job_title", "company", "website", "value".
 *
 * e-mail and telephone columns may be numbered ("E-mail 2 Address"). `paired` is true of a
 * name that is half of one only beside the other half: "Name" is the last name where there
 * is a first name as well, else the whole, which feeds nothing.
 */
const char *rt_contact_name(struct rt_span header, bool *paired);

/* Whether a text looks like a value rather than a header: it has an "@", or more digits
 * than a header has. Of a file without a header nothing may be shown. */
bool rt_contact_is_value(struct rt_span text);

#endif
