/* Checked allocation. The only file that calls malloc, so that a test can make any
 * allocation fail and so that sizes are checked for overflow in one place. */
#include "base/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

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

static void *map(size_t bytes)
{
    void *p =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

/* Advice is a wish; other pages do as well. */
static void *advise(void *p, size_t bytes, int advice)
{
    if (p)
        madvise(p, bytes, advice);
    return p;
}

#ifndef MADV_HUGEPAGE
#define MADV_HUGEPAGE   MADV_NORMAL
#define MADV_NOHUGEPAGE MADV_NORMAL
#endif

void *rt_pages_new(size_t bytes)
{
    return refused() ? NULL : advise(map(bytes), bytes, MADV_HUGEPAGE);
}

void *rt_pages_new_small(size_t bytes)
{
    return refused() ? NULL : advise(map(bytes), bytes, MADV_NOHUGEPAGE);
}

/* More is mapped, and what lies in front of the first boundary and behind is let go. */
void *rt_pages_new_huge(size_t bytes)
{
    const size_t huge = (size_t)1 << 21;
    size_t before;
    char *p;

    p = refused() || bytes > SIZE_MAX - huge ? NULL : map(bytes + huge);
    if (!p)
        return NULL;
    before = (huge - (uintptr_t)p % huge) % huge;
    if (before)
        munmap(p, before);
    if (before < huge)
        munmap(p + before + bytes, huge - before);
    return advise(p + before, bytes, MADV_HUGEPAGE);
}

void rt_pages_free(void *p, size_t bytes)
{
    if (p)
        munmap(p, bytes);
}

void rt_pages_give_back(void *p, size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t before = (page - (uintptr_t)p % page) % page;

    if (bytes >= before + page)
        madvise((char *)p + before, (bytes - before) / page * page, MADV_DONTNEED);
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
