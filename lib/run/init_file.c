/*
 * The segment file that init writes: for each of the usual audiences that the events
 * support one segment, with windows that the inputs are long enough for. What is written
 * depends on what the inputs hold and not on the order in which it was read.
 *
 * Texts of the inputs that get into the file: event names of a table of synonyms, which are
 * plain, and base names of files, made plain.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lists/platform.h"
#include "plan/pattern.h"
#include "run/starter.h"

enum { NAMES_SHOWN = 16, DAY = 86400 };

struct event { /* a friendly name and what it stands for */
    const char *name;
    uint64_t n; /* events; 0: there are none */
    struct rt_counted names[NAMES_SHOWN];
    uint32_t nnames;
    enum rt_role role;
};

struct writer {
    struct rt_starter *s;
    struct rt_buf *out;
    int rc;
    bool begun; /* some segment stands already */
    struct event view, page, cart, checkout, purchase, video;
    const struct event *seen; /* view, or else page; NULL: neither */
    const char *recent;       /* "7d"; NULL: the inputs are too short for a window */
    const char *half; /* at most half of the inputs' time, a day at least; or NULL */
};

__attribute__((format(printf, 2, 3))) static void put(
    struct writer *w, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (w->rc == RT_OK)
        w->rc = n < 0 || (size_t)n >= sizeof text ? RT_ELIMIT
                                                  : rt_buf_add(w->out, text, (size_t)n);
}

/* ---- what there is */

static int by_count(const void *va, const void *vb)
{
    const struct rt_counted *a = va, *b = vb;

    if (a->n != b->n)
        return a->n < b->n ? 1 : -1;
    return rt_span_cmp(a->text, b->text);
}

/* The most frequent names first; a role has few, but who knows. */
static int find_event(
    struct writer *w, struct event *e, const char *name, enum rt_role role)
{
    const struct rt_counts *events = &w->s->survey->events;
    struct rt_counted *all = rt_arena_new(&w->s->arena, events->n + 1, sizeof *all);
    uint32_t n = 0;

    if (!all)
        return RT_ENOMEM;
    *e = (struct event) { .name = name, .role = role };
    for (uint32_t i = 0; i < events->nslots; i++)
        if (events->slots[i].text.p && rt_role_of(events->slots[i].text) == role)
            all[n++] = events->slots[i];
    if (n > 1)
        qsort(all, n, sizeof *all, by_count);
    for (uint32_t i = 0; i < n && i < NAMES_SHOWN; i++) {
        e->names[e->nnames++] = all[i];
        e->n += all[i].n;
    }
    return RT_OK;
}

static int find_events(struct writer *w)
{
    bool adds = w->s->survey->classes[RT_ROLE_CART_ADD] > 0;

    if (find_event(w, &w->view, "view", RT_ROLE_VIEW) < 0
        || find_event(w, &w->page, "visit", RT_ROLE_PAGE) < 0
        || find_event(w, &w->cart, "cart", adds ? RT_ROLE_CART_ADD : RT_ROLE_CART) < 0
        || find_event(w, &w->checkout, "checkout", RT_ROLE_CHECKOUT) < 0
        || find_event(w, &w->purchase, "purchase", RT_ROLE_PURCHASE) < 0
        || find_event(w, &w->video, "video", RT_ROLE_VIDEO) < 0)
        return RT_ENOMEM;
    w->seen = w->view.n ? &w->view : w->page.n ? &w->page : NULL;
    return RT_OK;
}

static bool carries(
    const struct writer *w, const struct event *e, enum rt_starter_field field)
{
    return rt_survey_of(w->s->survey, e->role, field)->present > 0;
}

static bool carries_number(
    const struct writer *w, const struct event *e, enum rt_starter_field field)
{
    return rt_survey_of(w->s->survey, e->role, field)->number;
}

