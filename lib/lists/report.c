/* The numbers of a run: what its three forms share. */
#include "lists/report_parts.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/alloc.h"

int rt_report_new(struct rt_report **out)
{
    *out = rt_calloc(1, sizeof **out);
    return *out ? RT_OK : RT_ENOMEM;
}

void rt_report_free(struct rt_report *report)
{
    if (!report)
        return;
    rt_arena_release(&report->arena);
    rt_free(report);
}

/* ---- shared parts */

void rt_report_put(struct rt_report_out *out, const char *text)
{
    if (out->rc == RT_OK)
        out->rc = rt_buf_adds(out->buf, text);
}

void rt_report_putc(struct rt_report_out *out, char c)
{
    if (out->rc == RT_OK)
        out->rc = rt_buf_addc(out->buf, c);
}

void rt_report_putf(struct rt_report_out *out, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    rt_report_put(out, text);
}

/* The length of the UTF-8 character at p (RFC 3629: no overlong forms, no surrogates), 0
 * when it is none. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
    unsigned char low = 0x80, high = 0xbf;
    size_t need = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

    if (need == 1)
        return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n < need)
        return 0;
    if (p[0] == 0xe0)
        low = 0xa0;
    else if (p[0] == 0xed)
        high = 0x9f;
    else if (p[0] == 0xf0)
        low = 0x90;
    else if (p[0] == 0xf4)
        high = 0x8f;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < need; i++)
        if (p[i] < 0x80 || p[i] > 0xbf)
            return 0;
    return need;
}

size_t rt_report_chars(
    struct rt_report_out *out, struct rt_span text, rt_report_char *put)
{
    size_t shown = 0;

    for (size_t at = 0; at < text.n; shown++) {
        const unsigned char *p = (const unsigned char *)text.p + at;
        size_t n = utf8_length(p, text.n - at);
        /* C1 control characters, U+0080 to U+009F, are c2 80 to c2 9f */
        bool control = *p < 0x20 || *p == 0x7f || (n == 2 && *p == 0xc2 && p[1] < 0xa0);

        if (n == 0)
            put(out, "\xef\xbf\xbd", 3);
        else if (control)
            put(out, "?", 1);
        else
            put(out, text.p + at, n);
        at += n ? n : 1;
    }
    return shown;
}

int rt_report_grouped(uint64_t n, char out[32])
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%ju", (uintmax_t)n), at = 0;

    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return at;
}

/* 100% and 0% are said of all and none only: 99.97% must not look like all. */
int rt_report_percent(uint64_t n, uint64_t whole, char out[16])
{
    double percent;

    if (!whole) {
        out[0] = '\0';
        return 0;
    }
    percent = 100.0 * (double)n / (double)whole;
    if (n < whole && percent > 99.9)
        percent = 99.9;
    if (n > 0 && percent < 0.1)
        return snprintf(out, 16, "<0.1%%");
    return snprintf(out, 16, "%.1f%%", percent);
}

int rt_report_size(uint64_t bytes, char out[24])
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    double value = (double)bytes;
    size_t unit = 0;

    for (; value >= 999.5 && unit + 1 < sizeof units / sizeof *units; unit++)
        value /= 1024;
    return snprintf(
        out, 24, "%.*f %s", unit && value < 99.95 ? 1 : 0, value, units[unit]);
}

uint64_t rt_report_sum(const struct rt_report_source *source, int from, int to)
{
    uint64_t sum = 0;

    for (int r = from; r < to; r++)
        sum += source->count[r];
    return sum;
}

/* Which step takes a reason's records away. */
static int step_of(int reason)
{
    switch (reason) {
    case RT_DROP_METHOD:
    case RT_DROP_STATUS:
    case RT_DROP_ASSET:
        return RT_STEP_WANTED;
    case RT_DROP_BOT:
        return RT_STEP_NOT_BOT;
    case RT_DROP_FUTURE:
        return RT_STEP_IN_TIME;
    case RT_DROP_DUPLICATE:
        return RT_STEP_ONCE;
    case RT_DROP_NO_ID:
        return RT_STEP_WITH_ID;
    default:
        return RT_STEP_PARSED;
    }
}

void rt_report_steps(
    const struct rt_report *report, struct rt_report_step steps[RT_STEPS])
{
    static const char *const labels[RT_STEPS] = { "read", "parsed", "pages and pixels",
        "not a bot", "up to as-of", "counted once", "with an id" };
    uint64_t left = 0;

    for (int s = 0; s < RT_STEPS; s++)
        steps[s] = (struct rt_report_step) { .label = labels[s] };
    for (uint32_t i = 0; i < report->nsources; i++) {
        left += report->sources[i].read;
        for (int r = 0; r < RT_REASONS; r++) {
            steps[step_of(r)].count[r] += report->sources[i].count[r];
            steps[step_of(r)].lost += report->sources[i].count[r];
        }
    }
    for (int s = 0; s < RT_STEPS; s++) {
        left -= steps[s].lost;
        steps[s].left = left;
    }
}

bool rt_report_step_shown(const struct rt_report_step *steps, int step)
{
    return steps[step].lost || step == RT_STEP_READ || step == RT_STEP_PARSED
        || step == RT_STEP_NOT_BOT || step == RT_STEP_WITH_ID;
}

size_t rt_report_notes(
    const struct rt_report *report, struct rt_report_note notes[RT_REPORT_NOTES])
{
    const struct {
        uint64_t n;
        const char *one, *many;
    } all[RT_REPORT_NOTES] = {
        { report->contact_rows_without_id, "contact row without an id, not used",
            "contact rows without an id, not used" },
        { report->contact_rows_rejected, "contact row rejected",
            "contact rows rejected" },
        { report->opt_out_ids, "id that stands in opt-out files",
            "ids that stand in opt-out files" },
        { report->clusters_split, "group of linked ids larger than max_ids, taken apart",
            "groups of linked ids larger than max_ids, taken apart" },
        { report->not_numbers, "value that is no number, left out of sums",
            "values that are no numbers, left out of sums" },
        { report->regex_limits, "regex search given up at its cost bound",
            "regex searches given up at their cost bound" },
        { report->sequence_limits, "search for a sequence given up at its bound",
            "searches for sequences given up at their bound" },
    };
    size_t n = 0;

    for (size_t i = 0; i < RT_REPORT_NOTES; i++)
        if (all[i].n)
            notes[n++] = (struct rt_report_note) { all[i].n,
                all[i].n == 1 ? all[i].one : all[i].many };
    return n;
}
