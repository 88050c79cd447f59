/* people: who is one person, what the person is called, and whom an opt-out reaches. Ids are
 * written "u:ann" (user_id), "e:..." (email), "c:..." (client_id), "p:..." (phone, which
 * never links); a record is its ids with the first one in front. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "people/people.h"
#include "planned.h"

Suite *people_suite(void);

enum { IDS_MAX = 256 };

struct world {
    struct planned p;
    struct rt_ids *ids;
    struct rt_edges *edges;
    struct rt_people *people;
};

static uint8_t kind_of(const struct world *w, char letter)
{
    static const char *const names[] = { "user_id", "email", "client_id", "phone" };
    const char *at = strchr("uecp", letter);

    for (uint32_t k = 0; k < w->p.plan->nid_kinds; k++)
        if (rt_span_eq(w->p.plan->id_kinds[k].name, rt_span_of(names[at - "uecp"])))
            return (uint8_t)k;
    ck_abort_msg("the plan has no such id");
    return 0;
}

static struct rt_span id_bytes(const char *text)
{
    return (struct rt_span) { text + 2, strcspn(text, " ,") - 2 };
}

static uint32_t intern(struct world *w, const char *text, bool first)
{
    struct rt_span bytes = id_bytes(text);
    uint8_t kind = kind_of(w, text[0]);
    struct rt_ref ref = rt_ref_of(bytes, kind, first ? RT_ID_FIRST : 0, 0);

    ck_assert_int_eq(rt_ids_intern(w->ids, &ref), RT_OK);
    return ref.id;
}

/* "u:ann c:1, u:bob": two records. */
static void add_records(struct world *w, const char *records)
{
    while (*records) {
        uint32_t first = intern(w, records, true);

        records += strcspn(records, " ,");
        while (*records == ' ') {
            ck_assert_int_eq(rt_edges_add(w->edges, first, intern(w, records + 1, false),
                                 records[1] != 'p'),
                RT_OK);
            records += 1 + strcspn(records + 1, " ,");
        }
        records += strspn(records, ", ");
    }
}

static void open_world(struct world *w, const char *people, const char *records)
{
    char json[1024];

    snprintf(json, sizeof json,
        "{\"version\": 1, \"people\": {%s}, \"segments\": [{\"name\": \"s\", \"match\": "
        "{\"did\": \"a\"}}], \"outputs\": [{\"to\": \"ids\"}]}",
        people);
    planned_open(&w->p, json);
    ck_assert_int_eq(rt_ids_new(0, &w->ids), RT_OK);
    ck_assert_int_eq(rt_edges_new(&w->edges), RT_OK);
    add_records(w, records);
    ck_assert_int_eq(
        rt_people_new(w->p.plan, w->ids, &w->edges, 1, NULL, 0, &w->people), RT_OK);
    ck_assert_int_eq(rt_people_know_members(w->people), RT_OK);
}

static void close_world(struct world *w)
{
    rt_people_free(w->people);
    rt_edges_free(w->edges);
    rt_ids_free(w->ids);
    planned_close(&w->p);
}

static uint32_t person_of(struct world *w, const char *id)
{
    uint32_t number = rt_ids_find(w->ids, id_bytes(id), kind_of(w, id[0]));

    ck_assert_msg(number != UINT32_MAX, "%s", id);
    return rt_people_of(w->people, number);
}