/* The longest usual duration within so many seconds; NULL: none, not even a day. */
static const char *fit(int64_t seconds)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } usual[] = { { "90d", 90 * DAY }, { "60d", 60 * DAY }, { "30d", 30 * DAY },
        { "14d", 14 * DAY }, { "7d", 7 * DAY }, { "3d", 3 * DAY }, { "1d", DAY } };

    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (usual[i].seconds <= seconds)
            return usual[i].text;
    return NULL;
}

static void fit_windows(struct writer *w)
{
    const struct rt_survey *in = w->s->survey;
    int64_t seconds = in->last_us / RT_SECOND_US - in->first_us / RT_SECOND_US;

    w->recent = fit(seconds < 30 * DAY ? seconds : 30 * DAY);
    w->half = fit(seconds / 2);
}

/* ---- sources, people, events */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* A base name as a pattern, into arena: what JSON or a pattern would read otherwise becomes
 * `*`, and so do digits when they are loose, so that tomorrow's file matches as well. */
static const char *pattern_of(struct writer *w, const char *path, bool loose)
{
    const char *name = base_name(path);
    char *out = rt_arena_bytes(&w->s->arena, strlen(name) + 1);
    size_t n = 0;

    for (; out && *name; name++) {
        unsigned char c = (unsigned char)*name;
        bool star = c < 0x20 || c >= 0x7f || strchr("\"\\*?", c)
            || (loose && c >= '0' && c <= '9');

        if (!star)
            out[n++] = (char)c;
        else if (n == 0 || out[n - 1] != '*')
            out[n++] = '*';
    }
    if (out)
        out[n] = '\0';
    else
        w->rc = RT_ENOMEM;
    return out;
}

/* guess: NULL for inputs that have a column for the event. */
static bool has_guess(const struct writer *w, uint32_t feed, const char *guess)
{
    const char *mine = w->s->guesses[feed];

    return mine && guess ? strcmp(mine, guess) == 0 : mine == guess;
}

