#include "events/asset.h"

#include <stdint.h>

#include "base/find.h"
#include "base/word.h"

#define EXT(...) EXT_(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0, 0)
#define EXT_(a, b, c, d, e, f, g, h, ...)                                                \
    ((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24      \
        | (uint64_t)(e) << 32 | (uint64_t)(f) << 40 | (uint64_t)(g) << 48                \
        | (uint64_t)(h) << 56)

/* Files that a page brings along, or that only programs ask for (feeds, robots.txt, site
 * maps). Documents and downloads (pdf, zip) are something that a visitor chose: pages.
 * The letters of an extension are packed into one word, so that a switch finds it. */
static bool is_asset_extension(uint64_t letters)
{
    /* clang-format off */
    switch (letters) {
    /* style and code */
    case EXT('c', 's', 's'): case EXT('l', 'e', 's', 's'): case EXT('s', 'c', 's', 's'):
    case EXT('j', 's'): case EXT('m', 'j', 's'): case EXT('m', 'a', 'p'):
    case EXT('w', 'a', 's', 'm'): case EXT('s', 'w', 'f'):
    /* images */
    case EXT('p', 'n', 'g'): case EXT('a', 'p', 'n', 'g'): case EXT('j', 'p', 'g'):
    case EXT('j', 'p', 'e', 'g'): case EXT('j', 'p', 'e'): case EXT('g', 'i', 'f'):
    case EXT('s', 'v', 'g'): case EXT('s', 'v', 'g', 'z'): case EXT('w', 'e', 'b', 'p'):
    case EXT('a', 'v', 'i', 'f'): case EXT('h', 'e', 'i', 'c'): case EXT('i', 'c', 'o'):
    case EXT('c', 'u', 'r'): case EXT('b', 'm', 'p'): case EXT('t', 'i', 'f'):
    case EXT('t', 'i', 'f', 'f'):
    /* fonts */
    case EXT('w', 'o', 'f', 'f'): case EXT('w', 'o', 'f', 'f', '2'):
    case EXT('t', 't', 'f'): case EXT('o', 't', 'f'): case EXT('e', 'o', 't'):
    /* sound and film */
    case EXT('m', 'p', '3'): case EXT('m', 'p', '4'): case EXT('m', '4', 'a'):
    case EXT('m', '4', 'v'): case EXT('m', '4', 's'): case EXT('m', '3', 'u', '8'):
    case EXT('m', 'p', 'd'): case EXT('t', 's'): case EXT('a', 'a', 'c'):
    case EXT('w', 'a', 'v'): case EXT('f', 'l', 'a', 'c'): case EXT('o', 'g', 'g'):
    case EXT('o', 'g', 'a'): case EXT('o', 'g', 'v'): case EXT('o', 'p', 'u', 's'):
    case EXT('w', 'e', 'b', 'm'): case EXT('a', 'v', 'i'): case EXT('m', 'o', 'v'):
    case EXT('m', 'p', 'g'): case EXT('m', 'p', 'e', 'g'): case EXT('f', 'l', 'v'):
    case EXT('v', 't', 't'):
    /* for programs */
    case EXT('j', 's', 'o', 'n'): case EXT('x', 'm', 'l'): case EXT('r', 's', 's'):
    case EXT('a', 't', 'o', 'm'): case EXT('r', 'd', 'f'): case EXT('t', 'x', 't'):
        /* clang-format on */
        return true;
    default:
        return false;
    }
}

/* The only extension of more than seven letters. */
static bool is_manifest(struct rt_span path)
{
    const struct rt_span manifest = RT_SPAN(".webmanifest");

    if (path.n < manifest.n)
        return false;
    return rt_span_eq_nocase(
        (struct rt_span) { path.p + path.n - manifest.n, manifest.n }, manifest);
}

/* The path's last eight bytes, the last one highest. */
static uint64_t last_word(struct rt_span path)
{
    if (path.n >= 8)
        return rt_word8(path.p + path.n - 8);
    return path.n ? rt_word_below8(path.p, path.n) << 8 * (8 - path.n) : 0;
}

/* A dot among them is found as a bit, and what stands above it is the extension: a fifth of
 * the instructions that a walk over the letters takes. */
bool rt_is_asset(struct rt_span path)
{
    uint64_t word, dots, slashes;
    unsigned bits;

    path.n = rt_find(path.p, path.n, ';', ';', ';');
    word = last_word(path);
    dots = rt_word_find(word, '.');
    slashes = rt_word_find(word, '/');
    if (!(dots | slashes))
        return is_manifest(path);
    if (dots < slashes) /* the last of them is a slash */
        return false;
    bits = (unsigned)__builtin_clzll(dots);
    return bits && is_asset_extension(rt_word_lower(word) >> (64 - bits));
}
