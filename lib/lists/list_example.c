/* The same way as every list: a rower, a list, its file. */
#include "lists/list_example.h"

#include "lists/writer.h"

#define TEXT(text)                                                                       \
    {                                                                                    \
        text, sizeof(text) - 1                                                           \
    }

enum { TITLE = RT_PII_COUNT, COMPANY, WEBSITE, VALUE };

static const struct rt_contact_column columns[] = {
    { TEXT("email"), RT_PII_EMAIL },
    { TEXT("phone"), RT_PII_PHONE },
    { TEXT("first_name"), RT_PII_FIRST_NAME },
    { TEXT("last_name"), RT_PII_LAST_NAME },
    { TEXT("street"), RT_PII_STREET },
    { TEXT("city"), RT_PII_CITY },
    { TEXT("region"), RT_PII_REGION },
    { TEXT("postcode"), RT_PII_POSTCODE },
    { TEXT("country"), RT_PII_COUNTRY },
    { TEXT("birth_date"), RT_PII_BIRTH_DATE },
    { TEXT("gender"), RT_PII_GENDER },
    { TEXT("mobile_id"), RT_PII_MOBILE_ID },
    { TEXT("user_id"), RT_PII_USER_ID },
    { TEXT("job_title"), TITLE },
    { TEXT("company"), COMPANY },
    { TEXT("website"), WEBSITE },
    { TEXT("value"), VALUE },
};

static const struct rt_pii_value values[] = {
    { 1, RT_PII_EMAIL, TEXT(" Jane.Doe+News@Example.com"), RT_DEVICE_UNKNOWN },
    { 1, RT_PII_PHONE, TEXT("0113 496 0987"), RT_DEVICE_UNKNOWN },
    { 1, RT_PII_FIRST_NAME, TEXT("Jane"), RT_DEVICE_UNKNOWN },
    { 1, RT_PII_LAST_NAME, TEXT("Doe"), RT_DEVICE_UNKNOWN },
    { 1, RT_PII_STREET, TEXT("1 Example Street"), RT_DEVICE_UNKNOWN },
    { 1, RT_PII_CITY, TEXT("Leeds"), RT_DEVICE_UNKNOWN },
    { 1, RT_PII_REGION, TEXT("Yorkshire"), RT_DEVICE_UNKNOWN },
    { 1, RT_PII_POSTCODE, TEXT("LS1 1AA"), RT_DEVICE_UNKNOWN },
    { 1, RT_PII_COUNTRY, TEXT("United Kingdom"), RT_DEVICE_UNKNOWN },
    { 1, RT_PII_BIRTH_DATE, TEXT("1990-01-31"), RT_DEVICE_UNKNOWN },
    { 1, RT_PII_GENDER, TEXT("female"), RT_DEVICE_UNKNOWN },
    { 1, RT_PII_MOBILE_ID, TEXT("01234567-89AB-CDEF-0123-456789ABCDEF"),
        RT_DEVICE_UNKNOWN },
    { 1, RT_PII_USER_ID, TEXT("1001"), RT_DEVICE_UNKNOWN },
    { 1, TITLE, TEXT("Director"), RT_DEVICE_UNKNOWN },
    { 1, COMPANY, TEXT("Example Ltd"), RT_DEVICE_UNKNOWN },
    { 1, WEBSITE, TEXT("https://www.example.com/"), RT_DEVICE_UNKNOWN },
    { 1, VALUE, TEXT("12.50"), RT_DEVICE_UNKNOWN },
};

enum {
    COLUMNS = sizeof columns / sizeof *columns,
    VALUES = sizeof values / sizeof *values
};

static int put(void *ctx, struct rt_span bytes)
{
    return rt_buf_add(ctx, bytes.p, bytes.n);
}

static int write_rows(
    struct rt_sheet *list, struct rt_rower *rower, struct rt_buf *out, struct rt_err *err)
{
    struct rt_person person = {
        .key = RT_SPAN("user_id:1001"), .values = values, .nvalues = VALUES
    };
    struct rt_put to = { put, out, NULL };
    struct rt_rows rows = { .nrows = 0 };
    int rc = rt_rower_person(rower, &person, &rows, err);

    if (rc == RT_OK)
        rc = rt_sheet_add(list, &rows, NULL, err);
    if (rc == RT_OK)
        rc = rt_sheet_write(list, &to, NULL, err);
    rt_rows_release(&rows);
    return rc;
}

int rt_list_example(
    const struct rt_platform *platform, struct rt_buf *out, struct rt_err *err)
{
    const struct rt_span name = RT_SPAN("example");
    struct rt_rower_options rower_options = { .columns = columns, .ncolumns = COLUMNS };
    struct rt_sheet_options list_options = {
        .names = &name, .columns = columns, .ncolumns = COLUMNS, .whole = true
    };
    struct rt_rower *rower = NULL;
    struct rt_sheet *list = NULL;
    int rc = rt_rower_new(platform, &rower_options, &rower, err);

    if (rc == RT_OK)
        rc = rt_sheet_new(platform, &list_options, &list, err);
    if (rc == RT_OK)
        rc = write_rows(list, rower, out, err);
    rt_sheet_free(list);
    rt_rower_free(rower);
    return rc;
}
