/* The schema is JSON, and names the lists that there are. That it says what the program
 * checks is tests/schema's. */
#include <check.h>

#include "base/arena.h"
#include "io/json.h"
#include "lists/platform.h"
#include "plan/schema.h"

Suite *schema_suite(void);

static const struct rt_json *parse(struct rt_arena *arena)
{
    struct rt_json_errors errors = { .arena = arena };
    const struct rt_json *schema = NULL;

    ck_assert_int_eq(rt_json_parse(rt_schema_text(), arena, &errors, &schema), RT_OK);
    ck_assert_uint_eq(errors.n, 0);
    return schema;
}

/* The member at a way of keys, ended by NULL. */
static const struct rt_json *at(const struct rt_json *json, const char *const *way)
{
    for (; *way; way++) {
        json = rt_json_get(json, *way);
        ck_assert_msg(json != NULL, "no \"%s\"", *way);
    }
    return json;
}

START_TEST(names_every_platform)
{
    static const char *const way[] = { "$defs", "platform", "enum", NULL };
    const char *const *names = rt_platform_names();
    struct rt_arena arena = RT_ARENA_INIT;
    const struct rt_json *platforms = at(parse(&arena), way);
    size_t n = 0;

    for (; names[n]; n++) {
        ck_assert_msg(n < platforms->n, "the schema does not know %s", names[n]);
        ck_assert_msg(rt_span_eq(platforms->items[n].text, rt_span_of(names[n])),
            "the schema has another name in place of %s", names[n]);
    }
    ck_assert_uint_eq(platforms->n, n);
    rt_arena_release(&arena);
}
END_TEST

START_TEST(says_what_it_is)
{
    static const char *const dialect[] = { "$schema", NULL };
    static const char *const id[] = { "$id", NULL };
    struct rt_arena arena = RT_ARENA_INIT;
    const struct rt_json *schema = parse(&arena);

    ck_assert(rt_span_eq(at(schema, dialect)->text,
        RT_SPAN("https://json-schema.org/draft/2020-12/schema")));
    ck_assert(rt_span_starts(at(schema, id)->text, RT_SPAN("urn:retarget:segments:")));
    ck_assert_int_eq(rt_schema_text().p[rt_schema_text().n - 1], '\n');
    rt_arena_release(&arena);
}
END_TEST

Suite *schema_suite(void)
{
    Suite *s = suite_create("schema");
    TCase *tc = tcase_create("schema");

    tcase_add_test(tc, names_every_platform);
    tcase_add_test(tc, says_what_it_is);
    suite_add_tcase(s, tc);
    return s;
}
