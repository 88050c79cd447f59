/*
 * One CSV record at a time, by libcsv: the last of decode_csv.c's three ways, and how
 * headers are read. Says what a text means; is slow (0.3 GB/s).
 *
 * Only the csv files of this folder include this.
 */
#ifndef RT_CSV_RECORD_H
#define RT_CSV_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct rt_csv_parser;

/* Where fields go, one by one. */
struct rt_csv_sink {
    void (*field)(void *to, struct rt_span value); /* value: lent for the call */
    void (*again)(void *to); /* forget the fields so far: they come anew */
    void *to;
};

enum rt_csv_found {
    RT_CSV_RECORD,
    RT_CSV_BLANK,    /* a blank line */
    RT_CSV_OPEN,     /* not complete, and more is to come */
    RT_CSV_TOO_LONG, /* over RT_RECORD_MAX */
    RT_CSV_UNCLOSED, /* a quote is open at the end of the input */
    RT_CSV_NO_MEMORY
};

/* Where a record lies, or of one that is refused its first line. */
struct rt_csv_place {
    uint32_t end;  /* where the next one begins */
    uint32_t size; /* without the line end */
};

/* NULL when there is no memory. Owned by the caller: rt_csv_parser_free. */
struct rt_csv_parser *rt_csv_parser_new(char delimiter, struct rt_csv_sink sink);
void rt_csv_parser_free(struct rt_csv_parser *parser);

/* Another text comes. */
void rt_csv_parser_start(struct rt_csv_parser *parser);

/*
 * Parses the record that begins at `at`, where a line begins.
 *
 * text    at most UINT32_MAX bytes, and more than `at`; the same since the last start
 * at_end  the text's end is the input's
 * place   set, unless the record is RT_CSV_OPEN or there was RT_CSV_NO_MEMORY
 *
 * Fields that came are to be forgotten unless a record is found.
 */
enum rt_csv_found rt_csv_parse(struct rt_csv_parser *parser, struct rt_span text,
    bool at_end, uint32_t at, struct rt_csv_place *place);

/* True where a record of several lines was refused lately: another one that begins here
 * and does not end on its line will be as long. */
bool rt_csv_is_stray(const struct rt_csv_parser *parser, uint32_t at);

/* Line ends in [from, to), a stretch that ends where a record does: '\n', and a '\r' that
 * ends it. A lone '\r' elsewhere stands in quotes, where it is no line end. */
uint32_t rt_csv_count_lines(struct rt_span text, uint32_t from, uint32_t to);

/* A blank, or a tab: what is cut around unquoted fields. */
static inline bool rt_csv_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

#endif
