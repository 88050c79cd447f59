/*
 * What is known of one person, as a list writer gets it.
 */
#ifndef RT_PERSON_H
#define RT_PERSON_H

#include <stdint.h>

#include "base/span.h"
#include "lists/normalise.h"

/* Identifiers that lists use. */
enum rt_pii {
    RT_PII_EMAIL,
    RT_PII_PHONE,
    RT_PII_FIRST_NAME,
    RT_PII_LAST_NAME,
    RT_PII_STREET,
    RT_PII_CITY,
    RT_PII_REGION,
    RT_PII_POSTCODE,
    RT_PII_COUNTRY,
    RT_PII_BIRTH_DATE,
    RT_PII_GENDER,
    RT_PII_MOBILE_ID,
    RT_PII_USER_ID, /* the advertiser's own, as events and contact files have it */
    RT_PII_COUNT /* from here on: other contact columns, by their place in the run's table */
};

/* "email", ...: the field's name in events and contact files; NULL past the last. */
const char *rt_pii_name(uint32_t field);

/* One value. Values of one contact row share its number, so that a name stays with its
 * postcode; row 0 is for ids that came with events. */
struct rt_pii_value {
    uint32_t row;
    uint32_t field; /* enum rt_pii, or RT_PII_COUNT + the column's place */
    struct rt_span value;
    enum rt_norm_device device; /* of a mobile id, where its column's title tells */
};

struct rt_person {
    struct rt_span key;                /* "user_id:42" */
    const struct rt_pii_value *values; /* in no promised order */
    uint32_t nvalues;
    const struct rt_span *products; /* values of the first `for_some`, in their order */
    uint32_t nproducts;             /* 0: none */
};

#endif
