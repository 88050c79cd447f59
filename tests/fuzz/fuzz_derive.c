/* Derived fields from any bytes: nothing crashes, and what comes out lies where it
 * may. */
#include <stdint.h>
#include <stdlib.h>

#include "base/hash.h"
#include "events/derive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct rt_span fields[] = { { "host", 4 }, { "path", 4 }, { "query", 5 },
        { "query.q", 7 }, { "utm_source", 10 }, { "referrer_host", 13 },
        { "device", 6 } };
    const struct rt_span value = { (const char *)data, size };
    struct rt_arena scratch = RT_ARENA_INIT;
    volatile uint64_t all = 0; /* so that every byte is read */

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct rt_derive derive;
        struct rt_span out;

        rt_derive_of(fields[i], &derive);
        if (rt_derive_value(&derive, value, &scratch, &out) < 0 || out.n > size + 7)
            abort(); /* 7: the longest device */
        all += rt_hash64(out, i);
        if (rt_percent_eq(value, i & 1, out) && out.n > value.n)
            abort();
    }
    rt_derive_of(value, &(struct rt_derive) { 0 });
    rt_arena_release(&scratch);
    return 0;
}
