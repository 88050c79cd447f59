/*
 * Telephone numbers in E.164, over libphonenumber. The file behind it is the one C++ file
 * of the program: the library has no C interface, and national prefixes, trunk zeros and
 * lengths of two hundred countries are nothing to write anew.
 */
#ifndef RT_PHONE_H
#define RT_PHONE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RT_PHONE_MAX = 24 }; /* bytes of the longest number, "+" and NUL included */

struct rt_phone {
    char e164[RT_PHONE_MAX]; /* "+441134960987", NUL-terminated */
    bool country_added;      /* the text had no country code */
    bool extension_dropped;
};

enum rt_phone_status {
    RT_PHONE_OK,
    RT_PHONE_INVALID,    /* no telephone number of any length that is in use */
    RT_PHONE_NO_COUNTRY, /* it may be one, but of which country? */
    RT_PHONE_NO_MEMORY
};

/*
 * The number in E.164, without its extension.
 *
 * text    at most 250 bytes (RT_PHONE_INVALID past that), in any usual layout:
 *         "+49 (0)711 284-22", "0049...", "tel:...", letters on the keys
 * region  ISO 3166-1 alpha-2 in capitals, the country where a number without country code
 *         belongs; NULL or "" when it is not known
 * out     untouched unless RT_PHONE_OK
 *
 * "(0)" behind a country code is the zero that is dialled at home: it goes, also where the
 * country has none, but for the countries whose numbers keep a zero.
 *
 * "00" in front is read as "+" unless the region dials abroad in another way and the
 * number is one of its own; "+00" is read as "+".
 *
 * What counts is the length, not whether the number is given out to anyone: plans of
 * numbers change more often than the library is updated. For the same reason a number
 * with its country code, of 10 to 15 digits, is taken though the library's plan holds
 * another length for that country.
 * Sources: ITU-T E.164 (15 digits); UID2's normalisation rule (10 to 15 digits).
 *
 * Any number of threads.
 */
enum rt_phone_status rt_phone_e164(
    struct rt_span text, const char *region, struct rt_phone *out);

#ifdef __cplusplus
}
#endif

#endif
