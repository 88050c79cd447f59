/* Walks the lines of an input's head, once, when it is opened. Lines are checked by the
 * scanner first, so the walk for paths trusts what it reads. */
#include "events/jsoncolumns.h"

#include "base/hash.h"
#include "events/jsonscan.h"

/* ---- lines */

struct lines {
    const char *p, *end;
    bool all;
};

static struct lines lines_of(struct rt_span head, bool all)
{
    if (head.n > RT_JSONHEAD_BYTES) {
        head.n = RT_JSONHEAD_BYTES;
        all = false;
    }
    return (struct lines) { head.p, head.p + head.n, all };
}

/* The next line that is not blank, without blanks around it. False at the end; a last
 * line that may be cut is left out. */
static bool next_line(struct lines *lines, struct rt_span *line)
{
    while (lines->p < lines->end) {
        const char *from = lines->p;
        const char *stop = memchr(from, '\n', (size_t)(lines->end - from));

        if (!stop && !lines->all)
            return false;
        lines->p = stop ? stop + 1 : lines->end;
        stop = stop ? stop : lines->end;
        if (stop > from && stop[-1] == '\r')
            stop--;
        *line = rt_span_trim((struct rt_span) { from, (size_t)(stop - from) });
        if (line->n)
            return true;
    }
    return false;
}

static bool is_json(struct rt_span line)
{
    struct rt_jsonscan scan = { .end = line.p + line.n };
    const char *p = rt_jsonscan_value(&scan, line.p, 0);

    return p && rt_jsonscan_blanks(p, scan.end) == scan.end;
}

static bool is_object(struct rt_span line)
{
    return line.n && *line.p == '{' && is_json(line);
}

/* ---- what it is */

struct count {
    struct rt_span first; /* line */
    unsigned lines, objects;
};

enum { JUDGED_MAX = 200 };

static struct count count_lines(struct rt_span head, bool all)
{
    struct lines lines = lines_of(head, all);
    struct count count = { .lines = 0 };
    struct rt_span line;

    while (count.lines < JUDGED_MAX && next_line(&lines, &line)) {
        if (count.lines++ == 0)
            count.first = line;
        count.objects += is_object(line);
    }
    return count;
}

/* True when a line that is no JSON by itself may go on in the next one. */
static bool is_unfinished(struct rt_span line)
{
    char last = line.p[line.n - 1];

    return (last == ',' || last == '{' || last == '[') && !is_json(line);
}

static enum rt_jsonhead head_of(const struct count *count)
{
    struct rt_span first = count->first;

    if (count->lines == 0 || (*first.p != '{' && *first.p != '['))
        return RT_JSONHEAD_LINES;
    if (first.n > 1 && (count->objects || !is_unfinished(first))
        && !(*first.p == '[' && count->lines == 1 && is_json(first)))
        return RT_JSONHEAD_LINES;
    return *first.p == '[' ? RT_JSONHEAD_ARRAY : RT_JSONHEAD_SPREAD;
}

enum rt_jsonhead rt_jsonhead_of(struct rt_span head, bool all)
{
    struct count count = count_lines(head, all);

    return head_of(&count);
}

/* A first line longer than the head: does it begin as an object does? */
static bool begins_object(struct rt_span head)
{
    const char *end = head.p + head.n;
    const char *p = rt_jsonscan_blanks(head.p, end);

    if (p == end || *p != '{')
        return false;
    p = rt_jsonscan_blanks(p + 1, end);
    return p < end && *p == '"';
}

int rt_jsonhead_score(struct rt_span head, bool all)
{
    struct rt_span mark = RT_SPAN("\xef\xbb\xbf");
    struct count count;

    if (rt_span_starts(head, mark))
        head = (struct rt_span) { head.p + mark.n, head.n - mark.n };
    count = count_lines(head, all);
    if (count.lines == 0)
        return head.n && begins_object(head) ? 60 : 0;
    if (count.objects)
        return (int)(60 + 40 * count.objects / count.lines);
    return head_of(&count) == RT_JSONHEAD_LINES ? 0 : 50;
}

