/* Templates are short and few: names are put together in a buffer and compared pair by
 * pair. */
#include "run/outputs.h"

#include "base/buf.h"
#include "base/near.h"

enum { TARGETS_MAX = 8192 };

bool rt_is_holdout(const struct rt_arm *arm)
{
    return rt_span_eq(arm->name, RT_SPAN("holdout"));
}

/* The place of {word} in a template, or -1. */
static long find(struct rt_span text, const char *word)
{
    const char *at = memmem(text.p, text.n, word, strlen(word));

    return at ? at - text.p : -1;
}

/* Puts `by` for every {word}. What is put in has no braces. */
static int replace(struct rt_buf *name, const char *word, struct rt_span by)
{
    struct rt_buf out = RT_BUF_INIT(4096);
    struct rt_span rest = rt_buf_span(name);
    long at;
    int rc = RT_OK;

    while (rc == RT_OK && (at = find(rest, word)) >= 0) {
        size_t behind = (size_t)at + strlen(word);

        rc = rt_buf_add(&out, rest.p, (size_t)at);
        if (rc == RT_OK)
            rc = rt_buf_add(&out, by.p, by.n);
        rest = (struct rt_span) { rest.p + behind, rest.n - behind };
    }
    if (rc == RT_OK)
        rc = rt_buf_add(&out, rest.p, rest.n);
    rt_buf_release(name);
    *name = out;
    return rc;
}

/* The list of a whole segment has no arm: each "{arm}" goes, and the mark before it. */
static void drop_arm(struct rt_buf *name)
{
    long at;

    while ((at = find(rt_buf_span(name), "{arm}")) >= 0) {
        size_t from = (size_t)at, to = from + strlen("{arm}");

        if (from > 0 && strchr(".-_", name->p[from - 1]))
            from--;
        else if (to < name->n && strchr(".-_", name->p[to]))
            to++;
        memmove(name->p + from, name->p + to, name->n - to);
        name->n -= to - from;
    }
}

static int name_of(struct rt_span template, struct rt_span segment, struct rt_span arm,
    struct rt_span to, struct rt_arena *arena, struct rt_span *out)
{
    struct rt_buf name = RT_BUF_INIT(4096);
    int rc;

    if (!template.p)
        template =
            arm.p ? RT_SPAN("{segment}.{arm}.{to}.csv") : RT_SPAN("{segment}.{to}.csv");
    rc = rt_buf_add(&name, template.p, template.n);
    if (rc == RT_OK && arm.p)
        rc = replace(&name, "{arm}", arm);
    else if (rc == RT_OK)
        drop_arm(&name);
    if (rc == RT_OK)
        rc = replace(&name, "{segment}", segment);
    if (rc == RT_OK)
        rc = replace(&name, "{to}", to);
    if (rc == RT_OK) {
        *out = rt_arena_copy(arena, rt_buf_span(&name));
        rc = out->p ? RT_OK : RT_ENOMEM;
    }
    rt_buf_release(&name);
    return rc;
}

struct maker {
    const struct rt_defs *defs;
    struct rt_arena *arena;
    struct rt_targets *out;
    struct rt_err *err;
    bool to_stdout; /* the segment's own list alone */
};

static int add_target(struct maker *m, uint32_t segment, uint32_t arm,
    const struct rt_platform *platform, struct rt_span template)
{
    const struct rt_segment *seg = &m->defs->segments[segment];
    struct rt_target *t = &m->out->targets[m->out->n];
    struct rt_span arm_name = arm == RT_NO_ARM ? RT_SPAN_ABSENT : seg->arms[arm].name;
    int rc;

    if (m->out->n == TARGETS_MAX)
        return rt_err_set(m->err, RT_EDEFS, "more than %d lists in one run", TARGETS_MAX);
    *t = (struct rt_target) { .segment = segment, .arm = arm, .platform = platform };
    rc = name_of(
        template, seg->name, arm_name, rt_span_of(platform->name), m->arena, &t->file);
    if (rc == RT_OK)
        rc = name_of(arm_name.p ? RT_SPAN("{segment}.{arm}") : RT_SPAN("{segment}"),
            seg->name, arm_name, RT_SPAN(""), m->arena, &t->name);
    if (rc < 0)
        return rt_err_set(m->err, rc,
            rc == RT_ENOMEM ? "out of memory" : "a list's file name is too long");
    m->out->wanted[segment] = true;
    m->out->n++;
    return RT_OK;
}

/* The lists of one segment for one platform. */
static int add_lists(struct maker *m, uint32_t segment,
    const struct rt_platform *platform, struct rt_span template)
{
    const struct rt_segment *seg = &m->defs->segments[segment];
    int rc = add_target(m, segment, RT_NO_ARM, platform, template);

    for (uint32_t a = 0; a < seg->narms && !m->to_stdout && rc == RT_OK; a++) {
        bool named = template.p && find(template, "{arm}") >= 0;

        if (rt_is_holdout(&seg->arms[a]) && platform->kind != RT_ROWS_KEY)
            continue;
        /* A template without {arm} names the segment's list; arms keep the usual names. */
        rc = add_target(m, segment, a, platform, named ? template : RT_SPAN_ABSENT);
    }
    return rc;
}

