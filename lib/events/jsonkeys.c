/* Builds the two trees of candidate names, once an input; walking them is a search among
 * the few children of a node. */
#include "events/jsonkeys.h"

#include "events/fields.h"

/* The part of a path up to its first dot; *rest is what follows, absent at the end. */
static struct rt_span first_name(struct rt_span path, struct rt_span *rest)
{
    const char *dot = path.n ? memchr(path.p, '.', path.n) : NULL;
    size_t n = dot ? (size_t)(dot - path.p) : path.n;

    *rest = dot ? (struct rt_span) { dot + 1, path.n - n - 1 } : RT_SPAN_ABSENT;
    return (struct rt_span) { path.p, n };
}

static bool has_dot(struct rt_span path)
{
    return path.n && memchr(path.p, '.', path.n);
}

size_t rt_jsonkeys_compared_path(struct rt_span path, char *out)
{
    size_t n = 0;
    struct rt_span rest = path;

    for (;;) {
        struct rt_span name = first_name(rest, &rest);

        n += rt_fields_compared(name, out + n);
        if (!rest.p)
            return n;
        out[n++] = '.';
    }
}

const struct rt_mapping *rt_jsonkeys_mapping(
    const struct rt_jsonkeys *keys, struct rt_span written, struct rt_span compared)
{
    const struct rt_mapping *mappings = keys->source->fields;
    size_t n = keys->source->nfields;

    for (size_t i = 0; i < n; i++)
        if (rt_span_eq(mappings[i].column, written))
            return &mappings[i];
    for (size_t i = 0; i < n; i++)
        if (rt_span_eq(keys->compared[i], compared))
            return &mappings[i];
    return NULL;
}

/* Room for one more in an array of the arena. */
static int grow(
    struct rt_arena *arena, void **items, uint32_t n, uint32_t *cap, size_t size)
{
    uint32_t more = *cap ? *cap * 2 : 64;
    void *p;

    if (n < *cap)
        return RT_OK;
    p = more > *cap ? rt_arena_new(arena, more, size) : NULL;
    if (!p)
        return RT_ENOMEM;
    if (n)
        memcpy(p, *items, n * size);
    *items = p;
    *cap = more;
    return RT_OK;
}

/* Adds a node without a name, behind its parent's other children. Returns it, or 0. */
static uint32_t add_node(struct rt_jsonkeys *keys, struct rt_span name)
{
    void *nodes = keys->nodes;
    int rc =
        grow(keys->arena, &nodes, keys->nnodes, &keys->cap_nodes, sizeof *keys->nodes);

    if (rc < 0)
        return 0;
    keys->nodes = nodes;
    keys->nodes[keys->nnodes].name = name;
    if (name.n > keys->longest)
        keys->longest = name.n;
    return keys->nnodes++;
}

static uint32_t child_named(
    const struct rt_jsonkeys *keys, uint32_t node, struct rt_span name)
{
    uint32_t child = keys->nodes[node].child;

    while (child && !rt_span_eq(keys->nodes[child].name, name))
        child = keys->nodes[child].sibling;
    return child;
}

/* The child of that name, made when there is none; 0 without memory. */
static uint32_t child_made(struct rt_jsonkeys *keys, uint32_t node, struct rt_span name)
{
    uint32_t child = child_named(keys, node, name);

    if (child)
        return child;
    child = add_node(keys, name);
    if (child) {
        keys->nodes[child].sibling = keys->nodes[node].child;
        keys->nodes[node].child = child;
    }
    return child;
}

static int add_feed(struct rt_jsonkeys *keys, uint32_t node, uint32_t slot, uint32_t rank)
{
    void *feeds = keys->feeds;
    int rc;

    if (node == 0)
        return RT_ENOMEM;
    rc = grow(keys->arena, &feeds, keys->nfeeds, &keys->cap_feeds, sizeof *keys->feeds);
    if (rc < 0)
        return rc;
    keys->feeds = feeds;
    keys->feeds[keys->nfeeds] =
        (struct rt_jsonfeed) { slot, rank, keys->nodes[node].feed };
    keys->nodes[node].feed = keys->nfeeds++;
    return RT_OK;
}

/* The candidate "one top-level key of that name". */
static int add_key(struct rt_jsonkeys *keys, uint32_t root, struct rt_span name,
    uint32_t slot, uint32_t *rank)
{
    return add_feed(keys, child_made(keys, root, name), slot, (*rank)++);
}

/* The candidate "one level down at each dot". */
static int add_path(struct rt_jsonkeys *keys, uint32_t root, struct rt_span path,
    uint32_t slot, uint32_t *rank)
{
    uint32_t node = root;

    for (struct rt_span rest = path; rest.p && node;) {
        struct rt_span name = first_name(rest, &rest);

        node = child_made(keys, node, name);
    }
    return add_feed(keys, node, slot, (*rank)++);
}

enum { WRITTEN = 1, COMPARED = 2 }; /* the roots */

static int add_mapped(
    struct rt_jsonkeys *keys, size_t mapping, uint32_t slot, uint32_t *rank)
{
    struct rt_span column = keys->source->fields[mapping].column;
    int rc = add_key(keys, WRITTEN, column, slot, rank);

    if (rc == RT_OK && has_dot(column))
        rc = add_path(keys, WRITTEN, column, slot, rank);
    if (rc == RT_OK)
        rc = add_path(keys, COMPARED, keys->compared[mapping], slot, rank);
    return rc;
}

