/* The numbers of a run, gathered into the report. */
#include <stdio.h>
#include <sys/resource.h>

#include "run/build.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "lists/list_files.h"

static void *new_array(struct build *b, size_t n, size_t size)
{
    return rt_arena_new(&b->report->arena, n, size);
}

static struct rt_span copy(struct build *b, struct rt_span text)
{
    return text.p ? rt_arena_copy(&b->report->arena, text) : text;
}

static void add_feed(struct rt_report_source *s, const struct rt_feed *feed)
{
    s->files++;
    s->read += feed->tally.read;
    s->bytes += feed->bytes;
    for (unsigned r = 0; r < RT_REASONS; r++)
        s->count[r] += feed->tally.count[r];
}

static int report_rejects(struct build *b)
{
    struct rt_report_reject *rejects = new_array(b, RT_FIRST_REJECTS, sizeof *rejects);
    uint32_t n = 0;

    if (!rejects)
        return rt_build_no_memory(b);
    for (uint32_t i = 0; i < b->contacts.nfiles + b->inputs.nfeeds; i++) {
        const struct rt_feed *feed = i < b->inputs.nfeeds
            ? &b->inputs.feeds[i]
            : &b->contacts.files[i - b->inputs.nfeeds].feed;

        for (uint32_t k = 0; k < feed->nfirst_rejects && n < RT_FIRST_REJECTS; k++) {
            rejects[n] = feed->first_rejects[k];
            rejects[n].file = copy(b, rejects[n].file);
            n++;
        }
    }
    b->report->rejects = rejects;
    b->report->nrejects = n;
    return RT_OK;
}

/* Every record is used, dropped or rejected. That it is so does not follow from how the
 * three are counted, so it is looked at in every run. */
static int check_sum(struct build *b, const struct rt_report_source *s)
{
    uint64_t sum = s->used;

    for (unsigned r = 0; r < RT_REASONS; r++)
        sum += s->count[r];
    if (sum == s->read)
        return RT_OK;
    return rt_err_set(b->err, RT_EIO,
        "internal error: of %llu records of source %s only %llu are accounted for",
        (unsigned long long)s->read, s->name.p, (unsigned long long)sum);
}

int rt_build_report_reading(struct build *b)
{
    struct rt_report *r = b->report;
    struct rt_report_source *sources = new_array(b, b->inputs.nsources, sizeof *sources);
    int rc = RT_OK;

    if (!sources)
        return rt_build_no_memory(b);
    r->sources = sources;
    r->nsources = b->inputs.nsources;
    for (uint32_t i = 0; i < b->inputs.nfeeds; i++)
        add_feed(&sources[b->inputs.feeds[i].source_index], &b->inputs.feeds[i]);
    for (uint32_t s = 0; s < b->inputs.nsources; s++) {
        sources[s].name = copy(b, b->inputs.sources[s].name);
        sources[s].used = atomic_load(&b->used[s]);
        for (unsigned k = 0; k < RT_REASONS; k++)
            sources[s].count[k] += b->settled[s][k];
    }
    for (uint32_t i = 0; i < b->contacts.nfiles; i++) {
        const struct rt_tally *t = &b->contacts.files[i].feed.tally;

        r->contact_rows += t->read;
        r->contact_rows_without_id += t->count[RT_DROP_NO_ID];
        for (unsigned k = RT_REJECT_FIRST; k < RT_REASONS; k++)
            r->contact_rows_rejected += t->count[k];
    }
    for (uint32_t i = 0; i < b->o->jobs; i++) {
        struct rt_match_counts c = rt_intake_counts(b->intakes[i]);

        r->not_numbers += c.not_numbers;
        r->regex_limits += c.regex_limits;
    }
    for (uint32_t s = 0; s < r->nsources && rc == RT_OK; s++)
        rc = check_sum(b, &sources[s]);
    return rc == RT_OK ? report_rejects(b) : rc;
}

/* ---- the report of lists */

/* The file's name; of a list in parts that of the first. */
static int file_name(
    struct build *b, struct rt_span file, uint32_t nparts, struct rt_span *out)
{
    struct rt_buf name = RT_BUF_INIT(8192);
    int rc = rt_part_name(file, 1, nparts, &name);