bool rt_is_only(const struct rt_run_options *o, struct rt_span segment)
{
    for (uint32_t i = 0; i < o->nonly; i++)
        if (rt_span_eq(rt_span_of(o->only[i]), segment))
            return true;
    return o->nonly == 0;
}

int rt_check_only(
    const struct rt_defs *defs, const struct rt_run_options *o, struct rt_err *err)
{
    const char *names[256], *near;
    size_t n = 0;

    for (size_t i = 0; i < defs->nsegments && n < 256; i++)
        names[n++] = defs->segments[i].name.p;
    for (uint32_t i = 0; i < o->nonly; i++) {
        if (rt_defs_segment(defs, rt_span_of(o->only[i])) >= 0)
            continue;
        near = rt_near(rt_span_of(o->only[i]), names, n);
        return rt_err_set(err, RT_EUSAGE, "no segment is called '%s'%s%s%s", o->only[i],
            near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    return RT_OK;
}

static int from_command_line(struct maker *m, const struct rt_run_options *o)
{
    int rc = RT_OK;

    for (uint32_t p = 0; p < o->nplatforms && rc == RT_OK; p++) {
        const struct rt_platform *platform = rt_platform_named(o->platforms[p], m->err);

        if (!platform)
            return RT_EUSAGE;
        for (uint32_t s = 0; s < m->defs->nsegments && rc == RT_OK; s++)
            if (rt_is_only(o, m->defs->segments[s].name))
                rc = add_lists(m, s, platform, RT_SPAN_ABSENT);
    }
    return rc;
}

static int from_file(struct maker *m, const struct rt_run_options *o)
{
    const struct rt_defs *defs = m->defs;
    int rc = RT_OK;

    for (size_t i = 0; i < defs->noutputs && rc == RT_OK; i++) {
        const struct rt_output *out = &defs->outputs[i];
        const struct rt_platform *platform = rt_platform_get(out->to);
        size_t n = out->all ? defs->nsegments : out->nsegments;

        if (!platform)
            return rt_err_set(m->err, RT_EDEFS, "no platform is called '%s'", out->to.p);
        for (size_t k = 0; k < n && rc == RT_OK; k++) {
            uint32_t s = out->all ? (uint32_t)k : out->segments[k];

            if (rt_is_only(o, defs->segments[s].name))
                rc = add_lists(m, s, platform, out->file);
        }
    }
    return rc;
}

static int compare_names(struct rt_span a, struct rt_span b)
{
    return rt_span_eq_nocase(a, b); /* file systems that ignore case exist */
}

static int check_names(const struct maker *m, bool from_options)
{
    const struct rt_targets *t = m->out;

    for (uint32_t i = 0; i < t->n; i++)
        for (uint32_t k = 0; k < i; k++)
            if (compare_names(t->targets[i].file, t->targets[k].file))
                return rt_err_set(m->err, from_options ? RT_EUSAGE : RT_EDEFS,
                    "two lists would both be written to '%s'", t->targets[i].file.p);
    return RT_OK;
}

/* Lists in the order of the segments, whichever way they were named. */
static void sort_targets(struct rt_targets *t)
{
    for (uint32_t i = 1; i < t->n; i++) {
        struct rt_target one = t->targets[i];
        uint32_t k = i;

        for (; k > 0 && t->targets[k - 1].segment > one.segment; k--)
            t->targets[k] = t->targets[k - 1];
        t->targets[k] = one;
    }
}

int rt_targets_of(const struct rt_defs *defs, const struct rt_run_options *o,
    struct rt_arena *arena, struct rt_targets *out, struct rt_err *err)
{
    bool to_stdout = o->output_dir && strcmp(o->output_dir, "-") == 0;
    struct maker m = { defs, arena, out, err, to_stdout };
    int rc;

    *out = (struct rt_targets) { .targets = rt_arena_new(
                                     arena, TARGETS_MAX, sizeof *out->targets),
        .wanted = rt_arena_new(arena, defs->nsegments, sizeof *out->wanted) };
    if (!out->targets || !out->wanted)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    rc = rt_check_only(defs, o, err);
    if (rc == RT_OK)
        rc = o->nplatforms ? from_command_line(&m, o) : from_file(&m, o);
    if (rc < 0)
        return rc;
    if (out->n == 0)
        return rt_err_set(err, RT_EUSAGE,
            "nothing to write: name platforms with --to, or give the file \"outputs\"");
    if (to_stdout && out->n > 1)
        return rt_err_set(err, RT_EUSAGE,
            "-o - is for one list, and this run has %u: narrow it with --only and --to",
            out->n);
    sort_targets(out);
    return check_names(&m, o->nplatforms > 0);
}
