/* An explanation for a person to read. Texts of the inputs go through rt_report_chars: no
 * control character reaches the terminal. */
#include "lists/report_parts.h"
#include "plan/sentence.h"
#include "run/explain.h"

struct writer {
    struct rt_report_out out;
    struct rt_explain_style style;
    const struct rt_explanation *ex;
};

static const char *answer_name(enum rt_answer answer)
{
    static const char *const names[] = {
        [RT_NO] = "false", [RT_YES] = "true", [RT_UNDECIDED] = "undecided"
    };

    return names[answer];
}

static void put(struct writer *w, const char *text)
{
    rt_report_put(&w->out, text);
}

static void put_char(struct rt_report_out *out, const char *bytes, size_t n)
{
    if (out->rc == RT_OK)
        out->rc = rt_buf_add(out->buf, bytes, n);
}

static void put_span(struct writer *w, struct rt_span text)
{
    rt_report_chars(&w->out, text, put_char);
}

static void indent(struct writer *w, int depth)
{
    rt_report_putf(&w->out, "%*s", 2 * depth, "");
}

static void put_time(struct writer *w, int64_t us)
{
    char text[48];

    rt_clock_format_local(w->ex->defs->zone, us, text);
    put(w, text);
}

/* The answer as a mark or a word, in its colour. */
static void put_answer(struct writer *w, enum rt_answer answer, bool mark)
{
    static const char *const marks[] = {
        [RT_NO] = "\u2717", [RT_YES] = "\u2713", [RT_UNDECIDED] = "?"
    };
    static const char *const colours[] = {
        [RT_NO] = "\033[31m", [RT_YES] = "\033[32m", [RT_UNDECIDED] = "\033[33m"
    };

    put(w, w->style.colour ? colours[answer] : "");
    if (mark && w->style.utf8)
        put(w, marks[answer]);
    else
        put(w, answer_name(answer));
    put(w, w->style.colour ? "\033[0m" : "");
}

/* ---- records and changes */

static void put_place(struct writer *w, const struct rt_explained_event *event)
{
    put_span(w,
        rt_span_eq(event->path, RT_SPAN("-")) ? RT_SPAN("standard input") : event->path);
    rt_report_putf(&w->out, ":%ju", (uintmax_t)event->line);
}

static void put_event(struct writer *w, const struct rt_explained_event *event)
{
    if (event->name.p) {
        put_time(w, event->time_us);
        put(w, "  ");
        put_span(w, event->name);
    } else
        put(w, "contact row");
    put(w, "  ");
    put_place(w, event);
}

static void put_change(struct writer *w, const struct rt_explained_change *next)
{
    rt_report_putf(&w->out, "becomes %s on ", answer_name(next->to));
    put_time(w, next->at_us);
    if (next->why.p) {
        put(w, ", when ");
        put_span(w, next->why);
    }
    put(w, next->ranked ? ", if ranks stay as they stand" : "");
}

/* ---- conditions */

static void put_events(struct writer *w, const struct rt_explained_node *node, int depth)
{
    if (node->anchor.line) {
        indent(w, depth);
        put(w, "from  ");
        put_event(w, &node->anchor);
        put(w, "\n");
    }
    for (uint32_t i = 0; i < node->nevents; i++) {
        indent(w, depth);
        put_event(w, &node->events[i]);
        put(w, "\n");
    }
    if (node->nfound > node->nevents) {
        indent(w, depth);
        rt_report_putf(
            &w->out, "and %ju more\n", (uintmax_t)(node->nfound - node->nevents));
    }
}

static const char *part_name(const struct rt_explained_node *node)
{
    return node->cond->kind == RT_COND_SESSION ? "session" : "value";
}

