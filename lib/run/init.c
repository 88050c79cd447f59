/*
 * Init: inputs are surveyed as `check` does it, but by what their events are, and a segment
 * file is written of what was found (init_file.c).
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "events/fields.h"
#include "run/ingest.h"
#include "run/starter.h"

/* ---- events by name */

static const struct synonym {
    const char *name; /* in lower case, letters and digits alone */
    enum rt_role role;
} synonyms[] = {
    /* sorted by name */
    { "addcart", RT_ROLE_CART_ADD },
    { "addedtocart", RT_ROLE_CART_ADD },
    { "additemtocart", RT_ROLE_CART_ADD },
    { "addproducttocart", RT_ROLE_CART_ADD },
    { "addtobag", RT_ROLE_CART_ADD },
    { "addtobasket", RT_ROLE_CART_ADD },
    { "addtocart", RT_ROLE_CART_ADD },
    { "basket", RT_ROLE_CART },
    { "basketadd", RT_ROLE_CART_ADD },
    { "begincheckout", RT_ROLE_CHECKOUT },
    { "bought", RT_ROLE_PURCHASE },
    { "buy", RT_ROLE_PURCHASE },
    { "cart", RT_ROLE_CART },
    { "cartadd", RT_ROLE_CART_ADD },
    { "checkout", RT_ROLE_CHECKOUT },
    { "checkoutbegin", RT_ROLE_CHECKOUT },
    { "checkoutcomplete", RT_ROLE_PURCHASE },
    { "checkoutcompleted", RT_ROLE_PURCHASE },
    { "checkoutstart", RT_ROLE_CHECKOUT },
    { "checkoutstarted", RT_ROLE_CHECKOUT },
    { "completeorder", RT_ROLE_PURCHASE },
    { "completepurchase", RT_ROLE_PURCHASE },
    { "contentview", RT_ROLE_VIEW },
    { "detail", RT_ROLE_VIEW },
    { "detailview", RT_ROLE_VIEW },
    { "initiatecheckout", RT_ROLE_CHECKOUT },
    { "initiatedcheckout", RT_ROLE_CHECKOUT },
    { "itemview", RT_ROLE_VIEW },
    { "order", RT_ROLE_PURCHASE },
    { "ordercomplete", RT_ROLE_PURCHASE },
    { "ordercompleted", RT_ROLE_PURCHASE },
    { "orderconfirmed", RT_ROLE_PURCHASE },
    { "ordered", RT_ROLE_PURCHASE },
    { "orderplaced", RT_ROLE_PURCHASE },
    { "page", RT_ROLE_PAGE },
    { "pageload", RT_ROLE_PAGE },
    { "pageview", RT_ROLE_PAGE },
    { "pageviewed", RT_ROLE_PAGE },
    { "paymentcompleted", RT_ROLE_PURCHASE },
    { "paymentdone", RT_ROLE_PURCHASE },
    { "paymentsuccess", RT_ROLE_PURCHASE },
    { "placedorder", RT_ROLE_PURCHASE },
    { "placeorder", RT_ROLE_PURCHASE },
    { "playvideo", RT_ROLE_VIDEO },
    { "productadded", RT_ROLE_CART_ADD },
    { "productaddedtocart", RT_ROLE_CART_ADD },
    { "productdetail", RT_ROLE_VIEW },
    { "productdetailview", RT_ROLE_VIEW },
    { "productview", RT_ROLE_VIEW },
    { "productviewed", RT_ROLE_VIEW },
    { "purchase", RT_ROLE_PURCHASE },
    { "purchasecomplete", RT_ROLE_PURCHASE },
    { "purchasecompleted", RT_ROLE_PURCHASE },
    { "purchased", RT_ROLE_PURCHASE },
    { "sale", RT_ROLE_PURCHASE },
    { "screen", RT_ROLE_PAGE },
    { "screenview", RT_ROLE_PAGE },
    { "startcheckout", RT_ROLE_CHECKOUT },
    { "startedcheckout", RT_ROLE_CHECKOUT },
    { "transaction", RT_ROLE_PURCHASE },
    { "video", RT_ROLE_VIDEO },
    { "videocomplete", RT_ROLE_VIDEO },
    { "videocompleted", RT_ROLE_VIDEO },
    { "videopercent", RT_ROLE_VIDEO },
    { "videoplay", RT_ROLE_VIDEO },
    { "videoplayed", RT_ROLE_VIDEO },
    { "videoprogress", RT_ROLE_VIDEO },
    { "videostart", RT_ROLE_VIDEO },
    { "videostarted", RT_ROLE_VIDEO },
    { "videoview", RT_ROLE_VIDEO },
    { "videoviewed", RT_ROLE_VIDEO },
    { "videowatch", RT_ROLE_VIDEO },
    { "videowatched", RT_ROLE_VIDEO },
    { "view", RT_ROLE_VIEW },
    { "viewcontent", RT_ROLE_VIEW },
    { "viewedproduct", RT_ROLE_VIEW },
    { "viewitem", RT_ROLE_VIEW },
    { "viewpage", RT_ROLE_PAGE },
    { "viewproduct", RT_ROLE_VIEW },
    { "visit", RT_ROLE_PAGE },
    { "watch", RT_ROLE_VIDEO },
    { "watchvideo", RT_ROLE_VIDEO },
};

