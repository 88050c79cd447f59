/*
 * One pass over the file. Which platform column each of its columns is, is known from the
 * header (or from the platform's order where there is none); then every cell is held
 * against its column's rule, and every row against what rows need.
 */
#include "run/verify.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/near.h"
#include "events/contact_names.h"
#include "io/json.h"
#include "lists/country.h"
#include "lists/unicode.h"
#include "run/csv_rows.h"
#include "run/list_header.h"
#include "run/seen_rows.h"
#include "run/verify_int.h"

enum { TEXT_MAX = 1024, NAME_MAX_BYTES = 60, OTHER = RT_COLUMNS_MAX };

struct verify {
    const struct rt_verify_options *o;
    const struct rt_platform *platform;
    const struct rt_header_rule *rule;
    struct rt_titles titles;
    const char *names[RT_TITLES_MAX]; /* as texts, in the arena until a row is read */
    struct rt_verify_result *result;
    struct rt_csv_rows *rows;
    uint32_t column[RT_CSV_CELLS_MAX]; /* platform column of each of the file; OTHER */
    uint32_t ncolumns;                 /* of the file; 0: not known yet */
    bool blind;                        /* which columns they are is not known */
    bool titled;                       /* the first line is a header: it may be shown */
    enum rt_csv_end end;               /* of the first line */
    struct rt_seen_rows seen;
    bool no_memory; /* there was none to say what is wrong with the header */
    struct rt_arena arena;
    uint64_t counts[RT_FAULTS][RT_COLUMNS_MAX + 1];
};

/* ---- saying */

static void say(struct verify *v, uint64_t line, enum rt_fault fault, const char *text)
{
    struct rt_finding finding = { line, rt_fault_texts[fault].severity, text };

    v->o->say(v->o->ctx, &finding);
}

/* column: of the platform, or OTHER. */
static void find_in(struct verify *v, enum rt_fault fault, uint64_t line, uint32_t column,
    const char *detail)
{
    char text[TEXT_MAX];

    if (rt_fault_texts[fault].severity == RT_FINDING_ERROR)
        v->result->errors++;
    else
        v->result->warnings++;
    if (v->counts[fault][column]++ >= RT_FINDINGS_SHOWN && !v->o->all)
        return;
    snprintf(text, sizeof text, rt_fault_texts[fault].text, detail);
    say(v, line, fault, text);
}

static void find(struct verify *v, enum rt_fault fault, uint64_t line, const char *detail)
{
    find_in(v, fault, line, OTHER, detail);
}

/* What was not said one by one. */
static void say_rest(struct verify *v)
{
    for (unsigned f = 0; f < RT_FAULTS && !v->o->all; f++)
        for (uint32_t c = 0; c <= OTHER; c++) {
            char text[TEXT_MAX];
            const char *cure = strchr(rt_fault_texts[f].text, ':');
            int n = cure ? (int)(cure - rt_fault_texts[f].text) : TEXT_MAX;
            char what[TEXT_MAX];

            if (v->counts[f][c] <= RT_FINDINGS_SHOWN)
                continue;
            snprintf(what, sizeof what, "%.*s", n, rt_fault_texts[f].text);
            n = snprintf(text, sizeof text,
                "%ju more lines: ", (uintmax_t)(v->counts[f][c] - RT_FINDINGS_SHOWN));
            if (strcmp(what, "%s") == 0)
                snprintf(what, sizeof what, "%s", "the same in %s");
            snprintf(text + n, sizeof text - (size_t)n, what,
                f == RT_FAULT_REPEAT ? "an earlier one"
                    : c < OTHER      ? v->platform->columns[c].title
                                     : "other rows");
            say(v, 0, (enum rt_fault)f, text);
        }
}

/* A name out of the file as a message may show it. */
static const char *shown(struct rt_span name, char out[NAME_MAX_BYTES + 1])
{
    size_t n = name.n < NAME_MAX_BYTES ? name.n : NAME_MAX_BYTES;

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)name.p[i];

        out[i] = c < 0x20 || c == 0x7f ? '?' : (char)c;
    }
    out[n] = '\0';
    return out;
}

