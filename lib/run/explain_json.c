/* An explanation for programs. Keys are a contract: retarget-explain(1), "JSON". */
#include "lists/jsonout.h"
#include "plan/sentence.h"
#include "run/explain.h"

struct writer {
    struct rt_jsonout json;
    const struct rt_explanation *ex;
};

static void open_object(struct writer *w, const char *key)
{
    rt_jsonout_open(&w->json, key, '{');
}

static void close_object(struct writer *w)
{
    rt_jsonout_close(&w->json, '}');
}

static void text(struct writer *w, const char *key, struct rt_span value)
{
    rt_jsonout_text(&w->json, key, value);
}

static void time_of(struct writer *w, const char *key, int64_t us)
{
    char out[48];

    rt_clock_format_local(w->ex->defs->zone, us, out);
    text(w, key, rt_span_of(out));
}

static void answer(struct writer *w, const char *key, enum rt_answer a)
{
    static const char *const names[] = {
        [RT_NO] = "false", [RT_YES] = "true", [RT_UNDECIDED] = "undecided"
    };

    text(w, key, rt_span_of(names[a]));
}

/* ---- records and changes */

static void event(struct writer *w, const char *key, const struct rt_explained_event *e)
{
    open_object(w, key);
    if (e->name.p) {
        time_of(w, "time", e->time_us);
        text(w, "event", e->name);
    }
    text(w, "file", e->path);
    rt_jsonout_number(&w->json, "line", e->line);
    close_object(w);
}

/* null: no change, or none was found. */
static void change(struct writer *w, const struct rt_explained_change *next)
{
    if (!next->found) {
        text(w, "next", RT_SPAN_ABSENT);
        return;
    }
    open_object(w, "next");
    time_of(w, "at", next->at_us);
    answer(w, "answer", next->to);
    text(w, "when", next->why);
    rt_jsonout_truth(&w->json, "ranked", next->ranked);
    close_object(w);
}

/* ---- conditions */

static const char *kind_name(const struct rt_explained_node *node)
{
    static const char *const names[] = { [RT_COND_ALL] = "all",
        [RT_COND_ANY] = "any",
        [RT_COND_NOT] = "not",
        [RT_COND_SEGMENT] = "segment",
        [RT_COND_DID] = "did",
        [RT_COND_DID_NOT] = "did_not",
        [RT_COND_LAST] = "last",
        [RT_COND_FIRST] = "first",
        [RT_COND_PROFILE] = "profile",
        [RT_COND_SEQUENCE] = "sequence",
        [RT_COND_SESSION] = "session",
        [RT_COND_FOR_SOME] = "for_some",
        [RT_COND_RANK] = "rank" };

    return node->cond ? names[node->cond->kind] : node->answered ? "case" : "step";
}

static void node(struct writer *w, const char *key, const struct rt_explained_node *n)
{
    open_object(w, key);
    text(w, "condition", rt_span_of(kind_name(n)));
    text(w, "says", n->says);
    if (n->answered)
        answer(w, "answer", n->answer);
    if (n->given_up)
        rt_jsonout_truth(&w->json, "given_up", true);
    if (n->note.p)
        text(w, "measured", n->note);
    if (n->cond)
        change(w, &n->next);
    if (n->anchor.line)
        event(w, "anchor", &n->anchor);
    rt_jsonout_number(&w->json, "nevents", n->nfound);
    rt_jsonout_open(&w->json, "events", '[');
    for (uint32_t i = 0; i < n->nevents; i++)
        event(w, NULL, &n->events[i]);
    rt_jsonout_close(&w->json, ']');
    rt_jsonout_open(&w->json, "parts", '[');
    for (uint32_t i = 0; i < n->nparts; i++)
        node(w, NULL, &n->parts[i]);
    rt_jsonout_close(&w->json, ']');
    if (n->nleft)
        rt_jsonout_number(&w->json, "parts_left_out", n->nleft);
    close_object(w);
}

/* ---- segments */

static void list(struct writer *w, const struct rt_explained_list *l)
{
    open_object(w, NULL);
    text(w, "to", l->to);
    text(w, "file", l->file);
    if (w->ex->of_person)
        rt_jsonout_number(&w->json, "rows", l->rows);
    close_object(w);
}

static void lists(struct writer *w, const struct rt_explained_segment *s)
{
    rt_jsonout_open(&w->json, "lists", '[');
    for (uint32_t i = 0; i < s->nlists; i++)
        list(w, &s->lists[i]);
    rt_jsonout_close(&w->json, ']');
}