/* Does the pattern take a file that is none of this source? */
static bool takes_others(const struct writer *w, const char *pattern, const char *guess)
{
    for (uint32_t i = 0; i < w->s->inputs.nfeeds; i++)
        if (!has_guess(w, i, guess)
            && rt_glob(rt_span_of(pattern),
                rt_span_of(base_name(w->s->inputs.feeds[i].path)), false))
            return true;
    return false;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The files of one guess, each pattern once, in their order. */
static void put_files(struct writer *w, const char *guess)
{
    const struct rt_inputs *in = &w->s->inputs;
    const char **files = rt_arena_new(&w->s->arena, in->nfeeds + 1, sizeof *files);
    uint32_t n = 0;

    if (!files)
        w->rc = RT_ENOMEM;
    for (uint32_t i = 0; i < in->nfeeds && w->rc == RT_OK; i++) {
        if (!has_guess(w, i, guess))
            continue;
        files[n] = pattern_of(w, in->feeds[i].path, true);
        if (w->rc == RT_OK && takes_others(w, files[n], guess))
            files[n] = pattern_of(w, in->feeds[i].path, false);
        n++;
    }
    if (n > 1 && w->rc == RT_OK)
        qsort(files, n, sizeof *files, by_text);
    for (uint32_t i = 0; i < n && w->rc == RT_OK; i++)
        if (i == 0 || strcmp(files[i], files[i - 1]) != 0)
            put(w, "%s\"%s\"", i ? ", " : "", files[i]);
}

/* Inputs without a column for the event get one of the source; then the others get a source
 * as well, so that none is left out by mistake. */
static void put_sources(struct writer *w)
{
    static const char *const guesses[] = { "purchase", "page_view", "event", NULL };
    bool any = false;

    for (size_t g = 0; g < sizeof guesses / sizeof *guesses; g++) {
        bool used = false;

        for (uint32_t i = 0; i < w->s->inputs.nfeeds; i++)
            used |= has_guess(w, i, guesses[g]);
        if (!used || (!guesses[g] && !any))
            continue;
        put(w, any ? ",\n    { \"name\": " : "  \"sources\": [\n    { \"name\": ");
        if (guesses[g])
            put(w, "\"%s\", \"event\": \"%s\",\n      ", guesses[g], guesses[g]);
        else
            put(w, "\"others\", ");
        put(w, "\"files\": [");
        put_files(w, guesses[g]);
        put(w, "] }");
        any = true;
    }
    if (any)
        put(w, " ],\n");
}

/* Visitors without an id are told apart by address and browser, as far as they are there. */
static void put_fallback(struct writer *w, const char *before)
{
    const struct rt_survey *in = w->s->survey;
    bool agents = rt_survey_found(in, RT_STARTER_USER_AGENT).present > 0;

    if (!in->nobodys)
        return;
    if (rt_survey_found(in, RT_STARTER_IP).present)
        put(w, "%s\"fallback\": [\"ip\"%s]", before, agents ? ", \"user_agent\"" : "");
    else if (rt_survey_found(in, RT_STARTER_HOST).present)
        put(w, "%s\"fallback\": [\"host\"%s]", before, agents ? ", \"user_agent\"" : "");
}

static void put_people(struct writer *w)
{
    size_t start = w->out->n;
    bool any = false;

    put(w, "  \"people\": { ");
    for (unsigned k = 0; k < RT_STARTER_IDS; k++) {
        if (!w->s->survey->ids[k])
            continue;
        put(w, "%s\"%s\"", any ? ", " : "\"ids\": [", rt_starter_id_name(k));
        any = true;
    }
    put(w, any ? "]" : "");
    put_fallback(w, any ? ", " : "");
    if (w->rc == RT_OK && w->out->n == start + sizeof "  \"people\": { " - 1)
        w->out->n = start; /* nothing is known of anybody */
    else
        put(w, " },\n");
}

static void put_event(struct writer *w, const struct event *e, bool *any)
{
    if (!e->n || (e->nnames == 1 && rt_span_eq(e->names[0].text, rt_span_of(e->name))))
        return;
    put(w, *any ? ",\n    " : "  \"events\": {\n    ");
    put(w, "\"%s\": { \"event\": %s", e->name, e->nnames > 1 ? "[" : "");
    for (uint32_t i = 0; i < e->nnames; i++)
        put(w, "%s\"%.*s\"", i ? ", " : "", (int)e->names[i].text.n, e->names[i].text.p);
    put(w, "%s }", e->nnames > 1 ? "]" : "");
    *any = true;
}

static void put_events(struct writer *w)
{
    const struct event *const all[] = { &w->view, &w->page, &w->cart, &w->checkout,
        &w->purchase, &w->video };
    bool any = false;

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] != &w->page || w->seen == &w->page)
            put_event(w, all[i], &any);
    if (any)
        put(w, " },\n");
}

/* ---- segments */

static void begin(struct writer *w, const char *name)
{
    put(w, w->begun ? ",\n    " : "  \"segments\": [\n    ");
    put(w, "{ \"name\": \"%s\",\n      \"about\": \"", name);
    w->begun = true;
}

/* " in the last 7 days": of one of the usual durations. */
static void put_last(struct writer *w, const char *duration)
{
    size_t digits = strspn(duration, "0123456789");

    if (digits == 1 && *duration == '1')
        put(w, " in the last day");
    else
        put(w, " in the last %.*s days", (int)digits, duration);
}

static void put_recent_words(struct writer *w)
{
    if (w->recent)
        put_last(w, w->recent);
}

static void put_recent(struct writer *w)
{
    if (w->recent)
        put(w, ", \"in_last\": \"%s\"", w->recent);
}

static void put_counted(struct writer *w, const struct event *e)
{
    put(w, "%ju %s event%s", (uintmax_t)e->n, e->name, e->n == 1 ? "" : "s");
}

static void put_counts(
    struct writer *w, const struct event *a, const struct event *b, const char *match)
{
    put(w, " (");
    put_counted(w, a);
    if (b && b->n) {
        put(w, ", ");
        put_counted(w, b);
    }
    put(w, " in the inputs)\",\n%s", match);
}

