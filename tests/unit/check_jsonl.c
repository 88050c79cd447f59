/* JSON lines: what is JSON, which key feeds which field, blocks, and a twin by jansson
 * that agrees on random documents. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "events/decoders.h"
#include "events/fields.h"
#include "events/jsoncolumns.h"
#include "events/jsonscan.h"

Suite *jsonl_suite(void);

/* ---- a decoder without decoder.c */

enum { NSLOTS_MAX = 8 };

struct input {
    struct rt_source source;
    struct rt_span names[NSLOTS_MAX];
    struct rt_slots slots;
    struct rt_decoder decoder;
    struct rt_cursor cur;
    struct rt_batch batch;
    struct rt_tally tally;
    struct rt_err err;
};

static int input_open(struct input *in, const char *const *names,
    const struct rt_mapping *mappings, size_t nmappings, struct rt_span head)
{
    int rc;

    memset(in, 0, sizeof *in);
    while (names[in->slots.n]) {
        in->names[in->slots.n] = rt_span_of(names[in->slots.n]);
        in->slots.n++;
    }
    in->slots.names = in->names;
    in->source.fields = mappings;
    in->source.nfields = nmappings;
    in->decoder.source = &in->source;
    in->decoder.slots = &in->slots;
    in->decoder.kind = &rt_decode_jsonl;
    in->decoder.format = RT_FORMAT_JSONL;
    rc = rt_decode_jsonl.open(&in->decoder, "in.jsonl", head, true, &in->err);
    if (rc < 0)
        return rc;
    in->cur.decoder = &in->decoder;
    rc = rt_decode_jsonl.init(&in->cur);
    return rc < 0 ? rc : rt_batch_init(&in->batch, in->slots.n);
}

static void input_close(struct input *in)
{
    rt_decode_jsonl.release(&in->cur);
    rt_batch_release(&in->batch);
    rt_tally_release(&in->tally);
    rt_arena_release(&in->decoder.arena);
}

static void input_start(struct input *in, struct rt_span block, bool at_end)
{
    in->cur.block = block;
    in->cur.at_end = at_end;
    in->cur.consumed = in->cur.lines = 0;
}

static int input_next(struct input *in)
{
    return rt_decode_jsonl.next(&in->cur, &in->batch, &in->tally);
}

/* ---- one line, one verdict */

#define X8(s)  s s s s s s s s
#define X64(s) X8(X8(s))

static const struct {
    const char *name, *line;
    enum rt_reason reason; /* RT_REASONS: good */
} verdicts[] = {
    { "empty object", "{}", RT_REASONS },
    { "blanks everywhere", " \t{ \"a\" :\t1 , \"b\" : [ ] } \r", RT_REASONS },
    { "every literal", "{\"a\":true,\"b\":false,\"c\":null}", RT_REASONS },
    { "every escape", "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"}",
        RT_REASONS },
    { "half a pair", "{\"a\":\"\\uD83D\"}", RT_REASONS },
    { "numbers", "{\"a\":[0,-0,1.5,1e3,1E+3,2.5e-10,123456789012345678901234567890]}",
        RT_REASONS },
    { "empty name", "{\"\":1}", RT_REASONS },
    { "name twice", "{\"a\":1,\"a\":2}", RT_REASONS },
    { "delete is no control", "{\"a\":\"\x7f\"}", RT_REASONS },
    { "two bytes", "{\"a\":\"\xc3\xa9\"}", RT_REASONS },
    { "last code point", "{\"a\":\"\xf4\x8f\xbf\xbf\"}", RT_REASONS },
    { "64 deep", "{\"a\":" X8("[[[[[[[") "[[[[[[[1" X8("]]]]]]]") "]]]]]]]}",
        RT_REASONS },

    { "array", "[1]", RT_REJECT_NOT_OBJECT },
    { "text", "\"a\"", RT_REJECT_NOT_OBJECT },
    { "number", " -1.5e7 ", RT_REJECT_NOT_OBJECT },
    { "null", "null", RT_REJECT_NOT_OBJECT },

    { "not JSON", "hello", RT_REJECT_BAD_JSON },
    { "brace alone", "{", RT_REJECT_BAD_JSON },
    { "name alone", "{\"a\"", RT_REJECT_BAD_JSON },
    { "no value", "{\"a\":}", RT_REJECT_BAD_JSON },
    { "no colon", "{\"a\" 1}", RT_REJECT_BAD_JSON },
    { "no comma", "{\"a\":1 \"b\":2}", RT_REJECT_BAD_JSON },
    { "comma at the end", "{\"a\":1,}", RT_REJECT_BAD_JSON },
    { "comma at the end of an array", "{\"a\":[1,]}", RT_REJECT_BAD_JSON },
    { "comma first", "{,\"a\":1}", RT_REJECT_BAD_JSON },
    { "wrong bracket", "{\"a\":[1}", RT_REJECT_BAD_JSON },
    { "name without quotes", "{a:1}", RT_REJECT_BAD_JSON },
    { "single quotes", "{'a':1}", RT_REJECT_BAD_JSON },
    { "comment", "{\"a\":1/*x*/}", RT_REJECT_BAD_JSON },
    { "text behind it", "{\"a\":1} x", RT_REJECT_BAD_JSON },
    { "two objects", "{\"a\":1}{\"a\":1}", RT_REJECT_BAD_JSON },
    { "array, then text", "[1] x", RT_REJECT_BAD_JSON },
    { "quote never closed", "{\"a\":\"x}", RT_REJECT_BAD_JSON },
    { "quote closed by an escape", "{\"a\":\"x\\\"}", RT_REJECT_BAD_JSON },
    { "unknown escape", "{\"a\":\"\\x\"}", RT_REJECT_BAD_JSON },
    { "short \\u", "{\"a\":\"\\u12\"}", RT_REJECT_BAD_JSON },
    { "\\u of no hex", "{\"a\":\"\\u12g4\"}", RT_REJECT_BAD_JSON },
    { "tab in a text", "{\"a\":\"\t\"}", RT_REJECT_BAD_JSON },
    { "control behind 16 bytes", "{\"a\":\"0123456789abcdefgh\x01\"}",
        RT_REJECT_BAD_JSON },
    { "leading zero", "{\"a\":01}", RT_REJECT_BAD_JSON },
    { "plus", "{\"a\":+1}", RT_REJECT_BAD_JSON },
    { "minus alone", "{\"a\":-}", RT_REJECT_BAD_JSON },
    { "point at the end", "{\"a\":1.}", RT_REJECT_BAD_JSON },
    { "point first", "{\"a\":.5}", RT_REJECT_BAD_JSON },
    { "exponent without digits", "{\"a\":1e+}", RT_REJECT_BAD_JSON },
    { "hexadecimal", "{\"a\":0x10}", RT_REJECT_BAD_JSON },
    { "NaN", "{\"a\":NaN}", RT_REJECT_BAD_JSON },
    { "True", "{\"a\":True}", RT_REJECT_BAD_JSON },
    { "word too long", "{\"a\":nulll}", RT_REJECT_BAD_JSON },
    { "byte order mark", "\xef\xbb\xbf{}", RT_REJECT_BAD_JSON },
    { "form feed", "{\f}", RT_REJECT_BAD_JSON },
    { "Latin-1", "{\"a\":\"caf\xe9\"}", RT_REJECT_BAD_JSON },
    { "overlong", "{\"a\":\"\xc0\xaf\"}", RT_REJECT_BAD_JSON },
    { "overlong, three bytes", "{\"a\":\"\xe0\x9f\xbf\"}", RT_REJECT_BAD_JSON },
    { "surrogate in UTF-8", "{\"a\":\"\xed\xa0\x80\"}", RT_REJECT_BAD_JSON },
    { "past the last code point", "{\"a\":\"\xf4\x90\x80\x80\"}", RT_REJECT_BAD_JSON },
    { "cut sequence", "{\"a\":\"\xe2\x82\"}", RT_REJECT_BAD_JSON },
    { "lone tail", "{\"a\":\"\x80\"}", RT_REJECT_BAD_JSON },
    { "UTF-8 in a name", "{\"\xff\":1}", RT_REJECT_BAD_JSON },
    { "UTF-8 outside texts", "{\"a\":\xc3\xa9}", RT_REJECT_BAD_JSON },

    { "65 deep", "{\"a\":" X64("[") X64("]") "}", RT_REJECT_TOO_DEEP },
    { "65 deep, never closed", "{\"b\":" X64("{\"b\":"), RT_REJECT_TOO_DEEP },
    { "deep without an object", X64("[") "[", RT_REJECT_TOO_DEEP },
    { "deep where something is looked for", "{\"deep\":" X64("[") X64("]") "}",
        RT_REJECT_TOO_DEEP },
};

