/*
 * Explaining: what a segment file says, in words; and of one person, why each of its
 * conditions holds or not, what decided it, and when that changes next.
 *
 * What is in an explanation is the person's own data: the user named exactly this person.
 */
#ifndef RT_EXPLAIN_H
#define RT_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "people/answer.h"
#include "plan/segdef.h"
#include "run/listing.h"
#include "run/run.h"

enum {
    RT_EXPLAINED_EVENTS_MAX = 5, /* shown of those that decide a condition */
    RT_EXPLAINED_VALUES_MAX = 5  /* shown of those of a for_some */
};

/* A record of the person. */
struct rt_explained_event {
    int64_t time_us;
    struct rt_span
        name; /* as the input has it; absent: a contact row, which has no time */
    struct rt_span path; /* "-" is standard input */
    uint64_t line;
};

/* When the answer changes, if nothing else happens. */
struct rt_explained_change {
    bool found;
    int64_t at_us;
    enum rt_answer to;
    struct rt_span why; /* "the cart of ... is 7 days old"; absent: no one reason */
    bool ranked; /* with the bounds of ranks as they stand: they depend on other people */
};

struct rt_explained_node {
    const struct rt_cond *cond; /* NULL: one step, value or session of the node above */
    struct rt_span says;
    enum rt_answer answer;
    bool answered; /* else it is a step, which has no answer of its own */
    bool given_up; /* at the bound of a sequence's search: undecided, or without events */
    struct rt_explained_event anchor;        /* line 0: none */
    const struct rt_explained_event *events; /* that decide, newest first */
    uint32_t nevents;
    uint64_t nfound;     /* of which events are the first */
    struct rt_span note; /* what was measured; absent: nothing */
    struct rt_explained_change next;
    const struct rt_explained_node *parts;
    uint32_t nparts;
    uint64_t nleft; /* parts that are not shown */
};

struct rt_explained_list {
    struct rt_span file, to;
    uint64_t rows;
    bool arm; /* the list of the person's arm */
};

struct rt_explained_segment {
    const struct rt_segment *segment;
    struct rt_span says;   /* the sentence */
    bool asked;            /* else another one refers to it */
    enum rt_answer answer; /* match and none of exclude */
    struct rt_explained_change next;
    struct rt_explained_node match;
    const struct rt_explained_node *exclude;
    uint32_t nexclude;
    /* what comes of it; only when it is asked for */
    enum rt_fate fate;
    struct rt_span kept_by; /* the segment of its tier that has the person */
    struct rt_span denied;  /* the purpose without consent */
    struct rt_span arm;     /* absent: none */
    uint32_t bucket;
    struct rt_explained_list *lists;
    uint32_t nlists;
};

struct rt_explained_id {
    struct rt_span kind, value;
    bool links; /* else it stands beside an id and makes nobody one person */
};

struct rt_explained_consent {
    struct rt_span purpose;
    bool granted;
    struct rt_explained_event by; /* line 0: nothing was said, so the file's `absent` */
};

struct rt_explained_person {
    struct rt_span key;
    const struct rt_explained_id *ids; /* most durable kind first, then by bytes */
    uint32_t nids;
    uint64_t nevents, ncontacts;
    int64_t first_us, last_us;
    const struct rt_explained_consent *consents;
    uint32_t nconsents;
    bool opted_out;
};

struct rt_explanation {
    struct rt_arena arena;
    struct rt_defs *defs;
    int64_t as_of_us;
    bool of_person;
    struct rt_explained_person person;
    struct rt_explained_segment *segments; /* as in the file */
    uint32_t nsegments;
    bool bounded; /* changes were looked for up to looked_us alone */
    int64_t looked_us;
};

/*
 * Explains.
 *
 * options  segments_path, only, as_of, now_us, jobs, memory_bytes, tmpdir, progress, notice,
 *          verbose; with a person inputs, ninputs
 * person   an id ("user_id:42", "email:a@b.c", "visitor:0123456789abcdef"), or one without
 *          its kind that only one person has; NULL: the file alone, and no input is read
 * out      owned by the caller: rt_explanation_free
 *
 * RT_OK; RT_EUSAGE, RT_EDEFS; RT_EIO also when there is no such person; RT_ELIMIT,
 * RT_ENOMEM, RT_ESTOP. No message has an id in it.
 */
int rt_run_explain(const struct rt_run_options *options, const char *person,
    struct rt_explanation **out, struct rt_json_errors *errors, struct rt_err *err);
void rt_explanation_free(struct rt_explanation *explanation);

struct rt_explain_style {
    bool colour;
    bool utf8; /* marks in place of words */
};

/* As text for a person, appended. RT_OK, RT_ENOMEM, RT_ELIMIT. */
int rt_explanation_text(const struct rt_explanation *explanation,
    struct rt_explain_style style, struct rt_buf *out);

/* As JSON, appended: retarget-explain(1), "JSON". */
int rt_explanation_json(const struct rt_explanation *explanation, struct rt_buf *out);

/* True when some condition of the segment names these friendly events, and they stand for
 * something else than their name. */
bool rt_explained_uses(
    const struct rt_segment *segment, const struct rt_named_events *named);

#endif