static const struct {
    const char *name, *people, *records, *id, *key;
    unsigned npeople;
} links[] = {
    { "alone", "", "u:ann", "u:ann", "user_id:ann", 1 },
    { "two on one record", "", "u:ann c:1", "c:1", "user_id:ann", 1 },
    { "through a third", "", "u:ann c:1, e:a@x c:1, e:a@x c:2", "c:2", "user_id:ann", 1 },
    { "the order of records does not matter", "", "e:a@x c:2, e:a@x c:1, u:ann c:1",
        "c:2", "user_id:ann", 1 },
    { "strangers", "", "u:ann c:1, u:bob c:2", "c:2", "user_id:bob", 2 },
    { "the smallest by bytes", "", "u:b c:1, u:a1 c:1, u:a c:1, u:B2 c:1", "c:1",
        "user_id:B2", 1 },
    { "the most durable kind, however small others are", "", "e:a c:0, u:z c:0", "c:0",
        "user_id:z", 1 },
    { "an e-mail address as key", "", "e:z@x c:0", "c:0", "email:z@x", 1 },
    { "other ids, other order", "\"ids\": [\"client_id\", \"user_id\"]", "c:9 u:1", "u:1",
        "client_id:9", 1 },
    { "one text of two kinds", "", "u:1, c:1", "c:1", "client_id:1", 2 },
    { "unlinked: the first id", "\"link\": false", "u:ann c:1, c:1", "c:1", "client_id:1",
        2 },
    { "at max_ids", "\"max_ids\": 3", "u:ann c:1 c:2", "c:2", "user_id:ann", 1 },
    { "over max_ids: as without links", "\"max_ids\": 2", "u:ann c:1, c:1, u:bob c:1",
        "c:1", "client_id:1", 3 },
    { "over max_ids: others stay linked", "\"max_ids\": 2",
        "u:ann c:1, u:bob c:1, u:cy c:2", "c:2", "user_id:cy", 3 },
};

START_TEST(linked)
{
    char key[RT_KEY_BYTES_MAX];
    struct world w;
    uint32_t n;
    unsigned npeople = 0;

    open_world(&w, links[_i].people, links[_i].records);
    n = rt_people_write_key(w.people, person_of(&w, links[_i].id), key);
    ck_assert_msg(rt_span_eq((struct rt_span) { key, n }, rt_span_of(links[_i].key)),
        "%s: %.*s", links[_i].name, (int)n, key);
    for (uint32_t s = 0; s < RT_ID_SHARDS; s++)
        for (uint32_t place = 0; place < rt_ids_places(w.ids, s); place++)
            npeople += rt_people_is_person(w.people, rt_id_of(s, place));
    ck_assert_msg(npeople == links[_i].npeople, "%s: %u people", links[_i].name, npeople);
    close_world(&w);
}
END_TEST

START_TEST(split_clusters_are_counted)
{
    struct world w;

    open_world(&w, "\"max_ids\": 2", "u:ann c:1, u:bob c:1, u:cy c:2, e:a c:5 c:6");
    ck_assert_uint_eq(rt_people_split(w.people), 2);
    close_world(&w);
    open_world(&w, "\"link\": false", "u:ann c:1, u:bob c:1");
    ck_assert_uint_eq(rt_people_split(w.people), 0);
    ck_assert(!rt_people_linked(w.people));
    close_world(&w);
}
END_TEST

static const struct {
    const char *name, *people, *records, *marked;
    const char *out, *in; /* ids of people that are, and are not, opted out; or NULL */
} opt_outs[] = {
    { "the id itself", "", "u:ann, u:bob", "u:ann", "u:ann", "u:bob" },
    { "any id of the person", "", "u:ann c:1, e:a@x c:1, u:bob", "e:a@x", "u:ann",
        "u:bob" },
    { "nobody", "", "u:ann c:1", NULL, NULL, "u:ann" },
    { "unlinked, by what stands on the record", "\"link\": false", "u:ann e:a@x, u:bob",
        "e:a@x", "u:ann", "u:bob" },
    { "unlinked, on one of its records", "\"link\": false",
        "u:ann c:1, u:ann e:a@x, u:bob c:1", "e:a@x", "u:ann", "u:bob" },
    { "unlinked, everyone on whose records it stands", "\"link\": false",
        "u:ann c:1, u:bob c:1", "c:1", "u:bob", NULL },
    { "over max_ids, too", "\"max_ids\": 2", "u:ann c:1, u:bob c:1, u:cy", "c:1", "u:ann",
        "u:cy" },
};

