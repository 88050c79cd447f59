/* Checked allocation. The only file that calls malloc, so that a test can make any
 * allocation fail and so that sizes are checked for overflow in one place. */
#include "base/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

static _Atomic uint64_t asked;
static _Atomic uint64_t
    fail_nth; /* absolute number of the allocation that fails; 0: none */
static _Atomic int fail_every;

static int refused(void)
{
    uint64_t now = atomic_fetch_add_explicit(&asked, 1, memory_order_relaxed) + 1;
    uint64_t nth = atomic_load_explicit(&fail_nth, memory_order_relaxed);

    return nth && (now == nth || (now > nth && atomic_load(&fail_every)));
}

void *rt_malloc(size_t bytes)
{
    return refused() ? NULL : malloc(bytes ? bytes : 1);
}

void *rt_calloc(size_t count, size_t size)
{
    return refused() ? NULL : calloc(count ? count : 1, size ? size : 1);
}

void *rt_realloc(void *old, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes) || refused())
        return NULL;
    return realloc(old, bytes ? bytes : 1);
}

void rt_free(void *p)
{
    free(p);
}

/* What threads that have ended freed lies in arenas that nobody else uses. */
void rt_alloc_trim(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

void *rt_pages_new(size_t bytes)
{
    void *p;

    if (refused())
        return NULL;
    p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
#ifdef MADV_HUGEPAGE
    madvise(p, bytes, MADV_HUGEPAGE); /* a wish; small pages do as well */
#endif
    return p;
}

void *rt_pages_grow(void *p, size_t bytes, size_t more)
{
    if (!p)
        return rt_pages_new(more);
    if (refused())
        return NULL;
    p = mremap(p, bytes, more, MREMAP_MAYMOVE);
    return p == MAP_FAILED ? NULL : p;
}

void rt_pages_free(void *p, size_t bytes)
{
    if (p)
        munmap(p, bytes);
}

void rt_alloc_fail_at(uint64_t nth, int every)
{
    atomic_store(&fail_every, every);
    atomic_store(&fail_nth, nth ? atomic_load(&asked) + nth : 0);
}

uint64_t rt_alloc_count(void)
{
    return atomic_load(&asked);
}
