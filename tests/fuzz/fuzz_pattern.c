/*
 * pattern: any glob, regex and network on any value, within the stated cost.
 *
 * The first line is the pattern, the rest the value.
 */
#include <stdint.h>
#include <stdlib.h>

#include "plan/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rt_regex_scratch *scratch;

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_regex(struct rt_span pattern, struct rt_span value)
{
    struct rt_regex *regex = NULL;
    struct rt_err err = { 0 };
    uint64_t over = 0, over_again = 0;
    bool found;

    if (rt_regex_new(pattern, value.n % 2, &regex, &err) < 0) {
        require(err.code == RT_EDEFS && err.text[0]);
        return;
    }
    found = rt_regex_search(regex, scratch, value, &over);
    require(!(found && over));
    require(rt_regex_search(regex, scratch, value, &over_again) == found);
    require(over == over_again);
    rt_regex_free(regex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    struct rt_span pattern, value;
    struct rt_network network;

    if (!end || (!scratch && rt_regex_scratch_new(&scratch) < 0))
        return 0;
    pattern = (struct rt_span) { (const char *)data, (size_t)(end - data) };
    value = (struct rt_span) { (const char *)end + 1, size - pattern.n - 1 };
    if (rt_glob(pattern, value, false))
        require(rt_glob(pattern, value, true));
    require(rt_glob(RT_SPAN("*"), value, false));
    check_regex(pattern, value);
    if (rt_network_parse(pattern, &network) == RT_OK)
        rt_network_has(&network, value);
    return 0;
}
