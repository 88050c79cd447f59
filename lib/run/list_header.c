/* Of a platform with fixed lines the first of them is the header. */
#include "run/list_header.h"

static uint32_t column_of(const struct rt_platform *platform, struct rt_span title)
{
    for (uint32_t c = 0; c < platform->ncolumns; c++)
        if (rt_span_eq(title, rt_span_of(platform->columns[c].title)))
            return c;
    return UINT32_MAX;
}

static void add(struct rt_titles *out, struct rt_span title, uint32_t column)
{
    if (out->n == RT_TITLES_MAX)
        return;
    out->title[out->n] = title;
    out->column[out->n++] = column;
}

/* Titles of fixed text have neither quotes nor commas; {list} stands for any title. */
static void add_fixed(
    struct rt_titles *out, const struct rt_platform *platform, const char *line)
{
    for (;;) {
        size_t n = strcspn(line, ",");
        struct rt_span title = { line, n };

        add(out, title, column_of(platform, title));
        if (!line[n])
            return;
        line += n + 1;
    }
}

void rt_titles_of(const struct rt_platform *platform, struct rt_titles *out)
{
    out->n = out->least = out->lines = 0;
    out->fixed = platform->preamble != NULL;
    if (platform->kind == RT_ROWS_CONTACT || platform->kind == RT_ROWS_KEY) {
        out->lines = platform->header;
        return;
    }
    if (platform->preamble) {
        add_fixed(out, platform, platform->preamble[0]);
        while (platform->preamble[out->lines])
            out->lines++;
    } else if (platform->header) {
        out->lines = 1;
        for (uint32_t c = 0; c < platform->ncolumns; c++) {
            uint8_t many = platform->columns[c].many ? platform->columns[c].many : 1;

            if (c == platform->ncolumns - platform->noptional)
                out->least = out->n;
            for (uint8_t k = 0; k < many; k++)
                add(out, rt_span_of(platform->columns[c].title), c);
        }
    }
    if (!platform->noptional || platform->preamble)
        out->least = out->n;
}

bool rt_is_title(const struct rt_titles *titles, uint32_t i, struct rt_span text)
{
    return rt_span_eq(titles->title[i], text)
        || rt_span_eq(titles->title[i], RT_SPAN("{list}"));
}

int rt_titles_text(const struct rt_titles *titles, struct rt_buf *out)
{
    int rc = RT_OK;

    for (uint32_t i = 0; i < titles->n && rc == RT_OK; i++) {
        if (i)
            rc = rt_buf_addc(out, ',');
        if (rc == RT_OK)
            rc = rt_buf_add(out, titles->title[i].p, titles->title[i].n);
    }
    return rc;
}

bool rt_is_header(const struct rt_titles *titles, const struct rt_csv_row *row)
{
    if (titles->n == 0 || row->ncells == 0 || (titles->fixed && row->ncells != titles->n))
        return false;
    for (uint32_t i = 0; i < row->ncells; i++) {
        bool found = titles->fixed && rt_is_title(titles, i, row->cells[i]);

        if (titles->fixed && !found)
            return false;
        for (uint32_t k = 0; k < titles->n && !found; k++)
            found = rt_is_title(titles, k, row->cells[i]);
        if (!found)
            return false;
    }
    return true;
}
