/* Tables of the summary: measured first, then shown in columns or stacked. */
#include "lists/report_table.h"

#include <string.h>

enum { INDENT = 2, STACK_INDENT = 6 };

static void add_char(struct rt_report_out *out, const char *bytes, size_t n)
{
    if (out->rc == RT_OK)
        out->rc = rt_buf_add(out->buf, bytes, n);
}

static void skip_char(struct rt_report_out *out, const char *bytes, size_t n)
{
    (void)out;
    (void)bytes;
    (void)n;
}

static void add_blanks(struct rt_report_out *out, size_t n)
{
    while (n--)
        rt_report_putc(out, ' ');
}

static void widen(size_t *width, size_t n)
{
    if (n > *width)
        *width = n;
}

static bool is_warned(
    const struct rt_table *table, const struct rt_table_row *row, size_t c)
{
    return row->warn && c + 1 == table->ncolumns;
}

/* ---- measuring */

static void measure_row(struct rt_table *table, const struct rt_table_row *row)
{
    char text[32];

    widen(&table->name_width, rt_report_chars(NULL, row->name, skip_char));
    widen(&table->note_width, strlen(row->note));
    for (size_t c = 0; c < table->ncolumns; c++) {
        if (row->n[c] == RT_TABLE_BLANK)
            continue;
        widen(&table->widths[c], (size_t)rt_report_grouped(row->n[c], text));
        table->shown[c] = table->shown[c] || row->n[c] > 0;
    }
}

static size_t whole_width(const struct rt_table *table)
{
    size_t width = INDENT + table->name_width;

    for (size_t c = 0; c < table->ncolumns; c++)
        width += table->shown[c] ? 2 + table->widths[c] : 0;
    return width + (table->note_width ? 1 + table->note_width : 0);
}

/* ---- in columns */

/* Blanks wait until something follows them: no line ends with one. */
static void add_headings(struct rt_table *table, bool top)
{
    struct rt_report_out *out = table->out;
    const char *title = top ? "" : table->title;
    size_t blanks = INDENT + table->name_width - strlen(title);

    rt_report_put(out, table->bold);
    rt_report_put(out, title);
    for (size_t c = 0; c < table->ncolumns; c++) {
        const char *text = top ? table->columns[c].top : table->columns[c].title;

        if (!table->shown[c])
            continue;
        blanks += 2 + table->widths[c];
        if (!*text)
            continue;
        add_blanks(out, blanks - strlen(text));
        rt_report_put(out, text);
        blanks = 0;
    }
    rt_report_put(out, table->plain);
    rt_report_putc(out, '\n');
}

static void add_heading(struct rt_table *table)
{
    bool top = false;

    if (table->stacked) {
        rt_report_putf(table->out, "%s%s%s\n", table->bold, table->title, table->plain);
        return;
    }
    for (size_t c = 0; c < table->ncolumns; c++)
        top = top || (table->shown[c] && table->columns[c].top[0]);
    if (top)
        add_headings(table, true);
    add_headings(table, false);
}

static void add_line(struct rt_table *table, const struct rt_table_row *row)
{
    struct rt_report_out *out = table->out;
    size_t blanks;
    char text[32];

    add_blanks(out, INDENT);
    blanks = table->name_width - rt_report_chars(out, row->name, add_char);
    for (size_t c = 0; c < table->ncolumns; c++) {
        if (!table->shown[c])
            continue;
        blanks += 2 + table->widths[c];
        if (row->n[c] == RT_TABLE_BLANK)
            continue;
        blanks -= (size_t)rt_report_grouped(row->n[c], text);
        add_blanks(out, blanks);
        rt_report_put(out, is_warned(table, row, c) ? table->warn : "");
        rt_report_put(out, text);
        blanks = 0;
    }
    if (row->note[0]) {
        add_blanks(out, blanks + 1);
        rt_report_put(out, row->note);
    }
    rt_report_put(out, row->warn ? table->plain : "");
    rt_report_putc(out, '\n');
}

/* ---- stacked */

/* Words that stay together: on the line if they fit, else on the next one. */
static void add_item(struct rt_table *table, size_t *at, const char *between,
    const char *word, const char *number)
{
    size_t n = strlen(word) + (*number ? 1 + strlen(number) : 0);
    bool first = *at == 0;

    if (!first)
        rt_report_put(table->out, between);
    *at += strlen(between);
    if (first || *at + n + 1 > table->width) {
        rt_report_put(table->out, first ? "" : "\n");
        add_blanks(table->out, STACK_INDENT);
        *at = STACK_INDENT;
    } else {
        rt_report_putc(table->out, ' ');
        (*at)++;
    }
    rt_report_putf(table->out, "%s%s%s", word, *number ? " " : "", number);
    *at += n;
}

static void add_stack(struct rt_table *table, const struct rt_table_row *row)
{
    const char *between = ",";
    size_t at = 0;
    char text[32];

    add_blanks(table->out, INDENT);
    rt_report_chars(table->out, row->name, add_char);
    rt_report_putc(table->out, '\n');
    for (size_t c = 0; c < table->ncolumns; c++) {
        const struct rt_table_column *column = &table->columns[c];

        if (!table->shown[c] || row->n[c] == RT_TABLE_BLANK
            || (!column->always && !row->n[c]))
            continue;
        rt_report_grouped(row->n[c], text);
        rt_report_put(table->out, is_warned(table, row, c) ? table->warn : "");
        add_item(table, &at, between, column->word, text);
        if (is_warned(table, row, c))
            between = ""; /* the note says it of this number */
    }
    if (row->note[0])
        add_item(table, &at, between, row->note, "");
    rt_report_put(table->out, row->warn ? table->plain : "");
    rt_report_putc(table->out, '\n');
}

/* ---- */

void rt_table_row(struct rt_table *table, const struct rt_table_row *row)
{
    if (table->measuring)
        measure_row(table, row);
    else if (table->stacked)
        add_stack(table, row);
    else
        add_line(table, row);
}

void rt_table_show(
    struct rt_table *table, const struct rt_report *report, rt_table_rows *rows)
{
    table->measuring = true;
    table->name_width = strlen(table->title);
    table->name_width -= table->name_width < INDENT ? table->name_width : INDENT;
    table->note_width = 0;
    for (size_t c = 0; c < table->ncolumns; c++) {
        table->shown[c] = table->columns[c].always;
        table->widths[c] = strlen(table->columns[c].title);
        widen(&table->widths[c], strlen(table->columns[c].top));
    }
    rows(table, report);
    table->measuring = false;
    table->stacked = whole_width(table) > table->width;
    rt_report_putc(table->out, '\n');
    add_heading(table);
    rows(table, report);
}
