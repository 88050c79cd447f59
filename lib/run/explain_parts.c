/* Parts are numbered children first, so that one walk from the front settles them. The
 * tables grow and move while they are built: until the end only numbers are kept. */
#include "run/explain_parts.h"

#include "base/alloc.h"

struct maker {
    struct rt_parts *out;
    const struct rt_defs *defs;
    struct rt_segment *segments; /* grows; copied to the arena at the end */
    uint32_t n, cap;
    struct rt_part *parts;
    uint32_t nparts, cap_parts;
    bool inside;
    bool no_memory;
};

static void *new_array(struct maker *m, size_t count, size_t size)
{
    void *p = rt_arena_new(&m->out->arena, count, size);

    if (!p)
        m->no_memory = true;
    return p;
}

static const struct rt_cond *new_cond(struct maker *m, struct rt_cond like)
{
    struct rt_cond *cond = new_array(m, 1, sizeof *cond);

    if (cond)
        *cond = like;
    return cond;
}

/* Appends a segment of one condition. */
static uint32_t add_segment(struct maker *m, const struct rt_cond *match)
{
    if (m->n == m->cap) {
        uint32_t cap = m->cap * 2 + 64;
        struct rt_segment *segments = rt_realloc(m->segments, cap, sizeof *segments);

        if (!segments) {
            m->no_memory = true;
            return 0;
        }
        m->segments = segments;
        m->cap = cap;
    }
    m->segments[m->n] = (struct rt_segment) {
        .name = RT_SPAN(""), .json = match ? match->json : m->defs->json, .match = match
    };
    return m->n++;
}

static uint32_t add_part(struct maker *m, struct rt_part part)
{
    if (m->nparts == m->cap_parts) {
        uint32_t cap = m->cap_parts * 2 + 64;
        struct rt_part *parts = rt_realloc(m->parts, cap, sizeof *parts);

        if (!parts) {
            m->no_memory = true;
            return 0;
        }
        m->parts = parts;
        m->cap_parts = cap;
    }
    m->parts[m->nparts] = part;
    return m->nparts++;
}

/* ---- aspects */

struct aspects {
    struct rt_aspect *all;
    uint32_t n;
};

/* "did these events", whenever. */
static void add_aspect(struct maker *m, struct aspects *to, enum rt_aspect_kind kind,
    const struct rt_cond *of, struct rt_event_set events, const struct rt_test *where)
{
    const struct rt_cond *did = new_cond(m,
        (struct rt_cond) { .kind = RT_COND_DID,
            .json = of->json,
            .events = events,
            .where = where,
            .measure = {
                .kind = RT_MEASURE_COUNT, .min_count = 1, .max_count = UINT64_MAX } });

    if (did)
        to->all[to->n++] = (struct rt_aspect) { kind, add_segment(m, did) };
}

/* Both tests; either may be NULL. */
static const struct rt_test *both(
    struct maker *m, const struct rt_test *a, const struct rt_test *b)
{
    const struct rt_test **two;
    struct rt_test *all;

    if (!a || !b)
        return a ? a : b;
    two = new_array(m, 2, sizeof(struct rt_test *));
    all = new_array(m, 1, sizeof *all);
    if (!two || !all)
        return NULL;
    two[0] = a;
    two[1] = b;
    *all = (struct rt_test) { .kind = RT_TEST_ALL, .parts = two, .n = 2 };
    return all;
}

static struct rt_event_set every_event(struct maker *m)
{
    struct rt_event_choice *any = new_array(m, 1, sizeof *any);

    return (struct rt_event_set) { any, 1, RT_SPAN("*") };
}

static struct aspects aspects_of(struct maker *m, const struct rt_cond *cond)
{
    struct aspects to = { new_array(m, cond->nsteps + 2, sizeof *to.all), 0 };