/* Who came to a step of the way to a purchase and not to its end. */
static void put_abandoners(
    struct writer *w, const struct event *e, const char *did, unsigned priority)
{
    char name[64];

    if (!e->n || !w->purchase.n)
        return;
    snprintf(name, sizeof name, "%s-abandoners", e->name);
    begin(w, name);
    put(w, "%s", did);
    put_recent_words(w);
    put(w, "%s, and bought nothing since", w->recent ? ", an hour ago or more" : "");
    put_counts(w, e, &w->purchase, "      \"match\": { \"all\": [\n");
    if (w->recent)
        put(w,
            "        { \"last\": \"%s\", \"ago\": { \"min\": \"1h\", \"max\": \"%s\" } "
            "},\n",
            e->name, w->recent);
    else
        put(w, "        { \"did\": \"%s\" },\n", e->name);
    put(w,
        "        { \"did_not\": \"purchase\", \"since_last\": \"%s\" } ] },\n"
        "      \"tier\": \"funnel\", \"priority\": %u }",
        e->name, priority);
}

static void put_not(struct writer *w, const struct event *e)
{
    if (!e->n)
        return;
    put(w, ",\n        { \"did_not\": \"%s\"", e->name);
    put_recent(w);
    put(w, " }");
}

static void put_viewers(struct writer *w)
{
    bool shop = w->cart.n || w->checkout.n || w->purchase.n;

    if (!w->seen || !shop)
        return;
    begin(w, "viewers");
    put(w, "Looked%s", w->view.n ? " at a product" : " around");
    put_recent_words(w);
    put(w, " and went no further");
    put_counts(w, w->seen, NULL, "      \"match\": { \"all\": [\n");
    put(w, "        { \"did\": \"%s\"", w->seen->name);
    put_recent(w);
    put(w, " }");
    put_not(w, &w->cart);
    put_not(w, &w->checkout);
    put_not(w, &w->purchase);
    put(w, " ] },\n      \"tier\": \"funnel\", \"priority\": 30 }");
}

/* Dynamic ads: the products themselves are the list. */
static void put_product_viewers(struct writer *w)
{
    bool bought = carries(w, &w->purchase, RT_STARTER_PRODUCT);

    if (!w->view.n || !carries(w, &w->view, RT_STARTER_PRODUCT))
        return;
    begin(w, "product-viewers");
    put(w, "Looked at some product%s", bought ? "" : " twice");
    put_recent_words(w);
    put(w, "%s: the products are known, for dynamic ads",
        bought ? " and did not buy it" : "");
    put_counts(w, &w->view, NULL, "      \"match\": { \"for_some\": \"product_id\", ");
    if (!bought) {
        put(w, "\"holds\":\n        { \"did\": \"view\", \"at_least\": 2");
        put_recent(w);
        put(w, " } } }");
        return;
    }
    put(w, "\"holds\": { \"all\": [\n        { \"did\": \"view\"");
    put_recent(w);
    put(w, " },\n        { \"did_not\": \"purchase\" } ] } } }");
}

static void put_buyers(struct writer *w)
{
    bool orders = carries(w, &w->purchase, RT_STARTER_ORDER);

    begin(w, "buyers");
    put(w, "Bought something");
    put_counts(w, &w->purchase, NULL, "      \"match\": { \"did\": \"purchase\" } }");
    begin(w, "repeat-buyers");
    put(w, "Bought %s",
        orders ? "in two different orders or more" : "twice or more, or two things");
    put_counts(w, &w->purchase, NULL, "      \"match\": { \"did\": \"purchase\", ");
    put(w, "%s\"at_least\": 2 } }", orders ? "\"distinct\": \"order_id\", " : "");
    if (!w->half)
        return;
    begin(w, "lapsed-buyers");
    put(w, "Bought, but not");
    put_last(w, w->half);
    put_counts(w, &w->purchase, NULL, "      \"match\": { \"all\": [\n");
    put(w,
        "        { \"did\": \"purchase\" },\n"
        "        { \"did_not\": \"purchase\", \"in_last\": \"%s\" } ] } }",
        w->half);
}