    if (rc == RT_OK)
        *out = copy(b, rt_buf_span(&name));
    rt_buf_release(&name);
    return rc == RT_OK && out->p ? RT_OK : RT_ENOMEM;
}

/* What of the people's values the platform did not get; NULL: nothing was left out. */
static int report_left_out(
    struct build *b, const struct rt_dropped *dropped, const struct rt_dropped **out)
{
    static const struct rt_dropped nothing;
    struct rt_dropped *kept;

    *out = NULL;
    if (memcmp(dropped, &nothing, sizeof nothing) == 0)
        return RT_OK;
    kept = new_array(b, 1, sizeof *kept);
    if (!kept)
        return rt_build_no_memory(b);
    *kept = *dropped;
    *out = kept;
    return RT_OK;
}

static int report_list(struct build *b, uint32_t t, struct rt_report_list *out)
{
    const struct rt_target *target = &b->targets.targets[t];
    const struct rt_segment *seg = &b->defs->segments[target->segment];
    const struct rt_list_stats *stats = &b->stats[t];
    bool file = !b->o->dry_run && !rt_build_to_stdout(b->o);

    *out = (struct rt_report_list) { .to = copy(b, rt_span_of(target->platform->name)),
        .rows = stats->size.rows,
        .bytes = stats->size.bytes,
        .without_identifier = stats->without_identifier,
        .parts = stats->size.parts,
        .minimum = target->platform->minimum };
    if (target->arm != RT_NO_ARM)
        out->arm = copy(b, seg->arms[target->arm].name);
    if (file && file_name(b, target->file, stats->size.parts, &out->file) < 0)
        return rt_build_no_memory(b);
    if (rt_platform_warnings(target->platform, stats->size, &b->report->arena,
            &out->warnings, &out->nwarnings)
        < 0)
        return rt_build_no_memory(b);
    b->nwarnings += out->nwarnings;
    return report_left_out(b, &stats->dropped, &out->left_out);
}

/* How many lists the segment has: rooms for all of the run's, a segment, would add up. */
static uint32_t lists_of(const struct build *b, uint32_t segment)
{
    uint32_t n = 0;

    for (uint32_t t = 0; t < b->targets.n; t++)
        n += b->targets.targets[t].segment == segment;
    return n;
}

static int report_segment(struct build *b, uint32_t i, struct rt_report_segment *out)
{
    const struct rt_segment *seg = &b->defs->segments[i];
    const struct rt_segment_counts *c = &b->listing->segments[i];
    struct rt_report_list *lists = new_array(b, lists_of(b, i), sizeof *lists);
    int rc = lists ? RT_OK : rt_build_no_memory(b);

    *out = (struct rt_report_segment) { .name = copy(b, seg->name),
        .about = copy(b, seg->about),
        .undecided = c->undecided,
        .members = c->members,
        .opted_out = c->opted_out,
        .denied = c->denied,
        .held_out = c->held_out,
        .listed = c->listed,
        .with_identifier = c->with_identifier,
        .min_size = seg->min_size,
        .lists = lists };
    for (uint32_t t = 0; t < b->targets.n && rc == RT_OK; t++)
        if (b->targets.targets[t].segment == i)
            rc = report_list(b, t, &lists[out->nlists++]);
    return rc;
}

/* Warnings of the run: segments below their own min_size, what was skipped, and an export
 * that came out empty. */
