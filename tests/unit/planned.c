/* The plan's slots say which fields of a record anybody asks for; others are passed over, as
 * a decoder does. */
#include "planned.h"

#include <check.h>
#include <stdlib.h>

static void open_as(
    struct planned *p, const char *json, const struct rt_plan_options *options)
{
    static const char *const platforms[] = { "ids" };
    struct rt_err err = { 0 };

    *p = (struct planned) { .arena = RT_ARENA_INIT };
    p->errors.arena = &p->arena;
    ck_assert_msg(rt_defs_parse(rt_span_of(json), "test.json", platforms, 1, &p->defs,
                      &p->errors, &err)
            == RT_OK,
        "%s: %s", json, err.text);
    ck_assert_msg(
        rt_plan_new(p->defs, PLANNED_AS_OF, options, &p->errors, &p->plan, &err) == RT_OK,
        "%s: %s", json, err.text);
    ck_assert_int_eq(rt_kinds_new(p->plan, &p->kinds), RT_OK);
    ck_assert_int_eq(rt_match_new(p->plan, p->kinds, &p->match), RT_OK);
    p->cells = rt_arena_new(&p->arena, p->plan->slots.n, sizeof *p->cells);
    ck_assert_ptr_nonnull(p->cells);
}

void planned_open(struct planned *p, const char *json)
{
    open_as(p, json, NULL);
}

void planned_open_folding(struct planned *p, const char *json)
{
    open_as(p, json, &(struct rt_plan_options) { .fold = true });
}

void planned_close(struct planned *p)
{
    rt_match_free(p->match);
    rt_kinds_free(p->kinds);
    rt_plan_free(p->plan);
    rt_defs_free(p->defs);
    rt_arena_release(&p->arena);
}

static void set(struct planned *p, struct rt_span name, struct rt_span value)
{
    char *copy = rt_arena_new(&p->arena, value.n + 1, 1);

    ck_assert_ptr_nonnull(copy);
    for (size_t i = 0; i < value.n; i++)
        copy[i] = value.p[i] == '_' ? ' ' : value.p[i];
    copy[value.n] = '\0';
    for (uint32_t s = 0; s < p->plan->slots.n; s++)
        if (rt_span_eq(p->plan->slots.names[s], name))
            p->cells[s] = (struct rt_span) { copy, value.n };
}

bool planned_record(struct planned *p, const char *text)
{
    struct rt_span name = { text, strcspn(text, " ") };
    bool contact = rt_span_eq(name, RT_SPAN("-"));

    for (uint32_t s = 0; s < p->plan->slots.n; s++)
        p->cells[s] = RT_SPAN_ABSENT;
    if (!contact)
        set(p, RT_SPAN("event"), name);
    for (text += name.n; *text; text += strcspn(text, " ")) {
        size_t n;

        text += strspn(text, " ");
        n = strcspn(text, "=");
        set(p, (struct rt_span) { text, n },
            (struct rt_span) { text + n + 1, strcspn(text + n + 1, " ") });
    }
    return !contact;
}

void planned_match(
    struct planned *p, const char *text, int64_t time_us, struct rt_matched *out)
{
    struct rt_timeform form = { .kind = RT_TIME_ANY };
    bool contact = !planned_record(p, text);

    ck_assert_int_eq(
        rt_match_record(p->match, p->cells, time_us, contact, &form, out), RT_OK);
}