static const char *const few[] = { "time", "event", "a", "inner", NULL };
static const struct rt_mapping inner[] = { { RT_SPAN("inner"), RT_SPAN("deep.0.0") } };

/* Each verdict is the same with and without a line end, and with a line behind it. */
START_TEST(verdict)
{
    static const struct {
        const char *behind;
        bool at_end;
        uint64_t read;
    } ends[] = { { "", true, 1 }, { "\n", true, 1 }, { "\n", false, 1 },
        { "\r\n", false, 1 }, { "\n{\"a\":\"0123456789abcdef\"}\n", true, 2 } };

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct input in;
        char text[4096];
        int n = snprintf(text, sizeof text, "%s%s", verdicts[_i].line, ends[i].behind);
        char *block =
            malloc((size_t)n); /* its own, so that a sanitizer sees every byte */
        uint64_t good = verdicts[_i].reason == RT_REASONS;

        ck_assert_ptr_nonnull(block);
        memcpy(block, text, (size_t)n);
        ck_assert_int_eq(input_open(&in, few, inner, 1, RT_SPAN("")), RT_OK);
        input_start(&in, (struct rt_span) { block, (size_t)n }, ends[i].at_end);
        ck_assert_msg((uint64_t)input_next(&in) == good + ends[i].read - 1, "%s, end %zu",
            verdicts[_i].name, i);
        ck_assert_uint_eq(in.tally.read, ends[i].read);
        ck_assert_uint_eq(in.cur.consumed, (uint32_t)n);
        if (!good)
            ck_assert_msg(in.tally.nrejects == 1
                    && in.tally.rejects[0].reason == verdicts[_i].reason
                    && in.tally.rejects[0].at == 0,
                "%s: reason %d", verdicts[_i].name,
                in.tally.nrejects ? (int)in.tally.rejects[0].reason : -1);
        input_close(&in);
        free(block);
    }
}
END_TEST

/* ---- which key feeds a field */

#define ABSENT "(absent)"

static const char *const asked[] = { "time", "event", "user_id", "value", "plan",
    "user.plan", NULL };

static const struct rt_mapping by_path[] = {
    { RT_SPAN("user_id"), RT_SPAN("user.id") },
    { RT_SPAN("value"), RT_SPAN("items.1.price") },
    { RT_SPAN("plan"), RT_SPAN("Plan-Name") },
};