/* A key that a mapping names has only its new name. */
static bool is_taken(const struct rt_jsonkeys *keys, struct rt_span compared)
{
    for (size_t i = 0; i < keys->source->nfields; i++)
        if (rt_span_eq(keys->compared[i], compared))
            return true;
    return false;
}

static int add_free_key(
    struct rt_jsonkeys *keys, struct rt_span compared, uint32_t slot, uint32_t *rank)
{
    return is_taken(keys, compared) ? RT_OK
                                    : add_key(keys, COMPARED, compared, slot, rank);
}

static int compared_copy(struct rt_arena *arena, struct rt_span name,
    size_t (*form)(struct rt_span, char *), struct rt_span *out)
{
    char *room = rt_arena_bytes(arena, name.n + 1);

    if (!room)
        return RT_ENOMEM;
    *out = (struct rt_span) { room, form(name, room) };
    return RT_OK;
}

/* A slot that no mapping feeds: its own name, then the well-known ones. */
static int add_unmapped(
    struct rt_jsonkeys *keys, struct rt_span name, uint32_t slot, uint32_t *rank)
{
    const char *more;
    struct rt_span key, path;
    int rc = compared_copy(keys->arena, name, rt_fields_compared, &key);

    if (rc == RT_OK)
        rc = add_free_key(keys, key, slot, rank);
    if (rc == RT_OK && has_dot(name)) {
        rc = compared_copy(keys->arena, name, rt_jsonkeys_compared_path, &path);
        if (rc == RT_OK && !is_taken(keys, path)) {
            rc = add_path(keys, WRITTEN, name, slot, rank);
            if (rc == RT_OK)
                rc = add_path(keys, COMPARED, path, slot, rank);
        }
    }
    for (size_t i = 0; rc == RT_OK && (more = rt_fields_header(name, i)); i++)
        rc = add_free_key(keys, rt_span_of(more), slot, rank);
    return rc;
}

static int add_slot(struct rt_jsonkeys *keys, struct rt_span name, uint32_t slot)
{
    uint32_t rank = 0;
    bool mapped = false;
    int rc = RT_OK;

    for (size_t i = 0; i < keys->source->nfields && rc == RT_OK; i++)
        if (rt_span_eq(keys->source->fields[i].field, name)) {
            mapped = true;
            rc = add_mapped(keys, i, slot, &rank);
        }
    return mapped || rc < 0 ? rc : add_unmapped(keys, name, slot, &rank);
}

static int compare_mappings(struct rt_jsonkeys *keys)
{
    size_t n = keys->source->nfields;
    int rc = RT_OK;

    keys->compared = rt_arena_new(keys->arena, n, sizeof *keys->compared);
    if (!keys->compared)
        return RT_ENOMEM;
    for (size_t i = 0; i < n && rc == RT_OK; i++)
        rc = compared_copy(keys->arena, keys->source->fields[i].column,
            rt_jsonkeys_compared_path, &keys->compared[i]);
    return rc;
}

int rt_jsonkeys_compile(struct rt_jsonkeys *keys, const struct rt_source *source,
    const struct rt_slots *slots, struct rt_arena *arena)
{
    int rc;

    *keys = (struct rt_jsonkeys) { .source = source, .arena = arena };
    rc = compare_mappings(keys);
    if (rc < 0)
        return rc;
    for (int i = 0; i < 3; i++) { /* no node, the two roots */
        add_node(keys, RT_SPAN_ABSENT);
        if (keys->nnodes != (uint32_t)i + 1)
            return RT_ENOMEM;
    }
    keys->feeds = rt_arena_new(arena, 64, sizeof *keys->feeds);
    if (!keys->feeds)
        return RT_ENOMEM;
    keys->cap_feeds = 64;
    keys->nfeeds = 1; /* 0 is no feed */
    for (uint32_t slot = 0; slot < slots->n && rc == RT_OK; slot++)
        rc = add_slot(keys, slots->names[slot], slot);
    return rc;
}

/* The compared form of a name, unless it is longer than all that are looked for. */
static bool compare(const struct rt_jsonkeys *keys, struct rt_span name, char *room,
    struct rt_span *compared)
{
    name = rt_span_trim(name);
    if (name.n > keys->longest)
        return false;
    *compared = (struct rt_span) { room, rt_fields_compared(name, room) };
    return true;
}

struct rt_jsonplace rt_jsonkeys_down(const struct rt_jsonkeys *keys,
    struct rt_jsonplace from, struct rt_span name, char *room)
{
    struct rt_jsonplace to = { child_named(keys, from.written, name), 0 };
    const struct rt_jsonnode *written = &keys->nodes[to.written];
    struct rt_span compared;

    /* "user.id" named by a mapping is not the "user_id" that its compared form spells. */
    if (written->feed && !written->child)
        return to;
    if (keys->nodes[from.compared].child && compare(keys, name, room, &compared))
        to.compared = child_named(keys, from.compared, compared);
    return to;
}

struct rt_jsonplace rt_jsonkeys_element(
    const struct rt_jsonkeys *keys, struct rt_jsonplace from, uint64_t index)
{
    char digits[20];
    size_t n = sizeof digits;
    struct rt_span name;

    do {
        digits[--n] = (char)('0' + index % 10);
        index /= 10;
    } while (index);
    name = (struct rt_span) { digits + n, sizeof digits - n };
    return (struct rt_jsonplace) { child_named(keys, from.written, name),
        child_named(keys, from.compared, name) };
}