/* Depth is that of the file's conditions. */
static void put_node(struct writer *w, const struct rt_explained_node *node, int depth)
{
    indent(w, depth);
    if (node->answered) {
        put_answer(w, node->answer, true);
        put(w, w->style.utf8 ? " " : ": ");
    } else
        put(w, "- ");
    put_span(w, node->says);
    if (node->note.p) {
        put(w, " (");
        put_span(w, node->note);
        put(w, ")");
    }
    put(w, node->given_up ? " (the search was given up at its bound)\n" : "\n");
    if (node->next.found && node->cond->kind > RT_COND_SEGMENT) {
        indent(w, depth + 2); /* a group changes when one of its parts does */
        put_change(w, &node->next);
        put(w, "\n");
    }
    put_events(w, node, depth + 2);
    for (uint32_t i = 0; i < node->nparts; i++)
        put_node(w, &node->parts[i], depth + 1);
    if (node->nleft) {
        indent(w, depth + 1);
        rt_report_putf(&w->out, "and %ju more %s%s\n", (uintmax_t)node->nleft,
            part_name(node), node->nleft == 1 ? "" : "s");
    }
}

/* ---- segments */

static void put_listed(struct writer *w, const struct rt_explained_segment *s)
{
    for (uint32_t i = 0; i < s->nlists; i++) {
        indent(w, 1);
        put(w, s->lists[i].rows ? "listed in " : "without an identifier for ");
        put_span(w, s->lists[i].file);
        put(w, "\n");
    }
    if (s->nlists == 0) {
        indent(w, 1);
        put(w,
            s->fate == RT_HELD_OUT ? "on no list of the file's outputs\n"
                                   : "a member, on no list of the file's outputs\n");
    }
}

static void put_fate(struct writer *w, const struct rt_explained_segment *s)
{
    if (s->kept_by.p) {
        put(w, "  not in the list: \"");
        put_span(w, s->kept_by);
        put(w, "\" comes before it in tier \"");
        put_span(w, s->segment->tier);
        put(w, "\"\n");
    }
    if (s->fate == RT_OPTED_OUT)
        put(w, "  not in the list: opted out\n");
    if (s->fate == RT_DENIED) {
        put(w, "  not in the list: no consent to \"");
        put_span(w, s->denied);
        put(w, "\"\n");
    }
    if (s->fate >= RT_HELD_OUT && s->segment->narms) {
        rt_report_putf(&w->out, "  bucket %u of 10000: ", s->bucket);
        put(w, s->arm.p ? "arm " : "no arm");
        put_span(w, s->arm);
        put(w, s->fate == RT_HELD_OUT ? ", held out\n" : "\n");
    }
    if (s->fate >= RT_HELD_OUT)
        put_listed(w, s);
}

static void put_segment_change(struct writer *w, const struct rt_explained_segment *s)
{
    put(w, "  ");
    if (s->next.found)
        put_change(w, &s->next);
    else if (w->ex->bounded) {
        put(w, "stays so until after ");
        put_time(w, w->ex->looked_us);
        put(w, ", further ahead was not looked");
    } else
        rt_report_putf(&w->out, "stays %s unless something happens%s",
            answer_name(s->answer), s->next.ranked ? " or ranks change" : "");
    put(w, "\n");
}

static void put_person_segment(struct writer *w, const struct rt_explained_segment *s)
{
    put(w, "\n");
    put_span(w, s->segment->name);
    put(w, ": ");
    put_answer(w, s->answer, false);
    put(w, s->asked ? "\n" : " (another segment refers to it)\n");
    if (s->asked)
        put_fate(w, s);
    put_segment_change(w, s);
    put_node(w, &s->match, 1);
    for (uint32_t i = 0; i < s->nexclude; i++) {
        put(w, i == 0 ? "  except\n" : "");
        put_node(w, &s->exclude[i], 2);
    }
}

/* ---- a person */

static void put_ids(struct writer *w, const struct rt_explained_person *p)
{
    for (uint32_t i = 0; i < p->nids; i++) {
        put(w, i == 0 ? "  ids        " : "             ");
        put_span(w, p->ids[i].kind);
        put(w, ":");
        put_span(w, p->ids[i].value);
        put(w, p->ids[i].links ? "\n" : " (links nobody)\n");
    }
}

static void put_consents(struct writer *w, const struct rt_explained_person *p)
{
    for (uint32_t i = 0; i < p->nconsents; i++) {
        const struct rt_explained_consent *c = &p->consents[i];

        put(w, i == 0 ? "  consent    " : "             ");
        put_span(w, c->purpose);
        put(w, c->granted ? ": granted" : ": refused");
        if (c->by.line) {
            put(w, " by  ");
            put_event(w, &c->by);
        } else
            put(w, ", as no record says");
        put(w, "\n");
    }
}