static const struct {
    const char *name;
    bool mapped;
    const char *line;
    const char *cells[6];
} feeds[] = {
    { "own names", false,
        "{\"time\":\"t\",\"event\":\"e\",\"user_id\":7,\"value\":1.50,\"plan\":\"pro\"}",
        { "t", "e", "7", "1.50", "pro", ABSENT } },
    { "numbers and words as written", false,
        "{\"time\":1e3,\"event\":true,\"user_id\":-0.10,\"value\":false,\"plan\":\"\"}",
        { "1e3", "true", "-0.10", "false", "", ABSENT } },
    { "compared form", false,
        "{\"TIME\":\"t\",\"User ID\":1,\"Value\":2,\"user-plan\":3,\" event \":\"e\"}",
        { "t", "e", "1", "2", ABSENT, "3" } },
    { "well known", false,
        "{\"ts\":\"t\",\"event_type\":\"e\",\"customerId\":9,\"price\":5}",
        { "t", "e", "9", "5", ABSENT, ABSENT } },
    { "the manual's order, not the line's", false,
        "{\"datetime\":\"d\",\"timestamp\":\"s\",\"event_time\":\"t\",\"revenue\":1,"
        "\"price\":"
        "2}",
        { "t", ABSENT, ABSENT, "2", ABSENT, ABSENT } },
    { "own name before well known", false,
        "{\"price\":1,\"value\":2,\"ts\":3,\"time\":4}",
        { "4", ABSENT, ABSENT, "2", ABSENT, ABSENT } },
    { "null is absent, the next counts", false,
        "{\"value\":null,\"price\":3,\"event\":null}",
        { ABSENT, ABSENT, ABSENT, "3", ABSENT, ABSENT } },
    { "the first of a name", false,
        "{\"plan\":1,\"plan\":2,\"event\":null,\"event\":\"e\"}",
        { ABSENT, ABSENT, ABSENT, ABSENT, "1", ABSENT } },
    { "inside, by a name with a dot", false, "{\"user\":{\"x\":1,\"Plan\":\"pro\"}}",
        { ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, "pro" } },
    { "one key with a dot", false, "{\"user\":{\"plan\":\"no\"},\"user.plan\":\"yes\"}",
        { ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, "yes" } },
    { "nothing inside by itself", false, "{\"x\":{\"user_id\":1,\"plan\":2}}",
        { ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT } },
    { "object and array as they stand", false,
        "{\"plan\": { \"a\" : [1, 2] } , \"value\":[ 1,\"\\n\" ]}",
        { ABSENT, ABSENT, ABSENT, "[ 1,\"\\n\" ]", "{ \"a\" : [1, 2] }", ABSENT } },
    { "escapes", false,
        "{\"plan\":\"a\\n\\\"b\\\" "
        "\\u00e9\\u20ac\\uD83D\\uDE00/\\/\",\"event\":\"plain\"}",
        { ABSENT, "plain", ABSENT, ABSENT,
            "a\n\"b\" \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80//", ABSENT } },
    { "half pairs", false,
        "{\"plan\":\"\\uD83Dx\",\"event\":\"\\uDE00\",\"time\":\"\\uD83D\\u0041\","
        "\"value\":\"\\uD83D\\uD83D\\uDE00\"}",
        { "\xef\xbf\xbd"
          "A",
            "\xef\xbf\xbd", ABSENT, "\xef\xbf\xbd\xf0\x9f\x98\x80",
            "\xef\xbf\xbd"
            "x",
            ABSENT } },
    { "escaped key", false, "{\"pl\\u0061n\":1,\"us\\u0065r_id\":2}",
        { ABSENT, ABSENT, "2", ABSENT, "1", ABSENT } },
    { "an escaped text that another key replaces", false,
        "{\"price\":\"\\t\",\"value\":\"x\\\\\"}",
        { ABSENT, ABSENT, ABSENT, "x\\", ABSENT, ABSENT } },
    { "UTF-8", false,
        "{\"plan\":\"Stra\xc3\x9f"
        "e\"}",
        { ABSENT, ABSENT, ABSENT, ABSENT,
            "Stra\xc3\x9f"
            "e",
            ABSENT } },

    { "mapped path", true,
        "{\"user\":{\"name\":1,\"id\":\"u7\"},\"items\":[{\"price\":1},{\"price\":2}]}",
        { ABSENT, ABSENT, "u7", "2", ABSENT, ABSENT } },
    { "a key with a dot before a path", true, "{\"user\":{\"id\":1},\"user.id\":2}",
        { ABSENT, ABSENT, "2", ABSENT, ABSENT, ABSENT } },
    { "a null key with a dot gives way", true, "{\"user.id\":null,\"user\":{\"id\":1}}",
        { ABSENT, ABSENT, "1", ABSENT, ABSENT, ABSENT } },
    { "a path in compared form", true, "{\"USER\":{\"Id\":1}}",
        { ABSENT, ABSENT, "1", ABSENT, ABSENT, ABSENT } },
    { "a path as written first", true, "{\"USER\":{\"ID\":1},\"user\":{\"id\":2}}",
        { ABSENT, ABSENT, "2", ABSENT, ABSENT, ABSENT } },
    { "a mapped field has no other name", true,
        "{\"user_id\":1,\"userid\":2,\"price\":3,\"value\":4}",
        { ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT } },
    { "as written, then compared", true, "{\"plan_name\":1,\"Plan-Name\":2}",
        { ABSENT, ABSENT, ABSENT, ABSENT, "2", ABSENT } },
    { "compared alone", true, "{\"PLAN NAME\":1}",
        { ABSENT, ABSENT, ABSENT, ABSENT, "1", ABSENT } },
    { "an object by number too", true, "{\"items\":{\"1\":{\"price\":8}}}",
        { ABSENT, ABSENT, ABSENT, "8", ABSENT, ABSENT } },
    { "too few elements", true, "{\"items\":[{\"price\":1}],\"user\":[]}",
        { ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT } },
    { "a text where an object was meant", true, "{\"user\":\"x\",\"items\":1}",
        { ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT } },
    { "the first object of a name", true, "{\"user\":{\"x\":1},\"user\":{\"id\":2}}",
        { ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT } },
    { "a field inside beside a mapped one", true, "{\"user\":{\"plan\":\"p\",\"id\":3}}",
        { ABSENT, ABSENT, "3", ABSENT, ABSENT, "p" } },
};

static void check_cells(
    const struct input *in, uint32_t row, const char *const *cells, const char *name)
{
    for (uint32_t slot = 0; slot < in->slots.n; slot++) {
        struct rt_span got = rt_batch_row(&in->batch, row)[slot];
        struct rt_span want = rt_span_of(cells[slot]);

        if (strcmp(cells[slot], ABSENT) == 0)
            ck_assert_msg(!got.p, "%s: %s is there", name, asked[slot]);
        else
            ck_assert_msg(got.p && rt_span_eq(got, want), "%s: %s is '%.*s'", name,
                asked[slot], (int)got.n, got.p ? got.p : "");
    }
}

/* Twice each, with another line between: the memo of keys must not change anything. */
START_TEST(key_feeds_field)
{
    struct input in;
    char text[2048];
    size_t n = feeds[_i].mapped ? sizeof by_path / sizeof *by_path : 0;

    snprintf(text, sizeof text, "%s\n{\"z\":0,\"plan\":\"other\",\"y\":{}}\n%s\n%s\n",
        feeds[_i].line, feeds[_i].line, feeds[_i].line);
    ck_assert_int_eq(input_open(&in, asked, by_path, n, RT_SPAN("")), RT_OK);
    input_start(&in, rt_span_of(text), true);
    ck_assert_int_eq(input_next(&in), 4);
    check_cells(&in, 0, feeds[_i].cells, feeds[_i].name);
    check_cells(&in, 2, feeds[_i].cells, feeds[_i].name);
    check_cells(&in, 3, feeds[_i].cells, feeds[_i].name);
    input_close(&in);
}
END_TEST

