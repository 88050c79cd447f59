/* JSON that a person wrote, and what to tell the person.
 *
 * A reader that only says "invalid token near ','" helps nobody, and jansson keeps
 * neither the place of a value nor the first of two equal keys. So the structure is read
 * here, in one pass by recursive descent (100 levels at most), which knows at each point
 * what is due and what people write instead. Jansson decodes the texts that hold escapes.
 *
 * The members of an open array or object wait on a stack; when it closes they move, side
 * by side, into the arena. A second pass from the top down tells each value its place,
 * and takes repeated keys out. */
#include "io/json.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

enum {
    MOST_BYTES = 16 << 20,
    MOST_LEVELS = 100,
    MOST_VALUES = 1000000, /* each takes up to 250 bytes while the text is read */
    MOST_ERRORS = 100,
    MARK_BYTES = 3 /* of the byte order mark */
};

struct reader {
    struct rt_span text;
    size_t at;      /* the byte that is looked at */
    size_t open_at; /* where the innermost open array or object begins */
    unsigned level;
    unsigned nvalues;
    struct rt_arena *arena;
    struct rt_json_errors *errors;
    struct rt_json *stack; /* members of all that is open */
    size_t nstack, stack_cap;
};

/* ---- errors */

static bool has_mark(struct rt_span text)
{
    return rt_span_starts(text, RT_SPAN("\xef\xbb\xbf"));
}

static void find_place(struct rt_span text, size_t at, struct rt_json_error *error)
{
    const char *line = text.p, *end = text.p + at, *next;

    error->line = 1;
    while ((next = memchr(line, '\n', (size_t)(end - line)))) {
        error->line++;
        line = next + 1;
    }
    error->col = (uint32_t)(end - line) + 1;
    if (error->line == 1 && has_mark(text) && at >= MARK_BYTES)
        error->col -= MARK_BYTES;
}

/* The length of text without half a character at its end, where it was cut. */
static size_t whole_characters(const char *p, size_t n)
{
    size_t from = n;

    while (from && n - from < 3 && (p[from - 1] & 0xc0) == 0x80)
        from--;
    if (from && (unsigned char)p[from - 1] >= 0xc0) {
        unsigned char c = (unsigned char)p[from - 1];
        size_t need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

        if (n - (from - 1) < need)
            return from - 1;
    }
    return n;
}

/* Room for one more error, zeroed; NULL (and counted) when there is none. */
static struct rt_json_error *new_error(struct rt_json_errors *errors)
{
    if (errors->n == errors->cap && errors->n < MOST_ERRORS && errors->arena) {
        size_t cap = errors->cap ? errors->cap * 2 : 4;
        struct rt_json_error *more = rt_arena_new(errors->arena, cap, sizeof *more);

        if (more) {
            if (errors->n)
                memcpy(more, errors->errors, errors->n * sizeof *more);
            errors->errors = more;
            errors->cap = cap;
        }
        errors->no_memory |= !more;
    }
    if (errors->n == errors->cap || errors->n >= MOST_ERRORS) {
        errors->left_out++;
        return NULL;
    }
    return &errors->errors[errors->n++];
}

static void say(struct rt_json_error *error, const char *fmt, va_list ap)
{
    int n = vsnprintf(error->text, sizeof error->text, fmt, ap);

    if (n >= (int)sizeof error->text)
        error->text[whole_characters(error->text, sizeof error->text - 1)] = '\0';
}

void rt_json_complain(struct rt_json_errors *errors, struct rt_span text,
    const struct rt_json *value, bool at_key, const char *fmt, ...)
{
    struct rt_json_error *error = new_error(errors);
    va_list ap;

    if (!error)
        return;
    va_start(ap, fmt);
    say(error, fmt, ap);
    va_end(ap);
    if (value) {
        find_place(text, at_key ? value->key_at : value->at, error);
        rt_json_path(value, error->path, sizeof error->path);
    }
}

/* The text is no JSON from here on. */
__attribute__((format(printf, 3, 4))) static int broken(
    struct reader *r, size_t at, const char *fmt, ...)
{
    struct rt_json_error *error = new_error(r->errors);
    va_list ap;

