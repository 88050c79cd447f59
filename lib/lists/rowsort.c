/*
 * Eight bytes at a time: eight bytes of every row are a number beside its pointer, the
 * numbers are sorted without touching the rows, and each run of equal ones is sorted by the
 * eight bytes that follow. Most rows need one round, and none needs a comparison of rows out
 * of cache.
 *
 * Numbers are sorted by the bits in which they differ at all: a digit has four, a hex digit
 * six. The highest of these, squeezed together, are counted in two passes, a few more bits
 * than it takes to tell so many rows apart; what they leave in disorder is little, and lies
 * together.
 */
#include "lists/rowsort.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    SMALL = 24,     /* rows; below, insertion beats counting */
    MEDIUM = 512,   /* rows; below, a merge beats counting */
    HALF_BITS = 12, /* of a key, counted in one pass */
    MORE_BITS = 5,  /* than tell the rows apart, were they spread evenly */
    DEEPEST = 512,  /* bytes; rows alike for longer are compared as they are */
    AHEAD = 12      /* rows, of fetching into the cache */
};

static void insertion(struct rt_rowref *rows, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct rt_rowref row = rows[i];
        size_t k = i;

        for (; k > 0 && rows[k - 1].key > row.key; k--)
            rows[k] = rows[k - 1];
        rows[k] = row;
    }
}

/* Merges runs of SMALL, then of twice as many, and so on. */
static void merges(struct rt_rowref *rows, size_t n, struct rt_rowref *scratch)
{
    struct rt_rowref *from = rows, *to = scratch;

    for (size_t i = 0; i < n; i += SMALL)
        insertion(rows + i, n - i < SMALL ? n - i : SMALL);
    for (size_t width = SMALL; width < n; width *= 2) {
        struct rt_rowref *swap = from;

        for (size_t i = 0; i < n; i += 2 * width) {
            size_t a = i, mid = n - i < width ? n : i + width;
            size_t b = mid, end = n - mid < width ? n : mid + width;

            for (size_t k = i; k < end; k++)
                to[k] = b == end || (a < mid && from[a].key <= from[b].key) ? from[a++]
                                                                            : from[b++];
        }
        from = to;
        to = swap;
    }
    if (from != rows)
        memcpy(rows, from, n * sizeof *rows);
}

/* Where the bits that vary stand in a key, those that are taken: runs, from the highest. */
struct squeeze {
    unsigned nruns, nbits;
    uint64_t taken; /* bits of the key */
    struct {
        uint64_t mask; /* at the foot */
        unsigned from, to;
    } runs[32];
};

/* Takes up to `want` of the highest bits that vary. */
static struct squeeze take_bits(uint64_t varies, unsigned want)
{
    struct squeeze s = { 0 };
    unsigned to;

    while (varies && s.nbits < want) {
        unsigned top = 63 - (unsigned)__builtin_clzll(varies), n = 1;

        while (n <= top && s.nbits + n < want && varies >> (top - n) & 1)
            n++;
        s.runs[s.nruns].mask = (UINT64_C(1) << n) - 1;
        s.runs[s.nruns].from = top + 1 - n;
        s.taken |= s.runs[s.nruns].mask << s.runs[s.nruns].from;
        varies &= ~s.taken;
        s.nbits += n;
        s.runs[s.nruns++].to = s.nbits; /* from the top, so far */
    }
    to = s.nbits;
    for (unsigned i = 0; i < s.nruns; i++)
        s.runs[i].to = to - s.runs[i].to;
    return s;
}

static inline uint32_t squeezed(const struct squeeze *s, uint64_t key)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < s->nruns; i++)
        bits |= (key >> s->runs[i].from & s->runs[i].mask) << s->runs[i].to;
    return (uint32_t)bits;
}

static void sum_up(uint32_t *count, uint32_t n)
{
    uint32_t sum = 0;

    for (uint32_t v = 0; v < n; v++) {
        uint32_t c = count[v];

        count[v] = sum;
        sum += c;
    }
}

/* Two passes over the bits taken, the lower half first. n < 2^32. Out of line, so that its
 * counts are not on the stack of those who call themselves. */
static __attribute__((noinline)) void counting(
    struct rt_rowref *rows, size_t n, struct rt_rowref *scratch, const struct squeeze *s)
{
    uint32_t low[1 << HALF_BITS], high[1 << HALF_BITS];
    unsigned half = (s->nbits + 1) / 2;
    uint32_t nlow = 1u << half, nhigh = 1u << (s->nbits - half);

    memset(low, 0, nlow * sizeof *low);
    memset(high, 0, nhigh * sizeof *high);
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = squeezed(s, rows[i].key);

        low[bits & (nlow - 1)]++;
        high[bits >> half]++;
    }
    sum_up(low, nlow);
    sum_up(high, nhigh);
    for (size_t i = 0; i < n; i++)
        scratch[low[squeezed(s, rows[i].key) & (nlow - 1)]++] = rows[i];
    for (size_t i = 0; i < n; i++)
        rows[high[squeezed(s, scratch[i].key) >> half]++] = scratch[i];
}

