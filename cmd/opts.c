/* Options by getopt_long, from one table a command. getopt's own messages are off: ours
 * name the nearest option. */
#include "cmd/opts.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/near.h"
#include "cmd/cmd.h"

void opts_start(struct opts *opts, const struct cmd *cmd, int argc, char **argv)
{
    *opts = (struct opts) { .cmd = cmd, .argc = argc, .argv = argv };
    optind = 0; /* GNU: forget an earlier walk */
    opterr = 0;
}

static size_t count(const struct opt *options)
{
    size_t n = 0;

    while (options[n].name)
        n++;
    return n;
}

/* getopt's two tables. letters has room for 3 bytes an option and 2 more. */
static void tables(
    const struct opt *options, size_t n, char *letters, struct option *longs)
{
    char *p = letters;

    *p++ = ':'; /* a missing value is told apart from an unknown option */
    for (size_t i = 0; i < n; i++) {
        longs[i] = (struct option) { options[i].name,
            options[i].value ? required_argument : no_argument, NULL, options[i].key };
        if (options[i].key < OPT_LONG) {
            *p++ = (char)options[i].key;
            if (options[i].value)
                *p++ = ':';
        }
    }
    *p = '\0';
    longs[n] = (struct option) { NULL, 0, NULL, 0 };
}

static const struct opt *by_key(const struct opt *options, int key)
{
    for (; options->name; options++)
        if (options->key == key)
            return options;
    return NULL;
}

/* Says `what "word"why` and ends the walk. */
static int wrong(
    struct opts *opts, const char *what, struct rt_span word, const char *why)
{
    say_error("%s \"%.*s\"%s", what, (int)word.n, word.p, why);
    opts->status = EXIT_USAGE;
    return OPTS_STOP;
}

/* An unknown long option, an abbreviation of several, or a value where none is due. */
static int wrong_long(struct opts *opts, const char *typed)
{
    const struct opt *options = opts->cmd->options;
    const char *names[OPTS_MAX], *near, *equals = strchr(typed, '=');
    struct rt_span word = { typed, equals ? (size_t)(equals - typed) : strlen(typed) };
    struct rt_span bare = { word.p + 2, word.n - 2 };
    size_t n = 0, begins = 0;
    char why[128] = "";

    for (; options[n].name; n++) {
        names[n] = options[n].name;
        begins += rt_span_starts(rt_span_of(names[n]), bare);
    }
    if (begins > 1)
        return wrong(opts, "option", word, " is short for more than one");
    if (begins == 1)
        return wrong(opts, "option", word, " takes no value");
    near = rt_near(bare, names, n);
    if (near)
        snprintf(why, sizeof why, "; did you mean --%s?", near);
    else
        snprintf(why, sizeof why, "; see `retarget %s --help`", opts->cmd->name);
    return wrong(opts, "unknown option", word, why);
}

static int wrong_short(struct opts *opts, char letter)
{
    char text[3] = { '-', letter, '\0' }, why[128];

    snprintf(why, sizeof why, "; see `retarget %s --help`", opts->cmd->name);
    return wrong(opts, "unknown option", rt_span_of(text), why);
}

static int no_value(struct opts *opts, int key)
{
    const struct opt *o = by_key(opts->cmd->options, key);
    char text[80];

    snprintf(text, sizeof text, "--%s", o ? o->name : "");
    return wrong(opts, "option", rt_span_of(text), " needs a value");
}

static int show_help(struct opts *opts)
{
    opts->status = print_help(opts->cmd);
    return OPTS_STOP;
}

int opts_next(struct opts *opts, const char **value)
{
    const struct opt *options = opts->cmd->options;
    struct option longs[OPTS_MAX + 1];
    char letters[3 * OPTS_MAX + 2];
    const char *typed;
    int key;

    tables(options, count(options), letters, longs);
    key = getopt_long(opts->argc, opts->argv, letters, longs, NULL);
    *value = optarg;
    switch (key) {
    case -1:
        opts->rest = opts->argv + optind;
        opts->nrest = (size_t)(opts->argc - optind);
        return OPTS_DONE;
    case 'h':
        return show_help(opts);
    case ':':
        return no_value(opts, optopt);
    case '?':
        typed = opts->argv[optind - 1];
        if (optopt && !by_key(options, optopt))
            return wrong_short(opts, (char)optopt);
        return wrong_long(opts, typed);
    default:
        return key;
    }
}

/* "-s, --segments FILE" */
static size_t left_column(const struct opt *o, char *out, size_t room)
{
    bool has_letter = o->key < OPT_LONG;
    int n = snprintf(out, room, "%c%c%c --%s%s%s", has_letter ? '-' : ' ',
        has_letter ? o->key : ' ', has_letter ? ',' : ' ', o->name, o->value ? " " : "",
        o->value ? o->value : "");

    return (size_t)n;
}

int opts_help(const struct cmd *cmd, struct rt_buf *out)
{
    char left[80];
    size_t widest = 0;
    int rc = rt_buf_addf(
        out, "Usage: retarget %s\n\n%s\n\nOptions:\n", cmd->usage, cmd->about);

    for (const struct opt *o = cmd->options; o->name; o++) {
        size_t n = left_column(o, left, sizeof left);

        widest = n > widest ? n : widest;
    }
    for (const struct opt *o = cmd->options; o->name && rc == RT_OK; o++) {
        left_column(o, left, sizeof left);
        rc = rt_buf_addf(out, "  %-*s  %s\n", (int)widest, left, o->help);
    }
    if (rc == RT_OK)
        rc = rt_buf_addf(out, "\n`retarget help %s` opens the manual.\n", cmd->name);
    return rc;
}
