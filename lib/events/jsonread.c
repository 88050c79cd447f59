/*
 * Events of one kind have the same keys in the same order, so each top-level key that was
 * met is remembered with what it feeds and with the key that came after it: the next one
 * is guessed, compared with what stands there, and neither scanned nor looked up.
 *
 *     known   [1] "ts"     -> slot 0   next 2
 *             [2] "type"   -> slot 1   next 3
 *             [3] "ua"     -> nothing  next 1 ...
 *
 * Keys are written in the file as the name's own escapes allow; the memo holds what
 * stands between the quotes. Values that feed nothing are passed over but checked.
 * Nothing is allocated per record: texts are spans of the block, and only those with an
 * escape are written anew, once the record is known to be good.
 *
 * Measured: 100,000 shop events of 233 bytes and 7 keys, ten slots asked for: 1,330
 * instructions an event, 2,000 when a guessed key's value went the way of all others. With
 * 9 to 10 keys in 289 bytes, six slots asked for, and no guess of the next key, 1.16 GB/s
 * instead of 1.5.
 */
#include "events/jsonread.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "events/jsonscan.h"

enum {
    KEY_ROOM = 48,  /* bytes of a remembered key with its closing quote */
    HEAD_ROOM = 16, /* bytes of a key with its quotes and colon, to be guessed at once */
    KEYS_MAX = 512, /* remembered; when there are more, all are forgotten */
    BUCKETS = 1024,
    NO_RANK = UINT32_MAX
};

/* What a key's value is for. */
enum use {
    NO_SLOT,  /* nothing */
    ONE_SLOT, /* one slot, and nothing is looked for inside it */
    ANY_USE   /* whatever its place says; also of keys too long for their head */
};

struct key {
    uint16_t n;       /* bytes, without the quote */
    uint16_t next;    /* the key that came after it; 0: none yet */
    uint16_t sibling; /* in its bucket */
    uint8_t use;
    struct rt_jsonplace place;
    uint32_t node, slot, rank; /* of ONE_SLOT */
    uint32_t head_mask;        /* a bit for each byte of head that counts */
    char head[HEAD_ROOM];      /* "name": with its quotes; of NO_SLOT and ONE_SLOT */
    char text[KEY_ROOM];
};

struct rt_jsonread {
    const struct rt_jsonkeys *keys;
    struct rt_jsonscan scan;
    struct rt_arena *scratch; /* the batch's */
    char *room;               /* keys->longest bytes */
    bool no_memory;

    /* the record being read */
    struct rt_span *cells;
    uint32_t *ranks; /* a slot each: of the candidate that fed it; NO_RANK: none yet */
    bool *escaped;   /* a slot that is fed: its value has escapes */
    uint32_t nslots;
    bool any_escaped;
    uint32_t record; /* its stamp */
    uint32_t *seen;  /* stamp of the last record that had it, a node each */

    /* the memo; 0 is no key */
    uint16_t nknown, first, nowhere;
    uint16_t buckets[BUCKETS];
    struct key known[KEYS_MAX];
};

/* ---- values */

/* A name's first value in the record; later ones feed nothing. */
static struct rt_jsonplace first_of_name(
    struct rt_jsonread *st, struct rt_jsonplace place)
{
    if (place.written && st->seen[place.written] == st->record)
        place.written = 0;
    if (place.compared && st->seen[place.compared] == st->record)
        place.compared = 0;
    st->seen[place.written] = st->seen[place.compared] = st->record;
    return place;
}

static inline void feed_slot(struct rt_jsonread *st, uint32_t slot, uint32_t rank,
    struct rt_span text, bool escaped)
{
    if (rank >= st->ranks[slot])
        return;
    st->ranks[slot] = rank;
    st->escaped[slot] = escaped;
    st->cells[slot] = text;
    st->any_escaped |= escaped;
}

static void feed(struct rt_jsonread *st, uint32_t node, struct rt_span text, bool escaped)
{
    const struct rt_jsonfeed *feeds = st->keys->feeds;

    for (uint32_t i = st->keys->nodes[node].feed; i; i = feeds[i].next)
        feed_slot(st, feeds[i].slot, feeds[i].rank, text, escaped);
}

static void give(struct rt_jsonread *st, struct rt_jsonplace place, const char *from,
    const char *to, bool escaped)
{
    struct rt_span text = { from, (size_t)(to - from) };

    feed(st, place.written, text, escaped);
    feed(st, place.compared, text, escaped);
}

static const char *walk(
    struct rt_jsonread *st, const char *p, struct rt_jsonplace place, unsigned depth);

/* Any value; p where it is due, blanks passed. Returns behind it, or NULL. */
static const char *read_value(
    struct rt_jsonread *st, const char *p, struct rt_jsonplace place, unsigned depth)
{
    const char *from = p;
    bool escaped = false;

