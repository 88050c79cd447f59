/*
 * What the forms of reports share, and those of an explanation. Only the files that write
 * one include this.
 */
#ifndef RT_REPORT_PARTS_H
#define RT_REPORT_PARTS_H

#include "lists/report.h"

/* A buffer that remembers its first failure, so that writers need not look at each step. */
struct rt_report_out {
    struct rt_buf *buf;
    int rc;
};

void rt_report_put(struct rt_report_out *out, const char *text);
void rt_report_putc(struct rt_report_out *out, char c);
void rt_report_putf(struct rt_report_out *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A text as UTF-8 that is safe to show: control characters become '?', what is no UTF-8
 * U+FFFD. Calls put for each character with its bytes. */
typedef void rt_report_char(struct rt_report_out *out, const char *bytes, size_t n);
size_t rt_report_chars(
    struct rt_report_out *out, struct rt_span text, rt_report_char *put);

/* "1,234,567"; returns the length. */
int rt_report_grouped(uint64_t n, char out[32]);

/* "97.3%" of a whole; "" when there is no whole. */
int rt_report_percent(uint64_t n, uint64_t whole, char out[16]);

/* "1.4 GiB" */
int rt_report_size(uint64_t bytes, char out[24]);

/*
 * The way from records to people, over all sources: each step is what is left once its
 * reasons are taken away. The last one is what was used.
 */
enum {
    RT_STEP_READ,
    RT_STEP_PARSED,
    RT_STEP_WANTED, /* pages and pixels of logs */
    RT_STEP_NOT_BOT,
    RT_STEP_IN_TIME,
    RT_STEP_ONCE,
    RT_STEP_WITH_ID,
    RT_STEPS
};

struct rt_report_step {
    const char *label;
    uint64_t left;
    uint64_t lost;
    uint64_t count[RT_REASONS]; /* of the lost, by reason */
};

void rt_report_steps(
    const struct rt_report *report, struct rt_report_step steps[RT_STEPS]);

/* True when the step is to be shown: the contract's five always, others when they lost. */
bool rt_report_step_shown(const struct rt_report_step *steps, int step);

/* Sums over a source's reasons: [from, to). */
uint64_t rt_report_sum(const struct rt_report_source *source, int from, int to);

/* What else there is to say of records and ids, each when there is any of it. */
enum { RT_REPORT_NOTES = 7 };
struct rt_report_note {
    uint64_t n;       /* at least 1 */
    const char *text; /* behind the number: "contact rows rejected" */
};
/* Returns how many there are. */
size_t rt_report_notes(
    const struct rt_report *report, struct rt_report_note notes[RT_REPORT_NOTES]);

static inline bool rt_report_below(const struct rt_report_list *list)
{
    return list->minimum && list->rows < list->minimum;
}

#endif
