/*
 * What a CSV's first bytes say: whether it is one, its delimiter, and its header.
 *
 * The header is read by libcsv like any record. Recognition reads the first records with
 * each delimiter in turn, and counts how many have the number of fields that their header
 * has: a delimiter that splits a text evenly is one.
 */
#include "events/csv_header.h"

#include "events/csv_record.h"
#include "events/decoders.h"

enum { SHOWN_BYTES = 400 }; /* of the columns' names in a message */

/* The fields of the first record, as they come. */
struct first {
    struct rt_arena *arena;
    struct rt_span *names; /* RT_FIELDS_MAX of them */
    size_t n;              /* counts on past them */
    bool no_memory;
};

static void first_add(void *to, struct rt_span field)
{
    struct first *f = to;

    if (f->n < RT_FIELDS_MAX) {
        f->names[f->n] = rt_arena_copy(f->arena, field);
        if (!f->names[f->n].p)
            f->no_memory = true;
    }
    f->n++;
}

static void first_again(void *to)
{
    ((struct first *)to)->n = 0;
}

static size_t byte_order_mark(struct rt_span text)
{
    return rt_span_starts(text, RT_SPAN("\xef\xbb\xbf")) ? 3 : 0;
}

/* Why the first record cannot be read. */
static int no_first_record(
    enum rt_csv_found found, uint32_t lines, const char *name, struct rt_err *err)
{
    if (found == RT_CSV_NO_MEMORY)
        return rt_err_at(err, RT_ENOMEM, name, 0, 0, "out of memory");
    if (found == RT_CSV_UNCLOSED)
        return rt_err_at(err, RT_EIO, name, lines + 1, 0, "quote never closed");
    return rt_err_at(err, RT_EIO, name, lines + 1, 0,
        "the first record does not end: is this CSV, and are its quotes closed?");
}

/* Reads the first record that is no blank line; f->n is 0 when there is none. */
static int read_first(struct rt_csv_parser *p, struct rt_span text, bool all,
    struct first *f, struct rt_csv_header *h, const char *name, struct rt_err *err)
{
    uint32_t at = (uint32_t)byte_order_mark(text);
    enum rt_csv_found found = RT_CSV_BLANK;

    while (found == RT_CSV_BLANK && at < text.n) {
        struct rt_csv_place place;

        found = rt_csv_parse(p, text, all, at, &place);
        if (f->no_memory)
            found = RT_CSV_NO_MEMORY;
        if (found != RT_CSV_BLANK && found != RT_CSV_RECORD)
            return no_first_record(found, h->skip_lines, name, err);
        h->skip_lines += rt_csv_count_lines(text, at, place.end);
        at = place.end;
    }
    if (found == RT_CSV_BLANK && !all)
        return rt_err_at(
            err, RT_EIO, name, 0, 0, "it begins with %zu bytes of blank lines", text.n);
    if (f->n > RT_FIELDS_MAX)
        return rt_err_at(err, RT_EIO, name, h->skip_lines, 0,
            "%zu columns: more than the %d that are allowed", f->n, (int)RT_FIELDS_MAX);
    h->skip_bytes = at;
    return RT_OK;
}

static int read_names(struct rt_csv_header *h, struct rt_span text, bool all,
    char delimiter, struct rt_arena *arena, const char *name, struct rt_err *err)
{
    struct first f = { .arena = arena };
    struct rt_csv_parser *p =
        rt_csv_parser_new(delimiter, (struct rt_csv_sink) { first_add, first_again, &f });
    int rc;

    f.names = rt_arena_new(arena, RT_FIELDS_MAX, sizeof *f.names);
    if (text.n > UINT32_MAX)
        text.n = UINT32_MAX;
    rc = p && f.names ? read_first(p, text, all, &f, h, name, err)
                      : rt_err_at(err, RT_ENOMEM, name, 0, 0, "out of memory");
    rt_csv_parser_free(p);
    h->names = f.names;
    h->n = f.n;
    return rc;
}

/* ---- headers that are none */

/* An e-mail address, a number or a time: what stands in data and in no header. Judged by
 * its characters alone. */
static bool looks_like_value(struct rt_span cell)
{
    struct rt_span s = rt_span_trim(cell);
    const char *sign = s.n ? memchr(s.p, '@', s.n) : NULL;
    size_t i = 0;

    if (sign && sign > s.p)
        return memchr(sign, '.', (size_t)(s.p + s.n - sign)) != NULL;
    if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
        i++;
    if (i == s.n || s.p[i] < '0' || s.p[i] > '9')
        return false;
    while (i < s.n && memchr("0123456789.,:+-/ TZ", s.p[i], 19))
        i++;
    return i == s.n || rt_span_eq((struct rt_span) { s.p + i, s.n - i }, RT_SPAN("UTC"));
}

