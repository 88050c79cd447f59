/* Sixteen bytes are looked at together; what is found becomes a bit a byte. */
#include "lists/email_usual.h"

#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>

/* What stands at each byte, the first one's bit the lowest. */
struct kinds {
    uint64_t at, dot, hyphen, digit, capital;
    uint64_t user, domain; /* may stand there; without "@" */
};

static __m128i between(__m128i bytes, char first, char last)
{
    return _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)(first - 1))),
        _mm_cmpgt_epi8(_mm_set1_epi8((char)(last + 1)), bytes));
}

static __m128i equal(__m128i bytes, char c)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
}

static uint64_t bits(__m128i mask, unsigned at)
{
    return (uint64_t)(unsigned)_mm_movemask_epi8(mask) << at;
}

/* The sixteen bytes at p, of a text from `at` on, to their bits and to lower case. */
static inline __attribute__((always_inline)) void look_at(
    const char *p, unsigned at, struct kinds *kinds, char *lower)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)p);
    __m128i capital = between(bytes, 'A', 'Z');
    __m128i low = _mm_or_si128(bytes, _mm_and_si128(capital, _mm_set1_epi8(0x20)));
    __m128i digit = between(bytes, '0', '9');
    __m128i dot = equal(bytes, '.'), hyphen = equal(bytes, '-');
    __m128i letter = _mm_or_si128(between(low, 'a', 'z'), digit);
    __m128i domain = _mm_or_si128(letter, _mm_or_si128(dot, hyphen));
    __m128i sign = _mm_or_si128(equal(bytes, '_'), equal(bytes, '+'));

    kinds->at |= bits(equal(bytes, '@'), at);
    kinds->dot |= bits(dot, at);
    kinds->hyphen |= bits(hyphen, at);
    kinds->digit |= bits(digit, at);
    kinds->capital |= bits(capital, at);
    kinds->domain |= bits(domain, at);
    kinds->user |= bits(_mm_or_si128(domain, sign), at);
    _mm_storeu_si128((__m128i *)(lower + at), low);
}

static struct kinds kinds_of(struct rt_span text, char *lower)
{
    struct kinds kinds = { 0 };
    char few[16] = { 0 };
    unsigned at = 0, n = (unsigned)text.n;

    if (n < 16) { /* nothing is read behind the text */
        memcpy(few, text.p, n);
        look_at(few, 0, &kinds, lower);
        return kinds;
    }
    for (; at + 16 < n; at += 16)
        look_at(text.p + at, at, &kinds, lower);
    look_at(text.p + n - 16, n - 16, &kinds, lower); /* some may be seen twice */
    return kinds;
}

/* The bits below one that is alone. */
static uint64_t below(uint64_t bit)
{
    return bit - 1;
}

/* Dots between atoms: neither first, nor before the "@", nor two together. */
static bool has_good_dots(const struct kinds *k, uint64_t user)
{
    uint64_t dots = k->dot & user;

    return (dots & (1 | k->at >> 1 | dots << 1)) == 0;
}

/* Two labels or more, none empty or with a hyphen at an end, the last one not of digits
 * alone. None is too long: all is 64 bytes. */
static bool is_domain(const struct kinds *k, uint64_t domain, uint64_t last)
{
    uint64_t dots = k->dot & domain, starts = (k->at | dots) << 1,
             ends = dots >> 1 | last;
    uint64_t last_dot;

    if (!dots || ((k->dot | k->hyphen) & domain & (starts | ends)))
        return false;
    last_dot = UINT64_C(1) << (63 - __builtin_clzll(dots));
    return (domain & ~below(last_dot) & ~last_dot & ~k->digit) != 0;
}

bool rt_email_usual(struct rt_span text, char *lower, size_t *user, bool *cased)
{
    struct kinds k;
    uint64_t all, before, behind, last;

    if (text.n == 0 || text.n > RT_EMAIL_USUAL_MAX)
        return false;
    k = kinds_of(text, lower);
    if (k.at <= 1 || (k.at & (k.at - 1))) /* one, and not the first byte */
        return false;
    all = ~UINT64_C(0) >> (64 - text.n);
    last = UINT64_C(1) << (text.n - 1);
    before = below(k.at);
    behind = all & ~before & ~k.at;
    if ((before & ~k.user) || (behind & ~k.domain) || !has_good_dots(&k, before)
        || !is_domain(&k, behind, last))
        return false;
    *user = (size_t)__builtin_ctzll(k.at);
    *cased = k.capital != 0;
    return true;
}

#else

bool rt_email_usual(struct rt_span text, char *lower, size_t *user, bool *cased)
{
    (void)text, (void)lower, (void)user, (void)cased;
    return false;
}

#endif