    if (!to.all)
        return to;
    switch (cond->kind) {
    case RT_COND_LAST:
    case RT_COND_FIRST:
        add_aspect(m, &to, RT_ASPECT_EVENT, cond, cond->events, cond->where);
        if (cond->is)
            add_aspect(
                m, &to, RT_ASPECT_IS, cond, cond->events, both(m, cond->where, cond->is));
        break;
    case RT_COND_DID:
    case RT_COND_DID_NOT:
    case RT_COND_RANK:
        add_aspect(m, &to, RT_ASPECT_EVENT, cond, cond->events, cond->where);
        if (cond->window.anchor != RT_ANCHOR_NONE)
            add_aspect(m, &to, RT_ASPECT_ANCHOR, cond, cond->window.anchor_events, NULL);
        break;
    case RT_COND_SEQUENCE:
        for (size_t i = 0; i < cond->nsteps; i++)
            add_aspect(m, &to, RT_ASPECT_STEP, cond, cond->steps[i].events,
                cond->steps[i].where);
        break;
    case RT_COND_SESSION:
        add_aspect(m, &to, RT_ASPECT_EVENT, cond, every_event(m), NULL);
        if (cond->has_has)
            add_aspect(m, &to, RT_ASPECT_HAS, cond, cond->has_events, cond->has_where);
        break;
    default:
        break;
    }
    return to;
}

/* ---- conditions */

/* The group with references in place of its parts. */
static const struct rt_cond *refer(
    struct maker *m, const struct rt_cond *cond, const uint32_t *parts)
{
    const struct rt_cond **refs = new_array(m, cond->n, sizeof(struct rt_cond *));
    struct rt_cond group = *cond;

    for (size_t i = 0; refs && i < cond->n && !m->no_memory; i++)
        refs[i] = new_cond(m,
            (struct rt_cond) { .kind = RT_COND_SEGMENT,
                .json = cond->parts[i]->json,
                .segment = m->parts[parts[i]].segment });
    group.parts = refs;
    return new_cond(m, group);
}

/* References are settled first: circles do not occur. */
static void take_segment(struct maker *m, uint32_t i);

static bool is_ranked(struct maker *m, const struct rt_cond *cond, const uint32_t *parts)
{
    if (cond->kind == RT_COND_RANK)
        return true;
    if (cond->kind == RT_COND_SEGMENT) {
        take_segment(m, cond->segment);
        return m->out->of[cond->segment].ranked;
    }
    for (size_t i = 0; i < cond->n && !m->no_memory; i++)
        if (m->parts[parts[i]].ranked)
            return true;
    return false;
}

/* Depth is bounded by that of the file: 100 levels. */
static uint32_t take_apart(struct maker *m, const struct rt_cond *cond)
{
    struct rt_part part = { .cond = cond, .nparts = (uint32_t)cond->n };
    uint32_t *parts = new_array(m, cond->n, sizeof *parts);
    bool some = cond->kind == RT_COND_FOR_SOME, outside = m->inside;
    const struct rt_cond *match = cond;
    struct aspects aspects;

    part.inside = outside;
    m->inside |= some;
    for (size_t i = 0; parts && i < cond->n && !m->no_memory; i++)
        parts[i] = take_apart(m, cond->parts[i]);
    m->inside = outside;
    part.parts = parts;
    part.ranked = !m->no_memory && is_ranked(m, cond, parts);
    if (!m->no_memory && cond->n && !some)
        match = refer(m, cond, parts);
    part.segment = add_segment(m, match);
    aspects = aspects_of(m, cond);
    part.aspects = aspects.all;
    part.naspects = aspects.n;
    return m->no_memory ? 0 : add_part(m, part);
}

/* ---- segments */

static void show(struct rt_parts *out, const struct rt_defs *defs, uint32_t segment);

static void show_references(
    struct rt_parts *out, const struct rt_defs *defs, const struct rt_cond *cond)
{
    if (cond->kind == RT_COND_SEGMENT || (cond->kind == RT_COND_RANK && cond->has_among))
        show(out, defs, cond->segment);
    for (size_t i = 0; i < cond->n; i++)
        show_references(out, defs, cond->parts[i]);
}

static void show(struct rt_parts *out, const struct rt_defs *defs, uint32_t segment)
{
    const struct rt_segment *seg = &defs->segments[segment];

    if (out->of[segment].shown)
        return;
    out->of[segment].shown = true;
    show_references(out, defs, seg->match);
    for (size_t i = 0; i < seg->nexclude; i++)
        show_references(out, defs, seg->exclude[i]);
}

static const struct rt_cond *reference(
    struct maker *m, const struct rt_cond *to, uint32_t part)
{
    if (m->no_memory)
        return NULL;
    return new_cond(m,
        (struct rt_cond) { .kind = RT_COND_SEGMENT,
            .json = to->json,
            .segment = m->parts[part].segment });
}