START_TEST(opted_out)
{
    struct world w;

    open_world(&w, opt_outs[_i].people, opt_outs[_i].records);
    if (opt_outs[_i].marked)
        rt_ids_add_flags(w.ids,
            rt_ids_find(w.ids, id_bytes(opt_outs[_i].marked),
                kind_of(&w, opt_outs[_i].marked[0])),
            RT_ID_OPTED_OUT);
    ck_assert_int_eq(rt_people_spread_opt_outs(w.people), RT_OK);
    if (opt_outs[_i].out)
        ck_assert_msg(rt_people_opted_out(w.people, person_of(&w, opt_outs[_i].out)),
            "%s", opt_outs[_i].name);
    if (opt_outs[_i].in)
        ck_assert_msg(!rt_people_opted_out(w.people, person_of(&w, opt_outs[_i].in)),
            "%s", opt_outs[_i].name);
    close_world(&w);
}
END_TEST

struct seen {
    struct world *w;
    unsigned n;
    bool odd;
};

static int see(void *ctx, uint32_t id)
{
    struct seen *seen = ctx;
    struct rt_span bytes = rt_ids_bytes(seen->w->ids, id);

    seen->n++;
    seen->odd = seen->odd || bytes.p[0] == 'x';
    return RT_OK;
}

START_TEST(ids_of_a_person)
{
    struct world w;
    struct seen seen = { .w = &w };

    open_world(&w, "", "u:ann c:1, e:a@x c:1, u:xbob c:x2, e:xb@x c:x2");
    ck_assert_int_eq(
        rt_people_each_id(w.people, person_of(&w, "c:1"), see, &seen), RT_OK);
    ck_assert_uint_eq(seen.n, 3);
    ck_assert(!seen.odd);
    close_world(&w);
}
END_TEST

/* Every second person has rows, and one to three of them: all are found, whether asked for in
 * the order of a walk, backwards, or from a place that another walk has left. */
START_TEST(contact_rows_of_many)
{
    enum { IDS = 400, ROWS = IDS };
    struct rt_contact_row *rows = rt_calloc(ROWS, sizeof *rows);
    uint32_t ids[IDS], nrows = 0;
    uint64_t n, walk = 0;
    struct world w;

    open_world(&w, "", "u:ann");
    rt_people_free(w.people);
    rt_edges_free(w.edges);
    ck_assert_int_eq(rt_edges_new(&w.edges), RT_OK);
    for (uint32_t i = 0; i < IDS; i++) {
        char text[16];

        snprintf(text, sizeof text, "u:p%u", i);
        ids[i] = intern(&w, text, true);
    }
    for (uint32_t round = 0; round < 3; round++)
        for (uint32_t i = round * 2; i < IDS; i += 2 * (round + 1))
            if (nrows < ROWS)
                rows[nrows++] = (struct rt_contact_row) { .at = i, .id = ids[i] };
    ck_assert_int_eq(
        rt_people_new(w.p.plan, w.ids, &w.edges, 1, rows, nrows, &w.people), RT_OK);
    for (uint32_t k = 0; k < 3 * IDS; k++) {
        uint32_t i = k < IDS ? k : k < 2 * IDS ? 2 * IDS - 1 - k : k * 37 % IDS;
        uint32_t found = 0, want = 0;
        const struct rt_contact_row *got = rt_people_rows(w.people, ids[i], &walk, &n);

        for (uint32_t r = 0; r < nrows; r++)
            want += rows[r].id == ids[i];
        for (uint64_t r = 0; r < n; r++)
            found += got[r].id == ids[i] && got[r].at == i;
        ck_assert_uint_eq(found, want);
        ck_assert_uint_eq(n, want);
    }
    close_world(&w);
    rt_free(rows);
}
END_TEST