static void put_person(struct writer *w, const struct rt_explained_person *p)
{
    put_span(w, p->key);
    put(w, "\n  as of      ");
    put_time(w, w->ex->as_of_us);
    put(w, "\n");
    put_ids(w, p);
    rt_report_putf(&w->out, "  events     %ju", (uintmax_t)p->nevents);
    if (p->nevents) {
        put(w, ", ");
        put_time(w, p->first_us);
        put(w, " to ");
        put_time(w, p->last_us);
    }
    rt_report_putf(&w->out, "\n  contacts   %ju row%s\n", (uintmax_t)p->ncontacts,
        p->ncontacts == 1 ? "" : "s");
    put_consents(w, p);
    put(w, p->opted_out ? "  opted out  yes\n" : "");
}

/* ---- the file alone */

static bool same_choice(const struct rt_event_choice *a, const struct rt_event_choice *b)
{
    return a->names == b->names && a->nnames == b->nnames && a->where == b->where;
}

static bool set_uses(const struct rt_event_set *set, const struct rt_event_choice *choice)
{
    for (size_t i = 0; i < set->n; i++)
        if (same_choice(&set->choices[i], choice))
            return true;
    return false;
}

static bool cond_uses(const struct rt_cond *cond, const struct rt_event_choice *choice)
{
    if (set_uses(&cond->events, choice) || set_uses(&cond->has_events, choice)
        || set_uses(&cond->window.anchor_events, choice))
        return true;
    for (size_t i = 0; i < cond->nsteps; i++)
        if (set_uses(&cond->steps[i].events, choice))
            return true;
    for (size_t i = 0; i < cond->n; i++)
        if (cond_uses(cond->parts[i], choice))
            return true;
    return false;
}

bool rt_explained_uses(
    const struct rt_segment *segment, const struct rt_named_events *named)
{
    const struct rt_event_choice *choice = &named->choice;

    if (choice->nnames == 1 && !choice->where
        && rt_span_eq(choice->names[0], named->name))
        return false; /* there is nothing to say of it */
    if (cond_uses(segment->match, &named->choice))
        return true;
    for (size_t i = 0; i < segment->nexclude; i++)
        if (cond_uses(segment->exclude[i], &named->choice))
            return true;
    return false;
}

static void put_names(struct writer *w, const struct rt_segment *segment)
{
    const struct rt_defs *defs = w->ex->defs;

    for (size_t i = 0; i < defs->nevents; i++) {
        struct rt_buf text = RT_BUF_INIT(1 << 20);

        if (!rt_explained_uses(segment, &defs->events[i]))
            continue;
        put(w, "  ");
        put_span(w, defs->events[i].name);
        put(w, ": ");
        if (rt_sentence_name(defs, &defs->events[i], &text) < 0 && w->out.rc == RT_OK)
            w->out.rc = RT_ENOMEM;
        put_span(w, rt_buf_span(&text));
        put(w, "\n");
        rt_buf_release(&text);
    }
}

static void put_file_segment(
    struct writer *w, const struct rt_explained_segment *s, bool first)
{
    put(w, first ? "" : "\n");
    put_span(w, s->segment->name);
    put(w, "\n");
    if (s->segment->about.n) {
        put(w, "  ");
        put_span(w, s->segment->about);
        put(w, "\n");
    }
    put(w, "  ");
    put_span(w, s->says);
    put(w, "\n");
    put_names(w, s->segment);
    for (uint32_t i = 0; i < s->nlists; i++) {
        put(w, i == 0 ? "  lists: " : ", ");
        put_span(w, s->lists[i].file);
    }
    put(w, s->nlists ? "\n" : "");
}

int rt_explanation_text(
    const struct rt_explanation *ex, struct rt_explain_style style, struct rt_buf *out)
{
    struct writer w = { .out = { out, RT_OK }, .style = style, .ex = ex };

    if (ex->of_person)
        put_person(&w, &ex->person);
    for (uint32_t i = 0; i < ex->nsegments; i++) {
        if (ex->of_person)
            put_person_segment(&w, &ex->segments[i]);
        else
            put_file_segment(&w, &ex->segments[i], i == 0);
    }
    return w.out.rc;
}