/* A segment that is not shown keeps its place, with a condition that costs nothing. */
static void hide(struct maker *m, uint32_t i)
{
    m->segments[i] = (struct rt_segment) { .name = m->defs->segments[i].name,
        .json = m->defs->segments[i].json,
        .match = new_cond(m,
            (struct rt_cond) {
                .kind = RT_COND_ALL, .json = m->defs->segments[i].json }) };
}

static void take_segment(struct maker *m, uint32_t i)
{
    const struct rt_segment *seg = &m->defs->segments[i];
    struct rt_parts_of *of = &m->out->of[i];
    const struct rt_cond **exclude, *match;
    uint32_t *parts;

    if (m->segments[i].match)
        return; /* another one referred to it */
    if (!of->shown) {
        hide(m, i);
        return;
    }
    exclude = new_array(m, seg->nexclude, sizeof(struct rt_cond *));
    parts = new_array(m, seg->nexclude, sizeof *parts);
    of->match = take_apart(m, seg->match);
    match = reference(m, seg->match, of->match);
    for (size_t k = 0; exclude && parts && k < seg->nexclude && !m->no_memory; k++) {
        parts[k] = take_apart(m, seg->exclude[k]);
        exclude[k] = reference(m, seg->exclude[k], parts[k]);
    }
    of->exclude = parts;
    if (m->no_memory)
        return;
    of->ranked = m->parts[of->match].ranked;
    for (size_t k = 0; k < seg->nexclude; k++)
        of->ranked |= m->parts[parts[k]].ranked;
    m->segments[i] = (struct rt_segment) { .name = seg->name,
        .json = seg->json,
        .match = match,
        .exclude = exclude,
        .nexclude = seg->nexclude };
}

/* A segment whose purposes are all there are, so that each can be asked about. */
static void ask_purposes(struct maker *m)
{
    uint32_t *purposes = new_array(m, m->defs->npurposes, sizeof *purposes);
    uint32_t at = add_segment(
        m, new_cond(m, (struct rt_cond) { .kind = RT_COND_ALL, .json = m->defs->json }));

    if (m->no_memory)
        return;
    for (uint32_t i = 0; i < m->defs->npurposes; i++)
        purposes[i] = i;
    m->segments[at].consent = purposes;
    m->segments[at].nconsent = m->defs->npurposes;
}

static void finish(struct maker *m)
{
    struct rt_parts *out = m->out;
    struct rt_segment *segments = new_array(m, m->n, sizeof *segments);
    struct rt_part *parts = new_array(m, m->nparts, sizeof *parts);

    out->wanted = new_array(m, m->n, sizeof *out->wanted);
    if (m->no_memory)
        return;
    memcpy(segments, m->segments, m->n * sizeof *segments);
    if (m->nparts)
        memcpy(parts, m->parts, m->nparts * sizeof *parts);
    for (uint32_t i = 0; i < m->n; i++)
        out->wanted[i] = i >= m->defs->nsegments || out->of[i].shown;
    out->defs = *m->defs;
    out->defs.segments = segments;
    out->defs.nsegments = m->n;
    out->parts = parts;
    out->nparts = m->nparts;
}

int rt_parts_init(struct rt_parts *out, const struct rt_defs *defs, const bool *asked)
{
    struct maker m = { .out = out, .defs = defs };

    *out =
        (struct rt_parts) { .arena = RT_ARENA_INIT, .nfile = (uint32_t)defs->nsegments };
    out->of = new_array(&m, defs->nsegments, sizeof *out->of);
    for (uint32_t i = 0; out->of && i < defs->nsegments; i++)
        if (asked[i])
            show(out, defs, i);
    for (uint32_t i = 0; i < defs->nsegments; i++)
        add_segment(&m, NULL);
    for (uint32_t i = 0; i < defs->nsegments && !m.no_memory; i++)
        take_segment(&m, i);
    if (!m.no_memory)
        ask_purposes(&m);
    if (!m.no_memory)
        finish(&m);
    rt_free(m.segments);
    rt_free(m.parts);
    return m.no_memory ? RT_ENOMEM : RT_OK;
}

void rt_parts_release(struct rt_parts *parts)
{
    rt_arena_release(&parts->arena);
}

const struct rt_aspect *rt_part_aspect(
    const struct rt_part *part, enum rt_aspect_kind kind)
{
    for (uint32_t i = 0; i < part->naspects; i++)
        if (part->aspects[i].kind == kind)
            return &part->aspects[i];
    return NULL;
}
