/*
 * The segment file as a tree: checked, names resolved, durations and times in
 * microseconds. Nothing here is evaluated; plan.c compiles it.
 *
 * Everything lives in the arena of struct rt_defs and is read-only once loaded. Texts are
 * spans with a NUL behind them. A text or a path that is not given is absent.
 *
 * Limits: those of io/json.h (16 MiB, 100 levels), 28 ids.
 */
#ifndef RT_SEGDEF_H
#define RT_SEGDEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "events/source.h"
#include "io/json.h"
#include "plan/pattern.h"

/* ---- tests on one field */

enum rt_op {
    RT_OP_EQ_TEXT, /* equals one of texts */
    RT_OP_EQ_NUM,  /* equals one of numbers */
    RT_OP_TRUE,    /* one of true 1 yes y t, any case */
    RT_OP_FALSE,   /* one of false 0 no n f, any case */
    RT_OP_GT,
    RT_OP_GTE,
    RT_OP_LT,
    RT_OP_LTE,
    RT_OP_BETWEEN,  /* numbers[0] <= v <= numbers[1] */
    RT_OP_CONTAINS, /* texts[0]; also the next three */
    RT_OP_STARTS,
    RT_OP_ENDS,
    RT_OP_GLOB,
    RT_OP_REGEX,
    RT_OP_EXISTS, /* present and not empty; `exists: false` is RT_TEST_NOT around it */
    RT_OP_AGO,    /* min_us <= as-of - t < max_us, for a field that holds a time */
    RT_OP_BEFORE, /* t < time_us */
    RT_OP_AFTER,  /* t >= time_us */
    RT_OP_CIDR    /* in one of networks */
};

/*
 * A formula over tests. `ne: x` is RT_TEST_ALL of EXISTS and NOT EQ (it holds for every
 * present value that eq does not); a mixed `in` list is RT_TEST_ANY of EQ_TEXT and EQ_NUM...;
 * several operators in one object are RT_TEST_ALL.
 */
enum rt_test_kind { RT_TEST_ALL, RT_TEST_ANY, RT_TEST_NOT, RT_TEST_LEAF };

struct rt_test {
    enum rt_test_kind kind;
    /* ALL, ANY (n >= 1; ALL of none does not occur), NOT (n == 1) */
    const struct rt_test *const *parts;
    size_t n;
    /* LEAF */
    struct rt_span field;
    enum rt_op op;
    bool ignore_case; /* texts, ASCII */
    const struct rt_span *texts;
    size_t ntexts;
    const int64_t *numbers; /* millionths */
    size_t nnumbers;
    const struct rt_network *networks;
    size_t nnetworks;
    int64_t min_us, max_us; /* AGO; RT_TIME_MAX when open */
    int64_t time_us;        /* BEFORE, AFTER */
};

/* ---- events */

/* One way to be the event: a raw name out of names (none: any name, "*"), and where. */
struct rt_event_choice {
    const struct rt_span *names;
    size_t nnames;               /* 0: any */
    const struct rt_test *where; /* NULL: none */
};

/* E of the language: friendly names are resolved; an event that fits several choices counts
 * once. text is how the file names it, for sentences: "cart", "cart or view". */
struct rt_event_set {
    const struct rt_event_choice *choices;
    size_t n;
    struct rt_span text;
};

/* ---- windows */

enum rt_window_kind {
    RT_WINDOW_ALL,
    RT_WINDOW_AGO,  /* in_last: 0 <= age < max; ago: min <= age < max */
    RT_WINDOW_ON,   /* a calendar window by name */
    RT_WINDOW_DATES /* from <= t < to */
};

enum rt_anchor_kind {
    RT_ANCHOR_NONE,
    RT_ANCHOR_SINCE_LAST,
    RT_ANCHOR_SINCE_FIRST,
    RT_ANCHOR_BEFORE_LAST,
    RT_ANCHOR_BEFORE_FIRST
};

