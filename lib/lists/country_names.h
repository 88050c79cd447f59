/*
 * The table behind lists/country.h.
 */
#ifndef RT_COUNTRY_NAMES_H
#define RT_COUNTRY_NAMES_H

#include <stddef.h>

struct rt_country_name {
    const char *name; /* in rt_unicode_map's bare form */
    char code[3];     /* alpha-2, capitals */
};

extern const struct rt_country_name rt_country_names[]; /* sorted by name, by bytes */
extern const size_t rt_ncountry_names;

#endif