/* A key with a dot that a mapping names is not what its compared form spells. */
START_TEST(mapped_dot_is_no_underscore)
{
    static const struct rt_mapping map[] = { { RT_SPAN("client_id"),
        RT_SPAN("user.id") } };
    static const char *const names[] = { "time", "event", "user_id", "client_id", NULL };
    struct input in;

    ck_assert_int_eq(input_open(&in, names, map, 1, RT_SPAN("")), RT_OK);
    input_start(&in, RT_SPAN("{\"user.id\":1}\n{\"user_id\":2}\n"), true);
    ck_assert_int_eq(input_next(&in), 2);
    ck_assert_ptr_null(rt_batch_row(&in.batch, 0)[2].p);
    ck_assert_uint_eq(rt_batch_row(&in.batch, 0)[3].n, 1);
    ck_assert_uint_eq(rt_batch_row(&in.batch, 1)[2].n, 1);
    ck_assert_ptr_null(rt_batch_row(&in.batch, 1)[3].p);
    input_close(&in);
}
END_TEST

/* ---- rows, lines, blocks */

START_TEST(rows_and_rejects_stand_where_they_are)
{
    static const char text[] = "\n"
                               "  {\"time\":1}\r\n"
                               " \t\r\n"
                               "nonsense\r\n"
                               "{\"time\":2}\n"
                               "[]";
    struct input in;

    ck_assert_int_eq(input_open(&in, few, NULL, 0, RT_SPAN("")), RT_OK);
    input_start(&in, rt_span_of(text), true);
    ck_assert_int_eq(input_next(&in), 2);
    ck_assert_uint_eq(in.batch.rows[0].at, 1);
    ck_assert_uint_eq(in.batch.rows[0].size, 12);
    ck_assert_uint_eq(in.batch.rows[0].line, 1);
    ck_assert_uint_eq(in.batch.rows[1].at, 29);
    ck_assert_uint_eq(in.batch.rows[1].size, 10);
    ck_assert_uint_eq(in.batch.rows[1].line, 4);
    ck_assert_uint_eq(in.tally.read, 4);
    ck_assert_uint_eq(in.tally.nrejects, 2);
    ck_assert_uint_eq(in.tally.rejects[0].at, 19);
    ck_assert_uint_eq(in.tally.rejects[0].size, 8);
    ck_assert_uint_eq(in.tally.rejects[0].line, 3);
    ck_assert_int_eq(in.tally.rejects[0].reason, RT_REJECT_BAD_JSON);
    ck_assert_uint_eq(in.tally.rejects[1].line, 5);
    ck_assert_int_eq(in.tally.rejects[1].reason, RT_REJECT_NOT_OBJECT);
    ck_assert_uint_eq(in.cur.lines, 5);
    ck_assert_uint_eq(in.cur.consumed, sizeof text - 1);
    ck_assert_int_eq(input_next(&in), 0);
    input_close(&in);
}
END_TEST

START_TEST(an_unfinished_line_is_left_over)
{
    static const char *const rests[] = { "{\"time\":", "{\"time\":2}", "  ", "x" };
    struct input in;

    ck_assert_int_eq(input_open(&in, few, NULL, 0, RT_SPAN("")), RT_OK);
    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
        char text[64];

        snprintf(text, sizeof text, "{\"time\":1}\n%s", rests[i]);
        rt_tally_reset(&in.tally);
        input_start(&in, rt_span_of(text), false);
        ck_assert_int_eq(input_next(&in), 1);
        ck_assert_int_eq(input_next(&in), 0);
        ck_assert_uint_eq(in.cur.consumed, 11);
        ck_assert_uint_eq(in.cur.lines, 1);
        ck_assert_uint_eq(in.tally.read, 1);
    }
    input_close(&in);
}
END_TEST

START_TEST(a_record_has_a_largest_size)
{
    char *text = malloc(RT_RECORD_MAX + 64);
    struct input in;

    ck_assert_ptr_nonnull(text);
    ck_assert_int_eq(input_open(&in, few, NULL, 0, RT_SPAN("")), RT_OK);
    for (int over = 0; over < 2; over++) {
        size_t n = RT_RECORD_MAX + (size_t)over;

        memset(text, 'x', n);
        memcpy(text, "{\"a\":\"", 6);
        memcpy(text + n - 2, "\"}\n{}\n", 6);
        rt_tally_reset(&in.tally);
        input_start(&in, (struct rt_span) { text, n + 4 }, true);
        ck_assert_int_eq(input_next(&in), 2 - over);
        ck_assert_uint_eq(in.tally.count[RT_REJECT_TOO_LONG], (uint64_t)over);
        ck_assert_uint_eq(in.tally.read, 2);
    }
    input_close(&in);
    free(text);
}
END_TEST

/* What rows say, as text: for comparing runs. */
static void note_rows(struct input *in, struct rt_buf *out, uint32_t before)
{
    for (uint32_t row = 0; row < in->batch.nrows; row++) {
        ck_assert_int_eq(
            rt_buf_addf(out, "+%u:", before + in->batch.rows[row].at), RT_OK);
        for (uint32_t slot = 0; slot < in->slots.n; slot++) {
            struct rt_span cell = rt_batch_row(&in->batch, row)[slot];

            ck_assert_int_eq(rt_buf_addf(out, cell.p ? "%zu=" : "-", cell.n), RT_OK);
            ck_assert_int_eq(rt_buf_add(out, cell.p, cell.n), RT_OK);
        }
    }
}

/* Reads the text in blocks of so many bytes, carrying over what is not complete. */
static void note_run(
    struct input *in, struct rt_span text, size_t step, struct rt_buf *out)
{
    size_t from = 0, to = 0;
    uint32_t lines = 0;

    rt_tally_reset(&in->tally);
    while (from < text.n || to < text.n) {
        to = to + step < text.n ? to + step : text.n;
        input_start(in, (struct rt_span) { text.p + from, to - from }, to == text.n);
        while (input_next(in) > 0)
            note_rows(in, out, (uint32_t)from);
        for (uint32_t i = 0; i < in->tally.nrejects; i++)
            ck_assert_int_eq(
                rt_buf_addf(out, "!%zu:%d:%u", from + in->tally.rejects[i].at,
                    (int)in->tally.rejects[i].reason, lines + in->tally.rejects[i].line),
                RT_OK);
        in->tally.nrejects = 0;
        from += in->cur.consumed;
        lines += in->cur.lines;
    }
    ck_assert_int_eq(rt_buf_addf(out, "+read %ju", (uintmax_t)in->tally.read), RT_OK);
}

