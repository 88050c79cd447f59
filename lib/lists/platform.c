/* Questions to the table; the table itself is platform_table.c. */
#include "lists/platform_parts.h"

#include "base/near.h"
#include "lists/csvcell.h"

const struct rt_platform *rt_platform_get(struct rt_span name)
{
    for (size_t i = 0; i < rt_nplatforms; i++)
        if (rt_span_eq(name, rt_span_of(rt_platforms[i].name)))
            return &rt_platforms[i];
    return NULL;
}

const struct rt_platform *rt_platform_named(const char *name, struct rt_err *err)
{
    const struct rt_platform *platform = rt_platform_get(rt_span_of(name));
    const char *near;

    if (platform)
        return platform;
    near = rt_near(rt_span_of(name), rt_platform_names(), rt_nplatforms);
    rt_err_set(err, RT_EUSAGE, "no platform is called '%s'%s%s%s", name,
        near ? "; did you mean '" : "; `retarget platforms` lists them", near ? near : "",
        near ? "'?" : "");
    return NULL;
}

const char *rt_cell_form_name(enum rt_cell_form form)
{
    static const char *const texts[RT_CELL_FORMS] = { "plain", "plain", "SHA-256 hex",
        "SHA-256 Base64", "MD5 hex", "SHA-256 hex of the MD5 hex" };

    return texts[form];
}

unsigned rt_column_takes(const struct rt_platform_column *column)
{
    static const unsigned kinds[RT_CELL_FORMS] = {
        [RT_CELL_SHA256_HEX] = RT_HASHED_SHA256_HEX,
        [RT_CELL_SHA256_BASE64] = RT_HASHED_SHA256_HEX | RT_HASHED_SHA256_BASE64,
        [RT_CELL_MD5_HEX] = RT_HASHED_MD5_HEX,
        [RT_CELL_SHA256_OF_MD5] = RT_HASHED_MD5_HEX,
    };

    return kinds[column->form] | column->also;
}

/* A user id is whatever the advertiser made of it. */
unsigned rt_column_knows(const struct rt_platform_column *column)
{
    unsigned known = rt_column_takes(column);

    if (column->field == RT_PII_USER_ID)
        return known;
    known |= RT_HASHED_SHA256_HEX;
    if (column->field == RT_PII_EMAIL)
        known |= RT_HASHED_MD5_HEX | RT_HASHED_SHA1_HEX;
    return known;
}

static bool is_named(const char *const *known, struct rt_span name)
{
    for (; *known; known++)
        if (rt_span_eq(name, rt_span_of(*known)))
            return true;
    return false;
}

uint32_t rt_platform_columns(const struct rt_platform *p,
    const struct rt_contact_column *contacts, uint32_t ncontacts)
{
    for (uint32_t c = p->ncolumns - p->noptional; c < p->ncolumns; c++)
        for (uint32_t i = 0; i < ncontacts; i++)
            if (p->columns[c].field == RT_FIELD_NAMED
                    ? is_named(p->columns[c].names, contacts[i].name)
                    : p->columns[c].field == contacts[i].field)
                return p->ncolumns;
    return p->ncolumns - p->noptional;
}

/* The first max characters of a UTF-8 text; 0: all. */
static struct rt_span cut(struct rt_span text, uint32_t max)
{
    uint32_t n = 0;

    for (size_t i = 0; max && i < text.n; i++)
        if (((unsigned char)text.p[i] & 0xC0) != 0x80 && n++ == max)
            return (struct rt_span) { text.p, i };
    return text;
}

int rt_platform_add_fixed(const struct rt_platform *platform, const char *text,
    struct rt_span name, struct rt_buf *buf)
{
    static const char mark[] = "{list}";
    const char *at;
    int rc = RT_OK;

    while (rc == RT_OK && (at = strstr(text, mark))) {
        rc = rt_buf_add(buf, text, (size_t)(at - text));
        if (rc == RT_OK)
            rc = rt_csv_add(buf, cut(name, platform->max_name));
        text = at + strlen(mark);
    }
    return rc == RT_OK ? rt_buf_adds(buf, text) : rc;
}
