/* Tables of names that a segment file defines: each once, known, and the nearest of them
 * for a name that is not. Sorted arrays: a file may define many. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "plan/segdef_int.h"

/* Nearness costs a comparison with every name; this many are looked at. */
enum { NEAR_MOST = 1000 };

struct rt_shown rt_show(struct rt_span name)
{
    struct rt_shown shown;
    size_t room = sizeof shown.text - 1, n = name.n;
    bool cut = n > room;

    if (cut) {
        n = room - 3;
        while (n && ((unsigned char)name.p[n] & 0xC0) == 0x80)
            n--; /* not within a character */
    }
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)name.p[i];

        shown.text[i] = c < 0x20 || c == 0x7F ? '?' : (char)c;
    }
    snprintf(shown.text + n, sizeof shown.text - n, "%s", cut ? "..." : "");
    return shown;
}

/* What people write who know other languages, or this one half. A word is only looked at
 * where `known` is a name that could stand there: it says in which place we are. */
static const struct {
    const char *word, *known;
    const char *say; /* NULL: here that is `known` */
} slips[] = {
    { "and", "all", NULL },
    { "or", "any", NULL },
    { "none", "not", NULL },
    { "nor", "not", NULL },
    { "event", "did", NULL },
    { "event", "of", NULL },
    { "did", "of", NULL },
    { ">", "gt", NULL },
    { ">=", "gte", NULL },
    { "<", "lt", NULL },
    { "<=", "lte", NULL },
    { "=", "eq", NULL },
    { "==", "eq", NULL },
    { "!=", "ne", NULL },
    { "<>", "ne", NULL },
    { "is", "eq", NULL },
    { "like", "glob", NULL },
    { "matches", "regex", NULL },
    { "count", "at_least", "counts are \"at_least\", \"at_most\" or \"exactly\"" },
    { "top", "of", "it stands beside \"rank\", not in it" },
    { "bottom", "of", "it stands beside \"rank\", not in it" },
    { "among", "of", "it stands beside \"rank\", not in it" },
    { "in_last", "next", "a window stands beside \"sequence\", not in a step" },
    { "ago", "next", "a window stands beside \"sequence\", not in a step" },
    { "on", "next", "a window stands beside \"sequence\", not in a step" },
    { "from", "next", "a window stands beside \"sequence\", not in a step" },
    { "in", "next", "it stands beside \"sequence\", not in a step" },
    { "anchor", "next", "it stands beside \"sequence\", not in a step" },
    { "at_least", "next", "a step is one event: repeat the step for more" },
    { "exactly", "next", "a step is one event: repeat the step for more" },
    { "not", "next", "what must not happen is a step with \"did_not\"" },
};

static bool is_among(const char *name, const char *const *names, size_t nnames)
{
    for (size_t i = 0; i < nnames; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

struct rt_hint rt_hint(struct rt_reading *reading, struct rt_span word,
    const char *const *names, size_t nnames)
{
    struct rt_hint hint = { "" };
    const char *near = NULL;

    if (reading->errors->left_out)
        return hint;
    for (size_t i = 0; i < RT_COUNT_OF(slips); i++) {
        if (!rt_span_eq(word, rt_span_of(slips[i].word))
            || !is_among(slips[i].known, names, nnames))
            continue;
        if (slips[i].say)
            snprintf(hint.text, sizeof hint.text, ": %s", slips[i].say);
        else
            snprintf(
                hint.text, sizeof hint.text, ", here that is \"%s\"", slips[i].known);
        return hint;
    }
    near = rt_near(word, names, nnames);
    if (near)
        snprintf(hint.text, sizeof hint.text, ", the nearest is \"%s\"",
            rt_show(rt_span_of(near)).text);
    return hint;
}

bool rt_names_init(struct rt_reading *reading, struct rt_names *names, size_t room)
{
    names->names = rt_reading_new(reading, room, sizeof *names->names);
    names->n = 0;
    return names->names != NULL;
}

void rt_names_add(struct rt_names *names, struct rt_span text, const struct rt_json *json,
    uint32_t place)
{
    names->names[names->n++] = (struct rt_name) { text, json, place };
}

static int compare_any_case(struct rt_span a, struct rt_span b)
{
    size_t n = a.n < b.n ? a.n : b.n;

    for (size_t i = 0; i < n; i++) {
        unsigned char x = (unsigned char)rt_ascii_lower(a.p[i]);
        unsigned char y = (unsigned char)rt_ascii_lower(b.p[i]);

        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a.n > b.n) - (a.n < b.n);
}

static int compare_texts(struct rt_span a, struct rt_span b)
{
    int c = compare_any_case(a, b);

    return c ? c : rt_span_cmp(a, b);
}

static int compare_places(const void *a, const void *b)
{
    const struct rt_name *x = a, *y = b;

    return (x->place > y->place) - (x->place < y->place);
}

static int compare_names(const void *a, const void *b)
{
    const struct rt_name *x = a, *y = b;
    int c = compare_texts(x->text, y->text);

    return c ? c : compare_places(a, b);
}

/* Complains of all of the group but the first of the file: they are equal, case aside. */
static void complain_of_group(struct rt_reading *reading, const struct rt_name *group,
    size_t n, bool any_case, const char *what)
{
    const struct rt_name *first = group;

    if (any_case)
        for (size_t i = 1; i < n; i++)
            if (group[i].place < first->place)
                first = group + i;
    for (size_t i = 0; i < n; i++) {
        bool again = any_case ? group + i != first
                              : i > 0 && rt_span_eq(group[i].text, group[i - 1].text);

        if (again)
            rt_complain(reading, group[i].json, "another %s has the name \"%s\"%s", what,
                rt_show(group[i].text).text,
                any_case && !rt_span_eq(group[i].text, first->text) ? ", case aside"
                                                                    : "");
    }
}

void rt_names_sort(
    struct rt_reading *reading, struct rt_names *names, bool any_case, const char *what)
{
    if (names->n)
        qsort(names->names, names->n, sizeof *names->names, compare_names);
    for (size_t i = 0, end; i < names->n; i = end) {
        for (end = i + 1; end < names->n; end++)
            if (!rt_span_eq_nocase(names->names[i].text, names->names[end].text))
                break;
        if (end > i + 1)
            complain_of_group(reading, names->names + i, end - i, any_case, what);
    }
}

long rt_names_find(const struct rt_names *names, struct rt_span text)
{
    size_t low = 0, high = names->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (compare_texts(names->names[mid].text, text) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < names->n && rt_span_eq(names->names[low].text, text)
        ? (long)names->names[low].place
        : -1;
}

struct rt_hint rt_names_hint(
    struct rt_reading *reading, const struct rt_names *names, struct rt_span word)
{
    const char *texts[NEAR_MOST];
    size_t n = names->n < NEAR_MOST ? names->n : NEAR_MOST;

    for (size_t i = 0; i < n; i++)
        texts[i] = names->names[i].text.p;
    return rt_hint(reading, word, texts, n);
}

bool rt_names_resolve(struct rt_reading *reading, const struct rt_names *names,
    const struct rt_json *json, const char *what, uint32_t *place)
{
    struct rt_span text;
    long found;

    if (!rt_read_text(reading, json, what, &text))
        return false;
    found = rt_names_find(names, text);
    if (found < 0) {
        rt_complain(reading, json, "there is no %s \"%s\"%s", what, rt_show(text).text,
            rt_names_hint(reading, names, text).text);
        return false;
    }
    *place = (uint32_t)found;
    return true;
}
