/* What an input is taken for, its header, and what is said when it cannot be read. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "events/decoder.h"

Suite *decoder_suite(void);

static const struct rt_span names[] = { RT_SPAN("time"), RT_SPAN("event"),
    RT_SPAN("user_id") };
static const struct rt_slots slots = { 3, names };

/* ---- recognition */

static const struct {
    const char *name, *head;
    enum rt_format format;
    char delimiter;
} looks[] = {
    { "commas", "time,event\n2026-01-01,view\n", RT_FORMAT_CSV, ',' },
    { "semicolons, decimal commas", "time;value\n2026-01-01;1,5\n2026-01-02;2,5\n",
        RT_FORMAT_CSV, ';' },
    { "tabs", "time\tevent\n2026-01-01\tview, buy\n", RT_FORMAT_TSV, '\t' },
    { "bars", "time|event\n2026-01-01|view\n", RT_FORMAT_CSV, '|' },
    { "header alone", "time,event,user_id\n", RT_FORMAT_CSV, ',' },
    { "other delimiters in quotes", "time,\"a;b;c\"\n2026-01-01,\"x;y;z\"\n",
        RT_FORMAT_CSV, ',' },
    { "rows with empty columns more", "host\ttime\nx\t1\t\t\ny\t2\t\t\n", RT_FORMAT_TSV,
        '\t' },
    { "byte order mark", "\xef\xbb\xbftime,event\n1,view\n", RT_FORMAT_CSV, ',' },
    { "lone CR", "time,event\r1,view\r2,buy\r", RT_FORMAT_CSV, ',' },
    { "blank lines first", "\n\r\n  \ntime,event\n1,view\n", RT_FORMAT_CSV, ',' },
    { "empty", "", RT_FORMAT_CSV, ',' },
    { "blank", " \n\n", RT_FORMAT_CSV, ',' },
};

START_TEST(recognised)
{
    struct rt_source source = { 0 };
    struct rt_decoder *decoder = NULL;
    struct rt_err err = { 0 };

    ck_assert_msg(rt_decoder_open(&source, "in", rt_span_of(looks[_i].head), true, &slots,
                      &decoder, &err)
            == RT_OK,
        "%s: %s", looks[_i].name, err.text);
    ck_assert_str_eq(
        rt_format_name(rt_decoder_format(decoder)), rt_format_name(looks[_i].format));
    ck_assert_int_eq(rt_decoder_delimiter(decoder), looks[_i].delimiter);
    rt_decoder_free(decoder);
}
END_TEST

/* ---- the header */

static const struct {
    const char *name, *head;
    bool no_header;
    size_t skip_bytes;
    uint32_t skip_lines;
    const char *columns;
} headers[] = {
    { "plain", "time,event\n1,a\n", false, 11, 1, "time|event|" },
    { "byte order mark", "\xef\xbb\xbftime,event\r\n1,a\r\n", false, 15, 1,
        "time|event|" },
    { "quoted after a byte order mark", "\xef\xbb\xbf\"time\",\"event\"\n1,a\n", false,
        18, 1, "time|event|" },
    { "over two lines", "time,\"ev\nent\"\n1,a\n", false, 14, 2, "time|ev\nent|" },
    { "blank lines first", "\n\ntime,event\n1,a\n", false, 13, 3, "time|event|" },
    { "blanks around names", " time , event \n1,a\n", false, 15, 1, "time|event|" },
    { "lone CR", "time,event\r1,a\r", false, 11, 1, "time|event|" },
    { "no line end", "time,event", false, 10, 0, "time|event|" },
    { "no header", "1,a\n2,b\n", true, 0, 0, "1|2|" },
    { "no header, byte order mark",
        "\xef\xbb\xbf"
        "1,a,c\n2,b,d\n",
        true, 3, 0, "1|2|3|" },
    { "empty", "", false, 0, 0, "" },
};

START_TEST(header)
{
    struct rt_mapping first = { RT_SPAN("time"), RT_SPAN("1") };
    struct rt_source source = { .format = RT_FORMAT_CSV,
        .no_header = headers[_i].no_header,
        .fields = &first,
        .nfields = headers[_i].no_header };
    struct rt_decoder *decoder = NULL;
    const struct rt_column *columns;
    struct rt_buf got = RT_BUF_INIT(1000);
    struct rt_err err = { 0 };
    size_t bytes, n;
    uint32_t lines;

    ck_assert_msg(rt_decoder_open(&source, "in", rt_span_of(headers[_i].head), true,
                      &slots, &decoder, &err)
            == RT_OK,
        "%s: %s", headers[_i].name, err.text);
    rt_decoder_skip(decoder, &bytes, &lines);
    ck_assert_uint_eq(bytes, headers[_i].skip_bytes);
    ck_assert_uint_eq(lines, headers[_i].skip_lines);
    columns = rt_decoder_columns(decoder, &n);
    for (size_t i = 0; i < n; i++)
        rt_buf_addf(&got, "%.*s|", (int)columns[i].name.n, columns[i].name.p);
    ck_assert_str_eq(rt_buf_text(&got), headers[_i].columns);
    ck_assert(n == 0 || rt_decoder_has(decoder, RT_SLOT_TIME));
    ck_assert(!rt_decoder_has(decoder, 2));
    rt_buf_release(&got);
    rt_decoder_free(decoder);
}
END_TEST

