/* Who is meant, and what is known of that person. Messages never repeat what was typed: it
 * is an id. */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/near.h"
#include "people/idform.h"
#include "run/explain_int.h"

enum { VISITOR_BYTES = 8 };

/* ---- finding */

struct search {
    const struct build *b;
    uint32_t id;        /* that is looked for */
    uint32_t found, at; /* the person, and the one who is looked at */
    uint32_t npeople;   /* found, counted up to 2 */
};

static bool is_visitor_kind(const struct rt_plan *plan, uint32_t kind)
{
    return kind == plan->nid_kinds;
}

static struct rt_span name_of(const struct rt_plan *plan, uint32_t kind)
{
    return is_visitor_kind(plan, kind) ? RT_SPAN("visitor") : plan->id_kinds[kind].name;
}

static void note_person(struct search *s, uint32_t person)
{
    if (s->npeople && s->found == person)
        return;
    s->found = person;
    s->npeople++;
}

static int compare_id(void *ctx, uint32_t id)
{
    struct search *s = ctx;

    if (id == s->id)
        note_person(s, s->at);
    return RT_OK;
}

/* An id that is nobody's first, or an attribute, is found by going through everyone. */
static void search_people(struct search *s)
{
    const struct build *b = s->b;

    for (uint32_t shard = 0; shard < RT_ID_SHARDS; shard++)
        for (uint32_t place = 0; place < rt_ids_places(b->ids, shard); place++) {
            s->at = rt_id_of(shard, place);
            if (rt_people_is_person(b->people, s->at))
                rt_people_each_id(b->people, s->at, compare_id, s);
        }
}

