/*
 * Patterns on values, compiled once, read-only, shared by threads: globs, regular
 * expressions of bounded cost, networks.
 */
#ifndef RT_PATTERN_H
#define RT_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

/* Whole-value glob: '*' any run of characters, '?' one (a UTF-8 sequence; a byte that begins
 * none counts alone). At most value times pattern steps. ignore_case: ASCII. */
bool rt_glob(struct rt_span pattern, struct rt_span value, bool ignore_case);

struct rt_regex;

/*
 * Perl's, searched unanchored, in UTF mode when the pattern is not ASCII or begins with
 * "(*UTF)"; compiled with JIT. A value that is no UTF-8 is searched all the same: in UTF
 * mode nothing matches a broken place or across it, else bytes are bytes. ignore_case
 * follows Unicode in UTF mode, ASCII else. \C is refused; a pattern has at most 64 KiB.
 *
 * Bounded: match limit 100,000 from each place where a match could begin; in JIT code a
 * stack of 1 MiB, else depth limit 1,000 and heap 1 MiB. A search that passes one does not
 * match, and *over (below) says so.
 *
 * RT_OK; RT_EDEFS with the library's own words and the offset in err->col, from 1;
 * RT_ENOMEM.
 */
int rt_regex_new(
    struct rt_span pattern, bool ignore_case, struct rt_regex **out, struct rt_err *err);
void rt_regex_free(struct rt_regex *regex);

struct rt_regex_scratch; /* match data; one a thread */
int rt_regex_scratch_new(struct rt_regex_scratch **out);
void rt_regex_scratch_free(struct rt_regex_scratch *scratch);

/* over: incremented when a limit was passed; may be NULL. */
bool rt_regex_search(const struct rt_regex *regex, struct rt_regex_scratch *scratch,
    struct rt_span value, uint64_t *over);

/* The same for n values; holds: a mask (base/columns.h). Where the regex names a text
 * outright, most values cost only the look for that. */
void rt_regex_column(const struct rt_regex *regex, struct rt_regex_scratch *scratch,
    const struct rt_span *values, uint32_t n, uint64_t *holds, uint64_t *over);

struct rt_network {
    uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d */
    uint8_t bits;        /* of the 128 */
};

/* "10.0.0.0/8", "2001:db8::/32", a single address too. Bits beyond the prefix must be
 * zero. RT_OK or RT_ESYNTAX. */
int rt_network_parse(struct rt_span text, struct rt_network *out);

/* value: an IPv4 or IPv6 address as text (IPv6 may stand in brackets, with a zone or not);
 * anything else matches nothing. An IPv4-mapped IPv6 address is its IPv4 address, and an
 * IPv4 address is in no IPv6 network: "::/0" does not have it. */
bool rt_network_has(const struct rt_network *network, struct rt_span value);

#endif
