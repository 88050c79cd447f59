/*
 * Runs every suite; suites.h is made from the names of the check_*.c files.
 *
 * Check writes to a file where it is at every assertion, so as to know it after a crash: two
 * thirds of the time where a loop makes a million of them. The linker sends these calls here
 * (--wrap), and only lines that are new to the test are written down.
 */
#include <check.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { LINES_MAX = 1 << 14 };

void __real__mark_point(const char *file, int line);
void __wrap__mark_point(const char *file, int line);

void __wrap__mark_point(const char *file, int line)
{
    static _Atomic char seen[LINES_MAX]; /* a test is a process of its own */
    _Atomic char *here = &seen[(unsigned)line % LINES_MAX];

    if (atomic_load_explicit(here, memory_order_relaxed))
        return;
    atomic_store_explicit(here, 1, memory_order_relaxed);
    __real__mark_point(file, line);
}

#define SUITE(name) Suite *name##_suite(void);
#include "suites.h"
#undef SUITE

int main(void)
{
    SRunner *runner = srunner_create(NULL);
    int failed;

#define SUITE(name) srunner_add_suite(runner, name##_suite());
#include "suites.h"
#undef SUITE
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
