/*
 * Sequences once more, by trying every chain there is: written from the definition, for
 * people with a handful of events.
 */
#ifndef CHAIN_TWIN_H
#define CHAIN_TWIN_H

#include <stdbool.h>
#include <stdint.h>

enum { TWIN_STEPS_MAX = 12, TWIN_EVENTS_MAX = 16, TWIN_FIELDS = 2 };

enum twin_start { TWIN_ANY, TWIN_FIRST, TWIN_LAST };

struct twin_event {
    int64_t s;                /* seconds */
    char name;                /* 'a', 'b', ...; '-': a contact row */
    char fields[TWIN_FIELDS]; /* of p and q; '\0': empty */
};

struct twin_step {
    bool negative, next;
    char names[4];             /* "ab": any of them; "*" */
    char p;                    /* only events whose p is this; '\0': any */
    int64_t within_s, after_s; /* -1: not given */
    bool same[TWIN_FIELDS];
};

struct twin_chain {
    struct twin_step steps[TWIN_STEPS_MAX];
    unsigned nsteps;
    int64_t within_s;     /* -1: not given */
    int64_t from_s, to_s; /* the window, both included */
    bool in_session;
    int64_t timeout_s;
    enum twin_start start;
    int64_t as_of_s;
};

/* RT_NO, RT_YES, RT_UNDECIDED. Events in any order. */
int twin_ask(const struct twin_chain *chain, const struct twin_event *events, unsigned n);

/* What the one chain is that stands on these events, -1 at negative steps; NULL: on any. */
int twin_check(const struct twin_chain *chain, const struct twin_event *events,
    unsigned n, const int *picks);

/* The same of the steps up to the n-th positive one. Where the anchor chooses a start, from
 * there. */
int twin_check_beginning(const struct twin_chain *chain, unsigned npositive,
    const struct twin_event *events, unsigned n, const int *picks);

#endif
