/* Screening: the inline way and the whole one are alike. */
#include <check.h>
#include <stdio.h>

#include "people/screen.h"

Suite *screen_suite(void);

#define LEN(a) (sizeof(a) / sizeof *(a))

enum { SLOTS = 4, AGENT = 2, DEVICE = 3 };

static const struct {
    const char *name, *time, *event, *agent;
    enum rt_bots bots;
    enum rt_reason reason;
    const char *device;
} cases[] = {
    { "an event", "2026-04-02T00:00:07Z", "view", "", RT_BOTS_DROP, RT_REASONS, NULL },
    { "no time", "", "view", "", RT_BOTS_DROP, RT_REJECT_NO_TIME, NULL },
    { "bad time", "2026-04-02T24:00:07Z", "view", "", RT_BOTS_DROP, RT_REJECT_BAD_TIME,
        NULL },
    { "the input's event", "2026-04-02T00:00:07Z", "", "", RT_BOTS_KEEP, RT_REASONS,
        NULL },
    { "crawler", "2026-04-02T00:00:07Z", "view", "Googlebot/2.1", RT_BOTS_DROP,
        RT_DROP_BOT, NULL },
    { "crawler kept", "2026-04-02T00:00:07Z", "view", "Googlebot/2.1", RT_BOTS_KEEP,
        RT_REASONS, NULL },
    { "crawler marked", "2026-04-02T00:00:07Z", "view", "Googlebot/2.1", RT_BOTS_MARK,
        RT_REASONS, "bot" },
    { "a crawler with a bad time", "never", "view", "Googlebot/2.1", RT_BOTS_DROP,
        RT_REJECT_BAD_TIME, NULL },
};

/* The first time by the long way, then with the date kept, and by both entries. */
START_TEST(record)
{
    struct rt_screen_rules rules = { .event = RT_SPAN("hit"),
        .bots = cases[_i].bots,
        .user_agent_slot = AGENT,
        .device_slot = DEVICE };
    struct rt_screen *screen;

    ck_assert_int_eq(rt_screen_new(&screen), RT_OK);
    for (int round = 0; round < 4; round++) {
        struct rt_span cells[SLOTS] = { rt_span_of(cases[_i].time),
            rt_span_of(cases[_i].event), rt_span_of(cases[_i].agent), RT_SPAN_ABSENT };
        int64_t us = -1;
        enum rt_reason reason = round % 2 ? rt_screen_any(screen, &rules, cells, &us)
                                          : rt_screen_record(screen, &rules, cells, &us);

        ck_assert_msg(reason == cases[_i].reason, "%s: %d", cases[_i].name, reason);
        if (reason != RT_REASONS)
            continue;
        ck_assert_int_eq(us, INT64_C(1775088007000000));
        ck_assert(rt_span_eq(
            cells[RT_SLOT_EVENT], *cases[_i].event ? RT_SPAN("view") : RT_SPAN("hit")));
        ck_assert(rt_span_eq(cells[DEVICE], rt_span_of(cases[_i].device)));
    }
    rt_screen_free(screen);
}
END_TEST

START_TEST(no_event_at_all)
{
    struct rt_screen_rules rules = { .bots = RT_BOTS_KEEP };
    struct rt_span cells[SLOTS] = { RT_SPAN("2026-04-02T00:00:07Z") };
    struct rt_screen *screen;
    int64_t us;

    ck_assert_int_eq(rt_screen_new(&screen), RT_OK);
    for (int round = 0; round < 2; round++)
        ck_assert_int_eq(
            rt_screen_record(screen, &rules, cells, &us), RT_REJECT_NO_EVENT);
    rt_screen_free(screen);
}
END_TEST

/* The hash of an agent is that of the record at hand, though another one stood in the same
 * place before: read, or passed over because nobody asks for crawlers. */
START_TEST(hash_of_the_record_at_hand)
{
    static const char *const agents[] = { "Agent/1", "Agent/2", "", "Agent/3" };
    struct rt_screen *screen;
    char room[8];

    ck_assert_int_eq(rt_screen_new(&screen), RT_OK);
    for (int round = 0; round < 64; round++) {
        struct rt_screen_rules rules = { .event = RT_SPAN("hit"),
            .bots = round & 4 ? RT_BOTS_KEEP : RT_BOTS_MARK,
            .user_agent_slot = AGENT,
            .device_slot = DEVICE };
        size_t n = strlen(agents[round % 4]);
        struct rt_span cells[SLOTS] = { RT_SPAN("2026-04-02T00:00:07Z"), RT_SPAN("view"),
            { room, n }, RT_SPAN_ABSENT };
        struct rt_hash128 got, want;
        int64_t us;

        memcpy(room, agents[round % 4], n);
        if (round & 8)
            cells[RT_SLOT_EVENT] = RT_SPAN_ABSENT;
        if (round & 16)
            cells[RT_SLOT_TIME] = RT_SPAN("never");
        if (round & 32)
            rt_screen_any(screen, &rules, cells, &us);
        else
            rt_screen_record(screen, &rules, cells, &us);
        got = rt_screen_hash(screen, cells[AGENT]);
        want = rt_hash128((struct rt_span) { room, n }, 0);
        ck_assert(got.lo == want.lo && got.hi == want.hi);
    }
    rt_screen_free(screen);
}
END_TEST

Suite *screen_suite(void)
{
    Suite *s = suite_create("screen");
    TCase *tc = tcase_create("screen");

    tcase_add_loop_test(tc, record, 0, LEN(cases));
    tcase_add_test(tc, no_event_at_all);
    tcase_add_test(tc, hash_of_the_record_at_hand);
    suite_add_tcase(s, tc);
    return s;
}