/* "Email, or Phone, or First Name + Last Name" */
static void needs_text(const struct verify *v, char out[TEXT_MAX])
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t k = 0; k < RT_NEEDS_MAX && v->platform->needs[k]; k++) {
        const char *between = k ? ", or " : "";

        for (uint32_t c = 0; c < v->platform->ncolumns && n < TEXT_MAX; c++)
            if (v->platform->needs[k] & (rt_columns)1 << c) {
                n += (size_t)snprintf(out + n, TEXT_MAX - n, "%s%s", between,
                    v->platform->columns[c].title);
                between = " + ";
            }
    }
}

/* ---- the header */

static bool needs_met(const struct rt_platform *p, rt_columns there)
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
    char name[NAME_MAX_BYTES + 1], detail[TEXT_MAX];

    for (uint32_t k = 0; near && k < v->titles.n; k++)
        if (rt_span_eq(v->titles.title[k], rt_span_of(near))
            && v->titles.column[k] < OTHER)
            v->column[i] = v->titles.column[k];
    if (rt_contact_is_value(title))
        snprintf(detail, sizeof detail, "title %u looks like a value", i + 1);
    else if (!v->titled)
        snprintf(detail, sizeof detail,
            "title %u is none of the platform's: is the header line missing?", i + 1);
    else if (near)
        snprintf(detail, sizeof detail, "title \"%s\" is to be spelt \"%s\"",
            shown(title, name), near);
    else
        snprintf(detail, sizeof detail, "the platform has no column \"%s\": leave it out",
            shown(title, name));
    find(v, RT_FAULT_TITLE, line, detail);
}

static void read_title(struct verify *v, uint32_t i, struct rt_span title, uint64_t line)
{
    v->column[i] = OTHER;
    for (uint32_t k = 0; k < v->titles.n; k++)
        if (rt_is_title(&v->titles, k, title)) {
            if (v->titles.column[k] < OTHER)
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
            find(v, RT_FAULT_TITLE_REPEATS, line, v->platform->columns[c].title);
        else if (n > 1 && many <= 1 && v->rule->fixed)
            find(v, RT_FAULT_TITLE_REPEATS, line, v->platform->columns[c].title);
    }
}

/* A finding whose detail is all titles in their order. */
static void find_titles(struct verify *v, enum rt_fault fault, uint64_t line)
{
    struct rt_buf text = RT_BUF_INIT(1 << 14);

    if (rt_titles_text(&v->titles, &text) == RT_OK)
        find(v, fault, line, rt_buf_text(&text));
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
        if (v->column[i] < OTHER)
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
        v->column[0] = OTHER;
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
    char needs[TEXT_MAX];

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
    needs_text(v, needs);
    if (!needs_met(v->platform, columns_there(v)) && strcmp(v->rule->others, "*") != 0)
        find(v, RT_FAULT_NEEDS, row->line, needs);
    return true;
}

/* A file of contacts: its first column is the key, the others are anyone's. */
static bool read_contact_header(struct verify *v, const struct rt_csv_row *row)
{
    v->ncolumns = row->ncells;
    for (uint32_t i = 0; i < row->ncells; i++)
        v->column[i] = OTHER;
    if (row->ncells && rt_span_eq(row->cells[0], RT_SPAN("key")))
        return true;
    find(v, RT_FAULT_NO_HEADER, row->line, "key,...");
    return false;
}

/* True when the row is a header, and is dealt with. */
static bool first_row(struct verify *v, const struct rt_csv_row *row)
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
            find(v, RT_FAULT_HEADER, row->line, "");
            return true;
        }
    }
    return false;
}

/* ---- fixed lines: the cells that hold nothing of the advertiser's own */

static void check_fixed(struct verify *v, uint32_t i, const struct rt_csv_row *row)
{
    const char *line = v->platform->preamble[i];
    size_t n = strcspn(line, ",");
    char begin[NAME_MAX_BYTES + 1];

    if (row->ncells && rt_span_eq(row->cells[0], (struct rt_span) { line, n }))
        return;
    find(v, RT_FAULT_FIXED_LINE, row->line, shown((struct rt_span) { line, n }, begin));
}

/* ---- a row */

static bool has_control(struct rt_span text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
            return true;
    }
    return false;
}