/* ---- which paths */

struct path {
    struct rt_span name, compared;
    const struct rt_mapping *mapping; /* that takes it; NULL: none */
    bool top;                         /* one key, not names joined by dots */
};

enum {
    BUCKETS = 2048
}; /* more than the paths kept, so that a free one is always found */

struct finder {
    struct rt_arena *arena;
    struct path paths[RT_JSONCOLUMNS_MAX];
    uint16_t npaths;
    uint16_t buckets[BUCKETS]; /* a path's number + 1 */
    char text[RT_JSONPATH_MAX];
};

static int add_path(struct finder *f, size_t n, bool top)
{
    struct rt_span name = { f->text, n };
    uint64_t at = rt_hash64(name, 0) % BUCKETS;
    struct path *path;

    for (; f->buckets[at]; at = (at + 1) % BUCKETS)
        if (rt_span_eq(f->paths[f->buckets[at] - 1].name, name))
            return RT_OK;
    if (f->npaths == RT_JSONCOLUMNS_MAX)
        return RT_OK;
    path = &f->paths[f->npaths];
    path->name = rt_arena_copy(f->arena, name);
    path->top = top;
    if (!path->name.p)
        return RT_ENOMEM;
    f->buckets[at] = ++f->npaths;
    return RT_OK;
}

static bool has_members(const char *p, const char *end)
{
    return *p == '{' && *rt_jsonscan_blanks(p + 1, end) != '}';
}

/*
 * Adds the paths in an object.
 *
 * p      at its brace; the text is good JSON and the object has members
 * n      bytes of f->text that lead here
 * *rc    RT_OK or RT_ENOMEM
 *
 * Returns behind the object.
 */
static const char *find_paths(
    struct finder *f, const char *p, const char *end, size_t n, unsigned depth, int *rc)
{
    struct rt_jsonscan scan = { .end = end };
    bool more = true;

    p = rt_jsonscan_blanks(p + 1, end);
    while (more) {
        struct rt_span raw = { p + 1, 0 };
        bool escaped;
        size_t size = n;

        p = rt_jsonscan_string(p + 1, end, &escaped);
        raw.n = (size_t)(p - raw.p);
        p = rt_jsonscan_colon(p + 1, end);
        if (raw.n < RT_JSONPATH_MAX - n) {
            size += rt_jsonscan_unescape(raw, f->text + n);
            if (has_members(p, end) && size < RT_JSONPATH_MAX) {
                f->text[size++] = '.';
                p = find_paths(f, p, end, size, depth + 1, rc);
                p = rt_jsonscan_next(p, end, '}', &more);
                continue;
            }
            if (*rc == RT_OK)
                *rc = add_path(f, size, depth == 0);
        }
        p = rt_jsonscan_value(&scan, p, depth + 1);
        p = rt_jsonscan_next(p, end, '}', &more);
    }
    return p;
}

static int compare_paths(struct finder *f, const struct rt_jsonkeys *keys)
{
    for (size_t i = 0; i < f->npaths; i++) {
        struct path *path = &f->paths[i];
        char *room = rt_arena_bytes(f->arena, path->name.n + 1);

        if (!room)
            return RT_ENOMEM;
        path->compared = (struct rt_span) { room,
            path->top ? rt_fields_compared(path->name, room)
                      : rt_jsonkeys_compared_path(path->name, room) };
        path->mapping = rt_jsonkeys_mapping(keys, path->name, path->compared);
    }
    return RT_OK;
}

/* ---- which field each feeds */

static bool is_mapped(const struct rt_jsonkeys *keys, struct rt_span field)
{
    for (size_t i = 0; i < keys->source->nfields; i++)
        if (rt_span_eq(keys->source->fields[i].field, field))
            return true;
    return false;
}

