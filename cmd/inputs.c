/* Inputs as the command line names them. */
#include "cmd/cmd.h"

enum { SOURCE_NAME_MAX = 64 };

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
        || c == '-' || c == '_';
}

/* The length of the source name that the text begins with, its '=' behind it; 0: none. */
static size_t source_name(const char *text)
{
    size_t n = 0;

    while (is_name_char(text[n]))
        n++;
    return n <= SOURCE_NAME_MAX && text[n] == '=' ? n : 0;
}

int input_of(const char *text, struct rt_arena *arena, struct rt_run_input *out)
{
    size_t n = source_name(text);

    *out = (struct rt_run_input) { .path = text };
    if (n) {
        struct rt_span name = rt_arena_copy(arena, (struct rt_span) { text, n });

        if (!name.p)
            return RT_ENOMEM;
        *out = (struct rt_run_input) { .source = name.p, .path = text + n + 1 };
    }
    return RT_OK;
}

int inputs_of(
    char *const *texts, size_t n, struct rt_arena *arena, const struct rt_run_input **out)
{
    struct rt_run_input *inputs = rt_arena_new(arena, n ? n : 1, sizeof *inputs);
    int rc = inputs ? RT_OK : RT_ENOMEM;

    for (size_t i = 0; i < n && rc == RT_OK; i++)
        rc = input_of(texts[i], arena, &inputs[i]);
    *out = inputs;
    return rc;
}
