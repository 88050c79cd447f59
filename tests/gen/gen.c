/*
 * Makes test data: a shop's events, its access log, its customers and its opt-outs.
 *
 *     gen --rows 1000000 --users 100000 --seed 1 events-csv > events.csv
 *
 * The same options give the same bytes on every machine: the generator is our own
 * (xoshiro256** started by splitmix64, public domain, Blackman and Vigna) and there is no
 * floating point; no two numbers are drawn in one expression. It uses nothing of the
 * library that it helps to test.
 *
 * Visitors come in sessions. Some hundred of them are open at a time and each row takes
 * the next event of one, so that one person's events are spread over the file as they are
 * in real ones, about in time order. Half of the sessions take the users by turns, so
 * that all appear in a long file; the other half by Zipf's law with an offset (weight 1 /
 * (rank + users / 1000)), so that the busiest user has a thousandth, not a tenth.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

enum {
    OUT_BYTES = 1 << 20,
    ROW_MAX = 4096, /* bytes that one row may take */
    SESSIONS_MAX = 2048,
    GAP_S = 300,        /* between two events of a session, at most */
    LONG_GAP_S = 14400, /* one time in sixteen: bought some hours after the cart */
    MEAN_GAP_S = (GAP_S * 15 + LONG_GAP_S) / 32,
    PRODUCTS = 60000,
    USERS_MAX = 50000000
};

struct options {
    uint64_t rows, users, seed, days;
    int64_t as_of_s;
};

enum type { PAGE_VIEW, VIEW, SEARCH, CART, REMOVE, PURCHASE, VIDEO, SIGNUP, TYPES };

static const char *const type_names[TYPES] = { "page_view", "view", "search", "cart",
    "remove_from_cart", "purchase", "video_progress", "sign_up" };

struct session {
    uint64_t id;
    int64_t time_s;
    uint32_t user;    /* rank, from 0 */
    uint32_t product; /* the last one viewed */
    uint32_t percent; /* of the video that is running */
    uint32_t assets;  /* access log: still to be fetched with the last page */
    bool has_cart, viewed, crawler;
};

struct event {
    enum type type;
    const struct session *session;
    int64_t time_s;
    uint32_t product; /* PRODUCTS: none */
    uint32_t percent;
    bool has_email;
    uint32_t odd; /* row with quotes: which kind from 1; 0: plain */
    char url[192];
};

struct gen {
    struct options options;
    uint64_t state[4];
    uint64_t *weights; /* of users 0..i together */
    struct session sessions[SESSIONS_MAX];
    uint32_t nsessions;
    uint64_t turn; /* of the next user by turns */
    uint64_t row;
    int64_t start_s;
    bool failed;
    size_t n;
    char out[OUT_BYTES + ROW_MAX];
};

/* ---- random numbers */

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* What belongs to a thing for good: the same number for the same thing and purpose. */
static uint64_t fixed(uint64_t thing, uint64_t purpose)
{
    uint64_t state = thing * UINT64_C(0xd1342543de82ef95) + purpose;

    return splitmix(&state);
}

