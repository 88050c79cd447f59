/* Is it an access log, and of which format? By its first lines. */
#include "events/decoders.h"
#include "events/logline.h"

enum { LOOK_LINES = 256 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "10/Oct/2000:13:55:36 -0700" by its marks: the time itself is judged later. */
static bool looks_clf(struct rt_span time)
{
    static const char form[] = "00/aaa/0000:00:00:00 +0000";

    if (time.n != RT_CLF_BYTES)
        return false;
    for (int i = 0; i < RT_CLF_BYTES; i++) {
        char c = time.p[i];
        bool fits = form[i] == '0' ? is_digit(c)
            : form[i] == 'a'       ? rt_ascii_lower(c) >= 'a' && rt_ascii_lower(c) <= 'z'
            : form[i] == '+'       ? c == '+' || c == '-'
                                   : c == form[i];

        if (!fits)
            return false;
    }
    return true;
}

struct looked {
    unsigned lines, logs, vhosts, agents;
};

static void look_at_line(struct rt_span text, struct looked *seen)
{
    struct rt_logline line;

    if (rt_span_trim(text).n == 0 || *text.p == '#')
        return;
    seen->lines++;
    if (!rt_logline_split(text, false, &line) || !looks_clf(line.part[RT_LOG_TIME]))
        return;
    seen->logs++;
    seen->vhosts += line.part[RT_LOG_HOST].p != NULL;
    seen->agents += line.combined;
}

int rt_look_log(struct rt_span head, bool all, enum rt_format *format)
{
    struct looked seen = { 0, 0, 0, 0 };
    const char *p = head.p, *end = p + head.n;

    if (rt_span_starts(head, RT_SPAN("\xEF\xBB\xBF")))
        p += 3;
    while (p < end && seen.lines < LOOK_LINES) {
        const char *lf = memchr(p, '\n', (size_t)(end - p)), *stop = lf ? lf : end;

        if (!lf && !all)
            break; /* cut */
        if (stop > p && stop[-1] == '\r')
            stop--;
        look_at_line((struct rt_span) { p, (size_t)(stop - p) }, &seen);
        p = lf ? lf + 1 : end;
    }
    if (seen.logs == 0 || seen.logs * 2 < seen.lines)
        return 0;
    *format = seen.vhosts * 2 > seen.logs ? RT_FORMAT_VHOST_COMBINED
        : seen.agents * 2 >= seen.logs    ? RT_FORMAT_COMBINED
                                          : RT_FORMAT_COMMON;
    return (int)(seen.logs * 100 / seen.lines);
}
