/* The report of `hash`: as a table for people, as JSON for programs. Keys are a contract:
 * retarget-hash(1), "REPORT". */
#include "run/hashing.h"

#include "events/contact_names.h"
#include "lists/report_parts.h"
#include "run/hash_columns.h"

const char *rt_hash_field(uint32_t field)
{
    return field < RT_PII_COUNT ? rt_pii_name(field) : "other";
}

static void put_char(struct rt_report_out *out, const char *bytes, size_t n)
{
    if (out->rc == RT_OK && n == 1 && (*bytes == '"' || *bytes == '\\'))
        out->rc = rt_buf_addc(out->buf, '\\');
    if (out->rc == RT_OK)
        out->rc = rt_buf_add(out->buf, bytes, n);
}

static void put_quoted(struct rt_report_out *out, struct rt_span text)
{
    rt_report_putc(out, '"');
    rt_report_chars(out, text, put_char);
    rt_report_putc(out, '"');
}

/* ---- columns */

int rt_hash_columns_text(
    const struct rt_hash_report *report, bool all, struct rt_buf *text)
{
    struct rt_report_out out = { .buf = text };
    const char *between = ": ";

    rt_report_chars(&out, report->input, put_char);
    for (uint32_t i = 0; i < report->ncolumns; i++) {
        if (!report->columns[i].field.p)
            continue;
        rt_report_putf(&out, "%s%s from ", between, report->columns[i].field.p);
        put_quoted(&out, report->columns[i].name);
        between = ", ";
    }
    between = "; not used: ";
    for (uint32_t i = 0; i < report->ncolumns && all; i++) {
        if (report->columns[i].field.p)
            continue;
        rt_report_put(&out, between);
        if (rt_contact_is_value(report->columns[i].name))
            rt_report_putf(&out, "column %u", i + 1);
        else
            put_quoted(&out, report->columns[i].name);
        between = ", ";
    }
    return out.rc;
}

/* ---- the table */

static uint64_t rejected(const struct rt_hash_report *r)
{
    uint64_t n = 0;

    for (unsigned k = RT_REJECT_FIRST; k < RT_REASONS; k++)
        n += r->count[k];
    return n;
}

const char *rt_hash_change_text(unsigned change)
{
    static const char *const texts[RT_NORM_CHANGES] = { "blanks cut", "letters' case",
        "dots cut", "tag cut", "signs cut", "letters respelt", "title or suffix cut",
        "word to code", "shortened", "country code added", "extension cut",
        "hashed already" };

    return texts[change];
}

static const char *drop_text(unsigned drop)
{
    static const char *const texts[RT_DROPS] = { [RT_DROP_INVALID] = "not valid",
        [RT_DROP_NO_COUNTRY] = "without a country",
        [RT_DROP_HASHED] = "hashed, as the platform does not take it",
        [RT_DROP_UNUSABLE] = "of no use to the platform",
        [RT_DROP_NOT_UTF8] = "not UTF-8 (convert: iconv -f WINDOWS-1252 -t UTF-8)" };

    return texts[drop];
}

/* "trimmed 12, lower-cased 3"; returns how many stood there. */
static unsigned put_counts(struct rt_report_out *out, const char *first,
    const uint64_t *counts, unsigned n, const char *(*text)(unsigned))
{
    unsigned shown = 0;

    for (unsigned k = 0; k < n; k++) {
        char grouped[32];

        if (!counts[k])
            continue;
        rt_report_grouped(counts[k], grouped);
        rt_report_putf(out, "%s%s %s", shown++ ? ", " : first, text(k), grouped);
    }
    return shown;
}

static void put_field(
    struct rt_report_out *out, const struct rt_hash_report *r, uint32_t field)
{
    size_t before = out->buf->n;
    unsigned shown;

    rt_report_putf(out, "  %-11s", rt_hash_field(field));
    shown =
        put_counts(out, "", r->changed.n[field], RT_NORM_CHANGES, rt_hash_change_text);
    shown += put_counts(out, shown ? "; left out: " : "left out: ", r->dropped.n[field],
        RT_DROPS, drop_text);
    if (shown)
        rt_report_putc(out, '\n');
    else
        out->buf->n = before;
}

static void put_reasons(struct rt_report_out *out, const struct rt_hash_report *r)
{
    for (unsigned k = RT_REJECT_FIRST; k < RT_REASONS; k++)
        if (r->count[k])
            rt_report_putf(out, "  rejected   %s: %ju\n",
                rt_reason_text((enum rt_reason)k), (uintmax_t)r->count[k]);
}

int rt_hash_text(const struct rt_hash_report *r, struct rt_buf *text)
{
    struct rt_report_out out = { .buf = text };
    char read[32], rows[32], without[32];

    rt_report_grouped(r->read, read);
    rt_report_grouped(r->size.rows, rows);
    rt_report_grouped(r->contacts - r->size.people, without);
    rt_report_chars(&out, r->input, put_char);
    rt_report_putf(&out, ": %s record%s read", read, r->read == 1 ? "" : "s");
    if (rejected(r))
        rt_report_putf(&out, ", %ju rejected", (uintmax_t)rejected(r));
    rt_report_putf(&out, "; %s row%s for %s, contacts without one: %s\n", rows,
        r->size.rows == 1 ? "" : "s", r->platform->title, without);
    put_reasons(&out, r);
    for (uint32_t f = 0; f < RT_DROP_FIELDS; f++)
        put_field(&out, r, f);
    for (uint32_t i = 0; i < r->nwarnings; i++) {
        rt_report_put(&out, "  warning    ");
        rt_report_chars(&out, r->warnings[i], put_char);
        rt_report_putc(&out, '\n');
    }
    return out.rc;
}

