/* Inputs are opened one after another, in the order of the command line, so that messages
 * come in that order, and before any is read whole. */
#include "run/inputs.h"

#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/near.h"
#include "plan/pattern.h"

struct identity {
    uint64_t device, inode;
};

static struct rt_span base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return rt_span_of(slash ? slash + 1 : path);
}

static const struct rt_source *by_name(
    const struct rt_defs *defs, const char *name, struct rt_err *err)
{
    const char *names[256], *near;
    size_t n = 0;

    for (size_t i = 0; defs && i < defs->nsources; i++) {
        if (rt_span_eq(defs->sources[i].name, rt_span_of(name)))
            return &defs->sources[i];
        if (n < 256)
            names[n++] = defs->sources[i].name.p;
    }
    near = rt_near(rt_span_of(name), names, n);
    rt_err_set(err, RT_EUSAGE, "no source is called '%s'%s%s%s", name,
        near ? "; did you mean '"
             : " (for a file with an = in its name, write ./ before it)",
        near ? near : "", near ? "'?" : "");
    return NULL;
}

static const struct rt_source *by_file(const struct rt_defs *defs, const char *path)
{
    struct rt_span name = base_name(path);

    for (size_t i = 0; defs && i < defs->nsources; i++)
        for (size_t k = 0; k < defs->sources[i].nfiles; k++)
            if (rt_glob(defs->sources[i].files[k], name, false))
                return &defs->sources[i];
    return NULL;
}

struct rt_screen_rules rt_inputs_rules(
    const struct rt_feed *feed, uint32_t user_agent_slot, uint32_t device_slot)
{
    bool log = rt_decoder_format(feed->decoder) >= RT_FORMAT_COMMON;
    enum rt_bots bots = feed->source->bots;

    if (bots == RT_BOTS_DEFAULT)
        bots = log ? RT_BOTS_DROP : RT_BOTS_KEEP;
    return (struct rt_screen_rules) { .time_form = *rt_decoder_time_form(feed->decoder),
        .event = rt_decoder_event(feed->decoder),
        .bots = bots,
        .user_agent_slot = user_agent_slot,
        .device_slot = device_slot };
}

/* The entry for the feed's source: an input without one counts under its format. */
static uint32_t entry_of(struct rt_inputs *in, const struct rt_feed *feed)
{
    struct rt_span name = feed->source->name;

    if (feed->source == &in->unnamed)
        name = rt_span_of(rt_format_name(rt_decoder_format(feed->decoder)));
    for (uint32_t i = 0; i < in->nsources; i++)
        if (in->sources[i].source == feed->source
            && rt_span_eq(in->sources[i].name, name))
            return i;
    in->sources[in->nsources] = (struct rt_inputs_source) { feed->source, name };
    return in->nsources++;
}

static int check_twice(const struct identity *seen, uint32_t n, struct identity *mine,
    const char *path, struct rt_err *err)
{
    struct stat st;

    *mine = (struct identity) { 0, 0 };
    if (strcmp(path, "-") == 0 ? fstat(0, &st) != 0 : stat(path, &st) != 0)
        return RT_OK; /* opening it says what is wrong */
    if (!S_ISREG(st.st_mode) && strcmp(path, "-") != 0)
        return RT_OK;
    *mine = (struct identity) { (uint64_t)st.st_dev, (uint64_t)st.st_ino };
    for (uint32_t i = 0; i < n; i++)
        if (mine->inode && seen[i].inode == mine->inode && seen[i].device == mine->device)
            return rt_err_at(err, RT_EUSAGE, rt_input_name(path), 0, 0, "named twice");
    return RT_OK;
}

/* "events.csv.gz: CSV, separated by ';', gzip; source shop" */
static void say(const struct rt_inputs *in, const struct rt_feed *feed, bool looked,
    const struct rt_run_options *o)
{
    static const char *const packings[] = { "", ", gzip", ", zstd" };
    struct rt_buf text = RT_BUF_INIT(8192);
    char delimiter = rt_decoder_delimiter(feed->decoder);
    bool odd = delimiter && delimiter != ','
        && rt_decoder_format(feed->decoder) == RT_FORMAT_CSV;

    if (!o->notice.say || (!looked && !o->verbose))
        return;
    rt_buf_addf(&text, "%s: %s", rt_input_name(feed->path),
        rt_format_name(rt_decoder_format(feed->decoder)));
    if (odd && delimiter == '\t')
        rt_buf_adds(&text, " separated by tabs");
    else if (odd)
        rt_buf_addf(&text, " separated by '%c'", delimiter);
    rt_buf_adds(&text, packings[feed->packing]);
    if (looked)
        rt_buf_adds(&text, ", recognised by looking");
    if (feed->source != &in->unnamed)
        rt_buf_addf(&text, "; source %s", feed->source->name.p);
    o->notice.say(o->notice.ctx, rt_buf_text(&text));
    rt_buf_release(&text);
}

static int open_one(struct rt_inputs *in, const struct rt_defs *defs,
    const struct rt_slots *slots, const struct rt_run_options *o, uint32_t i,
    struct rt_err *err)
{
    const struct rt_run_input *input = &o->inputs[i];
    const struct rt_source *source =
        input->source ? by_name(defs, input->source, err) : by_file(defs, input->path);
    struct rt_feed *feed = &in->feeds[i];
    int rc;

    if (input->source && !source)
        return RT_EUSAGE;
    if (!*input->path)
        return rt_err_set(
            err, RT_EUSAGE, "an input without a name: give PATH or SOURCE=PATH");
    if (!source)
        source = &in->unnamed;
    in->nfeeds = i + 1; /* also a feed that failed half-way is closed */
    rc = rt_feed_open_copy(feed, input->path,
        input->bytes_path ? input->bytes_path : input->path, source, slots, err);
    if (rc < 0)
        return rc;
    feed->source_index = entry_of(in, feed);
    say(in, feed, source->format == RT_FORMAT_LOOK, o);
    return RT_OK;
}

int rt_inputs_open(struct rt_inputs *in, const struct rt_defs *defs,
    const struct rt_zone *zone, const struct rt_slots *slots,
    const struct rt_run_options *o, struct rt_err *err)
{
    struct identity *seen = rt_calloc(o->ninputs, sizeof *seen);
    size_t nsources = (defs ? defs->nsources : 0) + RT_FORMATS;
    int rc = RT_OK;

    memset(in, 0, sizeof *in);
    in->unnamed.time_form = (struct rt_timeform) { .kind = RT_TIME_ANY, .zone = zone };
    in->feeds = rt_calloc(o->ninputs, sizeof *in->feeds);
    in->sources = rt_arena_new(&in->arena, nsources, sizeof *in->sources);
    if (!seen || !in->feeds || !in->sources)
        rc = rt_err_set(err, RT_ENOMEM, "out of memory");
    for (size_t i = 0; rc == RT_OK && defs && i < defs->nsources; i++)
        in->sources[in->nsources++] =
            (struct rt_inputs_source) { &defs->sources[i], defs->sources[i].name };
    for (uint32_t i = 0; i < o->ninputs && rc == RT_OK; i++) {
        rc = check_twice(seen, i, &seen[i], o->inputs[i].path, err);
        if (rc == RT_OK)
            rc = open_one(in, defs, slots, o, i, err);
    }
    rt_free(seen);
    return rc;
}

void rt_inputs_close(struct rt_inputs *in)
{
    for (uint32_t i = 0; i < in->nfeeds; i++)
        rt_feed_close(&in->feeds[i]);
    rt_free(in->feeds);
    rt_arena_release(&in->arena);
    memset(in, 0, sizeof *in);
}