static void search_id(struct search *s, struct rt_span bytes, uint32_t kind)
{
    const struct build *b = s->b;
    uint32_t person;

    s->id = rt_ids_find(b->ids, bytes, (uint8_t)kind);
    if (s->id == RT_NONE)
        return;
    person = rt_people_of(b->people, s->id);
    if ((kind < b->plan->nids || is_visitor_kind(b->plan, kind))
        && rt_people_is_person(b->people, person))
        note_person(s, person);
    else
        search_people(s);
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void search_visitor(struct search *s, struct rt_span text)
{
    char bytes[VISITOR_BYTES];

    if (text.n != sizeof bytes * 2)
        return;
    for (size_t i = 0; i < sizeof bytes; i++) {
        int hi = hex_digit(text.p[2 * i]), lo = hex_digit(text.p[2 * i + 1]);

        if (hi < 0 || lo < 0)
            return;
        bytes[i] = (char)(hi << 4 | lo);
    }
    search_id(s, (struct rt_span) { bytes, sizeof bytes }, s->b->plan->nid_kinds);
}

static void search_kind(struct search *s, struct rt_span text, uint32_t kind)
{
    const struct rt_plan *plan = s->b->plan;
    char copy[RT_ID_BYTES_MAX];
    struct rt_span id;

    if (is_visitor_kind(plan, kind)) {
        search_visitor(s, text);
        return;
    }
    if (plan->id_kinds[kind].ignored)
        return;
    id = rt_id_form(&plan->id_kinds[kind], text, copy);
    if (id.p)
        search_id(s, id, kind);
}

/* The kind that the text begins with, a colon behind it; RT_NONE. */
static uint32_t kind_of(const struct rt_plan *plan, struct rt_span text, size_t *skip)
{
    for (uint32_t k = 0; k <= plan->nid_kinds; k++) {
        struct rt_span name = name_of(plan, k);

        *skip = name.n + 1;
        if (text.n > name.n && text.p[name.n] == ':' && rt_span_starts(text, name))
            return k;
    }
    return RT_NONE;
}

/* "user_id, email or client_id" */
static void list_kinds(const struct rt_plan *plan, struct rt_buf *out)
{
    uint32_t n = plan->nids + (plan->nfallback ? 1 : 0);

    for (uint32_t i = 0; i < n; i++) {
        struct rt_span name = name_of(plan, i < plan->nids ? i : plan->nid_kinds);

        if (rt_buf_addf(out, "%s%.*s",
                i == 0           ? ""
                    : i + 1 == n ? " or "
                                 : ", ",
                (int)name.n, name.p)
            < 0)
            return;
    }
}

/* The kind of id that what stands before the colon may have been meant to be. */
static const char *near_kind(const struct rt_plan *plan, struct rt_span text)
{
    const char *names[RT_ID_KINDS_MAX + 1], *colon = memchr(text.p, ':', text.n);

    if (!colon)
        return NULL;
    for (uint32_t k = 0; k <= plan->nid_kinds; k++)
        names[k] = name_of(plan, k).p;
    return rt_near((struct rt_span) { text.p, (size_t)(colon - text.p) }, names,
        plan->nid_kinds + 1);
}

static int nobody(struct rt_explainer *x, struct rt_span text, bool has_kind)
{
    const struct rt_plan *plan = x->build.plan;
    const char *near = has_kind ? NULL : near_kind(plan, text);
    struct rt_buf kinds = RT_BUF_INIT(4096);
    char now[48];

    rt_clock_format_local(x->out->defs->zone, x->out->as_of_us, now);
    list_kinds(plan, &kinds);
    if (near)
        rt_err_set(x->err, RT_EIO,
            "no person has this id in these inputs as of %s; did you mean '%s:...'?", now,
            near);
    else if (has_kind)
        rt_err_set(x->err, RT_EIO, "no person has this id in these inputs as of %s", now);
    else
        rt_err_set(x->err, RT_EIO,
            "no person has this id in these inputs as of %s; ids here are of the kinds "
            "%s, written KIND:ID",
            now, rt_buf_text(&kinds));
    rt_buf_release(&kinds);
    return RT_EIO;
}

static int several(struct rt_explainer *x, bool has_kind)
{
    struct rt_buf kinds = RT_BUF_INIT(4096);

    list_kinds(x->build.plan, &kinds);
    rt_err_set(x->err, RT_EIO,
        has_kind ? "several people have this id; name one by an id of its own, as %s"
                 : "several people have this id; say which kind it is, as KIND:ID with "
                   "%s",
        rt_buf_text(&kinds));
    rt_buf_release(&kinds);
    return RT_EIO;
}

int rt_explain_find(struct rt_explainer *x, const char *typed)
{
    const struct rt_plan *plan = x->build.plan;
    struct rt_span text = rt_span_of(typed);
    struct search s = { .b = &x->build };
    size_t skip;
    uint32_t kind = kind_of(plan, text, &skip);

    if (kind != RT_NONE)
        search_kind(&s, (struct rt_span) { text.p + skip, text.n - skip }, kind);
    else
        for (uint32_t k = 0; k <= plan->nid_kinds; k++)
            search_kind(&s, text, k);
    if (s.npeople == 0)
        return nobody(x, text, kind != RT_NONE);
    if (s.npeople > 1)
        return several(x, kind != RT_NONE);
    x->person = s.found;
    return RT_OK;
}

/* ---- who it is */

struct ids {
    struct rt_explainer *x;
    uint32_t *all;
    uint32_t n, cap;
};

static int add_id(void *ctx, uint32_t id)
{
    struct ids *ids = ctx;
    const struct rt_plan *plan = ids->x->build.plan;
    uint8_t kind = rt_ids_kind(ids->x->build.ids, id);

    if (kind < plan->nid_kinds && plan->id_kinds[kind].ignored)
        return RT_OK;
    if (ids->n == ids->cap) {
        uint32_t cap = ids->cap * 2 + 64;
        uint32_t *all = rt_realloc(ids->all, cap, sizeof *all);

        if (!all)
            return RT_ENOMEM;
        ids->all = all;
        ids->cap = cap;
    }
    ids->all[ids->n++] = id;
    return RT_OK;
}

static int by_number(const void *va, const void *vb)
{
    uint32_t a = *(const uint32_t *)va, b = *(const uint32_t *)vb;

    return (a > b) - (a < b);
}

struct ranked_id {
    uint8_t kind;
    struct rt_span bytes;
};

static int by_kind(const void *va, const void *vb)
{
    const struct ranked_id *a = va, *b = vb;

    return a->kind != b->kind ? (int)a->kind - (int)b->kind
                              : rt_span_cmp(a->bytes, b->bytes);
}

static struct rt_span show_id(struct rt_explainer *x, const struct ranked_id *id)
{
    char hex[2 * VISITOR_BYTES + 1];

    if (!is_visitor_kind(x->build.plan, id->kind))
        return rt_arena_copy(&x->out->arena, id->bytes);
    for (size_t i = 0; i < VISITOR_BYTES && i < id->bytes.n; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned char)id->bytes.p[i]);
    return rt_explain_text(x, "%s", hex);
}

/* Numbers of ids depend on which thread came first: they are shown in an order of their
 * own. */
