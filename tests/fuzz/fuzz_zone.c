/* zone: any bytes as a zone file. What is accepted answers for all times, and the stretch
 * of an answer holds the instant asked for, with one offset from end to end. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_zone(const struct rt_zone *zone)
{
    const int64_t times[] = { INT64_MIN, -RT_DAY_US * 40000, 0, RT_DAY_US * 18000,
        RT_DAY_US * 2932896, INT64_MAX - 1 };

    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        int64_t from, to;
        int32_t east = rt_zone_offset(zone, times[i], &from, &to);

        require(from <= times[i] && times[i] < to);
        require(rt_zone_offset(zone, from, NULL, NULL) == east);
        require(rt_zone_offset(zone, to - 1, NULL, NULL) == east);
        rt_zone_instant(zone, times[i]);
        rt_clock_day_start(zone, rt_clock_local_day(zone, times[i]));
    }
}

/* The bytes stand in a file of memory, which the zone's name finds by its descriptor. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rt_zone *zone = NULL;
    char name[16];
    int fd = memfd_create("zone", 0);

    require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(name, sizeof name, "%d", fd);
    if (rt_zone_load(name, "/proc/self/fd", &zone, NULL) == RT_OK)
        check_zone(zone);
    rt_zone_free(zone);
    close(fd);
    return 0;
}
