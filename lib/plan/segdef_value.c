/*
 * Single values of a segment file: each reader checks one, and says what is due where it
 * is not.
 */
#include <stdio.h>

#include "base/num.h"
#include "plan/segdef_int.h"

void *rt_reading_new(struct rt_reading *reading, size_t count, size_t size)
{
    void *p = rt_arena_new(reading->arena, count, size);

    if (!p)
        reading->status = RT_ENOMEM;
    return p;
}

const char *rt_found(const struct rt_json *json)
{
    return json->kind == RT_JSON_ARRAY ? "a list" : rt_json_kind_name(json->kind);
}

bool rt_read_kind(struct rt_reading *reading, const struct rt_json *json,
    enum rt_json_kind kind, const char *due)
{
    if (json->kind == kind)
        return true;
    rt_complain(reading, json, "expected %s, found %s", due, rt_found(json));
    return false;
}

static bool copy(struct rt_reading *reading, struct rt_span text, struct rt_span *out)
{
    *out = rt_arena_copy(reading->arena, text);
    if (!out->p)
        reading->status = RT_ENOMEM;
    return out->p != NULL;
}

bool rt_read_text(struct rt_reading *reading, const struct rt_json *json, const char *due,
    struct rt_span *out)
{
    if (!rt_read_kind(reading, json, RT_JSON_TEXT, due))
        return false;
    if (json->text.n == 0) {
        rt_complain(reading, json, "is empty, expected %s", due);
        return false;
    }
    return copy(reading, json->text, out);
}

bool rt_read_bool(struct rt_reading *reading, const struct rt_json *json, bool *out)
{
    if (!rt_read_kind(reading, json, RT_JSON_BOOL, "true or false"))
        return false;
    *out = json->truth;
    return true;
}

/* ---- numbers */

/*
 * A JSON number taken apart: its digits without zeros at either end, and the power of ten
 * of the last of them. "-120.50e1" is -1205 * 10^0.
 */
struct decimal {
    bool negative;
    char digits[20]; /* the first of them */
    size_t ndigits;  /* may be more than fit */
    int64_t power;
};

static int64_t exponent_of(const char *p, const char *end)
{
    bool negative = p < end && *p == '-';
    int64_t e = 0;

    if (p < end && (*p == '-' || *p == '+'))
        p++;
    for (; p < end && e < INT32_MAX; p++)
        e = e * 10 + (*p - '0');
    return negative ? -e : e;
}

static void take_apart(struct rt_span text, struct decimal *d)
{
    const char *p = text.p, *end = text.p + text.n;
    size_t zeros = 0; /* that may turn out to be the last digits */
    bool behind_point = false;

    *d = (struct decimal) { .negative = p < end && *p == '-' };
    p += d->negative;
    for (; p < end && *p != 'e' && *p != 'E'; p++) {
        if (*p == '.') {
            behind_point = true;
            continue;
        }
        d->power -= behind_point;
        if (*p == '0') {
            zeros += d->ndigits > 0;
            continue;
        }
        for (; zeros; zeros--, d->ndigits++)
            if (d->ndigits < sizeof d->digits)
                d->digits[d->ndigits] = '0';
        if (d->ndigits < sizeof d->digits)
            d->digits[d->ndigits] = *p;
        d->ndigits++;
    }
    d->power += (int64_t)zeros;
    if (p < end)
        d->power += exponent_of(p + 1, end);
}

bool rt_read_number(struct rt_reading *reading, const struct rt_json *json,
    const char *due, int64_t *micro)
{
    struct decimal d;
    int64_t value = 0;

    if (!rt_read_kind(reading, json, RT_JSON_NUMBER, due))
        return false;
    take_apart(json->text, &d);
    if (d.ndigits && (int64_t)d.ndigits + d.power > 12) {
        rt_complain(reading, json,
            "too large: a number has at most 12 digits before the "
            "point");
        return false;
    }
    if (d.ndigits && d.power < -6) {
        rt_complain(reading, json, "more than six decimals");
        return false;
    }
    for (size_t i = 0; i < d.ndigits; i++) /* 18 at most, by the two limits */
        value = value * 10 + (d.digits[i] - '0');
    for (int64_t i = -6; d.ndigits && i < d.power; i++)
        value *= 10;
    *micro = d.negative ? -value : value;
    return true;
}

bool rt_read_count(
    struct rt_reading *reading, const struct rt_json *json, uint64_t least, uint64_t *out)
{
    int64_t micro;

    if (!rt_read_number(reading, json, "a whole number", &micro))
        return false;
    if (micro % 1000000 != 0 || micro < 0 || (uint64_t)(micro / 1000000) < least) {
        rt_complain(
            reading, json, "expected a whole number of at least %ju", (uintmax_t)least);
        return false;
    }
    *out = (uint64_t)(micro / 1000000);
    return true;
}

/* ---- durations and times */

bool rt_read_duration(struct rt_reading *reading, const struct rt_json *json, int64_t *us)
{
    struct rt_span text;
    int rc;

    if (!rt_read_text(reading, json, "a duration like \"7d\"", &text))
        return false;
    rc = rt_num_duration(text, us);
    if (rc == RT_ERANGE)
        rt_complain(reading, json, "too long: a duration ends at 10,000 years");
    else if (rc < 0)
        rt_complain(reading, json,
            "expected a duration like \"7d\": digits and one unit of s m h d w");
    return rc == RT_OK;
}

bool rt_read_time(
    struct rt_reading *reading, const struct rt_json *json, int64_t *us, bool *day_only)
{
    struct rt_span text;

