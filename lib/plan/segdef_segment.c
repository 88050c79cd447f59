/* Segments, and what must hold among them: names, tiers, no circles. */
#include <stdio.h>
#include <stdlib.h>

#include "plan/segdef_int.h"

/* ---- split */

static bool read_percent(
    struct rt_reading *reading, const struct rt_json *json, uint32_t *buckets)
{
    const int64_t bucket = 10000; /* a hundredth of a percent, in millionths of one */
    int64_t micro;

    if (!rt_read_number(reading, json, "a percentage like 12.5", &micro))
        return false;
    if (micro < 0 || micro > 100 * INT64_C(1000000) || micro % bucket != 0) {
        rt_complain(
            reading, json, "expected a percentage from 0 to 100, at most two decimals");
        return false;
    }
    *buckets = (uint32_t)(micro / bucket);
    return true;
}

static void read_arms(
    struct rt_reading *reading, const struct rt_json *json, struct rt_segment *segment)
{
    static const char due[] = "arms like {\"holdout\": 10, \"a\": 90}";
    struct rt_names names;
    struct rt_arm *arms;
    uint64_t buckets = 0;

    if (!rt_read_kind(reading, json, RT_JSON_OBJECT, due))
        return;
    if (json->n == 0)
        rt_complain(reading, json, "is empty, expected %s", due);
    arms = rt_reading_new(reading, json->n, sizeof *arms);
    if (!arms || !rt_names_init(reading, &names, json->n))
        return;
    for (size_t i = 0; i < json->n; i++) {
        const struct rt_json *member = &json->items[i];

        arms[i].name = rt_arena_copy(reading->arena, member->key);
        if (!arms[i].name.p) {
            reading->status = RT_ENOMEM;
            return;
        }
        if (!rt_name_is_good(arms[i].name))
            rt_complain_key(reading, member,
                "an arm's name is 1 to 64 letters, digits, \"-\" and \"_\", all ASCII");
        rt_names_add(&names, arms[i].name, member, (uint32_t)i);
        if (read_percent(reading, member, &arms[i].buckets))
            buckets += arms[i].buckets;
    }
    rt_names_sort(reading, &names, true, "arm");
    if (buckets > 10000)
        rt_complain(reading, json, "the arms take %.10g%%, more than 100%% in all",
            (double)buckets / 100);
    segment->arms = arms;
    segment->narms = json->n;
}

static void read_split(
    struct rt_reading *reading, const struct rt_json *json, struct rt_segment *segment)
{
    static const char *const keys[] = { "salt", "arms" };
    const struct rt_json *salt, *arms;

    if (!rt_read_keys(reading, json,
            "an object like {\"salt\": \"cart-2026\", \"arms\": "
            "{\"holdout\": 10, \"a\": 90}}",
            keys, RT_COUNT_OF(keys)))
        return;
    salt = rt_read_needed(reading, json, "salt");
    arms = rt_read_needed(reading, json, "arms");
    if (salt)
        rt_read_text(reading, salt, "a text that is this split's own", &segment->salt);
    if (arms)
        read_arms(reading, arms, segment);
}

/* ---- membership */

static void read_stay(struct rt_reading *reading, const struct rt_json *object,
    const char *key, int64_t *us)
{
    const struct rt_json *json = rt_json_get(object, key);

    *us = -1;
    if (json && rt_read_duration(reading, json, us) && *us == 0)
        rt_complain(reading, json, "expected a duration of more than 0; or leave it out");
}

static void read_membership(
    struct rt_reading *reading, const struct rt_json *json, struct rt_membership *out)
{
    static const char *const keys[] = { "keep", "at_most", "cooldown" };

    out->given = true;
    if (!rt_read_keys(
            reading, json, "an object like {\"keep\": \"14d\"}", keys, RT_COUNT_OF(keys)))
        return;
    read_stay(reading, json, "keep", &out->keep_us);
    read_stay(reading, json, "at_most", &out->at_most_us);
    read_stay(reading, json, "cooldown", &out->cooldown_us);
    if (json->n == 0)
        rt_complain(reading, json, "needs \"keep\", \"at_most\" or \"cooldown\"");
}

/* ---- one segment */

static void read_tier(
    struct rt_reading *reading, const struct rt_json *json, struct rt_segment *segment)
{
    const struct rt_json *tier = rt_json_get(json, "tier");
    const struct rt_json *priority = rt_json_get(json, "priority");
    int64_t micro;

