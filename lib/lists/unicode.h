/*
 * The little of Unicode that list rules ask for, over libunistring. Texts are UTF-8; no
 * locale is read: case follows the root locale, as the platforms' own formatters do.
 *
 * Every function takes any bytes; those that give text refuse what is not UTF-8.
 */
#ifndef RT_UNICODE_H
#define RT_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

bool rt_unicode_valid(struct rt_span text);

/* The first character of valid, non-empty text; returns its length in bytes. */
size_t rt_unicode_first(struct rt_span text, uint32_t *c);

/* White space of any script, and the characters that are none but show as nothing: the
 * byte order mark, zero width space, word joiner, direction marks. */
bool rt_unicode_blank(uint32_t c);

/* What a character is: a letter or number of any script; a digit, Roman number, fraction
 * or another one with a numeric value; punctuation or a symbol. */
bool rt_unicode_alnum(uint32_t c);
bool rt_unicode_numeric(uint32_t c);
bool rt_unicode_sign(uint32_t c);

/* Whether valid text has a letter that lower case changes. */
bool rt_unicode_has_upper(struct rt_span text);

/* Without blanks, in that sense, at both ends. Text that is not UTF-8 comes back with its
 * ASCII blanks cut. */
struct rt_span rt_unicode_trim(struct rt_span text);

/* Forms that rt_unicode_map can write. */
enum rt_unicode_form {
    RT_UNICODE_LOWER,     /* full lower-case mapping: final sigma, dotted capital I */
    RT_UNICODE_LOWER_NFC, /* the same, then composed: what a Mac and a PC type alike */
    RT_UNICODE_UPPER_NFC, /* full upper-case mapping, composed: sharp s becomes SS */
    RT_UNICODE_BARE /* lower-case letters alone, without accents: to compare names */
};

/*
 * Writes text in a form to out (room bytes), its length to *n; no NUL.
 *
 * RT_OK; RT_ESYNTAX when text is not UTF-8, RT_ELIMIT when room is too small, RT_ENOMEM.
 * ASCII takes a short path; other text may cost an allocation inside the library.
 */
int rt_unicode_map(
    enum rt_unicode_form form, struct rt_span text, char *out, size_t room, size_t *n);

#endif