    if (!error)
        return RT_EDEFS;
    va_start(ap, fmt);
    say(error, fmt, ap);
    va_end(ap);
    find_place(r->text, at, error);
    return RT_EDEFS;
}

/* ---- bytes */

static bool at_end(const struct reader *r)
{
    return r->at == r->text.n;
}

/* The byte looked at; NUL at the end (one in the text was refused before). */
static char peek(const struct reader *r)
{
    return at_end(r) ? '\0' : r->text.p[r->at];
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_wordy(char c)
{
    return is_digit(c) || c == '_' || c == '$'
        || (rt_ascii_lower(c) >= 'a' && rt_ascii_lower(c) <= 'z');
}

static void skip_blanks(struct reader *r)
{
    while (!at_end(r) && strchr(" \t\n\r", peek(r)))
        r->at++;
}

static bool ahead(const struct reader *r, const char *bytes)
{
    return rt_span_starts(
        (struct rt_span) { r->text.p + r->at, r->text.n - r->at }, rt_span_of(bytes));
}

/* The word that begins here. */
static struct rt_span word(const struct reader *r)
{
    size_t end = r->at;

    while (end < r->text.n && is_wordy(r->text.p[end]))
        end++;
    return (struct rt_span) { r->text.p + r->at, end - r->at };
}

/* Something stands here that cannot: the common mistakes, else what the caller says. */
static int unexpected(struct reader *r, const char *otherwise)
{
    static const struct {
        const char *bytes, *text;
    } mistakes[] = {
        { "/", "JSON has no comments; take it out" },
        { "#", "JSON has no comments; take it out" },
        { "'", "texts and names stand in double quotes, not in single ones" },
        { "`", "texts and names stand in double quotes" },
        { "\xe2\x80\x98", "a typographic quote; use a plain double quote" },
        { "\xe2\x80\x99", "a typographic quote; use a plain double quote" },
        { "\xe2\x80\x9c", "a typographic quote; use a plain double quote" },
        { "\xe2\x80\x9d", "a typographic quote; use a plain double quote" },
        { "\xe2\x80\x9e", "a typographic quote; use a plain double quote" },
        { "\xc2\xa0", "a no-break space; use a plain one" },
        { "\xef\xbb\xbf", "a byte order mark in the middle; take it out" },
    };

    if (at_end(r) && r->level)
        return broken(r, r->open_at, "this %c is never closed", r->text.p[r->open_at]);
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        if (ahead(r, mistakes[i].bytes))
            return broken(r, r->at, "%s", mistakes[i].text);
    return broken(r, r->at, "%s", otherwise);
}

/* ---- texts */

static int check_escape(struct reader *r)
{
    char c;

    r->at++;
    c = peek(r);
    if (c == 'u') {
        for (int i = 1; i <= 4; i++)
            if (r->at + i >= r->text.n
                || !memchr("0123456789abcdefABCDEF", r->text.p[r->at + i], 22))
                return broken(r, r->at - 1, "\\u takes four hexadecimal digits");
        r->at += 5;
        return RT_OK;
    }
    if (!c || !strchr("\"\\/bfnrt", c))
        return broken(
            r, r->at - 1, "a backslash that is meant as such is written twice: \\\\");
    r->at++;
    return RT_OK;
}

static int control_character(struct reader *r, size_t from)
{
    switch (peek(r)) {
    case '\n':
    case '\r':
        return broken(r, from, "this text is not closed on its line");
    case '\t':
        return broken(r, r->at, "a tab inside a text is written \\t");
    default:
        return broken(
            r, r->at, "a control character inside a text is written \\u%04x", peek(r));
    }
}

/* What jansson makes of a text with escapes. */
static int decode(struct reader *r, size_t from, struct rt_span *out)
{
    json_error_t why;
    json_t *text = json_loadb(r->text.p + from, r->at - from, JSON_DECODE_ANY, &why);
    enum json_error_code code = text ? json_error_unknown : json_error_code(&why);

    if (text) {
        *out = rt_arena_copy(r->arena,
            (struct rt_span) { json_string_value(text), json_string_length(text) });
        json_decref(text);
        return out->p ? RT_OK : RT_ENOMEM;
    }
    if (code == json_error_out_of_memory)
        return RT_ENOMEM;
    if (code == json_error_null_character)
        return broken(r, from, "this text holds \\u0000, which no text here may");
    return broken(
        r, from, "this text holds half a character: \\ud800 to \\udfff come in pairs");
}

/* Reads from the opening quote to behind the closing one. */
static int read_text(struct reader *r, struct rt_span *out)
{
    size_t from = r->at++;
    bool escapes = false;

    while (peek(r) != '"') {
        unsigned char c = (unsigned char)peek(r);
        int rc = RT_OK;

        if (at_end(r))
            return broken(r, from, "this text is never closed");
        if (c == '\\') {
            escapes = true;
            rc = check_escape(r);
        } else if (c < 0x20) {
            rc = control_character(r, from);
        } else {
            r->at++;
        }
        if (rc < 0)
            return rc;
    }
    r->at++;
    if (escapes)
        return decode(r, from, out);
    *out = rt_arena_copy(
        r->arena, (struct rt_span) { r->text.p + from + 1, r->at - from - 2 });
    return out->p ? RT_OK : RT_ENOMEM;
}

/* ---- numbers and words */

/* Passes over digits; false when there are none. */
static bool skip_digits(struct reader *r)
{
    size_t from = r->at;

    while (is_digit(peek(r)))
        r->at++;
    return r->at > from;
}

static int read_number(struct reader *r, struct rt_json *out)
{
    size_t from = r->at, first;

    if (peek(r) == '-')
        r->at++;
    first = r->at;
    if (!skip_digits(r))
        return broken(r, from, "a digit is due behind the minus sign");
    if (r->text.p[first] == '0' && r->at - first > 1)
        return broken(
            r, from, "a number has no leading zeros; a text takes double quotes");
    if (peek(r) == '.') {
        r->at++;
        if (!skip_digits(r))
            return broken(r, from, "a digit is due behind the decimal point");
    }
    if (rt_ascii_lower(peek(r)) == 'e') {
        r->at++;
        if (peek(r) == '+' || peek(r) == '-')
            r->at++;
        if (!skip_digits(r))
            return broken(r, from, "a digit is due in the exponent");
    }
    if (is_wordy(peek(r)) || peek(r) == '.')
        return broken(
            r, from, "no number; a text (a duration, a date) takes double quotes");
    out->kind = RT_JSON_NUMBER;
    out->text =
        rt_arena_copy(r->arena, (struct rt_span) { r->text.p + from, r->at - from });
    return out->text.p ? RT_OK : RT_ENOMEM;
}

/* Does one of JSON's own words stand here, in any case? */
static bool begins_word(const struct reader *r)
{
    struct rt_span w = word(r);

    return rt_span_eq_nocase(w, RT_SPAN("true")) || rt_span_eq_nocase(w, RT_SPAN("false"))
        || rt_span_eq_nocase(w, RT_SPAN("null"));
}

static int no_value(struct reader *r)
{
    static const char *const foreign[] = { "NaN", "Infinity", "undefined", "None",
        "nil" };
    struct rt_span w = word(r);

    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (rt_span_eq(w, rt_span_of(foreign[i])))
            return broken(r, r->at, "JSON has no %s", foreign[i]);
    if (begins_word(r))
        return broken(r, r->at, "true, false and null are written in lower case");
    if (w.n)
        return broken(r, r->at, "a text takes double quotes");
    switch (peek(r)) {
    case '+':
        return broken(r, r->at, "a number has no plus sign");
    case '.':
        return broken(r, r->at, "a number begins with a digit");
    case ',':
    case ']':
    case '}':
        return broken(r, r->at, "a value is missing before this %c", peek(r));
    default:
        return unexpected(r, "a value is due here");
    }
}

static int read_word(struct reader *r, struct rt_json *out)
{
    struct rt_span w = word(r);

    if (rt_span_eq(w, RT_SPAN("true")) || rt_span_eq(w, RT_SPAN("false"))) {
        out->kind = RT_JSON_BOOL;
        out->truth = w.n == 4;
    } else if (rt_span_eq(w, RT_SPAN("null"))) {
        out->kind = RT_JSON_NULL;
    } else {
        return no_value(r);
    }
    r->at += w.n;
    return RT_OK;
}

/* ---- arrays and objects */

static int read_value(struct reader *r, struct rt_json *out);

static int push(struct reader *r, const struct rt_json *member)
{
    if (r->nstack == r->stack_cap) {
        size_t cap = r->stack_cap ? r->stack_cap * 2 : 64;
        struct rt_json *stack = rt_realloc(r->stack, cap, sizeof *stack);

        if (!stack)
            return RT_ENOMEM;
        r->stack = stack;
        r->stack_cap = cap;
    }
    r->stack[r->nstack++] = *member;
    return RT_OK;
}

/* Moves the members that were pushed since `base` into the arena. */
static int gather(struct reader *r, size_t base, struct rt_json *out)
{
    size_t n = r->nstack - base;
    struct rt_json *items;

    if (n) {
        items = rt_arena_new(r->arena, n, sizeof *items);
        if (!items)
            return RT_ENOMEM;
        memcpy(items, r->stack + base, n * sizeof *items);
        out->items = items;
    }
    out->n = n;
    r->nstack = base;
    return RT_OK;
}

/* Reads `"name":`. */
static int read_key(struct reader *r, struct rt_json *member)
{
    int rc;

    member->key_at = r->at;
    if (peek(r) != '"')
        return is_wordy(peek(r)) ? broken(r, r->at, "a name takes double quotes")
                                 : unexpected(r, "a name in double quotes is due here");
    rc = read_text(r, &member->key);
    if (rc < 0)
        return rc;
    skip_blanks(r);
    if (peek(r) != ':')
        return unexpected(r, "a colon is due here, between the name and its value");
    r->at++;
    return RT_OK;
}

static int no_separator(struct reader *r, char close)
{
    char c = peek(r);

    if (c == '"' || c == '{' || c == '[' || c == '-' || is_wordy(c))
        return broken(r, r->at, "a comma is missing before this");
    if (c == ']' || c == '}')
        return broken(r, r->at, "%c is due here, not %c", close, c);
    if (c == ':' && close == ']')
        return broken(r, r->at, "names and their values stand in { }, not in [ ]");
    return unexpected(
        r, close == ']' ? "a comma or ] is due here" : "a comma or } is due here");
}

/* Reads from behind a member to the next one: 0, or past the closing bracket: 1. */
static int read_separator(struct reader *r, char close)
{
    size_t comma_at;

    skip_blanks(r);
    if (peek(r) == close) {
        r->at++;
        return 1;
    }
    comma_at = r->at;
    if (peek(r) != ',')
        return no_separator(r, close);
    r->at++;
    skip_blanks(r);
    if (peek(r) == ']' || peek(r) == '}')
        return broken(r, comma_at, "a comma before the closing %c; take it out", peek(r));
    return 0;
}

static int read_members(struct reader *r, char close)
{
    int ended;

    skip_blanks(r);
    if (peek(r) == close) {
        r->at++;
        return RT_OK;
    }
    do {
        struct rt_json member = { 0 };
        int rc = close == '}' ? read_key(r, &member) : RT_OK;

        if (rc == RT_OK)
            rc = read_value(r, &member);
        if (rc == RT_OK)
            rc = push(r, &member);
        if (rc < 0)
            return rc;
        ended = read_separator(r, close);
    } while (ended == 0);
    return ended < 0 ? ended : RT_OK;
}

static int read_container(struct reader *r, struct rt_json *out)
{
    size_t base = r->nstack, outer_at = r->open_at;
    char close = peek(r) == '{' ? '}' : ']';
    int rc;

    if (r->level == MOST_LEVELS)
        return broken(r, r->at, "nested deeper than %d levels", MOST_LEVELS);
    r->level++;
    r->open_at = r->at++;
    rc = read_members(r, close);
    r->open_at = outer_at;
    r->level--;
    if (rc < 0)
        return rc;
    out->kind = close == '}' ? RT_JSON_OBJECT : RT_JSON_ARRAY;
    return gather(r, base, out);
}

static int read_value(struct reader *r, struct rt_json *out)
{
    char c;

    skip_blanks(r);
    if (r->nvalues++ == MOST_VALUES)
        return broken(r, r->at, "more than %d values", MOST_VALUES);
    out->at = r->at;
    c = peek(r);
    if (c == '{' || c == '[')
        return read_container(r, out);
    if (c == '"') {
        out->kind = RT_JSON_TEXT;
        return read_text(r, &out->text);
    }
    if (c == '-' || is_digit(c))
        return read_number(r, out);
    return read_word(r, out);
}

/* ---- from the top down: places, repeated keys */

/* Equal keys side by side, the first of the file first. */
static int by_key(const void *a, const void *b)
{
    const struct rt_json *x = *(const struct rt_json *const *)a;
    const struct rt_json *y = *(const struct rt_json *const *)b;
    int c = rt_span_cmp(x->key, y->key);

    return c ? c : (x->key_at > y->key_at) - (x->key_at < y->key_at);
}

/* Reports the members whose key stood before and leaves the others. A repeated one is
 * told by its `index`, which is set to that of the first. */
static int drop_repeated(struct reader *r, struct rt_json *object, struct rt_json *items)
{
    struct rt_json **sorted = rt_malloc(object->n * sizeof *sorted);
    size_t kept = 0;

    if (!sorted)
        return RT_ENOMEM;
    for (size_t i = 0; i < object->n; i++)
        sorted[i] = &items[i];
    qsort(sorted, object->n, sizeof *sorted, by_key);
    for (size_t i = 1; i < object->n; i++)
        if (rt_span_eq(sorted[i]->key, sorted[i - 1]->key))
            sorted[i]->index = sorted[i - 1]->index;
    rt_free(sorted);
    for (size_t i = 0; i < object->n; i++)
        if (items[i].index == i)
            items[kept++] = items[i];
        else
            rt_json_complain(r->errors, r->text, &items[i], true,
                "this name stood before in the same object");
    object->n = kept;
    return RT_OK;
}

static int settle(struct reader *r, struct rt_json *value)
{
    struct rt_json *items = (struct rt_json *)value->items; /* made by gather */
    int rc = RT_OK;

    for (size_t i = 0; i < value->n; i++) {
        items[i].up = value;
        items[i].index = i;
    }
    if (value->kind == RT_JSON_OBJECT && value->n > 1)
        rc = drop_repeated(r, value, items);
    for (size_t i = 0; i < value->n && rc == RT_OK; i++) {
        items[i].index = i;
        rc = settle(r, &items[i]);
    }
    return rc;
}

/* ---- the whole */

/* The length of the well-formed character at p (RFC 3629), or 0. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
    size_t need = 1;

    if (p[0] >= 0xc2)
        need = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if ((p[0] >= 0x80 && p[0] < 0xc2) || p[0] > 0xf4 || need > n)
        return 0;
    for (size_t i = 1; i < need; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f)
        || (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0; /* longer than need be, half a pair, past U+10FFFF */
    return need;
}

