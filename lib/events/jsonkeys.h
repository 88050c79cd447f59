/*
 * Which JSON member feeds which slot.
 *
 * Each slot has candidates in a fixed order; of a record, the first one that is present
 * and not null counts, wherever it stands in the line:
 *
 *     mapped ("user_id": "user.id")           not mapped ("user_id")
 *     0  a top-level key "user.id"            0  a top-level key, compared form user_id
 *     1  id in user                           1  the well-known ones, in the manual's order:
 *     2  the same, each name in its              userid, customer_id, customerid
 *        compared form (User -> ID)
 *
 * A slot that is not mapped but has dots in its name is looked for inside objects too. A
 * key that a mapping names (without dots: also in the compared form) has only its new
 * name. A number in a path is also an array's element, from 0. Either the whole path is
 * one key or every dot goes one level down. Of a name that comes twice in an object the
 * first counts, whatever its value.
 *
 * The candidates form two trees of names, one for names as written and one for compared
 * forms; walking down a record goes down both at once (struct rt_jsonplace).
 */
#ifndef RT_JSONKEYS_H
#define RT_JSONKEYS_H

#include <stdint.h>

#include "base/arena.h"
#include "events/event.h"
#include "events/source.h"

struct rt_jsonfeed {
    uint32_t slot, rank; /* the lower rank wins */
    uint32_t next;       /* feed of the same node; 0: no more */
};

struct rt_jsonnode {
    struct rt_span name;
    uint32_t child, sibling; /* nodes; 0: none */
    uint32_t feed;           /* 0: none */
};

struct rt_jsonkeys {
    struct rt_jsonnode *nodes; /* in the arena; 0 is no node, 1 and 2 are the roots */
    struct rt_jsonfeed *feeds; /* 0 is no feed */
    uint32_t nnodes, nfeeds;
    uint32_t cap_nodes, cap_feeds;
    size_t longest; /* name in the trees, bytes */
    const struct rt_source *source;
    struct rt_span *compared; /* the mappings' columns in compared form */
    struct rt_arena *arena;
};

/* Where one is in the two trees; 0: outside. */
struct rt_jsonplace {
    uint32_t written, compared;
};

#define RT_JSONKEYS_TOP ((struct rt_jsonplace) { 1, 2 })

/* keys: live as long as the arena, the slots and the source. RT_OK or RT_ENOMEM. */
int rt_jsonkeys_compile(struct rt_jsonkeys *keys, const struct rt_source *source,
    const struct rt_slots *slots, struct rt_arena *arena);

/*
 * Goes down to the member of that name.
 *
 * name  unescaped
 * room  rt_jsonkeys.longest bytes to work in
 */
struct rt_jsonplace rt_jsonkeys_down(const struct rt_jsonkeys *keys,
    struct rt_jsonplace from, struct rt_span name, char *room);

/* Goes down to an array's element. */
struct rt_jsonplace rt_jsonkeys_element(
    const struct rt_jsonkeys *keys, struct rt_jsonplace from, uint64_t index);

static inline bool rt_jsonkeys_outside(struct rt_jsonplace place)
{
    return (place.written | place.compared) == 0;
}

/* True when there is something to look for inside this member. */
static inline bool rt_jsonkeys_inside(
    const struct rt_jsonkeys *keys, struct rt_jsonplace place)
{
    return (keys->nodes[place.written].child | keys->nodes[place.compared].child) != 0;
}

/* The mapping that takes a path, by the path as written or else by its compared form (a
 * top-level key's has no dots, so that only mappings without dots are meant); or NULL. */
const struct rt_mapping *rt_jsonkeys_mapping(
    const struct rt_jsonkeys *keys, struct rt_span written, struct rt_span compared);

/* The compared form of each name of a path; the dots between names stay. Into out, room
 * for path.n bytes. Returns the length. */
size_t rt_jsonkeys_compared_path(struct rt_span path, char *out);

#endif
