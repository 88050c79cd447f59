/* Open addressing, two thirds full at most. */
#include "run/seen_rows.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/hash.h"

enum { FIRST_SLOTS = 1024 };

static struct rt_seen_row *find(const struct rt_seen_rows *seen, uint64_t a, uint64_t b)
{
    uint64_t at = a & (seen->nslots - 1);

    while (seen->slots[at].line && (seen->slots[at].a != a || seen->slots[at].b != b))
        at = (at + 1) & (seen->nslots - 1);
    return &seen->slots[at];
}

static int grow(struct rt_seen_rows *seen)
{
    struct rt_seen_rows bigger = {
        .nslots = seen->nslots ? 2 * seen->nslots : FIRST_SLOTS, .n = seen->n
    };

    bigger.slots = rt_calloc(bigger.nslots, sizeof *bigger.slots);
    if (!bigger.slots)
        return RT_ENOMEM;
    for (uint64_t i = 0; i < seen->nslots; i++)
        if (seen->slots[i].line)
            *find(&bigger, seen->slots[i].a, seen->slots[i].b) = seen->slots[i];
    rt_free(seen->slots);
    *seen = bigger;
    return RT_OK;
}

int rt_seen_row(
    struct rt_seen_rows *seen, struct rt_span row, uint64_t line, uint64_t *first)
{
    uint64_t a = rt_hash64(row, 1), b = rt_hash64(row, 2);
    struct rt_seen_row *slot;

    if (3 * (seen->n + 1) > 2 * seen->nslots && grow(seen) < 0)
        return RT_ENOMEM;
    slot = find(seen, a, b);
    *first = slot->line;
    if (slot->line)
        return RT_OK;
    *slot = (struct rt_seen_row) { a, b, line };
    seen->n++;
    return RT_OK;
}

void rt_seen_rows_release(struct rt_seen_rows *seen)
{
    rt_free(seen->slots);
    *seen = (struct rt_seen_rows) { NULL, 0, 0 };
}
