/* Verify: which column is which. A header is held against the platform's titles; a first row
 * that is none leaves the platform's own order. */
#include <stdio.h>

#include "base/near.h"
#include "events/contact_names.h"
#include "run/verify_int.h"

bool rt_verify_needs_met(const struct rt_platform *p, rt_columns there)
{
    if (!p->needs[0])
        return true;
    for (size_t k = 0; k < RT_NEEDS_MAX && p->needs[k]; k++)
        if ((there & p->needs[k]) == p->needs[k])
            return true;
    return false;
}

static bool is_other_title(const struct verify *v, struct rt_span title)
{
    const char *words = v->rule->others;

    if (strcmp(words, "*") == 0)
        return true;
    while (*words) {
        size_t n = strcspn(words, " ");

        if (n == title.n && memcmp(words, title.p, n) == 0)
            return true;
        words += n + (words[n] == ' ');
    }
    return false;
}

/* A title that is not one of the platform's. Mended for the rows to come when it is nearly
 * one. */
static void odd_title(struct verify *v, uint32_t i, struct rt_span title, uint64_t line)
{
    const char *near = rt_near(title, v->names, v->titles.n);
    char name[RT_VERIFY_NAME_MAX + 1], detail[RT_VERIFY_TEXT_MAX];

    for (uint32_t k = 0; near && k < v->titles.n; k++)
        if (rt_span_eq(v->titles.title[k], rt_span_of(near))
            && v->titles.column[k] < RT_OTHER_COLUMN)
            v->column[i] = v->titles.column[k];
    if (rt_contact_is_value(title))
        snprintf(detail, sizeof detail, "title %u looks like a value", i + 1);
    else if (!v->titled)
        snprintf(detail, sizeof detail,
            "title %u is none of the platform's: is the header line missing?", i + 1);
    else if (near)
        snprintf(detail, sizeof detail, "title \"%s\" is to be spelt \"%s\"",
            rt_verify_shown(title, name), near);
    else
        snprintf(detail, sizeof detail, "the platform has no column \"%s\": leave it out",
            rt_verify_shown(title, name));
    rt_verify_find(v, RT_FAULT_TITLE, line, detail);
}

static void read_title(struct verify *v, uint32_t i, struct rt_span title, uint64_t line)
{
    v->column[i] = RT_OTHER_COLUMN;
    for (uint32_t k = 0; k < v->titles.n; k++)
        if (rt_is_title(&v->titles, k, title)) {
            if (v->titles.column[k] < RT_OTHER_COLUMN)
                v->column[i] = v->titles.column[k];
            return;
        }
    if (!is_other_title(v, title))
        odd_title(v, i, title, line);
}

static void check_repeats(struct verify *v, uint64_t line)
{
    for (uint32_t c = 0; c < v->platform->ncolumns; c++) {
        uint32_t many = v->platform->columns[c].many, n = 0;

        for (uint32_t i = 0; i < v->ncolumns; i++)
            n += v->column[i] == c;
        if (n > (many ? many : 1) && many != 1)
            rt_verify_find(
                v, RT_FAULT_TITLE_REPEATS, line, v->platform->columns[c].title);
        else if (n > 1 && many <= 1 && v->rule->fixed)
            rt_verify_find(
                v, RT_FAULT_TITLE_REPEATS, line, v->platform->columns[c].title);
    }
}

/* A finding whose detail is all titles in their order. */
static void find_titles(struct verify *v, enum rt_fault fault, uint64_t line)
{
    struct rt_buf text = RT_BUF_INIT(1 << 14);

    if (rt_titles_text(&v->titles, &text) == RT_OK)
        rt_verify_find(v, fault, line, rt_buf_text(&text));
    else
        v->no_memory = true;
    rt_buf_release(&text);
}

static void check_order(struct verify *v, const struct rt_csv_row *row)
{
    bool same = row->ncells >= v->titles.least && row->ncells <= v->titles.n;

    for (uint32_t i = 0; i < row->ncells && same; i++)
        same = rt_is_title(&v->titles, i, row->cells[i]);
    if (!same)
        find_titles(v, RT_FAULT_ORDER, row->line);
}

