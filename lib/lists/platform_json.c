/* The table for tools. All texts are the table's own: ASCII without control characters. */
#include "lists/platform_text.h"

#include "lists/rule_text.h"

static const char *const kinds[] = { [RT_ROWS_PERSON] = "person",
    [RT_ROWS_IDENTIFIER] = "identifier",
    [RT_ROWS_CONTACT] = "contact_row",
    [RT_ROWS_KEY] = "key" };

static const char *const forms[RT_CELL_FORMS] = { [RT_CELL_PLAIN] = "plain",
    [RT_CELL_TEXT] = "text",
    [RT_CELL_SHA256_HEX] = "sha256_hex",
    [RT_CELL_SHA256_BASE64] = "sha256_base64",
    [RT_CELL_MD5_HEX] = "md5_hex",
    [RT_CELL_SHA256_OF_MD5] = "sha256_of_md5" };

struct json {
    struct rt_buf *buf;
    int rc;
    bool first; /* nothing stands before in the object or array */
};

static void put(struct json *j, const char *text)
{
    if (j->rc == RT_OK)
        j->rc = rt_buf_adds(j->buf, text);
}

static void string(struct json *j, const char *text)
{
    put(j, "\"");
    for (; *text && j->rc == RT_OK; text++) {
        if (*text == '"' || *text == '\\')
            put(j, "\\");
        if (j->rc == RT_OK)
            j->rc = rt_buf_addc(j->buf, *text);
    }
    put(j, "\"");
}

static void comma(struct json *j)
{
    put(j, j->first ? "" : ", ");
    j->first = false;
}

static void name(struct json *j, const char *key)
{
    comma(j);
    string(j, key);
    put(j, ": ");
}

static void open_with(struct json *j, const char *bracket)
{
    put(j, bracket);
    j->first = true;
}

static void close_with(struct json *j, const char *bracket)
{
    put(j, bracket);
    j->first = false;
}

static void text(struct json *j, const char *key, const char *value)
{
    name(j, key);
    if (value)
        string(j, value);
    else
        put(j, "null");
}

static void number(struct json *j, const char *key, uint64_t n)
{
    name(j, key);
    if (j->rc == RT_OK)
        j->rc = rt_buf_addf(j->buf, "%ju", (uintmax_t)n);
}

static void truth(struct json *j, const char *key, bool value)
{
    name(j, key);
    put(j, value ? "true" : "false");
}

static void texts(struct json *j, const char *key, const char *const *values)
{
    name(j, key);
    open_with(j, "[");
    for (; values && *values; values++) {
        comma(j);
        string(j, *values);
    }
    close_with(j, "]");
}

static void column(struct json *j, const struct rt_platform *p, uint32_t c)
{
    const struct rt_platform_column *column = &p->columns[c];
    const char *field[] = { rt_pii_name(column->field), NULL };

    comma(j);
    open_with(j, "{");
    text(j, "title", column->title);
    texts(j, "from", column->field == RT_FIELD_NAMED ? column->names : field);
    number(j, "times", column->many ? column->many : 1);
    text(j, "written", forms[column->form]);
    text(j, "rule",
        column->field == RT_PII_EMAIL       ? p->email_rule
            : column->field == RT_PII_PHONE ? p->phone_rule
                                            : rt_rule_text(column->normalise));
    truth(j, "optional", c >= p->ncolumns - p->noptional);
    close_with(j, "}");
}

int rt_platform_json(const struct rt_platform *p, struct rt_buf *out)
{
    struct json j = { out, RT_OK, true };

    open_with(&j, "{");
    text(&j, "name", p->name);
    text(&j, "title", p->title);
    text(&j, "about", p->about);
    text(&j, "row", kinds[p->kind]);
    text(&j, "format", p->line == RT_LINE_JSON ? "jsonl" : "csv");
    truth(&j, "header", p->header);
    name(&j, "columns");
    open_with(&j, "[");
    for (uint32_t c = 0; c < p->ncolumns; c++)
        column(&j, p, c);
    close_with(&j, "]");
    texts(&j, "first_lines", p->preamble);
    text(&j, "row_begins", p->before);
    text(&j, "row_ends", p->after);
    number(&j, "minimum", p->minimum);
    truth(&j, "minimum_matched", p->minimum_matched);
    number(&j, "advised", p->advised);
    number(&j, "max_rows", p->max_rows);
    number(&j, "max_bytes", p->max_bytes);
    text(&j, "email_rule", p->email_rule);
    text(&j, "phone_rule", p->phone_rule);
    text(&j, "removal", p->removal);
    text(&j, "source", p->source);
    text(&j, "confidence", p->confidence);
    close_with(&j, "}");
    return j.rc;
}
