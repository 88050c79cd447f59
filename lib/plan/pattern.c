/*
 * Globs and networks by hand, regular expressions by PCRE2: the only file that knows that
 * library, so another can take its place here.
 *
 * A value comes from outside and the regex from the user; together they can cost more
 * than anyone wants to wait ("(a+)+$" on a row of a's). Hence the limits of a match context
 * on every search. JIT code heeds the match limit, and in place of depth and heap the size
 * of its stack, which is ours; the interpreter, where there is no JIT, heeds all three.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <arpa/inet.h>
#include <string.h>

#include "base/alloc.h"
#include "base/findcolumn.h"
#include "plan/literal.h"
#include "plan/pattern.h"

enum {
    MATCH_LIMIT = 100000,
    DEPTH_LIMIT = 1000,
    HEAP_KIB = 1024,
    JIT_STACK_FIRST = 32 * 1024,
    JIT_STACK_BYTES = 1024 * 1024,
    REGEX_MAX_BYTES = 64 * 1024
};

/* ---- globs */

static bool continues(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* The bytes of the UTF-8 sequence at p, of which n (one at least) are there; 1 where none
 * begins: stray and cut bytes, overlong forms, surrogates and what lies past U+10FFFF. */
static size_t character(const char *p, size_t n)
{
    const unsigned char *b = (const unsigned char *)p;

    if (b[0] < 0xc2 || b[0] > 0xf4)
        return 1;
    if (n < 2 || !continues(b[1]))
        return 1;
    if (b[0] < 0xe0)
        return 2;
    if (n < 3 || !continues(b[2]) || (b[0] == 0xe0 && b[1] < 0xa0)
        || (b[0] == 0xed && b[1] > 0x9f))
        return 1;
    if (b[0] < 0xf0)
        return 3;
    if (n < 4 || !continues(b[3]) || (b[0] == 0xf0 && b[1] < 0x90)
        || (b[0] == 0xf4 && b[1] > 0x8f))
        return 1;
    return 4;
}

/* The bytes at the front of value that the character at the front of pattern stands for; 0
 * for none. Both are taken character by character, so that a part of one never matches. */
static size_t one_matches(struct rt_span pattern, struct rt_span value, bool ignore_case)
{
    size_t n, m;

    if ((unsigned char)*pattern.p < 0x80 && *pattern.p != '?')
        return *pattern.p == *value.p
            || (ignore_case && rt_ascii_lower(*pattern.p) == rt_ascii_lower(*value.p));
    m = character(value.p, value.n);
    if (*pattern.p == '?')
        return m;
    n = character(pattern.p, pattern.n);
    return n == m && memcmp(pattern.p, value.p, n) == 0 ? n : 0;
}

/* Where, at v or later, what stands behind a star can begin; value.n for nowhere. An ASCII
 * byte is never part of a longer character, so it can be looked for at once. */
static size_t next_start(
    struct rt_span pattern, struct rt_span value, size_t v, bool ignore_case)
{
    const char *at;
    char c;

    if (pattern.n == 0 || v == value.n)
        return v;
    c = *pattern.p;
    if (c == '*' || c == '?' || (unsigned char)c >= 0x80)
        return v;
    if (ignore_case && rt_ascii_lower(c) >= 'a' && rt_ascii_lower(c) <= 'z') {
        while (v < value.n && rt_ascii_lower(value.p[v]) != rt_ascii_lower(c))
            v++;
        return v;
    }
    at = memchr(value.p + v, c, value.n - v);
    return at ? (size_t)(at - value.p) : value.n;
}

static struct rt_span from(struct rt_span s, size_t i)
{
    return (struct rt_span) { s.n > i ? s.p + i : "", s.n - i };
}

/*
 * Walks both once; at a mismatch it goes back to the last star, which then takes one more
 * character. Earlier stars need no second try: what lies between two stars is best matched
 * as early as possible.
 */
bool rt_glob(struct rt_span pattern, struct rt_span value, bool ignore_case)
{
    size_t p = 0, v = 0, m, after_star = 0, star_v = 0;
    bool star = false;

    while (v < value.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = true;
            after_star = ++p;
            if (p == pattern.n)
                return true;
            star_v = v = next_start(from(pattern, p), value, v, ignore_case);
            continue;
        }
        m = p < pattern.n ? one_matches(from(pattern, p), from(value, v), ignore_case)
                          : 0;
        if (m) {
            p += pattern.p[p] == '?' ? 1 : m;
            v += m;
        } else if (star) {
            star_v += character(value.p + star_v, value.n - star_v);
            star_v = next_start(from(pattern, after_star), value, star_v, ignore_case);
            v = star_v;
            p = after_star;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

/* ---- regular expressions */

struct rt_regex {
    pcre2_code *code;
    bool direct; /* its JIT code can be called without the checks of pcre2_match */
    struct rt_literal literal; /* what every match contains */
};

struct rt_regex_scratch {
    pcre2_match_data *data;
    pcre2_match_context *limits;
    pcre2_jit_stack *stack;
};

static void *get_memory(size_t bytes, void *unused)
{
    (void)unused;
    return rt_malloc(bytes);
}

static void put_memory(void *p, void *unused)
{
    (void)unused;
    rt_free(p);
}

/* Rejects values that are no UTF-8 in no mode: in UTF mode a match never spans a broken
 * place (PCRE2_MATCH_INVALID_UTF), else bytes are bytes. A pattern that asks for UTF itself
 * ("(*UTF)") is compiled again, to get the same care. */
static pcre2_code *compile(struct rt_span pattern, uint32_t options,
    pcre2_compile_context *context, int *error, PCRE2_SIZE *at)
{
    uint32_t used = 0;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, options, error, at, context);

    if (!code || (options & PCRE2_MATCH_INVALID_UTF))
        return code;
    pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &used);
    if (!(used & PCRE2_UTF))
        return code;
    pcre2_code_free(code);
    options |= PCRE2_MATCH_INVALID_UTF;
    return pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, options, error, at, context);
}