/* Rows and rejects of one block stand apart in the note, so sort them by place. */
static int by_note(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_notes(struct rt_buf *notes)
{
    struct rt_buf sorted = RT_BUF_INIT(1 << 24);
    char *parts[4096];
    size_t n = 0;
    char *text = strdup(rt_buf_text(notes)), *save = NULL;

    for (char *part = strtok_r(text, "+!", &save); part && n < 4096;
         part = strtok_r(NULL, "+!", &save))
        parts[n++] = part;
    qsort(parts, n, sizeof *parts, by_note);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(rt_buf_addf(&sorted, "%s\n", parts[i]), RT_OK);
    free(text);
    rt_buf_release(notes);
    *notes = sorted;
}

START_TEST(any_split_gives_the_same_rows)
{
    static const char some[] =
        "{\"ts\":\"1\",\"user\":{\"id\":\"a\\nb\"},\"plan-name\":\"\"}\n"
        "\r\n"
        "{\"ts\":2,\"items\":[0,{\"price\":[1,{}]}]}\r\n"
        "oops\n{\"a\":\n"
        "[1,2]\n"
        "{\"user.id\":\"\xc3\xa9\",\"time\":null,\"ts\":3}";
    struct rt_buf text = RT_BUF_INIT(1 << 20), whole = RT_BUF_INIT(1 << 24);
    struct input in;

    for (int i = 0; i < 60; i++) /* more than one batch */
        ck_assert_int_eq(rt_buf_addf(&text, "%s%s", i ? "\n" : "", some), RT_OK);
    ck_assert_int_eq(input_open(&in, asked, by_path, 3, RT_SPAN("")), RT_OK);
    note_run(&in, rt_buf_span(&text), text.n, &whole);
    sort_notes(&whole);
    for (size_t step = 1; step < 700; step += step < 200 ? 1 : 37) {
        struct rt_buf parts = RT_BUF_INIT(1 << 24);

        note_run(&in, rt_buf_span(&text), step, &parts);
        sort_notes(&parts);
        ck_assert_msg(
            rt_span_eq(rt_buf_span(&whole), rt_buf_span(&parts)), "step %zu", step);
        rt_buf_release(&parts);
    }
    ck_assert_ptr_nonnull(strstr(rt_buf_text(&whole), "3=a\nb"));
    input_close(&in);
    rt_buf_release(&text);
    rt_buf_release(&whole);
}
END_TEST

/* Far more keys than the memo keeps, long ones and changing order. */
START_TEST(many_keys)
{
    struct rt_buf text = RT_BUF_INIT(1 << 24);
    struct input in;
    uint32_t row = 0;
    int rows;

    for (int i = 0; i < 2000; i++)
        ck_assert_int_eq(
            rt_buf_addf(&text,
                "{\"key%d\":%d,\"%s\":%d,\"a rather long key that "
                "is not remembered by its "
                "bytes at all %d\":null,\"%s\":\"e%d\"}\n",
                i, i, i % 3 ? "time" : "ts", i, i, i % 2 ? "event" : "EVENT", i),
            RT_OK);
    ck_assert_int_eq(input_open(&in, few, NULL, 0, RT_SPAN("")), RT_OK);
    input_start(&in, rt_buf_span(&text), true);
    while ((rows = input_next(&in)) > 0)
        for (int i = 0; i < rows; i++, row++) {
            const struct rt_span *cells = rt_batch_row(&in.batch, (uint32_t)i);
            char want[16];

            snprintf(want, sizeof want, "e%u", row);
            ck_assert(rt_span_eq(cells[1], rt_span_of(want)));
            ck_assert(rt_span_eq(cells[0], rt_span_of(want + 1)));
        }
    ck_assert_uint_eq(row, 2000);
    input_close(&in);
    rt_buf_release(&text);
}
END_TEST

/* ---- looking and opening */

static const struct {
    const char *name, *head;
    bool all;
    int least, most;
} looks[] = {
    { "objects", "{\"a\":1}\n{\"a\":2}\n", true, 100, 100 },
    { "a cut last line", "{\"a\":1}\n{\"a\":", false, 100, 100 },
    { "byte order mark", "\xef\xbb\xbf{\"a\":1}\n", true, 100, 100 },
    { "blank lines first", "\n\r\n{\"a\":1}", true, 100, 100 },
    { "one line longer than the head", "{\"a\":\"xxxxxx", false, 1, 99 },
    { "some broken", "{\"a\":1}\n{\"a\"\n", true, 61, 99 },
    { "one array", "[{\"a\":1}]", true, 1, 60 },
    { "CSV", "a,b\n1,2\n", true, 0, 0 },
    { "CSV with a brace", "{a},b\n1,2\n", true, 0, 0 },
    { "log", "127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 1\n",
        true, 0, 0 },
    { "nothing", "", true, 0, 0 },
    { "blank", "\n\n", true, 0, 0 },
};

START_TEST(look)
{
    int score = rt_look_jsonl(rt_span_of(looks[_i].head), looks[_i].all);

    ck_assert_msg(score >= looks[_i].least && score <= looks[_i].most, "%s: %d",
        looks[_i].name, score);
}
END_TEST

static const struct {
    const char *name, *head, *says; /* NULL: opens */
} opens[] = {
    { "lines", "{}\n{}\n", NULL },
    { "broken lines", "x\ny\n", NULL },
    { "lines of arrays", "[1]\n[2]\n", NULL },
    { "a broken first line", "{\"a\":1,\n{\"a\":1}\n", NULL },
    { "nothing", "", NULL },
    { "an array", "[{\"a\":1},{\"a\":2}]\n", "jq -c '.[]'" },
    { "an array over lines", "[\n{\"a\":1},\n{\"a\":2}\n]\n", "jq -c '.[]'" },
    { "an array of lines", "[{\"a\":1},\n{\"a\":2}]\n", "jq -c '.[]'" },
    { "printed nicely", "{\n  \"a\": 1\n}\n", "jq -c ." },
    { "printed half nicely", "{\"a\": 1,\n\"b\": 2}\n", "jq -c ." },
};

START_TEST(open_says_what_to_do)
{
    struct input in;
    int rc = input_open(&in, few, NULL, 0, rt_span_of(opens[_i].head));

    if (opens[_i].says) {
        ck_assert_msg(rc == RT_EIO, "%s: %d", opens[_i].name, rc);
        ck_assert_ptr_nonnull(strstr(in.err.text, opens[_i].says));
        ck_assert_str_eq(in.err.source, "in.jsonl");
        ck_assert_uint_eq(in.err.line, 1);
    } else {
        ck_assert_msg(rc == RT_OK, "%s: %d", opens[_i].name, rc);
    }
    input_close(&in);
}
END_TEST

START_TEST(byte_order_mark_is_skipped)
{
    struct input in;

    ck_assert_int_eq(input_open(&in, few, NULL, 0, RT_SPAN("\xef\xbb\xbf{}\n")), RT_OK);
    ck_assert_uint_eq(in.decoder.skip_bytes, 3);
    ck_assert_uint_eq(in.decoder.skip_lines, 0);
    input_close(&in);
}
END_TEST

static const struct {
    const char *name, *field, *own;
    bool renamed, shadowed;
} shown[] = {
    { "ts", "ts", NULL, false, false }, /* "timestamp" is preferred */
    { "timestamp", "time", "timestamp", true, false },
    { "user.id", "user_id", NULL, true, false },
    { "user.Full Name", "user.full_name", NULL, false, false },
    { "Type", "type", NULL, false, false },
    { "tags", "tags", NULL, false, false },
    { "price", "value", "price", true, false },
    { "type", NULL, NULL, false, true },
    { "e\xc3\xa9", "e\xc3\xa9", NULL, false, false },
    { "price.x", "price.x", NULL, false, false },
};

START_TEST(columns_of_the_first_lines)
{
    static const struct rt_mapping map[] = { { RT_SPAN("user_id"), RT_SPAN("user.id") } };
    struct input in;

    ck_assert_int_eq(input_open(&in, few, map, 1,
                         RT_SPAN("{\"ts\":1,\"timestamp\":2,\"user\":{\"id\":1,"
                                 "\"Full Name\":null,\"x\":{}}}\n"
                                 "broken\n"
                                 "{\"Type\":1,\"tags\":[{\"a\":1}],\"price\":2,"
                                 "\"type\":3,\"e\\u00e9\":0}\n"
                                 "{\"ts\":1,\"price\":{\"x\":1}}\n")),
        RT_OK);
    for (size_t i = 0, at = 0; i < in.decoder.ncolumns; i++) {
        const struct rt_column *column = &in.decoder.columns[i];

        if (rt_span_eq(column->name, RT_SPAN("user.x")))
            continue; /* an empty object is a value */
        ck_assert_uint_lt(at, sizeof shown / sizeof *shown);
        ck_assert_msg(rt_span_eq(column->name, rt_span_of(shown[at].name)), "%zu: %.*s",
            i, (int)column->name.n, column->name.p);
        ck_assert_msg(rt_span_eq(column->field, rt_span_of(shown[at].field))
                && rt_span_eq(column->own, rt_span_of(shown[at].own))
                && column->renamed == shown[at].renamed
                && column->shadowed == shown[at].shadowed,
            "%s feeds %.*s", shown[at].name, (int)column->field.n,
            column->field.p ? column->field.p : "");
        at++;
    }
    ck_assert_uint_eq(in.decoder.ncolumns, sizeof shown / sizeof *shown + 1);
    for (uint32_t slot = 0; slot < in.slots.n; slot++)
        ck_assert(in.decoder.has[slot]);
    input_close(&in);
}
END_TEST

START_TEST(columns_have_a_limit)
{
    struct rt_buf text = RT_BUF_INIT(1 << 20);
    struct input in;

    ck_assert_int_eq(rt_buf_adds(&text, "{\"k\":0"), RT_OK);
    for (int i = 0; i < 1500; i++)
        ck_assert_int_eq(rt_buf_addf(&text, ",\"k%d\":0", i), RT_OK);
    ck_assert_int_eq(rt_buf_adds(&text, "}\n"), RT_OK);
    ck_assert_int_eq(input_open(&in, few, NULL, 0, rt_buf_span(&text)), RT_OK);
    ck_assert_uint_eq(in.decoder.ncolumns, RT_JSONCOLUMNS_MAX);
    input_close(&in);
    rt_buf_release(&text);
}
END_TEST

/* ---- the scanner's two forms */

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15; /* splitmix64 */

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

START_TEST(vectors_and_bytes_agree)
{
    uint64_t seed = 11;

    for (int i = 0; i < 200000; i++) {
        char text[80];
        size_t n = next_random(&seed) % sizeof text;
        size_t stop = n ? next_random(&seed) % (2 * n) : 0;

        memset(text, 'a' + i % 26, n);
        if (stop < n)
            text[stop] = (char)next_random(&seed);
        ck_assert_ptr_eq(
            rt_jsonscan_text(text, text + n), rt_jsonscan_plain(text, text + n));
    }
}
END_TEST

/* ---- the twin */

struct maker {
    uint64_t seed;
    struct rt_buf text;
};

static uint32_t pick(struct maker *m, uint32_t n)
{
    return (uint32_t)(next_random(&m->seed) % n);
}

static void put(struct maker *m, const char *text)
{
    ck_assert_int_eq(rt_buf_adds(&m->text, text), RT_OK);
}

static void put_blank(struct maker *m)
{
    static const char *const blanks[] = { "", "", "", "", "", "", " ", "\t", " \r " };

    put(m, blanks[pick(m, 9)]);
}

static void put_text(struct maker *m)
{
    static const char *const parts[] = { "a", "bc", "http://x.example/p?q=1&r=", " ",
        "0123456789abcdefghijklmnopqrstuvwxyz", "\\n", "\\\"", "\\\\", "\\/", "\\u0041",
        "\\u00E9", "\\u0000", "\\uD83D\\uDE00", "\\uffff", "\xc3\xa9", "\xe2\x82\xac",
        "\xf0\x9f\x98\x80", "\xed\x9f\xbf", "{", "]", ",", ":" };

    put(m, "\"");
    for (uint32_t n = pick(m, 6); n; n--)
        put(m, parts[pick(m, sizeof parts / sizeof *parts)]);
    put(m, "\"");
}

static void put_number(struct maker *m)
{
    static const char *const numbers[] = { "0", "-0", "7", "-12", "3.25", "1e3", "1E-2",
        "-1.50e+2", "1234567890", "0.001" };

    put(m, numbers[pick(m, sizeof numbers / sizeof *numbers)]);
}

static void put_value(struct maker *m, int depth);

static void put_array(struct maker *m, int depth)
{
    put(m, "[");
    put_blank(m);
    for (uint32_t i = 0, n = pick(m, 4); i < n; i++) {
        if (i)
            put(m, ",");
        put_blank(m);
        put_value(m, depth + 1);
        put_blank(m);
    }
    put(m, "]");
}

/* Names are the letters from a on, each once at most, sometimes written with an escape.
 */
static void put_object(struct maker *m, int depth)
{
    bool first = true;

    put(m, "{");
    put_blank(m);
    for (char name = 'a'; name <= 'h'; name++) {
        char key[16];

        if (pick(m, 2))
            continue;
        snprintf(key, sizeof key, pick(m, 9) ? "%s\"%c\"" : "%s\"\\u00%x\"",
            first ? "" : ",", name);
        put(m, key);
        put_blank(m);
        put(m, ":");
        put_blank(m);
        put_value(m, depth + 1);
        put_blank(m);
        first = false;
    }
    put(m, "}");
}

static void put_value(struct maker *m, int depth)
{
    static const char *const words[] = { "true", "false", "null" };

    switch (pick(m, depth < 5 ? 6 : 4)) {
    case 0:
    case 1:
        put_text(m);
        break;
    case 2:
        put_number(m);
        break;
    case 3:
        put(m, words[pick(m, 3)]);
        break;
    case 4:
        put_object(m, depth);
        break;
    default:
        put_array(m, depth);
    }
}

/* Changes a few bytes. No line end comes in: it would make two records. */
static void spoil(struct maker *m)
{
    static const char bytes[] =
        "{}[]\",:\\/u0123456789eE+-.truefalsn \t\x01\x1f\x80\xbf\xc3"
        "\xe2\xed\xa0\xf0\xff";

    for (uint32_t n = 1 + pick(m, 3); n && m->text.n; n--) {
        size_t at = pick(m, (uint32_t)m->text.n);

        switch (pick(m, 3)) {
        case 0:
            m->text.p[at] = bytes[pick(m, sizeof bytes - 1)];
            break;
        case 1:
            memmove(m->text.p + at, m->text.p + at + 1, --m->text.n - at);
            break;
        default:
            m->text.n = pick(m, 8) ? m->text.n : at;
        }
    }
}

static const struct rt_mapping twin_map[] = {
    { RT_SPAN("inner"), RT_SPAN("d.e") },
    { RT_SPAN("element"), RT_SPAN("f.1.g") },
};
static const char *const twin_slots[] = { "time", "event", "a", "b", "inner", "element",
    "g.h", NULL };

static json_t *twin_value(const json_t *root, uint32_t slot)
{
    switch (slot) {
    case 2:
        return json_object_get(root, "a");
    case 3:
        return json_object_get(root, "b");
    case 4:
        return json_object_get(json_object_get(root, "d"), "e");
    case 5: {
        const json_t *f = json_object_get(root, "f");

        return json_object_get(json_array_get(f, 1), "g");
    }
    case 6:
        return json_object_get(json_object_get(root, "g"), "h");
    default:
        return NULL;
    }
}

static bool same_value(const json_t *want, struct rt_span got)
{
    char number[64];
    json_t *parsed;
    bool same;

    if (!want || json_is_null(want))
        return !got.p;
    if (!got.p)
        return false;
    if (json_is_string(want))
        return rt_span_eq(
            got, (struct rt_span) { json_string_value(want), json_string_length(want) });
    if (json_is_boolean(want))
        return rt_span_eq(got, rt_span_of(json_is_true(want) ? "true" : "false"));
    if (json_is_number(want)) {
        if (got.n >= sizeof number)
            return false;
        memcpy(number, got.p, got.n);
        number[got.n] = '\0';
        return strtod(number, NULL) == json_number_value(want);
    }
    parsed = json_loadb(got.p, got.n, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    same = parsed && json_equal(parsed, want);
    json_decref(parsed);
    return same;
}

/* What jansson leaves out of the RFC: numbers beyond a double, half surrogate pairs. */
static bool is_jansson_limit(const json_error_t *error)
{
    return json_error_code(error) == json_error_numeric_overflow
        || strstr(error->text, "invalid Unicode") != NULL;
}

START_TEST(jansson_agrees)
{
    struct maker m = { .seed = 1000 + (uint64_t)_i, .text = RT_BUF_INIT(1 << 20) };
    unsigned good = 0, bad = 0;
    struct input in;

    ck_assert_int_eq(input_open(&in, twin_slots, twin_map, 2, RT_SPAN("")), RT_OK);
    for (int i = 0; i < 20000; i++) {
        bool spoiled = pick(&m, 2);
        json_error_t error;
        json_t *root;
        struct rt_span text;
        int rows;

        rt_buf_reset(&m.text);
        put_object(&m, 0);
        if (spoiled)
            spoil(&m);
        text = rt_buf_span(&m.text);
        root = json_loadb(text.p, text.n,
            JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL | JSON_DECODE_ANY, &error);
        if (!root && is_jansson_limit(&error))
            continue;
        rt_tally_reset(&in.tally);
        input_start(&in, text, true);
        rows = input_next(&in);
        ck_assert_msg(rows == (root && json_is_object(root)), "%d: %d for %.*s", i, rows,
            (int)text.n, text.p);
        if (rows == 0 && root)
            ck_assert_uint_eq(in.tally.count[RT_REJECT_NOT_OBJECT], 1);
        for (uint32_t slot = 2; rows && !spoiled && slot < in.slots.n; slot++)
            ck_assert_msg(
                same_value(twin_value(root, slot), rt_batch_row(&in.batch, 0)[slot]),
                "%d: %s in %.*s", i, twin_slots[slot], (int)text.n, text.p);
        good += rows == 1;
        bad += rows == 0;
        json_decref(root);
    }
    ck_assert_uint_gt(good, 10000);
    ck_assert_uint_gt(bad, 1000);
    input_close(&in);
    rt_buf_release(&m.text);
}
END_TEST

/* ---- no memory */

/* ---- guessed keys: a blank behind the colon sends a member the long way */

/* Members of which some feed a slot by two names, some twice, some none. */
static const char *const member_names[] = { "time", "event", "user_id", "userId",
    "UserID", "other", "value", "plan", "a key of twenty bytes", "b", "user" };
static const char *const member_values[] = { "1", "-2.5e3", "null", "true", "\"x\"",
    "\"a\\u00e9\\n\"", "\"\xc3\xa9\"", "\"sixteen bytes and more\"", "[1]", "{\"id\":7}",
    "\"\"", "nul", "\"", "01" };

/* Members in nearly the same order from line to line; now and then a value that is no
 * JSON. */
static void put_lines(uint64_t seed, const char *colon, struct rt_buf *out)
{
    const uint64_t nnames = sizeof member_names / sizeof *member_names;
    const uint64_t ngood = sizeof member_values / sizeof *member_values - 3;

    for (int line = 0; line < 200; line++) {
        const char *comma = "{";

        for (uint64_t k = 0; k < nnames; k++) {
            uint64_t name = next_random(&seed) % 8 ? k : next_random(&seed) % nnames;
            uint64_t value =
                next_random(&seed) % (next_random(&seed) % 64 ? ngood : ngood + 3);

            if (next_random(&seed) % 4 == 0)
                continue;
            ck_assert_int_eq(rt_buf_addf(out, "%s\"%s\"%s%s", comma, member_names[name],
                                 colon, member_values[value]),
                RT_OK);
            comma = ",";
        }
        ck_assert_int_eq(rt_buf_adds(out, *comma == '{' ? "{}\n" : "}\n"), RT_OK);
    }
}

/* All cells and counts of a text, as text. */
static void note_cells(struct rt_span text, bool mapped, struct rt_buf *out)
{
    static const char *const names[] = { "time", "event", "user_id", "value", "plan",
        "user.id", NULL };
    char *block = malloc(text.n); /* its end is guarded by the sanitizer */
    struct input in;
    int n;

    ck_assert_ptr_nonnull(block);
    memcpy(block, text.p, text.n);
    ck_assert_int_eq(input_open(&in, names, by_path,
                         mapped ? sizeof by_path / sizeof *by_path : 0, RT_SPAN("")),
        RT_OK);
    input_start(&in, (struct rt_span) { block, text.n }, true);
    while ((n = input_next(&in)) > 0)
        for (int i = 0; i < n; i++)
            for (uint32_t s = 0; s < in.slots.n; s++) {
                struct rt_span cell = rt_batch_row(&in.batch, (uint32_t)i)[s];

                rt_buf_addf(out, "%u %s%.*s|", in.batch.rows[i].line, cell.p ? "=" : "~",
                    (int)cell.n, cell.n ? cell.p : "");
            }
    ck_assert_int_eq(n, 0);
    rt_buf_addf(out, "%llu records, %llu bad", (unsigned long long)in.tally.read,
        (unsigned long long)in.tally.count[RT_REJECT_BAD_JSON]);
    input_close(&in);
    free(block);
}

START_TEST(blanks_change_nothing)
{
    struct rt_buf tight = RT_BUF_INIT(1 << 24), loose = tight, a = tight, b = tight;

    for (uint64_t seed = 1; seed <= 50; seed++) {
        rt_buf_reset(&tight);
        rt_buf_reset(&loose);
        rt_buf_reset(&a);
        rt_buf_reset(&b);
        put_lines(seed, ":", &tight);
        put_lines(seed, ": ", &loose);
        note_cells(rt_buf_span(&tight), _i, &a);
        note_cells(rt_buf_span(&loose), _i, &b);
        ck_assert_msg(rt_span_eq(rt_buf_span(&a), rt_buf_span(&b)), "seed %d", (int)seed);
    }
    rt_buf_release(&tight);
    rt_buf_release(&loose);
    rt_buf_release(&a);
    rt_buf_release(&b);
}
END_TEST

START_TEST(failed_allocations)
{
    static const char line[] =
        "{\"p\\u006can\":\"a\\nb\",\"user\":{\"\\u0069d\":\"\\t\"}}\n[";
    bool failed = true;

    for (uint64_t nth = 1; failed; nth++) {
        struct input in;
        int rc;

        rt_alloc_fail_at(nth, 0);
        rc = input_open(&in, asked, by_path, 3, rt_span_of(line));
        if (rc == RT_OK) {
            input_start(&in, rt_span_of(line), true);
            rc = input_next(&in);
        }
        failed = rc < 0;
        if (failed)
            ck_assert_int_eq(rc, RT_ENOMEM);
        rt_alloc_fail_at(0, 0);
        input_close(&in);
        ck_assert_uint_lt(nth, 1000);
    }
}
END_TEST

Suite *jsonl_suite(void)
{
    Suite *s = suite_create("jsonl");
    TCase *tc = tcase_create("jsonl");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, verdict, 0, sizeof verdicts / sizeof *verdicts);
    tcase_add_loop_test(tc, key_feeds_field, 0, sizeof feeds / sizeof *feeds);
    tcase_add_test(tc, mapped_dot_is_no_underscore);
    tcase_add_test(tc, rows_and_rejects_stand_where_they_are);
    tcase_add_test(tc, an_unfinished_line_is_left_over);
    tcase_add_test(tc, a_record_has_a_largest_size);
    tcase_add_test(tc, any_split_gives_the_same_rows);
    tcase_add_test(tc, many_keys);
    tcase_add_loop_test(tc, look, 0, sizeof looks / sizeof *looks);
    tcase_add_loop_test(tc, open_says_what_to_do, 0, sizeof opens / sizeof *opens);
    tcase_add_test(tc, byte_order_mark_is_skipped);
    tcase_add_test(tc, columns_of_the_first_lines);
    tcase_add_test(tc, columns_have_a_limit);
    tcase_add_test(tc, vectors_and_bytes_agree);
    tcase_add_loop_test(tc, jansson_agrees, 0, 4);
    tcase_add_loop_test(tc, blanks_change_nothing, 0, 2);
    tcase_add_test(tc, failed_allocations);
    suite_add_tcase(s, tc);
    return s;
}