    if (rt_jsonkeys_outside(place))
        return rt_jsonscan_value(&st->scan, p, depth);
    if (p == st->scan.end)
        return NULL;
    if (*p == '"') {
        p = rt_jsonscan_string(p + 1, st->scan.end, &escaped);
        if (!p)
            return NULL;
        give(st, place, from + 1, p, escaped);
        return p + 1;
    }
    if ((*p == '{' || *p == '[') && rt_jsonkeys_inside(st->keys, place))
        p = walk(st, p, place, depth);
    else
        p = rt_jsonscan_value(&st->scan, p, depth);
    if (p && *from != 'n') /* null is absent */
        give(st, place, from, p, false);
    return p;
}

/* The unescaped text of a name; only one with a backslash is copied. */
static struct rt_span plain_name(struct rt_jsonread *st, struct rt_span raw, bool escaped)
{
    char *out;

    if (!escaped)
        return raw;
    out = rt_arena_bytes(st->scratch, raw.n);
    if (!out) {
        st->no_memory = true;
        return raw;
    }
    return (struct rt_span) { out, rt_jsonscan_unescape(raw, out) };
}

/* A member inside an object that something is looked for in. */
static const char *inner_member(
    struct rt_jsonread *st, const char *p, struct rt_jsonplace place, unsigned depth)
{
    const char *end = st->scan.end, *name = p + 1;
    struct rt_span plain;
    bool escaped = false;

    if (p == end || *p != '"')
        return NULL;
    p = rt_jsonscan_string(name, end, &escaped);
    if (!p)
        return NULL;
    plain = plain_name(st, (struct rt_span) { name, (size_t)(p - name) }, escaped);
    p = rt_jsonscan_colon(p + 1, end);
    if (!p || st->no_memory)
        return NULL;
    place = first_of_name(st, rt_jsonkeys_down(st->keys, place, plain, st->room));
    return read_value(st, p, place, depth);
}

/* An object or array that something is looked for in; p at its bracket. */
static const char *walk(
    struct rt_jsonread *st, const char *p, struct rt_jsonplace place, unsigned depth)
{
    const char *end = st->scan.end;
    bool more = true, is_object = *p == '{';
    char close = is_object ? '}' : ']';

    if (depth >= RT_JSON_DEPTH) {
        st->scan.deep = true;
        return NULL;
    }
    p = rt_jsonscan_blanks(p + 1, end);
    if (p < end && *p == close)
        return p + 1;
    for (uint64_t i = 0; p && more; i++) {
        if (is_object)
            p = inner_member(st, p, place, depth + 1);
        else
            p = read_value(st, p, rt_jsonkeys_element(st->keys, place, i), depth + 1);
        if (p)
            p = rt_jsonscan_next(p, end, close, &more);
    }
    return p;
}

/* ---- top-level keys */

/* p: behind the opening quote. With the closing quote in the comparison no longer key can
 * pass for a shorter one. */
static inline bool is_key(const struct key *key, const char *p, const char *end)
{
#ifdef __SSE2__
    if (key->n < 16 && end - p >= 16) {
        __m128i a = _mm_loadu_si128((const __m128i *)key->text);
        __m128i b = _mm_loadu_si128((const __m128i *)p);
        unsigned same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b));

        return (~same & ((2U << key->n) - 1)) == 0;
    }
#endif
    return end - p > key->n && memcmp(p, key->text, (size_t)key->n + 1) == 0;
}

static void forget_keys(struct rt_jsonread *st)
{
    st->nknown = 1;
    st->first = 0;
    st->known[0].use = ANY_USE;
    memset(st->buckets, 0, sizeof st->buckets);
}

/* Nearly all keys feed one slot or none, so that their values need no walk. */
static void settle_use(const struct rt_jsonkeys *keys, struct key *key)
{
    uint32_t written = keys->nodes[key->place.written].feed;
    uint32_t compared = keys->nodes[key->place.compared].feed;
    const struct rt_jsonfeed *feed = &keys->feeds[written ? written : compared];

    if (key->n + 3 > HEAD_ROOM) {
        key->use = ANY_USE;
        return;
    }
    key->head[0] = '"';
    memcpy(key->head + 1, key->text, key->n + 1U);
    key->head[key->n + 2] = ':';
    key->head_mask = (UINT32_C(8) << key->n) - 1;
    if (rt_jsonkeys_outside(key->place)) {
        key->use = NO_SLOT;
    } else if (!rt_jsonkeys_inside(keys, key->place) && !written != !compared
        && !feed->next) {
        key->use = ONE_SLOT;
        key->node = written ? key->place.written : key->place.compared;
        key->slot = feed->slot;
        key->rank = feed->rank;
    } else {
        key->use = ANY_USE;
    }
}