START_TEST(contact_rows_of_a_person)
{
    struct rt_contact_row rows[3];
    const struct rt_contact_row *got;
    struct world w;
    uint64_t n;

    open_world(&w, "", "u:ann c:1, e:a@x c:1, u:bob");
    rt_people_free(w.people);
    rt_edges_free(w.edges);
    ck_assert_int_eq(rt_edges_new(&w.edges), RT_OK);
    add_records(&w, "u:ann c:1, e:a@x c:1, u:bob");
    rows[0] = (struct rt_contact_row) { .at = 1, .id = intern(&w, "e:a@x", false) };
    rows[1] = (struct rt_contact_row) { .at = 2, .id = intern(&w, "u:bob", false) };
    rows[2] = (struct rt_contact_row) { .at = 3, .id = intern(&w, "u:ann", false) };
    ck_assert_int_eq(
        rt_people_new(w.p.plan, w.ids, &w.edges, 1, rows, 3, &w.people), RT_OK);
    for (uint64_t start = 0; start < 5; start++) { /* from anywhere, even past the end */
        uint64_t from = start;

        got = rt_people_rows(w.people, person_of(&w, "c:1"), &from, &n);
        ck_assert_uint_eq(n, 2);
        ck_assert_uint_eq(got[0].at + got[1].at, 4);
        ck_assert_uint_eq(got[0].id, person_of(&w, "c:1"));
        got = rt_people_rows(w.people, person_of(&w, "u:bob"), &from, &n);
        ck_assert_uint_eq(n, 1);
        ck_assert_uint_eq(got[0].at, 2);
        rt_people_rows(w.people, UINT32_MAX, &from, &n);
        ck_assert_uint_eq(n, 0);
    }
    close_world(&w);
}
END_TEST

/* ---- any number of threads */

enum { RECORDS = 40000, TEXTS = 6000, WORKERS = 5 };

static uint32_t random_next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static uint32_t random_id(struct world *w, uint64_t *seed, uint32_t texts)
{
    char text[16];

    snprintf(text, sizeof text, "%c:%u", "ucep"[random_next(seed) % 4],
        random_next(seed) % texts);
    return intern(w, text, true);
}

static int add_number(void *ctx, uint32_t id)
{
    *(uint64_t *)ctx += id + UINT64_C(1000000000000);
    return RT_OK;
}

/* The sets that a walk asks for say what is said of each id. */
static void check_bits(const struct rt_people *people, uint32_t id)
{
    uint32_t shard = rt_id_shard(id), place = rt_id_place(id);
    uint64_t persons = rt_people_persons(people, shard, place / 64);
    uint64_t moved = rt_people_moved(people, shard, place / 64);

    ck_assert_int_eq(persons >> place % 64 & 1, rt_people_is_person(people, id));
    ck_assert_int_eq(moved >> place % 64 & 1, rt_people_of(people, id) != id);
}

/* What one worker saw alone and what five saw of it each is the same people. texts: few of
 * them make few large clusters, some of them over max_ids. */
static void check_threads(uint32_t texts)
{
    struct rt_edges *edges[WORKERS];
    struct rt_people *people;
    uint64_t seed = 11 + texts;
    struct world w;

    open_world(&w, "\"max_ids\": 40", "u:0");
    for (size_t i = 0; i < WORKERS; i++)
        ck_assert_int_eq(rt_edges_new(&edges[i]), RT_OK);
    rt_people_free(w.people);
    for (size_t i = 0; i < RECORDS; i++) {
        uint32_t first = random_id(&w, &seed, texts), other = random_id(&w, &seed, texts);
        uint8_t kind = rt_ids_kind(w.ids, first), behind = rt_ids_kind(w.ids, other);
        bool links_ids = behind < w.p.plan->nids;

        if ((i % 3 && texts == TEXTS) || kind >= behind) /* leave some alone */
            continue;
        ck_assert_int_eq(rt_edges_add(w.edges, first, other, links_ids), RT_OK);
        ck_assert_int_eq(
            rt_edges_add(edges[random_next(&seed) % WORKERS], first, other, links_ids),
            RT_OK);
    }
    ck_assert_int_eq(
        rt_people_new(w.p.plan, w.ids, &w.edges, 1, NULL, 0, &w.people), RT_OK);
    ck_assert_int_eq(
        rt_people_new(w.p.plan, w.ids, edges, WORKERS, NULL, 0, &people), RT_OK);
    ck_assert_int_eq(rt_people_know_members(w.people), RT_OK);
    ck_assert_int_eq(rt_people_know_members(people), RT_OK);
    ck_assert_uint_eq(rt_people_split(people), rt_people_split(w.people));
    for (uint32_t s = 0; s < RT_ID_SHARDS; s++)
        for (uint32_t place = 0; place < rt_ids_places(w.ids, s); place++) {
            uint32_t id = rt_id_of(s, place), person = rt_people_of(w.people, id);
            uint64_t one = 0, many = 0;

            ck_assert_uint_eq(rt_people_of(people, id), person);
            check_bits(people, id);
            check_bits(w.people, id);
            if (person != id)
                continue;
            ck_assert_int_eq(rt_people_each_id(w.people, id, add_number, &one), RT_OK);
            ck_assert_int_eq(rt_people_each_id(people, id, add_number, &many), RT_OK);
            ck_assert_uint_eq(one, many);
        }
    rt_people_free(people);
    for (size_t i = 0; i < WORKERS; i++)
        rt_edges_free(edges[i]);
    close_world(&w);
}

