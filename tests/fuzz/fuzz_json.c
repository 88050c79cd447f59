/* Any bytes as a segment file's text: read, walked, complained about at every value. */
#include <stdlib.h>

#include "io/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(
    struct rt_json_errors *errors, struct rt_span text, const struct rt_json *v)
{
    char path[64];

    if (v->at >= text.n
        || (v->up && v->up->kind == RT_JSON_OBJECT && text.p[v->key_at] != '"'))
        abort();
    if (rt_json_path(v, path, sizeof path) >= sizeof path)
        abort();
    rt_json_complain(errors, text, v, v->key.p != NULL, "%s", rt_json_kind_name(v->kind));
    for (size_t i = 0; i < v->n; i++) {
        if (v->items[i].up != v || v->items[i].index != i)
            abort();
        walk(errors, text, &v->items[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rt_span text = { (const char *)data, size };
    struct rt_arena arena = RT_ARENA_INIT;
    struct rt_json_errors errors = { 0 };
    const struct rt_json *top = NULL;
    int rc = rt_json_parse(text, &arena, &errors, &top);

    if (rc == RT_OK)
        walk(&errors, text, top);
    else if (rc != RT_EDEFS || errors.n == 0)
        abort(); /* a refusal says why */
    rt_arena_release(&arena);
    return 0;
}
