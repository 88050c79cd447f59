/* Names of identifiers, as fields and contact columns have them. */
#include "lists/person.h"

#include <stddef.h>

const char *rt_pii_name(uint32_t field)
{
    static const char *const names[RT_PII_COUNT] = { [RT_PII_EMAIL] = "email",
        [RT_PII_PHONE] = "phone",
        [RT_PII_FIRST_NAME] = "first_name",
        [RT_PII_LAST_NAME] = "last_name",
        [RT_PII_STREET] = "street",
        [RT_PII_CITY] = "city",
        [RT_PII_REGION] = "region",
        [RT_PII_POSTCODE] = "postcode",
        [RT_PII_COUNTRY] = "country",
        [RT_PII_BIRTH_DATE] = "birth_date",
        [RT_PII_GENDER] = "gender",
        [RT_PII_MOBILE_ID] = "mobile_id",
        [RT_PII_USER_ID] = "user_id" };

    return field < RT_PII_COUNT ? names[field] : NULL;
}