static rt_columns columns_there(const struct verify *v)
{
    rt_columns there = 0;

    for (uint32_t i = 0; i < v->ncolumns; i++)
        if (v->column[i] < RT_OTHER_COLUMN)
            there |= (rt_columns)1 << v->column[i];
    return there;
}

/* How many of a row's cells are titles, in any case of letters. */
static uint32_t titles_in(const struct verify *v, const struct rt_csv_row *row)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < row->ncells; i++)
        for (uint32_t k = 0; k < v->titles.n; k++)
            if (rt_span_eq_nocase(rt_span_trim(row->cells[i]), v->titles.title[k])) {
                n++;
                break;
            }
    return n;
}

/* Whether some cell is known for a title, here or elsewhere: else the row may as well be
 * someone's name and town. */
static bool is_titled(const struct verify *v, const struct rt_csv_row *row)
{
    bool paired;

    for (uint32_t i = 0; i < row->ncells; i++)
        if (rt_contact_name(row->cells[i], &paired))
            return true;
    return titles_in(v, row) > 0;
}

/* The columns of a file without a header: those of the platform, in its order. */
static void usual_columns(struct verify *v)
{
    uint32_t n = 0;

    for (uint32_t c = 0; c < v->platform->ncolumns; c++)
        for (uint32_t k = 0; k < (v->platform->columns[c].many | 1u); k++) {
            v->column[n++] = c;
            if (v->platform->columns[c].many <= k + 1)
                break;
        }
    v->ncolumns = n ? n : 1;
    if (n == 0)
        v->column[0] = RT_OTHER_COLUMN;
}

static bool looks_like_values(const struct rt_csv_row *row)
{
    for (uint32_t i = 0; i < row->ncells; i++)
        if (rt_contact_is_value(row->cells[i]))
            return true;
    return false;
}

/* Reads the first row as the header. Returns false when it is a row of data. */
static bool read_header(struct verify *v, const struct rt_csv_row *row)
{
    char needs[RT_VERIFY_TEXT_MAX];

    if (titles_in(v, row) == 0 && looks_like_values(row)) {
        find_titles(v, RT_FAULT_NO_HEADER, row->line);
        usual_columns(v);
        v->blind = v->ncolumns != row->ncells;
        v->ncolumns = row->ncells;
        return false;
    }
    v->ncolumns = row->ncells;
    v->titled = is_titled(v, row);
    for (uint32_t i = 0; i < row->ncells; i++)
        read_title(v, i, row->cells[i], row->line);
    if (v->rule->fixed)
        check_order(v, row);
    check_repeats(v, row->line);
    rt_verify_needs_text(v, needs);
    if (!rt_verify_needs_met(v->platform, columns_there(v))
        && strcmp(v->rule->others, "*") != 0)
        rt_verify_find(v, RT_FAULT_NEEDS, row->line, needs);
    return true;
}

/* A file of contacts: its first column is the key, the others are anyone's. */
static bool read_contact_header(struct verify *v, const struct rt_csv_row *row)
{
    v->ncolumns = row->ncells;
    for (uint32_t i = 0; i < row->ncells; i++)
        v->column[i] = RT_OTHER_COLUMN;
    if (row->ncells && rt_span_eq(row->cells[0], RT_SPAN("key")))
        return true;
    rt_verify_find(v, RT_FAULT_NO_HEADER, row->line, "key,...");
    return false;
}

bool rt_verify_first_row(struct verify *v, const struct rt_csv_row *row)
{
    if (v->platform->kind == RT_ROWS_CONTACT && v->platform->line == RT_LINE_CSV)
        return read_contact_header(v, row);
    if (v->titles.lines)
        return read_header(v, row);
    usual_columns(v);
    for (uint32_t c = 0; c < v->platform->ncolumns && row->ncells == 1; c++) {
        bool paired;
        const char *name = rt_contact_name(row->cells[0], &paired);

        if (name && !looks_like_values(row)) {
            rt_verify_find(v, RT_FAULT_HEADER, row->line, "");
            return true;
        }
    }
    return false;
}