/* A top-level key of that compared form that no mapping takes. */
static bool has_free_key(const struct finder *f, struct rt_span compared)
{
    for (size_t i = 0; i < f->npaths; i++)
        if (f->paths[i].top && !f->paths[i].mapping
            && rt_span_eq(f->paths[i].compared, compared))
            return true;
    return false;
}

/* The canonical field that a well-known key feeds: not when the field is mapped, or has
 * its own key or one that is better known. */
static struct rt_span known_field(
    const struct finder *f, const struct rt_jsonkeys *keys, const struct path *path)
{
    struct rt_span field = rt_span_of(rt_fields_known(path->compared, false));

    if (!path->top || !field.p || is_mapped(keys, field) || has_free_key(f, field))
        return RT_SPAN_ABSENT;
    for (size_t i = 0;; i++) {
        struct rt_span name = rt_span_of(rt_fields_header(field, i));

        if (rt_span_eq(name, path->compared))
            return field;
        if (has_free_key(f, name))
            return RT_SPAN_ABSENT;
    }
}

static struct rt_span field_of(
    const struct finder *f, const struct rt_jsonkeys *keys, const struct path *path)
{
    struct rt_span field =
        path->mapping ? path->mapping->field : known_field(f, keys, path);

    return field.p ? field : path->compared;
}

static bool is_named_as_written(const struct path *path)
{
    return path->mapping && rt_span_eq(path->mapping->column, path->name);
}

/* Of several columns of one field the first counts, one that a mapping names as written
 * before the others. */
static bool is_hidden(const struct finder *f, const struct rt_column *columns, size_t me)
{
    bool mine = is_named_as_written(&f->paths[me]);

    for (size_t i = 0; i < f->npaths; i++) {
        bool other;

        if (i == me || !rt_span_eq(columns[i].field, columns[me].field))
            continue;
        other = is_named_as_written(&f->paths[i]);
        if (other > mine || (other == mine && i < me))
            return true;
    }
    return false;
}

static void fill_columns(
    const struct finder *f, const struct rt_jsonkeys *keys, struct rt_column *columns)
{
    for (size_t i = 0; i < f->npaths; i++) {
        columns[i].name = f->paths[i].name;
        columns[i].field = field_of(f, keys, &f->paths[i]);
        if (!f->paths[i].mapping && !rt_span_eq(columns[i].field, f->paths[i].compared))
            columns[i].own = f->paths[i].compared;
        columns[i].renamed = !rt_span_eq(columns[i].field, f->paths[i].compared);
    }
    for (size_t i = 0; i < f->npaths; i++)
        columns[i].shadowed = is_hidden(f, columns, i);
    for (size_t i = 0; i < f->npaths; i++)
        if (columns[i].shadowed)
            columns[i].field = RT_SPAN_ABSENT;
}

int rt_jsoncolumns_find(const struct rt_jsonkeys *keys, struct rt_span head, bool all,
    struct rt_arena *arena, struct rt_column **columns, size_t *ncolumns)
{
    struct lines lines = lines_of(head, all);
    struct finder *f = rt_arena_new(arena, 1, sizeof *f);
    struct rt_span line;
    int rc = RT_OK;

    if (!f)
        return RT_ENOMEM;
    f->arena = arena;
    while (rc == RT_OK && next_line(&lines, &line))
        if (is_object(line) && has_members(line.p, line.p + line.n))
            find_paths(f, line.p, line.p + line.n, 0, 0, &rc);
    if (rc == RT_OK)
        rc = compare_paths(f, keys);
    if (rc < 0)
        return rc;
    *ncolumns = f->npaths;
    *columns = rt_arena_new(arena, f->npaths, sizeof **columns);
    if (!*columns)
        return RT_ENOMEM;
    fill_columns(f, keys, *columns);
    return RT_OK;
}
