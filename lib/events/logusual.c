/*
 * The usual line of an access log, cut by its quotes: nearly all lines are one.
 *
 *     1.2.3.4 - - [01/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0"\n
 *                                              0              1       2 3 4           5 6
 *
 * One pass of vector instructions over the line finds its marks: quotes, backslashes and
 * the line end. A usual line has exactly these seven (or 0, 1 and the line end), and then
 * each part's place follows from its neighbours'. The long way (logline.c) passes over the
 * same bytes four times, by nine calls of memchr.
 *
 * Measured: a shop's log of 3,000,000 lines of 262 bytes, one thread: 160 ns a line for all
 * that the decoder does, of which 80 here; 220 by the long way.
 */
#include "events/logline.h"

#ifdef __SSE2__
#include <emmintrin.h>

enum { MARKS = 7, STEP = 64 };

/* ---- marks */

/* Which of sixteen bytes are a mark. */
static inline uint64_t marks16(const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)p);
    __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    __m128i end = _mm_cmpeq_epi8(v, _mm_set1_epi8('\n'));

    return (uint64_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, slash), end));
}

static inline uint64_t marks64(const char *p)
{
    return marks16(p) | marks16(p + 16) << 16 | marks16(p + 32) << 32
        | marks16(p + 48) << 48;
}

/* The line's marks, its '\n' the last. 0: more than a usual line has, or no end seen. */
static unsigned find_marks(const char *p, const char *end, const char *marks[MARKS])
{
    unsigned n = 0;

    for (; end - p >= STEP; p += STEP)
        for (uint64_t found = marks64(p); found; found &= found - 1) {
            if (n == MARKS)
                return 0;
            marks[n] = p + __builtin_ctzll(found);
            if (*marks[n++] == '\n')
                return n;
        }
    return 0;
}

/* ---- parts */

static inline struct rt_span between(const char *from, const char *to)
{
    return (struct rt_span) { from, (size_t)(to - from) };
}

static inline struct rt_span or_absent(struct rt_span s)
{
    return s.n == 1 && *s.p == '-' ? RT_SPAN_ABSENT : s;
}

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* True when no blank is among the n bytes; sixteen can be read. */
static inline bool is_word(const char *p, size_t n)
{
    __m128i v = _mm_loadu_si128((const __m128i *)p);
    unsigned blanks = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')));

    return n <= 16 ? !(blanks & ((UINT32_C(1) << n) - 1)) : !memchr(p, ' ', n);
}

/* "ip - - [time] " up to the request's opening quote. */
static bool take_who_and_when(const char *p, const char *quote, struct rt_logline *line)
{
    const char *time = quote - 2 - RT_CLF_BYTES, *ip_end = time - 6;

    if (quote - p < 6 + RT_CLF_BYTES + 3 || *p == '#' || memcmp(ip_end, " - - [", 6) != 0
        || memcmp(quote - 2, "] ", 2) != 0 || ip_end[-1] == ','
        || !is_word(p, (size_t)(ip_end - p)))
        return false;
    line->part[RT_LOG_IP] = between(p, ip_end);
    line->part[RT_LOG_TIME] = (struct rt_span) { time, RT_CLF_BYTES };
    return true;
}

/* "GET target HTTP/1.1" and nothing odd about it. */
static bool take_get(const char *p, const char *end, struct rt_logline *line)
{
    const char *protocol = end - 8;

    if (end - p < 14 || memcmp(p, "GET ", 4) != 0
        || memcmp(protocol - 1, " HTTP/", 6) != 0 || protocol[5] == ' '
        || protocol[6] == ' ' || protocol[7] == ' ' || p[4] == ' ' || p[4] == '\t'
        || protocol[-2] == ' ' || protocol[-2] == '\t')
        return false;
    line->part[RT_LOG_METHOD] = (struct rt_span) { p, 3 };
    line->part[RT_LOG_URL] = between(p + 4, protocol - 1);
    line->part[RT_LOG_PROTOCOL] = between(protocol, end);
    return true;
}

/* " 200 1234" behind the request. Returns behind it, or NULL. */
static const char *take_result(const char *p, const char *end, struct rt_logline *line)
{
    const char *q = p + 5;

    if (end - p < 6 || p[0] != ' ' || p[4] != ' '
        || !(is_digit(p[1]) && is_digit(p[2]) && is_digit(p[3])))
        return NULL;
    while (q < end && is_digit(*q))
        q++;
    if (q == p + 5 && *q == '-')
        q++;
    line->part[RT_LOG_STATUS] = (struct rt_span) { p + 1, 3 };
    line->part[RT_LOG_BYTES] = or_absent(between(p + 5, q));
    return q > p + 5 ? q : NULL;
}

/* ---- the line */

static bool are_quotes(const char *const *marks, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (*marks[i] != '"')
            return false;
    return true;
}

static void forget_the_rest(struct rt_logline *line)
{
    line->part[RT_LOG_HOST] = line->part[RT_LOG_PORT] = line->part[RT_LOG_LOGNAME] =
        line->part[RT_LOG_USER] = line->part[RT_LOG_NOTHING] = RT_SPAN_ABSENT;
    line->part[RT_LOG_METHOD] = line->part[RT_LOG_URL] = line->part[RT_LOG_PROTOCOL] =
        RT_SPAN_ABSENT;
    line->part[RT_LOG_REFERRER] = line->part[RT_LOG_AGENT] = RT_SPAN_ABSENT;
    line->escapes = false;
}

/* ` "referrer" "agent"`, by marks 2 to 5, from p to the line's end. */
static bool take_referrer_and_agent(
    const char *const *marks, const char *p, const char *stop, struct rt_logline *line)
{
    if (*p != ' ' || marks[2] != p + 1 || marks[4] != marks[3] + 2 || marks[3][1] != ' '
        || marks[5] + 1 != stop)
        return false;
    line->part[RT_LOG_REFERRER] = or_absent(between(marks[2] + 1, marks[3]));
    line->part[RT_LOG_AGENT] = or_absent(between(marks[4] + 1, marks[5]));
    return true;
}

const char *rt_logline_usual(const char *p, const char *end, struct rt_logline *line)
{
    const char *marks[MARKS], *stop, *behind;
    unsigned n = find_marks(p, end, marks);

    if ((n != 3 && n != MARKS) || !are_quotes(marks, n - 1))
        return NULL;
    stop = marks[n - 1][-1] == '\r' ? marks[n - 1] - 1 : marks[n - 1];
    forget_the_rest(line);
    line->combined = n == MARKS;
    if (!take_who_and_when(p, marks[0], line))
        return NULL;
    if (!take_get(marks[0] + 1, marks[1], line))
        rt_logline_request(between(marks[0] + 1, marks[1]), line);
    behind = take_result(marks[1] + 1, stop, line);
    if (!behind
        || (n == 3 ? behind != stop
                   : !take_referrer_and_agent(marks, behind, stop, line)))
        return NULL;
    return marks[n - 1];
}

#else

const char *rt_logline_usual(const char *p, const char *end, struct rt_logline *line)
{
    (void)p, (void)end, (void)line;
    return NULL;
}

#endif
