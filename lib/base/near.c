/* Optimal string alignment distance over three rolling rows. */
#include "base/near.h"

enum { LONGEST = 64 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t distance(struct rt_span a, struct rt_span b)
{
    size_t row[3][LONGEST + 1];

    for (size_t j = 0; j <= b.n; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *now = row[i % 3], *prev = row[(i + 2) % 3], *prev2 = row[(i + 1) % 3];
        char x = rt_ascii_lower(a.p[i - 1]);

        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            char y = rt_ascii_lower(b.p[j - 1]);

            now[j] = least(least(prev[j], now[j - 1]) + 1, prev[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == rt_ascii_lower(b.p[j - 2])
                && y == rt_ascii_lower(a.p[i - 2]))
                now[j] = least(now[j], prev2[j - 2] + 1);
        }
    }
    return row[a.n % 3][b.n];
}

/* Does the name go on with '-' or '_' where the word ends? */
static bool begins(struct rt_span word, struct rt_span name)
{
    return word.n && name.n > word.n && (name.p[word.n] == '-' || name.p[word.n] == '_')
        && rt_span_eq_nocase(word, (struct rt_span) { name.p, word.n });
}

static const char *shortest_begun(
    struct rt_span word, const char *const *names, size_t nnames)
{
    const char *best = NULL;
    size_t best_n = 0;

    for (size_t i = 0; i < nnames; i++) {
        struct rt_span name = rt_span_of(names[i]);

        if (name.n > LONGEST || !begins(word, name) || (best && name.n >= best_n))
            continue;
        best = names[i];
        best_n = name.n;
    }
    return best;
}

const char *rt_near(struct rt_span word, const char *const *names, size_t nnames)
{
    const char *best = NULL;
    size_t best_d = 0;

    if (word.n > LONGEST)
        return NULL;
    for (size_t i = 0; i < nnames; i++) {
        struct rt_span name = rt_span_of(names[i]);
        size_t longer = name.n > word.n ? name.n : word.n;
        size_t d, allowed = longer / 3 ? longer / 3 : 1;

        if (name.n > LONGEST)
            continue;
        d = distance(word, name);
        if (d <= allowed && (!best || d < best_d)) {
            best = names[i];
            best_d = d;
        }
    }
    return best ? best : shortest_begun(word, names, nnames);
}
