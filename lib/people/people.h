/*
 * Who a person is: ids that stood together on records become one person, and what is
 * known of that person is found again.
 *
 * While records are read, each worker notes which ids it saw together (rt_edges). Then the
 * graph is built once, whole, and from there on it is read-only and shared:
 *
 *     ids of a record   a b c        edges  a-b a-c
 *     root              the id of the cluster's most durable kind, of several the smallest
 *                       by bytes: a person is known by its root, and called by it
 *
 * Without linking, and in clusters of more than max_ids ids, a record belongs to its first
 * id, and that id is the person. Attributes (an e-mail address that is not among the file's
 * ids) hang on a person and never link.
 *
 * Cost: 8 bytes an edge; while the graph is built 4 bytes an id more. Once it is there, 3
 * bits an id, 4 bytes an id that has another person, twice that when persons' ids are asked
 * for, and 8 bytes an edge to attributes and in clusters over max_ids.
 */
#ifndef RT_PEOPLE_H
#define RT_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "people/ids.h"
#include "plan/plan.h"

/* ---- gathering, one a worker */

struct rt_edges;

int rt_edges_new(struct rt_edges **out);
void rt_edges_free(struct rt_edges *edges);

/*
 * Both stood on one record, whose first id was first.
 *
 * links  other is an id, of a kind that comes behind first's; else it is an attribute
 *
 * RT_OK or RT_ENOMEM.
 */
int rt_edges_add(struct rt_edges *edges, uint32_t first, uint32_t other, bool links);

/* ---- the graph */

/* A contact row: where its bytes are is the caller's business. */
struct rt_contact_row {
    uint64_t at;
    uint32_t bytes;
    uint32_t file;
    uint32_t id; /* its first id; its person, once there is a graph */
};

struct rt_people;

/*
 * Builds the graph.
 *
 * ids    complete; borrowed for the graph's life
 * edges  of all workers; emptied
 * rows   of all contact files; sorted in place by person; borrowed for the graph's life
 *
 * RT_OK or RT_ENOMEM.
 */
int rt_people_new(const struct rt_plan *plan, struct rt_ids *ids, struct rt_edges **edges,
    uint32_t nedges, struct rt_contact_row *rows, uint64_t nrows, struct rt_people **out);
void rt_people_free(struct rt_people *people);

const struct rt_plan *rt_people_plan(const struct rt_people *people);

/* True when some id's person is another id: touches must be moved to their person. */
bool rt_people_linked(const struct rt_people *people);

/* The person that a record with this first id belongs to. */
uint32_t rt_people_of(const struct rt_people *people, uint32_t id);

/* True when the id stands for a person. */
bool rt_people_is_person(const struct rt_people *people, uint32_t id);

/* Of places 64 * word to 64 * word + 63 of a shard, below rt_ids_places, as bits: those
 * whose ids stand for a person; and those whose person is another id. */
uint64_t rt_people_persons(const struct rt_people *people, uint32_t shard, uint32_t word);
uint64_t rt_people_moved(const struct rt_people *people, uint32_t shard, uint32_t word);

/* Clusters over max_ids. */
uint64_t rt_people_split(const struct rt_people *people);

/* Writes the key as lists have it: the person's best id, "user_id:42", or "visitor:" and 16
 * hex digits. out holds RT_KEY_BYTES_MAX; returns the length. */
enum { RT_KEY_BYTES_MAX = RT_ID_BYTES_MAX + 256 };
uint32_t rt_people_write_key(const struct rt_people *people, uint32_t person, char *out);

/* To be called before a person's ids are asked for: most runs never do. RT_OK or
 * RT_ENOMEM. */
int rt_people_know_members(struct rt_people *people);

/* Fetches the ids of some persons into the nearest cache. Else each other id of a person is
 * two misses, one behind the other. */
void rt_people_fetch(
    const struct rt_people *people, const uint32_t *persons, uint32_t npersons);

/*
 * Calls visit with every id of the person, and every attribute (one that stands beside two
 * of the ids comes twice), in no promised order. A negative result ends it.
 */
typedef int rt_people_visit(void *ctx, uint32_t id);
int rt_people_each_id(
    const struct rt_people *people, uint32_t person, rt_people_visit *visit, void *ctx);

/* The contact rows of a person: *n of them, lent. *from is 0 at first and the caller's from
 * then on: it makes it quick to ask for persons shard by shard, place by place. */
const struct rt_contact_row *rt_people_rows(
    const struct rt_people *people, uint32_t person, uint64_t *from, uint64_t *n);

/* Passes opt-outs (RT_ID_OPTED_OUT on ids) on to the persons on whose records they stand.
 * After that rt_people_opted_out answers. RT_OK or RT_ENOMEM. */
int rt_people_spread_opt_outs(struct rt_people *people);
bool rt_people_opted_out(const struct rt_people *people, uint32_t person);

#endif
