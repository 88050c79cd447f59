/* All eight histograms in one pass over the words, then one pass for each digit that
 * differs. */
#include "base/sort.h"

#include <string.h>

enum { DIGITS = 8, VALUES = 256 };

static int by_insertion(uint64_t *words, size_t n)
{
    if (n > 32)
        return 0;
    for (size_t i = 1; i < n; i++) {
        uint64_t w = words[i];
        size_t k = i;

        for (; k > 0 && words[k - 1] > w; k--)
            words[k] = words[k - 1];
        words[k] = w;
    }
    return 1;
}

void rt_sort_u64(uint64_t *words, uint64_t *spare, size_t n)
{
    size_t counts[DIGITS][VALUES];
    uint64_t *from = words, *to = spare;

    if (by_insertion(words, n))
        return;
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < n; i++)
        for (unsigned d = 0; d < DIGITS; d++)
            counts[d][words[i] >> 8 * d & 255]++;
    for (unsigned d = 0; d < DIGITS; d++) {
        size_t at = 0, *count = counts[d];
        uint64_t *swap = from;

        if (count[words[0] >> 8 * d & 255] == n)
            continue;
        for (unsigned v = 0; v < VALUES; v++) {
            size_t here = count[v];

            count[v] = at;
            at += here;
        }
        for (size_t i = 0; i < n; i++)
            to[count[from[i] >> 8 * d & 255]++] = from[i];
        from = to;
        to = swap;
    }
    if (from != words)
        memcpy(words, from, n * sizeof *words);
}

size_t rt_unique_u64(uint64_t *words, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (i == 0 || words[i] != words[kept - 1])
            words[kept++] = words[i];
    return kept;
}