static void check_bytes(struct verify *v, const struct rt_csv_row *row)
{
    if (!rt_unicode_valid(row->text))
        find(v, RT_FAULT_NOT_UTF8, row->line, "");
    if (has_control(row->text))
        find(v, RT_FAULT_CONTROL, row->line, "");
    if (row->end == RT_CSV_END_CR)
        find(v, RT_FAULT_LINE_END, row->line, "");
    if (v->end == RT_CSV_END_NONE)
        v->end = row->end;
    else if (row->end != RT_CSV_END_NONE && row->end != v->end)
        find(v, RT_FAULT_MIXED_ENDS, row->line, "");
    if (row->too_long)
        find(v, RT_FAULT_TOO_LONG, row->line, "");
    if ((row->unclosed || row->stray_quote) && v->platform->line == RT_LINE_CSV
        && v->platform->kind != RT_ROWS_KEY)
        find(v, RT_FAULT_QUOTE, row->line, "");
}

static struct rt_norm_context context_of(
    const struct verify *v, const struct rt_csv_row *row)
{
    struct rt_norm_context context = { .latest_year = v->o->latest_year };

    for (uint32_t i = 0; i < row->ncells && i < v->ncolumns; i++)
        if (v->column[i] < OTHER
            && v->platform->columns[v->column[i]].field == RT_PII_COUNTRY
            && rt_country_code(rt_unicode_trim(row->cells[i]), context.country))
            memcpy(context.phone_region, context.country, 3);
    return context;
}

/* What a change would mend. */
static const char *change_text(unsigned change)
{
    static const char *const texts[RT_NORM_CHANGES] = { "outer blanks", "letters' case",
        "dots before the @", "the +tag", "blanks or signs inside", "letters",
        "a title or suffix", "a word that has a code", "a part to be cut off",
        "the missing country code", "an extension", "a digest" };

    return texts[change];
}

/* "email is not in its normal form: mend outer blanks, letters' case" */
static void say_not_normal(
    struct verify *v, uint64_t line, uint32_t column, unsigned changes)
{
    char text[TEXT_MAX];
    int n = snprintf(text, sizeof text, "%s is not in its normal form",
        v->platform->columns[column].title);
    const char *between = ": mend ";

    for (unsigned k = 0; k < RT_NORM_CHANGES; k++)
        if (changes & 1u << k && n < TEXT_MAX) {
            n += snprintf(
                text + n, sizeof text - (size_t)n, "%s%s", between, change_text(k));
            between = ", ";
        }
    find_in(v, RT_FAULT_NOT_NORMAL, line, column, text);
}

static void check_cell(struct verify *v, const struct rt_csv_row *row, uint32_t i,
    const struct rt_norm_context *context)
{
    uint32_t c = v->column[i];
    const struct rt_platform_column *column = &v->platform->columns[c];
    unsigned changes;
    enum rt_fault fault = rt_verify_cell(column, context, row->cells[i], &changes);

    if (fault == RT_NO_FAULT
        || (fault == RT_FAULT_DIGEST_CASE && v->rule->takes_capital_hex))
        return;
    if (fault == RT_FAULT_NOT_NORMAL)
        say_not_normal(v, row->line, c, changes);
    else
        find_in(v, fault, row->line, c, column->title);
}

static void check_cells(struct verify *v, const struct rt_csv_row *row)
{
    struct rt_norm_context context = context_of(v, row);
    rt_columns there = 0, together = v->platform->together;
    char text[TEXT_MAX];

    for (uint32_t i = 0; i < row->ncells && i < v->ncolumns; i++) {
        if (v->column[i] == OTHER || row->cells[i].n == 0)
            continue;
        there |= (rt_columns)1 << v->column[i];
        check_cell(v, row, i, &context);
    }
    if (!needs_met(v->platform, there)) {
        needs_text(v, text);
        find(v, RT_FAULT_NO_IDENTIFIER, row->line, text);
    } else if ((there & together) && (there & together) != together) {
        find(v, RT_FAULT_HALF, row->line, "what identifies by name and address");
    }
}

