/*
 * One CSV record at a time, by libcsv.
 *
 * libcsv knows no records, it calls back when one ends: so it is fed line by line, for
 * records end at line ends alone, and asked behind each whether the record did.
 */
#include "events/csv_record.h"

#include <csv.h>

#include "base/alloc.h"
#include "events/cells.h"
#include "events/reason.h"

/*
 * open_until makes a file of stray quotes cheap. While a record goes on over a line end,
 * libcsv is inside quotes there, for everywhere else a line end ends the record: so two
 * records that both go on over a line end are in the same state from there on. When one
 * that began earlier is known to be still open at open_until (a line's start), a later
 * one that is still open behind its first line need not be followed from there: it will
 * be open at open_until too, and is followed from that point. Each byte is thus looked at
 * twice at most, where trying each line anew would cost RT_RECORD_MAX a line.
 */
struct rt_csv_parser {
    struct csv_parser csv;
    struct rt_csv_sink sink;
    bool ended; /* the record did */
    uint32_t open_until;
};

static void on_field(void *p, size_t n, void *data)
{
    struct rt_csv_parser *parser = data;

    parser->sink.field(parser->sink.to, (struct rt_span) { n ? p : "", n });
}

static void on_record(int c, void *data)
{
    struct rt_csv_parser *parser = data;

    (void)c;
    parser->ended = true;
}

static void *parser_realloc(void *old, size_t bytes)
{
    return rt_realloc(old, bytes, 1);
}

struct rt_csv_parser *rt_csv_parser_new(char delimiter, struct rt_csv_sink sink)
{
    struct rt_csv_parser *p = rt_calloc(1, sizeof *p);

    if (!p)
        return NULL;
    p->sink = sink;
    csv_init(&p->csv, 0);
    csv_set_delim(&p->csv, (unsigned char)delimiter);
    csv_set_realloc_func(&p->csv, parser_realloc);
    csv_set_free_func(&p->csv, rt_free);
    csv_set_blk_size(&p->csv, 4096);
    return p;
}

void rt_csv_parser_free(struct rt_csv_parser *parser)
{
    if (!parser)
        return;
    csv_free(&parser->csv);
    rt_free(parser);
}

void rt_csv_parser_start(struct rt_csv_parser *parser)
{
    parser->open_until = 0;
}

bool rt_csv_is_stray(const struct rt_csv_parser *parser, uint32_t at)
{
    return at < parser->open_until;
}

static void parser_restart(struct rt_csv_parser *p)
{
    csv_set_opts(&p->csv, 0);
    csv_fini(&p->csv, NULL, NULL, NULL);
    p->ended = false;
}

static bool parser_feed(
    struct rt_csv_parser *p, struct rt_span text, uint32_t from, uint32_t to)
{
    return csv_parse(&p->csv, text.p + from, to - from, on_field, on_record, p)
        == to - from;
}

/* The end of the input is the end of the record. False when a quote is open: libcsv says
 * so when both options are set. */
static bool parser_finish(struct rt_csv_parser *p)
{
    csv_set_opts(&p->csv, CSV_STRICT | CSV_STRICT_FINI);
    return csv_fini(&p->csv, on_field, on_record, p) == 0;
}

/* The line that begins at `at`: where its line end stands, and what follows. */
struct line {
    uint32_t stop, next; /* equal when the text ends without a line end */
};

static struct line line_at(struct rt_span text, uint32_t at)
{
    uint32_t i = at;

    while (i < text.n && text.p[i] != '\n' && text.p[i] != '\r')
        i++;
    if (i == text.n)
        return (struct line) { i, i };
    if (text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] == '\n')
        return (struct line) { i, i + 2 };
    return (struct line) { i, i + 1 };
}

static bool is_blank_line(struct rt_span text, uint32_t from, uint32_t to, char delimiter)
{
    for (uint32_t i = from; i < to; i++)
        if (!rt_csv_is_blank(text.p[i]) || text.p[i] == delimiter)
            return false;
    return true;
}

/* Follows a record that is open behind its first line. place: of that first line; set to
 * the whole record's when it is found. */