struct rt_window {
    enum rt_window_kind kind;
    int64_t min_us, max_us; /* AGO; max RT_TIME_MAX when open */
    bool in_last;           /* AGO written as in_last */
    struct rt_span on;      /* ON: "last_7_days" */
    int64_t from_us, to_us; /* DATES; RT_TIME_MIN, RT_TIME_MAX when open */
    enum rt_anchor_kind anchor;
    struct rt_event_set anchor_events;
};

/* ---- conditions */

enum rt_cond_kind {
    RT_COND_ALL,
    RT_COND_ANY,
    RT_COND_NOT,
    RT_COND_SEGMENT,
    RT_COND_DID,
    RT_COND_DID_NOT,
    RT_COND_LAST,
    RT_COND_FIRST,
    RT_COND_PROFILE,
    RT_COND_SEQUENCE,
    RT_COND_SESSION,
    RT_COND_FOR_SOME,
    RT_COND_RANK
};

enum rt_measure_kind {
    RT_MEASURE_COUNT, /* min_count..max_count of events, or of distinct values */
    RT_MEASURE_SUM,
    RT_MEASURE_AVG,
    RT_MEASURE_MIN,
    RT_MEASURE_MAX
};

struct rt_measure {
    enum rt_measure_kind kind;
    uint64_t min_count, max_count; /* COUNT; UINT64_MAX when open */
    struct rt_span field; /* distinct, or the field that is summed; absent: events */
    bool by_day;          /* distinct: "@day" */
    bool has_gte, has_gt, has_lte, has_lt, has_eq; /* SUM .. MAX */
    int64_t gte, gt, lte, lt, eq;                  /* millionths */
};

struct rt_step {
    bool negative; /* did_not */
    struct rt_event_set events;
    const struct rt_test *where; /* NULL: none */
    int64_t within_us, after_us; /* -1: not given */
    bool next;
    const struct rt_span *same;
    size_t nsame;
};

enum rt_start { RT_START_ANY, RT_START_FIRST, RT_START_LAST };

struct rt_cond {
    enum rt_cond_kind kind;
    const struct rt_json
        *json; /* where it stands in the file: for messages and explain */
    const struct rt_cond *const *parts; /* ALL ANY NOT; FOR_SOME's `holds` is parts[0] */
    size_t n;
    uint32_t segment;            /* SEGMENT: its place in the file; RANK's `among` */
    bool has_among;              /* RANK */
    struct rt_event_set events;  /* DID DID_NOT LAST FIRST; RANK's `of` */
    const struct rt_test *where; /* likewise; NULL: none */
    struct rt_window window;     /* likewise; SEQUENCE, SESSION: without anchor */
    struct rt_measure measure;   /* DID; RANK: what is ranked by (COUNT SUM AVG MAX) */
    bool has_ago;                /* LAST FIRST */
    int64_t ago_min_us, ago_max_us;
    const struct rt_test *is; /* LAST FIRST; PROFILE's tests */
    /* SEQUENCE */
    const struct rt_step *steps;
    size_t nsteps;
    int64_t within_us; /* -1: not given */
    bool in_session;
    enum rt_start start;
    /* SESSION */
    enum rt_start session; /* which: any, first, last */
    const struct rt_test *landing;
    bool has_has;
    struct rt_event_set has_events;
    const struct rt_test *has_where;
    uint64_t has_min, has_max;
    int64_t duration_gte_us, duration_gt_us, duration_lte_us, duration_lt_us; /* -1 */
    uint64_t events_min, events_max;
    /* FOR_SOME */
    struct rt_span field;
    /* RANK */
    bool bottom;
    bool by_percent;
    uint32_t millionths; /* by_percent */
    uint64_t count;      /* otherwise */
};

/* ---- segments, people, privacy, outputs */

struct rt_arm {
    struct rt_span name;
    uint32_t buckets; /* of 10000 */
};

