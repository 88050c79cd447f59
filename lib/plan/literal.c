/* One walk over the pattern, which gives up at the first thing that it does not know. */
#include "plan/literal.h"

struct walk {
    struct rt_span pattern;
    size_t at;
    struct rt_literal run, best;
};

static char peek(const struct walk *w)
{
    return w->at < w->pattern.n ? w->pattern.p[w->at] : '\0';
}

static void end_run(struct walk *w)
{
    if (w->run.n > w->best.n)
        w->best = w->run;
    w->run.n = 0;
}

/* Steps over a quantifier and what makes it lazy or possessive. */
static bool skip_quantifier(struct walk *w)
{
    char c = peek(w);

    if (c != '*' && c != '+' && c != '?')
        return false;
    w->at++;
    c = peek(w);
    if (c == '+' || c == '?')
        w->at++;
    return true;
}

/* A byte that stands for itself; one that is repeated, or may be missing, is not of the run. */
static void take_byte(struct walk *w, char c)
{
    if (skip_quantifier(w)) {
        end_run(w);
        return;
    }
    if (w->run.n == RT_LITERAL_MAX)
        end_run(w);
    w->run.text[w->run.n++] = c;
}

/* Something that takes bytes of its own choice. */
static void take_other(struct walk *w)
{
    end_run(w);
    skip_quantifier(w);
}

static bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9')
        || (rt_ascii_lower(c) >= 'a' && rt_ascii_lower(c) <= 'z');
}

/* What stands behind a backslash: itself unless it is a letter or digit; of these, the
 * classes of bytes and the edges of words are known. */
static bool take_escape(struct walk *w, bool counts)
{
    char c = peek(w);

    if (w->at >= w->pattern.n)
        return false;
    w->at++;
    if (is_letter_or_digit(c) && !strchr("dDsSwWbB", c))
        return false;
    if (!counts)
        return true;
    if (is_letter_or_digit(c))
        take_other(w);
    else
        take_byte(w, c);
    return true;
}

/* [...]: up to the bracket that ends it. */
static bool skip_class(struct walk *w)
{
    if (peek(w) == '^')
        w->at++;
    if (peek(w) == ']')
        w->at++;
    while (w->at < w->pattern.n) {
        char c = w->pattern.p[w->at++];

        if (c == ']')
            return true;
        if (c == '[' || (c == '\\' && !take_escape(w, false)))
            return false;
    }
    return false;
}

/* (...), with what is nested in it; "(?:" is the only form of "(?" that is known. */
static bool skip_group(struct walk *w)
{
    for (size_t depth = 1; depth && w->at < w->pattern.n;) {
        char before = w->pattern.p[w->at - 1], c = peek(w);

        w->at++;
        if (before == '(' && (c == '*' || (c == '?' && peek(w) != ':')))
            return false;
        if (c == '(')
            depth++;
        else if (c == ')')
            depth--;
        else if (c == '{' || (c == '\\' && !take_escape(w, false))
            || (c == '[' && !skip_class(w)))
            return false;
    }
    return true;
}

static bool take(struct walk *w)
{
    char c = w->pattern.p[w->at++];

    switch (c) {
    case '|':
    case '{':
    case '}':
    case ')':
    case '*':
    case '+':
    case '?':
        return false;
    case '\\':
        return take_escape(w, true);
    case '^':
    case '$':
    case '.':
        take_other(w);
        return true;
    case '[':
    case '(':
        end_run(w);
        if (!(c == '[' ? skip_class(w) : skip_group(w)))
            return false;
        skip_quantifier(w);
        return true;
    default:
        take_byte(w, c);
        return true;
    }
}

struct rt_literal rt_literal_of(struct rt_span pattern)
{
    struct walk w = { .pattern = pattern };

    while (w.at < pattern.n)
        if (!take(&w))
            return (struct rt_literal) { 0 };
    end_run(&w);
    return w.best;
}