static void fate(struct writer *w, const struct rt_explained_segment *s)
{
    static const char *const names[] = { [RT_NOT_MEMBER] = "not_member",
        [RT_FATE_UNDECIDED] = "undecided",
        [RT_OPTED_OUT] = "opted_out",
        [RT_DENIED] = "denied",
        [RT_HELD_OUT] = "held_out",
        [RT_LISTED] = "listed" };

    text(w, "outcome", rt_span_of(names[s->fate]));
    if (s->kept_by.p)
        text(w, "kept_by", s->kept_by);
    if (s->denied.p)
        text(w, "denied", s->denied);
    if (s->fate >= RT_HELD_OUT && s->segment->narms) {
        rt_jsonout_number(&w->json, "bucket", s->bucket);
        text(w, "arm", s->arm);
    }
    lists(w, s);
}

static void person_segment(struct writer *w, const struct rt_explained_segment *s)
{
    answer(w, "answer", s->answer);
    rt_jsonout_truth(&w->json, "asked", s->asked);
    if (s->asked)
        fate(w, s);
    change(w, &s->next);
    node(w, "match", &s->match);
    rt_jsonout_open(&w->json, "exclude", '[');
    for (uint32_t i = 0; i < s->nexclude; i++)
        node(w, NULL, &s->exclude[i]);
    rt_jsonout_close(&w->json, ']');
}

static void file_segment(struct writer *w, const struct rt_explained_segment *s)
{
    const struct rt_defs *defs = w->ex->defs;

    text(w, "about", s->segment->about);
    rt_jsonout_open(&w->json, "events", '[');
    for (size_t i = 0; i < defs->nevents; i++) {
        struct rt_buf says = RT_BUF_INIT(1 << 20);

        if (!rt_explained_uses(s->segment, &defs->events[i]))
            continue;
        if (rt_sentence_name(defs, &defs->events[i], &says) < 0
            && w->json.out.rc == RT_OK)
            w->json.out.rc = RT_ENOMEM;
        open_object(w, NULL);
        text(w, "name", defs->events[i].name);
        text(w, "says", rt_buf_span(&says));
        close_object(w);
        rt_buf_release(&says);
    }
    rt_jsonout_close(&w->json, ']');
    lists(w, s);
}

/* ---- a person */

static void ids(struct writer *w, const struct rt_explained_person *p)
{
    rt_jsonout_open(&w->json, "ids", '[');
    for (uint32_t i = 0; i < p->nids; i++) {
        open_object(w, NULL);
        text(w, "kind", p->ids[i].kind);
        text(w, "value", p->ids[i].value);
        rt_jsonout_truth(&w->json, "links", p->ids[i].links);
        close_object(w);
    }
    rt_jsonout_close(&w->json, ']');
}

static void person(struct writer *w, const struct rt_explained_person *p)
{
    open_object(w, "person");
    text(w, "key", p->key);
    ids(w, p);
    rt_jsonout_number(&w->json, "events", p->nevents);
    rt_jsonout_number(&w->json, "contact_rows", p->ncontacts);
    if (p->nevents) {
        time_of(w, "first", p->first_us);
        time_of(w, "last", p->last_us);
    }
    rt_jsonout_open(&w->json, "consent", '[');
    for (uint32_t i = 0; i < p->nconsents; i++) {
        const struct rt_explained_consent *c = &p->consents[i];

        open_object(w, NULL);
        text(w, "purpose", c->purpose);
        rt_jsonout_truth(&w->json, "granted", c->granted);
        if (c->by.line)
            event(w, "by", &c->by);
        close_object(w);
    }
    rt_jsonout_close(&w->json, ']');
    rt_jsonout_truth(&w->json, "opted_out", p->opted_out);
    close_object(w);
}

int rt_explanation_json(const struct rt_explanation *ex, struct rt_buf *out)
{
    struct writer w = { .json = { .out = { out, RT_OK } }, .ex = ex };

    open_object(&w, NULL);
    rt_jsonout_number(&w.json, "version", 1);
    if (ex->of_person) {
        time_of(&w, "as_of", ex->as_of_us);
        person(&w, &ex->person);
        if (ex->bounded)
            time_of(&w, "looked_until", ex->looked_us);
    }
    rt_jsonout_open(&w.json, "segments", '[');
    for (uint32_t i = 0; i < ex->nsegments; i++) {
        const struct rt_explained_segment *s = &ex->segments[i];

        open_object(&w, NULL);
        text(&w, "name", s->segment->name);
        text(&w, "says", s->says);
        if (ex->of_person)
            person_segment(&w, s);
        else
            file_segment(&w, s);
        close_object(&w);
    }
    rt_jsonout_close(&w.json, ']');
    close_object(&w);
    rt_report_putc(&w.json.out, '\n');
    return w.json.out.rc;
}
