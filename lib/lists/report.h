/*
 * The numbers of a run, and how they are shown: a summary for the terminal, JSON for
 * programs, HTML for a colleague. Holds no personal value; file names, segment names and
 * counts only.
 *
 * Filled by run; all memory in its arena.
 */
#ifndef RT_REPORT_H
#define RT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "events/reason.h"
#include "lists/rows.h"

struct rt_report_source {
    struct rt_span name; /* the segment file's, or the format when it names none */
    uint32_t files;
    uint64_t read, used;
    uint64_t count[RT_REASONS]; /* dropped and rejected, by reason */
    uint64_t bytes;             /* unpacked */
};

struct rt_report_list {
    struct rt_span to, arm; /* arm: absent when the list is the segment's own */
    struct rt_span file;    /* as written; absent with --dry-run and for stdout "-" */
    uint64_t rows, bytes;
    uint64_t without_identifier; /* listed people of whom the platform got nothing */
    const struct rt_dropped *left_out; /* values, by field and reason; NULL: none */
    uint32_t parts;
    uint64_t minimum; /* the platform's; 0: none known */
    const struct rt_span *warnings;
    uint32_t nwarnings;
};

struct rt_report_segment {
    struct rt_span name, about;
    uint64_t undecided, members, opted_out, denied, held_out, listed;
    uint64_t with_identifier; /* of the listed: with an e-mail address or a phone; see
                                 struct rt_report.identifiers_counted */
    uint64_t min_size;        /* from the file; 0: none */
    const struct rt_report_list *lists;
    uint32_t nlists;
};

struct rt_report_reject { /* one of the first few, for a person */
    struct rt_span file;
    uint64_t line;
    enum rt_reason reason;
};

struct rt_report {
    struct rt_arena arena;
    int64_t as_of_us;
    uint64_t elapsed_us, peak_rss_bytes, spilled_bytes;
    uint64_t people, ids, clusters_split; /* split: over max_ids */
    const struct rt_report_source *sources;
    uint32_t nsources;
    uint64_t contact_rows, contact_rows_without_id, contact_rows_rejected;
    uint64_t opt_out_ids;     /* ids of the inputs that stand in opt-out files */
    uint64_t not_numbers;     /* values skipped by sum, avg, min, max */
    uint64_t regex_limits;    /* searches that passed the cost bound */
    uint64_t sequence_limits; /* sequences, by person, that passed theirs: undecided */
    const struct rt_report_segment *segments;
    uint32_t nsegments;
    const struct rt_report_reject *rejects;
    uint32_t nrejects;
    const struct rt_span *warnings; /* of the run as a whole */
    uint32_t nwarnings;
    bool dry_run;
    bool people_known;        /* the run came as far as to tell them apart */
    bool identifiers_counted; /* some list has more than keys, so it was counted who has
                                 an identifier */
};

/* An empty report, zeroed: RT_OK or RT_ENOMEM. Owned by the caller: rt_report_free. */
int rt_report_new(struct rt_report **out);
void rt_report_free(struct rt_report *report);

/* Each appends to out: RT_OK, RT_ENOMEM, or RT_ELIMIT at the end of out. colour: ANSI colours; width: columns of the terminal. */
int rt_report_text(
    const struct rt_report *report, bool colour, unsigned width, struct rt_buf *out);
int rt_report_json(const struct rt_report *report, struct rt_buf *out);
int rt_report_html(const struct rt_report *report, struct rt_buf *out);

#endif