static uint64_t rotl(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static uint64_t next_random(struct gen *g)
{
    uint64_t *s = g->state;
    uint64_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

/* 0 to n - 1. */
static uint32_t below(uint64_t random, uint32_t n)
{
    return (uint32_t)((random >> 32) * n >> 32);
}

static uint32_t pick(struct gen *g, uint32_t n)
{
    return below(next_random(g), n);
}

/* ---- output */

static void flush(struct gen *g)
{
    if (fwrite(g->out, 1, g->n, stdout) != g->n)
        g->failed = true;
    g->n = 0;
}

static void put_bytes(struct gen *g, const char *p, size_t n)
{
    memcpy(g->out + g->n, p, n);
    g->n += n;
}

static void put(struct gen *g, const char *text)
{
    put_bytes(g, text, strlen(text));
}

static void putch(struct gen *g, char c)
{
    g->out[g->n++] = c;
}

/* Writes a number with at least so many digits; returns the length (20 at most). */
static size_t digits(char *out, uint64_t value, int least)
{
    char text[20];
    size_t n = 0, at = sizeof text;

    while (value || least > 0) {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
        least--;
    }
    n = sizeof text - at;
    memcpy(out, text + at, n);
    return n;
}

static void put_number(struct gen *g, uint64_t value, int least)
{
    g->n += digits(g->out + g->n, value, least);
}

static void put_hex(struct gen *g, uint64_t value)
{
    for (int shift = 60; shift >= 0; shift -= 4)
        putch(g, "0123456789abcdef"[value >> shift & 15]);
}

/* ---- time */

struct civil {
    uint64_t year, month, day, hour, minute, second;
};

/* Days from 1970-01-01, Gregorian calendar, from year 1. Counts years from March. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = year - (month <= 2), m = (month + 9) % 12;

    return 365 * y + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 719469;
}

static struct civil civil_of(int64_t time_s)
{
    uint64_t days = (uint64_t)(time_s / 86400 + 719468), s = (uint64_t)(time_s % 86400);
    uint64_t era = days / 146097, of_era = days % 146097;
    uint64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    uint64_t m = (5 * of_year + 2) / 153;
    uint64_t month = m < 10 ? m + 3 : m - 9;

    return (struct civil) { era * 400 + y + (month <= 2), month,
        of_year - (153 * m + 2) / 5 + 1, s / 3600, s / 60 % 60, s % 60 };
}

static void put_time(struct gen *g, int64_t time_s)
{
    struct civil c = civil_of(time_s);

    put_number(g, c.year, 4);
    putch(g, '-');
    put_number(g, c.month, 2);
    putch(g, '-');
    put_number(g, c.day, 2);
    putch(g, 'T');
    put_number(g, c.hour, 2);
    putch(g, ':');
    put_number(g, c.minute, 2);
    putch(g, ':');
    put_number(g, c.second, 2);
    putch(g, 'Z');
}

static void put_log_time(struct gen *g, int64_t time_s)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct civil c = civil_of(time_s);

    putch(g, '[');
    put_number(g, c.day, 2);
    putch(g, '/');
    put_bytes(g, months + (c.month - 1) * 3, 3);
    putch(g, '/');
    put_number(g, c.year, 4);
    putch(g, ':');
    put_number(g, c.hour, 2);
    putch(g, ':');
    put_number(g, c.minute, 2);
    putch(g, ':');
    put_number(g, c.second, 2);
    put(g, " +0000]");
}

/* ---- what a shop has */

static const char *const categories[] = { "electronics.smartphone",
    "electronics.audio.headphone", "computers.notebook", "computers.peripherals.mouse",
    "appliances.kitchen.kettle", "appliances.environment.vacuum",
    "furniture.living_room.sofa", "furniture.bedroom.bed", "apparel.shoes.keds",
    "apparel.shirt", "sport.bicycle", "sport.tennis", "kids.toys", "kids.carriage",
    "construction.tools.drill", "auto.accessories.player" };

static const char *const brands[] = { "samsung", "nordwind", "acme", "lumen", "kettler",
    "bosch", "tefal", "hoya", "polaris", "oberon", "vitek", "sonata", "makita", "arena",
    "redmond", "globex", "initech", "nestl\xc3\xa9", "k\xc3\xa4rcher", "umbra" };

/* Brands with what needs quotes in CSV and escapes in JSON. */
static const char *const odd_brands[] = { "black, decker", "smith, jones, sons",
    "three \"star\" tools", "two\nlines", "cr\r\nlf, both" };

static const char *const terms[] = { "red shoes", "sofa", "kettle 2l", "headphones",
    "bike 28", "drill", "toys", "caf\xc3\xa9" };

static const char *const campaigns[] = { "spring", "brand", "summer-sale", "lookalike",
    "newsletter-12" };

static uint64_t user_id(uint32_t user)
{
    return 100000000 + (uint64_t)user * 7919 % 900000000; /* 7919 is prime: all differ */
}

static uint64_t product_id(uint32_t product)
{
    return 1000000 + (uint64_t)product * 911 % 60000000;
}

static const char *category_of(uint32_t product)
{
    return categories[below(fixed(product, 1), COUNT(categories))];
}

static const char *brand_of(const struct event *event)
{
    return event->odd ? odd_brands[event->odd - 1]
                      : brands[below(fixed(event->product, 2), COUNT(brands))];
}

/* In cents: from 1.00, most below 100, some to 1,100. */
static uint64_t price_of(uint32_t product)
{
    uint64_t a = below(fixed(product, 3), 1000), b = below(fixed(product, 4), 10000);

    return 100 + a * a * b / 100000 + b;
}

/* The first products are the most wanted. */
static uint32_t pick_product(struct gen *g)
{
    uint64_t a = pick(g, 65536), b = pick(g, 65536);

    return (uint32_t)(a * b / 65536 * PRODUCTS / 65536);
}

/* ---- sessions */

static uint32_t zipf_user(struct gen *g)
{
    uint64_t n = g->options.users, total = g->weights[n - 1];
    uint64_t at = (uint64_t)((unsigned __int128)next_random(g) * total >> 64);
    uint64_t low = 0, high = n - 1;

    while (low < high) {
        uint64_t middle = (low + high) / 2;

        if (g->weights[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return (uint32_t)low;
}

/* By turns in steps that share no factor with most counts, so not in order of rank. */
static uint32_t turn_user(struct gen *g)
{
    return (uint32_t)(g->turn++ * UINT64_C(2654435761) % g->options.users);
}

/* Time goes evenly from the first row to the last. */
static int64_t time_of_row(const struct gen *g)
{
    int64_t span = (int64_t)g->options.days * 86400;

    return g->start_s + (int64_t)((unsigned __int128)span * g->row / g->options.rows);
}

static void open_session(struct gen *g, struct session *s)
{
    uint64_t id = next_random(g);

    *s = (struct session) { .id = id,
        .time_s = time_of_row(g),
        .user = id & 1 ? turn_user(g) : zipf_user(g),
        .crawler = below(id, 100) < 8 };
}

static enum type pick_type(struct gen *g, const struct session *s)
{
    uint32_t at = pick(g, 1000);

    if (s->percent && s->percent < 100 && at < 600)
        return VIDEO;
    if (s->has_cart && at < 250)
        return at < 220 ? PURCHASE : REMOVE;
    if (s->viewed && at < 400)
        return at < 170 ? CART : VIEW;
    if (at < 690)
        return at < 560 ? VIEW : SEARCH;
    return at < 730 ? VIDEO : at < 740 ? SIGNUP : PAGE_VIEW;
}

static bool has_product(enum type type)
{
    return type == VIEW || type == CART || type == REMOVE || type == PURCHASE;
}

/* What the event does to its session. */
static void apply(struct gen *g, struct session *s, enum type type)
{
    static const uint8_t percents[] = { 10, 25, 50, 75, 90, 100 };

    if (type == VIEW)
        s->product = pick_product(g);
    if (type == VIDEO) {
        uint32_t i = 0;

        while (percents[i] <= s->percent % 100)
            i++;
        s->percent = percents[i];
    }
    if (type == CART)
        s->has_cart = true;
    if (type == PURCHASE || type == REMOVE)
        s->has_cart = false;
    s->viewed = type == VIEW;
}

static size_t add_text(char *out, const char *text)
{
    size_t n = strlen(text);

    memcpy(out, text, n);
    return n;
}

/* Blanks as '+', other bytes that are no letters or digits by percent. */
static size_t add_encoded(char *out, const char *text)
{
    size_t n = 0;

    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == ' ') {
            out[n++] = '+';
        } else if (c < 0x80) {
            out[n++] = (char)c;
        } else {
            out[n++] = '%';
            out[n++] = "0123456789ABCDEF"[c >> 4];
            out[n++] = "0123456789ABCDEF"[c & 15];
        }
    }
    return n;
}

/* The path and query of the event's page, terminated. */
static void make_path(struct gen *g, const struct session *s, enum type type, char *out)
{
    static const char *const pages[] = { "/", "/sale/", "/blog/how-to-choose", "/about",
        "/help/delivery-and-returns", "/account" };
    size_t n = 0;

    switch (type) {
    case PAGE_VIEW:
        if (pick(g, 2)) {
            n += add_text(out, "/c/");
            n += add_text(out + n, category_of(pick(g, PRODUCTS)));
        } else {
            n += add_text(out, pages[pick(g, COUNT(pages))]);
        }
        break;
    case SEARCH:
        n += add_text(out, "/search?q=");
        n += add_encoded(out + n, terms[pick(g, COUNT(terms))]);
        break;
    case VIEW:
        n += add_text(out, "/p/");
        n += add_text(out + n, category_of(s->product));
        out[n++] = '/';
        n += digits(out + n, product_id(s->product), 1);
        break;
    case CART:
    case REMOVE:
        n += add_text(out, type == CART ? "/cart/add?sku=" : "/cart/remove?sku=");
        n += digits(out + n, product_id(s->product), 1);
        break;
    case PURCHASE:
        n += add_text(out, "/checkout/done?order=");
        n += digits(out + n, next_random(g) % 100000000, 8);
        break;
    case VIDEO:
        n += add_text(out, "/video/product-tour-");
        n += digits(out + n, s->user % 40, 2);
        break;
    default:
        n += add_text(out, "/account/new");
    }
    if ((type == PAGE_VIEW || type == VIEW) && pick(g, 4) == 0) {
        n += add_text(out + n, "?utm_source=google&utm_medium=cpc&utm_campaign=");
        n += add_text(out + n, campaigns[pick(g, COUNT(campaigns))]);
    }
    out[n] = '\0';
}

static struct session *pick_session(struct gen *g)
{
    struct session *s = &g->sessions[pick(g, g->nsessions)];

    if (s->id == 0 || pick(g, 1000) < 200)
        open_session(g, s);
    else
        s->time_s += pick(g, pick(g, 16) ? GAP_S : LONG_GAP_S);
    if (s->time_s >= g->options.as_of_s)
        s->time_s = g->options.as_of_s - 1;
    return s;
}

static void next_event(struct gen *g, struct event *event)
{
    struct session *s = pick_session(g);
    enum type type = pick_type(g, s);
    size_t n;

    apply(g, s, type);
    event->type = type;
    event->session = s;
    event->time_s = s->time_s;
    event->product = has_product(type) ? s->product : PRODUCTS;
    event->percent = type == VIDEO ? s->percent : 0;
    event->has_email = pick(g, 100) < 8;
    event->odd = pick(g, 1000) < 5 ? 1 + pick(g, COUNT(odd_brands)) : 0;
    n = add_text(event->url, "https://www.shop.example");
    make_path(g, s, type, event->url + n);
}

/* ---- events as CSV and as JSON lines */

static void put_cell(struct gen *g, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        put(g, text);
        return;
    }
    putch(g, '"');
    for (; *text; text++) {
        if (*text == '"')
            putch(g, '"');
        putch(g, *text);
    }
    putch(g, '"');
}

static void put_price(struct gen *g, uint32_t product)
{
    uint64_t cents = price_of(product);

    put_number(g, cents / 100, 1);
    putch(g, '.');
    put_number(g, cents % 100, 2);
}

static void put_email(struct gen *g, uint32_t user)
{
    static const char *const hosts[] = { "@mail.example", "@post.example",
        "@web.example" };

    putch(g, 'u');
    put_number(g, user_id(user), 1);
    put(g, hosts[fixed(user, 5) % COUNT(hosts)]);
}

static void events_csv_head(struct gen *g)
{
    put(g,
        "event_time,event_type,product_id,category_code,brand,price,user_id,user_session,"
        "url,percent,email\n");
}

static void put_product_cells(struct gen *g, const struct event *event)
{
    if (event->product < PRODUCTS)
        put_number(g, product_id(event->product), 1);
    putch(g, ',');
    if (event->product < PRODUCTS)
        put(g, category_of(event->product));
    putch(g, ',');
    if (event->product < PRODUCTS || event->odd)
        put_cell(g, brand_of(event));
    putch(g, ',');
    if (event->product < PRODUCTS)
        put_price(g, event->product);
    putch(g, ',');
}

static void events_csv_row(struct gen *g)
{
    struct event event;

    next_event(g, &event);
    put_time(g, event.time_s);
    putch(g, ',');
    put(g, type_names[event.type]);
    putch(g, ',');
    put_product_cells(g, &event);
    put_number(g, user_id(event.session->user), 1);
    putch(g, ',');
    put_hex(g, event.session->id);
    putch(g, ',');
    put(g, event.url);
    putch(g, ',');
    if (event.type == VIDEO)
        put_number(g, event.percent, 1);
    putch(g, ',');
    if (event.has_email)
        put_email(g, event.session->user);
    putch(g, '\n');
}

static void put_json_text(struct gen *g, const char *text)
{
    putch(g, '"');
    for (; *text; text++) {
        const char *const escape = *text == '\n' ? "\\n"
            : *text == '\r'                      ? "\\r"
            : *text == '"'                       ? "\\\""
            : *text == '\\'                      ? "\\\\"
                                                 : NULL;

        if (escape)
            put(g, escape);
        else
            putch(g, *text);
    }
    putch(g, '"');
}

static void put_json_product(struct gen *g, const struct event *event)
{
    if (event->product < PRODUCTS) {
        put(g, ",\"product_id\":");
        put_number(g, product_id(event->product), 1);
        put(g, ",\"category_code\":");
        put_json_text(g, category_of(event->product));
    }
    if (event->product < PRODUCTS || event->odd) {
        put(g, ",\"brand\":");
        put_json_text(g, brand_of(event));
    }
    if (event->product < PRODUCTS) {
        put(g, ",\"price\":");
        put_price(g, event->product);
    }
}

static void events_json_row(struct gen *g)
{
    struct event event;

    next_event(g, &event);
    put(g, "{\"event_time\":\"");
    put_time(g, event.time_s);
    put(g, "\",\"event_type\":\"");
    put(g, type_names[event.type]);
    putch(g, '"');
    put_json_product(g, &event);
    put(g, ",\"user_id\":\"");
    put_number(g, user_id(event.session->user), 1);
    put(g, "\",\"user_session\":\"");
    put_hex(g, event.session->id);
    put(g, "\",\"url\":");
    put_json_text(g, event.url);
    if (event.type == VIDEO) {
        put(g, ",\"percent\":");
        put_number(g, event.percent, 1);
    }
    if (event.has_email) {
        put(g, ",\"email\":\"");
        put_email(g, event.session->user);
        putch(g, '"');
    }
    put(g, "}\n");
}

/* ---- access log */

/* Made up in the manner of what browsers and crawlers send. */
#define MOZ "Mozilla/5.0 "
#define KIT "AppleWebKit/537.36 (KHTML, like Gecko) "
#define WIN MOZ "(Windows NT 10.0; Win64; x64) "
#define MAC MOZ "(Macintosh; Intel Mac OS X 10_15_7) "
#define LNX MOZ "(X11; Linux x86_64) "
#define IPH(v)                                                                           \
    MOZ "(iPhone; CPU iPhone OS " v                                                      \
        " like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
#define AND(v, device) MOZ "(Linux; Android " v "; " device ") " KIT
static const char *const agents[] = {
    WIN KIT "Chrome/124.0.0.0 Safari/537.36",
    WIN KIT "Chrome/125.0.0.0 Safari/537.36",
    WIN KIT "Chrome/126.0.0.0 Safari/537.36",
    WIN KIT "Chrome/122.0.0.0 Safari/537.36",
    WIN KIT "Chrome/120.0.0.0 Safari/537.36 OPR/106.0.0.0",
    WIN KIT "Chrome/125.0.0.0 Safari/537.36 Edg/125.0.0.0",
    WIN KIT "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
    WIN KIT "Chrome/124.0.0.0 YaBrowser/24.4.0.0 Safari/537.36",
    MOZ "(Windows NT 10.0; Win64; x64; rv:126.0) Gecko/20100101 Firefox/126.0",
    MOZ "(Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0",
    MOZ "(Windows NT 10.0; Win64; x64; rv:115.0) Gecko/20100101 Firefox/115.0",
    MOZ "(Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
    MAC KIT "Chrome/125.0.0.0 Safari/537.36",
    MAC KIT "Chrome/126.0.0.0 Safari/537.36",
    MAC "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
    MAC "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    MAC "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Safari/605.1.15",
    MOZ "(Macintosh; Intel Mac OS X 10.15; rv:126.0) Gecko/20100101 Firefox/126.0",
    LNX KIT "Chrome/125.0.0.0 Safari/537.36",
    LNX KIT "Chrome/126.0.0.0 Safari/537.36",
    MOZ "(X11; Ubuntu; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0",
    MOZ "(X11; CrOS x86_64 14541.0.0) " KIT "Chrome/125.0.0.0 Safari/537.36",
    IPH("17_5") "Version/17.5 Mobile/15E148 Safari/604.1",
    IPH("17_4_1") "Version/17.4.1 Mobile/15E148 Safari/604.1",
    IPH("16_7_8") "Version/16.6 Mobile/15E148 Safari/604.1",
    IPH("15_8") "Version/15.6 Mobile/15E148 Safari/604.1",
    IPH("17_5") "CriOS/125.0.6422.80 Mobile/15E148 Safari/604.1",
    IPH("17_5") "GSA/318.0.637 Mobile/15E148 Safari/604.1",
    IPH("17_4") "FxiOS/126.0 Mobile/15E148 Safari/605.1.15",
    MOZ "(iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/17.5 Mobile/15E148 Safari/604.1",
    MOZ "(iPad; CPU OS 16_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/16.6 Mobile/15E148 Safari/604.1",
    AND("10", "K") "Chrome/125.0.0.0 Mobile Safari/537.36",
    AND("10", "K") "Chrome/126.0.0.0 Mobile Safari/537.36",
    AND("10", "K") "Chrome/124.0.0.0 Mobile Safari/537.36",
    AND("14", "Pixel 8") "Chrome/125.0.6422.113 Mobile Safari/537.36",
    AND("13", "SM-S911B") "Chrome/125.0.6422.113 Mobile Safari/537.36",
    AND("12", "M2102J20SG") "Chrome/123.0.6312.118 Mobile Safari/537.36",
    AND("11", "moto g(30)") "Chrome/121.0.6167.178 Mobile Safari/537.36",
    AND("10", "K") "SamsungBrowser/24.0 Chrome/117.0.0.0 Mobile Safari/537.36",
    AND("10", "K") "SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
    AND("13", "SM-X200") "Chrome/125.0.0.0 Safari/537.36",
    AND("12", "Lenovo TB-X606F") "Chrome/124.0.0.0 Safari/537.36",
    MOZ "(Android 14; Mobile; rv:126.0) Gecko/126.0 Firefox/126.0",
    MOZ "(Android 13; Tablet; rv:126.0) Gecko/126.0 Firefox/126.0",
    MOZ "(SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) "
        "SamsungBrowser/3.0 Chrome/83.0.4103.106 TV Safari/537.36",
};
static const char *const crawlers[] = {
    MOZ "(compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    MOZ "(compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    MOZ "(compatible; YandexBot/3.0; +http://yandex.com/bots)",
    MOZ "(compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    MOZ "(compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
    MOZ "(compatible; DotBot/1.2; +https://opensiteexplorer.org/dotbot)",
    MOZ "(compatible; MJ12bot/v1.4.8; http://mj12bot.com/)",
    MOZ KIT "(compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Twitterbot/1.0",
    "python-requests/2.31.0",
    "curl/8.5.0",
    "Wget/1.21.4",
};

static void put_address(struct gen *g, uint64_t thing)
{
    uint64_t r = fixed(thing, 6);

    put_number(g, 11 + r % 180, 1);
    for (int i = 1; i < 4; i++) {
        putch(g, '.');
        put_number(g, r >> 16 * i & 255, 1);
    }
}

static void put_pixel(struct gen *g, const struct event *event)
{
    const struct session *s = event->session;

    put(g, "/px.gif?ev=");
    put(g, type_names[event->type]);
    if (fixed(s->user, 7) % 100 < 40) { /* logged in */
        put(g, "&uid=");
        put_number(g, user_id(s->user), 1);
    }
    if (event->product < PRODUCTS) {
        put(g, "&sku=");
        put_number(g, product_id(event->product), 1);
        put(g, "&v=");
        put_price(g, event->product);
    }
    if (event->type == VIDEO) {
        put(g, "&percent=");
        put_number(g, event->percent, 1);
    }
}

static void put_asset(struct gen *g)
{
    static const char *const assets[] = { "/static/app.3f2a.js", "/static/shop.css",
        "/img/logo.svg", "/fonts/sans.woff2", "/favicon.ico" };

    if (pick(g, 2)) {
        put(g, assets[pick(g, COUNT(assets))]);
        return;
    }
    put(g, "/img/p/");
    put_number(g, product_id(pick_product(g)), 1);
    put(g, ".jpg");
}

/* What stands before the request: address and time. */
static void put_log_start(struct gen *g, const struct session *s)
{
    put_address(g, s->crawler ? s->id % 50 + UINT64_C(0x100000000) : s->user);
    put(g, " - - ");
    put_log_time(g, s->time_s);
    put(g, " \"");
}

static void put_log_end(struct gen *g, const struct session *s, const char *status,
    uint32_t bytes, const char *referrer)
{
    put(g, " HTTP/1.1\" ");
    put(g, status);
    putch(g, ' ');
    put_number(g, bytes, 1);
    put(g, " \"");
    put(g, referrer);
    put(g, "\" \"");
    put(g,
        s->crawler ? crawlers[s->id % COUNT(crawlers)]
                   : agents[fixed(s->user, 8) % COUNT(agents)]);
    put(g, "\"\n");
}

static void put_page_line(struct gen *g, const struct event *event, struct session *s)
{
    static const char *const referrers[] = { "-", "https://www.google.com/",
        "https://www.bing.com/", "https://news.example/offers",
        "https://www.shop.example/" };
    uint32_t luck = pick(g, 100), from = pick(g, COUNT(referrers));
    const char *method = luck == 0 ? "HEAD " : luck < 4 ? "POST " : "GET ";
    const char *status = luck > 95 ? "404"
        : luck > 92                ? "301"
        : luck == 50               ? "500"
                                   : "200";

    put(g, method);
    put(g, event->url + strlen("https://www.shop.example"));
    s->assets = s->crawler ? 0 : pick(g, 4);
    put_log_end(g, s, status, 2000 + pick(g, 60000), referrers[from]);
}

static void access_log_row(struct gen *g)
{
    struct session *s = &g->sessions[pick(g, g->nsessions)];
    struct event event;
    uint32_t bytes;

    if (s->assets) {
        s->assets--;
        put_log_start(g, s);
        put(g, "GET ");
        put_asset(g);
        bytes = 500 + pick(g, 90000);
        put_log_end(g, s, bytes % 3 ? "200" : "304", bytes, "https://www.shop.example/");
        return;
    }
    next_event(g, &event);
    s = &g->sessions[event.session - g->sessions];
    put_log_start(g, s);
    if (event.type == PAGE_VIEW || s->crawler) {
        put_page_line(g, &event, s);
    } else {
        put(g, "GET ");
        put_pixel(g, &event);
        put_log_end(g, s, "200", 43, event.url);
    }
}

/* ---- customers and opt-outs: of user number `row`, if it is one of the share */

static const char *const first_names[] = { "Anna", "Ben", "Chlo\xc3\xa9", "David", "Elif",
    "Fran\xc3\xa7ois", "Greta", "Hugo", "In\xc3\xa9s", "J\xc3\xb6rg", "Kate", "Liam",
    "Maria", "Noah", "Olga", "Peter", "Rosa", "S\xc3\xb8ren", "Tom", "Zo\xc3\xab" };
static const char *const last_names[] = { "M\xc3\xbcller", "Smith",
    "Garc\xc3\xad"
    "a",
    "Rossi", "Dubois", "Novak", "O'Brien", "van den Berg", "Kowalski", "Schmidt", "Jones",
    "Fern\xc3\xa1ndez", "Bianchi", "Laurent", "Wei\xc3\x9f", "Brown, Jr.", "Lee",
    "Weber" };

static const struct {
    const char *country, *city, *prefix, *spaced;
    uint32_t postcode_digits;
} places[] = {
    { "DE", "Berlin", "+4930", "+49 (30) ", 5 },
    { "DE", "M\xc3\xbcnchen", "+4989", "+49 89 ", 5 },
    { "AT", "Wien", "+431", "+43 1 ", 4 },
    { "FR", "Paris", "+331", "+33 1 ", 5 },
    { "IT", "Roma", "+3906", "+39 06 ", 5 },
    { "ES", "Madrid", "+3491", "+34 91 ", 5 },
    { "US", "Boston", "+1617", "+1 (617) ", 5 },
    { "NL", "Utrecht", "+3130", "+31 30 ", 4 },
};

static void contacts_head(struct gen *g)
{
    put(g, "user_id,email,phone,first_name,last_name,city,postcode,country\n");
}

static void contacts_row(struct gen *g)
{
    uint32_t user = (uint32_t)g->row;
    uint64_t r = fixed(user, 9);
    uint32_t place = (uint32_t)(fixed(user, 10) % COUNT(places));

    if (r % 100 >= 35)
        return;
    put_number(g, user_id(user), 1);
    putch(g, ',');
    if (r / 100 % 10)
        put_email(g, user);
    putch(g, ',');
    if (r / 1000 % 3) {
        put(g, r / 3000 % 2 ? places[place].prefix : places[place].spaced);
        put_number(g, 1000000 + (r >> 24) % 9000000, 7);
    }
    putch(g, ',');
    put(g, first_names[(r >> 20) % COUNT(first_names)]);
    putch(g, ',');
    put_cell(g, last_names[(r >> 28) % COUNT(last_names)]);
    putch(g, ',');
    put(g, places[place].city);
    putch(g, ',');
    put_number(g, 1000 + (r >> 36) % 9000, (int)places[place].postcode_digits);
    putch(g, ',');
    put(g, places[place].country);
    putch(g, '\n');
}

static void optout_head(struct gen *g)
{
    put(g, "id\n");
}

static void optout_row(struct gen *g)
{
    uint32_t user = (uint32_t)g->row;
    uint64_t r = fixed(user, 11);

    if (r % 100 >= 1)
        return;
    if (r / 100 % 2)
        put_email(g, user);
    else
        put_number(g, user_id(user), 1);
    putch(g, '\n');
}

/* ---- the program */

static const struct kind {
    const char *name;
    void (*head)(struct gen *); /* NULL: none */
    void (*row)(struct gen *);
    bool per_user; /* a row for each user, not --rows */
} kinds[] = {
    { "events-csv", events_csv_head, events_csv_row, false },
    { "events-jsonl", NULL, events_json_row, false },
    { "access-log", NULL, access_log_row, false },
    { "contacts-csv", contacts_head, contacts_row, true },
    { "optout", optout_head, optout_row, true },
};

static const char usage[] =
    "usage: gen [options] events-csv|events-jsonl|access-log|contacts-csv|optout\n"
    "  --rows N     records (default 1000; contacts and opt-outs follow --users)\n"
    "  --users N    people (default a tenth of the rows, at most 50000000)\n"
    "  --seed N     another number, other data (default 1)\n"
    "  --as-of T    all events are before it (default 2026-07-01T00:00:00Z)\n"
    "  --days N     and this many days back (default 90, at most 3650)\n";

static int wrong(const char *what)
{
    fprintf(stderr, "gen: %s\n%s", what, usage);
    return 2;
}

static bool read_count(const char *text, uint64_t most, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno == 0 && *text >= '0' && *text <= '9' && *end == '\0' && *out <= most;
}

/* "2026-07-01T00:00:00Z" and nothing else, from 1980 on. */
static bool read_time(const char *text, int64_t *out)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    int64_t n[6] = { 0 };
    int part = 0;

    for (size_t i = 0; form[i]; i++) {
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
        if (form[i] == 'd')
            n[part] = n[part] * 10 + text[i] - '0';
        else
            part++;
    }
    if (text[sizeof form - 1] || n[0] < 1980 || n[1] < 1 || n[1] > 12 || n[2] < 1
        || n[2] > 31 || n[3] > 23 || n[4] > 59 || n[5] > 59)
        return false;
    *out = days_of(n[0], n[1], n[2]) * 86400 + n[3] * 3600 + n[4] * 60 + n[5];
    return true;
}

static bool weigh_users(struct gen *g)
{
    uint64_t n = g->options.users, total = 0;

    g->weights = calloc(n, sizeof *g->weights);
    for (uint64_t i = 0; g->weights && i < n; i++) {
        total += (UINT64_C(1) << 40) / (i + 1 + n / 1000);
        g->weights[i] = total;
    }
    return g->weights;
}

/* As many open sessions as fit the pace at which one goes on. */
static uint32_t open_sessions(const struct options *o)
{
    uint64_t n = o->rows * MEAN_GAP_S / (o->days * 86400);

    return n < 1 ? 1 : n > SESSIONS_MAX ? SESSIONS_MAX : (uint32_t)n;
}

static int make(struct gen *g, const struct kind *kind)
{
    uint64_t seed = g->options.seed;
    uint64_t rows = kind->per_user ? g->options.users : g->options.rows;

    for (int i = 0; i < 4; i++)
        g->state[i] = splitmix(&seed);
    if (!weigh_users(g)) {
        fputs("gen: out of memory\n", stderr);
        return 1;
    }
    g->start_s = g->options.as_of_s - (int64_t)g->options.days * 86400;
    g->nsessions = open_sessions(&g->options);
    if (kind->head)
        kind->head(g);
    for (; g->row < rows && !g->failed; g->row++) {
        kind->row(g);
        if (g->n >= OUT_BYTES)
            flush(g);
    }
    flush(g);
    if (g->failed || fflush(stdout) != 0) {
        perror("gen: cannot write");
        return 1;
    }
    return 0;
}

static const struct kind *kind_named(const char *name)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static bool read_option(struct options *o, int option, const char *text)
{
    switch (option) {
    case 'r':
        return read_count(text, UINT64_C(100000000000), &o->rows);
    case 'u':
        return read_count(text, USERS_MAX, &o->users) && o->users;
    case 's':
        return read_count(text, UINT64_MAX, &o->seed);
    case 'd':
        return read_count(text, 3650, &o->days) && o->days;
    case 't':
        return read_time(text, &o->as_of_s);
    default:
        return false;
    }
}

int main(int argc, char **argv)
{
    static const struct option longs[] = { { "rows", required_argument, NULL, 'r' },
        { "users", required_argument, NULL, 'u' },
        { "seed", required_argument, NULL, 's' },
        { "as-of", required_argument, NULL, 't' },
        { "days", required_argument, NULL, 'd' }, { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 } };
    struct gen *g = calloc(1, sizeof *g);
    const struct kind *kind;
    int option, status;

    if (!g)
        return 1;
    g->options =
        (struct options) { .rows = 1000, .seed = 1, .days = 90, .as_of_s = 1782864000 };
    while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        if (option == 'h')
            return fputs(usage, stdout) < 0;
        if (option == '?' || !read_option(&g->options, option, optarg))
            return wrong("an option is wrong");
    }
    kind = optind + 1 == argc ? kind_named(argv[optind]) : NULL;
    if (!kind)
        return wrong("say what to make");
    if (g->options.users == 0)
        g->options.users = g->options.rows / 10 + 1;
    if (g->options.users > USERS_MAX)
        g->options.users = USERS_MAX;
    status = make(g, kind);
    free(g->weights);
    free(g);
    return status;
}