static bool is_in(const char *const *list, struct rt_span name)
{
    for (; *list; list++)
        if (rt_span_eq(name, rt_span_of(*list)))
            return true;
    return false;
}

/* A name of ours, or one that is well known. 64 bytes are more than the longest has. */
static bool is_known_name(struct rt_span cell, bool contacts)
{
    char compared[64];
    struct rt_span name = { compared, 0 };

    if (cell.n > sizeof compared)
        return false;
    name.n = rt_fields_compared(cell, compared);
    return is_in(rt_fields_canonical(), name) || is_in(rt_fields_contact(), name)
        || rt_fields_known(name, contacts) != NULL;
}

static bool is_mapped_name(struct rt_span cell, const struct rt_source *source)
{
    for (size_t i = 0; i < source->nfields; i++)
        if (rt_span_eq_nocase(rt_span_trim(cell), source->fields[i].column))
            return true;
    return false;
}

/* The first row has values, and no name that anybody knows. */
static bool looks_like_data(const struct rt_csv_header *h, const struct rt_source *source)
{
    bool values = false;

    for (size_t i = 0; i < h->n; i++) {
        if (is_known_name(h->names[i], source->contacts)
            || is_mapped_name(h->names[i], source))
            return false;
        values = values || looks_like_value(h->names[i]);
    }
    return values;
}

/* ---- columns */

static int assign_columns(struct rt_csv_header *h, const struct rt_source *source,
    const char *name, struct rt_arena *arena, struct rt_err *err)
{
    if (!source->no_header && looks_like_data(h, source))
        return rt_err_at(err, RT_EIO, name, h->skip_lines, 0, "%s",
            source->contacts
                ? "the first row looks like data, not like a header: put a header line "
                  "in "
                  "front, such as \"email,phone\""
                : "the first row looks like data, not like a header: say \"header\": "
                  "false in the source, and name the columns by number in \"fields\"");
    h->columns = rt_arena_new(arena, h->n + 1, sizeof *h->columns);
    if (!h->columns)
        return rt_err_at(err, RT_ENOMEM, name, 0, 0, "out of memory");
    if (h->n == 0) /* an empty input lacks no column */
        return RT_OK;
    return rt_fields_assign(source->no_header ? NULL : h->names, h->n, source->fields,
        source->nfields, source->no_header, source->contacts, arena, h->columns, name,
        err);
}

int rt_csv_header_read(struct rt_csv_header *header, const struct rt_source *source,
    char delimiter, const char *name, struct rt_span head, bool all,
    struct rt_arena *arena, struct rt_err *err)
{
    int rc;

    *header = (struct rt_csv_header) { 0 };
    rc = read_names(header, head, all, delimiter, arena, name, err);
    if (rc == RT_OK)
        rc = assign_columns(header, source, name, arena, err);
    if (source->no_header) { /* the first record is a record */
        header->skip_bytes = byte_order_mark(head);
        header->skip_lines = 0;
    }
    return rc;
}

/* Names have no digits in rows and no mail addresses in them. One that has may be a value
 * of a file without header, and is not for showing. */
static bool may_be_shown(struct rt_span name)
{
    size_t ndigits = 0;

    for (size_t i = 0; i < name.n; i++)
        ndigits += name.p[i] >= '0' && name.p[i] <= '9';
    return ndigits <= 4 && !memchr(name.p, '@', name.n) && !looks_like_value(name);
}

static bool may_all_be_shown(const struct rt_csv_header *h)
{
    for (size_t i = 0; i < h->n; i++)
        if (h->names[i].n && !may_be_shown(h->names[i]))
            return false;
    return true;
}

/* The names of the columns, as many as a message can hold, for a person. */
static void list_names(const struct rt_csv_header *h, char out[SHOWN_BYTES + 8])
{
    size_t n = 0;

    for (size_t i = 0; i < h->n; i++) {
        struct rt_span name = rt_span_trim(h->names[i]);

        if (n + name.n + 2 > SHOWN_BYTES) {
            memcpy(out + n, i ? ", ..." : "...", i ? 5 : 3);
            n += i ? 5 : 3;
            break;
        }
        if (i) {
            memcpy(out + n, ", ", 2);
            n += 2;
        }
        for (size_t k = 0; k < name.n; k++)
            out[n++] = (unsigned char)name.p[k] < ' ' ? '?' : name.p[k];
    }
    out[n] = '\0';
}

