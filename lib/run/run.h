/*
 * The main job: inputs and definitions in, lists and a report out. Wires all layers and
 * owns the threads; the only place that knows the whole path.
 */
#ifndef RT_RUN_H
#define RT_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "io/json.h"
#include "lists/report.h"

/* An input as the command line names it. */
struct rt_run_input {
    const char *source;     /* "web" of web=path; NULL when not named */
    const char *path;       /* "-" is standard input */
    const char *bytes_path; /* where its bytes were set aside; NULL: they were not */
};

/* Called now and then from one of the workers, never from two at once. total is 0 when
 * it is not known (pipes). */
struct rt_progress {
    void (*show)(void *ctx, uint64_t done_bytes, uint64_t total_bytes, uint64_t records);
    void *ctx;
};

/* Something that a person is told while it happens: what an input was recognised as. */
struct rt_notice {
    void (*say)(void *ctx, const char *text);
    void *ctx;
};

struct rt_run_options {
    const char *segments_path;
    const struct rt_run_input *inputs;
    uint32_t ninputs;       /* 0: people come from the contact files alone; RT_EUSAGE when
                         there are none either */
    const char *output_dir; /* "-": standard output, for one segment and one platform */
    const char *const *platforms; /* NULL: the file's outputs */
    uint32_t nplatforms;
    const char *const *only; /* segment names; NULL: all */
    uint32_t nonly;
    const char *as_of; /* ISO 8601, without a zone local in the segment file's timezone;
                          RT_EUSAGE when it is none. NULL: now_us */
    int64_t now_us;    /* the start of the run, cut to the second: lib reads no clock */
    uint32_t jobs;     /* at least 1 */
    uint64_t memory_bytes;
    const char *tmpdir;
    const char *rejects_path; /* NULL: none */
    bool max_rejects_percent;
    uint64_t max_rejects; /* a count, or millionths of the records read */
    const char *report_path,
        *html_path; /* NULL: none; report "-": standard output, before lists appear; also
                       of a run that ends with RT_EREJECTS */
    const char *country; /* of telephone numbers without any: alpha-2 in capitals; NULL:
                            none */
    uint32_t products; /* values of a segment's first `for_some` that csv and jsonl lists
                          have of each person; 0: none. RT_EUSAGE when no list has any */
    bool strict, dry_run;
    bool verbose; /* notices also for inputs whose source was named or matched */
    struct rt_progress progress;
    struct rt_notice notice;
    const char *zone_dir; /* NULL: the system's */
};

/*
 * Runs. report is filled as far as the run came, also on failure once reading began (NULL
 * before that); owned by the caller: rt_report_free. errors: definition errors, in an
 * arena of the caller's.
 *
 * RT_OK; RT_EUSAGE, RT_EDEFS, RT_EREJECTS and the rest as err.h says. Unless RT_OK, no
 * output file was changed.
 */
int rt_run_build(const struct rt_run_options *options, struct rt_report **report,
    struct rt_json_errors *errors, struct rt_err *err);

/*
 * Loads and compiles a segment file and looks for what is allowed and hardly meant; with
 * inputs, reads them once and compares. Of the options the paths, as_of, jobs, memory,
 * tmpdir and hooks count.
 *
 * errors    what is wrong; with RT_EIO, contact and opt-out files that cannot be read (they
 *           are looked for with inputs only)
 * warnings  in the order of the file; an arena of the caller's, as errors
 *
 * RT_OK, also with warnings; RT_EDEFS, RT_EUSAGE, RT_EIO and the rest as err.h says.
 */
int rt_run_check(const struct rt_run_options *options, struct rt_json_errors *errors,
    struct rt_json_errors *warnings, struct rt_err *err);

/* Asks a running build to stop as soon as it can (it returns RT_ESTOP).
 * Async-signal-safe. */
void rt_run_stop(void);

/* ---- peek */

struct rt_peek_column {
    struct rt_span name, field; /* as in struct rt_column */
    bool shadowed;
};

struct rt_peek_count {
    struct rt_span name;
    uint64_t n;
};

struct rt_peek_input {
    struct rt_span path, source, format;
    const char *packing; /* "plain", "gzip", "zstd" */
    char delimiter;
    const struct rt_peek_column *columns;
    uint32_t ncolumns;
    uint64_t read, used;
    uint64_t count[RT_REASONS];
    bool has_times;
    int64_t first_us, last_us;
    const struct rt_peek_count *events; /* most frequent first, then by bytes */
    uint32_t nevents;
    uint64_t other_events;           /* names past the table's limit of 10,000 */
    const struct rt_peek_count *ids; /* events with each id field */
    uint32_t nids;
    const struct rt_report_reject *rejects; /* the first few */
    uint32_t nrejects;
};

struct rt_peek {
    struct rt_arena arena;
    const struct rt_peek_input *inputs;
    uint32_t ninputs;
};

/* Reads inputs whole and says what they hold. segments_path may be NULL: then everything
 * is recognised by looking, ids are user_id, email, client_id. */
int rt_run_peek(const struct rt_run_options *options, struct rt_peek **out,
    struct rt_json_errors *errors, struct rt_err *err);
void rt_peek_free(struct rt_peek *peek);

/* ---- init */

struct rt_init {
    char as_of[40];              /* the end of the inputs: what to count back from */
    uint64_t events, without_id; /* events, and those of them without an id */
    bool by_address;             /* these are told apart by address */
};

/*
 * Reads inputs whole and appends a segment file for them to text: segments that their
 * events support. Of the options the inputs, jobs and hooks count.
 *
 * RT_OK; RT_EIO when there is no event in them; the rest as err.h says.
 */
int rt_run_init(const struct rt_run_options *options, struct rt_buf *text,
    struct rt_init *out, struct rt_err *err);

#endif