static int add_warning(struct build *b, struct rt_span *warnings, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int add_warning(struct build *b, struct rt_span *warnings, const char *fmt, ...)
{
    char line[512];
    va_list ap;
    struct rt_span kept;

    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    kept = copy(b, rt_span_of(line));
    if (!kept.p)
        return rt_build_no_memory(b);
    warnings[b->report->nwarnings++] = kept;
    return RT_OK;
}

/* Searches given up for the sequences of a condition. As deep as the file allows. */
static uint64_t limits_of(const struct build *b, const struct rt_node *node)
{
    uint64_t n = 0;

    if (node->kind == RT_COND_SEQUENCE)
        return b->listing->sequence_limits[node->leaf];
    if (node->kind == RT_COND_FOR_SOME)
        return limits_of(b, &node->parts[0]);
    if (node->kind == RT_COND_ALL || node->kind == RT_COND_ANY
        || node->kind == RT_COND_NOT)
        for (uint32_t i = 0; i < node->n; i++)
            n += limits_of(b, &node->parts[i]);
    return n;
}

/* Of those that are worked out, listed or not. */
static int warn_of_sequences(struct build *b, struct rt_span *warnings)
{
    int rc = RT_OK;

    for (uint32_t i = 0; i < b->plan->nleaves; i++)
        b->report->sequence_limits += b->listing->sequence_limits[i];
    for (uint32_t i = 0; i < b->plan->nsegments && rc == RT_OK; i++) {
        const struct rt_plan_segment *s = &b->plan->segments[i];
        uint64_t n = limits_of(b, &s->match);

        for (uint32_t k = 0; k < s->nexclude; k++)
            n += limits_of(b, &s->exclude[k]);
        if (s->wanted && n)
            rc = add_warning(b, warnings,
                "%s: %llu %s; use fewer steps with \"same\", or finer times of events",
                b->defs->segments[i].name.p, (unsigned long long)n,
                n == 1 ? "search for a sequence was given up at its bound and leaves a "
                         "person undecided"
                       : "searches for sequences were given up at their bound and leave "
                         "people undecided");
    }
    return rc;
}

static int report_warnings(struct build *b)
{
    struct rt_report *r = b->report;
    struct rt_span *warnings =
        new_array(b, (size_t)r->nsegments + b->plan->nsegments + 4, sizeof *warnings);
    int rc = warnings ? RT_OK : rt_build_no_memory(b);
    uint64_t read = 0;

    r->warnings = warnings;
    for (uint32_t i = 0; i < r->nsegments && rc == RT_OK; i++) {
        const struct rt_report_segment *s = &r->segments[i];

        if (s->listed < s->min_size)
            rc = add_warning(b, warnings, "%s: %llu %s, fewer than its min_size of %llu",
                s->name.p, (unsigned long long)s->listed,
                s->listed == 1 ? "person" : "people", (unsigned long long)s->min_size);
    }
    if (rc == RT_OK && r->regex_limits)
        rc = add_warning(b, warnings,
            "%llu values were too costly for a regular expression and count as no match",
            (unsigned long long)r->regex_limits);
    if (rc == RT_OK)
        rc = warn_of_sequences(b, warnings);
    for (uint32_t s = 0; s < r->nsources; s++)
        read += r->sources[s].read;
    if (rc == RT_OK && b->inputs.nfeeds && !read)
        rc = add_warning(b, warnings, "the inputs hold no record");
    b->nwarnings += r->nwarnings;
    return rc;
}

int rt_build_report_lists(struct build *b)
{
    struct rt_report *r = b->report;
    uint32_t n = (uint32_t)b->defs->nsegments;
    struct rt_report_segment *segments = new_array(b, n, sizeof *segments);
    int rc = segments ? RT_OK : rt_build_no_memory(b);

    r->segments = segments;
    for (uint32_t i = 0; i < n && rc == RT_OK; i++)
        if (b->targets.wanted[i])
            rc = report_segment(b, i, &segments[r->nsegments++]);
    r->identifiers_counted = b->listing->identifiers_counted;
    r->people_known = true;
    r->people = b->listing->people;
    r->ids = rt_ids_count(b->ids);
    r->clusters_split = rt_people_split(b->people);
    r->spilled_bytes = atomic_load(&b->budget.spilled_bytes);
    return rc == RT_OK ? report_warnings(b) : rc;
}

void rt_build_report_cost(struct build *b)
{
    struct timespec now;
    struct rusage usage;

    clock_gettime(CLOCK_MONOTONIC, &now);
    b->report->elapsed_us = (uint64_t)((now.tv_sec - b->began.tv_sec) * 1000000
        + (now.tv_nsec - b->began.tv_nsec) / 1000);
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        b->report->peak_rss_bytes = (uint64_t)usage.ru_maxrss * 1024;
}
