/* Agents come again and again: what they were taken for is remembered by hash. */
#include "people/screen.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "events/derive.h"

enum { AGENT_SLOTS = 4096 };

struct agent { /* is it a crawler? */
    struct rt_hash128 key;
    bool bot;
};

struct rt_screen {
    struct rt_clock_memo clock;
    struct agent agents[AGENT_SLOTS];
};

int rt_screen_new(struct rt_screen **out)
{
    *out = rt_calloc(1, sizeof **out);
    return *out ? RT_OK : RT_ENOMEM;
}

void rt_screen_free(struct rt_screen *screen)
{
    rt_free(screen);
}

static bool is_bot(struct rt_screen *screen, struct rt_span user_agent)
{
    struct rt_hash128 key;
    struct agent *a;

    if (user_agent.n == 0)
        return false;
    key = rt_hash128(user_agent, 0);
    a = &screen->agents[key.lo % AGENT_SLOTS];
    if (a->key.lo != key.lo || a->key.hi != key.hi)
        *a = (struct agent) { key, rt_is_bot(user_agent) };
    return a->bot;
}

/* What a record is, of which all that is sure is that its time was read. */
static __attribute__((noinline)) enum rt_reason look_closer(
    struct rt_screen *screen, const struct rt_screen_rules *rules, struct rt_span *cells)
{
    if (cells[RT_SLOT_EVENT].n == 0)
        cells[RT_SLOT_EVENT] = rules->event;
    if (cells[RT_SLOT_EVENT].n == 0)
        return RT_REJECT_NO_EVENT;
    if (rules->bots != RT_BOTS_KEEP && is_bot(screen, cells[rules->user_agent_slot])) {
        if (rules->bots == RT_BOTS_DROP)
            return RT_DROP_BOT;
        if (rules->device_slot != UINT32_MAX)
            cells[rules->device_slot] = RT_SPAN("bot");
    }
    return RT_REASONS;
}

/* Most records have an event's name, and no agent or none to be looked at. */
enum rt_reason rt_screen_record(struct rt_screen *screen,
    const struct rt_screen_rules *rules, struct rt_span *cells, int64_t *time_us)
{
    if (rt_time_parse(cells[RT_SLOT_TIME], &rules->time_form, &screen->clock, time_us)
        < 0)
        return cells[RT_SLOT_TIME].n ? RT_REJECT_BAD_TIME : RT_REJECT_NO_TIME;
    if (cells[RT_SLOT_EVENT].n
        && (rules->bots == RT_BOTS_KEEP || cells[rules->user_agent_slot].n == 0))
        return RT_REASONS;
    return look_closer(screen, rules, cells);
}