static int check_bytes(struct reader *r)
{
    const unsigned char *p = (const unsigned char *)r->text.p;
    size_t n = r->text.n;

    if (n > MOST_BYTES)
        return broken(r, 0, "larger than %d MiB", MOST_BYTES >> 20);
    if (rt_span_starts(r->text, RT_SPAN("\xff\xfe"))
        || rt_span_starts(r->text, RT_SPAN("\xfe\xff")))
        return broken(r, 0, "is UTF-16; convert it: iconv -f UTF-16 -t UTF-8");
    for (size_t at = 0; at < n;) {
        size_t length = utf8_length(p + at, n - at);

        if (!length)
            return broken(r, at, "is not UTF-8 from here on; save the file as UTF-8");
        if (!p[at])
            return broken(r, at, "a NUL byte; save the file as UTF-8, not as UTF-16");
        at += length;
    }
    return RT_OK;
}

static int read_all(struct reader *r, struct rt_json *top)
{
    int rc = check_bytes(r);

    if (rc < 0)
        return rc;
    if (has_mark(r->text))
        r->at = MARK_BYTES;
    skip_blanks(r);
    if (at_end(r))
        return broken(r, r->at, "the file is empty");
    if (is_wordy(peek(r)) && !is_digit(peek(r)) && !begins_word(r))
        return broken(r, r->at, "this is no JSON, which begins with {");
    rc = read_value(r, top);
    if (rc < 0)
        return rc;
    skip_blanks(r);
    if (peek(r) == ']' || peek(r) == '}')
        return broken(r, r->at, "this %c closes nothing", peek(r));
    if (!at_end(r))
        return unexpected(r, "the document has ended before this");
    return settle(r, top);
}