    if (tier)
        rt_read_text(reading, tier, "a tier's name", &segment->tier);
    if (tier && !priority)
        rt_complain_key(reading, tier, "\"tier\" needs \"priority\" beside it");
    if (priority && !tier)
        rt_complain_key(reading, priority, "\"priority\" needs \"tier\" beside it");
    if (!priority || !rt_read_number(reading, priority, "a whole number", &micro))
        return;
    if (micro % 1000000 != 0)
        rt_complain(reading, priority, "expected a whole number");
    segment->priority = micro / 1000000;
}

static void read_consent(
    struct rt_reading *reading, const struct rt_json *json, struct rt_segment *segment)
{
    uint32_t *consent;

    if (!rt_read_list(reading, json, "a list of at least one purpose of \"privacy\""))
        return;
    consent = rt_reading_new(reading, json->n, sizeof *consent);
    if (!consent)
        return;
    for (size_t i = 0; i < json->n; i++)
        rt_names_resolve(reading, &reading->purposes, &json->items[i],
            "purpose of consent", &consent[i]);
    segment->consent = consent;
    segment->nconsent = json->n;
}

static void read_match(
    struct rt_reading *reading, const struct rt_json *json, struct rt_segment *segment)
{
    const struct rt_json *match = rt_read_needed(reading, json, "match");
    const struct rt_json *exclude = rt_json_get(json, "exclude");

    if (match)
        segment->match = rt_read_cond(reading, match);
    if (exclude)
        rt_read_conds(reading, exclude, &segment->exclude, &segment->nexclude);
}

static void read_segment(
    struct rt_reading *reading, const struct rt_json *json, struct rt_segment *segment)
{
    static const char *const keys[] = { "name", "about", "match", "exclude", "tier",
        "priority", "consent", "min_size", "split", "membership" };
    const struct rt_json *about, *consent, *min_size, *split, *membership;

    segment->json = json;
    segment->membership = (struct rt_membership) { false, -1, -1, -1 };
    if (!rt_read_keys(reading, json,
            "a segment like {\"name\": \"buyers\", \"match\": "
            "{\"did\": \"purchase\"}}",
            keys, RT_COUNT_OF(keys)))
        return;
    about = rt_json_get(json, "about");
    consent = rt_json_get(json, "consent");
    min_size = rt_json_get(json, "min_size");
    split = rt_json_get(json, "split");
    membership = rt_json_get(json, "membership");
    rt_read_needed(reading, json, "name"); /* read before: conditions refer to it */
    if (about)
        rt_read_text(reading, about, "a text", &segment->about);
    read_match(reading, json, segment);
    read_tier(reading, json, segment);
    if (consent)
        read_consent(reading, consent, segment);
    if (min_size)
        rt_read_count(reading, min_size, 0, &segment->min_size);
    if (split)
        read_split(reading, split, segment);
    if (membership)
        read_membership(reading, membership, &segment->membership);
}

/* ---- all of them: names */

static bool read_names(
    struct rt_reading *reading, const struct rt_json *json, struct rt_segment *segments)
{
    if (!rt_names_init(reading, &reading->segments, json->n))
        return false;
    for (size_t i = 0; i < json->n; i++) {
        const struct rt_json *item = &json->items[i];
        const struct rt_json *name =
            item->kind == RT_JSON_OBJECT ? rt_json_get(item, "name") : NULL;

        if (!name)
            continue;
        rt_read_file_name(reading, name, &segments[i].name);
        if (segments[i].name.p)
            rt_names_add(&reading->segments, segments[i].name, name, (uint32_t)i);
    }
    rt_names_sort(reading, &reading->segments, true, "segment");
    return true;
}

/* ---- all of them: tiers */

static int compare_ranks(const void *a, const void *b)
{
    const struct rt_segment *x = *(const struct rt_segment *const *)a;
    const struct rt_segment *y = *(const struct rt_segment *const *)b;
    int c = rt_span_cmp(x->tier, y->tier);

    if (c)
        return c;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    return (x > y) - (x < y);
}

/* Two segments of a tier with one priority would leave open who wins. */
static void check_tiers(
    struct rt_reading *reading, const struct rt_segment *segments, size_t n)
{
    const struct rt_segment **ranked = rt_reading_new(reading, n, sizeof *ranked);
    size_t nranked = 0;