/* ---- what cannot be read */

static const struct {
    const char *name, *head;
    enum rt_format format;
    char delimiter;
    bool no_header, contacts;
    uint64_t line;
    const char *text;   /* stands in the message */
    const char *hidden; /* does not */
} errors[] = {
    { "no time", "colour,size\nred,1\n", RT_FORMAT_LOOK, 0, false, false, 1,
        "no column for the time among: colour, size; name it in sources[].fields: "
        "\"time\"",
        "red" },
    { "no time, and a value among the names", "user_id,ada@example\n1,2\n", RT_FORMAT_CSV,
        0, false, false, 1, "no column for the time: name it", "ada" },
    { "no time, and an address among the names", "event,192.0.2.17 - -\n1,2\n",
        RT_FORMAT_CSV, 0, false, false, 1, "no column for the time: name it", "192" },
    { "a log named as CSV, with commas",
        "192.0.2.12 - - [10/May/2026:09:00:00 +0000] \"GET / HTTP/1.1\" 200 43 \"-\" "
        "\"a, b\"\n192.0.2.13 - - [10/May/2026:09:00:00 +0000] \"GET / HTTP/1.1\" 200 43 "
        "\"-\" \"c, d\"\n",
        RT_FORMAT_CSV, 0, false, false, 1,
        "named as csv, but it looks like combined: correct \"format\"", "192" },
    { "no time by number", "1,2\n", RT_FORMAT_CSV, 0, true, false, 0,
        "no column is named as the time", NULL },
    { "data for a header",
        "2026-01-01,view,ada@example.com\n2026-01-02,buy,b@example.com\n", RT_FORMAT_LOOK,
        0, false, false, 1, "\"header\": false", "ada" },
    { "data for a header, by the number alone", "17,view\n18,buy\n", RT_FORMAT_CSV, 0,
        false, false, 1, "looks like data", "view" },
    { "data for a contact header", "ada@example.com,Ada\n", RT_FORMAT_CSV, 0, false, true,
        1, "looks like data", "ada" },
    { "binary",
        "\x7f"
        "ELF\x02\x01\x01\x02\x03",
        RT_FORMAT_LOOK, 0, false, false, 0, "this is no text", NULL },
    { "prose", "Once upon a time\nthere was a file.\n", RT_FORMAT_LOOK, 0, false, false,
        1, "not recognised as CSV, TSV, JSON lines or an access log", "upon" },
    { "columns padded with blanks", " 00004 0001 19970101  2   29.33\n 00004 0001\n",
        RT_FORMAT_LOOK, 0, false, false, 1, "not recognised", "00004" },
    { "header quote never closed", "\"time,event\n1,a\n", RT_FORMAT_CSV, 0, false, false,
        1, "quote never closed", NULL },
    { "quote for a delimiter", "time,event\n", RT_FORMAT_CSV, '"', false, false, 0,
        "cannot be a quote", NULL },
};

START_TEST(unreadable)
{
    struct rt_source source = { .format = errors[_i].format,
        .delimiter = errors[_i].delimiter,
        .no_header = errors[_i].no_header,
        .contacts = errors[_i].contacts };
    struct rt_decoder *decoder = NULL;
    struct rt_err err = { 0 };

    ck_assert_int_eq(rt_decoder_open(&source, "in.csv", rt_span_of(errors[_i].head), true,
                         &slots, &decoder, &err),
        RT_EIO);
    ck_assert_ptr_null(decoder);
    ck_assert_msg(
        strstr(err.text, errors[_i].text) != NULL, "%s: %s", errors[_i].name, err.text);
    ck_assert_msg(!errors[_i].hidden || !strstr(err.text, errors[_i].hidden), "%s: %s",
        errors[_i].name, err.text);
    ck_assert_str_eq(err.source, "in.csv");
    ck_assert_uint_eq(err.line, errors[_i].line);
}
END_TEST

START_TEST(too_many_columns)
{
    struct rt_source source = { .format = RT_FORMAT_CSV };

    for (int over = 0; over < 2; over++) {
        struct rt_buf head = RT_BUF_INIT(100000);
        struct rt_decoder *decoder = NULL;
        int rc;

        rt_buf_adds(&head, "time");
        for (int i = 1; i < RT_FIELDS_MAX + over; i++)
            rt_buf_adds(&head, ",x");
        rt_buf_adds(&head, "\n");
        rc = rt_decoder_open(
            &source, "in", rt_buf_span(&head), true, &slots, &decoder, NULL);
        ck_assert_int_eq(rc, over ? RT_EIO : RT_OK);
        rt_decoder_free(decoder);
        rt_buf_release(&head);
    }
}
END_TEST