/* A price beside a quantity is that of one piece: its sum would say nothing. */
static void put_top(struct writer *w)
{
    bool sum = carries_number(w, &w->purchase, RT_STARTER_VALUE)
        && !carries(w, &w->purchase, RT_STARTER_QUANTITY);

    begin(w, sum ? "top-spenders" : "top-buyers");
    put(w, "The tenth of the buyers who %s most", sum ? "spent" : "bought");
    if (!sum && carries(w, &w->purchase, RT_STARTER_VALUE))
        put(w, ", by events: a price beside a quantity is not what was spent");
    put_counts(w, &w->purchase, NULL, "      \"match\": { \"rank\": { ");
    put(w, "%s, \"of\": \"purchase\" }, \"top\": \"10%%\" } }",
        sum ? "\"sum\": \"value\"" : "\"count\": true");
}

static void put_video(struct writer *w)
{
    bool percent = carries_number(w, &w->video, RT_STARTER_PERCENT);

    if (!w->video.n)
        return;
    begin(w, percent ? "video-half" : "video-viewers");
    put(w, "Watched %s a video", percent ? "half or more of" : "");
    put_recent_words(w);
    put_counts(w, &w->video, NULL, "      \"match\": { \"did\": \"video\"");
    if (percent)
        put(w, ", \"where\": { \"percent\": { \"gte\": 50 } }");
    put_recent(w);
    put(w, " } }");
}

/* What any input supports. */
static void put_everyone(struct writer *w)
{
    const struct rt_survey *in = w->s->survey;
    char first[40], last[40];

    rt_clock_format(in->first_us, first);
    rt_clock_format(in->last_us, last);
    begin(w, "engaged");
    put(w, "Did three things or more");
    put_recent_words(w);
    put(w, "\",\n      \"match\": { \"did\": \"*\", \"at_least\": 3");
    put_recent(w);
    put(w, " } }");
    if (w->half) {
        begin(w, "lapsed");
        put(w, "Was there, but not");
        put_last(w, w->half);
        put(w,
            "\",\n      \"match\": { \"all\": [\n"
            "        { \"did\": \"*\" },\n"
            "        { \"did_not\": \"*\", \"in_last\": \"%s\" } ] } }",
            w->half);
    }
    begin(w, "everyone");
    put(w,
        "Did anything at all: %ju events from %s to %s\",\n"
        "      \"match\": { \"did\": \"*\" } }",
        (uintmax_t)in->records, first, last);
}

static void put_segments(struct writer *w)
{
    put_abandoners(w, &w->checkout, "Began a checkout", 10);
    put_abandoners(w, &w->cart, "Put something in the cart", 20);
    put_viewers(w);
    put_product_viewers(w);
    if (w->purchase.n) {
        put_buyers(w);
        put_top(w);
    }
    put_video(w);
    put_everyone(w);
    put(w, " ],\n");
}

/* Person keys always; a platform's list where there is something to find people by. */
static void put_outputs(struct writer *w)
{
    const struct rt_survey *in = w->s->survey;
    const struct rt_platform *google = rt_platform_get(RT_SPAN("google-ads"));
    bool identifiers = in->ids[1] || in->ids[3];

    put(w, "  \"outputs\": [ ");
    if (identifiers && google && rt_survey_people(in, NULL) >= google->minimum)
        put(w, "{ \"to\": \"google-ads\" }, ");
    put(w, "{ \"to\": \"ids\" } ]\n}\n");
}

int rt_starter_write(struct rt_starter *starter, struct rt_buf *out)
{
    struct writer w = { .s = starter, .out = out };

    if (find_events(&w) < 0)
        return RT_ENOMEM;
    fit_windows(&w);
    put(&w, "{\n  \"version\": 1,\n");
    put_sources(&w);
    put_people(&w);
    put_events(&w);
    put_segments(&w);
    put_outputs(&w);
    return w.rc;
}
