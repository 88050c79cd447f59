/* Values of options. The environment, the clock and the machine are asked here and nowhere
 * below: lib/ gets what it needs as arguments. */
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "lists/country.h"

enum { JOBS_MAX = 1024, PRODUCTS_MAX = 1000 };

#define MEMORY_LEAST   (UINT64_C(16) << 20)
#define MEMORY_DEFAULT (UINT64_C(1) << 30)

static int add_name(struct rt_arena *arena, struct name_list *list, struct rt_span name)
{
    struct rt_span copy = rt_arena_copy(arena, name);
    const char **longer = rt_arena_new(arena, list->n + 1, sizeof *longer);

    if (!copy.p || !longer)
        return RT_ENOMEM;
    if (list->n)
        memcpy(longer, list->names, list->n * sizeof *longer);
    longer[list->n] = copy.p;
    list->names = longer;
    list->n++;
    return RT_OK;
}

int list_of(const char *option, const char *text, struct rt_arena *arena,
    struct name_list *list, struct rt_err *err)
{
    for (;;) {
        size_t n = strcspn(text, ",");
        int rc;

        if (n == 0)
            return rt_err_set(err, RT_EUSAGE,
                "%s: a name is missing; give names with commas between them", option);
        rc = add_name(arena, list, (struct rt_span) { text, n });
        if (rc < 0)
            return rt_err_set(err, rc, "out of memory");
        if (text[n] == '\0')
            return RT_OK;
        text += n + 1;
    }
}

int jobs_of(const char *text, uint32_t *jobs, struct rt_err *err)
{
    uint64_t n;

    if (rt_num_count(rt_span_of(text), &n) < 0 || n < 1 || n > JOBS_MAX)
        return rt_err_set(
            err, RT_EUSAGE, "--jobs: give a whole number from 1 to %d", JOBS_MAX);
    *jobs = (uint32_t)n;
    return RT_OK;
}

int products_of(const char *text, uint32_t *products, struct rt_err *err)
{
    uint64_t n;

    if (rt_num_count(rt_span_of(text), &n) < 0 || n < 1 || n > PRODUCTS_MAX)
        return rt_err_set(
            err, RT_EUSAGE, "--products: give a whole number from 1 to %d", PRODUCTS_MAX);
    *products = (uint32_t)n;
    return RT_OK;
}

int memory_of(const char *text, uint64_t *bytes, struct rt_err *err)
{
    uint64_t n;

    if (rt_num_size(rt_span_of(text), &n) < 0 || n < MEMORY_LEAST)
        return rt_err_set(err, RT_EUSAGE,
            "--memory: give a size of 16M at least, as \"512M\" or \"4G\"");
    *bytes = n;
    return RT_OK;
}

int max_rejects_of(
    const char *text, bool *percent, uint64_t *max_rejects, struct rt_err *err)
{
    struct rt_span span = rt_span_of(text);
    uint32_t millionths;
    uint64_t n;

    if (rt_num_count(span, &n) == RT_OK) {
        *percent = false;
        *max_rejects = n;
        return RT_OK;
    }
    if (rt_num_percent(span, &millionths) == RT_OK) {
        *percent = true;
        *max_rejects = millionths;
        return RT_OK;
    }
    return rt_err_set(err, RT_EUSAGE,
        "--max-rejects: give a count, as \"100\", or a percentage from 0%% to 100%%, as "
        "\"2.5%%\"");
}

int country_of(
    const char *text, struct rt_arena *arena, const char **code, struct rt_err *err)
{
    char found[3];
    struct rt_span copy;

    if (!rt_country_code(rt_span_of(text), found))
        return rt_err_set(err, RT_EUSAGE,
            "--country '%s' is none: give the two letters of ISO 3166-1, such as DE",
            text);
    copy = rt_arena_copy(arena, rt_span_of(found));
    *code = copy.p;
    return copy.p ? RT_OK : rt_err_set(err, RT_ENOMEM, "out of memory");
}

uint32_t default_jobs(void)
{
    cpu_set_t set;
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        n = CPU_COUNT(&set);
    return n < 1 ? 1 : n > JOBS_MAX ? JOBS_MAX : (uint32_t)n;
}

uint64_t default_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    uint64_t half =
        pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size / 2 : MEMORY_DEFAULT;

    return half < MEMORY_DEFAULT ? half : MEMORY_DEFAULT;
}

const char *default_tmpdir(void)
{
    const char *dir = getenv("TMPDIR");

    return dir && *dir ? dir : "/tmp";
}

int64_t now_us(void)
{
    return (int64_t)time(NULL) * RT_SECOND_US;
}
