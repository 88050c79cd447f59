/*
 * Screening: whether a record is an event at all. Crawlers are out, the time must be one,
 * the event must have a name. What is decided here holds for every command that reads
 * records.
 */
#ifndef RT_SCREEN_H
#define RT_SCREEN_H

#include <stdint.h>

#include "base/timetext.h"
#include "events/decoder.h"

/* How the records of one input are to be read. */
struct rt_screen_rules {
    struct rt_timeform time_form;
    struct rt_span event; /* for records that carry none; absent: they are rejected */
    enum rt_bots bots;    /* resolved: not RT_BOTS_DEFAULT */
    uint32_t user_agent_slot;
    uint32_t device_slot; /* what RT_BOTS_MARK marks; UINT32_MAX: nobody asks */
};

/* One a thread: remembers agents and the last date. */
struct rt_screen {
    struct rt_clock_memo clock;
    struct rt_agent *agents;
};

int rt_screen_new(struct rt_screen **out);
void rt_screen_free(struct rt_screen *screen);

/*
 * Looks at a record; completes its cells: the event name, for a marked crawler the device.
 *
 * Returns RT_REASONS when it is an event, with its time in *time_us; else the reason for
 * which it is dropped (RT_DROP_BOT) or rejected.
 */
enum rt_reason rt_screen_any(struct rt_screen *screen,
    const struct rt_screen_rules *rules, struct rt_span *cells, int64_t *time_us);

/* The same. Most records have a time of the last one's day, an event's name, and no agent
 * or none that is to be looked at: inline, these cost half. */
static inline enum rt_reason rt_screen_record(struct rt_screen *screen,
    const struct rt_screen_rules *rules, struct rt_span *cells, int64_t *time_us)
{
    if (cells[RT_SLOT_EVENT].n
        && (rules->bots == RT_BOTS_KEEP || cells[rules->user_agent_slot].n == 0)
        && rt_time_kept(cells[RT_SLOT_TIME], &rules->time_form, &screen->clock, time_us))
        return RT_REASONS;
    return rt_screen_any(screen, rules, cells, time_us);
}

#endif