static void check_width(struct verify *v, const struct rt_csv_row *row)
{
    char text[TEXT_MAX];

    if (row->ncells == v->ncolumns)
        return;
    snprintf(text, sizeof text, "%u cell%s where %s %u: %s", row->ncells,
        row->ncells == 1 ? "" : "s",
        v->titles.lines ? "the header has" : "the platform takes", v->ncolumns,
        row->ncells > v->ncolumns ? "quote cells that hold a comma"
                                  : "write a comma for each empty cell");
    find(v, RT_FAULT_RAGGED, row->line, text);
}

static int check_json(struct verify *v, const struct rt_csv_row *row)
{
    struct rt_json_errors errors = { .arena = &v->arena };
    const struct rt_json *value = NULL;
    bool good = false;
    int rc = rt_json_parse(row->text, &v->arena, &errors, &value);

    if (rc == RT_ENOMEM)
        return rc;
    for (size_t i = 0; rc == RT_OK && value->kind == RT_JSON_OBJECT && i < value->n; i++)
        good |= rt_span_eq(value->items[i].key, RT_SPAN("key"))
            && value->items[i].kind == RT_JSON_TEXT && value->items[i].text.n;
    if (!good)
        find(v, RT_FAULT_JSON, row->line, "");
    rt_arena_reset(&v->arena);
    return RT_OK;
}

/* "user_id:42" */
static void check_key(struct verify *v, struct rt_span key, uint64_t line)
{
    const char *colon = key.n ? memchr(key.p, ':', key.n) : NULL;

    if (!colon || colon == key.p || colon == key.p + key.n - 1)
        find(v, RT_FAULT_KEY, line, "");
}

static int check_row(struct verify *v, const struct rt_csv_row *row)
{
    uint64_t first = 0;
    char text[24];
    int rc = rt_seen_row(&v->seen, row->text, row->line, &first);

    if (rc < 0)
        return rc;
    snprintf(text, sizeof text, "line %ju", (uintmax_t)first);
    if (first)
        find(v, RT_FAULT_REPEAT, row->line, text);
    v->result->rows++;
    if (v->platform->line == RT_LINE_JSON)
        return check_json(v, row);
    if (v->platform->kind == RT_ROWS_KEY || v->platform->kind == RT_ROWS_CONTACT)
        check_key(v, row->cells[0], row->line);
    if (v->platform->kind != RT_ROWS_KEY)
        check_width(v, row);
    if (v->platform->ncolumns && !v->blind)
        check_cells(v, row);
    return RT_OK;
}

/* ---- the file */

/* UTF-16 cannot be read, but that it is UTF-16 can be seen. Of files alone: what is read
 * of a pipe is gone. */
static bool is_utf16(const char *path)
{
    unsigned char mark[2] = { 0, 0 };
    struct stat st;
    bool file = strcmp(path, "-") && stat(path, &st) == 0 && S_ISREG(st.st_mode);
    int fd = file ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    ssize_t n = fd < 0 ? 0 : read(fd, mark, 2);

    if (fd >= 0)
        close(fd);
    return n == 2
        && ((mark[0] == 0xFF && mark[1] == 0xFE) || (mark[0] == 0xFE && mark[1] == 0xFF));
}

static int find_separator(struct verify *v, struct rt_err *err)
{
    static const struct {
        char c;
        const char *name;
    } others[] = { { ';', "semicolons" }, { '\t', "tabs" }, { '|', "vertical bars" } };
    struct rt_span line;
    int rc;

    if (v->platform->line == RT_LINE_JSON || v->platform->kind == RT_ROWS_KEY) {
        rt_csv_rows_separator(v->rows, '\0');
        return RT_OK;
    }
    rc = rt_csv_rows_peek(v->rows, &line, err);
    if (rc < 0 || line.n == 0 || memchr(line.p, ',', line.n))
        return rc;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (memchr(line.p, others[i].c, line.n)) {
            find(v, RT_FAULT_SEPARATOR, 1, others[i].name);
            rt_csv_rows_separator(v->rows, others[i].c);
            return RT_OK;
        }
    return RT_OK;
}