static int report(int error, PCRE2_SIZE at, struct rt_err *err)
{
    PCRE2_UCHAR words[256];

    if (error == PCRE2_ERROR_HEAP_FAILED)
        return rt_err_set(err, RT_ENOMEM, "out of memory");
    if (pcre2_get_error_message(error, words, sizeof words) < 0)
        words[0] = '\0';
    return rt_err_at(err, RT_EDEFS, NULL, 0, (uint32_t)at + 1,
        "bad regular expression: %s", (const char *)words);
}

static uint32_t compile_options(struct rt_span pattern, bool ignore_case)
{
    uint32_t options = PCRE2_NEVER_BACKSLASH_C; /* \C would cut characters */

    if (ignore_case)
        options |= PCRE2_CASELESS;
    for (size_t i = 0; i < pattern.n; i++)
        if ((unsigned char)pattern.p[i] >= 0x80)
            return options | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
    return options;
}

static bool is_utf(const pcre2_code *code)
{
    uint32_t options = 0;

    return pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options) != 0
        || options & PCRE2_UTF;
}

/* There is JIT code, and it takes any bytes: in UTF mode only where the pattern was told so.
 * Saves a third of a search in a URL. */
static bool is_direct(const pcre2_code *code)
{
    uint32_t options = 0;
    size_t jit_bytes = 0;

    if (pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &jit_bytes) != 0 || jit_bytes == 0
        || pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options) != 0)
        return false;
    return !(options & PCRE2_UTF) || options & PCRE2_MATCH_INVALID_UTF;
}

int rt_regex_new(
    struct rt_span pattern, bool ignore_case, struct rt_regex **out, struct rt_err *err)
{
    pcre2_general_context *memory = NULL;
    pcre2_compile_context *context = NULL;
    struct rt_regex *regex = NULL;
    PCRE2_SIZE at = 0;
    int error = 0, rc = RT_ENOMEM;