    if (!rt_read_text(reading, json, "a time like \"2026-01-31\"", &text))
        return false;
    if (rt_time_parse_bound(text, reading->defs->zone, us, day_only) == RT_OK)
        return true;
    rt_complain(reading, json,
        "expected a time like \"2026-01-31\" or \"2026-01-31T18:30:00Z\" that exists");
    return false;
}

/* ---- words, names, paths */

/* "a", "b" or "c" */
static void list_words(const char *const *words, size_t n, char *out, size_t room)
{
    const char *between = "";
    size_t used = 0;

    *out = '\0';
    for (size_t i = 0; i < n && used < room; i++) {
        used += (size_t)snprintf(out + used, room - used, "%s\"%s\"", between, words[i]);
        between = i + 2 < n ? ", " : " or ";
    }
}

bool rt_read_word(struct rt_reading *reading, const struct rt_json *json,
    const char *const *words, size_t nwords, size_t *place)
{
    char due[320];
    struct rt_span text;

    list_words(words, nwords, due, sizeof due);
    if (!rt_read_text(reading, json, due, &text))
        return false;
    for (size_t i = 0; i < nwords; i++) {
        if (rt_span_eq(text, rt_span_of(words[i]))) {
            *place = i;
            return true;
        }
    }
    rt_complain(reading, json, "expected %s, found \"%s\"%s", due, rt_show(text).text,
        nwords > 1 ? rt_hint(reading, text, words, nwords).text : "");
    return false;
}

bool rt_name_is_good(struct rt_span name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = rt_ascii_lower(name.p[i]);

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return name.n >= 1 && name.n <= 64;
}

bool rt_read_file_name(
    struct rt_reading *reading, const struct rt_json *json, struct rt_span *out)
{
    if (!rt_read_text(reading, json, "a name", out))
        return false;
    if (rt_name_is_good(*out))
        return true;
    rt_complain(
        reading, json, "a name is 1 to 64 letters, digits, \"-\" and \"_\", all ASCII");
    return false;
}

bool rt_read_path(
    struct rt_reading *reading, const struct rt_json *json, struct rt_span *out)
{
    struct rt_span base = reading->defs->path, path;
    size_t folder = base.n; /* bytes up to and with the last slash */
    char *p;

    if (!rt_read_text(reading, json, "a file's path", &path))
        return false;
    while (folder && base.p[folder - 1] != '/')
        folder--;
    if (path.p[0] == '/')
        folder = 0;
    p = rt_reading_new(reading, folder + path.n + 1, 1);
    if (!p)
        return false;
    if (folder)
        memcpy(p, base.p, folder);
    memcpy(p + folder, path.p, path.n);
    *out = (struct rt_span) { p, folder + path.n };
    return true;
}

/* ---- lists and objects */

bool rt_read_list(struct rt_reading *reading, const struct rt_json *json, const char *due)
{
    if (json->kind == RT_JSON_TEXT || json->kind == RT_JSON_OBJECT) {
        rt_complain(
            reading, json, "expected %s, found %s: put it in [ ]", due, rt_found(json));
        return false;
    }
    if (!rt_read_kind(reading, json, RT_JSON_ARRAY, due))
        return false;
    if (json->n)
        return true;
    rt_complain(reading, json, "is empty, expected %s", due);
    return false;
}

static void complain_of_twins(struct rt_reading *reading, const struct rt_json *list,
    const struct rt_span *texts, size_t n)
{
    struct rt_names names;

    if (!rt_names_init(reading, &names, n))
        return;
    for (size_t i = 0; i < n; i++)
        if (texts[i].p)
            rt_names_add(&names, texts[i], &list->items[i], (uint32_t)i);
    rt_names_sort(reading, &names, false, "member of the list");
}

bool rt_read_texts(struct rt_reading *reading, const struct rt_json *json,
    const char *due, bool unique, const struct rt_span **out, size_t *n)
{
    struct rt_span *texts;
    bool good = true;
    char list_due[96];

    snprintf(list_due, sizeof list_due, "a list of at least one text: %s", due);
    if (!rt_read_list(reading, json, list_due))
        return false;
    texts = rt_reading_new(reading, json->n, sizeof *texts);
    if (!texts)
        return false;
    for (size_t i = 0; i < json->n; i++)
        good &= rt_read_text(reading, &json->items[i], due, &texts[i]);
    if (unique)
        complain_of_twins(reading, json, texts, json->n);
    *out = texts;
    *n = json->n;
    return good;
}

static bool is_known(struct rt_span key, const char *const *keys, size_t nkeys)
{
    for (size_t i = 0; i < nkeys; i++)
        if (rt_span_eq(key, rt_span_of(keys[i])))
            return true;
    return false;
}

bool rt_read_keys(struct rt_reading *reading, const struct rt_json *json, const char *due,
    const char *const *keys, size_t nkeys)
{
    if (!rt_read_kind(reading, json, RT_JSON_OBJECT, due))
        return false;
    for (size_t i = 0; i < json->n; i++) {
        struct rt_span key = json->items[i].key;
        struct rt_hint hint;

        if (is_known(key, keys, nkeys))
            continue;
        hint = rt_hint(reading, key, keys, nkeys);
        if (hint.text[0]) {
            rt_complain_key(reading, &json->items[i], "unknown key \"%s\"%s",
                rt_show(key).text, hint.text);
        } else {
            char known[320];

            list_words(keys, nkeys, known, sizeof known);
            rt_complain_key(reading, &json->items[i],
                "unknown key \"%s\", expected one of %s", rt_show(key).text, known);
        }
    }
    return true;
}

const struct rt_json *rt_read_needed(
    struct rt_reading *reading, const struct rt_json *object, const char *key)
{
    const struct rt_json *member = rt_json_get(object, key);

    if (!member)
        rt_complain(reading, object, "the key \"%s\" is missing", key);
    return member;
}