    if (!ranked)
        return;
    for (size_t i = 0; i < n; i++)
        if (segments[i].tier.p && rt_json_get(segments[i].json, "priority"))
            ranked[nranked++] = &segments[i];
    if (nranked)
        qsort(ranked, nranked, sizeof *ranked, compare_ranks);
    for (size_t i = 1; i < nranked; i++)
        if (rt_span_eq(ranked[i]->tier, ranked[i - 1]->tier)
            && ranked[i]->priority == ranked[i - 1]->priority)
            rt_complain(reading, rt_json_get(ranked[i]->json, "priority"),
                "segment \"%s\" of this tier has the same priority",
                rt_show(ranked[i - 1]->name).text);
}

/* ---- all of them: circles */

/* A walk along the references, deep as they are, so not by recursion. */
struct walk {
    const struct rt_segment *segments;
    const struct rt_reference *references; /* in the order of `from` */
    size_t *next;                          /* per segment: its next reference to follow */
    size_t *end;                           /* per segment: behind its last */
    size_t *depth; /* per segment: its place in path, from 1; 0 when it is not there */
    bool *done;
    uint32_t *path;
    size_t npath;
};

static void complain_of_circle(struct rt_reading *reading, const struct walk *walk,
    const struct rt_reference *closing)
{
    size_t from = walk->depth[closing->to] - 1, used = 0;
    char text[360] = "";

    for (size_t i = from; i < walk->npath; i++) {
        struct rt_shown name = rt_show(walk->segments[walk->path[i]].name);

        if (used + strlen(name.text) + sizeof " -> ... -> " > sizeof text) {
            used += (size_t)snprintf(text + used, sizeof text - used, "... -> ");
            break; /* a long way round: its beginning tells enough */
        }
        used += (size_t)snprintf(text + used, sizeof text - used, "%s -> ", name.text);
    }
    rt_complain(reading, closing->json, "segments in a circle: %s%s", text,
        rt_show(walk->segments[closing->to].name).text);
}

static void enter(struct walk *walk, uint32_t segment)
{
    walk->path[walk->npath++] = segment;
    walk->depth[segment] = walk->npath;
}

static void walk_from(struct rt_reading *reading, struct walk *walk, uint32_t start)
{
    enter(walk, start);
    while (walk->npath) {
        uint32_t at = walk->path[walk->npath - 1];
        const struct rt_reference *reference;

        if (walk->next[at] == walk->end[at]) {
            walk->done[at] = true;
            walk->depth[at] = 0;
            walk->npath--;
            continue;
        }
        reference = &walk->references[walk->next[at]++];
        if (walk->depth[reference->to])
            complain_of_circle(reading, walk, reference);
        else if (!walk->done[reference->to])
            enter(walk, reference->to);
    }
}

static void check_circles(
    struct rt_reading *reading, const struct rt_segment *segments, size_t n)
{
    struct walk walk = {
        .segments = segments,
        .references = reading->references,
        .next = rt_reading_new(reading, n, sizeof *walk.next),
        .end = rt_reading_new(reading, n, sizeof *walk.end),
        .depth = rt_reading_new(reading, n, sizeof *walk.depth),
        .done = rt_reading_new(reading, n, sizeof *walk.done),
        .path = rt_reading_new(reading, n, sizeof *walk.path),
    };

    if (!walk.next || !walk.end || !walk.depth || !walk.done || !walk.path)
        return;
    for (size_t i = 0, at = 0; i < n; i++) {
        walk.next[i] = at;
        while (at < reading->nreferences && reading->references[at].from == i)
            at++;
        walk.end[i] = at;
    }
    for (size_t i = 0; i < n; i++)
        if (!walk.done[i])
            walk_from(reading, &walk, (uint32_t)i);
}

void rt_read_segments(struct rt_reading *reading, const struct rt_json *json)
{
    struct rt_segment *segments;

    if (!rt_read_list(reading, json, "a list of at least one segment"))
        return;
    segments = rt_reading_new(reading, json->n, sizeof *segments);
    if (!segments || !read_names(reading, json, segments))
        return;
    for (size_t i = 0; i < json->n; i++) {
        reading->segment = (uint32_t)i;
        read_segment(reading, &json->items[i], &segments[i]);
    }
    check_tiers(reading, segments, json->n);
    check_circles(reading, segments, json->n);
    reading->defs->segments = segments;
    reading->defs->nsegments = json->n;
}