    if (pattern.n > REGEX_MAX_BYTES)
        return rt_err_set(
            err, RT_EDEFS, "a regular expression has at most %d bytes", REGEX_MAX_BYTES);
    if (!pattern.p)
        pattern.p = "";
    regex = rt_calloc(1, sizeof *regex);
    memory = pcre2_general_context_create(get_memory, put_memory, NULL);
    context = memory ? pcre2_compile_context_create(memory) : NULL;
    if (!regex || !context) {
        rt_err_set(err, rc, "out of memory");
        goto out;
    }
    regex->code =
        compile(pattern, compile_options(pattern, ignore_case), context, &error, &at);
    if (!regex->code) {
        rc = report(error, at, err);
        goto out;
    }
    /* where there is no JIT, or the pattern is too large for it, the interpreter runs */
    pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
    regex->direct = is_direct(regex->code);
    if (!ignore_case && !is_utf(regex->code))
        regex->literal = rt_literal_of(pattern);
    *out = regex;
    regex = NULL;
    rc = RT_OK;
out:
    rt_regex_free(regex);
    pcre2_compile_context_free(context);
    pcre2_general_context_free(memory);
    return rc;
}

void rt_regex_free(struct rt_regex *regex)
{
    if (regex)
        pcre2_code_free(regex->code);
    rt_free(regex);
}

static int set_up(struct rt_regex_scratch *scratch, pcre2_general_context *memory)
{
    scratch->data = pcre2_match_data_create(1, memory);
    scratch->limits = pcre2_match_context_create(memory);
    scratch->stack = pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_BYTES, memory);
    if (!scratch->data || !scratch->limits)
        return RT_ENOMEM;
    pcre2_set_match_limit(scratch->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(scratch->limits, DEPTH_LIMIT);
    pcre2_set_heap_limit(scratch->limits, HEAP_KIB);
    if (scratch->stack) /* none where there is no JIT: then 32 KiB of the thread's */
        pcre2_jit_stack_assign(scratch->limits, NULL, scratch->stack);
    return RT_OK;
}

int rt_regex_scratch_new(struct rt_regex_scratch **out)
{
    struct rt_regex_scratch *scratch = rt_calloc(1, sizeof *scratch);
    pcre2_general_context *memory =
        pcre2_general_context_create(get_memory, put_memory, NULL);
    int rc = scratch && memory ? set_up(scratch, memory) : RT_ENOMEM;

    pcre2_general_context_free(memory);
    if (rc < 0)
        rt_regex_scratch_free(scratch);
    else
        *out = scratch;
    return rc;
}

void rt_regex_scratch_free(struct rt_regex_scratch *scratch)
{
    if (!scratch)
        return;
    pcre2_match_data_free(scratch->data);
    pcre2_match_context_free(scratch->limits);
    pcre2_jit_stack_free(scratch->stack);
    rt_free(scratch);
}

static bool search(const struct rt_regex *regex, struct rt_regex_scratch *scratch,
    struct rt_span value, uint64_t *over)
{
    PCRE2_SPTR text = (PCRE2_SPTR)(value.p ? value.p : "");
    int rc = (regex->direct ? pcre2_jit_match : pcre2_match)(
        regex->code, text, value.n, 0, 0, scratch->data, scratch->limits);

    if (rc < 0 && rc != PCRE2_ERROR_NOMATCH && over)
        ++*over; /* a limit; whatever else it is, the search has no answer */
    return rc >= 0;
}

bool rt_regex_search(const struct rt_regex *regex, struct rt_regex_scratch *scratch,
    struct rt_span value, uint64_t *over)
{
    return rt_literal_in(&regex->literal, value) && search(regex, scratch, value, over);
}

/* Of a part's values, those of the mask that match. */
static uint64_t search_some(const struct rt_regex *regex,
    struct rt_regex_scratch *scratch, const struct rt_span *values, uint64_t mask,
    uint64_t *over)
{
    uint64_t found = 0;

    for (; mask; mask &= mask - 1) {
        int i = __builtin_ctzll(mask);

        found |= (uint64_t)search(regex, scratch, values[i], over) << i;
    }
    return found;
}