static enum rt_csv_found parse_on(struct rt_csv_parser *p, struct rt_span text,
    bool at_end, uint32_t at, struct rt_csv_place *place)
{
    uint32_t open = place->end; /* here libcsv is inside quotes */
    bool jumped = false;

    for (;;) {
        struct line line;

        if (p->open_until > open) {
            open = p->open_until;
            jumped = true;
        }
        p->open_until = open;
        if (open - at > RT_RECORD_MAX)
            return RT_CSV_TOO_LONG;
        if (open == text.n)
            return at_end ? RT_CSV_UNCLOSED : RT_CSV_OPEN;
        line = line_at(text, open);
        if (line.stop - at > RT_RECORD_MAX)
            return RT_CSV_TOO_LONG;
        if (line.stop == line.next && !at_end)
            return RT_CSV_OPEN;
        if (!parser_feed(p, text, open, line.next))
            return RT_CSV_NO_MEMORY;
        if (line.stop == line.next && !parser_finish(p))
            return RT_CSV_UNCLOSED;
        open = line.next;
        if (p->ended) {
            *place = (struct rt_csv_place) { line.next, line.stop - at };
            break;
        }
    }
    if (!jumped)
        return RT_CSV_RECORD;
    p->sink.again(p->sink.to);
    parser_restart(p);
    if (!parser_feed(p, text, at, place->end))
        return RT_CSV_NO_MEMORY;
    if (!p->ended)
        parser_finish(p);
    return RT_CSV_RECORD;
}

enum rt_csv_found rt_csv_parse(struct rt_csv_parser *p, struct rt_span text, bool at_end,
    uint32_t at, struct rt_csv_place *place)
{
    struct line line = line_at(text, at);
    bool last = line.stop == line.next;

    *place = (struct rt_csv_place) { line.next, line.stop - at };
    if (last && !at_end)
        return RT_CSV_OPEN;
    if (is_blank_line(text, at, line.stop, (char)csv_get_delim(&p->csv)))
        return RT_CSV_BLANK;
    if (line.stop - at > RT_RECORD_MAX)
        return RT_CSV_TOO_LONG;
    parser_restart(p);
    if (!parser_feed(p, text, at, line.next))
        return RT_CSV_NO_MEMORY;
    if (last && !parser_finish(p))
        return RT_CSV_UNCLOSED;
    return p->ended ? RT_CSV_RECORD : parse_on(p, text, at_end, at, place);
}

uint32_t rt_csv_count_lines(struct rt_span text, uint32_t from, uint32_t to)
{
    uint32_t lines = to > from && text.p[to - 1] == '\r';

    for (uint32_t i = from; i < to; i++)
        lines += text.p[i] == '\n';
    return lines;
}
/* ---- cells.h: every cell, for lists of ids */

enum { CELL_MAX_BYTES = 1 << 20 };

struct rt_cells {
    struct csv_parser csv;
    rt_cells_visit *visit;
    void *ctx;
    int rc; /* what visit returned */
};

static void on_cell(void *p, size_t n, void *data)
{
    struct rt_cells *cells = data;

    if (cells->rc == RT_OK)
        cells->rc = cells->visit(cells->ctx, (struct rt_span) { n ? p : "", n });
}

int rt_cells_new(char delimiter, rt_cells_visit *visit, void *ctx, struct rt_cells **out)
{
    struct rt_cells *cells = rt_calloc(1, sizeof *cells);

    if (!cells)
        return RT_ENOMEM;
    cells->visit = visit;
    cells->ctx = ctx;
    csv_init(&cells->csv, 0);
    csv_set_delim(&cells->csv, (unsigned char)delimiter);
    csv_set_realloc_func(&cells->csv, parser_realloc);
    csv_set_free_func(&cells->csv, rt_free);
    *out = cells;
    return RT_OK;
}

void rt_cells_free(struct rt_cells *cells)
{
    if (!cells)
        return;
    csv_free(&cells->csv);
    rt_free(cells);
}

static int cells_result(struct rt_cells *cells, bool all_taken)
{
    if (cells->rc < 0)
        return cells->rc;
    if (!all_taken && csv_error(&cells->csv) == CSV_ENOMEM)
        return RT_ENOMEM;
    return all_taken && csv_get_buffer_size(&cells->csv) <= CELL_MAX_BYTES ? RT_OK
                                                                           : RT_ESYNTAX;
}

int rt_cells_feed(struct rt_cells *cells, struct rt_span bytes)
{
    return cells_result(
        cells, csv_parse(&cells->csv, bytes.p, bytes.n, on_cell, NULL, cells) == bytes.n);
}

int rt_cells_end(struct rt_cells *cells)
{
    csv_set_opts(&cells->csv, CSV_STRICT | CSV_STRICT_FINI);
    return cells_result(cells, csv_fini(&cells->csv, on_cell, NULL, cells) == 0);
}
