/* Agents come again and again: what they were taken for is remembered by hash. */
#include "people/screen.h"

#include "base/alloc.h"
#include "events/derive.h"

enum { AGENT_SLOTS = 4096 };

struct rt_agent { /* is it a crawler? */
    struct rt_hash128 key;
    bool bot;
};

int rt_screen_new(struct rt_screen **out)
{
    struct rt_screen *screen = rt_calloc(1, sizeof *screen);

    *out = screen;
    if (screen && (screen->agents = rt_calloc(AGENT_SLOTS, sizeof *screen->agents)))
        return RT_OK;
    rt_screen_free(screen);
    *out = NULL;
    return RT_ENOMEM;
}

void rt_screen_free(struct rt_screen *screen)
{
    if (!screen)
        return;
    rt_free(screen->agents);
    rt_free(screen);
}

static bool is_bot(struct rt_screen *screen, struct rt_span user_agent)
{
    struct rt_hash128 key;
    struct rt_agent *a;

    if (user_agent.n == 0)
        return false;
    key = rt_hash128(user_agent, 0);
    screen->agent = user_agent;
    screen->agent_hash = key;
    a = &screen->agents[key.lo % AGENT_SLOTS];
    if (a->key.lo != key.lo || a->key.hi != key.hi)
        *a = (struct rt_agent) { key, rt_is_bot(user_agent) };
    return a->bot;
}

enum rt_reason rt_screen_any(struct rt_screen *screen,
    const struct rt_screen_rules *rules, struct rt_span *cells, int64_t *time_us)
{
    screen->agent = RT_SPAN_ABSENT;
    if (cells[RT_SLOT_TIME].n == 0)
        return RT_REJECT_NO_TIME;
    if (rt_time_parse(cells[RT_SLOT_TIME], &rules->time_form, &screen->clock, time_us)
        < 0)
        return RT_REJECT_BAD_TIME;
    if (cells[RT_SLOT_EVENT].n == 0)
        cells[RT_SLOT_EVENT] = rules->event;
    if (cells[RT_SLOT_EVENT].n == 0)
        return RT_REJECT_NO_EVENT;
    return rt_screen_agent(screen, rules, cells);
}

enum rt_reason rt_screen_agent(
    struct rt_screen *screen, const struct rt_screen_rules *rules, struct rt_span *cells)
{
    if (rules->bots != RT_BOTS_KEEP && is_bot(screen, cells[rules->user_agent_slot])) {
        if (rules->bots == RT_BOTS_DROP)
            return RT_DROP_BOT;
        if (rules->device_slot != UINT32_MAX)
            cells[rules->device_slot] = RT_SPAN("bot");
    }
    return RT_REASONS;
}