/* ---- JSON */

static void put_json_text(struct rt_report_out *out, struct rt_span text)
{
    if (text.p)
        put_quoted(out, text);
    else
        rt_report_put(out, "null");
}

/* A title that may be a value is not told, unless the command line named it. */
static struct rt_span title_of(const struct rt_hash_column *column)
{
    return !column->field.p && rt_contact_is_value(column->name) ? RT_SPAN_ABSENT
                                                                 : column->name;
}

static void put_json_columns(struct rt_report_out *out, const struct rt_hash_report *r)
{
    rt_report_put(out, "  \"columns\": [");
    for (uint32_t i = 0; i < r->ncolumns; i++) {
        rt_report_put(out, i ? ",\n    { \"name\": " : "\n    { \"name\": ");
        put_json_text(out, title_of(&r->columns[i]));
        rt_report_put(out, ", \"field\": ");
        put_json_text(out, r->columns[i].field);
        rt_report_put(out, " }");
    }
    rt_report_put(out, r->ncolumns ? "\n  ],\n" : "],\n");
}

static void put_json_reasons(struct rt_report_out *out, const struct rt_hash_report *r)
{
    const char *between = "";

    rt_report_put(out, "  \"rejected\": {");
    for (unsigned k = RT_REJECT_FIRST; k < RT_REASONS; k++)
        if (r->count[k]) {
            rt_report_putf(out, "%s \"%s\": %ju", between,
                rt_reason_name((enum rt_reason)k), (uintmax_t)r->count[k]);
            between = ",";
        }
    rt_report_put(out, *between ? " },\n" : "},\n");
}

static bool has_counts(const struct rt_hash_report *r, uint32_t field)
{
    uint64_t sum = 0;

    for (unsigned k = 0; k < RT_NORM_CHANGES; k++)
        sum += r->changed.n[field][k];
    for (unsigned d = 0; d < RT_DROPS; d++)
        sum += r->dropped.n[field][d];
    return sum > 0;
}

static void put_json_field(
    struct rt_report_out *out, const struct rt_hash_report *r, uint32_t field)
{
    const char *between = "";

    rt_report_putf(out, "    \"%s\": { \"changed\": {", rt_hash_field(field));
    for (unsigned k = 0; k < RT_NORM_CHANGES; k++)
        if (r->changed.n[field][k]) {
            rt_report_putf(out, "%s \"%s\": %ju", between, rt_norm_change_name(k),
                (uintmax_t)r->changed.n[field][k]);
            between = ",";
        }
    rt_report_put(out, *between ? " }, \"left_out\": {" : "}, \"left_out\": {");
    between = "";
    for (unsigned d = 0; d < RT_DROPS; d++)
        if (r->dropped.n[field][d]) {
            rt_report_putf(out, "%s \"%s\": %ju", between, rt_drop_name((enum rt_drop)d),
                (uintmax_t)r->dropped.n[field][d]);
            between = ",";
        }
    rt_report_put(out, *between ? " } }" : "} }");
}

static void put_json_fields(struct rt_report_out *out, const struct rt_hash_report *r)
{
    const char *between = "\n";

    rt_report_put(out, "  \"fields\": {");
    for (uint32_t f = 0; f < RT_DROP_FIELDS; f++)
        if (has_counts(r, f)) {
            rt_report_put(out, between);
            put_json_field(out, r, f);
            between = ",\n";
        }
    rt_report_put(out, *between == ',' ? "\n  },\n" : "},\n");
}

int rt_hash_json(const struct rt_hash_report *r, struct rt_buf *text)
{
    struct rt_report_out out = { .buf = text };

    rt_report_put(&out, "{\n  \"version\": 1,\n  \"input\": ");
    put_json_text(&out, r->input);
    rt_report_putf(&out, ",\n  \"to\": \"%s\",\n", r->platform->name);
    put_json_columns(&out, r);
    rt_report_putf(&out, "  \"read\": %ju,\n", (uintmax_t)r->read);
    put_json_reasons(&out, r);
    rt_report_putf(&out,
        "  \"contacts\": %ju,\n  \"without_row\": %ju,\n  \"rows\": %ju,\n"
        "  \"parts\": %u,\n  \"bytes\": %ju,\n",
        (uintmax_t)r->contacts, (uintmax_t)(r->contacts - r->size.people),
        (uintmax_t)r->size.rows, r->size.parts, (uintmax_t)r->size.bytes);
    put_json_fields(&out, r);
    rt_report_put(&out, "  \"warnings\": [");
    for (uint32_t i = 0; i < r->nwarnings; i++) {
        rt_report_put(&out, i ? ", " : " ");
        put_json_text(&out, r->warnings[i]);
    }
    rt_report_put(&out, r->nwarnings ? " ]\n}\n" : "]\n}\n");
    return out.rc;
}
