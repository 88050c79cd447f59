/*
 * The header of a list file: which of a platform's columns stand where.
 */
#ifndef RT_LIST_HEADER_H
#define RT_LIST_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "lists/platform.h"
#include "run/csv_rows.h"

enum { RT_TITLES_MAX = 256 };

/* The titles as a full list of the platform has them. */
struct rt_titles {
    struct rt_span title[RT_TITLES_MAX]; /* for the program's life */
    uint32_t column[RT_TITLES_MAX];      /* of the platform; UINT32_MAX: fixed text */
    uint32_t n;
    uint32_t least; /* without the optional ones behind */
    uint32_t lines; /* before the first row: 0, or 1 and what fixed lines follow */
    bool fixed;     /* all of them, in this order */
};

/* Works out the titles; n is 0 for a platform whose lists have no header, and for lists of
 * contacts, whose titles are those of the contact files. */
void rt_titles_of(const struct rt_platform *platform, struct rt_titles *out);

/* Whether the text is the title at that place, or may be, where the list's name stands. */
bool rt_is_title(const struct rt_titles *titles, uint32_t i, struct rt_span text);

/* The titles with commas between, appended to out. */
int rt_titles_text(const struct rt_titles *titles, struct rt_buf *out);

/* Whether the row is a header of the platform: every cell one of its titles, and where it
 * has fixed lines all of them in order. */
bool rt_is_header(const struct rt_titles *titles, const struct rt_csv_row *row);

#endif