static int show_ids(struct rt_explainer *x, struct ids *ids)
{
    struct rt_explained_person *p = &x->out->person;
    const struct rt_plan *plan = x->build.plan;
    struct ranked_id *ranked = rt_calloc(ids->n, sizeof *ranked);
    struct rt_explained_id *shown = rt_arena_new(&x->out->arena, ids->n, sizeof *shown);
    uint32_t n = 0;
    int rc = ranked && shown ? RT_OK : RT_ENOMEM;

    if (rc == RT_OK && ids->n > 1)
        qsort(ids->all, ids->n, sizeof *ids->all, by_number);
    for (uint32_t i = 0; i < ids->n && rc == RT_OK; i++)
        if (i == 0 || ids->all[i] != ids->all[i - 1])
            ranked[n++] = (struct ranked_id) { rt_ids_kind(x->build.ids, ids->all[i]),
                rt_ids_bytes(x->build.ids, ids->all[i]) };
    if (n > 1)
        qsort(ranked, n, sizeof *ranked, by_kind);
    for (uint32_t i = 0; i < n && rc == RT_OK; i++) {
        uint8_t kind = ranked[i].kind;

        shown[i] = (struct rt_explained_id) { .kind = name_of(plan, kind),
            .value = show_id(x, &ranked[i]),
            .links = kind < plan->nids || is_visitor_kind(plan, kind) };
        shown[i].kind = rt_arena_copy(&x->out->arena, shown[i].kind);
        rc = shown[i].value.p && shown[i].kind.p ? RT_OK : RT_ENOMEM;
    }
    p->ids = shown;
    p->nids = n;
    rt_free(ranked);
    return rc;
}

/* The record that settled a purpose: of the latest that speak one that refuses, if any. */
static uint32_t speaker_of(struct rt_explainer *x, uint32_t purpose)
{
    const struct rt_trail *trail = &x->trail;
    uint32_t found = RT_NONE;
    bool found_granted = true;

    for (uint32_t i = trail->n; i > 0; i--) {
        const struct rt_trail_record *r = &trail->records[i - 1];
        const struct rt_trail_record *had =
            found == RT_NONE ? NULL : &trail->records[found];
        bool granted;

        if (!rt_moment_speaks(x->now, i - 1, purpose, &granted))
            continue;
        /* contact rows speak as of as-of, and so do events of that very time */
        if (had
            && (had->contact ? x->out->as_of_us : had->time_us)
                != (r->contact ? x->out->as_of_us : r->time_us))
            break;
        if (!had || (found_granted && !granted)) {
            found = i - 1;
            found_granted = granted;
        }
    }
    return found;
}

static int show_consents(struct rt_explainer *x)
{
    const struct rt_defs *defs = x->out->defs;
    struct rt_explained_consent *consents =
        rt_arena_new(&x->out->arena, defs->npurposes, sizeof *consents);
    int rc = consents ? RT_OK : RT_ENOMEM;

    for (uint32_t i = 0; i < defs->npurposes && rc == RT_OK; i++) {
        uint32_t by = speaker_of(x, i);

        consents[i] = (struct rt_explained_consent) { .purpose = defs->purposes[i].name,
            .granted = rt_moment_consent(x->now, i) };
        if (by != RT_NONE)
            rc = rt_explain_event(x, by, &consents[i].by);
    }
    x->out->person.consents = consents;
    x->out->person.nconsents = (uint32_t)defs->npurposes;
    return rc;
}

static void show_times(struct rt_explainer *x)
{
    struct rt_explained_person *p = &x->out->person;
    const struct rt_trail *trail = &x->trail;

    p->ncontacts = trail->ncontacts;
    p->nevents = trail->n - trail->ncontacts;
    if (p->nevents) {
        p->first_us = trail->records[0].time_us;
        p->last_us = trail->records[p->nevents - 1].time_us;
    }
}

int rt_explain_person(struct rt_explainer *x)
{
    struct ids ids = { .x = x };
    char key[RT_KEY_BYTES_MAX];
    uint32_t n = rt_people_write_key(x->build.people, x->person, key);
    int rc = rt_people_each_id(x->build.people, x->person, add_id, &ids);

    x->out->person.key = rt_arena_copy(&x->out->arena, (struct rt_span) { key, n });
    x->out->person.opted_out =
        x->out->defs->nopt_outs && rt_people_opted_out(x->build.people, x->person);
    if (rc == RT_OK)
        rc = x->out->person.key.p ? show_ids(x, &ids) : RT_ENOMEM;
    rt_free(ids.all);
    show_times(x);
    if (rc == RT_OK)
        rc = show_consents(x);
    return rc < 0 ? rt_explain_no_memory(x) : RT_OK;
}