enum { NAME_MAX_BYTES = 32 };

static int by_name(const void *key, const void *entry)
{
    return strcmp(key, ((const struct synonym *)entry)->name);
}

enum rt_role rt_role_of(struct rt_span name)
{
    char plain[NAME_MAX_BYTES + 1];
    const struct synonym *found;
    size_t n = 0;

    for (size_t i = 0; i < name.n; i++) {
        char c = rt_ascii_lower(name.p[i]);

        if (c == ' ' || c == '_' || c == '-' || c == '.' || c == ':' || c == '/')
            continue;
        if (n == NAME_MAX_BYTES || !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            return RT_ROLE_OTHER;
        plain[n++] = c;
    }
    plain[n] = '\0';
    found = bsearch(
        plain, synonyms, sizeof synonyms / sizeof *synonyms, sizeof *synonyms, by_name);
    return found ? found->role : RT_ROLE_OTHER;
}

static unsigned class_of(struct rt_span name)
{
    return rt_role_of(name);
}

/* ---- what is asked */

static const char *const field_names[RT_STARTER_FIELDS] = {
    [RT_STARTER_PRODUCT] = "product_id",
    [RT_STARTER_VALUE] = "value",
    [RT_STARTER_QUANTITY] = "quantity",
    [RT_STARTER_ORDER] = "order_id",
    [RT_STARTER_PERCENT] = "percent",
    [RT_STARTER_IP] = "ip",
    [RT_STARTER_USER_AGENT] = "user_agent",
    [RT_STARTER_HOST] = "host",
};
static const char *const id_names[RT_STARTER_KINDS] = { "user_id", "email", "client_id",
    "phone" };

const char *rt_starter_field_name(enum rt_starter_field field)
{
    return field_names[field];
}

const char *rt_starter_id_name(unsigned kind)
{
    return id_names[kind];
}

enum { SLOTS = 2 + RT_STARTER_FIELDS + RT_STARTER_KINDS };

struct asked {
    struct rt_span names[SLOTS];
    struct rt_slots slots;
    struct rt_survey_field fields[RT_STARTER_FIELDS];
    struct rt_id_kind ids[RT_STARTER_KINDS];
};

static void make_ask(struct asked *a, struct rt_survey_ask *ask)
{
    uint32_t slot = 2;

    *a = (struct asked) { .names = { RT_SPAN("time"), RT_SPAN("event") } };
    for (unsigned f = 0; f < RT_STARTER_FIELDS; f++, slot++) {
        a->names[slot] = rt_span_of(field_names[f]);
        a->fields[f] = (struct rt_survey_field) { .name = a->names[slot], .slot = slot };
    }
    for (unsigned k = 0; k < RT_STARTER_KINDS; k++, slot++) {
        a->names[slot] = rt_span_of(id_names[k]);
        a->ids[k] = (struct rt_id_kind) { .name = a->names[slot],
            .slot = slot,
            .email = strcmp(id_names[k], "email") == 0 };
    }
    a->slots = (struct rt_slots) { SLOTS, a->names };
    *ask = (struct rt_survey_ask) { .fields = a->fields,
        .nfields = RT_STARTER_FIELDS,
        .nslots = SLOTS,
        .ids = a->ids,
        .nids = RT_STARTER_IDS,
        .nid_kinds = RT_STARTER_KINDS,
        .as_of_us = INT64_MAX,
        .class_of = class_of,
        .nclasses = RT_ROLES };
}

/* ---- reading */

static bool has(const struct rt_feed *feed, const char *field)
{
    size_t n;
    const struct rt_column *columns = rt_decoder_columns(feed->decoder, &n);

    return rt_fields_find(columns, n, rt_span_of(field)) < n;
}

/* Files that hold one kind of thing have no column for it: lines of invoices, requests. */
static const char *guess_event(const struct rt_feed *feed)
{
    size_t n;

    rt_decoder_columns(feed->decoder, &n); /* none: the input is empty */
    if (n == 0 || rt_decoder_format(feed->decoder) >= RT_FORMAT_COMMON
        || has(feed, "event"))
        return NULL;
    if (has(feed, "order_id") || (has(feed, "product_id") && has(feed, "value")))
        return "purchase";
    return has(feed, "url") ? "page_view" : "event";
}

static void say_guess(const struct rt_starter *s, uint32_t i)
{
    struct rt_buf text = RT_BUF_INIT(8192);
    const char *path = s->inputs.feeds[i].path;

    if (!s->guesses[i] || !s->o->notice.say)
        return;
    rt_buf_addf(&text, "%s: no column names the event: each record is taken for \"%s\"",
        strcmp(path, "-") ? path : "standard input", s->guesses[i]);
    s->o->notice.say(s->o->notice.ctx, rt_buf_text(&text));
    rt_buf_release(&text);
}

static int read_inputs(struct rt_starter *s, const struct asked *a,
    const struct rt_zone *zone, struct rt_err *err)
{
    struct rt_screen_rules *rules = rt_arena_new(&s->arena, s->o->ninputs, sizeof *rules);
    int rc = rt_inputs_open(&s->inputs, NULL, zone, &a->slots, s->o, err);

    if (rc < 0)
        return rc;
    s->guesses = rt_arena_new(&s->arena, s->o->ninputs, sizeof *s->guesses);
    if (!rules || !s->guesses || rt_survey_new(&s->ask, &s->survey) < 0)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < s->inputs.nfeeds; i++) {
        struct rt_feed *feed = &s->inputs.feeds[i];

        rules[i] =
            rt_inputs_rules(feed, a->fields[RT_STARTER_USER_AGENT].slot, UINT32_MAX);
        s->guesses[i] = guess_event(feed);
        if (s->guesses[i])
            rules[i].event = rt_span_of(s->guesses[i]);
        feed->user = &rules[i];
        say_guess(s, i);
    }
    return rt_survey_read(
        s->survey, s->inputs.feeds, s->inputs.nfeeds, s->o->jobs, s->o->progress, err);
}