static int check_rows(struct verify *v, struct rt_err *err)
{
    struct rt_csv_row row;
    uint32_t fixed = 1; /* the header is the first of the fixed lines */
    int rc;

    while ((rc = rt_csv_rows_next(v->rows, &row, err)) > 0) {
        check_bytes(v, &row);
        if (row.ncells == 0) {
            find(v, RT_FAULT_BLANK, row.line, "");
            continue;
        }
        if (!v->ncolumns && first_row(v, &row))
            continue;
        if (v->platform->preamble && fixed < v->titles.lines) {
            check_fixed(v, fixed++, &row);
            continue;
        }
        if (check_row(v, &row) < 0)
            return rt_err_set(err, RT_ENOMEM, "out of memory");
    }
    return rc == RT_OK && v->no_memory ? rt_err_set(err, RT_ENOMEM, "out of memory") : rc;
}

static int check_size(struct verify *v, struct rt_err *err)
{
    const struct rt_platform *p = v->platform;
    struct rt_list_size size = { .rows = v->result->rows,
        .bytes = v->result->bytes,
        .people = v->result->rows,
        .parts = 1 };
    const struct rt_span *warnings;
    uint32_t n;
    char text[TEXT_MAX];

    if (size.rows == 0)
        find(v, RT_FAULT_EMPTY, 0, "");
    if (p->max_rows && size.rows > p->max_rows) {
        snprintf(text, sizeof text, "%ju rows, and %s takes %ju in one file",
            (uintmax_t)size.rows, p->title, (uintmax_t)p->max_rows);
        find(v, RT_FAULT_MANY_ROWS, 0, text);
    }
    if (p->max_bytes && size.bytes > p->max_bytes) {
        snprintf(text, sizeof text, "%ju bytes, and %s takes %ju in one file",
            (uintmax_t)size.bytes, p->title, (uintmax_t)p->max_bytes);
        find(v, RT_FAULT_MANY_BYTES, 0, text);
    }
    if (p->max_rows && size.rows > p->max_rows)
        size.rows = p->max_rows; /* said already */
    if (p->max_bytes && size.bytes > p->max_bytes)
        size.bytes = p->max_bytes;
    if (rt_platform_warnings(p, size, &v->arena, &warnings, &n) < 0)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < n; i++)
        find(v, RT_FAULT_FEW, 0, warnings[i].p);
    return RT_OK;
}

static int check_file(struct verify *v, struct rt_err *err)
{
    int rc = find_separator(v, err);

    if (rt_csv_rows_packing(v->rows) != RT_PLAIN)
        find(v, RT_FAULT_PACKED, 0, "");
    if (rc == RT_OK && rt_csv_rows_had_mark(v->rows) && !v->rule->takes_mark)
        find(v, RT_FAULT_MARK, 1, "");
    if (rc == RT_OK)
        rc = check_rows(v, err);
    if (rc < 0)
        return rc;
    v->result->bytes = rt_csv_rows_bytes(v->rows);
    rc = check_size(v, err);
    if (rc == RT_OK)
        say_rest(v);
    return rc;
}

static int name_titles(struct verify *v, struct rt_err *err)
{
    rt_titles_of(v->platform, &v->titles);
    for (uint32_t k = 0; k < v->titles.n; k++) {
        v->names[k] = rt_arena_copy(&v->arena, v->titles.title[k]).p;
        if (!v->names[k])
            return rt_err_set(err, RT_ENOMEM, "out of memory");
    }
    return RT_OK;
}

int rt_run_verify(const char *path, const struct rt_verify_options *options,
    struct rt_verify_result *result, struct rt_err *err)
{
    struct verify *v = rt_calloc(1, sizeof *v);
    int rc;

    if (!v)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    *result = (struct rt_verify_result) { 0 };
    v->o = options;
    v->platform = options->platform;
    v->rule = rt_header_rule_of(options->platform);
    v->result = result;
    if (is_utf16(path)) {
        find(v, RT_FAULT_UTF16, 0, "");
        rc = RT_OK;
    } else {
        rc = name_titles(v, err);
        if (rc == RT_OK)
            rc = rt_csv_rows_open(path, &v->rows, err);
        if (rc == RT_OK)
            rc = check_file(v, err);
    }
    rt_csv_rows_close(v->rows);
    rt_seen_rows_release(&v->seen);
    rt_arena_release(&v->arena);
    rt_free(v);
    return rc;
}