int rt_json_parse(struct rt_span text, struct rt_arena *arena,
    struct rt_json_errors *errors, const struct rt_json **out)
{
    struct reader r = {
        .text = text.p ? text : RT_SPAN(""), .arena = arena, .errors = errors
    };
    struct rt_json *top = rt_arena_new(arena, 1, sizeof *top);
    int rc = RT_ENOMEM;

    if (!errors->arena)
        errors->arena = arena;
    if (top)
        rc = read_all(&r, top);
    rt_free(r.stack);
    if (rc == RT_OK)
        *out = top;
    return rc;
}

const struct rt_json *rt_json_get(const struct rt_json *object, const char *key)
{
    struct rt_span wanted = rt_span_of(key);

    if (!object || object->kind != RT_JSON_OBJECT)
        return NULL;
    for (size_t i = 0; i < object->n; i++)
        if (rt_span_eq(object->items[i].key, wanted))
            return &object->items[i];
    return NULL;
}

/* ---- paths */

static bool is_plain_word(struct rt_span key)
{
    for (size_t i = 0; i < key.n; i++)
        if (!is_wordy(key.p[i]) && key.p[i] != '-')
            return false;
    return key.n > 0;
}

static int step_text(const struct rt_json *value, char *out, size_t room)
{
    int n = value->key.n > 10000 ? 10000 : (int)value->key.n;

    if (value->up->kind == RT_JSON_ARRAY)
        return snprintf(out, room, "[%zu]", value->index);
    if (is_plain_word(value->key))
        return snprintf(out, room, "%s%.*s", value->up->up ? "." : "", n, value->key.p);
    return snprintf(out, room, "[\"%.*s\"]", n, value->key.p);
}