int rt_csv_no_time(const struct rt_csv_header *h, const struct rt_source *source,
    const char *name, struct rt_err *err)
{
    char names[SHOWN_BYTES + 8];

    if (source->no_header)
        return rt_err_at(err, RT_EIO, name, 0, 0,
            "no column is named as the time: name it in sources[].fields: "
            "\"time\": \"1\" "
            "is the first of %zu",
            h->n);
    if (!may_all_be_shown(h))
        return rt_err_at(err, RT_EIO, name, h->skip_lines, 0,
            "no column for the time: name it in sources[].fields: \"time\": "
            "\"...\"; or say \"header\": false if the first row is data");
    list_names(h, names);
    return rt_err_at(err, RT_EIO, name, h->skip_lines, 0,
        "no column for the time among: %s; name it in sources[].fields: "
        "\"time\": \"...\"",
        names);
}

/* ---- recognition */

enum {
    LOOK_BYTES = 64 * 1024,
    LOOK_RECORDS = 200,
    KNOWN_HEADER = 60 /* how sure a header of known names makes */
};

/* What the first records come to with one delimiter. */
struct sample {
    uint32_t header;  /* fields of the first record */
    uint32_t records; /* further ones, */
    uint32_t fitting; /* and those of them that would be no rejects */
    uint32_t known;   /* names in the header that are known */
    bool control;     /* the header has control characters */
    bool no_memory;   /* then nothing of this is to be used */
    uint32_t nfields,
        nfull; /* of the record at hand: fields, and up to the last full one */
};

static void sample_field(void *to, struct rt_span field)
{
    struct sample *s = to;

    s->nfields++;
    if (rt_span_trim(field).n)
        s->nfull = s->nfields;
    if (s->header)
        return;
    s->known += is_known_name(field, false);
    for (size_t i = 0; i < field.n; i++)
        s->control = s->control
            || ((unsigned char)field.p[i] < ' ' && !memchr("\t\r\n", field.p[i], 3));
}

static void sample_again(void *to)
{
    struct sample *s = to;

    s->nfields = s->nfull = 0;
}

/* A record that is refused counts as one that does not fit. */
static void sample_record(struct sample *s, enum rt_csv_found found)
{
    if (!s->header) {
        s->header = found == RT_CSV_RECORD ? s->nfields : 1;
    } else {
        s->records++;
        s->fitting +=
            found == RT_CSV_RECORD && s->nfields >= s->header && s->nfull <= s->header;
    }
}

static struct sample sample_with(char delimiter, struct rt_span text, bool all)
{
    struct sample s = { 0 };
    struct rt_csv_parser *p = rt_csv_parser_new(
        delimiter, (struct rt_csv_sink) { sample_field, sample_again, &s });
    enum rt_csv_found found = RT_CSV_BLANK;

    s.no_memory = !p;
    for (uint32_t at = 0; p && at < text.n && s.records < LOOK_RECORDS;) {
        struct rt_csv_place place;

        sample_again(&s);
        found = rt_csv_parse(p, text, all, at, &place);
        s.no_memory = found == RT_CSV_NO_MEMORY;
        if (found == RT_CSV_OPEN || found == RT_CSV_NO_MEMORY)
            break;
        if (found != RT_CSV_BLANK)
            sample_record(&s, found);
        at = place.end;
    }
    rt_csv_parser_free(p);
    return s;
}

/* 0 to 100: the square of the share of fitting records, since a file of which a third
 * would be rejected is hardly CSV, unless its header says that it is. */
static int sureness(const struct sample *s)
{
    int sure, known = s->known ? 10 : 0;
    int least = s->known >= 2 ? KNOWN_HEADER : 0;

    if (s->header < 2 || s->control)
        return 0;
    if (s->records == 0)
        return s->known ? 80 : 30;
    sure = (int)(85.0 * s->fitting / s->records * s->fitting / s->records);
    if (sure > 40)
        sure += known;
    return sure > least ? sure : least;
}

int rt_look_csv(struct rt_span head, bool all, char *delimiter)
{
    static const char delimiters[] = { ',', ';', '\t', '|' };
    struct rt_span text = { head.p, head.n };
    uint32_t columns = 0;
    int best = 0;

    *delimiter = '\0';
    if (text.n) {
        text.p += byte_order_mark(head);
        text.n -= byte_order_mark(head);
    }
    if (text.n > LOOK_BYTES) {
        text.n = LOOK_BYTES;
        all = false;
    }
    if (text.n == 0 || *text.p == '{' || *text.p == '[')
        return 0;
    for (size_t i = 0; i < sizeof delimiters; i++) {
        struct sample s = sample_with(delimiters[i], text, all);
        int sure = sureness(&s);

        if (s.no_memory)
            return RT_ENOMEM;
        if (sure > best + 5 || (sure > 0 && sure >= best - 5 && s.header > columns)) {
            best = sure;
            columns = s.header;
            *delimiter = delimiters[i];
        }
    }
    return best;
}