static uint16_t remember(struct rt_jsonread *st, struct rt_span raw,
    struct rt_jsonplace place, uint16_t *bucket)
{
    struct key *key;

    if (raw.n >= KEY_ROOM)
        return 0;
    if (st->nknown == KEYS_MAX) {
        forget_keys(st);
        *bucket = 0;
    }
    key = &st->known[st->nknown];
    *key = (struct key) { .n = (uint16_t)raw.n, .sibling = *bucket, .place = place };
    memcpy(key->text, raw.p, raw.n);
    key->text[raw.n] = '"';
    settle_use(st->keys, key);
    *bucket = st->nknown;
    return st->nknown++;
}

/* A key that was not guessed: from the memo, or looked for and remembered. Returns its
 * number in the memo; 0 when it is too long for that. */
static uint16_t look_up(
    struct rt_jsonread *st, struct rt_span raw, bool escaped, struct rt_jsonplace *place)
{
    uint16_t *bucket = &st->buckets[rt_hash64(raw, 0) % BUCKETS];

    for (uint16_t i = *bucket; i; i = st->known[i].sibling)
        if (rt_span_eq(raw, (struct rt_span) { st->known[i].text, st->known[i].n })) {
            *place = st->known[i].place;
            return i;
        }
    *place = rt_jsonkeys_down(
        st->keys, RT_JSONKEYS_TOP, plain_name(st, raw, escaped), st->room);
    if (st->no_memory)
        return 0;
    return remember(st, raw, *place, bucket);
}

/*
 * Reads a top-level key.
 *
 * p      at its opening quote
 * guess  in: where the guess stands; out: where the guess of the next one stands
 *
 * Returns behind the closing quote, or NULL.
 */
static const char *top_key(
    struct rt_jsonread *st, const char *p, uint16_t **guess, struct rt_jsonplace *place)
{
    struct key *key = &st->known[**guess];
    const char *end = st->scan.end, *name = p + 1;
    bool escaped = false;
    uint16_t found;

    if (p == end || *p != '"')
        return NULL;
    if (**guess && is_key(key, name, end)) {
        *place = key->place;
        *guess = &key->next;
        return name + key->n + 1;
    }
    p = rt_jsonscan_string(name, end, &escaped);
    if (!p)
        return NULL;
    found = look_up(st, (struct rt_span) { name, (size_t)(p - name) }, escaped, place);
    **guess = found;
    *guess = found ? &st->known[found].next : &st->nowhere;
    st->nowhere = 0;
    return p + 1;
}

/* The value of a guessed key that feeds one slot or none, p at its first byte: as
 * read_value, without its questions. */
static inline const char *read_simple(
    struct rt_jsonread *st, const char *p, const char *end, const struct key *key)
{
    bool string = *p == '"', null = *p == 'n', escaped = false;
    const char *from = string ? p + 1 : p;

    if (string)
        p = rt_jsonscan_string(from, end, &escaped);
    else if (rt_jsonscan_is_digit(*p))
        p = rt_jsonscan_number(p, end);
    else
        p = rt_jsonscan_value(&st->scan, p, 1);
    if (!p)
        return NULL;
    if (key->use == ONE_SLOT && st->seen[key->node] != st->record) {
        st->seen[key->node] = st->record;
        if (!null)
            feed_slot(st, key->slot, key->rank,
                (struct rt_span) { from, (size_t)(p - from) }, escaped);
    }
    return p + string;
}

/* p: HEAD_ROOM bytes can be read. */
static inline bool is_head(const struct key *key, const char *p)
{
#ifdef __SSE2__
    __m128i a = _mm_loadu_si128((const __m128i *)key->head);
    __m128i b = _mm_loadu_si128((const __m128i *)p);

    return (~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)) & key->head_mask) == 0;
#else
    return memcmp(p, key->head, key->n + 3U) == 0;
#endif
}

/* A member whose key is the guessed one, written without blanks, and used simply; p where
 * it is due. Returns behind the value, NULL when it is bad JSON, and p itself for any
 * other member. */
static inline const char *guessed_member(
    struct rt_jsonread *st, const char *p, const char *end, uint16_t **guess)
{
    struct key *key = &st->known[**guess];

    if (key->use == ANY_USE || end - p <= HEAD_ROOM || !is_head(key, p)
        || p[key->n + 3] <= ' ')
        return p;
    *guess = &key->next;
    return read_simple(st, p + key->n + 3, end, key);
}

