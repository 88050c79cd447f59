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
#include "io/json.h"
#include "lists/country.h"
#include "lists/unicode.h"
#include "run/verify_int.h"

/* ---- fixed lines: the cells that hold nothing of the advertiser's own */

static void check_fixed(struct verify *v, uint32_t i, const struct rt_csv_row *row)
{
    const char *line = v->platform->preamble[i];
    size_t n = strcspn(line, ",");
    char begin[RT_VERIFY_NAME_MAX + 1];

    if (row->ncells && rt_span_eq(row->cells[0], (struct rt_span) { line, n }))
        return;
    rt_verify_find(v, RT_FAULT_FIXED_LINE, row->line,
        rt_verify_shown((struct rt_span) { line, n }, begin));
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
        rt_verify_find(v, RT_FAULT_NOT_UTF8, row->line, "");
    if (has_control(row->text))
        rt_verify_find(v, RT_FAULT_CONTROL, row->line, "");
    if (row->end == RT_CSV_END_CR)
        rt_verify_find(v, RT_FAULT_LINE_END, row->line, "");
    if (v->end == RT_CSV_END_NONE)
        v->end = row->end;
    else if (row->end != RT_CSV_END_NONE && row->end != v->end)
        rt_verify_find(v, RT_FAULT_MIXED_ENDS, row->line, "");
    if (row->too_long)
        rt_verify_find(v, RT_FAULT_TOO_LONG, row->line, "");
    if ((row->unclosed || row->stray_quote) && v->platform->line == RT_LINE_CSV
        && v->platform->kind != RT_ROWS_KEY)
        rt_verify_find(v, RT_FAULT_QUOTE, row->line, "");
}

static struct rt_norm_context context_of(
    const struct verify *v, const struct rt_csv_row *row)
{
    struct rt_norm_context context = { .latest_year = v->o->latest_year };

    for (uint32_t i = 0; i < row->ncells && i < v->ncolumns; i++)
        if (v->column[i] < RT_OTHER_COLUMN
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
    char text[RT_VERIFY_TEXT_MAX];
    int n = snprintf(text, sizeof text, "%s is not in its normal form",
        v->platform->columns[column].title);
    const char *between = ": mend ";

    for (unsigned k = 0; k < RT_NORM_CHANGES; k++)
        if (changes & 1u << k && n < RT_VERIFY_TEXT_MAX) {
            n += snprintf(
                text + n, sizeof text - (size_t)n, "%s%s", between, change_text(k));
            between = ", ";
        }
    rt_verify_find_in(v, RT_FAULT_NOT_NORMAL, line, column, text);
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
        rt_verify_find_in(v, fault, row->line, c, column->title);
}

static void check_cells(struct verify *v, const struct rt_csv_row *row)
{
    struct rt_norm_context context = context_of(v, row);
    rt_columns there = 0, together = v->platform->together;
    char text[RT_VERIFY_TEXT_MAX];

    for (uint32_t i = 0; i < row->ncells && i < v->ncolumns; i++) {
        if (v->column[i] == RT_OTHER_COLUMN || row->cells[i].n == 0)
            continue;
        there |= (rt_columns)1 << v->column[i];
        check_cell(v, row, i, &context);
    }
    if (!rt_verify_needs_met(v->platform, there)) {
        rt_verify_needs_text(v, text);
        rt_verify_find(v, RT_FAULT_NO_IDENTIFIER, row->line, text);
    } else if ((there & together) && (there & together) != together) {
        rt_verify_find(
            v, RT_FAULT_HALF, row->line, "what identifies by name and address");
    }
}

static void check_width(struct verify *v, const struct rt_csv_row *row)
{
    char text[RT_VERIFY_TEXT_MAX];

    if (row->ncells == v->ncolumns)
        return;
    snprintf(text, sizeof text, "%u cell%s where %s %u: %s", row->ncells,
        row->ncells == 1 ? "" : "s",
        v->titles.lines ? "the header has" : "the platform takes", v->ncolumns,
        row->ncells > v->ncolumns ? "quote cells that hold a comma"
                                  : "write a comma for each empty cell");
    rt_verify_find(v, RT_FAULT_RAGGED, row->line, text);
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
        rt_verify_find(v, RT_FAULT_JSON, row->line, "");
    rt_arena_reset(&v->arena);
    return RT_OK;
}

/* "user_id:42" */
static void check_key(struct verify *v, struct rt_span key, uint64_t line)
{
    const char *colon = key.n ? memchr(key.p, ':', key.n) : NULL;

    if (!colon || colon == key.p || colon == key.p + key.n - 1)
        rt_verify_find(v, RT_FAULT_KEY, line, "");
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
        rt_verify_find(v, RT_FAULT_REPEAT, row->line, text);
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
            rt_verify_find(v, RT_FAULT_SEPARATOR, 1, others[i].name);
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
            rt_verify_find(v, RT_FAULT_BLANK, row.line, "");
            continue;
        }
        if (!v->ncolumns && rt_verify_first_row(v, &row))
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
    char text[RT_VERIFY_TEXT_MAX];

    if (size.rows == 0)
        rt_verify_find(v, RT_FAULT_EMPTY, 0, "");
    if (p->max_rows && size.rows > p->max_rows) {
        snprintf(text, sizeof text, "%ju rows, and %s takes %ju in one file",
            (uintmax_t)size.rows, p->title, (uintmax_t)p->max_rows);
        rt_verify_find(v, RT_FAULT_MANY_ROWS, 0, text);
    }
    if (p->max_bytes && size.bytes > p->max_bytes) {
        snprintf(text, sizeof text, "%ju bytes, and %s takes %ju in one file",
            (uintmax_t)size.bytes, p->title, (uintmax_t)p->max_bytes);
        rt_verify_find(v, RT_FAULT_MANY_BYTES, 0, text);
    }
    if (p->max_rows && size.rows > p->max_rows)
        size.rows = p->max_rows; /* said already */
    if (p->max_bytes && size.bytes > p->max_bytes)
        size.bytes = p->max_bytes;
    if (rt_platform_warnings(p, size, &v->arena, &warnings, &n) < 0)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < n; i++)
        rt_verify_find(v, RT_FAULT_FEW, 0, warnings[i].p);
    return RT_OK;
}

static int check_file(struct verify *v, struct rt_err *err)
{
    int rc = find_separator(v, err);

    if (rt_csv_rows_packing(v->rows) != RT_PLAIN)
        rt_verify_find(v, RT_FAULT_PACKED, 0, "");
    if (rc == RT_OK && rt_csv_rows_had_mark(v->rows) && !v->rule->takes_mark)
        rt_verify_find(v, RT_FAULT_MARK, 1, "");
    if (rc == RT_OK)
        rc = check_rows(v, err);
    if (rc < 0)
        return rc;
    v->result->bytes = rt_csv_rows_bytes(v->rows);
    rc = check_size(v, err);
    if (rc == RT_OK)
        rt_verify_say_rest(v);
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
        rt_verify_find(v, RT_FAULT_UTF16, 0, "");
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
