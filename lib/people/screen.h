/*
 * Screening: whether a record is an event at all. Crawlers are out, the time must be one,
 * the event must have a name. What is decided here holds for every command that reads
 * records.
 */
#ifndef RT_SCREEN_H
#define RT_SCREEN_H

#include <stdint.h>

#include "base/hash.h"
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
    struct rt_span agent; /* of the record at hand, if it was looked at; else absent */
    struct rt_hash128 agent_hash;
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

/* As rt_screen_any for an event whose time and name are known. */
enum rt_reason rt_screen_agent(
    struct rt_screen *screen, const struct rt_screen_rules *rules, struct rt_span *cells);

/* rt_hash128 of a field of the record that was screened last: that of its agent is known,
 * if it was looked at. */
static inline struct rt_hash128 rt_screen_hash(
    const struct rt_screen *screen, struct rt_span cell)
{
    return cell.p == screen->agent.p && cell.n == screen->agent.n ? screen->agent_hash
                                                                  : rt_hash128(cell, 0);
}

/* As rt_screen_any. Most records have a time of the last one's day and an event's name, and
 * often no agent or none that is to be looked at: inline, these cost half. */
static inline enum rt_reason rt_screen_record(struct rt_screen *screen,
    const struct rt_screen_rules *rules, struct rt_span *cells, int64_t *time_us)
{
    if (!cells[RT_SLOT_EVENT].n
        || !rt_time_kept(cells[RT_SLOT_TIME], &rules->time_form, &screen->clock, time_us))
        return rt_screen_any(screen, rules, cells, time_us);
    screen->agent = RT_SPAN_ABSENT;
    if (rules->bots == RT_BOTS_KEEP || cells[rules->user_agent_slot].n == 0)
        return RT_REASONS;
    return rt_screen_agent(screen, rules, cells);
}

#endif
