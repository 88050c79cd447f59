/*
 * clock: every form on any bytes; a memo changes no answer; what is written is read back.
 *
 * The first byte picks the form, the first line the strptime pattern; the rest are lines,
 * read one after the other with one memo.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rt_zone *zone;

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_days(int64_t us)
{
    int64_t day = rt_clock_local_day(zone, us), from, to;

    require(rt_clock_day_start(zone, day) <= us);
    require(rt_clock_window(RT_SPAN("yesterday"), zone, us, false, &from, &to) == RT_OK);
    require(from <= to && to == rt_clock_day_start(zone, day));
}

static void check_line(
    struct rt_span line, const struct rt_timeform *form, struct rt_clock_memo *memo)
{
    const struct rt_timeform iso = { .kind = RT_TIME_ISO };
    int64_t plain = 42, memoed = 42, again = 42;
    char text[40];
    int rc = rt_time_parse(line, form, NULL, &plain);

    require(rt_time_parse(line, form, memo, &memoed) == rc && memoed == plain);
    if (rc < 0) {
        require(plain == 42);
        return;
    }
    check_days(plain);
    if (plain < rt_clock_days(1, 1, 1) * RT_DAY_US
        || plain >= rt_clock_days(10000, 1, 1) * RT_DAY_US)
        return; /* an offset has moved it out of the years that are read */
    line = (struct rt_span) { text, (size_t)rt_clock_format(plain, text) };
    require(rt_time_parse(line, &iso, memo, &again) == RT_OK && again == plain);
}

static struct rt_span take_line(struct rt_span *rest)
{
    const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
    struct rt_span line = { rest->p, end ? (size_t)(end - rest->p) : rest->n };
    size_t used = end ? line.n + 1 : line.n;

    rest->p += used;
    rest->n -= used;
    return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rt_timeform form = { .kind = RT_TIME_ANY };
    struct rt_clock_memo memo = { 0 };
    struct rt_span rest, line;
    char pattern[64];
    int64_t us, to;

    if (size == 0 || (!zone && rt_zone_load("Europe/Rome", NULL, &zone, NULL) < 0))
        return 0;
    rest = (struct rt_span) { (const char *)data + 1, size - 1 };
    form.kind = (enum rt_timeform_kind)(data[0] % RT_TIME_STRPTIME);
    line = take_line(&rest);
    snprintf(pattern, sizeof pattern, "%.*s", (int)(line.n % sizeof pattern), line.p);
    rt_timeform_parse(pattern, &form);
    form.zone = zone;
    rt_clock_window(line, zone, 0, true, &us, &to);
    while (rest.n) {
        line = take_line(&rest);
        check_line(line, &form, &memo);
        rt_clock_clf(line, &memo, &us);
    }
    return 0;
}
