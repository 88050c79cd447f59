/*
 * Tables of the summary: a name and numbers, as a terminal shows them. Only the files that
 * write the summary include this.
 *
 *     SEGMENT            MEMBERS  LISTED          cart-abandoners
 *       cart-abandoners        4       3            members 4, listed 3
 *
 * Columns are as wide as what they hold; one in which nothing is to be seen is left out. A
 * table that is wider than the terminal is stacked, as on the right.
 */
#ifndef RT_REPORT_TABLE_H
#define RT_REPORT_TABLE_H

#include "lists/report_parts.h"

enum { RT_TABLE_COLUMNS_MAX = 8 };

#define RT_TABLE_BLANK UINT64_MAX /* no number stands here */

struct rt_table_column {
    const char *top, *title; /* the heading, in two lines; top may be "" */
    const char *word;        /* what it is called when stacked */
    bool always;             /* otherwise only when some row has a number above 0 */
};

struct rt_table_row {
    struct rt_span name;
    uint64_t n[RT_TABLE_COLUMNS_MAX];
    const char *note; /* behind the last column; "": none */
    bool warn;        /* the last number and the note are a warning */
};

struct rt_table {
    struct rt_report_out *out;
    const char *title;
    const struct rt_table_column *columns;
    size_t ncolumns;
    unsigned width;                  /* of the terminal, in columns */
    const char *bold, *warn, *plain; /* escape sequences, or "" */

    /* worked out by rt_table_show */
    bool measuring, stacked;
    size_t name_width, note_width;
    bool shown[RT_TABLE_COLUMNS_MAX];
    size_t widths[RT_TABLE_COLUMNS_MAX];
};

/* Calls rt_table_row for each row, the same ones every time. */
typedef void rt_table_rows(struct rt_table *table, const struct rt_report *report);

/* The whole table, a blank line before it: asks for the rows twice, first to measure. */
void rt_table_show(
    struct rt_table *table, const struct rt_report *report, rt_table_rows *rows);

void rt_table_row(struct rt_table *table, const struct rt_table_row *row);

#endif