void rt_regex_column(const struct rt_regex *regex, struct rt_regex_scratch *scratch,
    const struct rt_span *values, uint32_t n, uint64_t *holds, uint64_t *over)
{
    struct rt_span literal = { regex->literal.text, regex->literal.n };

    if (literal.n)
        rt_find_column(values, n, literal, holds);
    for (uint32_t from = 0; from < n; from += RT_COLUMN_PART) {
        uint64_t *word = &holds[from / RT_COLUMN_PART];
        uint64_t mask = literal.n ? *word : rt_low_bits(rt_column_part(from, n));

        *word = search_some(regex, scratch, values + from, mask, over);
    }
}

/* ---- networks */

enum { V4_BITS = 96 }; /* before an IPv4 address in its mapped form */

static const uint8_t v4_prefix[12] = { [10] = 0xff, [11] = 0xff };

static bool is_v4(const uint8_t address[16])
{
    return memcmp(address, v4_prefix, sizeof v4_prefix) == 0;
}

/* An IPv4 or IPv6 address and nothing else. inet_pton wants a NUL behind it: a copy. */
static int read_address(struct rt_span text, uint8_t address[16])
{
    char copy[INET6_ADDRSTRLEN];

    if (text.n == 0 || text.n >= sizeof copy || memchr(text.p, '\0', text.n))
        return RT_ESYNTAX;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    if (memchr(text.p, ':', text.n))
        return inet_pton(AF_INET6, copy, address) == 1 ? RT_OK : RT_ESYNTAX;
    memcpy(address, v4_prefix, sizeof v4_prefix);
    return inet_pton(AF_INET, copy, address + 12) == 1 ? RT_OK : RT_ESYNTAX;
}

/* Decimal without leading zeros, up to max; -1 for another text. */
static int read_bits(struct rt_span text, int max)
{
    int value = 0;

    if (text.n == 0 || text.n > 3 || (text.n > 1 && *text.p == '0'))
        return -1;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return -1;
        value = value * 10 + (text.p[i] - '0');
    }
    return value <= max ? value : -1;
}

static bool same_bits(const uint8_t a[16], const uint8_t b[16], unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;

    if (memcmp(a, b, whole) != 0)
        return false;
    return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

static bool zero_behind(const uint8_t address[16], unsigned bits)
{
    for (unsigned i = bits; i < 128; i++)
        if (address[i / 8] & 0x80 >> i % 8)
            return false;
    return true;
}

int rt_network_parse(struct rt_span text, struct rt_network *out)
{
    const char *slash = text.n ? memchr(text.p, '/', text.n) : NULL;
    struct rt_span address = text;
    struct rt_network network;
    int before, bits;

    if (slash)
        address.n = (size_t)(slash - text.p);
    if (read_address(address, network.address) < 0)
        return RT_ESYNTAX;
    before = memchr(address.p, ':', address.n) ? 0 : V4_BITS;
    bits = 128 - before;
    if (slash)
        bits = read_bits(
            (struct rt_span) { slash + 1, text.n - address.n - 1 }, 128 - before);
    if (bits < 0 || !zero_behind(network.address, (unsigned)(before + bits)))
        return RT_ESYNTAX;
    network.bits = (uint8_t)(before + bits);
    *out = network;
    return RT_OK;
}

/* Without the brackets and the zone ("%eth0") that an IPv6 address may have. */
static struct rt_span bare_address(struct rt_span value)
{
    const char *zone;

    if (value.n == 0 || !memchr(value.p, ':', value.n))
        return value;
    if (value.n > 2 && value.p[0] == '[' && value.p[value.n - 1] == ']')
        value = (struct rt_span) { value.p + 1, value.n - 2 };
    zone = memchr(value.p, '%', value.n);
    if (zone && zone + 1 < value.p + value.n)
        value.n = (size_t)(zone - value.p);
    return value;
}

bool rt_network_has(const struct rt_network *network, struct rt_span value)
{
    uint8_t address[16];

    if (read_address(bare_address(value), address) < 0)
        return false;
    if (network->bits < V4_BITS && is_v4(address))
        return false; /* "::/0" is all of IPv6, not IPv4 */
    return same_bits(network->address, address, network->bits);
}