size_t rt_json_path(const struct rt_json *value, char *out, size_t room)
{
    const struct rt_json *steps[MOST_LEVELS];
    size_t nsteps = 0, used = 0;

    if (!room)
        return 0;
    out[0] = '\0';
    for (; value && value->up && nsteps < MOST_LEVELS; value = value->up)
        steps[nsteps++] = value;
    while (nsteps && used < room - 1) {
        int n = step_text(steps[--nsteps], out + used, room - used);

        if (n < 0)
            break;
        used = (size_t)n < room - used ? used + (size_t)n : room - 1;
    }
    if (used == room - 1)
        used = whole_characters(out, used);
    out[used] = '\0';
    for (size_t i = 0; i < used; i++) /* an escaped line end in a key, say */
        if ((unsigned char)out[i] < 0x20 || out[i] == 0x7f)
            out[i] = '?';
    return used;
}

const char *rt_json_kind_name(enum rt_json_kind kind)
{
    static const char *const names[] = { [RT_JSON_NULL] = "null",
        [RT_JSON_BOOL] = "true or false",
        [RT_JSON_NUMBER] = "a number",
        [RT_JSON_TEXT] = "a text",
        [RT_JSON_ARRAY] = "an array",
        [RT_JSON_OBJECT] = "an object" };

    return names[kind];
}
