/* platforms: the list formats and their rules, on standard output. */
#include "cmd/cmd.h"
#include "lists/platform_text.h"

enum { OPT_JSON = OPT_LONG, OPT_NAMES };

static const struct opt options[] = {
    { "json", OPT_JSON, NULL, "print an array of JSON objects, for tools" },
    { "names", OPT_NAMES, NULL, "print the names alone, one a line" },
    OPTS_HELP,
    OPTS_END,
};

struct platforms {
    bool json, names;
    const char *const *wanted; /* NULL-terminated */
    bool all;
};

static int add_json(const struct platforms *p, struct rt_buf *out)
{
    int rc = rt_buf_adds(out, "[");

    for (const char *const *name = p->wanted; *name && rc == RT_OK; name++) {
        rc = rt_buf_adds(out, name == p->wanted ? "\n" : ",\n");
        if (rc == RT_OK)
            rc = rt_platform_json(rt_platform_get(rt_span_of(*name)), out);
    }
    return rc == RT_OK ? rt_buf_adds(out, "\n]\n") : rc;
}

static int add_text(const struct platforms *p, struct rt_buf *out, struct rt_err *err)
{
    int rc = RT_OK;

    for (const char *const *name = p->wanted; *name && rc == RT_OK; name++) {
        const struct rt_platform *platform = rt_platform_get(rt_span_of(*name));

        if (p->names) {
            rc = rt_buf_addf(out, "%s\n", *name);
            continue;
        }
        if (name != p->wanted)
            rc = rt_buf_addc(out, '\n');
        if (rc == RT_OK)
            rc = p->all ? rt_platform_text(platform, out)
                        : rt_platform_rule(platform, out, err);
    }
    return rc;
}

static int print_platforms(const struct platforms *p, struct rt_err *err)
{
    struct rt_buf out = RT_BUF_INIT(1 << 24);
    int rc = p->json ? add_json(p, &out) : add_text(p, &out, err);

    if (rc == RT_OK)
        rc = print_out(rt_buf_span(&out), err);
    rt_buf_release(&out);
    return rc < 0 ? rt_err_set(err, rc, "out of memory") : rc;
}

/* The names of the command line, or all. getopt's array ends with NULL. */
static int find_wanted(struct platforms *p, const struct opts *opts, struct rt_err *err)
{
    if (p->json && p->names)
        return rt_err_set(err, RT_EUSAGE, "--json and --names exclude each other");
    p->all = opts->nrest == 0;
    p->wanted = p->all ? rt_platform_names() : (const char *const *)opts->rest;
    for (size_t i = 0; i < opts->nrest; i++)
        if (!rt_platform_named(opts->rest[i], err))
            return RT_EUSAGE;
    return RT_OK;
}

static int run(const struct cmd *cmd, int argc, char **argv)
{
    struct platforms platforms = { .json = false };
    struct opts opts;
    struct rt_err err = { 0 };
    const char *value;
    int key, rc;

    opts_start(&opts, cmd, argc, argv);
    while ((key = opts_next(&opts, &value)) > 0) {
        platforms.json |= key == OPT_JSON;
        platforms.names |= key == OPT_NAMES;
    }
    if (key == OPTS_STOP)
        return opts.status;
    rc = find_wanted(&platforms, &opts, &err);
    if (rc == RT_OK)
        rc = print_platforms(&platforms, &err);
    return say_failure(rc, &err);
}

const struct cmd cmd_platforms = {
    .name = "platforms",
    .summary = "shows the list formats and their rules",
    .usage = "platforms [OPTION]... [PLATFORM]...",
    .about =
        "Shows what lists can be written for which platform: columns, what is hashed,\n"
        "how e-mail addresses and telephone numbers are normalised, limits, sources.\n"
        "With a PLATFORM its whole rule, and a list of one made-up person.",
    .options = options,
    .run = run,
};
