/* Verify: findings in words. No more than a few of a kind are said one by one, and of the
 * file's own text only what stands in its header. */
#include <stdio.h>

#include "run/verify_int.h"

static void say(struct verify *v, uint64_t line, enum rt_fault fault, const char *text)
{
    struct rt_finding finding = { line, rt_fault_texts[fault].severity, text };

    v->o->say(v->o->ctx, &finding);
}

void rt_verify_find_in(struct verify *v, enum rt_fault fault, uint64_t line,
    uint32_t column, const char *detail)
{
    char text[RT_VERIFY_TEXT_MAX];

    if (rt_fault_texts[fault].severity == RT_FINDING_ERROR)
        v->result->errors++;
    else
        v->result->warnings++;
    if (v->counts[fault][column]++ >= RT_FINDINGS_SHOWN && !v->o->all)
        return;
    snprintf(text, sizeof text, rt_fault_texts[fault].text, detail);
    say(v, line, fault, text);
}

void rt_verify_find(
    struct verify *v, enum rt_fault fault, uint64_t line, const char *detail)
{
    rt_verify_find_in(v, fault, line, RT_OTHER_COLUMN, detail);
}

void rt_verify_say_rest(struct verify *v)
{
    for (unsigned f = 0; f < RT_FAULTS && !v->o->all; f++)
        for (uint32_t c = 0; c <= RT_OTHER_COLUMN; c++) {
            char text[RT_VERIFY_TEXT_MAX];
            const char *cure = strchr(rt_fault_texts[f].text, ':');
            int n = cure ? (int)(cure - rt_fault_texts[f].text) : RT_VERIFY_TEXT_MAX;
            char what[RT_VERIFY_TEXT_MAX];

            if (v->counts[f][c] <= RT_FINDINGS_SHOWN)
                continue;
            snprintf(what, sizeof what, "%.*s", n, rt_fault_texts[f].text);
            n = snprintf(text, sizeof text,
                "%ju more lines: ", (uintmax_t)(v->counts[f][c] - RT_FINDINGS_SHOWN));
            if (strcmp(what, "%s") == 0)
                snprintf(what, sizeof what, "%s", "the same in %s");
            snprintf(text + n, sizeof text - (size_t)n, what,
                f == RT_FAULT_REPEAT      ? "an earlier one"
                    : c < RT_OTHER_COLUMN ? v->platform->columns[c].title
                                          : "other rows");
            say(v, 0, (enum rt_fault)f, text);
        }
}

const char *rt_verify_shown(struct rt_span name, char out[RT_VERIFY_NAME_MAX + 1])
{
    size_t n = name.n < RT_VERIFY_NAME_MAX ? name.n : RT_VERIFY_NAME_MAX;

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)name.p[i];

        out[i] = c < 0x20 || c == 0x7f ? '?' : (char)c;
    }
    out[n] = '\0';
    return out;
}

void rt_verify_needs_text(const struct verify *v, char out[RT_VERIFY_TEXT_MAX])
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t k = 0; k < RT_NEEDS_MAX && v->platform->needs[k]; k++) {
        const char *between = k ? ", or " : "";

        for (uint32_t c = 0; c < v->platform->ncolumns && n < RT_VERIFY_TEXT_MAX; c++)
            if (v->platform->needs[k] & (rt_columns)1 << c) {
                n += (size_t)snprintf(out + n, RT_VERIFY_TEXT_MAX - n, "%s%s", between,
                    v->platform->columns[c].title);
                between = " + ";
            }
    }
}