struct rt_membership {
    bool given;
    int64_t keep_us, at_most_us, cooldown_us; /* -1: not given */
};

struct rt_segment {
    struct rt_span name, about;
    const struct rt_json *json;
    const struct rt_cond *match;
    const struct rt_cond *const *exclude;
    size_t nexclude;
    struct rt_span tier; /* absent: none */
    int64_t priority;
    const uint32_t *consent; /* places in rt_privacy.purposes; all must be granted */
    size_t nconsent;
    uint64_t min_size;
    struct rt_span salt;
    const struct rt_arm *arms;
    size_t narms;
    struct rt_membership membership;
};

struct rt_contact_file {
    struct rt_span path; /* resolved against the segment file's folder */
    const struct rt_mapping *fields;
    size_t nfields;
    char delimiter; /* '\0': not given */
    bool fill;      /* "ragged": "fill" */
    const struct rt_json *json;
};

enum { RT_PEOPLE_IDS_MAX = 28 }; /* of ids, and of fallback */

struct rt_people_def {
    const struct rt_span *ids; /* most durable first */
    size_t nids;
    bool link;
    uint64_t max_ids;
    const struct rt_span *fallback;
    size_t nfallback;
    const struct rt_span *ignore;
    size_t nignore;
    const struct rt_contact_file *contacts;
    size_t ncontacts;
};

struct rt_purpose {
    struct rt_span name, field;
    const struct rt_span *granted;
    size_t ngranted;
    bool absent_grants;
};

struct rt_output {
    struct rt_span to;
    const uint32_t *segments; /* places in the file; n == 0 with all set: every segment */
    size_t nsegments;
    bool all;
    struct rt_span file; /* "{segment}.{to}.csv"; absent: the default */
    const struct rt_json *json;
};

struct rt_named_events {
    struct rt_span name;
    struct rt_event_choice choice;
};

struct rt_defs {
    struct rt_arena arena;
    struct rt_span path, text;
    const struct rt_json *json;
    struct rt_span timezone;
    struct rt_zone *zone;          /* owned */
    struct rt_zone **source_zones; /* owned, with the array in arena */
    size_t nsource_zones;
    bool week_starts_sunday;
    int64_t session_timeout_us;
    const struct rt_source *sources;
    size_t nsources;
    struct rt_people_def people;
    const struct rt_named_events *events;
    size_t nevents;
    const struct rt_purpose *purposes;
    size_t npurposes;
    const struct rt_span *opt_out_files; /* resolved paths */
    size_t nopt_outs;
    const struct rt_segment *segments;
    size_t nsegments;
    const struct rt_output *outputs;
    size_t noutputs;
};

/*
 * Loads a segment file.
 *
 * platforms, nplatforms  the known names for `to`; borrowed for the call
 * out     owned by the caller: rt_defs_free. NULL on failure
 * errors  everything that is wrong, with line, column and path; lives in the arena given
 *         to it by the caller, so it outlives a failed load
 * err     the first of them, or what kept the file from being read
 *
 * RT_OK, RT_EDEFS, RT_EIO (the file or the zone database cannot be read), RT_ELIMIT (the
 * file is larger than 16 MiB), RT_ENOMEM.
 */
int rt_defs_load(const char *path, const char *const *platforms, size_t nplatforms,
    struct rt_defs **out, struct rt_json_errors *errors, struct rt_err *err);

/* The same for a text that is in memory; path names it in messages, and its folder is
 * where relative paths begin. text is borrowed for the call. */
int rt_defs_parse(struct rt_span text, const char *path, const char *const *platforms,
    size_t nplatforms, struct rt_defs **out, struct rt_json_errors *errors,
    struct rt_err *err);
void rt_defs_free(struct rt_defs *defs);

/* The segment of that name, case-sensitive; -1 when there is none. */
long rt_defs_segment(const struct rt_defs *defs, struct rt_span name);

#endif