/* Any member, p where it is due. Returns behind its value, or NULL. */
static const char *read_member(struct rt_jsonread *st, const char *p, uint16_t **guess)
{
    struct rt_jsonplace place;

    p = top_key(st, p, guess, &place);
    if (p)
        p = rt_jsonscan_colon(p, st->scan.end);
    if (!p || st->no_memory)
        return NULL;
    if (rt_jsonkeys_outside(place))
        return rt_jsonscan_value(&st->scan, p, 1);
    return read_value(st, p, first_of_name(st, place), 1);
}

/* A record's object; p behind its brace. Returns behind it, or NULL. */
static const char *read_object(struct rt_jsonread *st, const char *p)
{
    const char *end = st->scan.end;
    uint16_t *guess = &st->first;
    bool more = true;

    p = rt_jsonscan_blanks(p, end);
    if (p < end && *p == '}')
        return p + 1;
    while (p && more) {
        const char *member = p;

        p = guessed_member(st, p, end, &guess);
        if (p == member)
            p = read_member(st, p, &guess);
        if (p && end - p > 1 && p[0] == ',' && p[1] == '"')
            p++;
        else if (p)
            p = rt_jsonscan_next(p, end, '}', &more);
    }
    return p;
}

/* ---- records */

static void begin_record(struct rt_jsonread *st, struct rt_span *cells)
{
    st->cells = cells;
    st->any_escaped = st->no_memory = false;
    st->scan.deep = false;
    memset(cells, 0, st->nslots * sizeof *cells);            /* RT_SPAN_ABSENT */
    memset(st->ranks, 0xff, st->nslots * sizeof *st->ranks); /* NO_RANK */
    if (++st->record == 0) {                                 /* the stamps came round */
        memset(st->seen, 0, st->keys->nnodes * sizeof *st->seen);
        st->record = 1;
    }
}

static bool is_line_end(const char *p, const char *end)
{
    return p == end || *p == '\n';
}

/* A line that is no object: still JSON? */
static enum rt_reason judge(struct rt_jsonread *st, const char *p)
{
    const char *end = st->scan.end;

    p = rt_jsonscan_value(&st->scan, p, 0);
    if (p && is_line_end(rt_jsonscan_blanks(p, end), end))
        return RT_REJECT_NOT_OBJECT;
    return st->scan.deep ? RT_REJECT_TOO_DEEP : RT_REJECT_BAD_JSON;
}

int rt_jsonread_record(struct rt_jsonread *st, const char *p, struct rt_span *cells,
    const char **line_end, enum rt_reason *reason)
{
    const char *end = st->scan.end;

    begin_record(st, cells);
    if (*p != '{') {
        *reason = judge(st, p);
        return RT_OK;
    }
    p = read_object(st, p + 1);
    if (st->no_memory)
        return RT_ENOMEM;
    if (p)
        p = rt_jsonscan_blanks(p, end);
    if (!p || !is_line_end(p, end)) {
        *reason = st->scan.deep ? RT_REJECT_TOO_DEEP : RT_REJECT_BAD_JSON;
        return RT_OK;
    }
    *reason = RT_REASONS;
    *line_end = p;
    return RT_OK;
}

int rt_jsonread_unescape(struct rt_jsonread *st)
{
    if (!st->any_escaped)
        return RT_OK;
    for (uint32_t i = 0; i < st->nslots; i++) {
        struct rt_span raw = st->cells[i];
        char *out;

        if (st->ranks[i] == NO_RANK || !st->escaped[i])
            continue;
        out = rt_arena_bytes(st->scratch, raw.n);
        if (!out)
            return RT_ENOMEM;
        st->cells[i] = (struct rt_span) { out, rt_jsonscan_unescape(raw, out) };
    }
    return RT_OK;
}

/* ---- the reader */

int rt_jsonread_new(
    const struct rt_jsonkeys *keys, uint32_t nslots, struct rt_jsonread **out)
{
    struct rt_jsonread *st = rt_calloc(1, sizeof *st);

    if (!st)
        return RT_ENOMEM;
    st->keys = keys;
    st->nslots = nslots;
    st->room = rt_malloc(keys->longest);
    st->ranks = rt_calloc(st->nslots, sizeof *st->ranks);
    st->escaped = rt_calloc(st->nslots, sizeof *st->escaped);
    st->seen = rt_calloc(keys->nnodes, sizeof *st->seen);
    if (!st->room || !st->ranks || !st->escaped || !st->seen) {
        rt_jsonread_free(st);
        return RT_ENOMEM;
    }
    forget_keys(st);
    *out = st;
    return RT_OK;
}

void rt_jsonread_free(struct rt_jsonread *st)
{
    if (!st)
        return;
    rt_free(st->room);
    rt_free(st->ranks);
    rt_free(st->escaped);
    rt_free(st->seen);
    rt_free(st);
}

void rt_jsonread_begin(struct rt_jsonread *st, const char *end, struct rt_arena *scratch)
{
    st->scan.end = end;
    st->scratch = scratch;
}
