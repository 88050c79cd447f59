/* num: no reader runs past its text, ranges hold, what is written is read back. */
#include <stdint.h>
#include <stdlib.h>

#include "base/num.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_micro(struct rt_span text)
{
    const int64_t most = INT64_C(1000000000000000000);
    int64_t micro = 0, again = 0;
    char out[32];

    if (rt_num_micro(text, &micro) < 0)
        return;
    require(micro > -most && micro < most);
    require(rt_num_format_micro(micro, out) == (int)strlen(out));
    require(rt_num_micro(rt_span_of(out), &again) == RT_OK && again == micro);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rt_span text = { (const char *)data, size };
    uint64_t value = 0, count = 0;
    int64_t us = 0, micro;
    uint32_t millionths = 0;
    char out[32];

    check_micro(text);
    if (rt_num_size(text, &value) == RT_OK)
        require(value <= INT64_MAX);
    if (rt_num_count(text, &count) == RT_OK)
        require(count == value); /* a plain count is a size too */
    if (rt_num_duration(text, &us) == RT_OK)
        require(us >= 0 && us % 1000000 == 0);
    if (rt_num_percent(text, &millionths) == RT_OK)
        require(millionths <= 1000000);
    if (size >= sizeof micro) {
        memcpy(&micro, data, sizeof micro);
        rt_num_format_micro(micro, out);
    }
    return 0;
}