/* Many columns: the message lists what fits, and says that there are more. */
START_TEST(long_list_of_columns)
{
    struct rt_source source = { .format = RT_FORMAT_CSV };
    struct rt_buf head = RT_BUF_INIT(100000);
    struct rt_decoder *decoder = NULL;
    struct rt_err err = { 0 };

    for (int i = 0; i < 1000; i++)
        rt_buf_addf(&head, "%scolumn%d", i ? "," : "", i);
    rt_buf_adds(&head, "\n");
    ck_assert_int_eq(
        rt_decoder_open(&source, "in", rt_buf_span(&head), true, &slots, &decoder, &err),
        RT_EIO);
    ck_assert_ptr_nonnull(strstr(err.text, "column0, column1, "));
    ck_assert_ptr_nonnull(strstr(err.text, ", ...; name it in sources[].fields"));
    rt_buf_release(&head);
}
END_TEST

/* ---- the rest */

START_TEST(layouts)
{
    static const char *const same[] = { "event_time,event\n", "time,event\n",
        "\xef\xbb\xbf"
        "ts,EVENT\r\n" };
    static const char *const other[] = { "time;event\n", "event,time\n",
        "time,event,brand\n", "time,user_id\n" };
    struct rt_source source = { .format = RT_FORMAT_CSV };
    uint64_t first = 0;

    for (size_t i = 0; i < 7; i++) {
        struct rt_decoder *decoder = NULL;
        const char *head = i < 3 ? same[i] : other[i - 3];

        ck_assert_int_eq(rt_decoder_open(&source, "in", rt_span_of(head), true, &slots,
                             &decoder, NULL),
            RT_OK);
        if (i == 0)
            first = rt_decoder_layout(decoder);
        ck_assert((rt_decoder_layout(decoder) == first) == (i < 3));
        rt_decoder_free(decoder);
    }
}
END_TEST

/* A column that answers to two names feeds both slots, on each way of reading a record.
 */
START_TEST(two_slots_of_one_column)
{
    static const char text[] = "1,view,2.5\n\"2\",view,3.5\n\"4\" ,view,4.5\n";
    static const struct rt_span both[] = { RT_SPAN("time"), RT_SPAN("value"),
        RT_SPAN("price"), RT_SPAN("brand") };
    static const char *const values[] = { "2.5", "3.5", "4.5" };
    struct rt_slots four = { 4, both };
    struct rt_source source = { .format = RT_FORMAT_CSV };
    struct rt_decoder *decoder = NULL;
    struct rt_cursor cur;
    struct rt_batch batch;
    struct rt_tally tally = { 0 };

    ck_assert_int_eq(rt_decoder_open(&source, "in", RT_SPAN("ts,event,price\n"), true,
                         &four, &decoder, NULL),
        RT_OK);
    ck_assert_int_eq(rt_cursor_init(&cur, decoder), RT_OK);
    ck_assert_int_eq(rt_batch_init(&batch, 4), RT_OK);
    rt_cursor_start(&cur, (struct rt_span) { text, sizeof text - 1 }, true);
    ck_assert_int_eq(rt_cursor_next(&cur, &batch, &tally), 3);
    for (uint32_t row = 0; row < 3; row++) {
        const struct rt_span *cells = rt_batch_row(&batch, row);

        ck_assert(rt_span_eq(cells[1], rt_span_of(values[row])));
        ck_assert(rt_span_eq(cells[2], rt_span_of(values[row])));
        ck_assert_ptr_null(cells[3].p);
    }
    rt_tally_release(&tally);
    rt_batch_release(&batch);
    rt_cursor_release(&cur);
    rt_decoder_free(decoder);
}
END_TEST

START_TEST(contact_columns)
{
    struct rt_source source = { .contacts = true };
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_column *columns = NULL;
    size_t n = 0;

    ck_assert_int_eq(
        rt_decoder_header(&source, "in", RT_SPAN("E-Mail;fn;Shoe Size\nx;y;1\n"), true,
            &arena, &columns, &n, NULL),
        RT_OK);
    ck_assert_uint_eq(n, 3);
    ck_assert(rt_span_eq(columns[0].field, RT_SPAN("email")));
    ck_assert(rt_span_eq(columns[1].field, RT_SPAN("first_name")));
    ck_assert(rt_span_eq(columns[2].field, RT_SPAN("shoe_size")));
    ck_assert_int_eq(
        rt_decoder_header(&source, "in", RT_SPAN(""), true, &arena, &columns, &n, NULL),
        RT_OK);
    ck_assert_uint_eq(n, 0);
    rt_arena_release(&arena);
}
END_TEST

Suite *decoder_suite(void)
{
    Suite *s = suite_create("decoder");
    TCase *tc = tcase_create("decoder");

    tcase_add_loop_test(tc, recognised, 0, sizeof looks / sizeof *looks);
    tcase_add_loop_test(tc, header, 0, sizeof headers / sizeof *headers);
    tcase_add_loop_test(tc, unreadable, 0, sizeof errors / sizeof *errors);
    tcase_add_test(tc, too_many_columns);
    tcase_add_test(tc, long_list_of_columns);
    tcase_add_test(tc, layouts);
    tcase_add_test(tc, two_slots_of_one_column);
    tcase_add_test(tc, contact_columns);
    suite_add_tcase(s, tc);
    return s;
}