START_TEST(threads_link_alike)
{
    static const uint32_t texts[] = { 30, 1000, TEXTS, 20000 };

    check_threads(texts[_i]);
}
END_TEST

/* Chains, met from their ends: the longest way that an id can have to its root, while
 * other threads link what lies on it. Each is known by its first id. */
enum { CHAINS = 2000, LINKS = 101 };

static void check_chains(struct world *w, const uint32_t *ids)
{
    struct rt_edges *edges[WORKERS];

    for (size_t i = 0; i < WORKERS; i++)
        ck_assert_int_eq(rt_edges_new(&edges[i]), RT_OK);
    rt_people_free(w->people);
    for (uint32_t c = 0; c < CHAINS; c++)
        for (uint32_t k = LINKS - 1; k > 0; k -= 2) { /* u client u client ... u */
            const uint32_t *client = &ids[c * LINKS + k - 1];

            ck_assert_int_eq(
                rt_edges_add(edges[c % WORKERS], client[1], *client, true), RT_OK);
            ck_assert_int_eq(
                rt_edges_add(edges[(c + k / 2 % 2) % WORKERS], client[-1], *client, true),
                RT_OK);
        }
    ck_assert_int_eq(
        rt_people_new(w->p.plan, w->ids, edges, WORKERS, NULL, 0, &w->people), RT_OK);
    for (uint32_t i = 0; i < CHAINS * LINKS; i++)
        ck_assert_uint_eq(rt_people_of(w->people, ids[i]), ids[i / LINKS * LINKS]);
    for (size_t i = 0; i < WORKERS; i++)
        rt_edges_free(edges[i]);
}

START_TEST(chains_link_alike)
{
    uint32_t *ids = rt_calloc(CHAINS * LINKS, sizeof *ids);
    struct world w;

    open_world(&w, "\"max_ids\": 1000", "u:0");
    ck_assert_ptr_nonnull(ids);
    for (uint32_t i = 0; i < CHAINS * LINKS; i++) {
        char text[32];

        snprintf(text, sizeof text, "%c:%04u-%03u", i % LINKS % 2 ? 'c' : 'u', i / LINKS,
            i % LINKS);
        ids[i] = intern(&w, text, true);
    }
    for (int turn = 0; turn < 4; turn++)
        check_chains(&w, ids);
    rt_free(ids);
    close_world(&w);
}
END_TEST

Suite *people_suite(void)
{
    Suite *suite = suite_create("people");
    TCase *tc = tcase_create("people");

    tcase_add_loop_test(tc, linked, 0, sizeof links / sizeof *links);
    tcase_add_test(tc, split_clusters_are_counted);
    tcase_add_loop_test(tc, opted_out, 0, sizeof opt_outs / sizeof *opt_outs);
    tcase_add_test(tc, ids_of_a_person);
    tcase_add_test(tc, contact_rows_of_a_person);
    tcase_add_test(tc, contact_rows_of_many);
    tcase_add_loop_test(tc, threads_link_alike, 0, 4);
    tcase_add_test(tc, chains_link_alike);
    suite_add_tcase(suite, tc);
    return suite;
}
