/* What a person should know about the size of a list. */
#include "lists/platform.h"

#include "base/buf.h"

enum { WARNINGS_MAX = 4, MATCH_LOW = 30, MATCH_HIGH = 70 }; /* per cent */

struct warnings {
    struct rt_arena *arena;
    struct rt_span *texts;
    uint32_t n;
    struct rt_buf text; /* of the one being made */
};

static int keep(struct warnings *w, int rc)
{
    struct rt_span copy;

    if (rc < 0)
        return RT_ENOMEM;
    copy = rt_arena_copy(w->arena, rt_buf_span(&w->text));
    rt_buf_reset(&w->text);
    if (!copy.p)
        return RT_ENOMEM;
    w->texts[w->n++] = copy;
    return RT_OK;
}

/* A minimum of people that the platform finds. How many it finds nobody can say, and no
 * platform says it; 30 to 70 of a hundred is a rough range of what advertisers report. */
static int warn_matched(struct warnings *w, const struct rt_platform *p, uint64_t people)
{
    uint64_t low = people * MATCH_LOW / 100, high = people * MATCH_HIGH / 100;

    if (low >= p->minimum)
        return RT_OK;
    if (people < p->minimum)
        return keep(w,
            rt_buf_addf(&w->text, "%ju %s; %s needs %ju matched", (uintmax_t)people,
                people == 1 ? "person" : "people", p->title, (uintmax_t)p->minimum));
    return keep(w,
        rt_buf_addf(&w->text,
            "%ju people; %s needs %ju matched; expect roughly 30-70 %%, %ju to %ju",
            (uintmax_t)people, p->title, (uintmax_t)p->minimum, (uintmax_t)low,
            (uintmax_t)high));
}

static int warn_few(
    struct warnings *w, const struct rt_platform *p, struct rt_list_size size)
{
    int rc = RT_OK;

    if (p->minimum_matched)
        rc = warn_matched(w, p, size.people);
    else if (size.rows < p->minimum)
        rc = keep(w,
            rt_buf_addf(&w->text, "%ju row%s; %s needs at least %ju",
                (uintmax_t)size.rows, size.rows == 1 ? "" : "s", p->title,
                (uintmax_t)p->minimum));
    if (rc == RT_OK && size.people >= p->minimum && size.people < p->advised)
        rc = keep(w,
            rt_buf_addf(&w->text, "%ju people; %s advises about %ju",
                (uintmax_t)size.people, p->title, (uintmax_t)p->advised));
    return rc;
}

static int warn_many(
    struct warnings *w, const struct rt_platform *p, struct rt_list_size size)
{
    int rc = RT_OK;

    if (size.parts <= 1 && p->max_rows && size.rows > p->max_rows)
        rc = keep(w,
            rt_buf_addf(&w->text, "%ju rows; %s takes at most %ju in one file",
                (uintmax_t)size.rows, p->title, (uintmax_t)p->max_rows));
    if (rc == RT_OK && size.parts <= 1 && p->max_bytes && size.bytes > p->max_bytes)
        rc = keep(w,
            rt_buf_addf(&w->text, "%ju bytes; %s takes at most %ju in one file",
                (uintmax_t)size.bytes, p->title, (uintmax_t)p->max_bytes));
    return rc;
}

int rt_platform_warnings(const struct rt_platform *platform, struct rt_list_size size,
    struct rt_arena *arena, const struct rt_span **warnings, uint32_t *nwarnings)
{
    struct warnings w = { arena, NULL, 0, RT_BUF_INIT(1024) };
    int rc;

    *warnings = NULL;
    *nwarnings = 0;
    w.texts = rt_arena_new(arena, WARNINGS_MAX, sizeof *w.texts);
    if (!w.texts)
        return RT_ENOMEM;
    rc = warn_few(&w, platform, size);
    if (rc == RT_OK)
        rc = warn_many(&w, platform, size);
    rt_buf_release(&w.text);
    *warnings = w.texts;
    *nwarnings = w.n;
    return rc;
}
