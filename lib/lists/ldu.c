/* A word for each value. */
#include "lists/ldu.h"

#include <string.h>

#include "lists/unicode.h"

struct word {
    const char *text, *value;
};

static enum rt_norm_status one_of(
    struct rt_span raw, const struct word *words, size_t n, struct rt_norm *out)
{
    struct rt_span text = rt_unicode_trim(raw);

    if (text.n == 0)
        return RT_NORM_EMPTY;
    for (size_t i = 0; i < n; i++)
        if (rt_span_eq_nocase(text, rt_span_of(words[i].text))) {
            out->n = strlen(words[i].value);
            memcpy(out->p, words[i].value, out->n);
            return RT_NORM_OK;
        }
    return RT_NORM_INVALID;
}

enum rt_norm_status rt_norm_ldu(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    static const struct word words[] = { { "LDU", "LDU" } };

    (void)context;
    return one_of(raw, words, 1, out);
}

enum rt_norm_status rt_norm_ldu_country(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    static const struct word words[] = { { "1", "1" }, { "0", "0" }, { "US", "1" },
        { "USA", "1" } };

    (void)context;
    return one_of(raw, words, 4, out);
}

enum rt_norm_status rt_norm_ldu_state(
    struct rt_span raw, const struct rt_norm_context *context, struct rt_norm *out)
{
    static const struct word words[] = { { "1000", "1000" }, { "0", "0" },
        { "CA", "1000" }, { "California", "1000" } };

    (void)context;
    return one_of(raw, words, 4, out);
}