/* How many bits to count by: a few more than tell n rows apart. */
static unsigned bits_for(size_t n)
{
    unsigned bits = 64 - (unsigned)__builtin_clzll(n) + MORE_BITS;

    return bits < 2 * HALF_BITS ? bits : 2 * HALF_BITS;
}

static uint64_t bits_that_vary(const struct rt_rowref *rows, size_t n)
{
    uint64_t varies = 0;

    for (size_t i = 1; i < n; i++)
        varies |= rows[i].key ^ rows[0].key;
    return varies;
}

/* varies: the bits in which some keys differ. Each level takes at least one more of them. */
static void sort_keys(
    struct rt_rowref *rows, size_t n, struct rt_rowref *scratch, uint64_t varies)
{
    struct squeeze s;

    if (n < SMALL) {
        insertion(rows, n);
        return;
    }
    if (n < MEDIUM || n > UINT32_MAX) {
        merges(rows, n, scratch);
        return;
    }
    s = take_bits(varies, bits_for(n));
    counting(rows, n, scratch, &s);
    for (size_t i = 0, end; i < n; i = end) {
        uint64_t taken = rows[i].key & s.taken;

        for (end = i + 1; end < n && (rows[end].key & s.taken) == taken;)
            end++;
        if (end - i < SMALL)
            insertion(rows + i, end - i);
        else if (varies & ~s.taken)
            sort_keys(rows + i, end - i, scratch + i, bits_that_vary(rows + i, end - i));
    }
}

static bool less(const struct rt_rowref *a, const struct rt_rowref *b)
{
    return rt_span_cmp(rt_rowref_span(a), rt_rowref_span(b)) < 0;
}

static void sift(struct rt_rowref *heap, size_t n, size_t i)
{
    for (;;) {
        size_t child = 2 * i + 1;
        struct rt_rowref row = heap[i];

        if (child >= n)
            return;
        if (child + 1 < n && less(&heap[child], &heap[child + 1]))
            child++;
        if (!less(&row, &heap[child]))
            return;
        heap[i] = heap[child];
        heap[child] = row;
        i = child;
    }
}

/* Whole rows compared: for those that the rounds do not tell apart. */
static void heap_sort(struct rt_rowref *rows, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(rows, n, i);
    for (size_t i = n; i-- > 1;) {
        struct rt_rowref largest = rows[0];

        rows[0] = rows[i];
        rows[i] = largest;
        sift(rows, i, 0);
    }
}

static bool all_equal(const struct rt_rowref *rows, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (!rt_span_eq(rt_rowref_span(&rows[0]), rt_rowref_span(&rows[i])))
            return false;
    return true;
}

/* The keys at a depth; in which bits they differ, and whether any row goes on there. */
static bool read_keys(struct rt_rowref *rows, size_t n, size_t depth, uint64_t *varies)
{
    bool any = false;

    *varies = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t length;

        if (i + AHEAD < n)
            __builtin_prefetch(rows[i + AHEAD].p + depth);
        length = rt_row_length(rows[i].p);
        any |= length > depth;
        rows[i].key = rt_row_key(rows[i].p, length, depth);
        *varies |= rows[i].key ^ rows[0].key;
    }
    return any;
}

/* Reads keys from `depth` on, eight bytes at a time, until some differ: then sorts by them.
 * Returns the depth behind them, 0 when nothing is left to do. */
static size_t sort_alike(
    struct rt_rowref *rows, size_t n, size_t depth, struct rt_rowref *scratch)
{
    uint64_t varies = 0;

    if (all_equal(rows, n)) {
        for (size_t i = 0; i < n; i++)
            rows[i].key = 0;
        return 0;
    }
    for (; varies == 0; depth += 8)
        if (depth >= DEEPEST || !read_keys(rows, n, depth, &varies)) {
            /* Rows that have all ended differ in length at most, by zeros. */
            heap_sort(rows, n);
            return 0;
        }
    sort_keys(rows, n, scratch, varies);
    return depth;
}

/* Sorts the runs of equal keys by what follows at `depth`. */
static void sort_ties(
    struct rt_rowref *rows, size_t n, size_t depth, struct rt_rowref *scratch)
{
    for (size_t i = 0, end; i < n; i = end) {
        uint64_t key = rows[i].key;

        for (end = i + 1; end < n && rows[end].key == key;)
            end++;
        if (end - i > 1) {
            size_t deeper = sort_alike(rows + i, end - i, depth, scratch + i);

            if (deeper)
                sort_ties(rows + i, end - i, deeper, scratch + i);
        }
    }
}

void rt_rowsort(struct rt_rowref *rows, size_t n, size_t depth, struct rt_rowref *scratch)
{
    uint64_t varies = bits_that_vary(rows, n);

    if (varies)
        sort_keys(rows, n, scratch, varies);
    sort_ties(rows, n, depth + 8, scratch);
}
