/*
 * The parts of an access log's line.
 *
 *     [vhost[:port] ]ip logname user [time] "request" status bytes
 *                                                  [ "referrer" "agent"[ more]]
 *
 * What a line may be
 * - The three formats differ in which fields they feed; a line of any of them is read
 *   under each, since servers change their configuration in the middle of a file.
 * - Behind the agent further fields may stand, bare or quoted (nginx's stock
 *   configuration adds "$http_x_forwarded_for"); they are passed over.
 * - An address list "a, b - - [" (a proxy's X-Forwarded-For) counts as its first address.
 * - The user may hold blanks, or be missing altogether. The time is what stands in the
 *   first brackets that have a blank before and ` "` behind them, 128 bytes at most.
 *
 * Where a quoted part ends: a quote behind an odd number of backslashes never ends it.
 * Servers that do not escape quotes exist, so any other quote must prove itself by what
 * follows: behind the request a status and a size; behind the referrer ` "`; behind the
 * agent the line's end, or a blank and well-formed fields up to the line's end. The first
 * quote that does is the end, so `"Say "hi" now"` is read whole; of more than 64
 * candidates in one agent the line counts as broken, which keeps the work linear.
 */
#ifndef RT_LOGLINE_H
#define RT_LOGLINE_H

#include "base/span.h"

enum rt_log_part {
    RT_LOG_HOST,
    RT_LOG_PORT,
    RT_LOG_IP,
    RT_LOG_LOGNAME,
    RT_LOG_USER,
    RT_LOG_TIME,
    RT_LOG_METHOD,
    RT_LOG_URL,
    RT_LOG_PROTOCOL,
    RT_LOG_STATUS,
    RT_LOG_BYTES,
    RT_LOG_REFERRER,
    RT_LOG_AGENT,
    RT_LOG_PARTS,
    RT_LOG_NOTHING = RT_LOG_PARTS /* no part of a line */
};

enum { RT_CLF_BYTES = 26 }; /* "10/Oct/2000:13:55:36 -0700" */

/* A line's parts as they stand in it, escapes and all; absent where it has "-" or
 * nothing. */
struct rt_logline {
    struct rt_span part[RT_LOG_PARTS + 1]; /* the last is always absent */
    bool escapes;                          /* somewhere in the line stands a backslash */
    bool combined;                         /* it has a referrer and an agent */
};

/* Cuts any line. False: it is none of an access log.
 *
 * text   without the line end; not empty
 * vhost  lines begin with a virtual host; without it one is still seen where the logname
 *        is "-"
 */
bool rt_logline_split(struct rt_span text, bool vhost, struct rt_logline *line);

/*
 * The marks of a stretch of lines: where a quote, a backslash or a '\n' stands, ascending.
 * All zero to start, and again for each block.
 */
enum { RT_LOG_STRETCH = 16 * 1024, RT_LOG_MARKS_SLACK = 64 };
struct rt_log_marks {
    const char *from, *to; /* the stretch */
    uint32_t n;            /* entries of at */
    uint32_t next;         /* the first that is not before the line at hand */
    uint32_t at[RT_LOG_STRETCH + RT_LOG_MARKS_SLACK]; /* bytes behind from */
};

/* Notes the marks of [from, to), at most RT_LOG_STRETCH bytes of which no other is read. */
typedef void rt_log_marks_fn(
    const char *from, const char *to, struct rt_log_marks *marks);

struct rt_log_marks_way {
    const char *name;
    rt_log_marks_fn *note;
};

/* The ways that this processor has to do that, the fastest first, the plain one last; all
 * give the same. Returns their number. */
enum { RT_LOG_MARKS_WAYS = 4 };
size_t rt_log_marks_ways(struct rt_log_marks_way ways[RT_LOG_MARKS_WAYS]);

/*
 * Cuts the usual line, whose parts need no proof:
 *
 *     ip - - [time] "request" 200 1234[ "referrer" "agent"]\n      no other quote,
 *                                                                  no backslash
 *
 * p, end  from where a line begins to the end of what there is
 * marks   of a stretch that this line or one before began; moved on by `note` where p is
 *         past what they tell
 *
 * Returns the line's '\n'; NULL when the line is another one, or longer than a stretch, and
 * must go the long way. What it takes, rt_logline_split cuts the same way.
 */
const char *rt_logline_usual(const char *p, const char *end, rt_log_marks_fn *note,
    struct rt_log_marks *marks, struct rt_logline *line);

/* "method target protocol" of any request, into their parts; for both of the above. */
void rt_logline_request(struct rt_span request, struct rt_logline *line);

#endif