/* ---- what a person is told besides */

static void tell(const struct rt_starter *s, struct rt_init *out)
{
    const struct rt_survey *in = s->survey;
    int64_t rest;

    out->events = in->records;
    out->without_id = in->nobodys;
    out->by_address = in->nobodys
        && (rt_survey_found(in, RT_STARTER_IP).present
            || rt_survey_found(in, RT_STARTER_HOST).present);
    if (!in->records)
        return;
    rest = (in->last_us % RT_SECOND_US + RT_SECOND_US) % RT_SECOND_US;
    rt_clock_format(in->last_us - rest + (rest ? RT_SECOND_US : 0), out->as_of);
}

int rt_run_init(const struct rt_run_options *options, struct rt_buf *text,
    struct rt_init *out, struct rt_err *err)
{
    struct rt_starter s = { .o = options };
    struct rt_zone *utc = NULL;
    struct asked asked;
    int rc = rt_zone_load("UTC", options->zone_dir, &utc, err);

    rt_ingest_go();
    *out = (struct rt_init) { 0 };
    make_ask(&asked, &s.ask);
    if (rc == RT_OK)
        rc = read_inputs(&s, &asked, utc, err);
    if (rc == RT_OK && !s.survey->records)
        rc = rt_err_set(err, RT_EIO,
            "the inputs hold no event to start from; `retarget peek` says why");
    if (rc == RT_OK) {
        tell(&s, out);
        rc = rt_starter_write(&s, text);
        if (rc < 0)
            rt_err_set(err, rc, "out of memory");
    }
    rt_survey_free(s.survey);
    rt_inputs_close(&s.inputs);
    rt_arena_release(&s.arena);
    rt_zone_free(utc);
    return rc;
}
